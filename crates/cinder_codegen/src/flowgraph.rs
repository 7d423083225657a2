//! The graph of a code object's paths: what is unreachable goes, and so do checks that cannot fail.
//!
//! Problem: lowering emits a bound check at every read of a local, jumps to jumps, and code after `return`.
//! Idea: instructions stay in one list; passes mark those that go. Labels stay valid, since a label means "the next instruction kept".
//! Holds: instructions keep their order; what a path executes and where its exceptions go does not change.

mod bound;
mod lines;
mod reach;
mod registers;

use crate::assemble::Text;
use crate::lower::{Instr, Label, Unit};
use cinder_bytecode::Opcode;

/// A unit whose instructions are final, with a mark per instruction.
pub(crate) struct Flow<'a> {
    pub(crate) unit: Unit<'a>,
    pub(crate) kept: Vec<bool>,
}

pub(crate) fn run<'a>(mut unit: Unit<'a>, text: &Text<'_>) -> Flow<'a> {
    registers::number(&mut unit);
    let mut flow = Flow::new(unit);
    flow.thread_jumps(text);
    reach::remove_unreachable(&mut flow);
    flow.compact();
    lines::copy_exits(&mut flow.unit);
    flow = Flow::new(flow.unit);
    reach::remove_unreachable(&mut flow);
    lines::spread(&mut flow);
    bound::remove_checks(&mut flow);
    lines::drop_idle(&mut flow, text);
    flow
}

impl<'a> Flow<'a> {
    fn new(unit: Unit<'a>) -> Self {
        let kept = vec![true; unit.instrs.len()];
        Flow { unit, kept }
    }
}

impl Flow<'_> {
    /// Drops the instructions that go.
    fn compact(&mut self) {
        let mut moved = Vec::with_capacity(self.kept.len() + 1);
        let mut count = 0;
        for kept in &self.kept {
            moved.push(count);
            count += usize::from(*kept);
        }
        moved.push(count);
        for place in &mut self.unit.labels {
            if let Some(new) = moved.get(*place) {
                *place = *new;
            }
        }
        let mut kept = std::mem::take(&mut self.kept).into_iter();
        self.unit.instrs.retain(|_| kept.next().unwrap_or(true));
        self.kept = vec![true; count];
    }

    /// The first kept instruction at or after the label.
    pub(crate) fn target(&self, label: Label) -> Option<usize> {
        let at = self.unit.labels[label.0 as usize];
        (at..self.unit.instrs.len()).find(|index| self.kept[*index])
    }

    /// A forward jump to a forward jump goes to the latter's target, unless that jump is a statement of its own.
    fn thread_jumps(&mut self, text: &Text<'_>) {
        for index in (0..self.unit.instrs.len()).rev() {
            if self.unit.instrs[index].op == Opcode::JUMP_BACKWARD {
                continue;
            }
            let Some(label) = self.unit.instrs[index].target else { continue };
            let at = self.unit.labels[label.0 as usize];
            // Later instructions are done already, so one step is enough.
            if let Some(Instr { op: Opcode::JUMP, target: Some(further), range, .. }) = self.unit.instrs.get(at) {
                let line = |range: cinder_text::TextRange| text.line(range.start());
                if range.is_none() || range.map(line) == self.unit.instrs[index].range.map(line) {
                    self.unit.instrs[index].target = Some(*further);
                }
            }
        }
    }
}
