//! The typed module: the contract between the checker and the code generator.
//!
//! Problem: code generation must place every cast, box, unbox, slot load and direct call, and must not repeat (or contradict) the
//! reasoning about types.
//! Idea: three facts per expression, found by its node id. [`ExprFacts::op`] says how the value is made,
//! [`ExprFacts::ty`] what it is, [`ExprFacts::convert`] what must be done to it before its one consumer sees it. Expressions without
//! facts are ordinary Python: objects in, object out. Whatever does not say otherwise is compiled as in an untyped module.
//!
//! What must hold:
//! * an expression's consumer sees `convert(value)`. [`ExprFacts::repr`] tells the register kind of the value before, and
//!   [`ExprFacts::final_repr`] after the conversion. Ordinary Python operations see tagged operands only;
//! * an expression in *store* position (assignment, loop, `with`, walrus target, and the like) has facts too: `convert` is applied to the
//!   incoming value, `ty` is what the place holds, `op` how it is stored ([`ExprOp::Field`], [`ExprOp::Sequence`] or ordinary);
//! * an augmented assignment `t op= v` has facts for the target (how it is loaded and stored; `convert` applies to the result
//!   before the store), and [`TypedUnit::augmented`] says how it is computed;
//! * register kinds of locals are in [`TypedFunction::locals`], never guessed. A name may have a tagged and a raw life: then each
//!   occurrence's `repr` says which register it means;
//! * ids are those `cinder_db` numbers the trees with: per unit, equal in the tree of the file and in the tree of the piece. The module
//!   unit covers everything outside the bodies of functions that are items (decorators, defaults, class bodies, one-line functions), a
//!   function unit covers one body with all functions inside it.
//!
//! # Recipes
//!
//! | Source | Facts |
//! | --- | --- |
//! | `a + 1` with `a: int64` | the `+`: [`ExprOp::PrimBinary`], ty `int64`; `1`: [`ExprOp::Const`], ty `int64`: a raw constant |
//! | `if a < b` (primitive) | the comparison: [`ExprOp::PrimCompare`], ty `cbool`; branch on the raw register ([`Truth::Raw`]) |
//! | `box(a)` | the call: [`ExprOp::Forward`]`(0)`; `a`: convert [`Convert::Box`] |
//! | `int64(x)` | the call: `Forward(0)`; `x`: convert [`Convert::Unbox`] (object) or [`Convert::Prim`] |
//! | `cast(C, x)` | the call: `Forward(1)`; `x`: convert [`Convert::Cast`] |
//! | `f(a, b=x)` known | the call: [`ExprOp::Call`] with a [`CallPlan`]; arguments carry their own converts |
//! | `o.x` typed slot | [`ExprOp::Field`]; the receiver is an operand without convert |
//! | `x: C = untyped()` | value: convert `Cast(C)`; target: an ordinary local |
//! | `for i in crange(n)` | [`TypedUnit::loops`] by the iterable's id: [`LoopPlan::CRange`] |

use std::sync::Arc;

use cinder_syntax::NodeId;
use cinder_types::{
    ClassDef, ClassId, ConstValue, FieldLayout, FunctionId, Name, Prim, PrimBinaryOp, PrimCompareOp, PrimUnaryOp,
    Signature, Type, TypeDescriptor,
};
use rustc_hash::FxHashMap;

/// In which kind of register a value lives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Repr {
    /// A tagged word.
    Tagged,
    /// A raw integer, sign- or zero-extended to 64 bits by its kind.
    Int(Prim),
    Double,
}

impl Repr {
    pub fn of(ty: &Type) -> Self {
        match ty {
            Type::Prim(Prim::Double) => Self::Double,
            Type::Prim(prim) => Self::Int(*prim),
            Type::PrimLiteral(_) => Self::Int(Prim::Int64),
            _ => Self::Tagged,
        }
    }
}

