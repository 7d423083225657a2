//! The class loader of Static Python: from type descriptors to classes, slots and entries.
//!
//! Problem: typed code names classes, fields and functions by module and path; execution wants addresses and offsets.
//! Idea: each descriptor is resolved at the first execution of an instruction that mentions it and the result is kept in the instruction's cache
//! record (an index into the tables here). Classes, fields and functions of static modules cannot change afterwards, so most results hold for ever; what can change
//! (an override made by foreign code, a patched function) goes through [`calls`].
//! Holds: typed code never meets a value outside its declared type: every border is checked ([`types`], [`member`]).
//! Source: specification sections 13 to 15.

pub mod calls;
mod generations;
mod generics;
pub mod layout;
pub mod member;
mod module;
mod native;
mod overrides;
mod strict;
pub mod types;

use std::cell::{Cell, RefCell};

use cinder_bytecode::TypeDescr;
use cinder_heap::Gc;
use cinder_layout::Value;
use rustc_hash::FxHashMap;

pub(crate) use generations::without_layout;
pub use layout::{StaticField, StaticTypeInfo};
pub use module::{COMPILER_FLAGS, STATIC_MODULE, STRICT, STRICT_MODULES};
pub use types::Resolved;

use crate::native::{PyResult, Raised};
use crate::types::dict::PyDict;
use crate::types::type_::{PyType, type_flags};
use crate::vm::Vm;

/// What the class loader has resolved so far. Entries are never removed: typed code mentions them by index.
#[derive(Default)]
pub struct Statics {
    types: RefCell<Vec<&'static Resolved>>,
    type_index: RefCell<FxHashMap<TypeDescr, u32>>,
    /// Entry cells by function object.
    pub(crate) cells: RefCell<FxHashMap<u64, &'static calls::FunctionCell>>,
    /// Classes made for generic descriptors (`Array[int64]`), by descriptor.
    pub(crate) generics: RefCell<FxHashMap<TypeDescr, Gc<PyType>>>,
    /// Resolved arguments of such classes, by class.
    pub(crate) generic_arguments: RefCell<FxHashMap<u64, &'static [&'static Resolved]>>,
    /// The builtins as they were made: what a program puts in their places is not what typed code was compiled against.
    pub(crate) builtins: Cell<Option<Gc<PyDict>>>,
    /// Name under which static modules know the module that runs as `__main__`.
    pub main_name: Cell<Option<Value>>,
    /// Instructions that keep the target of a direct call: code object and address.
    pub(crate) direct_sites: RefCell<Vec<(Value, usize)>>,
    /// Layout facts of the class whose body has just run, for `type.__new__`.
    pub(crate) class_in_progress: Cell<Option<Value>>,
    error: Cell<Option<Gc<PyType>>>,
    pub(crate) generations: generations::Generations,
    /// Loader switches: modules stay mutable, classes are not frozen, modules may be patched.
    pub(crate) leaves_modules: Cell<bool>,
    pub(crate) leaves_classes: Cell<bool>,
    pub(crate) patches: Cell<bool>,
    /// Classes that are not frozen with their module.
    pub(crate) mutable_classes: RefCell<Vec<Value>>,
    /// Raw result of a frame entered from native code by a typed call.
    pub(crate) raw_result: Cell<u64>,
}

impl Statics {
    /// Forgets resolved types that mention module `name`, which is loaded anew; whether there were any. Code that keeps their indices goes on with the old ones.
    pub(crate) fn forget_module(&self, name: &str) -> bool {
        let mut index = self.type_index.borrow_mut();
        let count = index.len();
        index.retain(|descr, _| !mentions(descr, name));
        let mut generics = self.generics.borrow_mut();
        generics.retain(|descr, _| !mentions(descr, name));
        index.len() != count
    }

    /// Visits what the tables hold.
    pub(crate) fn trace(&self, tracer: &mut cinder_heap::Tracer<'_>) {
        for resolved in self.types.borrow().iter() {
            resolved.trace(tracer);
        }
        for cell in self.cells.borrow().values() {
            tracer.visit_object(cell.function.get().header());
            tracer.visit_object(cell.code.get().header());
        }
        for class in self.generics.borrow().values() {
            tracer.visit_object(class.header());
        }
        for class in self.mutable_classes.borrow().iter() {
            tracer.visit(*class);
        }
        for (code, _) in self.direct_sites.borrow().iter() {
            tracer.visit(*code);
        }
        if let Some(builtins) = self.builtins.get() {
            tracer.visit_object(builtins.header());
        }
        tracer.visit_option(self.main_name.get());
        tracer.visit_option(self.class_in_progress.get());
        if let Some(error) = self.error.get() {
            tracer.visit_object(error.header());
        }
    }
}

