//! Calls that take paths, relative to a folder's descriptor where one is given.

use std::ffi::CString;

use cinder_vm::{Arg, ArgsExt, NativeDef, PyResult, Value, Vm};

use crate::args::{c_int, descriptor, given, os_error};
use crate::blocking::call;
use crate::os_path::{decode, fspath, path_bytes};
use crate::struct_sequence::{self, struct_sequence};

struct_sequence!(
    /// What `statvfs` gives.
    STATVFS_RESULT, "os.statvfs_result",
    0 f_bsize, 1 f_frsize, 2 f_blocks, 3 f_bfree, 4 f_bavail, 5 f_files, 6 f_ffree, 7 f_favail, 8 f_flag, 9 f_namemax;
    f_fsid,
);

/// A path, or a descriptor in its place.
pub(super) enum Target {
    Path(CString),
    Descriptor(i32),
}

/// Reads a path argument that may be a descriptor. `place` names it in messages: `stat: path`.
pub(super) fn target(vm: &Vm, value: Value, place: &str) -> PyResult<Target> {
    if vm.is_int(value) {
        return Ok(Target::Descriptor(c_int(vm, value)?));
    }
    Ok(Target::Path(path(vm, value, place, ", bytes, os.PathLike or integer")?))
}

/// Reads a path argument; `kinds` continues "should be string".
pub(super) fn path(vm: &Vm, value: Value, place: &str, kinds: &str) -> PyResult<CString> {
    let is_path = vm.is_str(value)
        || vm.as_bytes(value).is_some()
        || vm.type_lookup(vm.type_of(value), vm.intern("__fspath__")).is_some();
    if !is_path {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("{place} should be string{kinds}, not {found}")));
    }
    let given = fspath(vm, value)?;
    path_bytes(vm, given).map_err(|raised| {
        if !vm.pending_matches(vm.exceptions.ValueError) || vm.pending_matches(vm.exceptions.UnicodeError) {
            return raised;
        }
        vm.take_exception(raised);
        let kind = if vm.is_str(given) { "character" } else { "byte" };
        vm.value_error(format!("{}: embedded null {kind} in path", place.split(':').next().unwrap_or_default()))
    })
}

/// `dir_fd`: the folder that relative paths begin at.
pub(super) fn folder(vm: &Vm, value: Option<Value>) -> PyResult<i32> {
    given(value).map_or(Ok(libc::AT_FDCWD), |value| {
        if vm.is_int(value) || vm.type_of(value).slots().index.is_some() {
            return c_int(vm, value);
        }
        let found = vm.type_name(value);
        Err(vm.type_error(format!("argument should be integer or None, not {found}")))
    })
}

/// `follow_symlinks` as a flag of the `..at` calls.
pub(super) fn no_follow(vm: &Vm, value: Option<Value>) -> PyResult<i32> {
    let follows = value.map_or(Ok(true), |flag| vm.truthy(flag))?;
    Ok(if follows { 0 } else { libc::AT_SYMLINK_NOFOLLOW })
}

/// Makes a call that may wait; the error names the path.
pub(super) fn on_path(vm: &Vm, shown: Value, body: impl FnMut() -> isize) -> PyResult<usize> {
    call(vm, body)?.map_err(|error| os_error(vm, &error, (!vm.is_int(shown)).then_some(shown)))
}

/// The same for two paths.
pub(super) fn on_paths(vm: &Vm, from: Value, to: Value, body: impl FnMut() -> isize) -> PyResult<usize> {
    call(vm, body)?.map_err(|error| {
        let made = (|| {
            let number = error.raw_os_error().unwrap_or(0);
            let text = vm.new_str(&crate::args::error_text(number))?;
            let arguments = [vm.new_int(number.into())?, text, from, Value::NONE, to];
            vm.new_exception(vm.exceptions.OSError, &arguments)
        })();
        match made {
            Ok(exception) => vm.raise(exception),
            Err(raised) => raised,
        }
    })
}

fn none(_: usize) -> Value {
    Value::NONE
}

fn mode(vm: &Vm, value: Option<Value>, default: u32) -> PyResult<u32> {
    value.map_or(Ok(default), |mode| Ok(c_int(vm, mode)?.cast_unsigned()))
}

