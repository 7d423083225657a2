//! `deque`: a ring in one buffer.
//!
//! Idea: items lie in a value buffer whose length is a power of two, from `head` on, wrapping. Positions are reduced by the mask. A counter
//! changes with every structural change, so iterators notice mutation.

use std::cell::Cell;

use cinder_bytecode::CompareOp;
use cinder_heap::{HeapObject, Slot, Trace, Tracer, ValueBuf};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

/// Payload of a deque.
#[repr(C)]
pub(super) struct PyDeque {
    header: Header,
    /// Filled to its capacity with values; `None` while nothing was stored.
    buffer: Slot<Option<Gc<ValueBuf>>>,
    head: Cell<usize>,
    len: Cell<usize>,
    /// `None` is no limit.
    max_len: Cell<Option<usize>>,
    changes: Cell<usize>,
}

impl Trace for PyDeque {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(buffer) = self.buffer.get() {
            tracer.visit_object(buffer.header());
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyDeque {}

cinder_vm::layout!(PyDeque, "deque");

fn own(vm: &Vm, value: Value) -> Gc<PyDeque> {
    vm.downcast::<PyDeque>(value).expect("method of this class")
}

impl PyDeque {
    /// Place in the buffer of item `index`.
    fn place(&self, buffer: Gc<ValueBuf>, index: usize) -> usize {
        (self.head.get() + index) & (buffer.len() - 1)
    }

    /// Item `index` (below `len`).
    fn get(&self, index: usize) -> Value {
        let buffer = self.buffer.get().expect("items lie in a buffer");
        buffer.get(self.place(buffer, index)).expect("the buffer is filled")
    }

