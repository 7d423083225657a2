//! Names and annotations: from what is written to what it means.
//!
//! Problem: an annotation names classes of other modules, perhaps through chains of imports, perhaps in cycles.
//! Idea: names are followed through module *summaries* only, which depend on no other module. So the types of a module's declarations
//! never need the declarations of another, and import cycles are harmless.
//! Holds: resolution is total. What cannot be resolved is `dynamic`; what is a mistake comes back as an [`AnnotationError`].
//!
//! Follows: the language specification, section 3.7.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use cinder_types::{
    ClassDef, ClassId, ClassLookup, ConstValue, GenericDef, KnownClass, Mro, Name, Prim, Special, Type, linearise,
    union_of,
};

use rustc_hash::FxHashMap;

use crate::names;
use crate::rules::Rule;
use crate::summary::{ClassBody, ClassSummary, FunctionSummary, MemberSummary, ModuleHeader, Symbol};
use crate::type_expr::TypeExpr;

/// What modules declare, name by name, so that who asks depends on the names it asked for. The module in hand is one of them; of others
/// those that do not exist or are not static declare nothing.
pub trait Summaries {
    /// `None`: the module does not exist or is not static.
    fn header(&self, module: &str) -> Option<Arc<ModuleHeader>>;
    fn symbol(&self, module: &str, name: &str) -> Option<Symbol>;
    /// The body of a class, by qualified name.
    fn class_body(&self, module: &str, class: &str) -> Option<Arc<ClassBody>>;
    /// What [`Resolver::bases`] finds for a class.
    fn bases(&self, module: &str, class: &str) -> Option<Arc<Bases>>;
}

/// The bases of a class that are known, and whether there are others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bases {
    pub known: Vec<ClassId>,
    pub dynamic: bool,
}

/// What a name stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entity {
    Class {
        module: Name,
        class: Arc<ClassSummary>,
    },
    Function {
        module: Name,
        function: Arc<FunctionSummary>,
    },
    /// A static module.
    Module(Name),
    Variable {
        module: Name,
        annotation: Option<TypeExpr>,
        value: Option<Box<ConstValue>>,
    },
    Alias {
        module: Name,
        target: TypeExpr,
    },
    Known(KnownClass),
    Generic(GenericDef),
    Prim(Prim),
    Special(Special),
    Value(Type),
    Constant(ConstValue),
    /// A type parameter in scope.
    TypeParam(Name),
    Dynamic,
    /// A name of `__static__` that static code may not import.
    Unsupported,
    Undefined,
}

/// A mistake in an annotation, blamed on the whole annotation.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AnnotationError {
    pub rule: Rule,
    pub message: String,
}

impl AnnotationError {
    fn new(rule: Rule, message: impl Into<String>) -> Self {
        Self { rule, message: message.into() }
    }
}

/// Wrappers that are only valid outermost.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Qualifier {
    None,
    Final,
    ClassVar,
    InitVar,
}

/// A declaration's annotation, resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Declared {
    pub ty: Type,
    pub qualifier: Qualifier,
    /// `Final` or `ClassVar` without a parameter: the type is that of the value.
    pub infer: bool,
}

/// Where an annotation stands, which decides the qualifiers it may carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Module,
    ClassBody,
    SelfAttribute,
    Local,
    /// Parameters, returns, `cast` targets and everything nested.
    Plain,
}

/// What a context manager does to the function it decorates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ContextDecoration {
    /// Exceptions pass: the function keeps its signature.
    Transparent,
    /// An exception may end here: the function may return None, too.
    MaySwallow,
}

impl ContextDecoration {
    fn of_root(known: KnownClass) -> Option<Self> {
        match known {
            KnownClass::ContextDecorator => Some(Self::Transparent),
            KnownClass::ExcContextDecorator => Some(Self::MaySwallow),
            _ => None,
        }
    }
}

/// How many dataclasses above a dataclass are looked at.
const MAX_DATACLASSES: u32 = 64;

