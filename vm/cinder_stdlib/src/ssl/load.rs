//! Certificates and keys that a context is given.

use std::ffi::{CString, c_char, c_int, c_void};

use cinder_vm::{Arg, ArgsExt, PyResult, Value, Vm};

use super::certificate::{self, Certificate};
use super::context::own;
use super::error::{self, Code, line};
use super::library::{Library, SslContext, StoreObject, X509, library};

const KIND_PEM: c_int = 1;

/// A path for the library. Errors: TypeError that names the argument.
fn path(vm: &Vm, value: Value, name: &str) -> PyResult<CString> {
    crate::os_path::path_bytes(vm, value).map_err(|raised| {
        if !vm.pending_matches(vm.exceptions.TypeError) {
            return raised;
        }
        vm.take_exception(raised);
        vm.type_error(format!("{name} should be a valid filesystem path"))
    })
}

// ---- certificate and key of an application ----

/// What gives the password of a key, for as long as one call of the library reads it.
struct Password {
    vm: *const Vm,
    /// Asked for each password when it is given; else `fixed` is the password.
    callable: Option<Value>,
    fixed: Vec<u8>,
    /// What the callable raised, or what its answer is refused with. (The struct lies on the stack, where the collector sees it.)
    failure: Option<Value>,
}

fn password_bytes(vm: &Vm, value: Value, complaint: &str) -> PyResult<Vec<u8>> {
    if vm.is_str(value) {
        return vm.encode_native(value, cinder_vm::codecs::Encoding::Utf8, "strict");
    }
    let is_bytes = vm.as_bytes(value).is_some() || vm.isinstance(value, vm.builtin("bytearray")?)?;
    if is_bytes { vm.with_bytes(value, <[u8]>::to_vec) } else { Err(vm.type_error(complaint)) }
}

impl Password {
    fn ask(&mut self, vm: &Vm, size: usize) -> PyResult<()> {
        if let Some(callable) = self.callable {
            let answer = vm.call(callable, &[])?;
            self.fixed = password_bytes(vm, answer, "password callback must return a string")?;
        }
        if self.fixed.len() > size {
            return Err(vm.value_error(format!("password cannot be longer than {size} bytes")));
        }
        Ok(())
    }
}

unsafe extern "C" fn give_password(place: *mut c_char, size: c_int, _: c_int, user: *mut c_void) -> c_int {
    // SAFETY: `load_cert_chain` handed this address over, and waits for the call to end.
    let password = unsafe { &mut *user.cast::<Password>() };
    // The library may ask again after a failure.
    if password.failure.is_some() {
        return -1;
    }
    let size = usize::try_from(size).unwrap_or(0);
    super::callback::enter(password.vm, |vm| {
        if let Err(raised) = password.ask(vm, size) {
            password.failure = Some(vm.take_exception(raised));
        }
    });
    if password.failure.is_some() {
        return -1;
    }
    // SAFETY: `ask` has made sure that the password fits.
    unsafe { std::ptr::copy_nonoverlapping(password.fixed.as_ptr(), place.cast(), password.fixed.len()) };
    password.fixed.len() as c_int
}

pub(super) fn load_cert_chain(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let context = own(vm, args.at(0)).core.raw;
    let keyfile = crate::args::given(args.opt(2));
    let certificate_path = path(vm, args.at(1), "certfile")?;
    let key_path = keyfile.map(|keyfile| path(vm, keyfile, "keyfile")).transpose()?;
    let mut password = Password { vm: std::ptr::from_ref(vm), callable: None, fixed: Vec::new(), failure: None };
    let given = crate::args::given(args.opt(3));
    match given {
        Some(given) if vm.is_callable(given) => password.callable = Some(given),
        Some(given) => password.fixed = password_bytes(vm, given, "password should be a string or callable")?,
        None => {}
    }
    let openssl = library();
    error::clear(openssl);
    let user = &raw mut password;
    let steps = || {
        // SAFETY: a context, texts with an end, and a password that is taken away again below.
        unsafe {
            if given.is_some() {
                openssl.SSL_CTX_set_default_passwd_cb(context, Some(give_password));
                openssl.SSL_CTX_set_default_passwd_cb_userdata(context, user.cast());
            }
            let failed = if openssl.SSL_CTX_use_certificate_chain_file(context, certificate_path.as_ptr()) != 1 {
                Some(line::CERTIFICATE_FILE)
            } else {
                let path = key_path.as_ref().unwrap_or(&certificate_path);
                if openssl.SSL_CTX_use_PrivateKey_file(context, path.as_ptr(), KIND_PEM) != 1 {
                    Some(line::PRIVATE_KEY)
                } else if openssl.SSL_CTX_check_private_key(context) != 1 {
                    Some(line::KEY_CHECK)
                } else {
                    None
                }
            };
            openssl.SSL_CTX_set_default_passwd_cb(context, None);
            openssl.SSL_CTX_set_default_passwd_cb_userdata(context, std::ptr::null_mut());
            failed
        }
    };
    let failed = vm.without_lock(steps);
    if let Some(failure) = password.failure {
        error::clear(openssl);
        return Err(vm.restore(failure));
    }
    match failed {
        None => Ok(Value::NONE),
        Some(line) => Err(error::from_queue_or_system(vm, line)),
    }
}

