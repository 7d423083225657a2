//! Finding modules: native ones, those of the embedded library, and files on `sys.path`.

use cinder_heap::{Gc, HeapObject, Trace, Tracer};
use cinder_layout::{Header, Value};

use super::spec::SpecParts;
use super::{PathKind, split_name};
use crate::module_def::ModuleDef;
use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::types::native_function::PyNativeFunction;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// What a name was found to be.
pub(super) enum Found {
    Native(&'static ModuleDef),
    Source {
        path: String,
        is_package: bool,
    },
    /// Compiled code without its source.
    Compiled {
        path: String,
        is_package: bool,
    },
    /// Folders without `__init__.py`.
    Namespace(Vec<String>),
    /// The spec that a finder of another kind of path entry made.
    Foreign(Value),
}

/// Payload of the finder classes, which nobody instantiates.
#[repr(C)]
pub(crate) struct Nothing {
    header: Header,
}

impl Trace for Nothing {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: repr(C), header first, holds no values.
unsafe impl HeapObject for Nothing {
    const LEAF: bool = true;
}

crate::layout!(Nothing, "finder");

/// Finds and loads native modules.
pub static BUILTIN_IMPORTER: TypeDef = TypeDef {
    doc: "Meta path import for built-in modules.\n\n    All methods are either class or static methods to avoid the need to\n    instantiate the class.\n\n    ",
    flags: type_flags::NO_NEW,
    methods: &[
        NativeDef::class_method("find_spec", "cls, fullname, path=None, target=None", |vm, args| {
            let name = name_argument(vm, args.at(1))?;
            match vm.imports.host.native(&name) {
                Some(def) => vm.make_spec(&name, &Found::Native(def)).map(|parts| parts.spec),
                None => Ok(Value::NONE),
            }
        }),
        NativeDef::static_method("create_module", "spec", |vm, args| {
            let name = vm.getattr(args.at(0), vm.names.name)?;
            let name = name_argument(vm, name)?;
            match vm.imports.host.native(&name) {
                Some(def) => vm.make_module(def),
                None => {
                    let message = format!("'{name}' is not a built-in module");
                    Err(vm.import_failure(vm.exceptions.ImportError, &message, vm.intern(&name)))
                }
            }
        }),
        NativeDef::static_method("exec_module", "module", |_, _| Ok(Value::NONE)),
        NativeDef::class_method("get_code", "cls, fullname", |_, _| Ok(Value::NONE)),
        NativeDef::class_method("get_source", "cls, fullname", |_, _| Ok(Value::NONE)),
        NativeDef::class_method("is_package", "cls, fullname", |_, _| Ok(Value::FALSE)),
    ],
    ..TypeDef::new("_frozen_importlib.BuiltinImporter", <Nothing as Payload>::LAYOUT)
};

/// Stands on `sys.meta_path` because programs look for it; nothing is frozen here.
pub static FROZEN_IMPORTER: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    methods: &[NativeDef::class_method("find_spec", "cls, fullname, path=None, target=None", |_, _| Ok(Value::NONE))],
    ..TypeDef::new("_frozen_importlib.FrozenImporter", <Nothing as Payload>::LAYOUT)
};

/// Finds modules on `sys.path` and on the paths of packages.
pub static PATH_FINDER: TypeDef = TypeDef {
    doc: "Meta path finder for sys.path and package __path__ attributes.",
    flags: type_flags::NO_NEW,
    methods: &[
        NativeDef::class_method("find_spec", "cls, fullname, path=None, target=None", path_finder_find_spec),
        NativeDef::class_method("invalidate_caches", "cls", |vm, _| {
            let metadata = vm.intern("importlib.metadata");
            match vm.dict_get(*vm.modules, metadata)? {
                Some(module) => {
                    let finder = vm.getattr_text(module, "MetadataPathFinder")?;
                    vm.call_method(finder, vm.intern("invalidate_caches"), &[])
                }
                None => Ok(Value::NONE),
            }
        }),
        // Distributions are found by what importlib.metadata knows of folders.
        NativeDef::static_method("find_distributions", "*args, **kwargs", |vm, args| {
            let module = vm.import("importlib.metadata")?;
            let finder = vm.getattr_text(module, "MetadataPathFinder")?;
            let find = vm.getattr_text(finder, "find_distributions")?;
            vm.call_packed(find, args.at(0), args.opt(1))
        }),
    ],
    ..TypeDef::new("_frozen_importlib_external.PathFinder", <Nothing as Payload>::LAYOUT)
};

fn name_argument(vm: &Vm, name: Value) -> PyResult<String> {
    if vm.is_str(name) {
        Ok(vm.str_text(name).into_owned())
    } else {
        Err(vm.type_error("module name must be a string"))
    }
}

fn path_finder_find_spec(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = name_argument(vm, args.at(1))?;
    let path = match args.opt(2).filter(|path| !path.is_none()) {
        Some(path) => Some(path),
        None => vm.sys_attribute("path"),
    };
    let Some(path) = path else { return Ok(Value::NONE) };
    match vm.find_on_path(args.at(1), path)? {
        Some(found) => vm.make_spec(&name, &found).map(|parts| parts.spec),
        None => Ok(Value::NONE),
    }
}

/// The entry of `sys.path_hooks` for folders and zip files, for programs that ask it (`pkgutil`); imports do without it.
pub static PATH_HOOK: NativeDef = NativeDef::function("path_hook_for_FileFinder", "path, /", |vm, args| {
    let path = args.at(0);
    if vm.is_str(path) {
        let text = vm.str_text(path);
        if vm.lies_in_file(&text) {
            let module = vm.import("zipimport")?;
            return vm.call(vm.getattr_text(module, "zipimporter")?, &[path]);
        }
        if text.is_empty() || vm.imports.host.path_kind(&text) == PathKind::Folder {
            let machinery = vm.import("importlib.machinery")?;
            let class = |name: &str| vm.getattr_text(machinery, name);
            let mut loaders = crate::value_vec::ValueVec::<[Value; 4]>::new();
            for (loader, suffixes) in
                [("SourceFileLoader", "SOURCE_SUFFIXES"), ("SourcelessFileLoader", "BYTECODE_SUFFIXES")]
            {
                loaders.push(vm.new_tuple(&[class(loader)?, class(suffixes)?])?);
            }
            return vm.call(class("FileFinder")?, &[path, loaders[0], loaders[1]]);
        }
    }
    let message = vm.new_str("only directories are supported")?;
    let made = vm.call_with(vm.exceptions.ImportError.as_value(), &[message], &[("path", path)])?;
    Err(vm.raise(made))
});

/// A finder on `sys.meta_path`.
enum Finder {
    Builtin,
    Path,
    /// Found by nobody here.
    Frozen,
    Other,
}

impl Vm {
    fn known_finder(&self, finder: Value) -> PyResult<Finder> {
        let is = |def| PyResult::Ok(self.native_class(def)?.as_value() == finder);
        Ok(if is(&BUILTIN_IMPORTER)? {
            Finder::Builtin
        } else if is(&PATH_FINDER)? {
            Finder::Path
        } else if is(&FROZEN_IMPORTER)? {
            Finder::Frozen
        } else {
            Finder::Other
        })
    }

