//! The rows: each special method with its slot.

use cinder_bytecode::CompareOp;
use cinder_layout::Value;

use super::{SlotDef, generic};
use crate::native::PyResult;
use crate::object::slots::Slots;
use crate::vm::Vm;

/// A row whose entry is one field: presence, installing and copying follow from the field.
macro_rules! row {
    ($name:literal, $field:ident, $generic:expr, $arity:expr, $signature:literal, $call:expr) => {
        SlotDef {
            name: $name,
            present: |slots| slots.$field.is_some(),
            install: |slots| slots.$field = Some($generic),
            copy: |slots, base| slots.$field = base.$field,
            arity: $arity,
            call: $call,
            signature: $signature,
        }
    };
}

macro_rules! unary {
    ($name:literal, $field:ident, $generic:expr) => {
        row!($name, $field, $generic, Some((0, 0)), "self, /", |vm, slots, value, _, _| {
            (slots.$field.expect("wrappers exist for filled slots"))(vm, value)
        })
    };
}

macro_rules! compare {
    ($name:literal, $op:ident) => {
        row!($name, compare, generic::compare, Some((1, 1)), "self, value, /", |vm, slots, value, args, _| {
            (slots.compare.expect("wrappers exist for filled slots"))(vm, value, args[0], CompareOp::$op)
        })
    };
}

/// `__add__`, `__radd__`, `__iadd__` of operator `$number`.
macro_rules! binary {
    ($number:literal, $name:literal) => {
        SlotDef {
            name: $name,
            present: |slots| slots.binary[$number].is_some(),
            install: |slots| slots.binary[$number] = Some(generic::binary::<$number>),
            copy: |slots, base| slots.binary[$number] = base.binary[$number],
            arity: Some((1, 1)),
            call: |vm, slots, value, args, _| {
                (slots.binary[$number].expect("wrappers exist for filled slots"))(vm, value, args[0])
            },
            signature: "self, value, /",
        }
    };
}

macro_rules! reflected {
    ($number:literal, $name:literal) => {
        SlotDef {
            call: |vm, slots, value, args, _| {
                (slots.binary[$number].expect("wrappers exist for filled slots"))(vm, args[0], value)
            },
            ..binary!($number, $name)
        }
    };
}

macro_rules! inplace {
    ($number:literal, $name:literal) => {
        SlotDef {
            name: $name,
            present: |slots| slots.inplace[$number].is_some(),
            install: |slots| slots.inplace[$number] = Some(generic::inplace::<$number>),
            copy: |slots, base| slots.inplace[$number] = base.inplace[$number],
            arity: Some((1, 1)),
            call: |vm, slots, value, args, _| {
                (slots.inplace[$number].expect("wrappers exist for filled slots"))(vm, value, args[0])
            },
            signature: "self, value, /",
        }
    };
}

