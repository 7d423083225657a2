//! `map`.

use std::cell::Cell;

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value};

use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::type_::{TypeDef, type_flags};
use crate::types::zip::{iterators, next_row};
use crate::value_vec::ValueVec;
use crate::vm::Vm;

/// Payload of a map object.
#[repr(C)]
pub struct PyMap {
    header: Header,
    function: Slot<Value>,
    /// Tuple.
    iterators: Slot<Value>,
    strict: Cell<bool>,
}

impl Trace for PyMap {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.function.get());
        tracer.visit(self.iterators.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyMap {}

crate::layout!(PyMap, "map", exact map);

fn map(vm: &Vm, value: Value) -> Gc<PyMap> {
    vm.downcast::<PyMap>(value).expect("slot of this class")
}

fn next(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let this = map(vm, value);
    let iterators = vm.tuple_items(this.iterators.get());
    if let [iterator] = iterators {
        return match vm.next(*iterator)? {
            Some(item) => vm.call(this.function.get(), &[item]).map(Some),
            None => Ok(None),
        };
    }
    match next_row(vm, iterators, this.strict.get(), "map")? {
        Some(row) => vm.call(this.function.get(), &row).map(Some),
        None => Ok(None),
    }
}

static NEW: NativeDef = NativeDef::method("map", "cls, /, *args, strict=False", |vm, args| {
    let strict = args.opt(2).map_or(Ok(false), |flag| vm.truthy(flag))?;
    new(vm, args.at(0), vm.tuple_items(args.at(1)), strict)
})
.positional(1, |vm, args| new(vm, args[0], &args[1..], false));

fn new(vm: &Vm, class: Value, args: &[Value], strict: bool) -> PyResult<Value> {
    let class = vm.as_class(class).expect("the slot passes its class");
    let [function, iterables @ ..] = args else {
        return Err(vm.type_error("map() must have at least two arguments."));
    };
    if iterables.is_empty() {
        return Err(vm.type_error("map() must have at least two arguments."));
    }
    let iterators = iterators(vm, iterables)?;
    let made = vm.alloc_instance(class, 0, |header| PyMap {
        header,
        function: Slot::new(*function),
        iterators: Slot::new(iterators),
        strict: Cell::new(strict),
    })?;
    Ok(made.as_value())
}

fn reduce(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let this = map(vm, args.at(0));
    let mut parts = ValueVec::<[Value; 8]>::new();
    parts.push(this.function.get());
    parts.extend_from_slice(vm.tuple_items(this.iterators.get()));
    let (class, parts) = (vm.type_of(args.at(0)).as_value(), vm.new_tuple(&parts)?);
    if this.strict.get() {
        return vm.new_tuple(&[class, parts, Value::TRUE]);
    }
    vm.new_tuple(&[class, parts])
}

pub static MAP: TypeDef = TypeDef {
    doc: "Make an iterator that computes the function using arguments from\neach of the iterables.  Stops when the shortest iterable is exhausted.\n\nIf strict is true and one of the arguments is exhausted before the others,\nraise a ValueError.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| vm.call_with_first(&NEW, class.as_value(), args, names)),
        iter: Some(|_, iterator| Ok(iterator)),
        next: Some(next),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__reduce__", "self, /", reduce),
        NativeDef::method("__setstate__", "self, object, /", |vm, args| {
            map(vm, args.at(0)).strict.set(vm.truthy(args.at(1))?);
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("map", <PyMap as Payload>::LAYOUT)
};