fn user_or_group(vm: &Vm, value: Value, kind: &str) -> PyResult<u32> {
    match vm.index_i64(value)? {
        -1 => Ok(u32::MAX),
        number => u32::try_from(number).map_err(|_| vm.overflow_error(format!("{kind} is out of range"))),
    }
}

// ---- making, moving, removing ----

fn mkdir(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let path = path(vm, args.at(0), "mkdir: path", ", bytes or os.PathLike")?;
    let (mode, at) = (mode(vm, args.opt(1), 0o777)?, folder(vm, args.opt(2))?);
    // SAFETY: a terminated path.
    on_path(vm, args.at(0), || unsafe { libc::mkdirat(at, path.as_ptr(), mode) as isize }).map(none)
}

fn remove(vm: &Vm, args: &[Arg], name: &str, flags: i32) -> PyResult<Value> {
    let path = path(vm, args.at(0), name, ", bytes or os.PathLike")?;
    let at = folder(vm, args.opt(1))?;
    // SAFETY: a terminated path.
    on_path(vm, args.at(0), || unsafe { libc::unlinkat(at, path.as_ptr(), flags) as isize }).map(none)
}

fn rename(vm: &Vm, args: &[Arg], name: &str) -> PyResult<Value> {
    let from = path(vm, args.at(0), &format!("{name}: src"), ", bytes or os.PathLike")?;
    let to = path(vm, args.at(1), &format!("{name}: dst"), ", bytes or os.PathLike")?;
    let (from_at, to_at) = (folder(vm, args.opt(2))?, folder(vm, args.opt(3))?);
    crate::io::flush_files(vm);
    // SAFETY: terminated paths.
    let body = || unsafe { libc::renameat(from_at, from.as_ptr(), to_at, to.as_ptr()) as isize };
    on_paths(vm, args.at(0), args.at(1), body).map(none)
}

fn symlink(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let from = path(vm, args.at(0), "symlink: src", ", bytes or os.PathLike")?;
    let to = path(vm, args.at(1), "symlink: dst", ", bytes or os.PathLike")?;
    let at = folder(vm, args.opt(3))?;
    // SAFETY: terminated paths.
    let body = || unsafe { libc::symlinkat(from.as_ptr(), at, to.as_ptr()) as isize };
    on_paths(vm, args.at(0), args.at(1), body).map(none)
}

fn link(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let from = path(vm, args.at(0), "link: src", ", bytes or os.PathLike")?;
    let to = path(vm, args.at(1), "link: dst", ", bytes or os.PathLike")?;
    let (from_at, to_at) = (folder(vm, args.opt(2))?, folder(vm, args.opt(3))?);
    let follows = args.opt(4).map_or(Ok(true), |flag| vm.truthy(flag))?;
    let flags = if follows { libc::AT_SYMLINK_FOLLOW } else { 0 };
    // SAFETY: terminated paths.
    let body = || unsafe { libc::linkat(from_at, from.as_ptr(), to_at, to.as_ptr(), flags) as isize };
    on_paths(vm, args.at(0), args.at(1), body).map(none)
}

fn readlink(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let path = path(vm, args.at(0), "readlink: path", ", bytes or os.PathLike")?;
    let at = folder(vm, args.opt(1))?;
    let mut room = vec![0u8; libc::PATH_MAX as usize];
    let (start, len) = (room.as_mut_ptr(), room.len());
    // SAFETY: a terminated path; the room has this length.
    let got = on_path(vm, args.at(0), || unsafe { libc::readlinkat(at, path.as_ptr(), start.cast(), len) })?;
    if vm.is_str(fspath(vm, args.at(0))?) { decode(vm, &room[..got]) } else { vm.new_bytes(&room[..got]) }
}

fn mkfifo(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let path = path(vm, args.at(0), "mkfifo: path", ", bytes or os.PathLike")?;
    let (mode, at) = (mode(vm, args.opt(1), 0o666)?, folder(vm, args.opt(2))?);
    // SAFETY: a terminated path.
    on_path(vm, args.at(0), || unsafe { libc::mkfifoat(at, path.as_ptr(), mode) as isize }).map(none)
}

fn mknod(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let path = path(vm, args.at(0), "mknod: path", ", bytes or os.PathLike")?;
    let mode = mode(vm, args.opt(1), 0o600)?;
    let device = args.opt(2).map_or(Ok(0), |device| vm.index_i64(device))?.cast_unsigned();
    let at = folder(vm, args.opt(3))?;
    // SAFETY: a terminated path.
    on_path(vm, args.at(0), || unsafe { libc::mknodat(at, path.as_ptr(), mode, device) as isize }).map(none)
}

