//! Operators and comparisons.
//!
//! A generic handler does the operation and rewrites itself to the form its operands call for; a quick form whose operands are of another kind
//! turns back. A site that keeps changing stays generic.

use std::cell::Cell;

use cinder_bytecode::{BinaryOp, CompareOp};
use cinder_heap::Gc;
use cinder_layout::Header;
use num_bigint::BigInt;

use super::prelude::*;
use super::slots::{quicken_binary, quicken_compare};
use crate::cache::CacheRecord;
use crate::interp::calls::operator_call;
use crate::interp::handlers::attributes::{has_shape, install};
use crate::interp::handlers::names::{MANY_MISSES, MAX_MISSES};
use crate::interp::stack::flag;
use crate::types::BuiltinType;
use crate::types::float::PyFloat;
use crate::types::function::PyFunction;
use crate::types::slot_defs::{comparison_name, operator_name};
use crate::types::str_::PyStr;
use crate::types::type_::type_flags;

const TAG: u64 = 1;

/// Numbers of two floats, immediate or on the heap as zero is, or of one and a small int, which rounds as CPython rounds it. Two immediate floats do not
/// come here.
#[inline(always)]
fn wide_floats(left: Value, right: Value) -> Option<(f64, f64)> {
    match (wide_float(left), wide_float(right)) {
        (Some(x), Some(y)) => Some((x, y)),
        (Some(x), None) if right.is_int() => Some((x, right.as_int() as f64)),
        (None, Some(y)) if left.is_int() => Some((left.as_int() as f64, y)),
        _ => None,
    }
}

#[inline(always)]
fn wide_float(value: Value) -> Option<f64> {
    if value.is_flonum() {
        return Some(value.flonum_to_f64());
    }
    // SAFETY: the shape says what the object is.
    unsafe { has_shape(value, BuiltinType::float as u32).then(|| (*value.as_ptr::<PyFloat>()).value()) }
}

/// A result that needs no allocation.
#[inline(always)]
fn known_float(vm: &Vm, number: f64) -> Option<Value> {
    match Value::try_flonum(number) {
        None if number == 0.0 => vm.zero_floats[usize::from(number.is_sign_negative())].get(),
        value => value,
    }
}

/// Numbers to compare as floats: an int takes part when it is exactly a float.
#[inline(always)]
fn comparable(left: Value, right: Value) -> Option<(f64, f64)> {
    let is_exact = |value: Value| !value.is_int() || value.as_int().unsigned_abs() < 1 << 53;
    if is_exact(left) && is_exact(right) { wide_floats(left, right) } else { None }
}

/// Small ints whose quotient is that of the floats which they are exactly.
#[inline(always)]
fn are_exact_as_floats(left: Value, right: Value) -> bool {
    const LIMIT: u64 = 1 << 53;
    Value::both_ints(left, right) && left.as_int().unsigned_abs() < LIMIT && right.as_int().unsigned_abs() < LIMIT
}

/// Whether the operator has met floats and small ints in turns, so often that one form must do for both: that of floats, which takes ints too.
#[inline(always)]
fn takes_turns(record: &CacheRecord) -> bool {
    let noted = record.shape2 | record.shape2 >> operand::BITS;
    record.misses >= MANY_MISSES && noted & (operand::INT | operand::FLOAT) == operand::INT | operand::FLOAT
}

/// The quick form of a binary operator for two operands.
fn binary_form(op: BinaryOp, left: Value, right: Value, vm: &Vm, constant: bool, takes_turns: bool) -> Option<Opcode> {
    use BinaryOp as B;
    use Opcode as O;
    let pick = |plain, with_constant| Some(if constant { with_constant } else { plain });
    if Value::both_ints(left, right) {
        let is_division = matches!(op, B::TrueDivide | B::InplaceTrueDivide);
        if is_division && are_exact_as_floats(left, right) || takes_turns && float_form(op, constant).is_some() {
            return float_form(op, constant);
        }
        return match op {
            B::Add | B::InplaceAdd => pick(O::BINARY_ADD_INT, O::BINARY_ADD_INT_K),
            B::Subtract | B::InplaceSubtract => pick(O::BINARY_SUB_INT, O::BINARY_SUB_INT_K),
            B::Multiply | B::InplaceMultiply => pick(O::BINARY_MUL_INT, O::BINARY_MUL_INT_K),
            B::FloorDivide | B::InplaceFloorDivide => pick(O::BINARY_FLOORDIV_INT, O::BINARY_FLOORDIV_INT_K),
            B::Remainder | B::InplaceRemainder => pick(O::BINARY_MOD_INT, O::BINARY_MOD_INT_K),
            B::And | B::InplaceAnd => pick(O::BINARY_AND_INT, O::BINARY_AND_INT_K),
            B::Or | B::InplaceOr => pick(O::BINARY_OR_INT, O::BINARY_OR_INT_K),
            B::Xor | B::InplaceXor => pick(O::BINARY_XOR_INT, O::BINARY_XOR_INT_K),
            B::LeftShift | B::InplaceLeftShift => pick(O::BINARY_LSHIFT_INT, O::BINARY_LSHIFT_INT_K),
            B::RightShift | B::InplaceRightShift => pick(O::BINARY_RSHIFT_INT, O::BINARY_RSHIFT_INT_K),
            _ => None,
        };
    }
    if wide_floats(left, right).is_some() {
        return float_form(op, constant);
    }
    let is_text = |value| vm.downcast_exact::<PyStr>(value).is_some();
    match op {
        B::Add | B::InplaceAdd if !constant && is_text(left) && is_text(right) => Some(O::BINARY_ADD_STR),
        _ => None,
    }
}

