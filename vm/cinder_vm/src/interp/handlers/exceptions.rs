//! Raising and handling.

use super::prelude::*;
use crate::interp::stack::HANDLED;
use crate::types::type_::PyType;
use cinder_heap::Gc;

impl Vm {
    /// The exception instance that `raise value` raises: a class is called.
    pub(crate) fn exception_to_raise(&self, value: Value) -> PyResult<Value> {
        if let Some(class) = self.as_class(value) {
            if !self.is_subtype(class, self.exceptions.BaseException) {
                return Err(self.type_error("exceptions must derive from BaseException"));
            }
            return self.made_exception(class, &[]);
        }
        if self.is_instance(value, self.exceptions.BaseException) {
            Ok(value)
        } else {
            Err(self.type_error("exceptions must derive from BaseException"))
        }
    }

    /// Calls an exception class, which must give an exception.
    pub(crate) fn made_exception(&self, class: Gc<PyType>, args: &[Value]) -> PyResult<Value> {
        let made = self.call(class.as_value(), args)?;
        if self.is_instance(made, self.exceptions.BaseException) {
            return Ok(made);
        }
        let (class, found) = (self.repr_text(class.as_value())?, self.repr_text(self.type_of(made).as_value())?);
        Err(self.type_error(format!("calling {class} should have returned an instance of BaseException, not {found}")))
    }

    fn raise_from(&self, value: Value, cause: Value) -> PyResult<()> {
        let exception = self.exception_to_raise(value)?;
        let cause = match self.as_class(cause) {
            Some(class) if self.is_subtype(class, self.exceptions.BaseException) => self.made_exception(class, &[])?,
            _ if cause.is_none() || self.is_instance(cause, self.exceptions.BaseException) => cause,
            _ => return Err(self.type_error("exception causes must derive from BaseException")),
        };
        self.set_cause(exception, cause);
        Err(self.raise(exception))
    }

    /// Whether `exception` matches what an `except` clause names.
    fn matches_clause(&self, exception: Value, class: Value) -> PyResult<bool> {
        let check = |class: Value| -> PyResult<Gc<PyType>> {
            self.as_class(class).filter(|class| self.is_subtype(*class, self.exceptions.BaseException)).ok_or_else(
                || self.type_error("catching classes that do not inherit from BaseException is not allowed"),
            )
        };
        let own = self.type_of(exception);
        match self.as_tuple(class) {
            Some(classes) => {
                let mut found = false;
                for class in classes.items() {
                    // Nested tuples are not allowed in the clause.
                    found |= self.is_subtype(own, check(*class)?);
                }
                Ok(found)
            }
            None => Ok(self.is_subtype(own, check(class)?)),
        }
    }
}

op!(RAISE(ip, fp, vm, k, w) {
    observe(ip, fp, vm);
    raise_value(vm, reg(fp, a(w)));
    raised(ip, fp, vm, k, w)
});

#[inline(never)]
fn raise_value(vm: &Vm, value: Value) {
    if let Ok(exception) = vm.exception_to_raise(value) {
        let _ = vm.raise(exception);
    }
}

op!(RAISE_FROM(ip, fp, vm, k, w) {
    observe(ip, fp, vm);
    raise_value_from(vm, reg(fp, a(w)), reg(fp, b(w)));
    raised(ip, fp, vm, k, w)
});

#[inline(never)]
fn raise_value_from(vm: &Vm, value: Value, cause: Value) {
    let _ = vm.raise_from(value, cause);
}

op!(RAISE_AGAIN(ip, fp, vm, k, w) {
    observe(ip, fp, vm);
    if raise_handled(vm) { reraised(ip, fp, vm, k, w) } else { raised(ip, fp, vm, k, w) }
});

#[inline(never)]
fn raise_handled(vm: &Vm) -> bool {
    match vm.handled_exception() {
        Some(exception) => {
            let _ = vm.restore(exception);
            true
        }
        None => {
            let _ = vm.runtime_error("No active exception to reraise");
            false
        }
    }
}

