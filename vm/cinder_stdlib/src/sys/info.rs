//! Constants of `sys`: versions, limits, flags.

use cinder_vm::types::dict::PyDict;
use cinder_vm::{Gc, PyResult, Value, Vm};

use super::VERSION;
use crate::host;
use crate::start::Settings;
use crate::struct_sequence::{self, struct_sequence};

struct_sequence!(VERSION_INFO, "sys.version_info", 0 major, 1 minor, 2 micro, 3 releaselevel, 4 serial);
struct_sequence!(
    FLOAT_INFO, "sys.float_info",
    0 max, 1 max_exp, 2 max_10_exp, 3 min, 4 min_exp, 5 min_10_exp, 6 dig, 7 mant_dig, 8 epsilon, 9 radix, 10 rounds,
);
struct_sequence!(INT_INFO, "sys.int_info", 0 bits_per_digit, 1 sizeof_digit, 2 default_max_str_digits, 3 str_digits_check_threshold);
struct_sequence!(
    HASH_INFO, "sys.hash_info",
    0 width, 1 modulus, 2 inf, 3 nan, 4 imag, 5 algorithm, 6 hash_bits, 7 seed_bits, 8 cutoff,
);
struct_sequence!(THREAD_INFO, "sys.thread_info", 0 name, 1 lock, 2 version);
struct_sequence!(
    FLAGS, "sys.flags",
    0 debug, 1 inspect, 2 interactive, 3 optimize, 4 dont_write_bytecode, 5 no_user_site, 6 no_site, 7 ignore_environment, 8 verbose,
    9 bytes_warning, 10 quiet, 11 hash_randomization, 12 isolated, 13 dev_mode, 14 utf8_mode, 15 warn_default_encoding, 16 safe_path,
    17 int_max_str_digits; gil, thread_inherit_context, context_aware_warnings,
);

pub(super) fn add(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    let number = |value: i64| vm.new_int(value);
    let text = |value: &str| vm.intern(value);
    let set = |name: &str, value: Value| vm.set_item_text(dict, name, value);
    let (major, minor, micro) = VERSION;
    // The form that `platform` reads: version, build in parentheses, compiler in brackets.
    let build = env!("CARGO_PKG_VERSION");
    set("version", vm.new_str(&format!("{major}.{minor}.{micro} (cinder {build}) [Rust]"))?)?;
    let version = [number(major)?, number(minor)?, number(micro)?, text("final"), Value::ZERO];
    let version = struct_sequence::new(vm, &VERSION_INFO, &version)?;
    set("version_info", version)?;
    let hexversion = (major << 24) | (minor << 16) | (micro << 8) | 0xf0;
    set("hexversion", number(hexversion)?)?;
    set("api_version", number(1013)?)?;
    set("copyright", text("Copyright (c) 2001 Python Software Foundation.\nAll Rights Reserved."))?;
    set("maxsize", number(i64::MAX)?)?;
    set("maxunicode", number(0x10_ffff)?)?;
    set("byteorder", text(if cfg!(target_endian = "little") { "little" } else { "big" }))?;
    set("platform", text(if cfg!(target_os = "macos") { "darwin" } else { std::env::consts::OS }))?;
    set("platlibdir", text("lib"))?;
    set("float_repr_style", text("short"))?;
    set("ps1", text(">>> "))?;
    set("ps2", text("... "))?;
    set("abiflags", text(""))?;
    set("_git", vm.new_tuple(&[text("cinder"), text(""), text("")])?)?;
    set("_framework", text(""))?;
    let prefix = super::prefix();
    for name in ["prefix", "exec_prefix", "base_prefix", "base_exec_prefix"] {
        set(name, text(&prefix))?;
    }
    set("_stdlib_dir", text(&host::library_path(&prefix)))?;
    let executable = host::executable();
    set("executable", text(&executable))?;
    set("_base_executable", text(&executable))?;
    let mut names = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
    crate::modules::names().iter().for_each(|name| names.push(text(name)));
    set("builtin_module_names", vm.new_tuple(&names)?)?;
    let mut all = crate::library::top_level();
    all.extend(crate::modules::names());
    all.sort_unstable();
    all.dedup();
    let mut names = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
    all.iter().for_each(|name| names.push(text(name)));
    let names = vm.new_tuple(&names)?;
    set("stdlib_module_names", vm.call(vm.types.frozen_set.as_value(), &[names])?)?;
    add_numbers(vm, dict)?;
    add_implementation(vm, dict, version, hexversion)
}

