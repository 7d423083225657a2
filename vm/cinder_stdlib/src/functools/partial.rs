//! `partial`: a callable with some of its arguments, and `Placeholder`, which leaves a position open.

use std::cell::Cell;

use cinder_heap::{HeapObject, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Value, Vm};

use crate::payload::{construct, plain_payload};

/// Payload of a partial object.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct PyPartial {
    header: Header,
    function: Slot<Value>,
    /// A tuple.
    args: Slot<Value>,
    /// A dict.
    keywords: Slot<Value>,
    /// How many of `args` are placeholders.
    open: Cell<usize>,
}

cinder_vm::layout!(PyPartial, "functools.partial");

fn own(vm: &Vm, value: Value) -> Gc<PyPartial> {
    vm.downcast::<PyPartial>(value).expect("slot of this class")
}

/// Payload of `Placeholder`.
#[repr(C)]
struct PyPlaceholder {
    header: Header,
}

plain_payload!(PyPlaceholder, "functools._PlaceholderType");

pub(super) static PLACEHOLDER_TYPE: TypeDef = TypeDef {
    doc: "The type of the Placeholder singleton.\n\nUsed as a placeholder for partial arguments.",
    slots: Slots {
        new: Some(|vm, _, args, names| {
            if !args.is_empty() || names.is_some() {
                return Err(vm.type_error("_PlaceholderType takes no arguments"));
            }
            placeholder(vm)
        }),
        repr: Some(|vm, _| vm.new_str("Placeholder")),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "self, /", |vm, _| vm.new_str("Placeholder"))],
    ..TypeDef::new("functools._PlaceholderType", <PyPlaceholder as Payload>::LAYOUT)
};

/// The one placeholder. Its class keeps it under a name that no program can write.
pub(super) fn placeholder(vm: &Vm) -> PyResult<Value> {
    let class = vm.native_class(&PLACEHOLDER_TYPE)?;
    let (names, key) = (class.dict.get(), vm.intern(" instance"));
    if let Some(found) = names.get_interned(key) {
        return Ok(found);
    }
    let made = vm.alloc_instance(class, 0, |header| PyPlaceholder { header })?.as_value();
    vm.dict_set_interned(names, key, made)?;
    Ok(made)
}

fn new(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    let (function, given) = (args.at(1), vm.tuple_items(args.at(2)));
    if !vm.is_callable(function) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let empty = placeholder(vm)?;
    if given.last() == Some(&empty) {
        return Err(vm.type_error("trailing Placeholders are not allowed"));
    }
    let keywords = vm.new_pydict()?;
    let new_keywords = args.opt(3).and_then(|keywords| vm.as_dict(keywords));
    if let Some(new_keywords) = new_keywords {
        for number in 0..new_keywords.entry_count() {
            if new_keywords.entry(number).is_some_and(|(_, value)| value == empty) {
                return Err(vm.type_error("Placeholder cannot be passed as a keyword argument"));
            }
        }
    }
    // A partial of a partial is one partial, unless the inner one has attributes of its own or is called in another way.
    let inner = vm.downcast::<PyPartial>(function).filter(|inner| {
        let is_plain = vm.type_lookup(vm.type_of(inner.as_value()), vm.names.__call__)
            == vm.native_class(&PARTIAL).ok().and_then(|class| vm.type_lookup(class, vm.names.__call__));
        is_plain && vm.own_attributes(inner.as_value()).is_empty()
    });
    let (function, all) = match inner {
        Some(inner) => {
            vm.dict_update(keywords, inner.keywords.get())?;
            (inner.function.get(), merged(vm, inner, given)?)
        }
        None => (function, args.at(2)),
    };
    if let Some(new_keywords) = new_keywords {
        vm.dict_update(keywords, new_keywords.as_value())?;
    }
    let open = vm.tuple_items(all).iter().filter(|item| **item == empty).count();
    let made = vm.alloc_instance(class, 0, |header| PyPartial {
        header,
        function: Slot::new(function),
        args: Slot::new(all),
        keywords: Slot::new(keywords.as_value()),
        open: Cell::new(open),
    })?;
    Ok(made.as_value())
}

/// The stored arguments with their placeholders filled from `given`, and what is left of that.
fn merged(vm: &Vm, partial: Gc<PyPartial>, given: &[Value]) -> PyResult<Value> {
    let mut all = ValueVec::<[Value; 8]>::new();
    let rest = fill(vm, partial, given, &mut all)?;
    all.extend_from_slice(rest);
    let empty = placeholder(vm)?;
    while all.last() == Some(&empty) {
        all.pop();
    }
    vm.new_tuple(&all)
}

/// Appends the stored arguments; returns those of `given` that no placeholder took.
fn fill<'a>(
    vm: &Vm,
    partial: Gc<PyPartial>,
    given: &'a [Value],
    all: &mut ValueVec<[Value; 8]>,
) -> PyResult<&'a [Value]> {
    let stored = vm.tuple_items(partial.args.get());
    if partial.open.get() == 0 {
        all.extend_from_slice(stored);
        return Ok(given);
    }
    let (empty, mut given) = (placeholder(vm)?, given);
    for item in stored {
        match given.split_first() {
            Some((first, rest)) if *item == empty => {
                all.push(*first);
                given = rest;
            }
            _ => all.push(*item),
        }
    }
    Ok(given)
}

