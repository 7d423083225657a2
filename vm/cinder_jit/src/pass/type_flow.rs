//! Kinds of block parameters from what is passed to them, and the checks that thereby vanish.
//!
//! Idea: start parameters of tagged representation with no kinds and grow them until nothing changes (a greatest fixpoint would keep the cycle
//! "unbound around the loop" alive). Results that depend on arguments' kinds follow, also those of arithmetic the interpreter executes.
//! Holds: kinds only state what every way gives; other homes and calls keep the kinds the builder gave them.

use cinder_layout::jit::{CompileError, CompileRequest};

use super::executed;
use crate::hir::{Function, Kinds, Op, Type};

pub(crate) fn run(request: &CompileRequest, function: &mut Function) -> Result<(), CompileError> {
    flow(request, function);
    super::simplify::run(request, function)
}

fn flow(request: &CompileRequest, function: &mut Function) {
    let order = function.order();
    for &block in order.iter().filter(|block| block.0 != 0) {
        for param in &function.blocks[block.index()].params {
            let ty = &mut function.types[param.index()];
            if let Type::Tagged(_) = ty {
                *ty = Type::Tagged(Kinds::NO);
            }
        }
    }
    // What the interpreter's arithmetic gives depends on what it gets, around loops too.
    let executed = executed::find(request, function);
    for operation in &executed {
        function.types[operation.result.index()] = Type::Tagged(Kinds::NO);
    }
    let mut changed = true;
    while changed {
        changed = false;
        for operation in &executed {
            let kinds = operation.kinds(|value| function.types[value.index()].kinds());
            changed |= grow(&mut function.types[operation.result.index()], kinds);
        }
        for &block in &order {
            let Function { blocks, types, .. } = &mut *function;
            for inst in &blocks[block.index()].insts {
                if let (Op::CheckBound, Some(result)) = (inst.op, inst.result) {
                    let kinds = types[inst.args[0].index()].kinds().without(Kinds::UNBOUND);
                    changed |= grow(&mut types[result.index()], kinds);
                }
                for edge in &inst.targets {
                    let params = &blocks[edge.block.index()].params;
                    for (param, arg) in params.iter().zip(&edge.args) {
                        let kinds = types[arg.index()].kinds();
                        changed |= edge.block.0 != 0 && grow(&mut types[param.index()], kinds);
                    }
                }
            }
        }
    }
}

fn grow(ty: &mut Type, kinds: Kinds) -> bool {
    let Type::Tagged(old) = *ty else { return false };
    let new = old.union(kinds);
    *ty = Type::Tagged(new);
    new != old
}
