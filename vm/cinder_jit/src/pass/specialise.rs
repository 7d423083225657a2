//! Arithmetic that the builder left to the interpreter, done in place where the operands' kinds allow.
//!
//! Problem: the builder translates in one walk and does not know what comes around a loop.
//! Idea: after the flow of kinds, `Exec` of an operator on floats (or a float and an immediate int) is unboxing, the operation, boxing; [`super::unbox`]
//! then removes the boxes between them. Where both operands may be immediate ints, a test of their tags leads to the operation on numbers and
//! `Exec` becomes the cold way.
//! Holds: the state of a check behind the operation is used by that check alone; arithmetic of numbers never runs Python code; division leaves for the interpreter's ZeroDivisionError.

use cinder_bytecode::BinaryOp;
use cinder_layout::jit::{CompileError, CompileRequest};

use super::executed::{self, FLOATS, Operand, Operation, Operator};
use crate::hir::{Block, Edge, Function, Inst, Kinds, Op, Type, Value};

pub(crate) fn run(request: &CompileRequest, function: &mut Function) -> Result<(), CompileError> {
    // From the end, so that positions in a block stay.
    for operation in executed::find(request, function).into_iter().rev() {
        specialise(function, &operation);
    }
    super::simplify::run(request, function)
}

fn specialise(function: &mut Function, operation: &Operation) {
    let [left, right] = operation.operand_kinds(|value| function.ty(value).kinds());
    if left.may_be(Kinds::INT) && right.may_be(Kinds::INT) {
        return integers(function, operation);
    }
    let usable = |kinds: Kinds| kinds != Kinds::NO && (kinds.is(FLOATS) || kinds.is(Kinds::INT));
    if !usable(left) || !usable(right) || (!left.is(FLOATS) && !right.is(FLOATS)) {
        return;
    }
    let (op, imm) = match operation.operator {
        Operator::Compare(compare) => (Op::CmpDouble, i64::from(compare.number())),
        Operator::Binary(op) => match BinaryOp::from_number(u32::from(op.number() % BinaryOp::PLAIN)) {
            Some(BinaryOp::Add) => (Op::AddDouble, 0),
            Some(BinaryOp::Subtract) => (Op::SubDouble, 0),
            Some(BinaryOp::Multiply) => (Op::MulDouble, 0),
            Some(BinaryOp::TrueDivide) => (Op::DivDouble, 0),
            _ => return,
        },
    };
    // Large ints are compared exactly with floats, not as doubles.
    if op == Op::CmpDouble && !(left.is(FLOATS) && right.is(FLOATS)) {
        return;
    }
    let state = function.blocks[operation.block.index()].insts[operation.at].state;
    let mut insts = Vec::new();
    let operands = operation.operands.map(|operand| double(function, &mut insts, operand));
    let mut inst = Inst::new(op, &operands, imm);
    if op.needs_state() {
        inst.state = state;
    }
    let raw = define(function, &mut insts, inst);
    let boxed = if op == Op::CmpDouble { Op::BoxBool } else { Op::BoxDouble };
    let mut last = Inst::new(boxed, &[raw], 0);
    last.result = Some(operation.result);
    function.types[operation.result.index()] = boxed.result_type(None).expect("boxes have a type");
    insts.push(last);
    function.blocks[operation.block.index()].insts.splice(operation.at..operation.at + 2, insts);
}

