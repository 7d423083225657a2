//! `_ssl._SSLContext`: what connections have in common.
//!
//! Holds: the library's context lives in a [`ContextCore`] with a fixed address, which callbacks are handed; the core belongs to the object, and every
//! connection keeps the object of the context in use. The context that it was made from may be gone: its core is an address to compare then.
//! Source: Modules/_ssl.c, `_SSLContext`.

use std::cell::Cell;
use std::ffi::{CString, c_int, c_long, c_ulong};
use std::sync::Mutex;

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::constants::{self, *};
use super::error::{self, line};
use super::library::{SslContext, library};
use super::{Foreign, callback, connection, load, peer};
use crate::args::c_int as int_argument;

const CTRL_MODE: c_int = 33;
const CTRL_SET_GROUPS: c_int = 91;
const CTRL_SET_MIN_VERSION: c_int = 123;
const CTRL_SET_MAX_VERSION: c_int = 124;
const CTRL_GET_MIN_VERSION: c_int = 130;
const CTRL_GET_MAX_VERSION: c_int = 131;
const MODE_RELEASE_BUFFERS: c_long = 0x10;

pub(super) const VERIFY_NONE: c_int = 0;
pub(super) const VERIFY_PEER: c_int = 1;
const VERIFY_FAIL_WITHOUT_CERTIFICATE: c_int = 2;
pub(super) const VERIFY_POST_HANDSHAKE: c_int = 8;

/// About what a context takes by itself, and for each certificate that it trusts.
const CONTEXT_BYTES: usize = 16 << 10;
const CERTIFICATE_BYTES: usize = 6 << 10;

/// The library's context, and what its callbacks need without an object.
pub(super) struct ContextCore {
    pub(super) raw: *mut SslContext,
    memory: Foreign,
    /// Protocols that the application offers, each behind a byte with its length.
    pub(super) protocols: Mutex<Vec<u8>>,
    /// Where secrets of connections are written.
    pub(super) key_log: Mutex<Option<crate::host::AppendFile>>,
}

impl ContextCore {
    /// Tells the collector what the context takes with so many certificates to trust.
    pub(super) fn note_certificates(&self, count: usize) {
        self.memory.set(CONTEXT_BYTES + CERTIFICATE_BYTES * count);
    }
}

impl Drop for ContextCore {
    fn drop(&mut self) {
        // SAFETY: the core's own reference. Connections have references of their own.
        unsafe { library().SSL_CTX_free(self.raw) };
    }
}

#[repr(C)]
pub(super) struct PySslContext {
    header: Header,
    pub(super) core: Box<ContextCore>,
    pub(super) protocol: c_int,
    pub(super) checks_hostname: Cell<bool>,
    host_flags: Cell<u32>,
    pub(super) asks_after_handshake: Cell<bool>,
    pub(super) sni_callback: Slot<Option<Value>>,
    pub(super) message_callback: Slot<Option<Value>>,
    pub(super) psk_client_callback: Slot<Option<Value>>,
    pub(super) psk_server_callback: Slot<Option<Value>>,
    pub(super) key_log_filename: Slot<Option<Value>>,
}

impl Trace for PySslContext {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.sni_callback.get());
        tracer.visit_option(self.message_callback.get());
        tracer.visit_option(self.psk_client_callback.get());
        tracer.visit_option(self.psk_server_callback.get());
        tracer.visit_option(self.key_log_filename.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySslContext {}

cinder_vm::layout!(PySslContext, "_ssl._SSLContext");

pub(super) fn own(vm: &Vm, value: Value) -> Gc<PySslContext> {
    vm.downcast::<PySslContext>(value).expect("method of this class")
}

fn raw(vm: &Vm, value: Value) -> *mut SslContext {
    own(vm, value).core.raw
}

/// A value that is set, since none of the attributes can be deleted.
pub(super) fn given(vm: &Vm, class: &str, name: &str, new: Option<Value>) -> PyResult<Value> {
    new.ok_or_else(|| {
        let message = format!("attribute '{name}' of '_ssl.{class}' objects cannot be deleted");
        vm.raise_text(vm.exceptions.AttributeError, &message)
    })
}

fn given_here(vm: &Vm, name: &str, new: Option<Value>) -> PyResult<Value> {
    given(vm, "_SSLContext", name, new)
}

fn deprecated(vm: &Vm, what: &str) -> PyResult<()> {
    vm.warn_level(vm.exceptions.DeprecationWarning, &format!("{what} deprecated"), 2)
}

/// A C text of a str argument without zeros.
pub(super) fn c_text(vm: &Vm, value: Value, place: &str) -> PyResult<CString> {
    let text = crate::args::text(vm, value, place)?;
    CString::new(text).map_err(|_| vm.value_error("embedded null character"))
}

// ---- making one ----

static NEW: NativeDef = NativeDef::class_method("_SSLContext", "cls, protocol, /", |vm, args| {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    make(vm, class, int_argument(vm, args.at(1))?)
});

fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    if names.is_some() {
        return Err(vm.type_error("_SSLContext() takes no keyword arguments"));
    }
    if args.len() != 1 {
        let (count, plural) = (args.len(), "");
        return Err(vm.type_error(format!("_SSLContext expected 1 argument{plural}, got {count}")));
    }
    crate::payload::construct(vm, &NEW, class.as_value(), args, names)
}

