//! Compares what was found with what was expected.

use cinder_diagnostic::{Diagnostic, SourceFile};

use crate::assertion::{self, Expected};
use crate::{Case, CaseFile, Findings};

/// The differences, as lines of text: `LINE: what is wrong`, the line being the Markdown file's.
pub(crate) fn differences(case: &Case, findings: &Findings) -> Vec<String> {
    let mut problems = Vec::new();
    for file in &case.files {
        compare_file(file, findings, &mut problems);
    }
    let known = |path: &str| case.files.iter().any(|file| file.path == path);
    for (path, diagnostic) in findings.diagnostics.iter().filter(|(path, _)| !known(path)) {
        problems.push(format!("{}: finding in a file the case lacks, {path}: {}", case.line_number, show(diagnostic)));
    }
    for (path, _, text) in findings.revealed.iter().filter(|(path, _, _)| !known(path)) {
        problems.push(format!("{}: type revealed in a file the case lacks, {path}: {text}", case.line_number));
    }
    problems
}

fn compare_file(file: &CaseFile, findings: &Findings, problems: &mut Vec<String>) {
    let assertions = match assertion::assertions(file) {
        Ok(assertions) => assertions,
        Err((line_index, problem)) => {
            problems.push(format!("{}: {problem}", file.markdown_line(line_index)));
            return;
        }
    };
    let source = SourceFile::new(file.path.as_str(), file.text.as_str());
    let place = |offset| source.line_index().line_column(source.text(), offset);
    let mut found: Vec<(u32, u32, Found<'_>)> = Vec::new();
    for (_, diagnostic) in findings.diagnostics.iter().filter(|(path, _)| *path == file.path) {
        let place = place(diagnostic.range.start());
        found.push((place.line_number - 1, place.column_number, Found::Diagnostic(diagnostic)));
    }
    for (_, offset, text) in findings.revealed.iter().filter(|(path, _, _)| *path == file.path) {
        let place = place(*offset);
        found.push((place.line_number - 1, place.column_number, Found::Revealed(text)));
    }
    found.sort_by_key(|(line, column, _)| (*line, *column));

    let mut missing = Vec::new();
    for assertion in assertions {
        let at = found.iter().position(|(line, column, found)| {
            *line == assertion.line_index && is_match(&assertion.expected, *column, found)
        });
        match at {
            Some(at) => drop(found.remove(at)),
            None => missing.push(assertion),
        }
    }
    for (line_index, column_number, found) in found {
        let line = file.markdown_line(line_index);
        problems.push(match found {
            Found::Diagnostic(diagnostic) => format!("{line}:{column_number}: unexpected {}", show(diagnostic)),
            Found::Revealed(text) => format!("{line}:{column_number}: unexpected revealed: {text}"),
        });
    }
    for assertion in missing {
        problems.push(format!(
            "{}: expected, not found: {}",
            file.markdown_line(assertion.line_index),
            assertion.expected
        ));
    }
}

enum Found<'a> {
    Diagnostic(&'a Diagnostic),
    Revealed(&'a str),
}

fn is_match(expected: &Expected, column: u32, found: &Found<'_>) -> bool {
    match (expected, found) {
        (Expected::Revealed(expected), Found::Revealed(text)) => expected == text,
        (Expected::Finding { severity, rule, column_number, message }, Found::Diagnostic(diagnostic)) => {
            *severity == diagnostic.severity
                && rule.as_deref().is_none_or(|rule| rule == diagnostic.rule.name)
                && column_number.is_none_or(|expected| expected == column)
                && message.as_deref().is_none_or(|message| diagnostic.message.contains(message))
        }
        _ => false,
    }
}

fn show(diagnostic: &Diagnostic) -> String {
    format!("{}: [{}] \"{}\"", diagnostic.severity.name(), diagnostic.rule.name, diagnostic.message)
}
