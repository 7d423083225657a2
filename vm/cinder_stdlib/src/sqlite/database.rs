//! Open databases.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_int};
use std::rc::Rc;

use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::{Arg, ArgsExt, Gc, PyResult, Value, Vm};
use libsqlite3_sys as ffi;

use super::callback::{Callback, Frozen};
use crate::payload::plain_payload;

/// An open database; it closes when the last object that needs it is gone.
pub(super) struct Handle {
    pub(super) raw: *mut ffi::sqlite3,
    /// What the library may call as long as the database is open.
    #[allow(clippy::vec_box, reason = "SQLite keeps their addresses: they must not move when the vector grows")]
    pub(super) callbacks: RefCell<Vec<Box<Callback>>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _frozen = Frozen::begin();
        // SAFETY: opened by `open`; every statement, blob and backup of it has been closed, since each holds this handle.
        unsafe { ffi::sqlite3_close(self.raw) };
    }
}

#[repr(C)]
struct PyDatabase {
    header: Header,
    /// `None` when closed.
    handle: RefCell<Option<Rc<Handle>>>,
}

plain_payload!(PyDatabase, "_sqlite.Database");

static CLASS: TypeDef =
    TypeDef { doc: "An open database.", ..TypeDef::new("_sqlite.Database", <PyDatabase as Payload>::LAYOUT) };

/// The open database of an argument. Errors: TypeError, ValueError when it is closed.
pub(super) fn handle(vm: &Vm, value: Value) -> PyResult<Rc<Handle>> {
    let Some(database) = vm.downcast::<PyDatabase>(value) else { return Err(vm.type_error("a database is required")) };
    let handle: Option<Rc<Handle>> = database.handle.borrow().clone();
    handle.ok_or_else(|| vm.value_error("the database is closed"))
}

/// A text for the library. Errors: ValueError for a zero within.
pub(super) fn c_text(vm: &Vm, value: Value) -> PyResult<CString> {
    let bytes = match vm.as_bytes(value) {
        Some(bytes) => bytes.as_slice().to_vec(),
        None => crate::args::text(vm, value, "argument")?.into_bytes(),
    };
    CString::new(bytes).map_err(|_| vm.value_error("embedded null character"))
}

/// A text of the library, which may be absent.
///
/// # Safety
/// Null, or a text with an end.
pub(super) unsafe fn text_or_none(vm: &Vm, text: *const c_char) -> PyResult<Value> {
    if text.is_null() {
        return Ok(Value::NONE);
    }
    // SAFETY: contract.
    vm.new_str(&unsafe { CStr::from_ptr(text) }.to_string_lossy())
}

pub(super) fn code(vm: &Vm, code: c_int) -> PyResult<Value> {
    vm.new_int(code.into())
}

/// `open(path, flags)`: a code and the database; the database exists for its message even when the code is an error.
pub(super) fn open(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let path = c_text(vm, args.at(0))?;
    let flags = crate::args::c_int(vm, args.at(1))?;
    let (found, raw) = vm.without_lock(|| {
        let mut raw = std::ptr::null_mut();
        // SAFETY: a text with an end, and a place for the result.
        let found = unsafe { ffi::sqlite3_open_v2(path.as_ptr(), &raw mut raw, flags, std::ptr::null()) };
        (found, raw)
    });
    if raw.is_null() {
        return Err(vm.raise_text(vm.exceptions.MemoryError, ""));
    }
    let handle = Rc::new(Handle { raw, callbacks: RefCell::default() });
    // SAFETY: an open database. Foreign keys are checked when a program asks for it, as SQLite does unless it is built otherwise.
    unsafe {
        ffi::sqlite3_extended_result_codes(raw, 1);
        ffi::sqlite3_db_config(raw, ffi::SQLITE_DBCONFIG_ENABLE_FKEY, 0, std::ptr::null_mut::<c_int>());
    }
    let class = vm.native_class(&CLASS)?;
    let made = vm.alloc_instance(class, 0, |header| PyDatabase { header, handle: RefCell::new(Some(handle)) })?;
    vm.new_tuple(&[vm.new_int(found.into())?, made.as_value()])
}

/// Closes it when nothing else needs it any more, else as soon as that is so.
pub(super) fn close(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let database: Option<Gc<PyDatabase>> = vm.downcast::<PyDatabase>(args.at(0));
    let Some(database) = database else { return Err(vm.type_error("a database is required")) };
    let handle = database.handle.take();
    drop(handle);
    Ok(Value::NONE)
}

