//! `bytearray`: bytes in a buffer of the heap.
//!
//! Problem: views of the content must stay valid while they exist, and a view that nobody holds any more is noticed only at a collection.
//! Idea: an exporter counts its views; a change of size meets a count above zero with a collection of young objects, after which most views
//! that died are gone from the count (`memoryview` keeps a list of its own for that). It is refused when a view is in a local variable; views
//! that nobody names, such as those of a finished expression, are left with the old buffer.
//! Holds: a buffer that views were given is not moved or resized; it lives as long as any of them.

use std::cell::Cell;

use cinder_bytecode::CompareOp;
use cinder_heap::{ByteBuf, Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::{NativeDef, PyResult};
use crate::object::Payload;
use crate::object::buffer::BufferView;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::bytes::make::Content;
use crate::types::bytes::subscript::{Place, place};
use crate::types::bytes::{literal, methods, new_bytearray_iterator};
use crate::types::int::arith::holds;
use crate::types::slice::normalize_index;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of a bytearray.
#[repr(C)]
pub struct PyByteArray {
    header: Header,
    /// `None` while empty.
    buffer: Slot<Option<Gc<ByteBuf>>>,
    /// Views that rely on the buffer.
    exports: Cell<usize>,
    /// Views that rely on former buffers, which are in the list.
    former_exports: Cell<usize>,
    former: Slot<Option<Value>>,
}

impl Trace for PyByteArray {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(buffer) = self.buffer.get() {
            tracer.visit_object(buffer.header());
        }
        tracer.visit_option(self.former.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyByteArray {}

crate::layout!(PyByteArray, "bytearray", exact bytearray);

impl PyByteArray {
    /// The content. Must not be held while anything may change it.
    pub fn as_slice(&self) -> &[u8] {
        match self.buffer.get() {
            // SAFETY: the object keeps its buffer alive, and the caller lets nothing change it meanwhile.
            Some(buffer) => unsafe { std::slice::from_raw_parts(buffer.first().as_ptr(), buffer.len()) },
            None => &[],
        }
    }

    /// Overwrites bytes from `at` on; they must lie within the length.
    fn write(&self, at: usize, bytes: &[u8]) {
        if let Some(buffer) = self.buffer.get() {
            buffer.write(at, bytes);
        }
    }

    /// Counts a view, or one less.
    pub(crate) fn add_exports(&self, change: isize) {
        self.exports.set(self.exports.get().saturating_add_signed(change));
    }
}

pub(crate) fn own(vm: &Vm, value: Value) -> Gc<PyByteArray> {
    vm.downcast::<PyByteArray>(value).expect("slot of bytearray")
}

pub static BYTEARRAY: TypeDef = TypeDef {
    doc: "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\nbytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\nbytearray(int) -> bytes array of size given by the parameter initialized with null bytes\nbytearray() -> empty bytes array\n\nConstruct a mutable bytearray object from:\n  - an iterable yielding integers in range(256)\n  - a text string encoded using the specified encoding\n  - a bytes or a buffer object\n  - any object implementing the buffer API.\n  - an integer",
    flags: type_flags::BASE | type_flags::MATCH_SELF,
    slots: Slots {
        repr: Some(|vm, value| {
            let text = format!("{}({})", vm.type_name(value), literal(own(vm, value).as_slice(), true));
            vm.new_str(&text)
        }),
        str: Some(|vm, value| {
            vm.warn_of_bytes("str() on a bytearray instance")?;
            vm.repr(value)
        }),
        compare: Some(compare),
        len: Some(|vm, value| Ok(own(vm, value).as_slice().len())),
        getitem: Some(getitem),
        setitem: Some(setitem),
        contains: Some(|vm, value, item| {
            let content = own(vm, value).as_slice().to_vec();
            crate::types::bytes::contains(vm, &content, item)
        }),
        iter: Some(new_bytearray_iterator),
        concat: Some(|vm, a, b| {
            let more = concat_operand(vm, a, b)?;
            let both = [own(vm, a).as_slice(), &more].concat();
            vm.new_bytearray(&both)
        }),
        inplace_concat: Some(|vm, a, b| {
            let more = concat_operand(vm, a, b)?;
            let len = own(vm, a).as_slice().len();
            vm.bytearray_splice(own(vm, a), len, len, &more)?;
            Ok(a)
        }),
        repeat: Some(|vm, value, count| {
            let content = repeated(vm, value, count)?;
            vm.new_bytearray(&content)
        }),
        inplace_repeat: Some(|vm, value, count| {
            let content = repeated(vm, value, count)?;
            vm.bytearray_splice(own(vm, value), 0, own(vm, value).as_slice().len(), &content)?;
            Ok(value)
        }),
        binary: {
            let mut binary = Slots::NONE.binary;
            binary[5] = Some(|vm, a, b| match vm.downcast::<PyByteArray>(a) {
                Some(template) => {
                    let template = template.as_slice().to_vec();
                    vm.new_bytearray(&crate::types::bytes::percent(vm, &template, b)?)
                }
                None => Ok(Value::NOT_IMPLEMENTED),
            });
            binary
        },
        buffer: Some(|vm, value| {
            let array = own(vm, value);
            array.add_exports(1);
            let content = array.as_slice();
            Ok(BufferView {
                owner: value,
                data: content.as_ptr().cast_mut(),
                len_bytes: content.len(),
                readonly: false,
                item_bytes: 1,
                format: "B",
                shape: None,
                release: Some(release),
            })
        }),
        new: Some(|vm, class, _, _| Ok(alloc(vm, class)?.as_value())),
        init: Some(|vm, value, args, keyword_names| {
            let array = own(vm, value);
            let len = array.as_slice().len();
            if len > 0 {
                vm.bytearray_splice(array, 0, len, &[])?;
            }
            let content = INIT.call_bytearray(vm, args, keyword_names)?;
            vm.bytearray_splice(array, 0, array.as_slice().len(), &content)
        }),
        ..Slots::NONE
    },
    methods: methods::BYTEARRAY_METHODS,
    ..TypeDef::new("bytearray", <PyByteArray as Payload>::LAYOUT)
};

/// Gives up a view.
fn release(owner: Value) {
    // SAFETY: the views of this release function were made by the buffer slot of bytearray, which set `owner` to a bytearray.
    let array: Gc<PyByteArray> = unsafe { Gc::from_value(owner) };
    if array.former_exports.get() > 0 {
        // Which buffer the view had is not known; a count that is too high only costs another copy.
        array.former_exports.set(array.former_exports.get() - 1);
    } else {
        array.add_exports(-1);
    }
    if array.former_exports.get() == 0 && array.exports.get() == 0 {
        array.former.init(None);
    }
}

fn alloc(vm: &Vm, class: Gc<PyType>) -> PyResult<Gc<PyByteArray>> {
    vm.alloc_instance(class, 0, |header| PyByteArray {
        header,
        buffer: Slot::new(None),
        exports: Cell::new(0),
        former_exports: Cell::new(0),
        former: Slot::new(None),
    })
}

/// Arguments of `bytearray(..)`, bound by a function that hands them on as a tuple.
static INIT: NativeDef =
    NativeDef::function("bytearray", "source=b'', encoding='utf-8', errors='strict'", |vm, args| {
        let content = vm.bytes_from_arguments(args, "bytearray")?;
        vm.new_bytes(&content)
    });

impl NativeDef {
    fn call_bytearray(&'static self, vm: &Vm, args: &[Value], keyword_names: Option<Value>) -> PyResult<Content> {
        let bytes = self.call(vm, args, keyword_names)?;
        Ok(Content::Borrowed(vm.bytes_content(vm.as_bytes(bytes).expect("INIT makes bytes"))))
    }
}

impl Vm {
    /// New exact bytearray.
    pub fn new_bytearray(&self, content: &[u8]) -> PyResult<Value> {
        let header = object_header(BuiltinType::bytearray as u32);
        let array = self.alloc(PyByteArray {
            header,
            buffer: Slot::new(None),
            exports: Cell::new(0),
            former_exports: Cell::new(0),
            former: Slot::new(None),
        })?;
        self.bytearray_splice(array, 0, 0, content)?;
        Ok(array.as_value())
    }

    /// Replaces `content[start..end]` by `new`.
    ///
    /// May allocate: yes. Errors: BufferError when the length changes while views exist.
    pub fn bytearray_splice(&self, array: Gc<PyByteArray>, start: usize, end: usize, new: &[u8]) -> PyResult<()> {
        if end - start == new.len() {
            array.write(start, new);
            return Ok(());
        }
        self.bytearray_check_exports(array)?;
        let len = array.as_slice().len();
        let new_len = len - (end - start) + new.len();
        let buffer = match array.buffer.get() {
            Some(buffer) if buffer.capacity() >= new_len => buffer,
            old => {
                let room = if old.is_some() { new_len + new_len / 8 + 8 } else { new_len };
                let grown = self.heap.alloc_bytes(room).map_err(|error| self.out_of_memory(error))?;
                if let Some(old) = old {
                    grown.set_len(len);
                    grown.write(0, old.bytes());
                }
                array.buffer.set(&self.heap, array, Some(grown));
                grown
            }
        };
        // SAFETY: `end <= len`, and the capacity holds `new_len` bytes, so source and target of the tail lie within the buffer.
        unsafe {
            let data = buffer.first().as_ptr();
            data.add(start + new.len()).copy_from(data.add(end), len - end);
        }
        buffer.write(start, new);
        buffer.set_len(new_len);
        Ok(())
    }

    /// Asked before the size changes.
    ///
    /// Errors: BufferError when a view that the program holds relies on it.
    pub fn bytearray_check_exports(&self, array: Gc<PyByteArray>) -> PyResult<()> {
        if array.exports.get() == 0 {
            return Ok(());
        }
        // Views that nobody holds any more count until a collection finds them dead.
        self.heap.collect(cinder_heap::Collection::Minor);
        if array.exports.get() == 0 {
            return Ok(());
        }
        self.clear_dead_registers();
        self.heap.collect(cinder_heap::Collection::Full);
        if array.exports.get() == 0 {
            return Ok(());
        }
        if self.is_view_named(array.as_value()) {
            return Err(self.buffer_error("Existing exports of data: object cannot be re-sized"));
        }
        let Some(buffer) = array.buffer.get() else { return Ok(()) };
        let former = match array.former.get() {
            Some(list) => list,
            None => self.new_list(&[])?,
        };
        self.list_append(former, buffer.as_value())?;
        array.former.set(&self.heap, array, Some(former));
        array.former_exports.set(array.former_exports.get() + array.exports.replace(0));
        let own = self.heap.alloc_bytes(buffer.len()).map_err(|error| self.out_of_memory(error))?;
        own.set_len(buffer.len());
        own.write(0, buffer.bytes());
        array.buffer.set(&self.heap, array, Some(own));
        Ok(())
    }
}

fn concat_operand(vm: &Vm, a: Value, b: Value) -> PyResult<Content> {
    if vm.type_of(b).slots().buffer.is_none() {
        let (more, own) = (vm.type_name(b), vm.type_name(a));
        return Err(vm.type_error(format!("can't concat {more} to {own}")));
    }
    vm.buffer_content(b)
}

fn repeated(vm: &Vm, value: Value, count: Value) -> PyResult<Vec<u8>> {
    let count = usize::try_from(vm.index_i64(count)?).unwrap_or(0);
    let array = own(vm, value);
    match array.as_slice().len().checked_mul(count).filter(|len| *len <= isize::MAX as usize / 2) {
        Some(len) => {
            vm.check_native_bytes(len)?;
            Ok(array.as_slice().repeat(count))
        }
        None => Err(vm.memory_error_text("")),
    }
}

/// With any bytes-like object, from either side.
fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    if vm.type_of(a).slots().buffer.is_none() || vm.type_of(b).slots().buffer.is_none() {
        if matches!(op, CompareOp::Eq | CompareOp::Ne) {
            crate::types::bytes::warn_of_comparison(vm, "bytearray", b)?;
        }
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (vm.buffer_content(a)?, vm.buffer_content(b)?);
    Ok(Value::from_bool(holds(x.cmp(&y), op)))
}

fn getitem(vm: &Vm, value: Value, key: Value) -> PyResult<Value> {
    let array = own(vm, value);
    if let Some(at) = place_of_int(array, key) {
        return vm.new_int(i64::from(array.as_slice()[at]));
    }
    match place(vm, key, "bytearray", "bytearray index out of range", || array.as_slice().len())? {
        Place::One(at) => vm.new_int(i64::from(array.as_slice()[at])),
        Place::Many(slice) => {
            let content = array.as_slice();
            let part: Vec<u8> = slice.iter().map(|index| content[index]).collect();
            vm.new_bytearray(&part)
        }
    }
}

/// The place that a small int names.
#[inline]
fn place_of_int(array: Gc<PyByteArray>, key: Value) -> Option<usize> {
    normalize_index(key.try_int()?, array.as_slice().len())
}

fn setitem(vm: &Vm, value: Value, key: Value, new: Option<Value>) -> PyResult<()> {
    let array = own(vm, value);
    if let Some(at) = place_of_int(array, key)
        && let Some(byte) = new.and_then(|new| u8::try_from(new.try_int()?).ok())
    {
        array.write(at, &[byte]);
        return Ok(());
    }
    let place_now = || place(vm, key, "bytearray", "bytearray index out of range", || array.as_slice().len());
    if let Some(new) = new
        && vm.type_of(key).slots().index.is_some()
    {
        // First the value: its `__index__` may change the array.
        let byte = vm.byte_argument(new)?;
        if let Place::One(at) = place_now()? {
            array.write(at, &[byte]);
        }
        return Ok(());
    }
    match (place_now()?, new) {
        (Place::One(_), Some(_)) => unreachable!("a key with an index is dealt with"),
        (Place::One(at), None) => vm.bytearray_splice(array, at, at + 1, &[]),
        (Place::Many(_), Some(new)) => {
            let content = slice_content(vm, new)?;
            match place_now()? {
                Place::Many(slice) => set_slice(vm, array, &slice, &content),
                Place::One(_) => unreachable!("the key is a slice"),
            }
        }
        (Place::Many(slice), None) => set_slice(vm, array, &slice, &[]),
    }
}

/// What is assigned to a slice: bytes-like or an iterable of ints, no str and no number.
fn slice_content(vm: &Vm, new: Value) -> PyResult<Content> {
    if vm.is_str(new) || vm.is_int(new) || vm.float_value(new).is_some() {
        return Err(vm.type_error("can assign only bytes, buffers, or iterables of ints in range(0, 256)"));
    }
    vm.collect_bytes(new, "bytearray")
}

fn set_slice(
    vm: &Vm,
    array: Gc<PyByteArray>,
    slice: &crate::types::slice::SliceIndices,
    content: &[u8],
) -> PyResult<()> {
    if slice.step == 1 {
        return vm.bytearray_splice(array, slice.start, slice.start + slice.len, content);
    }
    if content.is_empty() {
        // Deletion; also what an empty content for an extended slice does.
        let mut drop: Vec<usize> = slice.iter().collect();
        drop.sort_unstable();
        let kept: Vec<u8> = array
            .as_slice()
            .iter()
            .enumerate()
            .filter(|(at, _)| drop.binary_search(at).is_err())
            .map(|(_, byte)| *byte)
            .collect();
        return vm.bytearray_splice(array, 0, array.as_slice().len(), &kept);
    }
    if content.len() != slice.len {
        let (given, wanted) = (content.len(), slice.len);
        return Err(
            vm.value_error(format!("attempt to assign bytes of size {given} to extended slice of size {wanted}"))
        );
    }
    for (at, byte) in slice.iter().zip(content) {
        array.write(at, &[*byte]);
    }
    Ok(())
}
