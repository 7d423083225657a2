//! Forward data-flow over the tagged registers.
//!
//! Idea: facts are bits that meet by intersection. Blocks are walked in layout order, which is a topological order of the forward edges,
//! until nothing changes; instructions add and remove facts, so a few walks beyond the depth of loops suffice. Blocks end where ranges of
//! handlers begin or end, so a handler meets each block's entry and afterwards only the registers that lose a fact.
//! Holds: facts never grow between walks; work is bounded by `WALKS` times blocks times registers.

use std::collections::BTreeSet;

use super::{NOT_A_START, Verifier};
use crate::instruction::Instruction;
use crate::opcode::{Flow, Intrinsic, Opcode};
use crate::shape::{self, Access, Use};

/// The register holds a value or zero, not a callee's leavings.
const CLEAN: u8 = 1;
/// It holds a value.
const BOUND: u8 = 2;
const CELL: u8 = 4;
const LIST: u8 = 8;
const DICT: u8 = 16;
const SET: u8 = 32;
/// What PUSH_EXC saved: an exception or zero.
const SAVED: u8 = 64;
const ALL: u8 = 0xff;

/// Walks before the flow counts as a tangle no compiler makes.
const WALKS: usize = 200;
/// Blocks times registers, in bytes.
const STATE_LIMIT: usize = 1 << 28;
/// Calls times registers, in steps per walk.
const WORK_LIMIT: usize = 1 << 32;

type Failure = (usize, String);

struct Block {
    /// Instructions `first..end`.
    first: usize,
    end: usize,
    /// Block of the innermost handler.
    handler: Option<usize>,
}

struct Analysis<'check, 'code> {
    verifier: &'check Verifier<'code>,
    blocks: Vec<Block>,
    /// Block per instruction number (meaningful at first instructions).
    block_of: Vec<u32>,
    /// Facts on entry, `registers` per block.
    facts: Vec<u8>,
    reached: Vec<bool>,
    dirty: Vec<bool>,
    registers: usize,
}

/// Checks that every read finds what it needs. The number in a failure is an instruction's, or out of range for the whole code.
pub(super) fn check(verifier: &Verifier<'_>) -> Result<(), Failure> {
    let mut analysis = Analysis::new(verifier)?;
    analysis.solve()?;
    analysis.judge()
}

impl<'check, 'code> Analysis<'check, 'code> {
    fn new(verifier: &'check Verifier<'code>) -> Result<Self, Failure> {
        let whole = |reason: String| (usize::MAX, reason);
        let (blocks, block_of) = split(verifier);
        let registers = verifier.code.register_count as usize;
        let size = blocks.len().saturating_mul(registers);
        // A call clears the registers from its base up.
        let calls = verifier.placed.iter().filter(|placed| shape::call_base(&placed.instruction).is_some()).count();
        if size > STATE_LIMIT || calls.saturating_mul(registers) > WORK_LIMIT {
            return Err(whole(format!(
                "{} blocks and {calls} calls over {registers} registers are too many",
                blocks.len()
            )));
        }
        let mut facts = vec![ALL; size];
        let parameters = verifier.code.parameter_count() as usize;
        for (register, fact) in facts[..registers].iter_mut().enumerate() {
            *fact = if register < parameters { CLEAN | BOUND } else { CLEAN | SAVED };
        }
        let count = blocks.len();
        let mut reached = vec![false; count];
        let mut dirty = vec![false; count];
        reached[0] = true;
        dirty[0] = true;
        Ok(Analysis { verifier, blocks, block_of, facts, reached, dirty, registers })
    }

    fn solve(&mut self) -> Result<(), Failure> {
        let mut state = vec![0; self.registers];
        for _ in 0..WALKS {
            let mut changed = false;
            for block in 0..self.blocks.len() {
                if std::mem::take(&mut self.dirty[block]) {
                    changed = true;
                    self.flow_through(block, &mut state);
                }
            }
            if !changed {
                return Ok(());
            }
        }
        Err((usize::MAX, "loops are tangled too deeply".to_owned()))
    }

