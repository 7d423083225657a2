//! The types themselves.
//!
//! Problem: gradual typing needs a class and its *exactness* ("this class, no subclass"), because only exact receivers allow
//! direct calls and trusted layouts.
//! Idea: [`Type`] describes a *value*. A class object is a value too: [`Type::Class`] wraps the type of its instances.
//! Holds: always-exact classes (`bool`, checked containers, ...) are built exact by every constructor, so `==` is reliable;
//! unions have at least two members, are flat and contain no primitive.
//!
//! Follows: the language specification, section 3.

use std::sync::Arc;

use crate::{KnownClass, Name, Prim, Signature};

/// Module and dotted name inside it, for example `("m", "Outer.Inner.f")`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct QualName {
    pub module: Name,
    pub name: Name,
}

impl QualName {
    pub fn new(module: impl AsRef<str>, name: impl AsRef<str>) -> Self {
        Self { module: Name::new(module), name: Name::new(name) }
    }

    /// The part after the last dot.
    pub fn last(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or_default()
    }

    /// The dotted name of what encloses this name inside the module.
    pub fn parent(&self) -> Option<&str> {
        self.name.rsplit_once('.').map(|(parent, _)| parent)
    }
}

/// Names a class; equal ids name the same class.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ClassId {
    Known(KnownClass),
    User(Arc<QualName>),
}

impl ClassId {
    pub fn user(module: impl AsRef<str>, name: impl AsRef<str>) -> Self {
        Self::User(Arc::new(QualName::new(module, name)))
    }

    pub fn known(&self) -> Option<KnownClass> {
        match self {
            Self::Known(known) => Some(*known),
            Self::User(_) => None,
        }
    }

    pub fn is(&self, class: KnownClass) -> bool {
        matches!(self, Self::Known(known) if *known == class)
    }

    /// The unqualified name, as run-time messages print it.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(known) => known.name(),
            Self::User(name) => name.last(),
        }
    }

    pub fn module(&self) -> &str {
        match self {
            Self::Known(known) => known.module(),
            Self::User(name) => &name.module,
        }
    }
}

impl From<KnownClass> for ClassId {
    fn from(known: KnownClass) -> Self {
        Self::Known(known)
    }
}

/// Names a function or method by where it is written.
pub type FunctionId = Arc<QualName>;

/// A class object as a value; prints `Type[..]`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ClassObject {
    /// What calling it yields.
    pub instance: Type,
    /// The object is this class and no subclass of it: a name in source, not a parameter of type `type`.
    pub exact: bool,
}

/// A generic whose type arguments exist at run time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum GenericDef {
    CheckedDict,
    CheckedList,
    Array,
}

impl GenericDef {
    /// The name of the class at run time.
    pub fn runtime_name(self) -> &'static str {
        match self {
            Self::CheckedDict => "chkdict",
            Self::CheckedList => "chklist",
            Self::Array => "staticarray",
        }
    }

    /// The name messages print.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Array => "Array",
            other => other.runtime_name(),
        }
    }

    pub fn arity(self) -> usize {
        match self {
            Self::CheckedDict => 2,
            Self::CheckedList | Self::Array => 1,
        }
    }
}

/// An instantiated (or, with no arguments, open) generic.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Generic {
    pub def: GenericDef,
    pub args: Box<[Type]>,
}

/// A function as a value. For methods `receiver` is set once the function has been reached through an object.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FunctionType {
    pub id: FunctionId,
    pub signature: Arc<Signature>,
    /// Written in a class body; prints `method` instead of `function`.
    pub is_method: bool,
}

/// A member of a static enum class.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct EnumMember {
    pub class: ClassId,
    pub name: Name,
    pub value: Type,
}

