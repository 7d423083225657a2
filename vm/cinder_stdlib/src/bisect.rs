//! `_bisect`. Source: Modules/_bisectmodule.c.

use cinder_bytecode::CompareOp;
use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::given;

const SIGNATURE: &str = "a, x, lo=0, hi=None, *, key=None";

pub(crate) static BISECT: ModuleDef = ModuleDef {
    doc: "Bisection algorithms.",
    functions: &[
        NativeDef::function("bisect", SIGNATURE, |vm, args| vm.new_int(place(vm, args, true, true)?)),
        NativeDef::function("bisect_right", SIGNATURE, |vm, args| vm.new_int(place(vm, args, true, true)?)),
        NativeDef::function("bisect_left", SIGNATURE, |vm, args| vm.new_int(place(vm, args, false, true)?)),
        NativeDef::function("insort", SIGNATURE, |vm, args| insert(vm, args, true)),
        NativeDef::function("insort_right", SIGNATURE, |vm, args| insert(vm, args, true)),
        NativeDef::function("insort_left", SIGNATURE, |vm, args| insert(vm, args, false)),
    ],
    ..ModuleDef::new("_bisect")
};

/// Where `x` belongs. When inserting (`is_search` does not hold), the key is taken of `x` too.
fn place(vm: &Vm, args: &[Arg], is_right: bool, is_search: bool) -> PyResult<i64> {
    let (list, key) = (args.at(0), given(args.opt(4)));
    let mut low = args.opt(2).map_or(Ok(0), |low| vm.index_ssize(low))?;
    if low < 0 {
        return Err(vm.value_error("lo must be non-negative"));
    }
    let mut high = match given(args.opt(3)) {
        Some(high) => vm.index_ssize(high)?,
        None => vm.len(list)? as i64,
    };
    let wanted = match key {
        Some(key) if !is_search => vm.call(key, &[args.at(1)])?,
        _ => args.at(1),
    };
    while low < high {
        let middle = low + (high - low) / 2;
        let mut item = vm.getitem(list, vm.new_int(middle)?)?;
        if let Some(key) = key {
            item = vm.call(key, &[item])?;
        }
        let goes_left = if is_right {
            vm.compare_bool(wanted, item, CompareOp::Lt)?
        } else {
            !vm.compare_bool(item, wanted, CompareOp::Lt)?
        };
        if goes_left { high = middle } else { low = middle + 1 }
    }
    Ok(low)
}

fn insert(vm: &Vm, args: &[Arg], is_right: bool) -> PyResult<Value> {
    let place = place(vm, args, is_right, false)?;
    vm.call_method(args.at(0), vm.intern("insert"), &[vm.new_int(place)?, args.at(1)])?;
    Ok(Value::NONE)
}
