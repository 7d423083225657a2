//! `super`. Source: Objects/typeobject.c `super_*`. The interpreter's LOAD_SUPER_ATTR avoids the object.

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value};

use crate::native::{GetSetDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of `super`.
#[repr(C)]
pub struct PySuper {
    header: Header,
    /// The class whose MRO successors are searched.
    pub class: Slot<Option<Value>>,
    /// The object or class bound to.
    pub object: Slot<Option<Value>>,
}

impl Trace for PySuper {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.class.get());
        tracer.visit_option(self.object.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySuper {}

crate::layout!(PySuper, "super", exact super_);

fn own(vm: &Vm, value: Value) -> Gc<PySuper> {
    vm.downcast::<PySuper>(value).expect("slot of this class")
}

fn new(vm: &Vm, class: Gc<PyType>, _args: &[Value], _names: Option<Value>) -> PyResult<Value> {
    let made =
        vm.alloc_instance(class, 0, |header| PySuper { header, class: Slot::new(None), object: Slot::new(None) })?;
    Ok(made.as_value())
}

fn init(vm: &Vm, value: Value, args: &[Value], keyword_names: Option<Value>) -> PyResult<()> {
    if keyword_names.is_some() {
        return Err(vm.type_error("super() takes no keyword arguments"));
    }
    let (class, object) = match *args {
        [] => vm.super_arguments()?,
        [class] => (class, None),
        [class, object] => (class, Some(object).filter(|object| !object.is_none())),
        _ => return Err(vm.type_error(format!("super expected at most 2 arguments, got {}", args.len()))),
    };
    let Some(start) = vm.as_class(class) else {
        let found = vm.type_name(class);
        return Err(vm.type_error(format!("super() argument 1 must be a type, not {found}")));
    };
    if let Some(object) = object {
        vm.check_super(start, object)?;
    }
    let own = own(vm, value);
    own.class.set(&vm.heap, own, Some(class));
    own.object.set(&vm.heap, own, object);
    Ok(())
}

fn getattr(vm: &Vm, value: Value, name: Value) -> PyResult<Value> {
    let own = own(vm, value);
    let name = vm.intern_any(name)?;
    if let (Some(class), Some(object)) = (own.class.get(), own.object.get())
        && name != vm.names.__class__
        && let Some(class) = vm.as_class(class)
        && let Some(found) = vm.super_attribute_opt(class, object, name)?
    {
        return Ok(found);
    }
    match vm.generic_getattr_opt(value, name)? {
        Some(found) => Ok(found),
        None => {
            let text = vm.str_text(name);
            Err(vm.attribute_error(value, name, &format!("'super' object has no attribute '{text}'")))
        }
    }
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let own = own(vm, value);
    let name = |class: Option<Value>| {
        class.and_then(|class| vm.as_class(class)).map_or("NULL".to_owned(), |c| c.declared_name())
    };
    let class = name(own.class.get());
    vm.new_str(&match own.object.get() {
        Some(object) => format!("<super: <class '{class}'>, <{} object>>", vm.type_name(object)),
        None => format!("<super: <class '{class}'>, NULL>"),
    })
}

pub static SUPER: TypeDef = TypeDef {
    flags: type_flags::BASE,
    slots: Slots {
        repr: Some(repr),
        getattr: Some(getattr),
        new: Some(new),
        init: Some(init),
        descr_get: Some(|vm, value, instance, _| {
            let own = own(vm, value);
            match (instance, own.object.get(), own.class.get()) {
                (Some(instance), None, Some(class)) => vm.call(vm.type_of(value).as_value(), &[class, instance]),
                _ => Ok(value),
            }
        }),
        ..Slots::NONE
    },
    getset: &[
        GetSetDef::read_only("__thisclass__", |vm, value| Ok(own(vm, value).class.get().unwrap_or(Value::NONE))),
        GetSetDef::read_only("__self__", |vm, value| Ok(own(vm, value).object.get().unwrap_or(Value::NONE))),
        GetSetDef::read_only("__self_class__", |vm, value| {
            let own = own(vm, value);
            Ok(match (own.object.get(), own.class.get().and_then(|class| vm.as_class(class))) {
                (Some(object), Some(class)) => match vm.as_class(object) {
                    Some(start) if vm.is_subtype(start, class) => object,
                    _ => vm.type_of(object).as_value(),
                },
                _ => Value::NONE,
            })
        }),
    ],
    ..TypeDef::new("super", <PySuper as Payload>::LAYOUT)
};

impl Vm {
    /// Errors: TypeError when `object` is neither an instance nor a subclass of `class`.
    pub fn check_super(&self, class: Gc<PyType>, object: Value) -> PyResult<()> {
        let fits =
            self.as_class(object).is_some_and(|start| self.is_subtype(start, class)) || self.is_instance(object, class);
        if fits {
            return Ok(());
        }
        let claimed = self.getattr_opt(object, self.names.__class__)?.and_then(|claimed| self.as_class(claimed));
        if claimed.is_some_and(|claimed| self.is_subtype(claimed, class)) {
            return Ok(());
        }
        Err(self.super_error(class, object))
    }

    /// What `super(class, object)` raises when they do not belong together.
    pub(crate) fn super_error(&self, class: Gc<PyType>, object: Value) -> crate::native::Raised {
        let (kind, name) = match self.as_class(object) {
            Some(found) => ("type", found.declared_name()),
            None => ("instance of", self.type_name(object)),
        };
        let class = class.declared_name();
        self.type_error(format!(
            "super(type, obj): obj ({kind} {name}) is not an instance or subtype of type ({class})."
        ))
    }
}
