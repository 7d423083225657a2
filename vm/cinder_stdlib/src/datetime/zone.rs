//! `tzinfo`, `timezone`, and asking either about an offset.

use cinder_bytecode::CompareOp;
use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Raised, Value, Vm};

use super::delta;
use super::moment::PyDateTime;
use crate::payload::construct;

/// `tzinfo`, which says nothing itself.
#[repr(C)]
pub(super) struct PyZoneInfo {
    header: Header,
}

crate::payload::plain_payload!(PyZoneInfo, "datetime.tzinfo");

/// `timezone`: a fixed offset, perhaps with a name.
#[repr(C)]
pub(super) struct PyZone {
    info: PyZoneInfo,
    /// Microseconds, strictly within a day.
    offset: i64,
    name: Slot<Option<Value>>,
}

impl Trace for PyZone {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.name.get());
    }
}

// SAFETY: repr(C), and what comes first begins with the header.
unsafe impl HeapObject for PyZone {}

cinder_vm::layout!(PyZone, "datetime.timezone", base PyZoneInfo);

pub(super) fn info_class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.native_class(&TZINFO)
}

pub(super) fn class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.native_class_with_base(&TIMEZONE, info_class(vm)?)
}

/// `timezone.utc`.
pub(super) fn utc(vm: &Vm) -> PyResult<Value> {
    let found = class(vm)?.dict.get().get_interned(vm.intern("utc"));
    found.ok_or_else(|| vm.system_error("timezone.utc is gone"))
}

pub(super) fn is_zone(vm: &Vm, value: Value) -> bool {
    vm.downcast::<PyZoneInfo>(value).is_some()
}

/// Refuses what is neither None nor a tzinfo.
pub(super) fn check(vm: &Vm, value: Value) -> PyResult<Value> {
    if value.is_none() || is_zone(vm, value) {
        return Ok(value);
    }
    let found = vm.type_name(value);
    Err(vm.type_error(format!("tzinfo argument must be None or of a tzinfo subclass, not type '{found}'")))
}

const DAY: i64 = delta::DAY as i64;

fn offset_error(vm: &Vm, offset: Value) -> PyResult<Raised> {
    let shown = vm.repr_text(offset)?;
    Ok(vm.value_error(format!(
        "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not {shown}"
    )))
}

/// A new zone; without a name and offset it is the only one of its kind.
pub(super) fn new(vm: &Vm, microseconds: i64, name: Option<Value>) -> PyResult<Value> {
    if microseconds == 0 && name.is_none() {
        return utc(vm);
    }
    alloc(vm, class(vm)?, microseconds, name)
}

/// A zone without a look at whether there is one already.
pub(super) fn alloc(vm: &Vm, class: Gc<PyType>, offset: i64, name: Option<Value>) -> PyResult<Value> {
    let make = |header| PyZone { info: PyZoneInfo { header }, offset, name: Slot::new(name) };
    Ok(vm.alloc_instance(class, 0, make)?.as_value())
}

/// What `tzinfo.method(argument)` says, in microseconds; `None` for None.
///
/// Runs Python: yes. Errors: its own; TypeError and ValueError for answers that make no sense.
pub(super) fn ask(vm: &Vm, zone: Value, method: &str, argument: Value) -> PyResult<Option<i64>> {
    if zone.is_none() {
        return Ok(None);
    }
    if vm.type_of(zone) == class(vm)?
        && let Some(own) = vm.downcast::<PyZone>(zone)
    {
        return Ok((method == "utcoffset").then_some(own.offset));
    }
    let answer = vm.call_method(zone, vm.intern(method), &[argument])?;
    if answer.is_none() {
        return Ok(None);
    }
    let Some(found) = delta::of(vm, answer) else {
        let found = vm.type_name(answer);
        return Err(vm.type_error(format!("tzinfo.{method}() must return None or timedelta, not '{found}'")));
    };
    match i64::try_from(found.total()) {
        Ok(total) if total.abs() < DAY => Ok(Some(total)),
        _ => Err(offset_error(vm, answer)?),
    }
}

/// The answer of [`ask`] as Python shows it.
pub(super) fn asked(vm: &Vm, zone: Value, method: &str, argument: Value) -> PyResult<Value> {
    match ask(vm, zone, method, argument)? {
        Some(offset) => delta::new(vm, offset.into()),
        None => Ok(Value::NONE),
    }
}

