//! What lies below a connection: a socket, or two pieces of memory.
//!
//! Problem: OpenSSL's own socket stream waits within `SSL_read`. Whoever waits there holds the connection: a second thread could not write
//! meanwhile without racing it, and a descriptor that was closed and used again would receive foreign data.
//! Idea: one stream method for both kinds that never waits. Waiting is done outside, where nothing is held; the socket's descriptor is handed down anew for
//! every attempt.
//! Holds: a [`Transport`] is owned by its connection and outlives the stream that refers to it.
//! Source: <https://docs.openssl.org/3.0/man3/BIO_meth_new/>, crypto/bio/bss_sock.c for what a socket's stream answers.

use std::collections::VecDeque;
use std::ffi::{c_char, c_int, c_long, c_void};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::error;
use super::library::{Bio, BioMethod, library};
use crate::payload::plain_payload;

/// Bytes that wait between a program and a connection.
#[derive(Default)]
pub(super) struct Pipe(Mutex<Content>);

#[derive(Default)]
struct Content {
    bytes: VecDeque<u8>,
    is_ended: bool,
}

impl Pipe {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Content {
    /// Takes at most `room.len()` bytes out.
    fn take(&mut self, room: &mut [u8]) -> usize {
        let count = room.len().min(self.bytes.len());
        let (first, second) = self.bytes.as_slices();
        let split = first.len().min(count);
        room[..split].copy_from_slice(&first[..split]);
        room[split..count].copy_from_slice(&second[..count - split]);
        self.bytes.drain(..count);
        count
    }
}

enum Below {
    /// The descriptor for the attempt that is made; -1 for a socket that is closed.
    Socket(AtomicI32),
    Memory {
        incoming: Arc<Pipe>,
        outgoing: Arc<Pipe>,
    },
}

pub(super) struct Transport {
    below: Below,
    /// `errno` of the last call that failed in this attempt, or 0.
    errno: AtomicI32,
    /// The peer has sent all that it will.
    is_ended: AtomicBool,
}

impl Transport {
    pub(super) fn socket() -> Transport {
        Transport::new(Below::Socket(AtomicI32::new(-1)))
    }

    pub(super) fn memory(incoming: Arc<Pipe>, outgoing: Arc<Pipe>) -> Transport {
        Transport::new(Below::Memory { incoming, outgoing })
    }

    fn new(below: Below) -> Transport {
        Transport { below, errno: AtomicI32::new(0), is_ended: AtomicBool::new(false) }
    }

    /// Begins an attempt.
    pub(super) fn begin(&self, descriptor: i32) {
        self.errno.store(0, Ordering::Relaxed);
        if let Below::Socket(current) = &self.below {
            current.store(descriptor, Ordering::Relaxed);
        }
    }

    /// The system's error of this attempt, or 0.
    pub(super) fn errno(&self) -> i32 {
        self.errno.load(Ordering::Relaxed)
    }

    /// Bytes read; `Ok(None)` when there are none yet.
    fn read(&self, room: &mut [u8]) -> Result<Option<usize>, i32> {
        match &self.below {
            Below::Memory { incoming, .. } => {
                let mut content = incoming.content();
                let count = content.take(room);
                Ok(if count == 0 && !content.is_ended { None } else { Some(count) })
            }
            Below::Socket(descriptor) => system_call(|| {
                let descriptor = descriptor.load(Ordering::Relaxed);
                // SAFETY: address and length of the room.
                unsafe { libc::recv(descriptor, room.as_mut_ptr().cast(), room.len(), libc::MSG_DONTWAIT) }
            }),
        }
    }

