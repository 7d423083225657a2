//! How types print in messages. Conformance suites compare these texts literally.
//!
//! Follows: the language specification, section 3.1.

use std::fmt::{self, Display};

use crate::{ClassId, FunctionType, QualName, Type};

fn is_bare_module(module: &str) -> bool {
    matches!(module, "builtins" | "__static__" | "typing")
}

impl fmt::Display for QualName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_bare_module(&self.module) {
            write!(f, "{}", self.name)
        } else {
            write!(f, "{}.{}", self.module, self.name)
        }
    }
}

impl fmt::Display for ClassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(known) if is_bare_module(known.module()) => f.write_str(known.name()),
            Self::Known(known) => write!(f, "{}.{}", known.module(), known.name()),
            Self::User(name) => name.fmt(f),
        }
    }
}

impl fmt::Display for FunctionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.is_method { "method" } else { "function" }, self.id)
    }
}

fn list(f: &mut fmt::Formatter<'_>, types: &[Type]) -> fmt::Result {
    for (index, ty) in types.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        ty.fmt(f)?;
    }
    Ok(())
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dynamic | Self::Unknown => f.write_str("dynamic"),
            Self::Never => f.write_str("Never"),
            Self::None => f.write_str("None"),
            Self::Instance { class, .. } => class.fmt(f),
            Self::IntLiteral(value) | Self::PrimLiteral(value) => write!(f, "Literal[{value}]"),
            Self::BoolLiteral(value) => f.write_str(if *value { "Literal[True]" } else { "Literal[False]" }),
            Self::Prim(prim) => prim.fmt(f),
            Self::Union(members) if members.len() == 2 && self.is_optional() => {
                write!(f, "Optional[{}]", self.without_none())
            }
            // By PEP 484 every int is a float.
            Self::Union(members)
                if members.len() == 2
                    && members.iter().any(|ty| ty.known_class() == Some(crate::KnownClass::Float))
                    && members.iter().any(|ty| ty.known_class() == Some(crate::KnownClass::Int)) =>
            {
                f.write_str("float")
            }
            Self::Union(members) => {
                f.write_str("Union[")?;
                list(f, members)?;
                f.write_str("]")
            }
            Self::Generic(generic) => {
                f.write_str(generic.def.shown())?;
                f.write_str("[")?;
                if generic.args.is_empty() {
                    f.write_str(if generic.def.arity() == 2 { "K, V" } else { "T" })?;
                } else {
                    list(f, &generic.args)?;
                }
                f.write_str("]")
            }
            Self::Class(class) => write!(f, "Type[{}]", class.instance),
            Self::Function(function) => function.fmt(f),
            Self::Module(_) => f.write_str("types.ModuleType"),
            Self::Awaitable(result) => write!(f, "static.InferredAwaitable[{result}]"),
            Self::TypeVar(name) => f.write_str(name),
            Self::EnumMember(member) => write!(f, "<{}.{}: {}>", member.class, member.name, member.value),
            Self::Special(crate::Special::Overload) => f.write_str("Type[overload]"),
            Self::Special(special @ (crate::Special::Optional | crate::Special::Union)) => write!(f, "{special:?}[T]"),
            Self::Special(special) => write!(f, "{special:?}"),
        }
    }
}

impl Type {
    /// As `reveal_type` prints it, and mismatches that differ in exactness alone.
    pub fn with_exactness(&self) -> String {
        match self {
            Self::Instance { class, exact: true } => format!("Exact[{class}]"),
            Self::None | Self::BoolLiteral(_) | Self::Generic(_) | Self::Module(_) => format!("Exact[{self}]"),
            Self::Class(class) => match &class.instance {
                instance @ Self::Instance { .. } => format!("Type[{}]", instance.with_exactness()),
                _ => self.to_string(),
            },
            _ => self.to_string(),
        }
    }
}
