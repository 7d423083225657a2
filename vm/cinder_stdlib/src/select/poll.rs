//! Polling objects.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use cinder_heap::{HeapObject, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

use crate::args::{descriptor, given, os_error, os_error_number};
use crate::blocking::{self, Deadline};

#[repr(C)]
struct PyPoll {
    header: Header,
    /// Events asked for, by descriptor.
    registered: RefCell<BTreeMap<i32, i16>>,
    is_running: Cell<bool>,
}

impl Trace for PyPoll {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyPoll {}

cinder_vm::layout!(PyPoll, "select.poll");

fn poll_object(vm: &Vm, value: Value) -> Gc<PyPoll> {
    vm.downcast::<PyPoll>(value).expect("method of this class")
}

pub(super) fn new(vm: &Vm) -> PyResult<Value> {
    let class = vm.native_class(&POLL)?;
    let make = |header| PyPoll { header, registered: RefCell::default(), is_running: Cell::new(false) };
    Ok(vm.alloc_instance(class, 0, make)?.as_value())
}

fn events(vm: &Vm, value: Option<Value>) -> PyResult<i16> {
    let Some(value) = value else { return Ok(libc::POLLIN | libc::POLLPRI | libc::POLLOUT) };
    let number = vm.index_i64(value)?;
    match u16::try_from(number) {
        Ok(events) => Ok(events.cast_signed()),
        Err(_) if number < 0 => Err(vm.value_error("value must be positive")),
        Err(_) => Err(vm.overflow_error("Python int too large to convert to C unsigned short")),
    }
}

fn register(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let fd = descriptor(vm, args.at(1))?;
    let events = events(vm, args.opt(2))?;
    poll_object(vm, args.at(0)).registered.borrow_mut().insert(fd, events);
    Ok(Value::NONE)
}

fn modify(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let fd = descriptor(vm, args.at(1))?;
    let events = events(vm, args.opt(2))?;
    match poll_object(vm, args.at(0)).registered.borrow_mut().get_mut(&fd) {
        Some(known) => {
            *known = events;
            Ok(Value::NONE)
        }
        None => Err(os_error_number(vm, libc::ENOENT, None)),
    }
}

fn unregister(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let fd = descriptor(vm, args.at(1))?;
    let known = poll_object(vm, args.at(0)).registered.borrow_mut().remove(&fd);
    match known {
        Some(_) => Ok(Value::NONE),
        None => Err(vm.key_error(vm.new_int(fd.into())?)),
    }
}

/// Milliseconds, rounded up; negative waits for ever.
fn millis(vm: &Vm, value: Option<Value>) -> PyResult<Option<Duration>> {
    let Some(value) = given(value) else { return Ok(None) };
    let class = vm.type_of(value);
    let slots = class.slots();
    if !vm.is_int(value) && slots.float.is_none() && slots.index.is_none() {
        return Err(vm.type_error("timeout must be an integer or None"));
    }
    let millis = vm.float_argument(value)?;
    if millis < 0.0 {
        return Ok(None);
    }
    if millis.ceil() > f64::from(i32::MAX) {
        return Err(vm.overflow_error("timeout is too large"));
    }
    blocking::duration(vm, millis.ceil() / 1000.0).map(Some)
}

fn poll(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let this = poll_object(vm, args.at(0));
    let deadline = Deadline::after(millis(vm, args.opt(1))?);
    if this.is_running.replace(true) {
        return Err(vm.runtime_error("concurrent poll() invocation"));
    }
    let registered = this.registered.borrow();
    let mut fds: Vec<libc::pollfd> =
        registered.iter().map(|(fd, events)| libc::pollfd { fd: *fd, events: *events, revents: 0 }).collect();
    drop(registered);
    let found = blocking::call(vm, || {
        // SAFETY: pointer and length of a live list.
        unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, deadline.poll_millis()) as isize }
    });
    this.is_running.set(false);
    if let Err(error) = found? {
        return Err(os_error(vm, &error, None));
    }
    let list = vm.new_list(&[])?;
    for entry in fds.iter().filter(|entry| entry.revents != 0) {
        let pair = [vm.new_int(entry.fd.into())?, vm.new_int(entry.revents.cast_unsigned().into())?];
        vm.list_append(list, vm.new_tuple(&pair)?)?;
    }
    Ok(list)
}

static POLL: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    methods: &[
        NativeDef::method("register", "self, fd, eventmask=select.POLLIN|select.POLLPRI|select.POLLOUT, /", register),
        NativeDef::method("modify", "self, fd, eventmask, /", modify),
        NativeDef::method("unregister", "self, fd, /", unregister),
        NativeDef::method("poll", "self, timeout=None, /", poll),
    ],
    ..TypeDef::new("select.poll", <PyPoll as Payload>::LAYOUT)
};
