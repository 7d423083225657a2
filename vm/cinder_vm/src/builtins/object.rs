//! Builtin functions about one object: attributes, classes, identity, text.

use cinder_layout::Value;

use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::types::str_::Chars;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("hasattr", "obj, name, /", |vm, args| {
        let name = attribute_name(vm, args.at(1))?;
        Ok(Value::from_bool(vm.getattr_opt(args.at(0), name)?.is_some()))
    })
    .doc("Return whether the object has an attribute with the given name.\n\nThis is done by calling getattr(obj, name) and catching AttributeError."),
    NativeDef::function("getattr", "object, name, default=<unrepresentable>, /", |vm, args| {
        let name = attribute_name(vm, args.at(1))?;
        match args.opt(2) {
            None => vm.getattr(args.at(0), name),
            Some(default) => Ok(vm.getattr_opt(args.at(0), name)?.unwrap_or(default)),
        }
    })
    .doc("getattr(object, name[, default]) -> value\n\nGet a named attribute from an object; getattr(x, 'y') is equivalent to x.y.\nWhen a default argument is given, it is returned when the attribute doesn't\nexist; without it, an exception is raised in that case."),
    NativeDef::function("setattr", "obj, name, value, /", |vm, args| {
        vm.setattr(args.at(0), attribute_name(vm, args.at(1))?, Some(args.at(2)))?;
        Ok(Value::NONE)
    })
    .doc("Sets the named attribute on the given object to the specified value.\n\nsetattr(x, 'y', v) is equivalent to ``x.y = v``"),
    NativeDef::function("delattr", "obj, name, /", |vm, args| {
        vm.setattr(args.at(0), attribute_name(vm, args.at(1))?, None)?;
        Ok(Value::NONE)
    })
    .doc("Deletes the named attribute from the given object.\n\ndelattr(x, 'y') is equivalent to ``del x.y``"),
    NativeDef::function("callable", "obj, /", |vm, args| Ok(Value::from_bool(vm.is_callable(args.at(0)))))
        .doc("Return whether the object is callable (i.e., some kind of function).\n\nNote that classes are callable, as are instances of classes with a\n__call__() method."),
    NativeDef::function("isinstance", "obj, class_or_tuple, /", |vm, args| {
        vm.isinstance(args.at(0), args.at(1)).map(Value::from_bool)
    })
    .doc("Return whether an object is an instance of a class or of a subclass thereof.\n\nA tuple, as in ``isinstance(x, (A, B, ...))``, may be given as the target to\ncheck against. This is equivalent to ``isinstance(x, A) or isinstance(x, B)\nor ...`` etc."),
    NativeDef::function("issubclass", "cls, class_or_tuple, /", |vm, args| {
        vm.issubclass(args.at(0), args.at(1)).map(Value::from_bool)
    })
    .doc("Return whether 'cls' is derived from another class or is the same class.\n\nA tuple, as in ``issubclass(x, (A, B, ...))``, may be given as the target to\ncheck against. This is equivalent to ``issubclass(x, A) or issubclass(x, B)\nor ...``."),
    NativeDef::function("id", "obj, /", |vm, args| {
        let id = vm.id(args.at(0));
        vm.new_uint(id as usize)
    })
    .doc("Return the identity of an object.\n\nThis is guaranteed to be unique among simultaneously existing objects.\n(CPython uses the object's memory address.)"),
    NativeDef::function("hash", "obj, /", |vm, args| vm.new_int(vm.hash(args.at(0))?))
        .doc("Return the hash value for the given object.\n\nTwo objects that compare equal must also have the same hash value, but the\nreverse is not necessarily true."),
    NativeDef::function("repr", "obj, /", |vm, args| vm.repr(args.at(0)))
        .doc("Return the canonical string representation of the object.\n\nFor many object types, including most builtins, eval() will return\nan object with the same value when passed to that function."),
    NativeDef::function("ascii", "obj, /", |vm, args| vm.ascii(args.at(0)))
        .doc("Return an ASCII-only representation of an object.\n\nAs repr(), return a string containing a printable representation of an\nobject, but escape the non-ASCII characters in the string returned by\nrepr() using \\\\x, \\\\u or \\\\U escapes. This generates a string similar\nto that returned by repr() in Python 2."),
    NativeDef::function("format", "value, format_spec='', /", |vm, args| {
        let spec = args.opt(1).unwrap_or(vm.names.empty);
        if !vm.is_str(spec) {
            return Err(vm.type_error(format!("format() argument 2 must be str, not {}", vm.type_name(spec))));
        }
        vm.format(args.at(0), spec)
    })
    .doc("Return type(value).__format__(value, format_spec)\n\nMany built-in types implement format_spec according to the\nFormat Specification Mini-language. See help('FORMATTING')\nfor details."),
    NativeDef::function("dir", "object=<unrepresentable>, /", dir)
        .doc("dir([object]) -> list of strings\n\nIf called without an argument, return the names in the current scope.\nElse, return an alphabetized list of names comprising (some of) the attributes\nof the given object, and of attributes reachable from it."),
    NativeDef::function("vars", "object=<unrepresentable>, /", vars)
        .doc("vars([object]) -> dictionary\n\nWithout arguments, equivalent to locals().\nWith an argument, equivalent to object.__dict__."),
    NativeDef::function("chr", "i, /", chr).doc("Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff."),
    NativeDef::function("ord", "c, /", ord)
        .doc("Return the ordinal value of a character.\n\nIf the argument is a one-character string, return the Unicode code\npoint of that character.\n\nIf the argument is a bytes or bytearray object of length 1, return its\nsingle byte value."),
];

