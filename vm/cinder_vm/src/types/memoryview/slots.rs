//! Slots of `memoryview`.

use cinder_bytecode::CompareOp;
use cinder_heap::Gc;
use cinder_layout::Value;

use super::{Geometry, PyMemoryView, own};
use crate::native::{NativeDef, PyResult};
use crate::object::buffer::BufferView;
use crate::object::slots::Slots;
use crate::types::slice::SliceIndices;
use crate::vm::Vm;

pub(super) const SLOTS: Slots = Slots {
    repr: Some(|vm, value| {
        let view = vm.as_memoryview(value).expect("slot of memoryview");
        let state = if view.owner.get().is_some() { "memory" } else { "released memory" };
        vm.new_str(&format!("<{state} at {:#x}>", value.as_ptr::<u8>().addr()))
    }),
    hash: Some(hash),
    compare: Some(compare),
    len: Some(|vm, value| match own(vm, value)?.shape.first() {
        Some(len) => Ok(*len),
        None => Err(vm.type_error("0-dim memory has no length")),
    }),
    getitem: Some(getitem),
    setitem: Some(setitem),
    iter: Some(|vm, value| match own(vm, value)?.shape.len() {
        0 => Err(vm.type_error("invalid indexing of 0-dim memory")),
        1 => vm.new_sequence_iterator(value),
        _ => Err(vm.not_implemented_error("multi-dimensional sub-views are not implemented")),
    }),
    buffer: Some(|vm, value| {
        let view = own(vm, value)?;
        if !view.is_c_contiguous() {
            return Err(vm.buffer_error("memoryview: underlying buffer is not C-contiguous"));
        }
        view.exports.set(view.exports.get() + 1);
        Ok(BufferView {
            owner: value,
            data: view.data,
            len_bytes: view.len_bytes(),
            readonly: view.readonly,
            item_bytes: view.format.item_bytes(),
            format: view.format.text(),
            shape: None,
            release: Some(|owner| {
                // SAFETY: views of this release function were made above, with a memoryview as owner.
                let view: Gc<PyMemoryView> = unsafe { Gc::from_value(owner) };
                view.exports.set(view.exports.get() - 1);
            }),
        })
    }),
    new: Some(|vm, _, args, keyword_names| NEW.call(vm, args, keyword_names)),
    ..Slots::NONE
};

static NEW: NativeDef = NativeDef::function("memoryview", "object", |vm, args| {
    vm.new_memoryview(args[0].expect("the signature requires it"))
});

fn hash(vm: &Vm, value: Value) -> PyResult<i64> {
    let view = vm.as_memoryview(value).expect("slot of memoryview");
    if view.hash.get() == 0 {
        let view = own(vm, value)?;
        if !view.readonly {
            return Err(vm.value_error("cannot hash writable memoryview object"));
        }
        if !view.format.is_byte() {
            return Err(vm.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
        }
        // The exporter decides whether there is a hash; it may try to take its memory back.
        view.exports.set(view.exports.get() + 1);
        let hashable = view.owner.get().map_or(Ok(0), |owner| vm.hash(owner));
        view.exports.set(view.exports.get() - 1);
        hashable?;
        let content = vm.new_bytes(&super::content(vm, view)?)?;
        view.hash.set(vm.hash(content)?);
    }
    Ok(view.hash.get())
}

/// Equality of shape and items, whatever their formats.
fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let equal = match (vm.as_memoryview(a), vm.as_memoryview(b)) {
        _ if a == b => true,
        (Some(x), Some(y)) => same_items(vm, x, y)?,
        (x, y) => {
            let (view, other) = if let Some(view) = x { (view, b) } else { (y.expect("one is a view"), a) };
            if view.owner.get().is_none() {
                return Ok(Value::from_bool(op == CompareOp::Ne));
            }
            if vm.type_of(other).slots().buffer.is_none() {
                return Ok(Value::NOT_IMPLEMENTED);
            }
            let other = vm.new_memoryview(other)?;
            let other = vm.as_memoryview(other).expect("just made");
            let equal = same_items(vm, view, other);
            vm.release_view(other)?;
            equal?
        }
    };
    Ok(Value::from_bool(equal == (op == CompareOp::Eq)))
}

