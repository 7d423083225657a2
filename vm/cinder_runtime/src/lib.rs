//! Joins the halves: loaders, compiler hooks, embedding.
//!
//! The VM and the compiler do not know each other. Here the compiler is plugged into the VM, and programs are started.

mod carets;
mod compile;
mod dump;
mod library;
mod program;
mod tokens;
mod tree;

pub use cinder_layout::jit::DumpStage;
pub use cinder_stdlib::Settings;
pub use dump::dump_jit;
pub use program::{Program, ProgramText, RunOptions, run};
