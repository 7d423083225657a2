//! Powers by small half-integers without the C library, and equal to it.
//!
//! Problem: `x ** 0.5`, `x ** 2` and `x ** -1.5` are what numeric programs raise to, the C library's `pow` takes some 60 cycles for them, and the result must
//! be its result to the last bit.
//! Idea: `pow` of glibc (2.28 and later; earlier ones round correctly) and of musl is `exp(y * log x)` with a logarithm in two doubles. Its authors bound what it is off before it
//! rounds: 0.011 units in the last place by `exp`, and 1.5 * 2^-15 times `|y * log x|` by the logarithm. For common bases and small exponents that is less than 0.018 units. So where the true power is
//! farther than that from the middle between two doubles, `pow` gives the nearest double, and so does everybody who knows the true power to some 100 bits: a sum of two
//! doubles made of a square root, products and quotients with exact residuals. One base in 25 is too close to a middle and goes to `pow`.
//! Holds: the same bits as `pow`, on every machine; the machine code of the JIT follows the same steps.

/// Whether the C library's error bound is known.
pub const IS_BOUNDED: bool = cfg!(all(target_os = "linux", any(target_env = "gnu", target_env = "musl")));

/// The largest exponent's double that is served.
pub const MOST_HALVES: i32 = 8;

/// Biased exponents of common bases, 2^-50 to 2^51: `|y * log x|` is at most 142, and no residual underflows.
pub const LEAST_EXPONENT: u64 = 1023 - 50;
/// How many biased exponents from [`LEAST_EXPONENT`] on are served.
pub const EXPONENTS: u64 = 101;

/// Bits of a double's exponent.
pub const EXPONENT_MASK: u64 = 0x7ff << 52;

/// What may be missing between a double and the true value, as a part of the power of two below the double: 123/256 of the unit in the last place. A
/// half less 0.0195, which covers the library's 0.018 and the sum's own error.
pub const MOST_REST: f64 = 123.0 / 256.0 * f64::EPSILON;

/// C's `pow`, quickly.
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    quick(x, y).unwrap_or_else(|| x.powf(y))
}

/// The number of halves of an exponent that is served.
#[must_use]
pub fn halves(y: f64) -> Option<i32> {
    let halves = (y + y) as i32;
    (f64::from(halves) == y + y && halves.abs() <= MOST_HALVES).then_some(halves)
}

fn quick(x: f64, y: f64) -> Option<f64> {
    let halves = halves(y)?;
    let size = x.abs();
    let is_common = (size.to_bits() >> 52).wrapping_sub(LEAST_EXPONENT) < EXPONENTS;
    let is_root = halves & 1 != 0;
    if !IS_BOUNDED || !is_common || (is_root && x < 0.0) {
        return None;
    }
    let power = with_residuals(size, halves)?;
    let is_negative = x < 0.0 && halves & 2 != 0;
    Some(if is_negative { -power } else { power })
}

#[cfg(target_arch = "x86_64")]
fn with_residuals(x: f64, halves: i32) -> Option<f64> {
    #[target_feature(enable = "fma")]
    fn fused(x: f64, halves: i32) -> Option<f64> {
        rounded(x, halves)
    }
    // Without the instruction a fused operation costs more than `pow`.
    if !std::arch::is_x86_feature_detected!("fma") {
        return None;
    }
    // SAFETY: the processor has the instruction.
    unsafe { fused(x, halves) }
}

#[cfg(not(target_arch = "x86_64"))]
fn with_residuals(x: f64, halves: i32) -> Option<f64> {
    rounded(x, halves)
}

/// The nearest double, when it is certain.
#[inline(always)]
fn rounded(x: f64, halves: i32) -> Option<f64> {
    let count = halves.abs();
    let mut power = (1.0, 0.0);
    if count & 1 != 0 {
        let root = x.sqrt();
        power = (root, (-root).mul_add(root, x) / (root + root));
    }
    for _ in 0..count / 2 {
        let high = power.0 * x;
        power = sum(high, power.1.mul_add(x, power.0.mul_add(x, -high)));
    }
    if halves < 0 {
        let high = 1.0 / power.0;
        let residual = (-high).mul_add(power.1, (-high).mul_add(power.0, 1.0));
        power = sum(high, high * residual);
    }
    let (high, low) = power;
    // For a power of two the one below: its lower neighbour is only half as far.
    let unit = f64::from_bits((high.to_bits() - 1) & EXPONENT_MASK);
    (low.abs() <= unit * MOST_REST).then_some(high)
}

