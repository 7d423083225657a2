//! Which fixes are applied, and to what they change the files.
//!
//! Idea: fixes are taken in order; one that touches an earlier one's edits waits until the files have been checked again. Edits that several
//! fixes share, such as an import they all need, are made once.

use std::collections::BTreeMap;

use crate::{Applicability, Diagnostic, Edit};

/// Chosen edits by file.
#[derive(Debug, Default)]
pub struct Changes<'a> {
    edits: BTreeMap<&'a str, Vec<&'a Edit>>,
    fixes: BTreeMap<&'a str, usize>,
}

impl<'a> Changes<'a> {
    /// Chooses among the fixes of findings, each with the path of its file.
    pub fn choose(findings: impl IntoIterator<Item = (&'a str, &'a Diagnostic)>, takes_unsafe: bool) -> Changes<'a> {
        let mut changes = Changes::default();
        for (path, diagnostic) in findings {
            let Some(fix) = &diagnostic.fix else { continue };
            if !takes_unsafe && fix.applicability != Applicability::Safe {
                continue;
            }
            let path = fix.path.as_deref().unwrap_or(path);
            let chosen = changes.edits.entry(path).or_default();
            let new: Vec<&Edit> = fix.edits.iter().filter(|edit| !chosen.contains(edit)).collect();
            if new.is_empty() || new.iter().any(|edit| chosen.iter().any(|known| touch(known, edit))) {
                continue;
            }
            chosen.extend(new);
            *changes.fixes.entry(path).or_default() += 1;
        }
        changes
    }

    /// The files to change with the number of fixes for each, in order of path.
    pub fn files(&self) -> impl Iterator<Item = (&'a str, usize)> {
        self.fixes.iter().map(|(path, count)| (*path, *count))
    }

    /// The text of a file after its edits.
    pub fn changed(&self, path: &str, text: &str) -> String {
        let mut edits = self.edits.get(path).cloned().unwrap_or_default();
        edits.sort_by_key(|edit| (edit.range.start(), edit.range.end()));
        let mut changed = String::with_capacity(text.len());
        let mut at = 0;
        for edit in edits {
            let range = edit.range.to_std_range();
            changed.push_str(&text[at..range.start]);
            changed.push_str(&edit.text);
            at = range.end;
        }
        changed.push_str(&text[at..]);
        changed
    }
}

/// Whether two edits cannot both be made: they overlap, or insert different texts at one place.
fn touch(a: &Edit, b: &Edit) -> bool {
    a.range.start() < b.range.end() && b.range.start() < a.range.end() || a.range == b.range
}
