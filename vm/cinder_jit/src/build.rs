//! Bytecode to HIR.
//!
//! Problem: registers are mutable and the interpreter may take over at many instructions.
//! Idea: one HIR block per bytecode block reachable without raising; every register that is live there (and every named tagged local, because
//! introspection may ask) is a parameter, and [`crate::pass::simplify`] drops the superfluous ones. Each instruction becomes typed operations
//! where the facts allow, else `Exec`, which hands that one instruction to the interpreter. Handlers are not built: a raise leaves.
//! Holds: the state of an operation describes the frame before its instruction; nothing has been written yet when it leaves.

use cinder_bytecode::{CodeObject, FRAME_HEADER, Instruction, Liveness, Opcode, RegisterKind, Registers, flags, shape};
use cinder_layout::encoding;
use cinder_layout::jit::{CompileError, CompileRequest, CompileUnit, UnitFunction};

use crate::hir::{Block, BlockId, Edge, Frame, FrameId, FrameState, Function, Inst, Kinds, Op, StateId, Type, Value};

mod met;
mod translate;
mod types;

pub(crate) use types::{kinds_of_bits, kinds_of_constant, kinds_of_type};

/// Functions above this many words are not compiled.
const WORD_LIMIT: usize = 20_000;

/// Builds entry 0 of the request's unit.
///
/// # Errors
/// Code that cannot run compiled: generators, coroutines, oversized functions.
pub(crate) fn build(request: &CompileRequest) -> Result<Function, CompileError> {
    let unit = &request.unit;
    let root = unit.functions.first().ok_or_else(|| error(None, "the unit has no functions"))?;
    let code = &*root.code;
    compilable(code)?;
    let mut function = Function {
        name: code.qualname.to_string(),
        frames: vec![Frame { function: 0, offset: 0, depth: 0 }],
        result: Some(result_kind(code)),
        ..Function::default()
    };
    let entry = function.block();
    let mut builder = Builder::new(request, &mut function, FrameId(0), None);
    match request.osr {
        None => {
            let arguments: Vec<Value> = (0..code.parameter_count())
                .map(|register| {
                    let ty = parameter_type(code, register);
                    builder.function.value(ty)
                })
                .collect();
            builder.function.blocks[entry.index()].params = arguments.clone();
            builder.body(entry, &arguments, Exit::Return)?;
        }
        Some(word) => builder.osr(entry, word)?,
    }
    Ok(function)
}

/// Builds the body of an inlined callee; `entry` is an empty block that gets its first instructions.
pub(crate) fn build_inlined(
    request: &CompileRequest,
    function: &mut Function,
    callee: Inlined,
    entry: BlockId,
    arguments: &[Value],
    continuation: BlockId,
) -> Result<(), CompileError> {
    let frame = FrameId(function.frames.len() as u32);
    function.frames.push(Frame { function: callee.function, offset: callee.offset, depth: callee.depth });
    let mut builder = Builder::new(request, function, frame, Some(callee.parent));
    builder.body(entry, arguments, Exit::Jump(continuation))
}

/// Where an inlined callee stands.
pub(crate) struct Inlined {
    pub(crate) function: usize,
    pub(crate) offset: u32,
    pub(crate) depth: u32,
    /// State of the call.
    pub(crate) parent: StateId,
}

pub(crate) fn compilable(code: &CodeObject) -> Result<(), CompileError> {
    let suspends = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
    if code.flags & suspends != 0 {
        return Err(error(None, "generators and coroutines are interpreted"));
    }
    if code.instructions.len() > WORD_LIMIT {
        return Err(error(None, "the function is too long"));
    }
    Ok(())
}

pub(crate) fn result_kind(code: &CodeObject) -> RegisterKind {
    code.static_signature
        .as_ref()
        .and_then(|signature| code.types.get(signature.result as usize))
        .map_or(RegisterKind::Tagged, shape::representation)
}

fn parameter_type(code: &CodeObject, register: u32) -> Type {
    let index = code.static_signature.as_ref().and_then(|signature| signature.parameters.get(register as usize));
    match (code.register_kind(register as u16), index.and_then(|index| code.types.get(*index as usize))) {
        (RegisterKind::Tagged, Some(descr)) => Type::Tagged(kinds_of_type(descr)),
        (RegisterKind::Tagged, None) => Type::BOUND,
        (kind, _) => Type::of_register(kind),
    }
}

fn error(word: Option<u32>, reason: &str) -> CompileError {
    CompileError { word, reason: reason.to_owned() }
}

