//! The module `__static__` as programs see it at run time. In static code its names are mostly compiled away.
//!
//! Source: specification sections 12 and 12.4.

use cinder_bytecode::Primitive;
use cinder_heap::Gc;
use cinder_layout::Value;

use super::calls::CHECK_AWAITED;
use super::native::NATIVE;
use super::strict::{FREEZE_TYPE, MUTABLE, STATIC_LOADER};
use crate::module_def::ModuleDef;
use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::object::slots::Slots;
use crate::types::array::ARRAY;
use crate::types::checked::{CHECKED_DICT, CHECKED_LIST};
use crate::types::dict::PyDict;
use crate::types::object::PyObject;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

pub static STATIC_MODULE: ModuleDef = ModuleDef {
    functions: &[
        NativeDef::function("box", "value, /", |_, args| Ok(args.at(0))),
        NativeDef::function("unbox", "value, /", |_, args| Ok(args.at(0))),
        NativeDef::function("cast", "type, value, /", |vm, args| {
            let descr = vm.describe_class(args.at(0))?;
            let wanted = vm.resolved(vm.resolve_type(&descr)?);
            vm.cast(args.at(1), wanted)
        }),
        NativeDef::function("clen", "value, /", |vm, args| vm.new_uint(vm.len(args.at(0))?)),
        NativeDef::function("crange", "start, stop=None, /", |vm, args| {
            let range = vm.builtin("range")?;
            match args.opt(1) {
                Some(stop) => vm.call(range, &[args.at(0), stop]),
                None => vm.call(range, &[args.at(0)]),
            }
        }),
        NativeDef::function("prod_assert", "value, message=None, /", |vm, args| {
            if vm.truthy(args.at(0))? {
                return Ok(Value::NONE);
            }
            let message: &[Value] = args[1].as_slice();
            let error = vm.new_exception(vm.exceptions.AssertionError, message)?;
            Err(vm.raise(error))
        }),
        // SAFETY: the C library's generator has no preconditions.
        NativeDef::function("rand", "", |vm, _| vm.new_int(i64::from(unsafe { libc::rand() }))),
        NativeDef::function("is_type_static", "cls, /", |vm, args| {
            Ok(Value::from_bool(vm.as_class(args.at(0)).is_some_and(|class| class.has(type_flags::STATIC))))
        }),
        NativeDef::function("is_static_callable", "function, /", |vm, args| {
            let is_static = |function: Gc<crate::types::function::PyFunction>| {
                function.code.get().object().flags & cinder_bytecode::flags::STATIC != 0
            };
            Ok(Value::from_bool(vm.as_function(args.at(0)).is_some_and(is_static)))
        }),
        NativeDef::function("set_type_static", "cls, /", |_, args| Ok(args.at(0))),
        NativeDef::function("set_type_final", "cls, /", |vm, args| finalized(vm, args.at(0))),
        NativeDef::function("set_type_static_final", "cls, /", |vm, args| finalized(vm, args.at(0))),
        NativeDef::function("inline", "function, /", |_, args| Ok(args.at(0))),
        NativeDef::function("dynamic_return", "function, /", |_, args| Ok(args.at(0))),
        NativeDef::function("allow_weakrefs", "cls, /", |_, args| Ok(args.at(0))),
        STATIC_LOADER,
        NATIVE,
        CHECK_AWAITED,
        NativeDef::function("__getattr__", "name, /", |vm, args| {
            if !vm.is_str(args.at(0)) {
                let found = vm.type_name(args.at(0));
                return Err(vm.type_error(format!("__getattr__() argument must be str, not {found}")));
            }
            let text = vm.str_text(args.at(0)).into_owned();
            match vm.static_name(&text)? {
                Some(found) => Ok(found),
                None => {
                    let message = format!("module '__static__' has no attribute '{text}'");
                    Err(vm.attribute_error(Value::NONE, args.at(0), &message))
                }
            }
        }),
        NativeDef::function("is_static_module", "module, /", |vm, args| {
            let class = vm.native_class_with_base(&super::strict::STRICT_MODULE, vm.types.module)?;
            Ok(Value::from_bool(vm.type_of(args.at(0)) == class))
        }),
    ],
    setup: Some(setup),
    ..ModuleDef::new("__static__")
};

