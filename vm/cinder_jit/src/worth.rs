//! Whether machine code pays.
//!
//! Problem: an instruction that machine code hands to the interpreter costs more than the interpreter's own dispatch, since operands must be at home and results are
//! loaded back. A function of little else runs faster as it is.
//! Idea: weigh operations by the depth of their loop and compare those left to the interpreter with the others.

use crate::hir::{Function, Op, ops::effect};

/// Operations in place that make up for one that is handed over, as measured on programs without types.
const HANDED_OVER: u64 = 6;
/// Operations in place that a typed call is worth.
const CALL: u64 = 8;
/// How much more often the body of a loop runs than what is around it.
const TURNS: u64 = 8;
/// Deeper loops weigh no more.
const DEEPEST: u32 = 4;

pub(crate) fn pays(function: &Function) -> bool {
    let depths = function.loop_depths();
    let (mut gain, mut loss) = (1, 0);
    for block in function.order() {
        let data = &function.blocks[block.index()];
        if data.cold {
            continue;
        }
        let weight = TURNS.pow(depths[block.index()].min(DEEPEST));
        for inst in &data.insts {
            match inst.op {
                Op::Exec => loss += weight * HANDED_OVER,
                Op::Call => gain += weight * CALL,
                Op::ConstInt | Op::ConstDouble | Op::ConstTagged | Op::LoadHome | Op::CheckValid | Op::Safepoint => {}
                op if op.has(effect::ENDS) => {}
                _ => gain += weight,
            }
        }
    }
    gain >= loss
}
