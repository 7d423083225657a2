//! Fields, containers, instances, homes.

use cinder_bytecode::FastKind;
use cinder_layout::jit::{JitVm, METHOD_ENTRIES, MethodEntry, SequenceFact, Slot, method_key, method_place};
use cinder_layout::{BumpCursor, Header, VmAlloc, encoding, flag, size_class};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I8, I16, I32, I64};
use cranelift_codegen::ir::{self, BlockArg, InstBuilder};

use super::{Lowering, container, region};
use crate::hir::{BlockId, Inst, Kinds, Op, Value};

impl Lowering<'_> {
    pub(super) fn memory(&mut self, block: BlockId, inst: &Inst) {
        match inst.op {
            Op::LoadHome => {
                let result = inst.result.expect("a load has a result");
                let ty = super::clif_type(self.f.ty(result).kind());
                let value = self.load(ty, region::FRAME, self.fp, inst.imm as i32 * 8);
                self.set(inst, value);
                self.homes.set(inst.imm as u32, result);
            }
            Op::LoadField => {
                let object = self.full(inst.args[0]);
                let value =
                    self.load_slot(inst.slot.expect("loads have slots"), inst.imm as u32, object, inst.imm as i32);
                self.set(inst, value);
            }
            Op::StoreField => {
                let object = self.full(inst.args[0]);
                let slot = inst.slot.expect("stores have slots");
                if slot == Slot::Tagged {
                    self.barrier(object, inst.args[1], None);
                }
                let value = self.full(inst.args[1]);
                self.store_slot(slot, inst.imm as u32, value, object, inst.imm as i32);
            }
            Op::GuardShape => {
                let object = self.full(inst.args[0]);
                if !self.is_object(inst.args[0]) {
                    let tag = self.b.ins().band_imm_s(object, encoding::POINTER_MASK as i64);
                    self.guard(block, inst, tag, "not an object");
                }
                let shape = self.load(I32, region::HEADER, object, Header::SHAPE_OFFSET);
                let other = self.b.ins().icmp_imm_u(IntCC::NotEqual, shape, inst.imm);
                self.guard(block, inst, other, "another class");
            }
            Op::LoadShape => {
                let shape = self.shape_of(inst.args[0]);
                self.set(inst, shape);
            }
            Op::FindMethod => self.find_method(inst),
            Op::Length => {
                let object = self.full(inst.args[0]);
                let fact = self.fact(inst);
                let mut length = self.length(object, &fact);
                if fact.length.shift != 0 {
                    length = self.b.ins().ushr_imm_u(length, i64::from(fact.length.shift));
                }
                self.set(inst, length);
            }
            Op::CheckIndex => self.check_index(block, inst),
            Op::LoadItem => {
                let slot = inst.slot.expect("loads have slots");
                let (_, address, offset) = self.element(inst);
                let value = self.load_slot(slot, items_region(slot), address, offset);
                self.set(inst, value);
            }
            Op::StoreItem => {
                let slot = inst.slot.expect("stores have slots");
                let (owner, address, offset) = self.element(inst);
                if slot == Slot::Tagged {
                    self.barrier(owner, inst.args[2], Some((address, offset)));
                }
                let value = self.full(inst.args[2]);
                self.store_slot(slot, items_region(slot), value, address, offset);
            }
            Op::AppendItem => self.append(block, inst),
            Op::PopItem => self.pop(block, inst),
            Op::New => self.new_instance(block, inst),
            Op::CastTest => self.cast_test(inst),
            _ => unreachable!("memory operations are these"),
        }
    }

    /// Whether the value is a heap object whatever it is.
    fn is_object(&self, value: Value) -> bool {
        self.f.ty(value).kinds().is(Kinds::OBJECT)
    }

    /// The word of a heap object's shape, 0 of an immediate.
    pub(super) fn shape_of(&mut self, value: Value) -> ir::Value {
        let object = self.full(value);
        if self.is_object(value) {
            let shape = self.load(I32, region::HEADER, object, Header::SHAPE_OFFSET);
            return self.b.ins().uextend(I64, shape);
        }
        let (look, done) = (self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(done, I64);
        let tag = self.b.ins().band_imm_s(object, encoding::POINTER_MASK as i64);
        let zero = self.iconst(0);
        let none = std::iter::empty::<&BlockArg>();
        self.b.ins().brif(tag, done, [BlockArg::Value(zero)].iter(), look, none);
        self.b.switch_to_block(look);
        let shape = self.load(I32, region::HEADER, object, Header::SHAPE_OFFSET);
        let shape = self.b.ins().uextend(I64, shape);
        self.b.ins().jump(done, [BlockArg::Value(shape)].iter());
        self.b.switch_to_block(done);
        result
    }

    fn find_method(&mut self, inst: &Inst) {
        let selector = inst.imm as u32;
        let shape = self.shape_of(inst.args[0]);
        let place = self.b.ins().iadd_imm_s(shape, i64::from(method_place(selector)));
        let place = self.b.ins().band_imm_s(place, METHOD_ENTRIES as i64 - 1);
        let distance = self.b.ins().ishl_imm_u(place, i64::from(size_of::<MethodEntry>().trailing_zeros()));
        let entries = self.load(I64, region::VM, self.vm, JitVm::METHODS_OFFSET);
        let entry = self.b.ins().iadd(entries, distance);
        let found = self.load(I64, region::CELL, entry, MethodEntry::KEY_OFFSET);
        let high = self.iconst(method_key(0, selector) as i64);
        let key = self.b.ins().bor(shape, high);
        let other = self.b.ins().icmp(IntCC::NotEqual, found, key);
        let (cold, next) = self.split(other);
        let done = self.b.create_block();
        let result = self.b.append_block_param(done, I64);
        self.b.switch_to_block(cold);
        self.fit_for_collection();
        let receiver = self.full(inst.args[0]);
        let number = self.iconst(i64::from(selector));
        let helper = self.request.unit.helpers.find_method;
        let cell = self.helper(helper, &[I64, I64, I64], &[I64], &[self.vm, receiver, number])[0];
        self.b.ins().jump(done, [BlockArg::Value(cell)].iter());
        self.b.switch_to_block(next);
        let cell = self.load(I64, region::CELL, entry, MethodEntry::CELL_OFFSET);
        self.b.ins().jump(done, [BlockArg::Value(cell)].iter());
        self.b.switch_to_block(done);
        self.set(inst, result);
    }

    fn length(&mut self, object: ir::Value, fact: &SequenceFact) -> ir::Value {
        let mut holder = object;
        if let (true, Some(items)) = (fact.length.in_storage, fact.items) {
            let storage = self.load(I64, region::STORAGE, object, items);
            // Without storage the length is read from a place that holds zeros.
            let missing = self.b.ins().icmp_imm_s(IntCC::Equal, storage, 0);
            let nothing = self.iconst(NO_STORAGE.as_ptr() as i64 - i64::from(fact.length.offset));
            holder = self.b.ins().select(missing, nothing, storage);
        }
        if fact.length.bytes == 8 {
            return self.load(I64, region::LENGTH, holder, fact.length.offset);
        }
        let short = self.load(I32, region::LENGTH, holder, fact.length.offset);
        self.b.ins().uextend(I64, short)
    }

    fn fact(&self, inst: &Inst) -> SequenceFact {
        let kind = FastKind::from_number(inst.imm as u32).expect("the builder gave the kind");
        *container(&self.request.unit.containers, kind).expect("the builder had the layout")
    }

    fn load_slot(&mut self, slot: Slot, region: u32, address: ir::Value, offset: i32) -> ir::Value {
        match slot {
            Slot::Tagged => self.load(I64, region, address, offset),
            Slot::Double => self.load(F64, region, address, offset),
            Slot::Int { bytes, signed } => {
                let value = self.load(int_type(bytes), region, address, offset);
                match (bytes, signed) {
                    (8, _) => value,
                    (_, true) => self.b.ins().sextend(I64, value),
                    (_, false) => self.b.ins().uextend(I64, value),
                }
            }
        }
    }

    fn store_slot(&mut self, slot: Slot, region: u32, value: ir::Value, address: ir::Value, offset: i32) {
        let value = match slot {
            Slot::Int { bytes, .. } if bytes < 8 => self.b.ins().ireduce(int_type(bytes), value),
            _ => value,
        };
        self.store(region, value, address, offset);
    }

    /// Before `stored` goes into `owner` (an element to the word at `place`): an old object not yet remembered is logged. Immediates need no
    /// barrier.
    fn barrier(&mut self, owner: ir::Value, stored: Value, place: Option<(ir::Value, i32)>) {
        let immediates = Kinds::NONE.union(Kinds::BOOL).union(Kinds::INT).union(Kinds::FLONUM).union(Kinds::UNBOUND);
        if self.f.ty(stored).kinds().is(immediates) {
            return;
        }
        let flags = self.load(I8, region::HEADER, owner, Header::FLAGS_OFFSET);
        let unlogged = self.b.ins().band_imm_s(flags, i64::from(flag::UNLOGGED));
        let (cold, next) = self.split(unlogged);
        self.b.switch_to_block(cold);
        let helpers = self.request.unit.helpers;
        match place {
            None => self.helper(helpers.log, &[I64, I64], &[], &[self.vm, owner]),
            Some((address, offset)) => {
                let word = self.b.ins().iadd_imm_s(address, i64::from(offset));
                self.helper(helpers.log_slot, &[I64, I64, I64], &[], &[self.vm, owner, word])
            }
        };
        self.b.ins().jump(next, std::iter::empty::<&BlockArg>());
        self.b.switch_to_block(next);
    }

    fn check_index(&mut self, block: BlockId, inst: &Inst) {
        let (index, length) = (self.full(inst.args[0]), self.full(inst.args[1]));
        let from_end = self.b.ins().iadd(index, length);
        let negative = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, index, 0);
        let index = self.b.ins().select(negative, from_end, index);
        let outside = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, length);
        self.guard(block, inst, outside, "index out of range");
        self.set(inst, index);
    }

    /// The object whose barrier covers the element, and the element's address.
    fn element(&mut self, inst: &Inst) -> (ir::Value, ir::Value, i32) {
        let fact = self.fact(inst);
        let object = self.full(inst.args[0]);
        let index = self.full(inst.args[1]);
        let shift = match inst.slot.expect("elements have slots") {
            Slot::Tagged | Slot::Double => 3,
            Slot::Int { bytes, .. } => bytes.trailing_zeros(),
        };
        let storage = match fact.items {
            Some(offset) => self.load(I64, region::STORAGE, object, offset),
            None => object,
        };
        let distance = if shift == 0 { index } else { self.b.ins().ishl_imm_u(index, i64::from(shift)) };
        let address = self.b.ins().iadd(storage, distance);
        let owner = if fact.barrier_on_storage { storage } else { object };
        (owner, address, fact.first)
    }

    fn append(&mut self, block: BlockId, inst: &Inst) {
        let fact = self.fact(inst);
        let (Some(items), Some(capacity)) = (fact.items, fact.capacity) else { return self.never() };
        let (object, value) = (self.full(inst.args[0]), self.full(inst.args[1]));
        let storage = self.load(I64, region::STORAGE, object, items);
        let missing = self.b.ins().icmp_imm_s(IntCC::Equal, storage, 0);
        // Without storage length and room are read from a place that holds zeros.
        let nothing = self.iconst(NO_STORAGE.as_ptr() as i64 - i64::from(fact.length.offset.min(capacity)));
        let holder = self.b.ins().select(missing, nothing, storage);
        let length = self.load(I32, region::LENGTH, holder, fact.length.offset);
        let room = self.load(I32, region::LENGTH, holder, capacity);
        let full = self.b.ins().icmp(IntCC::Equal, length, room);
        let (cold, next) = self.split(full);
        let done = self.b.create_block();
        self.b.switch_to_block(cold);
        self.fit_for_collection();
        let helper = self.request.unit.helpers.append;
        let good = self.helper(helper, &[I64, I64, I64], &[I64], &[self.vm, object, value])[0];
        let failed = self.b.ins().icmp_imm_s(IntCC::Equal, good, 0);
        self.raise_if(block, inst, failed);
        self.b.ins().jump(done, std::iter::empty::<&BlockArg>());
        self.b.switch_to_block(next);
        let index = self.b.ins().uextend(I64, length);
        let distance = self.b.ins().ishl_imm_u(index, 3);
        let address = self.b.ins().iadd(storage, distance);
        self.barrier(storage, inst.args[1], Some((address, fact.first)));
        self.store(region::TAGGED_ITEMS, value, address, fact.first);
        let longer = self.b.ins().iadd_imm_s(length, 1);
        self.store(region::LENGTH, longer, storage, fact.length.offset);
        self.b.ins().jump(done, std::iter::empty::<&BlockArg>());
        self.b.switch_to_block(done);
    }

    fn pop(&mut self, block: BlockId, inst: &Inst) {
        let fact = self.fact(inst);
        let Some(items) = fact.items else { return self.never() };
        let object = self.full(inst.args[0]);
        let length = self.length(object, &fact);
        let empty = self.b.ins().icmp_imm_s(IntCC::Equal, length, 0);
        self.guard(block, inst, empty, "pop from empty list");
        let storage = self.load(I64, region::STORAGE, object, items);
        let last = self.b.ins().iadd_imm_s(length, -1);
        let distance = self.b.ins().ishl_imm_u(last, 3);
        let address = self.b.ins().iadd(storage, distance);
        let value = self.load(I64, region::TAGGED_ITEMS, address, fact.first);
        let short = self.b.ins().ireduce(I32, last);
        self.store(region::LENGTH, short, storage, fact.length.offset);
        self.set(inst, value);
    }

    fn new_instance(&mut self, block: BlockId, inst: &Inst) {
        let (fact, class) = self.f.allocations[inst.imm as usize];
        let alloc = self.load(I64, region::VM, self.vm, JitVm::ALLOC_OFFSET);
        let cursor = VmAlloc::cursor_offset(usize::from(fact.size_class));
        let current = self.load(I64, region::CELL, alloc, cursor + BumpCursor::CUR_OFFSET);
        let limit = self.load(I64, region::CELL, alloc, cursor + BumpCursor::LIM_OFFSET);
        let bytes = size_class::bytes(usize::from(fact.size_class)) as i64;
        let end = self.b.ins().iadd_imm_s(current, bytes);
        let full = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
        let (cold, next) = self.split(full);
        let done = self.b.create_block();
        let object = self.b.append_block_param(done, I64);
        self.b.switch_to_block(cold);
        self.fit_for_collection();
        let class = self.iconst(class as i64);
        let helper = self.request.unit.helpers.allocate;
        let made = self.helper(helper, &[I64, I64], &[I64], &[self.vm, class])[0];
        let failed = self.b.ins().icmp_imm_s(IntCC::Equal, made, 0);
        self.raise_if(block, inst, failed);
        self.b.ins().jump(done, [BlockArg::Value(made)].iter());
        self.b.switch_to_block(next);
        self.store(region::CELL, end, alloc, cursor + BumpCursor::CUR_OFFSET);
        let header = self.iconst(fact.header as i64);
        self.store(region::HEADER, header, current, 0);
        let zero = self.iconst(0);
        for word in 0..i32::from(fact.words) {
            let offset = Header::BYTES as i32 + word * 8;
            self.store(offset as u32, zero, current, offset);
        }
        self.b.ins().jump(done, [BlockArg::Value(current)].iter());
        self.b.switch_to_block(done);
        self.set(inst, object);
    }

    fn cast_test(&mut self, inst: &Inst) {
        let value = self.full(inst.args[0]);
        let request = self.request;
        let fact = &request.unit.functions[(inst.imm >> 32) as usize].types[inst.imm as u32 as usize];
        let mut flag = self.zero_byte();
        if fact.cast_none {
            let none = self.b.ins().icmp_imm_s(IntCC::Equal, value, encoding::NONE as i64);
            flag = self.b.ins().bor(flag, none);
        }
        if fact.cast_int {
            let bit = self.b.ins().band_imm_s(value, encoding::INT_TAG as i64);
            let int = self.b.ins().ireduce(I8, bit);
            flag = self.b.ins().bor(flag, int);
        }
        if fact.cast_float {
            let tag = self.b.ins().band_imm_s(value, encoding::FLONUM_MASK as i64);
            let float = self.b.ins().icmp_imm_s(IntCC::Equal, tag, encoding::FLONUM_TAG as i64);
            flag = self.b.ins().bor(flag, float);
        }
        if !fact.cast_shapes.is_empty() {
            flag = self.shape_test(inst.args[0], flag, &fact.cast_shapes);
        }
        self.set_flag(inst, flag);
    }

    /// `flag`, or whether `value` is a heap object of one of the shapes.
    fn shape_test(&mut self, value: Value, mut flag: ir::Value, shapes: &[u32]) -> ir::Value {
        let shape = self.shape_of(value);
        for wanted in shapes {
            let same = self.b.ins().icmp_imm_u(IntCC::Equal, shape, i64::from(*wanted));
            flag = self.b.ins().bor(flag, same);
        }
        flag
    }
}

/// Length and room of containers without storage.
static NO_STORAGE: [u64; 2] = [0; 2];

fn int_type(bytes: u8) -> ir::Type {
    match bytes {
        1 => I8,
        2 => I16,
        4 => I32,
        _ => I64,
    }
}

fn items_region(slot: Slot) -> u32 {
    if slot == Slot::Tagged { region::TAGGED_ITEMS } else { region::RAW_ITEMS }
}
