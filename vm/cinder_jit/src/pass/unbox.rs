//! Keeps numbers unboxed across loop iterations.
//!
//! Problem: a loop-carried float is boxed at the end of each iteration although only arithmetic reads it.
//! Idea: a parameter of one kind of number becomes raw when somebody unboxes it or passes it on to one that is unboxed; its arguments are boxes that
//! are skipped, constants, or are unboxed on the way in. The
//! box is made at the block's start from the raw value and usually dies, because states refer to the raw value and deoptimisation boxes it; so
//! are other boxes that nobody but states mentions.
//! Holds: a parameter of floats turns into exactly their doubles, one of immediate ints into their numbers.

use cinder_bytecode::Primitive;
use cinder_layout::encoding;
use cinder_layout::jit::{CompileError, CompileRequest};

use super::executed::FLOATS;
use super::simplify::double_bits;
use crate::hir::{Function, Inst, Kinds, Op, Type, Value};

pub(crate) fn run(request: &CompileRequest, function: &mut Function) -> Result<(), CompileError> {
    for (boxing, unboxing, raw, kinds) in
        [(Op::BoxDouble, Op::DoubleOf, Type::Double, FLOATS), (Op::MakeInt, Op::IntOf, Type::Int, Kinds::INT)]
    {
        Unboxing { boxing, unboxing, raw, kinds }.run(function);
    }
    sink_boxes(function);
    super::simplify::run(request, function)
}

/// Boxes that only states mention are left to deoptimisation.
fn sink_boxes(function: &mut Function) {
    let mut raw: Vec<Option<Value>> = vec![None; function.types.len()];
    for inst in function.blocks.iter().flat_map(|block| &block.insts) {
        let signed = Primitive::from_number(inst.imm as u32) != Some(Primitive::UInt64);
        let boxes = matches!(inst.op, Op::BoxDouble | Op::MakeInt) || (inst.op == Op::BoxInt && signed);
        if let (true, Some(result)) = (boxes, inst.result) {
            raw[result.index()] = Some(inst.args[0]);
        }
    }
    for inst in function.blocks.iter().flat_map(|block| &block.insts) {
        for used in inst.args.iter().chain(inst.targets.iter().flat_map(|edge| &edge.args)) {
            raw[used.index()] = None;
        }
    }
    for (_, value) in function.states.iter_mut().flat_map(|state| &mut state.registers) {
        *value = raw[value.index()].unwrap_or(*value);
    }
}

struct Unboxing {
    boxing: Op,
    unboxing: Op,
    raw: Type,
    kinds: Kinds,
}

/// How an argument becomes raw.
#[derive(Clone, Copy)]
enum Source {
    Raw(Value),
    Constant(i64),
    /// Its kinds say that the unboxing operation applies.
    Unbox,
}

impl Unboxing {
    fn run(&self, function: &mut Function) {
        let sources = self.sources(function);
        let candidates = self.candidates(function, &sources);
        if !candidates.contains(&true) {
            return;
        }
        let mut raw_params = vec![None; function.types.len()];
        for value in 0..candidates.len() {
            if candidates[value] {
                raw_params[value] = Some(function.value(self.raw));
            }
        }
        self.change_arguments(function, &sources, &raw_params);
        self.change_params(function, &raw_params);
        for state in &mut function.states {
            for (_, value) in &mut state.registers {
                if let Some(Some(raw)) = raw_params.get(value.index()) {
                    *value = *raw;
                }
            }
        }
    }

    /// Raw form per value, where it has one without work.
    fn sources(&self, function: &Function) -> Vec<Option<Source>> {
        let known = |ty: &Type| ty.kinds() != Kinds::NO && ty.kinds().is(self.kinds);
        let mut sources: Vec<Option<Source>> =
            function.types.iter().map(|ty| known(ty).then_some(Source::Unbox)).collect();
        for inst in function.blocks.iter().flat_map(|block| &block.insts) {
            let Some(result) = inst.result else { continue };
            match inst.op {
                op if op == self.boxing => sources[result.index()] = Some(Source::Raw(inst.args[0])),
                Op::ConstTagged => {
                    if let Some(bits) = self.constant(inst.imm as u64) {
                        sources[result.index()] = Some(Source::Constant(bits));
                    }
                }
                _ => {}
            }
        }
        sources
    }

