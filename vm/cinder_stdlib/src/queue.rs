//! `_queue`: a queue without bound that threads, finalizers and signal handlers can put into at any moment. Source: Modules/_queuemodule.c.
//!
//! Holds: the semaphore counts the items that nobody has been promised yet.

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};

use crate::thread::semaphore::Semaphore;

#[repr(C)]
struct PySimpleQueue {
    header: Header,
    /// A `collections.deque`.
    items: Slot<Option<Value>>,
    ready: Semaphore,
}

impl Trace for PySimpleQueue {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.items.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySimpleQueue {}

cinder_vm::layout!(PySimpleQueue, "_queue.SimpleQueue");

pub(crate) static QUEUE: ModuleDef = ModuleDef {
    doc: "C implementation of the Python queue module.\nThis module is an implementation detail, please do not use it directly.",
    setup: Some(|vm, dict| {
        vm.add_class(dict, &CLASS)?;
        vm.set_item_text(dict, "Empty", empty_class(vm)?.as_value())
    }),
    ..ModuleDef::new("_queue")
};

fn empty_class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.exception_class("_queue", "Empty", vm.exceptions.Exception)
}

fn own(vm: &Vm, value: Value) -> Gc<PySimpleQueue> {
    vm.downcast::<PySimpleQueue>(value).expect("method of this class")
}

fn items(vm: &Vm, value: Value) -> Value {
    own(vm, value).items.get().expect("a queue is made with its items")
}

fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    if !args.is_empty() || names.is_some() {
        return Err(vm.type_error("SimpleQueue() takes no arguments"));
    }
    let deque = vm.getattr_text(vm.import("_collections")?, "deque")?;
    let items = vm.call(deque, &[])?;
    let make = |header| PySimpleQueue { header, items: Slot::new(None), ready: Semaphore::new(0) };
    let queue = vm.alloc_instance(class, 0, make)?;
    queue.items.set(&vm.heap, queue, Some(items));
    Ok(queue.as_value())
}

fn put(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    vm.call_method(items(vm, args.at(0)), vm.intern("append"), &[args.at(1)])?;
    own(vm, args.at(0)).ready.post();
    Ok(Value::NONE)
}

fn take(vm: &Vm, queue: Value, timeout: Option<std::time::Duration>) -> PyResult<Value> {
    if !own(vm, queue).ready.wait(vm, timeout)? {
        return match empty_class(vm) {
            Ok(class) => {
                let exception = vm.new_exception(class, &[])?;
                Err(vm.raise(exception))
            }
            Err(raised) => Err(raised),
        };
    }
    vm.call_method(items(vm, queue), vm.intern("popleft"), &[])
}

fn get(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let timeout = crate::args::given(args.opt(2));
    if !crate::args::flag(vm, args.opt(1), true)? {
        return take(vm, args.at(0), Some(std::time::Duration::ZERO));
    }
    let timeout = match timeout {
        None => None,
        Some(seconds) => {
            let seconds = vm.float_argument(seconds)?;
            if seconds < 0.0 {
                return Err(vm.value_error("'timeout' must be a non-negative number"));
            }
            Some(crate::blocking::duration(vm, seconds)?)
        }
    };
    take(vm, args.at(0), timeout)
}

static CLASS: TypeDef = TypeDef {
    doc: "Simple, unbounded, reentrant FIFO queue.",
    flags: type_flags::BASE | type_flags::HAS_WEAKREF,
    slots: Slots { new: Some(new), ..Slots::NONE },
    methods: &[
        NativeDef::method("put", "self, /, item, block=True, timeout=None", put)
            .doc("Put the item on the queue.\n\nThis never blocks: the queue has no bound."),
        NativeDef::method("put_nowait", "self, /, item", put),
        NativeDef::method("get", "self, /, block=True, timeout=None", get)
            .doc("Remove and return an item from the queue, waiting for one at most 'timeout' seconds."),
        NativeDef::method("get_nowait", "self, /", |vm, args| take(vm, args.at(0), Some(std::time::Duration::ZERO))),
        NativeDef::method("empty", "self, /", |vm, args| Ok(Value::from_bool(vm.len(items(vm, args.at(0)))? == 0))),
        NativeDef::method("qsize", "self, /", |vm, args| vm.new_uint(vm.len(items(vm, args.at(0)))?)),
        NativeDef::class_method("__class_getitem__", "cls, item, /", |vm, args| {
            let alias = vm.getattr_text(vm.import("types")?, "GenericAlias")?;
            vm.call(alias, &[args.at(0), args.at(1)])
        }),
    ],
    ..TypeDef::new("_queue.SimpleQueue", <PySimpleQueue as Payload>::LAYOUT)
};
