//! Certificates: as objects, as bytes, and as the dicts that `getpeercert` gives.
//!
//! Source: Modules/_ssl.c `_decode_certificate`, Modules/_ssl/cert.c; RFC 5280.

use std::ffi::{c_char, c_int, c_uchar, c_ulong, c_void};

use cinder_bytecode::CompareOp;
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

use super::constants::{ENCODING_DER, ENCODING_PEM};
use super::error::{self, line};
use super::library::{
    AccessDescription, Asn1Object, Asn1String, Asn1Time, Bio, DistributionPoint, GeneralName, Library, Printed, Stack,
    X509, X509Name, X509NameEntry, library,
};
use crate::payload::plain_payload;

/// A reference to a certificate.
pub(super) struct Certificate(*mut X509);

impl Certificate {
    /// Takes a reference of the caller's; `None` for null.
    ///
    /// # Safety
    /// Null, or a certificate with a reference that nobody else gives back.
    pub(super) unsafe fn adopt(raw: *mut X509) -> Option<Certificate> {
        (!raw.is_null()).then_some(Certificate(raw))
    }

    /// Makes a reference of its own.
    ///
    /// # Safety
    /// A certificate.
    pub(super) unsafe fn share(raw: *mut X509) -> Certificate {
        // SAFETY: contract.
        unsafe { library().X509_up_ref(raw) };
        Certificate(raw)
    }

    pub(super) fn raw(&self) -> *mut X509 {
        self.0
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        // SAFETY: the reference's own.
        unsafe { library().X509_free(self.0) };
    }
}

// ---- bytes ----

pub(super) fn to_der(vm: &Vm, certificate: *mut X509) -> PyResult<Value> {
    let mut data: *mut c_uchar = std::ptr::null_mut();
    // SAFETY: a certificate, and a place for the address of memory that is ours to free.
    unsafe {
        let len = library().i2d_X509(certificate, &raw mut data);
        let Ok(len) = usize::try_from(len) else { return Err(error::from_queue(vm, line::CERTIFICATE)) };
        let made = vm.new_bytes(std::slice::from_raw_parts(data, len));
        free(data.cast());
        made
    }
}

/// Frees memory that the library allocated.
///
/// # Safety
/// Null, or such memory.
unsafe fn free(place: *mut c_void) {
    // SAFETY: contract; the file is for the library's statistics only.
    unsafe { library().CRYPTO_free(place, c"".as_ptr(), 0) };
}

fn printed(vm: &Vm, print: impl FnOnce(&Library, *mut Bio) -> bool) -> PyResult<String> {
    match Printed::by(library(), |bio| print(library(), bio)) {
        Some(text) => Ok(String::from_utf8_lossy(&text).into_owned()),
        None => Err(error::from_queue(vm, line::CERTIFICATE)),
    }
}

// ---- names ----

/// The text of an object identifier: its long name, or its number.
fn object_text(vm: &Vm, object: *const Asn1Object) -> PyResult<Value> {
    object_text_or_number(object, false)
        .map_or_else(|| Err(error::from_queue(vm, line::CERTIFICATE)), |text| vm.new_str(&text))
}

/// As [`object_text`]; always the number for `as_number`.
pub(super) fn object_text_or_number(object: *const Asn1Object, as_number: bool) -> Option<String> {
    // SAFETY: an object; first asked for the length, then given room for it and an end.
    unsafe {
        let len = library().OBJ_obj2txt(std::ptr::null_mut(), 0, object, as_number.into());
        let len = usize::try_from(len).ok()?;
        let mut room = vec![0u8; len + 1];
        library().OBJ_obj2txt(room.as_mut_ptr().cast(), room.len() as c_int, object, as_number.into());
        room.truncate(len);
        String::from_utf8(room).ok()
    }
}

/// Bytes of a certificate that should be text.
fn text(vm: &Vm, bytes: &[u8]) -> PyResult<Value> {
    match std::str::from_utf8(bytes) {
        Ok(text) => vm.new_str(text),
        Err(_) => {
            let bytes = vm.new_bytes(bytes)?;
            vm.decode_bytes(bytes, "utf-8", "strict")
        }
    }
}

/// # Safety
/// A text of a certificate that lives as long as the result is used.
unsafe fn content<'a>(text: *const Asn1String) -> &'a [u8] {
    // SAFETY: contract.
    unsafe {
        let (data, len) = (library().ASN1_STRING_get0_data(text), library().ASN1_STRING_length(text));
        if data.is_null() || len <= 0 { &[] } else { std::slice::from_raw_parts(data, len as usize) }
    }
}

