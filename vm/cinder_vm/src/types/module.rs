//! Module objects. Source: Objects/moduleobject.c.

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value};

use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::dict::PyDict;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of a module: its namespace.
#[repr(C)]
pub struct PyModule {
    header: Header,
    pub dict: Slot<Gc<PyDict>>,
}

impl Trace for PyModule {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.dict.get().header());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyModule {}

crate::layout!(PyModule, "module", exact module);

fn module(vm: &Vm, value: Value) -> Gc<PyModule> {
    vm.downcast::<PyModule>(value).expect("slot of this class")
}

fn new(vm: &Vm, class: Gc<PyType>, _args: &[Value], _names: Option<Value>) -> PyResult<Value> {
    let dict = vm.new_pydict()?;
    Ok(vm.alloc_instance(class, 0, |header| PyModule { header, dict: Slot::new(dict) })?.as_value())
}

static INIT: NativeDef = NativeDef::method("module", "self, name, doc=None", |vm, args| {
    if !vm.is_str(args.at(1)) {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("module() argument 'name' must be str, not {found}")));
    }
    fill(vm, module(vm, args.at(0)).dict.get(), args.at(1), args.opt(2).unwrap_or(Value::NONE))?;
    Ok(Value::NONE)
});

fn fill(vm: &Vm, dict: Gc<PyDict>, name: Value, doc: Value) -> PyResult<()> {
    let names = &vm.names;
    vm.dict_set_interned(dict, names.__name__, name)?;
    vm.dict_set_interned(dict, names.__doc__, doc)?;
    for absent in [names.__package__, names.__loader__, names.__spec__] {
        if dict.get_interned(absent).is_none() {
            vm.dict_set_interned(dict, absent, Value::NONE)?;
        }
    }
    Ok(())
}

/// Generic lookup over the namespace, then the module's `__getattr__` (PEP 562).
fn getattr(vm: &Vm, value: Value, name: Value) -> PyResult<Value> {
    let name = vm.intern_any(name)?;
    let dict = module(vm, value).dict.get();
    let class = vm.type_of(value);
    let found = vm.type_lookup(class, name);
    if let Some(found) = found
        && vm.type_of(found).slots().descr_set.is_some()
        && let Some(get) = vm.type_of(found).slots().descr_get
    {
        return get(vm, found, Some(value), class.as_value());
    }
    if let Some(own) = dict.get_interned(name) {
        return Ok(own);
    }
    if let Some(found) = found {
        return match vm.type_of(found).slots().descr_get {
            Some(get) => get(vm, found, Some(value), class.as_value()),
            None => Ok(found),
        };
    }
    if let Some(hook) = dict.get_interned(vm.names.__getattr__) {
        return vm.call(hook, &[name]);
    }
    Err(missing(vm, value, dict, name))
}

#[cold]
fn missing(vm: &Vm, value: Value, dict: Gc<PyDict>, name: Value) -> crate::native::Raised {
    let text = vm.str_text(name);
    let message = match dict.get_interned(vm.names.__name__).filter(|name| vm.is_str(*name)) {
        Some(module) if vm.is_module_initializing(value) => format!(
            "partially initialized module '{}' has no attribute '{text}' (most likely due to a circular import)",
            vm.str_text(module)
        ),
        Some(module) => format!("module '{}' has no attribute '{text}'", vm.str_text(module)),
        None => format!("module has no attribute '{text}'"),
    };
    vm.attribute_error(value, name, &message)
}

fn setattr(vm: &Vm, value: Value, name: Value, new: Option<Value>) -> PyResult<()> {
    let name = vm.intern_any(name)?;
    if let Some(found) = vm.type_lookup(vm.type_of(value), name)
        && let Some(set) = vm.type_of(found).slots().descr_set
    {
        return set(vm, found, value, new);
    }
    let dict = module(vm, value).dict.get();
    vm.module_changed(dict.get_interned(name));
    match new {
        Some(new) => vm.dict_set_interned(dict, name, new),
        None => match dict.find_interned(name) {
            Some(number) => {
                vm.dict_remove_entry(dict, number);
                Ok(())
            }
            None => Err(missing(vm, value, dict, name)),
        },
    }
}

/// What `__annotate__` gives, kept once the module's body has run (PEP 649).
fn get_annotations(vm: &Vm, value: Value) -> PyResult<Value> {
    let (dict, names) = (module(vm, value).dict.get(), &vm.names);
    if let Some(found) = dict.get_interned(names.__annotations__) {
        return Ok(found);
    }
    let made = match dict.get_interned(names.__annotate__).filter(|annotate| vm.is_callable(*annotate)) {
        Some(annotate) => {
            let made = vm.call(annotate, &[Value::ONE])?;
            if vm.as_dict(made).is_none() {
                let found = vm.type_name(made);
                return Err(vm.type_error(format!("__annotate__ returned non-dict of type '{found}'")));
            }
            made
        }
        None => vm.new_dict()?,
    };
    if !vm.is_module_initializing(value) {
        vm.dict_set_interned(dict, names.__annotations__, made)?;
    }
    Ok(made)
}

