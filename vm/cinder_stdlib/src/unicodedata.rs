//! `unicodedata`: the Unicode database, in the current version and as it was in 3.2 (for IDNA).
//!
//! Idea: two-stage tables per version over one list of records; decompositions in one ordered table, Hangul syllables by arithmetic.
//! Tables: tools/unicodedata_tables.py asks CPython, so both speak the same version. Names come from `rustpython-unicode`, which may know a
//! later version: a character that the tables do not know has no name. Source: Modules/unicodedata.c, Unicode Standard Annex 15.

#[rustfmt::skip]
mod generated;
mod normal;

use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, GetSetDef, ModuleDef, NativeDef, PyResult, Value, Vm};
use rustpython_unicode::LookupResult;

use crate::payload::plain_payload;
use generated::{
    CATEGORIES, DECOMPOSITIONS, DIRECTIONS, NEW_BLOCKS, NEW_PLACES, OLD_BLOCKS, OLD_PLACES, POINTS, RECORDS, SHIFT,
    TAGS, VERSION, WIDTHS,
};

/// What is known about a code point.
struct Record {
    category: u8,
    direction: u8,
    width: u8,
    combining: u8,
    mirrored: bool,
    /// 255 for none, as `digit`.
    decimal: u8,
    digit: u8,
    /// NaN for none.
    numeric: f64,
}

impl Record {
    #[expect(clippy::too_many_arguments, reason = "rows of a generated table")]
    const fn new(
        category: u8,
        direction: u8,
        width: u8,
        combining: u8,
        mirrored: bool,
        decimal: u8,
        digit: u8,
        numeric: f64,
    ) -> Record {
        Record { category, direction, width, combining, mirrored, decimal, digit, numeric }
    }
}

/// Code point, number of the tag, whether the pair composes again, start in [`POINTS`], length.
type Decomposition = (u32, u8, bool, u16, u8);

/// Which version is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    New,
    Old,
}

fn record(version: Version, point: u32) -> &'static Record {
    let (blocks, places): (&[u16], &[u16]) = match version {
        Version::New => (&NEW_BLOCKS, &NEW_PLACES),
        Version::Old => (&OLD_BLOCKS, &OLD_PLACES),
    };
    let block = usize::from(blocks[(point >> SHIFT) as usize]);
    &RECORDS[usize::from(places[(block << SHIFT) + (point & ((1 << SHIFT) - 1)) as usize])]
}

impl Version {
    /// Whether the version has this character.
    fn has(self, point: u32) -> bool {
        record(self, point).category != 0
    }
}

fn find_decomposition(point: u32) -> Option<&'static Decomposition> {
    DECOMPOSITIONS.binary_search_by_key(&point, |entry| entry.0).ok().map(|at| &DECOMPOSITIONS[at])
}

fn parts(entry: &Decomposition) -> &'static [u32] {
    &POINTS[usize::from(entry.3)..][..usize::from(entry.4)]
}

/// The one character of argument `at`, which messages call `place`.
fn character(vm: &Vm, args: &[Arg], at: usize, function: &str, place: &str) -> PyResult<u32> {
    let value = args.at(at);
    match vm.as_str(value) {
        Some(text) if text.len() == 1 => Ok(text.char_at(0)),
        Some(text) => {
            let len = text.len();
            let place = if place.is_empty() { "argument".to_owned() } else { format!("argument {place}") };
            Err(vm
                .type_error(format!("{function}(): {place} must be a unicode character, not a string of length {len}")))
        }
        None => {
            let found = vm.type_name(value);
            let place = if place.is_empty() { "argument".to_owned() } else { format!("argument {place}") };
            Err(vm.type_error(format!("{function}() {place} must be a unicode character, not {found}")))
        }
    }
}

/// A property with a default: what it is, the default, or ValueError.
fn or_default(vm: &Vm, found: Option<Value>, default: Option<Value>, message: &str) -> PyResult<Value> {
    found.or(default).ok_or_else(|| vm.value_error(message))
}

fn category(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let point = character(vm, args, 0, "category", "")?;
    Ok(vm.intern(CATEGORIES[usize::from(record(version, point).category)]))
}

fn bidirectional(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let point = character(vm, args, 0, "bidirectional", "")?;
    Ok(vm.intern(DIRECTIONS[usize::from(record(version, point).direction)]))
}

fn east_asian_width(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let point = character(vm, args, 0, "east_asian_width", "")?;
    Ok(vm.intern(WIDTHS[usize::from(record(version, point).width)]))
}

fn combining(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let point = character(vm, args, 0, "combining", "")?;
    vm.new_int(i64::from(record(version, point).combining))
}

fn mirrored(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let point = character(vm, args, 0, "mirrored", "")?;
    vm.new_int(i64::from(record(version, point).mirrored))
}

fn small_number(vm: &Vm, number: u8) -> PyResult<Option<Value>> {
    if number == 255 { Ok(None) } else { vm.new_int(i64::from(number)).map(Some) }
}

fn decimal(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let point = character(vm, args, 0, "decimal", "1")?;
    or_default(vm, small_number(vm, record(version, point).decimal)?, args.opt(1), "not a decimal")
}

fn digit(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let point = character(vm, args, 0, "digit", "1")?;
    or_default(vm, small_number(vm, record(version, point).digit)?, args.opt(1), "not a digit")
}

fn numeric(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let point = character(vm, args, 0, "numeric", "1")?;
    let number = record(version, point).numeric;
    let found = if number.is_nan() { None } else { Some(vm.new_float(number)?) };
    or_default(vm, found, args.opt(1), "not a numeric character")
}