fn call(vm: &Vm, value: Value, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    let own = own(vm, value);
    let keyword_count = names.map_or(0, |names| vm.tuple_items(names).len());
    let (positional, keyword_values) = args.split_at(args.len() - keyword_count);
    if positional.len() < own.open.get() {
        return Err(vm.type_error(format!(
            "missing positional arguments in 'partial' call; expected at least {}, got {}",
            own.open.get(),
            positional.len()
        )));
    }
    let mut all = ValueVec::<[Value; 8]>::new();
    let rest = fill(vm, own, positional, &mut all)?;
    all.extend_from_slice(rest);
    let stored = vm.as_dict(own.keywords.get()).filter(|stored| !stored.is_empty());
    let Some(stored) = stored else {
        all.extend_from_slice(keyword_values);
        return vm.call_keywords(own.function.get(), &all, names);
    };
    let keywords = vm.dict_copy(stored)?;
    if let Some(names) = names {
        for (name, value) in vm.tuple_items(names).iter().zip(keyword_values) {
            vm.dict_insert(keywords, *name, *value)?;
        }
    }
    crate::operator::getter::call_with_dict(vm, own.function.get(), &all, keywords)
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = vm.type_of(value);
    let module = vm.getattr(class.as_value(), vm.names.__module__)?;
    let qualified = vm.getattr(class.as_value(), vm.names.__qualname__)?;
    let name = format!("{}.{}", vm.str_text(module), vm.str_text(qualified));
    vm.with_repr_guard(value, "...", || {
        let own = own(vm, value);
        let mut shown = vec![vm.repr_text(own.function.get())?];
        for item in vm.tuple_items(own.args.get()) {
            shown.push(vm.repr_text(*item)?);
        }
        if let Some(keywords) = vm.as_dict(own.keywords.get()) {
            for number in 0..keywords.entry_count() {
                if let Some((name, value)) = keywords.entry(number) {
                    let name = vm.str(name)?;
                    shown.push(format!("{}={}", vm.str_text(name), vm.repr_text(value)?));
                }
            }
        }
        vm.new_str(&format!("{name}({})", shown.join(", ")))
    })
}

fn reduce(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (value, own) = (args.at(0), own(vm, args.at(0)));
    let dict = match vm.own_attributes(value).is_empty() {
        true => Value::NONE,
        false => vm.instance_dict(value)?.map_or(Value::NONE, |dict| dict.as_value()),
    };
    let arguments = vm.new_tuple(&[own.function.get()])?;
    let state = vm.new_tuple(&[own.function.get(), own.args.get(), own.keywords.get(), dict])?;
    vm.new_tuple(&[vm.type_of(value).as_value(), arguments, state])
}

fn set_state(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let invalid = || vm.type_error("invalid partial state");
    if vm.as_tuple(args.at(1)).is_none() {
        return Err(invalid());
    }
    let [function, stored, keywords, dict] = *vm.tuple_items(args.at(1)) else { return Err(invalid()) };
    if !vm.is_callable(function)
        || vm.as_tuple(stored).is_none()
        || !(keywords.is_none() || vm.as_dict(keywords).is_some())
    {
        return Err(invalid());
    }
    let empty = placeholder(vm)?;
    let items = vm.tuple_items(stored);
    if items.last() == Some(&empty) {
        return Err(vm.type_error("trailing Placeholders are not allowed"));
    }
    // Neither may be of a derived class: their methods could change them behind our back.
    let stored = if vm.type_of(stored) == vm.types.tuple { stored } else { vm.new_tuple(items)? };
    let keywords = match vm.as_dict(keywords) {
        None => vm.new_dict()?,
        Some(_) if vm.type_of(keywords) == vm.types.dict => keywords,
        Some(dict) => vm.dict_copy(dict)?.as_value(),
    };
    let own = own(vm, args.at(0));
    own.function.set(&vm.heap, own, function);
    own.args.set(&vm.heap, own, stored);
    own.keywords.set(&vm.heap, own, keywords);
    own.open.set(items.iter().filter(|item| **item == empty).count());
    if !dict.is_none() {
        vm.setattr(args.at(0), vm.names.__dict__, Some(dict))?;
    }
    Ok(Value::NONE)
}

pub(super) static PARTIAL: TypeDef = TypeDef {
    doc: "Create a new function with partial application of the given arguments and keywords.",
    flags: type_flags::BASE | type_flags::HAS_DICT | type_flags::HAS_WEAKREF | type_flags::METHOD_DESCRIPTOR,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method("partial", "cls, func, /, *args, **keywords", new);
            let positional = args.len() - names.map_or(0, |names| vm.tuple_items(names).len());
            if positional == 0 {
                return Err(vm.type_error("type 'partial' takes at least one argument"));
            }
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        call: Some(call),
        repr: Some(repr),
        descr_get: Some(|vm, value, instance, _| match instance {
            Some(instance) => vm.new_method(value, instance),
            None => Ok(value),
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__reduce__", "self, /", reduce),
        NativeDef::method("__setstate__", "self, state, /", set_state),
        NativeDef::class_method("__class_getitem__", "cls, object, /", |vm, args| {
            vm.new_generic_alias(args.at(0), args.at(1))
        }),
    ],
    getset: &[
        cinder_vm::types::object::FIRM_DICT_GETSET,
        GetSetDef::member("func", |vm, value| Ok(own(vm, value).function.get())),
        GetSetDef::member("args", |vm, value| Ok(own(vm, value).args.get())),
        GetSetDef::member("keywords", |vm, value| Ok(own(vm, value).keywords.get())),
    ],
    ..TypeDef::new("functools.partial", <PyPartial as Payload>::LAYOUT)
};
