//! PEP 695: type parameters and `type` statements.
//!
//! Idea: the parameters live in a function of their own around the thing they belong to (`<generic parameters of f>`), called at once.

use super::call::HEADER;
use super::function::FunctionPlaces;
use super::{Lowerer, Reg};
use cinder_bytecode::{CommonConstant, CompareOp, Constant, Intrinsic, Opcode, function_flags};
use cinder_semantic::{ScopeId, ScopeKind};
use cinder_syntax::ast::{self, Expr, TypeParam, TypeParams, name::Name};
use cinder_text::{Ranged, TextRange};
use num_bigint::BigInt;

impl<'a> Lowerer<'a> {
    /// Calls a new function whose body defines the type parameters and then returns what `body` leaves in a register. `arguments` lays down
    /// the call's arguments in the outer scope.
    fn in_type_parameters(
        &mut self,
        name: &str,
        range: TextRange,
        arguments: impl FnOnce(&mut Self) -> u32,
        body: impl FnOnce(&mut Self) -> Reg,
    ) -> Reg {
        let header = self.range;
        let base = self.top;
        let callee = self.alloc();
        self.top = base + HEADER;
        self.reserve(base + HEADER);
        let count = arguments(self);
        let after = self.top;
        self.reserve(after);
        let places = self.function_places(None);
        let scope = self.scope_at(ScopeKind::TypeParameters, range);
        let line = self.line_number(range.start());
        self.enter(scope, &format!("<generic parameters of {name}>"), line, None);
        self.range = header;
        let result = body(self);
        self.range = header;
        let code = self.leave_with_return(result);
        self.range = header;
        self.make_function(code, scope, places, None, after, Some(callee));
        let out = self.finish(base, None);
        self.emit(Opcode::CALL, out, base, count);
        out
    }

    pub(super) fn generic_function(&mut self, node: &'a ast::StmtFunctionDef, params: &'a TypeParams) -> Reg {
        let mut given = 0;
        let arguments = |this: &mut Self| {
            let mut count = 0;
            let register = this.alloc();
            if this.default_tuple(&node.parameters, register) {
                given |= function_flags::DEFAULTS;
                count += 1;
            } else {
                this.top = register;
            }
            let register = this.alloc();
            if this.keyword_defaults(&node.parameters, register) {
                given |= function_flags::KWDEFAULTS;
                count += 1;
            } else {
                this.top = register;
            }
            count
        };
        let header = self.range;
        let has_defaults = node.parameters.posonlyargs.iter().chain(&node.parameters.args).any(|p| p.default.is_some());
        let has_keyword_defaults = node.parameters.kwonlyargs.iter().any(|p| p.default.is_some());
        let out = self.in_type_parameters(&node.name.id, node.range, arguments, |this| {
            let tuple = this.type_parameters(params);
            this.range = header;
            // MAKE_FUNCTION's result and the tuple lie side by side for the intrinsic.
            let pair = this.alloc_run(2);
            this.emit(Opcode::MOVE, pair + 1, tuple, 0);
            let first = this.alloc_run(4);
            let mut places = FunctionPlaces { first, flags: 0 };
            let mut parameter = 0;
            if has_defaults {
                this.emit(Opcode::MOVE, first, parameter, 0);
                places.flags |= function_flags::DEFAULTS;
                parameter += 1;
            }
            if has_keyword_defaults {
                this.emit(Opcode::MOVE, first + 1, parameter, 0);
                places.flags |= function_flags::KWDEFAULTS;
            }
            let function = this.function(node, places, first);
            this.emit(Opcode::MOVE, pair, function, 0);
            this.emit(Opcode::CALL_INTRINSIC, pair, pair, Intrinsic::SetFunctionTypeParams.number().into());
            pair
        });
        debug_assert_eq!(given & function_flags::DEFAULTS != 0, has_defaults);
        out
    }

    pub(super) fn generic_class(&mut self, node: &'a ast::StmtClassDef, params: &'a TypeParams) -> Reg {
        let header = self.range;
        self.in_type_parameters(
            &node.name.id,
            node.range,
            |_| 0,
            |this| {
                let tuple = this.type_parameters(params);
                this.range = header;
                this.store_name(".type_params", tuple);
                this.emit(Opcode::CALL_INTRINSIC, tuple, tuple, Intrinsic::SubscriptGeneric.number().into());
                this.store_name(".generic_base", tuple);
                this.class(node, Some(".generic_base"))
            },
        )
    }

    pub(super) fn type_alias(&mut self, node: &'a ast::StmtTypeAlias) {
        let mark = self.top;
        self.at(node);
        let Expr::Name(name) = &*node.name else {
            return self.error("invalid syntax", node.range);
        };
        let alias = match &node.type_params {
            None => self.type_alias_value(node, &name.id, None),
            Some(params) => self.in_type_parameters(
                &name.id,
                node.range,
                |_| 0,
                |this| {
                    let tuple = this.type_parameters(params);
                    this.at(node);
                    this.type_alias_value(node, &name.id, Some(tuple))
                },
            ),
        };
        self.at(node);
        self.store_name(&name.id, alias);
        self.top = mark;
    }

