//! Constant folding.
//!
//! Idea: an expression whose parts are constants is computed now, when the result is small and computing it cannot fail.
//! Holds: limits are those of CPython's optimizer, so that code objects stay small and compilation stays quick: integers of 128 bits, 256
//! items, strings of 4,096 characters, 1,024 items counted through nested tuples.

use crate::constant::is_true;
use crate::lower::Lowerer;
use cinder_bytecode::Constant;
use cinder_syntax::ast::{self, Expr, Number, Operator, UnaryOp};
use num_bigint::{BigInt, Sign};
use num_traits::{Pow, Signed, ToPrimitive, Zero};

const MAX_INT_BITS: u64 = 128;
const MAX_COLLECTION: usize = 256;
const MAX_STR: usize = 4096;
const MAX_TOTAL_ITEMS: i64 = 1024;
/// Decimal digits an integer literal may have (`sys.int_info.default_max_str_digits`).
const MAX_DIGITS: usize = 4300;

impl<'a> Lowerer<'a> {
    /// The value of a constant expression.
    pub(crate) fn constant(&mut self, expression: &'a Expr) -> Option<Constant> {
        match expression {
            Expr::StringLiteral(node) => Some(self.string_constant(node)),
            Expr::BytesLiteral(node) => Some(Constant::Bytes(node.value.bytes().collect())),
            Expr::NumberLiteral(node) => Some(self.number(node)),
            Expr::BooleanLiteral(node) => Some(if node.value { Constant::True } else { Constant::False }),
            Expr::NoneLiteral(_) => Some(Constant::None),
            Expr::EllipsisLiteral(_) => Some(Constant::Ellipsis),
            Expr::Name(node) if node.id.as_str() == "__debug__" => {
                Some(if self.options.optimize == 0 { Constant::True } else { Constant::False })
            }
            Expr::UnaryOp(_) | Expr::BinOp(_) | Expr::Tuple(_) | Expr::Subscript(_) | Expr::Slice(_) => {
                self.compound_constant(expression)
            }
            _ => None,
        }
    }

    fn compound_constant(&mut self, expression: &'a Expr) -> Option<Constant> {
        let address = Self::address(expression);
        if self.not_constant.contains(&address) {
            return None;
        }
        let folded = crate::lower::grow(|| self.fold(expression));
        if folded.is_none() {
            self.not_constant.insert(address);
        }
        folded
    }

    fn fold(&mut self, expression: &'a Expr) -> Option<Constant> {
        match expression {
            Expr::UnaryOp(node) => {
                let operand = self.constant(&node.operand)?;
                unary(node.op, &operand)
            }
            Expr::BinOp(node) => {
                // The right side first: a chain's left side is the long one.
                let right = self.constant(&node.right)?;
                let left = self.constant(&node.left)?;
                binary(node.op, &left, &right)
            }
            Expr::Tuple(node) => self.constants(&node.elts).map(|items| Constant::Tuple(items.into())),
            Expr::Subscript(node) => {
                let key = self.constant(&node.slice)?;
                let object = self.constant(&node.value)?;
                subscript(&object, &key)
            }
            Expr::Slice(node) => {
                let mut bound = |bound: &'a Option<Box<Expr>>| match bound {
                    Some(bound) => self.constant(bound),
                    None => Some(Constant::None),
                };
                let bounds = [bound(&node.lower)?, bound(&node.upper)?, bound(&node.step)?];
                Some(Constant::Slice(Box::new(bounds)))
            }
            _ => None,
        }
    }

    /// All of `items`, when each is constant.
    pub(crate) fn constants(&mut self, items: &'a [Expr]) -> Option<Vec<Constant>> {
        items.iter().map(|item| self.constant(item)).collect()
    }

    fn number(&mut self, node: &ast::ExprNumberLiteral) -> Constant {
        match &node.value {
            Number::Float(value) => Constant::Float(*value),
            Number::Complex { real, imag } => Constant::Complex(*real, *imag),
            Number::Int(value) => match value.as_u64() {
                Some(small) => Constant::Int(small.into()),
                None => self.big_int(&value.to_string(), node),
            },
        }
    }

    fn big_int(&mut self, token: &str, node: &ast::ExprNumberLiteral) -> Constant {
        let digits: String = token.chars().filter(|char| *char != '_').collect();
        let (radix, digits) = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("0x") => (16, &digits[2..]),
            Some("0o") => (8, &digits[2..]),
            Some("0b") => (2, &digits[2..]),
            _ => (10, &digits[..]),
        };
        if radix == 10 && digits.len() > MAX_DIGITS {
            let message = format!(
                "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion: value has {} digits; use \
                 sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to avoid decimal \
                 conversion limits.",
                digits.len()
            );
            self.report(message, node.range);
            return Constant::None;
        }
        let value = BigInt::parse_bytes(digits.as_bytes(), radix).expect("the lexer accepted the digits");
        Constant::Int(value)
    }
}