fn make(vm: &Vm, class: Gc<PyType>, protocol: c_int) -> PyResult<Value> {
    let openssl = library();
    // SAFETY: functions without preconditions.
    let (method, only_version, name) = unsafe {
        match protocol {
            PROTOCOL_TLS => (openssl.TLS_method(), None, Some("ssl.PROTOCOL_TLS is")),
            PROTOCOL_TLSV1 => (openssl.TLS_method(), Some(PROTO_TLSV1), Some("ssl.PROTOCOL_TLSv1 is")),
            PROTOCOL_TLSV1_1 => (openssl.TLS_method(), Some(PROTO_TLSV1_1), Some("ssl.PROTOCOL_TLSv1_1 is")),
            PROTOCOL_TLSV1_2 => (openssl.TLS_method(), Some(PROTO_TLSV1_2), Some("ssl.PROTOCOL_TLSv1_2 is")),
            PROTOCOL_TLS_CLIENT => (openssl.TLS_client_method(), None, None),
            PROTOCOL_TLS_SERVER => (openssl.TLS_server_method(), None, None),
            _ => return Err(vm.value_error(format!("invalid or unsupported protocol version {protocol}"))),
        }
    };
    if let Some(name) = name {
        deprecated(vm, name)?;
    }
    error::clear(openssl);
    // SAFETY: a method of the library.
    let context = unsafe { openssl.SSL_CTX_new(method) };
    if context.is_null() {
        return Err(error::from_queue(vm, line::CONTEXT));
    }
    let memory = Foreign::new(vm);
    memory.set(CONTEXT_BYTES);
    let core = Box::new(ContextCore { raw: context, memory, protocols: Mutex::default(), key_log: Mutex::default() });
    let is_client = protocol == PROTOCOL_TLS_CLIENT;
    set_defaults(context, is_client, only_version);
    let made = vm.alloc_instance(class, 0, |header| PySslContext {
        header,
        core,
        protocol,
        checks_hostname: Cell::new(is_client),
        host_flags: Cell::new(HOSTFLAG_NO_PARTIAL_WILDCARDS),
        asks_after_handshake: Cell::new(false),
        sni_callback: Slot::new(None),
        message_callback: Slot::new(None),
        psk_client_callback: Slot::new(None),
        psk_server_callback: Slot::new(None),
        key_log_filename: Slot::new(None),
    })?;
    Ok(made.as_value())
}

