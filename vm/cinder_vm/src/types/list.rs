//! `list`.
//!
//! The items lie in a buffer of their own ([`cinder_heap::GcVec`]). Every loop that may run Python code asks for items by index and looks at the length
//! again, because that code may change the list. Source: Objects/listobject.c.

mod methods;
pub(crate) mod sort;

pub(crate) use sort::sort as sort_list;

use cinder_bytecode::CompareOp;
use cinder_heap::{Gc, GcVec, HeapObject, Trace, Tracer, ValueBuf, object_header};
use cinder_layout::{Header, Value};

use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::slice::{SliceBounds, SliceRange, Subscript, normalize_index};
use crate::types::text_builder::TextBuilder;
use crate::types::tuple::{PyTuple, compare_items};
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// More items than any heap holds; an iterable that promises so many is not walked.
const MOST_ITEMS: usize = 1 << 40;

/// Payload of a list.
#[repr(C)]
pub struct PyList {
    header: Header,
    pub items: GcVec,
}

impl Trace for PyList {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.items.trace(tracer);
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyList {}

crate::layout!(PyList, "list", exact list);

impl PyList {
    pub const ITEMS_OFFSET: usize = std::mem::offset_of!(PyList, items);

    #[inline]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Item at `index`, which may count from the end.
    #[inline]
    pub fn get(&self, index: i64) -> Option<Value> {
        let buffer = self.items.buffer()?;
        buffer.get(normalize_index(index, buffer.len())?)
    }

    /// Replaces the item at `index`, which may count from the end; whether it exists.
    #[inline]
    pub fn set(&self, vm: &Vm, index: i64, value: Value) -> bool {
        let Some(buffer) = self.items.buffer() else { return false };
        let Some(place) = normalize_index(index, buffer.len()) else { return false };
        buffer.set(&vm.heap, place, value);
        true
    }
}

impl PyList {
    /// An empty list with this header, for subclasses' allocation.
    pub(crate) fn empty(header: Header) -> PyList {
        PyList { header, items: GcVec::new() }
    }
}

impl Vm {
    /// New exact list.
    pub fn new_list(&self, items: &[Value]) -> PyResult<Value> {
        let list = self.new_pylist()?;
        if !items.is_empty() {
            list.items.extend(&self.heap, list, items).map_err(|error| self.out_of_memory(error))?;
        }
        Ok(list.as_value())
    }

    /// New exact list of a few values, as [`cinder_heap::Heap::take_cell`] finds room for it.
    #[inline(always)]
    pub(crate) fn new_list_quickly(&self, items: &[Value]) -> Option<Value> {
        let items = match items.is_empty() {
            true => GcVec::new(),
            // Without room for the list the buffer is garbage.
            false => GcVec::from_buffer(self.heap.alloc_values_quickly(items)?),
        };
        let list = self.heap.alloc_quickly(PyList { header: object_header(BuiltinType::list as u32), items })?;
        Some(list.as_value())
    }

    /// New empty exact list, typed.
    #[inline]
    pub fn new_pylist(&self) -> PyResult<Gc<PyList>> {
        self.alloc(PyList { header: object_header(BuiltinType::list as u32), items: GcVec::new() })
    }

    /// New exact list that takes over `buffer`.
    pub fn new_list_of(&self, buffer: Gc<ValueBuf>) -> PyResult<Value> {
        let header = object_header(BuiltinType::list as u32);
        Ok(self.alloc(PyList { header, items: GcVec::from_buffer(buffer) })?.as_value())
    }

    /// The value as a list (subclasses included).
    #[inline]
    pub fn as_list(&self, value: Value) -> Option<Gc<PyList>> {
        self.downcast::<PyList>(value)
    }

    /// `list.append` on a list value.
    ///
    /// Panics: the value is no list.
    #[inline]
    pub fn list_append(&self, list: Value, item: Value) -> PyResult<()> {
        let list = self.downcast::<PyList>(list).expect("caller checked that this is a list");
        self.list_push(list, item)
    }

    /// `list.append`.
    #[inline]
    pub fn list_push(&self, list: Gc<PyList>, item: Value) -> PyResult<()> {
        list.items.push(&self.heap, list, item).map_err(|error| self.out_of_memory(error))
    }

    /// An empty buffer with room for `capacity` values.
    pub(crate) fn new_value_buf(&self, capacity: usize) -> PyResult<Gc<ValueBuf>> {
        self.heap.alloc_values(capacity).map_err(|error| self.out_of_memory(error))
    }

