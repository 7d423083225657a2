//! The exceptions of `ssl`, and how failures of OpenSSL become them.
//!
//! OpenSSL keeps a queue of error codes per thread. A code holds a library and a reason; their texts give the names that `library` and `reason` of an
//! exception have: mnemonics of OpenSSL's headers are its texts in capitals.
//! Source: Modules/_ssl.c `fill_and_set_sslerror`, `PySSL_SetError`; include/openssl/err.h.

use std::ffi::c_long;

use cinder_heap::Root;
use cinder_vm::types::dict::PyDict;
use cinder_vm::types::type_::{PyType, type_flags};
use cinder_vm::{ArgsExt, Gc, NativeDef, PyResult, Raised, Value, Vm};

use super::constants::code;
use super::library::{Library, library};

/// Lines of CPython 3.14's Modules/_ssl.c that messages name, so that they read alike in both.
pub(super) mod line {
    pub(crate) const NEW_SOCKET: u32 = 919;
    pub(crate) const NO_SOCKET: u32 = 1064;
    pub(crate) const HANDSHAKE_TIMEOUT: u32 = 1112;
    pub(crate) const HANDSHAKE: u32 = 1130;
    pub(crate) const CERTIFICATE: u32 = 1870;
    pub(crate) const WRITE: u32 = 2616;
    pub(crate) const READ: u32 = 2778;
    pub(crate) const SHUTDOWN_NO_SOCKET: u32 = 2825;
    pub(crate) const SHUTDOWN: u32 = 2906;
    pub(crate) const POST_HANDSHAKE: u32 = 2984;
    pub(crate) const SESSION: u32 = 3100;
    pub(crate) const CONTEXT: u32 = 3356;
    pub(crate) const CERTIFICATE_FILE: u32 = 4291;
    pub(crate) const PRIVATE_KEY: u32 = 4309;
    pub(crate) const KEY_CHECK: u32 = 4317;
    pub(crate) const CA_DATA: u32 = 4410;
    pub(crate) const CA_DATA_REST: u32 = 4423;
    pub(crate) const CA_FILE: u32 = 4544;
    pub(crate) const DH_FILE: u32 = 4600;
    pub(crate) const DEFAULT_PATHS: u32 = 4790;
    pub(crate) const CURVE: u32 = 4822;
    pub(crate) const PSK_CLIENT: u32 = 5237;
    pub(crate) const PSK_SERVER: u32 = 5349;
}

/// The classes of exceptions, in the order of [`NAMES`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    ZeroReturn,
    WantRead,
    WantWrite,
    #[expect(
        dead_code,
        reason = "a class that programs name; CPython raises it nowhere either since the system's errors are OSErrors"
    )]
    Syscall,
    Eof,
    CertVerification,
}

const NAMES: &[(&str, &str)] = &[
    ("SSLError", "An error occurred in the SSL implementation."),
    ("SSLZeroReturnError", "SSL/TLS session closed cleanly."),
    (
        "SSLWantReadError",
        "Non-blocking SSL socket needs to read more data\nbefore the requested operation can be completed.",
    ),
    (
        "SSLWantWriteError",
        "Non-blocking SSL socket needs to write more data\nbefore the requested operation can be completed.",
    ),
    ("SSLSyscallError", "System error when attempting SSL operation."),
    ("SSLEOFError", "SSL/TLS connection terminated abruptly."),
    ("SSLCertVerificationError", "A certificate could not be verified."),
];

/// The classes of one machine.
#[derive(Default)]
struct Classes(std::cell::OnceCell<Vec<Root<Value>>>);

/// The text of an error is its second argument, when that is a str; else its arguments.
static STR: NativeDef = NativeDef::method("__str__", "self, /", |vm, args| {
    let text = vm.getattr_text(args.at(0), "strerror")?;
    if vm.is_str(text) {
        return Ok(text);
    }
    let arguments = vm.getattr_text(args.at(0), "args")?;
    vm.str(arguments)
});

/// Makes the classes, and adds them to the module.
pub(super) fn add_classes(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    let classes = vm.native_state(Classes::default);
    if classes.0.get().is_none() {
        let made = make_classes(vm)?;
        classes.0.get_or_init(|| made);
    }
    for ((name, _), class) in NAMES.iter().zip(classes.0.get().expect("made above")) {
        vm.set_item_text(dict, name, class.get())?;
    }
    Ok(())
}

