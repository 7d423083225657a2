//! Arithmetic of `complex`. Source: Objects/complexobject.c; infinities as in annex G of C.

use cinder_bytecode::CompareOp;
use cinder_layout::Value;

use crate::native::PyResult;
use crate::types::float::arith::hash_f64;
use crate::vm::Vm;

/// A complex number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Complex {
    pub real: f64,
    pub imag: f64,
}

impl std::ops::Neg for Complex {
    type Output = Complex;

    fn neg(self) -> Complex {
        Complex { real: -self.real, imag: -self.imag }
    }
}

const ONE: Complex = Complex { real: 1.0, imag: 0.0 };

/// An operand: a real number takes part as such, not as a number with imaginary part zero.
enum Operand {
    Real(f64),
    Complex(Complex),
}

fn operand(vm: &Vm, value: Value) -> PyResult<Option<Operand>> {
    if let Some(number) = vm.complex_value(value) {
        return Ok(Some(Operand::Complex(number)));
    }
    match vm.float_value(value) {
        Some(number) => Ok(Some(Operand::Real(number))),
        None if vm.is_int(value) => vm.int_to_float(value).map(|number| Some(Operand::Real(number))),
        None => Ok(None),
    }
}

impl Operand {
    fn complex(self) -> Complex {
        match self {
            Operand::Real(real) => Complex { real, imag: 0.0 },
            Operand::Complex(number) => number,
        }
    }
}

/// Evaluates `$body` with both operands, or answers NOT_IMPLEMENTED.
macro_rules! operands {
    ($vm:expr, $a:expr, $b:expr) => {
        match (operand($vm, $a)?, operand($vm, $b)?) {
            (Some(a), Some(b)) => (a, b),
            _ => return Ok(Value::NOT_IMPLEMENTED),
        }
    };
}

pub(super) fn add(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    vm.new_complex(match operands!(vm, a, b) {
        (Operand::Complex(a), Operand::Complex(b)) => Complex { real: a.real + b.real, imag: a.imag + b.imag },
        (Operand::Complex(c), Operand::Real(x)) | (Operand::Real(x), Operand::Complex(c)) => {
            Complex { real: c.real + x, imag: c.imag }
        }
        (Operand::Real(a), Operand::Real(b)) => Complex { real: a + b, imag: 0.0 },
    })
}

pub(super) fn subtract(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    vm.new_complex(match operands!(vm, a, b) {
        (Operand::Complex(a), Operand::Complex(b)) => Complex { real: a.real - b.real, imag: a.imag - b.imag },
        (Operand::Complex(c), Operand::Real(x)) => Complex { real: c.real - x, imag: c.imag },
        (Operand::Real(x), Operand::Complex(c)) => Complex { real: x - c.real, imag: -c.imag },
        (Operand::Real(a), Operand::Real(b)) => Complex { real: a - b, imag: 0.0 },
    })
}

pub(super) fn multiply(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    vm.new_complex(match operands!(vm, a, b) {
        (Operand::Complex(a), Operand::Complex(b)) => product(a, b),
        (Operand::Complex(c), Operand::Real(x)) | (Operand::Real(x), Operand::Complex(c)) => {
            Complex { real: c.real * x, imag: c.imag * x }
        }
        (Operand::Real(a), Operand::Real(b)) => Complex { real: a * b, imag: 0.0 },
    })
}

pub(super) fn divide(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let quotient = match operands!(vm, a, b) {
        (_, Operand::Real(0.0)) => None,
        (Operand::Complex(c), Operand::Real(x)) => Some(Complex { real: c.real / x, imag: c.imag / x }),
        (Operand::Complex(a), Operand::Complex(b)) => quotient(a, b),
        (Operand::Real(a), Operand::Complex(b)) => real_quotient(a, b),
        (Operand::Real(a), Operand::Real(b)) => Some(Complex { real: a / b, imag: 0.0 }),
    };
    match quotient {
        Some(quotient) => vm.new_complex(quotient),
        None => Err(vm.zero_division_error("division by zero")),
    }
}

/// 1 or 0 with the sign of `x`: whether it is infinite.
fn boxed(x: f64) -> f64 {
    f64::from(u8::from(x.is_infinite())).copysign(x)
}

fn without_nan(x: f64) -> f64 {
    if x.is_nan() { 0f64.copysign(x) } else { x }
}

fn product(z: Complex, w: Complex) -> Complex {
    let (mut a, mut b, mut c, mut d) = (z.real, z.imag, w.real, w.imag);
    let (ac, bd, ad, bc) = (a * c, b * d, a * d, b * c);
    let result = Complex { real: ac - bd, imag: ad + bc };
    if !(result.real.is_nan() && result.imag.is_nan()) {
        return result;
    }
    let mut again = false;
    if a.is_infinite() || b.is_infinite() {
        (a, b, c, d) = (boxed(a), boxed(b), without_nan(c), without_nan(d));
        again = true;
    }
    if c.is_infinite() || d.is_infinite() {
        (a, b, c, d) = (without_nan(a), without_nan(b), boxed(c), boxed(d));
        again = true;
    }
    if !again && [ac, bd, ad, bc].iter().any(|x| x.is_infinite()) {
        (a, b, c, d) = (without_nan(a), without_nan(b), without_nan(c), without_nan(d));
        again = true;
    }
    if !again {
        return result;
    }
    Complex { real: f64::INFINITY * (a * c - b * d), imag: f64::INFINITY * (a * d + b * c) }
}

