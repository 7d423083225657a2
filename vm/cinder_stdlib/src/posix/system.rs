//! Configuration of the system, device numbers, random bytes, and programs started with `posix_spawn`.

use std::ffi::CString;

use cinder_vm::types::dict::PyDict;
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

use super::process::{environment, pointers, strings};
use crate::args::{c_int, given, os_error, os_error_number};
use crate::os_path::{decode, path_bytes};

/// Names of `os.sysconf`, with the underscore they have in C.
const SYSCONF: &[(&str, i64)] = crate::args::constants!(
    _SC_2_CHAR_TERM,
    _SC_2_C_BIND,
    _SC_2_C_DEV,
    _SC_2_C_VERSION,
    _SC_2_FORT_DEV,
    _SC_2_FORT_RUN,
    _SC_2_LOCALEDEF,
    _SC_2_SW_DEV,
    _SC_2_UPE,
    _SC_2_VERSION,
    _SC_AIO_LISTIO_MAX,
    _SC_AIO_MAX,
    _SC_AIO_PRIO_DELTA_MAX,
    _SC_ARG_MAX,
    _SC_ASYNCHRONOUS_IO,
    _SC_ATEXIT_MAX,
    _SC_AVPHYS_PAGES,
    _SC_BC_BASE_MAX,
    _SC_BC_DIM_MAX,
    _SC_BC_SCALE_MAX,
    _SC_BC_STRING_MAX,
    _SC_CHARCLASS_NAME_MAX,
    _SC_CHAR_BIT,
    _SC_CHAR_MAX,
    _SC_CHAR_MIN,
    _SC_CHILD_MAX,
    _SC_CLK_TCK,
    _SC_COLL_WEIGHTS_MAX,
    _SC_DELAYTIMER_MAX,
    _SC_EQUIV_CLASS_MAX,
    _SC_EXPR_NEST_MAX,
    _SC_FSYNC,
    _SC_GETGR_R_SIZE_MAX,
    _SC_GETPW_R_SIZE_MAX,
    _SC_INT_MAX,
    _SC_INT_MIN,
    _SC_IOV_MAX,
    _SC_JOB_CONTROL,
    _SC_LINE_MAX,
    _SC_LOGIN_NAME_MAX,
    _SC_LONG_BIT,
    _SC_MAPPED_FILES,
    _SC_MB_LEN_MAX,
    _SC_MEMLOCK,
    _SC_MEMLOCK_RANGE,
    _SC_MEMORY_PROTECTION,
    _SC_MESSAGE_PASSING,
    _SC_MQ_OPEN_MAX,
    _SC_MQ_PRIO_MAX,
    _SC_NGROUPS_MAX,
    _SC_NL_ARGMAX,
    _SC_NL_LANGMAX,
    _SC_NL_MSGMAX,
    _SC_NL_NMAX,
    _SC_NL_SETMAX,
    _SC_NL_TEXTMAX,
    _SC_NPROCESSORS_CONF,
    _SC_NPROCESSORS_ONLN,
    _SC_NZERO,
    _SC_OPEN_MAX,
    _SC_PAGESIZE,
    _SC_PAGE_SIZE,
    _SC_PASS_MAX,
    _SC_PHYS_PAGES,
    _SC_PII,
    _SC_PII_INTERNET,
    _SC_PII_INTERNET_DGRAM,
    _SC_PII_INTERNET_STREAM,
    _SC_PII_OSI,
    _SC_PII_OSI_CLTS,
    _SC_PII_OSI_COTS,
    _SC_PII_OSI_M,
    _SC_PII_SOCKET,
    _SC_PII_XTI,
    _SC_POLL,
    _SC_PRIORITIZED_IO,
    _SC_PRIORITY_SCHEDULING,
    _SC_REALTIME_SIGNALS,
    _SC_RE_DUP_MAX,
    _SC_RTSIG_MAX,
    _SC_SAVED_IDS,
    _SC_SCHAR_MAX,
    _SC_SCHAR_MIN,
    _SC_SELECT,
    _SC_SEMAPHORES,
    _SC_SEM_NSEMS_MAX,
    _SC_SEM_VALUE_MAX,
    _SC_SHARED_MEMORY_OBJECTS,
    _SC_SHRT_MAX,
    _SC_SHRT_MIN,
    _SC_SIGQUEUE_MAX,
    _SC_SSIZE_MAX,
    _SC_STREAM_MAX,
    _SC_SYNCHRONIZED_IO,
    _SC_THREADS,
    _SC_THREAD_ATTR_STACKADDR,
    _SC_THREAD_ATTR_STACKSIZE,
    _SC_THREAD_DESTRUCTOR_ITERATIONS,
    _SC_THREAD_KEYS_MAX,
    _SC_THREAD_PRIORITY_SCHEDULING,
    _SC_THREAD_PRIO_INHERIT,
    _SC_THREAD_PRIO_PROTECT,
    _SC_THREAD_PROCESS_SHARED,
    _SC_THREAD_SAFE_FUNCTIONS,
    _SC_THREAD_STACK_MIN,
    _SC_THREAD_THREADS_MAX,
    _SC_TIMERS,
    _SC_TIMER_MAX,
    _SC_TTY_NAME_MAX,
    _SC_TZNAME_MAX,
    _SC_T_IOV_MAX,
    _SC_UCHAR_MAX,
    _SC_UINT_MAX,
    _SC_UIO_MAXIOV,
    _SC_ULONG_MAX,
    _SC_USHRT_MAX,
    _SC_VERSION,
    _SC_WORD_BIT,
    _SC_XBS5_ILP32_OFF32,
    _SC_XBS5_ILP32_OFFBIG,
    _SC_XBS5_LP64_OFF64,
    _SC_XBS5_LPBIG_OFFBIG,
    _SC_XOPEN_CRYPT,
    _SC_XOPEN_ENH_I18N,
    _SC_XOPEN_LEGACY,
    _SC_XOPEN_REALTIME,
    _SC_XOPEN_REALTIME_THREADS,
    _SC_XOPEN_SHM,
    _SC_XOPEN_UNIX,
    _SC_XOPEN_VERSION,
    _SC_XOPEN_XCU_VERSION,
    _SC_XOPEN_XPG2,
    _SC_XOPEN_XPG3,
    _SC_XOPEN_XPG4,
);

