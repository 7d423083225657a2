//! `array`: items of one machine type in one piece of memory. Source: Modules/arraymodule.c.
//!
//! Holds: while a view of the bytes exists (`exports`), the memory neither moves nor changes its size.

mod kind;
mod methods;
mod pickle;
mod sequence;

use std::cell::{Cell, RefCell};

use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::buffer::BufferView;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::payload::plain_payload;
use kind::Kind;

pub(crate) static ARRAY: ModuleDef = ModuleDef {
    doc: "This module defines an object type which can efficiently represent\nan array of basic values: characters, integers, floating-point\nnumbers.",
    functions: &[NativeDef::function(
        "_array_reconstructor",
        "arraytype, typecode, mformat_code, items, /",
        pickle::reconstruct,
    )],
    setup: Some(|vm, dict| {
        let class = vm.add_class(dict, &CLASS)?;
        vm.set_item_text(dict, "ArrayType", class.as_value())?;
        vm.set_item_text(dict, "typecodes", vm.new_str("bBuwhHiIlLqQfd")?)?;
        let module = vm.import("collections.abc")?;
        let mutable_sequence = vm.getattr_text(module, "MutableSequence")?;
        vm.call_method(mutable_sequence, vm.intern("register"), &[class.as_value()]).map(|_| ())
    }),
    ..ModuleDef::new("array")
};

/// Payload of an array.
#[repr(C)]
struct PyArray {
    header: Header,
    /// A multiple of the kind's item size.
    bytes: RefCell<Vec<u8>>,
    kind: Kind,
    exports: Cell<usize>,
}

plain_payload!(PyArray, "array.array");

fn as_array(vm: &Vm, value: Value) -> Option<Gc<PyArray>> {
    vm.downcast::<PyArray>(value)
}

fn own(vm: &Vm, value: Value) -> Gc<PyArray> {
    as_array(vm, value).expect("method of this class")
}

fn make(vm: &Vm, class: Gc<PyType>, kind: Kind, bytes: Vec<u8>) -> PyResult<Value> {
    let made = vm.alloc_instance(class, 0, |header| PyArray {
        header,
        bytes: RefCell::new(bytes),
        kind,
        exports: Cell::new(0),
    })?;
    Ok(made.as_value())
}

impl PyArray {
    /// Items.
    fn len(&self) -> usize {
        self.bytes.borrow().len() / self.kind.size()
    }

    fn is_empty(&self) -> bool {
        self.bytes.borrow().is_empty()
    }

    /// Item `index`, `None` behind the end.
    fn get(&self, vm: &Vm, index: usize) -> PyResult<Option<Value>> {
        let size = self.kind.size();
        // Making a number runs no Python code, so the borrow may last.
        match self.bytes.borrow().get(index * size..(index + 1) * size) {
            Some(bytes) => self.kind.read(vm, bytes).map(Some),
            None => Ok(None),
        }
    }

    /// Changes the bytes in a way that may change their number.
    fn resize<R>(&self, vm: &Vm, change: impl FnOnce(&mut Vec<u8>) -> R) -> PyResult<R> {
        if self.exports.get() > 0 {
            return Err(vm.buffer_error("cannot resize an array that is exporting buffers"));
        }
        Ok(change(&mut self.bytes.borrow_mut()))
    }

    fn push(&self, vm: &Vm, value: Value) -> PyResult<()> {
        let item = self.kind.write(vm, value)?;
        self.resize(vm, |bytes| bytes.extend_from_slice(&item[..self.kind.size()]))
    }

    /// Appends every item of an array of the same kind, or of any iterable.
    fn extend(&self, vm: &Vm, items: Value) -> PyResult<()> {
        match as_array(vm, items) {
            Some(other) if other.kind != self.kind => Err(vm.type_error("can only extend with array of same kind")),
            Some(other) => {
                let new = other.bytes.borrow().clone();
                self.resize(vm, |bytes| bytes.extend_from_slice(&new))
            }
            None => vm.for_each(items, |item| self.push(vm, item)),
        }
    }
}

/// Gives up a view.
fn release(owner: Value) {
    // SAFETY: the views of this release function were made by the buffer slot below, which set `owner` to an array.
    let array: Gc<PyArray> = unsafe { Gc::from_value(owner) };
    array.exports.set(array.exports.get().saturating_sub(1));
}

