//! What the marks in tracebacks point at: needs the tree of the expression, so it lives on the compiler's side.
//!
//! Source: Lib/traceback.py `_extract_caret_anchors_from_line_segment`, `_should_show_carets`.

use cinder_syntax::ast::{Expr, Stmt};
use cinder_text::Ranged;
use cinder_vm::exception::source::CaretAnchors;

/// A place as line and character, both from 0.
type Place = (usize, usize);

fn place(text: &str, offset: usize) -> Place {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count())
}

/// The operator of a binary operation, the brackets of a subscript, the arguments of a call.
pub(crate) fn anchors(segment: &str) -> Option<CaretAnchors> {
    // In brackets, so that the text may go over several lines.
    let text = format!("(\n{segment}\n)");
    let parsed = cinder_syntax::parse(&text, cinder_syntax::Mode::Module);
    if parsed.first_error().is_some() {
        return None;
    }
    let [Stmt::Expr(statement)] = &parsed.module().body[..] else { return None };
    let skip = 2;
    let end_of = |expression: &Expr| usize::from(expression.range().end()) - skip;
    let find = |from: usize, wanted: fn(char) -> bool| {
        segment[from..].char_indices().find(|(_, c)| wanted(*c)).map(|(at, _)| from + at)
    };
    let made = |left: Place, right: Place| CaretAnchors {
        left_line: left.0,
        left_offset: left.1,
        right_line: right.0,
        right_offset: right.1,
    };
    match &*statement.value {
        Expr::BinOp(operation) => {
            let start = find(end_of(&operation.left), |c| !c.is_whitespace() && c != ')' && c != '\\')?;
            let right_start = usize::from(operation.right.range().start()) - skip;
            let mut end = start + segment[start..].chars().next()?.len_utf8();
            if end < right_start && segment[end..].starts_with(|c: char| !c.is_whitespace() && c != '\\' && c != '#') {
                end += 1;
            }
            Some(made(place(segment, start), place(segment, end)))
        }
        Expr::Subscript(subscript) => {
            let start = find(end_of(&subscript.value), |c| c == '[')?;
            Some(made(place(segment, start), place(segment, end_of(&statement.value))))
        }
        Expr::Call(call) => {
            let start = find(end_of(&call.func), |c| c == '(')?;
            Some(made(place(segment, start), place(segment, end_of(&statement.value))))
        }
        _ => None,
    }
}

/// Whether the statement is `return name(..)`, `x = call(..)` or a lone call that fills it from character `start` to `end`.
pub(crate) fn is_whole_call(lines: &[String], start: usize, end: usize) -> bool {
    let text = lines.join("\n");
    let parsed = cinder_syntax::parse(&text, cinder_syntax::Mode::Module);
    // A lone `return` is an error of a later phase.
    if parsed.errors().iter().any(|error| error.phase.is_parsing()) {
        return false;
    }
    let call = match parsed.module().body.first() {
        Some(Stmt::Return(statement)) => match statement.value.as_deref() {
            Some(value @ Expr::Call(call)) if matches!(&*call.func, Expr::Name(_)) => value,
            _ => return false,
        },
        Some(Stmt::Assign(statement)) => match &*statement.value {
            value @ Expr::Call(_) => value,
            _ => return false,
        },
        _ => return false,
    };
    let range = call.range();
    let (first, last) = (place(&text, range.start().into()), place(&text, range.end().into()));
    first == (0, start) && last == (lines.len() - 1, end)
}
