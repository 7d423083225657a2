//! Strict modules at run time: immutable once their body has run, with frozen classes.
//!
//! Problem: what static code was compiled against must stay; tests nevertheless want to replace parts.
//! Idea: when the body of a static module has run, its module object becomes a `StrictModule` (same layout, other class) that refuses stores and hands out copies of its
//! namespace, and the classes it defined become immutable. A loader switch leaves both out or adds `patch` and `patch_delete`, which tell the class loader.
//! Source: specification sections 2.2 and 14.

use cinder_bytecode::code::flags;
use cinder_heap::Gc;
use cinder_layout::{Header, Value};

use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::code::PyCode;
use crate::types::dict::PyDict;
use crate::types::module::PyModule;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Key under which a strict module that may be patched says so.
const PATCHABLE: &str = "__patch_enabled__";

fn name_of(vm: &Vm, dict: Gc<PyDict>) -> String {
    let name = dict.get_interned(vm.names.__name__).filter(|name| vm.is_str(*name));
    name.map_or_else(String::new, |name| vm.str_text(name).into_owned())
}

fn namespace(vm: &Vm, module: Value) -> Gc<PyDict> {
    vm.module_dict(module).expect("slot of a module class")
}

/// Names under which the import system keeps what it knows about a module; it sets them when the module is loaded again.
const IMPORT_NAMES: [&str; 6] = ["__spec__", "__loader__", "__package__", "__path__", "__file__", "__cached__"];

/// Stores that a module's own code makes go through the namespace; what arrives here is the import system's, or is refused.
fn setattr(vm: &Vm, module: Value, name: Value, new: Option<Value>) -> PyResult<()> {
    if let Some(new) = new
        && IMPORT_NAMES.contains(&&*vm.str_text(name))
    {
        let name = vm.intern_any(name)?;
        return vm.dict_set_interned(namespace(vm, module), name, new);
    }
    let (text, shown) = (vm.str_text(name).into_owned(), name_of(vm, namespace(vm, module)));
    let what = if new.is_some() { "modify" } else { "delete" };
    let message = format!("cannot {what} attribute '{text}' of strict module {shown}");
    Err(vm.attribute_error(module, name, &message))
}

fn getattr(vm: &Vm, module: Value, name: Value) -> PyResult<Value> {
    let name = vm.intern_any(name)?;
    let dict = namespace(vm, module);
    if name == vm.names.__dict__ {
        return Ok(vm.dict_copy(dict)?.as_value());
    }
    if let Some(found) = dict.get_interned(name) {
        return Ok(found);
    }
    let class = vm.type_of(module);
    if let Some(found) = vm.type_lookup(class, name) {
        return match vm.type_of(found).slots().descr_get {
            Some(get) => get(vm, found, Some(module), class.as_value()),
            None => Ok(found),
        };
    }
    if let Some(hook) = dict.get_interned(vm.names.__getattr__) {
        return vm.call(hook, &[name]);
    }
    let message = format!("strict module '{}' has no attribute '{}'", name_of(vm, dict), vm.str_text(name));
    Err(vm.attribute_error(module, name, &message))
}

/// `patch(name, value)` and `patch_delete(name)`.
///
/// Errors: ValueError when the module was loaded without patching, AttributeError for constants and unknown names.
fn patch(vm: &Vm, args: &[Arg], new: Option<Value>) -> PyResult<Value> {
    let (module, name) = (args.at(0), vm.intern_any(args.at(1))?);
    let dict = namespace(vm, module);
    if dict.get_interned(vm.intern(PATCHABLE)).is_none() {
        return Err(vm.value_error(format!("strict module {} does not allow patching", vm.repr_text(module)?)));
    }
    let constants = dict.get_interned(vm.intern("__final_constants__"));
    if constants.and_then(|names| vm.as_tuple(names)).is_some_and(|names| names.items().contains(&name)) {
        let (text, shown) = (vm.str_text(name), name_of(vm, dict));
        let message = format!("Cannot patch Final attribute `{text}` of module `{shown}`");
        return Err(vm.attribute_error(module, name, &message));
    }
    match new {
        Some(new) => vm.dict_set_interned(dict, name, new)?,
        None => match dict.find_interned(name) {
            Some(number) => {
                vm.dict_remove_entry(dict, number);
            }
            None => return Err(vm.attribute_error(module, name, &vm.str_text(name))),
        },
    }
    vm.forget_static_targets();
    Ok(Value::NONE)
}

pub(super) static STRICT_MODULE: TypeDef = TypeDef {
    flags: type_flags::HAS_WEAKREF,
    slots: Slots { getattr: Some(getattr), setattr: Some(setattr), ..Slots::NONE },
    methods: &[
        NativeDef::method("patch", "self, name, value, /", |vm, args| patch(vm, args, Some(args.at(2)))),
        NativeDef::method("patch_delete", "self, name, /", |vm, args| patch(vm, args, None)),
    ],
    getset: &[GetSetDef::read_only("__dict__", |vm, module| Ok(vm.dict_copy(namespace(vm, module))?.as_value()))],
    ..TypeDef::new("StrictModule", <PyModule as Payload>::LAYOUT)
};

