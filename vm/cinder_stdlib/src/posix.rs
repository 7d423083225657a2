//! `posix`: what `os` needs of the operating system, as far as files, the environment and the process go.

mod constants;
mod descriptors;
mod ids;
mod paths;
pub(crate) mod process;
mod system;

use std::ffi::CString;

use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::tuple::PyTuple;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, GetSetDef, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::{c_int, given, os_error};
use crate::os_path::{decode, fspath, path_bytes};
use crate::struct_sequence::{self, struct_sequence};
use paths::Target;

/// An item that is an attribute in finer resolution.
fn time_field<const INDEX: usize>(vm: &Vm, value: Value, name: &str) -> PyResult<Value> {
    match vm.own_attribute(value, vm.intern(name)) {
        Some(fine) => Ok(fine),
        None => struct_sequence::item::<INDEX>(vm, value),
    }
}

macro_rules! hidden_field {
    ($name:literal) => {
        GetSetDef::read_only($name, |vm, value| struct_sequence::hidden(vm, value, $name))
    };
}

static STAT_RESULT: TypeDef = TypeDef {
    flags: type_flags::HAS_DICT,
    slots: Slots {
        repr: Some(struct_sequence::repr),
        new: Some(struct_sequence::construct),
        setattr: Some(struct_sequence::refuse),
        ..Slots::NONE
    },
    methods: struct_sequence::METHODS,
    getset: &[
        GetSetDef::member("st_mode", struct_sequence::item::<0>),
        GetSetDef::member("st_ino", struct_sequence::item::<1>),
        GetSetDef::member("st_dev", struct_sequence::item::<2>),
        GetSetDef::member("st_nlink", struct_sequence::item::<3>),
        GetSetDef::member("st_uid", struct_sequence::item::<4>),
        GetSetDef::member("st_gid", struct_sequence::item::<5>),
        GetSetDef::member("st_size", struct_sequence::item::<6>),
        GetSetDef::member("st_atime", |vm, value| time_field::<7>(vm, value, "st_atime")),
        GetSetDef::member("st_mtime", |vm, value| time_field::<8>(vm, value, "st_mtime")),
        GetSetDef::member("st_ctime", |vm, value| time_field::<9>(vm, value, "st_ctime")),
        hidden_field!("st_atime_ns"),
        hidden_field!("st_mtime_ns"),
        hidden_field!("st_ctime_ns"),
        hidden_field!("st_blksize"),
        hidden_field!("st_blocks"),
        hidden_field!("st_rdev"),
    ],
    ..TypeDef::new("os.stat_result", <PyTuple as Payload>::LAYOUT)
};
struct_sequence!(TERMINAL_SIZE, "os.terminal_size", 0 columns, 1 lines);
struct_sequence!(UNAME_RESULT, "posix.uname_result", 0 sysname, 1 nodename, 2 release, 3 version, 4 machine);
struct_sequence!(TIMES_RESULT, "posix.times_result", 0 user, 1 system, 2 children_user, 3 children_system, 4 elapsed);

fn failed(vm: &Vm, path: Option<Value>) -> cinder_vm::Raised {
    os_error(vm, &std::io::Error::last_os_error(), path)
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
    for (name, amount) in
        [("st_blksize", found.st_blksize), ("st_blocks", found.st_blocks), ("st_rdev", found.st_rdev.cast_signed())]
    {
        let amount = number(amount)?;
        vm.set_own_attribute(value, vm.intern(name), amount)?;
    }
    Ok(value)
}

fn stat_of(vm: &Vm, path: Value, dir_fd: Option<Value>, flags: i32, place: &str) -> PyResult<Value> {
    let target = paths::target(vm, path, place)?;
    let at = paths::folder(vm, dir_fd)?;
    if let Target::Descriptor(_) = target {
        let name = place.split(':').next().unwrap_or_default();
        if at != libc::AT_FDCWD {
            return Err(vm.value_error(format!("{name}: can't specify dir_fd without matching path")));
        }
        if flags != 0 {
            return Err(vm.value_error(format!("{name}: cannot use fd and follow_symlinks together")));
        }
    }
    crate::io::flush_files(vm);
    // SAFETY: a zeroed `stat` is valid, and the call fills it.
    let mut found: libc::stat = unsafe { std::mem::zeroed() };
    let room = &raw mut found;
    // SAFETY: the struct is a local, paths are terminated.
    paths::on_path(vm, path, || unsafe {
        match &target {
            Target::Descriptor(fd) => libc::fstat(*fd, room) as isize,
            Target::Path(path) => match libc::fstatat(at, path.as_ptr(), room, flags) {
                failed if failed < 0 && is_missing() && crate::library_files::stat(path, &mut *room) => 0,
                code => code as isize,
            },
        }
    })?;
    stat_value(vm, &found)
}

/// Whether the last call found no such file.
pub(crate) fn is_missing() -> bool {
    std::io::Error::last_os_error().raw_os_error() == Some(libc::ENOENT)
}

