//! `_weakref`: references that do not keep their object alive, and proxies.
//!
//! The collector empties a reference when its object dies ([`cinder_heap::Heap::weak_register`]) and queues the callback.
//! Source: Objects/weakrefobject.c.

use std::cell::Cell;
use std::ptr::NonNull;

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, flag};
use cinder_vm::object::Layout;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::dict::PyDict;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{ArgsExt, Gc, GetSetDef, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::args::given;

/// Payload of references and proxies.
#[repr(C)]
pub(crate) struct PyWeakref {
    header: Header,
    /// Not traced; emptied by the collector.
    referent: Cell<Option<Value>>,
    callback: Slot<Option<Value>>,
    /// 0 until computed.
    hash: Cell<i64>,
}

impl Trace for PyWeakref {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.callback.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyWeakref {}

// SAFETY: the static is made from the struct itself, and shapes of this layout are given to objects allocated as the struct only.
unsafe impl Payload for PyWeakref {
    const LAYOUT: &'static Layout = {
        static LAYOUT: Layout = Layout::of::<PyWeakref>("weakref").with_clear_weak(clear);
        &LAYOUT
    };
}

/// Empties the reference; whether a callback waits.
///
/// # Safety
/// `weakref` is a [`PyWeakref`].
unsafe fn clear(weakref: NonNull<Header>) -> bool {
    // SAFETY: contract.
    let weakref = unsafe { weakref.cast::<PyWeakref>().as_ref() };
    weakref.referent.set(None);
    weakref.callback.get().is_some()
}

fn weakref(vm: &Vm, value: Value) -> Gc<PyWeakref> {
    vm.downcast::<PyWeakref>(value).expect("method of this class")
}

/// Whether an object can be referred to weakly.
fn can_refer(vm: &Vm, object: Value) -> bool {
    if !object.is_ptr() {
        return false;
    }
    let class = vm.type_of(object);
    class.has(type_flags::HAS_WEAKREF) || vm.as_class(object).is_some() || {
        let name = class.name();
        class.def.is_some()
            && matches!(
                name.as_str(),
                "function"
                    | "method"
                    | "builtin_function_or_method"
                    | "generator"
                    | "coroutine"
                    | "async_generator"
                    | "set"
                    | "frozenset"
                    | "type"
                    | "module"
                    | "code"
            )
    }
}

fn make(vm: &Vm, class: Gc<PyType>, referent: Value, callback: Option<Value>) -> PyResult<Value> {
    if !can_refer(vm, referent) {
        let found = vm.type_name(referent);
        return Err(vm.type_error(format!("cannot create weak reference to '{found}' object")));
    }
    let header: NonNull<Header> = referent.try_ptr().expect("checked");
    // A reference without callback is shared.
    // SAFETY: the referent is alive.
    if callback.is_none() && class.def.is_some() && unsafe { header.as_ref() }.has_flag(flag::WEAKREFFED) {
        let known = vm.heap.find_weak_ref(header, |known| {
            let known = Value::from_ptr(known);
            vm.type_of(known) == class && weakref(vm, known).callback.get().is_none()
        });
        if let Some(known) = known {
            return Ok(Value::from_ptr(known));
        }
    }
    let made = vm.alloc_instance(class, 0, |header| PyWeakref {
        header,
        referent: Cell::new(Some(referent)),
        callback: Slot::new(callback),
        hash: Cell::new(0),
    })?;
    vm.heap.weak_register(header, made.header());
    Ok(made.as_value())
}

/// `weakref.ref(object)`.
///
/// Errors: TypeError for what cannot be referred to weakly.
pub(crate) fn reference(vm: &Vm, object: Value) -> PyResult<Value> {
    make(vm, vm.native_class(&REF)?, object, None)
}

/// What a reference made by [`reference`] refers to, while it lives.
pub(crate) fn referent(vm: &Vm, reference: Value) -> Option<Value> {
    vm.downcast::<PyWeakref>(reference)?.referent.get()
}

fn hash(vm: &Vm, value: Value) -> PyResult<i64> {
    let reference = weakref(vm, value);
    if reference.hash.get() == 0 {
        let Some(referent) = reference.referent.get() else { return Err(vm.type_error("weak object has gone away")) };
        reference.hash.set(vm.hash(referent)?);
    }
    Ok(reference.hash.get())
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let reference = weakref(vm, value);
    let address = vm.id(value);
    let Some(referent) = reference.referent.get() else {
        return vm.new_str(&format!("<weakref at {address:#x}; dead>"));
    };
    let (class, at) = (vm.type_name(referent), vm.id(referent));
    // A name that only `__getattr__` would invent is none.
    let name =
        match vm.type_lookup(vm.type_of(referent), vm.names.__name__).is_some() || vm.as_class(referent).is_some() {
            true => vm.getattr_opt(referent, vm.names.__name__)?.filter(|name| vm.is_str(*name)),
            false => None,
        };
    let name = name.map_or(String::new(), |name| format!(" ({})", vm.str_text(name)));
    vm.new_str(&format!("<weakref at {address:#x}; to '{class}' at {at:#x}{name}>"))
}

static INIT: NativeDef = NativeDef::method("ref", "self, object, callback=None, /", |_, _| Ok(Value::NONE));

pub(crate) static REF: TypeDef = TypeDef {
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, _| match *args {
            [referent] => make(vm, class, referent, None),
            [referent, callback, ..] => make(vm, class, referent, given(Some(callback))),
            [] => Err(vm.type_error("__new__ expected at least 1 argument, got 0")),
        }),
        init: Some(|vm, value, args, names| {
            let mut all = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
            all.push(value);
            all.extend_from_slice(args);
            INIT.call(vm, &all, names).map(|_| ())
        }),
        call: Some(|vm, value, args, names| {
            if !args.is_empty() || names.is_some() {
                return Err(vm.type_error(format!("ReferenceType takes no arguments ({} given)", args.len())));
            }
            Ok(weakref(vm, value).referent.get().unwrap_or(Value::NONE))
        }),
        hash: Some(hash),
        compare: Some(|vm, a, b, op| {
            let (Some(left), Some(right)) = (vm.downcast::<PyWeakref>(a), vm.downcast::<PyWeakref>(b)) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            if !matches!(op, cinder_bytecode::CompareOp::Eq | cinder_bytecode::CompareOp::Ne) {
                return Ok(Value::NOT_IMPLEMENTED);
            }
            match (left.referent.get(), right.referent.get()) {
                (Some(left), Some(right)) => vm.compare(left, right, op),
                _ => Ok(Value::from_bool((a == b) == (op == cinder_bytecode::CompareOp::Eq))),
            }
        }),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: &[NativeDef::class_method("__class_getitem__", "cls, item, /", |vm, args| {
        vm.new_generic_alias(args.at(0), args.at(1))
    })],
    getset: &[GetSetDef::read_only("__callback__", |vm, value| {
        let reference = weakref(vm, value);
        Ok(if reference.referent.get().is_some() {
            reference.callback.get().unwrap_or(Value::NONE)
        } else {
            Value::NONE
        })
    })],
    ..TypeDef::new("weakref.ReferenceType", <PyWeakref as Payload>::LAYOUT)
};