pub(super) fn load_dh_params(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    const CTRL_SET_TMP_DH: c_int = 3;
    let context = own(vm, args.at(0)).core.raw;
    let file = crate::os_path::path_bytes(vm, args.at(1))?;
    let openssl = library();
    error::clear(openssl);
    // SAFETY: a context, texts with an end; the stream and the parameters are freed once, and the context copies the latter.
    let done = unsafe {
        let bio = openssl.BIO_new_file(file.as_ptr(), c"r".as_ptr());
        if bio.is_null() {
            let number = error::system_error(openssl);
            error::clear(openssl);
            return Err(match number {
                Some(number) => crate::args::os_error_number(vm, number, Some(args.at(1))),
                None => error::with_place(vm, "Can't open file", line::DH_FILE),
            });
        }
        let parameters = openssl.PEM_read_bio_DHparams(bio, std::ptr::null_mut(), None, std::ptr::null_mut());
        openssl.BIO_free(bio);
        if parameters.is_null() {
            0
        } else {
            let done = openssl.SSL_CTX_ctrl(context, CTRL_SET_TMP_DH, 0, parameters.cast());
            openssl.DH_free(parameters);
            done
        }
    };
    if done == 0 { Err(error::from_queue(vm, line::DH_FILE)) } else { Ok(Value::NONE) }
}

// ---- certificates to trust ----

pub(super) fn set_default_verify_paths(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let context = own(vm, args.at(0)).core.raw;
    // SAFETY: a context.
    let done = vm.without_lock(|| unsafe { library().SSL_CTX_set_default_verify_paths(context) });
    note_certificates(vm, args.at(0));
    if done == 1 { Ok(Value::NONE) } else { Err(error::from_queue(vm, line::DEFAULT_PATHS)) }
}

/// Tells the collector how much a context has been given.
fn note_certificates(vm: &Vm, context: Value) {
    let core = &own(vm, context).core;
    let openssl = library();
    // SAFETY: a context and its store, which is locked while it is read.
    let count = unsafe {
        let store = openssl.SSL_CTX_get_cert_store(core.raw);
        openssl.X509_STORE_lock(store);
        let count = openssl.OPENSSL_sk_num(openssl.X509_STORE_get0_objects(store));
        openssl.X509_STORE_unlock(store);
        count
    };
    core.note_certificates(usize::try_from(count).unwrap_or(0));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Pem,
    Der,
}

impl Form {
    fn no_certificate(self) -> &'static str {
        match self {
            Form::Pem => "no start line: cadata does not contain a certificate",
            Form::Der => "not enough data: cadata does not contain a certificate",
        }
    }
}

/// No certificate of an authority has a password.
unsafe extern "C" fn no_password(_: *mut c_char, _: c_int, _: c_int, _: *mut c_void) -> c_int {
    -1
}

/// Adds all certificates in `data`; their number, and whether the data ended well.
fn add_all(openssl: &Library, context: *mut SslContext, data: &[u8], form: Form) -> (usize, bool) {
    const CTRL_EOF: c_int = 2;
    let Ok(len) = c_int::try_from(data.len()) else { return (0, false) };
    let mut loaded = 0;
    // SAFETY: bytes that outlive the stream; each certificate is freed once, and the store has its own references.
    unsafe {
        let bio = openssl.BIO_new_mem_buf(data.as_ptr().cast(), len);
        if bio.is_null() {
            return (0, false);
        }
        let store = openssl.SSL_CTX_get_cert_store(context);
        let is_good = loop {
            if loaded > 0 && form == Form::Der && openssl.BIO_ctrl(bio, CTRL_EOF, 0, std::ptr::null_mut()) == 1 {
                break true;
            }
            let place = std::ptr::null_mut();
            let found = match form {
                Form::Der => openssl.d2i_X509_bio(bio, place),
                Form::Pem => openssl.PEM_read_bio_X509(bio, place, Some(no_password), std::ptr::null_mut()),
            };
            if found.is_null() {
                // Text may follow the last certificate; what follows bytes is part of a certificate.
                let is_text = Code::of(openssl, error::last(openssl)) == error::NO_START_LINE;
                break loaded > 0 && form == Form::Pem && is_text;
            }
            let added = openssl.X509_STORE_add_cert(store, found);
            openssl.X509_free(found);
            if added == 0 {
                if Code::of(openssl, error::last(openssl)) != error::CERT_ALREADY_IN_TABLE {
                    break false;
                }
                error::clear(openssl);
            }
            loaded += 1;
        };
        openssl.BIO_free(bio);
        (loaded, is_good)
    }
}

