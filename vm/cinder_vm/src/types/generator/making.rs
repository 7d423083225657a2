//! Making generators, and using the memory of returned ones again.
//!
//! Problem: a loop over a generator function, or an `await`, makes an object that dies at once; a tree walk makes one for every node.
//! Idea: what a function called for a `for`, a `yield from` or an `await` makes is known to a register only, which nobody reads once the generator has
//! returned ([`Vm::note_temporary`]). Its memory, still in the cache, then serves the next generator with as many registers ([`Recycled`]).
//! Holds: a kept generator has no weak reference, no finalizer and no identity that was asked for; every collection forgets them all.

use std::cell::Cell;

use cinder_heap::{Gc, Slot, object_header};

use super::{GeneratorState, PyGenerator, plain_frame};
use crate::interp::calls::copy_few;
use crate::interp::dispatch::Fp;
use crate::interp::stack::{CALLABLE, CALLER, CODE, FLAGS, FRAME_OBJECT, Frame, HEADER, SAVED_IP, flag};
use crate::native::PyResult;
use crate::types::BuiltinType;
use crate::types::code::PyCode;
use crate::types::function::PyFunction;
use crate::vm::Vm;
use cinder_bytecode::code::flags;
use cinder_layout::{Value, flag as flag_of_header};

/// Words of the windows that are kept for reuse.
const MOST_WORDS: usize = 64;

/// Generators that have returned and that nobody knows, until the next collection: lists by the words of their windows, linked through
/// [`PyGenerator::stack_top`].
pub(crate) struct Recycled {
    lists: [Cell<*mut PyGenerator>; MOST_WORDS],
    /// Somebody has asked the collector for all objects: there may be others who know any of them.
    pub(crate) is_off: Cell<bool>,
}

impl Recycled {
    pub(crate) fn new() -> Recycled {
        Recycled { lists: [const { Cell::new(std::ptr::null_mut()) }; MOST_WORDS], is_off: Cell::new(false) }
    }

    /// Forgets them all: a collection, which does not visit them, begins.
    pub(crate) fn clear(&self) {
        self.lists.iter().for_each(|list| list.set(std::ptr::null_mut()));
    }

    /// Takes one whose window has so many words.
    #[inline]
    fn take(&self, words: usize) -> Option<Gc<PyGenerator>> {
        let list = self.lists.get(words)?;
        let first = std::ptr::NonNull::new(list.get())?;
        // SAFETY: kept generators were alive when the last collection ended, or made since.
        unsafe {
            list.set(first.as_ref().stack_top.get().cast());
            Some(Gc::from_header(first.cast()))
        }
    }
}

impl Vm {
    /// A generator-like object that takes over the window of `frame`, which has not run yet.
    pub(crate) fn new_generator(&self, frame: Frame) -> PyResult<Value> {
        let words = HEADER + frame.code().register_count as usize;
        self.make_generator(frame.function(), frame.caller(), |fp| {
            // SAFETY: both windows have `words` words; the new one belongs to nobody else yet.
            unsafe {
                std::ptr::copy_nonoverlapping(frame.0.wrapping_sub(HEADER), fp.wrapping_sub(HEADER), words);
                *fp.offset(CALLER) = 0;
                *fp.offset(FRAME_OBJECT) = 0;
                *fp.offset(FLAGS) = flag::GENERATOR;
            }
        })
    }

    /// What a call of a generator function with positional parameters makes: `args` and `defaults` fill all of them, the code is ready.
    pub(crate) fn call_generator_function(
        &self,
        function: Gc<PyFunction>,
        args: &[Value],
        defaults: &[Value],
    ) -> PyResult<Value> {
        let code = function.code.get();
        self.make_generator(function, self.current_frame(), |fp| {
            // SAFETY: the window has room for the parameters; all words that are not written are zero.
            unsafe {
                *fp.offset(CALLABLE) = function.as_value().bits();
                *fp.offset(CODE) = code.as_value().bits();
                *fp.offset(SAVED_IP) = code.entry.get().expose_provenance() as u64;
                *fp.offset(FLAGS) = flag::GENERATOR;
                copy_few(args.as_ptr().cast(), fp, args.len());
                copy_few(defaults.as_ptr().cast(), fp.add(args.len()), defaults.len());
            }
        })
    }

