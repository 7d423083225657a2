//! Functions of Python that OpenSSL calls while it works on a connection.
//!
//! Problem: such calls come in the midst of a call that was made without the machine's lock, through frames of C that no panic may cross.
//! Idea: every entry takes the lock ([`enter`]) and finds its objects from the connection: OpenSSL hands out the `SSL`, which knows its
//! [`connection::Link`], which knows its object.
//! Holds: the object of a connection lives while a call on it runs (the caller's stack has it), and with it the context in use. What a function raises is
//! raised by the call that led to it, or reported as an exception that nobody can catch, as CPython does for each kind.
//! Source: Modules/_ssl.c, Modules/_ssl/debughelpers.c.

use std::ffi::{CStr, c_char, c_int, c_uchar, c_uint, c_void};
use std::io::{Seek, Write};
use std::sync::PoisonError;

use cinder_vm::{Arg, ArgsExt, Gc, PyResult, Raised, Value, Vm};

use super::connection::{self, PySslSocket};
use super::constants::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use super::context::{ContextCore, PySslContext, is_only, own};
use super::error::{self, line};
use super::library::{AnyCallback, Ssl, library};

const CTRL_SET_SERVER_NAME_CALLBACK: c_int = 53;
const CTRL_SET_SERVER_NAME_ARGUMENT: c_int = 54;

/// Runs `body` under the machine's lock, for code that C calls.
pub(super) fn enter<R>(vm: *const Vm, body: impl FnOnce(&Vm) -> R) -> R {
    // SAFETY: machines live for ever.
    let vm = unsafe { &*vm };
    let run = || vm.with_lock(body);
    // A panic must not unwind through the frames of C.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_or_else(|_| std::process::abort())
}

/// Reports what a callback raised and nobody can catch.
fn unraisable(vm: &Vm, raised: Raised, what: &str, function: Value) {
    let exception = vm.take_exception(raised);
    let shown = vm.repr_text(function).unwrap_or_else(|raised| {
        vm.take_exception(raised);
        "<unprintable>".to_owned()
    });
    crate::unraisable::report(vm, vm.restore(exception), &format!("Exception ignored in {what} {shown}"));
}

/// A function, or `None` for None. Errors: TypeError for other objects.
fn function_or_none(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    if !value.is_none() && !vm.is_callable(value) {
        return Err(vm.type_error("not a callable object"));
    }
    Ok(crate::args::given(Some(value)))
}

// ---- ALPN: the protocol above ----

pub(super) fn set_alpn_protocols(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let protocols = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let Ok(len) = c_uint::try_from(protocols.len()) else {
        return Err(vm.overflow_error(format!("protocols longer than {} bytes", c_uint::MAX)));
    };
    let this = own(vm, args.at(0));
    let core = &*this.core;
    // SAFETY: a context, and bytes that it copies.
    if unsafe { library().SSL_CTX_set_alpn_protos(core.raw, protocols.as_ptr(), len) } != 0 {
        error::clear(library());
        return Err(vm.memory_error_text(""));
    }
    *core.protocols.lock().unwrap_or_else(PoisonError::into_inner) = protocols;
    let user = std::ptr::from_ref(core).cast_mut().cast();
    // SAFETY: a context; a connection asks the function of the context in use, whose object it keeps.
    unsafe { library().SSL_CTX_set_alpn_select_cb(core.raw, Some(select_protocol), user) };
    Ok(Value::NONE)
}

/// The names in a list of names that each follow a byte with their length; what is cut off is left out.
fn names(mut list: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (len, rest) = list.split_first()?;
        let name = rest.get(..usize::from(*len))?;
        list = &rest[name.len()..];
        Some(name)
    })
}

