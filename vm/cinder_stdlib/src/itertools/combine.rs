//! Products, permutations and combinations: iterators over index vectors.
//!
//! `items` holds the pool, `more` the current indices as ints (for permutations followed by the cycles), `n` the length of a result; `m` is 0 before
//! the first result, 1 after it, 2 at the end.

use super::{PyTool, bind, made, push, tool, tool_class};
use crate::args::given;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

fn index(tool: Gc<PyTool>, at: usize) -> usize {
    tool.more.get(at).map_or(0, |value| value.as_int() as usize)
}

fn set_index(vm: &Vm, tool: Gc<PyTool>, at: usize, to: usize) {
    tool.more.set(&vm.heap, at, Value::from_i32(to as i32));
}

fn fill(vm: &Vm, tool: Gc<PyTool>, pool: Value) -> PyResult<()> {
    vm.for_each(pool, |item| push(vm, tool, &tool.items, item))
}

fn add_indices(vm: &Vm, tool: Gc<PyTool>, indices: impl Iterator<Item = usize>) -> PyResult<()> {
    for number in indices {
        push(vm, tool, &tool.more, Value::from_i32(number as i32))?;
    }
    Ok(())
}

/// The tuple that the first `n` indices pick.
fn picked(vm: &Vm, tool: Gc<PyTool>) -> PyResult<Option<Value>> {
    let mut row = ValueVec::<[Value; 8]>::new();
    for at in 0..tool.n.get() as usize {
        row.push(tool.items.get(index(tool, at)).expect("indices lie in the pool"));
    }
    vm.new_tuple(&row).map(Some)
}

fn length_argument(vm: &Vm, value: Option<Value>, default: usize) -> PyResult<usize> {
    let Some(value) = given(value) else { return Ok(default) };
    usize::try_from(vm.index_i64(value)?).map_err(|_| vm.value_error("r must be non-negative"))
}

// `items`: the pools as tuples; `more`: an index into each.
tool_class!(
    PRODUCT,
    "product",
    "*iterables, repeat=1",
    |vm, args| {
        let repeat = match args.opt(2) {
            Some(repeat) => usize::try_from(vm.index_i64(repeat)?)
                .map_err(|_| vm.value_error("repeat argument cannot be negative"))?,
            None => 1,
        };
        let made = made(vm, args)?;
        let mut pools = ValueVec::<[Value; 8]>::new();
        for iterable in vm.tuple_items(args.at(1)) {
            let mut pool = ValueVec::<[Value; 8]>::new();
            vm.for_each(*iterable, |item| {
                pool.push(item);
                Ok(())
            })?;
            pools.push(vm.new_tuple(&pool)?);
        }
        // A pool and an index, a word each.
        let bytes = pools.len().checked_mul(repeat).and_then(|count| count.checked_mul(16));
        vm.check_native_bytes(bytes.ok_or_else(|| vm.overflow_error("repeat argument too large"))?)?;
        let repeat = if pools.is_empty() { 0 } else { repeat };
        for _ in 0..repeat {
            for pool in &pools {
                push(vm, made, &made.items, *pool)?;
                if vm.tuple_items(*pool).is_empty() {
                    made.m.set(2);
                }
            }
        }
        made.n.set(made.items.len() as i64);
        add_indices(vm, made, std::iter::repeat_n(0, made.items.len()))?;
        Ok(made.as_value())
    },
    |vm: &Vm, tool: Gc<PyTool>| {
        let pool = |at: usize| vm.tuple_items(tool.items.get(at).expect("within the length"));
        match tool.m.get() {
            2 => return Ok(None),
            0 => tool.m.set(1),
            _ => {
                let mut at = tool.items.len();
                loop {
                    if at == 0 {
                        tool.m.set(2);
                        return Ok(None);
                    }
                    at -= 1;
                    let next = index(tool, at) + 1;
                    if next < pool(at).len() {
                        set_index(vm, tool, at, next);
                        break;
                    }
                    set_index(vm, tool, at, 0);
                }
            }
        }
        let mut row = ValueVec::<[Value; 8]>::new();
        for at in 0..tool.items.len() {
            row.push(pool(at)[index(tool, at)]);
        }
        vm.new_tuple(&row).map(Some)
    },
    &[]
);

