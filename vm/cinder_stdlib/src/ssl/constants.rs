//! The numbers and flags that `ssl.py` takes from `_ssl`.
//!
//! Source: Modules/_ssl.c; include/openssl/{ssl,tls1,ssl3,x509_vfy,x509v3}.h.

use cinder_vm::types::dict::PyDict;
use cinder_vm::{Gc, PyResult, Value, Vm};

use super::library::Library;

pub(super) const CERT_NONE: i32 = 0;
pub(super) const CERT_OPTIONAL: i32 = 1;
pub(super) const CERT_REQUIRED: i32 = 2;

pub(super) const PROTOCOL_TLS: i32 = 2;
pub(super) const PROTOCOL_TLSV1: i32 = 3;
pub(super) const PROTOCOL_TLSV1_1: i32 = 4;
pub(super) const PROTOCOL_TLSV1_2: i32 = 5;
pub(super) const PROTOCOL_TLS_CLIENT: i32 = 16;
pub(super) const PROTOCOL_TLS_SERVER: i32 = 17;

pub(super) const PROTO_MINIMUM_SUPPORTED: i32 = -2;
pub(super) const PROTO_MAXIMUM_SUPPORTED: i32 = -1;
pub(super) const PROTO_SSLV3: i32 = 0x300;
pub(super) const PROTO_TLSV1: i32 = 0x301;
pub(super) const PROTO_TLSV1_1: i32 = 0x302;
pub(super) const PROTO_TLSV1_2: i32 = 0x303;
pub(super) const PROTO_TLSV1_3: i32 = 0x304;

/// What CPython calls `SSL_OP_ALL`: the library's own without the flag that weakens CBC ciphers.
pub(super) const OP_ALL: u64 = 0x8000_0050;
pub(super) const OP_CIPHER_SERVER_PREFERENCE: u64 = 0x0040_0000;
pub(super) const OP_NO_COMPRESSION: u64 = 0x0002_0000;
pub(super) const OP_NO_SSLV3: u64 = 0x0200_0000;
const OP_NO_TLSV1: u64 = 0x0400_0000;
const OP_NO_TLSV1_1: u64 = 0x1000_0000;
const OP_NO_TLSV1_2: u64 = 0x0800_0000;
const OP_NO_TLSV1_3: u64 = 0x2000_0000;
/// Options whose use is deprecated, since `minimum_version` and `maximum_version` say it better.
pub(super) const OP_NO_VERSIONS: u64 = OP_NO_SSLV3 | OP_NO_TLSV1 | OP_NO_TLSV1_1 | OP_NO_TLSV1_2 | OP_NO_TLSV1_3;

pub(super) const VERIFY_TRUSTED_FIRST: u64 = 0x8000;
pub(super) const HOSTFLAG_NO_PARTIAL_WILDCARDS: u32 = 4;

pub(super) const ENCODING_PEM: i32 = 1;
pub(super) const ENCODING_DER: i32 = 2;

/// Results of `SSL_get_error`, and beyond 7 those of Python.
pub(super) mod code {
    pub(crate) const NONE: i32 = 0;
    pub(crate) const SSL: i32 = 1;
    pub(crate) const WANT_READ: i32 = 2;
    pub(crate) const WANT_WRITE: i32 = 3;
    pub(crate) const WANT_X509_LOOKUP: i32 = 4;
    pub(crate) const SYSCALL: i32 = 5;
    pub(crate) const ZERO_RETURN: i32 = 6;
    pub(crate) const WANT_CONNECT: i32 = 7;
    pub(crate) const EOF: i32 = 8;
    pub(crate) const INVALID: i32 = 10;
}