    /// `list.extend`.
    ///
    /// Runs Python: iteration.
    pub fn list_extend(&self, list: Gc<PyList>, iterable: Value) -> PyResult<()> {
        if let Some(other) = self.downcast_exact::<PyList>(iterable) {
            return self.list_extend_items(list, other.items.values());
        }
        if let Some(tuple) = self.downcast_exact::<PyTuple>(iterable) {
            return self.list_extend_items(list, tuple.items());
        }
        if self.plain_generator(iterable).is_some() {
            return self.for_each(iterable, |item| self.list_push(list, item));
        }
        let iterator = self.iter(iterable)?;
        let hint = self.length_hint(iterable, 8)?;
        if hint >= MOST_ITEMS {
            return Err(self.out_of_memory(cinder_heap::AllocError));
        }
        // A hint that lies must not take the memory.
        list.items.reserve(&self.heap, list, hint.min(1 << 16)).map_err(|error| self.out_of_memory(error))?;
        while let Some(item) = self.next(iterator)? {
            self.list_push(list, item)?;
        }
        Ok(())
    }

    /// Appends items that are at hand; they may be the list's own.
    pub fn list_extend_items(&self, list: Gc<PyList>, items: &[Value]) -> PyResult<()> {
        if items.is_empty() {
            return Ok(());
        }
        list.items.extend(&self.heap, list, items).map_err(|error| self.out_of_memory(error))
    }

    /// `list(iterable)`.
    pub fn list_from(&self, iterable: Value) -> PyResult<Value> {
        Ok(self.collect_list(iterable)?.as_value())
    }

    /// `list(iterable)`, typed.
    pub fn collect_list(&self, iterable: Value) -> PyResult<Gc<PyList>> {
        let list = self.new_pylist()?;
        self.list_extend(list, iterable)?;
        Ok(list)
    }

    /// Calls `def`, the constructor of a builtin class, with `first` (the class or self) before `args`.
    pub fn call_with_first(
        &self,
        def: &'static NativeDef,
        first: Value,
        args: &[Value],
        names: Option<Value>,
    ) -> PyResult<Value> {
        const FEW: usize = 4;
        if args.len() < FEW {
            let mut all = [first; FEW];
            all[1..=args.len()].copy_from_slice(args);
            return def.call(self, &all[..=args.len()], names);
        }
        let mut all = crate::value_vec::ValueVec::<[Value; 8]>::with_capacity(args.len() + 1);
        all.push(first);
        all.extend_from_slice(args);
        def.call(self, &all, names)
    }

    /// Arguments for the `__init__` of `builtin` called for `value`: as [`Vm::constructor_args`], when its class has a `__new__` of its own.
    pub(crate) fn init_args<'a>(
        &self,
        value: Value,
        builtin: Gc<PyType>,
        args: &'a [Value],
        names: Option<Value>,
    ) -> (&'a [Value], Option<Value>) {
        let (class, new) = (self.type_of(value), self.names.__new__);
        match names {
            Some(keywords) if class != builtin && self.type_lookup(class, new) != self.type_lookup(builtin, new) => {
                (&args[..args.len() - self.tuple_items(keywords).len()], None)
            }
            _ => (args, names),
        }
    }

    /// Arguments for the `__new__` of `builtin` called for `class`: keywords are left out when `class` has an `__init__` of its own that may take them.
    pub(crate) fn constructor_args<'a>(
        &self,
        class: Gc<PyType>,
        builtin: Gc<PyType>,
        args: &'a [Value],
        names: Option<Value>,
    ) -> (&'a [Value], Option<Value>) {
        let init = self.names.__init__;
        match names {
            Some(keywords) if class != builtin && self.type_lookup(class, init) != self.type_lookup(builtin, init) => {
                (&args[..args.len() - self.tuple_items(keywords).len()], None)
            }
            _ => (args, names),
        }
    }
}

fn list(vm: &Vm, value: Value) -> Gc<PyList> {
    vm.downcast::<PyList>(value).expect("slot of this class")
}

fn new(vm: &Vm, class: Gc<PyType>, _args: &[Value], _names: Option<Value>) -> PyResult<Value> {
    Ok(vm.alloc_instance(class, 0, |header| PyList { header, items: GcVec::new() })?.as_value())
}

static INIT: NativeDef = NativeDef::method("list", "self, iterable=(), /", |vm, args| {
    let list = list(vm, args.at(0));
    list.items.take();
    if let Some(iterable) = args.opt(1) {
        vm.list_extend(list, iterable)?;
    }
    Ok(Value::NONE)
});

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let list = list(vm, value);
    if list.is_empty() {
        return vm.new_str("[]");
    }
    vm.with_repr_guard(value, "[...]", || {
        let mut text = TextBuilder::new();
        text.push("[");
        let mut index = 0;
        while let Some(item) = list.items.get(index) {
            if index > 0 {
                text.push(", ");
            }
            text.push_value(vm, vm.repr(item)?);
            index += 1;
        }
        text.push("]");
        text.finish(vm)
    })
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(x), Some(y)) = (vm.as_list(a), vm.as_list(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if x.len() != y.len() && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::from_bool(op == CompareOp::Ne));
    }
    compare_items(vm, |index| x.items.get(index), |index| y.items.get(index), op)
}

