//! `_multiprocessing` and `_posixshmem`: semaphores and memory that processes share by name.
//!
//! Source: Modules/_multiprocessing/semaphore.c, Modules/_multiprocessing/posixshmem.c.

use std::cell::Cell;
use std::ffi::CString;
use std::io::Error;
use std::time::Duration;

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::{self, os_error};
use crate::blocking::Deadline;
use crate::payload::construct;
use crate::thread::semaphore::clock_after;

const RECURSIVE_MUTEX: i64 = 0;
const SEMAPHORE: i64 = 1;
/// Largest value that the system's semaphores hold.
const VALUE_MAX: i64 = i32::MAX as i64;

pub(crate) static MULTIPROCESSING: ModuleDef = ModuleDef {
    functions: &[NativeDef::function("sem_unlink", "name, /", |vm, args| {
        let name = c_name(vm, args.at(0))?;
        // SAFETY: a text with an end.
        args::check_none(vm, unsafe { libc::sem_unlink(name.as_ptr()) })
    })],
    setup: Some(|vm, dict| {
        vm.add_class(dict, &CLASS)?;
        let flags = vm.new_pydict()?;
        for name in ["HAVE_SEM_OPEN", "HAVE_SEM_TIMEDWAIT", "HAVE_FD_TRANSFER"] {
            vm.set_item_text(flags, name, Value::ONE)?;
        }
        vm.set_item_text(dict, "flags", flags.as_value())
    }),
    ..ModuleDef::new("_multiprocessing")
};

pub(crate) static POSIX_SHARED_MEMORY: ModuleDef = ModuleDef {
    doc: "POSIX shared memory module",
    functions: &[
        NativeDef::function("shm_open", "path, flags, mode=511", |vm, args| {
            let name = c_name(vm, args.at(0))?;
            let flags = args::c_int(vm, args.at(1))?;
            let mode = args.opt(2).map_or(Ok(0o777), |mode| args::c_int(vm, mode))?;
            let opened = crate::blocking::call(vm, || {
                // SAFETY: a text with an end.
                unsafe { libc::shm_open(name.as_ptr(), flags, mode as libc::mode_t) as isize }
            })?;
            match opened {
                Ok(descriptor) => vm.new_uint(descriptor),
                Err(error) => Err(os_error(vm, &error, Some(args.at(0)))),
            }
        }),
        NativeDef::function("shm_unlink", "path", |vm, args| {
            let name = c_name(vm, args.at(0))?;
            // SAFETY: a text with an end.
            if unsafe { libc::shm_unlink(name.as_ptr()) } < 0 {
                return Err(os_error(vm, &Error::last_os_error(), Some(args.at(0))));
            }
            Ok(Value::NONE)
        }),
    ],
    ..ModuleDef::new("_posixshmem")
};

fn c_name(vm: &Vm, value: Value) -> PyResult<CString> {
    let name = args::text(vm, value, "name")?;
    CString::new(name).map_err(|_| vm.value_error("embedded null character"))
}

#[repr(C)]
struct PySemLock {
    header: Header,
    semaphore: *mut libc::sem_t,
    kind: i64,
    max_value: i64,
    /// A str, or None for a semaphore without a name.
    name: Slot<Option<Value>>,
    /// How often this process holds it, and the thread that took it last.
    count: Cell<i64>,
    owner: Cell<u64>,
}

