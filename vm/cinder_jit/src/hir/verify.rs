//! Invariants of HIR, checked after each pass in debug builds.
//!
//! * Reachable blocks end in their only terminator; jumps pass as many arguments as the target has parameters, of equal representation.
//! * Every value has one definition, which dominates its uses (those in frame states too).
//! * Arguments have the representation the row asks for; results are there exactly when the row produces one.
//! * Guards and observing operations have states; a state's parent belongs to the frame that contains its own.
//! * Indices of calls, allocations, frames and states exist; Return has the function's representation.

use super::ops::{Produces, effect};
use super::{BlockId, Function, Inst, Op, StateId, Type, Value};

type Check = Result<(), String>;

macro_rules! ensure {
    ($condition:expr, $($message:tt)*) => {
        if !$condition {
            return Err(format!($($message)*));
        }
    };
}

/// # Errors
/// The first violation, with its block.
pub(crate) fn verify(function: &Function) -> Check {
    ensure!(!function.blocks.is_empty(), "no blocks");
    let order = function.order();
    let definitions = definitions(function, &order)?;
    let dominators = function.dominators(&order);
    let checker = Checker { function, definitions, dominators };
    for block in order {
        checker.block(block).map_err(|reason| format!("b{}: {reason}", block.0))?;
    }
    Ok(())
}

/// Block and position of each value's definition; parameters stand before position 0.
fn definitions(function: &Function, order: &[BlockId]) -> Result<Vec<Option<(BlockId, usize)>>, String> {
    let mut found: Vec<Option<(BlockId, usize)>> = vec![None; function.types.len()];
    for block in order {
        let data = &function.blocks[block.index()];
        let results = data.insts.iter().enumerate().filter_map(|(at, inst)| Some((inst.result?, at + 1)));
        for (value, at) in data.params.iter().map(|param| (*param, 0)).chain(results) {
            let slot = found.get_mut(value.index()).ok_or(format!("v{} has no type", value.0))?;
            ensure!(slot.is_none(), "v{} is defined twice", value.0);
            *slot = Some((*block, at));
        }
    }
    Ok(found)
}

struct Checker<'check> {
    function: &'check Function,
    definitions: Vec<Option<(BlockId, usize)>>,
    dominators: Vec<Option<BlockId>>,
}

impl Checker<'_> {
    fn block(&self, block: BlockId) -> Check {
        let insts = &self.function.blocks[block.index()].insts;
        ensure!(insts.last().is_some_and(|last| last.op.has(effect::ENDS)), "no terminator");
        for (at, inst) in insts.iter().enumerate() {
            let inner = at + 1 < insts.len();
            ensure!(!inner || !inst.op.has(effect::ENDS), "a terminator in the middle");
            self.inst(block, at, inst).map_err(|reason| format!("{}: {reason}", inst.op.info().name))?;
        }
        Ok(())
    }

    fn inst(&self, block: BlockId, at: usize, inst: &Inst) -> Check {
        let info = inst.op.info();
        for arg in &inst.args {
            self.used(block, at, *arg)?;
        }
        if info.args != "*" {
            ensure!(info.args.len() == inst.args.len(), "{} arguments, needs {}", inst.args.len(), info.args.len());
            for (letter, arg) in info.args.bytes().zip(&inst.args) {
                let ty = self.function.ty(*arg);
                let good = match letter {
                    b'i' => ty == Type::Int,
                    b'd' => ty == Type::Double,
                    b't' => matches!(ty, Type::Tagged(_)),
                    _ => true,
                };
                ensure!(good, "v{} has the wrong representation", arg.0);
            }
        }
        ensure!((info.produces == Produces::Nothing) == inst.result.is_none(), "the result does not fit the row");
        if let Some(result) = inst.result {
            let expected = inst.op.result_type(None).map(Type::kind);
            ensure!(expected.is_none_or(|kind| kind == self.function.ty(result).kind()), "the result has another type");
        }
        ensure!(inst.op.needs_state() == inst.state.is_some(), "state and effects do not fit");
        if let Some(state) = inst.state {
            self.state(block, at, state)?;
        }
        let targets = match inst.op {
            Op::Jump => 1,
            Op::Branch => 2,
            _ => 0,
        };
        ensure!(inst.targets.len() == targets, "{} targets", inst.targets.len());
        for edge in &inst.targets {
            let params = &self.function.blocks.get(edge.block.index()).ok_or("no such block")?.params;
            ensure!(params.len() == edge.args.len(), "b{} takes {} values", edge.block.0, params.len());
            for (param, arg) in params.iter().zip(&edge.args) {
                self.used(block, at, *arg)?;
                let same = self.function.ty(*param).kind() == self.function.ty(*arg).kind();
                ensure!(same, "v{} does not fit v{}", arg.0, param.0);
            }
        }
        match inst.op {
            Op::Call => ensure!((inst.imm as usize) < self.function.calls.len(), "no such call"),
            Op::New => ensure!((inst.imm as usize) < self.function.allocations.len(), "no such allocation"),
            Op::Exec => ensure!(inst.args.len() == inst.homes.len(), "a home per argument"),
            Op::LoadField | Op::StoreField | Op::LoadItem | Op::StoreItem => ensure!(inst.slot.is_some(), "no slot"),
            Op::Return => {
                let kind = self.function.ty(inst.args[0]).kind();
                ensure!(self.function.result == Some(kind), "returns another representation");
            }
            _ => {}
        }
        Ok(())
    }

    fn state(&self, block: BlockId, at: usize, state: StateId) -> Check {
        let mut next = Some(state);
        let mut depth = None;
        while let Some(id) = next {
            let state = self.function.states.get(id.index()).ok_or("no such state")?;
            let frame = self.function.frames.get(state.frame.index()).ok_or("no such frame")?;
            ensure!(depth.is_none_or(|depth| depth == frame.depth + 1), "s{} is not of the calling frame", id.0);
            ensure!((frame.depth == 0) == state.parent.is_none(), "s{} lacks its caller's state", id.0);
            depth = Some(frame.depth);
            for (_, value) in &state.registers {
                self.used(block, at, *value)?;
            }
            next = state.parent;
        }
        Ok(())
    }

    /// `value` is defined before position `at` of `block`.
    fn used(&self, block: BlockId, at: usize, value: Value) -> Check {
        let definition = self.definitions.get(value.index()).copied().flatten();
        let (home, position) = definition.ok_or(format!("v{} is not defined", value.0))?;
        let before = if home == block { position <= at } else { self.dominates(home, block) };
        ensure!(before, "v{} is used before its definition", value.0);
        Ok(())
    }

    fn dominates(&self, above: BlockId, mut block: BlockId) -> bool {
        while block != above {
            match self.dominators[block.index()] {
                Some(next) if next != block => block = next,
                _ => return false,
            }
        }
        true
    }
}
