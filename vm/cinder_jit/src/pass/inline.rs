//! Inlines small static callees.
//!
//! Problem: a typed call costs a frame and hides what the callee does with its arguments.
//! Idea: build the callee's bytecode in place of the call, in a frame of its own whose states have the call's state as parent, and inline its
//! calls likewise. What still contains an observing operation is put back as a call, because inlined frames cannot be observed; callees that
//! only raise on their cold ways qualify, since those ways leave.
//! Holds: the callee's identity is an assumption, so the code depends on its valid word; budgets bound the growth.

use cinder_layout::jit::{CompileError, CompileRequest};
use rustc_hash::FxHashSet;

use crate::build::{Inlined, build_inlined, compilable};
use crate::hir::ops::effect::OBSERVES;
use crate::hir::{Block, BlockId, Edge, FrameId, Function, Inst, Op, Value};

/// Words of a callee.
const CALLEE_WORDS: usize = 120;
/// Words inlined into one function.
const TOTAL_WORDS: usize = 2_000;
const DEPTH: u32 = 4;

pub(crate) fn run(request: &CompileRequest, function: &mut Function) -> Result<(), CompileError> {
    if request.valid == 0 {
        return Ok(());
    }
    let mut inliner = Inliner { request, budget: TOTAL_WORDS, observed: FxHashSet::default() };
    // Inlined blocks are appended and were looked at when their call was.
    let blocks = function.blocks.len();
    for block in 0..blocks as u32 {
        inliner.calls_in(function, BlockId(block));
    }
    Ok(())
}

struct Inliner<'pass> {
    request: &'pass CompileRequest,
    /// Words that may still be inlined.
    budget: usize,
    /// Callees that were put back because they can be observed.
    observed: FxHashSet<usize>,
}

impl Inliner<'_> {
    /// Inlines calls of a block, from its end so that earlier positions stay.
    fn calls_in(&mut self, function: &mut Function, block: BlockId) {
        if function.blocks[block.index()].cold {
            return;
        }
        for at in (0..function.blocks[block.index()].insts.len()).rev() {
            if function.blocks[block.index()].insts[at].op == Op::Call {
                self.try_inline(function, block, at);
            }
        }
    }

    /// Whether the call was inlined.
    fn try_inline(&mut self, function: &mut Function, block: BlockId, at: usize) -> bool {
        let call = &function.blocks[block.index()].insts[at];
        let site = &function.calls[call.imm as usize];
        let Some(callee) = site.inline else { return false };
        let Some(facts) = self.request.unit.functions.get(callee) else { return false };
        let words = facts.code.instructions.len();
        let parent = call.state.expect("calls have states");
        let frame = function.states[parent.index()].frame;
        let depth = function.frames[frame.index()].depth + 1;
        if words > CALLEE_WORDS.min(self.budget)
            || depth > DEPTH
            || compilable(&facts.code).is_err()
            || runs(function, frame, parent, callee)
            || self.observed.contains(&callee)
        {
            return false;
        }
        if facts.code.parameter_count() as usize != call.args.len() {
            return false;
        }
        let offset =
            function.frames[frame.index()].offset + u32::from(site.base) + u32::from(cinder_bytecode::FRAME_HEADER);
        let saved = Saved::new(function, block);
        self.budget -= words;
        let inlined = Inlined { function: callee, offset, depth, parent };
        let first_new = function.blocks.len();
        if splice(self.request, function, block, at, inlined).is_ok() {
            // The callee's own calls, in blocks after the continuation.
            for new in first_new + 1..function.blocks.len() {
                self.calls_in(function, BlockId(new as u32));
            }
            let observed = function.blocks[first_new + 1..]
                .iter()
                .flat_map(|block| &block.insts)
                .any(|inst| inst.op.has(OBSERVES));
            if !observed {
                function.uses_valid = true;
                return true;
            }
            // Deep callees may only have met a limit.
            if depth == 1 {
                self.observed.insert(callee);
            }
        }
        saved.restore(function);
        self.budget += words;
        false
    }
}

/// A function before one of its blocks was cut: inlining changes that block and appends otherwise.
struct Saved {
    block: BlockId,
    insts: Vec<Inst>,
    blocks: usize,
    types: usize,
    states: usize,
    frames: usize,
    calls: usize,
    allocations: usize,
    uses_valid: bool,
}

impl Saved {
    fn new(function: &Function, block: BlockId) -> Saved {
        Saved {
            block,
            insts: function.blocks[block.index()].insts.clone(),
            blocks: function.blocks.len(),
            types: function.types.len(),
            states: function.states.len(),
            frames: function.frames.len(),
            calls: function.calls.len(),
            allocations: function.allocations.len(),
            uses_valid: function.uses_valid,
        }
    }

    fn restore(self, function: &mut Function) {
        function.blocks[self.block.index()].insts = self.insts;
        function.blocks.truncate(self.blocks);
        function.types.truncate(self.types);
        function.states.truncate(self.states);
        function.frames.truncate(self.frames);
        function.calls.truncate(self.calls);
        function.allocations.truncate(self.allocations);
        function.uses_valid = self.uses_valid;
    }
}

/// Whether the callee runs already in the call's chain of frames.
fn runs(function: &Function, frame: FrameId, state: crate::hir::StateId, callee: usize) -> bool {
    let mut frame = frame;
    let mut state = state;
    loop {
        if function.frames[frame.index()].function == callee {
            return true;
        }
        match function.states[state.index()].parent {
            Some(parent) => {
                state = parent;
                frame = function.states[parent.index()].frame;
            }
            None => return false,
        }
    }
}

/// Replaces the call by the callee's body: the block is cut behind the call, and the rest continues with the result.
fn splice(
    request: &CompileRequest,
    function: &mut Function,
    block: BlockId,
    at: usize,
    inlined: Inlined,
) -> Result<(), CompileError> {
    let continuation = function.block();
    let mut rest = function.blocks[block.index()].insts.split_off(at);
    let call = rest.remove(0);
    let result: Value = call.result.expect("calls have results");
    // The call's result becomes the continuation's parameter.
    function.blocks[continuation.index()] =
        Block { params: vec![result], insts: rest, cold: function.blocks[block.index()].cold };
    let entry = function.block();
    let jump = Inst { targets: vec![Edge { block: entry, args: Vec::new() }], ..Inst::new(Op::Jump, &[], 0) };
    function.blocks[block.index()].insts.push(jump);
    build_inlined(request, function, inlined, entry, &call.args, continuation)
}
