//! Reading contexts, which are Python objects, and raising their flags.

use std::cell::Cell;

use cinder_heap::Root;
use cinder_vm::object::instance::FieldCache;
use cinder_vm::types::dict::PyDict;
use cinder_vm::types::type_::PyType;
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

use super::arithmetic;
use super::digits::Cut;

/// Interned names that arithmetic asks for.
pub(super) struct Names {
    native: Value,
    limits: [Value; 5],
    signals: [Value; 3],
    /// Names of the ways of rounding, as contexts usually hold them.
    roundings: [Value; 8],
    limits_places: FieldCache<5>,
    signals_places: FieldCache<3>,
    /// Where the dictionaries of signals have the entries of "inexact" and "rounded", as far as is known.
    hints: [Cell<u32>; 2],
    /// Of the class of numbers and of the class of contexts met last.
    known: [Known; 2],
}

/// What was found for a class. The roots keep the class, and what `Module` names, alive.
struct Known {
    module: Cell<Option<(Gc<PyType>, Module)>>,
    class: Root<Value>,
    parts: Root<Value>,
}

impl Known {
    fn nothing(vm: &Vm) -> Known {
        Known { module: Cell::new(None), class: vm.heap.root(Value::NONE), parts: vm.heap.root(Value::NONE) }
    }
}

impl Names {
    pub(super) fn of(vm: &Vm) -> &'static Names {
        vm.native_state(|| Names {
            native: vm.intern("_native"),
            limits: ["prec", "Emin", "Emax", "clamp", "rounding"].map(|name| vm.intern(name)),
            signals: ["flags", "traps", "_ignored_flags"].map(|name| vm.intern(name)),
            roundings: ROUNDINGS.map(|(name, _)| vm.intern(name)),
            limits_places: FieldCache::default(),
            signals_places: FieldCache::default(),
            hints: Default::default(),
            known: [Known::nothing(vm), Known::nothing(vm)],
        })
    }
}

/// What the class `Decimal` says of its module: the tuple `_native`.
#[derive(Clone, Copy)]
pub(super) struct Module {
    pub(super) names: &'static Names,
    pub(super) class: Value,
    variable: Value,
    get_context: Value,
    inexact: Value,
    rounded: Value,
    pub(super) new_slowly: Value,
}

impl Module {
    /// Of a number's class; `None` for a class that is not derived from `Decimal`.
    #[inline]
    pub(super) fn of(vm: &Vm, class: Gc<PyType>) -> Option<Module> {
        Module::remembered(vm, class, 0)
    }

    /// Of a context's class.
    #[inline]
    pub(super) fn of_context(vm: &Vm, class: Gc<PyType>) -> Option<Module> {
        Module::remembered(vm, class, 1)
    }

    #[inline]
    fn remembered(vm: &Vm, class: Gc<PyType>, place: usize) -> Option<Module> {
        let names = Names::of(vm);
        let known = &names.known[place];
        match known.module.get() {
            Some((of, module)) if of == class => Some(module),
            _ => Module::find(vm, names, known, class),
        }
    }

