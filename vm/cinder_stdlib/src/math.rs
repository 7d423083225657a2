//! `math`. Source: Modules/mathmodule.c.

use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

fn domain(vm: &Vm) -> cinder_vm::Raised {
    vm.value_error("math domain error")
}

/// What an infinite result of a finite argument means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Infinity {
    /// The argument lies outside the domain.
    Domain,
    Overflow,
}

/// What a function of one float expects of its argument, in words that continue "expected "; empty where nothing is said.
const UNIT: &str = "a number in range from -1 up to 1";
const OPEN_UNIT: &str = "a number between -1 and 1";
const NOT_LESS_THAN_1: &str = "argument value not less than 1";
const FINITE: &str = "a finite input";
const NO_POLE: &str = "a noninteger or positive integer";
const ANY: &str = "";

/// A float function of one float: NaN from a number is a domain error, infinity from a number a range or domain error.
fn unary(
    vm: &Vm,
    args: &[Arg],
    function: fn(f64) -> f64,
    infinity: Infinity,
    expected: &'static str,
) -> PyResult<Value> {
    let x = vm.float_argument(args.at(0))?;
    let result = function(x);
    let is_pole = result.is_infinite() && x.is_finite();
    if is_pole && infinity == Infinity::Overflow {
        return Err(vm.overflow_error("math range error"));
    }
    if is_pole || (result.is_nan() && !x.is_nan()) {
        if expected.is_empty() {
            return Err(domain(vm));
        }
        let got = vm.new_float(x)?;
        let got = vm.repr(got)?;
        return Err(vm.value_error(format!("expected {expected}, got {}", vm.str_text(got))));
    }
    vm.new_float(result)
}

fn is_pole_of_gamma(x: f64) -> bool {
    x == x.floor() && x <= 0.0 && x.is_finite()
}

macro_rules! float_functions {
    ($($name:literal $function:expr, $infinity:ident, $expected:ident;)*) => {
        &[$(NativeDef::function($name, "x, /", |vm, args| unary(vm, args, $function, Infinity::$infinity, $expected))),*]
    };
}

unsafe extern "C" {
    safe fn erf(x: f64) -> f64;
    safe fn erfc(x: f64) -> f64;
    safe fn tgamma(x: f64) -> f64;
    safe fn lgamma(x: f64) -> f64;
    safe fn nextafter(x: f64, y: f64) -> f64;
    safe fn remainder(x: f64, y: f64) -> f64;
    safe fn fma(x: f64, y: f64, z: f64) -> f64;
    #[link_name = "ldexp"]
    safe fn scaled(x: f64, exponent: i32) -> f64;
    // The standard library computes these three by formulas that lose digits.
    safe fn acosh(x: f64) -> f64;
    safe fn asinh(x: f64) -> f64;
    safe fn atanh(x: f64) -> f64;
}

static FLOATS: &[NativeDef] = float_functions! {
    "acos" f64::acos, Domain, UNIT;
    "acosh" |x| acosh(x), Domain, NOT_LESS_THAN_1;
    "asin" f64::asin, Domain, UNIT;
    "asinh" |x| asinh(x), Domain, ANY;
    "atan" f64::atan, Domain, ANY;
    "atanh" |x| atanh(x), Domain, OPEN_UNIT;
    "cbrt" f64::cbrt, Domain, ANY;
    "cos" f64::cos, Domain, FINITE;
    "cosh" f64::cosh, Overflow, ANY;
    "erf" |x| erf(x), Domain, ANY;
    "erfc" |x| erfc(x), Domain, ANY;
    "exp" f64::exp, Overflow, ANY;
    "exp2" f64::exp2, Overflow, ANY;
    "expm1" f64::exp_m1, Overflow, ANY;
    "fabs" f64::abs, Domain, ANY;
    "gamma" |x| if is_pole_of_gamma(x) { f64::NAN } else { tgamma(x) }, Overflow, NO_POLE;
    "lgamma" |x| if is_pole_of_gamma(x) { f64::NAN } else { lgamma(x) }, Overflow, NO_POLE;
    "sin" f64::sin, Domain, FINITE;
    "sinh" f64::sinh, Overflow, ANY;
    "tan" f64::tan, Domain, FINITE;
    "tanh" f64::tanh, Domain, ANY;
};

