//! `FileIO`: a file descriptor.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use super::base::{self, FLAGS, PyIo, store_into, writable_bytes};
use super::unsupported;
use crate::args::{given, os_error, text};

/// Payload of a raw file.
#[repr(C)]
pub(super) struct PyFile {
    pub(super) base: PyIo,
    pub(super) fd: Cell<i32>,
    pub(super) readable: Cell<bool>,
    pub(super) writable: Cell<bool>,
    created: Cell<bool>,
    appending: Cell<bool>,
    closefd: Cell<bool>,
    name: Slot<Value>,
}

impl Trace for PyFile {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.name.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyFile {}

cinder_vm::layout!(PyFile, "_io.FileIO", base PyIo);

fn alloc(vm: &Vm, class: Gc<cinder_vm::types::type_::PyType>) -> PyResult<Gc<PyFile>> {
    vm.alloc_instance(class, 0, |header| PyFile {
        base: PyIo::new(header),
        fd: Cell::new(-1),
        readable: Cell::new(false),
        writable: Cell::new(false),
        created: Cell::new(false),
        appending: Cell::new(false),
        closefd: Cell::new(true),
        name: Slot::new(Value::NONE),
    })
}

impl PyFile {
    /// Whether closing the file closes its descriptor.
    pub(super) fn closes_descriptor(&self) -> bool {
        self.closefd.get()
    }
}

pub(super) fn is_open(fd: i32) -> bool {
    // SAFETY: asks about a descriptor; no memory is involved.
    unsafe { libc::fcntl(fd, libc::F_GETFD) >= 0 }
}

/// Standard descriptors that the process was started without. The Rust runtime opens the null device in their place before `main`.
static WITHOUT: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];

extern "C" fn note_closed() {
    for (fd, without) in (0..).zip(&WITHOUT) {
        without.store(!is_open(fd), Ordering::Relaxed);
    }
}

// SAFETY: the section holds functions that the C library calls before `main`; this one needs nothing that is made later.
#[cfg(target_os = "linux")]
#[used]
#[unsafe(link_section = ".init_array")]
static NOTE_CLOSED: extern "C" fn() = note_closed;

/// Closes a standard descriptor again that the process was started without.
pub(super) fn close_if_missing(fd: i32) {
    if usize::try_from(fd).is_ok_and(|fd| WITHOUT[fd].swap(false, Ordering::Relaxed)) {
        // SAFETY: the null device, which nobody uses yet.
        unsafe { libc::close(fd) };
    }
}

fn file(vm: &Vm, value: Value) -> Gc<PyFile> {
    vm.downcast::<PyFile>(value).expect("method of this class")
}

/// The file, when it is open. Errors: ValueError.
fn open_file(vm: &Vm, value: Value) -> PyResult<Gc<PyFile>> {
    let file = file(vm, value);
    if file.fd.get() < 0 { Err(vm.value_error("I/O operation on closed file")) } else { Ok(file) }
}

/// Opens by name or descriptor.
pub(super) fn open(vm: &Vm, name: Value, mode: &str, closefd: bool, opener: Option<Value>) -> PyResult<Value> {
    let made = alloc(vm, base::class(vm, &FILE_IO)?)?;
    init_file(vm, made, name, mode, closefd, opener)?;
    Ok(made.as_value())
}

/// A stream over an open descriptor, for the standard streams.
pub(super) fn from_descriptor(vm: &Vm, fd: i32, name: &str, mode: &str) -> PyResult<Value> {
    let made = alloc(vm, base::class(vm, &FILE_IO)?)?;
    made.fd.set(fd);
    made.closefd.set(false);
    set_mode(made, mode);
    let name = vm.intern(name);
    made.name.set(&vm.heap, made, name);
    Ok(made.as_value())
}

fn set_mode(file: Gc<PyFile>, mode: &str) {
    let has = |letter| mode.contains(letter);
    file.readable.set(has('r') || has('+'));
    file.writable.set(has('w') || has('a') || has('x') || has('+'));
    file.created.set(has('x'));
    file.appending.set(has('a'));
}