const NUMBERS: &[(&str, i64)] = &[
    ("CERT_NONE", CERT_NONE as i64),
    ("CERT_OPTIONAL", CERT_OPTIONAL as i64),
    ("CERT_REQUIRED", CERT_REQUIRED as i64),
    ("PROTOCOL_SSLv23", PROTOCOL_TLS as i64),
    ("PROTOCOL_TLS", PROTOCOL_TLS as i64),
    ("PROTOCOL_TLS_CLIENT", PROTOCOL_TLS_CLIENT as i64),
    ("PROTOCOL_TLS_SERVER", PROTOCOL_TLS_SERVER as i64),
    ("PROTOCOL_TLSv1", PROTOCOL_TLSV1 as i64),
    ("PROTOCOL_TLSv1_1", PROTOCOL_TLSV1_1 as i64),
    ("PROTOCOL_TLSv1_2", PROTOCOL_TLSV1_2 as i64),
    ("PROTO_MINIMUM_SUPPORTED", PROTO_MINIMUM_SUPPORTED as i64),
    ("PROTO_MAXIMUM_SUPPORTED", PROTO_MAXIMUM_SUPPORTED as i64),
    ("PROTO_SSLv3", PROTO_SSLV3 as i64),
    ("PROTO_TLSv1", PROTO_TLSV1 as i64),
    ("PROTO_TLSv1_1", PROTO_TLSV1_1 as i64),
    ("PROTO_TLSv1_2", PROTO_TLSV1_2 as i64),
    ("PROTO_TLSv1_3", PROTO_TLSV1_3 as i64),
    ("OP_ALL", OP_ALL as i64),
    ("OP_CIPHER_SERVER_PREFERENCE", OP_CIPHER_SERVER_PREFERENCE as i64),
    ("OP_ENABLE_KTLS", 0x8),
    ("OP_ENABLE_MIDDLEBOX_COMPAT", 0x0010_0000),
    ("OP_IGNORE_UNEXPECTED_EOF", 0x80),
    ("OP_LEGACY_SERVER_CONNECT", 0x4),
    ("OP_NO_COMPRESSION", OP_NO_COMPRESSION as i64),
    ("OP_NO_RENEGOTIATION", 0x4000_0000),
    ("OP_NO_SSLv2", 0),
    ("OP_NO_SSLv3", OP_NO_SSLV3 as i64),
    ("OP_NO_TICKET", 0x4000),
    ("OP_NO_TLSv1", OP_NO_TLSV1 as i64),
    ("OP_NO_TLSv1_1", OP_NO_TLSV1_1 as i64),
    ("OP_NO_TLSv1_2", OP_NO_TLSV1_2 as i64),
    ("OP_NO_TLSv1_3", OP_NO_TLSV1_3 as i64),
    ("OP_SINGLE_DH_USE", 0),
    ("OP_SINGLE_ECDH_USE", 0),
    ("VERIFY_DEFAULT", 0),
    ("VERIFY_ALLOW_PROXY_CERTS", 0x40),
    ("VERIFY_CRL_CHECK_CHAIN", 0xc),
    ("VERIFY_CRL_CHECK_LEAF", 0x4),
    ("VERIFY_X509_PARTIAL_CHAIN", 0x8_0000),
    ("VERIFY_X509_STRICT", 0x20),
    ("VERIFY_X509_TRUSTED_FIRST", VERIFY_TRUSTED_FIRST as i64),
    ("HOSTFLAG_ALWAYS_CHECK_SUBJECT", 0x1),
    ("HOSTFLAG_NO_WILDCARDS", 0x2),
    ("HOSTFLAG_NO_PARTIAL_WILDCARDS", HOSTFLAG_NO_PARTIAL_WILDCARDS as i64),
    ("HOSTFLAG_MULTI_LABEL_WILDCARDS", 0x8),
    ("HOSTFLAG_SINGLE_LABEL_SUBDOMAINS", 0x10),
    ("HOSTFLAG_NEVER_CHECK_SUBJECT", 0x20),
    ("ENCODING_PEM", ENCODING_PEM as i64),
    ("ENCODING_DER", ENCODING_DER as i64),
    ("SSL_ERROR_SSL", code::SSL as i64),
    ("SSL_ERROR_WANT_READ", code::WANT_READ as i64),
    ("SSL_ERROR_WANT_WRITE", code::WANT_WRITE as i64),
    ("SSL_ERROR_WANT_X509_LOOKUP", code::WANT_X509_LOOKUP as i64),
    ("SSL_ERROR_SYSCALL", code::SYSCALL as i64),
    ("SSL_ERROR_ZERO_RETURN", code::ZERO_RETURN as i64),
    ("SSL_ERROR_WANT_CONNECT", code::WANT_CONNECT as i64),
    ("SSL_ERROR_EOF", code::EOF as i64),
    ("SSL_ERROR_INVALID_ERROR_CODE", code::INVALID as i64),
    ("ALERT_DESCRIPTION_CLOSE_NOTIFY", 0),
    ("ALERT_DESCRIPTION_UNEXPECTED_MESSAGE", 10),
    ("ALERT_DESCRIPTION_BAD_RECORD_MAC", 20),
    ("ALERT_DESCRIPTION_RECORD_OVERFLOW", 22),
    ("ALERT_DESCRIPTION_DECOMPRESSION_FAILURE", 30),
    ("ALERT_DESCRIPTION_HANDSHAKE_FAILURE", 40),
    ("ALERT_DESCRIPTION_BAD_CERTIFICATE", 42),
    ("ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE", 43),
    ("ALERT_DESCRIPTION_CERTIFICATE_REVOKED", 44),
    ("ALERT_DESCRIPTION_CERTIFICATE_EXPIRED", 45),
    ("ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN", 46),
    ("ALERT_DESCRIPTION_ILLEGAL_PARAMETER", 47),
    ("ALERT_DESCRIPTION_UNKNOWN_CA", 48),
    ("ALERT_DESCRIPTION_ACCESS_DENIED", 49),
    ("ALERT_DESCRIPTION_DECODE_ERROR", 50),
    ("ALERT_DESCRIPTION_DECRYPT_ERROR", 51),
    ("ALERT_DESCRIPTION_PROTOCOL_VERSION", 70),
    ("ALERT_DESCRIPTION_INSUFFICIENT_SECURITY", 71),
    ("ALERT_DESCRIPTION_INTERNAL_ERROR", 80),
    ("ALERT_DESCRIPTION_USER_CANCELLED", 90),
    ("ALERT_DESCRIPTION_NO_RENEGOTIATION", 100),
    ("ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION", 110),
    ("ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE", 111),
    ("ALERT_DESCRIPTION_UNRECOGNIZED_NAME", 112),
    ("ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE", 113),
    ("ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE", 114),
    ("ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY", 115),
];

