//! The methods of arrays.

use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

use super::{PyArray, make, pickle, receiver, sequence};

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::method("append", "self, v, /", |vm, args| receiver(vm, args).push(vm, args.at(1)).map(|()| Value::NONE)),
    NativeDef::method("buffer_info", "self, /", |vm, args| {
        let array = receiver(vm, args);
        let address = array.bytes.borrow().as_ptr().addr();
        vm.new_tuple(&[vm.new_uint(address)?, vm.new_uint(array.len())?])
    }),
    NativeDef::method("byteswap", "self, /", |vm, args| {
        let array = receiver(vm, args);
        array.bytes.borrow_mut().chunks_exact_mut(array.kind.size()).for_each(<[u8]>::reverse);
        Ok(Value::NONE)
    }),
    NativeDef::method("clear", "self, /", |vm, args| receiver(vm, args).resize(vm, Vec::clear).map(|()| Value::NONE)),
    NativeDef::method("__copy__", "self, /", copy),
    NativeDef::method("__deepcopy__", "self, unused, /", copy),
    NativeDef::method("count", "self, v, /", |vm, args| {
        let (array, mut count, mut index) = (receiver(vm, args), 0, 0);
        while let Some(item) = array.get(vm, index)? {
            count += usize::from(vm.eq(item, args.at(1))?);
            index += 1;
        }
        vm.new_uint(count)
    }),
    NativeDef::method("extend", "self, bb, /", |vm, args| {
        receiver(vm, args).extend(vm, args.at(1)).map(|()| Value::NONE)
    }),
    NativeDef::method("frombytes", "self, buffer, /", |vm, args| {
        from_bytes(vm, receiver(vm, args), args.at(1)).map(|()| Value::NONE)
    }),
    NativeDef::method("fromfile", "self, f, n, /", from_file),
    NativeDef::method("fromlist", "self, list, /", from_list),
    NativeDef::method("fromunicode", "self, ustr, /", |vm, args| {
        let array = receiver(vm, args);
        if !array.kind.is_text() {
            return Err(vm.value_error("fromunicode() may only be called on unicode type arrays ('u' or 'w')"));
        }
        let Some(text) = vm.as_str(args.at(1)) else {
            let found = vm.type_name(args.at(1));
            return Err(vm.type_error(format!("fromunicode() argument must be str, not {found}")));
        };
        array.resize(vm, |bytes| bytes.extend(text.iter().flat_map(u32::to_le_bytes)))?;
        Ok(Value::NONE)
    }),
    NativeDef::method("index", "self, v, start=0, stop=sys.maxsize, /", |vm, args| {
        let array = receiver(vm, args);
        let (start, end) = vm.search_range(args.opt(2), args.opt(3), array.len())?;
        match sequence::find(vm, array, args.at(1), start, end)? {
            Some(index) => vm.new_uint(index),
            None => Err(vm.value_error("array.index(x): x not in array")),
        }
    }),
    NativeDef::method("insert", "self, i, v, /", |vm, args| {
        let array = receiver(vm, args);
        let index = vm.index_clamped(args.at(1))?;
        let item = array.kind.write(vm, args.at(2))?;
        let (len, size) = (array.len() as i64, array.kind.size());
        let index = if index < 0 { (index + len).max(0) } else { index.min(len) } as usize;
        array.resize(vm, |bytes| drop(bytes.splice(index * size..index * size, item[..size].iter().copied())))?;
        Ok(Value::NONE)
    }),
    NativeDef::method("pop", "self, i=-1, /", |vm, args| {
        let (array, minus_one) = (receiver(vm, args), vm.new_int(-1)?);
        if array.is_empty() {
            return Err(vm.index_error("pop from empty array"));
        }
        let index = sequence::place(vm, array, args.opt(1).unwrap_or(minus_one), "pop index out of range")?;
        let item = array.get(vm, index)?.unwrap_or(Value::NONE);
        remove_at(vm, array, index)?;
        Ok(item)
    }),
    NativeDef::method("remove", "self, v, /", |vm, args| {
        let array = receiver(vm, args);
        match sequence::find(vm, array, args.at(1), 0, usize::MAX)? {
            Some(index) => remove_at(vm, array, index).map(|()| Value::NONE),
            None => Err(vm.value_error("array.remove(x): x not in array")),
        }
    }),
    NativeDef::method("reverse", "self, /", |vm, args| {
        let array = receiver(vm, args);
        let mut bytes = array.bytes.borrow_mut();
        bytes.reverse();
        bytes.chunks_exact_mut(array.kind.size()).for_each(<[u8]>::reverse);
        Ok(Value::NONE)
    }),
    NativeDef::method("tobytes", "self, /", |vm, args| {
        let bytes = receiver(vm, args).bytes.borrow().clone();
        vm.new_bytes(&bytes)
    }),
    NativeDef::method("tofile", "self, f, /", |vm, args| {
        let array = receiver(vm, args);
        let bytes = array.bytes.borrow().clone();
        for block in bytes.chunks(64 * 1024) {
            let block = vm.new_bytes(block)?;
            vm.call_method(args.at(1), vm.names.write, &[block])?;
        }
        Ok(Value::NONE)
    }),
    NativeDef::method("tolist", "self, /", |vm, args| to_list(vm, receiver(vm, args))),
    NativeDef::method("tounicode", "self, /", |vm, args| {
        let array = receiver(vm, args);
        if !array.kind.is_text() {
            return Err(vm.value_error("tounicode() may only be called on unicode type arrays ('u' or 'w')"));
        }
        to_text(vm, array)
    }),
    NativeDef::method("__reduce_ex__", "self, value, /", pickle::reduce),
    NativeDef::method("__sizeof__", "self, /", |vm, args| {
        vm.new_uint(64 + receiver(vm, args).bytes.borrow().capacity())
    }),
    NativeDef::class_method("__class_getitem__", "type, object, /", |vm, args| {
        vm.new_generic_alias(args.at(0), args.at(1))
    }),
];

