//! Trace and profile functions: `sys.settrace`, `sys.setprofile`, `frame.f_trace`.
//!
//! Problem: debuggers want to hear of calls, lines, returns and exceptions; programs that nobody watches must not pay for it.
//! Idea: while somebody watches, calls take their general path, which *arms* the callee's code: instructions where an event may be due are replaced by
//! TRACE in the private copy. TRACE tells the watchers, puts the instruction back and lets it run, so that it may quicken as ever; the next TRACE arms it
//! again. Without watchers a TRACE that is left over only puts its instruction back.
//! Holds: at most one armed place of a code object that runs is put back at a time, and every jump backwards is armed, so no line is passed unseen.
//! How a call of native code or a branch ended is known when the next instruction of the frame begins; both sides are armed then.
//! Source: the events of CPython's `Python/legacy_tracing.c` and PEP 669. Calls of functions with types are not reported as calls.

mod census;
mod jump;
mod steps;

use std::cell::{Cell, RefCell};

use cinder_bytecode::{Instruction, Opcode};
use cinder_heap::Gc;
use cinder_layout::Value;

use crate::interp::dispatch::{Fp, Ip};
use crate::interp::stack::Frame;
use crate::native::PyResult;
use crate::types::code::PyCode;
use crate::types::frame::PyFrame;
use crate::vm::Vm;

/// A thread's trace and profile function.
#[derive(Clone, Copy, Default)]
pub(crate) struct Watchers {
    trace: Option<Value>,
    profile: Option<Value>,
    /// A watcher runs: nothing is reported.
    is_inside: bool,
}

impl Watchers {
    pub(crate) fn visit(&self, tracer: &mut cinder_heap::Tracer<'_>) {
        tracer.visit_option(self.trace);
        tracer.visit_option(self.profile);
    }
}

/// Who watches.
#[derive(Default)]
pub struct Tracing {
    /// Of the thread that runs.
    pub(crate) own: Cell<Watchers>,
    /// What `sys.monitoring` wants to be called, and the union of the events of its tools.
    monitor: Cell<Option<Value>>,
    monitor_events: Cell<u32>,
    /// Counts the hits of inline caches.
    census: Cell<Option<&'static census::Census>>,
    /// What the trace function that runs is told, and of which frame (its bits).
    telling: Cell<Option<(Event, u64)>>,
    /// A frame wants to hear of instructions.
    opcodes: Cell<bool>,
    /// Classes of places to arm.
    wanted: Cell<u8>,
    /// Somebody watches in some thread, or a frame has a trace function of its own.
    is_on: Cell<bool>,
    /// The instruction that was put back last.
    open: Cell<Option<(Gc<PyCode>, u32)>>,
}

impl Tracing {
    pub(crate) fn visit(&self, tracer: &mut cinder_heap::Tracer<'_>) {
        self.own.get().visit(tracer);
        tracer.visit_option(self.monitor.get());
        if let Some((code, _)) = self.open.get() {
            tracer.visit_object(code.header());
        }
        if let Some(census) = self.census.get() {
            census.codes.borrow().values().for_each(|code| tracer.visit_object(code.header()));
        }
    }
}

/// Why a place is armed, as bits.
mod class {
    /// Starts of lines, ends of functions, turns of loops.
    pub(super) const LINE: u8 = 1;
    /// Inline caches.
    pub(super) const SITE: u8 = 1 << 1;
    /// Calls and what follows them.
    pub(super) const CALL: u8 = 1 << 2;
    /// Branches and where they lead.
    pub(super) const BRANCH: u8 = 1 << 3;
    pub(super) const EVERY: u8 = 1 << 4;
}

/// Where a code object is armed.
pub(crate) struct Armed {
    /// Word of each instruction, ascending.
    words: Vec<u32>,
    /// Its classes.
    classes: Vec<u8>,
    /// The opcodes that TRACE stands for, by place in `words`.
    opcodes: RefCell<Vec<u16>>,
    /// Words that jumps lead back to.
    loop_heads: Vec<u32>,
}

/// What is reported.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Call,
    Line,
    Return,
    Exception,
    Opcode,
    NativeCall,
    NativeReturn,
    NativeException,
}

impl Event {
    fn text(self) -> &'static str {
        match self {
            Event::Call => "call",
            Event::Line => "line",
            Event::Return => "return",
            Event::Exception => "exception",
            Event::Opcode => "opcode",
            Event::NativeCall => "c_call",
            Event::NativeReturn => "c_return",
            Event::NativeException => "c_exception",
        }
    }
}

