//! Calls of Python functions: entering and leaving frames.

use cinder_heap::Gc;
use cinder_layout::Value;

use super::bind::bind;
use super::dispatch::{ENTERED, Fp, Ip, a, set, set_next};
use super::stack::{
    self, CALLABLE, CALLER, CODE, FLAGS, FRAME_OBJECT, Frame, HANDLED, HEADER, NAMESPACE, SAVED_IP, flag,
};
use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::types::bound_method::PyMethod;
use crate::types::code::PyCode;
use crate::types::function::PyFunction;
use crate::types::type_::{PyType, type_flags};
use crate::vm::Vm;
use cinder_bytecode::{BinaryOp, CompareOp, Opcode};

/// Flags word of a frame called from `caller`: its depth plus one, and `flags`.
#[inline(always)]
pub(crate) fn callee_flags(caller: Fp, flags: u64) -> u64 {
    if caller.is_null() {
        return flag::ONE_DEEPER | flags;
    }
    // SAFETY: callers are frames.
    let word = unsafe { *caller.offset(FLAGS) };
    ((word >> flag::DEPTH_SHIFT) + 1) << flag::DEPTH_SHIFT | flags
}

impl Vm {
    /// Begins a frame for `function` at `fp`: header, arguments, cleared registers. On success it is the current frame.
    ///
    /// # Safety
    /// `fp` lies on the VM stack at or above the top of `caller`, or in `caller`'s outgoing window.
    pub(crate) unsafe fn begin_frame(
        &self,
        function: Gc<PyFunction>,
        fp: Fp,
        caller: Fp,
        flags: u64,
        args: *const [Value],
        keyword_names: Option<Value>,
    ) -> PyResult<Gc<PyCode>> {
        let code = function.code.get();
        if !code.is_ready() {
            self.prepare_code(code)?;
        }
        if self.is_tracing() {
            self.arm(code);
        }
        let flags = callee_flags(caller, flags);
        if flags >> flag::DEPTH_SHIFT > self.interp.depth_limit.get() >> flag::DEPTH_SHIFT
            || fp.wrapping_add(code.register_count as usize + HEADER) >= self.interp.stack.end.get()
        {
            return Err(self.recursion_error("maximum recursion depth exceeded"));
        }
        // SAFETY: the window lies within the stack, and the header words below `fp` are free per contract.
        unsafe {
            *fp.offset(CALLABLE) = function.as_value().bits();
            *fp.offset(CODE) = code.as_value().bits();
            *fp.offset(CALLER) = caller.expose_provenance() as u64;
            *fp.offset(SAVED_IP) = code.entry.get().expose_provenance() as u64;
            *fp.offset(FRAME_OBJECT) = 0;
            *fp.offset(NAMESPACE) = 0;
            *fp.offset(FLAGS) = flags;
            *fp.offset(HANDLED) = 0;
        }
        self.set_frame_pointer(fp);
        // SAFETY: the window is complete up to its registers.
        match unsafe { bind(self, function, code, fp, args, keyword_names) } {
            Ok(()) => Ok(code),
            Err(raised) => {
                self.set_frame_pointer(caller);
                Err(raised)
            }
        }
    }

    /// Calls a Python function from native code.
    pub(crate) fn call_function(
        &self,
        function: Gc<PyFunction>,
        args: &[Value],
        keyword_names: Option<Value>,
    ) -> PyResult<Value> {
        let caller = self.frame_pointer();
        let fp = self.stack_top().wrapping_add(HEADER);
        let code = function.code.get();
        if keyword_names.is_none() {
            if let Some(entry) = self.enter_plain(caller, function, fp, args, flag::ENTRY) {
                // As of a call in the loop: the frame is known from its first instruction that asks for that.
                return self.run(entry, fp);
            }
            let wanted = code.argument_count as usize;
            if code.is_plain_generator
                && code.is_ready()
                && let Some(missing) = wanted.checked_sub(args.len())
                && let Some(defaults) = function.last_defaults(missing)
            {
                return self.call_generator_function(function, args, defaults);
            }
        }
        // SAFETY: the window begins above everything in use.
        let code = unsafe { self.begin_frame(function, fp, caller, flag::ENTRY, args, keyword_names)? };
        if code.is_generator_like() {
            return self.generator_from_frame(Frame(fp));
        }
        self.run(code.entry.get(), fp)
    }

