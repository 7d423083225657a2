//! The builtin classes and functions.
//!
//! Idea: one heap for the whole process holds the builtin classes ([`heap`]); their methods are functions of the machine, in tables by class.
//! Holds: every method that changes its object asks [`Machine::change`] first, so that none forgets whose object it is.

mod container;
mod dataclass;
mod enumeration;
mod function;
mod number;
mod object;
mod text;

use std::sync::{Arc, LazyLock};

use crate::dict::Dict;
use crate::heap::Heap;
use crate::machine::Machine;
use crate::object::{Body, Class, Object, Ty};
use crate::rules::Rule;
use crate::value::{Args, Native, R, Value};

/// A method, bound to the object it is read from.
macro_rules! method {
    ($name:literal, $call:expr) => {
        crate::value::Native { name: $name, call: $call, binds: true }
    };
}

/// A function that is never bound.
macro_rules! plain {
    ($name:literal, $call:expr) => {
        crate::value::Native { name: $name, call: $call, binds: false }
    };
}

use {method, plain};

/// The heap of the builtins: a class for each [`Ty`], at its number.
pub(crate) fn heap() -> Arc<Heap> {
    static HEAP: LazyLock<Arc<Heap>> = LazyLock::new(|| Arc::new(build()));
    HEAP.clone()
}

fn build() -> Heap {
    let objects = Ty::ALL
        .iter()
        .map(|(ty, name, _)| {
            let mut mro = vec![ty.value()];
            let mut at = *ty;
            while at != Ty::Object {
                at = at.base();
                mro.push(at.value());
            }
            let mut dict = Dict::default();
            for table in methods_of(*ty) {
                for native in table {
                    dict.insert_str(native.name, Value::Native(native));
                }
            }
            if matches!(
                ty,
                Ty::List | Ty::Dict | Ty::Set | Ty::ByteArray | Ty::Slice | Ty::DictKeys | Ty::DictItems | Ty::Proxy
            ) {
                dict.insert_str("__hash__", Value::None);
            }
            let class = Class {
                name: (*name).into(),
                qualname: (*name).into(),
                bases: if *ty == Ty::Object { Vec::new() } else { vec![ty.base().value()] },
                mro,
                dict,
                layout: layout(*ty),
                is_slotted: false,
                subclasses: Vec::new(),
                is_mutable: false,
            };
            Object { owner: 0, class: Ty::Type.obj(), attrs: None, body: Body::Class(Box::new(class)) }
        })
        .collect();
    Heap::of(objects)
}

fn layout(ty: Ty) -> Ty {
    match ty {
        Ty::Bool => Ty::Int,
        Ty::GenericBase => Ty::Object,
        ty if ty.is_exception() => Ty::BaseException,
        ty => ty,
    }
}