/// What happens to a value on its way to its consumer.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum Convert {
    #[default]
    None,
    /// Tagged to tagged: `TypeError` unless the object is of this type.
    Cast(Box<TypeDescriptor>),
    /// Raw to object.
    Box(Prim),
    /// Object to raw: `TypeError`, `OverflowError`.
    Unbox(Prim),
    /// Raw to raw: truncate, sign- or zero-extend.
    Prim { from: Prim, to: Prim },
    /// Raw or object to raw 0 or 1.
    Truth,
}

/// An object container with a fast length or fast items.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Container {
    List,
    Tuple,
    Dict,
    Set,
    Str,
    CheckedList,
    CheckedDict,
    Array,
}

/// A container operand: what it is, and whether a subclass is possible (then the fast path tests the class first).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FastContainer {
    pub container: Container,
    pub exact: bool,
}

/// A typed slot of a class.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FieldRef {
    /// The class that declares the slot, which may be a base of the receiver's class.
    pub class: ClassId,
    pub name: Name,
    pub ty: Type,
}

/// Where one parameter of a planned call gets its value.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ArgSource {
    /// The object before the dot.
    Receiver,
    /// The class object named by the callee: class methods called on a class.
    Class(ClassId),
    /// Argument by its place: the positional ones first, then those given by keyword.
    Argument(u32),
    /// A value out of the `*x` or `**x` at this place. Such an argument fills every parameter that no other one fills: `*x` by position,
    /// `**x` by name, with constant defaults for what it lacks.
    Element { argument: u32, convert: Convert },
    /// A constant default. `prim` is set when the parameter is raw.
    Default { value: ConstValue, prim: Option<Prim> },
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum CallTarget {
    /// `INVOKE_FUNCTION`: a function, or a method whose implementation is certain.
    Direct(FunctionId),
    /// `INVOKE_METHOD`: through the method table of the receiver's class. `class` is the class that declares the method.
    Virtual { id: FunctionId, class: ClassId },
    /// `TP_ALLOC`, then `INVOKE_FUNCTION` of `init` (when there is one) with the new object first; the result is the object.
    Construct { class: ClassId, init: Option<FunctionId> },
}

/// A call whose callee and argument places are known. Arguments are evaluated in source order, whatever their places.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CallPlan {
    pub target: CallTarget,
    /// One entry per parameter, in declaration order. For [`CallTarget::Construct`] the new object is not listed.
    pub args: Box<[ArgSource]>,
    pub signature: Arc<Signature>,
    /// The receiver expression is evaluated for its effects only (a static method called on an instance).
    pub drop_receiver: bool,
}

