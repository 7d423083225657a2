//! `BufferedReader`, `BufferedWriter`, `BufferedRandom`: one payload with bytes read ahead and bytes not yet written.
//!
//! Holds: at most one of the two buffers is filled; the raw stream stands behind the bytes read ahead, before those to be written.

use std::cell::{Cell, RefCell};

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::base::{self, FLAGS, PyIo, store_into};
use super::file::{self, PyFile};
use super::{BUFFER_BYTES, unsupported};
use crate::args::given;

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
    })
}

/// A buffered stream of class `def` over `raw`.
pub(super) fn new(vm: &Vm, def: &'static TypeDef, raw: Value, size: usize) -> PyResult<Value> {
    let made = alloc(vm, base::class(vm, def)?)?;
    made.raw.set(&vm.heap, made, raw);
    made.size.set(size);
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

    fn unread(&self) -> usize {
        self.ahead.borrow().len() - self.position.get()
    }
}

/// Whether the stream below is closed.
fn is_closed(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<bool> {
    let raw = stream.raw.get();
    if let Some(file) = vm.downcast::<PyFile>(raw) {
        return Ok(file.fd.get() < 0);
    }
    if raw.is_none() {
        return Err(vm.value_error("raw stream has been detached"));
    }
    let closed = vm.getattr(raw, vm.names.closed)?;
    vm.truthy(closed)
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

/// Reads up to `len` bytes from below.
fn raw_read(vm: &Vm, stream: Gc<PyBuffered>, len: usize) -> PyResult<Option<Vec<u8>>> {
    let raw = stream.raw.get();
    if let Some(file) = native_file(vm, raw) {
        return file::read(vm, file, len);
    }
    let count = vm.new_uint(len)?;
    let data = vm.call_method(raw, vm.names.read, &[count])?;
    if data.is_none() {
        return Ok(None);
    }
    Ok(Some(vm.with_bytes(data, <[u8]>::to_vec)?))
}

/// The raw stream as a native file whose class is `FileIO` itself.
fn native_file(vm: &Vm, raw: Value) -> Option<Gc<PyFile>> {
    let file = vm.downcast::<PyFile>(raw)?;
    vm.type_of(raw).def.is_some().then_some(file)
}

fn raw_write_all(vm: &Vm, stream: Gc<PyBuffered>, mut bytes: &[u8]) -> PyResult<()> {
    let raw = stream.raw.get();
    while !bytes.is_empty() {
        let put = match native_file(vm, raw) {
            Some(file) => file::write(vm, file, bytes)?,
            None => {
                let data = vm.new_bytes(bytes)?;
                let put = vm.call_method(raw, vm.names.write, &[data])?;
                if put.is_none() {
                    return Err(
                        vm.raise_text(vm.exceptions.BlockingIOError, "write could not complete without blocking")
                    );
                }
                usize::try_from(vm.index_i64(put)?).unwrap_or(0)
            }
        };
        bytes = &bytes[put.min(bytes.len())..];
    }
    Ok(())
}

fn raw_seek(vm: &Vm, stream: Gc<PyBuffered>, offset: i64, whence: i32) -> PyResult<i64> {
    let raw = stream.raw.get();
    match native_file(vm, raw) {
        Some(file) => file::seek(vm, file, offset, whence),
        None => {
            let (offset, whence) = (vm.new_int(offset)?, vm.new_int(whence.into())?);
            let position = vm.call_method(raw, vm.intern("seek"), &[offset, whence])?;
            vm.index_i64(position)
        }
    }
}

/// Writes out what was collected.
pub(super) fn flush(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<()> {
    let pending = stream.unwritten.take();
    if pending.is_empty() {
        return Ok(());
    }
    let result = raw_write_all(vm, stream, &pending);
    if result.is_ok() && stream.unwritten.borrow().is_empty() {
        // The buffer is used again.
        let mut pending = pending;
        pending.clear();
        stream.unwritten.replace(pending);
    }
    result
}

/// Gives up bytes read ahead, so that the raw stream stands where the reader thinks.
fn drop_ahead(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<()> {
    let unread = stream.unread();
    stream.ahead.borrow_mut().clear();
    stream.position.set(0);
    if unread > 0 {
        raw_seek(vm, stream, -(unread as i64), libc::SEEK_CUR)?;
    }
    Ok(())
}

/// Writes bytes, collecting small ones.
pub(super) fn write(vm: &Vm, stream: Gc<PyBuffered>, bytes: &[u8]) -> PyResult<()> {
    if !stream.can_write.get() {
        return Err(unsupported(vm, "write"));
    }
    check_open(vm, stream, "write to")?;
    if stream.unread() > 0 {
        drop_ahead(vm, stream)?;
    }
    let fits = stream.unwritten.borrow().len() + bytes.len() <= stream.size.get();
    if !fits {
        flush(vm, stream)?;
    }
    if bytes.len() > stream.size.get() {
        return raw_write_all(vm, stream, bytes);
    }
    stream.unwritten.borrow_mut().extend_from_slice(bytes);
    Ok(())
}

/// Whether more bytes could be read ahead; what was read is behind the unread ones.
fn fill(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<bool> {
    flush(vm, stream)?;
    let Some(piece) = raw_read(vm, stream, stream.size.get())? else { return Ok(false) };
    if piece.is_empty() {
        return Ok(false);
    }
    let mut ahead = stream.ahead.borrow_mut();
    if stream.position.get() == ahead.len() {
        *ahead = piece;
    } else {
        let position = stream.position.get();
        ahead.drain(..position);
        ahead.extend_from_slice(&piece);
    }
    stream.position.set(0);
    Ok(true)
}

fn check_readable(vm: &Vm, stream: Gc<PyBuffered>, action: &str) -> PyResult<()> {
    if !stream.can_read.get() {
        return Err(unsupported(vm, action));
    }
    check_open(vm, stream, "read of")
}

/// Takes up to `len` bytes that were read ahead.
fn take(stream: Gc<PyBuffered>, len: usize) -> Vec<u8> {
    let position = stream.position.get();
    let ahead = stream.ahead.borrow();
    let end = (position + len).min(ahead.len());
    stream.position.set(end);
    ahead[position..end].to_vec()
}

/// The next piece without waiting for more than one read of the raw stream; empty at the end.
pub(super) fn read_some(vm: &Vm, stream: Gc<PyBuffered>, len: usize) -> PyResult<Vec<u8>> {
    check_readable(vm, stream, "read")?;
    if stream.unread() == 0 {
        fill(vm, stream)?;
    }
    Ok(take(stream, len))
}

/// Everything to the end.
pub(super) fn read_all(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<Vec<u8>> {
    check_readable(vm, stream, "read")?;
    flush(vm, stream)?;
    let mut all = take(stream, usize::MAX / 2);
    let raw = stream.raw.get();
    if let Some(file) = native_file(vm, raw) {
        let rest = file::read_all(vm, file)?;
        if all.is_empty() {
            return Ok(rest);
        }
        all.extend_from_slice(&rest);
        return Ok(all);
    }
    if let Some(readall) = vm.getattr_opt(raw, vm.intern("readall"))? {
        let rest = vm.call(readall, &[])?;
        if !rest.is_none() {
            vm.with_bytes(rest, |rest| all.extend_from_slice(rest))?;
        }
        return Ok(all);
    }
    while let Some(piece) = raw_read(vm, stream, BUFFER_BYTES)?.filter(|piece| !piece.is_empty()) {
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

fn read_exactly(vm: &Vm, stream: Gc<PyBuffered>, len: usize) -> PyResult<Vec<u8>> {
    check_readable(vm, stream, "read")?;
    let mut out = take(stream, len);
    while out.len() < len {
        if !fill(vm, stream)? {
            break;
        }
        let more = take(stream, len - out.len());
        out.extend_from_slice(&more);
    }
    Ok(out)
}

/// A line with its end, at most `limit` bytes.
fn read_line(vm: &Vm, stream: Gc<PyBuffered>, limit: Option<usize>) -> PyResult<Vec<u8>> {
    check_readable(vm, stream, "readline")?;
    let mut line = Vec::new();
    loop {
        let room = limit.map_or(usize::MAX, |limit| limit - line.len());
        let end = {
            let ahead = stream.ahead.borrow();
            let rest = &ahead[stream.position.get()..];
            rest[..rest.len().min(room)].iter().position(|byte| *byte == b'\n').map(|at| at + 1)
        };
        line.extend_from_slice(&take(stream, end.unwrap_or(room.min(usize::MAX / 2))));
        if end.is_some() || limit.is_some_and(|limit| line.len() >= limit) || !fill(vm, stream)? {
            return Ok(line);
        }
    }
}

/// Position of the reader or writer.
pub(super) fn tell(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<i64> {
    let raw = raw_seek(vm, stream, 0, libc::SEEK_CUR)?;
    Ok(raw - stream.unread() as i64 + stream.unwritten.borrow().len() as i64)
}

pub(super) fn seek(vm: &Vm, stream: Gc<PyBuffered>, offset: i64, whence: i32) -> PyResult<i64> {
    check_open(vm, stream, "seek of")?;
    if !(0..=2).contains(&whence) {
        return Err(vm.value_error(format!("whence value {whence} unsupported")));
    }
    flush(vm, stream)?;
    let offset = if whence == libc::SEEK_CUR { offset - stream.unread() as i64 } else { offset };
    let position = raw_seek(vm, stream, offset, whence)?;
    stream.ahead.borrow_mut().clear();
    stream.position.set(0);
    Ok(position)
}

fn size_argument(vm: &Vm, value: Option<Value>) -> PyResult<Option<usize>> {
    let Some(size) = given(value) else { return Ok(None) };
    let size = vm.index_i64(size)?;
    if size < -1 {
        return Err(vm.value_error("read length must be non-negative or -1"));
    }
    Ok(usize::try_from(size).ok())
}

fn close(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let stream = buffered(vm, args.at(0));
    if stream.raw.get().is_none() || is_closed(vm, stream)? {
        return Ok(Value::NONE);
    }
    let flushed = vm.call_method(args.at(0), vm.names.flush, &[]);
    stream.base.closed.set(true);
    let pending = flushed.err().map(|raised| vm.take_exception(raised));
    let closed = vm.call_method(stream.raw.get(), vm.names.close, &[]);
    match pending {
        Some(exception) => {
            if let Err(raised) = closed {
                vm.take_exception(raised);
            }
            Err(vm.restore(exception))
        }
        None => closed.map(|_| Value::NONE),
    }
}

fn raw_method(vm: &Vm, args: &[Arg], name: &str) -> PyResult<Value> {
    let raw = buffered(vm, args.at(0)).raw.get();
    if raw.is_none() {
        return Err(vm.value_error("raw stream has been detached"));
    }
    vm.call_method(raw, vm.intern(name), &[])
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = vm.type_of(value);
    let name = vm.getattr_opt(value, vm.names.name)?;
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
    let mut class = vm.type_of(args.at(0));
    while class.def.is_none() {
        class = class.base.get().expect("a native class is below");
    }
    set_directions(stream, class.def.expect("checked"));
    for (wanted, question, complaint) in [
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
    if stream.can_write.get() {
        super::writers::remember(vm, args.at(0));
    }
    Ok(Value::NONE)
}

static INIT: NativeDef = NativeDef::method("BufferedReader", "self, raw, buffer_size=131072", init);

const SLOTS: Slots = Slots {
    new: Some(|vm, class, _, _| Ok(alloc(vm, class)?.as_value())),
    init: Some(|vm, value, args, names| {
        let mut all = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
        all.push(value);
        all.extend_from_slice(args);
        INIT.call(vm, &all, names).map(|_| ())
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

static METHODS: &[NativeDef] = &[
    NativeDef::method("read", "self, size=-1, /", |vm, args| {
        let stream = buffered(vm, args.at(0));
        let bytes = match size_argument(vm, args.opt(1))? {
            Some(size) => read_exactly(vm, stream, size)?,
            None => read_all(vm, stream)?,
        };
        vm.new_bytes(&bytes)
    }),
    NativeDef::method("read1", "self, size=-1, /", |vm, args| {
        let size = size_argument(vm, args.opt(1))?.unwrap_or(BUFFER_BYTES);
        let bytes = read_some(vm, buffered(vm, args.at(0)), size)?;
        vm.new_bytes(&bytes)
    }),
    NativeDef::method("readinto", "self, buffer, /", |vm, args| {
        let room = vm.with_bytes(args.at(1), <[u8]>::len)?;
        let bytes = read_exactly(vm, buffered(vm, args.at(0)), room)?;
        store_into(vm, args.at(1), &bytes)?;
        vm.new_uint(bytes.len())
    }),
    NativeDef::method("readinto1", "self, buffer, /", |vm, args| {
        let room = vm.with_bytes(args.at(1), <[u8]>::len)?;
        let bytes = read_some(vm, buffered(vm, args.at(0)), room)?;
        store_into(vm, args.at(1), &bytes)?;
        vm.new_uint(bytes.len())
    }),
    NativeDef::method("readline", "self, size=-1, /", |vm, args| {
        let limit = size_argument(vm, args.opt(1))?;
        let line = read_line(vm, buffered(vm, args.at(0)), limit)?;
        vm.new_bytes(&line)
    }),
    NativeDef::method("peek", "self, size=0, /", |vm, args| {
        let stream = buffered(vm, args.at(0));
        check_readable(vm, stream, "peek")?;
        if stream.unread() == 0 {
            fill(vm, stream)?;
        }
        let bytes = stream.ahead.borrow()[stream.position.get()..].to_vec();
        vm.new_bytes(&bytes)
    }),
    NativeDef::method("write", "self, buffer, /", |vm, args| {
        if vm.is_str(args.at(1)) {
            return Err(vm.type_error("a bytes-like object is required, not 'str'"));
        }
        let bytes = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
        write(vm, buffered(vm, args.at(0)), &bytes)?;
        vm.new_uint(bytes.len())
    }),
    NativeDef::method("flush", "self, /", |vm, args| {
        let stream = buffered(vm, args.at(0));
        check_open(vm, stream, "flush of")?;
        flush(vm, stream)?;
        raw_method(vm, args, "flush")
    }),
    NativeDef::method("seek", "self, target, whence=0, /", |vm, args| {
        let whence = match args.opt(2) {
            Some(whence) => crate::args::c_int(vm, whence)?,
            None => 0,
        };
        let offset = vm.index_i64(args.at(1))?;
        vm.new_int(seek(vm, buffered(vm, args.at(0)), offset, whence)?)
    }),
    NativeDef::method("tell", "self, /", |vm, args| vm.new_int(tell(vm, buffered(vm, args.at(0)))?)),
    NativeDef::method("truncate", "self, pos=None, /", |vm, args| {
        let stream = buffered(vm, args.at(0));
        if !stream.can_write.get() {
            return Err(unsupported(vm, "truncate"));
        }
        flush(vm, stream)?;
        let position = match given(args.opt(1)) {
            Some(position) => position,
            None => vm.new_int(tell(vm, stream)?)?,
        };
        vm.call_method(stream.raw.get(), vm.intern("truncate"), &[position])
    }),
    NativeDef::method("close", "self, /", close),
    NativeDef::method("detach", "self, /", |vm, args| {
        let stream = buffered(vm, args.at(0));
        vm.call_method(args.at(0), vm.names.flush, &[])?;
        let raw = stream.raw.get();
        stream.raw.init(Value::NONE);
        Ok(raw)
    }),
    NativeDef::method("fileno", "self, /", |vm, args| raw_method(vm, args, "fileno")),
    NativeDef::method("isatty", "self, /", |vm, args| raw_method(vm, args, "isatty")),
    NativeDef::method("seekable", "self, /", |vm, args| raw_method(vm, args, "seekable")),
    NativeDef::method("readable", "self, /", |vm, args| Ok(Value::from_bool(buffered(vm, args.at(0)).can_read.get()))),
    NativeDef::method("writable", "self, /", |vm, args| Ok(Value::from_bool(buffered(vm, args.at(0)).can_write.get()))),
];

static GETSET: &[GetSetDef] = &[
    GetSetDef::read_only("raw", |vm, value| Ok(buffered(vm, value).raw.get())),
    GetSetDef::read_only("name", |vm, value| vm.getattr(buffered(vm, value).raw.get(), vm.names.name)),
    GetSetDef::read_only("mode", |vm, value| vm.getattr(buffered(vm, value).raw.get(), vm.names.mode)),
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
