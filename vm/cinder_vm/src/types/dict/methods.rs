//! `dict`: the class and its methods. Source: Objects/dictobject.c.

use cinder_bytecode::CompareOp;
use cinder_heap::Gc;
use cinder_layout::Value;

use super::PyDict;
use super::iterators::DictPart;
use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::text_builder::TextBuilder;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

pub(super) fn dict(vm: &Vm, value: Value) -> Gc<PyDict> {
    vm.as_dict(value).expect("slot of this class")
}

impl Vm {
    /// `dict.update(other)`: a dict, a mapping with `keys`, or pairs.
    ///
    /// Runs Python: yes. Errors: as `dict.update`.
    pub fn dict_update(&self, dict: Gc<PyDict>, other: Value) -> PyResult<()> {
        if let Some(other) = self.plain_dict(other) {
            return self.dict_merge_dict(dict, other);
        }
        match self.getattr_opt(other, self.names.keys)? {
            Some(keys) => self.dict_merge_mapping(dict, other, keys),
            None => self.dict_merge_pairs(dict, other),
        }
    }

    /// A dict whose iteration is a dict's own.
    fn plain_dict(&self, value: Value) -> Option<Gc<PyDict>> {
        let dict = self.as_dict(value)?;
        let own = self.type_of(value).slots().iter.map(|f| f as usize);
        (own == self.types.dict.slots().iter.map(|f| f as usize)).then_some(dict)
    }

    fn dict_merge_dict(&self, dict: Gc<PyDict>, other: Gc<PyDict>) -> PyResult<()> {
        if dict == other || other.is_empty() {
            return Ok(());
        }
        if dict.is_empty() {
            self.dict_reserve(dict, other.len())?;
        }
        let len = other.len();
        for number in 0..other.entry_count() {
            let Some((key, value)) = other.entry(number) else { continue };
            self.dict_insert_hashed(dict, key, other.entry_hash(number), value)?;
            if other.len() != len {
                return Err(self.runtime_error("dict mutated during update"));
            }
        }
        Ok(())
    }

    fn dict_merge_mapping(&self, dict: Gc<PyDict>, other: Value, keys: Value) -> PyResult<()> {
        let keys = self.call(keys, &[])?;
        self.for_each(keys, |key| {
            let value = self.getitem(other, key)?;
            self.dict_insert(dict, key, value)
        })
    }

    fn dict_merge_pairs(&self, dict: Gc<PyDict>, pairs: Value) -> PyResult<()> {
        let mut number = 0;
        self.for_each(pairs, |pair| {
            let of = self.type_of(pair);
            let items = if of.slots().iter.is_none() && of.slots().getitem.is_none() {
                Err(self.type_error("object is not iterable"))
            } else {
                self.tuple_from(pair)
            };
            let items = match items {
                Ok(items) => items,
                Err(raised) => {
                    if self.pending_matches(self.exceptions.TypeError)
                        && let Some(exception) = self.pending.take()
                    {
                        let note = format!("Cannot convert dictionary update sequence element #{number} to a sequence");
                        let noted = self.add_note(exception, &note);
                        self.pending.set(Some(exception));
                        noted?;
                    }
                    return Err(raised);
                }
            };
            let &[key, value] = self.tuple_items(items) else {
                let len = self.tuple_items(items).len();
                return Err(self.value_error(format!(
                    "dictionary update sequence element #{number} has length {len}; 2 is required"
                )));
            };
            number += 1;
            self.dict_insert(dict, key, value)
        })
    }
}

static INIT: NativeDef = NativeDef::method("dict", "self, iterable=(), /, **kwargs", update);

fn update(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let target = dict(vm, args.at(0));
    if let Some(other) = args.opt(1) {
        vm.dict_update(target, other)?;
    }
    if let Some(keywords) = args.opt(2) {
        vm.dict_merge_dict(target, dict(vm, keywords))?;
    }
    Ok(Value::NONE)
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let dict = dict(vm, value);
    if dict.is_empty() {
        return vm.new_str("{}");
    }
    vm.with_repr_guard(value, "{...}", || {
        let mut text = TextBuilder::new();
        text.push("{");
        let (mut number, mut first) = (0, true);
        while number < dict.entry_count() {
            if let Some((key, item)) = dict.entry(number) {
                if !std::mem::take(&mut first) {
                    text.push(", ");
                }
                text.push_value(vm, vm.repr(key)?);
                text.push(": ");
                text.push_value(vm, vm.repr(item)?);
            }
            number += 1;
        }
        text.push("}");
        text.finish(vm)
    })
}

