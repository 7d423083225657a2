//! `cmath`: functions of complex numbers. Source: Modules/cmathmodule.c.
//!
//! Idea: the C library computes, its special values are those of C99's Annex G as CPython's tables are; which results are errors is decided here.

use cinder_vm::types::complex::Complex;
use cinder_vm::{Arg, ArgsExt, ModuleDef, NativeDef, PyResult, Value, Vm};

/// A complex number as C passes it: two doubles.
#[repr(C)]
#[derive(Clone, Copy)]
struct Pair {
    real: f64,
    imag: f64,
}

#[link(name = "m")]
unsafe extern "C" {
    safe fn cacos(z: Pair) -> Pair;
    safe fn cacosh(z: Pair) -> Pair;
    safe fn casin(z: Pair) -> Pair;
    safe fn casinh(z: Pair) -> Pair;
    safe fn catan(z: Pair) -> Pair;
    safe fn catanh(z: Pair) -> Pair;
    safe fn ccos(z: Pair) -> Pair;
    safe fn ccosh(z: Pair) -> Pair;
    safe fn cexp(z: Pair) -> Pair;
    safe fn clog(z: Pair) -> Pair;
    safe fn csin(z: Pair) -> Pair;
    safe fn csinh(z: Pair) -> Pair;
    safe fn csqrt(z: Pair) -> Pair;
    safe fn ctan(z: Pair) -> Pair;
    safe fn ctanh(z: Pair) -> Pair;
}

impl Pair {
    fn is_finite(self) -> bool {
        self.real.is_finite() && self.imag.is_finite()
    }

    fn is_nan(self) -> bool {
        self.real.is_nan() || self.imag.is_nan()
    }
}

/// Where a function of a special argument is an error: infinite imaginary part with this real part.
type Refuses = fn(Pair) -> bool;

fn never(_: Pair) -> bool {
    false
}

fn pair(vm: &Vm, value: Value) -> PyResult<Pair> {
    match vm.to_complex(value)? {
        Some(number) => Ok(Pair { real: number.real, imag: number.imag }),
        None => {
            let number = vm.float_argument(value)?;
            Ok(Pair { real: number, imag: 0.0 })
        }
    }
}

fn complex(vm: &Vm, pair: Pair) -> PyResult<Value> {
    vm.new_complex(Complex { real: pair.real, imag: pair.imag })
}

fn domain_error(vm: &Vm) -> cinder_vm::Raised {
    vm.value_error("math domain error")
}

fn unary(vm: &Vm, args: &[Arg], function: fn(Pair) -> Pair, refuses: Refuses) -> PyResult<Value> {
    let z = pair(vm, args.at(0))?;
    if refuses(z) {
        return Err(domain_error(vm));
    }
    let result = function(z);
    if z.is_finite() && !result.is_finite() {
        return Err(if result.is_nan() { domain_error(vm) } else { vm.overflow_error("math range error") });
    }
    complex(vm, result)
}

macro_rules! functions {
    ($($name:literal $function:ident $refuses:expr;)*) => {
        [$(NativeDef::function($name, "z, /", |vm, args| unary(vm, args, |z| $function(z), $refuses))),*]
    };
}

static FUNCTIONS: [NativeDef; 14] = functions! {
    "acos" cacos never;
    "acosh" cacosh never;
    "asin" casin never;
    "asinh" casinh never;
    "atan" catan |z| z.real == 0.0 && z.imag.abs() == 1.0;
    "atanh" catanh |z| z.imag == 0.0 && z.real.abs() == 1.0;
    "cos" ccos |z| z.real.is_infinite() && !z.imag.is_nan();
    "cosh" ccosh |z| z.imag.is_infinite() && !z.real.is_nan();
    "exp" cexp |z| z.imag.is_infinite() && (z.real.is_finite() || z.real == f64::INFINITY);
    "sin" csin |z| z.real.is_infinite() && !z.imag.is_nan();
    "sinh" csinh |z| z.imag.is_infinite() && !z.real.is_nan();
    "sqrt" csqrt never;
    "tan" ctan |z| z.real.is_infinite() && z.imag.is_finite();
    "tanh" ctanh |z| z.imag.is_infinite() && z.real.is_finite();
};

fn log_of(vm: &Vm, value: Value) -> PyResult<Pair> {
    let z = pair(vm, value)?;
    if z.real == 0.0 && z.imag == 0.0 {
        return Err(domain_error(vm));
    }
    Ok(clog(z))
}