fn open(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let path = paths::path(vm, args.at(0), "open: path", ", bytes or os.PathLike")?;
    let (flags, at) = (c_int(vm, args.at(1))?, paths::folder(vm, args.opt(3))?);
    let mode = mode_argument(vm, args.opt(2), 0o777)?;
    // SAFETY: a terminated path.
    let open = || unsafe {
        match libc::openat(at, path.as_ptr(), flags | libc::O_CLOEXEC, mode) {
            failed if failed < 0 && is_missing() => {
                crate::library_files::open(&path, flags).map_or(failed as isize, |fd| fd as isize)
            }
            fd => fd as isize,
        }
    };
    crate::io::flush_files(vm);
    let mut opened = crate::blocking::call(vm, open)?;
    if opened.as_ref().is_err_and(|error| crate::io::made_room(vm, error)) {
        opened = crate::blocking::call(vm, open)?;
    }
    match opened {
        Ok(fd) => vm.new_uint(fd),
        Err(error) => Err(os_error(vm, &error, args.opt(0))),
    }
}

fn listdir(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let given = given(args.opt(0));
    let path = given.unwrap_or_else(|| vm.intern("."));
    let target = match given {
        Some(path) => paths::target(vm, path, "listdir: path")?,
        None => Target::Path(c".".to_owned()),
    };
    let wants_bytes = !vm.is_int(path) && !vm.is_str(fspath(vm, path)?);
    let names = folder_names(vm, &target).map_err(|error| os_error(vm, &error, (!vm.is_int(path)).then_some(path)))?;
    let list = vm.new_list(&[])?;
    for (name, ..) in &names {
        let name = if wants_bytes { vm.new_bytes(name)? } else { decode(vm, name)? };
        vm.list_append(list, name)?;
    }
    Ok(list)
}

/// Names, kinds (`d_type`) and inode numbers of a folder's entries.
fn folder_names(vm: &Vm, target: &Target) -> std::io::Result<Vec<(Vec<u8>, u8, u64)>> {
    // SAFETY: the stream is closed once; entries are copied before the next is read.
    vm.allow_threads(|| unsafe {
        let stream = match target {
            Target::Path(path) => libc::opendir(path.as_ptr()),
            Target::Descriptor(fd) => {
                let own = libc::fcntl(*fd, libc::F_DUPFD_CLOEXEC, 0);
                let stream = if own < 0 { std::ptr::null_mut() } else { libc::fdopendir(own) };
                if stream.is_null() && own >= 0 {
                    libc::close(own);
                }
                stream
            }
        };
        let embedded = match target {
            Target::Path(path) => crate::library_files::list(path),
            Target::Descriptor(_) => None,
        };
        if stream.is_null() {
            let error = std::io::Error::last_os_error();
            return embedded.ok_or(error);
        }
        libc::rewinddir(stream);
        let mut names = Vec::new();
        let missing = embedded.unwrap_or_default();
        loop {
            *libc::__errno_location() = 0;
            let entry = libc::readdir(stream);
            if entry.is_null() {
                break;
            }
            let name = std::ffi::CStr::from_ptr((*entry).d_name.as_ptr()).to_bytes();
            if name != b"." && name != b".." {
                names.push((name.to_vec(), (*entry).d_type, (*entry).d_ino));
            }
        }
        let error = std::io::Error::last_os_error();
        libc::closedir(stream);
        let more = missing.into_iter().filter(|entry| names.iter().all(|name: &(Vec<u8>, u8, u64)| name.0 != entry.0));
        let more: Vec<_> = more.collect();
        names.extend(more);
        if error.raw_os_error() == Some(0) { Ok(names) } else { Err(error) }
    })
}

