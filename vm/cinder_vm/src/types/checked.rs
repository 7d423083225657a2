//! `CheckedList[T]` and `CheckedDict[K, V]`: containers that know their element types and check every write.
//!
//! They are laid out as list and dict and share the slots and methods that do not write. Source: specification section 3.9.

use cinder_bytecode::TypeDescr;
use cinder_heap::Gc;
use cinder_layout::Value;

use crate::classloader::Resolved;
use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::{Binary, Slots};
use crate::types::build::inherit_slots;
use crate::types::dict::PyDict;
use crate::types::list::PyList;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::value_vec::ValueVec;
use crate::vm::Vm;

/// Element types of a checked container's class; `None` for the bare generic.
fn element_types(vm: &Vm, value: Value) -> PyResult<&'static [&'static Resolved]> {
    vm.generic_arguments(vm.type_of(value))
}

/// Errors: TypeError `bad value 'S' for chklist[T]`.
fn check_item(vm: &Vm, list: Value, item: Value) -> PyResult<()> {
    match element_types(vm, list)?.first() {
        Some(wanted) if !vm.fits(item, wanted) => {
            let (found, name) = (vm.type_name(item), vm.type_name(list));
            Err(vm.type_error(format!("bad value '{found}' for {name}")))
        }
        _ => Ok(()),
    }
}

fn check_pair(vm: &Vm, dict: Value, key: Value, item: Value) -> PyResult<()> {
    let types = element_types(vm, dict)?;
    for (wanted, value, what) in types.iter().zip([(key, "key"), (item, "value")]).map(|(t, (v, w))| (t, v, w)) {
        if !vm.fits(value, wanted) {
            let (found, name) = (vm.type_name(value), vm.type_name(dict));
            return Err(vm.type_error(format!("bad {what} '{found}' for {name}")));
        }
    }
    Ok(())
}

fn own_list(vm: &Vm, value: Value) -> Gc<PyList> {
    vm.downcast::<PyList>(value).expect("slot of this class")
}

pub static CHECKED_LIST: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::SEQUENCE,
    slots: Slots {
        setitem: Some(|vm, list, key, item| {
            if let Some(item) = item {
                if vm.type_of(key).slots().index.is_some() {
                    check_item(vm, list, item)?;
                } else {
                    // A slice takes an iterable of items.
                    let items = collect(vm, list, item)?;
                    let copy = vm.new_list(&items)?;
                    return set_native(vm, list, key, Some(copy));
                }
            }
            set_native(vm, list, key, item)
        }),
        getitem: Some(|vm, list, key| {
            let get = vm.types.list.slots().getitem.expect("list has items");
            let found = get(vm, list, key)?;
            if vm.type_of(key).slots().index.is_some() {
                return Ok(found);
            }
            // A slice is a list of the same kind; its items are this one's.
            let (class, items) = (vm.type_of(list), own_list(vm, found));
            let slice = vm.alloc_instance(class, 0, PyList::empty)?;
            let items: ValueVec<[Value; 8]> =
                (0..items.items.len()).filter_map(|index| items.items.get(index)).collect();
            slice.items.extend(&vm.heap, slice, &items).map_err(|error| vm.out_of_memory(error))?;
            Ok(slice.as_value())
        }),
        inplace_concat: Some(|vm, list, other| {
            extend(vm, list, other)?;
            Ok(list)
        }),
        new: Some(|vm, class, _, _| {
            if vm.generic_arguments(class)?.is_empty() {
                return Err(vm.type_error("cannot create '__static__.chklist[T]' instances"));
            }
            Ok(vm.alloc_instance(class, 0, PyList::empty)?.as_value())
        }),
        init: Some(|vm, list, args, keyword_names| match (args, keyword_names) {
            ([], None) => Ok(()),
            ([items], None) => extend(vm, list, *items),
            _ => Err(vm.type_error(format!("{} expected at most 1 argument, got {}", vm.type_name(list), args.len()))),
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("append", "self, object, /", |vm, args| {
            check_item(vm, args.at(0), args.at(1))?;
            vm.list_append(args.at(0), args.at(1)).map(|()| Value::NONE)
        }),
        NativeDef::method("extend", "self, iterable, /", |vm, args| {
            extend(vm, args.at(0), args.at(1)).map(|()| Value::NONE)
        }),
        NativeDef::method("insert", "self, index, object, /", insert),
        NativeDef::class_method("__class_getitem__", "cls, key, /", |vm, args| generic(vm, "CheckedList", args.at(1))),
    ],
    setup: Some(|vm, class| share(vm, class, vm.types.list)),
    ..TypeDef::new("__static__.chklist", <PyList as Payload>::LAYOUT)
};

pub static CHECKED_DICT: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::MAPPING,
    slots: Slots {
        setitem: Some(|vm, dict, key, item| {
            if let Some(item) = item {
                check_pair(vm, dict, key, item)?;
                return vm.dict_set(dict, key, item);
            }
            match vm.types.dict.slots().setitem {
                Some(set) => set(vm, dict, key, None),
                None => Err(vm.type_error("'chkdict' object does not support item deletion")),
            }
        }),
        new: Some(|vm, class, _, _| {
            if vm.generic_arguments(class)?.is_empty() {
                return Err(vm.type_error("cannot create '__static__.chkdict[K, V]' instances"));
            }
            Ok(vm.alloc_instance(class, 0, |header| PyDict::empty(header.shape()))?.as_value())
        }),
        init: Some(|vm, dict, args, keyword_names| {
            let made = vm.call_keywords(vm.types.dict.as_value(), args, keyword_names)?;
            update(vm, dict, made)
        }),
        inplace: INPLACE,
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("update", "self, other=(), /, **kwargs", |vm, args| {
            if let Some(other) = args.opt(1) {
                let made = vm.call(vm.types.dict.as_value(), &[other])?;
                update(vm, args.at(0), made)?;
            }
            if let Some(keywords) = args.opt(2) {
                update(vm, args.at(0), keywords)?;
            }
            Ok(Value::NONE)
        }),
        NativeDef::method("setdefault", "self, key, default=None, /", |vm, args| {
            let default = args.opt(2).unwrap_or(Value::NONE);
            check_pair(vm, args.at(0), args.at(1), default)?;
            let dict = vm.as_dict(args.at(0)).expect("method of this class");
            vm.dict_set_default(dict, args.at(1), default)
        }),
        NativeDef::class_method("__class_getitem__", "cls, key, /", |vm, args| generic(vm, "CheckedDict", args.at(1))),
    ],
    setup: Some(|vm, class| share(vm, class, vm.types.dict)),
    ..TypeDef::new("__static__.chkdict", <PyDict as Payload>::LAYOUT)
};

