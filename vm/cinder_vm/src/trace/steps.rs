//! Events of single instructions: calls, branches, jumps, and exceptions on their way.

use cinder_bytecode::{Instruction, Opcode};
use cinder_heap::Gc;
use cinder_layout::Value;

use super::{Event, monitor};
use crate::interp::stack::{Frame, HEADER};
use crate::native::PyResult;
use crate::types::frame::PyFrame;
use crate::vm::Vm;

/// Events for which branches and what they lead to are armed.
pub(super) const BRANCHES: u32 =
    monitor::BRANCH_LEFT | monitor::BRANCH_RIGHT | monitor::BRANCH | monitor::JUMP | monitor::STOP_ITERATION;

/// Whether the instruction calls what Python code names there.
pub(super) fn is_call(op: Opcode) -> bool {
    use Opcode::{CALL, CALL_EX, CALL_KW, CALL_METHOD, CALL_METHOD_KW};
    matches!(op, CALL | CALL_KW | CALL_EX | CALL_METHOD | CALL_METHOD_KW)
}

fn is_branch(op: Opcode) -> bool {
    use Opcode::{FOR_ITER, JUMP_IF_FALSE, JUMP_IF_NONE, JUMP_IF_NOT_NONE, JUMP_IF_TRUE};
    matches!(op, JUMP_IF_TRUE | JUMP_IF_FALSE | JUMP_IF_NONE | JUMP_IF_NOT_NONE | FOR_ITER)
}

/// Whether this quick form of a comparison takes the jump behind it.
pub(super) fn takes_jump(opcode: u16) -> bool {
    Opcode::from_number(opcode).is_some_and(|op| {
        let name = format!("{op:?}");
        name.ends_with("_JUMP_TRUE") || name.ends_with("_JUMP_FALSE")
    })
}

/// What a call instruction is about to call, and its first argument.
fn callee(vm: &Vm, frame: Frame, instruction: &Instruction) -> Option<(Value, Option<Value>)> {
    let window = usize::from(instruction.b);
    let at = |place: usize| frame.register(window + place);
    let callable = at(0)?;
    let first = HEADER;
    let argument = match instruction.op {
        Opcode::CALL | Opcode::CALL_KW if instruction.c > 0 => at(first),
        // Without a self the first argument lies behind its place.
        Opcode::CALL_METHOD | Opcode::CALL_METHOD_KW => {
            at(first).or_else(|| if instruction.c > 0 { at(first + 1) } else { None })
        }
        Opcode::CALL_EX => at(first).and_then(|args| vm.as_tuple(args)).and_then(|args| args.items().first().copied()),
        _ => None,
    };
    Some((callable, argument))
}

impl Vm {
    fn word_offset(&self, word: u32) -> PyResult<Value> {
        self.new_int(i64::from(word) * 2)
    }

    /// What the profile function is told of a callable: a builtin function or method, bound. `None`: it is not told.
    fn profiled(&self, callable: Value, argument: Option<Value>) -> PyResult<Option<Value>> {
        Ok(match &*self.type_name(callable) {
            "builtin_function_or_method" => Some(callable),
            "method_descriptor" => match argument {
                Some(own) => self
                    .getattr_opt(callable, self.intern("__get__"))?
                    .map_or(Ok(None), |get| self.call(get, &[own, self.type_of(own).as_value()]).map(Some))?,
                None => None,
            },
            _ => None,
        })
    }

    /// Whether calls of it are told of by its own frame.
    fn is_python_callable(&self, callable: Value) -> PyResult<bool> {
        Ok(match &*self.type_name(callable) {
            "function" => true,
            "method" => {
                let function = self.getattr(callable, self.intern("__func__"))?;
                self.type_name(function) == "function"
            }
            _ => false,
        })
    }