impl Trace for PySemLock {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.name.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySemLock {}

cinder_vm::layout!(PySemLock, "_multiprocessing.SemLock");

impl Drop for PySemLock {
    fn drop(&mut self) {
        // SAFETY: opened when the object was made, and closed here only.
        unsafe { libc::sem_close(self.semaphore) };
    }
}

static CLASS: TypeDef = TypeDef {
    doc: "Semaphore/Mutex type",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| construct(vm, &NEW, class.as_value(), args, names)),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("acquire", "self, /, block=True, timeout=None", acquire).doc("Acquire the semaphore/lock."),
        NativeDef::method("release", "self, /", release).doc("Release the semaphore/lock."),
        NativeDef::method("__enter__", "self, /", |vm, args| acquire(vm, &[args.opt(0), None, None])),
        NativeDef::method("__exit__", "self, exc_type=None, exc_value=None, exc_tb=None, /", release),
        NativeDef::method("_count", "self, /", |vm, args| vm.new_int(own(vm, args.at(0)).count.get())),
        NativeDef::method("_is_mine", "self, /", |vm, args| Ok(Value::from_bool(own(vm, args.at(0)).is_mine()))),
        NativeDef::method("_get_value", "self, /", |vm, args| vm.new_int(value(vm, own(vm, args.at(0)))?)),
        NativeDef::method("_is_zero", "self, /", |vm, args| Ok(Value::from_bool(value(vm, own(vm, args.at(0)))? == 0))),
        NativeDef::method("_after_fork", "self, /", |vm, args| {
            own(vm, args.at(0)).count.set(0);
            Ok(Value::NONE)
        }),
        NativeDef::class_method("_rebuild", "cls, handle, kind, maxvalue, name, /", rebuild),
    ],
    getset: &[
        GetSetDef::member("handle", |vm, value| vm.new_uint(own(vm, value).semaphore.expose_provenance())),
        GetSetDef::member("kind", |vm, value| vm.new_int(own(vm, value).kind)),
        GetSetDef::member("maxvalue", |vm, value| vm.new_int(own(vm, value).max_value)),
        GetSetDef::member("name", |vm, value| Ok(own(vm, value).name.get().unwrap_or(Value::NONE))),
    ],
    setup: Some(|vm, class| {
        let limit = vm.new_int(VALUE_MAX)?;
        vm.set_item_text(class.dict.get(), "SEM_VALUE_MAX", limit)
    }),
    ..TypeDef::new("_multiprocessing.SemLock", <PySemLock as Payload>::LAYOUT)
};

static NEW: NativeDef = NativeDef::function("SemLock", "cls, /, kind, value, maxvalue, name, unlink", |vm, args| {
    let class = vm.downcast::<PyType>(args.at(0)).expect("the new slot hands over the class");
    let kind = vm.index_i64(args.at(1))?;
    let initial = vm.index_i64(args.at(2))?;
    let max_value = vm.index_i64(args.at(3))?;
    let name = c_name(vm, args.at(4))?;
    if kind != RECURSIVE_MUTEX && kind != SEMAPHORE {
        return Err(vm.value_error("unrecognized kind"));
    }
    let Ok(initial) = u32::try_from(initial) else {
        return Err(os_error(vm, &Error::from_raw_os_error(libc::EINVAL), None));
    };
    // SAFETY: a text with an end, and the two further arguments that O_CREAT wants.
    let semaphore = unsafe { libc::sem_open(name.as_ptr(), libc::O_CREAT | libc::O_EXCL, 0o600, initial) };
    if semaphore == libc::SEM_FAILED {
        return Err(os_error(vm, &Error::last_os_error(), None));
    }
    let unlink = vm.truthy(args.at(5))?;
    if unlink {
        // SAFETY: as above.
        unsafe { libc::sem_unlink(name.as_ptr()) };
    }
    make(vm, class, semaphore, kind, max_value, Some(args.at(4)).filter(|_| !unlink))
});

fn make(
    vm: &Vm,
    class: Gc<PyType>,
    semaphore: *mut libc::sem_t,
    kind: i64,
    max_value: i64,
    name: Option<Value>,
) -> PyResult<Value> {
    let made = vm.alloc_instance(class, 0, |header| PySemLock {
        header,
        semaphore,
        kind,
        max_value,
        name: Slot::new(None),
        count: Cell::new(0),
        owner: Cell::new(0),
    })?;
    made.name.set(&vm.heap, made, name);
    Ok(made.as_value())
}

