//! `datetime`: a day and a time of it. Its arithmetic is in `arithmetic`.

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::clock::{self, Fields, PyTime};
use super::date::{self, PyDate};
use super::{arithmetic, calendar, delta, local, zone};
use crate::args::{c_int, given};
use crate::payload::construct;

/// A moment, with a zone or without.
#[repr(C)]
pub(super) struct PyDateTime {
    pub(super) date: PyDate,
    pub(super) fields: Fields,
    zone: Slot<Value>,
}

impl Trace for PyDateTime {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.zone.get());
    }
}

// SAFETY: repr(C), and what comes first begins with the header.
unsafe impl HeapObject for PyDateTime {}

cinder_vm::layout!(PyDateTime, "datetime.datetime", base PyDate);

impl PyDateTime {
    pub(super) fn zone(&self) -> Value {
        self.zone.get()
    }

    /// Microseconds since the day before the calendar begins, by the clock on the wall.
    pub(super) fn total(&self) -> i128 {
        i128::from(self.date.ordinal()) * delta::DAY + i128::from(self.fields.total())
    }
}

pub(super) fn class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.native_class_with_base(&DATETIME, date::class(vm)?)
}

pub(super) fn own(vm: &Vm, value: Value) -> Gc<PyDateTime> {
    vm.downcast::<PyDateTime>(value).expect("slot of datetime")
}

fn alloc(vm: &Vm, class: Gc<PyType>, parts: (i32, i32, i32), fields: Fields, zone: Value) -> PyResult<Value> {
    date::check(vm, parts)?;
    let zone = zone::check(vm, zone)?;
    let make = |header| PyDateTime { date: PyDate::new(header, parts), fields, zone: Slot::new(zone) };
    Ok(vm.alloc_instance(class, 0, make)?.as_value())
}

/// A moment by calling `class`, which may derive from `datetime`.
pub(super) fn of_class(vm: &Vm, class: Value, parts: (i32, i32, i32), fields: Fields, zone: Value) -> PyResult<Value> {
    if class == self::class(vm)?.as_value() {
        return alloc(vm, self::class(vm)?, parts, fields, zone);
    }
    let number = |number: i64| vm.new_int(number);
    let args = [
        number(parts.0.into())?,
        number(parts.1.into())?,
        number(parts.2.into())?,
        number(fields.hour.into())?,
        number(fields.minute.into())?,
        number(fields.second.into())?,
        number(fields.microsecond.into())?,
        zone,
    ];
    let made = vm.call(class, &args)?;
    if fields.fold == 0 {
        return Ok(made);
    }
    match vm.downcast::<PyDateTime>(made) {
        // The class need not know of the argument.
        Some(moment) => alloc(vm, vm.type_of(made), parts, fields, moment.zone()),
        None => Ok(made),
    }
}

/// A moment some microseconds later, of the same class and zone.
pub(super) fn shifted(vm: &Vm, moment: Value, microseconds: i128) -> PyResult<Value> {
    let own = own(vm, moment);
    let total = own.total() + microseconds;
    let ordinal = total.div_euclid(delta::DAY);
    if !(1..=i128::from(calendar::MAX_ORDINAL)).contains(&ordinal) {
        return Err(vm.overflow_error("date value out of range"));
    }
    let fields = Fields::of_total(total.rem_euclid(delta::DAY) as i64);
    of_class(vm, vm.type_of(moment).as_value(), calendar::from_ordinal(ordinal as i64), fields, own.zone())
}

