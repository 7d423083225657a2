//! What a module declares, without positions, bodies or knowledge of other modules.
//!
//! Problem: importers and the module's own bodies need its names; they must not be computed again because text moved or a body
//! changed.
//! Idea: one walk over module and class bodies. Annotations, bases and decorators are kept as [`TypeExpr`]; constants are folded.
//! Of function bodies only what `__init__` says about `self` is read, through the caller.
//! Holds: declarations inside `if`, `for`, `while`, `with`, `try` are not declared (their names are [`Symbol::Undeclared`]), but for
//! `if TYPE_CHECKING:` (section 2.4). The first declaration of a name wins; duplicates are the rules' business.

use std::collections::BTreeMap;
use std::sync::Arc;

use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use cinder_syntax::ast::{self, Expr, Stmt};
use cinder_types::{ConstValue, DefaultValue, GenericDef, Name, ParamKind};

use crate::fold::fold;
use crate::type_expr::TypeExpr;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ParamSummary {
    pub name: Name,
    pub kind: ParamKind,
    pub annotation: Option<TypeExpr>,
    pub default: DefaultValue,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FunctionSummary {
    /// Dotted, inside the module.
    pub qualname: Name,
    pub decorators: Vec<TypeExpr>,
    pub params: Vec<ParamSummary>,
    pub returns: Option<TypeExpr>,
    pub is_async: bool,
    /// Contains `yield`; item trees keep that of the body they leave out.
    pub is_generator: bool,
    pub type_params: Vec<Name>,
}

/// `self.x` as `__init__` introduces it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SelfSlot {
    pub name: Name,
    /// Absent for `self.x = v`.
    pub annotation: Option<TypeExpr>,
    pub assigned: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum MemberSummary {
    Annotated {
        annotation: TypeExpr,
        value: Option<Option<ConstValue>>,
    },
    /// `x = v`; the value when it is a constant or an attribute, which may be a member of an enum.
    Bare(Option<TypeExpr>),
    Function(Arc<FunctionSummary>),
    Class(Arc<ClassSummary>),
    /// An import, or a name bound under a condition.
    Other,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ClassSummary {
    pub qualname: Name,
    pub bases: Vec<TypeExpr>,
    pub has_metaclass: bool,
    pub decorators: Vec<TypeExpr>,
    pub type_params: Vec<Name>,
    /// Classes in the class body, in source order.
    pub nested: Vec<(Name, Arc<ClassSummary>)>,
}

impl ClassSummary {
    pub fn nested(&self, name: &str) -> Option<&Arc<Self>> {
        self.nested.iter().find_map(|(own, class)| (own == name).then_some(class))
    }
}

/// What a class body declares. Kept apart from [`ClassSummary`], so that who only names the class is not bothered by its members.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ClassBody {
    /// In source order; names may repeat (property setters, overloads, mistakes).
    pub members: Vec<(Name, MemberSummary)>,
    /// In source order; names may repeat.
    pub slots: Vec<SelfSlot>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Symbol {
    Class(Arc<ClassSummary>),
    Function(Arc<FunctionSummary>),
    /// The module itself is bound: `import a.b` binds `a`, `import a.b as c` binds `a.b`.
    Import(Name),
    /// `from module import name`, absolute.
    From {
        module: Name,
        name: Name,
    },
    Variable {
        annotation: Option<TypeExpr>,
        value: Option<Box<ConstValue>>,
    },
    Alias(TypeExpr),
    /// Bound, but not declared: under a condition, in a loop, by a walrus.
    Undeclared,
}

/// What a module says of itself, apart from its names.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ModuleHeader {
    pub name: Name,
    pub is_package: bool,
    pub is_static: bool,
    /// Static because the settings say so: it has no flag.
    pub is_named: bool,
    pub checked_dicts: bool,
    pub checked_lists: bool,
    pub star_imports: Vec<Name>,
}

impl ModuleHeader {
    /// The checked generic that takes the place of a builtin under the module's flags.
    pub fn rebound(&self, name: &str) -> Option<GenericDef> {
        match name {
            "dict" if self.checked_dicts => Some(GenericDef::CheckedDict),
            "list" if self.checked_lists => Some(GenericDef::CheckedList),
            _ => None,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ModuleSummary {
    pub header: Arc<ModuleHeader>,
    pub symbols: BTreeMap<Name, Symbol>,
    /// By qualified name, nested classes included.
    pub classes: BTreeMap<Name, Arc<ClassBody>>,
}

/// Finds what `__init__` declares: given its qualified name and its `def`.
pub type InitSlots<'a> = dyn FnMut(&str, &ast::StmtFunctionDef) -> Vec<SelfSlot> + 'a;

/// Summarises a module; `is_named` when the settings make it static. `slots` is asked for each `__init__`; pass [`self_slots`] when the tree has bodies.
pub fn summarise(
    name: &Name,
    is_package: bool,
    is_named: bool,
    body: &[Stmt],
    slots: &mut InitSlots<'_>,
) -> ModuleSummary {
    let has_flag = has_static_flag(body);
    let mut header = ModuleHeader {
        name: name.clone(),
        is_package,
        is_static: has_flag || is_named,
        is_named: is_named && !has_flag,
        ..Default::default()
    };
    let mut summary = ModuleSummary::default();
    let mut walk = Walk { header: &mut header, summary: &mut summary, slots, rebound: Vec::new() };
    walk.body(body, true);
    let rebound = walk.rebound;
    summary.header = Arc::new(header);
    for name in rebound {
        match summary.symbols.get_mut(&name) {
            Some(symbol @ (Symbol::Function(_) | Symbol::Class(_))) => *symbol = Symbol::Undeclared,
            Some(_) => {}
            // Bound when the function runs.
            None => {
                summary.symbols.insert(name, Symbol::Undeclared);
            }
        }
    }
    summary
}

/// Whether the module opts in (section 2.1). A misplaced flag opts in too, and is reported.
pub fn has_static_flag(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match stmt {
        Stmt::Import(import) => import.names.iter().any(|alias| alias.name.as_str() == "__static__"),
        _ => false,
    })
}

/// The absolute name a `from` import means; `None` when the dots lead beyond the top.
pub fn absolute_module(module: &str, is_package: bool, level: u32, target: Option<&str>) -> Option<Name> {
    if level == 0 {
        return target.map(Name::new);
    }
    let mut parts: Vec<&str> = module.split('.').collect();
    let drop = level as usize - usize::from(is_package);
    if drop > 0 && drop >= parts.len() {
        return None;
    }
    parts.truncate(parts.len() - drop);
    parts.extend(target);
    Some(Name::new(parts.join(".")))
}

struct Walk<'a, 'b> {
    header: &'a mut ModuleHeader,
    summary: &'a mut ModuleSummary,
    slots: &'a mut InitSlots<'b>,
    /// Names functions declare `global`: they may assign them.
    rebound: Vec<Name>,
}

impl Walk<'_, '_> {
    fn declare(&mut self, name: &Name, symbol: Symbol) {
        match self.summary.symbols.get(name) {
            None => {
                self.summary.symbols.insert(name.clone(), symbol);
            }
            // A variable may be used before it is annotated in the source; a definition is better than a mere binding.
            Some(Symbol::Undeclared) if symbol != Symbol::Undeclared => {
                self.summary.symbols.insert(name.clone(), Symbol::Undeclared);
            }
            // Overloads: the last definition is the implementation.
            Some(Symbol::Function(old)) if is_overload(old) => {
                self.summary.symbols.insert(name.clone(), symbol);
            }
            // A function or class that is assigned over is not known to stay what it was.
            Some(Symbol::Function(_) | Symbol::Class(_))
                if matches!(symbol, Symbol::Variable { annotation: None, .. } | Symbol::Undeclared) =>
            {
                self.summary.symbols.insert(name.clone(), Symbol::Undeclared);
            }
            Some(_) => {}
        }
    }

    fn body(&mut self, body: &[Stmt], declared: bool) {
        for stmt in body {
            self.stmt(stmt, declared);
        }
    }

    fn bind(&mut self, target: &Expr) {
        match target {
            Expr::Name(name) => self.declare(&name.id, Symbol::Undeclared),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| self.bind(item)),
            Expr::List(list) => list.elts.iter().for_each(|item| self.bind(item)),
            Expr::Starred(starred) => self.bind(&starred.value),
            _ => {}
        }
    }

    fn stmt(&mut self, stmt: &Stmt, declared: bool) {
        match stmt {
            Stmt::FunctionDef(def) => {
                self.rebound.extend(global_names(&def.body));
                let symbol = if declared { Symbol::Function(Arc::new(function(def, ""))) } else { Symbol::Undeclared };
                self.declare(&def.name.id, symbol);
            }
            Stmt::ClassDef(def) => {
                self.rebound.extend(global_names(&def.body));
                let symbol = match declared {
                    true => Symbol::Class(Arc::new(class(def, "", &mut self.summary.classes, self.slots))),
                    false => Symbol::Undeclared,
                };
                self.declare(&def.name.id, symbol);
            }
            Stmt::Import(import) => self.import(import, declared),
            Stmt::ImportFrom(import) => self.import_from(import, declared),
            Stmt::AnnAssign(assign) => {
                if let Expr::Name(name) = &*assign.target {
                    let symbol = Symbol::Variable {
                        annotation: Some(TypeExpr::lower(&assign.annotation)),
                        value: assign.value.as_deref().and_then(fold).map(Box::new),
                    };
                    self.declare(&name.id, if declared { symbol } else { Symbol::Undeclared });
                }
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    match target {
                        Expr::Name(name) if declared => {
                            self.declare(&name.id, Symbol::Variable { annotation: None, value: None });
                        }
                        target => self.bind(target),
                    }
                }
            }
            Stmt::AugAssign(assign) => self.bind(&assign.target),
            Stmt::TypeAlias(alias) => {
                if let Expr::Name(name) = &*alias.name {
                    self.declare(&name.id, Symbol::Alias(TypeExpr::lower(&alias.value)));
                }
            }
            Stmt::If(stmt) => {
                if let Some(body) = live_branch(stmt) {
                    self.body(body, declared);
                    return;
                }
                let declared = declared && is_type_checking(&stmt.test);
                self.body(&stmt.body, declared);
                for clause in &stmt.elif_else_clauses {
                    self.body(&clause.body, false);
                }
            }
            Stmt::For(stmt) => {
                self.bind(&stmt.target);
                self.body(&stmt.body, false);
                self.body(&stmt.orelse, false);
            }
            Stmt::While(stmt) => {
                self.body(&stmt.body, false);
                self.body(&stmt.orelse, false);
            }
            Stmt::With(stmt) => {
                for item in &stmt.items {
                    if let Some(target) = &item.optional_vars {
                        self.bind(target);
                    }
                }
                self.body(&stmt.body, false);
            }
            Stmt::Try(stmt) => {
                self.body(&stmt.body, false);
                for handler in &stmt.handlers {
                    let ast::ExceptHandler::ExceptHandler(handler) = handler;
                    if let Some(name) = &handler.name {
                        self.declare(&name.id, Symbol::Undeclared);
                    }
                    self.body(&handler.body, false);
                }
                self.body(&stmt.orelse, false);
                self.body(&stmt.finalbody, false);
            }
            Stmt::Match(stmt) => {
                for case in &stmt.cases {
                    let mut names = Vec::new();
                    pattern_names(&case.pattern, &mut names);
                    names.iter().for_each(|name| self.declare(name, Symbol::Undeclared));
                    self.body(&case.body, false);
                }
            }
            _ => {}
        }
    }

    fn import(&mut self, import: &ast::StmtImport, declared: bool) {
        for alias in &import.names {
            let module = alias.name.as_str();
            let (bound, target) = match &alias.asname {
                Some(name) => (name.id.clone(), Name::new(module)),
                None => {
                    let top = Name::new(module.split('.').next().unwrap_or(module));
                    (top.clone(), top)
                }
            };
            self.declare(&bound, if declared { Symbol::Import(target) } else { Symbol::Undeclared });
        }
    }

    fn import_from(&mut self, import: &ast::StmtImportFrom, declared: bool) {
        let target = import.module.as_ref().map(ast::Identifier::as_str);
        let module = absolute_module(&self.header.name, self.header.is_package, import.level, target);
        for alias in &import.names {
            let name = alias.name.as_str();
            if name == "*" {
                self.header.star_imports.push(module.clone().unwrap_or_else(Name::empty));
                continue;
            }
            if target == Some("__static__.compiler_flags") {
                self.header.checked_dicts |= name == "checked_dicts";
                self.header.checked_lists |= name == "checked_lists";
            }
            let bound = alias.asname.as_ref().unwrap_or(&alias.name).id.clone();
            let symbol = match &module {
                Some(module) if declared => Symbol::From { module: module.clone(), name: Name::new(name) },
                _ => Symbol::Undeclared,
            };
            self.declare(&bound, symbol);
        }
    }
}

/// `sys.hexversion` of the language this is a checker for: 3.14.0 final.
const HEX_VERSION: i128 = 0x030e_00f0;

/// The branch that runs of an `if` whose conditions compare `sys.hexversion` with a constant; `None` for other statements. The other
/// branches are neither declared nor checked.
pub fn live_branch(stmt: &ast::StmtIf) -> Option<&[Stmt]> {
    if hexversion_test(&stmt.test)? {
        return Some(&stmt.body);
    }
    for clause in &stmt.elif_else_clauses {
        match &clause.test {
            None => return Some(&clause.body),
            Some(test) => {
                if hexversion_test(test)? {
                    return Some(&clause.body);
                }
            }
        }
    }
    Some(&[])
}

fn hexversion_test(test: &Expr) -> Option<bool> {
    let Expr::Compare(compare) = test else { return None };
    let ([op], [right]) = (&*compare.ops, &*compare.comparators) else { return None };
    let side = |expr: &Expr| match expr {
        Expr::Attribute(attribute) if attribute.attr.as_str() == "hexversion" => {
            matches!(&*attribute.value, Expr::Name(name) if name.id == "sys").then_some(HEX_VERSION)
        }
        _ => match fold(expr) {
            Some(ConstValue::Int(value)) => Some(value),
            _ => None,
        },
    };
    let is_version = |expr: &Expr| matches!(expr, Expr::Attribute(_));
    if !is_version(&compare.left) && !is_version(right) {
        return None;
    }
    let (left, right) = (side(&compare.left)?, side(right)?);
    Some(match op {
        ast::CmpOp::Eq => left == right,
        ast::CmpOp::NotEq => left != right,
        ast::CmpOp::Lt => left < right,
        ast::CmpOp::LtE => left <= right,
        ast::CmpOp::Gt => left > right,
        ast::CmpOp::GtE => left >= right,
        _ => return None,
    })
}

/// `TYPE_CHECKING` or `typing.TYPE_CHECKING`.
pub fn is_type_checking(test: &Expr) -> bool {
    match test {
        Expr::Name(name) => name.id == "TYPE_CHECKING",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "TYPE_CHECKING",
        _ => false,
    }
}

/// The names a body declares `global`, inner functions included.
fn global_names(body: &[Stmt]) -> Vec<Name> {
    let mut walk = FindGlobals { names: Vec::new() };
    for stmt in body {
        walk.visit_stmt(stmt);
    }
    walk.names
}

struct FindGlobals {
    names: Vec<Name>,
}

impl<'a> SourceOrderVisitor<'a> for FindGlobals {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Global(global) => self.names.extend(global.names.iter().map(|name| name.id.clone())),
            stmt => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

fn is_overload(function: &FunctionSummary) -> bool {
    function.decorators.iter().any(|decorator| match decorator {
        TypeExpr::Name(name) => name == "overload",
        TypeExpr::Attribute(_, name) => name == "overload",
        _ => false,
    })
}

fn qualify(prefix: &str, name: &str) -> Name {
    if prefix.is_empty() { Name::new(name) } else { Name::new(format!("{prefix}.{name}")) }
}

fn type_params(params: Option<&ast::TypeParams>) -> Vec<Name> {
    params.map_or_else(Vec::new, |params| params.type_params.iter().map(|param| param.name().id.clone()).collect())
}

/// Summarises one `def`. `prefix` is the qualified name of the enclosing class, or empty.
pub fn function(def: &ast::StmtFunctionDef, prefix: &str) -> FunctionSummary {
    FunctionSummary {
        qualname: qualify(prefix, &def.name.id),
        decorators: def.decorator_list.iter().map(|decorator| TypeExpr::lower(&decorator.expression)).collect(),
        params: parameters(&def.parameters),
        returns: def.returns.as_deref().map(TypeExpr::lower),
        is_async: def.is_async,
        is_generator: yields(&def.body),
        type_params: type_params(def.type_params.as_deref()),
    }
}

/// The body contains a `yield` of its own.
fn yields(body: &[Stmt]) -> bool {
    let mut walk = FindYield { found: false };
    for stmt in body {
        walk.visit_stmt(stmt);
    }
    walk.found
}

struct FindYield {
    found: bool,
}

impl<'a> SourceOrderVisitor<'a> for FindYield {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if !self.found && !matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
            walk_stmt(self, stmt);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Yield(_) | Expr::YieldFrom(_) => self.found = true,
            Expr::Lambda(_) => {}
            expr => walk_expr(self, expr),
        }
    }
}

