//! `_abc`: what abstract base classes know of their subclasses.
//!
//! Problem: `isinstance(x, Mapping)` runs for ever so many values, and the answer hardly ever changes.
//! Idea: each class keeps what was registered and two sets of answers, by weak reference; a count of all registrations tells when a "no" is stale.
//! Source: Modules/_abc.c.

use std::cell::Cell;

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::types::dict::PyDict;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, Gc, ModuleDef, NativeDef, PyResult, Value, Vm};

/// Payload of `_abc._abc_data`. The sets are dicts whose keys are weak references; dead ones are dropped when a set has grown.
#[repr(C)]
struct PyAbcData {
    header: Header,
    registry: Slot<Option<Gc<PyDict>>>,
    cache: Slot<Option<Gc<PyDict>>>,
    negative: Slot<Option<Gc<PyDict>>>,
    /// Registrations there had been when `negative` was begun.
    negative_version: Cell<u64>,
    /// Size at which a set is looked through for dead references.
    next_sweep: Cell<usize>,
    recent: Recent,
    /// Valid for `negative_version`.
    recent_negative: Recent,
}

impl Trace for PyAbcData {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for set in [&self.registry, &self.cache, &self.negative] {
            if let Some(set) = set.get() {
                tracer.visit_object(set.header());
            }
        }
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyAbcData {}

cinder_vm::layout!(PyAbcData, "_abc_data");

static DATA: TypeDef = TypeDef {
    doc: "Internal state held by ABC machinery.",
    flags: type_flags::NO_NEW,
    ..TypeDef::new("_abc._abc_data", <PyAbcData as cinder_vm::object::Payload>::LAYOUT)
};

pub(crate) static ABC: ModuleDef = ModuleDef {
    doc: "Module contains faster C implementation of abc.ABCMeta",
    functions: &[
        NativeDef::function("get_cache_token", "", |vm, _| vm.new_uint(version(vm) as usize)),
        NativeDef::function("_abc_init", "self, /", init),
        NativeDef::function("_abc_register", "self, subclass, /", register),
        NativeDef::function("_abc_instancecheck", "self, instance, /", instance_check),
        NativeDef::function("_abc_subclasscheck", "self, subclass, /", |vm, args| {
            subclass_check(vm, args.at(0), args.at(1)).map(Value::from_bool)
        }),
        NativeDef::function("_get_dump", "self, /", dump),
        NativeDef::function("_reset_registry", "self, /", |vm, args| {
            let data = data(vm, args.at(0))?;
            data.registry.set(&vm.heap, data, None);
            Ok(Value::NONE)
        }),
        NativeDef::function("_reset_caches", "self, /", |vm, args| {
            let data = data(vm, args.at(0))?;
            data.cache.set(&vm.heap, data, None);
            data.negative.set(&vm.heap, data, None);
            data.recent.clear();
            data.recent_negative.clear();
            Ok(Value::NONE)
        }),
    ],
    ..ModuleDef::new("_abc")
};

/// What all abstract base classes share.
struct State {
    /// Registrations so far.
    registrations: Cell<u64>,
    /// The name under which a class keeps its [`PyAbcData`].
    data_name: Value,
}

fn state(vm: &Vm) -> &'static State {
    vm.native_state(|| State { registrations: Cell::new(0), data_name: vm.intern("_abc_impl") })
}

fn version(vm: &Vm) -> u64 {
    state(vm).registrations.get()
}

/// Answers given lately, by the shape of fresh instances of the classes that were asked for: no number is used twice, so they keep nothing alive.
#[derive(Default)]
struct Recent([Cell<u32>; Recent::LEN]);

impl Recent {
    const LEN: usize = 8;

    fn place(&self, class: Gc<PyType>) -> (&Cell<u32>, u32) {
        let shape = class.root_shape.get();
        (&self.0[shape as usize % Recent::LEN], shape)
    }

