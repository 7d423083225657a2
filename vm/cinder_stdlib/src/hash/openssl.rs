//! `_hashlib`: what CPython takes from OpenSSL: hashes by name, HMAC, and keys from passwords.

use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef};
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Raised, Value, Vm};

use super::hmac::Hmac;
use super::{NO_NEW, State, XOF_METHODS, algorithm, class, data, make, own, start};
use crate::args::{given, raise_in, text};

const SIGNATURE: &str = "data=b'', *, usedforsecurity=True, string=None";

/// `openssl_functions!("openssl_md5" "md5" ..)`: one function per algorithm.
macro_rules! openssl_functions {
    ($($function:literal $name:literal;)*) => {
        &[
            $(NativeDef::function($function, SIGNATURE, |vm, args| named(vm, $name, args.opt(0), args.opt(2))),)*
            NativeDef::function("new", "name, data=b'', *, usedforsecurity=True, string=None", new),
            NativeDef::function("pbkdf2_hmac", "hash_name, password, salt, iterations, dklen=None", pbkdf2_hmac),
            NativeDef::function("scrypt", "password, *, salt, n, r, p, maxmem=0, dklen=64", scrypt),
            NativeDef::function("hmac_new", "key, msg=b'', digestmod=None", hmac_new),
            NativeDef::function("hmac_digest", "key, msg, digest", hmac_digest),
            NativeDef::function("compare_digest", "a, b, /", compare_digest),
            NativeDef::function("get_fips_mode", "", |_, _| Ok(Value::ZERO)),
        ]
    };
}

static FUNCTIONS: &[NativeDef] = openssl_functions! {
    "openssl_md5" "md5";
    "openssl_sha1" "sha1";
    "openssl_sha224" "sha224";
    "openssl_sha256" "sha256";
    "openssl_sha384" "sha384";
    "openssl_sha512" "sha512";
    "openssl_sha3_224" "sha3_224";
    "openssl_sha3_256" "sha3_256";
    "openssl_sha3_384" "sha3_384";
    "openssl_sha3_512" "sha3_512";
    "openssl_shake_128" "shake_128";
    "openssl_shake_256" "shake_256";
};

pub(crate) static HASHLIB: ModuleDef = ModuleDef {
    functions: FUNCTIONS,
    setup: Some(|vm, dict| {
        vm.add_class(dict, &HASH)?;
        let xof = vm.native_class_with_base(&HASHXOF, vm.native_class(&HASH)?)?;
        vm.set_item_text(dict, "HASHXOF", xof.as_value())?;
        vm.add_class(dict, &HMAC)?;
        vm.set_item_text(dict, "UnsupportedDigestmodError", unsupported_class(vm)?.as_value())?;
        let mut names = cinder_vm::value_vec::ValueVec::<[Value; 16]>::new();
        algorithm::NAMES.iter().for_each(|name| names.push(vm.intern(name)));
        vm.set_item_text(dict, "openssl_md_meth_names", vm.new_frozenset(&names)?)?;
        let constructors = vm.new_pydict()?;
        for function in FUNCTIONS {
            if let (Some(name), Some(object)) =
                (function.name.strip_prefix("openssl_"), dict.get_interned(vm.intern(function.name)))
            {
                vm.dict_insert(constructors, object, vm.intern(name))?;
            }
        }
        let view = vm.call(vm.types.mapping_proxy.as_value(), &[constructors.as_value()])?;
        vm.set_item_text(dict, "_constructors", view)?;
        vm.set_item_text(dict, "_GIL_MINSIZE", vm.new_int(2048)?)
    }),
    ..ModuleDef::new("_hashlib")
};

fn hash_repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let name = own(vm, value).state.borrow().name();
    let (class, address) = (vm.type_of(value).name(), value.bits());
    vm.new_str(&format!("<{name} _hashlib.{class} object @ {address:#x}>"))
}

static HASH: TypeDef = TypeDef {
    slots: Slots { repr: Some(hash_repr), ..Slots::NONE },
    ..class("_hashlib.HASH", NO_NEW | cinder_vm::types::type_::type_flags::BASE)
};

