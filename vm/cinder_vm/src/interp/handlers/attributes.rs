//! Attributes and methods.
//!
//! A record holds the shape of the object (which proves its class and layout) and what the class lookup found. Changing the class, or one it derives
//! from, clears the record through [`crate::cache::Dependents`].

use cinder_bytecode::TypeDescr;
use cinder_heap::{Gc, ValueBuf};
use cinder_layout::Header;

use super::prelude::*;
use crate::cache::{CacheRecord, Site, SiteUse};
use crate::classloader::member::PyTypedMember;
use crate::interp::handlers::names::{MANY_MISSES, MAX_MISSES};
use crate::object::shape::{ExtMode, Shape, SlotPlace};
use crate::types::BuiltinType;
use crate::types::dict::PyDict;
use crate::types::function::PyFunction;
use crate::types::member::PyMember;
use crate::types::module::PyModule;
use crate::types::native_function::PyGetSet;
use crate::types::property::PyProperty;
use crate::types::slot_defs::finds_as_object;
use crate::types::static_method::PyStaticMethod;
use crate::types::type_::{PyType, type_flags};

/// Name of the two-word instruction at `ip`.
#[inline(always)]
unsafe fn name_at(fp: Fp, ip: Ip) -> Value {
    // SAFETY: as of a handler.
    frame(fp).code().name(unsafe { rec(ip) }.imm())
}

/// Whether the value is a heap object of shape `shape`; no object has the 0 of an empty record.
#[inline(always)]
pub(super) unsafe fn has_shape(value: Value, shape: u32) -> bool {
    // SAFETY: pointer-tagged values point to live objects.
    value.is_ptr() && unsafe { (*value.as_ptr::<Header>()).shape() } == shape
}

/// The same for a register that may be unbound.
#[inline(always)]
pub(super) unsafe fn has_shape_or_none(value: Option<Value>, shape: u32) -> bool {
    // SAFETY: as of `has_shape`.
    value.is_some_and(|value| unsafe { has_shape(value, shape) })
}

/// Writes the record at `ip` for facts about `class` and rewrites the instruction, unless the class changes too often.
pub(super) unsafe fn install(
    vm: &Vm,
    fp: Fp,
    ip: Ip,
    class: Gc<PyType>,
    fill: impl FnOnce(&mut CacheRecord),
    form: Opcode,
) {
    let code = frame(fp).code();
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    if !class.dependents.register(code.as_value(), cell.as_ptr()) {
        return;
    }
    vm.heap.write_barrier(class.header());
    vm.heap.write_barrier(code.header());
    let mut filled = cell.get();
    filled.misses += 1;
    fill(&mut filled);
    cell.set(filled);
    // SAFETY: as of a handler.
    unsafe { rewrite(ip, form) };
}

/// Turns the instruction into its form for many shapes, once it has met some.
unsafe fn generalize(vm: &Vm, fp: Fp, ip: Ip, form: Opcode) -> bool {
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    let old = cell.get();
    // An empty record is none of another shape: a change of the class has cleared it.
    let enough = if old.shape == 0 { 4 * MANY_MISSES } else { MANY_MISSES };
    if old.misses < enough {
        return false;
    }
    vm.heap.write_barrier(frame(fp).code().header());
    cell.set(CacheRecord { value: 0, guard: 0, shape: 0, slot: 0, shape2: 0, misses: 0, ..old });
    // SAFETY: as of a handler.
    unsafe { rewrite(ip, form) };
    true
}

/// What the guard of a record for many shapes holds while its shapes are valid: the generation of [`crate::cache::Lookups`], as a small int.
///
/// Such a record remembers the word offsets of the first shapes it met in the generation, before it asks the table of all sites: shapes in its first four
/// numbers, offsets in `value`, 16 bits each. They are odd, so that the whole is an immediate for the collector: offset plus one.
#[inline(always)]
fn recent(vm: &Vm) -> u64 {
    u64::from(vm.lookups.generation()) << 1 | 1
}

/// Shapes that a record for many shapes remembers.
const RECENT: usize = 4;

#[inline(always)]
fn recent_shapes(rec: &CacheRecord) -> [u32; RECENT] {
    [rec.shape, rec.slot, rec.shape2, rec.misses]
}

