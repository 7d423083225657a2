//! `OrderedDict`: a dict whose order can be changed. Source: Objects/odictobject.c.
//!
//! Idea: dicts keep the order of insertion, so nothing is stored beside them: moving a key to the end takes it out and appends it, moving one to
//! the front writes the entries anew. Iterators remember the version of the keys and refuse to go on after a change.
//! Holds: a subclass that overrides `__setitem__`, `__getitem__` or `__contains__` sees every access that CPython shows it.

use cinder_bytecode::CompareOp;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::{Binary, Slots};
use cinder_vm::types::dict::{DictPart, ITERATOR_METHODS, ITERATOR_SLOTS, PyDict, PyDictIterator, PyDictView};
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

fn own(vm: &Vm, value: Value) -> Gc<PyDict> {
    vm.as_dict(value).expect("method of this class")
}

fn is_ordered(vm: &Vm, value: Value) -> PyResult<bool> {
    Ok(vm.is_instance(value, class(vm)?))
}

/// The class.
pub(super) fn class(vm: &Vm) -> PyResult<Gc<cinder_vm::types::type_::PyType>> {
    vm.native_class_with_base(&ORDERED_DICT, vm.types.dict)
}

fn is_exact(vm: &Vm, value: Value) -> PyResult<bool> {
    Ok(vm.type_of(value) == class(vm)?)
}

fn iterate(vm: &Vm, value: Value, part: DictPart, reverse: bool) -> PyResult<Value> {
    vm.new_ordered_iterator(vm.native_class(&ODICT_ITERATOR)?, own(vm, value), part, reverse)
}

fn view(vm: &Vm, value: Value, part: DictPart) -> PyResult<Value> {
    let (def, base) = match part {
        DictPart::Keys => (&ODICT_KEYS, vm.types.dict_keys),
        DictPart::Values => (&ODICT_VALUES, vm.types.dict_values),
        DictPart::Items => (&ODICT_ITEMS, vm.types.dict_items),
    };
    vm.new_dict_view_of(vm.native_class_with_base(def, base)?, own(vm, value), part)
}

/// `target[key] = value` for pairs, a mapping, and keywords, by the class's own `__setitem__`.
fn update_from(vm: &Vm, target: Value, other: Option<Value>, keywords: Option<Value>) -> PyResult<()> {
    if let Some(other) = other {
        if vm.type_of(other) == vm.types.dict {
            set_entries(vm, target, own(vm, other))?;
        } else if let Some(keys) = vm.getattr_opt(other, vm.names.keys)? {
            let keys = vm.call(keys, &[])?;
            vm.for_each(keys, |key| {
                let value = vm.getitem(other, key)?;
                vm.setitem(target, key, Some(value))
            })?;
        } else if let Some(items) = vm.getattr_opt(other, vm.names.items)? {
            let items = vm.call(items, &[])?;
            set_pairs(vm, target, items)?;
        } else {
            set_pairs(vm, target, other)?;
        }
    }
    keywords.map_or(Ok(()), |keywords| set_entries(vm, target, own(vm, keywords)))
}

fn set_entries(vm: &Vm, target: Value, source: Gc<PyDict>) -> PyResult<()> {
    let mut number = 0;
    while number < source.entry_count() {
        if let Some((key, value)) = source.entry(number) {
            vm.setitem(target, key, Some(value))?;
        }
        number += 1;
    }
    Ok(())
}

fn set_pairs(vm: &Vm, target: Value, pairs: Value) -> PyResult<()> {
    vm.for_each(pairs, |pair| {
        let items = vm.tuple_from(pair)?;
        match *vm.tuple_items(items) {
            [key, value] => vm.setitem(target, key, Some(value)),
            ref few if few.len() < 2 => {
                let (len, plural) = (few.len(), if few.len() == 1 { "" } else { "s" });
                Err(vm.value_error(format!("need more than {len} value{plural} to unpack")))
            }
            _ => Err(vm.value_error("too many values to unpack (expected 2)")),
        }
    })
}

fn update(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    update_from(vm, args.at(0), args.opt(1), args.opt(2))?;
    Ok(Value::NONE)
}

static INIT: NativeDef = NativeDef::method("OrderedDict", "self, iterable=(), /, **kwds", update);

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let name = vm.type_of(value).name();
    if vm.len(value)? == 0 {
        return vm.new_str(&format!("{name}()"));
    }
    vm.with_repr_guard(value, "...", || {
        let content = if is_exact(vm, value)? {
            vm.dict_copy(own(vm, value))?
        } else {
            let items = vm.call_method(value, vm.names.items, &[])?;
            let copy = vm.new_pydict()?;
            vm.dict_update(copy, items)?;
            copy
        };
        let text = vm.repr_text(content.as_value())?;
        vm.new_str(&format!("{name}({text})"))
    })
}

