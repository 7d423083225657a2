//! The checker as database queries.
//!
//! Problem: an edit must cost what it touched, and the editor, the command line and the compiler must see the same answer.
//! Idea: one query per grain. [`module_summary`] depends on the item tree. What it says is handed on name by name ([`module_symbol`],
//! [`class_body`]), resolved declaration by declaration ([`class_head`], [`class_member`], [`function_decl`], [`variable_decl`]), and each of
//! these is compared with what it was. So [`module_unit`] depends on the item tree and the declarations it names, [`function_unit`] on one body
//! and the declarations it names: a new variable, class or method concerns only who asks for its name. Results are position independent; only
//! [`check_static`] reads the source map.
//! Holds: declarations never depend on other declarations (only on summaries), so import cycles make no query cycle. Below the
//! declarations nobody reads `module_summary` as a whole, but for [`typed_module`] and [`subclass_may_have`].

use std::cell::RefCell;
use std::sync::Arc;

use cinder_db::{
    Db, File, FilePath, FunctionItem, Grain, ParsedModule, function_body, item_tree, module_items, parsed_module,
    source_text,
};
use cinder_diagnostic::Diagnostic;
use cinder_module_resolver::{
    ModuleName, SearchPathKind, module_name_of_file, resolve_module, script_folder, search_paths,
};
use cinder_syntax::ast;
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_stmt};
use cinder_text::TextRange;
use cinder_types::{ClassDef, ClassHead, ClassId, ConstValue, Member, MethodDef, Name};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::claims::{UnitClaims, check_type_file, function_claims, module_claims};
use crate::declare::{self, Context, Env, VariableDecl};
use crate::finding::Finding;
use crate::infer::{Asked, Enclosing, Lints, UnitCheck, check_function, check_module};
use crate::outside::stub_lacks;
use crate::resolve::{Bases, Memo, Resolver, Summaries};
use crate::rules::Rule;
use crate::summary::{ClassBody, ClassSummary, ModuleHeader, ModuleSummary, Symbol, self_slots, summarise};
use crate::typed::TypedModule;

/// A name of a module: top-level, or qualified by classes.
#[salsa::interned]
struct NameKey<'db> {
    #[returns(copy)]
    file: File,
    #[returns(ref)]
    name: Name,
}

/// A member that a class declares itself.
#[salsa::interned]
struct MemberKey<'db> {
    #[returns(copy)]
    class: NameKey<'db>,
    #[returns(ref)]
    name: Name,
}

/// A member that subclasses of a class in `file` may have.
#[salsa::interned]
struct SubclassMemberKey<'db> {
    #[returns(copy)]
    file: File,
    #[returns(ref)]
    base: ClassId,
    #[returns(ref)]
    name: Name,
}

/// Modules as the importer finds them, the importer itself included.
struct DbEnv<'db> {
    db: &'db dyn Db,
    own: File,
    header: &'db Arc<ModuleHeader>,
    script: Option<FilePath>,
    /// Files of static modules, by name. A query asks for the same few over and over.
    files: RefCell<FxHashMap<Name, Option<File>>>,
    /// Names of members, by module and class: who looks through a long line of classes asks for the same ones again and again.
    names: RefCell<FxHashMap<Name, FxHashMap<Name, Option<Arc<FxHashSet<Name>>>>>>,
    memo: Memo,
}

impl<'db> DbEnv<'db> {
    fn new(db: &'db dyn Db, own: File) -> Self {
        let header = module_header(db, own);
        let script = script_folder(db, own);
        Self { db, own, header, script, files: RefCell::default(), names: RefCell::default(), memo: Memo::default() }
    }

    /// The file of a static module: its source, or a stub that opts in.
    fn file(&self, module: &str) -> Option<File> {
        if *module == *self.header.name {
            return Some(self.own);
        }
        if let Some(known) = self.files.borrow().get(module) {
            return *known;
        }
        let found = self.find(module);
        self.files.borrow_mut().insert(Name::new(module), found);
        found
    }