/// How many classes above one another are looked at.
const MAX_BASES: usize = 256;

/// How many imports a name is followed through before it counts as dynamic.
const MAX_HOPS: usize = 32;
/// How many aliases one annotation may unfold to before it counts as unknown: aliases may name each other in a cycle, or
/// double with every step.
const MAX_UNFOLDINGS: u32 = 64;

/// What was found out about classes, which is asked again and again: kept while one unit is worked on.
#[derive(Debug, Default)]
pub struct Memo {
    mros: RefCell<FxHashMap<ClassId, Option<Mro>>>,
    dynamic: RefCell<FxHashMap<ClassId, bool>>,
}

/// Resolves names as one module sees them.
#[derive(Clone, Copy)]
pub struct Resolver<'a> {
    pub env: &'a dyn Summaries,
    pub module: &'a ModuleHeader,
    /// Enclosing classes, outermost first, whose nested classes annotations may name.
    pub classes: &'a [Arc<ClassSummary>],
    pub type_params: &'a [Name],
    /// Aliases that the annotation in hand may still unfold; `None` outside of an alias.
    pub unfoldings: Option<&'a Cell<u32>>,
    pub memo: &'a Memo,
}

impl<'a> Resolver<'a> {
    pub fn new(env: &'a dyn Summaries, module: &'a ModuleHeader, memo: &'a Memo) -> Self {
        Self { env, module, classes: &[], type_params: &[], unfoldings: None, memo }
    }

    /// What a name of this module means, seen from its bodies.
    pub fn global(&self, name: &str) -> Entity {
        match self.env.symbol(&self.module.name, name) {
            Some(symbol) => self.symbol(&self.module.name, symbol, MAX_HOPS),
            None => match self.module.rebound(name) {
                Some(generic) => Entity::Generic(generic),
                None => names::builtin(name).unwrap_or(Entity::Undefined),
            },
        }
    }

    /// `module.name`, seen from anywhere.
    pub fn member_of(&self, module: &str, name: &str) -> Entity {
        self.member(module, name, MAX_HOPS)
    }

    fn member(&self, module: &str, name: &str, hops: usize) -> Entity {
        if let Some(entity) = names::fixed(module, name) {
            return entity;
        }
        if hops == 0 {
            return Entity::Dynamic;
        }
        if let Some(header) = self.env.header(module)
            && let Some(symbol) = self.env.symbol(module, name)
        {
            return self.symbol(&header.name, symbol, hops - 1);
        }
        let nested = format!("{module}.{name}");
        match self.env.header(&nested) {
            Some(_) => Entity::Module(Name::new(nested)),
            None => Entity::Dynamic,
        }
    }

    fn symbol(&self, module: &Name, symbol: Symbol, hops: usize) -> Entity {
        match symbol {
            Symbol::Class(class) => Entity::Class { module: module.clone(), class },
            Symbol::Function(function) => Entity::Function { module: module.clone(), function },
            Symbol::Import(target) if names::fixed(&target, "").is_some() => Entity::Module(target),
            Symbol::Import(target) => match self.env.header(&target) {
                Some(_) => Entity::Module(target),
                None => Entity::Dynamic,
            },
            Symbol::From { module: target, name } => self.member(&target, &name, hops),
            Symbol::Variable { annotation, value } => Entity::Variable { module: module.clone(), annotation, value },
            Symbol::Alias(target) => Entity::Alias { module: module.clone(), target },
            Symbol::Undeclared => Entity::Dynamic,
        }
    }