/// What every new context begins with.
fn set_defaults(context: *mut SslContext, is_client: bool, only_version: Option<c_int>) {
    /// Sessions of another application must not be taken up.
    const SESSION_ID: &[u8] = b"Python\0";
    let openssl = library();
    let options = OP_ALL | OP_NO_SSLV3 | OP_NO_COMPRESSION | OP_CIPHER_SERVER_PREFERENCE;
    // SAFETY: a fresh context; numbers; an identifier that is copied.
    unsafe {
        let mode = if is_client { VERIFY_PEER | VERIFY_FAIL_WITHOUT_CERTIFICATE } else { VERIFY_NONE };
        openssl.SSL_CTX_set_verify(context, mode, None);
        openssl.SSL_CTX_set_options(context, options);
        openssl.SSL_CTX_ctrl(context, CTRL_MODE, MODE_RELEASE_BUFFERS, std::ptr::null_mut());
        if !is_client {
            // A client that has one could not use keys that both sides know, whose sessions have none.
            openssl.SSL_CTX_set_session_id_context(context, SESSION_ID.as_ptr(), SESSION_ID.len() as u32);
        }
        let param = openssl.SSL_CTX_get0_param(context);
        openssl.X509_VERIFY_PARAM_set_flags(param, VERIFY_TRUSTED_FIRST);
        openssl.X509_VERIFY_PARAM_set_hostflags(param, HOSTFLAG_NO_PARTIAL_WILDCARDS);
        openssl.SSL_CTX_set_post_handshake_auth(context, 0);
        if let Some(version) = only_version {
            openssl.SSL_CTX_ctrl(context, CTRL_SET_MIN_VERSION, version.into(), std::ptr::null_mut());
            openssl.SSL_CTX_ctrl(context, CTRL_SET_MAX_VERSION, version.into(), std::ptr::null_mut());
        }
    }
}

// ---- attributes ----

fn options(vm: &Vm, value: Value) -> PyResult<Value> {
    // SAFETY: a context.
    vm.new_uint(unsafe { library().SSL_CTX_get_options(raw(vm, value)) } as usize)
}

fn set_options(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let number = vm.index(given_here(vm, "options", new)?)?;
    if vm.int_is_negative(number) {
        return Err(vm.value_error("Cannot convert negative int"));
    }
    let number = vm.int_to_big(number).and_then(|number| u64::try_from(number).ok());
    let Some(wanted) = number else {
        return Err(vm.overflow_error("Python int too large for C unsigned long long"));
    };
    let (openssl, context) = (library(), raw(vm, value));
    // SAFETY: a context.
    let current = unsafe { openssl.SSL_CTX_get_options(context) };
    let (clear, set) = (current & !wanted, !current & wanted);
    if set & OP_NO_VERSIONS != 0 {
        deprecated(vm, "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are")?;
    }
    // SAFETY: a context.
    unsafe {
        if clear != 0 {
            openssl.SSL_CTX_clear_options(context, clear);
        }
        if set != 0 {
            openssl.SSL_CTX_set_options(context, set);
        }
    }
    Ok(())
}

fn verify_flags(vm: &Vm, value: Value) -> PyResult<Value> {
    let openssl = library();
    // SAFETY: a context and its parameters.
    vm.new_uint(unsafe { openssl.X509_VERIFY_PARAM_get_flags(openssl.SSL_CTX_get0_param(raw(vm, value))) } as usize)
}

fn set_verify_flags(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let new = given_here(vm, "verify_flags", new)?;
    if !vm.is_int(new) {
        let found = if new.is_none() { "None".to_owned() } else { vm.type_name(new) };
        return Err(vm.type_error(format!("argument must be int, not {found}")));
    }
    let low = vm.int_to_big(new).expect("an int") & num_bigint::BigInt::from(u64::MAX);
    let wanted: c_ulong = u64::try_from(low).expect("masked");
    let openssl = library();
    // SAFETY: a context and its parameters.
    unsafe {
        let param = openssl.SSL_CTX_get0_param(raw(vm, value));
        let current = openssl.X509_VERIFY_PARAM_get_flags(param);
        openssl.X509_VERIFY_PARAM_clear_flags(param, current & !wanted);
        openssl.X509_VERIFY_PARAM_set_flags(param, !current & wanted);
    }
    Ok(())
}

fn verify_mode(vm: &Vm, value: Value) -> PyResult<Value> {
    // SAFETY: a context.
    let mode = unsafe { library().SSL_CTX_get_verify_mode(raw(vm, value)) };
    let number = match (mode & VERIFY_PEER != 0, mode & VERIFY_FAIL_WITHOUT_CERTIFICATE != 0) {
        (false, _) => CERT_NONE,
        (true, false) => CERT_OPTIONAL,
        (true, true) => CERT_REQUIRED,
    };
    vm.new_int(number.into())
}

