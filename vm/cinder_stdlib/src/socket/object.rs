//! `_socket.socket`.

use std::cell::Cell;

use cinder_heap::{HeapObject, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::address::{Address, parse};
use super::{Timeout, default_timeout, message, timeout_argument, timeout_value, transfer};
use crate::args::{c_int, check_none, given, os_error, os_error_number};
use crate::blocking::{self, Deadline};

/// A descriptor that is closed when the object's memory is given back.
pub(super) struct Owned(Cell<i32>);

impl Drop for Owned {
    fn drop(&mut self) {
        if self.0.get() >= 0 {
            // SAFETY: the object's own descriptor.
            unsafe { libc::close(self.0.get()) };
        }
    }
}

#[repr(C)]
pub(super) struct PySocket {
    header: Header,
    fd: Owned,
    family: Cell<i32>,
    kind: Cell<i32>,
    proto: Cell<i32>,
    timeout: Cell<Timeout>,
}

impl Trace for PySocket {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySocket {}

cinder_vm::layout!(PySocket, "_socket.socket");

/// What a call needs of its socket. The object may be closed by another thread while the call waits; the descriptor then fails.
#[derive(Clone, Copy)]
pub(crate) struct Handle {
    /// -1 when it is closed.
    pub(crate) fd: i32,
    pub(super) family: i32,
    pub(crate) timeout: Timeout,
}

fn socket(vm: &Vm, value: Value) -> Gc<PySocket> {
    vm.downcast::<PySocket>(value).expect("method of this class")
}

pub(super) fn handle(vm: &Vm, value: Value) -> Handle {
    handle_of(vm, value).expect("method of this class")
}

/// What a call needs of a socket; `None` for other objects.
pub(crate) fn handle_of(vm: &Vm, value: Value) -> Option<Handle> {
    let socket = vm.downcast::<PySocket>(value)?;
    Some(Handle { fd: socket.fd.0.get(), family: socket.family.get(), timeout: socket.timeout.get() })
}

impl Handle {
    /// Waits until the socket can be read from or written to. Errors: TimeoutError.
    fn wait(self, vm: &Vm, for_writing: bool, deadline: Deadline) -> PyResult<()> {
        if self.poll(vm, for_writing, deadline)? {
            return Ok(());
        }
        Err(vm.raise_text(vm.exceptions.TimeoutError, "timed out"))
    }

    /// Waits until the socket can be read from or written to, or has failed; false when the time is over.
    pub(crate) fn poll(self, vm: &Vm, for_writing: bool, deadline: Deadline) -> PyResult<bool> {
        if self.fd < 0 {
            // A closed socket: `poll` would wait for nothing. The call that follows fails.
            return Ok(true);
        }
        let events = if for_writing { libc::POLLOUT } else { libc::POLLIN };
        let mut entry = libc::pollfd { fd: self.fd, events, revents: 0 };
        let at = &raw mut entry;
        // SAFETY: one entry.
        let found = blocking::call(vm, || unsafe { libc::poll(at, 1, deadline.poll_millis()) as isize })?;
        match found {
            Ok(count) => Ok(count > 0),
            Err(error) => Err(os_error(vm, &error, None)),
        }
    }

    /// When a call that begins now gives up.
    pub(crate) fn deadline(self) -> Deadline {
        Deadline::after(match self.timeout {
            Timeout::After(time) => Some(time),
            _ => None,
        })
    }

    /// A call that may wait, within the socket's time-out. `call` touches no object.
    pub(super) fn io(self, vm: &Vm, for_writing: bool, call: impl FnMut() -> isize) -> PyResult<usize> {
        self.io_until(vm, for_writing, self.deadline(), call)
    }

    /// As [`Handle::io`] with the end of the time given, for several calls that share it.
    pub(super) fn io_until(
        self,
        vm: &Vm,
        for_writing: bool,
        deadline: Deadline,
        mut call: impl FnMut() -> isize,
    ) -> PyResult<usize> {
        let is_timed = matches!(self.timeout, Timeout::After(_));
        loop {
            if is_timed {
                self.wait(vm, for_writing, deadline)?;
            }
            match blocking::call(vm, &mut call)? {
                Ok(done) => return Ok(done),
                Err(error) if is_timed && error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(os_error(vm, &error, None)),
            }
        }
    }
}

fn set_blocking(vm: &Vm, fd: i32, blocks: bool) -> PyResult<()> {
    let mut flag = libc::c_int::from(!blocks);
    // SAFETY: the flag is a local.
    crate::args::check(vm, unsafe { libc::ioctl(fd, libc::FIONBIO, &raw mut flag) })?;
    Ok(())
}

/// Gives the object its descriptor.
fn fill(vm: &Vm, socket: Gc<PySocket>, fd: i32, family: i32, kind: i32, proto: i32) -> PyResult<()> {
    socket.fd.0.set(fd);
    socket.family.set(family);
    socket.kind.set(kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC));
    socket.proto.set(proto);
    if kind & libc::SOCK_NONBLOCK != 0 {
        socket.timeout.set(Timeout::NonBlocking);
        return Ok(());
    }
    socket.timeout.set(default_timeout(vm).get());
    if socket.timeout.get() != Timeout::Blocking {
        set_blocking(vm, fd, false)?;
    }
    Ok(())
}

fn alloc(vm: &Vm, class: Gc<PyType>) -> PyResult<Gc<PySocket>> {
    vm.alloc_instance(class, 0, |header| PySocket {
        header,
        fd: Owned(Cell::new(-1)),
        family: Cell::new(0),
        kind: Cell::new(0),
        proto: Cell::new(0),
        timeout: Cell::new(Timeout::Blocking),
    })
}

/// A socket object for a descriptor that is its own from now on.
pub(super) fn from_descriptor(vm: &Vm, fd: i32, family: i32, kind: i32, proto: i32) -> PyResult<Value> {
    let made = alloc(vm, vm.native_class(&SOCKET)?)?;
    fill(vm, made, fd, family, kind, proto)?;
    Ok(made.as_value())
}

fn socket_option(fd: i32, name: i32) -> Option<i32> {
    let (mut value, mut len) = (0i32, size_of::<i32>() as libc::socklen_t);
    // SAFETY: four bytes of a local.
    let code = unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, name, (&raw mut value).cast(), &raw mut len) };
    (code >= 0).then_some(value)
}