    fn find(&self, module: &str) -> Option<File> {
        let name = ModuleName::new(module)?;
        let found = resolve_module(self.db, &name, self.script.as_ref())?;
        let file = found.source.or(found.stub).filter(|file| file.path(self.db).as_disk().is_some())?;
        module_header(self.db, file).is_static.then_some(file)
    }

    fn key(&self, module: &str, name: &str) -> Option<NameKey<'db>> {
        Some(NameKey::new(self.db, self.file(module)?, Name::new(name)))
    }

    fn resolver(&self) -> Resolver<'_> {
        Resolver::new(self, self.header, &self.memo)
    }

    fn context(&self) -> Context<'_> {
        Context { env: self, module: self.header }
    }
}

impl Summaries for DbEnv<'_> {
    fn header(&self, module: &str) -> Option<Arc<ModuleHeader>> {
        Some(module_header(self.db, self.file(module)?).clone())
    }

    fn symbol(&self, module: &str, name: &str) -> Option<Symbol> {
        module_symbol(self.db, self.key(module, name)?).clone()
    }

    fn class_body(&self, module: &str, class: &str) -> Option<Arc<ClassBody>> {
        class_body(self.db, self.key(module, class)?).clone()
    }

    fn bases(&self, module: &str, class: &str) -> Option<Arc<Bases>> {
        class_bases(self.db, self.key(module, class)?).clone()
    }
}

impl Env for DbEnv<'_> {
    fn class_head(&self, module: &str, class: &str) -> Option<Arc<ClassHead>> {
        class_head(self.db, self.key(module, class)?).clone()
    }

    fn class_def(&self, module: &str, class: &str) -> Option<Arc<ClassDef>> {
        class_def(self.db, self.key(module, class)?).clone()
    }

    fn class_member(&self, module: &str, class: &str, name: &str) -> Option<Member> {
        class_member(self.db, MemberKey::new(self.db, self.key(module, class)?, Name::new(name))).clone()
    }

    fn member_names(&self, module: &str, class: &str) -> Option<Arc<FxHashSet<Name>>> {
        if let Some(known) = self.names.borrow().get(module).and_then(|classes| classes.get(class)) {
            return known.clone();
        }
        let found = self.key(module, class).and_then(|key| member_names(self.db, key).clone());
        self.names.borrow_mut().entry(Name::new(module)).or_default().insert(Name::new(class), found.clone());
        found
    }

    fn function(&self, module: &str, name: &str) -> Option<MethodDef> {
        function_decl(self.db, self.key(module, name)?).clone()
    }

    fn variable(&self, module: &str, name: &str) -> Option<VariableDecl> {
        variable_decl(self.db, self.key(module, name)?).clone()
    }

    fn subclass_may_have(&self, class: &ClassId, name: &str) -> bool {
        subclass_may_have(self.db, SubclassMemberKey::new(self.db, self.own, class.clone(), Name::new(name)))
    }

    fn lacks(&self, module: &str, name: &str) -> bool {
        let resolve = |name: &ModuleName| resolve_module(self.db, name, self.script.as_ref());
        let is_special = name.starts_with("__") && name.ends_with("__");
        let Some(module_name) = ModuleName::new(module).filter(|_| !is_special) else { return false };
        let Some(found) = resolve(&module_name) else { return false };
        let lacks = match self.header(module) {
            Some(header) => {
                header.star_imports.is_empty()
                    && self.symbol(module, name).is_none()
                    && self.symbol(module, "__getattr__").is_none()
            }
            None => found.stub.is_some_and(|stub| stub_lacks(self.db, stub, name)),
        };
        lacks && module_name.join(name).is_none_or(|submodule| resolve(&submodule).is_none())
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

/// Whether the text names the flag at all: most modules are told from static ones without a look at their trees. Depends on: the text.
#[salsa::tracked(returns(copy))]
fn names_flag(db: &dyn Db, file: File) -> bool {
    source_text(db, file).contains("__static__")
}

/// What a module declares; of modules that are not static nothing but the name. Depends on: the item tree.
#[salsa::tracked(returns(ref))]
pub fn module_summary(db: &dyn Db, file: File) -> Arc<ModuleSummary> {
    let is_package = file.path(db).file_name().is_some_and(|name| name.starts_with("__init__."));
    let name = module_name(db, file);
    let is_named = named_static(db, file);
    if !is_named && !names_flag(db, file) {
        let header = ModuleHeader { name, is_package, ..ModuleHeader::default() };
        return Arc::new(ModuleSummary { header: Arc::new(header), ..ModuleSummary::default() });
    }
    let tree = item_tree(db, file);
    Arc::new(summarise(&name, is_package, is_named, tree.body(), &mut |_, def| self_slots(def)))
}

/// Whether the settings make the file static, whatever it says itself. Depends on: the settings.
pub fn named_static(db: &dyn Db, file: File) -> bool {
    db.program().settings(db).statics.opts_in() && is_named_static(db, file)
}

/// Depends on: the settings, search paths and listings.
#[salsa::tracked(returns(copy))]
fn is_named_static(db: &dyn Db, file: File) -> bool {
    let statics = &db.program().settings(db).statics;
    let Some(path) = file.path(db).as_disk().filter(|_| !file.is_stub(db)) else { return false };
    if statics.degraded.iter().any(|degraded| degraded == path) {
        return false;
    }
    let Some(name) = module_name_of_file(db, file) else { return false };
    let folders = search_paths(db).iter().filter_map(|place| Some((place.kind, place.folder.as_disk()?)));
    let nearest =
        folders.filter(|(_, folder)| path.starts_with(folder)).max_by_key(|(_, folder)| folder.as_os_str().len());
    nearest.is_some_and(|(kind, _)| statics.names(name.as_str(), kind == SearchPathKind::FirstParty))
}

/// Whether the module is static because the settings say so, and does not say so itself. Depends on: as [`is_static`].
pub fn is_static_by_name(db: &dyn Db, file: File) -> bool {
    module_header(db, file).is_named
}

/// Whether the module is static. Depends on: the item tree, if the text names the flag or the settings name the module.
pub fn is_static(db: &dyn Db, file: File) -> bool {
    module_header(db, file).is_static
}

/// What a module says of itself. Depends on: the item tree; equal while names come and go.
#[salsa::tracked(returns(ref))]
pub fn module_header(db: &dyn Db, file: File) -> Arc<ModuleHeader> {
    module_summary(db, file).header.clone()
}

/// A top-level name. Depends on: the summary; equal while others are edited.
#[salsa::tracked(returns(ref))]
fn module_symbol<'db>(db: &'db dyn Db, key: NameKey<'db>) -> Option<Symbol> {
    module_summary(db, key.file(db)).symbols.get(key.name(db)).cloned()
}

