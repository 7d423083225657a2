//! Basic blocks of bytecode and the registers live in them.
//!
//! Holds: handlers count: whatever a handler of a covered instruction reads is live at that instruction. Blocks end at range borders.

use std::collections::BTreeSet;

use crate::opcode::Flow;
use crate::shape::{self, Access};
use crate::{CodeObject, Instruction, Opcode, instructions};

/// A set of registers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registers(Vec<u64>);

impl Registers {
    /// The empty set of `count` registers.
    pub fn new(count: u32) -> Registers {
        Registers(vec![0; (count as usize).div_ceil(64)])
    }

    /// Whether `register` is in the set.
    pub fn has(&self, register: u16) -> bool {
        self.0[usize::from(register) / 64] >> (register % 64) & 1 != 0
    }

    fn add(&mut self, register: u16) {
        self.0[usize::from(register) / 64] |= 1 << (register % 64);
    }

    fn remove(&mut self, register: u16) {
        self.0[usize::from(register) / 64] &= !(1 << (register % 64));
    }

    /// Adds all of `other`; whether that changed anything.
    fn join(&mut self, other: &Registers) -> bool {
        let mut changed = false;
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            changed |= more & !*word != 0;
            *word |= more;
        }
        changed
    }
}

/// A run of words without jumps in or out.
#[derive(Debug)]
pub struct Run {
    /// Word index of the first instruction.
    pub start: u32,
    /// Word index behind the last one.
    pub end: u32,
    successors: Vec<usize>,
    handler: Option<usize>,
}

/// What is live where in one code object.
#[derive(Debug)]
pub struct Liveness {
    /// In the order of the code.
    pub blocks: Vec<Run>,
    /// Registers live at the start of each block.
    pub live_in: Vec<Registers>,
}

impl Liveness {
    /// Of verified code.
    pub fn new(code: &CodeObject) -> Liveness {
        let mut blocks = split(code);
        link(code, &mut blocks);
        let empty = Registers::new(code.register_count);
        let mut liveness = Liveness { live_in: vec![empty; blocks.len()], blocks };
        let mut changed = true;
        while changed {
            changed = false;
            for block in (0..liveness.blocks.len()).rev() {
                let first = liveness.live_before(code, block).swap_remove(0);
                changed |= liveness.live_in[block].join(&first);
            }
        }
        liveness
    }

    /// The block that starts at `word`.
    pub fn block_at(&self, word: u32) -> Option<usize> {
        self.blocks.binary_search_by_key(&word, |block| block.start).ok()
    }

    /// Word indices of a block's instructions.
    pub fn words(&self, code: &CodeObject, block: usize) -> Vec<u32> {
        let Run { start, end, .. } = self.blocks[block];
        let run = &code.instructions[start as usize..end as usize];
        instructions(run).map(|(at, _)| start + at as u32).collect()
    }

    /// Registers live before each instruction of a block.
    pub fn live_before(&self, code: &CodeObject, block: usize) -> Vec<Registers> {
        let run = &self.blocks[block];
        let mut live = Registers::new(code.register_count);
        for successor in &run.successors {
            live.join(&self.live_in[*successor]);
        }
        let mut before = Vec::new();
        for word in self.words(code, block).into_iter().rev() {
            let instruction = Instruction::decode(&code.instructions, word as usize).expect("verified code decodes");
            shape::visit(code, &instruction, |used| {
                if matches!(used.access, Access::Write | Access::WriteMaybe | Access::Clear | Access::WriteCell) {
                    live.remove(used.register as u16);
                }
            });
            // An exhausted iterator leaves the destination as it was.
            if instruction.op == Opcode::FOR_ITER {
                let exhausted = run.successors.first().expect("FOR_ITER jumps");
                live.join(&self.live_in[*exhausted]);
            }
            if let Some(handler) = run.handler {
                live.join(&self.live_in[handler]);
            }
            shape::visit(code, &instruction, |used| {
                if matches!(used.access, Access::Read | Access::ReadMaybe | Access::ReadCell | Access::ReadRaw) {
                    live.add(used.register as u16);
                }
            });
            before.push(live.clone());
        }
        before.reverse();
        before
    }

