//! Dialects: the characters and rules of a format.

use cinder_heap::{HeapObject, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::error;
use crate::args::given;
use crate::operator::getter::call_with_dict;
use crate::payload::construct;

pub(super) const MINIMAL: u8 = 0;
pub(super) const ALL: u8 = 1;
pub(super) const NONNUMERIC: u8 = 2;
pub(super) const NONE: u8 = 3;
pub(super) const STRINGS: u8 = 4;
pub(super) const NOTNULL: u8 = 5;

/// Payload of a dialect; never changes.
#[repr(C)]
#[derive(Trace, HeapObject)]
pub(super) struct PyDialect {
    header: Header,
    pub(super) line_end: Slot<Value>,
    pub(super) delimiter: u32,
    pub(super) quote: Option<u32>,
    pub(super) escape: Option<u32>,
    pub(super) quoting: u8,
    pub(super) doubles_quotes: bool,
    pub(super) skips_blank: bool,
    pub(super) strict: bool,
}

cinder_vm::layout!(PyDialect, "_csv.Dialect");

/// The dialects by name.
pub(super) fn registry(vm: &Vm) -> PyResult<Value> {
    let module = vm.import("_csv")?;
    vm.getattr_text(module, "_dialects")
}

/// The dialect registered under a name.
pub(super) fn find(vm: &Vm, name: Value) -> PyResult<Value> {
    let registry = registry(vm)?;
    let found = match vm.as_dict(registry) {
        Some(dict) => vm.dict_get(dict, name)?,
        None => None,
    };
    found.ok_or_else(|| error(vm, "unknown dialect"))
}

/// A dialect from the arguments of `reader` and its like.
pub(super) fn make(vm: &Vm, dialect: Option<Value>, parameters: Option<Value>) -> PyResult<Gc<PyDialect>> {
    let class = vm.native_class(&DIALECT)?.as_value();
    let arguments: ValueVec<[Value; 1]> = dialect.into_iter().collect();
    let made = match parameters.and_then(|parameters| vm.as_dict(parameters)) {
        Some(parameters) => call_with_dict(vm, class, &arguments, parameters)?,
        None => vm.call(class, &arguments)?,
    };
    Ok(vm.downcast::<PyDialect>(made).expect("the class makes dialects"))
}

pub(super) fn register(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    if !vm.is_str(args.at(0)) {
        return Err(vm.type_error("dialect name must be a string"));
    }
    let dialect = make(vm, args.opt(1), args.opt(2))?;
    vm.setitem(registry(vm)?, args.at(0), Some(dialect.as_value()))?;
    Ok(Value::NONE)
}

pub(super) fn unregister(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    find(vm, args.at(0))?;
    vm.setitem(registry(vm)?, args.at(0), None)?;
    Ok(Value::NONE)
}

fn describe(vm: &Vm, value: Value) -> String {
    match vm.as_str(value) {
        Some(text) => format!("a string of length {}", text.len()),
        None => vm.type_name(value),
    }
}

fn character(
    vm: &Vm,
    value: Option<Value>,
    default: Option<u32>,
    name: &str,
    is_optional: bool,
) -> PyResult<Option<u32>> {
    let Some(value) = value else { return Ok(default) };
    if value.is_none() && is_optional {
        return Ok(None);
    }
    match vm.as_str(value) {
        Some(text) if text.len() == 1 => Ok(Some(text.char_at(0))),
        _ => {
            let kind = if is_optional { "a unicode character or None" } else { "a unicode character" };
            let found = if value.is_none() { "NoneType".to_owned() } else { describe(vm, value) };
            Err(vm.type_error(format!("\"{name}\" must be {kind}, not {found}")))
        }
    }
}

fn boolean(vm: &Vm, value: Option<Value>, default: bool) -> PyResult<bool> {
    value.map_or(Ok(default), |value| vm.truthy(value))
}

fn quoting(vm: &Vm, value: Option<Value>) -> PyResult<u8> {
    let Some(value) = value else { return Ok(MINIMAL) };
    if vm.type_of(value) != vm.types.int {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("\"quoting\" must be an integer, not {found}")));
    }
    match vm.int_to_i64(value) {
        Some(number @ 0..=5) => Ok(number as u8),
        _ => Err(vm.type_error("bad \"quoting\" value")),
    }
}

/// Refuses a character that the format needs for something else.
fn check(vm: &Vm, name: &str, c: Option<u32>, line_end: &str, allows_blank: bool) -> PyResult<()> {
    let Some(c) = c.and_then(char::from_u32) else { return Ok(()) };
    if c == '\r' || c == '\n' || (c == ' ' && !allows_blank) {
        return Err(vm.value_error(format!("bad {name} value")));
    }
    if line_end.contains(c) {
        return Err(vm.value_error(format!("bad {name} or lineterminator value")));
    }
    Ok(())
}

