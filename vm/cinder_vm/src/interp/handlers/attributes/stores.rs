//! Attributes that are set and deleted.
//!
//! An object that a collection has seen is noted as written to before the store; the handlers leave that to one of their own, so that they call nothing.

use super::*;

unsafe fn quicken_store(vm: &Vm, fp: Fp, ip: Ip, object: Value, name: Value) {
    if !object.is_ptr() {
        return;
    }
    let shape = vm.shape_of(object);
    let class = shape.class;
    if !class.has(type_flags::GENERIC_SETATTR) || !has_fixed_layout(shape) {
        return;
    }
    if let Some(member) = vm.type_lookup(class, name).and_then(|found| member_word(vm, shape, found)) {
        // SAFETY: as of a handler.
        unsafe {
            if member.accepts_all && !generalize(vm, fp, ip, Opcode::STORE_ATTR_POLY) {
                let fill = |record: &mut CacheRecord| (record.shape, record.slot) = (shape.id, member.offset);
                install(vm, fp, ip, class, fill, Opcode::STORE_ATTR_SLOT);
            }
        }
        return;
    }
    if shape.ext == ExtMode::Absent {
        return;
    }
    if vm.type_lookup(class, name).is_some_and(|found| vm.type_of(found).slots().descr_set.is_some()) {
        return;
    }
    if shape.ext == ExtMode::Dict {
        let fill =
            |record: &mut CacheRecord| (record.shape, record.shape2, record.slot) = (shape.id, shape.ext_offset, 0);
        // SAFETY: as of a handler.
        unsafe { install(vm, fp, ip, class, fill, Opcode::STORE_ATTR_DICT) };
        return;
    }
    // SAFETY: as of a handler.
    unsafe {
        match shape.slot(name) {
            _ if generalize(vm, fp, ip, Opcode::STORE_ATTR_POLY) => {}
            Some(slot) => {
                if let SlotPlace::Inline(offset) = shape.place(slot) {
                    let form = Opcode::STORE_ATTR_SLOT;
                    install(vm, fp, ip, class, |record| (record.shape, record.slot) = (shape.id, offset), form);
                }
            }
            None => {
                let Some(next) = vm.shape_with_attribute(shape, name) else { return };
                if let SlotPlace::Inline(offset) = next.place((next.names.len() - 1) as u32) {
                    let fill = |record: &mut CacheRecord| {
                        (record.shape, record.slot, record.shape2) = (shape.id, offset, next.id)
                    };
                    install(vm, fp, ip, class, fill, Opcode::STORE_ATTR_ADD);
                }
            }
        }
    }
}

