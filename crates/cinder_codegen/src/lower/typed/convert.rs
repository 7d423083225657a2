//! Conversions between representations, and constants.

use super::super::{Lowerer, Reg};
use super::tables::primitive;
use super::{kind_of_prim, kind_of_repr};
use cinder_bytecode::{CompareOp, Constant, Opcode, Primitive, RegisterKind};
use cinder_static::typed::{AssertPlan, Convert, ExprFacts, Repr};
use cinder_syntax::ast;
use cinder_types::{ConstValue, Prim, Type};
use num_bigint::BigInt;

/// The primitive type of a value after its conversion.
pub(super) fn final_prim(facts: &ExprFacts) -> Option<Prim> {
    match &facts.convert {
        Convert::None => match &facts.ty {
            Type::Prim(prim) => Some(*prim),
            Type::PrimLiteral(_) => Some(Prim::Int64),
            _ => None,
        },
        Convert::Cast(_) | Convert::Box(_) => None,
        Convert::Unbox(prim) | Convert::Prim { to: prim, .. } => Some(*prim),
        Convert::Truth => Some(Prim::Bool),
    }
}

impl<'a> Lowerer<'a> {
    /// Converts `value`, whose representation is `from`; temporaries above `mark` are dropped.
    pub(super) fn convert(&mut self, convert: &Convert, value: Reg, from: Repr, mark: Reg, dst: Option<Reg>) -> Reg {
        match convert {
            Convert::None => match dst {
                Some(dst) => {
                    self.move_to(dst, value);
                    self.top = mark;
                    dst
                }
                None => value,
            },
            Convert::Cast(descriptor) => {
                let out = self.finish(mark, dst);
                let descr = self.tables.descriptor(descriptor);
                self.emit_number(Opcode::CAST, out, value, 0, descr);
                out
            }
            Convert::Box(Prim::Double) => {
                let out = self.finish(mark, dst);
                self.emit(Opcode::PRIMITIVE_BOX_DOUBLE, out, value, 0);
                out
            }
            Convert::Box(prim) => {
                let out = self.finish(mark, dst);
                self.emit(Opcode::PRIMITIVE_BOX_INT, out, value, primitive(*prim).number().into());
                out
            }
            Convert::Unbox(prim) => {
                let out = self.finish_kind(mark, dst, kind_of_prim(*prim));
                self.emit_unbox(*prim, out, value);
                out
            }
            Convert::Prim { from, to } => {
                let out = self.finish_kind(mark, dst, kind_of_prim(*to));
                self.emit_prim_conversion(*from, *to, out, value);
                out
            }
            Convert::Truth => {
                let out = self.finish_kind(mark, dst, RegisterKind::Int);
                self.emit_truth(from, out, value);
                out
            }
        }
    }

    /// Whether an assertion is made although assertions are left out. What one proves about local variables is checked here instead.
    pub(in crate::lower) fn keeps_assert(&mut self, node: &'a ast::StmtAssert) -> bool {
        let plan = self.unit.typed.and_then(|unit| unit.asserts.get(&cinder_syntax::node_id(&*node.test)?));
        let casts = match plan {
            None => return false,
            Some(AssertPlan::Keep) => return true,
            Some(AssertPlan::Casts(casts)) => casts,
        };
        for (name, descriptor) in casts {
            let mark = self.top;
            self.at(&*node.test);
            let value = self.load_name(name, None);
            let descr = self.tables.descriptor(descriptor);
            let out = self.local_register(name).unwrap_or_else(|| self.alloc());
            self.emit_number(Opcode::CAST, out, value, 0, descr);
            self.top = mark;
        }
        false
    }

    pub(super) fn emit_unbox(&mut self, prim: Prim, out: Reg, value: Reg) {
        if prim == Prim::Double {
            self.emit(Opcode::PRIMITIVE_UNBOX_DOUBLE, out, value, 0);
        } else {
            self.emit(Opcode::PRIMITIVE_UNBOX_INT, out, value, primitive(prim).number().into());
        }
    }

    fn emit_prim_conversion(&mut self, from: Prim, to: Prim, out: Reg, value: Reg) {
        let kind = primitive(to).number().into();
        match (from, to) {
            (Prim::Double, Prim::Double) => self.move_to(out, value),
            (_, Prim::Double) => self.emit(Opcode::CONVERT_INT_DOUBLE, out, value, Reg::from(!from.is_signed())),
            (Prim::Double, _) => self.emit(Opcode::CONVERT_DOUBLE_INT, out, value, kind),
            // Registers hold 64 bits, extended by the value's own sign: nothing changes when all of them are kept.
            (_, Prim::Int64 | Prim::UInt64) => self.move_to(out, value),
            (from, to) if from == to => self.move_to(out, value),
            _ => self.emit(Opcode::CONVERT_INT, out, value, kind),
        }
    }