    fn changed(&self) {
        self.changes.set(self.changes.get().wrapping_add(1));
    }
}

fn set(vm: &Vm, deque: Gc<PyDeque>, index: usize, item: Value) {
    let buffer = deque.buffer.get().expect("items lie in a buffer");
    buffer.set(&vm.heap, deque.place(buffer, index), item);
}

/// Makes room for one more item.
fn reserve(vm: &Vm, deque: Gc<PyDeque>) -> PyResult<()> {
    let capacity = deque.buffer.get().map_or(0, |buffer| buffer.len());
    if deque.len.get() < capacity {
        return Ok(());
    }
    let grown = vm.heap.alloc_values((capacity * 2).max(8)).map_err(|error| vm.out_of_memory(error))?;
    for index in 0..deque.len.get() {
        grown.push_within_capacity(&vm.heap, deque.get(index));
    }
    // The mask needs a power of two of initialised places.
    let places = (capacity * 2).max(8);
    while grown.len() < places {
        grown.push_within_capacity(&vm.heap, Value::NONE);
    }
    deque.buffer.set(&vm.heap, deque, Some(grown));
    deque.head.set(0);
    Ok(())
}

fn push_back(vm: &Vm, deque: Gc<PyDeque>, item: Value) -> PyResult<()> {
    deque.changed();
    if deque.max_len.get() == Some(deque.len.get()) {
        if deque.len.get() == 0 {
            return Ok(());
        }
        pop_front(vm, deque);
    }
    reserve(vm, deque)?;
    deque.len.set(deque.len.get() + 1);
    set(vm, deque, deque.len.get() - 1, item);
    Ok(())
}

fn push_front(vm: &Vm, deque: Gc<PyDeque>, item: Value) -> PyResult<()> {
    deque.changed();
    if deque.max_len.get() == Some(deque.len.get()) {
        if deque.len.get() == 0 {
            return Ok(());
        }
        pop_back(vm, deque);
    }
    reserve(vm, deque)?;
    let mask = deque.buffer.get().expect("reserved").len() - 1;
    deque.head.set(deque.head.get().wrapping_sub(1) & mask);
    deque.len.set(deque.len.get() + 1);
    set(vm, deque, 0, item);
    Ok(())
}

/// Removes the last item of a deque that has one.
fn pop_back(vm: &Vm, deque: Gc<PyDeque>) -> Value {
    let last = deque.len.get() - 1;
    let item = deque.get(last);
    // What is popped must not stay alive through the buffer.
    set(vm, deque, last, Value::NONE);
    deque.len.set(last);
    deque.changed();
    item
}

/// Removes the first item of a deque that has one.
fn pop_front(vm: &Vm, deque: Gc<PyDeque>) -> Value {
    let item = deque.get(0);
    set(vm, deque, 0, Value::NONE);
    let mask = deque.buffer.get().expect("has an item").len() - 1;
    deque.head.set((deque.head.get() + 1) & mask);
    deque.len.set(deque.len.get() - 1);
    deque.changed();
    item
}

fn index_of(vm: &Vm, deque: Gc<PyDeque>, key: Value) -> PyResult<usize> {
    let (index, len) = (vm.index_i64(key)?, deque.len.get() as i64);
    let index = if index < 0 { index + len } else { index };
    if (0..len).contains(&index) { Ok(index as usize) } else { Err(vm.index_error("deque index out of range")) }
}

/// Place of the first item equal to `wanted` in `start..end`.
fn find(vm: &Vm, deque: Gc<PyDeque>, wanted: Value, start: usize, end: usize) -> PyResult<Option<usize>> {
    let changes = deque.changes.get();
    for index in start..end.min(deque.len.get()) {
        if vm.eq(deque.get(index), wanted)? {
            return Ok(Some(index));
        }
        if deque.changes.get() != changes {
            return Err(vm.runtime_error("deque mutated during iteration"));
        }
    }
    Ok(None)
}

fn extend(vm: &Vm, value: Value, items: Value, push: fn(&Vm, Gc<PyDeque>, Value) -> PyResult<()>) -> PyResult<()> {
    let deque = own(vm, value);
    let items = if items == value { snapshot(vm, deque)? } else { items };
    vm.for_each(items, |item| push(vm, deque, item))
}

/// The items as a list.
fn snapshot(vm: &Vm, deque: Gc<PyDeque>) -> PyResult<Value> {
    let list = vm.new_list(&[])?;
    for index in 0..deque.len.get() {
        vm.list_append(list, deque.get(index))?;
    }
    Ok(list)
}

fn copy(vm: &Vm, value: Value) -> PyResult<Value> {
    let max_len = match own(vm, value).max_len.get() {
        Some(len) => vm.new_uint(len)?,
        None => Value::NONE,
    };
    vm.call(vm.type_of(value).as_value(), &[value, max_len])
}

fn rotate(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let deque = own(vm, args.at(0));
    let steps = args.opt(1).map_or(Ok(1), |steps| vm.index_i64(steps))?;
    let len = deque.len.get() as i64;
    if len > 1 {
        for _ in 0..steps.rem_euclid(len) {
            let item = pop_back(vm, deque);
            push_front(vm, deque, item)?;
        }
    }
    Ok(Value::NONE)
}

fn remove_at(vm: &Vm, deque: Gc<PyDeque>, index: usize) {
    for at in index..deque.len.get() - 1 {
        set(vm, deque, at, deque.get(at + 1));
    }
    pop_back(vm, deque);
}

fn init(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let deque = own(vm, args.at(0));
    let max_len = match args.opt(2).filter(|len| !len.is_none()) {
        None => None,
        Some(len) => {
            Some(usize::try_from(vm.index_i64(len)?).map_err(|_| vm.value_error("maxlen must be non-negative"))?)
        }
    };
    deque.len.set(0);
    deque.buffer.init(None);
    deque.max_len.set(max_len);
    if let Some(items) = args.opt(1) {
        extend(vm, args.at(0), items, push_back)?;
    }
    Ok(Value::NONE)
}

static INIT: NativeDef = NativeDef::method("deque", "self, iterable=(), maxlen=None", init);

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(x), Some(y)) = (vm.downcast::<PyDeque>(a), vm.downcast::<PyDeque>(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (x, y) = (snapshot(vm, x)?, snapshot(vm, y)?);
    vm.compare(x, y, op)
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let name = vm.type_of(value).name();
    vm.with_repr_guard(value, "[...]", || {
        let deque = own(vm, value);
        let content = vm.repr_text(snapshot(vm, deque)?)?;
        vm.new_str(&match deque.max_len.get() {
            Some(len) => format!("{name}({content}, maxlen={len})"),
            None => format!("{name}({content})"),
        })
    })
}

pub(super) static DEQUE: TypeDef = TypeDef {
    doc: "A list-like sequence optimized for data accesses near its endpoints.",
    flags: type_flags::BASE | type_flags::SEQUENCE | type_flags::HAS_WEAKREF,
    slots: Slots {
        repr: Some(repr),
        compare: Some(compare),
        len: Some(|vm, value| Ok(own(vm, value).len.get())),
        getitem: Some(|vm, value, key| {
            let deque = own(vm, value);
            Ok(deque.get(index_of(vm, deque, key)?))
        }),
        setitem: Some(|vm, value, key, new| {
            let deque = own(vm, value);
            let index = index_of(vm, deque, key)?;
            match new {
                Some(new) => set(vm, deque, index, new),
                None => remove_at(vm, deque, index),
            }
            Ok(())
        }),
        contains: Some(|vm, value, item| {
            let deque = own(vm, value);
            Ok(find(vm, deque, item, 0, deque.len.get())?.is_some())
        }),
        iter: Some(|vm, value| new_iterator(vm, value, false)),
        concat: Some(|vm, a, b| {
            if vm.downcast::<PyDeque>(b).is_none() {
                let found = vm.type_name(b);
                return Err(vm.type_error(format!("can only concatenate deque (not \"{found}\") to deque")));
            }
            let made = copy(vm, a)?;
            extend(vm, made, b, push_back)?;
            Ok(made)
        }),
        inplace_concat: Some(|vm, a, b| {
            extend(vm, a, b, push_back)?;
            Ok(a)
        }),
        repeat: Some(|vm, value, count| {
            let made = copy(vm, value)?;
            repeat(vm, made, vm.index_i64(count)?)?;
            Ok(made)
        }),
        inplace_repeat: Some(|vm, value, count| {
            repeat(vm, value, vm.index_i64(count)?)?;
            Ok(value)
        }),
        new: Some(|vm, class, _, _| {
            let made = vm.alloc_instance(class, 0, |header| PyDeque {
                header,
                buffer: Slot::new(None),
                head: Cell::new(0),
                len: Cell::new(0),
                max_len: Cell::new(None),
                changes: Cell::new(0),
            })?;
            Ok(made.as_value())
        }),
        init: Some(|vm, value, args, keyword_names| {
            let mut all: cinder_vm::value_vec::ValueVec<[Value; 4]> = cinder_vm::values![value];
            all.extend_from_slice(args);
            INIT.call(vm, &all, keyword_names).map(|_| ())
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("append", "self, item, /", |vm, args| {
            push_back(vm, own(vm, args.at(0)), args.at(1)).map(|()| Value::NONE)
        }),
        NativeDef::method("appendleft", "self, item, /", |vm, args| {
            push_front(vm, own(vm, args.at(0)), args.at(1)).map(|()| Value::NONE)
        }),
        NativeDef::method("pop", "self, /", |vm, args| match own(vm, args.at(0)) {
            deque if deque.len.get() == 0 => Err(vm.index_error("pop from an empty deque")),
            deque => Ok(pop_back(vm, deque)),
        }),
        NativeDef::method("popleft", "self, /", |vm, args| match own(vm, args.at(0)) {
            deque if deque.len.get() == 0 => Err(vm.index_error("pop from an empty deque")),
            deque => Ok(pop_front(vm, deque)),
        }),
        NativeDef::method("extend", "self, iterable, /", |vm, args| {
            extend(vm, args.at(0), args.at(1), push_back).map(|()| Value::NONE)
        }),
        NativeDef::method("extendleft", "self, iterable, /", |vm, args| {
            extend(vm, args.at(0), args.at(1), push_front).map(|()| Value::NONE)
        }),
        NativeDef::method("clear", "self, /", |vm, args| {
            let deque = own(vm, args.at(0));
            deque.len.set(0);
            deque.head.set(0);
            deque.buffer.init(None);
            deque.changed();
            Ok(Value::NONE)
        }),
        NativeDef::method("copy", "self, /", |vm, args| copy(vm, args.at(0))),
        NativeDef::method("__copy__", "self, /", |vm, args| copy(vm, args.at(0))),
        NativeDef::method("rotate", "self, n=1, /", rotate),
        NativeDef::method("reverse", "self, /", |vm, args| {
            let deque = own(vm, args.at(0));
            let len = deque.len.get();
            for index in 0..len / 2 {
                let (a, b) = (deque.get(index), deque.get(len - 1 - index));
                set(vm, deque, index, b);
                set(vm, deque, len - 1 - index, a);
            }
            Ok(Value::NONE)
        }),
        NativeDef::method("count", "self, value, /", |vm, args| {
            let deque = own(vm, args.at(0));
            let (changes, mut count) = (deque.changes.get(), 0);
            for index in 0..deque.len.get() {
                count += usize::from(vm.eq(deque.get(index), args.at(1))?);
                if deque.changes.get() != changes {
                    return Err(vm.runtime_error("deque mutated during iteration"));
                }
            }
            vm.new_uint(count)
        }),
        NativeDef::method("index", "self, value, start=None, stop=None, /", |vm, args| {
            let deque = own(vm, args.at(0));
            let (start, stop) = vm.search_range(args.opt(2), args.opt(3), deque.len.get())?;
            match find(vm, deque, args.at(1), start, stop)? {
                Some(index) => vm.new_uint(index),
                None => {
                    let shown = vm.repr_text(args.at(1))?;
                    Err(vm.value_error(format!("{shown} is not in deque")))
                }
            }
        }),
        NativeDef::method("remove", "self, value, /", |vm, args| {
            let deque = own(vm, args.at(0));
            let changes = deque.changes.get();
            for index in 0..deque.len.get() {
                let is_equal = vm.eq(deque.get(index), args.at(1))?;
                if deque.changes.get() != changes {
                    return Err(vm.index_error("deque mutated during remove()."));
                }
                if is_equal {
                    remove_at(vm, deque, index);
                    return Ok(Value::NONE);
                }
            }
            Err(vm.value_error("deque.remove(x): x not in deque"))
        }),
        NativeDef::method("insert", "self, index, value, /", insert),
        NativeDef::method("__reversed__", "self, /", |vm, args| new_iterator(vm, args.at(0), true)),
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let (class, deque) = (vm.type_of(args.at(0)).as_value(), own(vm, args.at(0)));
            let arguments = match deque.max_len.get() {
                Some(len) => vm.new_tuple(&[*vm.empty_tuple, vm.new_uint(len)?])?,
                None => *vm.empty_tuple,
            };
            let state = vm.call_method(args.at(0), vm.intern("__getstate__"), &[])?;
            vm.new_tuple(&[class, arguments, state, vm.iter(args.at(0))?])
        }),
        NativeDef::class_method("__class_getitem__", "cls, object, /", |vm, args| {
            vm.new_generic_alias(args.at(0), args.at(1))
        }),
    ],
    getset: &[GetSetDef::read_only("maxlen", |vm, value| match own(vm, value).max_len.get() {
        Some(len) => vm.new_uint(len),
        None => Ok(Value::NONE),
    })],
    ..TypeDef::new("collections.deque", <PyDeque as Payload>::LAYOUT)
};

fn repeat(vm: &Vm, value: Value, count: i64) -> PyResult<()> {
    let deque = own(vm, value);
    if count <= 0 {
        deque.len.set(0);
        deque.buffer.init(None);
        deque.changed();
        return Ok(());
    }
    let len = deque.len.get();
    let mut count = count.unsigned_abs() as usize;
    if let Some(most) = deque.max_len.get() {
        // What would be pushed out again is not put in.
        count = count.min(most.div_ceil(len.max(1)));
    }
    let bytes = len.checked_mul(count).and_then(|len| len.checked_mul(size_of::<Value>()));
    let bytes = bytes.filter(|bytes| *bytes <= isize::MAX as usize / 2);
    vm.check_native_bytes(bytes.ok_or_else(|| vm.memory_error_text("deque too large"))?)?;
    if len == 0 {
        return Ok(());
    }
    let items = snapshot(vm, deque)?;
    for _ in 1..count {
        extend(vm, value, items, push_back)?;
    }
    Ok(())
}

fn insert(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let deque = own(vm, args.at(0));
    let (index, len) = (vm.index_clamped(args.at(1))?, deque.len.get() as i64);
    if deque.max_len.get() == Some(deque.len.get()) {
        return Err(vm.index_error("deque already at its maximum size"));
    }
    let index = if index < 0 { (index + len).max(0) } else { index.min(len) } as usize;
    push_back(vm, deque, args.at(2))?;
    for at in (index + 1..deque.len.get()).rev() {
        set(vm, deque, at, deque.get(at - 1));
    }
    set(vm, deque, index, args.at(2));
    Ok(Value::NONE)
}

/// Payload of both iterators.
#[repr(C)]
struct PyDequeIterator {
    header: Header,
    deque: Slot<Gc<PyDeque>>,
    done: Cell<usize>,
    changes: usize,
    is_reverse: bool,
}

impl Trace for PyDequeIterator {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.deque.get().header());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyDequeIterator {}

cinder_vm::layout!(PyDequeIterator, "_deque_iterator");

/// `cls(deque, index=0)`: what pickle calls.
fn make_iterator(vm: &Vm, class: Gc<PyType>, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    static NEW: NativeDef = NativeDef::class_method("_deque_iterator", "cls, deque, index=0, /", |vm, args| {
        let Some(_) = vm.downcast::<PyDeque>(args.at(1)) else {
            let found = vm.type_name(args.at(1));
            return Err(vm.type_error(format!("argument 1 must be collections.deque, not {found}")));
        };
        let index = args.opt(2).map_or(Ok(0), |index| vm.index_i64(index))?;
        let is_reverse = args.at(0) == vm.native_class(&REVERSE_ITERATOR)?.as_value();
        let made = new_iterator(vm, args.at(1), is_reverse)?;
        iterator(vm, made).done.set(index.max(0) as usize);
        Ok(made)
    });
    crate::payload::construct(vm, &NEW, class.as_value(), args, names)
}

fn iterator(vm: &Vm, value: Value) -> Gc<PyDequeIterator> {
    vm.downcast::<PyDequeIterator>(value).expect("slot of this class")
}

fn left(iterator: Gc<PyDequeIterator>) -> usize {
    iterator.deque.get().len.get().saturating_sub(iterator.done.get())
}

const ITERATOR_SLOTS: Slots = Slots {
    new: Some(make_iterator),
    iter: Some(|_, value| Ok(value)),
    next: Some(|vm, value| {
        let own = iterator(vm, value);
        let (deque, done) = (own.deque.get(), own.done.get());
        if deque.changes.get() != own.changes {
            return Err(vm.runtime_error("deque mutated during iteration"));
        }
        if done >= deque.len.get() {
            return Ok(None);
        }
        own.done.set(done + 1);
        Ok(Some(deque.get(if own.is_reverse { deque.len.get() - 1 - done } else { done })))
    }),
    ..Slots::NONE
};

const ITERATOR_METHODS: &[NativeDef] = &[
    NativeDef::method("__length_hint__", "self, /", |vm, args| vm.new_uint(left(iterator(vm, args.at(0))))),
    NativeDef::method("__reduce__", "self, /", |vm, args| {
        let own = iterator(vm, args.at(0));
        let arguments = vm.new_tuple(&[own.deque.get().as_value(), vm.new_uint(own.done.get())?])?;
        vm.new_tuple(&[vm.type_of(args.at(0)).as_value(), arguments])
    }),
];

pub(super) static ITERATOR: TypeDef = TypeDef {
    slots: ITERATOR_SLOTS,
    methods: ITERATOR_METHODS,
    ..TypeDef::new("collections._deque_iterator", <PyDequeIterator as Payload>::LAYOUT)
};

pub(super) static REVERSE_ITERATOR: TypeDef = TypeDef {
    slots: ITERATOR_SLOTS,
    methods: ITERATOR_METHODS,
    ..TypeDef::new("collections._deque_reverse_iterator", <PyDequeIterator as Payload>::LAYOUT)
};

fn new_iterator(vm: &Vm, value: Value, is_reverse: bool) -> PyResult<Value> {
    let class = vm.native_class(if is_reverse { &REVERSE_ITERATOR } else { &ITERATOR })?;
    let deque = own(vm, value);
    let changes = deque.changes.get();
    let made = vm.alloc_instance(class, 0, |header| PyDequeIterator {
        header,
        deque: Slot::new(deque),
        done: Cell::new(0),
        changes,
        is_reverse,
    })?;
    Ok(made.as_value())
}
