//! Making classes: `type.__new__` and what the `class` statement calls.
//!
//! Source: Objects/typeobject.c `type_new`, Python/bltinmodule.c `builtin___build_class__`.

use crate::value_vec::ValueVec;
use cinder_heap::Gc;
use cinder_layout::Value;

use super::{PyType, type_flags};
use crate::native::PyResult;
use crate::object::Payload;
use crate::object::shape::{ExtMode, Shape};
use crate::types::build::INHERITED_FLAGS;
use crate::types::dict::PyDict;
use crate::types::module::PyModule;
use crate::types::object::PyObject;
use crate::vm::Vm;

/// Inline slots a class gets when nothing is known about its instances.
const DEFAULT_INLINE: u32 = 4;
/// At most so many inline slots.
const MAX_INLINE: u32 = 32;

/// What `__slots__` asked for.
#[derive(Default)]
struct SlotsPlan {
    given: bool,
    /// Mangled names in sorted order.
    members: Vec<Value>,
    dict: bool,
    weakref: bool,
    /// The members lie among the attributes of an instance, since it has no fixed place for them.
    are_attributes: bool,
}

impl Vm {
    /// The most derived metaclass of `metaclass` and the bases' classes.
    ///
    /// Errors: TypeError `metaclass conflict: ...`.
    pub fn calculate_metaclass(&self, metaclass: Gc<PyType>, bases: &[Value]) -> PyResult<Gc<PyType>> {
        let mut winner = metaclass;
        for base in bases {
            let class = self.type_of(*base);
            if self.is_subtype(winner, class) {
                continue;
            }
            if self.is_subtype(class, winner) {
                winner = class;
                continue;
            }
            return Err(self.type_error(
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases",
            ));
        }
        Ok(winner)
    }

    /// `type.__new__(metaclass, name, bases, namespace, **keywords)`.
    ///
    /// Runs Python: `__set_name__`, `__init_subclass__`.
    pub fn new_class(
        &self,
        metaclass: Gc<PyType>,
        name: Value,
        bases: &[Value],
        namespace: Gc<PyDict>,
        keywords: &[(Value, Value)],
    ) -> PyResult<Gc<PyType>> {
        self.check_class_name(name)?;
        let bases = self.check_bases(bases)?;
        self.check_static_chain(&bases)?;
        let base = self.best_base(&bases)?;
        let dict = self.dict_copy(namespace)?;
        let plan = self.plan_slots(name, dict, &bases, base)?;
        let text = self.str_text(name).into_owned();
        if let Some(doc) = dict.get_interned(self.names.__doc__).filter(|doc| self.is_str(*doc))
            && self.as_str(doc).is_some_and(|doc| doc.as_ascii().is_none())
        {
            self.encode_text(doc, "utf-8", "strict")?;
        }
        let mut inherited = bases.iter().fold(0, |flags, base| flags | base.flags.get() & INHERITED_FLAGS);
        // A class is a sequence or a mapping for patterns as the first base that is one.
        let kinds = type_flags::SEQUENCE | type_flags::MAPPING;
        let kind = bases.iter().map(|base| base.flags.get() & kinds).find(|kind| *kind != 0).unwrap_or(0);
        inherited = inherited & !kinds | kind;
        let class =
            self.alloc_class_of(metaclass, &text, type_flags::HEAP | type_flags::BASE | inherited, base, dict)?;
        class.base.set(Some(base));
        class.exception_row.set(bases.iter().find_map(|base| base.exception_row.get()));
        let base_values: ValueVec<[Value; 4]> = bases.iter().map(|base| base.as_value()).collect();
        let base_tuple = self.new_tuple(&base_values)?;
        // What was allocated since the class may have made it old.
        self.heap.write_barrier(class.header());
        class.bases.set(base_tuple);
        self.fill_namespace(class, dict, &text)?;
        self.set_class_cell(class, dict)?;
        let mro = self.mro_of(metaclass, class, &bases)?;
        self.take_mro(class, mro);
        if (0..dict.entry_count()).filter_map(|number| dict.entry(number)).any(|(key, _)| !self.is_str(key)) {
            let text = format!("non-string key in the __dict__ of class {}", class.name());
            self.warn(self.exceptions.RuntimeWarning, &text)?;
        }
        self.lay_out(class, base, &plan)?;
        for base in &bases {
            self.add_subclass(*base, class);
            self.heap.write_barrier(base.header());
        }
        self.update_slots(class);
        self.run_set_name(class)?;
        self.run_init_subclass(class, keywords)?;
        Ok(class)
    }