    fn has(&self, class: Gc<PyType>) -> bool {
        let (place, shape) = self.place(class);
        place.get() == shape && shape != 0
    }

    fn add(&self, class: Gc<PyType>) {
        let (place, shape) = self.place(class);
        place.set(shape);
    }

    fn clear(&self) {
        self.0.iter().for_each(|place| place.set(0));
    }
}

impl PyAbcData {
    /// An answer given lately that still holds.
    fn recent_answer(&self, vm: &Vm, class: Gc<PyType>) -> Option<bool> {
        match () {
            () if self.recent.has(class) => Some(true),
            () if self.recent_negative.has(class) && self.negative_version.get() == version(vm) => Some(false),
            () => None,
        }
    }

    fn remember(&self, class: Value, vm: &Vm, answer: bool) {
        if let Some(class) = vm.as_class(class) {
            if answer { self.recent.add(class) } else { self.recent_negative.add(class) }
        }
    }
}

fn data(vm: &Vm, class: Value) -> PyResult<Gc<PyAbcData>> {
    let found = vm.getattr(class, state(vm).data_name)?;
    vm.downcast::<PyAbcData>(found).ok_or_else(|| vm.type_error("_abc_impl is set to a wrong type"))
}

type Field = fn(&PyAbcData) -> &Slot<Option<Gc<PyDict>>>;

fn holds(vm: &Vm, data: Gc<PyAbcData>, field: Field, class: Value) -> PyResult<bool> {
    let Some(set) = field(&data).get().filter(|set| !set.is_empty()) else { return Ok(false) };
    let reference = match crate::weakref::reference(vm, class) {
        Ok(reference) => reference,
        // What cannot be referred to weakly was never added.
        Err(raised) if vm.pending_matches(vm.exceptions.TypeError) => {
            vm.take_exception(raised);
            return Ok(false);
        }
        Err(raised) => return Err(raised),
    };
    Ok(vm.dict_get(set, reference)?.is_some())
}

fn add(vm: &Vm, data: Gc<PyAbcData>, field: Field, class: Value) -> PyResult<()> {
    let set = match field(&data).get() {
        Some(set) => set,
        None => {
            let set = vm.new_pydict()?;
            field(&data).set(&vm.heap, data, Some(set));
            set
        }
    };
    let reference = crate::weakref::reference(vm, class)?;
    vm.dict_insert(set, reference, Value::NONE)?;
    if set.len() > data.next_sweep.get() {
        let mut number = 0;
        while number < set.entry_count() {
            if let Some((reference, _)) = set.entry(number)
                && crate::weakref::referent(vm, reference).is_none()
            {
                vm.dict_remove_entry(set, number);
            }
            number += 1;
        }
        data.next_sweep.set(2 * set.len() + 16);
    }
    Ok(())
}

fn init(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = args.at(0);
    compute_abstract(vm, class)?;
    let made = vm.alloc_instance(vm.native_class(&DATA)?, 0, |header| PyAbcData {
        header,
        registry: Slot::new(None),
        cache: Slot::new(None),
        negative: Slot::new(None),
        negative_version: Cell::new(0),
        next_sweep: Cell::new(16),
        recent: Recent::default(),
        recent_negative: Recent::default(),
    })?;
    made.negative_version.set(version(vm));
    vm.setattr(class, vm.intern("_abc_impl"), Some(made.as_value()))?;
    let (Some(class), name) = (vm.as_class(class), vm.intern("__abc_tpflags__")) else { return Ok(Value::NONE) };
    if let Some(number) = class.dict.get().find_interned(name)
        && let Some((_, bits)) = class.dict.get().entry(number)
        && let Some(bits) = vm.int_to_i64(bits)
    {
        set_pattern_flag(class, bits);
        vm.dict_remove_entry(class.dict.get(), number);
    }
    Ok(Value::NONE)
}

