//! Removes code that no path reaches.

use super::Flow;
use cinder_bytecode::Flow as OpFlow;

pub(super) fn remove_unreachable(flow: &mut Flow<'_>) {
    let count = flow.unit.instrs.len();
    let mut reached = vec![false; count];
    let mut todo = vec![0];
    while let Some(start) = todo.pop() {
        let mut index = start;
        while index < count && !reached[index] {
            reached[index] = true;
            let instr = &flow.unit.instrs[index];
            for label in [instr.target, instr.handler].into_iter().flatten() {
                let target = flow.unit.labels[label.0 as usize];
                if target < count && !reached[target] {
                    todo.push(target);
                }
            }
            if instr.op.info().flow == OpFlow::end {
                break;
            }
            index += 1;
        }
    }
    flow.kept = reached;
}
