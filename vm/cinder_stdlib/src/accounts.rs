//! `pwd` and `grp`: users and groups of the system. Source: Modules/pwdmodule.c, Modules/grpmodule.c.

use std::ffi::{CStr, CString};

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::os_path::decode;
use crate::struct_sequence::{self, struct_sequence};

struct_sequence!(
    /// A user.
    PASSWD, "pwd.struct_passwd",
    0 pw_name, 1 pw_passwd, 2 pw_uid, 3 pw_gid, 4 pw_gecos, 5 pw_dir, 6 pw_shell,
);
struct_sequence!(
    /// A group.
    GROUP, "grp.struct_group",
    0 gr_name, 1 gr_passwd, 2 gr_gid, 3 gr_mem,
);

/// A C string as text, None for a null pointer.
///
/// # Safety
/// `text` is null or terminated.
unsafe fn text(vm: &Vm, text: *const libc::c_char) -> PyResult<Value> {
    if text.is_null() {
        return Ok(Value::NONE);
    }
    // SAFETY: contract.
    decode(vm, unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// # Safety
/// `user` was filled by the C library.
unsafe fn user_value(vm: &Vm, user: &libc::passwd) -> PyResult<Value> {
    // SAFETY: contract.
    unsafe {
        let items = [
            text(vm, user.pw_name)?,
            text(vm, user.pw_passwd)?,
            vm.new_uint(user.pw_uid as usize)?,
            vm.new_uint(user.pw_gid as usize)?,
            text(vm, user.pw_gecos)?,
            text(vm, user.pw_dir)?,
            text(vm, user.pw_shell)?,
        ];
        struct_sequence::new(vm, &PASSWD, &items)
    }
}

/// # Safety
/// `group` was filled by the C library.
unsafe fn group_value(vm: &Vm, group: &libc::group) -> PyResult<Value> {
    let members = vm.new_list(&[])?;
    // SAFETY: contract; the list of members ends with a null pointer.
    unsafe {
        let mut at = group.gr_mem;
        while !at.is_null() && !(*at).is_null() {
            vm.list_append(members, text(vm, *at)?)?;
            at = at.add(1);
        }
        let items =
            [text(vm, group.gr_name)?, text(vm, group.gr_passwd)?, vm.new_uint(group.gr_gid as usize)?, members];
        struct_sequence::new(vm, &GROUP, &items)
    }
}

/// Calls a reentrant look-up with a growing buffer. `call` gives its error number; it fills what it captures.
fn look_up(mut call: impl FnMut(*mut libc::c_char, usize) -> i32) -> Vec<libc::c_char> {
    let mut room: Vec<libc::c_char> = vec![0; 4096];
    while call(room.as_mut_ptr(), room.len()) == libc::ERANGE && room.len() < 1 << 24 {
        room = vec![0; room.len() * 4];
    }
    room
}

/// A user or group number; those that fit nowhere are not found.
fn id_argument(vm: &Vm, value: Value) -> PyResult<Option<u32>> {
    let number = vm.index(value)?;
    Ok(match vm.int_to_i64(number) {
        Some(-1) => Some(u32::MAX),
        Some(number) => u32::try_from(number).ok(),
        None => None,
    })
}

fn missing(vm: &Vm, function: &str, what: &str) -> PyResult<Value> {
    let text = vm.new_str(&format!("{function}: {what}"))?;
    Err(vm.key_error(text))
}

fn name_argument(vm: &Vm, value: Value, place: &str) -> PyResult<CString> {
    crate::args::text(vm, value, place)?;
    crate::os_path::path_bytes(vm, value)
}

fn getpwuid(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: zeroed structs are valid; the buffer lives until the value is made.
    unsafe {
        let (mut user, mut found): (libc::passwd, *mut libc::passwd) = (std::mem::zeroed(), std::ptr::null_mut());
        let id = id_argument(vm, args.at(0))?;
        let room = id.map(|id| look_up(|at, len| libc::getpwuid_r(id, &raw mut user, at, len, &raw mut found)));
        if found.is_null() {
            let shown = vm.repr_text(args.at(0))?;
            return missing(vm, "getpwuid(): uid not found", &shown);
        }
        let value = user_value(vm, &user);
        drop(room);
        value
    }
}

fn getpwnam(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = name_argument(vm, args.at(0), "getpwnam() argument")?;
    // SAFETY: as in `getpwuid`.
    unsafe {
        let (mut user, mut found): (libc::passwd, *mut libc::passwd) = (std::mem::zeroed(), std::ptr::null_mut());
        let room = look_up(|at, len| libc::getpwnam_r(name.as_ptr(), &raw mut user, at, len, &raw mut found));
        if found.is_null() {
            let shown = vm.repr_text(args.at(0))?;
            return missing(vm, "getpwnam(): name not found", &shown);
        }
        let value = user_value(vm, &user);
        drop(room);
        value
    }
}

fn getgrgid(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: as in `getpwuid`.
    unsafe {
        let (mut group, mut found): (libc::group, *mut libc::group) = (std::mem::zeroed(), std::ptr::null_mut());
        let id = id_argument(vm, args.at(0))?;
        let room = id.map(|id| look_up(|at, len| libc::getgrgid_r(id, &raw mut group, at, len, &raw mut found)));
        if found.is_null() {
            let shown = vm.repr_text(args.at(0))?;
            return missing(vm, "getgrgid(): gid not found", &shown);
        }
        let value = group_value(vm, &group);
        drop(room);
        value
    }
}

fn getgrnam(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = name_argument(vm, args.at(0), "getgrnam() argument 'name'")?;
    // SAFETY: as in `getpwuid`.
    unsafe {
        let (mut group, mut found): (libc::group, *mut libc::group) = (std::mem::zeroed(), std::ptr::null_mut());
        let room = look_up(|at, len| libc::getgrnam_r(name.as_ptr(), &raw mut group, at, len, &raw mut found));
        if found.is_null() {
            let shown = vm.repr_text(args.at(0))?;
            return missing(vm, "getgrnam(): name not found", &shown);
        }
        let value = group_value(vm, &group);
        drop(room);
        value
    }
}

pub(crate) static PWD: ModuleDef = ModuleDef {
    doc: "This module provides access to the Unix password database.",
    functions: &[
        NativeDef::function("getpwuid", "uidobj, /", getpwuid),
        NativeDef::function("getpwnam", "name, /", getpwnam),
        NativeDef::function("getpwall", "", |vm, _| {
            let list = vm.new_list(&[])?;
            // SAFETY: one thread runs this at a time; entries are copied before the next is asked for.
            unsafe {
                libc::setpwent();
                loop {
                    let user = libc::getpwent();
                    if user.is_null() {
                        break;
                    }
                    vm.list_append(list, user_value(vm, &*user)?)?;
                }
                libc::endpwent();
            }
            Ok(list)
        }),
    ],
    setup: Some(|vm, dict| {
        let class = struct_sequence::class(vm, &PASSWD)?;
        vm.set_item_text(dict, "struct_passwd", class.as_value())
    }),
    ..ModuleDef::new("pwd")
};

pub(crate) static GRP: ModuleDef = ModuleDef {
    doc: "Access to the Unix group database.",
    functions: &[
        NativeDef::function("getgrgid", "id", getgrgid),
        NativeDef::function("getgrnam", "name", getgrnam),
        NativeDef::function("getgrall", "", |vm, _| {
            let list = vm.new_list(&[])?;
            // SAFETY: as in `getpwall`.
            unsafe {
                libc::setgrent();
                loop {
                    let group = libc::getgrent();
                    if group.is_null() {
                        break;
                    }
                    vm.list_append(list, group_value(vm, &*group)?)?;
                }
                libc::endgrent();
            }
            Ok(list)
        }),
    ],
    setup: Some(|vm, dict| {
        let class = struct_sequence::class(vm, &GROUP)?;
        vm.set_item_text(dict, "struct_group", class.as_value())
    }),
    ..ModuleDef::new("grp")
};