/// Names of `os.pathconf`.
pub(super) const PATHCONF: &[(&str, i64)] = crate::args::constants!(
    _PC_ALLOC_SIZE_MIN,
    _PC_ASYNC_IO,
    _PC_CHOWN_RESTRICTED,
    _PC_FILESIZEBITS,
    _PC_LINK_MAX,
    _PC_MAX_CANON,
    _PC_MAX_INPUT,
    _PC_NAME_MAX,
    _PC_NO_TRUNC,
    _PC_PATH_MAX,
    _PC_PIPE_BUF,
    _PC_PRIO_IO,
    _PC_REC_INCR_XFER_SIZE,
    _PC_REC_MAX_XFER_SIZE,
    _PC_REC_MIN_XFER_SIZE,
    _PC_REC_XFER_ALIGN,
    _PC_SOCK_MAXBUF,
    _PC_SYMLINK_MAX,
    _PC_SYNC_IO,
    _PC_VDISABLE,
);

/// Names of `os.confstr`.
const CONFSTR: &[(&str, i64)] = &[
    ("_CS_PATH", 0),
    ("_CS_GNU_LIBC_VERSION", 2),
    ("_CS_GNU_LIBPTHREAD_VERSION", 3),
    ("_CS_LFS_CFLAGS", 1000),
    ("_CS_LFS_LDFLAGS", 1001),
    ("_CS_LFS_LIBS", 1002),
    ("_CS_LFS_LINTFLAGS", 1003),
    ("_CS_LFS64_CFLAGS", 1004),
    ("_CS_LFS64_LDFLAGS", 1005),
    ("_CS_LFS64_LIBS", 1006),
    ("_CS_LFS64_LINTFLAGS", 1007),
    ("_CS_XBS5_ILP32_OFF32_CFLAGS", 1100),
    ("_CS_XBS5_ILP32_OFF32_LDFLAGS", 1101),
    ("_CS_XBS5_ILP32_OFF32_LIBS", 1102),
    ("_CS_XBS5_ILP32_OFF32_LINTFLAGS", 1103),
    ("_CS_XBS5_ILP32_OFFBIG_CFLAGS", 1104),
    ("_CS_XBS5_ILP32_OFFBIG_LDFLAGS", 1105),
    ("_CS_XBS5_ILP32_OFFBIG_LIBS", 1106),
    ("_CS_XBS5_ILP32_OFFBIG_LINTFLAGS", 1107),
    ("_CS_XBS5_LP64_OFF64_CFLAGS", 1108),
    ("_CS_XBS5_LP64_OFF64_LDFLAGS", 1109),
    ("_CS_XBS5_LP64_OFF64_LIBS", 1110),
    ("_CS_XBS5_LP64_OFF64_LINTFLAGS", 1111),
    ("_CS_XBS5_LPBIG_OFFBIG_CFLAGS", 1112),
    ("_CS_XBS5_LPBIG_OFFBIG_LDFLAGS", 1113),
    ("_CS_XBS5_LPBIG_OFFBIG_LIBS", 1114),
    ("_CS_XBS5_LPBIG_OFFBIG_LINTFLAGS", 1115),
];

