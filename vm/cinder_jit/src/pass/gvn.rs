//! Global value numbering: what a dominating block has computed is not computed again.
//!
//! Idea: a scoped table along the dominator tree, keyed by operation and arguments. Pure operations and guards match anywhere below; loads match
//! while their memory is known unchanged, which is tracked by a version per alias class along chains of single predecessors. A branch
//! whose condition a dominating branch decided is decided.
//! Holds: a guard found again is dropped although its state differs: it cannot fail where an equal one has passed.

use cinder_layout::jit::{CompileError, CompileRequest, Slot};
use rustc_hash::FxHashMap;

use crate::hir::ops::effect::{ALLOCATES, GUARDS, OBSERVES, READS};
use crate::hir::{BlockId, Function, Inst, Op, Value};

pub(crate) fn run(request: &CompileRequest, function: &mut Function) -> Result<(), CompileError> {
    Numbering::new(function).run();
    super::simplify::run(request, function)
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    op: Op,
    args: Vec<Value>,
    imm: i64,
    slot: Option<Slot>,
    /// Of the memory read; 0 when none is.
    version: u32,
}

/// Memory that a store may change.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Alias {
    /// Fields at one offset: equal addresses mean equal objects and offsets.
    Field(i64),
    Items(bool),
    /// Lengths of containers.
    Length,
    /// Shapes: only what observes changes them.
    Shape,
}

#[derive(Clone, Default)]
struct Memory {
    versions: FxHashMap<Alias, u32>,
    base: u32,
}

struct Numbering<'pass> {
    function: &'pass mut Function,
    table: FxHashMap<Key, Option<Value>>,
    /// Keys to remove, and conditions to forget, when a block's subtree is done.
    with: Vec<Option<Value>>,
    known: FxHashMap<Value, bool>,
    versions: u32,
}

enum Step {
    Enter(BlockId, Memory),
    Leave { keys: Vec<Key>, condition: Option<Value> },
}

impl<'pass> Numbering<'pass> {
    fn new(function: &'pass mut Function) -> Self {
        let with = vec![None; function.types.len()];
        Numbering { function, table: FxHashMap::default(), with, known: FxHashMap::default(), versions: 0 }
    }

