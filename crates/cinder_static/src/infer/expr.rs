//! Expressions: names, attributes, subscripts, displays, comprehensions.
//!
//! Follows: the language specification, section 6.

use cinder_syntax::ast::{self, Expr};
use cinder_text::Ranged;
use cinder_types::{ClassId, ConstValue, FunctionType, GenericDef, KnownClass, Name, Prim, Type, TypeDescriptor};
use std::sync::Arc;

use super::{Checker, FrameKind, exact_tuple};
use crate::fold::fold;
use crate::resolve::Entity;
use crate::rules::Rule;
use crate::typed::{Container, Convert, ExprOp, FastContainer, fast_container};

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
        let entity = self.module_entity(name);
        if let Some(constant) = self.constant_of(&entity, name) {
            return self.literal(expr, constant, expected);
        }
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
        self.constant_of(&self.module_entity(name), name)
    }

    fn constant_of(&self, entity: &Entity, name: &str) -> Option<ConstValue> {
        match entity {
            Entity::Variable { module, .. } if *module == self.cx.module.name => {
                self.cx.env.variable(module, name)?.constant
            }
            Entity::Constant(value) => Some(value.clone()),
            _ => None,
        }
    }

    /// An enclosing function binds the name; its variable is read through a cell.
    pub(super) fn outer_function_binds(&self, name: &str) -> bool {
        matches!(self.symbol_flags(name), Some((cinder_semantic::Resolution::Free { .. }, _)))
            || self.type_params.iter().any(|param| param == name)
    }

    fn module_entity(&self, name: &str) -> Entity {
        if let Some(known) = self.globals.borrow().get(name) {
            return known.clone();
        }
        let found = match self.resolver().global(name) {
            // The tables of one module: names bound without a declaration are dynamic.
            Entity::Undefined if !self.cx.module.star_imports.is_empty() => Entity::Dynamic,
            entity => entity,
        };
        self.globals.borrow_mut().insert(Name::new(name), found.clone());
        found
    }

    /// The value a module-level name has where it is read.
    fn entity_value(&mut self, expr: &Expr, entity: Entity, name: &str) -> Type {
        match entity {
            Entity::Undefined => {
                let ty = self.fail(Rule::UndefinedName, expr.range(), format!("Name `{name}` is not defined."));
                self.set(expr, ty, ExprOp::Python)
            }
            Entity::Variable { module, annotation, .. } => {
                let decl = self.cx.env.variable(&module, name);
                // The name may have been imported under another one.
                let decl = decl.or_else(|| {
                    let ty = annotation.as_ref()?;
                    let ty = self.resolver().declared(ty, crate::resolve::Place::Module).ok()?.ty;
                    Some(crate::declare::VariableDecl { ty, is_final: false, constant: None })
                });
                let Some(decl) = decl else { return self.set(expr, Type::Dynamic, ExprOp::Python) };
                if annotation.is_none() && decl.ty.is_dynamic() {
                    self.lint_variable(expr, name);
                }
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
                self.cx.env.function(module, &function.qualname).map_or(Type::Dynamic, |method| {
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
            if let Type::Class(class) = container
                && let Some(id) = class.instance.class_id().filter(|id| self.is_enum_class(id))
            {
                self.object(index, Rule::PrimitiveEscape, "type mismatch: a primitive cannot be assigned to dynamic");
                self.clobber();
                return self.trusted(expr, Type::exact(id));
            }
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
}
