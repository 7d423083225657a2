//! Methods and computed attributes of `type`.

use crate::value_vec::ValueVec;
use cinder_heap::Gc;
use cinder_layout::Value;

use super::{PyType, type_flags};
use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::vm::Vm;

fn class(vm: &Vm, value: Value) -> Gc<PyType> {
    vm.as_class(value).expect("attribute of type")
}

pub(super) fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = class(vm, value);
    let (module, qualname) = (vm.class_module_text(class), class.qualname.borrow().to_string());
    let name = if module.is_empty() || module == "builtins" { qualname } else { format!("{module}.{qualname}") };
    vm.new_str(&format!("<class '{name}'>"))
}

/// `C(*args, **kwargs)`: `__new__`, then `__init__` when the result is an instance.
pub(super) fn call(vm: &Vm, callable: Value, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    let class = class(vm, callable);
    if class == vm.types.type_ && keyword_names.is_none() && args.len() == 1 {
        return Ok(vm.type_of(args[0]).as_value());
    }
    if !class.has(type_flags::HEAP)
        && keyword_names.is_none()
        && let Some(made) = call_builtin(vm, class, args)
    {
        return made;
    }
    let Some(new) = class.slots().new.filter(|_| !class.has(type_flags::NO_NEW)) else {
        return Err(vm.type_error(format!("cannot create '{}' instances", vm.class_full_name(class))));
    };
    let object = new(vm, class, args, keyword_names)?;
    let made = vm.type_of(object);
    if keyword_names.is_none() && made == class && vm.is_filled_by_new(class) {
        return Ok(object);
    }
    if vm.is_subtype(made, class)
        && let Some(init) = made.slots().init
    {
        init(vm, object, args, keyword_names)?;
    }
    Ok(object)
}

/// Calls of builtin classes that programs make all the time, without binding arguments or asking for `__new__` and `__init__`. `None`: the usual way.
#[inline]
fn call_builtin(vm: &Vm, class: Gc<PyType>, args: &[Value]) -> Option<PyResult<Value>> {
    let types = &vm.types;
    match *args {
        [argument] => Some(match () {
            () if class == types.list => vm.list_from(argument),
            () if class == types.range && argument.is_int() => vm.new_range_to(argument),
            () if class == types.str_ && vm.is_exact_str(argument) => Ok(argument),
            () if class == types.str_ => vm.str(argument),
            () if class == types.int && argument.is_int() => Ok(argument),
            () if class == types.float && argument.is_flonum() => Ok(argument),
            () if class == types.bool_ => vm.truthy(argument).map(Value::from_bool),
            () if class == types.tuple => vm.tuple_from(argument),
            () if class == types.set => vm.set_from(argument).map(|set| set.as_value()),
            () => return None,
        }),
        [] => Some(match () {
            () if class == types.list => vm.new_list(&[]),
            () if class == types.dict => vm.new_dict(),
            () if class == types.set => vm.new_set(&[]),
            () if class == types.tuple => Ok(*vm.empty_tuple),
            () => return None,
        }),
        [start, stop] if class == types.range && Value::both_ints(start, stop) => {
            Some(vm.new_range_of(start, stop, Value::ONE))
        }
        [start, stop, step] if class == types.range && Value::both_ints(start, stop) && step.is_int() => {
            (step != Value::ZERO).then(|| vm.new_range_of(start, stop, step))
        }
        _ => None,
    }
}

