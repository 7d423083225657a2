//! Methods on their way to a call, attributes of `super()`, and special methods of `with`.
//!
//! A method is delivered unbound, with its receiver beside it, so that the call makes no bound method.

use super::*;

/// Delivers an attribute to a call window: the method and its receiver, or the attribute alone.
unsafe fn deliver(fp: Fp, base: usize, found: Value, receiver: Option<Value>) {
    // SAFETY: as of a handler.
    unsafe {
        set(fp, base, found);
        *fp.add(base + 8) = receiver.map_or(0, Value::bits);
    }
}

unsafe fn quicken_method(vm: &Vm, fp: Fp, ip: Ip, object: Value, name: Value, method: Option<Value>) {
    // SAFETY: as of a handler.
    unsafe {
        if let Some(method) = method {
            let class = vm.type_of(object);
            if object.is_ptr() {
                let shape = vm.shape_of(object);
                if shape.ext == ExtMode::Dict && has_fixed_layout(shape) {
                    let fill = |record: &mut CacheRecord| {
                        (record.shape, record.shape2, record.slot) = (shape.id, shape.ext_offset, 0);
                        record.value = method.bits();
                    };
                    install(vm, fp, ip, class, fill, Opcode::LOAD_METHOD_DICT);
                    return;
                }
                if has_own_place(shape, name) || generalize(vm, fp, ip, Opcode::LOAD_METHOD_POLY) {
                    return;
                }
                if shape.ext != ExtMode::Dict {
                    let fill = |record: &mut CacheRecord| (record.shape, record.value) = (shape.id, method.bits());
                    install(vm, fp, ip, class, fill, Opcode::LOAD_METHOD_VALUE);
                }
            }
            return;
        }
        if object.is_ptr() && finds_as_object(vm, vm.type_of(object)) {
            let shape = vm.shape_of(object);
            let is_data = vm.type_lookup(shape.class, name).is_some_and(|found| binds_before_instance(vm, found));
            if let (ExtMode::Slots, Some(slot), true, false) =
                (shape.ext, shape.slot(name), has_fixed_layout(shape), is_data)
                && let SlotPlace::Inline(offset) = shape.place(slot)
            {
                let fill = |record: &mut CacheRecord| (record.shape, record.slot) = (shape.id, offset);
                install(vm, fp, ip, shape.class, fill, Opcode::LOAD_METHOD_SLOT);
                return;
            }
            if let Some((callable, receiver)) = found_without_instance(vm, shape, name) {
                let (value, guard) = (callable.bits(), receiver.map_or(0, Value::bits));
                let fill = |record: &mut CacheRecord| {
                    (record.shape, record.value, record.guard) = (shape.id, value, guard);
                };
                install(vm, fp, ip, shape.class, fill, Opcode::LOAD_METHOD_FOUND);
                return;
            }
        }
        if let Some(module) = vm.downcast_exact::<PyModule>(object) {
            quicken_module(vm, fp, ip, module, name, Opcode::LOAD_METHOD_PLAIN);
        } else if let Some(class) = vm.as_class(object) {
            if let Some(found) = own_class_attribute(vm, class, name)
                && vm.type_of(found) == vm.types.class_method
                && let Some(method) = vm.downcast::<PyStaticMethod>(found)
                && let Some(function) = vm.as_function(method.callable.get())
            {
                quicken_with_class(vm, fp, ip, class, function.as_value(), Opcode::LOAD_METHOD_CLASS);
                return;
            }
            quicken_class(vm, fp, ip, class, name, Opcode::LOAD_METHOD_PLAIN);
        }
    }
}

/// What calling attribute `name` of objects of the shape calls, when the objects themselves have no say: a static method, a class method and its class, or
/// an attribute that does not bind.
fn found_without_instance(vm: &Vm, shape: &Shape, name: Value) -> Option<(Value, Option<Value>)> {
    if has_own_place(shape, name) {
        return None;
    }
    let found = vm.type_lookup(shape.class, name)?;
    if vm.type_of(found) == vm.types.static_method {
        return Some((vm.downcast::<PyStaticMethod>(found)?.callable.get(), None));
    }
    if vm.type_of(found) == vm.types.class_method {
        let function = vm.downcast::<PyStaticMethod>(found)?.callable.get();
        return vm.as_function(function).map(|function| (function.as_value(), Some(shape.class.as_value())));
    }
    (!binds(vm, found)).then_some((found, None))
}

