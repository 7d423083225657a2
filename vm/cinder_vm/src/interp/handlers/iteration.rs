//! Loops and unpacking.

use cinder_heap::Gc;
use cinder_layout::Header;

use super::prelude::*;
use super::slots::quicken_next;
use crate::interp::calls::copy_few;
use crate::interp::handlers::names::MAX_MISSES;
use crate::interp::stack::SAVED_IP;
use crate::types::BuiltinType;
use crate::types::generator::PyGenerator;
use crate::types::index_iterators::PyIndexIterator;
use crate::types::list::PyList;
use crate::types::range::{PyRange, PyRangeIterator};
use crate::types::tuple::PyTuple;

op!(GET_ITER(ip, fp, vm, k, w) {
    let object = reg(fp, b(w));
    let Some(header) = object.try_ptr::<Header>() else { return get_iter(ip, fp, vm, k, w) };
    const LIST: u32 = BuiltinType::list as u32;
    const TUPLE: u32 = BuiltinType::tuple as u32;
    const RANGE: u32 = BuiltinType::range as u32;
    const GENERATOR: u32 = BuiltinType::generator as u32;
    let class = match header.as_ref().shape() {
        LIST => BuiltinType::list_iterator,
        TUPLE => BuiltinType::tuple_iterator,
        RANGE => return iterate_range(ip, fp, vm, k, w),
        GENERATOR => {
            set(fp, a(w), object);
            return go(ip.add(1), fp, vm, k);
        }
        _ => return get_iter(ip, fp, vm, k, w),
    };
    match vm.heap.alloc_quickly(PyIndexIterator::over(object, class, 0)) {
        Some(iterator) => {
            set(fp, a(w), iterator.as_value());
            go(ip.add(1), fp, vm, k)
        }
        None => get_iter(ip, fp, vm, k, w),
    }
});
op!(iterate_range(ip, fp, vm, k, w) {
    let range: Gc<PyRange> = Gc::from_value(reg(fp, b(w)));
    let iterator = range.small_parts().and_then(|parts| vm.heap.alloc_quickly(PyRangeIterator::over(parts)));
    match iterator {
        Some(iterator) => {
            set(fp, a(w), iterator.as_value());
            go(ip.add(1), fp, vm, k)
        }
        None => get_iter(ip, fp, vm, k, w),
    }
});
value_op!(get_iter, 1, |vm, fp, w, k, ip| new_iterator(vm, reg(fp, b(w))));

/// `iter(iterable)` for a loop or a delegation.
#[inline(always)]
pub(super) fn new_iterator(vm: &Vm, iterable: Value) -> PyResult<Value> {
    // SAFETY: pointer-tagged values point to live objects.
    let shape = iterable.try_ptr::<Header>().map(|header| unsafe { header.as_ref() }.shape() as usize);
    if shape.is_some_and(|shape| shape >= crate::types::FIRST + crate::types::DEFS.len()) {
        return iterator_of_program(vm, iterable);
    }
    vm.iter(iterable)
}

/// The iterator that the `__iter__` of a class that is no builtin gives.
#[inline(never)]
fn iterator_of_program(vm: &Vm, iterable: Value) -> PyResult<Value> {
    let iterator = vm.iter(iterable)?;
    if iterator != iterable && vm.plain_generator(iterator).is_some() {
        // Just made, when `__iter__` is a generator function itself.
        let method = vm.type_lookup(vm.type_of(iterable), vm.names.__iter__).and_then(|method| vm.as_function(method));
        if method.is_some_and(|method| method.code.get().is_plain_generator) {
            vm.note_temporary(iterator);
        }
    }
    Ok(iterator)
}

/// `next(iterator)`: a value, or EXHAUSTED; a StopIteration that an iterator raised itself ends the loop too.
pub(super) fn next_or_exhausted(vm: &Vm, iterator: Value) -> PyResult<Value> {
    stop_as_end(vm, vm.next(iterator))
}

