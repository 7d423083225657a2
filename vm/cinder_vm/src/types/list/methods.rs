//! Methods of `list`.

use cinder_layout::Value;

use super::{PyList, list, sort};
use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::types::BuiltinType;
use crate::types::slice::normalize_index;
use crate::types::tuple::search_bounds;
use crate::vm::Vm;

fn append(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    vm.list_push(list(vm, args.at(0)), args.at(1))?;
    Ok(Value::NONE)
}

fn extend(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    vm.list_extend(list(vm, args.at(0)), args.at(1))?;
    Ok(Value::NONE)
}

fn insert(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let list = list(vm, args.at(0));
    let index = vm.index_ssize(args.at(1))?;
    let len = list.len() as i64;
    let place = if index < 0 { (index + len).max(0) } else { index.min(len) };
    list.items.insert(&vm.heap, list, place as usize, args.at(2)).map_err(|error| vm.out_of_memory(error))?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let list = list(vm, args.at(0));
    let index = match args.opt(1) {
        None => -1,
        Some(index) => vm.index_ssize(index)?,
    };
    if list.is_empty() {
        return Err(vm.index_error("pop from empty list"));
    }
    if index == -1 {
        return Ok(list.items.pop().expect("the list is not empty"));
    }
    match normalize_index(index, list.len()) {
        Some(place) => Ok(list.items.remove(&vm.heap, place)),
        None => Err(vm.index_error("pop index out of range")),
    }
}

/// Place of the first item equal to `wanted` from `start` up to `stop`.
fn find(vm: &Vm, list: &PyList, wanted: Value, start: usize, stop: usize) -> PyResult<Option<usize>> {
    let mut place = start;
    while place < stop
        && let Some(item) = list.items.get(place)
    {
        if vm.eq(item, wanted)? {
            return Ok(Some(place));
        }
        place += 1;
    }
    Ok(None)
}

fn remove(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let list = list(vm, args.at(0));
    match find(vm, &list, args.at(1), 0, usize::MAX)? {
        Some(place) => {
            // The comparison may have shortened the list.
            if place < list.len() {
                list.items.remove(&vm.heap, place);
            }
            Ok(Value::NONE)
        }
        None => Err(vm.value_error("list.remove(x): x not in list")),
    }
}

fn index(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let list = list(vm, args.at(0));
    let (start, stop) = search_bounds(vm, args, list.len())?;
    match find(vm, &list, args.at(1), start, stop)? {
        Some(place) => vm.new_uint(place),
        None => Err(vm.value_error("list.index(x): x not in list")),
    }
}

fn count(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let list = list(vm, args.at(0));
    let (mut count, mut start) = (0, 0);
    while let Some(place) = find(vm, &list, args.at(1), start, usize::MAX)? {
        count += 1;
        start = place + 1;
    }
    vm.new_uint(count)
}

fn reverse(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    if let Some(buffer) = list(vm, args.at(0)).items.buffer() {
        let len = buffer.len();
        for index in 0..len / 2 {
            buffer.swap(&vm.heap, index, len - 1 - index);
        }
    }
    Ok(Value::NONE)
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::method("append", "self, object, /", append).doc("Append object to the end of the list."),
    NativeDef::method("extend", "self, iterable, /", extend).doc("Extend list by appending elements from the iterable."),
    NativeDef::method("insert", "self, index, object, /", insert).doc("Insert object before index."),
    NativeDef::method("pop", "self, index=-1, /", pop)
        .doc("Remove and return item at index (default last).\n\nRaises IndexError if list is empty or index is out of range."),
    NativeDef::method("remove", "self, value, /", remove)
        .doc("Remove first occurrence of value.\n\nRaises ValueError if the value is not present."),
    NativeDef::method("index", "self, value, start=0, stop=sys.maxsize, /", index)
        .doc("Return first index of value.\n\nRaises ValueError if the value is not present."),
    NativeDef::method("count", "self, value, /", count).doc("Return number of occurrences of value."),
    NativeDef::method("reverse", "self, /", reverse).doc("Reverse *IN PLACE*."),
    NativeDef::method("clear", "self, /", |vm, args| {
        list(vm, args.at(0)).items.take();
        Ok(Value::NONE)
    })
    .doc("Remove all items from list."),
    NativeDef::method("copy", "self, /", |vm, args| vm.new_list(list(vm, args.at(0)).items.values()))
        .doc("Return a shallow copy of the list."),
    NativeDef::method("sort", "self, /, *, key=None, reverse=False", |vm, args| {
        let reverse = match args.opt(2) {
            None => false,
            Some(flag) => vm.truthy(flag)?,
        };
        sort::sort(vm, list(vm, args.at(0)), args.opt(1).filter(|key| !key.is_none()), reverse)?;
        Ok(Value::NONE)
    })
    .doc("Sort the list in ascending order and return None.\n\nThe sort is in-place (i.e. the list itself is modified) and stable (i.e. the\norder of two equal elements is maintained).\n\nIf a key function is given, apply it once to each list item and sort them,\nascending or descending, according to their function values.\n\nThe reverse flag can be set to sort in descending order."),
    NativeDef::method("__reversed__", "self, /", |vm, args| {
        let last = list(vm, args.at(0)).len() as i64 - 1;
        vm.new_index_iterator(BuiltinType::list_reverse_iterator, args.at(0), last)
    })
    .doc("Return a reverse iterator over the list."),
    NativeDef::method("__sizeof__", "self, /", |vm, args| {
        let bytes = list(vm, args.at(0)).items.buffer().map_or(0, |buffer| vm.heap.size_of(buffer.header()));
        vm.new_uint(std::mem::size_of::<PyList>() + bytes)
    })
    .doc("Return the size of the list in memory, in bytes."),
    crate::types::generic_alias::CLASS_GETITEM,
];