/// Bits of the events of `sys.monitoring` (PEP 669).
pub mod monitor {
    pub const PY_START: u32 = 1;
    pub const PY_RESUME: u32 = 1 << 1;
    pub const PY_RETURN: u32 = 1 << 2;
    pub const PY_YIELD: u32 = 1 << 3;
    pub const CALL: u32 = 1 << 4;
    pub const LINE: u32 = 1 << 5;
    pub const INSTRUCTION: u32 = 1 << 6;
    pub const JUMP: u32 = 1 << 7;
    pub const BRANCH_LEFT: u32 = 1 << 8;
    pub const BRANCH_RIGHT: u32 = 1 << 9;
    pub const STOP_ITERATION: u32 = 1 << 10;
    pub const RAISE: u32 = 1 << 11;
    pub const EXCEPTION_HANDLED: u32 = 1 << 12;
    pub const PY_UNWIND: u32 = 1 << 13;
    pub const PY_THROW: u32 = 1 << 14;
    pub const RERAISE: u32 = 1 << 15;
    pub const C_RETURN: u32 = 1 << 16;
    pub const C_RAISE: u32 = 1 << 17;
    pub const BRANCH: u32 = 1 << 18;
}

const TRACE: u16 = Opcode::TRACE as u16;

impl Armed {
    /// The places of code with their classes.
    fn plan(code: &PyCode) -> Armed {
        let object = code.object();
        let (mut words, mut classes) = (Vec::new(), Vec::new());
        let (mut loop_heads, mut joined) = (Vec::new(), Vec::new());
        let mut line_before = None;
        let mut is_after_yield = false;
        let mut inherited = 0;
        for (index, instruction) in cinder_bytecode::instructions(&object.instructions) {
            let index = index as u32;
            let line = object.place(index).map_or(0, |place| place.line);
            let is_event = matches!(
                instruction.op,
                Opcode::RETURN_VALUE | Opcode::RETURN_PRIMITIVE | Opcode::YIELD_VALUE | Opcode::JUMP_BACKWARD
            );
            let mut found = class::EVERY | std::mem::take(&mut inherited);
            if is_event || is_after_yield || index == 0 || (line != 0 && line_before != Some(line)) {
                found |= class::LINE;
            }
            if census::is_site(&instruction) {
                found |= class::SITE;
            }
            if steps::is_call(instruction.op) {
                found |= class::CALL;
                inherited |= class::CALL;
            }
            if let Some(target) = instruction.jump_target() {
                found |= class::BRANCH;
                inherited |= class::BRANCH;
                joined.push(target);
                if instruction.op == Opcode::JUMP_BACKWARD {
                    loop_heads.push(target);
                }
            }
            if matches!(instruction.op, Opcode::COMPARE_OP | Opcode::COMPARE_OP_K) {
                // Their quick forms take the jump behind with them.
                found |= class::BRANCH;
            }
            words.push(index);
            classes.push(found);
            is_after_yield = instruction.op == Opcode::YIELD_VALUE;
            line_before = Some(line);
        }
        for (targets, why) in [(&loop_heads, class::LINE), (&joined, class::BRANCH)] {
            for place in targets.iter().filter_map(|target| words.binary_search(target).ok()) {
                classes[place] |= why;
            }
        }
        let opcodes = RefCell::new(vec![TRACE; words.len()]);
        Armed { words, classes, opcodes, loop_heads }
    }
}

impl Vm {
    #[inline(always)]
    pub(crate) fn is_tracing(&self) -> bool {
        self.tracing.is_on.get()
    }

    /// `sys.gettrace()`.
    pub fn trace_function(&self) -> Option<Value> {
        self.tracing.own.get().trace
    }

    /// `sys.getprofile()`.
    pub fn profile_function(&self) -> Option<Value> {
        self.tracing.own.get().profile
    }

    /// `sys.settrace(function)`, for this thread or for all.
    pub fn set_trace_function(&self, function: Option<Value>, everywhere: bool) {
        self.tracing.own.set(Watchers { trace: function, ..self.tracing.own.get() });
        if everywhere {
            self.for_other_watchers(|watchers| watchers.trace = function);
        }
        self.watchers_changed();
    }

