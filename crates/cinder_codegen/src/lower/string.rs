//! String literals: docstrings, and lone surrogates, which the tree cannot hold.

use super::Lowerer;
use cinder_bytecode::Constant;
use cinder_syntax::ast::{self, Expr, Stmt};
use cinder_text::Ranged;

/// The docstring of a body and the statements after it.
pub(super) fn docstring(body: &[Stmt]) -> Option<(&ast::ExprStringLiteral, &[Stmt])> {
    let (first, rest) = body.split_first()?;
    match first {
        Stmt::Expr(statement) => match &*statement.value {
            Expr::StringLiteral(literal) => Some((literal, rest)),
            _ => None,
        },
        _ => None,
    }
}

/// Removes the common indentation of all lines but the first, and leading space of the first.
///
/// Source: `_PyCompile_CleanDoc` of CPython 3.13, which differs from `inspect.cleandoc` in keeping blank lines at the ends.
pub(super) fn clean_docstring(text: &Constant) -> Constant {
    let Constant::Str(text) = text else { return text.clone() };
    let expanded = expand_tabs(text);
    let mut lines = expanded.split('\n');
    let first = lines.next().unwrap_or_default();
    let rest: Vec<&str> = lines.collect();
    let margin = rest
        .iter()
        .filter(|line| !line.trim_start_matches(' ').is_empty())
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .min()
        .unwrap_or(0);
    let mut cleaned = first.trim_start_matches(' ').to_string();
    for line in rest {
        cleaned.push('\n');
        let spaces = line.len() - line.trim_start_matches(' ').len();
        cleaned.push_str(&line[spaces.min(margin)..]);
    }
    Constant::Str(cleaned.into())
}

fn expand_tabs(text: &str) -> String {
    if !text.contains('\t') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for char in text.chars() {
        match char {
            '\t' => {
                let width = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            '\n' | '\r' => {
                out.push(char);
                column = 0;
            }
            _ => {
                out.push(char);
                column += 1;
            }
        }
    }
    out
}

impl Lowerer<'_> {
    /// The value of a string literal, its parts joined.
    pub(crate) fn string_constant(&self, literal: &ast::ExprStringLiteral) -> Constant {
        let text = literal.value.to_str();
        if !text.contains('\u{fffd}') {
            return Constant::Str(text.into());
        }
        let mut points: Vec<u32> = Vec::new();
        for part in literal.value.as_slice() {
            self.decode(part, &mut points);
        }
        match points.iter().map(|point| char::from_u32(*point)).collect::<Option<String>>() {
            Some(text) => Constant::Str(text.into()),
            None => Constant::Surrogates(points.into()),
        }
    }

    /// The code points of one literal, where the tree has U+FFFD for a surrogate written as an escape.
    fn decode(&self, part: &ast::StringLiteral, points: &mut Vec<u32>) {
        let source = cinder_text::slice(self.source, part.range());
        let mut escapes = surrogate_escapes(source).into_iter();
        let has_escapes = !source.trim_start_matches(|char: char| char.is_ascii_alphabetic()).is_empty()
            && !source.split(['"', '\'']).next().unwrap_or_default().contains(['r', 'R']);
        for char in part.value.chars() {
            match char {
                '\u{fffd}' if has_escapes => points.push(escapes.next().unwrap_or(0xfffd)),
                other => points.push(other as u32),
            }
        }
    }
}

/// What each U+FFFD of a literal's value stood for, in order: an escape of a surrogate or the character itself.
fn surrogate_escapes(source: &str) -> Vec<u32> {
    let mut found = Vec::new();
    let mut chars = source.char_indices();
    while let Some((_, char)) = chars.next() {
        if char == '\u{fffd}' {
            found.push(0xfffd);
        }
        if char != '\\' {
            continue;
        }
        let Some((at, kind)) = chars.next() else { break };
        let digits = match kind {
            'u' => 4,
            'U' => 8,
            'N' => {
                if source[at..].starts_with("N{REPLACEMENT CHARACTER}") {
                    found.push(0xfffd);
                }
                continue;
            }
            _ => continue,
        };
        let code = source.get(at + 1..at + 1 + digits).and_then(|text| u32::from_str_radix(text, 16).ok());
        if let Some(code @ (0xd800..=0xdfff | 0xfffd)) = code {
            found.push(code);
        }
    }
    found
}