/// The form of an operator for floats.
fn float_form(op: BinaryOp, constant: bool) -> Option<Opcode> {
    use BinaryOp as B;
    use Opcode as O;
    let pick = |plain, with_constant| Some(if constant { with_constant } else { plain });
    match op {
        B::Add | B::InplaceAdd => pick(O::BINARY_ADD_FLOAT, O::BINARY_ADD_FLOAT_K),
        B::Subtract | B::InplaceSubtract => pick(O::BINARY_SUB_FLOAT, O::BINARY_SUB_FLOAT_K),
        B::Multiply | B::InplaceMultiply => pick(O::BINARY_MUL_FLOAT, O::BINARY_MUL_FLOAT_K),
        B::TrueDivide | B::InplaceTrueDivide => pick(O::BINARY_DIV_FLOAT, O::BINARY_DIV_FLOAT_K),
        _ => None,
    }
}

/// Result of an operator on numbers without looking at classes: small ints and floats mixed.
#[inline(never)]
fn number_op(vm: &Vm, left: Value, right: Value, op: BinaryOp) -> Option<PyResult<Value>> {
    use BinaryOp as B;
    if Value::both_ints(left, right) {
        let (x, y) = (left.as_int(), right.as_int());
        return Some(match op {
            B::Add | B::InplaceAdd => vm.new_int(x + y),
            B::Subtract | B::InplaceSubtract => vm.new_int(x - y),
            B::Multiply | B::InplaceMultiply => match x.checked_mul(y) {
                Some(product) => vm.new_int(product),
                None => vm.new_bigint(BigInt::from(x) * y),
            },
            B::And | B::InplaceAnd => vm.new_int(x & y),
            B::Or | B::InplaceOr => vm.new_int(x | y),
            B::Xor | B::InplaceXor => vm.new_int(x ^ y),
            _ => return None,
        });
    }
    let number = |value: Value| {
        if value.is_flonum() {
            Some(value.flonum_to_f64())
        } else if value.is_int() {
            Some(value.as_int() as f64)
        } else {
            vm.downcast_exact::<crate::types::float::PyFloat>(value).map(|float| float.value())
        }
    };
    if left.is_int() && right.is_int() {
        return None;
    }
    let (x, y) = (number(left)?, number(right)?);
    Some(match op {
        B::Add | B::InplaceAdd => vm.new_float(x + y),
        B::Subtract | B::InplaceSubtract => vm.new_float(x - y),
        B::Multiply | B::InplaceMultiply => vm.new_float(x * y),
        B::TrueDivide | B::InplaceTrueDivide if y != 0.0 => vm.new_float(x / y),
        _ => return None,
    })
}

/// What an operand has been, for the compiler.
pub(crate) mod operand {
    pub(crate) const INT: u32 = 1;
    pub(crate) const FLOAT: u32 = 2;
    pub(crate) const OTHER: u32 = 4;
    /// Bits per operand; those of the left one come first.
    pub(crate) const BITS: u32 = 4;
}

/// Notes in the second shape of the record, which operators do not use, what the operands are.
fn with_operands(cell: &Cell<CacheRecord>, left: Value, right: Value) -> CacheRecord {
    let kind = |value: Value| match () {
        () if value.is_int() => operand::INT,
        () if value.is_flonum() => operand::FLOAT,
        // SAFETY: pointer-tagged values point to live objects.
        () if value.is_ptr() && unsafe { (*value.as_ptr::<Header>()).shape() } == BuiltinType::float as u32 => {
            operand::FLOAT
        }
        () => operand::OTHER,
    };
    let old = cell.get();
    let noted = CacheRecord { shape2: old.shape2 | kind(left) | kind(right) << operand::BITS, ..old };
    cell.set(noted);
    noted
}

unsafe fn binary(vm: &Vm, fp: Fp, ip: Ip, left: Value, right: Value, constant: bool) -> PyResult<Value> {
    // SAFETY: as of a handler.
    let (op, cell) =
        unsafe { (BinaryOp::from_number(rec(ip).imm()).expect("the verifier knows the operator"), record(ip)) };
    let old = with_operands(cell, left, right);
    if old.misses < MAX_MISSES
        && let Some(form) = binary_form(op, left, right, vm, constant, takes_turns(&old))
    {
        cell.set(CacheRecord { misses: old.misses + 1, ..old });
        // SAFETY: as of a handler.
        unsafe { rewrite(ip, form) };
    } else if old.misses < MAX_MISSES && left.is_ptr() && vm.type_of(left).has(type_flags::HEAP) {
        let name = operator_name(vm, vm.type_of(left), op);
        let form = if constant { Opcode::BINARY_FUNCTION_K } else { Opcode::BINARY_FUNCTION };
        // SAFETY: as of a handler.
        unsafe { quicken_operator(vm, fp, ip, left, right, name, form) };
    }
    // SAFETY: as of a handler.
    let is_generic = unsafe { *ip as u16 == Opcode::BINARY_OP as u16 || *ip as u16 == Opcode::BINARY_OP_K as u16 };
    if is_generic && old.misses < MAX_MISSES {
        let form = if constant { Opcode::BINARY_SLOT_K } else { Opcode::BINARY_SLOT };
        // SAFETY: as of a handler.
        unsafe { quicken_binary(vm, fp, ip, left, right, op, form) };
    }
    match number_op(vm, left, right, op) {
        Some(result) => result,
        None => vm.binary_op(left, right, op),
    }
}

