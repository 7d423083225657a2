//! `_ssl._SSLSocket`: a connection, over a socket or over two pieces of memory.
//!
//! Idea: a call on a connection is a sequence of attempts that do not wait (see [`super::transport`]). An attempt runs without the machine's lock and holds
//! the connection's [`Turn`]; between attempts the thread waits for the socket and holds nothing. So one thread can read while another writes, and closing the
//! socket fails the next attempt in place of reading from a descriptor that is somebody else's by then.
//! Holds: an `SSL` is touched only under its turn, by one thread at a time. A callback of the connection may look at it, for it has the turn, but not
//! begin another transfer.
//! Source: Modules/_ssl.c, `_SSLSocket`.

use std::cell::Cell;
use std::ffi::{CString, c_int, c_long};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Raised, Value, Vm};

use super::constants::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER, code};
use super::context::{self, ContextCore, PySslContext, VERIFY_PEER, VERIFY_POST_HANDSHAKE};
use super::error::{self, Outcome, Verdict, line};
use super::library::{Library, Ssl, library};
use super::transport::{self, Transport};
use super::{Foreign, callback, peer, session};
use crate::blocking::Deadline;
use crate::socket::{Handle, Timeout};

/// Who may touch a connection now.
#[derive(Default)]
struct Turn {
    lock: Mutex<()>,
    /// A number of the thread that has the lock, or 0.
    holder: AtomicUsize,
}

/// A number that no other thread has: the address of a variable of its own.
fn thread_number() -> usize {
    thread_local! {
        static PLACE: u8 = const { 0 };
    }
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}

impl Turn {
    fn is_mine(&self) -> bool {
        self.holder.load(Ordering::Relaxed) == thread_number()
    }

    /// Runs `body` with the turn. The calling thread does not have it yet, and does not hold the machine's lock.
    fn take<R>(&self, body: impl FnOnce() -> R) -> R {
        let _guard = self.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.holder.store(thread_number(), Ordering::Relaxed);
        let result = body();
        self.holder.store(0, Ordering::Relaxed);
        result
    }

