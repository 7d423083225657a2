//! `posix`: what `os` needs of the operating system, as far as files, the environment and the process go.

mod constants;
mod descriptors;
mod ids;
pub(crate) mod process;

use std::ffi::CString;

use cinder_vm::types::type_::TypeDef;
use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::{c_int, given, os_error};
use crate::os_path::{decode, fspath, path_bytes};
use crate::struct_sequence::{self, struct_sequence};

struct_sequence!(
    STAT_RESULT, "os.stat_result",
    0 st_mode, 1 st_ino, 2 st_dev, 3 st_nlink, 4 st_uid, 5 st_gid, 6 st_size,
);
struct_sequence!(TERMINAL_SIZE, "os.terminal_size", 0 columns, 1 lines);
struct_sequence!(UNAME_RESULT, "posix.uname_result", 0 sysname, 1 nodename, 2 release, 3 version, 4 machine);
struct_sequence!(TIMES_RESULT, "posix.times_result", 0 user, 1 system, 2 children_user, 3 children_system, 4 elapsed);

fn failed(vm: &Vm, path: Option<Value>) -> cinder_vm::Raised {
    os_error(vm, &std::io::Error::last_os_error(), path)
}

/// A call on one path that gives 0 when it worked.
fn on_path(vm: &Vm, args: &[Arg], call: impl FnOnce(*const libc::c_char) -> i32) -> PyResult<Value> {
    let path = path_bytes(vm, args.at(0))?;
    if call(path.as_ptr()) < 0 { Err(failed(vm, args.opt(0))) } else { Ok(Value::NONE) }
}

fn stat_value(vm: &Vm, found: &libc::stat) -> PyResult<Value> {
    let number = |value: i64| vm.new_int(value);
    let items = [
        number(found.st_mode.into())?,
        vm.new_uint(found.st_ino as usize)?,
        vm.new_uint(found.st_dev as usize)?,
        vm.new_uint(found.st_nlink as usize)?,
        number(found.st_uid.into())?,
        number(found.st_gid.into())?,
        number(found.st_size)?,
        number(found.st_atime)?,
        number(found.st_mtime)?,
        number(found.st_ctime)?,
    ];
    let value = struct_sequence::new(vm, &STAT_RESULT, &items)?;
    let times = [
        ("a", found.st_atime, found.st_atime_nsec),
        ("m", found.st_mtime, found.st_mtime_nsec),
        ("c", found.st_ctime, found.st_ctime_nsec),
    ];
    for (letter, seconds, nanos) in times {
        let float = vm.new_float(seconds as f64 + nanos as f64 * 1e-9)?;
        vm.set_own_attribute(value, vm.intern(&format!("st_{letter}time")), float)?;
        let whole = number(seconds * 1_000_000_000 + nanos)?;
        vm.set_own_attribute(value, vm.intern(&format!("st_{letter}time_ns")), whole)?;
    }
    for (name, amount) in [("st_blksize", found.st_blksize), ("st_blocks", found.st_blocks)] {
        let amount = number(amount)?;
        vm.set_own_attribute(value, vm.intern(name), amount)?;
    }
    Ok(value)
}

fn stat_of(vm: &Vm, target: Value, follow: bool) -> PyResult<Value> {
    crate::io::flush_files(vm);
    // SAFETY: a zeroed `stat` is valid, and the calls fill it; paths are NUL-terminated.
    let (code, found) = unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        let code = if vm.is_int(target) {
            libc::fstat(c_int(vm, target)?, &raw mut found)
        } else {
            let path = path_bytes(vm, target)?;
            if follow { libc::stat(path.as_ptr(), &raw mut found) } else { libc::lstat(path.as_ptr(), &raw mut found) }
        };
        (code, found)
    };
    if code < 0 { Err(failed(vm, (!vm.is_int(target)).then_some(target))) } else { stat_value(vm, &found) }
}

fn listdir(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let path = given(args.opt(0)).unwrap_or_else(|| vm.intern("."));
    let wants_bytes = !vm.is_str(fspath(vm, path)?);
    let name = path_bytes(vm, path)?;
    let folder = std::ffi::OsStr::new(name.to_str().unwrap_or_default());
    let entries = std::fs::read_dir(folder).map_err(|error| os_error(vm, &error, Some(path)))?;
    let list = vm.new_list(&[])?;
    for entry in entries {
        let entry = entry.map_err(|error| os_error(vm, &error, Some(path)))?;
        let name = entry.file_name();
        let bytes = name.as_encoded_bytes();
        let name = if wants_bytes { vm.new_bytes(bytes)? } else { decode(vm, bytes)? };
        vm.list_append(list, name)?;
    }
    Ok(list)
}