    /// Registers that the instruction at `word` or what comes after it needs: those live before it, and those it writes, because it may
    /// have written some of them when it calls Python code.
    pub fn in_use_at(&self, code: &CodeObject, word: u32) -> Registers {
        let mut live = self.live_at(code, word);
        let instruction = Instruction::decode(&code.instructions, word as usize).expect("verified code decodes");
        shape::visit(code, &instruction, |used| live.add(used.register as u16));
        live
    }

    /// Words of the instructions that may have written what `register` holds before the instruction at `word`.
    pub fn writers(&self, code: &CodeObject, word: u32, register: u16) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        let mut seen = vec![false; self.blocks.len()];
        // Blocks whose words below the bound are to be looked through.
        let mut waiting = vec![(self.blocks.partition_point(|block| block.start <= word) - 1, word)];
        while let Some((block, bound)) = waiting.pop() {
            let words = self.words(code, block);
            let mut before = words.into_iter().rev().filter(|word| *word < bound);
            if let Some(writer) = before.find(|word| writes(code, *word, register)) {
                found.insert(writer);
                continue;
            }
            for (index, before) in self.blocks.iter().enumerate() {
                if before.handler == Some(block) {
                    // An exception may leave the block anywhere.
                    found.extend(self.words(code, index).into_iter().filter(|word| writes(code, *word, register)));
                } else if !before.successors.contains(&block) {
                    continue;
                }
                if !std::mem::replace(&mut seen[index], true) {
                    waiting.push((index, before.end));
                }
            }
        }
        found
    }

    /// Whether some register holds a primitive value somewhere.
    pub fn has_primitives(&self, code: &CodeObject) -> bool {
        let mut found = false;
        for (_, instruction) in instructions(&code.instructions) {
            shape::visit(code, &instruction, |used| found |= matches!(used.access, Access::ReadRaw));
        }
        found
    }

    /// Registers live before the instruction at `word`.
    pub fn live_at(&self, code: &CodeObject, word: u32) -> Registers {
        let block = self.blocks.partition_point(|block| block.start <= word) - 1;
        let at = self.words(code, block).binary_search(&word).expect("a word that starts an instruction");
        self.live_before(code, block).swap_remove(at)
    }
}

fn writes(code: &CodeObject, word: u32, register: u16) -> bool {
    let instruction = Instruction::decode(&code.instructions, word as usize).expect("verified code decodes");
    let mut found = false;
    shape::visit(code, &instruction, |used| {
        let is_write = matches!(used.access, Access::Write | Access::WriteMaybe | Access::Clear | Access::WriteCell);
        found |= is_write && used.register as u16 == register;
    });
    found
}

/// Blocks without their edges; `successors` and `handler` are set by `link`.
fn split(code: &CodeObject) -> Vec<Run> {
    let mut starts = BTreeSet::from([0]);
    for (word, instruction) in instructions(&code.instructions) {
        let after = word as u32 + instruction.words() as u32;
        if let Some(target) = instruction.jump_target() {
            starts.extend([target, after]);
        }
        if instruction.op.info().flow == Flow::end {
            starts.insert(after);
        }
    }
    for entry in &code.exceptions {
        starts.extend([entry.start, entry.end, entry.target]);
    }
    let end = code.instructions.len() as u32;
    let starts: Vec<u32> = starts.into_iter().filter(|start| *start < end).collect();
    let ends = starts.iter().copied().skip(1).chain([end]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| Run { start: *start, end, successors: Vec::new(), handler: None })
        .collect()
}

fn link(code: &CodeObject, blocks: &mut [Run]) {
    let starts: Vec<u32> = blocks.iter().map(|block| block.start).collect();
    let at = |word: u32| starts.binary_search(&word).expect("targets start blocks");
    for index in 0..blocks.len() {
        let Run { start, end, .. } = blocks[index];
        let run = &code.instructions[start as usize..end as usize];
        let (_, last) = instructions(run).last().expect("blocks are not empty");
        let falls = last.op.info().flow != Flow::end && index + 1 < blocks.len();
        blocks[index].successors = last.jump_target().map(at).into_iter().chain(falls.then_some(index + 1)).collect();
        blocks[index].handler = code.handler(start).map(at);
    }
}