pub(super) const ROWS: &[SlotDef] = &[
    unary!("__repr__", repr, generic::repr),
    unary!("__str__", str, generic::str),
    row!("__hash__", hash, generic::hash, Some((0, 0)), "self, /", |vm, slots, value, _, _| {
        vm.new_int((slots.hash.expect("wrappers exist for filled slots"))(vm, value)?)
    }),
    compare!("__lt__", Lt),
    compare!("__le__", Le),
    compare!("__eq__", Eq),
    compare!("__ne__", Ne),
    compare!("__gt__", Gt),
    compare!("__ge__", Ge),
    row!("__call__", call, generic::call, None, "self, /, *args, **kwargs", |vm, slots, value, args, names| {
        (slots.call.expect("wrappers exist for filled slots"))(vm, value, args, names)
    }),
    row!("__getattribute__", getattr, generic::getattr, Some((1, 1)), "self, name, /", |vm, slots, value, args, _| {
        (slots.getattr.expect("wrappers exist for filled slots"))(vm, value, attribute_name(vm, args[0])?)
    }),
    // Found by lookup only: no builtin has a slot of its own for it.
    SlotDef {
        name: "__getattr__",
        present: |_| false,
        install: |slots| slots.getattr = Some(generic::getattr),
        copy: |_, _| {},
        arity: Some((1, 1)),
        call: |_, _, _, _, _| Ok(Value::NONE),
        signature: "self, name, /",
    },
    row!(
        "__setattr__",
        setattr,
        generic::setattr,
        Some((2, 2)),
        "self, name, value, /",
        |vm, slots, value, args, _| { set_attribute(vm, slots, value, args[0], Some(args[1])).map(|()| Value::NONE) }
    ),
    row!("__delattr__", setattr, generic::setattr, Some((1, 1)), "self, name, /", |vm, slots, value, args, _| {
        set_attribute(vm, slots, value, args[0], None).map(|()| Value::NONE)
    }),
    unary!("__iter__", iter, generic::iter),
    row!("__next__", next, generic::next, Some((0, 0)), "self, /", |vm, slots, value, _, _| {
        match (slots.next.expect("wrappers exist for filled slots"))(vm, value)? {
            Some(item) => Ok(item),
            None => Err(vm.stop_iteration(vm.take_stop_value())),
        }
    }),
    row!("__bool__", bool, generic::bool, Some((0, 0)), "self, /", |vm, slots, value, _, _| {
        (slots.bool.expect("wrappers exist for filled slots"))(vm, value).map(Value::from_bool)
    }),
    row!("__len__", len, generic::len, Some((0, 0)), "self, /", |vm, slots, value, _, _| {
        vm.new_uint((slots.len.expect("wrappers exist for filled slots"))(vm, value)?)
    }),
    row!("__getitem__", getitem, generic::getitem, Some((1, 1)), "self, key, /", |vm, slots, value, args, _| {
        (slots.getitem.expect("wrappers exist for filled slots"))(vm, value, args[0])
    }),
    row!("__setitem__", setitem, generic::setitem, Some((2, 2)), "self, key, value, /", |vm, slots, value, args, _| {
        (slots.setitem.expect("wrappers exist for filled slots"))(vm, value, args[0], Some(args[1]))
            .map(|()| Value::NONE)
    }),
    row!("__delitem__", setitem, generic::setitem, Some((1, 1)), "self, key, /", |vm, slots, value, args, _| {
        (slots.setitem.expect("wrappers exist for filled slots"))(vm, value, args[0], None).map(|()| Value::NONE)
    }),
    row!("__contains__", contains, generic::contains, Some((1, 1)), "self, key, /", |vm, slots, value, args, _| {
        (slots.contains.expect("wrappers exist for filled slots"))(vm, value, args[0]).map(Value::from_bool)
    }),
    row!("__buffer__", buffer, generic::buffer, Some((1, 1)), "self, flags, /", |vm, _, value, args, _| {
        const WRITABLE: i64 = 1;
        let flags = vm.index_i64(args[0])?;
        let view = vm.new_memoryview(value)?;
        let is_readonly = vm.as_memoryview(view).is_some_and(|view| view.readonly);
        if flags & WRITABLE != 0 && is_readonly {
            return Err(vm.buffer_error("Object is not writable."));
        }
        Ok(view)
    }),
    SlotDef {
        name: "__release_buffer__",
        present: |slots| slots.buffer.is_some(),
        install: |_| {},
        copy: |_, _| {},
        arity: Some((1, 1)),
        call: |vm, _, _, args, _| match vm.as_memoryview(args[0]) {
            Some(view) => vm.release_view(view).map(|()| Value::NONE),
            None => Err(vm.type_error("expected a memoryview object")),
        },
        signature: "self, buffer, /",
    },
    unary!("__index__", index, generic::index),
    unary!("__int__", int, generic::int),
    unary!("__float__", float, generic::float),
    unary!("__neg__", negative, generic::negative),
    unary!("__pos__", positive, generic::positive),
    unary!("__invert__", invert, generic::invert),
    unary!("__abs__", absolute, generic::absolute),
    // `+` and `*` of sequences have slots of their own.
    SlotDef {
        present: |slots| slots.binary[0].is_some() || slots.concat.is_some(),
        copy: |slots, base| (slots.binary[0], slots.concat) = (base.binary[0], base.concat),
        call: |vm, slots, value, args, _| match slots.binary[0].or(slots.concat) {
            Some(add) => add(vm, value, args[0]),
            None => Ok(Value::NOT_IMPLEMENTED),
        },
        ..binary!(0, "__add__")
    },
    reflected!(0, "__radd__"),
    SlotDef {
        present: |slots| slots.inplace[0].is_some() || slots.inplace_concat.is_some(),
        copy: |slots, base| (slots.inplace[0], slots.inplace_concat) = (base.inplace[0], base.inplace_concat),
        call: |vm, slots, value, args, _| match slots.inplace[0].or(slots.inplace_concat) {
            Some(add) => add(vm, value, args[0]),
            None => Ok(Value::NOT_IMPLEMENTED),
        },
        ..inplace!(0, "__iadd__")
    },
    binary!(1, "__sub__"),
    reflected!(1, "__rsub__"),
    inplace!(1, "__isub__"),
    SlotDef {
        present: |slots| slots.binary[2].is_some() || slots.repeat.is_some(),
        copy: |slots, base| (slots.binary[2], slots.repeat) = (base.binary[2], base.repeat),
        call: |vm, slots, value, args, _| match slots.binary[2].or(slots.repeat) {
            Some(multiply) => multiply(vm, value, args[0]),
            None => Ok(Value::NOT_IMPLEMENTED),
        },
        ..binary!(2, "__mul__")
    },
    SlotDef {
        present: |slots| slots.binary[2].is_some() || slots.repeat.is_some(),
        copy: |slots, base| (slots.binary[2], slots.repeat) = (base.binary[2], base.repeat),
        call: |vm, slots, value, args, _| match (slots.binary[2], slots.repeat) {
            (Some(multiply), _) => multiply(vm, args[0], value),
            (None, Some(repeat)) => repeat(vm, value, args[0]),
            (None, None) => Ok(Value::NOT_IMPLEMENTED),
        },
        ..binary!(2, "__rmul__")
    },
    SlotDef {
        present: |slots| slots.inplace[2].is_some() || slots.inplace_repeat.is_some(),
        copy: |slots, base| (slots.inplace[2], slots.inplace_repeat) = (base.inplace[2], base.inplace_repeat),
        call: |vm, slots, value, args, _| match slots.inplace[2].or(slots.inplace_repeat) {
            Some(multiply) => multiply(vm, value, args[0]),
            None => Ok(Value::NOT_IMPLEMENTED),
        },
        ..inplace!(2, "__imul__")
    },
    binary!(3, "__truediv__"),
    reflected!(3, "__rtruediv__"),
    inplace!(3, "__itruediv__"),
    binary!(4, "__floordiv__"),
    reflected!(4, "__rfloordiv__"),
    inplace!(4, "__ifloordiv__"),
    binary!(5, "__mod__"),
    reflected!(5, "__rmod__"),
    inplace!(5, "__imod__"),
    SlotDef {
        present: |slots| slots.binary[6].is_some() || slots.power.is_some(),
        install: |slots| {
            slots.binary[6] = Some(generic::binary::<6>);
            slots.power = Some(generic::power);
        },
        copy: |slots, base| (slots.binary[6], slots.power) = (base.binary[6], base.power),
        arity: Some((1, 2)),
        call: |vm, slots, value, args, _| match (args.get(1).filter(|m| !m.is_none()), slots.binary[6], slots.power) {
            (Some(&modulus), _, Some(power)) => power(vm, value, args[0], modulus),
            (None, Some(power), _) => power(vm, value, args[0]),
            _ => Ok(Value::NOT_IMPLEMENTED),
        },
        signature: "self, value, mod=None, /",
        ..binary!(6, "__pow__")
    },
    SlotDef {
        arity: Some((1, 2)),
        call: |vm, slots, value, args, _| match (args.get(1).filter(|m| !m.is_none()), slots.binary[6], slots.power) {
            (Some(&modulus), _, Some(power)) => power(vm, args[0], value, modulus),
            (None, Some(power), _) => power(vm, args[0], value),
            _ => Ok(Value::NOT_IMPLEMENTED),
        },
        install: |slots| {
            slots.binary[6] = Some(generic::binary::<6>);
            slots.power = Some(generic::power);
        },
        signature: "self, value, mod=None, /",
        ..reflected!(6, "__rpow__")
    },
    inplace!(6, "__ipow__"),
    binary!(7, "__lshift__"),
    reflected!(7, "__rlshift__"),
    inplace!(7, "__ilshift__"),
    binary!(8, "__rshift__"),
    reflected!(8, "__rrshift__"),
    inplace!(8, "__irshift__"),
    binary!(9, "__and__"),
    reflected!(9, "__rand__"),
    inplace!(9, "__iand__"),
    binary!(10, "__or__"),
    reflected!(10, "__ror__"),
    inplace!(10, "__ior__"),
    binary!(11, "__xor__"),
    reflected!(11, "__rxor__"),
    inplace!(11, "__ixor__"),
    binary!(12, "__matmul__"),
    reflected!(12, "__rmatmul__"),
    inplace!(12, "__imatmul__"),
    row!(
        "__get__",
        descr_get,
        generic::descr_get,
        Some((1, 2)),
        "self, instance, owner=None, /",
        |vm, slots, value, args, _| {
            let instance = Some(args[0]).filter(|instance| !instance.is_none());
            let owner = args.get(1).copied().unwrap_or(Value::NONE);
            if instance.is_none() && owner.is_none() {
                return Err(vm.type_error("__get__(None, None) is invalid"));
            }
            (slots.descr_get.expect("wrappers exist for filled slots"))(vm, value, instance, owner)
        }
    ),
    row!(
        "__set__",
        descr_set,
        generic::descr_set,
        Some((2, 2)),
        "self, instance, value, /",
        |vm, slots, value, args, _| {
            let set = slots.descr_set.expect("wrappers exist for filled slots");
            set(vm, value, args[0], Some(args[1])).map(|()| Value::NONE)
        }
    ),
    row!(
        "__delete__",
        descr_set,
        generic::descr_set,
        Some((1, 1)),
        "self, instance, /",
        |vm, slots, value, args, _| {
            (slots.descr_set.expect("wrappers exist for filled slots"))(vm, value, args[0], None).map(|()| Value::NONE)
        }
    ),
    row!("__init__", init, generic::init, None, "self, /, *args, **kwargs", |vm, slots, value, args, names| {
        (slots.init.expect("wrappers exist for filled slots"))(vm, value, args, names).map(|()| Value::NONE)
    }),
    // Builtins expose `__new__` as a static function (see `native_new`), never as a wrapper.
    SlotDef {
        name: "__new__",
        present: |_| false,
        install: |slots| slots.new = Some(generic::new),
        copy: |slots, base| slots.new = base.new,
        arity: None,
        call: |_, _, _, _, _| Ok(Value::NONE),
        signature: "*args, **kwargs",
    },
    row!("__del__", finalize, generic::finalize, Some((0, 0)), "self, /", |vm, slots, value, _, _| {
        (slots.finalize.expect("wrappers exist for filled slots"))(vm, value).map(|()| Value::NONE)
    }),
    unary!("__await__", r#await, generic::r#await),
    unary!("__aiter__", aiter, generic::aiter),
    unary!("__anext__", anext, generic::anext),
];

fn set_attribute(vm: &Vm, slots: &Slots, value: Value, name: Value, new: Option<Value>) -> PyResult<()> {
    let name = attribute_name(vm, name)?;
    (slots.setattr.expect("wrappers exist for filled slots"))(vm, value, name, new)
}

/// An attribute name as interned str.
fn attribute_name(vm: &Vm, name: Value) -> PyResult<Value> {
    if !vm.is_str(name) {
        return Err(vm.type_error(format!("attribute name must be string, not '{}'", vm.type_name(name))));
    }
    vm.intern_any(name)
}
