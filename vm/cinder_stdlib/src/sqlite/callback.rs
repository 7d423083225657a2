//! What SQLite calls back: functions, aggregates, collations and hooks.
//!
//! Holds: a [`Callback`] lives as long as its database. While the collector frees objects ([`Frozen`]) no callback runs Python.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_uint, c_void};

use cinder_heap::Root;
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, PyResult, Raised, Value, Vm};
use libsqlite3_sys as ffi;

use super::database::{Handle, c_text, code, handle};
use super::statement::text;

thread_local! {
    static IS_FROZEN: Cell<bool> = const { Cell::new(false) };
}

/// While it exists, the calling thread's callbacks do nothing.
pub(super) struct Frozen(bool);

impl Frozen {
    pub(super) fn begin() -> Frozen {
        Frozen(IS_FROZEN.replace(true))
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        IS_FROZEN.set(self.0);
    }
}

/// Whether failures of callbacks are shown; else they are only known as errors of the statement.
#[derive(Default)]
struct Reports(Cell<bool>);

/// A function of Python that SQLite knows.
pub(super) struct Callback {
    vm: *const Vm,
    function: Root<Value>,
}

impl Callback {
    /// Keeps a function as long as the database, and gives what the library is handed.
    fn keep(vm: &Vm, database: &Handle, function: Value) -> *mut c_void {
        let callback = Box::new(Callback { vm: std::ptr::from_ref(vm), function: vm.heap.root(function) });
        let place = (&raw const *callback).cast_mut().cast();
        database.callbacks.borrow_mut().push(callback);
        place
    }

    /// Runs `body` under the machine's lock; `None` when nothing may run, or when it raised.
    fn run<R>(&self, body: impl FnOnce(&Vm, Value) -> PyResult<R>) -> Option<R> {
        if IS_FROZEN.get() {
            return None;
        }
        // SAFETY: machines live for ever.
        let vm = unsafe { &*self.vm };
        let run = || {
            vm.with_lock(|vm| match body(vm, self.function.get()) {
                Ok(value) => Some(value),
                Err(raised) => {
                    report(vm, raised);
                    None
                }
            })
        };
        // A panic must not unwind through the frames of C.
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_or_else(|_| std::process::abort())
    }
}

fn report(vm: &Vm, raised: Raised) {
    if vm.native_state(Reports::default).0.get() {
        crate::unraisable::report(vm, raised, "Exception ignored in a callback of sqlite3");
    } else {
        vm.take_exception(raised);
    }
}

/// The callback that the library hands back.
///
/// # Safety
/// What [`Callback::keep`] gave, of a database that is open.
unsafe fn callback<'a>(place: *mut c_void) -> &'a Callback {
    // SAFETY: contract.
    unsafe { &*place.cast::<Callback>() }
}

pub(super) fn report_callbacks(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let enabled = vm.truthy(args.at(0))?;
    vm.native_state(Reports::default).0.set(enabled);
    Ok(Value::NONE)
}

// ---- values ----

/// The arguments of a function as objects.
///
/// # Safety
/// `count` values of the library.
unsafe fn arguments(vm: &Vm, count: c_int, values: *mut *mut ffi::sqlite3_value) -> PyResult<ValueVec<[Value; 8]>> {
    let mut made = ValueVec::new();
    for index in 0..count as usize {
        // SAFETY: contract; texts and blobs are copied at once.
        let value = unsafe {
            let value = *values.add(index);
            match ffi::sqlite3_value_type(value) {
                ffi::SQLITE_INTEGER => vm.new_int(ffi::sqlite3_value_int64(value))?,
                ffi::SQLITE_FLOAT => vm.new_float(ffi::sqlite3_value_double(value))?,
                ffi::SQLITE_TEXT => {
                    let data = ffi::sqlite3_value_text(value);
                    let bytes = bytes(data, ffi::sqlite3_value_bytes(value));
                    vm.new_str(std::str::from_utf8(bytes).map_err(|_| vm.value_error("a text is not UTF-8"))?)?
                }
                ffi::SQLITE_BLOB => {
                    let data = ffi::sqlite3_value_blob(value).cast();
                    vm.new_bytes(bytes(data, ffi::sqlite3_value_bytes(value)))?
                }
                _ => Value::NONE,
            }
        };
        made.push(value);
    }
    Ok(made)
}