    /// Runs a function without parameters in a namespace (module, class and exec code).
    pub(crate) fn call_in_namespace(&self, function: Gc<PyFunction>, namespace: Option<Value>) -> PyResult<Value> {
        self.check_native_stack()?;
        let caller = self.frame_pointer();
        let fp = self.stack_top().wrapping_add(HEADER);
        // SAFETY: the window begins above everything in use.
        let code = unsafe { self.begin_frame(function, fp, caller, flag::ENTRY, &[], None)? };
        Frame(fp).set_value(NAMESPACE, namespace);
        if code.is_generator_like() {
            return self.generator_from_frame(Frame(fp));
        }
        self.run(code.entry.get(), fp)
    }

    /// A generator with the window of the frame just begun, which ends.
    fn generator_from_frame(&self, frame: Frame) -> PyResult<Value> {
        let generator = self.new_generator(frame);
        self.set_frame_pointer(frame.caller().map_or(std::ptr::null_mut(), |caller| caller.0));
        generator
    }

    /// Calls `callable` with `count` arguments at register `first` of frame `fp`; header and receiver room lie below. [`ENTERED`] when a Python frame was
    /// begun, whose result will go to the calling instruction.
    ///
    /// # Safety
    /// `fp` is the current frame and observed; the registers belong to its outgoing window.
    pub(crate) unsafe fn call_window(
        &self,
        fp: Fp,
        mut callable: Value,
        first: usize,
        mut count: usize,
        keyword_names: Option<Value>,
        flags: u64,
    ) -> PyResult<Value> {
        if let Some(function) = self.as_function(callable)
            && !Frame(fp).is_generator()
        {
            self.pass_call_gate()?;
            let at = fp.wrapping_add(first);
            let args = std::ptr::slice_from_raw_parts(at.cast_const().cast::<Value>(), count);
            // SAFETY: the header words below the arguments are free.
            let code = unsafe { self.begin_frame(function, at, fp, flags, args, keyword_names)? };
            if code.is_generator_like() {
                return self.generator_from_frame(Frame(at));
            }
            set_next(self, code.entry.get(), at);
            return Ok(ENTERED);
        }
        // Before a Python function begins, but behind a native call: a signal handler that raises must not keep a lock from being released.
        let enters_python = match self.downcast_exact::<PyMethod>(callable) {
            Some(method) => self.as_function(method.function.get()).is_some(),
            None => self.as_function(callable).is_some(),
        };
        if enters_python {
            self.pass_call_gate()?;
        }
        let mut at = fp.wrapping_add(first);
        if Frame(fp).is_generator() {
            // The window is in the heap: arguments go to the stack, with room for a receiver below them.
            let to = Frame(fp).top().wrapping_add(HEADER + 1);
            if to.wrapping_add(count) >= self.interp.stack.end.get() {
                return Err(self.recursion_error("maximum recursion depth exceeded"));
            }
            // SAFETY: the stack above the top is free.
            unsafe { std::ptr::copy_nonoverlapping(at, to, count) };
            at = to;
        }
        while let Some((function, receiver)) = self.with_receiver(callable) {
            callable = function;
            // Made ready while a collection finds the arguments: the last one may lie above the frame from now on.
            if let Some(function) = self.as_function(callable) {
                self.prepare_code(function.code.get())?;
            }
            let receiver = receiver.bits();
            if at.wrapping_add(count + 1) >= self.interp.stack.end.get() {
                return Err(self.recursion_error("maximum recursion depth exceeded"));
            }
            // SAFETY: everything above the window's base is dead, and the stack goes on above it.
            unsafe {
                std::ptr::copy(at, at.add(1), count);
                *at = receiver;
            }
            count += 1;
        }
        let args = std::ptr::slice_from_raw_parts(at.cast_const().cast::<Value>(), count);
        if let Some(function) = self.as_function(callable) {
            // SAFETY: the header words below the arguments are free.
            let code = unsafe { self.begin_frame(function, at, fp, flags, args, keyword_names)? };
            if code.is_generator_like() {
                return self.generator_from_frame(Frame(at));
            }
            set_next(self, code.entry.get(), at);
            return Ok(ENTERED);
        }
        // SAFETY: the arguments are bound registers.
        let args = unsafe { &*args };
        let value = if at.wrapping_add(count) > Frame(fp).top() {
            // A receiver has moved them up, to where the frames that the callee begins will lie.
            let args: crate::value_vec::ValueVec<[Value; 8]> = args.into();
            self.call_keywords(callable, &args, keyword_names)?
        } else {
            self.call_keywords(callable, args, keyword_names)?
        };
        self.pass_call_gate()?;
        Ok(value)
    }