/// The generic forms. A site that has given up looking for a quicker one does with numbers what can be done at once.
macro_rules! generic_binary {
    ($name:ident $new:ident $constant:literal; $fp:ident $k:ident $w:ident => $right:expr) => {
        op!($name(ip, $fp, vm, $k, $w) {
            let (left, right, rec) = (reg($fp, b($w)), $right, rec(ip));
            if rec.misses < MAX_MISSES {
                return $new(ip, $fp, vm, $k, $w);
            }
            match quick_number_op(rec.imm(), left, right) {
                Some(value) => {
                    set($fp, a($w), value);
                    go(ip.add(2), $fp, vm, $k)
                }
                None => $new(ip, $fp, vm, $k, $w),
            }
        });
        value_op!($new, 2, |vm, $fp, $w, $k, ip| binary(vm, $fp, ip, reg($fp, b($w)), $right, $constant));
    };
}

/// What an operator gives for two small ints or two immediate floats, when neither a call nor an allocation is needed.
#[inline(always)]
fn quick_number_op(number: u32, left: Value, right: Value) -> Option<Value> {
    const ADD: u32 = BinaryOp::Add as u32;
    const SUBTRACT: u32 = BinaryOp::Subtract as u32;
    const MULTIPLY: u32 = BinaryOp::Multiply as u32;
    const DIVIDE: u32 = BinaryOp::TrueDivide as u32;
    const AND: u32 = BinaryOp::And as u32;
    const OR: u32 = BinaryOp::Or as u32;
    const XOR: u32 = BinaryOp::Xor as u32;
    let plain = number % u32::from(BinaryOp::PLAIN);
    if Value::both_flonums(left, right) {
        let (x, y) = (left.flonum_to_f64(), right.flonum_to_f64());
        return Value::try_flonum(match plain {
            ADD => x + y,
            SUBTRACT => x - y,
            MULTIPLY => x * y,
            DIVIDE => x / y,
            _ => return None,
        });
    }
    if !Value::both_ints(left, right) {
        return None;
    }
    let (x, y) = (left.bits(), right.bits());
    let bits = match plain {
        ADD => added(x, y)?,
        SUBTRACT => subtracted(x, y)?,
        MULTIPLY => multiplied(x, y)?,
        AND => x & y,
        OR => x | y,
        XOR => (x ^ y) | TAG,
        _ => return None,
    };
    // SAFETY: the word of a small int.
    unsafe { Value::from_bits(bits) }
}

generic_binary!(BINARY_OP binary_new false; fp k w => reg(fp, c(w)));
generic_binary!(BINARY_OP_K binary_new_k true; fp k w => constant(k, c(w)));

// ---- operators that are Python functions ----

/// What the guard of such a site holds of the right operand: its shape, or 0 for objects of builtin classes, which never go before a class made in Python.
#[inline(always)]
fn right_guard(right: Value) -> u64 {
    let shape = match right.try_ptr::<Header>() {
        // SAFETY: pointer-tagged values point to live objects.
        Some(header) => unsafe { header.as_ref() }.shape(),
        None => 0,
    };
    let shape = if shape < BuiltinType::first_internal() { 0 } else { shape };
    u64::from(shape) << 1 | TAG
}

/// The quick form for a left operand whose class, made in Python, has the plain function `name`, and a right one that does not go first.
unsafe fn quicken_operator(vm: &Vm, fp: Fp, ip: Ip, left: Value, right: Value, name: Value, form: Opcode) {
    let shape = vm.shape_of(left);
    let (class, right_class) = (shape.class, vm.type_of(right));
    // Machine code that executes the instruction alone looks at its result at once.
    let is_compiled = frame(fp).flags() & cinder_layout::jit::frame::COMPILED != 0;
    if is_compiled || !class.has(type_flags::HEAP) || (right_class != class && vm.is_subtype(right_class, class)) {
        return;
    }
    let Some(function) = vm.type_lookup(class, name).and_then(|found| vm.as_function(found)) else { return };
    let code = function.code.get();
    if vm.prepare_code(code).is_err() || !code.is_simple || code.argument_count != 2 {
        return;
    }
    let fill = |record: &mut CacheRecord| {
        (record.shape, record.value, record.guard) = (shape.id, function.as_value().bits(), right_guard(right));
    };
    // SAFETY: as of a handler.
    unsafe { install(vm, fp, ip, class, fill, form) };
}

