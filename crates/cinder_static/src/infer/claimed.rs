//! What another checker says, put to use.
//!
//! Problem: a claim is no proof, and may come from a file that is older than the text.
//! Idea: claims are asked for where a value of unknown type is a receiver: there they turn a search by name into an offset or a direct call. The
//! value is cast to the class on its way to the operation. A use that would be a mistake of the program is not made: the operation stays the
//! ordinary one.
//! Holds: without claims nothing here does anything; with them no finding is added.
//!
//! Follows: the language specification, section 20.

use cinder_syntax::ast::{self, Expr};
use cinder_types::{ClassId, ClassLookup, Member, MethodKind, Name, Type, TypeDescriptor};

use super::Checker;
use super::attribute::Found;
use crate::claims::Claim;
use crate::resolve::Entity;
use crate::typed::Convert;

impl Checker<'_> {
    /// What the value of an expression is claimed to be. Classes that are dynamic, or that nothing is known about, claim nothing.
    pub(super) fn claimed_type(&self, expr: &Expr) -> Option<Type> {
        self.type_of_claim(self.claims.of(expr)?)
    }

    fn type_of_claim(&self, claim: &Claim) -> Option<Type> {
        match claim {
            Claim::None => Some(Type::None),
            Claim::Instance(name) => self.claimed_class(name),
            // The value may be a subclass.
            Claim::Class(name) => {
                let instance = self.claimed_class(name)?;
                Some(Type::Class(std::sync::Arc::new(cinder_types::ClassObject { instance, exact: false })))
            }
            Claim::Union(members) => {
                let members = members.iter().map(|member| self.type_of_claim(member)).collect::<Option<Vec<_>>>()?;
                cinder_types::union_of(self.cx, members).ok()
            }
            Claim::Function(_) | Claim::Method(_) => None,
        }
    }

    /// The longest prefix that is a module, then member by member.
    fn claimed_class(&self, dotted: &str) -> Option<Type> {
        let resolver = self.resolver();
        let dots = dotted.match_indices('.').map(|(at, _)| at);
        let entity = dots.rev().find_map(|at| {
            let (module, path) = (&dotted[..at], &dotted[at + 1..]);
            let mut names = path.split('.');
            let mut entity = resolver.member_of(module, names.next()?);
            for name in names {
                entity = match entity {
                    Entity::Class { module, class } => Entity::Class { module, class: class.nested(name)?.clone() },
                    _ => return None,
                };
            }
            (!matches!(entity, Entity::Dynamic | Entity::Undefined | Entity::Unsupported)).then_some(entity)
        });
        let entity = match entity {
            Some(entity) => entity,
            None if !dotted.contains('.') => crate::names::builtin(dotted)?,
            None => return None,
        };
        match entity {
            Entity::Class { module, class } if !resolver.is_dynamic_class(&module, &class) => {
                Some(Type::instance(ClassId::user(&module, &class.qualname)))
            }
            // An int is a float to a checker.
            Entity::Known(cinder_types::KnownClass::Float) => None,
            Entity::Known(class) => Some(Type::instance(class)),
            Entity::Prim(prim) => Some(Type::Prim(prim)),
            _ => None,
        }
    }

    /// The type of the receiver of `attribute`, of which `ty` is known so far: where nothing is, and the class that is claimed has the
    /// attribute as `suits` wants it, the receiver is cast to that class.
    pub(super) fn claimed_receiver(
        &mut self,
        attribute: &ast::ExprAttribute,
        ty: Type,
        suits: impl Fn(&Checker<'_>, &ClassId, Found) -> bool,
    ) -> Type {
        if ty != Type::Dynamic || self.claims.is_empty() || self.distrusts > 0 {
            return ty;
        }
        let Some(claimed) = self.claimed_owner(attribute) else { return ty };
        let Some(class) = claimed.class_id().filter(|class| class.known().is_none()) else { return ty };
        if self.cx.mro(&class).dynamic || !suits(self, &class, self.find(&class, &attribute.attr.id)) {
            return ty;
        }
        // The type of the variable it may be read from stays what it is: a node that is walked twice must be cast each time.
        self.set_convert(&attribute.value, Convert::Cast(Box::new(TypeDescriptor::of(&claimed))));
        claimed
    }

    /// The class of the receiver: what is said of it, or the class of the method that is said to be bound to it.
    fn claimed_owner(&self, attribute: &ast::ExprAttribute) -> Option<Type> {
        if let Some(claimed) = self.claimed_type(&attribute.value) {
            return matches!(claimed, Type::Instance { .. }).then_some(claimed);
        }
        let Some(Claim::Method(class)) = self.claims.of(attribute) else { return None };
        let is_super = matches!(&*attribute.value, Expr::Call(call) if matches!(&*call.func, Expr::Name(name) if name.id == "super"));
        let claimed = self.claimed_class(class).filter(|_| !is_super)?;
        let (_, method) = self.find_method(&claimed.class_id()?, &attribute.attr.id)?;
        (method.kind == MethodKind::Instance).then_some(claimed)
    }

    /// Walks an operation on an attribute, with what is claimed of its receiver. When that tells of mistakes, once more without claims.
    pub(super) fn trying_claims<T>(&mut self, on: Option<&ast::ExprAttribute>, walk: impl Fn(&mut Self) -> T) -> T {
        let is_worth_it = !self.claims.is_empty() && self.distrusts == 0;
        if !is_worth_it || on.is_none_or(|attribute| self.claimed_owner(attribute).is_none()) {
            return walk(self);
        }
        let flow = self.flow.clone();
        let (found, reports) = (self.findings.len(), self.reports);
        let value = walk(self);
        if self.reports == reports {
            return value;
        }
        self.findings.truncate(found);
        self.flow = flow;
        self.distrusts += 1;
        let value = walk(self);
        self.distrusts -= 1;
        value
    }
}

/// The attribute is one that typed code loads: a field, a property, a variable of the class.
pub(super) fn is_loaded(_: &Checker<'_>, _: &ClassId, found: Found) -> bool {
    match found {
        Found::Slot(_) => true,
        Found::Other { member, .. } => {
            matches!(member, Member::Slot(_) | Member::Property(_) | Member::ClassVar { .. })
        }
        Found::Unknown | Found::Missing => false,
    }
}

/// The attribute is a field that a value of type `ty` may be stored to.
pub(super) fn takes(ty: &Type) -> impl Fn(&Checker<'_>, &ClassId, Found) -> bool + '_ {
    move |this, class, found| match found {
        Found::Slot(field) => {
            let name: &Name = &field.name;
            this.assignable(&field.ty, ty) && !this.slot_is_final(&field.class, name) && !this.is_frozen(class)
                // A constant would have been made a raw one.
                && (!field.ty.is_prim() || ty.is_dynamic())
        }
        _ => false,
    }
}

/// The attribute is a method that a call reaches directly.
pub(super) fn is_called(_: &Checker<'_>, _: &ClassId, found: Found) -> bool {
    matches!(found, Found::Other { member: Member::Method(_), .. })
}
