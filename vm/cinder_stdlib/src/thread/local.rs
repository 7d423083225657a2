//! `_thread._local`: attributes of the running thread.
//!
//! Idea: the instance has one `__dict__` at a time; an access by another thread than the last one first puts that thread's in place.
//! The dictionaries belong to the threads ([`Vm::thread_locals`]), so they die with them.

use std::cell::Cell;
use std::sync::Mutex;

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::object::DICT_GETSET;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Gc, PyResult, Value, Vm};

/// Numbers of instances that died; their dictionaries are still with the threads.
static DEAD: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// Counts instances, and says so when one dies.
struct Number(u64);

impl Drop for Number {
    fn drop(&mut self) {
        DEAD.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(self.0);
    }
}

#[repr(C)]
struct PyLocal {
    header: Header,
    number: Number,
    /// Serial number of the thread whose attributes are in place.
    thread: Cell<u64>,
    /// What `__init__` is called with in every thread.
    arguments: Slot<Value>,
    keyword_names: Slot<Option<Value>>,
}

impl Trace for PyLocal {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.arguments.get());
        tracer.visit_option(self.keyword_names.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyLocal {}

cinder_vm::layout!(PyLocal, "_thread._local");

struct LastNumber(Cell<u64>);

fn new(vm: &Vm, class: Gc<cinder_vm::types::type_::PyType>, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    let has_init = class.slots().init.map(|f| f as usize) != vm.types.object.slots().init.map(|f| f as usize);
    if !has_init && (!args.is_empty() || names.is_some()) {
        return Err(vm.type_error("Initialization arguments are not supported"));
    }
    let arguments = vm.new_tuple(args)?;
    let last = &vm.native_state(|| LastNumber(Cell::new(0))).0;
    last.set(last.get() + 1);
    let number = last.get();
    let made = vm.alloc_instance(class, 0, |header| PyLocal {
        header,
        number: Number(number),
        thread: Cell::new(vm.current_thread().serial),
        arguments: Slot::new(arguments),
        keyword_names: Slot::new(names),
    })?;
    let value = made.as_value();
    let own = vm.instance_dict(value)?.expect("the class gives its instances a dictionary");
    forget_dead(vm)?;
    vm.dict_set(vm.thread_locals()?.as_value(), vm.new_uint(number as usize)?, own.as_value())?;
    Ok(value)
}

/// Drops the running thread's dictionaries of instances that died.
fn forget_dead(vm: &Vm) -> PyResult<()> {
    let dead = std::mem::take(&mut *DEAD.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    for number in dead {
        vm.forget_thread_local(vm.new_uint(number as usize)?)?;
    }
    Ok(())
}

/// Puts the running thread's attributes in place.
fn enter(vm: &Vm, value: Value) -> PyResult<()> {
    let this = vm.downcast::<PyLocal>(value).expect("method of this class");
    let thread = vm.current_thread().serial;
    if this.thread.get() == thread {
        return Ok(());
    }
    let key = vm.new_uint(this.number.0 as usize)?;
    let locals = vm.thread_locals()?;
    if let Some(own) = vm.dict_get(locals, key)?.and_then(|own| vm.as_dict(own)) {
        vm.set_instance_dict(value, own);
        this.thread.set(thread);
        return Ok(());
    }
    let own = vm.new_pydict()?;
    vm.dict_set(locals.as_value(), key, own.as_value())?;
    vm.set_instance_dict(value, own);
    this.thread.set(thread);
    let init = vm.type_of(value).slots().init.expect("object has an init");
    if init as usize == vm.types.object.slots().init.map_or(0, |f| f as usize) {
        return Ok(());
    }
    let result = init(vm, value, vm.tuple_items(this.arguments.get()), this.keyword_names.get());
    if result.is_err() {
        // The next access tries again.
        let pending = vm.pending.take();
        vm.dict_remove(locals, key)?;
        this.thread.set(0);
        vm.pending.set(pending);
    }
    result
}

pub(super) static LOCAL: TypeDef = TypeDef {
    doc: "Thread-local data",
    flags: type_flags::BASE | type_flags::HAS_DICT | type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(new),
        getattr: Some(|vm, value, name| {
            enter(vm, value)?;
            vm.generic_getattr(value, name)
        }),
        setattr: Some(|vm, value, name, new| {
            enter(vm, value)?;
            if vm.str_text(name) == "__dict__" {
                let class = vm.type_of(value).name();
                let message = format!("'{class}' object attribute '__dict__' is read-only");
                return Err(vm.attribute_error_text(message));
            }
            vm.generic_setattr(value, name, new)
        }),
        ..Slots::NONE
    },
    getset: &[DICT_GETSET],
    ..TypeDef::new("_thread._local", <PyLocal as Payload>::LAYOUT)
};