fn make_classes(vm: &Vm) -> PyResult<Vec<Root<Value>>> {
    let mut made: Vec<Root<Value>> = Vec::new();
    for (index, (name, doc)) in NAMES.iter().enumerate() {
        let namespace = vm.new_pydict()?;
        vm.set_item_text(namespace, "__module__", vm.new_str("ssl")?)?;
        vm.set_item_text(namespace, "__doc__", vm.new_str(doc)?)?;
        let bases = match made.first() {
            None => vm.new_tuple(&[vm.exceptions.OSError.as_value()])?,
            Some(base) if index == Kind::CertVerification as usize => {
                vm.new_tuple(&[base.get(), vm.exceptions.ValueError.as_value()])?
            }
            Some(base) => vm.new_tuple(&[base.get()])?,
        };
        let metaclass = vm.type_of(vm.exceptions.OSError.as_value()).as_value();
        let class = vm.call(metaclass, &[vm.new_str(name)?, bases, namespace.as_value()])?;
        if index == 0 {
            let typed = vm.as_class(class).expect("type makes classes");
            let member = vm.new_native_member(typed, &STR)?;
            vm.setattr(class, vm.intern("__str__"), Some(member))?;
            typed.flags.set(typed.flags.get() | type_flags::IMMUTABLE);
        }
        made.push(vm.heap.root(class));
    }
    Ok(made)
}

/// The class of a kind.
pub(super) fn class(vm: &Vm, kind: Kind) -> Gc<PyType> {
    let classes = vm.native_state(Classes::default).0.get().expect("the module was set up");
    vm.as_class(classes[kind as usize].get()).expect("classes")
}

/// `SSLError(message)`.
pub(super) fn plain(vm: &Vm, message: &str) -> Raised {
    vm.raise_text(class(vm, Kind::Error), message)
}

/// `SSLError(0, "message (_ssl.c:N)")`.
pub(super) fn with_place(vm: &Vm, message: &str, line: u32) -> Raised {
    raise(vm, Kind::Error, 0, 0, Some(message), None, line)
}

/// An error code of OpenSSL taken apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) library: u32,
    pub(super) reason: u32,
}

pub(super) const LIB_SYSTEM: u32 = 2;
pub(super) const LIB_PEM: u32 = 9;
pub(super) const LIB_X509: u32 = 11;
pub(super) const LIB_ASN1: u32 = 13;
pub(super) const LIB_SSL: u32 = 20;
pub(super) const CERT_ALREADY_IN_TABLE: Code = Code { library: LIB_X509, reason: 101 };
pub(super) const NO_START_LINE: Code = Code { library: LIB_PEM, reason: 108 };
const CERTIFICATE_VERIFY_FAILED: Code = Code { library: LIB_SSL, reason: 134 };
const UNEXPECTED_EOF: Code = Code { library: LIB_SSL, reason: 294 };

impl Code {
    pub(super) fn of(library: &Library, code: u64) -> Code {
        if !library.is_three() {
            return Code { library: (code >> 24 & 0xff) as u32, reason: (code & 0xfff) as u32 };
        }
        // Errors of the system have a bit of their own, and `errno` for the rest.
        if code & 0x8000_0000 != 0 {
            return Code { library: LIB_SYSTEM, reason: (code & 0x7fff_ffff) as u32 };
        }
        Code { library: (code >> 23 & 0xff) as u32, reason: (code & 0x7f_ffff) as u32 }
    }

    /// Whether the reason is one of those that all libraries share; such have no name of their own.
    fn is_common(self, library: &Library) -> bool {
        if library.is_three() { self.reason >> 18 != 0 } else { self.reason < 100 }
    }

