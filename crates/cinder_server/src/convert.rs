//! Places, ranges and diagnostics in the protocol's terms.

use std::path::Path;

use cinder_db::path::absolute;
use cinder_db::{File, FilePath};
use cinder_text::{Position as Place8, TextRange, TextSize};
use lsp_types::*;
use serde_json::json;

use crate::diagnostics::severity;
use crate::snapshot::Place;

impl Place<'_> {
    /// The offset of a position; beyond the text it is moved to the nearest place that exists.
    pub(crate) fn offset(&self, position: Position) -> TextSize {
        let position = Place8 { line_index: position.line, column_index: position.character };
        self.lines().offset(self.text(), position, self.snapshot.encoding)
    }

    pub(crate) fn position(&self, offset: TextSize) -> Position {
        let position = self.lines().position(self.text(), offset, self.snapshot.encoding);
        Position::new(position.line_index, position.column_index)
    }

    pub(crate) fn range(&self, range: TextRange) -> Range {
        Range::new(self.position(range.start()), self.position(range.end()))
    }

    /// An end before the start is the start.
    pub(crate) fn text_range(&self, range: Range) -> TextRange {
        let start = self.offset(range.start);
        TextRange::new(start, self.offset(range.end).max(start))
    }

    pub(crate) fn location(&self, range: TextRange) -> Option<Location> {
        Some(Location { uri: self.snapshot.uri(self.db(), self.file)?, range: self.range(range) })
    }

    /// A place in another file of the same project.
    pub(crate) fn location_in(&self, file: File, range: TextRange) -> Option<Location> {
        self.at(file).location(range)
    }
}

/// A finding with its further places as related information.
pub(crate) fn diagnostic(place: Place<'_>, finding: &cinder_diagnostic::Diagnostic) -> Diagnostic {
    let mut related: Vec<DiagnosticRelatedInformation> = Vec::new();
    if place.snapshot.client.related_information {
        if !finding.label.is_empty() && !finding.annotations.is_empty() {
            let location = place.location(finding.range);
            related.extend(
                location.map(|location| DiagnosticRelatedInformation { location, message: finding.label.clone() }),
            );
        }
        related.extend(finding.annotations.iter().filter_map(|annotation| {
            let file = match &annotation.path {
                None => place.file,
                Some(path) => shown_file(place, path),
            };
            let location = place.location_in(file, annotation.range)?;
            Some(DiagnosticRelatedInformation { location, message: annotation.label.clone() })
        }));
    }
    let mut message = finding.message.clone();
    for help in &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    let is_unnecessary = finding.rule.name == "unused-ignore-comment";
    Diagnostic {
        range: place.range(finding.range),
        severity: Some(severity(finding.severity)),
        code: Some(NumberOrString::String(finding.rule.name.to_string())),
        source: Some("cinder".to_string()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        tags: is_unnecessary.then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: finding.fix.as_ref().map(|fix| json!({"fix": fix.title})),
        ..Diagnostic::default()
    }
}

/// The file that a finding names as users know it.
fn shown_file(place: Place<'_>, shown: &str) -> File {
    let path = match shown.strip_prefix("vendored://") {
        Some(path) => FilePath::vendored(path),
        None => FilePath::Disk(absolute(Path::new(shown), place.db().system().current_dir())),
    };
    place.db().files().file(place.db(), &path)
}
