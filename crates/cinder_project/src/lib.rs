//! A project: which files it has, how it is configured, and what is wrong in it.
//!
//! Problem: command line, language server and importer must agree on settings, on the set of files and on what a check of a file is.
//! Idea: [`Project`] reads the configuration once and owns the concrete [`ProjectDatabase`]; [`check_file`] joins what all checkers say of one
//! file, [`Project::check_paths`] runs it over many, in parallel, and returns the findings in order of path.
//! Holds: this crate wires, it decides nothing about programs. Output does not depend on the number of threads. A panic in one file is
//! one `internal-error` diagnostic for that file.
#![forbid(unsafe_code)]

mod baseline;
mod check;
mod config;
mod database;
mod discover;
mod imports;
mod lazy;
mod performance;
mod project;
mod rules;
pub mod snapshot;
mod suppress;
mod survey;

pub use cinder_db::system::OsSystem;

pub use baseline::Baseline;
pub use check::{CheckOptions, Report, check_file, findings};
pub use cinder_db::{StaticSettings, StrictSettings};
pub use config::{Config, ConfigError, ConfigErrorKind, Level, RuleSelection, StrictConfig, parse_pyproject};
pub use database::ProjectDatabase;
pub use discover::{Discovered, PathProblem, discover};
pub use lazy::LazyFile;
pub use project::{Project, ProjectError, ProjectOptions, static_settings_of};
pub use rules::{INTERNAL_ERROR, UNUSED_IGNORE_COMMENT, rules};
pub use survey::{Deferrable, Surveyed};
