//! SARIF 2.1.0, the interchange format of static analysis results.
//!
//! Source: OASIS "Static Analysis Results Interchange Format", version 2.1.0. Columns count characters, which the run says.

use std::collections::BTreeMap;

use cinder_text::TextRange;
use serde_json::{Value, json};

use crate::{Applicability, Diagnostic, Edit, FileDiagnostics, Fix, Rule, Severity, SourceFile};

pub(super) fn render(files: &[FileDiagnostics], find_file: &dyn Fn(&str) -> Option<SourceFile>) -> String {
    let findings = || files.iter().flat_map(|group| group.diagnostics.iter().map(|finding| (&group.file, finding)));
    let rules: BTreeMap<&str, &Rule> = findings().map(|(_, finding)| (finding.rule.name, finding.rule)).collect();
    let results: Vec<Value> = findings().map(|(file, finding)| result(file, finding, find_file)).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "columnKind": "unicodeCodePoints",
            "tool": {"driver": {
                "name": "cinder",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|rule| rule_entry(rule)).collect::<Vec<Value>>(),
            }},
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn rule_entry(rule: &Rule) -> Value {
    json!({
        "id": rule.name,
        "shortDescription": {"text": rule.summary()},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": level(rule.default_severity)},
    })
}

fn result(file: &SourceFile, finding: &Diagnostic, find_file: &dyn Fn(&str) -> Option<SourceFile>) -> Value {
    let related: Vec<Value> = finding
        .annotations
        .iter()
        .filter_map(|annotation| {
            let mut place = match annotation.path.as_deref() {
                None => location(file, annotation.range),
                Some(path) => location(&find_file(path)?, annotation.range),
            };
            place["message"] = json!({"text": annotation.label});
            Some(place)
        })
        .collect();
    let steps = code_flow(file, finding, find_file);
    let mut message = finding.message.clone();
    for help in &finding.help {
        message.push_str("\nHelp: ");
        message.push_str(help);
    }
    let mut result = json!({
        "ruleId": finding.rule.name,
        "level": level(finding.severity),
        "message": {"text": message},
        "locations": [location(file, finding.range)],
        "relatedLocations": related,
    });
    if let Some(fix) = finding.fix.as_ref().and_then(|fix| fix_entry(file, fix, find_file)) {
        result["fixes"] = json!([fix]);
    }
    if let Some(steps) = steps {
        result["codeFlows"] = json!([{"threadFlows": [{"locations": steps}]}]);
    }
    result
}

/// `None` for a fix in a file whose text is not known.
fn fix_entry(file: &SourceFile, fix: &Fix, find_file: &dyn Fn(&str) -> Option<SourceFile>) -> Option<Value> {
    let other = match fix.path.as_deref() {
        Some(path) if path != file.path() => Some(find_file(path)?),
        _ => None,
    };
    let changed = other.as_ref().unwrap_or(file);
    let replacement = |edit: &Edit| {
        json!({
            "deletedRegion": region(changed, edit.range),
            "insertedContent": {"text": edit.text},
        })
    };
    let applicability = match fix.applicability {
        Applicability::Safe => "safe",
        Applicability::Unsafe => "unsafe",
    };
    Some(json!({
        "description": {"text": fix.title},
        "artifactChanges": [{
            "artifactLocation": {"uri": uri(changed.path())},
            "replacements": fix.edits.iter().map(replacement).collect::<Vec<Value>>(),
        }],
        "properties": {"applicability": applicability},
    }))
}

/// The steps from the primary place to the root cause; `None` when there are none.
fn code_flow(
    file: &SourceFile,
    finding: &Diagnostic,
    find_file: &dyn Fn(&str) -> Option<SourceFile>,
) -> Option<Vec<Value>> {
    let mut steps = vec![step(location(file, finding.range), &finding.message)];
    for annotation in finding.annotations.iter().filter(|annotation| annotation.is_step) {
        let place = match annotation.path.as_deref() {
            None => location(file, annotation.range),
            Some(path) => match find_file(path) {
                Some(other) => location(&other, annotation.range),
                None => continue,
            },
        };
        steps.push(step(place, &annotation.label));
    }
    (steps.len() > 1).then_some(steps)
}

fn step(mut place: Value, text: &str) -> Value {
    place["message"] = json!({"text": text});
    json!({"location": place})
}

fn location(file: &SourceFile, range: TextRange) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(file.path())},
        "region": region(file, range),
    }})
}

fn region(file: &SourceFile, range: TextRange) -> Value {
    let point = |offset| file.line_index().line_column(file.text(), offset);
    let (start, end) = (point(range.start()), point(range.end()));
    json!({
        "startLine": start.line_number,
        "startColumn": start.column_number,
        "endLine": end.line_number,
        "endColumn": end.column_number,
    })
}

/// A path as a relative reference: what a URI reserves is escaped.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "note",
    }
}
