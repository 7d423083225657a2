//! Expressions: names, attributes, subscripts, displays, comprehensions.
//!
//! Follows: the language specification, section 6.

use cinder_syntax::ast::{self, Expr};
use cinder_text::{Ranged, TextRange};
use cinder_types::{
    ClassId, ConstValue, FunctionType, GenericDef, KnownClass, Member, MethodKind, Name, Prim, PropertyKind, Special,
    Type, TypeDescriptor,
};
use std::sync::Arc;

use super::{Checker, FrameKind, class_object, exact_tuple, is_object_attribute};
use crate::fold::fold;
use crate::resolve::Entity;
use crate::rules::Rule;
use crate::typed::{Container, Convert, ExprOp, FastContainer, FieldRef, fast_container};

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
    /// Visits an expression for its value. `expected` is the type of the place it goes to; literals and displays follow it.
    pub(super) fn expr(&mut self, expr: &Expr, expected: Option<&Type>) -> Type {
        if let Some(value) = self.constant(expr) {
            return self.literal(expr, value, expected);
        }
        match expr {
            Expr::Name(name) => self.name(expr, &name.id, expected),
            Expr::Attribute(attribute) => self.attribute(expr, attribute),
            Expr::Subscript(subscript) => self.subscript(expr, subscript),
            Expr::Call(call) => self.call(expr, call, expected),
            Expr::BinOp(binary) => self.binary(expr, binary, expected),
            Expr::UnaryOp(unary) => self.unary(expr, unary, expected).0,
            Expr::BoolOp(bool_op) => self.bool_op(expr, bool_op, expected).0,
            Expr::Compare(compare) => self.compare(expr, compare).0,
            Expr::If(conditional) => self.conditional(expr, conditional, expected),
            Expr::Named(named) => self.walrus(expr, named, expected).0,
            Expr::List(list) => self.list(expr, &list.elts, expected),
            Expr::Tuple(tuple) => {
                self.elements(&tuple.elts);
                self.set(expr, exact_tuple(), ExprOp::Python)
            }
            Expr::Set(set) => {
                for element in &set.elts {
                    self.element(element, "set members cannot be primitives");
                }
                self.clobber();
                self.set(expr, Type::exact(KnownClass::Set), ExprOp::Python)
            }
            Expr::Dict(dict) => self.dict(expr, dict, expected),
            Expr::ListComp(comp) => self.list_comprehension(expr, comp, expected),
            Expr::SetComp(comp) => {
                self.comprehension(expr.range(), &comp.generators, true, |this| {
                    this.object(&comp.elt, Rule::PrimitiveEscape, "generator element cannot be a primitive");
                });
                self.set(expr, Type::exact(KnownClass::Set), ExprOp::Python)
            }
            Expr::DictComp(comp) => self.dict_comprehension(expr, comp, expected),
            Expr::Generator(comp) => {
                self.comprehension(expr.range(), &comp.generators, false, |this| {
                    this.object(&comp.elt, Rule::PrimitiveEscape, "generator element cannot be a primitive");
                });
                self.set(expr, Type::Dynamic, ExprOp::Python)
            }
            Expr::Lambda(lambda) => self.lambda(expr, lambda),
            Expr::Await(awaited) => self.awaited(expr, &awaited.value),
            Expr::Yield(yielded) => {
                if let Some(value) = &yielded.value {
                    self.object(value, Rule::PrimitiveEscape, "cannot yield a primitive value");
                }
                self.clobber();
                self.set(expr, Type::Dynamic, ExprOp::Python)
            }
            Expr::YieldFrom(yielded) => {
                self.object(&yielded.value, Rule::PrimitiveEscape, "cannot yield from a primitive value");
                self.clobber();
                self.set(expr, Type::Dynamic, ExprOp::Python)
            }
            Expr::FString(string) => {
                for element in string.value.elements() {
                    self.interpolation(element);
                }
                self.clobber();
                self.set(expr, Type::exact(KnownClass::Str), ExprOp::Python)
            }
            Expr::TString(string) => {
                for element in string.value.elements() {
                    self.interpolation(element);
                }
                self.clobber();
                self.set(expr, Type::Dynamic, ExprOp::Python)
            }
            Expr::Slice(slice) => {
                for bound in [&slice.lower, &slice.upper, &slice.step].into_iter().flatten() {
                    self.object(bound, Rule::PrimitiveEscape, "slice indices cannot be primitives");
                }
                self.set(expr, Type::exact(KnownClass::Slice), ExprOp::Python)
            }
            Expr::Starred(starred) => {
                self.object(&starred.value, Rule::PrimitiveEscape, "cannot use primitive in starred expression");
                self.clobber();
                self.set(expr, Type::Dynamic, ExprOp::Python)
            }
            Expr::NoneLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::IpyEscapeCommand(_) => Type::Dynamic,
        }
    }

    /// The value of an expression that is a constant by itself. Tuples of constants stay displays.
    fn constant(&self, expr: &Expr) -> Option<ConstValue> {
        match expr {
            Expr::Name(_) | Expr::Tuple(_) => None,
            _ => fold(expr),
        }
    }

    /// A constant: raw when a primitive is expected and the constant can be one.
    pub(super) fn literal(&mut self, expr: &Expr, value: ConstValue, expected: Option<&Type>) -> Type {
        let ty = match (expected, &value) {
            (Some(Type::Prim(Prim::Double)), ConstValue::Float(_) | ConstValue::Int(_)) => Type::Prim(Prim::Double),
            (Some(Type::Prim(Prim::Bool)), ConstValue::Bool(_)) => Type::Prim(Prim::Bool),
            (Some(Type::Prim(prim)), ConstValue::Int(number)) if prim.holds(*number) => Type::Prim(*prim),
            (Some(Type::Prim(_)), ConstValue::Int(number)) => Type::PrimLiteral(*number),
            _ => value.ty(),
        };
        self.set(expr, ty, ExprOp::Const(value))
    }

    fn elements(&mut self, elements: &[Expr]) {
        for element in elements {
            let ty = self.expr(element, None);
            if ty.is_prim() {
                self.report(
                    Rule::PrimitiveEscape,
                    element.range(),
                    format!("type mismatch: {ty} cannot be assigned to dynamic"),
                );
            }
        }
    }

    fn element(&mut self, element: &Expr, message: &str) -> Type {
        self.object(element, Rule::PrimitiveEscape, message)
    }

    fn interpolation(&mut self, element: &ast::InterpolatedStringElement) {
        let ast::InterpolatedStringElement::Interpolation(element) = element else { return };
        self.object(&element.expression, Rule::PrimitiveEscape, "cannot use primitive in formatted value");
        if let Some(spec) = &element.format_spec {
            for inner in &spec.elements {
                self.interpolation(inner);
            }
        }
    }

    // ---- names -------------------------------------------------------------------------------------

    fn name(&mut self, expr: &Expr, name: &Name, expected: Option<&Type>) -> Type {
        if self.is_frame_local(name) && !self.is_global_here(name) {
            if let Some(ty) = self.flow.local(name).cloned() {
                let ty = if self.is_shared_cell(name) && !ty.is_prim() { Type::Dynamic } else { ty };
                return self.set(expr, ty, ExprOp::Python);
            }
            if self.frame().kind == FrameKind::Class && !matches!(self.module_entity(name), Entity::Undefined) {
                return self.set(expr, Type::Dynamic, ExprOp::Python);
            }
            if self.flow.dead || self.frame().kind == FrameKind::Module {
                return self.set(expr, Type::Dynamic, ExprOp::Python);
            }
            let ty = self.fail(Rule::UndefinedName, expr.range(), format!("Name `{name}` is not defined."));
            return self.set(expr, ty, ExprOp::Python);
        }
        if self.outer_function_binds(name) {
            return self.set(expr, Type::Dynamic, ExprOp::Python);
        }
        if let Some(constant) = self.final_constant(name) {
            return self.literal(expr, constant, expected);
        }
        let entity = self.module_entity(name);
        self.entity_value(expr, entity, name)
    }

    /// The value of a constant expression, `Final` names included: they are inlined where they are read.
    pub(super) fn folded(&self, expr: &Expr) -> Option<ConstValue> {
        match expr {
            Expr::Name(name) if !self.is_frame_local(&name.id) || self.is_global_here(&name.id) => {
                if self.outer_function_binds(&name.id) { None } else { self.final_constant(&name.id) }
            }
            Expr::Name(_) => None,
            _ => self.constant(expr),
        }
    }

    fn final_constant(&self, name: &str) -> Option<ConstValue> {
        match self.resolver().global(name) {
            Entity::Variable { module, .. } if module == self.cx.decls.name => {
                self.cx.decls.variables.get(name)?.constant.clone()
            }
            Entity::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// An enclosing function binds the name; its variable is read through a cell.
    fn outer_function_binds(&self, name: &str) -> bool {
        matches!(self.symbol_flags(name), Some((cinder_semantic::Resolution::Free { .. }, _)))
            || self.type_params.iter().any(|param| param == name)
    }

    fn module_entity(&self, name: &str) -> Entity {
        match self.resolver().global(name) {
            // The tables of one module: names bound without a declaration are dynamic.
            Entity::Undefined if !self.cx.summary.star_imports.is_empty() => Entity::Dynamic,
            entity => entity,
        }
    }

    /// The value a module-level name has where it is read.
    fn entity_value(&mut self, expr: &Expr, entity: Entity, name: &str) -> Type {
        match entity {
            Entity::Undefined => {
                let ty = self.fail(Rule::UndefinedName, expr.range(), format!("Name `{name}` is not defined."));
                self.set(expr, ty, ExprOp::Python)
            }
            Entity::Variable { module, annotation, .. } => {
                let decl = self.cx.with_decls(&module, |decls| decls.variables.get(name).cloned()).flatten();
                // The name may have been imported under another one.
                let decl = decl.or_else(|| {
                    let ty = annotation.as_ref()?;
                    let ty = self.resolver().declared(ty, crate::resolve::Place::Module).ok()?.ty;
                    Some(crate::declare::VariableDecl { ty, is_final: false, constant: None })
                });
                let Some(decl) = decl else { return self.set(expr, Type::Dynamic, ExprOp::Python) };
                // The variable may be read before its first assignment or be rebound by foreign code: the declared type is checked.
                let op = match TypeDescriptor::of(&decl.ty) {
                    descriptor if descriptor.is_object() => ExprOp::Python,
                    descriptor => ExprOp::PythonThen(Convert::Cast(Box::new(descriptor))),
                };
                self.set(expr, decl.ty, op)
            }
            entity => {
                let ty = self.entity_type(&entity);
                self.set(expr, ty, ExprOp::Python)
            }
        }
    }

    pub(super) fn entity_type(&self, entity: &Entity) -> Type {
        match entity {
            Entity::Class { module, class } => {
                if self.resolver().is_dynamic_class(module, class) {
                    Type::Dynamic
                } else {
                    Type::class_of_instances(Type::exact(ClassId::user(module, &class.qualname)))
                }
            }
            Entity::Function { module, function } => {
                let method =
                    self.cx.with_decls(module, |decls| decls.functions.get(&function.qualname).cloned()).flatten();
                method.map_or(Type::Dynamic, |method| {
                    Type::Function(Arc::new(FunctionType {
                        id: method.id,
                        signature: method.signature,
                        is_method: false,
                    }))
                })
            }
            Entity::Module(name) => Type::Module(name.clone()),
            Entity::Known(class) => Type::class_of_instances(Type::exact(*class)),
            Entity::Generic(def) => Type::class_of_instances(Type::generic(*def, [])),
            Entity::Prim(prim) => Type::class_of_instances(Type::Prim(*prim)),
            Entity::Special(special) => Type::Special(*special),
            Entity::Value(ty) => ty.clone(),
            Entity::Constant(value) => value.ty(),
            Entity::Alias { module, target } => match self.resolver().alias(module, target) {
                Type::Instance { class, .. } => Type::class_of_instances(Type::exact(class)),
                generic @ Type::Generic(_) => Type::class_of_instances(generic),
                _ => Type::Dynamic,
            },
            Entity::Variable { .. }
            | Entity::TypeParam(_)
            | Entity::Dynamic
            | Entity::Unsupported
            | Entity::Undefined => Type::Dynamic,
        }
    }

    // ---- attributes --------------------------------------------------------------------------------

    /// `variable.attribute` where the variable is a local of this frame whose value can be followed.
    pub(super) fn path(&self, attribute: &ast::ExprAttribute) -> Option<(Name, Name)> {
        let Expr::Name(name) = &*attribute.value else { return None };
        let known = self.is_frame_local(&name.id) && !self.is_global_here(&name.id) && !self.is_shared_cell(&name.id);
        let frame = self.frame().kind == FrameKind::Function;
        (known && frame && self.inner_scopes.is_empty()).then(|| (name.id.clone(), attribute.attr.id.clone()))
    }

    fn attribute(&mut self, expr: &Expr, attribute: &ast::ExprAttribute) -> Type {
        if let Some(path) = self.path(attribute)
            && let Some((ty, temp)) = self.flow.attribute(&path).cloned()
        {
            return self.set(expr, ty, ExprOp::Refined(temp));
        }
        let receiver = self.expr(&attribute.value, None);
        let name = attribute.attr.id.clone();
        self.attribute_of(expr, &receiver, &name)
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
                let instance = class.instance.clone();
                self.class_attribute(expr, &instance, name)
            }
            Type::Special(Special::Optional | Special::Union) => {
                let ty = self.fail(Rule::UnboundUnion, expr.range(), "cannot access attribute from unbound Union");
                self.set(expr, ty, ExprOp::Python)
            }
            _ if name == "__class__" => {
                let ty = class_object(receiver).unwrap_or(Type::Dynamic);
                self.set(expr, ty, ExprOp::Python)
            }
            _ => self.instance_attribute(expr, receiver, name),
        }
    }

    fn none_attribute(&mut self, expr: &Expr, receiver: &Type, name: &Name) -> Type {
        let prefix = if receiver.is_union() { format!("{receiver}: ") } else { String::new() };
        self.fail(Rule::NoneAttribute, expr.range(), format!("{prefix}'NoneType' object has no attribute '{name}'"))
    }

    fn module_variable(&mut self, expr: &Expr, module: &Name, name: &Name) -> Type {
        let decl = self.cx.with_decls(module, |decls| decls.variables.get(name).cloned()).flatten();
        match decl {
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

    /// Looks an attribute up along the linearisation.
    pub(super) fn find(&self, class: &ClassId, name: &str) -> Found {
        use cinder_types::ClassLookup;
        if class.known().is_some() {
            return Found::Unknown;
        }
        let mro = self.cx.mro(class);
        // Slots of classes over builtins other than `object`, or over unknown classes, are reached the ordinary way.
        let own_layout =
            !mro.dynamic && mro.classes.iter().all(|id| id.known().is_none_or(|known| known == KnownClass::Object));
        for id in mro.classes.iter() {
            let Some(def) = self.cx.class(id) else {
                match id {
                    ClassId::Known(KnownClass::Object) => continue,
                    _ => return Found::Unknown,
                }
            };
            match def.member(name) {
                Some(Member::Slot(slot)) if !slot.has_default && own_layout => {
                    return Found::Slot(FieldRef { class: id.clone(), name: Name::new(name), ty: slot.ty.clone() });
                }
                Some(member) => return Found::Other { owner: id.clone(), member: member.clone() },
                None => {}
            }
        }
        if mro.dynamic || is_object_attribute(name) || self.subclass_may_have(class, name) {
            Found::Unknown
        } else {
            Found::Missing
        }
    }

    /// A subclass in this module declares the attribute, so that a value of the base type may well have it.
    fn subclass_may_have(&self, class: &ClassId, name: &str) -> bool {
        use cinder_types::ClassLookup;
        self.cx
            .decls
            .classes
            .values()
            .any(|def| def.mro.classes.contains(class) && (def.member(name).is_some() || def.is_dynamic()))
            || self
                .cx
                .class(class)
                .is_none_or(|def| def.member("__getattr__").is_some() || def.member("__getattribute__").is_some())
    }

    fn instance_attribute(&mut self, expr: &Expr, receiver: &Type, name: &Name) -> Type {
        let Some(class) = receiver.class_id() else {
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

    fn missing_attribute(&mut self, expr: &Expr, shown: &str, class: &ClassId, name: &str) -> Type {
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

    fn near_member(&self, class: &ClassId, name: &str) -> Option<Name> {
        use cinder_types::ClassLookup;
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

    fn member_value(&mut self, expr: &Expr, receiver: &Type, owner: &ClassId, member: Member) -> Type {
        use cinder_types::ClassLookup;
        match member {
            Member::Slot(slot) => self.trusted(expr, slot.ty),
            Member::ClassVar { ty, .. } => self.trusted(expr, ty),
            Member::Property(property) => {
                let result = property.getter.signature.call_result();
                let unknown_base = receiver.class_id().is_none_or(|class| self.cx.mro(&class).dynamic);
                if property.kind != PropertyKind::Plain || unknown_base {
                    return self.trusted(expr, result);
                }
                let direct = self.is_certain(receiver, property.getter.signature.flags.is_final);
                let op = ExprOp::Getter { id: property.getter.id, class: owner.clone(), direct };
                self.set(expr, result, op)
            }
            Member::Method(_) => self.set(expr, Type::exact(KnownClass::Method), ExprOp::Python),
            Member::NestedClass(id) => {
                let dynamic = self.class_is_dynamic(&id);
                let ty = if dynamic { Type::Dynamic } else { Type::class_of_instances(Type::exact(id)) };
                self.set(expr, ty, ExprOp::Python)
            }
            Member::EnumValue { .. } | Member::Bare | Member::Dynamic => self.set(expr, Type::Dynamic, ExprOp::Python),
        }
    }

    fn class_is_dynamic(&self, id: &ClassId) -> bool {
        use cinder_types::ClassLookup;
        self.cx.class(id).is_none_or(|def| def.is_dynamic())
    }

    /// The implementation found statically is the one that runs: the receiver is exact or final, or the method is final.
    pub(super) fn is_certain(&self, receiver: &Type, method_is_final: bool) -> bool {
        use cinder_types::ClassLookup;
        method_is_final
            || receiver.is_exact()
            || receiver.class_id().and_then(|class| self.cx.class(&class)).is_some_and(|def| def.flags.is_final)
    }

    fn class_attribute(&mut self, expr: &Expr, instance: &Type, name: &Name) -> Type {
        self.clobber();
        if name == "__name__" || name == "__qualname__" || name == "__module__" {
            return self.set(expr, Type::str(), ExprOp::Python);
        }
        let Some(class) = instance.class_id() else { return self.set(expr, Type::Dynamic, ExprOp::Python) };
        let ty = match self.find(&class, name) {
            Found::Slot(_) => Type::exact(KnownClass::MemberDescriptor),
            Found::Other { member, .. } => match member {
                Member::Slot(slot) if slot.ty.is_prim() => Type::Dynamic,
                Member::Slot(slot) => return self.trusted(expr, slot.ty),
                Member::ClassVar { ty, .. } => return self.trusted(expr, ty),
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

    // ---- subscripts --------------------------------------------------------------------------------

    fn subscript(&mut self, expr: &Expr, subscript: &ast::ExprSubscript) -> Type {
        let container = self.expr(&subscript.value, None);
        self.item(expr, &container, &subscript.slice)
    }

    /// `container[index]`, read or stored: records the operation on `expr` and gives the item's type.
    pub(super) fn item(&mut self, expr: &Expr, container: &Type, index: &Expr) -> Type {
        match container {
            Type::Prim(prim) => {
                let ty = self.fail(Rule::PrimitiveOperation, expr.range(), format!("cannot index {prim}"));
                return self.set(expr, ty, ExprOp::Python);
            }
            Type::None => {
                let ty = self.fail(Rule::NoneOperation, expr.range(), "'NoneType' object is not subscriptable");
                return self.set(expr, ty, ExprOp::Python);
            }
            Type::Union(_) if container.is_optional() => {
                let message = format!("{container}: 'NoneType' object is not subscriptable");
                self.expr(index, None);
                let ty = self.fail(Rule::NoneOperation, expr.range(), message);
                return self.set(expr, ty, ExprOp::Python);
            }
            Type::Special(_) | Type::Class(_) => return self.class_subscript(expr, container, index),
            Type::Generic(generic) => {
                let (def, args) = (generic.def, generic.args.clone());
                return self.checked_item(expr, container, def, &args, index);
            }
            _ => {}
        }
        let index_ty = self.expr(index, None);
        let fast =
            fast_container(container).filter(|fast| matches!(fast.container, Container::List | Container::Tuple));
        let ty = match (&index_ty, fast) {
            (Type::Prim(prim), Some(fast)) if prim.is_signed() && (fast.container == Container::List || fast.exact) => {
                self.clobber_unless(fast.exact);
                return self.set(expr, Type::Dynamic, ExprOp::Sequence(fast));
            }
            (ty, _) if ty.is_prim() => self.fail(
                Rule::PrimitiveEscape,
                index.range(),
                format!("type mismatch: {ty} cannot be assigned to dynamic"),
            ),
            _ => Type::Dynamic,
        };
        self.clobber();
        self.set(expr, ty, ExprOp::Python)
    }

    fn clobber_unless(&mut self, harmless: bool) {
        if !harmless {
            self.clobber();
        }
    }

    fn checked_item(&mut self, expr: &Expr, container: &Type, def: GenericDef, args: &[Type], index: &Expr) -> Type {
        match def {
            GenericDef::CheckedDict => {
                let [key, value] = args else {
                    self.expr(index, None);
                    return self.set(expr, Type::Dynamic, ExprOp::Python);
                };
                let index_ty = self.expr(index, Some(key));
                self.coerce(index, &index_ty, key);
                self.clobber();
                self.set(expr, value.clone(), ExprOp::Python)
            }
            GenericDef::CheckedList | GenericDef::Array => {
                if let Expr::Slice(_) = index {
                    self.expr(index, None);
                    if def == GenericDef::Array {
                        let ty = self.fail(Rule::ArraySlice, expr.range(), "Static arrays cannot be sliced");
                        return self.set(expr, ty, ExprOp::Python);
                    }
                    return self.set(expr, container.clone(), ExprOp::Python);
                }
                let item = args.first().cloned().unwrap_or(Type::Dynamic);
                let fast = fast_container(container)
                    .unwrap_or(FastContainer { container: Container::CheckedList, exact: true });
                let index_ty = self.expr(index, None);
                match index_ty {
                    Type::Prim(prim) if prim.is_int() => self.set(expr, item, ExprOp::Sequence(fast)),
                    Type::Prim(_) => {
                        let message = format!("type mismatch: {index_ty} cannot be assigned to dynamic");
                        let ty = self.fail(Rule::PrimitiveEscape, index.range(), message);
                        self.set(expr, ty, ExprOp::Python)
                    }
                    _ if !self.assignable(&Type::int(), &index_ty) => {
                        let message = self.mismatch(&Type::int(), &index_ty);
                        let ty = self.fail(Rule::InvalidAssignment, index.range(), message);
                        self.set(expr, ty, ExprOp::Python)
                    }
                    // Indices beyond 64 bits raise, so any int object is unboxed first.
                    _ => {
                        self.set_convert(index, Convert::Unbox(Prim::Int64));
                        self.set(expr, item, ExprOp::Sequence(fast))
                    }
                }
            }
        }
    }

    /// `C[...]`: instantiation of a generic, or a type form used as a value.
    fn class_subscript(&mut self, expr: &Expr, container: &Type, index: &Expr) -> Type {
        let lowered = crate::type_expr::TypeExpr::lower(expr);
        let checked = matches!(container, Type::Class(class) if matches!(class.instance, Type::Generic(_)));
        if !checked {
            self.silent += 1;
            self.expr(index, None);
            self.silent -= 1;
            return self.set(expr, Type::Dynamic, ExprOp::Python);
        }
        let resolved = self.resolver().ty(&lowered);
        let ty = match resolved {
            Ok(generic @ Type::Generic(_)) => Type::class_of_instances(generic),
            Ok(_) => Type::Dynamic,
            Err(error) => {
                self.annotation_error(expr.range(), error);
                Type::Unknown
            }
        };
        self.set(expr, ty, ExprOp::Python)
    }

    // ---- displays ----------------------------------------------------------------------------------

    fn checked_element(&mut self, element: &Expr, expected: Option<&Type>) -> Type {
        match element {
            Expr::Starred(starred) => {
                let ty =
                    self.object(&starred.value, Rule::PrimitiveEscape, "cannot use primitive in starred expression");
                self.set(element, Type::Dynamic, ExprOp::Python);
                match ty {
                    Type::Generic(generic) if generic.def == GenericDef::CheckedList => {
                        generic.args.first().cloned().unwrap_or(Type::Dynamic)
                    }
                    _ => Type::Dynamic,
                }
            }
            element => {
                let ty = self.expr(element, expected);
                if ty.is_prim() {
                    let message = format!("type mismatch: {ty} cannot be assigned to dynamic");
                    return self.fail(Rule::PrimitiveEscape, element.range(), message);
                }
                ty
            }
        }
    }

    fn list(&mut self, expr: &Expr, elements: &[Expr], expected: Option<&Type>) -> Type {
        let wanted = expected_generic(expected, GenericDef::CheckedList);
        let item = wanted.as_ref().and_then(|args| args.first().cloned());
        let types: Vec<Type> = elements.iter().map(|element| self.checked_element(element, item.as_ref())).collect();
        self.checked_list(expr, types, wanted.as_deref(), expected)
    }

    /// The type of a list display or comprehension whose elements have these types.
    fn checked_list(
        &mut self,
        expr: &Expr,
        types: Vec<Type>,
        wanted: Option<&[Type]>,
        expected: Option<&Type>,
    ) -> Type {
        let list = Type::exact(KnownClass::List);
        let Some(item) = wanted.and_then(<[Type]>::first) else {
            if self.cx.summary.checked_lists && !matches!(expected, Some(Type::Instance { .. })) {
                let joined = self.element_type(expr.range(), types.into_iter().map(|ty| ty.declared_form()));
                if joined != Type::Never {
                    return self.checked(expr, Type::generic(GenericDef::CheckedList, [joined]));
                }
            }
            return self.set(expr, list, ExprOp::Python);
        };
        let fits = types.iter().all(|ty| {
            *ty == Type::Unknown || (self.assignable(item, ty) && (*ty != Type::Dynamic || item.is_dynamic()))
        });
        if fits {
            return self.checked(expr, Type::generic(GenericDef::CheckedList, [item.clone()]));
        }
        let joined = self.element_type(expr.range(), types.into_iter().map(|ty| ty.declared_form()));
        self.checked(expr, Type::generic(GenericDef::CheckedList, [joined]))
    }

    fn element_type(&mut self, range: TextRange, types: impl Iterator<Item = Type>) -> Type {
        let types: Vec<Type> = types.collect();
        self.union(range, types)
    }

    fn checked(&mut self, expr: &Expr, ty: Type) -> Type {
        let descriptor = TypeDescriptor::of(&ty);
        self.set(expr, ty, ExprOp::Checked(Box::new(descriptor)))
    }

    fn dict(&mut self, expr: &Expr, dict: &ast::ExprDict, expected: Option<&Type>) -> Type {
        let wanted = expected_generic(expected, GenericDef::CheckedDict);
        let (key_ty, value_ty) = match wanted.as_deref() {
            Some([key, value]) => (Some(key.clone()), Some(value.clone())),
            _ => (None, None),
        };
        let mut keys = Vec::new();
        let mut values = Vec::new();
        for item in &dict.items {
            match &item.key {
                Some(key) => {
                    let key_found = self.expr(key, key_ty.as_ref());
                    keys.push(if key_found.is_prim() {
                        self.fail(Rule::PrimitiveEscape, key.range(), "dict keys cannot be primitives")
                    } else {
                        key_found
                    });
                    let value_found = self.expr(&item.value, value_ty.as_ref());
                    values.push(if value_found.is_prim() {
                        self.fail(Rule::PrimitiveEscape, item.value.range(), "dict values cannot be primitives")
                    } else {
                        value_found
                    });
                }
                None => match self.object(&item.value, Rule::PrimitiveEscape, "dict splat cannot be a primitive") {
                    Type::Generic(generic) if generic.def == GenericDef::CheckedDict && generic.args.len() == 2 => {
                        keys.push(generic.args[0].clone());
                        values.push(generic.args[1].clone());
                    }
                    _ => {
                        keys.push(Type::Dynamic);
                        values.push(Type::Dynamic);
                    }
                },
            }
        }
        self.clobber();
        self.checked_dict(expr, keys, values, wanted.as_deref(), expected)
    }

    fn checked_dict(
        &mut self,
        expr: &Expr,
        keys: Vec<Type>,
        values: Vec<Type>,
        wanted: Option<&[Type]>,
        expected: Option<&Type>,
    ) -> Type {
        let plain = Type::exact(KnownClass::Dict);
        let by_flag = self.cx.summary.checked_dicts && !matches!(expected, Some(Type::Instance { .. }));
        if wanted.is_none() && !by_flag {
            return self.set(expr, plain, ExprOp::Python);
        }
        if let Some([key, value]) = wanted {
            let fits = |this: &Self, want: &Type, got: &[Type]| {
                got.iter().all(|ty| {
                    *ty == Type::Unknown || (this.assignable(want, ty) && (*ty != Type::Dynamic || want.is_dynamic()))
                })
            };
            if fits(self, key, &keys) && fits(self, value, &values) {
                return self.checked(expr, Type::generic(GenericDef::CheckedDict, [key.clone(), value.clone()]));
            }
        }
        if keys.is_empty() {
            return self.set(expr, plain, ExprOp::Python);
        }
        let key = self.element_type(expr.range(), keys.into_iter().map(|ty| ty.to_inexact()));
        let value = self.element_type(expr.range(), values.into_iter().map(|ty| ty.to_inexact()));
        self.checked(expr, Type::generic(GenericDef::CheckedDict, [key, value]))
    }

    // ---- comprehensions and lambdas ----------------------------------------------------------------

    fn list_comprehension(&mut self, expr: &Expr, comp: &ast::ExprListComp, expected: Option<&Type>) -> Type {
        let wanted = expected_generic(expected, GenericDef::CheckedList);
        let item = wanted.as_ref().and_then(|args| args.first().cloned());
        let mut element = Type::Dynamic;
        self.comprehension(expr.range(), &comp.generators, true, |this| {
            element = this.expr(&comp.elt, item.as_ref());
            if element.is_prim() {
                element = this.fail(Rule::PrimitiveEscape, comp.elt.range(), "generator element cannot be a primitive");
            }
        });
        if wanted.is_none() {
            return self.set(expr, Type::exact(KnownClass::List), ExprOp::Python);
        }
        self.checked_list(expr, vec![element], wanted.as_deref(), expected)
    }

    fn dict_comprehension(&mut self, expr: &Expr, comp: &ast::ExprDictComp, expected: Option<&Type>) -> Type {
        let wanted = expected_generic(expected, GenericDef::CheckedDict);
        let (key_ty, value_ty) = match wanted.as_deref() {
            Some([key, value]) => (Some(key.clone()), Some(value.clone())),
            _ => (None, None),
        };
        let (mut key_found, mut value_found) = (Type::Dynamic, Type::Dynamic);
        self.comprehension(expr.range(), &comp.generators, true, |this| {
            if let Some(key) = &comp.key {
                key_found = this.expr(key, key_ty.as_ref());
                if key_found.is_prim() {
                    key_found = this.fail(
                        Rule::PrimitiveEscape,
                        key.range(),
                        "dictionary comprehension key cannot be a primitive",
                    );
                }
            }
            value_found = this.expr(&comp.value, value_ty.as_ref());
            if value_found.is_prim() {
                value_found = this.fail(
                    Rule::PrimitiveEscape,
                    comp.value.range(),
                    "dictionary comprehension value cannot be a primitive",
                );
            }
        });
        if wanted.is_none() {
            return self.set(expr, Type::exact(KnownClass::Dict), ExprOp::Python);
        }
        self.checked_dict(expr, vec![key_found], vec![value_found], wanted.as_deref(), expected)
    }

    /// Walks the clauses and then `element` with the targets in scope. `eager`: the code runs now, in this frame.
    fn comprehension(
        &mut self,
        range: TextRange,
        generators: &[ast::Comprehension],
        eager: bool,
        element: impl FnOnce(&mut Self),
    ) {
        use cinder_semantic::ScopeKind;
        let scope = [ScopeKind::ListComp, ScopeKind::SetComp, ScopeKind::DictComp, ScopeKind::Generator]
            .into_iter()
            .find_map(|kind| self.index.scope_of(kind, range));
        let mut saved: Vec<(Name, Option<Type>)> = Vec::new();
        let mut entered = false;
        let before = (!eager).then(|| self.flow.clone());
        for generator in generators {
            // The first iterable is evaluated outside.
            let item = self.iterable(&generator.iter, generator.is_async);
            if !entered {
                entered = true;
                if let Some(scope) = scope {
                    self.inner_scopes.push(scope);
                }
                if !eager {
                    self.forget_for_later();
                }
            }
            let mut names = Vec::new();
            crate::summary::target_names(&generator.target, &mut names);
            for name in names {
                if !saved.iter().any(|(own, _)| *own == name) {
                    saved.push((name.clone(), self.flow.remove_local(&name)));
                }
            }
            self.comprehension_target(&generator.target, &item);
            for condition in &generator.ifs {
                self.expr(condition, None);
            }
        }
        element(self);
        if entered && scope.is_some() {
            self.inner_scopes.pop();
        }
        match before {
            Some(before) => self.flow = before,
            None => {
                for (name, ty) in saved {
                    self.flow.restore_local(name, ty);
                }
            }
        }
        self.clobber();
    }

    /// Code that runs later cannot rely on what variables hold now.
    fn forget_for_later(&mut self) {
        let names: Vec<Name> = self.frame().locals.keys().cloned().collect();
        for name in names {
            if self.flow.local(&name).is_some_and(|current| !current.is_prim()) {
                self.flow.narrow_local(&name, Type::Dynamic);
            }
        }
        self.flow.forget_attributes();
    }

    fn comprehension_target(&mut self, target: &Expr, item: &Type) {
        match target {
            Expr::Name(name) => {
                if item.is_prim() {
                    let message = "generator element cannot be a primitive";
                    self.report(Rule::PrimitiveEscape, target.range(), message);
                }
                let ty = if item.is_prim() { Type::Unknown } else { item.clone() };
                self.flow.set_local(name.id.clone(), ty.clone());
                self.set(target, ty, ExprOp::Python);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                for element in elts {
                    self.comprehension_target(element, &Type::Dynamic);
                }
            }
            Expr::Starred(starred) => self.comprehension_target(&starred.value, &Type::exact(KnownClass::List)),
            other => self.store(other, &Type::Dynamic, None),
        }
    }

    fn lambda(&mut self, expr: &Expr, lambda: &ast::ExprLambda) -> Type {
        let scope = self.index.scope_of(cinder_semantic::ScopeKind::Lambda, expr.range());
        if let Some(parameters) = &lambda.parameters {
            for param in parameters.iter_non_variadic_params() {
                if let Some(default) = param.default() {
                    self.object(default, Rule::PrimitiveEscape, "Call argument cannot be a primitive");
                }
            }
        }
        let before = self.flow.clone();
        let inner = std::mem::take(&mut self.inner_scopes);
        self.push_frame(FrameKind::Lambda, scope.unwrap_or_else(|| self.frame().scope));
        self.flow = super::flow::Flow::default();
        if let Some(parameters) = &lambda.parameters {
            for param in parameters.iter_source_order() {
                self.flow.set_local(param.name().id.clone(), Type::Dynamic);
            }
        }
        self.object(&lambda.body, Rule::PrimitiveEscape, "lambda cannot return primitive value");
        self.frames.pop();
        self.inner_scopes = inner;
        self.flow = before;
        self.set(expr, Type::Dynamic, ExprOp::Python)
    }

    fn awaited(&mut self, expr: &Expr, value: &Expr) -> Type {
        let ty = self.object(value, Rule::PrimitiveEscape, "cannot await a primitive value");
        self.clobber();
        match ty {
            Type::Awaitable(result) => self.trusted(expr, (*result).clone()),
            _ => self.set(expr, Type::Dynamic, ExprOp::Python),
        }
    }

    /// Visits an iterable and gives its element type.
    pub(super) fn iterable(&mut self, iter: &Expr, is_async: bool) -> Type {
        let ty = self.expr(iter, None);
        self.clobber();
        if is_async {
            return Type::Dynamic;
        }
        self.element_of(iter, &ty)
    }

    pub(super) fn element_of(&mut self, iter: &Expr, ty: &Type) -> Type {
        match ty {
            Type::Prim(prim) => {
                self.fail(Rule::PrimitiveOperation, iter.range(), format!("cannot iterate over {prim}"))
            }
            Type::Generic(generic) => match generic.def {
                GenericDef::CheckedList => generic.args.first().cloned().unwrap_or(Type::Dynamic),
                GenericDef::Array => Type::Prim(Prim::Int64),
                GenericDef::CheckedDict => Type::Dynamic,
            },
            _ => Type::Dynamic,
        }
    }
}

fn expected_generic(expected: Option<&Type>, def: GenericDef) -> Option<Box<[Type]>> {
    expected?.members().iter().find_map(|ty| match ty {
        Type::Generic(generic) if generic.def == def && generic.args.len() == def.arity() => Some(generic.args.clone()),
        _ => None,
    })
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
