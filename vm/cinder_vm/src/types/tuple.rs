//! `tuple`: items lie inline behind the length.

use std::cell::Cell;

use cinder_heap::{Gc, HeapObject, Trace, Tracer, object_header};
use cinder_layout::{Header, Value, size_class};

use cinder_bytecode::CompareOp;

use crate::interp::calls::copy_few;
use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::slice::{Subscript, normalize_index};
use crate::types::text_builder::TextBuilder;
use crate::types::type_::{PyType, type_flags};
use crate::vm::Vm;

/// Payload of a tuple; `len` values follow.
#[repr(C)]
pub struct PyTuple {
    header: Header,
    len: usize,
    /// Once computed; 0 before. (A tuple whose hash is 0 computes it each time.)
    hash: Cell<i64>,
}

impl PyTuple {
    /// Offset of the length, for machine code.
    pub const LEN_OFFSET: usize = std::mem::offset_of!(PyTuple, len);
    /// Offset of the first item, for machine code.
    pub const ITEMS_OFFSET: usize = size_of::<PyTuple>();

    fn new(header: Header, len: usize) -> PyTuple {
        PyTuple { header, len, hash: Cell::new(0) }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The hash, when it has been computed.
    #[inline]
    pub(crate) fn known_hash(&self) -> Option<i64> {
        Some(self.hash.get()).filter(|hash| *hash != 0)
    }

    /// The items; they never change.
    #[inline]
    pub fn items(&self) -> &[Value] {
        // SAFETY: `len` values follow the struct, written when the tuple was made.
        unsafe { std::slice::from_raw_parts((&raw const *self).wrapping_add(1).cast(), self.len) }
    }
}

impl Trace for PyTuple {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_slice(self.items());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyTuple {}

crate::layout!(PyTuple, "tuple", exact tuple, items |object| {
    // SAFETY: called for objects of this layout only.
    size_of::<PyTuple>() + unsafe { &*object.cast::<PyTuple>() }.len * 8
});

impl Vm {
    /// New exact tuple; the empty one is shared.
    pub fn new_tuple(&self, items: &[Value]) -> PyResult<Value> {
        if items.is_empty() && self.empty_tuple.is_set() {
            return Ok(*self.empty_tuple);
        }
        let object = PyTuple::new(object_header(BuiltinType::tuple as u32), items.len());
        // SAFETY: all items are written at once; room for `items.len()` values was reserved, and nothing else knows the object yet.
        unsafe {
            let tuple = self.alloc_tail_open(object, items.len() * 8)?;
            cinder_heap::copy_values(items.as_ptr(), tuple.tail::<Value>().as_ptr(), items.len());
            Ok(tuple.as_value())
        }
    }

    /// New exact tuple of the values in a few registers, as [`cinder_heap::Heap::take_cell`] finds room for it.
    ///
    /// # Safety
    /// `count` values, not none, lie at `items`.
    #[inline(always)]
    pub(crate) unsafe fn new_tuple_quickly(&self, items: *const Value, count: usize) -> Option<Value> {
        const MOST: usize = (128 - size_of::<PyTuple>()) / 8;
        if count > MOST {
            return None;
        }
        let bytes = size_of::<PyTuple>() + count * 8;
        let class = size_class::of_bytes(bytes);
        let tuple = self.heap.take_cell(class)?.cast::<PyTuple>();
        // SAFETY: the cell holds struct and items, and nothing else knows it yet.
        unsafe {
            tuple.write(PyTuple::new(object_header(BuiltinType::tuple as u32), count));
            tuple.cast::<Header>().as_ref().set_allocation(Header::words_of(bytes), class as u8);
            copy_few(items.cast(), tuple.as_ptr().add(1).cast(), count);
            Some(Gc::<PyTuple>::from_header(tuple.cast()).as_value())
        }
    }

