//! Calls, returns, functions and imports.

use cinder_bytecode::code::function_flags;
use cinder_heap::Gc;
use cinder_layout::{Header, size_class};

use super::prelude::*;
use crate::cache::CacheRecord;
use crate::interp::bind::clear;
use crate::interp::calls::{Left, callee_flags, copy_few, leave};
use crate::interp::handlers::names::MAX_MISSES;
use crate::interp::stack::{CALLABLE, CALLER, CODE, FLAGS, FRAME_OBJECT, HANDLED, HEADER, NAMESPACE, SAVED_IP, flag};
use crate::object::shape::Shape;
use crate::types::BuiltinType;
use crate::types::code::PyCode;
use crate::types::function::PyFunction;
use crate::types::native_function::{PyMethodDescriptor, PyNativeFunction};
use crate::types::tuple::PyTuple;
use crate::types::type_::{PyType, type_flags};
use crate::value_vec::ValueVec;

/// Finds the quick form of a call of `callable` with `count` positional arguments (the receiver included for methods).
unsafe fn quicken_call(vm: &Vm, fp: Fp, ip: Ip, callable: Value, receiver: Option<Value>, count: usize) {
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    let old = cell.get();
    if old.misses >= MAX_MISSES || !callable.is_ptr() {
        return;
    }
    let code = frame(fp).code();
    let filled = CacheRecord { misses: old.misses + 1, ..old };
    // A site that finds no quick form stops looking for one.
    cell.set(filled);
    if let Some(function) = vm.as_function(callable) {
        let callee = function.code.get();
        let wanted = callee.argument_count as usize;
        let is_method = receiver.is_some();
        if callee.is_plain_generator && wanted >= count {
            // SAFETY: as of a handler.
            unsafe { rewrite(ip, if is_method { Opcode::CALL_METHOD_GENERATOR } else { Opcode::CALL_GENERATOR }) };
            return;
        }
        if callee.is_ready() && callee.is_simple && wanted >= count {
            if code.is_generator_like() {
                let form = if is_method { Opcode::CALL_METHOD_FUNCTION_AWAY } else { Opcode::CALL_FUNCTION_AWAY };
                // SAFETY: as of a handler.
                unsafe { rewrite(ip, form) };
                return;
            }
            if wanted > count || old.misses >= super::names::MANY_MISSES {
                let form =
                    if receiver.is_some() { Opcode::CALL_METHOD_FUNCTION_ANY } else { Opcode::CALL_FUNCTION_ANY };
                // SAFETY: as of a handler.
                unsafe { rewrite(ip, form) };
                return;
            }
            vm.heap.write_barrier(code.header());
            cell.set(CacheRecord { value: callee.as_value().bits(), slot: callee.register_count, ..filled });
            let form = if receiver.is_some() { Opcode::CALL_METHOD_FUNCTION } else { Opcode::CALL_FUNCTION };
            // SAFETY: as of a handler.
            unsafe { rewrite(ip, form) };
        }
        return;
    }
    let form = match receiver {
        None => vm.downcast_exact::<PyNativeFunction>(callable).and_then(|native| {
            let form = match crate::builtins::known(native.def) {
                Some(crate::builtins::Known::Len) => Opcode::CALL_LEN,
                Some(crate::builtins::Known::IsInstance) => Opcode::CALL_ISINSTANCE,
                None => Opcode::CALL_NATIVE,
            };
            (native.receiver.get().is_none() && native.def.takes_directly(count)).then_some((form, 0))
        }),
        Some(receiver) if receiver.is_ptr() => vm.downcast_exact::<PyMethodDescriptor>(callable).and_then(|method| {
            let shape = vm.shape_of(receiver).id;
            let is_append = shape == BuiltinType::list as u32 && method.def.name == "append";
            let form = if is_append { Opcode::CALL_LIST_APPEND } else { Opcode::CALL_METHOD_NATIVE };
            (vm.is_instance(receiver, method.class.get()) && method.def.takes_directly(count)).then_some((form, shape))
        }),
        Some(_) => None,
    };
    if let Some((form, shape)) = form {
        vm.heap.write_barrier(code.header());
        cell.set(CacheRecord { value: callable.bits(), shape, ..filled });
        // SAFETY: as of a handler.
        unsafe { rewrite(ip, form) };
    } else if receiver.is_none() {
        // SAFETY: as of a handler.
        unsafe { quicken_class_call(vm, fp, ip, callable, filled) };
        let class = vm.type_of(callable);
        // SAFETY: as of a handler.
        unsafe {
            if class == vm.types.method {
                rewrite(ip, Opcode::CALL_BOUND);
            } else if *ip as u16 == Opcode::CALL as u16 && !class.has(type_flags::HEAP) && class.slots().call.is_some()
            {
                cell.set(CacheRecord { shape: vm.shape_of(callable).id, ..filled });
                rewrite(ip, Opcode::CALL_SLOT);
            }
        }
    }
}