/// By Smith's algorithm; `None` for a zero divisor.
fn quotient(a: Complex, b: Complex) -> Option<Complex> {
    let (abs_real, abs_imag) = (b.real.abs(), b.imag.abs());
    let result = if abs_real >= abs_imag {
        if abs_real == 0.0 {
            return None;
        }
        let ratio = b.imag / b.real;
        let denominator = b.real + b.imag * ratio;
        Complex { real: (a.real + a.imag * ratio) / denominator, imag: (a.imag - a.real * ratio) / denominator }
    } else if abs_imag >= abs_real {
        let ratio = b.real / b.imag;
        let denominator = b.real * ratio + b.imag;
        Complex { real: (a.real * ratio + a.imag) / denominator, imag: (a.imag * ratio - a.real) / denominator }
    } else {
        Complex { real: f64::NAN, imag: f64::NAN }
    };
    if !(result.real.is_nan() && result.imag.is_nan()) {
        return Some(result);
    }
    let finite = |z: Complex| z.real.is_finite() && z.imag.is_finite();
    let infinite = |z: Complex| z.real.is_infinite() || z.imag.is_infinite();
    if infinite(a) && finite(b) {
        let (x, y) = (boxed(a.real), boxed(a.imag));
        return Some(Complex {
            real: f64::INFINITY * (x * b.real + y * b.imag),
            imag: f64::INFINITY * (y * b.real - x * b.imag),
        });
    }
    if infinite(b) && finite(a) {
        let (x, y) = (boxed(b.real), boxed(b.imag));
        return Some(Complex { real: 0.0 * (a.real * x + a.imag * y), imag: 0.0 * (a.imag * x - a.real * y) });
    }
    Some(result)
}

fn real_quotient(a: f64, b: Complex) -> Option<Complex> {
    let (abs_real, abs_imag) = (b.real.abs(), b.imag.abs());
    let result = if abs_real >= abs_imag {
        if abs_real == 0.0 {
            return None;
        }
        let ratio = b.imag / b.real;
        let denominator = b.real + b.imag * ratio;
        Complex { real: a / denominator, imag: (-a * ratio) / denominator }
    } else if abs_imag >= abs_real {
        let ratio = b.real / b.imag;
        let denominator = b.real * ratio + b.imag;
        Complex { real: (a * ratio) / denominator, imag: -a / denominator }
    } else {
        Complex { real: f64::NAN, imag: f64::NAN }
    };
    if result.real.is_nan()
        && result.imag.is_nan()
        && a.is_finite()
        && (abs_real.is_infinite() || abs_imag.is_infinite())
    {
        return Some(Complex { real: 0.0 * (a * boxed(b.real)), imag: 0.0 * (-a * boxed(b.imag)) });
    }
    Some(result)
}

pub(super) fn power(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let (a, b) = operands!(vm, a, b);
    power_of(vm, a.complex(), b.complex())
}

/// `base ** exponent`. Small whole exponents are multiplied out, which is exact where polar coordinates are not.
pub(super) fn power_of(vm: &Vm, base: Complex, exponent: Complex) -> PyResult<Value> {
    let whole = exponent.imag == 0.0 && exponent.real == exponent.real.floor() && exponent.real.abs() <= 100.0;
    let result = if whole { whole_power(base, exponent.real as i64) } else { polar_power(base, exponent) };
    let Some(result) = result else { return Err(vm.zero_division_error("zero to a negative or complex power")) };
    if result.real.is_infinite() || result.imag.is_infinite() {
        return Err(vm.overflow_error("complex exponentiation"));
    }
    vm.new_complex(result)
}

fn whole_power(base: Complex, exponent: i64) -> Option<Complex> {
    let (mut result, mut factor, mut rest) = (ONE, base, exponent.unsigned_abs());
    while rest > 0 {
        if rest & 1 == 1 {
            result = product(result, factor);
        }
        rest >>= 1;
        factor = product(factor, factor);
    }
    if exponent > 0 { Some(result) } else { quotient(ONE, result) }
}

fn polar_power(a: Complex, b: Complex) -> Option<Complex> {
    if b.real == 0.0 && b.imag == 0.0 {
        return Some(ONE);
    }
    if a.real == 0.0 && a.imag == 0.0 {
        return if b.imag != 0.0 || b.real < 0.0 { None } else { Some(Complex { real: 0.0, imag: 0.0 }) };
    }
    let size = a.real.hypot(a.imag);
    let angle = a.imag.atan2(a.real);
    let (mut len, mut phase) = (size.powf(b.real), angle * b.real);
    if b.imag != 0.0 {
        len *= (-angle * b.imag).exp();
        phase += b.imag * size.ln();
    }
    Some(Complex { real: len * phase.cos(), imag: len * phase.sin() })
}

/// Equality with numbers of any kind; ints are compared exactly.
pub(super) fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let x = super::own(vm, a);
    let equal = if let Some(y) = vm.complex_value(b) {
        x.real == y.real && x.imag == y.imag
    } else if vm.is_int(b) || vm.float_value(b).is_some() {
        x.imag == 0.0 && vm.compare_bool(vm.new_float(x.real)?, b, CompareOp::Eq)?
    } else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::from_bool(equal == (op == CompareOp::Eq)))
}

pub(super) fn hash(vm: &Vm, value: Value) -> PyResult<i64> {
    const IMAGINARY: i64 = 1_000_003;
    let number = super::own(vm, value);
    let part = |x: f64| if x.is_nan() { vm.identity_hash(value) } else { hash_f64(x) };
    let hash = part(number.real).wrapping_add(part(number.imag).wrapping_mul(IMAGINARY));
    Ok(if hash == -1 { -2 } else { hash })
}
