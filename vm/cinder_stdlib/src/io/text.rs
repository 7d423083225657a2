//! `TextIOWrapper`: text over a binary stream.
//!
//! Idea: what was read is kept as bytes and decoded when it is asked for; line ends are searched among bytes, which is right for UTF-8, Latin-1 and
//! ASCII, and the position of the reader is the stream's minus the bytes not yet used. Any other encoding is read to the end and kept as UTF-8.

use std::cell::{Cell, RefCell};

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_vm::codecs::{Encoding, Order};
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::base::{self, FLAGS, PyIo};
use super::buffered::{self, PyBuffered};
use super::unsupported;
use crate::args::{given, text};

/// What ends a line, as `open` takes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Newline {
    /// None: any, read as `\n`.
    Universal,
    /// `''`: any, read as it is.
    Empty,
    Lf,
    Cr,
    CrLf,
}

/// The `newline` argument. Errors: ValueError, TypeError.
pub(super) fn newline_argument(vm: &Vm, value: Option<Value>) -> PyResult<Newline> {
    let Some(value) = value else { return Ok(Newline::Universal) };
    Ok(match text(vm, value, "newline")?.as_str() {
        "" => Newline::Empty,
        "\n" => Newline::Lf,
        "\r" => Newline::Cr,
        "\r\n" => Newline::CrLf,
        other => return Err(vm.value_error(format!("illegal newline value: {other}"))),
    })
}

/// Payload of a text stream.
#[repr(C)]
pub(super) struct PyText {
    base: PyIo,
    pub(super) buffer: Slot<Value>,
    /// As given, for the attribute.
    encoding: RefCell<String>,
    errors: RefCell<String>,
    /// How text is written; `None` goes through the codec registry.
    writes: Cell<Option<Encoding>>,
    /// How `incoming` is encoded.
    reads: Cell<Encoding>,
    /// `incoming` holds the whole stream, encoded anew.
    is_foreign: Cell<bool>,
    /// A byte order mark is written before the first text, or skipped at the start.
    has_mark: Cell<bool>,
    newline: Cell<Newline>,
    line_buffering: Cell<bool>,
    write_through: Cell<bool>,
    /// Bytes to ask the binary stream for, and to collect for it.
    chunk: Cell<usize>,
    outgoing: RefCell<Vec<u8>>,
    incoming: RefCell<Vec<u8>>,
    position: Cell<usize>,
    /// Line ends met so far: bits for `\r`, `\n`, `\r\n`.
    seen: Cell<u8>,
}

impl PyText {
    /// Whether text waits for being written.
    pub(super) fn has_outgoing(&self) -> bool {
        !self.outgoing.borrow().is_empty()
    }
}