op!(CALL(ip, fp, vm, k, w) {
    if rec(ip).misses < MAX_MISSES || *fp.offset(FLAGS) & flag::GENERATOR != 0 {
        return call_new(ip, fp, vm, k, w);
    }
    // A site that has given up looking for a quick form.
    CALL_FUNCTION_ANY(ip, fp, vm, k, w)
});
call_op!(call_new, 2, |vm, fp, w, k, ip| {
    let (base, count) = (b(w), c(w));
    let callable = reg(fp, base);
    quicken_call(vm, fp, ip, callable, None, count);
    vm.call_window(fp, callable, base + HEADER, count, None, 0)
});

/// Where the arguments of a method call begin and how many there are: the receiver counts when it is bound.
unsafe fn method_arguments(fp: Fp, base: usize, count: usize) -> (usize, usize) {
    // SAFETY: as of a handler.
    if unsafe { opt(fp, base + HEADER) }.is_some() { (base + HEADER, count + 1) } else { (base + HEADER + 1, count) }
}

op!(CALL_METHOD(ip, fp, vm, k, w) {
    if rec(ip).misses < MAX_MISSES || *fp.offset(FLAGS) & flag::GENERATOR != 0 {
        return call_method_new(ip, fp, vm, k, w);
    }
    CALL_METHOD_FUNCTION_ANY(ip, fp, vm, k, w)
});
call_op!(call_method_new, 2, |vm, fp, w, k, ip| {
    let (base, given) = (b(w), c(w));
    let callable = reg(fp, base);
    let (first, count) = method_arguments(fp, base, given);
    let receiver = if count > given { opt(fp, first) } else { None };
    if receiver.is_some() {
        quicken_call(vm, fp, ip, callable, receiver, count);
    } else if rec(ip).misses < MAX_MISSES {
        let cell = record(ip);
        cell.set(CacheRecord { misses: cell.get().misses + 1, ..cell.get() });
        rewrite(ip, Opcode::CALL_METHOD_PLAIN);
    }
    vm.call_window(fp, callable, first, count, None, 0)
});

call_op!(CALL_EX, 1, |vm, fp, w, k, ip| {
    let base = b(w);
    let (callable, args) = (reg(fp, base), reg(fp, base + HEADER));
    let keywords = if c(w) == 1 { Some(reg(fp, base + HEADER + 1)) } else { None };
    vm.call_unpacked(fp, callable, args, keywords)
});

impl Vm {
    /// `callable(*args, **keywords)` from the frame `fp`.
    ///
    /// # Safety
    /// `fp` is the current frame and observed.
    unsafe fn call_unpacked(&self, fp: Fp, callable: Value, args: Value, keywords: Option<Value>) -> PyResult<Value> {
        if keywords.is_none()
            && let Some(tuple) = self.downcast_exact::<PyTuple>(args)
        {
            // The tuple stays in its register until the callee has the items.
            return match self.as_function(callable) {
                // SAFETY: per contract.
                Some(function) => unsafe { self.call_from(fp, function, tuple.items(), None, flag::SHORT_CALL) },
                None => self.call_keywords(callable, tuple.items(), None),
            };
        }
        let mut all = ValueVec::<[Value; 16]>::new();
        match self.downcast_exact::<PyTuple>(args) {
            Some(tuple) => all.extend_from_slice(tuple.items()),
            None if let Some(list) = self.downcast_exact::<crate::types::list::PyList>(args) => {
                all.extend_from_slice(list.items.values());
            }
            None => {
                if self.type_of(args).slots().iter.is_none() && self.type_of(args).slots().getitem.is_none() {
                    let (function, name) = (self.callable_text(callable), self.type_name(args));
                    return Err(self.type_error(format!("{function} argument after * must be an iterable, not {name}")));
                }
                self.for_each(args, |item| {
                    all.push(item);
                    Ok(())
                })?;
            }
        }
        let mut names = ValueVec::<[Value; 8]>::new();
        if let Some(keywords) = keywords {
            match self.as_dict(keywords) {
                Some(dict) => {
                    for number in 0..dict.entry_count() {
                        if let Some((name, value)) = dict.entry(number) {
                            names.push(name);
                            all.push(value);
                        }
                    }
                }
                None => return Err(self.system_error("keyword arguments are not in a dict")),
            }
            if names.iter().any(|name| !self.is_str(*name)) {
                return Err(self.type_error("keywords must be strings"));
            }
        }
        let names = if names.is_empty() { None } else { Some(self.new_tuple(&names)?) };
        match self.as_function(callable) {
            // SAFETY: per contract.
            Some(function) => unsafe { self.call_from(fp, function, &all, names, flag::SHORT_CALL) },
            None => self.call_keywords(callable, &all, names),
        }
    }

