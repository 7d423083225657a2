//! Semantic errors in CPython's words.

use cinder_text::{TextRange, slice};
use ruff_python_ast::IrrefutablePatternKind;
use ruff_python_parser::semantic_errors::{
    AwaitOutsideAsyncFunctionKind, InvalidExpressionKind, InvalidExpressionPosition, SemanticSyntaxError,
    SemanticSyntaxErrorKind as Kind, WriteToDebugKind, YieldOutsideFunctionKind,
};

use super::{ComprehensionKind, ScopeKind};
use crate::error::Phase;

const ASYNC_COMPREHENSION: &str = "asynchronous comprehension outside of an asynchronous function";

/// Where CPython points: at the whole comprehension when it is the comprehension that is wrong.
pub(super) fn place(error: &SemanticSyntaxError, scope: ScopeKind, scope_range: TextRange) -> TextRange {
    match (&error.kind, scope) {
        (
            Kind::YieldOutsideFunction(YieldOutsideFunctionKind::Await)
            | Kind::AwaitOutsideAsyncFunction(AwaitOutsideAsyncFunctionKind::Await),
            ScopeKind::Comprehension(_),
        ) => scope_range,
        _ => error.range,
    }
}

/// The phase that finds `error`, and its message. `scope` is the scope the error lies in.
pub(super) fn of(source: &str, error: &SemanticSyntaxError, scope: ScopeKind) -> (Phase, String) {
    let text = slice(source, error.range);
    let symbols = |message: String| (Phase::Symbols, message);
    let compile = |message: String| (Phase::Compile, message);
    match &error.kind {
        Kind::LateFutureImport => compile("from __future__ imports must occur at the beginning of the file".to_owned()),
        Kind::FutureFeatureNotDefined(name) if name == "braces" => compile("not a chance".to_owned()),
        Kind::FutureFeatureNotDefined(name) => compile(format!("future feature {name} is not defined")),
        Kind::NamedExpressionInComprehensionIterable => {
            symbols("assignment expression cannot be used in a comprehension iterable expression".to_owned())
        }
        Kind::NamedExpressionInClassBodyComprehension => {
            symbols("assignment expression within a comprehension cannot be used in a class body".to_owned())
        }
        Kind::DuplicateTypeParameter => {
            let name: String = text
                .trim_start_matches('*')
                .trim_start()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            symbols(format!("duplicate type parameter '{name}'"))
        }
        Kind::TypeParameterDefaultOrder(name) => {
            symbols(format!("non-default type parameter '{name}' follows default type parameter"))
        }
        Kind::MultipleCaseAssignment(name) => compile(format!("multiple assignments to name '{name}' in pattern")),
        Kind::MultipleStarredNamesInSequencePattern => {
            compile("multiple starred expressions in sequence pattern".to_owned())
        }
        Kind::IrrefutableCasePattern(IrrefutablePatternKind::Name(name)) => {
            compile(format!("name capture '{name}' makes remaining patterns unreachable"))
        }
        Kind::IrrefutableCasePattern(IrrefutablePatternKind::Wildcard) => {
            compile("wildcard makes remaining patterns unreachable".to_owned())
        }
        Kind::SingleStarredAssignment => compile("starred assignment target must be in a list or tuple".to_owned()),
        Kind::WriteToDebug(WriteToDebugKind::Store) => compile("cannot assign to __debug__".to_owned()),
        Kind::WriteToDebug(WriteToDebugKind::Delete(_)) => compile("cannot delete __debug__".to_owned()),
        Kind::InvalidExpression(kind, position) => {
            symbols(format!("{} cannot be used within {}", expression_kind(kind), expression_position(position)))
        }
        Kind::DuplicateMatchKey(key) => compile(format!("mapping pattern checks duplicate key ({key})")),
        Kind::DuplicateMatchClassAttribute(name) => {
            compile(format!("attribute name repeated in class pattern: {name}"))
        }
        Kind::InvalidStarExpression => compile("can't use starred expression here".to_owned()),
        Kind::YieldOutsideFunction(kind) => match (kind, scope) {
            (YieldOutsideFunctionKind::Await, ScopeKind::Comprehension(_)) => compile(ASYNC_COMPREHENSION.to_owned()),
            (YieldOutsideFunctionKind::Await, _) => compile("'await' outside function".to_owned()),
            (_, ScopeKind::Comprehension(kind)) => symbols(format!("'yield' inside {}", comprehension(kind))),
            (YieldOutsideFunctionKind::Yield, _) => compile("'yield' outside function".to_owned()),
            (YieldOutsideFunctionKind::YieldFrom, _) => compile("'yield from' outside function".to_owned()),
        },
        Kind::ReturnOutsideFunction => compile("'return' outside function".to_owned()),
        Kind::AwaitOutsideAsyncFunction(kind) => compile(
            match kind {
                // `await` makes a comprehension asynchronous.
                AwaitOutsideAsyncFunctionKind::Await if matches!(scope, ScopeKind::Comprehension(_)) => {
                    ASYNC_COMPREHENSION
                }
                AwaitOutsideAsyncFunctionKind::Await => "'await' outside async function",
                AwaitOutsideAsyncFunctionKind::AsyncFor => "'async for' outside async function",
                AwaitOutsideAsyncFunctionKind::AsyncWith => "'async with' outside async function",
                AwaitOutsideAsyncFunctionKind::AsyncComprehension => ASYNC_COMPREHENSION,
            }
            .to_owned(),
        ),
        Kind::DuplicateParameter(name) => symbols(format!("duplicate argument '{name}' in function definition")),
        Kind::NonlocalDeclarationAtModuleLevel => {
            symbols("nonlocal declaration not allowed at module level".to_owned())
        }
        Kind::DuplicateKeywordArgument(name) => compile(format!("keyword argument repeated: {name}")),
        Kind::YieldFromInAsyncFunction => compile("'yield from' inside async function".to_owned()),
        Kind::NonModuleImportStar(_) => symbols("import * only allowed at module level".to_owned()),
        Kind::MultipleStarredExpressions => compile("multiple starred expressions in assignment".to_owned()),
        Kind::BreakOutsideLoop => compile("'break' outside loop".to_owned()),
        Kind::ContinueOutsideLoop => compile("'continue' not properly in loop".to_owned()),
        Kind::DifferentMatchPatternBindings => compile("alternative patterns bind different names".to_owned()),
        Kind::ReturnInGenerator => compile("'return' with value in async generator".to_owned()),
        // The walker keeps these rules itself, or 3.14 has no such syntax; the checker's own words serve.
        _ => compile(error.to_string().replace('`', "'")),
    }
}

fn expression_kind(kind: &InvalidExpressionKind) -> &'static str {
    match kind {
        InvalidExpressionKind::Yield => "yield expression",
        InvalidExpressionKind::NamedExpr => "named expression",
        InvalidExpressionKind::Await => "await expression",
    }
}

fn expression_position(position: &InvalidExpressionPosition) -> &'static str {
    match position {
        InvalidExpressionPosition::TypeVarBound => "a TypeVar bound",
        InvalidExpressionPosition::TypeVarDefault => "a TypeVar default",
        InvalidExpressionPosition::TypeVarTupleDefault => "a TypeVarTuple default",
        InvalidExpressionPosition::ParamSpecDefault => "a ParamSpec default",
        InvalidExpressionPosition::TypeAnnotation => "an annotation",
        InvalidExpressionPosition::GenericDefinition => "the definition of a generic",
        InvalidExpressionPosition::TypeAlias => "a type alias",
    }
}

fn comprehension(kind: ComprehensionKind) -> &'static str {
    match kind {
        ComprehensionKind::List => "list comprehension",
        ComprehensionKind::Set => "set comprehension",
        ComprehensionKind::Dict => "dict comprehension",
        ComprehensionKind::Generator => "generator expression",
    }
}