op!(PUSH_EXC(ip, fp, vm, k, w) {
    let exception = vm.pending.take().unwrap_unchecked();
    set(fp, a(w), exception);
    *fp.add(a(w) + 1) = *fp.offset(HANDLED);
    *fp.offset(HANDLED) = exception.bits();
    go(ip.add(1), fp, vm, k)
});

op!(POP_EXC(ip, fp, vm, k, w) {
    *fp.offset(HANDLED) = *fp.add(a(w) + 1);
    go(ip.add(1), fp, vm, k)
});

op!(RERAISE(ip, fp, vm, k, w) {
    observe(ip, fp, vm);
    vm.pending.set(Some(reg(fp, a(w))));
    reraised(ip, fp, vm, k, w)
});

value_op!(CHECK_EXC_MATCH, 1, |vm, fp, w, k, ip| vm.matches_clause(reg(fp, b(w)), reg(fp, c(w))).map(Value::from_bool));

unit_op!(CHECK_EG_MATCH, 1, |vm, fp, w, k, ip| {
    let (exception, class) = (reg(fp, b(w)), reg(fp, c(w)));
    check_group_clause(vm, class)?;
    let (rest, matched) = vm.match_group(exception, class)?;
    set(fp, a(w), rest.unwrap_or(Value::NONE));
    set(fp, a(w) + 1, matched.unwrap_or(Value::NONE));
    if let Some(matched) = matched {
        // The clause handles its part: a bare `raise` in it raises that.
        frame(fp).set_value(HANDLED, Some(matched));
    }
    Ok(())
});

fn check_group_clause(vm: &Vm, class: Value) -> PyResult<()> {
    let one = [class];
    let classes = vm.as_tuple(class).map_or(&one[..], |_| vm.tuple_items(class));
    for class in classes {
        let Some(class) = vm.as_class(*class).filter(|class| vm.is_subtype(*class, vm.exceptions.BaseException)) else {
            return Err(vm.type_error("catching classes that do not inherit from BaseException is not allowed"));
        };
        if vm.is_subtype(class, vm.exceptions.BaseExceptionGroup) {
            return Err(vm.type_error("catching ExceptionGroup with except* is not allowed. Use except instead."));
        }
    }
    Ok(())
}

op!(EXC_INFO(ip, fp, vm, k, w) {
    let exception = reg(fp, b(w));
    let first = a(w);
    let traceback = traceback_of(vm, exception);
    set(fp, first, vm.type_of(exception).as_value());
    set(fp, first + 1, exception);
    set(fp, first + 2, traceback);
    go(ip.add(1), fp, vm, k)
});

#[inline(never)]
fn traceback_of(vm: &Vm, exception: Value) -> Value {
    vm.as_exception(exception).map_or(Value::NONE, |payload| payload.traceback.get())
}

op!(CLEANUP_THROW(ip, fp, vm, k, w) {
    observe(ip, fp, vm);
    let exception = reg(fp, b(w));
    match stop_value(vm, exception) {
        Some(value) => {
            set(fp, a(w), value);
            go(ip.add(1), fp, vm, k)
        }
        None => {
            vm.pending.set(Some(exception));
            reraised(ip, fp, vm, k, w)
        }
    }
});

#[inline(never)]
fn stop_value(vm: &Vm, exception: Value) -> Option<Value> {
    vm.is_instance(exception, vm.exceptions.StopIteration).then(|| vm.stop_iteration_value(exception))
}

op!(END_ASYNC_FOR(ip, fp, vm, k, w) {
    observe(ip, fp, vm);
    let exception = reg(fp, a(w));
    if is_end_of_async_loop(vm, exception) {
        return go(ip.add(1), fp, vm, k);
    }
    vm.pending.set(Some(exception));
    reraised(ip, fp, vm, k, w)
});

#[inline(never)]
fn is_end_of_async_loop(vm: &Vm, exception: Value) -> bool {
    vm.is_instance(exception, vm.exceptions.StopAsyncIteration)
}
