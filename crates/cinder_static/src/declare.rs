//! The types of a module's declarations: classes with their members, functions with their signatures, variables.
//!
//! Problem: bodies of this and other modules are checked against declarations, so these must be known before any body is read.
//! Idea: pure functions, one per kind of declaration, from its summary (and the summaries it names) to its types. Mistakes are ignored
//! here (their types are `Unknown`); the module unit reports them when it walks the same text with positions.
//! Holds: results depend on summaries only, so a body edit changes nothing, and import cycles cannot loop. A class's head
//! ([`class_head`]) does not depend on its members.

use std::sync::Arc;

use cinder_types::{
    ClassDef, ClassFlags, ClassHead, ClassId, ClassKind, ClassLookup, ConstValue, FunctionFlags, KnownClass, Member,
    MethodDef, MethodKind, Name, Param, ParamKind, PropertyDef, PropertyKind, QualName, Signature, SlotDef, Special,
    Type,
};

use rustc_hash::FxHashSet;

use crate::resolve::{ContextDecoration, Entity, Place, Qualifier, Resolver, Summaries};
use crate::summary::{ClassBody, ClassSummary, FunctionSummary, MemberSummary, ModuleHeader};
use crate::type_expr::TypeExpr;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VariableDecl {
    /// What readers see; `dynamic` without an annotation.
    pub ty: Type,
    pub is_final: bool,
    /// The value of a `Final` with a literal, inlined at reads.
    pub constant: Option<ConstValue>,
}

/// Where the declarations of static modules come from, one by one. Names are qualified.
pub trait Env: Summaries {
    /// Dynamic classes, too.
    fn class_head(&self, module: &str, class: &str) -> Option<Arc<ClassHead>>;
    fn class_def(&self, module: &str, class: &str) -> Option<Arc<ClassDef>>;
    fn class_member(&self, module: &str, class: &str, name: &str) -> Option<Member>;
    /// The names of the members that a class declares itself.
    fn member_names(&self, module: &str, class: &str) -> Option<Arc<FxHashSet<Name>>>;
    /// A top-level function that can be called statically.
    fn function(&self, module: &str, name: &str) -> Option<MethodDef>;
    fn variable(&self, module: &str, name: &str) -> Option<VariableDecl>;
    /// A subclass of `class` in the module in hand declares member `name`, or may.
    fn subclass_may_have(&self, class: &ClassId, name: &str) -> bool;
    /// The module is known and surely has no such name, nor a submodule of that name.
    fn lacks(&self, module: &str, name: &str) -> bool;
}

/// What decorators make of a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decorated {
    pub role: Role,
    pub flags: FunctionFlags,
    /// `@dynamic_return`, or an unknown decorator: the return annotation is not trusted.
    pub dynamic_return: bool,
    pub overload: bool,
    /// Decorated by a context manager that may swallow exceptions: None may come back, too.
    pub may_swallow: bool,
    /// The context managers among the decorators, by place.
    pub managers: Vec<u32>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Role {
    Plain,
    Static,
    Class,
    Property(PropertyKind),
    Setter(Name),
    Deleter(Name),
    /// An unknown decorator: the name is `dynamic`.
    Unknown,
}