/// `type.__new__`: three arguments and keywords.
pub(super) fn new(vm: &Vm, metaclass: Gc<PyType>, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    let names = keyword_names.map_or(&[][..], |names| vm.tuple_items(names));
    let (args, values) = args.split_at(args.len() - names.len());
    let &[name, bases, namespace] = args else {
        return Err(vm.type_error("type() takes 1 or 3 arguments"));
    };
    if !vm.is_str(name) {
        let found = vm.type_name(name);
        return Err(vm.type_error(format!("type.__new__() argument 1 must be str, not {found}")));
    }
    let Some(base_tuple) = vm.as_tuple(bases) else {
        let found = vm.type_name(bases);
        return Err(vm.type_error(format!("type.__new__() argument 2 must be tuple, not {found}")));
    };
    let Some(dict) = vm.as_dict(namespace) else {
        let found = vm.type_name(namespace);
        return Err(vm.type_error(format!("type.__new__() argument 3 must be dict, not {found}")));
    };
    for base in base_tuple.items() {
        if vm.as_class(*base).is_none() && vm.getattr_opt(*base, vm.names.__mro_entries__)?.is_some() {
            return Err(vm.type_error("type() doesn't support MRO entry resolution; use types.new_class()"));
        }
    }
    let winner = vm.calculate_metaclass(metaclass, base_tuple.items())?;
    if winner != metaclass
        && let Some(new) = winner.slots().new
        && new as usize != self::new as *const () as usize
    {
        let mut all: ValueVec<[Value; 8]> = args.into();
        all.extend_from_slice(values);
        return new(vm, winner, &all, keyword_names);
    }
    let keywords: ValueVec<[(Value, Value); 4]> = names.iter().copied().zip(values.iter().copied()).collect();
    Ok(vm.new_class(winner, name, base_tuple.items(), dict, &keywords)?.as_value())
}

pub(super) fn init(vm: &Vm, _value: Value, args: &[Value], keyword_names: Option<Value>) -> PyResult<()> {
    let positional = args.len() - keyword_names.map_or(0, |names| vm.tuple_items(names).len());
    if positional != 1 && positional != 3 {
        return Err(vm.type_error("type.__init__() takes 1 or 3 arguments"));
    }
    Ok(())
}

pub(super) const METHODS: &[NativeDef] = &[
    NativeDef::method("mro", "self, /", |vm, args| {
        let class = class(vm, args.at(0));
        let mut bases: ValueVec<[Gc<PyType>; 4]> = ValueVec::new();
        for base in vm.tuple_items(class.bases.get()) {
            bases.push(self::class(vm, *base));
        }
        let mro = if bases.is_empty() { class.mro.get() } else { vm.compute_mro(class, &bases)? };
        vm.new_list(vm.tuple_items(mro))
    }),
    NativeDef::method("__subclasses__", "self, /", |vm, args| {
        // The list also has classes whose order of resolution alone names this one.
        let derives = |class: &&Gc<PyType>| vm.tuple_items(class.bases.get()).contains(&args.at(0));
        let subclasses: ValueVec<[Value; 8]> =
            class(vm, args.at(0)).subclasses.borrow().iter().filter(derives).map(|class| class.as_value()).collect();
        vm.new_list(&subclasses)
    }),
    NativeDef::method("__instancecheck__", "self, instance, /", |vm, args| {
        vm.real_isinstance(args.at(1), args.at(0)).map(Value::from_bool)
    }),
    NativeDef::method("__subclasscheck__", "self, subclass, /", |vm, args| {
        vm.real_issubclass(args.at(1), args.at(0)).map(Value::from_bool)
    }),
    NativeDef::class_method("__prepare__", "cls, /, *args, **kwargs", |vm, _| vm.new_dict()),
    NativeDef::method("__dir__", "self, /", dir),
    NativeDef::method("__sizeof__", "self, /", |vm, _| vm.new_uint(size_of::<PyType>())),
];

fn dir(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let names = vm.new_pydict()?;
    for base in vm.tuple_items(class(vm, args.at(0)).mro.get()) {
        vm.merge_keys(names, class(vm, *base).dict.get())?;
    }
    vm.keys_list(names)
}