// ---- attributes ----

fn access(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let path = path(vm, args.at(0), "access: path", ", bytes or os.PathLike")?;
    let (mode, at) = (c_int(vm, args.at(1))?, folder(vm, args.opt(2))?);
    let effective = args.opt(3).map_or(Ok(false), |flag| vm.truthy(flag))?;
    let flags = no_follow(vm, args.opt(4))? | if effective { libc::AT_EACCESS } else { 0 };
    // SAFETY: a terminated path.
    let code = vm.allow_threads(|| unsafe { libc::faccessat(at, path.as_ptr(), mode, flags) });
    Ok(Value::from_bool(code == 0 || crate::library_files::allows(&path, mode)))
}

fn chmod(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let target = target(vm, args.at(0), "chmod: path")?;
    let (mode, at, flags) = (mode(vm, args.opt(1), 0)?, folder(vm, args.opt(2))?, no_follow(vm, args.opt(3))?);
    // SAFETY: numbers and a terminated path.
    on_path(vm, args.at(0), || unsafe {
        match &target {
            Target::Descriptor(fd) => libc::fchmod(*fd, mode) as isize,
            Target::Path(path) => libc::fchmodat(at, path.as_ptr(), mode, flags) as isize,
        }
    })
    .map(none)
}

fn chown_any(vm: &Vm, args: &[Arg], name: &str, at: i32, flags: i32) -> PyResult<Value> {
    let target = target(vm, args.at(0), &format!("{name}: path"))?;
    let (user, group) = (user_or_group(vm, args.at(1), "uid")?, user_or_group(vm, args.at(2), "gid")?);
    // SAFETY: numbers and a terminated path.
    on_path(vm, args.at(0), || unsafe {
        match &target {
            Target::Descriptor(fd) => libc::fchown(*fd, user, group) as isize,
            Target::Path(path) => libc::fchownat(at, path.as_ptr(), user, group, flags) as isize,
        }
    })
    .map(none)
}

/// Whole seconds and nanoseconds of a time in seconds.
fn timespec(vm: &Vm, seconds: Value) -> PyResult<libc::timespec> {
    if vm.is_int(seconds) {
        return Ok(libc::timespec { tv_sec: vm.index_i64(seconds)?, tv_nsec: 0 });
    }
    let seconds = vm.float_argument(seconds)?;
    if seconds.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    if seconds.abs() > 9.2e18 {
        return Err(vm.overflow_error("timestamp out of range for platform time_t"));
    }
    let whole = seconds.floor();
    let nanos = ((seconds - whole) * 1e9).floor().min(999_999_999.0);
    Ok(libc::timespec { tv_sec: whole as i64, tv_nsec: nanos as i64 })
}

fn pair_of(vm: &Vm, value: Value, message: &str) -> PyResult<[Value; 2]> {
    if vm.as_tuple(value).is_none() || vm.tuple_items(value).len() != 2 {
        return Err(vm.type_error(message));
    }
    let items = vm.tuple_items(value);
    Ok([items[0], items[1]])
}

fn utime(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (times, nanos) = (given(args.opt(1)), args.opt(2));
    if times.is_some() && nanos.is_some() {
        return Err(vm.value_error("utime: you may specify either 'times' or 'ns' but not both"));
    }
    let target = target(vm, args.at(0), "utime: path")?;
    let (at, flags) = (folder(vm, args.opt(3))?, no_follow(vm, args.opt(4))?);
    let now = libc::timespec { tv_sec: 0, tv_nsec: libc::UTIME_NOW };
    let times = match (times, nanos) {
        (Some(times), _) => {
            let pair = pair_of(vm, times, "utime: 'times' must be either a tuple of two ints or None")?;
            [timespec(vm, pair[0])?, timespec(vm, pair[1])?]
        }
        (None, Some(nanos)) => {
            let pair = pair_of(vm, nanos, "utime: 'ns' must be a tuple of two ints")?;
            let split = |nanos: i64| libc::timespec {
                tv_sec: nanos.div_euclid(1_000_000_000),
                tv_nsec: nanos.rem_euclid(1_000_000_000),
            };
            [split(vm.index_i64(pair[0])?), split(vm.index_i64(pair[1])?)]
        }
        (None, None) => [now; 2],
    };
    crate::io::flush_files(vm);
    // SAFETY: two times, numbers and a terminated path.
    on_path(vm, args.at(0), || unsafe {
        match &target {
            Target::Descriptor(fd) => libc::futimens(*fd, times.as_ptr()) as isize,
            Target::Path(path) => libc::utimensat(at, path.as_ptr(), times.as_ptr(), flags) as isize,
        }
    })
    .map(none)
}

