//! Attributes: what a receiver's class is known to have.
//!
//! Follows: the language specification, sections 6 and 8.

use std::sync::Arc;

use cinder_syntax::ast::{self, Expr};
use cinder_text::Ranged;
use cinder_types::{
    ClassId, ClassLookup, EnumMember, FunctionType, KnownClass, Member, MethodKind, Name, PropertyKind, Special, Type,
    TypeDescriptor,
};

use super::{Checker, FrameKind, class_object, is_object_attribute};
use crate::resolve::Entity;
use crate::rules::Rule;
use crate::summary::Symbol;
use crate::typed::{Convert, ExprOp, FieldRef};

/// From so many classes in a line on, it is worthwhile to know the names of all their members.
pub(super) const LONG_LINE: usize = 8;

/// An attribute found on a class, as seen through a receiver.
pub(super) enum Found {
    Slot(FieldRef),
    Other {
        owner: ClassId,
        member: Member,
    },
    /// The class (or an unknown base of it) may have it.
    Unknown,
    /// No class of the linearisation has it, and all of them are known.
    Missing,
}

impl Checker<'_> {
    /// `variable.attribute` where the variable is a local of this frame whose value can be followed.
    pub(super) fn path(&self, attribute: &ast::ExprAttribute) -> Option<(Name, Name)> {
        let Expr::Name(name) = &*attribute.value else { return None };
        let known = self.is_frame_local(&name.id) && !self.is_global_here(&name.id) && !self.is_shared_cell(&name.id);
        let frame = self.frame().kind == FrameKind::Function;
        (known && frame && self.inner_scopes.is_empty()).then(|| (name.id.clone(), attribute.attr.id.clone()))
    }

    pub(super) fn attribute(&mut self, expr: &Expr, attribute: &ast::ExprAttribute) -> Type {
        if let Some(path) = self.path(attribute)
            && let Some((ty, temp)) = self.flow.attribute(&path).cloned()
        {
            return self.set(expr, ty, ExprOp::Refined(temp));
        }
        let receiver = self.expr(&attribute.value, None);
        let name = attribute.attr.id.clone();
        if receiver == Type::Dynamic || matches!(receiver, Type::Module(_)) {
            self.module_attribute(attribute);
        }
        let receiver = self.claimed_receiver(attribute, receiver, super::claimed::is_loaded);
        self.attribute_of(expr, &receiver, &name)
    }

    /// `module.name`, where the module was imported by name at the top of this module.
    pub(super) fn module_attribute(&mut self, attribute: &ast::ExprAttribute) {
        let Expr::Name(name) = &*attribute.value else { return };
        let Some(Symbol::Import(module)) = self.cx.env.symbol(&self.cx.module.name, &name.id) else { return };
        let is_shadowed = (self.is_frame_local(&name.id) && !self.is_global_here(&name.id))
            || self.outer_function_binds(&name.id)
            || attribute.ctx != ast::ExprContext::Load;
        if !is_shadowed {
            self.known_in(&module, &attribute.attr.id, attribute.range());
        }
    }

    /// The attribute of a value of type `receiver`.
    pub(super) fn attribute_of(&mut self, expr: &Expr, receiver: &Type, name: &Name) -> Type {
        match receiver {
            Type::Prim(prim) => {
                let ty =
                    self.fail(Rule::PrimitiveOperation, expr.range(), format!("cannot load attribute from {prim}"));
                self.set(expr, ty, ExprOp::Python)
            }
            Type::Union(members) => {
                let mut types = Vec::new();
                for member in members.iter() {
                    if *member == Type::None && !is_object_attribute(name) {
                        let ty = self.none_attribute(expr, receiver, name);
                        return self.set(expr, ty, ExprOp::Python);
                    }
                    let before = self.silent;
                    self.silent += 1;
                    types.push(self.attribute_of(expr, member, name));
                    self.silent = before;
                }
                self.clobber();
                let ty = self.union(expr.range(), types);
                self.trusted(expr, ty)
            }
            Type::None if !is_object_attribute(name) => {
                let ty = self.none_attribute(expr, receiver, name);
                self.set(expr, ty, ExprOp::Python)
            }
            Type::Module(module) => {
                let entity = self.resolver().member_of(module, name);
                if matches!(entity, Entity::Variable { .. }) {
                    self.module_variable(expr, module, name)
                } else {
                    let ty = self.entity_type(&entity);
                    self.set(expr, ty, ExprOp::Python)
                }
            }
            Type::Class(class) => {
                let (instance, exact) = (class.instance.clone(), class.exact);
                self.class_attribute(expr, &instance, exact, name)
            }
            Type::Special(Special::Optional | Special::Union) => {
                let ty = self.fail(Rule::UnboundUnion, expr.range(), "cannot access attribute from unbound Union");
                self.set(expr, ty, ExprOp::Python)
            }
            _ if name == "__class__" => {
                let ty = class_object(receiver).unwrap_or(Type::Dynamic);
                self.set(expr, ty, ExprOp::Python)
            }
            _ => match self.enum_field(receiver, name) {
                Some(ty) => self.trusted(expr, ty),
                None => self.instance_attribute(expr, receiver, name),
            },
        }
    }

    pub(super) fn none_attribute(&mut self, expr: &Expr, receiver: &Type, name: &Name) -> Type {
        let prefix = if receiver.is_union() { format!("{receiver}: ") } else { String::new() };
        self.fail(Rule::NoneAttribute, expr.range(), format!("{prefix}'NoneType' object has no attribute '{name}'"))
    }

    pub(super) fn module_variable(&mut self, expr: &Expr, module: &Name, name: &Name) -> Type {
        match self.cx.env.variable(module, name) {
            Some(decl) => match decl.constant {
                Some(constant) => {
                    let ty = constant.ty();
                    self.set(expr, ty, ExprOp::Const(constant))
                }
                None => self.trusted(expr, decl.ty),
            },
            None => self.set(expr, Type::Dynamic, ExprOp::Python),
        }
    }

    /// An ordinary operation whose declared result must be checked before it counts.
    pub(super) fn trusted(&mut self, expr: &Expr, ty: Type) -> Type {
        let op = match &ty {
            Type::Prim(prim) => ExprOp::PythonThen(Convert::Unbox(*prim)),
            _ => match TypeDescriptor::of(&ty) {
                descriptor if descriptor.is_object() => ExprOp::Python,
                descriptor => ExprOp::PythonThen(Convert::Cast(Box::new(descriptor))),
            },
        };
        self.set(expr, ty, op)
    }

    /// What calling a builtin gives. A program may have put something else in its place, so the class is checked; that it is not a subclass is
    /// what the builtin promises, and no layout depends on it.
    pub(super) fn builtin_result(&mut self, expr: &Expr, ty: Type) -> Type {
        use cinder_types::KnownClass as Known;
        let is_relied_on = matches!(
            ty.class_id().and_then(|class| class.known()),
            Some(
                Known::Int
                    | Known::Bool
                    | Known::Float
                    | Known::Complex
                    | Known::Str
                    | Known::Bytes
                    | Known::List
                    | Known::Tuple
                    | Known::Dict
                    | Known::Set
                    | Known::FrozenSet
            )
        );
        let op = match is_relied_on {
            true => ExprOp::PythonThen(Convert::Cast(Box::new(TypeDescriptor::of(&ty.to_inexact())))),
            false => ExprOp::Python,
        };
        self.set(expr, ty, op)
    }

    /// Looks an attribute up along the linearisation.
    pub(super) fn find(&self, class: &ClassId, name: &str) -> Found {
        if class.known().is_some() {
            return Found::Unknown;
        }
        let mro = self.cx.mro(class);
        // Slots of classes over builtins other than `object`, or over unknown classes, are reached the ordinary way.
        let own_layout =
            !mro.dynamic && mro.classes.iter().all(|id| id.known().is_none_or(|known| known == KnownClass::Object));
        for id in mro.classes.iter() {
            let is_absent =
                mro.classes.len() > LONG_LINE && self.cx.member_names(id).is_some_and(|names| !names.contains(name));
            if is_absent {
                continue;
            }
            match self.cx.own_member(id, name) {
                Some(Member::Slot(slot)) if !slot.has_default && own_layout => {
                    return Found::Slot(FieldRef { class: id.clone(), name: Name::new(name), ty: slot.ty });
                }
                Some(member) => return Found::Other { owner: id.clone(), member },
                None if *id == ClassId::Known(KnownClass::Object) || self.cx.head(id).is_some() => {}
                None => return Found::Unknown,
            }
        }
        if mro.dynamic || is_object_attribute(name) || self.subclass_may_have(class, name) {
            Found::Unknown
        } else {
            Found::Missing
        }
    }

    /// A subclass in this module declares the attribute, so that a value of the base type may well have it.
    pub(super) fn subclass_may_have(&self, class: &ClassId, name: &str) -> bool {
        self.cx.env.subclass_may_have(class, name)
            || self.cx.mro(class).classes.iter().filter(|base| base.known().is_none()).any(|base| {
                let decides = ["__getattr__", "__getattribute__", "__setattr__", "__slots__"];
                self.cx.member_names(base).is_none_or(|names| decides.iter().any(|name| names.contains(*name)))
            })
    }

    pub(super) fn instance_attribute(&mut self, expr: &Expr, receiver: &Type, name: &Name) -> Type {
        let Some(class) = receiver.class_id() else {
            if receiver.is_dynamic() {
                self.lint_attribute(expr, None, name, false);
            }
            self.clobber();
            return self.set(expr, Type::Dynamic, ExprOp::Python);
        };
        match self.find(&class, name) {
            Found::Slot(field) => {
                let ty = field.ty.clone();
                self.set(expr, ty, ExprOp::Field(Box::new(field)))
            }
            Found::Other { owner, member } => {
                self.clobber();
                self.member_value(expr, receiver, &owner, member)
            }
            Found::Unknown => {
                self.lint_attribute(expr, Some(&class), name, false);
                self.clobber();
                self.set(expr, Type::Dynamic, ExprOp::Python)
            }
            Found::Missing => {
                let short = class.name().to_owned();
                let ty = self.missing_attribute(expr, &short, &class, name);
                self.set(expr, ty, ExprOp::Python)
            }
        }
    }

    pub(super) fn missing_attribute(&mut self, expr: &Expr, shown: &str, class: &ClassId, name: &str) -> Type {
        let mut finding = crate::Finding::new(
            Rule::MissingAttribute,
            expr.range(),
            format!("'{shown}' object has no attribute '{name}'"),
        );
        if let Some(near) = self.near_member(class, name) {
            finding = finding.with_help(format!("did you mean `{near}`?"));
        }
        self.push_finding(finding);
        Type::Unknown
    }

    pub(super) fn near_member(&self, class: &ClassId, name: &str) -> Option<Name> {
        let mro = self.cx.mro(class);
        let names = mro
            .classes
            .iter()
            .filter_map(|id| self.cx.class(id))
            .flat_map(|def| def.members.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>());
        names
            .map(|near| (distance(&near, name), near))
            .min()
            .filter(|(distance, _)| *distance <= name.len() / 3 + 1)
            .map(|(_, near)| near)
    }

    pub(super) fn member_value(&mut self, expr: &Expr, receiver: &Type, owner: &ClassId, member: Member) -> Type {
        match member {
            Member::Slot(slot) => {
                self.lint_slot(expr, owner, slot.has_default, false);
                self.trusted(expr, slot.ty)
            }
            Member::ClassVar { ty, .. } => {
                self.lint_class_variable(expr);
                self.trusted(expr, ty)
            }
            Member::Property(property) => {
                let result = property.getter.signature.call_result();
                let unknown_base = receiver.class_id().is_none_or(|class| self.cx.mro(&class).dynamic);
                if property.kind != PropertyKind::Plain || unknown_base {
                    return self.trusted(expr, result);
                }
                let direct = self.is_certain(receiver, property.getter.signature.flags.is_final);
                if !direct {
                    let name = property.getter.id.name.rsplit('.').next().unwrap_or_default().to_owned();
                    self.lint_property(expr, &name, false);
                }
                let op = ExprOp::Getter { id: property.getter.id, class: owner.clone(), direct };
                self.set(expr, result, op)
            }
            Member::Method(_) => {
                self.lint_bound_method(expr);
                self.set(expr, Type::exact(KnownClass::Method), ExprOp::Python)
            }
            Member::NestedClass(id) => {
                let dynamic = self.class_is_dynamic(&id);
                let ty = if dynamic { Type::Dynamic } else { Type::class_of_instances(Type::exact(id)) };
                self.set(expr, ty, ExprOp::Python)
            }
            Member::EnumValue { .. } => self.trusted(expr, Type::exact(owner.clone())),
            Member::Bare | Member::Dynamic => self.set(expr, Type::Dynamic, ExprOp::Python),
        }
    }

    pub(super) fn class_is_dynamic(&self, id: &ClassId) -> bool {
        self.cx.head(id).is_none_or(|class| class.is_dynamic())
    }

    /// The implementation found statically is the one that runs: the receiver is exact or final, or the method is final.
    pub(super) fn is_certain(&self, receiver: &Type, method_is_final: bool) -> bool {
        method_is_final
            || receiver.is_exact()
            || receiver.class_id().and_then(|class| self.cx.head(&class)).is_some_and(|class| class.flags.is_final)
    }

    pub(super) fn class_attribute(&mut self, expr: &Expr, instance: &Type, exact: bool, name: &Name) -> Type {
        self.clobber();
        if name == "__name__" || name == "__qualname__" || name == "__module__" {
            return self.set(expr, Type::str(), ExprOp::Python);
        }
        let Some(class) = instance.class_id() else { return self.set(expr, Type::Dynamic, ExprOp::Python) };
        let ty = match self.find(&class, name) {
            Found::Slot(_) => Type::exact(KnownClass::MemberDescriptor),
            Found::Other { owner, member } => match member {
                Member::EnumValue { value } => {
                    let member = EnumMember { class: owner, name: name.clone(), value };
                    return self.trusted(expr, Type::EnumMember(Arc::new(member)));
                }
                // A subclass may have something else in its place.
                Member::Slot(slot) if slot.ty.is_prim() || !exact => Type::Dynamic,
                Member::Slot(slot) => return self.trusted(expr, slot.ty),
                Member::ClassVar { ty, .. } => {
                    self.lint_class_variable(expr);
                    return self.trusted(expr, ty);
                }
                Member::Method(method) => match method.kind {
                    MethodKind::Class => Type::exact(KnownClass::Method),
                    _ => Type::Function(Arc::new(FunctionType {
                        id: method.id,
                        signature: method.signature,
                        is_method: true,
                    })),
                },
                Member::NestedClass(id) if !self.class_is_dynamic(&id) => Type::class_of_instances(Type::exact(id)),
                _ => Type::Dynamic,
            },
            Found::Unknown | Found::Missing => Type::Dynamic,
        };
        self.set(expr, ty, ExprOp::Python)
    }
}

/// Letters to insert, delete or replace.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, &to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}
