//! The names of the fixed modules: builtins, typing, `__static__` and friends.
//!
//! Follows: the language specification, section 3.8.

use cinder_types::{ConstValue, GenericDef, KnownClass, Prim, Special};

use crate::resolve::Entity;

/// What a builtin name means. `None`: not defined.
pub(crate) fn builtin(name: &str) -> Option<Entity> {
    if let Some(class) = KnownClass::builtin(name) {
        return Some(Entity::Known(class));
    }
    Some(match name {
        "len" => Entity::Special(Special::Len),
        "min" => Entity::Special(Special::Min),
        "max" => Entity::Special(Special::Max),
        "sorted" => Entity::Special(Special::Sorted),
        "isinstance" => Entity::Special(Special::IsInstance),
        "issubclass" => Entity::Special(Special::IsSubclass),
        "reveal_type" => Entity::Special(Special::RevealType),
        "abs" | "all" | "any" | "anext" | "ascii" | "bin" | "breakpoint" | "callable" | "chr" | "compile" | "dir"
        | "divmod" | "eval" | "exec" | "format" | "hash" | "hex" | "id" | "input" | "iter" | "next" | "oct"
        | "open" | "ord" | "pow" | "print" | "repr" | "round" | "sum" | "vars" | "aiter" | "__import__"
        | "__build_class__" => Entity::Special(Special::Reflected),
        "bytearray" | "delattr" | "enumerate" | "exit" | "filter" | "getattr" | "globals" | "hasattr" | "locals"
        | "map" | "memoryview" | "quit" | "reversed" | "setattr" | "slice" | "zip" | "Ellipsis" | "__debug__"
        | "__doc__" | "__spec__" | "__loader__" | "__package__" | "__path__" | "__dict__" | "__builtins__"
        | "copyright" | "credits" | "license" | "help" => Entity::Dynamic,
        "__name__" | "__file__" | "__qualname__" => Entity::Value(cinder_types::Type::str()),
        "NotImplemented" => Entity::Value(cinder_types::Type::instance(KnownClass::NotImplementedType)),
        _ => return None,
    })
}

/// What `name` of the fixed module `module` means; `None` when the module is not fixed.
pub(crate) fn fixed(module: &str, name: &str) -> Option<Entity> {
    Some(match module {
        "builtins" => builtin(name).unwrap_or(Entity::Dynamic),
        "typing" => typing(name),
        "typing_extensions" => match name {
            "Annotated" | "NamedTuple" | "override" | "Protocol" | "TypedDict" => typing(name),
            _ => Entity::Dynamic,
        },
        "__static__" => statics(name),
        "__static__.compiler_flags" => Entity::Dynamic,
        "dataclasses" => match name {
            "dataclass" => Entity::Special(Special::Dataclass),
            "field" => Entity::Special(Special::DataclassField),
            "InitVar" => Entity::Special(Special::InitVar),
            _ => Entity::Dynamic,
        },
        "cinderx" | "cinder" => match name {
            "cached_property" => Entity::Special(Special::CachedProperty),
            "async_cached_property" => Entity::Special(Special::AsyncCachedProperty),
            _ => Entity::Dynamic,
        },
        "__strict__" | "strict_modules" => match name {
            "mutable" | "strict_slots" | "loose_slots" | "freeze_type" => Entity::Special(Special::Identity),
            _ => Entity::Dynamic,
        },
        _ => return None,
    })
}

fn typing(name: &str) -> Entity {
    Entity::Special(match name {
        "Annotated" => Special::Annotated,
        "ClassVar" => Special::ClassVar,
        "Final" => Special::Final,
        "final" => Special::FinalDecorator,
        "Generic" => Special::Generic,
        "Literal" => Special::Literal,
        "NamedTuple" => Special::NamedTuple,
        "Optional" => Special::Optional,
        "overload" => Special::Overload,
        "override" => Special::Override,
        "Protocol" => Special::Protocol,
        "TypedDict" => Special::TypedDict,
        "TypeVar" => Special::TypeVarMaker,
        "Union" => Special::Union,
        "Any" | "Awaitable" | "Callable" | "Collection" | "Coroutine" | "Iterable" | "Iterator" | "Type" => {
            Special::DynamicForm
        }
        "Dict" => return Entity::Known(KnownClass::Dict),
        "List" => return Entity::Known(KnownClass::List),
        "Tuple" => return Entity::Known(KnownClass::Tuple),
        "TYPE_CHECKING" => return Entity::Value(cinder_types::Type::bool()),
        _ => return Entity::Dynamic,
    })
}

fn statics(name: &str) -> Entity {
    if let Some(prim) = Prim::from_name(name) {
        return Entity::Prim(prim);
    }
    Entity::Special(match name {
        "box" => Special::Box,
        "unbox" => Special::Unbox,
        "cast" => Special::Cast,
        "clen" => Special::CLen,
        "crange" => Special::CRange,
        "prod_assert" => Special::ProdAssert,
        "rand" => Special::Rand,
        "native" => Special::Native,
        "inline" => Special::Inline,
        "_donotcompile" => Special::DoNotCompile,
        "dynamic_return" => Special::DynamicReturn,
        "allow_weakrefs" => Special::AllowWeakrefs,
        "mixin" => Special::Mixin,
        "set_type_static" => Special::SetTypeStatic,
        "TClass" => Special::TClass,
        "ClassDecorator" => Special::ClassDecorator,
        "CheckedDict" => return Entity::Generic(GenericDef::CheckedDict),
        "CheckedList" => return Entity::Generic(GenericDef::CheckedList),
        "Array" => return Entity::Generic(GenericDef::Array),
        "Enum" => return Entity::Known(KnownClass::Enum),
        "IntEnum" => return Entity::Known(KnownClass::IntEnum),
        "StringEnum" => return Entity::Known(KnownClass::StringEnum),
        "ContextDecorator" => return Entity::Known(KnownClass::ContextDecorator),
        "ExcContextDecorator" => return Entity::Known(KnownClass::ExcContextDecorator),
        "pydict" | "PyDict" => return Entity::Known(KnownClass::Dict),
        "RAND_MAX" => return Entity::Constant(ConstValue::Int(0x7fff_ffff)),
        "checked_dicts" | "checked_lists" => return Entity::Dynamic,
        _ => return Entity::Unsupported,
    })
}