    fn run(mut self) {
        let order = self.function.order();
        let predecessors = self.function.predecessors(&order);
        let dominators = self.function.dominators(&order);
        let mut children = vec![Vec::new(); self.function.blocks.len()];
        for &block in &order[1..] {
            if let Some(above) = dominators[block.index()] {
                children[above.index()].push(block);
            }
        }
        let mut steps = vec![Step::Enter(BlockId(0), Memory::default())];
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave { keys, condition } => {
                    for key in keys {
                        self.table.remove(&key);
                    }
                    if let Some(condition) = condition {
                        self.known.remove(&condition);
                    }
                }
                Step::Enter(block, mut memory) => {
                    let single = predecessors[block.index()].len() <= 1;
                    if !single {
                        memory = self.fresh();
                    }
                    let condition = if single { self.learn(block, &predecessors[block.index()]) } else { None };
                    let keys = self.block(block, &mut memory);
                    steps.push(Step::Leave { keys, condition });
                    steps.extend(children[block.index()].iter().rev().map(|child| Step::Enter(*child, memory.clone())));
                }
            }
        }
        self.function.replace(&self.with);
    }

    fn fresh(&mut self) -> Memory {
        self.versions += 1;
        Memory { versions: FxHashMap::default(), base: self.versions }
    }

    /// What entering the block says about its predecessor's condition; the condition when it is new.
    fn learn(&mut self, block: BlockId, predecessors: &[BlockId]) -> Option<Value> {
        let before = predecessors.first()?;
        let last = self.function.blocks[before.index()].insts.last()?;
        if last.op != Op::Branch || last.targets[0].block == last.targets[1].block {
            return None;
        }
        let condition = self.resolve(last.args[0]);
        let truth = last.targets[0].block == block;
        (self.known.insert(condition, truth).is_none()).then_some(condition)
    }

    fn resolve(&self, mut value: Value) -> Value {
        while let Some(Some(next)) = self.with.get(value.index()) {
            value = *next;
        }
        value
    }

    fn block(&mut self, block: BlockId, memory: &mut Memory) -> Vec<Key> {
        let mut added = Vec::new();
        let insts = std::mem::take(&mut self.function.blocks[block.index()].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for mut inst in insts {
            for arg in &mut inst.args {
                *arg = self.resolve(*arg);
            }
            if let (Op::Branch, Some(truth)) = (inst.op, inst.args.first().and_then(|arg| self.known.get(arg))) {
                let edge = inst.targets[usize::from(!truth)].clone();
                inst = Inst { targets: vec![edge], ..Inst::new(Op::Jump, &[], 0) };
            }
            if let Some(key) = key(&inst, memory) {
                match self.table.get(&key) {
                    Some(found) => {
                        if let (Some(result), Some(found)) = (inst.result, found) {
                            self.with[result.index()] = Some(*found);
                        }
                        continue;
                    }
                    None => {
                        self.table.insert(key.clone(), inst.result);
                        added.push(key);
                    }
                }
            }
            self.write(&inst, memory, &mut added);
            kept.push(inst);
        }
        self.function.blocks[block.index()].insts = kept;
        added
    }

    /// Memory after the instruction; a stored field can be read back without a load.
    fn write(&mut self, inst: &Inst, memory: &mut Memory, added: &mut Vec<Key>) {
        if inst.op.has(OBSERVES) {
            *memory = self.fresh();
            return;
        }
        if matches!(inst.op, Op::AppendItem | Op::PopItem) {
            self.versions += 1;
            memory.versions.insert(Alias::Length, self.versions);
            memory.versions.insert(Alias::Items(true), self.versions);
            return;
        }
        let alias = match (inst.op, inst.slot) {
            (Op::StoreField, _) => Alias::Field(inst.imm),
            (Op::StoreItem, slot) => Alias::Items(slot == Some(Slot::Tagged)),
            _ => return,
        };
        self.versions += 1;
        memory.versions.insert(alias, self.versions);
        let whole = matches!(inst.slot, Some(Slot::Tagged | Slot::Double | Slot::Int { bytes: 8, .. }));
        if inst.op == Op::StoreField && whole {
            let key = Key {
                op: Op::LoadField,
                args: vec![inst.args[0]],
                imm: inst.imm,
                slot: inst.slot,
                version: self.versions,
            };
            self.table.insert(key.clone(), Some(inst.args[1]));
            added.push(key);
        }
    }
}

/// Key of an instruction that may be found again.
fn key(inst: &Inst, memory: &Memory) -> Option<Key> {
    let effects = inst.op.info().effects;
    let version = |alias: Alias| memory.versions.get(&alias).copied().unwrap_or(memory.base);
    let version = match inst.op {
        Op::New | Op::Safepoint | Op::CheckValid | Op::LoadHome | Op::AppendItem | Op::PopItem => return None,
        Op::Length => version(Alias::Length),
        Op::LoadField => version(Alias::Field(inst.imm)),
        Op::LoadItem => version(Alias::Items(inst.slot == Some(Slot::Tagged))),
        _ if effects & READS != 0 => version(Alias::Shape),
        // Boxes are values without identity: equal words, or numbers that `is` compares by value.
        _ if effects & !(GUARDS | ALLOCATES) == 0 => 0,
        _ => return None,
    };
    let mut args = inst.args.clone();
    let commutes =
        matches!(inst.op, Op::AddInt | Op::MulInt | Op::AndInt | Op::OrInt | Op::XorInt | Op::SameWord | Op::BothInts);
    if commutes {
        args.sort();
    }
    Some(Key { op: inst.op, args, imm: inst.imm, slot: inst.slot, version })
}