static INIT: NativeDef = NativeDef::method("socket", "self, family=-1, type=-1, proto=-1, fileno=None", |vm, args| {
    let this = socket(vm, args.at(0));
    let number = |index: usize| args.opt(index).map_or(Ok(-1), |value| c_int(vm, value));
    let (mut family, mut kind, mut proto) = (number(1)?, number(2)?, number(3)?);
    if let Some(fileno) = given(args.opt(4)) {
        if vm.is_instance(fileno, vm.types.float) {
            return Err(vm.type_error("integer argument expected, got float"));
        }
        let fd = c_int(vm, fileno)?;
        if fd < 0 {
            return Err(vm.value_error("negative file descriptor"));
        }
        if family == -1 {
            let mut own = Address::empty();
            // SAFETY: room for any address.
            if unsafe { libc::getsockname(fd, own.mut_ptr(), &raw mut own.len) } < 0 {
                return Err(os_error(vm, &std::io::Error::last_os_error(), None));
            }
            family = i32::from(own.storage.ss_family);
        }
        for (field, option) in [(&mut kind, libc::SO_TYPE), (&mut proto, libc::SO_PROTOCOL)] {
            if *field == -1 {
                match socket_option(fd, option) {
                    Some(found) => *field = found,
                    None => return Err(os_error(vm, &std::io::Error::last_os_error(), None)),
                }
            }
        }
        fill(vm, this, fd, family, kind, proto)?;
        return Ok(Value::NONE);
    }
    family = if family == -1 { libc::AF_INET } else { family };
    kind = if kind == -1 { libc::SOCK_STREAM } else { kind };
    proto = if proto == -1 { 0 } else { proto };
    // SAFETY: numbers only.
    let open = || unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, proto) as isize };
    let mut opened = blocking::call(vm, open)?;
    if opened.as_ref().is_err_and(|error| crate::io::made_room(vm, error)) {
        opened = blocking::call(vm, open)?;
    }
    let fd = opened.map_err(|error| os_error(vm, &error, None))?;
    fill(vm, this, fd as i32, family, kind, proto)?;
    Ok(Value::NONE)
});

