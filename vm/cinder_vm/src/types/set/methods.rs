//! `set` and `frozenset`: classes and methods.

use cinder_bytecode::CompareOp;
use cinder_heap::{Gc, object_header};
use cinder_layout::Value;

use super::PySet;
use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::{Binary, Slots};
use crate::types::BuiltinType;
use crate::types::text_builder::TextBuilder;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

fn set(vm: &Vm, value: Value) -> Gc<PySet> {
    vm.as_set(value).expect("slot of this class")
}

fn is_frozen(vm: &Vm, value: Value) -> bool {
    vm.is_instance(value, vm.types.frozen_set)
}

/// Empty exact set of the builtin class that `like` derives from.
fn empty_like(vm: &Vm, like: Value) -> PyResult<Gc<PySet>> {
    let class = if is_frozen(vm, like) { BuiltinType::frozen_set } else { BuiltinType::set };
    vm.alloc(PySet::empty(object_header(class as u32)))
}

/// The keys of `from`, a fresh set, in the kind of set that `like` is.
fn kind_of(vm: &Vm, like: Value, from: Gc<PySet>) -> PyResult<Value> {
    if !is_frozen(vm, like) {
        return Ok(from.as_value());
    }
    let result = empty_like(vm, like)?;
    result.table.set(&vm.heap, result, from.table.get());
    result.used.set(from.used.get());
    result.fill.set(from.fill.get());
    Ok(result.as_value())
}

fn copy(vm: &Vm, value: Value) -> PyResult<Value> {
    if vm.type_of(value) == vm.types.frozen_set {
        return Ok(value);
    }
    let result = empty_like(vm, value)?;
    vm.set_merge(result, set(vm, value))?;
    Ok(result.as_value())
}

fn union(vm: &Vm, value: Value, others: &[Value]) -> PyResult<Value> {
    let result = empty_like(vm, value)?;
    vm.set_merge(result, set(vm, value))?;
    for other in others {
        vm.set_update(result, *other)?;
    }
    Ok(result.as_value())
}

fn intersection(vm: &Vm, value: Value, others: &[Value]) -> PyResult<Value> {
    let Some((first, rest)) = others.split_first() else { return copy(vm, value) };
    let mut result = vm.set_intersection(set(vm, value), *first)?;
    for other in rest {
        result = vm.set_intersection(result, *other)?;
    }
    kind_of(vm, value, result)
}

fn difference(vm: &Vm, value: Value, others: &[Value]) -> PyResult<Value> {
    let Some((first, rest)) = others.split_first() else { return copy(vm, value) };
    let result = vm.set_difference(set(vm, value), *first)?;
    for other in rest {
        vm.set_difference_update(result, *other)?;
    }
    kind_of(vm, value, result)
}

fn symmetric_difference(vm: &Vm, value: Value, other: Value) -> PyResult<Value> {
    let result = vm.set_from(other)?;
    vm.set_symmetric_update(result, value)?;
    kind_of(vm, value, result)
}

/// Gives `value` the content of `from`, a fresh set.
fn replace(vm: &Vm, value: Gc<PySet>, from: Gc<PySet>) {
    value.table.set(&vm.heap, value, from.table.get());
    value.used.set(from.used.get());
    value.fill.set(from.fill.get());
    value.finger.set(0);
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = vm.type_of(value);
    let name = class.name();
    if set(vm, value).is_empty() {
        return vm.new_str(&format!("{name}()"));
    }
    vm.with_repr_guard(value, &format!("{name}(...)"), || {
        let keys = vm.collect_list(value)?;
        let mut text = TextBuilder::new();
        let plain = class == vm.types.set;
        if !plain {
            text.push(&name);
            text.push("(");
        }
        text.push("{");
        for index in 0..keys.len() {
            if index > 0 {
                text.push(", ");
            }
            text.push_value(vm, vm.repr(keys.items.values()[index])?);
        }
        text.push(if plain { "}" } else { "})" });
        text.finish(vm)
    })
}

