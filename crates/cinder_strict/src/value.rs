//! Values of the abstract machine: known exactly, or unknown.
//!
//! Idea: what cannot change (numbers, strings, tuples) is held by value; everything with identity is an [`Obj`], a place in a heap.
//! Heaps of modules that have been evaluated never change, so a reference to one is a pair of numbers ([`crate::heap`]).
//! Holds: values are shared between threads and compared structurally; nothing in them depends on addresses or hash seeds.

use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::code::{Name, Span};
use crate::machine::Machine;
use crate::rules::Rule;

/// An object: a heap, and a place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Obj {
    pub(crate) heap: u32,
    pub(crate) index: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    None,
    Ellipsis,
    NotImplemented,
    Bool(bool),
    Int(i64),
    /// Outside the range of `Int`.
    Big(Arc<BigInt>),
    Float(f64),
    Complex(f64, f64),
    Str(Arc<str>),
    Bytes(Arc<[u8]>),
    Tuple(Arc<[Value]>),
    Obj(Obj),
    Native(&'static Native),
    Unknown(Arc<Unknown>),
    /// An import that nothing has looked at yet. Never seen by programs.
    Lazy(Arc<Lazy>),
}

/// By content; what is the same place in memory is not looked into.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::None, Value::None)
            | (Value::Ellipsis, Value::Ellipsis)
            | (Value::NotImplemented, Value::NotImplemented) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Big(a), Value::Big(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Complex(a, b), Value::Complex(c, d)) => a == c && b == d,
            (Value::Str(a), Value::Str(b)) => a == b,
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::Tuple(a), Value::Tuple(b)) => Arc::ptr_eq(a, b) || a == b,
            (Value::Obj(a), Value::Obj(b)) => a == b,
            (Value::Native(a), Value::Native(b)) => a == b,
            (Value::Unknown(a), Value::Unknown(b)) => Arc::ptr_eq(a, b) || a == b,
            (Value::Lazy(a), Value::Lazy(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

/// A value nothing is known about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unknown {
    /// Where it came from, as messages show it.
    pub(crate) name: Name,
    /// The import or call that brought it.
    pub(crate) origin: Option<Span>,
    /// Declared to be harmless: it may be used, called and subclassed, only its contents are not known.
    pub(crate) is_harmless: bool,
    /// The violation (by its place among those found) that this value is the result of.
    pub(crate) blame: Option<u32>,
}

/// `from module import name`, not yet looked at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lazy {
    /// Absolute.
    pub(crate) module: Name,
    pub(crate) name: Name,
    /// What an unknown from here is called.
    pub(crate) shown: Name,
    pub(crate) span: Span,
    /// Whose import it is.
    pub(crate) importer: u32,
    /// Inside a `try` that handles a failing import.
    pub(crate) is_guarded: bool,
}

/// Names of unknown values tell their story; beyond this length nobody reads it.
pub(crate) fn clipped(name: &str) -> &str {
    &name[..name.floor_char_boundary(300)]
}

/// A function of the machine.
pub(crate) struct Native {
    pub(crate) name: &'static str,
    pub(crate) call: fn(&mut Machine<'_>, Args) -> R,
    /// Whether it is bound like a method when read from an instance.
    pub(crate) binds: bool,
}

impl PartialEq for Native {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl std::fmt::Debug for Native {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Arguments of a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Args {
    pub(crate) pos: Vec<Value>,
    pub(crate) kw: Vec<(Name, Value)>,
}

impl Args {
    pub(crate) fn new(pos: impl Into<Vec<Value>>) -> Args {
        Args { pos: pos.into(), kw: Vec::new() }
    }

    /// The argument at a place, or of a name.
    pub(crate) fn get(&self, at: usize, name: &str) -> Option<&Value> {
        self.pos.get(at).or_else(|| self.keyword(name))
    }

    pub(crate) fn keyword(&self, name: &str) -> Option<&Value> {
        self.kw.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }
}

/// Why an operation gives no value.
#[derive(Clone, Debug)]
pub(crate) enum Fail {
    /// The program raises.
    Raise(Box<Raised>),
    /// The analysis cannot vouch for it.
    Violation(Box<Violation>),
    /// The budget is used up; it has been reported.
    Stop,
    /// The contents of a value decide, of which only that is known that it is harmless. So is the result.
    Undecided,
}

pub(crate) type R<T = Value> = Result<T, Fail>;

#[derive(Clone, Debug)]
pub(crate) struct Raised {
    pub(crate) value: Value,
    /// Where it was raised, then the calls it left, innermost first.
    pub(crate) trace: Vec<(Span, Name)>,
}

/// A violation, with what caused it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    pub(crate) rule: Rule,
    pub(crate) fields: Vec<Name>,
    pub(crate) span: Span,
    /// The value of the expression all the same.
    pub(crate) value: Value,
    pub(crate) cause: Option<Arc<Violation>>,
    /// Where the unknown value came from.
    pub(crate) origin: Option<Span>,
    /// An earlier violation whose consequence this is.
    pub(crate) blame: Option<u32>,
}

impl From<Violation> for Fail {
    fn from(violation: Violation) -> Fail {
        Fail::Violation(Box::new(violation))
    }
}

impl Value {
    pub(crate) fn str(text: &str) -> Value {
        Value::Str(text.into())
    }

    pub(crate) fn tuple(items: impl Into<Arc<[Value]>>) -> Value {
        Value::Tuple(items.into())
    }

    /// The number in its narrowest form.
    pub(crate) fn big(value: BigInt) -> Value {
        match value.to_i64() {
            Some(small) => Value::Int(small),
            None => Value::Big(Arc::new(value)),
        }
    }

    pub(crate) fn unknown(name: &str) -> Value {
        let name = clipped(name);
        Value::Unknown(Arc::new(Unknown { name: name.into(), origin: None, is_harmless: false, blame: None }))
    }

    /// An unknown of another name that has the same story, if this one is unknown.
    pub(crate) fn renamed(&self, name: &str) -> Value {
        match self {
            Value::Unknown(unknown) => {
                Value::Unknown(Arc::new(Unknown { name: clipped(name).into(), ..Unknown::clone(unknown) }))
            }
            _ => Value::unknown(name),
        }
    }

    pub(crate) fn harmless(name: &str) -> Value {
        let name = clipped(name);
        Value::Unknown(Arc::new(Unknown { name: name.into(), origin: None, is_harmless: true, blame: None }))
    }

    /// Objects the value refers to. Tuples nest no deeper than the machine lets them.
    pub(crate) fn each_obj(&self, visit: &mut impl FnMut(Obj)) {
        match self {
            Value::Obj(obj) => visit(*obj),
            Value::Tuple(items) => items.iter().for_each(|item| item.each_obj(visit)),
            _ => {}
        }
    }

    pub(crate) fn as_obj(&self) -> Option<Obj> {
        match self {
            Value::Obj(obj) => Some(*obj),
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&Arc<str>> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_unknown(&self) -> Option<&Arc<Unknown>> {
        match self {
            Value::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown(_))
    }

    /// What `is` compares.
    pub(crate) fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Tuple(a), Value::Tuple(b)) => Arc::ptr_eq(a, b) || (a.is_empty() && b.is_empty()),
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Unknown(a), Value::Unknown(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => self == other,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Str(text.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}