fn construct_moment(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    if let Some(state) = args.opt(1)
        && args[3..].iter().all(Option::is_none)
        && !vm.is_int(state)
        && let Some(state) =
            date::pickled(vm, state, "datetime", 10)?.filter(|state| (1..=12).contains(&(state[2] & 0x7f)))
    {
        let parts = (i32::from(state[0]) << 8 | i32::from(state[1]), (state[2] & 0x7f).into(), state[3].into());
        let fields = Fields::of_state(&state[4..], state[2] & 0x80 != 0);
        if args.opt(2).is_some_and(|zone| !zone.is_none() && !zone::is_zone(vm, zone)) {
            return Err(vm.type_error("bad tzinfo state arg"));
        }
        let zone = args.opt(2).unwrap_or(Value::NONE);
        let make = |header| PyDateTime { date: PyDate::new(header, parts), fields, zone: Slot::new(zone) };
        return Ok(vm.alloc_instance(class, 0, make)?.as_value());
    }
    let parts = date::required(vm, args)?;
    let part = |index: usize| args.opt(index).map_or(Ok(0), |value| c_int(vm, value));
    let clock = [part(4)?, part(5)?, part(6)?, part(7)?];
    date::check(vm, parts)?;
    let fields = Fields::checked(vm, clock, part(9)?)?;
    alloc(vm, class, parts, fields, args.opt(8).unwrap_or(Value::NONE))
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let moment = own(vm, value);
    let (year, month, day) = moment.date.parts();
    let mut out = format!("{}({year}, {month}, {day}, {}", vm.type_name(value), moment.fields.repr());
    if moment.fields.fold != 0 {
        out += ", fold=1";
    }
    if !moment.zone().is_none() {
        out += &format!(", tzinfo={}", vm.repr_text(moment.zone())?);
    }
    vm.new_str(&(out + ")"))
}

fn from_timestamp(vm: &Vm, class: Value, timestamp: Value, zone: Value) -> PyResult<Value> {
    let zone = zone::check(vm, zone)?;
    let (seconds, microsecond) = local::timestamp(vm, timestamp, false)?;
    let (parts, fields) = local::broken(vm, seconds, zone.is_none())?;
    let fields = Fields { microsecond, ..fields };
    let made = of_class(vm, class, parts, fields, zone)?;
    if zone.is_none() { Ok(made) } else { vm.call_method(zone, vm.intern("fromutc"), &[made]) }
}

fn now(vm: &Vm, class: Value, zone: Value) -> PyResult<Value> {
    let zone = zone::check(vm, zone)?;
    let (seconds, microsecond) = local::now();
    let (parts, fields) = local::broken(vm, seconds, zone.is_none())?;
    let made = of_class(vm, class, parts, Fields { microsecond, ..fields }, zone)?;
    if zone.is_none() { Ok(made) } else { vm.call_method(zone, vm.intern("fromutc"), &[made]) }
}

fn utc_now(vm: &Vm, class: Value, timestamp: Option<Value>, what: &str, instead: &str) -> PyResult<Value> {
    vm.warn_deprecated(&format!(
        "datetime.datetime.{what}() is deprecated and scheduled for removal in a future version. Use timezone-aware objects to \
         represent datetimes in UTC: datetime.datetime.{instead}."
    ))?;
    let (seconds, microsecond) = match timestamp {
        Some(timestamp) => local::timestamp(vm, timestamp, false)?,
        None => local::now(),
    };
    let (parts, fields) = local::broken(vm, seconds, false)?;
    of_class(vm, class, parts, Fields { microsecond, ..fields }, Value::NONE)
}

fn combine(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some(day) = vm.downcast::<PyDate>(args.at(1)) else {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("combine() argument 1 must be datetime.date, not {found}")));
    };
    let Some(time) = vm.downcast::<PyTime>(args.at(2)) else {
        let found = vm.type_name(args.at(2));
        return Err(vm.type_error(format!("combine() argument 2 must be datetime.time, not {found}")));
    };
    let zone = zone::check(vm, args.opt(3).unwrap_or_else(|| time.zone.get()))?;
    of_class(vm, args.at(0), day.parts(), time.fields, zone)
}

