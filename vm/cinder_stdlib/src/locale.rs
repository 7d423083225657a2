//! `_locale`: the C library's locale. Source: Modules/_localemodule.c.

use std::ffi::{CStr, CString};

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::{add_constants, c_int, constants, given, raise_in, text};
use crate::start::Settings;

/// `sys.flags.utf8_mode` (PEP 540): asked for, or the locale says nothing. Texts are UTF-8 either way.
pub(crate) fn is_utf8_mode(settings: &Settings) -> bool {
    for extra in settings.extras.iter().rev() {
        match extra.as_str() {
            "utf8" | "utf8=1" => return true,
            "utf8=0" => return false,
            _ => {}
        }
    }
    let variable = |name: &str| crate::host::variable(name).filter(|value| !value.is_empty());
    if !settings.is_isolated && !settings.ignores_environment {
        match variable("PYTHONUTF8") {
            Some(value) if value == "1" => return true,
            Some(value) if value == "0" => return false,
            _ => {}
        }
    }
    chosen().is_none_or(|locale| locale == "C" || locale == "POSIX")
}

/// The locale that the environment names for characters.
fn chosen() -> Option<String> {
    let variable = |name: &&str| crate::host::variable(name).filter(|value| !value.is_empty());
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(variable).map(|locale| locale.to_string_lossy().into_owned())
}

/// Whether the locale says nothing about the bytes of texts: UTF-8 mode, none or one that the system does not have, or one of those that stand for "C".
pub(crate) fn is_plain(settings: &Settings) -> bool {
    let Some(locale) = chosen().filter(|_| !is_utf8_mode(settings)) else { return true };
    if matches!(locale.as_str(), "C" | "POSIX" | "C.UTF-8" | "C.utf8" | "UTF-8") {
        return true;
    }
    // SAFETY: an empty name asks for what the environment says; the object is freed again.
    unsafe {
        let found = libc::newlocale(libc::LC_CTYPE_MASK, c"".as_ptr(), std::ptr::null_mut());
        if !found.is_null() {
            libc::freelocale(found);
        }
        found.is_null()
    }
}

/// Sets the C library's locale for characters to the one that the environment names, or to UTF-8 when none says otherwise (PEP 538). Only this module
/// shows that locale, so it is set when the module is made, not at every start.
fn take_character_locale() {
    let is_given = |name: &str| crate::host::variable(name).is_some_and(|value| !value.is_empty());
    let may_coerce = !is_given("LC_ALL")
        && chosen().is_none_or(|locale| locale == "C" || locale == "POSIX")
        && crate::host::variable("PYTHONCOERCECLOCALE").is_none_or(|value| value != "0");
    let wanted = if may_coerce { c"C.UTF-8" } else { c"" };
    // SAFETY: the name ends with zero. A locale that the system does not have leaves "C" in place.
    unsafe { libc::setlocale(libc::LC_CTYPE, wanted.as_ptr()) };
}

pub(crate) static LOCALE: ModuleDef = ModuleDef {
    doc: "Support for POSIX locales.",
    functions: &[
        NativeDef::function("setlocale", "category, locale=None, /", set_locale),
        NativeDef::function("localeconv", "", locale_conventions),
        NativeDef::function("strcoll", "os1, os2, /", |vm, args| {
            let (a, b) = (c_text(vm, args.at(0), "strcoll")?, c_text(vm, args.at(1), "strcoll")?);
            // SAFETY: both end with zero.
            vm.new_int(i64::from(unsafe { strcoll(a.as_ptr(), b.as_ptr()) }))
        }),
        NativeDef::function("strxfrm", "string, /", transform),
        NativeDef::function("nl_langinfo", "key, /", |vm, args| {
            let key = c_int(vm, args.at(0))?;
            if !LANGUAGE_INFO.iter().any(|(_, known)| *known == i64::from(key)) {
                return Err(vm.value_error("unsupported langinfo constant"));
            }
            // SAFETY: the key is one of the library's; the answer is a text that ends with zero.
            let found = unsafe { CStr::from_ptr(libc::nl_langinfo(key)) };
            vm.new_str(&found.to_string_lossy())
        }),
        NativeDef::function("getencoding", "", |vm, _| {
            // SAFETY: the answer is a text that ends with zero.
            let found = unsafe { CStr::from_ptr(libc::nl_langinfo(libc::CODESET)) }.to_string_lossy();
            vm.new_str(if found.is_empty() { "utf-8" } else { &found })
        }),
    ],
    setup: Some(|vm, dict| {
        take_character_locale();
        add_constants(vm, dict, CATEGORIES)?;
        add_constants(vm, dict, LANGUAGE_INFO)?;
        vm.set_item_text(dict, "CHAR_MAX", vm.new_int(127)?)?;
        let error = vm.exception_class("locale", "Error", vm.exceptions.Exception)?;
        vm.set_item_text(dict, "Error", error.as_value())
    }),
    ..ModuleDef::new("_locale")
};

const CATEGORIES: &[(&str, i64)] =
    constants!(LC_CTYPE, LC_TIME, LC_COLLATE, LC_MONETARY, LC_MESSAGES, LC_NUMERIC, LC_ALL);

