//! Length, items and membership.

use cinder_layout::Value;

use crate::native::PyResult;
use crate::vm::Vm;

impl Vm {
    /// `len(value)`.
    pub fn len(&self, value: Value) -> PyResult<usize> {
        match self.type_of(value).slots().len {
            Some(len) => {
                self.check_native_stack()?;
                len(self, value)
            }
            None => Err(self.type_error(format!("object of type '{}' has no len()", self.type_name(value)))),
        }
    }

    /// `container[key]`; a class falls back to `__class_getitem__`.
    pub fn getitem(&self, container: Value, key: Value) -> PyResult<Value> {
        let class = self.type_of(container);
        if let Some(getitem) = class.slots().getitem {
            self.check_native_stack()?;
            return getitem(self, container, key);
        }
        if self.is_subtype(class, self.types.type_) {
            if container == self.types.type_.as_value() {
                return self.new_generic_alias(container, key);
            }
            if let Some(method) = self.getattr_opt(container, self.names.__class_getitem__)? {
                return self.call(method, &[key]);
            }
            return Err(self.type_error(format!(
                "type '{}' is not subscriptable",
                self.as_class(container).map_or_else(String::new, |class| class.declared_name())
            )));
        }
        Err(self.type_error(format!("'{}' object is not subscriptable", class.declared_name())))
    }

    /// `container[key] = value`; deletes for `None`.
    pub fn setitem(&self, container: Value, key: Value, value: Option<Value>) -> PyResult<()> {
        let class = self.type_of(container);
        match class.slots().setitem {
            Some(setitem) => {
                self.check_native_stack()?;
                setitem(self, container, key, value)
            }
            None => {
                // CPython's words for deletion depend on whether the class has a table of sequence operations.
                let slots = class.slots();
                let sequence = class.has(crate::types::type_::type_flags::HEAP)
                    || slots.contains.is_some()
                    || slots.concat.is_some();
                let what = match value {
                    Some(_) => "does not support item assignment",
                    None if sequence && self.type_of(key).slots().index.is_some() => "doesn't support item deletion",
                    None => "does not support item deletion",
                };
                Err(self.type_error(format!("'{}' object {what}", class.declared_name())))
            }
        }
    }

    /// `item in container`.
    pub fn contains(&self, container: Value, item: Value) -> PyResult<bool> {
        let class = self.type_of(container);
        if let Some(contains) = class.slots().contains {
            self.check_native_stack()?;
            return contains(self, container, item);
        }
        if class.slots().iter.is_none() && class.slots().getitem.is_none() {
            let name = class.declared_name();
            return Err(self.type_error(format!("argument of type '{name}' is not a container or iterable")));
        }
        let iterator = self.iter(container)?;
        while let Some(found) = self.next(iterator)? {
            if self.eq(found, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
