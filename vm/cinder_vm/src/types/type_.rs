//! `type`: the class of classes.
//!
//! A class is one record: name, bases, MRO, attribute dictionary, slot table, and the shapes its instances have. Every class, builtin or
//! made in Python, has the same layout. Source: Include/cpython/object.h `PyTypeObject`, Objects/typeobject.c.

mod attributes;
mod create;
mod methods;
mod mro;
mod signatures;
mod subclasses;

pub(crate) use subclasses::Bases;

use std::cell::{Cell, RefCell, UnsafeCell};

use cinder_layout::{Header, Value};

use crate::object::layout::{Layout, Payload};
use crate::object::shape::ShapeId;
use crate::object::slots::Slots;
use crate::types::dict::PyDict;
use cinder_heap::Gc;

/// Bits of [`PyType::flags`]; the values are ours, `__flags__` translates to CPython's.
pub mod type_flags {
    /// Made by a `class` statement or `type()`; may be modified.
    pub const HEAP: u32 = 1;
    /// May be subclassed.
    pub const BASE: u32 = 1 << 1;
    /// Has abstract methods left (`__abstractmethods__` is not empty).
    pub const ABSTRACT: u32 = 1 << 2;
    /// Attributes may not be set (static builtin, or frozen strict class).
    pub const IMMUTABLE: u32 = 1 << 3;
    /// Pattern matching: matches `[..]`.
    pub const SEQUENCE: u32 = 1 << 4;
    /// Pattern matching: matches `{..}`.
    pub const MAPPING: u32 = 1 << 5;
    /// Instances have a `__dict__`.
    pub const HAS_DICT: u32 = 1 << 6;
    /// Instances may be weakly referenced.
    pub const HAS_WEAKREF: u32 = 1 << 7;
    /// Descriptor whose `__get__` gives a bound method when looked up on an instance (functions, native methods): LOAD_METHOD may skip the bound object.
    pub const METHOD_DESCRIPTOR: u32 = 1 << 8;
    /// Pattern matching: a single positional pattern matches the subject itself (int, str, list ...).
    pub const MATCH_SELF: u32 = 1 << 9;
    /// Has no `__new__` callable from Python.
    pub const NO_NEW: u32 = 1 << 10;
    /// A static Python class: its typed slots are fixed.
    pub const STATIC: u32 = 1 << 11;
    /// May not be subclassed by `@final`.
    pub const FINAL: u32 = 1 << 12;
    /// `__getattribute__` is object's own: attribute caches apply.
    pub const GENERIC_GETATTR: u32 = 1 << 13;
    /// `__setattr__` is object's own.
    pub const GENERIC_SETATTR: u32 = 1 << 14;
    /// A builtin whose instances have a `__class__` of their own. (Of classes made in Python a lookup tells.)
    pub const FAKES_CLASS: u32 = 1 << 15;
    /// `mro()` of its metaclass runs for the first time.
    pub const NO_MRO: u32 = 1 << 31;
    /// Has neither `__bool__` nor `__len__`. Kept by `PyType::set_slots`.
    pub const ALWAYS_TRUE: u32 = 1 << 16;
}

/// Payload of a class object.
#[repr(C)]
pub struct PyType {
    pub header: Header,
    /// `__name__` as text for messages: `module.name` for builtin extension types is split off.
    pub name: RefCell<Box<str>>,
    /// `__qualname__`.
    pub qualname: RefCell<Box<str>>,
    pub flags: Cell<u32>,
    /// Payload struct of instances.
    pub layout: &'static Layout,
    /// The "solid" base: first base, `None` for object only.
    pub base: Cell<Option<Gc<PyType>>>,
    /// Tuple of bases.
    pub bases: Cell<Value>,
    /// Tuple, this class first.
    pub mro: Cell<Value>,
    pub dict: Cell<Gc<PyDict>>,
    /// Slot table; entries are function pointers, replaced as a whole record field by field.
    slots: UnsafeCell<Slots>,
    /// Shape of a new instance.
    pub root_shape: Cell<ShapeId>,
    /// Byte offset of the fixed `__slots__`/typed slots; they lie between the payload struct and `ext`.
    pub fixed_slots: Cell<u32>,
    /// Direct subclasses, held weakly; see `subclasses`.
    pub subclasses: RefCell<Vec<Gc<PyType>>>,
    /// Cache records filled with facts about this class; see `crate::cache`.
    pub dependents: crate::cache::Dependents,
    /// For exception classes: the row of the table that says what instances hold besides `args`; inherited.
    pub exception_row: Cell<Option<&'static crate::types::exceptions::ExceptionClass>>,
    /// Static declaration, for builtin types.
    pub def: Option<&'static TypeDef>,
    /// `__doc__` etc. live in `dict`; the metaclass is the shape's class.
    pub module: Cell<Option<Value>>,
    /// Static Python layout and vtable, when STATIC.
    pub static_info: RefCell<Option<Box<crate::classloader::StaticTypeInfo>>>,
}

