//! `frame`: a call made visible.
//!
//! Problem: nearly no frame is ever looked at, but a traceback must be able to show all of them, even after they are gone.
//! Idea: the object is made on demand and points to the frame's window; when the frame ends it takes a copy of the named registers.

use std::cell::Cell;

use cinder_bytecode::{LocalKind, RegisterKind};
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use super::cell::PyCell;
use super::code::PyCode;
use super::function::PyFunction;
use crate::interp::dispatch::Fp;
use crate::interp::stack::Frame;
use crate::native::ArgsExt;
use crate::native::{GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::value_vec::ValueVec;
use crate::vm::Vm;

/// The frame that `frame` goes back to. A suspended generator's has none.
fn caller_of(vm: &Vm, frame: Frame) -> Option<Frame> {
    if frame.is_generator() {
        vm.unlink(frame.generator());
    }
    frame.caller()
}

/// Payload of a frame object.
#[repr(C)]
pub struct PyFrame {
    header: Header,
    /// The live frame; null once it ended.
    fp: Cell<Fp>,
    pub(crate) function: Slot<Gc<PyFunction>>,
    pub(crate) code: Slot<Gc<PyCode>>,
    /// The generator whose frame this is.
    generator: Slot<Option<Value>>,
    /// Once ended: the caller's frame object, word index, namespace and a tuple of the named registers.
    back: Slot<Option<Value>>,
    position: Cell<u32>,
    namespace: Slot<Option<Value>>,
    locals: Slot<Option<Value>>,
    /// Keys written through `f_locals` that are no variables.
    pub(crate) extra: Slot<Option<Value>>,
    /// Values set by debuggers.
    pub(crate) trace_function: Slot<Option<Value>>,
    pub(crate) trace_lines: Cell<bool>,
    pub(crate) trace_opcodes: Cell<bool>,
    /// The trace function was told of the call, and of this line last (0: of none).
    pub(crate) is_entered: Cell<bool>,
    pub(crate) last_line: Cell<u32>,
    /// The instruction told of last jumps back: a loop begins its next turn.
    pub(crate) jumped_back: Cell<bool>,
    /// A callable that is no Python function runs, called here: callable and first argument in a tuple, and the word of the call.
    pub(crate) calling: Slot<Option<Value>>,
    pub(crate) call_word: Cell<u32>,
    /// One more than the word of a branch whose way is not known yet.
    pub(crate) branch: Cell<u32>,
}

impl Trace for PyFrame {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.function.get().header());
        tracer.visit_object(self.code.get().header());
        for slot in [
            &self.generator,
            &self.back,
            &self.namespace,
            &self.locals,
            &self.extra,
            &self.trace_function,
            &self.calling,
        ] {
            tracer.visit_option(slot.get());
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyFrame {}

crate::layout!(PyFrame, "frame", exact frame);

impl PyFrame {
    pub(crate) fn live(&self) -> Option<Frame> {
        (!self.fp.get().is_null()).then(|| Frame(self.fp.get()))
    }

    /// Word index of the current instruction.
    pub(crate) fn position(&self) -> u32 {
        self.live().map_or(self.position.get(), Frame::position)
    }

    /// Source line, 0 when unknown.
    pub fn line(&self) -> u32 {
        let code = self.code.get();
        let object = code.object();
        let position = self.position();
        if position == 0 {
            // A trace function that was told of the first line stands there.
            let told = self.last_line.get();
            return if told == 0 { object.first_line } else { told };
        }
        object.place(position).map_or(0, |place| place.line)
    }

    /// Registers of the variables that `locals()` shows, bound or not: a comprehension's own hide those of the same name around it while it runs.
    pub(crate) fn shown_variables(&self) -> Vec<usize> {
        let code = self.code.get();
        let (object, position) = (code.object(), self.position());
        let is_inner = |index: usize| object.locals[index].kind == LocalKind::Hidden;
        let is_running = |index: usize| is_in_comprehension(object, index, position);
        let is_hidden_by = |index: usize, other: usize| {
            is_inner(other) && object.locals[other].name == object.locals[index].name && is_running(other)
        };
        (0..object.locals.len())
            .filter(|&index| {
                let is_named = !object.locals[index].name.starts_with('.');
                is_named
                    && if is_inner(index) {
                        is_running(index)
                    } else {
                        !(0..object.locals.len()).any(|other| is_hidden_by(index, other))
                    }
            })
            .collect()
    }

    /// Value of the variable in register `index`, looked up in its cell.
    pub(crate) fn variable(&self, vm: &Vm, index: usize) -> PyResult<Option<Value>> {
        let code = self.code.get();
        let object = code.object();
        let held = match (self.live(), self.locals.get()) {
            (Some(live), _) => {
                // SAFETY: a register of the window.
                let bits = unsafe { *live.0.add(index) };
                match object.register_kind(index as u16) {
                    RegisterKind::Tagged => live.register(index),
                    RegisterKind::Int => Some(vm.new_int(bits as i64)?),
                    RegisterKind::Double => Some(vm.new_float(f64::from_bits(bits))?),
                }
            }
            (None, Some(locals)) => vm.tuple_items(locals).get(index).copied().filter(|held| *held != Value::EMPTY),
            (None, None) => None,
        };
        Ok(match held.and_then(|held| self.cell_of(vm, index, held)) {
            Some(cell) => cell.contents.get(),
            None => held,
        })
    }

    fn cell_of(&self, vm: &Vm, index: usize, held: Value) -> Option<Gc<PyCell>> {
        let kind = self.code.get().object().locals[index].kind;
        // A comprehension's variable may be shared with a function made in it.
        if kind == LocalKind::Local { None } else { vm.downcast_exact::<PyCell>(held) }
    }
}

impl Vm {
    /// Binds the variable in register `index` of a frame.
    ///
    /// Errors: RuntimeError for a variable of a static function.
    pub(crate) fn set_frame_variable(&self, frame: Gc<PyFrame>, index: usize, new: Value) -> PyResult<()> {
        let (vm, code) = (self, frame.code.get());
        let object = code.object();
        let is_raw = object.register_kind(index as u16) != RegisterKind::Tagged;
        if object.flags & cinder_bytecode::flags::STATIC != 0 || is_raw {
            return Err(vm.runtime_error("variables of static functions cannot be changed through f_locals"));
        }
        if let Some(live) = frame.live() {
            match live.register(index).and_then(|held| frame.cell_of(vm, index, held)) {
                Some(cell) => cell.contents.set(&vm.heap, cell, Some(new)),
                None => {
                    if live.is_generator() {
                        vm.heap.write_barrier(live.generator().header());
                    }
                    live.set_word(index as isize, new.bits());
                }
            }
            return Ok(());
        }
        let Some(locals) = frame.locals.get() else { return Ok(()) };
        let held = vm.tuple_items(locals).get(index).copied().filter(|held| *held != Value::EMPTY);
        match held.and_then(|held| frame.cell_of(vm, index, held)) {
            Some(cell) => cell.contents.set(&vm.heap, cell, Some(new)),
            None => {
                let mut items = vm.heap.root_vec();
                items.extend(vm.tuple_items(locals).iter().copied());
                items.values_mut()[index] = new;
                let changed = vm.new_tuple(&items)?;
                frame.locals.set(&vm.heap, frame, Some(changed));
            }
        }
        Ok(())
    }
}

impl Vm {
    pub(crate) fn new_frame_object(&self, frame: Frame) -> PyResult<Value> {
        let none = || Slot::new(None);
        let object = PyFrame {
            header: object_header(BuiltinType::frame as u32),
            fp: Cell::new(frame.0),
            function: Slot::new(frame.function()),
            code: Slot::new(frame.code()),
            generator: Slot::new(frame.is_generator().then(|| frame.generator().as_value())),
            back: none(),
            position: Cell::new(0),
            namespace: none(),
            locals: none(),
            extra: none(),
            trace_function: none(),
            trace_lines: Cell::new(true),
            trace_opcodes: Cell::new(false),
            // A frame that begins is told of; others were entered before.
            is_entered: Cell::new(frame.position() != 0),
            last_line: Cell::new(0),
            jumped_back: Cell::new(false),
            calling: none(),
            call_word: Cell::new(0),
            branch: Cell::new(0),
        };
        Ok(self.alloc(object)?.as_value())
    }

    /// The frame ends: its object keeps what it needs. A pending exception stays pending.
    pub(crate) fn detach_frame(&self, frame: Frame) {
        let Some(object) = frame.frame_object().and_then(|object| self.downcast::<PyFrame>(object)) else { return };
        let pending = self.pending.take();
        object.position.set(frame.position());
        object.namespace.set(&self.heap, object, frame.namespace());
        let kept = self.named_registers(frame).and_then(|locals| {
            object.locals.set(&self.heap, object, Some(locals));
            match frame.caller() {
                Some(caller) => self.frame_object(caller).map(Some),
                None => Ok(None),
            }
        });
        // Without memory the object keeps no locals.
        match kept {
            Ok(back) => object.back.set(&self.heap, object, back),
            Err(raised) => {
                self.take_exception(raised);
            }
        }
        object.fp.set(std::ptr::null_mut());
        self.pending.set(pending);
    }

    /// Named registers as a tuple; EMPTY stands for unbound.
    fn named_registers(&self, frame: Frame) -> PyResult<Value> {
        let code = frame.code();
        let object = code.object();
        let count = object.locals.len();
        if (0..count).all(|index| object.register_kind(index as u16) == RegisterKind::Tagged) {
            return self.new_tuple_with(count, |index| frame.register(index).unwrap_or(Value::EMPTY));
        }
        let mut values = ValueVec::<[Value; 24]>::new();
        for index in 0..object.locals.len() {
            // SAFETY: a register of the window.
            let bits = unsafe { *frame.0.add(index) };
            values.push(match object.register_kind(index as u16) {
                RegisterKind::Tagged => frame.register(index).unwrap_or(Value::EMPTY),
                RegisterKind::Int => self.new_int(bits as i64)?,
                RegisterKind::Double => self.new_float(f64::from_bits(bits))?,
            });
        }
        self.new_tuple(&values)
    }

    /// `locals()` of a frame: its namespace, or a fresh dict of its variables.
    pub(crate) fn frame_locals(&self, frame: Frame) -> PyResult<Value> {
        match frame.namespace() {
            Some(namespace) => self.namespace_with_hidden(frame, namespace),
            None => self.locals_dict(frame),
        }
    }

    /// A namespace, and the variables of a comprehension that runs in its frame; the namespace itself when there are none.
    fn namespace_with_hidden(&self, frame: Frame, namespace: Value) -> PyResult<Value> {
        let code = frame.code();
        let object = code.object();
        let position = frame.position();
        let is_shown = |index: usize| {
            object.locals[index].kind == LocalKind::Hidden
                && object.register_kind(index as u16) == RegisterKind::Tagged
                && frame.register(index).is_some()
                && is_in_comprehension(object, index, position)
        };
        let shown: Vec<usize> = (0..object.locals.len()).filter(|index| is_shown(*index)).collect();
        if shown.is_empty() {
            return Ok(namespace);
        }
        let dict = self.new_dict()?;
        self.call_method(dict, self.intern("update"), &[namespace])?;
        for index in shown {
            let value = frame.register(index);
            let content = match value.and_then(|value| self.downcast_exact::<PyCell>(value)) {
                Some(cell) => cell.contents.get(),
                None => value,
            };
            if let Some(content) = content {
                self.dict_set(dict, code.local_name(index), content)?;
            }
        }
        Ok(dict)
    }

    fn locals_dict(&self, frame: Frame) -> PyResult<Value> {
        let code = frame.code();
        let object = code.object();
        let (registers, position) = (self.named_registers(frame)?, frame.position());
        let dict = self.new_dict()?;
        let is_inner = |index: &usize| object.locals[*index].kind == LocalKind::Hidden;
        let all = 0..object.locals.len();
        // Those of a comprehension come last: they hide others of their names.
        for index in all.clone().filter(|index| !is_inner(index)).chain(all.filter(is_inner)) {
            let local = &object.locals[index];
            let mut held = Some(self.tuple_items(registers)[index]).filter(|value| *value != Value::EMPTY);
            if local.kind != LocalKind::Local
                && let Some(cell) = held.and_then(|held| self.downcast_exact::<PyCell>(held))
            {
                held = cell.contents.get();
            }
            let hidden = local.name.starts_with('.')
                || (local.kind == LocalKind::Hidden && !is_in_comprehension(object, index, position));
            if let (Some(held), false) = (held, hidden) {
                self.dict_set(dict, code.local_name(index), held)?;
            }
        }
        let extra = frame.frame_object().and_then(|object| self.downcast::<PyFrame>(object)?.extra.get());
        if let (Some(extra), Some(dict)) = (extra, self.as_dict(dict)) {
            self.dict_update(dict, extra)?;
        }
        Ok(dict)
    }
}

/// Whether the comprehension that the variable in `register` belongs to runs at `position`: between the first instruction that names the register
/// and the end of the loop around it.
fn is_in_comprehension(code: &cinder_bytecode::CodeObject, register: usize, position: u32) -> bool {
    let (mut first, mut last) = (None, 0);
    for (index, instruction) in cinder_bytecode::instructions(&code.instructions) {
        let index = index as u32;
        let mut is_named = false;
        cinder_bytecode::shape::visit(code, &instruction, |used| is_named |= used.register as usize == register);
        let closes_loop = instruction.op == cinder_bytecode::Opcode::JUMP_BACKWARD
            && first.is_some_and(|first| instruction.jump_target().is_some_and(|target| target <= first));
        if is_named && first.is_none() {
            first = Some(index);
        }
        if is_named || (closes_loop && first.is_some_and(|first| !code_has_close(code, first, index))) {
            last = last.max(index);
        }
    }
    first.is_some_and(|first| first < position && position <= last)
}

/// Whether a loop around word `first` ends before word `before`.
fn code_has_close(code: &cinder_bytecode::CodeObject, first: u32, before: u32) -> bool {
    cinder_bytecode::instructions(&code.instructions).any(|(index, instruction)| {
        instruction.op == cinder_bytecode::Opcode::JUMP_BACKWARD
            && (first..before).contains(&(index as u32))
            && instruction.jump_target().is_some_and(|target| target <= first)
    })
}

fn this(vm: &Vm, value: Value) -> Gc<PyFrame> {
    vm.downcast::<PyFrame>(value).expect("attribute of this class")
}

fn f_locals(vm: &Vm, frame: Value) -> PyResult<Value> {
    let frame = this(vm, frame);
    let namespace = match frame.live() {
        Some(live) => live.namespace(),
        None => frame.namespace.get(),
    };
    match (namespace, frame.live()) {
        (Some(namespace), Some(live)) => vm.namespace_with_hidden(live, namespace),
        (Some(namespace), None) => Ok(namespace),
        (None, _) => vm.new_frame_locals(frame),
    }
}

fn set_flag(vm: &Vm, flag: &Cell<bool>, new: Option<Value>) -> PyResult<()> {
    let Some(new) = new else { return Err(vm.type_error("can't delete numeric/char attribute")) };
    match new.as_bool() {
        Some(new) => {
            flag.set(new);
            Ok(())
        }
        None => Err(vm.type_error("attribute value type must be bool")),
    }
}

pub static FRAME: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        repr: Some(|vm, frame| {
            let frame = this(vm, frame);
            let code = frame.code.get();
            let file = vm.repr_text(code.filename.get())?;
            let (name, address) = (&code.object().name, frame.as_ptr().addr());
            vm.new_str(&format!("<frame at {address:#x}, file {file}, line {}, code {name}>", frame.line()))
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("clear", "self, /", |vm, args| {
        let frame = this(vm, args.at(0));
        if let Some(generator) = frame.generator.get().and_then(|generator| vm.as_generator(generator)) {
            use super::generator::GeneratorState as State;
            vm.unlink(generator);
            match generator.state.get() {
                State::Running | State::Delegating => {
                    return Err(vm.runtime_error("cannot clear an executing frame"));
                }
                State::Suspended => return Err(vm.runtime_error("cannot clear a suspended frame")),
                State::Created | State::Finished => {}
            }
            // A coroutine that never ran is warned about.
            super::generator::finalize(vm, generator.as_value())?;
        } else if frame.live().is_some() {
            return Err(vm.runtime_error("cannot clear an executing frame"));
        }
        frame.locals.init(None);
        Ok(Value::NONE)
    })],
    getset: &[
        GetSetDef::read_only("f_code", |vm, frame| Ok(this(vm, frame).code.get().as_value())),
        GetSetDef::read_only("f_globals", |vm, frame| Ok(this(vm, frame).function.get().globals.get().as_value())),
        GetSetDef::read_only("f_builtins", |vm, frame| Ok(this(vm, frame).function.get().builtins.get().as_value())),
        GetSetDef::read_only("f_locals", f_locals),
        GetSetDef::new(
            "f_lineno",
            |vm, frame| match this(vm, frame).line() {
                0 => Ok(Value::NONE),
                line => vm.new_int(line.into()),
            },
            |vm, frame, new| vm.set_frame_line(this(vm, frame), new),
        ),
        GetSetDef::read_only("f_lasti", |vm, frame| vm.new_int(i64::from(this(vm, frame).position()) * 2)),
        GetSetDef::read_only("f_back", |vm, frame| {
            let frame = this(vm, frame);
            match frame.live() {
                Some(live) => caller_of(vm, live).map_or(Ok(Value::NONE), |caller| vm.frame_object(caller)),
                None => Ok(frame.back.get().unwrap_or(Value::NONE)),
            }
        }),
        GetSetDef::read_only("f_generator", |vm, frame| Ok(this(vm, frame).generator.get().unwrap_or(Value::NONE))),
        GetSetDef::new(
            "f_trace",
            |vm, frame| Ok(this(vm, frame).trace_function.get().unwrap_or(Value::NONE)),
            |vm, frame, new| {
                let frame = this(vm, frame);
                let new = new.filter(|function| !function.is_none());
                frame.trace_function.set(&vm.heap, frame, new);
                if new.is_some() {
                    frame.is_entered.set(true);
                    // The line that runs is not told again.
                    if frame.position() != 0 {
                        frame.last_line.set(frame.line());
                    }
                    vm.watch_frame(frame);
                }
                Ok(())
            },
        ),
        GetSetDef::new(
            "f_trace_lines",
            |vm, frame| Ok(Value::from_bool(this(vm, frame).trace_lines.get())),
            |vm, frame, new| set_flag(vm, &this(vm, frame).trace_lines, new),
        ),
        GetSetDef::new(
            "f_trace_opcodes",
            |vm, frame| Ok(Value::from_bool(this(vm, frame).trace_opcodes.get())),
            |vm, frame, new| {
                let frame = this(vm, frame);
                set_flag(vm, &frame.trace_opcodes, new)?;
                if frame.trace_opcodes.get() {
                    vm.watch_instructions(frame);
                }
                Ok(())
            },
        ),
    ],
    ..TypeDef::new("frame", <PyFrame as Payload>::LAYOUT)
};