    fn type_alias_value(&mut self, node: &'a ast::StmtTypeAlias, name: &Name, params: Option<Reg>) -> Reg {
        let first = self.alloc_run(3);
        self.load_constant(first, Constant::Str(name.as_str().into()));
        match params {
            Some(params) => self.emit(Opcode::MOVE, first + 1, params, 0),
            None => self.load_none(first + 1),
        }
        let scope = self.scope_at(ScopeKind::TypeAlias, node.range);
        self.evaluator(scope, name, &node.value, first + 2);
        self.at(node);
        self.emit(Opcode::CALL_INTRINSIC, first, first, Intrinsic::TypeAlias.number().into());
        self.top = first + 1;
        first
    }

    /// A function of one parameter, the format, that returns `value`; lazily evaluated bounds, defaults and aliases are such.
    fn evaluator(&mut self, scope: ScopeId, name: &str, value: &'a Expr, dst: Reg) {
        let mark = self.top;
        let range = self.range;
        let mut places = self.function_places(None);
        self.load_constant(places.first, Constant::Tuple([Constant::Int(BigInt::from(1))].into()));
        places.flags |= function_flags::DEFAULTS;
        let line = self.line_number(value.start());
        self.enter(scope, name, line, None);
        self.range = range;
        self.check_format();
        let register = if let Expr::Starred(starred) = value {
            // `*Ts = *tuple[int]`: the default is the unpacked type itself.
            self.unpacked_type(&starred.value, starred.range)
        } else {
            self.value(value)
        };
        self.at(value);
        let code = self.leave_with_return(register);
        self.range = range;
        self.make_function(code, scope, places, None, mark, Some(dst));
        self.top = mark;
    }

    /// The one value that iterating over `value` gives, as annotations and defaults use `*`.
    pub(super) fn unpacked_type(&mut self, value: &'a Expr, range: TextRange) -> Reg {
        let mark = self.top;
        let register = self.value(value);
        let out = self.finish(mark, None);
        self.range = Some(range);
        self.emit(Opcode::UNPACK_SEQUENCE, out, register, 1);
        out
    }

    /// Refuses formats beyond VALUE_WITH_FAKE_GLOBALS: parameter 0 must not be greater than 2.
    pub(super) fn check_format(&mut self) {
        let mark = self.top;
        let supported = self.label();
        let two = self.constants.place(Constant::Int(BigInt::from(2)));
        let result = self.alloc();
        self.emit_number(Opcode::COMPARE_OP_K, result, 0, two, CompareOp::Gt.number().into());
        self.jump_if(result, false, supported);
        let number = CommonConstant::NotImplementedError.number().into();
        self.emit_number(Opcode::LOAD_COMMON_CONSTANT, result, 0, 0, number);
        self.emit(Opcode::RAISE, result, 0, 0);
        self.place(supported);
        self.top = mark;
    }

    /// Makes the parameters, binds their names and leaves a tuple of them in a temporary at the mark.
    fn type_parameters(&mut self, params: &'a TypeParams) -> Reg {
        let first = self.top;
        for param in &params.type_params {
            self.type_parameter(param);
        }
        self.at(params);
        let out = self.finish(first, None);
        self.emit(Opcode::BUILD_TUPLE, out, first, params.type_params.len() as Reg);
        out
    }

    fn type_parameter(&mut self, param: &'a TypeParam) {
        let place = self.alloc();
        let (name, plain) = match param {
            TypeParam::TypeVar(param) => (&param.name, Intrinsic::TypeVar),
            TypeParam::TypeVarTuple(param) => (&param.name, Intrinsic::TypeVarTuple),
            TypeParam::ParamSpec(param) => (&param.name, Intrinsic::ParamSpec),
        };
        self.at(param);
        let bound = match param {
            TypeParam::TypeVar(param) => param.bound.as_deref(),
            _ => None,
        };
        let operands = self.alloc_run(2);
        self.load_constant(operands, Constant::Str(name.id.as_str().into()));
        let intrinsic = match bound {
            None => plain,
            Some(bound) => {
                let scope = self.scope_at(ScopeKind::TypeVariable, bound.range());
                self.evaluator(scope, &name.id, bound, operands + 1);
                if bound.is_tuple_expr() { Intrinsic::TypeVarWithConstraints } else { Intrinsic::TypeVarWithBound }
            }
        };
        self.at(param);
        self.emit(Opcode::CALL_INTRINSIC, operands, operands, intrinsic.number().into());
        if let Some(default) = param.default() {
            let scope = self.scope_at(ScopeKind::TypeVariable, default.range());
            self.evaluator(scope, &name.id, default, operands + 1);
            self.at(param);
            self.emit(Opcode::CALL_INTRINSIC, operands, operands, Intrinsic::SetTypeParamDefault.number().into());
        }
        self.emit(Opcode::MOVE, place, operands, 0);
        self.store_name(&name.id, place);
        self.top = place + 1;
    }
}