impl Vm {
    /// The shape after adding an attribute; `None` when the object would become a dictionary.
    pub(crate) fn shape_with_attribute(&self, shape: &'static Shape, name: Value) -> Option<&'static Shape> {
        self.shapes.with_attribute(shape, name, |id, shape| self.register_shape(id, shape))
    }
}

op!(STORE_ATTR(ip, fp, vm, k, w) {
    if may_quicken(ip) {
        return store_new(ip, fp, vm, k, w);
    }
    // A site that has given up asks the table of all sites.
    let object = reg(fp, a(w));
    if !object.is_ptr() {
        return store_many(ip, fp, vm, k, w);
    }
    if is_unlogged(object) {
        return log_and_store(ip, fp, vm, k, w);
    }
    let shape = (*object.as_ptr::<Header>()).shape();
    match vm.sites.find(SiteUse::Store, shape, name_at(fp, ip).bits(), vm.lookups.generation()) {
        Some(site) if matches!(site.op, Opcode::STORE_ATTR_SLOT | Opcode::STORE_ATTR_ADD) => {
            *object.as_ptr::<u8>().add(site.slot()).cast::<u64>() = *fp.add(b(w));
            if site.op == Opcode::STORE_ATTR_ADD {
                (*object.as_ptr::<Header>()).set_shape(site.shape2());
            }
            go(ip.add(2), fp, vm, k)
        }
        Some(site) if site.op == Opcode::LOAD_ATTR_OVERFLOW => store_overflow(ip, fp, vm, k, w),
        _ => store_many(ip, fp, vm, k, w),
    }
});
unit_op!(store_new, 2, |vm, fp, w, k, ip| {
    let (object, name) = (reg(fp, a(w)), name_at(fp, ip));
    quicken_store(vm, fp, ip, object, name);
    count_failure(ip, Opcode::STORE_ATTR);
    vm.setattr(object, name, Some(reg(fp, b(w))))
});

/// Facts about `object.name = value` for [`crate::cache::Sites`].
fn store_site(vm: &Vm, object: Value, name: Value) -> (Opcode, u64) {
    let shape = vm.shape_of(object);
    let class = shape.class;
    let generic = (Opcode::STORE_ATTR, 0);
    if !class.has(type_flags::GENERIC_SETATTR) {
        return generic;
    }
    if let Some(member) = vm.type_lookup(class, name).and_then(|found| member_word(vm, shape, found)) {
        return if member.accepts_all { (Opcode::STORE_ATTR_SLOT, pair(member.offset, 0)) } else { generic };
    }
    if shape.ext != ExtMode::Slots || !has_fixed_layout(shape) {
        return generic;
    }
    if vm
        .type_lookup(class, name)
        .is_some_and(|found| vm.type_of(found).slots().descr_set.is_some() || vm.type_of(found).has(type_flags::HEAP))
    {
        return generic;
    }
    match shape.slot(name) {
        Some(slot) => match shape.place(slot) {
            SlotPlace::Inline(offset) => (Opcode::STORE_ATTR_SLOT, pair(offset, 0)),
            // The form for loads stands for both.
            SlotPlace::Overflow(index) => (Opcode::LOAD_ATTR_OVERFLOW, pair(index, shape.ext_offset)),
        },
        None => match vm.shape_with_attribute(shape, name) {
            Some(next) => match next.place((next.names.len() - 1) as u32) {
                SlotPlace::Inline(offset) => (Opcode::STORE_ATTR_ADD, pair(offset, next.id)),
                SlotPlace::Overflow(_) => generic,
            },
            None => generic,
        },
    }
}

/// Whether storing into the object must be noted first.
#[inline(always)]
unsafe fn is_unlogged(object: Value) -> bool {
    // SAFETY: callers pass objects.
    unsafe { (*object.as_ptr::<Header>()).has_flag(cinder_layout::flag::UNLOGGED) }
}

// Notes that the object in register `a` is written to, and executes the instruction again. A call in the instruction would cost it its registers.
op!(log_and_store(ip, fp, vm, k, w) {
    vm.barrier(reg(fp, a(w)));
    go(ip, fp, vm, k)
});

op!(STORE_ATTR_POLY(ip, fp, vm, k, w) {
    let object = reg(fp, a(w));
    if !object.is_ptr() {
        return store_many(ip, fp, vm, k, w);
    }
    if is_unlogged(object) {
        return log_and_store(ip, fp, vm, k, w);
    }
    let word = recent_word(vm, ip, (*object.as_ptr::<Header>()).shape());
    if word == 0 {
        return store_known(ip, fp, vm, k, w);
    }
    *object.as_ptr::<u8>().add(word).cast::<u64>() = *fp.add(b(w));
    go(ip.add(2), fp, vm, k)
});
// What the table of all sites knows.
op!(store_known(ip, fp, vm, k, w) {
    let object = reg(fp, a(w));
    let shape = (*object.as_ptr::<Header>()).shape();
    let Some(site) = vm.sites.find(SiteUse::Store, shape, name_at(fp, ip).bits(), vm.lookups.generation()) else {
        return store_many(ip, fp, vm, k, w);
    };
    match site.op {
        Opcode::STORE_ATTR_SLOT if has_place(vm, ip, site.slot()) => return store_remembering(ip, fp, vm, k, w),
        Opcode::STORE_ATTR_SLOT => {}
        Opcode::STORE_ATTR_ADD => (*object.as_ptr::<Header>()).set_shape(site.shape2()),
        Opcode::LOAD_ATTR_OVERFLOW => return store_overflow(ip, fp, vm, k, w),
        _ => return store_many(ip, fp, vm, k, w),
    }
    *object.as_ptr::<u8>().add(site.slot()).cast::<u64>() = *fp.add(b(w));
    go(ip.add(2), fp, vm, k)
});
// Executes the instruction again, which then finds what is remembered.
op!(store_remembering(ip, fp, vm, k, w) {
    remember_site(vm, ip, SiteUse::Store, (*reg(fp, a(w)).as_ptr::<Header>()).shape(), name_at(fp, ip));
    go(ip, fp, vm, k)
});
// An attribute in the buffer behind the inline slots.
unit_op!(store_overflow, 2, |vm, fp, w, k, ip| {
    let (object, name, value) = (reg(fp, a(w)), name_at(fp, ip), reg(fp, b(w)));
    match vm.set_own_attribute(object, name, value)? {
        true => Ok(()),
        false => vm.setattr(object, name, Some(value)),
    }
});

unit_op!(store_many, 2, |vm, fp, w, k, ip| {
    let (object, name) = (reg(fp, a(w)), name_at(fp, ip));
    if object.is_ptr() {
        let (shape, generation) = (vm.shape_of(object).id, vm.lookups.generation());
        if vm.sites.find(SiteUse::Store, shape, name.bits(), generation).is_none() {
            let (form, data) = store_site(vm, object, name);
            vm.sites.remember(SiteUse::Store, shape, name.bits(), generation, form, data);
        }
    }
    vm.setattr(object, name, Some(reg(fp, b(w))))
});

op!(STORE_ATTR_SLOT(ip, fp, vm, k, w) {
    let (object, rec) = (reg(fp, a(w)), rec(ip));
    if !has_shape(object, rec.shape) {
        miss!(STORE_ATTR, ip, fp, vm, k, w);
    }
    if is_unlogged(object) {
        return log_and_store(ip, fp, vm, k, w);
    }
    *object.as_ptr::<u8>().add(rec.slot as usize).cast::<u64>() = *fp.add(b(w));
    go(ip.add(2), fp, vm, k)
});

op!(STORE_ATTR_ADD(ip, fp, vm, k, w) {
    let (object, rec) = (reg(fp, a(w)), rec(ip));
    if !has_shape(object, rec.shape) {
        miss!(STORE_ATTR, ip, fp, vm, k, w);
    }
    if is_unlogged(object) {
        return log_and_store(ip, fp, vm, k, w);
    }
    *object.as_ptr::<u8>().add(rec.slot as usize).cast::<u64>() = *fp.add(b(w));
    (*object.as_ptr::<Header>()).set_shape(rec.shape2);
    go(ip.add(2), fp, vm, k)
});

unit_op!(DELETE_ATTR, 1, |vm, fp, w, k, ip| vm.setattr(reg(fp, a(w)), frame(fp).code().name(imm(w)), None));
