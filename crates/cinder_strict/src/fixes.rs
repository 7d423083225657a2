//! Changes of source that take a violation away.
//!
//! Idea: a fix is offered only where all it relies on can be read off the trees: names that are bound once, statements that stand alone on
//! their lines, modules that are found. What it leaves parses, and gives no reason for the same fix again.

use cinder_db::{Db, File, Grain, parsed_module, source_text};
use cinder_diagnostic::{Applicability, Edit, Fix};
use cinder_module_resolver::{ModuleName, resolve_module};
use cinder_semantic::{DefinitionKind, Resolution, ScopeId, ScopeKind, SemanticIndex, SymbolFlags, semantic_index};
use cinder_syntax::ast::{self, Expr, Stmt};
use cinder_text::{Ranged, TextRange, TextSize};

use crate::code::{Piece, Span};
use crate::marker;
use crate::queries::{self, Found};
use crate::rules::Rule;
use crate::value::Violation;

/// Lists of names longer than this stand on lines of their own.
const LONG_LINE: usize = 100;

/// What to do about a violation at `range` whose root cause is `root`.
pub(crate) fn fix(db: &dyn Db, file: File, root: &Violation, range: TextRange) -> Option<Fix> {
    match root.rule {
        Rule::StarImportDisallowed => expand_star(db, file, range),
        Rule::Unhandled => publish_child(db, root),
        _ => run_as_program(db, file, root, range)
            .or_else(|| import_leaf(db, file, root))
            .or_else(|| compute_later(db, file, root, range)),
    }
}

/// Whether the rule is about what a statement does, so that doing it at another time helps.
fn is_effect(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::PrintsAtImport
            | Rule::PerformsIo
            | Rule::ProhibitedBuiltin
            | Rule::MutatesProcess
            | Rule::Registers
            | Rule::UnknownValueCall
            | Rule::UnknownValueAttribute
    )
}

/// Whether the rule is about how a value comes about, so that computing it at another time helps.
fn is_about_value(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::PerformsIo
            | Rule::ProhibitedBuiltin
            | Rule::ReadsEnvironment
            | Rule::Nondeterministic
            | Rule::UnknownValueCall
            | Rule::UnknownValueAttribute
            | Rule::UnknownValueIndex
            | Rule::UnknownValueBinaryOp
            | Rule::UnknownValueUnaryOp
            | Rule::UnknownValueNotIterable
    )
}

/// A statement of the module's own level that is there for its effect alone is run by the program instead of the import.
fn run_as_program(db: &dyn Db, file: File, root: &Violation, range: TextRange) -> Option<Fix> {
    if !is_effect(root.rule) {
        return None;
    }
    let source = source_text(db, file);
    let statement = parsed_module(db, file).suite().iter().find_map(|statement| match statement {
        Stmt::Expr(statement) if statement.range.contains_range(range) => Some(statement.range),
        _ => None,
    })?;
    let text = cinder_text::slice(source, statement);
    if text.contains('\n') || !stands_alone(source, statement) {
        return None;
    }
    let edit = Edit { range: statement, text: format!("if __name__ == \"__main__\":\n    {text}") };
    // Nobody can rely on when a strict module prints, since it may be imported at any time; the program prints as before. Everything else
    // may be what the import is for.
    let applicability = match root.rule {
        Rule::PrintsAtImport => Applicability::Safe,
        _ => Applicability::Unsafe,
    };
    Some(Fix { title: "Run it as a program only".into(), edits: vec![edit], path: None, applicability })
}