fn add_numbers(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    let number = |value: i64| vm.new_int(value);
    let float = |value: f64| vm.new_float(value);
    let items = [
        float(f64::MAX)?,
        number(1024)?,
        number(308)?,
        float(f64::MIN_POSITIVE)?,
        number(-1021)?,
        number(-307)?,
        number(15)?,
        number(53)?,
        float(f64::EPSILON)?,
        number(2)?,
        number(1)?,
    ];
    vm.set_item_text(dict, "float_info", struct_sequence::new(vm, &FLOAT_INFO, &items)?)?;
    let items = [number(30)?, number(4)?, number(4300)?, number(640)?];
    vm.set_item_text(dict, "int_info", struct_sequence::new(vm, &INT_INFO, &items)?)?;
    let items = [
        number(64)?,
        number((1 << 61) - 1)?,
        number(314_159)?,
        number(0)?,
        number(1_000_003)?,
        vm.intern("siphash13"),
        number(64)?,
        number(128)?,
        number(0)?,
    ];
    vm.set_item_text(dict, "hash_info", struct_sequence::new(vm, &HASH_INFO, &items)?)?;
    let items = [vm.intern("pthread"), vm.intern("semaphore"), Value::NONE];
    vm.set_item_text(dict, "thread_info", struct_sequence::new(vm, &THREAD_INFO, &items)?)
}

/// `sys.implementation`: a plain namespace object.
fn add_implementation(vm: &Vm, dict: Gc<PyDict>, version: Value, hexversion: i64) -> PyResult<()> {
    let namespace = vm.new_simple_namespace(&[
        ("name", vm.intern("cinder")),
        ("cache_tag", vm.intern(cinder_vm::import::CACHE_TAG)),
        ("version", version),
        ("hexversion", vm.new_int(hexversion)?),
        ("_multiarch", vm.intern(&format!("{}-{}-gnu", std::env::consts::ARCH, std::env::consts::OS))),
        ("supports_isolated_interpreters", Value::FALSE),
    ])?;
    vm.set_item_text(dict, "implementation", namespace)
}

pub(super) fn add_flags(vm: &Vm, dict: Gc<PyDict>, settings: &Settings) -> PyResult<()> {
    let number = |value: i64| vm.new_int(value);
    let flag = |value: bool| number(value.into());
    let isolated = settings.is_isolated;
    let ignores = isolated || settings.ignores_environment;
    let items = [
        number(settings.debug.min(1).into())?,
        flag(settings.inspects || settings.asks_to_inspect)?,
        flag(settings.is_interactive)?,
        number(settings.optimize.into())?,
        flag(settings.writes_no_bytecode)?,
        flag(isolated || settings.is_without_user_site)?,
        flag(settings.is_without_site)?,
        flag(ignores)?,
        number(settings.verbose.into())?,
        number(settings.bytes_warning.into())?,
        flag(settings.is_quiet)?,
        flag(settings.hash_seed != Some(0))?,
        flag(isolated)?,
        Value::from_bool(settings.is_dev_mode),
        flag(crate::locale::is_utf8_mode(settings))?,
        flag(settings.warns_default_encoding)?,
        Value::from_bool(isolated || settings.is_path_safe),
        vm.new_uint(settings.max_str_digits.unwrap_or(4300))?,
        number(1)?,
        number(0)?,
        number(0)?,
    ];
    vm.set_item_text(dict, "flags", struct_sequence::new(vm, &FLAGS, &items)?)
}
