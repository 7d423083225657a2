//! Syntax tree to register bytecode.
//!
//! Problem: one definition of every statement's meaning, for interpreter and JIT alike, in few instructions.
//! Idea: three steps. [`lower`] walks the tree and writes instructions with labels, one unit per code object; [`flowgraph`] removes what no
//! path reaches and the checks no path needs; [`assemble`] lays out words, exception table and line table.
//! Holds: the code verifies (`cinder_bytecode::verify`); evaluation order, exception state and line numbers are CPython 3.14's.
//!
//! Source: CPython's `Python/codegen.c`, from which the order of every observable step is taken; the registers are ours.
#![forbid(unsafe_code)]

mod assemble;
mod constant;
mod error;
mod flowgraph;
mod fold;
mod lower;
mod places;

pub use error::CompileError;
pub use lower::{CompileOptions, Compiled, Mode, compile_file, compile_module, compile_source, compile_text};
pub use places::{Place, Places};
