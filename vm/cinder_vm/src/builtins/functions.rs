//! Builtin functions about any object: `len`, `getattr`, `sorted`, `max`, ...
//!
//! Source: Python/bltinmodule.c.

use cinder_bytecode::CompareOp;
use cinder_layout::Value;
use num_traits::{Signed, Zero};

use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::vm::Vm;

/// Functions for the `builtins` module.
pub(crate) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("abs", "number, /", |vm, args| vm.absolute(args.at(0))).doc("Return the absolute value of the argument."),
    NativeDef::function("aiter", "async_iterable, /", aiter).doc("Return an AsyncIterator for an AsyncIterable object."),
    NativeDef::function("all", "iterable, /", |vm, args| Ok(Value::from_bool(find(vm, args.at(0), false)?.is_none())))
        .doc("Return True if bool(x) is True for all values x in the iterable.\n\nIf the iterable is empty, return True."),
    NativeDef::function("anext", "async_iterator, default=<unrepresentable>, /", anext).doc("Return the next item from the async iterator.\n\nIf default is given and the async iterator is exhausted,\nit is returned instead of raising StopAsyncIteration."),
    NativeDef::function("any", "iterable, /", |vm, args| Ok(Value::from_bool(find(vm, args.at(0), true)?.is_some())))
        .doc("Return True if bool(x) is True for any x in the iterable.\n\nIf the iterable is empty, return False."),
    NativeDef::function("ascii", "obj, /", |vm, args| {
        let text = vm.repr(args.at(0))?;
        vm.ascii_of(text)
    })
    .doc("Return an ASCII-only representation of an object.\n\nAs repr(), return a string containing a printable representation of an\nobject, but escape the non-ASCII characters in the string returned by\nrepr() using \\\\x, \\\\u or \\\\U escapes. This generates a string similar\nto that returned by repr() in Python 2."),
    NativeDef::function("bin", "number, /", |vm, args| in_base(vm, args.at(0), 2, "0b"))
        .doc("Return the binary representation of an integer.\n\n   >>> bin(2796202)\n   '0b1010101010101010101010'"),
    NativeDef::function("callable", "obj, /", |vm, args| Ok(Value::from_bool(vm.is_callable(args.at(0)))))
        .doc("Return whether the object is callable (i.e., some kind of function).\n\nNote that classes are callable, as are instances of classes with a\n__call__() method."),
    NativeDef::function("chr", "i, /", chr)
        .doc("Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff."),
    NativeDef::function("delattr", "obj, name, /", |vm, args| {
        let name = attribute_name(vm, args.at(1), "delattr")?;
        vm.setattr(args.at(0), name, None).map(|()| Value::NONE)
    })
    .doc("Deletes the named attribute from the given object.\n\ndelattr(x, 'y') is equivalent to ``del x.y``"),
    NativeDef::function("dir", "*args", dir).doc("dir([object]) -> list of strings\n\nIf called without an argument, return the names in the current scope.\nElse, return an alphabetized list of names comprising (some of) the attributes\nof the given object, and of attributes reachable from it."),
    NativeDef::function("divmod", "x, y, /", divmod).doc("Return the tuple (x//y, x%y).  Invariant: div*y + mod == x."),
    NativeDef::function("format", "value, format_spec='', /", |vm, args| {
        let spec = args.opt(1).unwrap_or(vm.names.empty);
        if !vm.is_str(spec) {
            return Err(vm.type_error(format!("format() argument 2 must be str, not {}", vm.type_name(spec))));
        }
        vm.format(args.at(0), spec)
    })
    .doc("Return type(value).__format__(value, format_spec)\n\nMany built-in types implement format_spec according to the\nFormat Specification Mini-language. See help('FORMATTING')\nfor details."),
    NativeDef::function("getattr", "object, name, default=<unrepresentable>, /", |vm, args| {
        let name = attribute_name(vm, args.at(1), "getattr")?;
        match args.opt(2) {
            None => vm.getattr(args.at(0), name),
            Some(default) => Ok(vm.getattr_opt(args.at(0), name)?.unwrap_or(default)),
        }
    })
    .doc("getattr(object, name[, default]) -> value\n\nGet a named attribute from an object; getattr(x, 'y') is equivalent to x.y.\nWhen a default argument is given, it is returned when the attribute doesn't\nexist; without it, an exception is raised in that case."),
    NativeDef::function("hasattr", "obj, name, /", |vm, args| {
        let name = attribute_name(vm, args.at(1), "hasattr")?;
        Ok(Value::from_bool(vm.getattr_opt(args.at(0), name)?.is_some()))
    })
    .doc("Return whether the object has an attribute with the given name.\n\nThis is done by calling getattr(obj, name) and catching AttributeError."),
    NativeDef::function("hash", "obj, /", |vm, args| vm.new_int(vm.hash(args.at(0))?))
        .doc("Return the hash value for the given object.\n\nTwo objects that compare equal must also have the same hash value, but the\nreverse is not necessarily true."),
    NativeDef::function("hex", "number, /", |vm, args| in_base(vm, args.at(0), 16, "0x"))
        .doc("Return the hexadecimal representation of an integer.\n\n   >>> hex(12648430)\n   '0xc0ffee'"),
    NativeDef::function("id", "obj, /", |vm, args| vm.new_bigint(vm.id(args.at(0)).into()))
        .doc("Return the identity of an object.\n\nThis is guaranteed to be unique among simultaneously existing objects.\n(CPython uses the object's memory address.)"),
    NativeDef::function("isinstance", "obj, class_or_tuple, /", |vm, args| vm.isinstance(args.at(0), args.at(1)).map(Value::from_bool))
        .doc("Return whether an object is an instance of a class or of a subclass thereof.\n\nA tuple, as in ``isinstance(x, (A, B, ...))``, may be given as the target to\ncheck against. This is equivalent to ``isinstance(x, A) or isinstance(x, B)\nor ...`` etc."),
    NativeDef::function("issubclass", "cls, class_or_tuple, /", |vm, args| vm.issubclass(args.at(0), args.at(1)).map(Value::from_bool))
        .doc("Return whether 'cls' is derived from another class or is the same class.\n\nA tuple, as in ``issubclass(x, (A, B, ...))``, may be given as the target to\ncheck against. This is equivalent to ``issubclass(x, A) or issubclass(x, B)\nor ...``."),
    NativeDef::function("iter", "object, sentinel=<unrepresentable>, /", |vm, args| match args.opt(1) {
        None => vm.iter(args.at(0)),
        Some(_) if !vm.is_callable(args.at(0)) => Err(vm.type_error("iter(v, w): v must be callable")),
        Some(sentinel) => vm.new_callable_iterator(args.at(0), sentinel),
    })
    .doc("Get an iterator from an object.\n\nIn the first form, the argument must supply its own iterator, or be a sequence.\nIn the second form, the callable is called until it returns the sentinel."),
    NativeDef::function("len", "obj, /", |vm, args| vm.new_uint(vm.len(args.at(0))?))
        .doc("Return the number of items in a container."),
    NativeDef::function("max", "*args, key=None, default=<unrepresentable>", |vm, args| extreme(vm, args, "max", CompareOp::Gt))
        .doc("max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value\n\nWith a single iterable argument, return its biggest item. The\ndefault keyword-only argument specifies an object to return if\nthe provided iterable is empty.\nWith two or more positional arguments, return the largest argument."),
    NativeDef::function("min", "*args, key=None, default=<unrepresentable>", |vm, args| extreme(vm, args, "min", CompareOp::Lt))
        .doc("min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value\n\nWith a single iterable argument, return its smallest item. The\ndefault keyword-only argument specifies an object to return if\nthe provided iterable is empty.\nWith two or more positional arguments, return the smallest argument."),
    NativeDef::function("next", "iterator, default=<unrepresentable>, /", next)
        .doc("Return the next item from the iterator.\n\nIf default is given and the iterator is exhausted,\nit is returned instead of raising StopIteration."),
    NativeDef::function("oct", "number, /", |vm, args| in_base(vm, args.at(0), 8, "0o"))
        .doc("Return the octal representation of an integer.\n\n   >>> oct(342391)\n   '0o1234567'"),
    NativeDef::function("ord", "c, /", ord).doc("Return the ordinal value of a character.\n\nIf the argument is a one-character string, return the Unicode code\npoint of that character.\n\nIf the argument is a bytes or bytearray object of length 1, return its\nsingle byte value."),
    NativeDef::function("pow", "base, exp, mod=None", |vm, args| vm.power(args.at(0), args.at(1), args.opt(2).unwrap_or(Value::NONE)))
        .doc("Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments.\n\nSome types, such as ints, are able to use a more efficient algorithm when\ninvoked using the three argument form."),
    NativeDef::function("repr", "obj, /", |vm, args| vm.repr(args.at(0)))
        .doc("Return the canonical string representation of the object.\n\nFor many object types, including most builtins, eval(repr(obj)) == obj."),
    NativeDef::function("round", "number, ndigits=None", round)
        .doc("Round a number to a given precision in decimal digits.\n\nThe return value is an integer if ndigits is omitted or None.  Otherwise\nthe return value has the same type as the number.  ndigits may be negative."),
    NativeDef::function("setattr", "obj, name, value, /", |vm, args| {
        let name = attribute_name(vm, args.at(1), "setattr")?;
        vm.setattr(args.at(0), name, Some(args.at(2))).map(|()| Value::NONE)
    })
    .doc("Sets the named attribute on the given object to the specified value.\n\nsetattr(x, 'y', v) is equivalent to ``x.y = v``"),
    NativeDef::function("sorted", "iterable, /, *, key=None, reverse=False", |vm, args| {
        let list = vm.collect_list(args.at(0))?;
        let key = args.opt(1).filter(|key| !key.is_none());
        let reverse = args.opt(2).map_or(Ok(false), |reverse| vm.truthy(reverse))?;
        crate::types::list::sort::sort(vm, list, key, reverse)?;
        Ok(list.as_value())
    })
    .doc("Return a new list containing all items from the iterable in ascending order.\n\nA custom key function can be supplied to customize the sort order, and the\nreverse flag can be set to request the result in descending order."),
    NativeDef::function("sum", "iterable, /, start=0", sum)
        .doc("Return the sum of a 'start' value (default: 0) plus an iterable of numbers\n\nWhen the iterable is empty, return the start value.\nThis function is intended specifically for use with numeric values and may\nreject non-numeric types."),
    NativeDef::function("vars", "object=<unrepresentable>, /", |vm, args| match args.opt(0) {
        None => vm.current_locals()?.ok_or_else(|| vm.system_error("vars(): no locals!?")),
        Some(object) => match vm.getattr_opt(object, vm.names.__dict__)? {
            Some(dict) => Ok(dict),
            None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
        },
    })
    .doc("vars([object]) -> dictionary\n\nWithout arguments, equivalent to locals().\nWith an argument, equivalent to object.__dict__."),
];

