//! OpenSSL as it is found at run time: one table of its functions.
//!
//! Problem: a program that never says `import ssl` should pay nothing for TLS, and one binary should run beside every OpenSSL that a system keeps up to date.
//! Idea: the first import opens the shared library; the rows below are looked up by name then. Each row is a method of [`Library`] with the C function's name.
//! Holds: the library stays loaded for the life of the process, so its functions can be called at any time after [`load`] has succeeded.
//! Source: <https://docs.openssl.org/3.0/man3/>, where every function has a page.

#![allow(non_snake_case, reason = "functions keep the names under which the manual of OpenSSL knows them")]

use std::ffi::{CStr, c_char, c_int, c_long, c_uchar, c_uint, c_ulong, c_void};
use std::sync::OnceLock;

/// Structures that only the library looks into.
macro_rules! opaque {
    ($($name:ident)*) => { $(
        #[repr(C)]
        pub(super) struct $name {
            _private: [u8; 0],
        }
    )* };
}

opaque! {
    Asn1Integer Asn1Object Asn1String Asn1Time Bio BioMethod Cipher Compression Dh GeneralName Method Session Ssl Stack Store StoreContext
    StoreObject VerifyParam X509 X509Name X509NameEntry SslContext
}

/// One entry of an "authority information access" extension (`ACCESS_DESCRIPTION`).
#[repr(C)]
pub(super) struct AccessDescription {
    pub(super) method: *mut Asn1Object,
    pub(super) location: *mut GeneralName,
}

/// One entry of a "CRL distribution points" extension; what follows the first field is not looked at (`DIST_POINT`).
#[repr(C)]
pub(super) struct DistributionPoint {
    pub(super) point: *mut DistributionPointName,
}

/// `DIST_POINT_NAME`: full names when `kind` is 0.
#[repr(C)]
pub(super) struct DistributionPointName {
    pub(super) kind: c_int,
    pub(super) names: *mut Stack,
}

pub(super) type AlpnCallback = unsafe extern "C" fn(
    ssl: *mut Ssl,
    out: *mut *const c_uchar,
    out_len: *mut c_uchar,
    offered: *const c_uchar,
    offered_len: c_uint,
    user: *mut c_void,
) -> c_int;
pub(super) type BioRead = unsafe extern "C" fn(bio: *mut Bio, data: *mut c_char, len: c_int) -> c_int;
pub(super) type BioWrite = unsafe extern "C" fn(bio: *mut Bio, data: *const c_char, len: c_int) -> c_int;
pub(super) type BioControl =
    unsafe extern "C" fn(bio: *mut Bio, code: c_int, number: c_long, place: *mut c_void) -> c_long;
pub(super) type KeyLogCallback = unsafe extern "C" fn(ssl: *const Ssl, line: *const c_char);
pub(super) type MessageCallback = unsafe extern "C" fn(
    is_written: c_int,
    version: c_int,
    content_type: c_int,
    data: *const c_void,
    len: usize,
    ssl: *mut Ssl,
    user: *mut c_void,
);
pub(super) type PasswordCallback =
    unsafe extern "C" fn(place: *mut c_char, size: c_int, is_writing: c_int, user: *mut c_void) -> c_int;
pub(super) type PskClientCallback = unsafe extern "C" fn(
    ssl: *mut Ssl,
    hint: *const c_char,
    identity: *mut c_char,
    identity_size: c_uint,
    key: *mut c_uchar,
    key_size: c_uint,
) -> c_uint;
pub(super) type PskServerCallback =
    unsafe extern "C" fn(ssl: *mut Ssl, identity: *const c_char, key: *mut c_uchar, key_size: c_uint) -> c_uint;
pub(super) type VerifyCallback = unsafe extern "C" fn(is_good: c_int, context: *mut StoreContext) -> c_int;
/// Any function, for [`Library::SSL_CTX_callback_ctrl`].
pub(super) type AnyCallback = unsafe extern "C" fn();

