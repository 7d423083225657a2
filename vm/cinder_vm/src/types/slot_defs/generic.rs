//! Generic slot functions: what a class made in Python has in its slot table for the special methods it defines.

use cinder_bytecode::{BinaryOp, CompareOp};
use cinder_heap::Gc;
use cinder_layout::Value;

use crate::native::{PyResult, Raised};
use crate::object::slots::Binary;
use crate::types::type_::PyType;
use crate::vm::Vm;

/// Calls special method `name`, which the slot's presence promises.
fn must_call(vm: &Vm, value: Value, name: Value, args: &[Value]) -> PyResult<Value> {
    match vm.call_special(value, name, args)? {
        Some(result) => Ok(result),
        None => {
            let name = vm.str_text(name);
            Err(vm.attribute_error_text(format!("'{}' object has no attribute '{name}'", vm.type_name(value))))
        }
    }
}

macro_rules! unary_methods {
    ($($function:ident $name:ident),* $(,)?) => {
        $(pub(super) fn $function(vm: &Vm, value: Value) -> PyResult<Value> {
            must_call(vm, value, vm.names.$name, &[])
        })*
    };
}

unary_methods! {
    repr __repr__, str __str__, index __index__, int __int__, float __float__, negative __neg__, positive __pos__, invert __invert__,
    absolute __abs__, r#await __await__, aiter __aiter__, anext __anext__,
}

pub(super) fn iter(vm: &Vm, value: Value) -> PyResult<Value> {
    if vm.type_lookup(vm.type_of(value), vm.names.__iter__).is_some_and(Value::is_none) {
        return Err(vm.type_error(format!("'{}' object is not iterable", vm.type_name(value))));
    }
    must_call(vm, value, vm.names.__iter__, &[])
}

pub(super) fn next(vm: &Vm, value: Value) -> PyResult<Option<Value>> {
    let item = must_call(vm, value, vm.names.__next__, &[]);
    vm.catch(item, vm.exceptions.StopIteration)
}

pub(super) fn hash(vm: &Vm, value: Value) -> PyResult<i64> {
    let result = must_call(vm, value, vm.names.__hash__, &[])?;
    if !vm.is_int(result) {
        return Err(vm.type_error("__hash__ method should return an integer"));
    }
    let hash = match vm.int_to_i64(result) {
        Some(number) => number,
        None => vm.hash(result)?,
    };
    Ok(if hash == -1 { -2 } else { hash })
}

/// Name of the method for `op`.
pub(crate) fn comparison_name(vm: &Vm, op: CompareOp) -> Value {
    let names = &vm.names;
    match op {
        CompareOp::Lt => names.__lt__,
        CompareOp::Le => names.__le__,
        CompareOp::Eq => names.__eq__,
        CompareOp::Ne => names.__ne__,
        CompareOp::Gt => names.__gt__,
        CompareOp::Ge => names.__ge__,
    }
}

pub(super) fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let name = comparison_name(vm, op);
    Ok(vm.call_special(a, name, &[b])?.unwrap_or(Value::NOT_IMPLEMENTED))
}

pub(super) fn call(vm: &Vm, value: Value, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    match vm.special_method(value, vm.names.__call__)? {
        Some(method) => vm.call_keywords(method, args, keyword_names),
        None => Err(vm.type_error(format!("'{}' object is not callable", vm.type_name(value)))),
    }
}

/// `__getattribute__`, then `__getattr__` when that raises AttributeError.
pub(super) fn getattr(vm: &Vm, value: Value, name: Value) -> PyResult<Value> {
    let class = vm.type_of(value);
    let own = match vm.type_lookup(class, vm.names.__getattribute__) {
        Some(found) if vm.is_object_getattribute(found) => match vm.generic_getattr_opt(value, name) {
            Ok(Some(found)) => return Ok(found),
            // No error is made for the hook to hide.
            Ok(None) if vm.type_lookup(class, vm.names.__getattr__).is_some() => {
                return must_call(vm, value, vm.names.__getattr__, &[name]);
            }
            Ok(None) => return Err(vm.no_attribute(value, name)),
            Err(raised) => Err(raised),
        },
        _ => must_call(vm, value, vm.names.__getattribute__, &[name]),
    };
    match own {
        Err(raised) if vm.pending_matches(vm.exceptions.AttributeError) => {
            if vm.type_lookup(class, vm.names.__getattr__).is_none() {
                return Err(raised);
            }
            vm.take_exception(raised);
            must_call(vm, value, vm.names.__getattr__, &[name])
        }
        result => result,
    }
}