/// Reads the decorators, innermost first.
pub fn decorated(resolver: &Resolver<'_>, function: &FunctionSummary) -> Decorated {
    let flags =
        FunctionFlags { is_async: function.is_async, is_generator: function.is_generator, ..Default::default() };
    let mut this = Decorated {
        role: Role::Plain,
        flags,
        dynamic_return: false,
        overload: false,
        may_swallow: false,
        managers: Vec::new(),
    };
    for (place, decorator) in function.decorators.iter().enumerate().rev() {
        let transformed = this.role != Role::Plain;
        if let TypeExpr::Attribute(property, accessor) = decorator
            && let TypeExpr::Name(property) = &**property
            && !transformed
        {
            match accessor.as_str() {
                "setter" => {
                    this.role = Role::Setter(property.clone());
                    continue;
                }
                "deleter" => {
                    this.role = Role::Deleter(property.clone());
                    continue;
                }
                _ => {}
            }
        }
        if !transformed && let Some(decoration) = resolver.context_decorator(decorator) {
            this.may_swallow |= decoration == ContextDecoration::MaySwallow;
            this.managers.insert(0, place as u32);
            continue;
        }
        let role = match resolver.entity(decorator) {
            Entity::Known(KnownClass::StaticMethod) => Role::Static,
            Entity::Known(KnownClass::ClassMethod) => Role::Class,
            Entity::Known(KnownClass::Property) => Role::Property(PropertyKind::Plain),
            Entity::Special(special) => match special {
                Special::CachedProperty => Role::Property(PropertyKind::Cached),
                Special::AsyncCachedProperty => Role::Property(PropertyKind::AsyncCached),
                Special::FinalDecorator => {
                    this.flags.is_final = true;
                    continue;
                }
                Special::Overload => {
                    this.overload = true;
                    continue;
                }
                Special::Override | Special::Identity => continue,
                Special::Inline => {
                    this.flags.inline = true;
                    continue;
                }
                Special::DoNotCompile => {
                    this.flags.do_not_compile = true;
                    continue;
                }
                Special::Native => {
                    this.flags.native = true;
                    continue;
                }
                Special::DynamicReturn => {
                    this.dynamic_return = true;
                    continue;
                }
                _ => Role::Unknown,
            },
            _ => Role::Unknown,
        };
        this.role = if transformed { Role::Unknown } else { role };
    }
    if this.role == Role::Unknown {
        this.dynamic_return = true;
    }
    this
}

/// The class a method is written in, as its signature needs it.
#[derive(Clone, Debug)]
pub struct MethodClass {
    pub id: ClassId,
    pub is_dynamic: bool,
}

/// The signature a function declares.
pub fn signature(
    resolver: &Resolver<'_>,
    function: &FunctionSummary,
    class: Option<&MethodClass>,
    how: &Decorated,
) -> Signature {
    let mut type_params = resolver.type_params.to_vec();
    type_params.extend(function.type_params.iter().cloned());
    let resolver = Resolver { type_params: &type_params, ..*resolver };
    let own = function.qualname.rsplit('.').next().unwrap_or_default();
    let params = function
        .params
        .iter()
        .enumerate()
        .map(|(index, param)| {
            let ty = match (&param.annotation, param.kind) {
                (_, ParamKind::VarArgs) => Type::exact(KnownClass::Tuple),
                (_, ParamKind::KwArgs) => Type::exact(KnownClass::Dict),
                (Some(annotation), _) => resolver.ty(annotation).unwrap_or(Type::Unknown),
                (None, _) if index == 0 => class.map_or(Type::Dynamic, |class| receiver(class, own, how)),
                (None, _) => Type::Dynamic,
            };
            Param {
                name: param.name.clone(),
                kind: param.kind,
                ty,
                annotated: param.annotation.is_some(),
                default: param.default.clone(),
            }
        })
        .collect();
    let returns = match &function.returns {
        Some(annotation) if !how.dynamic_return => match resolver.ty(annotation).unwrap_or(Type::Unknown) {
            // A raw result cannot be None.
            Type::Prim(_) if how.may_swallow => Type::Dynamic,
            ty if how.may_swallow => ty.optional(),
            ty => ty,
        },
        _ => Type::Dynamic,
    };
    Signature {
        params,
        returns,
        returns_annotated: function.returns.is_some() && !how.dynamic_return,
        flags: how.flags,
    }
}

/// The type of an unannotated first parameter in a class body (section 7.1).
fn receiver(class: &MethodClass, name: &str, how: &Decorated) -> Type {
    let instance = if class.is_dynamic { Type::Dynamic } else { Type::instance(class.id.clone()) };
    match &how.role {
        Role::Static | Role::Unknown => Type::Dynamic,
        _ if matches!(name, "__new__" | "__init_subclass__" | "__class_getitem__") || how.role == Role::Class => {
            if class.is_dynamic || name == "__new__" {
                Type::instance(KnownClass::Type)
            } else {
                Type::Class(Arc::new(cinder_types::ClassObject { instance, exact: false }))
            }
        }
        _ => instance,
    }
}

/// A top-level function; `None` when its decorators leave it dynamic.
pub fn function(resolver: &Resolver<'_>, function: &FunctionSummary) -> Option<MethodDef> {
    let how = decorated(resolver, function);
    (how.role == Role::Plain).then(|| {
        let signature = Arc::new(signature(resolver, function, None, &how));
        let id = Arc::new(QualName { module: resolver.module.name.clone(), name: function.qualname.clone() });
        MethodDef { id, kind: MethodKind::Static, signature }
    })
}

