//! Native modules and native classes: how Rust code declares what Python imports.
//!
//! Problem: `math`, `_io` or `builtins` are tables of functions, classes and constants; each should be one `static` that costs nothing until it is
//! imported.
//! Idea: a [`ModuleDef`] names the functions and has one `setup` that adds what must be made at run time. A class that is not in the table of
//! [`crate::types`] is made from its [`TypeDef`] at first use, by [`Vm::native_class`], and is found again by the address of the declaration.
//!
//! ```ignore
//! pub static MATH: ModuleDef = ModuleDef {
//!     doc: "Mathematical functions.",
//!     functions: &[NativeDef::function("floor", "x, /", floor)],
//!     setup: Some(|vm, dict| vm.set_item_text(dict, "pi", vm.new_float(std::f64::consts::PI)?)),
//!     ..ModuleDef::new("math")
//! };
//! static DEQUE: TypeDef = TypeDef { .., ..TypeDef::new("collections.deque", <PyDeque as Payload>::LAYOUT) };
//! // in setup: vm.add_class(dict, &DEQUE)?;   elsewhere: vm.native_class(&DEQUE)?.root_shape
//! ```

use cinder_heap::Gc;
use cinder_layout::Value;

use crate::native::{NativeDef, PyResult};
use crate::object::shape::{ExtMode, Shape};
use crate::types::dict::PyDict;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Declaration of a native module; lives in a `static`.
pub struct ModuleDef {
    /// Dotted name as imported.
    pub name: &'static str,
    /// `__doc__`; empty for None.
    pub doc: &'static str,
    pub functions: &'static [NativeDef],
    /// Adds classes, constants and exceptions to the namespace. Runs once per module object, after the functions were added.
    pub setup: Option<fn(&Vm, Gc<PyDict>) -> PyResult<()>>,
}

impl ModuleDef {
    /// A declaration to extend with `..`.
    pub const fn new(name: &'static str) -> ModuleDef {
        ModuleDef { name, doc: "", functions: &[], setup: None }
    }
}

impl Vm {
    /// A new module object from its declaration. `sys.modules` is left alone.
    pub fn make_module(&self, def: &'static ModuleDef) -> PyResult<Value> {
        let module = self.new_module(def.name, if def.doc.is_empty() { None } else { Some(def.doc) })?;
        let dict = self.module_dict(module).expect("new_module makes modules");
        self.fill_module(def, dict)?;
        Ok(module)
    }

    /// Adds what `def` declares to a namespace.
    pub fn fill_module(&self, def: &'static ModuleDef, dict: Gc<PyDict>) -> PyResult<()> {
        let name = self.intern(def.name);
        for function in def.functions {
            let object = self.new_native_function(function, None, name)?;
            self.dict_set_interned(dict, self.intern(function.name), object)?;
        }
        match def.setup {
            Some(setup) => setup(self, dict),
            None => Ok(()),
        }
    }

    /// `namespace[name] = value` by Rust text.
    pub fn set_item_text(&self, namespace: Gc<PyDict>, name: &str, value: Value) -> PyResult<()> {
        self.dict_set_interned(namespace, self.intern(name), value)
    }

    /// The class declared by `def`, made at first use as a direct subclass of `object`. It lives as long as the machine.
    pub fn native_class(&self, def: &'static TypeDef) -> PyResult<Gc<PyType>> {
        self.native_class_with_base(def, self.types.object)
    }

    /// The class declared by `def`, made at first use with `base`, whose layout `def`'s extends.
    pub fn native_class_with_base(&self, def: &'static TypeDef, base: Gc<PyType>) -> PyResult<Gc<PyType>> {
        let key = std::ptr::from_ref(def).addr();
        if let Some((_, found)) = self.native_classes.borrow().get(&key) {
            return Ok(*found);
        }
        if let Some(number) = crate::types::DEFS.iter().position(|(known, _)| std::ptr::eq(*known, def)) {
            return Ok(self.shapes.get((number + crate::types::FIRST) as u32).class);
        }
        let name = def.name.rsplit('.').next().unwrap_or(def.name);
        let class = self.alloc_class(name, def.flags | type_flags::IMMUTABLE, def.layout, Some(def))?;
        self.connect_class(class, Some(base))?;
        let flags = def.flags | base.flags.get();
        let ext = if flags & type_flags::HAS_DICT != 0 { ExtMode::Slots } else { ExtMode::Absent };
        let shape = self.add_shape(Shape::root(class, def.layout, ext, def.layout.size as u32, 0));
        class.root_shape.set(shape.id);
        self.native_classes.borrow_mut().insert(key, (def, class));
        self.fill_builtin_class(class, def)?;
        // Lookups while the class was being filled may have missed what came later.
        self.lookups.forget();
        Ok(class)
    }

    /// Puts the class declared by `def` under its name into a namespace.
    pub fn add_class(&self, namespace: Gc<PyDict>, def: &'static TypeDef) -> PyResult<Gc<PyType>> {
        let class = self.native_class(def)?;
        self.set_item_text(namespace, &class.name(), class.as_value())?;
        Ok(class)
    }

    /// The exception class `module.name` of a native module, made at first use. It lives as long as the machine.
    pub fn exception_class(&self, module: &'static str, name: &'static str, base: Gc<PyType>) -> PyResult<Gc<PyType>> {
        if let Some((_, class)) = self.native_exceptions.borrow().iter().find(|(key, _)| *key == (module, name)) {
            return Ok(*class);
        }
        let class = self.new_exception_class(module, name, base)?;
        self.native_exceptions.borrow_mut().push(((module, name), class));
        Ok(class)
    }

    /// A new exception class `module.name` made as by a `class` statement (`zlib.error`).
    pub fn new_exception_class(&self, module: &str, name: &str, base: Gc<PyType>) -> PyResult<Gc<PyType>> {
        let namespace = self.new_pydict()?;
        self.dict_set_interned(namespace, self.names.__module__, self.intern(module))?;
        let metaclass = self.type_of(base.as_value());
        self.new_class(metaclass, self.intern(name), &[base.as_value()], namespace, &[])
    }
}
