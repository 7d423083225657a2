//! From places to nodes.

use cinder_db::{Db, File, parsed_module, source_text};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal};
use cinder_syntax::ast::{AnyNodeRef, Stmt, StmtClassDef, StmtFunctionDef};
use cinder_text::{Ranged, TextRange, TextSize};

/// The nodes around `range`, outermost first; empty when it lies outside of the text.
pub(crate) fn path_to<'db>(db: &'db dyn Db, file: File, range: TextRange) -> Vec<AnyNodeRef<'db>> {
    let module = parsed_module(db, file).module();
    if !module.range.contains_range(range) {
        return Vec::new();
    }
    let mut path = Vec::with_capacity(16);
    let mut next = Some(AnyNodeRef::ModModule(module));
    while let Some(node) = next {
        path.push(node);
        let mut child = Child { range, found: None };
        node.visit_source_order(&mut child);
        next = child.found;
    }
    path
}

/// The first child around a range. Statements are found by bisection: this is asked for every name of a file.
struct Child<'a> {
    range: TextRange,
    found: Option<AnyNodeRef<'a>>,
}

impl<'a> SourceOrderVisitor<'a> for Child<'a> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        if self.found.is_none() && node.range().contains_range(self.range) {
            self.found = Some(node);
        }
        TraversalSignal::Skip
    }

    fn visit_body(&mut self, body: &'a [Stmt]) {
        let start = self.range.start();
        let first = body.partition_point(|stmt| stmt.end() < start);
        let near = body[first..].iter().take_while(|stmt| stmt.start() <= start);
        near.for_each(|stmt| self.visit_stmt(stmt));
    }
}

/// The function whose whole definition has this range.
pub(crate) fn function(db: &dyn Db, file: File, range: TextRange) -> Option<&StmtFunctionDef> {
    path_to(db, file, range).into_iter().rev().find_map(|node| match node {
        AnyNodeRef::StmtFunctionDef(function) if function.range == range => Some(function),
        _ => None,
    })
}

/// The class whose whole definition has this range.
pub(crate) fn class(db: &dyn Db, file: File, range: TextRange) -> Option<&StmtClassDef> {
    path_to(db, file, range).into_iter().rev().find_map(|node| match node {
        AnyNodeRef::StmtClassDef(class) if class.range == range => Some(class),
        _ => None,
    })
}

pub(crate) fn is_name_char(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The identifier at a place, or the one that ends there.
pub(crate) fn identifier_at(db: &dyn Db, file: File, offset: TextSize) -> Option<TextRange> {
    let text = source_text(db, file).as_str();
    let at = cinder_text::floor_char_boundary(text, offset.to_usize());
    let start = at - text[..at].chars().rev().take_while(|c| is_name_char(*c)).map(char::len_utf8).sum::<usize>();
    let end = at + text[at..].chars().take_while(|c| is_name_char(*c)).map(char::len_utf8).sum::<usize>();
    let first = text[start..end].chars().next()?;
    (!first.is_numeric()).then(|| TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32)))
}

/// The text of a node, on one line.
pub(crate) fn one_line(db: &dyn Db, file: File, node: impl Ranged) -> String {
    let text = cinder_text::slice(source_text(db, file), node.range());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where the path leads through a function's body, the function.
pub(crate) fn enclosing_function<'db>(path: &[AnyNodeRef<'db>], offset: TextSize) -> Option<&'db StmtFunctionDef> {
    path.iter().rev().find_map(|node| match node {
        AnyNodeRef::StmtFunctionDef(function) if function.body.first().is_some_and(|first| first.start() <= offset) => {
            Some(*function)
        }
        _ => None,
    })
}