/// Which of the shapes that the record remembers this is; [`RECENT`] for none.
#[inline(always)]
fn recent_place(rec: &CacheRecord, shape: u32) -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::*;
        const { assert!(std::mem::offset_of!(CacheRecord, misses) == std::mem::offset_of!(CacheRecord, shape) + 12) };
        // SAFETY: the record begins with four numbers; every such processor has these instructions.
        let found = unsafe {
            let shapes = _mm_loadu_si128(std::ptr::from_ref(rec).cast());
            _mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(shapes, _mm_set1_epi32(shape as i32))))
        };
        (found as u32 | 1 << RECENT).trailing_zeros() as usize
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        recent_shapes(rec).iter().position(|recent| *recent == shape).unwrap_or(RECENT)
    }
}

/// The word of objects of shape `shape` that the record at `ip` remembers, 0 for none.
#[inline(always)]
unsafe fn recent_word(vm: &Vm, ip: Ip, shape: u32) -> usize {
    // SAFETY: as of a handler.
    let rec = unsafe { rec(ip) };
    let place = recent_place(rec, shape);
    if rec.guard != recent(vm) || place == RECENT {
        return 0;
    }
    usize::from((rec.value >> (16 * place)) as u16) - 1
}

/// Whether the record at `ip` may remember one shape more, whose word is at `offset`. A site with more shapes keeps the first ones: exchanging them would cost it
/// more than asking the table of all sites.
#[inline(always)]
unsafe fn has_place(vm: &Vm, ip: Ip, offset: usize) -> bool {
    // SAFETY: as of a handler.
    let rec = unsafe { rec(ip) };
    offset < usize::from(u16::MAX) && (rec.guard != recent(vm) || rec.misses == 0)
}

/// Remembers what [`has_place`] has asked for.
#[cold]
#[inline(never)]
unsafe fn remember_word(vm: &Vm, ip: Ip, shape: u32, offset: usize) {
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    let (old, guard) = (cell.get(), recent(vm));
    let (shapes, offsets) = if old.guard == guard { (recent_shapes(&old), old.value) } else { ([0; RECENT], 0) };
    let [slot, shape2, misses, _] = shapes;
    // Places that hold no shape have offset 0, which no word of an object has.
    let value = offsets << 16 | 0x1_0001_0001 << 16 | (offset as u64 | 1);
    cell.set(CacheRecord { shape, slot, shape2, misses, value, guard, ..old });
}

/// Slot and second shape as one word.
fn pair(slot: u32, shape2: u32) -> u64 {
    u64::from(slot) | u64::from(shape2) << 32
}

unsafe fn may_quicken(ip: Ip) -> bool {
    // SAFETY: as of a handler.
    unsafe { rec(ip) }.misses < MAX_MISSES
}

/// Whether a class attribute binds when it is read through an instance.
fn binds(vm: &Vm, found: Value) -> bool {
    vm.type_of(found).slots().descr_get.is_some()
}

/// Whether a class attribute is asked before the instance's own: data descriptors.
fn binds_before_instance(vm: &Vm, found: Value) -> bool {
    vm.type_of(found).slots().descr_set.is_some()
}

fn has_fixed_layout(shape: &Shape) -> bool {
    shape.layout.variable.is_none()
}

/// A class attribute that stands for a word of the instances.
struct Member {
    offset: u32,
    /// Every object may be stored.
    accepts_all: bool,
}

/// The word of objects of this shape that `found`, an attribute of their class, reads and writes; `None`: it does more than that.
fn member_word(vm: &Vm, shape: &Shape, found: Value) -> Option<Member> {
    let (member, class) = if let Some(member) = vm.downcast_exact::<PyMember>(found) {
        (Member { offset: member.offset as u32, accepts_all: true }, member.class.get())
    } else {
        let typed = vm.downcast_exact::<PyTypedMember>(found)?;
        let accepts_all = typed.field.declared == TypeDescr::Dynamic;
        (Member { offset: typed.field.offset, accepts_all }, typed.class.get())
    };
    let fits = has_fixed_layout(shape) && !shape.is_raw_word(member.offset / 8) && vm.is_subtype(shape.class, class);
    fits.then_some(member)
}

