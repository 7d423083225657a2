//! `_mapping`: files and anonymous memory in the address space, on which `mmap` stands. Source: Modules/mmapmodule.c.
//!
//! Holds: while views of the bytes exist they are neither moved nor unmapped; every access lies within the mapping.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::io::Error;

use cinder_heap::Collection;
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::buffer::BufferView;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::{self, add_constants, constants, os_error};
use crate::payload::{construct, plain_payload};

pub(crate) static MAPPING: ModuleDef = ModuleDef {
    doc: "Files and anonymous memory in the address space.",
    setup: Some(|vm, dict| {
        vm.add_class(dict, &CLASS)?;
        // SAFETY: asks for a number.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        vm.set_item_text(dict, "PAGESIZE", vm.new_int(page)?)?;
        add_constants(
            vm,
            dict,
            constants!(
                PROT_READ,
                PROT_WRITE,
                PROT_EXEC,
                MAP_SHARED,
                MAP_PRIVATE,
                MAP_ANON,
                MAP_ANONYMOUS,
                MAP_DENYWRITE,
                MAP_EXECUTABLE,
                MAP_POPULATE,
                MAP_STACK,
                MAP_NORESERVE,
                MAP_HUGETLB,
                MAP_LOCKED,
                MAP_NONBLOCK,
                MAP_GROWSDOWN,
                MADV_NORMAL,
                MADV_RANDOM,
                MADV_SEQUENTIAL,
                MADV_WILLNEED,
                MADV_DONTNEED,
                MADV_REMOVE,
                MADV_DONTFORK,
                MADV_DOFORK,
                MADV_HWPOISON,
                MADV_MERGEABLE,
                MADV_UNMERGEABLE,
                MADV_HUGEPAGE,
                MADV_NOHUGEPAGE,
                MADV_DONTDUMP,
                MADV_DODUMP,
                MADV_FREE,
            ),
        )
    }),
    ..ModuleDef::new("_mapping")
};

#[repr(C)]
struct PyMapping {
    header: Header,
    /// Null when closed.
    data: Cell<*mut u8>,
    len: Cell<usize>,
    is_readonly: bool,
    exports: Cell<usize>,
    is_shared: bool,
    /// What was mapped before `close` or `resize`, while there may be views.
    former: RefCell<Vec<(*mut u8, usize)>>,
}

plain_payload!(PyMapping, "_mapping.Mapping");

impl Drop for PyMapping {
    fn drop(&mut self) {
        self.unmap();
    }
}

impl PyMapping {
    fn unmap(&self) {
        for (data, len) in self.former.take() {
            // SAFETY: as below.
            unsafe { libc::munmap(data.cast(), len) };
        }
        let data = self.data.replace(std::ptr::null_mut());
        let len = self.len.replace(0);
        if !data.is_null() {
            // SAFETY: mapped with this length, and nobody refers to it any more.
            unsafe { libc::munmap(data.cast(), len) };
        }
    }
}