/// The first of the server's protocols that the client offers.
unsafe extern "C" fn select_protocol(
    _: *mut Ssl,
    out: *mut *const c_uchar,
    out_len: *mut c_uchar,
    offered: *const c_uchar,
    offered_len: c_uint,
    user: *mut c_void,
) -> c_int {
    const OK: c_int = 0;
    const NO_ACKNOWLEDGEMENT: c_int = 3;
    if offered.is_null() {
        return NO_ACKNOWLEDGEMENT;
    }
    // SAFETY: `set_alpn_protocols` handed the core over, whose object the connection keeps; so many bytes of the client.
    let (core, offered) =
        unsafe { (&*user.cast::<ContextCore>(), std::slice::from_raw_parts(offered, offered_len as usize)) };
    let own = core.protocols.lock().unwrap_or_else(PoisonError::into_inner);
    let chosen =
        names(&own).filter(|name| !name.is_empty()).find_map(|name| names(offered).find(|other| *other == name));
    let Some(chosen) = chosen else { return NO_ACKNOWLEDGEMENT };
    // SAFETY: places for the result, which lies within the client's bytes.
    unsafe {
        *out = chosen.as_ptr();
        *out_len = chosen.len() as c_uchar;
    }
    OK
}

// ---- SNI: the name that the client asks for ----

pub(super) fn set_sni_callback(vm: &Vm, value: Value, new: Value) -> PyResult<()> {
    let this = own(vm, value);
    if is_only(this, PROTOCOL_TLS_CLIENT) {
        return Err(vm.value_error("sni_callback cannot be set on TLS_CLIENT context"));
    }
    let function = function_or_none(vm, new)?;
    this.sni_callback.set(&vm.heap, this, function);
    let core = &*this.core;
    // SAFETY: the library wants a function of another type, which it converts back before it calls it.
    let callback = function.map(|_| unsafe {
        std::mem::transmute::<unsafe extern "C" fn(*mut Ssl, *mut c_int, *mut c_void) -> c_int, AnyCallback>(
            server_name,
        )
    });
    let user = std::ptr::from_ref(core).cast_mut().cast();
    // SAFETY: a context; the address of its core is compared, never followed.
    unsafe {
        library().SSL_CTX_callback_ctrl(core.raw, CTRL_SET_SERVER_NAME_CALLBACK, callback);
        library().SSL_CTX_ctrl(core.raw, CTRL_SET_SERVER_NAME_ARGUMENT, 0, user);
    }
    Ok(())
}

unsafe extern "C" fn server_name(ssl: *mut Ssl, alert: *mut c_int, user: *mut c_void) -> c_int {
    const OK: c_int = 0;
    const FATAL: c_int = 2;
    const HOST_NAME: c_int = 0;
    // SAFETY: the connection that calls; the name is copied at once.
    let name = unsafe {
        let name = library().SSL_get_servername(ssl, HOST_NAME);
        (!name.is_null()).then(|| CStr::from_ptr(name).to_bytes().to_vec())
    };
    let Some(vm) = machine_of(ssl) else { return OK };
    match enter(vm, |vm| answer_server_name(vm, ssl, user.cast(), name.as_deref())) {
        None => OK,
        Some(code) => {
            // SAFETY: a place for the alert.
            unsafe { *alert = code };
            FATAL
        }
    }
}

/// Asks the function of the context at `core` about a name. The result is the alert that ends the connection, if any.
fn answer_server_name(vm: &Vm, ssl: *mut Ssl, core: *const ContextCore, name: Option<&[u8]>) -> Option<c_int> {
    const HANDSHAKE_FAILURE: c_int = 40;
    const INTERNAL_ERROR: c_int = 80;
    let context = connection_of(vm, ssl)?.context_with(vm, core)?;
    let function = own(vm, context).sni_callback.get()?;
    let Some(speaker) = speaker(vm, ssl) else { return Some(INTERNAL_ERROR) };
    let told = name.map_or(Ok(Value::NONE), |name| {
        let name = vm.new_bytes(name)?;
        vm.decode_bytes(name, "ascii", "strict")
    });
    let told = match told {
        Ok(told) => told,
        Err(raised) => {
            unraisable(vm, raised, "ssl servername callback while decoding name", context);
            return Some(INTERNAL_ERROR);
        }
    };
    match vm.call(function, &[speaker, told, context]) {
        Ok(answer) if answer.is_none() => None,
        Ok(answer) => Some(crate::args::c_int(vm, answer).unwrap_or_else(|raised| {
            unraisable(vm, raised, "ssl servername callback while calling", answer);
            INTERNAL_ERROR
        })),
        Err(raised) => {
            unraisable(vm, raised, "ssl servername callback while calling set SNI callback", function);
            Some(HANDSHAKE_FAILURE)
        }
    }
}