    /// The class is shown as it was declared: a builtin one with its module, unless that is builtins.
    pub(super) fn unacceptable_base(&self, class: Gc<PyType>) -> crate::native::Raised {
        self.type_error(format!("type '{}' is not an acceptable base type", class.declared_name()))
    }

    fn check_bases(&self, bases: &[Value]) -> PyResult<ValueVec<[Gc<PyType>; 4]>> {
        if bases.is_empty() {
            return Ok(crate::values![self.types.object]);
        }
        let mut classes = ValueVec::new();
        for base in bases {
            let Some(class) = self.as_class(*base) else {
                return Err(self.type_error("bases must be types"));
            };
            if !class.has(type_flags::BASE) {
                return Err(self.unacceptable_base(class));
            }
            classes.push(class);
        }
        Ok(classes)
    }

    /// The base whose payload the class extends (CPython `best_base`).
    pub(super) fn best_base(&self, bases: &[Gc<PyType>]) -> PyResult<Gc<PyType>> {
        let mut winner = bases[0];
        for candidate in &bases[1..] {
            let (best, other) = (self.solid_base(winner), self.solid_base(*candidate));
            if self.is_subtype(best, other) {
                continue;
            }
            if self.is_subtype(other, best) {
                winner = *candidate;
                continue;
            }
            return Err(self.type_error("multiple bases have instance lay-out conflict"));
        }
        Ok(winner)
    }

    /// The class of the MRO that last changed the instance layout: builtin payload or fixed slots.
    fn solid_base(&self, class: Gc<PyType>) -> Gc<PyType> {
        let Some(base) = class.base.get() else { return class };
        let changes = !std::ptr::eq(class.layout, base.layout) || class.fixed_slots.get() != base.fixed_slots.get();
        if changes { class } else { self.solid_base(base) }
    }

    /// Gives a class its order of resolution; nothing when an inner call did.
    pub(super) fn take_mro(&self, class: Gc<PyType>, order: Option<Value>) {
        if let Some(order) = order {
            self.heap.write_barrier(class.header());
            class.mro.set(order);
        }
        class.flags.set(class.flags.get() & !type_flags::NO_MRO);
    }

    /// The method resolution order, by the metaclass's `mro` where it has its own. `None`: that method gave the class an order by other ways.
    ///
    /// Runs Python: that method. Errors: its own, TypeError for bases that do not fit.
    pub(super) fn mro_of(
        &self,
        metaclass: Gc<PyType>,
        class: Gc<PyType>,
        bases: &[Gc<PyType>],
    ) -> PyResult<Option<Value>> {
        let mro_name = self.intern("mro");
        let own = self.type_lookup(metaclass, mro_name);
        let default = self.type_lookup(self.types.type_, mro_name);
        if own == default {
            return self.compute_mro(class, bases).map(Some);
        }
        // A metaclass with its own `mro` sees a new class without an order, which behaves as if it had the ordinary one.
        let ordinary = self.compute_mro(class, bases)?;
        if self.as_tuple(class.mro.get()).is_none_or(|order| order.is_empty()) {
            self.heap.write_barrier(class.header());
            class.mro.set(ordinary);
            class.flags.set(class.flags.get() | type_flags::NO_MRO);
        }
        let before = class.mro.get();
        let listed = self.call_method(class.as_value(), mro_name, &[])?;
        let mut order: ValueVec<[Value; 8]> = ValueVec::new();
        let solid = self.solid_base(class);
        self.for_each(listed, |item| {
            let Some(entry) = self.as_class(item) else {
                return Err(self.type_error(format!("mro() returned a non-class ('{}')", self.type_name(item))));
            };
            // Slots come from there, and they expect their own layout.
            if !self.is_subtype(solid, self.solid_base(entry)) {
                let name = entry.declared_name();
                return Err(self.type_error(format!("mro() returned base with unsuitable layout ('{name}')")));
            }
            order.push(item);
            Ok(())
        })?;
        if class.mro.get() != before {
            return Ok(None);
        }
        for item in order.iter().filter(|item| !self.tuple_items(ordinary).contains(item)) {
            if let Some(entry) = self.as_class(*item) {
                // What changes there changes here, too.
                self.add_subclass(entry, class);
            }
        }
        self.new_tuple(&order).map(Some)
    }

