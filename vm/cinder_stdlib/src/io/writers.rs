//! Streams that may hold unwritten data, and what happens to streams that nobody closed.
//!
//! Problem: without reference counts a forgotten file is not closed at once, but programs write a file, forget it and read it again.
//! Idea: data collected for plain files is written before any call that could see the file ([`flush_files`]); a forgotten stream is closed when
//! a collection finds it ([`finalize`]), and one runs when descriptors run out.
//! Holds: dead streams leave the list when a collection finds them, before their memory is used again.

use std::cell::RefCell;
use std::ptr::NonNull;

use cinder_heap::{Collection, RootVec};
use cinder_layout::Header;
use cinder_vm::{PyResult, Value, Vm};

use super::base::PyIo;
use super::buffered::PyBuffered;
use super::file::PyFile;
use super::text::PyText;

/// In order of creation.
#[derive(Default)]
struct Writers(RefCell<Vec<NonNull<Header>>>);

fn writers(vm: &Vm) -> &'static RefCell<Vec<NonNull<Header>>> {
    let mut is_new = false;
    let writers = vm.native_state(|| {
        is_new = true;
        Writers::default()
    });
    if is_new {
        vm.heap.add_after_mark(move |live| writers.0.borrow_mut().retain(|stream| live.is_live(*stream)));
    }
    &writers.0
}

/// Remembers a stream that may have something to write.
pub(super) fn remember(vm: &Vm, stream: Value) {
    if let Some(header) = stream.try_ptr::<Header>() {
        writers(vm).borrow_mut().push(header);
    }
}

/// The streams that are open, kept alive.
fn open_streams(vm: &Vm) -> RootVec {
    let mut streams = vm.heap.root_vec();
    for header in writers(vm).borrow().iter() {
        let stream = Value::from_ptr(*header);
        if vm.downcast::<PyIo>(stream).is_some_and(|stream| !stream.closed.get()) {
            streams.push(stream);
        }
    }
    streams
}

/// Flushes every stream that is still open, text before the buffers below it.
pub(crate) fn flush_everything(vm: &Vm) {
    let streams = open_streams(vm);
    for is_text in [true, false] {
        for stream in streams.iter().filter(|stream| vm.downcast::<PyText>(**stream).is_some() == is_text) {
            if let Err(raised) = vm.call_method(*stream, vm.names.flush, &[]) {
                vm.take_exception(raised);
            }
        }
    }
}

/// Writes out what was collected for plain files: call before anything that could see their content.
///
/// Runs Python: no. Errors are left to the flush that the program will ask for.
pub(crate) fn flush_files(vm: &Vm) {
    let is_dirty = |stream: &NonNull<Header>| {
        let stream = Value::from_ptr(*stream);
        vm.downcast::<PyText>(stream).is_some_and(|text| text.has_outgoing())
            || vm.downcast::<PyBuffered>(stream).is_some_and(|buffered| buffered.has_unwritten())
    };
    if !writers(vm).borrow().iter().any(is_dirty) {
        return;
    }
    for stream in open_streams(vm).iter() {
        let flushed = if let Some(text) = vm.downcast::<PyText>(*stream) {
            match super::text::native_buffer(vm, text) {
                Some(buffer) if is_plain_file(vm, buffer.raw.get()) => super::text::flush(vm, text),
                _ => Ok(()),
            }
        } else if let Some(buffered) = vm.downcast::<PyBuffered>(*stream) {
            if is_plain_file(vm, buffered.raw.get()) { super::buffered::flush_quietly(vm, buffered) } else { Ok(()) }
        } else {
            Ok(())
        };
        if let Err(raised) = flushed {
            vm.take_exception(raised);
        }
    }
}

/// A native file on a descriptor that is neither a standard stream nor a pipe, socket or terminal.
fn is_plain_file(vm: &Vm, raw: Value) -> bool {
    let Some(file) = vm.downcast::<PyFile>(raw) else { return false };
    let fd = file.fd.get();
    if fd < 3 || vm.type_of(raw).def.is_none() {
        return false;
    }
    // SAFETY: a zeroed `stat` is valid, and the call fills it.
    unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        libc::fstat(fd, &raw mut found) == 0 && found.st_mode & libc::S_IFMT == libc::S_IFREG
    }
}

/// The stream above this one that is forgotten with it: it goes first, since it may hold data.
fn wrapper(vm: &Vm, stream: Value) -> Option<Value> {
    let above = |candidate: Value| {
        vm.downcast::<PyText>(candidate).is_some_and(|text| text.buffer.get() == stream)
            || vm.downcast::<PyBuffered>(candidate).is_some_and(|buffered| buffered.raw.get() == stream)
    };
    writers(vm).borrow().iter().map(|header| Value::from_ptr(*header)).find(|candidate| above(*candidate))
}

/// Closes a stream that nobody refers to. What goes wrong is not reported, as in CPython.
pub(super) fn finalize(vm: &Vm, stream: Value) -> PyResult<()> {
    if let Some(above) = wrapper(vm, stream) {
        finalize(vm, above)?;
    }
    let is_closed = vm.getattr(stream, vm.names.closed).and_then(|closed| vm.truthy(closed));
    let result = match is_closed {
        Ok(true) => Ok(()),
        Ok(false) => {
            warn(vm, stream);
            vm.call_method(stream, vm.names.close, &[]).map(|_| ())
        }
        Err(raised) => Err(raised),
    };
    if let Err(raised) = result {
        vm.take_exception(raised);
    }
    Ok(())
}

/// ResourceWarning for a file that is still open.
fn warn(vm: &Vm, stream: Value) {
    let mut raw = stream;
    if let Some(text) = vm.downcast::<PyText>(raw) {
        raw = text.buffer.get();
    }
    if let Some(buffered) = vm.downcast::<PyBuffered>(raw) {
        raw = buffered.raw.get();
    }
    let is_owner = vm.downcast::<PyFile>(raw).is_some_and(|file| file.fd.get() >= 0 && file.closes_descriptor());
    if is_owner {
        crate::warn::unclosed(vm, "file ", stream, "Exception ignored while finalizing file");
    }
}

/// Whether the descriptors had run out and some came free, so that the call is worth another attempt.
pub(crate) fn made_room(vm: &Vm, error: &std::io::Error) -> bool {
    if !matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) {
        return false;
    }
    vm.heap.collect(Collection::Full);
    crate::weakref::run_pending(vm);
    true
}
