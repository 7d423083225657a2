//! `slice`, and what sequences do with their subscripts.

use cinder_bytecode::CompareOp;
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::{ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::tuple::{compare_items, hash_items};
use crate::types::type_::TypeDef;
use crate::vm::Vm;

/// Payload of a slice; fields never change.
#[repr(C)]
pub struct PySlice {
    header: Header,
    pub start: Slot<Value>,
    pub stop: Slot<Value>,
    pub step: Slot<Value>,
}

impl Trace for PySlice {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.start.get());
        tracer.visit(self.stop.get());
        tracer.visit(self.step.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySlice {}

crate::layout!(PySlice, "slice", exact slice);

/// Start, stop and step of a slice as machine numbers, not yet related to a length. A bound that is not given is the number that every
/// length clamps to the default.
#[derive(Clone, Copy, Debug)]
pub struct SliceBounds {
    start: i64,
    stop: i64,
    pub(crate) step: i64,
}

/// The places a slice selects: `start`, `start + step`, ... `count` of them.
#[derive(Clone, Copy, Debug)]
pub struct SliceRange {
    pub start: i64,
    pub stop: i64,
    pub step: i64,
    pub count: usize,
}

impl SliceBounds {
    /// `step` is neither 0 nor the least number.
    #[inline]
    fn new(start: Option<i64>, stop: Option<i64>, step: i64) -> SliceBounds {
        let (first, last) = if step < 0 { (i64::MAX, i64::MIN) } else { (0, i64::MAX) };
        SliceBounds { start: start.unwrap_or(first), stop: stop.unwrap_or(last), step }
    }

    /// Bounds that are small ints or None; `None` for others.
    #[inline]
    pub(crate) fn simple(start: Value, stop: Value, step: i64) -> Option<SliceBounds> {
        let bound = |value: Value| match () {
            () if value.is_int() => Some(Some(value.as_int())),
            () if value.is_none() => Some(None),
            () => None,
        };
        Some(SliceBounds::new(bound(start)?, bound(stop)?, step))
    }

    /// Start and length of what bounds with step 1 select of `len` items.
    #[inline]
    pub(crate) fn stretch(self, len: usize) -> (usize, usize) {
        let clamp = |bound: i64| {
            let bound = if bound < 0 { bound.saturating_add(len as i64) } else { bound };
            bound.clamp(0, len as i64) as usize
        };
        let start = clamp(self.start);
        (start, clamp(self.stop).saturating_sub(start))
    }

    /// The places within a sequence of `len` items. Source: `PySlice_AdjustIndices`.
    #[inline]
    pub fn within(self, len: usize) -> SliceRange {
        let len = len as i64;
        let (low, high) = if self.step < 0 { (-1, len - 1) } else { (0, len) };
        let clamp = |bound: i64| {
            let bound = if bound < 0 { bound.saturating_add(len) } else { bound };
            bound.clamp(low, high)
        };
        let (start, stop) = (clamp(self.start), clamp(self.stop));
        let count = match self.step {
            1 => (stop - start).max(0),
            -1 => (start - stop).max(0),
            step if step < 0 && stop < start => (start - stop - 1) / -step + 1,
            step if step > 0 && start < stop => (stop - start - 1) / step + 1,
            _ => 0,
        };
        SliceRange { start, stop, step: self.step, count: count as usize }
    }
}

impl SliceRange {
    /// The selected indices in order.
    pub fn indices(self) -> impl Iterator<Item = usize> {
        (0..self.count as i64).map(move |number| (self.start + number * self.step) as usize)
    }
}

/// The places a slice selects in a sequence: what [`Vm::slice_indices`] answers.
#[derive(Clone, Copy, Debug)]
pub struct SliceIndices {
    pub start: usize,
    pub len: usize,
    pub step: i64,
}

impl SliceIndices {
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len).map(|index| (self.start as i64 + index as i64 * self.step) as usize)
    }
}

/// A subscript of a sequence.
pub enum Subscript {
    Index(i64),
    Slice(SliceBounds),
}

impl Vm {
    /// `slice(start, stop, step)`.
    pub fn new_slice(&self, start: Value, stop: Value, step: Value) -> PyResult<Value> {
        let header = object_header(BuiltinType::slice as u32);
        let slice = PySlice { header, start: Slot::new(start), stop: Slot::new(stop), step: Slot::new(step) };
        Ok(self.alloc(slice)?.as_value())
    }

