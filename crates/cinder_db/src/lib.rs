//! The database under every question about a program: files, their text, their trees, and the grains in which work is redone.
//!
//! Problem: the checker, the compiler, the language server and the importer ask the same questions, and after an edit only
//! what the edit touched may be computed again.
//!
//! Idea: one salsa database. Inputs are [`File`], [`Folder`] and [`Program`]; everything else is a tracked function. The operating
//! system is reached through [`System`] only, so tests run on a [`MemorySystem`](system::MemorySystem). Python has three grains of
//! work, and every checker follows them ([`items`] says how they are cut):
//!
//! | grain | asks for | is computed again when |
//! | --- | --- | --- |
//! | file | [`parsed_module`], [`source_text`], [`line_index`] | any byte of the file changes |
//! | module | [`item_tree`]: the module with every function body replaced by a stub | a signature, a class or a module-level statement changes |
//! | body | [`function_body`]: one function, offsets counted from its own first line | the text of that function changes |
//!
//! What must hold:
//! * a query of the module or body grain never calls [`parsed_module`], [`source_text`] or [`source_map`]: those change with every
//!   keystroke and would couple the query to the whole file. Positions stay relative and are lifted by [`Grain::lift`] when rendered;
//! * a query about *another* module asks for facts derived from [`item_tree`], never for bodies;
//! * diagnostics are part of the returned value. There are no accumulators: they would make a caller depend on its whole call tree;
//! * nothing is ordered by salsa ids, which differ from run to run;
//! * cancellation unwinds (`panic = "unwind"`): code that catches panics passes [`salsa::Cancelled`] on.
#![forbid(unsafe_code)]

pub mod files;
mod glob;
pub mod items;
pub mod parse;
pub mod path;
pub mod program;
pub mod source;
pub mod system;
pub mod testing;
pub mod vendored;

pub use files::{File, FileStatus, Files, Folder};
pub use items::{
    FunctionBody, FunctionItem, Grain, ItemTree, ModuleItems, function_body, item_tree, module_items, source_map,
};
pub use parse::{ParsedModule, parsed_module};
pub use path::FilePath;
pub use program::{Program, ProgramSettings, StaticSettings, StrictSettings};
pub use source::{SourceError, SourceText, line_index, source_text};
pub use system::System;

/// What every query is given. One trait for all crates of the front half; concrete databases live in `cinder_project` and [`testing`].
#[salsa::db]
pub trait Db: salsa::Database {
    /// The only door to the operating system.
    fn system(&self) -> &dyn System;

    /// The table from paths to inputs.
    fn files(&self) -> &Files;

    /// Settings of the program being looked at: where imports are searched, which Python.
    fn program(&self) -> Program;
}
