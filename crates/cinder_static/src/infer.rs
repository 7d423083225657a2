//! Bodies: the type of every expression, the facts code generation needs, and what is wrong.
//!
//! Problem: types follow the flow (narrowing, joins, loops) under declared types that do not.
//! Idea: one walk in evaluation order over a [`Flow`] state. Loops are walked with findings and facts discarded until the state is stable,
//! then once for good ([`stmt`]). Expressions get the type expected of them, because literals and displays depend on it.
//! Holds: every expression that is walked for good has facts; a mistake gives `Unknown`, which agrees with everything, so each mistake is
//! told once. Walking the same node twice overwrites its facts.
//!
//! | File | Subject |
//! | --- | --- |
//! | [`flow`] | local types, refined attributes, joins |
//! | [`expr`] | names, constants, subscripts |
//! | [`attribute`] | attributes of instances, classes and modules |
//! | [`display`] | displays, comprehensions, lambdas |
//! | [`ops`] | unary, binary, comparison, `and`/`or` |
//! | [`narrow`] | tests and their effects |
//! | [`call`] | calls of known functions, methods, constructors |
//! | [`intrinsic`] | `box`, `cast`, `len`, `reveal_type`, ... |
//! | [`claimed`] | what another checker says of receivers |
//! | [`assign`] | places: names, attributes, items, unpacking |
//! | [`stmt`] | statements, loops, termination |
//! | [`class`] | class bodies and their rules |
//! | [`lint`] | what keeps code from being fast |
//! | [`enums`], [`dataclass`], [`native`] | rules of what is built when the program runs |
//!
//! Follows: the language specification, sections 4 to 8 and 12.

mod assign;
mod attribute;
mod call;
mod claimed;
mod class;
mod dataclass;
mod display;
mod enums;
mod expr;
mod flow;
mod intrinsic;
mod lint;
mod narrow;
mod native;
mod ops;
mod spread;
mod stmt;

use std::cell::RefCell;
use std::sync::Arc;

use cinder_semantic::{FutureFeatures, Resolution, ScopeId, ScopeKind, SemanticIndex, SymbolFlags};
use cinder_syntax::ast::{self, Expr, HasNodeIndex, ModModule};
use cinder_syntax::{NodeId, node_id};
use cinder_text::{Ranged, TextRange};
use cinder_types::{
    ClassId, KnownClass, MethodDef, Name, ParamKind, Prim, QualName, Signature, Type, TypeDescriptor, is_assignable,
    union_of,
};
use rustc_hash::FxHashMap;

use crate::claims::UnitClaims;
use crate::declare::{Context, Decorated, MethodClass, Role, decorated, signature};
use crate::finding::Finding;
use crate::resolve::{AnnotationError, Entity, Memo, Resolver};
use crate::rules::Rule;
use crate::summary::{self, ClassSummary};
use crate::typed::{Convert, ExprFacts, ExprOp, LocalFacts, Repr, TypedFunction, TypedUnit};
use flow::Flow;

/// What a unit's check gives.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UnitCheck {
    pub unit: TypedUnit,
    pub findings: Vec<Finding>,
}

/// The class a method unit belongs to.
#[derive(Clone, Debug)]
pub struct Enclosing {
    /// Enclosing classes, outermost first; the last one has the method.
    pub classes: Vec<Arc<ClassSummary>>,
}

/// Checks everything outside function items' bodies. `has_own_unit` says which functions are items.
pub fn check_module(
    cx: &Context<'_>,
    tree: &ModModule,
    source: &str,
    has_own_unit: &dyn Fn(&ast::StmtFunctionDef) -> bool,
    asked: Asked<'_>,
) -> UnitCheck {
    let mut checker = Checker::new(cx, &tree.body, tree.range, source, has_own_unit, asked);
    checker.push_frame(FrameKind::Module, checker.index.module_scope());
    checker.module_rules(&tree.body);
    checker.body(&tree.body);
    checker.frames.pop();
    UnitCheck { unit: checker.unit, findings: checker.findings }
}

/// What a check is told besides the program.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub lints: Lints,
    /// What another checker says of this unit.
    pub claims: &'a UnitClaims,
}

/// Whether places that stay slow are told, too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lints {
    Off,
    /// Findings of [`Rule::SlowOperation`] besides the mistakes.
    Performance,
}

