//! Objects, builtin types and the interpreter.
//!
//! Reading order: [`object`] (payloads, shapes, slot tables), [`vm`] (the machine), [`native`] (how Rust functions are called),
//! [`protocol`] (operations on any object), [`types`] (builtin classes), [`interp`] (frames and instruction handlers).

#[macro_use]
pub mod object;
pub mod boot;
pub mod builtins;
pub mod cache;
pub mod classloader;
pub mod codecs;
pub mod exception;
pub mod format;
pub mod hash;
pub mod import;
pub mod interp;
pub mod interrupt;
pub mod jit;
pub mod late;
pub mod module_def;
pub mod names;
pub mod native;
pub mod protocol;
pub mod thread;
pub mod trace;
pub mod types;
pub mod value_vec;
pub mod vm;

pub use cinder_heap::Gc;
pub use cinder_layout::Value;
pub use module_def::ModuleDef;
pub use native::{Arg, ArgsExt, GetSetDef, NativeDef, NativeFn, PyResult, Raised};
pub use vm::{Config, Vm};