fn set_verify_mode(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let wanted = int_argument(vm, given_here(vm, "verify_mode", new)?)?;
    let this = own(vm, value);
    let mode = match wanted {
        CERT_NONE if this.checks_hostname.get() => {
            return Err(vm.value_error("Cannot set verify_mode to CERT_NONE when check_hostname is enabled."));
        }
        CERT_NONE => VERIFY_NONE,
        CERT_OPTIONAL => VERIFY_PEER,
        CERT_REQUIRED => VERIFY_PEER | VERIFY_FAIL_WITHOUT_CERTIFICATE,
        _ => return Err(vm.value_error("invalid value for verify_mode")),
    };
    // SAFETY: a context; no callback, as before.
    unsafe { library().SSL_CTX_set_verify(this.core.raw, mode, None) };
    Ok(())
}

fn set_check_hostname(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let wanted = vm.truthy(given_here(vm, "check_hostname", new)?)?;
    let this = own(vm, value);
    let (openssl, context) = (library(), this.core.raw);
    // SAFETY: a context; no callback, as before.
    unsafe {
        if wanted && openssl.SSL_CTX_get_verify_mode(context) == VERIFY_NONE {
            openssl.SSL_CTX_set_verify(context, VERIFY_PEER | VERIFY_FAIL_WITHOUT_CERTIFICATE, None);
        }
    }
    this.checks_hostname.set(wanted);
    Ok(())
}

fn set_host_flags(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let flags = crate::args::u32_masked(vm, given_here(vm, "_host_flags", new)?)?;
    let this = own(vm, value);
    this.host_flags.set(flags);
    let openssl = library();
    // SAFETY: a context and its parameters.
    unsafe { openssl.X509_VERIFY_PARAM_set_hostflags(openssl.SSL_CTX_get0_param(this.core.raw), flags) };
    Ok(())
}

/// Whether the context may negotiate the version.
fn has_version_range(this: Gc<PySslContext>) -> bool {
    matches!(this.protocol, PROTOCOL_TLS | PROTOCOL_TLS_CLIENT | PROTOCOL_TLS_SERVER)
}

fn version(vm: &Vm, value: Value, control: c_int, open_end: c_int) -> PyResult<Value> {
    let this = own(vm, value);
    // SAFETY: a context.
    let found = unsafe { library().SSL_CTX_ctrl(this.core.raw, control, 0, std::ptr::null_mut()) };
    let found = if found == 0 || !has_version_range(this) { open_end.into() } else { found };
    vm.new_int(found)
}

fn set_version(vm: &Vm, value: Value, new: Value, control: c_int) -> PyResult<()> {
    let wanted = int_argument(vm, new)?;
    let this = own(vm, value);
    if !has_version_range(this) {
        return Err(
            vm.value_error("The context's protocol doesn't support modification of highest and lowest version.")
        );
    }
    match wanted {
        PROTO_SSLV3 => deprecated(vm, "ssl.TLSVersion.SSLv3 is")?,
        PROTO_TLSV1 => deprecated(vm, "ssl.TLSVersion.TLSv1 is")?,
        PROTO_TLSV1_1 => deprecated(vm, "ssl.TLSVersion.TLSv1_1 is")?,
        PROTO_TLSV1_2 | PROTO_TLSV1_3 | PROTO_MINIMUM_SUPPORTED | PROTO_MAXIMUM_SUPPORTED => {}
        _ => return Err(vm.value_error(format!("Unsupported TLS/SSL version {wanted:#x}"))),
    }
    // 0 is the library's word for no limit.
    let number = match (wanted, control == CTRL_SET_MIN_VERSION) {
        (PROTO_MINIMUM_SUPPORTED, true) | (PROTO_MAXIMUM_SUPPORTED, false) => 0,
        (PROTO_MAXIMUM_SUPPORTED, true) => PROTO_TLSV1_3,
        (PROTO_MINIMUM_SUPPORTED, false) => PROTO_TLSV1,
        (number, _) => number,
    };
    // SAFETY: a context.
    let done = unsafe { library().SSL_CTX_ctrl(this.core.raw, control, number.into(), std::ptr::null_mut()) };
    if done == 0 { Err(vm.value_error(format!("Unsupported protocol version {number:#x}"))) } else { Ok(()) }
}

