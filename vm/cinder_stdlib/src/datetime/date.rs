//! `date`, and `IsoCalendarDate`, which its `isocalendar` gives.

use cinder_bytecode::{BinaryOp, CompareOp};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::tuple::PyTuple;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::{calendar, delta, moment};
use crate::args::c_int;
use crate::payload::construct;

/// A day.
#[repr(C)]
pub(super) struct PyDate {
    header: Header,
    year: u16,
    month: u8,
    day: u8,
}

crate::payload::plain_payload!(PyDate, "datetime.date");

impl PyDate {
    /// `year`, `month` and `day` are in the calendar.
    pub(super) fn new(header: Header, (year, month, day): (i32, i32, i32)) -> PyDate {
        PyDate { header, year: year as u16, month: month as u8, day: day as u8 }
    }

    pub(super) fn parts(&self) -> (i32, i32, i32) {
        (self.year.into(), self.month.into(), self.day.into())
    }

    pub(super) fn ordinal(&self) -> i64 {
        let (year, month, day) = self.parts();
        calendar::ordinal(year, month, day)
    }

    fn weekday(&self) -> i32 {
        let (year, month, day) = self.parts();
        calendar::weekday(year, month, day)
    }

    pub(super) fn state(&self) -> [u8; 4] {
        [(self.year >> 8) as u8, self.year as u8, self.month, self.day]
    }
}

pub(super) fn class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.native_class(&DATE)
}

pub(super) fn own(vm: &Vm, value: Value) -> Gc<PyDate> {
    vm.downcast::<PyDate>(value).expect("slot of date")
}

/// Errors: ValueError for what is not in the calendar.
pub(super) fn check(vm: &Vm, (year, month, day): (i32, i32, i32)) -> PyResult<()> {
    if !(calendar::MIN_YEAR..=calendar::MAX_YEAR).contains(&year) {
        return Err(vm.value_error(format!("year must be in 1..9999, not {year}")));
    }
    if !(1..=12).contains(&month) {
        return Err(vm.value_error(format!("month must be in 1..12, not {month}")));
    }
    let days = calendar::days_in_month(year, month);
    if !(1..=days).contains(&day) {
        let place = format!("for month {month} in year {year}");
        return Err(vm.value_error(format!("day {day} must be in range 1..{days} {place}")));
    }
    Ok(())
}

/// A date of the class itself, whatever it is.
fn alloc(vm: &Vm, class: Gc<PyType>, parts: (i32, i32, i32)) -> PyResult<Value> {
    check(vm, parts)?;
    Ok(vm.alloc_instance(class, 0, |header| PyDate::new(header, parts))?.as_value())
}

/// A date of exactly this class.
pub(super) fn exact(vm: &Vm, parts: (i32, i32, i32)) -> PyResult<Value> {
    alloc(vm, class(vm)?, parts)
}

/// A date by calling `class`, as class methods and arithmetic of subclasses do.
fn of_class(vm: &Vm, class: Value, parts: (i32, i32, i32)) -> PyResult<Value> {
    if class == self::class(vm)?.as_value() {
        return exact(vm, parts);
    }
    let number = |number: i32| vm.new_int(number.into());
    vm.call(class, &[number(parts.0)?, number(parts.1)?, number(parts.2)?])
}

/// The bytes of a pickle: bytes, or a str as Python 2 wrote them.
pub(super) fn pickled(vm: &Vm, value: Value, kind: &str, count: usize) -> PyResult<Option<Vec<u8>>> {
    if vm.type_of(value) == vm.types.bytes {
        return vm.with_bytes(value, |bytes| (bytes.len() == count).then(|| bytes.to_vec()));
    }
    let Some(text) = vm.as_str(value).filter(|text| text.iter().count() == count) else { return Ok(None) };
    let bytes: Option<Vec<u8>> = text.iter().map(|point| u8::try_from(point).ok()).collect();
    if bytes.is_none() {
        return Err(vm.value_error(format!(
            "Failed to encode latin1 string when unpickling a {kind} object. pickle.load(data, encoding='latin1') is assumed."
        )));
    }
    Ok(bytes)
}

