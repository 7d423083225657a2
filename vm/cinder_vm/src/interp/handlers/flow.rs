//! Jumps and tests.

use cinder_layout::Header;

use super::prelude::*;
use crate::jit::entry::After;
use crate::types::BuiltinType;
use crate::types::bytes::PyBytes;
use crate::types::dict::PyDict;
use crate::types::list::PyList;
use crate::types::set::PySet;
use crate::types::str_::PyStr;
use crate::types::tuple::PyTuple;
use crate::types::type_::type_flags;

op!(JUMP(ip, fp, vm, k, w) { go(ip.offset(jump(w)), fp, vm, k) });

op!(TRACE(ip, fp, vm, k, w) {
    observe(ip, fp, vm);
    match traced(vm, ip, fp) {
        // Its own instruction stands there now.
        Ok(next) => go(next, fp, vm, k),
        Err(_) => raised(ip, fp, vm, k, w),
    }
});

#[inline(never)]
fn traced(vm: &Vm, ip: Ip, fp: Fp) -> PyResult<Ip> {
    vm.traced_instruction(ip, fp)
}

op!(JUMP_BACKWARD(ip, fp, vm, k, w) {
    if vm.is_interrupted() {
        return interrupted(ip, fp, vm, k, w);
    }
    if rec(ip).misses != crate::jit::COLD {
        return counted_turn(ip, fp, vm, k, w);
    }
    go(ip.offset(rec(ip).slot as i32 as isize), fp, vm, k)
});

op!(counted_turn(ip, fp, vm, k, w) {
    let turns = &raw mut (*record(ip).as_ptr()).misses;
    if *turns > 0 {
        *turns -= 1;
        return go(ip.offset(rec(ip).slot as i32 as isize), fp, vm, k);
    }
    observe(ip, fp, vm);
    match turn_compiled(vm, fp, ip) {
        After::Interpret => {
            *turns = crate::jit::COLD;
            go(ip.offset(rec(ip).slot as i32 as isize), fp, vm, k)
        }
        After::Next => go_next(vm),
        After::RaiseHere => raised_in_caller(ip, fp, vm, k, w),
        After::RaiseInCaller => raised_in_caller(ip, fp, vm, k, w),
        After::Loop(value) => value.bits(),
        After::LoopRaised => 0,
    }
});

#[inline(never)]
unsafe fn turn_compiled(vm: &Vm, fp: Fp, ip: Ip) -> After {
    // SAFETY: as of a handler.
    unsafe { crate::jit::entry::turn(vm, fp, ip) }
}

/// A back edge while something wants attention.
#[cold]
#[inline(never)]
unsafe extern "C-unwind" fn interrupted(ip: Ip, fp: Fp, vm: &Vm, k: *const u64, w: u64) -> u64 {
    // SAFETY: as of a handler.
    unsafe {
        observe(ip, fp, vm);
        match vm.handle_interrupt() {
            Ok(()) => go(ip.offset(rec(ip).slot as i32 as isize), fp, vm, k),
            Err(_) => raised(ip, fp, vm, k, w),
        }
    }
}

/// Truth of an object of a usual kind; `None`: its class must be asked.
#[inline(always)]
fn plain_truth(vm: &Vm, value: Value) -> Option<bool> {
    let header = value.try_ptr::<Header>()?;
    const STR: u32 = BuiltinType::str_ as u32;
    const LIST: u32 = BuiltinType::list as u32;
    const TUPLE: u32 = BuiltinType::tuple as u32;
    const DICT: u32 = BuiltinType::dict as u32;
    const BYTES: u32 = BuiltinType::bytes as u32;
    const SET: u32 = BuiltinType::set as u32;
    // SAFETY: pointer-tagged values point to live objects, laid out as their shape says.
    let is_empty = unsafe {
        match header.as_ref().shape() {
            STR => header.cast::<PyStr>().as_ref().is_empty(),
            LIST => header.cast::<PyList>().as_ref().items.is_empty(),
            TUPLE => header.cast::<PyTuple>().as_ref().is_empty(),
            DICT => header.cast::<PyDict>().as_ref().is_empty(),
            BYTES => header.cast::<PyBytes>().as_ref().as_slice().is_empty(),
            SET => header.cast::<PySet>().as_ref().is_empty(),
            _ if vm.shape_of(value).class.has(type_flags::ALWAYS_TRUE) => false,
            _ => return None,
        }
    };
    Some(!is_empty)
}

