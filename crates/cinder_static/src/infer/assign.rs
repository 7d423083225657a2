//! Places: where values are put.
//!
//! Follows: the language specification, sections 5.1 to 5.3, 5.6, 8.5 and 13.4.

use cinder_syntax::ast::{self, Expr};
use cinder_text::{Ranged, TextRange};
use cinder_types::{GenericDef, KnownClass, Member, Name, Type};

use super::attribute::Found;
use super::{Checker, FrameKind, Local};
use crate::resolve::{Place, Qualifier};
use crate::rules::Rule;
use crate::type_expr::TypeExpr;
use crate::typed::{AugmentedPlan, Container, ExprOp, fast_container};

impl Checker<'_> {
    /// The declared type of a name assigned in this frame, if it has one yet.
    pub(super) fn declared_type(&self, name: &Name) -> Option<Type> {
        if self.frame().kind != FrameKind::Module && self.is_global_here(name) {
            return self.global_declaration(name);
        }
        self.frame().locals.get(name).map(|local| local.declared.clone())
    }

    /// The declaration of a variable of this module.
    fn own_variable(&self, name: &Name) -> Option<crate::declare::VariableDecl> {
        self.cx.env.variable(&self.cx.module.name, name)
    }

    fn global_declaration(&self, name: &Name) -> Option<Type> {
        Some(self.own_variable(name)?.ty)
    }

    /// What a value assigned to `target` is expected to be.
    pub(super) fn expected_of(&mut self, target: &Expr) -> Option<Type> {
        match target {
            Expr::Name(name) => self.declared_type(&name.id).filter(|ty| !ty.is_dynamic()),
            Expr::Attribute(attribute) => {
                let receiver = self.quietly(&attribute.value);
                match self.find(&receiver.class_id()?, &attribute.attr.id) {
                    Found::Slot(field) => Some(field.ty),
                    Found::Other { member: Member::Slot(slot), .. } => Some(slot.ty),
                    Found::Other { member: Member::Property(property), .. } => {
                        Some(property.getter.signature.returns.clone())
                    }
                    Found::Other { member: Member::ClassVar { ty, .. }, .. } => Some(ty),
                    _ => None,
                }
            }
            Expr::Subscript(subscript) => match self.quietly(&subscript.value) {
                Type::Generic(generic) => generic.args.last().cloned(),
                _ => None,
            },
            _ => None,
        }
        .filter(|ty| *ty != Type::Dynamic)
    }

    /// The type of an expression, without findings or facts. Only for short receivers.
    fn quietly(&mut self, expr: &Expr) -> Type {
        if !matches!(expr, Expr::Name(_) | Expr::Attribute(_)) {
            return Type::Dynamic;
        }
        let flow = self.flow.clone();
        self.silent += 1;
        let ty = self.expr(expr, None);
        self.silent -= 1;
        self.flow = flow;
        ty
    }

    /// Puts a value of type `ty` into `target`. `value` is the expression it came from, when it has one of its own.
    pub(super) fn store(&mut self, target: &Expr, ty: &Type, value: Option<&Expr>) {
        match target {
            Expr::Name(name) => self.store_name(target, &name.id, ty, value),
            Expr::Attribute(attribute) => self.store_attribute(target, attribute, ty, value),
            Expr::Subscript(subscript) => self.store_item(target, subscript, ty, value),
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                self.unpack(elts, ty, value);
            }
            Expr::Starred(starred) => self.store(&starred.value, &Type::exact(KnownClass::List), None),
            _ => {}
        }
    }

    fn unpack(&mut self, targets: &[Expr], ty: &Type, value: Option<&Expr>) {
        if ty.is_prim() {
            let range =
                value.map_or_else(|| targets.first().map_or_else(TextRange::default, Ranged::range), Ranged::range);
            self.report(Rule::PrimitiveOperation, range, format!("cannot iterate over {ty}"));
        }
        self.clobber();
        // A tuple of the same length is taken apart without being built, as far as types are concerned.
        if let Some(Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. })) = value
            && elts.len() == targets.len()
            && !targets.iter().chain(elts).any(Expr::is_starred_expr)
        {
            for (target, element) in targets.iter().zip(elts) {
                let ty = self.facts_mut(element).map_or(Type::Dynamic, |facts| facts.ty.without_literal());
                self.store(target, &ty, None);
            }
            return;
        }
        let item = match ty {
            Type::Generic(generic) if generic.def == GenericDef::CheckedList => {
                generic.args.first().cloned().unwrap_or(Type::Dynamic)
            }
            _ => Type::Dynamic,
        };
        for target in targets {
            match target {
                Expr::Starred(starred) => self.store(&starred.value, &Type::exact(KnownClass::List), None),
                target => self.store(target, &item, None),
            }
        }
    }

    // ---- names -------------------------------------------------------------------------------------

    fn store_name(&mut self, target: &Expr, name: &Name, ty: &Type, value: Option<&Expr>) {
        let blame = value.map_or_else(|| target.range(), Ranged::range);
        if self.frame().kind != FrameKind::Function || self.is_global_here(name) {
            self.store_outer(target, name, ty, value, blame);
            return;
        }
        if !self.is_frame_local(name) {
            // `nonlocal`: a cell of an enclosing function.
            if ty.is_prim() {
                self.report(Rule::PrimitiveEscape, target.range(), "cannot use primitives in global or closure scope");
            }
            self.set(target, Type::Dynamic, ExprOp::Python);
            return;
        }
        let by = Self::key(target);
        let known = self.frame().locals.get(name).cloned();
        match known {
            Some(local) if local.by.is_none() || local.by != by => {
                if local.is_final {
                    self.report(Rule::AssignToFinal, target.range(), "Cannot assign to a Final variable");
                    return;
                }
                self.store_declared(target, name, ty, value, &local.declared, blame);
            }
            Some(local) if local.annotated => self.store_declared(target, name, ty, value, &local.declared, blame),
            _ => {
                let local = Local { declared: Type::Dynamic, is_final: false, by, annotated: false };
                self.frame_mut().locals.insert(name.clone(), local);
                self.first_store(target, name, ty);
            }
        }
    }

    /// The first assignment of a name without annotation: the one place where it may receive a primitive.
    fn first_store(&mut self, target: &Expr, name: &Name, ty: &Type) {
        let mut ty = if let Type::PrimLiteral(_) = ty { Type::Prim(cinder_types::Prim::Int64) } else { ty.clone() };
        if ty.is_prim() && self.is_captured(name) {
            ty = self.fail(Rule::PrimitiveEscape, target.range(), "cannot use primitives in global or closure scope");
        }
        self.note_register(name, &ty);
        self.flow.set_local(name.clone(), ty.clone());
        self.set(target, ty, ExprOp::Python);
    }

    fn store_declared(
        &mut self,
        target: &Expr,
        name: &Name,
        ty: &Type,
        value: Option<&Expr>,
        declared: &Type,
        blame: TextRange,
    ) {
        if self.assignable(declared, ty) {
            self.place_convert(target, value, ty, declared);
        } else {
            self.report_assignment(blame, declared, ty);
        }
        let local = match declared {
            Type::Prim(_) => declared.clone(),
            _ if !self.assignable(declared, ty) && ty.is_prim() => Type::Unknown,
            _ if ty.is_dynamic() || !self.assignable(declared, ty) => declared.clone(),
            _ => ty.clone(),
        };
        self.note_register(name, &local);
        self.flow.set_local(name.clone(), local.clone());
        let convert = self.facts_mut(target).map(|facts| facts.convert.clone());
        self.set(target, local, ExprOp::Python);
        if let Some(convert) = convert
            && value.is_none()
        {
            self.set_convert(target, convert);
        }
    }

    fn report_assignment(&mut self, blame: TextRange, declared: &Type, ty: &Type) {
        let message = self.mismatch(declared, ty);
        let mut finding = crate::Finding::new(Rule::InvalidAssignment, blame, message);
        if declared.is_prim() && !ty.is_prim() {
            finding = finding.with_help(format!("convert explicitly: `{declared}(...)`"));
        } else if ty.is_prim() && !declared.is_prim() {
            finding = finding.with_help("turn the primitive into an object with `box(...)`");
        } else if ty.is_optional() && self.assignable(declared, &ty.without_none()) {
            finding = finding.with_help("exclude None first, for example with `if x is not None:`");
        }
        self.push_finding(finding);
    }

    /// Records the conversion where it happens: on the value when it has an expression of its own, else on the place.
    fn place_convert(&mut self, target: &Expr, value: Option<&Expr>, src: &Type, dest: &Type) {
        match value {
            Some(value) => self.convert_to(value, src, dest),
            None => {
                let convert = Self::conversion(src, dest);
                self.set_convert(target, convert);
            }
        }
    }

    /// Module and class level, and names declared `global`.
    fn store_outer(&mut self, target: &Expr, name: &Name, ty: &Type, value: Option<&Expr>, blame: TextRange) {
        if ty.is_prim() && (self.frame().kind != FrameKind::Class) {
            self.report(Rule::PrimitiveEscape, target.range(), "cannot use primitives in global or closure scope");
            self.set(target, Type::Unknown, ExprOp::Python);
            return;
        }
        if self.frame().kind == FrameKind::Class && !self.is_global_here(name) {
            let member = self.enclosing_class().and_then(|class| self.cx.own_member(&class, name));
            if matches!(member, Some(Member::ClassVar { is_final: true, .. })) {
                self.report(Rule::AssignToFinal, target.range(), "Cannot assign to a Final variable");
            }
            self.flow.set_local(name.clone(), Type::Dynamic);
            self.set(target, Type::Dynamic, ExprOp::Python);
            return;
        }
        let at_module = self.frame().kind == FrameKind::Module;
        if let Some(decl) = self.own_variable(name)
            && (decl.is_final || !decl.ty.is_dynamic())
        {
            if decl.is_final {
                self.report(Rule::AssignToFinal, target.range(), "Cannot assign to a Final variable");
            } else if self.assignable(&decl.ty, ty) {
                self.place_convert(target, value, ty, &decl.ty);
            } else {
                self.report_assignment(blame, &decl.ty, ty);
            }
            if at_module {
                self.flow.set_local(name.clone(), decl.ty.clone());
            }
            return;
        }
        if !at_module {
            self.set(target, Type::Dynamic, ExprOp::Python);
            return;
        }
        self.module_variable_store(target, name, ty, value, blame);
    }

    /// The class whose body is being walked.
    fn enclosing_class(&self) -> Option<cinder_types::ClassId> {
        let class = self.classes.last()?;
        Some(cinder_types::ClassId::user(&self.cx.module.name, &class.qualname))
    }

    /// An unannotated module variable: its first value fixes the type of later ones, readers see `dynamic`.
    fn module_variable_store(&mut self, target: &Expr, name: &Name, ty: &Type, value: Option<&Expr>, blame: TextRange) {
        let by = Self::key(target);
        match self.frame().locals.get(name).cloned() {
            Some(local) if local.by != by => {
                if self.assignable(&local.declared, ty) {
                    self.place_convert(target, value, ty, &local.declared);
                } else {
                    let message = if local.declared.is_exact() && ty.is_exact() && ty.known_class().is_none() {
                        format!(
                            "type mismatch: {} cannot be assigned to {}",
                            ty.with_exactness(),
                            local.declared.with_exactness()
                        )
                    } else {
                        self.mismatch(&local.declared, ty)
                    };
                    self.report(Rule::InvalidAssignment, blame, message);
                }
            }
            _ => {
                // Declared by another kind of statement (class, import): the rules report that.
                let declared = match ty {
                    Type::Instance { class, .. } if class.known().is_none() => ty.clone(),
                    _ => ty.declared_form(),
                };
                let declared = if matches!(
                    declared,
                    Type::None | Type::Class(_) | Type::Function(_) | Type::Special(_) | Type::Module(_)
                ) {
                    Type::Dynamic
                } else {
                    declared
                };
                let local = Local { declared, is_final: false, by, annotated: false };
                self.frame_mut().locals.insert(name.clone(), local);
            }
        }
        self.flow.set_local(name.clone(), Type::Dynamic);
        self.set(target, Type::Dynamic, ExprOp::Python);
    }

    // ---- annotated assignment ----------------------------------------------------------------------

    pub(super) fn annotated_assignment(&mut self, assign: &ast::StmtAnnAssign) {
        let place = match (self.frame().kind, &*assign.target) {
            (_, Expr::Attribute(_)) => Place::SelfAttribute,
            (FrameKind::Module, _) => Place::Module,
            (FrameKind::Class, _) => Place::ClassBody,
            _ => Place::Local,
        };
        let declared = self.resolver().declared(&TypeExpr::lower(&assign.annotation), place);
        let declared = match declared {
            Ok(declared) => declared,
            Err(_) if self.is_primitive_local(&assign.annotation) => {
                let message = "annotation can not be a primitive value";
                self.report(Rule::PrimitiveEscape, assign.annotation.range(), message);
                crate::resolve::Declared { ty: Type::Unknown, qualifier: Qualifier::None, infer: false }
            }
            Err(error) => {
                self.annotation_error(assign.annotation.range(), error);
                crate::resolve::Declared { ty: Type::Unknown, qualifier: Qualifier::None, infer: false }
            }
        };
        let is_final = declared.qualifier == Qualifier::Final;
        match &*assign.target {
            Expr::Name(name) if place == Place::Local => {
                self.declare_local(assign, &name.id, declared.ty, is_final, declared.infer)
            }
            Expr::Name(name) => self.declare_outer(assign, &name.id, &declared.ty, is_final, place),
            target => {
                if let Some(value) = &assign.value {
                    let ty = self.expr(value, Some(&declared.ty));
                    self.store(target, &ty, Some(value));
                } else if let Expr::Attribute(attribute) = target {
                    self.expr(&attribute.value, None);
                }
            }
        }
    }

    fn declare_local(&mut self, assign: &ast::StmtAnnAssign, name: &Name, ty: Type, is_final: bool, infer: bool) {
        let by = Self::key(&*assign.target);
        let redeclared = self.frame().locals.get(name).is_some_and(|local| {
            local.by != by && !(local.declared.is_dynamic() && ty.is_dynamic() && !local.annotated)
        });
        if redeclared {
            self.report(Rule::Redefinition, assign.target.range(), format!("Cannot redefine local variable {name}"));
        }
        if ty.is_prim() && self.is_captured(name) {
            self.report(
                Rule::PrimitiveEscape,
                assign.target.range(),
                "cannot use primitives in global or closure scope",
            );
        }
        let expected = if infer { None } else { Some(ty.clone()) };
        let Some(value) = &assign.value else {
            if is_final {
                self.report(Rule::InvalidFinal, assign.target.range(), "Must assign a value when declaring a Final");
            }
            self.insert_local(name, ty.clone(), is_final, by);
            // Declared, not assigned: a read before the first store fails at run time (objects) or gives zero.
            self.note_register(name, &ty);
            self.flow.set_local(name.clone(), ty);
            return;
        };
        let found = self.expr(value, expected.as_ref());
        let declared = if infer || (is_final && ty == Type::Dynamic) { found.clone() } else { ty };
        self.insert_local(name, declared.clone(), is_final, by);
        self.store_declared(&assign.target, name, &found, Some(value), &declared, value.range());
    }

    fn insert_local(&mut self, name: &Name, declared: Type, is_final: bool, by: Option<cinder_syntax::NodeId>) {
        self.frame_mut().locals.insert(name.clone(), Local { declared, is_final, by, annotated: true });
    }

    fn declare_outer(&mut self, assign: &ast::StmtAnnAssign, name: &Name, ty: &Type, is_final: bool, place: Place) {
        let at_module = place == Place::Module;
        if at_module && ty.is_prim() {
            self.report(
                Rule::PrimitiveEscape,
                assign.target.range(),
                "cannot use primitives in global or closure scope",
            );
        }
        let Some(value) = &assign.value else {
            if is_final && at_module {
                self.report(Rule::InvalidFinal, assign.target.range(), "Must assign a value when declaring a Final");
            }
            self.flow.set_local(name.clone(), ty.clone());
            return;
        };
        let found = self.expr(value, Some(ty));
        if place == Place::ClassBody && self.is_dataclass_field(value) {
            // The decorator puts the default, or nothing, in its place.
            self.field_default(value, ty);
        } else if *ty != Type::Dynamic {
            if self.assignable(ty, &found) {
                if found.is_prim() {
                    // A primitive slot's default is stored boxed.
                    if let Some(prim) = found.prim() {
                        self.set_convert(value, crate::typed::Convert::Box(prim));
                    }
                } else {
                    self.convert_to(value, &found, ty);
                }
            } else {
                self.report_assignment(value.range(), ty, &found);
            }
        } else if found.is_prim() {
            self.report_assignment(value.range(), ty, &found);
        }
        self.flow.set_local(name.clone(), ty.clone());
        self.set(&assign.target, Type::Dynamic, ExprOp::Python);
    }

    // ---- attributes --------------------------------------------------------------------------------

    fn store_attribute(&mut self, target: &Expr, attribute: &ast::ExprAttribute, ty: &Type, value: Option<&Expr>) {
        let receiver = self.expr(&attribute.value, None);
        let receiver = self.claimed_receiver(attribute, receiver, super::claimed::takes(ty));
        self.enum_store(target, attribute);
        self.enum_value_store(target, &receiver);
        let name = &attribute.attr.id;
        let blame = value.map_or_else(|| target.range(), Ranged::range);
        let in_init = self.in_init_of(&receiver, attribute);
        match &receiver {
            Type::Prim(prim) => {
                self.report(Rule::PrimitiveOperation, target.range(), format!("cannot load attribute from {prim}"));
                return;
            }
            Type::None => {
                self.report(
                    Rule::NoneAttribute,
                    target.range(),
                    format!("'NoneType' object has no attribute '{name}'"),
                );
                return;
            }
            Type::Union(_) if receiver.is_optional() => {
                let message = format!("{receiver}: 'NoneType' object has no attribute '{name}'");
                let finding = crate::Finding::new(Rule::NoneAttribute, target.range(), message)
                    .with_help("exclude None first, for example with `if x is not None:`");
                self.push_finding(finding);
                return;
            }
            Type::Class(class) => {
                let instance = class.instance.clone();
                self.store_class_attribute(target, &instance, name, ty, value, blame);
                return;
            }
            _ => {}
        }
        let Some(class) = receiver.class_id() else {
            if receiver.is_dynamic() {
                self.lint_attribute(target, None, name, true);
            }
            self.clobber();
            self.untyped_store(target, ty, blame);
            return;
        };
        match self.find(&class, name) {
            Found::Slot(field) => {
                let is_final = self.slot_is_final(&field.class, name);
                self.frozen_store(target, &class, name, "assign to");
                if is_final && !(in_init && field.class == class) {
                    let message = format!("Cannot assign to a Final attribute of {class}:{name}");
                    self.report(Rule::AssignToFinal, target.range(), message);
                }
                let dest = field.ty.clone();
                self.set(target, dest.clone(), ExprOp::Field(Box::new(field.clone())));
                if self.assignable(&dest, ty) {
                    self.place_convert(target, value, ty, &dest);
                } else {
                    self.report_assignment(blame, &dest, ty);
                }
                self.refine_store(target, attribute, field, ty);
            }
            Found::Other { owner, member } => {
                self.clobber();
                self.store_member(target, &class, &owner, name, &member, ty, value, blame);
            }
            Found::Unknown => {
                self.lint_attribute(target, Some(&class), name, true);
                self.clobber();
                self.untyped_store(target, ty, blame);
            }
            Found::Missing => {
                let message = format!("'{}' object has no attribute '{name}'", class.name());
                let finding = crate::Finding::new(Rule::MissingAttribute, target.range(), message)
                    .with_help(format!("declare it: `{name}: T` in the class body, or assign it in `__init__`"));
                self.push_finding(finding);
            }
        }
    }

    /// After a store the value is known as long as nothing else may have run.
    fn refine_store(
        &mut self,
        target: &Expr,
        attribute: &ast::ExprAttribute,
        field: crate::typed::FieldRef,
        ty: &Type,
    ) {
        let Some(path) = self.path(attribute) else { return };
        self.flow.forget_attribute(&path);
        if !field.ty.is_union() || ty.is_dynamic() || ty.is_prim() || *ty == field.ty || !self.assignable(&field.ty, ty)
        {
            return;
        }
        let temp = self.temp(&path);
        let convert = self.facts_mut(target).map(|facts| facts.convert.clone());
        let declared = field.ty.clone();
        self.set(target, declared, ExprOp::FieldKeep(Box::new(field), temp));
        if let Some(convert) = convert {
            self.set_convert(target, convert);
        }
        self.flow.set_attribute(path, ty.clone(), temp);
    }

    fn untyped_store(&mut self, target: &Expr, ty: &Type, blame: TextRange) {
        if ty.is_prim() {
            self.report_assignment(blame, &Type::Dynamic, ty);
        }
        self.set(target, Type::Dynamic, ExprOp::Python);
    }

    fn in_init_of(&self, receiver: &Type, attribute: &ast::ExprAttribute) -> bool {
        let Expr::Name(name) = &*attribute.value else { return false };
        self.frame().receiver.as_ref() == Some(&name.id)
            && self.frame().class.is_some()
            && self.frame().class == receiver.class_id()
            && self.in_init()
    }

    fn in_init(&self) -> bool {
        self.index.scope(self.frame().scope).name == "__init__"
    }

    /// A local name that holds a primitive now.
    pub(super) fn is_primitive_local(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Name(name) if self.is_frame_local(&name.id) && self.flow.local(&name.id).is_some_and(Type::is_prim))
    }

    pub(super) fn slot_is_final(&self, class: &cinder_types::ClassId, name: &str) -> bool {
        matches!(self.cx.own_member(class, name), Some(Member::Slot(slot)) if slot.is_final)
    }

    #[expect(clippy::too_many_arguments, reason = "one place knows all of it, and it is a plain dispatch")]
    fn store_member(
        &mut self,
        target: &Expr,
        class: &cinder_types::ClassId,
        owner: &cinder_types::ClassId,
        name: &Name,
        member: &Member,
        ty: &Type,
        value: Option<&Expr>,
        blame: TextRange,
    ) {
        match member {
            Member::Slot(slot) => {
                self.frozen_store(target, class, name, "assign to");
                self.lint_slot(target, owner, slot.has_default, true);
                self.set(target, Type::Dynamic, ExprOp::Python);
                self.boxed_store(target, ty, &slot.ty, value, blame);
            }
            Member::ClassVar { .. } => {
                self.report(
                    Rule::AssignToClassVar,
                    target.range(),
                    format!("Cannot assign to classvar '{name}' on '{class}' instance"),
                );
            }
            Member::Property(property) => {
                let dest = property.getter.signature.returns.clone();
                self.lint_property(target, name, true);
                self.set(target, Type::Dynamic, ExprOp::Python);
                self.boxed_store(target, ty, &dest, value, blame);
            }
            Member::Method(_) => {
                let message = format!("type mismatch: {ty} cannot be assigned to types.MethodType");
                self.report(Rule::InvalidAssignment, target.range(), message);
            }
            Member::Bare | Member::NestedClass(_) | Member::EnumValue { .. } | Member::Dynamic => {
                let _ = owner;
                self.untyped_store(target, ty, blame);
            }
        }
    }

    /// A store through an ordinary descriptor: the value is checked here and passed as an object.
    fn boxed_store(&mut self, target: &Expr, ty: &Type, dest: &Type, value: Option<&Expr>, blame: TextRange) {
        if !self.assignable(dest, ty) {
            self.report_assignment(blame, dest, ty);
            return;
        }
        match (ty.prim(), value) {
            (Some(prim), Some(value)) => self.set_convert(value, crate::typed::Convert::Box(prim)),
            (Some(prim), None) => self.set_convert(target, crate::typed::Convert::Box(prim)),
            _ => self.place_convert(target, value, ty, dest),
        }
    }

    fn store_class_attribute(
        &mut self,
        target: &Expr,
        instance: &Type,
        name: &Name,
        ty: &Type,
        value: Option<&Expr>,
        blame: TextRange,
    ) {
        self.clobber();
        let found = instance.class_id().map(|class| (self.find(&class, name), class));
        match found {
            Some((Found::Other { member: Member::ClassVar { ty: dest, is_final }, .. }, class)) => {
                if is_final {
                    let message = format!("Cannot assign to a Final attribute of {class}:{name}");
                    self.report(Rule::AssignToFinal, target.range(), message);
                } else if self.assignable(&dest, ty) {
                    self.place_convert(target, value, ty, &dest);
                } else {
                    self.report_assignment(blame, &dest, ty);
                }
                self.set(target, Type::Dynamic, ExprOp::Python);
            }
            Some((Found::Slot(_), _)) => {
                let message = format!("type mismatch: {ty} cannot be assigned to types.MemberDescriptorType");
                self.report(Rule::InvalidAssignment, blame, message);
            }
            _ => self.untyped_store(target, ty, blame),
        }
    }

    // ---- items -------------------------------------------------------------------------------------

    fn store_item(&mut self, target: &Expr, subscript: &ast::ExprSubscript, ty: &Type, value: Option<&Expr>) {
        let container = self.expr(&subscript.value, None);
        let item = self.item(target, &container, &subscript.slice);
        let blame = value.map_or_else(|| target.range(), Ranged::range);
        let checked = matches!(container, Type::Generic(_));
        if checked && !matches!(&*subscript.slice, Expr::Slice(_)) {
            if self.assignable(&item, ty) {
                self.place_convert(target, value, ty, &item);
            } else {
                self.report_assignment(blame, &item, ty);
            }
        } else if ty.is_prim() {
            let fast = fast_container(&container).is_some_and(|fast| fast.container == Container::Array);
            if !fast {
                self.report_assignment(blame, &Type::Dynamic, ty);
            }
        }
        self.clobber();
    }

    // ---- augmented ---------------------------------------------------------------------------------

    pub(super) fn augmented(&mut self, assign: &ast::StmtAugAssign) {
        let attribute = assign.target.as_attribute_expr();
        self.trying_claims(attribute, |this| this.augmented_place(assign));
    }

    fn augmented_place(&mut self, assign: &ast::StmtAugAssign) {
        let target = &*assign.target;
        let current = match target {
            Expr::Name(_) | Expr::Attribute(_) | Expr::Subscript(_) => self.expr(target, None),
            _ => return,
        };
        let value = self.expr(&assign.value, current.prim().map(Type::Prim).as_ref());
        if let Some(prim) = current.prim() {
            self.augmented_prim(assign, prim, &current, &value);
            return;
        }
        if value.is_prim() {
            let word = super::ops::op_word(assign.op);
            self.report(Rule::PrimitiveOperands, assign.range, format!("cannot {word} {current} and {value}"));
            return;
        }
        let result = self.augmented_result(&current, assign.op, &value);
        self.clobber();
        self.store(target, &result, None);
        if let Some(key) = Self::key(target)
            && self.silent == 0
        {
            self.unit.augmented.insert(key, AugmentedPlan::Python);
        }
    }

    fn augmented_result(&mut self, current: &Type, op: ast::Operator, value: &Type) -> Type {
        let exact_int = |ty: &Type| ty.without_literal() == Type::exact(KnownClass::Int);
        let arithmetic = !matches!(op, ast::Operator::Div | ast::Operator::Pow | ast::Operator::MatMult);
        if exact_int(current) && exact_int(value) && arithmetic {
            return Type::exact(KnownClass::Int);
        }
        // `+=` on an exact list or str stays what it is.
        let same = matches!(current.known_class(), Some(KnownClass::Str | KnownClass::List)) && current.is_exact();
        if same && op == ast::Operator::Add && current.known_class() == value.known_class() && value.is_exact() {
            return current.clone();
        }
        Type::Dynamic
    }

    fn augmented_prim(&mut self, assign: &ast::StmtAugAssign, prim: cinder_types::Prim, current: &Type, value: &Type) {
        let word = super::ops::op_word(assign.op);
        let fits = *value == Type::Unknown || self.assignable(current, value);
        let op = super::ops::prim_op(assign.op, prim, Some(prim), Some(prim)).filter(|(_, result)| *result == prim);
        let usable = prim != cinder_types::Prim::Bool;
        match op {
            Some((op, _)) if fits && usable => {
                self.convert_to(&assign.value, value, current);
                if let Some(key) = Self::key(&*assign.target)
                    && self.silent == 0
                {
                    self.unit.augmented.insert(key, AugmentedPlan::Prim { op, prim });
                }
                if matches!(&*assign.target, Expr::Name(_)) {
                    self.store(&assign.target, current, None);
                } else {
                    self.clobber();
                }
            }
            _ => {
                let message = if usable {
                    format!("cannot {word} {current} and {value}")
                } else {
                    format!("cbool is not a valid operand type for {word}")
                };
                self.report(Rule::PrimitiveOperands, assign.range, message);
            }
        }
    }

    // ---- deletion ----------------------------------------------------------------------------------

    pub(super) fn delete(&mut self, target: &Expr) {
        match target {
            Expr::Name(name) => {
                let is_final = self.frame().locals.get(&name.id).is_some_and(|local| local.is_final)
                    || (self.is_global_here(&name.id) && self.own_variable(&name.id).is_some_and(|decl| decl.is_final));
                if is_final {
                    self.report(Rule::AssignToFinal, target.range(), "Cannot assign to a Final variable");
                }
                if self.flow.local(&name.id).is_some_and(Type::is_prim) {
                    self.report(Rule::PrimitiveEscape, target.range(), "deleting primitives not supported");
                }
                self.set(target, Type::Dynamic, ExprOp::Python);
            }
            Expr::Attribute(attribute) => {
                let receiver = self.expr(&attribute.value, None);
                self.enum_store(target, attribute);
                self.enum_value_store(target, &receiver);
                if let Some(class) = receiver.class_id() {
                    self.frozen_store(target, &class, &attribute.attr.id, "delete");
                }
                self.lint_delete(target, &attribute.attr.id);
                self.set(target, Type::Dynamic, ExprOp::Python);
            }
            Expr::Subscript(subscript) => {
                let container = self.expr(&subscript.value, None);
                self.item(target, &container, &subscript.slice);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                elts.iter().for_each(|element| self.delete(element));
            }
            _ => {}
        }
        self.clobber();
    }

    /// A name bound by a statement other than an assignment: import, `def`, `class`.
    pub(super) fn bind_name(&mut self, name: &Name, ty: Type, range: TextRange, by: Option<cinder_syntax::NodeId>) {
        if self.frame().kind == FrameKind::Function && !self.is_global_here(name) {
            let redeclared = self
                .frame()
                .locals
                .get(name)
                .is_some_and(|local| local.by != by && !(local.declared.is_dynamic() && ty.is_dynamic()));
            if redeclared {
                self.report(Rule::Redefinition, range, format!("Cannot redefine local variable {name}"));
            }
            let declared = if ty.is_dynamic() { Type::Dynamic } else { ty.clone() };
            self.frame_mut().locals.insert(name.clone(), Local { declared, is_final: false, by, annotated: false });
            self.note_register(name, &ty);
        }
        self.flow.set_local(name.clone(), ty);
    }
}
