//! Users, groups, sessions, and what the scheduler knows of a process.

use cinder_vm::{Arg, ArgsExt, NativeDef, PyResult, Value, Vm};

use crate::args::{c_int, check, check_int, check_none, os_error};
use crate::struct_sequence::{self, struct_sequence};

struct_sequence!(
    /// Parameters of a scheduling policy.
    SCHED_PARAM, "posix.sched_param",
    0 sched_priority,
);

/// A user or group number; -1 stands for "leave it".
fn id(vm: &Vm, value: Value, kind: &str) -> PyResult<u32> {
    if !vm.is_int(value) && vm.type_of(value).slots().index.is_none() {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("{kind} should be integer, not {found}")));
    }
    let number = vm.index(value)?;
    match vm.int_to_i64(number) {
        Some(-1) => Ok(u32::MAX),
        Some(number) if number < 0 => Err(vm.overflow_error(format!("{kind} is less than minimum"))),
        Some(number) if number < i64::from(u32::MAX) => Ok(number as u32),
        _ => Err(vm.overflow_error(format!("{kind} is greater than maximum"))),
    }
}

macro_rules! set_ids {
    ($name:literal, $signature:literal, $call:path, $kind:literal, $($index:literal),+) => {
        NativeDef::function($name, $signature, |vm, args| {
            // SAFETY: numbers only.
            check_none(vm, unsafe { $call($(id(vm, args.at($index), $kind)?),+) })
        })
    };
}

fn three(vm: &Vm, call: unsafe extern "C" fn(*mut u32, *mut u32, *mut u32) -> i32) -> PyResult<Value> {
    let (mut real, mut effective, mut saved) = (0, 0, 0);
    // SAFETY: three locals.
    check(vm, unsafe { call(&raw mut real, &raw mut effective, &raw mut saved) })?;
    let items = [vm.new_uint(real as usize)?, vm.new_uint(effective as usize)?, vm.new_uint(saved as usize)?];
    vm.new_tuple(&items)
}

fn id_list(vm: &Vm, ids: &[u32]) -> PyResult<Value> {
    let list = vm.new_list(&[])?;
    for id in ids {
        vm.list_append(list, vm.new_uint(*id as usize)?)?;
    }
    Ok(list)
}

fn getgroups(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    // SAFETY: the first call only counts; the second has room for that many.
    unsafe {
        let count = check(vm, libc::getgroups(0, std::ptr::null_mut()))? as usize;
        let mut groups = vec![0; count];
        let got = check(vm, libc::getgroups(count as i32, groups.as_mut_ptr()))? as usize;
        id_list(vm, &groups[..got.min(count)])
    }
}

fn getgrouplist(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let user = crate::os_path::path_bytes(vm, args.at(0))?;
    let group = id(vm, args.at(1), "gid")?;
    let mut count = 64;
    loop {
        let mut groups = vec![0; count as usize];
        let room = count;
        // SAFETY: room for `count` groups.
        if unsafe { libc::getgrouplist(user.as_ptr(), group, groups.as_mut_ptr(), &raw mut count) } >= 0 {
            return id_list(vm, &groups[..count as usize]);
        }
        count = count.max(room * 2);
    }
}

fn setgroups(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut groups = Vec::new();
    vm.for_each(args.at(0), |group| {
        groups.push(id(vm, group, "gid")?);
        Ok(())
    })?;
    // SAFETY: pointer and length of a live list.
    check_none(vm, unsafe { libc::setgroups(groups.len(), groups.as_ptr()) })
}

// ---- the scheduler ----

fn priority(vm: &Vm, value: Value) -> PyResult<libc::sched_param> {
    let number = vm.getattr_text(value, "sched_priority")?;
    Ok(libc::sched_param { sched_priority: c_int(vm, number)? })
}

fn sched_setaffinity(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let pid = c_int(vm, args.at(0))?;
    // SAFETY: a zeroed set is an empty one.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    vm.for_each(args.at(1), |cpu| {
        let cpu = vm.index_i64(cpu)?;
        match usize::try_from(cpu) {
            // SAFETY: the number is in range.
            Ok(cpu) if cpu < libc::CPU_SETSIZE as usize => unsafe { libc::CPU_SET(cpu, &mut set) },
            Ok(_) => return Err(vm.overflow_error("CPU number too large")),
            Err(_) => return Err(vm.value_error("negative CPU number")),
        }
        Ok(())
    })?;
    // SAFETY: pointer and size of a local.
    check_none(vm, unsafe { libc::sched_setaffinity(pid, size_of_val(&set), &raw const set) })
}

fn sched_getaffinity(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let pid = c_int(vm, args.at(0))?;
    // SAFETY: a zeroed set is valid and is filled by the call.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: pointer and size of a local.
    check(vm, unsafe { libc::sched_getaffinity(pid, size_of_val(&set), &raw mut set) })?;
    let mut cpus = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
    for cpu in 0..libc::CPU_SETSIZE as usize {
        // SAFETY: the number is in range.
        if unsafe { libc::CPU_ISSET(cpu, &set) } {
            cpus.push(vm.new_uint(cpu)?);
        }
    }
    vm.new_set(&cpus)
}

