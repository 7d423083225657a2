//! `FrameLocalsProxy`: the variables of a function's frame as a mapping that writes through (PEP 667).
//!
//! Idea: nothing is copied. A key is looked up among the names of the frame's registers and read or written there, through the cell where the
//! variable is shared; other keys live in a dict of the frame object.
//! Holds: variables cannot be removed; those of static functions cannot be written, since compiled code relies on their types.
//! In a function that runs as machine code a write is seen by readers of the mapping, not by the running code.
//! Source: Objects/frameobject.c `PyFrameLocalsProxy_Type`.

use cinder_bytecode::{BinaryOp, CompareOp};
use cinder_heap::{Gc, HeapObject, Slot, Trace, object_header};
use cinder_layout::{Header, Value};

use super::dict::PyDict;
use super::frame::PyFrame;
use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::{Binary, Slots};
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of the proxy.
#[repr(C)]
#[derive(Trace, HeapObject)]
pub struct PyFrameLocals {
    header: Header,
    frame: Slot<Gc<PyFrame>>,
}

crate::layout!(PyFrameLocals, "FrameLocalsProxy", exact frame_locals);

/// Where a key is found.
enum Place {
    /// A variable, by register.
    Variable(usize),
    /// A key of the frame's own dict, present or not.
    Extra,
}

impl Vm {
    pub(crate) fn new_frame_locals(&self, frame: Gc<PyFrame>) -> PyResult<Value> {
        let header = object_header(BuiltinType::frame_locals as u32);
        Ok(self.alloc(PyFrameLocals { header, frame: Slot::new(frame) })?.as_value())
    }

    /// Names and values as a fresh dict, in the order of the mapping.
    fn frame_locals_dict(&self, frame: Gc<PyFrame>) -> PyResult<Gc<PyDict>> {
        let dict = self.new_pydict()?;
        for index in frame.shown_variables() {
            if let Some(value) = frame.variable(self, index)? {
                self.dict_insert(dict, frame.code.get().local_name(index), value)?;
            }
        }
        if let Some(extra) = frame.extra.get() {
            self.dict_update(dict, extra)?;
        }
        Ok(dict)
    }

    fn place_of(&self, frame: Gc<PyFrame>, key: Value) -> PyResult<Place> {
        let hash = self.hash(key)?;
        for index in frame.shown_variables() {
            let name = frame.code.get().local_name(index);
            if name == key || (self.hash(name)? == hash && self.eq(name, key)?) {
                return Ok(Place::Variable(index));
            }
        }
        Ok(Place::Extra)
    }
}

fn frame_of(vm: &Vm, value: Value) -> Gc<PyFrame> {
    vm.downcast::<PyFrameLocals>(value).expect("slot of this class").frame.get()
}

fn snapshot(vm: &Vm, value: Value) -> PyResult<Value> {
    Ok(vm.frame_locals_dict(frame_of(vm, value))?.as_value())
}

/// A method of the mapping's content, as a list.
fn listed(vm: &Vm, value: Value, method: &str) -> PyResult<Value> {
    let content = vm.call_method(snapshot(vm, value)?, vm.intern(method), &[])?;
    vm.list_from(content)
}

fn find(vm: &Vm, value: Value, key: Value) -> PyResult<Option<Value>> {
    let frame = frame_of(vm, value);
    match vm.place_of(frame, key)? {
        Place::Variable(index) => frame.variable(vm, index),
        Place::Extra => match frame.extra.get().and_then(|extra| vm.as_dict(extra)) {
            Some(extra) => vm.dict_get(extra, key),
            None => Ok(None),
        },
    }
}

fn set(vm: &Vm, value: Value, key: Value, new: Option<Value>) -> PyResult<()> {
    let frame = frame_of(vm, value);
    match (vm.place_of(frame, key)?, new) {
        (Place::Variable(index), Some(new)) => vm.set_frame_variable(frame, index, new),
        (Place::Variable(_), None) => Err(vm.value_error("cannot remove local variables from FrameLocalsProxy")),
        (Place::Extra, Some(new)) => vm.dict_insert(extra(vm, frame)?, key, new),
        (Place::Extra, None) => {
            let removed = match frame.extra.get().and_then(|extra| vm.as_dict(extra)) {
                Some(extra) => vm.dict_remove(extra, key)?,
                None => None,
            };
            removed.map(|_| ()).ok_or_else(|| vm.key_error(key))
        }
    }
}

/// The dict of keys that are no variables, made at first use.
fn extra(vm: &Vm, frame: Gc<PyFrame>) -> PyResult<Gc<PyDict>> {
    if let Some(extra) = frame.extra.get().and_then(|extra| vm.as_dict(extra)) {
        return Ok(extra);
    }
    let made = vm.new_pydict()?;
    frame.extra.set(&vm.heap, frame, Some(made.as_value()));
    Ok(made)
}

/// `update`: from any mapping.
fn merge(vm: &Vm, value: Value, other: Value) -> PyResult<()> {
    let content = if vm.downcast::<PyFrameLocals>(other).is_some() {
        vm.as_dict(snapshot(vm, other)?).expect("a fresh dict")
    } else {
        if vm.as_dict(other).is_none() && vm.getattr_opt(other, vm.names.keys)?.is_none() {
            return Err(vm.type_error("update() argument must be dict or another FrameLocalsProxy"));
        }
        let copy = vm.new_pydict()?;
        vm.dict_update(copy, other)?;
        copy
    };
    for number in 0..content.entry_count() {
        if let Some((key, item)) = content.entry(number) {
            set(vm, value, key, Some(item))?;
        }
    }
    Ok(())
}

