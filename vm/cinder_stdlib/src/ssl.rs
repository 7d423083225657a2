//! `_ssl`: connections under TLS, by the OpenSSL that the system has.
//!
//! Problem: `ssl.py` and all that stands on it (`http.client`, `asyncio`, packages) need OpenSSL itself, whose faults a system repairs by replacing the
//! shared library.
//! Idea: the library is opened when `_ssl` is imported ([`library`], one table of its functions); a program that does without pays nothing. Connections run
//! over one kind of stream that never waits ([`transport`]); waiting, time-outs and signals are done here ([`connection`]).
//! Holds: every structure of OpenSSL has one owner that frees it ([`context::ContextCore`], [`connection::Link`], [`certificate::Certificate`], ...). What
//! callbacks are handed lies at a fixed address and outlives whoever may call. The machine's lock is not held while OpenSSL works on a connection.
//! Source: Modules/_ssl.c, <https://docs.openssl.org/3.0/man3/>.

mod callback;
mod certificate;
mod connection;
mod constants;
mod context;
mod error;
mod library;
mod load;
mod peer;
mod session;
mod transport;

use std::cell::Cell;
use std::ffi::{CString, c_char, c_int};

use cinder_vm::types::dict::PyDict;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};

use library::{Asn1Object, library};

pub(crate) static SSL: ModuleDef = ModuleDef {
    doc: "Implementation module for SSL socket operations.  See the socket module\nfor documentation.",
    functions: &[
        NativeDef::function("txt2obj", "txt, name=False", txt2obj)
            .doc("Look up an object by its number, or by its names if name.\n\nThe result is (nid, shortname, longname, oid)."),
        NativeDef::function("nid2obj", "nid, /", nid2obj).doc("Look up an object by the number that OpenSSL gives it."),
        NativeDef::function("RAND_add", "string, entropy, /", rand_add)
            .doc("Mix bytes into the random generator; entropy is how many of them an attacker cannot guess."),
        NativeDef::function("RAND_bytes", "n, /", rand_bytes).doc("Random bytes of cryptographic strength."),
        NativeDef::function("RAND_status", "", |_, _| {
            // SAFETY: the function takes nothing.
            Ok(Value::from_bool(unsafe { library().RAND_status() } == 1))
        })
        .doc("Whether the random generator has been seeded."),
        NativeDef::function("get_default_verify_paths", "", get_default_verify_paths)
            .doc("Where OpenSSL finds certificates to trust: (file_env, file, dir_env, dir)."),
        NativeDef::function("_test_decode_cert", "path, /", certificate::test_decode),
    ],
    setup: Some(setup),
    ..ModuleDef::new("_ssl")
};

fn setup(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    let found = vm.without_lock(library::load);
    let openssl = found.map_err(|message| vm.raise_text(vm.exceptions.ImportError, message))?;
    error::add_classes(vm, dict)?;
    constants::add(vm, dict, openssl)?;
    let classes = [
        &context::CONTEXT,
        &connection::CONNECTION,
        &transport::MEMORY_BIO,
        &session::SESSION,
        &certificate::CERTIFICATE,
    ];
    for class in classes {
        vm.add_class(dict, class)?;
    }
    Ok(())
}

/// Memory of the library that an object keeps: the collector runs earlier for it.
struct Foreign {
    vm: *const Vm,
    bytes: Cell<usize>,
}

impl Foreign {
    fn new(vm: &Vm) -> Foreign {
        Foreign { vm: std::ptr::from_ref(vm), bytes: Cell::new(0) }
    }

    /// Says how much it is now.
    fn set(&self, bytes: usize) {
        let before = self.bytes.replace(bytes);
        // SAFETY: machines live for ever. Objects are made and freed by threads that have the machine's lock.
        unsafe { &*self.vm }.heap.account_external(bytes.cast_signed() - before.cast_signed());
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        self.set(0);
    }
}

/// An object of the library, freed when it is done with.
struct Found(*mut Asn1Object);

