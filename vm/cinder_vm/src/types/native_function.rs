//! Native functions as objects: `builtin_function_or_method`, `method_descriptor`, `classmethod_descriptor`, `getset_descriptor`.

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::{GetSetDef, NativeDef, NativeKind, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of `builtin_function_or_method`: a module function, or a method bound to `receiver`.
#[repr(C)]
pub struct PyNativeFunction {
    header: Header,
    pub def: &'static NativeDef,
    /// Bound self or class; for module functions `None`.
    pub receiver: Slot<Option<Value>>,
    /// Name of the module as str, or None.
    pub module: Slot<Value>,
}

impl Trace for PyNativeFunction {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.receiver.get());
        tracer.visit(self.module.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyNativeFunction {}

crate::layout!(PyNativeFunction, "builtin_function_or_method", exact native_function);

/// Payload of the descriptors that a class's dictionary holds for native methods.
#[repr(C)]
pub struct PyMethodDescriptor {
    header: Header,
    pub def: &'static NativeDef,
    pub class: Slot<Gc<PyType>>,
}

impl Trace for PyMethodDescriptor {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.class.get().header());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyMethodDescriptor {}

crate::layout!(PyMethodDescriptor, "method_descriptor", exact method_descriptor);

/// Payload of `getset_descriptor`.
#[repr(C)]
pub struct PyGetSet {
    header: Header,
    pub def: &'static GetSetDef,
    pub class: Slot<Gc<PyType>>,
}

impl Trace for PyGetSet {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.class.get().header());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyGetSet {}

crate::layout!(PyGetSet, "getset_descriptor", exact getset_descriptor);

pub static NATIVE_FUNCTION: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots { call: Some(call_native), ..Slots::NONE },
    ..TypeDef::new("builtin_function_or_method", <PyNativeFunction as Payload>::LAYOUT)
};

pub static METHOD_DESCRIPTOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW | type_flags::METHOD_DESCRIPTOR,
    slots: Slots { call: Some(call_method_descriptor), descr_get: Some(bind_method), ..Slots::NONE },
    ..TypeDef::new("method_descriptor", <PyMethodDescriptor as Payload>::LAYOUT)
};

pub static CLASS_METHOD_DESCRIPTOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots { descr_get: Some(bind_class_method), ..Slots::NONE },
    ..TypeDef::new("classmethod_descriptor", <PyMethodDescriptor as Payload>::LAYOUT)
};

pub static GETSET_DESCRIPTOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots { descr_get: Some(getset_get), descr_set: Some(getset_set), ..Slots::NONE },
    ..TypeDef::new("getset_descriptor", <PyGetSet as Payload>::LAYOUT)
};

fn call_native(vm: &Vm, callable: Value, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    let function = vm.downcast::<PyNativeFunction>(callable).expect("slot of this class");
    match function.receiver.get() {
        None => function.def.call(vm, args, keyword_names),
        Some(receiver) => {
            let mut all = crate::value_vec::ValueVec::<[Value; 8]>::with_capacity(args.len() + 1);
            all.push(receiver);
            all.extend_from_slice(args);
            function.def.call(vm, &all, keyword_names)
        }
    }
}

fn call_method_descriptor(vm: &Vm, callable: Value, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    let method = vm.downcast::<PyMethodDescriptor>(callable).expect("slot of this class");
    let class = method.class.get();
    match args.first() {
        Some(&receiver) if vm.is_instance(receiver, class) => method.def.call(vm, args, keyword_names),
        Some(&receiver) => {
            let (name, class, found) = (method.def.name, class.name(), vm.type_name(receiver));
            Err(vm.type_error(format!("descriptor '{name}' for '{class}' objects doesn't apply to a '{found}' object")))
        }
        None => Err(vm.type_error(format!("unbound method {}.{}() needs an argument", class.name(), method.def.name))),
    }
}

fn bind_method(vm: &Vm, descriptor: Value, instance: Option<Value>, _owner: Value) -> PyResult<Value> {
    let Some(receiver) = instance else { return Ok(descriptor) };
    let method = vm.downcast::<PyMethodDescriptor>(descriptor).expect("slot of this class");
    check_owner(vm, method.def.name, method.class.get(), receiver)?;
    vm.new_native_function(method.def, Some(receiver), Value::NONE)
}

