//! Attribute access on classes, and what a change of a class invalidates.

use cinder_heap::Gc;
use cinder_layout::Value;

use super::{PyType, type_flags};
use crate::native::{PyResult, Raised};
use crate::vm::Vm;

impl Vm {
    /// `class.name`: metaclass data descriptor, class attribute (bound through `__get__(None, class)`), metaclass attribute.
    pub fn type_getattr(&self, class_value: Value, name: Value) -> PyResult<Value> {
        match self.type_getattr_opt(class_value, name)? {
            Some(found) => Ok(found),
            None => Err(self.no_attribute(class_value, name)),
        }
    }

    /// As [`Vm::type_getattr`], `None` when there is no such attribute.
    pub fn type_getattr_opt(&self, class_value: Value, name: Value) -> PyResult<Option<Value>> {
        let class = self.as_class(class_value).expect("slot of type");
        let name = self.intern_any(name)?;
        let metaclass = self.type_of(class_value);
        let meta = self.type_lookup(metaclass, name);
        let meta_class = meta.map(|found| self.type_of(found));
        if let (Some(found), Some(found_class)) = (meta, meta_class)
            && found_class.slots().descr_set.is_some()
            && let Some(get) = found_class.slots().descr_get
        {
            return get(self, found, Some(class_value), metaclass.as_value()).map(Some);
        }
        if let Some(found) = self.type_lookup(class, name) {
            return match self.type_of(found).slots().descr_get {
                Some(get) => get(self, found, None, class_value).map(Some),
                None => Ok(Some(found)),
            };
        }
        match (meta, meta_class.and_then(|class| class.slots().descr_get)) {
            (Some(found), Some(get)) => get(self, found, Some(class_value), metaclass.as_value()).map(Some),
            (found, _) => Ok(found),
        }
    }

    /// `class.name = value` (deletes for `None`).
    pub fn type_setattr(&self, class_value: Value, name: Value, new: Option<Value>) -> PyResult<()> {
        let class = self.as_class(class_value).expect("slot of type");
        let name = self.intern_any(name)?;
        if class.has(type_flags::IMMUTABLE) {
            return Err(self.immutable_class_error(class, name));
        }
        if let Some(found) = self.type_lookup(self.type_of(class_value), name)
            && let Some(set) = self.type_of(found).slots().descr_set
        {
            return set(self, found, class_value, new);
        }
        let new = if self.has_static_base(class) { self.replaced_member(class, name, new)? } else { new };
        let dict = class.dict.get();
        if let Some(new) = new
            && self.is_plain_value(new)
            && let Some(number) = dict.find_interned(name)
            && let Some((_, old)) = dict.entry(number)
            && self.is_plain_value(old)
            && !self.is_slot_name(name)
        {
            self.dict_set_interned(dict, name, new)?;
            self.class_value_changed(class, name);
            return Ok(());
        }
        match new {
            Some(new) => self.dict_set_interned(dict, name, new)?,
            None => match dict.find_interned(name) {
                Some(number) => {
                    self.dict_remove_entry(dict, number);
                }
                None => return Err(self.no_attribute(class_value, name)),
            },
        }
        self.class_changed(class, name);
        Ok(())
    }

    #[cold]
    fn immutable_class_error(&self, class: Gc<PyType>, name: Value) -> Raised {
        let (name, class) = (self.str_text(name), class.declared_name());
        self.type_error(format!("cannot set '{name}' attribute of immutable type '{class}'"))
    }

    /// A number, a truth value or None: what never is a descriptor or callable, as class attribute.
    fn is_plain_value(&self, value: Value) -> bool {
        value.is_int() || value.is_flonum() || value.is_none() || value == Value::TRUE || value == Value::FALSE
    }

    /// A plain value was exchanged for another: counters and switches kept in classes. Only what remembers the value itself is told, so that
    /// programs which keep a count in a class do not lose all they know about it.
    fn class_value_changed(&self, class: Gc<PyType>, name: Value) {
        self.for_each_subclass(class, &mut |class| {
            self.lookups.forget_one(class.root_shape.get(), name);
            self.sites.forget_one(crate::cache::SiteUse::Class, class.root_shape.get(), name.bits());
            class.dependents.clear_name(name, |owner, number| {
                self.downcast_exact::<crate::types::code::PyCode>(owner)?.name_opt(number)
            });
        });
    }