fn parameters(parameters: &ast::Parameters) -> Vec<ParamSummary> {
    let with_default = |kind| {
        move |param: &ast::ParameterWithDefault| ParamSummary {
            name: param.parameter.name.id.clone(),
            kind,
            annotation: param.parameter.annotation().map(TypeExpr::lower),
            default: match param.default() {
                None => DefaultValue::Missing,
                Some(default) => {
                    fold(default).map_or(DefaultValue::Evaluated, |value| DefaultValue::Constant(Box::new(value)))
                }
            },
        }
    };
    let plain = |kind| {
        move |param: &ast::Parameter| ParamSummary {
            name: param.name.id.clone(),
            kind,
            annotation: param.annotation().map(TypeExpr::lower),
            default: DefaultValue::Missing,
        }
    };
    // Summaries are kept for every function of a program, so they take what they need and no more.
    let mut all = Vec::with_capacity(parameters.len());
    all.extend(parameters.posonlyargs.iter().map(with_default(ParamKind::PositionalOnly)));
    all.extend(parameters.args.iter().map(with_default(ParamKind::Standard)));
    all.extend(parameters.vararg.as_deref().map(plain(ParamKind::VarArgs)));
    all.extend(parameters.kwonlyargs.iter().map(with_default(ParamKind::KeywordOnly)));
    all.extend(parameters.kwarg.as_deref().map(plain(ParamKind::KwArgs)));
    all
}

