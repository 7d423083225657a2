//! Removes what nobody uses: results of droppable operations, and block parameters.
//!
//! Idea: mark from what has effects (and its states' values), follow uses backwards, and follow a used parameter to the arguments passed to it.
//! Holds: a parameter that only feeds itself around a loop is not used.

use cinder_layout::jit::{CompileError, CompileRequest};

use crate::hir::{BlockId, Function, Value};

pub(crate) fn run(_: &CompileRequest, function: &mut Function) -> Result<(), CompileError> {
    remove_unused(function);
    Ok(())
}

#[derive(Clone, Copy)]
enum Definition {
    Inst(BlockId, usize),
    Param(BlockId, usize),
}

pub(crate) fn remove_unused(function: &mut Function) {
    let order = function.order();
    let predecessors = function.predecessors(&order);
    let mut definitions: Vec<Option<Definition>> = vec![None; function.types.len()];
    let mut used = vec![false; function.types.len()];
    let mut pending: Vec<Value> = Vec::new();
    for &block in &order {
        let data = &function.blocks[block.index()];
        for (at, param) in data.params.iter().enumerate() {
            definitions[param.index()] = Some(Definition::Param(block, at));
        }
        for (at, inst) in data.insts.iter().enumerate() {
            if let Some(result) = inst.result {
                definitions[result.index()] = Some(Definition::Inst(block, at));
            }
            if !inst.op.is_droppable() {
                pending.extend(&inst.args);
                if let Some(state) = inst.state {
                    function.state_values(state, |value| pending.push(value));
                }
            }
        }
    }
    while let Some(value) = pending.pop() {
        if std::mem::replace(&mut used[value.index()], true) {
            continue;
        }
        match definitions[value.index()] {
            Some(Definition::Inst(block, at)) => {
                let inst = &function.blocks[block.index()].insts[at];
                if inst.op.is_droppable() {
                    pending.extend(&inst.args);
                }
            }
            Some(Definition::Param(block, at)) => {
                for before in &predecessors[block.index()] {
                    let edges = function.successors(*before).filter(|edge| edge.block == block);
                    pending.extend(edges.map(|edge| edge.args[at]));
                }
            }
            None => {}
        }
    }
    sweep(function, &order, &used);
}

fn sweep(function: &mut Function, order: &[BlockId], used: &[bool]) {
    // The entry's parameters are the function's.
    let kept: Vec<Vec<bool>> = function
        .blocks
        .iter()
        .enumerate()
        .map(|(block, data)| data.params.iter().map(|param| block == 0 || used[param.index()]).collect())
        .collect();
    for &block in order {
        let data = &mut function.blocks[block.index()];
        data.insts.retain(|inst| !inst.op.is_droppable() || inst.result.is_none_or(|result| used[result.index()]));
        let keep = &kept[block.index()];
        let mut at = 0;
        data.params.retain(|_| {
            at += 1;
            keep[at - 1]
        });
        for edge in data.insts.last_mut().into_iter().flat_map(|last| &mut last.targets) {
            let keep = &kept[edge.block.index()];
            let mut at = 0;
            edge.args.retain(|_| {
                at += 1;
                keep[at - 1]
            });
        }
    }
}
