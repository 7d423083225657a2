//! `int | str`: `typing.Union`, which is also `types.UnionType`. Source: Objects/unionobject.c.

use cinder_bytecode::CompareOp;
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::{ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::{Binary, Slots};
use crate::types::BuiltinType;
use crate::types::generic_alias::PyGenericAlias;
use crate::types::text_builder::TextBuilder;
use crate::types::type_::TypeDef;
use crate::value_vec::ValueVec;
use crate::vm::Vm;

/// Payload of a union.
#[repr(C)]
pub struct PyUnion {
    header: Header,
    /// Tuple of members without duplicates, two at least.
    args: Slot<Value>,
}

impl Trace for PyUnion {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.args.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyUnion {}

crate::layout!(PyUnion, "Union", exact union);

impl Vm {
    /// Members of a union type, as tuple; `None` for other values.
    pub fn union_args(&self, value: Value) -> Option<Value> {
        self.downcast_exact::<PyUnion>(value).map(|union| union.args.get())
    }

    /// `a | b` of types. `NotImplemented` when an operand can be no member of a union.
    pub fn type_union(&self, a: Value, b: Value) -> PyResult<Value> {
        if !self.is_unionable(a) || !self.is_unionable(b) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        self.make_union(&[a, b])
    }

    fn is_unionable(&self, value: Value) -> bool {
        value.is_none()
            || self.as_class(value).is_some()
            || self.downcast::<PyGenericAlias>(value).is_some()
            || self.downcast::<PyUnion>(value).is_some()
            || self.class_full_name(self.type_of(value)) == "typing.TypeAliasType"
    }

    /// `typing.Union[members]`: flattened, without duplicates; a single member is itself.
    pub fn make_union(&self, members: &[Value]) -> PyResult<Value> {
        let mut flat = ValueVec::<[Value; 8]>::new();
        let none_type = self.types.none_type.as_value();
        for member in members {
            let parts = match self.union_args(*member) {
                Some(args) => args,
                None => self.new_tuple(&[if member.is_none() { none_type } else { *member }])?,
            };
            // The members of one union differ from each other already.
            let before = flat.len();
            for part in self.tuple_items(parts) {
                let mut known = false;
                for other in &flat[..before] {
                    known = self.eq(*other, *part)?;
                    if known {
                        break;
                    }
                }
                if !known {
                    flat.push(*part);
                }
            }
        }
        if let [only] = *flat.as_slice() {
            return Ok(only);
        }
        let args = self.new_tuple(&flat)?;
        Ok(self.alloc(PyUnion { header: object_header(BuiltinType::union as u32), args: Slot::new(args) })?.as_value())
    }
}

/// A member; what is no type becomes what `typing` makes of it: a forward reference of a str, or its TypeError.
fn checked_member(vm: &Vm, member: Value) -> PyResult<Value> {
    if vm.is_unionable(member) {
        return Ok(member);
    }
    let typing = vm.import("typing")?;
    let check = vm.getattr_text(typing, "_type_check")?;
    vm.call(check, &[member, vm.new_str("Union[arg, ...]: each arg must be a type.")?])
}

fn args(vm: &Vm, value: Value) -> Value {
    union(vm, value).args.get()
}

fn union(vm: &Vm, value: Value) -> Gc<PyUnion> {
    vm.downcast::<PyUnion>(value).expect("slot of this class")
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let mut text = TextBuilder::new();
    for (index, arg) in vm.tuple_items(args(vm, value)).iter().enumerate() {
        if index > 0 {
            text.push(" | ");
        }
        if *arg == vm.types.none_type.as_value() {
            text.push("None");
        } else {
            vm.push_type_repr(&mut text, *arg)?;
        }
    }
    text.finish(vm)
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(x), Some(y)) = (vm.union_args(a), vm.union_args(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (vm.tuple_items(x), vm.tuple_items(y));
    let mut equal = x.len() == y.len();
    for member in x {
        let mut found = false;
        for other in y {
            found = found || vm.eq(*member, *other)?;
        }
        equal = equal && found;
    }
    Ok(Value::from_bool(equal == (op == CompareOp::Eq)))
}

fn getitem(vm: &Vm, value: Value, item: Value) -> PyResult<Value> {
    let own = args(vm, value);
    let parameters = vm.type_parameters(vm.tuple_items(own))?;
    let replaced = vm.substitute_parameters(value, own, parameters, item)?;
    vm.make_union(vm.tuple_items(replaced))
}

/// `union | x` and `x | union`: all that `typing` takes for a type, a str as forward reference.
fn or(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let a = checked_member(vm, a)?;
    let b = checked_member(vm, b)?;
    vm.make_union(&[a, b])
}

const BINARY: [Option<Binary>; 13] = {
    let mut table: [Option<Binary>; 13] = [None; 13];
    table[10] = Some(or);
    table
};

pub static UNION: TypeDef = TypeDef {
    doc: "Represent a union type\n\nE.g. for int | str",
    flags: crate::types::type_::type_flags::NO_NEW | crate::types::type_::type_flags::HAS_WEAKREF,
    slots: Slots {
        repr: Some(repr),
        hash: Some(|vm, value| {
            // Order does not matter.
            let mut hash = 0;
            for member in vm.tuple_items(args(vm, value)) {
                hash ^= vm.hash(*member)?;
            }
            Ok(if hash == -1 { -2 } else { hash })
        }),
        compare: Some(compare),
        getitem: Some(getitem),
        binary: BINARY,
        ..Slots::NONE
    },
    methods: &[
        NativeDef::class_method("__class_getitem__", "cls, args, /", |vm, given| {
            let members = match vm.as_tuple(given.at(1)) {
                Some(_) => given.at(1),
                None => vm.new_tuple(&[given.at(1)])?,
            };
            if vm.tuple_items(members).is_empty() {
                return Err(vm.type_error("Cannot take a Union of no types."));
            }
            let mut checked = ValueVec::<[Value; 8]>::new();
            for member in vm.tuple_items(members) {
                checked.push(checked_member(vm, *member)?);
            }
            vm.make_union(&checked)
        }),
        NativeDef::method("__mro_entries__", "self, bases, /", |vm, given| {
            let shown = vm.repr_text(given.at(0))?;
            Err(vm.type_error(format!("Cannot subclass {shown}")))
        }),
    ],
    getset: &[
        GetSetDef::read_only("__args__", |vm, value| Ok(args(vm, value))),
        GetSetDef::read_only("__parameters__", |vm, value| vm.type_parameters(vm.tuple_items(args(vm, value)))),
        GetSetDef::read_only("__origin__", |vm, _| Ok(vm.types.union.as_value())),
        GetSetDef::read_only("__name__", |vm, _| vm.new_str("Union")),
        GetSetDef::read_only("__qualname__", |vm, _| vm.new_str("Union")),
        GetSetDef::read_only("__module__", |vm, _| vm.new_str("typing")),
    ],
    ..TypeDef::new("typing.Union", <PyUnion as Payload>::LAYOUT)
};