/// What happens to a socket that nobody closed.
fn finalize(vm: &Vm, value: Value) -> PyResult<()> {
    let fd = socket(vm, value).fd.0.get();
    if fd < 0 {
        return Ok(());
    }
    crate::warn::unclosed(vm, "", value, "Exception ignored while finalizing socket");
    socket(vm, value).fd.0.set(-1);
    // SAFETY: the object's own descriptor.
    unsafe { libc::close(fd) };
    Ok(())
}

// ---- methods ----

fn accept(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = handle(vm, args.at(0));
    let mut peer = Address::empty();
    let (at, len) = (peer.mut_ptr(), &raw mut peer.len);
    let fd = own.io(vm, false, || {
        // SAFETY: room for any address; its size is told anew at every attempt.
        unsafe {
            *len = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            libc::accept4(own.fd, at, len, libc::SOCK_CLOEXEC) as isize
        }
    })?;
    let pair = [vm.new_uint(fd)?, peer.value(vm)?];
    vm.new_tuple(&pair)
}

/// Connects; the number of the error, 0 for none.
fn connect_code(vm: &Vm, own: Handle, address: &Address) -> PyResult<i32> {
    let deadline = own.deadline();
    let (code, error) = vm.allow_threads(|| {
        // SAFETY: a complete address.
        let code = unsafe { libc::connect(own.fd, address.ptr(), address.len) };
        (code, std::io::Error::last_os_error())
    });
    if code >= 0 {
        return Ok(0);
    }
    let number = error.raw_os_error().unwrap_or(0);
    let waits = match number {
        libc::EINTR => {
            vm.check_interrupts()?;
            own.timeout != Timeout::NonBlocking
        }
        libc::EINPROGRESS => matches!(own.timeout, Timeout::After(_)),
        _ => false,
    };
    if !waits {
        return Ok(number);
    }
    own.wait(vm, true, deadline)?;
    Ok(socket_option(own.fd, libc::SO_ERROR).unwrap_or(0))
}

fn connect(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = handle(vm, args.at(0));
    let address = parse(vm, own.family, args.at(1), "connect")?;
    match connect_code(vm, own, &address)? {
        0 => Ok(Value::NONE),
        number => Err(os_error_number(vm, number, None)),
    }
}

fn connect_ex(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = handle(vm, args.at(0));
    let address = parse(vm, own.family, args.at(1), "connect_ex")?;
    match connect_code(vm, own, &address) {
        Ok(number) => vm.new_int(number.into()),
        Err(raised) if vm.pending_matches(vm.exceptions.TimeoutError) => {
            vm.take_exception(raised);
            vm.new_int(libc::EAGAIN.into())
        }
        Err(raised) => Err(raised),
    }
}

fn name_of(
    vm: &Vm,
    args: &[Arg],
    call: unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32,
) -> PyResult<Value> {
    let mut address = Address::empty();
    // SAFETY: room for any address.
    if unsafe { call(handle(vm, args.at(0)).fd, address.mut_ptr(), &raw mut address.len) } < 0 {
        return Err(os_error(vm, &std::io::Error::last_os_error(), None));
    }
    address.value(vm)
}