/// Dicts are equal when their content is, ordered ones when the order is too.
fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) || vm.as_dict(b).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let by_content = vm.types.dict.slots().compare.expect("dicts compare");
    let mut equal = by_content(vm, a, b, CompareOp::Eq)? == Value::TRUE;
    if equal && is_ordered(vm, b)? {
        equal = same_order(vm, own(vm, a), own(vm, b))?;
    }
    Ok(Value::from_bool(equal == (op == CompareOp::Eq)))
}

fn same_order(vm: &Vm, a: Gc<PyDict>, b: Gc<PyDict>) -> PyResult<bool> {
    let versions = (a.version(vm), b.version(vm));
    let next = |dict: Gc<PyDict>, from: usize| (from..dict.entry_count()).find(|&number| dict.entry(number).is_some());
    let (mut left, mut right) = (0, 0);
    loop {
        let (Some(x), Some(y)) = (next(a, left), next(b, right)) else { return Ok(true) };
        let keys = a.entry(x).zip(b.entry(y)).map(|((x, _), (y, _))| (x, y));
        let Some((first, second)) = keys else { return Ok(true) };
        if !vm.eq(first, second)? {
            return Ok(false);
        }
        if !a.is_version(versions.0) || !b.is_version(versions.1) {
            return Err(vm.runtime_error("OrderedDict mutated during iteration"));
        }
        (left, right) = (x + 1, y + 1);
    }
}

fn or(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    if vm.as_dict(a).is_none() || vm.as_dict(b).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let class = if is_ordered(vm, a)? { vm.type_of(a) } else { vm.type_of(b) };
    let result = vm.call(class.as_value(), &[a])?;
    update_from(vm, result, Some(b), None)?;
    Ok(result)
}

const OR: usize = 10;

const BINARY: [Option<Binary>; 13] = {
    let mut table: [Option<Binary>; 13] = [None; 13];
    table[OR] = Some(or);
    table
};

const INPLACE: [Option<Binary>; 13] = {
    let mut table: [Option<Binary>; 13] = [None; 13];
    table[OR] = Some(|vm, a, b| {
        update_from(vm, a, Some(b), None)?;
        Ok(a)
    });
    table
};

fn pop(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let taken = vm.dict_remove(own(vm, args.at(0)), args.at(1))?;
    taken.or(args.opt(2)).ok_or_else(|| vm.key_error(args.at(1)))
}

fn popitem(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let dict = own(vm, args.at(0));
    let from_end = args.opt(1).map_or(Ok(true), |last| vm.truthy(last))?;
    let taken = if from_end { vm.dict_pop_last(dict) } else { vm.dict_pop_first(dict) };
    match taken {
        Some((key, item)) => vm.new_tuple(&[key, item]),
        None => Err(vm.key_error(vm.intern("dictionary is empty"))),
    }
}

fn setdefault(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (value, key) = (args.at(0), args.at(1));
    let default = args.opt(2).unwrap_or(Value::NONE);
    if is_exact(vm, value)? {
        return vm.dict_set_default(own(vm, value), key, default);
    }
    if vm.contains(value, key)? {
        return vm.getitem(value, key);
    }
    vm.setitem(value, key, Some(default))?;
    Ok(default)
}

fn move_to_end(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let to_end = args.opt(2).map_or(Ok(true), |last| vm.truthy(last))?;
    if vm.dict_move(own(vm, args.at(0)), args.at(1), to_end)? { Ok(Value::NONE) } else { Err(vm.key_error(args.at(1))) }
}

fn copy(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let value = args.at(0);
    let made = vm.call(vm.type_of(value).as_value(), &[])?;
    if is_exact(vm, value)? {
        set_entries(vm, made, own(vm, value))?;
        return Ok(made);
    }
    vm.for_each(iterate(vm, value, DictPart::Keys, false)?, |key| {
        let item = vm.getitem(value, key)?;
        vm.setitem(made, key, Some(item))
    })?;
    Ok(made)
}

fn fromkeys(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let made = vm.call(args.at(0), &[])?;
    let value = args.opt(2).unwrap_or(Value::NONE);
    vm.for_each(args.at(1), |key| vm.setitem(made, key, Some(value)))?;
    Ok(made)
}