/// `d |= other`.
const INPLACE: [Option<Binary>; 13] = {
    let mut table: [Option<Binary>; 13] = [None; 13];
    // The place of `|`, as in the table of `dict`.
    table[10] = Some(|vm, dict, other| {
        let made = vm.call(vm.types.dict.as_value(), &[other])?;
        update(vm, dict, made)?;
        Ok(dict)
    });
    table
};

/// Gives the class the slots and methods of the builtin it is laid out as, where it has none of its own.
fn share(vm: &Vm, class: Gc<PyType>, builtin: Gc<PyType>) -> PyResult<()> {
    // What object gave the class so far gives way to the builtin's.
    let own = class.def.expect("a builtin class has a declaration").slots;
    class.set_slots(inherit_slots(inherit_slots(own, builtin.slots()), class.slots()));
    let def = builtin.def.expect("a builtin class has a declaration");
    for method in def.methods {
        let name = vm.intern(method.name);
        if class.dict.get().get_interned(name).is_none() {
            let member = vm.new_native_member(class, method)?;
            vm.dict_set_interned(class.dict.get(), name, member)?;
        }
    }
    vm.add_slot_wrappers(class, class.slots())
}

fn set_native(vm: &Vm, list: Value, key: Value, item: Option<Value>) -> PyResult<()> {
    let set = vm.types.list.slots().setitem.expect("list has item assignment");
    set(vm, list, key, item)
}

/// Items of an iterable, all checked.
fn collect(vm: &Vm, list: Value, items: Value) -> PyResult<ValueVec<[Value; 8]>> {
    let mut all: ValueVec<[Value; 8]> = ValueVec::new();
    vm.for_each(items, |item| {
        check_item(vm, list, item)?;
        all.push(item);
        Ok(())
    })?;
    Ok(all)
}

fn extend(vm: &Vm, list: Value, items: Value) -> PyResult<()> {
    let all = collect(vm, list, items)?;
    let own = own_list(vm, list);
    own.items.extend(&vm.heap, own, &all).map_err(|error| vm.out_of_memory(error))
}

fn insert(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    check_item(vm, args.at(0), args.at(2))?;
    let own = own_list(vm, args.at(0));
    let (index, len) = (vm.index_clamped(args.at(1))?, own.items.len() as i64);
    let at = if index < 0 { (index + len).max(0) } else { index.min(len) };
    own.items.insert(&vm.heap, own, at as usize, args.at(2)).map_err(|error| vm.out_of_memory(error))?;
    Ok(Value::NONE)
}

fn update(vm: &Vm, dict: Value, from: Value) -> PyResult<()> {
    let from = vm.as_dict(from).expect("a dict");
    for number in 0..from.entry_count() {
        if let Some((key, item)) = from.entry(number) {
            check_pair(vm, dict, key, item)?;
            vm.dict_set(dict, key, item)?;
        }
    }
    Ok(())
}

/// `CheckedList[T]` written in Python.
fn generic(vm: &Vm, name: &str, key: Value) -> PyResult<Value> {
    let keys: Vec<Value> = match vm.as_tuple(key) {
        Some(tuple) => tuple.items().to_vec(),
        None => vec![key],
    };
    let args = keys.iter().map(|key| vm.describe_class(*key)).collect::<PyResult<Vec<TypeDescr>>>()?;
    let descr = TypeDescr::Class { module: "__static__".into(), qualname: name.into(), args: args.into(), exact: true };
    let index = vm.resolve_type(&descr)?;
    Ok(vm.allocatable(vm.resolved(index))?.as_value())
}

impl Vm {
    /// New checked list of a concrete class; the items have the right type already.
    pub(crate) fn new_checked_list(&self, class: Gc<PyType>, items: &[Value]) -> PyResult<Value> {
        let list = self.alloc_instance(class, 0, PyList::empty)?;
        list.items.extend(&self.heap, list, items).map_err(|error| self.out_of_memory(error))?;
        Ok(list.as_value())
    }

    /// New checked dict of a concrete class from key and value in turn, which have the right types already.
    pub(crate) fn new_checked_dict(&self, class: Gc<PyType>, pairs: &[Value]) -> PyResult<Value> {
        let dict = self.alloc_instance(class, 0, |header| PyDict::empty(header.shape()))?;
        for pair in pairs.chunks_exact(2) {
            self.dict_insert(dict, pair[0], pair[1])?;
        }
        Ok(dict.as_value())
    }
}
