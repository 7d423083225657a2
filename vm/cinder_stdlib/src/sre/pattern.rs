//! `re.Pattern`: a compiled pattern, and the loops over matches.

use std::cell::{Cell, OnceCell};

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::str_::{Chars, PyStr};
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};
use rustpython_sre_engine::{Request, State, StrDrive};
use rustpython_wtf8::{CodePoint, Wtf8Buf};
use smallvec::SmallVec;

use super::machine::{self, Scratch, Unit, Wish};
use super::matching;
use super::program::{self, Program};
use crate::args::given;

/// Payload of a compiled pattern.
#[repr(C)]
pub(super) struct PyPattern {
    header: Header,
    pattern: Slot<Value>,
    pub(super) group_index: Slot<Value>,
    pub(super) index_group: Slot<Value>,
    flags: u32,
    pub(super) groups: usize,
    code: Box<[u32]>,
    /// The code as a program, made at first use; `None` when it needs the general engine.
    program: OnceCell<Option<Program>>,
    scratch: Cell<Scratch>,
    /// For bytes; `None` is a pattern that was made without text.
    is_bytes: Option<bool>,
}

impl Trace for PyPattern {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.pattern.get());
        tracer.visit(self.group_index.get());
        tracer.visit(self.index_group.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyPattern {}

cinder_vm::layout!(PyPattern, "re.Pattern");

impl PyPattern {
    fn program(&self) -> Option<&Program> {
        self.program.get_or_init(|| program::translate(&self.code)).as_ref()
    }
}

pub(super) fn pattern(vm: &Vm, value: Value) -> Gc<PyPattern> {
    vm.downcast::<PyPattern>(value).expect("method of this class")
}

/// `_sre.compile`: a pattern from the code that `re._compiler` made.
pub(super) fn compile(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut code = Vec::new();
    let words = vm.as_list(args.at(2)).filter(|words| words.items.values().iter().all(|word| word.is_int()));
    match words {
        Some(words) => code.extend(words.items.values().iter().map(|word| word.as_int() as u32)),
        None => vm.for_each(args.at(2), |word| {
            code.push(vm.index_i64(word)? as u32);
            Ok(())
        })?,
    }
    let flags = vm.index_i64(args.at(1))? as u32;
    let groups = vm.index_i64(args.at(3))? as usize;
    let text = args.at(0);
    let is_bytes = if text.is_none() { None } else { Some(!vm.is_str(text)) };
    let class = vm.native_class(&PATTERN)?;
    let made = vm.alloc_instance(class, 0, |header| PyPattern {
        header,
        pattern: Slot::new(text),
        group_index: Slot::new(args.at(4)),
        index_group: Slot::new(args.at(5)),
        flags,
        groups,
        code: code.into(),
        program: OnceCell::new(),
        scratch: Cell::default(),
        is_bytes,
    })?;
    Ok(made.as_value())
}

/// What is searched.
pub(super) enum Subject {
    /// Bytes, or a text of Latin-1 characters: content of the object, which the caller keeps alive and which never moves.
    Narrow(*const u8, usize),
    /// Texts of wider characters, likewise.
    Two(*const u16, usize),
    Four(*const u32, usize),
    Owned(Vec<u8>),
    /// As WTF-8 for the general engine: lone surrogates have their place.
    Wide(Wtf8Buf, usize),
}

impl Subject {
    fn new(vm: &Vm, pattern: Gc<PyPattern>, string: Value) -> PyResult<Subject> {
        if let Some(text) = vm.as_str(string) {
            if pattern.is_bytes == Some(true) {
                return Err(vm.type_error("cannot use a bytes pattern on a string-like object"));
            }
            return Ok(match text.chars() {
                Chars::One(bytes) => Subject::Narrow(bytes.as_ptr(), bytes.len()),
                _ if pattern.program().is_none() => Subject::Wide(wide(&text), text.len()),
                Chars::Two(units) => Subject::Two(units.as_ptr(), units.len()),
                Chars::Four(points) => Subject::Four(points.as_ptr(), points.len()),
            });
        }
        if vm.type_of(string).slots().buffer.is_none() && vm.as_bytes(string).is_none() {
            let found = vm.type_name(string);
            return Err(vm.type_error(format!("expected string or bytes-like object, got '{found}'")));
        }
        if pattern.is_bytes == Some(false) {
            return Err(vm.type_error("cannot use a string pattern on a bytes-like object"));
        }
        if let Some(bytes) = vm.as_bytes(string) {
            let bytes = bytes.as_slice();
            return Ok(Subject::Narrow(bytes.as_ptr(), bytes.len()));
        }
        Ok(Subject::Owned(vm.with_bytes(string, <[u8]>::to_vec)?))
    }

    fn len(&self) -> usize {
        match self {
            Subject::Narrow(_, len) | Subject::Two(_, len) | Subject::Four(_, len) | Subject::Wide(_, len) => *len,
            Subject::Owned(bytes) => bytes.len(),
        }
    }
}

/// The text as WTF-8 of as many code points.
fn wide(text: &PyStr) -> Wtf8Buf {
    let is_lead = |c: u32| (0xd800..0xdc00).contains(&c);
    let is_trail = |c: u32| (0xdc00..0xe000).contains(&c);
    let points: Vec<u32> = text.iter().collect();
    let has_surrogate = points.iter().any(|c| is_lead(*c) || is_trail(*c));
    // WTF-8 would make one code point of two surrogates side by side.
    if !has_surrogate || points.windows(2).any(|pair| is_lead(pair[0]) && is_trail(pair[1])) {
        return Wtf8Buf::from_string(text.to_text().into_owned());
    }
    points.into_iter().filter_map(CodePoint::from_u32).collect()
}

/// How a match must lie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Search,
    Match,
    Full,
}