/// Finds the quick form of `object.name` for an object with generic attribute access.
unsafe fn quicken_load(vm: &Vm, fp: Fp, ip: Ip, object: Value, name: Value) {
    if !object.is_ptr() {
        return;
    }
    let shape = vm.shape_of(object);
    let class = shape.class;
    if let Some(module) = vm.downcast_exact::<PyModule>(object) {
        // SAFETY: as of a handler.
        unsafe { quicken_module(vm, fp, ip, module, name, Opcode::LOAD_ATTR_MODULE) };
        return;
    }
    if !finds_as_object(vm, class) {
        if let Some(of) = vm.as_class(object) {
            // SAFETY: as of a handler.
            unsafe {
                quicken_class(vm, fp, ip, of, name, Opcode::LOAD_ATTR_CLASS);
                quicken_of_metaclass(vm, fp, ip, of, name);
            }
        }
        return;
    }
    let found = vm.type_lookup(class, name);
    let is_data = found.is_some_and(|found| vm.type_of(found).slots().descr_set.is_some());
    // SAFETY: as of a handler.
    unsafe {
        if is_data {
            let found = found.expect("checked");
            if let Some(member) = member_word(vm, shape, found) {
                if !generalize(vm, fp, ip, Opcode::LOAD_ATTR_POLY) {
                    let fill = |record: &mut CacheRecord| (record.shape, record.slot) = (shape.id, member.offset);
                    install(vm, fp, ip, class, fill, Opcode::LOAD_ATTR_SLOT);
                }
                return;
            }
            if !class.has(type_flags::GENERIC_GETATTR) {
                // An AttributeError of what runs here would be the hook's.
                return;
            }
            if let Some(property) = vm.downcast_exact::<PyProperty>(found)
                && let Some(getter) = vm.as_function(property.getter.get())
                && vm.prepare_code(getter.code.get()).is_ok()
                && getter.code.get().is_simple
                && getter.code.get().argument_count == 1
            {
                let value = getter.as_value().bits();
                install(
                    vm,
                    fp,
                    ip,
                    class,
                    |record| (record.shape, record.value) = (shape.id, value),
                    Opcode::LOAD_ATTR_PROPERTY,
                );
            }
            if let Some(getset) = vm.downcast_exact::<PyGetSet>(found)
                && vm.is_subtype(class, getset.class.get())
            {
                let value = found.bits();
                let fill = |record: &mut CacheRecord| (record.shape, record.value) = (shape.id, value);
                install(vm, fp, ip, class, fill, Opcode::LOAD_ATTR_GETSET);
            }
            return;
        }
        match (shape.ext, shape.slot(name)) {
            (ExtMode::Slots, Some(_)) if has_fixed_layout(shape) && generalize(vm, fp, ip, Opcode::LOAD_ATTR_POLY) => {}
            (ExtMode::Slots, Some(slot)) if has_fixed_layout(shape) => {
                let (offset, form) = match shape.place(slot) {
                    SlotPlace::Inline(offset) => (offset, Opcode::LOAD_ATTR_SLOT),
                    SlotPlace::Overflow(index) => (index, Opcode::LOAD_ATTR_OVERFLOW),
                };
                install(
                    vm,
                    fp,
                    ip,
                    class,
                    |record| (record.shape, record.slot, record.shape2) = (shape.id, offset, shape.ext_offset),
                    form,
                );
            }
            (ExtMode::Dict, _) if has_fixed_layout(shape) => {
                let fill = |record: &mut CacheRecord| {
                    (record.shape, record.shape2, record.slot) = (shape.id, shape.ext_offset, 0)
                };
                install(vm, fp, ip, class, fill, Opcode::LOAD_ATTR_DICT);
            }
            (ExtMode::Slots | ExtMode::Absent, None) => {
                let Some(found) = found else { return };
                let form = match () {
                    () if !binds(vm, found) => Opcode::LOAD_ATTR_VALUE,
                    () if vm.as_function(found).is_some() => Opcode::LOAD_ATTR_METHOD,
                    () => return,
                };
                if form == Opcode::LOAD_ATTR_VALUE && generalize(vm, fp, ip, Opcode::LOAD_ATTR_POLY) {
                    return;
                }
                let value = found.bits();
                let fill = |record: &mut CacheRecord| (record.shape, record.value) = (shape.id, value);
                install(vm, fp, ip, class, fill, form);
            }
            _ => {}
        }
    }
}

