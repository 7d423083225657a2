//! Resolved types: what a check at a border asks.

use cinder_bytecode::{Primitive, RegisterKind, TypeDescr};
use cinder_heap::Gc;
use cinder_layout::Value;

use crate::native::PyResult;
use crate::types::type_::{PyType, type_flags};
use crate::vm::Vm;

/// A type at run time.
#[derive(Debug)]
pub enum Resolved {
    /// No check.
    Any,
    None,
    Primitive(Primitive),
    Class {
        class: Gc<PyType>,
        exact: bool,
    },
    /// An int or a bool with this value.
    Literal {
        class: Gc<PyType>,
        value: i64,
    },
    Optional(Box<Resolved>),
    /// Index of the type that awaiting gives.
    Awaitable(u32),
    Union(Vec<Resolved>),
}

impl Resolved {
    pub(super) fn trace(&self, tracer: &mut cinder_heap::Tracer<'_>) {
        match self {
            Resolved::Class { class, .. } | Resolved::Literal { class, .. } => tracer.visit_object(class.header()),
            Resolved::Optional(inner) => inner.trace(tracer),
            Resolved::Union(members) => members.iter().for_each(|member| member.trace(tracer)),
            Resolved::Any | Resolved::None | Resolved::Primitive(_) | Resolved::Awaitable(_) => {}
        }
    }

    /// Register kind of values of this type.
    pub fn kind(&self) -> RegisterKind {
        match self {
            Resolved::Primitive(Primitive::Double | Primitive::Single) => RegisterKind::Double,
            Resolved::Primitive(_) => RegisterKind::Int,
            _ => RegisterKind::Tagged,
        }
    }

    /// The class, of a class type or an Optional one.
    pub fn class(&self) -> Option<Gc<PyType>> {
        match self {
            Resolved::Class { class, .. } | Resolved::Literal { class, .. } => Some(*class),
            Resolved::Optional(inner) => inner.class(),
            _ => None,
        }
    }

    /// Whether values of one shape may differ in whether they fit.
    pub(crate) fn depends_on_value(&self) -> bool {
        match self {
            Resolved::Literal { .. } => true,
            Resolved::Optional(inner) => inner.depends_on_value(),
            Resolved::Union(members) => members.iter().any(Resolved::depends_on_value),
            _ => false,
        }
    }

    /// Name in messages: the class without Optional.
    pub fn name(&self) -> String {
        match self {
            Resolved::Any | Resolved::Awaitable(_) => "object".to_owned(),
            Resolved::None => "NoneType".to_owned(),
            Resolved::Primitive(kind) => match kind {
                Primitive::Double | Primitive::Single => "float".to_owned(),
                Primitive::CBool => "bool".to_owned(),
                Primitive::Char => "str".to_owned(),
                _ => "int".to_owned(),
            },
            Resolved::Class { class, .. } => match class.module.get() {
                // Native classes of `__static__` are named with their module.
                Some(_) if !class.has(type_flags::HEAP) && class.has(type_flags::IMMUTABLE) => match class.def {
                    Some(def) => def.name.to_owned(),
                    None => format!("__static__.{}", class.name()),
                },
                _ => class.name(),
            },
            Resolved::Literal { class, .. } => class.name(),
            Resolved::Optional(inner) => inner.name(),
            Resolved::Union(members) => members.iter().map(|member| member.name()).collect::<Vec<_>>().join(" | "),
        }
    }

    /// As [`Resolved::name`], with Optional spelt out.
    pub fn full_name(&self) -> String {
        match self {
            Resolved::Optional(inner) => format!("Optional[{}]", inner.name()),
            _ => self.name(),
        }
    }

    fn is_exact(&self) -> bool {
        match self {
            Resolved::Class { exact, .. } => *exact,
            Resolved::Literal { .. } => true,
            Resolved::Optional(inner) => inner.is_exact(),
            _ => false,
        }
    }
}

