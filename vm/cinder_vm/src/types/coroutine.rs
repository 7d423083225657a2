//! `coroutine`, and the iterator that its `__await__` gives.

use cinder_heap::{HeapObject, Slot, Trace, object_header};
use cinder_layout::{Header, Value};

use super::generator::{self, PyGenerator, Step};
use crate::native::{ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

pub static COROUTINE: TypeDef = TypeDef {
    flags: type_flags::NO_NEW | type_flags::HAS_WEAKREF,
    slots: Slots {
        r#await: Some(new_wrapper),
        repr: Some(generator::repr),
        finalize: Some(generator::finalize),
        ..Slots::NONE
    },
    methods: &[
        crate::types::generic_alias::CLASS_GETITEM,
        NativeDef::method("send", "self, value, /", generator::send)
            .doc("send(value) -> send 'value' into coroutine,\nreturn next yielded value or raise StopIteration."),
        NativeDef::method("throw", "self, type, value=None, traceback=None, /", generator::throw)
            .doc("throw(value)\nthrow(type[,value[,traceback]])\n\nRaise exception in coroutine, return next yielded value or raise\nStopIteration.\nthe (type, val, tb) signature is deprecated, \nand may be removed in a future version of Python."),
        NativeDef::method("close", "self, /", generator::close)
            .doc("close() -> raise GeneratorExit inside coroutine."),
    ],
    getset: &[
        GetSetDef::read_only("cr_frame", generator::frame_of),
        GetSetDef::read_only("cr_running", generator::is_running),
        GetSetDef::read_only("cr_suspended", generator::is_suspended),
        GetSetDef::read_only("cr_await", generator::delegate),
        GetSetDef::read_only("cr_code", generator::code_of),
        GetSetDef::read_only("cr_origin", |vm, coroutine| {
            Ok(generator::this(vm, coroutine).origin.get().unwrap_or(Value::NONE))
        }),
        generator::NAME.doc("name of the coroutine"),
        generator::QUALNAME.doc("qualified name of the coroutine"),
    ],
    ..TypeDef::new("coroutine", <PyGenerator as Payload>::LAYOUT)
};

/// Payload of `coroutine_wrapper`.
#[repr(C)]
#[derive(Trace, HeapObject)]
pub struct PyCoroutineWrapper {
    header: Header,
    coroutine: Slot<Value>,
}

crate::layout!(PyCoroutineWrapper, "coroutine_wrapper", exact coroutine_wrapper);

fn new_wrapper(vm: &Vm, coroutine: Value) -> PyResult<Value> {
    let header = object_header(BuiltinType::coroutine_wrapper as u32);
    Ok(vm.alloc(PyCoroutineWrapper { header, coroutine: Slot::new(coroutine) })?.as_value())
}

fn inner(vm: &Vm, wrapper: Value) -> Value {
    vm.downcast::<PyCoroutineWrapper>(wrapper).expect("attribute of this class").coroutine.get()
}

fn with_inner(
    vm: &Vm,
    args: &[Option<Value>],
    method: fn(&Vm, &[Option<Value>]) -> PyResult<Value>,
) -> PyResult<Value> {
    let mut all: smallvec::SmallVec<[Option<Value>; 4]> = args.into();
    all[0] = Some(inner(vm, args.at(0)));
    method(vm, &all)
}

pub static COROUTINE_WRAPPER: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        iter: Some(|_, wrapper| Ok(wrapper)),
        next: Some(|vm, wrapper| {
            let coroutine = generator::this(vm, inner(vm, wrapper));
            match vm.generator_send(coroutine, Value::NONE)? {
                Step::Yielded(value) => Ok(Some(value)),
                Step::Returned(value) => {
                    vm.interp.stop_value.set(Some(value));
                    Ok(None)
                }
            }
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("send", "self, value, /", |vm, args| with_inner(vm, args, generator::send)),
        NativeDef::method("throw", "self, type, value=None, traceback=None, /", |vm, args| {
            with_inner(vm, args, generator::throw)
        }),
        NativeDef::method("close", "self, /", |vm, args| with_inner(vm, args, generator::close)),
    ],
    ..TypeDef::new("coroutine_wrapper", <PyCoroutineWrapper as Payload>::LAYOUT)
};
