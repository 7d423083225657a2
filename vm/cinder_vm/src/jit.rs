//! The VM's side of the JIT: what is compiled, when, and how interpreter and machine code enter each other.
//!
//! Problem: [`cinder_layout::jit`] says what machine code expects; somebody must decide what to compile, resolve the facts, answer the helpers
//! and take code out of use when an assumption breaks.
//! Idea: each code object counts down its `heat`; at zero the interpreter's handlers come here ([`entry`]), which compiles ([`facts`]) and enters the
//! window entry. Typed calls between compiled functions go through the [`FunctionCell`]s of the class loader. [`helpers`] is what machine code calls.
//! Holds: machine code never changes results. Everything a unit mentions is a root. A unit that was taken out of use is freed when no machine code runs.

pub(crate) mod entry;
mod facts;
pub(crate) mod helpers;
mod methods;
mod worth;

use std::cell::{Cell, RefCell, UnsafeCell};
use std::rc::Rc;
use std::sync::Arc;

use cinder_bytecode::{CodeObject, RegisterKind, code::flags};
use cinder_heap::Gc;
use cinder_layout::jit::{
    CompileError, CompileRequest, CompiledCode, DumpStage, EntryCell, EntrySignature, JitCompiler,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::classloader::calls::FunctionCell;
use crate::classloader::layout::kind_of;
use crate::interp::stack::HEADER;
use crate::native::PyResult;
use crate::types::code::{GENERATOR_LIKE, PyCode};
use crate::types::function::PyFunction;
use crate::types::type_::PyType;
use crate::vm::Vm;

/// `heat` of code that is not to be compiled.
pub(crate) const COLD: u32 = u32::MAX;
/// Calls before a function is compiled.
const HOT_CALLS: u32 = 200;
/// Turns of a loop before it is entered by compiled code.
const HOT_TURNS: u32 = 1000;
/// More for long code, which takes long to compile.
const TURNS_PER_WORD: u32 = 8;
/// Words of code without types above which its loops are not compiled.
const MAX_UNTYPED_WORDS: usize = 4000;
/// Calls and turns with `CINDER_JIT=soon`.
const SOON: u32 = 3;
/// Exits after which code is given up.
const MANY_EXITS: u32 = 500;
/// How often code that leaves often is compiled anew, the last time with less speculation, before its function stays with the interpreter.
const MAX_RETRIES: u32 = 3;
/// Native stack of a thread that compiles.
const COMPILER_STACK_BYTES: usize = 8 << 20;
/// Native stack that helpers may need below a compiled frame.
const NATIVE_RESERVE_BYTES: usize = 128 << 10;

/// How the JIT is used, from the command line and the environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Policy {
    /// `CINDER_JIT=off`, `--no-jit`: interpret only.
    pub is_off: bool,
    /// `CINDER_JIT=eager`: compile at the first call and turn.
    pub is_eager: bool,
    /// `CINDER_JIT=soon`: compile after a few calls or turns, when the interpreter has met something.
    pub is_soon: bool,
    /// `CINDER_DEOPT=always`: guards fail even when they hold.
    pub deopts_always: bool,
    /// `CINDER_JIT_STATS=1`: report compiles and exits on standard error.
    pub reports: bool,
}

impl Policy {
    /// What the environment asks for.
    pub fn from_env() -> Policy {
        let is = |name: &str, value: &str| std::env::var_os(name).is_some_and(|found| found == value);
        Policy {
            is_off: is("CINDER_JIT", "off"),
            is_eager: is("CINDER_JIT", "eager"),
            is_soon: is("CINDER_JIT", "soon"),
            deopts_always: is("CINDER_DEOPT", "always"),
            reports: is("CINDER_JIT_STATS", "1"),
        }
    }
}

/// Machine code with what the VM knows of it.
pub(crate) struct Unit {
    code: CompiledCode,
    /// In the unit's order; the compiled one first.
    functions: Vec<Gc<PyFunction>>,
    /// Classes that the facts mention.
    classes: Vec<Gc<PyType>>,
    /// The valid word, at a fixed address.
    valid: Box<Cell<u64>>,
    /// Word of the loop header for OSR code.
    osr: Option<u32>,
    exits: Cell<u32>,
}

