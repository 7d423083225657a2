//! HIR to CLIF.
//!
//! Problem: Cranelift has no frames, guards or tags.
//! Idea: each operation becomes a few instructions; each guard a branch to a cold block that stores what is not at home and jumps to one common
//! tail, which calls `deopt` with the point's number. Which values are at home is tracked per block, so that locals are stored once.
//! Holds: the contract of [`cinder_layout::jit`]; a value is at home only if its register's slot holds it on every path.

use std::rc::Rc;

use cinder_bytecode::{FastKind, RegisterKind};
use cinder_layout::jit::{CompileRequest, Containers, DeoptPoint, JitVm, SequenceFact, frame};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I8, I64};
use cranelift_codegen::ir::{
    self, AbiParam, AliasRegionData, BlockArg, InstBuilder, MemFlagsData, SigRef, Signature, TrapCode,
};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use rustc_hash::FxHashMap;

use crate::hir::{BlockId, Function, Inst, Op, StateId, Type, Value, ops::effect};

mod calls;
mod exits;
mod memory;
mod numbers;
mod power;
mod wrappers;

pub(crate) use wrappers::{stub, window_entry};

/// Layout of a builtin container.
pub(crate) fn container(containers: &Containers, kind: FastKind) -> Option<&SequenceFact> {
    match kind {
        FastKind::List => containers.list.as_ref(),
        FastKind::CheckedList => containers.checked_list.as_ref(),
        FastKind::Tuple => containers.tuple.as_ref(),
        FastKind::Array => containers.array.as_ref(),
        FastKind::Str => containers.str.as_ref(),
        FastKind::Dict | FastKind::CheckedDict => containers.dict.as_ref(),
        FastKind::Set => containers.set.as_ref(),
        FastKind::Any => None,
    }
}

/// What lowering asks of the machine.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) config: TargetFrontendConfig,
    /// It multiplies and adds with one rounding.
    pub(crate) has_fma: bool,
}

/// A function in CLIF with the points its exits name.
pub(crate) struct Lowered {
    pub(crate) clif: ir::Function,
    pub(crate) points: Vec<DeoptPoint>,
    pub(crate) writes_header: bool,
}

/// Signature of a typed entry: `(vm, fp, args..)`.
pub(crate) fn typed_signature(parameters: impl Iterator<Item = RegisterKind>, result: RegisterKind) -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.extend([AbiParam::new(I64), AbiParam::new(I64)]);
    signature.params.extend(parameters.map(|kind| AbiParam::new(clif_type(kind))));
    signature.returns.push(AbiParam::new(clif_type(result)));
    if result != RegisterKind::Tagged {
        signature.returns.push(AbiParam::new(I64));
    }
    signature
}

/// Signature of a window entry: `(vm, fp) -> (value, status)`.
pub(crate) fn window_signature() -> Signature {
    plain_signature(&[I64, I64], &[I64, I64])
}

pub(crate) fn plain_signature(params: &[ir::Type], returns: &[ir::Type]) -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.extend(params.iter().map(|ty| AbiParam::new(*ty)));
    signature.returns.extend(returns.iter().map(|ty| AbiParam::new(*ty)));
    signature
}

pub(crate) fn clif_type(kind: RegisterKind) -> ir::Type {
    if kind == RegisterKind::Double { F64 } else { I64 }
}

/// Lowers a verified function.
pub(crate) fn lower(request: &CompileRequest, function: &Function, target: Target) -> Lowered {
    let root = &request.unit.functions[0].code;
    let result = function.result.unwrap_or(RegisterKind::Tagged);
    let osr = request.osr.is_some();
    let signature = if osr {
        window_signature()
    } else {
        let params = &function.blocks[0].params;
        typed_signature(params.iter().map(|param| function.ty(*param).kind()), result)
    };
    let mut clif = ir::Function::with_name_signature(ir::UserFuncName::default(), signature);
    let mut context = FunctionBuilderContext::new();
    let observes = function
        .order()
        .iter()
        .any(|block| function.blocks[block.index()].insts.iter().any(|inst| inst.op.has(effect::OBSERVES)));
    let mut lowering = Lowering {
        b: FunctionBuilder::new(&mut clif, &mut context),
        request,
        f: function,
        vm: ir::Value::from_u32(0),
        fp: ir::Value::from_u32(0),
        target,
        definitions: definitions(function),
        values: vec![None; function.types.len()],
        blocks: Vec::new(),
        homes: Homes::default(),
        leaving: vec![None; function.blocks.len()],
        points: Vec::new(),
        exits: FxHashMap::default(),
        pending: Vec::new(),
        signatures: FxHashMap::default(),
        observes,
        osr,
        result,
        register_count: root.register_count,
    };
    lowering.run();
    let points = std::mem::take(&mut lowering.points);
    lowering.b.seal_all_blocks();
    lowering.b.finalize(target.config);
    Lowered { clif, points, writes_header: observes || osr }
}