pub(super) const GETSET: &[GetSetDef] = &[
    GetSetDef::new("__name__", |vm, v| vm.new_str(&class(vm, v).name.borrow()), set_name),
    GetSetDef::new("__qualname__", |vm, v| vm.new_str(&class(vm, v).qualname.borrow()), set_qualname),
    GetSetDef::new("__module__", get_module, |vm, v, new| {
        set_in_dict(vm, v, vm.names.__module__, new)?;
        // The line belongs to the module before.
        let dict = class(vm, v).dict.get();
        if let Some(number) = dict.find_interned(vm.names.__firstlineno__) {
            vm.dict_remove_entry(dict, number);
            vm.class_changed(class(vm, v), vm.names.__firstlineno__);
        }
        Ok(())
    }),
    GetSetDef::new("__doc__", get_doc, |vm, v, new| set_in_dict(vm, v, vm.names.__doc__, new)),
    GetSetDef::new("__bases__", |vm, v| Ok(class(vm, v).bases.get()), set_bases),
    GetSetDef::read_only("__base__", |vm, v| Ok(class(vm, v).base.get().map_or(Value::NONE, Gc::as_value))),
    GetSetDef::read_only("__mro__", |vm, v| {
        let class = class(vm, v);
        Ok(if class.has(type_flags::NO_MRO) { Value::NONE } else { class.mro.get() })
    }),
    GetSetDef::read_only("__dict__", |vm, v| vm.new_mapping_proxy(class(vm, v).dict.get().as_value())),
    GetSetDef::read_only("__basicsize__", |vm, v| vm.new_uint(class(vm, v).layout.size)),
    GetSetDef::read_only("__itemsize__", |vm, v| vm.new_int(i64::from(class(vm, v).layout.variable.is_some()))),
    GetSetDef::read_only("__dictoffset__", |vm, v| {
        vm.new_int(if class(vm, v).has(type_flags::HAS_DICT) { -1 } else { 0 })
    }),
    GetSetDef::read_only("__weakrefoffset__", |vm, v| {
        vm.new_int(if class(vm, v).has(type_flags::HAS_WEAKREF) { 8 } else { 0 })
    }),
    GetSetDef::read_only("__flags__", |vm, v| vm.new_int(cpython_flags(vm, class(vm, v)))),
    GetSetDef::new("__abstractmethods__", get_abstract, set_abstract),
    GetSetDef::read_only("__text_signature__", |vm, v| {
        let text = class(vm, v).def.and_then(|def| super::signatures::of(def.name));
        text.map_or(Ok(Value::NONE), |text| vm.new_str(text))
    }),
    GetSetDef::new("__type_params__", get_type_params, |vm, v, new| set_in_dict(vm, v, vm.names.__type_params__, new)),
    GetSetDef::new("__annotate__", get_annotate, set_annotate),
    GetSetDef::new("__annotations__", get_annotations, set_annotations),
];

/// Class flags as CPython numbers them, where code asks for them.
fn cpython_flags(vm: &Vm, class: Gc<PyType>) -> i64 {
    const BITS: &[(u32, i64)] = &[
        (type_flags::SEQUENCE, 1 << 5),
        (type_flags::MAPPING, 1 << 6),
        (type_flags::IMMUTABLE, 1 << 8),
        (type_flags::HEAP, 1 << 9),
        (type_flags::BASE, 1 << 10),
        (type_flags::METHOD_DESCRIPTOR, 1 << 17),
        (type_flags::ABSTRACT, 1 << 20),
        (type_flags::MATCH_SELF, 1 << 22),
    ];
    let bases = [
        (vm.types.int, 24),
        (vm.types.list, 25),
        (vm.types.tuple, 26),
        (vm.types.bytes, 27),
        (vm.types.str_, 28),
        (vm.types.dict, 29),
        (vm.types.base_exception, 30),
        (vm.types.type_, 31),
    ];
    let flags = BITS.iter().filter(|(own, _)| class.has(*own)).fold(1 << 12, |flags, (_, bit)| flags | bit);
    bases.iter().filter(|(base, _)| vm.is_subtype(class, *base)).fold(flags, |flags, (_, bit)| flags | 1 << bit)
}

fn writable(vm: &Vm, value: Value, attribute: &str, new: Option<Value>) -> PyResult<(Gc<PyType>, Value)> {
    let class = class(vm, value);
    let name = class.declared_name();
    if class.has(type_flags::IMMUTABLE) {
        return Err(vm.type_error(format!("cannot set '{attribute}' attribute of immutable type '{name}'")));
    }
    match new {
        Some(new) => Ok((class, new)),
        None => Err(vm.type_error(format!("cannot delete '{attribute}' attribute of immutable type '{name}'"))),
    }
}

