//! Calls of classes whose instances are plain objects with an `__init__` written in Python.
//!
//! The instance is allocated in the instruction, and `__init__` runs in the loop that called the class.

use super::*;

/// The `__init__` of a class whose instances are plain objects made by `object.__new__`, when it is a Python function.
pub(super) fn plain_init(vm: &Vm, class: Gc<PyType>) -> Option<Gc<PyFunction>> {
    let plain_new = class.slots().new.map(|f| f as usize) == vm.types.object.slots().new.map(|f| f as usize);
    if vm.type_of(class.as_value()) != vm.types.type_
        || !class.has(type_flags::HEAP)
        || class.has(type_flags::ABSTRACT)
        || !plain_new
        || class.slots().finalize.is_some()
        || !std::ptr::eq(class.layout, vm.types.object.layout)
    {
        return None;
    }
    vm.type_lookup(class, vm.names.__init__).and_then(|init| vm.as_function(init))
}

/// A class that [`plain_init`] knows.
pub(super) unsafe fn quicken_class_call(vm: &Vm, fp: Fp, ip: Ip, callable: Value, filled: CacheRecord) {
    let code = frame(fp).code();
    let Some(class) = vm.as_class(callable) else { return };
    let Some(init) = plain_init(vm, class) else { return };
    let callee = init.code.get();
    if vm.prepare_code(callee).is_err() || callee.is_generator_like() {
        return;
    }
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    if !class.dependents.register(code.as_value(), cell.as_ptr()) {
        return;
    }
    vm.heap.write_barrier(class.header());
    vm.heap.write_barrier(code.header());
    // The guard is the class itself; `shape` says that it is as it was.
    let shape = vm.shapes.get(class.root_shape.get());
    // Frames of what generators call do not lie in their windows.
    let slot = plain_cell(shape).filter(|_| !code.is_generator_like()).unwrap_or(0);
    cell.set(CacheRecord { guard: callable.bits(), value: init.as_value().bits(), shape: shape.id, slot, ..filled });
    // SAFETY: as of a handler.
    unsafe { rewrite(ip, Opcode::CALL_CLASS) };
}

/// Size class and words of fresh objects of the shape, as one number: the class in the low byte. `None`: there is more to them than zero words.
fn plain_cell(shape: &Shape) -> Option<u32> {
    let bytes = shape.layout.size + shape.tail_words() * 8;
    if bytes > size_class::MAX_CELL_BYTES || !shape.raw_defaults.borrow().is_empty() {
        return None;
    }
    Some(size_class::of_bytes(bytes) as u32 | u32::from(Header::words_of(bytes)) << 8)
}

op!(CALL_CLASS(ip, fp, vm, k, w) {
    let rec = rec(ip);
    if *fp.add(b(w)) != rec.guard || rec.shape == 0 {
        rewrite(ip, Opcode::CALL);
        return CALL(ip, fp, vm, k, w);
    }
    let init = std::ptr::with_exposed_provenance::<PyFunction>(rec.value as usize);
    let callee = (*init).code.get();
    if rec.slot == 0 || !callee.is_simple || !callee.is_ready() || callee.argument_count as usize != c(w) + 1 {
        leave_for!(ip, fp, vm, class_call);
    }
    // Arguments move one register up, behind the receiver.
    let new = fp.add(b(w) + HEADER);
    let flags = callee_flags(fp, flag::INIT);
    if flags & !(flag::ONE_DEEPER - 1) > vm.interp.call_gate.load(std::sync::atomic::Ordering::Relaxed)
        || new.wrapping_add(callee.register_count as usize + HEADER) >= vm.interp.stack.end.get()
    {
        leave_for!(ip, fp, vm, class_call);
    }
    let Some(cell) = vm.heap.take_cell((rec.slot & 0xff) as usize) else { leave_for!(ip, fp, vm, class_call) };
    let words = (rec.slot >> 8) as u16;
    clear_cell(cell.as_ptr().cast(), words);
    *cell.as_ptr().cast::<u64>() = Header::immediate(rec.shape, words, rec.slot as u8, 0);
    let instance = cell.as_ptr().expose_provenance() as u64;
    move_up(new, c(w));
    *new = instance;
    *fp.offset(SAVED_IP) = ip.expose_provenance() as u64;
    *new.offset(CALLABLE) = rec.value;
    *new.offset(CODE) = callee.as_value().bits();
    *new.offset(CALLER) = fp.expose_provenance() as u64;
    *new.offset(FRAME_OBJECT) = 0;
    *new.offset(NAMESPACE) = instance;
    *new.offset(FLAGS) = flags;
    *new.offset(HANDLED) = 0;
    clear(new, c(w) + 1, callee.register_count as usize);
    go(callee.entry.get().cast_const(), new, vm, callee.constants.get())
});