/// Whether the value is one of the usual answers to a test, and which.
#[inline(always)]
fn quick_truth(value: Value) -> Option<bool> {
    match value {
        _ if value == Value::TRUE => Some(true),
        _ if value == Value::FALSE || value.is_none() => Some(false),
        _ if value.is_int() => Some(value != Value::ZERO),
        _ => None,
    }
}

macro_rules! jump_if {
    ($name:ident $object:ident $slow:ident $wanted:literal) => {
        op!($name(ip, fp, vm, k, w) {
            match quick_truth(reg(fp, a(w))) {
                Some($wanted) => go(ip.offset(jump(w)), fp, vm, k),
                Some(_) => go(ip.add(1), fp, vm, k),
                None => $object(ip, fp, vm, k, w),
            }
        });

        op!($object(ip, fp, vm, k, w) {
            match plain_truth(vm, reg(fp, a(w))) {
                Some($wanted) => go(ip.offset(jump(w)), fp, vm, k),
                Some(_) => go(ip.add(1), fp, vm, k),
                None => $slow(ip, fp, vm, k, w),
            }
        });

        #[inline(never)]
        unsafe extern "C-unwind" fn $slow(ip: Ip, fp: Fp, vm: &Vm, k: *const u64, w: u64) -> u64 {
            // SAFETY: as of a handler.
            unsafe {
                observe(ip, fp, vm);
                match truth(vm, reg(fp, a(w))) {
                    0 => raised(ip, fp, vm, k, w),
                    answer if (answer == 2) == $wanted => go(ip.offset(jump(w)), fp, vm, k),
                    _ => go(ip.add(1), fp, vm, k),
                }
            }
        }
    };
}

/// Truth as a number: 0 raised, 1 false, 2 true.
#[inline(never)]
fn truth(vm: &Vm, value: Value) -> u64 {
    match vm.truthy(value) {
        Ok(answer) => 1 + u64::from(answer),
        Err(_) => 0,
    }
}

jump_if!(JUMP_IF_TRUE jump_if_true_object jump_if_true_slow true);
jump_if!(JUMP_IF_FALSE jump_if_false_object jump_if_false_slow false);

op!(JUMP_IF_NONE(ip, fp, vm, k, w) {
    if reg(fp, a(w)).is_none() { go(ip.offset(jump(w)), fp, vm, k) } else { go(ip.add(1), fp, vm, k) }
});

op!(JUMP_IF_NOT_NONE(ip, fp, vm, k, w) {
    if reg(fp, a(w)).is_none() { go(ip.add(1), fp, vm, k) } else { go(ip.offset(jump(w)), fp, vm, k) }
});

op!(TO_BOOL(ip, fp, vm, k, w) {
    let value = reg(fp, b(w));
    match quick_truth(value) {
        Some(truth) => answer(ip, 1, fp, vm, k, w, truth),
        None => to_bool_object(ip, fp, vm, k, w),
    }
});
op!(to_bool_object(ip, fp, vm, k, w) {
    match plain_truth(vm, reg(fp, b(w))) {
        Some(truth) => answer(ip, 1, fp, vm, k, w, truth),
        None => to_bool_slow(ip, fp, vm, k, w),
    }
});
bool_op!(to_bool_slow, 1, |vm, fp, w, k, ip| vm.truthy(reg(fp, b(w))));

op!(UNARY_NOT(ip, fp, vm, k, w) {
    match quick_truth(reg(fp, b(w))) {
        Some(truth) => answer(ip, 1, fp, vm, k, w, !truth),
        None => not_object(ip, fp, vm, k, w),
    }
});
op!(not_object(ip, fp, vm, k, w) {
    match plain_truth(vm, reg(fp, b(w))) {
        Some(truth) => answer(ip, 1, fp, vm, k, w, !truth),
        None => not_slow(ip, fp, vm, k, w),
    }
});
bool_op!(not_slow, 1, |vm, fp, w, k, ip| vm.truthy(reg(fp, b(w))).map(|truth| !truth));

/// `is`: the same word, or equal exact numbers on the heap.
macro_rules! identity {
    ($name:ident $slow:ident $wanted:literal) => {
        op!($name(ip, fp, vm, k, w) {
            let (left, right) = (*fp.add(b(w)), *fp.add(c(w)));
            if left != right && (left | right) & 7 == 0 {
                return $slow(ip, fp, vm, k, w);
            }
            answer(ip, 1, fp, vm, k, w, (left == right) == $wanted)
        });
        bool_op!($slow, 1, |vm, fp, w, k, ip| Ok(vm.is(reg(fp, b(w)), reg(fp, c(w))) == $wanted));
    };
}

identity!(IS_OP is_slow true);
identity!(IS_NOT_OP is_not_slow false);