fn is_mergeable(vm: &Vm, value: Value) -> bool {
    vm.as_dict(value).is_some() || vm.downcast::<PyFrameLocals>(value).is_some()
}

const OR: usize = 10;

const BINARY: [Option<Binary>; 13] = {
    let mut table: [Option<Binary>; 13] = [None; 13];
    table[OR] = Some(|vm, a, b| {
        if !is_mergeable(vm, a) || !is_mergeable(vm, b) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let plain = |side: Value| match vm.downcast::<PyFrameLocals>(side) {
            Some(_) => snapshot(vm, side),
            None => Ok(side),
        };
        vm.binary_op(plain(a)?, plain(b)?, BinaryOp::Or)
    });
    table
};

const INPLACE: [Option<Binary>; 13] = {
    let mut table: [Option<Binary>; 13] = [None; 13];
    table[OR] = Some(|vm, a, b| {
        if !is_mergeable(vm, b) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        merge(vm, a, b)?;
        Ok(a)
    });
    table
};

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if let Some(other) = vm.downcast::<PyFrameLocals>(b) {
        return Ok(Value::from_bool((frame_of(vm, a) == other.frame.get()) == (op == CompareOp::Eq)));
    }
    if vm.as_dict(b).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    vm.compare(snapshot(vm, a)?, b, op)
}

static NEW: NativeDef =
    NativeDef::function("FrameLocalsProxy", "frame, /", |vm, args| match vm.downcast::<PyFrame>(args.at(0)) {
        Some(frame) => vm.new_frame_locals(frame),
        None => {
            let found = vm.type_name(args.at(0));
            Err(vm.type_error(format!("expect frame, not {found}")))
        }
    });

fn pop(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (value, key) = (args.at(0), args.at(1));
    if let Place::Variable(_) = vm.place_of(frame_of(vm, value), key)? {
        return Err(vm.value_error("cannot remove local variables from FrameLocalsProxy"));
    }
    match (find(vm, value, key)?, args.opt(2)) {
        (Some(found), _) => {
            set(vm, value, key, None)?;
            Ok(found)
        }
        (None, Some(default)) => Ok(default),
        (None, None) => Err(vm.key_error(key)),
    }
}

pub static FRAME_LOCALS: TypeDef = TypeDef {
    flags: type_flags::MAPPING,
    slots: Slots {
        new: Some(|vm, _, args, keyword_names| NEW.call(vm, args, keyword_names)),
        repr: Some(|vm, value| vm.with_repr_guard(value, "{...}", || vm.repr(snapshot(vm, value)?))),
        compare: Some(compare),
        len: Some(|vm, value| Ok(vm.frame_locals_dict(frame_of(vm, value))?.len())),
        contains: Some(|vm, value, key| Ok(find(vm, value, key)?.is_some())),
        getitem: Some(|vm, value, key| match find(vm, value, key)? {
            Some(found) => Ok(found),
            None => {
                let shown = vm.repr_text(key)?;
                Err(vm.key_error(vm.new_str(&format!("local variable '{shown}' is not defined"))?))
            }
        }),
        setitem: Some(set),
        iter: Some(|vm, value| vm.iter(listed(vm, value, "keys")?)),
        binary: BINARY,
        inplace: INPLACE,
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("keys", "self, /", |vm, args| listed(vm, args.at(0), "keys")),
        NativeDef::method("values", "self, /", |vm, args| listed(vm, args.at(0), "values")),
        NativeDef::method("items", "self, /", |vm, args| listed(vm, args.at(0), "items")),
        NativeDef::method("copy", "self, /", |vm, args| snapshot(vm, args.at(0))),
        NativeDef::method("update", "self, other, /", |vm, args| {
            merge(vm, args.at(0), args.at(1))?;
            Ok(Value::NONE)
        }),
        NativeDef::method("get", "self, key, default=None, /", |vm, args| {
            Ok(find(vm, args.at(0), args.at(1))?.or(args.opt(2)).unwrap_or(Value::NONE))
        }),
        NativeDef::method("setdefault", "self, key, default=None, /", |vm, args| {
            if let Some(found) = find(vm, args.at(0), args.at(1))? {
                return Ok(found);
            }
            let default = args.opt(2).unwrap_or(Value::NONE);
            set(vm, args.at(0), args.at(1), Some(default))?;
            Ok(default)
        }),
        NativeDef::method("pop", "self, key, default=<unrepresentable>, /", pop),
        NativeDef::method("__reversed__", "self, /", |vm, args| {
            let keys = listed(vm, args.at(0), "keys")?;
            vm.call_method(keys, vm.intern("reverse"), &[])?;
            Ok(keys)
        }),
        NativeDef::method("__reduce_ex__", "self, protocol, /", |vm, _| {
            Err(vm.type_error("cannot pickle 'FrameLocalsProxy' object"))
        }),
    ],
    ..TypeDef::new("FrameLocalsProxy", <PyFrameLocals as Payload>::LAYOUT)
};
