//! Intrinsics of `__static__` and the builtin functions with rules of their own.
//!
//! Follows: the language specification, sections 5.1, 6 and 12.

use cinder_syntax::ast::{self, Expr};
use cinder_text::Ranged;
use cinder_types::{KnownClass, Prim, Special, Type, TypeDescriptor};

use super::Checker;
use crate::resolve::Entity;
use crate::rules::Rule;
use crate::type_expr::TypeExpr;
use crate::typed::{Convert, ExprOp, fast_container};

impl Checker<'_> {
    pub(super) fn special_call(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        special: Special,
        expected: Option<&Type>,
    ) -> Type {
        match special {
            Special::Box => self.box_call(expr, call),
            Special::Unbox => self.unbox_call(expr, call, expected),
            Special::Cast => self.cast_call(expr, call),
            Special::CLen => self.clen_call(expr, call),
            Special::CRange => {
                self.dynamic_arguments(call);
                self.intrinsic_error(expr, "crange() must be used as an iterator in a for loop")
            }
            Special::ProdAssert => self.prod_assert(expr, call),
            Special::Rand => {
                self.arguments(call);
                self.clobber();
                self.trusted(expr, Type::Prim(Prim::Int32))
            }
            Special::Len => self.len_call(expr, call),
            Special::Sorted => {
                if call.arguments.args.len() != 1 {
                    let given = call.arguments.args.len();
                    return self.special_error(
                        expr,
                        call,
                        format!("sorted() accepts one positional argument ({given} given)"),
                    );
                }
                self.arguments(call);
                self.clobber();
                self.builtin_result(expr, Type::exact(KnownClass::List))
            }
            Special::IsInstance | Special::IsSubclass => {
                let name = if special == Special::IsInstance { "isinstance" } else { "issubclass" };
                if !call.arguments.keywords.is_empty() {
                    return self.special_error(expr, call, format!("{name}() does not accept keyword arguments"));
                }
                self.arguments(call);
                // Classes known to the checker have no `__instancecheck__` that could run code.
                self.builtin_result(expr, Type::bool())
            }
            Special::RevealType => self.reveal_type(expr, call),
            Special::Optional | Special::Union => self.unbound_union_call(expr, call),
            Special::Min | Special::Max => self.min_max(expr, call),
            _ => self.dynamic_call(expr, call, Type::Dynamic),
        }
    }

    /// Visits arguments of a call that is refused as a whole.
    fn dynamic_arguments(&mut self, call: &ast::ExprCall) {
        for argument in call.arguments.iter_source_order() {
            self.expr(argument.value(), None);
        }
    }

    fn special_error(&mut self, expr: &Expr, call: &ast::ExprCall, message: String) -> Type {
        self.dynamic_arguments(call);
        let ty = self.fail(Rule::SpecialCall, expr.range(), message);
        self.set(expr, ty, ExprOp::Python)
    }

    fn intrinsic_error(&mut self, expr: &Expr, message: impl Into<String>) -> Type {
        let ty = self.fail(Rule::InvalidIntrinsic, expr.range(), message);
        self.set(expr, ty, ExprOp::Python)
    }

    fn box_call(&mut self, expr: &Expr, call: &ast::ExprCall) -> Type {
        let ([value], true) = (&*call.arguments.args, call.arguments.keywords.is_empty()) else {
            self.dynamic_arguments(call);
            return self.intrinsic_error(expr, "box only accepts a single argument");
        };
        let ty = self.expr(value, None);
        match ty {
            Type::Prim(prim) => {
                self.set_convert(value, Convert::Box(prim));
                let boxed = match prim {
                    Prim::Bool => Type::bool(),
                    Prim::Double => Type::exact(KnownClass::Float),
                    _ => Type::exact(KnownClass::Int),
                };
                self.set(expr, boxed, ExprOp::Forward(0))
            }
            Type::Unknown => self.set(expr, Type::Unknown, ExprOp::Python),
            ty => self.intrinsic_error(expr, format!("can't box non-primitive: {ty}")),
        }
    }

    fn unbox_call(&mut self, expr: &Expr, call: &ast::ExprCall, expected: Option<&Type>) -> Type {
        if !call.arguments.keywords.is_empty() {
            self.dynamic_arguments(call);
            return self.intrinsic_error(expr, "unbox() takes no keyword arguments");
        }
        let [value] = &*call.arguments.args else {
            self.dynamic_arguments(call);
            return self.intrinsic_error(expr, "unbox only accepts a single argument");
        };
        let prim = expected.and_then(Type::prim).unwrap_or(Prim::Int64);
        let ty = self.expr(value, None);
        if ty.is_prim() {
            self.report(Rule::PrimitiveEscape, value.range(), "Call argument cannot be a primitive");
        }
        self.set_convert(value, Convert::Unbox(prim));
        self.set(expr, Type::Prim(prim), ExprOp::Forward(0))
    }

    /// `int64(e)`, `cbool(e)`, `double(e)` and the others (section 4.3).
    pub(super) fn prim_conversion(&mut self, expr: &Expr, call: &ast::ExprCall, prim: Prim) -> Type {
        let target = Type::Prim(prim);
        let ([value], true) = (&*call.arguments.args, call.arguments.keywords.is_empty()) else {
            self.dynamic_arguments(call);
            let given = call.arguments.len();
            let message = format!("Type[{prim}] requires a single argument ({given} given)");
            self.report(Rule::PrimitiveConversion, expr.range(), message);
            return self.set(expr, target, ExprOp::Python);
        };
        let ty = self.expr(value, Some(&target));
        let convert = match (&ty, prim) {
            (Type::Prim(from), _) if *from == prim => Some(Convert::None),
            (Type::Prim(Prim::Double), _) | (Type::Prim(_), Prim::Double) => None,
            (Type::Prim(from), Prim::Bool) if *from != Prim::Bool => Some(Convert::Truth),
            (Type::Prim(from), to) => Some(Convert::Prim { from: *from, to }),
            (Type::Dynamic | Type::Unknown, _) => Some(Convert::Unbox(prim)),
            (ty, Prim::Double) => {
                let float = ty.is_instance_of_known(KnownClass::Float) || ty.is_instance_of_known(KnownClass::Int);
                let convert = (float || *ty == Type::object()).then_some(Convert::Unbox(prim));
                if convert.is_none() {
                    let message = format!("type mismatch: double cannot be created from {ty}");
                    self.report(Rule::PrimitiveConversion, expr.range(), message);
                    return self.set(expr, target, ExprOp::Python);
                }
                convert
            }
            (ty, Prim::Bool) => {
                (ty.is_instance_of_known(KnownClass::Bool) || *ty == Type::object()).then_some(Convert::Unbox(prim))
            }
            (ty, _) => {
                let int = ty.is_instance_of_known(KnownClass::Int);
                (int || *ty == Type::object()).then_some(Convert::Unbox(prim))
            }
        };
        match convert {
            Some(convert) => {
                self.set_convert(value, convert);
                self.set(expr, target, ExprOp::Forward(0))
            }
            None if prim == Prim::Double => {
                let message = format!("type mismatch: double cannot be created from {ty}");
                self.report(Rule::PrimitiveConversion, expr.range(), message);
                self.set(expr, target, ExprOp::Python)
            }
            None => {
                let message = self.mismatch(&target, &ty);
                let mut finding = crate::Finding::new(Rule::InvalidAssignment, value.range(), message);
                if ty == Type::Prim(Prim::Double) {
                    finding = finding.with_help("convert through an object: `int64(int(box(x)))`");
                }
                self.push_finding(finding);
                self.set(expr, target, ExprOp::Python)
            }
        }
    }

    fn cast_call(&mut self, expr: &Expr, call: &ast::ExprCall) -> Type {
        let ([target, value], true) = (&*call.arguments.args, call.arguments.keywords.is_empty()) else {
            self.dynamic_arguments(call);
            return self.intrinsic_error(expr, "cast requires two parameters: type and value");
        };
        if self.is_primitive_local(target) {
            self.expr(value, None);
            let ty = self.fail(Rule::PrimitiveEscape, target.range(), "Call argument cannot be a primitive");
            return self.set(expr, ty, ExprOp::Python);
        }
        let lowered = TypeExpr::lower(target);
        let resolved = self.resolver().ty(&lowered);
        let entity = self.resolver().entity(&lowered);
        let src = self.expr(value, None);
        if src.is_prim() {
            let ty = self.fail(Rule::PrimitiveEscape, value.range(), "Call argument cannot be a primitive");
            return self.set(expr, ty, ExprOp::Python);
        }
        let unknown = match (&resolved, &entity) {
            (Err(error), _) if error.rule == Rule::UndefinedName => {
                let error = error.clone();
                self.annotation_error(target.range(), error);
                return self.set(expr, Type::Unknown, ExprOp::Python);
            }
            (Err(_), _) | (_, Entity::Known(KnownClass::Float) | Entity::TypeParam(_)) | (Ok(Type::TypeVar(_)), _) => {
                true
            }
            (Ok(Type::Dynamic), _) => {
                matches!(lowered, TypeExpr::Const(_) | TypeExpr::Value | TypeExpr::Call(..) | TypeExpr::Either(..))
            }
            _ => false,
        };
        if unknown {
            return self.intrinsic_error(expr, "cast to unknown type");
        }
        let dest = resolved.unwrap_or(Type::Unknown);
        if dest.is_dynamic() || dest.is_prim() {
            return self.intrinsic_error(expr, "cast to non-runtime type");
        }
        let descriptor = TypeDescriptor::of(&dest);
        // A value that is known to pass needs no check.
        let proved = !src.is_dynamic() && self.assignable(&dest, &src);
        if !proved && !descriptor.is_object() {
            self.set_convert(value, Convert::Cast(Box::new(descriptor)));
        }
        self.set(expr, dest, ExprOp::Forward(1))
    }

    fn clen_call(&mut self, expr: &Expr, call: &ast::ExprCall) -> Type {
        let ([value], true) = (&*call.arguments.args, call.arguments.keywords.is_empty()) else {
            self.dynamic_arguments(call);
            return self.intrinsic_error(expr, "clen only accepts a single argument");
        };
        let ty = self.expr(value, None);
        match (fast_container(&ty), &ty) {
            (Some(fast), _) => {
                if !fast.exact {
                    self.clobber();
                }
                self.set(expr, Type::Prim(Prim::Int64), ExprOp::FastLen(fast))
            }
            (None, Type::Unknown) => self.set(expr, Type::Prim(Prim::Int64), ExprOp::Python),
            (None, ty) => {
                let message = format!("bad argument type '{ty}' for clen()");
                self.report(Rule::InvalidIntrinsic, expr.range(), message);
                self.set(expr, Type::Prim(Prim::Int64), ExprOp::Python)
            }
        }
    }

    fn len_call(&mut self, expr: &Expr, call: &ast::ExprCall) -> Type {
        if !call.arguments.keywords.is_empty() {
            return self.special_error(expr, call, "len() takes no keyword arguments".to_owned());
        }
        if call.arguments.args.len() > 1 {
            let given = call.arguments.args.len();
            return self.special_error(
                expr,
                call,
                format!("len() does not accept more than one arguments ({given} given)"),
            );
        }
        self.arguments(call);
        let exact = call.arguments.args.first().is_some_and(|value| {
            let ty = self.facts_mut(value).map_or(Type::Dynamic, |facts| facts.ty.clone());
            fast_container(&ty).is_some_and(|fast| fast.exact)
        });
        if !exact {
            self.clobber();
        }
        self.builtin_result(expr, Type::exact(KnownClass::Int))
    }

    /// `min` and `max` of exact ints stay ints; of anything else they are `dynamic`.
    fn min_max(&mut self, expr: &Expr, call: &ast::ExprCall) -> Type {
        self.dynamic_call(expr, call, Type::Dynamic)
    }

    fn prod_assert(&mut self, expr: &Expr, call: &ast::ExprCall) -> Type {
        if !call.arguments.keywords.is_empty() {
            self.dynamic_arguments(call);
            return self.intrinsic_error(expr, "prod_assert() does not accept keyword arguments");
        }
        match &*call.arguments.args {
            [test] => {
                let (_, effect) = self.test(test);
                self.box_condition(test);
                self.apply(&effect.then);
            }
            [test, message] => {
                let (_, effect) = self.test(test);
                self.box_condition(test);
                let ty = self.object(message, Rule::PrimitiveEscape, "assert message cannot be a primitive");
                if !self.assignable(&Type::str(), &ty) {
                    let text = self.mismatch(&Type::str(), &ty);
                    self.report(Rule::InvalidAssignment, message.range(), text);
                }
                self.apply(&effect.then);
            }
            _ => {
                self.dynamic_arguments(call);
                return self.intrinsic_error(expr, "prod_assert() must be called with one or two arguments");
            }
        }
        self.set(expr, Type::None, ExprOp::Python)
    }

    fn box_condition(&mut self, test: &Expr) {
        if let Some(Type::Prim(prim)) = self.facts_mut(test).map(|facts| facts.ty.clone()) {
            self.set_convert(test, Convert::Box(prim));
        }
    }

    fn reveal_type(&mut self, expr: &Expr, call: &ast::ExprCall) -> Type {
        if !call.arguments.keywords.is_empty() {
            return self.special_error(expr, call, "reveal_type() does not accept keyword arguments".to_owned());
        }
        let [value] = &*call.arguments.args else {
            return self.special_error(expr, call, "reveal_type() accepts exactly one argument".to_owned());
        };
        let ty = self.expr(value, None);
        let source = self.source.get(value.range().to_std_range()).unwrap_or("...");
        let mut message = format!("reveal_type({source}): '{}'", ty.with_exactness());
        if let Expr::Name(name) = value
            && let Some(declared) = self.declared_type(&name.id)
            && let Some(local) = self.flow.local(&name.id)
        {
            message.push_str(&format!(
                ", '{}' has declared type '{}' and local type '{}'",
                name.id,
                declared.with_exactness(),
                local.with_exactness()
            ));
        }
        self.report(Rule::RevealedType, expr.range(), message);
        self.set(expr, ty, ExprOp::Forward(0))
    }
}
