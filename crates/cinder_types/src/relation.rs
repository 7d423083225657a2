//! Who may stand where: assignability and subclassing.
//!
//! Problem: the relation is gradual (dynamic agrees with every object), nominal for classes, by value for literals, and has
//! exactness on top.
//! Idea: one function, in the order of the specification's list; first match wins.
//! Holds: it emits nothing. Where it says yes for a dynamic source, the caller records the run-time check.
//!
//! Follows: the language specification, section 3.2.

use crate::{ClassId, ClassLookup, KnownClass, Type};

/// `sub` is `base` or derives from it.
pub fn is_subclass(lookup: &dyn ClassLookup, sub: &ClassId, base: &ClassId) -> bool {
    match (sub, base) {
        _ if sub == base || base.is(KnownClass::Object) => true,
        (ClassId::Known(sub), ClassId::Known(base)) => sub.is_subclass_of(*base),
        (ClassId::Known(_), ClassId::User(_)) => false,
        _ => lookup.mro(sub).classes.contains(base),
    }
}

/// Whether a value of type `src` may be put where `dest` is declared.
pub fn is_assignable(lookup: &dyn ClassLookup, dest: &Type, src: &Type) -> bool {
    match (dest, src) {
        (Type::Unknown, _) | (_, Type::Unknown | Type::Never) => true,
        (Type::Prim(dest), Type::Prim(src)) => dest.accepts(*src),
        (Type::Prim(dest), Type::PrimLiteral(value)) => dest.holds(*value),
        (Type::Prim(_), _) => false,
        (Type::PrimLiteral(_), _) => dest == src,
        (_, Type::Prim(_) | Type::PrimLiteral(_)) => false,
        (Type::Dynamic, _) | (_, Type::Dynamic) => true,
        _ if dest == src => true,
        (_, Type::Union(members)) => members.iter().all(|member| is_assignable(lookup, dest, member)),
        (Type::Union(members), _) => members.iter().any(|member| is_assignable(lookup, member, src)),
        // The only type variable, `TClass`, stands for classes.
        (Type::TypeVar(_), Type::Class(_) | Type::TypeVar(_) | Type::Special(_)) => true,
        (Type::TypeVar(_), src) => src.known_class() == Some(KnownClass::Type),
        (_, Type::TypeVar(_)) => true,
        (Type::Instance { class, exact: true }, _) if !class.known().is_some_and(KnownClass::is_final) => {
            src.without_literal() == *dest
        }
        (Type::Instance { class, .. }, _) => instance_accepts(lookup, class, src),
        (Type::Generic(dest), Type::Generic(src)) => {
            dest.def == src.def
                && dest.args.len() == src.args.len()
                && dest.args.iter().zip(&src.args).all(|(dest, src)| is_same(lookup, dest, src))
        }
        (Type::Class(dest), Type::Class(src)) => is_assignable(lookup, &dest.instance, &src.instance),
        (Type::Awaitable(dest), Type::Awaitable(src)) => is_assignable(lookup, dest, src),
        _ => false,
    }
}

fn instance_accepts(lookup: &dyn ClassLookup, class: &ClassId, src: &Type) -> bool {
    if class.is(KnownClass::Object) {
        return true;
    }
    match src.class_id() {
        Some(src) => is_subclass(lookup, &src, class),
        None => false,
    }
}

/// Each is assignable to the other and neither is merely dynamic: what invariance asks for.
pub fn is_same(lookup: &dyn ClassLookup, left: &Type, right: &Type) -> bool {
    left == right
        || (left.is_dynamic() == right.is_dynamic()
            && is_assignable(lookup, left, right)
            && is_assignable(lookup, right, left))
}
