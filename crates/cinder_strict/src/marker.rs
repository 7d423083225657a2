//! The leading block: what kind of module a file says it is.
//!
//! Holds: depends on the item tree only; a flag in the wrong place or form makes the module an ordinary one and is reported.

use cinder_db::{Db, File, Grain, item_tree};
use cinder_diagnostic::{Applicability, Diagnostic, Edit, Fix};
use cinder_syntax::ast::{Expr, Stmt, StmtImport};
use cinder_text::{Ranged, TextRange, TextSize};

use crate::rules::BAD_STRICT_FLAG;

/// What a module has opted into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ModuleKind {
    #[default]
    NonStrict,
    Strict,
    Static,
}

impl ModuleKind {
    /// The word in machine-readable output.
    pub fn name(self) -> &'static str {
        match self {
            ModuleKind::NonStrict => "nonstrict",
            ModuleKind::Strict => "strict",
            ModuleKind::Static => "static",
        }
    }

    pub fn is_strict(self) -> bool {
        self != ModuleKind::NonStrict
    }
}

/// What the leading block says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marker {
    pub kind: ModuleKind,
    /// `from __strict__ import allow_side_effects`: the body is not analysed.
    pub allows_side_effects: bool,
    mistakes: Vec<Mistake>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Mistake {
    reason: &'static str,
    /// In the item tree.
    range: TextRange,
    fix: Option<(&'static str, String)>,
}

/// The marker of `file`. Depends on: the item tree.
#[salsa::tracked(returns(ref))]
pub fn strict_marker(db: &dyn Db, file: File) -> Marker {
    if file.path(db).file_name().is_some_and(|name| name.ends_with(".pys")) {
        return Marker { kind: ModuleKind::Strict, ..Marker::default() };
    }
    read_marker(item_tree(db, file).body())
}

fn is_flag(name: &str) -> bool {
    matches!(name, "__strict__" | "__static__")
}

/// Reads the leading block of a module's statements.
pub(crate) fn read_marker(body: &[Stmt]) -> Marker {
    let mut marker = Marker::default();
    let mut has_docstring = false;
    let mut is_leading = true;
    for statement in body {
        if !is_leading {
            if let Stmt::Import(import) = statement {
                report_late_flag(import, &mut marker);
            }
            continue;
        }
        match statement {
            Stmt::Expr(expression) if !has_docstring && matches!(&*expression.value, Expr::StringLiteral(_)) => {
                has_docstring = true;
            }
            Stmt::ImportFrom(import) if import.level == 0 && import.module.as_deref() == Some("__future__") => {}
            Stmt::ImportFrom(import)
                if import.level == 0
                    && matches!(import.module.as_deref(), Some("__strict__" | "strict_modules"))
                    && import.names.iter().any(|alias| &alias.name == "allow_side_effects") =>
            {
                marker.allows_side_effects = true;
                is_leading = import.names.len() == 1;
            }
            Stmt::Import(import) if import.names.iter().any(|alias| is_flag(&alias.name)) => {
                read_flag(import, &mut marker);
            }
            _ => is_leading = false,
        }
    }
    if !marker.mistakes.is_empty() && marker.mistakes.iter().any(|mistake| mistake.reason != LATE) {
        marker.kind = ModuleKind::NonStrict;
    }
    marker
}

const LATE: &str = "strict flag must be at the top of a file";
const COMBINED: &str = "strict flag may not be combined with other imports";
const ALIASED: &str = "strict flag may not be aliased";

fn read_flag(import: &StmtImport, marker: &mut Marker) {
    let range = import.range;
    if import.names.len() > 1 {
        let fix = (
            "Import each on a line of its own",
            import
                .names
                .iter()
                .map(|alias| match &alias.asname {
                    Some(name) if !is_flag(&alias.name) => format!("import {} as {name}", alias.name),
                    _ => format!("import {}", alias.name),
                })
                .collect::<Vec<_>>()
                .join("\n"),
        );
        marker.mistakes.push(Mistake { reason: COMBINED, range, fix: Some(fix) });
        return;
    }
    let alias = &import.names[0];
    if alias.asname.is_some() {
        let fix = ("Drop the alias", format!("import {}", alias.name));
        marker.mistakes.push(Mistake { reason: ALIASED, range, fix: Some(fix) });
        return;
    }
    if &alias.name == "__static__" {
        marker.kind = ModuleKind::Static;
    } else if marker.kind == ModuleKind::NonStrict {
        marker.kind = ModuleKind::Strict;
    }
}

fn report_late_flag(import: &StmtImport, marker: &mut Marker) {
    if marker.kind.is_strict() {
        return;
    }
    // `__static__` in a wrong place is the static checker's to report.
    if import.names.iter().any(|alias| &alias.name == "__strict__") {
        marker.mistakes.push(Mistake { reason: LATE, range: import.range, fix: None });
    }
}

/// The source with `import __strict__` at the end of its leading block; `None` when it is marked already or does not parse.
pub fn with_marker(source: &str) -> Option<String> {
    let parsed = cinder_syntax::parse_module(source);
    if !parsed.is_valid() || read_marker(parsed.suite()).kind.is_strict() {
        return None;
    }
    let at = leading_end(source, parsed.suite()).to_usize();
    let (head, tail) = source.split_at(at);
    let gap = if head.is_empty() || head.ends_with('\n') { "" } else { "\n" };
    Some(format!("{head}{gap}import __strict__\n{tail}"))
}

/// Where the leading block ends; below the comments at the top, an interpreter line or a licence, if there is none.
pub fn leading_end(source: &str, suite: &[Stmt]) -> TextSize {
    let mut at = TextSize::new(0);
    for (index, statement) in suite.iter().enumerate() {
        let is_leading = match statement {
            Stmt::Expr(expression) => index == 0 && matches!(&*expression.value, Expr::StringLiteral(_)),
            Stmt::ImportFrom(import) => {
                let allows = import.names.iter().any(|alias| &alias.name == "allow_side_effects");
                import.level == 0
                    && match import.module.as_deref() {
                        Some("__future__") => true,
                        Some("__strict__" | "strict_modules") => allows,
                        _ => false,
                    }
            }
            Stmt::Import(import) => import.names.iter().any(|alias| is_flag(&alias.name)),
            _ => false,
        };
        // Nothing goes between two statements of one line.
        let shares_line = suite.get(index + 1).is_some_and(|next| next.start() < line_end(source, statement.end()));
        if !is_leading || shares_line {
            break;
        }
        at = line_end(source, statement.end());
    }
    if at == TextSize::new(0) {
        let comments = source.lines().take_while(|line| line.starts_with('#'));
        let len = comments.map(|line| line.len() + 1).sum::<usize>().min(source.len());
        at = TextSize::new(len as u32);
    }
    at
}

/// The mistakes of the leading block, in the file's positions.
pub(crate) fn flag_diagnostics(db: &dyn Db, file: File) -> Vec<Diagnostic> {
    let marker = strict_marker(db, file);
    let source = cinder_db::source_text(db, file);
    marker
        .mistakes
        .iter()
        .map(|mistake| {
            let range = Grain::Module(file).lift(db, mistake.range);
            let diagnostic = Diagnostic::new(&BAD_STRICT_FLAG, range, format!("bad strict flag: {}", mistake.reason));
            let (title, edits) = match &mistake.fix {
                Some((title, text)) => (*title, vec![Edit { range, text: text.clone() }]),
                None => {
                    // Below the docstring and what comes from the future.
                    let removed = with_separator(source, range);
                    let top = leading_end(source, cinder_db::parsed_module(db, file).suite());
                    let flag = Edit { range: TextRange::empty(top), text: "import __strict__\n".into() };
                    ("Move the flag to the top", vec![flag, Edit { range: removed, text: String::new() }])
                }
            };
            diagnostic.with_fix(Fix { title: title.into(), edits, path: None, applicability: Applicability::Safe })
        })
        .collect()
}

/// A simple statement with what parts it from the next one: its line, or the semicolon behind it or before it.
fn with_separator(source: &str, statement: TextRange) -> TextRange {
    let after = &source[statement.end().to_usize()..];
    let rest = after.trim_start_matches([' ', '\t', '\x0c']);
    if let Some(next) = rest.strip_prefix(';') {
        let next = next.trim_start_matches([' ', '\t', '\x0c']);
        if !next.is_empty() && !next.starts_with(['\n', '\r', '#']) {
            let len = after.len() - next.len();
            return TextRange::new(statement.start(), statement.end() + TextSize::new(len as u32));
        }
    }
    let before = source[..statement.start().to_usize()].trim_end_matches([' ', '\t', '\x0c']);
    match before.strip_suffix(';') {
        Some(before) => TextRange::new(TextSize::of(before), statement.end()),
        None => TextRange::new(statement.start(), line_end(source, statement.end())),
    }
}

fn line_end(source: &str, at: TextSize) -> TextSize {
    let rest = &source[at.to_usize()..];
    let len = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
    at + TextSize::new(len as u32)
}