/// Names with a meaning of their own: intrinsics, special functions and typing forms.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Special {
    // Intrinsics of `__static__`.
    Box,
    Unbox,
    Cast,
    CLen,
    CRange,
    ProdAssert,
    Rand,
    Native,
    Inline,
    DoNotCompile,
    DynamicReturn,
    AllowWeakrefs,
    Mixin,
    SetTypeStatic,
    TClass,
    ClassDecorator,
    // Builtin functions the checker knows.
    Len,
    Min,
    Max,
    Sorted,
    IsInstance,
    IsSubclass,
    RevealType,
    /// A builtin function with unknown signature and `dynamic` result.
    Reflected,
    // Forms of `typing`.
    Optional,
    Union,
    Final,
    ClassVar,
    Annotated,
    Literal,
    Generic,
    Protocol,
    NamedTuple,
    TypedDict,
    TypeVarMaker,
    FinalDecorator,
    Overload,
    Override,
    /// `Any`, `Callable`, `Iterator` and others that annotate as `dynamic`.
    DynamicForm,
    // `dataclasses` and caching decorators.
    Dataclass,
    DataclassField,
    InitVar,
    CachedProperty,
    AsyncCachedProperty,
    /// A decorator that returns what it gets.
    Identity,
}

/// What a value is known to be.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// Anything but a primitive; checked where it enters a typed place.
    Dynamic,
    /// The type of an expression that was reported already: it agrees with everything, so that one mistake is told once.
    Unknown,
    /// No value: an expression that does not return.
    Never,
    None,
    Instance {
        class: ClassId,
        exact: bool,
    },
    /// An int object of known value.
    IntLiteral(i128),
    BoolLiteral(bool),
    Prim(Prim),
    /// An int constant visited with a primitive expected; it fits a kind by its value.
    PrimLiteral(i128),
    /// At least two members, in the order they were joined.
    Union(Arc<[Self]>),
    Generic(Arc<Generic>),
    Class(Arc<ClassObject>),
    Function(Arc<FunctionType>),
    Module(Name),
    /// What calling a known `async def` gives; awaiting it gives the argument.
    Awaitable(Arc<Self>),
    TypeVar(Name),
    EnumMember(Arc<EnumMember>),
    Special(Special),
}

impl Type {
    /// An instance of `class` or a subclass, as an annotation gives it.
    pub fn instance(class: impl Into<ClassId>) -> Self {
        let class = class.into();
        match class {
            ClassId::Known(KnownClass::NoneType) => Self::None,
            ClassId::Known(known) => Self::Instance { exact: known.is_final(), class },
            ClassId::User(_) => Self::Instance { class, exact: false },
        }
    }

    /// An instance of `class` and no subclass, as a constructor or display gives it.
    pub fn exact(class: impl Into<ClassId>) -> Self {
        match class.into() {
            ClassId::Known(KnownClass::NoneType) => Self::None,
            class => Self::Instance { class, exact: true },
        }
    }

    pub fn object() -> Self {
        Self::instance(KnownClass::Object)
    }

    pub fn bool() -> Self {
        Self::instance(KnownClass::Bool)
    }

    pub fn int() -> Self {
        Self::instance(KnownClass::Int)
    }

    pub fn str() -> Self {
        Self::instance(KnownClass::Str)
    }

    /// The class object whose instances are `instance`, named directly.
    pub fn class_of_instances(instance: Self) -> Self {
        Self::Class(Arc::new(ClassObject { instance, exact: true }))
    }

    pub fn generic(def: GenericDef, args: impl Into<Box<[Self]>>) -> Self {
        Self::Generic(Arc::new(Generic { def, args: args.into() }))
    }

    /// `T | None` for a `T` that is not already optional and not dynamic.
    pub fn optional(self) -> Self {
        match self {
            Self::Dynamic | Self::Unknown | Self::None => self,
            Self::Union(members) if members.contains(&Self::None) => Self::Union(members),
            Self::Union(members) => Self::Union(members.iter().cloned().chain([Self::None]).collect()),
            other => Self::Union(Arc::new([other, Self::None])),
        }
    }

    pub fn is_dynamic(&self) -> bool {
        matches!(self, Self::Dynamic | Self::Unknown)
    }