fn integer(constant: &Constant) -> Option<BigInt> {
    match constant {
        Constant::Int(value) => Some(value.clone()),
        Constant::True => Some(1.into()),
        Constant::False => Some(0.into()),
        _ => None,
    }
}

fn float(constant: &Constant) -> Option<f64> {
    match constant {
        Constant::Float(value) => Some(*value),
        other => {
            let value = integer(other)?;
            // Beyond 53 bits conversion rounds or overflows: leave that to the run.
            (value.bits() <= 53).then(|| value.to_f64()).flatten()
        }
    }
}

fn unary(op: UnaryOp, operand: &Constant) -> Option<Constant> {
    match (op, operand) {
        (UnaryOp::Not, Constant::Code(_)) => None,
        (UnaryOp::Not, _) => Some(if is_true(operand) { Constant::False } else { Constant::True }),
        (UnaryOp::USub, Constant::Float(value)) => Some(Constant::Float(-value)),
        (UnaryOp::UAdd, Constant::Float(value)) => Some(Constant::Float(*value)),
        (UnaryOp::USub, Constant::Complex(real, imag)) => Some(Constant::Complex(-real, -imag)),
        (UnaryOp::UAdd, Constant::Complex(real, imag)) => Some(Constant::Complex(*real, *imag)),
        (UnaryOp::USub, _) => integer(operand).map(|value| Constant::Int(-value)),
        (UnaryOp::UAdd, _) => integer(operand).map(Constant::Int),
        // `~True` warns at run time.
        (UnaryOp::Invert, Constant::Int(value)) => Some(Constant::Int(!value)),
        (UnaryOp::Invert, _) => None,
    }
}

fn binary(op: Operator, left: &Constant, right: &Constant) -> Option<Constant> {
    use Constant::{Bytes, Complex, Float, Str, Tuple};
    match (op, left, right) {
        (Operator::Add, Str(left), Str(right)) if left.len() + right.len() <= MAX_STR => {
            Some(Str(format!("{left}{right}").into()))
        }
        (Operator::Add, Bytes(left), Bytes(right)) if left.len() + right.len() <= MAX_STR => {
            Some(Bytes([&left[..], &right[..]].concat().into()))
        }
        (Operator::Add, Tuple(left), Tuple(right)) if left.len() + right.len() <= MAX_COLLECTION => {
            Some(Tuple(left.iter().chain(right).cloned().collect()))
        }
        (Operator::Mult, Str(_) | Bytes(_) | Tuple(_), _) => repeat(left, right),
        (Operator::Mult, _, Str(_) | Bytes(_) | Tuple(_)) => repeat(right, left),
        (_, Complex(..), _) | (_, _, Complex(..)) => complex(op, left, right),
        (_, Float(_), _) | (_, _, Float(_)) => float_binary(op, float(left)?, float(right)?),
        _ => int_binary(op, left, right),
    }
}

fn repeat(sequence: &Constant, count: &Constant) -> Option<Constant> {
    let count = integer(count)?.to_usize()?;
    match sequence {
        Constant::Str(text) => {
            (text.len().checked_mul(count)? <= MAX_STR).then(|| Constant::Str(text.repeat(count).into()))
        }
        Constant::Bytes(bytes) => {
            (bytes.len().checked_mul(count)? <= MAX_STR).then(|| Constant::Bytes(bytes.repeat(count).into()))
        }
        Constant::Tuple(items) => {
            let total = items.len().checked_mul(count)?;
            let nested = total_items(sequence, MAX_TOTAL_ITEMS).checked_mul(i64::try_from(count).ok()?)?;
            (total <= MAX_COLLECTION && nested <= MAX_TOTAL_ITEMS).then(|| Constant::Tuple(items.repeat_items(count)))
        }
        _ => None,
    }
}

trait RepeatItems {
    fn repeat_items(&self, count: usize) -> Box<[Constant]>;
}

impl RepeatItems for [Constant] {
    fn repeat_items(&self, count: usize) -> Box<[Constant]> {
        std::iter::repeat_n(self, count).flatten().cloned().collect()
    }
}

/// Items counted through nested tuples, no further than `limit`.
fn total_items(constant: &Constant, limit: i64) -> i64 {
    match constant {
        Constant::Tuple(items) => {
            let mut total = items.len() as i64;
            for item in items {
                if total > limit {
                    break;
                }
                total += total_items(item, limit - total);
            }
            total
        }
        _ => 0,
    }
}