/// Checks one function item. `body` is the statement that defines it, alone or in what its text is wrapped in; ranges count in `source`.
pub fn check_function(
    cx: &Context<'_>,
    body: &[ast::Stmt],
    source: &str,
    function: &ast::StmtFunctionDef,
    enclosing: &Enclosing,
    asked: Asked<'_>,
) -> UnitCheck {
    let mut checker = Checker::new(cx, body, function.range, source, &|_| false, asked);
    checker.classes.clone_from(&enclosing.classes);
    let in_protocol = enclosing.classes.iter().any(|class| checker.resolver().is_protocol(&cx.module.name, class));
    if in_protocol {
        return UnitCheck::default();
    }
    checker.push_frame(FrameKind::Module, checker.index.module_scope());
    let typed = checker.function_body(function, enclosing.classes.last(), false);
    checker.unit.function = Some(typed);
    UnitCheck { unit: checker.unit, findings: checker.findings }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum FrameKind {
    Module,
    Class,
    Function,
    Lambda,
}

/// A declared name of a frame.
#[derive(Clone, Debug)]
struct Local {
    declared: Type,
    is_final: bool,
    /// The node that declared it: walking that node again is not a second declaration.
    by: Option<NodeId>,
    annotated: bool,
}

/// A function, class or module whose statements are walked.
struct Frame {
    kind: FrameKind,
    scope: ScopeId,
    locals: FxHashMap<Name, Local>,
    /// Registers names were seen in: tagged, raw.
    registers: Vec<LocalFacts>,
    params: usize,
    returns: Type,
    returns_annotated: bool,
    is_async: bool,
    /// Refinement registers by path.
    temps: FxHashMap<(Name, Name), u32>,
    class: Option<ClassId>,
    /// First parameter of a method, for `super()`.
    receiver: Option<Name>,
    refinements: u32,
    /// In a function that returns a `ClassDecorator`: its inner functions, and whether they are one.
    class_decorators: Option<Vec<(Name, bool)>>,
}

struct Checker<'a> {
    cx: &'a Context<'a>,
    index: SemanticIndex,
    source: &'a str,
    has_own_unit: &'a dyn Fn(&ast::StmtFunctionDef) -> bool,
    classes: Vec<Arc<ClassSummary>>,
    unit: TypedUnit,
    findings: Vec<Finding>,
    /// Above zero: walking for the state only; findings and facts are discarded.
    silent: u32,
    /// Mistakes told so far, those of silent walks, too.
    reports: u32,
    lints: Lints,
    claims: &'a UnitClaims,
    /// Above zero: claims are not used.
    distrusts: u32,
    frames: Vec<Frame>,
    /// Scopes of comprehensions and lambdas inside the frame.
    inner_scopes: Vec<ScopeId>,
    flow: Flow,
    /// States that leave loops by `break` and `continue`.
    breaks: Vec<Vec<Flow>>,
    continues: Vec<Vec<Flow>>,
    /// Counts expressions that may have run other code.
    clock: u32,
    loop_depth: u32,
    finally_depth: u32,
    /// `with` statements whose managers are known not to swallow exceptions.
    transparent: rustc_hash::FxHashSet<TextRange>,
    type_params: Vec<Name>,
    memo: Memo,
    /// What names of the module mean, as far as they were asked for.
    globals: RefCell<FxHashMap<Name, Entity>>,
}

impl<'a> Checker<'a> {
    fn new(
        cx: &'a Context<'a>,
        body: &[ast::Stmt],
        range: TextRange,
        source: &'a str,
        has_own_unit: &'a dyn Fn(&ast::StmtFunctionDef) -> bool,
        asked: Asked<'a>,
    ) -> Self {
        Self {
            cx,
            index: SemanticIndex::build_statements(body, range, FutureFeatures::default()),
            source,
            has_own_unit,
            classes: Vec::new(),
            // About one expression in sixteen bytes.
            unit: TypedUnit {
                exprs: FxHashMap::with_capacity_and_hasher(range.len().to_usize() / 16, Default::default()),
                ..TypedUnit::default()
            },
            findings: Vec::new(),
            silent: 0,
            reports: 0,
            lints: asked.lints,
            claims: asked.claims,
            distrusts: 0,
            frames: Vec::new(),
            inner_scopes: Vec::new(),
            flow: Flow::default(),
            breaks: Vec::new(),
            continues: Vec::new(),
            clock: 0,
            loop_depth: 0,
            finally_depth: 0,
            transparent: rustc_hash::FxHashSet::default(),
            type_params: Vec::new(),
            memo: Memo::default(),
            globals: RefCell::default(),
        }
    }