/// What a proxy stands for. Errors: ReferenceError.
fn target(vm: &Vm, proxy: Value) -> PyResult<Value> {
    match vm.downcast::<PyWeakref>(proxy) {
        Some(proxy) => {
            proxy.referent.get().ok_or_else(|| vm.reference_error("weakly-referenced object no longer exists"))
        }
        None => Ok(proxy),
    }
}

/// An operand: itself, or what it stands for when it is a proxy.
fn operand(vm: &Vm, value: Value) -> PyResult<Value> {
    if is_proxy(vm, value) { target(vm, value) } else { Ok(value) }
}

fn is_proxy(vm: &Vm, value: Value) -> bool {
    vm.downcast::<PyWeakref>(value).is_some()
        && vm.type_of(value).def.is_some_and(|def| std::ptr::eq(def, &PROXY) || std::ptr::eq(def, &CALLABLE_PROXY))
}

/// `proxy_table![Add, ..]`: the operators in the order of their numbers.
macro_rules! proxy_table {
    ($($op:ident),*) => {
        [$(Some(|vm: &Vm, a: Value, b: Value| {
            let (a, b) = (operand(vm, a)?, operand(vm, b)?);
            vm.binary_op(a, b, cinder_bytecode::BinaryOp::$op)
        })),*]
    };
}