impl PyType {
    pub(crate) fn new(
        header: Header,
        name: &str,
        flags: u32,
        layout: &'static Layout,
        dict: Gc<PyDict>,
        def: Option<&'static TypeDef>,
    ) -> PyType {
        PyType {
            header,
            name: RefCell::new(name.into()),
            qualname: RefCell::new(name.into()),
            flags: Cell::new(flags),
            layout,
            base: Cell::new(None),
            bases: Cell::new(Value::NONE),
            mro: Cell::new(Value::NONE),
            dict: Cell::new(dict),
            slots: UnsafeCell::new(Slots::NONE),
            root_shape: Cell::new(0),
            fixed_slots: Cell::new(0),
            subclasses: RefCell::default(),
            dependents: crate::cache::Dependents::default(),
            exception_row: Cell::new(None),
            def,
            module: Cell::new(None),
            static_info: RefCell::default(),
        }
    }

    /// The slot table.
    #[inline(always)]
    pub fn slots(&self) -> &Slots {
        // SAFETY: fields are written only by `set_slots`, which replaces plain function pointers; readers copy a pointer out before anything else runs.
        unsafe { &*self.slots.get() }
    }

    /// The classes of the MRO.
    #[inline]
    pub fn mro_items(&self) -> &'static [Value] {
        if !self.mro.get().is_ptr() {
            // Not connected yet.
            return &[];
        }
        // SAFETY: the MRO of a connected class is a tuple, which never changes; it lives as long as the class, or as an attribute lookup on its stack.
        unsafe {
            let mro: Gc<crate::types::tuple::PyTuple> = Gc::from_value(self.mro.get());
            &*(mro.items() as *const [Value])
        }
    }

    /// Replaces the slot table.
    pub fn set_slots(&self, slots: Slots) {
        let is_plain = slots.bool.is_none() && slots.len.is_none();
        let flags = self.flags.get() & !type_flags::ALWAYS_TRUE;
        self.flags.set(if is_plain { flags | type_flags::ALWAYS_TRUE } else { flags });
        // SAFETY: no reference into the table outlives the expression that copies an entry out (see `slots`).
        unsafe { *self.slots.get() = slots }
    }

    /// Changes entries of the slot table.
    pub fn update_slots(&self, change: impl FnOnce(&mut Slots)) {
        let mut slots = *self.slots();
        change(&mut slots);
        self.set_slots(slots);
    }

    /// `__name__`.
    pub fn name(&self) -> String {
        self.name.borrow().to_string()
    }

    /// The name that messages show: a builtin class's with the module it was declared in, unless that is `builtins` (CPython's `tp_name`).
    pub fn declared_name(&self) -> String {
        self.def.map_or_else(|| self.name(), |def| def.name.to_owned())
    }

    #[inline(always)]
    pub fn has(&self, flag: u32) -> bool {
        self.flags.get() & flag != 0
    }
}

/// Declaration of a builtin class; lives in a `static`.
pub struct TypeDef {
    /// `list`, or `collections.deque` (the module before the last dot).
    pub name: &'static str,
    pub doc: &'static str,
    pub layout: &'static Layout,
    /// Bits of [`type_flags`].
    pub flags: u32,
    pub slots: Slots,
    pub methods: &'static [crate::native::NativeDef],
    pub getset: &'static [crate::native::GetSetDef],
    /// Runs once after the class is made: class attributes that are objects (`__match_args__`, constants, `__class_getitem__`).
    pub setup: Option<fn(&crate::vm::Vm, Gc<PyType>) -> crate::native::PyResult<()>>,
}

impl TypeDef {
    /// A declaration to extend with `..`: `TypeDef { slots: .., ..TypeDef::new("list", &LIST_LAYOUT) }`.
    pub const fn new(name: &'static str, layout: &'static Layout) -> TypeDef {
        TypeDef { name, doc: "", layout, flags: 0, slots: Slots::NONE, methods: &[], getset: &[], setup: None }
    }
}

impl cinder_heap::Trace for PyType {
    fn trace(&self, tracer: &mut cinder_heap::Tracer<'_>) {
        if let Some(base) = self.base.get() {
            tracer.visit_object(base.header());
        }
        tracer.visit(self.bases.get());
        tracer.visit(self.mro.get());
        tracer.visit_object(self.dict.get().header());
        tracer.visit_option(self.module.get());
        self.dependents.trace(tracer);
    }
}

// SAFETY: repr(C), header first.
unsafe impl cinder_heap::HeapObject for PyType {}

crate::layout!(PyType, "type");

pub static TYPE: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::MATCH_SELF,
    slots: Slots {
        repr: Some(methods::repr),
        call: Some(methods::call),
        getattr: Some(|vm, class, name| vm.type_getattr(class, name)),
        setattr: Some(|vm, class, name, new| vm.type_setattr(class, name, new)),
        new: Some(methods::new),
        init: Some(methods::init),
        binary: {
            let mut table: [Option<crate::object::slots::Binary>; 13] = [None; 13];
            table[10] = Some(|vm, a, b| vm.type_union(a, b));
            table
        },
        ..Slots::NONE
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    ..TypeDef::new("type", <PyType as Payload>::LAYOUT)
};

impl crate::vm::Vm {
    /// The value as a class.
    #[inline]
    pub fn as_class(&self, value: Value) -> Option<Gc<PyType>> {
        self.downcast::<PyType>(value)
    }
}