    /// `__module__`, `__qualname__`, `__doc__`, implicit static and class methods.
    fn fill_namespace(&self, class: Gc<PyType>, dict: Gc<PyDict>, name: &str) -> PyResult<()> {
        let names = &self.names;
        if dict.get_interned(names.__module__).is_none()
            && let Some(module) = self.current_module_name()
        {
            self.dict_set_interned(dict, names.__module__, module)?;
        }
        match dict.get_interned(names.__qualname__) {
            Some(qualname) if self.is_str(qualname) => {
                *class.qualname.borrow_mut() = self.str_text(qualname).into();
                if let Some(number) = dict.find_interned(names.__qualname__) {
                    self.dict_remove_entry(dict, number);
                }
            }
            Some(other) => {
                let found = self.type_name(other);
                return Err(self.type_error(format!("type __qualname__ must be a str, not {found}")));
            }
            None => *class.qualname.borrow_mut() = name.into(),
        }
        if dict.get_interned(names.__doc__).is_none() {
            self.dict_set_interned(dict, names.__doc__, Value::NONE)?;
        }
        // Equality of its own without a hash: instances are unhashable.
        if dict.get_interned(names.__eq__).is_some() && dict.get_interned(names.__hash__).is_none() {
            self.dict_set_interned(dict, names.__hash__, Value::NONE)?;
        }
        if let Some(new) = dict.get_interned(names.__new__)
            && self.is_python_function(new)
        {
            self.dict_set_interned(dict, names.__new__, self.new_static_method(new)?)?;
        }
        for name in [names.__init_subclass__, names.__class_getitem__] {
            if let Some(method) = dict.get_interned(name)
                && self.is_python_function(method)
            {
                self.dict_set_interned(dict, name, self.new_class_method(method)?)?;
            }
        }
        Ok(())
    }

    /// Reads `__slots__` and checks it.
    fn plan_slots(
        &self,
        class_name: Value,
        dict: Gc<PyDict>,
        bases: &[Gc<PyType>],
        base: Gc<PyType>,
    ) -> PyResult<SlotsPlan> {
        let mut plan = SlotsPlan::default();
        let Some(slots) = dict.get_interned(self.names.__slots__) else {
            return Ok(SlotsPlan { dict: true, weakref: true, ..plan });
        };
        plan.given = true;
        let mut names: Vec<Value> = Vec::new();
        if self.is_str(slots) {
            names.push(slots);
        } else {
            let roots = self.heap.root_vec();
            let _keep = roots;
            self.for_each(slots, |name| {
                names.push(self.intern_slot_name(name)?);
                Ok(())
            })?;
        }
        if !names.is_empty() && base.layout.variable.is_some() && !std::ptr::eq(base.layout, self.types.object.layout) {
            let only_special = names.iter().all(|name| matches!(&*self.str_text(*name), "__dict__" | "__weakref__"));
            // CPython's str has a fixed size; ours keeps the slots of derived classes where others keep attributes.
            plan.are_attributes = std::ptr::eq(base.layout, <crate::types::str_::PyStr as Payload>::LAYOUT);
            if !only_special && !plan.are_attributes {
                return Err(self.type_error(format!(
                    "nonempty __slots__ not supported for subtype of '{}'",
                    base.declared_name()
                )));
            }
        }
        for name in names {
            let name = self.intern_slot_name(name)?;
            let text = self.str_text(name);
            match &*text {
                "__dict__" if plan.dict || base.has(type_flags::HAS_DICT) => {
                    return Err(self.type_error("__dict__ slot disallowed: we already got one"));
                }
                "__dict__" => plan.dict = true,
                "__weakref__" if plan.weakref || base.has(type_flags::HAS_WEAKREF) => {
                    return Err(self.type_error("__weakref__ slot disallowed: we already got one"));
                }
                "__weakref__" => plan.weakref = true,
                _ => {
                    let mangled = self.mangle(class_name, name);
                    if dict.get_interned(mangled).is_some()
                        && !matches!(&*text, "__qualname__" | "__classcell__" | "__classdictcell__")
                    {
                        return Err(self.value_error(format!("'{text}' in __slots__ conflicts with class variable")));
                    }
                    plan.members.push(mangled);
                }
            }
        }
        plan.members.sort_by_key(|name| self.str_text(*name).into_owned());
        plan.members.dedup();
        plan.dict |= bases.iter().any(|base| base.has(type_flags::HAS_DICT));
        Ok(plan)
    }

