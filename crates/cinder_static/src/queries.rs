//! The checker as database queries.
//!
//! Problem: an edit must cost what it touched, and the editor, the command line and the compiler must see the same answer.
//! Idea: one query per grain. [`module_summary`] and [`module_decls`] depend on the item tree, [`module_unit`] on the item tree and the
//! declarations it names, [`function_unit`] on one body and the same declarations. Results are position independent; only
//! [`check_static`] reads the source map.
//! Holds: declarations never depend on other modules' declarations (only on summaries), so import cycles make no query cycle.

use std::sync::Arc;

use cinder_db::{Db, File, FilePath, FunctionItem, Grain, function_body, item_tree, module_items};
use cinder_diagnostic::Diagnostic;
use cinder_module_resolver::{ModuleName, module_name_of_file, resolve_module, script_folder};
use cinder_types::{ConstValue, Name};

use crate::declare::{Context, Env, ModuleDecls, declare};
use crate::finding::Finding;
use crate::infer::{Enclosing, Lints, UnitCheck, check_function, check_module};
use crate::resolve::Summaries;
use crate::rules::Rule;
use crate::summary::{ClassSummary, ModuleSummary, Symbol, self_slots, summarise};
use crate::typed::TypedModule;

/// Other modules, as the importer finds them.
struct DbEnv<'db> {
    db: &'db dyn Db,
    script: Option<FilePath>,
}

impl<'db> DbEnv<'db> {
    fn new(db: &'db dyn Db, importer: File) -> Self {
        Self { db, script: script_folder(db, importer) }
    }

    /// The file a static module is read from: the source, or a stub that opts in.
    fn file(&self, module: &str) -> Option<File> {
        let name = ModuleName::new(module)?;
        let found = resolve_module(self.db, &name, self.script.as_ref())?;
        found.source.or(found.stub).filter(|file| file.path(self.db).as_disk().is_some())
    }
}

impl Summaries for DbEnv<'_> {
    fn summary(&self, module: &str) -> Option<Arc<ModuleSummary>> {
        let summary = module_summary(self.db, self.file(module)?);
        summary.is_static.then(|| summary.clone())
    }
}

impl Env for DbEnv<'_> {
    fn decls(&self, module: &str) -> Option<Arc<ModuleDecls>> {
        let file = self.file(module)?;
        module_summary(self.db, file).is_static.then(|| module_decls(self.db, file).clone())
    }
}

/// The name under which the module's classes and functions are known.
///
/// Depends on: search paths and listings.
fn module_name(db: &dyn Db, file: File) -> Name {
    match module_name_of_file(db, file) {
        Some(name) => Name::new(name.as_str()),
        None => Name::new(file.path(db).file_name().and_then(|name| name.split('.').next()).unwrap_or("module")),
    }
}

/// What a module declares. Depends on: the item tree.
#[salsa::tracked(returns(ref))]
pub fn module_summary(db: &dyn Db, file: File) -> Arc<ModuleSummary> {
    let tree = item_tree(db, file);
    let is_package = file.path(db).file_name().is_some_and(|name| name.starts_with("__init__."));
    let summary = summarise(&module_name(db, file), is_package, tree.body(), &mut |_, def| self_slots(def));
    Arc::new(summary)
}

/// The types of a module's declarations. Depends on: summaries of this module and those it names.
#[salsa::tracked(returns(ref))]
pub fn module_decls(db: &dyn Db, file: File) -> Arc<ModuleDecls> {
    let env = DbEnv::new(db, file);
    Arc::new(declare(&env, module_summary(db, file)))
}

/// The check of everything outside function bodies. Depends on: the item tree and declarations.
///
/// Facts about expressions are what a check of many files would keep most of, so those asked for long ago go.
#[salsa::tracked(returns(ref), lru = 2048)]
pub fn module_unit(db: &dyn Db, file: File) -> Arc<UnitCheck> {
    Arc::new(module_check(db, file, Lints::Off))
}

fn module_check(db: &dyn Db, file: File, lints: Lints) -> UnitCheck {
    let env = DbEnv::new(db, file);
    let cx = Context { env: &env, summary: module_summary(db, file), decls: module_decls(db, file) };
    let tree = item_tree(db, file);
    let has_own_unit = |def: &cinder_syntax::ast::StmtFunctionDef| tree.function_index(def).is_some();
    check_module(&cx, tree.parsed().module(), tree.text(), &has_own_unit, lints)
}

/// The check of one function's body. Depends on: its text and declarations.
#[salsa::tracked(returns(ref), lru = 8192)]
pub fn function_unit<'db>(db: &'db dyn Db, item: FunctionItem<'db>) -> Arc<UnitCheck> {
    Arc::new(function_check(db, item, Lints::Off))
}

