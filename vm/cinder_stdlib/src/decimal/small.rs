//! Arithmetic of numbers with few digits, by far the most: in machine words, without the general form of [`Decimal`].
//!
//! Holds: whatever could round, overflow, or has a rule of its own (zeros, special values) answers `None`, and the general code decides.

use cinder_vm::{Gc, Value};

use super::context::Limits;
use super::digits::{Cut, POWERS};
use super::number::{Kind, PyNumber};

/// A finite number, not zero unless a function says so.
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

    /// A number that may be zero.
    #[inline]
    pub(super) fn of_any(number: Gc<PyNumber>) -> Option<Small> {
        let digits = number.small_digits().filter(|_| number.kind == Kind::Finite)?;
        Some(Small { sign: number.sign, exponent: number.exponent, digits })
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
        self.digits < *bound
            && self.exponent >= limits.emin
            && self.exponent <= limits.emax.saturating_sub(limits.prec.max(MARGIN))
    }

    /// The number, which may be zero, at another exponent as the context rounds, and for one that was rounded whether nothing got lost.
    #[inline]
    pub(super) fn quantized(self, exponent: i64, limits: &Limits) -> Option<(Small, Option<bool>)> {
        let distance = self.exponent.checked_sub(exponent)?;
        let power = *POWERS.get(usize::try_from(distance.unsigned_abs()).ok()?)?;
        let (digits, is_exact) = if distance >= 0 || self.digits == 0 {
            (self.digits.checked_mul(power)?, None)
        } else {
            let (kept, rest) = match (u64::try_from(self.digits), u64::try_from(power)) {
                (Ok(digits), Ok(power)) => (u128::from(digits / power), u128::from(digits % power)),
                _ => (self.digits / power, self.digits % power),
            };
            let cut = Cut { is_exact: rest == 0, half: rest.cmp(&(power / 2)) };
            let goes_up = limits.rounding.goes_up(self.sign, || (kept % 10) as u8, &cut);
            (kept + u128::from(goes_up), Some(cut.is_exact))
        };
        let result = Small { sign: self.sign, exponent, digits };
        result.fits(limits).then_some((result, is_exact))
    }

    #[inline]
    pub(super) fn sum(self, other: Small) -> Option<Small> {
        let distance = self.exponent.checked_sub(other.exponent)?;
        let power = *POWERS.get(usize::try_from(distance.unsigned_abs()).ok()?)?;
        let (a, b, exponent) = if distance >= 0 {
            (scaled(self.digits, power)?, other.digits, other.exponent)
        } else {
            (self.digits, scaled(other.digits, power)?, self.exponent)
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

/// `digits * power`: the checked product of wide numbers takes several times as long as that of words.
#[inline]
fn scaled(digits: u128, power: u128) -> Option<u128> {
    match (u64::try_from(digits), u64::try_from(power)) {
        (Ok(digits), Ok(power)) => Some(u128::from(digits) * u128::from(power)),
        _ => digits.checked_mul(power),
    }
}