fn reduce(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let value = args.at(0);
    let getstate = vm.intern("__getstate__");
    let state = vm.call_special(value, getstate, &[])?.unwrap_or(Value::NONE);
    let items = vm.call_method(value, vm.names.items, &[])?;
    let items = vm.iter(items)?;
    vm.new_tuple(&[vm.type_of(value).as_value(), *vm.empty_tuple, state, Value::NONE, items])
}

pub(super) static ORDERED_DICT: TypeDef = TypeDef {
    doc: "Dictionary that remembers insertion order",
    flags: type_flags::BASE | type_flags::MAPPING | type_flags::HAS_DICT | type_flags::HAS_WEAKREF,
    slots: Slots {
        init: Some(|vm, value, args, names| {
            let given = args.len() - names.map_or(0, |names| vm.tuple_items(names).len());
            if given > 1 {
                return Err(vm.type_error(format!("expected at most 1 argument, got {given}")));
            }
            vm.call_with_first(&INIT, value, args, names).map(|_| ())
        }),
        repr: Some(repr),
        compare: Some(compare),
        iter: Some(|vm, value| iterate(vm, value, DictPart::Keys, false)),
        binary: BINARY,
        inplace: INPLACE,
        ..Slots::NONE
    },
    methods: &[
        NativeDef::class_method("fromkeys", "cls, iterable, value=None", fromkeys)
            .doc("Create a new ordered dictionary with keys from iterable and values set to value."),
        NativeDef::method("setdefault", "self, key, default=None", setdefault).doc(
            "Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the dictionary, else default.",
        ),
        NativeDef::method("pop", "self, key, default=<unrepresentable>", pop).doc(
            "od.pop(key[,default]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return the default if given; otherwise,\nraise a KeyError.",
        ),
        NativeDef::method("popitem", "self, last=True", popitem).doc(
            "Remove and return a (key, value) pair from the dictionary.\n\nPairs are returned in LIFO order if last is true or FIFO order if false.",
        ),
        NativeDef::method("move_to_end", "self, key, last=True", move_to_end).doc(
            "Move an existing element to the end (or beginning if last is false).\n\nRaise KeyError if the element does not exist.",
        ),
        NativeDef::method("keys", "self, /", |vm, args| view(vm, args.at(0), DictPart::Keys)),
        NativeDef::method("values", "self, /", |vm, args| view(vm, args.at(0), DictPart::Values)),
        NativeDef::method("items", "self, /", |vm, args| view(vm, args.at(0), DictPart::Items)),
        NativeDef::method("update", "self, iterable=(), /, **kwds", update),
        NativeDef::method("clear", "self, /", |vm, args| {
            vm.dict_clear(own(vm, args.at(0)));
            Ok(Value::NONE)
        })
        .doc("Remove all items from ordered dict."),
        NativeDef::method("copy", "self, /", copy).doc("A shallow copy of ordered dict."),
        NativeDef::method("__reduce__", "self, /", reduce).doc("Return state information for pickling"),
        NativeDef::method("__reversed__", "self, /", |vm, args| iterate(vm, args.at(0), DictPart::Keys, true)),
    ],
    getset: &[cinder_vm::types::object::DICT_GETSET],
    ..TypeDef::new("collections.OrderedDict", <PyDict as Payload>::LAYOUT)
};

static ODICT_ITERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: ITERATOR_SLOTS,
    methods: ITERATOR_METHODS,
    ..TypeDef::new("odict_iterator", <PyDictIterator as Payload>::LAYOUT)
};

fn of_view(vm: &Vm, value: Value, reverse: bool) -> PyResult<Value> {
    let view = vm.downcast::<PyDictView>(value).expect("method of this class");
    iterate(vm, view.dict.get().as_value(), view.part, reverse)
}

macro_rules! view_class {
    ($($static:ident $name:literal)*) => {
        $(static $static: TypeDef = TypeDef {
            flags: type_flags::NO_NEW,
            slots: Slots { iter: Some(|vm, value| of_view(vm, value, false)), ..Slots::NONE },
            methods: &[NativeDef::method("__reversed__", "self, /", |vm, args| of_view(vm, args.at(0), true))],
            ..TypeDef::new($name, <PyDictView as Payload>::LAYOUT)
        };)*
    };
}

view_class! {
    ODICT_KEYS "odict_keys"
    ODICT_VALUES "odict_values"
    ODICT_ITEMS "odict_items"
}