/// Whether what attribute lookup of `object` finds without running anything is what the class's own lookup gives: what classes do that have no more than a `__getattr__`.
pub(crate) fn finds_as_object(vm: &Vm, class: Gc<PyType>) -> bool {
    use crate::types::type_::type_flags;
    let is_hooked = || {
        class.slots().getattr.map(|f| f as usize) == Some(getattr as fn(&Vm, Value, Value) -> PyResult<Value> as usize)
            && vm.type_lookup(class, vm.names.__getattribute__).is_some_and(|found| vm.is_object_getattribute(found))
    };
    class.has(type_flags::GENERIC_GETATTR) || is_hooked()
}

pub(super) fn setattr(vm: &Vm, value: Value, name: Value, new: Option<Value>) -> PyResult<()> {
    match new {
        Some(new) => must_call(vm, value, vm.names.__setattr__, &[name, new])?,
        None => must_call(vm, value, vm.names.__delattr__, &[name])?,
    };
    Ok(())
}

pub(super) fn bool(vm: &Vm, value: Value) -> PyResult<bool> {
    let result = must_call(vm, value, vm.names.__bool__, &[])?;
    result
        .as_bool()
        .ok_or_else(|| vm.type_error(format!("__bool__ should return bool, returned {}", vm.type_name(result))))
}

pub(super) fn len(vm: &Vm, value: Value) -> PyResult<usize> {
    let result = must_call(vm, value, vm.names.__len__, &[])?;
    let index = vm.index(result)?;
    if vm.int_is_negative(index) {
        return Err(vm.value_error("__len__() should return >= 0"));
    }
    vm.index_i64(index).map(|len| len as usize)
}

/// The memory behind the memoryview that `__buffer__` gives (PEP 688).
pub(super) fn buffer(vm: &Vm, value: Value) -> PyResult<crate::object::buffer::BufferView> {
    const FULL_READ_ONLY: i64 = 0x11c;
    let view = must_call(vm, value, vm.names.__buffer__, &[vm.new_int(FULL_READ_ONLY)?])?;
    if vm.as_memoryview(view).is_none() {
        return Err(vm.type_error("__buffer__ returned non-memoryview object"));
    }
    let inner = vm.types.memoryview.slots().buffer.expect("memoryviews have memory");
    inner(vm, view)
}

pub(super) fn getitem(vm: &Vm, value: Value, key: Value) -> PyResult<Value> {
    must_call(vm, value, vm.names.__getitem__, &[key])
}

pub(super) fn setitem(vm: &Vm, value: Value, key: Value, new: Option<Value>) -> PyResult<()> {
    let (name, what) = match new {
        Some(_) => (vm.names.__setitem__, "assignment"),
        None => (vm.names.__delitem__, "deletion"),
    };
    let done = match new {
        Some(new) => vm.call_special(value, name, &[key, new])?,
        None => vm.call_special(value, name, &[key])?,
    };
    match done {
        Some(_) => Ok(()),
        None => Err(vm.type_error(format!("'{}' object does not support item {what}", vm.type_name(value)))),
    }
}

pub(super) fn contains(vm: &Vm, value: Value, item: Value) -> PyResult<bool> {
    if vm.type_lookup(vm.type_of(value), vm.names.__contains__).is_some_and(Value::is_none) {
        return Err(vm.type_error(format!("'{}' object is not a container", vm.type_name(value))));
    }
    let found = must_call(vm, value, vm.names.__contains__, &[item])?;
    vm.truthy(found)
}