/// The number that a name or an int stands for. Errors: ValueError for unknown names.
pub(super) fn configured(vm: &Vm, name: Value, table: &[(&str, i64)]) -> PyResult<i32> {
    if vm.is_int(name) {
        return c_int(vm, name);
    }
    if !vm.is_str(name) {
        return Err(vm.type_error("configuration names must be strings or integers"));
    }
    let text = vm.str_text(name);
    match table.iter().find(|(known, _)| known[1..] == *text) {
        Some((_, number)) => Ok(*number as i32),
        None => Err(vm.value_error("unrecognized configuration name")),
    }
}

/// Adds the dictionaries of names.
pub(super) fn add_names(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    for (name, table) in [("sysconf_names", SYSCONF), ("pathconf_names", PATHCONF), ("confstr_names", CONFSTR)] {
        let names = vm.new_pydict()?;
        for (known, number) in table {
            vm.set_item_text(names, &known[1..], vm.new_int(*number)?)?;
        }
        vm.set_item_text(dict, name, names.as_value())?;
    }
    Ok(())
}

fn sysconf(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = configured(vm, args.at(0), SYSCONF)?;
    // SAFETY: the error number is cleared because -1 alone means that there is no limit.
    let (value, error) = unsafe {
        *libc::__errno_location() = 0;
        let value = libc::sysconf(name);
        (value, *libc::__errno_location())
    };
    if value == -1 && error != 0 { Err(os_error_number(vm, error, None)) } else { vm.new_int(value) }
}

fn confstr(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = configured(vm, args.at(0), CONFSTR)?;
    let mut room = vec![0u8; 1024];
    // SAFETY: pointer and length of a live buffer; the first call tells the length needed.
    let len = unsafe {
        *libc::__errno_location() = 0;
        let len = libc::confstr(name, room.as_mut_ptr().cast(), room.len());
        if len == 0 {
            let error = *libc::__errno_location();
            return if error != 0 { Err(os_error_number(vm, error, None)) } else { Ok(Value::NONE) };
        }
        if len > room.len() {
            room = vec![0; len];
            libc::confstr(name, room.as_mut_ptr().cast(), room.len());
        }
        len
    };
    decode(vm, &room[..len - 1])
}

fn getrandom(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Ok(size) = usize::try_from(vm.index_i64(args.at(0))?) else {
        return Err(os_error_number(vm, libc::EINVAL, None));
    };
    let flags = args.opt(1).map_or(Ok(0), |flags| c_int(vm, flags))?.cast_unsigned();
    vm.check_native_bytes(size)?;
    let mut room = vec![0u8; size];
    let at = room.as_mut_ptr();
    // SAFETY: pointer and length of a live buffer.
    let got = crate::blocking::call_or_raise(vm, || unsafe { libc::getrandom(at.cast(), size, flags) })?;
    vm.new_bytes(&room[..got])
}

fn device(vm: &Vm, value: Value) -> PyResult<u64> {
    let number = vm.index(value)?;
    match vm.int_to_i64(number) {
        Some(number) => Ok(number.cast_unsigned()),
        None => Err(vm.overflow_error("device number out of range")),
    }
}

// ---- posix_spawn ----

/// The file actions of a call; they are destroyed with it.
struct Actions(libc::posix_spawn_file_actions_t);

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: initialised when made.
        unsafe { libc::posix_spawn_file_actions_destroy(&raw mut self.0) };
    }
}

struct Attributes(libc::posix_spawnattr_t);

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: initialised when made.
        unsafe { libc::posix_spawnattr_destroy(&raw mut self.0) };
    }
}