    /// `SSL`, `X509`, ...
    fn library_name(self) -> Option<&'static str> {
        const NAMES: &[(u32, &str)] = &[
            (3, "BN"),
            (4, "RSA"),
            (5, "DH"),
            (6, "EVP"),
            (7, "BUF"),
            (8, "OBJ"),
            (LIB_PEM, "PEM"),
            (10, "DSA"),
            (LIB_X509, "X509"),
            (LIB_ASN1, "ASN1"),
            (14, "CONF"),
            (15, "CRYPTO"),
            (16, "EC"),
            (LIB_SSL, "SSL"),
            (32, "BIO"),
            (33, "PKCS7"),
            (34, "X509V3"),
            (35, "PKCS12"),
            (36, "RAND"),
            (37, "DSO"),
            (38, "ENGINE"),
            (39, "OCSP"),
            (40, "UI"),
            (41, "COMP"),
            (44, "OSSL_STORE"),
            (46, "CMS"),
            (47, "TS"),
            (48, "HMAC"),
            (50, "CT"),
            (51, "ASYNC"),
            (52, "KDF"),
            (53, "SM2"),
            (54, "ESS"),
            (55, "PROP"),
            (56, "CRMF"),
            (57, "PROV"),
            (58, "CMP"),
            (59, "OSSL_ENCODER"),
            (60, "OSSL_DECODER"),
            (61, "HTTP"),
        ];
        NAMES.iter().find(|(number, _)| *number == self.library).map(|(_, name)| *name)
    }
}

/// The text of a code's reason.
fn reason_text(library: &Library, code: u64) -> Option<String> {
    // SAFETY: any number; texts of reasons stay as long as the library.
    unsafe { library.text(library.ERR_reason_error_string(code)) }.map(std::borrow::Cow::into_owned)
}

