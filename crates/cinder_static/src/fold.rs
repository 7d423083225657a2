//! Constant folding, as far as types depend on it (section 2.4).
//!
//! Holds: a folded expression raises nothing and equals what Python computes; anything doubtful stays unfolded.

use std::sync::Arc;

use cinder_syntax::ast::{self, Expr, Number, Operator, UnaryOp};
use cinder_types::ConstValue;

/// The value of a constant expression.
pub(crate) fn fold(expr: &Expr) -> Option<ConstValue> {
    Some(match expr {
        Expr::NoneLiteral(_) => ConstValue::None,
        Expr::EllipsisLiteral(_) => ConstValue::Ellipsis,
        Expr::BooleanLiteral(literal) => ConstValue::Bool(literal.value),
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(int) => int_value(int),
            Number::Float(value) => ConstValue::float(*value),
            Number::Complex { real, imag } => ConstValue::Complex(real.to_bits(), imag.to_bits()),
        },
        Expr::StringLiteral(literal) => ConstValue::Str(Arc::from(literal.value.to_str())),
        Expr::BytesLiteral(literal) => ConstValue::Bytes(literal.value.bytes().collect()),
        Expr::UnaryOp(unary) => fold_unary(unary)?,
        Expr::BinOp(binary) => fold_binary(binary)?,
        Expr::Tuple(tuple) => ConstValue::Tuple(tuple.elts.iter().map(fold).collect::<Option<Arc<[_]>>>()?),
        Expr::Name(name) if name.id == "__debug__" => ConstValue::Bool(true),
        _ => return None,
    })
}

fn int_value(int: &ast::Int) -> ConstValue {
    match int.as_u64() {
        Some(value) => ConstValue::Int(i128::from(value)),
        None => parse_big(&int.to_string()),
    }
}

/// A literal beyond 64 bits, in its source spelling.
fn parse_big(text: &str) -> ConstValue {
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    let lower = digits.to_ascii_lowercase();
    let parsed = match lower.get(..2) {
        Some("0x") => i128::from_str_radix(&lower[2..], 16),
        Some("0o") => i128::from_str_radix(&lower[2..], 8),
        Some("0b") => i128::from_str_radix(&lower[2..], 2),
        _ => lower.parse(),
    };
    parsed.map_or_else(|_| ConstValue::BigInt(Arc::from(lower)), ConstValue::Int)
}

fn fold_unary(unary: &ast::ExprUnaryOp) -> Option<ConstValue> {
    let operand = fold(&unary.operand)?;
    Some(match (unary.op, operand) {
        (UnaryOp::Not, value) => ConstValue::Bool(!value.truth()),
        (UnaryOp::USub, ConstValue::Int(value)) => ConstValue::Int(value.checked_neg()?),
        (UnaryOp::USub, ConstValue::Float(bits)) => ConstValue::float(-f64::from_bits(bits)),
        (UnaryOp::USub, ConstValue::Bool(value)) => ConstValue::Int(-i128::from(value)),
        (UnaryOp::UAdd, ConstValue::Int(value)) => ConstValue::Int(value),
        (UnaryOp::UAdd, ConstValue::Float(bits)) => ConstValue::Float(bits),
        (UnaryOp::Invert, ConstValue::Int(value)) => ConstValue::Int(!value),
        _ => return None,
    })
}

fn fold_binary(binary: &ast::ExprBinOp) -> Option<ConstValue> {
    let (left, right) = (fold(&binary.left)?, fold(&binary.right)?);
    match (&left, &right) {
        (ConstValue::Int(left), ConstValue::Int(right)) => fold_ints(*left, binary.op, *right),
        (ConstValue::Float(_) | ConstValue::Int(_), ConstValue::Float(_) | ConstValue::Int(_)) => {
            fold_floats(as_float(&left)?, binary.op, as_float(&right)?)
        }
        (ConstValue::Str(left), ConstValue::Str(right))
            if binary.op == Operator::Add && left.len() + right.len() < 4096 =>
        {
            Some(ConstValue::Str(Arc::from(format!("{left}{right}"))))
        }
        _ => None,
    }
}

fn as_float(value: &ConstValue) -> Option<f64> {
    match value {
        ConstValue::Float(bits) => Some(f64::from_bits(*bits)),
        // Exact only: a rounded operand would need Python's own conversion.
        ConstValue::Int(value) if value.unsigned_abs() <= 1 << 53 =>
        {
            #[expect(clippy::cast_precision_loss, reason = "at most 53 bits, so exact")]
            Some(*value as f64)
        }
        _ => None,
    }
}

fn fold_ints(left: i128, op: Operator, right: i128) -> Option<ConstValue> {
    Some(ConstValue::Int(match op {
        Operator::Add => left.checked_add(right)?,
        Operator::Sub => left.checked_sub(right)?,
        Operator::Mult => left.checked_mul(right)?,
        Operator::FloorDiv if right != 0 => left.checked_sub(left.rem_euclid(right)).filter(|_| right > 0)? / right,
        Operator::Mod if right > 0 => left.rem_euclid(right),
        Operator::Div if right != 0 => {
            return fold_floats(as_float(&ConstValue::Int(left))?, Operator::Div, as_float(&ConstValue::Int(right))?);
        }
        Operator::Pow if (0..128).contains(&right) => left.checked_pow(u32::try_from(right).ok()?)?,
        Operator::LShift if (0..100).contains(&right) => {
            left.checked_mul(1i128.checked_shl(u32::try_from(right).ok()?)?)?
        }
        Operator::RShift if (0..127).contains(&right) => left >> right,
        Operator::BitOr => left | right,
        Operator::BitXor => left ^ right,
        Operator::BitAnd => left & right,
        _ => return None,
    }))
}

fn fold_floats(left: f64, op: Operator, right: f64) -> Option<ConstValue> {
    Some(ConstValue::float(match op {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mult => left * right,
        Operator::Div if right != 0.0 => left / right,
        _ => return None,
    }))
}