fn function_check(db: &dyn Db, item: FunctionItem<'_>, lints: Lints) -> UnitCheck {
    let file = item.file(db);
    let env = DbEnv::new(db, file);
    let summary = module_summary(db, file);
    let cx = Context { env: &env, summary, decls: module_decls(db, file) };
    let body = function_body(db, item);
    let Some(function) = body.function() else { return UnitCheck::default() };
    let enclosing = Enclosing { classes: enclosing_classes(summary, item.qualname(db)) };
    let text = item.text(db);
    // Ranges of an indented definition count from the line that wraps it.
    let lead = usize::from(body.parsed().module().range.len()).saturating_sub(text.len());
    let source = format!("{}{text}", " ".repeat(lead));
    check_function(&cx, body.parsed().module(), &source, function, &enclosing, lints)
}

/// The classes around `A.B.f`, outermost first; empty when one of them is not declared.
fn enclosing_classes(summary: &ModuleSummary, qualname: &str) -> Vec<Arc<ClassSummary>> {
    let mut parts: Vec<&str> = qualname.split('.').collect();
    parts.pop();
    let mut classes: Vec<Arc<ClassSummary>> = Vec::new();
    for part in parts {
        let found = match classes.last() {
            None => match summary.symbols.get(part) {
                Some(Symbol::Class(class)) => Some(class.clone()),
                _ => None,
            },
            Some(outer) => outer.nested(part).cloned(),
        };
        match found {
            Some(class) => classes.push(class),
            None => return Vec::new(),
        }
    }
    classes
}

/// The mistakes of a static module, in the file's positions; none for ordinary modules.
///
/// Depends on: the file (for positions); of other modules what they declare.
pub fn check_static(db: &dyn Db, file: File) -> Vec<Diagnostic> {
    if !module_summary(db, file).is_static {
        return Vec::new();
    }
    let lift = |grain: Grain<'_>, findings: &[Finding]| {
        findings.iter().map(|finding| lifted(db, grain, finding)).collect::<Vec<_>>()
    };
    let mut diagnostics = lift(Grain::Module(file), &module_unit(db, file).findings);
    for item in &module_items(db, file).functions {
        diagnostics.extend(lift(Grain::Function(*item), &function_unit(db, *item).findings));
    }
    diagnostics
}

/// Places of a static module that stay dynamic: findings of one rule, made anew at each call. Empty for ordinary modules.
pub fn check_performance(db: &dyn Db, file: File) -> Vec<Diagnostic> {
    if !module_summary(db, file).is_static {
        return Vec::new();
    }
    let mut diagnostics = Vec::new();
    let mut add = |grain: Grain<'_>, check: UnitCheck| {
        let slow = check.findings.iter().filter(|finding| finding.rule == Rule::SlowOperation);
        diagnostics.extend(slow.map(|finding| lifted(db, grain, finding)));
    };
    add(Grain::Module(file), module_check(db, file, Lints::Performance));
    for item in &module_items(db, file).functions {
        add(Grain::Function(*item), function_check(db, *item, Lints::Performance));
    }
    diagnostics
}

fn lifted(db: &dyn Db, grain: Grain<'_>, finding: &Finding) -> Diagnostic {
    let mut diagnostic =
        Diagnostic::new(finding.rule.registered(), grain.lift(db, finding.range), finding.message.clone());
    for (range, note) in &finding.notes {
        diagnostic = diagnostic.with_annotation(grain.lift(db, *range), note.clone());
    }
    match &finding.help {
        Some(help) => diagnostic.with_help(help.clone()),
        None => diagnostic,
    }
}

/// What code generation needs to know about a module; empty for ordinary modules.
///
/// Modules with mistakes have facts too; whether they may run is the caller's decision.
/// Depends on: all units of the file, none of its positions.
#[salsa::tracked(returns(ref))]
pub fn typed_module(db: &dyn Db, file: File) -> Arc<TypedModule> {
    let summary = module_summary(db, file);
    if !summary.is_static {
        return Arc::new(TypedModule { name: summary.name.clone(), ..TypedModule::default() });
    }
    let functions =
        module_items(db, file).functions.iter().map(|item| Arc::new(function_unit(db, *item).unit.clone())).collect();
    let final_constants: Vec<(Name, ConstValue)> = module_decls(db, file)
        .variables
        .iter()
        .filter_map(|(name, variable)| Some((name.clone(), variable.constant.clone()?)))
        .collect();
    Arc::new(TypedModule {
        name: summary.name.clone(),
        is_static: true,
        module: Arc::new(module_unit(db, file).unit.clone()),
        functions,
        final_constants,
    })
}