/// What RETURN_VALUE becomes.
#[derive(Clone, Copy)]
enum Exit {
    Return,
    /// Jump to the block behind the inlined call, with the result.
    Jump(BlockId),
}

struct Builder<'build> {
    unit: &'build CompileUnit,
    facts: &'build UnitFunction,
    code: &'build CodeObject,
    function: &'build mut Function,
    frame: FrameId,
    parent: Option<StateId>,
    /// Facts "while valid" may be used.
    may_assume: bool,
    /// Earlier code left often.
    is_retry: bool,
    liveness: Liveness,
    /// HIR block per bytecode block.
    blocks: Vec<Option<BlockId>>,
    /// Block that gets instructions.
    current: BlockId,
    /// Value per register.
    env: Vec<Option<Value>>,
    exit: Exit,
    word: u32,
    /// Registers live before the instruction.
    live: Registers,
    /// State before the instruction, once made.
    state: Option<StateId>,
}

impl<'build> Builder<'build> {
    fn new(
        request: &'build CompileRequest,
        function: &'build mut Function,
        frame: FrameId,
        parent: Option<StateId>,
    ) -> Self {
        let unit = &request.unit;
        let facts = &unit.functions[function.frames[frame.index()].function];
        let code = &*facts.code;
        let liveness = Liveness::new(code);
        let blocks = vec![None; liveness.blocks.len()];
        let live = Registers::new(code.register_count);
        Builder {
            unit,
            facts,
            code,
            function,
            frame,
            parent,
            may_assume: request.valid != 0,
            is_retry: request.is_retry,
            liveness,
            blocks,
            current: BlockId(0),
            env: Vec::new(),
            exit: Exit::Return,
            word: 0,
            live,
            state: None,
        }
    }

    /// The whole body, from `entry`.
    fn body(&mut self, entry: BlockId, arguments: &[Value], exit: Exit) -> Result<(), CompileError> {
        self.exit = exit;
        self.current = entry;
        self.env = vec![None; self.code.register_count as usize];
        for (register, value) in arguments.iter().enumerate() {
            self.env[register] = Some(*value);
        }
        self.clear_unassigned(arguments.len());
        let first = self.target(0);
        self.jump(first);
        self.translate_reachable(0)
    }

    /// Entry at a loop header with all registers at home.
    fn osr(&mut self, entry: BlockId, word: u32) -> Result<(), CompileError> {
        let block = self.liveness.block_at(word).ok_or_else(|| error(Some(word), "no block begins here"))?;
        self.current = entry;
        self.env = vec![None; self.code.register_count as usize];
        for register in self.parameters_of(block) {
            let ty = Type::of_register(self.code.register_kind(register));
            let value = self.load_home(register, ty);
            self.env[usize::from(register)] = Some(value);
        }
        self.jump_to_block(block);
        self.translate_reachable(block)
    }

    /// Named tagged locals begin unbound, raw registers at zero.
    fn clear_unassigned(&mut self, arguments: usize) {
        let unbound = self.constant_tagged(0);
        let (mut int, mut double) = (None, None);
        for register in arguments..self.code.register_count as usize {
            let value = match self.code.register_kind(register as u16) {
                RegisterKind::Tagged => unbound,
                RegisterKind::Int => *int.get_or_insert_with(|| self.function_const(Op::ConstInt, Type::Int)),
                RegisterKind::Double => {
                    *double.get_or_insert_with(|| self.function_const(Op::ConstDouble, Type::Double))
                }
            };
            self.env[register] = Some(value);
        }
    }

    fn function_const(&mut self, op: Op, ty: Type) -> Value {
        self.emit(Inst::new(op, &[], 0), ty)
    }

    /// Translates every block that the first one reaches, in the order found.
    fn translate_reachable(&mut self, first: usize) -> Result<(), CompileError> {
        let mut pending = vec![first];
        let mut done = vec![false; self.liveness.blocks.len()];
        while let Some(block) = pending.pop() {
            if std::mem::replace(&mut done[block], true) {
                continue;
            }
            self.translate_block(block)?;
            pending.extend((0..self.blocks.len()).filter(|block| self.blocks[*block].is_some() && !done[*block]));
        }
        Ok(())
    }

