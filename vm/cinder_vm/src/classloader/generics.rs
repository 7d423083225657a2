//! Classes of reified generics: `Array[int64]`, `CheckedList[T]`, `CheckedDict[K, V]`, one per list of arguments.

use cinder_bytecode::{Primitive, TypeDescr};
use cinder_heap::Gc;
use cinder_layout::Value;

use super::{Resolved, Statics};
use crate::native::PyResult;
use crate::types::array::ARRAY;
use crate::types::checked::{CHECKED_DICT, CHECKED_LIST};
use crate::types::type_::{PyType, type_flags};
use crate::vm::Vm;

impl Statics {
    /// Item type of an `Array[..]` class.
    pub(crate) fn array_kind(&self, class: Gc<PyType>) -> Option<Primitive> {
        let generics = self.generics.borrow();
        let (descr, _) = generics.iter().find(|(_, found)| **found == class)?;
        match descr {
            TypeDescr::Class { args, .. } => match args.first() {
                Some(TypeDescr::Primitive(kind)) => Some(*kind),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Vm {
    /// The class of a generic descriptor, made at first use.
    pub(super) fn generic_class(&self, descr: &TypeDescr, name: &str, args: &[TypeDescr]) -> PyResult<Gc<PyType>> {
        let key = self.generic_key(descr);
        if let Some(found) = self.statics.generics.borrow().get(&key) {
            return Ok(*found);
        }
        let def = match name {
            "Array" | "staticarray" => &ARRAY,
            "CheckedList" | "chklist" => &CHECKED_LIST,
            "CheckedDict" | "chkdict" => &CHECKED_DICT,
            // A generic class of the program: its arguments are erased at run time.
            _ => {
                let TypeDescr::Class { module, .. } = descr else { unreachable!("caller passes class descriptors") };
                let found = self.load_static(module, name)?;
                return match self.as_class(found) {
                    Some(class) => Ok(class),
                    None => Err(self.static_type_error(format!(
                        "bad name provided for class loader: '{module}.{name}', not a class"
                    ))),
                };
            }
        };
        let base = self.native_class(def)?;
        let shown = args.iter().map(|arg| self.descr_name(arg)).collect::<PyResult<Vec<String>>>()?.join(", ");
        // Only one kind of array exists for static code.
        let plain = std::ptr::eq(def, &raw const ARRAY) && matches!(args, [TypeDescr::Primitive(Primitive::Int64)]);
        let class_name = if plain { base.name() } else { format!("{}[{shown}]", base.name()) };
        let flags = type_flags::IMMUTABLE | (base.flags.get() & !type_flags::BASE);
        let class = self.alloc_class(&class_name, flags, base.layout, None)?;
        self.connect_class(class, Some(base))?;
        class.set_slots(*base.slots());
        self.heap.write_barrier(class.header());
        class.module.set(Some(self.intern("__static__")));
        let shape = crate::object::shape::Shape::root(
            class,
            base.layout,
            crate::object::shape::ExtMode::Absent,
            base.layout.size as u32,
            0,
        );
        class.root_shape.set(self.add_shape(shape).id);
        self.statics.generics.borrow_mut().insert(key, class);
        Ok(class)
    }

    /// One key for all spellings of a generic class: exactness is a matter of the check, and `object` is no check.
    fn generic_key(&self, descr: &TypeDescr) -> TypeDescr {
        match descr {
            TypeDescr::Class { module, qualname, args, .. } => {
                if &**module == "builtins" && &**qualname == "object" {
                    return TypeDescr::Dynamic;
                }
                let is_main = self.statics.main_name.get().is_some_and(|name| *self.str_text(name) == **module);
                let qualname = match &**qualname {
                    "CheckedDict" if &**module == "__static__" => "chkdict".into(),
                    "CheckedList" if &**module == "__static__" => "chklist".into(),
                    "Array" if &**module == "__static__" => "staticarray".into(),
                    _ => qualname.clone(),
                };
                TypeDescr::Class {
                    module: if is_main { "__main__".into() } else { module.clone() },
                    qualname,
                    args: args.iter().map(|arg| self.generic_key(arg)).collect(),
                    exact: false,
                }
            }
            TypeDescr::Optional(inner) => TypeDescr::Optional(Box::new(self.generic_key(inner))),
            other => other.clone(),
        }
    }

    /// Spelling of a type argument in a class's name.
    fn descr_name(&self, descr: &TypeDescr) -> PyResult<String> {
        Ok(match descr {
            TypeDescr::Primitive(kind) => kind.text().to_owned(),
            TypeDescr::Optional(inner) => format!("Optional[{}]", self.descr_name(inner)?),
            other => self.resolved(self.resolve_type(other)?).name(),
        })
    }

    /// Resolved type arguments of a generic class; empty for the bare generic.
    pub(crate) fn generic_arguments(&self, class: Gc<PyType>) -> PyResult<&'static [&'static Resolved]> {
        let key = class.as_value().bits();
        if let Some(found) = self.statics.generic_arguments.borrow().get(&key) {
            return Ok(found);
        }
        let args = {
            let generics = self.statics.generics.borrow();
            match generics.iter().find(|(_, found)| **found == class) {
                Some((TypeDescr::Class { args, .. }, _)) => args.clone(),
                _ => return Ok(&[]),
            }
        };
        let resolved = args
            .iter()
            .map(|arg| self.resolve_type(arg).map(|index| self.resolved(index)))
            .collect::<PyResult<Vec<_>>>()?;
        // Generic classes live as long as the machine.
        let resolved: &'static [&'static Resolved] = Vec::leak(resolved);
        self.statics.generic_arguments.borrow_mut().insert(key, resolved);
        Ok(resolved)
    }

    /// The primitive that a class of `__static__` stands for.
    pub(crate) fn primitive_of(&self, value: Value) -> Option<Primitive> {
        let class = self.as_class(value)?;
        if self.class_module_text(class) == "__static__" { Primitive::from_text(&class.name()) } else { None }
    }

    /// Descriptor of a class object given as type argument.
    pub(crate) fn describe_class(&self, value: Value) -> PyResult<TypeDescr> {
        if value.is_none() {
            return Ok(TypeDescr::None);
        }
        if let Some(kind) = self.primitive_of(value) {
            return Ok(TypeDescr::Primitive(kind));
        }
        if let Some(args) = self.union_args(value) {
            let args = self.tuple_items(args);
            let described = |value: &Value| self.describe_class(*value);
            let members =
                args.iter().filter(|arg| !self.is_none_type(**arg)).map(described).collect::<PyResult<Vec<_>>>()?;
            return Ok(match (members.len(), args.len()) {
                (1, 2) => TypeDescr::Optional(Box::new(members.into_iter().next().expect("one member"))),
                _ => TypeDescr::Dynamic,
            });
        }
        match self.as_class(value) {
            Some(class) => {
                if let Some((descr, _)) = self.statics.generics.borrow().iter().find(|(_, found)| **found == class) {
                    return Ok(descr.clone());
                }
                let module = self.class_module_text(class);
                let qualname = class.qualname.borrow().clone();
                Ok(TypeDescr::Class { module: module.into(), qualname, args: Box::default(), exact: false })
            }
            None => Ok(TypeDescr::Dynamic),
        }
    }

    fn is_none_type(&self, value: Value) -> bool {
        value.is_none() || value == self.types.none_type.as_value()
    }
}
