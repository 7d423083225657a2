//! `frame.f_lineno = line`: a trace function makes its frame go on at another line.
//!
//! Problem: the instructions of a line rely on what others left in temporary registers: iterators of loops, exceptions, managers of `with`.
//! Idea: a frame may go to the start of a line when every temporary that is needed there is needed here, too, and was written by the same
//! instructions; what is needed no more is dropped, as CPython pops its stack. Of several places of a line the one that needs most is taken.
//! Holds: named registers are bound afterwards, since code may rely on it; frames with primitives in registers do not jump.
//! Source: `frame_lineno_set_impl` in Objects/frameobject.c.

use cinder_bytecode::{CodeObject, Instruction, Liveness, LocalKind, Opcode, instructions};
use cinder_heap::Gc;
use cinder_layout::Value;

use super::Event;
use crate::interp::stack::{Frame, SAVED_IP};
use crate::native::{PyResult, Raised};
use crate::types::frame::PyFrame;
use crate::vm::Vm;

/// The temporaries needed before the instruction at `word`.
fn temporaries(live: &Liveness, code: &CodeObject, word: u32) -> Vec<u16> {
    let needed = live.live_at(code, word);
    (0..code.register_count as u16).filter(|register| is_temporary(code, *register) && needed.has(*register)).collect()
}

fn is_temporary(code: &CodeObject, register: u16) -> bool {
    code.locals.get(usize::from(register)).is_none_or(|local| local.kind == LocalKind::Hidden)
}

/// Words at which code of the first line that is not before `line` begins, and that line.
fn starts_of_line(code: &CodeObject, line: u32) -> Option<(u32, Vec<u32>)> {
    let line_of = |word: u32| code.place(word).map_or(0, |place| place.line);
    // What prepares the frame runs once.
    let prologue = instructions(&code.instructions)
        .filter(|(_, instruction)| matches!(instruction.op, Opcode::MAKE_CELL | Opcode::COPY_FREE_VARS))
        .map(|(word, _)| word as u32 + 1)
        .max()
        .unwrap_or(0);
    let words = || instructions(&code.instructions).map(|(word, _)| word as u32);
    let found = words().filter(|word| *word >= prologue).map(line_of).filter(|found| *found >= line).min()?;
    let (mut starts, mut before) = (Vec::new(), 0);
    for word in words() {
        let own = line_of(word);
        if own == found && before != found && word >= prologue {
            starts.push(word);
        }
        before = own;
    }
    Some((found, starts))
}

/// Why a frame cannot go to a place that needs `register`.
fn refusal(live: &Liveness, code: &CodeObject, word: u32, register: u16) -> &'static str {
    let ops = live.writers(code, word, register).into_iter();
    let ops = ops.filter_map(|word| Instruction::decode(&code.instructions, word as usize)).map(|found| found.op);
    let mut message = "incompatible stacks";
    for op in ops {
        message = match op {
            Opcode::PUSH_EXC => "can't jump into an 'except' block as there's no exception",
            Opcode::GET_ITER => "can't jump into the body of a for loop",
            _ => message,
        };
    }
    message
}

impl Vm {
    /// The trace function that runs may make `frame` jump. Errors: ValueError.
    fn check_jump_event(&self, frame: Gc<PyFrame>) -> PyResult<()> {
        let message = match self.tracing.telling.get() {
            Some((Event::Line, told)) if told == frame.as_value().bits() => return Ok(()),
            Some((Event::Call, told)) if told == frame.as_value().bits() => {
                "can't jump from the 'call' trace event of a new frame"
            }
            Some((_, told)) if told == frame.as_value().bits() => "can only jump from a 'line' trace event",
            _ => "f_lineno can only be set in a trace function",
        };
        Err(self.value_error(message))
    }