/// What a class declares. Depends on: the summary; equal while others are edited.
#[salsa::tracked(returns(ref))]
fn class_body<'db>(db: &'db dyn Db, key: NameKey<'db>) -> Option<Arc<ClassBody>> {
    module_summary(db, key.file(db)).classes.get(key.name(db)).cloned()
}

/// The bases of a class. Depends on: how it and they begin.
#[salsa::tracked(returns(ref))]
fn class_bases<'db>(db: &'db dyn Db, key: NameKey<'db>) -> Option<Arc<Bases>> {
    let env = DbEnv::new(db, key.file(db));
    let classes = enclosing_classes(&env, key.name(db).split('.'));
    let (known, dynamic) = env.resolver().bases(&env.header.name, classes.last()?);
    Some(Arc::new(Bases { known, dynamic }))
}

/// A class without its members. Depends on: how it and its bases begin, not on what they declare.
#[salsa::tracked(returns(ref))]
fn class_head<'db>(db: &'db dyn Db, key: NameKey<'db>) -> Option<Arc<ClassHead>> {
    let env = DbEnv::new(db, key.file(db));
    let classes = enclosing_classes(&env, key.name(db).split('.'));
    Some(Arc::new(declare::class_head(&env.resolver(), classes.last()?)))
}

/// A class with its members. Depends on: summaries of the class, its bases and the names in its declarations.
#[salsa::tracked(returns(ref))]
fn class_def<'db>(db: &'db dyn Db, key: NameKey<'db>) -> Option<Arc<ClassDef>> {
    let head = class_head(db, key).as_ref()?;
    let body = class_body(db, key).as_ref()?;
    let env = DbEnv::new(db, key.file(db));
    let classes = enclosing_classes(&env, key.name(db).split('.'));
    Some(Arc::new(declare::class_def(&env.resolver(), head, &classes, body)))
}

