//! What CPython's tokenizer and compiler warn about.
//!
//! Problem: texts compile that mean something else than it seems: `"\d"`, `x is 1`, `assert (a, b)`, `[1 (2)]`, `return` in `finally`.
//! Idea: one pass over the tokens and one over the tree of a text without errors.
//! Source: `Parser/string_parser.c`, `verify_end_of_number` in `Parser/lexer/lexer.c`, `Python/codegen.c` and `Python/ast_preprocess.c` of 3.14.

use cinder_text::{Ranged, TextRange, TextSize, slice};
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{self as ast, CmpOp, Expr, Number, Stmt};

use crate::parse::Parsed;

/// A SyntaxWarning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxWarning {
    pub message: String,
    /// What the SyntaxError says that the warning becomes where warnings are errors.
    pub error_message: String,
    pub range: TextRange,
    /// Found while reading the text; others are found when the tree is compiled.
    pub is_lexical: bool,
}

/// The warnings for a text without errors: those of its tokens, then those of its tree.
pub fn find_warnings(source: &str, parsed: &Parsed) -> Vec<SyntaxWarning> {
    let mut finder = Finder { found: Vec::new(), finally: Vec::new() };
    token_warnings(source, parsed, &mut finder.found);
    crate::parse::on_enough_stack(parsed.is_deep(), || {
        for statement in parsed.suite() {
            finder.visit_stmt(statement);
        }
        finder.found
    })
}

fn token_warnings(source: &str, parsed: &Parsed, found: &mut Vec<SyntaxWarning>) {
    if !source.contains('\\') && !source.bytes().any(|byte| byte.is_ascii_digit()) {
        return;
    }
    let mut is_raw_interpolated = Vec::new();
    let mut before: Option<(TokenKind, TextRange)> = None;
    for token in parsed.tokens() {
        let (kind, range) = (token.kind(), token.range());
        match kind {
            TokenKind::String => {
                let text = slice(source, range);
                let prefix = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).len();
                let flags = text[..prefix].to_ascii_lowercase();
                if !flags.contains('r') {
                    escape_warning(&text[prefix..], range, prefix, flags.contains('b'), found);
                }
            }
            TokenKind::FStringStart | TokenKind::TStringStart => {
                is_raw_interpolated.push(slice(source, range).contains(['r', 'R']));
            }
            TokenKind::FStringMiddle | TokenKind::TStringMiddle if is_raw_interpolated.last() == Some(&false) => {
                // The brace of a field may be what a backslash stands before.
                let is_field = source[range.end().to_usize()..].starts_with('{');
                let end = range.end() + TextSize::from(u32::from(is_field));
                escape_warning(slice(source, TextRange::new(range.start(), end)), range, 0, false, found);
            }
            TokenKind::FStringEnd | TokenKind::TStringEnd => {
                is_raw_interpolated.pop();
            }
            TokenKind::And
            | TokenKind::Else
            | TokenKind::For
            | TokenKind::If
            | TokenKind::In
            | TokenKind::Is
            | TokenKind::Not
            | TokenKind::Or => {
                if let Some((TokenKind::Int | TokenKind::Float | TokenKind::Complex, number)) = before
                    && number.end() == range.start()
                {
                    number_warning(slice(source, number), number, found);
                }
            }
            _ => {}
        }
        before = Some((kind, range));
    }
}

fn number_warning(text: &str, range: TextRange, found: &mut Vec<SyntaxWarning>) {
    let lower = text.to_ascii_lowercase();
    let kind = match lower.get(..2) {
        Some("0x") => "hexadecimal",
        Some("0o") => "octal",
        Some("0b") => "binary",
        _ if lower.ends_with('j') => "imaginary",
        _ => "decimal",
    };
    let message = format!("invalid {kind} literal");
    found.push(SyntaxWarning { error_message: message.clone(), message, range, is_lexical: true });
}

