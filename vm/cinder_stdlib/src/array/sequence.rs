//! Items by index and slice, iteration, comparison, sums and products.

use std::cell::Cell;

use cinder_bytecode::CompareOp;
use cinder_heap::{HeapObject, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::slice::{SliceIndices, Subscript};
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

use super::{PyArray, as_array, make, own};

pub(super) const SLOTS: Slots = Slots {
    len: Some(|vm, value| Ok(own(vm, value).len())),
    getitem: Some(get),
    setitem: Some(set),
    contains: Some(|vm, value, wanted| Ok(find(vm, own(vm, value), wanted, 0, usize::MAX)?.is_some())),
    iter: Some(iterate),
    compare: Some(compare),
    concat: Some(concat),
    inplace_concat: Some(|vm, a, b| {
        if as_array(vm, b).is_none() {
            let found = vm.type_name(b);
            return Err(vm.type_error(format!("can only extend array with array (not \"{found}\")")));
        }
        own(vm, a).extend(vm, b)?;
        Ok(a)
    }),
    repeat: Some(|vm, value, count| {
        let array = own(vm, value);
        let bytes = repeated(vm, array, count)?;
        make(vm, array_class(vm)?, array.kind, bytes)
    }),
    inplace_repeat: Some(|vm, value, count| {
        let array = own(vm, value);
        let new = repeated(vm, array, count)?;
        if new.len() != array.bytes.borrow().len() {
            array.resize(vm, |bytes| *bytes = new)?;
        }
        Ok(value)
    }),
    ..Slots::NONE
};

fn array_class(vm: &Vm) -> PyResult<Gc<cinder_vm::types::type_::PyType>> {
    vm.native_class(&super::CLASS)
}

/// Place of the first item from `start` on, before `end`, that equals `wanted`.
pub(super) fn find(vm: &Vm, array: Gc<PyArray>, wanted: Value, start: usize, end: usize) -> PyResult<Option<usize>> {
    let mut index = start;
    while index < end {
        let Some(item) = array.get(vm, index)? else { break };
        if vm.compare_bool(item, wanted, CompareOp::Eq)? {
            return Ok(Some(index));
        }
        index += 1;
    }
    Ok(None)
}

/// An index within the array; `message` for one outside.
pub(super) fn place(vm: &Vm, array: Gc<PyArray>, key: Value, message: &str) -> PyResult<usize> {
    if vm.type_of(key).slots().index.is_none() {
        return Err(vm.type_error("array indices must be integers"));
    }
    let (index, len) = (vm.index_i64(key)?, array.len() as i64);
    let index = if index < 0 { index + len } else { index };
    if (0..len).contains(&index) { Ok(index as usize) } else { Err(vm.index_error(message)) }
}

/// The places a slice selects; `None` when the key is no slice. The length counts after the bounds' `__index__` ran.
fn selected(vm: &Vm, array: Gc<PyArray>, key: Value) -> PyResult<Option<SliceIndices>> {
    if vm.type_of(key) != vm.types.slice {
        return Ok(None);
    }
    let Some(Subscript::Slice(bounds)) = vm.subscript(key)? else { return Ok(None) };
    let range = bounds.within(array.len());
    Ok(Some(SliceIndices { start: range.start.max(0) as usize, len: range.count, step: range.step }))
}

fn get(vm: &Vm, value: Value, key: Value) -> PyResult<Value> {
    let array = own(vm, value);
    if let Some(index) = key.try_int().and_then(|index| usize::try_from(index).ok())
        && let Some(item) = array.get(vm, index)?
    {
        return Ok(item);
    }
    let size = array.kind.size();
    let Some(slice) = selected(vm, array, key)? else {
        let index = place(vm, array, key, "array index out of range")?;
        return match array.get(vm, index)? {
            Some(item) => Ok(item),
            None => Err(vm.index_error("array index out of range")),
        };
    };
    let bytes: Vec<u8> = {
        let bytes = array.bytes.borrow();
        slice.iter().flat_map(|index| bytes[index * size..][..size].iter().copied()).collect()
    };
    make(vm, array_class(vm)?, array.kind, bytes)
}

fn set(vm: &Vm, value: Value, key: Value, new: Option<Value>) -> PyResult<()> {
    let array = own(vm, value);
    let size = array.kind.size();
    if let (Some(new), Some(index)) = (new, key.try_int().and_then(|index| usize::try_from(index).ok()))
        && index < array.len()
    {
        let item = array.kind.write(vm, new)?;
        // What the value's methods ran may have made the array shorter.
        if let Some(place) = array.bytes.borrow_mut().get_mut(index * size..(index + 1) * size) {
            place.copy_from_slice(&item[..size]);
            return Ok(());
        }
    }
    let Some(slice) = selected(vm, array, key)? else {
        let message = "array assignment index out of range";
        let Some(new) = new else {
            let index = place(vm, array, key, message)?;
            return array.resize(vm, |bytes| drop(bytes.drain(index * size..(index + 1) * size)));
        };
        let item = array.kind.write(vm, new)?;
        let index = place(vm, array, key, message)?;
        array.bytes.borrow_mut()[index * size..][..size].copy_from_slice(&item[..size]);
        return Ok(());
    };
    let content = match new {
        None => Vec::new(),
        Some(new) => match as_array(vm, new) {
            Some(other) if other.kind == array.kind => other.bytes.borrow().clone(),
            Some(_) => return Err(vm.type_error("bad argument type for built-in operation")),
            None => {
                let found = vm.type_name(new);
                return Err(vm.type_error(format!("can only assign array (not \"{found}\") to array slice")));
            }
        },
    };
    set_slice(vm, array, &slice, &content)
}

fn set_slice(vm: &Vm, array: Gc<PyArray>, slice: &SliceIndices, content: &[u8]) -> PyResult<()> {
    let size = array.kind.size();
    if content.len() == slice.len * size {
        let mut bytes = array.bytes.borrow_mut();
        for (index, item) in slice.iter().zip(content.chunks_exact(size)) {
            bytes[index * size..][..size].copy_from_slice(item);
        }
        return Ok(());
    }
    if slice.step == 1 {
        let range = slice.start * size..(slice.start + slice.len) * size;
        return array.resize(vm, |bytes| drop(bytes.splice(range, content.iter().copied())));
    }
    // An empty array deletes, in a slice with steps too.
    if content.is_empty() {
        let mut gone: Vec<usize> = slice.iter().collect();
        gone.sort_unstable();
        return array.resize(vm, |bytes| {
            for index in gone.into_iter().rev() {
                bytes.drain(index * size..(index + 1) * size);
            }
        });
    }
    let (given, len) = (content.len() / size, slice.len);
    Err(vm.value_error(format!("attempt to assign array of size {given} to extended slice of size {len}")))
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(x), Some(y)) = (as_array(vm, a), as_array(vm, b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    let is_equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if is_equality && x.len() != y.len() {
        return Ok(Value::from_bool(op == CompareOp::Ne));
    }
    let mut index = 0;
    while let (Some(item), Some(other)) = (x.get(vm, index)?, y.get(vm, index)?) {
        if !vm.compare_bool(item, other, CompareOp::Eq)? {
            return match op {
                CompareOp::Eq => Ok(Value::FALSE),
                CompareOp::Ne => Ok(Value::TRUE),
                _ => vm.compare(item, other, op),
            };
        }
        index += 1;
    }
    Ok(Value::from_bool(cinder_vm::types::tuple::holds(x.len().cmp(&y.len()), op)))
}

fn concat(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let array = own(vm, a);
    let Some(other) = as_array(vm, b) else {
        let found = vm.type_name(b);
        return Err(vm.type_error(format!("can only append array (not \"{found}\") to array")));
    };
    if other.kind != array.kind {
        return Err(vm.type_error("bad argument type for built-in operation"));
    }
    let bytes = [&array.bytes.borrow()[..], &other.bytes.borrow()[..]].concat();
    make(vm, array_class(vm)?, array.kind, bytes)
}

fn repeated(vm: &Vm, array: Gc<PyArray>, count: Value) -> PyResult<Vec<u8>> {
    let count = usize::try_from(vm.index_i64(count)?).unwrap_or(0);
    let bytes = array.bytes.borrow();
    let len = bytes.len().checked_mul(count).filter(|len| *len <= isize::MAX as usize);
    let mut all = Vec::new();
    match len.map(|len| all.try_reserve_exact(len)) {
        Some(Ok(())) => {}
        _ => return Err(vm.memory_error_text("")),
    }
    (0..count).for_each(|_| all.extend_from_slice(&bytes));
    Ok(all)
}

/// Payload of an iterator; it lets go of the array at its end.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct PyArrayIterator {
    header: Header,
    array: Slot<Option<Gc<PyArray>>>,
    index: Cell<usize>,
}

cinder_vm::layout!(PyArrayIterator, "array.arrayiterator");

fn iterate(vm: &Vm, value: Value) -> PyResult<Value> {
    let (class, array) = (vm.native_class(&ITERATOR)?, own(vm, value));
    let made = vm.alloc_instance(class, 0, |header| PyArrayIterator {
        header,
        array: Slot::new(Some(array)),
        index: Cell::new(0),
    })?;
    Ok(made.as_value())
}

fn iterator(vm: &Vm, value: Value) -> Gc<PyArrayIterator> {
    vm.downcast::<PyArrayIterator>(value).expect("slot of this class")
}

static ITERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        iter: Some(|_, value| Ok(value)),
        next: Some(|vm, value| {
            let own = iterator(vm, value);
            let Some(array) = own.array.get() else { return Ok(None) };
            let item = array.get(vm, own.index.get())?;
            match item {
                Some(_) => own.index.set(own.index.get() + 1),
                None => own.array.init(None),
            }
            Ok(item)
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let own = iterator(vm, args.at(0));
            let iter = vm.builtin("iter")?;
            match own.array.get() {
                Some(array) => {
                    let arguments = vm.new_tuple(&[array.as_value()])?;
                    vm.new_tuple(&[iter, arguments, vm.new_uint(own.index.get())?])
                }
                None => {
                    let arguments = vm.new_tuple(&[*vm.empty_tuple])?;
                    vm.new_tuple(&[iter, arguments])
                }
            }
        }),
        NativeDef::method("__setstate__", "self, state, /", |vm, args| {
            let own = iterator(vm, args.at(0));
            let index = vm.index_ssize(args.at(1))?;
            let len = own.array.get().map_or(0, |array| array.len());
            own.index.set(usize::try_from(index).unwrap_or(0).min(len));
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("array.arrayiterator", <PyArrayIterator as Payload>::LAYOUT)
};