/// One attribute of a name: its type and its value.
///
/// # Safety
/// An entry of a name.
unsafe fn attribute(vm: &Vm, entry: *const X509NameEntry) -> PyResult<Value> {
    let openssl = library();
    let mut data: *mut c_uchar = std::ptr::null_mut();
    // SAFETY: contract; a place for the address of memory that is ours to free.
    unsafe {
        let len = openssl.ASN1_STRING_to_UTF8(&raw mut data, openssl.X509_NAME_ENTRY_get_data(entry));
        let Ok(len) = usize::try_from(len) else { return Err(error::from_queue(vm, line::CERTIFICATE)) };
        let value = text(vm, std::slice::from_raw_parts(data, len));
        free(data.cast());
        let value = value?;
        let name = object_text(vm, openssl.X509_NAME_ENTRY_get_object(entry))?;
        vm.new_tuple(&[name, value])
    }
}

/// A distinguished name: a tuple of its parts, each a tuple of attributes.
fn name_tuple(vm: &Vm, name: *const X509Name) -> PyResult<Value> {
    let openssl = library();
    let mut parts = ValueVec::<[Value; 8]>::new();
    let mut part = ValueVec::<[Value; 8]>::new();
    let mut level = -1;
    // SAFETY: a name of a certificate, and its entries.
    unsafe {
        for index in 0..openssl.X509_NAME_entry_count(name) {
            let entry = openssl.X509_NAME_get_entry(name, index);
            let set = openssl.X509_NAME_ENTRY_set(entry);
            if level >= 0 && level != set {
                parts.push(vm.new_tuple(&part)?);
                part = ValueVec::new();
            }
            level = set;
            part.push(attribute(vm, entry)?);
        }
    }
    if !part.is_empty() {
        parts.push(vm.new_tuple(&part)?);
    }
    vm.new_tuple(&parts)
}

/// Kinds of names in extensions (RFC 5280, `GeneralName`).
mod kind {
    pub(super) const OTHER: i32 = 0;
    pub(super) const EMAIL: i32 = 1;
    pub(super) const DNS: i32 = 2;
    pub(super) const X400: i32 = 3;
    pub(super) const DIRECTORY: i32 = 4;
    pub(super) const EDI: i32 = 5;
    pub(super) const URI: i32 = 6;
    pub(super) const ADDRESS: i32 = 7;
    pub(super) const REGISTERED: i32 = 8;
}

