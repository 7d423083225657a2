//! Module specs and loaders: what `__spec__` and `__loader__` are.

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value};

use super::find::{BUILTIN_IMPORTER, Found};
use super::split_name;
use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of a spec; its facts are attributes.
#[repr(C)]
pub(crate) struct PySpec {
    header: Header,
}

impl Trace for PySpec {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PySpec {}

crate::layout!(PySpec, "ModuleSpec");

/// Payload of a loader: the module's name and file.
#[repr(C)]
pub(crate) struct PyLoader {
    header: Header,
    name: Slot<Value>,
    path: Slot<Value>,
}

impl Trace for PyLoader {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.name.get());
        tracer.visit(self.path.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyLoader {}

crate::layout!(PyLoader, "SourceFileLoader");

/// A spec, and what the loader needs to know without asking it.
pub(super) struct SpecParts {
    pub(super) spec: Value,
    /// `None` for a spec that a program's own finder made.
    pub(super) kind: Option<Kind>,
}

pub(super) enum Kind {
    Native(&'static crate::module_def::ModuleDef),
    Source(String),
    Namespace,
}

impl SpecParts {
    pub(super) fn foreign(spec: Value) -> SpecParts {
        SpecParts { spec, kind: None }
    }
}

fn new_spec(vm: &Vm, class: Gc<PyType>, _args: &[Value], _names: Option<Value>) -> PyResult<Value> {
    Ok(vm.alloc_instance(class, 0, |header| PySpec { header })?.as_value())
}

fn init_spec(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let is_package = match args.opt(5) {
        Some(given) => vm.truthy(given)?,
        None => false,
    };
    let locations = if is_package { vm.new_list(&[])? } else { Value::NONE };
    let none = |index: usize| args.opt(index).unwrap_or(Value::NONE);
    fill_spec(vm, args.at(0), args.at(1), args.at(2), none(3), locations, false)?;
    set(vm, args.at(0), "loader_state", none(4))?;
    Ok(Value::NONE)
}

static INIT: NativeDef = NativeDef::method(
    "ModuleSpec",
    "self, name, loader, *, origin=None, loader_state=None, is_package=None",
    init_spec,
);

fn set(vm: &Vm, object: Value, name: &str, value: Value) -> PyResult<()> {
    vm.set_own_attribute(object, vm.intern(name), value).map(|_| ())
}

fn get(vm: &Vm, object: Value, name: &str) -> Value {
    vm.own_attribute(object, vm.intern(name)).unwrap_or(Value::NONE)
}

fn fill_spec(
    vm: &Vm,
    spec: Value,
    name: Value,
    loader: Value,
    origin: Value,
    locations: Value,
    is_file: bool,
) -> PyResult<()> {
    set(vm, spec, "name", name)?;
    set(vm, spec, "loader", loader)?;
    set(vm, spec, "origin", origin)?;
    set(vm, spec, "loader_state", Value::NONE)?;
    set(vm, spec, "submodule_search_locations", locations)?;
    let uninitialized = vm.new_list(&[])?;
    set(vm, spec, "_uninitialized_submodules", uninitialized)?;
    set(vm, spec, "_set_fileattr", Value::from_bool(is_file))?;
    set(vm, spec, "_cached", Value::NONE)?;
    set(vm, spec, "_initializing", Value::FALSE)
}

fn repr_spec(vm: &Vm, spec: Value) -> PyResult<Value> {
    let mut parts = vec![
        format!("name={}", vm.repr_text(get(vm, spec, "name"))?),
        format!("loader={}", vm.repr_text(get(vm, spec, "loader"))?),
    ];
    for name in ["origin", "submodule_search_locations"] {
        let value = get(vm, spec, name);
        if !value.is_none() {
            parts.push(format!("{name}={}", vm.repr_text(value)?));
        }
    }
    vm.new_str(&format!("{}({})", vm.type_name(spec), parts.join(", ")))
}

fn parent(vm: &Vm, spec: Value) -> PyResult<Value> {
    let name = get(vm, spec, "name");
    if !vm.is_str(name) || !get(vm, spec, "submodule_search_locations").is_none() {
        return Ok(name);
    }
    Ok(vm.intern(split_name(&vm.str_text(name)).0.unwrap_or("")))
}

/// Where the compiled code belongs, of a module that has a source file.
fn cached(vm: &Vm, spec: Value) -> PyResult<Value> {
    let known = get(vm, spec, "_cached");
    let origin = get(vm, spec, "origin");
    if !known.is_none() || get(vm, spec, "_set_fileattr") != Value::TRUE || !vm.is_str(origin) {
        return Ok(known);
    }
    let origin = vm.str_text(origin);
    let place = match &*origin {
        source if source.ends_with(".py") => vm.cache_path(source),
        code if code.ends_with(".pyc") => Some(code.to_owned()),
        _ => None,
    };
    let Some(place) = place else { return Ok(known) };
    let place = vm.new_str(&place)?;
    set(vm, spec, "_cached", place)?;
    Ok(place)
}

/// `importlib.machinery.ModuleSpec` as the native import makes it.
pub static MODULE_SPEC: TypeDef = TypeDef {
    doc: "The specification for a module, used for loading.",
    flags: type_flags::BASE | type_flags::HAS_DICT | type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(new_spec),
        init: Some(|vm, spec, args, keyword_names| {
            let mut all = crate::value_vec::ValueVec::<[Value; 8]>::with_capacity(args.len() + 1);
            all.push(spec);
            all.extend_from_slice(args);
            INIT.call(vm, &all, keyword_names).map(|_| ())
        }),
        repr: Some(repr_spec),
        ..Slots::NONE
    },
    getset: &[
        GetSetDef::read_only("parent", parent),
        GetSetDef::new("cached", cached, |vm, spec, value| set(vm, spec, "_cached", value.unwrap_or(Value::NONE))),
        GetSetDef::new(
            "has_location",
            |vm, spec| Ok(get(vm, spec, "_set_fileattr")),
            |vm, spec, value| {
                let truth = vm.truthy(value.unwrap_or(Value::FALSE))?;
                set(vm, spec, "_set_fileattr", Value::from_bool(truth))
            },
        ),
    ],
    ..TypeDef::new("_frozen_importlib.ModuleSpec", <PySpec as Payload>::LAYOUT)
};

fn loader(vm: &Vm, value: Value) -> Gc<PyLoader> {
    vm.downcast::<PyLoader>(value).expect("method of this class")
}

fn loader_text(vm: &Vm, value: Value) -> String {
    vm.str_text(loader(vm, value).path.get()).into_owned()
}

fn get_source(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let path = loader_text(vm, args.at(0));
    let bytes = vm.read_source(&path)?;
    let text = vm.decode_source(&bytes, &path)?;
    vm.new_str(&text.replace("\r\n", "\n"))
}

fn new_loader(vm: &Vm, class: Gc<PyType>, args: &[Value], _names: Option<Value>) -> PyResult<Value> {
    match *args {
        [name, path] => {
            let make = |header| PyLoader { header, name: Slot::new(name), path: Slot::new(path) };
            Ok(vm.alloc_instance(class, 0, make)?.as_value())
        }
        _ => Err(vm.type_error(format!("FileLoader.__init__() takes 2 arguments ({} given)", args.len()))),
    }
}

/// Loader of `.py` files, on disk or in the embedded library.
pub static SOURCE_FILE_LOADER: TypeDef = TypeDef {
    doc: "Concrete implementation of SourceLoader using the file system.",
    flags: type_flags::BASE | type_flags::HAS_DICT | type_flags::HAS_WEAKREF,
    slots: Slots { new: Some(new_loader), ..Slots::NONE },
    methods: &[
        NativeDef::method("create_module", "self, spec", |_, _| Ok(Value::NONE)),
        NativeDef::method("exec_module", "self, module", |vm, args| {
            let path = loader_text(vm, args.at(0));
            vm.exec_source_file(args.at(1), &path)?;
            Ok(Value::NONE)
        }),
        NativeDef::method("get_source", "self, fullname", get_source),
        NativeDef::method("get_code", "self, fullname", |vm, args| {
            let path = loader_text(vm, args.at(0));
            Ok(vm.compile_source_file(&path)?.as_value())
        }),
        NativeDef::method("get_data", "self, path", |vm, args| {
            let path = vm.str_text(args.at(1)).into_owned();
            let bytes = vm.read_source(&path)?;
            vm.new_bytes(&bytes)
        }),
        NativeDef::method("get_resource_reader", "self, name", |vm, args| {
            let readers = vm.import("importlib.readers")?;
            vm.call(vm.getattr_text(readers, "FileReader")?, &[args.at(0)])
        }),
        NativeDef::method("get_filename", "self, name=None", |vm, args| Ok(loader(vm, args.at(0)).path.get())),
        NativeDef::method("is_package", "self, fullname", |vm, args| {
            Ok(Value::from_bool(loader_text(vm, args.at(0)).ends_with("/__init__.py")))
        }),
    ],
    getset: &[
        GetSetDef::read_only("name", |vm, value| Ok(loader(vm, value).name.get())),
        GetSetDef::read_only("path", |vm, value| Ok(loader(vm, value).path.get())),
    ],
    ..TypeDef::new("_frozen_importlib_external.SourceFileLoader", <PyLoader as Payload>::LAYOUT)
};

/// Loader of packages without `__init__.py`: there is nothing to run.
pub static NAMESPACE_LOADER: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::HAS_DICT | type_flags::HAS_WEAKREF,
    slots: Slots { new: Some(new_loader), ..Slots::NONE },
    methods: &[
        NativeDef::method("create_module", "self, spec", |_, _| Ok(Value::NONE)),
        NativeDef::method("exec_module", "self, module", |_, _| Ok(Value::NONE)),
        NativeDef::method("get_source", "self, fullname", |vm, _| vm.new_str("")),
        NativeDef::method("is_package", "self, fullname", |_, _| Ok(Value::TRUE)),
    ],
    ..TypeDef::new("_frozen_importlib_external.NamespaceLoader", <PyLoader as Payload>::LAYOUT)
};

impl Vm {
    /// The spec object of a module that was found natively.
    pub(super) fn make_spec(&self, name: &str, found: &Found) -> PyResult<SpecParts> {
        if let Found::Foreign(spec) = found {
            return Ok(SpecParts::foreign(*spec));
        }
        let name = self.intern(name);
        let class = self.native_class(&MODULE_SPEC)?;
        let spec = new_spec(self, class, &[], None)?;
        let kind = match found {
            Found::Native(def) => {
                let loader = self.native_class(&BUILTIN_IMPORTER)?.as_value();
                fill_spec(self, spec, name, loader, self.intern("built-in"), Value::NONE, false)?;
                Kind::Native(def)
            }
            Found::Source { path, is_package } => {
                let class = self.native_class(&SOURCE_FILE_LOADER)?;
                let file = self.new_str(path)?;
                let loader = new_loader(self, class, &[name, file], None)?;
                let locations = if *is_package {
                    let folder = self.new_str(path.strip_suffix("/__init__.py").unwrap_or(path))?;
                    self.new_list(&[folder])?
                } else {
                    Value::NONE
                };
                fill_spec(self, spec, name, loader, file, locations, true)?;
                Kind::Source(path.clone())
            }
            Found::Namespace(folders) => {
                let class = self.native_class(&NAMESPACE_LOADER)?;
                let loader = new_loader(self, class, &[name, Value::NONE], None)?;
                let locations = self.new_list(&[])?;
                for folder in folders {
                    let folder = self.new_str(folder)?;
                    self.list_append(locations, folder)?;
                }
                fill_spec(self, spec, name, loader, Value::NONE, locations, false)?;
                Kind::Namespace
            }
            Found::Compiled { .. } | Found::Foreign(_) => unreachable!("these come with their spec"),
        };
        Ok(SpecParts { spec, kind: Some(kind) })
    }

    /// Says whether the module's code is running.
    pub(super) fn set_initializing(&self, spec: Value, is_running: bool) -> PyResult<()> {
        self.setattr(spec, self.names._initializing, Some(Value::from_bool(is_running)))
    }
}