/// `NAME = load()` becomes a cached function, and what functions read of it a call.
fn compute_later(db: &dyn Db, file: File, root: &Violation, range: TextRange) -> Option<Fix> {
    if !is_about_value(root.rule) {
        return None;
    }
    let (source, tree) = (source_text(db, file), parsed_module(db, file));
    let statement = tree.suite().iter().find(|statement| statement.range().contains_range(range))?;
    let (target, annotation, value) = match statement {
        Stmt::Assign(assign) => match &assign.targets[..] {
            [Expr::Name(name)] => (name, None, &assign.value),
            _ => return None,
        },
        Stmt::AnnAssign(assign) => match (&*assign.target, &assign.value) {
            (Expr::Name(name), Some(value)) => (name, Some(&assign.annotation), value),
            _ => return None,
        },
        _ => return None,
    };
    let name = target.id.as_str();
    if name.starts_with("__") || !stands_alone(source, statement.range()) || binds_or_suspends(value) {
        return None;
    }
    let index = semantic_index(db, file);
    let uses = uses_in_functions(index, name)?;
    let function = function_name(index, name);
    let returns = annotation
        .map_or(String::new(), |annotation| format!(" -> {}", cinder_text::slice(source, annotation.range())));
    // With the parentheses around the value, which may hold its lines together.
    let head = annotation.map_or(target.end(), |annotation| annotation.end());
    let equals = head + TextSize::of(source[head.to_usize()..].split('=').next().unwrap_or_default());
    let value = cinder_text::slice(source, TextRange::new(equals + TextSize::of('='), statement.end())).trim();
    let text = format!("@functools.cache\ndef {function}(){returns}:\n    return {value}");
    let mut edits = vec![Edit { range: statement.range(), text }];
    edits.extend(uses.into_iter().map(|range| Edit { range, text: format!("{function}()") }));
    if !is_module_import(index, tree.suite(), "functools")? {
        edits.push(insertion(marker::leading_end(source, tree.suite()), source, "import functools\n"));
    }
    edits.sort_by_key(|edit| edit.range.start());
    Some(Fix {
        title: format!("Compute `{name}` when it is first asked for"),
        edits,
        path: None,
        applicability: Applicability::Unsafe,
    })
}

/// Whether evaluating the expression does more to its frame than give a value.
fn binds_or_suspends(value: &Expr) -> bool {
    use ast::visitor::{Visitor, walk_expr};
    struct Finder(bool);
    impl<'a> Visitor<'a> for Finder {
        fn visit_expr(&mut self, expression: &'a Expr) {
            self.0 |= matches!(expression, Expr::Named(_) | Expr::Yield(_) | Expr::YieldFrom(_) | Expr::Await(_));
            walk_expr(self, expression);
        }
    }
    let mut finder = Finder(false);
    finder.visit_expr(value);
    finder.0
}

/// Where functions read a name of the module; `None` when it is bound twice, or anything else reads it.
fn uses_in_functions(index: &SemanticIndex, name: &str) -> Option<Vec<TextRange>> {
    let symbol = index.lookup(index.module_scope(), name)?;
    let [definition] = symbol.definitions[..] else { return None };
    if !matches!(index.definition(definition).kind, DefinitionKind::Assignment | DefinitionKind::AnnotatedAssignment) {
        return None;
    }
    for (id, scope) in index.scopes() {
        let is_global = |flags: SymbolFlags| flags.contains(SymbolFlags::GLOBAL);
        let is_bound =
            scope.symbol(name).is_some_and(|symbol| is_global(symbol.flags) && !symbol.definitions.is_empty());
        if is_bound && id != index.module_scope() {
            return None;
        }
    }
    let mut found = Vec::new();
    for read in index.uses() {
        let symbol = index.scope(read.scope).symbol_by_id(read.symbol);
        if symbol.name != *name {
            continue;
        }
        let is_ours = read.scope == index.module_scope()
            || matches!(symbol.resolution, Resolution::GlobalExplicit | Resolution::GlobalImplicit);
        if !is_ours {
            continue;
        }
        if !is_in_function(index, read.scope) {
            return None;
        }
        found.push(read.range);
    }
    Some(found)
}