/// Where a match lies: start and end of the whole and of each group (-1 for none), and the last group matched.
pub(super) struct Hit {
    pub(super) spans: SmallVec<[(i64, i64); 4]>,
    pub(super) last_index: i64,
}

impl Hit {
    fn start(&self) -> usize {
        self.spans[0].0 as usize
    }

    fn end(&self) -> usize {
        self.spans[0].1 as usize
    }
}

fn run_on<S: StrDrive>(
    pattern: &PyPattern,
    subject: S,
    start: usize,
    end: usize,
    mode: Mode,
    must_advance: bool,
) -> Option<Hit> {
    let mut request = Request::new(subject, start, end, &pattern.code, mode == Mode::Full);
    request.must_advance = must_advance;
    let mut state = State::default();
    let found = if mode == Mode::Search { state.search(request) } else { state.py_match(&request) };
    if !found {
        return None;
    }
    let mut spans = SmallVec::with_capacity(pattern.groups + 1);
    spans.push((state.start as i64, state.cursor.position as i64));
    for group in 0..pattern.groups {
        let (start, end) = state.marks.get(group);
        spans.push(match (start.into_option(), end.into_option()) {
            (Some(start), Some(end)) => (start as i64, end as i64),
            _ => (-1, -1),
        });
    }
    Some(Hit { spans, last_index: state.marks.last_index() as i64 })
}

fn run(
    pattern: Gc<PyPattern>,
    subject: &Subject,
    start: usize,
    end: usize,
    mode: Mode,
    must_advance: bool,
) -> Option<Hit> {
    let wish = Wish { start, end, is_full: mode == Mode::Full, must_advance };
    // SAFETY: the content lies inline in an object that the caller holds; it neither moves nor changes.
    unsafe {
        match (subject, pattern.program()) {
            (Subject::Narrow(data, len), Some(program)) => {
                run_program(&pattern, program, std::slice::from_raw_parts(*data, *len), wish, mode)
            }
            (Subject::Two(data, len), Some(program)) => {
                run_program(&pattern, program, std::slice::from_raw_parts(*data, *len), wish, mode)
            }
            (Subject::Four(data, len), Some(program)) => {
                run_program(&pattern, program, std::slice::from_raw_parts(*data, *len), wish, mode)
            }
            (Subject::Owned(bytes), Some(program)) => run_program(&pattern, program, bytes.as_slice(), wish, mode),
            (Subject::Narrow(data, len), None) => {
                run_on(&pattern, std::slice::from_raw_parts(*data, *len), start, end, mode, must_advance)
            }
            (Subject::Owned(bytes), None) => run_on(&pattern, bytes.as_slice(), start, end, mode, must_advance),
            (Subject::Wide(text, _), _) => run_on(&pattern, &**text, start, end, mode, must_advance),
            (Subject::Two(..) | Subject::Four(..), None) => unreachable!("such texts are made for programs"),
        }
    }
}

