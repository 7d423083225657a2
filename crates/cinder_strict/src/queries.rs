//! The analyser as database queries.
//!
//! Problem: an edit must cost what it touched, and a module's importers must not be evaluated again unless what they see of it changed.
//! Idea: [`module_code`] reads the item tree, [`item_code`] one function, [`unit_heap`] the code that is actually run and the heaps of the
//! modules whose names are actually read. A function that no import runs is read by nobody, so editing it changes nothing.
//! Modules that import each other are evaluated as one unit, entered from the least name.
//! Holds: results carry no position of a file, only of pieces; [`check_strict`] alone reads the source map.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cinder_db::system::PathKind;
use cinder_db::{Db, File, FilePath, FunctionItem, ItemTree, StrictSettings, function_body, item_tree, module_items};
use cinder_module_resolver::{
    ModuleKind as Resolved, ModuleName, SearchPathKind, module_name_of_file, resolve_module, script_folder,
};
use cinder_semantic::future_features;
use cinder_syntax::ast::visitor::{Visitor, walk_stmt};
use cinder_syntax::ast::{self, Stmt};
use rustc_hash::FxHashSet;

use crate::code::{Code, Piece};
use crate::heap::Heap;
use crate::lower::{self, Source};
use crate::machine::import::{file_of_number, number_of_file};
use crate::machine::{BUDGET, Machine};
use crate::marker::strict_marker;
use crate::models;

pub(crate) fn settings(db: &dyn Db) -> &StrictSettings {
    &db.program().settings(db).strict
}

/// The name a module has, and whether it is a package. Depends on: search paths and listings.
#[salsa::tracked(returns(clone))]
pub(crate) fn module_identity(db: &dyn Db, file: File) -> (Arc<str>, bool) {
    let file_name = file.path(db).file_name().unwrap_or_default();
    let is_package = file_name.starts_with("__init__.");
    let name = match module_name_of_file(db, file) {
        Some(name) => name.as_str().into(),
        None => stub_name(db, file).unwrap_or_else(|| name_by_folders(db, file)),
    };
    (name, is_package)
}

/// The name that a file has by the packages around it, for files that no import finds: a compiled module of the same name comes first.
fn name_by_folders(db: &dyn Db, file: File) -> Arc<str> {
    let stem = |name: &str| name.split('.').next().unwrap_or("module").to_string();
    let file_name = file.path(db).file_name().unwrap_or_default();
    let mut parts = vec![stem(file_name)];
    if file_name.starts_with("__init__.") {
        parts.clear();
    }
    let mut folder = file.path(db).as_disk().and_then(|path| path.parent());
    while let Some(path) = folder {
        let is_package = db.files().disk_file(db, path.join("__init__.py")).exists(db);
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| is_package) else { break };
        parts.push(name.to_string());
        folder = path.parent();
    }
    if parts.is_empty() {
        return "module".into();
    }
    parts.reverse();
    parts.join(".").into()
}

/// The name of a file below a stub path.
fn stub_name(db: &dyn Db, file: File) -> Option<Arc<str>> {
    let path = file.path(db).as_disk()?;
    settings(db).stub_paths.iter().find_map(|folder| {
        let relative = path.strip_prefix(folder).ok()?.with_extension("");
        let mut parts: Vec<&str> = relative.iter().filter_map(|part| part.to_str()).collect();
        if parts.last() == Some(&"__init__") {
            parts.pop();
        }
        Some(parts.join(".").into())
    })
}

/// What a module name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A module that has a value.
    File(File),
    /// A package without a file.
    Namespace,
    NonStrict,
    /// A module of the standard library.
    Library,
    Model(u32),
    Missing,
}

