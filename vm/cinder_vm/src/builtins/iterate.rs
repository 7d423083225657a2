//! Builtin functions that walk iterables: `iter`, `next`, `min`, `max`, `sum`, `any`, `all`, `sorted`, `len`.

use cinder_bytecode::{BinaryOp, CompareOp};
use cinder_layout::Value;

use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::types::float::PyFloat;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("len", "obj, /", |vm, args| vm.new_uint(vm.len(args.at(0))?))
        .doc("Return the number of items in a container."),
    NativeDef::function("iter", "object, sentinel=<unrepresentable>, /", |vm, args| match args.opt(1) {
        None => vm.iter(args.at(0)),
        Some(_) if !vm.is_callable(args.at(0)) => Err(vm.type_error("iter(v, w): v must be callable")),
        Some(sentinel) => vm.new_callable_iterator(args.at(0), sentinel),
    })
    .doc("iter(iterable) -> iterator\niter(callable, sentinel) -> iterator\n\nGet an iterator from an object.\nIn the first form, the argument must supply its own iterator, or be a sequence.\nIn the second form, the callable is called until it returns the sentinel."),
    NativeDef::function("next", "iterator, default=<unrepresentable>, /", next)
        .doc("next(iterator[, default])\n\nReturn the next item from the iterator. If default is given and the iterator\nis exhausted, it is returned instead of raising StopIteration."),
    NativeDef::function("aiter", "async_iterable, /", aiter)
        .doc("Return an AsyncIterator for an AsyncIterable object."),
    NativeDef::function("anext", "async_iterator, default=<unrepresentable>, /", anext)
        .doc("Return the next item from the async iterator.\n\nIf default is given and the async iterator is exhausted,\nit is returned instead of raising StopAsyncIteration."),
    NativeDef::function("any", "iterable, /", |vm, args| search_truth(vm, args.at(0), true).map(Value::from_bool))
        .doc("Return True if bool(x) is True for any x in the iterable.\n\nIf the iterable is empty, return False."),
    NativeDef::function("all", "iterable, /", |vm, args| {
        search_truth(vm, args.at(0), false).map(|found| Value::from_bool(!found))
    })
    .doc("Return True if bool(x) is True for all values x in the iterable.\n\nIf the iterable is empty, return True."),
    NativeDef::function("sum", "iterable, /, start=0", sum)
        .doc("Return the sum of a 'start' value (default: 0) plus an iterable of numbers\n\nWhen the iterable is empty, return the start value.\nThis function is intended specifically for use with numeric values and may\nreject non-numeric types."),
    NativeDef::function("min", "*args, key=None, default=<unrepresentable>", |vm, args| extreme(vm, args, "min", CompareOp::Lt))
        .positional(1, |vm, args| extreme_of(vm, args, None, None, "min", CompareOp::Lt))
        .doc("min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value\n\nWith a single iterable argument, return its smallest item. The\ndefault keyword-only argument specifies an object to return if\nthe provided iterable is empty.\nWith two or more positional arguments, return the smallest argument."),
    NativeDef::function("max", "*args, key=None, default=<unrepresentable>", |vm, args| extreme(vm, args, "max", CompareOp::Gt))
        .positional(1, |vm, args| extreme_of(vm, args, None, None, "max", CompareOp::Gt))
        .doc("max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value\n\nWith a single iterable argument, return its biggest item. The\ndefault keyword-only argument specifies an object to return if\nthe provided iterable is empty.\nWith two or more positional arguments, return the largest argument."),
    NativeDef::function("sorted", "iterable, /, **options", sorted)
        .doc("Return a new list containing all items from the iterable in ascending order.\n\nA custom key function can be supplied to customize the sort order, and the\nreverse flag can be set to request the result in descending order."),
];

fn next(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let next = vm.next(args.at(0));
    match args.opt(1) {
        None => match next? {
            Some(item) => Ok(item),
            None => Err(vm.stop_iteration(vm.take_stop_value())),
        },
        Some(default) => Ok(vm.catch(next, vm.exceptions.StopIteration)?.flatten().unwrap_or(default)),
    }
}