fn definitions(function: &Function) -> Vec<Option<&Inst>> {
    let mut definitions = vec![None; function.types.len()];
    for inst in function.blocks.iter().flat_map(|block| &block.insts) {
        if let Some(result) = inst.result {
            definitions[result.index()] = Some(inst);
        }
    }
    definitions
}

/// A value in CLIF: a word or double, or a one-byte truth that becomes a word when asked.
#[derive(Clone, Copy)]
enum Held {
    Full(ir::Value),
    Flag(ir::Value),
}

/// What the window's slots hold, by words from the outermost register 0.
#[derive(Clone, Default)]
struct Homes {
    slots: Rc<FxHashMap<u32, Value>>,
    /// Counts changes, so that equal numbers in one block mean equal contents.
    version: u32,
}

impl Homes {
    fn get(&self, slot: u32) -> Option<Value> {
        self.slots.get(&slot).copied()
    }

    fn set(&mut self, slot: u32, value: Value) {
        if self.get(slot) != Some(value) {
            Rc::make_mut(&mut self.slots).insert(slot, value);
            self.version += 1;
        }
    }

    fn remove(&mut self, slot: u32) {
        if self.slots.contains_key(&slot) {
            Rc::make_mut(&mut self.slots).remove(&slot);
            self.version += 1;
        }
    }

    fn truncate(&mut self, from: u32) {
        if self.slots.keys().any(|slot| *slot >= from) {
            Rc::make_mut(&mut self.slots).retain(|slot, _| *slot < from);
            self.version += 1;
        }
    }
}

/// Key of a shared exit block.
#[derive(PartialEq, Eq, Hash)]
struct ExitKey {
    block: BlockId,
    state: StateId,
    raises: bool,
    homes: u32,
    reason: &'static str,
}

/// An exit block to be filled, with the homes where it branches off.
struct PendingExit {
    block: ir::Block,
    state: StateId,
    raises: bool,
    reason: &'static str,
    homes: Homes,
}

struct Lowering<'a> {
    b: FunctionBuilder<'a>,
    request: &'a CompileRequest,
    f: &'a Function,
    vm: ir::Value,
    fp: ir::Value,
    target: Target,
    /// The instruction whose result a value is.
    definitions: Vec<Option<&'a Inst>>,
    values: Vec<Option<Held>>,
    blocks: Vec<Option<ir::Block>>,
    homes: Homes,
    /// Homes at the end of each finished block.
    leaving: Vec<Option<Homes>>,
    points: Vec<DeoptPoint>,
    exits: FxHashMap<ExitKey, ir::Block>,
    pending: Vec<PendingExit>,
    signatures: FxHashMap<(Vec<ir::Type>, Vec<ir::Type>), SigRef>,
    observes: bool,
    osr: bool,
    result: RegisterKind,
    register_count: u32,
}

/// Alias regions: memory of different regions never overlaps. Fields have the region of their offset, since equal addresses mean equal
/// objects and equal offsets.
mod region {
    pub(super) const FRAME: u32 = 1 << 20;
    pub(super) const VM: u32 = FRAME + 1;
    pub(super) const HEADER: u32 = FRAME + 2;
    pub(super) const LENGTH: u32 = FRAME + 3;
    pub(super) const STORAGE: u32 = FRAME + 4;
    pub(super) const TAGGED_ITEMS: u32 = FRAME + 5;
    pub(super) const RAW_ITEMS: u32 = FRAME + 6;
    pub(super) const CELL: u32 = FRAME + 7;
}

