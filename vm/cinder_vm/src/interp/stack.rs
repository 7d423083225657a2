//! The VM stack and frame headers.
//!
//! One reserved mapping; windows grow upwards and never move. The header words below register 0 are declared in [`cinder_layout::jit::frame`]; this
//! module gives them types. A generator's window lies in its heap object, and calls made from it go to the stack above its resumer's window.

use std::cell::Cell;
use std::ops::ControlFlow;

use cinder_heap::{Gc, Tracer};
use cinder_layout::Value;
use cinder_layout::jit::frame;

use super::dispatch::{Fp, Ip};
use crate::types::code::PyCode;
use crate::types::dict::PyDict;
use crate::types::function::PyFunction;
use crate::types::generator::PyGenerator;
use crate::vm::Vm;

/// Bits of the flags word. Bit 32 is [`frame::COMPILED`], the depth lies above.
pub(crate) mod flag {
    /// Entered from native code: leaving the frame leaves the instruction loop.
    pub(crate) const ENTRY: u64 = 1;
    /// The window lies in a generator object.
    pub(crate) const GENERATOR: u64 = 1 << 1;
    /// A frame object exists and takes over the registers when the frame ends.
    pub(crate) const OBSERVED: u64 = 1 << 2;
    /// `__init__` called by a class call: the instance, kept in the namespace word, is the result.
    pub(crate) const INIT: u64 = 1 << 3;
    /// The calling instruction is one word long.
    pub(crate) const SHORT_CALL: u64 = 1 << 4;
    /// The frame of an async generator that the SEND of the caller resumed through the awaitable of `__anext__` or `asend`, see
    /// [`crate::types::async_generator::PyStep`].
    pub(crate) const ASYNC_STEP: u64 = 1 << 5;
    /// Called by typed code: a primitive result goes back raw. (Above the bits that make RETURN_VALUE take the slow path.)
    pub(crate) const DIRECT: u64 = 1 << 33;
    /// Called by a binary operator, by a comparison: NotImplemented asks the other operand. The operands lie in the two words below the header.
    pub(crate) const OPERATOR: u64 = 1 << 34;
    pub(crate) const COMPARISON: u64 = 1 << 35;
    /// No caller handles an exception: noted so that deep recursion need not ask all of them again.
    pub(crate) const ALONE: u64 = 1 << 36;
    /// Bits that make RETURN_VALUE take the slow path.
    pub(crate) const SLOW_RETURN: u64 = 0x1_ffff_ffff;
    pub(crate) const DEPTH_SHIFT: u32 = 40;
    pub(crate) const ONE_DEEPER: u64 = 1 << DEPTH_SHIFT;
}

/// Words of the header.
pub(crate) const HEADER: usize = cinder_bytecode::FRAME_HEADER as usize;

/// Indices of header words from register 0.
pub(crate) const CALLABLE: isize = frame::CALLABLE as isize / 8;
pub(crate) const CODE: isize = frame::CODE as isize / 8;
pub(crate) const CALLER: isize = frame::CALLER as isize / 8;
pub(crate) const SAVED_IP: isize = frame::SAVED_IP as isize / 8;
pub(crate) const FRAME_OBJECT: isize = frame::FRAME_OBJECT as isize / 8;
pub(crate) const NAMESPACE: isize = frame::NAMESPACE as isize / 8;
pub(crate) const FLAGS: isize = frame::FLAGS as isize / 8;
pub(crate) const HANDLED: isize = frame::HANDLED as isize / 8;

/// The mapping.
pub(crate) struct Stack {
    pub(crate) base: Cell<Fp>,
    pub(crate) end: Cell<Fp>,
}

/// Reserved for the first thread, not committed: pages cost memory when they are first written.
pub(crate) const STACK_BYTES: usize = 256 << 20;
/// At the end nothing is ever written.
const GUARD_BYTES: usize = 64 << 10;

impl Stack {
    /// `bytes` of addresses, a multiple of the page size.
    pub(crate) fn new(bytes: usize) -> Stack {
        // SAFETY: a fresh private mapping.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        assert!(base != libc::MAP_FAILED, "no address space for the VM stack");
        // SAFETY: the guard is the end of the mapping.
        unsafe { libc::mprotect(base.byte_add(bytes - GUARD_BYTES), GUARD_BYTES, libc::PROT_NONE) };
        let base: Fp = base.cast();
        Stack { base: Cell::new(base), end: Cell::new(base.wrapping_byte_add(bytes - GUARD_BYTES)) }
    }