pub(super) fn error_message(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: an open database; the text is copied at once.
    unsafe { text_or_none(vm, ffi::sqlite3_errmsg(handle(vm, args.at(0))?.raw)) }
}

pub(super) fn error_code(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: an open database.
    code(vm, unsafe { ffi::sqlite3_extended_errcode(handle(vm, args.at(0))?.raw) })
}

pub(super) fn error_text(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = crate::args::c_int(vm, args.at(0))?;
    // SAFETY: the text is a constant of the library.
    unsafe { text_or_none(vm, ffi::sqlite3_errstr(number)) }
}

pub(super) fn changes(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: an open database.
    vm.new_int(unsafe { ffi::sqlite3_changes64(handle(vm, args.at(0))?.raw) })
}

pub(super) fn total_changes(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: an open database.
    vm.new_int(unsafe { ffi::sqlite3_total_changes64(handle(vm, args.at(0))?.raw) })
}

pub(super) fn last_insert_rowid(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: an open database.
    vm.new_int(unsafe { ffi::sqlite3_last_insert_rowid(handle(vm, args.at(0))?.raw) })
}

pub(super) fn get_autocommit(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: an open database.
    Ok(Value::from_bool(unsafe { ffi::sqlite3_get_autocommit(handle(vm, args.at(0))?.raw) } != 0))
}

pub(super) fn interrupt(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: an open database; any thread may interrupt.
    unsafe { ffi::sqlite3_interrupt(handle(vm, args.at(0))?.raw) };
    Ok(Value::NONE)
}

pub(super) fn busy_timeout(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let milliseconds = i32::try_from(vm.index_i64(args.at(1))?).unwrap_or(i32::MAX);
    // SAFETY: an open database.
    code(vm, unsafe { ffi::sqlite3_busy_timeout(handle(vm, args.at(0))?.raw, milliseconds) })
}

/// `limit(db, category, value)`: the former limit, -1 for categories that do not exist. A negative value changes nothing.
pub(super) fn limit(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (category, value) = (crate::args::c_int(vm, args.at(1))?, crate::args::c_int(vm, args.at(2))?);
    // SAFETY: an open database.
    code(vm, unsafe { ffi::sqlite3_limit(handle(vm, args.at(0))?.raw, category, value) })
}

/// `config(db, option, value)`: a code, and whether the option is on now. A negative value changes nothing.
pub(super) fn config(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (option, value) = (crate::args::c_int(vm, args.at(1))?, crate::args::c_int(vm, args.at(2))?);
    let mut now: c_int = 0;
    // SAFETY: an open database; every option that the module lets through takes an int and a place for one.
    let found = unsafe { ffi::sqlite3_db_config(handle(vm, args.at(0))?.raw, option, value, &raw mut now) };
    vm.new_tuple(&[vm.new_int(found.into())?, Value::from_bool(now != 0)])
}

pub(super) fn enable_load_extension(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let enabled = vm.truthy(args.at(1))?;
    // SAFETY: an open database.
    code(vm, unsafe { ffi::sqlite3_enable_load_extension(handle(vm, args.at(0))?.raw, enabled.into()) })
}

/// `load_extension(db, path, entry)`: a code and a message.
pub(super) fn load_extension(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let database = handle(vm, args.at(0))?;
    let path = c_text(vm, args.at(1))?;
    let entry = if args.at(2).is_none() { None } else { Some(c_text(vm, args.at(2))?) };
    let raw = database.raw;
    let mut message = std::ptr::null_mut();
    let entry = entry.as_ref().map_or(std::ptr::null(), |entry| entry.as_ptr());
    let found = vm.without_lock(|| {
        // SAFETY: an open database, and texts with an end.
        unsafe { ffi::sqlite3_load_extension(raw, path.as_ptr(), entry, &raw mut message) }
    });
    // SAFETY: null or a text that is ours to free.
    let shown = unsafe { text_or_none(vm, message) };
    // SAFETY: as above.
    unsafe { ffi::sqlite3_free(message.cast()) };
    vm.new_tuple(&[vm.new_int(found.into())?, shown?])
}

pub(super) fn is_complete(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let sql = c_text(vm, args.at(0))?;
    // SAFETY: a text with an end.
    Ok(Value::from_bool(unsafe { ffi::sqlite3_complete(sql.as_ptr()) } != 0))
}
