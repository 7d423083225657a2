//! `isinstance` and `issubclass`. Source: Objects/abstract.c `object_isinstance`, `object_issubclass`.

use cinder_heap::Gc;
use cinder_layout::Value;

use crate::native::PyResult;
use crate::types::native_function::PyGetSet;
use crate::types::type_::{PyType, type_flags};
use crate::vm::Vm;

impl Vm {
    /// `isinstance(value, class_or_tuple)`.
    pub fn isinstance(&self, value: Value, class: Value) -> PyResult<bool> {
        if self.type_of(value).as_value() == class {
            return Ok(true);
        }
        if self.has_plain_check(class) {
            return self.real_isinstance(value, class);
        }
        self.check_native_stack()?;
        if let Some(tuple) = self.as_tuple(class) {
            return self.isinstance_of_any(value, tuple.items());
        }
        if let Some(args) = self.union_args(class) {
            return self.isinstance_of_any(value, self.tuple_items(args));
        }
        match self.call_special(class, self.names.__instancecheck__, &[value])? {
            Some(result) => self.truthy(result),
            None => self.real_isinstance(value, class),
        }
    }

    fn isinstance_of_any(&self, value: Value, classes: &[Value]) -> PyResult<bool> {
        let own = self.type_of(value);
        if classes.first() == Some(&own.as_value()) {
            return Ok(true);
        }
        // What is not in the MRO is settled for all of them, unless instances claim to be something else.
        let is_honest = self.is_honest(own);
        for class in classes {
            if *class == own.as_value() {
                return Ok(true);
            }
            let is_settled = is_honest && self.has_plain_check(*class);
            let found = match is_settled {
                true => own.mro_items().contains(class),
                false => self.isinstance(value, *class)?,
            };
            if found {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether `value` is a class whose metaclass leaves `isinstance` and `issubclass` to `type`.
    #[inline]
    fn has_plain_check(&self, value: Value) -> bool {
        let metaclass = self.type_of(value);
        if metaclass == self.types.type_ {
            return true;
        }
        let known = (metaclass.root_shape.get(), self.lookups.generation());
        (self.plain_metaclass.get() == known && known.1 != 0) || self.find_plain_check(metaclass, known)
    }

    #[inline(never)]
    fn find_plain_check(&self, metaclass: Gc<PyType>, known: (u32, u32)) -> bool {
        let is_same = |name| self.type_lookup(metaclass, name) == self.type_lookup(self.types.type_, name);
        let is_plain = std::ptr::eq(metaclass.layout, self.types.type_.layout)
            && is_same(self.names.__instancecheck__)
            && is_same(self.names.__subclasscheck__);
        if is_plain {
            self.plain_metaclass.set(known);
        }
        is_plain
    }

    /// Whether the `__class__` of every instance is its class.
    fn is_honest(&self, class: Gc<PyType>) -> bool {
        class.has(type_flags::GENERIC_GETATTR) && !self.may_fake_class(class)
    }

    /// What `type.__instancecheck__` answers: by `type(value)` or `value.__class__`.
    pub fn real_isinstance(&self, value: Value, class: Value) -> PyResult<bool> {
        if let Some(wanted) = self.as_class(class) {
            let own = self.type_of(value);
            if self.is_subtype(own, wanted) {
                return Ok(true);
            }
            if self.is_honest(own) {
                return Ok(false);
            }
            let claimed = self.getattr_opt(value, self.names.__class__)?.and_then(|claimed| self.as_class(claimed));
            return Ok(claimed.is_some_and(|claimed| claimed != own && self.is_subtype(claimed, wanted)));
        }
        self.check_class_like(class, "isinstance() arg 2 must be a type, a tuple of types, or a union")?;
        match self.getattr_opt(value, self.names.__class__)? {
            Some(claimed) => self.abstract_issubclass(claimed, class),
            None => Ok(false),
        }
    }

    /// Whether instances may have a `__class__` other than `object`'s.
    fn may_fake_class(&self, class: Gc<PyType>) -> bool {
        if !class.has(type_flags::HEAP) {
            return class.has(type_flags::FAKES_CLASS);
        }
        // The computed attribute of `object`, which nobody can replace there, says the truth.
        self.type_lookup(class, self.names.__class__)
            .and_then(|found| self.downcast_exact::<PyGetSet>(found))
            .is_none_or(|found| found.class.get() != self.types.object)
    }

    /// `issubclass(class, of)`.
    pub fn issubclass(&self, class: Value, of: Value) -> PyResult<bool> {
        if self.has_plain_check(of) {
            return if class == of { Ok(true) } else { self.real_issubclass(class, of) };
        }
        self.check_native_stack()?;
        let parts = match self.as_tuple(of) {
            Some(_) => Some(of),
            None => self.union_args(of),
        };
        if let Some(parts) = parts {
            for item in self.tuple_items(parts) {
                if self.issubclass(class, *item)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        match self.call_special(of, self.names.__subclasscheck__, &[class])? {
            Some(result) => self.truthy(result),
            None => self.real_issubclass(class, of),
        }
    }

    /// What `type.__subclasscheck__` answers.
    pub fn real_issubclass(&self, class: Value, of: Value) -> PyResult<bool> {
        if let (Some(class), Some(of)) = (self.as_class(class), self.as_class(of)) {
            return Ok(self.is_subtype(class, of));
        }
        self.check_class_like(class, "issubclass() arg 1 must be a class")?;
        self.check_class_like(of, "issubclass() arg 2 must be a class, a tuple of classes, or a union")?;
        self.abstract_issubclass(class, of)
    }

    /// `__bases__` tuple of an object that behaves as a class.
    fn abstract_bases(&self, class: Value) -> PyResult<Option<Value>> {
        Ok(self.getattr_opt(class, self.names.__bases__)?.filter(|bases| self.as_tuple(*bases).is_some()))
    }

    fn check_class_like(&self, class: Value, message: &str) -> PyResult<()> {
        match self.abstract_bases(class)? {
            Some(_) => Ok(()),
            None => Err(self.type_error(message)),
        }
    }

    fn abstract_issubclass(&self, class: Value, of: Value) -> PyResult<bool> {
        self.check_native_stack()?;
        if class == of {
            return Ok(true);
        }
        let Some(bases) = self.abstract_bases(class)? else { return Ok(false) };
        for base in self.tuple_items(bases) {
            if self.abstract_issubclass(*base, of)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