/// `certificate verify failed` as the headers spell it: `CERTIFICATE_VERIFY_FAILED`.
fn mnemonic(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// The last error of the calling thread; 0 for none.
pub(super) fn last(library: &Library) -> u64 {
    // SAFETY: reads the queue of this thread.
    unsafe { library.ERR_peek_last_error() }
}

/// Forgets the errors of the calling thread.
pub(super) fn clear(library: &Library) {
    // SAFETY: empties the queue of this thread.
    unsafe { library.ERR_clear_error() }
}

/// `errno` when the first error of the calling thread is the system's: a file that is not there, for instance.
pub(super) fn system_error(library: &Library) -> Option<i32> {
    // SAFETY: reads the queue of this thread.
    let first = Code::of(library, unsafe { library.ERR_peek_error() });
    (first.library == LIB_SYSTEM && first.reason != 0).then_some(first.reason as i32)
}

/// `SSLError` for the last error of the thread, whose queue is empty afterwards.
pub(super) fn from_queue(vm: &Vm, line: u32) -> Raised {
    let code = last(library());
    clear(library());
    raise(vm, Kind::Error, Code::of(library(), code).reason, code, None, None, line)
}

/// OSError for a file that cannot be read, else as [`from_queue`].
pub(super) fn from_queue_or_system(vm: &Vm, line: u32) -> Raised {
    match system_error(library()) {
        Some(number) => {
            clear(library());
            crate::args::os_error_number(vm, number, None)
        }
        None => from_queue(vm, line),
    }
}

/// Why a peer's certificate was refused.
pub(super) struct Verdict {
    pub(super) code: c_long,
    pub(super) text: String,
}

impl Verdict {
    /// The verdict of a connection. `host` is the name it asked for.
    pub(super) fn new(library: &Library, result: c_long, host: Option<&str>) -> Verdict {
        const HOSTNAME_MISMATCH: c_long = 62;
        const ADDRESS_MISMATCH: c_long = 64;
        let text = match (result, host) {
            (HOSTNAME_MISMATCH, Some(host)) => {
                format!("Hostname mismatch, certificate is not valid for '{host}'.")
            }
            (ADDRESS_MISMATCH, Some(host)) => {
                format!("IP address mismatch, certificate is not valid for '{host}'.")
            }
            _ => {
                // SAFETY: any number; the text is a constant of the library.
                let text = unsafe { library.text(library.X509_verify_cert_error_string(result)) };
                text.unwrap_or_default().into_owned()
            }
        };
        Verdict { code: result, text }
    }
}

/// Raises an error with all its attributes. `code` is OpenSSL's, or 0; `text` replaces the text of its reason.
fn raise(
    vm: &Vm,
    kind: Kind,
    number: u32,
    code: u64,
    text: Option<&str>,
    verdict: Option<&Verdict>,
    line: u32,
) -> Raised {
    match make(vm, kind, number, code, text, verdict, line) {
        Ok(exception) => vm.raise(exception),
        Err(raised) => raised,
    }
}

fn make(
    vm: &Vm,
    kind: Kind,
    number: u32,
    code: u64,
    text: Option<&str>,
    verdict: Option<&Verdict>,
    line: u32,
) -> PyResult<Value> {
    let openssl = library();
    let parts = Code::of(openssl, code);
    let found = if code == 0 { None } else { reason_text(openssl, code) };
    let reason = found.as_deref().filter(|_| !parts.is_common(openssl) && parts.library != LIB_SYSTEM).map(mnemonic);
    let library_name = if code == 0 { None } else { parts.library_name() };
    let text = text.map(str::to_owned).or(found).unwrap_or_else(|| "unknown error".to_owned());
    let message = match (library_name, &reason, verdict) {
        (Some(name), Some(reason), Some(verdict)) => {
            format!("[{name}: {reason}] {text}: {} (_ssl.c:{line})", verdict.text)
        }
        (Some(name), Some(reason), None) => format!("[{name}: {reason}] {text} (_ssl.c:{line})"),
        (Some(name), None, _) => format!("[{name}] {text} (_ssl.c:{line})"),
        (None, ..) => format!("{text} (_ssl.c:{line})"),
    };
    let arguments = [vm.new_uint(number as usize)?, vm.new_str(&message)?];
    let exception = vm.call(class(vm, kind).as_value(), &arguments)?;
    let set = |name: &str, value: Value| vm.setattr(exception, vm.intern(name), Some(value));
    let optional = |text: Option<&str>| text.map_or(Ok(Value::NONE), |text| vm.new_str(text));
    set("reason", optional(reason.as_deref())?)?;
    set("library", optional(library_name)?)?;
    if let Some(verdict) = verdict {
        set("verify_code", vm.new_int(verdict.code)?)?;
        set("verify_message", vm.new_str(&verdict.text)?)?;
    }
    Ok(exception)
}

/// How a call on a connection ended; taken on the thread that made it, before anything else could touch its errors.
#[derive(Clone, Copy)]
pub(super) struct Outcome {
    pub(super) result: i32,
    /// One of [`code`].
    pub(super) state: i32,
    /// The last error of the queue, or 0.
    pub(super) error: u64,
    /// The system's error below, or 0.
    pub(super) errno: i32,
}

impl Outcome {
    /// Whether the peer's certificate was refused.
    fn is_refusal(&self, parts: Code) -> bool {
        self.error != 0 && parts == CERTIFICATE_VERIFY_FAILED
    }

    /// The exception for a call that failed. `verdict` gives the reason for a refused certificate.
    pub(super) fn raise(&self, vm: &Vm, line: u32, verdict: impl FnOnce() -> Verdict) -> Raised {
        let parts = Code::of(library(), self.error);
        let simple = |kind, number: i32, text| raise(vm, kind, number as u32, self.error, Some(text), None, line);
        match self.state {
            code::ZERO_RETURN => {
                simple(Kind::ZeroReturn, code::ZERO_RETURN, "TLS/SSL connection has been closed (EOF)")
            }
            code::WANT_READ => simple(Kind::WantRead, code::WANT_READ, "The operation did not complete (read)"),
            code::WANT_WRITE => simple(Kind::WantWrite, code::WANT_WRITE, "The operation did not complete (write)"),
            code::WANT_X509_LOOKUP => {
                simple(Kind::Error, code::WANT_X509_LOOKUP, "The operation did not complete (X509 lookup)")
            }
            code::WANT_CONNECT => simple(Kind::Error, code::WANT_CONNECT, "The operation did not complete (connect)"),
            code::SYSCALL if self.error == 0 && self.errno != 0 => crate::args::os_error_number(vm, self.errno, None),
            code::SYSCALL if self.error == 0 => simple(Kind::Eof, code::EOF, "EOF occurred in violation of protocol"),
            code::SYSCALL | code::SSL if self.error != 0 && parts.library == LIB_SYSTEM && parts.reason != 0 => {
                crate::args::os_error_number(vm, parts.reason as i32, None)
            }
            code::SYSCALL | code::SSL if self.is_refusal(parts) => {
                let verdict = verdict();
                raise(vm, Kind::CertVerification, self.state as u32, self.error, None, Some(&verdict), line)
            }
            code::SSL if parts == UNEXPECTED_EOF && self.error != 0 => {
                simple(Kind::Eof, code::EOF, "EOF occurred in violation of protocol")
            }
            code::SSL if self.error == 0 => simple(Kind::Error, code::SSL, "A failure in the SSL library occurred"),
            code::SSL | code::SYSCALL => raise(vm, Kind::Error, self.state as u32, self.error, None, None, line),
            _ => simple(Kind::Error, code::INVALID, "Invalid error code"),
        }
    }
}