fn set_num_tickets(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let number = vm.index(given_here(vm, "num_tickets", new)?)?;
    let Some(number) = vm.int_to_i64(number) else {
        return Err(vm.overflow_error("Python int too large to convert to C long"));
    };
    let Ok(number) = usize::try_from(number) else { return Err(vm.value_error("value must be non-negative")) };
    let this = own(vm, value);
    if this.protocol != PROTOCOL_TLS_SERVER {
        return Err(vm.value_error("SSLContext is not a server context."));
    }
    // SAFETY: a context.
    if unsafe { library().SSL_CTX_set_num_tickets(this.core.raw, number) } != 1 {
        return Err(vm.value_error("failed to set num tickets."));
    }
    Ok(())
}

// ---- methods ----

fn set_ciphers(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let list = c_text(vm, args.at(1), "set_ciphers() argument")?;
    // SAFETY: a context and a text with an end.
    let done = unsafe { library().SSL_CTX_set_cipher_list(raw(vm, args.at(0)), list.as_ptr()) };
    error::clear(library());
    if done == 0 { Err(error::plain(vm, "No cipher can be selected.")) } else { Ok(Value::NONE) }
}

fn get_ciphers(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let openssl = library();
    // SAFETY: a context.
    let ssl = unsafe { openssl.SSL_new(raw(vm, args.at(0))) };
    if ssl.is_null() {
        return Err(error::from_queue(vm, line::CONTEXT));
    }
    // SAFETY: a connection; its ciphers exist as long as it.
    unsafe {
        let list = peer::cipher_dicts(vm, openssl.SSL_get_ciphers(ssl));
        openssl.SSL_free(ssl);
        list
    }
}

fn set_ecdh_curve(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = crate::os_path::path_bytes(vm, args.at(1))?;
    let openssl = library();
    // SAFETY: a text with an end.
    let mut group = unsafe { openssl.OBJ_sn2nid(name.as_ptr()) };
    if group == 0 {
        return Err(vm.value_error(format!("unknown elliptic curve name {}", vm.repr_text(args.at(1))?)));
    }
    // SAFETY: a context and one number, which is copied.
    let done = unsafe { openssl.SSL_CTX_ctrl(raw(vm, args.at(0)), CTRL_SET_GROUPS, 1, (&raw mut group).cast()) };
    if done == 0 { Err(error::from_queue(vm, line::CURVE)) } else { Ok(Value::NONE) }
}

fn session_stats(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    const NUMBERS: &[(&str, c_int)] = &[
        ("number", 20),
        ("connect", 21),
        ("connect_good", 22),
        ("connect_renegotiate", 23),
        ("accept", 24),
        ("accept_good", 25),
        ("accept_renegotiate", 26),
        ("hits", 27),
        ("misses", 29),
        ("timeouts", 30),
        ("cache_full", 31),
    ];
    let context = raw(vm, args.at(0));
    let stats = vm.new_pydict()?;
    for (name, control) in NUMBERS {
        // SAFETY: a context.
        let number = unsafe { library().SSL_CTX_ctrl(context, *control, 0, std::ptr::null_mut()) };
        vm.set_item_text(stats, name, vm.new_int(number)?)?;
    }
    Ok(stats.as_value())
}

