//! Native functions as objects: `builtin_function_or_method`, `method_descriptor`, `classmethod_descriptor`, `getset_descriptor`.

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use cinder_bytecode::CompareOp;

use crate::native::{ArgsExt, GetSetDef, NativeDef, NativeKind, PyResult};
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
    /// Name of the module as str, or None; of a static method its class.
    pub module: Slot<Value>,
}

impl PyNativeFunction {
    /// What `__self__` is without being an argument: the class of a static method.
    fn owner(&self, vm: &Vm) -> Option<Value> {
        self.receiver.get().or_else(|| vm.as_class(self.module.get()).map(|class| class.as_value()))
    }
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
    slots: Slots {
        call: Some(call_native),
        repr: Some(|vm, value| {
            let function = function(vm, value);
            let name = function.def.name;
            match function.owner(vm) {
                None => vm.new_str(&format!("<built-in function {name}>")),
                Some(receiver) => {
                    let class = vm.type_name(receiver);
                    vm.new_str(&format!("<built-in method {name} of {class} object at {:#x}>", vm.id(receiver)))
                }
            }
        }),
        compare: Some(|vm, a, b, op| {
            let (Some(x), Some(y)) = (vm.downcast::<PyNativeFunction>(a), vm.downcast::<PyNativeFunction>(b)) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            let same = std::ptr::eq(x.def, y.def) && x.receiver.get() == y.receiver.get();
            match op {
                CompareOp::Eq => Ok(Value::from_bool(same)),
                CompareOp::Ne => Ok(Value::from_bool(!same)),
                _ => Ok(Value::NOT_IMPLEMENTED),
            }
        }),
        hash: Some(|vm, value| {
            let function = function(vm, value);
            let receiver = function.receiver.get().map_or(0, |receiver| vm.identity_hash(receiver));
            Ok((receiver ^ (std::ptr::from_ref(function.def).addr() >> 4) as i64).max(0))
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "self, /", |vm, args| {
        let function = function(vm, args.at(0));
        let name = vm.intern(function.def.name);
        match function.owner(vm) {
            None => Ok(name),
            Some(receiver) => {
                let parts = vm.new_tuple(&[receiver, name])?;
                vm.new_tuple(&[vm.builtin("getattr")?, parts])
            }
        }
    })],
    getset: &[
        GetSetDef::read_only("__name__", |vm, value| Ok(vm.intern(function(vm, value).def.name))),
        GetSetDef::read_only("__qualname__", |vm, value| {
            let function = function(vm, value);
            match function.receiver.get() {
                None if matches!(function.def.kind, NativeKind::StaticMethod) => {
                    vm.new_str(&vm.native_display_name(function.def))
                }
                None => Ok(vm.intern(function.def.name)),
                Some(receiver) => {
                    let class = vm.as_class(receiver).unwrap_or_else(|| vm.type_of(receiver));
                    vm.new_str(&format!("{}.{}", class.qualname.borrow(), function.def.name))
                }
            }
        }),
        GetSetDef::read_only("__self__", |vm, value| {
            let function = function(vm, value);
            // A module function's self is its module.
            let module = || vm.as_str(function.module.get()).and_then(|name| vm.modules.get_interned(name.as_value()));
            Ok(function.receiver.get().or_else(module).unwrap_or(Value::NONE))
        }),
        GetSetDef::new(
            "__module__",
            |vm, value| {
                let module = function(vm, value).module.get();
                Ok(if vm.as_class(module).is_some() { Value::NONE } else { module })
            },
            |vm, value, new| {
                let function = function(vm, value);
                function.module.set(&vm.heap, function, new.unwrap_or(Value::NONE));
                Ok(())
            },
        ),
        GetSetDef::read_only("__doc__", |vm, value| doc(vm, function(vm, value).def)),
        GetSetDef::read_only("__text_signature__", |vm, value| text_signature(vm, function(vm, value).def)),
    ],
    ..TypeDef::new("builtin_function_or_method", <PyNativeFunction as Payload>::LAYOUT)
};

fn function(vm: &Vm, value: Value) -> Gc<PyNativeFunction> {
    vm.downcast::<PyNativeFunction>(value).expect("slot of this class")
}

fn method(vm: &Vm, value: Value) -> Gc<PyMethodDescriptor> {
    vm.downcast::<PyMethodDescriptor>(value).expect("slot of this class")
}

fn getset(vm: &Vm, value: Value) -> Gc<PyGetSet> {
    vm.downcast::<PyGetSet>(value).expect("slot of this class")
}

fn doc(vm: &Vm, def: &NativeDef) -> PyResult<Value> {
    if def.doc.is_empty() { Ok(Value::NONE) } else { vm.new_str(def.doc) }
}

/// The signature as `inspect` reads it: `($self, object, /)`.
fn text_signature(vm: &Vm, def: &NativeDef) -> PyResult<Value> {
    let signature = match def.kind {
        NativeKind::Function if def.signature.is_empty() => "$module, /".to_owned(),
        NativeKind::Function if def.signature.contains("/") => format!("$module, {}", def.signature),
        NativeKind::Function => format!("$module, /, {}", def.signature),
        NativeKind::Method => format!("$self{}", def.signature.trim_start_matches(|c: char| c != ',')),
        NativeKind::ClassMethod => format!("$type{}", def.signature.trim_start_matches(|c: char| c != ',')),
        NativeKind::StaticMethod => def.signature.to_owned(),
    };
    vm.new_str(&format!("({signature})"))
}

fn reduce_member(vm: &Vm, class: Gc<PyType>, name: &str) -> PyResult<Value> {
    let parts = vm.new_tuple(&[class.as_value(), vm.intern(name)])?;
    vm.new_tuple(&[vm.builtin("getattr")?, parts])
}

const METHOD_GETSET: &[GetSetDef] = &[
    GetSetDef::read_only("__name__", |vm, value| Ok(vm.intern(method(vm, value).def.name))),
    GetSetDef::read_only("__qualname__", |vm, value| {
        let method = method(vm, value);
        vm.new_str(&format!("{}.{}", method.class.get().qualname.borrow(), method.def.name))
    }),
    GetSetDef::read_only("__objclass__", |vm, value| Ok(method(vm, value).class.get().as_value())),
    GetSetDef::read_only("__doc__", |vm, value| doc(vm, method(vm, value).def)),
    GetSetDef::read_only("__text_signature__", |vm, value| text_signature(vm, method(vm, value).def)),
];

const METHOD_REDUCE: &[NativeDef] = &[NativeDef::method("__reduce__", "self, /", |vm, args| {
    let method = method(vm, args.at(0));
    reduce_member(vm, method.class.get(), method.def.name)
})];

const METHOD_REPR: crate::object::slots::Unary = |vm, value| {
    let method = method(vm, value);
    vm.new_str(&format!("<method '{}' of '{}' objects>", method.def.name, method.class.get().declared_name()))
};

pub static METHOD_DESCRIPTOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW | type_flags::METHOD_DESCRIPTOR,
    slots: Slots {
        call: Some(call_method_descriptor),
        descr_get: Some(bind_method),
        repr: Some(METHOD_REPR),
        ..Slots::NONE
    },
    methods: METHOD_REDUCE,
    getset: METHOD_GETSET,
    ..TypeDef::new("method_descriptor", <PyMethodDescriptor as Payload>::LAYOUT)
};

