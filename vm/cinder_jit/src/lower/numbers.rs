//! Arithmetic, comparison, boxing.

use cinder_bytecode::{CompareOp, Primitive};
use cinder_layout::encoding;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F64, I8, I16, I32, I64};
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, MemFlagsData};

use super::{Held, Lowering};
use crate::hir::{BlockId, Inst, Op};

impl Lowering<'_> {
    pub(super) fn number(&mut self, block: BlockId, inst: &Inst) {
        let args: Vec<ir::Value> = match inst.op {
            Op::NotInt | Op::Guard => Vec::new(),
            _ => inst.args.iter().map(|arg| self.full(*arg)).collect(),
        };
        let one = |index: usize| args[index];
        let value = match inst.op {
            Op::ConstInt | Op::ConstTagged => self.iconst(inst.imm),
            Op::ConstDouble => self.b.ins().f64const(f64::from_bits(inst.imm as u64)),
            Op::AddInt => self.b.ins().iadd(one(0), one(1)),
            Op::SubInt => self.b.ins().isub(one(0), one(1)),
            Op::MulInt => self.b.ins().imul(one(0), one(1)),
            Op::AndInt => self.b.ins().band(one(0), one(1)),
            Op::OrInt => self.b.ins().bor(one(0), one(1)),
            Op::XorInt => self.b.ins().bxor(one(0), one(1)),
            Op::NegInt => self.b.ins().ineg(one(0)),
            Op::InvertInt => self.b.ins().bnot(one(0)),
            Op::NotInt => {
                let flag = match self.held(inst.args[0]) {
                    Held::Full(value) | Held::Flag(value) => self.b.ins().icmp_imm_s(IntCC::Equal, value, 0),
                };
                return self.set_flag(inst, flag);
            }
            Op::ShlInt | Op::ShrUint => {
                let shifted = match inst.op {
                    Op::ShlInt => self.b.ins().ishl(one(0), one(1)),
                    _ => self.b.ins().ushr(one(0), one(1)),
                };
                let fits = self.b.ins().icmp_imm_s(IntCC::UnsignedLessThan, one(1), 64);
                let zero = self.iconst(0);
                self.b.ins().select(fits, shifted, zero)
            }
            Op::ShrInt => {
                let most = self.iconst(63);
                let count = self.b.ins().umin(one(1), most);
                self.b.ins().sshr(one(0), count)
            }
            Op::ConvertInt => self.convert(one(0), inst.imm),
            Op::CmpInt | Op::CmpUint => {
                let code = int_code(inst.imm, inst.op == Op::CmpInt);
                let flag = self.b.ins().icmp(code, one(0), one(1));
                return self.set_flag(inst, flag);
            }
            Op::CmpDouble => {
                let flag = self.b.ins().fcmp(float_code(inst.imm), one(0), one(1));
                return self.set_flag(inst, flag);
            }
            Op::DivInt | Op::ModInt | Op::DivUint | Op::ModUint => self.divide(block, inst, one(0), one(1)),
            Op::AddDouble => self.b.ins().fadd(one(0), one(1)),
            Op::SubDouble => self.b.ins().fsub(one(0), one(1)),
            Op::MulDouble => self.b.ins().fmul(one(0), one(1)),
            Op::NegDouble => self.b.ins().fneg(one(0)),
            Op::DivDouble | Op::ModDouble => {
                let zero = self.b.ins().f64const(0.0);
                let none = self.b.ins().fcmp(FloatCC::Equal, one(1), zero);
                self.guard(block, inst, none, "division by zero");
                if inst.op == Op::DivDouble {
                    self.b.ins().fdiv(one(0), one(1))
                } else {
                    let helper = self.request.unit.helpers.float_mod;
                    self.helper(helper, &[F64, F64], &[F64], &args)[0]
                }
            }
            Op::PowDouble => self.power(inst, &args),
            Op::IntToDouble => self.b.ins().fcvt_from_sint(F64, one(0)),
            Op::UintToDouble => self.b.ins().fcvt_from_uint(F64, one(0)),
            Op::DoubleToInt => self.truncate(one(0), inst.imm),
            Op::BoxInt => match Primitive::from_number(inst.imm as u32) {
                Some(Primitive::UInt64) => self.box_int(one(0), false),
                Some(Primitive::Int64) | None => self.box_int(one(0), true),
                Some(_) => self.tag_int(one(0)),
            },
            Op::MakeInt => self.tag_int(one(0)),
            Op::BoxBool => {
                let bit = self.b.ins().ishl_imm_u(one(0), i64::from(encoding::BOOL_SHIFT));
                self.b.ins().bor_imm_s(bit, encoding::FALSE as i64)
            }
            Op::BoxDouble => self.box_double(one(0)),
            Op::UnboxInt => self.unbox_int(block, inst, one(0)),
            Op::UnboxBool => {
                let bits = self.b.ins().bxor_imm_s(one(0), encoding::FALSE as i64);
                let other = self.b.ins().band_imm_s(bits, !(1i64 << encoding::BOOL_SHIFT));
                self.guard(block, inst, other, "not a bool");
                self.b.ins().ushr_imm_u(bits, i64::from(encoding::BOOL_SHIFT))
            }
            Op::UnboxDouble => self.double_of(one(0), Some((block, inst))),
            Op::IsWord => {
                let flag = self.b.ins().icmp_imm_s(IntCC::Equal, one(0), inst.imm);
                return self.set_flag(inst, flag);
            }
            Op::SameWord => {
                let flag = self.b.ins().icmp(IntCC::Equal, one(0), one(1));
                return self.set_flag(inst, flag);
            }
            Op::BothInts => {
                let both = self.b.ins().band(one(0), one(1));
                self.b.ins().band_imm_s(both, encoding::INT_TAG as i64)
            }
            Op::DoubleOf => self.double_of(one(0), None),
            Op::IntOf => self.b.ins().sshr_imm_u(one(0), i64::from(encoding::INT_SHIFT)),
            Op::FitsInt => {
                let tagged = self.b.ins().ishl_imm_u(one(0), 1);
                let back = self.b.ins().sshr_imm_u(tagged, 1);
                let flag = self.b.ins().icmp(IntCC::Equal, back, one(0));
                return self.set_flag(inst, flag);
            }
            Op::Guard => {
                let failed = match self.held(inst.args[0]) {
                    Held::Full(value) | Held::Flag(value) => self.b.ins().icmp_imm_s(IntCC::Equal, value, 0),
                };
                return self.guard(block, inst, failed, "not as met before");
            }
            Op::GuardInt => {
                let tag = self.b.ins().band_imm_s(one(0), encoding::INT_TAG as i64);
                let other = self.b.ins().icmp_imm_s(IntCC::Equal, tag, 0);
                self.guard(block, inst, other, "not a small int");
                one(0)
            }
            Op::GuardFloat => self.guard_float(block, inst, one(0)),
            Op::MulSmall => {
                let tagged = self.b.ins().ishl_imm_u(one(0), 1);
                let (product, wide) = self.b.ins().smul_overflow(tagged, one(1));
                self.guard(block, inst, wide, "not a small int");
                self.b.ins().sshr_imm_u(product, 1)
            }
            Op::FloorDivInt | Op::FloorModInt => self.floor_divide(block, inst, one(0), one(1)),
            Op::CheckBound => {
                let unbound = self.b.ins().icmp_imm_s(IntCC::Equal, one(0), 0);
                self.guard(block, inst, unbound, "unbound");
                one(0)
            }
            _ => return self.never(),
        };
        self.set(inst, value);
    }

    fn convert(&mut self, value: ir::Value, primitive: i64) -> ir::Value {
        let Some(primitive) = Primitive::from_number(primitive as u32) else { return value };
        let (narrow, signed) = match primitive {
            Primitive::Int8 => (I8, true),
            Primitive::Int16 => (I16, true),
            Primitive::Int32 => (I32, true),
            Primitive::UInt8 | Primitive::Char => (I8, false),
            Primitive::UInt16 => (I16, false),
            Primitive::UInt32 => (I32, false),
            Primitive::CBool => {
                let flag = self.b.ins().icmp_imm_s(IntCC::NotEqual, value, 0);
                return self.b.ins().uextend(I64, flag);
            }
            _ => return value,
        };
        let low = self.b.ins().ireduce(narrow, value);
        if signed { self.b.ins().sextend(I64, low) } else { self.b.ins().uextend(I64, low) }
    }

    /// Truncates, saturating at the primitive's bounds.
    fn truncate(&mut self, value: ir::Value, primitive: i64) -> ir::Value {
        let primitive = Primitive::from_number(primitive as u32).unwrap_or(Primitive::Int64);
        let bounds: Option<(i64, i64)> = match primitive {
            Primitive::Int8 => Some((-0x80, 0x7f)),
            Primitive::Int16 => Some((-0x8000, 0x7fff)),
            Primitive::Int32 => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
            Primitive::UInt8 | Primitive::Char => Some((0, 0xff)),
            Primitive::UInt16 => Some((0, 0xffff)),
            Primitive::UInt32 => Some((0, 0xffff_ffff)),
            Primitive::CBool => {
                let zero = self.b.ins().f64const(0.0);
                let flag = self.b.ins().fcmp(FloatCC::NotEqual, value, zero);
                return self.b.ins().uextend(I64, flag);
            }
            _ => None,
        };
        if primitive == Primitive::UInt64 {
            return self.b.ins().fcvt_to_uint_sat(I64, value);
        }
        let wide = self.b.ins().fcvt_to_sint_sat(I64, value);
        let Some((low, high)) = bounds else { return wide };
        let (low, high) = (self.iconst(low), self.iconst(high));
        let above = self.b.ins().smax(wide, low);
        self.b.ins().smin(above, high)
    }

    fn divide(&mut self, block: BlockId, inst: &Inst, a: ir::Value, b: ir::Value) -> ir::Value {
        let zero = self.b.ins().icmp_imm_s(IntCC::Equal, b, 0);
        self.guard(block, inst, zero, "division by zero");
        match inst.op {
            Op::DivUint => return self.b.ins().udiv(a, b),
            Op::ModUint => return self.b.ins().urem(a, b),
            _ => {}
        }
        // The least number divided by -1 traps in hardware; it wraps here.
        let minus = self.b.ins().icmp_imm_s(IntCC::Equal, b, -1);
        let one = self.iconst(1);
        let divisor = self.b.ins().select(minus, one, b);
        if inst.op == Op::ModInt {
            return self.b.ins().srem(a, divisor);
        }
        let quotient = self.b.ins().sdiv(a, divisor);
        let negated = self.b.ins().ineg(a);
        self.b.ins().select(minus, negated, quotient)
    }

    /// Of numbers of immediate ints, whose quotient always fits.
    fn floor_divide(&mut self, block: BlockId, inst: &Inst, a: ir::Value, b: ir::Value) -> ir::Value {
        let zero = self.b.ins().icmp_imm_s(IntCC::Equal, b, 0);
        self.guard(block, inst, zero, "division by zero");
        let quotient = self.b.ins().sdiv(a, b);
        let product = self.b.ins().imul(quotient, b);
        let rest = self.b.ins().isub(a, product);
        let mixed = self.b.ins().bxor(rest, b);
        let mixed = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, mixed, 0);
        let some = self.b.ins().icmp_imm_s(IntCC::NotEqual, rest, 0);
        let below = self.b.ins().band(mixed, some);
        let nothing = self.iconst(0);
        if inst.op == Op::FloorDivInt {
            let below = self.b.ins().uextend(I64, below);
            return self.b.ins().isub(quotient, below);
        }
        let more = self.b.ins().select(below, b, nothing);
        self.b.ins().iadd(rest, more)
    }

    fn guard_float(&mut self, block: BlockId, inst: &Inst, word: ir::Value) -> ir::Value {
        let tag = self.b.ins().band_imm_s(word, encoding::FLONUM_MASK as i64);
        let other = self.b.ins().icmp_imm_s(IntCC::NotEqual, tag, encoding::FLONUM_TAG as i64);
        let (cold, next) = self.split(other);
        self.b.switch_to_block(cold);
        let shape = self.shape_of(inst.args[0]);
        let other = self.b.ins().icmp_imm_s(IntCC::NotEqual, shape, inst.imm);
        self.guard(block, inst, other, "not a float");
        self.b.ins().jump(next, std::iter::empty::<&BlockArg>());
        self.b.switch_to_block(next);
        word
    }

    fn tag_int(&mut self, value: ir::Value) -> ir::Value {
        let shifted = self.b.ins().ishl_imm_u(value, i64::from(encoding::INT_SHIFT));
        self.b.ins().bor_imm_s(shifted, encoding::INT_TAG as i64)
    }

    /// Object of an integer: immediate, or made by the VM.
    pub(super) fn box_int(&mut self, value: ir::Value, signed: bool) -> ir::Value {
        let tagged = self.tag_int(value);
        let wide = if signed {
            let back = self.b.ins().sshr_imm_u(tagged, 1);
            self.b.ins().icmp(IntCC::NotEqual, back, value)
        } else {
            let high = self.b.ins().ushr_imm_u(value, 62);
            self.b.ins().icmp_imm_s(IntCC::NotEqual, high, 0)
        };
        let helpers = &self.request.unit.helpers;
        let helper = if signed { helpers.box_int } else { helpers.box_uint };
        self.made_elsewhere(wide, tagged, helper, I64, value)
    }

    pub(super) fn box_double(&mut self, value: ir::Value) -> ir::Value {
        let bits = self.b.ins().bitcast(I64, MemFlagsData::new(), value);
        let add = self.iconst(encoding::FLONUM_ADD as i64);
        let sum = self.b.ins().iadd(bits, add);
        let word = self.b.ins().rotl_imm_u(sum, i64::from(encoding::FLONUM_ROTATE));
        let tag = self.b.ins().band_imm_s(word, encoding::FLONUM_MASK as i64);
        let wide = self.b.ins().icmp_imm_s(IntCC::NotEqual, tag, encoding::FLONUM_TAG as i64);
        let helper = self.request.unit.helpers.box_double;
        self.made_elsewhere(wide, word, helper, F64, value)
    }

    /// `word`, or when `elsewhere` what the helper makes of `value`.
    fn made_elsewhere(
        &mut self,
        elsewhere: ir::Value,
        word: ir::Value,
        helper: usize,
        ty: ir::Type,
        value: ir::Value,
    ) -> ir::Value {
        let (cold, done) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(cold);
        let result = self.b.append_block_param(done, I64);
        let none = std::iter::empty::<&BlockArg>();
        self.b.ins().brif(elsewhere, cold, none, done, [BlockArg::Value(word)].iter());
        self.b.switch_to_block(cold);
        self.fit_for_collection();
        let made = self.helper(helper, &[I64, ty], &[I64], &[self.vm, value])[0];
        self.b.ins().jump(done, [BlockArg::Value(made)].iter());
        self.b.switch_to_block(done);
        result
    }

    fn decode_double(&mut self, word: ir::Value) -> ir::Value {
        let bits = self.b.ins().rotr_imm_u(word, i64::from(encoding::FLONUM_ROTATE));
        let add = self.iconst(encoding::FLONUM_ADD as i64);
        let bits = self.b.ins().isub(bits, add);
        self.b.ins().bitcast(F64, MemFlagsData::new(), bits)
    }

    fn unbox_int(&mut self, block: BlockId, inst: &Inst, word: ir::Value) -> ir::Value {
        let tag = self.b.ins().band_imm_s(word, encoding::INT_TAG as i64);
        let other = self.b.ins().icmp_imm_s(IntCC::Equal, tag, 0);
        self.guard(block, inst, other, "not a small int");
        let value = self.b.ins().sshr_imm_u(word, i64::from(encoding::INT_SHIFT));
        let outside = match Primitive::from_number(inst.imm as u32) {
            Some(Primitive::Int64) | None => return value,
            Some(Primitive::UInt64) => self.b.ins().icmp_imm_s(IntCC::SignedLessThan, value, 0),
            Some(_) => {
                let narrow = self.convert(value, inst.imm);
                self.b.ins().icmp(IntCC::NotEqual, narrow, value)
            }
        };
        self.guard(block, inst, outside, "out of the primitive's range");
        value
    }

    /// Double of a float or int; leaves as `guarded` says when it is neither.
    fn double_of(&mut self, word: ir::Value, guarded: Option<(BlockId, &Inst)>) -> ir::Value {
        let tag = self.b.ins().band_imm_s(word, encoding::FLONUM_MASK as i64);
        let other = self.b.ins().icmp_imm_s(IntCC::NotEqual, tag, encoding::FLONUM_TAG as i64);
        let quick = self.decode_double(word);
        let (cold, done) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(cold);
        let result = self.b.append_block_param(done, F64);
        let none = std::iter::empty::<&BlockArg>();
        self.b.ins().brif(other, cold, none, done, [BlockArg::Value(quick)].iter());
        self.b.switch_to_block(cold);
        let helper = self.request.unit.helpers.unbox_double;
        let results = self.helper(helper, &[I64, I64], &[F64, I64], &[self.vm, word]);
        if let Some((block, inst)) = guarded {
            let failed = self.b.ins().icmp_imm_s(IntCC::Equal, results[1], 0);
            self.guard(block, inst, failed, "not a float");
        }
        self.b.ins().jump(done, [BlockArg::Value(results[0])].iter());
        self.b.switch_to_block(done);
        result
    }
}

