//! `_heapq`: lists kept as heaps. Source: Modules/_heapqmodule.c.
//!
//! Holds: comparisons run Python code that may change the list; after each one the length is looked at again.

use cinder_bytecode::CompareOp;
use cinder_vm::types::list::PyList;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};

pub(crate) static HEAPQ: ModuleDef = ModuleDef {
    doc: "Heap queue algorithm (a.k.a. priority queue).",
    functions: &[
        NativeDef::function("heappush", "heap, item, /", |vm, args| push(vm, args, Order::Min)),
        NativeDef::function("heappush_max", "heap, item, /", |vm, args| push(vm, args, Order::Max)),
        NativeDef::function("heappop", "heap, /", |vm, args| pop(vm, args, Order::Min)),
        NativeDef::function("heappop_max", "heap, /", |vm, args| pop(vm, args, Order::Max)),
        NativeDef::function("heapreplace", "heap, item, /", |vm, args| replace(vm, args, Order::Min)),
        NativeDef::function("heapreplace_max", "heap, item, /", |vm, args| replace(vm, args, Order::Max)),
        NativeDef::function("heappushpop", "heap, item, /", |vm, args| push_pop(vm, args, Order::Min)),
        NativeDef::function("heappushpop_max", "heap, item, /", |vm, args| push_pop(vm, args, Order::Max)),
        NativeDef::function("heapify", "heap, /", |vm, args| heapify(vm, args, Order::Min)),
        NativeDef::function("heapify_max", "heap, /", |vm, args| heapify(vm, args, Order::Max)),
    ],
    ..ModuleDef::new("_heapq")
};

/// Which item lies at the root.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Min,
    Max,
}

impl Order {
    /// Whether `a` belongs above `b`.
    fn is_before(self, vm: &Vm, a: Value, b: Value) -> PyResult<bool> {
        match self {
            Order::Min => vm.compare_bool(a, b, CompareOp::Lt),
            Order::Max => vm.compare_bool(b, a, CompareOp::Lt),
        }
    }
}

/// The list of a call to `function` (`function_max`).
fn heap(vm: &Vm, args: &[Arg], function: &str, order: Order) -> PyResult<Gc<PyList>> {
    vm.as_list(args.at(0)).ok_or_else(|| {
        let found = vm.type_name(args.at(0));
        let suffix = if order == Order::Max { "_max" } else { "" };
        let number = if args.len() > 1 { " 1" } else { "" };
        vm.type_error(format!("{function}{suffix}() argument{number} must be list, not {found}"))
    })
}

fn item(vm: &Vm, list: Gc<PyList>, index: usize) -> PyResult<Value> {
    list.get(index as i64).ok_or_else(|| vm.index_error("index out of range"))
}

/// Compares two items of a list whose length must stay.
fn is_before(vm: &Vm, list: Gc<PyList>, order: Order, a: Value, b: Value) -> PyResult<bool> {
    let len = list.len();
    let result = order.is_before(vm, a, b)?;
    if list.len() != len {
        return Err(vm.runtime_error("list changed size during iteration"));
    }
    Ok(result)
}

/// Moves the item at `place` up to where it belongs, not above `root`.
fn sift_up(vm: &Vm, list: Gc<PyList>, order: Order, root: usize, mut place: usize) -> PyResult<()> {
    let moved = item(vm, list, place)?;
    while place > root {
        let parent_place = (place - 1) / 2;
        let parent = item(vm, list, parent_place)?;
        if !is_before(vm, list, order, moved, parent)? {
            break;
        }
        let (parent, moved) = (item(vm, list, parent_place)?, item(vm, list, place)?);
        list.set(vm, place as i64, parent);
        list.set(vm, parent_place as i64, moved);
        place = parent_place;
    }
    Ok(())
}

/// Moves the item at `place` down to a leaf, smaller children up, then up again to where it belongs.
fn sift_down(vm: &Vm, list: Gc<PyList>, order: Order, root: usize) -> PyResult<()> {
    let (len, mut place) = (list.len(), root);
    while place < len / 2 {
        let mut child = place * 2 + 1;
        if child + 1 < len {
            let (left, right) = (item(vm, list, child)?, item(vm, list, child + 1)?);
            if !is_before(vm, list, order, left, right)? {
                child += 1;
            }
        }
        let (upper, lower) = (item(vm, list, place)?, item(vm, list, child)?);
        list.set(vm, place as i64, lower);
        list.set(vm, child as i64, upper);
        place = child;
    }
    sift_up(vm, list, order, root, place)
}

fn push(vm: &Vm, args: &[Arg], order: Order) -> PyResult<Value> {
    let list = heap(vm, args, "heappush", order)?;
    vm.list_push(list, args.at(1))?;
    sift_up(vm, list, order, 0, list.len() - 1)?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, args: &[Arg], order: Order) -> PyResult<Value> {
    let list = heap(vm, args, "heappop", order)?;
    item(vm, list, 0)?;
    let last = vm.call_method(list.as_value(), vm.intern("pop"), &[])?;
    let Some(first) = list.get(0) else { return Ok(last) };
    list.set(vm, 0, last);
    sift_down(vm, list, order, 0)?;
    Ok(first)
}

fn replace(vm: &Vm, args: &[Arg], order: Order) -> PyResult<Value> {
    let list = heap(vm, args, "heapreplace", order)?;
    let first = item(vm, list, 0)?;
    list.set(vm, 0, args.at(1));
    sift_down(vm, list, order, 0)?;
    Ok(first)
}

fn push_pop(vm: &Vm, args: &[Arg], order: Order) -> PyResult<Value> {
    let list = heap(vm, args, "heappushpop", order)?;
    let Some(first) = list.get(0) else { return Ok(args.at(1)) };
    if !order.is_before(vm, first, args.at(1))? {
        return Ok(args.at(1));
    }
    let first = item(vm, list, 0)?;
    list.set(vm, 0, args.at(1));
    sift_down(vm, list, order, 0)?;
    Ok(first)
}

fn heapify(vm: &Vm, args: &[Arg], order: Order) -> PyResult<Value> {
    let list = heap(vm, args, "heapify", order)?;
    for place in (0..list.len() / 2).rev() {
        sift_down(vm, list, order, place)?;
    }
    Ok(Value::NONE)
}
