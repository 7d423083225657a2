//! Pieces of memory: the base of all C data.
//!
//! Holds: `data` points to `len` bytes of the object's own, of its base, or of what its anchor keeps in place, or to an address the program gave.
//! Own bytes never move and are never freed before the object, so views and addresses of them stay good; a resize keeps the old bytes too.

use std::cell::{Cell, RefCell};

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::buffer::BufferView;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, PyResult, Value, Vm};

use super::address_argument;
use super::scalar::{self, Code};

/// How the buffer protocol shows a class's data.
#[derive(PartialEq, Eq)]
pub(super) struct Kind {
    format: &'static str,
    item_bytes: usize,
    shape: &'static [usize],
    /// Bytes in all.
    size: usize,
}

/// A memory of nothing.
static EMPTY: Kind = Kind { format: "B", item_bytes: 1, shape: &[], size: 0 };

/// All kinds of a machine; a number for each, the place in here.
#[derive(Default)]
struct Kinds(RefCell<Vec<&'static Kind>>);

#[repr(C)]
pub(super) struct PyMemory {
    header: Header,
    data: Cell<*mut u8>,
    len: Cell<usize>,
    kind: Cell<&'static Kind>,
    /// Which part of `base` it is.
    index: Cell<i64>,
    /// The last are the ones in use.
    own: RefCell<Vec<Box<[u128]>>>,
    /// The memory it is a part of.
    base: Slot<Option<Value>>,
    /// What else keeps its bytes in place: a view.
    anchor: Slot<Option<Value>>,
    /// `_objects`.
    objects: Slot<Option<Value>>,
}

impl Trace for PyMemory {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.base.get());
        tracer.visit_option(self.anchor.get());
        tracer.visit_option(self.objects.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyMemory {}

cinder_vm::layout!(PyMemory, "_foreign.Memory");

pub(super) static CLASS: TypeDef = TypeDef {
    doc: "A piece of memory.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, _, _| Ok(alloc(vm, class, &EMPTY)?.as_value())),
        buffer: Some(|vm, value| {
            let memory = vm.downcast::<PyMemory>(value).expect("slot of this class");
            let (kind, len_bytes) = (memory.kind.get(), memory.len.get());
            // After a resize there are more or fewer bytes than the class declares: all of them, as bytes.
            let is_declared = kind.size == len_bytes;
            Ok(BufferView {
                owner: value,
                data: memory.data.get(),
                len_bytes,
                readonly: false,
                item_bytes: if is_declared { kind.item_bytes } else { 1 },
                format: if is_declared { kind.format } else { "B" },
                shape: Some(kind.shape).filter(|_| is_declared),
                release: None,
            })
        }),
        ..Slots::NONE
    },
    getset: &[
        GetSetDef::member("_b_base_", |vm, value| Ok(own(vm, value)?.base.get().unwrap_or(Value::NONE))),
        GetSetDef::member("_b_needsfree_", |vm, value| vm.new_int((!own(vm, value)?.own.borrow().is_empty()).into())),
        GetSetDef::member("_objects", |vm, value| Ok(own(vm, value)?.objects.get().unwrap_or(Value::NONE))),
    ],
    ..TypeDef::new("_foreign.Memory", <PyMemory as Payload>::LAYOUT)
};

fn alloc(vm: &Vm, class: Gc<PyType>, kind: &'static Kind) -> PyResult<Gc<PyMemory>> {
    vm.alloc_instance(class, 0, |header| PyMemory {
        header,
        data: Cell::new(std::ptr::null_mut()),
        len: Cell::new(0),
        kind: Cell::new(kind),
        index: Cell::new(0),
        own: RefCell::new(Vec::new()),
        base: Slot::new(None),
        anchor: Slot::new(None),
        objects: Slot::new(None),
    })
}

/// The value as a memory. Errors: TypeError.
pub(super) fn own(vm: &Vm, value: Value) -> PyResult<Gc<PyMemory>> {
    vm.downcast::<PyMemory>(value).ok_or_else(|| {
        let found = vm.type_name(value);
        vm.type_error(format!("expected C data, not {found}"))
    })
}

/// The class of the first argument. Errors: TypeError when its instances are no memories.
fn class_argument(vm: &Vm, value: Value) -> PyResult<Gc<PyType>> {
    let base = vm.native_class(&CLASS)?;
    match vm.downcast::<PyType>(value) {
        Some(class) if vm.is_subtype(class, base) => Ok(class),
        _ => Err(vm.type_error("expected a class of C data")),
    }
}

fn kind_argument(vm: &Vm, value: Value) -> PyResult<&'static Kind> {
    let number = usize::try_from(vm.index_i64(value)?).ok();
    let kinds = vm.native_state(Kinds::default).0.borrow();
    number.and_then(|number| kinds.get(number).copied()).ok_or_else(|| vm.value_error("no such kind of memory"))
}