    /// What an expression in annotation position refers to.
    pub fn entity(&self, expr: &TypeExpr) -> Entity {
        match expr {
            TypeExpr::Name(name) => self.name(name),
            TypeExpr::Attribute(value, name) => match self.entity(value) {
                Entity::Module(module) => self.member_of(&module, name),
                Entity::Class { module, class } => {
                    class.nested(name).map_or(Entity::Dynamic, |class| Entity::Class { module, class: class.clone() })
                }
                Entity::Undefined => Entity::Undefined,
                _ => Entity::Dynamic,
            },
            TypeExpr::Quoted(inner) => self.entity(inner),
            TypeExpr::Call(callee, ..) => match self.entity(callee) {
                // `cinder.adopt(...)`-like decorators are told apart by what is called.
                Entity::Special(special @ (Special::Dataclass | Special::Native)) => Entity::Special(special),
                _ => Entity::Dynamic,
            },
            _ => Entity::Dynamic,
        }
    }

    fn name(&self, name: &Name) -> Entity {
        if self.type_params.contains(name) {
            return Entity::TypeParam(name.clone());
        }
        let nested = self.classes.iter().rev().find_map(|class| class.nested(name));
        match nested {
            Some(class) => Entity::Class { module: self.module.name.clone(), class: class.clone() },
            None => self.global(name),
        }
    }

    /// Resolves the annotation of a declaration, with its outermost qualifier.
    ///
    /// # Errors
    /// The annotation is a mistake; its type is then `Unknown` to the caller.
    pub fn declared(&self, expr: &TypeExpr, place: Place) -> Result<Declared, AnnotationError> {
        let inner = if let TypeExpr::Quoted(inner) = expr { inner } else { expr };
        let (head, args): (&TypeExpr, &[TypeExpr]) = match inner {
            TypeExpr::Subscript(head, args) => (head, args),
            other => (other, &[]),
        };
        let qualifier = match self.entity(head) {
            Entity::Special(Special::Final) if place != Place::Plain => Qualifier::Final,
            Entity::Special(Special::ClassVar) if place == Place::ClassBody => Qualifier::ClassVar,
            Entity::Special(Special::ClassVar) if matches!(place, Place::Local | Place::SelfAttribute) => {
                return Err(AnnotationError::new(
                    Rule::InvalidClassVar,
                    "ClassVar is allowed only in class attribute annotations.",
                ));
            }
            Entity::Special(Special::InitVar) if place == Place::ClassBody => Qualifier::InitVar,
            Entity::Special(Special::InitVar) => {
                return Err(AnnotationError::new(
                    Rule::InvalidClassVar,
                    "InitVar is allowed only in class attribute annotations.",
                ));
            }
            _ => Qualifier::None,
        };
        if qualifier == Qualifier::None {
            return Ok(Declared { ty: self.ty(expr)?, qualifier, infer: false });
        }
        match args {
            [] => Ok(Declared { ty: Type::Dynamic, qualifier, infer: true }),
            [arg] => Ok(Declared { ty: self.ty(arg)?, qualifier, infer: false }),
            _ => Err(AnnotationError::new(
                Rule::InvalidAnnotation,
                format!("incorrect number of generic arguments for {qualifier:?}[T], expected 1, got {}", args.len()),
            )),
        }
    }

    /// Resolves an annotation that carries no qualifier.
    ///
    /// # Errors
    /// The annotation is a mistake.
    pub fn ty(&self, expr: &TypeExpr) -> Result<Type, AnnotationError> {
        match expr {
            TypeExpr::None => Ok(Type::None),
            TypeExpr::Quoted(inner) => match self.ty(inner) {
                // A quoted name may be defined for type checkers of other kinds only.
                Err(error) if error.rule == Rule::UndefinedName => Ok(Type::Dynamic),
                resolved => resolved,
            },
            TypeExpr::Malformed => {
                Err(AnnotationError::new(Rule::AnnotationSyntax, "invalid syntax in string annotation"))
            }
            TypeExpr::Name(name) => self.entity_type(self.name(name), name),
            TypeExpr::Attribute(_, name) => self.entity_type(self.entity(expr), name),
            TypeExpr::Either(left, right) => self.union(&[left, right]),
            TypeExpr::Subscript(head, args) => self.subscript(head, args),
            TypeExpr::Slice => Err(AnnotationError::new(Rule::InvalidAnnotation, "can't slice generic types")),
            TypeExpr::Const(_) | TypeExpr::Call(..) | TypeExpr::Value => Ok(Type::Dynamic),
        }
    }

