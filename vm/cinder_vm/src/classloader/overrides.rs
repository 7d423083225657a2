//! What becomes of a static class's members when others build on them or replace them.
//!
//! Problem: typed code relies on slots, final methods and property types of a static class, while subclasses made by ordinary code and assignments to
//! mutable classes do as they like.
//! Idea: a new subclass is looked through once: final methods stay, plain values over slots become the slots' defaults. An assignment to a static class
//! that changes what typed loads give is announced; the loads themselves check what they get.
//! Source: specification sections 8.4, 8.11 and 14.

use cinder_bytecode::TypeDescr;
use cinder_heap::Gc;
use cinder_layout::Value;

use super::StaticField;
use super::member::PyTypedMember;
use crate::native::PyResult;
use crate::types::property::PyProperty;
use crate::types::type_::{PyType, type_flags};
use crate::vm::Vm;

impl Vm {
    /// Looks through the namespace of a new subclass of a static class.
    ///
    /// Errors: StaticTypeError for an override of a final method, or a default that does not fit its slot.
    pub(crate) fn check_static_bases(&self, class: Gc<PyType>) -> PyResult<()> {
        let Some(owner) = self.nearest_static(class) else { return Ok(()) };
        self.check_final_methods(class, owner)?;
        let fields: Vec<StaticField> =
            owner.static_info.borrow().as_ref().map(|info| info.fields.clone()).unwrap_or_default();
        for field in fields {
            let name = self.intern(&field.name);
            let Some(value) = class.dict.get().get_interned(name) else { continue };
            if self.is_descriptor(value) || !self.has_default_slot(owner, name) {
                continue;
            }
            self.check_default(&field, value)?;
            let member = self.new_typed_member(class, name, &field, Some(value))?;
            self.dict_set_interned(class.dict.get(), name, member)?;
        }
        Ok(())
    }

    /// Errors: TypeError when several static bases do not form a chain; builtin classes count as static.
    pub(crate) fn check_static_chain(&self, bases: &[Gc<PyType>]) -> PyResult<()> {
        if bases.len() < 2 || !bases.iter().any(|base| self.nearest_static(*base).is_some()) {
            return Ok(());
        }
        let mut chain: Option<Gc<PyType>> = None;
        for base in bases {
            let mro = self.tuple_items(base.mro.get());
            let anchor = mro.iter().filter_map(|class| self.as_class(*class)).find(|class| {
                class.has(type_flags::STATIC) || (!class.has(type_flags::HEAP) && *class != self.types.object)
            });
            let Some(anchor) = anchor else { continue };
            chain = Some(match chain {
                None => anchor,
                Some(known) if self.is_subtype(known, anchor) => known,
                Some(known) if self.is_subtype(anchor, known) => anchor,
                Some(known) => {
                    let (known, anchor) = (known.name(), anchor.name());
                    return Err(self.type_error(format!(
                        "cinderx: multiple bases have instance lay-out conflict ({known} and {anchor})"
                    )));
                }
            });
        }
        Ok(())
    }

    /// A class of static code over ordinary classes over static ones cannot be checked.
    ///
    /// Errors: TypeError that names the three.
    pub(crate) fn check_intervening(&self, class: Gc<PyType>) -> PyResult<()> {
        let mut ordinary: Option<Gc<PyType>> = None;
        for base in self.tuple_items(class.mro.get()).iter().skip(1).filter_map(|base| self.as_class(*base)) {
            if base.has(type_flags::STATIC)
                && let Some(between) = ordinary
            {
                let (class, base, between) = (class.name(), base.name(), between.name());
                return Err(self.type_error(format!(
                    "Static compiler cannot verify that static type '{class}' is a valid override of static base '{base}' because intervening base '{between}' is non-static."
                )));
            }
            if base.has(type_flags::HEAP) && !base.has(type_flags::STATIC) {
                ordinary.get_or_insert(base);
            }
        }
        Ok(())
    }

    /// The class itself or its nearest base that is static.
    pub(crate) fn nearest_static(&self, class: Gc<PyType>) -> Option<Gc<PyType>> {
        let mro = self.tuple_items(class.mro.get());
        mro.iter().filter_map(|base| self.as_class(*base)).find(|base| base.static_info.borrow().is_some())
    }

    fn has_default_slot(&self, class: Gc<PyType>, name: Value) -> bool {
        let found = self.type_lookup(class, name).and_then(|found| self.downcast_exact::<PyTypedMember>(found));
        found.is_some_and(|member| member.default.get().is_some())
    }

    fn is_descriptor(&self, value: Value) -> bool {
        let class = self.type_of(value);
        class.slots().descr_get.is_some() || class.slots().descr_set.is_some()
    }

    fn check_final_methods(&self, class: Gc<PyType>, owner: Gc<PyType>) -> PyResult<()> {
        let Some(names) = self.type_lookup(owner, self.intern("__final_method_names__")) else { return Ok(()) };
        let Some(names) = self.as_tuple(names) else { return Ok(()) };
        for name in names.items() {
            if class.dict.get().get_interned(*name).is_none() {
                continue;
            }
            let shown = self.repr_text(*name)?;
            let declaring = self.tuple_items(owner.mro.get()).iter().find_map(|base| {
                let base = self.as_class(*base)?;
                base.dict.get().get_interned(*name).is_some().then_some(base)
            });
            let of = self.repr_text(declaring.unwrap_or(owner).as_value())?;
            return Err(
                self.static_type_error(format!("{shown} overrides a final method in the static base class {of}"))
            );
        }
        Ok(())
    }