/// Special methods without a slot.
const PROXY_METHODS: &[NativeDef] = &[
    NativeDef::method("__bytes__", "self, /", |vm, args| {
        let object = target(vm, args.at(0))?;
        vm.call_method(object, vm.names.__bytes__, &[])
    }),
    NativeDef::method("__reversed__", "self, /", |vm, args| {
        let object = target(vm, args.at(0))?;
        vm.call_method(object, vm.intern("__reversed__"), &[])
    }),
    NativeDef::method("__divmod__", "self, value, /", |vm, args| {
        vm.divmod(target(vm, args.at(0))?, operand(vm, args.at(1))?)
    }),
    NativeDef::method("__rdivmod__", "self, value, /", |vm, args| {
        vm.divmod(operand(vm, args.at(1))?, target(vm, args.at(0))?)
    }),
];

/// `next(proxy)`. Errors: TypeError for what is no iterator.
fn next(vm: &Vm, proxy: Value) -> PyResult<Option<Value>> {
    let object = target(vm, proxy)?;
    if vm.type_of(object).slots().next.is_none() {
        let found = vm.type_name(object);
        return Err(vm.type_error(format!("Weakref proxy referenced a non-iterator '{found}' object")));
    }
    vm.next(object)
}

const PROXY_SLOTS: Slots = Slots {
    repr: Some(|vm, proxy| {
        let object = target(vm, proxy)?;
        let (at, class, address) = (vm.id(proxy), vm.type_name(object), vm.id(object));
        vm.new_str(&format!("<weakproxy at {at:#x}; to '{class}' at {address:#x}>"))
    }),
    str: Some(|vm, proxy| vm.str(target(vm, proxy)?)),
    getattr: Some(|vm, proxy, name| vm.getattr(target(vm, proxy)?, name)),
    setattr: Some(|vm, proxy, name, value| vm.setattr(target(vm, proxy)?, name, value)),
    compare: Some(|vm, a, b, op| vm.compare(operand(vm, a)?, operand(vm, b)?, op)),
    iter: Some(|vm, proxy| vm.iter(target(vm, proxy)?)),
    next: Some(next),
    bool: Some(|vm, proxy| vm.truthy(target(vm, proxy)?)),
    len: Some(|vm, proxy| vm.len(target(vm, proxy)?)),
    getitem: Some(|vm, proxy, key| vm.getitem(target(vm, proxy)?, key)),
    setitem: Some(|vm, proxy, key, value| vm.setitem(target(vm, proxy)?, key, value)),
    contains: Some(|vm, proxy, item| vm.contains(target(vm, proxy)?, item)),
    index: Some(|vm, proxy| vm.index(target(vm, proxy)?)),
    negative: Some(|vm, proxy| vm.negative(target(vm, proxy)?)),
    positive: Some(|vm, proxy| vm.positive(target(vm, proxy)?)),
    invert: Some(|vm, proxy| vm.invert(target(vm, proxy)?)),
    absolute: Some(|vm, proxy| vm.absolute(target(vm, proxy)?)),
    int: Some(|vm, proxy| {
        let object = target(vm, proxy)?;
        vm.to_int(object)
    }),
    float: Some(|vm, proxy| {
        let object = target(vm, proxy)?;
        vm.call(vm.types.float.as_value(), &[object])
    }),
    binary: proxy_table![
        Add,
        Subtract,
        Multiply,
        TrueDivide,
        FloorDivide,
        Remainder,
        Power,
        LeftShift,
        RightShift,
        And,
        Or,
        Xor,
        MatrixMultiply
    ],
    inplace: proxy_table![
        InplaceAdd,
        InplaceSubtract,
        InplaceMultiply,
        InplaceTrueDivide,
        InplaceFloorDivide,
        InplaceRemainder,
        InplacePower,
        InplaceLeftShift,
        InplaceRightShift,
        InplaceAnd,
        InplaceOr,
        InplaceXor,
        InplaceMatrixMultiply
    ],
    power: Some(|vm, a, b, c| vm.power(operand(vm, a)?, operand(vm, b)?, operand(vm, c)?)),
    hash: Some(|vm, proxy| Err(vm.type_error(format!("unhashable type: '{}'", vm.type_name(proxy))))),
    ..Slots::NONE
};

pub(crate) static PROXY: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: PROXY_SLOTS,
    methods: PROXY_METHODS,
    ..TypeDef::new("weakref.ProxyType", <PyWeakref as Payload>::LAYOUT)
};