fn aiter(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some(aiter) = vm.type_of(args.at(0)).slots().aiter else {
        return Err(vm.type_error(format!("'{}' object is not an async iterable", vm.type_name(args.at(0)))));
    };
    let iterator = aiter(vm, args.at(0))?;
    if vm.type_of(iterator).slots().anext.is_none() {
        let name = vm.type_name(iterator);
        return Err(vm.type_error(format!("aiter() returned not an async iterator of type '{name}'")));
    }
    Ok(iterator)
}

fn anext(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some(slot) = vm.type_of(args.at(0)).slots().anext else {
        return Err(vm.type_error(format!("'{}' object is not an async iterator", vm.type_name(args.at(0)))));
    };
    let awaitable = slot(vm, args.at(0))?;
    match args.opt(1) {
        None => Ok(awaitable),
        Some(default) => vm.new_anext_default(awaitable, default),
    }
}

/// Whether an item has the truth `wanted`.
fn search_truth(vm: &Vm, iterable: Value, wanted: bool) -> PyResult<bool> {
    let iterator = vm.iter(iterable)?;
    while let Some(item) = vm.next(iterator)? {
        if vm.truthy(item)? == wanted {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Vm {
    /// `sorted(iterable, key=key, reverse=reverse)`.
    pub fn sorted(&self, iterable: Value, key: Option<Value>, reverse: bool) -> PyResult<Value> {
        let list = self.collect_list(iterable)?;
        crate::types::list::sort_list(self, list, key, reverse)?;
        Ok(list.as_value())
    }
}

fn sorted(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (mut key, mut reverse) = (None, false);
    let list = vm.collect_list(args.at(0))?;
    if let Some(options) = args.opt(1).and_then(|options| vm.as_dict(options)) {
        for number in 0..options.entry_count() {
            let Some((name, value)) = options.entry(number) else { continue };
            match &*vm.str_text(name) {
                "key" => key = Some(value).filter(|key| !key.is_none()),
                "reverse" => reverse = vm.truthy(value)?,
                other => {
                    let similar = crate::exception::suggest::closest(other, ["key", "reverse"].into_iter());
                    let hint = similar.map_or_else(String::new, |similar| format!(". Did you mean '{similar}'?"));
                    return Err(vm.type_error(format!("sort() got an unexpected keyword argument '{other}'{hint}")));
                }
            }
        }
    }
    crate::types::list::sort_list(vm, list, key, reverse)?;
    Ok(list.as_value())
}

fn extreme(vm: &Vm, args: &[Arg], name: &str, better: CompareOp) -> PyResult<Value> {
    let key = args.opt(1).filter(|key| !key.is_none());
    extreme_of(vm, vm.tuple_items(args.at(0)), key, args.opt(2), name, better)
}

/// The best of several arguments, or of the items of one.
fn extreme_of(
    vm: &Vm,
    given: &[Value],
    key: Option<Value>,
    default: Option<Value>,
    name: &str,
    better: CompareOp,
) -> PyResult<Value> {
    let mut best: Option<(Value, Value)> = None;
    let mut consider = |item: Value| -> PyResult<()> {
        let measure = match key {
            Some(key) => vm.call(key, &[item])?,
            None => item,
        };
        match best {
            Some((_, known)) if !vm.compare_bool(measure, known, better)? => {}
            _ => best = Some((item, measure)),
        }
        Ok(())
    };
    match *given {
        [] => return Err(vm.type_error(format!("{name} expected at least 1 argument, got 0"))),
        [iterable] => vm.for_each(iterable, consider)?,
        _ if default.is_some() => {
            return Err(
                vm.type_error(format!("Cannot specify a default for {name}() with multiple positional arguments"))
            );
        }
        _ => {
            for item in given {
                consider(*item)?;
            }
        }
    }
    match best.map(|(item, _)| item).or(default) {
        Some(item) => Ok(item),
        None => Err(vm.value_error(format!("{name}() iterable argument is empty"))),
    }
}

/// A float sum with the rounding error of its additions beside it (Neumaier's variant of Kahan's sum).
#[derive(Clone, Copy)]
struct FloatSum {
    sum: f64,
    error: f64,
}

impl FloatSum {
    fn add(&mut self, number: f64) {
        let sum = self.sum + number;
        self.error +=
            if self.sum.abs() >= number.abs() { (self.sum - sum) + number } else { (number - sum) + self.sum };
        self.sum = sum;
    }

    fn value(self) -> f64 {
        // An infinite sum has no error worth adding, only a NaN.
        if self.error != 0.0 && self.error.is_finite() { self.sum + self.error } else { self.sum }
    }
}

fn sum(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let iterator = vm.iter(args.at(0))?;
    let start = args.opt(1).unwrap_or(Value::ZERO);
    if vm.is_str(start) {
        return Err(vm.type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    for name in ["bytes", "bytearray"] {
        if vm.type_name(start) == name {
            return Err(vm.type_error(format!("sum() can't sum {name} [use b''.join(seq) instead]")));
        }
    }
    let mut total = start;
    loop {
        if let Some(number) = total.try_int() {
            match sum_ints(vm, iterator, number)? {
                (number, None) => return vm.new_int(number),
                (number, Some(item)) => total = vm.binary_op(vm.new_int(number)?, item, BinaryOp::Add)?,
            }
        } else if let Some(number) = exact_float(vm, total) {
            match sum_floats(vm, iterator, number)? {
                (number, None) => return vm.new_float(number),
                (number, Some(item)) => total = vm.binary_op(vm.new_float(number)?, item, BinaryOp::Add)?,
            }
        } else if let Some(number) = exact_complex(vm, total) {
            match sum_complex(vm, iterator, number)? {
                (number, None) => return Ok(number),
                (number, Some(item)) => total = vm.binary_op(number, item, BinaryOp::Add)?,
            }
        } else {
            match vm.next(iterator)? {
                Some(item) => total = vm.binary_op(total, item, BinaryOp::Add)?,
                None => return Ok(total),
            }
        }
    }
}

fn exact_complex(vm: &Vm, value: Value) -> Option<crate::types::complex::Complex> {
    vm.downcast_exact::<crate::types::complex::PyComplex>(value).map(|complex| complex.number)
}

/// As [`sum_floats`], for both parts.
fn sum_complex(vm: &Vm, iterator: Value, start: crate::types::complex::Complex) -> PyResult<(Value, Option<Value>)> {
    let mut real = FloatSum { sum: start.real, error: 0.0 };
    let mut imaginary = FloatSum { sum: start.imag, error: 0.0 };
    let rest = loop {
        let Some(item) = vm.next(iterator)? else { break None };
        if let Some(number) = exact_complex(vm, item) {
            real.add(number.real);
            imaginary.add(number.imag);
        } else if let Some(number) = exact_float(vm, item).or(item.try_int().map(|number| number as f64)) {
            real.add(number);
        } else {
            break Some(item);
        }
    };
    let total = vm.new_complex(crate::types::complex::Complex { real: real.value(), imag: imaginary.value() })?;
    Ok((total, rest))
}

fn exact_float(vm: &Vm, value: Value) -> Option<f64> {
    if value.is_flonum() {
        return Some(value.flonum_to_f64());
    }
    vm.downcast_exact::<PyFloat>(value).map(|float| float.value())
}

/// Adds ints while they fit; the item that is none, or no longer fits, comes back.
fn sum_ints(vm: &Vm, iterator: Value, mut total: i64) -> PyResult<(i64, Option<Value>)> {
    while let Some(item) = vm.next(iterator)? {
        let number = item.try_int().or(item.as_bool().map(i64::from));
        match number.and_then(|number| total.checked_add(number)) {
            Some(sum) => total = sum,
            None => return Ok((total, Some(item))),
        }
    }
    Ok((total, None))
}

/// Adds floats and machine ints with one rounding at the end; the first item that is neither comes back.
fn sum_floats(vm: &Vm, iterator: Value, start: f64) -> PyResult<(f64, Option<Value>)> {
    let mut total = FloatSum { sum: start, error: 0.0 };
    while let Some(item) = vm.next(iterator)? {
        match exact_float(vm, item).or(item.try_int().or(item.as_bool().map(i64::from)).map(|number| number as f64)) {
            Some(number) => total.add(number),
            None => return Ok((total.value(), Some(item))),
        }
    }
    Ok((total.value(), None))
}
