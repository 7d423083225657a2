//! The standard library: native modules, one file each, and the embedded Python sources.
//!
//! A native module is a [`cinder_vm::ModuleDef`] and one row in [`modules`]. What needs no speed is Python, in `lib/` beside `src/`.

mod args;
mod blocking;
mod host;
mod library;
mod modules;
mod os_path;
mod start;
mod struct_sequence;
mod unraisable;

mod collections;
mod gc;
mod io;
mod itertools;
mod math;
mod posix;
mod signal;
mod sre;
mod sys;
mod time;
mod tokens;
mod weakref;

pub use start::{Settings, die_of_interrupt, finish, start};