    fn entity_type(&self, entity: Entity, name: &str) -> Result<Type, AnnotationError> {
        Ok(match entity {
            Entity::Class { module, class } => self.class_type(&module, &class),
            Entity::Known(KnownClass::Float) | Entity::Generic(_) => Type::Dynamic,
            Entity::Known(class) => Type::instance(class),
            Entity::Prim(prim) => Type::Prim(prim),
            Entity::Alias { module, target } => self.alias(&module, &target),
            Entity::Special(Special::TClass) => Type::TypeVar(Name::new("TClass")),
            Entity::Special(Special::Final) => {
                return Err(AnnotationError::new(
                    Rule::InvalidFinal,
                    "Final annotation is only valid in initial declaration of attribute or module-level constant",
                ));
            }
            Entity::Special(Special::ClassVar) => {
                return Err(AnnotationError::new(
                    Rule::InvalidClassVar,
                    "ClassVar is allowed only in class attribute annotations. Class Finals are inferred ClassVar; do not nest with Final.",
                ));
            }
            Entity::Special(Special::InitVar) => {
                return Err(AnnotationError::new(
                    Rule::InvalidClassVar,
                    "InitVar is allowed only in class attribute annotations.",
                ));
            }
            Entity::Special(special @ (Special::Optional | Special::Union)) => Type::Special(special),
            Entity::Special(Special::Annotated) => return Err(Self::annotated_error()),
            Entity::Undefined => {
                return Err(AnnotationError::new(Rule::UndefinedName, format!("Name `{name}` is not defined.")));
            }
            _ => Type::Dynamic,
        })
    }

    fn annotated_error() -> AnnotationError {
        AnnotationError::new(
            Rule::InvalidAnnotation,
            "Annotated types must be parametrized by at least one annotation.",
        )
    }

    fn class_type(&self, module: &Name, class: &ClassSummary) -> Type {
        if self.is_dynamic_class(module, class) {
            Type::Dynamic
        } else {
            Type::instance(ClassId::user(module, &class.qualname))
        }
    }

    /// A type alias, resolved in the module that declares it.
    pub fn alias(&self, module: &Name, target: &TypeExpr) -> Type {
        let fresh = Cell::new(MAX_UNFOLDINGS);
        let left = self.unfoldings.unwrap_or(&fresh);
        let Some(rest) = left.get().checked_sub(1) else { return Type::Unknown };
        left.set(rest);
        let unfold = |resolver: Resolver<'_>| resolver.ty(target).unwrap_or(Type::Unknown);
        if *module == self.module.name {
            return unfold(Resolver { unfoldings: Some(left), ..*self });
        }
        match self.env.header(module) {
            Some(header) => unfold(Resolver { unfoldings: Some(left), ..Resolver::new(self.env, &header, self.memo) }),
            None => Type::Dynamic,
        }
    }

    fn union(&self, parts: &[&TypeExpr]) -> Result<Type, AnnotationError> {
        let types = parts.iter().map(|part| self.ty(part)).collect::<Result<Vec<_>, _>>()?;
        let union = union_of(self, types).map_err(|error| {
            AnnotationError::new(
                Rule::PrimitiveInUnion,
                format!("invalid union type {}; unions cannot include primitive types", error.0),
            )
        })?;
        Ok(match &union {
            Type::Union(members) if members.len() == 2 && union.is_optional() => union,
            Type::Union(_) => Type::Dynamic,
            _ => union,
        })
    }

