//! Diagnostics to text.

use crate::{FileDiagnostics, SourceFile};

mod ci;
mod concise;
mod full;
mod json;
mod sarif;
mod window;

pub use json::JSON_SCHEMA_VERSION;

/// A way to print diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// Source windows with labels and help.
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
                let lookup = |path: &str| {
                    let known = files.iter().find(|group| group.file.path() == path).map(|group| group.file.clone());
                    known.or_else(|| find_file(path))
                };
                for group in files {
                    for diagnostic in &group.diagnostics {
                        full::render(&mut output, &group.file, diagnostic, &lookup, self.is_colored);
                        output.push('\n');
                    }
                }
                output
            }
        }
    }
}