const FLAGS: &[(&str, bool)] = &[
    ("HAS_SNI", true),
    ("HAS_TLS_UNIQUE", true),
    ("HAS_ECDH", true),
    ("HAS_NPN", false),
    ("HAS_ALPN", true),
    ("HAS_SSLv2", false),
    ("HAS_SSLv3", false),
    ("HAS_TLSv1", true),
    ("HAS_TLSv1_1", true),
    ("HAS_TLSv1_2", true),
    ("HAS_TLSv1_3", true),
    ("HAS_PSK", true),
    ("HAS_PHA", true),
];

/// Adds them to the namespace, with what the library says about itself.
pub(super) fn add(vm: &Vm, dict: Gc<PyDict>, library: &Library) -> PyResult<()> {
    crate::args::add_constants(vm, dict, NUMBERS)?;
    for (name, holds) in FLAGS {
        vm.set_item_text(dict, name, Value::from_bool(*holds))?;
    }
    // SAFETY: functions without preconditions; the text is a constant of the library.
    let (number, text) = unsafe {
        let text = library.text(library.OpenSSL_version(0)).unwrap_or_default();
        (library.OpenSSL_version_num(), text)
    };
    vm.set_item_text(dict, "OPENSSL_VERSION", vm.new_str(&text)?)?;
    vm.set_item_text(dict, "OPENSSL_VERSION_NUMBER", vm.new_int(number.cast_signed())?)?;
    let mut parts = [Value::NONE; 5];
    for (part, (shift, mask)) in parts.iter_mut().zip([(28, 0xff), (20, 0xff), (12, 0xff), (4, 0xff), (0, 0xf)]) {
        *part = vm.new_uint((number >> shift & mask) as usize)?;
    }
    let version = vm.new_tuple(&parts)?;
    vm.set_item_text(dict, "OPENSSL_VERSION_INFO", version)?;
    vm.set_item_text(dict, "_OPENSSL_API_VERSION", version)?;
    // The library's own default list is left in place, so that a system's configuration of it counts.
    vm.set_item_text(dict, "_DEFAULT_CIPHERS", vm.new_str("ALL:!COMPLEMENTOFDEFAULT:!eNULL")?)
}