    /// `sys.setprofile(function)`, for this thread or for all. Functions that run hear of calls from now on.
    pub fn set_profile_function(&self, function: Option<Value>, everywhere: bool) {
        self.tracing.own.set(Watchers { profile: function, ..self.tracing.own.get() });
        if everywhere {
            self.for_other_watchers(|watchers| watchers.profile = function);
        }
        self.watchers_changed();
        if function.is_some() {
            self.arm_running();
        }
    }

    /// Arms the functions of this thread that run.
    fn arm_running(&self) {
        for frame in self.frames() {
            if frame.flags() & cinder_layout::jit::frame::COMPILED == 0 {
                self.arm(frame.code());
            }
        }
    }

    fn is_inside_watcher(&self) -> bool {
        self.tracing.own.get().is_inside
    }

    /// Calls a watcher, who is not told of what it does itself.
    fn call_watcher(&self, watcher: Value, args: &[Value]) -> PyResult<Value> {
        let tracing = &self.tracing;
        tracing.own.set(Watchers { is_inside: true, ..tracing.own.get() });
        let result = self.call(watcher, args);
        tracing.own.set(Watchers { is_inside: false, ..tracing.own.get() });
        result
    }

    /// `sys.monitoring` wants `dispatch(event, code, place, ..)` called for these events; functions that run are watched, too.
    pub fn set_monitor(&self, dispatch: Value, events: u32) {
        self.tracing.monitor.set(Some(dispatch));
        self.tracing.monitor_events.set(events);
        self.watchers_changed();
        if events != 0 {
            self.arm_running();
        }
    }

    /// Tells the tools of `sys.monitoring`.
    fn tell_monitor(&self, event: u32, frame: Gc<PyFrame>, details: &[Value]) -> PyResult<()> {
        let Some(dispatch) = self.tracing.monitor.get().filter(|_| self.tracing.monitor_events.get() & event != 0)
        else {
            return Ok(());
        };
        let mut all = crate::value_vec::ValueVec::<[Value; 8]>::new();
        all.push(self.new_int(event.into())?);
        all.push(frame.code.get().as_value());
        all.extend_from_slice(details);
        let kind = match event {
            monitor::LINE => Event::Line,
            monitor::PY_START | monitor::PY_RESUME => Event::Call,
            _ => Event::Return,
        };
        let before = self.tracing.telling.replace(Some((kind, frame.as_value().bits())));
        let told = self.call_watcher(dispatch, &all);
        self.tracing.telling.set(before);
        told.map(|_| ())
    }

    /// `f_lasti`, where events that are no lines say they happen.
    fn offset(&self, frame: Gc<PyFrame>) -> PyResult<Value> {
        self.new_int(i64::from(frame.position()) * 2)
    }

    fn watchers_changed(&self) {
        let tracing = &self.tracing;
        let own = tracing.own.get();
        let (mut has_trace, mut has_profile) = (own.trace.is_some(), own.profile.is_some());
        self.for_other_watchers(|watchers| {
            has_trace |= watchers.trace.is_some();
            has_profile |= watchers.profile.is_some();
        });
        let is_counted = tracing.census.get().is_some();
        let events = tracing.monitor_events.get();
        let asks = |wanted: u32| events & wanted != 0;
        let mut wanted = class::LINE;
        for (is_wanted, why) in [
            (is_counted, class::SITE),
            (has_profile || asks(monitor::CALL), class::CALL),
            (asks(steps::BRANCHES), class::BRANCH),
            (has_trace && tracing.opcodes.get() || asks(monitor::INSTRUCTION), class::EVERY),
        ] {
            wanted |= if is_wanted { why } else { 0 };
        }
        tracing.wanted.set(wanted);
        tracing.is_on.set(has_trace || has_profile || events != 0 || is_counted);
        self.open_call_gate();
    }

    /// A frame wants its trace function to hear of instructions.
    pub(crate) fn watch_instructions(&self, frame: Gc<PyFrame>) {
        self.tracing.opcodes.set(true);
        self.watchers_changed();
        self.arm(frame.code.get());
    }

    /// A frame gets a trace function of its own; it hears of lines while `sys.settrace` has a function.
    pub(crate) fn watch_frame(&self, frame: Gc<PyFrame>) {
        self.arm(frame.code.get());
    }

    /// Replaces the instructions of the code where something is to be told.
    pub(crate) fn arm(&self, code: Gc<PyCode>) {
        if !code.is_ready() {
            return;
        }
        let armed = self.armed(code);
        let mut opcodes = armed.opcodes.borrow_mut();
        let wanted = self.tracing.wanted.get();
        for (place, opcode) in opcodes.iter_mut().enumerate() {
            if armed.classes[place] & wanted == 0 {
                continue;
            }
            let cell = code.private_word(armed.words[place]);
            let found = cell.get() as u16;
            if found != TRACE {
                *opcode = found;
                cell.set(cell.get() & !0xffff | u64::from(TRACE));
            }
        }
    }

