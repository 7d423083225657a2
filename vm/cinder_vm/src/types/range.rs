//! `range` and its iterators.
//!
//! Idea: bounds are int values of any size; everything about ranges whose numbers fit 64 bits is done with machine numbers, and iteration over them
//! allocates nothing. Source: Objects/rangeobject.c.

use std::cell::Cell;

use cinder_bytecode::CompareOp;
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::slice::{PySlice, SliceBounds};
use crate::types::tuple::hash_items;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of a range; fields never change. All are exact ints.
#[repr(C)]
pub struct PyRange {
    header: Header,
    pub start: Slot<Value>,
    pub stop: Slot<Value>,
    pub step: Slot<Value>,
    pub len: Slot<Value>,
}

impl Trace for PyRange {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for slot in [&self.start, &self.stop, &self.step, &self.len] {
            tracer.visit(slot.get());
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyRange {}

crate::layout!(PyRange, "range", exact range);

/// Payload of `range_iterator`: raw machine numbers.
#[repr(C)]
pub struct PyRangeIterator {
    header: Header,
    /// Next number.
    pub next: Cell<i64>,
    pub step: Cell<i64>,
    /// Numbers left.
    pub left: Cell<i64>,
}

impl PyRange {
    /// Start, step and length of a range of small ints in steps of one.
    #[inline(always)]
    pub fn small_parts(&self) -> Option<(i64, i64, i64)> {
        if self.step.get() != Value::ONE || !self.stop.get().is_int() {
            return None;
        }
        Some((self.start.get().try_int()?, 1, self.len.get().try_int()?))
    }
}

impl PyRangeIterator {
    /// The payload of an iterator over `(start, step, length)`.
    #[inline(always)]
    pub fn over((start, step, len): (i64, i64, i64)) -> PyRangeIterator {
        let header = object_header(BuiltinType::range_iterator as u32);
        PyRangeIterator { header, next: Cell::new(start), step: Cell::new(step), left: Cell::new(len) }
    }

    pub const NEXT_OFFSET: usize = std::mem::offset_of!(PyRangeIterator, next);
    pub const STEP_OFFSET: usize = std::mem::offset_of!(PyRangeIterator, step);
    pub const LEFT_OFFSET: usize = std::mem::offset_of!(PyRangeIterator, left);

    /// Next number.
    #[inline(always)]
    pub fn advance(&self) -> Option<i64> {
        let left = self.left.get();
        if left <= 0 {
            return None;
        }
        let number = self.next.get();
        self.next.set(number.wrapping_add(self.step.get()));
        self.left.set(left - 1);
        Some(number)
    }
}

impl Trace for PyRangeIterator {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first, no values.
unsafe impl HeapObject for PyRangeIterator {
    const LEAF: bool = true;
}

crate::layout!(PyRangeIterator, "range_iterator", exact range_iterator);

/// Payload of `longrange_iterator`.
#[repr(C)]
pub struct PyLongRangeIterator {
    header: Header,
    next: Slot<Value>,
    step: Slot<Value>,
    left: Slot<Value>,
}

impl Trace for PyLongRangeIterator {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for slot in [&self.next, &self.step, &self.left] {
            tracer.visit(slot.get());
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyLongRangeIterator {}

crate::layout!(PyLongRangeIterator, "longrange_iterator", exact long_range_iterator);

/// Number of items of a range; `step` is not zero.
fn count(start: &BigInt, stop: &BigInt, step: &BigInt) -> BigInt {
    let (low, high, size) = if step.is_positive() { (start, stop, step.clone()) } else { (stop, start, -step) };
    if low >= high { BigInt::zero() } else { (high - low - 1u8) / size + 1u8 }
}

/// As [`count`] for machine numbers.
fn count_small(start: i64, stop: i64, step: i64) -> i128 {
    let (low, high, size) = if step > 0 { (start, stop, i128::from(step)) } else { (stop, start, -i128::from(step)) };
    if low >= high { 0 } else { (i128::from(high) - i128::from(low) - 1) / size + 1 }
}

impl Vm {
    /// `range(start, stop, step)` of machine numbers; `step` is not zero.
    pub fn new_range(&self, start: i64, stop: i64, step: i64) -> PyResult<Value> {
        let (start, stop, step) = (self.new_int(start)?, self.new_int(stop)?, self.new_int(step)?);
        self.new_range_of(start, stop, step)
    }