    /// What to call with which first argument: of bound methods, and of objects whose class defines `__call__` in Python.
    #[inline]
    fn with_receiver(&self, callable: Value) -> Option<(Value, Value)> {
        if let Some(method) = self.downcast_exact::<PyMethod>(callable) {
            return Some((method.function.get(), method.receiver.get()));
        }
        let class = self.type_of(callable);
        if !class.has(type_flags::HEAP) {
            return None;
        }
        let function = self.type_lookup(class, self.names.__call__)?;
        self.as_function(function).map(|_| (function, callable))
    }

    /// Begins a call whose arguments lie elsewhere (property getters, `__init__`); the window goes to the top of the stack.
    ///
    /// # Safety
    /// `fp` is the current frame and observed.
    pub(crate) unsafe fn call_from(
        &self,
        fp: Fp,
        function: Gc<PyFunction>,
        args: &[Value],
        names: Option<Value>,
        flags: u64,
    ) -> PyResult<Value> {
        let new = Frame(fp).top().wrapping_add(HEADER);
        if names.is_none()
            && let Some(entry) = self.enter_plain(fp, function, new, args, flags)
        {
            set_next(self, entry, new);
            return Ok(ENTERED);
        }
        // SAFETY: the window begins above everything in use.
        let code = unsafe { self.begin_frame(function, new, fp, flags, args, names)? };
        if code.is_generator_like() {
            return self.generator_from_frame(Frame(new));
        }
        set_next(self, code.entry.get(), new);
        Ok(ENTERED)
    }
}

impl Vm {
    /// Lays down the frame at `new` of a function that takes just `args`, perhaps filled up by its defaults. `None`: the general path is needed.
    #[inline]
    pub(crate) fn enter_plain(
        &self,
        caller: Fp,
        function: Gc<PyFunction>,
        new: Fp,
        args: &[Value],
        flags: u64,
    ) -> Option<Ip> {
        self.enter_bound(caller, function, new, None, args, flags)
    }

    /// [`Vm::enter_plain`] with a receiver before the arguments.
    #[inline]
    pub(crate) fn enter_bound(
        &self,
        caller: Fp,
        function: Gc<PyFunction>,
        new: Fp,
        receiver: Option<Value>,
        args: &[Value],
        flags: u64,
    ) -> Option<Ip> {
        let code = function.code.get();
        let (wanted, registers) = (code.argument_count as usize, code.register_count as usize);
        let own = usize::from(receiver.is_some());
        let given = own + args.len();
        if !code.is_simple || !code.is_ready() || wanted < given {
            return None;
        }
        let defaults = function.last_defaults(wanted - given)?;
        let flags = callee_flags(caller, flags);
        let gate = self.interp.call_gate.load(std::sync::atomic::Ordering::Relaxed);
        // The gate is the depth above zero flags.
        if flags & !(flag::ONE_DEEPER - 1) > gate || new.wrapping_add(registers + HEADER) >= self.interp.stack.end.get()
        {
            return None;
        }
        // SAFETY: callers pass a window above everything in use; it has room for the registers.
        unsafe {
            *new.offset(CALLABLE) = function.as_value().bits();
            *new.offset(CODE) = code.as_value().bits();
            *new.offset(CALLER) = caller.expose_provenance() as u64;
            *new.offset(FRAME_OBJECT) = 0;
            *new.offset(NAMESPACE) = 0;
            *new.offset(FLAGS) = flags;
            *new.offset(HANDLED) = 0;
            copy_few(args.as_ptr().cast(), new.add(own), args.len());
            if let Some(receiver) = receiver {
                *new = receiver.bits();
            }
            copy_few(defaults.as_ptr().cast(), new.add(given), defaults.len());
            super::bind::clear(new, wanted, registers);
        }
        Some(code.entry.get())
    }
}

