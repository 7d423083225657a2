//! `@inline`: calls that are replaced by what the callee returns.
//!
//! Problem: a small helper costs a frame at every call, and its caller knows everything about it.
//! Idea: the callee's body is one `return`, and its facts were found with the parameters as declared. So the registers of the arguments, converted as
//! for a call, stand for the parameters, and the returned expression is lowered here with the callee's facts, scope and (for a function of
//! another module) index and text.
//! Holds: arguments are evaluated once, in order, before the body; the body sees no variable of the caller; instructions are said to be where the
//! call is. What cannot be moved stays a call: bodies with scopes or variables of their own, names of another module, `super()`, and whatever asks
//! for its frame.
//!
//! Follows: the language specification, section 7.6.

use std::rc::Rc;

use super::super::{Facts, Lowerer, Reg};
use super::call::Given;
use cinder_bytecode::RegisterKind;
use cinder_diagnostic::Severity;
use cinder_semantic::{Resolution, ScopeId, ScopeKind, SemanticIndex, SymbolFlags};
use cinder_static::typed::{CallPlan, CallTarget, ExprOp, TypedUnit};
use cinder_syntax::ast::name::Name;
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal, walk_expr};
use cinder_syntax::ast::{self, AnyNodeRef, Expr, Stmt};
use cinder_text::Ranged;
use cinder_types::{FunctionId, ParamKind};
use rustc_hash::FxHashMap;

/// Expansions inside expansions.
const DEPTH_LIMIT: u32 = 20;

/// Once an expansion has made this many instructions the calls in it stay calls: a function that calls itself twice doubles at each level.
const SIZE_LIMIT: usize = 400;

/// Functions that look at the frame they are called from.
const FRAME_READERS: [&str; 7] = ["super", "locals", "vars", "dir", "eval", "exec", "__class__"];

/// What expanding needs to remember within one compilation.
#[derive(Default)]
pub(crate) struct Expansions<'a> {
    /// By module name; `None` for modules nothing is taken from.
    libraries: FxHashMap<Name, Option<Rc<Library<'a>>>>,
    depth: u32,
    /// Where the instructions of the outermost expansion begin.
    start: usize,
}

/// A module whose functions can be expanded.
struct Library<'a> {
    facts: Facts<'a>,
    index: &'a SemanticIndex,
    source: &'a str,
    /// Decorated functions that only return a value, by qualified name.
    functions: FxHashMap<String, &'a ast::StmtFunctionDef>,
    is_own: bool,
}

/// A body that can stand in for calls.
pub(super) struct Body<'a> {
    library: Rc<Library<'a>>,
    value: &'a Expr,
    scope: ScopeId,
    unit: &'a TypedUnit,
    refinements: u32,
    params: Vec<Name>,
}