fn set_name(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let (class, new) = writable(vm, value, "__name__", new)?;
    if !vm.is_str(new) {
        let (class, found) = (class.declared_name(), vm.type_name(new));
        return Err(vm.type_error(format!("can only assign string to {class}.__name__, not '{found}'")));
    }
    vm.check_class_name(new)?;
    *class.name.borrow_mut() = vm.str_text(new).into();
    Ok(())
}

fn set_qualname(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let (class, new) = writable(vm, value, "__qualname__", new)?;
    if !vm.is_str(new) {
        let (class, found) = (class.declared_name(), vm.type_name(new));
        return Err(vm.type_error(format!("can only assign string to {class}.__qualname__, not '{found}'")));
    }
    *class.qualname.borrow_mut() = vm.str_text(new).into();
    Ok(())
}

fn set_in_dict(vm: &Vm, value: Value, name: Value, new: Option<Value>) -> PyResult<()> {
    let (class, new) = writable(vm, value, &vm.str_text(name), new)?;
    vm.dict_set_interned(class.dict.get(), name, new)?;
    vm.class_changed(class, name);
    Ok(())
}

fn get_module(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = class(vm, value);
    if class.has(type_flags::HEAP) {
        return class.dict.get().get_interned(vm.names.__module__).ok_or_else(|| vm.attribute_error_text("__module__"));
    }
    vm.new_str(&vm.class_module_text(class))
}

fn get_doc(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = class(vm, value);
    let Some(doc) = class.dict.get().get_interned(vm.names.__doc__) else { return Ok(Value::NONE) };
    match vm.type_of(doc).slots().descr_get {
        Some(get) => get(vm, doc, None, value),
        None => Ok(doc),
    }
}

fn set_bases(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let (class, new) = writable(vm, value, "__bases__", new)?;
    let Some(tuple) = vm.as_tuple(new).filter(|tuple| !tuple.is_empty()) else {
        let found = if vm.as_tuple(new).is_some() { "()".to_owned() } else { vm.type_name(new) };
        let class = class.declared_name();
        return Err(vm.type_error(format!("can only assign non-empty tuple to {class}.__bases__, not {found}")));
    };
    vm.replace_bases(class, tuple.items())
}

fn get_abstract(vm: &Vm, value: Value) -> PyResult<Value> {
    let found = class(vm, value).dict.get().get_interned(vm.names.__abstractmethods__);
    found.filter(|_| value != vm.types.type_.as_value()).ok_or_else(|| vm.attribute_error_text("__abstractmethods__"))
}

fn set_abstract(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let class = class(vm, value);
    let dict = class.dict.get();
    let abstracts = match new {
        Some(new) => {
            vm.dict_set_interned(dict, vm.names.__abstractmethods__, new)?;
            vm.truthy(new)?
        }
        None => match dict.find_interned(vm.names.__abstractmethods__) {
            Some(number) => {
                vm.dict_remove_entry(dict, number);
                false
            }
            None => return Err(vm.attribute_error_text("__abstractmethods__")),
        },
    };
    let flags = class.flags.get() & !type_flags::ABSTRACT;
    class.flags.set(if abstracts { flags | type_flags::ABSTRACT } else { flags });
    vm.class_changed(class, vm.names.__abstractmethods__);
    Ok(())
}

fn get_type_params(vm: &Vm, value: Value) -> PyResult<Value> {
    if value == vm.types.type_.as_value() {
        // What its dictionary has under the name is this attribute.
        return Ok(*vm.empty_tuple);
    }
    Ok(class(vm, value).dict.get().get_interned(vm.names.__type_params__).unwrap_or(*vm.empty_tuple))
}

