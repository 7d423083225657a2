//! What compiled code may assume about values and objects.
//!
//! Problem: the interpreter is Rust, machine code is emitted by the JIT, and both read and write the same words. An offset or a
//! constant that is written down twice will one day differ.
//! Idea: every word that machine code touches is declared here, with [`layout_struct!`] for records (which also exports the offset of
//! each field) and a named constant for every bit pattern. Both sides import the same name.
//! Holds: house invariant 9 (an offset known to machine code comes from the macro that also defines the struct).

mod alloc;
mod header;
pub mod jit;
mod macros;
pub mod power;
pub mod size_class;
mod value;

pub use alloc::{BumpCursor, VmAlloc};
pub use header::{Header, flag};
pub use value::{Value, encoding};