fn add_data(vm: &Vm, context: *mut SslContext, data: &[u8], form: Form) -> PyResult<()> {
    if data.is_empty() {
        return Err(vm.value_error("Empty certificate data"));
    }
    if c_int::try_from(data.len()).is_err() {
        return Err(vm.overflow_error("Certificate data is too long."));
    }
    error::clear(library());
    match add_all(library(), context, data, form) {
        (_, true) => {
            error::clear(library());
            Ok(())
        }
        (0, false) => {
            error::clear(library());
            Err(error::with_place(vm, form.no_certificate(), line::CA_DATA))
        }
        (_, false) => Err(error::from_queue(vm, line::CA_DATA_REST)),
    }
}

pub(super) fn load_verify_locations(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let context = own(vm, args.at(0)).core.raw;
    let given = |index: usize| crate::args::given(args.opt(index));
    let (cafile, capath, cadata) = (given(1), given(2), given(3));
    if cafile.is_none() && capath.is_none() && cadata.is_none() {
        return Err(vm.type_error("cafile, capath and cadata cannot be all omitted"));
    }
    let cafile = cafile.map(|value| path(vm, value, "cafile")).transpose()?;
    let capath = capath.map(|value| path(vm, value, "capath")).transpose()?;
    if let Some(data) = cadata {
        let text = if vm.is_str(data) { vm.as_str(data).filter(|text| text.is_ascii()) } else { None };
        if text.is_some() {
            add_data(vm, context, vm.str_text(data).as_bytes(), Form::Pem)?;
        } else if !vm.is_str(data) && vm.type_of(data).slots().buffer.is_some() {
            let data = vm.with_bytes(data, <[u8]>::to_vec)?;
            add_data(vm, context, &data, Form::Der)?;
        } else {
            return Err(vm.type_error("cadata should be an ASCII string or a bytes-like object"));
        }
    }
    if cafile.is_none() && capath.is_none() {
        note_certificates(vm, args.at(0));
        return Ok(Value::NONE);
    }
    let pointer = |text: &Option<CString>| text.as_ref().map_or(std::ptr::null(), |text| text.as_ptr());
    let (file, folder) = (pointer(&cafile), pointer(&capath));
    error::clear(library());
    // SAFETY: a context, and texts with an end or null.
    let done = vm.without_lock(|| unsafe { library().SSL_CTX_load_verify_locations(context, file, folder) });
    note_certificates(vm, args.at(0));
    if done == 1 { Ok(Value::NONE) } else { Err(error::from_queue_or_system(vm, line::CA_FILE)) }
}

/// What a store holds, counted, and its certificates with references of our own.
struct Contents {
    certificates: Vec<Certificate>,
    revocation_lists: usize,
}

fn contents(context: *mut SslContext) -> Contents {
    const KIND_X509: c_int = 1;
    const KIND_CRL: c_int = 2;
    let openssl = library();
    let mut found = Contents { certificates: Vec::new(), revocation_lists: 0 };
    // SAFETY: a context and its store. Handshakes on other threads add to it, so it is locked while it is read.
    unsafe {
        let store = openssl.SSL_CTX_get_cert_store(context);
        openssl.X509_STORE_lock(store);
        for object in openssl.items::<StoreObject>(openssl.X509_STORE_get0_objects(store)) {
            match openssl.X509_OBJECT_get_type(object) {
                KIND_X509 => found.certificates.push(Certificate::share(openssl.X509_OBJECT_get0_X509(object))),
                KIND_CRL => found.revocation_lists += 1,
                _ => {}
            }
        }
        openssl.X509_STORE_unlock(store);
    }
    found
}

fn is_authority(certificate: *mut X509) -> bool {
    // SAFETY: a certificate.
    unsafe { library().X509_check_ca(certificate) != 0 }
}

pub(super) fn cert_store_stats(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let found = contents(own(vm, args.at(0)).core.raw);
    let authorities = found.certificates.iter().filter(|certificate| is_authority(certificate.raw())).count();
    let stats = vm.new_pydict()?;
    vm.set_item_text(stats, "x509", vm.new_uint(found.certificates.len())?)?;
    vm.set_item_text(stats, "crl", vm.new_uint(found.revocation_lists)?)?;
    vm.set_item_text(stats, "x509_ca", vm.new_uint(authorities)?)?;
    Ok(stats.as_value())
}

pub(super) fn get_ca_certs(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let as_bytes = crate::args::flag(vm, args.opt(1), false)?;
    let found = contents(own(vm, args.at(0)).core.raw);
    let list = vm.new_pylist()?;
    for certificate in found.certificates.iter().filter(|certificate| is_authority(certificate.raw())) {
        let made = if as_bytes {
            certificate::to_der(vm, certificate.raw())?
        } else {
            certificate::to_dict(vm, certificate.raw())?
        };
        vm.list_push(list, made)?;
    }
    Ok(list.as_value())
}