/// `SemLock._rebuild(handle, kind, maxvalue, name)`: the semaphore of that name, in another process.
fn rebuild(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.downcast::<PyType>(args.at(0)).expect("a class method gets the class");
    let (kind, max_value) = (vm.index_i64(args.at(2))?, vm.index_i64(args.at(3))?);
    if args.at(4).is_none() {
        return Err(vm.value_error("a semaphore without a name can only be inherited by a fork"));
    }
    let name = c_name(vm, args.at(4))?;
    // SAFETY: a text with an end.
    let semaphore = unsafe { libc::sem_open(name.as_ptr(), 0) };
    if semaphore == libc::SEM_FAILED {
        return Err(os_error(vm, &Error::last_os_error(), None));
    }
    make(vm, class, semaphore, kind, max_value, Some(args.at(4)))
}

fn own(vm: &Vm, value: Value) -> Gc<PySemLock> {
    vm.downcast::<PySemLock>(value).expect("method of this class")
}

impl PySemLock {
    fn is_mine(&self) -> bool {
        self.count.get() > 0 && self.owner.get() == crate::thread::ident()
    }
}

/// What the semaphore counts now.
fn value(vm: &Vm, lock: Gc<PySemLock>) -> PyResult<i64> {
    let mut value = 0;
    // SAFETY: an open semaphore.
    args::check(vm, unsafe { libc::sem_getvalue(lock.semaphore, &raw mut value) })?;
    Ok(i64::from(value).max(0))
}

fn acquire(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let lock = own(vm, args.at(0));
    let blocks = args::flag(vm, args.opt(1), true)?;
    if lock.kind == RECURSIVE_MUTEX && lock.is_mine() {
        lock.count.set(lock.count.get() + 1);
        return Ok(Value::TRUE);
    }
    let timeout = match args::given(args.opt(2)) {
        _ if !blocks => Some(Duration::ZERO),
        None => None,
        Some(seconds) => Some(crate::blocking::duration(vm, vm.float_argument(seconds)?)?),
    };
    if !take(vm, lock, timeout)? {
        return Ok(Value::FALSE);
    }
    lock.count.set(lock.count.get() + 1);
    lock.owner.set(crate::thread::ident());
    Ok(Value::TRUE)
}

/// Takes one; whether it got one in time.
fn take(vm: &Vm, lock: Gc<PySemLock>, timeout: Option<Duration>) -> PyResult<bool> {
    let semaphore = lock.semaphore;
    // SAFETY: an open semaphore.
    if unsafe { libc::sem_trywait(semaphore) } == 0 {
        return Ok(true);
    }
    if timeout.is_some_and(|timeout| timeout.is_zero()) {
        return Ok(false);
    }
    let deadline = Deadline::after(timeout);
    let taken = crate::blocking::call(vm, || match deadline.left() {
        // SAFETY: an open semaphore; the object is alive, since the caller's stack refers to it.
        None => unsafe { libc::sem_wait(semaphore) as isize },
        Some(left) => {
            let end = clock_after(left);
            // SAFETY: as above; the time is complete.
            unsafe { libc::sem_timedwait(semaphore, &raw const end) as isize }
        }
    })?;
    match taken {
        Ok(_) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::ETIMEDOUT) => Ok(false),
        Err(error) => Err(os_error(vm, &error, None)),
    }
}

fn release(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let lock = own(vm, args.at(0));
    if lock.kind == RECURSIVE_MUTEX {
        if !lock.is_mine() {
            let text = "attempt to release recursive lock not owned by thread";
            return Err(vm.raise_text(vm.exceptions.AssertionError, text));
        }
        if lock.count.get() > 1 {
            lock.count.set(lock.count.get() - 1);
            return Ok(Value::NONE);
        }
    } else if value(vm, lock)? >= lock.max_value {
        return Err(vm.value_error("semaphore or lock released too many times"));
    }
    // SAFETY: an open semaphore.
    args::check(vm, unsafe { libc::sem_post(lock.semaphore) })?;
    lock.count.set(lock.count.get() - 1);
    Ok(Value::NONE)
}
