//! Import name to file.