impl Trace for PyText {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.buffer.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyText {}

cinder_vm::layout!(PyText, "_io.TextIOWrapper", base PyIo);

/// Bytes collected before the binary stream gets them.
const CHUNK_BYTES: usize = 8192;

fn alloc(vm: &Vm, class: Gc<PyType>) -> PyResult<Gc<PyText>> {
    vm.alloc_instance(class, 0, |header| PyText {
        base: PyIo::new(header),
        buffer: Slot::new(Value::NONE),
        encoding: RefCell::new("utf-8".to_owned()),
        errors: RefCell::new("strict".to_owned()),
        writes: Cell::new(Some(Encoding::Utf8)),
        reads: Cell::new(Encoding::Utf8),
        is_foreign: Cell::new(false),
        has_mark: Cell::new(false),
        newline: Cell::new(Newline::Universal),
        line_buffering: Cell::new(false),
        write_through: Cell::new(false),
        chunk: Cell::new(CHUNK_BYTES),
        outgoing: RefCell::default(),
        incoming: RefCell::default(),
        position: Cell::new(0),
        seen: Cell::new(0),
    })
}

/// A text stream over `buffer`.
pub(super) fn new(
    vm: &Vm,
    buffer: Value,
    encoding: Option<Value>,
    errors: Option<Value>,
    newline: Option<Value>,
    line_buffering: bool,
) -> PyResult<Value> {
    let made = alloc(vm, base::class(vm, &TEXT_IO_WRAPPER)?)?;
    fill_in(vm, made, buffer, encoding, errors, newline_argument(vm, newline)?)?;
    made.line_buffering.set(line_buffering);
    Ok(made.as_value())
}

pub(super) fn set_write_through(vm: &Vm, value: Value) {
    stream(vm, value).write_through.set(true);
}

fn fill_in(
    vm: &Vm,
    made: Gc<PyText>,
    buffer: Value,
    encoding: Option<Value>,
    errors: Option<Value>,
    newline: Newline,
) -> PyResult<()> {
    let encoding = match encoding {
        Some(encoding) => text(vm, encoding, "TextIOWrapper() argument 'encoding'")?,
        None => {
            if vm.config.warns_of_encoding {
                vm.warn(vm.exceptions.EncodingWarning, super::NO_ENCODING)?;
            }
            "utf-8".to_owned()
        }
    };
    let encoding = if encoding == "locale" { "utf-8".to_owned() } else { encoding };
    let errors = match errors {
        Some(errors) => text(vm, errors, "TextIOWrapper() argument 'errors'")?,
        None => "strict".to_owned(),
    };
    set_encoding(vm, made, encoding)?;
    made.errors.replace(errors);
    made.newline.set(newline);
    made.buffer.set(&vm.heap, made, buffer);
    super::writers::remember(vm, made.as_value());
    Ok(())
}

fn set_encoding(vm: &Vm, made: Gc<PyText>, encoding: String) -> PyResult<()> {
    let plain = encoding.to_ascii_lowercase().replace('_', "-");
    let native = Encoding::by_name(&encoding);
    made.has_mark.set(false);
    made.is_foreign.set(false);
    match native {
        Some(native @ (Encoding::Utf8 | Encoding::Latin1 | Encoding::Ascii)) => {
            made.writes.set(Some(native));
            made.reads.set(native);
        }
        Some(native) => {
            made.writes.set(Some(native));
            made.is_foreign.set(true);
        }
        None if plain == "utf-8-sig" => {
            made.writes.set(Some(Encoding::Utf8));
            made.reads.set(Encoding::Utf8);
            made.has_mark.set(true);
        }
        None => {
            let codecs = vm.import("codecs")?;
            let lookup = vm.getattr_text(codecs, "lookup")?;
            vm.call(lookup, &[vm.intern(&encoding)])?;
            made.writes.set(None);
            made.is_foreign.set(true);
        }
    }
    made.encoding.replace(encoding);
    Ok(())
}

fn stream(vm: &Vm, value: Value) -> Gc<PyText> {
    vm.downcast::<PyText>(value).expect("method of this class")
}

/// The binary stream as a native one whose class is made here.
pub(super) fn native_buffer(vm: &Vm, stream: Gc<PyText>) -> Option<Gc<PyBuffered>> {
    let buffer = stream.buffer.get();
    let native = vm.downcast::<PyBuffered>(buffer)?;
    vm.type_of(buffer).def.is_some().then_some(native)
}

fn check_open(vm: &Vm, stream: Gc<PyText>) -> PyResult<()> {
    let buffer = stream.buffer.get();
    if buffer.is_none() {
        return Err(vm.value_error("underlying buffer has been detached"));
    }
    let closed = vm.getattr(buffer, vm.names.closed)?;
    if vm.truthy(closed)? { Err(vm.value_error("I/O operation on closed file.")) } else { Ok(()) }
}

// ---- writing ----

/// Gives collected bytes to the binary stream.
fn push_down(vm: &Vm, stream: Gc<PyText>) -> PyResult<()> {
    let bytes = stream.outgoing.take();
    if bytes.is_empty() {
        return Ok(());
    }
    match native_buffer(vm, stream) {
        Some(buffer) => buffered::write(vm, buffer, &bytes)?,
        None => {
            let data = vm.new_bytes(&bytes)?;
            vm.call_method(stream.buffer.get(), vm.names.write, &[data])?;
        }
    }
    if stream.outgoing.borrow().is_empty() {
        let mut bytes = bytes;
        bytes.clear();
        stream.outgoing.replace(bytes);
    }
    Ok(())
}

pub(super) fn flush(vm: &Vm, stream: Gc<PyText>) -> PyResult<()> {
    push_down(vm, stream)?;
    match native_buffer(vm, stream) {
        Some(buffer) => buffered::flush(vm, buffer),
        None => vm.call_method(stream.buffer.get(), vm.names.flush, &[]).map(|_| ()),
    }
}

/// Bytes of text as this stream writes it.
fn encode(vm: &Vm, stream: Gc<PyText>, text: Value) -> PyResult<Vec<u8>> {
    let errors = stream.errors.borrow().clone();
    let mut bytes = match stream.writes.get() {
        Some(encoding) => vm.encode_native(text, encoding, &errors)?,
        None => {
            let encoding = stream.encoding.borrow().clone();
            let bytes = vm.encode_text(text, &encoding, &errors)?;
            vm.with_bytes(bytes, <[u8]>::to_vec)?
        }
    };
    if stream.has_mark.replace(false) {
        bytes.splice(0..0, *b"\xef\xbb\xbf");
    }
    // One byte order mark only.
    match stream.writes.get() {
        Some(Encoding::Utf16(None)) => stream.writes.set(Some(Encoding::Utf16(Some(Order::Little)))),
        Some(Encoding::Utf32(None)) => stream.writes.set(Some(Encoding::Utf32(Some(Order::Little)))),
        _ => {}
    }
    Ok(bytes)
}

fn write(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let stream = stream(vm, args.at(0));
    let Some(given) = vm.as_str(args.at(1)) else {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("write() argument must be str, not {found}")));
    };
    match native_buffer(vm, stream) {
        Some(buffer) => {
            if buffer.base.closed.get() {
                return Err(vm.value_error("I/O operation on closed file."));
            }
            if !buffered::can_write(buffer) {
                return Err(unsupported(vm, "not writable"));
            }
        }
        None => check_open(vm, stream)?,
    }
    let mut ends_line = false;
    let newline = stream.newline.get();
    if let Some(text) = given.as_ascii()
        && !stream.is_foreign.get()
        && !stream.has_mark.get()
        && !matches!(newline, Newline::Cr | Newline::CrLf)
    {
        if stream.line_buffering.get() {
            ends_line = text.contains(['\n', '\r']);
        }
        stream.outgoing.borrow_mut().extend_from_slice(text.as_bytes());
    } else {
        let mut value = args.at(1);
        ends_line |= given.iter().any(|c| c == u32::from('\n') || c == u32::from('\r'));
        if ends_line && matches!(newline, Newline::Cr | Newline::CrLf) {
            let end: &[u32] = if newline == Newline::Cr { &[13] } else { &[13, 10] };
            let points: Vec<u32> = given.iter().flat_map(|c| if c == 10 { end.to_vec() } else { vec![c] }).collect();
            value = vm.new_str_points(&points)?;
        }
        let bytes = encode(vm, stream, value)?;
        stream.outgoing.borrow_mut().extend_from_slice(&bytes);
        ends_line &= stream.line_buffering.get();
    }
    if stream.incoming.borrow().len() > stream.position.get() {
        // Reading ahead has moved the binary stream; writing goes where the reader stands.
        let position = tell(vm, stream)?;
        seek_buffer(vm, stream, position, 0)?;
    }
    let is_full = stream.outgoing.borrow().len() > stream.chunk.get();
    if ends_line || stream.write_through.get() {
        flush(vm, stream)?;
    } else if is_full {
        push_down(vm, stream)?;
    }
    vm.new_uint(given.len())
}