pub static CLASS_METHOD_DESCRIPTOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        call: Some(|vm, descriptor, args, keyword_names| {
            let method = method(vm, descriptor);
            match args.first() {
                Some(class) if vm.as_class(*class).is_some_and(|class| vm.is_subtype(class, method.class.get())) => {
                    method.def.call(vm, args, keyword_names)
                }
                Some(other) => {
                    let (name, class, found) =
                        (method.def.name, method.class.get().declared_name(), vm.type_name(*other));
                    Err(vm.type_error(format!(
                        "descriptor '{name}' for type '{class}' needs a type, not a '{found}' as arg 2"
                    )))
                }
                None => {
                    let (name, class) = (method.def.name, method.class.get().declared_name());
                    Err(vm.type_error(format!("descriptor '{name}' of '{class}' object needs an argument")))
                }
            }
        }),
        descr_get: Some(bind_class_method),
        repr: Some(METHOD_REPR),
        ..Slots::NONE
    },
    getset: METHOD_GETSET,
    ..TypeDef::new("classmethod_descriptor", <PyMethodDescriptor as Payload>::LAYOUT)
};

pub static GETSET_DESCRIPTOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        descr_get: Some(getset_get),
        descr_set: Some(getset_set),
        repr: Some(|vm, value| {
            let getset = getset(vm, value);
            let kind = if getset.def.is_member { "member" } else { "attribute" };
            vm.new_str(&format!("<{kind} '{}' of '{}' objects>", getset.def.name, getset.class.get().declared_name()))
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "self, /", |vm, args| {
        let getset = getset(vm, args.at(0));
        reduce_member(vm, getset.class.get(), getset.def.name)
    })],
    getset: &[
        GetSetDef::read_only("__name__", |vm, value| Ok(vm.intern(getset(vm, value).def.name))),
        GetSetDef::read_only("__qualname__", |vm, value| {
            let getset = getset(vm, value);
            vm.new_str(&format!("{}.{}", getset.class.get().qualname.borrow(), getset.def.name))
        }),
        GetSetDef::read_only("__objclass__", |vm, value| Ok(getset(vm, value).class.get().as_value())),
        GetSetDef::read_only("__doc__", |vm, value| {
            let text = getset(vm, value).def.doc;
            if text.is_empty() { Ok(Value::NONE) } else { vm.new_str(text) }
        }),
    ],
    ..TypeDef::new("getset_descriptor", <PyGetSet as Payload>::LAYOUT)
};

fn call_native(vm: &Vm, callable: Value, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    let function = vm.downcast::<PyNativeFunction>(callable).expect("slot of this class");
    match function.receiver.get() {
        None => function.def.call(vm, args, keyword_names),
        Some(receiver) => {
            if let ([only], None) = (args, keyword_names) {
                return function.def.call(vm, &[receiver, *only], None);
            }
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
            let (name, class, found) = (method.def.name, class.declared_name(), vm.type_name(receiver));
            Err(vm.type_error(format!("descriptor '{name}' for '{class}' objects doesn't apply to a '{found}' object")))
        }
        None => Err(vm.type_error(format!(
            "unbound method {}.{}() needs an argument",
            class.declared_name(),
            method.def.name
        ))),
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
    let (class, found) = (class.declared_name(), vm.type_name(receiver));
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
        None if getset.def.is_member => Err(vm.attribute_error_text("readonly attribute")),
        None => {
            let (name, class) = (getset.def.name, getset.class.get().declared_name());
            Err(vm.attribute_error_text(format!("attribute '{name}' of '{class}' objects is not writable")))
        }
    }
}

impl Vm {
    /// Function object of a native function; `module` is its module's name or None.
    pub fn new_native_function(
        &self,
        def: &'static NativeDef,
        receiver: Option<Value>,
        module: Value,
    ) -> PyResult<Value> {
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
                let function = self.new_native_function(def, None, class.as_value())?;
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
