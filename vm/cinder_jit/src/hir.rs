//! The JIT's own intermediate form: block-argument SSA with typed values and frame states.
//!
//! Problem: Cranelift knows neither guards nor frames, and bytecode registers are too coarse to optimise.
//! Idea: each instruction is one [`Inst`] record whose shape (arguments, effects, result) is a row of [`ops`]; control flow passes values as
//! block arguments. What may leave for the interpreter carries a [`FrameState`]: per frame the word and the value of each register that matters.
//! Holds: SSA (uses are dominated by definitions); a block's last instruction, and only that, is a terminator; [`verify`] checks it after each
//! pass in debug builds. [`print`] writes a function as text and [`parse`] reads it.
//!
//! Values have a representation (tagged word, 64-bit integer, double) and, when tagged, a set of [`Kinds`] they may be of.

use cinder_bytecode::RegisterKind;
use cinder_layout::jit::{AllocationFact, CallTarget, Slot};

pub(crate) mod ops;
#[cfg(test)]
pub(crate) mod parse;
pub(crate) mod print;
pub(crate) mod verify;

pub(crate) use ops::Op;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub(crate) struct $name(pub(crate) u32);

        impl $name {
            pub(crate) fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// An SSA value: the result of an instruction or a block's parameter.
    Value
);
id!(BlockId);
id!(
    /// A frame state in [`Function::states`].
    StateId
);
id!(
    /// An inlined activation (0 is the function itself) in [`Function::frames`].
    FrameId
);

/// What a tagged value may be, as bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Kinds(pub(crate) u16);

impl Kinds {
    /// The zero word.
    pub(crate) const UNBOUND: Kinds = Kinds(1);
    pub(crate) const NONE: Kinds = Kinds(2);
    pub(crate) const BOOL: Kinds = Kinds(4);
    /// Immediate int.
    pub(crate) const INT: Kinds = Kinds(8);
    /// Immediate float.
    pub(crate) const FLONUM: Kinds = Kinds(16);
    /// Exact heap float.
    pub(crate) const FLOAT: Kinds = Kinds(32);
    /// Exact heap int.
    pub(crate) const BIG: Kinds = Kinds(64);
    /// Any other value.
    pub(crate) const OBJECT: Kinds = Kinds(128);
    pub(crate) const BOUND: Kinds = Kinds(254);
    pub(crate) const ANY: Kinds = Kinds(255);
    pub(crate) const NO: Kinds = Kinds(0);

    pub(crate) const fn union(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    pub(crate) const fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }

    pub(crate) const fn may_be(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether all kinds of `self` are in `other`.
    pub(crate) const fn is(self, other: Kinds) -> bool {
        self.0 & !other.0 == 0
    }
}

/// How a value is held.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Type {
    Tagged(Kinds),
    Int,
    Double,
}

impl Type {
    pub(crate) const ANY: Type = Type::Tagged(Kinds::ANY);
    pub(crate) const BOUND: Type = Type::Tagged(Kinds::BOUND);

    pub(crate) fn of_register(kind: RegisterKind) -> Type {
        match kind {
            RegisterKind::Tagged => Type::ANY,
            RegisterKind::Int => Type::Int,
            RegisterKind::Double => Type::Double,
        }
    }

    pub(crate) fn kind(self) -> RegisterKind {
        match self {
            Type::Tagged(_) => RegisterKind::Tagged,
            Type::Int => RegisterKind::Int,
            Type::Double => RegisterKind::Double,
        }
    }

    /// Kinds of a tagged value; none for raw ones.
    pub(crate) fn kinds(self) -> Kinds {
        match self {
            Type::Tagged(kinds) => kinds,
            _ => Kinds::NO,
        }
    }
}

/// One instruction.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Inst {
    pub(crate) op: Op,
    pub(crate) args: Vec<Value>,
    /// Meaning by op: constant bits, comparison, primitive, offset, index of a side table.
    pub(crate) imm: i64,
    /// How memory holds the value, for loads and stores.
    pub(crate) slot: Option<Slot>,
    /// Exec: the registers the arguments are stored to, in the order of the arguments.
    pub(crate) homes: Vec<u16>,
    pub(crate) state: Option<StateId>,
    pub(crate) result: Option<Value>,
    /// Jump: one. Branch: taken when the argument is not 0, then otherwise.
    pub(crate) targets: Vec<Edge>,
}