fn complex(op: Operator, left: &Constant, right: &Constant) -> Option<Constant> {
    let parts = |constant: &Constant| match constant {
        Constant::Complex(real, imag) => Some((*real, *imag)),
        other => float(other).map(|real| (real, 0.0)),
    };
    // A real operand keeps the other's zero signs, so only the imaginary part of a complex one takes part.
    let (left_real, left_imag) = parts(left)?;
    let (right_real, right_imag) = parts(right)?;
    let is_real = |constant: &Constant| !matches!(constant, Constant::Complex(..));
    match op {
        Operator::Add if is_real(left) => Some(Constant::Complex(left_real + right_real, right_imag)),
        Operator::Add if is_real(right) => Some(Constant::Complex(left_real + right_real, left_imag)),
        Operator::Add => Some(Constant::Complex(left_real + right_real, left_imag + right_imag)),
        Operator::Sub if is_real(left) => Some(Constant::Complex(left_real - right_real, -right_imag)),
        Operator::Sub if is_real(right) => Some(Constant::Complex(left_real - right_real, left_imag)),
        Operator::Sub => Some(Constant::Complex(left_real - right_real, left_imag - right_imag)),
        Operator::Mult if is_real(left) => Some(Constant::Complex(left_real * right_real, left_real * right_imag)),
        Operator::Mult if is_real(right) => Some(Constant::Complex(left_real * right_real, left_imag * right_real)),
        _ => None,
    }
}

fn float_binary(op: Operator, left: f64, right: f64) -> Option<Constant> {
    let value = match op {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mult => left * right,
        Operator::Div if right != 0.0 => left / right,
        Operator::Pow if left > 0.0 => {
            let value = left.powf(right);
            if !value.is_finite() {
                return None;
            }
            value
        }
        _ => return None,
    };
    Some(Constant::Float(value))
}

fn int_binary(op: Operator, left: &Constant, right: &Constant) -> Option<Constant> {
    let both_bool =
        matches!(left, Constant::True | Constant::False) && matches!(right, Constant::True | Constant::False);
    let (left, right) = (integer(left)?, integer(right)?);
    let value = match op {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mult if left.bits() + right.bits() <= MAX_INT_BITS => left * right,
        Operator::Div if !right.is_zero() && left.bits() <= 53 && right.bits() <= 53 => {
            return Some(Constant::Float(left.to_f64()? / right.to_f64()?));
        }
        Operator::FloorDiv if !right.is_zero() => floor_div(&left, &right).0,
        Operator::Mod if !right.is_zero() => floor_div(&left, &right).1,
        Operator::Pow => {
            let exponent = right.to_u32()?;
            if left.bits() * u64::from(exponent) > MAX_INT_BITS {
                return None;
            }
            Pow::pow(left, exponent)
        }
        Operator::LShift => {
            let shift = right.to_u64()?;
            if shift > MAX_INT_BITS || left.bits() + shift > MAX_INT_BITS {
                return None;
            }
            left << shift
        }
        Operator::RShift => {
            let shift = right.to_u64()?;
            left >> shift
        }
        Operator::BitOr | Operator::BitXor | Operator::BitAnd => {
            let value = match op {
                Operator::BitOr => left | right,
                Operator::BitXor => left ^ right,
                _ => left & right,
            };
            if both_bool {
                return Some(if value.is_zero() { Constant::False } else { Constant::True });
            }
            value
        }
        _ => return None,
    };
    Some(Constant::Int(value))
}

/// Quotient and remainder rounding towards negative infinity.
fn floor_div(left: &BigInt, right: &BigInt) -> (BigInt, BigInt) {
    let (quotient, remainder) = (left / right, left % right);
    if !remainder.is_zero() && (remainder.sign() == Sign::Minus) != right.is_negative() {
        (quotient - 1, remainder + right)
    } else {
        (quotient, remainder)
    }
}

fn subscript(object: &Constant, key: &Constant) -> Option<Constant> {
    let index = integer(key)?.to_i64()?;
    let place = |length: usize| {
        let index = if index < 0 { index + length as i64 } else { index };
        usize::try_from(index).ok().filter(|index| *index < length)
    };
    match object {
        Constant::Tuple(items) => Some(items[place(items.len())?].clone()),
        Constant::Str(text) => {
            let index = place(text.chars().count())?;
            text.chars().nth(index).map(|char| Constant::Str(char.to_string().into()))
        }
        Constant::Bytes(bytes) => Some(Constant::Int(bytes[place(bytes.len())?].into())),
        _ => None,
    }
}
