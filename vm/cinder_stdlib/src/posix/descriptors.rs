//! File descriptors: pipes, copies, flags, positioned reading and writing.

use cinder_vm::{Arg, ArgsExt, NativeDef, PyResult, Value, Vm};

use crate::args::{c_int, check_int, check_none, descriptor, given, os_error};
use crate::blocking::{call, call_or_raise};
use crate::os_path::path_bytes;

fn pair(vm: &Vm, fds: [i32; 2]) -> PyResult<Value> {
    let items = [vm.new_int(fds[0].into())?, vm.new_int(fds[1].into())?];
    vm.new_tuple(&items)
}

fn pipe(vm: &Vm, flags: i32) -> PyResult<Value> {
    let mut fds = [-1; 2];
    // SAFETY: room for two descriptors.
    if unsafe { libc::pipe2(fds.as_mut_ptr(), flags) } < 0 {
        return Err(os_error(vm, &std::io::Error::last_os_error(), None));
    }
    pair(vm, fds)
}

fn dup2(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (from, to) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?);
    let inheritable = args.opt(2).map_or(Ok(true), |flag| vm.truthy(flag))?;
    if from < 0 || to < 0 {
        return Err(crate::args::os_error_number(vm, libc::EBADF, None));
    }
    let flags = if inheritable || from == to { 0 } else { libc::O_CLOEXEC };
    // SAFETY: numbers only.
    let code = unsafe { if flags == 0 { libc::dup2(from, to) } else { libc::dup3(from, to, flags) } };
    check_int(vm, code)
}

fn set_flag(vm: &Vm, args: &[Arg], get: i32, set: i32, flag: i32, wanted: bool) -> PyResult<Value> {
    let fd = c_int(vm, args.at(0))?;
    // SAFETY: numbers only.
    let old = crate::args::check(vm, unsafe { libc::fcntl(fd, get) })? as i32;
    let new = if wanted { old | flag } else { old & !flag };
    // SAFETY: numbers only.
    check_none(vm, unsafe { libc::fcntl(fd, set, new) })
}

fn has_flag(vm: &Vm, args: &[Arg], get: i32, flag: i32) -> PyResult<bool> {
    let fd = c_int(vm, args.at(0))?;
    // SAFETY: numbers only.
    Ok(crate::args::check(vm, unsafe { libc::fcntl(fd, get) })? as i32 & flag != 0)
}

/// Copies of the buffers of a sequence.
fn gather(vm: &Vm, list: Value) -> PyResult<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    vm.for_each(list, |item| {
        all.push(vm.with_bytes(item, <[u8]>::to_vec)?);
        Ok(())
    })?;
    Ok(all)
}

fn vectors(all: &mut [Vec<u8>]) -> Vec<libc::iovec> {
    all.iter_mut().map(|part| libc::iovec { iov_base: part.as_mut_ptr().cast(), iov_len: part.len() }).collect()
}

/// Gives the first `len` bytes of `all` to the buffers of a sequence.
fn scatter(vm: &Vm, list: Value, all: &[Vec<u8>], mut len: usize) -> PyResult<()> {
    let mut index = 0;
    vm.for_each(list, |item| {
        let Some(part) = all.get(index) else { return Ok(()) };
        index += 1;
        let here = part.len().min(len);
        len -= here;
        crate::io::store_into(vm, item, &part[..here])
    })
}

fn check_sequence(vm: &Vm, name: &str, list: Value) -> PyResult<()> {
    if vm.type_of(list).slots().getitem.is_none() {
        return Err(vm.type_error(format!("{name}() arg 2 must be a sequence")));
    }
    Ok(())
}

fn readv(vm: &Vm, args: &[Arg], name: &str, offset: Option<i64>, flags: i32) -> PyResult<Value> {
    let (fd, list) = (c_int(vm, args.at(0))?, args.at(1));
    check_sequence(vm, name, list)?;
    let mut all = gather(vm, list)?;
    let parts = vectors(&mut all);
    let (at, count) = (parts.as_ptr(), parts.len() as i32);
    // SAFETY: the vectors describe live buffers.
    let got = call_or_raise(vm, || unsafe {
        match offset {
            None => libc::readv(fd, at, count),
            Some(offset) => libc::preadv2(fd, at, count, offset, flags),
        }
    })?;
    scatter(vm, list, &all, got)?;
    vm.new_uint(got)
}

