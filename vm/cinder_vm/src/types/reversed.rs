//! `reversed`: backwards over any sequence that has no `__reversed__` of its own.

use std::cell::Cell;

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value};

use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of a reversed object.
#[repr(C)]
pub struct PyReversed {
    header: Header,
    /// Next index; -1 at the end.
    index: Cell<i64>,
    /// `None` once exhausted.
    sequence: Slot<Option<Value>>,
}

impl Trace for PyReversed {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.sequence.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyReversed {}

crate::layout!(PyReversed, "reversed", exact reversed);

fn reversed(vm: &Vm, value: Value) -> Gc<PyReversed> {
    vm.downcast::<PyReversed>(value).expect("slot of this class")
}

static NEW: NativeDef = NativeDef::method("reversed", "cls, object, /", |vm, args| {
    let class = vm.as_class(args.at(0)).expect("the slot passes its class");
    let sequence = args.at(1);
    let of = vm.type_of(sequence);
    let own = vm.type_lookup(of, vm.names.__reversed__);
    if own.is_some_and(|own| !own.is_none())
        && let Some(result) = vm.call_special(sequence, vm.names.__reversed__, &[])?
    {
        return Ok(result);
    }
    let is_sequence = of.slots().getitem.is_some() && of.slots().len.is_some() && !vm.is_subtype(of, vm.types.dict);
    if own.is_some() || !is_sequence || of == vm.types.mapping_proxy {
        return Err(vm.type_error(format!("'{}' object is not reversible", of.declared_name())));
    }
    let last = vm.len(sequence)? as i64 - 1;
    let made = vm.alloc_instance(class, 0, |header| PyReversed {
        header,
        index: Cell::new(last),
        sequence: Slot::new(Some(sequence)),
    })?;
    Ok(made.as_value())
});

fn next(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let this = reversed(vm, value);
    let (Some(sequence), index) = (this.sequence.get(), this.index.get()) else { return Ok(None) };
    if index >= 0 {
        match vm.getitem(sequence, vm.new_int(index)?) {
            Ok(item) => {
                this.index.set(index - 1);
                return Ok(Some(item));
            }
            Err(raised)
                if vm.pending_matches(vm.exceptions.IndexError) || vm.pending_matches(vm.exceptions.StopIteration) =>
            {
                vm.take_exception(raised);
            }
            Err(raised) => return Err(raised),
        }
    }
    this.index.set(-1);
    this.sequence.init(None);
    Ok(None)
}

pub static REVERSED: TypeDef = TypeDef {
    doc: "Return a reverse iterator over the values of the given sequence.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            let (args, names) = vm.constructor_args(class, vm.types.reversed, args, names);
            vm.call_with_first(&NEW, class.as_value(), args, names)
        }),
        iter: Some(|_, iterator| Ok(iterator)),
        next: Some(next),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__length_hint__", "self, /", |vm, args| {
            let this = reversed(vm, args.at(0));
            let Some(sequence) = this.sequence.get() else { return Ok(Value::ZERO) };
            let left = this.index.get() + 1;
            vm.new_int(if (vm.len(sequence)? as i64) < left { 0 } else { left })
        }),
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let this = reversed(vm, args.at(0));
            let class = vm.type_of(args.at(0)).as_value();
            match this.sequence.get() {
                Some(sequence) => {
                    let parts = vm.new_tuple(&[sequence])?;
                    vm.new_tuple(&[class, parts, vm.new_int(this.index.get())?])
                }
                None => {
                    let parts = vm.new_tuple(&[*vm.empty_tuple])?;
                    vm.new_tuple(&[class, parts])
                }
            }
        }),
        NativeDef::method("__setstate__", "self, object, /", |vm, args| {
            let this = reversed(vm, args.at(0));
            let index = vm.index_i64(args.at(1))?;
            if let Some(sequence) = this.sequence.get() {
                this.index.set(index.clamp(-1, vm.len(sequence)? as i64 - 1));
            }
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("reversed", <PyReversed as Payload>::LAYOUT)
};
