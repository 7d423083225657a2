//! Calls: which are static, what their arguments must be, what they give.
//!
//! Problem: a direct call skips the callee's entry checks, so every argument must be proved or converted at the call.
//! Idea: [`Checker::bind`] maps arguments to parameters in the order of checks the specification lists, and gives a plan; when the shape
//! rules a static call out, the call is ordinary and only its result keeps its declared type.
//!
//! Follows: the language specification, sections 7.2, 8.6 and 8.7.

use std::sync::Arc;

use cinder_syntax::ast::{self, Expr};
use cinder_text::{Ranged, TextRange};
use cinder_types::{
    ClassId, ClassLookup, DefaultValue, FunctionId, FunctionType, GenericDef, KnownClass, Member, MethodDef,
    MethodKind, Name, ParamKind, Signature, Type, TypeDescriptor,
};

use super::spread::is_static_shape;
use super::{Checker, is_positional};
use crate::rules::Rule;
use crate::typed::{ArgSource, CallPlan, CallTarget, Container, Convert, ExprOp, fast_container};

/// What fills the first parameter without being an argument.
#[derive(Clone)]
pub(super) enum Bound {
    Nothing,
    Receiver,
    Class(ClassId),
    /// The new object of a constructor call; it is not listed in the plan.
    NewObject,
}

/// How a known callee is named in messages.
struct Callee<'a> {
    id: &'a FunctionId,
    signature: &'a Arc<Signature>,
    is_method: bool,
}

impl Callee<'_> {
    /// `function m.f`, `method m.C.f`.
    fn shown(&self) -> String {
        FunctionType { id: self.id.clone(), signature: self.signature.clone(), is_method: self.is_method }.to_string()
    }
}