fn init_file(vm: &Vm, made: Gc<PyFile>, name: Value, mode: &str, closefd: bool, opener: Option<Value>) -> PyResult<()> {
    made.name.set(&vm.heap, made, name);
    made.closefd.set(closefd);
    set_mode(made, mode);
    let mut flags = match (made.readable.get(), made.writable.get()) {
        (true, true) => libc::O_RDWR,
        (false, true) => libc::O_WRONLY,
        _ => libc::O_RDONLY,
    };
    if mode.contains('x') {
        flags |= libc::O_EXCL | libc::O_CREAT;
    } else if mode.contains('w') {
        flags |= libc::O_CREAT | libc::O_TRUNC;
    } else if mode.contains('a') {
        flags |= libc::O_CREAT | libc::O_APPEND;
    }
    flags |= libc::O_CLOEXEC;
    if vm.is_int(name) {
        let fd = crate::args::c_int(vm, name)?;
        if fd < 0 {
            return Err(vm.value_error("negative file descriptor"));
        }
        made.fd.set(fd);
        if !is_open(fd) {
            made.fd.set(-1);
            return Err(crate::args::os_error_number(vm, libc::EBADF, None));
        }
        return Ok(());
    }
    if !closefd {
        return Err(vm.value_error("Cannot use closefd=False with file name"));
    }
    let path = crate::os_path::path_bytes(vm, name)?;
    let fd = match opener {
        Some(opener) => {
            let fd = vm.call(opener, &[name, vm.new_int(flags.into())?])?;
            let fd = crate::args::c_int(vm, fd)?;
            if fd < 0 {
                return Err(vm.value_error(format!("opener returned {fd}")));
            }
            if !is_open(fd) {
                return Err(crate::args::os_error_number(vm, libc::EBADF, Some(name)));
            }
            fd
        }
        None => {
            super::writers::flush_files(vm);
            open_path(vm, &path, flags)?
        }
    };
    if fd < 0 {
        return Err(os_error(vm, &std::io::Error::last_os_error(), Some(name)));
    }
    made.fd.set(fd);
    // SAFETY: a zeroed `stat` is valid, and the call fills it.
    let is_folder = unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        libc::fstat(fd, &raw mut found) == 0 && found.st_mode & libc::S_IFMT == libc::S_IFDIR
    };
    if is_folder {
        close_descriptor(vm, made)?;
        return Err(crate::args::os_error_number(vm, libc::EISDIR, Some(name)));
    }
    if made.appending.get() {
        // `tell` says where the next byte goes. Pipes refuse.
        // SAFETY: no memory is involved.
        unsafe { libc::lseek(fd, 0, libc::SEEK_END) };
    }
    Ok(())
}

/// Opens, which may wait; after a collection once more when there are no descriptors.
fn open_path(vm: &Vm, path: &std::ffi::CStr, flags: i32) -> PyResult<i32> {
    let mut may_retry = true;
    loop {
        // SAFETY: the path is a NUL-terminated text.
        match crate::blocking::call(vm, || unsafe { libc::open(path.as_ptr(), flags, 0o666) as isize })? {
            Ok(fd) => return Ok(fd as i32),
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => {
                if let Some(fd) = crate::library_files::open(path, flags) {
                    return Ok(fd);
                }
                // SAFETY: as below.
                unsafe { *libc::__errno_location() = libc::ENOENT };
                return Ok(-1);
            }
            Err(error) if std::mem::take(&mut may_retry) && super::writers::made_room(vm, &error) => {}
            Err(error) => {
                // SAFETY: the calling thread's own error number, for the caller.
                unsafe { *libc::__errno_location() = error.raw_os_error().unwrap_or(0) };
                return Ok(-1);
            }
        }
    }
}

fn close_descriptor(vm: &Vm, file: Gc<PyFile>) -> PyResult<()> {
    let fd = file.fd.replace(-1);
    file.base.closed.set(true);
    if fd < 0 || !file.closefd.get() {
        return Ok(());
    }
    // SAFETY: the descriptor is this file's own.
    if unsafe { libc::close(fd) } < 0 {
        return Err(os_error(vm, &std::io::Error::last_os_error(), None));
    }
    Ok(())
}

/// Reads up to `len` bytes. `None`: nothing there yet (a non-blocking descriptor).
pub(super) fn read(vm: &Vm, file: Gc<PyFile>, len: usize) -> PyResult<Option<Vec<u8>>> {
    if file.fd.get() < 0 {
        return Err(vm.value_error("I/O operation on closed file"));
    }
    if !file.readable.get() {
        return Err(unsupported(vm, "File not open for reading"));
    }
    vm.check_native_bytes(len)?;
    let mut buffer: Vec<u8> = Vec::with_capacity(len);
    let (fd, room) = (file.fd.get(), buffer.as_mut_ptr());
    // SAFETY: room for `len` bytes was reserved.
    match crate::blocking::call(vm, || unsafe { libc::read(fd, room.cast(), len) })? {
        Ok(got) => {
            // SAFETY: the call wrote this many bytes.
            unsafe { buffer.set_len(got) };
            Ok(Some(buffer))
        }
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(os_error(vm, &error, None)),
    }
}