unsafe extern "C" {
    /// Source: glibc 2.34.
    fn posix_spawn_file_actions_addclosefrom_np(
        actions: *mut libc::posix_spawn_file_actions_t,
        from: libc::c_int,
    ) -> libc::c_int;
}

/// Reads `file_actions`; the paths stay alive in `kept`.
fn file_actions(vm: &Vm, list: Value, kept: &mut Vec<CString>) -> PyResult<Actions> {
    // SAFETY: a zeroed struct, initialised by the call.
    let mut made = unsafe {
        let mut made: libc::posix_spawn_file_actions_t = std::mem::zeroed();
        libc::posix_spawn_file_actions_init(&raw mut made);
        Actions(made)
    };
    let at = &raw mut made.0;
    vm.for_each(list, |action| {
        if vm.as_tuple(action).is_none() || vm.tuple_items(action).is_empty() {
            return Err(vm.type_error("Each file_actions element must be a non-empty tuple"));
        }
        let items = vm.tuple_items(action);
        // SAFETY: the list of actions is initialised; it copies the path.
        let code = unsafe {
            match (c_int(vm, items[0])?, &items[1..]) {
                (0, [fd, path, flags, mode]) => {
                    kept.push(path_bytes(vm, *path)?);
                    let path = kept.last().expect("just pushed").as_ptr();
                    let (flags, mode) = (c_int(vm, *flags)?, c_int(vm, *mode)?.cast_unsigned());
                    libc::posix_spawn_file_actions_addopen(at, c_int(vm, *fd)?, path, flags, mode)
                }
                (1, [fd]) => libc::posix_spawn_file_actions_addclose(at, c_int(vm, *fd)?),
                (2, [from, to]) => libc::posix_spawn_file_actions_adddup2(at, c_int(vm, *from)?, c_int(vm, *to)?),
                (3, [fd]) => posix_spawn_file_actions_addclosefrom_np(at, c_int(vm, *fd)?),
                (0..=3, _) => return Err(vm.type_error("A file_actions element has the wrong number of items")),
                _ => return Err(vm.type_error("Unknown file_actions identifier")),
            }
        };
        if code == 0 { Ok(()) } else { Err(os_error_number(vm, code, None)) }
    })?;
    Ok(made)
}

fn signal_set(vm: &Vm, numbers: Value) -> PyResult<libc::sigset_t> {
    // SAFETY: a zeroed set is made empty by the call.
    let mut set = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        set
    };
    vm.for_each(numbers, |number| {
        let number = c_int(vm, number)?;
        // SAFETY: the set is initialised.
        if unsafe { libc::sigaddset(&raw mut set, number) } < 0 {
            return Err(vm.value_error(format!("signal number {number} out of range [1; 64]")));
        }
        Ok(())
    })?;
    Ok(set)
}

/// Parameters from 4 on: setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler.
fn spawn_attributes(vm: &Vm, args: &[Arg]) -> PyResult<Attributes> {
    // SAFETY: a zeroed struct, initialised by the call.
    let mut made = unsafe {
        let mut made: libc::posix_spawnattr_t = std::mem::zeroed();
        libc::posix_spawnattr_init(&raw mut made);
        Attributes(made)
    };
    let at = &raw mut made.0;
    let mut flags = 0;
    // SAFETY (all blocks): the attributes are initialised; the other arguments are locals.
    if let Some(group) = given(args.opt(4)) {
        let group = c_int(vm, group)?;
        // SAFETY: see above.
        unsafe { libc::posix_spawnattr_setpgroup(at, group) };
        flags |= libc::POSIX_SPAWN_SETPGROUP;
    }
    if args.opt(5).map_or(Ok(false), |flag| vm.truthy(flag))? {
        flags |= libc::POSIX_SPAWN_RESETIDS;
    }
    if args.opt(6).map_or(Ok(false), |flag| vm.truthy(flag))? {
        const POSIX_SPAWN_SETSID: i32 = 0x80;
        flags |= POSIX_SPAWN_SETSID;
    }
    if let Some(mask) = given(args.opt(7)) {
        let set = signal_set(vm, mask)?;
        // SAFETY: see above.
        unsafe { libc::posix_spawnattr_setsigmask(at, &raw const set) };
        flags |= libc::POSIX_SPAWN_SETSIGMASK;
    }
    if let Some(defaults) = given(args.opt(8)) {
        let set = signal_set(vm, defaults)?;
        // SAFETY: see above.
        unsafe { libc::posix_spawnattr_setsigdefault(at, &raw const set) };
        flags |= libc::POSIX_SPAWN_SETSIGDEF;
    }
    if given(args.opt(9)).is_some() {
        return Err(vm.not_implemented_error("posix_spawn: the scheduler argument is not supported"));
    }
    // SAFETY: see above.
    unsafe { libc::posix_spawnattr_setflags(at, flags as libc::c_short) };
    Ok(made)
}