    fn subscript(&self, head: &TypeExpr, args: &[TypeExpr]) -> Result<Type, AnnotationError> {
        let arity = |name: &str, expected: usize| {
            AnnotationError::new(
                Rule::InvalidAnnotation,
                format!("incorrect number of generic arguments for {name}, expected {expected}, got {}", args.len()),
            )
        };
        match self.entity(head) {
            Entity::Special(Special::Optional) => match args {
                [arg] => self.union(&[arg, &TypeExpr::None]),
                _ => Err(arity("Optional[T]", 1)),
            },
            Entity::Special(Special::Union) => self.union(&args.iter().collect::<Vec<_>>()),
            Entity::Special(Special::Annotated) => match args {
                [] | [_] => Err(Self::annotated_error()),
                [ty, TypeExpr::Quoted(mark)] if **mark == TypeExpr::Name(Name::new("Exact")) => {
                    Ok(self.ty(ty)?.to_exact())
                }
                [ty, ..] => self.ty(ty),
            },
            Entity::Special(Special::Literal) => Self::literal(args),
            Entity::Special(special @ (Special::Final | Special::ClassVar | Special::InitVar)) => {
                self.entity_type(Entity::Special(special), "Final")
            }
            Entity::Generic(def) => self.generic(def, args),
            Entity::Known(class) => {
                // Arguments of plain containers mean nothing at run time, but a qualifier inside them is a mistake.
                for arg in args {
                    match self.ty(arg) {
                        Err(error) if matches!(error.rule, Rule::InvalidFinal | Rule::InvalidClassVar) => {
                            return Err(error);
                        }
                        _ => {}
                    }
                }
                self.entity_type(Entity::Known(class), class.name())
            }
            Entity::Class { module, class } => Ok(self.class_type(&module, &class)),
            Entity::Undefined => self.ty(head),
            _ => Ok(Type::Dynamic),
        }
    }

    fn literal(args: &[TypeExpr]) -> Result<Type, AnnotationError> {
        match args {
            [TypeExpr::Const(value)] => Ok(match **value {
                ConstValue::Int(value) => Type::IntLiteral(value),
                ConstValue::Bool(value) => Type::BoolLiteral(value),
                _ => Type::Dynamic,
            }),
            [TypeExpr::Name(_) | TypeExpr::Attribute(..) | TypeExpr::Value | TypeExpr::Call(..)] => {
                Err(AnnotationError::new(Rule::InvalidAnnotation, "Literal must be parametrized by a constant"))
            }
            _ => Ok(Type::Dynamic),
        }
    }

    /// An instantiation of a checked generic.
    ///
    /// # Errors
    /// Arity, a slice, or an argument the container cannot hold.
    pub fn generic(&self, def: GenericDef, args: &[TypeExpr]) -> Result<Type, AnnotationError> {
        if args.contains(&TypeExpr::Slice) {
            return Err(AnnotationError::new(Rule::InvalidAnnotation, "can't slice generic types"));
        }
        if args.len() != def.arity() {
            let open = Type::generic(def, []);
            return Err(AnnotationError::new(
                Rule::InvalidAnnotation,
                format!(
                    "incorrect number of generic arguments for {open}, expected {}, got {}",
                    def.arity(),
                    args.len()
                ),
            ));
        }
        let args = args.iter().map(|arg| self.ty(arg)).collect::<Result<Vec<_>, _>>()?;
        let refused = args.iter().find(|arg| match def {
            GenericDef::Array => **arg != Type::Prim(Prim::Int64) && !arg.is_dynamic(),
            _ => arg.is_prim(),
        });
        if let Some(arg) = refused {
            return Err(AnnotationError::new(
                Rule::InvalidElementType,
                format!("Invalid {} element type: {arg}", def.shown()),
            ));
        }
        Ok(Type::generic(def, args))
    }

    /// A class whose body is not checked: a protocol only describes.
    pub fn is_protocol(&self, module: &Name, class: &ClassSummary) -> bool {
        self.in_module(module, |resolver| {
            class.bases.iter().any(|base| {
                let head = if let TypeExpr::Subscript(head, _) = base { head } else { base };
                resolver.entity(head) == Entity::Special(Special::Protocol)
            })
        })
    }

