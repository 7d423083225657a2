//! Prints scopes as text, for `cinder dump scopes` and the tests.

use crate::{Resolution, ScopeFlags, ScopeId, SemanticIndex, SymbolFlags};
use std::fmt::{self, Write};

impl fmt::Display for SemanticIndex {
    /// One line per scope, indented by nesting, then one per symbol in order of first mention.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut todo = vec![(self.module_scope(), 0)];
        while let Some((id, depth)) = todo.pop() {
            write_scope(self, id, depth, f)?;
            todo.extend(self.scope(id).children.iter().rev().map(|child| (*child, depth + 1)));
        }
        self.errors().iter().try_for_each(|error| writeln!(f, "error {:?}: {}", error.range, error.message))
    }
}

fn write_scope(index: &SemanticIndex, id: ScopeId, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let scope = index.scope(id);
    write!(f, "{:depth$}{:?} {}", "", scope.kind, scope.name, depth = depth * 2)?;
    let shown = scope.flags - ScopeFlags::NESTED;
    if !shown.is_empty() {
        write!(f, " [{}]", names(shown.iter_names().map(|(name, _)| name)))?;
    }
    f.write_char('\n')?;
    scope.symbols.iter().try_for_each(|symbol| {
        write!(f, "{:depth$}{}: {}", "", symbol.name, resolution(symbol.resolution, index), depth = depth * 2 + 4)?;
        let shown = symbol.flags - SymbolFlags::USE;
        if !shown.is_empty() {
            write!(f, " [{}]", names(shown.iter_names().map(|(name, _)| name)))?;
        }
        f.write_char('\n')
    })
}

fn names(flags: impl Iterator<Item = &'static str>) -> String {
    flags.filter(|name| *name != "BOUND").map(str::to_ascii_lowercase).collect::<Vec<_>>().join(" ")
}

fn resolution(resolution: Resolution, index: &SemanticIndex) -> String {
    match resolution {
        Resolution::Local => "local".into(),
        Resolution::Cell => "cell".into(),
        Resolution::Free { owner } => format!("free of {}", index.scope(owner).name),
        Resolution::GlobalExplicit => "global (declared)".into(),
        Resolution::GlobalImplicit => "global".into(),
    }
}