macro_rules! functions {
    ($($name:ident $(or $older:ident)? ($($arg:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions of a library that is loaded.
        pub(super) struct Library {
            $($name: unsafe extern "C" fn($($type),*) $(-> $result)?,)*
        }

        impl Library {
            /// Looks all functions up. Errors: the name of the first that is not there.
            ///
            /// # Safety
            /// A handle that `dlopen` gave for an OpenSSL 3, or 1.1.1.
            unsafe fn look_up(handle: *mut c_void) -> Result<Library, &'static str> {
                Ok(Library {
                    $($name: {
                        let names: &[&CStr] = &[c_name(concat!(stringify!($name), "\0")), $(c_name(concat!(stringify!($older), "\0")))?];
                        // SAFETY: a handle and texts with an end.
                        let found = names.iter().map(|name| unsafe { libc::dlsym(handle, name.as_ptr()) }).find(|found| !found.is_null());
                        let Some(found) = found else { return Err(stringify!($name)) };
                        // SAFETY: the row gives the signature that the manual gives for the function of this name.
                        unsafe { std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($type),*) $(-> $result)?>(found) }
                    },)*
                })
            }

            $(
                /// # Safety
                /// What the manual of OpenSSL demands of the arguments.
                #[inline]
                pub(super) unsafe fn $name(&self, $($arg: $type),*) $(-> $result)? {
                    // SAFETY: contract; the address was found for this name, and the library stays loaded.
                    unsafe { (self.$name)($($arg),*) }
                }
            )*
        }
    };
}

/// A literal that ends with its zero.
const fn c_name(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(name) => name,
        Err(_) => panic!("a name has its zero at the end"),
    }
}

