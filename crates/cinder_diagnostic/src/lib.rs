//! What cinder tells people about their programs.
//!
//! Problem: many stages find mistakes; people read them in terminals, editors and build logs, and want to know why.
//! Idea: a [`Diagnostic`] is plain data about one file: a [`Rule`], a short message, labelled ranges, help, perhaps a
//! [`Fix`]. Renderers turn it into text; they alone know about columns, colours and JSON.
//! Holds: diagnostics are values (comparable, hashable, without file handles), so queries may cache them; each names
//! a rule that `cinder explain` can explain; rendering never fails and never changes the order it is given.

#![forbid(unsafe_code)]

mod changes;
mod diagnostic;
mod render;
mod rule;
mod source;

pub mod rules;

pub use changes::Changes;
pub use diagnostic::{Annotation, Applicability, Diagnostic, Edit, Fix, Severity};
pub use render::{Format, JSON_SCHEMA_VERSION, Renderer};
pub use rule::{Rule, RuleSet, rule_name};
pub use source::{FileDiagnostics, SourceFile};

#[cfg(test)]
mod tests;