impl Inst {
    pub(crate) fn new(op: Op, args: &[Value], imm: i64) -> Inst {
        Inst {
            op,
            args: args.to_vec(),
            imm,
            slot: None,
            homes: Vec::new(),
            state: None,
            result: None,
            targets: Vec::new(),
        }
    }
}

/// A way to a block, with the values of its parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Edge {
    pub(crate) block: BlockId,
    pub(crate) args: Vec<Value>,
}

#[derive(Clone, PartialEq, Default, Debug)]
pub(crate) struct Block {
    pub(crate) params: Vec<Value>,
    pub(crate) insts: Vec<Inst>,
    /// Rarely run; laid out last.
    pub(crate) cold: bool,
}

/// The interpreter's view before one instruction (or, of an inlined callee's caller, in the middle of its call).
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct FrameState {
    pub(crate) frame: FrameId,
    pub(crate) word: u32,
    /// Live registers and named tagged locals, ascending.
    pub(crate) registers: Vec<(u16, Value)>,
    /// State of the caller at the call, for inlined frames.
    pub(crate) parent: Option<StateId>,
}

/// One activation: the function itself or an inlined callee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Frame {
    /// Index into the unit's functions.
    pub(crate) function: usize,
    /// Words from the outermost register 0 to this frame's.
    pub(crate) offset: u32,
    /// Inlining depth.
    pub(crate) depth: u32,
}

/// A typed call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CallSite {
    pub(crate) target: CallTarget,
    /// Register of the window's base in the calling frame.
    pub(crate) base: u16,
    pub(crate) result: RegisterKind,
    /// Callee in the unit, when it may be inlined.
    pub(crate) inline: Option<usize>,
}

#[derive(Clone, PartialEq, Default, Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Block 0 is the entry; its parameters are the function's (none for OSR).
    pub(crate) blocks: Vec<Block>,
    /// Type per value.
    pub(crate) types: Vec<Type>,
    pub(crate) states: Vec<FrameState>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) calls: Vec<CallSite>,
    /// Instances made: how, and the class's value bits.
    pub(crate) allocations: Vec<(AllocationFact, u64)>,
    pub(crate) result: Option<RegisterKind>,
    /// An assumption was used.
    pub(crate) uses_valid: bool,
}

impl Function {
    pub(crate) fn value(&mut self, ty: Type) -> Value {
        self.types.push(ty);
        Value(self.types.len() as u32 - 1)
    }

    pub(crate) fn ty(&self, value: Value) -> Type {
        self.types[value.index()]
    }

    pub(crate) fn block(&mut self) -> BlockId {
        self.blocks.push(Block::default());
        BlockId(self.blocks.len() as u32 - 1)
    }

    pub(crate) fn successors(&self, block: BlockId) -> impl Iterator<Item = &Edge> {
        self.blocks[block.index()].insts.last().into_iter().flat_map(|inst| &inst.targets)
    }

    /// Reachable blocks in reverse postorder.
    pub(crate) fn order(&self) -> Vec<BlockId> {
        let mut seen = vec![false; self.blocks.len()];
        let mut order = Vec::new();
        // (block, next successor to visit)
        let mut stack = vec![(BlockId(0), 0)];
        seen[0] = true;
        while let Some((block, next)) = stack.pop() {
            let target = self.successors(block).nth(next).map(|edge| edge.block);
            match target {
                Some(target) => {
                    stack.push((block, next + 1));
                    if !std::mem::replace(&mut seen[target.index()], true) {
                        stack.push((target, 0));
                    }
                }
                None => order.push(block),
            }
        }
        order.reverse();
        order
    }

    /// Per block the number of loops it is in.
    pub(crate) fn loop_depths(&self) -> Vec<u32> {
        let mut depths = vec![0; self.blocks.len()];
        for body in self.loops().into_iter().map(|(_, body)| body) {
            for block in body {
                depths[block.index()] += 1;
            }
        }
        depths
    }