    /// Tells caches and slot tables of the class and its subclasses that attribute `name` changed.
    pub fn class_changed(&self, class: Gc<PyType>, name: Value) {
        let slots = self.is_slot_name(name);
        self.lookups.forget();
        if class.has(type_flags::STATIC) {
            self.forget_static_targets();
        }
        // What caches hold under other names stays as it is, unless the name means something to the machine itself.
        let is_plain = !slots && !self.str_text(name).starts_with("__");
        self.for_each_subclass(class, &mut |class| {
            if is_plain && !class.has(type_flags::STATIC) {
                class.dependents.clear_name(name, |owner, number| {
                    self.downcast_exact::<crate::types::code::PyCode>(owner)?.name_opt(number)
                });
            } else {
                class.dependents.clear();
            }
            self.jit_class_changed(class);
            if slots && class.has(type_flags::HEAP) {
                self.update_slots(class);
            }
        });
    }

    /// Runs `each` on the class and all classes derived from it.
    pub fn for_each_subclass(&self, class: Gc<PyType>, each: &mut dyn FnMut(Gc<PyType>)) {
        let mut pending = vec![class];
        let mut seen = rustc_hash::FxHashSet::default();
        // Classes in `pending` are reachable from `class`, so the plain vector hides nothing from the collector.
        while let Some(class) = pending.pop() {
            if seen.insert(class.as_value().bits()) {
                each(class);
                pending.extend_from_slice(&class.subclasses.borrow());
            }
        }
    }

    /// `__module__` of a class as text; empty when unknown.
    pub fn class_module_text(&self, class: Gc<PyType>) -> String {
        if class.has(type_flags::HEAP) {
            return match class.dict.get().get_interned(self.names.__module__) {
                Some(module) if self.is_str(module) => self.str_text(module).into_owned(),
                _ => String::new(),
            };
        }
        class.module.get().map_or_else(|| "builtins".to_owned(), |module| self.str_text(module).into_owned())
    }

    /// `module.qualname`, without the module for builtins: CPython's `_PyType_GetFullyQualifiedName`.
    pub fn class_full_name(&self, class: Gc<PyType>) -> String {
        let (module, qualname) = (self.class_module_text(class), class.qualname.borrow().to_string());
        if module.is_empty() || module == "builtins" || module == "__main__" {
            qualname
        } else {
            format!("{module}.{qualname}")
        }
    }

    /// Attribute `name` of the MRO of `object`'s class after `class`, bound to `object`: what `super(class, object).name` finds.
    pub fn super_attribute(&self, class: Gc<PyType>, object: Value, name: Value) -> PyResult<Value> {
        match self.super_attribute_opt(class, object, name)? {
            Some(found) => Ok(found),
            None => {
                let name_text = self.str_text(name).into_owned();
                let raised = self.attribute_error_text(format!("'super' object has no attribute '{name_text}'"));
                if let Some(exception) = self.pending.get() {
                    self.set_exception_field(exception, "name", name);
                }
                Err(raised)
            }
        }
    }

    /// As [`Vm::super_attribute`], `None` when nothing is found.
    pub fn super_attribute_opt(&self, class: Gc<PyType>, object: Value, name: Value) -> PyResult<Option<Value>> {
        let (start, through_class) = match self.as_class(object) {
            Some(start) if self.is_subtype(start, class) => (start, true),
            _ => (self.super_start(class, object)?, false),
        };
        let Some(found) = self.super_lookup(class, start, name) else { return Ok(None) };
        match self.type_of(found).slots().descr_get {
            Some(get) => {
                let instance = if through_class { None } else { Some(object) };
                get(self, found, instance, start.as_value()).map(Some)
            }
            None => Ok(Some(found)),
        }
    }

    /// The class of an instance as `super(class, object)` sees it: a stand-in may claim another than its own.
    fn super_start(&self, class: Gc<PyType>, object: Value) -> PyResult<Gc<PyType>> {
        let own = self.type_of(object);
        if self.is_subtype(own, class) {
            return Ok(own);
        }
        let claimed = self.getattr_opt(object, self.names.__class__)?.and_then(|claimed| self.as_class(claimed));
        Ok(claimed.filter(|claimed| self.is_subtype(*claimed, class)).unwrap_or(own))
    }

    /// Unbound attribute of `start`'s MRO after `class`.
    pub fn super_lookup(&self, class: Gc<PyType>, start: Gc<PyType>, name: Value) -> Option<Value> {
        let mro = self.tuple_items(start.mro.get());
        let at = mro.iter().position(|entry| *entry == class.as_value())?;
        mro[at + 1..].iter().find_map(|base| self.as_class(*base)?.dict.get().get_interned(name))
    }