/// How a value is made.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum ExprOp {
    /// The ordinary operation of the syntax: tagged operands, tagged result. Names: a local register (raw when `repr` says so), a
    /// cell, a global.
    #[default]
    Python,
    /// The ordinary operation, whose result is not to be trusted: applied to it before it counts as `ty`.
    PythonThen(Convert),
    /// `isinstance(x, C)` whose truth makes `x` count as this type: when the call says so, `x` is checked, since a class of its own making or
    /// another `isinstance` may have answered.
    IsInstance(Box<Type>),
    /// A constant: raw when `ty` is primitive.
    Const(ConstValue),
    /// The value of the call's argument with this index (source order), after its own convert; other arguments are not evaluated.
    Forward(u32),
    Call(Box<CallPlan>),
    /// Load or store of a typed slot.
    Field(Box<FieldRef>),
    /// A typed slot read as a test; the value is also kept in refinement register `temp`.
    FieldKeep(Box<FieldRef>, u32),
    /// The value kept by an earlier [`ExprOp::FieldKeep`] or a store; the receiver is not evaluated.
    Refined(u32),
    /// Getter call of a property: direct or through the method table.
    Getter {
        id: FunctionId,
        class: ClassId,
        direct: bool,
    },
    PrimBinary {
        op: PrimBinaryOp,
        prim: Prim,
    },
    /// One entry per operator of the comparison; operands are converted to the entry's kind. The result is raw 0 or 1.
    PrimCompare(Box<[(PrimCompareOp, Prim)]>),
    PrimUnary {
        op: PrimUnaryOp,
        prim: Prim,
    },
    /// `and`, `or` over raw values of one kind; a conditional expression over raw values needs no op of its own.
    PrimBool,
    /// `x[i]` with a raw index; `del x[i]` too.
    Sequence(FastContainer),
    /// Raw length: `clen(o)`, or `len(o)` followed by a box.
    FastLen(FastContainer),
    /// `x.append(item)` of an exact list; the item fits after its convert.
    Append(FastContainer),
    /// `x.pop()` of an exact list.
    Pop(FastContainer),
    /// A display or comprehension that builds a checked container.
    Checked(Box<TypeDescriptor>),
    /// Instantiation of a checked generic by call, `CheckedDict[int, str](d)`: the object is built with checks.
    NewChecked(Box<TypeDescriptor>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExprFacts {
    pub ty: Type,
    pub op: ExprOp,
    pub convert: Convert,
}

impl Default for ExprFacts {
    fn default() -> Self {
        Self { ty: Type::Dynamic, op: ExprOp::Python, convert: Convert::None }
    }
}

impl ExprFacts {
    pub fn repr(&self) -> Repr {
        Repr::of(&self.ty)
    }

    /// Register kind after the conversion.
    pub fn final_repr(&self) -> Repr {
        match &self.convert {
            Convert::None => self.repr(),
            Convert::Cast(_) | Convert::Box(_) => Repr::Tagged,
            Convert::Unbox(prim) | Convert::Prim { to: prim, .. } => Repr::of(&Type::Prim(*prim)),
            Convert::Truth => Repr::Int(Prim::Bool),
        }
    }

    /// How the value is tested, once converted.
    pub fn truth(&self) -> Truth {
        match self.final_repr() {
            Repr::Int(_) => Truth::Raw,
            Repr::Double => Truth::Double,
            Repr::Tagged => fast_container(&self.ty)
                .filter(|fast| fast.exact)
                .map_or(Truth::Object, |fast| Truth::Length(fast.container)),
        }
    }
}

/// How a condition is tested.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Truth {
    Object,
    /// Not zero.
    Raw,
    /// Not 0.0; NaN is true.
    Double,
    /// The length is not zero.
    Length(Container),
}

/// The container operations apply to, if `ty` is one of the fast containers.
pub fn fast_container(ty: &Type) -> Option<FastContainer> {
    use cinder_types::{GenericDef, KnownClass};
    let container = match ty {
        Type::Generic(generic) => match generic.def {
            GenericDef::CheckedDict => Container::CheckedDict,
            GenericDef::CheckedList => Container::CheckedList,
            GenericDef::Array => Container::Array,
        },
        _ => match ty.known_class()? {
            KnownClass::List => Container::List,
            KnownClass::Tuple => Container::Tuple,
            KnownClass::Dict => Container::Dict,
            KnownClass::Set => Container::Set,
            KnownClass::Str => Container::Str,
            _ => return None,
        },
    };
    Some(FastContainer { container, exact: ty.is_exact() })
}

/// How `target op= value` is computed. The target's facts say how it is loaded and stored, the value's facts carry its convert.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum AugmentedPlan {
    /// Load, ordinary in-place operation, target's convert, store.
    Python,
    /// Raw operation in the target's kind.
    Prim { op: PrimBinaryOp, prim: Prim },
}

/// How a `for` statement iterates, by the range of its iterable.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LoopPlan {
    Python,
    /// `crange`: the call's arguments are raw `int64` after their converts. Evaluate start and stop once; the target is the counter.
    CRange,
    /// Index loop whose length is read again each time.
    Sequence(Container),
}

/// What stays of an `assert` that narrows when assertions are left out: later code relies on what it proved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AssertPlan {
    /// Local variables are checked to be of these types.
    Casts(Box<[(Name, TypeDescriptor)]>),
    /// The assertion is made all the same: it reads attributes whose values are used again.
    Keep,
}