fn decomposition(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let point = character(vm, args, 0, "decomposition", "")?;
    if !version.has(point) {
        return vm.new_str("");
    }
    if let Some(syllable) = normal::hangul_parts(point) {
        let text: Vec<String> = syllable.into_iter().flatten().map(|part| format!("{part:04X}")).collect();
        return vm.new_str(&text.join(" "));
    }
    let Some(entry) = find_decomposition(point) else { return vm.new_str("") };
    let mut text = TAGS[usize::from(entry.1)].to_owned();
    for part in parts(entry) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&format!("{part:04X}"));
    }
    vm.new_str(&text)
}

/// Whether CPython 3.14 knows this kind of name: it computes those of Hangul and Han characters only.
fn has_name(name: &str) -> bool {
    !name.get(..17).is_some_and(|start| start.eq_ignore_ascii_case("TANGUT IDEOGRAPH-"))
}

fn name(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let point = character(vm, args, 0, "name", "1")?;
    let known = char::from_u32(point).filter(|_| version.has(point));
    let found = known.and_then(rustpython_unicode::character_name).filter(|name| has_name(name));
    let found = found.map(|name| vm.new_str(&name)).transpose()?;
    or_default(vm, found, args.opt(1), "no such name")
}

fn lookup(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let name = crate::args::text(vm, args.at(0), "lookup() argument")?;
    let found = match rustpython_unicode::lookup_name(&name) {
        Some(LookupResult::Character(c)) if version.has(u32::from(c)) && has_name(&name) => Some(c.to_string()),
        Some(LookupResult::Sequence(text))
            if version == Version::New && text.chars().all(|c| version.has(u32::from(c))) =>
        {
            Some(text.to_string())
        }
        _ => None,
    };
    match found {
        Some(text) => vm.new_str(&text),
        None => {
            let message = vm.new_str(&format!("undefined character name '{name}'"))?;
            Err(vm.key_error(message))
        }
    }
}

fn normalize(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let form = form(vm, args.at(0), "normalize")?;
    let Some(text) = vm.as_str(args.at(1)) else {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("normalize() argument 2 must be str, not {found}")));
    };
    if text.is_ascii() {
        return vm.str_slice_exact(text);
    }
    let points: Vec<u32> = text.iter().collect();
    let normal = normal::normalize(version, form, &points);
    if normal == points { vm.str_slice_exact(text) } else { vm.new_str_points(&normal) }
}

fn is_normalized(vm: &Vm, version: Version, args: &[Arg]) -> PyResult<Value> {
    let form = form(vm, args.at(0), "is_normalized")?;
    let Some(text) = vm.as_str(args.at(1)) else {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("is_normalized() argument 2 must be str, not {found}")));
    };
    let points: Vec<u32> = text.iter().collect();
    Ok(Value::from_bool(text.is_ascii() || normal::normalize(version, form, &points) == points))
}

fn form(vm: &Vm, value: Value, function: &str) -> PyResult<normal::Form> {
    let name = crate::args::text(vm, value, &format!("{function}() argument 1"))?;
    let (compose, compatible) = match name.as_str() {
        "NFC" => (true, false),
        "NFKC" => (true, true),
        "NFD" => (false, false),
        "NFKD" => (false, true),
        _ => return Err(vm.value_error("invalid normalization form")),
    };
    Ok(normal::Form { compose, compatible })
}

/// `database!("name" "parameters" function; ..)`: each function for the module and as a method of the old version's object.
macro_rules! database {
    ($($name:literal $signature:literal $function:ident;)*) => {
        static FUNCTIONS: &[NativeDef] =
            &[$(NativeDef::function($name, $signature, |vm, args| $function(vm, Version::New, args))),*];
        static METHODS: &[NativeDef] = &[$(NativeDef::method(
            $name,
            concat!("self, ", $signature),
            |vm, args| $function(vm, Version::Old, &args[1..]),
        )),*];
    };
}

database! {
    "bidirectional" "chr, /" bidirectional;
    "category" "chr, /" category;
    "combining" "chr, /" combining;
    "decimal" "chr, default=None, /" decimal;
    "decomposition" "chr, /" decomposition;
    "digit" "chr, default=None, /" digit;
    "east_asian_width" "chr, /" east_asian_width;
    "is_normalized" "form, unistr, /" is_normalized;
    "lookup" "name, /" lookup;
    "mirrored" "chr, /" mirrored;
    "name" "chr, default=None, /" name;
    "normalize" "form, unistr, /" normalize;
    "numeric" "chr, default=None, /" numeric;
}

/// Payload of `ucd_3_2_0`.
#[repr(C)]
struct PyOldDatabase {
    header: Header,
}

plain_payload!(PyOldDatabase, "unicodedata.UCD");

static UCD: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    methods: METHODS,
    getset: &[GetSetDef::member("unidata_version", |vm, _| vm.new_str("3.2.0"))],
    ..TypeDef::new("unicodedata.UCD", <PyOldDatabase as Payload>::LAYOUT)
};

pub(crate) static UNICODEDATA: ModuleDef = ModuleDef {
    doc: "This module provides access to the Unicode Character Database which defines character properties for all Unicode characters.",
    functions: FUNCTIONS,
    setup: Some(|vm, dict| {
        let class = vm.add_class(dict, &UCD)?;
        let old = vm.alloc_instance(class, 0, |header| PyOldDatabase { header })?;
        vm.set_item_text(dict, "ucd_3_2_0", old.as_value())?;
        vm.set_item_text(dict, "unidata_version", vm.new_str(VERSION)?)
    }),
    ..ModuleDef::new("unicodedata")
};