    /// TypeError of instantiating an abstract class.
    pub(crate) fn abstract_class_error(&self, class: Gc<PyType>) -> PyResult<Raised> {
        let methods = class.dict.get().get_interned(self.names.__abstractmethods__).unwrap_or(*self.empty_tuple);
        let mut names: Vec<String> = Vec::new();
        self.for_each(methods, |name| {
            names.push(self.str_text(self.str(name)?).into_owned());
            Ok(())
        })?;
        names.sort();
        let plural = if names.len() == 1 { "" } else { "s" };
        let list = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        let class = class.declared_name();
        Ok(self.type_error(format!(
            "Can't instantiate abstract class {class} without an implementation for abstract method{plural} {list}"
        )))
    }

    /// `object.__class__ = class`, where the layouts agree.
    pub(crate) fn change_class(&self, value: Value, new: Gc<PyType>) -> PyResult<()> {
        let old = self.type_of(value);
        let modules = self.is_subtype(old, self.types.module) && self.is_subtype(new, self.types.module);
        let made_in_python = old.has(type_flags::HEAP) && new.has(type_flags::HEAP);
        if !modules && !made_in_python {
            return Err(
                self.type_error("__class__ assignment only supported for mutable types or ModuleType subclasses")
            );
        }
        let (old_shape, new_shape) = (self.shape_of(value), self.shapes.get(new.root_shape.get()));
        let same = std::ptr::eq(old.layout, new.layout)
            && old.fixed_slots.get() == new.fixed_slots.get()
            && old.has(type_flags::HAS_DICT) == new.has(type_flags::HAS_DICT)
            && old.has(type_flags::HAS_WEAKREF) == new.has(type_flags::HAS_WEAKREF)
            && old_shape.raw_words == new_shape.raw_words
            && self.slot_members(old).iter().map(|m| m.0).eq(self.slot_members(new).iter().map(|m| m.0))
            && {
                let (old, new) = (Self::slot_owner(old), Self::slot_owner(new));
                old == new || old.base.get() == new.base.get()
            };
        if !same {
            let (new, old) = (new.declared_name(), old.declared_name());
            return Err(self.type_error(format!("__class__ assignment: '{new}' object layout differs from '{old}'")));
        }
        self.barrier(value);
        self.adopt_class(value, old_shape, new)
    }

    /// The class of the chain of bases that last added something to the instances.
    fn slot_owner(class: Gc<PyType>) -> Gc<PyType> {
        let kinds = type_flags::HAS_DICT | type_flags::HAS_WEAKREF;
        let adds_nothing = |class: Gc<PyType>, base: Gc<PyType>| {
            class.fixed_slots.get() == base.fixed_slots.get()
                && (class.flags.get() ^ base.flags.get()) & kinds == 0
                && std::ptr::eq(class.layout, base.layout)
        };
        let mut class = class;
        while let Some(base) = class.base.get().filter(|base| adds_nothing(class, *base)) {
            class = base;
        }
        class
    }

    /// Gives an instance the shape that its attributes have in another class.
    fn adopt_class(&self, value: Value, old: &'static crate::object::shape::Shape, new: Gc<PyType>) -> PyResult<()> {
        use crate::object::shape::{ExtMode, Shape};
        // The object keeps its own number of inline slots, so it gets a root of the new class with that number.
        let mut shape = self.shapes.get(new.root_shape.get());
        if shape.inline_capacity != old.inline_capacity {
            let mut root = Shape::root(new, new.layout, shape.ext, old.ext_offset, old.inline_capacity);
            root.raw_words.clone_from(&shape.raw_words);
            shape = self.add_shape(root);
        }
        let register = |id, shape| self.register_shape(id, shape);
        let shape = match old.ext {
            ExtMode::Dict => self.shapes.dictionary(shape, register),
            _ => old
                .names
                .iter()
                .try_fold(shape, |shape, name| self.shapes.with_attribute(shape, *name, register))
                .expect("the old shape had no more attributes than a shape may have"),
        };
        // SAFETY: a live object, whose words lie where the new shape says (same layout, same inline capacity).
        unsafe { &*value.as_ptr::<cinder_layout::Header>() }.set_shape(shape.id);
        Ok(())
    }
}
