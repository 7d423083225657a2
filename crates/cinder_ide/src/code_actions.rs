//! Changes an editor offers at a place, beside the fixes that findings carry.

use cinder_db::{Db, File, parsed_module};
use cinder_semantic::semantic_index;
use cinder_syntax::ast::{Expr, Stmt};
use cinder_text::{Ranged, TextRange};

use crate::auto_import::{candidates, header_end, import_edit};
use crate::semantics::{Semantics, occurrences};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// Repairs something.
    QuickFix,
    /// Makes the program say more.
    Rewrite,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub title: String,
    pub kind: ActionKind,
    /// In the same file.
    pub edits: Vec<(TextRange, String)>,
}

/// More choices than this are no help.
const MAX_IMPORTS: usize = 8;

/// The actions for a selection. `files` is where names to import are looked for.
pub fn code_actions(db: &dyn Db, file: File, selection: TextRange, files: &[File]) -> Vec<Action> {
    let mut actions = imports(db, file, selection, files);
    actions.extend(opt_in(db, file, selection, "__static__", "Make this module static"));
    actions.extend(opt_in(db, file, selection, "__strict__", "Make this module strict"));
    actions
}

/// Imports for names in the selection that mean nothing.
fn imports(db: &dyn Db, file: File, selection: TextRange, files: &[File]) -> Vec<Action> {
    let semantics = Semantics::new(db);
    let index = semantic_index(db, file);
    let mut names: Vec<&str> = Vec::new();
    for occurrence in
        occurrences(db, file).iter().filter(|it| !it.is_definition && it.range.intersect(selection).is_some())
    {
        let name = index.scope(occurrence.scope).symbol_by_id(occurrence.symbol).name.as_str();
        if !names.contains(&name) && semantics.bindings_at(file, occurrence.range).is_empty() {
            names.push(name);
        }
    }
    let mut actions = Vec::new();
    for name in names {
        for candidate in candidates(db, file, files, &|other| other == name).into_iter().take(MAX_IMPORTS) {
            let title = match &candidate.module {
                Some(module) => format!("Import `{name}` from `{module}`"),
                None => format!("Import module `{name}`"),
            };
            let edit = import_edit(db, file, &candidate);
            actions.push(Action { title, kind: ActionKind::QuickFix, edits: vec![(edit.range, edit.text)] });
        }
    }
    actions
}

/// The line that opts a module in, offered at the top of modules that have not.
fn opt_in(db: &dyn Db, file: File, selection: TextRange, flag: &str, title: &str) -> Option<Action> {
    let parsed = parsed_module(db, file);
    let body = parsed.suite();
    let has_flag = body.iter().any(
        |stmt| matches!(stmt, Stmt::Import(import) if import.names.iter().any(|alias| alias.name.as_str() == flag)),
    );
    // After the docstring and imports from the future, which must come first.
    let before: Vec<&Stmt> = body
        .iter()
        .take_while(|stmt| match stmt {
            Stmt::Expr(stmt) => matches!(&*stmt.value, Expr::StringLiteral(_)),
            Stmt::ImportFrom(import) => import.module.as_ref().is_some_and(|module| module.as_str() == "__future__"),
            _ => false,
        })
        .collect();
    let top = body.iter().skip(before.len()).take_while(|stmt| matches!(stmt, Stmt::Import(_) | Stmt::ImportFrom(_)));
    let end =
        top.last().or(body.get(before.len())).map_or(header_end(cinder_db::source_text(db, file)), |stmt| stmt.end());
    if has_flag || selection.start() > end || !parsed.is_valid() {
        return None;
    }
    let edit = match before.last() {
        Some(last) => (TextRange::empty(last.end()), format!("\nimport {flag}")),
        None => (TextRange::empty(header_end(cinder_db::source_text(db, file))), format!("import {flag}\n")),
    };
    Some(Action { title: title.to_string(), kind: ActionKind::Rewrite, edits: vec![edit] })
}