// ---- reading ----

/// Adds bytes to `incoming`; `false` at the end.
fn fill(vm: &Vm, stream: Gc<PyText>) -> PyResult<bool> {
    push_down(vm, stream)?;
    if stream.is_foreign.get() {
        return fill_foreign(vm, stream);
    }
    let mut piece = match native_buffer(vm, stream) {
        Some(buffer) => {
            if !buffered::can_read(buffer) {
                return Err(unsupported(vm, "not readable"));
            }
            if buffer.base.closed.get() {
                return Err(vm.value_error("I/O operation on closed file."));
            }
            buffered::read_some(vm, buffer, stream.chunk.get())?
        }
        None => {
            check_open(vm, stream)?;
            let buffer = stream.buffer.get();
            let method = match vm.getattr_opt(buffer, vm.intern("read1"))? {
                Some(method) => method,
                None => vm.getattr(buffer, vm.names.read)?,
            };
            let count = vm.new_uint(stream.chunk.get())?;
            let data = vm.call(method, &[count])?;
            if vm.is_str(data) {
                return Err(vm.type_error("underlying read1() should have returned a bytes-like object, not 'str'"));
            }
            vm.with_bytes(data, <[u8]>::to_vec)?
        }
    };
    if piece.is_empty() {
        return Ok(false);
    }
    if stream.has_mark.replace(false) && piece.starts_with(b"\xef\xbb\xbf") {
        piece.drain(..3);
    }
    let mut incoming = stream.incoming.borrow_mut();
    let used = stream.position.replace(0);
    incoming.drain(..used);
    incoming.extend_from_slice(&piece);
    Ok(true)
}