op!(LOAD_METHOD_FOUND(ip, fp, vm, k, w) {
    let (object, rec) = (reg(fp, b(w)), rec(ip));
    if !has_shape(object, rec.shape) {
        miss!(LOAD_METHOD, ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = rec.value;
    *fp.add(a(w) + 8) = rec.guard;
    go(ip.add(2), fp, vm, k)
});

op!(LOAD_METHOD_CLASS(ip, fp, vm, k, w) {
    let (object, rec) = (reg(fp, b(w)), rec(ip));
    if object.bits() != rec.guard || rec.shape == 0 {
        miss!(LOAD_METHOD, ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = rec.value;
    set(fp, a(w) + 8, object);
    go(ip.add(2), fp, vm, k)
});

op!(LOAD_METHOD_SLOT(ip, fp, vm, k, w) {
    let (object, rec) = (reg(fp, b(w)), rec(ip));
    if !has_shape(object, rec.shape) {
        miss!(LOAD_METHOD, ip, fp, vm, k, w);
    }
    let held = *object.as_ptr::<u8>().add(rec.slot as usize).cast::<u64>();
    if held == 0 {
        return LOAD_METHOD(ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = held;
    *fp.add(a(w) + 8) = 0;
    go(ip.add(2), fp, vm, k)
});

/// Whether objects of the shape may have an attribute of their own under the name.
fn has_own_place(shape: &Shape, name: Value) -> bool {
    match shape.ext {
        ExtMode::Absent => false,
        ExtMode::Slots => shape.slot(name).is_some(),
        ExtMode::Dict => true,
    }
}

// The methods of two shapes are value and guard, valid in generation `slot`.
op!(LOAD_METHOD_POLY(ip, fp, vm, k, w) {
    let (object, rec) = (reg(fp, b(w)), rec(ip));
    if object.is_ptr() && rec.slot == vm.lookups.generation() {
        let shape = (*object.as_ptr::<Header>()).shape();
        let method = match () {
            () if rec.shape == shape => rec.value,
            () if rec.shape2 == shape => rec.guard,
            () => return method_known(ip, fp, vm, k, w),
        };
        *fp.add(a(w)) = method;
        set(fp, a(w) + 8, object);
        return go(ip.add(2), fp, vm, k);
    }
    method_known(ip, fp, vm, k, w)
});
op!(method_known(ip, fp, vm, k, w) {
    let (object, rec) = (reg(fp, b(w)), rec(ip));
    if !object.is_ptr() {
        return method_many(ip, fp, vm, k, w);
    }
    let (shape, generation) = ((*object.as_ptr::<Header>()).shape(), vm.lookups.generation());
    match vm.sites.find(SiteUse::Method, shape, name_at(fp, ip).bits(), generation) {
        Some(site) if site.op == Opcode::LOAD_METHOD_VALUE => {
            if rec.slot != generation || rec.shape2 == 0 {
                return method_remembering(ip, fp, vm, k, w);
            }
            *fp.add(a(w)) = site.data;
            set(fp, a(w) + 8, object);
            go(ip.add(2), fp, vm, k)
        }
        _ => method_many(ip, fp, vm, k, w),
    }
});
// Executes the instruction again, once its record has the method.
op!(method_remembering(ip, fp, vm, k, w) {
    remember_method(vm, fp, ip, (*reg(fp, b(w)).as_ptr::<Header>()).shape());
    go(ip, fp, vm, k)
});
#[cold]
#[inline(never)]
unsafe fn remember_method(vm: &Vm, fp: Fp, ip: Ip, shape: u32) {
    // SAFETY: as of a handler.
    let (name, cell) = unsafe { (name_at(fp, ip), record(ip)) };
    let (old, generation) = (cell.get(), vm.lookups.generation());
    let Some(site) = vm.sites.find(SiteUse::Method, shape, name.bits(), generation) else { return };
    vm.heap.write_barrier(frame(fp).code().header());
    let (shape2, guard) = if old.slot == generation { (old.shape, old.value) } else { (0, 0) };
    cell.set(CacheRecord { shape, value: site.data, shape2, guard, slot: generation, ..old });
}

unit_op!(method_many, 2, |vm, fp, w, k, ip| {
    let (object, name) = (reg(fp, b(w)), name_at(fp, ip));
    let method = vm.unbound_method(object, name);
    if object.is_ptr() {
        let shape = vm.shape_of(object);
        let (form, data) = match method {
            Some(method) if !has_own_place(shape, name) => (Opcode::LOAD_METHOD_VALUE, method.bits()),
            _ => (Opcode::LOAD_METHOD, 0),
        };
        vm.sites.remember(SiteUse::Method, shape.id, name.bits(), vm.lookups.generation(), form, data);
    }
    match method {
        Some(method) => deliver(fp, a(w), method, Some(object)),
        None => deliver(fp, a(w), vm.getattr(object, name)?, None),
    }
    Ok(())
});

op!(LOAD_METHOD(ip, fp, vm, k, w) {
    let object = reg(fp, b(w));
    if may_quicken(ip) || !object.is_ptr() {
        return method_new(ip, fp, vm, k, w);
    }
    // A site that has given up asks the table of all sites.
    let (shape, name) = ((*object.as_ptr::<Header>()).shape(), name_at(fp, ip).bits());
    match vm.sites.find(SiteUse::Method, shape, name, vm.lookups.generation()) {
        Some(site) if site.op == Opcode::LOAD_METHOD_VALUE => {
            *fp.add(a(w)) = site.data;
            set(fp, a(w) + 8, object);
            go(ip.add(2), fp, vm, k)
        }
        _ => method_many(ip, fp, vm, k, w),
    }
});
unit_op!(method_new, 2, |vm, fp, w, k, ip| {
    let (object, name) = (reg(fp, b(w)), name_at(fp, ip));
    let method = vm.unbound_method(object, name);
    if may_quicken(ip) {
        quicken_method(vm, fp, ip, object, name, method);
        count_failure(ip, Opcode::LOAD_METHOD);
    }
    match method {
        Some(method) => deliver(fp, a(w), method, Some(object)),
        None => deliver(fp, a(w), vm.getattr(object, name)?, None),
    }
    Ok(())
});

op!(LOAD_METHOD_VALUE(ip, fp, vm, k, w) {
    let (object, rec) = (reg(fp, b(w)), rec(ip));
    if !has_shape(object, rec.shape) {
        miss!(LOAD_METHOD, ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = rec.value;
    set(fp, a(w) + 8, object);
    go(ip.add(2), fp, vm, k)
});

op!(LOAD_METHOD_PLAIN(ip, fp, vm, k, w) {
    let (object, rec) = (reg(fp, b(w)), rec(ip));
    if object.bits() != rec.guard || rec.shape == 0 {
        miss!(LOAD_METHOD, ip, fp, vm, k, w);
    }
    if rec.value != 0 {
        *fp.add(a(w)) = rec.value;
    } else {
        // A module: the attribute is in its dict.
        let module: Gc<PyModule> = Gc::from_value(object);
        let dict = module.dict.get();
        if !dict.has_version(rec.shape) {
            miss!(LOAD_METHOD, ip, fp, vm, k, w);
        }
        set(fp, a(w), dict.value_at(rec.slot));
    }
    *fp.add(a(w) + 8) = 0;
    go(ip.add(2), fp, vm, k)
});

/// Class and object of a `super` access in registers `first + 1`, `first + 2`; `None` when `super` was replaced by something else.
unsafe fn super_parts(vm: &Vm, fp: Fp, first: usize) -> PyResult<Option<(Gc<PyType>, Value)>> {
    // SAFETY: as of a handler.
    let (callable, class, object) = unsafe { (reg(fp, first), reg(fp, first + 1), reg(fp, first + 2)) };
    if callable != vm.types.super_.as_value() {
        return Ok(None);
    }
    let Some(class) = vm.as_class(class) else {
        return Err(vm.type_error(format!("super() argument 1 must be a type, not {}", vm.type_name(class))));
    };
    vm.check_super(class, object)?;
    Ok(Some((class, object)))
}

unsafe fn load_super(vm: &Vm, fp: Fp, w: u64, name: Value) -> PyResult<Value> {
    // SAFETY: as of a handler.
    unsafe {
        let first = b(w);
        // `super().__class__` is the class `super`.
        if let Some((class, object)) = super_parts(vm, fp, first)?
            && name != vm.names.__class__
            && let Some(found) = vm.super_attribute_opt(class, object, name)?
        {
            return Ok(found);
        }
        // A replaced `super`, an attribute of the super object itself, or none.
        let made = vm.call(reg(fp, first), if c(w) == 1 { regs(fp, first + 1, 2) } else { &[] })?;
        vm.getattr(made, name)
    }
}

value_op!(LOAD_SUPER_ATTR, 2, |vm, fp, w, k, ip| load_super(vm, fp, w, name_at(fp, ip)));

unit_op!(LOAD_SUPER_METHOD, 2, |vm, fp, w, k, ip| {
    let name = name_at(fp, ip);
    if let Some((class, object)) = super_parts(vm, fp, b(w))?
        && name != vm.names.__class__
        && !vm.as_class(object).is_some_and(|object| vm.is_subtype(object, class))
        && let Some(found) = vm.super_lookup(class, vm.type_of(object), name)
        && vm.type_of(found).has(type_flags::METHOD_DESCRIPTOR)
    {
        quicken_super(vm, fp, ip, class, object, found);
        deliver(fp, a(w), found, Some(object));
        return Ok(());
    }
    deliver(fp, a(w), load_super(vm, fp, w, name)?, None);
    Ok(())
});

/// Remembers a method found behind `class` for objects of one shape. It depends on the object's class, which learns of changes of those behind it.
unsafe fn quicken_super(vm: &Vm, fp: Fp, ip: Ip, class: Gc<PyType>, object: Value, found: Value) {
    // SAFETY: as of a handler.
    if !unsafe { may_quicken(ip) } || !object.is_ptr() || vm.as_class(object).is_some() {
        return;
    }
    let (shape, guard, value) = (vm.shape_of(object), class.as_value().bits(), found.bits());
    let fill = |record: &mut CacheRecord| (record.shape, record.guard, record.value) = (shape.id, guard, value);
    // SAFETY: as of a handler.
    unsafe { install(vm, fp, ip, shape.class, fill, Opcode::LOAD_SUPER_METHOD_VALUE) };
}

op!(LOAD_SUPER_METHOD_VALUE(ip, fp, vm, k, w) {
    let (rec, object) = (rec(ip), reg(fp, b(w) + 2));
    let is_same = reg(fp, b(w)) == vm.types.super_.as_value() && *fp.add(b(w) + 1) == rec.guard;
    if !is_same || !has_shape(object, rec.shape) {
        miss!(LOAD_SUPER_METHOD, ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = rec.value;
    set(fp, a(w) + 8, object);
    go(ip.add(2), fp, vm, k)
});

unit_op!(LOAD_SPECIAL, 1, |vm, fp, w, k, ip| {
    use cinder_bytecode::SpecialMethod as S;
    let object = reg(fp, b(w));
    let which = S::from_number(c(w) as u32).expect("the verifier knows the method");
    let name = match which {
        S::Enter => vm.names.__enter__,
        S::Exit => vm.names.__exit__,
        S::AsyncEnter => vm.names.__aenter__,
        S::AsyncExit => vm.names.__aexit__,
    };
    let class = vm.type_of(object);
    match vm.type_lookup(class, name) {
        Some(found) if vm.type_of(found).has(type_flags::METHOD_DESCRIPTOR) => deliver(fp, a(w), found, Some(object)),
        Some(_) => {
            let bound = vm.special_method(object, name)?.expect("just found");
            deliver(fp, a(w), bound, None);
        }
        None => return Err(no_context_manager(vm, object, which)),
    }
    Ok(())
});

#[cold]
fn no_context_manager(vm: &Vm, object: Value, which: cinder_bytecode::SpecialMethod) -> crate::native::Raised {
    use cinder_bytecode::SpecialMethod as S;
    let name = vm.class_full_name(vm.type_of(object));
    let has = |name| vm.type_lookup(vm.type_of(object), name).is_some();
    let (protocol, other, hint) = match which {
        S::Enter | S::Exit => ("context manager", has(vm.names.__aenter__) && has(vm.names.__aexit__), "async with"),
        S::AsyncEnter | S::AsyncExit => {
            ("asynchronous context manager", has(vm.names.__enter__) && has(vm.names.__exit__), "with")
        }
    };
    // What leaves the block is looked for first.
    let method = match which {
        S::Enter if !has(vm.names.__exit__) => "__exit__",
        S::AsyncEnter if !has(vm.names.__aexit__) => "__aexit__",
        _ => which.text(),
    };
    let mut text = format!("'{name}' object does not support the {protocol} protocol (missed {method} method)");
    if other {
        text += &format!(
            " but it supports the {} protocol. Did you mean to use '{hint}'?",
            if hint == "with" { "context manager" } else { "asynchronous context manager" }
        );
    }
    vm.type_error(text)
}
