//! Tests of the database against files in memory.

mod files;
mod incremental;
mod os;
mod pieces;