fn statvfs(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let target = target(vm, args.at(0), "statvfs: path")?;
    // SAFETY: a zeroed struct is valid.
    let mut found: libc::statvfs = unsafe { std::mem::zeroed() };
    let at = &raw mut found;
    // SAFETY: the struct is a local.
    on_path(vm, args.at(0), || unsafe {
        match &target {
            Target::Descriptor(fd) => libc::fstatvfs(*fd, at) as isize,
            Target::Path(path) => libc::statvfs(path.as_ptr(), at) as isize,
        }
    })?;
    let numbers = [
        found.f_bsize,
        found.f_frsize,
        found.f_blocks,
        found.f_bfree,
        found.f_bavail,
        found.f_files,
        found.f_ffree,
        found.f_favail,
        found.f_flag,
        found.f_namemax,
    ];
    let mut items = [Value::ZERO; 10];
    for (item, number) in items.iter_mut().zip(numbers) {
        *item = vm.new_uint(number as usize)?;
    }
    let value = struct_sequence::new(vm, &STATVFS_RESULT, &items)?;
    vm.set_own_attribute(value, vm.intern("f_fsid"), vm.new_uint(found.f_fsid as usize)?)?;
    Ok(value)
}

// ---- extended attributes ----

fn xattr_name(vm: &Vm, value: Value, function: &str) -> PyResult<CString> {
    path(vm, value, &format!("{function}: attribute"), ", bytes or os.PathLike")
}

/// Asks for a value of unknown length, first with `len` 0 for its size.
fn sized(vm: &Vm, shown: Value, mut ask: impl FnMut(*mut u8, usize) -> isize) -> PyResult<Vec<u8>> {
    loop {
        let size = on_path(vm, shown, || ask(std::ptr::null_mut(), 0))?;
        let mut room = vec![0u8; size.max(1)];
        let (at, len) = (room.as_mut_ptr(), room.len());
        match call(vm, || ask(at, len))? {
            Ok(got) => {
                room.truncate(got);
                return Ok(room);
            }
            // It grew in between.
            Err(error) if error.raw_os_error() == Some(libc::ERANGE) => {}
            Err(error) => return Err(os_error(vm, &error, (!vm.is_int(shown)).then_some(shown))),
        }
    }
}

fn getxattr(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (target, name) = (target(vm, args.at(0), "getxattr: path")?, xattr_name(vm, args.at(1), "getxattr")?);
    let follows = no_follow(vm, args.opt(2))? == 0;
    // SAFETY: terminated strings, and room of the length given.
    let bytes = sized(vm, args.at(0), |at, len| unsafe {
        match &target {
            Target::Descriptor(fd) => libc::fgetxattr(*fd, name.as_ptr(), at.cast(), len),
            Target::Path(path) if follows => libc::getxattr(path.as_ptr(), name.as_ptr(), at.cast(), len),
            Target::Path(path) => libc::lgetxattr(path.as_ptr(), name.as_ptr(), at.cast(), len),
        }
    })?;
    vm.new_bytes(&bytes)
}

fn setxattr(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (target, name) = (target(vm, args.at(0), "setxattr: path")?, xattr_name(vm, args.at(1), "setxattr")?);
    let value = vm.with_bytes(args.at(2), <[u8]>::to_vec)?;
    let flags = args.opt(3).map_or(Ok(0), |flags| c_int(vm, flags))?;
    let follows = no_follow(vm, args.opt(4))? == 0;
    let (at, len) = (value.as_ptr(), value.len());
    // SAFETY: terminated strings, pointer and length of live bytes.
    on_path(vm, args.at(0), || unsafe {
        (match &target {
            Target::Descriptor(fd) => libc::fsetxattr(*fd, name.as_ptr(), at.cast(), len, flags),
            Target::Path(path) if follows => libc::setxattr(path.as_ptr(), name.as_ptr(), at.cast(), len, flags),
            Target::Path(path) => libc::lsetxattr(path.as_ptr(), name.as_ptr(), at.cast(), len, flags),
        }) as isize
    })
    .map(none)
}