/// The item that a step of an iterator gave, or EXHAUSTED.
#[inline(always)]
pub(super) fn stop_as_end(vm: &Vm, item: PyResult<Option<Value>>) -> PyResult<Value> {
    match item {
        Ok(item) => Ok(item.unwrap_or(Value::EXHAUSTED)),
        Err(raised) if vm.pending_matches(vm.exceptions.StopIteration) => {
            vm.take_exception(raised);
            Ok(Value::EXHAUSTED)
        }
        Err(raised) => Err(raised),
    }
}

#[inline(never)]
unsafe fn for_iter_step(vm: &Vm, fp: Fp, w: u64, ip: Ip) -> PyResult<Value> {
    // SAFETY: as of a handler.
    unsafe {
        let iterator = reg(fp, b(w));
        if let Some(generator) = running_candidate(vm, iterator) {
            rewrite(ip, Opcode::FOR_ITER_GENERATOR);
            let resumed = vm.resume_generator(generator, Value::NONE, fp, 0)?;
            set_next(vm, resumed, generator.fp());
            return Ok(ENTERED);
        }
        let form = match () {
            () if is_exact(iterator, BuiltinType::range_iterator) => Some(Opcode::FOR_ITER_RANGE),
            () if is_exact(iterator, BuiltinType::list_iterator) => Some(Opcode::FOR_ITER_LIST),
            () if is_exact(iterator, BuiltinType::tuple_iterator) => Some(Opcode::FOR_ITER_TUPLE),
            () => None,
        };
        let misses = record(ip);
        if let (Some(form), true) = (form, misses.get().misses < MAX_MISSES) {
            misses.set(crate::cache::CacheRecord { misses: misses.get().misses + 1, ..misses.get() });
            rewrite(ip, form);
        } else if form.is_none() {
            quicken_next(vm, fp, ip, iterator);
        }
        next_or_exhausted(vm, iterator)
    }
}

/// Whether the value is a heap object of exactly this builtin type.
#[inline(always)]
unsafe fn is_exact(value: Value, class: BuiltinType) -> bool {
    // SAFETY: pointer-tagged values point to live objects.
    value.is_ptr() && unsafe { (*value.as_ptr::<Header>()).shape() } == class as u32
}

/// A generator (not a coroutine) that can be resumed now.
fn running_candidate(vm: &Vm, iterator: Value) -> Option<Gc<PyGenerator>> {
    let header = iterator.try_ptr::<Header>()?;
    // SAFETY: pointer-tagged values point to live objects.
    if unsafe { header.as_ref() }.shape() != BuiltinType::generator as u32 {
        return None;
    }
    let generator = vm.as_generator(iterator)?;
    generator.is_resumable(Value::NONE).then_some(generator)
}

op!(FOR_ITER(ip, fp, vm, k, w) {
    if rec(ip).misses >= MAX_MISSES
        && let Some(header) = reg(fp, b(w)).try_ptr::<Header>()
    {
        const RANGE: u32 = BuiltinType::range_iterator as u32;
        const LIST: u32 = BuiltinType::list_iterator as u32;
        const TUPLE: u32 = BuiltinType::tuple_iterator as u32;
        // A site that has given up looking for a quick form.
        match header.as_ref().shape() {
            RANGE => return FOR_ITER_RANGE(ip, fp, vm, k, w),
            LIST => return FOR_ITER_LIST(ip, fp, vm, k, w),
            TUPLE => return FOR_ITER_TUPLE(ip, fp, vm, k, w),
            _ => {}
        }
    }
    for_iter_new(ip, fp, vm, k, w)
});
op!(for_iter_new(ip, fp, vm, k, w) {
    observe(ip, fp, vm);
    match for_iter_step(vm, fp, w, ip) {
        Ok(item) if item == ENTERED => go_next(vm),
        Ok(item) if item == Value::EXHAUSTED => go(ip.offset(rec(ip).slot as i32 as isize), fp, vm, k),
        Ok(item) => {
            set(fp, a(w), item);
            go(ip.add(2), fp, vm, k)
        }
        Err(_) => raised(ip, fp, vm, k, w),
    }
});