/// `tzinfo.tzname(argument)`: a str or None.
pub(super) fn name(vm: &Vm, zone: Value, argument: Value) -> PyResult<Value> {
    if zone.is_none() {
        return Ok(Value::NONE);
    }
    let answer = vm.call_method(zone, vm.intern("tzname"), &[argument])?;
    if answer.is_none() || vm.is_str(answer) {
        return Ok(answer);
    }
    let found = vm.type_name(answer);
    Err(vm.type_error(format!("tzinfo.tzname() must return None or a string, not '{found}'")))
}

/// `+05:30`, with seconds and microseconds where there are any.
pub(super) fn offset_text(offset: i64, separator: &str) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let (seconds, micros) = (offset.abs() / 1_000_000, offset.abs() % 1_000_000);
    let mut out = format!("{sign}{:02}{separator}{:02}", seconds / 3600, seconds / 60 % 60);
    if seconds % 60 != 0 || micros != 0 {
        out += &format!("{separator}{:02}", seconds % 60);
    }
    if micros != 0 {
        out += &format!(".{micros:06}");
    }
    out
}

fn must_implement(vm: &Vm, name: &str) -> PyResult<Value> {
    Err(vm.not_implemented_error(format!("a tzinfo subclass must implement {name}()")))
}

fn from_utc(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (zone, moment) = (args.at(0), args.at(1));
    let Some(own) = vm.downcast::<PyDateTime>(moment) else {
        return Err(vm.type_error("fromutc: argument must be a datetime"));
    };
    if own.zone() != zone {
        return Err(vm.value_error("fromutc: dt.tzinfo is not self"));
    }
    let Some(offset) = ask(vm, zone, "utcoffset", moment)? else {
        return Err(vm.value_error("fromutc: non-None utcoffset() result required"));
    };
    let Some(summer) = ask(vm, zone, "dst", moment)? else {
        return Err(vm.value_error("fromutc: non-None dst() result required"));
    };
    let result = super::moment::shifted(vm, moment, (offset - summer).into())?;
    match ask(vm, zone, "dst", result)? {
        Some(0) => Ok(result),
        Some(summer) => super::moment::shifted(vm, result, summer.into()),
        None => Err(vm.value_error("fromutc: tz.dst() gave inconsistent results; cannot convert")),
    }
}

fn reduce(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let zone = args.at(0);
    let arguments = match vm.getattr_opt(zone, vm.intern("__getinitargs__"))? {
        Some(method) => vm.call(method, &[])?,
        None => vm.new_tuple(&[])?,
    };
    let state = vm.call_method(zone, vm.intern("__getstate__"), &[])?;
    let class = vm.type_of(zone).as_value();
    if state.is_none() { vm.new_tuple(&[class, arguments]) } else { vm.new_tuple(&[class, arguments, state]) }
}

pub(super) static TZINFO: TypeDef = TypeDef {
    doc: "Abstract base class for time zone info objects.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, _, _| Ok(vm.alloc_instance(class, 0, |header| PyZoneInfo { header })?.as_value())),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("tzname", "self, dt, /", |vm, _| must_implement(vm, "tzname"))
            .doc("datetime -> string name of time zone."),
        NativeDef::method("utcoffset", "self, dt, /", |vm, _| must_implement(vm, "utcoffset"))
            .doc("datetime -> timedelta showing offset from UTC, negative values indicating West of UTC"),
        NativeDef::method("dst", "self, dt, /", |vm, _| must_implement(vm, "dst"))
            .doc("datetime -> DST offset as timedelta positive east of UTC."),
        NativeDef::method("fromutc", "self, dt, /", from_utc).doc("datetime in UTC -> datetime in local time."),
        NativeDef::method("__reduce__", "self, /", reduce).doc("-> (cls, state)"),
    ],
    ..TypeDef::new("datetime.tzinfo", <PyZoneInfo as Payload>::LAYOUT)
};

fn own(vm: &Vm, value: Value) -> Gc<PyZone> {
    vm.downcast::<PyZone>(value).expect("slot of timezone")
}