/// # Safety
/// Null, or `size` bytes.
unsafe fn bytes<'a>(data: *const u8, size: c_int) -> &'a [u8] {
    // SAFETY: contract.
    if data.is_null() || size <= 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, size as usize) } }
}

/// Hands an object to the library as the result of a function. Errors: TypeError for what SQLite cannot hold.
///
/// # Safety
/// A context of a call that is running.
unsafe fn give(vm: &Vm, context: *mut ffi::sqlite3_context, value: Value) -> PyResult<()> {
    // SAFETY: contract; SQLite copies texts and blobs.
    unsafe {
        if value.is_none() {
            ffi::sqlite3_result_null(context);
        } else if vm.is_int(value) {
            match vm.int_to_i64(value) {
                Some(number) => ffi::sqlite3_result_int64(context, number),
                None => return Err(vm.overflow_error("Python int too large to convert to SQLite INTEGER")),
            }
        } else if let Some(number) = vm.float_value(value) {
            ffi::sqlite3_result_double(context, number);
        } else if vm.is_str(value) {
            let encoded = vm.encode_text(value, "utf-8", "strict")?;
            let content = vm.as_bytes(encoded).expect("encoding gives bytes");
            let content = content.as_slice();
            let (data, size) = (content.as_ptr().cast(), content.len() as u64);
            ffi::sqlite3_result_text64(context, data, size, ffi::SQLITE_TRANSIENT(), ffi::SQLITE_UTF8 as u8);
        } else if vm.type_of(value).slots().buffer.is_some() {
            vm.with_bytes(value, |content| {
                let data = if content.is_empty() { c"".as_ptr().cast() } else { content.as_ptr() };
                ffi::sqlite3_result_blob64(context, data.cast(), content.len() as u64, ffi::SQLITE_TRANSIENT());
            })?;
        } else {
            return Err(vm.type_error("a function of SQLite cannot give this"));
        }
    }
    Ok(())
}

/// # Safety
/// A context of a call that is running.
unsafe fn fail(context: *mut ffi::sqlite3_context, message: &str) {
    // SAFETY: contract; the text is copied.
    unsafe { ffi::sqlite3_result_error(context, message.as_ptr().cast(), message.len() as c_int) };
}

// ---- functions ----

/// `create_function(db, name, arguments, flags, function)`; None removes it.
pub(super) fn create_function(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let database = handle(vm, args.at(0))?;
    let (name, count) = (c_text(vm, args.at(1))?, crate::args::c_int(vm, args.at(2))?);
    let flags = crate::args::c_int(vm, args.at(3))? | ffi::SQLITE_UTF8;
    let is_given = !args.at(4).is_none();
    let place = if is_given { Callback::keep(vm, &database, args.at(4)) } else { std::ptr::null_mut() };
    let function: Option<unsafe extern "C" fn(_, _, _)> = if is_given { Some(call_function) } else { None };
    // SAFETY: an open database, a text with an end, and a callback that lives as long.
    code(vm, unsafe {
        ffi::sqlite3_create_function_v2(database.raw, name.as_ptr(), count, flags, place, function, None, None, None)
    })
}

