//! What an editor asks about programs, as plain data: offsets in, offsets and strings out.
//!
//! Problem: navigation, hover and completion must work in every Python file, typed by our checker or not, and be testable without an editor.
//! Idea: one file per feature; [`semantics`] answers what features share. No protocol type is known here; `cinder_server` translates.
//! Holds: every function is total: a place outside of the text, a file with errors, an import that leads nowhere give an empty answer. Answers are in
//! order of place.
#![forbid(unsafe_code)]

mod auto_import;
mod fields;
mod quoted;
mod semantics;
mod spot;
mod subclasses;
mod syntax;
mod ty;

pub mod code_actions;
pub mod completion;
pub mod describe;
pub mod folding;
pub mod goto;
pub mod hierarchy;
pub mod hover;
pub mod inlay_hints;
pub mod native;
pub mod references;
pub mod rename;
pub mod semantic_tokens;
pub mod signature_help;
pub mod symbols;

pub use auto_import::ImportEdit;

/// The files that a question about a whole program looks through.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    pub files: &'a [cinder_db::File],
    /// Told from time to time how many of them are done. A question may look through them more than once.
    pub on_progress: &'a dyn Fn(usize),
}

impl<'a> Search<'a> {
    /// Nobody watches.
    pub fn silent(files: &'a [cinder_db::File]) -> Search<'a> {
        Search { files, on_progress: &|_| {} }
    }
}
