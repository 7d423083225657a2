//! Operators, items and iteration on objects of builtin classes.
//!
//! Problem: the generic way to an operation of a builtin class asks for classes, slots and whose turn it is, which takes longer than most operations.
//! Idea: slots of builtin classes never change, so a site remembers the classes it met and the one slot that does the work for them.
//! Holds: `shape` and `slot` of the record are the [`kind`]s of the operands, its guard is the slot's address as a small int. A slot that declines leaves the
//! operation to the generic way.

use cinder_bytecode::{BinaryOp, CompareOp};
use cinder_layout::Header;

use super::iteration::stop_as_end;
use super::prelude::*;
use super::{BINARY_OP, BINARY_OP_K, COMPARE_OP, COMPARE_OP_K, FOR_ITER, LOAD_SUBSCR, LOAD_SUBSCR_K, STORE_SUBSCR};
use crate::cache::CacheRecord;
use crate::interp::handlers::names::MAX_MISSES;
use crate::object::slots::{Binary, Slots};
use crate::types::type_::type_flags;

type Compare = fn(&Vm, Value, Value, CompareOp) -> PyResult<Value>;
type Next = fn(&Vm, Value) -> PyResult<Option<Value>>;
type SetItem = fn(&Vm, Value, Value, Option<Value>) -> PyResult<()>;

/// Numbers for the kinds of immediates, which no shape has.
const INT: u32 = u32::MAX;
const FLOAT: u32 = u32::MAX - 1;
const FIRST_OTHER: u32 = u32::MAX - 0x100;

/// What tells the class of a value: an object's shape, or the kind of an immediate. Never 0.
#[inline(always)]
fn kind(value: Value) -> u32 {
    match value.try_ptr::<Header>() {
        // SAFETY: pointer-tagged values point to live objects.
        Some(header) => unsafe { header.as_ref() }.shape(),
        None if value.is_int() => INT,
        None if value.is_flonum() => FLOAT,
        None => FIRST_OTHER + (value.bits() as u32 & 0x7f),
    }
}

/// A slot's address as a record keeps it.
fn kept(slot: usize) -> u64 {
    (slot as u64) << 1 | 1
}

/// The slot whose address `guard` keeps.
///
/// # Safety
/// The record was filled with a slot of type `F`.
#[inline(always)]
unsafe fn slot_of<F: Copy>(guard: u64) -> F {
    let address = std::ptr::with_exposed_provenance::<()>((guard >> 1) as usize);
    const { assert!(size_of::<F>() == size_of::<usize>()) };
    // SAFETY: contract.
    unsafe { std::mem::transmute_copy(&address) }
}

/// Slots of the value's class, when that is a builtin one.
fn fixed_slots(vm: &Vm, value: Value) -> Option<&Slots> {
    let class = vm.type_of(value);
    // SAFETY: builtin classes live as long as the machine.
    (!class.has(type_flags::HEAP)).then(|| unsafe { &*std::ptr::from_ref(class.slots()) })
}

/// Fills the record and rewrites the instruction, unless the site changes too often.
unsafe fn settle(ip: Ip, kinds: (u32, u32), slot: usize, form: Opcode) {
    // SAFETY: as of a handler.
    unsafe {
        let cell = record(ip);
        let old = cell.get();
        if old.misses < MAX_MISSES {
            let (shape, slot, guard) = (kinds.0, kinds.1, kept(slot));
            cell.set(CacheRecord { shape, slot, guard, value: 0, misses: old.misses + 1, ..old });
            rewrite(ip, form);
        }
    }
}

// ---- operators ----

/// The slot that is asked first for `a op b`; `None` when the right operand goes first or classes made in Python take part.
fn binary_slot(vm: &Vm, a: Value, b: Value, op: BinaryOp) -> Option<Binary> {
    let (left, right) = (vm.type_of(a), vm.type_of(b));
    let (own, other) = (fixed_slots(vm, a)?, fixed_slots(vm, b)?);
    let plain = (op.number() % BinaryOp::PLAIN) as usize;
    let is_inplace = op.number() >= BinaryOp::PLAIN;
    if is_inplace && own.inplace[plain].is_some() {
        return own.inplace[plain];
    }
    if left != right && vm.is_subtype(right, left) {
        return None;
    }
    if own.binary[plain].is_some() {
        return own.binary[plain];
    }
    match BinaryOp::from_number(plain as u32)? {
        BinaryOp::Add if other.binary[plain].is_none() => {
            own.inplace_concat.filter(|_| is_inplace).or(own.concat)
        }
        // Small ints decline: how often something is repeated is not theirs to say.
        BinaryOp::Multiply if b.is_int() => own.inplace_repeat.filter(|_| is_inplace).or(own.repeat),
        _ => None,
    }
}

