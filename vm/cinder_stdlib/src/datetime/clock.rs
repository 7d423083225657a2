//! `time`: a time of day.

use std::cmp::Ordering;

use cinder_bytecode::CompareOp;
use cinder_heap::{HeapObject, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::{date, zone};
use crate::args::c_int;
use crate::payload::construct;

/// Hour to microsecond, and which of two equal times is meant.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Fields {
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) fold: u8,
    pub(super) microsecond: u32,
}

impl Fields {
    /// Errors: ValueError for what no clock shows.
    pub(super) fn checked(vm: &Vm, parts: [i32; 4], fold: i32) -> PyResult<Fields> {
        let [hour, minute, second, microsecond] = parts;
        let limits =
            [("hour", hour, 23), ("minute", minute, 59), ("second", second, 59), ("microsecond", microsecond, 999_999)];
        for (name, number, last) in limits {
            if !(0..=last).contains(&number) {
                return Err(vm.value_error(format!("{name} must be in 0..{last}, not {number}")));
            }
        }
        if !(0..=1).contains(&fold) {
            return Err(vm.value_error(format!("fold must be either 0 or 1, not {fold}")));
        }
        Ok(Fields {
            hour: hour as u8,
            minute: minute as u8,
            second: second as u8,
            fold: fold as u8,
            microsecond: microsecond as u32,
        })
    }

    /// Microseconds since midnight.
    pub(super) fn total(self) -> i64 {
        let seconds = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        seconds * 1_000_000 + i64::from(self.microsecond)
    }

    pub(super) fn of_total(total: i64) -> Fields {
        let seconds = total / 1_000_000;
        Fields {
            hour: (seconds / 3600) as u8,
            minute: (seconds / 60 % 60) as u8,
            second: (seconds % 60) as u8,
            fold: 0,
            microsecond: (total % 1_000_000) as u32,
        }
    }

    pub(super) fn state(self) -> [u8; 6] {
        let us = self.microsecond;
        [self.hour, self.minute, self.second, (us >> 16) as u8, (us >> 8) as u8, us as u8]
    }

    /// From a pickle, whose numbers are taken as they are.
    pub(super) fn of_state(state: &[u8], fold: bool) -> Fields {
        Fields {
            hour: state[0],
            minute: state[1],
            second: state[2],
            fold: fold.into(),
            microsecond: u32::from(state[3]) << 16 | u32::from(state[4]) << 8 | u32::from(state[5]),
        }
    }

    /// `h, m[, s[, us]]` for `repr`.
    pub(super) fn repr(self) -> String {
        let mut out = format!("{}, {}", self.hour, self.minute);
        if self.second != 0 || self.microsecond != 0 {
            out += &format!(", {}", self.second);
        }
        if self.microsecond != 0 {
            out += &format!(", {}", self.microsecond);
        }
        out
    }
}

/// A time of day.
#[repr(C)]
#[derive(Trace, HeapObject)]
pub(super) struct PyTime {
    header: Header,
    #[trace(skip)]
    pub(super) fields: Fields,
    pub(super) zone: Slot<Value>,
}

cinder_vm::layout!(PyTime, "datetime.time");

pub(super) fn class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.native_class(&TIME)
}

fn own(vm: &Vm, value: Value) -> Gc<PyTime> {
    vm.downcast::<PyTime>(value).expect("slot of time")
}

pub(super) fn alloc(vm: &Vm, class: Gc<PyType>, fields: Fields, zone: Value) -> PyResult<Value> {
    let zone = zone::check(vm, zone)?;
    Ok(vm.alloc_instance(class, 0, |header| PyTime { header, fields, zone: Slot::new(zone) })?.as_value())
}

/// As [`alloc`], by calling a class that may derive from `time`.
fn of_class(vm: &Vm, class: Value, fields: Fields, zone: Value) -> PyResult<Value> {
    if class == self::class(vm)?.as_value() {
        return alloc(vm, self::class(vm)?, fields, zone);
    }
    let number = |number: u32| vm.new_int(number.into());
    let args = [
        number(fields.hour.into())?,
        number(fields.minute.into())?,
        number(fields.second.into())?,
        number(fields.microsecond)?,
        zone,
        number(fields.fold.into())?,
    ];
    vm.call_keywords(class, &args, Some(vm.new_tuple(&[vm.intern("fold")])?))
}

