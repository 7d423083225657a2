//! Prepared statements: parameters in, rows out.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_int};
use std::rc::Rc;

use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, Gc, PyResult, Value, Vm};
use libsqlite3_sys as ffi;

use super::callback::Frozen;
use super::database::{Handle, code, handle, text_or_none};
use crate::payload::plain_payload;

#[repr(C)]
struct PyStatement {
    header: Header,
    /// Null when finalized.
    raw: Cell<*mut ffi::sqlite3_stmt>,
    database: RefCell<Option<Rc<Handle>>>,
}

plain_payload!(PyStatement, "_sqlite.Statement");

impl Drop for PyStatement {
    fn drop(&mut self) {
        let _frozen = Frozen::begin();
        self.finalize();
    }
}

impl PyStatement {
    fn finalize(&self) {
        // SAFETY: prepared and not finalized yet, or null, which is nothing.
        unsafe { ffi::sqlite3_finalize(self.raw.replace(std::ptr::null_mut())) };
        self.database.take();
    }
}

static CLASS: TypeDef =
    TypeDef { doc: "A prepared statement.", ..TypeDef::new("_sqlite.Statement", <PyStatement as Payload>::LAYOUT) };

/// Errors: TypeError, ValueError when it is finalized.
fn own(vm: &Vm, value: Value) -> PyResult<Gc<PyStatement>> {
    match vm.downcast::<PyStatement>(value) {
        Some(statement) if !statement.raw.get().is_null() => Ok(statement),
        Some(_) => Err(vm.value_error("the statement is finalized")),
        None => Err(vm.type_error("a statement is required")),
    }
}

/// `prepare(db, sql, start)`: a code, the statement (None for a comment or nothing) and where the text goes on. `sql` is UTF-8.
pub(super) fn prepare(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let database = handle(vm, args.at(0))?;
    let start = usize::try_from(vm.index_i64(args.at(2))?).unwrap_or(0);
    let mut sql = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let start = start.min(sql.len());
    sql.push(0);
    let text = sql[start..].as_ptr().cast();
    let size = c_int::try_from(sql.len() - start).unwrap_or(c_int::MAX);
    let raw_database = database.raw;
    let mut raw = std::ptr::null_mut();
    let mut tail = text;
    let found = vm.without_lock(|| {
        // SAFETY: an open database, a text with an end, and places for the results.
        unsafe { ffi::sqlite3_prepare_v2(raw_database, text, size, &raw mut raw, &raw mut tail) }
    });
    let end = start + if tail.is_null() { 0 } else { tail.addr() - text.addr() };
    let statement = if raw.is_null() {
        Value::NONE
    } else {
        let class = vm.native_class(&CLASS)?;
        let make = |header| PyStatement { header, raw: Cell::new(raw), database: RefCell::new(Some(database)) };
        vm.alloc_instance(class, 0, make)?.as_value()
    };
    vm.new_tuple(&[vm.new_int(found.into())?, statement, vm.new_uint(end)?])
}

pub(super) fn finalize(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    match vm.downcast::<PyStatement>(args.at(0)) {
        Some(statement) => statement.finalize(),
        None => return Err(vm.type_error("a statement is required")),
    }
    Ok(Value::NONE)
}

/// The names of the parameters, with their mark; None for those without.
pub(super) fn parameters(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let statement = own(vm, args.at(0))?;
    let mut names = ValueVec::<[Value; 8]>::new();
    // SAFETY: a statement; the texts are copied at once.
    unsafe {
        for index in 1..=ffi::sqlite3_bind_parameter_count(statement.raw.get()) {
            names.push(text_or_none(vm, ffi::sqlite3_bind_parameter_name(statement.raw.get(), index))?);
        }
    }
    vm.new_tuple(&names)
}

/// `bind(statement, index, value)`: a code; -1 for values that no parameter can have.
///
/// Errors: OverflowError for integers beyond 64 bits, UnicodeEncodeError for lone surrogates.
pub(super) fn bind(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let index = crate::args::c_int(vm, args.at(1))?;
    let value = args.at(2);
    let raw = own(vm, args.at(0))?.raw.get();
    let found = if value.is_none() {
        // SAFETY: a statement; SQLite copies what it is given, and checks the index.
        unsafe { ffi::sqlite3_bind_null(raw, index) }
    } else if vm.is_int(value) {
        match vm.int_to_i64(value) {
            // SAFETY: as above.
            Some(number) => unsafe { ffi::sqlite3_bind_int64(raw, index, number) },
            None => return Err(vm.overflow_error("Python int too large to convert to SQLite INTEGER")),
        }
    } else if let Some(number) = vm.float_value(value) {
        // SAFETY: as above.
        unsafe { ffi::sqlite3_bind_double(raw, index, number) }
    } else if vm.is_str(value) {
        let encoded = vm.encode_text(value, "utf-8", "strict")?;
        let content = vm.as_bytes(encoded).expect("encoding gives bytes");
        let content = content.as_slice();
        let utf8 = ffi::SQLITE_UTF8 as u8;
        let (text, size) = (content.as_ptr().cast(), content.len() as u64);
        // SAFETY: as above.
        unsafe { ffi::sqlite3_bind_text64(raw, index, text, size, ffi::SQLITE_TRANSIENT(), utf8) }
    } else if vm.type_of(value).slots().buffer.is_some() {
        vm.with_bytes(value, |content| {
            // An empty slice has no address that SQLite would not take for NULL.
            let place = if content.is_empty() { c"".as_ptr().cast() } else { content.as_ptr() };
            // SAFETY: as above.
            unsafe { ffi::sqlite3_bind_blob64(raw, index, place.cast(), content.len() as u64, ffi::SQLITE_TRANSIENT()) }
        })?
    } else {
        -1
    };
    code(vm, found)
}