fn from_iso(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    use super::iso::Refused;
    if !vm.is_str(args.at(1)) {
        return Err(vm.type_error("fromisoformat: argument must be str"));
    }
    let text = vm.str_text(args.at(1)).into_owned();
    let read = || -> Result<_, Refused> {
        let bytes = text.as_bytes();
        let at = super::iso::separator(bytes);
        let head = bytes.get(..at).filter(|head| head.len() >= 7).ok_or(Refused::Malformed)?;
        let parts = super::iso::date(head)?;
        if bytes.len() == at {
            return Ok((parts, None));
        }
        // Any one character may separate the two.
        let tail = std::str::from_utf8(&bytes[at..]).map_err(|_| Refused::Malformed)?;
        let mut letters = tail.chars();
        letters.next();
        if letters.as_str().is_empty() {
            return Err(Refused::Malformed);
        }
        super::iso::time(letters.as_str().as_bytes()).map(|time| (parts, Some(time)))
    };
    let (mut parts, time) = match read() {
        Ok(found) => found,
        Err(refused) => return Err(super::refused(vm, refused, args.at(1))?),
    };
    let Some(mut time) = time else { return of_class(vm, args.at(0), parts, Fields::default(), Value::NONE) };
    let is_midnight = time.hour == 24;
    if is_midnight {
        if time.minute != 0 || time.second != 0 || time.microsecond != 0 {
            return Err(vm.value_error("minute, second, and microsecond must be 0 when hour is 24"));
        }
        time.hour = 0;
        date::check(vm, parts)?;
        let next = calendar::ordinal(parts.0, parts.1, parts.2) + 1;
        if next > calendar::MAX_ORDINAL {
            return Err(vm.value_error("year must be in 1..9999, not 10000"));
        }
        parts = calendar::from_ordinal(next);
    }
    let (fields, zone) = clock::parsed(vm, &time)?;
    of_class(vm, args.at(0), parts, fields, zone)
}

fn iso_format(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let moment = own(vm, args.at(0));
    let separator = match args.opt(1) {
        None => u32::from('T'),
        Some(text) if vm.as_str(text).is_some_and(|text| text.iter().count() == 1) => {
            vm.as_str(text).and_then(|text| text.iter().next()).unwrap_or(0)
        }
        Some(text) => {
            let found = match vm.as_str(text) {
                Some(text) => format!("a string of length {}", text.iter().count()),
                None => vm.type_name(text),
            };
            return Err(vm.type_error(format!("isoformat() argument 1 must be a unicode character, not {found}")));
        }
    };
    let time = super::format::time_text(vm, moment.fields, args.opt(2))?;
    let offset = zone::ask(vm, moment.zone(), "utcoffset", args.at(0))?;
    let offset = offset.map(|offset| zone::offset_text(offset, ":")).unwrap_or_default();
    let mut out: Vec<u32> = date::iso_text(moment.date.parts()).chars().map(u32::from).collect();
    // It may be a lone surrogate.
    out.push(separator);
    out.extend(time.chars().chain(offset.chars()).map(u32::from));
    vm.new_str_points(&out)
}

fn replace(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let moment = own(vm, args.at(0));
    let ((year, month, day), fields) = (moment.date.parts(), moment.fields);
    let part = |index: usize, old: i64| args.opt(index).map_or(Ok(old as i32), |value| c_int(vm, value));
    let parts = (part(1, year.into())?, part(2, month.into())?, part(3, day.into())?);
    let clock = [
        part(4, fields.hour.into())?,
        part(5, fields.minute.into())?,
        part(6, fields.second.into())?,
        part(7, fields.microsecond.into())?,
    ];
    let fold = part(9, fields.fold.into())?;
    let zone = zone::check(vm, args.opt(8).unwrap_or_else(|| moment.zone()))?;
    date::check(vm, parts)?;
    of_class(vm, vm.type_of(args.at(0)).as_value(), parts, Fields::checked(vm, clock, fold)?, zone)
}

fn time_tuple(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let moment = own(vm, args.at(0));
    let summer = match zone::ask(vm, moment.zone(), "dst", args.at(0))? {
        None => -1,
        Some(summer) => i32::from(summer != 0),
    };
    local::struct_time(vm, &moment.date, moment.fields, summer)
}

fn utc_time_tuple(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let offset = zone::ask(vm, own(vm, args.at(0)).zone(), "utcoffset", args.at(0))?;
    let total = own(vm, args.at(0)).total() - i128::from(offset.unwrap_or(0));
    let ordinal = total.div_euclid(delta::DAY);
    if !(1..=i128::from(calendar::MAX_ORDINAL)).contains(&ordinal) {
        return Err(vm.overflow_error("date value out of range"));
    }
    let day = date::exact(vm, calendar::from_ordinal(ordinal as i64))?;
    local::struct_time(vm, &date::own(vm, day), Fields::of_total(total.rem_euclid(delta::DAY) as i64), 0)
}