    /// Bytes written; `Ok(None)` when the socket takes none now.
    fn write(&self, data: &[u8]) -> Result<Option<usize>, i32> {
        match &self.below {
            Below::Memory { outgoing, .. } => {
                outgoing.content().bytes.extend(data);
                Ok(Some(data.len()))
            }
            Below::Socket(descriptor) => system_call(|| {
                let descriptor = descriptor.load(Ordering::Relaxed);
                let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
                // SAFETY: address and length of the data.
                unsafe { libc::send(descriptor, data.as_ptr().cast(), data.len(), flags) }
            }),
        }
    }
}

/// A call that does not wait, made again when a signal interrupts it.
fn system_call(mut call: impl FnMut() -> isize) -> Result<Option<usize>, i32> {
    loop {
        let done = call();
        if done >= 0 {
            return Ok(Some(done.cast_unsigned()));
        }
        match std::io::Error::last_os_error().raw_os_error().unwrap_or(0) {
            libc::EINTR => {}
            libc::EAGAIN | libc::EINPROGRESS => return Ok(None),
            number => return Err(number),
        }
    }
}

const READS: c_int = 1;
const WRITES: c_int = 2;
const SHOULD_RETRY: c_int = 8;
const ALL_RETRY_FLAGS: c_int = 15;

/// # Safety
/// A stream made by [`new_stream`].
unsafe fn transport<'a>(bio: *mut Bio) -> &'a Transport {
    // SAFETY: contract; the transport outlives the stream.
    unsafe { &*library().BIO_get_data(bio).cast::<Transport>() }
}

/// Tells the library how a call ended.
///
/// # Safety
/// A stream made by [`new_stream`].
unsafe fn finish(bio: *mut Bio, done: Result<Option<usize>, i32>, direction: c_int) -> c_int {
    // SAFETY: contract.
    unsafe { library().BIO_clear_flags(bio, ALL_RETRY_FLAGS) };
    match done {
        Ok(Some(count)) => {
            if direction == READS && count == 0 {
                // SAFETY: contract.
                unsafe { transport(bio) }.is_ended.store(true, Ordering::Relaxed);
            }
            c_int::try_from(count).unwrap_or(c_int::MAX)
        }
        Ok(None) => {
            // SAFETY: contract.
            unsafe { library().BIO_set_flags(bio, direction | SHOULD_RETRY) };
            -1
        }
        Err(number) => {
            // SAFETY: contract.
            unsafe { transport(bio) }.errno.store(number, Ordering::Relaxed);
            -1
        }
    }
}

unsafe extern "C" fn read_stream(bio: *mut Bio, data: *mut c_char, len: c_int) -> c_int {
    let Ok(len) = usize::try_from(len) else { return -1 };
    if data.is_null() || len == 0 {
        return 0;
    }
    // SAFETY: the library gives a stream of this method and room for so many bytes.
    unsafe {
        let done = transport(bio).read(std::slice::from_raw_parts_mut(data.cast(), len));
        finish(bio, done, READS)
    }
}

unsafe extern "C" fn write_stream(bio: *mut Bio, data: *const c_char, len: c_int) -> c_int {
    let Ok(len) = usize::try_from(len) else { return -1 };
    if data.is_null() || len == 0 {
        return 0;
    }
    // SAFETY: the library gives a stream of this method and so many bytes.
    unsafe {
        let done = transport(bio).write(std::slice::from_raw_parts(data.cast(), len));
        finish(bio, done, WRITES)
    }
}

unsafe extern "C" fn control_stream(bio: *mut Bio, code: c_int, _: c_long, _: *mut c_void) -> c_long {
    const CTRL_EOF: c_int = 2;
    const CTRL_FLUSH: c_int = 11;
    const CTRL_DUP: c_int = 12;
    match code {
        // SAFETY: a stream of this method.
        CTRL_EOF => unsafe { transport(bio) }.is_ended.load(Ordering::Relaxed).into(),
        CTRL_FLUSH | CTRL_DUP => 1,
        _ => 0,
    }
}

/// The address of a method that lives as long as the process.
struct StreamMethod(*const BioMethod);

// SAFETY: the method does not change after it is made.
unsafe impl Send for StreamMethod {}
// SAFETY: as above.
unsafe impl Sync for StreamMethod {}

fn stream_method() -> *const BioMethod {
    static METHOD: OnceLock<StreamMethod> = OnceLock::new();
    const SOURCE_AND_SINK: c_int = 0x400;
    METHOD
        .get_or_init(|| {
            let library = library();
            // SAFETY: a fresh kind and a text with an end; the functions have the signatures of their rows.
            unsafe {
                let kind = library.BIO_get_new_index() | SOURCE_AND_SINK;
                let method = library.BIO_meth_new(kind, c"cinder".as_ptr());
                if !method.is_null() {
                    library.BIO_meth_set_read(method, read_stream);
                    library.BIO_meth_set_write(method, write_stream);
                    library.BIO_meth_set_ctrl(method, control_stream);
                }
                StreamMethod(method)
            }
        })
        .0
}

/// A stream over a transport; null when there is no memory.
///
/// # Safety
/// The transport stays where it is until the stream is freed.
pub(super) unsafe fn new_stream(transport: *const Transport) -> *mut Bio {
    let method = stream_method();
    if method.is_null() {
        return std::ptr::null_mut();
    }
    // SAFETY: a method, and a fresh stream.
    unsafe {
        let bio = library().BIO_new(method);
        if !bio.is_null() {
            library().BIO_set_data(bio, transport.cast_mut().cast());
            library().BIO_set_init(bio, 1);
        }
        bio
    }
}

// ---- MemoryBIO ----

#[repr(C)]
struct PyMemoryBio {
    header: Header,
    pipe: Arc<Pipe>,
}

plain_payload!(PyMemoryBio, "_ssl.MemoryBIO");

fn own(vm: &Vm, value: Value) -> Gc<PyMemoryBio> {
    vm.downcast::<PyMemoryBio>(value).expect("method of this class")
}

/// The bytes behind a `MemoryBIO`.
pub(super) fn pipe(vm: &Vm, value: Value) -> Option<Arc<Pipe>> {
    vm.downcast::<PyMemoryBio>(value).map(|bio| Arc::clone(&bio.pipe))
}

fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    if !args.is_empty() || names.is_some() {
        return Err(vm.type_error("MemoryBIO() takes no positional arguments"));
    }
    Ok(vm.alloc_instance(class, 0, |header| PyMemoryBio { header, pipe: Arc::default() })?.as_value())
}