impl Unit {
    fn function(&self) -> Gc<PyFunction> {
        self.functions[0]
    }
}

/// The JIT's state in the VM.
#[derive(Default)]
pub struct State {
    compiler: RefCell<Option<Arc<dyn JitCompiler>>>,
    policy: Cell<Policy>,
    /// By number; `None`: freed.
    units: RefCell<Vec<Option<Rc<Unit>>>>,
    /// Numbers of units that are out of use.
    retired: RefCell<Vec<usize>>,
    /// Calls from the VM into machine code that have not returned, of all threads.
    pub(crate) active: Cell<u32>,
    /// Loops with compiled code, by function and word of the header.
    loops: RefCell<FxHashMap<(u64, u32), Rc<Unit>>>,
    pub(crate) methods: methods::Methods,
    /// How often code of a function or loop was given up because it left too often.
    retries: RefCell<FxHashMap<(u64, Option<u32>), u32>>,
    /// Classes whose change breaks assumptions.
    watched: RefCell<FxHashSet<u64>>,
    /// Set in a forked child, see [`compile_apart`].
    pub(crate) compiles_apart: Cell<bool>,
    /// Makes the allocator return what the calling thread has freed to the system.
    release: Cell<Option<fn()>>,
    /// OSR code has left with an exception pending.
    pub(crate) left_raising: Cell<bool>,
}

/// Compiles in a thread of its own, whose allocations lie apart and are gone with it: what a compile in this thread touches stays, and
/// in a forked child each page of it is a copy of the parent's.
fn compile_apart(
    compiler: &dyn JitCompiler,
    request: &CompileRequest,
    release: Option<fn()>,
) -> Result<CompiledCode, CompileError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("jit".into()).stack_size(COMPILER_STACK_BYTES);
        let work = || {
            let result = compiler.compile(request);
            release.inspect(|release| release());
            result
        };
        match thread.spawn_scoped(scope, work) {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => compiler.compile(request),
        }
    })
}

/// Whether the JIT takes this code: a static function with parameters in registers.
fn is_eligible(code: &CodeObject) -> bool {
    const ODD: u32 = flags::VARARGS | flags::VARKEYWORDS | GENERATOR_LIKE;
    code.flags & flags::STATIC != 0 && code.flags & ODD == 0 && code.static_signature.is_some()
}

/// Whether the JIT takes loops of this code.
fn has_eligible_loops(code: &CodeObject) -> bool {
    code.flags & GENERATOR_LIKE == 0
        && (code.flags & flags::STATIC != 0 || code.instructions.len() <= MAX_UNTYPED_WORDS)
}

/// Register kinds of a static function's typed entry.
fn entry_signature(code: &CodeObject) -> Option<EntrySignature> {
    let signature = code.static_signature.as_ref()?;
    Some(EntrySignature {
        parameters: signature.parameters.iter().map(|index| kind_of(&code.types[*index as usize])).collect(),
        result: result_kind(code),
    })
}

fn result_kind(code: &CodeObject) -> RegisterKind {
    code.static_signature
        .as_ref()
        .map_or(RegisterKind::Tagged, |signature| kind_of(&code.types[signature.result as usize]))
}

impl State {
    /// Visits what units mention.
    pub(crate) fn trace(&self, tracer: &mut cinder_heap::Tracer<'_>) {
        for unit in self.units.borrow().iter().flatten() {
            unit.functions.iter().for_each(|function| tracer.visit_object(function.header()));
            unit.classes.iter().for_each(|class| tracer.visit_object(class.header()));
        }
        self.methods.trace(tracer);
    }

    /// Number of the next unit: that of a freed one, or a new one.
    fn next_number(&self) -> usize {
        let units = self.units.borrow();
        units.iter().position(Option::is_none).unwrap_or(units.len())
    }

    /// Keeps a unit that was compiled with the next number.
    fn put(&self, unit: &Rc<Unit>) {
        let (number, mut units) = (self.next_number(), self.units.borrow_mut());
        if number == units.len() {
            units.push(None);
        }
        units[number] = Some(Rc::clone(unit));
    }

