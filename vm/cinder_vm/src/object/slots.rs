//! Slot tables: how a type answers the operations of the language.
//!
//! Problem: `len(x)` must not look up `__len__` in dictionaries for builtins, and must do so exactly as CPython for classes made in Python.
//! Idea: a record of function pointers per type, as CPython's `PyTypeObject` (Include/cpython/object.h). Builtin types fill it statically;
//! a class made in Python inherits its base's entries and gets generic ones for the special methods it defines. The table
//! [`crate::types::slot_defs`] relates each special method to its entry, both ways.
//! Holds: entries are copied down to subclasses whenever a class changes, so a call never walks the MRO.

use cinder_layout::Value;

use crate::native::PyResult;
use crate::vm::Vm;
use cinder_bytecode::CompareOp;

use crate::types::type_::PyType;
use cinder_heap::Gc;

pub type Unary = fn(&Vm, Value) -> PyResult<Value>;
/// Left and right operand in source order; the slot's type is the type of one of them. `Value::NOT_IMPLEMENTED` when it does not apply.
pub type Binary = fn(&Vm, Value, Value) -> PyResult<Value>;
/// Base, exponent, modulus or None.
pub type Ternary = fn(&Vm, Value, Value, Value) -> PyResult<Value>;

/// One type's operations. `None` everywhere is [`Slots::NONE`]; statics use `Slots { len: Some(..), ..Slots::NONE }`.
#[derive(Clone, Copy)]
pub struct Slots {
    pub repr: Option<Unary>,
    pub str: Option<Unary>,
    /// Hash of the object; never -1. A type with `eq` and no hash sets [`crate::types::type_::unhashable`].
    pub hash: Option<fn(&Vm, Value) -> PyResult<i64>>,
    /// Rich comparison; NOT_IMPLEMENTED when it does not apply.
    pub compare: Option<fn(&Vm, Value, Value, CompareOp) -> PyResult<Value>>,
    /// Callable, positional arguments, keyword names (tuple) whose values are the last arguments.
    pub call: Option<fn(&Vm, Value, &[Value], Option<Value>) -> PyResult<Value>>,
    /// Attribute by name (an interned exact str, or any str).
    pub getattr: Option<fn(&Vm, Value, Value) -> PyResult<Value>>,
    /// Set (`Some`) or delete (`None`).
    pub setattr: Option<fn(&Vm, Value, Value, Option<Value>) -> PyResult<()>>,
    pub iter: Option<Unary>,
    /// Next item; `Ok(None)` at the end without an exception.
    pub next: Option<fn(&Vm, Value) -> PyResult<Option<Value>>>,
    pub bool: Option<fn(&Vm, Value) -> PyResult<bool>>,
    pub len: Option<fn(&Vm, Value) -> PyResult<usize>>,
    pub getitem: Option<Binary>,
    pub setitem: Option<fn(&Vm, Value, Value, Option<Value>) -> PyResult<()>>,
    pub contains: Option<fn(&Vm, Value, Value) -> PyResult<bool>>,
    pub index: Option<Unary>,
    pub int: Option<Unary>,
    pub float: Option<Unary>,
    pub negative: Option<Unary>,
    pub positive: Option<Unary>,
    pub invert: Option<Unary>,
    pub absolute: Option<Unary>,
    /// By [`cinder_bytecode::BinaryOp`] number, plain forms. Power by `**` uses entry 6, `pow(a, b, c)` uses `power`.
    pub binary: [Option<Binary>; 13],
    /// By plain operator number.
    pub inplace: [Option<Binary>; 13],
    pub power: Option<Ternary>,
    /// Sequence concatenation and repetition (CPython's sq_concat, sq_repeat): tried for `+` and `*` after `binary`.
    pub concat: Option<Binary>,
    pub repeat: Option<Binary>,
    pub inplace_concat: Option<Binary>,
    pub inplace_repeat: Option<Binary>,
    /// Descriptor, instance (None when through the class), owner.
    pub descr_get: Option<fn(&Vm, Value, Option<Value>, Value) -> PyResult<Value>>,
    /// Descriptor, instance, value (`None` deletes). Its presence makes a data descriptor.
    pub descr_set: Option<fn(&Vm, Value, Value, Option<Value>) -> PyResult<()>>,
    /// Class, positional arguments, keyword names.
    pub new: Option<fn(&Vm, Gc<PyType>, &[Value], Option<Value>) -> PyResult<Value>>,
    pub init: Option<fn(&Vm, Value, &[Value], Option<Value>) -> PyResult<()>>,
    /// `__del__`.
    pub finalize: Option<fn(&Vm, Value) -> PyResult<()>>,
    pub r#await: Option<Unary>,
    pub aiter: Option<Unary>,
    pub anext: Option<Unary>,
    /// Bytes of an object that supports the buffer protocol.
    pub buffer: Option<fn(&Vm, Value) -> PyResult<crate::object::buffer::BufferView>>,
}

impl Slots {
    pub const NONE: Slots = Slots {
        repr: None,
        str: None,
        hash: None,
        compare: None,
        call: None,
        getattr: None,
        setattr: None,
        iter: None,
        next: None,
        bool: None,
        len: None,
        getitem: None,
        setitem: None,
        contains: None,
        index: None,
        int: None,
        float: None,
        negative: None,
        positive: None,
        invert: None,
        absolute: None,
        binary: [None; 13],
        inplace: [None; 13],
        power: None,
        concat: None,
        repeat: None,
        inplace_concat: None,
        inplace_repeat: None,
        descr_get: None,
        descr_set: None,
        new: None,
        init: None,
        finalize: None,
        r#await: None,
        aiter: None,
        anext: None,
        buffer: None,
    };
}