fn contains(vm: &Vm, value: Value, item: Value) -> PyResult<bool> {
    let list = list(vm, value);
    let mut index = 0;
    while let Some(found) = list.items.get(index) {
        if vm.eq(found, item)? {
            return Ok(true);
        }
        index += 1;
    }
    Ok(false)
}

fn getitem(vm: &Vm, value: Value, key: Value) -> PyResult<Value> {
    let list = list(vm, value);
    if let Some(bounds) = vm.plain_slice(key) {
        return list_slice(vm, list, bounds);
    }
    match vm.sequence_subscript(key, "list")? {
        Subscript::Index(index) => match list.get(index) {
            Some(item) => Ok(item),
            None => Err(vm.index_error("list index out of range")),
        },
        Subscript::Slice(bounds) => list_slice(vm, list, bounds),
    }
}

/// The items that `bounds` selects as a new list.
pub(crate) fn list_slice(vm: &Vm, list: Gc<PyList>, bounds: SliceBounds) -> PyResult<Value> {
    let range = if bounds.step == 1 {
        let (start, count) = bounds.stretch(list.len());
        SliceRange { start: start as i64, stop: (start + count) as i64, step: 1, count }
    } else {
        bounds.within(list.len())
    };
    if range.count == 0 {
        return vm.new_list(&[]);
    }
    let result = vm.new_value_buf(range.count)?;
    copy_range(vm, result, list.items.values(), range);
    vm.new_list_of(result)
}

/// `list[start:stop] = new` with machine bounds.
///
/// Runs Python: iteration of `new`.
pub(crate) fn set_list_slice(vm: &Vm, list: Gc<PyList>, bounds: SliceBounds, new: Value) -> PyResult<()> {
    assign_range(vm, list, bounds.within(list.len()), new)
}

/// Appends the items that `range` selects to a buffer with enough room.
fn copy_range(vm: &Vm, into: Gc<ValueBuf>, items: &[Value], range: SliceRange) {
    if range.step == 1 {
        let start = range.start as usize;
        into.extend_within_capacity(&vm.heap, &items[start..start + range.count]);
    } else {
        into.extend_selected(&vm.heap, items, range.start as usize, range.step as isize, range.count);
    }
}

fn setitem(vm: &Vm, value: Value, key: Value, new: Option<Value>) -> PyResult<()> {
    let list = list(vm, value);
    match (vm.sequence_subscript(key, "list")?, new) {
        (Subscript::Index(index), Some(new)) => {
            if list.set(vm, index, new) {
                Ok(())
            } else {
                Err(vm.index_error("list assignment index out of range"))
            }
        }
        (Subscript::Index(index), None) => match normalize_index(index, list.len()) {
            Some(place) => {
                list.items.remove(&vm.heap, place);
                Ok(())
            }
            None => Err(vm.index_error("list assignment index out of range")),
        },
        (Subscript::Slice(bounds), None) => {
            delete_range(vm, list, bounds.within(list.len()));
            Ok(())
        }
        (Subscript::Slice(bounds), Some(new)) => {
            let range = bounds.within(list.len());
            if range.step == 1 {
                return assign_range(vm, list, range, new);
            }
            let items = match vm.as_list(new).filter(|other| *other != list) {
                Some(other) => other,
                None if vm.type_of(new).slots().iter.is_none() && vm.type_of(new).slots().getitem.is_none() => {
                    return Err(vm.type_error("must assign iterable to extended slice"));
                }
                None => vm.collect_list(new)?,
            };
            // Iterating may have changed the list.
            let range = bounds.within(list.len());
            if items.len() != range.count {
                let (given, places) = (items.len(), range.count);
                return Err(vm.value_error(format!(
                    "attempt to assign sequence of size {given} to extended slice of size {places}"
                )));
            }
            for (number, index) in range.indices().enumerate() {
                list.items.set(&vm.heap, index, items.items.values()[number]);
            }
            Ok(())
        }
    }
}