    /// `module.function()` for messages (CPython `_PyObject_FunctionStr`).
    pub(crate) fn callable_text(&self, callable: Value) -> String {
        let text = |name: Value| match self.getattr_opt(callable, name) {
            Ok(Some(found)) if self.is_str(found) => Some(self.str_text(found).into_owned()),
            Ok(_) => None,
            Err(raised) => {
                self.take_exception(raised);
                None
            }
        };
        match (text(self.names.__qualname__), text(self.names.__module__)) {
            (Some(name), Some(module)) if module != "builtins" => format!("{module}.{name}()"),
            (Some(name), _) => format!("{name}()"),
            (None, _) => {
                self.str(callable).map_or_else(|_| String::from("function"), |text| self.str_text(text).into_owned())
            }
        }
    }
}

/// Leaves a handler for another, with what it no longer keeps in registers.
macro_rules! leave_for {
    ($ip:ident, $fp:ident, $vm:ident, $slow:ident) => {
        return $slow($ip, $fp, $vm, constants($fp), *$ip)
    };
}

/// Enters the function of a call whose arguments lie where its registers begin. The fast path of Python calls.
macro_rules! enter_function {
    ($ip:ident, $fp:ident, $vm:ident, $k:ident, $w:ident, $generic:ident, $count:expr) => {{
        let base = $fp.add(b($w));
        let (callable, rec) = (*base, rec($ip));
        if callable & 7 != 0 {
            rewrite($ip, Opcode::$generic);
            leave_for!($ip, $fp, $vm, $generic);
        }
        let function = std::ptr::with_exposed_provenance::<PyFunction>(callable as usize);
        if (*function.cast::<Header>()).shape() != BuiltinType::function as u32
            || (*function).code.get().as_value().bits() != rec.value
        {
            rewrite($ip, Opcode::$generic);
            leave_for!($ip, $fp, $vm, $generic);
        }
        enter_code!($ip, $fp, $vm, $k, $w, $generic, $count, rec.value, rec.slot as usize)
    }};
}

/// The rest of it: the frame of the code `code`, whose function lies at the window's base.
macro_rules! enter_code {
    ($ip:ident, $fp:ident, $vm:ident, $k:ident, $w:ident, $generic:ident, $count:expr, $code:expr, $registers:expr) => {
        enter_code_at!($ip, $fp, $vm, $generic, $fp.add(b($w)), $count, $code, $registers)
    };
}

/// The same with the function at `base`.
macro_rules! enter_code_at {
    ($ip:ident, $fp:ident, $vm:ident, $generic:ident, $base:expr, $count:expr, $code:expr, $registers:expr) => {{
        let (base, bits, registers): (Fp, u64, usize) = ($base, $code, $registers);
        let code = std::ptr::with_exposed_provenance::<PyCode>(bits as usize);
        let new = base.add(HEADER);
        let flags = callee_flags($fp, 0);
        if flags > $vm.interp.call_gate.load(std::sync::atomic::Ordering::Relaxed)
            || new.wrapping_add(registers + HEADER) >= $vm.interp.stack.end.get()
        {
            leave_for!($ip, $fp, $vm, $generic);
        }
        *$fp.offset(SAVED_IP) = $ip.expose_provenance() as u64;
        *new.offset(CODE) = bits;
        *new.offset(CALLER) = $fp.expose_provenance() as u64;
        *new.offset(FRAME_OBJECT) = 0;
        *new.offset(NAMESPACE) = 0;
        *new.offset(FLAGS) = flags;
        *new.offset(HANDLED) = 0;
        debug_assert!(*new.offset(CALLABLE) == *base);
        clear(new, $count, registers);
        go((*code).entry.get().cast_const(), new, $vm, (*code).constants.get())
    }};
}

// Behind the macros that they use.
mod classes;
mod keywords;
pub(crate) use classes::*;
pub(crate) use keywords::*;

op!(CALL_FUNCTION(ip, fp, vm, k, w) { enter_function!(ip, fp, vm, k, w, CALL, c(w)) });

op!(CALL_METHOD_FUNCTION(ip, fp, vm, k, w) {
    if *fp.add(b(w) + HEADER) == 0 {
        rewrite(ip, Opcode::CALL_METHOD);
        return CALL_METHOD(ip, fp, vm, k, w);
    }
    enter_function!(ip, fp, vm, k, w, CALL_METHOD, c(w) + 1)
});