fn log(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = log_of(vm, args.at(0))?;
    let Some(base) = args.opt(1) else { return complex(vm, number) };
    let base = log_of(vm, base)?;
    let (number, base) = (complex(vm, number)?, complex(vm, base)?);
    vm.binary_op(number, base, cinder_bytecode::BinaryOp::TrueDivide)
}

fn log10(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let number = log_of(vm, args.at(0))?;
    complex(vm, Pair { real: number.real / std::f64::consts::LN_10, imag: number.imag / std::f64::consts::LN_10 })
}

fn magnitude(vm: &Vm, z: Pair) -> PyResult<f64> {
    let size = z.real.hypot(z.imag);
    if z.is_finite() && size.is_infinite() {
        return Err(vm.overflow_error("math range error"));
    }
    Ok(size)
}

fn polar(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let z = pair(vm, args.at(0))?;
    let (size, angle) = (vm.new_float(magnitude(vm, z)?)?, vm.new_float(z.imag.atan2(z.real))?);
    vm.new_tuple(&[size, angle])
}

fn rect(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (r, phi) = (vm.float_argument(args.at(0))?, vm.float_argument(args.at(1))?);
    if phi.is_infinite() && r != 0.0 && !r.is_nan() {
        return Err(domain_error(vm));
    }
    if r == 0.0 && !phi.is_finite() {
        return complex(vm, Pair { real: 0.0, imag: 0.0 });
    }
    if phi == 0.0 {
        // No product of the sizes: infinity times zero would be NaN.
        let imag = if r.is_nan() { r } else { 0f64.copysign(r.signum() * phi.signum()) };
        return complex(vm, Pair { real: r, imag });
    }
    complex(vm, Pair { real: r * phi.cos(), imag: r * phi.sin() })
}

fn is_close(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (a, b) = (pair(vm, args.at(0))?, pair(vm, args.at(1))?);
    let relative = args.opt(2).map_or(Ok(1e-9), |value| vm.float_argument(value))?;
    let absolute = args.opt(3).map_or(Ok(0.0), |value| vm.float_argument(value))?;
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if a.real == b.real && a.imag == b.imag {
        return Ok(Value::TRUE);
    }
    let is_infinite = |z: Pair| z.real.is_infinite() || z.imag.is_infinite();
    if is_infinite(a) || is_infinite(b) {
        return Ok(Value::FALSE);
    }
    let difference = (a.real - b.real).hypot(a.imag - b.imag);
    let (x, y) = (a.real.hypot(a.imag), b.real.hypot(b.imag));
    let close = difference <= relative * y || difference <= relative * x || difference <= absolute;
    Ok(Value::from_bool(close))
}

pub(crate) static CMATH: ModuleDef = ModuleDef {
    doc: "This module provides access to mathematical functions for complex\nnumbers.",
    functions: &[
        NativeDef::function("log", "z, base=None, /", log),
        NativeDef::function("log10", "z, /", log10),
        NativeDef::function("phase", "z, /", |vm, args| {
            let z = pair(vm, args.at(0))?;
            vm.new_float(z.imag.atan2(z.real))
        }),
        NativeDef::function("polar", "z, /", polar),
        NativeDef::function("rect", "r, phi, /", rect),
        NativeDef::function("isclose", "a, b, *, rel_tol=1e-09, abs_tol=0.0", is_close),
        NativeDef::function("isfinite", "z, /", |vm, args| Ok(Value::from_bool(pair(vm, args.at(0))?.is_finite()))),
        NativeDef::function("isnan", "z, /", |vm, args| Ok(Value::from_bool(pair(vm, args.at(0))?.is_nan()))),
        NativeDef::function("isinf", "z, /", |vm, args| {
            let z = pair(vm, args.at(0))?;
            Ok(Value::from_bool(z.real.is_infinite() || z.imag.is_infinite()))
        }),
    ],
    setup: Some(|vm, dict| {
        let module = vm.intern("cmath");
        for function in &FUNCTIONS {
            vm.set_item_text(dict, function.name, vm.new_native_function(function, None, module)?)?;
        }
        use std::f64::consts;
        let floats =
            [("pi", consts::PI), ("e", consts::E), ("tau", consts::TAU), ("inf", f64::INFINITY), ("nan", f64::NAN)];
        for (name, number) in floats {
            vm.set_item_text(dict, name, vm.new_float(number)?)?;
        }
        for (name, number) in [("infj", f64::INFINITY), ("nanj", f64::NAN)] {
            vm.set_item_text(dict, name, complex(vm, Pair { real: 0.0, imag: number })?)?;
        }
        Ok(())
    }),
    ..ModuleDef::new("cmath")
};
