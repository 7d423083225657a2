//! Frames and the instruction loop.
//!
//! Problem: a fast loop needs its state in machine registers and no work between instructions; the rest of the VM needs to find frames.
//! Idea: every instruction is a handler function that ends by calling the next one ([`dispatch`]). In optimised builds these calls become jumps, so
//! instruction pointer, frame pointer and constants never leave their registers; in debug builds each handler returns to a loop. Frames are
//! windows of one large mapping ([`stack`]); Python calls of Python functions, returns, generators driven by `for` and exceptions move the frame
//! pointer and never nest native calls.
//! Holds: before anything that may allocate, raise or run Python, the frame's position is written to its header and the machine knows the frame
//! (`observe`); a handler keeps nothing with a destructor and gives away no address of a local, else its last call would not become a jump.
//!
//! Reading order: [`stack`], [`dispatch`], [`handlers`], [`calls`], [`bind`], [`unwind`].

use std::cell::Cell;
use std::sync::atomic::AtomicU64;

use cinder_layout::Value;

pub(crate) mod bind;
pub(crate) mod builtins;
pub(crate) mod calls;
mod classes;
pub(crate) mod compiler;
pub(crate) mod dispatch;
pub(crate) mod handlers;
pub(crate) mod stack;
pub(crate) mod unwind;

pub use compiler::{CompileFailure, CompileMode, CompileRequest, CompileWarning, SourceCompiler, TOP_LEVEL_AWAIT};
pub use stack::FrameView;

pub(crate) use handlers::wrap as wrap_primitive;

use dispatch::{Fp, Ip};
use stack::Stack;

use crate::late::Late;

/// The interpreter's state besides the current frame, which is in [`cinder_layout::jit::JitVm`].
pub struct State {
    pub(crate) stack: Stack,
    /// Where to go on, for functions that change instruction and frame at once.
    pub(crate) next_ip: Cell<Ip>,
    pub(crate) next_fp: Cell<Fp>,
    /// `sys.getrecursionlimit()`, as the flags word counts depth.
    pub(crate) depth_limit: Cell<u64>,
    /// What quick calls compare with: the limit, or 0 while something wants attention.
    pub(crate) call_gate: AtomicU64,
    pub(crate) recycled: crate::types::generator::Recycled,
    /// See [`crate::vm::Vm::take_stop_value`].
    pub(crate) stop_value: Cell<Option<Value>>,
    /// `sys.set_asyncgen_hooks`: first iteration, finalizer. Whoever sets them keeps them alive.
    pub async_generator_hooks: Cell<(Option<Value>, Option<Value>)>,
    /// `sys.set_coroutine_origin_tracking_depth`: how many callers a new coroutine remembers.
    pub coroutine_origin_depth: Cell<u32>,
    /// Called when [`cinder_layout::jit::JitVm::interrupt`] is not 0: signals, finalizers, other threads.
    pub interrupt_hook: Cell<Option<fn(&crate::vm::Vm) -> crate::native::PyResult<()>>>,
    /// Turns source text into code; plugged in by the runtime.
    pub compiler: Late<Box<dyn SourceCompiler>>,
}

impl State {
    pub(crate) fn new() -> State {
        State {
            stack: Stack::new(stack::STACK_BYTES),
            next_ip: Cell::new(std::ptr::null()),
            next_fp: Cell::new(std::ptr::null_mut()),
            depth_limit: Cell::new(1000 << stack::flag::DEPTH_SHIFT),
            call_gate: AtomicU64::new(1000 << stack::flag::DEPTH_SHIFT),
            recycled: crate::types::generator::Recycled::new(),
            stop_value: Cell::new(None),
            async_generator_hooks: Cell::new((None, None)),
            coroutine_origin_depth: Cell::new(0),
            interrupt_hook: Cell::new(None),
            compiler: Late::new(),
        }
    }
}

impl crate::vm::Vm {
    /// `sys.getrecursionlimit()`.
    pub fn recursion_limit(&self) -> u64 {
        self.interp.depth_limit.get() >> stack::flag::DEPTH_SHIFT
    }

    /// `sys.setrecursionlimit(limit)`; the largest limit is 2^24 - 1.
    pub fn set_recursion_limit(&self, limit: u64) {
        self.interp.depth_limit.set(limit.min((1 << 24) - 1) << stack::flag::DEPTH_SHIFT);
        self.open_call_gate();
    }

    /// Visits the VM stack and the frames of running generators.
    pub(crate) fn trace_frames(&self, tracer: &mut cinder_heap::Tracer<'_>) {
        self.interp.recycled.clear();
        stack::trace(self, tracer);
        self.tracing.visit(tracer);
    }

    /// The exception being handled by the innermost frame that handles one.
    pub fn handled_exception(&self) -> Option<Value> {
        let first = self.current_frame()?;
        for (depth, frame) in self.frames().enumerate() {
            if let Some(handled) = frame.handled() {
                return Some(handled);
            }
            if frame.flags() & stack::flag::ALONE != 0 {
                break;
            }
            if frame.caller().is_none() && depth > 16 {
                // Callers begin and handle nothing while this frame is there. A generator's frame gets other callers.
                let is_plain = first.flags() & (stack::flag::GENERATOR | cinder_layout::jit::frame::COMPILED) == 0;
                if is_plain {
                    first.set_word(stack::FLAGS, first.flags() | stack::flag::ALONE);
                }
            }
        }
        None
    }
}

/// The words machine code reads, before anything runs. Addresses are filled in by [`crate::vm::Vm::new`].
pub(crate) fn new_machine() -> std::cell::UnsafeCell<cinder_layout::jit::JitVm> {
    std::cell::UnsafeCell::new(cinder_layout::jit::JitVm {
        alloc: std::ptr::null(),
        frame: std::ptr::null_mut(),
        interrupt: 0,
        stack_limit: std::ptr::null_mut(),
        native_limit: 0,
        methods: std::ptr::null(),
    })
}
