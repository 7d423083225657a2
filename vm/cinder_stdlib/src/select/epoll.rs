//! `select.epoll`.

use std::cell::Cell;

use cinder_heap::{HeapObject, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use crate::args::{c_int, check_none, descriptor, given, os_error};
use crate::blocking::{self, Deadline};

/// A descriptor that is closed with its object.
struct Owned(Cell<i32>);

impl Drop for Owned {
    fn drop(&mut self) {
        if self.0.get() >= 0 {
            // SAFETY: the object's own descriptor.
            unsafe { libc::close(self.0.get()) };
        }
    }
}

#[repr(C)]
struct PyEpoll {
    header: Header,
    fd: Owned,
}

impl Trace for PyEpoll {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyEpoll {}

cinder_vm::layout!(PyEpoll, "select.epoll");

fn epoll(vm: &Vm, value: Value) -> Gc<PyEpoll> {
    vm.downcast::<PyEpoll>(value).expect("method of this class")
}

/// The descriptor, when it is open. Errors: ValueError.
fn open(vm: &Vm, value: Value) -> PyResult<i32> {
    match epoll(vm, value).fd.0.get() {
        -1 => Err(vm.value_error("I/O operation on closed epoll object")),
        fd => Ok(fd),
    }
}

fn make(vm: &Vm, class: Gc<cinder_vm::types::type_::PyType>, fd: i32) -> PyResult<Value> {
    Ok(vm.alloc_instance(class, 0, |header| PyEpoll { header, fd: Owned(Cell::new(fd)) })?.as_value())
}

static NEW: NativeDef = NativeDef::function("epoll", "sizehint=-1, flags=0", |vm, args| {
    let hint = args.opt(0).map_or(Ok(-1), |hint| c_int(vm, hint))?;
    if hint < -1 || hint == 0 {
        return Err(vm.value_error("sizehint must be positive or -1"));
    }
    let flags = args.opt(1).map_or(Ok(0), |flags| c_int(vm, flags))?;
    if flags & !libc::EPOLL_CLOEXEC != 0 {
        return Err(vm.raise_text(vm.exceptions.OSError, "invalid flags"));
    }
    // SAFETY: numbers only.
    let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    if fd < 0 {
        return Err(os_error(vm, &std::io::Error::last_os_error(), None));
    }
    make(vm, vm.native_class(&EPOLL)?, fd)
});

fn control(vm: &Vm, args: &[Arg], operation: i32, events: u32) -> PyResult<Value> {
    let own = open(vm, args.at(0))?;
    let fd = descriptor(vm, args.at(1))?;
    let mut event = libc::epoll_event { events, u64: u64::from(fd.cast_unsigned()) };
    // SAFETY: the event is a local.
    check_none(vm, unsafe { libc::epoll_ctl(own, operation, fd, &raw mut event) })
}

fn mask(vm: &Vm, value: Option<Value>) -> PyResult<u32> {
    match value {
        Some(value) => Ok(vm.index_i64(value)? as u32),
        None => Ok((libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT).cast_unsigned()),
    }
}

fn poll(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = open(vm, args.at(0))?;
    let timeout = match given(args.opt(1)) {
        None => None,
        Some(seconds) => {
            let class = vm.type_of(seconds);
            let slots = class.slots();
            if !vm.is_int(seconds) && slots.float.is_none() && slots.index.is_none() {
                return Err(vm.type_error("timeout must be an integer or None"));
            }
            let seconds = vm.float_argument(seconds)?;
            if seconds < 0.0 {
                None
            } else if seconds * 1000.0 > f64::from(i32::MAX) {
                return Err(vm.overflow_error("timeout is too large"));
            } else {
                Some(blocking::duration(vm, seconds)?)
            }
        }
    };
    let most = args.opt(2).map_or(Ok(-1), |most| c_int(vm, most))?;
    if most < -1 || most == 0 {
        return Err(vm.value_error(format!("maxevents must be greater than 0, got {most}")));
    }
    let room = if most < 0 { 1023 } else { most as usize };
    let deadline = Deadline::after(timeout);
    let mut found = vec![libc::epoll_event { events: 0, u64: 0 }; room.min(1 << 16)];
    let count = blocking::call_or_raise(vm, || {
        // SAFETY: pointer and length of a live list.
        unsafe { libc::epoll_wait(own, found.as_mut_ptr(), found.len() as i32, deadline.poll_millis()) as isize }
    })?;
    let list = vm.new_list(&[])?;
    for event in &found[..count] {
        let (events, fd) = (event.events, event.u64);
        let pair = [vm.new_uint(fd as usize)?, vm.new_uint(events as usize)?];
        vm.list_append(list, vm.new_tuple(&pair)?)?;
    }
    Ok(list)
}

fn close(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let fd = epoll(vm, args.at(0)).fd.0.replace(-1);
    if fd >= 0 {
        // SAFETY: the object's own descriptor.
        unsafe { libc::close(fd) };
    }
    Ok(Value::NONE)
}

pub(super) static EPOLL: TypeDef = TypeDef {
    doc: "Returns an epolling object.",
    slots: Slots { new: Some(|vm, _, args, names| NEW.call(vm, args, names)), ..Slots::NONE },
    methods: &[
        NativeDef::method(
            "register",
            "self, fd, eventmask=select.EPOLLIN|select.EPOLLPRI|select.EPOLLOUT",
            |vm, args| control(vm, args, libc::EPOLL_CTL_ADD, mask(vm, args.opt(2))?),
        ),
        NativeDef::method("modify", "self, fd, eventmask", |vm, args| {
            control(vm, args, libc::EPOLL_CTL_MOD, mask(vm, args.opt(2))?)
        }),
        NativeDef::method("unregister", "self, fd", |vm, args| control(vm, args, libc::EPOLL_CTL_DEL, 0)),
        NativeDef::method("poll", "self, timeout=None, maxevents=-1", poll),
        NativeDef::method("close", "self, /", close),
        NativeDef::method("fileno", "self, /", |vm, args| vm.new_int(open(vm, args.at(0))?.into())),
        NativeDef::method("__enter__", "self, /", |vm, args| {
            open(vm, args.at(0))?;
            Ok(args.at(0))
        }),
        NativeDef::method("__exit__", "self, exc_type=None, exc_value=None, exc_tb=None, /", close),
        NativeDef::class_method("fromfd", "type, fd, /", |vm, args| {
            let fd = descriptor(vm, args.at(1))?;
            make(vm, vm.native_class(&EPOLL)?, fd)
        }),
    ],
    getset: &[GetSetDef::read_only("closed", |vm, value| Ok(Value::from_bool(epoll(vm, value).fd.0.get() < 0)))],
    ..TypeDef::new("select.epoll", <PyEpoll as Payload>::LAYOUT)
};