    fn translate_block(&mut self, block: usize) -> Result<(), CompileError> {
        let id = self.hir_block(block);
        self.current = id;
        self.env = vec![None; self.code.register_count as usize];
        let params = self.function.blocks[id.index()].params.clone();
        for (register, value) in self.parameters_of(block).into_iter().zip(params) {
            self.env[usize::from(register)] = Some(value);
        }
        let before = self.liveness.live_before(self.code, block);
        let words = self.liveness.words(self.code, block);
        let count = words.len();
        if self.raises(&words) {
            // Whatever builds an exception runs once: all of it is left to the interpreter. Arguments are checked already; their check would
            // enter this code again.
            let op = |word: u32| Instruction::decode(&self.code.instructions, word as usize).map(|found| found.op);
            let first = words.iter().position(|word| op(*word) != Some(Opcode::CHECK_ARGS)).unwrap_or(0);
            self.word = words[first];
            self.live = before.into_iter().nth(first).expect("as many as words");
            self.state = None;
            self.function.blocks[id.index()].cold = true;
            self.end(Op::Leave, &[], Vec::new());
            return Ok(());
        }
        for (index, (word, live)) in words.into_iter().zip(before).enumerate() {
            let instruction =
                Instruction::decode(&self.code.instructions, word as usize).expect("verified code decodes");
            self.word = word;
            self.live = live;
            self.state = None;
            let ends = self.instruction(&instruction)?;
            if ends {
                return Ok(());
            }
            if index + 1 == count {
                let next = self.target(word + instruction.words() as u32);
                self.jump(next);
            }
        }
        Ok(())
    }

    /// Whether a block ends in an instruction that leaves for good.
    fn raises(&self, words: &[u32]) -> bool {
        let last = words.last().and_then(|word| Instruction::decode(&self.code.instructions, *word as usize));
        last.is_some_and(|last| leaves(last.op))
    }

    /// Registers a block takes as parameters: live ones and named tagged locals.
    fn parameters_of(&self, block: usize) -> Vec<u16> {
        self.shown(&self.liveness.live_in[block])
    }

    fn shown(&self, live: &Registers) -> Vec<u16> {
        let locals = self.code.locals.len();
        (0..=u16::MAX)
            .take(self.code.register_count as usize)
            .filter(|register| {
                let local =
                    usize::from(*register) < locals && self.code.register_kind(*register) == RegisterKind::Tagged;
                local || live.has(*register)
            })
            .collect()
    }

    fn target(&mut self, word: u32) -> usize {
        self.liveness.block_at(word).expect("verified jumps land on blocks")
    }

    /// The HIR block of a bytecode block, made with its parameters on first demand.
    fn hir_block(&mut self, block: usize) -> BlockId {
        if let Some(id) = self.blocks[block] {
            return id;
        }
        let id = self.function.block();
        let params = self
            .parameters_of(block)
            .into_iter()
            .map(|register| self.function.value(Type::of_register(self.code.register_kind(register))))
            .collect();
        self.function.blocks[id.index()].params = params;
        self.blocks[block] = Some(id);
        id
    }

    fn edge(&mut self, block: usize) -> Edge {
        let id = self.hir_block(block);
        let args = self
            .parameters_of(block)
            .into_iter()
            .map(|register| self.env[usize::from(register)].expect("live registers have values"))
            .collect();
        Edge { block: id, args }
    }

    fn jump(&mut self, block: usize) {
        let edge = self.edge(block);
        self.end(Op::Jump, &[], vec![edge]);
    }

    fn jump_to_block(&mut self, block: usize) {
        self.jump(block);
    }

    fn end(&mut self, op: Op, args: &[Value], targets: Vec<Edge>) {
        let mut inst = Inst::new(op, args, 0);
        inst.targets = targets;
        self.push(inst);
    }

    fn branch(&mut self, condition: Value, then: Edge, otherwise: Edge) {
        self.end(Op::Branch, &[condition], vec![then, otherwise]);
    }

    fn push(&mut self, mut inst: Inst) {
        if inst.op.needs_state() && inst.state.is_none() {
            inst.state = Some(self.state());
        }
        self.function.blocks[self.current.index()].insts.push(inst);
    }

    fn emit(&mut self, mut inst: Inst, ty: Type) -> Value {
        let value = self.function.value(ty);
        inst.result = Some(value);
        self.push(inst);
        value
    }

    /// An operation whose row gives the result type.
    fn op(&mut self, op: Op, args: &[Value], imm: i64) -> Value {
        let first = args.first().map(|arg| self.function.ty(*arg));
        let ty = op.result_type(first).expect("the row gives the type");
        self.emit(Inst::new(op, args, imm), ty)
    }

    fn effect(&mut self, op: Op, args: &[Value], imm: i64) {
        self.push(Inst::new(op, args, imm));
    }

