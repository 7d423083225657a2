//! `staticmethod` and `classmethod`.

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::{GetSetDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of `staticmethod` and `classmethod`: the wrapped callable.
#[repr(C)]
pub struct PyStaticMethod {
    header: Header,
    pub callable: Slot<Value>,
}

impl Trace for PyStaticMethod {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.callable.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyStaticMethod {}

crate::layout!(PyStaticMethod, "staticmethod", exact static_method);

fn wrapped(vm: &Vm, value: Value) -> Value {
    vm.downcast::<PyStaticMethod>(value).expect("slot of this class").callable.get()
}

fn new(vm: &Vm, class: Gc<PyType>, _args: &[Value], _names: Option<Value>) -> PyResult<Value> {
    Ok(vm.alloc_instance(class, 0, |header| PyStaticMethod { header, callable: Slot::new(Value::NONE) })?.as_value())
}

/// Takes one callable and its naming attributes, as `functools.update_wrapper` would.
fn init(vm: &Vm, value: Value, args: &[Value], keyword_names: Option<Value>) -> PyResult<()> {
    let name = vm.type_name(value);
    if keyword_names.is_some() {
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    let [callable] = args else {
        return Err(vm.type_error(format!("{name} expected 1 argument, got {}", args.len())));
    };
    let method = vm.downcast::<PyStaticMethod>(value).expect("slot of this class");
    method.callable.set(&vm.heap, method, *callable);
    let names = &vm.names;
    for attribute in [names.__module__, names.__name__, names.__qualname__, names.__doc__] {
        if let Some(found) = vm.getattr_opt(*callable, attribute)? {
            vm.set_own_attribute(value, attribute, found)?;
        }
    }
    Ok(())
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let is_class_method = vm.is_instance(value, vm.types.class_method);
    let name = if is_class_method { "classmethod" } else { "staticmethod" };
    let (name, inner) = (name, vm.repr_text(wrapped(vm, value))?);
    vm.new_str(&format!("<{name}({inner})>"))
}

/// An attribute of the callable, kept in the method's own dictionary from the first time it is asked for.
///
/// Source: `descriptor_get_wrapped_attribute` in Objects/funcobject.c.
fn copied(vm: &Vm, value: Value, name: Value) -> PyResult<Value> {
    if let Some(found) = vm.own_attribute(value, name) {
        return Ok(found);
    }
    let found = vm.getattr(wrapped(vm, value), name)?;
    vm.set_own_attribute(value, name, found)?;
    Ok(found)
}

fn set_copied(vm: &Vm, value: Value, name: Value, new: Option<Value>) -> PyResult<()> {
    match new {
        Some(new) => vm.set_own_attribute(value, name, new).map(|_| ()),
        None if vm.delete_own_attribute(value, name)? => Ok(()),
        None => Err(vm.attribute_error_text(vm.str_text(name))),
    }
}

const GETSET: &[GetSetDef] = &[
    GetSetDef::read_only("__func__", |vm, value| Ok(wrapped(vm, value))),
    GetSetDef::read_only("__wrapped__", |vm, value| Ok(wrapped(vm, value))),
    GetSetDef::read_only("__isabstractmethod__", |vm, value| {
        match vm.getattr_opt(wrapped(vm, value), vm.names.__isabstractmethod__)? {
            Some(flag) => vm.truthy(flag).map(Value::from_bool),
            None => Ok(Value::FALSE),
        }
    }),
    GetSetDef::new(
        "__annotations__",
        |vm, v| copied(vm, v, vm.names.__annotations__),
        |vm, v, new| set_copied(vm, v, vm.names.__annotations__, new),
    ),
    GetSetDef::new(
        "__annotate__",
        |vm, v| copied(vm, v, vm.names.__annotate__),
        |vm, v, new| set_copied(vm, v, vm.names.__annotate__, new),
    ),
    crate::types::object::DICT_GETSET,
];

pub static STATIC_METHOD: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::HAS_DICT | type_flags::HAS_WEAKREF,
    slots: Slots {
        repr: Some(repr),
        descr_get: Some(|vm, descriptor, _, _| Ok(wrapped(vm, descriptor))),
        call: Some(|vm, callable, args, keyword_names| vm.call_keywords(wrapped(vm, callable), args, keyword_names)),
        new: Some(new),
        init: Some(init),
        ..Slots::NONE
    },
    methods: &[crate::types::generic_alias::CLASS_GETITEM],
    getset: GETSET,
    ..TypeDef::new("staticmethod", <PyStaticMethod as Payload>::LAYOUT)
};

pub static CLASS_METHOD: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::HAS_DICT | type_flags::HAS_WEAKREF,
    slots: Slots {
        repr: Some(repr),
        descr_get: Some(|vm, descriptor, instance, owner| {
            let owner = match instance {
                Some(instance) if owner.is_none() => vm.type_of(instance).as_value(),
                _ => owner,
            };
            vm.new_bound_method(wrapped(vm, descriptor), owner)
        }),
        new: Some(new),
        init: Some(init),
        ..Slots::NONE
    },
    methods: &[crate::types::generic_alias::CLASS_GETITEM],
    getset: GETSET,
    ..TypeDef::new("classmethod", <PyStaticMethod as Payload>::LAYOUT)
};

impl Vm {
    /// `staticmethod(callable)`, without copied attributes.
    pub fn new_static_method(&self, callable: Value) -> PyResult<Value> {
        self.new_wrapped(BuiltinType::static_method, callable)
    }

    /// `classmethod(callable)`, without copied attributes.
    pub fn new_class_method(&self, callable: Value) -> PyResult<Value> {
        self.new_wrapped(BuiltinType::class_method, callable)
    }

    fn new_wrapped(&self, shape: BuiltinType, callable: Value) -> PyResult<Value> {
        let object = PyStaticMethod { header: object_header(shape as u32), callable: Slot::new(callable) };
        // One word of tail: the instance dictionary's `ext`.
        Ok(self.alloc_tail(object, 8)?.as_value())
    }
}