fn int_code(number: i64, signed: bool) -> IntCC {
    match (CompareOp::from_number(number as u32), signed) {
        (Some(CompareOp::Lt), true) => IntCC::SignedLessThan,
        (Some(CompareOp::Le), true) => IntCC::SignedLessThanOrEqual,
        (Some(CompareOp::Gt), true) => IntCC::SignedGreaterThan,
        (Some(CompareOp::Ge), true) => IntCC::SignedGreaterThanOrEqual,
        (Some(CompareOp::Lt), false) => IntCC::UnsignedLessThan,
        (Some(CompareOp::Le), false) => IntCC::UnsignedLessThanOrEqual,
        (Some(CompareOp::Gt), false) => IntCC::UnsignedGreaterThan,
        (Some(CompareOp::Ge), false) => IntCC::UnsignedGreaterThanOrEqual,
        (Some(CompareOp::Ne), _) => IntCC::NotEqual,
        (Some(CompareOp::Eq) | None, _) => IntCC::Equal,
    }
}

fn float_code(number: i64) -> FloatCC {
    match CompareOp::from_number(number as u32) {
        Some(CompareOp::Lt) => FloatCC::LessThan,
        Some(CompareOp::Le) => FloatCC::LessThanOrEqual,
        Some(CompareOp::Gt) => FloatCC::GreaterThan,
        Some(CompareOp::Ge) => FloatCC::GreaterThanOrEqual,
        Some(CompareOp::Ne) => FloatCC::NotEqual,
        Some(CompareOp::Eq) | None => FloatCC::Equal,
    }
}
