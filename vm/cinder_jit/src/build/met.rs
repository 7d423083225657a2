//! Instructions as the interpreter met them.
//!
//! Problem: what static types do not tell would be left to the interpreter.
//! Idea: where it has met one kind of operand, that kind is tested for and the operation done in place; otherwise the code leaves before the instruction, and the
//! interpreter learns. Code that leaves too often is compiled anew with what was learnt, and at last without.
//! Holds: nothing is written before the last test of an instruction.

use cinder_bytecode::{BinaryOp, CompareOp, FastKind, Instruction, Opcode};
use cinder_layout::jit::{IndexIteratorFact, Met, RangeIteratorFact, Slot};

use super::{Builder, kinds_of_constant};
use crate::hir::{Inst, Kinds, Op, Type, Value};

const WORD: Slot = Slot::Int { bytes: 8, signed: true };

impl Builder<'_> {
    fn met(&self) -> Option<Met> {
        let met = &self.facts.met;
        let at = met.binary_search_by_key(&self.word, |(word, _)| *word).ok()?;
        (!self.is_retry).then_some(met[at].1)
    }

    /// Translates an instruction that does not jump; answers whether it did.
    pub(super) fn as_met(&mut self, instruction: &Instruction) -> bool {
        use Opcode::*;
        let Instruction { op, a, b, .. } = *instruction;
        let Some(met) = self.met() else { return false };
        let value = match (op, met) {
            (BINARY_OP | BINARY_OP_K, Met::Numbers { left_is_float: false, right_is_float: false }) => {
                self.ints(instruction)
            }
            (BINARY_OP | BINARY_OP_K, Met::Numbers { left_is_float, right_is_float }) => {
                self.floats(instruction, [left_is_float, right_is_float])
            }
            // A large int is compared exactly with a float, not as one.
            (COMPARE_OP | COMPARE_OP_K, Met::Numbers { left_is_float, right_is_float })
                if left_is_float == right_is_float =>
            {
                self.compare(instruction, !left_is_float)
            }
            (LOAD_SUBSCR | LOAD_SUBSCR_K, Met::Items(kind)) => self.item(instruction, kind),
            (STORE_SUBSCR, Met::Items(kind)) => return self.store_item(instruction, kind),
            (LOAD_ATTR, Met::Slot { shape, offset }) => {
                let object = self.get(b);
                self.effect(Op::GuardShape, &[object], i64::from(shape));
                let held = self.load(object, offset, Slot::Tagged, Type::ANY);
                Some(self.op(Op::CheckBound, &[held], 0))
            }
            (STORE_ATTR, Met::Slot { shape, offset }) => {
                let (object, value) = (self.get(a), self.get(b));
                self.effect(Op::GuardShape, &[object], i64::from(shape));
                self.store(object, offset, Slot::Tagged, value);
                return true;
            }
            (LOAD_GLOBAL, Met::Variable { globals, builtins, number }) => self.variable(globals, builtins, number),
            _ => None,
        };
        if let Some(value) = value {
            self.set(a, value);
        }
        value.is_some()
    }

    fn load(&mut self, object: Value, offset: i32, slot: Slot, ty: Type) -> Value {
        let mut inst = Inst::new(Op::LoadField, &[object], i64::from(offset));
        inst.slot = Some(slot);
        self.emit(inst, ty)
    }

    fn store(&mut self, object: Value, offset: i32, slot: Slot, value: Value) {
        let mut inst = Inst::new(Op::StoreField, &[object, value], i64::from(offset));
        inst.slot = Some(slot);
        self.push(inst);
    }

    /// Left and right operand; the right one may be a constant.
    fn operands(&mut self, instruction: &Instruction) -> Option<[Value; 2]> {
        let right = match instruction.op {
            Opcode::BINARY_OP_K | Opcode::COMPARE_OP_K | Opcode::LOAD_SUBSCR_K => {
                let at = usize::from(instruction.c);
                let bits = *self.facts.constants.get(at).filter(|bits| **bits != 0)?;
                let kinds = kinds_of_constant(&self.code.constants[at], bits);
                self.emit(Inst::new(Op::ConstTagged, &[], bits as i64), Type::Tagged(kinds))
            }
            _ => self.get(instruction.c),
        };
        Some([self.get(instruction.b), right])
    }

    fn numbers(&mut self, instruction: &Instruction) -> Option<[Value; 2]> {
        let operands = self.operands(instruction)?;
        let guarded = operands.map(|operand| self.op(Op::GuardInt, &[operand], 0));
        Some(guarded.map(|operand| self.op(Op::IntOf, &[operand], 0)))
    }

    fn doubles(&mut self, instruction: &Instruction, are_floats: [bool; 2]) -> Option<[Value; 2]> {
        let shape = self.unit.containers.float_shape;
        if shape == 0 {
            return None;
        }
        let operands = self.operands(instruction)?;
        let mut doubles = operands;
        for (double, is_float) in doubles.iter_mut().zip(are_floats) {
            *double = if is_float {
                let float = self.op(Op::GuardFloat, &[*double], i64::from(shape));
                self.op(Op::DoubleOf, &[float], 0)
            } else {
                let int = self.op(Op::GuardInt, &[*double], 0);
                let number = self.op(Op::IntOf, &[int], 0);
                self.op(Op::IntToDouble, &[number], 0)
            };
        }
        Some(doubles)
    }

    fn ints(&mut self, instruction: &Instruction) -> Option<Value> {
        let (op, may_be_wide) = match plain(instruction)? {
            BinaryOp::Add => (Op::AddInt, true),
            BinaryOp::Subtract => (Op::SubInt, true),
            BinaryOp::Multiply => (Op::MulSmall, false),
            BinaryOp::FloorDivide => (Op::FloorDivInt, true),
            BinaryOp::Remainder => (Op::FloorModInt, false),
            BinaryOp::And => (Op::AndInt, false),
            BinaryOp::Or => (Op::OrInt, false),
            BinaryOp::Xor => (Op::XorInt, false),
            BinaryOp::RightShift => (Op::ShrInt, false),
            _ => return None,
        };
        let operands = self.numbers(instruction)?;
        if op == Op::ShrInt {
            let zero = self.constant_int(0);
            let good = self.op(Op::CmpInt, &[operands[1], zero], i64::from(CompareOp::Ge.number()));
            self.effect(Op::Guard, &[good], 0);
        }
        let result = self.op(op, &operands, 0);
        if may_be_wide {
            let good = self.op(Op::FitsInt, &[result], 0);
            self.effect(Op::Guard, &[good], 0);
        }
        Some(self.op(Op::MakeInt, &[result], 0))
    }

    fn floats(&mut self, instruction: &Instruction, are_floats: [bool; 2]) -> Option<Value> {
        let op = match plain(instruction)? {
            BinaryOp::Add => Op::AddDouble,
            BinaryOp::Subtract => Op::SubDouble,
            BinaryOp::Multiply => Op::MulDouble,
            BinaryOp::TrueDivide => Op::DivDouble,
            _ => return None,
        };
        let operands = self.doubles(instruction, are_floats)?;
        let result = self.op(op, &operands, 0);
        Some(self.op(Op::BoxDouble, &[result], 0))
    }

    fn compare(&mut self, instruction: &Instruction, ints: bool) -> Option<Value> {
        let (op, operands) = match ints {
            true => (Op::CmpInt, self.numbers(instruction)?),
            false => (Op::CmpDouble, self.doubles(instruction, [true; 2])?),
        };
        let flag = self.op(op, &operands, i64::from(instruction.ext));
        Some(self.op(Op::BoxBool, &[flag], 0))
    }

    fn item(&mut self, instruction: &Instruction, kind: FastKind) -> Option<Value> {
        let [object, index] = self.operands(instruction)?;
        let (kind, index) = self.place(kind, object, index)?;
        let mut inst = Inst::new(Op::LoadItem, &[object, index], kind);
        inst.slot = Some(Slot::Tagged);
        Some(self.emit(inst, Type::BOUND))
    }

    fn store_item(&mut self, instruction: &Instruction, kind: FastKind) -> bool {
        let (object, index, value) = (self.get(instruction.a), self.get(instruction.b), self.get(instruction.c));
        if kind != FastKind::List {
            return false;
        }
        let Some((kind, index)) = self.place(kind, object, index) else { return false };
        let mut inst = Inst::new(Op::StoreItem, &[object, index, value], kind);
        inst.slot = Some(Slot::Tagged);
        self.push(inst);
        true
    }

    /// Tests container and index; number of the container and raw index.
    fn place(&mut self, kind: FastKind, object: Value, index: Value) -> Option<(i64, Value)> {
        crate::lower::container(&self.unit.containers, kind)?.shape?;
        let index = self.op(Op::GuardInt, &[index], 0);
        let index = self.op(Op::IntOf, &[index], 0);
        self.element(kind, object, index)
    }

    fn variable(&mut self, globals: (u64, u32), builtins: Option<(u64, u32)>, number: u32) -> Option<Value> {
        let fact = self.unit.containers.namespace?;
        let mut dict = None;
        for (bits, version) in std::iter::once(globals).chain(builtins) {
            let object = self.emit(Inst::new(Op::ConstTagged, &[], bits as i64), Type::Tagged(Kinds::OBJECT));
            let found = self.load(object, fact.version, Slot::Int { bytes: 4, signed: false }, Type::Int);
            let wanted = self.constant_int(i64::from(version));
            let good = self.op(Op::CmpInt, &[found, wanted], i64::from(CompareOp::Eq.number()));
            self.effect(Op::Guard, &[good], 0);
            dict = Some(object);
        }
        let entries = self.load(dict?, fact.entries, Slot::Tagged, Type::Tagged(Kinds::OBJECT));
        let offset = i32::try_from(number).ok()?.checked_mul(fact.bytes)?.checked_add(fact.first)?;
        Some(self.load(entries, offset, Slot::Tagged, Type::BOUND))
    }

    /// FOR_ITER; ends the block when it answers true.
    pub(super) fn iterate_as_met(&mut self, instruction: &Instruction, target: usize) -> bool {
        let Some(met) = self.met().filter(|_| instruction.op == Opcode::FOR_ITER) else { return false };
        let containers = &self.unit.containers;
        match met {
            Met::RangeIterator => match containers.range_iterator {
                Some(fact) => self.iterate_range(instruction, target, fact),
                None => return false,
            },
            Met::IndexIterator(kind) => {
                let fact = match kind {
                    FastKind::List => containers.list_iterator,
                    FastKind::Tuple => containers.tuple_iterator,
                    _ => None,
                };
                match fact.filter(|_| crate::lower::container(containers, kind).is_some()) {
                    Some(fact) => self.iterate_sequence(instruction, target, fact, i64::from(kind.number())),
                    None => return false,
                }
            }
            _ => return false,
        }
        true
    }

    fn iterate_range(&mut self, instruction: &Instruction, target: usize, fact: RangeIteratorFact) {
        let iterator = self.get(instruction.b);
        self.effect(Op::GuardShape, &[iterator], i64::from(fact.shape));
        let left = self.load(iterator, fact.left, WORD, Type::Int);
        let zero = self.constant_int(0);
        let done = self.op(Op::CmpInt, &[left, zero], i64::from(CompareOp::Le.number()));
        self.leave_loop(done, target);
        let number = self.load(iterator, fact.next, WORD, Type::Int);
        let good = self.op(Op::FitsInt, &[number], 0);
        self.effect(Op::Guard, &[good], 0);
        let step = self.load(iterator, fact.step, WORD, Type::Int);
        let next = self.op(Op::AddInt, &[number, step], 0);
        self.store(iterator, fact.next, WORD, next);
        let one = self.constant_int(1);
        let fewer = self.op(Op::SubInt, &[left, one], 0);
        self.store(iterator, fact.left, WORD, fewer);
        let item = self.op(Op::MakeInt, &[number], 0);
        self.go_on(instruction, item);
    }

    fn iterate_sequence(&mut self, instruction: &Instruction, target: usize, fact: IndexIteratorFact, kind: i64) {
        let iterator = self.get(instruction.b);
        self.effect(Op::GuardShape, &[iterator], i64::from(fact.shape));
        let kinds = Kinds::OBJECT.union(Kinds::UNBOUND);
        let sequence = self.load(iterator, fact.sequence, Slot::Tagged, Type::Tagged(kinds));
        let exhausted = self.op(Op::IsWord, &[sequence], 0);
        self.leave_loop(exhausted, target);
        let index = self.load(iterator, fact.index, WORD, Type::Int);
        let length = self.op(Op::Length, &[sequence], kind);
        let beyond = self.op(Op::CmpUint, &[index, length], i64::from(CompareOp::Ge.number()));
        let (end, more) = (self.open(false), self.open(false));
        self.branch(beyond, Self::plain(end), Self::plain(more));
        self.current = end;
        let nothing = self.constant_tagged(0);
        self.store(iterator, fact.sequence, Slot::Tagged, nothing);
        self.jump(target);
        self.current = more;
        let mut inst = Inst::new(Op::LoadItem, &[sequence, index], kind);
        inst.slot = Some(Slot::Tagged);
        let item = self.emit(inst, Type::BOUND);
        let one = self.constant_int(1);
        let next = self.op(Op::AddInt, &[index, one], 0);
        self.store(iterator, fact.index, WORD, next);
        self.go_on(instruction, item);
    }

    /// Jumps when the condition holds and goes on in a new block otherwise.
    fn leave_loop(&mut self, condition: Value, target: usize) {
        let (end, more) = (self.open(false), self.open(false));
        self.branch(condition, Self::plain(end), Self::plain(more));
        self.current = end;
        self.jump(target);
        self.current = more;
    }

    /// The next item is there.
    fn go_on(&mut self, instruction: &Instruction, item: Value) {
        self.set(instruction.a, item);
        let next = self.target(self.word + instruction.words() as u32);
        self.jump(next);
    }
}

fn plain(instruction: &Instruction) -> Option<BinaryOp> {
    BinaryOp::from_number(instruction.ext % u32::from(BinaryOp::PLAIN))
}