pub(crate) static CALLABLE_PROXY: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        call: Some(|vm, proxy, args, names| vm.call_keywords(target(vm, proxy)?, args, names)),
        ..PROXY_SLOTS
    },
    methods: PROXY_METHODS,
    ..TypeDef::new("weakref.CallableProxyType", <PyWeakref as Payload>::LAYOUT)
};

pub(crate) static WEAKREF: ModuleDef = ModuleDef {
    doc: "Weak-reference support module.",
    functions: &[
        NativeDef::function("proxy", "object, callback=None, /", |vm, args| {
            let def = if vm.is_callable(args.at(0)) { &CALLABLE_PROXY } else { &PROXY };
            make(vm, vm.native_class(def)?, args.at(0), given(args.opt(1)))
        }),
        NativeDef::function("getweakrefcount", "object, /", |vm, args| {
            let count = args.at(0).try_ptr::<Header>().map_or(0, |header| vm.heap.weak_refs(header).len());
            vm.new_uint(count)
        }),
        NativeDef::function("getweakrefs", "object, /", |vm, args| {
            let list = vm.new_list(&[])?;
            if let Some(header) = args.at(0).try_ptr::<Header>() {
                for known in vm.heap.weak_refs(header) {
                    vm.list_append(list, Value::from_ptr(known))?;
                }
            }
            Ok(list)
        }),
        NativeDef::function("_remove_dead_weakref", "dct, key, /", |vm, args| {
            let Some(dict) = vm.as_dict(args.at(0)) else {
                return Err(vm.type_error("_remove_dead_weakref() needs a dict"));
            };
            if let Some(reference) = vm.dict_get(dict, args.at(1))?
                && vm.downcast::<PyWeakref>(reference).is_some_and(|reference| reference.referent.get().is_none())
            {
                vm.dict_remove(dict, args.at(1))?;
            }
            Ok(Value::NONE)
        }),
    ],
    setup: Some(setup),
    ..ModuleDef::new("_weakref")
};

fn setup(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    let class = vm.native_class(&REF)?.as_value();
    vm.set_item_text(dict, "ref", class)?;
    vm.set_item_text(dict, "ReferenceType", class)?;
    vm.set_item_text(dict, "ProxyType", vm.native_class(&PROXY)?.as_value())?;
    vm.set_item_text(dict, "CallableProxyType", vm.native_class(&CALLABLE_PROXY)?.as_value())
}

/// Runs the callbacks and finalizers that a collection left behind.
pub(crate) fn run_pending(vm: &Vm) {
    struct Running(Cell<bool>);
    let running = &vm.native_state(|| Running(Cell::new(false))).0;
    // What a finalizer's own allocations bring to light waits for its end: finalizers do not nest.
    if running.replace(true) {
        return;
    }
    while let Some(pending) = vm.heap.next_pending() {
        match pending {
            cinder_heap::Pending::WeakCallback(reference) => run_callback(vm, reference),
            cinder_heap::Pending::Finalize(object) => finalize(vm, object),
        }
    }
    running.set(false);
}

fn run_callback(vm: &Vm, reference: Value) {
    let Some(callback) = weakref(vm, reference).callback.get() else { return };
    if let Err(raised) = vm.call(callback, &[reference]) {
        let shown = shown(vm, callback);
        crate::unraisable::report(vm, raised, &format!("Exception ignored while calling weakref callback {shown}"));
    }
}

fn finalize(vm: &Vm, object: Value) {
    let class = vm.type_of(object);
    let Some(finalize) = class.slots().finalize else { return };
    if let Err(raised) = finalize(vm, object) {
        if let Some(generator) = vm.as_generator(object) {
            let shown = shown(vm, object);
            let doing = if generator.is_coroutine() { "finalizing coroutine" } else { "closing generator" };
            return crate::unraisable::report(vm, raised, &format!("Exception ignored while {doing} {shown}"));
        }
        let method = vm.type_lookup(class, vm.intern("__del__")).unwrap_or(object);
        let shown = shown(vm, method);
        crate::unraisable::report(vm, raised, &format!("Exception ignored while calling deallocator {shown}"));
    }
}

/// The repr for a message, while an exception is pending.
fn shown(vm: &Vm, value: Value) -> String {
    let pending = vm.pending.take();
    let text = vm.repr_text(value).unwrap_or_else(|raised| {
        vm.take_exception(raised);
        "<object repr() failed>".to_owned()
    });
    vm.pending.set(pending);
    text
}
