//! `cinder check`: finds mistakes without running the program.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use cinder_diagnostic::{Diagnostic, FileDiagnostics, Format, Renderer, Severity, SourceFile, rules};
use cinder_text::{TextRange, TextSize};
use clap::ValueEnum;

use crate::output::{self, ColorChoice};

/// Check files and folders for mistakes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files, and folders to search for `*.py` and `*.pyi`.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// How to print findings.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    output_format: FormatName,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatName {
    /// Source windows with labels and help.
    Full,
    /// `path:line:column: severity[rule] message`, a line each.
    Concise,
    /// One JSON document.
    Json,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Full => Format::Full,
            FormatName::Concise => Format::Concise,
            FormatName::Json => Format::Json,
        }
    }
}

pub(crate) fn main(arguments: &Arguments, color: ColorChoice) -> anyhow::Result<ExitCode> {
    let mut files = Vec::new();
    for path in &arguments.paths {
        collect(path, &mut files)?;
    }
    let results: Vec<FileDiagnostics> =
        files.iter().map(|path| check_file(path)).filter(|result| !result.diagnostics.is_empty()).collect();

    let format = arguments.output_format.into();
    let renderer = Renderer::new(format).with_color(color.is_colored());
    output::print(&renderer.render(&results, &|_| None))?;
    let count = |severity| {
        results.iter().flat_map(|result| &result.diagnostics).filter(|found| found.severity == severity).count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if format != Format::Json {
        output::error(&summary(errors, warnings, files.len()));
    }
    Ok(if errors > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn summary(errors: usize, warnings: usize, files: usize) -> String {
    let number = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let checked = format!("{} checked", number(files, "file"));
    match (errors, warnings) {
        (0, 0) => format!("No mistakes found, {checked}."),
        (_, 0) => format!("Found {}, {checked}.", number(errors, "error")),
        _ => format!("Found {} and {}, {checked}.", number(errors, "error"), number(warnings, "warning")),
    }
}

fn check_file(path: &Path) -> FileDiagnostics {
    let name = path.to_string_lossy().into_owned();
    let unreadable = |message: String, name: String| FileDiagnostics {
        file: SourceFile::new(name, ""),
        diagnostics: vec![Diagnostic::new(&rules::UNREADABLE_FILE, TextRange::empty(TextSize::new(0)), message)],
    };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return unreadable(format!("cannot read the file: {error}"), name),
    };
    let source = match cinder_syntax::decode_source(&bytes) {
        Ok(source) => source,
        Err(error) => return unreadable(error.to_string(), name),
    };
    let parsed = cinder_syntax::parse_module(&source.text);
    let diagnostics = parsed
        .errors()
        .iter()
        .map(|error| Diagnostic::new(&rules::INVALID_SYNTAX, error.range, error.message.clone()))
        .collect();
    FileDiagnostics { file: SourceFile::new(name, source.text.as_ref()), diagnostics }
}

/// Finds the files below `path`, ordered by name, hidden folders and caches left out.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        if !path.exists() {
            bail!("{}: no such file or folder", path.display());
        }
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path)?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name == "__pycache__" {
            continue;
        }
        let is_source = entry.extension().is_some_and(|extension| extension == "py" || extension == "pyi");
        if entry.is_dir() && !entry.is_symlink() {
            collect(&entry, files)?;
        } else if is_source {
            files.push(entry);
        }
    }
    Ok(())
}
