//! One instruction to operations.

use cinder_bytecode::{CompareOp, FastKind, Instruction, Opcode, Primitive, RegisterKind, shape};
use cinder_layout::jit::{CallTarget, CompileError, SequenceFact, ShapeTarget, Slot, executed};

use super::{Builder, Exit, NONE, TRUE, error, first_argument, leaves};
use crate::hir::{BlockId, CallSite, Edge, Inst, Kinds, Op, StateId, Type, Value};

/// Items of a list display that are appended one by one.
const MAX_DISPLAY: u16 = 4;

impl Builder<'_> {
    /// Translates; answers whether the block has ended.
    pub(super) fn instruction(&mut self, instruction: &Instruction) -> Result<bool, CompileError> {
        use Opcode::*;
        let Instruction { op, a, b, c, ext, .. } = *instruction;
        if leaves(op) {
            self.end(Op::Leave, &[], Vec::new());
            return Ok(true);
        }
        if self.as_met(instruction) {
            return Ok(false);
        }
        match op {
            NOP | CHECK_ARGS => {}
            MOVE => {
                let value = self.env[usize::from(b)].expect("moved registers are clean");
                self.set(a, value);
            }
            CLEAR => {
                let unbound = self.constant_tagged(0);
                self.set(a, unbound);
            }
            CHECK_BOUND => self.check_bound(a),
            LOAD_CONST => match self.facts.constants.get(instruction.imm() as usize) {
                Some(bits) if *bits != 0 => {
                    let kinds = super::kinds_of_constant(&self.code.constants[instruction.imm() as usize], *bits);
                    let value = self.emit(Inst::new(Op::ConstTagged, &[], *bits as i64), Type::Tagged(kinds));
                    self.set(a, value);
                }
                _ => self.hand_over(instruction),
            },
            LOAD_TYPE => match self.facts.types.get(ext as usize) {
                Some(fact) if fact.class != 0 => self.set_constant(a, fact.class),
                _ => self.hand_over(instruction),
            },
            JUMP
            | JUMP_BACKWARD
            | JUMP_IF_TRUE
            | JUMP_IF_FALSE
            | JUMP_IF_NONE
            | JUMP_IF_NOT_NONE
            | PRIMITIVE_JUMP_IF_TRUE
            | PRIMITIVE_JUMP_IF_FALSE
            | FOR_ITER
            | SEND => {
                self.jumps(instruction);
                return Ok(true);
            }
            RETURN_VALUE | RETURN_PRIMITIVE => {
                let value = self.get(a);
                match self.exit {
                    Exit::Return => self.end(Op::Return, &[value], Vec::new()),
                    Exit::Jump(block) => {
                        let edge = Edge { block, args: vec![value] };
                        self.end(Op::Jump, &[], vec![edge]);
                    }
                }
                return Ok(true);
            }
            TO_BOOL | UNARY_NOT => {
                let mut truth = self.truth(b);
                if op == UNARY_NOT {
                    truth = self.op(Op::NotInt, &[truth], 0);
                }
                let value = self.op(Op::BoxBool, &[truth], 0);
                self.set(a, value);
            }
            IS_OP | IS_NOT_OP => self.identity(instruction),
            CAST => self.cast(instruction),
            LOAD_FIELD => self.load_field(instruction),
            STORE_FIELD => self.store_field(instruction),
            TP_ALLOC => self.allocate(instruction),
            INVOKE_FUNCTION | INVOKE_METHOD => self.invoke(instruction),
            FAST_LEN => match self.sequence(FastKind::from_number(u32::from(c))) {
                Some((kind, fact)) => {
                    let object = self.get(b);
                    self.guard_shape(object, fact);
                    let length = self.op(Op::Length, &[object], kind);
                    self.set(a, length);
                }
                None => self.hand_over(instruction),
            },
            SEQUENCE_GET => self.sequence_get(instruction),
            SEQUENCE_SET => self.sequence_set(instruction),
            SEQUENCE_APPEND => match self.growing(u32::from(c)) {
                Some((kind, fact)) => {
                    let (object, item) = (self.get(a), self.get(b));
                    self.guard_shape(object, fact);
                    self.effect(Op::AppendItem, &[object, item], kind);
                }
                None => self.hand_over(instruction),
            },
            SEQUENCE_POP => match self.growing(u32::from(c)) {
                Some((kind, fact)) => {
                    let object = self.get(b);
                    self.guard_shape(object, fact);
                    let item = self.op(Op::PopItem, &[object], kind);
                    self.set(a, item);
                }
                None => self.hand_over(instruction),
            },
            BUILD_CHECKED_LIST => self.checked_list(instruction),
            ARRAY_GET_INT | ARRAY_GET_DOUBLE => self.array_get(instruction),
            ARRAY_SET_INT | ARRAY_SET_DOUBLE => self.array_set(instruction),
            _ if op.name().starts_with("PRIMITIVE_")
                || op.name().starts_with("CONVERT_INT")
                || op == CONVERT_DOUBLE_INT =>
            {
                self.primitive(instruction)?;
            }
            _ => self.hand_over(instruction),
        }
        Ok(false)
    }

    pub(super) fn get(&self, register: u16) -> Value {
        self.env[usize::from(register)].expect("read registers have values")
    }

    pub(super) fn set(&mut self, register: u16, value: Value) {
        self.env[usize::from(register)] = Some(value);
    }

    fn set_constant(&mut self, register: u16, bits: u64) {
        let value = self.constant_tagged(bits);
        self.set(register, value);
    }

    /// The interpreter executes the instruction.
    fn hand_over(&mut self, instruction: &Instruction) {
        self.exec(instruction);
        self.reload(instruction);
        self.check_valid_at(self.word + instruction.words() as u32);
    }

    fn check_bound(&mut self, register: u16) {
        let value = self.get(register);
        if self.function.ty(value).kinds().may_be(Kinds::UNBOUND) {
            let bound = self.op(Op::CheckBound, &[value], 0);
            self.set(register, bound);
        }
    }

    fn truth(&mut self, register: u16) -> Value {
        let value = self.get(register);
        if self.function.ty(value).kinds().is(Kinds::BOOL) {
            return self.op(Op::IsWord, &[value], TRUE);
        }
        self.op(Op::Truth, &[value], 0)
    }

    fn jumps(&mut self, instruction: &Instruction) {
        use Opcode::*;
        let target = self.target(instruction.jump_target().expect("a jump"));
        let register = instruction.a;
        let (condition, on_true) = match instruction.op {
            JUMP => return self.jump(target),
            JUMP_BACKWARD => {
                self.effect(Op::Safepoint, &[], 0);
                return self.jump(target);
            }
            JUMP_IF_TRUE => (self.truth(register), true),
            JUMP_IF_FALSE => (self.truth(register), false),
            JUMP_IF_NONE | JUMP_IF_NOT_NONE => {
                let value = self.get(register);
                (self.op(Op::IsWord, &[value], NONE), instruction.op == JUMP_IF_NONE)
            }
            PRIMITIVE_JUMP_IF_TRUE => (self.get(register), true),
            PRIMITIVE_JUMP_IF_FALSE => (self.get(register), false),
            _ => return self.jump_by_interpreter(instruction, target),
        };
        let next = self.target(self.word + instruction.words() as u32);
        let (taken, falls) = (self.edge(target), self.edge(next));
        if on_true { self.branch(condition, taken, falls) } else { self.branch(condition, falls, taken) }
    }

    /// FOR_ITER and SEND: the interpreter says whether they jump.
    fn jump_by_interpreter(&mut self, instruction: &Instruction, target: usize) {
        if self.iterate_as_met(instruction, target) {
            return;
        }
        let status = self.exec(instruction);
        let jumped = self.constant_int(executed::JUMP as i64);
        let condition = self.op(Op::CmpInt, &[status, jumped], i64::from(CompareOp::Eq.number()));
        let (taken, falls) = (self.open(false), self.open(false));
        self.branch(condition, Self::plain(taken), Self::plain(falls));
        let before = self.env.clone();
        self.current = falls;
        self.reload(instruction);
        let next_word = self.word + instruction.words() as u32;
        self.check_valid_at(next_word);
        let next = self.target(next_word);
        self.jump(next);
        self.current = taken;
        self.env = before;
        if instruction.op == Opcode::SEND {
            self.reload(instruction);
        }
        self.check_valid_at(instruction.jump_target().expect("a jump"));
        self.jump(target);
    }

    /// Opens fast and slow blocks behind a test, lets the interpreter do the instruction in the slow one and joins both with the
    /// result in the instruction's destination.
    fn with_fallback(&mut self, instruction: &Instruction, test: Value, fast: impl FnOnce(&mut Self) -> Value) {
        // Before the blocks part, so that both see one state.
        let state = self.state();
        let (quick, slow) = (self.open(false), self.open(true));
        self.branch(test, Self::plain(quick), Self::plain(slow));
        let join = self.open(false);
        let before = self.env.clone();
        self.current = quick;
        let value = fast(self);
        let kinds = self.function.ty(value).kinds();
        self.end(Op::Jump, &[], vec![Edge { block: join, args: vec![value] }]);
        self.current = slow;
        self.state = Some(state);
        self.hand_over(instruction);
        let other = self.get(instruction.a);
        self.end(Op::Jump, &[], vec![Edge { block: join, args: vec![other] }]);
        let kinds = kinds.union(self.function.ty(other).kinds());
        let result = self.function.value(Type::Tagged(kinds));
        self.function.blocks[join.index()].params = vec![result];
        self.current = join;
        self.env = before;
        self.set(instruction.a, result);
    }

    fn identity(&mut self, instruction: &Instruction) {
        let (left, right) = (self.get(instruction.b), self.get(instruction.c));
        // Equal heap numbers are identical though their words differ.
        let numbers = Kinds::FLOAT.union(Kinds::BIG);
        let either = |value: Value| self.function.ty(value).kinds().may_be(numbers);
        if either(left) && either(right) {
            return self.hand_over(instruction);
        }
        let mut same = self.op(Op::SameWord, &[left, right], 0);
        if instruction.op == Opcode::IS_NOT_OP {
            same = self.op(Op::NotInt, &[same], 0);
        }
        let value = self.op(Op::BoxBool, &[same], 0);
        self.set(instruction.a, value);
    }

    fn cast(&mut self, instruction: &Instruction) {
        let value = self.get(instruction.b);
        let index = instruction.ext as usize;
        let kinds = super::kinds_of_type(&self.code.types[index]);
        let Some(fact) = self.facts.types.get(index) else { return self.hand_over(instruction) };
        if fact.cast_any {
            return self.set(instruction.a, value);
        }
        let quick = fact.cast_none || fact.cast_int || fact.cast_float || !fact.cast_shapes.is_empty();
        let assumes = !fact.cast_shapes.is_empty();
        if !quick || (assumes && !self.may_assume) {
            return self.hand_over(instruction);
        }
        self.function.uses_valid |= assumes;
        let imm = self.type_fact_number(index);
        let test = self.op(Op::CastTest, &[value], imm);
        self.with_fallback(instruction, test, |_| value);
        // Both ways give an instance of the type.
        let result = self.get(instruction.a);
        let known = self.function.ty(result).kinds();
        self.function.types[result.index()] = Type::Tagged(Kinds(known.0 & kinds.0 & Kinds::BOUND.0));
    }

    /// Type facts are named by function and index.
    fn type_fact_number(&self, index: usize) -> i64 {
        let function = self.function.frames[self.frame.index()].function;
        (function as i64) << 32 | index as i64
    }

    fn load_field(&mut self, instruction: &Instruction) {
        let descr = &self.code.fields[instruction.ext as usize];
        let Some(Some(fact)) = self.facts.fields.get(instruction.ext as usize).copied() else {
            return self.hand_over(instruction);
        };
        // The offset holds while all classes of that name have one layout.
        self.function.uses_valid |= self.may_assume;
        let object = self.get(instruction.b);
        let ty = match fact.slot {
            Slot::Int { .. } => Type::Int,
            Slot::Double => Type::Double,
            Slot::Tagged => {
                let kinds = super::kinds_of_type(&self.code.types[descr.field_type as usize]);
                Type::Tagged(if fact.always_set { kinds } else { kinds.union(Kinds::UNBOUND) })
            }
        };
        let mut inst = Inst::new(Op::LoadField, &[object], i64::from(fact.offset));
        inst.slot = Some(fact.slot);
        let mut value = self.emit(inst, ty);
        if ty.kinds().may_be(Kinds::UNBOUND) {
            value = self.op(Op::CheckBound, &[value], 0);
        }
        self.set(instruction.a, value);
    }

    fn store_field(&mut self, instruction: &Instruction) {
        let Some(Some(fact)) = self.facts.fields.get(instruction.ext as usize).copied() else {
            return self.hand_over(instruction);
        };
        self.function.uses_valid |= self.may_assume;
        let (object, value) = (self.get(instruction.a), self.get(instruction.b));
        let mut inst = Inst::new(Op::StoreField, &[object, value], i64::from(fact.offset));
        inst.slot = Some(fact.slot);
        self.push(inst);
    }

    fn allocate(&mut self, instruction: &Instruction) {
        let Some(fact) = self.facts.types.get(instruction.ext as usize) else { return self.hand_over(instruction) };
        let allocation = fact.allocation.filter(|_| fact.class != 0 && self.may_assume);
        let Some(allocation) = allocation else { return self.hand_over(instruction) };
        self.function.uses_valid = true;
        self.function.allocations.push((allocation, fact.class));
        let index = self.function.allocations.len() as i64 - 1;
        let object = self.op(Op::New, &[], index);
        self.set(instruction.a, object);
    }

    fn invoke(&mut self, instruction: &Instruction) {
        let Instruction { b, c, ext, .. } = *instruction;
        let fact = self.facts.calls.get(ext as usize).cloned().flatten();
        let fact = fact.filter(|fact| self.may_assume || !fact.assumed);
        let Some(fact) = fact else { return self.hand_over(instruction) };
        self.function.uses_valid |= fact.assumed;
        let first = first_argument(b);
        let args: Vec<Value> = (first..first + c).map(|register| self.get(register)).collect();
        match fact.target {
            CallTarget::Shapes(targets) => self.invoke_by_shape(instruction, &args, &targets, fact.selector),
            target => {
                let state = self.call_state(b);
                let value = self.call(instruction, &args, state, target, fact.inline);
                self.finish_call(instruction, value);
            }
        }
    }

    fn call(
        &mut self,
        instruction: &Instruction,
        args: &[Value],
        state: StateId,
        target: CallTarget,
        inline: Option<usize>,
    ) -> Value {
        let descr = &self.code.functions[instruction.ext as usize];
        let result_type = &self.code.types[descr.signature.result as usize];
        let result = shape::representation(result_type);
        let inline = if self.may_assume { inline } else { None };
        self.function.calls.push(CallSite { target, base: instruction.b, result, inline });
        let mut inst = Inst::new(Op::Call, args, self.function.calls.len() as i64 - 1);
        inst.state = Some(state);
        let ty = match result {
            RegisterKind::Tagged => Type::Tagged(super::kinds_of_type(result_type)),
            kind => Type::of_register(kind),
        };
        self.emit(inst, ty)
    }

    fn finish_call(&mut self, instruction: &Instruction, value: Value) {
        self.kill_window(instruction.b);
        self.set(instruction.a, value);
        self.check_valid_at(self.word + instruction.words() as u32);
    }

    /// A test and a call per method; other receivers' methods are looked up. The interpreter calls what is not found; an inlined callee leaves then.
    fn invoke_by_shape(
        &mut self,
        instruction: &Instruction,
        args: &[Value],
        targets: &[ShapeTarget],
        selector: Option<u32>,
    ) {
        let (full, state) = (self.state(), self.call_state(instruction.b));
        let join = self.open(false);
        let mut ty = None;
        if !targets.is_empty() {
            let shape = self.op(Op::LoadShape, &[args[0]], 0);
            for target in targets {
                let test = self.shape_among(shape, &target.shapes);
                let miss = self.call_if(test, join, |this| {
                    let value = this.call(instruction, args, state, CallTarget::Cell(target.cell), target.inline);
                    ty = Some(this.function.ty(value));
                    value
                });
                self.current = miss;
            }
        }
        let leaves = self.parent.is_some() && !self.is_retry && !targets.is_empty();
        if let (Some(selector), false) = (selector, leaves) {
            let cell = self.op(Op::FindMethod, &args[..1], i64::from(selector));
            let all: Vec<Value> = args.iter().copied().chain([cell]).collect();
            let miss = self.call_if(cell, join, |this| {
                let value = this.call(instruction, &all, state, CallTarget::Found, None);
                ty = Some(this.function.ty(value));
                value
            });
            self.current = miss;
        }
        self.function.blocks[self.current.index()].cold = true;
        self.state = Some(full);
        let before = self.env.clone();
        if leaves {
            self.end(Op::Leave, &[], Vec::new());
        } else {
            self.exec(instruction);
            self.reload(instruction);
            let value = self.get(instruction.a);
            ty = ty.or(Some(self.function.ty(value)));
            self.end(Op::Jump, &[], vec![Edge { block: join, args: vec![value] }]);
        }
        let param = self.function.value(ty.expect("one way gave a result"));
        self.function.blocks[join.index()].params = vec![param];
        self.current = join;
        self.env = before;
        self.state = None;
        self.finish_call(instruction, param);
    }

    /// A call that goes on at `join` when the condition holds; answers the block for when it does not.
    fn call_if(&mut self, condition: Value, join: BlockId, call: impl FnOnce(&mut Self) -> Value) -> BlockId {
        let (hit, miss) = (self.open(false), self.open(false));
        self.branch(condition, Self::plain(hit), Self::plain(miss));
        self.current = hit;
        let value = call(self);
        self.end(Op::Jump, &[], vec![Edge { block: join, args: vec![value] }]);
        miss
    }

    /// Whether a shape is one of those listed, by runs of neighbours.
    fn shape_among(&mut self, shape: Value, shapes: &[u32]) -> Value {
        let mut test = None;
        for run in shapes.chunk_by(|one, next| one + 1 == *next) {
            let from = self.constant_int(i64::from(run[0]));
            let one = if let [_] = run {
                self.op(Op::CmpInt, &[shape, from], i64::from(CompareOp::Eq.number()))
            } else {
                let distance = self.op(Op::SubInt, &[shape, from], 0);
                let most = self.constant_int(run.len() as i64 - 1);
                self.op(Op::CmpUint, &[distance, most], i64::from(CompareOp::Le.number()))
            };
            test = Some(match test {
                Some(test) => self.op(Op::OrInt, &[test, one], 0),
                None => one,
            });
        }
        test.unwrap_or_else(|| self.constant_int(0))
    }

    /// Number and layout of a container kind.
    fn sequence(&self, kind: Option<FastKind>) -> Option<(i64, SequenceFact)> {
        let kind = kind?;
        Some((i64::from(kind.number()), *crate::lower::container(&self.unit.containers, kind)?))
    }

    /// Number and layout of a list that grows at its end.
    fn growing(&self, kind: u32) -> Option<(i64, SequenceFact)> {
        self.sequence(FastKind::from_number(kind)).filter(|(_, fact)| fact.capacity.is_some())
    }

    fn checked_list(&mut self, instruction: &Instruction) {
        let Instruction { a, b, c, ext, .. } = *instruction;
        let fact =
            self.facts.types.get(ext as usize).filter(|fact| fact.is_list && c <= MAX_DISPLAY && self.may_assume);
        let growing = self.growing(FastKind::CheckedList.number().into());
        let Some((fact, (kind, _))) = fact.and_then(|fact| Some((fact.allocation?, fact.class))).zip(growing) else {
            return self.hand_over(instruction);
        };
        self.function.uses_valid = true;
        self.function.allocations.push(fact);
        let list = self.op(Op::New, &[], self.function.allocations.len() as i64 - 1);
        // Giving up halfway is fine: nobody has seen the list.
        for register in b..b + c {
            let item = self.get(register);
            self.effect(Op::AppendItem, &[list, item], kind);
        }
        self.set(a, list);
    }

    pub(super) fn guard_shape(&mut self, object: Value, fact: SequenceFact) {
        if let Some(shape) = fact.shape {
            self.effect(Op::GuardShape, &[object], i64::from(shape));
        }
    }

    /// Checked index into a container, `None` when its layout is unknown.
    pub(super) fn element(&mut self, kind: FastKind, object: Value, index: Value) -> Option<(i64, Value)> {
        let (kind, fact) = self.sequence(Some(kind))?;
        self.guard_shape(object, fact);
        let length = self.op(Op::Length, &[object], kind);
        let index = self.op(Op::CheckIndex, &[index, length], 0);
        Some((kind, index))
    }

    fn sequence_get(&mut self, instruction: &Instruction) {
        let (object, index) = (self.get(instruction.b), self.get(instruction.c));
        let kind = FastKind::from_number(instruction.ext).filter(|kind| {
            // Characters of strings are made, not loaded.
            matches!(kind, FastKind::List | FastKind::CheckedList | FastKind::Tuple)
        });
        let Some((kind, index)) = kind.and_then(|kind| self.element(kind, object, index)) else {
            return self.hand_over(instruction);
        };
        let mut inst = Inst::new(Op::LoadItem, &[object, index], kind);
        inst.slot = Some(Slot::Tagged);
        let value = self.emit(inst, Type::BOUND);
        self.set(instruction.a, value);
    }

    fn sequence_set(&mut self, instruction: &Instruction) {
        let (object, index, value) = (self.get(instruction.a), self.get(instruction.b), self.get(instruction.c));
        let kind = FastKind::from_number(instruction.ext);
        let kind = kind.filter(|kind| matches!(kind, FastKind::List | FastKind::CheckedList));
        let Some((kind, index)) = kind.and_then(|kind| self.element(kind, object, index)) else {
            return self.hand_over(instruction);
        };
        let mut inst = Inst::new(Op::StoreItem, &[object, index, value], kind);
        inst.slot = Some(Slot::Tagged);
        self.push(inst);
    }

    fn array_slot(instruction: &Instruction) -> Option<Slot> {
        match instruction.op {
            Opcode::ARRAY_GET_DOUBLE | Opcode::ARRAY_SET_DOUBLE => Some(Slot::Double),
            _ => Primitive::from_number(instruction.ext).and_then(int_slot),
        }
    }

    fn array_get(&mut self, instruction: &Instruction) {
        let (object, index) = (self.get(instruction.b), self.get(instruction.c));
        let Some(slot) = Self::array_slot(instruction) else { return self.hand_over(instruction) };
        let Some((kind, index)) = self.element(FastKind::Array, object, index) else {
            return self.hand_over(instruction);
        };
        let mut inst = Inst::new(Op::LoadItem, &[object, index], kind);
        inst.slot = Some(slot);
        let value = self.emit(inst, if slot == Slot::Double { Type::Double } else { Type::Int });
        self.set(instruction.a, value);
    }

    fn array_set(&mut self, instruction: &Instruction) {
        let (object, index, value) = (self.get(instruction.a), self.get(instruction.b), self.get(instruction.c));
        let Some(slot) = Self::array_slot(instruction) else { return self.hand_over(instruction) };
        let Some((kind, index)) = self.element(FastKind::Array, object, index) else {
            return self.hand_over(instruction);
        };
        let mut inst = Inst::new(Op::StoreItem, &[object, index, value], kind);
        inst.slot = Some(slot);
        self.push(inst);
    }

    fn primitive(&mut self, instruction: &Instruction) -> Result<(), CompileError> {
        use Opcode::*;
        let Instruction { op, a, b, c, ext, .. } = *instruction;
        let (hir, imm) = match op {
            PRIMITIVE_LOAD_INT => {
                let value = self.constant_int(i64::from(instruction.imm() as i32));
                self.set(a, value);
                return Ok(());
            }
            PRIMITIVE_LOAD_CONST => return self.primitive_constant(instruction),
            PRIMITIVE_BOX_INT => match Primitive::from_number(u32::from(c)) {
                Some(Primitive::CBool) => (Op::BoxBool, 0),
                Some(Primitive::Char) => {
                    self.hand_over(instruction);
                    return Ok(());
                }
                _ => (Op::BoxInt, i64::from(c)),
            },
            PRIMITIVE_UNBOX_INT => match Primitive::from_number(u32::from(c)) {
                Some(Primitive::CBool) => (Op::UnboxBool, 0),
                Some(Primitive::Char) => {
                    self.hand_over(instruction);
                    return Ok(());
                }
                _ => (Op::UnboxInt, i64::from(c)),
            },
            PRIMITIVE_BOX_DOUBLE => (Op::BoxDouble, 0),
            PRIMITIVE_UNBOX_DOUBLE => (Op::UnboxDouble, 0),
            CONVERT_INT => (Op::ConvertInt, i64::from(c)),
            CONVERT_INT_DOUBLE => (if c == 0 { Op::IntToDouble } else { Op::UintToDouble }, 0),
            CONVERT_DOUBLE_INT => (Op::DoubleToInt, i64::from(c)),
            PRIMITIVE_ADD_INT => (Op::AddInt, 0),
            PRIMITIVE_SUB_INT => (Op::SubInt, 0),
            PRIMITIVE_MUL_INT => (Op::MulInt, 0),
            PRIMITIVE_DIV_INT => (Op::DivInt, 0),
            PRIMITIVE_MOD_INT => (Op::ModInt, 0),
            PRIMITIVE_DIV_UINT => (Op::DivUint, 0),
            PRIMITIVE_MOD_UINT => (Op::ModUint, 0),
            PRIMITIVE_POW_INT => {
                let operands = [b, c].map(|register| {
                    let value = self.get(register);
                    self.op(Op::IntToDouble, &[value], 0)
                });
                let value = self.op(Op::PowDouble, &operands, 0);
                self.set(a, value);
                return Ok(());
            }
            PRIMITIVE_AND_INT => (Op::AndInt, 0),
            PRIMITIVE_OR_INT => (Op::OrInt, 0),
            PRIMITIVE_XOR_INT => (Op::XorInt, 0),
            PRIMITIVE_LSHIFT_INT => (Op::ShlInt, 0),
            PRIMITIVE_RSHIFT_INT => (Op::ShrInt, 0),
            PRIMITIVE_RSHIFT_UINT => (Op::ShrUint, 0),
            PRIMITIVE_NEG_INT => (Op::NegInt, 0),
            PRIMITIVE_INVERT_INT => (Op::InvertInt, 0),
            PRIMITIVE_NOT_INT => (Op::NotInt, 0),
            PRIMITIVE_ADD_DOUBLE => (Op::AddDouble, 0),
            PRIMITIVE_SUB_DOUBLE => (Op::SubDouble, 0),
            PRIMITIVE_MUL_DOUBLE => (Op::MulDouble, 0),
            PRIMITIVE_DIV_DOUBLE => (Op::DivDouble, 0),
            PRIMITIVE_MOD_DOUBLE => (Op::ModDouble, 0),
            PRIMITIVE_POW_DOUBLE => (Op::PowDouble, 0),
            PRIMITIVE_NEG_DOUBLE => (Op::NegDouble, 0),
            PRIMITIVE_COMPARE_INT => (Op::CmpInt, i64::from(ext)),
            PRIMITIVE_COMPARE_UINT => (Op::CmpUint, i64::from(ext)),
            PRIMITIVE_COMPARE_DOUBLE => (Op::CmpDouble, i64::from(ext)),
            _ => return Err(error(Some(self.word), op.name())),
        };
        let operands: Vec<Value> =
            [b, c].into_iter().take(hir.info().args.len()).map(|register| self.get(register)).collect();
        let value = self.op(hir, &operands, imm);
        let narrow = Primitive::from_number(u32::from(c)).and_then(int_slot);
        if hir == Op::BoxInt && !matches!(narrow, Some(Slot::Int { bytes: 8, .. })) {
            self.function.types[value.index()] = Type::Tagged(Kinds::INT);
        }
        self.set(a, value);
        Ok(())
    }

    fn primitive_constant(&mut self, instruction: &Instruction) -> Result<(), CompileError> {
        use cinder_bytecode::Constant;
        let value = match &self.code.constants[instruction.imm() as usize] {
            Constant::Float(value) => self.op(Op::ConstDouble, &[], value.to_bits() as i64),
            Constant::Int(value) => {
                // The raw bits of int64 or uint64.
                let bits = i64::try_from(value).or_else(|_| u64::try_from(value).map(|value| value as i64));
                let bits = bits.map_err(|_| error(Some(self.word), "a primitive constant has more than 64 bits"))?;
                self.constant_int(bits)
            }
            _ => return Err(error(Some(self.word), "a primitive constant is no number")),
        };
        self.set(instruction.a, value);
        Ok(())
    }
}

/// How memory holds an integer primitive.
pub(crate) fn int_slot(primitive: Primitive) -> Option<Slot> {
    let (bytes, signed) = match primitive {
        Primitive::Int8 => (1, true),
        Primitive::Int16 => (2, true),
        Primitive::Int32 => (4, true),
        Primitive::Int64 => (8, true),
        Primitive::UInt8 | Primitive::Char | Primitive::CBool => (1, false),
        Primitive::UInt16 => (2, false),
        Primitive::UInt32 => (4, false),
        Primitive::UInt64 => (8, false),
        Primitive::Double | Primitive::Single => return None,
    };
    Some(Slot::Int { bytes, signed })
}