/// The sum as its nearest double and the rest; `low` is the smaller.
#[inline(always)]
fn sum(high: f64, low: f64) -> (f64, f64) {
    let nearest = high + low;
    (nearest, low - (nearest - high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn assert_same(x: f64, y: f64) -> bool {
        let quick = quick(x, y);
        if let Some(quick) = quick {
            let slow = std::hint::black_box(x).powf(std::hint::black_box(y));
            assert_eq!(quick.to_bits(), slow.to_bits(), "{x:e} ({:#x}) ** {y}: {quick:e}, not {slow:e}", x.to_bits());
        }
        quick.is_some()
    }

    #[test]
    fn random_bases_agree_with_the_library() {
        let rounds = if std::env::var_os("CINDER_SLOW_TESTS").is_some() { 2_000_000 } else { 100_000 };
        let mut state = 0x9e37_79b9_7f4a_7c15;
        let mut quick = 0u64;
        for _ in 0..rounds {
            let bits = random(&mut state);
            let fraction = bits & !EXPONENT_MASK;
            // Any double; one near 1; one with a short fraction, whose powers lie on or near middles.
            let near = f64::from_bits(fraction | (1023 - 4 + (bits >> 55 & 7)) << 52);
            let short = f64::from_bits(near.to_bits() & !((1 << (26 + bits % 20)) - 1));
            for x in [f64::from_bits(bits), near, short, (bits >> 44) as f64] {
                for halves in -8..=8 {
                    quick += u64::from(assert_same(x, f64::from(halves) / 2.0));
                }
            }
        }
        assert!(!IS_BOUNDED || quick > rounds * 17 * 2, "{quick} of {rounds} are quick");
    }

    /// Squares, roots of squares and their neighbours: exact results, and the closest to middles.
    #[test]
    fn neighbours_of_squares_agree_with_the_library() {
        let mut state = 1;
        for _ in 0..20_000 {
            let root = f64::from_bits(random(&mut state) >> 12 | 0x3ff0_0000_0000_0000);
            let square = root * root;
            for step in -3i64..=3 {
                let x = f64::from_bits(square.to_bits().wrapping_add_signed(step));
                for y in [0.5, -0.5, 1.5, -1.5] {
                    assert_same(x, y);
                }
                let near =
                    f64::from_bits((2f64.sqrt().to_bits() + (random(&mut state) & 0xffff)).wrapping_add_signed(step));
                assert_same(near, 2.0);
                assert_same(-near, -2.0);
            }
        }
    }

    #[test]
    fn what_is_special_is_left_to_the_library() {
        let odd = [
            0.0,
            f64::INFINITY,
            f64::NAN,
            f64::MIN_POSITIVE,
            5e-324,
            f64::MAX,
            1e-300,
            1e300,
            1.0,
            f64::from_bits((1023 + 50) << 52),
        ];
        for x in odd.into_iter().flat_map(|x| [x, -x]) {
            for y in [0.0, -0.0, 0.5, -0.5, 1.0, 1.5, 2.0, -2.0, 3.0, 4.5, 0.25, 1e10, f64::NAN, f64::INFINITY] {
                let (quick, slow) = (pow(x, y), std::hint::black_box(x).powf(std::hint::black_box(y)));
                assert!(quick.to_bits() == slow.to_bits() || quick.is_nan() && slow.is_nan(), "{x:e} ** {y}");
            }
        }
        assert_eq!(quick(-2.0, 0.5), None);
        assert_eq!(quick(0.0, 2.0), None);
        assert_eq!(quick(3.0, 0.3), None);
    }
}
