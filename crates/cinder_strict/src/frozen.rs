//! What fails later: writes in function bodies to classes and modules that are frozen by then, and members that clash once slots are made.
//!
//! Idea: only what is certain is reported: names bound once at module level to a class statement or a strict module, and not bound again in
//! the function. These checks evaluate nothing.

use std::sync::Arc;

use cinder_db::{Db, File, FunctionItem, Grain, function_body, item_tree, module_items};
use cinder_diagnostic::Diagnostic;
use cinder_syntax::ast::visitor::{Visitor, walk_expr, walk_stmt};
use cinder_syntax::ast::{self, Expr, Stmt};
use cinder_text::{Ranged, TextRange};

use crate::fixes;
use crate::queries::{self, Found};
use crate::rules::Rule;

/// Names that are frozen when the module has been imported, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FrozenNames {
    classes: Vec<Arc<str>>,
    modules: Vec<Arc<str>>,
}

impl FrozenNames {
    fn is_class(&self, name: &str) -> bool {
        self.classes.binary_search_by(|known| (**known).cmp(name)).is_ok()
    }

    fn is_module(&self, name: &str) -> bool {
        self.modules.binary_search_by(|known| (**known).cmp(name)).is_ok()
    }

    /// Whether the text may reach into one of the names: most functions do not, and need no tree.
    fn may_write_in(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
        memchr::memchr_iter(b'.', bytes).any(|dot| {
            let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'\\' | b'\x0b');
            let end = bytes[..dot].iter().rposition(|byte| !is_between(byte)).map_or(0, |last| last + 1);
            let start = bytes[..end].iter().rposition(|byte| !is_name(byte)).map_or(0, |before| before + 1);
            let name = &text[start..end];
            !name.is_ascii() || self.is_class(name) || self.is_module(name)
        })
    }
}

/// Depends on: the item tree, and which of the imported modules are strict.
#[salsa::tracked(returns(ref))]
fn frozen_names(db: &dyn Db, file: File) -> FrozenNames {
    let mut names = FrozenNames::default();
    for statement in item_tree(db, file).body() {
        match statement {
            Stmt::ClassDef(class)
                if !class.decorator_list.iter().any(|decorator| is_mutable(&decorator.expression)) =>
            {
                names.classes.push(class.name.as_str().into());
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    if !bound.contains('.')
                        && matches!(queries::find_source(db, Some(file), &alias.name), Found::File(_))
                    {
                        names.modules.push(bound.as_str().into());
                    }
                }
            }
            _ => {}
        }
    }
    names.classes.sort();
    names.modules.sort();
    names
}

fn is_mutable(decorator: &Expr) -> bool {
    match decorator {
        Expr::Name(name) => name.id == "mutable",
        Expr::Attribute(attribute) => &attribute.attr == "mutable",
        _ => false,
    }
}

/// A write that fails: what it writes to, its place in the function, the name and the attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FrozenWrite {
    is_class: bool,
    range: TextRange,
    name: Arc<str>,
    attribute: Arc<str>,
}

/// Depends on: the function's text, and the module's frozen names.
#[salsa::tracked(returns(ref))]
fn frozen_writes<'db>(db: &'db dyn Db, item: FunctionItem<'db>) -> Box<[FrozenWrite]> {
    let names = frozen_names(db, item.file(db));
    let Some(function) = function_body(db, item).function() else { return Box::default() };
    let mut finder = Finder { names, bound: Vec::new(), found: Vec::new() };
    for parameter in function.parameters.iter() {
        finder.bound.push(parameter.as_parameter().name.as_str().into());
    }
    finder.visit_body(&function.body);
    let bound = finder.bound;
    finder.found.retain(|write| !bound.contains(&write.name));
    finder.found.into()
}

struct Finder<'a> {
    names: &'a FrozenNames,
    /// Names the function binds itself.
    bound: Vec<Arc<str>>,
    found: Vec<FrozenWrite>,
}

