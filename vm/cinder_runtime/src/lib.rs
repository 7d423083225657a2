//! Joins the halves: loaders, compiler hooks, embedding.
//!
//! The VM and the compiler do not know each other. Here the compiler is plugged into the VM, and programs are started.

mod carets;
mod compile;
mod program;

pub use program::{Program, RunOptions, run};