    /// The class as a whole is `dynamic` (section 3.10).
    pub fn is_dynamic_class(&self, module: &Name, class: &ClassSummary) -> bool {
        if class.bases.is_empty() && class.decorators.is_empty() {
            return class.has_metaclass || !class.type_params.is_empty();
        }
        let id = ClassId::user(module, &class.qualname);
        if let Some(known) = self.memo.dynamic.borrow().get(&id) {
            return *known;
        }
        let found = self.is_dynamic_within(module, class, &Cell::new(MAX_DATACLASSES));
        self.memo.dynamic.borrow_mut().insert(id, found);
        found
    }

    /// Why the class is `dynamic` as a whole; `None` for others, and for dataclasses whose bases or options make them so.
    pub fn dynamic_reason(&self, module: &Name, class: &ClassSummary) -> Option<String> {
        if class.has_metaclass {
            return Some("it has a metaclass".to_owned());
        }
        self.in_module(module, |resolver| {
            let base = class.bases.iter().find_map(|base| {
                let head = if let TypeExpr::Subscript(head, _) = base { head } else { base };
                match resolver.entity(head) {
                    Entity::Special(form @ (Special::NamedTuple | Special::Protocol | Special::TypedDict)) => {
                        Some(format!("it derives from {form:?}"))
                    }
                    Entity::Known(KnownClass::Tuple) => Some("it derives from tuple".to_owned()),
                    _ => None,
                }
            });
            let decorator = || {
                let unknown = class.decorators.iter().any(|decorator| !resolver.is_class_decorator(decorator));
                unknown.then(|| "what its decorator makes of it is not known".to_owned())
            };
            base.or_else(decorator)
        })
    }

    /// A class decorator after which the class is what it was.
    fn is_class_decorator(&self, decorator: &TypeExpr) -> bool {
        matches!(
            self.entity(decorator),
            Entity::Special(
                Special::FinalDecorator
                    | Special::AllowWeakrefs
                    | Special::Identity
                    | Special::DoNotCompile
                    | Special::ClassDecorator
                    | Special::Dataclass
            )
        )
    }

    fn is_dynamic_within(&self, module: &Name, class: &ClassSummary, left: &Cell<u32>) -> bool {
        if class.has_metaclass || !class.type_params.is_empty() {
            return true;
        }
        self.in_module(module, |resolver| {
            let base = class.bases.iter().any(|base| {
                let head = if let TypeExpr::Subscript(head, _) = base { head } else { base };
                matches!(
                    resolver.entity(head),
                    Entity::Special(Special::NamedTuple | Special::Protocol | Special::TypedDict)
                        | Entity::Known(KnownClass::Tuple)
                )
            });
            base || class.decorators.iter().any(|decorator| !resolver.is_class_decorator(decorator))
        }) || self.is_ordinary_dataclass(module, class, left)
    }

    /// A dataclass that the decorator exchanges for another class, or whose bases are not known.
    fn is_ordinary_dataclass(&self, module: &Name, class: &ClassSummary, left: &Cell<u32>) -> bool {
        self.in_module(module, |resolver| {
            let Some(decorator) = class
                .decorators
                .iter()
                .find(|decorator| resolver.entity(decorator) == Entity::Special(Special::Dataclass))
            else {
                return false;
            };
            let exchanges = matches!(decorator, TypeExpr::Call(_, keywords) if keywords.iter().any(|(name, value)| {
                name == "slots" && !matches!(value, Some(cinder_types::ConstValue::Bool(false)))
            }));
            exchanges
                || class.bases.iter().any(|base| match resolver.entity(base) {
                    Entity::Class { module, class } => match left.get().checked_sub(1) {
                        Some(rest) => {
                            left.set(rest);
                            resolver.is_dynamic_within(&module, &class, left)
                        }
                        // A cycle or an absurd number of bases.
                        None => true,
                    },
                    Entity::Known(_) => false,
                    _ => true,
                })
        })
    }

    /// A class that derives directly from one of the enum roots of `__static__`.
    pub fn is_enum(&self, module: &Name, class: &ClassSummary) -> bool {
        self.in_module(module, |resolver| {
            class.bases.iter().any(|base| matches!(resolver.entity(base), Entity::Known(known) if known.is_enum_root()))
        })
    }