/// Reads the whole stream and keeps it as UTF-8.
fn fill_foreign(vm: &Vm, stream: Gc<PyText>) -> PyResult<bool> {
    let data = vm.call_method(stream.buffer.get(), vm.names.read, &[])?;
    let (encoding, errors) = (stream.encoding.borrow().clone(), stream.errors.borrow().clone());
    if vm.len(data)? == 0 {
        return Ok(false);
    }
    let text = vm.decode_bytes(data, &encoding, &errors)?;
    let bytes = vm.encode_native(text, Encoding::Utf8, "surrogatepass")?;
    stream.incoming.borrow_mut().extend_from_slice(&bytes);
    Ok(!bytes.is_empty())
}

/// Text of bytes taken from `incoming`, with line ends as the mode wants them.
fn decode(vm: &Vm, stream: Gc<PyText>, mut bytes: Vec<u8>) -> PyResult<Value> {
    if matches!(stream.newline.get(), Newline::Universal | Newline::Empty) {
        note_line_ends(stream, &bytes);
    }
    if stream.newline.get() == Newline::Universal && bytes.contains(&b'\r') {
        let mut out = Vec::with_capacity(bytes.len());
        let mut after_cr = false;
        for byte in bytes {
            match byte {
                b'\r' => out.push(b'\n'),
                b'\n' if after_cr => {}
                byte => out.push(byte),
            }
            after_cr = byte == b'\r';
        }
        bytes = out;
    }
    let errors = if stream.is_foreign.get() { "surrogatepass".to_owned() } else { stream.errors.borrow().clone() };
    Ok(vm.decode_native(&bytes, stream.reads.get(), &errors, true)?.0)
}

fn note_line_ends(stream: Gc<PyText>, bytes: &[u8]) {
    let mut seen = stream.seen.get();
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'\r' if bytes.get(index + 1) == Some(&b'\n') => seen |= 4,
            b'\r' => seen |= 1,
            b'\n' if index == 0 || bytes[index - 1] != b'\r' => seen |= 2,
            _ => {}
        }
    }
    stream.seen.set(seen);
}