fn writev(vm: &Vm, args: &[Arg], name: &str, offset: Option<i64>, flags: i32) -> PyResult<Value> {
    let (fd, list) = (c_int(vm, args.at(0))?, args.at(1));
    check_sequence(vm, name, list)?;
    let mut all = gather(vm, list)?;
    let parts = vectors(&mut all);
    let (at, count) = (parts.as_ptr(), parts.len() as i32);
    // SAFETY: the vectors describe live buffers.
    let put = call_or_raise(vm, || unsafe {
        match offset {
            None => libc::writev(fd, at, count),
            Some(offset) => libc::pwritev2(fd, at, count, offset, flags),
        }
    })?;
    vm.new_uint(put)
}

fn pread(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (fd, len, offset) = (c_int(vm, args.at(0))?, vm.index_i64(args.at(1))?, vm.index_i64(args.at(2))?);
    let Ok(len) = usize::try_from(len) else { return Err(crate::args::os_error_number(vm, libc::EINVAL, None)) };
    let mut room: Vec<u8> = Vec::new();
    if room.try_reserve_exact(len).is_err() {
        return Err(vm.memory_error_text(""));
    }
    let at = room.as_mut_ptr();
    // SAFETY: room for `len` bytes was reserved.
    let got = call_or_raise(vm, || unsafe { libc::pread(fd, at.cast(), len, offset) })?;
    // SAFETY: the call wrote this many bytes.
    unsafe { room.set_len(got) };
    vm.new_bytes(&room)
}

fn readinto(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let fd = c_int(vm, args.at(0))?;
    let len = vm.with_bytes(args.at(1), <[u8]>::len)?;
    let mut room = vec![0u8; len];
    let at = room.as_mut_ptr();
    // SAFETY: the room has this length.
    let got = call_or_raise(vm, || unsafe { libc::read(fd, at.cast(), len) })?;
    crate::io::store_into(vm, args.at(1), &room[..got])?;
    vm.new_uint(got)
}

fn sendfile(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (out, from) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?);
    let Ok(count) = usize::try_from(vm.index_i64(args.at(3))?) else {
        return Err(vm.overflow_error("Python int too large to convert to C Py_ssize_t"));
    };
    crate::io::flush_files(vm);
    match given(args.opt(2)) {
        None => {
            // SAFETY: numbers and a null pointer.
            let call = || unsafe { libc::sendfile(out, from, std::ptr::null_mut(), count) };
            vm.new_uint(call_or_raise(vm, call)?)
        }
        Some(offset) => {
            let mut offset = vm.index_i64(offset)?;
            // SAFETY: the offset is a local.
            let sent = call_or_raise(vm, || unsafe { libc::sendfile(out, from, &raw mut offset, count) })?;
            vm.new_uint(sent)
        }
    }
}

fn copy_file_range(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (from, to) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?);
    let Ok(count) = usize::try_from(vm.index_i64(args.at(2))?) else {
        return Err(vm.value_error("negative value for 'count' not allowed"));
    };
    let mut offsets = [0i64; 2];
    let mut pointers = [std::ptr::null_mut(); 2];
    for index in 0..2 {
        if let Some(offset) = given(args.opt(3 + index)) {
            offsets[index] = vm.index_i64(offset)?;
            pointers[index] = &raw mut offsets[index];
        }
    }
    crate::io::flush_files(vm);
    // SAFETY: offsets are locals or null.
    let copied = call_or_raise(vm, || unsafe { libc::copy_file_range(from, pointers[0], to, pointers[1], count, 0) })?;
    vm.new_uint(copied)
}

fn truncate(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let length = vm.index_i64(args.at(1))?;
    crate::io::flush_files(vm);
    if vm.is_int(args.at(0)) {
        let fd = c_int(vm, args.at(0))?;
        // SAFETY: numbers only.
        call_or_raise(vm, || unsafe { libc::ftruncate(fd, length) as isize })?;
        return Ok(Value::NONE);
    }
    let path = path_bytes(vm, args.at(0))?;
    // SAFETY: a terminated path.
    match call(vm, || unsafe { libc::truncate(path.as_ptr(), length) as isize })? {
        Ok(_) => Ok(Value::NONE),
        Err(error) => Err(os_error(vm, &error, args.opt(0))),
    }
}

fn memfd_create(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = path_bytes(vm, args.at(0))?;
    let flags = args.opt(1).map_or(Ok(libc::MFD_CLOEXEC), |flags| Ok(vm.index_i64(flags)? as u32))?;
    // SAFETY: a terminated name.
    check_int(vm, unsafe { libc::memfd_create(name.as_ptr(), flags) })
}