fn address_text(bytes: &[u8]) -> String {
    match bytes.len() {
        4 => format!("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]),
        16 => {
            let words = bytes.chunks(2).map(|pair| format!("{:X}", u16::from_be_bytes([pair[0], pair[1]])));
            words.collect::<Vec<_>>().join(":")
        }
        _ => "<invalid>".to_owned(),
    }
}

/// A name in an extension: its kind as a text, and its value.
///
/// # Safety
/// A name of an extension.
unsafe fn general_name(vm: &Vm, name: *mut GeneralName) -> PyResult<Value> {
    let openssl = library();
    let mut found: c_int = -1;
    // SAFETY: contract; the value is of the type that belongs to the kind.
    unsafe {
        let value = openssl.GENERAL_NAME_get0_value(name, &raw mut found);
        let (label, value) = match found {
            kind::DIRECTORY => ("DirName", name_tuple(vm, value.cast())?),
            kind::EMAIL => ("email", text(vm, content(value.cast()))?),
            kind::DNS => ("DNS", text(vm, content(value.cast()))?),
            kind::URI => ("URI", text(vm, content(value.cast()))?),
            kind::ADDRESS => ("IP Address", vm.new_str(&address_text(content(value.cast())))?),
            kind::REGISTERED => ("Registered ID", object_text(vm, value.cast())?),
            _ => return printed_name(vm, name, found),
        };
        vm.new_tuple(&[vm.new_str(label)?, value])
    }
}

/// A name of a rare kind, as the library prints it.
///
/// # Safety
/// A name of an extension.
unsafe fn printed_name(vm: &Vm, name: *mut GeneralName, found: c_int) -> PyResult<Value> {
    if !matches!(found, kind::OTHER | kind::X400 | kind::EDI) {
        vm.warn(vm.exceptions.RuntimeWarning, &format!("Unknown general name type {found}"))?;
    }
    // SAFETY: contract.
    let shown = printed(vm, |openssl, bio| unsafe { openssl.GENERAL_NAME_print(bio, name) } > 0)?;
    match shown.split_once(':') {
        Some((label, value)) => vm.new_tuple(&[vm.new_str(label)?, vm.new_str(value)?]),
        None => Err(vm.value_error(format!("Invalid value {shown}"))),
    }
}

// ---- extensions ----

/// What an extension holds, freed when it is done with.
struct Extension {
    stack: *mut Stack,
    free: unsafe fn(&Library, *mut Stack),
}

impl Drop for Extension {
    fn drop(&mut self) {
        // SAFETY: the stack of an extension, and the function for stacks of its kind.
        unsafe { (self.free)(library(), self.stack) };
    }
}

fn extension(certificate: *const X509, nid: c_int, free: unsafe fn(&Library, *mut Stack)) -> Option<Extension> {
    // SAFETY: a certificate.
    let stack = unsafe { library().X509_get_ext_d2i(certificate, nid, std::ptr::null_mut(), std::ptr::null_mut()) };
    (!stack.is_null()).then(|| Extension { stack: stack.cast(), free })
}

fn alternative_names(vm: &Vm, certificate: *const X509) -> PyResult<Option<Value>> {
    const SUBJECT_ALT_NAME: c_int = 85;
    let Some(found) = extension(certificate, SUBJECT_ALT_NAME, Library::GENERAL_NAMES_free) else { return Ok(None) };
    let mut names = ValueVec::<[Value; 8]>::new();
    // SAFETY: a stack of names.
    for name in unsafe { library().items::<GeneralName>(found.stack) } {
        // SAFETY: one of them.
        names.push(unsafe { general_name(vm, name)? });
    }
    vm.new_tuple(&names).map(Some)
}

/// The text of a name that is an address on the web.
///
/// # Safety
/// A name of an extension.
unsafe fn web_address(vm: &Vm, name: *const GeneralName) -> PyResult<Option<Value>> {
    let mut found: c_int = -1;
    // SAFETY: contract; the value is a text where the kind says so.
    unsafe {
        let value = library().GENERAL_NAME_get0_value(name, &raw mut found);
        if found == kind::URI { text(vm, content(value.cast())).map(Some) } else { Ok(None) }
    }
}

fn tuple_or_none(vm: &Vm, items: &[Value]) -> PyResult<Option<Value>> {
    if items.is_empty() { Ok(None) } else { vm.new_tuple(items).map(Some) }
}

/// Where more can be asked about a certificate, by one method.
fn access_addresses(vm: &Vm, certificate: *const X509, method: c_int) -> PyResult<Option<Value>> {
    const INFO_ACCESS: c_int = 177;
    let Some(found) = extension(certificate, INFO_ACCESS, Library::AUTHORITY_INFO_ACCESS_free) else { return Ok(None) };
    let mut addresses = ValueVec::<[Value; 8]>::new();
    // SAFETY: a stack of entries, each with a method and a name.
    unsafe {
        for entry in library().items::<AccessDescription>(found.stack) {
            if library().OBJ_obj2nid((*entry).method) == method
                && let Some(address) = web_address(vm, (*entry).location)?
            {
                addresses.push(address);
            }
        }
    }
    tuple_or_none(vm, &addresses)
}

fn revocation_addresses(vm: &Vm, certificate: *const X509) -> PyResult<Option<Value>> {
    const CRL_DISTRIBUTION_POINTS: c_int = 103;
    const FULL_NAMES: c_int = 0;
    let Some(found) = extension(certificate, CRL_DISTRIBUTION_POINTS, Library::CRL_DIST_POINTS_free) else {
        return Ok(None);
    };
    let mut addresses = ValueVec::<[Value; 8]>::new();
    // SAFETY: a stack of points; the name of a point may be absent, and has a stack of names when its kind says so.
    unsafe {
        for entry in library().items::<DistributionPoint>(found.stack) {
            let Some(point) = (*entry).point.as_ref() else { continue };
            if point.kind != FULL_NAMES {
                continue;
            }
            for name in library().items::<GeneralName>(point.names) {
                if let Some(address) = web_address(vm, name)? {
                    addresses.push(address);
                }
            }
        }
    }
    tuple_or_none(vm, &addresses)
}

/// What `getpeercert` tells about a certificate.
pub(super) fn to_dict(vm: &Vm, certificate: *mut X509) -> PyResult<Value> {
    const OCSP: c_int = 178;
    const CA_ISSUERS: c_int = 179;
    let openssl = library();
    let dict = vm.new_pydict()?;
    let set = |name: &str, value: Value| vm.set_item_text(dict, name, value);
    // SAFETY: a certificate; its parts live as long.
    unsafe {
        set("subject", name_tuple(vm, openssl.X509_get_subject_name(certificate))?)?;
        set("issuer", name_tuple(vm, openssl.X509_get_issuer_name(certificate))?)?;
        set("version", vm.new_int(openssl.X509_get_version(certificate) + 1)?)?;
        let number = openssl.X509_get_serialNumber(certificate);
        let number = printed(vm, |openssl, bio| openssl.i2a_ASN1_INTEGER(bio, number) >= 0)?;
        set("serialNumber", vm.new_str(&number)?)?;
        let time = |time: *const Asn1Time| -> PyResult<Value> {
            let shown = printed(vm, |openssl, bio| {
                // A time that is no time prints as such.
                openssl.ASN1_TIME_print(bio, time);
                true
            })?;
            vm.new_str(&shown)
        };
        set("notBefore", time(openssl.X509_get0_notBefore(certificate))?)?;
        set("notAfter", time(openssl.X509_get0_notAfter(certificate))?)?;
    }
    let more = [
        ("subjectAltName", alternative_names(vm, certificate)?),
        ("OCSP", access_addresses(vm, certificate, OCSP)?),
        ("caIssuers", access_addresses(vm, certificate, CA_ISSUERS)?),
        ("crlDistributionPoints", revocation_addresses(vm, certificate)?),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            set(name, value)?;
        }
    }
    error::clear(openssl);
    Ok(dict.as_value())
}