    /// New exact tuple of `len` items; `item` allocates nothing and runs no Python code.
    pub fn new_tuple_with(&self, len: usize, item: impl Fn(usize) -> Value) -> PyResult<Value> {
        if len == 0 {
            return Ok(*self.empty_tuple);
        }
        // SAFETY: all items are written before anything is allocated.
        let tuple =
            unsafe { self.alloc_tail_open(PyTuple::new(object_header(BuiltinType::tuple as u32), len), len * 8)? };
        let first = tuple.tail::<Value>().as_ptr();
        for index in 0..len {
            // SAFETY: room for `len` values was reserved, and nothing else knows the object yet.
            unsafe { first.add(index).write(item(index)) };
        }
        Ok(tuple.as_value())
    }

    /// New tuple of a class whose payload is a tuple's.
    pub fn new_tuple_of(&self, class: Gc<PyType>, items: &[Value]) -> PyResult<Value> {
        let tuple = self.alloc_instance(class, items.len() * 8, |header| PyTuple::new(header, items.len()))?;
        // SAFETY: room for `items.len()` values was reserved, and nothing else knows the object yet.
        unsafe { cinder_heap::copy_values(items.as_ptr(), tuple.tail::<Value>().as_ptr(), items.len()) };
        Ok(tuple.as_value())
    }

    /// `tuple(iterable)`.
    pub fn tuple_from(&self, iterable: Value) -> PyResult<Value> {
        if self.downcast_exact::<PyTuple>(iterable).is_some() {
            return Ok(iterable);
        }
        let list = match self.downcast_exact::<crate::types::list::PyList>(iterable) {
            Some(list) => list,
            None => self.collect_list(iterable)?,
        };
        self.new_tuple(list.items.values())
    }

    /// Whether the items are equal, one by one.
    ///
    /// Runs Python: `__eq__` of items, also where the lengths differ.
    pub(crate) fn tuples_equal(&self, x: &PyTuple, y: &PyTuple) -> PyResult<bool> {
        self.check_native_stack()?;
        // Items stay what and where they are while comparing them runs Python code.
        for (left, right) in x.items().iter().zip(y.items()) {
            if left != right && !self.eq(*left, *right)? {
                return Ok(false);
            }
        }
        Ok(x.len() == y.len())
    }

    /// The value as a tuple (subclasses included).
    #[inline]
    pub fn as_tuple(&self, value: Value) -> Option<Gc<PyTuple>> {
        self.downcast::<PyTuple>(value)
    }