/// A member that a class declares itself. Depends on: the class; equal while other members are edited.
#[salsa::tracked(returns(ref))]
fn class_member<'db>(db: &'db dyn Db, key: MemberKey<'db>) -> Option<Member> {
    class_def(db, key.class(db)).as_ref()?.member(key.name(db)).cloned()
}

/// The names of the members that a class declares itself. Depends on: the class; equal while none comes or goes.
#[salsa::tracked(returns(ref))]
fn member_names<'db>(db: &'db dyn Db, key: NameKey<'db>) -> Option<Arc<FxHashSet<Name>>> {
    let class = class_def(db, key).as_ref()?;
    Some(Arc::new(class.members.iter().map(|(name, _)| name.clone()).collect()))
}

/// A top-level function that can be called statically. Depends on: its summary and the names in its signature.
#[salsa::tracked(returns(ref))]
fn function_decl<'db>(db: &'db dyn Db, key: NameKey<'db>) -> Option<MethodDef> {
    let Some(Symbol::Function(function)) = module_symbol(db, key) else { return None };
    declare::function(&DbEnv::new(db, key.file(db)).resolver(), function)
}

/// A module variable. Depends on: its summary and the names in its annotation.
#[salsa::tracked(returns(ref))]
fn variable_decl<'db>(db: &'db dyn Db, key: NameKey<'db>) -> Option<VariableDecl> {
    let Some(Symbol::Variable { annotation, value }) = module_symbol(db, key) else { return None };
    let env = DbEnv::new(db, key.file(db));
    Some(declare::variable(&env.resolver(), annotation.as_ref(), value.as_deref()))
}

/// Which classes of a file mention a member, by name, and which may have any.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Mentions {
    by_name: FxHashMap<Name, Vec<Name>>,
    dynamic: Vec<Name>,
}

/// Depends on: all classes of the file; equal while no member comes or goes.
#[salsa::tracked(returns(ref))]
fn mentions(db: &dyn Db, file: File) -> Mentions {
    let mut found = Mentions::default();
    for (class, body) in &module_summary(db, file).classes {
        if class_head(db, NameKey::new(db, file, class.clone())).as_ref().is_some_and(|head| head.is_dynamic()) {
            found.dynamic.push(class.clone());
        }
        let members = body.members.iter().map(|(name, _)| name);
        for name in members.chain(body.slots.iter().map(|slot| &slot.name)) {
            found.by_name.entry(name.clone()).or_default().push(class.clone());
        }
    }
    found
}

/// A subclass in the file declares the member, or may: it is dynamic. Asked for members that are not found. Depends on: the classes of the file
/// that mention the name.
#[salsa::tracked(returns(copy))]
fn subclass_may_have<'db>(db: &'db dyn Db, key: SubclassMemberKey<'db>) -> bool {
    let (file, base, name) = (key.file(db), key.base(db), key.name(db));
    let mentions = mentions(db, file);
    let inherits = |key| class_head(db, key).as_ref().is_some_and(|head| head.mro.classes.contains(base));
    let keys = |classes: &'db [Name]| classes.iter().map(move |class| NameKey::new(db, file, class.clone()));
    let declaring = mentions.by_name.get(name).map_or(&[][..], |classes| classes);
    keys(declaring).any(|key| inherits(key) && class_member(db, MemberKey::new(db, key, name.clone())).is_some())
        || keys(&mentions.dynamic).any(inherits)
}