/// Removes the selected items.
fn delete_range(vm: &Vm, list: Gc<PyList>, range: SliceRange) {
    let Some(buffer) = list.items.buffer() else { return };
    if range.count == 0 {
        return;
    }
    if range.step == 1 {
        let first = range.start as usize;
        buffer.replace_within_capacity(&vm.heap, first, first + range.count, &[]);
        return;
    }
    // In ascending order.
    let (first, step) = match range.step {
        step if step < 0 => (range.start + (range.count as i64 - 1) * step, -step),
        step => (range.start, step),
    };
    let (first, step, len) = (first as usize, step as usize, buffer.len());
    let (mut to, mut removed) = (first, 0);
    for from in first..len {
        if removed < range.count && from == first + removed * step {
            removed += 1;
        } else {
            buffer.set(&vm.heap, to, buffer.values()[from]);
            to += 1;
        }
    }
    buffer.truncate(len - removed);
}

/// `list[start:stop] = new`.
fn assign_range(vm: &Vm, list: Gc<PyList>, range: SliceRange, new: Value) -> PyResult<()> {
    let items = match vm.downcast_exact::<PyList>(new).filter(|other| *other != list) {
        Some(items) => items,
        None if vm.type_of(new).slots().iter.is_none() && vm.type_of(new).slots().getitem.is_none() => {
            return Err(vm.type_error("must assign iterable to extended slice"));
        }
        None => vm.collect_list(new)?,
    };
    // Iterating may have changed the list.
    let old = list.items.values();
    let start = (range.start as usize).min(old.len());
    let stop = (range.stop as usize).clamp(start, old.len());
    let new = items.items.values();
    let grows_by = new.len().saturating_sub(stop - start);
    if grows_by > 0 {
        list.items.reserve(&vm.heap, list, grows_by).map_err(|error| vm.out_of_memory(error))?;
    }
    if let Some(buffer) = list.items.buffer() {
        let done = buffer.replace_within_capacity(&vm.heap, start, stop, new);
        debug_assert!(done);
    }
    Ok(())
}

fn concat(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let Some(right) = vm.as_list(b) else {
        let found = vm.type_name(b);
        return Err(vm.type_error(format!("can only concatenate list (not \"{found}\") to list")));
    };
    let left = list(vm, a);
    let buffer = vm.new_value_buf(left.len() + right.len())?;
    buffer.extend_within_capacity(&vm.heap, left.items.values());
    buffer.extend_within_capacity(&vm.heap, right.items.values());
    vm.new_list_of(buffer)
}

/// `items * count` in a new buffer.
fn repeated(vm: &Vm, list: Gc<PyList>, count: Value) -> PyResult<Gc<ValueBuf>> {
    let count = vm.index_i64(count)?.max(0) as usize;
    let Some(len) = list.len().checked_mul(count).filter(|len| *len < u32::MAX as usize) else {
        return Err(vm.out_of_memory(cinder_heap::AllocError));
    };
    let buffer = vm.new_value_buf(len)?;
    if list.len() == 1 {
        let item = list.items.values()[0];
        for _ in 0..count {
            buffer.push_within_capacity(&vm.heap, item);
        }
    } else if len > 0 {
        for _ in 0..count {
            buffer.extend_within_capacity(&vm.heap, list.items.values());
        }
    }
    Ok(buffer)
}

pub static LIST: TypeDef = TypeDef {
    doc: "Built-in mutable sequence.\n\nIf no argument is given, the constructor creates a new empty list.\nThe argument must be an iterable if specified.",
    flags: type_flags::BASE | type_flags::SEQUENCE | type_flags::MATCH_SELF,
    slots: Slots {
        new: Some(new),
        init: Some(|vm, value, args, names| {
            let (args, names) = vm.init_args(value, vm.types.list, args, names);
            vm.call_with_first(&INIT, value, args, names).map(|_| ())
        }),
        repr: Some(repr),
        compare: Some(compare),
        len: Some(|vm, value| Ok(list(vm, value).len())),
        contains: Some(contains),
        getitem: Some(getitem),
        setitem: Some(setitem),
        iter: Some(|vm, value| vm.new_index_iterator(BuiltinType::list_iterator, value, 0)),
        concat: Some(concat),
        repeat: Some(|vm, value, count| vm.new_list_of(repeated(vm, list(vm, value), count)?)),
        inplace_concat: Some(|vm, value, other| {
            vm.list_extend(list(vm, value), other)?;
            Ok(value)
        }),
        inplace_repeat: Some(|vm, value, count| {
            let list = list(vm, value);
            let buffer = repeated(vm, list, count)?;
            list.items.set_buffer(&vm.heap, list, buffer);
            Ok(value)
        }),
        ..Slots::NONE
    },
    methods: methods::METHODS,
    ..TypeDef::new("list", <PyList as Payload>::LAYOUT)
};