fn run_program<T: Unit>(pattern: &PyPattern, program: &Program, text: &[T], wish: Wish, mode: Mode) -> Option<Hit> {
    let mut scratch = pattern.scratch.take();
    let found = machine::find(program, pattern.groups, text, wish, mode == Mode::Search, &mut scratch);
    let hit = found.map(|found| {
        let mut spans = SmallVec::with_capacity(pattern.groups + 1);
        spans.push((found.start as i64, found.end as i64));
        spans.extend(scratch.marks.chunks_exact(2).map(|marks| match *marks {
            [usize::MAX, _] | [_, usize::MAX] => (-1, -1),
            [start, end] => (start as i64, end as i64),
            _ => unreachable!("chunks of two"),
        }));
        Hit { spans, last_index: found.last_group }
    });
    scratch.shrink();
    pattern.scratch.set(scratch);
    hit
}

/// `pos` and `endpos` as places in the subject.
fn bounds(vm: &Vm, subject: &Subject, start: Option<Value>, end: Option<Value>) -> PyResult<(usize, usize)> {
    let len = subject.len();
    let place = |value: Option<Value>, default: usize| -> PyResult<usize> {
        let Some(value) = value else { return Ok(default) };
        Ok((vm.index_clamped(value)?.max(0) as usize).min(len))
    };
    Ok((place(start, 0)?, place(end, len)?))
}

fn single(vm: &Vm, args: &[Arg], mode: Mode) -> PyResult<Value> {
    let pattern = pattern(vm, args.at(0));
    let subject = Subject::new(vm, pattern, args.at(1))?;
    let (start, end) = bounds(vm, &subject, args.opt(2), args.opt(3))?;
    let hit = if start > end { None } else { run(pattern, &subject, start, end, mode, false) };
    match hit {
        Some(hit) => matching::new(vm, pattern, args.at(1), start, end, hit),
        None => Ok(Value::NONE),
    }
}

/// Calls `each` for every match in order.
fn each_hit(
    pattern: Gc<PyPattern>,
    subject: &Subject,
    (start, end): (usize, usize),
    mut each: impl FnMut(Hit) -> PyResult<bool>,
) -> PyResult<()> {
    let (mut at, mut must_advance) = (start, false);
    while at <= end {
        let Some(hit) = run(pattern, subject, at, end, Mode::Search, must_advance) else { break };
        must_advance = hit.end() == hit.start();
        at = hit.end();
        if !each(hit)? {
            break;
        }
    }
    Ok(())
}

/// A piece of the subject.
pub(super) fn slice(vm: &Vm, string: Value, start: i64, end: i64) -> PyResult<Value> {
    let (start, end) = (start.max(0) as usize, end.max(0) as usize);
    if let Some(text) = vm.as_str(string) {
        return vm.str_slice(text, start.min(text.len()), end.min(text.len()));
    }
    let piece = vm.with_bytes(string, |bytes| bytes[start.min(bytes.len())..end.min(bytes.len())].to_vec())?;
    vm.new_bytes(&piece)
}

fn findall(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (pattern, string) = (pattern(vm, args.at(0)), args.at(1));
    let subject = Subject::new(vm, pattern, string)?;
    let range = bounds(vm, &subject, args.opt(2), args.opt(3))?;
    let found = vm.new_list(&[])?;
    each_hit(pattern, &subject, range, |hit| {
        let piece = |group: usize| slice(vm, string, hit.spans[group].0, hit.spans[group].1);
        let item = match pattern.groups {
            0 | 1 => piece(pattern.groups)?,
            groups => {
                let mut row = ValueVec::<[Value; 8]>::new();
                for group in 1..=groups {
                    row.push(piece(group)?);
                }
                vm.new_tuple(&row)?
            }
        };
        vm.list_append(found, item)?;
        Ok(true)
    })?;
    Ok(found)
}

fn finditer(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // All matches are found at once: the subject cannot change, and a match costs little.
    let (pattern, string) = (pattern(vm, args.at(0)), args.at(1));
    let subject = Subject::new(vm, pattern, string)?;
    let range = bounds(vm, &subject, args.opt(2), args.opt(3))?;
    let found = vm.new_list(&[])?;
    each_hit(pattern, &subject, range, |hit| {
        let item = matching::new(vm, pattern, string, range.0, range.1, hit)?;
        vm.list_append(found, item)?;
        Ok(true)
    })?;
    vm.iter(found)
}