/// The check of everything outside function bodies. Depends on: the item tree and declarations.
///
/// Facts about expressions are what a check of many files would keep most of, so those asked for long ago go.
#[salsa::tracked(returns(ref), lru = 2048)]
pub fn module_unit(db: &dyn Db, file: File) -> Arc<UnitCheck> {
    Arc::new(module_check(db, file, Lints::Off, &module_claims(db, file)))
}

fn module_check(db: &dyn Db, file: File, lints: Lints, claims: &UnitClaims) -> UnitCheck {
    let env = DbEnv::new(db, file);
    let tree = item_tree(db, file);
    let has_own_unit = |def: &cinder_syntax::ast::StmtFunctionDef| tree.function_index(def).is_some();
    check_module(&env.context(), tree.parsed().module(), tree.text(), &has_own_unit, Asked { lints, claims })
}

/// The check of one function's body. Depends on: its text and declarations.
#[salsa::tracked(returns(ref), lru = 8192)]
pub fn function_unit<'db>(db: &'db dyn Db, item: FunctionItem<'db>) -> Arc<UnitCheck> {
    Arc::new(function_check(db, item, Lints::Off))
}

fn function_check(db: &dyn Db, item: FunctionItem<'_>, lints: Lints) -> UnitCheck {
    let env = DbEnv::new(db, item.file(db));
    let body = function_body(db, item);
    let Some(function) = body.function() else { return UnitCheck::default() };
    let enclosing = enclosing_of(&env, item.qualname(db));
    let text = item.text(db);
    // Ranges of an indented definition count from the line that wraps it.
    let lead = usize::from(body.parsed().module().range.len()).saturating_sub(text.len());
    let source = format!("{}{text}", " ".repeat(lead));
    let asked = Asked { lints, claims: &function_claims(db, item) };
    check_function(&env.context(), body.parsed().suite(), &source, function, &enclosing, asked)
}

/// The classes around the function of this qualified name.
fn enclosing_of(env: &DbEnv<'_>, qualname: &str) -> Enclosing {
    let (classes, _) = qualname.rsplit_once('.').unwrap_or_default();
    let classes = if classes.is_empty() { Vec::new() } else { enclosing_classes(env, classes.split('.')) };
    Enclosing { classes }
}

/// The mistakes in the bodies of a file's functions, for who looks once: found in the file's own tree, so that no function is parsed again.
fn check_bodies_once(db: &dyn Db, file: File) -> Vec<Diagnostic> {
    let parsed = parsed_module(db, file);
    let text = source_text(db, file);
    let mut definitions = Definitions { parsed, found: Vec::new() };
    definitions.visit_body(parsed.suite());
    let items = &module_items(db, file).functions;
    let env = DbEnv::new(db, file);
    let cx = env.context();
    let mut diagnostics = Vec::new();
    for (index, statement) in definitions.found {
        let (Some(item), ast::Stmt::FunctionDef(function)) = (items.get(index), statement) else { continue };
        let enclosing = enclosing_of(&env, item.qualname(db));
        let asked = Asked { lints: Lints::Off, claims: &function_claims(db, *item) };
        let check = check_function(&cx, std::slice::from_ref(statement), text, function, &enclosing, asked);
        diagnostics.extend(check.findings.iter().map(|finding| positioned(finding, |range| range)));
    }
    diagnostics
}

/// Finds the definitions that are items, by their index.
struct Definitions<'a> {
    parsed: &'a ParsedModule,
    found: Vec<(usize, &'a ast::Stmt)>,
}

impl<'a> SourceOrderVisitor<'a> for Definitions<'a> {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::FunctionDef(function) => {
                if let Some(index) = self.parsed.function_index(function) {
                    self.found.push((index, statement));
                }
            }
            statement => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, _: &'a ast::Expr) {}
}

