//! `_datetime`: dates, times, their differences and zones. Source: Modules/_datetimemodule.c.
//!
//! Idea: all arithmetic is on whole microseconds in 128 bits, which hold every span that the classes can name; the calendar turns days
//! into dates at the ends. What classes made in Python derive from these is made by calling the class, as CPython does.

mod arithmetic;
mod calendar;
mod clock;
mod date;
mod delta;
mod format;
mod iso;
mod local;
mod moment;
mod zone;

use std::cmp::Ordering;

use cinder_bytecode::CompareOp;
use cinder_vm::types::dict::PyDict;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, PyResult, Raised, Value, Vm};

/// Whether `op` holds between operands in this order.
fn holds(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}

/// The ValueError for a text that is no date or time.
fn refused(vm: &Vm, refused: iso::Refused, text: Value) -> PyResult<Raised> {
    Ok(match refused {
        iso::Refused::Malformed => {
            let shown = vm.repr_text(text)?;
            vm.value_error(format!("Invalid isoformat string: {shown}"))
        }
        iso::Refused::Says(message) => vm.value_error(message),
    })
}

/// `strptime` of the class at place 0: `_strptime` does it.
fn parse_time(vm: &Vm, args: &[Arg], kind: &str) -> PyResult<Value> {
    for (index, place) in [(1, "1"), (2, "2")] {
        if !vm.is_str(args.at(index)) {
            let found = vm.type_name(args.at(index));
            return Err(vm.type_error(format!("strptime() argument {place} must be str, not {found}")));
        }
    }
    let module = vm.import("_strptime")?;
    let parse = vm.intern(&format!("_strptime_datetime_{kind}"));
    vm.call_method(module, parse, &[args.at(0), args.at(1), args.at(2)])
}

/// Adds a class attribute of a native class.
fn set(vm: &Vm, class: Gc<cinder_vm::types::type_::PyType>, name: &str, value: Value) -> PyResult<()> {
    vm.dict_set_interned(class.dict.get(), vm.intern(name), value)
}

fn setup(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    let (day, time, moment) = (date::class(vm)?, clock::class(vm)?, moment::class(vm)?);
    let (span, info, fixed) = (delta::class(vm)?, zone::info_class(vm)?, zone::class(vm)?);
    if fixed.dict.get().get_interned(vm.intern("utc")).is_none() {
        let minute = 60_000_000_i64;
        let almost = 23 * 60 * minute + 59 * minute;
        set(vm, fixed, "utc", zone::alloc(vm, fixed, 0, None)?)?;
        set(vm, fixed, "min", zone::alloc(vm, fixed, -almost, None)?)?;
        set(vm, fixed, "max", zone::alloc(vm, fixed, almost, None)?)?;
        let most = 999_999_999 * delta::DAY;
        set(vm, span, "min", delta::new(vm, -most)?)?;
        set(vm, span, "max", delta::new(vm, most + delta::DAY - 1)?)?;
        set(vm, span, "resolution", delta::new(vm, 1)?)?;
        let (first, last) = ((1, 1, 1), (9999, 12, 31));
        set(vm, day, "min", date::exact(vm, first)?)?;
        set(vm, day, "max", date::exact(vm, last)?)?;
        set(vm, day, "resolution", delta::new(vm, delta::DAY)?)?;
        let midnight = clock::Fields::default();
        let late = clock::Fields::of_total(86_400_000_000 - 1);
        set(vm, time, "min", clock::alloc(vm, time, midnight, Value::NONE)?)?;
        set(vm, time, "max", clock::alloc(vm, time, late, Value::NONE)?)?;
        set(vm, time, "resolution", delta::new(vm, 1)?)?;
        set(vm, moment, "min", moment::of_class(vm, moment.as_value(), first, midnight, Value::NONE)?)?;
        set(vm, moment, "max", moment::of_class(vm, moment.as_value(), last, late, Value::NONE)?)?;
        set(vm, moment, "resolution", delta::new(vm, 1)?)?;
    }
    for class in [day, time, moment, span, info, fixed] {
        vm.set_item_text(dict, class.name().rsplit('.').next().unwrap_or_default(), class.as_value())?;
    }
    vm.set_item_text(dict, "UTC", zone::utc(vm)?)?;
    vm.set_item_text(dict, "MINYEAR", vm.new_int(calendar::MIN_YEAR.into())?)?;
    vm.set_item_text(dict, "MAXYEAR", vm.new_int(calendar::MAX_YEAR.into())?)
}

pub(crate) static DATETIME: ModuleDef =
    ModuleDef { doc: "Fast implementation of the datetime type.", setup: Some(setup), ..ModuleDef::new("_datetime") };