/// The object of a connection that calls back.
fn connection_of(vm: &Vm, ssl: *const Ssl) -> Option<Gc<PySslSocket>> {
    // SAFETY: a connection; what it knows is null or the link that owns it.
    let link = unsafe {
        let link: *const connection::Link = library().SSL_get_ex_data(ssl, 0).cast();
        link.as_ref()?
    };
    vm.downcast::<PySslSocket>(link.object.get()?)
}

/// The machine of a connection that calls back.
fn machine_of(ssl: *const Ssl) -> Option<*const Vm> {
    // SAFETY: as above.
    unsafe {
        let link: *const connection::Link = library().SSL_get_ex_data(ssl, 0).cast();
        link.as_ref().map(|link| link.vm)
    }
}

/// Whom functions know as the connection: its owner, else its socket, else the object itself. `None` when that is gone.
fn speaker(vm: &Vm, ssl: *const Ssl) -> Option<Value> {
    let this = connection_of(vm, ssl)?;
    match this.owner.get().or(this.socket.get()) {
        None => Some(this.as_value()),
        Some(reference) => connection::referent(vm, reference),
    }
}

/// Runs `body` for a connection; what it raises, the call that led here raises.
fn on_connection(ssl: *const Ssl, body: impl FnOnce(&Vm, Gc<PySslSocket>) -> PyResult<()>) {
    let Some(vm) = machine_of(ssl) else { return };
    enter(vm, |vm| {
        let Some(this) = connection_of(vm, ssl) else { return };
        // The first failure counts.
        if this.failure.get().is_none()
            && let Err(raised) = body(vm, this)
        {
            let exception = vm.take_exception(raised);
            this.failure.set(&vm.heap, this, Some(exception));
        }
    });
}

fn context_of(vm: &Vm, this: Gc<PySslSocket>) -> Gc<PySslContext> {
    own(vm, this.context())
}

// ---- messages of the protocol ----

pub(super) fn set_message_callback(vm: &Vm, value: Value, new: Value) -> PyResult<()> {
    let this = own(vm, value);
    let function = function_or_none(vm, new)?;
    this.message_callback.set(&vm.heap, this, function);
    // SAFETY: a context.
    unsafe { library().SSL_CTX_set_msg_callback(this.core.raw, function.map(|_| message as _)) };
    Ok(())
}

pub(super) unsafe extern "C" fn message(
    is_written: c_int,
    version: c_int,
    content_type: c_int,
    data: *const c_void,
    len: usize,
    ssl: *mut Ssl,
    _: *mut c_void,
) {
    const CHANGE_CIPHER_SPEC: c_int = 20;
    const ALERT: c_int = 21;
    const HANDSHAKE: c_int = 22;
    const HEADER: c_int = 0x100;
    const INNER_CONTENT_TYPE: c_int = 0x101;
    // SAFETY: so many bytes of the message.
    let data: &[u8] = if data.is_null() { &[] } else { unsafe { std::slice::from_raw_parts(data.cast(), len) } };
    let byte = |index: usize| data.get(index).map_or(-1, |byte| i64::from(*byte));
    let kind = match content_type {
        CHANGE_CIPHER_SPEC => 0x101,
        ALERT => byte(1),
        HANDSHAKE | HEADER | INNER_CONTENT_TYPE => byte(0),
        _ => -1,
    };
    on_connection(ssl, |vm, this| {
        let Some(function) = context_of(vm, this).message_callback.get() else { return Ok(()) };
        let Some(speaker) = speaker(vm, ssl) else { return Ok(()) };
        let direction = vm.new_str(if is_written != 0 { "write" } else { "read" })?;
        let (version, content_type) = (vm.new_int(version.into())?, vm.new_int(content_type.into())?);
        let (kind, data) = (vm.new_int(kind)?, vm.new_bytes(data)?);
        vm.call(function, &[speaker, direction, version, content_type, kind, data]).map(|_| ())
    });
}