fn set_annotations(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let (dict, names) = (module(vm, value).dict.get(), &vm.names);
    match new {
        Some(new) => vm.dict_set_interned(dict, names.__annotations__, new)?,
        None => match dict.find_interned(names.__annotations__) {
            Some(number) => {
                vm.dict_remove_entry(dict, number);
            }
            None => return Err(vm.attribute_error(value, names.__annotations__, "__annotations__")),
        },
    }
    if let Some(number) = dict.find_interned(names.__annotate__) {
        vm.dict_remove_entry(dict, number);
    }
    Ok(())
}

fn get_annotate(vm: &Vm, value: Value) -> PyResult<Value> {
    let (dict, names) = (module(vm, value).dict.get(), &vm.names);
    if let Some(found) = dict.get_interned(names.__annotate__) {
        return Ok(found);
    }
    vm.dict_set_interned(dict, names.__annotate__, Value::NONE)?;
    Ok(Value::NONE)
}

fn set_annotate(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let (dict, names) = (module(vm, value).dict.get(), &vm.names);
    let Some(new) = new else { return Err(vm.type_error("cannot delete __annotate__ attribute")) };
    if !new.is_none() && !vm.is_callable(new) {
        return Err(vm.type_error("__annotate__ must be callable or None"));
    }
    vm.dict_set_interned(dict, names.__annotate__, new)?;
    if !new.is_none()
        && let Some(number) = dict.find_interned(names.__annotations__)
    {
        vm.dict_remove_entry(dict, number);
    }
    Ok(())
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let importlib = vm.import("importlib._bootstrap")?;
    let repr = vm.getattr_text(importlib, "_module_repr")?;
    vm.call(repr, &[value])
}

fn dir(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let dict = vm.getattr(args.at(0), vm.names.__dict__)?;
    let Some(dict) = vm.as_dict(dict) else { return Err(vm.type_error("<module>.__dict__ is not a dictionary")) };
    match dict.get_interned(vm.names.__dir__) {
        Some(hook) => vm.call(hook, &[]),
        None => vm.keys_list(dict),
    }
}

pub static MODULE: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::HAS_WEAKREF,
    slots: Slots {
        repr: Some(repr),
        getattr: Some(getattr),
        setattr: Some(setattr),
        new: Some(new),
        init: Some(|vm, value, args, keyword_names| {
            let mut all = crate::value_vec::ValueVec::<[Value; 8]>::with_capacity(args.len() + 1);
            all.push(value);
            all.extend_from_slice(args);
            INIT.call(vm, &all, keyword_names).map(|_| ())
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__dir__", "self, /", dir)],
    getset: &[
        GetSetDef::read_only("__dict__", |vm, value| Ok(module(vm, value).dict.get().as_value())),
        GetSetDef::new("__annotations__", get_annotations, set_annotations),
        GetSetDef::new("__annotate__", get_annotate, set_annotate),
    ],
    ..TypeDef::new("module", <PyModule as Payload>::LAYOUT)
};

impl Vm {
    /// New module object with the attributes every module has.
    pub fn new_module(&self, name: &str, doc: Option<&str>) -> PyResult<Value> {
        let value = new(self, self.types.module, &[], None)?;
        let doc = match doc {
            Some(doc) => self.new_str(doc)?,
            None => Value::NONE,
        };
        fill(self, module(self, value).dict.get(), self.intern(name), doc)?;
        Ok(value)
    }

    /// Namespace of a module object.
    pub fn module_dict(&self, value: Value) -> Option<Gc<PyDict>> {
        self.downcast::<PyModule>(value).map(|module| module.dict.get())
    }

    /// Whether `__spec__._initializing` holds: the module's body is still running.
    pub fn is_module_initializing(&self, value: Value) -> bool {
        let spec = self.module_dict(value).and_then(|dict| dict.get_interned(self.names.__spec__));
        let Some(spec) = spec.filter(|spec| !spec.is_none()) else { return false };
        let flag = self.getattr_opt(spec, self.names._initializing);
        match flag.and_then(|flag| flag.map_or(Ok(false), |flag| self.truthy(flag))) {
            Ok(flag) => flag,
            Err(raised) => {
                self.take_exception(raised);
                false
            }
        }
    }
}
