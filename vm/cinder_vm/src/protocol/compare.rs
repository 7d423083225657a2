//! Identity, comparison and hashing.

use cinder_bytecode::CompareOp;
use cinder_layout::Value;

use crate::native::PyResult;
use crate::types::str_::PyStr;
use crate::types::tuple::PyTuple;
use crate::vm::Vm;

/// The operator with operands exchanged.
pub(super) fn swapped(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        CompareOp::Eq | CompareOp::Ne => op,
    }
}

impl Vm {
    /// `a is b`: same word, or exact floats or exact big ints of equal payload (number identity goes by value).
    #[inline]
    pub fn is(&self, a: Value, b: Value) -> bool {
        a == b || (a.is_ptr() && b.is_ptr() && self.is_same_number(a, b))
    }

    /// Rich comparison (CPython `do_richcompare`).
    pub fn compare(&self, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
        self.check_native_stack()?;
        let (left, right) = (self.type_of(a), self.type_of(b));
        let mut right_tried = false;
        if left != right
            && self.is_subtype(right, left)
            && let Some(compare) = right.slots().compare
        {
            right_tried = true;
            let result = compare(self, b, a, swapped(op))?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        if let Some(compare) = left.slots().compare {
            let result = compare(self, a, b, op)?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        if !right_tried && let Some(compare) = right.slots().compare {
            let result = compare(self, b, a, swapped(op))?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        self.compare_by_identity(a, b, op)
    }

    /// `a op b` when the method of `a`, whose class comes first, gave NotImplemented.
    pub(crate) fn compare_declined(&self, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
        if let Some(compare) = self.type_of(b).slots().compare {
            let result = compare(self, b, a, swapped(op))?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        self.compare_by_identity(a, b, op)
    }

    /// What a comparison gives that no operand knows.
    fn compare_by_identity(&self, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
        match op {
            CompareOp::Eq => Ok(Value::from_bool(self.is(a, b))),
            CompareOp::Ne => Ok(Value::from_bool(!self.is(a, b))),
            _ => Err(self.type_error(format!(
                "'{}' not supported between instances of '{}' and '{}'",
                op.text(),
                self.type_of(a).declared_name(),
                self.type_of(b).declared_name()
            ))),
        }
    }

    /// Truth of `a op b`.
    #[inline]
    pub fn compare_bool(&self, a: Value, b: Value, op: CompareOp) -> PyResult<bool> {
        if Value::both_ints(a, b) {
            let (x, y) = (a.as_int(), b.as_int());
            return Ok(match op {
                CompareOp::Lt => x < y,
                CompareOp::Le => x <= y,
                CompareOp::Eq => x == y,
                CompareOp::Ne => x != y,
                CompareOp::Gt => x > y,
                CompareOp::Ge => x >= y,
            });
        }
        let result = self.compare(a, b, op)?;
        self.truthy(result)
    }

    /// `a is b or a == b`: equality inside containers.
    #[inline]
    pub fn eq(&self, a: Value, b: Value) -> PyResult<bool> {
        if a == b {
            return Ok(true);
        }
        if let (Some(x), Some(y)) = (self.downcast_exact::<PyStr>(a), self.downcast_exact::<PyStr>(b)) {
            return Ok(x.same(&y));
        }
        if Value::both_ints(a, b) { Ok(false) } else { self.eq_objects(a, b) }
    }

    /// [`Vm::eq`] of what is neither the same nor all text or small ints.
    #[inline(never)]
    fn eq_objects(&self, a: Value, b: Value) -> PyResult<bool> {
        if let (Some(x), Some(y)) = (self.downcast_exact::<PyTuple>(a), self.downcast_exact::<PyTuple>(b)) {
            return self.tuples_equal(&x, &y);
        }
        if self.is(a, b) {
            return Ok(true);
        }
        let class = self.type_of(a);
        if class == self.type_of(b)
            && let Some(compare) = class.slots().compare
        {
            // Neither goes before the other.
            self.check_native_stack()?;
            match compare(self, a, b, CompareOp::Eq)? {
                answer if answer == Value::TRUE => return Ok(true),
                answer if answer == Value::FALSE => return Ok(false),
                answer if answer != Value::NOT_IMPLEMENTED => return self.truthy(answer),
                _ => {}
            }
        }
        self.compare_bool(a, b, CompareOp::Eq)
    }

    /// `hash(value)`.
    ///
    /// Errors: TypeError `unhashable type: 'X'`.
    #[inline]
    pub fn hash(&self, value: Value) -> PyResult<i64> {
        if let Some(hash) = crate::types::dict::small_int_hash(value) {
            return Ok(hash);
        }
        if let Some(text) = self.downcast_exact::<crate::types::str_::PyStr>(value) {
            return Ok(self.str_hash(text));
        }
        self.hash_slow(value)
    }

    fn hash_slow(&self, value: Value) -> PyResult<i64> {
        if let Some(hash) = self.downcast_exact::<PyTuple>(value).and_then(|tuple| tuple.known_hash()) {
            return Ok(hash);
        }
        match self.type_of(value).slots().hash {
            Some(hash) => {
                self.check_native_stack()?;
                hash(self, value)
            }
            None => Err(self.type_error(format!("unhashable type: '{}'", self.type_name(value)))),
        }
    }

    /// `bool(value)`.
    #[inline]
    pub fn truthy(&self, value: Value) -> PyResult<bool> {
        match value {
            _ if value == Value::TRUE => Ok(true),
            _ if value == Value::FALSE || value.is_none() => Ok(false),
            _ if value.is_int() => Ok(value != Value::ZERO),
            _ => self.truthy_slow(value),
        }
    }

    fn truthy_slow(&self, value: Value) -> PyResult<bool> {
        let class = self.type_of(value);
        if class.has(crate::types::type_::type_flags::ALWAYS_TRUE) {
            return Ok(true);
        }
        let slots = class.slots();
        self.check_native_stack()?;
        match (slots.bool, slots.len) {
            (Some(bool), _) => bool(self, value),
            (None, Some(len)) => len(self, value).map(|len| len != 0),
            (None, None) => Ok(true),
        }
    }
}