    /// Asks the finders on `sys.meta_path`; `None` when nobody knows the module. `path` is the parent's `__path__`, None at the top.
    pub(super) fn find_spec(&self, name: Value, path: Value) -> PyResult<Option<SpecParts>> {
        let text = self.str_text(name);
        let Some(finders) = self.sys_attribute("meta_path").filter(|finders| !finders.is_none()) else {
            return Err(self.import_error_text("sys.meta_path is None, Python is likely shutting down"));
        };
        let mut index = 0;
        loop {
            // By index: a finder may change the list.
            let Some(finder) = self.item_at(finders, index)? else { return Ok(None) };
            index += 1;
            let found = match self.known_finder(finder)? {
                Finder::Builtin => self.imports.host.native(&text).map(Found::Native),
                Finder::Path => {
                    let path = if path.is_none() { self.sys_attribute("path") } else { Some(path) };
                    match path {
                        Some(path) => self.find_on_path(name, path)?,
                        None => None,
                    }
                }
                Finder::Frozen => None,
                Finder::Other => {
                    let Some(find_spec) = self.getattr_opt(finder, self.intern("find_spec"))? else { continue };
                    let spec = self.call(find_spec, &[name, path, Value::NONE])?;
                    if spec.is_none() {
                        continue;
                    }
                    return Ok(Some(SpecParts::foreign(spec)));
                }
            };
            if let Some(found) = found {
                return Ok(Some(self.make_spec(&text, &found)?));
            }
        }
    }