/// Enters any function that takes these arguments, with its defaults for those that lack; all else is called as the generic form does, without looking
/// for a quicker one.
macro_rules! enter_any {
    ($ip:ident, $fp:ident, $vm:ident, $k:ident, $w:ident, $slow:ident, $filling:ident, $count:expr) => {{
        let callable = *$fp.add(b($w));
        if callable & 7 != 0 {
            leave_for!($ip, $fp, $vm, $slow);
        }
        let function = std::ptr::with_exposed_provenance::<PyFunction>(callable as usize);
        if (*function.cast::<Header>()).shape() != BuiltinType::function as u32 {
            leave_for!($ip, $fp, $vm, $slow);
        }
        let callee = (*function).code.get();
        let (count, wanted): (usize, usize) = ($count, callee.argument_count as usize);
        if !callee.is_simple || !callee.is_ready() {
            leave_for!($ip, $fp, $vm, $slow);
        }
        if wanted != count {
            leave_for!($ip, $fp, $vm, $filling);
        }
        enter_code!($ip, $fp, $vm, $k, $w, $slow, wanted, callee.as_value().bits(), callee.register_count as usize)
    }};
}

/// The same for a simple function that lacks arguments and may have defaults for them.
macro_rules! enter_filling {
    ($ip:ident, $fp:ident, $vm:ident, $k:ident, $w:ident, $slow:ident, $count:expr) => {{
        let function = std::ptr::with_exposed_provenance::<PyFunction>(*$fp.add(b($w)) as usize);
        let callee = (*function).code.get();
        let (count, wanted): (usize, usize) = ($count, callee.argument_count as usize);
        let at = $fp.add(b($w) + HEADER + count);
        if wanted < count || at.wrapping_add(wanted) >= $vm.interp.stack.end.get() {
            leave_for!($ip, $fp, $vm, $slow);
        }
        let Some(defaults) = (*function).last_defaults(wanted - count) else { leave_for!($ip, $fp, $vm, $slow) };
        copy_few(defaults.as_ptr().cast(), at, defaults.len());
        enter_code!($ip, $fp, $vm, $k, $w, $slow, wanted, callee.as_value().bits(), callee.register_count as usize)
    }};
}

/// Begins the frame of a simple function for a call in a generator. `None`: the call takes the general path.
#[inline(always)]
unsafe fn enter_away(vm: &Vm, fp: Fp, callable: Value, first: usize, count: usize) -> Option<Value> {
    let function = vm.downcast_exact::<PyFunction>(callable)?;
    let new = frame(fp).generator().stack_top.get().wrapping_add(HEADER);
    // SAFETY: as of a handler.
    let entry = vm.enter_plain(fp, function, new, unsafe { regs(fp, first, count) }, 0)?;
    set_next(vm, entry, new);
    Some(ENTERED)
}

call_op!(CALL_BOUND, 2, |vm, fp, w, k, ip| {
    let (callable, first, count) = (reg(fp, b(w)), b(w) + HEADER, c(w));
    if let Some(method) = vm.downcast_exact::<crate::types::bound_method::PyMethod>(callable)
        && let Some(function) = vm.downcast_exact::<PyFunction>(method.function.get())
    {
        let new = frame(fp).top().wrapping_add(HEADER);
        // Above the registers, so that the arguments are still there if the general path is needed.
        if let Some(entry) = vm.enter_bound(fp, function, new, Some(method.receiver.get()), regs(fp, first, count), 0) {
            set_next(vm, entry, new);
            return Ok(ENTERED);
        }
    }
    vm.call_window(fp, callable, first, count, None, 0)
});

/// Calls a native function, or native method bound to a receiver, whose `count` arguments in the registers from `first` on need no binding. The receiver goes
/// before them, where nothing is in use. `None`: the call takes the general path.
#[inline(always)]
unsafe fn native_in_place(vm: &Vm, fp: Fp, callable: Value, first: usize, count: usize) -> Option<PyResult<Value>> {
    let native = vm.downcast_exact::<PyNativeFunction>(callable)?;
    // SAFETY: as of a handler.
    unsafe {
        match native.receiver.get() {
            None => native.def.takes_directly(count).then(|| native.def.call_directly(vm, regs(fp, first, count))),
            Some(receiver) if native.def.takes_directly(count + 1) => {
                set(fp, first - 1, receiver);
                Some(native.def.call_directly(vm, regs(fp, first - 1, count + 1)))
            }
            Some(_) => None,
        }
    }
}