/// `_test_decode_cert(path)`: the dict of a certificate in a file.
pub(super) fn test_decode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let path = crate::os_path::path_bytes(vm, args.at(0))?;
    let openssl = library();
    // SAFETY: texts with an end; the stream is freed once, the certificate by its guard.
    let found = unsafe {
        let bio = openssl.BIO_new_file(path.as_ptr(), c"r".as_ptr());
        if bio.is_null() {
            error::clear(openssl);
            return Err(error::plain(vm, "Can't open file"));
        }
        let found = openssl.PEM_read_bio_X509(bio, std::ptr::null_mut(), None, std::ptr::null_mut());
        openssl.BIO_free(bio);
        Certificate::adopt(found)
    };
    match found {
        Some(found) => to_dict(vm, found.raw()),
        None => {
            error::clear(openssl);
            Err(error::plain(vm, "Error decoding PEM-encoded file"))
        }
    }
}

// ---- the class ----

#[repr(C)]
struct PyCertificate {
    header: Header,
    certificate: Certificate,
}

plain_payload!(PyCertificate, "_ssl.Certificate");

fn own(vm: &Vm, value: Value) -> Gc<PyCertificate> {
    vm.downcast::<PyCertificate>(value).expect("method of this class")
}

/// An object for a certificate.
pub(super) fn object(vm: &Vm, certificate: Certificate) -> PyResult<Value> {
    let class = vm.native_class(&CERTIFICATE)?;
    Ok(vm.alloc_instance(class, 0, |header| PyCertificate { header, certificate })?.as_value())
}

fn public_bytes(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let certificate = own(vm, args.at(0)).certificate.raw();
    match args.opt(1).map_or(Ok(ENCODING_PEM), |format| crate::args::c_int(vm, format))? {
        ENCODING_PEM => {
            // SAFETY: a stream and a certificate.
            let text = printed(vm, |openssl, bio| unsafe { openssl.PEM_write_bio_X509(bio, certificate) } == 1)?;
            vm.new_str(&text)
        }
        ENCODING_DER => to_der(vm, certificate),
        _ => Err(vm.value_error("Unsupported format")),
    }
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    /// `XN_FLAG_RFC2253`
    const ONE_LINE: c_ulong = 0x1110317;
    let certificate = own(vm, value).certificate.raw();
    // SAFETY: a certificate and its name.
    let name = printed(vm, |openssl, bio| unsafe {
        openssl.X509_NAME_print_ex(bio, openssl.X509_get_subject_name(certificate), 0, ONE_LINE) >= 0
    })?;
    vm.new_str(&format!("<_ssl.Certificate '{name}'>"))
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(a), Some(b)) = (vm.downcast::<PyCertificate>(a), vm.downcast::<PyCertificate>(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    // SAFETY: two certificates.
    let is_equal = unsafe { library().X509_cmp(a.certificate.raw(), b.certificate.raw()) } == 0;
    Ok(match op {
        CompareOp::Eq => Value::from_bool(is_equal),
        CompareOp::Ne => Value::from_bool(!is_equal),
        _ => Value::NOT_IMPLEMENTED,
    })
}

pub(super) static CERTIFICATE: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        repr: Some(repr),
        hash: Some(|vm, value| {
            // SAFETY: a certificate.
            let hash = unsafe { library().X509_subject_name_hash(own(vm, value).certificate.raw()) };
            Ok((hash as i64) & i64::MAX)
        }),
        compare: Some(compare),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("public_bytes", "self, /, format=Encoding.PEM", public_bytes),
        NativeDef::method("get_info", "self, /", |vm, args| to_dict(vm, own(vm, args.at(0)).certificate.raw())),
    ],
    ..TypeDef::new("_ssl.Certificate", <PyCertificate as Payload>::LAYOUT)
};

/// A text of the library in a place of its own, such as `buffer`; up to its end.
pub(super) fn until_end(buffer: &[c_char]) -> String {
    let bytes: Vec<u8> = buffer.iter().take_while(|byte| **byte != 0).map(|byte| byte.cast_unsigned()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