impl<'a> Lowering<'a> {
    fn run(&mut self) {
        let order = self.f.order();
        let predecessors = self.f.predecessors(&order);
        self.blocks = vec![None; self.f.blocks.len()];
        for block in &order {
            let clif = self.b.create_block();
            self.blocks[block.index()] = Some(clif);
            if self.f.blocks[block.index()].cold {
                self.b.set_cold_block(clif);
            }
        }
        let entry = self.b.create_block();
        self.b.append_block_params_for_function_params(entry);
        self.b.switch_to_block(entry);
        let params: Vec<ir::Value> = self.b.block_params(entry).to_vec();
        self.vm = params[0];
        self.fp = params[1];
        self.prologue();
        let first = self.clif_block(BlockId(0));
        let args: Vec<BlockArg> = params[2..].iter().map(|value| BlockArg::Value(*value)).collect();
        self.b.ins().jump(first, args.iter());
        for block in &order {
            self.block(*block, &predecessors[block.index()]);
        }
        self.emit_exits();
    }

    fn clif_block(&self, block: BlockId) -> ir::Block {
        self.blocks[block.index()].expect("reachable blocks have a CLIF block")
    }

    fn block(&mut self, block: BlockId, predecessors: &[BlockId]) {
        let clif = self.clif_block(block);
        self.b.switch_to_block(clif);
        let f = self.f;
        for param in &f.blocks[block.index()].params {
            let value = self.b.append_block_param(clif, clif_type(f.ty(*param).kind()));
            self.values[param.index()] = Some(Held::Full(value));
        }
        self.homes = self.entry_homes(block, predecessors);
        for inst in &f.blocks[block.index()].insts {
            self.inst(block, inst);
        }
        self.leaving[block.index()] = Some(self.homes.clone());
    }

