//! Runs tests written in Markdown.
//!
//! Problem: a test of a checker or a compiler is a program and what should come of it. Written as Rust it hides the
//! program in strings; and whoever changes the wording of a message must edit a hundred places.
//! Idea: a Markdown file is a suite. Each heading with `py` blocks below it is a case; comments in the program say
//! which findings are expected on which line; further blocks hold expected output, which `CINDER_BLESS=1` rewrites.
//! The crate under test supplies one function from [`Case`] to [`Findings`].
//! Holds: each finding is expected and each expectation is met, on the very line; nothing is ignored silently.
//!
//! The format, as its users need it, is described in `testdata/README.md`.
//!
//! ````text
//! # Optional slots
//!
//! ## Early return narrows
//!
//! ```py
//! import __static__
//! def f(x: int | None) -> int:
//!     return x  # error: [invalid-return] "expected"
//! ```
//!
//! ```bytecode f
//! (written by CINDER_BLESS=1)
//! ```
//! ````

#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "a test runner reads its suites, and CINDER_BLESS, from the machine")]

mod assertion;
mod bless;
mod document;
mod matcher;
mod run;

pub use document::{Case, CaseFile, Document, OutputBlock};
pub use run::{Findings, Suite, check_directory, main};

#[cfg(test)]
mod tests;