macro_rules! function_operator {
    ($name:ident $generic:ident $call:ident $kind:ident; $fp:ident $k:ident $w:ident => $right:expr) => {
        op!($name(ip, $fp, vm, $k, $w) {
            let (left, right, rec) = (reg($fp, b($w)), $right, rec(ip));
            if !has_shape(left, rec.shape) || right_guard(right) != rec.guard {
                rewrite(ip, Opcode::$generic);
                return $generic(ip, $fp, vm, $k, $w);
            }
            $call(ip, $fp, vm, $k, $w)
        });
        call_op!($call, 2, |vm, $fp, $w, $k, ip| {
            // SAFETY: the record holds a function.
            let function: Gc<PyFunction> = Gc::from_value(Value::from_bits(rec(ip).value).unwrap_unchecked());
            let (left, right) = (reg($fp, b($w)), $right);
            match operator_call(vm, $fp, function, [left, right], flag::$kind) {
                Some(entered) => Ok(entered),
                None => function_operator!(@slow $kind vm ip left right),
            }
        });
    };
    (@slow OPERATOR $vm:ident $ip:ident $left:ident $right:ident) => { full_binary($vm, $ip, $left, $right) };
    (@slow COMPARISON $vm:ident $ip:ident $left:ident $right:ident) => {
        $vm.compare($left, $right, CompareOp::from_number(rec($ip).imm()).expect("the verifier knows the operator"))
    };
}

function_operator!(BINARY_FUNCTION BINARY_OP binary_function_call OPERATOR; fp k w => reg(fp, c(w)));
function_operator!(BINARY_FUNCTION_K BINARY_OP_K binary_function_call_k OPERATOR; fp k w => constant(k, c(w)));
function_operator!(COMPARE_FUNCTION COMPARE_OP compare_function_call COMPARISON; fp k w => reg(fp, c(w)));
function_operator!(COMPARE_FUNCTION_K COMPARE_OP_K compare_function_call_k COMPARISON; fp k w => constant(k, c(w)));

/// Operands of another kind: back to the generic form. Results that do not fit (big ints, floats on the heap) come here too and change nothing.
unsafe fn turn_back(ip: Ip, fits: bool, generic: Opcode) {
    if !fits {
        // SAFETY: as of a handler.
        unsafe { rewrite(ip, generic) };
    }
}

/// Whether the int forms are still right for such operands: ints on the heap come and go where numbers are large.
fn is_int_work(left: Value, right: Value) -> bool {
    // SAFETY: as of a handler.
    let is_int = |value: Value| value.is_int() || unsafe { has_shape(value, BuiltinType::int as u32) };
    is_int(left) && is_int(right)
}

/// Whether the float forms are still right for such operands.
unsafe fn is_float_work(ip: Ip, left: Value, right: Value) -> bool {
    Value::both_flonums(left, right)
        || wide_floats(left, right).is_some()
        // SAFETY: as of a handler.
        || Value::both_ints(left, right) && unsafe { takes_turns(rec(ip)) || divides(rec(ip)) }
}

value_op!(int_miss, 2, |vm, fp, w, k, ip| {
    let (left, right) = (reg(fp, b(w)), reg(fp, c(w)));
    turn_back(ip, is_int_work(left, right), Opcode::BINARY_OP);
    full_binary(vm, ip, left, right)
});
value_op!(int_miss_k, 2, |vm, fp, w, k, ip| {
    let (left, right) = (reg(fp, b(w)), constant(k, c(w)));
    turn_back(ip, is_int_work(left, right), Opcode::BINARY_OP_K);
    full_binary(vm, ip, left, right)
});
value_op!(float_miss, 2, |vm, fp, w, k, ip| {
    let (left, right) = (reg(fp, b(w)), reg(fp, c(w)));
    turn_back(ip, is_float_work(ip, left, right), Opcode::BINARY_OP);
    full_binary(vm, ip, left, right)
});
value_op!(float_miss_k, 2, |vm, fp, w, k, ip| {
    let (left, right) = (reg(fp, b(w)), constant(k, c(w)));
    turn_back(ip, is_float_work(ip, left, right), Opcode::BINARY_OP_K);
    full_binary(vm, ip, left, right)
});

unsafe fn full_binary(vm: &Vm, ip: Ip, left: Value, right: Value) -> PyResult<Value> {
    // SAFETY: as of a handler.
    let op = BinaryOp::from_number(unsafe { rec(ip) }.imm()).expect("the verifier knows the operator");
    match number_op(vm, left, right, op) {
        Some(result) => result,
        None => vm.binary_op(left, right, op),
    }
}

/// `|x, y| Option<bits>` over the raw words of two small ints; `None` is the slow path.
macro_rules! int_op {
    ($name:ident $name_k:ident |$x:ident, $y:ident| $body:expr) => {
        int_op!(@one $name int_miss |$x, $y| $body; fp k w => *fp.add(c(w)));
        int_op!(@one $name_k int_miss_k |$x, $y| $body; fp k w => *k.add(c(w)));
    };
    (@one $name:ident $miss:ident |$x:ident, $y:ident| $body:expr; $fp:ident $k:ident $w:ident => $right:expr) => {
        op!($name(ip, $fp, vm, $k, $w) {
            let ($x, $y) = (*$fp.add(b($w)), $right);
            if $x & $y & TAG == 0 {
                return $miss(ip, $fp, vm, $k, $w);
            }
            let result: Option<u64> = $body;
            match result {
                Some(bits) => {
                    *$fp.add(a($w)) = bits;
                    go(ip.add(2), $fp, vm, $k)
                }
                None => $miss(ip, $fp, vm, $k, $w),
            }
        });
    };
}