/// The compiler stores the annotate function under this name (PEP 749).
fn get_annotate(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = class(vm, value);
    if !class.has(type_flags::HEAP) {
        let name = class.declared_name();
        return Err(vm.attribute_error_text(format!("type object '{name}' has no attribute '__annotate__'")));
    }
    let dict = class.dict.get();
    let found = dict.get_interned(vm.names.__annotate__).or_else(|| dict.get_interned(vm.intern("__annotate_func__")));
    let Some(found) = found else { return Ok(Value::NONE) };
    match vm.type_of(found).slots().descr_get {
        Some(get) => get(vm, found, None, value),
        None => Ok(found),
    }
}

fn set_annotate(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let (class, new) = writable(vm, value, "__annotate__", new)?;
    if !new.is_none() && !vm.is_callable(new) {
        return Err(vm.type_error("__annotate__ must be callable or None"));
    }
    let dict = class.dict.get();
    vm.dict_set_interned(dict, vm.intern("__annotate_func__"), new)?;
    if !new.is_none()
        && let Some(number) = dict.find_interned(vm.intern("__annotations_cache__"))
    {
        vm.dict_remove_entry(dict, number);
    }
    Ok(())
}

/// Calls the annotate function once and keeps what it returns.
fn get_annotations(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = class(vm, value);
    if !class.has(type_flags::HEAP) {
        let name = class.declared_name();
        return Err(vm.attribute_error_text(format!("type object '{name}' has no attribute '__annotations__'")));
    }
    let (dict, cache) = (class.dict.get(), vm.intern("__annotations_cache__"));
    if let Some(found) = dict.get_interned(vm.names.__annotations__).or_else(|| dict.get_interned(cache)) {
        return Ok(found);
    }
    let annotate = get_annotate(vm, value)?;
    let annotations = if vm.is_callable(annotate) {
        let made = vm.call(annotate, &[Value::ONE])?;
        if vm.as_dict(made).is_none() {
            let found = vm.type_name(made);
            return Err(vm.type_error(format!("__annotate__ returned non-dict of type '{found}'")));
        }
        made
    } else {
        vm.new_dict()?
    };
    vm.dict_set_interned(dict, cache, annotations)?;
    Ok(annotations)
}

fn set_annotations(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let class = class(vm, value);
    let name = class.declared_name();
    if class.has(type_flags::IMMUTABLE) {
        return Err(vm.type_error(format!("cannot set '__annotations__' attribute of immutable type '{name}'")));
    }
    let (dict, cache) = (class.dict.get(), vm.intern("__annotations_cache__"));
    let remove = |name: Value| dict.find_interned(name).and_then(|number| vm.dict_remove_entry(dict, number)).is_some();
    match new {
        Some(new) if dict.find_interned(vm.names.__annotations__).is_some() => {
            vm.dict_set_interned(dict, vm.names.__annotations__, new)?;
        }
        Some(new) => vm.dict_set_interned(dict, cache, new)?,
        None if remove(vm.names.__annotations__) || remove(cache) => {}
        None => return Err(vm.attribute_error_text("__annotations__")),
    }
    // What was set does not come from a function any more.
    for name in [vm.intern("__annotate_func__"), vm.names.__annotate__] {
        if remove(name) {
            vm.class_changed(class, name);
        }
    }
    Ok(())
}