/// `__strict__`, under the older name too: what a strict module says about its classes.
const STRICT_FUNCTIONS: &[NativeDef] = &[
    MUTABLE,
    FREEZE_TYPE,
    NativeDef::function("strict_slots", "cls, /", |_, args| Ok(args.at(0))),
    NativeDef::function("loose_slots", "cls, /", |_, args| Ok(args.at(0))),
];

pub static STRICT: ModuleDef = ModuleDef { functions: STRICT_FUNCTIONS, ..ModuleDef::new("__strict__") };
pub static STRICT_MODULES: ModuleDef = ModuleDef { functions: STRICT_FUNCTIONS, ..ModuleDef::new("strict_modules") };

/// `__static__.compiler_flags`: names that only the compiler looks at.
pub static COMPILER_FLAGS: ModuleDef = ModuleDef {
    setup: Some(|vm, dict| {
        for name in ["checked_dicts", "checked_lists", "noframe", "shadow_frame"] {
            vm.set_item_text(dict, name, Value::NONE)?;
        }
        Ok(())
    }),
    ..ModuleDef::new("__static__.compiler_flags")
};

impl Vm {
    /// A name of `__static__` that is written in Python, kept in the module from then on.
    pub(super) fn static_name(&self, name: &str) -> PyResult<Option<Value>> {
        if name.starts_with("__") {
            return Ok(None);
        }
        let library = self.import("_static_names")?;
        let Some(found) = self.module_dict(library).and_then(|dict| dict.get_interned(self.intern(name))) else {
            return Ok(None);
        };
        let module = self.import("__static__")?;
        if let Some(dict) = self.module_dict(module) {
            self.set_item_text(dict, name, found)?;
        }
        Ok(Some(found))
    }
}

fn finalized(vm: &Vm, value: Value) -> PyResult<Value> {
    match vm.as_class(value) {
        Some(class) => {
            class.flags.set(class.flags.get() & !type_flags::BASE | type_flags::FINAL);
            Ok(value)
        }
        None => Err(vm.type_error("expected a class")),
    }
}

fn setup(vm: &Vm, dict: Gc<PyDict>) -> PyResult<()> {
    for kind in Primitive::ALL {
        if *kind == Primitive::Single {
            continue;
        }
        let class = primitive_class(vm, *kind)?;
        vm.set_item_text(dict, kind.text(), class.as_value())?;
    }
    for def in [&ARRAY, &CHECKED_LIST, &CHECKED_DICT] {
        vm.add_class(dict, def)?;
    }
    let error = vm.static_type_error_class()?;
    vm.set_item_text(dict, "StaticTypeError", error.as_value())?;
    vm.set_item_text(dict, "RAND_MAX", vm.new_int(i64::from(libc::RAND_MAX))?)?;
    // Imports look for submodules in packages only.
    vm.set_item_text(dict, "__path__", vm.new_list(&[])?)?;
    for (name, builtin) in [("CheckedList", "chklist"), ("CheckedDict", "chkdict"), ("Array", "staticarray")] {
        if let Some(class) = dict.get_interned(vm.intern(builtin)) {
            vm.set_item_text(dict, name, class)?;
        }
    }
    Ok(())
}

/// Name carrier of a primitive. Called outside static code it converts, so that the same source runs unoptimised.
static PRIMITIVE: TypeDef = TypeDef {
    slots: Slots {
        new: Some(|vm, class, args, keyword_names| {
            let name = class.name();
            let ([value], None) = (args, keyword_names) else {
                return Err(vm.type_error(format!("{name}() takes exactly one argument ({} given)", args.len())));
            };
            match Primitive::from_text(&name) {
                Some(Primitive::Double) => vm.new_float(vm.to_float(*value)?),
                Some(Primitive::CBool) => vm.truthy(*value).map(Value::from_bool),
                Some(Primitive::Char) if vm.is_str(*value) => Ok(*value),
                _ => vm.to_int(*value),
            }
        }),
        ..Slots::NONE
    },
    ..TypeDef::new("__static__.primitive", <PyObject as crate::object::Payload>::LAYOUT)
};

fn primitive_class(vm: &Vm, kind: Primitive) -> PyResult<Gc<PyType>> {
    let base = vm.native_class(&PRIMITIVE)?;
    let class = vm.alloc_class(kind.text(), type_flags::IMMUTABLE, base.layout, None)?;
    vm.connect_class(class, Some(base))?;
    class.set_slots(*base.slots());
    class.module.set(Some(vm.intern("__static__")));
    class.root_shape.set(base.root_shape.get());
    Ok(class)
}
