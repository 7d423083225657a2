//! What single exception classes do with their arguments. Source: Objects/exceptions.c.

use crate::value_vec::ValueVec;
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use super::{ExceptionClass, PyBaseException};
use crate::native::PyResult;
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of the descriptor of an exception's own attribute.
#[repr(C)]
pub struct PyExceptionField {
    header: Header,
    name: &'static str,
    index: usize,
    /// Whether the attribute is always there (None until set).
    class: Slot<Gc<PyType>>,
}

impl Trace for PyExceptionField {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.class.get().header());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyExceptionField {}

crate::layout!(PyExceptionField, "exception_field", exact exception_field);

pub static EXCEPTION_FIELD: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        descr_get: Some(|vm, descriptor, instance, _| {
            let Some(instance) = instance else { return Ok(descriptor) };
            let field = vm.downcast::<PyExceptionField>(descriptor).expect("slot of this class");
            match vm.exception_field_at(instance, field.index) {
                Some(value) => Ok(value),
                None if field.name == "characters_written" => Err(vm.attribute_error_text(field.name)),
                None => Ok(Value::NONE),
            }
        }),
        descr_set: Some(|vm, descriptor, instance, value| {
            let field = vm.downcast::<PyExceptionField>(descriptor).expect("slot of this class");
            if vm.is_subtype(field.class.get(), vm.exceptions.BaseExceptionGroup) {
                return Err(vm.attribute_error_text("readonly attribute"));
            }
            vm.set_exception_field_at(instance, field.index, value.unwrap_or(Value::NONE))
        }),
        ..Slots::NONE
    },
    getset: &[crate::native::GetSetDef::read_only("__name__", |vm, v| {
        Ok(vm.intern(vm.downcast::<PyExceptionField>(v).expect("getset of this class").name))
    })],
    ..TypeDef::new("member_descriptor", <PyExceptionField as Payload>::LAYOUT)
};

/// Own attributes of the nearest builtin class that has some.
fn fields(class: Gc<PyType>) -> &'static [&'static str] {
    class.exception_row.get().map_or(&[], |row| row.fields)
}

/// Name of the builtin class that says how instances are filled and shown: OSError for FileNotFoundError, none for most.
fn family(class: Gc<PyType>) -> &'static str {
    class.exception_row.get().map_or("", |row| row.name)
}

impl Vm {
    /// Adds descriptors for the class's own attributes.
    pub(crate) fn add_exception_fields(&self, class: Gc<PyType>, row: &'static ExceptionClass) -> PyResult<()> {
        for (index, name) in row.fields.iter().enumerate() {
            let header = object_header(BuiltinType::exception_field as u32);
            let field = self.alloc(PyExceptionField { header, name, index, class: Slot::new(class) })?;
            self.dict_set_interned(class.dict.get(), self.intern(name), field.as_value())?;
        }
        Ok(())
    }

    fn exception_field_at(&self, exception: Value, index: usize) -> Option<Value> {
        let extra = self.as_exception(exception)?.extra.get()?;
        self.tuple_items(extra).get(index).copied().filter(|value| *value != Value::EMPTY)
    }

    /// Value of a field without a name, by its index.
    pub(super) fn hidden_exception_field(&self, exception: Value, index: usize) -> Option<Value> {
        self.exception_field_at(exception, index)
    }

    fn set_exception_field_at(&self, exception: Value, index: usize, value: Value) -> PyResult<()> {
        let Some(own) = self.as_exception(exception) else {
            return Err(
                self.type_error(format!("descriptor requires an exception, not '{}'", self.type_name(exception)))
            );
        };
        let mut values: ValueVec<[Value; 10]> =
            own.extra.get().map_or_else(ValueVec::new, |extra| self.tuple_items(extra).into());
        if values.len() <= index {
            values.resize(index + 1, Value::EMPTY);
        }
        values[index] = value;
        own.extra.set(&self.heap, own, Some(self.new_tuple(&values)?));
        Ok(())
    }

    /// Attribute `name` of a builtin exception class's own, when set.
    pub fn exception_field(&self, exception: Value, name: &str) -> Option<Value> {
        let index = fields(self.type_of(exception)).iter().position(|field| *field == name)?;
        self.exception_field_at(exception, index)
    }

