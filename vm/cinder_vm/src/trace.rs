//! Trace and profile functions: `sys.settrace`, `sys.setprofile`, `frame.f_trace`.
//!
//! Problem: debuggers want to hear of calls, lines, returns and exceptions; programs that nobody watches must not pay for it.
//! Idea: while somebody watches, calls take their general path, which *arms* the callee's code: instructions where an event may be due are replaced by
//! TRACE in the private copy. TRACE tells the watchers, puts the instruction back and lets it run, so that it may quicken as ever; the next TRACE arms it
//! again. Without watchers a TRACE that is left over only puts its instruction back.
//! Holds: at most one armed place of a code object that runs is put back at a time, and every jump backwards is armed, so no line is passed unseen.
//! Source: the events of CPython's `Python/legacy_tracing.c`. Calls of native functions and single instructions are not reported.

mod census;

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

/// Who watches.
#[derive(Default)]
pub struct Tracing {
    trace: Cell<Option<Value>>,
    profile: Cell<Option<Value>>,
    /// What `sys.monitoring` wants to be called, and the union of the events of its tools.
    monitor: Cell<Option<Value>>,
    monitor_events: Cell<u32>,
    /// Counts the hits of inline caches.
    census: Cell<Option<&'static census::Census>>,
    /// A watcher runs: nothing is reported.
    is_inside: Cell<bool>,
    /// Somebody watches, or a frame has a trace function of its own.
    is_on: Cell<bool>,
    /// The instruction that was put back last.
    open: Cell<Option<(Gc<PyCode>, u32)>>,
}

impl Tracing {
    pub(crate) fn visit(&self, tracer: &mut cinder_heap::Tracer<'_>) {
        tracer.visit_option(self.trace.get());
        tracer.visit_option(self.profile.get());
        tracer.visit_option(self.monitor.get());
        if let Some((code, _)) = self.open.get() {
            tracer.visit_object(code.header());
        }
        if let Some(census) = self.census.get() {
            census.codes.borrow().values().for_each(|code| tracer.visit_object(code.header()));
        }
    }
}

/// Where a code object is armed.
pub(crate) struct Armed {
    /// Word of each instruction with an event, ascending.
    words: Vec<u32>,
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
}

impl Event {
    fn text(self) -> &'static str {
        match self {
            Event::Call => "call",
            Event::Line => "line",
            Event::Return => "return",
            Event::Exception => "exception",
        }
    }
}

/// Bits of the events of `sys.monitoring` (PEP 669) that are reported.
pub mod monitor {
    pub const PY_START: u32 = 1;
    pub const PY_RESUME: u32 = 1 << 1;
    pub const PY_RETURN: u32 = 1 << 2;
    pub const PY_YIELD: u32 = 1 << 3;
    pub const LINE: u32 = 1 << 5;
    pub const RAISE: u32 = 1 << 11;
    pub const PY_UNWIND: u32 = 1 << 13;
}

const TRACE: u16 = Opcode::TRACE as u16;

impl Armed {
    /// The places of code with these instructions.
    /// With `sites`, every instruction that has a cache too.
    fn plan(code: &PyCode, sites: bool) -> Armed {
        let object = code.object();
        let (mut words, mut loop_heads) = (Vec::new(), Vec::new());
        let mut line_before = None;
        let mut is_after_yield = false;
        for (index, instruction) in cinder_bytecode::instructions(&object.instructions) {
            let index = index as u32;
            let line = object.place(index).map_or(0, |place| place.line);
            let is_event = matches!(
                instruction.op,
                Opcode::RETURN_VALUE | Opcode::RETURN_PRIMITIVE | Opcode::YIELD_VALUE | Opcode::JUMP_BACKWARD
            );
            let is_site = sites && census::is_site(&instruction);
            if is_event || is_site || is_after_yield || index == 0 || (line != 0 && line_before != Some(line)) {
                words.push(index);
            }
            if instruction.op == Opcode::JUMP_BACKWARD
                && let Some(target) = instruction.jump_target()
            {
                loop_heads.push(target);
            }
            is_after_yield = instruction.op == Opcode::YIELD_VALUE;
            line_before = Some(line);
        }
        words.extend(&loop_heads);
        words.sort_unstable();
        words.dedup();
        let opcodes = RefCell::new(vec![TRACE; words.len()]);
        Armed { words, opcodes, loop_heads }
    }
}

impl Vm {
    #[inline(always)]
    pub(crate) fn is_tracing(&self) -> bool {
        self.tracing.is_on.get()
    }

    /// `sys.gettrace()`.
    pub fn trace_function(&self) -> Option<Value> {
        self.tracing.trace.get()
    }

    /// `sys.getprofile()`.
    pub fn profile_function(&self) -> Option<Value> {
        self.tracing.profile.get()
    }

    /// `sys.settrace(function)`.
    pub fn set_trace_function(&self, function: Option<Value>) {
        self.tracing.trace.set(function);
        self.watchers_changed();
    }

    /// `sys.setprofile(function)`.
    pub fn set_profile_function(&self, function: Option<Value>) {
        self.tracing.profile.set(function);
        self.watchers_changed();
    }