unsafe fn quicken_module(vm: &Vm, fp: Fp, ip: Ip, module: Gc<PyModule>, name: Value, form: Opcode) {
    let dict = module.dict.get();
    let Some(number) = dict.find_interned(name) else { return };
    if vm.type_lookup(vm.types.module, name).is_some() {
        return;
    }
    let code = frame(fp).code();
    vm.heap.write_barrier(code.header());
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    let old = cell.get();
    let guard = module.as_value().bits();
    cell.set(CacheRecord {
        shape: dict.version(vm),
        slot: number as u32,
        guard,
        value: 0,
        misses: old.misses + 1,
        ..old
    });
    // SAFETY: as of a handler.
    unsafe { rewrite(ip, form) };
}

/// Whether attributes of classes of this metaclass are looked up as those of classes of `type`.
fn has_plain_classes(vm: &Vm, metaclass: Gc<PyType>) -> bool {
    metaclass == vm.types.type_
        || metaclass.slots().getattr.map(|f| f as usize) == vm.types.type_.slots().getattr.map(|f| f as usize)
}

/// Attribute `name` of the class, unbound, when the metaclass has no say.
pub(super) fn own_class_attribute(vm: &Vm, class: Gc<PyType>, name: Value) -> Option<Value> {
    let metaclass = vm.type_of(class.as_value());
    if !has_plain_classes(vm, metaclass) || vm.type_lookup(metaclass, name).is_some() {
        return None;
    }
    vm.type_lookup(class, name)
}

/// What `class.name` gives when it needs no binding and the metaclass has no say.
fn plain_class_attribute(vm: &Vm, class: Gc<PyType>, name: Value) -> Option<Value> {
    let found = own_class_attribute(vm, class, name)?;
    if !binds(vm, found) {
        return Some(found);
    }
    // Functions and static methods read through the class are themselves.
    match () {
        () if vm.as_function(found).is_some() => Some(found),
        () => {
            vm.downcast_exact::<crate::types::static_method::PyStaticMethod>(found).map(|method| method.callable.get())
        }
    }
}

unsafe fn quicken_class(vm: &Vm, fp: Fp, ip: Ip, class: Gc<PyType>, name: Value, form: Opcode) {
    let Some(found) = plain_class_attribute(vm, class, name) else { return };
    // SAFETY: as of a handler.
    unsafe { quicken_with_class(vm, fp, ip, class, found, form) };
}

/// A computed attribute that the metaclass has for its classes, as `__name__`.
unsafe fn quicken_of_metaclass(vm: &Vm, fp: Fp, ip: Ip, class: Gc<PyType>, name: Value) {
    let shape = vm.shape_of(class.as_value());
    let metaclass = shape.class;
    if !has_plain_classes(vm, metaclass) {
        return;
    }
    if let Some(found) = vm.type_lookup(metaclass, name)
        && let Some(getset) = vm.downcast_exact::<PyGetSet>(found)
        && vm.is_subtype(metaclass, getset.class.get())
    {
        let fill = |record: &mut CacheRecord| (record.shape, record.value) = (shape.id, found.bits());
        // SAFETY: as of a handler.
        unsafe { install(vm, fp, ip, metaclass, fill, Opcode::LOAD_ATTR_GETSET) };
    }
}

/// Fills the record with what was found in the class, valid for the class alone and as long as neither it nor its metaclass changes.
pub(super) unsafe fn quicken_with_class(vm: &Vm, fp: Fp, ip: Ip, class: Gc<PyType>, found: Value, form: Opcode) {
    let (code, metaclass) = (frame(fp).code(), vm.type_of(class.as_value()));
    // SAFETY: as of a handler.
    let cell = unsafe { record(ip) };
    if metaclass != vm.types.type_ {
        if !metaclass.dependents.register(code.as_value(), cell.as_ptr()) {
            return;
        }
        vm.heap.write_barrier(metaclass.header());
    }
    let (shape, guard, value) = (vm.shape_of(class.as_value()).id, class.as_value().bits(), found.bits());
    // SAFETY: as of a handler.
    unsafe {
        install(vm, fp, ip, class, |record| (record.shape, record.guard, record.value) = (shape, guard, value), form)
    };
}

