//! Arithmetic that the builder left to the interpreter, seen as operations on values.
//!
//! Idea: an `Exec` of BINARY_OP or COMPARE_OP directly followed by the load of its destination is a function of two values, whose result's kinds
//! follow from theirs.

use cinder_bytecode::{BinaryOp, CompareOp, Instruction, Opcode};
use cinder_layout::jit::CompileRequest;

use crate::build::kinds_of_constant;
use crate::hir::{BlockId, Function, Kinds, Op, Value};

/// Float objects of either form.
pub(super) const FLOATS: Kinds = Kinds::FLONUM.union(Kinds::FLOAT);
const INTS: Kinds = Kinds::INT.union(Kinds::BIG);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operator {
    Binary(BinaryOp),
    Compare(CompareOp),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operand {
    Value(Value),
    /// Bits and kinds of a constant.
    Constant(u64, Kinds),
}

pub(super) struct Operation {
    pub(super) block: BlockId,
    /// Position of the Exec; the LoadHome follows.
    pub(super) at: usize,
    pub(super) operator: Operator,
    pub(super) operands: [Operand; 2],
    pub(super) result: Value,
}

impl Operation {
    pub(super) fn operand_kinds(&self, kinds: impl Fn(Value) -> Kinds) -> [Kinds; 2] {
        self.operands.map(|operand| match operand {
            Operand::Value(value) => kinds(value),
            Operand::Constant(_, kinds) => kinds,
        })
    }

    /// Kinds of the result, given those of the operands. Grows with them; an operand without kinds is not known yet.
    pub(super) fn kinds(&self, kinds: impl Fn(Value) -> Kinds) -> Kinds {
        let [left, right] = self.operand_kinds(kinds);
        let both = left.union(right);
        if left == Kinds::NO || right == Kinds::NO {
            return Kinds::NO;
        }
        let numbers = FLOATS.union(INTS);
        if !both.is(numbers) {
            return Kinds::BOUND;
        }
        match self.operator {
            Operator::Compare(_) => Kinds::BOOL,
            Operator::Binary(op) => {
                let plain = BinaryOp::from_number(u32::from(op.number() % BinaryOp::PLAIN)).unwrap_or(op);
                match plain {
                    // `a ** b` may be complex, and an int power may be a float.
                    BinaryOp::Power | BinaryOp::MatrixMultiply => Kinds::BOUND,
                    BinaryOp::TrueDivide => FLOATS,
                    _ if both.is(INTS) => INTS,
                    _ if left.is(FLOATS) || right.is(FLOATS) => FLOATS,
                    _ => numbers,
                }
            }
        }
    }
}

/// All of them, in order of blocks.
pub(super) fn find(request: &CompileRequest, function: &Function) -> Vec<Operation> {
    let mut found = Vec::new();
    for block in function.order() {
        let insts = &function.blocks[block.index()].insts;
        for (at, pair) in insts.windows(2).enumerate() {
            if pair[0].op == Op::Exec && pair[1].op == Op::LoadHome {
                found.extend(operation(request, function, block, at));
            }
        }
    }
    found
}

fn operation(request: &CompileRequest, function: &Function, block: BlockId, at: usize) -> Option<Operation> {
    let insts = &function.blocks[block.index()].insts;
    let (exec, load) = (&insts[at], &insts[at + 1]);
    let state = &function.states[exec.state?.index()];
    let frame = &function.frames[state.frame.index()];
    let facts = request.unit.functions.get(frame.function)?;
    let instruction = Instruction::decode(&facts.code.instructions, state.word as usize)?;
    let operator = match instruction.op {
        Opcode::BINARY_OP | Opcode::BINARY_OP_K => Operator::Binary(BinaryOp::from_number(instruction.ext)?),
        Opcode::COMPARE_OP | Opcode::COMPARE_OP_K => Operator::Compare(CompareOp::from_number(instruction.ext)?),
        _ => return None,
    };
    if load.imm != i64::from(frame.offset + u32::from(instruction.a)) {
        return None;
    }
    let operand = |register: u16| {
        let at = exec.homes.iter().position(|home| *home == register)?;
        Some(Operand::Value(exec.args[at]))
    };
    let right = match instruction.op {
        Opcode::BINARY_OP_K | Opcode::COMPARE_OP_K => {
            let bits = *facts.constants.get(usize::from(instruction.c))?;
            if bits == 0 {
                return None;
            }
            Operand::Constant(bits, kinds_of_constant(&facts.code.constants[usize::from(instruction.c)], bits))
        }
        _ => operand(instruction.c)?,
    };
    Some(Operation { block, at, operator, operands: [operand(instruction.b)?, right], result: load.result? })
}