    fn is_on(&self) -> bool {
        !self.policy.get().is_off && self.compiler.borrow().is_some()
    }

    /// `heat` of a new code object.
    pub(crate) fn initial_heat(&self, code: &CodeObject) -> u32 {
        match () {
            () if !self.is_on() || !is_eligible(code) => COLD,
            () if self.policy.get().is_eager => 0,
            () if self.policy.get().is_soon => SOON,
            () => HOT_CALLS,
        }
    }

    /// Turns after which a loop of this code asks for OSR; [`COLD`]: never.
    pub(crate) fn hot_turns(&self, code: &CodeObject) -> u32 {
        match () {
            () if !self.is_on() || !has_eligible_loops(code) => COLD,
            () if self.policy.get().is_eager => 1,
            () if self.policy.get().is_soon => SOON,
            () => HOT_TURNS.max(code.instructions.len() as u32 * TURNS_PER_WORD),
        }
    }
}

impl Vm {
    /// Plugs the compiler in. Before any code object is made. `release` makes the allocator return what the calling thread has freed to
    /// the system.
    pub fn use_jit(&self, compiler: Arc<dyn JitCompiler>, policy: Policy, release: Option<fn()>) {
        self.jit.release.set(release);
        // SAFETY: plain fields; nothing runs yet.
        let machine = unsafe { &mut *self.machine.get() };
        machine.alloc =
            std::ptr::from_ref(&self.heap).wrapping_byte_add(cinder_heap::Heap::CURSORS_OFFSET as usize).cast();
        machine.stack_limit = machine_stack_limit(self.interp.stack.end.get());
        machine.native_limit = native_limit(self.stack_limit.get());
        machine.methods = self.jit.methods.make();
        *self.jit.compiler.borrow_mut() = Some(compiler);
        self.jit.policy.set(policy);
    }