fn methods_of(ty: Ty) -> Vec<&'static [Native]> {
    use {container as c, number as n, object as o, text as t};
    match ty {
        Ty::Object => vec![o::OBJECT],
        Ty::Type => vec![o::TYPE, o::UNITED],
        Ty::Int => vec![n::INT, n::NUMERIC, n::BITS, n::COMMON],
        Ty::Float => vec![n::FLOAT, n::NUMERIC, n::COMMON],
        Ty::Complex => vec![n::COMPLEX, n::NUMERIC, n::COMMON],
        Ty::Bool => vec![n::BOOL],
        Ty::Str => vec![t::STR, c::SIZED, c::SEQUENCE, c::CONCAT, n::COMMON, c::ORDERED],
        Ty::Bytes => vec![t::BYTES, c::SIZED, c::SEQUENCE, c::CONCAT, n::COMMON, c::ORDERED],
        Ty::ByteArray => vec![t::BYTES, t::BYTEARRAY, t::NEW_BYTEARRAY, c::SIZED, c::SEQUENCE, c::CONCAT, c::MUTABLE],
        Ty::MemoryView => vec![t::MEMORYVIEW],
        Ty::Tuple => vec![c::TUPLE, c::SIZED, c::SEQUENCE, c::CONCAT, c::GENERIC, c::ORDERED],
        Ty::List => vec![c::LIST, c::SIZED, c::SEQUENCE, c::CONCAT, c::MUTABLE, c::GENERIC, c::ORDERED],
        Ty::Dict => vec![c::DICT, c::SIZED, c::SEQUENCE, c::MUTABLE, c::GENERIC],
        Ty::Set => vec![c::SET, c::SET_READ, c::SIZED, c::GENERIC, c::ORDERED],
        Ty::FrozenSet => vec![c::FROZENSET, c::SET_READ, c::SIZED, c::GENERIC, c::ORDERED],
        Ty::DictKeys | Ty::DictItems => vec![c::VIEW, c::SIZED, c::SET_OPERATORS],
        Ty::DictValues => vec![c::SIZED],
        Ty::Proxy => vec![c::PROXY, c::SIZED, c::SEQUENCE],
        Ty::Range => vec![c::RANGE, c::SIZED, c::SEQUENCE],
        Ty::Slice => vec![c::SLICE],
        Ty::Iterator => vec![c::ITERATOR],
        Ty::Zip => vec![c::ZIP, c::ITERATOR],
        Ty::Map => vec![c::MAP, c::ITERATOR],
        Ty::Filter => vec![c::FILTER, c::ITERATOR],
        Ty::Enumerate => vec![c::ENUMERATE, c::ITERATOR],
        Ty::Reversed => vec![c::REVERSED, c::ITERATOR],
        Ty::Generator => vec![o::GENERATOR, c::ITERATOR],
        Ty::Coroutine => vec![o::COROUTINE],
        Ty::AsyncGenerator => vec![o::COROUTINE],
        Ty::Property => vec![o::PROPERTY],
        Ty::ClassMethod => vec![o::CLASSMETHOD],
        Ty::StaticMethod => vec![o::STATICMETHOD],
        Ty::Super => vec![o::SUPER],
        Ty::Function => vec![o::FUNCTION, o::NEW_FUNCTION],
        Ty::MethodDescriptor | Ty::NativeFunction => vec![o::FUNCTION],
        Ty::Method => vec![o::METHOD],
        Ty::Module => vec![o::MODULE],
        Ty::Alias => vec![o::ALIAS, o::UNITED],
        Ty::TypeAliasType => vec![o::TYPE_ALIAS],
        Ty::Union => vec![o::UNION, o::UNITED],
        Ty::TypeVar | Ty::ParamSpec | Ty::TypeVarTuple => vec![o::TYPE_VAR, o::UNITED],
        Ty::GenericBase => vec![c::GENERIC],
        Ty::Cell => vec![o::CELL],
        Ty::BaseException => vec![o::EXCEPTION],
        Ty::BaseExceptionGroup => vec![c::GENERIC],
        Ty::NoneType => vec![o::SINGLETON],
        _ => vec![],
    }
}

/// The class a method is defined in, if there is but one.
pub(crate) fn class_of_method(native: &'static Native) -> Option<Ty> {
    let defines = |ty: &Ty| methods_of(*ty).into_iter().flatten().any(|known| std::ptr::eq(known, native));
    let mut classes = Ty::ALL.iter().map(|(ty, _, _)| *ty).filter(defines);
    classes.next().filter(|_| classes.next().is_none())
}

/// Whether a builtin `__init__` does anything.
pub(crate) fn has_init(native: &'static Native) -> bool {
    let tables: &[&'static [Native]] = &[
        container::LIST,
        container::DICT,
        container::SET,
        object::OBJECT,
        object::PROPERTY,
        object::CLASSMETHOD,
        object::STATICMETHOD,
        object::EXCEPTION,
        object::TYPE,
    ];
    tables.iter().any(|table| table.iter().any(|known| std::ptr::eq(known, native)))
}