/// Splits the block: a test, the operation on numbers, and the interpreter's way meet again with the result.
fn integers(function: &mut Function, operation: &Operation) {
    let (op, imm) = match operation.operator {
        Operator::Compare(compare) => (Op::CmpInt, i64::from(compare.number())),
        Operator::Binary(op) => match BinaryOp::from_number(u32::from(op.number() % BinaryOp::PLAIN)) {
            Some(BinaryOp::Add) => (Op::AddInt, 0),
            Some(BinaryOp::Subtract) => (Op::SubInt, 0),
            Some(BinaryOp::And) => (Op::AndInt, 0),
            Some(BinaryOp::Or) => (Op::OrInt, 0),
            Some(BinaryOp::Xor) => (Op::XorInt, 0),
            _ => return,
        },
    };
    let mut head = Vec::new();
    let operands = operation.operands.map(|operand| match operand {
        Operand::Value(value) => value,
        Operand::Constant(bits, kinds) => constant(function, &mut head, bits, kinds),
    });
    let ints = define(function, &mut head, Inst::new(Op::BothInts, &operands, 0));
    let numbers = operands.map(|operand| define(function, &mut head, Inst::new(Op::IntOf, &[operand], 0)));
    let raw = define(function, &mut head, Inst::new(op, &numbers, imm));
    let grows = matches!(op, Op::AddInt | Op::SubInt);
    let test = if grows {
        // A sum that needs 64 bits goes the interpreter's way too.
        let fits = define(function, &mut head, Inst::new(Op::FitsInt, &[raw], 0));
        define(function, &mut head, Inst::new(Op::AndInt, &[ints, fits], 0))
    } else {
        ints
    };
    let (quick, slow, join) = (function.block(), function.block(), function.block());
    let plain = |block| Edge { block, args: Vec::new() };
    head.push(Inst { targets: vec![plain(quick), plain(slow)], ..Inst::new(Op::Branch, &[test], 0) });
    let block = &mut function.blocks[operation.block.index()];
    let cold = block.cold;
    let mut rest = block.insts.split_off(operation.at);
    block.insts.extend(head);
    // The interpreter's part: Exec, the load, and the check of assumptions when there is one.
    let checked = rest.get(2).is_some_and(|inst| inst.op == Op::CheckValid);
    let tail = rest.split_off(if checked { 3 } else { 2 });
    let executed = function.value(function.ty(operation.result));
    rest[1].result = Some(executed);
    if let Some(state) = rest.get(2).and_then(|check| check.state) {
        let registers = &mut function.states[state.index()].registers;
        registers.iter_mut().filter(|(_, value)| *value == operation.result).for_each(|(_, value)| *value = executed);
    }
    let to_join =
        |value| Inst { targets: vec![Edge { block: join, args: vec![value] }], ..Inst::new(Op::Jump, &[], 0) };
    rest.push(to_join(executed));
    function.blocks[slow.index()] = Block { params: Vec::new(), insts: rest, cold: true };
    let mut insts = Vec::new();
    let boxing = if op == Op::CmpInt { Op::BoxBool } else { Op::MakeInt };
    let boxed = define(function, &mut insts, Inst::new(boxing, &[raw], 0));
    insts.push(to_join(boxed));
    function.blocks[quick.index()] = Block { params: Vec::new(), insts, cold };
    function.blocks[join.index()] = Block { params: vec![operation.result], insts: tail, cold };
}

fn constant(function: &mut Function, insts: &mut Vec<Inst>, bits: u64, kinds: Kinds) -> Value {
    let value = function.value(Type::Tagged(kinds));
    let mut inst = Inst::new(Op::ConstTagged, &[], bits as i64);
    inst.result = Some(value);
    insts.push(inst);
    value
}

fn define(function: &mut Function, insts: &mut Vec<Inst>, mut inst: Inst) -> Value {
    let value = function.value(inst.op.result_type(None).expect("numbers have a type"));
    inst.result = Some(value);
    insts.push(inst);
    value
}

/// The operand as a double.
fn double(function: &mut Function, insts: &mut Vec<Inst>, operand: Operand) -> Value {
    let value = match operand {
        Operand::Value(value) => value,
        Operand::Constant(bits, kinds) => constant(function, insts, bits, kinds),
    };
    if function.ty(value).kinds().is(Kinds::INT) {
        let int = define(function, insts, Inst::new(Op::IntOf, &[value], 0));
        return define(function, insts, Inst::new(Op::IntToDouble, &[int], 0));
    }
    define(function, insts, Inst::new(Op::DoubleOf, &[value], 0))
}