static HASHXOF: TypeDef = TypeDef {
    methods: XOF_METHODS,
    slots: Slots { repr: Some(hash_repr), ..Slots::NONE },
    ..class("_hashlib.HASHXOF", NO_NEW)
};

static HMAC: TypeDef = TypeDef {
    slots: Slots {
        repr: Some(|vm, value| {
            let name = own(vm, value).state.borrow().name();
            let name = name.strip_prefix("hmac-").unwrap_or(name);
            let address = value.bits();
            vm.new_str(&format!("<{name} HMAC object @ {address:#x}>"))
        }),
        ..Slots::NONE
    },
    ..class("_hashlib.HMAC", NO_NEW)
};

fn unsupported_class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.exception_class("_hashlib", "UnsupportedDigestmodError", vm.exceptions.ValueError)
}

fn unsupported(vm: &Vm, name: &str) -> Raised {
    raise_in(vm, unsupported_class(vm), &format!("unsupported hash type {name}"))
}

/// The name as the tables know it: `SHA512-256` is `sha512_256`, `SHAKE128` is `shake_128`.
fn plain_name(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace(['-', '/'], "_");
    match name.as_str() {
        "shake128" => "shake_128".to_owned(),
        "shake256" => "shake_256".to_owned(),
        "blake2b512" => "blake2b".to_owned(),
        "blake2s256" => "blake2s".to_owned(),
        "sha_1" | "sha1" => "sha1".to_owned(),
        "sha_224" | "sha_256" | "sha_384" | "sha_512" => name.replace('_', ""),
        "sha2_224" | "sha2_256" | "sha2_384" | "sha2_512" => name.replace("2_", ""),
        "sha512/224" | "sha512/256" => name.replace('/', "_"),
        _ => name,
    }
}

fn named(vm: &Vm, name: &str, data: Option<Value>, string: Option<Value>) -> PyResult<Value> {
    let Some(state) = algorithm::by_name(&plain_name(name)) else { return Err(unsupported(vm, name)) };
    let base = vm.native_class(&HASH)?;
    let class = if state.digest_bytes() == 0 { vm.native_class_with_base(&HASHXOF, base)? } else { base };
    start(vm, class, state, data, string)
}

fn new(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = text(vm, args.at(0), "new() argument 'name'")?;
    named(vm, &name, args.opt(1), args.opt(3))
}

/// The algorithm that `digestmod` names: a str or one of this module's functions.
fn digest_name(vm: &Vm, value: Value) -> PyResult<String> {
    if vm.is_str(value) {
        return Ok(vm.str_text(value).into_owned());
    }
    let module = vm.import("_hashlib")?;
    let constructors = vm.getattr_text(module, "_constructors")?;
    if vm.is_callable(value) && vm.contains(constructors, value)? {
        let name = vm.getitem(constructors, value)?;
        return Ok(vm.str_text(name).into_owned());
    }
    let shown = vm.repr_text(value)?;
    Err(raise_in(vm, unsupported_class(vm), &format!("Unsupported digestmod {shown}")))
}

fn keyed(vm: &Vm, key: Value, digest: Value) -> PyResult<Hmac> {
    let name = digest_name(vm, digest)?;
    let key = vm.with_bytes(key, <[u8]>::to_vec)?;
    Hmac::new(&plain_name(&name), &key).ok_or_else(|| unsupported(vm, &name))
}

fn hmac_new(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some(digest) = given(args.opt(2)) else {
        return Err(vm.type_error("Missing required parameter 'digestmod'."));
    };
    let mut state = keyed(vm, args.at(0), digest)?;
    if let Some(message) = given(args.opt(1)) {
        state.update(&data(vm, message)?);
    }
    make(vm, vm.native_class(&HMAC)?, Box::new(state))
}

fn hmac_digest(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut state = keyed(vm, args.at(0), args.at(2))?;
    state.update(&data(vm, args.at(1))?);
    vm.new_bytes(&state.digest(0))
}