    fn push_frame(&mut self, kind: FrameKind, scope: ScopeId) {
        self.frames.push(Frame {
            kind,
            scope,
            locals: FxHashMap::default(),
            registers: Vec::new(),
            params: 0,
            returns: Type::Dynamic,
            returns_annotated: false,
            is_async: false,
            temps: FxHashMap::default(),
            class: None,
            receiver: None,
            refinements: 0,
            class_decorators: None,
        });
    }

    fn frame(&self) -> &Frame {
        self.frames.last().expect("a frame is pushed before anything is walked")
    }

    fn frame_mut(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a frame is pushed before anything is walked")
    }

    fn scope(&self) -> ScopeId {
        self.inner_scopes.last().copied().unwrap_or_else(|| self.frame().scope)
    }

    fn resolver(&self) -> Resolver<'_> {
        let new = Resolver::new(self.cx.env, self.cx.module, &self.memo);
        Resolver { classes: &self.classes, type_params: &self.type_params, ..new }
    }

    // ---- findings and facts ------------------------------------------------------------------------

    fn report(&mut self, rule: Rule, range: TextRange, message: impl Into<String>) {
        self.push_finding(Finding::new(rule, range, message));
    }

    fn push_finding(&mut self, finding: Finding) {
        self.reports += u32::from(finding.rule != Rule::SlowOperation);
        if self.silent == 0 && !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// Reports and gives the type that agrees with everything.
    fn fail(&mut self, rule: Rule, range: TextRange, message: impl Into<String>) -> Type {
        self.report(rule, range, message);
        Type::Unknown
    }

    fn annotation_error(&mut self, range: TextRange, error: AnnotationError) {
        self.report(error.rule, range, error.message);
    }

    fn key(node: &impl HasNodeIndex) -> Option<NodeId> {
        node_id(node)
    }

    fn facts_mut(&mut self, expr: &Expr) -> Option<&mut ExprFacts> {
        if self.silent > 0 {
            return None;
        }
        let key = Self::key(expr)?;
        Some(self.unit.exprs.entry(key).or_default())
    }

    /// Records how a value is made and what it is; a convert recorded earlier is dropped.
    fn set(&mut self, expr: &Expr, ty: Type, op: ExprOp) -> Type {
        if let Some(facts) = self.facts_mut(expr) {
            *facts = ExprFacts { ty: ty.clone(), op, convert: Convert::None };
        }
        ty
    }

    fn set_convert(&mut self, expr: &Expr, convert: Convert) {
        if let Some(facts) = self.facts_mut(expr) {
            facts.convert = convert;
        }
    }

    // ---- relations ---------------------------------------------------------------------------------

    fn assignable(&self, dest: &Type, src: &Type) -> bool {
        is_assignable(self.cx, dest, src)
    }

    /// The union of types; a primitive among others is reported at `range`.
    fn union(&mut self, range: TextRange, types: impl IntoIterator<Item = Type>) -> Type {
        let types: Vec<Type> = types
            .into_iter()
            .map(|ty| if let Type::PrimLiteral(_) = ty { Type::Prim(Prim::Int64) } else { ty })
            .collect();
        match union_of(self.cx, types) {
            Ok(ty) => ty,
            Err(error) => self.fail(
                Rule::PrimitiveInUnion,
                range,
                format!("invalid union type {}; unions cannot include primitive types", error.0),
            ),
        }
    }

    /// The text of an assignment mismatch; exactness is shown when only exactness differs.
    fn mismatch(&self, dest: &Type, src: &Type) -> String {
        if dest.is_exact() && self.assignable(&dest.to_inexact(), src) {
            let shown = match src.with_exactness() {
                text if text.starts_with("Exact[") => text,
                text => format!("Exact[{text}]"),
            };
            return format!("type mismatch: {shown} cannot be assigned to Exact[{dest}]");
        }
        // A bool is no number of its own to a primitive.
        let src = if dest.is_prim() && matches!(src, Type::BoolLiteral(_)) { &src.without_literal() } else { src };
        format!("type mismatch: {src} cannot be assigned to {dest}")
    }

    /// Puts the value of `expr` into a place of type `dest`: reports at `expr` when it does not fit, else records the conversion.
    fn coerce(&mut self, expr: &Expr, src: &Type, dest: &Type) -> bool {
        if !self.assignable(dest, src) {
            let message = self.mismatch(dest, src);
            self.report(Rule::InvalidAssignment, expr.range(), message);
            return false;
        }
        self.convert_to(expr, src, dest);
        true
    }

    /// Records the conversion of a value that is assignable.
    fn convert_to(&mut self, expr: &Expr, src: &Type, dest: &Type) {
        let convert = Self::conversion(src, dest);
        if let (Type::PrimLiteral(_), Type::Prim(prim)) = (src, dest) {
            self.retype_literal(expr, *prim);
            return;
        }
        if convert != Convert::None {
            self.set_convert(expr, convert);
        }
    }

    /// A raw constant takes the kind of the place it goes to.
    fn retype_literal(&mut self, expr: &Expr, prim: Prim) {
        if let Some(facts) = self.facts_mut(expr) {
            facts.ty = Type::Prim(prim);
        }
    }

    fn conversion(src: &Type, dest: &Type) -> Convert {
        match (dest, src) {
            (Type::Prim(to), Type::Prim(from)) if to != from => Convert::Prim { from: *from, to: *to },
            (Type::Prim(to), Type::Dynamic | Type::Unknown) => Convert::Unbox(*to),
            (Type::Prim(_) | Type::Unknown, _) => Convert::None,
            (_, Type::Dynamic | Type::Unknown | Type::TypeVar(_)) => {
                let descriptor = TypeDescriptor::of(dest);
                if descriptor.is_object() { Convert::None } else { Convert::Cast(Box::new(descriptor)) }
            }
            _ => Convert::None,
        }
    }

    /// Visits an expression whose value must be an object.
    fn object(&mut self, expr: &Expr, rule: Rule, message: &str) -> Type {
        let ty = self.expr(expr, None);
        if ty.is_prim() { self.fail(rule, expr.range(), message) } else { ty }
    }

    /// Anything may have run: nothing known about attributes holds any more.
    fn clobber(&mut self) {
        self.clock += 1;
        self.flow.clock = self.clock;
        self.flow.forget_attributes();
    }

    fn note_register(&mut self, name: &Name, ty: &Type) {
        if self.silent > 0 || !matches!(self.frame().kind, FrameKind::Function | FrameKind::Lambda) {
            return;
        }
        let registers = &mut self.frame_mut().registers;
        let index = match registers.iter().position(|local| local.name == *name) {
            Some(index) => index,
            None => {
                registers.push(LocalFacts { name: name.clone(), tagged: false, raw: None, zero: false });
                registers.len() - 1
            }
        };
        match Repr::of(ty) {
            Repr::Tagged => registers[index].tagged = true,
            Repr::Int(prim) => registers[index].raw = Some(prim),
            Repr::Double => registers[index].raw = Some(Prim::Double),
        }
    }

    // ---- functions ---------------------------------------------------------------------------------

    /// Walks the signature's expressions where the `def` stands: decorators, defaults, annotations. Gives the local value's type.
    fn function_header(&mut self, def: &ast::StmtFunctionDef, class: Option<&Arc<ClassSummary>>) {
        for decorator in &def.decorator_list {
            self.decorator(&decorator.expression);
        }
        self.native_rules(def, class.is_some());
        let misplaced = def
            .decorator_list
            .iter()
            .find(|decorator| self.decorator_is(&decorator.expression, cinder_types::Special::Dataclass))
            .map(|decorator| decorator.range);
        if let Some(range) = misplaced {
            self.report(Rule::InvalidDecorator, range, "Cannot decorate a function or method with @dataclass");
        }
        let prefix = class.map_or("", |class| class.qualname.as_str());
        let function = summary::function(def, prefix);
        let type_params = std::mem::replace(&mut self.type_params, function.type_params.clone());
        let how = decorated(&self.resolver(), &function);
        if !how.overload {
            self.lint_parameters(def, class.is_some());
        }
        self.lint_header(def, &how);
        let owner = class.map(|class| self.method_class(class));
        let signature = signature(&self.resolver(), &function, owner.as_ref(), &how);
        for param in def.parameters.iter_non_variadic_params() {
            self.annotation(param.annotation());
            let Some(default) = param.default() else { continue };
            let dest = signature
                .params
                .iter()
                .find(|own| own.name == param.parameter.name.id)
                .map_or(Type::Dynamic, |own| own.ty.clone());
            // Defaults are stored boxed: the value is checked against the parameter, and stays an object.
            let src = self.expr(default, Some(&dest));
            // `= ...` in the stub of an overload says that there is a default.
            if how.overload && src.class_id().is_some_and(|class| class.known() == Some(KnownClass::Ellipsis)) {
                continue;
            }
            if self.assignable(&dest, &src) {
                if let Type::Prim(prim) = dest {
                    self.set_convert(default, Convert::Box(prim));
                } else {
                    self.convert_to(default, &src, &dest);
                }
            } else {
                let message = self.mismatch(&dest, &src);
                self.report(Rule::InvalidAssignment, default.range(), message);
            }
        }
        for param in def.parameters.vararg.iter().chain(&def.parameters.kwarg) {
            self.annotation(param.annotation());
            if let Some(annotation) = param.annotation()
                && let Ok(Type::Prim(_)) = self.resolver().ty(&crate::type_expr::TypeExpr::lower(annotation))
            {
                self.report(Rule::PrimitiveEscape, annotation.range(), "argument annotation cannot be a primitive");
            }
        }
        self.annotation(def.returns.as_deref());
        self.type_params = type_params;
    }

    fn decorator_is(&self, expr: &Expr, special: cinder_types::Special) -> bool {
        self.resolver().entity(&crate::type_expr::TypeExpr::lower(expr)) == Entity::Special(special)
    }

    fn decorator(&mut self, expr: &Expr) {
        // It is evaluated once.
        let lints = std::mem::replace(&mut self.lints, Lints::Off);
        self.object(expr, Rule::PrimitiveEscape, "decorator cannot be a primitive");
        self.lints = lints;
    }

    /// Reports the mistakes of an annotation that carries no qualifier.
    fn annotation(&mut self, annotation: Option<&Expr>) {
        let Some(annotation) = annotation else { return };
        if let Err(error) = self.resolver().ty(&crate::type_expr::TypeExpr::lower(annotation)) {
            self.annotation_error(annotation.range(), error);
        }
    }

    fn method_class(&self, class: &Arc<ClassSummary>) -> MethodClass {
        let module = &self.cx.module.name;
        MethodClass {
            id: ClassId::user(module, &class.qualname),
            is_dynamic: self.resolver().is_dynamic_class(module, class),
        }
    }

    /// The signature of a `def` as its body sees it.
    fn own_signature(&self, def: &ast::StmtFunctionDef, class: Option<&Arc<ClassSummary>>) -> (Signature, Decorated) {
        let prefix = class.map_or("", |class| class.qualname.as_str());
        let function = summary::function(def, prefix);
        let how = decorated(&self.resolver(), &function);
        let owner = class.map(|class| self.method_class(class));
        (signature(&self.resolver(), &function, owner.as_ref(), &how), how)
    }

    /// The inner functions of one that returns a `ClassDecorator`, and whether they take a class and give it back.
    fn class_decorators(&self, def: &ast::StmtFunctionDef) -> Option<Vec<(Name, bool)>> {
        let is = |annotation: &Expr, special| {
            let lowered = crate::type_expr::TypeExpr::lower(annotation);
            self.resolver().entity(&lowered) == Entity::Special(special)
        };
        let returns = def.returns.as_ref()?;
        if !is(returns, cinder_types::Special::ClassDecorator) {
            return None;
        }
        let class = |annotation: Option<&Expr>| annotation.is_some_and(|it| is(it, cinder_types::Special::TClass));
        let inner = def.body.iter().filter_map(|stmt| match stmt {
            ast::Stmt::FunctionDef(inner) => {
                let mut params = inner.parameters.iter();
                let takes_class = params.next().is_some_and(|param| class(param.annotation()));
                let is_decorator = takes_class && params.next().is_none() && class(inner.returns.as_deref());
                Some((inner.name.id.clone(), is_decorator))
            }
            _ => None,
        });
        Some(inner.collect())
    }

    /// Walks a function's body in a frame of its own.
    fn function_body(
        &mut self,
        def: &ast::StmtFunctionDef,
        class: Option<&Arc<ClassSummary>>,
        nested: bool,
    ) -> TypedFunction {
        let (signature, how) = self.own_signature(def, class);
        let scope = self.index.scope_of(ScopeKind::Function, def.range).unwrap_or_else(|| self.scope());
        let outer_flow = std::mem::take(&mut self.flow);
        let outer_inner = std::mem::take(&mut self.inner_scopes);
        let outer_breaks = (std::mem::take(&mut self.breaks), std::mem::take(&mut self.continues));
        let silent = self.silent;
        let is_inner = self.frames.iter().any(|frame| frame.kind == FrameKind::Function);
        self.push_frame(FrameKind::Function, scope);
        let class_id = class.map(|class| ClassId::user(&self.cx.module.name, &class.qualname));
        let class_decorators = self.class_decorators(def);
        {
            let receiver = (class.is_some() && !matches!(how.role, Role::Static))
                .then(|| signature.params.first().map(|param| param.name.clone()))
                .flatten();
            let frame = self.frame_mut();
            // What a generator returns is not what calling it gives.
            let generator = signature.flags.is_generator;
            frame.returns = if generator { Type::Dynamic } else { signature.returns.clone() };
            frame.returns_annotated = signature.returns_annotated && !generator;
            frame.is_async = def.is_async;
            frame.class = class_id.clone();
            frame.receiver = receiver;
            frame.params = signature.params.len();
            frame.class_decorators = class_decorators;
        }
        for param in &signature.params {
            let annotated = param.annotated;
            if self.is_captured(&param.name) && param.ty.is_prim() {
                let range = def
                    .parameters
                    .iter_source_order()
                    .find(|own| own.name().id == param.name)
                    .map_or(def.name.range, |own| own.name().range);
                self.report(Rule::PrimitiveEscape, range, "cannot use primitives in global or closure scope");
            }
            self.note_register(&param.name, &param.ty);
            let local = Local { declared: param.ty.clone(), is_final: false, by: None, annotated };
            self.frame_mut().locals.insert(param.name.clone(), local);
            self.flow.set_local(param.name.clone(), param.ty.clone());
        }
        if how.flags.native && !nested && class.is_none() {
            self.native_body(def);
        }
        self.body(&def.body);
        self.lint_result(def);
        self.implicit_return(def, &signature, &how);
        self.inline_body(def, &how);
        let frame = self.frames.pop().expect("pushed above");
        self.flow = outer_flow;
        self.inner_scopes = outer_inner;
        (self.breaks, self.continues) = outer_breaks;
        self.silent = silent;
        let prefix = class.map_or("", |class| class.qualname.as_str());
        let name = if prefix.is_empty() { def.name.id.clone() } else { Name::new(format!("{prefix}.{}", def.name.id)) };
        let mut locals = frame.registers;
        for local in &mut locals {
            let is_param = signature.params.iter().any(|param| param.name == local.name);
            local.zero = local.raw.is_some() && !is_param;
        }
        TypedFunction {
            id: Arc::new(QualName { module: self.cx.module.name.clone(), name }),
            class: class_id,
            signature: Arc::new(signature),
            is_static: !(how.flags.do_not_compile || (nested && how.role == Role::Unknown)),
            locals,
            refinements: frame.refinements,
            // A function inside another one is made again and again, each time with managers of its own.
            managers: if is_inner { Box::default() } else { how.managers.into() },
        }
    }

    /// `@inline` promises that a call may be replaced by an expression. Asked where the body is at hand, which is not the item tree.
    fn inline_body(&mut self, def: &ast::StmtFunctionDef, how: &Decorated) {
        if how.flags.inline && !matches!(&def.body[..], [ast::Stmt::Return(_)]) {
            let message = "@inline only supported on functions with simple return";
            self.report(Rule::InvalidDecorator, def.name.range, message);
        }
    }

    fn implicit_return(&mut self, def: &ast::StmtFunctionDef, signature: &Signature, how: &Decorated) {
        let declared = &signature.returns;
        let stub = how.overload || how.flags.native || (self.cx.module.is_named && is_stub_body(&def.body));
        if !signature.returns_annotated || stub || declared.is_dynamic() || self.assignable(declared, &Type::None) {
            return;
        }
        if !self.terminates(&def.body) {
            let message = format!("Function has declared return type '{declared}' but can implicitly return None.");
            self.report(Rule::ImplicitReturn, def.name.range, message);
        }
    }

    // ---- names -------------------------------------------------------------------------------------

    fn symbol_flags(&self, name: &str) -> Option<(Resolution, SymbolFlags)> {
        self.index.lookup(self.scope(), name).map(|symbol| (symbol.resolution, symbol.flags))
    }

    /// The name's variable is bound in this frame (or in a comprehension inside it).
    fn is_frame_local(&self, name: &str) -> bool {
        match self.symbol_flags(name) {
            Some((Resolution::Local | Resolution::Cell, _)) => true,
            Some((Resolution::Free { owner }, _)) => self.index.frame_scope(owner) == self.frame().scope,
            _ => false,
        }
    }

    /// Code of another frame reads this frame's variable.
    fn is_captured(&self, name: &str) -> bool {
        self.index.lookup(self.frame().scope, name).is_some_and(|symbol| {
            symbol.resolution == Resolution::Cell && self.inner_uses(name, SymbolFlags::USE | SymbolFlags::NONLOCAL)
        })
    }

    /// Code of another frame assigns this frame's variable: its type cannot be followed.
    fn is_shared_cell(&self, name: &str) -> bool {
        self.frame().kind != FrameKind::Module
            && self.index.lookup(self.frame().scope, name).is_some_and(|symbol| symbol.resolution == Resolution::Cell)
            && self.inner_uses(name, SymbolFlags::NONLOCAL)
    }

    fn inner_uses(&self, name: &str, any: SymbolFlags) -> bool {
        let owner = self.frame().scope;
        self.index.scopes().any(|(id, scope)| {
            id != owner
                && scope.symbol(&scope.mangle(name)).is_some_and(|symbol| {
                    symbol.flags.intersects(any)
                        && matches!(symbol.resolution, Resolution::Free { owner: of } if of == owner)
                        && self.index.frame_scope(id) != owner
                })
        })
    }

    fn is_global_here(&self, name: &str) -> bool {
        if self.frame().kind == FrameKind::Module && self.inner_scopes.is_empty() {
            return true;
        }
        matches!(self.symbol_flags(name), Some((Resolution::GlobalExplicit, _)))
    }

    /// The method a class or its bases define, and the class that defines it.
    fn find_method(&self, class: &ClassId, name: &str) -> Option<(ClassId, MethodDef)> {
        match self.cx.member(class, name)? {
            (owner, cinder_types::Member::Method(method)) => {
                let mro = cinder_types::ClassLookup::mro(self.cx, class);
                let mut nearer = mro.classes.iter().take_while(|base| **base != owner);
                (!nearer.any(|base| self.is_generated(base, name))).then_some((owner, method))
            }
            _ => None,
        }
    }
}

