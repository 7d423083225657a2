//! `_IOBase` and the three abstract classes below it: what every stream can do by means of the others' methods.

use std::cell::Cell;

use cinder_heap::{HeapObject, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::unsupported;
use crate::args::given;

/// First part of every stream's payload.
#[repr(C)]
pub(super) struct PyIo {
    header: Header,
    pub(super) closed: Cell<bool>,
}

impl PyIo {
    pub(super) fn new(header: Header) -> PyIo {
        PyIo { header, closed: Cell::new(false) }
    }
}

impl Trace for PyIo {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyIo {}

cinder_vm::layout!(PyIo, "_io._IOBase");

pub(super) const FLAGS: u32 = type_flags::BASE | type_flags::HAS_DICT | type_flags::HAS_WEAKREF;

/// The class of a declaration of this module, made below the right base.
pub(super) fn class(vm: &Vm, def: &'static TypeDef) -> PyResult<Gc<PyType>> {
    let is = |other: &'static TypeDef| std::ptr::eq(def, other);
    if is(&IO_BASE) {
        return vm.native_class(def);
    }
    let base = if is(&RAW_IO_BASE) || is(&BUFFERED_IO_BASE) || is(&TEXT_IO_BASE) {
        &IO_BASE
    } else if is(&super::file::FILE_IO) {
        &RAW_IO_BASE
    } else if is(&super::text::TEXT_IO_WRAPPER) || is(&super::string_io::STRING_IO) {
        &TEXT_IO_BASE
    } else {
        &BUFFERED_IO_BASE
    };
    let base = class(vm, base)?;
    vm.native_class_with_base(def, base)
}

/// ValueError when the stream says that it is closed.
pub(super) fn check_closed(vm: &Vm, stream: Value) -> PyResult<()> {
    let closed = vm.getattr(stream, vm.names.closed)?;
    if vm.truthy(closed)? { Err(vm.value_error("I/O operation on closed file.")) } else { Ok(()) }
}

fn new(vm: &Vm, class: Gc<PyType>, _args: &[Value], _names: Option<Value>) -> PyResult<Value> {
    Ok(vm.alloc_instance(class, 0, PyIo::new)?.as_value())
}

/// `readline` by `read(1)` or `peek`, for streams made in Python.
fn readline(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let stream = args.at(0);
    let limit = match given(args.opt(1)) {
        Some(limit) => vm.index_i64(limit)?,
        None => -1,
    };
    let mut line = Vec::new();
    let peek = vm.getattr_opt(stream, vm.intern("peek"))?;
    while limit < 0 || (line.len() as i64) < limit {
        let mut wanted = 1;
        if let Some(peek) = peek {
            let ahead = vm.call(peek, &[Value::ONE])?;
            wanted = vm
                .with_bytes(ahead, |ahead| {
                    ahead.iter().position(|byte| *byte == b'\n').map_or(ahead.len(), |at| at + 1)
                })?
                .max(1);
            if limit >= 0 {
                wanted = wanted.min((limit - line.len() as i64) as usize);
            }
        }
        let count = vm.new_uint(wanted)?;
        let piece = vm.call_method(stream, vm.names.read, &[count])?;
        if piece.is_none() {
            break;
        }
        let Some(bytes) = vm.as_bytes(piece) else {
            let found = vm.type_name(piece);
            return Err(vm.raise_text(
                vm.exceptions.OSError,
                &format!("read() should have returned a bytes object, not '{found}'"),
            ));
        };
        if bytes.as_slice().is_empty() {
            break;
        }
        line.extend_from_slice(bytes.as_slice());
        if line.last() == Some(&b'\n') {
            break;
        }
    }
    vm.new_bytes(&line)
}

fn next(vm: &Vm, stream: Value) -> PyResult<Option<Value>> {
    let line = vm.call_method(stream, vm.names.readline, &[])?;
    Ok(if vm.len(line)? == 0 { None } else { Some(line) })
}

fn readlines(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let hint = match given(args.opt(1)) {
        Some(hint) => vm.index_i64(hint)?,
        None => -1,
    };
    let lines = vm.new_list(&[])?;
    let iterator = vm.iter(args.at(0))?;
    let mut total = 0;
    while let Some(line) = vm.next(iterator)? {
        vm.list_append(lines, line)?;
        if hint > 0 {
            total += vm.len(line)? as i64;
            if total >= hint {
                break;
            }
        }
    }
    Ok(lines)
}

/// Closes after flushing; the flush's error wins.
fn close(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let stream = args.at(0);
    let Some(own) = vm.downcast::<PyIo>(stream) else { return Ok(Value::NONE) };
    if own.closed.get() {
        return Ok(Value::NONE);
    }
    let flushed = vm.call_method(stream, vm.names.flush, &[]);
    own.closed.set(true);
    flushed.map(|_| Value::NONE)
}

fn not_supported(vm: &Vm, name: &str) -> PyResult<Value> {
    Err(unsupported(vm, name))
}

fn check(vm: &Vm, stream: Value, question: &str, complaint: &str) -> PyResult<Value> {
    let answer = vm.call_method(stream, vm.intern(question), &[])?;
    if answer == Value::TRUE { Ok(Value::TRUE) } else { Err(unsupported(vm, complaint)) }
}

pub(super) static IO_BASE: TypeDef = TypeDef {
    doc: "The abstract base class for all I/O classes.",
    flags: FLAGS,
    slots: Slots {
        new: Some(new),
        iter: Some(|vm, stream| {
            check_closed(vm, stream)?;
            Ok(stream)
        }),
        next: Some(next),
        finalize: Some(super::writers::finalize),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("seek", "self, offset, whence=0, /", |vm, _| not_supported(vm, "seek")),
        NativeDef::method("tell", "self, /", |vm, args| {
            vm.call_method(args.at(0), vm.intern("seek"), &[Value::ZERO, Value::ONE])
        }),
        NativeDef::method("truncate", "self, size=None, /", |vm, _| not_supported(vm, "truncate")),
        NativeDef::method("flush", "self, /", |vm, args| {
            if vm.downcast::<PyIo>(args.at(0)).is_some_and(|own| own.closed.get()) {
                return Err(vm.value_error("I/O operation on closed file."));
            }
            Ok(Value::NONE)
        }),
        NativeDef::method("close", "self, /", close),
        NativeDef::method("seekable", "self, /", |_, _| Ok(Value::FALSE)),
        NativeDef::method("readable", "self, /", |_, _| Ok(Value::FALSE)),
        NativeDef::method("writable", "self, /", |_, _| Ok(Value::FALSE)),
        NativeDef::method("fileno", "self, /", |vm, _| not_supported(vm, "fileno")),
        NativeDef::method("isatty", "self, /", |vm, args| {
            check_closed(vm, args.at(0))?;
            Ok(Value::FALSE)
        }),
        NativeDef::method("_checkClosed", "self, msg=None, /", |vm, args| {
            check_closed(vm, args.at(0))?;
            Ok(Value::NONE)
        }),
        NativeDef::method("_checkSeekable", "self, msg=None, /", |vm, args| {
            check(vm, args.at(0), "seekable", "File or stream is not seekable.")
        }),
        NativeDef::method("_checkReadable", "self, msg=None, /", |vm, args| {
            check(vm, args.at(0), "readable", "File or stream is not readable.")
        }),
        NativeDef::method("_checkWritable", "self, msg=None, /", |vm, args| {
            check(vm, args.at(0), "writable", "File or stream is not writable.")
        }),
        NativeDef::method("__enter__", "self, /", |vm, args| {
            check_closed(vm, args.at(0))?;
            Ok(args.at(0))
        }),
        NativeDef::method("__exit__", "self, /, *args", |vm, args| vm.call_method(args.at(0), vm.names.close, &[])),
        NativeDef::method("readline", "self, size=-1, /", readline),
        NativeDef::method("readlines", "self, hint=-1, /", readlines),
        NativeDef::method("writelines", "self, lines, /", |vm, args| {
            let stream = args.at(0);
            check_closed(vm, stream)?;
            vm.for_each(args.at(1), |line| vm.call_method(stream, vm.names.write, &[line]).map(|_| ()))?;
            Ok(Value::NONE)
        }),
    ],
    getset: &[GetSetDef::read_only("closed", |vm, stream| {
        Ok(Value::from_bool(vm.downcast::<PyIo>(stream).is_some_and(|own| own.closed.get())))
    })],
    ..TypeDef::new("_io._IOBase", <PyIo as Payload>::LAYOUT)
};

/// `RawIOBase.read` by `readinto` of a bytearray.
fn raw_read(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let size = match given(args.opt(1)) {
        Some(size) => vm.index_i64(size)?,
        None => -1,
    };
    if size < 0 {
        return vm.call_method(args.at(0), vm.intern("readall"), &[]);
    }
    let size = vm.new_int(size)?;
    let room = vm.call(vm.builtin("bytearray")?, &[size])?;
    let got = vm.call_method(args.at(0), vm.intern("readinto"), &[room])?;
    if got.is_none() {
        return Ok(got);
    }
    let got = vm.index_i64(got)? as usize;
    let bytes = vm.with_bytes(room, |room| room[..got.min(room.len())].to_vec())?;
    vm.new_bytes(&bytes)
}

fn raw_readall(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut all = Vec::new();
    loop {
        let count = vm.new_uint(super::BUFFER_BYTES)?;
        let piece = vm.call_method(args.at(0), vm.names.read, &[count])?;
        if piece.is_none() {
            return if all.is_empty() { Ok(piece) } else { vm.new_bytes(&all) };
        }
        let len = vm.with_bytes(piece, |piece| {
            all.extend_from_slice(piece);
            piece.len()
        })?;
        if len == 0 {
            return vm.new_bytes(&all);
        }
    }
}

pub(super) static RAW_IO_BASE: TypeDef = TypeDef {
    doc: "Base class for raw binary I/O.",
    flags: FLAGS,
    slots: Slots { new: Some(new), ..Slots::NONE },
    methods: &[
        NativeDef::method("read", "self, size=-1, /", raw_read),
        NativeDef::method("readall", "self, /", raw_readall),
    ],
    ..TypeDef::new("_io._RawIOBase", <PyIo as Payload>::LAYOUT)
};

/// `readinto` by `read`.
/// What `close` answers when flushing may have failed with `pending` before.
pub(super) fn close_result(vm: &Vm, pending: Option<Value>, closed: PyResult<Value>) -> PyResult<Value> {
    let Some(pending) = pending else { return closed.map(|_| Value::NONE) };
    if let Err(raised) = closed {
        let last = vm.take_exception(raised);
        if last != pending {
            vm.setattr(last, vm.intern("__context__"), Some(pending))?;
        }
        return Err(vm.restore(last));
    }
    Err(vm.restore(pending))
}

/// An attribute for a `repr`; a stream without its lower part has none.
pub(super) fn name_if_any(vm: &Vm, stream: Value, name: Value) -> PyResult<Option<Value>> {
    match vm.getattr_opt(stream, name) {
        Ok(found) => Ok(found),
        Err(raised) => {
            let exception = vm.take_exception(raised);
            if vm.is_instance(exception, vm.exceptions.ValueError) { Ok(None) } else { Err(vm.restore(exception)) }
        }
    }
}

pub(super) fn read_into(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    read_into_by(vm, args, "read")
}

/// Fills a buffer with what the stream's method `name` gives.
fn read_into_by(vm: &Vm, args: &[Arg], name: &str) -> PyResult<Value> {
    let room = writable_bytes(vm, args.at(1))?;
    let count = vm.new_uint(room)?;
    let data = vm.call_method(args.at(0), vm.intern(name), &[count])?;
    if data.is_none() {
        return Ok(Value::NONE);
    }
    if !vm.is_instance(data, vm.types.bytes) {
        return Err(vm.type_error("read() should return bytes"));
    }
    let bytes = vm.with_bytes(data, <[u8]>::to_vec)?;
    if bytes.len() > room {
        let returned = bytes.len();
        return Err(
            vm.value_error(format!("read() returned too much data: {room} bytes requested, {returned} returned"))
        );
    }
    store_into(vm, args.at(1), &bytes)?;
    vm.new_uint(bytes.len())
}

fn not_writable(vm: &Vm, target: Value) -> cinder_vm::Raised {
    let found = vm.type_name(target);
    vm.type_error(format!("readinto() argument must be read-write bytes-like object, not {found}"))
}

/// Bytes that a writable buffer has room for.
pub(super) fn writable_bytes(vm: &Vm, target: Value) -> PyResult<usize> {
    let Some(buffer) = vm.type_of(target).slots().buffer else { return Err(not_writable(vm, target)) };
    let view = buffer(vm, target)?;
    if let Some(release) = view.release {
        release(view.owner);
    }
    if view.readonly { Err(not_writable(vm, target)) } else { Ok(view.len_bytes) }
}

/// Copies bytes to the start of a writable buffer.
pub(crate) fn store_into(vm: &Vm, target: Value, bytes: &[u8]) -> PyResult<()> {
    let complain = || not_writable(vm, target);
    let Some(buffer) = vm.type_of(target).slots().buffer else { return Err(complain()) };
    let view = buffer(vm, target)?;
    let fits = !view.readonly && bytes.len() <= view.len_bytes;
    if fits && !bytes.is_empty() {
        // SAFETY: the view's bytes stay in place until it is released, and there are enough of them.
        unsafe { view.data.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }
    if let Some(release) = view.release {
        release(view.owner);
    }
    if fits { Ok(()) } else { Err(complain()) }
}

pub(super) static BUFFERED_IO_BASE: TypeDef = TypeDef {
    doc: "Base class for buffered IO objects.",
    flags: FLAGS,
    slots: Slots { new: Some(new), ..Slots::NONE },
    methods: &[
        NativeDef::method("detach", "self, /", |vm, _| not_supported(vm, "detach")),
        NativeDef::method("read", "self, size=-1, /", |vm, _| not_supported(vm, "read")),
        NativeDef::method("read1", "self, size=-1, /", |vm, _| not_supported(vm, "read1")),
        NativeDef::method("readinto", "self, buffer, /", read_into),
        NativeDef::method("readinto1", "self, buffer, /", |vm, args| read_into_by(vm, args, "read1")),
        NativeDef::method("write", "self, b, /", |vm, _| not_supported(vm, "write")),
    ],
    ..TypeDef::new("_io._BufferedIOBase", <PyIo as Payload>::LAYOUT)
};

pub(super) static TEXT_IO_BASE: TypeDef = TypeDef {
    doc: "Base class for text I/O.",
    flags: FLAGS,
    slots: Slots { new: Some(new), ..Slots::NONE },
    methods: &[
        NativeDef::method("detach", "self, /", |vm, _| not_supported(vm, "detach")),
        NativeDef::method("read", "self, size=-1, /", |vm, _| not_supported(vm, "read")),
        NativeDef::method("readline", "self, size=-1, /", |vm, _| not_supported(vm, "readline")),
        NativeDef::method("write", "self, s, /", |vm, _| not_supported(vm, "write")),
    ],
    getset: &[
        GetSetDef::read_only("encoding", |_, _| Ok(Value::NONE)),
        GetSetDef::read_only("newlines", |_, _| Ok(Value::NONE)),
        GetSetDef::read_only("errors", |_, _| Ok(Value::NONE)),
    ],
    ..TypeDef::new("_io._TextIOBase", <PyIo as Payload>::LAYOUT)
};

/// The attributes that the program gave a stream, as a dict, or None: what pickling keeps of it.
pub(super) fn attributes(vm: &Vm, value: Value) -> PyResult<Value> {
    let own = vm.own_attributes(value);
    if own.is_empty() {
        return Ok(Value::NONE);
    }
    let dict = vm.new_pydict()?;
    for (name, item) in &own {
        vm.dict_insert(dict, *name, *item)?;
    }
    Ok(dict.as_value())
}

/// Gives a stream the attributes of a pickled one.
///
/// Errors: TypeError for what is neither a dict nor None.
pub(super) fn restore_attributes(vm: &Vm, value: Value, attributes: Value) -> PyResult<()> {
    if attributes.is_none() {
        return Ok(());
    }
    let Some(dict) = vm.as_dict(attributes) else {
        let found = vm.type_name(attributes);
        return Err(vm.type_error(format!("third item of state should be a dict, got a {found}")));
    };
    for number in 0..dict.entry_count() {
        if let Some((name, item)) = dict.entry(number) {
            vm.set_own_attribute(value, vm.intern_any(name)?, item)?;
        }
    }
    Ok(())
}

/// The position of a pickled stream.
///
/// Errors: TypeError and ValueError.
pub(super) fn restored_position(vm: &Vm, position: Value) -> PyResult<usize> {
    if !vm.is_int(position) {
        let found = vm.type_name(position);
        return Err(vm.type_error(format!("second item of state must be an integer, not {found}")));
    }
    usize::try_from(vm.index_i64(position)?).map_err(|_| vm.value_error("position value cannot be negative"))
}
