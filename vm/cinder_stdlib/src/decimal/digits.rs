//! Coefficients: non-negative integers that are looked at in decimal.

use std::borrow::Cow;
use std::cmp::Ordering;

use num_bigint::BigUint;
use num_integer::Integer;
use num_traits::{One, ToPrimitive, Zero};

/// A coefficient; `Small` whenever it fits.
#[derive(Clone, Debug)]
pub(super) enum Digits {
    Small(u128),
    Big(BigUint),
}

/// Powers of ten that fit.
pub(super) static POWERS: [u128; 39] = {
    let mut powers = [1; 39];
    let mut index = 1;
    while index < 39 {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

fn power(exponent: usize) -> BigUint {
    match POWERS.get(exponent) {
        Some(power) => BigUint::from(*power),
        None => BigUint::from(10u8).pow(exponent as u32),
    }
}

/// Where a cut lies between two digits: whether anything was cut off, and how that compares with a half.
pub(super) struct Cut {
    pub(super) is_exact: bool,
    pub(super) half: Ordering,
}

impl Digits {
    /// Empty text is zero; `None` when a character is no ASCII digit.
    pub(super) fn parse(text: &str) -> Option<Digits> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        match text.len() {
            0 => Some(Digits::Small(0)),
            1..=38 => text.parse().ok().map(Digits::Small),
            _ => BigUint::parse_bytes(text.as_bytes(), 10).map(Digits::from_big),
        }
    }

    pub(super) fn from_big(number: BigUint) -> Digits {
        match number.to_u128() {
            Some(small) => Digits::Small(small),
            None => Digits::Big(number),
        }
    }

    pub(super) fn to_big(&self) -> Cow<'_, BigUint> {
        match self {
            Digits::Small(number) => Cow::Owned(BigUint::from(*number)),
            Digits::Big(number) => Cow::Borrowed(number),
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Digits::Small(number) => match u64::try_from(*number) {
                Ok(number) => number.to_string(),
                Err(_) => number.to_string(),
            },
            Digits::Big(number) => number.to_string(),
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        matches!(self, Digits::Small(0))
    }

    /// The last decimal digit.
    pub(super) fn last(&self) -> u8 {
        match self {
            Digits::Small(number) => (number % 10) as u8,
            Digits::Big(number) => (number % 10u8).to_u8().unwrap_or(0),
        }
    }

    /// Number of decimal digits; zero has one.
    pub(super) fn count(&self) -> i64 {
        match self {
            Digits::Small(0) => 1,
            Digits::Small(number) => match u64::try_from(*number) {
                Ok(number) => i64::from(number.ilog10()) + 1,
                Err(_) => i64::from(number.ilog10()) + 1,
            },
            Digits::Big(number) => {
                // 10^least is not above the number; the next power may not be either.
                let mut least = ((number.bits() - 1) as f64 * std::f64::consts::LOG10_2) as usize;
                while *number >= power(least + 1) {
                    least += 1;
                }
                least as i64 + 1
            }
        }
    }

    pub(super) fn compare(&self, other: &Digits) -> Ordering {
        match (self, other) {
            (Digits::Small(a), Digits::Small(b)) => a.cmp(b),
            (Digits::Small(_), Digits::Big(_)) => Ordering::Less,
            (Digits::Big(_), Digits::Small(_)) => Ordering::Greater,
            (Digits::Big(a), Digits::Big(b)) => a.cmp(b),
        }
    }

    pub(super) fn plus(&self, other: &Digits) -> Digits {
        if let (Digits::Small(a), Digits::Small(b)) = (self, other)
            && let Some(sum) = a.checked_add(*b)
        {
            return Digits::Small(sum);
        }
        Digits::from_big(&*self.to_big() + &*other.to_big())
    }

    /// `self - other`, which is not negative.
    pub(super) fn minus(&self, other: &Digits) -> Digits {
        match (self, other) {
            (Digits::Small(a), Digits::Small(b)) => Digits::Small(a - b),
            _ => Digits::from_big(&*self.to_big() - &*other.to_big()),
        }
    }

    pub(super) fn times(&self, other: &Digits) -> Digits {
        if let (Digits::Small(a), Digits::Small(b)) = (self, other) {
            if let (Ok(a), Ok(b)) = (u64::try_from(*a), u64::try_from(*b)) {
                return Digits::Small(u128::from(a) * u128::from(b));
            }
            if let Some(product) = a.checked_mul(*b) {
                return Digits::Small(product);
            }
        }
        Digits::from_big(&*self.to_big() * &*other.to_big())
    }

    /// `self * 10**places`.
    pub(super) fn shifted(&self, places: usize) -> Digits {
        if places == 0 || self.is_zero() {
            return self.clone();
        }
        if let Digits::Small(number) = self
            && let Some(product) = POWERS.get(places).and_then(|power| number.checked_mul(*power))
        {
            return Digits::Small(product);
        }
        Digits::from_big(&*self.to_big() * power(places))
    }

    /// Quotient and whether there is a rest; `other` is not zero.
    pub(super) fn divided(&self, other: &Digits) -> (Digits, bool) {
        match (self, other) {
            (Digits::Small(a), Digits::Small(b)) => (Digits::Small(a / b), a % b == 0),
            _ => {
                let (quotient, rest) = self.to_big().div_rem(&other.to_big());
                (Digits::from_big(quotient), rest.is_zero())
            }
        }
    }

    /// Without the last `places` digits, and what was cut off.
    pub(super) fn cut(&self, places: usize) -> (Digits, Cut) {
        if places == 0 {
            return (self.clone(), Cut { is_exact: true, half: Ordering::Less });
        }
        if let (Digits::Small(number), Some(power)) = (self, POWERS.get(places)) {
            let (kept, rest) = match (u64::try_from(*number), u64::try_from(*power)) {
                (Ok(number), Ok(power)) => (u128::from(number / power), u128::from(number % power)),
                _ => (number / power, number % power),
            };
            return (Digits::Small(kept), Cut { is_exact: rest == 0, half: rest.cmp(&(power / 2)) });
        }
        let power = power(places);
        let (kept, rest) = self.to_big().div_rem(&power);
        let cut = Cut { is_exact: rest.is_zero(), half: rest.cmp(&(power / 2u8)) };
        (Digits::from_big(kept), cut)
    }

    pub(super) fn next(&self) -> Digits {
        match self {
            Digits::Small(number) if *number < u128::MAX => Digits::Small(number + 1),
            _ => Digits::from_big(&*self.to_big() + BigUint::one()),
        }
    }
}