    fn armed<'c>(&self, code: Gc<PyCode>) -> &'c Armed {
        let armed: *const Armed = code.armed(|| Armed::plan(&code));
        // SAFETY: the plan lies in the code object's storage, which callers keep alive and which never changes it.
        unsafe { &*armed }
    }

    /// Arms the instruction that was put back last again.
    fn close_open(&self) {
        let Some((code, word)) = self.tracing.open.take() else { return };
        let armed = self.armed(code);
        let Ok(place) = armed.words.binary_search(&word) else { return };
        let cell = code.private_word(word);
        let found = cell.get() as u16;
        if found != TRACE {
            armed.opcodes.borrow_mut()[place] = found;
            cell.set(cell.get() & !0xffff | u64::from(TRACE));
        }
    }

    /// TRACE at `ip`: tells whoever watches and puts the instruction back. Where the frame goes on: there, unless a watcher set its line.
    ///
    /// Runs Python: yes. Errors: what a watcher raises; then nobody watches any more.
    pub(crate) fn traced_instruction(&self, ip: Ip, fp: Fp) -> PyResult<Ip> {
        let frame = Frame(fp);
        let code = frame.code();
        let word = code.index_of(ip);
        // Counted before the site that ran last is armed again, since then its form is hidden.
        if let Some(census) = self.tracing.census.get() {
            census.end();
        }
        self.close_open();
        let armed = self.armed(code);
        let result = match self.is_tracing() && !self.is_inside_watcher() {
            true => self.report_instruction(frame, code, word, armed),
            false => Ok(()),
        };
        // A watcher may have armed it again meanwhile, or put another instruction back.
        self.close_open();
        if frame.ip() != ip && result.is_ok() {
            return Ok(frame.ip());
        }
        let cell = code.private_word(word);
        if cell.get() as u16 == TRACE {
            let place = armed.words.binary_search(&word).expect("TRACE stands at armed places only");
            let mut opcode = armed.opcodes.borrow()[place];
            if self.tracing.wanted.get() & (class::BRANCH | class::EVERY) != 0 && steps::takes_jump(opcode) {
                opcode = code.object().instructions[word as usize] as u16;
            }
            cell.set(cell.get() & !0xffff | u64::from(opcode));
        }
        if let Some(census) = self.tracing.census.get() {
            census.begin(self, frame, word, ip, cell.get() as u16);
        }
        if self.is_tracing() {
            self.tracing.open.set(Some((code, word)));
        }
        result.map(|()| ip)
    }

    fn report_instruction(&self, frame: Frame, code: Gc<PyCode>, word: u32, armed: &Armed) -> PyResult<()> {
        let object = self.frame_object(frame)?;
        let Some(object) = self.downcast::<PyFrame>(object) else { return Ok(()) };
        let description = std::sync::Arc::clone(code.object());
        let Some(instruction) = Instruction::decode(&description.instructions, word as usize) else { return Ok(()) };
        self.report_call_ended(object, None)?;
        self.report_branch_taken(frame, object, word)?;
        let is_resumed = word > 0
            && Instruction::decode(&description.instructions, word as usize - 1)
                .is_some_and(|before| before.op == Opcode::YIELD_VALUE);
        if !object.is_entered.get() || is_resumed {
            object.is_entered.set(true);
            object.last_line.set(0);
            if is_resumed {
                // A generator goes on at its YIELD_VALUE, whose line was told.
                let here = frame.ip();
                frame.set_word(crate::interp::stack::SAVED_IP, here.wrapping_sub(1).expose_provenance() as u64);
                object.last_line.set(description.place(word - 1).map_or(0, |place| place.line));
                let told = self
                    .report(object, Event::Call, Value::NONE)
                    .and_then(|()| self.tell_monitor(monitor::PY_RESUME, object, &[self.offset(object)?]));
                frame.set_word(crate::interp::stack::SAVED_IP, here.expose_provenance() as u64);
                told?;
            } else {
                self.report(object, Event::Call, Value::NONE)?;
                self.tell_monitor(monitor::PY_START, object, &[self.offset(object)?])?;
            }
        }
        let line = description.place(word).map_or(0, |place| place.line);
        let is_back = instruction.op == Opcode::JUMP_BACKWARD;
        let came_back = object.jumped_back.replace(is_back);
        let is_again = came_back && armed.loop_heads.contains(&word);
        if line != 0 && (line != object.last_line.get() || is_again) {
            object.last_line.set(line);
            if object.trace_lines.get() {
                self.report(object, Event::Line, Value::NONE)?;
            }
            self.tell_monitor(monitor::LINE, object, &[self.new_int(line.into())?])?;
        }
        if code.index_of(frame.ip()) != word {
            return Ok(());
        }
        self.report_step(frame, object, word, &instruction)?;
        // SAFETY: the verifier proves that these registers hold values.
        let register = |index: u16| frame.register(index.into()).unwrap_or(Value::NONE);
        let (value, event) = match instruction.op {
            Opcode::RETURN_VALUE => (register(instruction.a), monitor::PY_RETURN),
            Opcode::RETURN_PRIMITIVE => (Value::NONE, monitor::PY_RETURN),
            Opcode::YIELD_VALUE => (register(instruction.b), monitor::PY_YIELD),
            _ => return Ok(()),
        };
        self.report(object, Event::Return, value)?;
        self.tell_monitor(event, object, &[self.offset(object)?, value])
    }