unsafe extern "C" fn call_function(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: SQLite hands over what `create_function` gave, and the values of a call that is running.
    unsafe {
        let known = callback(ffi::sqlite3_user_data(context));
        let (mut is_too_big, mut is_out_of_memory) = (false, false);
        let done = known.run(|vm, function| {
            let arguments = arguments(vm, count, values)?;
            let given = vm.call(function, &arguments).and_then(|result| give(vm, context, result));
            if given.is_err() {
                is_too_big = vm.pending_matches(vm.exceptions.OverflowError);
                is_out_of_memory = vm.pending_matches(vm.exceptions.MemoryError);
            }
            given
        });
        match done {
            Some(()) => {}
            None if is_too_big => ffi::sqlite3_result_error_toobig(context),
            None if is_out_of_memory => ffi::sqlite3_result_error_nomem(context),
            None => fail(context, "user-defined function raised exception"),
        }
    }
}

// ---- aggregates ----

/// `create_aggregate(db, name, arguments, factory, is_window)`; None removes it.
pub(super) fn create_aggregate(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let database = handle(vm, args.at(0))?;
    let (name, count) = (c_text(vm, args.at(1))?, crate::args::c_int(vm, args.at(2))?);
    let is_window = vm.truthy(args.at(4))?;
    let (raw, utf8) = (database.raw, ffi::SQLITE_UTF8);
    if args.at(3).is_none() {
        let none = std::ptr::null_mut();
        // SAFETY: an open database and a text with an end.
        return code(vm, unsafe {
            ffi::sqlite3_create_function_v2(raw, name.as_ptr(), count, utf8, none, None, None, None, None)
        });
    }
    let place = Callback::keep(vm, &database, args.at(3));
    let (step, finish): (unsafe extern "C" fn(_, _, _), unsafe extern "C" fn(_)) = (aggregate_step, aggregate_finish);
    // SAFETY: an open database, a text with an end, and a callback that lives as long.
    code(vm, unsafe {
        if is_window {
            ffi::sqlite3_create_window_function(
                raw,
                name.as_ptr(),
                count,
                utf8,
                place,
                Some(step),
                Some(finish),
                Some(aggregate_value),
                Some(aggregate_inverse),
                None,
            )
        } else {
            ffi::sqlite3_create_function_v2(
                raw,
                name.as_ptr(),
                count,
                utf8,
                place,
                None,
                Some(step),
                Some(finish),
                None,
            )
        }
    })
}

/// What an aggregate in progress keeps in the library's memory: null, or a boxed root of the instance.
///
/// # Safety
/// A context of an aggregate.
unsafe fn instance_place(context: *mut ffi::sqlite3_context, make: bool) -> *mut *mut Root<Value> {
    let size = if make { size_of::<*mut Root<Value>>() as c_int } else { 0 };
    // SAFETY: contract; the memory is zeroed at first.
    unsafe { ffi::sqlite3_aggregate_context(context, size).cast() }
}

/// Calls a method of the aggregate's instance, which is made first when there is none.
///
/// # Safety
/// A context of an aggregate that is running, and its values.
unsafe fn aggregate_call(
    context: *mut ffi::sqlite3_context,
    method: &str,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: contract.
    unsafe {
        let known = callback(ffi::sqlite3_user_data(context));
        let place = instance_place(context, true);
        let mut message = format!("user-defined aggregate's '{method}' method raised error");
        let done = known.run(|vm, factory| {
            if (*place).is_null() {
                let made = vm.call(factory, &[]).inspect_err(|_| {
                    message = "user-defined aggregate's '__init__' method raised error".to_owned();
                })?;
                *place = Box::into_raw(Box::new(vm.heap.root(made)));
            }
            let instance = (**place).get();
            let Some(function) = vm.getattr_opt(instance, vm.intern(method))? else {
                message = format!("user-defined aggregate's '{method}' method not defined");
                return Err(vm.attribute_error_text(method));
            };
            let arguments = arguments(vm, count, values)?;
            vm.call(function, &arguments).map(|_| ())
        });
        if done.is_none() {
            fail(context, &message);
        }
    }
}

unsafe extern "C" fn aggregate_step(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: as SQLite promises.
    unsafe { aggregate_call(context, "step", count, values) };
}