impl Vm {
    pub(super) fn make_resolved(&self, descr: &TypeDescr) -> PyResult<Resolved> {
        Ok(match descr {
            TypeDescr::Dynamic => Resolved::Any,
            TypeDescr::None => Resolved::None,
            TypeDescr::Primitive(kind) => Resolved::Primitive(*kind),
            TypeDescr::Literal { value, is_bool } => {
                let class = if *is_bool { self.types.bool_ } else { self.types.int };
                Resolved::Literal { class, value: *value }
            }
            TypeDescr::Optional(inner) => Resolved::Optional(Box::new(self.make_resolved(inner)?)),
            TypeDescr::Awaitable(inner) => Resolved::Awaitable(self.resolve_type(inner)?),
            TypeDescr::Union(members) => {
                Resolved::Union(members.iter().map(|member| self.make_resolved(member)).collect::<PyResult<_>>()?)
            }
            TypeDescr::Class { module, qualname, args, exact } => {
                if &**module == "builtins" && &**qualname == "object" {
                    return Ok(Resolved::Class { class: self.types.object, exact: *exact });
                }
                let class = if args.is_empty() {
                    let found = self.load_static(module, qualname)?;
                    match self.as_class(found) {
                        Some(class) if self.is_named(class, module, qualname) => class,
                        _ => {
                            return Err(self.static_type_error(format!(
                                "bad name provided for class loader: '{module}.{qualname}', not a class"
                            )));
                        }
                    }
                } else {
                    self.generic_class(descr, qualname, args)?
                };
                Resolved::Class { class, exact: *exact }
            }
        })
    }

    /// Whether an object may be used where `wanted` is declared; primitives ask for the object they are boxed as.
    pub(crate) fn fits(&self, value: Value, wanted: &Resolved) -> bool {
        match wanted {
            Resolved::Any | Resolved::Awaitable(_) => true,
            Resolved::None => value.is_none(),
            Resolved::Primitive(kind) => match kind {
                Primitive::Double | Primitive::Single => self.float_value(value).is_some(),
                Primitive::CBool => value.is_bool(),
                Primitive::Char => self.as_str(value).is_some_and(|text| text.len() == 1),
                _ => self.is_int(value),
            },
            Resolved::Class { class, exact } => {
                let own = self.type_of(value);
                own == *class
                    || (!*exact && self.is_subtype(own, *class))
                    || (*class == self.types.float && self.is_int(value))
            }
            Resolved::Literal { class, value: number } => {
                self.type_of(value) == *class && self.int_to_i64(value) == Some(*number)
            }
            Resolved::Optional(inner) => value.is_none() || self.fits(value, inner),
            Resolved::Union(members) => members.iter().any(|member| self.fits(value, member)),
        }
    }

    /// CAST: the value, or TypeError `expected 'T', got 'S'`.
    pub(crate) fn cast(&self, value: Value, wanted: &Resolved) -> PyResult<Value> {
        if self.fits(value, wanted) {
            return Ok(value);
        }
        let (name, found) = (wanted.name(), self.type_name(value));
        if let Resolved::Literal { class, value: number } = wanted
            && self.type_of(value) == *class
        {
            let wanted = if *class == self.types.bool_ {
                if *number == 0 { "False".to_owned() } else { "True".to_owned() }
            } else {
                number.to_string()
            };
            let found = self.repr_text(value)?;
            return Err(self.type_error(format!("expected {wanted}, got {found}")));
        }
        let exactly = if wanted.is_exact() { "expected exactly" } else { "expected" };
        Err(self.type_error(format!("{exactly} '{name}', got '{found}'")))
    }

    /// An object as the register bits of `wanted`, which it fits.
    ///
    /// Errors: OverflowError `int overflow`.
    pub(crate) fn to_register(&self, value: Value, wanted: &Resolved) -> PyResult<u64> {
        match wanted {
            Resolved::Primitive(Primitive::Double | Primitive::Single) => Ok(self.unbox_double(value)?.to_bits()),
            Resolved::Primitive(kind) => self.unbox_primitive(value, *kind),
            _ => Ok(value.bits()),
        }
    }

    /// Register bits of type `from` as an object.
    pub(crate) fn register_value(&self, bits: u64, from: &Resolved) -> PyResult<Value> {
        match from {
            Resolved::Primitive(kind) => self.box_primitive(bits, *kind),
            // SAFETY: a register of a type that is no primitive holds a bound value.
            _ => Ok(unsafe { Value::from_bits(bits) }.expect("typed registers are bound")),
        }
    }
}
