//! `enumerate`.

use cinder_bytecode::BinaryOp;
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value};

use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of an enumerate object.
#[repr(C)]
pub struct PyEnumerate {
    header: Header,
    iterator: Slot<Value>,
    /// Next number, an int of any size.
    number: Slot<Value>,
}

impl Trace for PyEnumerate {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.iterator.get());
        tracer.visit(self.number.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyEnumerate {}

crate::layout!(PyEnumerate, "enumerate", exact enumerate);

fn enumerate(vm: &Vm, value: Value) -> Gc<PyEnumerate> {
    vm.downcast::<PyEnumerate>(value).expect("slot of this class")
}

static NEW: NativeDef = NativeDef::method("enumerate", "cls, iterable=<unrepresentable>, start=0", |vm, args| {
    let class = vm.as_class(args.at(0)).expect("the slot passes its class");
    let Some(iterable) = args.opt(1) else {
        return Err(vm.type_error("enumerate() missing required argument 'iterable'"));
    };
    let number = match args.opt(2) {
        None => Value::ZERO,
        Some(start) => vm.index(start)?,
    };
    let iterator = vm.iter(iterable)?;
    let made = vm.alloc_instance(class, 0, |header| PyEnumerate {
        header,
        iterator: Slot::new(iterator),
        number: Slot::new(number),
    })?;
    Ok(made.as_value())
});

fn next(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let this = enumerate(vm, value);
    let Some(item) = vm.next(this.iterator.get())? else { return Ok(None) };
    let number = this.number.get();
    let following = match number.try_int().and_then(|number| Value::from_small_int(number + 1)) {
        Some(following) => following,
        None => vm.binary_op(number, Value::ONE, BinaryOp::Add)?,
    };
    this.number.set(&vm.heap, this, following);
    vm.new_tuple(&[number, item]).map(Some)
}

pub static ENUMERATE: TypeDef = TypeDef {
    doc: "Return an enumerate object.\n\n  iterable\n    an object supporting iteration\n\nThe enumerate object yields pairs containing a count (from start, which\ndefaults to zero) and a value yielded by the iterable argument.\n\nenumerate is useful for obtaining an indexed list:\n    (0, seq[0]), (1, seq[1]), (2, seq[2]), ...",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| vm.call_with_first(&NEW, class.as_value(), args, names)),
        iter: Some(|_, iterator| Ok(iterator)),
        next: Some(next),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let this = enumerate(vm, args.at(0));
            let parts = vm.new_tuple(&[this.iterator.get(), this.number.get()])?;
            vm.new_tuple(&[vm.type_of(args.at(0)).as_value(), parts])
        }),
        crate::types::generic_alias::CLASS_GETITEM,
    ],
    ..TypeDef::new("enumerate", <PyEnumerate as Payload>::LAYOUT)
};