/// A module variable.
pub fn variable(resolver: &Resolver<'_>, annotation: Option<&TypeExpr>, value: Option<&ConstValue>) -> VariableDecl {
    let declared = annotation.map(|annotation| resolver.declared(annotation, Place::Module));
    match declared {
        None => VariableDecl { ty: Type::Dynamic, is_final: false, constant: None },
        Some(Err(_)) => VariableDecl { ty: Type::Unknown, is_final: false, constant: None },
        Some(Ok(declared)) => {
            let is_final = declared.qualifier == Qualifier::Final;
            let constant = value.filter(|value| is_final && fits(&declared.ty, declared.infer, value)).cloned();
            let ty = match &constant {
                Some(value) if declared.infer => value.ty().declared_form(),
                _ => declared.ty,
            };
            VariableDecl { ty, is_final, constant }
        }
    }
}

/// A constant whose own type is the declared one may be inlined.
fn fits(ty: &Type, infer: bool, value: &ConstValue) -> bool {
    let scalar = !matches!(value, ConstValue::Tuple(_));
    let same = value.ty().without_literal().known_class() == ty.known_class();
    scalar && (infer || same || ty.is_dynamic())
}

/// A class without its members.
pub fn class_head(resolver: &Resolver<'_>, class: &ClassSummary) -> ClassHead {
    let module = &resolver.module.name;
    let id = ClassId::user(module, &class.qualname);
    let is_dynamic = resolver.is_dynamic_class(module, class);
    let (bases, _) = resolver.bases(module, class);
    let is_enum = resolver.is_enum(module, class);
    ClassHead {
        mro: resolver.mro(&id),
        id,
        bases: bases.into(),
        kind: match (is_dynamic, is_enum) {
            (true, _) => ClassKind::Dynamic,
            (_, true) => ClassKind::Enum,
            _ => ClassKind::Static,
        },
        flags: class_flags(resolver, class),
    }
}

/// A class with its members. `scope`: the enclosing classes, outermost first, and itself.
pub fn class_def(
    resolver: &Resolver<'_>,
    head: &Arc<ClassHead>,
    scope: &[Arc<ClassSummary>],
    body: &ClassBody,
) -> ClassDef {
    let type_params = scope.last().map_or(&[][..], |class| &class.type_params);
    let inner = Resolver { classes: scope, type_params, ..*resolver };
    let mut members = members(&inner, body, &MethodClass { id: head.id.clone(), is_dynamic: head.is_dynamic() });
    if head.is_enum() {
        members.iter_mut().for_each(|(name, member)| enum_value(&inner, body, name, member));
    }
    // `self.x = v` declares nothing when a base class has `x` already.
    members.retain(|(name, member)| {
        !matches!(member, Member::Slot(slot) if !slot.annotated && inherits(resolver, &head.mro.classes, name))
    });
    ClassDef { head: head.clone(), members }
}

/// Assignments of an enum's body are its members, but for private names.
fn enum_value(resolver: &Resolver<'_>, body: &ClassBody, name: &Name, member: &mut Member) {
    let value = match member {
        _ if name.starts_with('_') => return,
        Member::Bare => {
            let written = body.members.iter().find_map(|(own, member)| match member {
                MemberSummary::Bare(written) if own == name => written.as_ref(),
                _ => None,
            });
            match written {
                Some(TypeExpr::Const(constant)) => constant.ty().without_literal(),
                Some(TypeExpr::Attribute(owner, name)) => enum_member(resolver, owner, name).unwrap_or(Type::Dynamic),
                _ => Type::Dynamic,
            }
        }
        Member::Slot(slot) if slot.has_default => slot.ty.clone(),
        _ => return,
    };
    *member = Member::EnumValue { value };
}

/// The type of `owner.name` when that is a member of an enum.
fn enum_member(resolver: &Resolver<'_>, owner: &TypeExpr, name: &Name) -> Option<Type> {
    let Entity::Class { module, class } = resolver.entity(owner) else { return None };
    let id = ClassId::user(&module, &class.qualname);
    let body = resolver.class_body(&id).filter(|_| resolver.is_enum(&module, &class) && !name.starts_with('_'))?;
    let is_value = |member: &MemberSummary| matches!(member, MemberSummary::Bare(_) | MemberSummary::Annotated { .. });
    let is_member = body.members.iter().any(|(own, member)| own == name && is_value(member));
    is_member.then(|| Type::exact(id))
}