/// Reads to the end. `None`: nothing there yet (a non-blocking descriptor).
pub(super) fn read_all(vm: &Vm, file: Gc<PyFile>) -> PyResult<Option<Vec<u8>>> {
    // SAFETY: a zeroed `stat` is valid, and the call fills it.
    let size = unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        if libc::fstat(file.fd.get(), &raw mut found) == 0 { found.st_size } else { 0 }
    };
    let mut all = Vec::new();
    let mut step = usize::try_from(size).unwrap_or(0).saturating_add(1).max(super::BUFFER_BYTES);
    loop {
        let Some(piece) = read(vm, file, step)? else { return Ok((!all.is_empty()).then_some(all)) };
        if piece.is_empty() {
            return Ok(Some(all));
        }
        if all.is_empty() {
            all = piece;
        } else {
            all.extend_from_slice(&piece);
        }
        step = super::BUFFER_BYTES;
    }
}

/// Writes; the number of bytes taken. `None`: it would have to wait (a non-blocking descriptor).
pub(super) fn write(vm: &Vm, file: Gc<PyFile>, bytes: &[u8]) -> PyResult<Option<usize>> {
    if file.fd.get() < 0 {
        return Err(vm.value_error("I/O operation on closed file"));
    }
    if !file.writable.get() {
        return Err(unsupported(vm, "File not open for writing"));
    }
    let fd = file.fd.get();
    // Others may change the bytes while the call waits.
    let copy = vm.has_other_threads().then(|| bytes.to_vec());
    let bytes = copy.as_deref().unwrap_or(bytes);
    // SAFETY: pointer and length of a live slice.
    let put = crate::blocking::call(vm, || unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) })?;
    match put {
        Ok(count) => Ok(Some(count)),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(os_error(vm, &error, None)),
    }
}

/// The bytes, or None.
fn bytes_or_none(vm: &Vm, bytes: Option<Vec<u8>>) -> PyResult<Value> {
    bytes.map_or(Ok(Value::NONE), |bytes| vm.new_bytes(&bytes))
}

pub(super) fn seek(vm: &Vm, file: Gc<PyFile>, offset: i64, whence: i32) -> PyResult<i64> {
    if file.fd.get() < 0 {
        return Err(vm.value_error("I/O operation on closed file"));
    }
    // SAFETY: no memory is involved.
    let position = unsafe { libc::lseek(file.fd.get(), offset, whence) };
    if position < 0 { Err(os_error(vm, &std::io::Error::last_os_error(), None)) } else { Ok(position) }
}

pub(super) fn is_seekable(file: Gc<PyFile>) -> bool {
    // SAFETY: no memory is involved.
    unsafe { libc::lseek(file.fd.get(), 0, libc::SEEK_CUR) >= 0 }
}

pub(super) fn is_terminal(vm: &Vm, value: Value) -> bool {
    // SAFETY: no memory is involved.
    vm.downcast::<PyFile>(value).is_some_and(|file| unsafe { libc::isatty(file.fd.get()) == 1 })
}

fn init(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mode = match args.opt(2) {
        Some(mode) => text(vm, mode, "FileIO() argument 'mode'")?,
        None => "r".to_owned(),
    };
    let count = mode.chars().filter(|letter| "rwax".contains(*letter)).count();
    if mode.chars().any(|letter| !"rwaxb+".contains(letter)) {
        return Err(vm.value_error(format!("invalid mode: {mode}")));
    }
    if count != 1 {
        return Err(vm.value_error("Must have exactly one of create/read/write/append mode and at most one plus"));
    }
    let closefd = match args.opt(3) {
        Some(flag) => vm.truthy(flag)?,
        None => true,
    };
    init_file(vm, file(vm, args.at(0)), args.at(1), &mode, closefd, given(args.opt(4)))?;
    Ok(Value::NONE)
}

static INIT: NativeDef = NativeDef::method("FileIO", "self, file, mode='r', closefd=True, opener=None", init);

fn mode_text(file: Gc<PyFile>) -> &'static str {
    let plus = file.readable.get() && file.writable.get();
    match () {
        () if file.created.get() => {
            if plus {
                "xb+"
            } else {
                "xb"
            }
        }
        () if file.appending.get() => {
            if plus {
                "ab+"
            } else {
                "ab"
            }
        }
        () if plus => "rb+",
        () if file.readable.get() => "rb",
        () => "wb",
    }
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let file = file(vm, value);
    if file.fd.get() < 0 {
        return vm.new_str("<_io.FileIO [closed]>");
    }
    let closefd = if file.closefd.get() { "True" } else { "False" };
    let name = vm.repr_text(file.name.get())?;
    vm.new_str(&format!("<_io.FileIO name={name} mode='{}' closefd={closefd}>", mode_text(file)))
}

