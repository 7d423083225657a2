//! How bytes move between a buffered stream and the raw one below.
//!
//! Problem: the raw stream may be slow, not ready, interrupted by a signal, or written in Python; whatever it does, no byte may be lost or
//! written twice, and threads must not cut into each other's bytes.
//! Idea: one thread at a time is inside a stream ([`enter`]); bytes leave a buffer only when the raw stream has taken them.
//! Holds: nothing is borrowed while the raw stream works. Signal handlers run between two calls of it (PEP 475).
//! Source: Modules/_io/bufferedio.c.

use std::cell::Cell;

use cinder_heap::Gc;
use cinder_vm::{PyResult, Raised, Value, Vm};

use super::{PyBuffered, check_open};
use crate::io::file::{self, PyFile};
use crate::io::unsupported;

/// Who is inside a stream: thread and process, zeros for nobody.
pub(super) type Owner = Cell<(u64, u32)>;

/// How long a thread sleeps that waits for its turn.
const TURN: std::time::Duration = std::time::Duration::from_micros(200);

/// The stream belongs to the calling thread until this goes.
pub(super) struct Entered(Gc<PyBuffered>);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.owner.set((0, 0));
    }
}

/// Waits for the stream's turn. Errors: RuntimeError `reentrant call inside ..`; what signal handlers raise meanwhile.
pub(super) fn enter(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<Entered> {
    let own = (crate::thread::ident(), crate::host::process());
    loop {
        let owner = stream.owner.get();
        // A child of a fork has one thread only.
        if owner.0 == 0 || owner.1 != own.1 {
            stream.owner.set(own);
            return Ok(Entered(stream));
        }
        if owner == own {
            let inside = vm.repr_text(stream.as_value())?;
            return Err(vm.runtime_error(format!("reentrant call inside {inside}")));
        }
        if vm.is_finalizing() {
            return Err(vm.runtime_error("the stream belongs to a thread that the end of the program has stopped"));
        }
        vm.allow_threads(|| std::thread::sleep(TURN));
        vm.check_interrupts()?;
    }
}

/// The raw stream as a native file whose class is `FileIO` itself.
pub(super) fn native_file(vm: &Vm, raw: Value) -> Option<Gc<PyFile>> {
    let file = vm.downcast::<PyFile>(raw)?;
    vm.type_of(raw).def.is_some().then_some(file)
}

/// A count that a raw stream answered, at most `most`. Errors: OSError.
fn checked_count(vm: &Vm, name: &str, found: Value, most: usize) -> PyResult<usize> {
    let count = vm.index_i64(found)?;
    match usize::try_from(count) {
        Ok(count) if count <= most => Ok(count),
        _ => {
            let text = format!("raw {name}() returned invalid length {count} (should have been between 0 and {most})");
            Err(vm.raise_text(vm.exceptions.OSError, &text))
        }
    }
}

/// Reads up to `len` bytes from below. `None`: nothing there yet; empty: the end.
pub(super) fn raw_read(vm: &Vm, stream: Gc<PyBuffered>, len: usize) -> PyResult<Option<Vec<u8>>> {
    let raw = stream.raw.get();
    if let Some(file) = native_file(vm, raw) {
        return file::read(vm, file, len);
    }
    vm.check_native_bytes(len)?;
    let target = vm.new_bytearray(&vec![0; len])?;
    let view = vm.new_memoryview(target)?;
    let found = vm.call_method(raw, vm.intern("readinto"), &[view])?;
    if found.is_none() {
        return Ok(None);
    }
    let count = match checked_count(vm, "readinto", found, len) {
        Err(raised) => {
            let exception = vm.take_exception(raised);
            if !vm.is_instance(exception, vm.exceptions.TypeError) {
                return Err(vm.restore(exception));
            }
            let raised = vm.raise_text(vm.exceptions.OSError, "raw readinto() failed");
            let failure = vm.take_exception(raised);
            vm.set_cause(failure, exception);
            return Err(vm.restore(failure));
        }
        Ok(count) => count,
    };
    vm.with_bytes(target, |bytes| bytes[..count.min(bytes.len())].to_vec()).map(Some)
}

/// Writes once. `None`: it would have to wait.
fn raw_write(vm: &Vm, stream: Gc<PyBuffered>, bytes: &[u8]) -> PyResult<Option<usize>> {
    let raw = stream.raw.get();
    if let Some(file) = native_file(vm, raw) {
        return file::write(vm, file, bytes);
    }
    let data = vm.new_bytes(bytes)?;
    let view = vm.new_memoryview(data)?;
    let found = vm.call_method(raw, vm.names.write, &[view])?;
    if found.is_none() {
        return Ok(None);
    }
    checked_count(vm, "write", found, bytes.len()).map(Some)
}

fn checked_position(vm: &Vm, found: Value) -> PyResult<i64> {
    let position = vm.index_i64(found)?;
    if position < 0 {
        let text = format!("Raw stream returned invalid position {position}");
        return Err(vm.raise_text(vm.exceptions.OSError, &text));
    }
    Ok(position)
}

pub(super) fn raw_seek(vm: &Vm, stream: Gc<PyBuffered>, offset: i64, whence: i32) -> PyResult<i64> {
    let raw = stream.raw.get();
    match native_file(vm, raw) {
        Some(file) => file::seek(vm, file, offset, whence),
        None => {
            let (offset, whence) = (vm.new_int(offset)?, vm.new_int(whence.into())?);
            let position = vm.call_method(raw, vm.intern("seek"), &[offset, whence])?;
            checked_position(vm, position)
        }
    }
}

fn raw_tell(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<i64> {
    let raw = stream.raw.get();
    match native_file(vm, raw) {
        Some(file) => file::seek(vm, file, 0, libc::SEEK_CUR),
        None => {
            let position = vm.call_method(raw, vm.intern("tell"), &[])?;
            checked_position(vm, position)
        }
    }
}

/// BlockingIOError with the number of bytes that were taken.
fn would_block(vm: &Vm, written: usize) -> Raised {
    let make = || {
        let text = vm.new_str("write could not complete without blocking")?;
        let args = [vm.new_int(libc::EAGAIN.into())?, text, vm.new_uint(written)?];
        vm.call(vm.exceptions.BlockingIOError.as_value(), &args)
    };
    match make() {
        Ok(exception) => vm.restore(exception),
        Err(raised) => raised,
    }
}

/// Writes out what was collected. What the raw stream does not take stays.
pub(super) fn flush_inside(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<()> {
    let mut pending = stream.unwritten.take();
    let mut done = 0;
    let result = loop {
        if done >= pending.len() {
            break Ok(());
        }
        match raw_write(vm, stream, &pending[done..]) {
            Ok(Some(count)) => {
                done += count;
                // A part is written when a signal comes in between: its handler runs before the next wait.
                if done < pending.len()
                    && let Err(raised) = vm.check_interrupts()
                {
                    break Err(raised);
                }
            }
            Ok(None) => break Err(would_block(vm, 0)),
            Err(raised) => break Err(raised),
        }
    };
    pending.drain(..done.min(pending.len()));
    // The buffer is used again.
    stream.unwritten.replace(pending);
    result
}

/// Gives up bytes read ahead, so that the raw stream stands where the reader thinks.
pub(super) fn drop_ahead(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<()> {
    let unread = stream.unread();
    stream.ahead.borrow_mut().clear();
    stream.position.set(0);
    if unread > 0 {
        raw_seek(vm, stream, -(unread as i64), libc::SEEK_CUR)?;
    }
    Ok(())
}

/// Writes out, and brings the raw stream to where the reader stands.
pub(super) fn flush_and_rewind(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<()> {
    flush_inside(vm, stream)?;
    if stream.can_read.get() { drop_ahead(vm, stream) } else { Ok(()) }
}

/// Writes bytes, collecting small ones.
pub(super) fn write_inside(vm: &Vm, stream: Gc<PyBuffered>, bytes: &[u8]) -> PyResult<()> {
    if stream.unread() > 0 {
        drop_ahead(vm, stream)?;
    }
    let size = stream.size.get();
    let room = || size.saturating_sub(stream.unwritten.borrow().len());
    if bytes.len() <= room() {
        stream.unwritten.borrow_mut().extend_from_slice(bytes);
        return Ok(());
    }
    if let Err(raised) = flush_inside(vm, stream) {
        let exception = vm.take_exception(raised);
        if !vm.is_instance(exception, vm.exceptions.BlockingIOError) {
            return Err(vm.restore(exception));
        }
        let taken = room().min(bytes.len());
        stream.unwritten.borrow_mut().extend_from_slice(&bytes[..taken]);
        return if taken == bytes.len() { Ok(()) } else { Err(would_block(vm, taken)) };
    }
    let mut done = 0;
    while bytes.len() - done > size {
        match raw_write(vm, stream, &bytes[done..])? {
            Some(count) => done += count,
            None => {
                stream.unwritten.borrow_mut().extend_from_slice(&bytes[done..done + size]);
                return Err(would_block(vm, done + size));
            }
        }
        vm.check_interrupts()?;
    }
    stream.unwritten.borrow_mut().extend_from_slice(&bytes[done..]);
    Ok(())
}

/// What [`fill`] found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    Some,
    End,
    NotReady,
}

/// Reads a buffer ahead, behind what is unread.
pub(super) fn fill(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<Filled> {
    flush_inside(vm, stream)?;
    let Some(piece) = raw_read(vm, stream, stream.size.get())? else { return Ok(Filled::NotReady) };
    if piece.is_empty() {
        return Ok(Filled::End);
    }
    let mut ahead = stream.ahead.borrow_mut();
    let position = stream.position.replace(0).min(ahead.len());
    if position == ahead.len() {
        *ahead = piece;
    } else {
        ahead.drain(..position);
        ahead.extend_from_slice(&piece);
    }
    Ok(Filled::Some)
}

/// Takes up to `len` bytes that were read ahead.
pub(super) fn take(stream: Gc<PyBuffered>, len: usize) -> Vec<u8> {
    let position = stream.position.get();
    let ahead = stream.ahead.borrow();
    let end = position.saturating_add(len).min(ahead.len());
    stream.position.set(end);
    ahead[position.min(end)..end].to_vec()
}

/// The next piece by at most one read of the raw stream; empty at the end, and when nothing is there yet.
pub(super) fn read_some_inside(vm: &Vm, stream: Gc<PyBuffered>, len: usize) -> PyResult<Vec<u8>> {
    if stream.unread() == 0 {
        flush_inside(vm, stream)?;
        if len >= stream.size.get() {
            stream.ahead.borrow_mut().clear();
            stream.position.set(0);
            return Ok(raw_read(vm, stream, len)?.unwrap_or_default());
        }
        fill(vm, stream)?;
    }
    Ok(take(stream, len))
}

/// Everything to the end. `None`: nothing is there yet.
pub(super) fn read_all_inside(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<Option<Vec<u8>>> {
    flush_inside(vm, stream)?;
    let mut all = take(stream, usize::MAX);
    let raw = stream.raw.get();
    let mut is_ready = !all.is_empty();
    if let Some(file) = native_file(vm, raw) {
        match file::read_all(vm, file)? {
            Some(rest) if all.is_empty() => return Ok(Some(rest)),
            Some(rest) => all.extend_from_slice(&rest),
            None => {}
        }
        return Ok((is_ready || !all.is_empty()).then_some(all));
    }
    let accept = |name: &str, piece: Value| {
        if piece.is_none() || vm.is_instance(piece, vm.types.bytes) {
            return Ok(());
        }
        Err(vm.type_error(format!("{name}() should return bytes")))
    };
    if let Some(readall) = vm.getattr_opt(raw, vm.intern("readall"))? {
        let rest = vm.call(readall, &[])?;
        accept("readall", rest)?;
        if !rest.is_none() {
            is_ready = true;
            vm.with_bytes(rest, |rest| all.extend_from_slice(rest))?;
        }
        return Ok(is_ready.then_some(all));
    }
    loop {
        let piece = vm.call_method(raw, vm.names.read, &[])?;
        accept("read", piece)?;
        let before = all.len();
        if !piece.is_none() {
            is_ready = true;
            vm.with_bytes(piece, |piece| all.extend_from_slice(piece))?;
        }
        if all.len() == before {
            return Ok(is_ready.then_some(all));
        }
    }
}

/// `len` bytes, fewer at the end. `None`: nothing is there yet.
pub(super) fn read_exactly_inside(vm: &Vm, stream: Gc<PyBuffered>, len: usize) -> PyResult<Option<Vec<u8>>> {
    let mut out = take(stream, len);
    let size = stream.size.get();
    while out.len() < len {
        let missing = len - out.len();
        // Whole buffers go straight to the caller.
        let direct = if missing >= size { missing - missing % size } else { 0 };
        let found = read_more(vm, stream, &mut out, missing, direct)?;
        match found {
            Filled::Some => {}
            Filled::NotReady if out.is_empty() => return Ok(None),
            Filled::NotReady | Filled::End => break,
        }
    }
    Ok(Some(out))
}

/// Adds to `out`: up to `direct` bytes of the raw stream, or up to `missing` of the buffer, filled anew, when `direct` is 0.
fn read_more(vm: &Vm, stream: Gc<PyBuffered>, out: &mut Vec<u8>, missing: usize, direct: usize) -> PyResult<Filled> {
    if direct == 0 {
        let found = fill(vm, stream)?;
        out.extend_from_slice(&take(stream, missing));
        return Ok(found);
    }
    flush_inside(vm, stream)?;
    Ok(match raw_read(vm, stream, direct)? {
        None => Filled::NotReady,
        Some(piece) if piece.is_empty() => Filled::End,
        Some(piece) => {
            out.extend_from_slice(&piece);
            Filled::Some
        }
    })
}

/// What `readinto` and `readinto1` copy into a buffer of `room` bytes. `None`: nothing is there yet.
pub(super) fn read_for_buffer(vm: &Vm, stream: Gc<PyBuffered>, room: usize, once: bool) -> PyResult<Option<Vec<u8>>> {
    let mut out = take(stream, room);
    while out.len() < room {
        let missing = room - out.len();
        let is_direct = missing > stream.size.get();
        if once && !is_direct && !out.is_empty() {
            break;
        }
        let found = read_more(vm, stream, &mut out, missing, if is_direct { missing } else { 0 })?;
        match found {
            Filled::Some => {}
            Filled::NotReady if out.is_empty() => return Ok(None),
            Filled::NotReady | Filled::End => break,
        }
        if once && is_direct {
            break;
        }
    }
    Ok(Some(out))
}

/// A line with its end, at most `limit` bytes.
pub(super) fn read_line_inside(vm: &Vm, stream: Gc<PyBuffered>, limit: Option<usize>) -> PyResult<Vec<u8>> {
    let mut line = Vec::new();
    loop {
        let room = limit.map_or(usize::MAX, |limit| limit - line.len());
        let end = {
            let ahead = stream.ahead.borrow();
            let rest = &ahead[stream.position.get()..];
            rest[..rest.len().min(room)].iter().position(|byte| *byte == b'\n').map(|at| at + 1)
        };
        line.extend_from_slice(&take(stream, end.unwrap_or(room)));
        let is_done = end.is_some() || limit.is_some_and(|limit| line.len() >= limit);
        if is_done || fill(vm, stream)? != Filled::Some {
            return Ok(line);
        }
    }
}

/// Position of the reader or writer.
pub(in crate::io) fn tell(vm: &Vm, stream: Gc<PyBuffered>) -> PyResult<i64> {
    let raw = raw_tell(vm, stream)?;
    // A device may say 0 whatever was read of it.
    Ok((raw - stream.unread() as i64 + stream.unwritten.borrow().len() as i64).max(0))
}

pub(super) fn seek_inside(vm: &Vm, stream: Gc<PyBuffered>, offset: i64, whence: i32) -> PyResult<i64> {
    let raw = stream.raw.get();
    if native_file(vm, raw).is_none() {
        let answer = vm.call_method(raw, vm.intern("seekable"), &[])?;
        if !vm.truthy(answer)? {
            return Err(unsupported(vm, "File or stream is not seekable."));
        }
    }
    let unread = stream.unread() as i64;
    if whence != libc::SEEK_END && unread > 0 {
        // Within what was read ahead nothing needs to move below.
        let current = raw_tell(vm, stream)?;
        let step = if whence == libc::SEEK_SET { offset - (current - unread) } else { offset };
        let before = stream.position.get() as i64;
        if (-before..=unread).contains(&step) {
            stream.position.set((before + step) as usize);
            return Ok((current - unread + step).max(0));
        }
    }
    flush_inside(vm, stream)?;
    let offset = if whence == libc::SEEK_CUR { offset - stream.unread() as i64 } else { offset };
    let position = raw_seek(vm, stream, offset, whence)?;
    stream.ahead.borrow_mut().clear();
    stream.position.set(0);
    Ok(position)
}

/// For `text`: errors as the methods have them.
pub(super) fn check_readable(vm: &Vm, stream: Gc<PyBuffered>, action: &str) -> PyResult<()> {
    super::check_ready(vm, stream)?;
    if !stream.can_read.get() {
        return Err(unsupported(vm, action));
    }
    check_open(vm, stream, "read of")
}