/// Finds a module as `importer` would, and says whether it has a value.
pub(crate) fn find_source(db: &dyn Db, importer: Option<File>, name: &str) -> Found {
    if let Some(number) = models::marker_number(name) {
        return Found::Model(number);
    }
    if let Some(file) = stub_file(db, name) {
        return if is_implicit(db, file) { implicit_source(db, importer, name) } else { Found::File(file) };
    }
    if models::number(name).is_some_and(models::is_framework) {
        return Found::Library;
    }
    let Some(module_name) = ModuleName::new(name) else { return Found::Missing };
    let script = importer.and_then(|file| script_folder(db, file));
    let Some(module) = resolve_module(db, &module_name, script.as_ref()) else {
        return match models::number(name) {
            Some(number) => Found::Model(number),
            None if crate::effects::is_known_module(name) => Found::Library,
            None => Found::Missing,
        };
    };
    if module.search_path == Some(SearchPathKind::StandardLibrary) {
        return Found::Library;
    }
    match (module.source, module.stub) {
        (Some(file), _) if has_value(db, file) => Found::File(file),
        (None, Some(file)) if has_value(db, file) && file.path(db).as_disk().is_some() => Found::File(file),
        (None, None) if module.kind == Resolved::Namespace => Found::Namespace,
        _ if crate::effects::is_known_module(name) => Found::Library,
        _ => Found::NonStrict,
    }
}

/// Whether the stubs of the standard library declare a name of a module. Depends on: bundled stubs, which never change.
#[salsa::tracked(returns(copy))]
fn declares(db: &dyn Db, file: File, name: Arc<str>) -> bool {
    let index = cinder_semantic::semantic_index(db, file);
    index.lookup(index.module_scope(), &name).is_some()
}

pub(crate) fn library_declares(db: &dyn Db, module: &str, name: &str) -> bool {
    let Some(module) = ModuleName::new(module) else { return false };
    let stub = resolve_module(db, &module, None).and_then(|module| module.stub);
    stub.is_some_and(|stub| declares(db, stub, name.into()))
}

/// Whether the stubs of the standard library have a module of this name.
pub(crate) fn library_has(db: &dyn Db, module: &str) -> bool {
    let found = ModuleName::new(module).and_then(|module| resolve_module(db, &module, None));
    found.is_some_and(|found| found.search_path == Some(SearchPathKind::StandardLibrary))
}

/// Whether the stubs of the standard library declare a name in a class of a module. Depends on: bundled stubs, which never change.
#[salsa::tracked(returns(copy))]
fn class_declares(db: &dyn Db, file: File, class: Arc<str>, name: Arc<str>) -> bool {
    struct Search<'a> {
        class: &'a str,
        name: &'a str,
        is_inside: bool,
        is_found: bool,
    }
    impl<'a> Visitor<'a> for Search<'a> {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            let is_name = |target: &ast::Expr| matches!(target, ast::Expr::Name(name) if name.id.as_str() == self.name);
            match statement {
                Stmt::ClassDef(class) if !self.is_inside && class.name.as_str() == self.class => {
                    self.is_inside = true;
                    self.visit_body(&class.body);
                    self.is_inside = false;
                }
                Stmt::ClassDef(_) => {}
                Stmt::FunctionDef(function) => self.is_found |= self.is_inside && function.name.as_str() == self.name,
                Stmt::AnnAssign(assign) => self.is_found |= self.is_inside && is_name(&assign.target),
                Stmt::Assign(assign) => self.is_found |= self.is_inside && assign.targets.iter().any(is_name),
                _ => walk_stmt(self, statement),
            }
        }

        // Expressions hold no definitions.
        fn visit_expr(&mut self, _: &'a ast::Expr) {}
    }
    let mut search = Search { class: &class, name: &name, is_inside: false, is_found: false };
    search.visit_body(cinder_db::parsed_module(db, file).suite());
    search.is_found
}

pub(crate) fn library_class_declares(db: &dyn Db, module: &str, class: &str, name: &str) -> bool {
    let Some(module) = ModuleName::new(module) else { return false };
    let stub = resolve_module(db, &module, None).and_then(|module| module.stub);
    stub.is_some_and(|stub| class_declares(db, stub, class.into(), name.into()))
}

/// Whether a stub says that the real source is to be used as it is.
#[salsa::tracked(returns(copy))]
pub(crate) fn is_implicit(db: &dyn Db, file: File) -> bool {
    let first = item_tree(db, file).body().first();
    matches!(first, Some(Stmt::Expr(statement)) if matches!(&*statement.value, ast::Expr::Name(name) if name.id == "__implicit__"))
}

fn implicit_source(db: &dyn Db, importer: Option<File>, name: &str) -> Found {
    let Some(module_name) = ModuleName::new(name) else { return Found::Missing };
    let script = importer.and_then(|file| script_folder(db, file));
    match resolve_module(db, &module_name, script.as_ref()).and_then(|module| module.source) {
        Some(file) => Found::File(file),
        None => Found::NonStrict,
    }
}