unsafe extern "C" fn aggregate_inverse(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: as SQLite promises.
    unsafe { aggregate_call(context, "inverse", count, values) };
}

/// Gives what a method of the instance gives.
///
/// # Safety
/// A context of an aggregate that is running.
unsafe fn aggregate_result(context: *mut ffi::sqlite3_context, method: &str) {
    // SAFETY: contract.
    unsafe {
        let place = instance_place(context, false);
        if place.is_null() || (*place).is_null() {
            return;
        }
        let known = callback(ffi::sqlite3_user_data(context));
        let mut message = format!("user-defined aggregate's '{method}' method raised error");
        let done = known.run(|vm, _| {
            let Some(function) = vm.getattr_opt((**place).get(), vm.intern(method))? else {
                message = format!("user-defined aggregate's '{method}' method not defined");
                return Err(vm.attribute_error_text(method));
            };
            let result = vm.call(function, &[])?;
            give(vm, context, result)
        });
        if done.is_none() && !IS_FROZEN.get() {
            fail(context, &message);
        }
    }
}

unsafe extern "C" fn aggregate_value(context: *mut ffi::sqlite3_context) {
    // SAFETY: as SQLite promises.
    unsafe { aggregate_result(context, "value") };
}

unsafe extern "C" fn aggregate_finish(context: *mut ffi::sqlite3_context) {
    // SAFETY: as SQLite promises; the root was boxed by the first step, and the library forgets it now.
    unsafe {
        aggregate_result(context, "finalize");
        let place = instance_place(context, false);
        if !place.is_null() && !(*place).is_null() {
            let root = Box::from_raw(std::mem::replace(&mut *place, std::ptr::null_mut()));
            drop_root(callback(ffi::sqlite3_user_data(context)), root);
        }
    }
}

/// Roots belong to the machine: they go under its lock, which the collector has already.
fn drop_root(known: &Callback, root: Box<Root<Value>>) {
    if IS_FROZEN.get() {
        drop(root);
    } else {
        // SAFETY: machines live for ever.
        unsafe { &*known.vm }.with_lock(|_| drop(root));
    }
}

// ---- collations and hooks ----

/// `create_collation(db, name, function)`; None removes it.
pub(super) fn create_collation(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let database = handle(vm, args.at(0))?;
    let name = c_text(vm, args.at(1))?;
    let is_given = !args.at(2).is_none();
    let place = if is_given { Callback::keep(vm, &database, args.at(2)) } else { std::ptr::null_mut() };
    let compare: Option<unsafe extern "C" fn(_, _, _, _, _) -> c_int> = if is_given { Some(collate) } else { None };
    // SAFETY: an open database, a text with an end, and a callback that lives as long.
    code(vm, unsafe {
        ffi::sqlite3_create_collation_v2(database.raw, name.as_ptr(), ffi::SQLITE_UTF8, place, compare, None)
    })
}

unsafe extern "C" fn collate(
    place: *mut c_void,
    left_size: c_int,
    left: *const c_void,
    right_size: c_int,
    right: *const c_void,
) -> c_int {
    // SAFETY: SQLite hands over what `create_collation` gave, and two texts with their sizes.
    let (known, left, right) =
        unsafe { (callback(place), bytes(left.cast(), left_size), bytes(right.cast(), right_size)) };
    let ordering = known.run(|vm, function| {
        let left = vm.new_str(&String::from_utf8_lossy(left))?;
        let right = vm.new_str(&String::from_utf8_lossy(right))?;
        let result = vm.call(function, &[left, right])?;
        vm.index_clamped(result)
    });
    ordering.map_or(0, |ordering| ordering.signum() as c_int)
}