fn environment(vm: &Vm) -> PyResult<Value> {
    let dict = vm.new_dict()?;
    for (name, value) in std::env::vars_os() {
        let (name, value) = (vm.new_bytes(name.as_encoded_bytes())?, vm.new_bytes(value.as_encoded_bytes())?);
        vm.dict_set(dict, name, value)?;
    }
    Ok(dict)
}

fn text_of(vm: &Vm, value: Value) -> PyResult<CString> {
    let bytes =
        if vm.is_str(value) { path_bytes(vm, value)?.into_bytes() } else { vm.with_bytes(value, <[u8]>::to_vec)? };
    CString::new(bytes).map_err(|_| vm.value_error("embedded null byte"))
}

fn two_paths(
    vm: &Vm,
    args: &[Arg],
    call: impl FnOnce(*const libc::c_char, *const libc::c_char) -> i32,
) -> PyResult<Value> {
    let (from, to) = (path_bytes(vm, args.at(0))?, path_bytes(vm, args.at(1))?);
    if call(from.as_ptr(), to.as_ptr()) < 0 { Err(failed(vm, args.opt(0))) } else { Ok(Value::NONE) }
}

fn read(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (fd, len) = (c_int(vm, args.at(0))?, vm.index_i64(args.at(1))?);
    let Ok(len) = usize::try_from(len) else {
        return Err(os_error(vm, &std::io::Error::from_raw_os_error(libc::EINVAL), None));
    };
    let mut buffer = vec![0u8; len];
    let room = buffer.as_mut_ptr();
    // SAFETY: the buffer has this length.
    let got = crate::blocking::call_or_raise(vm, || unsafe { libc::read(fd, room.cast(), len) })?;
    vm.new_bytes(&buffer[..got])
}

fn write(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let fd = c_int(vm, args.at(0))?;
    let bytes = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    // SAFETY: pointer and length of a live buffer.
    let put = crate::blocking::call_or_raise(vm, || unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) })?;
    vm.new_uint(put)
}

fn mode_argument(vm: &Vm, value: Option<Value>, default: u32) -> PyResult<u32> {
    match value {
        Some(mode) => Ok(c_int(vm, mode)?.cast_unsigned()),
        None => Ok(default),
    }
}

