//! The Strict Modules analyser: what importing a module does, found by running its body on an abstract machine.
//!
//! Problem: a module that prints, reads the environment, registers itself or changes another module when it is imported makes the order of
//! imports matter, and keeps imports from being lazy, parallel or cached. Whether it does depends on everything its body calls.
//! Idea: execute the body concretely over a domain of known and unknown values ([`machine`]); whatever cannot be known to be harmless is a
//! violation with the chain of calls that led to it ([`diagnose`]). The result is also the module's value for its strict importers ([`heap`]).
//! Holds: analysis is total and bounded; a module's objects never change after its body has run; nothing depends on the order of questions.
//!
//! ```python
//! import __strict__
//! from plain import clock
//! def now(): return clock()   # fine as long as no import calls it
//! START = now()               # unsafe-call: now -> clock(), which is not strict
//! ```
//!
//! Follows the specification of strict modules; goes beyond the reference analyser (CinderX, removed in 2025) where it is unsound.

#![forbid(unsafe_code)]

mod builtins;
mod code;
pub mod diagnose;
mod dict;
pub mod effects;
mod fixes;
mod format;
mod frozen;
mod heap;
mod lower;
mod machine;
pub mod marker;
mod models;
mod number;
mod object;
mod queries;
pub mod rules;
mod settings;
pub mod survey;
mod value;

pub use diagnose::{StrictReport, check_strict, strict_report};
pub use marker::{ModuleKind, strict_marker};
pub use rules::Rule;