    /// Sets an own attribute; nothing happens when the class has none of this name or memory is out.
    pub fn set_exception_field(&self, exception: Value, name: &str, value: Value) {
        if let Some(index) = fields(self.type_of(exception)).iter().position(|field| *field == name)
            && let Err(raised) = self.set_exception_field_at(exception, index, value)
        {
            self.take_exception(raised);
        }
    }
}

/// The class that `class(*args)` really makes: OSError picks a subclass by errno, BaseExceptionGroup becomes ExceptionGroup.
pub(super) fn actual_class(vm: &Vm, class: Gc<PyType>, args: &[Value]) -> PyResult<Gc<PyType>> {
    if !vm.exceptions.is_set() {
        return Ok(class);
    }
    if class == vm.exceptions.OSError && (2..=5).contains(&args.len()) {
        return Ok(args[0].try_int().and_then(|errno| os_error_class(vm, errno)).unwrap_or(class));
    }
    if vm.is_subtype(class, vm.exceptions.BaseExceptionGroup) {
        return super::group::actual_class(vm, class, args);
    }
    Ok(class)
}

/// Subclass of OSError for an errno (PEP 3151).
pub fn os_error_class(vm: &Vm, errno: i64) -> Option<Gc<PyType>> {
    let e = &vm.exceptions;
    Some(match i32::try_from(errno).ok()? {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => e.BlockingIOError,
        libc::EPIPE | libc::ESHUTDOWN => e.BrokenPipeError,
        libc::ECHILD => e.ChildProcessError,
        libc::ECONNABORTED => e.ConnectionAbortedError,
        libc::ECONNREFUSED => e.ConnectionRefusedError,
        libc::ECONNRESET => e.ConnectionResetError,
        libc::EEXIST => e.FileExistsError,
        libc::ENOENT => e.FileNotFoundError,
        libc::EISDIR => e.IsADirectoryError,
        libc::ENOTDIR => e.NotADirectoryError,
        libc::EINTR => e.InterruptedError,
        libc::EACCES | libc::EPERM => e.PermissionError,
        libc::ESRCH => e.ProcessLookupError,
        libc::ETIMEDOUT => e.TimeoutError,
        _ => return None,
    })
}

/// Fills the own attributes from the positional arguments.
pub(super) fn set_fields(vm: &Vm, own: Gc<PyBaseException>, class: Gc<PyType>, args: Value) -> PyResult<()> {
    let items = vm.tuple_items(args);
    let first = items.first().copied().unwrap_or(Value::NONE);
    let extra: ValueVec<[Value; 9]> = match family(class) {
        "StopIteration" => crate::values![first],
        "SystemExit" => crate::values![if items.len() > 1 { args } else { first }],
        "ImportError" => {
            let msg = if items.len() == 1 { first } else { Value::NONE };
            crate::values![msg, Value::NONE, Value::NONE, Value::NONE]
        }
        "OSError" if (2..=5).contains(&items.len()) => {
            let at = |index: usize| items.get(index).copied().unwrap_or(Value::NONE);
            let written = if class == vm.exceptions.BlockingIOError && at(2).is_int() { at(2) } else { Value::EMPTY };
            if items.len() > 2 && written == Value::EMPTY {
                // `args` keeps errno and text only.
                own.args.set(&vm.heap, own, vm.new_tuple(&items[..2])?);
            }
            let filename = if written == Value::EMPTY { at(2) } else { Value::NONE };
            crate::values![at(0), at(1), filename, Value::NONE, at(4), written]
        }
        "SyntaxError" => return set_syntax_fields(vm, own, items),
        "UnicodeDecodeError" | "UnicodeEncodeError" if items.len() == 5 => unicode_fields(vm, class, items)?,
        "UnicodeTranslateError" if items.len() == 4 => {
            crate::values![Value::NONE, items[0], items[1], items[2], items[3]]
        }
        "BaseExceptionGroup" | "ExceptionGroup" if items.len() == 2 => super::group::fields(vm, items)?,
        _ => return Ok(()),
    };
    own.extra.set(&vm.heap, own, Some(vm.new_tuple(&extra)?));
    Ok(())
}

