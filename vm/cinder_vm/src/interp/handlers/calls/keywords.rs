//! Calls with keyword arguments.
//!
//! A site that calls one simple function again and again remembers where its keywords go: the names and the parameters are the same each time.

use super::*;

/// Finds the quick form of a call of a simple Python function whose keywords name parameters, the last ones of `count` arguments.
unsafe fn quicken_keywords(vm: &Vm, fp: Fp, ip: Ip, callable: Value, names: Value, count: usize, form: Opcode) {
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    let old = cell.get();
    let Some(function) = vm.as_function(callable) else { return };
    let (code, callee) = (frame(fp).code(), function.code.get());
    if old.misses >= MAX_MISSES || code.is_generator_like() || !callee.is_ready() || !callee.is_simple {
        return;
    }
    let Some(places) = Places::find(vm, callee, vm.tuple_items(names), count) else { return };
    vm.heap.write_barrier(code.header());
    let (value, slot, shape2) = (callee.as_value().bits(), places.packed, places.missing);
    cell.set(CacheRecord { value, slot, shape2, misses: old.misses + 1, ..old });
    // SAFETY: as of a handler.
    unsafe { rewrite(ip, form) };
}

/// Where the keywords of a call go.
struct Places {
    /// Parameters from the first behind the positional arguments on, four bits for each keyword.
    packed: u32,
    /// The first parameter without an argument, or how many there are: from there on defaults are needed.
    missing: u32,
}

impl Places {
    /// As many keywords as `packed` has room for.
    const MOST: usize = 8;

    /// `None`: a keyword is no parameter, or there are too many.
    fn find(vm: &Vm, callee: Gc<PyCode>, names: &[Value], count: usize) -> Option<Places> {
        let wanted = callee.argument_count as usize;
        let given = count - names.len();
        let first = given.max(callee.object().positional_only_count as usize);
        let parameters = callee.local_names().get(first..wanted)?;
        let (mut packed, mut filled) = (0, 0u32);
        if names.len() > Self::MOST {
            return None;
        }
        for (number, name) in names.iter().enumerate() {
            let place = first + parameters.iter().position(|own| own == name)? - given;
            if place >= 16 || filled & 1 << place != 0 {
                return None;
            }
            packed |= (place as u32) << (4 * number);
            filled |= 1 << place;
        }
        let _ = vm;
        Some(Places { packed, missing: (given as u32 + filled.trailing_ones()).min(wanted as u32) })
    }
}

/// Begins the frame of a function that the record knows, whose `count` arguments, the last of them keywords, lie from register `first` on.
/// `None`: the call takes the general path.
unsafe fn enter_named(
    vm: &Vm,
    fp: Fp,
    ip: Ip,
    k: *const u64,
    base: usize,
    first: usize,
    count: usize,
) -> Option<Value> {
    // SAFETY: as of a handler; the record is one of `quicken_keywords`.
    unsafe {
        let rec = rec(ip);
        let function = vm.downcast_exact::<PyFunction>(reg(fp, base))?;
        let callee = function.code.get();
        if callee.as_value().bits() != rec.value {
            return None;
        }
        let keywords = vm.tuple_items(constant(k, rec.imm() as usize)).len();
        let (wanted, given, missing) = (callee.argument_count as usize, count - keywords, rec.shape2 as usize);
        let defaults = function.last_defaults(wanted - missing)?;
        let (new, registers) = (fp.add(first), callee.register_count as usize);
        let flags = callee_flags(fp, 0);
        if flags > vm.interp.call_gate.load(std::sync::atomic::Ordering::Relaxed)
            || new.wrapping_add(registers + HEADER) >= vm.interp.stack.end.get()
        {
            return None;
        }
        let mut values = [0u64; Places::MOST];
        copy_few(new.add(given), values.as_mut_ptr(), keywords);
        copy_few(defaults.as_ptr().cast(), new.add(missing), defaults.len());
        for (number, value) in values[..keywords].iter().enumerate() {
            *new.add(given + (rec.slot >> (4 * number) & 15) as usize) = *value;
        }
        *new.offset(CALLABLE) = function.as_value().bits();
        *new.offset(CODE) = rec.value;
        *new.offset(CALLER) = fp.expose_provenance() as u64;
        *new.offset(FRAME_OBJECT) = 0;
        *new.offset(NAMESPACE) = 0;
        *new.offset(FLAGS) = flags;
        *new.offset(HANDLED) = 0;
        clear(new, wanted, registers);
        set_next(vm, callee.entry.get(), new);
        Some(ENTERED)
    }
}

call_op!(CALL_KW_FUNCTION, 2, |vm, fp, w, k, ip| {
    let base = b(w);
    if let Some(entered) = enter_named(vm, fp, ip, k, base, base + HEADER, c(w)) {
        return Ok(entered);
    }
    rewrite(ip, Opcode::CALL_KW);
    let names = constant(k, rec(ip).imm() as usize);
    vm.call_window(fp, reg(fp, base), base + HEADER, c(w), Some(names), 0)
});

call_op!(CALL_METHOD_KW_FUNCTION, 2, |vm, fp, w, k, ip| {
    let base = b(w);
    if opt(fp, base + HEADER).is_some()
        && let Some(entered) = enter_named(vm, fp, ip, k, base, base + HEADER, c(w) + 1)
    {
        return Ok(entered);
    }
    rewrite(ip, Opcode::CALL_METHOD_KW);
    let names = constant(k, rec(ip).imm() as usize);
    let (first, count) = method_arguments(fp, base, c(w));
    vm.call_window(fp, reg(fp, base), first, count, Some(names), 0)
});

call_op!(CALL_KW, 2, |vm, fp, w, k, ip| {
    let names = constant(k, rec(ip).imm() as usize);
    quicken_keywords(vm, fp, ip, reg(fp, b(w)), names, c(w), Opcode::CALL_KW_FUNCTION);
    vm.call_window(fp, reg(fp, b(w)), b(w) + HEADER, c(w), Some(names), 0)
});

call_op!(CALL_METHOD_KW, 2, |vm, fp, w, k, ip| {
    let names = constant(k, rec(ip).imm() as usize);
    let (first, count) = method_arguments(fp, b(w), c(w));
    if count > c(w) {
        quicken_keywords(vm, fp, ip, reg(fp, b(w)), names, count, Opcode::CALL_METHOD_KW_FUNCTION);
    }
    vm.call_window(fp, reg(fp, b(w)), first, count, Some(names), 0)
});
