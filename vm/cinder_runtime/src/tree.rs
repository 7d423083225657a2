//! Syntax trees as Python objects: the two directions between the compiler's tree and the classes of `_ast`.
//!
//! Problem: programs ask `compile()` for a tree, change it and compile it; the compiler has a tree of its own, in which places are byte ranges
//! of one source text and identify scopes.
//! Idea: [`build`] makes objects of the compiler's tree. [`emit`] goes back by writing source text that parses to the given tree, and notes which
//! place of the tree each piece of text stands for; the text is compiled as any other and the places are put in afterwards.
//! Holds: what is emitted has exactly one meaning (everything that can be is in parentheses). Source: Parser/Python.asdl of CPython 3.14.

mod build;
mod emit;
mod stand_in;

pub(crate) use build::build_tree;
pub(crate) use emit::{Emitted, emit_tree};