/// Zeroes a cell of `words` words behind the header, the header too.
///
/// # Safety
/// It is nobody else's.
#[inline(always)]
unsafe fn clear_cell(cell: *mut [u64; 2], words: u16) {
    // Cells are multiples of 16 bytes.
    for pair in 0..=usize::from(words) / 2 {
        // SAFETY: within the cell. The barrier keeps this a loop: a call of memset would cost the handler its registers.
        unsafe {
            cell.add(pair).write([0; 2]);
            std::arch::asm!("", options(nostack, nomem, preserves_flags));
        }
    }
}

/// Moves `count` registers from `first` on one up.
///
/// # Safety
/// The one above them is free.
#[inline(always)]
unsafe fn move_up(first: Fp, count: usize) {
    for place in (0..count).rev() {
        // SAFETY: contract. The barrier as in `clear_cell`.
        unsafe {
            *first.add(place + 1) = *first.add(place);
            std::arch::asm!("", options(nostack, nomem, preserves_flags));
        }
    }
}

/// Makes an instance of a class with a [`plain_init`] and begins the frame of that for the `count` arguments from register `first` on. `None`: the call takes the
/// general path, for which they are still there.
pub(super) unsafe fn enter_instance(
    vm: &Vm,
    fp: Fp,
    class: Gc<PyType>,
    init: Gc<PyFunction>,
    first: usize,
    count: usize,
) -> PyResult<Option<Value>> {
    let code = init.code.get();
    if !code.is_simple || !code.is_ready() || (code.argument_count as usize) <= count {
        return Ok(None);
    }
    let instance = vm.new_plain_instance(class)?;
    let new = frame(fp).top().wrapping_add(HEADER);
    // SAFETY: as of a handler; the frame lies above the registers.
    unsafe {
        let Some(entry) = vm.enter_bound(fp, init, new, Some(instance), regs(fp, first, count), flag::INIT) else {
            return Ok(None);
        };
        *new.offset(NAMESPACE) = instance.bits();
        set_next(vm, entry, new);
    }
    Ok(Some(ENTERED))
}

call_op!(class_call, 2, |vm, fp, w, k, ip| {
    let class = vm.as_class(reg(fp, b(w))).expect("the guard is a class");
    // SAFETY: the record holds a function.
    let init: Gc<PyFunction> = Gc::from_value(Value::from_bits(rec(ip).value).unwrap_unchecked());
    let (first, count) = (b(w) + HEADER, c(w));
    if let Some(entered) = enter_instance(vm, fp, class, init, first, count)? {
        return Ok(entered);
    }
    if frame(fp).is_generator() {
        return vm.call_window(fp, reg(fp, b(w)), first, count, None, 0);
    }
    let instance = vm.new_plain_instance(class)?;
    let at = fp.add(first);
    if at.wrapping_add(count + 1) >= vm.interp.stack.end.get() {
        return Err(vm.recursion_error("maximum recursion depth exceeded"));
    }
    // The receiver goes before the arguments: everything above the window's base is dead, and the stack goes on above it.
    std::ptr::copy(at, at.add(1), count);
    *at = instance.bits();
    let args = std::ptr::slice_from_raw_parts(at.cast_const().cast::<Value>(), count + 1);
    let code = vm.begin_frame(init, at, fp, flag::INIT, args, None)?;
    *at.offset(NAMESPACE) = instance.bits();
    set_next(vm, code.entry.get(), at);
    Ok(ENTERED)
});
