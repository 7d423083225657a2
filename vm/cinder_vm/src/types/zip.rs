//! `zip`.

use std::cell::Cell;

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value};

use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::type_::{TypeDef, type_flags};
use crate::value_vec::ValueVec;
use crate::vm::Vm;

/// Payload of a zip object.
#[repr(C)]
pub struct PyZip {
    header: Header,
    /// Tuple.
    iterators: Slot<Value>,
    strict: Cell<bool>,
}

impl Trace for PyZip {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.iterators.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyZip {}

crate::layout!(PyZip, "zip", exact zip);

fn zip(vm: &Vm, value: Value) -> Gc<PyZip> {
    vm.downcast::<PyZip>(value).expect("slot of this class")
}

/// Tuple of an iterator for each iterable.
pub(super) fn iterators(vm: &Vm, iterables: &[Value]) -> PyResult<Value> {
    let mut all = ValueVec::<[Value; 8]>::new();
    for iterable in iterables {
        all.push(vm.iter(*iterable)?);
    }
    vm.new_tuple(&all)
}

/// The next item of each iterator; `None` when one is exhausted. With `strict`, ValueError when they are not exhausted together.
pub(super) fn next_row(
    vm: &Vm,
    iterators: &[Value],
    strict: bool,
    name: &str,
) -> PyResult<Option<ValueVec<[Value; 8]>>> {
    let mut row = ValueVec::new();
    for (index, iterator) in iterators.iter().enumerate() {
        match vm.next(*iterator)? {
            Some(item) => row.push(item),
            None if !strict => return Ok(None),
            None if index > 0 => return Err(uneven(vm, name, index, "shorter")),
            None => {
                for (index, iterator) in iterators.iter().enumerate().skip(1) {
                    if vm.next(*iterator)?.is_some() {
                        return Err(uneven(vm, name, index, "longer"));
                    }
                }
                return Ok(None);
            }
        }
    }
    Ok(Some(row))
}

#[cold]
fn uneven(vm: &Vm, name: &str, index: usize, how: &str) -> crate::native::Raised {
    let before = if index == 1 { " 1".to_owned() } else { format!("s 1-{index}") };
    vm.value_error(format!("{name}() argument {} is {how} than argument{before}", index + 1))
}

fn next(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let this = zip(vm, value);
    let iterators = vm.tuple_items(this.iterators.get());
    match *iterators {
        [] => return Ok(None),
        [first, second] if !this.strict.get() => {
            let Some(first) = vm.next(first)? else { return Ok(None) };
            let Some(second) = vm.next(second)? else { return Ok(None) };
            return vm.new_tuple(&[first, second]).map(Some);
        }
        _ => {}
    }
    match next_row(vm, iterators, this.strict.get(), "zip")? {
        Some(row) => vm.new_tuple(&row).map(Some),
        None => Ok(None),
    }
}

static NEW: NativeDef = NativeDef::method("zip", "cls, /, *iterables, strict=False", |vm, args| {
    let strict = args.opt(2).map_or(Ok(false), |flag| vm.truthy(flag))?;
    new(vm, args.at(0), vm.tuple_items(args.at(1)), strict)
})
.positional(1, |vm, args| new(vm, args[0], &args[1..], false));

fn new(vm: &Vm, class: Value, iterables: &[Value], strict: bool) -> PyResult<Value> {
    let class = vm.as_class(class).expect("the slot passes its class");
    let iterators = iterators(vm, iterables)?;
    let made = vm.alloc_instance(class, 0, |header| PyZip {
        header,
        iterators: Slot::new(iterators),
        strict: Cell::new(strict),
    })?;
    Ok(made.as_value())
}

fn reduce(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let this = zip(vm, args.at(0));
    let class = vm.type_of(args.at(0)).as_value();
    if this.strict.get() {
        return vm.new_tuple(&[class, this.iterators.get(), Value::TRUE]);
    }
    vm.new_tuple(&[class, this.iterators.get()])
}

pub static ZIP: TypeDef = TypeDef {
    doc: "The zip object yields n-length tuples, where n is the number of iterables\npassed as positional arguments to zip().  The i-th element in every tuple\ncomes from the i-th iterable argument to zip().  This continues until the\nshortest argument is exhausted.\n\nIf strict is true and one of the arguments is exhausted before the others,\nraise a ValueError.\n\n   >>> list(zip('abcdefg', range(3), range(4)))\n   [('a', 0, 0), ('b', 1, 1), ('c', 2, 2)]",
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
            zip(vm, args.at(0)).strict.set(vm.truthy(args.at(1))?);
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("zip", <PyZip as Payload>::LAYOUT)
};