    /// Item `index` of a list, or of any other sequence.
    fn item_at(&self, sequence: Value, index: usize) -> PyResult<Option<Value>> {
        if let Some(list) = self.downcast::<crate::types::list::PyList>(sequence) {
            return Ok(list.items.get(index));
        }
        self.catch(self.getitem(sequence, self.new_uint(index)?), self.exceptions.IndexError)
    }

    /// Looks for the module of that full name in each entry of a path.
    pub(super) fn find_on_path(&self, name: Value, path: Value) -> PyResult<Option<Found>> {
        let text = self.str_text(name);
        let tail = split_name(&text).1;
        let mut portions = Vec::new();
        let mut index = 0;
        while let Some(entry) = self.item_at(path, index)? {
            index += 1;
            if !self.is_str(entry) {
                continue;
            }
            if let Some(finder) = self.entry_finder(entry)? {
                let find_spec = self.getattr_text(finder, "find_spec")?;
                let spec = self.call(find_spec, &[name])?;
                if !spec.is_none() {
                    return Ok(Some(Found::Foreign(spec)));
                }
                continue;
            }
            let entry = self.str_text(entry).into_owned();
            match self.find_in_entry(tail, &entry) {
                Some(Found::Namespace(found)) => portions.extend(found),
                Some(Found::Compiled { path, is_package }) => {
                    return self.compiled_spec(name, &path, is_package).map(|spec| Some(Found::Foreign(spec)));
                }
                Some(found) => return Ok(Some(found)),
                None => {}
            }
        }
        Ok(if portions.is_empty() { None } else { Some(Found::Namespace(portions)) })
    }

    /// The spec of a module whose code lies beside no source: `importlib`'s loader reads it.
    fn compiled_spec(&self, name: Value, path: &str, is_package: bool) -> PyResult<Value> {
        let module = self.import("_frozen_importlib_external")?;
        let file = self.new_str(path)?;
        let loader = self.call(self.getattr_text(module, "SourcelessFileLoader")?, &[name, file])?;
        let machinery = self.import("_frozen_importlib")?;
        let spec = self.call(self.getattr_text(machinery, "ModuleSpec")?, &[name, loader])?;
        self.setattr(spec, self.intern("origin"), Some(file))?;
        self.setattr(spec, self.intern("has_location"), Some(Value::TRUE))?;
        if is_package {
            let folder = self.new_str(path.rsplit_once('/').map_or("", |(folder, _)| folder))?;
            self.setattr(spec, self.intern("submodule_search_locations"), Some(self.new_list(&[folder])?))?;
        }
        Ok(spec)
    }

    /// What a hook of `sys.path_hooks` made for a path entry, or a finder in the zip file that the entry lies in; `None` for folders.
    fn entry_finder(&self, entry: Value) -> PyResult<Option<Value>> {
        let cache = self.sys_attribute("path_importer_cache").and_then(|cache| self.as_dict(cache));
        if let Some(cache) = cache
            && let Some(known) = self.dict_get(cache, entry)?
        {
            return Ok(Some(known).filter(|known| !known.is_none()));
        }
        let mut finder = None;
        if let Some(hooks) = self.sys_attribute("path_hooks") {
            let mut index = 0;
            while let Some(hook) = self.item_at(hooks, index)? {
                index += 1;
                if self.downcast::<PyNativeFunction>(hook).is_some_and(|hook| std::ptr::eq(hook.def, &PATH_HOOK)) {
                    // What it would make is found without it.
                    continue;
                }
                finder = self.catch(self.call(hook, &[entry]), self.exceptions.ImportError)?;
                if finder.is_some() {
                    break;
                }
            }
        }
        if finder.is_none() && self.lies_in_file(&self.str_text(entry)) {
            // Importing the finder looks into this entry too.
            if let Some(cache) = cache {
                self.dict_set(cache.as_value(), entry, Value::NONE)?;
            }
            let module = self.import("zipimport")?;
            let class = self.getattr_text(module, "zipimporter")?;
            finder = self.catch(self.call(class, &[entry]), self.exceptions.ImportError)?;
        }
        // Folders that are searched here have no entry: finders of `importlib` take None for a place where nothing can be found.
        if let Some(cache) = cache {
            match finder {
                Some(finder) => self.dict_set(cache.as_value(), entry, finder)?,
                None => {
                    self.dict_remove(cache, entry)?;
                }
            }
        }
        Ok(finder)
    }