fn buffer(vm: &Vm, value: Value) -> PyResult<BufferView> {
    let array = own(vm, value);
    array.exports.set(array.exports.get() + 1);
    let mut bytes = array.bytes.borrow_mut();
    Ok(BufferView {
        owner: value,
        data: bytes.as_mut_ptr(),
        len_bytes: bytes.len(),
        readonly: false,
        item_bytes: array.kind.size(),
        format: array.kind.format(),
        shape: None,
        release: Some(release),
    })
}

fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    if names.is_some() && class.def.is_some() {
        return Err(vm.type_error("array.array() takes no keyword arguments"));
    }
    let args = &args[..args.len() - names.map_or(0, |names| vm.tuple_items(names).len())];
    let (code, initial) = match *args {
        [code] => (code, None),
        [code, initial] => (code, Some(initial)),
        [] => return Err(vm.type_error("array() takes at least 1 argument (0 given)")),
        _ => return Err(vm.type_error(format!("array() takes at most 2 arguments ({} given)", args.len()))),
    };
    let code = match vm.as_str(code) {
        Some(text) if text.len() == 1 => text.char_at(0),
        Some(text) => {
            let len = text.len();
            return Err(
                vm.type_error(format!("array() argument 1 must be a unicode character, not a string of length {len}"))
            );
        }
        None => {
            let found = vm.type_name(code);
            return Err(vm.type_error(format!("array() argument 1 must be a unicode character, not {found}")));
        }
    };
    if code == u32::from(b'u') {
        let module = vm.import("warnings")?;
        let text = vm.new_str("The 'u' type code is deprecated and will be removed in Python 3.16")?;
        let category = vm.exceptions.DeprecationWarning.as_value();
        vm.call_method(module, vm.intern("warn"), &[text, category])?;
    }
    let kind = Kind::by_code(code);
    if let (Some(initial), Some(kind)) = (initial, kind) {
        let shown = kind.code();
        if !kind.is_text() && vm.is_str(initial) {
            return Err(vm.type_error(format!("cannot use a str to initialize an array with typecode '{shown}'")));
        }
        if !kind.is_text() && as_array(vm, initial).is_some_and(|other| other.kind.is_text()) {
            return Err(
                vm.type_error(format!("cannot use a unicode array to initialize an array with typecode '{shown}'"))
            );
        }
    }
    let Some(kind) = kind else {
        return Err(vm.value_error("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)"));
    };
    let made = make(vm, class, kind, Vec::new())?;
    let array = own(vm, made);
    match initial {
        None => {}
        Some(bytes) if vm.as_bytes(bytes).is_some() || vm.type_of(bytes) == vm.types.bytearray => {
            methods::from_bytes(vm, array, bytes)?;
        }
        Some(other) if as_array(vm, other).is_some_and(|other| other.kind != kind) => {
            vm.for_each(other, |item| array.push(vm, item))?;
        }
        Some(items) => array.extend(vm, items)?,
    }
    Ok(made)
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let (name, array) = (vm.type_of(value).name(), own(vm, value));
    let code = array.kind.code();
    if array.is_empty() {
        return vm.new_str(&format!("{name}('{code}')"));
    }
    let content = if array.kind.is_text() { methods::to_text(vm, array)? } else { methods::to_list(vm, array)? };
    let content = vm.repr(content)?;
    let content = vm.str_text(content);
    vm.new_str(&format!("{name}('{code}', {content})"))
}

static CLASS: TypeDef = TypeDef {
    doc: "array(typecode [, initializer]) -> array\n\nReturn a new array whose items are restricted by typecode, and\ninitialized from the optional initializer value, which must be a list,\nstring or iterable over elements of the appropriate type.",
    flags: type_flags::BASE | type_flags::SEQUENCE | type_flags::HAS_WEAKREF,
    slots: Slots { new: Some(new), repr: Some(repr), buffer: Some(buffer), ..sequence::SLOTS },
    methods: methods::METHODS,
    getset: &[
        GetSetDef::read_only("itemsize", |vm, value| vm.new_uint(own(vm, value).kind.size())),
        GetSetDef::read_only("typecode", |vm, value| vm.str_of_char(u32::from(own(vm, value).kind.code()))),
    ],
    ..TypeDef::new("array.array", <PyArray as Payload>::LAYOUT)
};

/// First argument of a method.
fn receiver(vm: &Vm, args: &[Arg]) -> Gc<PyArray> {
    own(vm, args.at(0))
}