    fn flow_through(&mut self, block: usize, state: &mut [u8]) {
        let at = block * self.registers;
        state.copy_from_slice(&self.facts[at..at + self.registers]);
        let Block { first, end, handler } = self.blocks[block];
        if let Some(handler) = handler {
            self.meet(handler, state);
        }
        let code = self.verifier.code;
        for index in first..end {
            let instruction = self.verifier.placed[index].instruction;
            let last = index + 1 == end;
            // The jump of an exhausted iterator leaves the destination as it was.
            if instruction.op == Opcode::FOR_ITER {
                self.jump(&instruction, state);
            }
            // What a call leaves behind is dead even when it raises.
            if let Some(base) = shape::call_base(&instruction) {
                let base = usize::from(base);
                state[base..].fill(0);
                if let Some(handler) = handler {
                    self.meet_slice(handler, base, &state[base..]);
                }
            }
            let covered = handler.filter(|_| !last);
            apply(code, &instruction, state, |register, facts| {
                if let Some(handler) = covered {
                    self.meet_slice(handler, register, &[facts]);
                }
            });
            if instruction.op != Opcode::FOR_ITER {
                self.jump(&instruction, state);
            }
        }
        let falls = self.verifier.placed[end - 1].instruction.op.info().flow != Flow::end;
        if falls && block + 1 < self.blocks.len() {
            self.meet(block + 1, state);
        }
    }

    fn jump(&mut self, instruction: &Instruction, state: &[u8]) {
        if let Some(target) = instruction.jump_target() {
            let number = self.verifier.starts[target as usize];
            debug_assert_ne!(number, NOT_A_START);
            self.meet(self.block_of[number as usize] as usize, state);
        }
    }

    fn meet(&mut self, block: usize, state: &[u8]) {
        if !self.reached[block] {
            self.reached[block] = true;
            self.dirty[block] = true;
        }
        self.meet_slice(block, 0, state);
    }

    fn meet_slice(&mut self, block: usize, register: usize, state: &[u8]) {
        let at = block * self.registers + register;
        let mut lost = 0;
        for (fact, new) in self.facts[at..at + state.len()].iter_mut().zip(state) {
            lost |= *fact & !new;
            *fact &= new;
        }
        self.dirty[block] |= lost != 0;
    }

    /// Looks at every read with the facts found.
    fn judge(&self) -> Result<(), Failure> {
        let code = self.verifier.code;
        let mut state = vec![0; self.registers];
        for (number, block) in self.blocks.iter().enumerate().filter(|(number, _)| self.reached[*number]) {
            let at = number * self.registers;
            state.copy_from_slice(&self.facts[at..at + self.registers]);
            for index in block.first..block.end {
                let instruction = self.verifier.placed[index].instruction;
                judge_reads(code, &instruction, &state).map_err(|reason| (index, reason))?;
                if let Some(base) = shape::call_base(&instruction) {
                    state[usize::from(base)..].fill(0);
                }
                apply(code, &instruction, &mut state, |_, _| {});
            }
        }
        Ok(())
    }
}

/// Blocks in layout order, and the block of each instruction.
fn split(verifier: &Verifier<'_>) -> (Vec<Block>, Vec<u32>) {
    let placed = &verifier.placed;
    let number = |word: u32| verifier.starts.get(word as usize).map_or(placed.len(), |number| *number as usize);
    let mut leads = vec![false; placed.len() + 1];
    leads[0] = true;
    for (index, place) in placed.iter().enumerate() {
        let target = place.instruction.jump_target();
        if let Some(target) = target {
            leads[number(target)] = true;
        }
        leads[index + 1] |= target.is_some() || place.instruction.op.info().flow == Flow::end;
    }
    let mut opens = vec![Vec::new(); placed.len() + 1];
    let mut closes = vec![Vec::new(); placed.len() + 1];
    for (order, entry) in verifier.code.exceptions.iter().enumerate() {
        let (start, end, target) = (number(entry.start), number(entry.end), number(entry.target));
        for at in [start, end, target] {
            leads[at] = true;
        }
        opens[start].push(order);
        closes[end].push(order);
    }
    let mut blocks: Vec<Block> = Vec::new();
    let mut block_of = vec![0; placed.len()];
    let mut active = BTreeSet::new();
    let mut handlers = Vec::new();
    for index in 0..placed.len() {
        for order in &closes[index] {
            active.remove(order);
        }
        active.extend(opens[index].iter().copied());
        if leads[index] {
            if let Some(block) = blocks.last_mut() {
                block.end = index;
            }
            blocks.push(Block { first: index, end: placed.len(), handler: None });
            handlers.push(active.first().copied());
        }
        block_of[index] = (blocks.len() - 1) as u32;
    }
    for (block, order) in blocks.iter_mut().zip(handlers) {
        block.handler = order.map(|order| block_of[number(verifier.code.exceptions[order].target)] as usize);
    }
    (blocks, block_of)
}

