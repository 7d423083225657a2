//! `itemgetter`, `attrgetter` and `methodcaller`.

use cinder_heap::{HeapObject, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::dict::PyDict;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Raised, Value, Vm};

use crate::payload::construct;

/// Payload of all three.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct PyGetter {
    header: Header,
    /// Items: the keys. Attributes: tuples of the parts of dotted names. Methods: the positional arguments.
    parts: Slot<Value>,
    /// Attributes: the names as given. Methods: the name.
    name: Slot<Value>,
    /// Methods: a dict or None.
    keywords: Slot<Value>,
}

cinder_vm::layout!(PyGetter, "operator.getter");

fn own(vm: &Vm, value: Value) -> Gc<PyGetter> {
    vm.downcast::<PyGetter>(value).expect("slot of this class")
}

fn make(vm: &Vm, class: Value, parts: Value, name: Value, keywords: Value) -> PyResult<Value> {
    let class = vm.as_class(class).expect("bound to its class");
    let made = vm.alloc_instance(class, 0, |header| PyGetter {
        header,
        parts: Slot::new(parts),
        name: Slot::new(name),
        keywords: Slot::new(keywords),
    })?;
    Ok(made.as_value())
}

/// Calls with positional arguments and a dict of keywords.
pub(crate) fn call_with_dict(vm: &Vm, callable: Value, args: &[Value], keywords: Gc<PyDict>) -> PyResult<Value> {
    let mut all = ValueVec::<[Value; 8]>::with_capacity(args.len() + keywords.len());
    all.extend_from_slice(args);
    let mut names = ValueVec::<[Value; 8]>::new();
    for number in 0..keywords.entry_count() {
        if let Some((name, value)) = keywords.entry(number) {
            names.push(name);
            all.push(value);
        }
    }
    if names.is_empty() {
        return vm.call(callable, args);
    }
    let names = vm.new_tuple(&names)?;
    vm.call_keywords(callable, &all, Some(names))
}

