//! Filling builtin classes from their declarations.

use cinder_heap::Gc;
use cinder_layout::Value;

use crate::native::{ArgsExt, NativeDef, PyResult};
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

/// `C.__new__(class, *args, **kwargs)`; bound to C.
static NATIVE_NEW: NativeDef = NativeDef::function("__new__", "owner, /, *args, **kwargs", |vm, args| {
    let owner = vm.as_class(args.at(0)).expect("bound to its class");
    let rest = vm.tuple_items(args.at(1));
    let name = owner.declared_name();
    let Some((first, rest)) = rest.split_first() else {
        return Err(vm.type_error(format!("{name}.__new__(): not enough arguments")));
    };
    let Some(class) = vm.as_class(*first) else {
        let found = vm.type_name(*first);
        return Err(vm.type_error(format!("{name}.__new__(X): X is not a type object ({found})")));
    };
    if !vm.is_subtype(class, owner) {
        let found = class.declared_name();
        return Err(vm.type_error(format!("{name}.__new__({found}): {found} is not a subtype of {name}")));
    }
    if class.has(type_flags::NO_NEW) {
        return Err(vm.type_error(format!("cannot create '{}' instances", vm.class_full_name(class))));
    }
    if !std::ptr::eq(class.layout, owner.layout) {
        let found = class.declared_name();
        return Err(vm.type_error(format!("{name}.__new__({found}) is not safe, use {found}.__new__()")));
    }
    let new = owner.slots().new.expect("__new__ is given to classes with the slot");
    let mut all: crate::value_vec::ValueVec<[Value; 8]> = rest.into();
    let mut keyword_names = None;
    if let Some(keywords) =
        args.opt(2).and_then(|keywords| vm.as_dict(keywords)).filter(|keywords| !keywords.is_empty())
    {
        let mut names: crate::value_vec::ValueVec<[Value; 8]> = crate::value_vec::ValueVec::new();
        for number in 0..keywords.entry_count() {
            if let Some((name, value)) = keywords.entry(number) {
                names.push(name);
                all.push(value);
            }
        }
        keyword_names = Some(vm.new_tuple(&names)?);
    }
    new(vm, class, &all, keyword_names)
});

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
            self.heap.write_barrier(class.header());
            class.module.set(Some(self.intern(module)));
        }
        if !def.doc.is_empty() {
            self.dict_set_interned(dict, self.names.__doc__, self.new_str(def.doc)?)?;
        }
        self.add_slot_wrappers(class, &def.slots)?;
        if def.slots.new.is_some() && def.flags & type_flags::NO_NEW == 0 {
            self.add_native_new(class)?;
        }
        match def.setup {
            Some(setup) => setup(self, class),
            None => Ok(()),
        }
    }

    /// `__new__` of a builtin class: a static function that checks its first argument and calls the slot.
    fn add_native_new(&self, class: Gc<PyType>) -> PyResult<()> {
        let function = self.new_native_function(&NATIVE_NEW, Some(class.as_value()), Value::NONE)?;
        self.dict_set_interned(class.dict.get(), self.names.__new__, function)
    }

    /// The builtin class whose `__new__` this is.
    pub(crate) fn native_new_owner(&self, found: Value) -> Option<Gc<PyType>> {
        let function = self.downcast_exact::<crate::types::native_function::PyNativeFunction>(found)?;
        if std::ptr::eq(function.def, &NATIVE_NEW) { self.as_class(function.receiver.get()?) } else { None }
    }

    /// A builtin exception class: the payload of `BaseException` plus an instance dictionary.
    pub(crate) fn make_exception_class(
        &self,
        declared: &'static ExceptionClass,
        base: Gc<PyType>,
        made: &[Gc<PyType>],
    ) -> PyResult<Gc<PyType>> {
        let flags =
            type_flags::BASE | type_flags::IMMUTABLE | (base.flags.get() & INHERITED_FLAGS) | type_flags::HAS_DICT;
        let class = self.alloc_class(declared.name, flags, base.layout, None)?;
        class.base.set(Some(base));
        class.bases.set(self.new_tuple(&[base.as_value()])?);
        let mut mro: Vec<Value> = vec![class.as_value()];
        mro.extend_from_slice(self.tuple_items(base.mro.get()));
        class.mro.set(self.new_tuple(&mro)?);
        self.add_subclass(base, class);
        class.set_slots(*base.slots());
        let shape = self.add_shape(Shape::root(class, base.layout, ExtMode::Slots, base.layout.size as u32, 0));
        class.root_shape.set(shape.id);
        let has_own = !declared.fields.is_empty() || declared.name == "KeyError";
        class.exception_row.set(if has_own { Some(declared) } else { base.exception_row.get() });
        self.add_exception_fields(class, declared)?;
        if declared.name == "BaseExceptionGroup" {
            for method in crate::types::exceptions::group_methods() {
                let member = self.new_native_member(class, method)?;
                self.dict_set_interned(class.dict.get(), self.intern(method.name), member)?;
            }
        }
        if declared.name == "ExceptionGroup" {
            // The one builtin class with two bases.
            class.bases.set(self.new_tuple(&[made[0].as_value(), base.as_value()])?);
            class.base.set(Some(made[0]));
            let mro: Vec<Value> = [class.as_value(), made[0].as_value(), base.as_value()]
                .into_iter()
                .chain(self.tuple_items(base.mro.get())[1..].iter().copied())
                .collect();
            class.mro.set(self.new_tuple(&mro)?);
        }
        self.add_native_new(class)?;
        Ok(class)
    }
}
