//! Definite assignment: removes bound checks of locals that are bound on every path.
//!
//! Idea: a forward data-flow over blocks with one bit per local that is ever checked; at joins bits meet by intersection. A handler meets the
//! state before each instruction it covers, because an instruction that raises has not written.
//! Holds: after the pass every read of a local is dominated by writes or a check, which the verifier finds again on its own.

use super::Flow;
use crate::lower::{Instr, Label, Reg};
use cinder_bytecode::{Flow as OpFlow, LocalKind, Opcode, Operand};
use rustc_hash::FxHashMap;

type Bits = Box<[u64]>;

struct Block {
    first: usize,
    end: usize,
    /// `None` until reached.
    entry: Option<Bits>,
    dirty: bool,
}

struct Analysis<'flow, 'a> {
    flow: &'flow Flow<'a>,
    blocks: Vec<Block>,
    block_at: FxHashMap<usize, usize>,
    /// Bit of each checked local.
    bits: FxHashMap<Reg, usize>,
    words: usize,
}

pub(super) fn remove_checks(flow: &mut Flow<'_>) {
    let mut bits = FxHashMap::default();
    for (index, instr) in flow.unit.instrs.iter().enumerate() {
        if flow.kept[index] && instr.op == Opcode::CHECK_BOUND {
            let next = bits.len();
            bits.entry(instr.a).or_insert(next);
        }
    }
    let removed = if bits.is_empty() { Vec::new() } else { Analysis::new(flow, bits).solve() };
    for index in removed {
        flow.kept[index] = false;
    }
    remove_idle_clears(flow);
}

/// A comprehension's variable is cleared for checks to see; without a check nobody looks.
fn remove_idle_clears(flow: &mut Flow<'_>) {
    let mut checked = vec![false; flow.unit.locals.len()];
    let live = |flow: &Flow<'_>, op| {
        let kept = flow.kept.clone();
        flow.unit
            .instrs
            .iter()
            .zip(kept)
            .filter(move |(instr, kept)| *kept && instr.op == op)
            .map(|(instr, _)| instr.a)
            .collect::<Vec<_>>()
    };
    for register in live(flow, Opcode::CHECK_BOUND).into_iter().chain(live(flow, Opcode::MAKE_CELL)) {
        checked[register as usize] = true;
    }
    for index in 0..flow.unit.instrs.len() {
        let instr = &flow.unit.instrs[index];
        if instr.op == Opcode::CLEAR
            && flow.unit.locals.get(instr.a as usize).is_some_and(|local| local.kind == LocalKind::Hidden)
            && !checked[instr.a as usize]
        {
            flow.kept[index] = false;
        }
    }
}

impl<'flow, 'a> Analysis<'flow, 'a> {
    fn new(flow: &'flow Flow<'a>, bits: FxHashMap<Reg, usize>) -> Self {
        let words = bits.len().div_ceil(64);
        let blocks = split(flow);
        let block_at = blocks.iter().enumerate().map(|(number, block)| (block.first, number)).collect();
        let mut analysis = Self { flow, blocks, block_at, bits, words };
        let mut entry = vec![0; words].into_boxed_slice();
        for register in 0..flow.unit.parameter_count {
            analysis.set(&mut entry, register, true);
        }
        if let Some(first) = analysis.blocks.first_mut() {
            first.entry = Some(entry);
            first.dirty = true;
        }
        analysis
    }

    fn set(&self, state: &mut Bits, register: Reg, bound: bool) {
        if let Some(bit) = self.bits.get(&register) {
            let mask = 1 << (bit % 64);
            if bound {
                state[bit / 64] |= mask;
            } else {
                state[bit / 64] &= !mask;
            }
        }
    }

    fn is_bound(&self, state: &Bits, register: Reg) -> bool {
        self.bits.get(&register).is_some_and(|bit| state[bit / 64] & (1 << (bit % 64)) != 0)
    }

    /// Instruction numbers of checks that cannot fail.
    fn solve(mut self) -> Vec<usize> {
        loop {
            let mut changed = false;
            for number in 0..self.blocks.len() {
                if std::mem::take(&mut self.blocks[number].dirty) {
                    changed = true;
                    self.flow_through(number);
                }
            }
            if !changed {
                break;
            }
        }
        self.needless_checks()
    }