fn unicode_fields(vm: &Vm, class: Gc<PyType>, items: &[Value]) -> PyResult<ValueVec<[Value; 9]>> {
    let name = class.name();
    let mut object = items[1];
    if !vm.is_str(items[0]) {
        let found = vm.type_name(items[0]);
        return Err(vm.type_error(format!("argument 1 must be str, not {found}")));
    }
    if vm.is_subtype(class, vm.exceptions.UnicodeEncodeError) {
        if !vm.is_str(object) {
            let found = vm.type_name(object);
            return Err(vm.type_error(format!("argument 2 must be str, not {found}")));
        }
    } else if !vm.is_instance(object, vm.types.bytes) {
        // Any buffer is accepted and kept as bytes.
        object = vm.call(vm.types.bytes.as_value(), &[object])?;
    }
    for (index, item) in items[2..4].iter().enumerate() {
        if !vm.is_int(*item) {
            let (place, found) = (index + 3, vm.type_name(*item));
            return Err(vm.type_error(format!("{name}() argument {place} must be int, not {found}")));
        }
    }
    if !vm.is_str(items[4]) {
        let found = vm.type_name(items[4]);
        return Err(vm.type_error(format!("argument 5 must be str, not {found}")));
    }
    Ok(crate::values![items[0], object, items[2], items[3], items[4]])
}

/// `SyntaxError(msg, (filename, lineno, offset, text[, end_lineno, end_offset[, metadata]]))`.
fn set_syntax_fields(vm: &Vm, own: Gc<PyBaseException>, items: &[Value]) -> PyResult<()> {
    let mut extra: ValueVec<[Value; 9]> = ValueVec::from_elem(Value::NONE, 9);
    extra[0] = items.first().copied().unwrap_or(Value::NONE);
    if let [_, details] = items {
        let mut parts: ValueVec<[Value; 8]> = ValueVec::new();
        vm.for_each(*details, |item| {
            parts.push(item);
            Ok(())
        })?;
        if !matches!(parts.len(), 4 | 6 | 7) {
            let (what, count) = if parts.len() < 4 { ("at least 4", parts.len()) } else { ("at most 7", parts.len()) };
            return Err(vm.type_error(format!("function takes {what} arguments ({count} given)")));
        }
        for (index, part) in parts.iter().enumerate() {
            let place = if index == 6 { 8 } else { index + 1 };
            extra[place] = *part;
        }
    }
    own.extra.set(&vm.heap, own, Some(vm.new_tuple(&extra)?));
    Ok(())
}

/// Keyword arguments: AttributeError, NameError and ImportError take some, the others none.
pub(super) fn set_keywords(
    vm: &Vm,
    value: Value,
    class: Gc<PyType>,
    names: &[Value],
    values: &[Value],
) -> PyResult<()> {
    let family = family(class);
    let allowed: &[&str] = match family {
        "AttributeError" => &["name", "obj"],
        "NameError" => &["name"],
        "ImportError" => &["name", "path", "name_from"],
        _ => &[],
    };
    for (name, given) in names.iter().zip(values) {
        let text = vm.str_text(*name);
        if allowed.is_empty() {
            let class = class.name();
            return Err(vm.type_error(format!("{class}() takes no keyword arguments")));
        }
        if !allowed.contains(&&*text) {
            return Err(vm.type_error(format!("{family}() got an unexpected keyword argument '{text}'")));
        }
        vm.set_exception_field(value, &text, *given);
    }
    Ok(())
}

/// Texts that are not made of `args`.
pub(super) fn special_text(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let class = vm.type_of(value);
    let field = |name: &str| vm.exception_field(value, name).unwrap_or(Value::NONE);
    match family(class) {
        "KeyError" => match vm.tuple_items(super::base::payload(vm, value).args.get()) {
            [only] => vm.repr(*only).map(Some),
            _ => Ok(None),
        },
        "ImportError" if vm.is_exact_str(field("msg")) => Ok(Some(field("msg"))),
        "OSError" => os_error_text(vm, value),
        "SyntaxError" => syntax_error_text(vm, value).map(Some),
        "UnicodeDecodeError" | "UnicodeEncodeError" | "UnicodeTranslateError" => unicode_error_text(vm, value),
        "BaseExceptionGroup" | "ExceptionGroup" => super::group::text(vm, value).map(Some),
        _ => Ok(None),
    }
}