    /// What decorating a function with a context manager makes of it; `None` for other decorators. A manager is a call of a class that derives
    /// from one of the context decorators of `__static__`, or a module variable annotated with such a class.
    pub fn context_decorator(&self, decorator: &TypeExpr) -> Option<ContextDecoration> {
        let (module, class) = match decorator {
            TypeExpr::Call(callee, ..) => match self.entity(callee) {
                Entity::Class { module, class } => (module, class),
                Entity::Known(known) => return ContextDecoration::of_root(known),
                _ => return None,
            },
            _ => match self.entity(decorator) {
                Entity::Variable { module, annotation: Some(annotation), .. } => {
                    let declared =
                        self.in_module(&module, |resolver| resolver.declared(&annotation, Place::Module)).ok()?;
                    match declared.ty {
                        Type::Instance { class: ClassId::Known(known), .. } => {
                            return ContextDecoration::of_root(known);
                        }
                        Type::Instance { class: ClassId::User(id), .. } => {
                            (id.module.clone(), self.class_summary(&ClassId::User(id.clone()))?)
                        }
                        _ => return None,
                    }
                }
                _ => return None,
            },
        };
        if class.bases.is_empty() {
            return None;
        }
        let mro = self.consistent_mro(&ClassId::user(&module, &class.qualname)).filter(|mro| !mro.dynamic)?;
        let root = mro.classes.iter().find_map(|id| id.known().and_then(ContextDecoration::of_root))?;
        // Who is called in a way of its own may do anything.
        let declares = |id: &ClassId, name: &str| {
            self.class_body(id).is_some_and(|body| body.members.iter().any(|(own, _)| own == name))
        };
        if mro.classes.iter().any(|id| declares(id, "__call__")) {
            return None;
        }
        // The nearest `__exit__` decides; what the roots themselves do is known.
        let exit = mro.classes.iter().find_map(|id| {
            let body = self.class_body(id)?;
            let method = body.members.iter().find_map(|(name, member)| match member {
                MemberSummary::Function(method) if name == "__exit__" => Some(method.clone()),
                _ => None,
            })?;
            Some((id.module().to_owned(), method))
        });
        let Some((module, method)) = exit else { return Some(root) };
        let returns = self.in_module(&Name::new(module), |resolver| method.returns.as_ref().map(|it| resolver.ty(it)));
        let never = matches!(returns, Some(Ok(Type::BoolLiteral(false) | Type::None)));
        Some(if never { ContextDecoration::Transparent } else { ContextDecoration::MaySwallow })
    }