    /// What `dataclasses.field` gives; a dataclass exchanges it for the real default.
    pub(super) fn is_field_description(&self, value: Value) -> bool {
        &*self.type_name(value) == "Field" && self.class_module_text(self.type_of(value)) == "dataclasses"
    }

    pub(super) fn check_default(&self, field: &StaticField, value: Value) -> PyResult<()> {
        if self.is_field_description(value) {
            return Ok(());
        }
        if value.is_none() && matches!(field.declared, TypeDescr::Optional(_)) {
            return Ok(());
        }
        let declared = match self.resolve_type(&field.declared) {
            Ok(index) => self.resolved(index),
            // A class that does not exist yet, the one being made for instance, has no instances that could be a default.
            Err(raised) => {
                self.take_exception(raised);
                return Ok(());
            }
        };
        if self.fits(value, declared) {
            return Ok(());
        }
        let (wanted, found, name) = (declared.name(), self.type_name(value), &field.name);
        Err(self.static_type_error(format!("expected '{wanted}', got '{found}' for attribute '{name}'")))
    }

    /// `class.name = new` on a static class or a class derived from one: what is stored instead, after a warning when typed code will refuse it.
    ///
    /// Runs Python: warnings.
    pub(crate) fn replaced_member(
        &self,
        class: Gc<PyType>,
        name: Value,
        new: Option<Value>,
    ) -> PyResult<Option<Value>> {
        let Some(new) = new else {
            // Without its default the slot stays.
            let own = class.dict.get().get_interned(name).and_then(|own| self.downcast_exact::<PyTypedMember>(own));
            return match own.filter(|member| member.default.get().is_some()) {
                Some(member) => {
                    let field = member.field.clone();
                    self.forget_raw_default(class, &field);
                    self.new_typed_member(class, name, &field, None).map(Some)
                }
                None => Ok(None),
            };
        };
        if self.nearest_static(class).is_none() {
            return Ok(Some(new));
        }
        self.warn_final_override(class, name)?;
        let Some(old) = self.type_lookup(class, name) else { return Ok(Some(new)) };
        if let Some(member) = self.downcast_exact::<PyTypedMember>(old)
            && member.default.get().is_some()
            && !self.is_descriptor(new)
        {
            let field = member.field.clone();
            let declared = self.resolved(self.resolve_type(&field.declared)?);
            if self.fits(new, declared) {
                self.set_raw_default(class, &field, new)?;
                return self.new_typed_member(class, name, &field, Some(new)).map(Some);
            }
            self.warn_overriding(class, name, new, &declared.name())?;
            return Ok(Some(new));
        }
        let getter = match self.downcast_exact::<PyProperty>(old) {
            Some(property) => Some(property.getter.get()),
            None if self.class_module_text(self.type_of(old)) == "cinderx" => {
                self.getattr_opt(old, self.intern("fget"))?
            }
            None => None,
        };
        if !self.is_descriptor(new)
            && let Some(getter) = getter.and_then(|getter| self.as_function(getter))
        {
            let code = getter.code.get();
            let result = code.object().static_signature.as_ref().map(|own| own.result);
            let declared = result.map(|result| code.object().types[result as usize].clone());
            if let Some(declared) = declared.filter(|declared| *declared != TypeDescr::Dynamic) {
                let declared = self.resolved(self.resolve_type(&declared)?);
                if !self.fits(new, declared) {
                    self.warn_overriding(class, name, new, &declared.name())?;
                }
            }
        }
        Ok(Some(new))
    }

    fn warn_overriding(&self, class: Gc<PyType>, name: Value, new: Value, wanted: &str) -> PyResult<()> {
        let (class, name, found) = (class.name(), self.str_text(name), self.type_name(new));
        let message = format!("Overriding property {class}.{name} with {found} when expected to be a {wanted}.");
        self.runtime_warning(&message)
    }

    /// A final method that is overridden by assignment to a subclass is kept by typed code.
    fn warn_final_override(&self, class: Gc<PyType>, name: Value) -> PyResult<()> {
        let Some(names) = self.type_lookup(class, self.intern("__final_method_names__")) else { return Ok(()) };
        let is_final = self.as_tuple(names).is_some_and(|names| names.items().contains(&name));
        if !is_final || class.dict.get().get_interned(name).is_some() {
            return Ok(());
        }
        let (text, class) = (self.str_text(name), class.name());
        let message = format!(
            "Overriding final method `{text}` by adding override to type `{class}`, overridden method may be ignored."
        );
        self.runtime_warning(&message)
    }

    /// Whether typed code may know the class's members.
    pub(crate) fn has_static_base(&self, class: Gc<PyType>) -> bool {
        class.has(type_flags::STATIC) || self.nearest_static(class).is_some()
    }

    pub(super) fn runtime_warning(&self, message: &str) -> PyResult<()> {
        let warnings = self.import("warnings")?;
        let warn = self.getattr_text(warnings, "warn")?;
        self.call(warn, &[self.new_str(message)?, self.exceptions.RuntimeWarning.as_value()]).map(|_| ())
    }
}