fn setsockopt(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let fd = handle(vm, args.at(0)).fd;
    let (level, name) = (c_int(vm, args.at(1))?, c_int(vm, args.at(2))?);
    let value = args.at(3);
    // SAFETY: pointer and length of live bytes, or null with a length.
    let code = unsafe {
        match args.opt(4) {
            Some(len) if value.is_none() => {
                let len = vm.index_i64(len)? as libc::socklen_t;
                libc::setsockopt(fd, level, name, std::ptr::null(), len)
            }
            Some(_) => return Err(vm.type_error("setsockopt() argument 3 must be None when optlen is given")),
            None if vm.is_int(value) => {
                let number = c_int(vm, value)?;
                libc::setsockopt(fd, level, name, (&raw const number).cast(), size_of::<i32>() as libc::socklen_t)
            }
            None => {
                let bytes = vm.with_bytes(value, <[u8]>::to_vec)?;
                libc::setsockopt(fd, level, name, bytes.as_ptr().cast(), bytes.len() as libc::socklen_t)
            }
        }
    };
    check_none(vm, code)
}

fn getsockopt(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let fd = handle(vm, args.at(0)).fd;
    let (level, name) = (c_int(vm, args.at(1))?, c_int(vm, args.at(2))?);
    let size = args.opt(3).map_or(Ok(0), |size| c_int(vm, size))?;
    if size == 0 {
        let (mut value, mut len) = (0i32, size_of::<i32>() as libc::socklen_t);
        // SAFETY: four bytes of a local.
        let code = unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &raw mut len) };
        crate::args::check(vm, code)?;
        return vm.new_int(value.into());
    }
    if !(1..=1024).contains(&size) {
        return Err(vm.raise_text(vm.exceptions.OSError, "getsockopt buflen out of range"));
    }
    let (mut room, mut len) = ([0u8; 1024], size as libc::socklen_t);
    // SAFETY: the room is at least as long as told.
    let code = unsafe { libc::getsockopt(fd, level, name, room.as_mut_ptr().cast(), &raw mut len) };
    crate::args::check(vm, code)?;
    vm.new_bytes(&room[..len as usize])
}

fn close(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let fd = socket(vm, args.at(0)).fd.0.replace(-1);
    if fd >= 0 {
        // SAFETY: the object's own descriptor.
        let (code, error) = vm.allow_threads(|| unsafe { (libc::close(fd), std::io::Error::last_os_error()) });
        // The peer may have reset the connection: the descriptor is closed all the same.
        if code < 0 && error.raw_os_error() != Some(libc::ECONNRESET) {
            return Err(os_error(vm, &error, None));
        }
    }
    Ok(Value::NONE)
}

fn set_timeout(vm: &Vm, value: Value, timeout: Timeout) -> PyResult<Value> {
    let socket = socket(vm, value);
    socket.timeout.set(timeout);
    set_blocking(vm, socket.fd.0.get(), timeout == Timeout::Blocking)?;
    Ok(Value::NONE)
}