fn split(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (pattern, string) = (pattern(vm, args.at(0)), args.at(1));
    let most = match args.opt(2) {
        Some(most) => vm.index_i64(most)?,
        None => 0,
    };
    let subject = Subject::new(vm, pattern, string)?;
    let parts = vm.new_list(&[])?;
    let (mut last, mut count) = (0, 0);
    if most >= 0 {
        each_hit(pattern, &subject, (0, subject.len()), |hit| {
            vm.list_append(parts, slice(vm, string, last, hit.spans[0].0)?)?;
            for span in &hit.spans[1..] {
                let group = if span.0 < 0 { Value::NONE } else { slice(vm, string, span.0, span.1)? };
                vm.list_append(parts, group)?;
            }
            last = hit.spans[0].1;
            count += 1;
            Ok(most == 0 || count < most)
        })?;
    }
    vm.list_append(parts, slice(vm, string, last, subject.len() as i64)?)?;
    Ok(parts)
}

/// What replaces a match.
enum Replacement {
    Literal(Value),
    /// Literals and group numbers in turn.
    Template(Value),
    Call(Value),
}

fn replacement(vm: &Vm, pattern: Gc<PyPattern>, given: Value) -> PyResult<Replacement> {
    if vm.is_callable(given) {
        return Ok(Replacement::Call(given));
    }
    let has_escape = match vm.as_str(given) {
        Some(text) => text.iter().any(|c| c == u32::from('\\')),
        None => vm.with_bytes(given, |bytes| bytes.contains(&b'\\'))?,
    };
    if !has_escape {
        return Ok(Replacement::Literal(given));
    }
    let re = vm.import("re")?;
    let compile = vm.getattr_text(re, "_compile_template")?;
    Ok(Replacement::Template(vm.call(compile, &[pattern.as_value(), given])?))
}

/// Appends the text of a template to `parts`.
pub(super) fn expand(vm: &Vm, template: Value, string: Value, spans: &[(i64, i64)], parts: Value) -> PyResult<()> {
    vm.for_each(template, |item| {
        let Some(group) = vm.int_to_i64(item).filter(|_| vm.is_int(item)) else { return vm.list_append(parts, item) };
        match spans.get(group as usize) {
            Some(span) if span.0 >= 0 => vm.list_append(parts, slice(vm, string, span.0, span.1)?),
            Some(_) => Ok(()),
            None => Err(vm.index_error("no such group")),
        }
    })
}

/// The pieces joined: a str, or bytes when the subject is bytes-like.
pub(super) fn join(vm: &Vm, string: Value, parts: Value) -> PyResult<Value> {
    let separator = if vm.is_str(string) { vm.names.empty } else { vm.new_bytes(b"")? };
    vm.call_method(separator, vm.intern("join"), &[parts])
}

fn substitute(vm: &Vm, args: &[Arg]) -> PyResult<(Value, usize)> {
    let (pattern, string) = (pattern(vm, args.at(0)), args.at(2));
    let most = match args.opt(3) {
        Some(most) => vm.index_i64(most)?,
        None => 0,
    };
    let subject = Subject::new(vm, pattern, string)?;
    let with = replacement(vm, pattern, args.at(1))?;
    let parts = vm.new_list(&[])?;
    let (mut last, mut count) = (0i64, 0usize);
    if most >= 0 {
        each_hit(pattern, &subject, (0, subject.len()), |hit| {
            let (start, end) = hit.spans[0];
            if last < start {
                vm.list_append(parts, slice(vm, string, last, start)?)?;
            }
            last = end;
            count += 1;
            match with {
                Replacement::Literal(text) => vm.list_append(parts, text)?,
                Replacement::Template(template) => expand(vm, template, string, &hit.spans, parts)?,
                Replacement::Call(function) => {
                    let found = matching::new(vm, pattern, string, 0, subject.len(), hit)?;
                    let text = vm.call(function, &[found])?;
                    if !text.is_none() {
                        vm.list_append(parts, text)?;
                    }
                }
            }
            Ok(most == 0 || (count as i64) < most)
        })?;
    }
    if count == 0 && vm.is_exact_str(string) {
        return Ok((string, 0));
    }
    if last < subject.len() as i64 {
        vm.list_append(parts, slice(vm, string, last, subject.len() as i64)?)?;
    }
    Ok((join(vm, string, parts)?, count))
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    const NAMES: &[(u32, &str)] = &[
        (2, "re.IGNORECASE"),
        (4, "re.LOCALE"),
        (8, "re.MULTILINE"),
        (16, "re.DOTALL"),
        (64, "re.VERBOSE"),
        (128, "re.DEBUG"),
        (256, "re.ASCII"),
    ];
    let pattern = pattern(vm, value);
    let mut flags = pattern.flags;
    if pattern.is_bytes == Some(false) {
        // The default of text patterns is not shown.
        flags &= !32;
    }
    let mut shown: Vec<String> = Vec::new();
    for (bit, name) in NAMES {
        if flags & bit != 0 {
            shown.push((*name).to_owned());
            flags &= !bit;
        }
    }
    if flags != 0 {
        shown.push(format!("{flags:#x}"));
    }
    let text: String = vm.repr_text(pattern.pattern.get())?.chars().take(200).collect();
    let flags = if shown.is_empty() { String::new() } else { format!(", {}", shown.join("|")) };
    vm.new_str(&format!("re.compile({text}{flags})"))
}

