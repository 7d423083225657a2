//! What a light look at ordinary Python says about a value.
//!
//! Problem: hover, completion and navigation must work in modules that no checker types.
//! Idea: a small type that names classes and functions by where they are defined. What is not understood is [`Ty::Unknown`], and is said to be
//! unknown; nothing here is ever the ground for an error or for code.

use cinder_db::{Db, File};
use cinder_module_resolver::Module;
use cinder_text::TextRange;

use crate::syntax;

/// A class or a function, by its file and the range of its definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) file: File,
    pub(crate) range: TextRange,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ty {
    Unknown,
    None,
    Module(Module),
    /// A class object, with type arguments.
    Class(Place, Vec<Ty>),
    /// An instance, with type arguments.
    Instance(Place, Vec<Ty>),
    /// A function, and the receiver it is bound to.
    Function(Place, Option<Box<Ty>>),
    /// A type variable, and what all its values are.
    Variable(String, Option<Box<Ty>>),
    /// Something that gives this when it is called.
    Callable(Box<Ty>),
    /// At least two, none of them a union.
    Union(Vec<Ty>),
    /// A type of the static checker that has no class, for example `int64`.
    Static(String),
}

impl Ty {
    pub(crate) fn is_unknown(&self) -> bool {
        *self == Ty::Unknown
    }

    /// The union of types, flat and without repetition. What is unknown makes it unknown only if nothing else is there.
    pub(crate) fn union(types: impl IntoIterator<Item = Ty>) -> Ty {
        let mut members: Vec<Ty> = Vec::new();
        for ty in types {
            let parts = match ty {
                Ty::Union(parts) => parts,
                other => vec![other],
            };
            for part in parts {
                if !part.is_unknown() && !members.contains(&part) {
                    members.push(part);
                }
            }
        }
        match members.len() {
            0 => Ty::Unknown,
            1 => members.remove(0),
            _ => Ty::Union(members),
        }
    }

    /// The members of a union, or the type itself.
    pub(crate) fn members(&self) -> &[Ty] {
        match self {
            Ty::Union(members) => members,
            other => std::slice::from_ref(other),
        }
    }

    pub(crate) fn without_none(self) -> Ty {
        match self {
            Ty::Union(members) => Ty::union(members.into_iter().filter(|member| *member != Ty::None)),
            other => other,
        }
    }

    /// Replaces type variables.
    pub(crate) fn substitute(self, bound: &[(String, Ty)]) -> Ty {
        let all = |types: Vec<Ty>| types.into_iter().map(|ty| ty.substitute(bound)).collect();
        if bound.is_empty() {
            return self;
        }
        match self {
            Ty::Variable(name, upper) => match bound.iter().find(|(known, _)| *known == name) {
                // What a class knows of its own parameter is less than what the parameter says itself.
                Some((_, Ty::Variable(same, None))) if *same == name => Ty::Variable(name, upper),
                Some((_, ty)) => ty.clone(),
                None => Ty::Variable(name, upper),
            },
            Ty::Callable(result) => Ty::Callable(Box::new(result.substitute(bound))),
            Ty::Class(class, args) => Ty::Class(class, all(args)),
            Ty::Instance(class, args) => Ty::Instance(class, all(args)),
            Ty::Union(members) => Ty::union(all(members)),
            other => other,
        }
    }

    /// As people write it in annotations, as far as it can be written.
    pub(crate) fn show(&self, db: &dyn Db) -> String {
        match self {
            Ty::Unknown => "Unknown".to_string(),
            Ty::None => "None".to_string(),
            Ty::Module(module) => format!("Module({})", module.name),
            Ty::Class(class, args) => format!("type[{}]", show_class(db, *class, args)),
            Ty::Instance(class, args) => show_class(db, *class, args),
            Ty::Function(function, _) => match syntax::function(db, function.file, function.range) {
                Some(function) => format!("def {}(...)", function.name),
                None => "function".to_string(),
            },
            Ty::Callable(result) => format!("Callable[..., {}]", result.show(db)),
            Ty::Variable(name, _) | Ty::Static(name) => name.clone(),
            Ty::Union(members) => members.iter().map(|member| member.show(db)).collect::<Vec<_>>().join(" | "),
        }
    }
}

fn show_class(db: &dyn Db, class: Place, args: &[Ty]) -> String {
    let name = syntax::class(db, class.file, class.range).map_or("?", |class| class.name.as_str());
    if args.is_empty() || args.iter().all(|arg| matches!(arg, Ty::Unknown | Ty::Variable(..))) {
        return name.to_string();
    }
    let args: Vec<String> = args.iter().map(|arg| arg.show(db)).collect();
    let rest = if name == "tuple" && args.len() == 1 { ", ..." } else { "" };
    format!("{name}[{}{rest}]", args.join(", "))
}