/// Copies a few words upwards or to where nothing of them lies; a call of memmove takes longer than this loop.
///
/// # Safety
/// As of [`std::ptr::copy`], and `to` does not lie within the source behind its start.
#[inline(always)]
pub(crate) unsafe fn copy_few(from: *const u64, to: Fp, count: usize) {
    for index in 0..count {
        // SAFETY: contract. The barrier keeps this a loop.
        unsafe {
            *to.add(index) = *from.add(index);
            std::arch::asm!("", options(nostack, nomem, preserves_flags));
        }
    }
}

/// How a frame was left.
pub(crate) enum Left {
    /// Go on in the caller, see `set_next`.
    Caller,
    /// Leave the instruction loop with this value.
    Loop(Value),
    /// Raise in the caller.
    Raise,
}

/// Leaves the frame `fp` with `value`.
pub(crate) fn leave(vm: &Vm, fp: Fp, value: Value) -> Left {
    let frame = Frame(fp);
    let flags = frame.flags();
    let caller = frame.caller();
    if flags & flag::OBSERVED != 0 {
        vm.detach_frame(frame);
    }
    vm.set_frame_pointer(caller.map_or(std::ptr::null_mut(), |caller| caller.0));
    if flags & flag::GENERATOR != 0 {
        let generator = frame.generator();
        vm.heap.withdraw_finalizer(generator.header());
        generator.finish();
        vm.return_to_outer(generator);
        if flags & flag::ASYNC_STEP != 0 {
            let caller = caller.expect("resumed by a SEND");
            return match vm.return_step(generator, caller) {
                Some(next) => {
                    set_next(vm, next, caller.0);
                    Left::Caller
                }
                None => Left::Raise,
            };
        }
        if flags & flag::ENTRY != 0 {
            return Left::Loop(value);
        }
        let caller = caller.expect("a frame that is not an entry has a caller");
        return after_generator_return(vm, caller, value);
    }
    let mut value = value;
    if flags & flag::INIT != 0 {
        if !value.is_none() {
            let name = vm.type_name(value);
            // The error is the caller's.
            let _ = vm.type_error(format!("__init__() should return None, not '{name}'"));
            return Left::Raise;
        }
        // SAFETY: the instance of an `__init__` frame is in its namespace word.
        value = unsafe { Value::from_bits(*fp.offset(NAMESPACE)) }.expect("an instance");
    }
    if flags & flag::ENTRY != 0 {
        return Left::Loop(value);
    }
    let caller = caller.expect("a frame that is not an entry has a caller");
    let ip = caller.ip();
    if value == Value::NOT_IMPLEMENTED && flags & (flag::OPERATOR | flag::COMPARISON) != 0 {
        // SAFETY: the frame was begun by `operator_call`.
        match unsafe { declined(vm, fp, ip, flags) } {
            Ok(answer) => value = answer,
            Err(_) => return Left::Raise,
        }
    }
    // SAFETY: the saved position is an instruction whose register a takes the result.
    unsafe {
        set(caller.0, a(*ip), value);
        let words = if flags & flag::SHORT_CALL != 0 { 1 } else { 2 };
        set_next(vm, ip.add(words), caller.0);
    }
    Left::Caller
}

/// Begins the frame of the method that an operator calls, which takes just `args`. `None`: the general path is needed.
///
/// # Safety
/// `caller` is the current frame and observed; its instruction is an operator with a record.
pub(crate) unsafe fn operator_call(
    vm: &Vm,
    caller: Fp,
    function: Gc<PyFunction>,
    args: [Value; 2],
    kind: u64,
) -> Option<Value> {
    let kept = Frame(caller).top();
    let new = kept.wrapping_add(2 + HEADER);
    let entry = vm.enter_plain(caller, function, new, &args, kind)?;
    // SAFETY: there was room for the frame above these words.
    unsafe { kept.cast::<[Value; 2]>().write(args) };
    set_next(vm, entry, new);
    Some(ENTERED)
}

