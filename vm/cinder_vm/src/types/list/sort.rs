//! `list.sort`: a stable merge sort.
//!
//! Problem: comparisons run Python code, which may raise, look at the list, or change it.
//! Idea: the list is empty while it is sorted. What is permuted is a vector of positions; keys and items stay where they are, so an exception at any
//! time leaves a permutation. Natural runs are found and merged as in timsort, without galloping. Keys that are all small ints, all floats or all
//! exact strings are compared without calls.
//! Holds: at each comparison the positions are a permutation, or lack only what the merge holds and puts back.

use std::cmp::Ordering;

use cinder_bytecode::CompareOp;
use cinder_heap::{Gc, ValueBuf};
use cinder_layout::Value;

use super::PyList;
use crate::native::PyResult;
use crate::types::str_::{Chars, PyStr};
use crate::vm::Vm;

/// Sorts in place.
///
/// Runs Python: `key`, `__lt__`. Errors: theirs; ValueError `list modified during sort`.
pub(crate) fn sort(vm: &Vm, list: Gc<PyList>, key: Option<Value>, reverse: bool) -> PyResult<()> {
    let Some(items) = list.items.take() else { return Ok(()) };
    let result = sorted_order(vm, items, key, reverse);
    let modified = list.items.buffer().is_some();
    let sorted = match &result {
        Ok(order) | Err((order, _)) if !order.is_empty() => {
            let sorted = vm.new_value_buf(items.len())?;
            for &place in order {
                sorted.push_within_capacity(&vm.heap, items.values()[place as usize]);
            }
            sorted
        }
        _ => items,
    };
    list.items.set_buffer(&vm.heap, list, sorted);
    match result {
        Err((_, raised)) => Err(raised),
        Ok(_) if modified => Err(vm.value_error("list modified during sort")),
        Ok(_) => Ok(()),
    }
}

type Order = Vec<u32>;
type OrderResult = Result<Order, (Order, crate::native::Raised)>;

/// Positions of `items` in sorted order; empty when they are in order as they are. On an exception, where sorting stopped.
fn sorted_order(vm: &Vm, items: Gc<ValueBuf>, key: Option<Value>, reverse: bool) -> OrderResult {
    let keys = match key {
        None => items,
        Some(key) => compute_keys(vm, items, key).map_err(|raised| (Vec::new(), raised))?,
    };
    if items.len() < 2 {
        return Ok(Vec::new());
    }
    let mut order: Order = (0..items.len() as u32).collect();
    if sort_uniform(vm, keys, &mut order, reverse) {
        return Ok(order);
    }
    let less = |a: u32, b: u32| -> PyResult<bool> {
        let (a, b) = if reverse { (b, a) } else { (a, b) };
        let (a, b) = (keys.values()[a as usize], keys.values()[b as usize]);
        vm.compare_bool(a, b, CompareOp::Lt)
    };
    match merge_sort(&mut order, &less) {
        Ok(()) => Ok(order),
        Err(raised) => Err((order, raised)),
    }
}

fn compute_keys(vm: &Vm, items: Gc<ValueBuf>, key: Value) -> PyResult<Gc<ValueBuf>> {
    let keys = vm.new_value_buf(items.len())?;
    for index in 0..items.len() {
        let value = vm.call(key, &[items.values()[index]])?;
        keys.push_within_capacity(&vm.heap, value);
    }
    Ok(keys)
}

/// Sorts without calls when all keys are of one simple kind; whether they are. Stable in both directions.
fn sort_uniform(vm: &Vm, keys: Gc<ValueBuf>, order: &mut [u32], reverse: bool) -> bool {
    fn by<K: Copy>(keys: &[K], order: &mut [u32], reverse: bool, compare: impl Fn(K, K) -> Ordering) {
        if reverse {
            order.sort_by(|&a, &b| compare(keys[b as usize], keys[a as usize]));
        } else {
            order.sort_by(|&a, &b| compare(keys[a as usize], keys[b as usize]));
        }
    }
    let values = keys.values();
    let first = values[0];
    if first.is_int() {
        let Some(numbers) = values.iter().map(|value| value.try_int()).collect::<Option<Vec<i64>>>() else {
            return false;
        };
        by(&numbers, order, reverse, |a, b| a.cmp(&b));
        return true;
    }
    if exact_float(vm, first).is_some() {
        let number = |value: &Value| exact_float(vm, *value).filter(|number| !number.is_nan());
        let Some(numbers) = values.iter().map(number).collect::<Option<Vec<f64>>>() else { return false };
        by(&numbers, order, reverse, |a, b| a.partial_cmp(&b).expect("no NaN among them"));
        return true;
    }
    if vm.is_exact_str(first) {
        // Nothing is allocated in the heap while this vector lives, and `keys` keeps the strings alive.
        let Some(texts) = values.iter().map(|value| vm.downcast_exact::<PyStr>(*value)).collect::<Option<Vec<_>>>()
        else {
            return false;
        };
        by(&texts, order, reverse, |a, b| compare_text(&a, &b));
        return true;
    }
    false
}

