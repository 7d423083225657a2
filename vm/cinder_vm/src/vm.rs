//! The virtual machine: what is running, and everything it owns.
//!
//! One `Vm` per process half at present; it is passed as `&Vm` everywhere and its fields are cells, because native code re-enters Python
//! freely. Builtin classes, names and exceptions are filled once at start-up ([`Late`]) and read without checks afterwards.

use std::cell::{Cell, RefCell, UnsafeCell};

use cinder_heap::{AllocError, Gc, Heap, HeapObject};
use cinder_layout::Value;
use cinder_layout::jit::JitVm;

use crate::late::Late;
use crate::names::Names;
use crate::native::{PyResult, Raised};
use crate::object::shape::Shapes;
use crate::types::Types;
use crate::types::dict::PyDict;
use crate::types::exceptions::Exceptions;
use crate::types::str_::Interned;

/// Settings that hold from start to end.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `PYTHONHASHSEED`: `None` draws a random key.
    pub hash_seed: Option<u32>,
    /// Heap limit in bytes; 0 is none.
    pub heap_limit_bytes: usize,
    /// `-O` level of imported modules.
    pub optimize: u8,
    /// `-b`: bytes compared with text are worth a warning.
    pub warns_of_bytes: bool,
    /// `-X warn_default_encoding`: text files opened without an encoding are worth a warning.
    pub warns_of_encoding: bool,
    /// `-X no_debug_ranges`: code knows lines, no columns.
    pub has_no_columns: bool,
    /// `-X cpu_count=N`: what `os.cpu_count()` answers.
    pub cpu_count: Option<u32>,
    /// `PYTHON_COLORS` or `FORCE_COLOR` is set: the library is asked for colours, whatever standard error is.
    pub asks_for_colors: bool,
    /// `-v`: a line on standard error for each import.
    pub verbose: u8,
    /// `CINDER_CACHES=off`: every instruction stays generic, to measure what caches save.
    pub is_without_caches: bool,
}

/// The virtual machine. Machine code finds [`JitVm`] at its address.
#[repr(C)]
pub struct Vm {
    pub(crate) machine: UnsafeCell<JitVm>,
    /// Lowest native stack address that Python code may use; raised to the maximum to make the next check stop (signals).
    pub stack_limit: Cell<usize>,
    /// The exception on its way, if any.
    pub pending: Cell<Option<Value>>,
    pub heap: Heap,
    pub shapes: Shapes,
    pub types: Late<Types>,
    pub exceptions: Late<Exceptions>,
    pub names: Late<Names>,
    pub interned: Interned,
    pub empty_tuple: Late<Value>,
    /// `sys.modules`.
    pub modules: Late<Gc<PyDict>>,
    /// `builtins.__dict__`.
    pub builtins: Late<Gc<PyDict>>,
    pub config: Config,
    /// Keys of the string and bytes hash (SipHash-1-3).
    pub(crate) hash_key: (u64, u64),
    /// Objects whose `repr` is running, for `[...]`.
    pub(crate) repr_running: RefCell<Vec<usize>>,
    /// Native classes that are not in the table of builtin types, by address of their declaration.
    pub(crate) native_classes:
        RefCell<rustc_hash::FxHashMap<usize, (&'static crate::types::type_::TypeDef, Gc<crate::types::type_::PyType>)>>,
    /// Exception classes of native modules, by module and name.
    pub(crate) native_exceptions: RefCell<Vec<((&'static str, &'static str), Gc<crate::types::type_::PyType>)>>,
    /// One-character strings of Latin-1, made on demand.
    pub(crate) latin1: [Cell<Option<Value>>; 256],
    /// `bytes` of length one, made at first use; immortal.
    pub(crate) single_bytes: [Cell<Option<Value>>; 256],
    /// 0.0 and -0.0, made on demand.
    pub(crate) zero_floats: [Cell<Option<Value>>; 2],
    /// The metaclass last found to leave `isinstance` and `issubclass` to `type`: the shape of its fresh instances, and the generation of `lookups`.
    pub(crate) plain_metaclass: Cell<(u32, u32)>,
    /// `sys.set_int_max_str_digits`; 0 is no limit.
    pub max_str_digits: Cell<usize>,
    /// Parsed signatures of native functions by address of their declaration.
    pub(crate) signatures: RefCell<rustc_hash::FxHashMap<usize, &'static crate::native::Signature>>,
    /// Last number given by [`Vm::next_dict_version`].
    pub(crate) dict_versions: Cell<u32>,
    /// Classes that have subclasses.
    pub(crate) bases: crate::types::type_::Bases,
    /// Class attributes found lately.
    pub(crate) lookups: crate::cache::Lookups,
    pub(crate) sites: crate::cache::Sites,
    /// Source texts for tracebacks.
    pub sources: crate::exception::source::Sources,
    /// The interpreter's state: VM stack and current frame.
    /// The class loader's tables.
    pub statics: crate::classloader::Statics,
    /// Trace and profile functions.
    pub tracing: crate::trace::Tracing,
    pub interp: crate::interp::State,
    pub imports: crate::import::State,
    /// The native states asked for last.
    pub(crate) recent_states: [Cell<Option<(std::any::TypeId, *const ())>>; 4],
    /// See [`Vm::native_state`].
    pub(crate) native_states: RefCell<rustc_hash::FxHashMap<std::any::TypeId, &'static dyn std::any::Any>>,
    /// Whether an instance of a class with `__del__` was made.
    pub has_finalizers: Cell<bool>,
    pub(crate) jit: crate::jit::State,
    pub(crate) threads: crate::thread::State,
}

impl Vm {
    /// Allocates a payload struct with `tail_bytes` zero bytes behind it.
    ///
    /// May allocate: yes. Errors: MemoryError at the heap limit.
    #[inline]
    pub fn alloc_tail<T: HeapObject>(&self, object: T, tail_bytes: usize) -> PyResult<Gc<T>> {
        self.heap.alloc_tail(object, tail_bytes).map_err(|error| self.out_of_memory(error))
    }

