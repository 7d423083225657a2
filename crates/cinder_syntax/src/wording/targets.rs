//! Errors about what cannot be assigned to or deleted.

use cinder_text::{Ranged, TextRange};
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext, Stmt, UnaryOp};

use super::context::Context;

/// The words and the place for an invalid target of an assignment, a loop, a comprehension or `with`.
pub(super) fn assignment(context: &Context<'_>, range: TextRange) -> (String, TextRange) {
    let mut finder = Finder { range, expr: None, stmt: None };
    finder.visit_body(&context.module.body);
    let Some(expr) = finder.expr else { return ("invalid syntax".to_owned(), range) };
    if context.lacks_operand(range) {
        return ("invalid syntax".to_owned(), context.token_after(range));
    }
    let is_grouped = context.is_parenthesized(expr.range());
    if matches!(expr, Expr::Yield(_) | Expr::YieldFrom(_)) && !is_grouped {
        return ("assignment to yield expression not possible".to_owned(), range);
    }
    // Only `in` could have followed the variables of a loop.
    let operand = match expr {
        Expr::Compare(compare) => Some(&*compare.left),
        Expr::If(conditional) => Some(&*conditional.body),
        _ => None,
    };
    if let Some(operand) = operand
        && !is_grouped
        && context.is_after_for(range)
    {
        let next = context.token_after(operand.range());
        let is_statement =
            context.first_of_line(range.start()) == TokenKind::For && context.is_at_level_zero(range.start());
        let message = if is_statement { "invalid syntax" } else { "'in' expected after for-loop variables" };
        return (message.to_owned(), next);
    }
    let name = name_of(expr);
    if let Some(Stmt::Assign(assign)) = finder.stmt
        && let [target] = &assign.targets[..]
        && (may_be_compared(target) || is_grouped && target.range() == expr.range())
        && (is_operand(&assign.value) || context.is_parenthesized(assign.value.range()))
        && target.range().contains_range(range)
    {
        let message = format!("cannot assign to {} here. Maybe you meant '==' instead of '='?", name_of(target));
        return (message, target.range());
    }
    (format!("cannot assign to {name}"), range)
}

/// What CPython calls the expression at `range`.
pub(super) fn name_at(context: &Context<'_>, range: TextRange) -> &'static str {
    let mut finder = Finder { range, expr: None, stmt: None };
    finder.visit_body(&context.module.body);
    finder.expr.map_or("expression", name_of)
}

/// Source: `_PyPegen_get_expr_name` in CPython's `Parser/pegen.c`.
fn name_of(expr: &Expr) -> &'static str {
    match expr {
        Expr::Attribute(_) => "attribute",
        Expr::Subscript(_) => "subscript",
        Expr::Starred(_) => "starred",
        Expr::Name(_) => "name",
        Expr::List(_) => "list",
        Expr::Tuple(_) => "tuple",
        Expr::Lambda(_) => "lambda",
        Expr::Call(_) => "function call",
        Expr::BoolOp(_) | Expr::BinOp(_) | Expr::UnaryOp(_) => "expression",
        Expr::Generator(_) => "generator expression",
        Expr::Yield(_) | Expr::YieldFrom(_) => "yield expression",
        Expr::Await(_) => "await expression",
        Expr::ListComp(_) => "list comprehension",
        Expr::SetComp(_) => "set comprehension",
        Expr::DictComp(_) => "dict comprehension",
        Expr::Dict(_) => "dict literal",
        Expr::Set(_) => "set display",
        Expr::FString(_) => "f-string expression",
        Expr::TString(_) => "t-string expression",
        Expr::NoneLiteral(_) => "None",
        Expr::BooleanLiteral(literal) if literal.value => "True",
        Expr::BooleanLiteral(_) => "False",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::Compare(_) => "comparison",
        Expr::If(_) => "conditional expression",
        Expr::Named(_) => "named expression",
        _ => "literal",
    }
}

/// Whether CPython suspects that `==` was meant after this target.
fn may_be_compared(target: &Expr) -> bool {
    let is_excluded = matches!(
        target,
        Expr::List(_) | Expr::Tuple(_) | Expr::Generator(_) | Expr::NoneLiteral(_) | Expr::BooleanLiteral(_)
    );
    is_operand(target) && !is_excluded
}

/// Whether the expression binds at least as tightly as `|`.
fn is_operand(expr: &Expr) -> bool {
    match expr {
        Expr::UnaryOp(unary) => unary.op != UnaryOp::Not,
        Expr::Name(name) => name.ctx != ExprContext::Invalid && !name.id.is_empty(),
        Expr::BoolOp(_) | Expr::Compare(_) | Expr::If(_) | Expr::Lambda(_) | Expr::Yield(_) | Expr::YieldFrom(_) => {
            false
        }
        Expr::Starred(_) | Expr::Named(_) => false,
        _ => true,
    }
}

/// Finds the outermost expression with exactly this range, and the statement around it.
struct Finder<'a> {
    range: TextRange,
    expr: Option<&'a Expr>,
    stmt: Option<&'a Stmt>,
}

impl<'a> Visitor<'a> for Finder<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if stmt.range().contains_range(self.range) && self.expr.is_none() {
            self.stmt = Some(stmt);
            visitor::walk_stmt(self, stmt);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if self.expr.is_some() || !expr.range().contains_range(self.range) {
            return;
        }
        if expr.range() == self.range {
            self.expr = Some(expr);
        } else {
            visitor::walk_expr(self, expr);
        }
    }
}