    /// Gives the mapping of a thread that ended back to the system.
    pub(crate) fn unmap(self) {
        let (base, end) = (self.base.get(), self.end.get());
        let bytes = end.addr() - base.addr() + GUARD_BYTES;
        // SAFETY: the mapping made by `new`; no frame of it is left.
        unsafe { libc::munmap(base.cast(), bytes) };
    }
}

/// Where a frame is.
pub struct FrameView<'a> {
    /// A str.
    pub filename: Value,
    /// Name of the function.
    pub name: &'a str,
    /// Counted from 1; 0 for code without a place.
    pub line: u32,
    pub globals: Gc<PyDict>,
}

/// A frame on the chain; valid until it returns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame(pub(crate) Fp);

impl Frame {
    #[inline(always)]
    fn word(self, index: isize) -> u64 {
        // SAFETY: frames on the chain have complete headers.
        unsafe { *self.0.offset(index) }
    }

    #[inline(always)]
    pub(crate) fn set_word(self, index: isize, word: u64) {
        // SAFETY: as above.
        unsafe { *self.0.offset(index) = word }
    }

    #[inline(always)]
    pub(crate) fn function(self) -> Gc<PyFunction> {
        // SAFETY: the callable of a frame is a function.
        unsafe { Gc::from_value(Value::from_bits(self.word(CALLABLE)).unwrap_unchecked()) }
    }

    #[inline(always)]
    pub(crate) fn code(self) -> Gc<PyCode> {
        // SAFETY: the code word is a code object.
        unsafe { Gc::from_value(Value::from_bits(self.word(CODE)).unwrap_unchecked()) }
    }

    #[inline(always)]
    pub(crate) fn caller(self) -> Option<Frame> {
        let fp = std::ptr::with_exposed_provenance_mut::<u64>(self.word(CALLER) as usize);
        (!fp.is_null()).then_some(Frame(fp))
    }

    /// Word index of the current instruction.
    pub(crate) fn position(self) -> u32 {
        let saved = self.word(SAVED_IP);
        // An instruction of a compiled frame that is executed alone is saved by its address, as by the interpreter.
        let is_word = self.word(FLAGS) & frame::COMPILED != 0 && saved < 1 << 32;
        if is_word { saved as u32 } else { self.code().index_of(self.ip()) }
    }

    pub(crate) fn ip(self) -> Ip {
        std::ptr::with_exposed_provenance(self.word(SAVED_IP) as usize)
    }

    #[inline(always)]
    pub(crate) fn flags(self) -> u64 {
        self.word(FLAGS)
    }

    pub(crate) fn value(self, index: isize) -> Option<Value> {
        // SAFETY: these header words are zero or values.
        unsafe { Value::from_bits(self.word(index)) }
    }

    pub(crate) fn set_value(self, index: isize, value: Option<Value>) {
        self.set_word(index, value.map_or(0, Value::bits));
    }

    pub(crate) fn handled(self) -> Option<Value> {
        self.value(HANDLED)
    }

    pub(crate) fn frame_object(self) -> Option<Value> {
        self.value(FRAME_OBJECT)
    }

    /// The namespace mapping; `None` in functions (where an `__init__` frame keeps its instance in the word).
    pub(crate) fn namespace(self) -> Option<Value> {
        if self.flags() & flag::INIT != 0 { None } else { self.value(NAMESPACE) }
    }

    pub(crate) fn is_generator(self) -> bool {
        self.flags() & flag::GENERATOR != 0
    }

    /// The generator whose window this is.
    pub(crate) fn generator(self) -> Gc<PyGenerator> {
        debug_assert!(self.is_generator());
        // SAFETY: a generator's window follows its struct and the header words.
        unsafe {
            Gc::from_header(std::ptr::NonNull::new_unchecked(
                self.0.wrapping_sub(HEADER).cast::<PyGenerator>().wrapping_sub(1).cast(),
            ))
        }
    }

    /// The first word of the VM stack that belongs to no frame up to this one.
    #[inline]
    pub(crate) fn top(self) -> Fp {
        if self.is_generator() {
            self.generator().stack_top.get()
        } else {
            self.0.wrapping_add(self.code().register_count as usize)
        }
    }