fn inherits(resolver: &Resolver<'_>, mro: &[ClassId], name: &Name) -> bool {
    mro.iter()
        .skip(1)
        .filter_map(|base| resolver.class_body(base))
        .any(|base| base.members.iter().any(|(own, _)| own == name) || base.slots.iter().any(|slot| slot.name == *name))
}

fn class_flags(resolver: &Resolver<'_>, class: &ClassSummary) -> ClassFlags {
    let mut flags = ClassFlags::default();
    for decorator in &class.decorators {
        match resolver.entity(decorator) {
            Entity::Special(Special::FinalDecorator) => flags.is_final = true,
            Entity::Special(Special::AllowWeakrefs) => flags.allow_weakrefs = true,
            Entity::Special(Special::DoNotCompile) => flags.do_not_compile = true,
            Entity::Special(Special::Identity) => flags.mutable = true,
            _ => {}
        }
    }
    flags
}

fn members(resolver: &Resolver<'_>, body: &ClassBody, owner: &MethodClass) -> Vec<(Name, Member)> {
    let mut members: Vec<(Name, Member)> = Vec::with_capacity(body.members.len() + body.slots.len());
    for (name, member) in &body.members {
        let resolved = match member {
            MemberSummary::Annotated { annotation, value } => annotated(resolver, annotation, value.as_ref()),
            MemberSummary::Bare(_) if matches!(name.as_str(), "__slot_types__" | "__slots_with_default__") => continue,
            // The program names attributes in its own way: what they are is not known.
            MemberSummary::Bare(_) if name == "__slots__" => Member::Dynamic,
            MemberSummary::Bare(_) => Member::Bare,
            MemberSummary::Class(nested) => Member::NestedClass(ClassId::user(&resolver.module.name, &nested.qualname)),
            MemberSummary::Other => Member::Dynamic,
            MemberSummary::Function(function) => {
                let how = decorated(resolver, function);
                if accessor(resolver, function, owner, &how, &mut members) {
                    continue;
                }
                method(resolver, function, owner, &how)
            }
        };
        match members.iter_mut().find(|(own, _)| own == name) {
            None => members.push((name.clone(), resolved)),
            // `x: T` above a plain `x = v` stays a slot; a later definition otherwise replaces a bare value or an overload stub.
            Some((_, Member::Slot(slot))) if resolved == Member::Bare => {
                slot.has_default = true;
                slot.initialised = true;
            }
            Some((_, old @ (Member::Bare | Member::Dynamic | Member::Method(_)))) => *old = resolved,
            Some(_) => {}
        }
    }
    for slot in &body.slots {
        let declared = slot.annotation.as_ref().map(|annotation| resolver.declared(annotation, Place::SelfAttribute));
        let (ty, is_final) = match declared {
            None => (Type::Dynamic, false),
            Some(Err(_)) => (Type::Unknown, false),
            Some(Ok(declared)) => (declared.ty, declared.qualifier == Qualifier::Final),
        };
        match members.iter_mut().find(|(own, _)| *own == slot.name) {
            None => members.push((
                slot.name.clone(),
                Member::Slot(SlotDef {
                    ty,
                    has_default: false,
                    is_final,
                    annotated: slot.annotation.is_some(),
                    initialised: slot.assigned,
                }),
            )),
            Some((_, Member::Slot(old))) => {
                old.initialised |= slot.assigned;
                if !old.annotated && slot.annotation.is_some() {
                    old.ty = ty;
                    old.annotated = true;
                    old.is_final = is_final;
                }
            }
            Some(_) => {}
        }
    }
    members.shrink_to_fit();
    members
}

