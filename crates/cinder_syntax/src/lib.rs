//! Python source text to syntax tree.
//!
//! Problem: all stages need the same tree, the same list of errors and the same idea of what nests too deeply.
//! Idea: one function, [`parse`], around the ruff project's error-resilient parser. It scans the text first
//! ([`scan`], for hostile nesting), parses, measures suspicious trees ([`depth`]), and then finds the errors that
//! CPython's symbol table and compiler report ([`compile_errors`]), in CPython's words ([`wording`]).
//! Holds: parsing never fails, never panics and never overflows the stack; the tree is at most [`MAX_DEPTH`] deep, so
//! that later stages may recurse when they run on a [`with_deep_stack`] thread.
//!
//! This crate is the one door to `ruff_python_ast` and `ruff_python_parser`: others say [`ast`].

#![forbid(unsafe_code)]

mod compile_errors;
mod depth;
pub mod dump;
mod error;
pub mod literal;
mod node;
mod parse;
mod scan;
mod source;
mod stack;
pub mod tokenize;
pub mod warnings;
mod wording;

pub use error::{Phase, SyntaxError, SyntaxErrorKind};
pub use node::{NodeId, node_id, number_nodes};
pub use parse::{Mode, PYTHON_VERSION, Parsed, parse, parse_file, parse_module, parse_sound, parse_with};
pub use ruff_python_ast as ast;
pub use source::{DecodeError, SourceText, decode_source};
pub use stack::{STACK_BYTES, with_deep_stack};

/// The deepest tree [`parse`] returns, in nodes from the module to a leaf.
pub const MAX_DEPTH: u32 = scan::MAX_DEPTH;

#[cfg(test)]
mod tests;