    #[cold]
    fn find(vm: &Vm, names: &'static Names, known: &Known, of: Gc<PyType>) -> Option<Module> {
        let parts = vm.type_lookup(of, names.native)?;
        vm.as_tuple(parts)?;
        let &[class, variable, get_context, inexact, rounded, new_slowly] = vm.tuple_items(parts) else { return None };
        let module = Module { names, class, variable, get_context, inexact, rounded, new_slowly };
        known.class.set(of.as_value());
        known.parts.set(parts);
        known.module.set(Some((of, module)));
        Some(module)
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

const ROUNDINGS: [(&str, Rounding); 8] = [
    ("ROUND_HALF_EVEN", Rounding::HalfEven),
    ("ROUND_DOWN", Rounding::Down),
    ("ROUND_UP", Rounding::Up),
    ("ROUND_HALF_UP", Rounding::HalfUp),
    ("ROUND_HALF_DOWN", Rounding::HalfDown),
    ("ROUND_CEILING", Rounding::Ceiling),
    ("ROUND_FLOOR", Rounding::Floor),
    ("ROUND_05UP", Rounding::ZeroFiveUp),
];

impl Rounding {
    /// `None` for another value.
    pub(super) fn of(vm: &Vm, names: &Names, value: Value) -> Option<Rounding> {
        if let Some(place) = names.roundings.iter().position(|name| *name == value) {
            return Some(ROUNDINGS[place].1);
        }
        let text = vm.as_str(value)?;
        let text = text.as_ascii()?;
        ROUNDINGS.iter().find(|(name, _)| *name == text).map(|(_, rounding)| *rounding)
    }

    /// Whether digits of which `last` is the last, and from which `cut` was cut off, are rounded away from zero.
    #[inline]
    pub(super) fn goes_up(self, sign: bool, last: impl Fn() -> u8, cut: &Cut) -> bool {
        if cut.is_exact {
            return false;
        }
        match self {
            Rounding::Down => false,
            Rounding::Up => true,
            Rounding::HalfUp => cut.half.is_ge(),
            Rounding::HalfDown => cut.half.is_gt(),
            Rounding::HalfEven => cut.half.is_gt() || (cut.half.is_eq() && last() % 2 == 1),
            Rounding::Ceiling => !sign,
            Rounding::Floor => sign,
            Rounding::ZeroFiveUp => matches!(last(), 0 | 5),
        }
    }
}

/// The numbers of a context.
pub(super) struct Limits {
    names: &'static Names,
    pub(super) context: Value,
    pub(super) prec: i64,
    pub(super) emax: i64,
    pub(super) emin: i64,
    pub(super) is_clamped: bool,
    pub(super) rounding: Rounding,
}

impl Limits {
    /// `None` for what is no context of the library, or one whose numbers are odd.
    pub(super) fn of(vm: &Vm, names: &'static Names, context: Value) -> Option<Limits> {
        let [prec, emin, emax, clamp, rounding] = vm.own_fields(context, &names.limits, &names.limits_places);
        Some(Limits {
            names,
            context,
            prec: prec?.try_int()?,
            emin: emin?.try_int()?,
            emax: emax?.try_int()?,
            is_clamped: clamp?.try_int()? != 0,
            rounding: Rounding::of(vm, names, rounding?)?,
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
        let names = self.names;
        let [Some(flags), Some(traps), Some(ignored)] =
            vm.own_fields(self.context, &names.signals, &names.signals_places)
        else {
            return Ok(false);
        };
        let (Some(flag_dict), Some(trap_dict)) = (vm.as_dict(flags), vm.as_dict(traps)) else { return Ok(false) };
        if vm.truthy(ignored)? {
            return Ok(false);
        }
        let signals = [(module.inexact, &names.hints[0]), (module.rounded, &names.hints[1])];
        let signals = if is_inexact { &signals[..] } else { &signals[1..] };
        for (signal, hint) in signals {
            if signal_state(vm, trap_dict, *signal, hint)?
                .is_none_or(|trap| trap != Value::FALSE && trap != Value::ZERO)
            {
                return Ok(false);
            }
        }
        for (signal, hint) in signals {
            if signal_state(vm, flag_dict, *signal, hint)? != Some(Value::ONE) {
                vm.dict_set(flags, *signal, Value::ONE)?;
            }
        }
        Ok(true)
    }
}

/// What a dictionary of signals says of one; `hint` is the number of the entry where it was met last.
fn signal_state(vm: &Vm, dict: Gc<PyDict>, signal: Value, hint: &Cell<u32>) -> PyResult<Option<Value>> {
    let near = |number: usize| dict.entry(number).filter(|(key, _)| *key == signal);
    if let Some((_, state)) = near(hint.get() as usize) {
        return Ok(Some(state));
    }
    if let Some(number) = (0..dict.entry_count()).find(|number| near(*number).is_some()) {
        hint.set(number as u32);
    }
    // Signals are classes: they are hashed by identity.
    vm.dict_get_hashed(dict, signal, vm.identity_hash(signal))
}

static METHODS: &[NativeDef] = &[
    NativeDef::method("add", "self, a, b", |vm, args| arithmetic::in_context(vm, args, &arithmetic::SUM, "_py_add"))
        .doc("Return the sum of the two operands."),
    NativeDef::method("subtract", "self, a, b", |vm, args| {
        arithmetic::in_context(vm, args, &arithmetic::DIFFERENCE, "_py_subtract")
    })
    .doc("Return the difference between the two operands."),
    NativeDef::method("multiply", "self, a, b", |vm, args| {
        arithmetic::in_context(vm, args, &arithmetic::PRODUCT, "_py_multiply")
    })
    .doc("Return the product of the two operands."),
    NativeDef::method("divide", "self, a, b", |vm, args| {
        arithmetic::in_context(vm, args, &arithmetic::QUOTIENT, "_py_divide")
    })
    .doc("Return the quotient of the two operands."),
    NativeDef::method("quantize", "self, a, b", arithmetic::quantize_in_context)
        .doc("Return a value equal to `a`, rounded to the exponent of `b`."),
];

/// Gives a module's class `Context` its native methods.
pub(super) fn extend(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (Some(class), Some(decimal)) = (vm.as_class(args.at(0)), vm.as_class(args.at(1))) else {
        return Err(vm.type_error("classes are wanted"));
    };
    let native = Names::of(vm).native;
    let Some(parts) = vm.type_lookup(decimal, native) else { return Err(vm.type_error("no class of decimal numbers")) };
    vm.setattr(class.as_value(), native, Some(parts))?;
    for def in METHODS {
        let method = vm.new_native_member(class, def)?;
        vm.setattr(class.as_value(), vm.intern(def.name), Some(method))?;
    }
    Ok(Value::NONE)
}