fn is_in_function(index: &SemanticIndex, scope: ScopeId) -> bool {
    let mut next = Some(scope);
    while let Some(scope) = next {
        let scope = index.scope(scope);
        if scope.kind == ScopeKind::Annotation {
            return false;
        }
        if scope.kind == ScopeKind::Function {
            return true;
        }
        next = scope.parent;
    }
    false
}

/// The name in lower case, unless something is called that already.
fn function_name(index: &SemanticIndex, name: &str) -> String {
    let lower = name.to_lowercase();
    let is_taken = index.scopes().any(|(_, scope)| scope.symbol(&lower).is_some())
        || !is_plain_name(&lower)
        || crate::builtins::lookup(&lower).is_some();
    if is_taken { name.to_owned() } else { lower }
}

/// Whether the text is a name that can be bound: no keyword.
fn is_plain_name(text: &str) -> bool {
    let is_word = text.chars().all(|character| character.is_alphanumeric() || character == '_');
    is_word && cinder_syntax::parse_module(&format!("{text} = 0")).is_valid()
}

/// Whether a name stands for the module of that name; `None` when it is something else.
fn is_module_import(index: &SemanticIndex, suite: &[Stmt], name: &str) -> Option<bool> {
    let Some(symbol) = index.lookup(index.module_scope(), name) else { return Some(false) };
    if symbol.definitions.is_empty() {
        return Some(false);
    }
    let imports = suite.iter().any(|statement| match statement {
        Stmt::Import(import) => import.names.iter().any(|alias| &alias.name == name && alias.asname.is_none()),
        _ => false,
    });
    (imports && symbol.definitions.len() == 1).then_some(true)
}

/// Whether nothing else stands on the statement's lines but comments behind it.
fn stands_alone(source: &str, statement: TextRange) -> bool {
    let before = &source[..statement.start().to_usize()];
    let before = &before[before.rfind(['\n', '\r']).map_or(0, |newline| newline + 1)..];
    let after = &source[statement.end().to_usize()..];
    let after = after[..after.find(['\n', '\r']).unwrap_or(after.len())].trim_start();
    before.is_empty() && (after.is_empty() || after.starts_with('#'))
}

fn insertion(at: TextSize, source: &str, text: &str) -> Edit {
    let head = &source[..at.to_usize()];
    let gap = if head.is_empty() || head.ends_with(['\n', '\r']) { "" } else { "\n" };
    Edit { range: TextRange::empty(at), text: format!("{gap}{text}") }
}

/// `from module import *` names what the module uses of it; in a package everything.
fn expand_star(db: &dyn Db, file: File, range: TextRange) -> Option<Fix> {
    let (source, tree) = (source_text(db, file), parsed_module(db, file));
    let statement = tree.suite().iter().find_map(|statement| match statement {
        Stmt::ImportFrom(import) if import.range.contains_range(range) => Some(import),
        _ => None,
    })?;
    let star = statement.names.iter().find(|alias| &alias.name == "*")?;
    let (own_name, is_package) = queries::module_identity(db, file);
    let module = absolute_name(&own_name, is_package, statement)?;
    let module = resolve_module(db, &ModuleName::new(&module)?, None)?;
    let target = module.source.or(module.stub)?;
    let mut names = public_names(db, target)?;
    if !is_package {
        let used = |name: &String| tree_mentions(source, name);
        names.retain(used);
    }
    if names.is_empty() {
        return None;
    }
    let mut text = names.join(", ");
    if cinder_text::slice(source, statement.range).len() + text.len() > LONG_LINE {
        text = format!("(\n    {},\n)", names.join(",\n    "));
    }
    let edit = Edit { range: star.range, text };
    let applicability = if is_package { Applicability::Safe } else { Applicability::Unsafe };
    Some(Fix { title: "Name what is imported".into(), edits: vec![edit], path: None, applicability })
}

