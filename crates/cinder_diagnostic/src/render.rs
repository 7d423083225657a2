//! Diagnostics to text.

use std::collections::HashMap;

use crate::{FileDiagnostics, SourceFile};

mod ci;
mod concise;
mod full;
mod json;
mod sarif;
mod window;

pub use json::JSON_SCHEMA_VERSION;

/// Source windows drawn for one file; what is found beyond is printed a line each.
///
/// Nobody reads more, and a window costs time in proportion to the lines before it.
const MAX_WINDOWS_PER_FILE: usize = 200;

/// A way to print diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// Source windows with labels and help; past a limit per file, `Concise`.
    #[default]
    Full,
    /// `path:line:column: severity[rule] message`, a line each.
    Concise,
    /// One JSON document; the schema is in the book under "Output formats" and versioned.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// GitHub's annotations.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// JUnit's XML.
    Junit,
}

impl Format {
    /// Whether only programs read it: then nothing else may be printed around it.
    pub fn is_for_machines(self) -> bool {
        !matches!(self, Format::Full | Format::Concise | Format::Github)
    }
}

/// Renders diagnostics in one format.
#[derive(Debug, Clone, Copy)]
pub struct Renderer {
    pub format: Format,
    /// Whether to emit terminal colours (formats for machines never have any).
    pub is_colored: bool,
}

impl Renderer {
    pub fn new(format: Format) -> Self {
        Self { format, is_colored: false }
    }

    pub fn with_color(mut self, is_colored: bool) -> Self {
        self.is_colored = is_colored;
        self
    }

    /// Renders all of `files`, in order. `find_file` gives the text of files that annotations name but `files` lacks.
    pub fn render(&self, files: &[FileDiagnostics], find_file: &dyn Fn(&str) -> Option<SourceFile>) -> String {
        match self.format {
            Format::Json => json::render(files, find_file),
            Format::Sarif => sarif::render(files, find_file),
            Format::Github => ci::github(files),
            Format::Gitlab => ci::gitlab(files),
            Format::Junit => ci::junit(files),
            Format::Concise => {
                let mut output = String::new();
                for group in files {
                    for diagnostic in &group.diagnostics {
                        concise::render(&mut output, &group.file, diagnostic, self.is_colored);
                    }
                }
                output
            }
            Format::Full => {
                let mut output = String::new();
                let known: HashMap<&str, &SourceFile> =
                    files.iter().map(|group| (group.file.path(), &group.file)).collect();
                let lookup = |path: &str| known.get(path).map_or_else(|| find_file(path), |file| Some((*file).clone()));
                for group in files {
                    let (drawn, listed) = group.diagnostics.split_at(group.diagnostics.len().min(MAX_WINDOWS_PER_FILE));
                    for diagnostic in drawn {
                        full::render(&mut output, &group.file, diagnostic, &lookup, self.is_colored);
                        output.push('\n');
                    }
                    for diagnostic in listed {
                        concise::render(&mut output, &group.file, diagnostic, self.is_colored);
                    }
                }
                output
            }
        }
    }
}
