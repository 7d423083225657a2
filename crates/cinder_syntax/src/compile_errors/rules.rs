//! Rules of CPython's compiler that the parser crate's checker does not have.
//!
//! Each is a function of a node (and, where it matters, of the surroundings) that reports at most a few errors.

use cinder_text::{Ranged, TextRange};
use ruff_python_ast::{self as ast, Expr, ExprContext, InterpolatedStringElement, Pattern, Stmt, TypeParams};

use crate::error::{Phase, SyntaxError, SyntaxErrorKind};

/// CPython's `CO_MAXBLOCKS`, less the function's own block.
pub(super) const MAX_BLOCKS: u32 = 20;

pub(super) type Report<'r> = &'r mut dyn FnMut(SyntaxError);

pub(super) fn error(phase: Phase, message: impl Into<String>, range: TextRange) -> SyntaxError {
    SyntaxError::new(SyntaxErrorKind::Syntax, message, range).at_phase(phase)
}

pub(super) fn statement(stmt: &Stmt, report: Report<'_>) {
    match stmt {
        Stmt::Try(node) => {
            let handlers = node.handlers.iter().rev().skip(1);
            for ast::ExceptHandler::ExceptHandler(handler) in handlers.rev() {
                if handler.type_.is_none() {
                    report(error(Phase::Compile, "default 'except:' must be last", handler.range));
                }
            }
        }
        Stmt::Expr(node) if node.value.is_starred_expr() => {
            report(error(Phase::Compile, "can't use starred expression here", node.range));
        }
        Stmt::Match(node) => {
            for case in &node.cases {
                pattern_alternatives(&case.pattern, report);
            }
        }
        Stmt::ClassDef(node) => {
            if let Some(arguments) = &node.arguments {
                debug_keywords(arguments, report);
            }
            reserved_type_params(node.type_params.as_deref(), report);
        }
        Stmt::FunctionDef(node) => reserved_type_params(node.type_params.as_deref(), report),
        Stmt::TypeAlias(node) => reserved_type_params(node.type_params.as_deref(), report),
        Stmt::AnnAssign(node) => {
            if let Expr::Attribute(target) = &*node.target
                && node.value.is_none()
            {
                debug_attribute(target, report);
            }
        }
        _ => {}
    }
}

pub(super) fn expression(expr: &Expr, report: Report<'_>) {
    match expr {
        Expr::Attribute(node) if matches!(node.ctx, ExprContext::Store | ExprContext::Del) => {
            debug_attribute(node, report);
        }
        Expr::Call(node) => debug_keywords(&node.arguments, report),
        Expr::FString(node) => {
            for element in node.value.elements() {
                format_depth(element, 0, report);
            }
        }
        _ => {}
    }
}

fn debug_attribute(node: &ast::ExprAttribute, report: Report<'_>) {
    if node.attr.as_str() == "__debug__" {
        let word = if node.ctx == ExprContext::Del { "delete" } else { "assign to" };
        report(error(Phase::Compile, format!("cannot {word} __debug__"), node.range));
    }
}

fn debug_keywords(arguments: &ast::Arguments, report: Report<'_>) {
    for keyword in &arguments.keywords {
        if keyword.arg.as_ref().is_some_and(|name| name.as_str() == "__debug__") {
            report(error(Phase::Compile, "cannot assign to __debug__", keyword.range));
        }
    }
}

fn reserved_type_params(type_params: Option<&TypeParams>, report: Report<'_>) {
    for param in type_params.into_iter().flat_map(|params| &params.type_params) {
        let name = param.name().as_str();
        if name == "__classdict__" {
            let message = format!("reserved name '{name}' cannot be used for type parameter");
            report(error(Phase::Symbols, message, param.range()));
        }
    }
}

/// A replacement field with a starred value, or three formats deep.
fn format_depth(element: &InterpolatedStringElement, depth: u32, report: Report<'_>) {
    let InterpolatedStringElement::Interpolation(field) = element else { return };
    if depth > 2 {
        report(error(Phase::Parse, "f-string: expressions nested too deeply", field.range));
        return;
    }
    if field.expression.is_starred_expr() {
        report(error(Phase::Compile, "can't use starred expression here", field.expression.range()));
    }
    for inner in field.format_spec.iter().flat_map(|spec| &spec.elements) {
        format_depth(inner, depth + 1, report);
    }
}

/// Alternatives after one that always matches, and what no pattern may be.
fn pattern_alternatives(pattern: &Pattern, report: Report<'_>) {
    match pattern {
        Pattern::MatchOr(node) => {
            let (_, earlier) = node.patterns.split_last().unwrap_or((pattern, &[]));
            for alternative in earlier {
                match alternative.irrefutable_pattern().map(|found| found.kind) {
                    Some(ast::IrrefutablePatternKind::Name(name)) => {
                        let message = format!("name capture '{name}' makes remaining patterns unreachable");
                        report(error(Phase::Compile, message, alternative.range()));
                    }
                    Some(ast::IrrefutablePatternKind::Wildcard) => {
                        let message = "wildcard makes remaining patterns unreachable";
                        report(error(Phase::Compile, message, alternative.range()));
                    }
                    None => {}
                }
            }
            for alternative in &node.patterns {
                pattern_alternatives(alternative, report);
            }
        }
        Pattern::MatchValue(node) if node.value.is_f_string_expr() || node.value.is_t_string_expr() => {
            report(error(Phase::Parse, "patterns may only match literals and attribute lookups", node.range));
        }
        Pattern::MatchValue(node) if matches!(&*node.value, Expr::BinOp(sum) if !matches!(sum.op, ast::Operator::Add | ast::Operator::Sub)) =>
        {
            report(error(Phase::Parse, "invalid syntax", node.range));
        }
        Pattern::MatchSequence(node) => {
            for inner in &node.patterns {
                pattern_alternatives(inner, report);
            }
        }
        Pattern::MatchMapping(node) => {
            for inner in &node.patterns {
                pattern_alternatives(inner, report);
            }
        }
        Pattern::MatchClass(node) => {
            for keyword in &node.arguments.keywords {
                if keyword.attr.as_str() == "__debug__" {
                    report(error(Phase::Compile, "cannot assign to __debug__", keyword.range));
                }
                pattern_alternatives(&keyword.pattern, report);
            }
            for inner in &node.arguments.patterns {
                pattern_alternatives(inner, report);
            }
        }
        Pattern::MatchAs(node) => {
            if let Some(inner) = &node.pattern {
                pattern_alternatives(inner, report);
            }
        }
        Pattern::MatchValue(_) | Pattern::MatchSingleton(_) | Pattern::MatchStar(_) => {}
    }
}