    /// The instruction at `word` is about to run.
    pub(super) fn report_step(
        &self,
        frame: Frame,
        object: Gc<PyFrame>,
        word: u32,
        instruction: &Instruction,
    ) -> PyResult<()> {
        if object.trace_opcodes.get() {
            self.report(object, Event::Opcode, Value::NONE)?;
        }
        self.tell_monitor(monitor::INSTRUCTION, object, &[self.word_offset(word)?])?;
        match instruction.op {
            op if is_call(op) => self.report_call(frame, object, word, instruction),
            Opcode::JUMP | Opcode::JUMP_BACKWARD => {
                let target = instruction.jump_target().unwrap_or(word);
                self.tell_monitor(monitor::JUMP, object, &[self.word_offset(word)?, self.word_offset(target)?])
            }
            op if is_branch(op) && self.tracing.monitor_events.get() & BRANCHES != 0 => {
                object.branch.set(word + 1);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn report_call(&self, frame: Frame, object: Gc<PyFrame>, word: u32, instruction: &Instruction) -> PyResult<()> {
        let is_profiled = self.profile_function().is_some();
        if !is_profiled && self.tracing.monitor_events.get() & monitor::CALL == 0 {
            return Ok(());
        }
        let Some((callable, argument)) = callee(self, frame, instruction) else { return Ok(()) };
        let missing = match argument {
            Some(argument) => argument,
            None => self.monitoring_missing()?,
        };
        self.tell_monitor(monitor::CALL, object, &[self.word_offset(word)?, callable, missing])?;
        if self.is_python_callable(callable)? {
            return Ok(());
        }
        let profiled = if is_profiled { self.profiled(callable, argument)? } else { None };
        let calling = self.new_tuple(&[callable, missing, profiled.unwrap_or(Value::NONE)])?;
        object.calling.set(&self.heap, object, Some(calling));
        object.call_word.set(word);
        match profiled {
            Some(profiled) => self.profile(object, Event::NativeCall, profiled),
            None => Ok(()),
        }
    }

    /// `sys.monitoring.MISSING`.
    fn monitoring_missing(&self) -> PyResult<Value> {
        let module = self.getattr_text(self.import("sys")?, "monitoring")?;
        self.getattr_text(module, "MISSING")
    }

    /// The call that the frame was in is over, by an exception or not.
    pub(super) fn report_call_ended(&self, object: Gc<PyFrame>, exception: Option<Value>) -> PyResult<()> {
        let Some(calling) = object.calling.get() else { return Ok(()) };
        object.calling.set(&self.heap, object, None);
        let &[callable, argument, profiled] = self.tuple_items(calling) else { return Ok(()) };
        let (event, name) = match exception {
            None => (monitor::C_RETURN, Event::NativeReturn),
            Some(_) => (monitor::C_RAISE, Event::NativeException),
        };
        if !profiled.is_none() {
            self.profile(object, name, profiled)?;
        }
        // These events come with CALL.
        if self.tracing.monitor_events.get() & monitor::CALL == 0 {
            return Ok(());
        }
        self.tell_monitor(event, object, &[self.word_offset(object.call_word.get())?, callable, argument])
    }

    /// The branch that the frame was at has led to `word`.
    pub(super) fn report_branch_taken(&self, frame: Frame, object: Gc<PyFrame>, word: u32) -> PyResult<()> {
        let Some(from) = object.branch.replace(0).checked_sub(1) else { return Ok(()) };
        let description = std::sync::Arc::clone(frame.code().object());
        let Some(instruction) = Instruction::decode(&description.instructions, from as usize) else { return Ok(()) };
        let is_taken = instruction.jump_target() == Some(word);
        let event = if is_taken { monitor::BRANCH_RIGHT } else { monitor::BRANCH_LEFT };
        self.tell_monitor(event, object, &[self.word_offset(from)?, self.word_offset(word)?])?;
        if is_taken
            && instruction.op == Opcode::FOR_ITER
            && self.tracing.monitor_events.get() & monitor::STOP_ITERATION != 0
            && frame.register(instruction.b.into()).is_some_and(|iterator| self.as_generator(iterator).is_some())
        {
            let stop = self.new_exception(self.exceptions.StopIteration, &[])?;
            self.tell_monitor(monitor::STOP_ITERATION, object, &[self.word_offset(from)?, stop])?;
        }
        Ok(())
    }

    /// Tells of the pending exception in a frame. What a watcher raises takes its place.
    fn report_passing(&self, frame: Frame, event: u32, starts: bool) {
        if !self.is_tracing() || self.is_inside_watcher() {
            return;
        }
        let Some(exception) = self.pending.take() else { return };
        let told = self.frame_object(frame).and_then(|object| {
            let Some(object) = self.downcast::<PyFrame>(object) else { return Ok(()) };
            object.branch.set(0);
            if starts {
                self.arm(object.code.get());
                self.report(object, Event::Call, Value::NONE)?;
            }
            self.tell_monitor(event, object, &[self.offset(object)?, exception])
        });
        if told.is_ok() {
            self.pending.set(Some(exception));
        }
    }

    /// The pending exception is raised again.
    pub(crate) fn report_reraised(&self, frame: Frame) {
        self.report_passing(frame, monitor::RERAISE, false);
    }

    /// A handler of the frame takes the pending exception.
    pub(crate) fn report_handled(&self, frame: Frame) {
        self.report_passing(frame, monitor::EXCEPTION_HANDLED, false);
    }

    /// The pending exception was thrown into a generator.
    pub(crate) fn report_thrown(&self, frame: Frame) {
        self.report_passing(frame, monitor::PY_THROW, true);
    }
}