fn mentions(descr: &TypeDescr, name: &str) -> bool {
    match descr {
        TypeDescr::Class { module, args, .. } => &**module == name || args.iter().any(|arg| mentions(arg, name)),
        TypeDescr::Optional(inner) | TypeDescr::Awaitable(inner) => mentions(inner, name),
        TypeDescr::Union(members) => members.iter().any(|member| mentions(member, name)),
        TypeDescr::Dynamic | TypeDescr::None | TypeDescr::Primitive(_) | TypeDescr::Literal { .. } => false,
    }
}

impl Vm {
    /// `__static__.StaticTypeError`, a subclass of TypeError.
    pub fn static_type_error_class(&self) -> PyResult<Gc<PyType>> {
        if let Some(class) = self.statics.error.get() {
            return Ok(class);
        }
        let class = self.new_exception_class("__static__", "StaticTypeError", self.exceptions.TypeError)?;
        self.statics.error.set(Some(class));
        Ok(class)
    }

    /// StaticTypeError with a message.
    #[cold]
    pub fn static_type_error(&self, message: impl AsRef<str>) -> Raised {
        match self.static_type_error_class() {
            Ok(class) => self.raise_text(class, message.as_ref()),
            Err(raised) => raised,
        }
    }

    /// Index of the resolved form of a descriptor.
    ///
    /// Runs Python: an import, when the module is not loaded. Errors: StaticTypeError as section 13.1 words it.
    pub(crate) fn resolve_type(&self, descr: &TypeDescr) -> PyResult<u32> {
        if let Some(index) = self.statics.type_index.borrow().get(descr) {
            return Ok(*index);
        }
        let resolved: &'static Resolved = Box::leak(Box::new(self.make_resolved(descr)?));
        let mut types = self.statics.types.borrow_mut();
        types.push(resolved);
        let index = types.len() as u32 - 1;
        self.statics.type_index.borrow_mut().insert(descr.clone(), index);
        Ok(index)
    }

    /// The resolved type at `index`.
    #[inline]
    pub(crate) fn resolved(&self, index: u32) -> &'static Resolved {
        self.statics.types.borrow()[index as usize]
    }

    /// Namespace member `path` (dotted) of static module `module`, which is imported when needed.
    pub(crate) fn load_static(&self, module: &str, path: &str) -> PyResult<Value> {
        let mut names = path.split('.');
        let first = names.next().unwrap_or_default();
        let found = match self.static_module(module)? {
            Some(dict) => match dict.get_interned(self.intern(first)) {
                // Some names of `__static__` are fetched when they are first asked for.
                None if module == "__static__" => self.static_name(first)?,
                found => found,
            },
            None => None,
        };
        let Some(mut value) = found else {
            let name = self.intern(module);
            let name = if self.statics.main_name.get() == Some(name) { self.names.__main__ } else { name };
            let shown = match self.modules.get_interned(name) {
                Some(object) => {
                    format!("<module '{}'>", self.module_name_text(object).unwrap_or_else(|| module.to_owned()))
                }
                None => format!("'{module}'"),
            };
            return Err(
                self.static_type_error(format!("bad name provided for class loader, {shown} has no member '{first}'"))
            );
        };
        for name in names {
            let class = self.as_class(value);
            let Some(member) = class.and_then(|class| self.type_lookup(class, self.intern(name))) else {
                let shown = match class {
                    Some(class) => self.repr_text(class.as_value())?,
                    None => first.to_owned(),
                };
                return Err(self.static_type_error(format!(
                    "bad name provided for class loader: '{name}' doesn't exist in type '{shown}'"
                )));
            };
            value = member;
        }
        Ok(value)
    }

    /// Whether `class` may stand for `module.qualname`: a static class stands for itself only, since fields are read by its layout, wherever
    /// a program puts it.
    fn is_named(&self, class: Gc<PyType>, module: &str, qualname: &str) -> bool {
        if !class.has(type_flags::STATIC) {
            return true;
        }
        let is_main = self.statics.main_name.get() == Some(self.intern(module));
        // As it was called when it got its layout, whatever it says by now.
        class.static_info.borrow().as_ref().is_none_or(|info| {
            *info.qualname == *qualname && (*info.home == *module || is_main && &*info.home == "__main__")
        })
    }

    fn module_name_text(&self, module: Value) -> Option<String> {
        let name = self.module_dict(module)?.get_interned(self.names.__name__)?;
        self.is_str(name).then(|| self.str_text(name).into_owned())
    }

    /// Namespace of a module by the name static code knows it under.
    fn static_module(&self, module: &str) -> PyResult<Option<Gc<PyDict>>> {
        let name = self.intern(module);
        if module == "builtins" {
            return Ok(self.statics.builtins.get());
        }
        let name = if self.statics.main_name.get() == Some(name) { self.names.__main__ } else { name };
        if let Some(found) = self.modules.get_interned(name) {
            return Ok(self.module_dict(found));
        }
        match self.import(module) {
            Ok(found) => Ok(self.module_dict(found)),
            Err(raised) => {
                self.take_exception(raised);
                Err(self.static_type_error(format!("Could not load module '{module}'")))
            }
        }
    }
}
