//! The class loader of Static Python: from type descriptors to classes, slots and entries.
//!
//! Problem: typed code names classes, fields and functions by module and path; execution wants addresses and offsets.
//! Idea: each descriptor is resolved at the first execution of an instruction that mentions it and the result is kept in the instruction's cache
//! record (an index into the tables here). Classes, fields and functions of static modules cannot change afterwards, so most results hold for ever; what can change
//! (an override made by foreign code, a patched function) goes through [`calls`].
//! Holds: typed code never meets a value outside its declared type: every border is checked ([`types`], [`member`]).
//! Source: specification sections 13 to 15.

pub mod calls;
mod generics;
pub mod layout;
pub mod member;
mod module;
pub mod types;

use std::cell::{Cell, RefCell};

use cinder_bytecode::TypeDescr;
use cinder_heap::Gc;
use cinder_layout::Value;
use rustc_hash::FxHashMap;

pub use layout::{StaticField, StaticTypeInfo};
pub use module::STATIC_MODULE;
pub use types::Resolved;

use crate::native::{PyResult, Raised};
use crate::types::type_::PyType;
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
    /// Name under which static modules know the module that runs as `__main__`.
    pub main_name: Cell<Option<Value>>,
    /// Layout facts of the class whose body has just run, for `type.__new__`.
    pub(crate) class_in_progress: Cell<Option<Value>>,
    error: Cell<Option<Gc<PyType>>>,
    /// Raw result of a frame entered from native code by a typed call.
    pub(crate) raw_result: Cell<u64>,
}

impl Statics {
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
        tracer.visit_option(self.main_name.get());
        tracer.visit_option(self.class_in_progress.get());
        if let Some(error) = self.error.get() {
            tracer.visit_object(error.header());
        }
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
            Some(dict) => dict.get_interned(self.intern(first)),
            None => None,
        };
        let Some(mut value) = found else {
            return Err(self
                .static_type_error(format!("bad name provided for class loader, '{module}' has no member '{first}'")));
        };
        for name in names {
            let class = self.as_class(value);
            let Some(member) = class.and_then(|class| self.type_lookup(class, self.intern(name))) else {
                let shown = class.map_or_else(|| first.to_owned(), |class| class.name());
                return Err(self.static_type_error(format!(
                    "bad name provided for class loader: '{name}' doesn't exist in type '{shown}'"
                )));
            };
            value = member;
        }
        Ok(value)
    }

    /// Namespace of a module by the name static code knows it under.
    fn static_module(&self, module: &str) -> PyResult<Option<Gc<crate::types::dict::PyDict>>> {
        let name = self.intern(module);
        if module == "builtins" {
            return Ok(Some(*self.builtins));
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