    /// A generator-like object of `function`, whose window `fill` writes, made by `caller`.
    fn make_generator(
        &self,
        function: Gc<PyFunction>,
        caller: Option<Frame>,
        fill: impl FnOnce(Fp),
    ) -> PyResult<Value> {
        let code = function.code.get();
        let shape = match code.flags {
            f if f & flags::COROUTINE != 0 => BuiltinType::coroutine,
            f if f & flags::ASYNC_GENERATOR != 0 => BuiltinType::async_generator,
            _ => BuiltinType::generator,
        };
        let words = HEADER + code.register_count as usize;
        if let Some(generator) = self.interp.recycled.take(words) {
            // It may be old.
            self.heap.write_barrier(generator.header());
            generator.header.set_shape(shape as u32);
            generator.code.init(code);
            generator.state.set(GeneratorState::Created);
            generator.is_temporary.set(false);
            generator.name.init(function.name.get());
            generator.qualname.init(function.qualname.get());
            generator.origin.init(None);
            // SAFETY: the window has these words.
            unsafe { crate::interp::bind::clear(generator.fp().wrapping_sub(HEADER), 0, words) };
            return self.complete_generator(generator, code, caller, fill);
        }
        let object = PyGenerator {
            header: object_header(shape as u32),
            code: Slot::new(code),
            stack_top: Cell::new(std::ptr::null_mut()),
            state: Cell::new(GeneratorState::Created),
            running_async: Cell::new(false),
            closed: Cell::new(false),
            hooks_inited: Cell::new(false),
            is_temporary: Cell::new(false),
            name: Slot::new(function.name.get()),
            qualname: Slot::new(function.qualname.get()),
            origin: Slot::new(None),
            outermost: Slot::new(None),
        };
        // SAFETY: the window is cleared at once. Its words may be odd, but cells are a multiple of two words, as the struct is.
        let generator = unsafe {
            let generator = self.alloc_tail_open(object, words * 8)?;
            crate::interp::bind::clear(generator.fp().wrapping_sub(HEADER), 0, words);
            generator
        };
        self.complete_generator(generator, code, caller, fill)
    }

    /// Fills the window of a new generator and makes it known to those who watch for it.
    #[inline(always)]
    fn complete_generator(
        &self,
        generator: Gc<PyGenerator>,
        code: Gc<PyCode>,
        caller: Option<Frame>,
        fill: impl FnOnce(Fp),
    ) -> PyResult<Value> {
        fill(generator.fp());
        if code.is_closable.get() {
            self.heap.register_finalizer(generator.header());
        }
        if code.flags & flags::COROUTINE != 0 && self.interp.coroutine_origin_depth.get() > 0 {
            let origin = self.origin_from(caller)?;
            generator.origin.set(&self.heap, generator, Some(origin));
        }
        Ok(generator.as_value())
    }

    /// Notes that `made`, just made by a call of its function, is known to no one but a register that only the instruction behind the call reads.
    #[inline]
    pub(crate) fn note_temporary(&self, made: Value) {
        if let Some(generator) = plain_frame(made)
            && generator.state.get() == GeneratorState::Created
        {
            generator.is_temporary.set(true);
        }
    }

    /// The generator has returned to the loop or the delegation that has resumed it.
    #[inline]
    pub(crate) fn recycle(&self, generator: Gc<PyGenerator>) {
        if !generator.is_temporary.get() {
            return;
        }
        let (recycled, words) = (&self.interp.recycled, HEADER + generator.code.get().register_count as usize);
        // Weak references, a finalizer that is still registered, an identity that was asked for.
        let is_known = generator.header.flags() & !flag_of_header::UNLOGGED != 0;
        if let Some(list) = recycled.lists.get(words)
            && !is_known
            && !recycled.is_off.get()
        {
            generator.stack_top.set(list.get().cast());
            list.set(generator.as_ptr());
        }
    }

    /// From now on what was made for a loop or a delegation may be known to others.
    pub fn stop_recycling(&self) {
        self.interp.recycled.is_off.set(true);
        self.interp.recycled.clear();
    }

    /// File, line and name of `caller` and its callers, as many as coroutines remember (`cr_origin`).
    fn origin_from(&self, caller: Option<Frame>) -> PyResult<Value> {
        let depth = self.interp.coroutine_origin_depth.get() as usize;
        let mut callers = self.heap.root_vec();
        for caller in std::iter::successors(caller, |caller| caller.caller()).take(depth) {
            let code = caller.code();
            let object = code.object();
            let line = object.place(caller.position()).map_or(object.first_line, |place| place.line);
            let name = self.intern(&object.name);
            let entry = self.new_tuple(&[code.filename.get(), self.new_uint(line as usize)?, name])?;
            callers.push(entry);
        }
        self.new_tuple(&callers)
    }
}