impl<'a> Lowerer<'a> {
    /// The body that replaces a call of `id`, if the function asks for that and it can be done.
    pub(super) fn expandable(&mut self, id: &FunctionId, plan: &CallPlan) -> Option<Body<'a>> {
        let signature = &plan.signature;
        let flags = signature.flags;
        if !flags.inline || flags.is_async || flags.is_generator || flags.do_not_compile || self.options.is_patchable {
            return None;
        }
        let within = &self.expansions;
        if within.depth >= DEPTH_LIMIT || (within.depth > 0 && self.instrs.len() - within.start > SIZE_LIMIT) {
            return None;
        }
        let plain = |kind| matches!(kind, ParamKind::PositionalOnly | ParamKind::Standard);
        if !signature.params.iter().all(|param| plain(param.kind)) {
            return None;
        }
        let library = self.library(&id.module)?;
        let function = *library.functions.get(&*id.name)?;
        let [Stmt::Return(ast::StmtReturn { value: Some(value), .. })] = &function.body[..] else { return None };
        let (unit, typed) = library.facts.function(function)?;
        let scope = library.index.scope_of(ScopeKind::Function, function.range)?;
        if !typed.is_static || !typed.managers.is_empty() || typed.id != *id || !is_movable(library.index, scope) {
            return None;
        }
        let params = signature.params.iter().map(|param| param.name.clone()).collect();
        let body = Body { value, scope, unit, refinements: typed.refinements, params, library };
        (body.library.is_own || !body.reads_its_module()).then_some(body)
    }

    /// Evaluates the returned value with `given` for the parameters.
    pub(super) fn expand(
        &mut self,
        body: &Body<'a>,
        given: &[(Given<'a>, RegisterKind)],
        call: &'a ast::ExprCall,
        mark: Reg,
        dst: Option<Reg>,
        result: RegisterKind,
    ) -> Reg {
        let places: Vec<Reg> = given.iter().map(|(value, kind)| self.parameter(*value, *kind, call)).collect();
        let kept = self.alloc_run(body.refinements);
        let scope = body.library.index.scope(body.scope);
        let symbols = body.params.iter().map(|name| (body.scope, scope.symbol_id(&scope.mangle(name))));
        let registers: FxHashMap<_, _> =
            symbols.zip(&places).filter_map(|((scope, symbol), place)| Some(((scope, symbol?), *place))).collect();
        let raw = registers.iter().filter(|(_, place)| self.kind_of(**place) != RegisterKind::Tagged);
        let raw_names = raw.map(|(key, place)| (*key, *place)).collect();

        let index = std::mem::replace(&mut self.index, body.library.index);
        let source = std::mem::replace(&mut self.source, body.library.source);
        let facts = self.facts.replace(body.library.facts);
        let typed = self.unit.typed.replace(body.unit);
        let naming = std::mem::replace(&mut self.unit.naming, body.scope);
        let registers = std::mem::replace(&mut self.unit.registers, registers);
        let raw_names = std::mem::replace(&mut self.unit.tables.raw_names, raw_names);
        let refinements = std::mem::replace(&mut self.unit.tables.first_refinement, kept);
        let expanded_at = self.unit.expanded_at;
        self.unit.expanded_at = expanded_at.or(Some(call.range()));
        if self.expansions.depth == 0 {
            self.expansions.start = self.instrs.len();
        }
        self.expansions.depth += 1;

        let value = match dst {
            Some(dst) => {
                self.value_to(body.value, dst);
                dst
            }
            None => self.value(body.value),
        };

        self.expansions.depth -= 1;
        self.unit.expanded_at = expanded_at;
        self.unit.tables.first_refinement = refinements;
        self.unit.tables.raw_names = raw_names;
        self.unit.registers = registers;
        self.unit.naming = naming;
        self.unit.typed = typed;
        self.facts = facts;
        self.source = source;
        self.index = index;

        if dst.is_some() || result != RegisterKind::Tagged || self.is_named(value) {
            self.top = mark;
            return value;
        }
        let out = self.finish(mark, None);
        self.at(call);
        self.move_to(out, value);
        out
    }

    /// A register that stands for a parameter. The body assigns no variable, so an argument may stay where it is.
    fn parameter(&mut self, value: Given<'a>, kind: RegisterKind, call: &'a ast::ExprCall) -> Reg {
        let register = match value {
            Given::Register(register) => register,
            Given::Late(expression) => self.value(expression),
            Given::Source(_) => {
                let place = self.alloc_kind(kind);
                self.fill(value, place, call);
                place
            }
        };
        debug_assert_eq!(self.kind_of(register), kind);
        register
    }

    /// The module's functions, looked for once.
    fn library(&mut self, module: &Name) -> Option<Rc<Library<'a>>> {
        let facts = self.facts?;
        if let Some(known) = self.expansions.libraries.get(module) {
            return known.clone();
        }
        let found = if facts.typed.name == *module {
            Some(Library::new(facts, self.index, self.source, true))
        } else {
            Self::other_library(facts, module)
        };
        let found = found.map(Rc::new);
        self.expansions.libraries.insert(module.clone(), found.clone());
        found
    }

    /// Another module, when it is one that can be loaded: what is expanded must not fail here for its mistakes.
    fn other_library(facts: Facts<'a>, module: &Name) -> Option<Library<'a>> {
        let db = facts.db;
        let file = cinder_static::static_module_file(db, facts.file, module)?;
        let parsed = cinder_db::parsed_module(db, file);
        let index = cinder_semantic::semantic_index(db, file);
        let is_sound = parsed.first_error().is_none()
            && index.errors().is_empty()
            && cinder_static::check_static(db, file).iter().all(|finding| finding.severity != Severity::Error);
        let other = Facts { typed: cinder_static::typed_module(db, file), parsed, db, file };
        is_sound.then(|| Library::new(other, index, cinder_db::source_text(db, file), false))
    }
}

impl<'a> Library<'a> {
    fn new(facts: Facts<'a>, index: &'a SemanticIndex, source: &'a str, is_own: bool) -> Self {
        let mut functions = FxHashMap::default();
        collect("", facts.parsed.suite(), &mut functions);
        Self { facts, index, source, functions, is_own }
    }
}

/// Notes the decorated functions that only return a value. Of functions with one name none is taken.
fn collect<'a>(prefix: &str, body: &'a [Stmt], functions: &mut FxHashMap<String, &'a ast::StmtFunctionDef>) {
    let mut names: FxHashMap<&str, u32> = FxHashMap::default();
    let own = |stmt: &'a Stmt| match stmt {
        Stmt::FunctionDef(function) => Some(function),
        _ => None,
    };
    for function in body.iter().filter_map(own) {
        *names.entry(&function.name.id).or_default() += 1;
    }
    for stmt in body {
        match stmt {
            Stmt::FunctionDef(function) => {
                let returns = matches!(&function.body[..], [Stmt::Return(_)]);
                if returns && !function.decorator_list.is_empty() && names[function.name.as_str()] == 1 {
                    functions.insert(format!("{prefix}{}", function.name.id), function);
                }
            }
            Stmt::ClassDef(class) => collect(&format!("{prefix}{}.", class.name.id), &class.body, functions),
            _ => {}
        }
    }
}