pub(super) fn descr_get(vm: &Vm, descriptor: Value, instance: Option<Value>, owner: Value) -> PyResult<Value> {
    must_call(vm, descriptor, vm.names.__get__, &[instance.unwrap_or(Value::NONE), owner])
}

pub(super) fn descr_set(vm: &Vm, descriptor: Value, instance: Value, value: Option<Value>) -> PyResult<()> {
    let (name, done) = match value {
        Some(value) => ("__set__", vm.call_special(descriptor, vm.names.__set__, &[instance, value])?),
        None => ("__delete__", vm.call_special(descriptor, vm.names.__delete__, &[instance])?),
    };
    match done {
        Some(_) => Ok(()),
        None => Err(vm.attribute_error_text(name)),
    }
}

pub(super) fn init(vm: &Vm, value: Value, args: &[Value], keyword_names: Option<Value>) -> PyResult<()> {
    let Some(method) = vm.special_method(value, vm.names.__init__)? else { return Ok(()) };
    let result = vm.call_keywords(method, args, keyword_names)?;
    if result.is_none() {
        return Ok(());
    }
    Err(vm.type_error(format!("__init__() should return None, not '{}'", vm.type_name(result))))
}

pub(super) fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    let method = vm.getattr(class.as_value(), vm.names.__new__)?;
    let mut all = crate::value_vec::ValueVec::<[Value; 8]>::with_capacity(args.len() + 1);
    all.push(class.as_value());
    all.extend_from_slice(args);
    vm.call_keywords(method, &all, keyword_names)
}

pub(super) fn finalize(vm: &Vm, value: Value) -> PyResult<()> {
    vm.call_special(value, vm.names.__del__, &[]).map(|_| ())
}

/// Names of operator `N` and of its reflected form.
fn binary_names(vm: &Vm, number: usize) -> (Value, Value) {
    let n = &vm.names;
    match number {
        0 => (n.__add__, n.__radd__),
        1 => (n.__sub__, n.__rsub__),
        2 => (n.__mul__, n.__rmul__),
        3 => (n.__truediv__, n.__rtruediv__),
        4 => (n.__floordiv__, n.__rfloordiv__),
        5 => (n.__mod__, n.__rmod__),
        6 => (n.__pow__, n.__rpow__),
        7 => (n.__lshift__, n.__rlshift__),
        8 => (n.__rshift__, n.__rrshift__),
        9 => (n.__and__, n.__rand__),
        10 => (n.__or__, n.__ror__),
        11 => (n.__xor__, n.__rxor__),
        _ => (n.__matmul__, n.__rmatmul__),
    }
}

/// Name of the reflected form of operator `number`.
pub(crate) fn reflected_name(vm: &Vm, number: usize) -> Value {
    binary_names(vm, number).1
}

/// Name of the method of the left operand for `op`: the in-place one where the class has it.
pub(crate) fn operator_name(vm: &Vm, class: Gc<PyType>, op: BinaryOp) -> Value {
    let plain = (op.number() % BinaryOp::PLAIN) as usize;
    let is_inplace = op.number() >= BinaryOp::PLAIN && class.slots().inplace[plain].is_some();
    if is_inplace { inplace_name(vm, plain) } else { binary_names(vm, plain).0 }
}

/// Binary operator with reflection (CPython's SLOT1BINFULL).
pub(super) fn binary<const N: usize>(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let own: Binary = binary::<N>;
    let is_generic = |class: Gc<PyType>| class.slots().binary[N].is_some_and(|slot| slot as usize == own as usize);
    let (left, right) = (vm.type_of(a), vm.type_of(b));
    let (name, reflected) = binary_names(vm, N);
    let mut try_right = left != right && is_generic(right);
    if is_generic(left) {
        if try_right && vm.is_subtype(right, left) {
            let overloaded = vm.type_lookup(right, reflected) != vm.type_lookup(left, reflected);
            if overloaded {
                let result = vm.call_special(b, reflected, &[a])?.unwrap_or(Value::NOT_IMPLEMENTED);
                if result != Value::NOT_IMPLEMENTED {
                    return Ok(result);
                }
                try_right = false;
            }
        }
        let result = vm.call_special(a, name, &[b])?.unwrap_or(Value::NOT_IMPLEMENTED);
        if result != Value::NOT_IMPLEMENTED || left == right {
            return Ok(result);
        }
    }
    if try_right {
        return Ok(vm.call_special(b, reflected, &[a])?.unwrap_or(Value::NOT_IMPLEMENTED));
    }
    Ok(Value::NOT_IMPLEMENTED)
}