/// The method in frame `fp`, which an operator at `ip` of the caller called, gave NotImplemented.
///
/// # Safety
/// The frame was begun by [`operator_call`].
#[cold]
unsafe fn declined(vm: &Vm, fp: Fp, ip: Ip, flags: u64) -> PyResult<Value> {
    // SAFETY: the operands lie below the header, and the operator has a record.
    let ([a, b], number) =
        unsafe { (fp.wrapping_sub(HEADER + 2).cast::<[Value; 2]>().read(), super::dispatch::rec(ip).imm()) };
    if flags & flag::OPERATOR != 0 {
        vm.binary_op_declined(a, b, BinaryOp::from_number(number).expect("the verifier knows the operator"))
    } else {
        vm.compare_declined(a, b, CompareOp::from_number(number).expect("the verifier knows the operator"))
    }
}

/// A generator that FOR_ITER or SEND resumed has returned.
fn after_generator_return(vm: &Vm, caller: Frame, value: Value) -> Left {
    let ip: Ip = caller.ip();
    // SAFETY: the saved position is a FOR_ITER or SEND, whose record holds the jump.
    unsafe {
        let word = *ip;
        let is_send = match word as u16 {
            op if op == Opcode::SEND as u16 => true,
            op if op == Opcode::FOR_ITER_GENERATOR as u16 => false,
            // Another opcode may stand there while a trace function watches.
            _ => {
                let code = caller.code();
                let pristine = code.object().instructions.get(code.index_of(ip) as usize);
                pristine.is_some_and(|word| *word as u16 == Opcode::SEND as u16)
            }
        };
        if is_send {
            set(caller.0, a(word), value);
        }
        let offset = super::dispatch::rec(ip).slot as i32 as isize;
        set_next(vm, ip.offset(offset), caller.0);
    }
    Left::Caller
}

/// `types.FunctionType(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)`.
pub(crate) fn function_new(vm: &Vm, _class: Gc<PyType>, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    static NEW: NativeDef = NativeDef::function(
        "function",
        "code, globals, name=None, argdefs=None, closure=None, kwdefaults=None",
        |vm, args| {
            let Some(code) = vm.downcast::<PyCode>(args.at(0)) else {
                let name = vm.type_name(args.at(0));
                return Err(vm.type_error(format!("function() argument 'code' must be code, not {name}")));
            };
            let Some(globals) = vm.as_dict(args.at(1)) else {
                let name = vm.type_name(args.at(1));
                return Err(vm.type_error(format!("function() argument 'globals' must be dict, not {name}")));
            };
            let function = vm.new_function(code, globals)?;
            let given = |index: usize| args.opt(index).filter(|value| !value.is_none());
            if let Some(name) = given(2) {
                if !vm.is_str(name) {
                    return Err(vm.type_error("arg 3 (name) must be None or string"));
                }
                function.name.init(Some(name));
            }
            if given(3).is_some_and(|defaults| vm.as_tuple(defaults).is_none()) {
                return Err(vm.type_error("arg 4 (defaults) must be None or tuple"));
            }
            let free =
                code.object().locals.iter().filter(|local| local.kind == cinder_bytecode::LocalKind::Free).count();
            match given(4) {
                None if free != 0 => return Err(vm.type_error("arg 5 (closure) must be tuple")),
                Some(closure) if vm.as_tuple(closure).is_none() => {
                    return Err(vm.type_error("arg 5 (closure) must be None or tuple"));
                }
                Some(closure) if vm.tuple_items(closure).len() != free => {
                    let (name, given) = (&code.object().name, vm.tuple_items(closure).len());
                    return Err(vm.value_error(format!("{name} requires closure of length {free}, not {given}")));
                }
                closure => function.closure.init(closure),
            }
            function.defaults.init(given(3));
            function.kwdefaults.init(given(5));
            Ok(function.as_value())
        },
    );
    NEW.call(vm, args, names)
}

const _: () = assert!(stack::HEADER == 8);
