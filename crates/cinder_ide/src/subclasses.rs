//! Classes that derive from a class.

use cinder_db::{File, parsed_module, source_text};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_stmt};
use cinder_syntax::ast::{Expr, Stmt, StmtClassDef};
use memchr::memmem;

use crate::semantics::Semantics;
use crate::ty::Place;

/// Classes whose bases name `class` itself, in order of file and place.
pub(crate) fn directly_below(semantics: &Semantics<'_>, class: Place, files: &[File]) -> Vec<Place> {
    let Some(name) = semantics.class_node(class).map(|class| class.name.as_str()) else { return Vec::new() };
    let mut found = Vec::new();
    // A base may be imported under another name; then the file still says the class's own name once.
    let finder = memmem::Finder::new(name);
    for file in files.iter().chain((!files.contains(&class.file)).then_some(&class.file)) {
        let text = source_text(semantics.db, *file);
        if finder.find(text.as_bytes()).is_none() || memmem::find(text.as_bytes(), b"class").is_none() {
            continue;
        }
        for node in classes(parsed_module(semantics.db, *file).suite()) {
            let below = Place { file: *file, range: node.range };
            if semantics.bases(below).iter().any(|(base, _)| *base == class) {
                found.push(below);
            }
        }
    }
    found
}

/// Classes below at any distance, nearest first.
pub(crate) fn all_below(semantics: &Semantics<'_>, class: Place, files: &[File]) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    let mut next = 0;
    let mut todo = vec![class];
    while next < todo.len() {
        for below in directly_below(semantics, todo[next], files) {
            if !todo.contains(&below) {
                todo.push(below);
                found.push(below);
            }
        }
        next += 1;
    }
    found
}

/// All classes of a body, those inside functions and classes included.
pub(crate) fn classes(body: &[Stmt]) -> Vec<&StmtClassDef> {
    struct Walk<'a>(Vec<&'a StmtClassDef>);
    impl<'a> SourceOrderVisitor<'a> for Walk<'a> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if let Stmt::ClassDef(class) = stmt {
                self.0.push(class);
            }
            walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, _: &'a Expr) {}
    }
    let mut walk = Walk(Vec::new());
    walk.visit_body(body);
    walk.0
}
