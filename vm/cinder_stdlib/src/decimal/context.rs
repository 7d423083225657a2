//! Reading contexts, which are Python objects, and raising their flags.

use cinder_vm::{PyResult, Value, Vm};

use super::digits::{Cut, Digits};

/// Interned names that arithmetic asks for.
pub(super) struct Names {
    pub(super) native: Value,
    prec: Value,
    rounding: Value,
    emin: Value,
    emax: Value,
    clamp: Value,
    flags: Value,
    traps: Value,
    ignored: Value,
}

impl Names {
    pub(super) fn of(vm: &Vm) -> &'static Names {
        vm.native_state(|| Names {
            native: vm.intern("_native"),
            prec: vm.intern("prec"),
            rounding: vm.intern("rounding"),
            emin: vm.intern("Emin"),
            emax: vm.intern("Emax"),
            clamp: vm.intern("clamp"),
            flags: vm.intern("flags"),
            traps: vm.intern("traps"),
            ignored: vm.intern("_ignored_flags"),
        })
    }
}

/// What the class `Decimal` says of its module: the tuple `_native`.
#[derive(Clone, Copy)]
pub(super) struct Module {
    pub(super) class: Value,
    variable: Value,
    get_context: Value,
    inexact: Value,
    rounded: Value,
    pub(super) new_slowly: Value,
}

impl Module {
    /// Of a number's class; `None` for a class that is not derived from `Decimal`.
    pub(super) fn of(vm: &Vm, class: cinder_vm::Gc<cinder_vm::types::type_::PyType>) -> Option<Module> {
        let parts = vm.type_lookup(class, Names::of(vm).native)?;
        vm.as_tuple(parts)?;
        let &[class, variable, get_context, inexact, rounded, new_slowly] = vm.tuple_items(parts) else { return None };
        Some(Module { class, variable, get_context, inexact, rounded, new_slowly })
    }

    /// The current context.
    pub(super) fn context(&self, vm: &Vm) -> PyResult<Value> {
        match crate::contextvars::current_value(vm, self.variable)? {
            Some(context) => Ok(context),
            None => vm.call(self.get_context, &[]),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rounding {
    Down,
    Up,
    HalfUp,
    HalfDown,
    HalfEven,
    Ceiling,
    Floor,
    ZeroFiveUp,
}

impl Rounding {
    /// `None` for another value.
    pub(super) fn of(vm: &Vm, value: Value) -> Option<Rounding> {
        Some(match vm.as_str(value)?.as_ascii()? {
            "ROUND_DOWN" => Rounding::Down,
            "ROUND_UP" => Rounding::Up,
            "ROUND_HALF_UP" => Rounding::HalfUp,
            "ROUND_HALF_DOWN" => Rounding::HalfDown,
            "ROUND_HALF_EVEN" => Rounding::HalfEven,
            "ROUND_CEILING" => Rounding::Ceiling,
            "ROUND_FLOOR" => Rounding::Floor,
            "ROUND_05UP" => Rounding::ZeroFiveUp,
            _ => return None,
        })
    }

    /// Whether `kept`, from which `cut` was cut off, is rounded away from zero.
    pub(super) fn goes_up(self, sign: bool, kept: &Digits, cut: &Cut) -> bool {
        if cut.is_exact {
            return false;
        }
        match self {
            Rounding::Down => false,
            Rounding::Up => true,
            Rounding::HalfUp => cut.half.is_ge(),
            Rounding::HalfDown => cut.half.is_gt(),
            Rounding::HalfEven => cut.half.is_gt() || (cut.half.is_eq() && kept.is_odd()),
            Rounding::Ceiling => !sign,
            Rounding::Floor => sign,
            Rounding::ZeroFiveUp => matches!(kept.last(), 0 | 5),
        }
    }
}

/// The numbers of a context.
pub(super) struct Limits {
    pub(super) context: Value,
    pub(super) prec: i64,
    pub(super) emax: i64,
    pub(super) emin: i64,
    pub(super) is_clamped: bool,
    pub(super) rounding: Rounding,
}

impl Limits {
    /// `None` for what is no context of the library, or one whose numbers are odd.
    pub(super) fn of(vm: &Vm, context: Value) -> Option<Limits> {
        let names = Names::of(vm);
        let number = |name| vm.own_attribute(context, name).and_then(|value| value.try_int());
        Some(Limits {
            context,
            prec: number(names.prec)?,
            emin: number(names.emin)?,
            emax: number(names.emax)?,
            is_clamped: number(names.clamp)? != 0,
            rounding: Rounding::of(vm, vm.own_attribute(context, names.rounding)?)?,
        })
    }

    pub(super) fn etiny(&self) -> i64 {
        self.emin - self.prec + 1
    }

    pub(super) fn etop(&self) -> i64 {
        self.emax - self.prec + 1
    }

    /// Sets the flags of a rounded result; `false`, and nothing is set, when one of them is trapped or ignored.
    pub(super) fn flag_rounded(&self, vm: &Vm, module: &Module, is_inexact: bool) -> PyResult<bool> {
        let names = Names::of(vm);
        let field = |name| vm.own_attribute(self.context, name);
        let (Some(flags), Some(traps), Some(ignored)) = (field(names.flags), field(names.traps), field(names.ignored))
        else {
            return Ok(false);
        };
        let (Some(flag_dict), Some(trap_dict)) = (vm.as_dict(flags), vm.as_dict(traps)) else { return Ok(false) };
        if vm.truthy(ignored)? {
            return Ok(false);
        }
        let signals: &[Value] = if is_inexact { &[module.inexact, module.rounded] } else { &[module.rounded] };
        for signal in signals {
            if vm.dict_get(trap_dict, *signal)?.is_none_or(|trap| trap != Value::FALSE && trap != Value::ZERO) {
                return Ok(false);
            }
        }
        for signal in signals {
            if vm.dict_get(flag_dict, *signal)? != Some(Value::ONE) {
                vm.dict_set(flags, *signal, Value::ONE)?;
            }
        }
        Ok(true)
    }
}
