//! `@native`: functions of C libraries, called with raw integers.
//!
//! Problem: typed code holds machine integers and wants to hand them to a symbol of a shared library without making objects.
//! Idea: the decorator makes a [`PyNativeCallable`], which keeps the function whose signature the checker saw. A typed call that finds one calls the
//! symbol with its argument registers as they are; library and symbol are looked up at the first call and kept. All arguments are integers, which
//! every supported C ABI takes as whole registers (or eight-byte places on the stack), so a call needs no stub of its own.
//! Holds: only typed calls whose signature is the declared one reach the symbol. The result counts as its declared type only after truncation to it.
//!
//! Source: specification section 12.3.

use std::cell::Cell;
use std::ffi::{CStr, CString};

use cinder_bytecode::Primitive;
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value};

use super::Resolved;
use crate::native::{ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Most arguments a symbol is called with.
const MAX_ARGUMENTS: usize = if cfg!(all(target_vendor = "apple", target_arch = "aarch64")) { 8 } else { 16 };

/// A symbol of a library and the static function that declares it.
#[repr(C)]
pub(crate) struct PyNativeCallable {
    header: Header,
    pub(super) function: Slot<Value>,
    library: Slot<Value>,
    /// 0 until the first call.
    address: Cell<usize>,
}

impl Trace for PyNativeCallable {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.function.get());
        tracer.visit(self.library.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyNativeCallable {}

crate::layout!(PyNativeCallable, "native_callable");

fn own(vm: &Vm, value: Value) -> Gc<PyNativeCallable> {
    vm.downcast::<PyNativeCallable>(value).expect("slot of this class")
}

fn name(vm: &Vm, value: Value) -> PyResult<String> {
    let name = vm.getattr(own(vm, value).function.get(), vm.names.__name__)?;
    Ok(vm.str_text(name).into_owned())
}

macro_rules! forwarded {
    ($($name:ident)*) => {
        &[$(GetSetDef::read_only(stringify!($name), |vm, value| vm.getattr(own(vm, value).function.get(), vm.names.$name)),)*]
    };
}

static NATIVE_CALLABLE: TypeDef = TypeDef {
    slots: Slots {
        repr: Some(|vm, value| {
            let library = vm.repr_text(own(vm, value).library.get())?;
            vm.new_str(&format!("<native callable '{}' of {library}>", name(vm, value)?))
        }),
        call: Some(|vm, value, _, _| {
            let name = name(vm, value)?;
            let message = format!("native callable '{name}' can only be called from static modules");
            Err(vm.raise_text(vm.exceptions.RuntimeError, &message))
        }),
        ..Slots::NONE
    },
    getset: forwarded! { __name__ __qualname__ __module__ __doc__ },
    flags: type_flags::HAS_WEAKREF,
    ..TypeDef::new("__static__.native_callable", <PyNativeCallable as Payload>::LAYOUT)
};

/// `_native_callable(function, library)`: what the decorator makes.
pub(super) const NATIVE: NativeDef = NativeDef::function("_native_callable", "function, library, /", |vm, args| {
    if !vm.is_str(args.at(1)) {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("@native decorator 'lib' argument must be a `str` not {found}")));
    }
    vm.getattr(args.at(0), vm.names.__name__)?;
    let class = vm.native_class(&NATIVE_CALLABLE)?;
    let made = vm.alloc_instance(class, 0, |header| PyNativeCallable {
        header,
        function: Slot::new(args.at(0)),
        library: Slot::new(args.at(1)),
        address: Cell::new(0),
    })?;
    Ok(made.as_value())
});