functions! {
    // The library.
    OPENSSL_init_ssl(options: u64, settings: *const c_void) -> c_int;
    OpenSSL_version_num() -> c_ulong;
    OpenSSL_version(part: c_int) -> *const c_char;
    CRYPTO_free(place: *mut c_void, file: *const c_char, line: c_int);
    OPENSSL_sk_num(stack: *const Stack) -> c_int;
    OPENSSL_sk_value(stack: *const Stack, index: c_int) -> *mut c_void;
    // Errors.
    ERR_peek_error() -> c_ulong;
    ERR_peek_last_error() -> c_ulong;
    ERR_clear_error();
    ERR_reason_error_string(code: c_ulong) -> *const c_char;
    X509_verify_cert_error_string(code: c_long) -> *const c_char;
    // Random numbers.
    RAND_add(data: *const c_void, len: c_int, entropy: f64);
    RAND_bytes(place: *mut c_uchar, len: c_int) -> c_int;
    RAND_status() -> c_int;
    // Streams.
    BIO_new(method: *const BioMethod) -> *mut Bio;
    BIO_free(bio: *mut Bio) -> c_int;
    BIO_s_mem() -> *const BioMethod;
    BIO_new_mem_buf(data: *const c_void, len: c_int) -> *mut Bio;
    BIO_new_file(path: *const c_char, mode: *const c_char) -> *mut Bio;
    BIO_ctrl(bio: *mut Bio, code: c_int, number: c_long, place: *mut c_void) -> c_long;
    BIO_get_new_index() -> c_int;
    BIO_meth_new(kind: c_int, name: *const c_char) -> *mut BioMethod;
    BIO_meth_set_read(method: *mut BioMethod, read: BioRead) -> c_int;
    BIO_meth_set_write(method: *mut BioMethod, write: BioWrite) -> c_int;
    BIO_meth_set_ctrl(method: *mut BioMethod, control: BioControl) -> c_int;
    BIO_set_data(bio: *mut Bio, data: *mut c_void);
    BIO_get_data(bio: *mut Bio) -> *mut c_void;
    BIO_set_init(bio: *mut Bio, is_ready: c_int);
    BIO_set_flags(bio: *mut Bio, flags: c_int);
    BIO_clear_flags(bio: *mut Bio, flags: c_int);
    // Contexts.
    TLS_method() -> *const Method;
    TLS_client_method() -> *const Method;
    TLS_server_method() -> *const Method;
    SSL_CTX_new(method: *const Method) -> *mut SslContext;
    SSL_CTX_free(context: *mut SslContext);
    SSL_CTX_ctrl(context: *mut SslContext, code: c_int, number: c_long, place: *mut c_void) -> c_long;
    SSL_CTX_callback_ctrl(context: *mut SslContext, code: c_int, callback: Option<AnyCallback>) -> c_long;
    SSL_CTX_get_options(context: *const SslContext) -> u64;
    SSL_CTX_set_options(context: *mut SslContext, options: u64) -> u64;
    SSL_CTX_clear_options(context: *mut SslContext, options: u64) -> u64;
    SSL_CTX_get_verify_mode(context: *const SslContext) -> c_int;
    SSL_CTX_set_verify(context: *mut SslContext, mode: c_int, callback: Option<VerifyCallback>);
    SSL_CTX_get0_param(context: *mut SslContext) -> *mut VerifyParam;
    SSL_CTX_set_cipher_list(context: *mut SslContext, text: *const c_char) -> c_int;
    SSL_CTX_set_session_id_context(context: *mut SslContext, id: *const c_uchar, len: c_uint) -> c_int;
    SSL_CTX_set_post_handshake_auth(context: *mut SslContext, enabled: c_int);
    SSL_CTX_get_num_tickets(context: *const SslContext) -> usize;
    SSL_CTX_set_num_tickets(context: *mut SslContext, number: usize) -> c_int;
    SSL_CTX_get_security_level(context: *const SslContext) -> c_int;
    SSL_CTX_set_default_passwd_cb(context: *mut SslContext, callback: Option<PasswordCallback>);
    SSL_CTX_set_default_passwd_cb_userdata(context: *mut SslContext, user: *mut c_void);
    SSL_CTX_use_certificate_chain_file(context: *mut SslContext, path: *const c_char) -> c_int;
    SSL_CTX_use_PrivateKey_file(context: *mut SslContext, path: *const c_char, kind: c_int) -> c_int;
    SSL_CTX_check_private_key(context: *const SslContext) -> c_int;
    SSL_CTX_load_verify_locations(context: *mut SslContext, file: *const c_char, folder: *const c_char) -> c_int;
    SSL_CTX_set_default_verify_paths(context: *mut SslContext) -> c_int;
    SSL_CTX_get_cert_store(context: *const SslContext) -> *mut Store;
    SSL_CTX_set_alpn_protos(context: *mut SslContext, protocols: *const c_uchar, len: c_uint) -> c_int;
    SSL_CTX_set_alpn_select_cb(context: *mut SslContext, callback: Option<AlpnCallback>, user: *mut c_void);
    SSL_CTX_set_keylog_callback(context: *mut SslContext, callback: Option<KeyLogCallback>);
    SSL_CTX_set_msg_callback(context: *mut SslContext, callback: Option<MessageCallback>);
    SSL_CTX_set_psk_client_callback(context: *mut SslContext, callback: Option<PskClientCallback>);
    SSL_CTX_set_psk_server_callback(context: *mut SslContext, callback: Option<PskServerCallback>);
    SSL_CTX_use_psk_identity_hint(context: *mut SslContext, hint: *const c_char) -> c_int;
    X509_VERIFY_PARAM_get_flags(param: *mut VerifyParam) -> c_ulong;
    X509_VERIFY_PARAM_set_flags(param: *mut VerifyParam, flags: c_ulong) -> c_int;
    X509_VERIFY_PARAM_clear_flags(param: *mut VerifyParam, flags: c_ulong) -> c_int;
    X509_VERIFY_PARAM_set_hostflags(param: *mut VerifyParam, flags: c_uint);
    X509_VERIFY_PARAM_set1_host(param: *mut VerifyParam, name: *const c_char, len: usize) -> c_int;
    X509_VERIFY_PARAM_set1_ip(param: *mut VerifyParam, address: *const c_uchar, len: usize) -> c_int;
    X509_STORE_add_cert(store: *mut Store, certificate: *mut X509) -> c_int;
    X509_STORE_lock(store: *mut Store) -> c_int;
    X509_STORE_unlock(store: *mut Store) -> c_int;
    X509_STORE_get0_objects(store: *const Store) -> *mut Stack;
    X509_OBJECT_get_type(object: *const StoreObject) -> c_int;
    X509_OBJECT_get0_X509(object: *const StoreObject) -> *mut X509;
    X509_get_default_cert_file_env() -> *const c_char;
    X509_get_default_cert_file() -> *const c_char;
    X509_get_default_cert_dir_env() -> *const c_char;
    X509_get_default_cert_dir() -> *const c_char;
    PEM_read_bio_DHparams(bio: *mut Bio, place: *mut *mut Dh, callback: Option<PasswordCallback>, user: *mut c_void) -> *mut Dh;
    DH_free(parameters: *mut Dh);
    // Connections.
    SSL_new(context: *mut SslContext) -> *mut Ssl;
    SSL_free(ssl: *mut Ssl);
    SSL_ctrl(ssl: *mut Ssl, code: c_int, number: c_long, place: *mut c_void) -> c_long;
    SSL_set_bio(ssl: *mut Ssl, source: *mut Bio, sink: *mut Bio);
    SSL_set_ex_data(ssl: *mut Ssl, index: c_int, data: *mut c_void) -> c_int;
    SSL_get_ex_data(ssl: *const Ssl, index: c_int) -> *mut c_void;
    SSL_set_connect_state(ssl: *mut Ssl);
    SSL_set_accept_state(ssl: *mut Ssl);
    SSL_do_handshake(ssl: *mut Ssl) -> c_int;
    SSL_read_ex(ssl: *mut Ssl, place: *mut c_void, size: usize, count: *mut usize) -> c_int;
    SSL_write_ex(ssl: *mut Ssl, data: *const c_void, len: usize, count: *mut usize) -> c_int;
    SSL_shutdown(ssl: *mut Ssl) -> c_int;
    SSL_pending(ssl: *const Ssl) -> c_int;
    SSL_get_error(ssl: *const Ssl, result: c_int) -> c_int;
    SSL_get_shutdown(ssl: *const Ssl) -> c_int;
    SSL_set_read_ahead(ssl: *mut Ssl, enabled: c_int);
    SSL_is_init_finished(ssl: *const Ssl) -> c_int;
    SSL_get0_param(ssl: *mut Ssl) -> *mut VerifyParam;
    SSL_get_verify_mode(ssl: *const Ssl) -> c_int;
    SSL_get_verify_callback(ssl: *const Ssl) -> Option<VerifyCallback>;
    SSL_set_verify(ssl: *mut Ssl, mode: c_int, callback: Option<VerifyCallback>);
    SSL_get_verify_result(ssl: *const Ssl) -> c_long;
    SSL_set_post_handshake_auth(ssl: *mut Ssl, enabled: c_int);
    SSL_verify_client_post_handshake(ssl: *mut Ssl) -> c_int;
    SSL_get_SSL_CTX(ssl: *const Ssl) -> *mut SslContext;
    SSL_set_SSL_CTX(ssl: *mut Ssl, context: *mut SslContext) -> *mut SslContext;
    SSL_set_msg_callback(ssl: *mut Ssl, callback: Option<MessageCallback>);
    SSL_get_servername(ssl: *const Ssl, kind: c_int) -> *const c_char;
    SSL_get_version(ssl: *const Ssl) -> *const c_char;
    SSL_get0_alpn_selected(ssl: *const Ssl, place: *mut *const c_uchar, len: *mut c_uint);
    SSL_get_current_compression(ssl: *const Ssl) -> *const Compression;
    COMP_get_type(method: *const Compression) -> c_int;
    SSL_get_finished(ssl: *const Ssl, place: *mut c_void, size: usize) -> usize;
    SSL_get_peer_finished(ssl: *const Ssl, place: *mut c_void, size: usize) -> usize;
    SSL_get1_peer_certificate or SSL_get_peer_certificate(ssl: *const Ssl) -> *mut X509;
    SSL_get_peer_cert_chain(ssl: *const Ssl) -> *mut Stack;
    SSL_get0_verified_chain(ssl: *const Ssl) -> *mut Stack;
    // Ciphers.
    SSL_get_current_cipher(ssl: *const Ssl) -> *const Cipher;
    SSL_get_ciphers(ssl: *const Ssl) -> *mut Stack;
    SSL_get_client_ciphers(ssl: *const Ssl) -> *mut Stack;
    SSL_CIPHER_get_name(cipher: *const Cipher) -> *const c_char;
    SSL_CIPHER_get_version(cipher: *const Cipher) -> *const c_char;
    SSL_CIPHER_get_bits(cipher: *const Cipher, algorithm_bits: *mut c_int) -> c_int;
    SSL_CIPHER_get_id(cipher: *const Cipher) -> u32;
    SSL_CIPHER_description(cipher: *const Cipher, place: *mut c_char, size: c_int) -> *mut c_char;
    SSL_CIPHER_is_aead(cipher: *const Cipher) -> c_int;
    SSL_CIPHER_get_cipher_nid(cipher: *const Cipher) -> c_int;
    SSL_CIPHER_get_digest_nid(cipher: *const Cipher) -> c_int;
    SSL_CIPHER_get_kx_nid(cipher: *const Cipher) -> c_int;
    SSL_CIPHER_get_auth_nid(cipher: *const Cipher) -> c_int;
    // Sessions.
    SSL_session_reused(ssl: *const Ssl) -> c_int;
    SSL_get1_session(ssl: *mut Ssl) -> *mut Session;
    SSL_set_session(ssl: *mut Ssl, session: *mut Session) -> c_int;
    SSL_SESSION_free(session: *mut Session);
    SSL_SESSION_get_id(session: *const Session, len: *mut c_uint) -> *const c_uchar;
    SSL_SESSION_get_time(session: *const Session) -> c_long;
    SSL_SESSION_get_timeout(session: *const Session) -> c_long;
    SSL_SESSION_get_ticket_lifetime_hint(session: *const Session) -> c_ulong;
    SSL_SESSION_has_ticket(session: *const Session) -> c_int;
    i2d_SSL_SESSION(session: *const Session, place: *mut *mut c_uchar) -> c_int;
    d2i_SSL_SESSION(place: *mut *mut Session, data: *mut *const c_uchar, len: c_long) -> *mut Session;
    // Names of objects.
    OBJ_txt2obj(text: *const c_char, no_name: c_int) -> *mut Asn1Object;
    OBJ_nid2obj(nid: c_int) -> *mut Asn1Object;
    OBJ_obj2nid(object: *const Asn1Object) -> c_int;
    OBJ_sn2nid(name: *const c_char) -> c_int;
    OBJ_nid2sn(nid: c_int) -> *const c_char;
    OBJ_nid2ln(nid: c_int) -> *const c_char;
    OBJ_obj2txt(place: *mut c_char, size: c_int, object: *const Asn1Object, no_name: c_int) -> c_int;
    ASN1_OBJECT_free(object: *mut Asn1Object);
    // Certificates.
    X509_free(certificate: *mut X509);
    X509_up_ref(certificate: *mut X509) -> c_int;
    X509_cmp(a: *const X509, b: *const X509) -> c_int;
    X509_check_ca(certificate: *mut X509) -> c_int;
    X509_get_version(certificate: *const X509) -> c_long;
    X509_get_subject_name(certificate: *const X509) -> *mut X509Name;
    X509_get_issuer_name(certificate: *const X509) -> *mut X509Name;
    X509_get_serialNumber(certificate: *mut X509) -> *mut Asn1Integer;
    X509_get0_notBefore(certificate: *const X509) -> *const Asn1Time;
    X509_get0_notAfter(certificate: *const X509) -> *const Asn1Time;
    X509_get_ext_d2i(certificate: *const X509, nid: c_int, is_critical: *mut c_int, index: *mut c_int) -> *mut c_void;
    X509_subject_name_hash(certificate: *mut X509) -> c_ulong;
    i2d_X509(certificate: *const X509, place: *mut *mut c_uchar) -> c_int;
    d2i_X509_bio(bio: *mut Bio, place: *mut *mut X509) -> *mut X509;
    PEM_read_bio_X509(bio: *mut Bio, place: *mut *mut X509, callback: Option<PasswordCallback>, user: *mut c_void) -> *mut X509;
    PEM_write_bio_X509(bio: *mut Bio, certificate: *const X509) -> c_int;
    X509_NAME_entry_count(name: *const X509Name) -> c_int;
    X509_NAME_get_entry(name: *const X509Name, index: c_int) -> *mut X509NameEntry;
    X509_NAME_ENTRY_set(entry: *const X509NameEntry) -> c_int;
    X509_NAME_ENTRY_get_object(entry: *const X509NameEntry) -> *mut Asn1Object;
    X509_NAME_ENTRY_get_data(entry: *const X509NameEntry) -> *mut Asn1String;
    X509_NAME_print_ex(bio: *mut Bio, name: *const X509Name, indent: c_int, flags: c_ulong) -> c_int;
    ASN1_STRING_to_UTF8(place: *mut *mut c_uchar, text: *const Asn1String) -> c_int;
    ASN1_STRING_get0_data(text: *const Asn1String) -> *const c_uchar;
    ASN1_STRING_length(text: *const Asn1String) -> c_int;
    ASN1_TIME_print(bio: *mut Bio, time: *const Asn1Time) -> c_int;
    i2a_ASN1_INTEGER(bio: *mut Bio, number: *const Asn1Integer) -> c_int;
    GENERAL_NAME_get0_value(name: *const GeneralName, kind: *mut c_int) -> *mut c_void;
    GENERAL_NAME_print(bio: *mut Bio, name: *mut GeneralName) -> c_int;
    GENERAL_NAMES_free(names: *mut Stack);
    AUTHORITY_INFO_ACCESS_free(entries: *mut Stack);
    CRL_DIST_POINTS_free(points: *mut Stack);
}