/// `static_loader(immutable=.., freeze=.., patching=..)`: switches for the modules loaded from now on; what they were.
pub(super) const STATIC_LOADER: NativeDef =
    NativeDef::function("_static_loader", "*, immutable=None, freeze=None, patching=None", |vm, args| {
        let statics = &vm.statics;
        let old = vm.new_pydict()?;
        let switches = [
            ("immutable", &statics.leaves_modules, true),
            ("freeze", &statics.leaves_classes, true),
            ("patching", &statics.patches, false),
        ];
        for (at, (name, switch, is_inverted)) in switches.into_iter().enumerate() {
            vm.set_item_text(old, name, Value::from_bool(switch.get() != is_inverted))?;
            if let Some(value) = args.opt(at).filter(|value| !value.is_none()) {
                switch.set(vm.truthy(value)? != is_inverted);
            }
        }
        Ok(old.as_value())
    });

/// `mutable(cls)`: the class is not frozen with its module.
pub(super) const MUTABLE: NativeDef = NativeDef::function("mutable", "cls, /", |vm, args| {
    if vm.as_class(args.at(0)).is_some() {
        vm.statics.mutable_classes.borrow_mut().push(args.at(0));
    }
    Ok(args.at(0))
});

/// `freeze_type(cls)`: the class is immutable from now on.
pub(super) const FREEZE_TYPE: NativeDef = NativeDef::function("freeze_type", "cls, /", |vm, args| {
    match vm.as_class(args.at(0)) {
        Some(class) => vm.freeze_class(class),
        None => return Err(vm.type_error("expected a class")),
    }
    Ok(args.at(0))
});

impl Vm {
    /// Before the body of a module runs: what is remembered about another module of that name no longer holds.
    pub(crate) fn begin_static_module(&self, code: Gc<PyCode>, dict: Gc<PyDict>) {
        if code.object().flags & flags::STATIC_MODULE == 0 {
            return;
        }
        let name = name_of(self, dict);
        if self.statics.forget_module(&name) {
            self.forget_static_names();
        }
    }

    /// After the body of a static module has run: classes are frozen, the module becomes immutable. Not of one that never asked for it.
    pub(crate) fn finish_static_module(&self, module: Value, code: Gc<PyCode>, dict: Gc<PyDict>) -> PyResult<()> {
        let kind = code.object().flags & (flags::STATIC_MODULE | flags::OPEN_MODULE);
        if kind != flags::STATIC_MODULE {
            return Ok(());
        }
        if !self.statics.leaves_classes.get() {
            let name = dict.get_interned(self.names.__name__);
            for number in 0..dict.entry_count() {
                if let Some((_, value)) = dict.entry(number) {
                    self.freeze_defined(value, name);
                }
            }
        }
        if self.statics.patches.get() {
            self.dict_set_interned(dict, self.intern(PATCHABLE), Value::TRUE)?;
        }
        if !self.statics.leaves_modules.get() && self.type_of(module) == self.types.module {
            let class = self.native_class_with_base(&STRICT_MODULE, self.types.module)?;
            // SAFETY: a module object; both classes have its layout and no slots of their own.
            unsafe { &*module.as_ptr::<Header>() }.set_shape(class.root_shape.get());
        }
        Ok(())
    }

    /// Freezes a class of the module `name`, and the classes nested in it.
    fn freeze_defined(&self, value: Value, name: Option<Value>) {
        let Some(class) = self.as_class(value) else { return };
        let dict = class.dict.get();
        let is_own = class.has(type_flags::HEAP) && dict.get_interned(self.names.__module__) == name;
        if !is_own || class.has(type_flags::IMMUTABLE) || self.statics.mutable_classes.borrow().contains(&value) {
            return;
        }
        self.freeze_class(class);
        for number in 0..dict.entry_count() {
            if let Some((_, nested)) = dict.entry(number) {
                self.freeze_defined(nested, name);
            }
        }
    }

    fn freeze_class(&self, class: Gc<PyType>) {
        class.flags.set(class.flags.get() | type_flags::IMMUTABLE);
    }

    /// A name of a module that is not strict was stored to or deleted: typed calls may know what was there.
    pub(crate) fn module_changed(&self, old: Option<Value>) {
        let is_static = |value: Value| match self.as_function(value) {
            Some(function) => function.code.get().object().flags & flags::STATIC != 0,
            None => self.as_class(value).is_some_and(|class| class.has(type_flags::STATIC)),
        };
        if old.is_some_and(is_static) {
            self.forget_static_targets();
        }
    }
}