    fn constant_tagged(&mut self, bits: u64) -> Value {
        let ty = Type::Tagged(kinds_of_bits(bits));
        self.emit(Inst::new(Op::ConstTagged, &[], bits as i64), ty)
    }

    fn constant_int(&mut self, value: i64) -> Value {
        self.op(Op::ConstInt, &[], value)
    }

    fn load_home(&mut self, register: u16, ty: Type) -> Value {
        let slot = self.function.frames[self.frame.index()].offset + u32::from(register);
        self.emit(Inst::new(Op::LoadHome, &[], i64::from(slot)), ty)
    }

    /// State before the current instruction.
    fn state(&mut self) -> StateId {
        if let Some(state) = self.state {
            return state;
        }
        let live = self.live.clone();
        let state = self.make_state(self.word, &live, u16::MAX);
        self.state = Some(state);
        state
    }

    /// State at a call: what lies above the window's base is the callee's.
    fn call_state(&mut self, base: u16) -> StateId {
        let live = self.live.clone();
        self.make_state(self.word, &live, base)
    }

    fn make_state(&mut self, word: u32, live: &Registers, below: u16) -> StateId {
        let registers = self
            .shown(live)
            .into_iter()
            .filter(|register| *register < below)
            .filter_map(|register| Some((register, self.env[usize::from(register)]?)))
            .collect();
        self.function.states.push(FrameState { frame: self.frame, word, registers, parent: self.parent });
        StateId(self.function.states.len() as u32 - 1)
    }

    /// After an observing operation: leaves at the next instruction when an assumption broke.
    fn check_valid_at(&mut self, word: u32) {
        if !self.may_assume {
            return;
        }
        let block = self.liveness.live_at(self.code, word);
        let state = self.make_state(word, &block, u16::MAX);
        let mut inst = Inst::new(Op::CheckValid, &[], 0);
        inst.state = Some(state);
        self.push(inst);
    }

    /// Hands the instruction to the interpreter and takes over what it wrote. The result says whether it jumps.
    fn exec(&mut self, instruction: &Instruction) -> Value {
        let mut inst = Inst::new(Op::Exec, &[], 0);
        let code = self.code;
        shape::visit(code, instruction, |used| {
            let read = matches!(
                used.access,
                shape::Access::Read | shape::Access::ReadMaybe | shape::Access::ReadCell | shape::Access::ReadRaw
            );
            let register = used.register as u16;
            if read && !inst.homes.contains(&register) {
                inst.args.push(self.env[usize::from(register)].expect("reads are live"));
                inst.homes.push(register);
            }
        });
        self.emit(inst, Type::Int)
    }

    fn reload(&mut self, instruction: &Instruction) {
        if let Some(base) = shape::call_base(instruction) {
            self.kill_window(base);
        }
        let mut written = Vec::new();
        shape::visit(self.code, instruction, |used| {
            let kinds = match used.access {
                shape::Access::Write | shape::Access::WriteCell => Kinds::BOUND,
                shape::Access::WriteMaybe => Kinds::ANY,
                shape::Access::Clear => Kinds::UNBOUND,
                _ => return,
            };
            written.push((used.register as u16, used.kind, kinds));
        });
        for (register, kind, kinds) in written {
            let ty = if kind == RegisterKind::Tagged { Type::Tagged(kinds) } else { Type::of_register(kind) };
            let value = self.load_home(register, ty);
            self.env[usize::from(register)] = Some(value);
        }
    }

    /// What a call left at and above its base is dead.
    fn kill_window(&mut self, base: u16) {
        self.env[usize::from(base)..].fill(None);
    }

    /// Opens a block without parameters and makes it current.
    fn open(&mut self, cold: bool) -> BlockId {
        let id = self.function.block();
        self.function.blocks[id.index()] = Block { cold, ..Block::default() };
        id
    }

    fn plain(block: BlockId) -> Edge {
        Edge { block, args: Vec::new() }
    }
}

/// First argument register of a window.
fn first_argument(base: u16) -> u16 {
    base + FRAME_HEADER
}

/// Bits of the bools, for tests.
const TRUE: i64 = encoding::TRUE as i64;
const NONE: i64 = encoding::NONE as i64;

/// Opcodes that end compiled code: they raise, handle or suspend.
fn leaves(op: Opcode) -> bool {
    use Opcode::*;
    matches!(op, RAISE | RAISE_FROM | RAISE_AGAIN | RERAISE | PUSH_EXC | YIELD_VALUE | CLEANUP_THROW | END_ASYNC_FOR)
}
