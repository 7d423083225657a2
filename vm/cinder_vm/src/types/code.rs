//! `code`: a code object as the VM runs it.
//!
//! Problem: code from the compiler is immutable and shared, but execution wants values for constants, interned names and instructions that rewrite
//! themselves.
//! Idea: the object keeps the shared [`CodeObject`] and makes private storage at first execution: constants as values, names interned, a copy of
//! the instructions in which the second word of `ext` rows is the address of a [`CacheRecord`] and jump targets are relative to their instruction.
//! Holds: [`PyCode::is_ready`] before any instruction of it runs; a record's `ext` is the pristine word; the pristine code never changes.

mod describe;

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

use cinder_bytecode::opcode::Imm;
use cinder_bytecode::{CodeObject, Constant, Head, Instruction, LazyCode, LocalKind, code};
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use crate::cache::CacheRecord;
use crate::classloader::Resolved;
use crate::native::{ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of a code object.
#[repr(C)]
pub struct PyCode {
    header: Header,
    /// First constant; null until ready.
    pub(crate) constants: Cell<*const u64>,
    /// First word of the private instructions; null until ready.
    pub(crate) entry: Cell<*mut u64>,
    pub(crate) register_count: u32,
    pub(crate) argument_count: u32,
    /// Bits of [`cinder_bytecode::code::flags`].
    pub(crate) flags: u32,
    /// A call with exactly `argument_count` positional arguments needs no binding and makes no generator.
    pub(crate) is_simple: bool,
    /// Calls make a generator or coroutine, and all parameters are positional.
    pub(crate) is_plain_generator: bool,
    /// Generators and coroutines of this code have something to do when nobody wants them any more.
    /// Known when ready.
    pub(crate) is_closable: Cell<bool>,
    pub(crate) filename: Slot<Value>,
    /// Calls until the JIT is asked; [`crate::jit::COLD`] and what is counted down from it: not this code.
    pub(crate) heat: Cell<u32>,
    /// Window entry of the machine code, or 0.
    pub(crate) jit_entry: Cell<usize>,
    /// Bits of the function the machine code was made for.
    pub(crate) jit_function: Cell<u64>,
    code: LazyCode,
    storage: OnceCell<Storage>,
}

struct Storage {
    constants: Box<[Value]>,
    names: Box<[Value]>,
    /// Named registers.
    locals: Box<[Value]>,
    instructions: Box<[Cell<u64>]>,
    records: Box<[Cell<CacheRecord>]>,
    /// Instructions that machine code hands over one at a time.
    #[expect(clippy::vec_box, reason = "their addresses are in `single_index`")]
    singles: RefCell<Vec<Box<Single>>>,
    /// By word, once there is machine code.
    single_index: RefCell<Vec<*const u64>>,
    /// Types of a static function's own signature, once they were needed, and the generation of names in which they were found.
    signature: OnceCell<(u32, Box<[&'static Resolved]>)>,
    /// Once a trace function watched.
    armed: OnceCell<Box<crate::trace::Armed>>,
}

/// A copy of one instruction with its own cache record, followed by what stops the loop: machine code has it executed alone. Where it falls through a RETURN_VALUE
/// with 1 in b follows, where it jumps to one with 2.
#[repr(C)]
struct Single {
    /// Two words of instruction at most, and two stops.
    words: [Cell<u64>; 4],
    record: Cell<CacheRecord>,
    /// Word of the original.
    word: u32,
}

impl Trace for PyCode {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.filename.get());
        if let Some(storage) = self.storage.get() {
            tracer.visit_slice(&storage.constants);
            // What records remember is kept alive by the classes and dicts they depend on, except the values found in them.
            for record in &storage.records {
                record.get().trace(tracer);
            }
            for single in storage.singles.borrow().iter() {
                single.record.get().trace(tracer);
            }
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyCode {}

crate::layout!(PyCode, "code", exact code);

/// Any of the flags that make a call return a generator-like object.
pub(crate) const GENERATOR_LIKE: u32 = code::flags::GENERATOR | code::flags::COROUTINE | code::flags::ASYNC_GENERATOR;

impl PyCode {
    /// The shared description.
    pub fn object(&self) -> &Arc<CodeObject> {
        &self.code
    }

    pub fn is_ready(&self) -> bool {
        !self.entry.get().is_null()
    }

    pub(crate) fn is_generator_like(&self) -> bool {
        self.flags & GENERATOR_LIKE != 0
    }

    /// Interned name `index`. Only when ready.
    #[inline]
    pub(crate) fn name(&self, index: u32) -> Value {
        self.ready().names[index as usize]
    }

    /// Name `index`, if there is one.
    pub(crate) fn name_opt(&self, index: u32) -> Option<Value> {
        self.storage.get()?.names.get(index as usize).copied()
    }

    /// Constant `index`, if there is one.
    pub(crate) fn constant_opt(&self, index: u32) -> Option<Value> {
        self.storage.get()?.constants.get(index as usize).copied()
    }

    /// Interned name of local register `index`. Only when ready.
    pub(crate) fn local_name(&self, index: usize) -> Value {
        self.ready().locals[index]
    }

    /// Names of the named registers, interned.
    pub(crate) fn local_names(&self) -> &[Value] {
        &self.ready().locals
    }

    fn ready(&self) -> &Storage {
        self.storage.get().expect("code is made ready before it runs")
    }

    /// Types of the parameters of a static function, once they have been set.
    pub(crate) fn parameter_types(&self) -> Option<&(u32, Box<[&'static Resolved]>)> {
        self.storage.get()?.signature.get()
    }

    /// Keeps the types of the parameters. Only when ready.
    pub(crate) fn set_parameter_types(&self, generation: u32, types: Vec<&'static Resolved>) -> &[&'static Resolved] {
        &self.ready().signature.get_or_init(|| (generation, types.into())).1
    }

    /// Turns instructions that know where fields lie back into those that look.
    pub(crate) fn forget_layouts(&self) {
        let Some(storage) = self.storage.get() else { return };
        let turn_back = |word: &Cell<u64>| {
            if let Some(general) = crate::classloader::without_layout(word.get() as u16) {
                word.set(word.get() & !0xffff | general as u64);
            }
        };
        for (word, _) in cinder_bytecode::instruction::instructions(&self.object().instructions) {
            turn_back(&storage.instructions[word]);
        }
        storage.singles.borrow().iter().for_each(|single| turn_back(&single.words[0]));
    }

    /// Where trace functions are told something. Only when ready.
    pub(crate) fn armed(&self, plan: impl FnOnce() -> crate::trace::Armed) -> &crate::trace::Armed {
        self.ready().armed.get_or_init(|| Box::new(plan()))
    }

    /// Word `index` of the private instructions. Only when ready.
    pub(crate) fn private_word(&self, index: u32) -> &Cell<u64> {
        &self.ready().instructions[index as usize]
    }

    /// Runs of instructions with the same place: first word, end, place.
    fn spans(&self) -> impl Iterator<Item = (u32, u32, Option<cinder_bytecode::code::LineEntry>)> {
        let code = Arc::clone(self.object());
        (0..code.lines.len()).map(move |index| {
            let entry = code.lines[index];
            let end = code.lines.get(index + 1).map_or(code.instructions.len() as u32, |next| next.start);
            (entry.start, end, Some(entry))
        })
    }

    /// Word index of an address in the private instructions.
    pub(crate) fn index_of(&self, ip: *const u64) -> u32 {
        let index = ip.addr().wrapping_sub(self.entry.get().addr()) / 8;
        if index < self.object().instructions.len() { index as u32 } else { self.index_of_single(ip) }
    }

    /// Word of the original of an instruction made by [`PyCode::single`].
    #[cold]
    fn index_of_single(&self, ip: *const u64) -> u32 {
        let singles = self.ready().singles.borrow();
        singles.iter().find(|single| single.words.as_ptr().addr() == ip.addr()).map_or(0, |single| single.word)
    }

    /// The instruction at `word` as a piece of code of its own, for frames that run as machine code. Only when ready.
    #[inline]
    pub(crate) fn single(&self, word: u32) -> *const u64 {
        let known = self.ready().single_index.borrow().get(word as usize).copied();
        known.filter(|ip| !ip.is_null()).unwrap_or_else(|| self.new_single(word))
    }

    #[cold]
    fn new_single(&self, word: u32) -> *const u64 {
        let storage = self.ready();
        let mut instruction =
            Instruction::decode(&self.object().instructions, word as usize).expect("machine code names instructions");
        let info = instruction.op.info();
        let length = instruction.words();
        let stop = |answer: u16| Instruction::new(cinder_bytecode::Opcode::RETURN_VALUE, 0, answer, 0);
        let mut record = CacheRecord::default();
        if info.imm == Imm::Jump {
            instruction.set_imm(length as u32 + 1);
        }
        let mut words = Vec::with_capacity(4);
        instruction.encode(&mut words);
        if info.ext != Imm::None {
            record.ext = self.object().instructions[word as usize + 1];
            record.slot = if info.ext == Imm::Jump { length as u32 + 1 } else { 0 };
        }
        stop(1).encode(&mut words);
        stop(2).encode(&mut words);
        words.resize(4, 0);
        let words: [u64; 4] = words.try_into().expect("four words");
        let single = Box::new(Single { words: words.map(Cell::new), record: Cell::new(record), word });
        if info.ext != Imm::None {
            single.words[1].set(std::ptr::from_ref(&single.record).expose_provenance() as u64);
        }
        let ip: *const u64 = single.words.as_ptr().cast();
        let mut index = storage.single_index.borrow_mut();
        index.resize(self.object().instructions.len(), std::ptr::null());
        index[word as usize] = ip;
        storage.singles.borrow_mut().push(single);
        ip
    }

    /// Address of word `index` of the private instructions.
    pub(crate) fn address_of(&self, index: u32) -> *const u64 {
        self.entry.get().wrapping_add(index as usize)
    }
}

impl Vm {
    /// New code object, not yet ready.
    pub fn new_code(&self, code: impl Into<LazyCode>) -> PyResult<Gc<PyCode>> {
        let code = code.into();
        let filename = self.new_str(code.filename())?;
        self.new_code_in(code, filename)
    }

    fn new_code_in(&self, code: LazyCode, filename: Value) -> PyResult<Gc<PyCode>> {
        let odd = code::flags::VARARGS | code::flags::VARKEYWORDS | GENERATOR_LIKE;
        let Head { flags, argument_count, keyword_only_count, register_count } = code.head();
        self.alloc(PyCode {
            header: object_header(BuiltinType::code as u32),
            constants: Cell::new(std::ptr::null()),
            entry: Cell::new(std::ptr::null_mut()),
            register_count,
            argument_count,
            flags,
            is_simple: flags & odd == 0 && keyword_only_count == 0,
            is_plain_generator: flags & GENERATOR_LIKE != 0
                && flags & odd & !GENERATOR_LIKE == 0
                && keyword_only_count == 0,
            is_closable: Cell::new(false),
            filename: Slot::new(filename),
            storage: OnceCell::new(),
            heat: Cell::new(crate::jit::COLD),
            jit_entry: Cell::new(0),
            jit_function: Cell::new(0),
            code,
        })
    }

    /// Makes the private storage.
    pub(crate) fn prepare_code(&self, code: Gc<PyCode>) -> PyResult<()> {
        if code.is_ready() {
            return Ok(());
        }
        let object = Arc::clone(code.object());
        let mut constants = self.heap.root_vec();
        for constant in &object.constants {
            constants.push(match constant {
                // Mostly of the same file, whose name need not be made again.
                Constant::Code(inner) if inner.filename() == &object.filename => {
                    self.new_code_in(inner.clone(), code.filename.get())?.as_value()
                }
                constant => self.constant_value(constant)?,
            });
        }
        let names = object.names.iter().map(|name| self.intern(name)).collect();
        let locals = object.locals.iter().map(|local| self.intern(&local.name)).collect();
        let mut instructions = object.instructions.clone();
        let records = vec![Cell::new(CacheRecord::default()); object.site_count as usize].into_boxed_slice();
        let mut index = 0;
        let hot_turns = self.jit.hot_turns(&object);
        while let Some(mut instruction) = Instruction::decode(&instructions, index) {
            let info = instruction.op.info();
            if info.imm == Imm::Jump {
                let relative = instruction.imm().wrapping_sub(index as u32);
                instruction.set_imm(relative);
                let mut words = Vec::with_capacity(2);
                instruction.encode(&mut words);
                instructions[index] = words[0];
            }
            if info.ext != Imm::None {
                let cell = &records[instruction.site as usize];
                let mut record = CacheRecord { ext: instructions[index + 1], ..CacheRecord::default() };
                if self.config.is_without_caches {
                    record.misses = crate::interp::handlers::MAX_MISSES;
                }
                if info.ext == Imm::Jump {
                    record.slot = instruction.ext.wrapping_sub(index as u32);
                    // A loop counts its turns down; see JUMP_BACKWARD.
                    record.misses = match instruction.op {
                        cinder_bytecode::Opcode::JUMP_BACKWARD => hot_turns,
                        _ => record.misses,
                    };
                }
                cell.set(record);
                instructions[index + 1] = std::ptr::from_ref(cell).expose_provenance() as u64;
            }
            index += instruction.words();
        }
        // The values below are new, the code object may be old.
        self.heap.write_barrier(code.header());
        let constants: Box<[Value]> = constants.to_vec().into();
        let instructions = instructions.into_iter().map(Cell::new).collect();
        let storage = code.storage.get_or_init(|| Storage {
            constants,
            names,
            locals,
            instructions,
            records,
            singles: RefCell::default(),
            single_index: RefCell::default(),
            signature: OnceCell::new(),
            armed: OnceCell::new(),
        });
        code.is_closable.set(code.is_generator_like() && is_closable(&object));
        code.heat.set(self.jit.initial_heat(&object));
        code.constants.set(storage.constants.as_ptr().cast());
        code.entry.set(storage.instructions.as_ptr().cast_mut().cast());
        Ok(())
    }

    /// The value a constant describes.
    fn constant_value(&self, constant: &Constant) -> PyResult<Value> {
        Ok(match constant {
            Constant::None => Value::NONE,
            Constant::True => Value::TRUE,
            Constant::False => Value::FALSE,
            Constant::Ellipsis => Value::ELLIPSIS,
            Constant::Int(number) => self.new_bigint(number.clone())?,
            Constant::Float(number) => self.new_float(*number)?,
            Constant::Str(text) if is_name(text) => self.intern(text),
            Constant::Str(text) => self.new_str(text)?,
            Constant::Surrogates(points) => self.new_str_points(points)?,
            Constant::Tuple(items) => {
                let mut values = self.heap.root_vec();
                for item in items {
                    values.push(self.constant_value(item)?);
                }
                self.new_tuple(&values)?
            }
            Constant::Code(code) => self.new_code(code.clone())?.as_value(),
            Constant::Complex(real, imag) => {
                self.new_complex(crate::types::complex::Complex { real: *real, imag: *imag })?
            }
            Constant::Bytes(bytes) => self.new_bytes(bytes)?,
            Constant::FrozenSet(items) => {
                let mut values = self.heap.root_vec();
                for item in items {
                    values.push(self.constant_value(item)?);
                }
                self.new_frozenset(&values)?
            }
            Constant::Slice(parts) => {
                let mut values = self.heap.root_vec();
                for part in parts.iter() {
                    values.push(self.constant_value(part)?);
                }
                self.new_slice(values[0], values[1], values[2])?
            }
        })
    }
}

/// Coroutines, async generators, and generators that can be suspended within a `try` or `with`.
fn is_closable(code: &CodeObject) -> bool {
    if code.flags & (code::flags::COROUTINE | code::flags::ASYNC_GENERATOR) != 0 {
        return true;
    }
    let waits_in_try = |(index, instruction): (usize, Instruction)| {
        if instruction.op != cinder_bytecode::Opcode::YIELD_VALUE {
            return false;
        }
        let Some(target) = code.handler(index as u32) else { return false };
        // Behind PUSH_EXC: what turns StopIteration into RuntimeError, and what ends a delegation, is in every generator.
        let own = Instruction::decode(&code.instructions, target as usize)
            .map(|push| target as usize + push.words())
            .and_then(|next| Instruction::decode(&code.instructions, next));
        !own.is_some_and(|own| {
            matches!(own.op, cinder_bytecode::Opcode::CALL_INTRINSIC | cinder_bytecode::Opcode::CLEANUP_THROW)
        })
    };
    cinder_bytecode::instructions(&code.instructions).any(waits_in_try)
}

/// CPython interns constant strings that look like names.
fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn this(vm: &Vm, value: Value) -> Gc<PyCode> {
    vm.downcast::<PyCode>(value).expect("attribute of this class")
}

fn locals_where(vm: &Vm, code: Value, keep: impl Fn(usize, LocalKind) -> bool) -> PyResult<Value> {
    let code = this(vm, code);
    let names: Vec<Value> = code
        .object()
        .locals
        .iter()
        .enumerate()
        .filter(|(i, l)| keep(*i, l.kind))
        .map(|(_, l)| vm.intern(&l.name))
        .collect();
    vm.new_tuple(&names)
}

pub static CODE: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        repr: Some(|vm, code| {
            let code = this(vm, code);
            let (object, address) = (code.object(), code.as_ptr().addr());
            vm.new_str(&format!(
                "<code object {} at {address:#x}, file \"{}\", line {}>",
                object.name,
                vm.str_text(code.filename.get()),
                object.first_line
            ))
        }),
        compare: Some(describe::compare),
        hash: Some(describe::hash),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("_varname_from_oparg", "self, oparg", describe::varname),
        NativeDef::static_method("_opcodes", "", describe::opcodes),
        NativeDef::method("_instructions", "self, /", describe::instructions),
        NativeDef::method("replace", "self, /, **changes", describe::replace),
        NativeDef::method("__replace__", "self, /, **changes", describe::replace),
        NativeDef::method("co_lines", "self, /", |vm, args| {
            let code = this(vm, args.at(0));
            // The prologue, which has no instruction here: a module's is on line 0, a function's on its `def`.
            let prologue = if &*code.code.name == "<module>" { 0 } else { code.code.first_line };
            let mut runs: Vec<(u32, u32, Option<u32>)> = Vec::new();
            if code.code.lines.first().is_some_and(|first| first.line != prologue) {
                runs.push((0, 0, Some(prologue)));
            }
            for (start, end, place) in code.spans() {
                let line = place.map(|place| place.line).filter(|line| *line != 0);
                match runs.last_mut() {
                    Some(last) if last.2 == line => last.1 = end,
                    _ => runs.push((start, end, line)),
                }
            }
            let list = vm.new_list(&[])?;
            for (start, end, line) in runs {
                let line = line.map_or(Ok(Value::NONE), |line| vm.new_int(line.into()))?;
                let row = vm.new_tuple(&[vm.new_int(i64::from(start) * 2)?, vm.new_int(i64::from(end) * 2)?, line])?;
                vm.list_append(list, row)?;
            }
            vm.iter(list)
        }),
        NativeDef::method("co_positions", "self, /", |vm, args| {
            let code = this(vm, args.at(0));
            let list = vm.new_list(&[])?;
            for (start, end, place) in code.spans() {
                let row = match place.filter(|place| place.line != 0) {
                    Some(place) => {
                        let numbers = [place.line, place.end_line, place.column, place.end_column];
                        let mut values = numbers.map(|number| Value::from_i32(number as i32));
                        if vm.config.has_no_columns {
                            values = [values[0], values[0], Value::NONE, Value::NONE];
                        }
                        vm.new_tuple(&values)?
                    }
                    None => vm.new_tuple(&[Value::NONE; 4])?,
                };
                for _ in start..end {
                    vm.list_append(list, row)?;
                }
            }
            vm.iter(list)
        }),
    ],
    getset: &[
        GetSetDef::read_only("co_code", describe::code_bytes),
        GetSetDef::read_only("_co_code_adaptive", describe::code_bytes),
        GetSetDef::member("co_linetable", describe::line_table),
        GetSetDef::member("co_exceptiontable", describe::exception_table),
        GetSetDef::member("co_name", |vm, code| Ok(vm.intern(&this(vm, code).object().name))),
        GetSetDef::member("co_qualname", |vm, code| Ok(vm.intern(&this(vm, code).object().qualname))),
        GetSetDef::member("co_filename", |vm, code| Ok(this(vm, code).filename.get())),
        GetSetDef::member("co_firstlineno", |vm, code| vm.new_int(this(vm, code).object().first_line.into())),
        GetSetDef::member("co_flags", |vm, code| vm.new_int((this(vm, code).flags & 0x0fff_ffff).into())),
        GetSetDef::member("co_argcount", |vm, code| vm.new_int(this(vm, code).argument_count.into())),
        GetSetDef::member("co_posonlyargcount", |vm, code| {
            vm.new_int(this(vm, code).object().positional_only_count.into())
        }),
        GetSetDef::member("co_kwonlyargcount", |vm, code| {
            vm.new_int(this(vm, code).object().keyword_only_count.into())
        }),
        GetSetDef::member("co_stacksize", |vm, code| vm.new_int(this(vm, code).register_count.into())),
        GetSetDef::member("co_nlocals", |vm, code| {
            let code = this(vm, code);
            let parameters = code.object().parameter_count() as usize;
            let plain = |(i, l): (usize, &cinder_bytecode::Local)| i < parameters || l.kind == LocalKind::Local;
            vm.new_uint(code.object().locals.iter().enumerate().filter(|x| plain(*x)).count())
        }),
        GetSetDef::read_only("co_varnames", |vm, code| {
            let parameters = this(vm, code).object().parameter_count() as usize;
            locals_where(vm, code, |index, kind| {
                index < parameters || matches!(kind, LocalKind::Local | LocalKind::Hidden)
            })
        }),
        GetSetDef::read_only("co_cellvars", |vm, code| locals_where(vm, code, |_, kind| kind == LocalKind::Cell)),
        GetSetDef::read_only("co_freevars", |vm, code| locals_where(vm, code, |_, kind| kind == LocalKind::Free)),
        GetSetDef::member("co_names", |vm, code| {
            let code = this(vm, code);
            vm.prepare_code(code)?;
            vm.new_tuple(&code.ready().names)
        }),
        GetSetDef::member("co_consts", |vm, code| {
            let code = this(vm, code);
            vm.prepare_code(code)?;
            vm.new_tuple(&code.ready().constants)
        }),
    ],
    ..TypeDef::new("code", <PyCode as Payload>::LAYOUT)
};
