//! Powers with a constant half-integer exponent, in place.
//!
//! Idea: the steps of [`cinder_layout::power`], whose argument holds here too; a base that is too close to a middle goes to the helper.

use cinder_layout::power::{self, EXPONENT_MASK, EXPONENTS, LEAST_EXPONENT, MOST_REST};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, MemFlagsData};

use super::Lowering;
use crate::hir::{Inst, Op};

/// The largest exponent in halves that is worth the code.
const MOST_HALVES: i32 = 6;

/// A double and what is missing to the true value.
type Sum = (ir::Value, ir::Value);

impl Lowering<'_> {
    pub(super) fn power(&mut self, inst: &Inst, args: &[ir::Value]) -> ir::Value {
        match self.constant_halves(inst) {
            Some(halves) => self.power_in_place(args, halves),
            None => self.power_elsewhere(self.request.unit.helpers.pow, args),
        }
    }

    fn power_elsewhere(&mut self, helper: usize, args: &[ir::Value]) -> ir::Value {
        self.helper(helper, &[F64, F64], &[F64], args)[0]
    }

    fn constant_halves(&self, inst: &Inst) -> Option<i32> {
        let exponent = self.definitions[inst.args[1].index()]?;
        if exponent.op != Op::ConstDouble || !power::IS_BOUNDED || !self.target.has_fma {
            return None;
        }
        power::halves(f64::from_bits(exponent.imm as u64)).filter(|halves| (1..=MOST_HALVES).contains(&halves.abs()))
    }

    fn power_in_place(&mut self, args: &[ir::Value], halves: i32) -> ir::Value {
        let (x, is_root) = (args[0], halves & 1 != 0);
        let bits = self.b.ins().bitcast(I64, MemFlagsData::new(), x);
        // The sign bit puts negative bases outside.
        let bits = if is_root { bits } else { self.b.ins().band_imm_s(bits, i64::MAX) };
        let exponent = self.b.ins().ushr_imm_u(bits, 52);
        let exponent = self.b.ins().iadd_imm_s(exponent, -(LEAST_EXPONENT as i64));
        let is_odd = self.b.ins().icmp_imm_s(IntCC::UnsignedGreaterThanOrEqual, exponent, EXPONENTS as i64);
        let size = if is_root { x } else { self.b.ins().fabs(x) };
        let (high, low, scale) = self.power_sum(size, halves);
        let bits = self.b.ins().bitcast(I64, MemFlagsData::new(), high);
        let below = self.b.ins().iadd_imm_s(bits, -1);
        let unit = self.b.ins().band_imm_s(below, EXPONENT_MASK as i64);
        let unit = self.b.ins().bitcast(F64, MemFlagsData::new(), unit);
        let part = self.b.ins().f64const(MOST_REST);
        let mut most = self.b.ins().fmul(unit, part);
        if let Some(scale) = scale {
            most = self.b.ins().fmul(most, scale);
        }
        let low = self.b.ins().fabs(low);
        let is_close = self.b.ins().fcmp(FloatCC::GreaterThan, low, most);
        let elsewhere = self.b.ins().bor(is_odd, is_close);
        let value = if halves & 2 != 0 && !is_root { self.b.ins().fcopysign(high, x) } else { high };
        let (cold, done) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(cold);
        let result = self.b.append_block_param(done, F64);
        let none = std::iter::empty::<&BlockArg>();
        self.b.ins().brif(elsewhere, cold, none, done, [BlockArg::Value(value)].iter());
        self.b.switch_to_block(cold);
        let value = self.power_elsewhere(self.request.unit.helpers.library_pow, args);
        self.b.ins().jump(done, [BlockArg::Value(value)].iter());
        self.b.switch_to_block(done);
        result
    }

    /// The sum; its second part is to be divided by the third value, if there is one.
    fn power_sum(&mut self, x: ir::Value, halves: i32) -> (ir::Value, ir::Value, Option<ir::Value>) {
        let zero = self.b.ins().f64const(0.0);
        let (mut power, mut times) = ((x, zero), halves.abs() / 2 - 1);
        if halves & 1 != 0 {
            let root = self.b.ins().sqrt(x);
            let negative = self.b.ins().fneg(root);
            let rest = self.b.ins().fma(negative, root, x);
            let twice = self.b.ins().fadd(root, root);
            if halves == 1 {
                return (root, rest, Some(twice));
            }
            power = (root, self.b.ins().fdiv(rest, twice));
            times += 1;
        }
        for _ in 0..times {
            let high = self.b.ins().fmul(power.0, x);
            let negative = self.b.ins().fneg(high);
            let rest = self.b.ins().fma(power.0, x, negative);
            let low = self.b.ins().fma(power.1, x, rest);
            power = self.normal(high, low);
        }
        if halves < 0 {
            let one = self.b.ins().f64const(1.0);
            let high = self.b.ins().fdiv(one, power.0);
            let negative = self.b.ins().fneg(high);
            let rest = self.b.ins().fma(negative, power.0, one);
            let rest = self.b.ins().fma(negative, power.1, rest);
            let low = self.b.ins().fmul(high, rest);
            power = self.normal(high, low);
        }
        (power.0, power.1, None)
    }

    fn normal(&mut self, high: ir::Value, low: ir::Value) -> Sum {
        let nearest = self.b.ins().fadd(high, low);
        let taken = self.b.ins().fsub(nearest, high);
        (nearest, self.b.ins().fsub(low, taken))
    }
}