/// Finds the quick form of an operator for operands of builtin classes.
pub(super) unsafe fn quicken_binary(vm: &Vm, ip: Ip, left: Value, right: Value, op: BinaryOp, form: Opcode) {
    if let Some(slot) = binary_slot(vm, left, right, op) {
        // SAFETY: as of a handler.
        unsafe { settle(ip, (kind(left), kind(right)), slot as usize, form) };
    }
}

/// Finds the quick form of a comparison of objects of builtin classes.
pub(super) unsafe fn quicken_compare(vm: &Vm, ip: Ip, left: Value, right: Value, form: Opcode) {
    let (Some(own), Some(_)) = (fixed_slots(vm, left), fixed_slots(vm, right)) else { return };
    let (class, right_class) = (vm.type_of(left), vm.type_of(right));
    if class != right_class && vm.is_subtype(right_class, class) {
        return;
    }
    if let Some(compare) = own.compare {
        // SAFETY: as of a handler.
        unsafe { settle(ip, (kind(left), kind(right)), compare as usize, form) };
    }
}

macro_rules! slot_operator {
    ($name:ident $call:ident $generic:ident; $fp:ident $k:ident $w:ident => $right:expr; |$vm:ident, $ip:ident, $left:ident, $value:ident| $body:expr) => {
        op!($name(ip, $fp, vm, $k, $w) {
            let rec = rec(ip);
            if kind(reg($fp, b($w))) != rec.shape || kind($right) != rec.slot {
                rewrite(ip, Opcode::$generic);
                return $generic(ip, $fp, vm, $k, $w);
            }
            $call(ip, $fp, vm, $k, $w)
        });
        value_op!($call, 2, |$vm, $fp, $w, $k, $ip| {
            let ($left, $value) = (reg($fp, b($w)), $right);
            $body
        });
    };
}

unsafe fn operate(vm: &Vm, ip: Ip, left: Value, right: Value) -> PyResult<Value> {
    // SAFETY: as of a handler, and the record holds such a slot.
    let (slot, number) = unsafe { (slot_of::<Binary>(rec(ip).guard), rec(ip).imm()) };
    let result = slot(vm, left, right)?;
    if result != Value::NOT_IMPLEMENTED {
        return Ok(result);
    }
    vm.binary_op(left, right, BinaryOp::from_number(number).expect("the verifier knows the operator"))
}

unsafe fn relate(vm: &Vm, ip: Ip, left: Value, right: Value) -> PyResult<Value> {
    // SAFETY: as of a handler, and the record holds such a slot.
    let (slot, number) = unsafe { (slot_of::<Compare>(rec(ip).guard), rec(ip).imm()) };
    let op = CompareOp::from_number(number).expect("the verifier knows the operator");
    let result = slot(vm, left, right, op)?;
    if result != Value::NOT_IMPLEMENTED { Ok(result) } else { vm.compare_declined(left, right, op) }
}

slot_operator!(BINARY_SLOT binary_slot_call BINARY_OP; fp k w => reg(fp, c(w)); |vm, ip, left, right| operate(vm, ip, left, right));
slot_operator!(BINARY_SLOT_K binary_slot_call_k BINARY_OP_K; fp k w => constant(k, c(w)); |vm, ip, left, right| operate(vm, ip, left, right));
slot_operator!(COMPARE_SLOT compare_slot_call COMPARE_OP; fp k w => reg(fp, c(w)); |vm, ip, left, right| relate(vm, ip, left, right));
slot_operator!(COMPARE_SLOT_K compare_slot_call_k COMPARE_OP_K; fp k w => constant(k, c(w)); |vm, ip, left, right| relate(vm, ip, left, right));