/// `(name, kind, inode)` of each entry of a folder, for `scandir`.
fn folder_entries(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let path = args.at(0);
    let target = paths::target(vm, path, "scandir: path")?;
    let wants_bytes = !vm.is_int(path) && !vm.is_str(path);
    let names = folder_names(vm, &target).map_err(|error| os_error(vm, &error, (!vm.is_int(path)).then_some(path)))?;
    let list = vm.new_list(&[])?;
    for (name, kind, number) in &names {
        let name = if wants_bytes { vm.new_bytes(name)? } else { decode(vm, name)? };
        let items = [name, vm.new_int((*kind).into())?, vm.new_uint(*number as usize)?];
        vm.list_append(list, vm.new_tuple(&items)?)?;
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

fn read(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (fd, len) = (c_int(vm, args.at(0))?, vm.index_i64(args.at(1))?);
    let Ok(len) = usize::try_from(len) else {
        return Err(os_error(vm, &std::io::Error::from_raw_os_error(libc::EINVAL), None));
    };
    vm.check_native_bytes(len)?;
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
        NativeDef::function("stat", "path, *, dir_fd=None, follow_symlinks=True", |vm, args| {
            let flags = paths::no_follow(vm, args.opt(2))?;
            stat_of(vm, args.at(0), args.opt(1), flags, "stat: path")
        }),
        NativeDef::function("lstat", "path, *, dir_fd=None", |vm, args| {
            if vm.is_int(args.at(0)) {
                return Err(vm.type_error("lstat: path should be string, bytes or os.PathLike, not int"));
            }
            stat_of(vm, args.at(0), args.opt(1), libc::AT_SYMLINK_NOFOLLOW, "lstat: path")
        }),
        NativeDef::function("open", "path, flags, mode=511, *, dir_fd=None", open),
        NativeDef::function("fspath", "path", |vm, args| fspath(vm, args.at(0))),
        NativeDef::function("fstat", "fd", |vm, args| stat_of(vm, args.at(0), None, 0, "fstat: fd")),
        NativeDef::function("listdir", "path=None", listdir),
        NativeDef::function("_scan", "path, /", folder_entries),
        NativeDef::function("getcwd", "", |vm, _| match std::env::current_dir() {
            Ok(path) => decode(vm, path.as_os_str().as_encoded_bytes()),
            Err(error) => Err(os_error(vm, &error, None)),
        }),
        NativeDef::function("getcwdb", "", |vm, _| match std::env::current_dir() {
            Ok(path) => vm.new_bytes(path.as_os_str().as_encoded_bytes()),
            Err(error) => Err(os_error(vm, &error, None)),
        }),
        // SAFETY (all calls below): paths are NUL-terminated, numbers are plain arguments.
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
        NativeDef::function("_create_environ", "", |vm, _| environment(vm)),
        NativeDef::function("putenv", "name, value, /", |vm, args| {
            let (name, value) = (text_of(vm, args.at(0))?, text_of(vm, args.at(1))?);
            if name.as_bytes().contains(&b'=') {
                return Err(vm.value_error("illegal environment variable name"));
            }
            // SAFETY: NUL-terminated texts; the lock is held.
            crate::args::check_none(vm, unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) })
        }),
        NativeDef::function("unsetenv", "name, /", |vm, args| {
            let name = text_of(vm, args.at(0))?;
            // SAFETY: NUL-terminated text; the lock is held.
            crate::args::check_none(vm, unsafe { libc::unsetenv(name.as_ptr()) })
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
            vm.check_native_bytes(size)?;
            let mut bytes = vec![0; size];
            crate::host::random_bytes(&mut bytes).map_err(|error| os_error(vm, &error, None))?;
            vm.new_bytes(&bytes)
        }),
        NativeDef::function("strerror", "code, /", |vm, args| {
            vm.new_str(&crate::args::error_text(c_int(vm, args.at(0))?))
        }),
        NativeDef::function("cpu_count", "", |vm, _| {
            if let Some(count) = vm.config.cpu_count {
                return vm.new_int(count.into());
            }
            // SAFETY: asks for a number.
            match unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) } {
                count if count > 0 => vm.new_int(count),
                _ => Ok(Value::NONE),
            }
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

/// What `os.supports_dir_fd` and its kin are made from.
const HAVE: &[&str] = &[
    "HAVE_FACCESSAT",
    "HAVE_FCHDIR",
    "HAVE_FCHMOD",
    "HAVE_FCHMODAT",
    "HAVE_FCHOWN",
    "HAVE_FCHOWNAT",
    "HAVE_FDOPENDIR",
    "HAVE_FPATHCONF",
    "HAVE_FSTATAT",
    "HAVE_FSTATVFS",
    "HAVE_FTRUNCATE",
    "HAVE_FUTIMENS",
    "HAVE_LINKAT",
    "HAVE_LCHOWN",
    "HAVE_MKDIRAT",
    "HAVE_MKFIFOAT",
    "HAVE_MKNODAT",
    "HAVE_OPENAT",
    "HAVE_READLINKAT",
    "HAVE_RENAMEAT",
    "HAVE_SYMLINKAT",
    "HAVE_UNLINKAT",
    "HAVE_UTIMENSAT",
    "HAVE_LSTAT",
    "HAVE_FEXECVE",
    "HAVE_MEMFD_CREATE",
];

fn setup(vm: &Vm, dict: cinder_vm::Gc<cinder_vm::types::dict::PyDict>) -> PyResult<()> {
    vm.set_item_text(dict, "environ", environment(vm)?)?;
    vm.set_item_text(dict, "error", vm.exceptions.OSError.as_value())?;
    let functions = vm.new_list(&[])?;
    for name in HAVE {
        vm.list_append(functions, vm.intern(name))?;
    }
    vm.set_item_text(dict, "_have_functions", functions)?;
    let groups = [process::FUNCTIONS, descriptors::FUNCTIONS, ids::FUNCTIONS, paths::FUNCTIONS, system::FUNCTIONS];
    for group in groups {
        crate::args::add_functions(vm, dict, "posix", group)?;
    }
    crate::args::add_constants(vm, dict, constants::CONSTANTS)?;
    crate::args::add_constants(vm, dict, constants::MORE)?;
    let classes: [(&str, &'static TypeDef); 7] = [
        ("statvfs_result", &paths::STATVFS_RESULT),
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
    system::add_names(vm, dict)?;
    let pure = vm.import("_posix_pure")?;
    for name in ["scandir", "DirEntry"] {
        vm.set_item_text(dict, name, vm.getattr_text(pure, name)?)?;
    }
    Ok(())
}