/// The integer part of a big number's logarithm does not fit a float: it is taken in two parts.
fn log_of(vm: &Vm, value: Value, function: fn(f64) -> f64) -> PyResult<f64> {
    if vm.is_int(value) {
        let number = vm.int_to_big(value).expect("it is an int");
        if number.sign() != num_bigint::Sign::Plus {
            return Err(vm.value_error("expected a positive input"));
        }
        if let Some(float) = number.to_f64().filter(|float| float.is_finite()) {
            return Ok(function(float));
        }
        let shift = number.bits() - 64;
        let top = (&number >> shift).to_f64().expect("64 bits fit a float");
        return Ok(function(top) + function(2.0) * shift as f64);
    }
    let x = vm.float_argument(value)?;
    if x.is_nan() || x == f64::INFINITY {
        return Ok(x);
    }
    if x <= 0.0 {
        let shown = cinder_vm::types::float::text::repr(x);
        return Err(vm.value_error(format!("expected a positive input, got {shown}")));
    }
    Ok(function(x))
}

fn log(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = log_of(vm, args.at(0), f64::ln)?;
    match args.opt(1) {
        None => vm.new_float(number),
        Some(base) => {
            let base = log_of(vm, base, f64::ln)?;
            if base == 0.0 {
                return Err(vm.zero_division_error("division by zero"));
            }
            vm.new_float(number / base)
        }
    }
}

fn rounded(vm: &Vm, args: &[Arg], name: Value, function: fn(f64) -> f64) -> PyResult<Value> {
    let value = args.at(0);
    let is_exact = vm.float_value(value).is_some() && vm.type_of(value) == vm.types.float;
    if !is_exact && let Some(result) = vm.call_special(value, name, &[])? {
        return Ok(result);
    }
    let x = vm.float_argument(value)?;
    vm.float_to_int(function(x))
}

fn big(vm: &Vm, value: Value) -> PyResult<BigInt> {
    let number = vm.index(value)?;
    Ok(vm.int_to_big(number).expect("index gives an int"))
}

fn fold_integers(vm: &Vm, args: &[Arg], start: BigInt, fold: fn(&BigInt, &BigInt) -> BigInt) -> PyResult<Value> {
    let mut total = start;
    for value in vm.tuple_items(args.at(0)) {
        total = fold(&total, &big(vm, *value)?);
    }
    vm.new_bigint(total.abs())
}

fn factorial(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = vm.index(args.at(0))?;
    if vm.int_to_big(number).is_some_and(|number| number.is_negative()) {
        return Err(vm.value_error("factorial() not defined for negative values"));
    }
    let number = vm
        .int_to_i64(number)
        .ok_or_else(|| vm.overflow_error("factorial() argument should not exceed 9223372036854775807"))?;
    vm.new_bigint(product(1, number as u64))
}

/// `low * .. * high` in halves, so that the factors stay of one size.
fn product(low: u64, high: u64) -> BigInt {
    if low > high {
        return BigInt::one();
    }
    if high - low < 8 {
        return (low..=high).fold(BigInt::one(), |total, factor| total * factor);
    }
    let middle = low + (high - low) / 2;
    product(low, middle) * product(middle + 1, high)
}

fn not_negative(vm: &Vm, value: Value, name: &str) -> PyResult<BigInt> {
    let number = big(vm, value)?;
    if number.is_negative() {
        Err(vm.value_error(format!("{name} must be a non-negative integer")))
    } else {
        Ok(number)
    }
}

