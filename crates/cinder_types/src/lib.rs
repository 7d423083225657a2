//! The type representation of Static Python: what a value can be known to be, and what follows from it.
//!
//! Problem: the checker, the code generator, the language server and the run time must talk about the same types, compare them
//! across edits and store them in caches.
//! Idea: plain values without positions, ids or database handles. A class is named by module and qualified name; what the name
//! stands for is asked through [`ClassLookup`], so that a type stays equal when a class gains a method.
//! Holds: `Eq` on types is structural and survives edits that move text; nothing here depends on evaluation order.
//!
//! ```python
//! x: Optional[int]      # Union[int, None], printed Optional[int]
//! CheckedDict[int, str] # Generic, always exact, printed chkdict[int, str]
//! C                     # Class, printed Type[m.C]; its instances Instance, printed m.C
//! ```

#![forbid(unsafe_code)]

mod known;
mod prim;

mod ty;

mod class;
mod constant;
mod descriptor;
mod display;
mod relation;
mod signature;
mod union;

pub use class::{
    ClassDef, ClassFlags, ClassHead, ClassKind, ClassLookup, FieldLayout, Member, MethodDef, MethodKind, Mro,
    PropertyDef, PropertyKind, SlotDef, linearise,
};
pub use constant::ConstValue;
pub use descriptor::TypeDescriptor;
pub use known::KnownClass;
pub use prim::{Prim, PrimBinaryOp, PrimCompareOp, PrimUnaryOp};
pub use relation::{is_assignable, is_same, is_subclass};
pub use signature::{DefaultValue, FunctionFlags, Param, ParamKind, Signature};
pub use ty::{
    ClassId, ClassObject, EnumMember, FunctionId, FunctionType, Generic, GenericDef, QualName, Special, Type,
};
pub use union::{UnionError, join, union_of};

pub use cinder_syntax::ast::name::Name;