/// Whether a word stands anywhere in the text: in code, or in a list of exported names.
fn tree_mentions(source: &str, name: &str) -> bool {
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    source
        .match_indices(name)
        .any(|(at, _)| !source[..at].ends_with(is_name) && !source[at + name.len()..].starts_with(is_name))
}

/// What `import *` takes of a module, in order; `None` when that cannot be read off.
fn public_names(db: &dyn Db, file: File) -> Option<Vec<String>> {
    let tree = parsed_module(db, file);
    let index = semantic_index(db, file);
    let module = index.scope(index.module_scope());
    let is_star = |statement: &Stmt| matches!(statement, Stmt::ImportFrom(import) if import.names.iter().any(|alias| &alias.name == "*"));
    if !tree.is_valid() || tree.suite().iter().any(is_star) {
        return None;
    }
    let mut names = match module.symbol("__all__") {
        Some(all) if !all.definitions.is_empty() => {
            let lists = tree.suite().iter().filter_map(|statement| match statement {
                Stmt::Assign(assign) => {
                    let is_all = matches!(&assign.targets[..], [Expr::Name(name)] if name.id == "__all__");
                    is_all.then_some(&*assign.value)
                }
                _ => None,
            });
            let lists: Vec<&Expr> = lists.collect();
            let (1, [list]) = (all.definitions.len(), &lists[..]) else { return None };
            let elements = match list {
                Expr::List(list) => &list.elts,
                Expr::Tuple(tuple) => &tuple.elts,
                _ => return None,
            };
            let text = |element: &Expr| match element {
                Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
                _ => None,
            };
            elements.iter().map(text).collect::<Option<Vec<String>>>()?
        }
        _ => {
            let bound = module.symbols.iter().filter(|symbol| {
                symbol.definitions.iter().any(|at| index.definition(*at).kind != DefinitionKind::Delete)
            });
            bound.map(|symbol| symbol.name.to_string()).filter(|name| !name.starts_with('_')).collect()
        }
    };
    names.retain(|name| is_plain_name(name));
    names.sort();
    names.dedup();
    Some(names)
}

/// The absolute name of the module that a statement imports from.
fn absolute_name(own_name: &str, is_package: bool, import: &ast::StmtImportFrom) -> Option<String> {
    let target = import.module.as_deref().unwrap_or_default();
    if import.level == 0 {
        return Some(target.to_owned());
    }
    let up = if is_package { import.level - 1 } else { import.level };
    let mut package = own_name;
    for _ in 0..up {
        package = package.rsplit_once('.')?.0;
    }
    Some(if target.is_empty() { package.to_owned() } else { format!("{package}.{target}") })
}

/// `pkg.child` where a strict `pkg` does not publish its child: the package imports it.
fn publish_child(db: &dyn Db, root: &Violation) -> Option<Fix> {
    let [error, text] = &root.fields[..] else { return None };
    let (package, child) = text.strip_prefix("module '")?.strip_suffix('\'')?.split_once("' has no attribute '")?;
    if &**error != "AttributeError" || !is_plain_name(child) {
        return None;
    }
    let Found::File(file) = queries::find_source(db, None, package) else { return None };
    let Found::File(_) = queries::find_source(db, None, &format!("{package}.{child}")) else { return None };
    let (_, is_package) = queries::module_identity(db, file);
    let index = semantic_index(db, file);
    let is_bound = index.lookup(index.module_scope(), child).is_some_and(|symbol| !symbol.definitions.is_empty());
    if !is_package || is_bound || !parsed_module(db, file).is_valid() {
        return None;
    }
    // At the end, so that the child finds what the package defines.
    let source = source_text(db, file);
    let edit = insertion(TextSize::of(source.as_str()), source, &format!("from . import {child}\n"));
    Some(Fix {
        title: format!("Import `{child}` in the package `{package}`"),
        edits: vec![edit],
        path: Some(file.path(db).to_string().into()),
        applicability: Applicability::Safe,
    })
}

