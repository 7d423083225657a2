//! Arithmetic of numbers with few digits, by far the most: in machine words, without the general form of [`Decimal`].
//!
//! Holds: whatever could round, overflow, or has a rule of its own (zeros, special values) answers `None`, and the general code decides.

use cinder_vm::{Gc, Value};

use super::context::Limits;
use super::digits::POWERS;
use super::number::{Kind, PyNumber};

/// A finite number that is not zero.
#[derive(Clone, Copy)]
pub(super) struct Small {
    pub(super) sign: bool,
    pub(super) exponent: i64,
    pub(super) digits: u128,
}

/// An operation on two of them.
pub(super) type Exact = fn(Small, Small) -> Option<Small>;

impl Small {
    #[inline]
    pub(super) fn of_number(number: Gc<PyNumber>) -> Option<Small> {
        let digits = number.small_digits()?;
        let is_plain = number.kind == Kind::Finite && digits != 0;
        is_plain.then_some(Small { sign: number.sign, exponent: number.exponent, digits })
    }

    /// An operand: a number if there is one, else an int.
    #[inline]
    pub(super) fn of(number: Option<Gc<PyNumber>>, operand: Value) -> Option<Small> {
        match number {
            Some(number) => Small::of_number(number),
            None => {
                let int = operand.try_int().filter(|int| *int != 0)?;
                Some(Small { sign: int < 0, exponent: 0, digits: int.unsigned_abs().into() })
            }
        }
    }

    /// Whether the context leaves the number as it is, without any signal.
    #[inline]
    pub(super) fn fits(&self, limits: &Limits) -> bool {
        // Far from both ends of the exponents, which then need not be looked at to the digit.
        const MARGIN: i64 = 40;
        let bound = POWERS.get(usize::try_from(limits.prec).unwrap_or(0)).unwrap_or(&u128::MAX);
        self.digits < *bound && self.exponent >= limits.emin && self.exponent <= limits.emax - MARGIN
    }

    #[inline]
    pub(super) fn sum(self, other: Small) -> Option<Small> {
        let distance = self.exponent.checked_sub(other.exponent)?;
        let power = *POWERS.get(usize::try_from(distance.unsigned_abs()).ok()?)?;
        let (a, b, exponent) = if distance >= 0 {
            (self.digits.checked_mul(power)?, other.digits, other.exponent)
        } else {
            (self.digits, other.digits.checked_mul(power)?, self.exponent)
        };
        if self.sign == other.sign {
            return Some(Small { sign: self.sign, exponent, digits: a.checked_add(b)? });
        }
        let (sign, digits) = if a > b { (self.sign, a - b) } else { (other.sign, b - a) };
        // The sign of a zero depends on the rounding.
        (digits != 0).then_some(Small { sign, exponent, digits })
    }

    #[inline]
    pub(super) fn difference(self, other: Small) -> Option<Small> {
        self.sum(Small { sign: !other.sign, ..other })
    }

    #[inline]
    pub(super) fn product(self, other: Small) -> Option<Small> {
        let (a, b) = (u64::try_from(self.digits).ok()?, u64::try_from(other.digits).ok()?);
        let exponent = self.exponent.checked_add(other.exponent)?;
        Some(Small { sign: self.sign ^ other.sign, exponent, digits: u128::from(a) * u128::from(b) })
    }

    /// The exact quotient, when it has as few digits as the ideal exponent wants.
    #[inline]
    pub(super) fn quotient(self, other: Small) -> Option<Small> {
        let (a, b) = (u64::try_from(self.digits).ok()?, u64::try_from(other.digits).ok()?);
        let exponent = self.exponent.checked_sub(other.exponent)?;
        (a % b == 0).then_some(Small { sign: self.sign ^ other.sign, exponent, digits: (a / b).into() })
    }
}
