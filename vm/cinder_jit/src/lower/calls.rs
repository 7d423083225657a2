//! Operations that others can watch: typed calls, execution by the interpreter, truth.

use cinder_bytecode::{FRAME_HEADER, Instruction, RegisterKind, shape};
use cinder_layout::encoding;
use cinder_layout::jit::{CallTarget, EntryCell, JitVm, executed, frame};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{self, BlockArg, InstBuilder};

use super::{Lowering, region, typed_signature};
use crate::hir::{BlockId, Inst, Op, StateId};

impl Lowering<'_> {
    pub(super) fn observing(&mut self, block: BlockId, inst: &Inst) {
        match inst.op {
            Op::Call => self.call(block, inst),
            Op::Exec => self.exec(block, inst),
            Op::Truth => self.truth(block, inst),
            _ => unreachable!("observing operations are these"),
        }
    }

    /// Brings the frame up to date: named tagged locals at home, the word saved.
    fn observe(&mut self, state: StateId) {
        let state = &self.f.states[state.index()];
        debug_assert!(state.parent.is_none(), "inlined code observes nothing");
        let code = &self.request.unit.functions[0].code;
        let locals = code.locals.len();
        for &(register, value) in &state.registers {
            if usize::from(register) < locals && code.register_kind(register) == RegisterKind::Tagged {
                self.send_home(u32::from(register), value);
            }
        }
        let word = self.iconst(i64::from(state.word));
        self.store(region::FRAME, word, self.fp, frame::SAVED_IP);
    }

    /// Stores a value where the interpreter looks for it, in the representation of that register.
    fn send_home(&mut self, slot: u32, value: crate::hir::Value) {
        if self.homes.get(slot) != Some(value) {
            let is_raw = self.request.unit.functions[0].code.register_kind(slot as u16) != RegisterKind::Tagged;
            let full = if is_raw { self.full(value) } else { self.boxed(value) };
            self.store(region::FRAME, full, self.fp, slot as i32 * 8);
            self.homes.set(slot, value);
        }
    }

    fn become_innermost(&mut self) {
        self.store(region::VM, self.fp, self.vm, JitVm::FRAME_OFFSET);
    }

    fn call(&mut self, block: BlockId, inst: &Inst) {
        let state = inst.state.expect("calls have states");
        let site = &self.f.calls[inst.imm as usize];
        self.observe(state);
        let base = u32::from(site.base) + u32::from(FRAME_HEADER);
        let callee = self.b.ins().iadd_imm_s(self.fp, i64::from(base) * 8);
        let cell = match &site.target {
            CallTarget::Cell(address) => self.iconst(*address as i64),
            CallTarget::Found => self.full(*inst.args.last().expect("the builder passed the cell")),
            CallTarget::Shapes(_) => unreachable!("the builder makes a call per shape"),
        };
        let callable = self.load(I64, region::CELL, cell, EntryCell::CALLABLE_OFFSET);
        self.store(region::FRAME, callable, callee, frame::CALLABLE);
        self.store(region::FRAME, self.fp, callee, frame::CALLER);
        let entry = self.load(I64, region::CELL, cell, EntryCell::ENTRY_OFFSET);
        let passed = &inst.args[..inst.args.len() - usize::from(site.target == CallTarget::Found)];
        let kinds = passed.iter().map(|arg| self.f.ty(*arg).kind());
        let signature = typed_signature(kinds, site.result);
        let signature = self.b.import_signature(signature);
        let mut args = vec![self.vm, callee];
        for arg in passed {
            let value = self.full(*arg);
            args.push(value);
        }
        let call = self.b.ins().call_indirect(signature, entry, &args);
        let results = self.b.inst_results(call).to_vec();
        self.homes.truncate(base - u32::from(FRAME_HEADER));
        let status = *results.last().expect("calls have results");
        let raised = self.b.ins().icmp_imm_s(IntCC::Equal, status, 0);
        self.raise_if(block, inst, raised);
        self.set(inst, results[0]);
    }

    fn exec(&mut self, block: BlockId, inst: &Inst) {
        let state = inst.state.expect("execution has a state");
        for (arg, home) in inst.args.iter().zip(&inst.homes) {
            self.send_home(u32::from(*home), *arg);
        }
        self.observe(state);
        self.become_innermost();
        let word = self.f.states[state.index()].word;
        let at = self.iconst(i64::from(word));
        let execute = self.request.unit.helpers.execute;
        let status = self.helper(execute, &[I64, I64, I64], &[I64], &[self.vm, self.fp, at])[0];
        let code = &*self.request.unit.functions[0].code;
        let instruction = Instruction::decode(&code.instructions, word as usize).expect("verified code decodes");
        if let Some(base) = shape::call_base(&instruction) {
            self.homes.truncate(u32::from(base));
        }
        shape::visit(code, &instruction, |used| {
            use shape::Access;
            if matches!(used.access, Access::Write | Access::WriteMaybe | Access::Clear | Access::WriteCell) {
                self.homes.remove(used.register);
            }
        });
        let raised = self.b.ins().icmp_imm_s(IntCC::Equal, status, executed::RAISED as i64);
        self.raise_if(block, inst, raised);
        self.set(inst, status);
    }

    fn truth(&mut self, block: BlockId, inst: &Inst) {
        let value = self.full(inst.args[0]);
        let done = self.b.create_block();
        let result = self.b.append_block_param(done, I64);
        let (one, zero) = (self.iconst(1), self.iconst(0));
        // What is at home after the slow way is at home only there.
        let homes = self.homes.clone();
        for (word, truth) in [(encoding::TRUE, one), (encoding::FALSE, zero), (encoding::NONE, zero)] {
            let same = self.b.ins().icmp_imm_s(IntCC::Equal, value, word as i64);
            let next = self.b.create_block();
            let none = std::iter::empty::<&BlockArg>();
            self.b.ins().brif(same, done, [BlockArg::Value(truth)].iter(), next, none);
            self.b.switch_to_block(next);
        }
        self.observe(inst.state.expect("truth has a state"));
        self.become_innermost();
        let helper = self.request.unit.helpers.truth;
        let status = self.helper(helper, &[I64, I64], &[I64], &[self.vm, value])[0];
        let raised = self.b.ins().icmp_imm_s(IntCC::Equal, status, 0);
        self.raise_if(block, inst, raised);
        let truth = self.b.ins().iadd_imm_s(status, -1);
        self.b.ins().jump(done, [BlockArg::Value(truth)].iter());
        self.b.switch_to_block(done);
        let version = self.homes.version;
        self.homes = homes;
        self.homes.version = version + 1;
        self.set(inst, result);
    }

    /// A tagged word of a value in any representation.
    fn boxed(&mut self, value: crate::hir::Value) -> ir::Value {
        match self.f.ty(value) {
            crate::hir::Type::Tagged(_) => self.full(value),
            crate::hir::Type::Int => {
                let full = self.full(value);
                self.box_int(full, true)
            }
            crate::hir::Type::Double => {
                let full = self.full(value);
                self.box_double(full)
            }
        }
    }

    /// Makes the frame fit for a helper that may collect but runs nothing: complete header, innermost.
    pub(super) fn fit_for_collection(&mut self) {
        if !self.observes && !self.osr {
            self.write_header(0);
        }
        self.become_innermost();
    }
}