    /// `sys.monitoring` wants `dispatch(event, code, place, ..)` called for these events; functions that run are watched, too.
    pub fn set_monitor(&self, dispatch: Value, events: u32) {
        self.tracing.monitor.set(Some(dispatch));
        self.tracing.monitor_events.set(events);
        self.watchers_changed();
        if events != 0 {
            for frame in self.frames() {
                if frame.flags() & cinder_layout::jit::frame::COMPILED == 0 {
                    self.arm(frame.code());
                }
            }
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
        self.tracing.is_inside.set(true);
        let result = self.call(dispatch, &all);
        self.tracing.is_inside.set(false);
        result.map(|_| ())
    }

    /// `f_lasti`, where events that are no lines say they happen.
    fn offset(&self, frame: Gc<PyFrame>) -> PyResult<Value> {
        self.new_int(i64::from(frame.position()) * 2)
    }

    fn watchers_changed(&self) {
        let tracing = &self.tracing;
        let has_function = tracing.trace.get().is_some() || tracing.profile.get().is_some();
        let is_counted = tracing.census.get().is_some();
        tracing.is_on.set(has_function || tracing.monitor_events.get() != 0 || is_counted);
        self.open_call_gate();
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
        for (word, opcode) in armed.words.iter().zip(opcodes.iter_mut()) {
            let cell = code.private_word(*word);
            let found = cell.get() as u16;
            if found != TRACE {
                *opcode = found;
                cell.set(cell.get() & !0xffff | u64::from(TRACE));
            }
        }
    }

    fn armed<'c>(&self, code: Gc<PyCode>) -> &'c Armed {
        let sites = self.tracing.census.get().is_some();
        let armed: *const Armed = code.armed(|| Armed::plan(&code, sites));
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

    /// TRACE at `ip`: tells whoever watches and puts the instruction back.
    ///
    /// Runs Python: yes. Errors: what a watcher raises; then nobody watches any more.
    pub(crate) fn traced_instruction(&self, ip: Ip, fp: Fp) -> PyResult<()> {
        let frame = Frame(fp);
        let code = frame.code();
        let word = code.index_of(ip);
        // Counted before the site that ran last is armed again, since then its form is hidden.
        if let Some(census) = self.tracing.census.get() {
            census.end();
        }
        self.close_open();
        let armed = self.armed(code);
        let result = match self.is_tracing() && !self.tracing.is_inside.get() {
            true => self.report_instruction(frame, code, word, armed),
            false => Ok(()),
        };
        // A watcher may have armed it again meanwhile, or put another instruction back.
        self.close_open();
        let cell = code.private_word(word);
        if cell.get() as u16 == TRACE {
            let place = armed.words.binary_search(&word).expect("TRACE stands at armed places only");
            let opcode = armed.opcodes.borrow()[place];
            cell.set(cell.get() & !0xffff | u64::from(opcode));
        }
        if let Some(census) = self.tracing.census.get() {
            census.begin(self, frame, word, ip, cell.get() as u16);
        }
        if self.is_tracing() {
            self.tracing.open.set(Some((code, word)));
        }
        result
    }

    fn report_instruction(&self, frame: Frame, code: Gc<PyCode>, word: u32, armed: &Armed) -> PyResult<()> {
        let object = self.frame_object(frame)?;
        let Some(object) = self.downcast::<PyFrame>(object) else { return Ok(()) };
        let description = std::sync::Arc::clone(code.object());
        let Some(instruction) = Instruction::decode(&description.instructions, word as usize) else { return Ok(()) };
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
        if !self.is_tracing() || self.tracing.is_inside.get() {
            return;
        }
        let Some(exception) = self.pending.take() else { return };
        let told = self.frame_object(frame).and_then(|object| {
            let Some(object) = self.downcast::<PyFrame>(object) else { return Ok(()) };
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
        if !self.is_tracing() || self.tracing.is_inside.get() {
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
        if let Some(function) = self.tracing.trace.get() {
            let watcher = match event {
                Event::Call => Some(function),
                _ => frame.trace_function.get().filter(|own| !own.is_none()),
            };
            if let Some(watcher) = watcher {
                match self.tell(watcher, frame, event, argument) {
                    Ok(next) if next.is_none() && event != Event::Call => {}
                    Ok(next) => {
                        let next = Some(next).filter(|next| !next.is_none());
                        frame.trace_function.set(&self.heap, frame, next);
                    }
                    Err(raised) => {
                        self.set_trace_function(None);
                        frame.trace_function.set(&self.heap, frame, None);
                        return Err(raised);
                    }
                }
            }
        }
        if let (Some(function), Event::Call | Event::Return) = (self.tracing.profile.get(), event)
            && let Err(raised) = self.tell(function, frame, event, argument)
        {
            self.set_profile_function(None);
            return Err(raised);
        }
        Ok(())
    }

    fn tell(&self, watcher: Value, frame: Gc<PyFrame>, event: Event, argument: Value) -> PyResult<Value> {
        self.tracing.is_inside.set(true);
        let result = self.call(watcher, &[frame.as_value(), self.intern(event.text()), argument]);
        self.tracing.is_inside.set(false);
        result
    }
}