pub(crate) fn stub_file(db: &dyn Db, name: &str) -> Option<File> {
    settings(db).stub_paths.iter().find_map(|folder| stub_below(db, FilePath::Disk(folder.clone()), name))
}

/// Listings are probed, not paths: there is an input for each path that was ever asked about, and names that lead nowhere have no end.
fn stub_below(db: &dyn Db, mut folder: FilePath, name: &str) -> Option<File> {
    let kind_of = |folder: &FilePath, name: &str| db.files().folder(db, folder).child(db, name);
    let mut parts = name.split('.');
    let last = parts.next_back()?;
    for part in parts {
        if kind_of(&folder, part) != Some(PathKind::Folder) {
            return None;
        }
        folder = folder.join(part);
    }
    let module = format!("{last}.pys");
    if kind_of(&folder, &module) == Some(PathKind::File) {
        return Some(db.files().file(db, &folder.join(&module)));
    }
    if kind_of(&folder, last) != Some(PathKind::Folder) {
        return None;
    }
    let package = folder.join(last);
    let has_file = kind_of(&package, "__init__.pys") == Some(PathKind::File);
    has_file.then(|| db.files().file(db, &package.join("__init__.pys")))
}

/// Whether strict importers see the module's value.
#[salsa::tracked(returns(copy))]
pub(crate) fn has_value(db: &dyn Db, file: File) -> bool {
    if strict_marker(db, file).kind.is_strict() {
        return true;
    }
    let (name, _) = module_identity(db, file);
    settings(db).is_forced(&name)
}

/// The instructions of a module's own level; `None` when it does not parse. Depends on: the item tree.
// They are run once as a rule. Not compared, as the tree is not: whoever reads them is kept by the comparison of the tree's text.
#[salsa::tracked(returns(clone), no_eq, lru = 256)]
pub(crate) fn module_code(db: &dyn Db, file: File) -> Option<Arc<Code>> {
    let tree = item_tree(db, file);
    if !tree.parsed().is_valid() {
        return None;
    }
    let empty = ast::ModModule { node_index: Default::default(), range: Default::default(), body: Default::default() };
    let is_skipped = strict_marker(db, file).allows_side_effects;
    let number = |function: &ast::StmtFunctionDef| tree.function_index(function);
    let module = if is_skipped { &empty } else { tree.parsed().module() };
    Some(Arc::new(lower::lower_module(&module_source(db, file, module, &number))))
}

fn module_source<'a>(
    db: &'a dyn Db,
    file: File,
    module: &'a ast::ModModule,
    number: &'a dyn Fn(&ast::StmtFunctionDef) -> Option<usize>,
) -> Source<'a> {
    let tree = item_tree(db, file);
    Source {
        module,
        text: tree.text(),
        piece: Piece::Module(file),
        items: Some((file, number)),
        has_lazy_annotations: settings(db).python_minor >= 14 || file.path(db).is_stub(),
        has_future_annotations: future_features(tree.body(), &mut Vec::new()).annotations,
    }
}

/// What gives the annotations of a function. Depends on: the item tree.
#[salsa::tracked(returns(clone))]
fn item_annotations<'db>(db: &'db dyn Db, item: FunctionItem<'db>) -> Option<Arc<Code>> {
    let file = item.file(db);
    let tree = item_tree(db, file);
    let mut search = Definition { tree, index: item.index(db) as usize, found: None };
    search.visit_body(tree.body());
    let number = |function: &ast::StmtFunctionDef| tree.function_index(function);
    let source = module_source(db, file, tree.parsed().module(), &number);
    lower::lower_annotations(&source, search.found?, item.qualname(db)).map(Arc::new)
}

pub(crate) fn annotations_code(db: &dyn Db, file: File, index: u32) -> Option<Arc<Code>> {
    let item = module_items(db, file).functions.get(index as usize)?;
    item_annotations(db, *item)
}

/// Looks for the definition of a number.
struct Definition<'a> {
    tree: &'a ItemTree,
    index: usize,
    found: Option<&'a ast::StmtFunctionDef>,
}

