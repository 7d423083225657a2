//! `StringIO`: a text stream in memory, one code point per element.

use std::cell::{Cell, RefCell};

use cinder_heap::{HeapObject, Trace, Tracer};
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::str_::{Chars, PyStr};
use cinder_vm::types::type_::TypeDef;
use cinder_vm::{ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::base::{FLAGS, PyIo};
use super::text::{Newline, newline_argument};
use crate::args::given;

/// Payload: content and position, in code points.
#[repr(C)]
struct PyStringIo {
    base: PyIo,
    content: RefCell<Vec<u32>>,
    position: Cell<usize>,
    newline: Cell<Newline>,
    /// Which ends of lines were written while that is noted: bits of [`SEEN`].
    seen: Cell<u8>,
}

/// Ends of lines in the order in which `newlines` shows them.
const SEEN: [&str; 3] = ["\r", "\n", "\r\n"];

impl Trace for PyStringIo {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyStringIo {}

cinder_vm::layout!(PyStringIo, "_io.StringIO", base PyIo);

/// The stream, when it is open. Errors: ValueError.
fn stream(vm: &Vm, value: Value) -> PyResult<Gc<PyStringIo>> {
    let stream = vm.downcast::<PyStringIo>(value).expect("method of this class");
    if stream.base.closed.get() { Err(vm.value_error("I/O operation on closed file")) } else { Ok(stream) }
}

const LF: u32 = '\n' as u32;
const CR: u32 = '\r' as u32;

impl PyStringIo {
    fn take(&self, len: usize) -> Vec<u32> {
        let content = self.content.borrow();
        let start = self.position.get().min(content.len());
        let end = start.saturating_add(len).min(content.len());
        if end > start {
            self.position.set(end);
        }
        content[start..end].to_vec()
    }

    fn line_len(&self, limit: usize) -> usize {
        let content = self.content.borrow();
        let rest = &content[self.position.get().min(content.len())..];
        let end = match self.newline.get() {
            Newline::Universal | Newline::Lf => rest.iter().position(|c| *c == LF).map(|at| at + 1),
            Newline::Empty => rest.iter().position(|c| *c == LF || *c == CR).map(|at| {
                let is_pair = rest[at] == CR && rest.get(at + 1) == Some(&LF);
                at + 1 + usize::from(is_pair)
            }),
            Newline::Cr => rest.iter().position(|c| *c == CR).map(|at| at + 1),
            Newline::CrLf => rest.windows(2).position(|pair| pair == [CR, LF]).map(|at| at + 2),
        };
        end.unwrap_or(rest.len()).min(limit)
    }

    /// Stores text as written under the newline mode.
    fn write(&self, text: &PyStr) {
        let mut content = self.content.borrow_mut();
        if matches!(self.newline.get(), Newline::Lf) && self.position.get() == content.len() {
            match text.chars() {
                Chars::One(bytes) => content.extend(bytes.iter().map(|byte| u32::from(*byte))),
                Chars::Two(units) => content.extend(units.iter().map(|unit| u32::from(*unit))),
                Chars::Four(points) => content.extend_from_slice(points),
            }
            self.position.set(content.len());
            return;
        }
        let mut points: Vec<u32> = text.iter().collect();
        if matches!(self.newline.get(), Newline::Universal | Newline::Empty) {
            self.seen.set(self.seen.get() | ends_of(&points));
        }
        match self.newline.get() {
            Newline::Universal => translate(&mut points),
            Newline::Cr => points.iter_mut().filter(|c| **c == LF).for_each(|c| *c = CR),
            Newline::CrLf => {
                points = points.into_iter().flat_map(|c| if c == LF { vec![CR, LF] } else { vec![c] }).collect()
            }
            Newline::Empty | Newline::Lf => {}
        }
        if points.is_empty() {
            return;
        }
        let start = self.position.get();
        if start > content.len() {
            content.resize(start, 0);
        }
        let over = points.len().min(content.len() - start);
        content[start..start + over].copy_from_slice(&points[..over]);
        content.extend_from_slice(&points[over..]);
        self.position.set(start + points.len());
    }
}

/// Which ends of lines there are: a bit for each of [`SEEN`].
fn ends_of(points: &[u32]) -> u8 {
    let mut seen = 0;
    for (index, point) in points.iter().enumerate() {
        seen |= match *point {
            CR if points.get(index + 1) == Some(&LF) => 4,
            CR => 1,
            LF if index == 0 || points[index - 1] != CR => 2,
            _ => 0,
        };
    }
    seen
}

/// `\r\n` and `\r` become `\n`.
fn translate(points: &mut Vec<u32>) {
    if !points.contains(&CR) {
        return;
    }
    let mut out = Vec::with_capacity(points.len());
    for (index, c) in points.iter().enumerate() {
        match *c {
            CR => out.push(LF),
            LF if index > 0 && points[index - 1] == CR => {}
            c => out.push(c),
        }
    }
    *points = out;
}

fn size(vm: &Vm, value: Option<Value>) -> PyResult<usize> {
    match given(value) {
        Some(size) => Ok(usize::try_from(vm.index_i64(size)?).unwrap_or(usize::MAX)),
        None => Ok(usize::MAX),
    }
}

static INIT: NativeDef = NativeDef::method("StringIO", "self, initial_value='', newline='\\n'", |vm, args| {
    let stream = vm.downcast::<PyStringIo>(args.at(0)).expect("method of this class");
    let newline = match args.opt(2) {
        Some(newline) => newline_argument(vm, given(Some(newline)))?,
        None => Newline::Lf,
    };
    stream.newline.set(newline);
    stream.seen.set(0);
    stream.content.take();
    stream.position.set(0);
    if let Some(initial) = given(args.opt(1)) {
        let Some(text) = vm.as_str(initial) else {
            return Err(vm.type_error(format!("initial_value must be str or None, not {}", vm.type_name(initial))));
        };
        stream.write(&text);
        stream.position.set(0);
    }
    Ok(Value::NONE)
});

fn set_state(vm: &Vm, args: &[cinder_vm::Arg]) -> PyResult<Value> {
    let (stream, state) = (stream(vm, args.at(0))?, args.at(1));
    let Some(&[content, newline, position, attributes, ..]) = vm.as_tuple(state).map(|_| vm.tuple_items(state)) else {
        let (class, found) = (vm.type_name(args.at(0)), vm.type_name(state));
        return Err(vm.type_error(format!("{class}.__setstate__ argument should be 4-tuple, got {found}")));
    };
    let newline = newline_argument(vm, given(Some(newline)))?;
    let Some(text) = vm.as_str(content) else {
        return Err(vm.type_error(format!("initial_value must be str or None, not {}", vm.type_name(content))));
    };
    // As it was: what it was written with has been translated then.
    let points: Vec<u32> = text.iter().collect();
    let position = super::base::restored_position(vm, position)?;
    stream.newline.set(newline);
    stream.content.replace(points);
    stream.position.set(position);
    super::base::restore_attributes(vm, args.at(0), attributes).map(|()| Value::NONE)
}

/// The ends of lines seen so far: None, a str, or a tuple of several.
fn newlines(vm: &Vm, value: Value) -> PyResult<Value> {
    let seen = stream(vm, value)?.seen.get();
    let mut texts = cinder_vm::value_vec::ValueVec::<[Value; 3]>::new();
    (0..SEEN.len()).filter(|bit| seen & 1 << bit != 0).for_each(|bit| texts.push(vm.intern(SEEN[bit])));
    match *texts.as_slice() {
        [] => Ok(Value::NONE),
        [only] => Ok(only),
        _ => vm.new_tuple(&texts),
    }
}

pub(super) static STRING_IO: TypeDef = TypeDef {
    doc: "Text I/O implementation using an in-memory buffer.",
    flags: FLAGS,
    slots: Slots {
        new: Some(|vm, class, _, _| {
            let make = |header| PyStringIo {
                base: PyIo::new(header),
                content: RefCell::default(),
                position: Cell::new(0),
                newline: Cell::new(Newline::Lf),
                seen: Cell::new(0),
            };
            Ok(vm.alloc_instance(class, 0, make)?.as_value())
        }),
        init: Some(|vm, value, args, names| {
            let mut all = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
            all.push(value);
            all.extend_from_slice(args);
            INIT.call(vm, &all, names).map(|_| ())
        }),
        next: Some(|vm, value| {
            let stream = stream(vm, value)?;
            let line = stream.take(stream.line_len(usize::MAX));
            Ok(if line.is_empty() { None } else { Some(vm.new_str_points(&line)?) })
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("read", "self, size=-1, /", |vm, args| {
            let size = size(vm, args.opt(1))?;
            let points = stream(vm, args.at(0))?.take(size);
            vm.new_str_points(&points)
        }),
        NativeDef::method("readline", "self, size=-1, /", |vm, args| {
            let limit = size(vm, args.opt(1))?;
            let stream = stream(vm, args.at(0))?;
            let line = stream.take(stream.line_len(limit));
            vm.new_str_points(&line)
        }),
        NativeDef::method("write", "self, s, /", |vm, args| {
            let stream = stream(vm, args.at(0))?;
            let Some(text) = vm.as_str(args.at(1)) else {
                return Err(vm.type_error(format!("string argument expected, got '{}'", vm.type_name(args.at(1)))));
            };
            stream.write(&text);
            vm.new_uint(text.len())
        }),
        NativeDef::method("getvalue", "self, /", |vm, args| {
            let content = stream(vm, args.at(0))?.content.borrow().clone();
            vm.new_str_points(&content)
        }),
        NativeDef::method("__getstate__", "self, /", |vm, args| {
            let stream = stream(vm, args.at(0))?;
            let content = stream.content.borrow().clone();
            let newline = match stream.newline.get() {
                Newline::Universal => Value::NONE,
                Newline::Empty => vm.intern(""),
                Newline::Lf => vm.intern("\n"),
                Newline::Cr => vm.intern("\r"),
                Newline::CrLf => vm.intern("\r\n"),
            };
            let (content, position) = (vm.new_str_points(&content)?, vm.new_uint(stream.position.get())?);
            vm.new_tuple(&[content, newline, position, super::base::attributes(vm, args.at(0))?])
        }),
        NativeDef::method("__setstate__", "self, state, /", set_state),
        NativeDef::method("seek", "self, pos, whence=0, /", |vm, args| {
            let stream = stream(vm, args.at(0))?;
            let offset = vm.index_i64(args.at(1))?;
            let whence = match args.opt(2) {
                Some(whence) => vm.index_i64(whence)?,
                None => 0,
            };
            let position = match whence {
                0 if offset < 0 => return Err(vm.value_error(format!("Negative seek position {offset}"))),
                0 => offset as usize,
                1 | 2 if offset != 0 => {
                    return Err(vm.raise_text(vm.exceptions.OSError, "Can't do nonzero cur-relative seeks"));
                }
                1 => stream.position.get(),
                2 => stream.content.borrow().len(),
                _ => return Err(vm.value_error(format!("Invalid whence ({whence}, should be 0, 1 or 2)"))),
            };
            stream.position.set(position);
            vm.new_uint(position)
        }),
        NativeDef::method("tell", "self, /", |vm, args| vm.new_uint(stream(vm, args.at(0))?.position.get())),
        NativeDef::method("truncate", "self, pos=None, /", |vm, args| {
            let stream = stream(vm, args.at(0))?;
            let size = match given(args.opt(1)) {
                Some(size) => vm.index_i64(size)?,
                None => stream.position.get() as i64,
            };
            let Ok(len) = usize::try_from(size) else {
                return Err(vm.value_error(format!("Negative size value {size}")));
            };
            stream.content.borrow_mut().truncate(len);
            vm.new_int(size)
        }),
        NativeDef::method("close", "self, /", |vm, args| {
            let stream = vm.downcast::<PyStringIo>(args.at(0)).expect("method of this class");
            stream.base.closed.set(true);
            stream.content.take();
            Ok(Value::NONE)
        }),
        NativeDef::method("readable", "self, /", |vm, args| stream(vm, args.at(0)).map(|_| Value::TRUE)),
        NativeDef::method("writable", "self, /", |vm, args| stream(vm, args.at(0)).map(|_| Value::TRUE)),
        NativeDef::method("seekable", "self, /", |vm, args| stream(vm, args.at(0)).map(|_| Value::TRUE)),
    ],
    getset: &[
        GetSetDef::read_only("line_buffering", |_, _| Ok(Value::FALSE)),
        GetSetDef::read_only("newlines", newlines),
    ],
    ..TypeDef::new("_io.StringIO", <PyStringIo as Payload>::LAYOUT)
};