type ClassBodies = BTreeMap<Name, Arc<ClassBody>>;

fn class(def: &ast::StmtClassDef, prefix: &str, bodies: &mut ClassBodies, slots: &mut InitSlots<'_>) -> ClassSummary {
    let qualname = qualify(prefix, &def.name.id);
    let mut body = ClassBody::default();
    members(&def.body, &qualname, true, &mut body, bodies, slots);
    body.members.shrink_to_fit();
    body.slots.shrink_to_fit();
    let nested = body.members.iter().filter_map(|(name, member)| match member {
        MemberSummary::Class(class) => Some((name.clone(), class.clone())),
        _ => None,
    });
    let this = ClassSummary {
        qualname: qualname.clone(),
        bases: def.bases().iter().map(TypeExpr::lower).collect(),
        has_metaclass: def
            .keywords()
            .iter()
            .any(|keyword| keyword.arg.as_ref().is_none_or(|arg| arg.as_str() == "metaclass")),
        decorators: def.decorator_list.iter().map(|decorator| TypeExpr::lower(&decorator.expression)).collect(),
        type_params: type_params(def.type_params.as_deref()),
        nested: nested.collect(),
    };
    // The first declaration of a name wins.
    bodies.entry(qualname).or_insert_with(|| Arc::new(body));
    this
}