op!(FOR_ITER_GENERATOR(ip, fp, vm, k, w) {
    let iterator = reg(fp, b(w));
    let is_generator = iterator.is_ptr() && (*iterator.as_ptr::<Header>()).shape() == BuiltinType::generator as u32;
    if !is_generator {
        rewrite(ip, Opcode::FOR_ITER);
        return FOR_ITER(ip, fp, vm, k, w);
    }
    let generator: Gc<PyGenerator> = Gc::from_value(iterator);
    if !generator.is_resumable(Value::NONE) {
        return FOR_ITER(ip, fp, vm, k, w);
    }
    let Some((start, new)) = vm.resume_suspended(generator, Value::NONE, fp, 0) else {
        return FOR_ITER(ip, fp, vm, k, w);
    };
    *fp.offset(SAVED_IP) = ip.expose_provenance() as u64;
    go(start, new, vm, constants(new))
});

macro_rules! for_index {
    ($name:ident $class:ident $next:ident) => {
        op!($name(ip, fp, vm, k, w) {
            let iterator = reg(fp, b(w));
            if !is_exact(iterator, BuiltinType::$class) {
                rewrite(ip, Opcode::FOR_ITER);
                return FOR_ITER(ip, fp, vm, k, w);
            }
            match vm.$next(Gc::from_value(iterator)) {
                Some(item) => {
                    set(fp, a(w), item);
                    go(ip.add(2), fp, vm, k)
                }
                None => go(ip.offset(rec(ip).slot as i32 as isize), fp, vm, k),
            }
        });
    };
}

for_index!(FOR_ITER_LIST list_iterator list_iterator_next);
for_index!(FOR_ITER_TUPLE tuple_iterator tuple_iterator_next);

op!(FOR_ITER_RANGE(ip, fp, vm, k, w) {
    let iterator = reg(fp, b(w));
    if !is_exact(iterator, BuiltinType::range_iterator) {
        rewrite(ip, Opcode::FOR_ITER);
        return FOR_ITER(ip, fp, vm, k, w);
    }
    let range: Gc<PyRangeIterator> = Gc::from_value(iterator);
    if range.left.get() <= 0 {
        return go(ip.offset(rec(ip).slot as i32 as isize), fp, vm, k);
    }
    match Value::from_small_int(range.next.get()) {
        Some(item) => {
            range.advance();
            set(fp, a(w), item);
            go(ip.add(2), fp, vm, k)
        }
        None => for_iter_new(ip, fp, vm, k, w),
    }
});

// ---- unpacking ----

unit_op!(UNPACK_SEQUENCE, 2, |vm, fp, w, k, ip| {
    let (first, sequence, count) = (a(w), reg(fp, b(w)), c(w));
    if let Some(tuple) = vm.downcast_exact::<PyTuple>(sequence) {
        if tuple.len() == count {
            rewrite(ip, Opcode::UNPACK_SEQUENCE_TUPLE);
        }
        return unpack_items(vm, fp, first, tuple.items(), count, sequence);
    }
    if let Some(list) = vm.downcast_exact::<PyList>(sequence) {
        return unpack_items(vm, fp, first, list.items.values(), count, sequence);
    }
    unpack_iterable(vm, fp, first, sequence, count, None)
});