    /// Whether a path or the part of it that exists is a file.
    fn lies_in_file(&self, entry: &str) -> bool {
        let host = &*self.imports.host;
        if entry.is_empty() || library_folder(host.library_path(), entry).is_some() {
            return false;
        }
        let existing = std::path::Path::new(entry)
            .ancestors()
            .filter_map(std::path::Path::to_str)
            .map(|path| host.path_kind(path))
            .find(|kind| *kind != PathKind::Absent);
        existing == Some(PathKind::File)
    }

    fn find_in_entry(&self, tail: &str, entry: &str) -> Option<Found> {
        let host = &*self.imports.host;
        if let Some(folder) = library_folder(host.library_path(), entry) {
            let base = if folder.is_empty() { tail.to_owned() } else { format!("{folder}/{tail}") };
            for (path, is_package) in [(format!("{base}/__init__.py"), true), (format!("{base}.py"), false)] {
                if host.library_has(&path) {
                    return Some(Found::Source { path: format!("{}/{path}", host.library_path()), is_package });
                }
            }
            return None;
        }
        let folder = if entry.is_empty() { host.current_folder()? } else { entry.to_owned() };
        let base = if folder.ends_with('/') { format!("{folder}{tail}") } else { format!("{folder}/{tail}") };
        let is_folder = host.path_kind(&base) == PathKind::Folder;
        if is_folder {
            let path = format!("{base}/__init__.py");
            if host.path_kind(&path) == PathKind::File {
                return Some(Found::Source { path, is_package: true });
            }
            let path = format!("{base}/__init__.pyc");
            if host.path_kind(&path) == PathKind::File {
                return Some(Found::Compiled { path, is_package: true });
            }
        }
        let path = format!("{base}.py");
        if host.path_kind(&path) == PathKind::File {
            return Some(Found::Source { path, is_package: false });
        }
        let path = format!("{base}.pyc");
        if host.path_kind(&path) == PathKind::File {
            return Some(Found::Compiled { path, is_package: false });
        }
        if is_folder { Some(Found::Namespace(vec![base])) } else { None }
    }

    /// Bytes of a source file: of the embedded library, or from disk.
    ///
    /// Errors: OSError.
    pub fn read_source(&self, path: &str) -> PyResult<Vec<u8>> {
        let host = &*self.imports.host;
        if let Some(inside) = library_folder(host.library_path(), path)
            && let Some(source) = host.library_source(inside)
        {
            return Ok(source);
        }
        host.read(path).map_err(|error| {
            let code = i64::from(error.raw_os_error().unwrap_or(0));
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default();
            let made = (|| {
                let arguments = [self.new_int(code)?, self.new_str(text)?, self.new_str(path)?];
                self.new_exception(self.exceptions.OSError, &arguments)
            })();
            match made {
                Ok(exception) => self.raise(exception),
                Err(raised) => raised,
            }
        })
    }

    /// The class of `BuiltinImporter` and its kin, for `sys.meta_path`.
    pub fn standard_finders(&self) -> PyResult<[Gc<crate::types::type_::PyType>; 3]> {
        Ok([
            self.native_class(&BUILTIN_IMPORTER)?,
            self.native_class(&FROZEN_IMPORTER)?,
            self.native_class(&PATH_FINDER)?,
        ])
    }
}

/// Path inside the embedded library, when `entry` lies in it.
pub(super) fn library_folder<'a>(library: &str, entry: &'a str) -> Option<&'a str> {
    let rest = entry.strip_prefix(library)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}