/// `kind(format, item_bytes, shape, size)`: the number of that kind.
pub(super) fn kind(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let format = crate::args::text(vm, args.at(0), "kind() argument 1")?;
    let count = |value| vm.index_i64(value).map(|count| usize::try_from(count).unwrap_or(0));
    let (item_bytes, size) = (count(args.at(1))?, count(args.at(3))?);
    let shape = match vm.as_tuple(args.at(2)) {
        Some(shape) => shape.items().iter().map(|len| count(*len)).collect::<PyResult<Vec<usize>>>()?,
        None => return Err(vm.type_error("a shape is a tuple")),
    };
    if shape.iter().try_fold(item_bytes, |bytes, len| bytes.checked_mul(*len)) != Some(size) {
        return Err(vm.value_error("shape and size do not agree"));
    }
    let mut kinds = vm.native_state(Kinds::default).0.borrow_mut();
    let same = |kind: &&'static Kind| {
        kind.format == format && kind.item_bytes == item_bytes && kind.shape == shape && kind.size == size
    };
    let number = match kinds.iter().position(same) {
        Some(number) => number,
        None => {
            // Kinds live as long as the machine: views refer to their texts.
            let (format, shape) = (Box::leak(format.into_boxed_str()), Box::leak(shape.into_boxed_slice()));
            kinds.push(Box::leak(Box::new(Kind { format, item_bytes, shape, size })));
            kinds.len() - 1
        }
    };
    drop(kinds);
    vm.new_uint(number)
}

/// Zeroed bytes. Errors: MemoryError.
fn zeroed(vm: &Vm, size: usize) -> PyResult<Box<[u128]>> {
    let mut bytes = Vec::new();
    let words = size.div_ceil(size_of::<u128>()).max(1);
    if bytes.try_reserve_exact(words).is_err() {
        return Err(vm.raise_text(vm.exceptions.MemoryError, ""));
    }
    bytes.resize(words, 0);
    Ok(bytes.into_boxed_slice())
}

/// `make(cls, kind)`: an instance with zeroed bytes of its own.
pub(super) fn make(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (class, kind) = (class_argument(vm, args.at(0))?, kind_argument(vm, args.at(1))?);
    let mut bytes = zeroed(vm, kind.size)?;
    let memory = alloc(vm, class, kind)?;
    memory.data.set(bytes.as_mut_ptr().cast());
    memory.len.set(kind.size);
    memory.own.borrow_mut().push(bytes);
    Ok(memory.as_value())
}

/// `view(cls, kind, address, anchor)`: what lies at an address.
pub(super) fn view(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (class, kind) = (class_argument(vm, args.at(0))?, kind_argument(vm, args.at(1))?);
    let address = address_argument(vm, args.at(2))?;
    let memory = alloc(vm, class, kind)?;
    memory.data.set(std::ptr::with_exposed_provenance_mut(address));
    memory.len.set(kind.size);
    if !args.at(3).is_none() {
        memory.anchor.set(&vm.heap, memory, Some(args.at(3)));
    }
    Ok(memory.as_value())
}

/// `derive(cls, kind, base, offset, index)`: a part of another memory.
///
/// Errors: ValueError when it does not lie within.
pub(super) fn derive(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (class, kind) = (class_argument(vm, args.at(0))?, kind_argument(vm, args.at(1))?);
    let base = own(vm, args.at(2))?;
    let place = place(vm, base, args.at(3), kind.size)?;
    let memory = alloc(vm, class, kind)?;
    memory.data.set(place);
    memory.len.set(kind.size);
    memory.index.set(vm.index_i64(args.at(4))?);
    memory.base.set(&vm.heap, memory, Some(base.as_value()));
    Ok(memory.as_value())
}