    /// Items of a value known to be a tuple.
    ///
    /// Panics: the value is no tuple.
    #[inline]
    pub fn tuple_items(&self, value: Value) -> &'static [Value] {
        let tuple = self.as_tuple(value).expect("caller checked that this is a tuple");
        // SAFETY: tuples never move nor change; the caller's `value` in scope keeps it alive.
        unsafe { &*(tuple.items() as *const [Value]) }
    }
}

/// Compares item by item up to the first difference. The items are asked for by index each time, because `__eq__` may change the containers.
///
/// Runs Python: yes. Source: `list_richcompare`.
pub fn compare_items(
    vm: &Vm,
    left: impl Fn(usize) -> Option<Value>,
    right: impl Fn(usize) -> Option<Value>,
    op: CompareOp,
) -> PyResult<Value> {
    vm.check_native_stack()?;
    let mut index = 0;
    loop {
        let ordering = match (left(index), right(index)) {
            (Some(a), Some(b)) => {
                if vm.eq(a, b)? {
                    index += 1;
                    continue;
                }
                return match op {
                    CompareOp::Eq => Ok(Value::FALSE),
                    CompareOp::Ne => Ok(Value::TRUE),
                    _ => vm.compare(a, b, op),
                };
            }
            (None, None) => std::cmp::Ordering::Equal,
            (None, Some(_)) => std::cmp::Ordering::Less,
            (Some(_), None) => std::cmp::Ordering::Greater,
        };
        return Ok(Value::from_bool(holds(ordering, op)));
    }
}

/// Whether `op` holds for operands in this order.
pub fn holds(ordering: std::cmp::Ordering, op: CompareOp) -> bool {
    match op {
        CompareOp::Lt => ordering.is_lt(),
        CompareOp::Le => ordering.is_le(),
        CompareOp::Eq => ordering.is_eq(),
        CompareOp::Ne => ordering.is_ne(),
        CompareOp::Gt => ordering.is_gt(),
        CompareOp::Ge => ordering.is_ge(),
    }
}

/// Hash of a sequence of items: the xxHash of CPython's tuples. With `length_counts` false the length is left out (slices).
pub fn hash_items(vm: &Vm, items: &[Value], length_counts: bool) -> PyResult<i64> {
    const PRIME_1: u64 = 11_400_714_785_074_694_791;
    const PRIME_2: u64 = 14_029_467_366_897_019_727;
    const PRIME_5: u64 = 2_870_177_450_012_600_261;
    vm.check_native_stack()?;
    let mut hash = PRIME_5;
    for item in items {
        hash = hash.wrapping_add((vm.hash(*item)? as u64).wrapping_mul(PRIME_2)).rotate_left(31).wrapping_mul(PRIME_1);
    }
    if length_counts {
        hash = hash.wrapping_add(items.len() as u64 ^ (PRIME_5 ^ 3_527_539));
    }
    Ok(if hash == u64::MAX { 1_546_275_796 } else { hash as i64 })
}

fn hash(vm: &Vm, value: Value) -> PyResult<i64> {
    let tuple = vm.as_tuple(value).expect("slot of this class");
    match tuple.hash.get() {
        0 => {
            let hash = hash_items(vm, tuple.items(), true)?;
            tuple.hash.set(hash);
            Ok(hash)
        }
        hash => Ok(hash),
    }
}

fn items(vm: &Vm, value: Value) -> &'static [Value] {
    vm.tuple_items(value)
}

static NEW: NativeDef = NativeDef::method("tuple", "cls, iterable=(), /", |vm, args| match args.opt(1) {
    None => vm.new_tuple(&[]),
    Some(iterable) => vm.tuple_from(iterable),
});

fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    if class == vm.types.tuple {
        return vm.call_with_first(&NEW, class.as_value(), args, names);
    }
    let (args, names) = vm.constructor_args(class, vm.types.tuple, args, names);
    let plain = vm.call_with_first(&NEW, class.as_value(), args, names)?;
    vm.new_tuple_of(class, items(vm, plain))
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let items = items(vm, value);
    if items.is_empty() {
        return vm.new_str("()");
    }
    vm.with_repr_guard(value, "(...)", || {
        let mut text = TextBuilder::new();
        text.push("(");
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                text.push(", ");
            }
            text.push_value(vm, vm.repr(*item)?);
        }
        text.push(if items.len() == 1 { ",)" } else { ")" });
        text.finish(vm)
    })
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(x), Some(y)) = (vm.as_tuple(a), vm.as_tuple(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::from_bool(vm.tuples_equal(&x, &y)? == (op == CompareOp::Eq)));
    }
    compare_items(vm, |index| x.items().get(index).copied(), |index| y.items().get(index).copied(), op)
}

fn getitem(vm: &Vm, value: Value, key: Value) -> PyResult<Value> {
    let items = items(vm, value);
    match vm.sequence_subscript(key, "tuple")? {
        Subscript::Index(index) => match normalize_index(index, items.len()) {
            Some(place) => Ok(items[place]),
            None => Err(vm.index_error("tuple index out of range")),
        },
        Subscript::Slice(bounds) => {
            let range = bounds.within(items.len());
            if range.count == items.len() && range.step == 1 && vm.type_of(value) == vm.types.tuple {
                return Ok(value);
            }
            if range.step == 1 {
                let start = range.start as usize;
                return vm.new_tuple(&items[start..start + range.count]);
            }
            let selected: crate::value_vec::ValueVec<[Value; 16]> = range.indices().map(|index| items[index]).collect();
            vm.new_tuple(&selected)
        }
    }
}

