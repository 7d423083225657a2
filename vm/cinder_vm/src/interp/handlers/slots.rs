//! Operators, items and iteration by the slots of classes, which builtin ones define and others inherit.
//!
//! Problem: the generic way to an operation asks for classes, slots and whose turn it is, which takes longer than most operations of builtin classes.
//! Idea: a site remembers the classes it met and the one slot that does the work for them. Slots of builtin classes never change; a class made in Python that
//! changes clears the record.
//! Holds: `shape` and `slot` of the record are the [`kind`]s of the operands, its guard is the slot's address as a small int. A slot that declines leaves the
//! operation to the generic way.

use cinder_bytecode::{BinaryOp, CompareOp};
use cinder_heap::Gc;
use cinder_layout::Header;

use super::iteration::stop_as_end;
use super::prelude::*;
use super::{BINARY_OP, BINARY_OP_K, COMPARE_OP, COMPARE_OP_K, FOR_ITER, LOAD_SUBSCR, LOAD_SUBSCR_K, STORE_SUBSCR};
use crate::cache::CacheRecord;
use crate::interp::handlers::names::MAX_MISSES;
use crate::object::slots::{Binary, Slots};
use crate::types::type_::{PyType, type_flags};

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

/// Fills the record and rewrites the instruction, unless the site or one of the operands' classes changes too often. A builtin class never does.
unsafe fn settle(vm: &Vm, fp: Fp, ip: Ip, operands: [Value; 2], second: u32, slot: usize, form: Opcode) {
    // SAFETY: as of a handler.
    unsafe {
        let (cell, code) = (record(ip), frame(fp).code());
        let old = cell.get();
        if old.misses >= MAX_MISSES {
            return;
        }
        for class in operands.map(|operand| vm.type_of(operand)) {
            if class.has(type_flags::HEAP) {
                if !class.dependents.register(code.as_value(), cell.as_ptr()) {
                    return;
                }
                vm.heap.write_barrier(class.header());
            }
        }
        let (shape, guard) = (kind(operands[0]), kept(slot));
        cell.set(CacheRecord { shape, slot: second, guard, value: 0, misses: old.misses + 1, ..old });
        rewrite(ip, form);
    }
}

// ---- operators ----

/// The slot that is asked first for `a op b`, when it runs no method made in Python: one that declines is asked again. `None` also when the right operand
/// goes first.
fn binary_slot(vm: &Vm, a: Value, b: Value, op: BinaryOp) -> Option<Binary> {
    let (left, right) = (vm.type_of(a), vm.type_of(b));
    let (own, other) = (native_slots(left)?, right.slots());
    let plain = (op.number() % BinaryOp::PLAIN) as usize;
    let is_inplace = op.number() >= BinaryOp::PLAIN;
    let unchanged = |entry: fn(&Slots, usize) -> Option<Binary>| {
        let (native, found) = (entry(own, plain), entry(left.slots(), plain));
        native.filter(|native| found.is_some_and(|found| found as usize == *native as usize))
    };
    let has = |entry: fn(&Slots, usize) -> Option<Binary>| entry(left.slots(), plain).is_some();
    if is_inplace && has(|slots, plain| slots.inplace[plain]) {
        return unchanged(|slots, plain| slots.inplace[plain]);
    }
    if left != right && vm.is_subtype(right, left) {
        return None;
    }
    if has(|slots, plain| slots.binary[plain]) {
        return unchanged(|slots, plain| slots.binary[plain]);
    }
    match BinaryOp::from_number(plain as u32)? {
        BinaryOp::Add if other.binary[plain].is_none() => match is_inplace && has(|slots, _| slots.inplace_concat) {
            true => unchanged(|slots, _| slots.inplace_concat),
            false => unchanged(|slots, _| slots.concat),
        },
        // Small ints decline: how often something is repeated is not theirs to say.
        BinaryOp::Multiply if b.is_int() => match is_inplace && has(|slots, _| slots.inplace_repeat) {
            true => unchanged(|slots, _| slots.inplace_repeat),
            false => unchanged(|slots, _| slots.repeat),
        },
        _ => None,
    }
}

/// Slots of the builtin class that the class is, or derives from first.
fn native_slots(class: Gc<PyType>) -> Option<&'static Slots> {
    class.mro_items().iter().find_map(|base| {
        // SAFETY: an MRO holds classes only; builtin ones live as long as the machine.
        unsafe {
            let base: Gc<PyType> = Gc::from_value(*base);
            (!base.has(type_flags::HEAP)).then(|| &*std::ptr::from_ref(base.slots()))
        }
    })
}

/// Finds the quick form of an operator.
pub(super) unsafe fn quicken_binary(vm: &Vm, fp: Fp, ip: Ip, left: Value, right: Value, op: BinaryOp, form: Opcode) {
    if let Some(slot) = binary_slot(vm, left, right, op) {
        // SAFETY: as of a handler.
        unsafe { settle(vm, fp, ip, [left, right], kind(right), slot as usize, form) };
    }
}

/// Finds the quick form of a comparison.
pub(super) unsafe fn quicken_compare(vm: &Vm, fp: Fp, ip: Ip, left: Value, right: Value, form: Opcode) {
    let (class, right_class) = (vm.type_of(left), vm.type_of(right));
    if class != right_class && vm.is_subtype(right_class, class) {
        return;
    }
    if let Some(compare) = class.slots().compare {
        // SAFETY: as of a handler.
        unsafe { settle(vm, fp, ip, [left, right], kind(right), compare as usize, form) };
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
pub(super) unsafe fn quicken_item(vm: &Vm, fp: Fp, ip: Ip, container: Value, form: Opcode) {
    if container.is_ptr()
        && let Some(getitem) = vm.type_of(container).slots().getitem
    {
        // SAFETY: as of a handler.
        unsafe { settle(vm, fp, ip, [container; 2], 0, getitem as usize, form) };
    }
}

/// Finds the quick form of `container[key] = value`.
pub(super) unsafe fn quicken_set_item(vm: &Vm, fp: Fp, ip: Ip, container: Value) {
    if container.is_ptr()
        && let Some(setitem) = vm.type_of(container).slots().setitem
    {
        // SAFETY: as of a handler.
        unsafe { settle(vm, fp, ip, [container; 2], 0, setitem as usize, Opcode::STORE_SUBSCR_SLOT) };
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
pub(super) unsafe fn quicken_next(vm: &Vm, fp: Fp, ip: Ip, iterator: Value) {
    if iterator.is_ptr()
        && let Some(next) = vm.type_of(iterator).slots().next
    {
        // SAFETY: as of a handler.
        unsafe { settle(vm, fp, ip, [iterator; 2], rec(ip).slot, next as usize, Opcode::FOR_ITER_SLOT) };
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
