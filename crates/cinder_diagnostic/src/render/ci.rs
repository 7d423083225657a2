//! Formats of continuous integration services: GitHub's annotations, GitLab's code quality report, JUnit's XML.
//!
//! Sources: GitHub "Workflow commands", GitLab "Code Quality report format", the JUnit XML schema of the Ant task.

use std::collections::BTreeMap;
use std::fmt::Write;

use cinder_text::{LineColumn, TextSize};
use serde_json::json;

use super::full::printable;
use crate::{Diagnostic, FileDiagnostics, Severity, SourceFile};

fn place(file: &SourceFile, offset: TextSize) -> LineColumn {
    file.line_index().line_column(file.text(), offset)
}

/// All findings with their files, in order.
fn findings(files: &[FileDiagnostics]) -> impl Iterator<Item = (&SourceFile, &Diagnostic)> {
    files.iter().flat_map(|group| group.diagnostics.iter().map(|diagnostic| (&group.file, diagnostic)))
}

/// A workflow command per finding.
pub(super) fn github(files: &[FileDiagnostics]) -> String {
    let mut output = String::new();
    for (file, diagnostic) in findings(files) {
        let kind = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info | Severity::Hint => "notice",
        };
        let (start, end) = (place(file, diagnostic.range.start()), place(file, diagnostic.range.end()));
        let escape = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        let property = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
        // Columns are ignored by the service when the finding has several lines.
        let _ = writeln!(
            output,
            "::{kind} title={},file={},line={},col={},endLine={},endColumn={}::{}",
            property(&format!("cinder ({})", diagnostic.rule.name)),
            property(file.path()),
            start.line_number,
            start.column_number,
            end.line_number,
            end.column_number,
            escape(&diagnostic.message),
        );
    }
    output
}

/// A code quality report.
pub(super) fn gitlab(files: &[FileDiagnostics]) -> String {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let report: Vec<serde_json::Value> = findings(files)
        .map(|(file, diagnostic)| {
            // The line is left out, so that a finding stays the same when lines are added above it.
            let identity = format!("{}\0{}\0{}", file.path(), diagnostic.rule.name, diagnostic.message);
            let count = seen.entry(identity.clone()).or_default();
            *count += 1;
            let fingerprint = format!("{:016x}", fnv(&format!("{identity}\0{count}")));
            let severity = match diagnostic.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Info | Severity::Hint => "info",
            };
            let point = |place: LineColumn| json!({"line": place.line_number, "column": place.column_number});
            json!({
                "description": diagnostic.message,
                "check_name": diagnostic.rule.name,
                "fingerprint": fingerprint,
                "severity": severity,
                "location": {
                    "path": file.path(),
                    "positions": {
                        "begin": point(place(file, diagnostic.range.start())),
                        "end": point(place(file, diagnostic.range.end())),
                    },
                },
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(report))
}

/// FNV-1a: small, and the same everywhere and forever, which a fingerprint must be.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A test suite per file with findings, a failed test per finding.
pub(super) fn junit(files: &[FileDiagnostics]) -> String {
    let groups: Vec<&FileDiagnostics> = files.iter().filter(|group| !group.diagnostics.is_empty()).collect();
    let total: usize = groups.iter().map(|group| group.diagnostics.len()).sum();
    let mut output = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"cinder\" tests=\"{}\" failures=\"{total}\">\n",
        total.max(1)
    );
    if groups.is_empty() {
        output.push_str("  <testsuite name=\"cinder\" tests=\"1\" failures=\"0\">\n");
        output.push_str("    <testcase name=\"no mistakes found\"/>\n  </testsuite>\n");
    }
    for group in groups {
        let path = xml(group.file.path());
        let len = group.diagnostics.len();
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(output, "  <testsuite name=\"{path}\" tests=\"{len}\" failures=\"{len}\">");
        for diagnostic in &group.diagnostics {
            let place = place(&group.file, diagnostic.range.start());
            let (line, column) = (place.line_number, place.column_number);
            let rule = diagnostic.rule.name;
            let message = xml(&diagnostic.message);
            let _ = writeln!(
                output,
                "    <testcase name=\"{rule}\" classname=\"{path}\" line=\"{line}\" column=\"{column}\">\n      \
                 <failure type=\"{}\" message=\"{message}\">line {line}, column {column}: {message}</failure>\n    \
                 </testcase>",
                diagnostic.severity.name()
            );
        }
        output.push_str("  </testsuite>\n");
    }
    output.push_str("</testsuites>\n");
    output
}

fn xml(text: &str) -> String {
    let text = printable(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