/// Sum of the words of two small ints.
#[inline(always)]
fn added(x: u64, y: u64) -> Option<u64> {
    ((x - TAG) as i64).checked_add(y as i64).map(|sum| sum as u64)
}

#[inline(always)]
fn subtracted(x: u64, y: u64) -> Option<u64> {
    (x as i64).checked_sub((y - TAG) as i64).map(|difference| difference as u64)
}

#[inline(always)]
fn multiplied(x: u64, y: u64) -> Option<u64> {
    ((x - TAG) as i64).checked_mul(y as i64 >> 1).map(|product| product as u64 + TAG)
}

int_op!(BINARY_ADD_INT BINARY_ADD_INT_K |x, y| added(x, y));
int_op!(BINARY_SUB_INT BINARY_SUB_INT_K |x, y| subtracted(x, y));
int_op!(BINARY_MUL_INT BINARY_MUL_INT_K |x, y| multiplied(x, y));
int_op!(BINARY_AND_INT BINARY_AND_INT_K |x, y| Some(x & y));
int_op!(BINARY_OR_INT BINARY_OR_INT_K |x, y| Some(x | y));
int_op!(BINARY_XOR_INT BINARY_XOR_INT_K |x, y| Some((x ^ y) | TAG));
int_op!(BINARY_FLOORDIV_INT BINARY_FLOORDIV_INT_K |x, y| {
    let (x, y) = (x as i64 >> 1, y as i64 >> 1);
    if y == 0 || y == -1 {
        None
    } else {
        let quotient = x / y;
        let quotient = if x % y != 0 && (x ^ y) < 0 { quotient - 1 } else { quotient };
        Some((quotient << 1) as u64 | TAG)
    }
});
int_op!(BINARY_MOD_INT BINARY_MOD_INT_K |x, y| {
    let (x, y) = (x as i64 >> 1, y as i64 >> 1);
    if y == 0 || y == -1 {
        None
    } else {
        let remainder = x % y;
        let remainder = if remainder != 0 && (remainder ^ y) < 0 { remainder + y } else { remainder };
        Some((remainder << 1) as u64 | TAG)
    }
});
int_op!(BINARY_LSHIFT_INT BINARY_LSHIFT_INT_K |x, y| {
    let (word, count) = ((x - TAG) as i64, y as i64 >> 1);
    let shifted = word.wrapping_shl(count as u32);
    if (0..62).contains(&count) && shifted >> count == word { Some(shifted as u64 | TAG) } else { None }
});
int_op!(BINARY_RSHIFT_INT BINARY_RSHIFT_INT_K |x, y| {
    let count = y as i64 >> 1;
    if count < 0 { None } else { Some((x as i64 >> count.min(62)) as u64 | TAG) }
});

/// Operators of floats. The second block gives the bits of the result for the words of two small ints, as sites want that meet both in turns.
macro_rules! float_op {
    ($name:ident $wide:ident $name_k:ident $wide_k:ident |$x:ident, $y:ident| $body:expr, $ints:expr) => {
        float_op!(@one $name $wide float_miss |$x, $y| $body, $ints; fp k w => reg(fp, c(w)));
        float_op!(@one $name_k $wide_k float_miss_k |$x, $y| $body, $ints; fp k w => constant(k, c(w)));
    };
    (@one $name:ident $wide:ident $miss:ident |$x:ident, $y:ident| $body:expr, $ints:expr; $fp:ident $k:ident $w:ident => $right:expr) => {
        op!($name(ip, $fp, vm, $k, $w) {
            let (left, right) = (reg($fp, b($w)), $right);
            if !Value::both_flonums(left, right) {
                return $wide(ip, $fp, vm, $k, $w);
            }
            let ($x, $y) = (left.flonum_to_f64(), right.flonum_to_f64());
            match Value::try_flonum($body) {
                Some(value) => {
                    set($fp, a($w), value);
                    go(ip.add(2), $fp, vm, $k)
                }
                None => $wide(ip, $fp, vm, $k, $w),
            }
        });
        // Out of the way of the immediate ones.
        op!($wide(ip, $fp, vm, $k, $w) {
            let (left, right) = (reg($fp, b($w)), $right);
            let result = match wide_floats(left, right) {
                Some(($x, $y)) => known_float(vm, $body),
                None if !Value::both_ints(left, right) => None,
                None if divides(rec(ip)) => quotient(vm, left, right),
                None if takes_turns(rec(ip)) => {
                    let ($x, $y) = (left.bits(), right.bits());
                    let result: Option<u64> = $ints;
                    result.and_then(|bits| Value::from_bits(bits))
                }
                None => None,
            };
            match result {
                Some(value) => {
                    set($fp, a($w), value);
                    go(ip.add(2), $fp, vm, $k)
                }
                None => $miss(ip, $fp, vm, $k, $w),
            }
        });
    };
}

#[inline(always)]
fn divides(record: &CacheRecord) -> bool {
    record.imm() % u32::from(BinaryOp::PLAIN) == u32::from(BinaryOp::TrueDivide.number())
}