/// CPython's numbers of the flags that pattern matching looks at.
fn set_pattern_flag(class: Gc<PyType>, bits: i64) {
    let flag = match bits & 0x60 {
        0x20 => type_flags::SEQUENCE,
        0x40 => type_flags::MAPPING,
        _ => return,
    };
    let kept = class.flags.get() & !(type_flags::SEQUENCE | type_flags::MAPPING);
    class.flags.set(kept | flag);
}

/// Sets `__abstractmethods__`.
fn compute_abstract(vm: &Vm, class: Value) -> PyResult<()> {
    let names = vm.new_set(&[])?;
    let set = vm.as_set(names).expect("just made");
    let is_abstract = |value: Value| -> PyResult<bool> {
        match vm.getattr_opt(value, vm.names.__isabstractmethod__)? {
            Some(flag) => vm.truthy(flag),
            None => Ok(false),
        }
    };
    let namespace = vm.getattr(class, vm.names.__dict__)?;
    let items = vm.call_method(namespace, vm.intern("items"), &[])?;
    let items = vm.collect_list(items)?;
    let mut index = 0;
    while let Some(item) = items.get(index) {
        index += 1;
        let &[name, value] = vm.tuple_items(item) else { continue };
        if is_abstract(value)? {
            vm.set_add(set, name)?;
        }
    }
    let bases = vm.getattr(class, vm.names.__bases__)?;
    for base in vm.tuple_items(bases) {
        let Some(inherited) = vm.getattr_opt(*base, vm.names.__abstractmethods__)? else { continue };
        vm.for_each(inherited, |name| {
            if !vm.is_str(name) {
                let found = vm.type_name(name);
                return Err(vm.type_error(format!("attribute name must be string, not '{found}'")));
            }
            if let Some(value) = vm.getattr_opt(class, name)?
                && is_abstract(value)?
            {
                vm.set_add(set, name)?;
            }
            Ok(())
        })?;
    }
    let frozen = vm.call_builtin("frozenset", &[names])?;
    vm.setattr(class, vm.names.__abstractmethods__, Some(frozen))
}

fn register(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (class, subclass) = (args.at(0), args.at(1));
    let Some(subclass_type) = vm.as_class(subclass) else { return Err(vm.type_error("Can only register classes")) };
    if vm.issubclass(subclass, class)? {
        return Ok(subclass);
    }
    if vm.issubclass(class, subclass)? {
        return Err(vm.runtime_error("Refusing to create an inheritance cycle"));
    }
    add(vm, data(vm, class)?, |data| &data.registry, subclass)?;
    state(vm).registrations.set(version(vm) + 1);
    if let Some(own) = vm.as_class(class) {
        let bits = match own.flags.get() {
            flags if flags & type_flags::SEQUENCE != 0 => 0x20,
            flags if flags & type_flags::MAPPING != 0 => 0x40,
            _ => 0,
        };
        if bits != 0 {
            vm.for_each_subclass(subclass_type, &mut |class| {
                if !class.has(type_flags::IMMUTABLE) && class.has(type_flags::HEAP) {
                    set_pattern_flag(class, bits);
                }
            });
        }
    }
    Ok(subclass)
}

fn ask(vm: &Vm, class: Value, subclass: Value) -> PyResult<Value> {
    vm.call_method(class, vm.names.__subclasscheck__, &[subclass])
}

fn instance_check(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (class, instance) = (args.at(0), args.at(1));
    let data = data(vm, class)?;
    let claimed = vm.getattr_opt(instance, vm.names.__class__)?;
    let subclass = claimed.unwrap_or_else(|| vm.type_of(instance).as_value());
    if let Some(class) = vm.as_class(subclass).filter(|class| *class == vm.type_of(instance))
        && let Some(answer) = data.recent_answer(vm, class)
    {
        return Ok(Value::from_bool(answer));
    }
    if holds(vm, data, |data| &data.cache, subclass)? {
        data.remember(subclass, vm, true);
        return Ok(Value::TRUE);
    }
    let own = vm.type_of(instance).as_value();
    if own == subclass {
        if data.negative_version.get() == version(vm) && holds(vm, data, |data| &data.negative, subclass)? {
            data.remember(subclass, vm, false);
            return Ok(Value::FALSE);
        }
        return ask(vm, class, subclass);
    }
    let answer = ask(vm, class, subclass)?;
    if vm.truthy(answer)? { Ok(answer) } else { ask(vm, class, own) }
}