    fn intern_slot_name(&self, name: Value) -> PyResult<Value> {
        if !self.is_str(name) {
            let found = self.type_name(name);
            return Err(self.type_error(format!("__slots__ items must be strings, not '{found}'")));
        }
        let text = self.str_text(name);
        let mut chars = text.chars();
        let starts = chars.next().is_some_and(|c| c == '_' || c.is_alphabetic());
        if !starts || !chars.all(|c| c == '_' || c.is_alphanumeric()) {
            return Err(self.type_error("__slots__ must be identifiers"));
        }
        self.intern_any(name)
    }

    /// Private name mangling: `__x` in class `C` is `_C__x`.
    pub fn mangle(&self, class_name: Value, name: Value) -> Value {
        let (class_text, text) = (self.str_text(class_name), self.str_text(name));
        let stripped = class_text.trim_start_matches('_');
        if !text.starts_with("__") || text.ends_with("__") || text.contains('.') || stripped.is_empty() {
            return name;
        }
        self.intern(&format!("_{stripped}{text}"))
    }

    /// Gives the class its root shape and the member descriptors of its `__slots__`.
    fn lay_out(&self, class: Gc<PyType>, base: Gc<PyType>, plan: &SlotsPlan) -> PyResult<()> {
        if let Some(code) = self.take_static_class() {
            self.check_static_bases(class)?;
            return self.lay_out_static(class, base, code);
        }
        self.check_static_bases(class)?;
        let base_shape = self.shapes.get(base.root_shape.get());
        let variable = base.layout.variable.is_some();
        let fixed_end = if variable { base.layout.size } else { base.layout.size + base_shape.fixed_words() * 8 };
        let fixed_count = if plan.are_attributes { 0 } else { plan.members.len() };
        for (index, name) in plan.members.iter().enumerate() {
            let member = if plan.are_attributes {
                self.new_attribute_member(class, *name)?
            } else {
                self.new_member(class, *name, fixed_end + index * 8)?
            };
            self.dict_set_interned(class.dict.get(), *name, member)?;
        }
        let ext_offset = fixed_end + fixed_count * 8;
        class.fixed_slots.set((ext_offset - base.layout.size) as u32);
        let has_dict = plan.dict || base.has(type_flags::HAS_DICT);
        // Types are laid out as types whatever their metaclass, and modules as modules: attributes live in their own dictionary.
        let has_namespace = [<PyType as Payload>::LAYOUT, <PyModule as Payload>::LAYOUT]
            .iter()
            .any(|layout| std::ptr::eq(base.layout, *layout));
        let mut flags = class.flags.get();
        let (ext, inline) = if has_namespace {
            (ExtMode::Absent, 0)
        } else if has_dict {
            flags |= type_flags::HAS_DICT;
            if !base.has(type_flags::HAS_DICT) {
                self.add_dict_getset(class)?;
            }
            (ExtMode::Slots, self.inline_slots(class, base_shape))
        } else if plan.are_attributes || base_shape.ext != ExtMode::Absent {
            flags &= !type_flags::HAS_DICT;
            (ExtMode::Slots, self.inline_slots(class, base_shape))
        } else {
            flags &= !type_flags::HAS_DICT;
            (ExtMode::Absent, 0)
        };
        if plan.weakref {
            flags |= type_flags::HAS_WEAKREF;
            if !base.has(type_flags::HAS_WEAKREF) {
                self.add_weakref_getset(class)?;
            }
        }
        class.flags.set(flags);
        let mut shape = Shape::root(class, class.layout, ext, ext_offset as u32, inline);
        shape.raw_words.clone_from(&base_shape.raw_words);
        shape.raw_defaults.clone_from(&base_shape.raw_defaults);
        class.root_shape.set(self.add_shape(shape).id);
        if let Some(owner) = self.nearest_static(class) {
            let fields = owner.static_info.borrow().as_ref().map(|info| info.fields.clone()).unwrap_or_default();
            self.set_raw_defaults(class, &fields)?;
        }
        Ok(())
    }