fn take(stream: Gc<PyText>, len: usize) -> Vec<u8> {
    let position = stream.position.get();
    let incoming = stream.incoming.borrow();
    let end = (position + len).min(incoming.len());
    stream.position.set(end);
    incoming[position..end].to_vec()
}

/// Bytes up to and with the end of the first line; `None` when more must be read to know.
fn line_end(newline: Newline, rest: &[u8], at_end: bool) -> Option<usize> {
    match newline {
        Newline::Lf => rest.iter().position(|byte| *byte == b'\n').map(|at| at + 1),
        Newline::Cr => rest.iter().position(|byte| *byte == b'\r').map(|at| at + 1),
        Newline::CrLf => rest.windows(2).position(|pair| pair == b"\r\n").map(|at| at + 2),
        Newline::Universal | Newline::Empty => {
            let at = rest.iter().position(|byte| *byte == b'\n' || *byte == b'\r')?;
            if rest[at] == b'\n' {
                return Some(at + 1);
            }
            match rest.get(at + 1) {
                Some(b'\n') => Some(at + 2),
                Some(_) => Some(at + 1),
                None if at_end => Some(at + 1),
                None => None,
            }
        }
    }
}

/// The next line; empty at the end.
fn read_line(vm: &Vm, stream: Gc<PyText>, limit: Option<usize>) -> PyResult<Value> {
    let mut at_end = false;
    loop {
        let end = {
            let incoming = stream.incoming.borrow();
            line_end(stream.newline.get(), &incoming[stream.position.get()..], at_end)
        };
        if let Some(end) = end {
            return limited(vm, stream, end, limit);
        }
        if at_end {
            let rest = stream.incoming.borrow().len() - stream.position.get();
            return limited(vm, stream, rest, limit);
        }
        at_end = !fill(vm, stream)?;
    }
}

fn limited(vm: &Vm, stream: Gc<PyText>, len: usize, limit: Option<usize>) -> PyResult<Value> {
    let len = match limit {
        None => len,
        Some(limit) => {
            let incoming = stream.incoming.borrow();
            let start = stream.position.get();
            chars_len(&incoming[start..start + len], stream.reads.get(), limit).0
        }
    };
    decode(vm, stream, take(stream, len))
}

/// Bytes of the first `count` characters, and how many of these there are; a character cut off at the end does not count.
fn chars_len(bytes: &[u8], encoding: Encoding, count: usize) -> (usize, usize) {
    if encoding != Encoding::Utf8 {
        let len = bytes.len().min(count);
        return (len, len);
    }
    let (mut at, mut found) = (0, 0);
    while found < count && at < bytes.len() {
        let width = match bytes[at] {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        };
        let is_whole = bytes.len() - at >= width && bytes[at + 1..at + width].iter().all(|byte| byte & 0xc0 == 0x80);
        if !is_whole && bytes.len() - at < width {
            break;
        }
        at += if is_whole { width } else { 1 };
        found += 1;
    }
    (at, found)
}

fn read_all(vm: &Vm, stream: Gc<PyText>) -> PyResult<Value> {
    push_down(vm, stream)?;
    match native_buffer(vm, stream) {
        Some(buffer) if !stream.is_foreign.get() && buffered::can_read(buffer) && !stream.has_mark.get() => {
            let Some(rest) = buffered::read_all(vm, buffer)? else {
                return Err(vm.raise_text(vm.exceptions.BlockingIOError, "Read returned None."));
            };
            let mut all = take(stream, usize::MAX / 2);
            if all.is_empty() {
                all = rest;
            } else {
                all.extend_from_slice(&rest);
            }
            decode(vm, stream, all)
        }
        _ => {
            while fill(vm, stream)? {}
            decode(vm, stream, take(stream, usize::MAX / 2))
        }
    }
}

