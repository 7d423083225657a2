//! `_ssl.SSLSession`: what a later connection may take up.

use std::ffi::{c_long, c_uchar, c_uint};

use cinder_bytecode::CompareOp;
use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Gc, GetSetDef, PyResult, Value, Vm};

use super::connection;
use super::context;
use super::error::{self, line};
use super::library::{Session, library};

/// A reference to a session.
struct Owned(*mut Session);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the reference's own, or null, which is nothing.
        unsafe { library().SSL_SESSION_free(self.0) };
    }
}

#[repr(C)]
struct PySession {
    header: Header,
    session: Owned,
    /// The context of its connection: only connections of the same may take it up.
    context: Slot<Option<Value>>,
}

impl Trace for PySession {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.context.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySession {}

cinder_vm::layout!(PySession, "_ssl.SSLSession");

fn own(vm: &Vm, value: Value) -> Gc<PySession> {
    vm.downcast::<PySession>(value).expect("attribute of this class")
}

impl PySession {
    fn id(&self) -> &[u8] {
        let mut len: c_uint = 0;
        // SAFETY: a session, whose identifier does not change.
        unsafe {
            let data = library().SSL_SESSION_get_id(self.session.0, &raw mut len);
            if data.is_null() { &[] } else { std::slice::from_raw_parts(data, len as usize) }
        }
    }
}

/// The attribute `session` of a connection.
pub(super) fn get(vm: &Vm, value: Value) -> PyResult<Value> {
    let this = connection::own(vm, value);
    // SAFETY: a connection; the reference is ours.
    let found = Owned(this.look(vm, |openssl, ssl| unsafe { openssl.SSL_get1_session(ssl) }));
    if found.0.is_null() {
        return Ok(Value::NONE);
    }
    let class = vm.native_class(&SESSION)?;
    let make = |header| PySession { header, session: found, context: Slot::new(None) };
    let made = vm.alloc_instance(class, 0, make)?;
    made.context.set(&vm.heap, made, Some(this.context()));
    Ok(made.as_value())
}

/// A copy: the library changes a session that a connection takes up.
fn copy(session: *const Session) -> Option<Owned> {
    // SAFETY: a session; first asked for the length, then given room for it.
    unsafe {
        let len = library().i2d_SSL_SESSION(session, std::ptr::null_mut());
        let mut encoded = vec![0u8; usize::try_from(len).ok().filter(|len| *len > 0)?];
        let mut place: *mut c_uchar = encoded.as_mut_ptr();
        library().i2d_SSL_SESSION(session, &raw mut place);
        let mut data: *const c_uchar = encoded.as_ptr();
        let made = library().d2i_SSL_SESSION(std::ptr::null_mut(), &raw mut data, encoded.len() as c_long);
        (!made.is_null()).then_some(Owned(made))
    }
}

pub(super) fn set(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let new = context::given(vm, "_SSLSocket", "session", new)?;
    let Some(known) = vm.downcast::<PySession>(new) else { return Err(vm.type_error("Value is not a SSLSession.")) };
    let this = connection::own(vm, value);
    if known.context.get() != Some(this.context()) {
        return Err(vm.value_error("Session refers to a different SSLContext."));
    }
    if this.is_server {
        return Err(vm.value_error("Cannot set session for server-side SSLSocket."));
    }
    // SAFETY: a connection.
    if this.look(vm, |openssl, ssl| unsafe { openssl.SSL_is_init_finished(ssl) }) != 0 {
        return Err(vm.value_error("Cannot set session after handshake."));
    }
    let Some(copy) = copy(known.session.0) else { return Err(vm.value_error("Invalid session")) };
    // SAFETY: a connection, which makes a reference of its own.
    if this.look(vm, |openssl, ssl| unsafe { openssl.SSL_set_session(ssl, copy.0) }) == 0 {
        return Err(error::from_queue(vm, line::SESSION));
    }
    Ok(())
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(a), Some(b)) = (vm.downcast::<PySession>(a), vm.downcast::<PySession>(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(match op {
        CompareOp::Eq => Value::from_bool(a == b || a.id() == b.id()),
        CompareOp::Ne => Value::from_bool(a != b && a.id() != b.id()),
        _ => Value::NOT_IMPLEMENTED,
    })
}

pub(super) static SESSION: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots { compare: Some(compare), ..Slots::NONE },
    getset: &[
        GetSetDef::read_only("has_ticket", |vm, value| {
            // SAFETY: a session.
            Ok(Value::from_bool(unsafe { library().SSL_SESSION_has_ticket(own(vm, value).session.0) } != 0))
        })
        .doc("Does the session contain a ticket?"),
        GetSetDef::read_only("id", |vm, value| vm.new_bytes(own(vm, value).id())).doc("Session id."),
        GetSetDef::read_only("ticket_lifetime_hint", |vm, value| {
            // SAFETY: a session.
            vm.new_uint(unsafe { library().SSL_SESSION_get_ticket_lifetime_hint(own(vm, value).session.0) } as usize)
        })
        .doc("Ticket life time hint."),
        GetSetDef::read_only("time", |vm, value| {
            // SAFETY: a session.
            vm.new_int(unsafe { library().SSL_SESSION_get_time(own(vm, value).session.0) })
        })
        .doc("Session creation time (seconds since epoch)."),
        GetSetDef::read_only("timeout", |vm, value| {
            // SAFETY: a session.
            vm.new_int(unsafe { library().SSL_SESSION_get_timeout(own(vm, value).session.0) })
        })
        .doc("Session timeout (delta in seconds)."),
    ],
    setup: Some(|vm, class| vm.set_item_text(class.dict.get(), "__hash__", Value::NONE)),
    ..TypeDef::new("_ssl.SSLSession", <PySession as Payload>::LAYOUT)
};