fn check_differ(vm: &Vm, a: (&str, Option<u32>), b: (&str, Option<u32>)) -> PyResult<()> {
    if a.1.is_some() && a.1 == b.1 {
        return Err(vm.value_error(format!("bad {} or {} value", a.0, b.0)));
    }
    Ok(())
}

const PARAMETERS: [&str; 8] =
    ["delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace", "strict"];

fn new(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    let mut model = given(args.opt(1));
    if let Some(name) = model.filter(|model| vm.is_str(*model)) {
        model = Some(find(vm, name)?);
    }
    let mut values = [None; 8];
    values.copy_from_slice(&args[2..10]);
    if let Some(model) = model {
        // A finished dialect without changes is taken as it is.
        if vm.downcast::<PyDialect>(model).is_some() && vm.type_of(model) == class && values.iter().all(Option::is_none)
        {
            return Ok(model);
        }
        for (value, name) in values.iter_mut().zip(PARAMETERS) {
            if value.is_none() {
                *value = vm.getattr_opt(model, vm.intern(name))?;
            }
        }
    }
    let [delimiter, doubles, escape, line_end, quote, quoting_value, skips, strict] = values;
    let delimiter = character(vm, delimiter, Some(u32::from(b',')), "delimiter", false)?;
    let doubles_quotes = boolean(vm, doubles, true)?;
    let escape = character(vm, escape, None, "escapechar", true)?;
    let line_end = match line_end {
        None => vm.new_str("\r\n")?,
        Some(text) if vm.is_str(text) => text,
        Some(other) => {
            let found = vm.type_name(other);
            return Err(vm.type_error(format!("\"lineterminator\" must be a string, not {found}")));
        }
    };
    let is_without_quotes = quote.is_some_and(Value::is_none);
    let quote = character(vm, quote, Some(u32::from(b'"')), "quotechar", true)?;
    let mut quoting = quoting(vm, quoting_value)?;
    let skips_blank = boolean(vm, skips, false)?;
    let strict = boolean(vm, strict, false)?;
    if is_without_quotes && quoting_value.is_none() {
        quoting = NONE;
    }
    if quoting != NONE && quote.is_none() {
        return Err(vm.type_error("quotechar must be set if quoting enabled"));
    }
    let end = vm.str_text(line_end);
    check(vm, "delimiter", delimiter, &end, true)?;
    check(vm, "escapechar", escape, &end, !skips_blank)?;
    check(vm, "quotechar", quote, &end, !skips_blank)?;
    check_differ(vm, ("delimiter", delimiter), ("escapechar", escape))?;
    check_differ(vm, ("delimiter", delimiter), ("quotechar", quote))?;
    check_differ(vm, ("escapechar", escape), ("quotechar", quote))?;
    let made = vm.alloc_instance(class, 0, |header| PyDialect {
        header,
        line_end: Slot::new(line_end),
        delimiter: delimiter.unwrap_or(u32::from(b',')),
        quote,
        escape,
        quoting,
        doubles_quotes,
        skips_blank,
        strict,
    })?;
    Ok(made.as_value())
}

fn own(vm: &Vm, value: Value) -> Gc<PyDialect> {
    vm.downcast::<PyDialect>(value).expect("method of this class")
}

fn shown(vm: &Vm, c: Option<u32>) -> PyResult<Value> {
    c.map_or(Ok(Value::NONE), |c| vm.str_of_char(c))
}

fn refuse_pickle(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = vm.type_of(args.at(0)).name();
    Err(vm.type_error(format!("cannot pickle '{name}' instances")))
}

pub(super) static DIALECT: TypeDef = TypeDef {
    doc: "CSV dialect\n\nThe Dialect type records CSV dialect options.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method(
                "Dialect",
                "cls, dialect=None, delimiter=None, doublequote=None, escapechar=None, lineterminator=None, quotechar=None, quoting=None, skipinitialspace=None, strict=None",
                new,
            );
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__reduce__", "self, /", refuse_pickle),
        NativeDef::method("__reduce_ex__", "self, protocol, /", refuse_pickle),
    ],
    getset: &[
        GetSetDef::read_only("delimiter", |vm, value| shown(vm, Some(own(vm, value).delimiter))),
        GetSetDef::member("doublequote", |vm, value| Ok(Value::from_bool(own(vm, value).doubles_quotes))),
        GetSetDef::read_only("escapechar", |vm, value| shown(vm, own(vm, value).escape)),
        GetSetDef::read_only("lineterminator", |vm, value| Ok(own(vm, value).line_end.get())),
        GetSetDef::read_only("quotechar", |vm, value| shown(vm, own(vm, value).quote)),
        GetSetDef::read_only("quoting", |vm, value| vm.new_int(own(vm, value).quoting.into())),
        GetSetDef::member("skipinitialspace", |vm, value| Ok(Value::from_bool(own(vm, value).skips_blank))),
        GetSetDef::member("strict", |vm, value| Ok(Value::from_bool(own(vm, value).strict))),
    ],
    ..TypeDef::new("_csv.Dialect", <PyDialect as Payload>::LAYOUT)
};