fn as_time_zone(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let moment = args.at(0);
    let wanted = given(args.opt(1));
    if let Some(wanted) = wanted {
        zone::check(vm, wanted)?;
    }
    let zone = own(vm, moment).zone();
    if wanted == Some(zone) {
        return Ok(moment);
    }
    let offset = match zone::ask(vm, zone, "utcoffset", moment)? {
        Some(offset) => offset,
        // A moment without zone is local.
        None => {
            let local = arithmetic::local_zone_of(vm, moment)?;
            if wanted == Some(local) {
                return arithmetic::with_zone(vm, moment, local);
            }
            zone::ask(vm, local, "utcoffset", moment)?.unwrap_or(0)
        }
    };
    let utc = arithmetic::with_zone(vm, shifted(vm, moment, -i128::from(offset))?, zone::utc(vm)?)?;
    let wanted = match wanted {
        Some(wanted) => wanted,
        None => arithmetic::local_zone_at(vm, utc)?,
    };
    vm.call_method(wanted, vm.intern("fromutc"), &[arithmetic::with_zone(vm, utc, wanted)?])
}

fn reduce(vm: &Vm, value: Value, protocol: i64) -> PyResult<Value> {
    let moment = own(vm, value);
    let mut state = [&moment.date.state()[..], &moment.fields.state()].concat();
    if protocol > 3 && moment.fields.fold != 0 {
        state[2] |= 0x80;
    }
    let state = vm.new_bytes(&state)?;
    let arguments =
        if moment.zone().is_none() { vm.new_tuple(&[state])? } else { vm.new_tuple(&[state, moment.zone()])? };
    vm.new_tuple(&[vm.type_of(value).as_value(), arguments])
}

const REPLACE: &str = "self, /, year=<unrepresentable>, month=<unrepresentable>, day=<unrepresentable>, hour=<unrepresentable>, minute=<unrepresentable>, second=<unrepresentable>, microsecond=<unrepresentable>, tzinfo=<unrepresentable>, *, fold=<unrepresentable>";

