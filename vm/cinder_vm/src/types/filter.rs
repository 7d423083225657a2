//! `filter`.

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value};

use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of a filter object.
#[repr(C)]
pub struct PyFilter {
    header: Header,
    function: Slot<Value>,
    iterator: Slot<Value>,
}

impl Trace for PyFilter {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.function.get());
        tracer.visit(self.iterator.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyFilter {}

crate::layout!(PyFilter, "filter", exact filter);

fn filter(vm: &Vm, value: Value) -> Gc<PyFilter> {
    vm.downcast::<PyFilter>(value).expect("slot of this class")
}

fn next(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let this = filter(vm, value);
    let function = this.function.get();
    let by_truth = function.is_none() || function == vm.types.bool_.as_value();
    while let Some(item) = vm.next(this.iterator.get())? {
        let answer = if by_truth { item } else { vm.call(function, &[item])? };
        if vm.truthy(answer)? {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

static NEW: NativeDef = NativeDef::method("filter", "cls, function, iterable, /", |vm, args| {
    let class = vm.as_class(args.at(0)).expect("the slot passes its class");
    let iterator = vm.iter(args.at(2))?;
    let made = vm.alloc_instance(class, 0, |header| PyFilter {
        header,
        function: Slot::new(args.at(1)),
        iterator: Slot::new(iterator),
    })?;
    Ok(made.as_value())
});

pub static FILTER: TypeDef = TypeDef {
    doc: "Return an iterator yielding those items of iterable for which function(item)\nis true. If function is None, return the items that are true.",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            let (args, names) = vm.constructor_args(class, vm.types.filter, args, names);
            vm.call_with_first(&NEW, class.as_value(), args, names)
        }),
        iter: Some(|_, iterator| Ok(iterator)),
        next: Some(next),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__reduce__", "self, /", |vm, args| {
        let this = filter(vm, args.at(0));
        let parts = vm.new_tuple(&[this.function.get(), this.iterator.get()])?;
        vm.new_tuple(&[vm.type_of(args.at(0)).as_value(), parts])
    })],
    ..TypeDef::new("filter", <PyFilter as Payload>::LAYOUT)
};