    /// Runs `work` with a resolver of another module.
    pub fn in_module<R>(&self, module: &Name, work: impl FnOnce(Resolver<'_>) -> R) -> R {
        if *module == self.module.name {
            return work(Resolver::new(self.env, self.module, self.memo));
        }
        match self.env.header(module) {
            Some(header) => work(Resolver::new(self.env, &header, self.memo)),
            None => work(Resolver::new(self.env, &ModuleHeader::default(), self.memo)),
        }
    }

    /// Direct bases: ids of the known ones, and whether an unknown one is among them.
    pub fn bases(&self, module: &Name, class: &ClassSummary) -> (Vec<ClassId>, bool) {
        self.in_module(module, |resolver| {
            let mut ids = Vec::new();
            let mut dynamic = false;
            for base in &class.bases {
                let head = if let TypeExpr::Subscript(head, _) = base { head } else { base };
                match resolver.entity(head) {
                    Entity::Class { module, class } if !resolver.is_dynamic_class(&module, &class) => {
                        ids.push(ClassId::user(&module, &class.qualname));
                    }
                    Entity::Known(known) => ids.push(known.into()),
                    _ => dynamic = true,
                }
            }
            if ids.is_empty() {
                ids.push(KnownClass::Object.into());
            }
            (ids, dynamic)
        })
    }

    /// Finds the summary of a class by id.
    pub fn class_summary(&self, id: &ClassId) -> Option<Arc<ClassSummary>> {
        let ClassId::User(name) = id else { return None };
        let mut parts = name.name.split('.');
        let Some(Symbol::Class(mut class)) = self.env.symbol(&name.module, parts.next()?) else { return None };
        for part in parts {
            class = class.nested(part)?.clone();
        }
        Some(class)
    }

    /// Finds what a class declares by its id.
    pub fn class_body(&self, id: &ClassId) -> Option<Arc<ClassBody>> {
        let ClassId::User(name) = id else { return None };
        self.env.class_body(&name.module, &name.name)
    }

    /// A class that is being looked at counts as unknown, so inheritance cycles end.
    fn mro_within(&self, id: &ClassId, depth: usize) -> Option<Mro> {
        let ClassId::User(name) = id else {
            return Some(Mro { classes: id.known()?.mro().map(ClassId::Known).collect(), dynamic: false });
        };
        let object: ClassId = KnownClass::Object.into();
        let unknown = Mro { classes: Arc::new([id.clone(), object]), dynamic: true };
        if let Some(found) = self.memo.mros.borrow().get(id) {
            return found.clone();
        }
        if let Some(line) = self.single_line(id, depth) {
            self.memo.mros.borrow_mut().insert(id.clone(), Some(line.clone()));
            return Some(line);
        }
        let Some(class) = self.class_summary(id) else { return Some(unknown) };
        // An absurdly deep chain.
        if depth == 0 {
            return Some(unknown);
        }
        self.memo.mros.borrow_mut().insert(id.clone(), Some(unknown));
        let (bases, dynamic) = self.bases(&name.module, &class);
        let bases = bases.iter().map(|base| self.mro_within(base, depth - 1)).collect::<Option<Vec<_>>>();
        let mro =
            bases.and_then(|bases| linearise(id, &bases)).map(|mro| Mro { dynamic: mro.dynamic | dynamic, ..mro });
        self.memo.mros.borrow_mut().insert(id.clone(), mro.clone());
        mro
    }

    /// The order of a class whose ancestors have one base each: the line of them, in one walk. `None` where the general rule is needed.
    fn single_line(&self, id: &ClassId, depth: usize) -> Option<Mro> {
        let mut line: Vec<ClassId> = Vec::new();
        let mut next = id.clone();
        let mut is_dynamic = false;
        while let ClassId::User(name) = &next {
            if line.len() == depth {
                // An absurdly deep chain, unless it is a cycle.
                let distinct: rustc_hash::FxHashSet<&ClassId> = line.iter().collect();
                if distinct.len() < line.len() || distinct.contains(&next) {
                    return None;
                }
                line.extend([next, KnownClass::Object.into()]);
                return Some(Mro { classes: line.into(), dynamic: true });
            }
            let bases = self.env.bases(&name.module, &name.name)?;
            is_dynamic |= bases.dynamic;
            let base = match &bases.known[..] {
                [] => KnownClass::Object.into(),
                [base] => base.clone(),
                _ => return None,
            };
            line.push(std::mem::replace(&mut next, base));
        }
        line.extend(next.known()?.mro().map(ClassId::Known));
        Some(Mro { classes: line.into(), dynamic: is_dynamic })
    }

    /// The linearisation of a class; `None` when its bases have no consistent order.
    pub fn consistent_mro(&self, id: &ClassId) -> Option<Mro> {
        self.mro_within(id, MAX_BASES)
    }
}

impl ClassLookup for Resolver<'_> {
    fn class(&self, _id: &ClassId) -> Option<Arc<ClassDef>> {
        None
    }

    fn mro(&self, id: &ClassId) -> Mro {
        self.consistent_mro(id)
            .unwrap_or_else(|| Mro { classes: Arc::new([id.clone(), KnownClass::Object.into()]), dynamic: true })
    }
}
