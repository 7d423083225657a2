//! The standard library: native modules, one file each, and the embedded Python sources.
//!
//! A native module is a [`cinder_vm::ModuleDef`] and one row in [`modules`]. What needs no speed is Python, in `lib/` beside `src/`.

mod abc;
mod args;
mod blocking;
mod host;
mod library;
mod library_files;
mod modules;
mod multibyte;
mod os_path;
mod payload;
mod start;
mod struct_sequence;
mod unraisable;
mod warn;

mod accounts;
mod array;
mod binascii;
mod bisect;
mod bz2;
mod cmath;
mod collections;
mod compression;
mod contextvars;
mod csv;
mod datetime;
mod decimal;
mod fcntl;
mod foreign;
mod functools;
mod gc;
mod hash;
mod heapq;
mod immortal;
mod io;
mod itertools;
mod json;
mod locale;
mod lzma;
mod mapping;
mod marshal;
mod math;
mod missing;
mod multiprocessing;
mod operator;
mod posix;
mod posixsubprocess;
#[cfg(debug_assertions)]
mod provoke;
mod queue;
mod random;
mod resource;
mod select;
mod signal;
mod site;
mod small;
mod socket;
mod source_hash;
mod sqlite;
mod sre;
mod ssl;
mod stat;
mod structs;
mod sys;
mod syslog;
mod termios;
mod thread;
mod time;
mod tokens;
mod type_names;
mod unicodedata;
mod weakref;
mod zlib;

pub use start::{Settings, die_of_interrupt, finish, start};