/// The registers a local name needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LocalFacts {
    pub name: Name,
    pub tagged: bool,
    pub raw: Option<Prim>,
    /// Set to zero on entry, because some read is not definitely assigned (section 5.8).
    pub zero: bool,
}

/// A function, method or nested function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypedFunction {
    pub id: FunctionId,
    /// The class whose method table has it.
    pub class: Option<ClassId>,
    pub signature: Arc<Signature>,
    /// Compiled as static code: entry checks ([`TypedFunction::checks`]), typed bodies.
    pub is_static: bool,
    pub locals: Vec<LocalFacts>,
    /// Number of refinement registers ([`ExprOp::FieldKeep`]).
    pub refinements: u32,
    /// Decorators, by place, that are context managers: they are not applied, but the body runs within them, the first outermost.
    pub managers: Box<[u32]>,
}

impl TypedFunction {
    /// What entry from untyped code checks: parameter index and descriptor. Untyped parameters, `*args` and `**kwargs` are absent.
    pub fn checks(&self) -> Vec<(u32, TypeDescriptor)> {
        use cinder_types::ParamKind;
        self.signature
            .params
            .iter()
            .enumerate()
            .filter(|(_, param)| !matches!(param.kind, ParamKind::VarArgs | ParamKind::KwArgs))
            .filter_map(|(index, param)| {
                let descriptor = TypeDescriptor::of(&param.ty);
                let index = u32::try_from(index).expect("parameters are fewer than registers");
                (!descriptor.is_object()).then_some((index, descriptor))
            })
            .collect()
    }

    /// What a caller may trust the result to be.
    pub fn result(&self) -> TypeDescriptor {
        TypeDescriptor::of(&self.signature.returns)
    }
}

/// A class of the module that is built with typed slots.
///
/// Dynamic classes, and classes over builtins other than `object` or over unknown classes, have no entry: they are built as ordinary
/// classes, and the checker reaches their attributes by ordinary operations whose results are checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypedClass {
    pub def: Arc<ClassDef>,
    /// Own slots that are not inherited, in layout order.
    pub fields: Vec<FieldLayout>,
    /// Own and inherited final methods, sorted.
    pub final_methods: Vec<Name>,
}

/// What is known about one unit: the module level, or one function item's body.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TypedUnit {
    pub exprs: FxHashMap<NodeId, ExprFacts>,
    /// By the id of the target.
    pub augmented: FxHashMap<NodeId, AugmentedPlan>,
    /// By the id of the iterable.
    pub loops: FxHashMap<NodeId, LoopPlan>,
    /// Assertions that narrow, by the id of the test.
    pub asserts: FxHashMap<NodeId, AssertPlan>,
    /// Functions *inside* this unit, by the id of the `def`.
    pub functions: FxHashMap<NodeId, TypedFunction>,
    /// By the id of the `class` statement. Classes inside functions are ordinary and have no entry.
    pub classes: FxHashMap<NodeId, TypedClass>,
    /// A function unit's own function.
    pub function: Option<TypedFunction>,
}

impl TypedUnit {
    /// The facts of an expression; ordinary Python when there are none.
    pub fn expr(&self, node: NodeId) -> ExprFacts {
        self.exprs.get(&node).cloned().unwrap_or_default()
    }
}

/// Everything codegen needs to know about a static module.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TypedModule {
    pub name: Name,
    /// False: the module is ordinary Python and every table is empty.
    pub is_static: bool,
    /// Static because the settings say so: the module and its classes stay open to change.
    pub is_open: bool,
    pub module: Arc<TypedUnit>,
    /// One per function item, in the order of `cinder_db::ModuleItems::functions`.
    pub functions: Box<[Arc<TypedUnit>]>,
    /// Module variables declared `Final` with a literal value.
    pub final_constants: Vec<(Name, ConstValue)>,
}