    /// Natural loops: the header and all blocks of the loop, the header among them. Outer loops come before those they contain.
    pub(crate) fn loops(&self) -> Vec<(BlockId, Vec<BlockId>)> {
        let order = self.order();
        let predecessors = self.predecessors(&order);
        let dominators = self.dominators(&order);
        let dominates = |above: BlockId, mut block: BlockId| {
            while block != above {
                match dominators[block.index()] {
                    Some(next) if next != block => block = next,
                    _ => return false,
                }
            }
            true
        };
        let mut loops = Vec::new();
        for &header in &order {
            let tails: Vec<BlockId> =
                predecessors[header.index()].iter().copied().filter(|tail| dominates(header, *tail)).collect();
            if tails.is_empty() {
                continue;
            }
            let mut inside = vec![false; self.blocks.len()];
            inside[header.index()] = true;
            let mut body = vec![header];
            let mut pending = tails;
            while let Some(block) = pending.pop() {
                if !std::mem::replace(&mut inside[block.index()], true) {
                    body.push(block);
                    pending.extend(&predecessors[block.index()]);
                }
            }
            loops.push((header, body));
        }
        loops
    }

    /// Predecessors per block, one entry per edge, from reachable blocks only.
    pub(crate) fn predecessors(&self, order: &[BlockId]) -> Vec<Vec<BlockId>> {
        let mut predecessors = vec![Vec::new(); self.blocks.len()];
        for &block in order {
            for edge in self.successors(block) {
                predecessors[edge.block.index()].push(block);
            }
        }
        predecessors
    }

    /// Immediate dominator per block (the entry's is itself; `None` when unreachable).
    ///
    /// Source: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm".
    pub(crate) fn dominators(&self, order: &[BlockId]) -> Vec<Option<BlockId>> {
        let predecessors = self.predecessors(order);
        let mut position = vec![usize::MAX; self.blocks.len()];
        for (at, block) in order.iter().enumerate() {
            position[block.index()] = at;
        }
        let mut idom: Vec<Option<BlockId>> = vec![None; self.blocks.len()];
        idom[0] = Some(BlockId(0));
        let mut changed = true;
        while changed {
            changed = false;
            for &block in &order[1..] {
                let mut found: Option<BlockId> = None;
                for &before in predecessors[block.index()].iter().filter(|before| idom[before.index()].is_some()) {
                    found = Some(match found {
                        None => before,
                        Some(other) => meet(&idom, &position, before, other),
                    });
                }
                if idom[block.index()] != found {
                    idom[block.index()] = found;
                    changed = true;
                }
            }
        }
        idom
    }

    /// Calls `each` for every value a state mentions, callers' states included.
    pub(crate) fn state_values(&self, state: StateId, mut each: impl FnMut(Value)) {
        let mut next = Some(state);
        while let Some(state) = next {
            let state = &self.states[state.index()];
            state.registers.iter().for_each(|(_, value)| each(*value));
            next = state.parent;
        }
    }

    /// Replaces values everywhere: `with[value]` when given, followed through chains.
    pub(crate) fn replace(&mut self, with: &[Option<Value>]) {
        let resolve = |mut value: Value| {
            while let Some(Some(next)) = with.get(value.index()) {
                value = *next;
            }
            value
        };
        for block in &mut self.blocks {
            for inst in &mut block.insts {
                inst.args.iter_mut().for_each(|arg| *arg = resolve(*arg));
                for edge in &mut inst.targets {
                    edge.args.iter_mut().for_each(|arg| *arg = resolve(*arg));
                }
            }
        }
        for state in &mut self.states {
            state.registers.iter_mut().for_each(|(_, value)| *value = resolve(*value));
        }
    }
}

fn meet(idom: &[Option<BlockId>], position: &[usize], mut a: BlockId, mut b: BlockId) -> BlockId {
    while a != b {
        while position[a.index()] > position[b.index()] {
            a = idom[a.index()].expect("processed blocks have a dominator");
        }
        while position[b.index()] > position[a.index()] {
            b = idom[b.index()].expect("processed blocks have a dominator");
        }
    }
    a
}
