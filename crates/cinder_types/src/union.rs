//! Unions: where control flow meets.
//!
//! Holds: a union never contains a primitive, never another union, and no member that another member covers. It has few members: a value
//! that may be one of very many things is `dynamic`.

use crate::{ClassLookup, Type, is_assignable};

/// A union that would contain a primitive; carries the text of the refused union.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnionError(pub String);

/// Members of the largest union that is kept. Joins compare members in pairs, and no run-time check knows large unions.
const MAX_MEMBERS: usize = 32;

/// The union of `types`, in order, without members another member covers.
///
/// # Errors
/// A primitive stands beside a different type.
pub fn union_of(lookup: &dyn ClassLookup, types: impl IntoIterator<Item = Type>) -> Result<Type, UnionError> {
    let mut members: Vec<Type> = Vec::new();
    let mut dynamic = false;
    let mut unknown = false;
    for ty in types {
        match ty {
            Type::Unknown => unknown = true,
            Type::Never => {}
            Type::Union(inner) => inner.iter().for_each(|member| push(&mut members, member.clone())),
            other => {
                dynamic |= other == Type::Dynamic;
                push(&mut members, other);
            }
        }
        if members.len() > MAX_MEMBERS {
            dynamic = true;
            members.retain(Type::is_prim);
            members.push(Type::Dynamic);
        }
    }
    if unknown {
        return Ok(Type::Unknown);
    }
    if members.len() > 1 && members.iter().any(Type::is_prim) {
        return Err(UnionError(Type::Union(members.into()).to_string()));
    }
    if dynamic {
        return Ok(Type::Dynamic);
    }
    let kept: Vec<Type> = (0..members.len())
        .filter(|&index| {
            !members.iter().enumerate().any(|(other, ty)| {
                other != index
                    && covers(lookup, ty, &members[index])
                    && !(other > index && covers(lookup, &members[index], ty))
            })
        })
        .map(|index| members[index].clone())
        .collect();
    Ok(match kept.len() {
        0 => Type::Never,
        1 => kept.into_iter().next().unwrap_or(Type::Never),
        _ => Type::Union(kept.into()),
    })
}

fn push(members: &mut Vec<Type>, ty: Type) {
    if !members.contains(&ty) {
        members.push(ty);
    }
}

fn covers(lookup: &dyn ClassLookup, wide: &Type, narrow: &Type) -> bool {
    // What a type variable stands for is not known yet.
    let is_open = matches!((wide, narrow), (Type::TypeVar(_), _) | (_, Type::TypeVar(_)));
    !is_open && is_assignable(lookup, wide, narrow)
}

/// What a variable is after two paths meet: `later` is the second branch's type and prints first (section 5.4).
///
/// # Errors
/// As [`union_of`].
pub fn join(lookup: &dyn ClassLookup, later: &Type, earlier: &Type) -> Result<Type, UnionError> {
    if later == earlier {
        return Ok(later.clone());
    }
    union_of(lookup, [later.to_inexact(), earlier.to_inexact()])
}