/// The quotient of small ints, when it needs no allocation. A zero divisor has none.
#[inline(always)]
fn quotient(vm: &Vm, left: Value, right: Value) -> Option<Value> {
    let is_exact = are_exact_as_floats(left, right);
    if is_exact { known_float(vm, left.as_int() as f64 / right.as_int() as f64) } else { None }
}

float_op!(BINARY_ADD_FLOAT wide_add BINARY_ADD_FLOAT_K wide_add_k |x, y| x + y, added(x, y));
float_op!(BINARY_SUB_FLOAT wide_sub BINARY_SUB_FLOAT_K wide_sub_k |x, y| x - y, subtracted(x, y));
float_op!(BINARY_MUL_FLOAT wide_mul BINARY_MUL_FLOAT_K wide_mul_k |x, y| x * y, multiplied(x, y));
// A zero divisor gives infinity or NaN, which take the slow path: it raises.
float_op!(BINARY_DIV_FLOAT wide_div BINARY_DIV_FLOAT_K wide_div_k |x, y| x / y, {
    let _ = (x, y);
    None
});

value_op!(BINARY_ADD_STR, 2, |vm, fp, w, k, ip| {
    let (left, right) = (reg(fp, b(w)), reg(fp, c(w)));
    match (vm.downcast_exact::<PyStr>(left), vm.downcast_exact::<PyStr>(right)) {
        (Some(left), Some(right)) => vm.str_concat(left, right),
        _ => {
            rewrite(ip, Opcode::BINARY_OP);
            full_binary(vm, ip, left, right)
        }
    }
});

// ---- unary ----

