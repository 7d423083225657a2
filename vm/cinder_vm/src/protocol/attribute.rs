//! Attribute access and class questions.

use cinder_layout::Value;

use crate::native::PyResult;
use crate::object::Gc;
use crate::types::type_::PyType;
use crate::vm::Vm;

impl Vm {
    /// Class of any value.
    #[inline]
    pub fn type_of(&self, value: Value) -> Gc<PyType> {
        if value.is_ptr() {
            // SAFETY: a pointer-tagged value points to a live object, which begins with its header.
            let header = unsafe { &*value.as_ptr::<cinder_layout::Header>() };
            self.shapes.get(header.shape()).class
        } else {
            self.type_of_immediate(value)
        }
    }

    fn type_of_immediate(&self, value: Value) -> Gc<PyType> {
        let types = &self.types;
        match value {
            _ if value.is_int() => types.int,
            _ if value.is_flonum() => types.float,
            _ if value.is_bool() => types.bool_,
            _ if value.is_none() => types.none_type,
            _ if value == Value::NOT_IMPLEMENTED => types.not_implemented_type,
            _ => types.ellipsis_type,
        }
    }

    /// `issubclass(class, of)` by the MRO alone (no `__subclasscheck__`).
    #[inline]
    pub fn is_subtype(&self, class: Gc<PyType>, of: Gc<PyType>) -> bool {
        class == of || class.mro_items().contains(&of.as_value())
    }

    /// `isinstance(value, class)` by real type alone (no `__instancecheck__`).
    #[inline]
    pub fn is_instance(&self, value: Value, class: Gc<PyType>) -> bool {
        self.is_subtype(self.type_of(value), class)
    }

    /// Name of the value's class, for messages; a native class of another module than `builtins` has that before it.
    pub fn type_name(&self, value: Value) -> String {
        self.type_of(value).declared_name()
    }

    /// `value.name` for an interned name.
    ///
    /// Runs Python: yes. Errors: AttributeError and whatever the access raises.
    #[inline]
    pub fn getattr(&self, value: Value, name: Value) -> PyResult<Value> {
        self.check_native_stack()?;
        let getattr = self.type_of(value).slots().getattr.expect("every class has getattr: object defines it");
        getattr(self, value, name)
    }

    /// `value.name`, `None` when the access raises AttributeError.
    pub fn getattr_opt(&self, value: Value, name: Value) -> PyResult<Option<Value>> {
        let class = self.type_of(value);
        // Nothing is raised for what is merely absent.
        let found = if class.has(crate::types::type_::type_flags::GENERIC_GETATTR) {
            self.generic_getattr_opt(value, name)
        } else if class == self.types.type_ {
            self.type_getattr_opt(value, name)
        } else {
            self.getattr(value, name).map(Some)
        };
        Ok(self.catch(found, self.exceptions.AttributeError)?.flatten())
    }

    /// `value.name` by Rust text.
    pub fn getattr_text(&self, value: Value, name: &str) -> PyResult<Value> {
        self.getattr(value, self.intern(name))
    }

    /// `value.name = new`; deletes for `None`.
    #[inline]
    pub fn setattr(&self, value: Value, name: Value, new: Option<Value>) -> PyResult<()> {
        self.check_native_stack()?;
        let setattr = self.type_of(value).slots().setattr.expect("every class has setattr: object defines it");
        setattr(self, value, name, new)
    }

    /// Attribute of the class found along its MRO, without binding.
    ///
    /// Answers are remembered by class and name ([`crate::cache::Lookups`]); `name` is interned.
    #[inline]
    pub fn type_lookup(&self, class: Gc<PyType>, name: Value) -> Option<Value> {
        let shape = class.root_shape.get();
        match self.lookups.find(shape, name) {
            Some(found) => found,
            None => {
                let found = self.type_lookup_uncached(class, name);
                self.lookups.remember(shape, name, found);
                found
            }
        }
    }

    fn type_lookup_uncached(&self, class: Gc<PyType>, name: Value) -> Option<Value> {
        for base in class.mro_items() {
            // SAFETY: an MRO holds classes only.
            let base: Gc<PyType> = unsafe { Gc::from_value(*base) };
            if let Some(found) = base.dict.get().get_interned(name) {
                return Some(found);
            }
        }
        None
    }

    /// A method found in the class and not hidden by the instance: to be called with the object as first argument.
    pub(crate) fn unbound_method(&self, object: Value, name: Value) -> Option<Value> {
        use crate::types::type_::type_flags;
        let class = self.type_of(object);
        if !crate::types::slot_defs::finds_as_object(self, class) {
            return None;
        }
        let found = self.type_lookup(class, name)?;
        let is_method = self.type_of(found).has(type_flags::METHOD_DESCRIPTOR);
        (is_method && self.own_attribute(object, name).is_none()).then_some(found)
    }

    /// Looks up special method `name` on the value's class and binds it, as `lookup_maybe_method`: `None` when the class has none.
    pub fn special_method(&self, value: Value, name: Value) -> PyResult<Option<Value>> {
        let class = self.type_of(value);
        let Some(found) = self.type_lookup(class, name) else { return Ok(None) };
        match self.type_of(found).slots().descr_get {
            Some(get) => get(self, found, Some(value), class.as_value()).map(Some),
            None => Ok(Some(found)),
        }
    }

    /// Calls special method `name` of the value's class without making a bound method; `None` when the class has none.
    pub fn call_special(&self, value: Value, name: Value, args: &[Value]) -> PyResult<Option<Value>> {
        let class = self.type_of(value);
        let Some(found) = self.type_lookup(class, name) else { return Ok(None) };
        let found_class = self.type_of(found);
        if let Some(function) = self.as_function(found)
            && args.len() < 4
        {
            let mut all = [value; 4];
            all[1..=args.len()].copy_from_slice(args);
            self.check_native_stack()?;
            return self.call_function(function, &all[..=args.len()], None).map(Some);
        }
        if found_class.has(crate::types::type_::type_flags::METHOD_DESCRIPTOR) {
            let mut all = crate::value_vec::ValueVec::<[Value; 4]>::with_capacity(args.len() + 1);
            all.push(value);
            all.extend_from_slice(args);
            return self.call(found, &all).map(Some);
        }
        let bound = match found_class.slots().descr_get {
            Some(get) => get(self, found, Some(value), class.as_value())?,
            None => found,
        };
        self.call(bound, args).map(Some)
    }
}