pub(super) static FILE_IO: TypeDef = TypeDef {
    doc: "Open a file.",
    flags: FLAGS,
    slots: Slots {
        new: Some(|vm, class, _, _| Ok(alloc(vm, class)?.as_value())),
        init: Some(|vm, value, args, names| {
            let mut all = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
            all.push(value);
            all.extend_from_slice(args);
            INIT.call(vm, &all, names).map(|_| ())
        }),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("read", "self, size=-1, /", |vm, args| {
            let file = open_file(vm, args.at(0))?;
            let size = match given(args.opt(1)) {
                Some(size) => vm.index_i64(size)?,
                None => -1,
            };
            if size < 0 {
                return bytes_or_none(vm, read_all(vm, file)?);
            }
            bytes_or_none(vm, read(vm, file, size as usize)?)
        }),
        NativeDef::method("readall", "self, /", |vm, args| {
            bytes_or_none(vm, read_all(vm, open_file(vm, args.at(0))?)?)
        }),
        NativeDef::method("readinto", "self, buffer, /", |vm, args| {
            let file = open_file(vm, args.at(0))?;
            let room = writable_bytes(vm, args.at(1))?;
            let Some(bytes) = read(vm, file, room)? else { return Ok(Value::NONE) };
            store_into(vm, args.at(1), &bytes)?;
            vm.new_uint(bytes.len())
        }),
        NativeDef::method("write", "self, b, /", |vm, args| {
            let file = open_file(vm, args.at(0))?;
            let bytes = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
            write(vm, file, &bytes)?.map_or(Ok(Value::NONE), |count| vm.new_uint(count))
        }),
        NativeDef::method("seek", "self, pos, whence=0, /", |vm, args| {
            let whence = match args.opt(2) {
                Some(whence) => crate::args::c_int(vm, whence)?,
                None => 0,
            };
            let offset = vm.index_i64(args.at(1))?;
            vm.new_int(seek(vm, open_file(vm, args.at(0))?, offset, whence)?)
        }),
        NativeDef::method("tell", "self, /", |vm, args| {
            vm.new_int(seek(vm, open_file(vm, args.at(0))?, 0, libc::SEEK_CUR)?)
        }),
        NativeDef::method("truncate", "self, size=None, /", |vm, args| {
            let file = open_file(vm, args.at(0))?;
            let size = match given(args.opt(1)) {
                Some(size) => vm.index_i64(size)?,
                None => seek(vm, file, 0, libc::SEEK_CUR)?,
            };
            // SAFETY: no memory is involved.
            if unsafe { libc::ftruncate(file.fd.get(), size) } < 0 {
                return Err(os_error(vm, &std::io::Error::last_os_error(), None));
            }
            vm.new_int(size)
        }),
        NativeDef::method("close", "self, /", |vm, args| {
            close_descriptor(vm, file(vm, args.at(0)))?;
            Ok(Value::NONE)
        }),
        NativeDef::method("fileno", "self, /", |vm, args| vm.new_int(open_file(vm, args.at(0))?.fd.get().into())),
        NativeDef::method("isatty", "self, /", |vm, args| {
            open_file(vm, args.at(0))?;
            Ok(Value::from_bool(is_terminal(vm, args.at(0))))
        }),
        NativeDef::method("_dealloc_warn", "self, source, /", |vm, args| {
            let file = file(vm, args.at(0));
            if file.fd.get() >= 0 && file.closefd.get() {
                crate::warn::unclosed(vm, "file ", args.at(1), "Exception ignored while finalizing file");
            }
            Ok(Value::NONE)
        }),
        NativeDef::method("_isatty_open_only", "self, /", |vm, args| Ok(Value::from_bool(is_terminal(vm, args.at(0))))),
        NativeDef::method("seekable", "self, /", |vm, args| {
            Ok(Value::from_bool(is_seekable(open_file(vm, args.at(0))?)))
        }),
        NativeDef::method("readable", "self, /", |vm, args| {
            Ok(Value::from_bool(open_file(vm, args.at(0))?.readable.get()))
        }),
        NativeDef::method("writable", "self, /", |vm, args| {
            Ok(Value::from_bool(open_file(vm, args.at(0))?.writable.get()))
        }),
    ],
    getset: &[
        GetSetDef::read_only("mode", |vm, value| Ok(vm.intern(mode_text(file(vm, value))))),
        GetSetDef::read_only("closefd", |vm, value| Ok(Value::from_bool(file(vm, value).closefd.get()))),
        GetSetDef::new(
            "name",
            |vm, value| Ok(file(vm, value).name.get()),
            |vm, value, new| {
                let file = file(vm, value);
                file.name.set(&vm.heap, file, new.unwrap_or(Value::NONE));
                Ok(())
            },
        ),
    ],
    ..TypeDef::new("_io.FileIO", <PyFile as Payload>::LAYOUT)
};
