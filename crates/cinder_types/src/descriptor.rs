//! Type descriptors: how typed bytecode names a type, resolved once by the class loader.
//!
//! Follows: the language specification, section 13.1.

use std::fmt;

use crate::{ClassId, GenericDef, KnownClass, Name, Type};

/// A type as the run time can check it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TypeDescriptor {
    /// Module, then the dotted name split at its dots.
    pub path: Box<[Name]>,
    pub args: Box<[Self]>,
    /// None passes too (`"?"`).
    pub optional: bool,
    /// No subclass passes (`"!"`).
    pub exact: bool,
    /// The value is raw (`"#"`).
    pub primitive: bool,
    /// Of ints and bools: casts let this value pass only. Parameters and fields take every value of the class.
    pub literal: Option<i64>,
}

impl TypeDescriptor {
    fn class(module: &str, name: &str) -> Self {
        let path = std::iter::once(Name::new(module)).chain(name.split('.').map(Name::new)).collect();
        Self { path, args: Box::new([]), optional: false, exact: false, primitive: false, literal: None }
    }

    /// `builtins.object`: nothing is checked.
    pub fn object() -> Self {
        Self::class("builtins", "object")
    }

    pub fn of_class(id: &ClassId) -> Self {
        match id {
            ClassId::Known(known) => Self::class(known.module(), known.name()),
            ClassId::User(name) => Self::class(&name.module, &name.name),
        }
    }

    pub fn is_object(&self) -> bool {
        self.path.len() == 2 && self.path[0] == "builtins" && self.path[1] == "object"
    }

    /// The descriptor of a type; `builtins.object` for types without a run-time check.
    pub fn of(ty: &Type) -> Self {
        match ty {
            Type::None => Self::class("builtins", "None"),
            Type::Instance { class, exact } => {
                let mut this = Self::of_class(class);
                this.exact = *exact && !this.is_object() && !class.known().is_some_and(KnownClass::is_final);
                this
            }
            Type::EnumMember(member) => Self::of_class(&member.class),
            // A literal's class is exact: an instance of a subclass could answer operations in its own way.
            Type::IntLiteral(value) => {
                Self { exact: true, literal: i64::try_from(*value).ok(), ..Self::class("builtins", "int") }
            }
            Type::BoolLiteral(value) => Self { literal: Some((*value).into()), ..Self::class("builtins", "bool") },
            Type::Prim(prim) => Self { primitive: true, ..Self::class("__static__", prim.name()) },
            Type::Class(_) => Self::class("builtins", "type"),
            Type::Generic(generic) => {
                let name = match generic.def {
                    GenericDef::Array => "staticarray",
                    other => other.runtime_name(),
                };
                // The reference names arrays without their item type; ours carry it, since items of every primitive are stored.
                let args = generic.args.iter().map(Self::of_argument).collect();
                Self { args, exact: true, ..Self::class("__static__", name) }
            }
            Type::Union(members) if members.len() == 2 && ty.is_optional() => {
                let mut this = Self::of(&ty.without_none());
                this.optional = !this.is_object();
                this
            }
            _ => Self::object(),
        }
    }

    /// A type argument: containers know nothing of literals.
    fn of_argument(ty: &Type) -> Self {
        let this = Self::of(ty);
        Self { exact: this.exact && this.literal.is_none(), literal: None, ..this }
    }
}

impl fmt::Display for TypeDescriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.path.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            f.write_str(part)?;
        }
        if !self.args.is_empty() {
            f.write_str("[")?;
            for (index, arg) in self.args.iter().enumerate() {
                if index > 0 {
                    f.write_str(", ")?;
                }
                arg.fmt(f)?;
            }
            f.write_str("]")?;
        }
        for (set, mark) in [(self.exact, "!"), (self.optional, "?"), (self.primitive, "#")] {
            if set {
                f.write_str(mark)?;
            }
        }
        Ok(())
    }
}