/// `from pkg import leaf`, where only `leaf` is strict, becomes an import of `pkg.leaf`.
fn import_leaf(db: &dyn Db, file: File, root: &Violation) -> Option<Fix> {
    let Some(Span { piece: Piece::Module(place), range }) = root.origin else { return None };
    let range = Grain::Module(file).lift(db, range);
    let (source, tree) = (source_text(db, file), parsed_module(db, file));
    let statement = tree.suite().iter().find_map(|statement| match statement {
        Stmt::ImportFrom(import) if place == file && import.range.contains_range(range) => Some(import),
        _ => None,
    })?;
    let (own_name, is_package) = queries::module_identity(db, file);
    let package = absolute_name(&own_name, is_package, statement)?;
    let is_leaf = |alias: &&ast::Alias| {
        let name = format!("{package}.{}", alias.name);
        matches!(queries::find_source(db, Some(file), &name), Found::File(_))
    };
    let is_strict = matches!(queries::find_source(db, Some(file), &package), Found::File(_) | Found::Namespace);
    let leaf = statement.names.iter().find(is_leaf).filter(|_| !is_strict)?;
    if !stands_alone(source, statement.range) {
        return None;
    }
    let bound = leaf.asname.as_ref().unwrap_or(&leaf.name);
    let mut text = format!("import {package}.{} as {bound}", leaf.name);
    let others: Vec<&str> = statement
        .names
        .iter()
        .filter(|alias| alias.range != leaf.range)
        .map(|alias| cinder_text::slice(source, alias.range))
        .collect();
    if !others.is_empty() {
        let from =
            format!("{}{}", ".".repeat(statement.level as usize), statement.module.as_deref().unwrap_or_default());
        text.push_str(&format!("\nfrom {from} import {}", others.join(", ")));
    }
    let edit = Edit { range: statement.range, text };
    let title = format!("Import `{package}.{}` past its package", leaf.name);
    Some(Fix { title, edits: vec![edit], path: None, applicability: Applicability::Unsafe })
}

/// `@mutable` above a class of the module's own level that functions write to.
pub(crate) fn mark_mutable(db: &dyn Db, file: File, class: &str) -> Option<Fix> {
    let (source, tree) = (source_text(db, file), parsed_module(db, file));
    let index = semantic_index(db, file);
    let statement = tree.suite().iter().find_map(|statement| match statement {
        Stmt::ClassDef(statement) if &statement.name == class => Some(statement),
        _ => None,
    })?;
    let mut edits = vec![Edit { range: TextRange::empty(statement.start()), text: "@mutable\n".into() }];
    let from_strict = tree.suite().iter().find_map(|statement| match statement {
        Stmt::ImportFrom(import) if import.level == 0 && import.module.as_deref() == Some("__strict__") => Some(import),
        _ => None,
    });
    let imported = from_strict
        .is_some_and(|import| import.names.iter().any(|alias| &alias.name == "mutable" && alias.asname.is_none()));
    let is_bound = index.lookup(index.module_scope(), "mutable").is_some_and(|symbol| !symbol.definitions.is_empty());
    if !imported {
        if is_bound {
            return None;
        }
        let leading = marker::leading_end(source, tree.suite());
        edits.push(match from_strict.and_then(|import| import.names.last()) {
            Some(last) if last.start() > leading && last.end() < statement.start() => {
                Edit { range: TextRange::empty(last.end()), text: ", mutable".into() }
            }
            _ => insertion(leading, source, "from __strict__ import mutable\n"),
        });
    }
    edits.sort_by_key(|edit| edit.range.start());
    let before = &source[..statement.start().to_usize()];
    let starts_line = before.is_empty() || before.ends_with(['\n', '\r']);
    starts_line.then(|| Fix {
        title: format!("Mark `{class}` as mutable"),
        edits,
        path: None,
        applicability: Applicability::Unsafe,
    })
}
