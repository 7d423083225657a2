//! Whole databases as bytes, copies of databases, and blobs that are read in parts.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::{Arg, ArgsExt, Gc, PyResult, Value, Vm};
use libsqlite3_sys as ffi;

use super::callback::Frozen;
use super::database::{Handle, c_text, code, handle};
use crate::payload::plain_payload;

/// `serialize(db, name)`: the content of a database, or None.
pub(super) fn serialize(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let database = handle(vm, args.at(0))?;
    let name = c_text(vm, args.at(1))?;
    let mut size = 0;
    // SAFETY: an open database and a text with an end; the content is ours to free.
    unsafe {
        let data = ffi::sqlite3_serialize(database.raw, name.as_ptr(), &raw mut size, 0);
        if data.is_null() {
            return Ok(Value::NONE);
        }
        let content = std::slice::from_raw_parts(data, usize::try_from(size).unwrap_or(0)).to_vec();
        ffi::sqlite3_free(data.cast());
        vm.new_bytes(&content)
    }
}

pub(super) fn deserialize(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let database = handle(vm, args.at(0))?;
    let content = vm.with_bytes(args.at(1), <[u8]>::to_vec)?;
    let name = c_text(vm, args.at(2))?;
    let size = content.len() as i64;
    let flags = ffi::SQLITE_DESERIALIZE_FREEONCLOSE | ffi::SQLITE_DESERIALIZE_RESIZEABLE;
    // SAFETY: an open database and a text with an end. The copy belongs to SQLite from then on, even when the call fails.
    unsafe {
        let data: *mut u8 = ffi::sqlite3_malloc64(content.len().max(1) as u64).cast();
        if data.is_null() {
            return Err(vm.raise_text(vm.exceptions.MemoryError, ""));
        }
        std::ptr::copy_nonoverlapping(content.as_ptr(), data, content.len());
        code(vm, ffi::sqlite3_deserialize(database.raw, name.as_ptr(), data, size, size, flags))
    }
}

// ---- backups ----

#[repr(C)]
struct PyBackup {
    header: Header,
    raw: Cell<*mut ffi::sqlite3_backup>,
    databases: RefCell<Option<(Rc<Handle>, Rc<Handle>)>>,
}

plain_payload!(PyBackup, "_sqlite.Backup");

impl Drop for PyBackup {
    fn drop(&mut self) {
        let _frozen = Frozen::begin();
        self.finish();
    }
}

impl PyBackup {
    fn finish(&self) -> i32 {
        // SAFETY: begun and not finished yet, or null, which is nothing.
        let found = unsafe { ffi::sqlite3_backup_finish(self.raw.replace(std::ptr::null_mut())) };
        self.databases.take();
        found
    }
}

static BACKUP: TypeDef =
    TypeDef { doc: "A copy in progress.", ..TypeDef::new("_sqlite.Backup", <PyBackup as Payload>::LAYOUT) };

fn backup(vm: &Vm, value: Value) -> PyResult<Gc<PyBackup>> {
    match vm.downcast::<PyBackup>(value) {
        Some(backup) if !backup.raw.get().is_null() => Ok(backup),
        _ => Err(vm.type_error("a backup in progress is required")),
    }
}

/// `backup_open(target, target_name, source, source_name)`: None when the target complains.
pub(super) fn backup_open(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (target, target_name) = (handle(vm, args.at(0))?, c_text(vm, args.at(1))?);
    let (source, source_name) = (handle(vm, args.at(2))?, c_text(vm, args.at(3))?);
    // SAFETY: two open databases and texts with an end.
    let raw = unsafe { ffi::sqlite3_backup_init(target.raw, target_name.as_ptr(), source.raw, source_name.as_ptr()) };
    if raw.is_null() {
        return Ok(Value::NONE);
    }
    let class = vm.native_class(&BACKUP)?;
    let make = |header| PyBackup { header, raw: Cell::new(raw), databases: RefCell::new(Some((target, source))) };
    Ok(vm.alloc_instance(class, 0, make)?.as_value())
}

pub(super) fn backup_step(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let raw = backup(vm, args.at(0))?.raw.get();
    let pages = crate::args::c_int(vm, args.at(1))?;
    // SAFETY: a backup in progress.
    let found = vm.without_lock(|| unsafe { ffi::sqlite3_backup_step(raw, pages) });
    code(vm, found)
}