op!(LOAD_ATTR(ip, fp, vm, k, w) {
    if may_quicken(ip) {
        return load_new(ip, fp, vm, k, w);
    }
    // A site that has given up asks the table of all sites.
    let object = reg(fp, b(w));
    if !object.is_ptr() {
        return load_many(ip, fp, vm, k, w);
    }
    let shape = (*object.as_ptr::<Header>()).shape();
    if shape == BuiltinType::type_ as u32 || shape == BuiltinType::module as u32 {
        return load_other(ip, fp, vm, k, w);
    }
    let name = name_at(fp, ip);
    match vm.sites.find(SiteUse::Load, shape, name.bits(), vm.lookups.generation()) {
        Some(site) if site.op == Opcode::LOAD_ATTR_VALUE => match vm.lookups.find(site.slot() as u32, name) {
            Some(Some(found)) => {
                set(fp, a(w), found);
                go(ip.add(2), fp, vm, k)
            }
            _ => look_class_value_up(ip, fp, vm, k, w),
        },
        Some(site) => {
            let held = held_at(site, object);
            if held == 0 {
                return load_other(ip, fp, vm, k, w);
            }
            *fp.add(a(w)) = held;
            go(ip.add(2), fp, vm, k)
        }
        None => load_other(ip, fp, vm, k, w),
    }
});
value_op!(load_new, 2, |vm, fp, w, k, ip| {
    let (object, name) = (reg(fp, b(w)), name_at(fp, ip));
    quicken_load(vm, fp, ip, object, name);
    count_failure(ip, Opcode::LOAD_ATTR);
    vm.getattr(object, name)
});

/// A site that found no quick form stops looking for one after a while.
unsafe fn count_failure(ip: Ip, generic: Opcode) {
    // SAFETY: as of a handler.
    unsafe {
        if *ip as u16 == generic as u16 {
            let cell = record(ip);
            cell.set(CacheRecord { misses: cell.get().misses + 1, ..cell.get() });
        }
    }
}

macro_rules! miss {
    ($generic:ident, $ip:ident, $fp:ident, $vm:ident, $k:ident, $w:ident) => {{
        rewrite($ip, Opcode::$generic);
        return $generic($ip, $fp, $vm, $k, $w);
    }};
}

op!(LOAD_ATTR_METHOD(ip, fp, vm, k, w) {
    if !has_shape(reg(fp, b(w)), rec(ip).shape) {
        miss!(LOAD_ATTR, ip, fp, vm, k, w);
    }
    bind_found(ip, fp, vm, k, w)
});
value_op!(bind_found, 2, |vm, fp, w, k, ip| {
    // SAFETY: the record holds a function.
    vm.new_method(Value::from_bits(rec(ip).value).unwrap_unchecked(), reg(fp, b(w)))
});

op!(LOAD_ATTR_GETSET(ip, fp, vm, k, w) {
    if !has_shape(reg(fp, b(w)), rec(ip).shape) {
        miss!(LOAD_ATTR, ip, fp, vm, k, w);
    }
    get_computed(ip, fp, vm, k, w)
});
value_op!(get_computed, 2, |vm, fp, w, k, ip| {
    // SAFETY: the record holds the descriptor.
    let getset: Gc<PyGetSet> = Gc::from_value(Value::from_bits(rec(ip).value).unwrap_unchecked());
    vm.check_native_stack()?;
    (getset.def.get)(vm, reg(fp, b(w)))
});

