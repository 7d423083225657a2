//! Local rewriting until nothing changes.
//!
//! * parameters that all ways give one value (or themselves) become that value;
//! * constants are folded, identities and strength reductions applied, boxing undone by unboxing disappears;
//! * branches on constants become jumps, jumps to blocks with one predecessor are merged.
//!
//! Holds: every rule keeps the bits of results; doubles are only folded by the same IEEE operation (no reassociation, `x + 0.0` stays).

use cinder_bytecode::{CompareOp, Primitive};
use cinder_layout::encoding;
use cinder_layout::jit::{CompileError, CompileRequest};

use crate::build::kinds_of_bits;
use crate::hir::{BlockId, Function, Inst, Kinds, Op, Type, Value, ops::effect};

/// Rounds; each is linear, and chains longer than this are left for the next time.
const ROUNDS: usize = 8;

pub(crate) fn run(_: &CompileRequest, function: &mut Function) -> Result<(), CompileError> {
    for _ in 0..ROUNDS {
        let changed = redundant_params(function) | fold(function) | branches(function) | merge(function);
        if !changed {
            break;
        }
    }
    super::dce::remove_unused(function);
    Ok(())
}

/// Parameters with one value on all ways.
fn redundant_params(function: &mut Function) -> bool {
    let order = function.order();
    let predecessors = function.predecessors(&order);
    let mut with: Vec<Option<Value>> = vec![None; function.types.len()];
    let mut changed = false;
    let mut again = true;
    while again {
        again = false;
        for &block in order.iter().filter(|block| block.0 != 0) {
            let params = function.blocks[block.index()].params.clone();
            for (at, param) in params.into_iter().enumerate() {
                if with[param.index()].is_some() {
                    continue;
                }
                if let Some(value) = only_value(function, &predecessors, &with, block, at, param) {
                    with[param.index()] = Some(value);
                    again = true;
                    changed = true;
                }
            }
        }
    }
    if changed {
        function.replace(&with);
        drop_params(function, &with);
    }
    changed
}

fn resolve(with: &[Option<Value>], mut value: Value) -> Value {
    while let Some(next) = with[value.index()] {
        value = next;
    }
    value
}

fn only_value(
    function: &Function,
    predecessors: &[Vec<BlockId>],
    with: &[Option<Value>],
    block: BlockId,
    at: usize,
    param: Value,
) -> Option<Value> {
    let mut only = None;
    for before in &predecessors[block.index()] {
        for edge in function.successors(*before).filter(|edge| edge.block == block) {
            let value = resolve(with, edge.args[at]);
            if value == param {
                continue;
            }
            if only.is_some_and(|only| only != value) {
                return None;
            }
            only = Some(value);
        }
    }
    only
}

/// Removes parameters that were replaced, with their arguments.
fn drop_params(function: &mut Function, with: &[Option<Value>]) {
    let gone: Vec<Vec<bool>> = function
        .blocks
        .iter()
        .map(|block| block.params.iter().map(|param| with[param.index()].is_some()).collect())
        .collect();
    for block in &mut function.blocks {
        for edge in block.insts.last_mut().into_iter().flat_map(|last| &mut last.targets) {
            let gone = &gone[edge.block.index()];
            let mut at = 0;
            edge.args.retain(|_| {
                at += 1;
                !gone.get(at - 1).copied().unwrap_or(false)
            });
        }
    }
    for (block, gone) in function.blocks.iter_mut().zip(&gone) {
        let mut at = 0;
        block.params.retain(|_| {
            at += 1;
            !gone[at - 1]
        });
    }
}

/// What an instruction becomes.
enum Becomes {
    Value(Value),
    Inst(Op, Vec<Value>, i64),
}

/// Folds over all instructions.
fn fold(function: &mut Function) -> bool {
    let order = function.order();
    let mut definitions: Vec<Option<(Op, Vec<Value>, i64)>> = vec![None; function.types.len()];
    for &block in &order {
        for inst in &function.blocks[block.index()].insts {
            if let Some(result) = inst.result {
                definitions[result.index()] = Some((inst.op, inst.args.clone(), inst.imm));
            }
        }
    }
    let mut with: Vec<Option<Value>> = vec![None; function.types.len()];
    let mut changed = false;
    for &block in &order {
        let mut insts = std::mem::take(&mut function.blocks[block.index()].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for mut inst in insts.drain(..) {
            for arg in &mut inst.args {
                *arg = resolve(&with, *arg);
            }
            match (Folder { function, definitions: &definitions }).becomes(&inst) {
                Some(Becomes::Value(value)) => {
                    if let Some(result) = inst.result {
                        with[result.index()] = Some(value);
                    }
                    changed = true;
                    continue;
                }
                Some(Becomes::Inst(op, args, imm)) => {
                    let result = inst.result.expect("only operations with results are rewritten");
                    inst = Inst::new(op, &args, imm);
                    inst.result = Some(result);
                    let first = args.first().map(|arg| function.ty(*arg));
                    let ty = if op == Op::ConstTagged {
                        Some(Type::Tagged(kinds_of_bits(imm as u64)))
                    } else {
                        op.result_type(first)
                    };
                    function.types[result.index()] = ty.expect("rewritten operations have a type");
                    definitions[result.index()] = Some((op, args, imm));
                    changed = true;
                }
                None => {}
            }
            kept.push(inst);
        }
        function.blocks[block.index()].insts = kept;
    }
    if changed {
        function.replace(&with);
    }
    changed
}

struct Folder<'fold> {
    function: &'fold Function,
    definitions: &'fold [Option<(Op, Vec<Value>, i64)>],
}