fn posix_spawn(vm: &Vm, args: &[Arg], searches: bool) -> PyResult<Value> {
    let path = path_bytes(vm, args.at(0))?;
    let name = if searches { "posix_spawnp" } else { "posix_spawn" };
    if vm.as_tuple(args.at(1)).is_none() && !vm.is_instance(args.at(1), vm.types.list) {
        return Err(vm.type_error(format!("{name}: argv must be a tuple or list")));
    }
    let argv = strings(vm, args.at(1))?;
    if argv.first().is_none_or(|first| first.as_bytes().is_empty()) {
        let complaint = if argv.is_empty() { "argv must not be empty" } else { "argv first element cannot be empty" };
        return Err(vm.value_error(format!("{name}: {complaint}")));
    }
    let env = given(args.opt(2)).map(|env| environment(vm, env)).transpose()?;
    let mut kept = Vec::new();
    let actions = given(args.opt(3)).map(|list| file_actions(vm, list, &mut kept)).transpose()?;
    let attributes = spawn_attributes(vm, args)?;
    crate::io::flush_files(vm);
    unsafe extern "C" {
        static environ: *const *mut libc::c_char;
    }
    let argv_list = pointers(&argv);
    let env_list = env.as_deref().map(pointers);
    let mut pid = 0;
    // SAFETY: terminated strings in terminated lists; actions and attributes are initialised.
    let code = unsafe {
        let actions = actions.as_ref().map_or(std::ptr::null(), |actions| &raw const actions.0);
        let envp = env_list.as_ref().map_or(environ, |list| list.as_ptr().cast());
        let spawn = if searches { libc::posix_spawnp } else { libc::posix_spawn };
        spawn(&raw mut pid, path.as_ptr(), actions, &raw const attributes.0, argv_list.as_ptr().cast(), envp)
    };
    if code != 0 { Err(os_error_number(vm, code, args.opt(0))) } else { vm.new_int(pid.into()) }
}

const SPAWN_SIGNATURE: &str = "path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None";

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("sysconf", "name, /", sysconf),
    NativeDef::function("confstr", "name, /", confstr),
    NativeDef::function("getrandom", "size, flags=0", getrandom),
    NativeDef::function("posix_spawn", SPAWN_SIGNATURE, |vm, args| posix_spawn(vm, args, false)),
    NativeDef::function("posix_spawnp", SPAWN_SIGNATURE, |vm, args| posix_spawn(vm, args, true)),
    NativeDef::function("major", "device, /", |vm, args| vm.new_uint(libc::major(device(vm, args.at(0))?) as usize)),
    NativeDef::function("minor", "device, /", |vm, args| vm.new_uint(libc::minor(device(vm, args.at(0))?) as usize)),
    NativeDef::function("makedev", "major, minor, /", |vm, args| {
        let (major, minor) = (vm.index_i64(args.at(0))?, vm.index_i64(args.at(1))?);
        match (u32::try_from(major), u32::try_from(minor)) {
            (Ok(major), Ok(minor)) => vm.new_uint(libc::makedev(major, minor) as usize),
            _ => Err(vm.overflow_error("Python int too large to convert to C unsigned int")),
        }
    }),
    NativeDef::function("ctermid", "", |vm, _| Ok(vm.intern("/dev/tty"))),
    NativeDef::function("unshare", "flags", |vm, args| {
        let flags = c_int(vm, args.at(0))?;
        // SAFETY: numbers only.
        if unsafe { libc::unshare(flags) } < 0 {
            return Err(os_error(vm, &std::io::Error::last_os_error(), None));
        }
        Ok(Value::NONE)
    }),
    NativeDef::function("_is_inputhook_installed", "", |_, _| Ok(Value::FALSE)),
];
