//! `re.Match`: where a match lies; and scanners.

use std::cell::Cell;

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::pattern::{self, Hit, Mode, PyPattern, slice};

/// Payload of a match; the spans of the whole and of the groups follow, -1 for none.
#[repr(C)]
pub(super) struct PyMatch {
    header: Header,
    /// Number of spans.
    len: usize,
    pattern: Slot<Value>,
    string: Slot<Value>,
    start: usize,
    end: usize,
    last_index: i64,
}

type Span = (i64, i64);

impl PyMatch {
    fn spans(&self) -> &[Span] {
        // SAFETY: `len` spans follow the struct, written when the match was made; they never change.
        unsafe { std::slice::from_raw_parts((&raw const *self).wrapping_add(1).cast(), self.len) }
    }
}

impl Trace for PyMatch {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.pattern.get());
        tracer.visit(self.string.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyMatch {}

cinder_vm::layout!(
    PyMatch,
    "re.Match",
    items | object | {
        // SAFETY: called for objects of this layout only.
        size_of::<PyMatch>() + unsafe { &*object.cast::<PyMatch>() }.len * size_of::<Span>()
    }
);

/// A match object; `start` and `end` are the searched range.
pub(super) fn new(
    vm: &Vm,
    pattern: Gc<PyPattern>,
    string: Value,
    start: usize,
    end: usize,
    hit: Hit,
) -> PyResult<Value> {
    let class = vm.native_class(&MATCH)?;
    let len = hit.spans.len();
    let made = vm.alloc_instance(class, len * size_of::<Span>(), |header| PyMatch {
        header,
        len,
        pattern: Slot::new(pattern.as_value()),
        string: Slot::new(string),
        start,
        end,
        last_index: hit.last_index,
    })?;
    // SAFETY: room for so many spans was reserved behind the struct, and nothing else knows the object yet.
    unsafe { made.tail::<Span>().as_ptr().copy_from_nonoverlapping(hit.spans.as_ptr(), len) };
    Ok(made.as_value())
}

fn found(vm: &Vm, value: Value) -> Gc<PyMatch> {
    vm.downcast::<PyMatch>(value).expect("method of this class")
}

fn pattern_of(vm: &Vm, found: Gc<PyMatch>) -> Gc<PyPattern> {
    pattern::pattern(vm, found.pattern.get())
}

/// Number of a group given by number or name. Errors: IndexError.
fn group_number(vm: &Vm, found: Gc<PyMatch>, group: Value) -> PyResult<usize> {
    let number = if vm.type_of(group).slots().index.is_some() {
        vm.int_to_i64(vm.index(group)?)
    } else {
        let names = pattern_of(vm, found).group_index.get();
        match vm.as_dict(names) {
            Some(names) => vm.dict_get(names, group)?.and_then(|number| vm.int_to_i64(number)),
            None => None,
        }
    };
    match number.and_then(|number| usize::try_from(number).ok()) {
        Some(number) if number < found.spans().len() => Ok(number),
        _ => Err(vm.index_error("no such group")),
    }
}

fn text(vm: &Vm, found: Gc<PyMatch>, group: usize, default: Value) -> PyResult<Value> {
    match found.spans()[group] {
        (-1, _) => Ok(default),
        (start, end) => slice(vm, found.string.get(), start, end),
    }
}

fn group(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let found = found(vm, args.at(0));
    match *vm.tuple_items(args.at(1)) {
        [] => text(vm, found, 0, Value::NONE),
        [one] => text(vm, found, group_number(vm, found, one)?, Value::NONE),
        ref several => {
            let mut row = ValueVec::<[Value; 8]>::new();
            for group in several {
                row.push(text(vm, found, group_number(vm, found, *group)?, Value::NONE)?);
            }
            vm.new_tuple(&row)
        }
    }
}

fn groups(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let found = found(vm, args.at(0));
    let mut row = ValueVec::<[Value; 8]>::new();
    for group in 1..found.spans().len() {
        row.push(text(vm, found, group, args.opt(1).unwrap_or(Value::NONE))?);
    }
    vm.new_tuple(&row)
}

fn groupdict(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let found = found(vm, args.at(0));
    let out = vm.new_dict()?;
    let names = pattern_of(vm, found).group_index.get();
    let Some(names) = vm.as_dict(names) else { return Ok(out) };
    for number in 0..names.entry_count() {
        if let Some((name, group)) = names.entry(number) {
            let group = group_number(vm, found, group)?;
            let value = text(vm, found, group, args.opt(1).unwrap_or(Value::NONE))?;
            vm.dict_set(out, name, value)?;
        }
    }
    Ok(out)
}

fn span(vm: &Vm, args: &[Arg]) -> PyResult<(i64, i64)> {
    let found = found(vm, args.at(0));
    let group = match args.opt(1) {
        Some(group) => group_number(vm, found, group)?,
        None => 0,
    };
    Ok(found.spans()[group])
}

fn pair(vm: &Vm, (start, end): (i64, i64)) -> PyResult<Value> {
    let (start, end) = (vm.new_int(start)?, vm.new_int(end)?);
    vm.new_tuple(&[start, end])
}

fn expand(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let found = found(vm, args.at(0));
    let re = vm.import("re")?;
    let compile = vm.getattr_text(re, "_compile_template")?;
    let template = vm.call(compile, &[found.pattern.get(), args.at(1)])?;
    let parts = vm.new_list(&[])?;
    pattern::expand(vm, template, found.string.get(), found.spans(), parts)?;
    pattern::join(vm, found.string.get(), parts)
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let found = found(vm, value);
    let (start, end) = found.spans()[0];
    let shown = vm.repr_text(text(vm, found, 0, Value::NONE)?)?;
    let shown: String = shown.chars().take(50).collect();
    vm.new_str(&format!("<re.Match object; span=({start}, {end}), match={shown}>"))
}

pub(super) static MATCH: TypeDef = TypeDef {
    doc: "The result of re.match() and re.search().\nMatch objects always have a boolean value of True.",
    flags: type_flags::NO_NEW,
    slots: Slots {
        repr: Some(repr),
        getitem: Some(|vm, value, group| {
            let found = found(vm, value);
            text(vm, found, group_number(vm, found, group)?, Value::NONE)
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("group", "self, /, *args", group),
        NativeDef::method("groups", "self, /, default=None", groups),
        NativeDef::method("groupdict", "self, /, default=None", groupdict),
        NativeDef::method("start", "self, group=0, /", |vm, args| vm.new_int(span(vm, args)?.0)),
        NativeDef::method("end", "self, group=0, /", |vm, args| vm.new_int(span(vm, args)?.1)),
        NativeDef::method("span", "self, group=0, /", |vm, args| pair(vm, span(vm, args)?)),
        NativeDef::method("expand", "self, /, template", expand),
        NativeDef::method("__copy__", "self, /", |_, args| Ok(args.at(0))),
        NativeDef::method("__deepcopy__", "self, memo, /", |_, args| Ok(args.at(0))),
        NativeDef::class_method("__class_getitem__", "cls, item, /", |vm, args| {
            vm.new_generic_alias(args.at(0), args.at(1))
        }),
    ],
    getset: &[
        GetSetDef::read_only("string", |vm, value| Ok(found(vm, value).string.get())),
        GetSetDef::read_only("re", |vm, value| Ok(found(vm, value).pattern.get())),
        GetSetDef::read_only("pos", |vm, value| vm.new_uint(found(vm, value).start)),
        GetSetDef::read_only("endpos", |vm, value| vm.new_uint(found(vm, value).end)),
        GetSetDef::read_only("lastindex", |vm, value| match found(vm, value).last_index {
            index if index >= 1 => vm.new_int(index),
            _ => Ok(Value::NONE),
        }),
        GetSetDef::read_only("lastgroup", |vm, value| {
            let found = found(vm, value);
            let names = pattern_of(vm, found).index_group.get();
            let Ok(index) = usize::try_from(found.last_index) else { return Ok(Value::NONE) };
            Ok(vm.as_tuple(names).and_then(|_| vm.tuple_items(names).get(index).copied()).unwrap_or(Value::NONE))
        }),
        GetSetDef::read_only("regs", |vm, value| {
            let mut row = ValueVec::<[Value; 8]>::new();
            for span in found(vm, value).spans() {
                row.push(pair(vm, *span)?);
            }
            vm.new_tuple(&row)
        }),
    ],
    ..TypeDef::new("re.Match", <PyMatch as Payload>::LAYOUT)
};

/// Payload of a scanner: where the next match may start.
#[repr(C)]
struct PyScanner {
    header: Header,
    pattern: Slot<Value>,
    string: Slot<Value>,
    position: Cell<usize>,
    must_advance: Cell<bool>,
}

impl Trace for PyScanner {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.pattern.get());
        tracer.visit(self.string.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyScanner {}

cinder_vm::layout!(PyScanner, "_sre.SRE_Scanner");

/// `pattern.scanner(string, pos)`.
pub(super) fn scanner(vm: &Vm, pattern: Value, string: Value, start: Option<Value>) -> PyResult<Value> {
    let start = match start {
        Some(start) => vm.index_clamped(start)?.max(0) as usize,
        None => 0,
    };
    let class = vm.native_class(&SCANNER)?;
    let made = vm.alloc_instance(class, 0, |header| PyScanner {
        header,
        pattern: Slot::new(pattern),
        string: Slot::new(string),
        position: Cell::new(start),
        must_advance: Cell::new(false),
    })?;
    Ok(made.as_value())
}

fn scan(vm: &Vm, args: &[Arg], mode: Mode) -> PyResult<Value> {
    let scanner = vm.downcast::<PyScanner>(args.at(0)).expect("method of this class");
    let of = pattern::pattern(vm, scanner.pattern.get());
    let (start, must_advance) = (scanner.position.get(), scanner.must_advance.get());
    match pattern::step(vm, of, scanner.string.get(), start, mode, must_advance)? {
        Some((found, end, was_empty)) => {
            scanner.position.set(end);
            scanner.must_advance.set(was_empty);
            Ok(found)
        }
        None => {
            scanner.position.set(usize::MAX);
            Ok(Value::NONE)
        }
    }
}

static SCANNER: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    methods: &[
        NativeDef::method("match", "self, /", |vm, args| scan(vm, args, Mode::Match)),
        NativeDef::method("search", "self, /", |vm, args| scan(vm, args, Mode::Search)),
    ],
    getset: &[GetSetDef::read_only("pattern", |vm, value| {
        Ok(vm.downcast::<PyScanner>(value).expect("attribute of this class").pattern.get())
    })],
    ..TypeDef::new("_sre.SRE_Scanner", <PyScanner as Payload>::LAYOUT)
};