fn attribute_name(vm: &Vm, name: Value) -> PyResult<Value> {
    if !vm.is_str(name) {
        return Err(vm.type_error(format!("attribute name must be string, not '{}'", vm.type_name(name))));
    }
    vm.intern_any(name)
}

fn dir(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let names = match args.opt(0) {
        None => {
            let locals = vm.current_locals()?.ok_or_else(|| vm.system_error("frame does not exist"))?;
            vm.call_method(locals, vm.names.keys, &[])?
        }
        Some(object) => match vm.call_special(object, vm.names.__dir__, &[])? {
            Some(names) => names,
            None => return Err(vm.type_error("object does not provide __dir__")),
        },
    };
    vm.sorted(names, None, false)
}

fn vars(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    match args.opt(0) {
        None => vm.current_locals()?.ok_or_else(|| vm.system_error("no current frame")),
        Some(object) => match vm.getattr_opt(object, vm.names.__dict__)? {
            Some(dict) => Ok(dict),
            None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
        },
    }
}

fn chr(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let point = vm.index_clamped(args.at(0))?;
    match u32::try_from(point).ok().filter(|point| *point < 0x11_0000) {
        Some(point) => vm.new_str_points(&[point]),
        None => Err(vm.value_error("chr() arg not in range(0x110000)")),
    }
}

fn ord(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let value = args.at(0);
    let len = if let Some(text) = vm.as_str(value) {
        if text.len() == 1 {
            return Ok(Value::from_i32(match text.chars() {
                Chars::One(bytes) => i32::from(bytes[0]),
                Chars::Two(units) => i32::from(units[0]),
                Chars::Four(points) => points[0] as i32,
            }));
        }
        text.len()
    } else if let Some(buffer) = vm.type_of(value).slots().buffer {
        let view = buffer(vm, value)?;
        // SAFETY: the view is held until `release`.
        let first = (view.len_bytes == 1).then(|| unsafe { view.data.read() });
        if let Some(release) = view.release {
            release(view.owner);
        }
        if let Some(byte) = first {
            return Ok(Value::from_i32(i32::from(byte)));
        }
        view.len_bytes
    } else {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("ord() expected string of length 1, but {found} found")));
    };
    Err(vm.type_error(format!("ord() expected a character, but string of length {len} found")))
}