fn construct_zone(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some(found) = delta::of(vm, args.at(1)) else {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("timezone() argument 1 must be datetime.timedelta, not {found}")));
    };
    if let Some(name) = args.opt(2).filter(|name| !vm.is_str(*name)) {
        let found = vm.type_name(name);
        return Err(vm.type_error(format!("timezone() argument 2 must be str, not {found}")));
    }
    match i64::try_from(found.total()) {
        Ok(total) if total.abs() < DAY => new(vm, total, args.opt(2)),
        _ => Err(offset_error(vm, args.at(1))?),
    }
}

fn check_moment(vm: &Vm, method: &str, moment: Value) -> PyResult<()> {
    if moment.is_none() || vm.downcast::<PyDateTime>(moment).is_some() {
        return Ok(());
    }
    let found = vm.type_name(moment);
    Err(vm.type_error(format!("{method}(dt) argument must be a datetime instance or None, not {found}")))
}

fn text(vm: &Vm, value: Value) -> PyResult<Value> {
    let zone = own(vm, value);
    match zone.name.get() {
        Some(name) => Ok(name),
        None if zone.offset == 0 => Ok(vm.intern("UTC")),
        None => vm.new_str(&format!("UTC{}", offset_text(zone.offset, ":"))),
    }
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    if value == utc(vm)? {
        return vm.new_str("datetime.timezone.utc");
    }
    let zone = own(vm, value);
    let offset = vm.repr_text(delta::new(vm, zone.offset.into())?)?;
    let name = match zone.name.get() {
        Some(name) => format!(", {}", vm.repr_text(name)?),
        None => String::new(),
    };
    vm.new_str(&format!("{}({offset}{name})", vm.type_name(value)))
}

fn zone_from_utc(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some(moment) = vm.downcast::<PyDateTime>(args.at(1)) else {
        return Err(vm.type_error("fromutc: argument must be a datetime"));
    };
    if moment.zone() != args.at(0) {
        return Err(vm.value_error("fromutc: dt.tzinfo is not self"));
    }
    super::moment::shifted(vm, args.at(1), own(vm, args.at(0)).offset.into())
}

pub(super) static TIMEZONE: TypeDef = TypeDef {
    doc: "Fixed offset from UTC implementation of tzinfo.",
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method("timezone", "cls, offset, name=<unrepresentable>", construct_zone);
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        repr: Some(repr),
        str: Some(text),
        hash: Some(|vm, value| vm.hash(delta::new(vm, own(vm, value).offset.into())?)),
        compare: Some(|vm, a, b, op| {
            let (Some(a), Some(b)) = (vm.downcast::<PyZone>(a), vm.downcast::<PyZone>(b)) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            Ok(match op {
                CompareOp::Eq => Value::from_bool(a.offset == b.offset),
                CompareOp::Ne => Value::from_bool(a.offset != b.offset),
                _ => Value::NOT_IMPLEMENTED,
            })
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("tzname", "self, dt, /", |vm, args| {
            check_moment(vm, "tzname", args.at(1))?;
            text(vm, args.at(0))
        })
        .doc("If name is specified when timezone is created, returns the name.  Otherwise returns offset as 'UTC(+|-)HH:MM'."),
        NativeDef::method("utcoffset", "self, dt, /", |vm, args| {
            check_moment(vm, "utcoffset", args.at(1))?;
            delta::new(vm, own(vm, args.at(0)).offset.into())
        })
        .doc("Return fixed offset."),
        NativeDef::method("dst", "self, dt, /", |vm, args| {
            check_moment(vm, "dst", args.at(1))?;
            Ok(Value::NONE)
        })
        .doc("Return None."),
        NativeDef::method("fromutc", "self, dt, /", zone_from_utc).doc("datetime in UTC -> datetime in local time."),
        NativeDef::method("__getinitargs__", "self, /", |vm, args| {
            let zone = own(vm, args.at(0));
            let offset = delta::new(vm, zone.offset.into())?;
            match zone.name.get() {
                Some(name) => vm.new_tuple(&[offset, name]),
                None => vm.new_tuple(&[offset]),
            }
        })
        .doc("pickle support"),
    ],
    ..TypeDef::new("datetime.timezone", <PyZone as Payload>::LAYOUT)
};