impl Folder<'_> {
    fn definition(&self, value: Value) -> Option<(Op, &[Value], i64)> {
        self.definitions[value.index()].as_ref().map(|(op, args, imm)| (*op, &**args, *imm))
    }

    fn int(&self, value: Value) -> Option<i64> {
        self.definition(value).and_then(|(op, _, imm)| (op == Op::ConstInt).then_some(imm))
    }

    fn double(&self, value: Value) -> Option<f64> {
        self.definition(value).and_then(|(op, _, imm)| (op == Op::ConstDouble).then_some(f64::from_bits(imm as u64)))
    }

    fn word(&self, value: Value) -> Option<u64> {
        self.definition(value).and_then(|(op, _, imm)| (op == Op::ConstTagged).then_some(imm as u64))
    }

    fn becomes(&self, inst: &Inst) -> Option<Becomes> {
        match inst.args[..] {
            [a, b] => self.binary(inst, a, b),
            [a] => self.unary(inst, a),
            _ => None,
        }
    }

    fn binary(&self, inst: &Inst, a: Value, b: Value) -> Option<Becomes> {
        let const_int = |value: i64| Some(Becomes::Inst(Op::ConstInt, Vec::new(), value));
        let const_double = |value: f64| Some(Becomes::Inst(Op::ConstDouble, Vec::new(), value.to_bits() as i64));
        if let (Some(x), Some(y)) = (self.int(a), self.int(b))
            && let Some(value) = fold_ints(inst.op, inst.imm, x, y)
        {
            return const_int(value);
        }
        if let (Some(x), Some(y)) = (self.double(a), self.double(b)) {
            match inst.op {
                Op::AddDouble => return const_double(x + y),
                Op::SubDouble => return const_double(x - y),
                Op::MulDouble => return const_double(x * y),
                Op::DivDouble if y != 0.0 => return const_double(x / y),
                Op::CmpDouble => return const_int(i64::from(compare(inst.imm, x.partial_cmp(&y)))),
                _ => {}
            }
        }
        match (inst.op, self.int(a), self.int(b)) {
            (Op::AddInt | Op::SubInt | Op::OrInt | Op::XorInt | Op::ShlInt | Op::ShrInt | Op::ShrUint, _, Some(0))
            | (Op::MulInt | Op::DivInt | Op::DivUint, _, Some(1))
            | (Op::AndInt, _, Some(-1)) => Some(Becomes::Value(a)),
            (Op::AddInt | Op::OrInt | Op::XorInt, Some(0), _)
            | (Op::MulInt, Some(1), _)
            | (Op::AndInt, Some(-1), _) => Some(Becomes::Value(b)),
            (Op::MulInt | Op::AndInt, _, Some(0)) | (Op::MulInt | Op::AndInt, Some(0), _) => const_int(0),
            (Op::SameWord, ..) if a == b => const_int(1),
            // Tests of kinds that are known; words of constants.
            (Op::BothInts, ..) => {
                let (x, y) = (self.function.ty(a).kinds(), self.function.ty(b).kinds());
                if x.is(Kinds::INT) && y.is(Kinds::INT) {
                    const_int(1)
                } else if !x.may_be(Kinds::INT) || !y.may_be(Kinds::INT) {
                    const_int(0)
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    fn unary(&self, inst: &Inst, a: Value) -> Option<Becomes> {
        let const_int = |value: i64| Some(Becomes::Inst(Op::ConstInt, Vec::new(), value));
        let const_word = |value: u64| Some(Becomes::Inst(Op::ConstTagged, Vec::new(), value as i64));
        let before = self.definition(a);
        let kinds = self.function.ty(a).kinds();
        match inst.op {
            Op::NegInt => self.int(a).and_then(|x| const_int(x.wrapping_neg())),
            Op::InvertInt => self.int(a).and_then(|x| const_int(!x)),
            Op::NotInt => self.int(a).and_then(|x| const_int(i64::from(x == 0))),
            Op::ConvertInt => {
                let primitive = Primitive::from_number(inst.imm as u32)?;
                if matches!(primitive, Primitive::Int64 | Primitive::UInt64) {
                    return Some(Becomes::Value(a));
                }
                self.int(a).and_then(|x| const_int(convert(primitive, x)))
            }
            Op::NegDouble => self.double(a).map(|x| Becomes::Inst(Op::ConstDouble, Vec::new(), (-x).to_bits() as i64)),
            Op::IntToDouble => {
                self.int(a).map(|x| Becomes::Inst(Op::ConstDouble, Vec::new(), (x as f64).to_bits() as i64))
            }
            Op::UnboxInt => match before {
                // The same primitive comes back unchanged.
                Some((Op::BoxInt, args, imm)) if imm == inst.imm => Some(Becomes::Value(args[0])),
                Some((Op::ConstTagged, _, word)) if word as u64 & encoding::INT_TAG != 0 => {
                    let value = word >> encoding::INT_SHIFT;
                    let primitive = Primitive::from_number(inst.imm as u32)?;
                    let fits = convert(primitive, value) == value && (primitive != Primitive::UInt64 || value >= 0);
                    if fits { const_int(value) } else { None }
                }
                _ => None,
            },
            Op::UnboxDouble => match before {
                Some((Op::BoxDouble, args, _)) => Some(Becomes::Value(args[0])),
                _ if kinds != Kinds::NO && kinds.is(Kinds::FLONUM.union(Kinds::FLOAT)) => {
                    Some(Becomes::Inst(Op::DoubleOf, vec![a], 0))
                }
                _ => None,
            },
            Op::DoubleOf => match before {
                Some((Op::BoxDouble, args, _)) => Some(Becomes::Value(args[0])),
                Some((Op::ConstTagged, _, word)) => {
                    double_bits(word as u64).map(|bits| Becomes::Inst(Op::ConstDouble, Vec::new(), bits))
                }
                _ => None,
            },
            Op::UnboxBool => match before {
                Some((Op::BoxBool, args, _)) => Some(Becomes::Value(args[0])),
                _ => None,
            },
            Op::BoxInt => {
                let x = self.int(a)?;
                let primitive = Primitive::from_number(inst.imm as u32)?;
                let fits =
                    (encoding::INT_MIN..=encoding::INT_MAX).contains(&x) && (primitive != Primitive::UInt64 || x >= 0);
                if fits { const_word((x << 1 | 1) as u64) } else { None }
            }
            Op::MakeInt => self.int(a).and_then(|x| const_word((x << 1 | 1) as u64)),
            Op::FitsInt => {
                self.int(a).and_then(|x| const_int(i64::from((encoding::INT_MIN..=encoding::INT_MAX).contains(&x))))
            }
            Op::BoxBool => self.int(a).and_then(|x| const_word(if x == 0 { encoding::FALSE } else { encoding::TRUE })),
            Op::IntOf => match before {
                Some((Op::MakeInt, args, _)) => Some(Becomes::Value(args[0])),
                Some((Op::ConstTagged, _, word)) => const_int(word >> encoding::INT_SHIFT),
                _ => None,
            },
            Op::CheckBound if !kinds.may_be(Kinds::UNBOUND) => Some(Becomes::Value(a)),
            Op::GuardInt if kinds != Kinds::NO && kinds.is(Kinds::INT) => Some(Becomes::Value(a)),
            Op::GuardFloat if kinds != Kinds::NO && kinds.is(Kinds::FLONUM.union(Kinds::FLOAT)) => {
                Some(Becomes::Value(a))
            }
            Op::IsWord => {
                if let Some(word) = self.word(a) {
                    return const_int(i64::from(word as i64 == inst.imm));
                }
                if let Some((Op::BoxBool, args, _)) = before {
                    let truth = args[0];
                    return match inst.imm as u64 {
                        encoding::TRUE => Some(Becomes::Value(truth)),
                        encoding::FALSE => Some(Becomes::Inst(Op::NotInt, vec![truth], 0)),
                        _ => const_int(0),
                    };
                }
                if kinds.may_be(kinds_of_bits(inst.imm as u64)) { None } else { const_int(0) }
            }
            Op::Truth => match before {
                Some((Op::BoxBool, args, _)) => Some(Becomes::Value(args[0])),
                _ if kinds.is(Kinds::BOOL) => Some(Becomes::Inst(Op::IsWord, vec![a], encoding::TRUE as i64)),
                _ if kinds.is(Kinds::NONE) => const_int(0),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Bits of the double an immediate float stands for.
pub(super) fn double_bits(word: u64) -> Option<i64> {
    let flonum = word & encoding::FLONUM_MASK == encoding::FLONUM_TAG;
    flonum.then(|| word.rotate_right(encoding::FLONUM_ROTATE).wrapping_sub(encoding::FLONUM_ADD) as i64)
}

fn fold_ints(op: Op, imm: i64, x: i64, y: i64) -> Option<i64> {
    let count = |value: i64| (0..64).contains(&value).then_some(value as u32);
    Some(match op {
        Op::AddInt => x.wrapping_add(y),
        Op::SubInt => x.wrapping_sub(y),
        Op::MulInt => x.wrapping_mul(y),
        Op::AndInt => x & y,
        Op::OrInt => x | y,
        Op::XorInt => x ^ y,
        Op::ShlInt => count(y).map_or(0, |count| x << count),
        Op::ShrInt => x >> count(y).unwrap_or(63),
        Op::ShrUint => count(y).map_or(0, |count| (x as u64 >> count) as i64),
        Op::DivInt if y != 0 => x.wrapping_div(y),
        Op::ModInt if y != 0 => x.wrapping_rem(y),
        Op::DivUint if y != 0 => (x as u64 / y as u64) as i64,
        Op::ModUint if y != 0 => (x as u64 % y as u64) as i64,
        Op::CmpInt => i64::from(compare(imm, Some(x.cmp(&y)))),
        Op::CmpUint => i64::from(compare(imm, Some((x as u64).cmp(&(y as u64))))),
        _ => return None,
    })
}

/// Truth of a comparison; unordered operands are unequal and nothing else.
fn compare(number: i64, order: Option<std::cmp::Ordering>) -> bool {
    match (CompareOp::from_number(number as u32), order) {
        (Some(CompareOp::Ne), None) => true,
        (_, None) | (None, _) => false,
        (Some(CompareOp::Lt), Some(order)) => order.is_lt(),
        (Some(CompareOp::Le), Some(order)) => order.is_le(),
        (Some(CompareOp::Eq), Some(order)) => order.is_eq(),
        (Some(CompareOp::Ne), Some(order)) => order.is_ne(),
        (Some(CompareOp::Gt), Some(order)) => order.is_gt(),
        (Some(CompareOp::Ge), Some(order)) => order.is_ge(),
    }
}

fn convert(primitive: Primitive, value: i64) -> i64 {
    match primitive {
        Primitive::Int8 => i64::from(value as i8),
        Primitive::Int16 => i64::from(value as i16),
        Primitive::Int32 => i64::from(value as i32),
        Primitive::UInt8 | Primitive::Char => i64::from(value as u8),
        Primitive::UInt16 => i64::from(value as u16),
        Primitive::UInt32 => i64::from(value as u32),
        Primitive::CBool => i64::from(value != 0),
        _ => value,
    }
}

/// Branches on constants, and branches whose ways are one.
fn branches(function: &mut Function) -> bool {
    let order = function.order();
    let mut constants = vec![None; function.types.len()];
    for &block in &order {
        for inst in &function.blocks[block.index()].insts {
            if let (Op::ConstInt, Some(result)) = (inst.op, inst.result) {
                constants[result.index()] = Some(inst.imm);
            }
        }
    }
    let mut changed = false;
    for &block in &order {
        let Some(last) = function.blocks[block.index()].insts.last_mut() else { continue };
        if last.op != Op::Branch {
            continue;
        }
        let keep = match constants[last.args[0].index()] {
            Some(0) => 1,
            Some(_) => 0,
            None if last.targets[0] == last.targets[1] => 0,
            None => continue,
        };
        let edge = last.targets[keep].clone();
        *last = Inst { targets: vec![edge], ..Inst::new(Op::Jump, &[], 0) };
        changed = true;
    }
    changed
}

/// Puts blocks with one predecessor that jumps to them behind it.
fn merge(function: &mut Function) -> bool {
    let order = function.order();
    let predecessors = function.predecessors(&order);
    let mut with: Vec<Option<Value>> = vec![None; function.types.len()];
    let mut changed = false;
    let mut gone = vec![false; function.blocks.len()];
    for &block in &order {
        if gone[block.index()] {
            continue;
        }
        while let Some(last) = function.blocks[block.index()].insts.last() {
            let (Op::Jump, [edge]) = (last.op, &last.targets[..]) else { break };
            let next = edge.block;
            if next == block || next.0 == 0 || predecessors[next.index()].len() != 1 {
                break;
            }
            let args = edge.args.clone();
            let taken = std::mem::take(&mut function.blocks[next.index()]);
            for (param, arg) in taken.params.iter().zip(args) {
                with[param.index()] = Some(arg);
            }
            let insts = &mut function.blocks[block.index()].insts;
            insts.pop();
            insts.extend(taken.insts);
            debug_assert!(insts.last().is_some_and(|last| last.op.has(effect::ENDS)), "blocks end in terminators");
            gone[next.index()] = true;
            changed = true;
        }
    }
    if changed {
        function.replace(&with);
    }
    changed
}
