//! Slots of `bytes`, and operations that `bytearray` shares.

use cinder_bytecode::CompareOp;
use cinder_heap::Gc;
use cinder_layout::Value;

use super::subscript::{Place, place};
use super::{PyBytes, iter, literal};
use crate::native::{NativeDef, PyResult};
use crate::object::buffer::BufferView;
use crate::object::slots::Slots;
use crate::types::int::arith::holds;
use crate::types::slice::normalize_index;
use crate::types::type_::PyType;
use crate::vm::Vm;

fn own(vm: &Vm, value: Value) -> Gc<PyBytes> {
    vm.as_bytes(value).expect("slot of bytes")
}

pub(super) const SLOTS: Slots = Slots {
    repr: Some(|vm, value| vm.new_str(&literal(own(vm, value).as_slice(), false))),
    str: Some(|vm, value| {
        vm.warn_of_bytes("str() on a bytes instance")?;
        vm.repr(value)
    }),
    hash: Some(|vm, value| {
        let bytes = own(vm, value);
        if bytes.hash.get() == 0 {
            let hash = vm.hash_bytes(bytes.as_slice());
            bytes.hash.set(if hash == -1 { -2 } else { hash });
        }
        Ok(bytes.hash.get())
    }),
    compare: Some(compare),
    len: Some(|vm, value| Ok(own(vm, value).as_slice().len())),
    getitem: Some(getitem),
    contains: Some(|vm, value, item| contains(vm, own(vm, value).as_slice(), item)),
    iter: Some(iter::new_bytes_iterator),
    concat: Some(|vm, a, b| {
        let left = own(vm, a);
        if vm.type_of(b).slots().buffer.is_none() {
            let (left, right) = (vm.type_name(b), vm.type_name(a));
            return Err(vm.type_error(format!("can't concat {left} to {right}")));
        }
        let right = vm.buffer_content(b)?;
        let left = left.as_slice();
        vm.new_bytes_raw(left.len() + right.len(), |data| {
            // SAFETY: room for both was reserved.
            unsafe {
                data.copy_from_nonoverlapping(left.as_ptr(), left.len());
                data.add(left.len()).copy_from_nonoverlapping(right.as_ptr(), right.len());
            }
        })
    }),
    repeat: Some(|vm, value, count| {
        let count = usize::try_from(vm.index_i64(count)?).unwrap_or(0);
        let content = own(vm, value);
        let content = content.as_slice();
        if count == 1 && vm.type_of(value) == vm.types.bytes {
            return Ok(value);
        }
        let Some(len) = content.len().checked_mul(count).filter(|len| *len <= isize::MAX as usize) else {
            return Err(vm.overflow_error("repeated bytes are too long"));
        };
        vm.new_bytes_raw(len, |data| {
            for index in 0..if len == 0 { 0 } else { count } {
                // SAFETY: room for `count` copies was reserved.
                unsafe { data.add(index * content.len()).copy_from_nonoverlapping(content.as_ptr(), content.len()) };
            }
        })
    }),
    binary: {
        let mut binary = Slots::NONE.binary;
        binary[5] = Some(|vm, a, b| match vm.as_bytes(a) {
            Some(template) => vm.new_bytes(&percent(vm, template.as_slice(), b)?),
            None => Ok(Value::NOT_IMPLEMENTED),
        });
        binary
    },
    buffer: Some(|vm, value| {
        let content = vm.bytes_content(own(vm, value));
        Ok(BufferView {
            owner: value,
            data: content.as_ptr().cast_mut(),
            len_bytes: content.len(),
            readonly: true,
            item_bytes: 1,
            format: "B",
            shape: None,
            release: None,
        })
    }),
    new: Some(new),
    ..Slots::NONE
};

/// `template % values`.
pub(crate) fn percent(vm: &Vm, template: &[u8], values: Value) -> PyResult<Vec<u8>> {
    let points: Vec<u32> = template.iter().map(|byte| u32::from(*byte)).collect();
    Ok(vm.percent_format(&points, values, true)?.into_bytes())
}

/// `item in content` for an int or a bytes-like object.
pub(crate) fn contains(vm: &Vm, content: &[u8], item: Value) -> PyResult<bool> {
    let slots = *vm.type_of(item).slots();
    if slots.index.is_some() && slots.buffer.is_none() {
        let byte = vm.byte_argument(item)?;
        return Ok(memchr::memchr(byte, content).is_some());
    }
    let needle = vm.buffer_content(item)?;
    Ok(memchr::memmem::find(content, &needle).is_some())
}

/// With `-b`: bytes never equal text or numbers, which programs written for Python 2 expect.
pub(crate) fn warn_of_comparison(vm: &Vm, name: &str, other: Value) -> PyResult<()> {
    if !vm.config.warns_of_bytes {
        return Ok(());
    }
    let other = match () {
        () if vm.is_str(other) => "string",
        () if vm.is_subtype(vm.type_of(other), vm.types.int) && name == "bytes" => "int",
        () => return Ok(()),
    };
    vm.warn_of_bytes(&format!("Comparison between {name} and {other}"))
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(x), Some(y)) = (vm.as_bytes(a), vm.as_bytes(b)) else {
        if matches!(op, CompareOp::Eq | CompareOp::Ne) {
            warn_of_comparison(vm, "bytes", b)?;
        }
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (x, y) = (x.as_slice(), y.as_slice());
    Ok(Value::from_bool(match op {
        CompareOp::Eq => x == y,
        CompareOp::Ne => x != y,
        _ => holds(x.cmp(y), op),
    }))
}

fn getitem(vm: &Vm, value: Value, key: Value) -> PyResult<Value> {
    let content = vm.bytes_content(own(vm, value));
    if let Some(byte) = key.try_int().and_then(|index| content.get(normalize_index(index, content.len())?)) {
        return vm.new_int(i64::from(*byte));
    }
    match place(vm, key, "byte", "index out of range", || content.len())? {
        Place::One(at) => vm.new_int(i64::from(content[at])),
        Place::Many(slice) if slice.step == 1 && slice.len == content.len() && vm.type_of(value) == vm.types.bytes => {
            Ok(value)
        }
        Place::Many(slice) if slice.step == 1 => vm.new_bytes(&content[slice.start..slice.start + slice.len]),
        Place::Many(slice) => vm.new_bytes(&slice.iter().map(|index| content[index]).collect::<Vec<u8>>()),
    }
}

static NEW: NativeDef = NativeDef::function("bytes", "source=b'', encoding='utf-8', errors='strict'", |vm, args| {
    if let Some(source) = args[0].filter(|_| args[1].is_none() && args[2].is_none())
        && vm.type_of(source) == vm.types.bytes
    {
        return Ok(source);
    }
    vm.new_bytes(&vm.bytes_from_arguments(args, "bytes")?)
});

fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    let made = NEW.call(vm, args, keyword_names)?;
    if class == vm.types.bytes {
        return Ok(made);
    }
    vm.new_bytes_of(class, own(vm, made).as_slice())
}