impl Drop for Found {
    fn drop(&mut self) {
        // SAFETY: an object of the caller's, null, or a constant, which the function leaves alone.
        unsafe { library().ASN1_OBJECT_free(self.0) };
    }
}

impl Found {
    /// `(nid, shortname, longname, oid)`.
    fn tuple(&self, vm: &Vm) -> PyResult<Value> {
        let openssl = library();
        // SAFETY: an object; the texts are constants, or belong to it.
        let (nid, short, long) = unsafe {
            let nid = openssl.OBJ_obj2nid(self.0);
            (nid, openssl.text(openssl.OBJ_nid2sn(nid)), openssl.text(openssl.OBJ_nid2ln(nid)))
        };
        if nid == 0 {
            return Err(vm.value_error("Unknown object"));
        }
        let optional = |text: Option<&str>| text.map_or(Ok(Value::NONE), |text| vm.new_str(text));
        let number = certificate::object_text_or_number(self.0, true).filter(|number| !number.is_empty());
        let items = [vm.new_int(nid.into())?, optional(short.as_deref())?, optional(long.as_deref())?];
        vm.new_tuple(&[items[0], items[1], items[2], optional(number.as_deref())?])
    }
}

fn txt2obj(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let text = crate::args::text(vm, args.at(0), "txt2obj() argument 'txt'")?;
    let by_name = crate::args::flag(vm, args.opt(1), false)?;
    let c_text = CString::new(text.as_str()).map_err(|_| vm.value_error("embedded null character"))?;
    // SAFETY: a text with an end.
    let found = Found(unsafe { library().OBJ_txt2obj(c_text.as_ptr(), (!by_name).into()) });
    error::clear(library());
    if found.0.is_null() {
        let shown: String = text.chars().take(100).collect();
        return Err(vm.value_error(format!("unknown object '{shown}'")));
    }
    found.tuple(vm)
}

fn nid2obj(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let nid = crate::args::c_int(vm, args.at(0))?;
    if nid < 0 {
        return Err(vm.value_error("NID must be positive."));
    }
    // SAFETY: any number.
    let found = Found(unsafe { library().OBJ_nid2obj(nid) });
    error::clear(library());
    if found.0.is_null() {
        return Err(vm.value_error(format!("unknown NID {nid}")));
    }
    found.tuple(vm)
}

fn rand_add(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let data = if vm.is_str(args.at(0)) {
        vm.encode_native(args.at(0), cinder_vm::codecs::Encoding::Utf8, "strict")?
    } else {
        vm.with_bytes(args.at(0), <[u8]>::to_vec)?
    };
    let entropy = vm.float_argument(args.at(1))?;
    for part in data.chunks(c_int::MAX as usize) {
        // SAFETY: so many bytes.
        unsafe { library().RAND_add(part.as_ptr().cast(), part.len() as c_int, entropy) };
    }
    Ok(Value::NONE)
}

fn rand_bytes(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let count = crate::args::c_int(vm, args.at(0))?;
    let Ok(len) = usize::try_from(count) else { return Err(vm.value_error("num must be positive")) };
    let mut room: Vec<u8> = Vec::new();
    if room.try_reserve_exact(len).is_err() {
        return Err(vm.memory_error_text(""));
    }
    room.resize(len, 0);
    let place = room.as_mut_ptr();
    // SAFETY: room for so many bytes.
    if len > 0 && unsafe { library().RAND_bytes(place, count) } != 1 {
        return Err(error::from_queue(vm, 0));
    }
    vm.new_bytes(&room)
}

fn get_default_verify_paths(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    let openssl = library();
    // SAFETY: functions without preconditions, and texts that are constants.
    unsafe {
        let decode = |text: *const c_char| match openssl.text(text) {
            Some(text) => vm.new_str(&text),
            None => Ok(Value::NONE),
        };
        vm.new_tuple(&[
            decode(openssl.X509_get_default_cert_file_env())?,
            decode(openssl.X509_get_default_cert_file())?,
            decode(openssl.X509_get_default_cert_dir_env())?,
            decode(openssl.X509_get_default_cert_dir())?,
        ])
    }
}
