//! Callbacks: functions of Python that C code can call.
//!
//! Holds: the machine code of a closure exists as long as its object. The C side may call it on any thread, with the machine's lock or without.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::{Arg, ArgsExt, GetSetDef, PyResult, Value, Vm};
use libffi::raw;

use super::call::{Spec, prepare, swap_errno};

/// `FUNCFLAG_USE_ERRNO`.
const USES_ERRNO: i64 = 8;

#[repr(C)]
struct PyClosure {
    header: Header,
    /// Called with a list of the addresses of the arguments, and the address for the result.
    function: Slot<Option<Value>>,
    code: RefCell<Option<Code>>,
}

/// What libffi needs while the closure exists.
struct Code {
    closure: *mut c_void,
    entry: *mut c_void,
    target: Box<Target>,
}

/// What the machine code hands to [`enter`].
struct Target {
    vm: *const Vm,
    function: Cell<Option<Value>>,
    cif: raw::ffi_cif,
    types: Vec<*mut raw::ffi_type>,
    flags: i64,
}

impl Drop for Code {
    fn drop(&mut self) {
        // SAFETY: allocated by `make`, and freed here only.
        unsafe { raw::ffi_closure_free(self.closure) };
    }
}

impl Trace for PyClosure {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.function.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyClosure {}

cinder_vm::layout!(PyClosure, "_foreign.Closure");

static CLASS: TypeDef = TypeDef {
    doc: "A function of Python that C code can call.",
    getset: &[GetSetDef::read_only("address", |vm, value| {
        let closure = vm.downcast::<PyClosure>(value).expect("attribute of this class");
        let entry = closure.code.borrow().as_ref().map_or(0, |code| code.entry.expose_provenance());
        vm.new_uint(entry)
    })],
    ..TypeDef::new("_foreign.Closure", <PyClosure as Payload>::LAYOUT)
};

/// `closure(function, specs, result_spec, flags)`.
pub(super) fn make(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let specs = Spec::parse_all(vm, args.at(1))?;
    let result = Spec::parse(vm, args.at(2))?;
    let flags = vm.index_i64(args.at(3))?;
    let types = specs.into_iter().map(Spec::ffi_type).collect();
    let mut target = Box::new(Target {
        vm: std::ptr::from_ref(vm),
        function: Cell::new(Some(args.at(0))),
        cif: raw::ffi_cif::default(),
        types,
        flags,
    });
    target.cif = prepare(vm, &mut target.types, result)?;
    let mut entry = std::ptr::null_mut();
    // SAFETY: the call gives writable memory for a closure and the address of its code, or null.
    let closure = unsafe { raw::ffi_closure_alloc(size_of::<raw::ffi_closure>(), &raw mut entry) };
    if closure.is_null() {
        return Err(vm.raise_text(vm.exceptions.MemoryError, ""));
    }
    let (cif, user) = (&raw mut target.cif, (&raw mut *target).cast::<c_void>());
    // SAFETY: freshly allocated; the description and the target lie in a box that `Code` keeps as long as the closure.
    let status = unsafe { raw::ffi_prep_closure_loc(closure.cast(), cif, Some(enter), user, entry) };
    let code = Code { closure, entry, target };
    if status != raw::ffi_status_FFI_OK {
        return Err(vm.runtime_error("ffi_prep_closure failed"));
    }
    let class = vm.native_class(&CLASS)?;
    let made = vm.alloc_instance(class, 0, |header| PyClosure {
        header,
        function: Slot::new(None),
        code: RefCell::new(None),
    })?;
    made.function.set(&vm.heap, made, code.target.function.get());
    made.code.replace(Some(code));
    Ok(made.as_value())
}

/// Where the machine code of every closure leads.
unsafe extern "C" fn enter(_: *mut raw::ffi_cif, result: *mut c_void, args: *mut *mut c_void, user: *mut c_void) {
    // SAFETY: `make` set the target, which lives as long as the closure; calling a closure that is gone is the program's fault.
    let target = unsafe { &*user.cast::<Target>() };
    // SAFETY: machines live for ever.
    let vm = unsafe { &*target.vm };
    // SAFETY: libffi gives one address for each argument of the description.
    let places = unsafe { std::slice::from_raw_parts(args, target.types.len()) };
    let run = || {
        vm.with_lock(|vm| {
            let Some(function) = target.function.get() else { return };
            if let Err(raised) = call(vm, function, places, result) {
                crate::unraisable::report(vm, raised, "Exception ignored while calling ctypes callback function");
            }
        });
    };
    if target.flags & USES_ERRNO != 0 {
        swap_errno();
    }
    // A panic must not unwind through the frames of C.
    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err() {
        std::process::abort();
    }
    if target.flags & USES_ERRNO != 0 {
        swap_errno();
    }
}

fn call(vm: &Vm, function: Value, places: &[*mut c_void], result: *mut c_void) -> PyResult<()> {
    let addresses = vm.new_pylist()?;
    for place in places {
        let address = vm.new_uint(place.expose_provenance())?;
        vm.list_push(addresses, address)?;
    }
    let result = vm.new_uint(result.expose_provenance())?;
    vm.call(function, &[addresses.as_value(), result]).map(|_| ())
}