pub(crate) static POSIX: ModuleDef = ModuleDef {
    doc: "This module provides access to operating system functionality that is\nstandardized by the C Standard and the POSIX standard (a thinly\ndisguised Unix interface).  Refer to the library manual and\ncorresponding Unix manual entries for more information on calls.",
    functions: &[
        NativeDef::function("fspath", "path", |vm, args| fspath(vm, args.at(0))),
        NativeDef::function("stat", "path, *, dir_fd=None, follow_symlinks=True", |vm, args| {
            let follow = args.opt(2).map_or(Ok(true), |flag| vm.truthy(flag))?;
            stat_of(vm, args.at(0), follow)
        }),
        NativeDef::function("lstat", "path, *, dir_fd=None", |vm, args| stat_of(vm, args.at(0), false)),
        NativeDef::function("fstat", "fd", |vm, args| stat_of(vm, args.at(0), true)),
        NativeDef::function("listdir", "path=None", listdir),
        NativeDef::function("getcwd", "", |vm, _| match std::env::current_dir() {
            Ok(path) => decode(vm, path.as_os_str().as_encoded_bytes()),
            Err(error) => Err(os_error(vm, &error, None)),
        }),
        NativeDef::function("getcwdb", "", |vm, _| match std::env::current_dir() {
            Ok(path) => vm.new_bytes(path.as_os_str().as_encoded_bytes()),
            Err(error) => Err(os_error(vm, &error, None)),
        }),
        // SAFETY (all calls below): paths are NUL-terminated, numbers are plain arguments.
        NativeDef::function("chdir", "path", |vm, args| {
            // SAFETY: `on_path` passes a terminated string.
            on_path(vm, args, |path| unsafe { libc::chdir(path) })
        }),
        NativeDef::function("mkdir", "path, mode=511, *, dir_fd=None", |vm, args| {
            let mode = mode_argument(vm, args.opt(1), 0o777)?;
            // SAFETY: as above.
            on_path(vm, args, |path| unsafe { libc::mkdir(path, mode) })
        }),
        // SAFETY: as above.
        NativeDef::function("rmdir", "path, *, dir_fd=None", |vm, args| {
            // SAFETY: `on_path` passes a terminated string.
            on_path(vm, args, |path| unsafe { libc::rmdir(path) })
        }),
        // SAFETY: as above.
        NativeDef::function("unlink", "path, *, dir_fd=None", |vm, args| {
            // SAFETY: `on_path` passes a terminated string.
            on_path(vm, args, |path| unsafe { libc::unlink(path) })
        }),
        // SAFETY: as above.
        NativeDef::function("remove", "path, *, dir_fd=None", |vm, args| {
            // SAFETY: `on_path` passes a terminated string.
            on_path(vm, args, |path| unsafe { libc::unlink(path) })
        }),
        NativeDef::function("chmod", "path, mode, *, dir_fd=None, follow_symlinks=True", |vm, args| {
            let mode = mode_argument(vm, args.opt(1), 0)?;
            // SAFETY: as above.
            on_path(vm, args, |path| unsafe { libc::chmod(path, mode) })
        }),
        NativeDef::function("rename", "src, dst, *, src_dir_fd=None, dst_dir_fd=None", |vm, args| {
            // SAFETY: as above.
            two_paths(vm, args, |from, to| unsafe { libc::rename(from, to) })
        }),
        NativeDef::function("replace", "src, dst, *, src_dir_fd=None, dst_dir_fd=None", |vm, args| {
            // SAFETY: as above.
            two_paths(vm, args, |from, to| unsafe { libc::rename(from, to) })
        }),
        NativeDef::function("symlink", "src, dst, target_is_directory=False, *, dir_fd=None", |vm, args| {
            // SAFETY: as above.
            two_paths(vm, args, |from, to| unsafe { libc::symlink(from, to) })
        }),
        NativeDef::function(
            "link",
            "src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True",
            |vm, args| {
                // SAFETY: as above.
                two_paths(vm, args, |from, to| unsafe { libc::link(from, to) })
            },
        ),
        NativeDef::function("readlink", "path, *, dir_fd=None", |vm, args| {
            let path = path_bytes(vm, args.at(0))?;
            match std::fs::read_link(path.to_str().unwrap_or_default()) {
                Ok(target) => decode(vm, target.as_os_str().as_encoded_bytes()),
                Err(error) => Err(os_error(vm, &error, args.opt(0))),
            }
        }),
        NativeDef::function(
            "access",
            "path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True",
            |vm, args| {
                let (path, mode) = (path_bytes(vm, args.at(0))?, c_int(vm, args.at(1))?);
                // SAFETY: as above.
                Ok(Value::from_bool(unsafe { libc::access(path.as_ptr(), mode) } == 0))
            },
        ),
        NativeDef::function("open", "path, flags, mode=511, *, dir_fd=None", |vm, args| {
            let (path, flags) = (path_bytes(vm, args.at(0))?, c_int(vm, args.at(1))?);
            let mode = mode_argument(vm, args.opt(2), 0o777)?;
            // SAFETY: as above.
            let open = || unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC, mode) as isize };
            crate::io::flush_files(vm);
            let mut opened = crate::blocking::call(vm, open)?;
            if opened.as_ref().is_err_and(|error| crate::io::made_room(vm, error)) {
                opened = crate::blocking::call(vm, open)?;
            }
            match opened {
                Ok(fd) => vm.new_uint(fd),
                Err(error) => Err(os_error(vm, &error, args.opt(0))),
            }
        }),
        NativeDef::function("close", "fd", |vm, args| {
            let fd = c_int(vm, args.at(0))?;
            // SAFETY: as above.
            if unsafe { libc::close(fd) } < 0 { Err(failed(vm, None)) } else { Ok(Value::NONE) }
        }),
        NativeDef::function("read", "fd, length, /", read),
        NativeDef::function("write", "fd, data, /", write),
        NativeDef::function("lseek", "fd, position, how, /", |vm, args| {
            let (fd, position, how) = (c_int(vm, args.at(0))?, vm.index_i64(args.at(1))?, c_int(vm, args.at(2))?);
            // SAFETY: as above.
            let at = unsafe { libc::lseek(fd, position, how) };
            if at < 0 { Err(failed(vm, None)) } else { vm.new_int(at) }
        }),
        NativeDef::function("isatty", "fd, /", |vm, args| {
            let fd = c_int(vm, args.at(0))?;
            // SAFETY: as above.
            Ok(Value::from_bool(unsafe { libc::isatty(fd) } == 1))
        }),
        NativeDef::function("putenv", "name, value, /", |vm, args| {
            let (name, value) = (text_of(vm, args.at(0))?, text_of(vm, args.at(1))?);
            // SAFETY: NUL-terminated texts; one thread runs.
            unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) };
            Ok(Value::NONE)
        }),
        NativeDef::function("unsetenv", "name, /", |vm, args| {
            let name = text_of(vm, args.at(0))?;
            // SAFETY: NUL-terminated text; one thread runs.
            unsafe { libc::unsetenv(name.as_ptr()) };
            Ok(Value::NONE)
        }),
        NativeDef::function("getpid", "", |vm, _| vm.new_int(std::process::id().into())),
        // SAFETY: as above.
        NativeDef::function("getppid", "", |vm, _| vm.new_int(unsafe { libc::getppid() }.into())),
        // SAFETY: as above.
        NativeDef::function("getuid", "", |vm, _| vm.new_int(unsafe { libc::getuid() }.into())),
        // SAFETY: as above.
        NativeDef::function("geteuid", "", |vm, _| vm.new_int(unsafe { libc::geteuid() }.into())),
        // SAFETY: as above.
        NativeDef::function("getgid", "", |vm, _| vm.new_int(unsafe { libc::getgid() }.into())),
        // SAFETY: as above.
        NativeDef::function("getegid", "", |vm, _| vm.new_int(unsafe { libc::getegid() }.into())),
        NativeDef::function("umask", "mask, /", |vm, args| {
            let mask = mode_argument(vm, args.opt(0), 0)?;
            // SAFETY: as above.
            vm.new_int(unsafe { libc::umask(mask) }.into())
        }),
        NativeDef::function("urandom", "size, /", |vm, args| {
            let Ok(size) = usize::try_from(vm.index_i64(args.at(0))?) else {
                return Err(vm.value_error("negative argument not allowed"));
            };
            let mut bytes = vec![0; size];
            crate::host::random_bytes(&mut bytes).map_err(|error| os_error(vm, &error, None))?;
            vm.new_bytes(&bytes)
        }),
        NativeDef::function("strerror", "code, /", |vm, args| {
            vm.new_str(&crate::args::error_text(c_int(vm, args.at(0))?))
        }),
        NativeDef::function("cpu_count", "", |vm, _| match std::thread::available_parallelism() {
            Ok(count) => vm.new_uint(count.get()),
            Err(_) => Ok(Value::NONE),
        }),
        NativeDef::function("_exit", "status", |vm, args| {
            let status = c_int(vm, args.at(0))?;
            // SAFETY: ends the process at once, which is what the function is for.
            unsafe { libc::_exit(status) }
        }),
        NativeDef::function("get_terminal_size", "fd=1, /", |vm, args| {
            let fd = args.opt(0).map_or(Ok(1), |fd| c_int(vm, fd))?;
            // SAFETY: the call fills the zeroed struct.
            let (code, size) = unsafe {
                let mut size: libc::winsize = std::mem::zeroed();
                (libc::ioctl(fd, libc::TIOCGWINSZ, &raw mut size), size)
            };
            if code < 0 {
                return Err(failed(vm, None));
            }
            let items = [vm.new_int(size.ws_col.into())?, vm.new_int(size.ws_row.into())?];
            struct_sequence::new(vm, &TERMINAL_SIZE, &items)
        }),
        NativeDef::function("uname", "", |vm, _| {
            // SAFETY: the call fills the zeroed struct with NUL-terminated texts.
            let texts = unsafe {
                let mut found: libc::utsname = std::mem::zeroed();
                libc::uname(&raw mut found);
                [found.sysname, found.nodename, found.release, found.version, found.machine]
                    .map(|text| std::ffi::CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned())
            };
            let mut items = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
            for text in &texts {
                items.push(vm.new_str(text)?);
            }
            struct_sequence::new(vm, &UNAME_RESULT, &items)
        }),
    ],
    setup: Some(setup),
    ..ModuleDef::new("posix")
};