/// `set_authorizer(db, function)`; None removes it.
pub(super) fn set_authorizer(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let database = handle(vm, args.at(0))?;
    let is_given = !args.at(1).is_none();
    let place = if is_given { Callback::keep(vm, &database, args.at(1)) } else { std::ptr::null_mut() };
    let function: Option<unsafe extern "C" fn(_, _, _, _, _, _) -> c_int> =
        if is_given { Some(authorize) } else { None };
    // SAFETY: an open database, and a callback that lives as long.
    code(vm, unsafe { ffi::sqlite3_set_authorizer(database.raw, function, place) })
}

unsafe extern "C" fn authorize(
    place: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    database: *const c_char,
    source: *const c_char,
) -> c_int {
    // SAFETY: SQLite hands over what `set_authorizer` gave, and texts that may be absent.
    let (known, texts) = unsafe { (callback(place), [first, second, database, source].map(|part| text(part))) };
    let answer = known.run(|vm, function| {
        let mut arguments = ValueVec::<[Value; 8]>::new();
        arguments.push(vm.new_int(action.into())?);
        for part in &texts {
            arguments.push(part.as_ref().map_or(Ok(Value::NONE), |part| vm.new_str(part))?);
        }
        let answer = vm.call(function, &arguments)?;
        if vm.is_int(answer) { crate::args::c_int(vm, answer) } else { Ok(ffi::SQLITE_DENY) }
    });
    answer.unwrap_or(ffi::SQLITE_DENY)
}

/// `set_progress(db, function, steps)`; None removes it.
pub(super) fn set_progress(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let database = handle(vm, args.at(0))?;
    let steps = crate::args::c_int(vm, args.at(2))?;
    let is_given = !args.at(1).is_none();
    let place = if is_given { Callback::keep(vm, &database, args.at(1)) } else { std::ptr::null_mut() };
    let function: Option<unsafe extern "C" fn(_) -> c_int> = if is_given { Some(progress) } else { None };
    // SAFETY: an open database, and a callback that lives as long.
    unsafe { ffi::sqlite3_progress_handler(database.raw, steps, function, place) };
    Ok(Value::NONE)
}

unsafe extern "C" fn progress(place: *mut c_void) -> c_int {
    // SAFETY: SQLite hands over what `set_progress` gave.
    let known = unsafe { callback(place) };
    let answer = known.run(|vm, function| {
        let answer = vm.call(function, &[])?;
        vm.truthy(answer)
    });
    // A handler that fails ends the statement.
    answer.unwrap_or(!IS_FROZEN.get()).into()
}

/// `set_trace(db, function)`: called with the text of each statement; None removes it.
pub(super) fn set_trace(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let database = handle(vm, args.at(0))?;
    let is_given = !args.at(1).is_none();
    let place = if is_given { Callback::keep(vm, &database, args.at(1)) } else { std::ptr::null_mut() };
    let function: Option<unsafe extern "C" fn(_, _, _, _) -> c_int> = if is_given { Some(trace) } else { None };
    let events = if is_given { ffi::SQLITE_TRACE_STMT } else { 0 };
    // SAFETY: an open database, and a callback that lives as long.
    code(vm, unsafe { ffi::sqlite3_trace_v2(database.raw, events, function, place) })
}

unsafe extern "C" fn trace(_: c_uint, place: *mut c_void, statement: *mut c_void, sql: *mut c_void) -> c_int {
    // SAFETY: SQLite hands over what `set_trace` gave, a statement that begins, and its text.
    unsafe {
        let known = callback(place);
        let plain = text(sql.cast()).unwrap_or_default();
        // Comments stand for statements of triggers.
        let expanded =
            if plain.starts_with("--") { std::ptr::null_mut() } else { ffi::sqlite3_expanded_sql(statement.cast()) };
        let shown = text(expanded).unwrap_or(plain).into_owned();
        ffi::sqlite3_free(expanded.cast());
        known.run(|vm, function| {
            let shown = vm.new_str(&shown)?;
            vm.call(function, &[shown]).map(|_| ())
        });
    }
    0
}
