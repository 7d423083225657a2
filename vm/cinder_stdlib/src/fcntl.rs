//! `fcntl`: control of descriptors. Source: Modules/fcntlmodule.c.

mod constants;

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::{c_int, descriptor, os_error};
use crate::blocking;

/// Longest argument that is a block of bytes.
const ROOM: usize = 1024;

fn block(vm: &Vm, name: &str, argument: Value) -> PyResult<Vec<u8>> {
    let bytes = if vm.is_str(argument) {
        vm.encode_native(argument, cinder_vm::codecs::Encoding::Utf8, "strict")?
    } else {
        vm.with_bytes(argument, <[u8]>::to_vec)?
    };
    if bytes.len() > ROOM {
        return Err(vm.value_error(format!("{name} argument 3 is too long")));
    }
    Ok(bytes)
}

/// An integer argument of any sign that fits into 32 bits, or a descriptor-sized word.
fn number(vm: &Vm, argument: Option<Value>) -> PyResult<libc::c_long> {
    argument.map_or(Ok(0), |argument| vm.index_i64(argument))
}

fn fcntl(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (fd, command) = (descriptor(vm, args.at(0))?, c_int(vm, args.at(1))?);
    if let Some(argument) = args.opt(2).filter(|argument| !is_index(vm, *argument)) {
        let bytes = block(vm, "fcntl", argument)?;
        let mut room = [0u8; ROOM];
        room[..bytes.len()].copy_from_slice(&bytes);
        let at = room.as_mut_ptr();
        // SAFETY: the block is larger than anything the known commands write.
        blocking::call_or_raise(vm, || unsafe { libc::fcntl(fd, command, at) as isize })?;
        return vm.new_bytes(&room[..bytes.len()]);
    }
    let argument = number(vm, args.opt(2))?;
    // SAFETY: numbers only.
    let found = blocking::call_or_raise(vm, || unsafe { libc::fcntl(fd, command, argument) as isize })?;
    vm.new_uint(found)
}

fn is_index(vm: &Vm, value: Value) -> bool {
    vm.is_int(value) || vm.type_of(value).slots().index.is_some()
}

fn ioctl(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let fd = descriptor(vm, args.at(0))?;
    let request = vm.index_i64(args.at(1))? as libc::c_ulong;
    let changes = args.opt(3).map_or(Ok(true), |flag| vm.truthy(flag))?;
    let Some(argument) = args.opt(2).filter(|argument| !is_index(vm, *argument)) else {
        let argument = number(vm, args.opt(2))?;
        // SAFETY: numbers only.
        let found = blocking::call_or_raise(vm, || unsafe { libc::ioctl(fd, request, argument) as isize })?;
        return vm.new_uint(found);
    };
    let is_writable = vm.type_of(argument).slots().buffer.is_some() && vm.as_bytes(argument).is_none();
    let bytes = if is_writable { vm.with_bytes(argument, <[u8]>::to_vec)? } else { block(vm, "ioctl", argument)? };
    let mut room = vec![0u8; bytes.len().max(ROOM) + 1];
    room[..bytes.len()].copy_from_slice(&bytes);
    let at = room.as_mut_ptr();
    // SAFETY: the block is at least as large as the caller says the request needs, and as 1024 bytes.
    let found = blocking::call_or_raise(vm, || unsafe { libc::ioctl(fd, request, at) as isize })?;
    if is_writable && changes {
        crate::io::store_into(vm, argument, &room[..bytes.len()])?;
        return vm.new_uint(found);
    }
    vm.new_bytes(&room[..bytes.len()])
}

fn lockf(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (fd, command) = (descriptor(vm, args.at(0))?, c_int(vm, args.at(1))?);
    let kind = match command & !libc::LOCK_NB {
        libc::LOCK_UN => libc::F_UNLCK,
        libc::LOCK_SH => libc::F_RDLCK,
        libc::LOCK_EX => libc::F_WRLCK,
        _ => return Err(vm.value_error("unrecognized lockf argument")),
    };
    // SAFETY: a zeroed `flock` is valid.
    let mut region: libc::flock = unsafe { std::mem::zeroed() };
    region.l_type = kind as libc::c_short;
    region.l_len = args.opt(2).map_or(Ok(0), |len| vm.index_i64(len))?;
    region.l_start = args.opt(3).map_or(Ok(0), |start| vm.index_i64(start))?;
    region.l_whence = args.opt(4).map_or(Ok(0), |whence| c_int(vm, whence))? as libc::c_short;
    let how = if command & libc::LOCK_NB != 0 { libc::F_SETLK } else { libc::F_SETLKW };
    // SAFETY: the struct is a local.
    match blocking::call(vm, || unsafe { libc::fcntl(fd, how, &raw const region) as isize })? {
        Ok(_) => Ok(Value::NONE),
        Err(error) => Err(os_error(vm, &error, None)),
    }
}

pub(crate) static FCNTL: ModuleDef = ModuleDef {
    doc: "This module performs file control and I/O control on file\ndescriptors.",
    functions: &[
        NativeDef::function("fcntl", "fd, cmd, arg=0, /", fcntl),
        NativeDef::function("ioctl", "fd, request, arg=0, mutate_flag=True, /", ioctl),
        NativeDef::function("flock", "fd, operation, /", |vm, args| {
            let (fd, operation) = (descriptor(vm, args.at(0))?, c_int(vm, args.at(1))?);
            // SAFETY: numbers only.
            blocking::call_or_raise(vm, || unsafe { libc::flock(fd, operation) as isize })?;
            Ok(Value::NONE)
        }),
        NativeDef::function("lockf", "fd, cmd, len=0, start=0, whence=0, /", lockf),
    ],
    setup: Some(|vm, dict| {
        let more = [
            ("FASYNC", i64::from(libc::O_ASYNC)),
            ("F_SETSIG", 10),
            ("F_GETSIG", 11),
            ("F_SETOWN_EX", 15),
            ("F_GETOWN_EX", 16),
            ("F_OWNER_TID", 0),
            ("F_OWNER_PID", 1),
            ("F_OWNER_PGRP", 2),
            ("F_GETLK64", i64::from(libc::F_GETLK)),
            ("F_SETLK64", i64::from(libc::F_SETLK)),
            ("F_SETLKW64", i64::from(libc::F_SETLKW)),
            ("DN_ACCESS", 1),
            ("DN_MODIFY", 2),
            ("DN_CREATE", 4),
            ("DN_DELETE", 8),
            ("DN_RENAME", 16),
            ("DN_ATTRIB", 32),
            ("DN_MULTISHOT", 0x8000_0000),
        ];
        crate::args::add_constants(vm, dict, &more)?;
        crate::args::add_constants(vm, dict, constants::CONSTANTS)
    }),
    ..ModuleDef::new("fcntl")
};