fn read(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let limit = args.opt(1).map_or(Ok(-1), |limit| crate::args::c_int(vm, limit))?;
    let pipe = Arc::clone(&own(vm, args.at(0)).pipe);
    let taken = {
        let mut content = pipe.content();
        let pending = content.bytes.len();
        let mut room = vec![0; usize::try_from(limit).map_or(pending, |limit| limit.min(pending))];
        content.take(&mut room);
        room
    };
    vm.new_bytes(&taken)
}

fn write(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let pipe = Arc::clone(&own(vm, args.at(0)).pipe);
    let written = vm.with_bytes(args.at(1), |bytes| {
        let mut content = pipe.content();
        if content.is_ended {
            return None;
        }
        content.bytes.extend(bytes);
        Some(bytes.len())
    })?;
    match written {
        Some(len) => vm.new_uint(len),
        None => Err(error::plain(vm, "cannot write() after write_eof()")),
    }
}

pub(super) static MEMORY_BIO: TypeDef = TypeDef {
    slots: Slots { new: Some(new), ..Slots::NONE },
    methods: &[
        NativeDef::method("read", "self, size=-1, /", read)
            .doc("Take up to size bytes out, all of them by default.\n\nNothing comes out at the end, and while there is nothing yet; \"eof\" tells which."),
        NativeDef::method("write", "self, b, /", write).doc("Put bytes in. The result is their number."),
        NativeDef::method("write_eof", "self, /", |vm, args| {
            own(vm, args.at(0)).pipe.content().is_ended = true;
            Ok(Value::NONE)
        })
        .doc("Say that nothing more will be put in."),
    ],
    getset: &[
        GetSetDef::read_only("pending", |vm, value| vm.new_uint(own(vm, value).pipe.content().bytes.len()))
            .doc("The number of bytes pending in the memory BIO."),
        GetSetDef::read_only("eof", |vm, value| {
            let bio = own(vm, value);
            let content = bio.pipe.content();
            Ok(Value::from_bool(content.is_ended && content.bytes.is_empty()))
        })
        .doc("Whether the memory BIO is at EOF."),
    ],
    ..TypeDef::new("_ssl.MemoryBIO", <PyMemoryBio as Payload>::LAYOUT)
};