op!(CALL_METHOD_PLAIN(ip, fp, vm, k, w) {
    // A function of a module: its frame lies one word above that of a method.
    let base = fp.add(b(w));
    let callable = *base;
    if callable & 7 != 0 || *base.add(HEADER) != 0 || *fp.offset(FLAGS) & flag::GENERATOR != 0 {
        return plain_call(ip, fp, vm, k, w);
    }
    let function = std::ptr::with_exposed_provenance::<PyFunction>(callable as usize);
    if (*function.cast::<Header>()).shape() != BuiltinType::function as u32 {
        return plain_call(ip, fp, vm, k, w);
    }
    let callee = (*function).code.get();
    if !callee.is_simple || !callee.is_ready() || callee.argument_count as usize != c(w) {
        return plain_call(ip, fp, vm, k, w);
    }
    *base.add(1) = callable;
    enter_code_at!(ip, fp, vm, plain_call, base.add(1), c(w), callee.as_value().bits(), callee.register_count as usize)
});
call_op!(plain_call, 2, |vm, fp, w, k, ip| {
    let callable = reg(fp, b(w));
    let (first, count) = method_arguments(fp, b(w), c(w));
    if count > c(w) {
        rewrite(ip, Opcode::CALL_METHOD);
    } else {
        if let Some(done) = native_in_place(vm, fp, callable, first, count) {
            return done;
        }
        let new = frame(fp).top().wrapping_add(HEADER);
        let args = regs(fp, first, count);
        let entry = if let Some(function) = vm.downcast_exact::<PyFunction>(callable) {
            vm.enter_plain(fp, function, new, args, 0)
        } else if let Some(method) = vm.downcast_exact::<crate::types::bound_method::PyMethod>(callable)
            && let Some(function) = vm.downcast_exact::<PyFunction>(method.function.get())
        {
            vm.enter_bound(fp, function, new, Some(method.receiver.get()), args, 0)
        } else {
            None
        };
        if let Some(entry) = entry {
            set_next(vm, entry, new);
            return Ok(ENTERED);
        }
    }
    vm.call_window(fp, callable, first, count, None, 0)
});

call_op!(CALL_FUNCTION_AWAY, 2, |vm, fp, w, k, ip| {
    let (callable, first, count) = (reg(fp, b(w)), b(w) + HEADER, c(w));
    match enter_away(vm, fp, callable, first, count) {
        Some(entered) => Ok(entered),
        None => vm.call_window(fp, callable, first, count, None, 0),
    }
});

call_op!(CALL_METHOD_FUNCTION_AWAY, 2, |vm, fp, w, k, ip| {
    let callable = reg(fp, b(w));
    let (first, count) = method_arguments(fp, b(w), c(w));
    match enter_away(vm, fp, callable, first, count) {
        Some(entered) => Ok(entered),
        None => vm.call_window(fp, callable, first, count, None, 0),
    }
});

/// The generator or coroutine that calling `callable` makes; `None`: the call takes the general path.
fn generator_of(vm: &Vm, callable: Value, args: &[Value]) -> PyResult<Option<Value>> {
    let Some(function) = vm.downcast_exact::<PyFunction>(callable) else { return Ok(None) };
    let code = function.code.get();
    let wanted = code.argument_count as usize;
    if !code.is_plain_generator || !code.is_ready() || wanted < args.len() {
        return Ok(None);
    }
    let Some(defaults) = function.last_defaults(wanted - args.len()) else { return Ok(None) };
    vm.call_generator_function(function, args, defaults).map(Some)
}

/// Whether the generator that the call at `ip` made is for the instruction behind it only.
#[inline]
unsafe fn note_use(vm: &Vm, fp: Fp, w: u64, ip: Ip, made: Value) {
    const AWAIT: u16 = Opcode::GET_AWAITABLE as u16;
    const DELEGATE: u16 = Opcode::GET_YIELD_FROM_ITER as u16;
    const LOOP: u16 = Opcode::GET_ITER as u16;
    // SAFETY: as of a handler; a call is never the last instruction.
    let next = unsafe { *ip.add(2) };
    if matches!(next as u16, AWAIT | DELEGATE | LOOP) && b(next) == a(w) && a(w) >= frame(fp).code().local_names().len()
    {
        vm.note_temporary(made);
    }
}

call_op!(CALL_GENERATOR, 2, |vm, fp, w, k, ip| {
    let (callable, first, count) = (reg(fp, b(w)), b(w) + HEADER, c(w));
    match generator_of(vm, callable, regs(fp, first, count))? {
        Some(made) => {
            note_use(vm, fp, w, ip, made);
            Ok(made)
        }
        None => vm.call_window(fp, callable, first, count, None, 0),
    }
});

call_op!(CALL_METHOD_GENERATOR, 2, |vm, fp, w, k, ip| {
    let callable = reg(fp, b(w));
    let (first, count) = method_arguments(fp, b(w), c(w));
    match generator_of(vm, callable, regs(fp, first, count))? {
        Some(made) => {
            note_use(vm, fp, w, ip, made);
            Ok(made)
        }
        None => vm.call_window(fp, callable, first, count, None, 0),
    }
});