    /// `range(stop)` of an exact int.
    pub(crate) fn new_range_to(&self, stop: Value) -> PyResult<Value> {
        self.new_range_of(Value::ZERO, stop, Value::ONE)
    }

    /// `range` of exact ints; `step` is not zero.
    pub(crate) fn new_range_of(&self, start: Value, stop: Value, step: Value) -> PyResult<Value> {
        if let (Some(first), Some(last), true) = (start.try_int(), stop.try_int(), step == Value::ONE) {
            // 63-bit numbers: the distance fits.
            let len = self.new_int((last - first).max(0))?;
            return self.range_with(start, stop, step, len);
        }
        let small = self.int_to_i64(start).zip(self.int_to_i64(stop)).zip(self.int_to_i64(step));
        let len = match small {
            Some(((first, last), by)) => match i64::try_from(count_small(first, last, by)) {
                Ok(len) => self.new_int(len)?,
                Err(_) => self.new_bigint(BigInt::from(count_small(first, last, by)))?,
            },
            None => self.new_bigint(count(&self.big(start), &self.big(stop), &self.big(step)))?,
        };
        self.range_with(start, stop, step, len)
    }

    fn range_with(&self, start: Value, stop: Value, step: Value, len: Value) -> PyResult<Value> {
        let header = object_header(BuiltinType::range as u32);
        let range = PyRange {
            header,
            start: Slot::new(start),
            stop: Slot::new(stop),
            step: Slot::new(step),
            len: Slot::new(len),
        };
        Ok(self.alloc(range)?.as_value())
    }

    fn big(&self, value: Value) -> BigInt {
        self.int_to_big(value).expect("ranges hold ints")
    }

    /// Start, step and length as machine numbers.
    #[inline]
    pub fn range_parts(&self, range: Gc<PyRange>) -> Option<(i64, i64, i64)> {
        if let Some(parts) = range.small_parts() {
            return Some(parts);
        }
        let (start, step, len) = (range.start.get(), range.step.get(), range.len.get());
        let (start, step, len) = (self.int_to_i64(start)?, self.int_to_i64(step)?, self.int_to_i64(len)?);
        // The last item must be a machine number too.
        if len > 0 {
            i64::try_from(i128::from(start) + i128::from(step) * i128::from(len - 1)).ok()?;
        }
        Some((start, step, len))
    }

    /// Item `index`, which lies within the range.
    fn range_item(&self, range: Gc<PyRange>, index: &BigInt) -> PyResult<Value> {
        self.new_bigint(self.big(range.start.get()) + index * self.big(range.step.get()))
    }

    /// Iterator over a range, forwards.
    pub fn range_iterator(&self, range: Gc<PyRange>) -> PyResult<Value> {
        match self.range_parts(range) {
            Some((start, step, len)) => self.new_range_iterator(start, step, len),
            None => self.new_long_iterator(range.start.get(), range.step.get(), range.len.get()),
        }
    }

    fn new_range_iterator(&self, start: i64, step: i64, len: i64) -> PyResult<Value> {
        Ok(self.alloc(PyRangeIterator::over((start, step, len)))?.as_value())
    }

    fn new_long_iterator(&self, start: Value, step: Value, len: Value) -> PyResult<Value> {
        let header = object_header(BuiltinType::long_range_iterator as u32);
        let iterator =
            PyLongRangeIterator { header, next: Slot::new(start), step: Slot::new(step), left: Slot::new(len) };
        Ok(self.alloc(iterator)?.as_value())
    }

