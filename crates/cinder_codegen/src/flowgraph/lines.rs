//! Places of instructions that have none of their own.
//!
//! Problem: an implicit `return`, the jump behind a branch and what raises an unmatched exception again stand nowhere in the text, and yet a
//! frame that ended there has a line, a debugger stops there or does not, and coverage counts it.
//! Idea: CPython's rules (`Python/flowgraph.c`): an exit without a place that several paths reach is copied for each; then an instruction
//! without a place takes that of the only instruction that leads to it. A NOP holds the line of a statement that needs no code; it goes when
//! a neighbour shows the same line.
//! Holds: what runs does not change; places only ever spread forward.

use super::Flow;
use crate::assemble::Text;
use crate::lower::{Instr, Label, Unit};
use cinder_bytecode::{Flow as OpFlow, Opcode};

/// Instructions of an exit that is copied.
const EXIT_LIMIT: usize = 6;

fn ends(instr: &Instr) -> bool {
    instr.op.info().flow == OpFlow::end
}

/// Number of instructions from `start` to the end of the code's path, when none of them has a place.
fn exit_length(unit: &Unit<'_>, start: usize) -> Option<usize> {
    let run = unit.instrs.get(start..)?.iter().take(EXIT_LIMIT);
    for (length, instr) in run.enumerate() {
        if instr.range.is_some() || instr.target.is_some() {
            return None;
        }
        if ends(instr) {
            return Some(length + 1);
        }
    }
    None
}

/// Gives each jump to an exit without a place an exit of its own. All instructions must be kept.
pub(super) fn copy_exits(unit: &mut Unit<'_>) {
    let count = unit.instrs.len();
    let mut jumps = vec![0u32; count];
    for instr in &unit.instrs {
        if let Some(at) = instr.target.and_then(|label| jumps.get_mut(unit.labels[label.0 as usize])) {
            *at += 1;
        }
    }
    let is_shared = |start: usize| {
        let falls = start > 0 && !ends(&unit.instrs[start - 1]);
        jumps[start] + u32::from(falls) > 1
    };
    let lengths: Vec<Option<usize>> = (0..count)
        .map(|start| if jumps[start] > 0 && is_shared(start) { exit_length(unit, start) } else { None })
        .collect();
    if lengths.iter().all(Option::is_none) {
        return;
    }
    let old = std::mem::take(&mut unit.instrs);
    let mut moved = Vec::with_capacity(count + 1);
    let mut labels_after: Vec<usize> = Vec::new();
    // The exit each conditional jump wants a copy of; its copy stands right behind that, where the same handlers follow.
    let mut wanted: Vec<(usize, Label, Option<cinder_text::TextRange>)> = Vec::new();
    for (index, instr) in old.iter().enumerate() {
        moved.push(unit.instrs.len());
        let start = instr.target.map(|label| unit.labels[label.0 as usize]);
        match start.and_then(|start| Some((start, (*lengths.get(start)?)?))) {
            Some((start, length)) if instr.op == Opcode::JUMP => {
                let first = unit.instrs.len();
                unit.instrs.extend_from_slice(&old[start..start + length]);
                unit.instrs[first].range = instr.range;
            }
            Some((start, _)) if instr.op != Opcode::JUMP_BACKWARD => {
                let label = Label((unit.labels.len() + wanted.len()) as u32);
                wanted.push((start, label, instr.range));
                labels_after.push(usize::MAX);
                unit.instrs.push(Instr { target: Some(label), ..instr.clone() });
            }
            _ => unit.instrs.push(instr.clone()),
        }
        if !ends(instr) {
            continue;
        }
        for (number, (start, _, range)) in wanted.iter().enumerate() {
            let length = lengths[*start].expect("only exits are copied");
            if start + length == index + 1 {
                let first = unit.instrs.len();
                labels_after[number] = first;
                unit.instrs.extend_from_slice(&old[*start..start + length]);
                unit.instrs[first].range = *range;
            }
        }
    }
    moved.push(unit.instrs.len());
    for place in &mut unit.labels {
        if *place <= count {
            *place = moved[*place];
        }
    }
    unit.labels.extend(labels_after);
}

/// Which instructions are jumped to, and how often; handlers count twice, since nothing spreads into them.
fn entries(flow: &Flow<'_>) -> Vec<u32> {
    let mut entries = vec![0; flow.unit.instrs.len()];
    for (instr, kept) in flow.unit.instrs.iter().zip(&flow.kept) {
        if !kept {
            continue;
        }
        for (label, weight) in [(instr.target, 1), (instr.handler, 2)] {
            if let Some(target) = label.and_then(|label| flow.target(label)) {
                entries[target] += weight;
            }
        }
    }
    entries
}

/// Gives instructions without a place that of the only one which leads to them.
pub(super) fn spread(flow: &mut Flow<'_>) {
    let entries = entries(flow);
    let count = flow.unit.instrs.len();
    let mut arriving = vec![None; count];
    let (mut current, mut falls) = (None, false);
    for index in 0..count {
        if !flow.kept[index] {
            continue;
        }
        if entries[index] > 0 {
            let only = entries[index] + u32::from(falls) == 1;
            current = if only { arriving[index] } else { None };
        }
        let range = flow.unit.instrs[index].range.or(current);
        flow.unit.instrs[index].range = range;
        current = range;
        falls = !ends(&flow.unit.instrs[index]);
        if let Some(target) = flow.unit.instrs[index].target.and_then(|label| flow.target(label))
            && target > index
        {
            arriving[target] = range;
        }
    }
    for index in 0..count {
        let instr = &flow.unit.instrs[index];
        // Where a signal may arrive there must be a line: that of the loop.
        if flow.kept[index]
            && instr.op == Opcode::JUMP_BACKWARD
            && instr.range.is_none()
            && let Some(head) = instr.target.and_then(|label| flow.target(label))
        {
            let range = flow.unit.instrs[head..index].iter().find_map(|instr| instr.range);
            flow.unit.instrs[index].range = range;
        }
    }
}

/// Removes each NOP, and each jump to the next instruction, whose line shows without it.
pub(super) fn drop_idle(flow: &mut Flow<'_>, text: &Text<'_>) {
    let entries = entries(flow);
    let line = |instr: &Instr| instr.range.map_or(0, |range| text.line(range.start()));
    let mut next: Option<usize> = None;
    for index in (0..flow.unit.instrs.len()).rev() {
        if !flow.kept[index] {
            continue;
        }
        let instr = &flow.unit.instrs[index];
        let is_idle = match instr.op {
            Opcode::NOP => true,
            Opcode::JUMP => instr.target.and_then(|label| flow.target(label)) == next,
            _ => false,
        };
        if is_idle && next.is_some() {
            let own = line(instr);
            let before = (0..index).rev().find(|index| flow.kept[*index]);
            let follows = |before: usize| entries[index] == 0 && line(&flow.unit.instrs[before]) == own;
            let shows = own == 0
                || next.is_some_and(|next| line(&flow.unit.instrs[next]) == own)
                || before.is_some_and(follows);
            if shows {
                flow.kept[index] = false;
                continue;
            }
        }
        next = Some(index);
    }
}