fn members(
    body: &[Stmt],
    qualname: &str,
    declared: bool,
    this: &mut ClassBody,
    bodies: &mut ClassBodies,
    slots: &mut InitSlots<'_>,
) {
    for stmt in body {
        match stmt {
            Stmt::FunctionDef(def) => {
                let member = if declared {
                    MemberSummary::Function(Arc::new(function(def, qualname)))
                } else {
                    MemberSummary::Other
                };
                this.members.push((def.name.id.clone(), member));
                if def.name.as_str() == "__init__" && declared {
                    let found = slots(&qualify(qualname, "__init__"), def);
                    this.slots.extend(found);
                }
            }
            Stmt::ClassDef(def) => {
                let nested = Arc::new(class(def, qualname, bodies, slots));
                this.members.push((def.name.id.clone(), MemberSummary::Class(nested)));
            }
            Stmt::AnnAssign(assign) => {
                if let Expr::Name(name) = &*assign.target {
                    let member = MemberSummary::Annotated {
                        annotation: TypeExpr::lower(&assign.annotation),
                        value: assign.value.as_deref().map(fold),
                    };
                    this.members.push((name.id.clone(), member));
                }
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    let mut names = Vec::new();
                    target_names(target, &mut names);
                    let value = match (target, &*assign.value) {
                        (Expr::Name(_), value @ Expr::Attribute(_)) => Some(TypeExpr::lower(value)),
                        (Expr::Name(_), value) => fold(value).map(|value| TypeExpr::Const(Box::new(value))),
                        _ => None,
                    };
                    this.members.extend(names.into_iter().map(|name| (name, MemberSummary::Bare(value.clone()))));
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let bound = alias.asname.as_ref().map_or_else(
                        || Name::new(alias.name.as_str().split('.').next().unwrap_or_default()),
                        |name| name.id.clone(),
                    );
                    this.members.push((bound, MemberSummary::Other));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    this.members.push((bound.id.clone(), MemberSummary::Other));
                }
            }
            Stmt::If(stmt) if live_branch(stmt).is_some() => {
                members(live_branch(stmt).unwrap_or_default(), qualname, declared, this, bodies, slots);
            }
            Stmt::If(stmt) => {
                members(&stmt.body, qualname, is_type_checking(&stmt.test), this, bodies, slots);
                for clause in &stmt.elif_else_clauses {
                    members(&clause.body, qualname, false, this, bodies, slots);
                }
            }
            Stmt::For(stmt) => {
                let mut names = Vec::new();
                target_names(&stmt.target, &mut names);
                this.members.extend(names.into_iter().map(|name| (name, MemberSummary::Other)));
                members(&stmt.body, qualname, false, this, bodies, slots);
            }
            Stmt::While(stmt) => members(&stmt.body, qualname, false, this, bodies, slots),
            Stmt::With(stmt) => members(&stmt.body, qualname, false, this, bodies, slots),
            Stmt::Try(stmt) => {
                members(&stmt.body, qualname, false, this, bodies, slots);
                members(&stmt.orelse, qualname, false, this, bodies, slots);
                members(&stmt.finalbody, qualname, false, this, bodies, slots);
            }
            _ => {}
        }
    }
}