fn missing(vm: &Vm, name: &str, position: usize) -> cinder_vm::Raised {
    vm.type_error(format!("function missing required argument '{name}' (pos {position})"))
}

/// Year, month and day of a constructor's arguments.
pub(super) fn required(vm: &Vm, args: &[Arg]) -> PyResult<(i32, i32, i32)> {
    let part = |index: usize, name: &str| -> PyResult<i32> {
        let value = args.opt(index).ok_or_else(|| missing(vm, name, index))?;
        c_int(vm, value)
    };
    Ok((part(1, "year")?, part(2, "month")?, part(3, "day")?))
}

fn construct_date(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    if let (Some(state), None) = (args.opt(1), args.opt(2))
        && let Some(state) = pickled(vm, state, "date", 4)?.filter(|state| (1..=12).contains(&state[2]))
    {
        // Nothing but the month is looked at, as in CPython.
        let parts = (i32::from(state[0]) << 8 | i32::from(state[1]), state[2].into(), state[3].into());
        return Ok(vm.alloc_instance(class, 0, |header| PyDate::new(header, parts))?.as_value());
    }
    alloc(vm, class, required(vm, args)?)
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let is_moment = |value| vm.downcast::<moment::PyDateTime>(value).is_some();
    match (vm.downcast::<PyDate>(a), vm.downcast::<PyDate>(b)) {
        (Some(left), Some(right)) if !is_moment(a) && !is_moment(b) => {
            Ok(Value::from_bool(super::holds(op, left.parts().cmp(&right.parts()))))
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// A date some days later, of the same class.
fn later(vm: &Vm, date: Value, days: i64) -> PyResult<Value> {
    let ordinal = own(vm, date).ordinal() + days;
    if !(1..=calendar::MAX_ORDINAL).contains(&ordinal) {
        return Err(vm.overflow_error("date value out of range"));
    }
    of_class(vm, vm.type_of(date).as_value(), calendar::from_ordinal(ordinal))
}

fn whole_days(delta: Gc<delta::PyDelta>) -> i64 {
    delta.total().div_euclid(delta::DAY) as i64
}

fn add(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let (date, other) = if vm.downcast::<PyDate>(a).is_some() { (a, b) } else { (b, a) };
    if vm.downcast::<moment::PyDateTime>(date).is_some() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    match (vm.downcast::<PyDate>(date), delta::of(vm, other)) {
        (Some(_), Some(delta)) => later(vm, date, whole_days(delta)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn subtract(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let is_moment = |value| vm.downcast::<moment::PyDateTime>(value).is_some();
    if is_moment(a) || is_moment(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let Some(left) = vm.downcast::<PyDate>(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let Some(right) = vm.downcast::<PyDate>(b) {
        return delta::new(vm, i128::from(left.ordinal() - right.ordinal()) * delta::DAY);
    }
    match delta::of(vm, b) {
        Some(delta) => later(vm, a, -whole_days(delta)),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn from_timestamp(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (seconds, _) = super::local::timestamp(vm, args.at(1), true)?;
    let local = super::local::fields_of(vm, seconds, true)?;
    of_class(vm, args.at(0), (local.tm_year.saturating_add(1900), local.tm_mon + 1, local.tm_mday))
}

fn from_ordinal(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let ordinal = c_int(vm, args.at(1))?;
    if ordinal < 1 {
        return Err(vm.value_error("ordinal must be >= 1"));
    }
    of_class(vm, args.at(0), calendar::from_ordinal(ordinal.into()))
}

fn from_iso(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    if !vm.is_str(args.at(1)) {
        return Err(vm.type_error("fromisoformat: argument must be str"));
    }
    let text = vm.str_text(args.at(1));
    match super::iso::date(text.as_bytes()) {
        Ok(parts) => of_class(vm, args.at(0), parts),
        Err(refused) => Err(super::refused(vm, refused, args.at(1))?),
    }
}

fn from_iso_calendar(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let part = |index: usize| match c_int(vm, args.at(index)) {
        Err(raised) if vm.pending_matches(vm.exceptions.OverflowError) => {
            vm.take_exception(raised);
            Err(vm.value_error("ISO calendar component out of range"))
        }
        part => part,
    };
    let (year, week, day) = (part(1)?, part(2)?, part(3)?);
    use calendar::IsoProblem as P;
    match calendar::from_iso_calendar(year, week, day) {
        Ok(ordinal) => of_class(vm, args.at(0), calendar::from_ordinal(ordinal)),
        Err(P::Year) => Err(vm.value_error(format!("year must be in 1..9999, not {year}"))),
        Err(P::Week) => Err(vm.value_error(format!("Invalid week: {week}"))),
        Err(P::Day) => Err(vm.value_error(format!("Invalid weekday: {day} (range is [1, 7])"))),
    }
}

fn iso_calendar(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (year, month, day) = own(vm, args.at(0)).parts();
    let (year, week, weekday) = calendar::iso_calendar(year, month, day);
    let number = |number: i32| vm.new_int(number.into());
    let class = vm.native_class_with_base(&ISO_CALENDAR_DATE, vm.types.tuple)?;
    let items = vm.new_tuple(&[number(year)?, number(week)?, number(weekday)?])?;
    let new = vm.types.tuple.slots().new.expect("tuple has a constructor");
    new(vm, class, &[items], None)
}

fn replace(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (year, month, day) = own(vm, args.at(0)).parts();
    let part = |index: usize, old: i32| args.opt(index).map_or(Ok(old), |value| c_int(vm, value));
    of_class(vm, vm.type_of(args.at(0)).as_value(), (part(1, year)?, part(2, month)?, part(3, day)?))
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let (year, month, day) = own(vm, value).parts();
    vm.new_str(&format!("{}({year}, {month}, {day})", vm.type_name(value)))
}

/// `2020-01-31`.
pub(super) fn iso_text((year, month, day): (i32, i32, i32)) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

/// `Wed Jan  1 00:00:00 2020`.
pub(super) fn c_text(date: &PyDate, (hour, minute, second): (u8, u8, u8)) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = date.parts();
    let (weekday, month) = (DAYS[date.weekday() as usize], MONTHS[month as usize - 1]);
    format!("{weekday} {month} {day:2} {hour:02}:{minute:02}:{second:02} {year:04}")
}

pub(super) static DATE: TypeDef = TypeDef {
    doc: "Concrete date type.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method(
                "date",
                "cls, year=<unrepresentable>, month=<unrepresentable>, day=<unrepresentable>",
                construct_date,
            );
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        repr: Some(repr),
        str: Some(|vm, value| vm.call_method(value, vm.intern("isoformat"), &[])),
        hash: Some(|vm, value| vm.hash(vm.new_bytes(&own(vm, value).state())?)),
        compare: Some(compare),
        binary: {
            let mut binary = Slots::NONE.binary;
            binary[BinaryOp::Add as usize] = Some(add);
            binary[BinaryOp::Subtract as usize] = Some(subtract);
            binary
        },
        ..Slots::NONE
    },
    methods: &[
        NativeDef::class_method("fromtimestamp", "cls, timestamp, /", from_timestamp)
            .doc("Create a date from a POSIX timestamp.\n\nThe timestamp is a number, e.g. created via time.time(), that is interpreted\nas local time."),
        NativeDef::class_method("today", "cls, /", |vm, args| {
            let now = vm.call_method(vm.import("time")?, vm.intern("time"), &[])?;
            vm.call_method(args.at(0), vm.intern("fromtimestamp"), &[now])
        })
        .doc("Current date or datetime: same as self.__class__.fromtimestamp(time.time())."),
        NativeDef::class_method("fromordinal", "cls, ordinal, /", from_ordinal)
            .doc("int -> date corresponding to a proleptic Gregorian ordinal."),
        NativeDef::class_method("fromisoformat", "cls, string, /", from_iso)
            .doc("str -> Construct a date from a string in ISO 8601 format."),
        NativeDef::class_method("fromisocalendar", "cls, year, week, day", from_iso_calendar)
            .doc("int, int, int -> Construct a date from the ISO year, week number and weekday.\n\nThis is the inverse of the function date.isocalendar()"),
        NativeDef::class_method("strptime", "cls, string, format, /", |vm, args| super::parse_time(vm, args, "date"))
            .doc("string, format -> new date parsed from a string (like time.strptime())."),
        NativeDef::method("ctime", "self, /", |vm, args| vm.new_str(&c_text(&own(vm, args.at(0)), (0, 0, 0))))
            .doc("Return ctime() style string."),
        NativeDef::method("strftime", "self, format", |vm, args| super::format::strftime(vm, args.at(0), args.at(1)))
            .doc("format -> strftime() style string."),
        NativeDef::method("__format__", "self, format, /", |vm, args| super::format::format(vm, args.at(0), args.at(1)))
            .doc("Formats self with strftime."),
        NativeDef::method("isoformat", "self, /", |vm, args| vm.new_str(&iso_text(own(vm, args.at(0)).parts())))
            .doc("Return string in ISO 8601 format, YYYY-MM-DD."),
        NativeDef::method("isoweekday", "self, /", |vm, args| vm.new_int((own(vm, args.at(0)).weekday() + 1).into()))
            .doc("Return the day of the week represented by the date.\nMonday == 1 ... Sunday == 7"),
        NativeDef::method("isocalendar", "self, /", iso_calendar)
            .doc("Return a named tuple containing ISO year, week number, and weekday."),
        NativeDef::method("timetuple", "self, /", |vm, args| {
            super::local::struct_time(vm, &own(vm, args.at(0)), super::clock::Fields::default(), -1)
        })
        .doc("Return time tuple, compatible with time.localtime()."),
        NativeDef::method("toordinal", "self, /", |vm, args| vm.new_int(own(vm, args.at(0)).ordinal()))
            .doc("Return proleptic Gregorian ordinal.  January 1 of year 1 is day 1."),
        NativeDef::method("weekday", "self, /", |vm, args| vm.new_int(own(vm, args.at(0)).weekday().into()))
            .doc("Return the day of the week represented by the date.\nMonday == 0 ... Sunday == 6"),
        NativeDef::method("replace", "self, /, year=<unrepresentable>, month=<unrepresentable>, day=<unrepresentable>", replace)
            .doc("Return date with new specified fields."),
        NativeDef::method("__replace__", "self, /, *, year=<unrepresentable>, month=<unrepresentable>, day=<unrepresentable>", replace)
            .doc("The same as replace()."),
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let state = vm.new_tuple(&[vm.new_bytes(&own(vm, args.at(0)).state())?])?;
            vm.new_tuple(&[vm.type_of(args.at(0)).as_value(), state])
        })
        .doc("__reduce__() -> (cls, state)"),
    ],
    getset: &[
        GetSetDef::read_only("year", |vm, value| vm.new_int(own(vm, value).year.into())),
        GetSetDef::read_only("month", |vm, value| vm.new_int(own(vm, value).month.into())),
        GetSetDef::read_only("day", |vm, value| vm.new_int(own(vm, value).day.into())),
    ],
    ..TypeDef::new("datetime.date", <PyDate as Payload>::LAYOUT)
};

fn item<const INDEX: usize>(vm: &Vm, value: Value) -> PyResult<Value> {
    Ok(vm.tuple_items(value)[INDEX])
}

static ISO_CALENDAR_DATE: TypeDef = TypeDef {
    doc: "The result of date.isocalendar() or datetime.isocalendar()\n\nThis object may be accessed either as a tuple of\n  ((year, week, weekday))\nor via the object attributes as named in the above tuple.",
    slots: Slots {
        repr: Some(|vm, value| {
            let part = |index: usize| vm.repr_text(vm.tuple_items(value)[index]);
            let (year, week, weekday) = (part(0)?, part(1)?, part(2)?);
            vm.new_str(&format!("{}(year={year}, week={week}, weekday={weekday})", vm.type_name(value)))
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "self, /", |vm, args| {
        let plain = vm.new_tuple(vm.tuple_items(args.at(0)))?;
        vm.new_tuple(&[vm.types.tuple.as_value(), vm.new_tuple(&[plain])?])
    })],
    getset: &[
        GetSetDef::read_only("year", item::<0>),
        GetSetDef::read_only("week", item::<1>),
        GetSetDef::read_only("weekday", item::<2>),
    ],
    ..TypeDef::new("datetime.IsoCalendarDate", <PyTuple as Payload>::LAYOUT)
};
