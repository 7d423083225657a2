//! What an editor asks about programs, as plain data.
#![forbid(unsafe_code)]

pub mod semantic_tokens;
pub mod symbols;