fn bind_class_method(vm: &Vm, descriptor: Value, instance: Option<Value>, owner: Value) -> PyResult<Value> {
    let method = vm.downcast::<PyMethodDescriptor>(descriptor).expect("slot of this class");
    let owner = match instance {
        Some(instance) if owner.is_none() => vm.type_of(instance).as_value(),
        _ => owner,
    };
    vm.new_native_function(method.def, Some(owner), Value::NONE)
}

fn check_owner(vm: &Vm, name: &str, class: Gc<PyType>, receiver: Value) -> PyResult<()> {
    if vm.is_instance(receiver, class) {
        return Ok(());
    }
    let (class, found) = (class.name(), vm.type_name(receiver));
    Err(vm.type_error(format!("descriptor '{name}' for '{class}' objects doesn't apply to a '{found}' object")))
}

fn getset_get(vm: &Vm, descriptor: Value, instance: Option<Value>, _owner: Value) -> PyResult<Value> {
    let Some(receiver) = instance else { return Ok(descriptor) };
    let getset = vm.downcast::<PyGetSet>(descriptor).expect("slot of this class");
    check_owner(vm, getset.def.name, getset.class.get(), receiver)?;
    (getset.def.get)(vm, receiver)
}

fn getset_set(vm: &Vm, descriptor: Value, instance: Value, value: Option<Value>) -> PyResult<()> {
    let getset = vm.downcast::<PyGetSet>(descriptor).expect("slot of this class");
    check_owner(vm, getset.def.name, getset.class.get(), instance)?;
    match getset.def.set {
        Some(set) => set(vm, instance, value),
        None => {
            let (name, class) = (getset.def.name, getset.class.get().name());
            Err(vm.attribute_error_text(format!("attribute '{name}' of '{class}' objects is not writable")))
        }
    }
}

impl Vm {
    /// Function object of a native function; `module` is its module's name or None.
    pub fn new_native_function(&self, def: &'static NativeDef, receiver: Option<Value>, module: Value) -> PyResult<Value> {
        let header = object_header(BuiltinType::native_function as u32);
        let object = PyNativeFunction { header, def, receiver: Slot::new(receiver), module: Slot::new(module) };
        Ok(self.alloc(object)?.as_value())
    }

    /// What `class.__dict__` holds for native method `def`.
    pub fn new_native_member(&self, class: Gc<PyType>, def: &'static NativeDef) -> PyResult<Value> {
        let shape = match def.kind {
            NativeKind::Method => BuiltinType::method_descriptor,
            NativeKind::ClassMethod => BuiltinType::class_method_descriptor,
            NativeKind::Function | NativeKind::StaticMethod => {
                let function = self.new_native_function(def, None, Value::NONE)?;
                return self.new_static_method(function);
            }
        };
        let object = PyMethodDescriptor { header: object_header(shape as u32), def, class: Slot::new(class) };
        Ok(self.alloc(object)?.as_value())
    }

    /// What `class.__dict__` holds for computed attribute `def`.
    pub fn new_getset(&self, class: Gc<PyType>, def: &'static GetSetDef) -> PyResult<Value> {
        let header = object_header(BuiltinType::getset_descriptor as u32);
        Ok(self.alloc(PyGetSet { header, def, class: Slot::new(class) })?.as_value())
    }

    /// `list.append` or `len`: the name CPython's argument errors use.
    pub(crate) fn native_display_name(&self, def: &NativeDef) -> String {
        // Methods are declared in their type's static array, so the array tells the class.
        let native = self.native_classes.borrow();
        for type_def in crate::types::DEFS.iter().map(|(def, _)| *def).chain(native.values().map(|(def, _)| *def)) {
            if type_def.methods.as_ptr_range().contains(&(def as *const NativeDef)) {
                return format!("{}.{}", type_def.name.rsplit('.').next().unwrap_or(type_def.name), def.name);
            }
        }
        def.name.to_owned()
    }
}