    /// Place of an int in a range.
    fn range_position(&self, range: Gc<PyRange>, number: Value) -> Option<BigInt> {
        if let (Some((start, step, len)), Some(number)) = (self.range_parts(range), self.int_to_i64(number)) {
            let distance = i128::from(number) - i128::from(start);
            let step = i128::from(step);
            let place = distance / step;
            return (distance % step == 0 && place >= 0 && place < i128::from(len)).then(|| BigInt::from(place));
        }
        let distance = self.big(number) - self.big(range.start.get());
        let step = self.big(range.step.get());
        let (place, rest) = (&distance / &step, &distance % &step);
        (rest.is_zero() && !place.is_negative() && place < self.big(range.len.get())).then_some(place)
    }
}

fn range(vm: &Vm, value: Value) -> Gc<PyRange> {
    vm.downcast::<PyRange>(value).expect("slot of this class")
}

static NEW: NativeDef = NativeDef::method("range", "cls, start_or_stop, stop=None, step=1, /", |vm, args| {
    let Some(stop) = args.opt(2) else {
        let stop = vm.index(args.at(1))?;
        return vm.new_range_of(Value::ZERO, stop, Value::ONE);
    };
    let (start, stop) = (vm.index(args.at(1))?, vm.index(stop)?);
    let step = match args.opt(3) {
        Some(step) => vm.index(step)?,
        None => Value::ONE,
    };
    if step == Value::ZERO {
        return Err(vm.value_error("range() arg 3 must not be zero"));
    }
    vm.new_range_of(start, stop, step)
});

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let range = range(vm, value);
    let text = |value: Value| vm.repr_text(value);
    let (start, stop) = (text(range.start.get())?, text(range.stop.get())?);
    if range.step.get() == Value::ONE {
        return vm.new_str(&format!("range({start}, {stop})"));
    }
    vm.new_str(&format!("range({start}, {stop}, {})", text(range.step.get())?))
}

fn getitem(vm: &Vm, value: Value, key: Value) -> PyResult<Value> {
    let range = range(vm, value);
    if let Some(slice) = vm.downcast_exact::<PySlice>(key) {
        return getslice(vm, value, range, slice);
    }
    if !key.is_int() && vm.type_of(key).slots().index.is_none() {
        let found = vm.type_name(key);
        return Err(vm.type_error(format!("range indices must be integers or slices, not {found}")));
    }
    let index = vm.index(key)?;
    if let (Some((start, step, len)), Some(index)) = (vm.range_parts(range), index.try_int()) {
        let place = if index < 0 { index + len } else { index };
        if place >= 0 && place < len {
            return vm.new_int(start.wrapping_add(step.wrapping_mul(place)));
        }
        return Err(vm.index_error("range object index out of range"));
    }
    let len = vm.big(range.len.get());
    let index = vm.big(index);
    let place = if index.is_negative() { index + &len } else { index };
    if place.is_negative() || place >= len {
        return Err(vm.index_error("range object index out of range"));
    }
    vm.range_item(range, &place)
}

fn getslice(vm: &Vm, value: Value, range: Gc<PyRange>, slice: Gc<PySlice>) -> PyResult<Value> {
    if let (Some((start, step, len)), Some(bounds)) =
        (vm.range_parts(range), SliceBounds::simple(slice.start.get(), slice.stop.get(), 1))
        && slice.step.get().is_none()
    {
        // Places from 0 to the length: one step behind the last item may be no machine number.
        let places = bounds.within(len as usize);
        let item = |place: i64| step.checked_mul(place).and_then(|distance| start.checked_add(distance));
        if let (Some(first), Some(last)) = (item(places.start), item(places.stop)) {
            return vm.new_range(first, last, step);
        }
    }
    let places = vm.call_method(slice.as_value(), vm.intern("indices"), &[range.len.get()])?;
    let &[start, stop, step] = vm.tuple_items(places) else { return Ok(value) };
    let own_step = vm.big(range.step.get());
    let start = vm.range_item(range, &vm.big(start))?;
    let stop = vm.range_item(range, &vm.big(stop))?;
    let step = vm.new_bigint(own_step * vm.big(step))?;
    vm.new_range_of(start, stop, step)
}

/// Whether the value is an int whose equality is an int's own.
fn is_plain_int(vm: &Vm, value: Value) -> bool {
    let class = vm.type_of(value);
    class == vm.types.int || class == vm.types.bool_
}

fn contains(vm: &Vm, value: Value, item: Value) -> PyResult<bool> {
    if is_plain_int(vm, item) {
        return Ok(vm.range_position(range(vm, value), item).is_some());
    }
    let iterator = vm.iter(value)?;
    while let Some(found) = vm.next(iterator)? {
        if vm.eq(found, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(x), Some(y)) = (vm.downcast::<PyRange>(a), vm.downcast::<PyRange>(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let equal = vm.is(x.len.get(), y.len.get())
        && (x.len.get() == Value::ZERO
            || vm.is(x.start.get(), y.start.get()) && (x.len.get() == Value::ONE || vm.is(x.step.get(), y.step.get())));
    Ok(Value::from_bool(equal == (op == CompareOp::Eq)))
}

fn hash(vm: &Vm, value: Value) -> PyResult<i64> {
    let range = range(vm, value);
    let (len, start, step) = (range.len.get(), range.start.get(), range.step.get());
    let start = if len == Value::ZERO { Value::NONE } else { start };
    let step = if len == Value::ZERO || len == Value::ONE { Value::NONE } else { step };
    hash_items(vm, &[len, start, step], true)
}

fn index(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    if is_plain_int(vm, args.at(1)) {
        return match vm.range_position(range(vm, args.at(0)), args.at(1)) {
            Some(place) => vm.new_bigint(place),
            None => Err(vm.value_error("range.index(x): x not in range")),
        };
    }
    let iterator = vm.iter(args.at(0))?;
    let mut place = 0;
    while let Some(found) = vm.next(iterator)? {
        if vm.eq(found, args.at(1))? {
            return vm.new_int(place);
        }
        place += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}

fn count_items(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    if is_plain_int(vm, args.at(1)) {
        return Ok(Value::from_i32(i32::from(vm.range_position(range(vm, args.at(0)), args.at(1)).is_some())));
    }
    let iterator = vm.iter(args.at(0))?;
    let mut count = 0;
    while let Some(found) = vm.next(iterator)? {
        count += i64::from(vm.eq(found, args.at(1))?);
    }
    vm.new_int(count)
}

fn reversed(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let range = range(vm, args.at(0));
    if let Some((start, step, len)) = vm.range_parts(range)
        && let Some(back) = step.checked_neg()
    {
        let last = if len == 0 { start } else { start.wrapping_add((len - 1).wrapping_mul(step)) };
        return vm.new_range_iterator(last, back, len);
    }
    let len = vm.big(range.len.get());
    let last = vm.range_item(range, &(len - 1))?;
    let back = vm.new_bigint(-vm.big(range.step.get()))?;
    vm.new_long_iterator(last, back, range.len.get())
}

pub static RANGE: TypeDef = TypeDef {
    doc: "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nReturn an object that produces a sequence of integers from start (inclusive)\nto stop (exclusive) by step.  range(i, j) produces i, i+1, i+2, ..., j-1.\nstart defaults to 0, and stop is omitted!  range(4) produces 0, 1, 2, 3.\nThese are exactly the valid indices for a list of 4 elements.\nWhen step is given, it specifies the increment (or decrement).",
    flags: type_flags::SEQUENCE,
    slots: Slots {
        new: Some(|vm, class, args, names| vm.call_with_first(&NEW, class.as_value(), args, names)),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        len: Some(|vm, value| {
            let len = range(vm, value).len.get();
            match vm.int_to_i64(len) {
                Some(len) => Ok(len as usize),
                None => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
            }
        }),
        bool: Some(|vm, value| Ok(range(vm, value).len.get() != Value::ZERO)),
        getitem: Some(getitem),
        contains: Some(contains),
        iter: Some(|vm, value| vm.range_iterator(range(vm, value))),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__reversed__", "self, /", reversed).doc("Return a reverse iterator."),
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let range = range(vm, args.at(0));
            let parts = vm.new_tuple(&[range.start.get(), range.stop.get(), range.step.get()])?;
            vm.new_tuple(&[vm.types.range.as_value(), parts])
        }),
        NativeDef::method("count", "self, object, /", count_items).doc("rangeobject.count(value) -> integer -- return number of occurrences of value"),
        NativeDef::method("index", "self, object, /", index)
            .doc("rangeobject.index(value) -> integer -- return index of value.\nRaise ValueError if the value is not present."),
    ],
    getset: &[
        GetSetDef::member("start", |vm, value| Ok(range(vm, value).start.get())),
        GetSetDef::member("stop", |vm, value| Ok(range(vm, value).stop.get())),
        GetSetDef::member("step", |vm, value| Ok(range(vm, value).step.get())),
    ],
    ..TypeDef::new("range", <PyRange as Payload>::LAYOUT)
};

fn small(vm: &Vm, value: Value) -> Gc<PyRangeIterator> {
    vm.downcast::<PyRangeIterator>(value).expect("slot of this class")
}

fn long(vm: &Vm, value: Value) -> Gc<PyLongRangeIterator> {
    vm.downcast::<PyLongRangeIterator>(value).expect("slot of this class")
}

/// `(iter, (range,), None)` for what is left.
fn reduce_to(vm: &Vm, start: BigInt, step: BigInt, left: BigInt) -> PyResult<Value> {
    let stop = vm.new_bigint(&start + &step * left)?;
    let (start, step) = (vm.new_bigint(start)?, vm.new_bigint(step)?);
    let range = vm.new_range_of(start, stop, step)?;
    let args = vm.new_tuple(&[range])?;
    vm.new_tuple(&[vm.builtin("iter")?, args, Value::NONE])
}

pub static RANGE_ITERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        iter: Some(|_, iterator| Ok(iterator)),
        next: Some(|vm, iterator| small(vm, iterator).advance().map(|number| vm.new_int(number)).transpose()),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__length_hint__", "self, /", |vm, args| vm.new_int(small(vm, args.at(0)).left.get())),
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let iterator = small(vm, args.at(0));
            reduce_to(vm, iterator.next.get().into(), iterator.step.get().into(), iterator.left.get().into())
        }),
        NativeDef::method("__setstate__", "self, object, /", |vm, args| {
            let iterator = small(vm, args.at(0));
            let skip = vm.index_i64(args.at(1))?.clamp(0, iterator.left.get());
            iterator.next.set(iterator.next.get().wrapping_add(iterator.step.get().wrapping_mul(skip)));
            iterator.left.set(iterator.left.get() - skip);
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("range_iterator", <PyRangeIterator as Payload>::LAYOUT)
};

pub static LONG_RANGE_ITERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        iter: Some(|_, iterator| Ok(iterator)),
        next: Some(|vm, value| {
            let iterator = long(vm, value);
            let left = vm.big(iterator.left.get());
            if !left.is_positive() {
                return Ok(None);
            }
            let number = iterator.next.get();
            let next = vm.new_bigint(vm.big(number) + vm.big(iterator.step.get()))?;
            iterator.next.set(&vm.heap, iterator, next);
            let left = vm.new_bigint(left - BigInt::one())?;
            iterator.left.set(&vm.heap, iterator, left);
            Ok(Some(number))
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__length_hint__", "self, /", |vm, args| Ok(long(vm, args.at(0)).left.get())),
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let iterator = long(vm, args.at(0));
            reduce_to(vm, vm.big(iterator.next.get()), vm.big(iterator.step.get()), vm.big(iterator.left.get()))
        }),
        NativeDef::method("__setstate__", "self, object, /", |vm, args| {
            let iterator = long(vm, args.at(0));
            let left = vm.big(iterator.left.get());
            let skip = vm.big(vm.index(args.at(1))?).max(BigInt::zero()).min(left.clone());
            let next = vm.new_bigint(vm.big(iterator.next.get()) + vm.big(iterator.step.get()) * &skip)?;
            iterator.next.set(&vm.heap, iterator, next);
            let left = vm.new_bigint(left - skip)?;
            iterator.left.set(&vm.heap, iterator, left);
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("longrange_iterator", <PyLongRangeIterator as Payload>::LAYOUT)
};