    /// The cell through which typed code calls `function`; `None` without a compiler or memory for stubs.
    pub(crate) fn function_cell(&self, function: Gc<PyFunction>) -> Option<&'static FunctionCell> {
        let bits = function.as_value().bits();
        if let Some(cell) = self.statics.cells.borrow().get(&bits) {
            return Some(cell);
        }
        let code = function.code.get();
        let entry = self.stub(code.object())?;
        let entry = UnsafeCell::new(EntryCell { entry, callable: bits });
        let cell: &'static FunctionCell =
            Box::leak(Box::new(FunctionCell { entry, function: Cell::new(function), code: Cell::new(code) }));
        self.statics.cells.borrow_mut().insert(bits, cell);
        Some(cell)
    }

    fn stub(&self, code: &CodeObject) -> Option<usize> {
        let compiler = self.jit.compiler.borrow().clone()?;
        compiler.stub(&helpers::table(), &entry_signature(code)?).ok()
    }

    /// Compiles the function, or its loop at `osr`.
    ///
    /// Runs Python: no, since descriptors of modules that are not loaded are left open.
    fn compile_unit(&self, function: Gc<PyFunction>, osr: Option<u32>) -> Option<Rc<Unit>> {
        let compiler = self.jit.compiler.borrow().clone()?;
        self.free_retired(&*compiler);
        let (request, functions, classes, valid) = self.compile_request(function, osr)?;
        let result = match self.jit.compiles_apart.get() {
            true => compile_apart(&*compiler, &request, self.jit.release.get()),
            false => compiler.compile(&request),
        };
        if self.jit.policy.get().reports {
            let code = function.code.get();
            let name = &code.object().qualname;
            match &result {
                Ok(code) => eprintln!("jit: {name} {osr:?}: {} bytes, {} points", code.code_bytes, code.points.len()),
                Err(error) => eprintln!("jit: {name} {osr:?}: {error}"),
            }
        }
        let unit = Unit { code: result.ok()?, functions, classes, valid, osr, exits: Cell::new(0) };
        if unit.code.uses_valid {
            self.jit.watched.borrow_mut().extend(unit.classes.iter().map(|class| class.as_value().bits()));
        }
        let unit = Rc::new(unit);
        self.jit.put(&unit);
        Some(unit)
    }

    #[allow(clippy::type_complexity, reason = "the parts of a unit, used once")]
    fn compile_request(
        &self,
        function: Gc<PyFunction>,
        osr: Option<u32>,
    ) -> Option<(CompileRequest, Vec<Gc<PyFunction>>, Vec<Gc<PyType>>, Box<Cell<u64>>)> {
        let (unit, functions, classes) = facts::build(self, function)?;
        let valid = Box::new(Cell::new(1));
        let request = CompileRequest {
            unit,
            osr,
            code_id: self.jit.next_number() as u64,
            valid: std::ptr::from_ref(&*valid).expose_provenance() as u64,
            is_forced: self.jit.policy.get().is_eager || self.jit.policy.get().is_soon,
            is_retry: self
                .jit
                .retries
                .borrow()
                .get(&(function.as_value().bits(), osr))
                .is_some_and(|count| *count >= MAX_RETRIES),
            deopt_always: self.jit.policy.get().deopts_always,
        };
        Some((request, functions, classes, valid))
    }

    /// The window entry of the function's code, compiled when it is not yet; `None`: interpret, and do not ask again.
    pub(crate) fn compiled_entry(&self, function: Gc<PyFunction>) -> Option<usize> {
        if self.is_tracing() {
            return None;
        }
        let code = function.code.get();
        let bits = function.as_value().bits();
        if code.jit_entry.get() == 0
            && is_eligible(code.object())
            && self.jit.is_on()
            && self.prepare_code(code).is_ok()
        {
            // A failure is not asked again.
            code.heat.set(COLD);
            let unit = self.compile_unit(function, None)?;
            let cell = self.function_cell(function)?;
            // SAFETY: machine code reads the word, nothing borrows it.
            unsafe { (*cell.entry.get()).entry = unit.code.typed_entry };
            code.jit_entry.set(unit.code.window_entry);
            code.jit_function.set(bits);
            code.heat.set(0);
        }
        if code.jit_entry.get() != 0 && code.jit_function.get() == bits {
            return Some(code.jit_entry.get());
        }
        code.heat.set(COLD);
        None
    }

    /// Code of the loop whose header is at `word`, compiled when it is not yet.
    pub(crate) fn compiled_loop(&self, function: Gc<PyFunction>, word: u32) -> Option<usize> {
        if self.is_tracing() {
            return None;
        }
        let key = (function.as_value().bits(), word);
        if let Some(unit) = self.jit.loops.borrow().get(&key) {
            return Some(unit.code.window_entry);
        }
        let code = function.code.get();
        if !has_eligible_loops(code.object()) || !self.jit.is_on() {
            return None;
        }
        let policy = self.jit.policy.get();
        let is_forced = policy.is_eager || policy.is_soon;
        if !is_forced && code.flags & flags::STATIC == 0 && !worth::may_pay(code.object(), word) {
            return None;
        }
        let unit = self.compile_unit(function, Some(word))?;
        let entry = unit.code.window_entry;
        self.jit.loops.borrow_mut().insert(key, unit);
        Some(entry)
    }

    /// Gives back the memory of units that are out of use, unless machine code runs.
    fn free_retired(&self, compiler: &dyn JitCompiler) {
        if self.jit.active.get() != 0 {
            return;
        }
        for number in self.jit.retired.take() {
            if let Some(unit) = self.jit.units.borrow_mut()[number].take() {
                compiler.release(unit.code.clone());
            }
        }
    }

    /// Takes a unit's entries out of use. Frames that run it leave on their own when it has become invalid.
    fn retire(&self, unit: &Rc<Unit>, heat: u32) {
        let number = self
            .jit
            .units
            .borrow()
            .iter()
            .position(|known| known.as_ref().is_some_and(|known| Rc::ptr_eq(known, unit)));
        if let Some(number) = number
            && !self.jit.retired.borrow().contains(&number)
        {
            self.jit.retired.borrow_mut().push(number);
        }
        let function = unit.function();
        let bits = function.as_value().bits();
        if let Some(word) = unit.osr {
            self.jit.loops.borrow_mut().remove(&(bits, word));
            return;
        }
        if let Some(cell) = self.statics.cells.borrow().get(&bits)
            && let Some(stub) = self.stub(cell.code.get().object())
        {
            // SAFETY: as in `compiled_entry`.
            unsafe { (*cell.entry.get()).entry = stub };
        }
        for code in [
            function.code.get(),
            self.statics.cells.borrow().get(&bits).map_or(function.code.get(), |cell| cell.code.get()),
        ] {
            if code.jit_function.get() == bits {
                code.jit_entry.set(0);
                code.jit_function.set(0);
                code.heat.set(heat);
            }
        }
    }

    /// A class that facts may rely on has changed.
    pub(crate) fn jit_class_changed(&self, class: Gc<PyType>) {
        self.jit.methods.forget();
        if self.jit.watched.borrow().contains(&class.as_value().bits()) {
            let bits = class.as_value().bits();
            self.break_assumptions(|unit| unit.classes.iter().any(|class| class.as_value().bits() == bits));
        }
    }

    /// A function gets other code.
    pub(crate) fn jit_code_replaced(&self, function: Gc<PyFunction>) {
        self.break_assumptions(|unit| unit.functions.contains(&function));
    }

    /// What typed calls reach may have changed.
    pub(crate) fn jit_targets_changed(&self) {
        self.break_assumptions(|_| true);
    }

    fn break_assumptions(&self, concerned: impl Fn(&Unit) -> bool) {
        let units: Vec<Rc<Unit>> =
            self.jit.units.borrow().iter().flatten().filter(|unit| unit.valid.get() != 0).cloned().collect();
        for unit in units.into_iter().filter(|unit| concerned(unit)) {
            unit.valid.set(0);
            self.retire(&unit, HOT_CALLS);
        }
    }

    /// Text of a compiler stage for a static function, for `cinder dump`.
    ///
    /// # Errors
    /// The compiler's; and a function that it does not take.
    pub fn dump_jit(&self, function: cinder_layout::Value, stage: DumpStage<'_>) -> Result<String, CompileError> {
        let failure = |reason: &str| CompileError { word: None, reason: reason.to_owned() };
        let function = self.as_function(function).ok_or_else(|| failure("not a Python function"))?;
        if !is_eligible(function.code.get().object()) || self.prepare_code(function.code.get()).is_err() {
            return Err(failure("only static functions are compiled"));
        }
        let compiler = self.jit.compiler.borrow().clone().ok_or_else(|| failure("this machine has no compiler"))?;
        let (request, ..) =
            self.compile_request(function, None).ok_or_else(|| failure("the function's types cannot be resolved"))?;
        compiler.dump(&request, stage)
    }

    /// Counts an exit; a unit with many is taken out of use.
    fn count_exit(&self, unit: &Rc<Unit>, reason: &str) {
        let policy = self.jit.policy.get();
        if policy.deopts_always || matches!(reason, "interrupt" | "exception") {
            return;
        }
        unit.exits.set(unit.exits.get() + 1);
        if unit.exits.get() == MANY_EXITS {
            if policy.reports {
                eprintln!("jit: {} leaves often: {reason}", unit.function().code.get().object().qualname);
            }
            let mut retries = self.jit.retries.borrow_mut();
            let count = retries.entry((unit.function().as_value().bits(), unit.osr)).or_default();
            *count += 1;
            self.retire(unit, if *count > MAX_RETRIES { COLD } else { HOT_CALLS });
        }
    }
}

/// Kind of the words that a static function returns raw.
pub(crate) fn returns(code: Gc<PyCode>) -> RegisterKind {
    result_kind(code.object())
}

/// An error that is not the program's: resolving facts must not disturb it.
fn quietly<T>(vm: &Vm, result: PyResult<T>) -> Option<T> {
    result.map_err(|raised| vm.take_exception(raised)).ok()
}

/// [`cinder_layout::jit::JitVm::stack_limit`] of a VM stack.
pub(crate) fn machine_stack_limit(end: *mut u64) -> *mut u64 {
    end.wrapping_sub(8 * HEADER)
}

/// [`cinder_layout::jit::JitVm::native_limit`] of a thread.
pub(crate) fn native_limit(stack_limit: usize) -> usize {
    stack_limit + NATIVE_RESERVE_BYTES
}