    /// Runs `body`, which runs no Python, under the machine's lock.
    fn look<R>(&self, vm: &Vm, body: impl FnOnce() -> R) -> R {
        if self.is_mine() {
            return body();
        }
        loop {
            let guard = match self.lock.try_lock() {
                Ok(guard) => guard,
                Err(std::sync::TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(std::sync::TryLockError::WouldBlock) => {
                    // Whoever has the turn may be waiting for the machine's lock.
                    vm.allow_threads(|| drop(self.lock.lock()));
                    continue;
                }
            };
            let result = body();
            drop(guard);
            return result;
        }
    }
}

/// About what a connection takes, with keys and a record in work.
const CONNECTION_BYTES: usize = 32 << 10;

/// A connection of the library at a fixed address, which its callbacks are handed.
pub(super) struct Link {
    ssl: *mut Ssl,
    _memory: Foreign,
    transport: Transport,
    turn: Turn,
    pub(super) vm: *const Vm,
    /// The object that owns this link.
    pub(super) object: Cell<Option<Value>>,
}

impl Drop for Link {
    fn drop(&mut self) {
        // SAFETY: the link's own; the stream below goes with it, before the transport.
        unsafe { library().SSL_free(self.ssl) };
    }
}

#[repr(C)]
pub(super) struct PySslSocket {
    header: Header,
    link: Box<Link>,
    pub(super) is_server: bool,
    has_seen_zero: Cell<bool>,
    pub(super) server_hostname: Option<Box<str>>,
    /// The context in use.
    context: Slot<Option<Value>>,
    /// A weak reference to the context it was made from: the library goes on asking its function for names, as long as the object is there.
    first_context: Slot<Option<Value>>,
    /// A weak reference to the socket below; absent above memory.
    pub(super) socket: Slot<Option<Value>>,
    /// A weak reference to the object that functions know as the connection.
    pub(super) owner: Slot<Option<Value>>,
    /// What a callback raised in the call that runs.
    pub(super) failure: Slot<Option<Value>>,
}

impl Trace for PySslSocket {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.context.get());
        tracer.visit_option(self.first_context.get());
        tracer.visit_option(self.socket.get());
        tracer.visit_option(self.owner.get());
        tracer.visit_option(self.failure.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySslSocket {}

cinder_vm::layout!(PySslSocket, "_ssl._SSLSocket");

impl PySslSocket {
    /// The object of the context in use.
    pub(super) fn context(&self) -> Value {
        self.context.get().expect("a connection is made with its context")
    }

    /// The object of the context whose core lies at `core`, if the connection uses it and it is still there.
    pub(super) fn context_with(&self, vm: &Vm, core: *const ContextCore) -> Option<Value> {
        let first = self.first_context.get().and_then(|reference| referent(vm, reference));
        let known = [Some(self.context()), first].into_iter().flatten();
        known.into_iter().find(|known| std::ptr::eq(&raw const *context::own(vm, *known).core, core))
    }

    /// Looks at the connection, or changes what needs no transfer. `body` runs no Python.
    pub(super) fn look<R>(&self, vm: &Vm, body: impl FnOnce(&'static Library, *mut Ssl) -> R) -> R {
        self.link.turn.look(vm, || body(library(), self.link.ssl))
    }
}

pub(super) fn own(vm: &Vm, value: Value) -> Gc<PySslSocket> {
    vm.downcast::<PySslSocket>(value).expect("method of this class")
}

/// What a weak reference refers to.
pub(super) fn referent(vm: &Vm, reference: Value) -> Option<Value> {
    match vm.call(reference, &[]) {
        Ok(found) if !found.is_none() => Some(found),
        Ok(_) => None,
        Err(raised) => {
            vm.take_exception(raised);
            None
        }
    }
}

fn weak(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = vm.getattr_text(vm.import("_weakref")?, "ref")?;
    vm.call(class, &[value])
}

// ---- making one ----

/// The name of the server as bytes for the library: ASCII without zeros.
fn hostname(vm: &Vm, value: Option<Value>) -> PyResult<Option<CString>> {
    let Some(value) = crate::args::given(value) else { return Ok(None) };
    if !vm.is_str(value) {
        return Err(vm.type_error(format!("argument must be str, not {}", vm.type_name(value))));
    }
    let encoded = vm.encode_text(value, "ascii", "strict")?;
    let bytes = vm.with_bytes(encoded, <[u8]>::to_vec)?;
    match CString::new(bytes) {
        Ok(name) if name.is_empty() || name.as_bytes()[0] == b'.' => {
            Err(vm.value_error("server_hostname cannot be an empty string or start with a leading dot."))
        }
        Ok(name) => Ok(Some(name)),
        Err(_) => Err(vm.type_error("argument must be encoded string without null bytes, not str")),
    }
}

pub(super) fn wrap_socket(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    if crate::socket::handle_of(vm, args.at(1)).is_none() {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("_wrap_socket() argument 'sock' must be _socket.socket, not {found}")));
    }
    make(vm, args.at(0), Some(args.at(1)), Transport::socket(), args.at(2), [args.opt(3), args.opt(4), args.opt(5)])
}

pub(super) fn wrap_bio(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let pipe = |index: usize, name: &str| {
        transport::pipe(vm, args.at(index)).ok_or_else(|| {
            let found = vm.type_name(args.at(index));
            vm.type_error(format!("_wrap_bio() argument '{name}' must be _ssl.MemoryBIO, not {found}"))
        })
    };
    let below = Transport::memory(pipe(1, "incoming")?, pipe(2, "outgoing")?);
    check_parameters(vm, args)?;
    make(vm, args.at(0), None, below, args.at(3), [args.opt(4), args.opt(5), args.opt(6)])
}

/// Refuses what makes no sense for the side, and a name that is to be checked and is not given. (For sockets `ssl.py` does so itself.)
fn check_parameters(vm: &Vm, args: &[Arg]) -> PyResult<()> {
    let has_name = match crate::args::given(args.opt(4)) {
        Some(name) => vm.truthy(name)?,
        None => false,
    };
    if crate::args::c_int(vm, args.at(3))? != 0 {
        if has_name {
            return Err(vm.value_error("server_hostname can only be specified in client mode"));
        }
        if crate::args::given(args.opt(6)).is_some() {
            return Err(vm.value_error("session can only be specified in client mode"));
        }
    }
    if context::own(vm, args.at(0)).checks_hostname.get() && !has_name {
        return Err(vm.value_error("check_hostname requires server_hostname"));
    }
    Ok(())
}

/// Makes a connection. The last argument has the server's name, the owner, and a session.
fn make(
    vm: &Vm,
    context: Value,
    socket: Option<Value>,
    transport: Transport,
    server_side: Value,
    [name, owner, known_session]: [Option<Value>; 3],
) -> PyResult<Value> {
    let is_server = crate::args::c_int(vm, server_side)? != 0;
    let name = hostname(vm, name)?;
    let settings = context::own(vm, context);
    match settings.protocol {
        PROTOCOL_TLS_SERVER if !is_server => {
            let message = "Cannot create a client socket with a PROTOCOL_TLS_SERVER context";
            return Err(error::with_place(vm, message, line::NEW_SOCKET));
        }
        PROTOCOL_TLS_CLIENT if is_server => {
            let message = "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context";
            return Err(error::with_place(vm, message, line::NEW_SOCKET));
        }
        _ => {}
    }
    let openssl = library();
    error::clear(openssl);
    // SAFETY: a context.
    let ssl = unsafe { openssl.SSL_new(settings.core.raw) };
    if ssl.is_null() {
        return Err(error::from_queue(vm, line::NEW_SOCKET));
    }
    let vm_address = std::ptr::from_ref(vm);
    let memory = Foreign::new(vm);
    memory.set(CONNECTION_BYTES);
    let turn = Turn::default();
    let link = Box::new(Link { ssl, _memory: memory, transport, turn, vm: vm_address, object: Cell::new(None) });
    configure(&link, settings, is_server);
    if let Some(name) = &name {
        ask_for_name(vm, &link, settings, name)?;
    }
    let class = vm.native_class(&CONNECTION)?;
    let server_hostname = name.map(|name| name.to_string_lossy().into_owned().into_boxed_str());
    let made = vm.alloc_instance(class, 0, |header| PySslSocket {
        header,
        link,
        is_server,
        has_seen_zero: Cell::new(false),
        server_hostname,
        context: Slot::new(None),
        first_context: Slot::new(None),
        socket: Slot::new(None),
        owner: Slot::new(None),
        failure: Slot::new(None),
    })?;
    made.context.set(&vm.heap, made, Some(context));
    made.link.object.set(Some(made.as_value()));
    let reference = weak(vm, context)?;
    made.first_context.set(&vm.heap, made, Some(reference));
    if let Some(socket) = socket {
        let reference = weak(vm, socket)?;
        made.socket.set(&vm.heap, made, Some(reference));
    }
    if let Some(owner) = crate::args::given(owner) {
        set_owner(vm, made.as_value(), Some(owner))?;
    }
    if let Some(known) = crate::args::given(known_session) {
        session::set(vm, made.as_value(), Some(known))?;
    }
    Ok(made.as_value())
}

/// Joins a fresh connection with its link and the transport below.
fn configure(link: &Link, settings: Gc<PySslContext>, is_server: bool) {
    const CTRL_MODE: c_int = 33;
    /// Writing goes on from wherever the data lies then; reading goes on after messages that carry no data.
    const MODES: c_long = 2 | 4;
    let (openssl, ssl) = (library(), link.ssl);
    // SAFETY: a fresh connection; the link and its transport have fixed addresses and outlive it.
    unsafe {
        openssl.SSL_set_ex_data(ssl, 0, std::ptr::from_ref(link).cast_mut().cast());
        let stream = transport::new_stream(&raw const link.transport);
        openssl.SSL_set_bio(ssl, stream, stream);
        openssl.SSL_ctrl(ssl, CTRL_MODE, MODES, std::ptr::null_mut());
        if settings.asks_after_handshake.get() {
            if is_server {
                let mode = openssl.SSL_get_verify_mode(ssl);
                if mode & VERIFY_PEER != 0 {
                    let callback = openssl.SSL_get_verify_callback(ssl);
                    openssl.SSL_set_verify(ssl, mode | VERIFY_POST_HANDSHAKE, callback);
                }
            } else {
                openssl.SSL_set_post_handshake_auth(ssl, 1);
            }
        }
        if is_server { openssl.SSL_set_accept_state(ssl) } else { openssl.SSL_set_connect_state(ssl) }
    }
}

/// Tells the server which name is wanted, and lets its certificate be checked for it.
fn ask_for_name(vm: &Vm, link: &Link, settings: Gc<PySslContext>, name: &CString) -> PyResult<()> {
    const CTRL_SET_HOST_NAME: c_int = 55;
    const HOST_NAME: c_long = 0;
    let (openssl, ssl) = (library(), link.ssl);
    let address =
        name.to_str().ok().and_then(|name| name.parse::<core::net::IpAddr>().ok()).map(|address| match address {
            core::net::IpAddr::V4(address) => address.octets().to_vec(),
            core::net::IpAddr::V6(address) => address.octets().to_vec(),
        });
    // SAFETY: a connection and its parameters; a text with an end and bytes, which are copied.
    let done = unsafe {
        let told = match address {
            Some(_) => true,
            None => openssl.SSL_ctrl(ssl, CTRL_SET_HOST_NAME, HOST_NAME, name.as_ptr().cast_mut().cast()) != 0,
        };
        let param = openssl.SSL_get0_param(ssl);
        told && match address {
            _ if !settings.checks_hostname.get() => true,
            None => openssl.X509_VERIFY_PARAM_set1_host(param, name.as_ptr(), name.as_bytes().len()) != 0,
            Some(bytes) => openssl.X509_VERIFY_PARAM_set1_ip(param, bytes.as_ptr(), bytes.len()) != 0,
        }
    };
    if done { Ok(()) } else { Err(error::from_queue(vm, line::NEW_SOCKET)) }
}

// ---- transfers ----

/// The socket below a connection; `None` above memory. Errors: SSLError when it is gone.
fn socket_below(vm: &Vm, this: Gc<PySslSocket>, line: u32) -> PyResult<Option<Value>> {
    let Some(reference) = this.socket.get() else { return Ok(None) };
    match referent(vm, reference) {
        Some(socket) => Ok(Some(socket)),
        None => Err(error::with_place(vm, "Underlying socket connection gone", line)),
    }
}

/// One call on a connection, which transfers data.
struct Transfer {
    this: Gc<PySslSocket>,
    socket: Option<Value>,
    deadline: Deadline,
}

/// What came of waiting for a socket.
#[derive(PartialEq, Eq)]
enum Waited {
    Ready,
    /// The socket does not wait, or there is none.
    No,
    TimedOut,
    Closed,
}

impl Transfer {
    fn new(vm: &Vm, this: Gc<PySslSocket>, line: u32) -> PyResult<Transfer> {
        let socket = socket_below(vm, this, line)?;
        let transfer = Transfer { this, socket, deadline: Deadline::after(None) };
        let deadline = transfer.handle(vm).map_or(transfer.deadline, Handle::deadline);
        Ok(Transfer { deadline, ..transfer })
    }