/// The classes `A`, `A.B`, ... of nested names, outermost first; empty when one of them is not declared.
fn enclosing_classes<'a>(env: &DbEnv<'_>, names: impl Iterator<Item = &'a str>) -> Vec<Arc<ClassSummary>> {
    let mut classes: Vec<Arc<ClassSummary>> = Vec::new();
    for name in names {
        let found = match classes.last() {
            None => match env.symbol(&env.header.name, name) {
                Some(Symbol::Class(class)) => Some(class),
                _ => None,
            },
            Some(outer) => outer.nested(name).cloned(),
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
    if !module_header(db, file).is_static {
        return Vec::new();
    }
    let lift = |grain: Grain<'_>, findings: &[Finding]| {
        findings.iter().map(|finding| lifted(db, grain, finding)).collect::<Vec<_>>()
    };
    if db.files().is_for_checks() {
        // Each unit is asked for once: keeping its facts would only cost memory.
        let check = module_check(db, file, Lints::Off, &module_claims(db, file));
        let mut diagnostics = lift(Grain::Module(file), &check.findings);
        diagnostics.extend(check_bodies_once(db, file));
        diagnostics.extend(check_type_file(db, file));
        return diagnostics;
    }
    let mut diagnostics = lift(Grain::Module(file), &module_unit(db, file).findings);
    for item in &module_items(db, file).functions {
        diagnostics.extend(lift(Grain::Function(*item), &function_unit(db, *item).findings));
    }
    diagnostics.extend(check_type_file(db, file));
    diagnostics
}

/// Places of a static module that stay dynamic: findings of one rule, made anew at each call. Empty for ordinary modules.
pub fn check_performance(db: &dyn Db, file: File) -> Vec<Diagnostic> {
    if !module_header(db, file).is_static {
        return Vec::new();
    }
    let mut diagnostics = Vec::new();
    let mut add = |grain: Grain<'_>, check: UnitCheck| {
        let slow = check.findings.iter().filter(|finding| finding.rule == Rule::SlowOperation);
        diagnostics.extend(slow.map(|finding| lifted(db, grain, finding)));
    };
    add(Grain::Module(file), module_check(db, file, Lints::Performance, &module_claims(db, file)));
    for item in &module_items(db, file).functions {
        add(Grain::Function(*item), function_check(db, *item, Lints::Performance));
    }
    diagnostics
}

fn lifted(db: &dyn Db, grain: Grain<'_>, finding: &Finding) -> Diagnostic {
    positioned(finding, |range| grain.lift(db, range))
}

fn positioned(finding: &Finding, place: impl Fn(TextRange) -> TextRange) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(finding.rule.registered(), place(finding.range), finding.message.clone());
    for (range, note) in &finding.notes {
        diagnostic = diagnostic.with_annotation(place(*range), note.clone());
    }
    match &finding.help {
        Some(help) => diagnostic.with_help(help.clone()),
        None => diagnostic,
    }
}

/// The file of a static module, as the file `importer` finds it: its source, or a stub that opts in.
///
/// Depends on: search paths, listings, the header of the module found.
pub fn static_module_file(db: &dyn Db, importer: File, module: &str) -> Option<File> {
    DbEnv::new(db, importer).file(module)
}

/// What code generation needs to know about a module; empty for ordinary modules.
///
/// Modules with mistakes have facts too; whether they may run is the caller's decision.
/// Depends on: all units of the file, none of its positions.
#[salsa::tracked(returns(ref))]
pub fn typed_module(db: &dyn Db, file: File) -> Arc<TypedModule> {
    let header = module_header(db, file);
    if !header.is_static {
        return Arc::new(TypedModule { name: header.name.clone(), ..TypedModule::default() });
    }
    let functions =
        module_items(db, file).functions.iter().map(|item| Arc::new(function_unit(db, *item).unit.clone())).collect();
    let final_constants: Vec<(Name, ConstValue)> = module_summary(db, file)
        .symbols
        .iter()
        .filter(|(_, symbol)| matches!(symbol, Symbol::Variable { .. }))
        .filter_map(|(name, _)| {
            let variable = variable_decl(db, NameKey::new(db, file, name.clone())).as_ref()?;
            Some((name.clone(), variable.constant.clone()?))
        })
        .collect();
    Arc::new(TypedModule {
        name: header.name.clone(),
        is_static: true,
        is_open: header.is_named,
        module: Arc::new(module_unit(db, file).unit.clone()),
        functions,
        final_constants,
    })
}