pub(super) static SOCKET: TypeDef = TypeDef {
    doc: "socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, _, _| Ok(alloc(vm, class)?.as_value())),
        init: Some(|vm, value, args, names| {
            let mut all = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
            all.push(value);
            all.extend_from_slice(args);
            INIT.call(vm, &all, names).map(|_| ())
        }),
        repr: Some(|vm, value| {
            let this = socket(vm, value);
            let (fd, family) = (this.fd.0.get(), this.family.get());
            let (kind, proto) = (this.kind.get(), this.proto.get());
            vm.new_str(&format!("<socket object, fd={fd}, family={family}, type={kind}, proto={proto}>"))
        }),
        finalize: Some(finalize),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("_accept", "self, /", accept),
        NativeDef::method("bind", "self, address, /", |vm, args| {
            let own = handle(vm, args.at(0));
            let address = parse(vm, own.family, args.at(1), "bind")?;
            // SAFETY: a complete address.
            check_none(vm, unsafe { libc::bind(own.fd, address.ptr(), address.len) })
        }),
        NativeDef::method("close", "self, /", close),
        NativeDef::method("connect", "self, address, /", connect),
        NativeDef::method("connect_ex", "self, address, /", connect_ex),
        NativeDef::method("detach", "self, /", |vm, args| vm.new_int(socket(vm, args.at(0)).fd.0.replace(-1).into())),
        NativeDef::method("fileno", "self, /", |vm, args| vm.new_int(handle(vm, args.at(0)).fd.into())),
        NativeDef::method("getpeername", "self, /", |vm, args| name_of(vm, args, libc::getpeername)),
        NativeDef::method("getsockname", "self, /", |vm, args| name_of(vm, args, libc::getsockname)),
        NativeDef::method("getsockopt", "self, level, option, buffersize=0, /", getsockopt),
        NativeDef::method("setsockopt", "self, level, option, value, optlen=0, /", setsockopt),
        NativeDef::method("gettimeout", "self, /", |vm, args| timeout_value(vm, handle(vm, args.at(0)).timeout)),
        NativeDef::method("settimeout", "self, timeout, /", |vm, args| {
            let timeout = timeout_argument(vm, args.at(1))?;
            set_timeout(vm, args.at(0), timeout)
        }),
        NativeDef::method("setblocking", "self, flag, /", |vm, args| {
            let timeout = if vm.truthy(args.at(1))? { Timeout::Blocking } else { Timeout::NonBlocking };
            set_timeout(vm, args.at(0), timeout)
        }),
        NativeDef::method("getblocking", "self, /", |vm, args| {
            Ok(Value::from_bool(handle(vm, args.at(0)).timeout != Timeout::NonBlocking))
        }),
        NativeDef::method("listen", "self, backlog=128, /", |vm, args| {
            let fd = handle(vm, args.at(0)).fd;
            let backlog = args.opt(1).map_or(Ok(128), |backlog| c_int(vm, backlog))?.max(0);
            // SAFETY: numbers only.
            check_none(vm, unsafe { libc::listen(fd, backlog) })
        }),
        NativeDef::method("shutdown", "self, how, /", |vm, args| {
            let (fd, how) = (handle(vm, args.at(0)).fd, c_int(vm, args.at(1))?);
            // SAFETY: numbers only.
            check_none(vm, unsafe { libc::shutdown(fd, how) })
        }),
        NativeDef::method("recv", "self, bufsize, flags=0, /", transfer::recv),
        NativeDef::method("recv_into", "self, buffer, nbytes=0, flags=0", transfer::recv_into),
        NativeDef::method("recvfrom", "self, bufsize, flags=0, /", transfer::recvfrom),
        NativeDef::method("recvfrom_into", "self, buffer, nbytes=0, flags=0", transfer::recvfrom_into),
        NativeDef::method("send", "self, data, flags=0, /", transfer::send),
        NativeDef::method("sendall", "self, data, flags=0, /", transfer::sendall),
        NativeDef::method("sendto", "self, data, flags_or_address, address=None, /", transfer::sendto),
        NativeDef::method("recvmsg", "self, bufsize, ancbufsize=0, flags=0, /", message::recvmsg),
        NativeDef::method("recvmsg_into", "self, buffers, ancbufsize=0, flags=0, /", message::recvmsg_into),
        NativeDef::method("sendmsg", "self, buffers, ancdata=(), flags=0, address=None, /", message::sendmsg),
    ],
    getset: &[
        GetSetDef::member("family", |vm, value| vm.new_int(socket(vm, value).family.get().into())),
        GetSetDef::member("type", |vm, value| vm.new_int(socket(vm, value).kind.get().into())),
        GetSetDef::member("proto", |vm, value| vm.new_int(socket(vm, value).proto.get().into())),
        GetSetDef::read_only("timeout", |vm, value| timeout_value(vm, socket(vm, value).timeout.get())),
    ],
    ..TypeDef::new("_socket.socket", <PySocket as Payload>::LAYOUT)
};