/// Pages that are left, and in all.
pub(super) fn backup_progress(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let raw = backup(vm, args.at(0))?.raw.get();
    // SAFETY: a backup in progress.
    let (left, all) = unsafe { (ffi::sqlite3_backup_remaining(raw), ffi::sqlite3_backup_pagecount(raw)) };
    vm.new_tuple(&[vm.new_int(left.into())?, vm.new_int(all.into())?])
}

pub(super) fn backup_close(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let found = backup(vm, args.at(0))?.finish();
    code(vm, found)
}

// ---- blobs ----

#[repr(C)]
struct PyBlob {
    header: Header,
    raw: Cell<*mut ffi::sqlite3_blob>,
    database: RefCell<Option<Rc<Handle>>>,
}

plain_payload!(PyBlob, "_sqlite.Blob");

impl Drop for PyBlob {
    fn drop(&mut self) {
        let _frozen = Frozen::begin();
        self.close();
    }
}

impl PyBlob {
    fn close(&self) {
        // SAFETY: open, or null, which is nothing.
        unsafe { ffi::sqlite3_blob_close(self.raw.replace(std::ptr::null_mut())) };
        self.database.take();
    }
}

static BLOB: TypeDef = TypeDef { doc: "An open blob.", ..TypeDef::new("_sqlite.Blob", <PyBlob as Payload>::LAYOUT) };

fn blob(vm: &Vm, value: Value) -> PyResult<Gc<PyBlob>> {
    match vm.downcast::<PyBlob>(value) {
        Some(blob) if !blob.raw.get().is_null() => Ok(blob),
        _ => Err(vm.type_error("an open blob is required")),
    }
}

/// `blob_open(db, name, table, column, row, readonly)`: a code and the blob.
pub(super) fn blob_open(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let database = handle(vm, args.at(0))?;
    let (name, table, column) = (c_text(vm, args.at(1))?, c_text(vm, args.at(2))?, c_text(vm, args.at(3))?);
    let (row, is_writable) = (vm.index_i64(args.at(4))?, !vm.truthy(args.at(5))?);
    let mut raw = std::ptr::null_mut();
    // SAFETY: an open database, texts with an end, and a place for the result.
    let found = unsafe {
        let (name, table, column) = (name.as_ptr(), table.as_ptr(), column.as_ptr());
        ffi::sqlite3_blob_open(database.raw, name, table, column, row, is_writable.into(), &raw mut raw)
    };
    let made = if found == ffi::SQLITE_OK {
        let class = vm.native_class(&BLOB)?;
        let make = |header| PyBlob { header, raw: Cell::new(raw), database: RefCell::new(Some(database)) };
        vm.alloc_instance(class, 0, make)?.as_value()
    } else {
        Value::NONE
    };
    vm.new_tuple(&[vm.new_int(found.into())?, made])
}

pub(super) fn blob_length(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // SAFETY: an open blob.
    vm.new_int(unsafe { ffi::sqlite3_blob_bytes(blob(vm, args.at(0))?.raw.get()) }.into())
}

/// `blob_read(blob, offset, size)`: a code and the bytes.
pub(super) fn blob_read(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let raw = blob(vm, args.at(0))?.raw.get();
    let (offset, size) = (crate::args::c_int(vm, args.at(1))?, crate::args::c_int(vm, args.at(2))?);
    // SAFETY: an open blob.
    let len = unsafe { ffi::sqlite3_blob_bytes(raw) };
    if size < 0 || offset < 0 || size > len - offset {
        return Err(vm.value_error("data out of range"));
    }
    let mut content = vec![0u8; size as usize];
    // SAFETY: an open blob, and room for that many bytes.
    let found = unsafe { ffi::sqlite3_blob_read(raw, content.as_mut_ptr().cast(), size, offset) };
    let content = vm.new_bytes(&content)?;
    vm.new_tuple(&[vm.new_int(found.into())?, content])
}

pub(super) fn blob_write(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let offset = crate::args::c_int(vm, args.at(1))?;
    let content = vm.with_bytes(args.at(2), <[u8]>::to_vec)?;
    let raw = blob(vm, args.at(0))?.raw.get();
    let Ok(size) = i32::try_from(content.len()) else { return Err(vm.value_error("data longer than blob length")) };
    // SAFETY: an open blob, and that many bytes; SQLite checks the place.
    code(vm, unsafe { ffi::sqlite3_blob_write(raw, content.as_ptr().cast(), size, offset) })
}

pub(super) fn blob_close(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    blob(vm, args.at(0))?.close();
    Ok(Value::NONE)
}