/// Where the library is looked for, in this order.
#[cfg(target_os = "macos")]
const NAMES: &[&CStr] = &[
    c"libssl.3.dylib",
    c"/opt/homebrew/opt/openssl@3/lib/libssl.3.dylib",
    c"/usr/local/opt/openssl@3/lib/libssl.3.dylib",
    c"/opt/local/lib/libssl.3.dylib",
    c"libssl.1.1.dylib",
];
#[cfg(not(target_os = "macos"))]
const NAMES: &[&CStr] = &[c"libssl.so.3", c"libssl.so.1.1"];

/// `OPENSSL_INIT_NO_ATEXIT`: the library must not clean up while threads that are left behind at the end still use it.
const INIT_NO_ATEXIT: u64 = 0x0008_0000;

static LIBRARY: OnceLock<Result<Library, String>> = OnceLock::new();

/// Opens the library at the first call. Errors: the message of an ImportError, which says what to install.
pub(super) fn load() -> Result<&'static Library, &'static str> {
    LIBRARY.get_or_init(open).as_ref().map_err(String::as_str)
}

/// The library, for objects that exist only after [`load`] has succeeded.
#[inline]
pub(super) fn library() -> &'static Library {
    load().expect("classes and functions of the module exist only where the library was found")
}

fn open() -> Result<Library, String> {
    let mut reason = String::new();
    for name in NAMES {
        // SAFETY: a text with an end. The constructors of OpenSSL run; they prepare its own state only.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if handle.is_null() {
            continue;
        }
        // SAFETY: a handle of OpenSSL.
        match unsafe { Library::look_up(handle) } {
            Ok(library) => {
                // SAFETY: options, and no settings. The functions start the library by themselves where this call did not.
                if unsafe { library.OPENSSL_init_ssl(INIT_NO_ATEXIT, std::ptr::null()) } == 1 {
                    return Ok(library);
                }
                reason = format!(" ({} does not start: see its configuration openssl.cnf)", name.to_string_lossy());
            }
            Err(missing) => reason = format!(" ({} has no function {missing})", name.to_string_lossy()),
        }
    }
    let wanted: Vec<_> = NAMES.iter().map(|name| name.to_string_lossy()).collect();
    Err(format!(
        "TLS needs the shared library of OpenSSL 3 or 1.1.1, found as none of {}{reason}; install the package that has it \
         (Debian, Ubuntu: libssl3; Fedora: openssl-libs; Alpine: libssl3; macOS: brew install openssl@3)",
        wanted.join(", ")
    ))
}