fn frozen_hash(vm: &Vm, value: Value) -> PyResult<i64> {
    fn shuffle(hash: u64) -> u64 {
        ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167)
    }
    let set = set(vm, value);
    if let Some(hash) = set.hash.get() {
        return Ok(hash);
    }
    let mut hash = 0;
    for place in 0..set.places() {
        if let Some((_, key_hash)) = set.key_at(place) {
            hash ^= shuffle(key_hash as u64);
        }
    }
    hash ^= (set.len() as u64 + 1).wrapping_mul(1_927_868_237);
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
    let hash = if hash == u64::MAX { 590_923_713 } else { hash as i64 };
    set.hash.set(Some(hash));
    Ok(hash)
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(x), Some(y)) = (vm.as_set(a), vm.as_set(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    let equal = |x: Gc<PySet>, y: Gc<PySet>| -> PyResult<bool> {
        if x.len() != y.len() {
            return Ok(false);
        }
        if let (Some(p), Some(q)) = (x.hash.get(), y.hash.get())
            && p != q
        {
            return Ok(false);
        }
        vm.set_is_subset(x, y)
    };
    let result = match op {
        CompareOp::Eq => equal(x, y)?,
        CompareOp::Ne => !equal(x, y)?,
        CompareOp::Le => vm.set_is_subset(x, y)?,
        CompareOp::Ge => vm.set_is_subset(y, x)?,
        CompareOp::Lt => x.len() < y.len() && vm.set_is_subset(x, y)?,
        CompareOp::Gt => x.len() > y.len() && vm.set_is_subset(y, x)?,
    };
    Ok(Value::from_bool(result))
}

/// An operator of two sets.
fn both_sets(vm: &Vm, a: Value, b: Value, operate: fn(&Vm, Value, &[Value]) -> PyResult<Value>) -> PyResult<Value> {
    if vm.as_set(a).is_none() || vm.as_set(b).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    operate(vm, a, &[b])
}

const BINARY: [Option<Binary>; 13] = {
    let mut table: [Option<Binary>; 13] = [None; 13];
    table[1] = Some(|vm, a, b| both_sets(vm, a, b, difference));
    table[9] = Some(|vm, a, b| both_sets(vm, a, b, intersection));
    table[10] = Some(|vm, a, b| both_sets(vm, a, b, union));
    table[11] = Some(|vm, a, b| both_sets(vm, a, b, |vm, a, b| symmetric_difference(vm, a, b[0])));
    table
};

/// An in-place operator: `update` changes the left set.
fn in_place(vm: &Vm, a: Value, b: Value, update: fn(&Vm, Gc<PySet>, Value) -> PyResult<()>) -> PyResult<Value> {
    if vm.as_set(b).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    update(vm, set(vm, a), b)?;
    Ok(a)
}

fn intersection_update(vm: &Vm, set: Gc<PySet>, other: Value) -> PyResult<()> {
    let result = vm.set_intersection(set, other)?;
    replace(vm, set, result);
    Ok(())
}

const INPLACE: [Option<Binary>; 13] = {
    let mut table: [Option<Binary>; 13] = [None; 13];
    table[1] = Some(|vm, a, b| in_place(vm, a, b, |vm, set, other| vm.set_difference_update(set, other)));
    table[9] = Some(|vm, a, b| in_place(vm, a, b, intersection_update));
    table[10] = Some(|vm, a, b| in_place(vm, a, b, |vm, set, other| vm.set_update(set, other)));
    table[11] = Some(|vm, a, b| in_place(vm, a, b, |vm, set, other| vm.set_symmetric_update(set, other)));
    table
};

fn others(vm: &Vm, args: &[Arg]) -> &'static [Value] {
    vm.tuple_items(args.at(1))
}