op!(UNPACK_SEQUENCE_TUPLE(ip, fp, vm, k, w) {
    let sequence = reg(fp, b(w));
    if !sequence.is_ptr() || (*sequence.as_ptr::<Header>()).shape() != BuiltinType::tuple as u32 {
        rewrite(ip, Opcode::UNPACK_SEQUENCE);
        return UNPACK_SEQUENCE(ip, fp, vm, k, w);
    }
    let tuple: Gc<PyTuple> = Gc::from_value(sequence);
    if tuple.len() != c(w) {
        return UNPACK_SEQUENCE(ip, fp, vm, k, w);
    }
    copy_few(tuple.items().as_ptr().cast(), fp.add(a(w)), c(w));
    go(ip.add(2), fp, vm, k)
});

unsafe fn unpack_items(vm: &Vm, fp: Fp, first: usize, items: &[Value], count: usize, sequence: Value) -> PyResult<()> {
    if items.len() < count {
        return Err(not_enough(vm, count, items.len(), false));
    }
    if items.len() > count {
        return Err(too_many(vm, count, Some(items.len()), sequence));
    }
    for (index, item) in items.iter().enumerate() {
        // SAFETY: as of a handler.
        unsafe { set(fp, first + index, *item) };
    }
    Ok(())
}

#[cold]
fn not_enough(vm: &Vm, wanted: usize, found: usize, starred: bool) -> crate::native::Raised {
    let at_least = if starred { "at least " } else { "" };
    vm.value_error(format!("not enough values to unpack (expected {at_least}{wanted}, got {found})"))
}

#[cold]
fn too_many(vm: &Vm, wanted: usize, found: Option<usize>, sequence: Value) -> crate::native::Raised {
    let known = found.filter(|_| {
        let class = vm.type_of(sequence);
        [vm.types.list, vm.types.tuple, vm.types.dict].contains(&class)
    });
    match known {
        Some(found) => vm.value_error(format!("too many values to unpack (expected {wanted}, got {found})")),
        None => vm.value_error(format!("too many values to unpack (expected {wanted})")),
    }
}

/// Unpacks any iterable into `count` registers; with `after`, then a list and `after` more.
unsafe fn unpack_iterable(
    vm: &Vm,
    fp: Fp,
    first: usize,
    sequence: Value,
    count: usize,
    after: Option<usize>,
) -> PyResult<()> {
    let class = vm.type_of(sequence);
    if class.slots().iter.is_none() && class.slots().getitem.is_none() {
        return Err(vm.type_error(format!("cannot unpack non-iterable {} object", class.declared_name())));
    }
    let iterator = vm.iter(sequence)?;
    let mut items = crate::value_vec::ValueVec::<[Value; 8]>::new();
    while items.len() < count {
        match next_or_exhausted(vm, iterator)? {
            item if item == Value::EXHAUSTED => {
                let wanted = count + after.unwrap_or(0);
                return Err(not_enough(vm, wanted, items.len(), after.is_some()));
            }
            item => items.push(item),
        }
    }
    match after {
        None => {
            if next_or_exhausted(vm, iterator)? != Value::EXHAUSTED {
                let found = if class == vm.types.dict { vm.len(sequence).ok() } else { None };
                return Err(too_many(vm, count, found, sequence));
            }
        }
        Some(after) => {
            let mut rest = crate::value_vec::ValueVec::<[Value; 8]>::new();
            loop {
                match next_or_exhausted(vm, iterator)? {
                    item if item == Value::EXHAUSTED => break,
                    item => rest.push(item),
                }
            }
            if rest.len() < after {
                return Err(not_enough(vm, count + after, count + rest.len(), true));
            }
            let (middle, end) = rest.split_at(rest.len() - after);
            let list = vm.new_list(middle)?;
            items.push(list);
            items.extend(end.iter().copied());
        }
    }
    for (index, item) in items.iter().enumerate() {
        // SAFETY: as of a handler.
        unsafe { set(fp, first + index, *item) };
    }
    Ok(())
}

unit_op!(UNPACK_EX, 2, |vm, fp, w, k, ip| unpack_iterable(
    vm,
    fp,
    a(w),
    reg(fp, b(w)),
    c(w),
    Some(rec(ip).imm() as usize)
));