    /// [`Vm::alloc_tail`] with a tail of undefined content, except for its last word.
    ///
    /// # Safety
    /// The caller fills what the object's trace reads before anything else is allocated.
    #[inline]
    pub(crate) unsafe fn alloc_tail_open<T: HeapObject>(&self, object: T, tail_bytes: usize) -> PyResult<Gc<T>> {
        // SAFETY: contract.
        unsafe { self.heap.alloc_tail_open(object, tail_bytes) }.map_err(|error| self.out_of_memory(error))
    }

    /// Allocates a payload struct.
    #[inline]
    pub fn alloc<T: HeapObject>(&self, object: T) -> PyResult<Gc<T>> {
        self.alloc_tail(object, 0)
    }

    /// MemoryError, from an instance made at start-up.
    #[cold]
    pub fn out_of_memory(&self, _error: AllocError) -> Raised {
        self.raise_memory_error()
    }

    /// As [`Vm::out_of_memory`], where something else than the heap has no memory. The instance forgets how it was raised before.
    #[cold]
    pub(crate) fn raise_memory_error(&self) -> Raised {
        let instance = self.exceptions.memory_error_instance;
        if let Some(error) = self.downcast::<crate::types::exceptions::PyBaseException>(instance) {
            for slot in [&error.traceback, &error.context, &error.cause] {
                slot.set(&self.heap, error, Value::NONE);
            }
            error.suppress_context.set(false);
        }
        self.restore(instance)
    }

    /// What a native module keeps for the machine's life, one per type, made at first use. Values in it must be registered roots.
    #[inline]
    pub fn native_state<T: 'static>(&self, make: impl FnOnce() -> T) -> &'static T {
        let key = std::any::TypeId::of::<T>();
        let recent = &self.recent_states;
        for place in recent {
            if let Some((known, state)) = place.get()
                && known == key
            {
                // SAFETY: filed under the type that it is.
                return unsafe { &*state.cast::<T>() };
            }
        }
        let known = self.native_states.borrow().get(&key).copied();
        let state = known.unwrap_or_else(|| {
            let made: &'static T = Box::leak(Box::new(make()));
            self.native_states.borrow_mut().insert(key, made);
            made
        });
        for place in (1..recent.len()).rev() {
            recent[place].set(recent[place - 1].get());
        }
        let state: &'static T = state.downcast_ref().expect("filed under its type");
        recent[0].set(Some((key, std::ptr::from_ref(state).cast())));
        state
    }

    /// MemoryError unless `bytes` can be had outside of the heap: asked before native code builds something whose size the program
    /// chose, since a native allocation that fails ends the process.
    pub fn check_native_bytes(&self, bytes: usize) -> PyResult<()> {
        /// Not worth asking below this.
        const SMALL_BYTES: usize = 1 << 20;
        if bytes <= SMALL_BYTES || Vec::<u8>::new().try_reserve_exact(bytes).is_ok() {
            return Ok(());
        }
        Err(self.out_of_memory(AllocError))
    }

    /// SipHash-1-3 with the process's key.
    pub fn hash_bytes(&self, bytes: &[u8]) -> i64 {
        if bytes.is_empty() { 0 } else { crate::hash::siphash13(self.hash_key, bytes) as i64 }
    }

    /// A number no dict has had as its version. Wraps after 2^32 changes of cached dicts; 0 is skipped.
    pub(crate) fn next_dict_version(&self) -> u32 {
        self.dict_versions.set(self.dict_versions.get().wrapping_add(1).max(1));
        self.dict_versions.get()
    }

    #[cold]
    pub(crate) fn stack_limit_hit(&self) -> PyResult<()> {
        // Making the exception takes some of the reserve: it is not checked.
        let limit = self.stack_limit.replace(0);
        let raised = self.recursion_error("maximum recursion depth exceeded");
        self.stack_limit.set(limit);
        Err(raised)
    }
}