fn subclass_check(vm: &Vm, class: Value, subclass: Value) -> PyResult<bool> {
    vm.check_native_stack()?;
    let Some(subclass_type) = vm.as_class(subclass) else {
        return Err(vm.type_error("issubclass() arg 1 must be a class"));
    };
    let data = data(vm, class)?;
    if let Some(answer) = data.recent_answer(vm, subclass_type) {
        return Ok(answer);
    }
    if holds(vm, data, |data| &data.cache, subclass)? {
        data.remember(subclass, vm, true);
        return Ok(true);
    }
    let now = version(vm);
    if data.negative_version.get() < now {
        data.negative.set(&vm.heap, data, None);
        data.recent_negative.clear();
        data.negative_version.set(now);
    } else if holds(vm, data, |data| &data.negative, subclass)? {
        data.remember(subclass, vm, false);
        return Ok(false);
    }
    let known = match find_answer(vm, class, data, subclass_type)? {
        Some(answer) => answer,
        None => search(vm, class, data, subclass)?,
    };
    let field: Field = if known { |data| &data.cache } else { |data| &data.negative };
    add(vm, data, field, subclass)?;
    Ok(known)
}

/// What the class's own hook and its MRO say.
fn find_answer(vm: &Vm, class: Value, _data: Gc<PyAbcData>, subclass: Gc<PyType>) -> PyResult<Option<bool>> {
    let hook = vm.intern("__subclasshook__");
    let answer = vm.call_method(class, hook, &[subclass.as_value()])?;
    if answer != Value::NOT_IMPLEMENTED {
        return match answer.as_bool() {
            Some(answer) => Ok(Some(answer)),
            None => Err(vm.assertion_error("__subclasshook__ must return either False, True, or NotImplemented")),
        };
    }
    let is_derived = vm.as_class(class).is_some_and(|class| vm.is_subtype(subclass, class));
    Ok(is_derived.then_some(true))
}

/// Registered classes and subclasses.
fn search(vm: &Vm, class: Value, data: Gc<PyAbcData>, subclass: Value) -> PyResult<bool> {
    let mut candidates: ValueVec<[Value; 16]> = ValueVec::new();
    if let Some(registry) = data.registry.get() {
        let references = (0..registry.entry_count()).filter_map(|number| registry.entry(number));
        candidates.extend(references.filter_map(|(reference, _)| crate::weakref::referent(vm, reference)));
    }
    let subclasses = vm.call_method(class, vm.intern("__subclasses__"), &[])?;
    if vm.as_list(subclasses).is_none() {
        return Err(vm.type_error("__subclasses__() must return a list"));
    }
    vm.for_each(subclasses, |candidate| {
        candidates.push(candidate);
        Ok(())
    })?;
    for candidate in &candidates {
        if vm.issubclass(subclass, *candidate)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn dump(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let data = data(vm, args.at(0))?;
    let keys = |set: Option<Gc<PyDict>>| -> PyResult<Value> {
        let copy = vm.new_set(&[])?;
        let made = vm.as_set(copy).expect("just made");
        if let Some(set) = set {
            for number in 0..set.entry_count() {
                if let Some((reference, _)) = set.entry(number) {
                    vm.set_add(made, reference)?;
                }
            }
        }
        Ok(copy)
    };
    let (registry, cache, negative) = (keys(data.registry.get())?, keys(data.cache.get())?, keys(data.negative.get())?);
    vm.new_tuple(&[registry, cache, negative, vm.new_uint(data.negative_version.get() as usize)?])
}