fn concat(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let Some(right) = vm.as_tuple(b) else {
        let found = vm.type_name(b);
        return Err(vm.type_error(format!("can only concatenate tuple (not \"{found}\") to tuple")));
    };
    let left = items(vm, a);
    if left.is_empty() && vm.type_of(b) == vm.types.tuple {
        return Ok(b);
    }
    if right.is_empty() && vm.type_of(a) == vm.types.tuple {
        return Ok(a);
    }
    vm.new_tuple_with(left.len() + right.len(), |index| {
        if index < left.len() { left[index] } else { right.items()[index - left.len()] }
    })
}

fn repeat(vm: &Vm, value: Value, count: Value) -> PyResult<Value> {
    let items = items(vm, value);
    let count = vm.index_i64(count)?.max(0) as usize;
    if (count == 1 || items.is_empty()) && vm.type_of(value) == vm.types.tuple {
        return Ok(value);
    }
    match items.len().checked_mul(count).filter(|len| *len < isize::MAX as usize / 8) {
        Some(len) => vm.new_tuple_with(len, |index| items[index % items.len()]),
        None => Err(vm.out_of_memory(cinder_heap::AllocError)),
    }
}

/// Bounds of `index(value, start, stop)`, clamped to `0..=len`.
pub(crate) fn search_bounds(vm: &Vm, args: &[Arg], len: usize) -> PyResult<(usize, usize)> {
    let bound = |index: usize, default: i64| -> PyResult<usize> {
        let Some(value) = args.opt(index) else { return Ok(default as usize) };
        if !value.is_int() && vm.type_of(value).slots().index.is_none() {
            return Err(vm.type_error("slice indices must be integers or have an __index__ method"));
        }
        let bound = vm.index_clamped(value)?;
        let bound = if bound < 0 { bound.saturating_add(len as i64).max(0) } else { bound };
        Ok(bound as usize)
    };
    Ok((bound(2, 0)?, bound(3, i64::MAX)?))
}

fn index(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let items = items(vm, args.at(0));
    let (start, stop) = search_bounds(vm, args, items.len())?;
    for (place, item) in items.iter().enumerate().take(stop).skip(start) {
        if vm.eq(*item, args.at(1))? {
            return vm.new_uint(place);
        }
    }
    Err(vm.value_error("tuple.index(x): x not in tuple"))
}

fn count(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut count = 0;
    for item in items(vm, args.at(0)) {
        count += usize::from(vm.eq(*item, args.at(1))?);
    }
    vm.new_uint(count)
}

fn contains(vm: &Vm, value: Value, item: Value) -> PyResult<bool> {
    for found in items(vm, value) {
        if vm.eq(*found, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub static TUPLE: crate::types::type_::TypeDef = crate::types::type_::TypeDef {
    doc: "Built-in immutable sequence.\n\nIf no argument is given, the constructor returns an empty tuple.\nIf iterable is specified the tuple is initialized from iterable's items.\n\nIf the argument is a tuple, the return value is the same object.",
    flags: type_flags::BASE | type_flags::SEQUENCE | type_flags::MATCH_SELF,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        len: Some(|vm, value| Ok(items(vm, value).len())),
        getitem: Some(getitem),
        contains: Some(contains),
        iter: Some(|vm, value| vm.new_index_iterator(BuiltinType::tuple_iterator, value, 0)),
        concat: Some(concat),
        repeat: Some(repeat),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("index", "self, value, start=0, stop=sys.maxsize, /", index)
            .doc("Return first index of value.\n\nRaises ValueError if the value is not present."),
        NativeDef::method("count", "self, value, /", count).doc("Return number of occurrences of value."),
        NativeDef::method("__getnewargs__", "self, /", |vm, args| {
            let plain = vm.new_tuple(items(vm, args.at(0)))?;
            vm.new_tuple(&[plain])
        }),
        crate::types::generic_alias::CLASS_GETITEM,
    ],
    ..crate::types::type_::TypeDef::new("tuple", <PyTuple as crate::object::Payload>::LAYOUT)
};