    /// Inline slots for instances: the attributes that the class's own methods assign to their first parameter, plus the base's, plus one or two that
    /// others may give them, as the size of cells allows.
    fn inline_slots(&self, class: Gc<PyType>, base: &Shape) -> u32 {
        let mut names: Vec<Value> = Vec::new();
        let dict = class.dict.get();
        for number in 0..dict.entry_count() {
            if let Some((_, value)) = dict.entry(number) {
                self.collect_self_attributes(value, &mut names);
            }
        }
        let inherited = if std::ptr::eq(base.layout, <PyObject as Payload>::LAYOUT) { base.inline_capacity } else { 0 };
        let own = names.len() as u32;
        let wanted = match (own, inherited) {
            (0, 0) => return DEFAULT_INLINE,
            (0, inherited) => return inherited,
            (own, 0) => own + 1,
            (own, inherited) => own + inherited,
        };
        let wanted = wanted.min(MAX_INLINE);
        // Header and `ext` are a whole pair of words, as cells are.
        if std::ptr::eq(base.layout, <PyObject as Payload>::LAYOUT) { wanted.next_multiple_of(2) } else { wanted }
    }

    /// Fills `__class__` for `super()` in the class's methods.
    fn set_class_cell(&self, class: Gc<PyType>, dict: Gc<PyDict>) -> PyResult<()> {
        for name in [self.names.__classcell__, self.names.__classdictcell__] {
            let Some(cell) = dict.get_interned(name) else { continue };
            let content = if name == self.names.__classcell__ { class.as_value() } else { dict.as_value() };
            if !self.set_cell(cell, content) {
                let (name, found) = (self.str_text(name), self.type_name(cell));
                return Err(self.type_error(format!("{name} must be a nonlocal cell, not <class '{found}'>")));
            }
            if let Some(number) = dict.find_interned(name) {
                self.dict_remove_entry(dict, number);
            }
        }
        Ok(())
    }

    fn run_set_name(&self, class: Gc<PyType>) -> PyResult<()> {
        let dict = self.dict_copy(class.dict.get())?;
        for number in 0..dict.entry_count() {
            let Some((name, value)) = dict.entry(number) else { continue };
            let Err(raised) = self.call_special(value, self.names.__set_name__, &[class.as_value(), name]) else {
                continue;
            };
            let exception = self.take_exception(raised);
            let note = format!(
                "Error calling __set_name__ on '{}' instance {} in '{}'",
                self.type_name(value),
                self.repr_text(name)?,
                class.declared_name()
            );
            self.add_note(exception, &note)?;
            return Err(self.restore(exception));
        }
        Ok(())
    }

    fn run_init_subclass(&self, class: Gc<PyType>, keywords: &[(Value, Value)]) -> PyResult<()> {
        // A metaclass may have made an order without the class itself.
        if !self.tuple_items(class.mro.get()).contains(&class.as_value()) {
            return Err(self.super_error(class, class.as_value()));
        }
        let Some(method) = self.super_attribute_opt(class, class.as_value(), self.names.__init_subclass__)? else {
            return Ok(());
        };
        if keywords.is_empty() {
            return self.call(method, &[]).map(|_| ());
        }
        let values: ValueVec<[Value; 8]> = keywords.iter().map(|(_, value)| *value).collect();
        let names: ValueVec<[Value; 8]> = keywords.iter().map(|(name, _)| *name).collect();
        self.call_keywords(method, &values, Some(self.new_tuple(&names)?)).map(|_| ())
    }

    fn alloc_class_of(
        &self,
        metaclass: Gc<PyType>,
        name: &str,
        flags: u32,
        base: Gc<PyType>,
        dict: Gc<PyDict>,
    ) -> PyResult<Gc<PyType>> {
        self.alloc_instance(metaclass, 0, |header| PyType::new(header, name, flags, base.layout, dict, None))
    }