/// Number of an exact float.
fn exact_float(vm: &Vm, value: Value) -> Option<f64> {
    if value.is_flonum() {
        return Some(value.flonum_to_f64());
    }
    vm.downcast_exact::<crate::types::float::PyFloat>(value).map(|float| float.value())
}

/// Order of two strings by code point.
fn compare_text(a: &PyStr, b: &PyStr) -> Ordering {
    match (a.chars(), b.chars()) {
        (Chars::One(a), Chars::One(b)) => a.cmp(b),
        _ => a.iter().cmp(b.iter()),
    }
}

/// Runs shorter than this are extended by insertion.
const MIN_RUN: usize = 24;

fn merge_sort(order: &mut [u32], less: &impl Fn(u32, u32) -> PyResult<bool>) -> PyResult<()> {
    // Starts and lengths of sorted stretches, each followed by the next.
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut spare = Vec::new();
    let mut start = 0;
    while start < order.len() {
        let mut len = natural_run(&mut order[start..], less)?;
        let wanted = MIN_RUN.min(order.len() - start);
        if len < wanted {
            insertion_sort(&mut order[start..start + wanted], len, less)?;
            len = wanted;
        }
        runs.push((start, len));
        start += len;
        // Lengths on the stack fall from bottom to top, so that merges are balanced.
        while runs.len() >= 2 {
            let count = runs.len();
            let (below, top) = (runs[count - 2].1, runs[count - 1].1);
            if count >= 3 && runs[count - 3].1 <= below + top {
                let at = if runs[count - 3].1 < top { count - 3 } else { count - 2 };
                merge_runs(order, &mut runs, at, &mut spare, less)?;
            } else if below <= top {
                merge_runs(order, &mut runs, count - 2, &mut spare, less)?;
            } else {
                break;
            }
        }
    }
    while runs.len() >= 2 {
        let at = runs.len() - 2;
        merge_runs(order, &mut runs, at, &mut spare, less)?;
    }
    Ok(())
}

/// Length of the run at the start; a strictly descending one is reversed.
fn natural_run(order: &mut [u32], less: &impl Fn(u32, u32) -> PyResult<bool>) -> PyResult<usize> {
    if order.len() < 2 {
        return Ok(order.len());
    }
    let mut len = 2;
    let descending = less(order[1], order[0])?;
    while len < order.len() && less(order[len], order[len - 1])? == descending {
        len += 1;
    }
    if descending {
        order[..len].reverse();
    }
    Ok(len)
}

/// Binary insertion; the first `sorted` are in order.
fn insertion_sort(order: &mut [u32], sorted: usize, less: &impl Fn(u32, u32) -> PyResult<bool>) -> PyResult<()> {
    for index in sorted..order.len() {
        let pivot = order[index];
        let (mut low, mut high) = (0, index);
        while low < high {
            let middle = low + (high - low) / 2;
            if less(pivot, order[middle])? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        order[low..=index].rotate_right(1);
    }
    Ok(())
}

fn merge_runs(
    order: &mut [u32],
    runs: &mut Vec<(usize, usize)>,
    at: usize,
    spare: &mut Vec<u32>,
    less: &impl Fn(u32, u32) -> PyResult<bool>,
) -> PyResult<()> {
    let ((start, left_len), (_, right_len)) = (runs[at], runs[at + 1]);
    runs[at].1 = left_len + right_len;
    runs.remove(at + 1);
    let both = &mut order[start..start + left_len + right_len];
    // In order already: one comparison.
    if !less(both[left_len], both[left_len - 1])? {
        return Ok(());
    }
    spare.clear();
    spare.extend_from_slice(&both[..left_len]);
    let (mut left, mut right, mut to) = (0, left_len, 0);
    let mut result = Ok(());
    while left < left_len && right < both.len() {
        match less(both[right], spare[left]) {
            Ok(true) => {
                both[to] = both[right];
                right += 1;
            }
            Ok(false) => {
                both[to] = spare[left];
                left += 1;
            }
            Err(raised) => {
                result = Err(raised);
                break;
            }
        }
        to += 1;
    }
    // What is left of the left run fills the gap, also after an exception.
    both[to..to + left_len - left].copy_from_slice(&spare[left..]);
    result
}