pub(crate) static FUNCTIONS: &[NativeDef] = &[
    set_ids!("setuid", "uid, /", libc::setuid, "uid", 0),
    set_ids!("seteuid", "euid, /", libc::seteuid, "uid", 0),
    set_ids!("setgid", "gid, /", libc::setgid, "gid", 0),
    set_ids!("setegid", "egid, /", libc::setegid, "gid", 0),
    set_ids!("setreuid", "ruid, euid, /", libc::setreuid, "uid", 0, 1),
    set_ids!("setregid", "rgid, egid, /", libc::setregid, "gid", 0, 1),
    set_ids!("setresuid", "ruid, euid, suid, /", libc::setresuid, "uid", 0, 1, 2),
    set_ids!("setresgid", "rgid, egid, sgid, /", libc::setresgid, "gid", 0, 1, 2),
    NativeDef::function("getresuid", "", |vm, _| three(vm, libc::getresuid)),
    NativeDef::function("getresgid", "", |vm, _| three(vm, libc::getresgid)),
    NativeDef::function("getgroups", "", getgroups),
    NativeDef::function("setgroups", "groups, /", setgroups),
    NativeDef::function("getgrouplist", "user, group, /", getgrouplist),
    NativeDef::function("initgroups", "username, gid, /", |vm, args| {
        let (user, group) = (crate::os_path::path_bytes(vm, args.at(0))?, id(vm, args.at(1), "gid")?);
        // SAFETY: a terminated name.
        check_none(vm, unsafe { libc::initgroups(user.as_ptr(), group) })
    }),
    NativeDef::function("getpgrp", "", |vm, _| {
        // SAFETY: asks for a number.
        vm.new_int(unsafe { libc::getpgrp() }.into())
    }),
    NativeDef::function("getpgid", "pid", |vm, args| {
        let pid = c_int(vm, args.at(0))?;
        // SAFETY: numbers only.
        check_int(vm, unsafe { libc::getpgid(pid) })
    }),
    NativeDef::function("setpgid", "pid, pgrp, /", |vm, args| {
        let (pid, group) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?);
        // SAFETY: numbers only.
        check_none(vm, unsafe { libc::setpgid(pid, group) })
    }),
    NativeDef::function("setpgrp", "", |vm, _| {
        // SAFETY: numbers only.
        check_none(vm, unsafe { libc::setpgid(0, 0) })
    }),
    NativeDef::function("getsid", "pid, /", |vm, args| {
        let pid = c_int(vm, args.at(0))?;
        // SAFETY: numbers only.
        check_int(vm, unsafe { libc::getsid(pid) })
    }),
    NativeDef::function("setsid", "", |vm, _| {
        // SAFETY: no arguments.
        check_none(vm, unsafe { libc::setsid() })
    }),
    NativeDef::function("getlogin", "", |vm, _| {
        // SAFETY: a terminated name or null, copied at once under the lock.
        unsafe {
            let name = libc::getlogin();
            if name.is_null() {
                return Err(os_error(vm, &std::io::Error::last_os_error(), None));
            }
            crate::os_path::decode(vm, std::ffi::CStr::from_ptr(name).to_bytes())
        }
    }),
    NativeDef::function("sched_yield", "", |vm, _| {
        // SAFETY: no arguments.
        check_none(vm, vm.allow_threads(|| unsafe { libc::sched_yield() }))
    }),
    NativeDef::function("sched_get_priority_max", "policy", |vm, args| {
        let policy = c_int(vm, args.at(0))?;
        // SAFETY: numbers only.
        check_int(vm, unsafe { libc::sched_get_priority_max(policy) })
    }),
    NativeDef::function("sched_get_priority_min", "policy", |vm, args| {
        let policy = c_int(vm, args.at(0))?;
        // SAFETY: numbers only.
        check_int(vm, unsafe { libc::sched_get_priority_min(policy) })
    }),
    NativeDef::function("sched_getscheduler", "pid, /", |vm, args| {
        let pid = c_int(vm, args.at(0))?;
        // SAFETY: numbers only.
        check_int(vm, unsafe { libc::sched_getscheduler(pid) })
    }),
    NativeDef::function("sched_setscheduler", "pid, policy, param, /", |vm, args| {
        let (pid, policy, param) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?, priority(vm, args.at(2))?);
        // SAFETY: the struct is a local.
        check_none(vm, unsafe { libc::sched_setscheduler(pid, policy, &raw const param) })
    }),
    NativeDef::function("sched_getparam", "pid, /", |vm, args| {
        let pid = c_int(vm, args.at(0))?;
        let mut param = libc::sched_param { sched_priority: 0 };
        // SAFETY: the struct is a local.
        check(vm, unsafe { libc::sched_getparam(pid, &raw mut param) })?;
        let number = vm.new_int(param.sched_priority.into())?;
        struct_sequence::new(vm, &SCHED_PARAM, &[number])
    }),
    NativeDef::function("sched_setparam", "pid, param, /", |vm, args| {
        let (pid, param) = (c_int(vm, args.at(0))?, priority(vm, args.at(1))?);
        // SAFETY: the struct is a local.
        check_none(vm, unsafe { libc::sched_setparam(pid, &raw const param) })
    }),
    NativeDef::function("sched_rr_get_interval", "pid, /", |vm, args| {
        let pid = c_int(vm, args.at(0))?;
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the struct is a local.
        if unsafe { libc::sched_rr_get_interval(pid, &raw mut time) } < 0 {
            return Err(os_error(vm, &std::io::Error::last_os_error(), None));
        }
        vm.new_float(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9)
    }),
    NativeDef::function("sched_setaffinity", "pid, mask, /", sched_setaffinity),
    NativeDef::function("sched_getaffinity", "pid, /", sched_getaffinity),
];