fn setup(vm: &Vm, dict: cinder_vm::Gc<cinder_vm::types::dict::PyDict>) -> PyResult<()> {
    vm.set_item_text(dict, "environ", environment(vm)?)?;
    vm.set_item_text(dict, "error", vm.exceptions.OSError.as_value())?;
    let functions = vm.new_list(&[])?;
    vm.set_item_text(dict, "_have_functions", functions)?;
    for group in [process::FUNCTIONS, descriptors::FUNCTIONS, ids::FUNCTIONS] {
        crate::args::add_functions(vm, dict, "posix", group)?;
    }
    crate::args::add_constants(vm, dict, constants::CONSTANTS)?;
    crate::args::add_constants(vm, dict, constants::MORE)?;
    let classes: [(&str, &'static TypeDef); 6] = [
        ("sched_param", &ids::SCHED_PARAM),
        ("waitid_result", &process::WAITID_RESULT),
        ("stat_result", &STAT_RESULT),
        ("terminal_size", &TERMINAL_SIZE),
        ("uname_result", &UNAME_RESULT),
        ("times_result", &TIMES_RESULT),
    ];
    for (name, def) in classes {
        vm.set_item_text(dict, name, struct_sequence::class(vm, def)?.as_value())?;
    }
    let pure = vm.import("_posix_pure")?;
    for name in ["scandir", "DirEntry"] {
        vm.set_item_text(dict, name, vm.getattr_text(pure, name)?)?;
    }
    Ok(())
}