pub(super) static DATETIME: TypeDef = TypeDef {
    doc: "A combination of a date and a time.\n\nThe year, month and day arguments are required. tzinfo may be None, or an\ninstance of a tzinfo subclass. The remaining arguments may be ints.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method(
                "datetime",
                "cls, year=<unrepresentable>, month=<unrepresentable>, day=<unrepresentable>, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0",
                construct_moment,
            );
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        repr: Some(repr),
        str: Some(|vm, value| vm.call_method(value, vm.intern("isoformat"), &[vm.intern(" ")])),
        hash: Some(arithmetic::hash),
        compare: Some(arithmetic::compare),
        binary: {
            let mut binary = Slots::NONE.binary;
            binary[cinder_bytecode::BinaryOp::Add as usize] = Some(arithmetic::add);
            binary[cinder_bytecode::BinaryOp::Subtract as usize] = Some(arithmetic::subtract);
            binary
        },
        ..Slots::NONE
    },
    methods: &[
        NativeDef::class_method("now", "cls, /, tz=None", |vm, args| now(vm, args.at(0), args.opt(1).unwrap_or(Value::NONE)))
            .doc("Returns new datetime object representing current time local to tz.\n\n  tz\n    Timezone object.\n\nIf no tz is specified, uses local timezone."),
        NativeDef::class_method("utcnow", "cls, /", |vm, args| utc_now(vm, args.at(0), None, "utcnow", "now(datetime.UTC)"))
            .doc("Return a new datetime representing UTC day and time."),
        NativeDef::class_method("fromtimestamp", "cls, timestamp, tz=None", |vm, args| {
            from_timestamp(vm, args.at(0), args.at(1), args.opt(2).unwrap_or(Value::NONE))
        })
        .doc("timestamp[, tz] -> tz's local time from POSIX timestamp."),
        NativeDef::class_method("utcfromtimestamp", "cls, timestamp, /", |vm, args| {
            utc_now(vm, args.at(0), Some(args.at(1)), "utcfromtimestamp", "fromtimestamp(timestamp, datetime.UTC)")
        })
        .doc("Construct a naive UTC datetime from a POSIX timestamp."),
        NativeDef::class_method("strptime", "cls, string, format, /", |vm, args| super::parse_time(vm, args, "datetime"))
            .doc("string, format -> new datetime parsed from a string (like time.strptime())."),
        NativeDef::class_method("combine", "cls, date, time, tzinfo=<unrepresentable>", combine)
            .doc("date, time -> datetime with same date and time fields"),
        NativeDef::class_method("fromisoformat", "cls, string, /", from_iso)
            .doc("string -> datetime from a string in most ISO 8601 formats"),
        NativeDef::method("date", "self, /", |vm, args| date::exact(vm, own(vm, args.at(0)).date.parts()))
            .doc("Return date object with same year, month and day."),
        NativeDef::method("time", "self, /", |vm, args| {
            clock::alloc(vm, clock::class(vm)?, own(vm, args.at(0)).fields, Value::NONE)
        })
        .doc("Return time object with same time but with tzinfo=None."),
        NativeDef::method("timetz", "self, /", |vm, args| {
            let moment = own(vm, args.at(0));
            clock::alloc(vm, clock::class(vm)?, moment.fields, moment.zone())
        })
        .doc("Return time object with same time and tzinfo."),
        NativeDef::method("ctime", "self, /", |vm, args| {
            let moment = own(vm, args.at(0));
            let Fields { hour, minute, second, .. } = moment.fields;
            vm.new_str(&date::c_text(&moment.date, (hour, minute, second)))
        })
        .doc("Return ctime() style string."),
        NativeDef::method("timetuple", "self, /", time_tuple)
            .doc("Return time tuple, compatible with time.localtime()."),
        NativeDef::method("timestamp", "self, /", |vm, args| arithmetic::timestamp(vm, args.at(0)))
            .doc("Return POSIX timestamp as float."),
        NativeDef::method("utctimetuple", "self, /", utc_time_tuple)
            .doc("Return UTC time tuple, compatible with time.localtime()."),
        NativeDef::method("isoformat", "self, /, sep='T', timespec='auto'", iso_format)
            .doc("[sep] -> string in ISO 8601 format, YYYY-MM-DDT[HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\nsep is used to separate the year from the time, and defaults to 'T'.\nThe optional argument timespec specifies the number of additional terms\nof the time to include. Valid options are 'auto', 'hours', 'minutes',\n'seconds', 'milliseconds' and 'microseconds'."),
        NativeDef::method("utcoffset", "self, /", |vm, args| {
            zone::asked(vm, own(vm, args.at(0)).zone(), "utcoffset", args.at(0))
        })
        .doc("Return self.tzinfo.utcoffset(self)."),
        NativeDef::method("tzname", "self, /", |vm, args| zone::name(vm, own(vm, args.at(0)).zone(), args.at(0)))
            .doc("Return self.tzinfo.tzname(self)."),
        NativeDef::method("dst", "self, /", |vm, args| zone::asked(vm, own(vm, args.at(0)).zone(), "dst", args.at(0)))
            .doc("Return self.tzinfo.dst(self)."),
        NativeDef::method("replace", REPLACE, replace).doc("Return datetime with new specified fields."),
        NativeDef::method("__replace__", REPLACE, replace).doc("The same as replace()."),
        NativeDef::method("astimezone", "self, /, tz=None", as_time_zone).doc("tz -> convert to local time in new timezone tz"),
        NativeDef::method("__reduce_ex__", "self, proto, /", |vm, args| reduce(vm, args.at(0), vm.index_i64(args.at(1))?))
            .doc("__reduce_ex__(proto) -> (cls, state)"),
        NativeDef::method("__reduce__", "self, /", |vm, args| reduce(vm, args.at(0), 2)).doc("__reduce__() -> (cls, state)"),
    ],
    getset: &[
        GetSetDef::read_only("hour", |vm, value| vm.new_int(own(vm, value).fields.hour.into())),
        GetSetDef::read_only("minute", |vm, value| vm.new_int(own(vm, value).fields.minute.into())),
        GetSetDef::read_only("second", |vm, value| vm.new_int(own(vm, value).fields.second.into())),
        GetSetDef::read_only("microsecond", |vm, value| vm.new_int(own(vm, value).fields.microsecond.into())),
        GetSetDef::read_only("tzinfo", |vm, value| Ok(own(vm, value).zone())),
        GetSetDef::read_only("fold", |vm, value| vm.new_int(own(vm, value).fields.fold.into())),
    ],
    ..TypeDef::new("datetime.datetime", <PyDateTime as Payload>::LAYOUT)
};