/// `overlay(cls, kind, view, offset)`: bytes of a writable memoryview.
///
/// Errors: ValueError when they do not lie within.
pub(super) fn overlay(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (class, kind) = (class_argument(vm, args.at(0))?, kind_argument(vm, args.at(1))?);
    // A view of the view's own, which nobody else can release.
    let anchor = vm.new_memoryview(args.at(2))?;
    let taken = match vm.type_of(anchor).slots().buffer {
        Some(buffer) => buffer(vm, anchor)?,
        None => return Err(vm.type_error("a memoryview is required")),
    };
    if let Some(release) = taken.release {
        // The bytes stay in place while `anchor` exists.
        release(taken.owner);
    }
    let offset = usize::try_from(vm.index_i64(args.at(3))?).unwrap_or(usize::MAX);
    if taken.readonly || offset.checked_add(kind.size).is_none_or(|end| end > taken.len_bytes) {
        return Err(vm.value_error("the view is too small or not writable"));
    }
    let memory = alloc(vm, class, kind)?;
    memory.data.set(taken.data.wrapping_add(offset));
    memory.len.set(kind.size);
    memory.anchor.set(&vm.heap, memory, Some(anchor));
    Ok(memory.as_value())
}

pub(super) fn address(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    vm.new_uint(own(vm, args.at(0))?.data.get().expose_provenance())
}

pub(super) fn size(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    vm.new_uint(own(vm, args.at(0))?.len.get())
}

pub(super) fn index(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    vm.new_int(own(vm, args.at(0))?.index.get())
}

/// `resize(memory, size)`: more bytes, or fewer. The content is kept. Errors: ValueError for memory that is not its own.
pub(super) fn resize(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let memory = own(vm, args.at(0))?;
    let size = usize::try_from(vm.index_i64(args.at(1))?).unwrap_or(0);
    if memory.own.borrow().is_empty() {
        return Err(vm.value_error("Memory cannot be resized because this object doesn't own it"));
    }
    let mut bytes = zeroed(vm, size)?;
    let kept = memory.len.get().min(size);
    // SAFETY: both are at least `kept` bytes, and the new ones are nobody else's.
    unsafe { std::ptr::copy_nonoverlapping(memory.data.get(), bytes.as_mut_ptr().cast(), kept) };
    memory.data.set(bytes.as_mut_ptr().cast());
    memory.len.set(size);
    memory.own.borrow_mut().push(bytes);
    Ok(Value::NONE)
}

pub(super) fn set_objects(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let memory = own(vm, args.at(0))?;
    memory.objects.set(&vm.heap, memory, Some(args.at(1)).filter(|objects| !objects.is_none()));
    Ok(Value::NONE)
}

/// Where `size` bytes at `offset` lie. Errors: ValueError when they are not all within the memory.
fn place(vm: &Vm, memory: Gc<PyMemory>, offset: Value, size: usize) -> PyResult<*mut u8> {
    let offset = usize::try_from(vm.index_i64(offset)?).unwrap_or(usize::MAX);
    let (data, len) = (memory.data.get(), memory.len.get());
    if offset.checked_add(size).is_none_or(|end| end > len) {
        return Err(vm.value_error(format!("{size} bytes at {offset} lie outside of C data of {len} bytes")));
    }
    if data.is_null() && size > 0 {
        return Err(vm.value_error("NULL pointer access"));
    }
    Ok(data.wrapping_add(offset))
}

pub(super) fn read(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let code = Code::parse(vm, args.at(2))?;
    let place = place(vm, own(vm, args.at(0))?, args.at(1), code.size())?;
    // SAFETY: within the memory.
    unsafe { scalar::read(vm, place, code) }
}