// `more`: a permutation of all indices, then one cycle counter for each place of the result.
tool_class!(
    PERMUTATIONS,
    "permutations",
    "iterable, r=None",
    |vm, args| {
        let made = made(vm, args)?;
        fill(vm, made, args.at(1))?;
        let size = made.items.len();
        let length = length_argument(vm, args.opt(2), size)?;
        made.n.set(length as i64);
        if length > size {
            made.m.set(2);
        }
        add_indices(vm, made, 0..size)?;
        add_indices(vm, made, (0..length.min(size)).map(|at| size - at))?;
        Ok(made.as_value())
    },
    |vm: &Vm, tool: Gc<PyTool>| {
        match tool.m.get() {
            2 => return Ok(None),
            0 => {
                tool.m.set(1);
                return picked(vm, tool);
            }
            _ => {}
        }
        let (size, length) = (tool.items.len(), tool.n.get() as usize);
        for at in (0..length).rev() {
            let left = index(tool, size + at) - 1;
            if left == 0 {
                let first = index(tool, at);
                for place in at..size - 1 {
                    set_index(vm, tool, place, index(tool, place + 1));
                }
                set_index(vm, tool, size - 1, first);
                set_index(vm, tool, size + at, size - at);
            } else {
                set_index(vm, tool, size + at, left);
                let (a, b) = (index(tool, at), index(tool, size - left));
                set_index(vm, tool, at, b);
                set_index(vm, tool, size - left, a);
                return picked(vm, tool);
            }
        }
        tool.m.set(2);
        Ok(None)
    },
    &[]
);

tool_class!(
    COMBINATIONS,
    "combinations",
    "iterable, r",
    |vm, args| {
        let made = made(vm, args)?;
        fill(vm, made, args.at(1))?;
        let length = length_argument(vm, args.opt(2), 0)?;
        made.n.set(length as i64);
        if length > made.items.len() {
            made.m.set(2);
        } else {
            add_indices(vm, made, 0..length)?;
        }
        Ok(made.as_value())
    },
    |vm: &Vm, tool: Gc<PyTool>| {
        match tool.m.get() {
            2 => return Ok(None),
            0 => {
                tool.m.set(1);
                return picked(vm, tool);
            }
            _ => {}
        }
        let (size, length) = (tool.items.len(), tool.n.get() as usize);
        let Some(at) = (0..length).rev().find(|at| index(tool, *at) != at + size - length) else {
            tool.m.set(2);
            return Ok(None);
        };
        let first = index(tool, at) + 1;
        for place in at..length {
            set_index(vm, tool, place, first + place - at);
        }
        picked(vm, tool)
    },
    &[]
);

tool_class!(
    COMBINATIONS_WITH_REPLACEMENT,
    "combinations_with_replacement",
    "iterable, r",
    |vm, args| {
        let made = made(vm, args)?;
        fill(vm, made, args.at(1))?;
        let length = length_argument(vm, args.opt(2), 0)?;
        made.n.set(length as i64);
        if length > 0 && made.items.is_empty() {
            made.m.set(2);
        }
        add_indices(vm, made, std::iter::repeat_n(0, length))?;
        Ok(made.as_value())
    },
    |vm: &Vm, tool: Gc<PyTool>| {
        match tool.m.get() {
            2 => return Ok(None),
            0 => {
                tool.m.set(1);
                return picked(vm, tool);
            }
            _ => {}
        }
        let (size, length) = (tool.items.len(), tool.n.get() as usize);
        let Some(at) = (0..length).rev().find(|at| index(tool, *at) != size - 1) else {
            tool.m.set(2);
            return Ok(None);
        };
        let next = index(tool, at) + 1;
        for place in at..length {
            set_index(vm, tool, place, next);
        }
        picked(vm, tool)
    },
    &[]
);
