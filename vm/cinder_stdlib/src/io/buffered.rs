//! `BufferedReader`, `BufferedWriter`, `BufferedRandom`: one payload with bytes read ahead and bytes not yet written.
//!
//! Here are the classes; [`flow`] moves the bytes.
//! Holds: at most one of the two buffers is filled; the raw stream stands behind the bytes read ahead, before those to be written.

use std::cell::{Cell, RefCell};

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::base::{self, FLAGS, PyIo, store_into, writable_bytes};
use super::file::PyFile;
use super::{BUFFER_BYTES, unsupported};
use crate::args::given;

mod flow;

pub(in crate::io) use flow::tell;
use flow::{Owner, check_readable, enter};

/// Payload of the three buffered streams.
#[repr(C)]
pub(super) struct PyBuffered {
    pub(super) base: PyIo,
    pub(super) raw: Slot<Value>,
    size: Cell<usize>,
    can_read: Cell<bool>,
    can_write: Cell<bool>,
    ahead: RefCell<Vec<u8>>,
    position: Cell<usize>,
    unwritten: RefCell<Vec<u8>>,
    state: Cell<State>,
    owner: Owner,
}

/// Whether a buffered stream has its raw one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Ready,
    Detached,
}

impl Trace for PyBuffered {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.raw.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyBuffered {}

cinder_vm::layout!(PyBuffered, "_io.Buffered", base PyIo);

fn alloc(vm: &Vm, class: Gc<PyType>) -> PyResult<Gc<PyBuffered>> {
    vm.alloc_instance(class, 0, |header| PyBuffered {
        base: PyIo::new(header),
        raw: Slot::new(Value::NONE),
        size: Cell::new(BUFFER_BYTES),
        can_read: Cell::new(false),
        can_write: Cell::new(false),
        ahead: RefCell::default(),
        position: Cell::new(0),
        unwritten: RefCell::default(),
        state: Cell::new(State::New),
        owner: Cell::new((0, 0)),
    })
}

/// A buffered stream of class `def` over `raw`.
pub(super) fn new(vm: &Vm, def: &'static TypeDef, raw: Value, size: usize) -> PyResult<Value> {
    let made = alloc(vm, base::class(vm, def)?)?;
    made.raw.set(&vm.heap, made, raw);
    made.size.set(size);
    made.state.set(State::Ready);
    set_directions(made, def);
    if made.can_write.get() {
        super::writers::remember(vm, made.as_value());
    }
    Ok(made.as_value())
}

fn set_directions(stream: Gc<PyBuffered>, def: &'static TypeDef) {
    stream.can_read.set(!std::ptr::eq(def, &BUFFERED_WRITER));
    stream.can_write.set(!std::ptr::eq(def, &BUFFERED_READER));
}

fn buffered(vm: &Vm, value: Value) -> Gc<PyBuffered> {
    vm.downcast::<PyBuffered>(value).expect("method of this class")
}

impl PyBuffered {
    /// Whether bytes wait for being written.
    pub(super) fn has_unwritten(&self) -> bool {
        !self.unwritten.borrow().is_empty()
    }

    fn is_reader(&self) -> bool {
        self.can_read.get()
    }

    fn is_writer(&self) -> bool {
        self.can_write.get()
    }