    fn constant(&self, bits: u64) -> Option<i64> {
        if self.raw == Type::Int {
            return (bits & encoding::INT_TAG != 0).then_some(bits as i64 >> encoding::INT_SHIFT);
        }
        double_bits(bits)
    }

    fn candidates(&self, function: &Function, sources: &[Option<Source>]) -> Vec<bool> {
        let mut candidates = vec![false; function.types.len()];
        for param in function.blocks.iter().skip(1).flat_map(|block| &block.params) {
            let kinds = function.ty(*param).kinds();
            candidates[param.index()] = kinds != Kinds::NO && kinds.is(self.kinds);
        }
        let order = function.order();
        let mut changed = true;
        while changed {
            changed = false;
            let mut wanted = vec![false; function.types.len()];
            for &block in &order {
                for inst in &function.blocks[block.index()].insts {
                    if inst.op == self.unboxing {
                        wanted[inst.args[0].index()] = true;
                    }
                    for edge in &inst.targets {
                        let params = &function.blocks[edge.block.index()].params;
                        for (param, arg) in params.iter().zip(&edge.args) {
                            let raw = sources[arg.index()].is_some() || candidates[arg.index()];
                            if candidates[param.index()] && !raw {
                                candidates[param.index()] = false;
                                changed = true;
                            }
                            wanted[arg.index()] |= candidates[param.index()] && arg != param;
                        }
                    }
                }
            }
            for (candidate, wanted) in candidates.iter_mut().zip(wanted) {
                changed |= *candidate && !wanted;
                *candidate &= wanted;
            }
        }
        candidates
    }

    fn change_arguments(&self, function: &mut Function, sources: &[Option<Source>], raw_params: &[Option<Value>]) {
        for block in 0..function.blocks.len() {
            let Some(last) = function.blocks[block].insts.last().cloned() else { continue };
            let mut added = Vec::new();
            let mut changed = last.clone();
            for edge in &mut changed.targets {
                let params = function.blocks[edge.block.index()].params.clone();
                for (param, arg) in params.into_iter().zip(&mut edge.args) {
                    if raw_params[param.index()].is_none() {
                        continue;
                    }
                    *arg = match (raw_params[arg.index()], sources[arg.index()]) {
                        (Some(raw), _) | (None, Some(Source::Raw(raw))) => raw,
                        (None, Some(Source::Constant(bits))) => {
                            let op = if self.raw == Type::Int { Op::ConstInt } else { Op::ConstDouble };
                            let value = function.value(self.raw);
                            added.push(Inst { result: Some(value), ..Inst::new(op, &[], bits) });
                            value
                        }
                        (None, Some(Source::Unbox)) => {
                            let value = function.value(self.raw);
                            added.push(Inst { result: Some(value), ..Inst::new(self.unboxing, &[*arg], 0) });
                            value
                        }
                        (None, None) => unreachable!("candidates have raw arguments"),
                    };
                }
            }
            let insts = &mut function.blocks[block].insts;
            insts.pop();
            insts.extend(added);
            insts.push(changed);
        }
    }

    /// The parameter is raw; its old value becomes a box made at the start of the block.
    fn change_params(&self, function: &mut Function, raw_params: &[Option<Value>]) {
        for block in &mut function.blocks {
            let mut boxes = Vec::new();
            for param in &mut block.params {
                if let Some(Some(raw)) = raw_params.get(param.index()) {
                    boxes.push(Inst { result: Some(*param), ..Inst::new(self.boxing, &[*raw], 0) });
                    *param = *raw;
                }
            }
            block.insts.splice(0..0, boxes);
        }
    }
}