// ---- secrets of connections in a file ----

pub(super) fn set_key_log(vm: &Vm, value: Value, new: Value) -> PyResult<()> {
    let this = own(vm, value);
    let core = &*this.core;
    this.key_log_filename.set(&vm.heap, this, None);
    *core.key_log.lock().unwrap_or_else(PoisonError::into_inner) = None;
    // SAFETY: a context.
    unsafe { library().SSL_CTX_set_keylog_callback(core.raw, None) };
    if new.is_none() {
        return Ok(());
    }
    let path = crate::os_path::path_bytes(vm, new)?;
    let file = open_key_log(&path).map_err(|error| crate::args::os_error(vm, &error, Some(new)))?;
    let this = own(vm, value);
    this.key_log_filename.set(&vm.heap, this, Some(new));
    *this.core.key_log.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
    // SAFETY: a context.
    unsafe { library().SSL_CTX_set_keylog_callback(this.core.raw, Some(log_key)) };
    Ok(())
}

/// Opens a file to append to; a new one begins with a line that says what it is.
fn open_key_log(path: &CStr) -> std::io::Result<crate::host::AppendFile> {
    let mut file = crate::host::append_to(path)?;
    if file.seek(std::io::SeekFrom::End(0))? == 0 {
        file.write_all(b"# TLS secrets log file, generated by OpenSSL / Python\n")?;
    }
    Ok(file)
}

unsafe extern "C" fn log_key(ssl: *const Ssl, text: *const c_char) {
    // SAFETY: a text with an end, which is copied.
    let mut text = unsafe { CStr::from_ptr(text) }.to_bytes().to_vec();
    text.push(b'\n');
    on_connection(ssl, |vm, this| {
        let context = context_of(vm, this);
        let mut file = context.core.key_log.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.as_mut().map_or(Ok(()), |file| file.write_all(&text));
        drop(file);
        written.map_err(|error| crate::args::os_error(vm, &error, context.key_log_filename.get()))
    });
}

// ---- keys that both sides know ----

pub(super) fn set_psk_client_callback(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (this, function) = (own(vm, args.at(0)), args.at(1));
    if is_only(this, PROTOCOL_TLS_SERVER) {
        let message = "Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context";
        return Err(error::with_place(vm, message, line::PSK_CLIENT));
    }
    if !function.is_none() && !vm.is_callable(function) {
        return Err(vm.type_error("callback must be callable"));
    }
    let function = crate::args::given(Some(function));
    this.psk_client_callback.set(&vm.heap, this, function);
    // SAFETY: a context.
    unsafe { library().SSL_CTX_set_psk_client_callback(this.core.raw, function.map(|_| psk_client as _)) };
    Ok(Value::NONE)
}

pub(super) fn set_psk_server_callback(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (this, function) = (own(vm, args.at(0)), args.at(1));
    if is_only(this, PROTOCOL_TLS_CLIENT) {
        let message = "Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context";
        return Err(error::with_place(vm, message, line::PSK_SERVER));
    }
    if !function.is_none() && !vm.is_callable(function) {
        return Err(vm.type_error("callback must be callable"));
    }
    let function = crate::args::given(Some(function));
    if function.is_some() {
        let place = "set_psk_server_callback() argument 'identity_hint'";
        let hint = crate::args::given(args.opt(2)).map(|hint| super::context::c_text(vm, hint, place)).transpose()?;
        let text = hint.as_ref().map_or(std::ptr::null(), |hint| hint.as_ptr());
        error::clear(library());
        // SAFETY: a context, and a text with an end or null.
        if unsafe { library().SSL_CTX_use_psk_identity_hint(this.core.raw, text) } != 1 {
            return Err(error::from_queue(vm, line::PSK_SERVER));
        }
    }
    this.psk_server_callback.set(&vm.heap, this, function);
    // SAFETY: a context.
    unsafe { library().SSL_CTX_set_psk_server_callback(this.core.raw, function.map(|_| psk_server as _)) };
    Ok(Value::NONE)
}