impl<'a> Visitor<'a> for Definition<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) if self.tree.function_index(function) == Some(self.index) => {
                self.found = Some(function);
            }
            _ if self.found.is_some() => {}
            _ => walk_stmt(self, statement),
        }
    }

    // Expressions hold no definitions.
    fn visit_expr(&mut self, _: &'a ast::Expr) {}
}

/// The instructions of a function. Depends on: its text.
#[salsa::tracked(returns(clone))]
fn body_code<'db>(db: &'db dyn Db, item: FunctionItem<'db>) -> Option<Arc<Code>> {
    let body = function_body(db, item);
    let function = body.function()?;
    let text = item.text(db);
    // Ranges of an indented definition count from the line that wraps it.
    let lead = usize::from(body.parsed().module().range.end()).saturating_sub(text.len());
    let text = format!("{}{text}", " ".repeat(lead));
    let source = Source {
        module: body.parsed().module(),
        text: &text,
        piece: Piece::Function(item.file(db), item.index(db)),
        items: None,
        has_lazy_annotations: settings(db).python_minor >= 14,
        has_future_annotations: false,
    };
    Some(Arc::new(lower::lower_function(&source, function, item.qualname(db))))
}

pub(crate) fn item_code(db: &dyn Db, file: File, index: u32) -> Option<Arc<Code>> {
    let item = module_items(db, file).functions.get(index as usize)?;
    body_code(db, *item)
}

/// The modules with values that a module's own level imports. Depends on: the item tree.
#[salsa::tracked(returns(ref))]
pub(crate) fn import_edges(db: &dyn Db, file: File) -> Box<[File]> {
    let (name, is_package) = module_identity(db, file);
    let mut imports = Imports { module: &name, is_package, names: BTreeMap::new() };
    imports.collect(item_tree(db, file).body());
    let mut files: Vec<File> = Vec::new();
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    for (name, children) in &imports.names {
        // A package runs before what is in it.
        let prefixes = name.match_indices('.').map(|(at, _)| &name[..at]).chain([&**name]);
        for prefix in prefixes.filter(|prefix| seen.insert(prefix)) {
            files.extend(file_of_import(db, file, prefix));
        }
        files.extend(child_files(db, file, name, children));
    }
    let mut known: FxHashSet<File> = FxHashSet::default();
    files.retain(|file| known.insert(*file));
    files.into()
}

fn file_of_import(db: &dyn Db, importer: File, name: &str) -> Option<File> {
    match find_source(db, Some(importer), name) {
        Found::File(found) => Some(found),
        _ => None,
    }
}

/// The modules among the names that are imported from a module. Most modules have none inside, and then no name is looked for.
fn child_files(db: &dyn Db, importer: File, module: &str, children: &BTreeSet<&str>) -> Vec<File> {
    let has_folders = || {
        let script = script_folder(db, importer);
        let found = ModuleName::new(module).and_then(|name| resolve_module(db, &name, script.as_ref()));
        found.is_some_and(|found| found.is_package() && found.search_path != Some(SearchPathKind::StandardLibrary))
    };
    if children.is_empty() || settings(db).stub_paths.is_empty() && !has_folders() {
        return Vec::new();
    }
    children.iter().filter_map(|child| file_of_import(db, importer, &format!("{module}.{child}"))).collect()
}

/// Names of modules that statements import, with the names that are imported from them.
struct Imports<'a> {
    module: &'a str,
    is_package: bool,
    names: BTreeMap<String, BTreeSet<&'a str>>,
}

impl<'a> Imports<'a> {
    fn collect(&mut self, body: &'a [Stmt]) {
        for statement in body {
            match statement {
                Stmt::Import(import) => {
                    for alias in &import.names {
                        self.names.entry(alias.name.to_string()).or_default();
                    }
                }
                Stmt::ImportFrom(import) => {
                    if let Some(base) = self.base(import).filter(|base| base != "__future__") {
                        let names = import.names.iter().map(|alias| alias.name.as_str());
                        self.names.entry(base).or_default().extend(names);
                    }
                }
                Stmt::If(branch) => {
                    if !is_type_checking(&branch.test) {
                        self.collect(&branch.body);
                    }
                    for clause in &branch.elif_else_clauses {
                        self.collect(&clause.body);
                    }
                }
                Stmt::Try(attempt) => {
                    self.collect(&attempt.body);
                    for handler in &attempt.handlers {
                        let ast::ExceptHandler::ExceptHandler(handler) = handler;
                        self.collect(&handler.body);
                    }
                    self.collect(&attempt.orelse);
                    self.collect(&attempt.finalbody);
                }
                Stmt::With(with) => self.collect(&with.body),
                Stmt::For(repeat) => self.collect(&repeat.body),
                Stmt::While(repeat) => self.collect(&repeat.body),
                Stmt::ClassDef(class) => self.collect(&class.body),
                _ => {}
            }
        }
    }