pub(super) fn write(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let code = Code::parse(vm, args.at(2))?;
    let memory = own(vm, args.at(0))?;
    // Converting may run Python, which may resize the memory: the place is looked up afterwards.
    let bytes = scalar::to_bytes(vm, args.at(3), code)?;
    let place = place(vm, memory, args.at(1), code.size())?;
    // SAFETY: within the memory.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, code.size()) };
    Ok(Value::NONE)
}

pub(super) fn read_bytes(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let size = usize::try_from(vm.index_i64(args.at(2))?).unwrap_or(0);
    let place = place(vm, own(vm, args.at(0))?, args.at(1), size)?;
    if size == 0 {
        return vm.new_bytes(&[]);
    }
    // SAFETY: within the memory; copied before anything else runs.
    let content = unsafe { std::slice::from_raw_parts(place, size) }.to_vec();
    vm.new_bytes(&content)
}

pub(super) fn write_bytes(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let memory = own(vm, args.at(0))?;
    let content = vm.with_bytes(args.at(2), <[u8]>::to_vec)?;
    let place = place(vm, memory, args.at(1), content.len())?;
    // SAFETY: within the memory.
    unsafe { std::ptr::copy_nonoverlapping(content.as_ptr(), place, content.len()) };
    Ok(Value::NONE)
}

/// The place a program's number names. Errors: ValueError for null.
fn given_place(vm: &Vm, value: Value) -> PyResult<*mut u8> {
    match address_argument(vm, value)? {
        0 => Err(vm.value_error("NULL pointer access")),
        address => Ok(std::ptr::with_exposed_provenance_mut(address)),
    }
}

pub(super) fn peek(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (place, code) = (given_place(vm, args.at(0))?, Code::parse(vm, args.at(1))?);
    // SAFETY: the program answers for its addresses.
    unsafe { scalar::read(vm, place, code) }
}

pub(super) fn poke(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (place, code) = (given_place(vm, args.at(0))?, Code::parse(vm, args.at(1))?);
    let bytes = scalar::to_bytes(vm, args.at(2), code)?;
    // SAFETY: the program answers for its addresses.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, code.size()) };
    Ok(Value::NONE)
}

/// `string_at(address, size)`: bytes, up to the first zero when the size is negative.
pub(super) fn string_at(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (place, size) = (given_place(vm, args.at(0))?, vm.index_i64(args.at(1))?);
    // SAFETY: the program answers for its addresses.
    let content = unsafe {
        let size = usize::try_from(size).unwrap_or_else(|_| libc::strlen(place.cast()));
        std::slice::from_raw_parts(place, size).to_vec()
    };
    vm.new_bytes(&content)
}

/// `wstring_at(address, size)`: text of `wchar_t`, up to the first zero when the size is negative.
pub(super) fn wide_string_at(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (place, size) = (given_place(vm, args.at(0))?, vm.index_i64(args.at(1))?);
    let limit = usize::try_from(size).ok();
    let mut points = Vec::new();
    while limit.is_none_or(|limit| points.len() < limit) {
        // SAFETY: the program answers for its addresses.
        let point = unsafe { place.cast::<u32>().wrapping_add(points.len()).read_unaligned() };
        if limit.is_none() && point == 0 {
            break;
        }
        scalar::check_point(vm, point)?;
        points.push(point);
    }
    vm.new_str_points(&points)
}

/// `copy(target, source, size)`: bytes from one address to another; they may overlap.
pub(super) fn copy(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let size = usize::try_from(vm.index_i64(args.at(2))?).unwrap_or(0);
    if size > 0 {
        let (target, source) = (given_place(vm, args.at(0))?, given_place(vm, args.at(1))?);
        // SAFETY: the program answers for its addresses.
        unsafe { std::ptr::copy(source, target, size) };
    }
    Ok(Value::NONE)
}

/// Where the content of a bytes object lies. It stays there while the object lives, but no zero need follow.
pub(super) fn bytes_address(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    match vm.as_bytes(args.at(0)) {
        Some(content) => vm.new_uint(content.as_slice().as_ptr().expose_provenance()),
        None => Err(vm.type_error("bytes expected")),
    }
}

/// The bytes of a memory for a call. They stay in place while it lives.
pub(super) fn bytes_of(memory: Gc<PyMemory>) -> (*mut u8, usize) {
    (memory.data.get(), memory.len.get())
}
