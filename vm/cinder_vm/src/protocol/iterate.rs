//! Iteration.

use cinder_layout::Value;

use crate::native::PyResult;
use crate::types::generator::Step;
use crate::types::type_::type_flags;
use crate::vm::Vm;

impl Vm {
    /// `iter(value)`.
    ///
    /// Errors: TypeError `'X' object is not iterable`.
    pub fn iter(&self, value: Value) -> PyResult<Value> {
        let class = self.type_of(value);
        if let Some(iter) = class.slots().iter {
            self.check_native_stack()?;
            let iterator = iter(self, value)?;
            // Builtin classes give iterators.
            if class.has(type_flags::HEAP) && self.type_of(iterator).slots().next.is_none() {
                return Err(
                    self.type_error(format!("iter() returned non-iterator of type '{}'", self.type_name(iterator)))
                );
            }
            return Ok(iterator);
        }
        // A builtin class whose items have no number is no sequence: its keys are names.
        let is_mapping = class.def.is_some() && class.slots().len.is_none() || self.is_subtype(class, self.types.dict);
        if class.slots().getitem.is_some() && !is_mapping {
            return self.new_sequence_iterator(value);
        }
        Err(self.type_error(format!("'{}' object is not iterable", class.declared_name())))
    }

    /// Next item of an iterator, `None` at its end.
    #[inline]
    pub fn next(&self, iterator: Value) -> PyResult<Option<Value>> {
        match self.type_of(iterator).slots().next {
            Some(next) => {
                self.check_native_stack()?;
                next(self, iterator)
            }
            None => Err(self.type_error(format!("'{}' object is not an iterator", self.type_name(iterator)))),
        }
    }

    /// One step of a generator, a coroutine or any iterator, which gets `sent` (CPython's `PyIter_Send`).
    pub fn iter_send(&self, iterator: Value, sent: Value) -> PyResult<Step> {
        if let Some(generator) = self.as_generator(iterator).filter(|generator| !generator.is_async()) {
            return self.generator_send(generator, sent);
        }
        let class = self.type_of(iterator);
        let item = if !sent.is_none() || class.slots().next.is_none() {
            self.call_method(iterator, self.names.send, &[sent]).map(Some)
        } else if class.has(type_flags::HEAP) {
            // Through the method, whose StopIteration carries the result.
            match self.call_special(iterator, self.names.__next__, &[]) {
                Ok(None) => self.next(iterator),
                found => found,
            }
        } else {
            self.next(iterator)
        };
        match item {
            Ok(Some(item)) => Ok(Step::Yielded(item)),
            Ok(None) => Ok(Step::Returned(self.take_stop_value().unwrap_or(Value::NONE))),
            Err(raised) if self.pending_matches(self.exceptions.StopIteration) => {
                let stop = self.take_exception(raised);
                Ok(Step::Returned(self.stop_iteration_value(stop)))
            }
            Err(raised) => Err(raised),
        }
    }

    /// Runs `each` on every item.
    pub fn for_each(&self, iterable: Value, mut each: impl FnMut(Value) -> PyResult<()>) -> PyResult<()> {
        if let Some(generator) = self.plain_generator(iterable) {
            while let Step::Yielded(item) = self.generator_send(generator, Value::NONE)? {
                each(item)?;
            }
            return Ok(());
        }
        let iterator = self.iter(iterable)?;
        while let Some(item) = self.next(iterator)? {
            each(item)?;
        }
        Ok(())
    }

    /// `operator.length_hint(value, default)`.
    pub fn length_hint(&self, value: Value, default: usize) -> PyResult<usize> {
        if let Some(len) = self.type_of(value).slots().len {
            let len = len(self, value);
            return Ok(self.catch(len, self.exceptions.TypeError)?.unwrap_or(default));
        }
        let hint = self.call_special(value, self.names.__length_hint__, &[]);
        let Some(hint) = self.catch(hint, self.exceptions.TypeError)?.flatten() else { return Ok(default) };
        if hint == Value::NOT_IMPLEMENTED {
            return Ok(default);
        }
        if !self.is_int(hint) {
            return Err(self.type_error(format!("__length_hint__ must be an integer, not {}", self.type_name(hint))));
        }
        let Some(hint) = self.int_to_i64(hint) else {
            return Err(self.overflow_error("Python int too large to convert to C ssize_t"));
        };
        usize::try_from(hint).map_err(|_| self.value_error("__length_hint__() should return >= 0"))
    }
}