fn attribute_name(vm: &Vm, name: Value, function: &str) -> PyResult<Value> {
    if vm.is_str(name) {
        return vm.intern_any(name);
    }
    let _ = function;
    Err(vm.type_error(format!("attribute name must be string, not '{}'", vm.type_name(name))))
}

/// The first item whose truth is `wanted`.
fn find(vm: &Vm, iterable: Value, wanted: bool) -> PyResult<Option<Value>> {
    let iterator = vm.iter(iterable)?;
    while let Some(item) = vm.next(iterator)? {
        if vm.truthy(item)? == wanted {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

fn aiter(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let value = args.at(0);
    let Some(slot) = vm.type_of(value).slots().aiter else {
        return Err(vm.type_error(format!("'{}' object is not an async iterable", vm.type_name(value))));
    };
    let iterator = slot(vm, value)?;
    if vm.type_of(iterator).slots().anext.is_none() {
        return Err(vm.type_error(format!("aiter() returned not an async iterator of type '{}'", vm.type_name(iterator))));
    }
    Ok(iterator)
}

fn anext(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let value = args.at(0);
    let Some(slot) = vm.type_of(value).slots().anext else {
        return Err(vm.type_error(format!("'{}' object is not an async iterator", vm.type_name(value))));
    };
    let awaitable = slot(vm, value)?;
    match args.opt(1) {
        None => Ok(awaitable),
        Some(default) => vm.new_anext_default(awaitable, default),
    }
}

fn in_base(vm: &Vm, number: Value, base: u32, prefix: &str) -> PyResult<Value> {
    let number = vm.index(number)?;
    let big = vm.int_to_big(number).expect("index gives an int");
    let sign = if big.is_negative() { "-" } else { "" };
    vm.new_str(&format!("{sign}{prefix}{}", big.abs().to_str_radix(base)))
}

fn chr(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    match vm.index_clamped(args.at(0))? {
        point @ 0..=0x10_ffff => vm.new_str_points(&[point as u32]),
        _ => Err(vm.value_error("chr() arg not in range(0x110000)")),
    }
}

fn ord(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let value = args.at(0);
    let (found, length) = if let Some(text) = vm.as_str(value) {
        (text.iter().next(), text.len())
    } else if let Some(buffer) = vm.type_of(value).slots().buffer
        && (vm.is_instance(value, vm.types.bytes) || &*vm.type_name(value) == "bytearray")
    {
        let view = buffer(vm, value)?;
        // SAFETY: the exporter keeps the bytes in place while the view is held.
        let first = (view.len_bytes > 0).then(|| u32::from(unsafe { *view.data }));
        if let Some(release) = view.release {
            release(view.owner);
        }
        (first, view.len_bytes)
    } else {
        return Err(vm.type_error(format!("ord() expected string of length 1, but {} found", vm.type_name(value))));
    };
    match found {
        Some(point) if length == 1 => vm.new_int(point.into()),
        _ => Err(vm.type_error(format!("ord() expected a character, but string of length {length} found"))),
    }
}

fn dir(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let given = vm.tuple_items(args.at(0));
    let names = match given {
        [] => {
            let locals = vm.current_locals()?.ok_or_else(|| vm.system_error("frame does not exist"))?;
            vm.call_method(locals, vm.names.keys, &[])?
        }
        [object] => match vm.call_special(*object, vm.names.__dir__, &[])? {
            Some(names) => names,
            None => return Err(vm.type_error("object does not provide __dir__")),
        },
        _ => return Err(vm.type_error(format!("dir expected at most 1 argument, got {}", given.len()))),
    };
    let list = vm.collect_list(names)?;
    crate::types::list::sort::sort(vm, list, None, false)?;
    Ok(list.as_value())
}

fn divmod(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (x, y) = (args.at(0), args.at(1));
    let attempts = [(x, y, vm.names.__divmod__), (y, x, vm.names.__rdivmod__)];
    for (index, (receiver, other, name)) in attempts.into_iter().enumerate() {
        if index == 1 && vm.type_of(x) == vm.type_of(y) {
            break;
        }
        if let Some(result) = vm.call_special(receiver, name, &[other])?
            && result != Value::NOT_IMPLEMENTED
        {
            return Ok(result);
        }
    }
    let (x, y) = (vm.type_name(x), vm.type_name(y));
    Err(vm.type_error(format!("unsupported operand type(s) for divmod(): '{x}' and '{y}'")))
}

fn extreme(vm: &Vm, args: &[Arg], name: &str, wanted: CompareOp) -> PyResult<Value> {
    let positional = vm.tuple_items(args.at(0));
    let key = args.opt(1).filter(|key| !key.is_none());
    let default = args.opt(2);
    if positional.is_empty() {
        return Err(vm.type_error(format!("{name} expected at least 1 argument, got 0")));
    }
    if positional.len() > 1 && default.is_some() {
        return Err(vm.type_error(format!("Cannot specify a default for {name}() with multiple positional arguments")));
    }
    let iterator = vm.iter(if positional.len() == 1 { positional[0] } else { args.at(0) })?;
    let mut best: Option<(Value, Value)> = None;
    while let Some(item) = vm.next(iterator)? {
        let rank = match key {
            Some(key) => vm.call(key, &[item])?,
            None => item,
        };
        best = match best {
            Some((_, highest)) if !vm.compare_bool(rank, highest, wanted)? => best,
            _ => Some((item, rank)),
        };
    }
    match (best, default) {
        (Some((item, _)), _) => Ok(item),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(vm.value_error(format!("{name}() iterable argument is empty"))),
    }
}

fn next(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let iterator = args.at(0);
    match vm.next(iterator) {
        Ok(Some(item)) => Ok(item),
        Ok(None) => match args.opt(1) {
            Some(default) => Ok(default),
            None => Err(vm.stop_iteration(vm.take_stop_value())),
        },
        Err(raised) if args.opt(1).is_some() && vm.pending_matches(vm.exceptions.StopIteration) => {
            vm.take_exception(raised);
            Ok(args.opt(1).expect("checked"))
        }
        Err(raised) => Err(raised),
    }
}

fn round(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let digits: &[Value] = match args.opt(1).filter(|digits| !digits.is_none()) {
        Some(digits) => &[digits],
        None => &[],
    };
    match vm.call_special(args.at(0), vm.names.__round__, digits)? {
        Some(result) => Ok(result),
        None => Err(vm.type_error(format!("type {} doesn't define __round__ method", vm.type_name(args.at(0))))),
    }
}

fn sum(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let start = args.opt(1).unwrap_or(Value::ZERO);
    if vm.is_str(start) {
        return Err(vm.type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    for (class, name) in [(Some(vm.types.bytes), "bytes"), (None, "bytearray")] {
        let matches = class.map_or_else(|| vm.type_name(start) == name, |class| vm.is_instance(start, class));
        if matches {
            return Err(vm.type_error(format!("sum() can't sum {name} [use b''.join(seq) instead]")));
        }
    }
    let iterator = vm.iter(args.at(0))?;
    let mut total = Total::Value(start);
    while let Some(item) = vm.next(iterator)? {
        total = total.plus(vm, item)?;
    }
    total.value(vm)
}

/// A running sum; floats are added with a compensation (Neumaier), as CPython does.
enum Total {
    Value(Value),
    Float { sum: f64, lost: f64 },
}

impl Total {
    fn plus(self, vm: &Vm, item: Value) -> PyResult<Total> {
        if let Total::Float { sum, lost } = self {
            let number = match item {
                _ if item.is_flonum() => Some(item.flonum_to_f64()),
                _ if item.is_int() => Some(item.as_int() as f64),
                _ => vm.downcast_exact::<crate::types::float::PyFloat>(item).map(|float| float.value()),
            };
            if let Some(number) = number {
                let next = sum + number;
                let lost = lost + if sum.abs() >= number.abs() { (sum - next) + number } else { (number - next) + sum };
                return Ok(Total::Float { sum: next, lost });
            }
            let so_far = Total::Float { sum, lost }.value(vm)?;
            return Ok(Total::Value(vm.binary_op(so_far, item, cinder_bytecode::BinaryOp::Add)?));
        }
        let Total::Value(sum) = self else { unreachable!("handled above") };
        let next = vm.binary_op(sum, item, cinder_bytecode::BinaryOp::Add)?;
        let is_float = next.is_flonum() || vm.downcast_exact::<crate::types::float::PyFloat>(next).is_some();
        match vm.float_value(next) {
            Some(number) if is_float => Ok(Total::Float { sum: number, lost: 0.0 }),
            _ => Ok(Total::Value(next)),
        }
    }

    fn value(self, vm: &Vm) -> PyResult<Value> {
        match self {
            Total::Value(value) => Ok(value),
            Total::Float { sum, lost } if lost.is_finite() && !lost.is_zero() => vm.new_float(sum + lost),
            Total::Float { sum, .. } => vm.new_float(sum),
        }
    }
}

impl Vm {
    /// The str with everything outside ASCII escaped.
    pub(crate) fn ascii_of(&self, text: Value) -> PyResult<Value> {
        let text = self.as_str(text).expect("repr gives a str");
        if text.is_ascii() {
            return Ok(text.as_value());
        }
        let mut out = String::new();
        for point in text.iter() {
            match point {
                0..=0x7f => out.push(point as u8 as char),
                0x80..=0xff => out += &format!("\\x{point:02x}"),
                0x100..=0xffff => out += &format!("\\u{point:04x}"),
                _ => out += &format!("\\U{point:08x}"),
            }
        }
        self.new_str(&out)
    }
}