fn pbkdf2_hmac(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = text(vm, args.at(0), "pbkdf2_hmac() argument 'hash_name'")?;
    let password = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let salt = vm.with_bytes(args.at(2), <[u8]>::to_vec)?;
    let rounds = vm.index_i64(args.at(3))?;
    let plain = plain_name(&name);
    let Some(state) = algorithm::by_name(&plain).filter(|state| state.digest_bytes() != 0) else {
        return Err(unsupported(vm, &name));
    };
    if rounds < 1 {
        return Err(vm.value_error("iteration value must be greater than 0."));
    }
    if rounds > i64::from(i32::MAX) {
        return Err(vm.overflow_error("iteration value is too great."));
    }
    let len = match given(args.opt(4)) {
        Some(len) => vm.index_i64(len)?,
        None => state.digest_bytes() as i64,
    };
    if len < 1 {
        return Err(vm.value_error("key length must be greater than 0."));
    }
    if len > i64::from(i32::MAX) {
        return Err(vm.overflow_error("key length is too great."));
    }
    let mut key = vec![0; len as usize];
    if algorithm::pbkdf2(&plain, &password, &salt, rounds.cast_unsigned(), &mut key).is_none() {
        return Err(unsupported(vm, &name));
    }
    vm.new_bytes(&key)
}

fn positive(vm: &Vm, value: Value, message: &str) -> PyResult<usize> {
    let number = vm.index(value)?;
    vm.int_to_i64(number)
        .and_then(|number| usize::try_from(number).ok())
        .filter(|number| *number > 0)
        .ok_or_else(|| vm.value_error(message))
}

fn scrypt(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let password = vm.with_bytes(args.at(0), <[u8]>::to_vec)?;
    let salt = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let n = positive(vm, args.at(2), "n must be a power of 2.")?;
    if n < 2 || !n.is_power_of_two() {
        return Err(vm.value_error("n must be a power of 2."));
    }
    let r = positive(vm, args.at(3), "Invalid parameter combination for n, r, p, maxmem.")?;
    let p = positive(vm, args.at(4), "Invalid parameter combination for n, r, p, maxmem.")?;
    let max_memory = args.opt(5).map_or(Ok(0), |max| vm.index_i64(max))?;
    if !(0..=i64::from(i32::MAX)).contains(&max_memory) {
        return Err(vm.value_error(format!("maxmem must be positive and smaller than {}", i32::MAX)));
    }
    let len = args.opt(6).map_or(Ok(64), |len| vm.index_i64(len))?;
    if !(1..=i64::from(i32::MAX)).contains(&len) {
        return Err(vm.value_error(format!("dklen must be greater than 0 and smaller than {}", i32::MAX)));
    }
    // OpenSSL's limit when none is given.
    let limit = if max_memory == 0 { 32 << 20 } else { max_memory as usize };
    let needed = n.checked_add(p).and_then(|rows| rows.checked_mul(r)).and_then(|rows| rows.checked_mul(128));
    if needed.is_none_or(|needed| needed > limit) {
        return Err(vm.value_error("Invalid parameter combination for n, r, p, maxmem."));
    }
    let mut key = vec![0; len as usize];
    super::derive::scrypt(&password, &salt, n, r, p, &mut key);
    vm.new_bytes(&key)
}

/// Compares without telling by its duration where two texts differ.
pub(crate) fn compare_digest(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let bytes = |value: Value| -> PyResult<Vec<u8>> {
        match vm.as_str(value) {
            Some(text) => match text.as_ascii() {
                Some(text) => Ok(text.as_bytes().to_vec()),
                None => Err(vm.type_error("comparing strings with non-ASCII characters is not supported")),
            },
            None => vm.with_bytes(value, <[u8]>::to_vec),
        }
    };
    let (a, b) = (args.at(0), args.at(1));
    let is_buffer = |value: Value| vm.type_of(value).slots().buffer.is_some();
    if vm.is_str(a) != vm.is_str(b) || !(vm.is_str(a) || is_buffer(a) && is_buffer(b)) {
        let (a, b) = (vm.type_name(a), vm.type_name(b));
        return Err(vm.type_error(format!("unsupported operand types(s) or combination of types: '{a}' and '{b}'")));
    }
    let (a, b) = (bytes(a)?, bytes(b)?);
    let difference = a.iter().zip(&b).fold(u8::from(a.len() != b.len()), |sum, (x, y)| sum | (x ^ y));
    Ok(Value::from_bool(std::hint::black_box(difference) == 0))
}
