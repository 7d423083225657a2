//! Reading arguments in the ways that many native functions share.

use cinder_vm::{PyResult, Value, Vm};

/// An optional argument that None stands in for.
pub(crate) fn given(value: Option<Value>) -> Option<Value> {
    value.filter(|value| !value.is_none())
}

/// Text of a str argument. `place` names it in the TypeError: `open() argument 'mode'`.
pub(crate) fn text(vm: &Vm, value: Value, place: &str) -> PyResult<String> {
    if vm.is_str(value) {
        return Ok(vm.str_text(value).into_owned());
    }
    let found = if value.is_none() { "None".to_owned() } else { vm.type_name(value) };
    Err(vm.type_error(format!("{place} must be str, not {found}")))
}

/// A C int. Errors: OverflowError `Python int too large to convert to C int`.
pub(crate) fn c_int(vm: &Vm, value: Value) -> PyResult<i32> {
    let number = vm.index(value)?;
    match vm.int_to_i64(number) {
        None => Err(vm.overflow_error("Python int too large to convert to C int")),
        Some(number) => match i32::try_from(number) {
            Ok(number) => Ok(number),
            Err(_) if number > 0 => Err(vm.overflow_error("signed integer is greater than maximum")),
            Err(_) => Err(vm.overflow_error("signed integer is less than minimum")),
        },
    }
}

/// OSError from the operating system's error, with a file name when there is one.
pub(crate) fn os_error(vm: &Vm, error: &std::io::Error, filename: Option<Value>) -> cinder_vm::Raised {
    let number = error.raw_os_error().unwrap_or(0);
    os_error_number(vm, number, filename)
}

/// OSError by `errno`.
pub(crate) fn os_error_number(vm: &Vm, number: i32, filename: Option<Value>) -> cinder_vm::Raised {
    let made = (|| {
        let text = vm.new_str(&error_text(number))?;
        let code = vm.new_int(number.into())?;
        match filename {
            Some(filename) => vm.new_exception(vm.exceptions.OSError, &[code, text, filename]),
            None => vm.new_exception(vm.exceptions.OSError, &[code, text]),
        }
    })();
    match made {
        Ok(exception) => vm.raise(exception),
        Err(raised) => raised,
    }
}

/// `os.strerror(number)`.
pub(crate) fn error_text(number: i32) -> String {
    let text = std::io::Error::from_raw_os_error(number).to_string();
    match text.rfind(" (os error") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// A module's own exception with a message; `class` makes or finds it.
pub(crate) fn raise_in(
    vm: &Vm,
    class: PyResult<cinder_vm::Gc<cinder_vm::types::type_::PyType>>,
    message: &str,
) -> cinder_vm::Raised {
    match class {
        Ok(class) => vm.raise_text(class, message),
        Err(raised) => raised,
    }
}

/// Whether a flag argument holds; `default` when it is absent.
pub(crate) fn flag(vm: &Vm, value: Option<Value>, default: bool) -> PyResult<bool> {
    value.map_or(Ok(default), |value| vm.truthy(value))
}

/// An unsigned number taken modulo `2^32`, as C code with the `I` format does.
pub(crate) fn u32_masked(vm: &Vm, value: Value) -> PyResult<u32> {
    use num_traits::ToPrimitive;
    let number = vm.index(value)?;
    if let Some(number) = vm.int_to_i64(number) {
        return Ok(number as u32);
    }
    let big = vm.int_to_big(number).expect("index gives an int");
    Ok((big & num_bigint::BigInt::from(u32::MAX)).to_u32().expect("masked"))
}

/// `constants!(A, B)`: names and values of constants of the C library.
macro_rules! constants {
    ($($name:ident),* $(,)?) => {
        &[$((stringify!($name), libc::$name as i64)),*]
    };
}
pub(crate) use constants;

/// Adds integer constants to a namespace.
pub(crate) fn add_constants(
    vm: &Vm,
    dict: cinder_vm::Gc<cinder_vm::types::dict::PyDict>,
    constants: &[(&str, i64)],
) -> PyResult<()> {
    constants.iter().try_for_each(|(name, value)| vm.set_item_text(dict, name, vm.new_int(*value)?))
}

/// Adds more functions to the namespace of the module `module`.
pub(crate) fn add_functions(
    vm: &Vm,
    dict: cinder_vm::Gc<cinder_vm::types::dict::PyDict>,
    module: &str,
    functions: &'static [cinder_vm::NativeDef],
) -> PyResult<()> {
    let module = vm.intern(module);
    functions.iter().try_for_each(|function| {
        let made = vm.new_native_function(function, None, module)?;
        vm.set_item_text(dict, function.name, made)
    })
}

/// The OSError of a call that failed when `code` is negative.
pub(crate) fn check(vm: &Vm, code: impl Into<i64>) -> PyResult<i64> {
    let code = code.into();
    if code < 0 { Err(os_error(vm, &std::io::Error::last_os_error(), None)) } else { Ok(code) }
}

/// As [`check`], with None as the result.
pub(crate) fn check_none(vm: &Vm, code: impl Into<i64>) -> PyResult<Value> {
    check(vm, code).map(|_| Value::NONE)
}

/// As [`check`], with the number as the result.
pub(crate) fn check_int(vm: &Vm, code: impl Into<i64>) -> PyResult<Value> {
    vm.new_int(check(vm, code)?)
}

/// A descriptor: a number, or an object with `fileno()`. Source: `PyObject_AsFileDescriptor`.
pub(crate) fn descriptor(vm: &Vm, value: Value) -> PyResult<i32> {
    if value.is_bool() {
        let warn = vm.getattr_text(vm.import("warnings")?, "warn")?;
        let message = vm.new_str("bool is used as a file descriptor")?;
        vm.call(warn, &[message, vm.exceptions.RuntimeWarning.as_value()])?;
    }
    let number = if vm.is_int(value) {
        value
    } else {
        match vm.getattr_opt(value, vm.intern("fileno"))? {
            Some(method) => {
                let number = vm.call(method, &[])?;
                if !vm.is_int(number) {
                    return Err(vm.type_error("fileno() returned a non-integer"));
                }
                number
            }
            None => return Err(vm.type_error("argument must be an int, or have a fileno() method.")),
        }
    };
    let fd = c_int(vm, number)?;
    if fd < 0 {
        return Err(vm.value_error(format!("file descriptor cannot be a negative integer ({fd})")));
    }
    Ok(fd)
}

/// Content of a writable object with the buffer protocol. The closure runs no Python code.
///
/// Errors: TypeError `argument must be read-write bytes-like object, not X`.
pub(crate) fn with_bytes_mut<R>(vm: &Vm, value: Value, body: impl FnOnce(&mut [u8]) -> R) -> PyResult<R> {
    let refuse = || {
        let found = vm.type_name(value);
        vm.type_error(format!("argument must be read-write bytes-like object, not {found}"))
    };
    let Some(buffer) = vm.type_of(value).slots().buffer else { return Err(refuse()) };
    let view = buffer(vm, value)?;
    let result = if view.readonly {
        None
    } else if view.len_bytes == 0 {
        Some(body(&mut []))
    } else {
        // SAFETY: a view's bytes stay valid and in place until it is released; it is writable, and nothing else runs meanwhile.
        Some(body(unsafe { std::slice::from_raw_parts_mut(view.data, view.len_bytes) }))
    };
    if let Some(release) = view.release {
        release(view.owner);
    }
    result.ok_or_else(refuse)
}
