//! Operators.

use cinder_bytecode::BinaryOp;
use cinder_layout::Value;

use crate::native::{PyResult, Raised};
use crate::vm::Vm;

impl Vm {
    /// `a op b`, in-place forms included (CPython `binary_op1`, `binary_iop1`).
    pub fn binary_op(&self, a: Value, b: Value, op: BinaryOp) -> PyResult<Value> {
        self.check_native_stack()?;
        let number = op.number();
        let plain = (number % BinaryOp::PLAIN) as usize;
        if number >= BinaryOp::PLAIN
            && let Some(inplace) = self.type_of(a).slots().inplace[plain]
        {
            let result = inplace(self, a, b)?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        self.plain_op(a, b, op)
    }

    /// The operator without its in-place method.
    fn plain_op(&self, a: Value, b: Value, op: BinaryOp) -> PyResult<Value> {
        let plain = (op.number() % BinaryOp::PLAIN) as usize;
        let (left, right) = (self.type_of(a), self.type_of(b));
        let left_slot = left.slots().binary[plain];
        let right_slot = if left == right { None } else { right.slots().binary[plain] };
        let right_slot =
            if left_slot.map(|f| f as usize) == right_slot.map(|f| f as usize) { None } else { right_slot };
        let right_first = right_slot.is_some() && left_slot.is_some() && self.is_subtype(right, left);
        let order = if right_first { [right_slot, left_slot] } else { [left_slot, right_slot] };
        for slot in order.into_iter().flatten() {
            let result = slot(self, a, b)?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        self.sequence_op(a, b, op)
    }

    /// `a op b` when the Python method of `a`, which was to be asked first, gave NotImplemented: the one for the in-place operator when `a` has one,
    /// else that of the plain operator.
    pub(crate) fn binary_op_declined(&self, a: Value, b: Value, op: BinaryOp) -> PyResult<Value> {
        let number = op.number();
        let plain = (number % BinaryOp::PLAIN) as usize;
        let (left, right) = (self.type_of(a), self.type_of(b));
        if number >= BinaryOp::PLAIN && left.slots().inplace[plain].is_some() {
            return self.plain_op(a, b, op);
        }
        let right_slot = if left == right { None } else { right.slots().binary[plain] };
        let result = match right_slot {
            // Both are written in Python: their common slot would ask the left one again.
            Some(slot) if left.slots().binary[plain].is_some_and(|left| left as usize == slot as usize) => {
                let reflected = crate::types::slot_defs::reflected_name(self, plain);
                self.call_special(b, reflected, &[a])?.unwrap_or(Value::NOT_IMPLEMENTED)
            }
            Some(slot) => slot(self, a, b)?,
            None => Value::NOT_IMPLEMENTED,
        };
        if result == Value::NOT_IMPLEMENTED { self.sequence_op(a, b, op) } else { Ok(result) }
    }

    /// What `+` and `*` mean for sequences, after the operands' own methods had their turn.
    fn sequence_op(&self, a: Value, b: Value, op: BinaryOp) -> PyResult<Value> {
        let (left, right) = (self.type_of(a), self.type_of(b));
        match op {
            BinaryOp::Add | BinaryOp::InplaceAdd => {
                let slots = left.slots();
                let inplace = if op == BinaryOp::InplaceAdd { slots.inplace_concat } else { None };
                if let Some(concat) = inplace.or(slots.concat) {
                    return concat(self, a, b);
                }
            }
            BinaryOp::Multiply | BinaryOp::InplaceMultiply => {
                let slots = left.slots();
                let inplace = if op == BinaryOp::InplaceMultiply { slots.inplace_repeat } else { None };
                if let Some(repeat) = inplace.or(slots.repeat) {
                    return self.repeat(repeat, a, b);
                }
                if let Some(repeat) = right.slots().repeat {
                    return self.repeat(repeat, b, a);
                }
            }
            _ => {}
        }
        Err(self.unsupported_operands(a, b, op))
    }

    fn repeat(&self, repeat: crate::object::slots::Binary, sequence: Value, count: Value) -> PyResult<Value> {
        if self.type_of(count).slots().index.is_none() {
            let name = self.type_name(count);
            return Err(self.type_error(format!("can't multiply sequence by non-int of type '{name}'")));
        }
        repeat(self, sequence, count)
    }

    #[cold]
    fn unsupported_operands(&self, a: Value, b: Value, op: BinaryOp) -> Raised {
        let shown = match op {
            BinaryOp::Power => "** or pow()",
            BinaryOp::InplacePower => "**=",
            _ => op.text(),
        };
        let (left, right) = (self.type_name(a), self.type_name(b));
        if op == BinaryOp::RightShift && left == "builtin_function_or_method" {
            return self.type_error(format!(
                "unsupported operand type(s) for >>: '{left}' and '{right}'. Did you mean \"print(<message>, file=<output_stream>)\"?"
            ));
        }
        self.type_error(format!("unsupported operand type(s) for {shown}: '{left}' and '{right}'"))
    }

    /// `pow(base, exponent, modulus)`; modulus may be None.
    pub fn power(&self, base: Value, exponent: Value, modulus: Value) -> PyResult<Value> {
        if modulus.is_none() {
            return self.binary_op(base, exponent, BinaryOp::Power);
        }
        // Source: `ternary_op` in Objects/abstract.c.
        let (left, right) = (self.type_of(base), self.type_of(exponent));
        let right_first = left != right && self.is_subtype(right, left);
        let order = if right_first { [exponent, base, modulus] } else { [base, exponent, modulus] };
        let mut tried = [0_usize; 3];
        for (number, operand) in order.into_iter().enumerate() {
            let Some(power) = self.type_of(operand).slots().power else { continue };
            if tried.contains(&(power as usize)) {
                continue;
            }
            tried[number] = power as usize;
            let result = power(self, base, exponent, modulus)?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        let (b, e, m) = (self.type_name(base), self.type_name(exponent), self.type_name(modulus));
        Err(self.type_error(format!("unsupported operand type(s) for ** or pow(): '{b}', '{e}', '{m}'")))
    }

    fn unary(&self, value: Value, slot: Option<crate::object::slots::Unary>, sign: &str) -> PyResult<Value> {
        match slot {
            Some(slot) => slot(self, value),
            None => Err(self.type_error(format!("bad operand type for {sign}: '{}'", self.type_name(value)))),
        }
    }

    pub fn negative(&self, value: Value) -> PyResult<Value> {
        self.unary(value, self.type_of(value).slots().negative, "unary -")
    }

    pub fn positive(&self, value: Value) -> PyResult<Value> {
        self.unary(value, self.type_of(value).slots().positive, "unary +")
    }

    pub fn invert(&self, value: Value) -> PyResult<Value> {
        self.unary(value, self.type_of(value).slots().invert, "unary ~")
    }

    pub fn absolute(&self, value: Value) -> PyResult<Value> {
        self.unary(value, self.type_of(value).slots().absolute, "abs()")
    }

    /// `operator.index(value)`: an exact int.
    ///
    /// Errors: TypeError `'X' object cannot be interpreted as an integer`.
    pub fn index(&self, value: Value) -> PyResult<Value> {
        if value.is_int() {
            return Ok(value);
        }
        if self.is_int(value) {
            return self.exact_int(value);
        }
        match self.type_of(value).slots().index {
            Some(index) => {
                let found = index(self, value)?;
                if !found.is_int() {
                    self.check_int_result("__index__", found)?;
                }
                self.exact_int(found)
            }
            None => {
                let name = self.type_name(value);
                Err(self.type_error(format!("'{name}' object cannot be interpreted as an integer")))
            }
        }
    }

    /// The number of a bool or an instance of a subclass as a plain int.
    fn exact_int(&self, value: Value) -> PyResult<Value> {
        if value.is_int() || self.downcast_exact::<crate::types::int::PyInt>(value).is_some() {
            return Ok(value);
        }
        self.new_bigint(self.int_to_big(value).expect("the caller knows that it is an int"))
    }

    /// What `__index__` or `__int__` returned must be an int, and should be an exact one.
    #[cold]
    pub(crate) fn check_int_result(&self, method: &str, found: Value) -> PyResult<()> {
        let name = self.type_name(found);
        if !self.is_int(found) {
            return Err(self.type_error(format!("{method} returned non-int (type {name})")));
        }
        if found.is_bool() || self.downcast_exact::<crate::types::int::PyInt>(found).is_none() {
            self.warn_deprecated(&format!(
                "{method} returned non-int (type {name}).  The ability to return an instance of a strict subclass of int is deprecated, and \
                 may not be supported in a future version of Python."
            ))?;
        }
        Ok(())
    }

    /// `index` as a machine number. Errors: OverflowError `cannot fit 'int' into an index-sized integer` (`IndexError` where indexing says so is
    /// the caller's choice through `index_clamped`).
    pub fn index_i64(&self, value: Value) -> PyResult<i64> {
        if let Some(number) = value.try_int() {
            return Ok(number);
        }
        let index = self.index(value)?;
        match self.int_to_i64(index) {
            Some(number) => Ok(number),
            None => {
                Err(self.overflow_error(format!("cannot fit '{}' into an index-sized integer", self.type_name(value))))
            }
        }
    }

    /// `index` as machine number, for native parameters declared so. Errors: OverflowError `Python int too large to convert to C ssize_t`.
    pub fn index_ssize(&self, value: Value) -> PyResult<i64> {
        if let Some(number) = value.try_int() {
            return Ok(number);
        }
        let index = self.index(value)?;
        match self.int_to_i64(index) {
            Some(number) => Ok(number),
            None => Err(self.overflow_error("Python int too large to convert to C ssize_t")),
        }
    }

    /// `index` clamped to the machine range, for slices.
    pub fn index_clamped(&self, value: Value) -> PyResult<i64> {
        if let Some(number) = value.try_int() {
            return Ok(number);
        }
        let index = self.index(value)?;
        Ok(match self.int_to_i64(index) {
            Some(number) => number,
            None if self.int_is_negative(index) => i64::MIN,
            None => i64::MAX,
        })
    }
}