fn read(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let stream = stream(vm, args.at(0));
    check_open(vm, stream)?;
    let count = match given(args.opt(1)) {
        Some(count) => vm.index_i64(count)?,
        None => -1,
    };
    let Ok(count) = usize::try_from(count) else { return read_all(vm, stream) };
    let mut at_end = false;
    loop {
        let (bytes, found) = {
            let incoming = stream.incoming.borrow();
            let rest = &incoming[stream.position.get()..];
            // A pair of `\r\n` counts once when it is translated; reading one byte too few is repaired by the next round.
            let (mut bytes, found) = chars_len(rest, stream.reads.get(), count);
            if stream.newline.get() == Newline::Universal && rest[..bytes].contains(&b'\r') {
                let pairs = rest[..bytes].windows(2).filter(|pair| pair == b"\r\n").count();
                bytes = chars_len(rest, stream.reads.get(), count + pairs).0;
                if rest[..bytes].last() == Some(&b'\r') && rest.get(bytes) == Some(&b'\n') {
                    bytes += 1;
                }
            }
            (bytes, found)
        };
        if found >= count || at_end {
            let bytes = if at_end && found < count { usize::MAX / 2 } else { bytes };
            return decode(vm, stream, take(stream, bytes));
        }
        at_end = !fill(vm, stream)?;
    }
}

// ---- positions ----

fn tell(vm: &Vm, stream: Gc<PyText>) -> PyResult<i64> {
    push_down(vm, stream)?;
    let unused = (stream.incoming.borrow().len() - stream.position.get()) as i64;
    let position = match native_buffer(vm, stream) {
        Some(buffer) => buffered::tell(vm, buffer)?,
        None => {
            let position = vm.call_method(stream.buffer.get(), vm.intern("tell"), &[])?;
            vm.index_i64(position)?
        }
    };
    Ok(position - unused)
}

fn seek_buffer(vm: &Vm, stream: Gc<PyText>, offset: i64, whence: i32) -> PyResult<i64> {
    stream.incoming.borrow_mut().clear();
    stream.position.set(0);
    match native_buffer(vm, stream) {
        Some(buffer) => buffered::seek(vm, buffer, offset, whence),
        None => {
            let (offset, whence) = (vm.new_int(offset)?, vm.new_int(whence.into())?);
            let position = vm.call_method(stream.buffer.get(), vm.intern("seek"), &[offset, whence])?;
            vm.index_i64(position)
        }
    }
}

fn is_seekable(vm: &Vm, stream: Gc<PyText>) -> PyResult<bool> {
    let answer = vm.call_method(stream.buffer.get(), vm.intern("seekable"), &[])?;
    vm.truthy(answer)
}