pub(super) static PATTERN: TypeDef = TypeDef {
    doc: "Compiled regular expression object.",
    flags: type_flags::NO_NEW | type_flags::HAS_WEAKREF,
    slots: Slots {
        repr: Some(repr),
        hash: Some(|vm, value| {
            let pattern = pattern(vm, value);
            Ok(vm.hash(pattern.pattern.get())? ^ i64::from(pattern.flags) << 8)
        }),
        compare: Some(|vm, a, b, op| {
            use cinder_bytecode::CompareOp;
            let (Some(left), Some(right)) = (vm.downcast::<PyPattern>(a), vm.downcast::<PyPattern>(b)) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
                return Ok(Value::NOT_IMPLEMENTED);
            }
            let same = a == b
                || left.flags == right.flags
                    && left.is_bytes == right.is_bytes
                    && left.code == right.code
                    && vm.eq(left.pattern.get(), right.pattern.get())?;
            Ok(Value::from_bool(same == (op == CompareOp::Eq)))
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("match", "self, /, string, pos=0, endpos=9223372036854775807", |vm, args| {
            single(vm, args, Mode::Match)
        }),
        NativeDef::method("fullmatch", "self, /, string, pos=0, endpos=9223372036854775807", |vm, args| {
            single(vm, args, Mode::Full)
        }),
        NativeDef::method("search", "self, /, string, pos=0, endpos=9223372036854775807", |vm, args| {
            single(vm, args, Mode::Search)
        }),
        NativeDef::method("findall", "self, /, string, pos=0, endpos=9223372036854775807", findall),
        NativeDef::method("finditer", "self, /, string, pos=0, endpos=9223372036854775807", finditer),
        NativeDef::method("split", "self, /, string, maxsplit=0", split),
        NativeDef::method("sub", "self, /, repl, string, count=0", |vm, args| {
            substitute(vm, args).map(|(text, _)| text)
        }),
        NativeDef::method("subn", "self, /, repl, string, count=0", |vm, args| {
            let (text, count) = substitute(vm, args)?;
            let count = vm.new_uint(count)?;
            vm.new_tuple(&[text, count])
        }),
        NativeDef::method("scanner", "self, /, string, pos=0, endpos=9223372036854775807", |vm, args| {
            matching::scanner(vm, args.at(0), args.at(1), given(args.opt(2)))
        }),
        NativeDef::method("__copy__", "self, /", |_, args| Ok(args.at(0))),
        NativeDef::method("__deepcopy__", "self, memo, /", |_, args| Ok(args.at(0))),
        NativeDef::class_method("__class_getitem__", "cls, item, /", |vm, args| {
            vm.new_generic_alias(args.at(0), args.at(1))
        }),
    ],
    getset: &[
        GetSetDef::read_only("pattern", |vm, value| Ok(pattern(vm, value).pattern.get())),
        GetSetDef::read_only("flags", |vm, value| vm.new_int(pattern(vm, value).flags.into())),
        GetSetDef::read_only("groups", |vm, value| vm.new_uint(pattern(vm, value).groups)),
        GetSetDef::read_only("groupindex", |vm, value| vm.new_mapping_proxy(pattern(vm, value).group_index.get())),
    ],
    ..TypeDef::new("re.Pattern", <PyPattern as Payload>::LAYOUT)
};

/// One match from `start` on, for scanners; whether the last match was empty decides if this one may be.
pub(super) fn step(
    vm: &Vm,
    pattern: Gc<PyPattern>,
    string: Value,
    start: usize,
    mode: Mode,
    must_advance: bool,
) -> PyResult<Option<(Value, usize, bool)>> {
    let subject = Subject::new(vm, pattern, string)?;
    let end = subject.len();
    if start > end {
        return Ok(None);
    }
    let Some(hit) = run(pattern, &subject, start, end, mode, must_advance) else { return Ok(None) };
    let (from, to) = (hit.start(), hit.end());
    Ok(Some((matching::new(vm, pattern, string, 0, end, hit)?, to, from == to)))
}
