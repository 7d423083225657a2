//! `property`. Source: Objects/descrobject.c.

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value};

use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of `property`; absent parts are None.
#[repr(C)]
pub struct PyProperty {
    header: Header,
    pub getter: Slot<Value>,
    pub setter: Slot<Value>,
    pub deleter: Slot<Value>,
    pub doc: Slot<Value>,
    pub name: Slot<Option<Value>>,
    /// The docstring is the getter's.
    has_getter_doc: std::cell::Cell<bool>,
}

impl Trace for PyProperty {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for part in [&self.getter, &self.setter, &self.deleter, &self.doc] {
            tracer.visit(part.get());
        }
        tracer.visit_option(self.name.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyProperty {}

crate::layout!(PyProperty, "property", exact property);

fn property(vm: &Vm, value: Value) -> Gc<PyProperty> {
    vm.downcast::<PyProperty>(value).expect("attribute of this class")
}

fn new(vm: &Vm, class: Gc<PyType>, _args: &[Value], _names: Option<Value>) -> PyResult<Value> {
    let none = || Slot::new(Value::NONE);
    let made = vm.alloc_instance(class, 0, |header| PyProperty {
        header,
        getter: none(),
        setter: none(),
        deleter: none(),
        doc: none(),
        name: Slot::new(None),
        has_getter_doc: std::cell::Cell::new(false),
    })?;
    Ok(made.as_value())
}

static INIT: NativeDef = NativeDef::method("property", "self, fget=None, fset=None, fdel=None, doc=None", init);

fn init(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let own = property(vm, args.at(0));
    let part = |index: usize| args.opt(index).unwrap_or(Value::NONE);
    own.getter.set(&vm.heap, own, part(1));
    own.setter.set(&vm.heap, own, part(2));
    own.deleter.set(&vm.heap, own, part(3));
    let mut doc = part(4);
    own.name.set(&vm.heap, own, None);
    own.has_getter_doc.set(false);
    if doc.is_none() && !part(1).is_none() {
        doc = vm.getattr_opt(part(1), vm.names.__doc__)?.unwrap_or(Value::NONE);
        own.has_getter_doc.set(!doc.is_none());
    }
    own.doc.set(&vm.heap, own, doc);
    if vm.type_of(args.at(0)) == vm.types.property {
        return Ok(Value::NONE);
    }
    // The docstring of a subclass hides the property's own, so an instance of one has it as attribute.
    match vm.setattr(args.at(0), vm.names.__doc__, Some(doc)) {
        Err(raised) if !own.has_getter_doc.get() && vm.pending_matches(vm.exceptions.AttributeError) => {
            vm.take_exception(raised);
            Ok(Value::NONE)
        }
        Err(raised) => Err(raised),
        Ok(()) => Ok(Value::NONE),
    }
}

/// `property 'x' of 'C' object` for messages.
fn describe(vm: &Vm, own: Gc<PyProperty>, instance: Value) -> PyResult<String> {
    let class = vm.type_of(instance).qualname.borrow().to_string();
    Ok(match property_name(vm, own)? {
        Some(name) => format!("property {} of '{class}' object", vm.repr_text(name)?),
        None => format!("property of '{class}' object"),
    })
}

fn property_name(vm: &Vm, own: Gc<PyProperty>) -> PyResult<Option<Value>> {
    match own.name.get() {
        Some(name) => Ok(Some(name)),
        None if own.getter.get().is_none() => Ok(None),
        None => vm.getattr_opt(own.getter.get(), vm.names.__name__),
    }
}

fn get(vm: &Vm, descriptor: Value, instance: Option<Value>, _owner: Value) -> PyResult<Value> {
    let Some(instance) = instance else { return Ok(descriptor) };
    let own = property(vm, descriptor);
    if own.getter.get().is_none() {
        let what = describe(vm, own, instance)?;
        return Err(vm.attribute_error_text(format!("{what} has no getter")));
    }
    vm.call(own.getter.get(), &[instance])
}

fn set(vm: &Vm, descriptor: Value, instance: Value, value: Option<Value>) -> PyResult<()> {
    let own = property(vm, descriptor);
    let (function, missing) = match value {
        Some(_) => (own.setter.get(), "setter"),
        None => (own.deleter.get(), "deleter"),
    };
    if function.is_none() {
        let what = describe(vm, own, instance)?;
        return Err(vm.attribute_error_text(format!("{what} has no {missing}")));
    }
    match value {
        Some(value) => vm.call(function, &[instance, value])?,
        None => vm.call(function, &[instance])?,
    };
    Ok(())
}

/// A copy with one part replaced (`@x.setter`).
fn with_part(vm: &Vm, args: &[Arg], index: usize) -> PyResult<Value> {
    let (value, part) = (args.at(0), args.at(1));
    let own = property(vm, value);
    let mut parts = [own.getter.get(), own.setter.get(), own.deleter.get(), own.doc.get()];
    parts[index] = part;
    if own.has_getter_doc.get() && !parts[0].is_none() {
        // The docstring follows the getter.
        parts[3] = Value::NONE;
    }
    let copy = vm.call(vm.type_of(value).as_value(), &parts)?;
    if let (Some(copied), Some(name)) = (vm.downcast::<PyProperty>(copy), own.name.get()) {
        copied.name.set(&vm.heap, copied, Some(name));
    }
    Ok(copy)
}

pub static PROPERTY: TypeDef = TypeDef {
    flags: type_flags::BASE,
    slots: Slots {
        descr_get: Some(get),
        descr_set: Some(set),
        new: Some(new),
        init: Some(|vm, value, args, keyword_names| {
            let mut all = crate::value_vec::ValueVec::<[Value; 8]>::with_capacity(args.len() + 1);
            all.push(value);
            all.extend_from_slice(args);
            INIT.call(vm, &all, keyword_names).map(|_| ())
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("getter", "self, object, /", |vm, args| with_part(vm, args, 0)),
        NativeDef::method("setter", "self, object, /", |vm, args| with_part(vm, args, 1)),
        NativeDef::method("deleter", "self, object, /", |vm, args| with_part(vm, args, 2)),
        NativeDef::method("__set_name__", "self, /, *args", |vm, args| {
            let own = property(vm, args.at(0));
            let &[_, name] = vm.tuple_items(args.at(1)) else {
                let given = vm.tuple_items(args.at(1)).len();
                return Err(
                    vm.type_error(format!("__set_name__() takes 2 positional arguments but {given} were given"))
                );
            };
            own.name.set(&vm.heap, own, Some(name));
            Ok(Value::NONE)
        }),
    ],
    getset: &[
        GetSetDef::member("fget", |vm, value| Ok(property(vm, value).getter.get())),
        GetSetDef::member("fset", |vm, value| Ok(property(vm, value).setter.get())),
        GetSetDef::member("fdel", |vm, value| Ok(property(vm, value).deleter.get())),
        GetSetDef::new(
            "__doc__",
            |vm, value| Ok(property(vm, value).doc.get()),
            |vm, value, new| {
                let own = property(vm, value);
                own.doc.set(&vm.heap, own, new.unwrap_or(Value::NONE));
                Ok(())
            },
        ),
        GetSetDef::new(
            "__name__",
            |vm, value| match property_name(vm, property(vm, value))? {
                Some(name) => Ok(name),
                None => Err(vm.no_attribute(value, vm.names.__name__)),
            },
            |vm, value, new| {
                let own = property(vm, value);
                own.name.set(&vm.heap, own, new);
                Ok(())
            },
        ),
        GetSetDef::read_only("__isabstractmethod__", |vm, value| {
            let own = property(vm, value);
            for part in [own.getter.get(), own.setter.get(), own.deleter.get()] {
                if let Some(flag) = vm.getattr_opt(part, vm.names.__isabstractmethod__)?
                    && vm.truthy(flag)?
                {
                    return Ok(Value::TRUE);
                }
            }
            Ok(Value::FALSE)
        }),
    ],
    ..TypeDef::new("property", <PyProperty as Payload>::LAYOUT)
};