fn removexattr(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (target, name) = (target(vm, args.at(0), "removexattr: path")?, xattr_name(vm, args.at(1), "removexattr")?);
    let follows = no_follow(vm, args.opt(2))? == 0;
    // SAFETY: terminated strings.
    on_path(vm, args.at(0), || unsafe {
        (match &target {
            Target::Descriptor(fd) => libc::fremovexattr(*fd, name.as_ptr()),
            Target::Path(path) if follows => libc::removexattr(path.as_ptr(), name.as_ptr()),
            Target::Path(path) => libc::lremovexattr(path.as_ptr(), name.as_ptr()),
        }) as isize
    })
    .map(none)
}

fn listxattr(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let shown = given(args.opt(0)).unwrap_or_else(|| vm.intern("."));
    let target = target(vm, shown, "listxattr: path")?;
    let follows = no_follow(vm, args.opt(1))? == 0;
    // SAFETY: a terminated path, and room of the length given.
    let bytes = sized(vm, shown, |at, len| unsafe {
        match &target {
            Target::Descriptor(fd) => libc::flistxattr(*fd, at.cast(), len),
            Target::Path(path) if follows => libc::listxattr(path.as_ptr(), at.cast(), len),
            Target::Path(path) => libc::llistxattr(path.as_ptr(), at.cast(), len),
        }
    })?;
    let list = vm.new_list(&[])?;
    for name in bytes.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        vm.list_append(list, decode(vm, name)?)?;
    }
    Ok(list)
}

// ---- folders ----

fn chdir(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let target = target(vm, args.at(0), "chdir: path")?;
    // SAFETY: a number or a terminated path.
    on_path(vm, args.at(0), || unsafe {
        match &target {
            Target::Descriptor(fd) => libc::fchdir(*fd) as isize,
            Target::Path(path) => libc::chdir(path.as_ptr()) as isize,
        }
    })
    .map(none)
}

fn pathconf(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let target = target(vm, args.at(0), "pathconf: path")?;
    let name = super::system::configured(vm, args.at(1), super::system::PATHCONF)?;
    // SAFETY: the error number is cleared because -1 alone means that there is no limit.
    let (value, error) = unsafe {
        *libc::__errno_location() = 0;
        let value = match &target {
            Target::Descriptor(fd) => libc::fpathconf(*fd, name),
            Target::Path(path) => libc::pathconf(path.as_ptr(), name),
        };
        (value, *libc::__errno_location())
    };
    if value == -1 && error != 0 {
        return Err(crate::args::os_error_number(vm, error, (!vm.is_int(args.at(0))).then(|| args.at(0))));
    }
    vm.new_int(value)
}

// ---- texts of paths ----

/// `os.path.normpath` of bytes.
fn normalize(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return b".".to_vec();
    }
    // Two slashes at the start are kept, three are one.
    let slashes = path.iter().take_while(|byte| **byte == b'/').count();
    let root: &[u8] = if slashes == 2 { b"//" } else { &b"/"[..slashes.min(1)] };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            b".." if parts.is_empty() && !root.is_empty() => {}
            _ => parts.push(part),
        }
    }
    let joined = [root, &parts.join(&b'/')].concat();
    if joined.is_empty() { b".".to_vec() } else { joined }
}

/// Works on the bytes of a str or bytes path, and gives pieces of the same kind. Embedded zeros are allowed.
fn on_text(vm: &Vm, value: Value) -> PyResult<(Vec<u8>, bool)> {
    let path = fspath(vm, value)?;
    let is_text = vm.is_str(path);
    let bytes = if is_text {
        vm.encode_native(path, cinder_vm::codecs::Encoding::Utf8, "surrogatepass")?
    } else {
        vm.with_bytes(path, <[u8]>::to_vec)?
    };
    Ok((bytes, is_text))
}

fn text_value(vm: &Vm, bytes: &[u8], is_text: bool) -> PyResult<Value> {
    if !is_text {
        return vm.new_bytes(bytes);
    }
    Ok(vm.decode_native(bytes, cinder_vm::codecs::Encoding::Utf8, "surrogatepass", true)?.0)
}