    pub fn is_prim(&self) -> bool {
        matches!(self, Self::Prim(_) | Self::PrimLiteral(_))
    }

    pub fn prim(&self) -> Option<Prim> {
        match self {
            Self::Prim(prim) => Some(*prim),
            _ => None,
        }
    }

    pub fn is_union(&self) -> bool {
        matches!(self, Self::Union(_))
    }

    pub fn is_optional(&self) -> bool {
        matches!(self, Self::Union(members) if members.contains(&Self::None))
    }

    /// The value is an instance of this builtin class, perhaps of a subclass (literals included).
    pub fn is_instance_of_known(&self, class: KnownClass) -> bool {
        self.known_class() == Some(class)
    }

    /// The builtin class of the value when it is a builtin's instance.
    pub fn known_class(&self) -> Option<KnownClass> {
        match self {
            Self::None => Some(KnownClass::NoneType),
            Self::Instance { class: ClassId::Known(class), .. } => Some(*class),
            Self::IntLiteral(_) => Some(KnownClass::Int),
            Self::BoolLiteral(_) => Some(KnownClass::Bool),
            Self::Class(_) => Some(KnownClass::Type),
            Self::Function(_) => Some(KnownClass::Function),
            Self::Module(_) => Some(KnownClass::Module),
            _ => None,
        }
    }

    /// The class by which the value is looked up: members, linearisation, tests.
    pub fn class_id(&self) -> Option<ClassId> {
        match self {
            Self::Instance { class, .. } => Some(class.clone()),
            Self::EnumMember(member) => Some(member.class.clone()),
            _ => self.known_class().map(ClassId::Known),
        }
    }

    /// The class of the value is known to be no subclass of [`Type::class_id`].
    pub fn is_exact(&self) -> bool {
        match self {
            Self::Instance { exact, .. } => *exact,
            Self::None
            | Self::IntLiteral(_)
            | Self::BoolLiteral(_)
            | Self::Prim(_)
            | Self::PrimLiteral(_)
            | Self::Generic(_)
            | Self::Function(_)
            | Self::Module(_)
            | Self::EnumMember(_) => true,
            Self::Class(class) => class.exact,
            _ => false,
        }
    }

    /// The exact type of the same class.
    pub fn to_exact(&self) -> Self {
        match self {
            Self::Instance { class, .. } => Self::Instance { class: class.clone(), exact: true },
            _ => self.clone(),
        }
    }

    /// Forgets exactness, keeps literals.
    pub fn to_inexact(&self) -> Self {
        match self {
            Self::Instance { class, .. } => Self::instance(class.clone()),
            Self::Union(members) => Self::Union(members.iter().map(Self::to_inexact).collect()),
            _ => self.clone(),
        }
    }

    /// Forgets the value of a literal, keeps exactness.
    pub fn without_literal(&self) -> Self {
        match self {
            Self::IntLiteral(_) => Self::exact(KnownClass::Int),
            Self::BoolLiteral(_) => Self::bool(),
            Self::EnumMember(member) => Self::exact(member.class.clone()),
            _ => self.clone(),
        }
    }

    /// What an unannotated declaration records: no literal, no exactness.
    pub fn declared_form(&self) -> Self {
        self.without_literal().to_inexact()
    }

    /// The members of a union, or the type itself.
    pub fn members(&self) -> &[Self] {
        match self {
            Self::Union(members) => members,
            other => std::slice::from_ref(other),
        }
    }

    /// Members other than None; `Never` when nothing is left.
    pub fn without_none(&self) -> Self {
        self.filter(|member| *member != Self::None)
    }

    /// Keeps the members of a union that satisfy `keep`.
    pub fn filter(&self, mut keep: impl FnMut(&Self) -> bool) -> Self {
        let mut kept: Vec<Self> = self.members().iter().filter(|member| keep(member)).cloned().collect();
        match kept.len() {
            0 => Self::Never,
            1 => kept.remove(0),
            _ => Self::Union(kept.into()),
        }
    }
}
