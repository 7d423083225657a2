//! Calls of foreign functions.
//!
//! A type of an argument or result is described by a *spec*: a letter of [`super::scalar`], or the number of a struct made by `struct_type`.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;

use cinder_vm::{Arg, ArgsExt, PyResult, Value, Vm};
use libffi::raw;

use super::memory;
use super::scalar::{self, Code};

/// `FUNCFLAG_PYTHONAPI`: the lock is kept.
const KEEPS_LOCK: i64 = 4;
/// `FUNCFLAG_USE_ERRNO`.
const USES_ERRNO: i64 = 8;

thread_local! {
    /// The thread's own copy of `errno`, which `ctypes.get_errno` gives.
    static ERRNO: Cell<i32> = const { Cell::new(0) };
}

/// What a spec describes.
#[derive(Clone, Copy)]
pub(super) enum Spec {
    Void,
    Scalar(Code),
    Struct(*mut raw::ffi_type),
}

/// Struct types of a machine, which live as long as it does.
#[derive(Default)]
struct Structs(RefCell<Vec<*mut raw::ffi_type>>);

impl Spec {
    pub(super) fn parse(vm: &Vm, value: Value) -> PyResult<Spec> {
        if value.is_none() {
            return Ok(Spec::Void);
        }
        if vm.is_str(value) {
            return Code::parse(vm, value).map(Spec::Scalar);
        }
        let number = usize::try_from(vm.index_i64(value)?).ok();
        let structs = vm.native_state(Structs::default).0.borrow();
        let found = number.and_then(|number| structs.get(number).copied());
        found.map(Spec::Struct).ok_or_else(|| vm.value_error("no such struct type"))
    }

    /// The specs of a tuple.
    pub(super) fn parse_all(vm: &Vm, value: Value) -> PyResult<Vec<Spec>> {
        match vm.as_tuple(value) {
            Some(specs) => specs.items().iter().map(|spec| Spec::parse(vm, *spec)).collect(),
            None => Err(vm.type_error("specs are a tuple")),
        }
    }

    pub(super) fn ffi_type(self) -> *mut raw::ffi_type {
        match self {
            Spec::Void => &raw mut raw::ffi_type_void,
            Spec::Struct(made) => made,
            Spec::Scalar(code) => match code.letter() {
                b'b' => &raw mut raw::ffi_type_sint8,
                b'B' | b'c' | b'?' => &raw mut raw::ffi_type_uint8,
                b'h' | b'v' => &raw mut raw::ffi_type_sint16,
                b'H' => &raw mut raw::ffi_type_uint16,
                b'i' => &raw mut raw::ffi_type_sint32,
                b'I' | b'u' => &raw mut raw::ffi_type_uint32,
                b'l' | b'q' => &raw mut raw::ffi_type_sint64,
                b'L' | b'Q' => &raw mut raw::ffi_type_uint64,
                b'f' => &raw mut raw::ffi_type_float,
                b'd' => &raw mut raw::ffi_type_double,
                b'g' => &raw mut raw::ffi_type_longdouble,
                _ => &raw mut raw::ffi_type_pointer,
            },
        }
    }
}

/// `struct_type(elements, size, alignment)`: the number of a struct type with these element specs. A size of 0 lets libffi compute both.
pub(super) fn struct_type(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let specs = Spec::parse_all(vm, args.at(0))?;
    let mut elements: Vec<*mut raw::ffi_type> = specs.into_iter().map(Spec::ffi_type).collect();
    elements.push(std::ptr::null_mut());
    let made = raw::ffi_type {
        size: usize::try_from(vm.index_i64(args.at(1))?).unwrap_or(0),
        alignment: u16::try_from(vm.index_i64(args.at(2))?).unwrap_or(0),
        type_: raw::FFI_TYPE_STRUCT,
        elements: Box::leak(elements.into_boxed_slice()).as_mut_ptr(),
    };
    let mut structs = vm.native_state(Structs::default).0.borrow_mut();
    structs.push(Box::leak(Box::new(made)));
    let number = structs.len() - 1;
    drop(structs);
    vm.new_uint(number)
}