impl Library {
    /// A text of the library, which may be absent.
    ///
    /// # Safety
    /// Null, or a text with an end that lives as long as the result is used.
    pub(super) unsafe fn text<'a>(&self, text: *const c_char) -> Option<std::borrow::Cow<'a, str>> {
        // SAFETY: contract.
        (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy())
    }

    /// The items of a stack; none for null.
    ///
    /// # Safety
    /// Null, or a stack of pointers to `T` that does not change while the items are used.
    pub(super) unsafe fn items<T>(&self, stack: *const Stack) -> impl Iterator<Item = *mut T> + '_ {
        // SAFETY: contract; the number of items of no stack is -1.
        let count = if stack.is_null() { 0 } else { unsafe { self.OPENSSL_sk_num(stack) } };
        // SAFETY: contract.
        (0..count).map(move |index| unsafe { self.OPENSSL_sk_value(stack, index) }.cast())
    }

    /// Whether this is OpenSSL 3 or newer.
    pub(super) fn is_three(&self) -> bool {
        // SAFETY: the function takes nothing.
        unsafe { self.OpenSSL_version_num() >= 0x3000_0000 }
    }
}

/// A stream in memory for what the library prints.
pub(super) struct Printed(*mut Bio);

impl Printed {
    /// Lets `print` write. `None` when it fails or there is no memory.
    pub(super) fn by(library: &Library, print: impl FnOnce(*mut Bio) -> bool) -> Option<Vec<u8>> {
        /// `BIO_CTRL_INFO`
        const INFO: c_int = 3;
        // SAFETY: the method of streams in memory.
        let printed = Printed(unsafe { library.BIO_new(library.BIO_s_mem()) });
        if printed.0.is_null() || !print(printed.0) {
            return None;
        }
        let mut data: *const u8 = std::ptr::null();
        // SAFETY: a stream in memory, and a place for the address of its content, which is copied while the stream exists.
        unsafe {
            let len = library.BIO_ctrl(printed.0, INFO, 0, (&raw mut data).cast());
            let len = usize::try_from(len).unwrap_or(0);
            Some(if data.is_null() || len == 0 { Vec::new() } else { std::slice::from_raw_parts(data, len).to_vec() })
        }
    }
}

impl Drop for Printed {
    fn drop(&mut self) {
        // SAFETY: made by `by`, or null, which is nothing.
        unsafe { library().BIO_free(self.0) };
    }
}