fn split_root(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (path, is_text) = on_text(vm, args.at(0))?;
    let slashes = path.iter().take_while(|byte| **byte == b'/').count();
    let root = if slashes == 2 { 2 } else { slashes.min(1) };
    let items = [
        text_value(vm, b"", is_text)?,
        text_value(vm, &path[..root], is_text)?,
        text_value(vm, &path[root..], is_text)?,
    ];
    vm.new_tuple(&items)
}

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("mkdir", "path, mode=511, *, dir_fd=None", mkdir),
    NativeDef::function("rmdir", "path, *, dir_fd=None", |vm, args| {
        remove(vm, args, "rmdir: path", libc::AT_REMOVEDIR)
    }),
    NativeDef::function("unlink", "path, *, dir_fd=None", |vm, args| remove(vm, args, "unlink: path", 0)),
    NativeDef::function("remove", "path, *, dir_fd=None", |vm, args| remove(vm, args, "remove: path", 0)),
    NativeDef::function("rename", "src, dst, *, src_dir_fd=None, dst_dir_fd=None", |vm, args| {
        rename(vm, args, "rename")
    }),
    NativeDef::function("replace", "src, dst, *, src_dir_fd=None, dst_dir_fd=None", |vm, args| {
        rename(vm, args, "replace")
    }),
    NativeDef::function("symlink", "src, dst, target_is_directory=False, *, dir_fd=None", symlink),
    NativeDef::function("link", "src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True", link),
    NativeDef::function("readlink", "path, *, dir_fd=None", readlink),
    NativeDef::function("mkfifo", "path, mode=438, *, dir_fd=None", mkfifo),
    NativeDef::function("mknod", "path, mode=384, device=0, *, dir_fd=None", mknod),
    NativeDef::function("access", "path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True", access),
    NativeDef::function("chmod", "path, mode, *, dir_fd=None, follow_symlinks=True", chmod),
    NativeDef::function("chown", "path, uid, gid, *, dir_fd=None, follow_symlinks=True", |vm, args| {
        chown_any(vm, args, "chown", folder(vm, args.opt(3))?, no_follow(vm, args.opt(4))?)
    }),
    NativeDef::function("lchown", "path, uid, gid", |vm, args| {
        chown_any(vm, args, "lchown", libc::AT_FDCWD, libc::AT_SYMLINK_NOFOLLOW)
    }),
    NativeDef::function("fchown", "fd, uid, gid", |vm, args| {
        descriptor(vm, args.at(0))?;
        chown_any(vm, args, "fchown", libc::AT_FDCWD, 0)
    }),
    NativeDef::function("utime", "path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True", utime),
    NativeDef::function("statvfs", "path", statvfs),
    NativeDef::function("fstatvfs", "fd, /", statvfs),
    NativeDef::function("getxattr", "path, attribute, *, follow_symlinks=True", getxattr),
    NativeDef::function("setxattr", "path, attribute, value, flags=0, *, follow_symlinks=True", setxattr),
    NativeDef::function("removexattr", "path, attribute, *, follow_symlinks=True", removexattr),
    NativeDef::function("listxattr", "path=None, *, follow_symlinks=True", listxattr),
    NativeDef::function("chdir", "path", chdir),
    NativeDef::function("chroot", "path", |vm, args| {
        let path = path(vm, args.at(0), "chroot: path", ", bytes or os.PathLike")?;
        // SAFETY: a terminated path.
        on_path(vm, args.at(0), || unsafe { libc::chroot(path.as_ptr()) as isize }).map(none)
    }),
    NativeDef::function("pathconf", "path, name", pathconf),
    NativeDef::function("fpathconf", "fd, name, /", pathconf),
    NativeDef::function("_path_normpath", "path", |vm, args| {
        let (path, is_text) = on_text(vm, args.at(0))?;
        text_value(vm, &normalize(&path), is_text)
    }),
    NativeDef::function("_path_splitroot_ex", "p, /", split_root),
    NativeDef::function("sync", "", |vm, _| {
        crate::io::flush_files(vm);
        // SAFETY: no arguments.
        vm.allow_threads(|| unsafe { libc::sync() });
        Ok(Value::NONE)
    }),
];