call_op!(call_slow, 2, |vm, fp, w, k, ip| {
    let (callable, first, count) = (reg(fp, b(w)), b(w) + HEADER, c(w));
    if let Some(done) = native_in_place(vm, fp, callable, first, count) {
        return done;
    }
    if let Some(class) = vm.as_class(callable)
        && let Some(init) = plain_init(vm, class)
        && let Some(entered) = enter_instance(vm, fp, class, init, first, count)?
    {
        return Ok(entered);
    }
    vm.call_window(fp, callable, first, count, None, 0)
});
call_op!(call_method_slow, 2, |vm, fp, w, k, ip| {
    let (first, count) = method_arguments(fp, b(w), c(w));
    if count > c(w)
        && let Some(method) = vm.downcast_exact::<PyMethodDescriptor>(reg(fp, b(w)))
        && method.def.takes_directly(count)
        && vm.is_instance(reg(fp, first), method.class.get())
    {
        return method.def.call_directly(vm, regs(fp, first, count));
    }
    vm.call_window(fp, reg(fp, b(w)), first, count, None, 0)
});

op!(CALL_FUNCTION_ANY(ip, fp, vm, k, w) { enter_any!(ip, fp, vm, k, w, call_slow, call_filling, c(w)) });
op!(call_filling(ip, fp, vm, k, w) { enter_filling!(ip, fp, vm, k, w, call_slow, c(w)) });

op!(CALL_METHOD_FUNCTION_ANY(ip, fp, vm, k, w) {
    if *fp.add(b(w) + HEADER) == 0 {
        return call_method_slow(ip, fp, vm, k, w);
    }
    enter_any!(ip, fp, vm, k, w, call_method_slow, call_method_filling, c(w) + 1)
});
op!(call_method_filling(ip, fp, vm, k, w) { enter_filling!(ip, fp, vm, k, w, call_method_slow, c(w) + 1) });

value_op!(native_call, 2, |vm, fp, w, k, ip| {
    let native: Gc<PyNativeFunction> = Gc::from_value(reg(fp, b(w)));
    native.def.call_directly(vm, regs(fp, b(w) + HEADER, c(w)))
});

op!(CALL_NATIVE(ip, fp, vm, k, w) {
    if *fp.add(b(w)) != rec(ip).value {
        rewrite(ip, Opcode::CALL);
        return CALL(ip, fp, vm, k, w);
    }
    native_call(ip, fp, vm, k, w)
});

op!(CALL_LEN(ip, fp, vm, k, w) {
    if *fp.add(b(w)) != rec(ip).value {
        rewrite(ip, Opcode::CALL);
        return CALL(ip, fp, vm, k, w);
    }
    let Some(header) = reg(fp, b(w) + HEADER).try_ptr::<Header>() else {
        return native_call(ip, fp, vm, k, w);
    };
    const LIST: u32 = BuiltinType::list as u32;
    const TUPLE: u32 = BuiltinType::tuple as u32;
    const STR: u32 = BuiltinType::str_ as u32;
    const DICT: u32 = BuiltinType::dict as u32;
    let len = match header.as_ref().shape() {
        LIST => header.cast::<crate::types::list::PyList>().as_ref().items.len(),
        TUPLE => header.cast::<PyTuple>().as_ref().len(),
        STR => header.cast::<crate::types::str_::PyStr>().as_ref().len(),
        DICT => header.cast::<crate::types::dict::PyDict>().as_ref().len(),
        _ => return native_call(ip, fp, vm, k, w),
    };
    *fp.add(a(w)) = (len as u64) << 1 | 1;
    go(ip.add(2), fp, vm, k)
});

op!(CALL_ISINSTANCE(ip, fp, vm, k, w) {
    if *fp.add(b(w)) != rec(ip).value {
        rewrite(ip, Opcode::CALL);
        return CALL(ip, fp, vm, k, w);
    }
    let (value, class) = (reg(fp, b(w) + HEADER), reg(fp, b(w) + HEADER + 1));
    if value.is_ptr() && vm.type_of(value).as_value() == class {
        return answer(ip, 2, fp, vm, k, w, true);
    }
    isinstance_call(ip, fp, vm, k, w)
});
bool_op!(isinstance_call, 2, |vm, fp, w, k, ip| vm.isinstance(reg(fp, b(w) + HEADER), reg(fp, b(w) + HEADER + 1)));

value_op!(native_method_call, 2, |vm, fp, w, k, ip| {
    let method: Gc<PyMethodDescriptor> = Gc::from_value(reg(fp, b(w)));
    method.def.call_directly(vm, regs(fp, b(w) + HEADER, c(w) + 1))
});