fn is_disjoint(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = set(vm, args.at(0));
    if let Some(other) = vm.as_set(args.at(1)) {
        let (walked, asked) = if other.len() > own.len() { (own, other) } else { (other, own) };
        for place in 0..walked.places() {
            if let Some((key, hash)) = walked.key_at(place)
                && vm.set_has(asked, key, hash)?
            {
                return Ok(Value::FALSE);
            }
        }
        return Ok(Value::TRUE);
    }
    let iterator = vm.iter(args.at(1))?;
    while let Some(key) = vm.next(iterator)? {
        let hash = vm.hash_element(key)?;
        if vm.set_has(own, key, hash)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn as_any_set(vm: &Vm, value: Value) -> PyResult<Gc<PySet>> {
    match vm.as_set(value) {
        Some(set) => Ok(set),
        None => vm.set_from(value),
    }
}

fn reduce(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let keys = vm.list_from(args.at(0))?;
    let state = vm.call_special(args.at(0), vm.names.__getstate__, &[])?.unwrap_or(Value::NONE);
    let parts = vm.new_tuple(&[keys])?;
    vm.new_tuple(&[vm.type_of(args.at(0)).as_value(), parts, state])
}

const COPY: NativeDef =
    NativeDef::method("copy", "self, /", |vm, args| copy(vm, args.at(0))).doc("Return a shallow copy of a set.");
const UNION: NativeDef =
    NativeDef::method("union", "self, /, *others", |vm, args| union(vm, args.at(0), others(vm, args)))
        .positional(1, |vm, args| union(vm, args[0], &args[1..]))
        .doc("Return a new set with elements from the set and all others.");
const INTERSECTION: NativeDef =
    NativeDef::method("intersection", "self, /, *others", |vm, args| intersection(vm, args.at(0), others(vm, args)))
        .positional(1, |vm, args| intersection(vm, args[0], &args[1..]))
        .doc("Return a new set with elements common to the set and all others.");
const DIFFERENCE: NativeDef =
    NativeDef::method("difference", "self, /, *others", |vm, args| difference(vm, args.at(0), others(vm, args)))
        .positional(1, |vm, args| difference(vm, args[0], &args[1..]))
        .doc("Return a new set with elements in the set that are not in the others.");
const SYMMETRIC: NativeDef = NativeDef::method("symmetric_difference", "self, other, /", |vm, args| {
    symmetric_difference(vm, args.at(0), args.at(1))
})
.doc("Return a new set with elements in either the set or other but not both.");
const SUBSET: NativeDef = NativeDef::method("issubset", "self, other, /", |vm, args| {
    let other = as_any_set(vm, args.at(1))?;
    Ok(Value::from_bool(vm.set_is_subset(set(vm, args.at(0)), other)?))
})
.doc("Report whether another set contains this set.");
const SUPERSET: NativeDef = NativeDef::method("issuperset", "self, other, /", |vm, args| {
    let own = set(vm, args.at(0));
    if let Some(other) = vm.as_set(args.at(1)) {
        return Ok(Value::from_bool(vm.set_is_subset(other, own)?));
    }
    let iterator = vm.iter(args.at(1))?;
    while let Some(key) = vm.next(iterator)? {
        if !vm.set_contains(own, key)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
})
.doc("Report whether this set contains another set.");
const DISJOINT: NativeDef = NativeDef::method("isdisjoint", "self, other, /", is_disjoint)
    .doc("Return True if two sets have a null intersection.");
const REDUCE: NativeDef =
    NativeDef::method("__reduce__", "self, /", reduce).doc("Return state information for pickling.");
const SIZE_OF: NativeDef = NativeDef::method("__sizeof__", "self, /", |vm, args| {
    let table = set(vm, args.at(0)).table.get().map_or(0, |table| vm.heap.size_of(table.header()));
    vm.new_uint(size_of::<PySet>() + table)
})
.doc("S.__sizeof__() -> size of S in memory, in bytes.");

static METHODS: &[NativeDef] = &[
    NativeDef::method("add", "self, object, /", |vm, args| {
        vm.set_add(set(vm, args.at(0)), args.at(1))?;
        Ok(Value::NONE)
    })
    .doc("Add an element to a set.\n\nThis has no effect if the element is already present."),
    NativeDef::method("remove", "self, object, /", |vm, args| {
        if vm.set_discard(set(vm, args.at(0)), args.at(1))? { Ok(Value::NONE) } else { Err(vm.key_error(args.at(1))) }
    })
    .doc("Remove an element from a set; it must be a member.\n\nIf the element is not a member, raise a KeyError."),
    NativeDef::method("discard", "self, object, /", |vm, args| {
        vm.set_discard(set(vm, args.at(0)), args.at(1))?;
        Ok(Value::NONE)
    })
    .doc("Remove an element from a set if it is a member.\n\nUnlike set.remove(), the discard() method does not raise\nan exception when an element is missing from the set."),
    NativeDef::method("pop", "self, /", |vm, args| match vm.set_pop(set(vm, args.at(0))) {
        Some(key) => Ok(key),
        None => Err(vm.raise_text(vm.exceptions.KeyError, "pop from an empty set")),
    })
    .doc("Remove and return an arbitrary set element.\n\nRaises KeyError if the set is empty."),
    NativeDef::method("clear", "self, /", |vm, args| {
        vm.set_clear(set(vm, args.at(0)));
        Ok(Value::NONE)
    })
    .doc("Remove all elements from this set."),
    NativeDef::method("update", "self, /, *others", |vm, args| {
        for other in others(vm, args) {
            vm.set_update(set(vm, args.at(0)), *other)?;
        }
        Ok(Value::NONE)
    })
    .positional(1, |vm, args| {
        for other in &args[1..] {
            vm.set_update(set(vm, args[0]), *other)?;
        }
        Ok(Value::NONE)
    })
    .doc("Update the set, adding elements from all others."),
    NativeDef::method("intersection_update", "self, /, *others", |vm, args| {
        let result = intersection(vm, args.at(0), others(vm, args))?;
        replace(vm, set(vm, args.at(0)), set(vm, result));
        Ok(Value::NONE)
    })
    .doc("Update the set, keeping only elements found in it and all others."),
    NativeDef::method("difference_update", "self, /, *others", |vm, args| {
        for other in others(vm, args) {
            vm.set_difference_update(set(vm, args.at(0)), *other)?;
        }
        Ok(Value::NONE)
    })
    .doc("Update the set, removing elements found in others."),
    NativeDef::method("symmetric_difference_update", "self, other, /", |vm, args| {
        vm.set_symmetric_update(set(vm, args.at(0)), args.at(1))?;
        Ok(Value::NONE)
    })
    .doc("Update the set, keeping only elements found in either set, but not in both."),
    COPY,
    UNION,
    INTERSECTION,
    DIFFERENCE,
    SYMMETRIC,
    SUBSET,
    SUPERSET,
    DISJOINT,
    REDUCE,
    SIZE_OF,
    crate::types::generic_alias::CLASS_GETITEM,
];

static FROZEN_METHODS: &[NativeDef] = &[
    COPY,
    UNION,
    INTERSECTION,
    DIFFERENCE,
    SYMMETRIC,
    SUBSET,
    SUPERSET,
    DISJOINT,
    REDUCE,
    SIZE_OF,
    crate::types::generic_alias::CLASS_GETITEM,
];

static INIT: NativeDef = NativeDef::method("set", "self, iterable=(), /", |vm, args| {
    let own = set(vm, args.at(0));
    vm.set_clear(own);
    if let Some(iterable) = args.opt(1) {
        vm.set_update(own, iterable)?;
    }
    Ok(Value::NONE)
});

static FROZEN_NEW: NativeDef = NativeDef::method("frozenset", "cls, iterable=(), /", |vm, args| {
    let class = vm.as_class(args.at(0)).expect("the slot passes its class");
    let exact = class == vm.types.frozen_set;
    if let Some(iterable) = args.opt(1).filter(|_| exact)
        && vm.type_of(iterable) == vm.types.frozen_set
    {
        return Ok(iterable);
    }
    let result = vm.alloc_instance(class, 0, PySet::empty)?;
    if let Some(iterable) = args.opt(1) {
        vm.set_update(result, iterable)?;
    }
    Ok(result.as_value())
});

fn new(vm: &Vm, class: Gc<PyType>, _args: &[Value], _names: Option<Value>) -> PyResult<Value> {
    Ok(vm.alloc_instance(class, 0, PySet::empty)?.as_value())
}

fn new_frozen(vm: &Vm, class: Gc<PyType>, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    let (args, names) = vm.constructor_args(class, vm.types.frozen_set, args, names);
    vm.call_with_first(&FROZEN_NEW, class.as_value(), args, names)
}

const SLOTS: Slots = Slots {
    repr: Some(repr),
    compare: Some(compare),
    len: Some(|vm, value| Ok(set(vm, value).len())),
    contains: Some(|vm, value, key| vm.set_contains(set(vm, value), key)),
    iter: Some(|vm, value| super::new_iterator(vm, set(vm, value))),
    binary: BINARY,
    ..Slots::NONE
};

pub static SET: TypeDef = TypeDef {
    doc: "Build an unordered collection of unique elements.",
    flags: type_flags::BASE | type_flags::MATCH_SELF | type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(new),
        init: Some(|vm, value, args, names| vm.call_with_first(&INIT, value, args, names).map(|_| ())),
        inplace: INPLACE,
        ..SLOTS
    },
    methods: METHODS,
    ..TypeDef::new("set", <PySet as Payload>::LAYOUT)
};

pub static FROZEN_SET: TypeDef = TypeDef {
    doc: "Build an immutable unordered collection of unique elements.",
    flags: type_flags::BASE | type_flags::MATCH_SELF | type_flags::HAS_WEAKREF,
    slots: Slots { new: Some(new_frozen), hash: Some(frozen_hash), ..SLOTS },
    methods: FROZEN_METHODS,
    ..TypeDef::new("frozenset", <PySet as Payload>::LAYOUT)
};