fn comb(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (n, k) = (not_negative(vm, args.at(0), "n")?, not_negative(vm, args.at(1), "k")?);
    if k > n {
        return vm.new_int(0);
    }
    let k = std::cmp::min(&n - &k, k)
        .to_u64()
        .ok_or_else(|| vm.overflow_error("min(n - k, k) must not exceed 18446744073709551615"))?;
    let mut result = BigInt::one();
    for step in 0..k {
        result = result * (&n - step) / (step + 1);
    }
    vm.new_bigint(result)
}

fn perm(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some(k) = crate::args::given(args.opt(1)) else { return factorial(vm, args) };
    let (n, k) = (not_negative(vm, args.at(0), "n")?, not_negative(vm, k, "k")?);
    if k > n {
        return vm.new_int(0);
    }
    let k = k.to_u64().ok_or_else(|| vm.overflow_error("k must not exceed 18446744073709551615"))?;
    vm.new_bigint((0..k).fold(BigInt::one(), |total, step| total * (&n - step)))
}

fn isqrt(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = big(vm, args.at(0))?;
    if number.is_negative() {
        return Err(vm.value_error("isqrt() argument must be nonnegative"));
    }
    vm.new_bigint(number.sqrt())
}

/// Shewchuk's exact sum.
fn fsum(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut partials: Vec<f64> = Vec::new();
    let (mut special, mut infinite) = (0.0, 0.0);
    vm.for_each(args.at(0), |item| {
        let mut x = vm.float_argument(item)?;
        if !x.is_finite() {
            if x.is_infinite() {
                infinite += x;
            }
            special += x;
            return Ok(());
        }
        let mut kept = 0;
        for index in 0..partials.len() {
            let mut y = partials[index];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        partials.truncate(kept);
        if !x.is_finite() {
            return Err(vm.overflow_error("intermediate overflow in fsum"));
        }
        partials.push(x);
        Ok(())
    })?;
    if special != 0.0 || f64::is_nan(special) {
        if f64::is_nan(infinite) {
            return Err(vm.value_error("-inf + inf in fsum"));
        }
        return vm.new_float(special);
    }
    let mut total = 0.0;
    while let Some(x) = partials.pop() {
        let before = total;
        total = before + x;
        let low = x - (total - before);
        if low != 0.0 {
            // Rounds half to even across the remaining partials.
            if let Some(next) = partials.last()
                && (low < 0.0 && *next < 0.0 || low > 0.0 && *next > 0.0)
            {
                let doubled = low * 2.0;
                let candidate = total + doubled;
                if doubled == candidate - total {
                    total = candidate;
                }
            }
            break;
        }
    }
    vm.new_float(total)
}

fn prod(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut total = args.opt(1).unwrap_or(Value::ONE);
    vm.for_each(args.at(0), |item| {
        total = vm.binary_op(total, item, cinder_bytecode::BinaryOp::Multiply)?;
        Ok(())
    })?;
    Ok(total)
}

fn sumprod(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (left, right) = (vm.iter(args.at(0))?, vm.iter(args.at(1))?);
    let mut total = Value::ZERO;
    loop {
        match (vm.next(left)?, vm.next(right)?) {
            (Some(a), Some(b)) => {
                let term = vm.binary_op(a, b, cinder_bytecode::BinaryOp::Multiply)?;
                total = vm.binary_op(total, term, cinder_bytecode::BinaryOp::Add)?;
            }
            (None, None) => return Ok(total),
            _ => return Err(vm.value_error("Inputs are not the same length")),
        }
    }
}

fn length(parts: &[f64]) -> f64 {
    if parts.iter().any(|x| x.is_infinite()) {
        return f64::INFINITY;
    }
    if parts.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    let most = parts.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    if most == 0.0 || parts.len() <= 1 {
        return most;
    }
    let (_, exponent) = cinder_vm::types::float::arith::frexp(most);
    if exponent < -1023 {
        // The scale would overflow: subnormal numbers are made normal first.
        let normal: Vec<f64> = parts.iter().map(|x| x / f64::MIN_POSITIVE).collect();
        return f64::MIN_POSITIVE * length(&normal);
    }
    let scale = scaled(1.0, -exponent);
    let mut sum = Squares { whole: 1.0, of_products: 0.0, of_sums: 0.0 };
    parts.iter().for_each(|x| sum.add(x * scale, x * scale));
    let root = sum.total().sqrt();
    sum.add(-root, root);
    (root + sum.total() / (2.0 * root)) / scale
}

/// A sum of products of numbers up to 1, with what rounding took from it.
struct Squares {
    /// One more than the sum, so that each addition's error is found in three steps.
    whole: f64,
    of_products: f64,
    of_sums: f64,
}

impl Squares {
    fn add(&mut self, a: f64, b: f64) {
        let product = a * b;
        self.of_products += a.mul_add(b, -product);
        let whole = self.whole + product;
        self.of_sums += (self.whole - whole) + product;
        self.whole = whole;
    }

    fn total(&self) -> f64 {
        self.whole - 1.0 + (self.of_products + self.of_sums)
    }
}

fn floats(vm: &Vm, values: Value) -> PyResult<Vec<f64>> {
    let mut out = Vec::new();
    vm.for_each(values, |item| {
        out.push(vm.float_argument(item)?);
        Ok(())
    })?;
    Ok(out)
}

fn two(vm: &Vm, args: &[Arg]) -> PyResult<(f64, f64)> {
    Ok((vm.float_argument(args.at(0))?, vm.float_argument(args.at(1))?))
}

/// The float that is `steps` floats from `x` towards `y`, and not beyond it.
fn after_steps(x: f64, y: f64, steps: u64) -> f64 {
    if steps == 0 || x == y {
        return if steps == 0 { x } else { y };
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    // Floats in order are numbered by their bits, negative ones downwards from zero.
    const SIGN: u64 = 1 << 63;
    let place = |x: f64| if x.is_sign_negative() { -i128::from(x.to_bits() & !SIGN) } else { i128::from(x.to_bits()) };
    let (from, to, steps) = (place(x), place(y), i128::from(steps));
    let at = if to > from { (from + steps).min(to) } else { (from - steps).max(to) };
    if at == to {
        return y;
    }
    let magnitude = f64::from_bits(at.unsigned_abs() as u64);
    // Zero reached from below is negative.
    if at < 0 || (at == 0 && x.is_sign_negative()) { -magnitude } else { magnitude }
}

fn isclose(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (a, b) = two(vm, args)?;
    let tolerance = |value: Option<Value>, default| value.map_or(Ok(default), |value| vm.float_argument(value));
    let (relative, absolute) = (tolerance(args.opt(2), 1e-9)?, tolerance(args.opt(3), 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if a == b {
        return Ok(Value::TRUE);
    }
    if a.is_infinite() || b.is_infinite() {
        return Ok(Value::FALSE);
    }
    let difference = (b - a).abs();
    Ok(Value::from_bool(
        difference <= (relative * b).abs() || difference <= (relative * a).abs() || difference <= absolute,
    ))
}

fn pow(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (x, y) = two(vm, args)?;
    let result = x.powf(y);
    if x.is_finite() && y.is_finite() {
        if result.is_nan() || (result.is_infinite() && x == 0.0) {
            return Err(domain(vm));
        }
        if result.is_infinite() {
            return Err(vm.overflow_error("math range error"));
        }
    }
    vm.new_float(result)
}

fn ldexp(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let x = vm.float_argument(args.at(0))?;
    if !vm.is_int(args.at(1)) {
        return Err(vm.type_error("Expected an int as second argument to ldexp."));
    }
    let result = scaled(x, vm.index_clamped(args.at(1))?.clamp(-5000, 5000) as i32);
    if result.is_infinite() && x.is_finite() {
        return Err(vm.overflow_error("math range error"));
    }
    vm.new_float(result)
}

pub(crate) static MATH: ModuleDef = ModuleDef {
    doc: "This module provides access to the mathematical functions\ndefined by the C standard.",
    functions: &[
        NativeDef::function("sqrt", "x, /", |vm, args| {
            let x = vm.float_argument(args.at(0))?;
            if x < 0.0 {
                let shown = cinder_vm::types::float::text::repr(x);
                return Err(vm.value_error(format!("expected a nonnegative input, got {shown}")));
            }
            vm.new_float(x.sqrt())
        }),
        NativeDef::function("log", "x, base=None, /", log),
        NativeDef::function("log2", "x, /", |vm, args| vm.new_float(log_of(vm, args.at(0), f64::log2)?)),
        NativeDef::function("log10", "x, /", |vm, args| vm.new_float(log_of(vm, args.at(0), f64::log10)?)),
        NativeDef::function("log1p", "x, /", |vm, args| {
            let x = vm.float_argument(args.at(0))?;
            if x <= -1.0 {
                let shown = cinder_vm::types::float::text::repr(x);
                return Err(vm.value_error(format!("expected argument value > -1, got {shown}")));
            }
            vm.new_float(x.ln_1p())
        }),
        NativeDef::function("floor", "x, /", |vm, args| rounded(vm, args, vm.names.__floor__, f64::floor)),
        NativeDef::function("ceil", "x, /", |vm, args| rounded(vm, args, vm.names.__ceil__, f64::ceil)),
        NativeDef::function("trunc", "x, /", |vm, args| {
            match vm.call_special(args.at(0), vm.names.__trunc__, &[])? {
                Some(result) => Ok(result),
                None => {
                    let found = vm.type_name(args.at(0));
                    Err(vm.type_error(format!("type {found} doesn't define __trunc__ method")))
                }
            }
        }),
        NativeDef::function("gcd", "*integers", |vm, args| fold_integers(vm, args, BigInt::zero(), |a, b| a.gcd(b))),
        NativeDef::function("lcm", "*integers", |vm, args| fold_integers(vm, args, BigInt::one(), |a, b| a.lcm(b))),
        NativeDef::function("factorial", "n, /", factorial),
        NativeDef::function("comb", "n, k, /", comb),
        NativeDef::function("perm", "n, k=None, /", perm),
        NativeDef::function("isqrt", "n, /", isqrt),
        NativeDef::function("fsum", "seq, /", fsum),
        NativeDef::function("prod", "iterable, /, *, start=1", prod),
        NativeDef::function("sumprod", "p, q, /", sumprod),
        NativeDef::function("pow", "x, y, /", pow),
        NativeDef::function("fmod", "x, y, /", |vm, args| {
            let (x, y) = two(vm, args)?;
            let result = x % y;
            if result.is_nan() && !x.is_nan() && !y.is_nan() { Err(domain(vm)) } else { vm.new_float(result) }
        }),
        NativeDef::function("remainder", "x, y, /", |vm, args| {
            let (x, y) = two(vm, args)?;
            let result = remainder(x, y);
            if result.is_nan() && !x.is_nan() && !y.is_nan() { Err(domain(vm)) } else { vm.new_float(result) }
        }),
        NativeDef::function("fma", "x, y, z, /", |vm, args| {
            let (x, y) = two(vm, args)?;
            let z = vm.float_argument(args.at(2))?;
            let result = fma(x, y, z);
            if result.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
                return Err(vm.value_error("invalid operation in fma"));
            }
            if result.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
                return Err(vm.overflow_error("overflow in fma"));
            }
            vm.new_float(result)
        }),
        NativeDef::function("atan2", "y, x, /", |vm, args| {
            let (y, x) = two(vm, args)?;
            vm.new_float(y.atan2(x))
        }),
        NativeDef::function("copysign", "x, y, /", |vm, args| {
            let (x, y) = two(vm, args)?;
            vm.new_float(x.copysign(y))
        }),
        NativeDef::function("nextafter", "x, y, /, *, steps=None", |vm, args| {
            let (x, y) = two(vm, args)?;
            let Some(steps) = crate::args::given(args.opt(2)) else { return vm.new_float(nextafter(x, y)) };
            let steps = big(vm, steps)?;
            if steps.is_negative() {
                return Err(vm.value_error("steps must be a non-negative integer"));
            }
            vm.new_float(after_steps(x, y, steps.to_u64().unwrap_or(u64::MAX)))
        }),
        NativeDef::function("ulp", "x, /", |vm, args| {
            let x = vm.float_argument(args.at(0))?.abs();
            if !x.is_finite() {
                return vm.new_float(x);
            }
            let next = nextafter(x, f64::INFINITY);
            vm.new_float(if next.is_finite() { next - x } else { x - nextafter(x, 0.0) })
        }),
        NativeDef::function("hypot", "*coordinates", |vm, args| {
            let parts = floats(vm, args.at(0))?;
            vm.new_float(length(&parts))
        }),
        NativeDef::function("dist", "p, q, /", |vm, args| {
            let (p, q) = (floats(vm, args.at(0))?, floats(vm, args.at(1))?);
            if p.len() != q.len() {
                return Err(vm.value_error("both points must have the same number of dimensions"));
            }
            let parts: Vec<f64> = p.iter().zip(&q).map(|(a, b)| a - b).collect();
            vm.new_float(length(&parts))
        }),
        NativeDef::function("degrees", "x, /", |vm, args| {
            vm.new_float(vm.float_argument(args.at(0))? * (180.0 / std::f64::consts::PI))
        }),
        NativeDef::function("radians", "x, /", |vm, args| {
            vm.new_float(vm.float_argument(args.at(0))? * (std::f64::consts::PI / 180.0))
        }),
        NativeDef::function("isnan", "x, /", |vm, args| Ok(Value::from_bool(vm.float_argument(args.at(0))?.is_nan()))),
        NativeDef::function("isinf", "x, /", |vm, args| {
            Ok(Value::from_bool(vm.float_argument(args.at(0))?.is_infinite()))
        }),
        NativeDef::function("isfinite", "x, /", |vm, args| {
            Ok(Value::from_bool(vm.float_argument(args.at(0))?.is_finite()))
        }),
        NativeDef::function("isclose", "a, b, *, rel_tol=1e-09, abs_tol=0.0", isclose),
        NativeDef::function("frexp", "x, /", |vm, args| {
            let x = vm.float_argument(args.at(0))?;
            let (mantissa, exponent) =
                if x == 0.0 || !x.is_finite() { (x, 0) } else { cinder_vm::types::float::arith::frexp(x) };
            let (mantissa, exponent) = (vm.new_float(mantissa)?, vm.new_int(exponent.into())?);
            vm.new_tuple(&[mantissa, exponent])
        }),
        NativeDef::function("ldexp", "x, i, /", ldexp),
        NativeDef::function("modf", "x, /", |vm, args| {
            let x = vm.float_argument(args.at(0))?;
            let whole = x.trunc();
            let part = if x.is_infinite() { 0.0f64.copysign(x) } else { (x - whole).copysign(x) };
            let (part, whole) = (vm.new_float(part)?, vm.new_float(whole)?);
            vm.new_tuple(&[part, whole])
        }),
    ],
    setup: Some(|vm, dict| {
        let name = vm.intern("math");
        for function in FLOATS {
            let object = vm.new_native_function(function, None, name)?;
            vm.set_item_text(dict, function.name, object)?;
        }
        for (name, value) in [
            ("pi", std::f64::consts::PI),
            ("e", std::f64::consts::E),
            ("tau", std::f64::consts::TAU),
            ("inf", f64::INFINITY),
            ("nan", f64::NAN),
        ] {
            vm.set_item_text(dict, name, vm.new_float(value)?)?;
        }
        Ok(())
    }),
    ..ModuleDef::new("math")
};