fn same_items(vm: &Vm, x: Gc<PyMemoryView>, y: Gc<PyMemoryView>) -> PyResult<bool> {
    if x.owner.get().is_none() || y.owner.get().is_none() || x.shape != y.shape {
        return Ok(false);
    }
    let (Some(left), Some(right)) = (x.format.code(), y.format.code()) else { return Ok(false) };
    if left == right && !matches!(left, 'e' | 'f' | 'd' | '?') {
        return Ok(super::content(vm, x)? == super::content(vm, y)?);
    }
    for (left, right) in x.offsets(false).into_iter().zip(y.offsets(false)) {
        // SAFETY: offsets of items; neither view is released, and nothing below runs Python code.
        let (left, right) = unsafe { (x.format.unpack(vm, x.item(left))?, y.format.unpack(vm, y.item(right))?) };
        if !vm.compare_bool(left, right, CompareOp::Eq)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What a key selects.
enum Target {
    /// One item, by byte offset.
    Item(isize),
    Slice(SliceIndices),
    Whole,
}

fn target(vm: &Vm, value: Value, key: Value) -> PyResult<Target> {
    let view = own(vm, value)?;
    if view.shape.is_empty() {
        return match vm.as_tuple(key) {
            Some(tuple) if tuple.is_empty() => Ok(Target::Item(0)),
            _ if key == Value::ELLIPSIS => Ok(Target::Whole),
            _ => Err(vm.type_error("invalid indexing of 0-dim memory")),
        };
    }
    if let Some(slice) = vm.slice_indices(key, view.shape[0])? {
        return Ok(Target::Slice(slice));
    }
    if let Some(tuple) = vm.as_tuple(key) {
        return by_tuple(vm, value, tuple.items());
    }
    if vm.type_of(key).slots().index.is_none() {
        return Err(vm.type_error("memoryview: invalid slice key"));
    }
    if view.shape.len() > 1 {
        return Err(vm.not_implemented_error("multi-dimensional sub-views are not implemented"));
    }
    Ok(Target::Item(offset_along(vm, value, key, 0)?))
}

fn by_tuple(vm: &Vm, value: Value, keys: &[Value]) -> PyResult<Target> {
    let dimensions = own(vm, value)?.shape.len();
    if !keys.is_empty() && keys.iter().all(|key| vm.is_instance(*key, vm.types.slice)) {
        return Err(vm.not_implemented_error("multi-dimensional slicing is not implemented"));
    }
    if keys.iter().any(|key| vm.type_of(*key).slots().index.is_none()) {
        return Err(vm.type_error("memoryview: invalid slice key"));
    }
    let given = keys.len();
    if given > dimensions {
        return Err(vm.type_error(format!("cannot index {dimensions}-dimension view with {given}-element tuple")));
    }
    if given < dimensions {
        return Err(vm.not_implemented_error("sub-views are not implemented"));
    }
    let mut offset = 0;
    for (dimension, key) in keys.iter().enumerate() {
        offset += offset_along(vm, value, *key, dimension)?;
    }
    Ok(Target::Item(offset))
}

/// Byte offset of index `key` in a dimension.
fn offset_along(vm: &Vm, value: Value, key: Value, dimension: usize) -> PyResult<isize> {
    let index = vm.index(key)?;
    let view = own(vm, value)?;
    let Some(index) = vm.int_to_i64(index) else {
        let found = vm.type_name(key);
        return Err(vm.index_error(format!("cannot fit '{found}' into an index-sized integer")));
    };
    let len = view.shape[dimension] as i64;
    let at = if index < 0 { index + len } else { index };
    if !(0..len).contains(&at) {
        return Err(vm.index_error(format!("index out of bounds on dimension {}", dimension + 1)));
    }
    Ok(at as isize * view.strides[dimension])
}

fn getitem(vm: &Vm, value: Value, key: Value) -> PyResult<Value> {
    let target = target(vm, value, key)?;
    let view = own(vm, value)?;
    match target {
        // SAFETY: the offset of an item; not released.
        Target::Item(offset) => view.format.unpack(vm, unsafe { view.item(offset) }),
        Target::Whole => Ok(value),
        Target::Slice(slice) => vm.derived_view(view, sliced(view, &slice)),
    }
}

fn sliced(view: Gc<PyMemoryView>, slice: &SliceIndices) -> Geometry {
    let start = if slice.len == 0 { 0 } else { slice.start as isize };
    let (mut shape, mut strides) = (view.shape.to_vec(), view.strides.to_vec());
    shape[0] = slice.len;
    strides[0] *= slice.step as isize;
    Geometry {
        // SAFETY: the first selected item lies within the exporter's bytes.
        data: unsafe { view.data.offset(start * view.strides[0]) },
        readonly: view.readonly,
        format: view.format,
        shape,
        strides,
    }
}

fn setitem(vm: &Vm, value: Value, key: Value, new: Option<Value>) -> PyResult<()> {
    let view = own(vm, value)?;
    if view.readonly {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    let Some(new) = new else { return Err(vm.type_error("cannot delete memory")) };
    match target(vm, value, key)? {
        Target::Item(offset) => {
            let bytes = view.format.pack(vm, new)?;
            let view = own(vm, value)?;
            write(view, offset, &bytes);
            Ok(())
        }
        Target::Whole => {
            let bytes = view.format.pack(vm, new)?;
            write(own(vm, value)?, 0, &bytes);
            Ok(())
        }
        Target::Slice(_) if view.shape.len() > 1 => {
            Err(vm.not_implemented_error("memoryview slice assignments are currently restricted to ndim = 1"))
        }
        Target::Slice(slice) => {
            if vm.type_of(new).slots().buffer.is_none() {
                let found = vm.type_name(new);
                return Err(vm.type_error(format!("a bytes-like object is required, not '{found}'")));
            }
            let source = vm.new_memoryview(new)?;
            let source = vm.as_memoryview(source).expect("just made");
            let fits =
                source.shape.len() == 1 && source.shape[0] == slice.len && source.format.code() == view.format.code();
            let content = super::content(vm, source);
            vm.release_view(source)?;
            let content = content?;
            if !fits {
                return Err(vm.value_error("memoryview assignment: lvalue and rvalue have different structures"));
            }
            for (at, item) in slice.iter().zip(content.chunks(view.format.item_bytes())) {
                write(view, at as isize * view.strides[0], item);
            }
            Ok(())
        }
    }
}

/// Overwrites an item of a writable view that is not released.
fn write(view: Gc<PyMemoryView>, offset: isize, bytes: &[u8]) {
    // SAFETY: the callers pass the offset of an item and as many bytes as it has.
    unsafe { view.data.offset(offset).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
}