    /// Indices of a slice key within `len` items; `None` when the key is no slice.
    pub fn slice_indices(&self, key: Value, len: usize) -> PyResult<Option<SliceIndices>> {
        let Some(slice) = self.downcast_exact::<PySlice>(key) else { return Ok(None) };
        let range = self.slice_bounds(slice)?.within(len);
        Ok(Some(SliceIndices { start: range.start.max(0) as usize, len: range.count, step: range.step }))
    }

    /// Machine numbers of a slice.
    ///
    /// Runs Python: `__index__`. Errors: ValueError for step zero; TypeError for bounds that are no ints.
    pub fn slice_bounds(&self, slice: Gc<PySlice>) -> PyResult<SliceBounds> {
        let bound = |value: Value| -> PyResult<Option<i64>> {
            if value.is_none() {
                return Ok(None);
            }
            if value.is_int() {
                return Ok(Some(value.as_int()));
            }
            if self.type_of(value).slots().index.is_none() {
                return Err(self.type_error("slice indices must be integers or None or have an __index__ method"));
            }
            self.index_clamped(value).map(Some)
        };
        let step = bound(slice.step.get())?.unwrap_or(1);
        if step == 0 {
            return Err(self.value_error("slice step cannot be zero"));
        }
        let (start, stop) = (bound(slice.start.get())?, bound(slice.stop.get())?);
        Ok(SliceBounds::new(start, stop, step.max(-i64::MAX)))
    }

    /// Subscript `key` of a sequence; `None` when it is neither an integer nor a slice.
    ///
    /// Runs Python: `__index__`; take the length afterwards. Errors: IndexError for an int that fits no machine number.
    #[inline]
    pub fn subscript(&self, key: Value) -> PyResult<Option<Subscript>> {
        if key.is_int() { Ok(Some(Subscript::Index(key.as_int()))) } else { self.subscript_slow(key) }
    }

    /// Bounds of a slice with small ints or None; `None` for other slices and other keys.
    #[inline]
    pub(crate) fn plain_slice(&self, key: Value) -> Option<SliceBounds> {
        let slice = self.downcast_exact::<PySlice>(key)?;
        let step = match slice.step.get() {
            step if step.is_none() => 1,
            step => step.try_int().filter(|step| *step != 0)?,
        };
        SliceBounds::simple(slice.start.get(), slice.stop.get(), step)
    }

    fn subscript_slow(&self, key: Value) -> PyResult<Option<Subscript>> {
        if let Some(bounds) = self.plain_slice(key) {
            return Ok(Some(Subscript::Slice(bounds)));
        }
        if let Some(slice) = self.downcast_exact::<PySlice>(key) {
            return Ok(Some(Subscript::Slice(self.slice_bounds(slice)?)));
        }
        if self.type_of(key).slots().index.is_none() {
            return Ok(None);
        }
        let index = self.index(key)?;
        match self.int_to_i64(index) {
            Some(index) => Ok(Some(Subscript::Index(index))),
            None => {
                let name = self.type_name(key);
                Err(self.index_error(format!("cannot fit '{name}' into an index-sized integer")))
            }
        }
    }

    /// Subscript of a `kind` sequence. Errors: TypeError `list indices must be integers or slices, not X`.
    #[inline]
    pub fn sequence_subscript(&self, key: Value, kind: &str) -> PyResult<Subscript> {
        match self.subscript(key)? {
            Some(subscript) => Ok(subscript),
            None => {
                let found = self.type_name(key);
                Err(self.type_error(format!("{kind} indices must be integers or slices, not {found}")))
            }
        }
    }
}

/// Place of `index`, which may count from the end, among `len` items.
#[inline]
pub fn normalize_index(index: i64, len: usize) -> Option<usize> {
    let place = if index < 0 { index + len as i64 } else { index };
    if (place as u64) < len as u64 { Some(place as usize) } else { None }
}

fn slice(vm: &Vm, value: Value) -> Gc<PySlice> {
    vm.downcast::<PySlice>(value).expect("slot of this class")
}

static NEW: NativeDef =
    NativeDef::method("slice", "cls, start_or_stop, stop=None, step=None, /", |vm, args| match args.opt(2) {
        None => vm.new_slice(Value::NONE, args.at(1), Value::NONE),
        Some(stop) => vm.new_slice(args.at(1), stop, args.opt(3).unwrap_or(Value::NONE)),
    });