/// The one argument of a call.
fn only(vm: &Vm, name: &str, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    if names.is_some() {
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    match args {
        [object] => Ok(*object),
        _ => Err(wrong_count(vm, name, args.len())),
    }
}

fn wrong_count(vm: &Vm, name: &str, count: usize) -> Raised {
    vm.type_error(format!("{name} expected 1 argument, got {count}"))
}

/// Values of `get` for one key, or a tuple of those for several.
fn each(vm: &Vm, keys: Value, get: impl Fn(Value) -> PyResult<Value>) -> PyResult<Value> {
    match vm.tuple_items(keys) {
        [key] => get(*key),
        keys => {
            let mut found = ValueVec::<[Value; 8]>::with_capacity(keys.len());
            for key in keys {
                found.push(get(*key)?);
            }
            vm.new_tuple(&found)
        }
    }
}

/// First argument and the rest as one tuple.
fn joined(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut all = ValueVec::<[Value; 8]>::new();
    all.push(args.at(1));
    all.extend_from_slice(vm.tuple_items(args.at(2)));
    vm.new_tuple(&all)
}

/// `repr` of each.
fn show(vm: &Vm, items: &[Value]) -> PyResult<Vec<String>> {
    items.iter().map(|item| vm.repr_text(*item)).collect()
}

fn reduce(vm: &Vm, value: Value, arguments: Value) -> PyResult<Value> {
    vm.new_tuple(&[vm.type_of(value).as_value(), arguments])
}

pub(super) static ITEMGETTER: TypeDef = TypeDef {
    doc: "Return a callable object that fetches the given item(s) from its operand.",
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method("itemgetter", "cls, item, /, *items", |vm, args| {
                make(vm, args.at(0), joined(vm, args)?, Value::NONE, Value::NONE)
            });
            if args.is_empty() && names.is_none() {
                return Err(wrong_count(vm, "itemgetter", 0));
            }
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        call: Some(|vm, value, args, names| {
            let object = only(vm, "itemgetter", args, names)?;
            each(vm, own(vm, value).parts.get(), |key| vm.getitem(object, key))
        }),
        repr: Some(|vm, value| {
            vm.with_repr_guard(value, "operator.itemgetter(...)", || {
                let shown = show(vm, vm.tuple_items(own(vm, value).parts.get()))?;
                vm.new_str(&format!("operator.itemgetter({})", shown.join(", ")))
            })
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "self, /", |vm, args| {
        reduce(vm, args.at(0), own(vm, args.at(0)).parts.get())
    })],
    ..TypeDef::new("operator.itemgetter", <PyGetter as Payload>::LAYOUT)
};

/// The interned parts of a dotted name.
fn path(vm: &Vm, name: Value) -> PyResult<Value> {
    if !vm.is_str(name) {
        return Err(vm.type_error("attribute name must be a string"));
    }
    let text = vm.str_text(name);
    if !text.contains('.') {
        return vm.new_tuple(&[vm.intern_value(name)]);
    }
    let mut parts = ValueVec::<[Value; 8]>::new();
    text.split('.').for_each(|part| parts.push(vm.intern(part)));
    vm.new_tuple(&parts)
}

pub(super) static ATTRGETTER: TypeDef = TypeDef {
    doc: "Return a callable object that fetches the given attribute(s) from its operand.",
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method("attrgetter", "cls, attr, /, *attrs", |vm, args| {
                let names = joined(vm, args)?;
                let mut paths = ValueVec::<[Value; 8]>::new();
                for name in vm.tuple_items(names) {
                    paths.push(path(vm, *name)?);
                }
                make(vm, args.at(0), vm.new_tuple(&paths)?, names, Value::NONE)
            });
            if args.is_empty() && names.is_none() {
                return Err(wrong_count(vm, "attrgetter", 0));
            }
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        call: Some(|vm, value, args, names| {
            let object = only(vm, "attrgetter", args, names)?;
            each(vm, own(vm, value).parts.get(), |path| {
                vm.tuple_items(path).iter().try_fold(object, |object, name| vm.getattr(object, *name))
            })
        }),
        repr: Some(|vm, value| {
            vm.with_repr_guard(value, "operator.attrgetter(...)", || {
                let shown = show(vm, vm.tuple_items(own(vm, value).name.get()))?;
                vm.new_str(&format!("operator.attrgetter({})", shown.join(", ")))
            })
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "self, /", |vm, args| {
        reduce(vm, args.at(0), own(vm, args.at(0)).name.get())
    })],
    ..TypeDef::new("operator.attrgetter", <PyGetter as Payload>::LAYOUT)
};

fn method_reduce(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (class, own) = (vm.type_of(args.at(0)).as_value(), own(vm, args.at(0)));
    let Some(keywords) = vm.as_dict(own.keywords.get()) else {
        let mut all = ValueVec::<[Value; 8]>::new();
        all.push(own.name.get());
        all.extend_from_slice(vm.tuple_items(own.parts.get()));
        let arguments = vm.new_tuple(&all)?;
        return vm.new_tuple(&[class, arguments]);
    };
    let module = vm.import("functools")?;
    let partial = vm.getattr_text(module, "partial")?;
    let maker = call_with_dict(vm, partial, &[class, own.name.get()], keywords)?;
    vm.new_tuple(&[maker, own.parts.get()])
}

pub(super) static METHODCALLER: TypeDef = TypeDef {
    doc: "Return a callable object that calls the given method on its operand.",
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef =
                NativeDef::class_method("methodcaller", "cls, name, /, *args, **kwargs", |vm, args| {
                    if !vm.is_str(args.at(1)) {
                        return Err(vm.type_error("method name must be a string"));
                    }
                    let name = vm.intern_value(args.at(1));
                    make(vm, args.at(0), args.at(2), name, args.opt(3).unwrap_or(Value::NONE))
                });
            let positional = args.len() - names.map_or(0, |names| vm.tuple_items(names).len());
            if positional == 0 {
                return Err(vm.type_error("methodcaller needs at least one argument, the method name"));
            }
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        call: Some(|vm, value, args, names| {
            let object = only(vm, "methodcaller", args, names)?;
            let own = own(vm, value);
            match vm.as_dict(own.keywords.get()) {
                None => vm.call_method(object, own.name.get(), vm.tuple_items(own.parts.get())),
                Some(keywords) => {
                    let method = vm.getattr(object, own.name.get())?;
                    call_with_dict(vm, method, vm.tuple_items(own.parts.get()), keywords)
                }
            }
        }),
        repr: Some(|vm, value| {
            vm.with_repr_guard(value, "operator.methodcaller(...)", || {
                let own = own(vm, value);
                let mut shown = vec![vm.repr_text(own.name.get())?];
                shown.extend(show(vm, vm.tuple_items(own.parts.get()))?);
                if let Some(keywords) = vm.as_dict(own.keywords.get()) {
                    for number in 0..keywords.entry_count() {
                        if let Some((name, value)) = keywords.entry(number) {
                            shown.push(format!("{}={}", vm.str_text(name), vm.repr_text(value)?));
                        }
                    }
                }
                vm.new_str(&format!("operator.methodcaller({})", shown.join(", ")))
            })
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "self, /", method_reduce)],
    ..TypeDef::new("operator.methodcaller", <PyGetter as Payload>::LAYOUT)
};