/// The first escape of a literal that means nothing. `text` starts `skip` bytes behind the start of `range`.
fn escape_warning(text: &str, range: TextRange, skip: usize, is_bytes: bool, found: &mut Vec<SyntaxWarning>) {
    let mut rest = 0;
    while let Some(at) = text[rest..].find('\\').map(|at| at + rest) {
        let Some(letter) = text[at + 1..].chars().next() else { return };
        rest = at + 1 + letter.len_utf8();
        let octal = || {
            let digits: String =
                text[at + 1..].chars().take(3).take_while(|digit| matches!(digit, '0'..='7')).collect();
            (u32::from_str_radix(&digits, 8).unwrap_or(0) > 0o377).then_some(digits)
        };
        let (shown, what) = match letter {
            '\n' | '\r' | '\\' | '\'' | '"' | 'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | 'x' => continue,
            'N' | 'u' | 'U' if !is_bytes => continue,
            '0'..='7' => match octal() {
                Some(digits) => (digits, "octal escape sequence"),
                None => continue,
            },
            other => (other.to_string(), "escape sequence"),
        };
        let len = 1 + shown.len();
        let start = range.start() + TextSize::from((skip + at) as u32);
        found.push(SyntaxWarning {
            message: format!(
                "\"\\{shown}\" is an invalid {what}. Such sequences will not work in the future. Did you mean \"\\\\{shown}\"? \
                 A raw string is also an option."
            ),
            error_message: format!(
                "\"\\{shown}\" is an invalid {what}. Did you mean \"\\\\{shown}\"? A raw string is also an option."
            ),
            range: TextRange::at(start, TextSize::from(len as u32)),
            is_lexical: true,
        });
        return;
    }
}

struct Finder {
    found: Vec<SyntaxWarning>,
    /// For each `finally` block around: whether a loop, or a function, lies between.
    finally: Vec<Around>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Finally,
    Loop,
    Function,
}

impl Finder {
    fn add(&mut self, message: String, range: TextRange) {
        self.found.push(SyntaxWarning { error_message: message.clone(), message, range, is_lexical: false });
    }

    fn within(&mut self, around: Around, work: impl FnOnce(&mut Self)) {
        self.finally.push(around);
        work(self);
        self.finally.pop();
    }

    /// `word` leaves the block; `stops` are what it does not leave.
    fn leaves_finally(&mut self, word: &str, range: TextRange, stops_at_loop: bool) {
        let inner = self.finally.iter().rev().find(|around| **around != Around::Loop || stops_at_loop);
        if inner == Some(&Around::Finally) {
            self.add(format!("'{word}' in a 'finally' block"), range);
        }
    }

    fn compare(&mut self, node: &ast::ExprCompare) {
        let is_plain = |expression: &Expr| constant_type(expression).is_none_or(is_singleton_type);
        let mut left = &*node.left;
        for (op, right) in node.ops.iter().zip(&node.comparators) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot) && !(is_plain(left) && is_plain(right)) {
                let literal = if is_plain(left) { right } else { left };
                let name = constant_type(literal).unwrap_or("object");
                let (word, other) = if *op == CmpOp::Is { ("is", "==") } else { ("is not", "!=") };
                self.add(format!("\"{word}\" with '{name}' literal. Did you mean \"{other}\"?"), node.range);
                return;
            }
            left = right;
        }
    }

    fn subscript(&mut self, node: &ast::ExprSubscript) {
        let value = &*node.value;
        let is_indexable = matches!(value, Expr::Tuple(_) | Expr::List(_) | Expr::ListComp(_) | Expr::FString(_))
            || matches!(constant_type(value), Some("str" | "bytes" | "tuple"));
        let is_unsubscriptable =
            matches!(value, Expr::Set(_) | Expr::SetComp(_) | Expr::Generator(_) | Expr::Lambda(_) | Expr::TString(_))
                || matches!(constant_type(value), Some("NoneType" | "ellipsis" | "int" | "float" | "complex" | "bool"));
        if is_unsubscriptable {
            let name = inferred_type(value).unwrap_or("object");
            self.add(format!("'{name}' object is not subscriptable; perhaps you missed a comma?"), node.range);
        } else if is_indexable {
            let Some(index) = inferred_type(&node.slice) else { return };
            if matches!(index, "int" | "bool" | "slice") {
                return;
            }
            let name = inferred_type(value).unwrap_or("object");
            self.add(
                format!("{name} indices must be integers or slices, not {index}; perhaps you missed a comma?"),
                node.range,
            );
        }
    }

    fn call(&mut self, node: &ast::ExprCall) {
        let func = &*node.func;
        let is_uncallable = !matches!(func, Expr::Lambda(_)) && inferred_type(func).is_some();
        if is_uncallable {
            let name = inferred_type(func).unwrap_or("object");
            self.add(format!("'{name}' object is not callable; perhaps you missed a comma?"), node.range());
        }
    }
}