impl Finder<'_> {
    fn target(&mut self, target: &Expr) {
        match target {
            Expr::Name(name) => self.bound.push(name.id.as_str().into()),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|element| self.target(element)),
            Expr::List(list) => list.elts.iter().for_each(|element| self.target(element)),
            Expr::Attribute(attribute) => {
                let Expr::Name(name) = &*attribute.value else { return };
                let is_class = self.names.is_class(&name.id);
                if is_class || self.names.is_module(&name.id) {
                    self.found.push(FrozenWrite {
                        is_class,
                        range: attribute.range,
                        name: name.id.as_str().into(),
                        attribute: attribute.attr.as_str().into(),
                    });
                }
            }
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| self.target(target)),
            Stmt::AugAssign(assign) => self.target(&assign.target),
            Stmt::AnnAssign(assign) => self.target(&assign.target),
            Stmt::Delete(delete) => delete.targets.iter().for_each(|target| self.target(target)),
            Stmt::For(repeat) => self.target(&repeat.target),
            Stmt::With(with) => {
                with.items
                    .iter()
                    .filter_map(|item| item.optional_vars.as_deref())
                    .for_each(|target| self.target(target));
            }
            Stmt::ClassDef(class) => self.bound.push(class.name.as_str().into()),
            Stmt::FunctionDef(function) => self.bound.push(function.name.as_str().into()),
            Stmt::Import(import) => {
                self.bound.extend(
                    import.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).as_str().into()),
                );
            }
            Stmt::ImportFrom(import) => {
                self.bound.extend(
                    import.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).as_str().into()),
                );
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Named(named) = expression {
            self.target(&named.target);
        }
        walk_expr(self, expression);
    }
}

/// The findings of this module, in the file's positions.
pub(crate) fn frozen_diagnostics(db: &dyn Db, file: File) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let names = frozen_names(db, file);
    if names.classes.is_empty() && names.modules.is_empty() {
        return diagnostics;
    }
    for item in module_items(db, file).functions.iter().filter(|item| names.may_write_in(item.text(db))) {
        for write in frozen_writes(db, *item) {
            let rule = if write.is_class { Rule::FrozenClassWrite } else { Rule::FrozenModuleWrite };
            let range = Grain::Function(*item).lift(db, write.range);
            let message = rule.message(&[write.name.clone(), write.attribute.clone()]);
            let mut diagnostic = Diagnostic::new(rule.registered(), range, message);
            if write.is_class {
                diagnostic = diagnostic.with_help("mark the class with `@mutable` from `__strict__`");
                if let Some(fix) = fixes::mark_mutable(db, file, &write.name) {
                    diagnostic = diagnostic.with_fix(fix);
                }
            }
            diagnostics.push(diagnostic);
        }
    }
    diagnostics
}

/// Class members that instances also have; for those who generate slots.
pub(crate) fn conflict_diagnostics(db: &dyn Db, file: File) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    conflicts_in(db, file, item_tree(db, file).body(), &mut diagnostics);
    diagnostics
}

fn conflicts_in(db: &dyn Db, file: File, body: &[Stmt], diagnostics: &mut Vec<Diagnostic>) {
    for statement in body {
        let Stmt::ClassDef(class) = statement else { continue };
        conflicts_in(db, file, &class.body, diagnostics);
        let mut members: Vec<&str> = Vec::new();
        let mut instance: Vec<&str> = Vec::new();
        for inner in &class.body {
            class_members(inner, &mut members, &mut instance);
        }
        let mut both: Vec<&str> = instance.into_iter().filter(|name| members.contains(name)).collect();
        both.sort_unstable();
        both.dedup();
        if both.is_empty() {
            continue;
        }
        let list = both.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        let rule = Rule::ClassAttributesConflict;
        let range = Grain::Module(file).lift(db, class.name.range());
        diagnostics.push(Diagnostic::new(rule.registered(), range, rule.message(&[format!("[{list}]").into()])));
    }
}

fn class_members<'a>(statement: &'a Stmt, members: &mut Vec<&'a str>, instance: &mut Vec<&'a str>) {
    match statement {
        Stmt::Assign(assign) => assign.targets.iter().for_each(|target| bound_names(target, members)),
        Stmt::AnnAssign(assign) => match &assign.value {
            Some(_) => bound_names(&assign.target, members),
            None => bound_names(&assign.target, instance),
        },
        Stmt::ClassDef(class) => members.push(&class.name),
        Stmt::FunctionDef(function) => {
            members.push(&function.name);
            let first = function.parameters.iter().next().map(|parameter| parameter.as_parameter().name.as_str());
            if &function.name == "__init__"
                && !function.is_async
                && let Some(first) = first
            {
                function.body.iter().for_each(|inner| self_attributes(inner, first, instance));
            }
        }
        _ => {}
    }
}

fn bound_names<'a>(target: &'a Expr, names: &mut Vec<&'a str>) {
    if let Expr::Name(name) = target {
        names.push(&name.id);
    }
}

fn self_attributes<'a>(statement: &'a Stmt, first: &str, instance: &mut Vec<&'a str>) {
    let mut add = |target: &'a Expr| {
        if let Expr::Attribute(ast::ExprAttribute { value, attr, .. }) = target
            && matches!(&**value, Expr::Name(name) if name.id == first)
        {
            instance.push(attr);
        }
    };
    match statement {
        Stmt::Assign(assign) => assign.targets.iter().for_each(add),
        Stmt::AnnAssign(assign) => add(&assign.target),
        _ => {}
    }
}