op!(CALL_METHOD_NATIVE(ip, fp, vm, k, w) {
    let (rec, receiver) = (rec(ip), *fp.add(b(w) + HEADER));
    let is_same = *fp.add(b(w)) == rec.value
        && receiver & 7 == 0
        && receiver != 0
        && (*std::ptr::with_exposed_provenance::<Header>(receiver as usize)).shape() == rec.shape;
    if !is_same {
        rewrite(ip, Opcode::CALL_METHOD);
        return CALL_METHOD(ip, fp, vm, k, w);
    }
    native_method_call(ip, fp, vm, k, w)
});

op!(CALL_LIST_APPEND(ip, fp, vm, k, w) {
    if *fp.add(b(w)) != rec(ip).value || !super::attributes::has_shape_or_none(opt(fp, b(w) + HEADER), BuiltinType::list as u32) {
        rewrite(ip, Opcode::CALL_METHOD);
        return CALL_METHOD(ip, fp, vm, k, w);
    }
    let list: Gc<crate::types::list::PyList> = Gc::from_value(reg(fp, b(w) + HEADER));
    if !list.items.push_quickly(reg(fp, b(w) + HEADER + 1)) {
        return native_method_call(ip, fp, vm, k, w);
    }
    set(fp, a(w), Value::NONE);
    go(ip.add(2), fp, vm, k)
});

op!(CALL_SLOT(ip, fp, vm, k, w) {
    if !super::attributes::has_shape(reg(fp, b(w)), rec(ip).shape) {
        rewrite(ip, Opcode::CALL);
        return CALL(ip, fp, vm, k, w);
    }
    slot_call(ip, fp, vm, k, w)
});

value_op!(slot_call, 2, |vm, fp, w, k, ip| {
    let callable = reg(fp, b(w));
    if callable == vm.types.type_.as_value() && c(w) == 1 {
        return Ok(vm.type_of(reg(fp, b(w) + HEADER)).as_value());
    }
    vm.check_native_stack()?;
    if let Some(done) = native_in_place(vm, fp, callable, b(w) + HEADER, c(w)) {
        return done;
    }
    let call = vm.type_of(callable).slots().call.expect("the record's class is callable");
    let result = call(vm, callable, regs(fp, b(w) + HEADER, c(w)), None)?;
    vm.pass_call_gate()?;
    Ok(result)
});

// ---- returns ----

op!(RETURN_VALUE(ip, fp, vm, k, w) {
    let value = *fp.add(a(w));
    // An operator's method that gives NotImplemented is not done.
    if *fp.offset(FLAGS) & flag::SLOW_RETURN != 0 || value == Value::NOT_IMPLEMENTED.bits() {
        return return_slow(ip, fp, vm, k, w);
    }
    let caller = std::ptr::with_exposed_provenance_mut::<u64>(*fp.offset(CALLER) as usize);
    let ip = std::ptr::with_exposed_provenance::<u64>(*caller.offset(SAVED_IP) as usize);
    *caller.add(a(*ip)) = value;
    go(ip.add(2), caller, vm, constants(caller))
});

op!(return_slow(ip, fp, vm, k, w) {
    // The end of an `__init__` that a class call began.
    if *fp.offset(FLAGS) & flag::SLOW_RETURN == flag::INIT && *fp.add(a(w)) == Value::NONE.bits() {
        let caller = std::ptr::with_exposed_provenance_mut::<u64>(*fp.offset(CALLER) as usize);
        let ip = std::ptr::with_exposed_provenance::<u64>(*caller.offset(SAVED_IP) as usize);
        *caller.add(a(*ip)) = *fp.offset(NAMESPACE);
        // The next instruction comes after a call of two words.
        return go(ip.add(2), caller, vm, constants(caller));
    }
    return_slower(ip, fp, vm, k, w)
});

