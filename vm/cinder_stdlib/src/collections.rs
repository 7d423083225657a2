//! `_collections`: `deque`, `defaultdict`, `OrderedDict` and `_count_elements`. Source: Modules/_collectionsmodule.c.
//!
//! Named tuples are made by the library's Python code.

mod deque;
mod ordered_dict;
mod tuple_getter;

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_vm::object::slots::Slots;
use cinder_vm::types::dict::PyDict;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, ModuleDef, NativeDef, PyResult, Value, Vm};

pub(crate) static COLLECTIONS: ModuleDef = ModuleDef {
    functions: &[NativeDef::function("_count_elements", "mapping, iterable, /", count_elements)],
    setup: Some(|vm, dict| {
        vm.add_class(dict, &deque::DEQUE)?;
        vm.add_class(dict, &deque::ITERATOR)?;
        vm.add_class(dict, &deque::REVERSE_ITERATOR)?;
        vm.set_item_text(dict, "_tuplegetter", vm.native_class(&tuple_getter::TUPLE_GETTER)?.as_value())?;
        vm.set_item_text(dict, "OrderedDict", ordered_dict::class(vm)?.as_value())?;
        let defaultdict = vm.native_class_with_base(&DEFAULTDICT, vm.types.dict)?;
        vm.set_item_text(dict, "defaultdict", defaultdict.as_value())
    }),
    ..ModuleDef::new("_collections")
};

/// `mapping[item] += 1` for every item.
fn count_elements(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mapping = args.at(0);
    let exact = vm.as_dict(mapping).filter(|_| vm.type_of(mapping) == vm.types.dict);
    let get = if exact.is_some() { Value::NONE } else { vm.getattr_text(mapping, "get")? };
    vm.for_each(args.at(1), |item| {
        let old = match exact {
            Some(dict) => vm.dict_get(dict, item)?.unwrap_or(Value::ZERO),
            None => vm.call(get, &[item, Value::ZERO])?,
        };
        let new = vm.binary_op(old, Value::ONE, cinder_bytecode::BinaryOp::Add)?;
        vm.setitem(mapping, item, Some(new))
    })?;
    Ok(Value::NONE)
}

/// Payload of `defaultdict`: a dict and its factory.
#[repr(C)]
pub(crate) struct PyDefaultDict {
    dict: PyDict,
    factory: Slot<Value>,
}

impl Trace for PyDefaultDict {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dict.trace(tracer);
        tracer.visit(self.factory.get());
    }
}

// SAFETY: repr(C), begins with a payload whose first field is the header.
unsafe impl HeapObject for PyDefaultDict {}

cinder_vm::layout!(PyDefaultDict, "defaultdict", base PyDict);

fn own(vm: &Vm, value: Value) -> Gc<PyDefaultDict> {
    vm.downcast::<PyDefaultDict>(value).expect("method of this class")
}

static DEFAULTDICT: TypeDef = TypeDef {
    doc: "defaultdict(default_factory=None, /, [...]) --> dict with default factory",
    flags: type_flags::BASE | type_flags::MAPPING,
    slots: Slots {
        new: Some(|vm, class, _, _| {
            let made = vm.alloc_instance(class, 0, |header| PyDefaultDict {
                dict: PyDict::empty(header.shape()),
                factory: Slot::new(Value::NONE),
            })?;
            Ok(made.as_value())
        }),
        init: Some(|vm, value, args, keyword_names| {
            let keywords = keyword_names.map_or(0, |names| vm.tuple_items(names).len());
            let positional = args.len() - keywords;
            let mut rest = args;
            if positional > 0 {
                let factory = args[0];
                if !factory.is_none() && !vm.is_callable(factory) {
                    return Err(vm.type_error("first argument must be callable or None"));
                }
                let own = own(vm, value);
                own.factory.set(&vm.heap, own, factory);
                rest = &args[1..];
            }
            let init = vm.types.dict.slots().init.expect("dict has __init__");
            init(vm, value, rest, keyword_names)
        }),
        repr: Some(|vm, value| {
            let factory = own(vm, value).factory.get();
            let repr = vm.types.dict.slots().repr.expect("dict has a repr");
            let content = repr(vm, value)?;
            // A bound method of the dict as factory shows the dict again.
            let factory = vm.with_repr_guard(factory, "...", || vm.repr(factory))?;
            let (name, factory, content) = (vm.type_of(value).name(), vm.str_text(factory), vm.str_text(content));
            vm.new_str(&format!("{name}({factory}, {content})"))
        }),
        binary: {
            let mut table = Slots::NONE.binary;
            table[10] = Some(or);
            table
        },
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__missing__", "self, key, /", |vm, args| {
            let factory = own(vm, args.at(0)).factory.get();
            if factory.is_none() {
                return Err(vm.key_error(args.at(1)));
            }
            let value = vm.call(factory, &[])?;
            // The factory may have set the key itself: what is there stays.
            let dict = vm.as_dict(args.at(0)).expect("a defaultdict is a dict");
            vm.dict_set_default(dict, args.at(1), value)
        }),
        NativeDef::class_method("__class_getitem__", "cls, object, /", |vm, args| {
            vm.new_generic_alias(args.at(0), args.at(1))
        }),
        NativeDef::method("copy", "self, /", copy),
        NativeDef::method("__copy__", "self, /", copy),
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let value = args.at(0);
            let factory = own(vm, value).factory.get();
            let arguments = if factory.is_none() { *vm.empty_tuple } else { vm.new_tuple(&[factory])? };
            let items = vm.call_method(value, vm.names.items, &[])?;
            let class = vm.type_of(value).as_value();
            vm.new_tuple(&[class, arguments, Value::NONE, Value::NONE, vm.iter(items)?])
        }),
    ],
    getset: &[GetSetDef::new(
        "default_factory",
        |vm, value| Ok(own(vm, value).factory.get()),
        |vm, value, new| {
            let own = own(vm, value);
            own.factory.set(&vm.heap, own, new.unwrap_or(Value::NONE));
            Ok(())
        },
    )],
    ..TypeDef::new("collections.defaultdict", <PyDefaultDict as cinder_vm::object::Payload>::LAYOUT)
};

fn copy(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    copy_with(vm, args.at(0), args.at(0))
}

/// An object of the dict's class, with its factory, and items of `items`.
fn copy_with(vm: &Vm, value: Value, items: Value) -> PyResult<Value> {
    vm.call(vm.type_of(value).as_value(), &[own(vm, value).factory.get(), items])
}

/// `a | b`, of which one may be another dict.
fn or(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let (own, other) = if vm.downcast::<PyDefaultDict>(a).is_some() { (a, b) } else { (b, a) };
    if vm.as_dict(other).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let made = copy_with(vm, own, a)?;
    match vm.as_dict(made) {
        Some(dict) => vm.dict_update(dict, b)?,
        None => return Ok(Value::NOT_IMPLEMENTED),
    }
    Ok(made)
}
