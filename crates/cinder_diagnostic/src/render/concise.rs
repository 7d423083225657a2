//! One line per diagnostic, for build logs and `grep`.

use std::fmt::Write;

use super::full::{paint, printable};
use crate::{Diagnostic, SourceFile};

pub(super) fn render(output: &mut String, file: &SourceFile, diagnostic: &Diagnostic, is_colored: bool) {
    let place = file.line_index().line_column(file.text(), diagnostic.range.start());
    let kind = format!("{}[{}]", diagnostic.severity.name(), diagnostic.rule.name);
    let kind = paint(&kind, diagnostic.severity, is_colored);
    let message = printable(&diagnostic.message);
    let path = printable(file.path());
    // Writing to a string cannot fail.
    let _ = writeln!(output, "{path}:{}:{}: {kind} {message}", place.line_number, place.column_number);
}