    fn emit_truth(&mut self, from: Repr, out: Reg, value: Reg) {
        match from {
            Repr::Int(Prim::Bool) => self.move_to(out, value),
            Repr::Int(_) => {
                self.emit(Opcode::PRIMITIVE_NOT_INT, out, value, 0);
                self.emit(Opcode::PRIMITIVE_NOT_INT, out, out, 0);
            }
            Repr::Double => {
                let zero = self.alloc_kind(RegisterKind::Double);
                let constant = self.constants.place(Constant::Float(0.0));
                self.emit_number(Opcode::PRIMITIVE_LOAD_CONST, zero, 0, 0, constant);
                self.emit_number(Opcode::PRIMITIVE_COMPARE_DOUBLE, out, value, zero, CompareOp::Ne.number().into());
            }
            Repr::Tagged => {
                let mark = self.top;
                let truth = self.alloc();
                self.emit(Opcode::TO_BOOL, truth, value, 0);
                self.emit(Opcode::PRIMITIVE_UNBOX_INT, out, truth, Primitive::CBool.number().into());
                self.top = mark;
            }
        }
    }

    /// A constant in the representation asked for.
    pub(super) fn typed_constant(&mut self, value: &ConstValue, repr: Repr, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let out = self.finish_kind(mark, dst, kind_of_repr(repr));
        self.load_typed_constant(value, repr, out);
        out
    }

    pub(super) fn load_typed_constant(&mut self, value: &ConstValue, repr: Repr, out: Reg) {
        match (repr, value) {
            (Repr::Tagged, _) => self.load_constant(out, constant(value)),
            (Repr::Int(_), ConstValue::Bool(value)) => {
                self.emit_number(Opcode::PRIMITIVE_LOAD_INT, out, 0, 0, u32::from(*value));
            }
            (Repr::Int(prim), ConstValue::Int(value)) => match i32::try_from(*value) {
                Ok(small) => self.emit_number(Opcode::PRIMITIVE_LOAD_INT, out, 0, 0, small as u32),
                Err(_) => {
                    // Unsigned values of 64 bits are kept as their bits.
                    let bits = if prim.is_signed() { *value } else { i128::from(*value as u64 as i64) };
                    self.load_raw_constant(out, Constant::Int(BigInt::from(bits)));
                }
            },
            (Repr::Double, ConstValue::Float(bits)) => {
                self.load_raw_constant(out, Constant::Float(f64::from_bits(*bits)))
            }
            (Repr::Double, ConstValue::Int(value)) => self.load_raw_constant(out, Constant::Float(*value as f64)),
            (Repr::Double, ConstValue::Bool(value)) => {
                self.load_raw_constant(out, Constant::Float(if *value { 1.0 } else { 0.0 }));
            }
            (Repr::Int(_), ConstValue::Str(text)) => {
                let point = text.chars().next().map_or(0, |char| char as u32);
                self.emit_number(Opcode::PRIMITIVE_LOAD_INT, out, 0, 0, point);
            }
            (repr, value) => {
                let message = format!("internal: constant {value:?} as {repr:?}");
                self.error(message, self.range.unwrap_or_default());
            }
        }
    }

    fn load_raw_constant(&mut self, out: Reg, constant: Constant) {
        let place = self.constants.place(constant);
        self.emit_number(Opcode::PRIMITIVE_LOAD_CONST, out, 0, 0, place);
    }
}

/// The constant as an object.
pub(super) fn constant(value: &ConstValue) -> Constant {
    match value {
        ConstValue::None => Constant::None,
        ConstValue::Ellipsis => Constant::Ellipsis,
        ConstValue::Bool(true) => Constant::True,
        ConstValue::Bool(false) => Constant::False,
        ConstValue::Int(value) => Constant::Int(BigInt::from(*value)),
        ConstValue::BigInt(digits) => {
            Constant::Int(BigInt::parse_bytes(digits.as_bytes(), 10).expect("the checker keeps decimal digits"))
        }
        ConstValue::Float(bits) => Constant::Float(f64::from_bits(*bits)),
        ConstValue::Complex(real, imag) => Constant::Complex(f64::from_bits(*real), f64::from_bits(*imag)),
        ConstValue::Str(text) => Constant::Str((&**text).into()),
        ConstValue::Bytes(bytes) => Constant::Bytes((&**bytes).into()),
        ConstValue::Tuple(items) => Constant::Tuple(items.iter().map(constant).collect()),
    }
}