    fn unread(&self) -> usize {
        self.ahead.borrow().len() - self.position.get()
    }
}

/// Whether the stream below is closed. Errors: ValueError without one.
fn is_closed(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<bool> {
    let raw = stream.raw.get();
    if let Some(file) = vm.downcast::<PyFile>(raw) {
        return Ok(file.fd.get() < 0);
    }
    check_ready(vm, stream)?;
    let closed = vm.getattr(raw, vm.names.closed)?;
    vm.truthy(closed)
}

/// Errors: ValueError when there is no raw stream (any more).
fn check_ready(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<()> {
    match stream.state.get() {
        State::Ready => Ok(()),
        State::New => Err(vm.value_error("I/O operation on uninitialized object")),
        State::Detached => Err(vm.value_error("raw stream has been detached")),
    }
}

pub(super) fn can_read(stream: Gc<PyBuffered>) -> bool {
    stream.can_read.get()
}

pub(super) fn can_write(stream: Gc<PyBuffered>) -> bool {
    stream.can_write.get()
}

fn check_open(vm: &Vm, stream: Gc<PyBuffered>, action: &str) -> PyResult<()> {
    if is_closed(vm, stream)? { Err(vm.value_error(format!("{action} closed file"))) } else { Ok(()) }
}

// ---- for the text layer ----

/// Writes out what was collected. Nothing happens while another thread, or a call below this one, is inside.
pub(super) fn flush_quietly(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<()> {
    if !stream.has_unwritten() || stream.owner.get().0 != 0 {
        return Ok(());
    }
    flush(vm, stream)
}

/// Writes out what was collected.
pub(super) fn flush(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<()> {
    let _inside = enter(vm, stream)?;
    flow::flush_inside(vm, stream)
}

/// Writes bytes, collecting small ones.
pub(super) fn write(vm: &Vm, stream: Gc<PyBuffered>, bytes: &[u8]) -> PyResult<()> {
    if !stream.can_write.get() {
        return Err(unsupported(vm, "write"));
    }
    check_open(vm, stream, "write to")?;
    let _inside = enter(vm, stream)?;
    if stream.base.closed.get() {
        // Another thread closed it while this one waited.
        return Err(vm.value_error("write to closed file"));
    }
    flow::write_inside(vm, stream, bytes)
}

/// The next piece by at most one read of the raw stream; empty at the end.
pub(super) fn read_some(vm: &Vm, stream: Gc<PyBuffered>, len: usize) -> PyResult<Vec<u8>> {
    check_readable(vm, stream, "read")?;
    let _inside = enter(vm, stream)?;
    flow::read_some_inside(vm, stream, len)
}

/// Everything to the end. `None`: nothing is there yet.
pub(super) fn read_all(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<Option<Vec<u8>>> {
    check_readable(vm, stream, "read")?;
    let _inside = enter(vm, stream)?;
    flow::read_all_inside(vm, stream)
}

pub(super) fn seek(vm: &Vm, stream: Gc<PyBuffered>, offset: i64, whence: i32) -> PyResult<i64> {
    check_open(vm, stream, "seek of")?;
    if !(0..=2).contains(&whence) {
        return Err(vm.value_error(format!("whence value {whence} unsupported")));
    }
    let _inside = enter(vm, stream)?;
    flow::seek_inside(vm, stream, offset, whence)
}

// ---- methods ----

fn size_argument(vm: &Vm, value: Option<Value>) -> PyResult<Option<usize>> {
    let Some(size) = given(value) else { return Ok(None) };
    let size = vm.index_i64(size)?;
    if size < -1 {
        return Err(vm.value_error("read length must be non-negative or -1"));
    }
    Ok(usize::try_from(size).ok())
}

fn bytes_or_none(vm: &Vm, bytes: Option<Vec<u8>>) -> PyResult<Value> {
    bytes.map_or(Ok(Value::NONE), |bytes| vm.new_bytes(&bytes))
}

fn read_into(vm: &Vm, args: &[Arg], once: bool) -> PyResult<Value> {
    let stream = buffered(vm, args.at(0));
    let room = writable_bytes(vm, args.at(1))?;
    check_readable(vm, stream, "readinto")?;
    let inside = enter(vm, stream)?;
    let bytes = flow::read_for_buffer(vm, stream, room, once)?;
    drop(inside);
    let Some(bytes) = bytes else { return Ok(Value::NONE) };
    store_into(vm, args.at(1), &bytes)?;
    vm.new_uint(bytes.len())
}

fn close(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let stream = buffered(vm, args.at(0));
    check_ready(vm, stream)?;
    // Whoever is inside finishes first.
    drop(enter(vm, stream)?);
    if is_closed(vm, stream)? {
        return Ok(Value::NONE);
    }
    let flushed = vm.call_method(args.at(0), vm.names.flush, &[]);
    stream.base.closed.set(true);
    let pending = flushed.err().map(|raised| vm.take_exception(raised));
    let inside = enter(vm, stream)?;
    let closed = vm.call_method(stream.raw.get(), vm.names.close, &[]);
    drop(inside);
    stream.unwritten.borrow_mut().clear();
    base::close_result(vm, pending, closed)
}

fn raw_method(vm: &Vm, args: &[Arg], name: &str) -> PyResult<Value> {
    let stream = buffered(vm, args.at(0));
    check_ready(vm, stream)?;
    vm.call_method(stream.raw.get(), vm.intern(name), &[])
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    vm.check_native_stack()?;
    let class = vm.type_of(value);
    let name = base::name_if_any(vm, value, vm.names.name)?;
    let class = format!("_io.{}", class.name());
    match name {
        Some(name) => vm.new_str(&format!("<{class} name={}>", vm.repr_text(name)?)),
        None => vm.new_str(&format!("<{class}>")),
    }
}

fn init(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let stream = buffered(vm, args.at(0));
    let size = match args.opt(2) {
        Some(size) => vm.index_i64(size)?,
        None => BUFFER_BYTES as i64,
    };
    let class = native_class(vm, args.at(0));
    set_directions(stream, class);
    stream.state.set(State::New);
    for (wanted, question, complaint) in [
        (std::ptr::eq(class, &BUFFERED_RANDOM), "seekable", "File or stream is not seekable."),
        (stream.can_read.get(), "readable", "File or stream is not readable."),
        (stream.can_write.get(), "writable", "File or stream is not writable."),
    ] {
        if wanted {
            let answer = vm.call_method(args.at(1), vm.intern(question), &[])?;
            if !vm.truthy(answer)? {
                return Err(unsupported(vm, complaint));
            }
        }
    }
    if size <= 0 {
        return Err(vm.value_error("buffer size must be strictly positive"));
    }
    stream.size.set(size as usize);
    stream.raw.set(&vm.heap, stream, args.at(1));
    stream.ahead.borrow_mut().clear();
    stream.position.set(0);
    stream.unwritten.borrow_mut().clear();
    stream.state.set(State::Ready);
    if stream.can_write.get() {
        super::writers::remember(vm, args.at(0));
    }
    Ok(Value::NONE)
}

/// The native class that a stream is made of.
fn native_class(vm: &Vm, stream: Value) -> &'static TypeDef {
    let mut class = vm.type_of(stream);
    loop {
        match class.def {
            Some(def) => return def,
            None => class = class.base.get().expect("a native class is below"),
        }
    }
}

const INIT_TEXT: &str = "self, raw, buffer_size=131072";
static INIT_READER: NativeDef = NativeDef::method("BufferedReader", INIT_TEXT, init);
static INIT_WRITER: NativeDef = NativeDef::method("BufferedWriter", INIT_TEXT, init);
static INIT_RANDOM: NativeDef = NativeDef::method("BufferedRandom", INIT_TEXT, init);

const SLOTS: Slots = Slots {
    new: Some(|vm, class, _, _| Ok(alloc(vm, class)?.as_value())),
    init: Some(|vm, value, args, names| {
        let mut all = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
        all.push(value);
        all.extend_from_slice(args);
        let init = match native_class(vm, value) {
            class if std::ptr::eq(class, &BUFFERED_READER) => &INIT_READER,
            class if std::ptr::eq(class, &BUFFERED_WRITER) => &INIT_WRITER,
            _ => &INIT_RANDOM,
        };
        init.call(vm, &all, names).map(|_| ())
    }),
    next: Some(|vm, value| {
        if vm.type_of(value).def.is_none() {
            let line = vm.call_method(value, vm.names.readline, &[])?;
            return Ok(if vm.len(line)? == 0 { None } else { Some(line) });
        }
        let line = read_line(vm, buffered(vm, value), None)?;
        Ok(if line.is_empty() { None } else { Some(vm.new_bytes(&line)?) })
    }),
    repr: Some(repr),
    ..Slots::NONE
};

fn read_line(vm: &Vm, stream: Gc<PyBuffered>, limit: Option<usize>) -> PyResult<Vec<u8>> {
    check_readable(vm, stream, "readline")?;
    let _inside = enter(vm, stream)?;
    flow::read_line_inside(vm, stream, limit)
}

static METHODS: &[NativeDef] = &[
    NativeDef::method("read", "self, size=-1, /", |vm, args| {
        let stream = buffered(vm, args.at(0));
        let bytes = match size_argument(vm, args.opt(1))? {
            Some(size) => {
                check_readable(vm, stream, "read")?;
                let _inside = enter(vm, stream)?;
                flow::read_exactly_inside(vm, stream, size)?
            }
            None => read_all(vm, stream)?,
        };
        bytes_or_none(vm, bytes)
    }),
    NativeDef::method("read1", "self, size=-1, /", |vm, args| {
        let stream = buffered(vm, args.at(0));
        let size = args.opt(1).map_or(Ok(-1), |size| vm.index_i64(size))?;
        let size = usize::try_from(size).unwrap_or(stream.size.get());
        let bytes = read_some(vm, stream, size)?;
        vm.new_bytes(&bytes)
    }),
    NativeDef::method("readinto", "self, buffer, /", |vm, args| read_into(vm, args, false)),
    NativeDef::method("readinto1", "self, buffer, /", |vm, args| read_into(vm, args, true)),
    NativeDef::method("readline", "self, size=-1, /", |vm, args| {
        let limit = size_argument(vm, args.opt(1))?;
        let line = read_line(vm, buffered(vm, args.at(0)), limit)?;
        vm.new_bytes(&line)
    }),
    NativeDef::method("peek", "self, size=0, /", |vm, args| {
        let stream = buffered(vm, args.at(0));
        check_readable(vm, stream, "peek")?;
        let inside = enter(vm, stream)?;
        if stream.unread() == 0 {
            flow::fill(vm, stream)?;
        }
        let bytes = stream.ahead.borrow()[stream.position.get()..].to_vec();
        drop(inside);
        vm.new_bytes(&bytes)
    }),
    NativeDef::method("write", "self, buffer, /", |vm, args| {
        check_ready(vm, buffered(vm, args.at(0)))?;
        if vm.is_str(args.at(1)) {
            return Err(vm.type_error("a bytes-like object is required, not 'str'"));
        }
        let bytes = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
        write(vm, buffered(vm, args.at(0)), &bytes)?;
        vm.new_uint(bytes.len())
    }),
    NativeDef::method("flush", "self, /", |vm, args| {
        let stream = buffered(vm, args.at(0));
        if !stream.can_write.get() {
            return raw_method(vm, args, "flush");
        }
        check_open(vm, stream, "flush of")?;
        let inside = enter(vm, stream)?;
        flow::flush_and_rewind(vm, stream)?;
        drop(inside);
        Ok(Value::NONE)
    }),
    NativeDef::method("seek", "self, target, whence=0, /", |vm, args| {
        let whence = match args.opt(2) {
            Some(whence) => crate::args::c_int(vm, whence)?,
            None => 0,
        };
        let offset = vm.index_i64(args.at(1))?;
        vm.new_int(seek(vm, buffered(vm, args.at(0)), offset, whence)?)
    }),
    NativeDef::method("tell", "self, /", |vm, args| {
        let stream = buffered(vm, args.at(0));
        check_ready(vm, stream)?;
        let _inside = enter(vm, stream)?;
        vm.new_int(tell(vm, stream)?)
    }),
    NativeDef::method("truncate", "self, pos=None, /", |vm, args| {
        let stream = buffered(vm, args.at(0));
        check_open(vm, stream, "truncate of")?;
        if !stream.can_write.get() {
            return Err(unsupported(vm, "truncate"));
        }
        let _inside = enter(vm, stream)?;
        flow::flush_and_rewind(vm, stream)?;
        let position = match given(args.opt(1)) {
            Some(position) => position,
            None => vm.new_int(tell(vm, stream)?)?,
        };
        vm.call_method(stream.raw.get(), vm.intern("truncate"), &[position])
    }),
    NativeDef::method("close", "self, /", close),
    NativeDef::method("detach", "self, /", |vm, args| {
        let stream = buffered(vm, args.at(0));
        check_ready(vm, stream)?;
        vm.call_method(args.at(0), vm.names.flush, &[])?;
        let raw = stream.raw.get();
        stream.raw.init(Value::NONE);
        stream.state.set(State::Detached);
        Ok(raw)
    }),
    NativeDef::method("fileno", "self, /", |vm, args| raw_method(vm, args, "fileno")),
    NativeDef::method("isatty", "self, /", |vm, args| raw_method(vm, args, "isatty")),
    NativeDef::method("seekable", "self, /", |vm, args| raw_method(vm, args, "seekable")),
    NativeDef::method("readable", "self, /", |vm, args| answer(vm, args, PyBuffered::is_reader)),
    NativeDef::method("writable", "self, /", |vm, args| answer(vm, args, PyBuffered::is_writer)),
    NativeDef::method("_dealloc_warn", "self, source, /", |vm, args| {
        let raw = buffered(vm, args.at(0)).raw.get();
        if !raw.is_none()
            && let Err(raised) = vm.call_method(raw, vm.intern("_dealloc_warn"), &[args.at(1)])
        {
            vm.take_exception(raised);
        }
        Ok(Value::NONE)
    }),
];

fn answer(vm: &Vm, args: &[Arg], question: fn(&PyBuffered) -> bool) -> PyResult<Value> {
    let stream = buffered(vm, args.at(0));
    check_ready(vm, stream)?;
    Ok(Value::from_bool(question(&stream)))
}

/// The raw stream. Errors: ValueError without one.
fn raw(vm: &Vm, value: Value) -> PyResult<Value> {
    let stream = buffered(vm, value);
    check_ready(vm, stream)?;
    Ok(stream.raw.get())
}

static GETSET: &[GetSetDef] = &[
    GetSetDef::read_only("raw", |vm, value| Ok(buffered(vm, value).raw.get())),
    GetSetDef::read_only("name", |vm, value| vm.getattr(raw(vm, value)?, vm.names.name)),
    GetSetDef::read_only("mode", |vm, value| vm.getattr(raw(vm, value)?, vm.names.mode)),
    GetSetDef::read_only("closed", |vm, value| Ok(Value::from_bool(is_closed(vm, buffered(vm, value))?))),
];

pub(super) static BUFFERED_READER: TypeDef = TypeDef {
    doc: "Create a new buffered reader using the given readable raw IO object.",
    flags: FLAGS,
    slots: SLOTS,
    methods: METHODS,
    getset: GETSET,
    ..TypeDef::new("_io.BufferedReader", <PyBuffered as Payload>::LAYOUT)
};

pub(super) static BUFFERED_WRITER: TypeDef = TypeDef {
    doc: "A buffer for a writeable sequential RawIO object.",
    flags: FLAGS,
    slots: SLOTS,
    methods: METHODS,
    getset: GETSET,
    ..TypeDef::new("_io.BufferedWriter", <PyBuffered as Payload>::LAYOUT)
};

pub(super) static BUFFERED_RANDOM: TypeDef = TypeDef {
    doc: "A buffered interface to random access streams.",
    flags: FLAGS,
    slots: SLOTS,
    methods: METHODS,
    getset: GETSET,
    ..TypeDef::new("_io.BufferedRandom", <PyBuffered as Payload>::LAYOUT)
};