/// Whether a function's scope has parameters and nothing else of its own, and asks for no frame.
fn is_movable(index: &SemanticIndex, scope: ScopeId) -> bool {
    let scope = index.scope(scope);
    scope.children.is_empty()
        && scope.symbols.iter().all(|symbol| match symbol.resolution {
            Resolution::Local => symbol.flags.contains(SymbolFlags::PARAM) && symbol.definitions.len() <= 1,
            Resolution::GlobalImplicit | Resolution::GlobalExplicit => {
                !FRAME_READERS.contains(&symbol.name.as_str()) && !symbol.flags.contains(SymbolFlags::LOCAL)
            }
            Resolution::Cell | Resolution::Free { .. } => false,
        })
}

impl Body<'_> {
    /// Whether a name of the callee's module (or a builtin, which that module may hide) is loaded when the body runs.
    fn reads_its_module(&self) -> bool {
        let mut names = ModuleNames { body: self, found: false };
        names.visit_expr(self.value);
        names.found
    }
}

/// Finds names that are loaded from the module's namespace.
struct ModuleNames<'b, 'a> {
    body: &'b Body<'a>,
    found: bool,
}

impl<'ast> SourceOrderVisitor<'ast> for ModuleNames<'_, '_> {
    fn enter_node(&mut self, _: AnyNodeRef<'ast>) -> TraversalSignal {
        if self.found { TraversalSignal::Skip } else { TraversalSignal::Traverse }
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let facts = cinder_syntax::node_id(expr).and_then(|id| self.body.unit.exprs.get(&id));
        match (facts.map(|facts| &facts.op), expr) {
            (Some(ExprOp::Const(_) | ExprOp::Refined(_)), _) => {}
            (Some(ExprOp::Forward(_) | ExprOp::FastLen(_)), Expr::Call(call)) => self.visit_arguments(&call.arguments),
            (Some(ExprOp::Call(plan)), Expr::Call(call)) => {
                // The class loader finds the callee; only a receiver is evaluated.
                match (&plan.target, &*call.func) {
                    (CallTarget::Direct(_) | CallTarget::Construct { .. }, Expr::Attribute(attribute))
                        if plan.drop_receiver || plan.args.contains(&cinder_static::typed::ArgSource::Receiver) =>
                    {
                        self.visit_expr(&attribute.value);
                    }
                    (CallTarget::Direct(_) | CallTarget::Construct { .. }, _) => {}
                    (CallTarget::Virtual { .. }, func) => self.visit_expr(func),
                }
                self.visit_arguments(&call.arguments);
            }
            (_, Expr::Name(name)) => {
                let scope = self.body.library.index.scope(self.body.scope);
                let symbol = scope.symbol(&scope.mangle(&name.id));
                self.found |= symbol.is_none_or(|symbol| symbol.resolution != Resolution::Local);
            }
            _ => walk_expr(self, expr),
        }
    }
}