fn annotated(resolver: &Resolver<'_>, annotation: &TypeExpr, value: Option<&Option<ConstValue>>) -> Member {
    let Ok(declared) = resolver.declared(annotation, Place::ClassBody) else {
        return Member::Slot(SlotDef {
            ty: Type::Unknown,
            has_default: value.is_some(),
            is_final: false,
            annotated: true,
            initialised: value.is_some(),
        });
    };
    let ty = match value {
        Some(Some(constant)) if declared.infer => constant.ty().declared_form(),
        _ => declared.ty,
    };
    match declared.qualifier {
        Qualifier::ClassVar => Member::ClassVar { ty, is_final: false },
        Qualifier::Final if value.is_some() => Member::ClassVar { ty, is_final: true },
        Qualifier::InitVar => Member::Dynamic,
        Qualifier::Final | Qualifier::None => Member::Slot(SlotDef {
            ty,
            has_default: value.is_some(),
            is_final: declared.qualifier == Qualifier::Final,
            annotated: true,
            initialised: value.is_some(),
        }),
    }
}

fn method_def(
    resolver: &Resolver<'_>,
    function: &FunctionSummary,
    owner: &MethodClass,
    how: &Decorated,
    kind: MethodKind,
) -> MethodDef {
    MethodDef {
        id: Arc::new(QualName { module: resolver.module.name.clone(), name: function.qualname.clone() }),
        kind,
        signature: Arc::new(signature(resolver, function, Some(owner), how)),
    }
}

fn method(resolver: &Resolver<'_>, function: &FunctionSummary, owner: &MethodClass, how: &Decorated) -> Member {
    let name = function.qualname.rsplit('.').next().unwrap_or_default();
    let kind = match how.role {
        Role::Static => MethodKind::Static,
        Role::Class => MethodKind::Class,
        Role::Plain if name == "__new__" => MethodKind::Static,
        Role::Plain if matches!(name, "__init_subclass__" | "__class_getitem__") => MethodKind::Class,
        Role::Plain => MethodKind::Instance,
        Role::Property(kind) => {
            let getter = method_def(resolver, function, owner, how, MethodKind::Instance);
            return Member::Property(PropertyDef { kind, getter, setter: None, deleter: None });
        }
        Role::Setter(_) | Role::Deleter(_) | Role::Unknown => return Member::Dynamic,
    };
    Member::Method(method_def(resolver, function, owner, how, kind))
}

/// `@p.setter` and `@p.deleter` complete the property declared above. Says whether `function` was one.
fn accessor(
    resolver: &Resolver<'_>,
    function: &FunctionSummary,
    owner: &MethodClass,
    how: &Decorated,
    members: &mut [(Name, Member)],
) -> bool {
    let (Role::Setter(property) | Role::Deleter(property)) = &how.role else { return false };
    let Some((_, Member::Property(def))) = members.iter_mut().find(|(own, _)| own == property) else { return false };
    let method = method_def(resolver, function, owner, how, MethodKind::Instance);
    match how.role {
        Role::Setter(_) => def.setter = Some(method),
        _ => def.deleter = Some(method),
    }
    true
}

/// Declarations of one module together with those it can reach: what bodies are checked against.
pub struct Context<'a> {
    pub env: &'a dyn Env,
    pub module: &'a ModuleHeader,
}

impl ClassLookup for Context<'_> {
    fn class(&self, id: &ClassId) -> Option<Arc<ClassDef>> {
        let ClassId::User(name) = id else { return None };
        self.env.class_def(&name.module, &name.name)
    }

    fn head(&self, id: &ClassId) -> Option<Arc<ClassHead>> {
        let ClassId::User(name) = id else { return None };
        self.env.class_head(&name.module, &name.name)
    }
}

impl Context<'_> {
    /// A member the class declares itself. Bodies ask for members one by one, so that others may change.
    pub fn own_member(&self, id: &ClassId, name: &str) -> Option<Member> {
        let ClassId::User(class) = id else { return None };
        self.env.class_member(&class.module, &class.name, name)
    }

    /// The names of the members a class declares itself; `None` for builtin classes and those that do not exist. To be asked first where many
    /// classes are looked through, since most do not have the member.
    pub fn member_names(&self, id: &ClassId) -> Option<Arc<FxHashSet<Name>>> {
        let ClassId::User(class) = id else { return None };
        self.env.member_names(&class.module, &class.name)
    }

    /// The member `name` of a class and the class that declares it, first in the linearisation.
    pub fn member(&self, class: &ClassId, name: &str) -> Option<(ClassId, Member)> {
        self.mro(class).classes.iter().find_map(|id| Some((id.clone(), self.own_member(id, name)?)))
    }
}