impl Vm {
    /// Calls the symbol with register bits; the result's bits.
    ///
    /// Errors: RuntimeError when library or symbol cannot be found, or for more arguments than are supported.
    ///
    /// # Safety
    /// `args` are `count` raw integers. The program vouches for the symbol's signature.
    pub(super) unsafe fn call_native(
        &self,
        native: Gc<PyNativeCallable>,
        result: &Resolved,
        args: *const u64,
        count: usize,
    ) -> PyResult<u64> {
        let address = match native.address.get() {
            0 => {
                let found = self.find_symbol(native)?;
                native.address.set(found);
                found
            }
            known => known,
        };
        if count > MAX_ARGUMENTS {
            let name = name(self, native.as_value())?;
            let message = format!("native callable '{name}' has more than {MAX_ARGUMENTS} parameters");
            return Err(self.raise_text(self.exceptions.RuntimeError, &message));
        }
        // SAFETY: contract.
        let bits = unsafe { call_symbol(address, args, count) };
        match result {
            Resolved::Primitive(kind) => Ok(narrowed(bits, *kind)),
            _ => Ok(Value::NONE.bits()),
        }
    }

    fn find_symbol(&self, native: Gc<PyNativeCallable>) -> PyResult<usize> {
        let library = self.str_text(native.library.get()).into_owned();
        let symbol = name(self, native.as_value())?;
        let fail = |message: String| self.raise_text(self.exceptions.RuntimeError, &message);
        let c_text = |text: &str| CString::new(text).map_err(|_| self.value_error("embedded null character"));
        let (path, c_symbol) = (c_text(&library)?, c_text(&symbol)?);
        // SAFETY: texts with ends. The library's constructors run; the program chose it. It is never closed, so addresses stay.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
        if handle.is_null() {
            return Err(fail(format!("classloader: Could not load library '{library}': {}", complaint())));
        }
        // SAFETY: a handle the linker just gave.
        let address = unsafe { libc::dlsym(handle, c_symbol.as_ptr()) };
        if address.is_null() {
            return Err(fail(format!("classloader: unable to lookup '{symbol}' in '{library}': {}", complaint())));
        }
        Ok(address.expose_provenance())
    }
}

/// The linker's reason for the last failure.
fn complaint() -> String {
    // SAFETY: the text stays until the linker's next call on this thread.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() { "no reason given".to_owned() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

/// What C leaves in the upper bits of a narrow result is undefined.
fn narrowed(bits: u64, kind: Primitive) -> u64 {
    match kind {
        Primitive::CBool => u64::from(bits as u8 != 0),
        kind => crate::interp::wrap_primitive(bits as i64, kind) as u64,
    }
}

macro_rules! by_arity {
    ($address:ident, $args:ident, $count:ident: $($arity:literal [$($index:literal)*])*) => {
        match $count {
            $($arity => {
                // SAFETY: the caller's contract; integers fill registers and stack places alike in the C ABI.
                unsafe {
                    let symbol: extern "C" fn($(by_arity!(@word $index)),*) -> u64 = std::mem::transmute($address);
                    symbol($(*$args.add($index)),*)
                }
            })*
            _ => unreachable!("the number of arguments was checked"),
        }
    };
    (@word $index:literal) => { u64 };
}

/// # Safety
/// `address` is a C function that takes `count` integers, which are at `args`.
unsafe fn call_symbol(address: usize, args: *const u64, count: usize) -> u64 {
    let address = std::ptr::with_exposed_provenance::<()>(address);
    by_arity!(address, args, count:
        0 []
        1 [0]
        2 [0 1]
        3 [0 1 2]
        4 [0 1 2 3]
        5 [0 1 2 3 4]
        6 [0 1 2 3 4 5]
        7 [0 1 2 3 4 5 6]
        8 [0 1 2 3 4 5 6 7]
        9 [0 1 2 3 4 5 6 7 8]
        10 [0 1 2 3 4 5 6 7 8 9]
        11 [0 1 2 3 4 5 6 7 8 9 10]
        12 [0 1 2 3 4 5 6 7 8 9 10 11]
        13 [0 1 2 3 4 5 6 7 8 9 10 11 12]
        14 [0 1 2 3 4 5 6 7 8 9 10 11 12 13]
        15 [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14]
        16 [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15]
    )
}