#[inline(never)]
unsafe extern "C-unwind" fn return_slower(ip: Ip, fp: Fp, vm: &Vm, k: *const u64, w: u64) -> u64 {
    // SAFETY: as of a handler.
    unsafe {
        // The end of a generator or coroutine that a loop or an await of the caller resumed.
        if *fp.offset(FLAGS) & flag::SLOW_RETURN == flag::GENERATOR {
            let caller = std::ptr::with_exposed_provenance_mut::<u64>(*fp.offset(CALLER) as usize);
            let at = std::ptr::with_exposed_provenance::<u64>(*caller.offset(SAVED_IP) as usize);
            let is_send = *at as u16 == Opcode::SEND as u16;
            if is_send || *at as u16 == Opcode::FOR_ITER_GENERATOR as u16 {
                let generator = frame(fp).generator();
                vm.heap.withdraw_finalizer(generator.header());
                generator.finish();
                vm.return_to_outer(generator);
                vm.set_frame_pointer(caller);
                if is_send {
                    *caller.add(a(*at)) = *fp.add(a(w));
                }
                vm.recycle(generator);
                return go(at.offset(rec(at).slot as i32 as isize), caller, vm, constants(caller));
            }
        }
        if *fp.offset(FLAGS) & cinder_layout::jit::frame::COMPILED != 0 {
            // The stop behind an instruction executed for machine code.
            return b(w) as u64;
        }
        observe(ip, fp, vm);
        match leave_frame(vm, fp, reg(fp, a(w))) {
            answer if answer == Value::DELETED => raised_in_caller(ip, fp, vm, k, w),
            answer if answer == ENTERED => go_next(vm),
            value => value.bits(),
        }
    }
}

/// [`leave`] with its answer as one word: ENTERED goes on in the caller, DELETED raises there, else the loop ends with the value.
#[inline(never)]
fn leave_frame(vm: &Vm, fp: Fp, value: Value) -> Value {
    match leave(vm, fp, value) {
        Left::Caller => ENTERED,
        Left::Raise => Value::DELETED,
        Left::Loop(value) => value,
    }
}

// ---- functions ----

value_op!(MAKE_FUNCTION, 2, |vm, fp, w, k, ip| {
    let code: Gc<PyCode> = Gc::from_value(constant(k, rec(ip).imm() as usize));
    let maker = frame(fp).function();
    let function = vm.new_function_with(code, maker.globals.get(), maker.builtins.get())?;
    let (first, given) = (b(w), c(w) as u16);
    // The function is new, so nothing needs a barrier.
    if given & function_flags::DEFAULTS != 0 {
        function.defaults.init(Some(reg(fp, first)));
    }
    if given & function_flags::KWDEFAULTS != 0 {
        function.kwdefaults.init(Some(reg(fp, first + 1)));
    }
    if given & function_flags::ANNOTATE != 0 {
        function.annotate.init(Some(reg(fp, first + 2)));
    }
    if given & function_flags::CLOSURE != 0 {
        function.closure.init(Some(reg(fp, first + 3)));
    }
    Ok(function.as_value())
});

// ---- imports ----

value_op!(IMPORT_NAME, 2, |vm, fp, w, k, ip| {
    let name = frame(fp).code().name(rec(ip).imm());
    let (level, from_list) = (reg(fp, b(w)), reg(fp, b(w) + 1));
    let function = frame(fp).function();
    let Some(import) = vm.builtin_for(function, vm.names.__import__)? else {
        return Err(vm.import_error_text("__import__ not found"));
    };
    let namespace = frame(fp).namespace().unwrap_or(Value::NONE);
    vm.call(import, &[name, function.globals.get().as_value(), namespace, from_list, level])
});

value_op!(IMPORT_FROM, 2, |vm, fp, w, k, ip| {
    let (module, name) = (reg(fp, b(w)), frame(fp).code().name(rec(ip).imm()));
    vm.import_from(module, name)
});

impl Vm {
    /// `from module import name`.
    pub(crate) fn import_from(&self, module: Value, name: Value) -> PyResult<Value> {
        if let Some(found) = self.getattr_opt(module, name)? {
            return Ok(found);
        }
        // A submodule that is being imported is in sys.modules before it is an attribute.
        let own_name = self.getattr_opt(module, self.names.__name__)?.filter(|own| self.is_str(*own));
        let text = self.str_text(name);
        if let Some(own) = own_name {
            let full = self.intern(&format!("{}.{text}", self.str_text(own)));
            if let Some(found) = self.modules.get_interned(full) {
                return Ok(found);
            }
        }
        let module_text =
            own_name.map_or_else(|| "<unknown module name>".to_owned(), |own| self.str_text(own).into_owned());
        let file = self.getattr_opt(module, self.names.__file__)?.filter(|file| self.is_str(*file));
        let place = file.map_or_else(|| "unknown location".to_owned(), |file| self.str_text(file).into_owned());
        let message = if self.is_module_initializing(module) {
            format!(
                "cannot import name '{text}' from partially initialized module '{module_text}' (most likely due to a circular import) ({place})"
            )
        } else {
            format!("cannot import name '{text}' from '{module_text}' ({place})")
        };
        let raised = self.import_error_text(message);
        if let Some(exception) = self.pending.get() {
            self.set_exception_field(exception, "name", own_name.unwrap_or(Value::NONE));
            self.set_exception_field(exception, "name_from", name);
            self.set_exception_field(exception, "path", file.unwrap_or(Value::NONE));
        }
        Err(raised)
    }
}