    /// `frame.f_lineno = new`.
    pub(crate) fn set_frame_line(&self, frame: Gc<PyFrame>, new: Option<Value>) -> PyResult<()> {
        let Some(new) = new else { return Err(self.attribute_error_text("cannot delete attribute")) };
        if !self.is_int(new) {
            return Err(self.value_error("lineno must be an integer"));
        }
        self.check_jump_event(frame)?;
        let Some(running) = frame.live() else {
            return Err(self.value_error("f_lineno can only be set in a trace function"));
        };
        let line = self.index_clamped(new)?;
        let description = std::sync::Arc::clone(frame.code.get().object());
        let code = &*description;
        if line < i64::from(code.first_line) {
            return Err(self.value_error(format!("line {line} comes before the current code block")));
        }
        let starts = u32::try_from(line).ok().and_then(|line| starts_of_line(code, line));
        let Some((found, starts)) = starts else {
            return Err(self.value_error(format!("line {line} comes after the current code block")));
        };
        let here = running.position();
        let word = self.compatible_start(code, here, &starts)?;
        self.bind_locals(running, code)?;
        self.leave_handlers(running, code, here, word);
        let address = std::ptr::from_ref(frame.code.get().private_word(word)).expose_provenance();
        running.set_word(SAVED_IP, address as u64);
        // The line is told when it begins, also when it is the one that was told last.
        frame.last_line.set(if word == 0 { found } else { 0 });
        frame.branch.set(0);
        Ok(())
    }

    /// The start that the frame at `here` can go to, and that needs most.
    fn compatible_start(&self, code: &CodeObject, here: u32, starts: &[u32]) -> PyResult<u32> {
        let live = Liveness::new(code);
        if live.has_primitives(code) {
            return Err(self.value_error("can't jump in a function with primitive values"));
        }
        let own = temporaries(&live, code, here);
        let mut best: Option<(usize, u32)> = None;
        let mut refused = None;
        for &word in starts {
            let needed = temporaries(&live, code, word);
            let differs = |register: &&u16| {
                !own.contains(register) || live.writers(code, here, **register) != live.writers(code, word, **register)
            };
            match needed.iter().find(differs) {
                Some(register) => refused = Some(refusal(&live, code, word, *register)),
                None if best.is_none_or(|(most, _)| needed.len() > most) => best = Some((needed.len(), word)),
                None => {}
            }
        }
        let failed = || -> Raised { self.value_error(refused.unwrap_or("can't jump into the middle of a block")) };
        best.map(|(_, word)| word).ok_or_else(failed)
    }

    /// Names without value are None from now on: code reads some without asking.
    fn bind_locals(&self, frame: Frame, code: &CodeObject) -> PyResult<()> {
        let unbound = |register: usize| !is_temporary(code, register as u16) && frame.register(register).is_none();
        let unbound: Vec<usize> = (0..code.locals.len()).filter(|register| unbound(*register)).collect();
        if unbound.is_empty() {
            return Ok(());
        }
        let plural = if unbound.len() == 1 { "" } else { "s" };
        let message = format!("assigning None to {} unbound local{plural}", unbound.len());
        self.warn(self.exceptions.RuntimeWarning, &message)?;
        for register in unbound {
            frame.set_word(register as isize, Value::NONE.bits());
        }
        Ok(())
    }

    /// A frame that leaves handlers handles again what it did before the outermost of them.
    fn leave_handlers(&self, frame: Frame, code: &CodeObject, here: u32, word: u32) {
        let live = Liveness::new(code);
        let kept = temporaries(&live, code, word);
        let is_saved = |register: u16| {
            live.writers(code, here, register).into_iter().any(|word| {
                let instruction = Instruction::decode(&code.instructions, word as usize);
                instruction.is_some_and(|found| found.op == Opcode::PUSH_EXC && found.a + 1 == register)
            })
        };
        let left = temporaries(&live, code, here).into_iter().filter(|register| !kept.contains(register));
        if let Some(outermost) = left.filter(|register| is_saved(*register)).min() {
            frame.set_value(crate::interp::stack::HANDLED, frame.register(outermost.into()));
        }
    }
}