fn inplace_name(vm: &Vm, number: usize) -> Value {
    let n = &vm.names;
    [
        n.__iadd__,
        n.__isub__,
        n.__imul__,
        n.__itruediv__,
        n.__ifloordiv__,
        n.__imod__,
        n.__ipow__,
        n.__ilshift__,
        n.__irshift__,
        n.__iand__,
        n.__ior__,
        n.__ixor__,
        n.__imatmul__,
    ][number]
}

pub(super) fn inplace<const N: usize>(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let name = inplace_name(vm, N);
    Ok(vm.call_special(a, name, &[b])?.unwrap_or(Value::NOT_IMPLEMENTED))
}

pub(super) fn power(vm: &Vm, base: Value, exponent: Value, modulus: Value) -> PyResult<Value> {
    if modulus.is_none() {
        return binary::<{ BinaryOp::Power as usize }>(vm, base, exponent);
    }
    // Source: `slot_nb_power` in Objects/typeobject.c.
    let (left, right) = (vm.type_of(base), vm.type_of(exponent));
    let is_written = |class: cinder_heap::Gc<PyType>| {
        class.slots().power.is_some_and(|slot| slot as usize == power as *const () as usize)
    };
    let call = |receiver: Value, name: Value, other: Value| {
        Ok(vm.call_special(receiver, name, &[other, modulus])?.unwrap_or(Value::NOT_IMPLEMENTED))
    };
    let asks_right = left != right && is_written(right);
    let mut asked_right = false;
    if is_written(left) {
        let overrides = vm.type_lookup(right, vm.names.__rpow__) != vm.type_lookup(left, vm.names.__rpow__);
        if asks_right && vm.is_subtype(right, left) && overrides {
            asked_right = true;
            let result = call(exponent, vm.names.__rpow__, base)?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        let result = call(base, vm.names.__pow__, exponent)?;
        if result != Value::NOT_IMPLEMENTED || left == right {
            return Ok(result);
        }
    }
    if asks_right && !asked_right { call(exponent, vm.names.__rpow__, base) } else { Ok(Value::NOT_IMPLEMENTED) }
}

/// For `divmod`, which has no slot: both operands' methods in order.
impl Vm {
    /// `divmod(a, b)`.
    pub fn divmod(&self, a: Value, b: Value) -> PyResult<Value> {
        let (left, right) = (self.type_of(a), self.type_of(b));
        let right_first = left != right
            && self.is_subtype(right, left)
            && self.type_lookup(right, self.names.__rdivmod__) != self.type_lookup(left, self.names.__rdivmod__);
        let tries = [(a, self.names.__divmod__, b), (b, self.names.__rdivmod__, a)];
        let order = if right_first { [tries[1], tries[0]] } else { tries };
        for (receiver, name, argument) in order {
            if receiver == b && left == right && name == self.names.__rdivmod__ {
                continue;
            }
            if let Some(result) = self.call_special(receiver, name, &[argument])?
                && result != Value::NOT_IMPLEMENTED
            {
                return Ok(result);
            }
        }
        Err(self.divmod_error(left, right))
    }

    fn divmod_error(&self, left: Gc<PyType>, right: Gc<PyType>) -> Raised {
        self.type_error(format!(
            "unsupported operand type(s) for divmod(): '{}' and '{}'",
            left.declared_name(),
            right.declared_name()
        ))
    }
}