/// What a name means where no scope has it.
pub(crate) fn lookup(name: &str) -> Option<Value> {
    static NAMES: LazyLock<rustc_hash::FxHashMap<&'static str, Value>> = LazyLock::new(|| {
        let mut names = rustc_hash::FxHashMap::default();
        for (ty, name, _) in Ty::ALL {
            if ty.is_exception() || PUBLIC_TYPES.contains(ty) {
                names.insert(*name, ty.value());
            }
        }
        for native in function::FUNCTIONS {
            names.insert(native.name, Value::Native(native));
        }
        for (name, value) in [
            ("None", Value::None),
            ("True", Value::Bool(true)),
            ("False", Value::Bool(false)),
            ("Ellipsis", Value::Ellipsis),
            ("NotImplemented", Value::NotImplemented),
            ("IOError", Ty::OSError.value()),
            ("EnvironmentError", Ty::OSError.value()),
            ("__debug__", Value::Bool(true)),
            ("__builtins__", Value::unknown("__builtins__")),
        ] {
            names.insert(name, value);
        }
        names
    });
    NAMES.get(name).cloned()
}

const PUBLIC_TYPES: &[Ty] = &[
    Ty::Object,
    Ty::Type,
    Ty::Int,
    Ty::Bool,
    Ty::Float,
    Ty::Complex,
    Ty::Str,
    Ty::Bytes,
    Ty::ByteArray,
    Ty::Tuple,
    Ty::List,
    Ty::Dict,
    Ty::Set,
    Ty::FrozenSet,
    Ty::Property,
    Ty::ClassMethod,
    Ty::StaticMethod,
    Ty::Super,
    Ty::Slice,
    Ty::Range,
    Ty::Zip,
    Ty::Map,
    Ty::Filter,
    Ty::Enumerate,
    Ty::Reversed,
    Ty::MemoryView,
];

/// Builtins that may not be called while importing, and names only models know.
pub(crate) fn prohibited(name: &str) -> Option<Value> {
    static NAMES: LazyLock<rustc_hash::FxHashMap<&'static str, &'static Native>> = LazyLock::new(|| {
        let tables = [function::INTRINSICS, dataclass::INTRINSICS, enumeration::INTRINSICS];
        tables.into_iter().flatten().map(|native| (native.name, native)).collect()
    });
    NAMES.get(name).copied().map(Value::Native)
}

/// An argument that has to be there.
pub(crate) fn required(machine: &mut Machine<'_>, args: &Args, at: usize, function: &str) -> R {
    match args.pos.get(at) {
        Some(value) => Ok(value.clone()),
        None => machine.type_error(format!("{function} expected at least {} argument, got {}", at + 1, args.pos.len())),
    }
}

/// The receiver of a method.
pub(crate) fn receiver(machine: &mut Machine<'_>, args: &Args, function: &str) -> R {
    required(machine, args, 0, function)
}

/// Refuses keyword arguments and wrong counts; counts include the receiver.
pub(crate) fn arity(machine: &mut Machine<'_>, args: &Args, function: &str, least: usize, most: usize) -> R<()> {
    if !args.kw.is_empty() {
        return machine.type_error(format!("{function}() takes no keyword arguments"));
    }
    let given = args.pos.len();
    if given < least || given > most {
        return machine.type_error(format!("{function} expected {least} arguments, got {given}"));
    }
    Ok(())
}

/// Refuses an unknown value where its contents are needed; harmless ones give a harmless result.
pub(crate) fn known(machine: &mut Machine<'_>, value: &Value, method: &str) -> R<Option<Value>> {
    match value {
        Value::Unknown(unknown) if unknown.is_harmless => Ok(Some(Value::harmless(&format!("{method}(...)")))),
        Value::Unknown(unknown) => {
            let shown = unknown.name.clone();
            Err(machine.on_unknown(Rule::UnknownValueAttribute, &[&shown, method], value, &shown))
        }
        _ => Ok(None),
    }
}