    /// The socket as it is now: another thread may close it at any time.
    fn handle(&self, vm: &Vm) -> Option<Handle> {
        self.socket.and_then(|socket| crate::socket::handle_of(vm, socket))
    }

    /// Makes an attempt. It failed when its result is below `least`.
    fn attempt(
        &self,
        vm: &Vm,
        least: c_int,
        mut call: impl FnMut(&'static Library, *mut Ssl) -> c_int,
    ) -> PyResult<Outcome> {
        let link = &*self.this.link;
        if link.turn.is_mine() {
            return Err(vm.runtime_error("a callback of a connection cannot transfer data over it"));
        }
        let descriptor = self.handle(vm).map_or(-1, |handle| handle.fd);
        let outcome = vm.without_lock(|| {
            link.turn.take(|| {
                let openssl = library();
                link.transport.begin(descriptor);
                error::clear(openssl);
                let result = call(openssl, link.ssl);
                let has_failed = result < least;
                // SAFETY: the connection, and the result of the call just made on this thread.
                let state = if has_failed { unsafe { openssl.SSL_get_error(link.ssl, result) } } else { code::NONE };
                let outcome = Outcome { result, state, error: error::last(openssl), errno: link.transport.errno() };
                error::clear(openssl);
                outcome
            })
        });
        if let Err(raised) = vm.check_interrupts() {
            return Err(self.chain(vm, raised));
        }
        Ok(outcome)
    }

    /// Waits until the socket is ready for what an attempt wants.
    fn wait(&self, vm: &Vm, for_writing: bool) -> PyResult<Waited> {
        let Some(handle) = self.handle(vm) else { return Ok(Waited::No) };
        if handle.timeout == Timeout::NonBlocking {
            return Ok(Waited::No);
        }
        if handle.fd < 0 {
            return Ok(Waited::Closed);
        }
        let is_ready = handle.poll(vm, for_writing, self.deadline).map_err(|raised| self.chain(vm, raised))?;
        Ok(if is_ready { Waited::Ready } else { Waited::TimedOut })
    }

    /// What a callback raised goes before: it is the context of `raised`.
    fn chain(&self, vm: &Vm, raised: Raised) -> Raised {
        let Some(earlier) = self.this.failure.get() else { return raised };
        self.this.failure.set(&vm.heap, self.this, None);
        let exception = vm.take_exception(raised);
        match vm.setattr(exception, vm.intern("__context__"), Some(earlier)) {
            Ok(()) => vm.restore(exception),
            Err(raised) => raised,
        }
    }

    /// Raises what a callback raised.
    fn finish(&self, vm: &Vm) -> PyResult<()> {
        let Some(failure) = self.this.failure.get() else { return Ok(()) };
        self.this.failure.set(&vm.heap, self.this, None);
        Err(vm.restore(failure))
    }

    fn fail(&self, vm: &Vm, outcome: Outcome, line: u32) -> Raised {
        let verdict = || {
            // SAFETY: a connection.
            let result = self.this.look(vm, |openssl, ssl| unsafe { openssl.SSL_get_verify_result(ssl) });
            Verdict::new(library(), result, self.this.server_hostname.as_deref())
        };
        let raised = outcome.raise(vm, line, verdict);
        self.chain(vm, raised)
    }

    fn time_out(&self, vm: &Vm, message: &str) -> Raised {
        let raised = vm.raise_text(vm.exceptions.TimeoutError, message);
        self.chain(vm, raised)
    }

    fn closed(&self, vm: &Vm) -> Raised {
        let raised = error::plain(vm, "Underlying socket has been closed.");
        self.chain(vm, raised)
    }

    /// Makes attempts until one does not want to wait.
    fn run(&self, vm: &Vm, late: &str, mut call: impl FnMut(&'static Library, *mut Ssl) -> c_int) -> PyResult<Outcome> {
        loop {
            let outcome = self.attempt(vm, 1, &mut call)?;
            let Some(for_writing) = wanted(outcome) else { return Ok(outcome) };
            match self.wait(vm, for_writing)? {
                Waited::Ready => {}
                Waited::No => return Ok(outcome),
                Waited::TimedOut => return Err(self.time_out(vm, late)),
                Waited::Closed => return Err(self.closed(vm)),
            }
        }
    }
}

/// Which readiness an attempt waits for: of writing, or of reading.
fn wanted(outcome: Outcome) -> Option<bool> {
    match outcome.state {
        code::WANT_READ => Some(false),
        code::WANT_WRITE => Some(true),
        _ => None,
    }
}

fn do_handshake(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let transfer = Transfer::new(vm, own(vm, args.at(0)), line::NO_SOCKET)?;
    let late = format!("_ssl.c:{}: The handshake operation timed out", line::HANDSHAKE_TIMEOUT);
    // SAFETY: a connection.
    let outcome = transfer.run(vm, &late, |openssl, ssl| unsafe { openssl.SSL_do_handshake(ssl) })?;
    if outcome.result < 1 {
        return Err(transfer.fail(vm, outcome, line::HANDSHAKE));
    }
    transfer.finish(vm)?;
    Ok(Value::NONE)
}

fn write(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let transfer = Transfer::new(vm, own(vm, args.at(0)), line::WRITE)?;
    let data = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    // A socket with a time-out is asked first, so that a write to one that is closed says so.
    if transfer.handle(vm).is_some_and(|handle| matches!(handle.timeout, Timeout::After(_)) && handle.fd < 0) {
        return Err(transfer.closed(vm));
    }
    let mut count = 0;
    // SAFETY: a connection, bytes that stay until the call is over, and a place for their number.
    let outcome = transfer.run(vm, "The write operation timed out", |openssl, ssl| unsafe {
        openssl.SSL_write_ex(ssl, data.as_ptr().cast(), data.len(), &raw mut count)
    })?;
    if outcome.result < 1 {
        return Err(transfer.fail(vm, outcome, line::WRITE));
    }
    transfer.finish(vm)?;
    vm.new_uint(count)
}

/// One record holds no more bytes than this, and one call gives no more than what is left of a record.
const MOST_AT_ONCE: usize = 1 << 16;

/// Reads at most `limit` bytes, which is not 0; none at the end.
fn read_bytes(vm: &Vm, this: Gc<PySslSocket>, limit: usize) -> PyResult<Vec<u8>> {
    const RECEIVED_SHUTDOWN: c_int = 2;
    let transfer = Transfer::new(vm, this, line::READ)?;
    let len = limit.min(MOST_AT_ONCE);
    let mut room: Vec<u8> = Vec::with_capacity(len);
    let place = room.as_mut_ptr();
    let mut count = 0;
    // SAFETY: a connection, room for so many bytes, and a place for their number.
    let outcome = transfer.run(vm, "The read operation timed out", |openssl, ssl| unsafe {
        openssl.SSL_read_ex(ssl, place.cast(), len, &raw mut count)
    })?;
    if outcome.result < 1 {
        // SAFETY: a connection.
        let shutdown = this.look(vm, |openssl, ssl| unsafe { openssl.SSL_get_shutdown(ssl) });
        if outcome.state == code::ZERO_RETURN && shutdown == RECEIVED_SHUTDOWN {
            transfer.finish(vm)?;
            return Ok(Vec::new());
        }
        return Err(transfer.fail(vm, outcome, line::READ));
    }
    // SAFETY: the call wrote so many bytes, and no more than there is room for.
    unsafe { room.set_len(count.min(len)) };
    transfer.finish(vm)?;
    Ok(room)
}

/// `read(size)`, or `read(size, buffer)`, which gives the number of bytes.
fn read(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let this = own(vm, args.at(0));
    let size = crate::args::c_int(vm, args.at(1))?;
    let Some(buffer) = args.opt(2) else {
        let Ok(size) = usize::try_from(size) else { return Err(vm.value_error("size should not be negative")) };
        socket_below(vm, this, line::READ)?;
        let found = if size == 0 { Vec::new() } else { read_bytes(vm, this, size)? };
        return vm.new_bytes(&found);
    };
    let room = crate::args::with_bytes_mut(vm, buffer, |room| room.len()).map_err(|raised| {
        if !vm.pending_matches(vm.exceptions.TypeError) {
            return raised;
        }
        vm.take_exception(raised);
        let found = vm.type_name(buffer);
        vm.type_error(format!("read() argument 2 must be read-write bytes-like object, not {found}"))
    })?;
    let limit = usize::try_from(size).ok().filter(|size| (1..=room).contains(size)).unwrap_or(room);
    if limit == 0 {
        return vm.new_int(0);
    }
    let found = read_bytes(vm, this, limit)?;
    crate::io::store_into(vm, buffer, &found)?;
    vm.new_uint(found.len())
}

fn pending(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: a connection.
    vm.new_int(own(vm, args.at(0)).look(vm, |openssl, ssl| unsafe { openssl.SSL_pending(ssl) }).into())
}

/// Says goodbye, and waits for the peer's goodbye. The result is the socket below.
fn shutdown(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let this = own(vm, args.at(0));
    let transfer = Transfer::new(vm, this, line::SHUTDOWN_NO_SOCKET)?;
    if transfer.handle(vm).is_some_and(|handle| handle.fd < 0) {
        return Err(error::with_place(vm, "Underlying socket connection gone", line::SHUTDOWN_NO_SOCKET));
    }
    let mut zeros = 0;
    let outcome = loop {
        let has_seen_zero = this.has_seen_zero.get();
        // SAFETY: a connection.
        let outcome = transfer.attempt(vm, 0, |openssl, ssl| unsafe {
            if has_seen_zero {
                // What follows the goodbye belongs to the program, not to the connection.
                openssl.SSL_set_read_ahead(ssl, 0);
            }
            openssl.SSL_shutdown(ssl)
        })?;
        if outcome.result > 0 {
            break outcome;
        }
        if outcome.result == 0 {
            // The goodbye is sent; the second call waits for the peer's.
            zeros += 1;
            if zeros > 1 {
                break outcome;
            }
            this.has_seen_zero.set(true);
            continue;
        }
        let Some(for_writing) = wanted(outcome) else { break outcome };
        match transfer.wait(vm, for_writing)? {
            Waited::Ready => {}
            Waited::TimedOut => {
                let side = if for_writing { "write" } else { "read" };
                return Err(transfer.time_out(vm, &format!("The {side} operation timed out")));
            }
            Waited::No | Waited::Closed => break outcome,
        }
    };
    if outcome.result < 0 {
        return Err(transfer.fail(vm, outcome, line::SHUTDOWN));
    }
    transfer.finish(vm)?;
    Ok(transfer.socket.unwrap_or(Value::NONE))
}

fn verify_client_post_handshake(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    error::clear(library());
    // SAFETY: a connection.
    let done = own(vm, args.at(0)).look(vm, |openssl, ssl| unsafe { openssl.SSL_verify_client_post_handshake(ssl) });
    if done == 1 { Ok(Value::NONE) } else { Err(error::from_queue(vm, line::POST_HANDSHAKE)) }
}

// ---- attributes ----

fn set_context(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let new = context::given(vm, "_SSLSocket", "context", new)?;
    let Some(settings) = vm.downcast::<PySslContext>(new) else {
        return Err(vm.type_error("The value must be a SSLContext"));
    };
    let this = own(vm, value);
    let message = settings.message_callback.get().map(|_| callback::message as _);
    // SAFETY: a connection and a context, of which it takes a reference; the object keeps the rest.
    this.look(vm, |openssl, ssl| unsafe {
        openssl.SSL_set_SSL_CTX(ssl, settings.core.raw);
        openssl.SSL_set_msg_callback(ssl, message);
    });
    this.context.set(&vm.heap, this, Some(new));
    Ok(())
}

fn set_owner(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let reference = weak(vm, context::given(vm, "_SSLSocket", "owner", new)?)?;
    let this = own(vm, value);
    this.owner.set(&vm.heap, this, Some(reference));
    Ok(())
}

pub(super) static CONNECTION: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    methods: &[
        NativeDef::method("do_handshake", "self, /", do_handshake),
        NativeDef::method("write", "self, b, /", write)
            .doc("Send bytes. The result is the number of those that were taken."),
        NativeDef::method("read", "self, size, buffer=None, /", read)
            .doc("read(size, [buffer])\nReceive up to size bytes, into the buffer when there is one."),
        NativeDef::method("pending", "self, /", pending)
            .doc("The number of bytes that can be read without asking the peer."),
        NativeDef::method("shutdown", "self, /", shutdown).doc("Say goodbye to the peer and wait for its goodbye."),
        NativeDef::method("verify_client_post_handshake", "self, /", verify_client_post_handshake)
            .doc("Ask a client of TLS 1.3 for its certificate."),
        NativeDef::method("getpeercert", "self, der=False, /", peer::getpeercert),
        NativeDef::method("get_unverified_chain", "self, /", peer::get_unverified_chain),
        NativeDef::method("get_verified_chain", "self, /", peer::get_verified_chain),
        NativeDef::method("get_channel_binding", "self, /, cb_type='tls-unique'", peer::get_channel_binding),
        NativeDef::method("cipher", "self, /", peer::cipher),
        NativeDef::method("shared_ciphers", "self, /", peer::shared_ciphers),
        NativeDef::method("version", "self, /", peer::version),
        NativeDef::method("selected_alpn_protocol", "self, /", peer::selected_alpn_protocol),
        NativeDef::method("compression", "self, /", peer::compression),
    ],
    getset: &[
        GetSetDef::new("context", |vm, value| Ok(own(vm, value).context()), set_context)
            .doc("The context in use; a callback for server names may replace it."),
        GetSetDef::read_only("server_side", |vm, value| Ok(Value::from_bool(own(vm, value).is_server)))
            .doc("Whether this is a server-side socket."),
        GetSetDef::read_only("server_hostname", |vm, value| {
            own(vm, value).server_hostname.as_deref().map_or(Ok(Value::NONE), |name| vm.new_str(name))
        })
        .doc("The name of the server that was asked for."),
        GetSetDef::new(
            "owner",
            |vm, value| {
                let owner = own(vm, value).owner.get();
                Ok(owner.and_then(|reference| referent(vm, reference)).unwrap_or(Value::NONE))
            },
            set_owner,
        )
        .doc("What callbacks are given as the connection."),
        GetSetDef::new("session", session::get, session::set).doc("The session, to be taken up by a later connection."),
        GetSetDef::read_only("session_reused", |vm, value| {
            // SAFETY: a connection.
            let reused = own(vm, value).look(vm, |openssl, ssl| unsafe { openssl.SSL_session_reused(ssl) });
            Ok(Value::from_bool(reused != 0))
        })
        .doc("Whether the session of an earlier connection was taken up."),
    ],
    ..TypeDef::new("_ssl._SSLSocket", <PySslSocket as Payload>::LAYOUT)
};
