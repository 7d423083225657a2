//! `types.MappingProxyType`: a read-only view of any mapping. Source: Objects/descrobject.c `mappingproxy`.

use cinder_bytecode::BinaryOp;
use cinder_heap::{HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::{Binary, Slots};
use crate::types::BuiltinType;
use crate::types::text_builder::TextBuilder;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of a mapping proxy.
#[repr(C)]
pub struct PyMappingProxy {
    header: Header,
    mapping: Slot<Value>,
}

impl Trace for PyMappingProxy {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.mapping.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyMappingProxy {}

crate::layout!(PyMappingProxy, "mappingproxy", exact mapping_proxy);

impl Vm {
    /// `types.MappingProxyType(mapping)`, unchecked.
    pub fn new_mapping_proxy(&self, mapping: Value) -> PyResult<Value> {
        let header = object_header(BuiltinType::mapping_proxy as u32);
        Ok(self.alloc(PyMappingProxy { header, mapping: Slot::new(mapping) })?.as_value())
    }
}

fn mapping(vm: &Vm, value: Value) -> Value {
    vm.downcast::<PyMappingProxy>(value).expect("slot of this class").mapping.get()
}

/// The mapping behind a proxy; any other value as it is.
fn unwrapped(vm: &Vm, value: Value) -> Value {
    vm.downcast::<PyMappingProxy>(value).map_or(value, |proxy| proxy.mapping.get())
}

static NEW: NativeDef = NativeDef::method("mappingproxy", "cls, mapping", |vm, args| {
    let of = vm.type_of(args.at(1));
    let is_mapping = of.slots().getitem.is_some() && !of.has(type_flags::SEQUENCE) && !vm.is_str(args.at(1));
    if !is_mapping || vm.as_bytes(args.at(1)).is_some() {
        return Err(vm.type_error(format!("mappingproxy() argument must be a mapping, not {}", of.declared_name())));
    }
    vm.new_mapping_proxy(args.at(1))
});

/// Calls a method of the mapping with the arguments given.
fn forward(vm: &Vm, args: &[Arg], name: &str) -> PyResult<Value> {
    let rest: crate::value_vec::ValueVec<[Value; 4]> = args[1..].iter().flatten().copied().collect();
    vm.call_method(mapping(vm, args.at(0)), vm.intern(name), &rest)
}

const BINARY: [Option<Binary>; 13] = {
    let mut table: [Option<Binary>; 13] = [None; 13];
    table[10] = Some(|vm, a, b| vm.binary_op(unwrapped(vm, a), unwrapped(vm, b), BinaryOp::Or));
    table
};

const INPLACE: [Option<Binary>; 13] = {
    let mut table: [Option<Binary>; 13] = [None; 13];
    table[10] =
        Some(|vm, a, _| Err(vm.type_error(format!("'|=' is not supported by {}; use '|' instead", vm.type_name(a)))));
    table
};

pub static MAPPING_PROXY: TypeDef = TypeDef {
    doc: "Read-only proxy of a mapping.",
    flags: type_flags::MAPPING,
    slots: Slots {
        new: Some(|vm, class, args, names| vm.call_with_first(&NEW, class.as_value(), args, names)),
        repr: Some(|vm, value| {
            let mut text = TextBuilder::new();
            text.push("mappingproxy(");
            text.push_value(vm, vm.repr(mapping(vm, value))?);
            text.push(")");
            text.finish(vm)
        }),
        str: Some(|vm, value| vm.str(mapping(vm, value))),
        hash: Some(|vm, value| vm.hash(mapping(vm, value))),
        compare: Some(|vm, a, b, op| vm.compare(mapping(vm, a), b, op)),
        len: Some(|vm, value| vm.len(mapping(vm, value))),
        contains: Some(|vm, value, key| vm.contains(mapping(vm, value), key)),
        getitem: Some(|vm, value, key| vm.getitem(mapping(vm, value), key)),
        iter: Some(|vm, value| vm.iter(mapping(vm, value))),
        binary: BINARY,
        inplace: INPLACE,
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("get", "self, key, default=None, /", |vm, args| {
            vm.call_method(mapping(vm, args.at(0)), vm.intern("get"), &[args.at(1), args.opt(2).unwrap_or(Value::NONE)])
        }),
        NativeDef::method("keys", "self, /", |vm, args| forward(vm, args, "keys")),
        NativeDef::method("values", "self, /", |vm, args| forward(vm, args, "values")),
        NativeDef::method("items", "self, /", |vm, args| forward(vm, args, "items")),
        NativeDef::method("copy", "self, /", |vm, args| forward(vm, args, "copy")),
        NativeDef::method("__reversed__", "self, /", |vm, args| forward(vm, args, "__reversed__")),
        crate::types::generic_alias::CLASS_GETITEM,
    ],
    ..TypeDef::new("mappingproxy", <PyMappingProxy as Payload>::LAYOUT)
};