/// Whether both have equal values under the same keys.
fn equal(vm: &Vm, a: Gc<PyDict>, b: Gc<PyDict>) -> PyResult<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    vm.check_native_stack()?;
    let mut number = 0;
    while number < a.entry_count() {
        if let Some((key, value)) = a.entry(number) {
            let other = vm.dict_get_hashed(b, key, a.entry_hash(number))?;
            match other {
                Some(other) if vm.eq(value, other)? => {}
                _ => return Ok(false),
            }
        }
        number += 1;
    }
    Ok(true)
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(x), Some(y)) = (vm.as_dict(a), vm.as_dict(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    match op {
        CompareOp::Eq => Ok(Value::from_bool(equal(vm, x, y)?)),
        CompareOp::Ne => Ok(Value::from_bool(!equal(vm, x, y)?)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn getitem(vm: &Vm, value: Value, key: Value) -> PyResult<Value> {
    let dict = dict(vm, value);
    if let Some(found) = vm.dict_get(dict, key)? {
        return Ok(found);
    }
    missing(vm, value, key)
}

#[cold]
fn missing(vm: &Vm, value: Value, key: Value) -> PyResult<Value> {
    if vm.type_of(value) != vm.types.dict
        && let Some(result) = vm.call_special(value, vm.names.__missing__, &[key])?
    {
        return Ok(result);
    }
    Err(vm.key_error(key))
}

fn setitem(vm: &Vm, value: Value, key: Value, new: Option<Value>) -> PyResult<()> {
    let dict = dict(vm, value);
    match new {
        Some(new) => vm.dict_insert(dict, key, new),
        None => match vm.dict_remove(dict, key)? {
            Some(_) => Ok(()),
            None => Err(vm.key_error(key)),
        },
    }
}

fn or(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let (Some(left), Some(_)) = (vm.as_dict(a), vm.as_dict(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    let result = vm.dict_copy(left)?;
    vm.dict_update(result, b)?;
    Ok(result.as_value())
}

fn fromkeys(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let value = args.opt(2).unwrap_or(Value::NONE);
    let made = vm.call(args.at(0), &[])?;
    let exact = vm.as_dict(made).filter(|_| vm.type_of(made) == vm.types.dict);
    vm.for_each(args.at(1), |key| match exact {
        Some(dict) => vm.dict_insert(dict, key, value),
        None => vm.setitem(made, key, Some(value)),
    })?;
    Ok(made)
}

fn pop(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let dict = dict(vm, args.at(0));
    if dict.is_empty() && args.opt(2).is_none() {
        return Err(vm.key_error(args.at(1)));
    }
    match vm.dict_remove(dict, args.at(1))?.or(args.opt(2)) {
        Some(value) => Ok(value),
        None => Err(vm.key_error(args.at(1))),
    }
}

static METHODS: &[NativeDef] = &[
    NativeDef::method("get", "self, key, default=None, /", |vm, args| {
        let found = vm.dict_get(dict(vm, args.at(0)), args.at(1))?;
        Ok(found.or(args.opt(2)).unwrap_or(Value::NONE))
    })
    .doc("Return the value for key if key is in the dictionary, else default."),
    NativeDef::method("setdefault", "self, key, default=None, /", |vm, args| {
        vm.dict_set_default(dict(vm, args.at(0)), args.at(1), args.opt(2).unwrap_or(Value::NONE))
    })
    .doc("Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the dictionary, else default."),
    NativeDef::method("pop", "self, key, default=<unrepresentable>, /", pop)
        .doc("D.pop(k[,d]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return the default if given; otherwise,\nraise a KeyError."),
    NativeDef::method("popitem", "self, /", |vm, args| match vm.dict_pop_last(dict(vm, args.at(0))) {
        Some((key, value)) => vm.new_tuple(&[key, value]),
        None => Err(vm.raise_text(vm.exceptions.KeyError, "popitem(): dictionary is empty")),
    })
    .doc("Remove and return a (key, value) pair as a 2-tuple.\n\nPairs are returned in LIFO (last-in, first-out) order.\nRaises KeyError if the dict is empty."),
    NativeDef::method("keys", "self, /", |vm, args| vm.new_dict_view(dict(vm, args.at(0)), DictPart::Keys))
        .doc("Return a set-like object providing a view on the dict's keys."),
    NativeDef::method("items", "self, /", |vm, args| vm.new_dict_view(dict(vm, args.at(0)), DictPart::Items))
        .doc("Return a set-like object providing a view on the dict's items."),
    NativeDef::method("values", "self, /", |vm, args| vm.new_dict_view(dict(vm, args.at(0)), DictPart::Values))
        .doc("Return an object providing a view on the dict's values."),
    NativeDef::method("update", "self, iterable=(), /, **kwargs", update)
        .doc("D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F.\nIf E is present and has a .keys() method, then does:  for k in E.keys(): D[k] = E[k]\nIf E is present and lacks a .keys() method, then does:  for k, v in E: D[k] = v\nIn either case, this is followed by: for k in F:  D[k] = F[k]"),
    NativeDef::class_method("fromkeys", "cls, iterable, value=None, /", fromkeys)
        .doc("Create a new dictionary with keys from iterable and values set to value."),
    NativeDef::method("clear", "self, /", |vm, args| {
        vm.dict_clear(dict(vm, args.at(0)));
        Ok(Value::NONE)
    })
    .doc("Remove all items from the dict."),
    NativeDef::method("copy", "self, /", |vm, args| Ok(vm.dict_copy(dict(vm, args.at(0)))?.as_value()))
        .doc("Return a shallow copy of the dict."),
    NativeDef::method("__reversed__", "self, /", |vm, args| vm.new_dict_iterator(dict(vm, args.at(0)), DictPart::Keys, true))
        .doc("Return a reverse iterator over the dict keys."),
    NativeDef::method("__sizeof__", "self, /", |vm, args| {
        let capacity = dict(vm, args.at(0)).entries.get().map_or(0, |entries| vm.heap.size_of(entries.header()));
        vm.new_uint(size_of::<PyDict>() + capacity)
    })
    .doc("Return the size of the dict in memory."),
    crate::types::generic_alias::CLASS_GETITEM,
];

const BINARY: [Option<crate::object::slots::Binary>; 13] = {
    let mut table: [Option<crate::object::slots::Binary>; 13] = [None; 13];
    table[10] = Some(or);
    table
};

const INPLACE: [Option<crate::object::slots::Binary>; 13] = {
    let mut table: [Option<crate::object::slots::Binary>; 13] = [None; 13];
    table[10] = Some(|vm, a, b| {
        vm.dict_update(dict(vm, a), b)?;
        Ok(a)
    });
    table
};

fn new(vm: &Vm, class: Gc<PyType>, _args: &[Value], _names: Option<Value>) -> PyResult<Value> {
    let shape = class.root_shape.get();
    Ok(vm.alloc_instance(class, 0, |_| PyDict::empty(shape))?.as_value())
}

pub static DICT: TypeDef = TypeDef {
    doc: "dict() -> new empty dictionary\ndict(mapping) -> new dictionary initialized from a mapping object's\n    (key, value) pairs\ndict(iterable) -> new dictionary initialized as if via:\n    d = {}\n    for k, v in iterable:\n        d[k] = v\ndict(**kwargs) -> new dictionary initialized with the name=value pairs\n    in the keyword argument list.  For example:  dict(one=1, two=2)",
    flags: type_flags::BASE | type_flags::MAPPING | type_flags::MATCH_SELF,
    slots: Slots {
        new: Some(new),
        init: Some(|vm, value, args, names| vm.call_with_first(&INIT, value, args, names).map(|_| ())),
        repr: Some(repr),
        compare: Some(compare),
        len: Some(|vm, value| Ok(dict(vm, value).len())),
        contains: Some(|vm, value, key| Ok(vm.dict_get(dict(vm, value), key)?.is_some())),
        getitem: Some(getitem),
        setitem: Some(setitem),
        iter: Some(|vm, value| vm.new_dict_iterator(dict(vm, value), DictPart::Keys, false)),
        binary: BINARY,
        inplace: INPLACE,
        ..Slots::NONE
    },
    methods: METHODS,
    ..TypeDef::new("dict", <PyDict as Payload>::LAYOUT)
};