    /// Register `index`, known to hold a value or zero.
    pub(crate) fn register(self, index: usize) -> Option<Value> {
        // SAFETY: the caller knows the register's kind.
        unsafe { Value::from_bits(*self.0.add(index)) }
    }
}

impl Vm {
    /// `fp` of the innermost frame, null when none runs.
    #[inline(always)]
    pub(crate) fn frame_pointer(&self) -> Fp {
        // SAFETY: plain field, one thread.
        unsafe { (*self.machine.get()).frame }
    }

    #[inline(always)]
    pub(crate) fn set_frame_pointer(&self, fp: Fp) {
        // SAFETY: as above.
        unsafe { (*self.machine.get()).frame = fp }
    }

    /// The innermost Python frame.
    pub(crate) fn current_frame(&self) -> Option<Frame> {
        let fp = self.frame_pointer();
        (!fp.is_null()).then_some(Frame(fp))
    }

    /// Frames from the innermost out.
    pub(crate) fn frames(&self) -> impl Iterator<Item = Frame> {
        std::iter::successors(self.current_frame(), |frame| frame.caller())
    }

    /// Shows each frame, innermost first, while `visit` goes on. Allocates nothing and changes nothing, so that a process about to die can say where it
    /// was.
    pub fn visit_frames(&self, visit: &mut dyn FnMut(FrameView) -> ControlFlow<()>) {
        for frame in self.frames() {
            let (code, globals) = (frame.code(), frame.function().globals.get());
            let line = code.object().place(frame.position()).map_or(0, |place| place.line);
            let (filename, name) = (code.filename.get(), &*code.object().name);
            if visit(FrameView { filename, name, line, globals }).is_break() {
                return;
            }
        }
    }

    /// Where the next window entered from native code may begin (its header first).
    pub(crate) fn stack_top(&self) -> Fp {
        self.current_frame().map_or(self.interp.stack.base.get(), Frame::top)
    }
}

impl Vm {
    /// Empties the registers of interpreted frames that no instruction will read: what a program dropped is then found dead by the collection that
    /// it asks for. (Collections in between look at whole windows: asking what is live takes longer than they do.)
    ///
    /// Values of local variables stay: frame objects show them.
    pub fn clear_dead_registers(&self) {
        let mut known = std::collections::HashMap::new();
        let mut callee: Option<Frame> = None;
        for frame in self.frames() {
            // The window of a call begins within its caller's, with the header in front.
            let called =
                callee.replace(frame).map_or(usize::MAX, |callee| callee.0.addr().wrapping_sub(frame.0.addr()) / 8);
            if frame.flags() & frame::COMPILED != 0 {
                continue;
            }
            let (code, position) = (frame.code(), frame.position());
            let object = code.object();
            let live = known.entry(code.as_value().bits()).or_insert_with(|| cinder_bytecode::Liveness::new(object));
            let in_use = live.in_use_at(object, position);
            let end = (code.register_count as usize).min(called.saturating_sub(HEADER));
            let is_shown = |register: usize| {
                object.locals.get(register).is_some_and(|local| local.kind != cinder_bytecode::LocalKind::Hidden)
            };
            for register in (0..end).filter(|register| !is_shown(*register)) {
                if !in_use.has(register as u16) {
                    // SAFETY: a register of this window, which nothing reads before it is written again.
                    unsafe { *frame.0.add(register) = 0 };
                }
            }
        }
    }
}

/// Visits the stack of the running thread.
pub(crate) fn trace(vm: &Vm, tracer: &mut Tracer<'_>) {
    trace_stack(vm.interp.stack.base.get(), vm.frame_pointer(), tracer);
}

/// Visits a stack conservatively and running generators as active frames.
pub(crate) fn trace_stack(base: Fp, innermost: Fp, tracer: &mut Tracer<'_>) {
    let innermost = (!innermost.is_null()).then_some(Frame(innermost));
    let top = innermost.map_or(base, Frame::top);
    // SAFETY: the mapping is readable up to `top`.
    unsafe { tracer.visit_conservative(base.cast(), top.cast()) };
    for frame in std::iter::successors(innermost, |frame| frame.caller()) {
        if frame.is_generator() {
            let words = HEADER + frame.code().register_count as usize;
            tracer.visit_active(frame.generator().header());
            let start = frame.0.wrapping_sub(HEADER);
            // SAFETY: header and registers of the window.
            unsafe { tracer.visit_conservative(start.cast(), start.wrapping_add(words).cast()) };
        }
    }
}