fn judge_reads(code: &crate::CodeObject, instruction: &Instruction, state: &[u8]) -> Result<(), String> {
    let mut problem = None;
    let mut need = |register: u32, facts: u8| {
        let found = state[register as usize];
        let missing = facts & !found;
        if missing != 0 && problem.is_none() {
            problem = Some(describe(code, register, missing, found));
        }
    };
    shape::visit(code, instruction, |Use { register, access, .. }| match access {
        Access::Read => need(register, CLEAN | BOUND),
        Access::ReadMaybe => need(register, CLEAN),
        Access::ReadCell => need(register, CLEAN | BOUND | CELL),
        Access::ReadRaw => need(register, CLEAN),
        _ => {}
    });
    match instruction.op {
        Opcode::LIST_APPEND | Opcode::LIST_EXTEND => need(u32::from(instruction.a), LIST),
        Opcode::LIST_TO_TUPLE => need(u32::from(instruction.b), LIST),
        Opcode::SET_ADD | Opcode::SET_UPDATE => need(u32::from(instruction.a), SET),
        Opcode::MAP_ADD | Opcode::DICT_UPDATE | Opcode::DICT_MERGE => need(u32::from(instruction.a), DICT),
        Opcode::POP_EXC => need(u32::from(instruction.a) + 1, SAVED),
        Opcode::CALL_INTRINSIC if instruction.c == Intrinsic::PrepReraiseStar.number() => {
            need(u32::from(instruction.b) + 1, LIST);
        }
        _ => {}
    }
    problem.map_or(Ok(()), Err)
}

fn describe(code: &crate::CodeObject, register: u32, missing: u8, found: u8) -> String {
    let name = code.locals.get(register as usize).map_or_else(String::new, |local| format!(" ({})", local.name));
    let what = if missing & CLEAN != 0 || (found & CLEAN == 0) {
        "is dead: a call used it"
    } else if missing & BOUND != 0 {
        "may be unbound"
    } else if missing & CELL != 0 {
        "may not hold a cell"
    } else if missing & LIST != 0 {
        "may not hold a list of this frame"
    } else if missing & DICT != 0 {
        "may not hold a dict of this frame"
    } else if missing & SET != 0 {
        "may not hold a set of this frame"
    } else {
        "does not hold what PUSH_EXC saved"
    };
    format!("r{register}{name} {what}")
}

/// Applies an instruction's writes; `lowered` hears of registers that may have lost a fact.
fn apply(code: &crate::CodeObject, instruction: &Instruction, state: &mut [u8], mut lowered: impl FnMut(usize, u8)) {
    let moved = (instruction.op == Opcode::MOVE).then(|| state[usize::from(instruction.b)]);
    let mut set = |register: usize, facts: u8| {
        if state[register] & !facts != 0 {
            lowered(register, facts);
        }
        state[register] = facts;
    };
    shape::visit(code, instruction, |Use { register, access, .. }| {
        let register = register as usize;
        match access {
            Access::Write => set(register, moved.unwrap_or(CLEAN | BOUND | built(instruction))),
            Access::WriteMaybe if instruction.op == Opcode::PUSH_EXC => set(register, CLEAN | SAVED),
            Access::WriteMaybe => set(register, CLEAN),
            Access::Clear => set(register, CLEAN | SAVED),
            Access::WriteCell => set(register, CLEAN | BOUND | CELL),
            _ => {}
        }
    });
    if instruction.op == Opcode::CHECK_BOUND {
        state[usize::from(instruction.a)] |= BOUND;
    }
}

fn built(instruction: &Instruction) -> u8 {
    match instruction.op {
        Opcode::BUILD_LIST => LIST,
        Opcode::BUILD_MAP => DICT,
        Opcode::BUILD_SET => SET,
        _ => 0,
    }
}