impl Checker<'_> {
    pub(super) fn call(&mut self, expr: &Expr, call: &ast::ExprCall, expected: Option<&Type>) -> Type {
        self.enum_call(expr, call);
        let Expr::Attribute(attribute) = &*call.func else {
            let callee = self.expr(&call.func, None);
            return self.call_value(expr, call, &callee, expected);
        };
        if let Some(ty) = self.super_call(expr, call, attribute) {
            return ty;
        }
        self.trying_claims(Some(attribute), |this| this.attribute_call(expr, call, attribute, expected))
    }

    /// `receiver.name(...)`.
    fn attribute_call(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        attribute: &ast::ExprAttribute,
        expected: Option<&Type>,
    ) -> Type {
        let kept = self.path(attribute).and_then(|path| self.flow.attribute(&path).cloned());
        let callee = match kept {
            Some((ty, temp)) => self.set(&call.func, ty, ExprOp::Refined(temp)),
            None => {
                let receiver = self.expr(&attribute.value, None);
                if receiver == Type::Dynamic || matches!(receiver, Type::Module(_)) {
                    self.module_attribute(attribute);
                }
                let receiver = self.claimed_receiver(attribute, receiver, super::claimed::is_called);
                if let Some(ty) = self.method_call(expr, call, attribute, &receiver) {
                    return ty;
                }
                self.attribute_of(&call.func, &receiver, &attribute.attr.id)
            }
        };
        self.call_value(expr, call, &callee, expected)
    }

    /// Calls a value of a known type.
    fn call_value(&mut self, expr: &Expr, call: &ast::ExprCall, callee: &Type, expected: Option<&Type>) -> Type {
        match callee {
            Type::Special(special) => self.special_call(expr, call, *special, expected),
            Type::Class(class) => {
                let (instance, exact) = (class.instance.clone(), class.exact);
                self.construct(expr, call, &instance, exact, expected)
            }
            Type::Function(function) => {
                let function = function.clone();
                let callee = Callee { id: &function.id, signature: &function.signature, is_method: function.is_method };
                // No typed entry exists: the callee is ordinary code with a promise.
                if function.signature.flags.do_not_compile {
                    return self.ordinary_call(expr, call, &callee, Bound::Nothing, function.signature.call_result());
                }
                let target = CallTarget::Direct(function.id.clone());
                self.static_call(expr, call, &callee, Bound::Nothing, target, false)
            }
            Type::Prim(prim) => {
                let ty = self.fail(Rule::PrimitiveOperation, expr.range(), format!("cannot call {prim}"));
                self.set(expr, ty, ExprOp::Python)
            }
            Type::None => {
                let ty = self.fail(Rule::NoneOperation, expr.range(), "'NoneType' object is not callable");
                self.set(expr, ty, ExprOp::Python)
            }
            Type::Union(_) if callee.is_optional() => {
                let message = format!("{callee}: 'NoneType' object is not callable");
                self.arguments(call);
                let ty = self.fail(Rule::NoneOperation, expr.range(), message);
                self.set(expr, ty, ExprOp::Python)
            }
            Type::Module(_) => {
                self.arguments(call);
                let ty = self.fail(Rule::NotCallable, expr.range(), format!("cannot call {callee}"));
                self.set(expr, ty, ExprOp::Python)
            }
            _ => {
                self.lint_unknown_call(expr, call, callee);
                self.dynamic_call(expr, call, Type::Dynamic)
            }
        }
    }

    /// An ordinary call: arguments are objects, the result is what is promised and checked.
    pub(super) fn dynamic_call(&mut self, expr: &Expr, call: &ast::ExprCall, result: Type) -> Type {
        self.arguments(call);
        self.clobber();
        self.trusted(expr, result)
    }

    /// Visits the arguments of an ordinary call.
    pub(super) fn arguments(&mut self, call: &ast::ExprCall) {
        for argument in call.arguments.iter_source_order() {
            match argument {
                ast::ArgOrKeyword::Arg(whole @ Expr::Starred(_)) => self.starred(whole),
                ast::ArgOrKeyword::Arg(value) => {
                    self.object(value, Rule::PrimitiveEscape, "Call argument cannot be a primitive");
                }
                ast::ArgOrKeyword::Keyword(keyword) => {
                    self.object(&keyword.value, Rule::PrimitiveEscape, "Call argument cannot be a primitive");
                }
            }
        }
    }

    // ---- binding -----------------------------------------------------------------------------------

    fn static_call(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        callee: &Callee<'_>,
        bound: Bound,
        target: CallTarget,
        drop_receiver: bool,
    ) -> Type {
        let signature = callee.signature.clone();
        let result = signature.call_result();
        let bound_count = usize::from(!matches!(bound, Bound::Nothing));
        if !is_static_shape(call, &signature, bound_count) {
            self.lint_ordinary_call(expr, call, &signature, bound_count);
            self.arguments(call);
            self.clobber();
            self.keyword_only_check(expr, call, callee, bound_count);
            return self.trusted(expr, result);
        }
        let (plan, type_var) = self.bind(expr, call, callee, bound);
        self.clobber();
        let result = self.substituted(expr, &result, type_var.as_ref());
        match plan {
            Some(args) => {
                let plan = CallPlan { target, args: args.into(), signature, drop_receiver };
                self.set(expr, result, ExprOp::Call(Box::new(plan)))
            }
            None => self.set(expr, if result.is_prim() { result } else { Type::Unknown }, ExprOp::Python),
        }
    }

    /// A call that stays ordinary because of keyword-only parameters can still be wrong in its positions.
    fn keyword_only_check(&mut self, expr: &Expr, call: &ast::ExprCall, callee: &Callee<'_>, bound: usize) {
        let signature = callee.signature;
        if signature.is_variadic() || call.arguments.args.iter().any(Expr::is_starred_expr) {
            return;
        }
        let positional = signature.positional().count();
        let given = call.arguments.args.len() + bound;
        if signature.has(ParamKind::KeywordOnly) && given > positional {
            let were = if given == 1 { "was" } else { "were" };
            let message = format!("{} takes {positional} positional args but {given} {were} given", callee.id);
            self.report(Rule::CallArity, expr.range(), message);
        }
    }

    /// Maps arguments to parameters. `None` when a mistake was reported. Second: what a type variable stood for.
    fn bind(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        callee: &Callee<'_>,
        bound: Bound,
    ) -> (Option<Vec<ArgSource>>, Option<Type>) {
        let signature = callee.signature.clone();
        let params: Vec<_> = signature.params.iter().filter(|param| is_positional(param.kind)).collect();
        let mut sources: Vec<Option<ArgSource>> = vec![None; params.len()];
        let mut listed = 0;
        let mut offset = 0;
        match &bound {
            Bound::Nothing => {}
            Bound::Receiver | Bound::Class(_) | Bound::NewObject => {
                offset = 1;
                if let Some(first) = sources.first_mut() {
                    *first = Some(match &bound {
                        Bound::Class(class) => ArgSource::Class(class.clone()),
                        _ => ArgSource::Receiver,
                    });
                }
                if matches!(bound, Bound::NewObject) {
                    listed = 1;
                }
            }
        }
        let given = call.arguments.args.iter().filter(|arg| !arg.is_starred_expr()).count() + offset;
        if given > params.len() {
            self.silently_visit(call);
            let total = call.arguments.len() + offset;
            let message =
                format!("Mismatched number of args for {}. Expected {}, got {total}", callee.shown(), params.len());
            self.report(Rule::CallArity, expr.range(), message);
            return (None, None);
        }
        let mut sound = true;
        let mut type_var = None;
        // A starred argument may stand behind keywords, and is evaluated before them.
        let arguments = call.arguments.args.iter().map(ast::ArgOrKeyword::Arg);
        let arguments = arguments.chain(call.arguments.keywords.iter().map(ast::ArgOrKeyword::Keyword));
        for (place, argument) in arguments.enumerate() {
            let place = u32::try_from(place).expect("a call has fewer than 2^32 arguments");
            if is_spread(argument) {
                self.spread_argument(argument, place, call, &params, &mut sources);
                continue;
            }
            let (index, value, by_name) = match argument {
                ast::ArgOrKeyword::Arg(value) => {
                    let index = sources.iter().position(Option::is_none).filter(|index| *index >= offset);
                    (index, value, false)
                }
                ast::ArgOrKeyword::Keyword(keyword) => {
                    let name = keyword.arg.as_ref().map_or("", |name| name.as_str());
                    let index = params.iter().position(|param| param.name == name && param.kind == ParamKind::Standard);
                    (index, &keyword.value, true)
                }
            };
            let Some(index) = index else {
                self.expr(value, None);
                if let ast::ArgOrKeyword::Keyword(keyword) = argument {
                    let name = keyword.arg.as_ref().map_or("", |name| name.as_str());
                    if let Some(index) = params.iter().position(|param| param.name == name) {
                        let message = format!("Missing value for positional-only arg {index}");
                        self.report(Rule::MissingArgument, expr.range(), message);
                        sound = false;
                        continue;
                    }
                    let message = format!("Given argument {name} does not exist in the definition of {}", callee.id);
                    self.report(Rule::UnknownKeyword, expr.range(), message);
                }
                sound = false;
                continue;
            };
            if sources[index].is_some() {
                self.expr(value, None);
                let message = format!("{} got multiple values for argument '{}'", callee.id, params[index].name);
                self.report(Rule::CallArity, expr.range(), message);
                sound = false;
                continue;
            }
            sources[index] = Some(ArgSource::Argument(place));
            let param = params[index];
            let src = self.expr(value, Some(&param.ty));
            if let Some(found) = bound_variable(&param.ty, &src) {
                type_var = Some(match type_var {
                    Some(earlier) => self.union(value.range(), [earlier, found]),
                    None => found,
                });
            }
            if self.assignable(&param.ty, &src) {
                self.convert_to(value, &src, &param.ty);
            } else {
                sound = false;
                self.argument_mismatch(value.range(), &param.ty, &src, &param.name, by_name, index);
            }
        }
        for (index, source) in sources.iter_mut().enumerate() {
            if source.is_some() {
                continue;
            }
            let param = params[index];
            match &param.default {
                DefaultValue::Constant(value) => {
                    *source = Some(ArgSource::Default { value: (**value).clone(), prim: param.ty.prim() });
                }
                DefaultValue::Evaluated => {}
                DefaultValue::Missing => {
                    if sound {
                        let message = match param.kind {
                            ParamKind::PositionalOnly => format!("Missing value for positional-only arg {index}"),
                            _ => format!("Function {} expects a value for argument {}", callee.id, param.name),
                        };
                        self.report(Rule::MissingArgument, expr.range(), message);
                    }
                    sound = false;
                }
            }
        }
        let args: Option<Vec<ArgSource>> = sources.into_iter().skip(listed).collect();
        (args.filter(|_| sound), type_var)
    }

    /// A result in which type variables stand for what the arguments were; nothing is known of one that no argument was given for.
    fn substituted(&mut self, expr: &Expr, result: &Type, found: Option<&Type>) -> Type {
        match result {
            Type::TypeVar(_) => found.cloned().unwrap_or(Type::Dynamic),
            Type::Awaitable(inner) => Type::Awaitable(Arc::new(self.substituted(expr, inner, found))),
            Type::Union(members) if members.iter().any(|member| matches!(member, Type::TypeVar(_))) => {
                let members: Vec<Type> = members.iter().map(|member| self.substituted(expr, member, found)).collect();
                self.union(expr.range(), members)
            }
            result => result.clone(),
        }
    }

    fn argument_mismatch(
        &mut self,
        range: TextRange,
        dest: &Type,
        src: &Type,
        name: &Name,
        by_name: bool,
        index: usize,
    ) {
        let how = if by_name { "keyword" } else { "positional" };
        let shown = if name.is_empty() { index.to_string() } else { format!("'{name}'") };
        let only_exactness = dest.is_exact() && self.assignable(&dest.to_inexact(), src);
        let expected = if only_exactness { dest.with_exactness() } else { dest.to_string() };
        let message = format!("type mismatch: {src} received for {how} arg {shown}, expected {expected}");
        let mut finding = crate::Finding::new(Rule::InvalidArgument, range, message);
        if dest.is_prim() && !src.is_prim() {
            finding = finding.with_help(format!("convert explicitly: `{dest}(...)`"));
        } else if src.is_optional() && self.assignable(dest, &src.without_none()) {
            finding = finding.with_help("exclude None first, for example with `if x is not None:`");
        }
        self.push_finding(finding);
    }

    /// Visits arguments of a call that was refused, for their own mistakes.
    fn silently_visit(&mut self, call: &ast::ExprCall) {
        for argument in call.arguments.iter_source_order() {
            self.expr(argument.value(), None);
        }
    }

    // ---- methods -----------------------------------------------------------------------------------

    /// `receiver.name(...)`; `None` when the attribute is to be read and its value called.
    fn method_call(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        attribute: &ast::ExprAttribute,
        receiver: &Type,
    ) -> Option<Type> {
        let name = &attribute.attr.id;
        match receiver {
            Type::Instance { .. } | Type::EnumMember(_) => {
                let class = receiver.class_id()?;
                if class.known().is_some() {
                    return Some(self.builtin_method(expr, call, attribute, receiver));
                }
                let (owner, method) = self.find_method(&class, name)?;
                if self.cx.mro(&class).dynamic {
                    return None;
                }
                self.set(&call.func, Type::exact(KnownClass::Method), ExprOp::Python);
                Some(self.instance_method(expr, call, receiver, &owner, &method))
            }
            Type::Generic(generic) => {
                let (def, args) = (generic.def, generic.args.clone());
                self.set(&call.func, Type::exact(KnownClass::Method), ExprOp::Python);
                Some(self.checked_method(expr, call, name, def, &args, receiver))
            }
            Type::Class(class) if class.exact => {
                let id = class.instance.class_id().filter(|id| id.known().is_none())?;
                let (_, method) = self.find_method(&id, name)?;
                if method.kind != MethodKind::Class || self.cx.mro(&id).dynamic {
                    return None;
                }
                self.set(&call.func, Type::exact(KnownClass::Method), ExprOp::Python);
                let callee = Callee { id: &method.id, signature: &method.signature, is_method: true };
                let target = CallTarget::Direct(method.id.clone());
                Some(self.static_call(expr, call, &callee, Bound::Class(id), target, false))
            }
            _ => None,
        }
    }

    fn instance_method(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        receiver: &Type,
        owner: &ClassId,
        method: &MethodDef,
    ) -> Type {
        let callee = Callee { id: &method.id, signature: &method.signature, is_method: true };
        let certain = self.is_certain(receiver, method.signature.flags.is_final);
        let target = if certain {
            CallTarget::Direct(method.id.clone())
        } else {
            CallTarget::Virtual { id: method.id.clone(), class: owner.clone() }
        };
        if !certain {
            let name = method.id.name.rsplit('.').next().unwrap_or_default().to_owned();
            self.lint_virtual(expr, &name);
        }
        match method.kind {
            MethodKind::Instance => {
                if !method.signature.params.first().is_some_and(|param| is_positional(param.kind)) {
                    return self.dynamic_call(expr, call, method.signature.call_result());
                }
                self.static_call(expr, call, &callee, Bound::Receiver, target, false)
            }
            // A static or class method reached through an instance may be overridden by one of a subclass.
            MethodKind::Static if certain => self.static_call(expr, call, &callee, Bound::Nothing, target, true),
            MethodKind::Static => {
                self.ordinary_call(expr, call, &callee, Bound::Nothing, method.signature.call_result())
            }
            MethodKind::Class => {
                if certain {
                    self.lint_class_method(expr, &method.id.name);
                }
                let bound = Bound::Receiver;
                self.ordinary_call(expr, call, &callee, bound, method.signature.call_result())
            }
        }
    }

    /// A call through ordinary lookup of a callee whose signature is known: arguments are checked here, passed as objects, and checked
    /// again on entry; the result is checked too.
    fn ordinary_call(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        callee: &Callee<'_>,
        bound: Bound,
        result: Type,
    ) -> Type {
        let count = usize::from(!matches!(bound, Bound::Nothing));
        if !is_static_shape(call, callee.signature, count) {
            return self.dynamic_call(expr, call, result);
        }
        self.bind(expr, call, callee, bound);
        for argument in call.arguments.iter_source_order() {
            let value = argument.value();
            let convert = match self.facts_mut(value).map(|facts| facts.ty.clone()) {
                Some(Type::Prim(prim)) => Convert::Box(prim),
                _ => Convert::None,
            };
            self.set_convert(value, convert);
        }
        self.clobber();
        self.trusted(expr, result)
    }

    fn builtin_method(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        attribute: &ast::ExprAttribute,
        receiver: &Type,
    ) -> Type {
        self.set(&call.func, Type::Dynamic, ExprOp::Python);
        self.arguments(call);
        self.clobber();
        let exact_str = *receiver == Type::exact(KnownClass::Str);
        let ty = match attribute.attr.as_str() {
            "isdigit" if exact_str => Type::bool(),
            "join" | "lower" | "upper" if exact_str => Type::exact(KnownClass::Str),
            _ => Type::Dynamic,
        };
        let op = self.list_method(expr, receiver, call, &attribute.attr.id);
        self.set(expr, ty, op)
    }

    /// Typed methods of checked containers (section 3.9). The methods check their arguments themselves.
    fn checked_method(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        name: &str,
        def: GenericDef,
        args: &[Type],
        receiver: &Type,
    ) -> Type {
        let dynamic = Type::Dynamic;
        let (params, result): (Vec<(Type, bool)>, Type) = match (def, name, args) {
            (GenericDef::CheckedDict, "get" | "setdefault", [key, value]) => {
                let optional = value.clone().optional();
                (vec![(key.clone(), true), (optional.clone(), false)], optional)
            }
            (GenericDef::CheckedDict, "__getitem__", [key, value]) => (vec![(key.clone(), true)], value.clone()),
            (GenericDef::CheckedDict, "__setitem__", [key, value]) => {
                (vec![(key.clone(), true), (value.clone(), true)], Type::None)
            }
            (GenericDef::CheckedList, "append", [item]) => (vec![(item.clone(), true)], Type::None),
            (GenericDef::CheckedList, "insert", [item]) => {
                (vec![(Type::Prim(cinder_types::Prim::Int64), true), (item.clone(), true)], Type::None)
            }
            (GenericDef::CheckedList, "pop", [item]) => (vec![(Type::object(), false)], item.clone()),
            (GenericDef::CheckedList, "extend", [_]) => (vec![(Type::object(), true)], Type::None),
            _ => return self.dynamic_call(expr, call, dynamic),
        };
        let simple = call.arguments.keywords.is_empty() && !call.arguments.args.iter().any(Expr::is_starred_expr);
        if !simple {
            return self.dynamic_call(expr, call, result);
        }
        let required = params.iter().filter(|(_, required)| *required).count();
        let given = call.arguments.args.len();
        if given > params.len() || given < required {
            self.silently_visit(call);
            let expected = params.len() + 1;
            let message = format!(
                "Mismatched number of args for types.MethodDescriptorType. Expected {expected}, got {}",
                given + 1
            );
            let ty = self.fail(Rule::CallArity, expr.range(), message);
            return self.set(expr, ty, ExprOp::Python);
        }
        for (index, (value, (dest, _))) in call.arguments.args.iter().zip(&params).enumerate() {
            let src = self.expr(value, Some(dest));
            if self.assignable(dest, &src) || (dest.is_prim() && self.assignable(&Type::int(), &src)) {
                // Called as an ordinary method: a raw argument is boxed again.
                match src {
                    Type::Prim(prim) => self.set_convert(value, Convert::Box(prim)),
                    _ => self.convert_to(value, &src, if dest.is_prim() { &Type::Dynamic } else { dest }),
                }
            } else {
                self.argument_mismatch(value.range(), dest, &src, &Name::empty(), false, index + 1);
            }
        }
        self.clobber();
        let op = self.list_method(expr, receiver, call, name);
        self.set(expr, result, op)
    }

    /// `super().m(...)`: the first static base that defines it, called directly.
    fn super_call(&mut self, expr: &Expr, call: &ast::ExprCall, attribute: &ast::ExprAttribute) -> Option<Type> {
        let Expr::Call(inner) = &*attribute.value else { return None };
        let Expr::Name(callee) = &*inner.func else { return None };
        if callee.id != "super" || !inner.arguments.is_empty() || !self.inner_scopes.is_empty() {
            return None;
        }
        if self.resolver().global("super") != crate::resolve::Entity::Known(KnownClass::Super) {
            return None;
        }
        let class = self.frame().class.clone()?;
        let receiver = self.frame().receiver.clone()?;
        let mro = self.cx.mro(&class);
        if mro.dynamic {
            return None;
        }
        let name = &attribute.attr.id;
        let (owner, method) = mro.classes.iter().skip(1).find_map(|base| match self.cx.own_member(base, name) {
            Some(Member::Method(method)) => Some((base.clone(), method)),
            _ => None,
        })?;
        // Another kind of member, a builtin base or a generated method before the owner hides it.
        let hidden = mro.classes.iter().skip(1).take_while(|base| **base != owner).any(|base| {
            base.known().is_some()
                || self.cx.head(base).is_none()
                || self.cx.own_member(base, name).is_some()
                || self.is_generated(base, name)
        });
        if hidden || method.kind != MethodKind::Instance {
            return None;
        }
        let receiver_ty = self.flow.local(&receiver).cloned().unwrap_or(Type::Dynamic);
        self.set(&attribute.value, receiver_ty.clone(), ExprOp::Forward(0));
        self.set(&call.func, Type::exact(KnownClass::Method), ExprOp::Python);
        let callee = Callee { id: &method.id, signature: &method.signature, is_method: true };
        let target = CallTarget::Direct(method.id.clone());
        Some(self.static_call(expr, call, &callee, Bound::Receiver, target, false))
    }

    // ---- constructors ------------------------------------------------------------------------------

    fn construct(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        instance: &Type,
        exact: bool,
        expected: Option<&Type>,
    ) -> Type {
        match instance {
            Type::Prim(prim) => self.prim_conversion(expr, call, *prim),
            Type::Generic(generic) => {
                let (def, args) = (generic.def, generic.args.clone());
                self.construct_generic(expr, call, instance, def, &args)
            }
            Type::Instance { class: ClassId::Known(known), .. } => self.construct_builtin(expr, call, *known, expected),
            Type::Instance { class, .. } => self.construct_class(expr, call, class, exact),
            _ => self.dynamic_call(expr, call, Type::Dynamic),
        }
    }

    fn construct_builtin(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        known: KnownClass,
        expected: Option<&Type>,
    ) -> Type {
        let _ = expected;
        if known == KnownClass::Bool
            && let [value] = &*call.arguments.args
            && call.arguments.keywords.is_empty()
        {
            let ty = self.expr(value, None);
            if let Type::Prim(cinder_types::Prim::Bool) = ty {
                self.set_convert(value, Convert::Box(cinder_types::Prim::Bool));
                return self.set(expr, Type::bool(), ExprOp::Forward(0));
            }
            if ty.is_prim() {
                self.report(Rule::PrimitiveEscape, value.range(), "Call argument cannot be a primitive");
            }
            self.clobber();
            return self.builtin_result(expr, Type::bool());
        }
        self.arguments(call);
        self.clobber();
        let ty = match known {
            // `type(x)` is only known to be some class object.
            KnownClass::Type => Type::Dynamic,
            KnownClass::Super | KnownClass::Property | KnownClass::ClassMethod | KnownClass::StaticMethod => {
                Type::Dynamic
            }
            known => Type::exact(known),
        };
        self.builtin_result(expr, ty)
    }

    fn construct_generic(
        &mut self,
        expr: &Expr,
        call: &ast::ExprCall,
        instance: &Type,
        def: GenericDef,
        args: &[Type],
    ) -> Type {
        if args.is_empty() {
            // Under a module flag the builtin's name means the generic, which says so itself when it is called.
            if matches!(&*call.func, Expr::Name(name) if self.resolver().module.rebound(&name.id) == Some(def)) {
                return self.dynamic_call(expr, call, Type::Dynamic);
            }
            self.silently_visit(call);
            let open = Type::class_of_instances(Type::generic(def, []));
            let ty = self.fail(Rule::NotCallable, expr.range(), format!("cannot create instances of a generic {open}"));
            return self.set(expr, ty, ExprOp::Python);
        }
        let descriptor = Box::new(TypeDescriptor::of(instance));
        match &*call.arguments.args {
            [value] if call.arguments.keywords.is_empty() && !value.is_starred_expr() => {
                let want = (def != GenericDef::Array).then_some(instance);
                let ty = self.expr(value, want);
                match ty {
                    Type::Prim(prim) if def == GenericDef::Array => self.set_convert(value, Convert::Box(prim)),
                    ty if ty.is_prim() => {
                        self.report(Rule::PrimitiveEscape, value.range(), "Call argument cannot be a primitive");
                    }
                    // A display took other element types than it was asked for.
                    Type::Generic(found)
                        if found.def == def
                            && matches!(
                                value,
                                Expr::Dict(_) | Expr::DictComp(_) | Expr::List(_) | Expr::ListComp(_)
                            ) =>
                    {
                        let ty = Type::Generic(found);
                        if !self.assignable(instance, &ty) {
                            let message = self.mismatch(instance, &ty);
                            self.report(Rule::InvalidAssignment, value.range(), message);
                        }
                    }
                    _ => {}
                }
            }
            _ => self.arguments(call),
        }
        self.clobber();
        self.set(expr, instance.clone(), ExprOp::NewChecked(descriptor))
    }

    fn construct_class(&mut self, expr: &Expr, call: &ast::ExprCall, class: &ClassId, exact: bool) -> Type {
        let result = Type::exact(class.clone());
        if self.is_enum_class(class) {
            // Looked up by value.
            return self.dynamic_call(expr, call, result);
        }
        let mro = self.cx.mro(class);
        let builtin_base = mro.classes.iter().any(|id| id.known().is_some_and(|known| known != KnownClass::Object));
        if mro.dynamic || self.has_generated_init(class) {
            self.lint_construction(expr, class, mro.dynamic);
        }
        if self.has_generated_init(class) {
            match self.dataclass_init(class) {
                Some((id, signature)) if exact => {
                    let callee = Callee { id: &id, signature: &signature, is_method: true };
                    self.ordinary_call(expr, call, &callee, Bound::NewObject, Type::Dynamic);
                }
                _ => {
                    self.arguments(call);
                    self.clobber();
                }
            }
            let result = if exact { result } else { Type::instance(class.clone()) };
            return if mro.dynamic { self.trusted(expr, result) } else { self.set(expr, result, ExprOp::Python) };
        }
        let new = self.cx.member(class, "__new__");
        let init = self.cx.member(class, "__init__");
        if let (Some((_, Member::Method(method))), None, false, true) = (&new, &init, mro.dynamic, exact) {
            let callee = Callee { id: &method.id, signature: &method.signature, is_method: true };
            let result = method.signature.call_result();
            return self.ordinary_call(expr, call, &callee, Bound::Class(class.clone()), result);
        }
        if mro.dynamic || new.is_some() || (builtin_base && init.is_none()) || !exact {
            // `__new__` may give anything, a subclass anything of the kind.
            let result = if new.is_some() {
                Type::Dynamic
            } else if exact {
                result
            } else {
                Type::instance(class.clone())
            };
            self.arguments(call);
            self.clobber();
            return self.trusted(expr, result);
        }
        match init {
            None => {
                if !call.arguments.is_empty() {
                    self.silently_visit(call);
                    let ty = self.fail(Rule::CallArity, expr.range(), format!("{class}() takes no arguments"));
                    return self.set(expr, ty, ExprOp::Python);
                }
                self.clobber();
                let plan = CallPlan {
                    target: CallTarget::Construct { class: class.clone(), init: None },
                    args: Box::default(),
                    signature: Arc::new(empty_signature()),
                    drop_receiver: false,
                };
                self.set(expr, result, ExprOp::Call(Box::new(plan)))
            }
            Some((_, Member::Method(method))) if method.kind == MethodKind::Instance => {
                let callee = Callee { id: &method.id, signature: &method.signature, is_method: true };
                if builtin_base || !is_static_shape(call, &method.signature, 1) {
                    self.ordinary_call(expr, call, &callee, Bound::NewObject, Type::Dynamic);
                    return self.set(expr, result, ExprOp::Python);
                }
                let (args, _) = self.bind(expr, call, &callee, Bound::NewObject);
                self.clobber();
                match args {
                    Some(args) => {
                        let target = CallTarget::Construct { class: class.clone(), init: Some(method.id.clone()) };
                        let plan = CallPlan {
                            target,
                            args: args.into(),
                            signature: method.signature.clone(),
                            drop_receiver: false,
                        };
                        self.set(expr, result, ExprOp::Call(Box::new(plan)))
                    }
                    None => self.set(expr, result, ExprOp::Python),
                }
            }
            Some(_) => self.dynamic_call(expr, call, result),
        }
    }

    /// Methods of lists that have an instruction of their own where the list is exact. Arguments are left as an ordinary call has them.
    fn list_method(&mut self, expr: &Expr, receiver: &Type, call: &ast::ExprCall, name: &str) -> ExprOp {
        let positional = call.arguments.keywords.is_empty() && !call.arguments.args.iter().any(Expr::is_starred_expr);
        let list = fast_container(receiver)
            .filter(|fast| positional && matches!(fast.container, Container::List | Container::CheckedList));
        match (list, name, call.arguments.args.len()) {
            (Some(fast), "append", 1) if fast.exact => ExprOp::Append(fast),
            (Some(fast), "pop", 0) if fast.exact => ExprOp::Pop(fast),
            (Some(_), "append", 1) | (Some(_), "pop", 0) => {
                self.lint_inexact(expr, receiver, name);
                ExprOp::Python
            }
            _ => ExprOp::Python,
        }
    }

    /// A value called although it is a typing form.
    pub(super) fn unbound_union_call(&mut self, expr: &Expr, call: &ast::ExprCall) -> Type {
        self.silently_visit(call);
        let ty = self.fail(Rule::UnboundUnion, expr.range(), "cannot call unbound Union");
        self.set(expr, ty, ExprOp::Python)
    }
}

/// What an argument of type `src` makes of the type variable of its parameter, if that has one.
fn bound_variable(param: &Type, src: &Type) -> Option<Type> {
    match param {
        Type::TypeVar(_) => Some(src.clone()),
        Type::Union(members) if members.iter().any(|member| matches!(member, Type::TypeVar(_))) => {
            let rest = src.filter(|member| !members.contains(member));
            (rest != Type::Never).then_some(rest)
        }
        _ => None,
    }
}

fn is_spread(argument: ast::ArgOrKeyword<'_>) -> bool {
    match argument {
        ast::ArgOrKeyword::Arg(value) => value.is_starred_expr(),
        ast::ArgOrKeyword::Keyword(keyword) => keyword.arg.is_none(),
    }
}

fn empty_signature() -> Signature {
    Signature {
        params: Box::default(),
        returns: Type::None,
        returns_annotated: true,
        flags: cinder_types::FunctionFlags::default(),
    }
}