fn construct_time(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    if let Some(state) = args.opt(1)
        && args[3..].iter().all(Option::is_none)
        && !vm.is_int(state)
        && let Some(state) = date::pickled(vm, state, "time", 6)?.filter(|state| state[0] & 0x7f < 24)
    {
        let plain = [&[state[0] & 0x7f], &state[1..]].concat();
        let fields = Fields::of_state(&plain, state[0] & 0x80 != 0);
        if args.opt(2).is_some_and(|zone| !zone.is_none() && !zone::is_zone(vm, zone)) {
            return Err(vm.type_error("bad tzinfo state arg"));
        }
        return alloc(vm, class, fields, args.opt(2).unwrap_or(Value::NONE));
    }
    let part = |index: usize| args.opt(index).map_or(Ok(0), |value| c_int(vm, value));
    let fields = Fields::checked(vm, [part(1)?, part(2)?, part(3)?, part(4)?], part(6)?)?;
    alloc(vm, class, fields, args.opt(5).unwrap_or(Value::NONE))
}

fn offset(vm: &Vm, time: &PyTime) -> PyResult<Option<i64>> {
    zone::ask(vm, time.zone.get(), "utcoffset", Value::NONE)
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(left), Some(right)) = (vm.downcast::<PyTime>(a), vm.downcast::<PyTime>(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let order = |order: Ordering| Ok(Value::from_bool(super::holds(op, order)));
    if left.zone.get() == right.zone.get() {
        return order(left.fields.total().cmp(&right.fields.total()));
    }
    match (offset(vm, &left)?, offset(vm, &right)?) {
        (None, None) => order(left.fields.total().cmp(&right.fields.total())),
        (Some(first), Some(second)) => order((left.fields.total() - first).cmp(&(right.fields.total() - second))),
        _ => match op {
            CompareOp::Eq => Ok(Value::FALSE),
            CompareOp::Ne => Ok(Value::TRUE),
            _ => Err(vm.type_error("can't compare offset-naive and offset-aware times")),
        },
    }
}

fn hash(vm: &Vm, value: Value) -> PyResult<i64> {
    let time = own(vm, value);
    let plain = Fields { fold: 0, ..time.fields };
    let first =
        if time.fields.fold == 0 { value } else { of_class(vm, vm.type_of(value).as_value(), plain, time.zone.get())? };
    let offset = zone::ask(vm, own(vm, first).zone.get(), "utcoffset", Value::NONE)?;
    match offset {
        None => vm.hash(vm.new_bytes(&plain.state())?),
        Some(offset) => {
            let total = plain.total() - offset;
            if (0..86_400_000_000).contains(&total) {
                return vm.hash(vm.new_bytes(&Fields::of_total(total).state())?);
            }
            let number = |number: i64| vm.new_int(number);
            let seconds = total.div_euclid(1_000_000);
            let parts = [
                seconds.div_euclid(3600),
                seconds.rem_euclid(3600) / 60,
                seconds.rem_euclid(60),
                total.rem_euclid(1_000_000),
            ];
            let tuple = vm.new_tuple(&[number(parts[0])?, number(parts[1])?, number(parts[2])?, number(parts[3])?])?;
            vm.hash(tuple)
        }
    }
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let time = own(vm, value);
    let mut out = format!("{}({}", vm.type_name(value), time.fields.repr());
    if time.fields.fold != 0 {
        out += ", fold=1";
    }
    if !time.zone.get().is_none() {
        out += &format!(", tzinfo={}", vm.repr_text(time.zone.get())?);
    }
    vm.new_str(&(out + ")"))
}

fn iso_format(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let time = own(vm, args.at(0));
    let mut out = super::format::time_text(vm, time.fields, args.opt(1))?;
    if let Some(offset) = offset(vm, &time)? {
        out += &zone::offset_text(offset, ":");
    }
    vm.new_str(&out)
}

/// Fields and zone of a parsed time.
pub(super) fn parsed(vm: &Vm, parsed: &super::iso::ParsedTime) -> PyResult<(Fields, Value)> {
    let fields = Fields::checked(vm, [parsed.hour, parsed.minute, parsed.second, parsed.microsecond], 0)?;
    let zone = match parsed.offset {
        None => Value::NONE,
        Some(offset) if offset.abs() < 86_400_000_000 => zone::new(vm, offset, None)?,
        Some(offset) => {
            let shown = vm.repr_text(super::delta::new(vm, offset.into())?)?;
            return Err(vm.value_error(format!(
                "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not {shown}"
            )));
        }
    };
    Ok((fields, zone))
}

fn from_iso(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    if !vm.is_str(args.at(1)) {
        return Err(vm.type_error("fromisoformat: argument must be str"));
    }
    let text = vm.str_text(args.at(1));
    let bytes = text.as_bytes();
    match super::iso::time(bytes.strip_prefix(b"T").unwrap_or(bytes)) {
        Ok(mut found) => {
            if found.hour == 24 && found.minute == 0 && found.second == 0 && found.microsecond == 0 {
                found.hour = 0;
            }
            let (fields, zone) = parsed(vm, &found)?;
            of_class(vm, args.at(0), fields, zone)
        }
        Err(refused) => Err(super::refused(vm, refused, args.at(1))?),
    }
}

fn replace(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let time = own(vm, args.at(0));
    let fields = time.fields;
    let part = |index: usize, old: u32| args.opt(index).map_or(Ok(old as i32), |value| c_int(vm, value));
    let parts = [
        part(1, fields.hour.into())?,
        part(2, fields.minute.into())?,
        part(3, fields.second.into())?,
        part(4, fields.microsecond)?,
    ];
    let fields = Fields::checked(vm, parts, part(6, fields.fold.into())?)?;
    let zone = zone::check(vm, args.opt(5).unwrap_or_else(|| time.zone.get()))?;
    of_class(vm, vm.type_of(args.at(0)).as_value(), fields, zone)
}

fn reduce(vm: &Vm, value: Value, protocol: i64) -> PyResult<Value> {
    let time = own(vm, value);
    let mut state = time.fields.state();
    if protocol > 3 && time.fields.fold != 0 {
        state[0] |= 0x80;
    }
    let state = vm.new_bytes(&state)?;
    let arguments =
        if time.zone.get().is_none() { vm.new_tuple(&[state])? } else { vm.new_tuple(&[state, time.zone.get()])? };
    vm.new_tuple(&[vm.type_of(value).as_value(), arguments])
}

pub(super) static TIME: TypeDef = TypeDef {
    doc: "Time with time zone.\n\nAll arguments are optional. tzinfo may be None, or an instance of\na tzinfo subclass. The remaining arguments may be ints.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method(
                "time",
                "cls, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0",
                construct_time,
            );
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        repr: Some(repr),
        str: Some(|vm, value| vm.call_method(value, vm.intern("isoformat"), &[])),
        hash: Some(hash),
        compare: Some(compare),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::class_method("strptime", "cls, string, format, /", |vm, args| super::parse_time(vm, args, "time"))
            .doc("string, format -> new time parsed from a string (like time.strptime())."),
        NativeDef::class_method("fromisoformat", "cls, string, /", from_iso)
            .doc("string -> time from a string in ISO 8601 format"),
        NativeDef::method("isoformat", "self, /, timespec='auto'", iso_format)
            .doc("Return string in ISO 8601 format, [HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\n\nThe optional argument timespec specifies the number of additional terms\nof the time to include. Valid options are 'auto', 'hours', 'minutes',\n'seconds', 'milliseconds' and 'microseconds'."),
        NativeDef::method("strftime", "self, format", |vm, args| super::format::strftime(vm, args.at(0), args.at(1)))
            .doc("format -> strftime() style string."),
        NativeDef::method("__format__", "self, format, /", |vm, args| super::format::format(vm, args.at(0), args.at(1)))
            .doc("Formats self with strftime."),
        NativeDef::method("utcoffset", "self, /", |vm, args| {
            zone::asked(vm, own(vm, args.at(0)).zone.get(), "utcoffset", Value::NONE)
        })
        .doc("Return self.tzinfo.utcoffset(self)."),
        NativeDef::method("tzname", "self, /", |vm, args| zone::name(vm, own(vm, args.at(0)).zone.get(), Value::NONE))
            .doc("Return self.tzinfo.tzname(self)."),
        NativeDef::method("dst", "self, /", |vm, args| zone::asked(vm, own(vm, args.at(0)).zone.get(), "dst", Value::NONE))
            .doc("Return self.tzinfo.dst(self)."),
        NativeDef::method("replace", REPLACE, replace).doc("Return time with new specified fields."),
        NativeDef::method("__replace__", REPLACE, replace).doc("The same as replace()."),
        NativeDef::method("__reduce_ex__", "self, proto, /", |vm, args| reduce(vm, args.at(0), vm.index_i64(args.at(1))?))
            .doc("__reduce_ex__(proto) -> (cls, state)"),
        NativeDef::method("__reduce__", "self, /", |vm, args| reduce(vm, args.at(0), 2)).doc("__reduce__() -> (cls, state)"),
    ],
    getset: &[
        GetSetDef::read_only("hour", |vm, value| vm.new_int(own(vm, value).fields.hour.into())),
        GetSetDef::read_only("minute", |vm, value| vm.new_int(own(vm, value).fields.minute.into())),
        GetSetDef::read_only("second", |vm, value| vm.new_int(own(vm, value).fields.second.into())),
        GetSetDef::read_only("microsecond", |vm, value| vm.new_int(own(vm, value).fields.microsecond.into())),
        GetSetDef::read_only("tzinfo", |vm, value| Ok(own(vm, value).zone.get())),
        GetSetDef::read_only("fold", |vm, value| vm.new_int(own(vm, value).fields.fold.into())),
    ],
    ..TypeDef::new("datetime.time", <PyTime as Payload>::LAYOUT)
};

const REPLACE: &str = "self, /, hour=<unrepresentable>, minute=<unrepresentable>, second=<unrepresentable>, microsecond=<unrepresentable>, tzinfo=<unrepresentable>, *, fold=<unrepresentable>";