pub(super) static CONTEXT: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::HAS_WEAKREF,
    slots: Slots { new: Some(new), ..Slots::NONE },
    methods: &[
        NativeDef::method(
            "_wrap_socket",
            "self, /, sock, server_side, server_hostname=None, *, owner=None, session=None",
            connection::wrap_socket,
        ),
        NativeDef::method(
            "_wrap_bio",
            "self, /, incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None",
            connection::wrap_bio,
        ),
        NativeDef::method("set_ciphers", "self, cipherlist, /", set_ciphers),
        NativeDef::method("get_ciphers", "self, /", get_ciphers),
        NativeDef::method("_set_alpn_protocols", "self, protos, /", callback::set_alpn_protocols),
        NativeDef::method("load_cert_chain", "self, /, certfile, keyfile=None, password=None", load::load_cert_chain),
        NativeDef::method("load_dh_params", "self, path, /", load::load_dh_params),
        NativeDef::method(
            "load_verify_locations",
            "self, /, cafile=None, capath=None, cadata=None",
            load::load_verify_locations,
        ),
        NativeDef::method("set_default_verify_paths", "self, /", load::set_default_verify_paths),
        NativeDef::method("cert_store_stats", "self, /", load::cert_store_stats),
        NativeDef::method("get_ca_certs", "self, /, binary_form=False", load::get_ca_certs)
            .doc("The CA certificates that are loaded, as dicts; as DER bytes if binary_form.\n\nThose in a capath directory are loaded when they are first used."),
        NativeDef::method("set_ecdh_curve", "self, name, /", set_ecdh_curve),
        NativeDef::method("session_stats", "self, /", session_stats),
        NativeDef::method("set_psk_client_callback", "self, /, callback", callback::set_psk_client_callback),
        NativeDef::method(
            "set_psk_server_callback",
            "self, /, callback, identity_hint=None",
            callback::set_psk_server_callback,
        ),
    ],
    getset: &[
        GetSetDef::new(
            "check_hostname",
            |vm, value| Ok(Value::from_bool(own(vm, value).checks_hostname.get())),
            set_check_hostname,
        ),
        GetSetDef::new(
            "_host_flags",
            |vm, value| vm.new_uint(own(vm, value).host_flags.get() as usize),
            set_host_flags,
        ),
        GetSetDef::new(
            "minimum_version",
            |vm, value| version(vm, value, CTRL_GET_MIN_VERSION, PROTO_MINIMUM_SUPPORTED),
            |vm, value, new| set_version(vm, value, given_here(vm, "minimum_version", new)?, CTRL_SET_MIN_VERSION),
        ),
        GetSetDef::new(
            "maximum_version",
            |vm, value| version(vm, value, CTRL_GET_MAX_VERSION, PROTO_MAXIMUM_SUPPORTED),
            |vm, value, new| set_version(vm, value, given_here(vm, "maximum_version", new)?, CTRL_SET_MAX_VERSION),
        ),
        GetSetDef::new(
            "keylog_filename",
            |vm, value| Ok(own(vm, value).key_log_filename.get().unwrap_or(Value::NONE)),
            |vm, value, new| callback::set_key_log(vm, value, given_here(vm, "keylog_filename", new)?),
        ),
        GetSetDef::new(
            "_msg_callback",
            |vm, value| Ok(own(vm, value).message_callback.get().unwrap_or(Value::NONE)),
            |vm, value, new| callback::set_message_callback(vm, value, given_here(vm, "_msg_callback", new)?),
        ),
        GetSetDef::new(
            "sni_callback",
            |vm, value| Ok(own(vm, value).sni_callback.get().unwrap_or(Value::NONE)),
            |vm, value, new| callback::set_sni_callback(vm, value, given_here(vm, "sni_callback", new)?),
        )
        .doc("A function of a server that is called with the connection, the name that the client asks for, and this context (RFC 6066)."),
        GetSetDef::new(
            "num_tickets",
            // SAFETY: a context.
            |vm, value| vm.new_uint(unsafe { library().SSL_CTX_get_num_tickets(raw(vm, value)) }),
            set_num_tickets,
        )
        .doc("The number of session tickets that a server of TLS 1.3 sends."),
        GetSetDef::new("options", options, set_options),
        GetSetDef::new(
            "post_handshake_auth",
            |vm, value| Ok(Value::from_bool(own(vm, value).asks_after_handshake.get())),
            |vm, value, new| {
                let Some(new) = new else {
                    return Err(vm.raise_text(vm.exceptions.AttributeError, "cannot delete attribute"));
                };
                own(vm, value).asks_after_handshake.set(vm.truthy(new)?);
                Ok(())
            },
        ),
        GetSetDef::read_only("protocol", |vm, value| vm.new_int(own(vm, value).protocol.into())),
        GetSetDef::new("verify_flags", verify_flags, set_verify_flags),
        GetSetDef::new("verify_mode", verify_mode, set_verify_mode),
        GetSetDef::read_only("security_level", |vm, value| {
            // SAFETY: a context.
            vm.new_int(unsafe { library().SSL_CTX_get_security_level(raw(vm, value)) }.into())
        })
        .doc("The current security level."),
    ],
    ..TypeDef::new("_ssl._SSLContext", <PySslContext as Payload>::LAYOUT)
};

/// Whether the context belongs to a side that may not have what is asked for.
pub(super) fn is_only(this: Gc<PySslContext>, protocol: c_int) -> bool {
    debug_assert!(protocol == constants::PROTOCOL_TLS_CLIENT || protocol == constants::PROTOCOL_TLS_SERVER);
    this.protocol == protocol
}
