//! `method`: a callable with its receiver.

use cinder_bytecode::CompareOp;
use cinder_heap::{Gc, HeapObject, Slot, Trace, object_header};
use cinder_layout::{Header, Value};
use smallvec::SmallVec;

use crate::native::{ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::TypeDef;
use crate::vm::Vm;

/// Payload of a bound method.
#[repr(C)]
#[derive(Trace, HeapObject)]
pub struct PyMethod {
    header: Header,
    pub function: Slot<Value>,
    pub receiver: Slot<Value>,
}

crate::layout!(PyMethod, "method", exact method);

impl Vm {
    /// `types.MethodType(function, receiver)`.
    pub fn new_method(&self, function: Value, receiver: Value) -> PyResult<Value> {
        let header = object_header(BuiltinType::method as u32);
        Ok(self.alloc(PyMethod { header, function: Slot::new(function), receiver: Slot::new(receiver) })?.as_value())
    }
}

fn this(vm: &Vm, value: Value) -> Gc<PyMethod> {
    vm.downcast::<PyMethod>(value).expect("slot of this class")
}

fn getattr(vm: &Vm, value: Value, name: Value) -> PyResult<Value> {
    let class = vm.type_of(value);
    if let Some(found) = vm.type_lookup(class, name) {
        return match vm.type_of(found).slots().descr_get {
            Some(get) => get(vm, found, Some(value), class.as_value()),
            None => Ok(found),
        };
    }
    vm.getattr(this(vm, value).function.get(), name)
}

pub static METHOD: TypeDef = TypeDef {
    slots: Slots {
        new: Some(|vm, _, args, keywords| {
            static NEW: NativeDef = NativeDef::function("method", "function, instance, /", |vm, args| {
                if !vm.is_callable(args.at(0)) {
                    return Err(vm.type_error("first argument must be callable"));
                }
                if args.at(1).is_none() {
                    return Err(vm.type_error("instance must not be None"));
                }
                vm.new_method(args.at(0), args.at(1))
            });
            NEW.call(vm, args, keywords)
        }),
        call: Some(|vm, method, args, names| {
            let method = this(vm, method);
            let mut all: SmallVec<[Value; 8]> = SmallVec::with_capacity(args.len() + 1);
            all.push(method.receiver.get());
            all.extend_from_slice(args);
            vm.call_keywords(method.function.get(), &all, names)
        }),
        getattr: Some(getattr),
        repr: Some(|vm, method| {
            let method = this(vm, method);
            let mut name = vm.getattr_opt(method.function.get(), vm.names.__qualname__)?;
            if name.is_none() {
                name = vm.getattr_opt(method.function.get(), vm.names.__name__)?;
            }
            let name = name.filter(|name| vm.is_str(*name)).map_or("?".into(), |name| vm.str_text(name));
            vm.new_str(&format!("<bound method {name} of {}>", vm.repr_text(method.receiver.get())?))
        }),
        hash: Some(|vm, method| {
            let method = this(vm, method);
            let receiver = method.receiver.get().bits().rotate_right(4) as i64;
            let hash = vm.hash(method.function.get())? ^ receiver;
            Ok(if hash == -1 { -2 } else { hash })
        }),
        compare: Some(|vm, a, b, op| {
            let (Some(a), Some(b)) = (vm.downcast::<PyMethod>(a), vm.downcast::<PyMethod>(b)) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
                return Ok(Value::NOT_IMPLEMENTED);
            }
            let same = vm.is(a.receiver.get(), b.receiver.get()) && vm.eq(a.function.get(), b.function.get())?;
            Ok(Value::from_bool(same == (op == CompareOp::Eq)))
        }),
        descr_get: Some(|_, method, _, _| Ok(method)),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "self, /", |vm, args| {
        let method = this(vm, args.at(0));
        let name = vm.getattr(method.function.get(), vm.names.__name__)?;
        let parts = vm.new_tuple(&[method.receiver.get(), name])?;
        vm.new_tuple(&[vm.builtin("getattr")?, parts])
    })],
    getset: &[
        GetSetDef::read_only("__func__", |vm, method| Ok(this(vm, method).function.get())),
        GetSetDef::read_only("__self__", |vm, method| Ok(this(vm, method).receiver.get())),
        GetSetDef::read_only("__doc__", |vm, method| vm.getattr(this(vm, method).function.get(), vm.names.__doc__)),
    ],
    ..TypeDef::new("method", <PyMethod as Payload>::LAYOUT)
};