fn remove_at(vm: &Vm, array: Gc<PyArray>, index: usize) -> PyResult<()> {
    let size = array.kind.size();
    array.resize(vm, |bytes| {
        // What ran meanwhile may have made the array shorter.
        if (index + 1) * size <= bytes.len() {
            bytes.drain(index * size..(index + 1) * size);
        }
    })
}

fn copy(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let array = receiver(vm, args);
    let bytes = array.bytes.borrow().clone();
    make(vm, vm.native_class(&super::CLASS)?, array.kind, bytes)
}

pub(super) fn from_bytes(vm: &Vm, array: Gc<PyArray>, source: Value) -> PyResult<()> {
    let new = vm.with_bytes(source, <[u8]>::to_vec)?;
    if new.len() % array.kind.size() != 0 {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    array.resize(vm, |bytes| bytes.extend_from_slice(&new))
}

fn from_file(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let array = receiver(vm, args);
    let count = vm.index_ssize(args.at(2))?;
    let Ok(count) = usize::try_from(count) else { return Err(vm.value_error("negative count")) };
    let Some(wanted) = count.checked_mul(array.kind.size()) else { return Err(vm.memory_error_text("")) };
    let found = vm.call_method(args.at(1), vm.names.read, &[vm.new_uint(wanted)?])?;
    if vm.as_bytes(found).is_none() {
        return Err(vm.type_error("read() didn't return bytes"));
    }
    let len = vm.with_bytes(found, <[u8]>::len)?;
    from_bytes(vm, array, found)?;
    if len != wanted {
        return Err(vm.eof_error("read() didn't return enough bytes"));
    }
    Ok(Value::NONE)
}

/// All items or none.
fn from_list(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let array = receiver(vm, args);
    let Some(list) = vm.as_list(args.at(1)) else { return Err(vm.type_error("arg must be list")) };
    let (len, size) = (list.len(), array.kind.size());
    let mut new = Vec::with_capacity(len * size);
    for index in 0..len {
        let item = list.get(index as i64).filter(|_| list.len() == len);
        let Some(item) = item else { return Err(vm.runtime_error("list changed size during iteration")) };
        new.extend_from_slice(&array.kind.write(vm, item)?[..size]);
    }
    array.resize(vm, |bytes| bytes.extend_from_slice(&new))?;
    Ok(Value::NONE)
}

pub(super) fn to_list(vm: &Vm, array: Gc<PyArray>) -> PyResult<Value> {
    let (list, mut index) = (vm.new_pylist()?, 0);
    while let Some(item) = array.get(vm, index)? {
        vm.list_push(list, item)?;
        index += 1;
    }
    Ok(list.as_value())
}

pub(super) fn to_text(vm: &Vm, array: Gc<PyArray>) -> PyResult<Value> {
    let points: Vec<u32> = {
        let bytes = array.bytes.borrow();
        bytes.chunks_exact(4).map(|item| u32::from_le_bytes([item[0], item[1], item[2], item[3]])).collect()
    };
    if let Some(wrong) = points.iter().find(|point| **point > 0x10_ffff) {
        return Err(vm.value_error(format!("character U+{wrong:x} is not in range [U+0000; U+10ffff]")));
    }
    vm.new_str_points(&points)
}