/// The names a target binds.
pub fn target_names(target: &Expr, names: &mut Vec<Name>) {
    match target {
        Expr::Name(name) => names.push(name.id.clone()),
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| target_names(item, names)),
        Expr::List(list) => list.elts.iter().for_each(|item| target_names(item, names)),
        Expr::Starred(starred) => target_names(&starred.value, names),
        _ => {}
    }
}

/// The names a pattern captures.
pub fn pattern_names(pattern: &ast::Pattern, names: &mut Vec<Name>) {
    use ast::Pattern;
    match pattern {
        Pattern::MatchAs(pattern) => {
            if let Some(inner) = &pattern.pattern {
                pattern_names(inner, names);
            }
            names.extend(pattern.name.as_ref().map(|name| name.id.clone()));
        }
        Pattern::MatchStar(pattern) => names.extend(pattern.name.as_ref().map(|name| name.id.clone())),
        Pattern::MatchMapping(pattern) => {
            pattern.patterns.iter().for_each(|inner| pattern_names(inner, names));
            names.extend(pattern.rest.as_ref().map(|name| name.id.clone()));
        }
        Pattern::MatchSequence(pattern) => pattern.patterns.iter().for_each(|inner| pattern_names(inner, names)),
        Pattern::MatchOr(pattern) => pattern.patterns.iter().for_each(|inner| pattern_names(inner, names)),
        Pattern::MatchClass(pattern) => {
            pattern.arguments.patterns.iter().for_each(|inner| pattern_names(inner, names));
            pattern.arguments.keywords.iter().for_each(|inner| pattern_names(&inner.pattern, names));
        }
        Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
    }
}