pub(super) fn step(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let statement = own(vm, args.at(0))?;
    let raw = statement.raw.get();
    // SAFETY: a statement; the caller's stack refers to it, so it lives.
    let found = vm.without_lock(|| unsafe { ffi::sqlite3_step(raw) });
    vm.check_interrupts()?;
    code(vm, found)
}

/// Makes the statement ready to run again, without its parameters.
pub(super) fn reset(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let statement = own(vm, args.at(0))?;
    let raw = statement.raw.get();
    let found = vm.without_lock(|| {
        // SAFETY: as above.
        unsafe {
            let found = ffi::sqlite3_reset(raw);
            ffi::sqlite3_clear_bindings(raw);
            found
        }
    });
    code(vm, found)
}

pub(super) fn is_readonly(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: a statement.
    Ok(Value::from_bool(unsafe { ffi::sqlite3_stmt_readonly(own(vm, args.at(0))?.raw.get()) } != 0))
}

/// The names of the columns; empty for statements that give no rows.
pub(super) fn columns(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let statement = own(vm, args.at(0))?;
    let mut names = ValueVec::<[Value; 8]>::new();
    // SAFETY: a statement; the texts are copied at once.
    unsafe {
        for index in 0..ffi::sqlite3_column_count(statement.raw.get()) {
            names.push(text_or_none(vm, ffi::sqlite3_column_name(statement.raw.get(), index))?);
        }
    }
    vm.new_tuple(&names)
}

/// The type that the table's definition gives a column, or None.
pub(super) fn declared(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let index = crate::args::c_int(vm, args.at(1))?;
    // SAFETY: a statement, which checks the index; the text is copied at once.
    unsafe { text_or_none(vm, ffi::sqlite3_column_decltype(own(vm, args.at(0))?.raw.get(), index)) }
}

/// The bytes of a text or blob in a column.
///
/// # Safety
/// The statement has a row, and the value is a text or blob.
unsafe fn content<'a>(raw: *mut ffi::sqlite3_stmt, index: c_int) -> &'a [u8] {
    // SAFETY: contract; the pointer is asked for before the length, as SQLite wants it.
    unsafe {
        let data: *const u8 = ffi::sqlite3_column_blob(raw, index).cast();
        let size = ffi::sqlite3_column_bytes(raw, index);
        if data.is_null() || size <= 0 { &[] } else { std::slice::from_raw_parts(data, size as usize) }
    }
}

/// `row(statement, as_bytes)`: the current row as a tuple. Texts are str, or bytes for `as_bytes`.
///
/// Errors: ValueError `column N` for a text that is not UTF-8.
pub(super) fn row(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let statement = own(vm, args.at(0))?;
    let as_bytes = vm.truthy(args.at(1))?;
    let raw = statement.raw.get();
    // SAFETY: a statement.
    let count = unsafe { ffi::sqlite3_data_count(raw) };
    let mut values = ValueVec::<[Value; 8]>::with_capacity(count as usize);
    for index in 0..count {
        // SAFETY: the statement has a row with this column.
        let value = unsafe {
            match ffi::sqlite3_column_type(raw, index) {
                ffi::SQLITE_INTEGER => vm.new_int(ffi::sqlite3_column_int64(raw, index))?,
                ffi::SQLITE_FLOAT => vm.new_float(ffi::sqlite3_column_double(raw, index))?,
                ffi::SQLITE_NULL => Value::NONE,
                ffi::SQLITE_TEXT if !as_bytes => {
                    let data = ffi::sqlite3_column_text(raw, index);
                    let size = ffi::sqlite3_column_bytes(raw, index);
                    let bytes = if data.is_null() { &[][..] } else { std::slice::from_raw_parts(data, size as usize) };
                    match std::str::from_utf8(bytes) {
                        Ok(text) => vm.new_str(text)?,
                        Err(_) => return Err(vm.value_error(format!("column {index}"))),
                    }
                }
                _ => {
                    let bytes = content(raw, index).to_vec();
                    vm.new_bytes(&bytes)?
                }
            }
        };
        values.push(value);
    }
    vm.new_tuple(&values)
}

/// `raw_column(statement, index)`: whether the value is a text, and its bytes; None for NULL. For converters and text factories.
pub(super) fn raw_column(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let statement = own(vm, args.at(0))?;
    let index = crate::args::c_int(vm, args.at(1))?;
    let raw = statement.raw.get();
    // SAFETY: a statement, which checks the index; the bytes are copied before anything else runs.
    unsafe {
        let kind = ffi::sqlite3_column_type(raw, index);
        if kind == ffi::SQLITE_NULL {
            return Ok(Value::NONE);
        }
        let bytes = content(raw, index).to_vec();
        let bytes = vm.new_bytes(&bytes)?;
        vm.new_tuple(&[Value::from_bool(kind == ffi::SQLITE_TEXT), bytes])
    }
}

/// A text of the library as Rust has it, for callbacks.
///
/// # Safety
/// Null, or a text with an end.
pub(super) unsafe fn text<'a>(text: *const std::ffi::c_char) -> Option<std::borrow::Cow<'a, str>> {
    // SAFETY: contract.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy())
}
