//! Guards and the way out.

use cinder_bytecode::RegisterKind;
use cinder_layout::jit::{BoxKind, DeoptFrame, DeoptPoint, Resume};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, MemFlagsData};

use super::{ExitKey, Lowering, PendingExit, region};
use crate::hir::{BlockId, Inst, StateId, Type};

impl Lowering<'_> {
    /// Leaves before the instruction when `failed` is not 0 (with `CINDER_DEOPT=always` in any case).
    pub(super) fn guard(&mut self, block: BlockId, inst: &Inst, failed: ir::Value, reason: &'static str) {
        let state = inst.state.expect("guards have states");
        let exit = self.exit(block, state, false, reason);
        let next = self.b.create_block();
        let none = std::iter::empty::<&BlockArg>;
        if self.request.deopt_always {
            let one = self.iconst(1);
            self.b.ins().brif(one, exit, none(), next, none());
        } else {
            self.b.ins().brif(failed, exit, none(), next, none());
        }
        self.b.switch_to_block(next);
    }

    /// Leaves with the pending exception when `raised` is not 0.
    pub(super) fn raise_if(&mut self, block: BlockId, inst: &Inst, raised: ir::Value) {
        let state = inst.state.expect("what raises has a state");
        let exit = self.exit(block, state, true, "exception");
        let next = self.b.create_block();
        let none = std::iter::empty::<&BlockArg>;
        self.b.ins().brif(raised, exit, none(), next, none());
        self.b.switch_to_block(next);
    }

    /// The block that leaves with `state`; shared by equal exits of a block. The current block stays current.
    pub(super) fn exit(&mut self, block: BlockId, state: StateId, raises: bool, reason: &'static str) -> ir::Block {
        let key = ExitKey { block, state, raises, homes: self.homes.version, reason };
        if let Some(exit) = self.exits.get(&key) {
            return *exit;
        }
        let exit = self.b.create_block();
        self.b.set_cold_block(exit);
        self.pending.push(PendingExit { block: exit, state, raises, reason, homes: self.homes.clone() });
        self.exits.insert(key, exit);
        exit
    }

    /// Fills the exit blocks, when all others are filled.
    pub(super) fn emit_exits(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return;
        }
        let tail = self.b.create_block();
        self.b.set_cold_block(tail);
        for (number, exit) in (0..).zip(pending) {
            self.b.switch_to_block(exit.block);
            self.homes = exit.homes;
            let frames = self.store_frames(exit.state);
            let resume = if exit.raises { Resume::Raise } else { Resume::Before };
            self.points.push(DeoptPoint { resume, frames, reason: exit.reason });
            let number = self.iconst(number);
            self.b.ins().jump(tail, [BlockArg::Value(number)].iter());
        }
        self.emit_tail(tail);
    }

    /// Stores what the state's frames lack; outermost first.
    fn store_frames(&mut self, state: StateId) -> Vec<DeoptFrame> {
        let mut chain = vec![state];
        while let Some(parent) = self.f.states[chain[chain.len() - 1].index()].parent {
            chain.push(parent);
        }
        let f = self.f;
        let mut frames = Vec::new();
        for state in chain.into_iter().rev() {
            let state = &f.states[state.index()];
            let frame = &f.frames[state.frame.index()];
            let code = &self.request.unit.functions[frame.function].code;
            let mut boxes = Vec::new();
            for &(register, value) in &state.registers {
                let slot = frame.offset + u32::from(register);
                let kind = code.register_kind(register);
                let ty = f.ty(value);
                // What is at home was boxed on the way there.
                if self.homes.get(slot) == Some(value) {
                    continue;
                }
                if kind == RegisterKind::Tagged {
                    match ty {
                        Type::Int => boxes.push((register, BoxKind::Int)),
                        Type::Double => boxes.push((register, BoxKind::Double)),
                        Type::Tagged(_) => {}
                    }
                }
                let full = self.full(value);
                self.store(region::FRAME, full, self.fp, slot as i32 * 8);
            }
            frames.push(DeoptFrame { function: frame.function, word: state.word, offset: frame.offset, boxes });
        }
        frames
    }

    /// Calls `deopt` with the point's number and returns what it answers.
    fn emit_tail(&mut self, tail: ir::Block) {
        self.b.switch_to_block(tail);
        let point = self.b.append_block_param(tail, I64);
        let id = self.iconst(self.request.code_id as i64);
        let deopt = self.request.unit.helpers.deopt;
        let results = self.helper(deopt, &[I64, I64, I64, I64], &[I64, I64], &[self.vm, self.fp, id, point]);
        let results = match (self.osr, self.result) {
            (true, _) | (false, RegisterKind::Int) => results,
            (false, RegisterKind::Tagged) => {
                let zero = self.iconst(0);
                let raised = self.b.ins().icmp_imm_s(IntCC::Equal, results[1], 0);
                vec![self.b.ins().select(raised, zero, results[0])]
            }
            (false, RegisterKind::Double) => {
                let value = self.b.ins().bitcast(F64, MemFlagsData::new(), results[0]);
                vec![value, results[1]]
            }
        };
        self.b.ins().return_(&results);
    }
}