    fn flow_through(&mut self, number: usize) {
        let flow = self.flow;
        let Block { first, end, .. } = self.blocks[number];
        let mut state = self.blocks[number].entry.clone().expect("a dirty block was reached");
        let mut last_handler = None;
        let mut changed_since_meet = true;
        for index in (first..end).filter(|index| flow.kept[*index]) {
            let instr = &flow.unit.instrs[index];
            // Bits only grow within a block except at CLEAR, so a handler need meet only the first state and those after a CLEAR.
            if let Some(handler) = instr.handler
                && (last_handler != Some(handler) || changed_since_meet)
            {
                self.meet(handler, &state);
                changed_since_meet = false;
            }
            last_handler = instr.handler;
            if instr.op == Opcode::FOR_ITER {
                self.meet(instr.target.expect("FOR_ITER jumps"), &state);
            }
            self.apply(instr, &mut state);
            changed_since_meet |= instr.op == Opcode::CLEAR;
            if let Some(target) = instr.target
                && instr.op != Opcode::FOR_ITER
            {
                self.meet(target, &state);
            }
            if instr.op.info().flow == OpFlow::end {
                return;
            }
        }
        self.meet_block(number + 1, &state);
    }

    fn meet(&mut self, label: Label, state: &Bits) {
        let at = self.flow.unit.labels[label.0 as usize];
        if let Some(number) = self.block_at.get(&at).copied() {
            self.meet_block(number, state);
        }
    }

    fn meet_block(&mut self, number: usize, state: &Bits) {
        let Some(block) = self.blocks.get_mut(number) else { return };
        match &mut block.entry {
            None => {
                block.entry = Some(state.clone());
                block.dirty = true;
            }
            Some(entry) => {
                for (entry, new) in entry.iter_mut().zip(state) {
                    block.dirty |= *entry & !new != 0;
                    *entry &= new;
                }
            }
        }
    }

    fn apply(&self, instr: &Instr, state: &mut Bits) {
        match instr.op {
            Opcode::CHECK_BOUND => self.set(state, instr.a, true),
            Opcode::CLEAR => self.set(state, instr.a, false),
            Opcode::UNPACK_SEQUENCE => {
                (instr.a..instr.a + instr.c).for_each(|register| self.set(state, register, true))
            }
            Opcode::UNPACK_EX => {
                (instr.a..=instr.a + instr.c + instr.number).for_each(|register| self.set(state, register, true));
            }
            op => {
                if matches!(op.info().operands[0], Operand::W | Operand::X | Operand::AW) {
                    self.set(state, instr.a, true);
                }
            }
        }
    }

    fn needless_checks(&self) -> Vec<usize> {
        let mut found = Vec::new();
        for block in &self.blocks {
            let Some(mut state) = block.entry.clone() else { continue };
            for index in (block.first..block.end).filter(|index| self.flow.kept[*index]) {
                let instr = &self.flow.unit.instrs[index];
                if instr.op == Opcode::CHECK_BOUND && self.is_bound(&state, instr.a) {
                    found.push(index);
                }
                self.apply(instr, &mut state);
            }
        }
        debug_assert!(self.words > 0);
        found
    }
}

/// Blocks of the instruction list: a new one at each label and after each jump.
fn split(flow: &Flow<'_>) -> Vec<Block> {
    let instrs = &flow.unit.instrs;
    let mut leads = vec![false; instrs.len() + 1];
    leads[0] = true;
    for label in &flow.unit.labels {
        if *label <= instrs.len() {
            leads[*label] = true;
        }
    }
    for (index, instr) in instrs.iter().enumerate() {
        if instr.target.is_some() || instr.op.info().flow == OpFlow::end {
            leads[index + 1] = true;
        }
    }
    let starts: Vec<usize> = (0..instrs.len()).filter(|index| leads[*index]).collect();
    starts
        .iter()
        .enumerate()
        .map(|(number, first)| {
            let end = starts.get(number + 1).copied().unwrap_or(instrs.len());
            Block { first: *first, end, entry: None, dirty: false }
        })
        .collect()
}