/// What an `__init__` body declares about its receiver (section 8.1): assignments anywhere in its statements.
pub fn self_slots(def: &ast::StmtFunctionDef) -> Vec<SelfSlot> {
    let receiver =
        def.parameters.posonlyargs.first().or(def.parameters.args.first()).map(|param| param.parameter.name.id.clone());
    let mut found = Vec::new();
    if let Some(receiver) = receiver {
        collect_slots(&def.body, &receiver, &mut found);
    }
    found
}

fn collect_slots(body: &[Stmt], receiver: &Name, found: &mut Vec<SelfSlot>) {
    for stmt in body {
        match stmt {
            Stmt::AnnAssign(assign) => {
                if let Some(name) = self_attribute(&assign.target, receiver) {
                    let annotation = Some(TypeExpr::lower(&assign.annotation));
                    found.push(SelfSlot { name, annotation, assigned: assign.value.is_some() });
                }
            }
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| collect_target(target, receiver, found)),
            Stmt::If(stmt) => {
                collect_slots(&stmt.body, receiver, found);
                stmt.elif_else_clauses.iter().for_each(|clause| collect_slots(&clause.body, receiver, found));
            }
            Stmt::For(stmt) => {
                collect_target(&stmt.target, receiver, found);
                collect_slots(&stmt.body, receiver, found);
                collect_slots(&stmt.orelse, receiver, found);
            }
            Stmt::While(stmt) => {
                collect_slots(&stmt.body, receiver, found);
                collect_slots(&stmt.orelse, receiver, found);
            }
            Stmt::With(stmt) => {
                stmt.items
                    .iter()
                    .filter_map(|item| item.optional_vars.as_deref())
                    .for_each(|t| collect_target(t, receiver, found));
                collect_slots(&stmt.body, receiver, found);
            }
            Stmt::Try(stmt) => {
                collect_slots(&stmt.body, receiver, found);
                for handler in &stmt.handlers {
                    let ast::ExceptHandler::ExceptHandler(handler) = handler;
                    collect_slots(&handler.body, receiver, found);
                }
                collect_slots(&stmt.orelse, receiver, found);
                collect_slots(&stmt.finalbody, receiver, found);
            }
            Stmt::Match(stmt) => stmt.cases.iter().for_each(|case| collect_slots(&case.body, receiver, found)),
            _ => {}
        }
    }
}

fn collect_target(target: &Expr, receiver: &Name, found: &mut Vec<SelfSlot>) {
    match target {
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| collect_target(item, receiver, found)),
        Expr::List(list) => list.elts.iter().for_each(|item| collect_target(item, receiver, found)),
        Expr::Starred(starred) => collect_target(&starred.value, receiver, found),
        target => {
            if let Some(name) = self_attribute(target, receiver) {
                found.push(SelfSlot { name, annotation: None, assigned: true });
            }
        }
    }
}

fn self_attribute(target: &Expr, receiver: &Name) -> Option<Name> {
    match target {
        Expr::Attribute(attribute) => match &*attribute.value {
            Expr::Name(name) if name.id == *receiver => Some(attribute.attr.id.clone()),
            _ => None,
        },
        _ => None,
    }
}
