//! Removes checks of assumptions that nothing can have broken.
//!
//! Idea: only an observing operation runs code that may break an assumption, and code is valid when it is entered. Forward data-flow of one bit
//! per block: whether every way here has checked since the last observing operation.

use cinder_layout::jit::{CompileError, CompileRequest};

use crate::hir::ops::effect::OBSERVES;
use crate::hir::{Block, Function, Op};

pub(crate) fn run(_: &CompileRequest, function: &mut Function) -> Result<(), CompileError> {
    let order = function.order();
    let predecessors = function.predecessors(&order);
    // Optimistic: loops without observing operations stay clean.
    let mut clean_out = vec![true; function.blocks.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for block in &order {
            let clean_in = predecessors[block.index()].iter().all(|before| clean_out[before.index()]);
            let clean = through(&function.blocks[block.index()], clean_in);
            changed |= clean != clean_out[block.index()];
            clean_out[block.index()] = clean;
        }
    }
    for block in &order {
        let mut clean = predecessors[block.index()].iter().all(|before| clean_out[before.index()]);
        function.blocks[block.index()].insts.retain(|inst| match inst.op {
            Op::CheckValid => !std::mem::replace(&mut clean, true),
            op => {
                clean &= !op.has(OBSERVES);
                true
            }
        });
    }
    Ok(())
}

fn through(block: &Block, clean: bool) -> bool {
    block.insts.iter().fold(clean, |clean, inst| (clean || inst.op == Op::CheckValid) && !inst.op.has(OBSERVES))
}