    /// What is at home on every way in; nothing at loop headers, whose back edges are not known yet.
    fn entry_homes(&self, block: BlockId, predecessors: &[BlockId]) -> Homes {
        let nothing = Homes::default();
        let Some((first, rest)) = predecessors.split_first() else { return nothing };
        let Some(homes) = &self.leaving[first.index()] else { return nothing };
        if rest.iter().any(|before| self.leaving[before.index()].is_none()) {
            return nothing;
        }
        let params = &self.f.blocks[block.index()].params;
        if rest.is_empty() && params.is_empty() {
            return homes.clone();
        }
        let mut slots = FxHashMap::default();
        'slots: for (slot, value) in homes.slots.iter() {
            // The value itself, or a parameter that gets what each way has at home.
            let mut candidates: Vec<Value> = Vec::new();
            for edge in self.f.successors(*first).filter(|edge| edge.block == block) {
                for (param, arg) in params.iter().zip(&edge.args) {
                    if arg == value {
                        candidates.push(*param);
                    }
                }
            }
            candidates.push(*value);
            for candidate in candidates {
                let at = params.iter().position(|param| *param == candidate);
                let everywhere = predecessors.iter().all(|before| {
                    let home = self.leaving[before.index()].as_ref().and_then(|homes| homes.get(*slot));
                    self.f.successors(*before).filter(|edge| edge.block == block).all(|edge| match at {
                        Some(at) => home == Some(edge.args[at]),
                        None => home == Some(candidate),
                    })
                });
                if everywhere {
                    slots.insert(*slot, candidate);
                    continue 'slots;
                }
            }
        }
        Homes { slots: Rc::new(slots), version: 0 }
    }

    fn inst(&mut self, block: BlockId, inst: &Inst) {
        match inst.op {
            Op::Jump => {
                let edge = &inst.targets[0];
                let args = self.edge_args(&edge.args);
                let target = self.clif_block(edge.block);
                self.b.ins().jump(target, args.iter());
            }
            Op::Branch => {
                let condition = match self.held(inst.args[0]) {
                    Held::Full(value) | Held::Flag(value) => value,
                };
                let (then, otherwise) = (&inst.targets[0], &inst.targets[1]);
                let (then_args, otherwise_args) = (self.edge_args(&then.args), self.edge_args(&otherwise.args));
                let (then, otherwise) = (self.clif_block(then.block), self.clif_block(otherwise.block));
                self.b.ins().brif(condition, then, then_args.iter(), otherwise, otherwise_args.iter());
            }
            Op::Return => self.finish(inst.args[0]),
            Op::Leave => {
                let exit = self.exit(block, inst.state.expect("exits have states"), false, "leaves");
                self.b.ins().jump(exit, std::iter::empty::<&BlockArg>());
            }
            Op::Call | Op::Exec | Op::Truth => self.observing(block, inst),
            Op::Safepoint => {
                let word = self.load(I64, region::VM, self.vm, JitVm::INTERRUPT_OFFSET);
                let wanted = self.b.ins().icmp_imm_s(IntCC::NotEqual, word, 0);
                self.guard(block, inst, wanted, "interrupt");
            }
            Op::CheckValid => {
                if self.f.uses_valid && self.request.valid != 0 {
                    let address = self.b.ins().iconst(I64, self.request.valid as i64);
                    let word = self.load(I64, region::CELL, address, 0);
                    let broken = self.b.ins().icmp_imm_s(IntCC::Equal, word, 0);
                    self.guard(block, inst, broken, "an assumption broke");
                }
            }
            op if op.has(effect::READS | effect::WRITES | effect::HOME) || matches!(op, Op::New | Op::CheckIndex) => {
                self.memory(block, inst);
            }
            _ => self.number(block, inst),
        }
    }

    fn edge_args(&mut self, args: &[Value]) -> Vec<BlockArg> {
        args.iter().map(|arg| BlockArg::Value(self.full(*arg))).collect()
    }

    fn held(&self, value: Value) -> Held {
        self.values[value.index()].expect("definitions come before uses")
    }

    /// The word or double.
    fn full(&mut self, value: Value) -> ir::Value {
        match self.held(value) {
            Held::Full(full) => full,
            Held::Flag(flag) => self.b.ins().uextend(I64, flag),
        }
    }

    fn set(&mut self, inst: &Inst, value: ir::Value) {
        if let Some(result) = inst.result {
            self.values[result.index()] = Some(Held::Full(value));
        }
    }

    fn set_flag(&mut self, inst: &Inst, flag: ir::Value) {
        if let Some(result) = inst.result {
            self.values[result.index()] = Some(Held::Flag(flag));
        }
    }

    fn flags(&mut self, region: u32) -> MemFlagsData {
        let description = std::borrow::Cow::Borrowed(match region {
            region::FRAME => "frame",
            region::VM => "vm",
            region::HEADER => "header",
            region::LENGTH => "length",
            region::STORAGE => "storage",
            region::TAGGED_ITEMS => "items",
            region::RAW_ITEMS => "raw items",
            region::CELL => "cell",
            _ => "field",
        });
        let region = self.b.func.dfg.alias_regions.insert(AliasRegionData { user_id: region, description });
        MemFlagsData::trusted().with_alias_region(Some(region))
    }

    fn load(&mut self, ty: ir::Type, region: u32, address: ir::Value, offset: i32) -> ir::Value {
        let flags = self.flags(region);
        self.b.ins().load(ty, flags, address, offset)
    }

    fn store(&mut self, region: u32, value: ir::Value, address: ir::Value, offset: i32) {
        let flags = self.flags(region);
        self.b.ins().store(flags, value, address, offset);
    }

    fn iconst(&mut self, value: i64) -> ir::Value {
        self.b.ins().iconst(I64, value)
    }

    /// Continues in a new block when `condition` is 0 and in `cold` otherwise, which the caller fills; answers the new block.
    fn split(&mut self, condition: ir::Value) -> (ir::Block, ir::Block) {
        let (cold, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(cold);
        let none = std::iter::empty::<&BlockArg>;
        self.b.ins().brif(condition, cold, none(), next, none());
        (cold, next)
    }

    fn helper(
        &mut self,
        address: usize,
        params: &[ir::Type],
        returns: &[ir::Type],
        args: &[ir::Value],
    ) -> Vec<ir::Value> {
        let key = (params.to_vec(), returns.to_vec());
        let signature = match self.signatures.get(&key) {
            Some(signature) => *signature,
            None => {
                let signature = self.b.import_signature(plain_signature(params, returns));
                self.signatures.insert(key, signature);
                signature
            }
        };
        let callee = self.iconst(address as i64);
        let call = self.b.ins().call_indirect(signature, callee, args);
        self.b.inst_results(call).to_vec()
    }

    /// Limits and header, for functions whose frames others see.
    fn prologue(&mut self) {
        if self.osr {
            let flags = self.load(I64, region::FRAME, self.fp, frame::FLAGS);
            let flags = self.b.ins().bor_imm_s(flags, frame::COMPILED as i64);
            self.store(region::FRAME, flags, self.fp, frame::FLAGS);
            return;
        }
        if !self.observes {
            return;
        }
        self.write_header(0);
        let end = self.b.ins().iadd_imm_s(self.fp, i64::from(self.register_count) * 8);
        let limit = self.load(I64, region::VM, self.vm, JitVm::STACK_LIMIT_OFFSET);
        let beyond = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
        let stack = self.b.ins().get_stack_pointer(I64);
        let lowest = self.load(I64, region::VM, self.vm, JitVm::NATIVE_LIMIT_OFFSET);
        let deep = self.b.ins().icmp(IntCC::UnsignedLessThan, stack, lowest);
        let stop = self.b.ins().bor(beyond, deep);
        let (cold, next) = self.split(stop);
        self.b.switch_to_block(cold);
        self.store(region::VM, self.fp, self.vm, JitVm::FRAME_OFFSET);
        let helper = self.request.unit.helpers.stack_overflow;
        self.helper(helper, &[I64, I64], &[I64], &[self.vm, self.fp]);
        self.return_exception();
        self.b.switch_to_block(next);
    }

    /// Header words that the callee writes.
    fn write_header(&mut self, word: u32) {
        let code = self.iconst(self.request.unit.functions[0].code_word as i64);
        let zero = self.iconst(0);
        let ip = self.iconst(i64::from(word));
        let compiled = self.iconst(frame::COMPILED as i64);
        for (value, offset) in [
            (code, frame::CODE),
            (ip, frame::SAVED_IP),
            (zero, frame::FRAME_OBJECT),
            (zero, frame::NAMESPACE),
            (compiled, frame::FLAGS),
            (zero, frame::HANDLED),
        ] {
            self.store(region::FRAME, value, self.fp, offset);
        }
    }

    fn return_exception(&mut self) {
        let zero = self.iconst(0);
        match (self.osr, self.result) {
            (false, RegisterKind::Tagged) => self.b.ins().return_(&[zero]),
            (false, RegisterKind::Double) => {
                let value = self.b.ins().f64const(0.0);
                self.b.ins().return_(&[value, zero])
            }
            _ => self.b.ins().return_(&[zero, zero]),
        };
    }

    fn finish(&mut self, value: Value) {
        if self.observes || self.osr {
            let object = self.load(I64, region::FRAME, self.fp, frame::FRAME_OBJECT);
            let (cold, next) = self.split(object);
            self.b.switch_to_block(cold);
            let detach = self.request.unit.helpers.detach;
            self.helper(detach, &[I64, I64], &[], &[self.vm, self.fp]);
            self.b.ins().jump(next, std::iter::empty::<&BlockArg>());
            self.b.switch_to_block(next);
        }
        let ty = self.f.ty(value);
        let mut full = self.full(value);
        let one = self.iconst(1);
        if self.osr {
            if ty == Type::Double {
                full = self.b.ins().bitcast(I64, MemFlagsData::new(), full);
            }
            self.b.ins().return_(&[full, one]);
        } else if self.result == RegisterKind::Tagged {
            self.b.ins().return_(&[full]);
        } else {
            self.b.ins().return_(&[full, one]);
        }
    }

    fn never(&mut self) {
        self.b.ins().trap(TrapCode::unwrap_user(1));
    }

    fn zero_byte(&mut self) -> ir::Value {
        self.b.ins().iconst(I8, 0)
    }
}