op!(UNARY_NEGATIVE(ip, fp, vm, k, w) {
    let value = *fp.add(b(w));
    if value & TAG != 0
        && let Some(negated) = 0i64.checked_sub((value - TAG) as i64)
    {
        *fp.add(a(w)) = negated as u64 | TAG;
        return go(ip.add(1), fp, vm, k);
    }
    let number = reg(fp, b(w));
    if number.is_flonum() {
        // The range of immediate floats is the same on both sides of zero.
        if let Some(negated) = Value::try_flonum(-number.flonum_to_f64()) {
            set(fp, a(w), negated);
            return go(ip.add(1), fp, vm, k);
        }
    }
    negative_slow(ip, fp, vm, k, w)
});
value_op!(negative_slow, 1, |vm, fp, w, k, ip| {
    let value = reg(fp, b(w));
    if value.is_flonum() { vm.new_float(-value.flonum_to_f64()) } else { vm.negative(value) }
});
value_op!(UNARY_POSITIVE, 1, |vm, fp, w, k, ip| vm.positive(reg(fp, b(w))));
op!(UNARY_INVERT(ip, fp, vm, k, w) {
    let value = *fp.add(b(w));
    if value & TAG == 0 {
        return invert_slow(ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = !value | TAG;
    go(ip.add(1), fp, vm, k)
});
value_op!(invert_slow, 1, |vm, fp, w, k, ip| vm.invert(reg(fp, b(w))));

// ---- comparisons ----

/// The quick form of a comparison, with the jump that follows when there is one on its result.
unsafe fn compare_form(
    ip: Ip,
    word: u64,
    op: CompareOp,
    [left, right]: [Value; 2],
    constant: bool,
    takes_turns: bool,
    vm: &Vm,
) -> Option<Opcode> {
    if takes_turns && Value::both_ints(left, right) {
        return Some(if constant { Opcode::COMPARE_FLOAT_K } else { Opcode::COMPARE_FLOAT });
    }
    // SAFETY: verified code never ends in a comparison, so there is a next instruction.
    let following = unsafe { *ip.add(2) };
    let same = a(following) == a(word);
    let jump = match following as u16 {
        op if op == Opcode::JUMP_IF_TRUE as u16 && same => 1,
        op if op == Opcode::JUMP_IF_FALSE as u16 && same => 2,
        _ => 0,
    };
    if Value::both_ints(left, right) {
        let first = if constant { Opcode::COMPARE_LT_INT_K } else { Opcode::COMPARE_LT_INT };
        // Rows come in the order of the operators, three forms each.
        return Opcode::from_number(first as u16 + op.number() * 3 + jump);
    }
    if comparable(left, right).is_some() {
        return Some(if constant { Opcode::COMPARE_FLOAT_K } else { Opcode::COMPARE_FLOAT });
    }
    let text = |value| vm.downcast_exact::<PyStr>(value).is_some();
    if matches!(op, CompareOp::Eq | CompareOp::Ne) && text(left) && text(right) {
        return Some(if constant { Opcode::COMPARE_EQ_STR_K } else { Opcode::COMPARE_EQ_STR });
    }
    None
}

unsafe fn compare(vm: &Vm, fp: Fp, ip: Ip, word: u64, left: Value, right: Value, constant: bool) -> PyResult<Value> {
    // SAFETY: as of a handler.
    let (op, cell) =
        unsafe { (CompareOp::from_number(rec(ip).imm()).expect("the verifier knows the operator"), record(ip)) };
    let old = with_operands(cell, left, right);
    // SAFETY: as of a handler.
    let form = unsafe { compare_form(ip, word, op, [left, right], constant, takes_turns(&old), vm) };
    if let Some(form) = form.filter(|_| old.misses < MAX_MISSES) {
        cell.set(CacheRecord { misses: old.misses + 1, slot: accepted(op), ..old });
        // SAFETY: as of a handler.
        unsafe { rewrite(ip, form) };
    } else if old.misses < MAX_MISSES && left.is_ptr() && vm.type_of(left).has(type_flags::HEAP) {
        let form = if constant { Opcode::COMPARE_FUNCTION_K } else { Opcode::COMPARE_FUNCTION };
        // SAFETY: as of a handler.
        unsafe { quicken_operator(vm, fp, ip, left, right, comparison_name(vm, op), form) };
    }
    // SAFETY: as of a handler.
    let is_generic = unsafe { *ip as u16 == Opcode::COMPARE_OP as u16 || *ip as u16 == Opcode::COMPARE_OP_K as u16 };
    if is_generic && old.misses < MAX_MISSES {
        let form = if constant { Opcode::COMPARE_SLOT_K } else { Opcode::COMPARE_SLOT };
        // SAFETY: as of a handler.
        unsafe { quicken_compare(vm, fp, ip, left, right, form) };
    }
    vm.compare(left, right, op)
}

/// Which of less (1), equal (2), greater (4) and unordered (8) the operator accepts.
fn accepted(op: CompareOp) -> u32 {
    ACCEPTED[op.number() as usize]
}

/// Whether operator number `imm` is `==` or `!=`.
#[inline(always)]
fn asks_equality(imm: u32) -> bool {
    // The masks of these two.
    matches!(ACCEPTED[imm as usize & 7], 2 | 13)
}

macro_rules! generic_compare {
    ($name:ident $new:ident $texts:ident $constant:literal; $fp:ident $k:ident $w:ident => $right:expr) => {
        op!($name(ip, $fp, vm, $k, $w) {
            let (left, right, rec) = (reg($fp, b($w)), $right, rec(ip));
            let order = match () {
                () if rec.misses < MAX_MISSES => return $new(ip, $fp, vm, $k, $w),
                () if Value::both_ints(left, right) => order_of(left.as_int(), right.as_int()),
                () if Value::both_flonums(left, right) => order_of(left.flonum_to_f64(), right.flonum_to_f64()),
                () if has_shape(left, BuiltinType::str_ as u32)
                    && has_shape(right, BuiltinType::str_ as u32)
                    && asks_equality(rec.imm()) =>
                {
                    return $texts(ip, $fp, vm, $k, $w);
                }
                () => return $new(ip, $fp, vm, $k, $w),
            };
            answer(ip, 2, $fp, vm, $k, $w, order & ACCEPTED[rec.imm() as usize & 7] != 0)
        });
        value_op!($new, 2, |vm, $fp, $w, $k, ip| compare(vm, $fp, ip, $w, reg($fp, b($w)), $right, $constant));
        bool_op!($texts, 2, |vm, $fp, $w, $k, ip| {
            let (one, other): (Gc<PyStr>, Gc<PyStr>) = (Gc::from_value(reg($fp, b($w))), Gc::from_value($right));
            Ok(one.same(&other) == (ACCEPTED[rec(ip).imm() as usize & 7] & 2 != 0))
        });
    };
}

/// [`accepted`] by the number of the operator.
const ACCEPTED: [u32; 8] = [1, 3, 2, 13, 4, 6, 0, 0];

generic_compare!(COMPARE_OP compare_new equal_texts false; fp k w => reg(fp, c(w)));
generic_compare!(COMPARE_OP_K compare_new_k equal_texts_k true; fp k w => constant(k, c(w)));

macro_rules! int_compare {
    ($operator:tt: $plain:ident $true:ident $false:ident, $plain_k:ident $true_k:ident $false_k:ident) => {
        int_compare!(@forms $operator $plain $true $false COMPARE_OP; fp k w => *fp.add(c(w)));
        int_compare!(@forms $operator $plain_k $true_k $false_k COMPARE_OP_K; fp k w => *k.add(c(w)));
    };
    (@forms $operator:tt $plain:ident $true:ident $false:ident $generic:ident; $fp:ident $k:ident $w:ident => $right:expr) => {
        int_compare!(@form $operator $plain $generic; $fp $k $w ip vm => $right; answer => go(ip.add(2), $fp, vm, $k));
        int_compare!(@form $operator $true $generic; $fp $k $w ip vm => $right; answer => {
            if answer { go(ip.add(2).offset(jump(*ip.add(2))), $fp, vm, $k) } else { go(ip.add(3), $fp, vm, $k) }
        });
        int_compare!(@form $operator $false $generic; $fp $k $w ip vm => $right; answer => {
            if answer { go(ip.add(3), $fp, vm, $k) } else { go(ip.add(2).offset(jump(*ip.add(2))), $fp, vm, $k) }
        });
    };
    (@form $operator:tt $name:ident $generic:ident; $fp:ident $k:ident $w:ident $ip:ident $vm:ident => $right:expr; $answer:ident => $next:expr) => {
        op!($name($ip, $fp, $vm, $k, $w) {
            let (x, y) = (*$fp.add(b($w)), $right);
            if x & y & TAG == 0 {
                rewrite($ip, Opcode::$generic);
                return $generic($ip, $fp, $vm, $k, $w);
            }
            let $answer = (x as i64) $operator (y as i64);
            set($fp, a($w), Value::from_bool($answer));
            $next
        });
    };
}

int_compare!(<: COMPARE_LT_INT COMPARE_LT_INT_JUMP_TRUE COMPARE_LT_INT_JUMP_FALSE, COMPARE_LT_INT_K COMPARE_LT_INT_K_JUMP_TRUE COMPARE_LT_INT_K_JUMP_FALSE);
int_compare!(<=: COMPARE_LE_INT COMPARE_LE_INT_JUMP_TRUE COMPARE_LE_INT_JUMP_FALSE, COMPARE_LE_INT_K COMPARE_LE_INT_K_JUMP_TRUE COMPARE_LE_INT_K_JUMP_FALSE);
int_compare!(==: COMPARE_EQ_INT COMPARE_EQ_INT_JUMP_TRUE COMPARE_EQ_INT_JUMP_FALSE, COMPARE_EQ_INT_K COMPARE_EQ_INT_K_JUMP_TRUE COMPARE_EQ_INT_K_JUMP_FALSE);
int_compare!(!=: COMPARE_NE_INT COMPARE_NE_INT_JUMP_TRUE COMPARE_NE_INT_JUMP_FALSE, COMPARE_NE_INT_K COMPARE_NE_INT_K_JUMP_TRUE COMPARE_NE_INT_K_JUMP_FALSE);
int_compare!(>: COMPARE_GT_INT COMPARE_GT_INT_JUMP_TRUE COMPARE_GT_INT_JUMP_FALSE, COMPARE_GT_INT_K COMPARE_GT_INT_K_JUMP_TRUE COMPARE_GT_INT_K_JUMP_FALSE);
int_compare!(>=: COMPARE_GE_INT COMPARE_GE_INT_JUMP_TRUE COMPARE_GE_INT_JUMP_FALSE, COMPARE_GE_INT_K COMPARE_GE_INT_K_JUMP_TRUE COMPARE_GE_INT_K_JUMP_FALSE);

/// The bit of [`accepted`] for two numbers.
#[inline(always)]
fn order_of<T: PartialOrd>(x: T, y: T) -> u32 {
    let order = u32::from(x < y) | u32::from(x == y) << 1 | u32::from(x > y) << 2;
    if order == 0 { 8 } else { order }
}

macro_rules! float_compare {
    ($name:ident $wide:ident $generic:ident; $fp:ident $k:ident $w:ident => $right:expr) => {
        op!($name(ip, $fp, vm, $k, $w) {
            let (left, right) = (reg($fp, b($w)), $right);
            if !Value::both_flonums(left, right) {
                return $wide(ip, $fp, vm, $k, $w);
            }
            let (x, y) = (left.flonum_to_f64(), right.flonum_to_f64());
            // Immediate floats are ordered: NaN is a heap object.
            let order = u32::from(x < y) | u32::from(x == y) << 1 | u32::from(x > y) << 2;
            answer(ip, 2, $fp, vm, $k, $w, order & rec(ip).slot != 0)
        });
        op!($wide(ip, $fp, vm, $k, $w) {
            let (left, right) = (reg($fp, b($w)), $right);
            let order = match comparable(left, right) {
                Some((x, y)) => order_of(x, y),
                None if Value::both_ints(left, right) && takes_turns(rec(ip)) => order_of(left.as_int(), right.as_int()),
                None => {
                    rewrite(ip, Opcode::$generic);
                    return $generic(ip, $fp, vm, $k, $w);
                }
            };
            answer(ip, 2, $fp, vm, $k, $w, order & rec(ip).slot != 0)
        });
    };
}

float_compare!(COMPARE_FLOAT wide_compare COMPARE_OP; fp k w => reg(fp, c(w)));
float_compare!(COMPARE_FLOAT_K wide_compare_k COMPARE_OP_K; fp k w => constant(k, c(w)));

macro_rules! text_compare {
    ($name:ident $texts:ident $generic:ident; $fp:ident $k:ident $w:ident => $right:expr) => {
        op!($name(ip, $fp, vm, $k, $w) {
            let (left, right) = (reg($fp, b($w)), $right);
            if !has_shape(left, BuiltinType::str_ as u32) || !has_shape(right, BuiltinType::str_ as u32) {
                rewrite(ip, Opcode::$generic);
                return $generic(ip, $fp, vm, $k, $w);
            }
            let (one, other): (Gc<PyStr>, Gc<PyStr>) = (Gc::from_value(left), Gc::from_value(right));
            if left != right && one.len() == other.len() {
                return $texts(ip, $fp, vm, $k, $w);
            }
            // The mask of == has 2 (equal), that of != does not.
            answer(ip, 2, $fp, vm, $k, $w, (left == right) == (rec(ip).slot & 2 != 0))
        });
        // Two texts as long as each other.
        bool_op!($texts, 2, |vm, $fp, $w, $k, ip| {
            let (one, other): (Gc<PyStr>, Gc<PyStr>) = (Gc::from_value(reg($fp, b($w))), Gc::from_value($right));
            Ok(one.same(&other) == (rec(ip).slot & 2 != 0))
        });
    };
}

text_compare!(COMPARE_EQ_STR compare_texts COMPARE_OP; fp k w => reg(fp, c(w)));
text_compare!(COMPARE_EQ_STR_K compare_texts_k COMPARE_OP_K; fp k w => constant(k, c(w)));