pub static SLICE: TypeDef = TypeDef {
    doc: "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.  This is used for extended slicing (e.g. a[0:10:2]).",
    slots: Slots {
        new: Some(|vm, class, args, names| vm.call_with_first(&NEW, class.as_value(), args, names)),
        repr: Some(|vm, value| {
            let slice = slice(vm, value);
            let mut text = crate::types::text_builder::TextBuilder::new();
            text.push("slice(");
            text.push_value(vm, vm.repr(slice.start.get())?);
            text.push(", ");
            text.push_value(vm, vm.repr(slice.stop.get())?);
            text.push(", ");
            text.push_value(vm, vm.repr(slice.step.get())?);
            text.push(")");
            text.finish(vm)
        }),
        hash: Some(|vm, value| {
            let slice = slice(vm, value);
            hash_items(vm, &[slice.start.get(), slice.stop.get(), slice.step.get()], false)
        }),
        compare: Some(compare),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("indices", "self, object, /", indices),
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let slice = slice(vm, args.at(0));
            let parts = vm.new_tuple(&[slice.start.get(), slice.stop.get(), slice.step.get()])?;
            vm.new_tuple(&[vm.types.slice.as_value(), parts])
        }),
        crate::types::generic_alias::CLASS_GETITEM,
    ],
    getset: &[
        GetSetDef::member("start", |vm, value| Ok(slice(vm, value).start.get())),
        GetSetDef::member("stop", |vm, value| Ok(slice(vm, value).stop.get())),
        GetSetDef::member("step", |vm, value| Ok(slice(vm, value).step.get())),
    ],
    ..TypeDef::new("slice", <PySlice as Payload>::LAYOUT)
};

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(x), Some(y)) = (vm.downcast::<PySlice>(a), vm.downcast::<PySlice>(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if a == b {
        return Ok(Value::from_bool(matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge)));
    }
    let part = |slice: Gc<PySlice>, index: usize| match index {
        0 => Some(slice.start.get()),
        1 => Some(slice.stop.get()),
        2 => Some(slice.step.get()),
        _ => None,
    };
    compare_items(vm, |index| part(x, index), |index| part(y, index), op)
}

/// Start, stop and step of `slice.indices(len)` when all numbers are immediate (62 bits: nothing overflows).
fn small_indices(slice: Gc<PySlice>, len: Value) -> Option<[i64; 3]> {
    let small = |value: Value| value.is_int().then(|| value.as_int());
    let len = small(len).filter(|len| *len >= 0)?;
    let step = if slice.step.get().is_none() { 1 } else { small(slice.step.get()).filter(|step| *step != 0)? };
    let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
    let (first, last) = if step < 0 { (high, low) } else { (low, high) };
    let bound = |value: Value, default: i64| {
        if value.is_none() {
            return Some(default);
        }
        let bound = small(value)?;
        Some(if bound < 0 { bound + len } else { bound }.clamp(low, high))
    };
    Some([bound(slice.start.get(), first)?, bound(slice.stop.get(), last)?, step])
}

/// `slice.indices(len)`, with numbers of any size. Source: `_PySlice_GetLongIndices`.
fn indices(vm: &Vm, args: &[crate::native::Arg]) -> PyResult<Value> {
    use num_bigint::BigInt;
    use num_traits::{One, Signed, Zero};
    let slice = slice(vm, args.at(0));
    if let Some(found) = small_indices(slice, args.at(1)) {
        let [start, stop, step] = found;
        return vm.new_tuple(&[vm.new_int(start)?, vm.new_int(stop)?, vm.new_int(step)?]);
    }
    let big = |value: Value| -> PyResult<BigInt> {
        if !vm.is_int(value) && vm.type_of(value).slots().index.is_none() {
            return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
        }
        Ok(vm.int_to_big(vm.index(value)?).expect("index gives ints"))
    };
    let len = vm.int_to_big(vm.index(args.at(1))?).expect("index gives ints");
    if len.is_negative() {
        return Err(vm.value_error("length should not be negative"));
    }
    let step = if slice.step.get().is_none() { BigInt::one() } else { big(slice.step.get())? };
    if step.is_zero() {
        return Err(vm.value_error("slice step cannot be zero"));
    }
    let backwards = step.is_negative();
    let (low, high) = if backwards { (BigInt::from(-1), &len - 1) } else { (BigInt::zero(), len.clone()) };
    let bound = |value: Value, default: &BigInt| -> PyResult<BigInt> {
        if value.is_none() {
            return Ok(default.clone());
        }
        let bound = big(value)?;
        let bound = if bound.is_negative() { bound + &len } else { bound };
        Ok(bound.max(low.clone()).min(high.clone()))
    };
    let (first, last) = if backwards { (&high, &low) } else { (&low, &high) };
    let (start, stop) = (bound(slice.start.get(), first)?, bound(slice.stop.get(), last)?);
    let (start, stop) = (vm.new_bigint(start)?, vm.new_bigint(stop)?);
    vm.new_tuple(&[start, stop, vm.new_bigint(step)?])
}
