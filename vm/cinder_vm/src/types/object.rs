//! `object`: the root class. Plain instances are a header, an `ext` word and inline slots as their shape says.
//!
//! Source: Objects/object.c (`PyObject_GenericGetAttr`), Objects/typeobject.c (`object_*`).

mod methods;

use cinder_heap::{Gc, HeapObject, Trace, Tracer};
use cinder_layout::{Header, Value};

use crate::native::PyResult;
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of an object without native data. Attributes follow as the shape says; the shape traces them.
#[repr(C)]
pub struct PyObject {
    pub header: Header,
}

impl Trace for PyObject {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyObject {}

crate::layout!(PyObject, "object", exact object);

pub static OBJECT: TypeDef = TypeDef {
    doc: "The base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n",
    flags: type_flags::BASE | type_flags::GENERIC_GETATTR | type_flags::GENERIC_SETATTR,
    slots: Slots {
        repr: Some(methods::repr),
        str: Some(|vm, value| vm.repr(value)),
        hash: Some(|vm, value| Ok(vm.identity_hash(value))),
        compare: Some(methods::compare),
        getattr: Some(|vm, value, name| vm.generic_getattr(value, name)),
        setattr: Some(|vm, value, name, new| vm.generic_setattr(value, name, new)),
        new: Some(methods::new),
        init: Some(methods::init),
        ..Slots::NONE
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    ..TypeDef::new("object", <PyObject as Payload>::LAYOUT)
};

impl Vm {
    /// Attribute lookup of `object`: data descriptor, own attribute, other class attribute.
    pub fn generic_getattr(&self, value: Value, name: Value) -> PyResult<Value> {
        match self.generic_getattr_opt(value, name)? {
            Some(found) => Ok(found),
            None => Err(self.no_attribute(value, name)),
        }
    }

    /// As [`Vm::generic_getattr`], `None` when there is no such attribute (descriptors still raise what they raise).
    pub fn generic_getattr_opt(&self, value: Value, name: Value) -> PyResult<Option<Value>> {
        let name = self.intern_any(name)?;
        let class = self.type_of(value);
        let found = self.type_lookup(class, name);
        let found_class = found.map(|found| self.type_of(found));
        if let (Some(found), Some(found_class)) = (found, found_class)
            && found_class.slots().descr_set.is_some()
            && let Some(get) = found_class.slots().descr_get
        {
            return get(self, found, Some(value), class.as_value()).map(Some);
        }
        if let Some(own) = self.own_attribute(value, name) {
            return Ok(Some(own));
        }
        match (found, found_class.and_then(|class| class.slots().descr_get)) {
            (Some(found), Some(get)) => get(self, found, Some(value), class.as_value()).map(Some),
            (found, None) => Ok(found),
            (None, Some(_)) => Ok(None),
        }
    }

    /// Attribute assignment of `object`.
    pub fn generic_setattr(&self, value: Value, name: Value, new: Option<Value>) -> PyResult<()> {
        let name = self.intern_any(name)?;
        let class = self.type_of(value);
        let found = self.type_lookup(class, name);
        if let Some(found) = found
            && let Some(set) = self.type_of(found).slots().descr_set
        {
            return set(self, found, value, new);
        }
        let done = match new {
            Some(new) => self.set_own_attribute(value, name, new)?,
            None => self.delete_own_attribute(value, name)?,
        };
        if done {
            return Ok(());
        }
        if self.has_instance_dict(value) {
            return Err(self.no_attribute(value, name));
        }
        let (class_name, text) = (class.declared_name(), self.str_text(name));
        Err(match found {
            Some(_) => {
                self.attribute_error(value, name, &format!("'{class_name}' object attribute '{text}' is read-only"))
            }
            None => self.attribute_error(
                value,
                name,
                &format!("'{class_name}' object has no attribute '{text}' and no __dict__ for setting new attributes"),
            ),
        })
    }

    /// AttributeError `'X' object has no attribute 'name'`.
    #[cold]
    pub fn no_attribute(&self, value: Value, name: Value) -> crate::native::Raised {
        let text = self.str_text(name);
        let message = match self.as_class(value) {
            Some(class) => format!("type object '{}' has no attribute '{text}'", class.declared_name()),
            None => format!("'{}' object has no attribute '{text}'", self.type_name(value)),
        };
        self.attribute_error(value, name, &message)
    }

    /// AttributeError with its `name` and `obj`.
    #[cold]
    pub fn attribute_error(&self, value: Value, name: Value, message: &str) -> crate::native::Raised {
        let raised = self.attribute_error_text(message);
        if let Some(exception) = self.pending.get() {
            self.set_exception_field(exception, "name", name);
            self.set_exception_field(exception, "obj", value);
        }
        raised
    }

    /// Any str as interned exact str. Errors: memory.
    pub fn intern_any(&self, name: Value) -> PyResult<Value> {
        if self.is_exact_str(name) {
            return Ok(self.intern_value(name));
        }
        let text = self.as_str(name).expect("caller checked that this is a str");
        let points: Vec<u32> = text.iter().collect();
        Ok(self.intern_value(self.new_str_points(&points)?))
    }

    /// Whether a class attribute is `object.__getattribute__` itself.
    pub(crate) fn is_object_getattribute(&self, found: Value) -> bool {
        self.downcast_exact::<crate::types::slot_defs::PySlotWrapper>(found)
            .is_some_and(|wrapper| wrapper.class.get() == self.types.object && wrapper.def.name == "__getattribute__")
    }

    /// `id(value)`: the address of heap objects; exact numbers have ids by value, so that `is` and `id` agree.
    pub fn id(&self, value: Value) -> u64 {
        use crate::types::{float::PyFloat, int::PyInt};
        if let Some(float) = self.downcast_exact::<PyFloat>(value).filter(|float| !float.value().is_nan()) {
            return (float.value().to_bits().rotate_left(3) & !7) | 6;
        }
        if let Some(int) = self.downcast_exact::<PyInt>(value) {
            let hash = self.hash_bytes(&int.value().to_signed_bytes_le()) as u64;
            return (hash & !15) | 12;
        }
        value.bits()
    }

    /// Hash by identity.
    pub fn identity_hash(&self, value: Value) -> i64 {
        let hash = self.id(value).rotate_right(4) as i64;
        if hash == -1 { -2 } else { hash }
    }

    /// New bare instance of a class whose layout is `object`'s.
    pub fn new_plain_instance(&self, class: Gc<PyType>) -> PyResult<Value> {
        Ok(self.alloc_instance(class, 0, |header| PyObject { header })?.as_value())
    }
}

/// `__dict__` of instances, for every class that gives them one.
pub const DICT_GETSET: crate::native::GetSetDef = crate::native::GetSetDef::new(
    "__dict__",
    |vm, value| match (vm.instance_dict(value)?, vm.downcast::<PyType>(value)) {
        (Some(dict), _) => Ok(dict.as_value()),
        // A metaclass that also derives from a plain class finds this descriptor before that of `type`.
        (None, Some(class)) => vm.new_mapping_proxy(class.dict.get().as_value()),
        (None, None) => match vm.module_dict(value) {
            Some(dict) => Ok(dict.as_value()),
            None => Err(vm.no_attribute(value, vm.names.__dict__)),
        },
    },
    |vm, value, new| match new {
        // Classes and modules keep theirs, whatever class the descriptor comes from.
        _ if vm.as_class(value).is_some() || vm.module_dict(value).is_some() => {
            let kind = if vm.as_class(value).is_some() { "type" } else { "module" };
            Err(vm.attribute_error_text(format!("attribute '__dict__' of '{kind}' objects is not writable")))
        }
        None if !vm.has_instance_dict(value) => Err(vm.no_attribute(value, vm.names.__dict__)),
        // The attributes are gone; the next ones make a new dictionary.
        None => {
            vm.set_instance_dict(value, vm.new_pydict()?);
            Ok(())
        }
        Some(new) => match vm.as_dict(new) {
            Some(dict) if vm.has_instance_dict(value) => {
                vm.set_instance_dict(value, dict);
                Ok(())
            }
            Some(_) => Err(vm.no_attribute(value, vm.names.__dict__)),
            None => {
                let found = vm.type_name(new);
                Err(vm.type_error(format!("__dict__ must be set to a dictionary, not a '{found}'")))
            }
        },
    },
);

/// `__dict__` of instances of builtin classes, and of classes derived from these: it can be replaced, not deleted.
pub const FIRM_DICT_GETSET: crate::native::GetSetDef =
    crate::native::GetSetDef::new("__dict__", DICT_GETSET.get, |vm, value, new| match (new, DICT_GETSET.set) {
        (Some(new), Some(set)) => set(vm, value, Some(new)),
        _ => Err(vm.type_error("cannot delete __dict__")),
    });

/// The `__dict__` descriptor that classes made in Python get.
static INSTANCE_DICT: crate::native::GetSetDef = DICT_GETSET;

/// The `__weakref__` descriptor: the first reference made to the instance.
static INSTANCE_WEAKREF: crate::native::GetSetDef = crate::native::GetSetDef::read_only("__weakref__", |vm, value| {
    let header = value.try_ptr::<Header>();
    // SAFETY: the instance is alive.
    let header = header.filter(|header| unsafe { header.as_ref() }.has_flag(cinder_layout::flag::WEAKREFFED));
    let first = header.and_then(|header| vm.heap.find_weak_ref(header, |_| true));
    Ok(first.map_or(Value::NONE, Value::from_ptr))
});

impl Vm {
    /// Adds `__dict__` to a class whose base has none.
    pub(crate) fn add_dict_getset(&self, class: Gc<PyType>) -> PyResult<()> {
        self.add_instance_getset(class, &INSTANCE_DICT)
    }

    /// Adds `__weakref__` to a class whose base has none.
    pub(crate) fn add_weakref_getset(&self, class: Gc<PyType>) -> PyResult<()> {
        self.add_instance_getset(class, &INSTANCE_WEAKREF)
    }

    fn add_instance_getset(&self, class: Gc<PyType>, def: &'static crate::native::GetSetDef) -> PyResult<()> {
        let name = self.intern(def.name);
        if self.type_lookup(class, name).is_none() {
            let member = self.new_getset(class, def)?;
            self.dict_set_interned(class.dict.get(), name, member)?;
        }
        Ok(())
    }

    /// Adds the keys of `from` to `names`.
    pub(crate) fn merge_keys(
        &self,
        names: Gc<crate::types::dict::PyDict>,
        from: Gc<crate::types::dict::PyDict>,
    ) -> PyResult<()> {
        for number in 0..from.entry_count() {
            if let Some((key, _)) = from.entry(number) {
                self.dict_insert(names, key, Value::NONE)?;
            }
        }
        Ok(())
    }

    /// The keys as a list.
    pub(crate) fn keys_list(&self, dict: Gc<crate::types::dict::PyDict>) -> PyResult<Value> {
        let keys: crate::value_vec::ValueVec<[Value; 64]> =
            (0..dict.entry_count()).filter_map(|number| dict.entry(number).map(|(key, _)| key)).collect();
        // `dict` in scope keeps the keys alive.
        self.new_list(&keys)
    }
}