fn openpty(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    let mut fds = [-1; 2];
    let [master, slave] = &mut fds;
    // SAFETY: the descriptors are locals, the rest is null.
    let code =
        unsafe { libc::openpty(master, slave, std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut()) };
    if code < 0 {
        return Err(os_error(vm, &std::io::Error::last_os_error(), None));
    }
    for fd in fds {
        // SAFETY: numbers only.
        unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
    pair(vm, fds)
}

fn terminal_name(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let fd = c_int(vm, args.at(0))?;
    let mut room = [0; 256];
    // SAFETY: pointer and length of a live array, which the call terminates.
    unsafe {
        let code = libc::ttyname_r(fd, room.as_mut_ptr(), room.len());
        if code != 0 {
            return Err(crate::args::os_error_number(vm, code, None));
        }
        crate::os_path::decode(vm, std::ffi::CStr::from_ptr(room.as_ptr()).to_bytes())
    }
}

macro_rules! on_descriptor {
    ($name:literal, $call:path) => {
        NativeDef::function($name, "fd", |vm, args| {
            let fd = descriptor(vm, args.at(0))?;
            // SAFETY: numbers only.
            call_or_raise(vm, || unsafe { $call(fd) as isize })?;
            Ok(Value::NONE)
        })
    };
}

pub(crate) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("pipe", "", |vm, _| pipe(vm, libc::O_CLOEXEC)),
    NativeDef::function("pipe2", "flags, /", |vm, args| pipe(vm, c_int(vm, args.at(0))?)),
    NativeDef::function("dup", "fd, /", |vm, args| {
        let fd = c_int(vm, args.at(0))?;
        // SAFETY: numbers only.
        check_int(vm, unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) })
    }),
    NativeDef::function("dup2", "fd, fd2, inheritable=True", dup2),
    NativeDef::function("closerange", "fd_low, fd_high, /", |vm, args| {
        let (low, high) = (c_int(vm, args.at(0))?.max(0), c_int(vm, args.at(1))?);
        if low < high {
            crate::posixsubprocess::close_range(low.cast_unsigned(), (high - 1).cast_unsigned());
        }
        Ok(Value::NONE)
    }),
    NativeDef::function("get_inheritable", "fd, /", |vm, args| {
        Ok(Value::from_bool(!has_flag(vm, args, libc::F_GETFD, libc::FD_CLOEXEC)?))
    }),
    NativeDef::function("set_inheritable", "fd, inheritable, /", |vm, args| {
        let wanted = !vm.truthy(args.at(1))?;
        set_flag(vm, args, libc::F_GETFD, libc::F_SETFD, libc::FD_CLOEXEC, wanted)
    }),
    NativeDef::function("get_blocking", "fd, /", |vm, args| {
        Ok(Value::from_bool(!has_flag(vm, args, libc::F_GETFL, libc::O_NONBLOCK)?))
    }),
    NativeDef::function("set_blocking", "fd, blocking, /", |vm, args| {
        let wanted = !vm.truthy(args.at(1))?;
        set_flag(vm, args, libc::F_GETFL, libc::F_SETFL, libc::O_NONBLOCK, wanted)
    }),
    on_descriptor!("fsync", libc::fsync),
    on_descriptor!("fdatasync", libc::fdatasync),
    on_descriptor!("fchdir", libc::fchdir),
    NativeDef::function("fchmod", "fd, mode", |vm, args| {
        let (fd, mode) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?);
        // SAFETY: numbers only.
        call_or_raise(vm, || unsafe { libc::fchmod(fd, mode.cast_unsigned()) as isize })?;
        Ok(Value::NONE)
    }),
    NativeDef::function("ftruncate", "fd, length, /", |vm, args| {
        let (fd, length) = (c_int(vm, args.at(0))?, vm.index_i64(args.at(1))?);
        crate::io::flush_files(vm);
        // SAFETY: numbers only.
        call_or_raise(vm, || unsafe { libc::ftruncate(fd, length) as isize })?;
        Ok(Value::NONE)
    }),
    NativeDef::function("truncate", "path, length", truncate),
    NativeDef::function("lockf", "fd, command, length, /", |vm, args| {
        let (fd, command, length) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?, vm.index_i64(args.at(2))?);
        // SAFETY: numbers only.
        call_or_raise(vm, || unsafe { libc::lockf(fd, command, length) as isize })?;
        Ok(Value::NONE)
    }),
    NativeDef::function("pread", "fd, length, offset, /", pread),
    NativeDef::function("pwrite", "fd, buffer, offset, /", |vm, args| {
        let (fd, offset) = (c_int(vm, args.at(0))?, vm.index_i64(args.at(2))?);
        let bytes = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
        // SAFETY: pointer and length of a live buffer.
        let call = || unsafe { libc::pwrite(fd, bytes.as_ptr().cast(), bytes.len(), offset) };
        vm.new_uint(call_or_raise(vm, call)?)
    }),
    NativeDef::function("readinto", "fd, buffer, /", readinto),
    NativeDef::function("readv", "fd, buffers, /", |vm, args| readv(vm, args, "readv", None, 0)),
    NativeDef::function("writev", "fd, buffers, /", |vm, args| writev(vm, args, "writev", None, 0)),
    NativeDef::function("preadv", "fd, buffers, offset, flags=0, /", |vm, args| {
        let flags = args.opt(3).map_or(Ok(0), |flags| c_int(vm, flags))?;
        readv(vm, args, "preadv", Some(vm.index_i64(args.at(2))?), flags)
    }),
    NativeDef::function("pwritev", "fd, buffers, offset, flags=0, /", |vm, args| {
        let flags = args.opt(3).map_or(Ok(0), |flags| c_int(vm, flags))?;
        writev(vm, args, "pwritev", Some(vm.index_i64(args.at(2))?), flags)
    }),
    NativeDef::function("sendfile", "out_fd, in_fd, offset, count", sendfile),
    NativeDef::function("copy_file_range", "src, dst, count, offset_src=None, offset_dst=None", copy_file_range),
    NativeDef::function("posix_fallocate", "fd, offset, length, /", |vm, args| {
        let (fd, offset, len) = (c_int(vm, args.at(0))?, vm.index_i64(args.at(1))?, vm.index_i64(args.at(2))?);
        // SAFETY: numbers only.
        match vm.allow_threads(|| unsafe { libc::posix_fallocate(fd, offset, len) }) {
            0 => Ok(Value::NONE),
            code => Err(crate::args::os_error_number(vm, code, None)),
        }
    }),
    NativeDef::function("posix_fadvise", "fd, offset, length, advice, /", |vm, args| {
        let (fd, offset, len) = (c_int(vm, args.at(0))?, vm.index_i64(args.at(1))?, vm.index_i64(args.at(2))?);
        let advice = c_int(vm, args.at(3))?;
        // SAFETY: numbers only.
        match unsafe { libc::posix_fadvise(fd, offset, len, advice) } {
            0 => Ok(Value::NONE),
            code => Err(crate::args::os_error_number(vm, code, None)),
        }
    }),
    NativeDef::function("memfd_create", "name, flags=MFD_CLOEXEC", memfd_create),
    NativeDef::function("eventfd", "initval, flags=EFD_CLOEXEC", |vm, args| {
        let start = vm.index_i64(args.at(0))? as u32;
        let flags = args.opt(1).map_or(Ok(libc::EFD_CLOEXEC), |flags| c_int(vm, flags))?;
        // SAFETY: numbers only.
        check_int(vm, unsafe { libc::eventfd(start, flags) })
    }),
    NativeDef::function("eventfd_read", "fd", |vm, args| {
        let fd = descriptor(vm, args.at(0))?;
        let mut value = 0u64;
        let at = &raw mut value;
        // SAFETY: eight bytes of a local.
        call_or_raise(vm, || unsafe { libc::read(fd, at.cast(), 8) })?;
        vm.new_uint(value as usize)
    }),
    NativeDef::function("eventfd_write", "fd, value", |vm, args| {
        let fd = descriptor(vm, args.at(0))?;
        use num_traits::ToPrimitive;
        let number = vm.index(args.at(1))?;
        let wide = match vm.int_to_i64(number) {
            Some(number) => u64::try_from(number).ok(),
            None => vm.int_to_big(number).and_then(|number| number.to_u64()),
        };
        let Some(value) = wide else {
            return Err(vm.overflow_error("Python int too large to convert to C unsigned long long"));
        };
        // SAFETY: eight bytes of a local.
        call_or_raise(vm, || unsafe { libc::write(fd, (&raw const value).cast(), 8) })?;
        Ok(Value::NONE)
    }),
    NativeDef::function("openpty", "", openpty),
    NativeDef::function("ttyname", "fd, /", terminal_name),
    NativeDef::function("device_encoding", "fd", |vm, args| {
        let fd = c_int(vm, args.at(0))?;
        // SAFETY: numbers only.
        Ok(if unsafe { libc::isatty(fd) } == 1 { vm.intern("utf-8") } else { Value::NONE })
    }),
    NativeDef::function("tcgetpgrp", "fd, /", |vm, args| {
        // SAFETY: numbers only.
        check_int(vm, unsafe { libc::tcgetpgrp(c_int(vm, args.at(0))?) })
    }),
    NativeDef::function("tcsetpgrp", "fd, pgid, /", |vm, args| {
        let (fd, group) = (c_int(vm, args.at(0))?, c_int(vm, args.at(1))?);
        // SAFETY: numbers only.
        check_none(vm, unsafe { libc::tcsetpgrp(fd, group) })
    }),
];