    /// The absolute name of the module that names are imported from.
    fn base(&self, import: &ast::StmtImportFrom) -> Option<String> {
        let target = import.module.as_deref().unwrap_or_default();
        if import.level == 0 {
            return Some(target.to_string());
        }
        let up = if self.is_package { import.level - 1 } else { import.level };
        let mut package = self.module;
        for _ in 0..up {
            package = package.rsplit_once('.')?.0;
        }
        Some(if target.is_empty() { package.to_string() } else { format!("{package}.{target}") })
    }
}

/// As [`import_edges`], with the imports inside functions. Depends on: the whole tree.
#[salsa::tracked(returns(ref))]
fn deep_edges(db: &dyn Db, file: File) -> Box<[File]> {
    struct Functions<'a>(Vec<&'a ast::StmtFunctionDef>);
    impl<'a> cinder_syntax::ast::visitor::source_order::SourceOrderVisitor<'a> for Functions<'a> {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            if let Stmt::FunctionDef(function) = statement {
                self.0.push(function);
            }
            cinder_syntax::ast::visitor::source_order::walk_stmt(self, statement);
        }
    }
    let (name, is_package) = module_identity(db, file);
    let mut functions = Functions(Vec::new());
    let parsed = cinder_db::parsed_module(db, file);
    for statement in parsed.suite() {
        cinder_syntax::ast::visitor::source_order::SourceOrderVisitor::visit_stmt(&mut functions, statement);
    }
    let mut imports = Imports { module: &name, is_package, names: BTreeMap::new() };
    for function in functions.0 {
        imports.collect(&function.body);
    }
    let mut files = import_edges(db, file).to_vec();
    for (name, children) in &imports.names {
        files.extend(file_of_import(db, file, name));
        files.extend(child_files(db, file, name, children));
    }
    let mut known: FxHashSet<File> = FxHashSet::default();
    files.retain(|file| known.insert(*file));
    files.into()
}

/// Whether following imports from `start`, those inside functions included, leads to one of `targets`.
pub(crate) fn reaches(db: &dyn Db, start: File, targets: &[File]) -> bool {
    let mut seen: FxHashSet<File> = std::iter::once(start).collect();
    let mut work = vec![start];
    while let Some(file) = work.pop() {
        for next in deep_edges(db, file) {
            if targets.contains(next) {
                return true;
            }
            if seen.insert(*next) {
                work.push(*next);
            }
        }
    }
    false
}

fn is_type_checking(test: &ast::Expr) -> bool {
    match test {
        ast::Expr::Name(name) => name.id == "TYPE_CHECKING",
        ast::Expr::Attribute(attribute) => &attribute.attr == "TYPE_CHECKING",
        _ => false,
    }
}

/// Whether following imports from `file` may lead in a circle. Modules for which it cannot are units of their own, and most are.
#[salsa::tracked(returns(copy), cycle_result = may_cycle_result)]
fn may_cycle(db: &dyn Db, file: File) -> bool {
    let edges = import_edges(db, file);
    edges.iter().any(|next| *next == file || cinder_syntax::with_deep_stack(|| may_cycle(db, *next)))
}

fn may_cycle_result(_db: &dyn Db, _id: salsa::Id, _file: File) -> bool {
    true
}

