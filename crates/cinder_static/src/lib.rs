//! The Static Python checker: from a module's text to its types, its mistakes, and the facts its code is generated from.
//!
//! Problem: a gradual type system with unboxed primitives and typed layouts, checked fast enough for an editor and exactly enough for a
//! compiler.
//! Idea: three steps, each a pure function of the one before and each a database query ([`queries`]):
//! [`summary`] (what a module declares, without other modules), [`declare`] (the types of its declarations), [`infer`] (bodies, one unit per
//! function). The result for code generation is a [`TypedModule`](typed::TypedModule); its documentation is the contract.
//! Holds: a mistake never stops the analysis; the same text gives the same result in any order of questions.
//!
//! ```python
//! import __static__
//! class Acc:
//!     def __init__(self) -> None:
//!         self.total: int = 0          # a typed slot
//!     def add(self, n: int) -> None:
//!         self.total = self.total + n  # int + int is dynamic: cast before the store
//! ```

#![forbid(unsafe_code)]

pub mod claims;
pub mod declare;
pub mod dump;
pub mod finding;
mod fold;
mod group;
pub mod infer;
mod names;
mod outside;
pub mod queries;
pub mod resolve;
pub mod rules;
pub mod summary;
mod type_expr;
pub mod typed;

pub use dump::dump_types;
pub use finding::Finding;
pub use group::imported_static_modules;
pub use queries::{
    check_performance, check_static, is_static, is_static_by_name, named_static, static_module_file, typed_module,
};
pub use rules::Rule;
pub use typed::TypedModule;