const LANGUAGE_INFO: &[(&str, i64)] = constants!(
    CODESET,
    D_T_FMT,
    D_FMT,
    T_FMT,
    RADIXCHAR,
    THOUSEP,
    YESEXPR,
    NOEXPR,
    CRNCYSTR,
    AM_STR,
    PM_STR,
    T_FMT_AMPM,
    DAY_1,
    DAY_2,
    DAY_3,
    DAY_4,
    DAY_5,
    DAY_6,
    DAY_7,
    ABDAY_1,
    ABDAY_2,
    ABDAY_3,
    ABDAY_4,
    ABDAY_5,
    ABDAY_6,
    ABDAY_7,
    MON_1,
    MON_2,
    MON_3,
    MON_4,
    MON_5,
    MON_6,
    MON_7,
    MON_8,
    MON_9,
    MON_10,
    MON_11,
    MON_12,
    ABMON_1,
    ABMON_2,
    ABMON_3,
    ABMON_4,
    ABMON_5,
    ABMON_6,
    ABMON_7,
    ABMON_8,
    ABMON_9,
    ABMON_10,
    ABMON_11,
    ABMON_12,
    ERA,
    ERA_D_T_FMT,
    ERA_D_FMT,
    ERA_T_FMT,
    ALT_DIGITS
);

unsafe extern "C" {
    fn strcoll(a: *const libc::c_char, b: *const libc::c_char) -> libc::c_int;
    fn strxfrm(to: *mut libc::c_char, from: *const libc::c_char, room: usize) -> usize;
}

fn c_text(vm: &Vm, value: Value, function: &str) -> PyResult<CString> {
    let text = text(vm, value, &format!("{function}() argument"))?;
    CString::new(text).map_err(|_| vm.value_error("embedded null character"))
}

fn set_locale(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let category = c_int(vm, args.at(0))?;
    if !CATEGORIES.iter().any(|(_, known)| *known == i64::from(category)) {
        return Err(raise_in(
            vm,
            vm.exception_class("locale", "Error", vm.exceptions.Exception),
            "invalid locale category",
        ));
    }
    let wanted = given(args.opt(1)).map(|name| c_text(vm, name, "setlocale")).transpose()?;
    let wanted_ptr = wanted.as_ref().map_or(std::ptr::null(), |name| name.as_ptr());
    // SAFETY: the name ends with zero or is null; the answer, when there is one, is a text that ends with zero.
    let found = unsafe {
        let found = libc::setlocale(category, wanted_ptr);
        if found.is_null() { None } else { Some(CStr::from_ptr(found).to_string_lossy().into_owned()) }
    };
    match found {
        Some(name) => vm.new_str(&name),
        None => Err(raise_in(
            vm,
            vm.exception_class("locale", "Error", vm.exceptions.Exception),
            if wanted.is_some() { "unsupported locale setting" } else { "locale query failed" },
        )),
    }
}

fn transform(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let source = c_text(vm, args.at(0), "strxfrm")?;
    // SAFETY: the source ends with zero; with no room nothing is written.
    let len = unsafe { strxfrm(std::ptr::null_mut(), source.as_ptr(), 0) };
    let mut room = vec![0u8; len + 1];
    // SAFETY: there is room for the length that the library asked for and the zero.
    unsafe { strxfrm(room.as_mut_ptr().cast(), source.as_ptr(), room.len()) };
    room.truncate(len);
    match String::from_utf8(room) {
        Ok(text) => vm.new_str(&text),
        Err(error) => vm.new_str_latin1(error.as_bytes()),
    }
}

/// Sizes of groups: numbers up to the end mark.
fn grouping(vm: &Vm, groups: *const libc::c_char) -> PyResult<Value> {
    let list = vm.new_pylist()?;
    // SAFETY: a text that ends with zero.
    let bytes = unsafe { CStr::from_ptr(groups) }.to_bytes();
    for byte in bytes {
        vm.list_push(list, vm.new_int(i64::from(*byte))?)?;
        if *byte == 127 {
            return Ok(list.as_value());
        }
    }
    if !bytes.is_empty() {
        vm.list_push(list, Value::ZERO)?;
    }
    Ok(list.as_value())
}

fn locale_conventions(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    let dict = vm.new_pydict()?;
    // SAFETY: the library's struct lives until the next call; its texts end with zero.
    let found = unsafe { &*libc::localeconv() };
    let texts = [
        ("decimal_point", found.decimal_point),
        ("thousands_sep", found.thousands_sep),
        ("int_curr_symbol", found.int_curr_symbol),
        ("currency_symbol", found.currency_symbol),
        ("mon_decimal_point", found.mon_decimal_point),
        ("mon_thousands_sep", found.mon_thousands_sep),
        ("positive_sign", found.positive_sign),
        ("negative_sign", found.negative_sign),
    ];
    for (name, text) in texts {
        // SAFETY: as above.
        let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
        vm.set_item_text(dict, name, vm.new_str(&text)?)?;
    }
    vm.set_item_text(dict, "grouping", grouping(vm, found.grouping)?)?;
    vm.set_item_text(dict, "mon_grouping", grouping(vm, found.mon_grouping)?)?;
    let numbers = [
        ("int_frac_digits", found.int_frac_digits),
        ("frac_digits", found.frac_digits),
        ("p_cs_precedes", found.p_cs_precedes),
        ("p_sep_by_space", found.p_sep_by_space),
        ("n_cs_precedes", found.n_cs_precedes),
        ("n_sep_by_space", found.n_sep_by_space),
        ("p_sign_posn", found.p_sign_posn),
        ("n_sign_posn", found.n_sign_posn),
    ];
    for (name, number) in numbers {
        vm.set_item_text(dict, name, vm.new_int(i64::from(number))?)?;
    }
    Ok(dict.as_value())
}