static CLASS: TypeDef = TypeDef {
    doc: "A mapping of a file or of anonymous memory.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| construct(vm, &NEW, class.as_value(), args, names)),
        buffer: Some(|vm, value| {
            let mapping = living(vm, value)?;
            mapping.exports.set(mapping.exports.get() + 1);
            Ok(BufferView {
                owner: value,
                data: mapping.data.get(),
                len_bytes: mapping.len.get(),
                readonly: mapping.is_readonly,
                item_bytes: 1,
                format: "B",
                shape: None,
                release: Some(|owner| {
                    // SAFETY: views of this release function were made above, with a mapping as owner.
                    let mapping: Gc<PyMapping> = unsafe { Gc::from_value(owner) };
                    mapping.exports.set(mapping.exports.get().saturating_sub(1));
                }),
            })
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("_length", "self, /", |vm, args| vm.new_uint(living(vm, args.at(0))?.len.get())),
        NativeDef::method("_is_closed", "self, /", |vm, args| {
            Ok(Value::from_bool(own(vm, args.at(0)).data.get().is_null()))
        }),
        NativeDef::method("_close", "self, /", close),
        NativeDef::method("_read", "self, start, stop, /", read),
        NativeDef::method("_write", "self, start, content, /", write),
        NativeDef::method("_move", "self, target, source, count, /", move_bytes),
        NativeDef::method("_find", "self, needle, start, stop, reverse, /", find),
        NativeDef::method("_flush", "self, start, size, /", flush),
        NativeDef::method("_advise", "self, advice, start, size, /", advise),
        NativeDef::method("_resize", "self, size, /", resize),
    ],
    ..TypeDef::new("_mapping.Mapping", <PyMapping as Payload>::LAYOUT)
};

fn own(vm: &Vm, value: Value) -> Gc<PyMapping> {
    vm.downcast::<PyMapping>(value).expect("method of this class")
}

/// The mapping, when it has not been closed. Errors: ValueError.
fn living(vm: &Vm, value: Value) -> PyResult<Gc<PyMapping>> {
    let mapping = own(vm, value);
    if mapping.data.get().is_null() { Err(vm.value_error("mmap closed or invalid")) } else { Ok(mapping) }
}

fn count(vm: &Vm, value: Value) -> PyResult<usize> {
    usize::try_from(vm.index_i64(value)?).map_err(|_| vm.value_error("memory mapped length must be positive"))
}

static NEW: NativeDef =
    NativeDef::function("Mapping", "cls, /, descriptor, length, flags, protection, offset", |vm, args| {
        let class = vm.downcast::<PyType>(args.at(0)).expect("the new slot hands over the class");
        let (descriptor, length) = (args::c_int(vm, args.at(1))?, count(vm, args.at(2))?);
        let (flags, protection) = (args::c_int(vm, args.at(3))?, args::c_int(vm, args.at(4))?);
        let offset = vm.index_i64(args.at(5))?;
        let flags = if descriptor < 0 { flags | libc::MAP_ANONYMOUS } else { flags };
        if flags & libc::MAP_FIXED != 0 {
            return Err(vm.value_error("MAP_FIXED is not supported"));
        }
        // SAFETY: a new mapping at a place that the system chooses; the system checks the rest.
        let data = unsafe { libc::mmap(std::ptr::null_mut(), length, protection, flags, descriptor, offset) };
        if data == libc::MAP_FAILED {
            return Err(os_error(vm, &Error::last_os_error(), None));
        }
        let made = vm.alloc_instance(class, 0, |header| PyMapping {
            header,
            data: Cell::new(data.cast()),
            len: Cell::new(length),
            is_readonly: protection & libc::PROT_WRITE == 0,
            exports: Cell::new(0),
            is_shared: flags & libc::MAP_SHARED != 0,
            former: RefCell::default(),
        });
        if made.is_err() {
            // SAFETY: mapped above, and nobody knows of it.
            unsafe { libc::munmap(data, length) };
        }
        Ok(made?.as_value())
    });

/// Whether views of the bytes exist. Those that nobody holds any more count until a collection finds them dead.
fn has_exports(vm: &Vm, mapping: Gc<PyMapping>) -> bool {
    for kind in [Collection::Minor, Collection::Full] {
        if mapping.exports.get() == 0 {
            return false;
        }
        vm.heap.collect(kind);
    }
    mapping.exports.get() > 0
}

fn close(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mapping = own(vm, args.at(0));
    if !has_exports(vm, mapping) {
        mapping.unmap();
    } else if vm.is_view_named(mapping.as_value()) {
        return Err(vm.buffer_error("cannot close exported pointers exist"));
    } else {
        // A view of which only the native stack knows, perhaps a dead one: the bytes stay until the object dies.
        let bytes = (mapping.data.replace(std::ptr::null_mut()), mapping.len.replace(0));
        mapping.former.borrow_mut().push(bytes);
    }
    Ok(Value::NONE)
}

/// Where `size` bytes from `start` on lie. Errors: IndexError when they are not all within.
fn place(vm: &Vm, mapping: Gc<PyMapping>, start: usize, size: usize) -> PyResult<*mut u8> {
    if start.checked_add(size).is_none_or(|end| end > mapping.len.get()) {
        return Err(vm.raise_text(vm.exceptions.IndexError, "mmap index out of range"));
    }
    Ok(mapping.data.get().wrapping_add(start))
}

/// Errors: TypeError for mappings that cannot be written to.
fn check_writable(vm: &Vm, mapping: Gc<PyMapping>) -> PyResult<()> {
    if mapping.is_readonly {
        return Err(vm.type_error("mmap can't modify a readonly memory map."));
    }
    Ok(())
}

fn read(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (start, stop) = (count(vm, args.at(1))?, count(vm, args.at(2))?);
    let mapping = living(vm, args.at(0))?;
    let size = stop.saturating_sub(start);
    let place = place(vm, mapping, start, size)?;
    // SAFETY: within the mapping. Another process may change the bytes meanwhile: they are copied as they are found.
    let content = unsafe { std::slice::from_raw_parts(place, size) }.to_vec();
    vm.new_bytes(&content)
}

fn write(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let start = count(vm, args.at(1))?;
    let content = vm.with_bytes(args.at(2), <[u8]>::to_vec)?;
    let mapping = living(vm, args.at(0))?;
    check_writable(vm, mapping)?;
    let place = place(vm, mapping, start, content.len())?;
    // SAFETY: within the mapping.
    unsafe { std::ptr::copy_nonoverlapping(content.as_ptr(), place, content.len()) };
    vm.new_uint(content.len())
}

fn move_bytes(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (target, source, size) = (vm.index_i64(args.at(1))?, vm.index_i64(args.at(2))?, vm.index_i64(args.at(3))?);
    let mapping = living(vm, args.at(0))?;
    check_writable(vm, mapping)?;
    let within = |start: i64| {
        let (start, size) = (usize::try_from(start).ok()?, usize::try_from(size).ok()?);
        start.checked_add(size).filter(|end| *end <= mapping.len.get()).map(|_| mapping.data.get().wrapping_add(start))
    };
    let (Some(to), Some(from)) = (within(target), within(source)) else {
        return Err(vm.value_error("source, destination, or count out of range"));
    };
    // SAFETY: both lie within the mapping; they may overlap.
    unsafe { std::ptr::copy(from, to, size as usize) };
    Ok(Value::NONE)
}

/// Position of the first or last occurrence of `needle` in a part, -1 without one.
fn find(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let needle = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let (start, stop) = (count(vm, args.at(2))?, count(vm, args.at(3))?);
    let reverse = vm.truthy(args.at(4))?;
    let mapping = living(vm, args.at(0))?;
    if start > stop {
        return vm.new_int(-1);
    }
    let place = place(vm, mapping, start, stop - start)?;
    // SAFETY: within the mapping, and nothing else runs here meanwhile.
    let part = unsafe { std::slice::from_raw_parts(place, stop - start) };
    let found = if reverse { memchr::memmem::rfind(part, &needle) } else { memchr::memmem::find(part, &needle) };
    vm.new_int(found.map_or(-1, |at| (start + at) as i64))
}

fn flush(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (start, size) = (count(vm, args.at(1))?, count(vm, args.at(2))?);
    let mapping = living(vm, args.at(0))?;
    let place = place(vm, mapping, start, size)?;
    // SAFETY: within the mapping; the system checks that it begins a page.
    args::check_none(vm, unsafe { libc::msync(place.cast::<c_void>(), size, libc::MS_SYNC) })
}

fn advise(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let advice = args::c_int(vm, args.at(1))?;
    let (start, size) = (count(vm, args.at(2))?, count(vm, args.at(3))?);
    let mapping = living(vm, args.at(0))?;
    let place = place(vm, mapping, start, size)?;
    // SAFETY: within the mapping; the system checks the rest.
    args::check_none(vm, unsafe { libc::madvise(place.cast::<c_void>(), size, advice) })
}

fn resize(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let size = count(vm, args.at(1))?;
    let mapping = living(vm, args.at(0))?;
    let has_exports = has_exports(vm, mapping);
    if has_exports && vm.is_view_named(mapping.as_value()) {
        return Err(vm.buffer_error("mmap can't resize with extant buffers exported."));
    }
    let (data, len) = (mapping.data.get(), mapping.len.get());
    let moved = match has_exports {
        // SAFETY: the whole mapping, to which nobody has a pointer.
        false => unsafe { libc::mremap(data.cast(), len, size, libc::MREMAP_MAYMOVE) },
        true => {
            mapping.former.borrow_mut().push((data, len));
            // SAFETY: the old mapping stays as it is.
            unsafe { second_mapping(mapping, size) }
        }
    };
    if moved == libc::MAP_FAILED {
        let error = Error::last_os_error();
        if has_exports {
            mapping.former.borrow_mut().pop();
        }
        return Err(os_error(vm, &error, None));
    }
    mapping.data.set(moved.cast());
    mapping.len.set(size);
    Ok(Value::NONE)
}

/// The same content at another place: the same pages when they are shared, a copy otherwise.
///
/// # Safety
/// The mapping is open.
unsafe fn second_mapping(mapping: Gc<PyMapping>, size: usize) -> *mut c_void {
    let (data, len) = (mapping.data.get(), mapping.len.get());
    // SAFETY: contract; an old size of zero makes a second mapping of shared pages; the copy lies within both.
    unsafe {
        if mapping.is_shared {
            return libc::mremap(data.cast(), 0, size, libc::MREMAP_MAYMOVE);
        }
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        let made = libc::mmap(std::ptr::null_mut(), size, protection, flags, -1, 0);
        if made != libc::MAP_FAILED {
            std::ptr::copy_nonoverlapping(data, made.cast(), len.min(size));
        }
        made
    }
}