/// A prepared description of a call. `types` must live as long as it is used.
///
/// Errors: ValueError when libffi refuses it.
pub(super) fn prepare(vm: &Vm, types: &mut [*mut raw::ffi_type], result: Spec) -> PyResult<raw::ffi_cif> {
    let mut cif = raw::ffi_cif::default();
    let count = types.len() as u32;
    // SAFETY: all types are libffi's own or leaked ones of `struct_type`.
    let status = unsafe {
        raw::ffi_prep_cif(&raw mut cif, raw::ffi_abi_FFI_DEFAULT_ABI, count, result.ffi_type(), types.as_mut_ptr())
    };
    if status == raw::ffi_status_FFI_OK { Ok(cif) } else { Err(vm.value_error("ffi_prep_cif failed")) }
}

/// `call(address, specs, values, result_spec, result, flags)`: the result as an object, or None with a struct written to `result`.
///
/// Values are numbers, or C data of which the bytes are passed.
pub(super) fn call(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let address = super::address_argument(vm, args.at(0))?;
    let specs = Spec::parse_all(vm, args.at(1))?;
    let Some(values) = vm.as_tuple(args.at(2)).filter(|values| values.len() == specs.len()) else {
        return Err(vm.type_error("there must be one value for each spec"));
    };
    let result_spec = Spec::parse(vm, args.at(3))?;
    let flags = vm.index_i64(args.at(5))?;
    if address == 0 {
        return Err(vm.value_error("attempt to call a NULL function pointer"));
    }
    let mut types: Vec<_> = specs.iter().map(|spec| spec.ffi_type()).collect();
    let mut cif = prepare(vm, &mut types, result_spec)?;

    let mut numbers = vec![[0u8; 16]; specs.len()];
    for (index, spec) in specs.iter().enumerate() {
        if let Spec::Scalar(code) = spec {
            numbers[index] = scalar::to_bytes(vm, values.items()[index], *code)?;
        }
    }
    // From here on no Python runs before the call: the places of structs stay what they are.
    let mut places: Vec<*mut c_void> = Vec::with_capacity(specs.len());
    for (index, spec) in specs.iter().enumerate() {
        places.push(match spec {
            Spec::Struct(made) => {
                let (data, len) = memory::bytes_of(memory::own(vm, values.items()[index])?);
                // SAFETY: a leaked type, complete since `prepare`.
                if len < unsafe { (**made).size } || data.is_null() {
                    return Err(vm.value_error("the struct is smaller than its type"));
                }
                data.cast()
            }
            _ => numbers[index].as_mut_ptr().cast(),
        });
    }
    // Long doubles and what libffi widens fit into 16 bytes.
    let mut scalar_result = [0u128; 1];
    let result: *mut c_void = match result_spec {
        Spec::Struct(made) => {
            let (data, len) = memory::bytes_of(memory::own(vm, args.at(4))?);
            // SAFETY: as above.
            if len < unsafe { (*made).size }.max(size_of::<usize>()) || data.is_null() {
                return Err(vm.value_error("the struct is smaller than its type"));
            }
            data.cast()
        }
        _ => scalar_result.as_mut_ptr().cast(),
    };
    let mut invoke = || {
        if flags & USES_ERRNO != 0 {
            swap_errno();
        }
        // SAFETY: the program answers for the address and the signature; the places hold values of the described types and live until the end.
        unsafe {
            let function = std::mem::transmute::<usize, unsafe extern "C" fn()>(address);
            raw::ffi_call(&raw mut cif, Some(function), result, places.as_mut_ptr());
        }
        if flags & USES_ERRNO != 0 {
            swap_errno();
        }
    };
    if flags & KEEPS_LOCK != 0 {
        invoke()
    } else {
        vm.without_lock(invoke)
    }
    match result_spec {
        // SAFETY: 16 bytes.
        Spec::Scalar(code) => unsafe { scalar::read(vm, scalar_result.as_ptr().cast(), code) },
        _ => Ok(Value::NONE),
    }
}

/// Exchanges the thread's copy of `errno` and the real one.
pub(super) fn swap_errno() {
    // SAFETY: the calling thread's own variable.
    let real = unsafe { &mut *libc::__errno_location() };
    *real = ERRNO.replace(*real);
}

pub(super) fn get_errno(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    vm.new_int(ERRNO.get().into())
}

pub(super) fn set_errno(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let new = crate::args::c_int(vm, args.at(0))?;
    vm.new_int(ERRNO.replace(new).into())
}