    /// `__build_class__(body, name, *bases, **keywords)`; `keywords` in source order.
    pub fn build_class(
        &self,
        body: Value,
        name: Value,
        bases: &[Value],
        keywords: &[(Value, Value)],
    ) -> PyResult<Value> {
        let original = self.new_tuple(bases)?;
        let resolved = self.resolve_bases(bases, original)?;
        let bases: &[Value] = self.tuple_items(resolved);
        let mut metaclass: Option<Value> = None;
        let mut rest: ValueVec<[(Value, Value); 4]> = ValueVec::new();
        for (keyword, value) in keywords {
            if &*self.str_text(*keyword) == "metaclass" {
                metaclass = Some(*value);
            } else {
                rest.push((*keyword, *value));
            }
        }
        let metaclass = metaclass.unwrap_or_else(|| match bases.first() {
            Some(base) => self.type_of(*base).as_value(),
            None => self.types.type_.as_value(),
        });
        let metaclass = match self.as_class(metaclass) {
            Some(class) => self.calculate_metaclass(class, bases)?.as_value(),
            None => metaclass,
        };
        let values: ValueVec<[Value; 8]> = rest.iter().map(|(_, value)| *value).collect();
        let names: ValueVec<[Value; 8]> = rest.iter().map(|(name, _)| *name).collect();
        let names = if names.is_empty() { None } else { Some(self.new_tuple(&names)?) };
        let mut args: ValueVec<[Value; 8]> = crate::values![name, resolved];
        args.extend_from_slice(&values);
        let namespace = match self.getattr_opt(metaclass, self.names.__prepare__)? {
            Some(prepare) => self.call_keywords(prepare, &args, names)?,
            None => self.new_dict()?,
        };
        if self.type_of(namespace).slots().getitem.is_none() {
            let (of, found) = (self.class_or_type_name(metaclass), self.type_name(namespace));
            return Err(self.type_error(format!("{of}.__prepare__() must return a mapping, not {found}")));
        }
        let cell = self.run_class_body(body, namespace)?;
        if resolved != original {
            self.setitem(namespace, self.names.__orig_bases__, Some(original))?;
        }
        self.statics.class_in_progress.set(self.static_class_code(body));
        let mut args: ValueVec<[Value; 8]> = crate::values![name, resolved, namespace];
        args.extend_from_slice(&values);
        let class = self.call_keywords(metaclass, &args, names)?;
        if self.is_static_body(body)
            && let Some(class) = self.as_class(class)
        {
            self.check_intervening(class)?;
        }
        self.check_class_cell(class, cell, name)?;
        Ok(class)
    }

    /// `__class__ not set defining 'C' as <class ..>. Was __classcell__ propagated to type.__new__?`
    fn check_class_cell(&self, class: Value, cell: Value, name: Value) -> PyResult<()> {
        if self.as_class(class).is_none() {
            return Ok(());
        }
        let Some(content) = self.cell_content(cell) else { return Ok(()) };
        match content {
            Some(found) if found == class => Ok(()),
            found => {
                let (name, class) = (self.repr_text(name)?, self.repr_text(class)?);
                Err(match found {
                    None => self.runtime_error(format!(
                        "__class__ not set defining {name} as {class}. Was __classcell__ propagated to type.__new__?"
                    )),
                    Some(found) => {
                        let found = self.repr_text(found)?;
                        self.type_error(format!("__class__ set to {found} defining {name} as {class}"))
                    }
                })
            }
        }
    }

    /// Bases with `__mro_entries__` replaced.
    fn resolve_bases(&self, bases: &[Value], original: Value) -> PyResult<Value> {
        let mut resolved: ValueVec<[Value; 4]> = ValueVec::new();
        let mut changed = false;
        for base in bases {
            if self.as_class(*base).is_some() {
                resolved.push(*base);
                continue;
            }
            match self.getattr_opt(*base, self.names.__mro_entries__)? {
                None => resolved.push(*base),
                Some(method) => {
                    let entries = self.call(method, &[original])?;
                    let Some(entries) = self.as_tuple(entries) else {
                        return Err(self.type_error("__mro_entries__ must return a tuple"));
                    };
                    resolved.extend_from_slice(entries.items());
                    changed = true;
                }
            }
        }
        if changed { self.new_tuple(&resolved) } else { Ok(original) }
    }

    fn class_or_type_name(&self, value: Value) -> String {
        self.as_class(value).map_or_else(|| "<metaclass>".to_owned(), |class| class.name())
    }
}
