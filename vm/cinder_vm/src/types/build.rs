//! Filling builtin classes from their declarations.

use cinder_heap::Gc;
use cinder_layout::Value;

use crate::native::PyResult;
use crate::object::shape::{ExtMode, Shape};
use crate::object::slots::Slots;
use crate::types::exceptions::ExceptionClass;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Entries of `own`, with those it lacks taken from `base`. A class that defines `compare` without `hash` does not inherit `hash`.
pub(crate) fn inherit_slots(own: Slots, base: &Slots) -> Slots {
    macro_rules! inherit {
        ($($field:ident)*) => { Slots { $($field: own.$field.or(base.$field),)* ..own } };
    }
    let mut slots = inherit!(repr str call getattr setattr iter next bool len getitem setitem contains index int float negative positive
        invert absolute power concat repeat inplace_concat inplace_repeat descr_get descr_set new init finalize r#await aiter anext buffer);
    if own.compare.is_none() && own.hash.is_none() {
        slots.compare = base.compare;
        slots.hash = base.hash;
    }
    for number in 0..slots.binary.len() {
        slots.binary[number] = own.binary[number].or(base.binary[number]);
        slots.inplace[number] = own.inplace[number].or(base.inplace[number]);
    }
    slots
}

/// Flags that a class has when its base has them.
pub(crate) const INHERITED_FLAGS: u32 = type_flags::SEQUENCE
    | type_flags::MAPPING
    | type_flags::MATCH_SELF
    | type_flags::HAS_DICT
    | type_flags::HAS_WEAKREF
    | type_flags::GENERIC_GETATTR
    | type_flags::GENERIC_SETATTR;

impl Vm {
    /// Gives a connected builtin class its slots and dictionary.
    pub(crate) fn fill_builtin_class(&self, class: Gc<PyType>, def: &'static TypeDef) -> PyResult<()> {
        let slots = match class.base.get() {
            Some(base) => {
                let mut inherited = base.flags.get() & INHERITED_FLAGS;
                if def.slots.getattr.is_some() {
                    inherited &= !type_flags::GENERIC_GETATTR;
                }
                if def.slots.setattr.is_some() {
                    inherited &= !type_flags::GENERIC_SETATTR;
                }
                class.flags.set(class.flags.get() | inherited);
                inherit_slots(def.slots, base.slots())
            }
            None => def.slots,
        };
        class.set_slots(slots);
        let dict = class.dict.get();
        for method in def.methods {
            let member = self.new_native_member(class, method)?;
            self.dict_set_interned(dict, self.intern(method.name), member)?;
        }
        for attribute in def.getset {
            let member = self.new_getset(class, attribute)?;
            self.dict_set_interned(dict, self.intern(attribute.name), member)?;
        }
        if let Some((module, _)) = def.name.rsplit_once('.') {
            class.module.set(Some(self.intern(module)));
        }
        if !def.doc.is_empty() {
            self.dict_set_interned(dict, self.names.__doc__, self.new_str(def.doc)?)?;
        }
        match def.setup {
            Some(setup) => setup(self, class),
            None => Ok(()),
        }
    }

    /// A builtin exception class: the payload of `BaseException` plus an instance dictionary.
    pub(crate) fn make_exception_class(
        &self,
        declared: &'static ExceptionClass,
        base: Gc<PyType>,
        _made: &[Gc<PyType>],
    ) -> PyResult<Gc<PyType>> {
        let flags = type_flags::BASE | type_flags::IMMUTABLE | (base.flags.get() & INHERITED_FLAGS) | type_flags::HAS_DICT;
        let class = self.alloc_class(declared.name, flags, base.layout, None)?;
        class.base.set(Some(base));
        class.bases.set(self.new_tuple(&[base.as_value()])?);
        let mut mro: Vec<Value> = vec![class.as_value()];
        mro.extend_from_slice(self.tuple_items(base.mro.get()));
        class.mro.set(self.new_tuple(&mro)?);
        base.subclasses.borrow_mut().push(class);
        class.set_slots(*base.slots());
        let shape = self.add_shape(Shape::root(class, base.layout, ExtMode::Slots, base.layout.size as u32, 0));
        class.root_shape.set(shape.id);
        Ok(class)
    }
}