/// The modules that import each other with `file`, ordered by name; `file` alone for most.
#[salsa::tracked(returns(ref))]
pub(crate) fn unit_members(db: &dyn Db, file: File) -> Box<[File]> {
    if !may_cycle(db, file) {
        return Box::new([file]);
    }
    let reach = |start: File| {
        let mut seen = vec![start];
        let mut known: FxHashSet<File> = std::iter::once(start).collect();
        let mut at = 0;
        while at < seen.len() {
            for next in import_edges(db, seen[at]) {
                if may_cycle(db, *next) && known.insert(*next) {
                    seen.push(*next);
                }
            }
            at += 1;
        }
        seen
    };
    // Those it reaches that reach it: walk the reversed edges among them.
    let forward = reach(file);
    let inside: FxHashSet<File> = forward.iter().copied().collect();
    let mut reversed: rustc_hash::FxHashMap<File, Vec<File>> = rustc_hash::FxHashMap::default();
    for from in &forward {
        for to in import_edges(db, *from) {
            if inside.contains(to) {
                reversed.entry(*to).or_default().push(*from);
            }
        }
    }
    let mut members = vec![file];
    let mut known: FxHashSet<File> = std::iter::once(file).collect();
    let mut at = 0;
    while at < members.len() {
        for from in reversed.get(&members[at]).into_iter().flatten() {
            if known.insert(*from) {
                members.push(*from);
            }
        }
        at += 1;
    }
    members.sort_by_key(|file| module_identity(db, *file).0);
    members.into()
}

/// The number of the heap a file's module lives in: that of the unit's first member.
pub(crate) fn unit_number(db: &dyn Db, file: File) -> u32 {
    number_of_file(unit_members(db, file).first().copied().unwrap_or(file))
}

/// What evaluating a unit gives. `leader` is its first member.
#[salsa::tracked(returns(ref), cycle_result = empty_heap)]
pub(crate) fn unit_heap(db: &dyn Db, leader: File) -> Arc<Heap> {
    let members = unit_members(db, leader);
    cinder_syntax::with_deep_stack(|| {
        let mut machine = Machine::new(db, settings(db), number_of_file(leader), members.to_vec());
        let bytes: usize = members.iter().map(|member| item_tree(db, *member).text().len()).sum();
        machine.most_steps += bytes as u64 * BUDGET.steps_per_byte;
        for member in members {
            let number = number_of_file(*member);
            if machine.modules.iter().any(|(known, _)| *known == number) {
                continue;
            }
            if let Some(code) = module_code(db, *member) {
                let (name, is_package) = module_identity(db, *member);
                machine.run_module(number, &name, is_package, Some(code));
            }
        }
        Arc::new(machine.into_heap())
    })
}

/// A circle through imports inside functions: its members see nothing of each other.
fn empty_heap(_db: &dyn Db, _id: salsa::Id, _leader: File) -> Arc<Heap> {
    Arc::default()
}

/// Whether the evaluation of `file` asked for itself: its heap then knows nothing of it.
pub(crate) fn is_circular(db: &dyn Db, file: File) -> bool {
    heap_of(db, file).module(number_of_file(file)).is_none() && module_code(db, file).is_some()
}

/// The heap that holds the module of `file`.
pub(crate) fn heap_of(db: &dyn Db, file: File) -> &Arc<Heap> {
    unit_heap(db, file_of_number(unit_number(db, file)))
}

#[salsa::interned]
struct ModelKey {
    number: u32,
}

/// The heap of a bundled model.
pub(crate) fn model_heap(db: &dyn Db, number: u32) -> Arc<Heap> {
    model_heap_by_key(db, ModelKey::new(db, number))
}

#[salsa::tracked(returns(clone), cycle_result = empty_model)]
fn model_heap_by_key<'db>(db: &'db dyn Db, key: ModelKey<'db>) -> Arc<Heap> {
    let number = *key.number(db);
    let Some(model) = models::get(number) else { return Arc::default() };
    let parsed = cinder_syntax::parse_module(model.text);
    let source = Source {
        module: parsed.module(),
        text: model.text,
        piece: Piece::Model(number),
        items: None,
        has_lazy_annotations: true,
        has_future_annotations: false,
    };
    let code = Arc::new(lower::lower_module(&source));
    cinder_syntax::with_deep_stack(|| {
        let mut machine = Machine::new(db, settings(db), number, Vec::new());
        machine.run_module(number, model.name, model.is_package, Some(code));
        Arc::new(machine.into_heap())
    })
}

fn empty_model<'db>(_db: &'db dyn Db, _id: salsa::Id, _key: ModelKey<'db>) -> Arc<Heap> {
    Arc::default()
}