/// Nothing but `...`, perhaps after a docstring: checkers take such a body for a declaration.
fn is_stub_body(body: &[ast::Stmt]) -> bool {
    let is_constant =
        |stmt: &ast::Stmt, of: fn(&Expr) -> bool| matches!(stmt, ast::Stmt::Expr(stmt) if of(&stmt.value));
    let rest = match body {
        [first, rest @ ..] if is_constant(first, Expr::is_string_literal_expr) => rest,
        body => body,
    };
    matches!(rest, [only] if is_constant(only, Expr::is_ellipsis_literal_expr))
}

/// The builtin `object` declares this attribute.
fn is_object_attribute(name: &str) -> bool {
    matches!(
        name,
        "__class__"
            | "__dict__"
            | "__doc__"
            | "__module__"
            | "__init__"
            | "__new__"
            | "__repr__"
            | "__str__"
            | "__hash__"
            | "__eq__"
            | "__ne__"
            | "__lt__"
            | "__le__"
            | "__gt__"
            | "__ge__"
            | "__getattribute__"
            | "__setattr__"
            | "__delattr__"
            | "__dir__"
            | "__format__"
            | "__reduce__"
            | "__reduce_ex__"
            | "__sizeof__"
            | "__subclasshook__"
            | "__init_subclass__"
            | "__getstate__"
            | "__slots__"
            | "__weakref__"
            | "__annotations__"
            | "__qualname__"
            | "__name__"
            | "__bool__"
    )
}

/// A parameter that an argument can reach by position.
fn is_positional(kind: ParamKind) -> bool {
    matches!(kind, ParamKind::PositionalOnly | ParamKind::Standard)
}

/// `Type[C]` for the class of a value, when it is one class.
fn class_object(ty: &Type) -> Option<Type> {
    let class = ty.class_id()?;
    Some(Type::Class(Arc::new(cinder_types::ClassObject { instance: Type::instance(class), exact: ty.is_exact() })))
}

fn exact_tuple() -> Type {
    Type::exact(KnownClass::Tuple)
}