// ---- items ----

/// Finds the quick form of `container[key]`.
pub(super) unsafe fn quicken_item(vm: &Vm, ip: Ip, container: Value, form: Opcode) {
    if container.is_ptr()
        && let Some(getitem) = fixed_slots(vm, container).and_then(|slots| slots.getitem)
    {
        // SAFETY: as of a handler.
        unsafe { settle(ip, (kind(container), 0), getitem as usize, form) };
    }
}

/// Finds the quick form of `container[key] = value`.
pub(super) unsafe fn quicken_set_item(vm: &Vm, ip: Ip, container: Value) {
    if container.is_ptr()
        && let Some(setitem) = fixed_slots(vm, container).and_then(|slots| slots.setitem)
    {
        // SAFETY: as of a handler.
        unsafe { settle(ip, (kind(container), 0), setitem as usize, Opcode::STORE_SUBSCR_SLOT) };
    }
}

macro_rules! slot_item {
    ($name:ident $call:ident $generic:ident; $fp:ident $k:ident $w:ident => $key:expr) => {
        op!($name(ip, $fp, vm, $k, $w) {
            if kind(reg($fp, b($w))) != rec(ip).shape {
                rewrite(ip, Opcode::$generic);
                return $generic(ip, $fp, vm, $k, $w);
            }
            $call(ip, $fp, vm, $k, $w)
        });
        value_op!($call, 2, |vm, $fp, $w, $k, ip| slot_of::<Binary>(rec(ip).guard)(vm, reg($fp, b($w)), $key));
    };
}

slot_item!(LOAD_SUBSCR_SLOT subscr_slot_call LOAD_SUBSCR; fp k w => reg(fp, c(w)));
slot_item!(LOAD_SUBSCR_SLOT_K subscr_slot_call_k LOAD_SUBSCR_K; fp k w => constant(k, c(w)));

op!(STORE_SUBSCR_SLOT(ip, fp, vm, k, w) {
    if kind(reg(fp, a(w))) != rec(ip).shape {
        rewrite(ip, Opcode::STORE_SUBSCR);
        return STORE_SUBSCR(ip, fp, vm, k, w);
    }
    store_slot_call(ip, fp, vm, k, w)
});
unit_op!(store_slot_call, 2, |vm, fp, w, k, ip| {
    slot_of::<SetItem>(rec(ip).guard)(vm, reg(fp, a(w)), reg(fp, b(w)), Some(reg(fp, c(w))))
});

// ---- iteration ----

/// Finds the quick form of a loop over `iterator`. The record's `slot` says where the loop ends.
pub(super) unsafe fn quicken_next(vm: &Vm, ip: Ip, iterator: Value) {
    if iterator.is_ptr()
        && let Some(next) = fixed_slots(vm, iterator).and_then(|slots| slots.next)
    {
        // SAFETY: as of a handler.
        unsafe { settle(ip, (kind(iterator), rec(ip).slot), next as usize, Opcode::FOR_ITER_SLOT) };
    }
}

op!(FOR_ITER_SLOT(ip, fp, vm, k, w) {
    if kind(reg(fp, b(w))) != rec(ip).shape {
        rewrite(ip, Opcode::FOR_ITER);
        return FOR_ITER(ip, fp, vm, k, w);
    }
    next_slot_call(ip, fp, vm, k, w)
});

op!(next_slot_call(ip, fp, vm, k, w) {
    observe(ip, fp, vm);
    match next_by_slot(vm, fp, ip, w) {
        Ok(item) if item == Value::EXHAUSTED => go(ip.offset(rec(ip).slot as i32 as isize), fp, vm, k),
        Ok(item) => {
            set(fp, a(w), item);
            go(ip.add(2), fp, vm, k)
        }
        Err(_) => raised(ip, fp, vm, k, w),
    }
});

#[inline(never)]
unsafe fn next_by_slot(vm: &Vm, fp: Fp, ip: Ip, w: u64) -> PyResult<Value> {
    // SAFETY: as of a handler, and the record holds such a slot.
    let (next, iterator) = unsafe { (slot_of::<Next>(rec(ip).guard), reg(fp, b(w))) };
    stop_as_end(vm, next(vm, iterator))
}