fn os_error_text(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let field = |name: &str| vm.exception_field(value, name).unwrap_or(Value::NONE);
    let (errno, strerror, filename, filename2) =
        (field("errno"), field("strerror"), field("filename"), field("filename2"));
    if errno.is_none() && strerror.is_none() {
        return Ok(None);
    }
    let shown = |value: Value| vm.str(value).map(|text| vm.str_text(text).into_owned());
    let mut text = format!("[Errno {}] {}", shown(errno)?, shown(strerror)?);
    if !filename.is_none() {
        text += &format!(": {}", vm.repr_text(filename)?);
        if !filename2.is_none() {
            text += &format!(" -> {}", vm.repr_text(filename2)?);
        }
    }
    vm.new_str(&text).map(Some)
}

/// `msg (file, line n)`.
fn syntax_error_text(vm: &Vm, value: Value) -> PyResult<Value> {
    let field = |name: &str| vm.exception_field(value, name).unwrap_or(Value::NONE);
    let message = vm.str_text(vm.str(field("msg"))?).into_owned();
    let file = vm.as_str(field("filename")).map(|name| {
        let text = name.to_text().into_owned();
        text.rsplit('/').next().unwrap_or_default().to_owned()
    });
    let line = vm.int_to_i64(field("lineno"));
    vm.new_str(&match (file, line) {
        (Some(file), Some(line)) => format!("{message} ({file}, line {line})"),
        (Some(file), None) => format!("{message} ({file})"),
        (None, Some(line)) => format!("{message} (line {line})"),
        (None, None) => message,
    })
}

fn unicode_error_text(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let field = |name: &str| vm.exception_field(value, name);
    let (Some(object), Some(start), Some(end), Some(reason)) =
        (field("object"), field("start"), field("end"), field("reason"))
    else {
        return Ok(Some(vm.names.empty));
    };
    let (Some(start), Some(end)) = (vm.int_to_i64(start), vm.int_to_i64(end)) else { return Ok(None) };
    let _ = object;
    let reason = vm.str_text(vm.str(reason)?).into_owned();
    let decode = vm.is_instance(value, vm.exceptions.UnicodeDecodeError);
    let prefix = match field("encoding") {
        Some(encoding) if !vm.is_instance(value, vm.exceptions.UnicodeTranslateError) => {
            format!("'{}' codec ", vm.str_text(vm.str(encoding)?))
        }
        _ => String::new(),
    };
    let action = match (decode, prefix.is_empty()) {
        (true, _) => "decode",
        (false, true) => "translate",
        (false, false) => "encode",
    };
    let unit = if decode { "byte" } else { "character" };
    // What was asked for its text may have changed the exception.
    let Some(object) = field("object") else {
        return Err(vm.type_error("UnicodeError 'object' attribute is not set"));
    };
    let kind = if decode { "bytes" } else { "string" };
    let len = match (decode, vm.as_str(object), vm.downcast::<crate::types::bytes::PyBytes>(object)) {
        (false, Some(text), _) => text.len(),
        (true, _, Some(bytes)) => bytes.as_slice().len(),
        _ => return Err(vm.type_error(format!("UnicodeError 'object' attribute must be a {kind}"))),
    };
    let single = end.checked_sub(1) == Some(start) && start >= 0 && (start as usize) < len;
    let shown = match (vm.as_str(object), decode) {
        (Some(text), false) if single => {
            let c = text.char_at(start as usize);
            Some(match c {
                0..=0xff => format!("'\\x{c:02x}'"),
                0x100..=0xffff => format!("'\\u{c:04x}'"),
                _ => format!("'\\U{c:08x}'"),
            })
        }
        (_, true) if single => {
            let bytes = vm.downcast::<crate::types::bytes::PyBytes>(object);
            bytes.map(|bytes| format!("0x{:02x}", bytes.as_slice()[start as usize]))
        }
        _ => None,
    };
    let text = match shown {
        Some(shown) => format!("{prefix}can't {action} {unit} {shown} in position {start}: {reason}"),
        None => format!("{prefix}can't {action} {unit}s in position {start}-{}: {reason}", end.wrapping_sub(1)),
    };
    vm.new_str(&text).map(Some)
}