op!(LOAD_ATTR_SLOT(ip, fp, vm, k, w) {
    let (object, rec) = (reg(fp, b(w)), rec(ip));
    if !has_shape(object, rec.shape) {
        miss!(LOAD_ATTR, ip, fp, vm, k, w);
    }
    let held = *object.as_ptr::<u8>().add(rec.slot as usize).cast::<u64>();
    if held == 0 {
        // An empty slot of `__slots__`: the generic form raises.
        return LOAD_ATTR(ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = held;
    go(ip.add(2), fp, vm, k)
});

op!(LOAD_ATTR_OVERFLOW(ip, fp, vm, k, w) {
    let (object, rec) = (reg(fp, b(w)), rec(ip));
    if !has_shape(object, rec.shape) {
        miss!(LOAD_ATTR, ip, fp, vm, k, w);
    }
    let buffer: Gc<ValueBuf> = Gc::from_value(*object.as_ptr::<u8>().add(rec.shape2 as usize).cast::<Value>());
    set(fp, a(w), *buffer.values().get_unchecked(rec.slot as usize));
    go(ip.add(2), fp, vm, k)
});

/// Dict of the attributes of an object whose `ext` word is at `offset`.
#[inline(always)]
unsafe fn attributes_at(object: Value, offset: u32) -> Gc<PyDict> {
    // SAFETY: the record's shape says that the word holds a dict.
    unsafe { Gc::from_value(*object.as_ptr::<u8>().add(offset as usize).cast::<Value>()) }
}

/// Bits of the attribute that the instruction names in the object's dict, 0 for none.
#[inline(never)]
unsafe fn attribute_in_dict(fp: Fp, ip: Ip, object: Value) -> u64 {
    // SAFETY: as of a handler; the record is one for objects with a dict.
    unsafe {
        let (dict, hint) = (attributes_at(object, rec(ip).shape2), rec(ip).slot);
        let Some(number) = dict.find_near(name_at(fp, ip), hint) else { return 0 };
        if number as u32 != hint {
            (*record(ip).as_ptr()).slot = number as u32;
        }
        dict.value_at(number as u32).bits()
    }
}

op!(LOAD_ATTR_DICT(ip, fp, vm, k, w) {
    let object = reg(fp, b(w));
    if !has_shape(object, rec(ip).shape) {
        miss!(LOAD_ATTR, ip, fp, vm, k, w);
    }
    let held = attribute_in_dict(fp, ip, object);
    if held == 0 {
        // Of the class, or none.
        return load_generic(ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = held;
    go(ip.add(2), fp, vm, k)
});
value_op!(load_generic, 2, |vm, fp, w, k, ip| vm.getattr(reg(fp, b(w)), name_at(fp, ip)));

op!(STORE_ATTR_DICT(ip, fp, vm, k, w) {
    if !has_shape(reg(fp, a(w)), rec(ip).shape) {
        miss!(STORE_ATTR, ip, fp, vm, k, w);
    }
    store_in_dict(ip, fp, vm, k, w)
});
unit_op!(store_in_dict, 2, |vm, fp, w, k, ip| {
    let (dict, name, value) = (attributes_at(reg(fp, a(w)), rec(ip).shape2), name_at(fp, ip), reg(fp, b(w)));
    match dict.find_near(name, rec(ip).slot) {
        Some(number) => {
            (*record(ip).as_ptr()).slot = number as u32;
            vm.dict_store(dict, number, value);
            Ok(())
        }
        None => vm.dict_set_interned(dict, name, value),
    }
});

op!(LOAD_METHOD_DICT(ip, fp, vm, k, w) {
    let object = reg(fp, b(w));
    if !has_shape(object, rec(ip).shape) || attribute_in_dict(fp, ip, object) != 0 {
        miss!(LOAD_METHOD, ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = rec(ip).value;
    set(fp, a(w) + 8, object);
    go(ip.add(2), fp, vm, k)
});

op!(LOAD_ATTR_VALUE(ip, fp, vm, k, w) {
    let rec = rec(ip);
    if !has_shape(reg(fp, b(w)), rec.shape) {
        miss!(LOAD_ATTR, ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = rec.value;
    go(ip.add(2), fp, vm, k)
});

op!(LOAD_ATTR_CLASS(ip, fp, vm, k, w) {
    let rec = rec(ip);
    if *fp.add(b(w)) != rec.guard || rec.shape == 0 {
        miss!(LOAD_ATTR, ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = rec.value;
    go(ip.add(2), fp, vm, k)
});

op!(LOAD_ATTR_MODULE(ip, fp, vm, k, w) {
    let rec = rec(ip);
    if *fp.add(b(w)) != rec.guard {
        miss!(LOAD_ATTR, ip, fp, vm, k, w);
    }
    let module: Gc<PyModule> = Gc::from_value(reg(fp, b(w)));
    let dict = module.dict.get();
    if !dict.has_version(rec.shape) {
        miss!(LOAD_ATTR, ip, fp, vm, k, w);
    }
    set(fp, a(w), dict.value_at(rec.slot));
    go(ip.add(2), fp, vm, k)
});

op!(LOAD_ATTR_PROPERTY(ip, fp, vm, k, w) {
    let rec = rec(ip);
    if !has_shape(reg(fp, b(w)), rec.shape) {
        miss!(LOAD_ATTR, ip, fp, vm, k, w);
    }
    property_call(ip, fp, vm, k, w)
});
call_op!(property_call, 2, |vm, fp, w, k, ip| {
    // SAFETY: the record holds a function.
    let getter: Gc<PyFunction> = Gc::from_value(Value::from_bits(rec(ip).value).unwrap_unchecked());
    vm.call_from(fp, getter, &[reg(fp, b(w))], None, 0)
});

/// Facts about `object.name` for [`crate::cache::Sites`].
fn load_site(vm: &Vm, object: Value, name: Value) -> (Opcode, u64) {
    let shape = vm.shape_of(object);
    let class = shape.class;
    if !finds_as_object(vm, class) {
        return (Opcode::LOAD_ATTR, 0);
    }
    if let Some(member) = vm.type_lookup(class, name).and_then(|found| member_word(vm, shape, found)) {
        return (Opcode::LOAD_ATTR_SLOT, pair(member.offset, 0));
    }
    if shape.ext != ExtMode::Dict && shape.slot(name).is_none() {
        let is_plain = |found| !binds(vm, found) && !binds_before_instance(vm, found);
        let form =
            if vm.type_lookup(class, name).is_some_and(is_plain) { Opcode::LOAD_ATTR_VALUE } else { Opcode::LOAD_ATTR };
        return (form, pair(class.root_shape.get(), 0));
    }
    if shape.ext != ExtMode::Slots || !has_fixed_layout(shape) {
        return (Opcode::LOAD_ATTR, 0);
    }
    let Some(slot) = shape.slot(name) else { return (Opcode::LOAD_ATTR, 0) };
    if vm
        .type_lookup(class, name)
        .is_some_and(|found| vm.type_of(found).slots().descr_set.is_some() || vm.type_of(found).has(type_flags::HEAP))
    {
        return (Opcode::LOAD_ATTR, 0);
    }
    match shape.place(slot) {
        SlotPlace::Inline(offset) => (Opcode::LOAD_ATTR_SLOT, pair(offset, 0)),
        SlotPlace::Overflow(index) => (Opcode::LOAD_ATTR_OVERFLOW, pair(index, shape.ext_offset)),
    }
}

op!(LOAD_ATTR_POLY(ip, fp, vm, k, w) {
    let object = reg(fp, b(w));
    if !object.is_ptr() {
        return load_many(ip, fp, vm, k, w);
    }
    let word = recent_word(vm, ip, (*object.as_ptr::<Header>()).shape());
    let held = *object.as_ptr::<u8>().add(word).cast::<u64>();
    if word == 0 || held == 0 {
        return load_known(ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = held;
    go(ip.add(2), fp, vm, k)
});
// What the table of all sites knows. Calls are left to handlers of their own: they would cost this one its registers.
op!(load_known(ip, fp, vm, k, w) {
    let object = reg(fp, b(w));
    let shape = (*object.as_ptr::<Header>()).shape();
    let Some(site) = vm.sites.find(SiteUse::Load, shape, name_at(fp, ip).bits(), vm.lookups.generation()) else {
        return load_many(ip, fp, vm, k, w);
    };
    if site.op == Opcode::LOAD_ATTR_SLOT && has_place(vm, ip, site.slot()) && recent_word(vm, ip, shape) == 0 {
        return load_remembering(ip, fp, vm, k, w);
    }
    if site.op == Opcode::LOAD_ATTR_VALUE {
        return load_class_value(ip, fp, vm, k, w);
    }
    let held = held_at(site, object);
    if held == 0 {
        return load_other(ip, fp, vm, k, w);
    }
    *fp.add(a(w)) = held;
    go(ip.add(2), fp, vm, k)
});

/// The word of the object that the site tells of, 0 for none.
#[inline(always)]
unsafe fn held_at(site: Site, object: Value) -> u64 {
    // SAFETY: the site is one of objects like this one.
    unsafe {
        match site.op {
            Opcode::LOAD_ATTR_SLOT => *object.as_ptr::<u8>().add(site.slot()).cast::<u64>(),
            Opcode::LOAD_ATTR_OVERFLOW => {
                let buffer = *object.as_ptr::<u8>().add(site.shape2() as usize).cast::<Value>();
                Gc::<ValueBuf>::from_value(buffer).values().get_unchecked(site.slot()).bits()
            }
            _ => 0,
        }
    }
}

// Classes and modules, which are not told apart by their shapes.
op!(load_other(ip, fp, vm, k, w) {
    let object = reg(fp, b(w));
    let (name, generation) = (name_at(fp, ip).bits(), vm.lookups.generation());
    let held = if has_shape(object, BuiltinType::type_ as u32) {
        let class: Gc<PyType> = Gc::from_value(object);
        vm.sites.find(SiteUse::Class, class.root_shape.get(), name, generation).map(|site| site.data)
    } else if has_shape(object, BuiltinType::module as u32) {
        let dict = Gc::<PyModule>::from_value(object).dict.get();
        let site = vm.sites.find(SiteUse::Module, dict.known_version(), name, generation);
        site.map(|site| dict.value_at(site.data as u32).bits())
    } else {
        None
    };
    match held {
        Some(held) => {
            *fp.add(a(w)) = held;
            go(ip.add(2), fp, vm, k)
        }
        None => load_many(ip, fp, vm, k, w),
    }
});
// Executes the instruction again, which then finds what is remembered, or has no place to remember it.
op!(load_remembering(ip, fp, vm, k, w) {
    remember_site(vm, ip, SiteUse::Load, (*reg(fp, b(w)).as_ptr::<Header>()).shape(), name_at(fp, ip));
    go(ip, fp, vm, k)
});
#[cold]
#[inline(never)]
unsafe fn remember_site(vm: &Vm, ip: Ip, used: SiteUse, shape: u32, name: Value) {
    if let Some(site) = vm.sites.find(used, shape, name.bits(), vm.lookups.generation()) {
        // SAFETY: as of a handler.
        unsafe { remember_word(vm, ip, shape, site.slot()) };
    }
}
// The class attribute that objects like this one show. (It may be exchanged for another plain value without a new generation.)
op!(load_class_value(ip, fp, vm, k, w) {
    let class = vm.shape_of(reg(fp, b(w))).class;
    match vm.lookups.find(class.root_shape.get(), name_at(fp, ip)) {
        Some(Some(found)) => {
            set(fp, a(w), found);
            go(ip.add(2), fp, vm, k)
        }
        _ => look_class_value_up(ip, fp, vm, k, w),
    }
});
value_op!(look_class_value_up, 2, |vm, fp, w, k, ip| {
    let (object, name) = (reg(fp, b(w)), name_at(fp, ip));
    match vm.type_lookup(vm.type_of(object), name) {
        Some(found) => Ok(found),
        None => vm.getattr(object, name),
    }
});

value_op!(load_many, 2, |vm, fp, w, k, ip| {
    let (object, name) = (reg(fp, b(w)), name_at(fp, ip));
    if object.is_ptr() {
        let (shape, generation) = (vm.shape_of(object).id, vm.lookups.generation());
        if vm.sites.find(SiteUse::Load, shape, name.bits(), generation).is_none() {
            let (form, data) = load_site(vm, object, name);
            vm.sites.remember(SiteUse::Load, shape, name.bits(), generation, form, data);
        }
        remember_other(vm, object, name);
    }
    vm.getattr(object, name)
});

/// For [`load_other`].
fn remember_other(vm: &Vm, object: Value, name: Value) {
    let generation = vm.lookups.generation();
    if let Some(module) = vm.downcast_exact::<PyModule>(object) {
        let dict = module.dict.get();
        if let Some(number) = dict.find_interned(name)
            && vm.type_lookup(vm.types.module, name).is_none()
        {
            let (version, form) = (dict.version(vm), Opcode::LOAD_ATTR_MODULE);
            vm.sites.remember(SiteUse::Module, version, name.bits(), generation, form, number as u64);
        }
    } else if vm.shape_of(object).id == BuiltinType::type_ as u32
        && let Some(class) = vm.as_class(object)
        && let Some(found) = plain_class_attribute(vm, class, name)
    {
        let (shape, form) = (class.root_shape.get(), Opcode::LOAD_ATTR_CLASS);
        vm.sites.remember(SiteUse::Class, shape, name.bits(), generation, form, found.bits());
    }
}

// Behind the macro that they use.
mod methods;
mod stores;
pub(crate) use methods::*;
pub(crate) use stores::*;