fn seek(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let stream = stream(vm, args.at(0));
    check_open(vm, stream)?;
    let offset = vm.index_i64(args.at(1))?;
    let whence = match args.opt(2) {
        Some(whence) => crate::args::c_int(vm, whence)?,
        None => 0,
    };
    if !is_seekable(vm, stream)? {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    match whence {
        0 if offset < 0 => return Err(vm.value_error(format!("negative seek position {offset}"))),
        1 if offset != 0 => return Err(unsupported(vm, "can't do nonzero cur-relative seeks")),
        2 if offset != 0 => return Err(unsupported(vm, "can't do nonzero end-relative seeks")),
        0..=2 => {}
        _ => return Err(vm.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    }
    let (offset, whence) = if whence == 1 { (tell(vm, stream)?, 0) } else { (offset, whence) };
    flush(vm, stream)?;
    vm.new_int(seek_buffer(vm, stream, offset, whence)?)
}

// ---- the rest ----

fn close(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let stream = stream(vm, args.at(0));
    let buffer = stream.buffer.get();
    if buffer.is_none() {
        return Ok(Value::NONE);
    }
    let closed = vm.getattr(buffer, vm.names.closed)?;
    if vm.truthy(closed)? {
        return Ok(Value::NONE);
    }
    let flushed = vm.call_method(args.at(0), vm.names.flush, &[]);
    let pending = flushed.err().map(|raised| vm.take_exception(raised));
    stream.base.closed.set(true);
    let closed = vm.call_method(buffer, vm.names.close, &[]);
    base::close_result(vm, pending, closed)
}

fn buffer_method(vm: &Vm, args: &[Arg], name: &str) -> PyResult<Value> {
    let stream = stream(vm, args.at(0));
    check_open(vm, stream)?;
    vm.call_method(stream.buffer.get(), vm.intern(name), &[])
}

fn reconfigure(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let stream = stream(vm, args.at(0));
    flush(vm, stream)?;
    if let Some(encoding) = given(args.opt(1)) {
        let encoding = text(vm, encoding, "reconfigure() argument 'encoding'")?;
        set_encoding(vm, stream, encoding)?;
        if given(args.opt(2)).is_none() {
            stream.errors.replace("strict".to_owned());
        }
    }
    if let Some(errors) = given(args.opt(2)) {
        stream.errors.replace(text(vm, errors, "reconfigure() argument 'errors'")?);
    }
    if let Some(newline) = args.opt(3) {
        stream.newline.set(newline_argument(vm, given(Some(newline)))?);
    }
    if let Some(flag) = given(args.opt(4)) {
        stream.line_buffering.set(vm.truthy(flag)?);
    }
    if let Some(flag) = given(args.opt(5)) {
        stream.write_through.set(vm.truthy(flag)?);
    }
    Ok(Value::NONE)
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let stream = stream(vm, value);
    let mut out = format!("<_io.{}", vm.type_of(value).name());
    for (name, key) in [("name", vm.names.name), ("mode", vm.names.mode)] {
        if let Some(found) = base::name_if_any(vm, value, key)? {
            out.push_str(&format!(" {name}={}", vm.repr_text(found)?));
        }
    }
    out.push_str(&format!(" encoding='{}'>", stream.encoding.borrow()));
    vm.new_str(&out)
}

static INIT: NativeDef = NativeDef::method(
    "TextIOWrapper",
    "self, buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False",
    |vm, args| {
        let stream = stream(vm, args.at(0));
        let newline = newline_argument(vm, given(args.opt(4)))?;
        fill_in(vm, stream, args.at(1), given(args.opt(2)), given(args.opt(3)), newline)?;
        for (index, flag) in [(5, &stream.line_buffering), (6, &stream.write_through)] {
            if let Some(value) = args.opt(index) {
                flag.set(vm.truthy(value)?);
            }
        }
        Ok(Value::NONE)
    },
);

pub(super) static TEXT_IO_WRAPPER: TypeDef = TypeDef {
    doc: "Character and line based layer over a BufferedIOBase object, buffer.",
    flags: FLAGS,
    slots: Slots {
        new: Some(|vm, class, _, _| Ok(alloc(vm, class)?.as_value())),
        init: Some(|vm, value, args, names| {
            let mut all = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
            all.push(value);
            all.extend_from_slice(args);
            INIT.call(vm, &all, names).map(|_| ())
        }),
        next: Some(|vm, value| {
            let line = if vm.type_of(value).def.is_some() {
                read_line(vm, stream(vm, value), None)?
            } else {
                vm.call_method(value, vm.names.readline, &[])?
            };
            Ok(if vm.len(line)? == 0 { None } else { Some(line) })
        }),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("write", "self, text, /", write),
        NativeDef::method("read", "self, size=-1, /", read),
        NativeDef::method("readline", "self, size=-1, /", |vm, args| {
            let limit = match given(args.opt(1)) {
                Some(limit) => usize::try_from(vm.index_i64(limit)?).ok(),
                None => None,
            };
            check_open(vm, stream(vm, args.at(0)))?;
            read_line(vm, stream(vm, args.at(0)), limit)
        }),
        NativeDef::method("flush", "self, /", |vm, args| {
            check_open(vm, stream(vm, args.at(0)))?;
            flush(vm, stream(vm, args.at(0)))?;
            Ok(Value::NONE)
        }),
        NativeDef::method("seek", "self, cookie, whence=0, /", seek),
        NativeDef::method("tell", "self, /", |vm, args| {
            let stream = stream(vm, args.at(0));
            check_open(vm, stream)?;
            if !is_seekable(vm, stream)? {
                return Err(unsupported(vm, "underlying stream is not seekable"));
            }
            flush(vm, stream)?;
            vm.new_int(tell(vm, stream)?)
        }),
        NativeDef::method("truncate", "self, pos=None, /", |vm, args| {
            let stream = stream(vm, args.at(0));
            flush(vm, stream)?;
            let position = match given(args.opt(1)) {
                Some(position) => position,
                None => vm.new_int(tell(vm, stream)?)?,
            };
            vm.call_method(stream.buffer.get(), vm.intern("truncate"), &[position])
        }),
        NativeDef::method("close", "self, /", close),
        NativeDef::method("detach", "self, /", |vm, args| {
            let stream = stream(vm, args.at(0));
            flush(vm, stream)?;
            let buffer = stream.buffer.get();
            stream.buffer.init(Value::NONE);
            Ok(buffer)
        }),
        NativeDef::method("fileno", "self, /", |vm, args| buffer_method(vm, args, "fileno")),
        NativeDef::method("isatty", "self, /", |vm, args| buffer_method(vm, args, "isatty")),
        NativeDef::method("readable", "self, /", |vm, args| buffer_method(vm, args, "readable")),
        NativeDef::method("writable", "self, /", |vm, args| buffer_method(vm, args, "writable")),
        NativeDef::method("seekable", "self, /", |vm, args| buffer_method(vm, args, "seekable")),
        NativeDef::method(
            "reconfigure",
            "self, /, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None",
            reconfigure,
        ),
    ],
    getset: &[
        GetSetDef::read_only("buffer", |vm, value| Ok(stream(vm, value).buffer.get())),
        GetSetDef::read_only("encoding", |vm, value| vm.new_str(&stream(vm, value).encoding.borrow())),
        GetSetDef::read_only("errors", |vm, value| vm.new_str(&stream(vm, value).errors.borrow())),
        GetSetDef::read_only("line_buffering", |vm, value| {
            Ok(Value::from_bool(stream(vm, value).line_buffering.get()))
        }),
        GetSetDef::read_only("write_through", |vm, value| Ok(Value::from_bool(stream(vm, value).write_through.get()))),
        GetSetDef::new(
            "_CHUNK_SIZE",
            |vm, value| vm.new_uint(stream(vm, value).chunk.get()),
            |vm, value, new| {
                let Some(new) = new else {
                    return Err(vm.raise_text(vm.exceptions.AttributeError, "cannot delete attribute"));
                };
                let Some(size) = usize::try_from(vm.index_i64(new)?).ok().filter(|size| *size > 0) else {
                    return Err(vm.value_error("a strictly positive integer is required"));
                };
                stream(vm, value).chunk.set(size);
                Ok(())
            },
        ),
        GetSetDef::read_only("name", |vm, value| vm.getattr(stream(vm, value).buffer.get(), vm.names.name)),
        GetSetDef::read_only("closed", |vm, value| vm.getattr(stream(vm, value).buffer.get(), vm.names.closed)),
        GetSetDef::read_only("newlines", |vm, value| {
            let seen = stream(vm, value).seen.get();
            let kinds = [(1, "\r"), (2, "\n"), (4, "\r\n")];
            let mut found = cinder_vm::value_vec::ValueVec::<[Value; 4]>::new();
            kinds.iter().filter(|(bit, _)| seen & bit != 0).for_each(|(_, text)| found.push(vm.intern(text)));
            match *found {
                [] => Ok(Value::NONE),
                [one] => Ok(one),
                _ => vm.new_tuple(&found),
            }
        }),
    ],
    ..TypeDef::new("_io.TextIOWrapper", <PyText as Payload>::LAYOUT)
};