impl Vm {
    /// `class.__bases__ = bases`.
    fn replace_bases(&self, class: Gc<PyType>, bases: &[Value]) -> PyResult<()> {
        let mut classes: ValueVec<[Gc<PyType>; 4]> = ValueVec::new();
        for base in bases {
            let Some(base) = self.as_class(*base) else {
                let (class, found) = (class.declared_name(), self.type_name(*base));
                return Err(self.type_error(format!("{class}.__bases__ must be tuple of classes, not '{found}'")));
            };
            let chain = || std::iter::successors(Some(base), |base| base.base.get());
            if self.is_subtype(base, class) || chain().any(|base| base == class) {
                return Err(self.type_error("a __bases__ item causes an inheritance cycle"));
            }
            if !base.has(type_flags::BASE) {
                return Err(self.unacceptable_base(base));
            }
            classes.push(base);
        }
        let base = self.best_base(&classes)?;
        let layout_fits = std::ptr::eq(base.layout, class.layout)
            && (base.fixed_slots.get() <= class.fixed_slots.get() || class.base.get() == Some(base));
        if !layout_fits {
            let old = class.base.get().map_or_else(|| class.declared_name(), |old| old.declared_name());
            let differs = if base.has(type_flags::HEAP) || base.layout.variable.is_none() {
                "object layout"
            } else {
                "deallocator"
            };
            let base = base.declared_name();
            return Err(self.type_error(format!("__bases__ assignment: '{base}' {differs} differs from '{old}'")));
        }
        let bases = self.new_tuple(bases)?;
        let (old_bases, old_base) = (class.bases.get(), class.base.get());
        self.heap.write_barrier(class.header());
        class.bases.set(bases);
        class.base.set(Some(base));
        // Class, new and old order, three by three.
        let mut changed = self.heap.root_vec();
        if let Err(raised) = self.update_orders(class, &mut changed) {
            for at in (0..changed.len()).step_by(3) {
                let subclass = self::class(self, changed[at]);
                // What an inner assignment made stays.
                if subclass.mro.get() == changed[at + 1] {
                    self.heap.write_barrier(subclass.header());
                    subclass.mro.set(changed[at + 2]);
                    self.forget_class(subclass);
                }
            }
            if class.bases.get() == bases {
                self.heap.write_barrier(class.header());
                class.bases.set(old_bases);
                class.base.set(old_base);
            }
            return Err(raised);
        }
        // A `mro` method may have assigned others meanwhile, and done the rest.
        if class.bases.get() == bases {
            for old in self.tuple_items(old_bases) {
                self::class(self, *old).subclasses.borrow_mut().retain(|subclass| *subclass != class);
            }
            for base in self.tuple_items(bases) {
                self.add_subclass(self::class(self, *base), class);
                self.heap.write_barrier(self::class(self, *base).header());
            }
            let mut hierarchy: ValueVec<[Value; 8]> = ValueVec::new();
            self.for_each_subclass(class, &mut |subclass| hierarchy.push(subclass.as_value()));
            for value in hierarchy.iter() {
                self.update_slots(self::class(self, *value));
            }
        }
        Ok(())
    }

    /// Makes the orders of resolution of a class and what derives from it anew.
    fn update_orders(&self, class: Gc<PyType>, changed: &mut cinder_heap::RootVec) -> PyResult<()> {
        self.check_native_stack()?;
        let bases: ValueVec<[Gc<PyType>; 4]> =
            self.tuple_items(class.bases.get()).iter().map(|base| self::class(self, *base)).collect();
        let old = class.mro.get();
        let order = self.mro_of(self.type_of(class.as_value()), class, &bases)?;
        self.take_mro(class, order);
        let Some(order) = order else { return Ok(()) };
        changed.push(class.as_value());
        changed.push(order);
        changed.push(old);
        self.forget_class(class);
        let derived: ValueVec<[Value; 8]> = class.subclasses.borrow().iter().map(|class| class.as_value()).collect();
        for value in derived.iter() {
            let subclass = self::class(self, *value);
            // Not those whose order alone names the class.
            if self.tuple_items(subclass.bases.get()).contains(&class.as_value()) {
                self.update_orders(subclass, changed)?;
            }
        }
        Ok(())
    }

    /// Refuses names of classes that are no text in UTF-8, or have null characters.
    ///
    /// Errors: ValueError, UnicodeEncodeError.
    pub(super) fn check_class_name(&self, name: Value) -> PyResult<()> {
        if self.str_text(name).contains('\0') {
            return Err(self.value_error("type name must not contain null characters"));
        }
        self.encode_text(name, "utf-8", "strict").map(|_| ())
    }

    /// Lookups and compiled code no longer rely on what the class was.
    fn forget_class(&self, class: Gc<PyType>) {
        class.dependents.clear();
        self.lookups.forget();
        self.jit_class_changed(class);
    }
}