/// A name that the other side sent.
///
/// # Safety
/// Null, or a text with an end.
unsafe fn sent_name(vm: &Vm, text: *const c_char) -> PyResult<Value> {
    if text.is_null() {
        return Ok(Value::NONE);
    }
    // SAFETY: contract; the bytes are copied.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes().to_vec();
    if bytes.is_empty() {
        return Ok(Value::NONE);
    }
    let bytes = vm.new_bytes(&bytes)?;
    vm.decode_bytes(bytes, "utf-8", "strict")
}

/// Copies bytes to a place for `size` bytes; their number, or `None` when they do not fit.
///
/// # Safety
/// A place for so many bytes.
unsafe fn put(bytes: &[u8], place: *mut u8, size: c_uint) -> Option<c_uint> {
    if bytes.len() > size as usize {
        return None;
    }
    // SAFETY: contract.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len()) };
    Some(bytes.len() as c_uint)
}

/// Asks a function for a key; 0, which ends the handshake, when it gives none.
fn ask_for_key(
    ssl: *mut Ssl,
    what: &str,
    function: fn(&PySslContext) -> Option<Value>,
    ask: impl FnOnce(&Vm, Value) -> PyResult<Option<c_uint>>,
) -> c_uint {
    let Some(vm) = machine_of(ssl) else { return 0 };
    enter(vm, |vm| {
        let Some(this) = connection_of(vm, ssl) else { return 0 };
        let Some(function) = function(&context_of(vm, this)) else { return 0 };
        match ask(vm, function) {
            Ok(len) => len.unwrap_or(0),
            Err(raised) => {
                unraisable(vm, raised, what, function);
                0
            }
        }
    })
}

unsafe extern "C" fn psk_client(
    ssl: *mut Ssl,
    hint: *const c_char,
    identity: *mut c_char,
    identity_size: c_uint,
    key: *mut c_uchar,
    key_size: c_uint,
) -> c_uint {
    let what = "ssl PSK client callback while calling callback";
    ask_for_key(
        ssl,
        what,
        |context| context.psk_client_callback.get(),
        |vm, function| {
            // SAFETY: null or a text of the library.
            let hint = unsafe { sent_name(vm, hint)? };
            let answer = vm.call(function, &[hint])?;
            let parts = if vm.as_tuple(answer).is_some() { vm.tuple_items(answer) } else { &[] };
            let [name, secret] = parts else {
                return Err(vm.type_error("a tuple of an identity and a key is required"));
            };
            let name = if name.is_none() { Vec::new() } else { crate::args::text(vm, *name, "identity")?.into_bytes() };
            vm.with_bytes(*secret, |secret| {
                // SAFETY: places of the sizes that the library gives; one byte stays for the end of the name.
                unsafe {
                    let len = put(&name, identity.cast(), identity_size.saturating_sub(1))?;
                    *identity.add(len as usize) = 0;
                    put(secret, key, key_size)
                }
            })
        },
    )
}

unsafe extern "C" fn psk_server(ssl: *mut Ssl, identity: *const c_char, key: *mut c_uchar, key_size: c_uint) -> c_uint {
    let what = "ssl PSK server callback while calling callback";
    ask_for_key(
        ssl,
        what,
        |context| context.psk_server_callback.get(),
        |vm, function| {
            // SAFETY: null or a text of the library.
            let identity = unsafe { sent_name(vm, identity)? };
            let secret = vm.call(function, &[identity])?;
            // SAFETY: a place of the size that the library gives.
            vm.with_bytes(secret, |secret| unsafe { put(secret, key, key_size) })
        },
    )
}
