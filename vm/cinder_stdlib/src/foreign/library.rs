//! The dynamic linker.

use std::ffi::{CStr, CString, c_int, c_void};

use cinder_vm::{Arg, ArgsExt, PyResult, Value, Vm};

/// What the last call of the linker complained about.
fn complaint() -> String {
    // SAFETY: the text, when there is one, stays until the thread's next call of the linker.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() {
            "dlerror() gave no reason".to_owned()
        } else {
            CStr::from_ptr(text).to_string_lossy().into()
        }
    }
}

fn c_text(vm: &Vm, value: Value) -> PyResult<CString> {
    let bytes = match vm.as_bytes(value) {
        Some(bytes) => bytes.as_slice().to_vec(),
        None => crate::args::text(vm, value, "name")?.into_bytes(),
    };
    CString::new(bytes).map_err(|_| vm.value_error("embedded null character"))
}

/// `dlopen(name, mode)`: the handle of a library; of the program itself for None. Errors: OSError with the linker's reason.
pub(super) fn open(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = if args.at(0).is_none() { None } else { Some(c_text(vm, args.at(0))?) };
    let mode = crate::args::c_int(vm, args.at(1))? | libc::RTLD_NOW;
    let path = name.as_ref().map_or(std::ptr::null(), |name| name.as_ptr());
    let (handle, reason) = vm.without_lock(|| {
        // SAFETY: a text with an end, or null. The library's constructors run; the program chose it.
        let handle = unsafe { libc::dlopen(path, mode) }.expose_provenance();
        (handle, if handle == 0 { complaint() } else { String::new() })
    });
    if handle == 0 {
        return Err(vm.raise_text(vm.exceptions.OSError, &reason));
    }
    vm.new_uint(handle)
}

/// `dlsym(handle, name)`: an address. Errors: OSError with the linker's reason.
pub(super) fn symbol(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let handle: *mut c_void = std::ptr::with_exposed_provenance_mut(super::address_argument(vm, args.at(0))?);
    let name = c_text(vm, args.at(1))?;
    // SAFETY: a handle that `open` gave, as the program says.
    let address = unsafe {
        libc::dlerror();
        libc::dlsym(handle, name.as_ptr())
    };
    if address.is_null() {
        return Err(vm.raise_text(vm.exceptions.OSError, &complaint()));
    }
    vm.new_uint(address.expose_provenance())
}

pub(super) fn close(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let handle: *mut c_void = std::ptr::with_exposed_provenance_mut(super::address_argument(vm, args.at(0))?);
    // SAFETY: a handle that `open` gave, as the program says.
    if unsafe { libc::dlclose(handle) } != 0 {
        return Err(vm.raise_text(vm.exceptions.OSError, &complaint()));
    }
    Ok(Value::NONE)
}

/// `dllist()`: paths of the libraries that are loaded; the program itself is the empty one.
pub(super) fn list(vm: &Vm, _: &[Arg]) -> PyResult<Value> {
    unsafe extern "C" fn visit(info: *mut libc::dl_phdr_info, _: usize, names: *mut c_void) -> c_int {
        // SAFETY: the linker gives a record with a name, and the list that was handed to it.
        unsafe {
            let name = CStr::from_ptr((*info).dlpi_name).to_string_lossy().into_owned();
            (*names.cast::<Vec<String>>()).push(name);
        }
        0
    }
    let mut names: Vec<String> = Vec::new();
    // SAFETY: the function above takes what it is handed here.
    unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut names).cast()) };
    let list = vm.new_pylist()?;
    for name in names {
        let name = vm.new_str(&name)?;
        vm.list_push(list, name)?;
    }
    Ok(list.as_value())
}