    /// The pending exception passes through a frame, or is raised there.
    pub(crate) fn report_exception(&self, frame: Frame) {
        if !self.is_tracing() || self.is_inside_watcher() {
            return;
        }
        let Some(exception) = self.pending.take() else { return };
        let told = self.frame_object(frame).and_then(|object| {
            let Some(object) = self.downcast::<PyFrame>(object) else { return Ok(()) };
            object.branch.set(0);
            self.report_call_ended(object, Some(exception))?;
            let traceback = self.getattr(exception, self.names.__traceback__)?;
            let details = self.new_tuple(&[self.type_of(exception).as_value(), exception, traceback])?;
            self.report(object, Event::Exception, details)?;
            self.tell_monitor(monitor::RAISE, object, &[self.offset(object)?, exception])
        });
        // What a watcher raises takes the place of the exception.
        if told.is_ok() {
            self.pending.set(Some(exception));
        }
    }

    /// A frame ends by an exception.
    pub(crate) fn report_unwound(&self, frame: Frame) {
        if !self.is_tracing() || self.is_inside_watcher() {
            return;
        }
        let Some(exception) = self.pending.take() else { return };
        let told = self.frame_object(frame).and_then(|object| match self.downcast::<PyFrame>(object) {
            Some(object) => {
                self.report(object, Event::Return, Value::NONE)?;
                self.tell_monitor(monitor::PY_UNWIND, object, &[self.offset(object)?, exception])
            }
            None => Ok(()),
        });
        if told.is_ok() {
            self.pending.set(Some(exception));
        }
    }

    fn report(&self, frame: Gc<PyFrame>, event: Event, argument: Value) -> PyResult<()> {
        if let Some(function) = self.tracing.own.get().trace {
            let watcher = match event {
                Event::Call => Some(function),
                _ => frame.trace_function.get().filter(|own| !own.is_none()),
            };
            if let Some(watcher) = watcher {
                let before = self.tracing.telling.replace(Some((event, frame.as_value().bits())));
                let told = self.tell(watcher, frame, event, argument);
                self.tracing.telling.set(before);
                match told {
                    Ok(next) if next.is_none() && event != Event::Call => {}
                    Ok(next) => {
                        let next = Some(next).filter(|next| !next.is_none());
                        frame.trace_function.set(&self.heap, frame, next);
                    }
                    Err(raised) => {
                        self.set_trace_function(None, false);
                        frame.trace_function.set(&self.heap, frame, None);
                        return Err(raised);
                    }
                }
            }
        }
        if matches!(event, Event::Call | Event::Return) { self.profile(frame, event, argument) } else { Ok(()) }
    }

    /// Tells the profile function.
    fn profile(&self, frame: Gc<PyFrame>, event: Event, argument: Value) -> PyResult<()> {
        if let Some(function) = self.tracing.own.get().profile
            && let Err(raised) = self.tell(function, frame, event, argument)
        {
            self.set_profile_function(None, false);
            return Err(raised);
        }
        Ok(())
    }

    fn tell(&self, watcher: Value, frame: Gc<PyFrame>, event: Event, argument: Value) -> PyResult<Value> {
        self.call_watcher(watcher, &[frame.as_value(), self.intern(event.text()), argument])
    }
}
