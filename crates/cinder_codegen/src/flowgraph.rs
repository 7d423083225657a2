//! The graph of a code object's paths: what is unreachable goes, and so do checks that cannot fail.
//!
//! Problem: lowering emits a bound check at every read of a local, jumps to jumps, and code after `return`.
//! Idea: instructions stay in one list; passes mark those that go. Labels stay valid, since a label means "the next instruction kept".
//! Holds: instructions keep their order; what a path executes and where its exceptions go does not change.

mod bound;
mod reach;
mod registers;

use crate::lower::{Instr, Label, Unit};
use cinder_bytecode::Opcode;

/// A unit whose instructions are final, with a mark per instruction.
pub(crate) struct Flow<'a> {
    pub(crate) unit: Unit<'a>,
    pub(crate) kept: Vec<bool>,
}

pub(crate) fn run(mut unit: Unit<'_>) -> Flow<'_> {
    registers::number(&mut unit);
    let kept = vec![true; unit.instrs.len()];
    let mut flow = Flow { unit, kept };
    flow.thread_jumps();
    reach::remove_unreachable(&mut flow);
    bound::remove_checks(&mut flow);
    flow.remove_empty_jumps();
    flow
}

impl Flow<'_> {
    /// The first kept instruction at or after the label.
    pub(crate) fn target(&self, label: Label) -> Option<usize> {
        let at = self.unit.labels[label.0 as usize];
        (at..self.unit.instrs.len()).find(|index| self.kept[*index])
    }

    /// A forward jump to a forward jump goes to the latter's target.
    fn thread_jumps(&mut self) {
        for index in (0..self.unit.instrs.len()).rev() {
            if self.unit.instrs[index].op == Opcode::JUMP_BACKWARD {
                continue;
            }
            let Some(label) = self.unit.instrs[index].target else { continue };
            let at = self.unit.labels[label.0 as usize];
            // Later instructions are done already, so one step is enough.
            if let Some(Instr { op: Opcode::JUMP, target: Some(further), .. }) = self.unit.instrs.get(at) {
                self.unit.instrs[index].target = Some(*further);
            }
        }
    }

    /// A jump to the next instruction is none.
    fn remove_empty_jumps(&mut self) {
        let mut next = None;
        for index in (0..self.unit.instrs.len()).rev() {
            if !self.kept[index] {
                continue;
            }
            let instr = &self.unit.instrs[index];
            if instr.op == Opcode::JUMP && instr.target.and_then(|label| self.target(label)) == next {
                self.kept[index] = false;
            } else {
                next = Some(index);
            }
        }
    }
}