impl<'a> Visitor<'a> for Finder {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assert(node) => {
                if matches!(&*node.test, Expr::Tuple(tuple) if !tuple.elts.is_empty()) {
                    self.add("assertion is always true, perhaps remove parentheses?".into(), node.range);
                }
                walk_stmt(self, statement);
            }
            Stmt::Try(node) => {
                for part in [&node.body, &node.orelse] {
                    part.iter().for_each(|statement| self.visit_stmt(statement));
                }
                node.handlers.iter().for_each(|handler| self.visit_except_handler(handler));
                self.within(Around::Finally, |this| {
                    node.finalbody.iter().for_each(|statement| this.visit_stmt(statement));
                });
            }
            Stmt::For(_) | Stmt::While(_) => self.within(Around::Loop, |this| walk_stmt(this, statement)),
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {
                self.within(Around::Function, |this| walk_stmt(this, statement));
            }
            Stmt::Return(node) => {
                self.leaves_finally("return", node.range, false);
                walk_stmt(self, statement);
            }
            Stmt::Break(node) => self.leaves_finally("break", node.range, true),
            Stmt::Continue(node) => self.leaves_finally("continue", node.range, true),
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Compare(node) => self.compare(node),
            Expr::Subscript(node) => self.subscript(node),
            Expr::Call(node) => self.call(node),
            _ => {}
        }
        walk_expr(self, expression);
    }
}

/// Type of an expression that is a constant after folding.
fn constant_type(expression: &Expr) -> Option<&'static str> {
    Some(match expression {
        Expr::StringLiteral(_) => "str",
        Expr::BytesLiteral(_) => "bytes",
        Expr::NumberLiteral(node) => match node.value {
            Number::Int(_) => "int",
            Number::Float(_) => "float",
            Number::Complex { .. } => "complex",
        },
        Expr::BooleanLiteral(_) => "bool",
        Expr::NoneLiteral(_) => "NoneType",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::UnaryOp(node) if matches!(node.op, ast::UnaryOp::USub | ast::UnaryOp::UAdd) => {
            return constant_type(&node.operand).filter(|name| matches!(*name, "int" | "float" | "complex"));
        }
        Expr::Tuple(node) if node.elts.iter().all(|item| constant_type(item).is_some()) => "tuple",
        _ => return None,
    })
}

/// Singletons, which `is` is right for.
fn is_singleton_type(name: &str) -> bool {
    matches!(name, "bool" | "NoneType" | "ellipsis")
}

/// Type of an expression that shows it (CPython `infer_type`).
fn inferred_type(expression: &Expr) -> Option<&'static str> {
    Some(match expression {
        Expr::Tuple(_) => "tuple",
        Expr::List(_) | Expr::ListComp(_) => "list",
        Expr::Dict(_) | Expr::DictComp(_) => "dict",
        Expr::Set(_) | Expr::SetComp(_) => "set",
        Expr::Generator(_) => "generator",
        Expr::Lambda(_) => "function",
        Expr::TString(_) => "string.templatelib.Template",
        Expr::FString(_) => "str",
        other => return constant_type(other),
    })
}
