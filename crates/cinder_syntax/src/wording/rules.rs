//! Mistakes that CPython's grammar has rules for, found by the tokens around them.
//!
//! Source: the `invalid_*` rules of CPython's `Grammar/python.gram`, named at each function.

use cinder_text::{Ranged, TextRange, TextSize, slice};
use ruff_python_ast::token::{Token, TokenKind};

use super::context::{Context, ends_expression, is_closing, is_opening, starts_expression};
use super::{MAX_LOOK, Worded};

impl Context<'_> {
    /// The words of the first rule that fits. `here` is the first token that does not fit, at position `at`; `last` the one before.
    pub(super) fn by_rule(&self, at: usize, here: &Token, last: &Token) -> Option<Worded> {
        self.augmented_tuple(here, last)
            .or_else(|| self.string_in_string(at, here, last))
            .or_else(|| self.parameter_separators(here, last))
            .or_else(|| self.walrus_target(here, last))
    }

    /// `a, b += 1` (`invalid_assignment`).
    fn augmented_tuple(&self, here: &Token, last: &Token) -> Option<Worded> {
        if here.kind().as_augmented_assign_operator().is_none() || !self.is_at_level_zero(here.start()) {
            return None;
        }
        let start = self.line_before(here.start()).last()?.start();
        let (mut depth, mut has_comma) = (0_u32, false);
        for token in self.line_before(here.start()) {
            match token.kind() {
                kind if is_closing(kind) => depth += 1,
                kind if is_opening(kind) => depth = depth.saturating_sub(1),
                TokenKind::Comma if depth == 0 => has_comma = true,
                kind if depth == 0 && !ends_expression(kind) && kind != TokenKind::Dot => return None,
                _ => {}
            }
        }
        let message = "'tuple' is an illegal expression for augmented assignment";
        has_comma.then(|| (message.to_owned(), TextRange::new(start, last.end())))
    }

    /// `"a "quoted" word"` (`invalid_expression`).
    fn string_in_string(&self, at: usize, here: &Token, last: &Token) -> Option<Worded> {
        if last.kind() != TokenKind::String || !starts_expression(here.kind()) || here.kind() == TokenKind::String {
            return None;
        }
        let mut end = here.end();
        for token in self.tokens.get(at + 1..)?.iter().take(MAX_LOOK) {
            match token.kind() {
                TokenKind::String => {
                    let message = "invalid syntax. Is this intended to be part of the string?";
                    return Some((message.to_owned(), TextRange::new(here.start(), end)));
                }
                kind if starts_expression(kind) || kind == TokenKind::Dot => end = token.end(),
                _ => return None,
            }
        }
        None
    }

    /// `def f(a, /*, b)` and `def f(a=, b)` (`invalid_parameters_helper`, `invalid_default`).
    fn parameter_separators(&self, here: &Token, last: &Token) -> Option<Worded> {
        let first = self.first_of_line(here.start());
        let is_lambda = || self.line_before(here.start()).any(|token| token.kind() == TokenKind::Lambda);
        let is_definition = matches!(first, TokenKind::Def | TokenKind::Async) || is_lambda();
        if !is_definition {
            return None;
        }
        if last.kind() == TokenKind::Slash && here.kind() == TokenKind::Star {
            return Some(("expected comma between / and *".to_owned(), here.range()));
        }
        let is_default = matches!(here.kind(), TokenKind::Comma | TokenKind::Rpar)
            && last.kind() == TokenKind::Equal
            && !self.is_in_call(here.start());
        is_default.then(|| ("expected default value expression".to_owned(), last.range()))
    }

    /// `a.b := 1` (`invalid_named_expression`).
    fn walrus_target(&self, here: &Token, last: &Token) -> Option<Worded> {
        if here.kind() != TokenKind::ColonEqual || !self.is_at_level_zero(here.start()) {
            return None;
        }
        let mut before = self.line_before(last.start());
        let name = match (last.kind(), before.next().map(Token::kind)) {
            (TokenKind::Name, Some(TokenKind::Dot)) => "attribute",
            (TokenKind::Rsqb, _) => "subscript",
            _ => return None,
        };
        let start = self.line_before(here.start()).last()?.start();
        let message = format!("cannot use assignment expressions with {name}");
        Some((message, TextRange::new(start, last.end())))
    }

    /// Whether a loop's variables are at `range`.
    pub(super) fn is_after_for(&self, range: TextRange) -> bool {
        let start = self.expression_start(range.start());
        let mut before = self.before(start).take_while(|token| {
            matches!(token.kind(), TokenKind::Comma | TokenKind::For)
                || ends_expression(token.kind())
                || is_opening(token.kind())
        });
        before.any(|token| token.kind() == TokenKind::For)
    }

    /// Whether the `=` at `range` gives a `**` parameter a default.
    pub(super) fn is_after_double_star(&self, range: TextRange) -> bool {
        let parameter = self.line_before(range.start()).take_while(|token| token.kind() != TokenKind::Comma);
        parameter.into_iter().any(|token| token.kind() == TokenKind::DoubleStar)
    }

    /// Whether a word that is no name follows the `*` at `range`.
    pub(super) fn is_keyword_after_star(&self, range: TextRange) -> bool {
        matches!(self.token_at(range.end()), TokenKind::None | TokenKind::True | TokenKind::False)
    }

    /// `a if b` without `else`, where the error is at `range` (`invalid_expression`).
    pub(super) fn conditional_before(&self, range: TextRange) -> Option<TextRange> {
        let end = self.before(range.start()).next()?.end();
        let mut depth = 0_u32;
        let condition = self.line_before(range.start()).find(|token| {
            match token.kind() {
                kind if is_closing(kind) => depth += 1,
                kind if is_opening(kind) => depth = depth.saturating_sub(1),
                kind => return depth == 0 && kind == TokenKind::If,
            }
            false
        })?;
        let start = self.expression_start(condition.start());
        (start < condition.start()).then(|| TextRange::new(start, end))
    }

    /// Whether the conditional expression that ends before `range` stands where a loop's variables should.
    pub(super) fn is_after_loop_variables(&self, range: TextRange) -> bool {
        self.conditional_before(range).is_some_and(|place| self.is_after_for(place))
    }

    /// The words for a comprehension without `in`, whose place is the `if` before `range`.
    pub(super) fn missing_in(&self, range: TextRange) -> Worded {
        let condition = self.line_before(range.start()).find(|token| token.kind() == TokenKind::If);
        ("'in' expected after for-loop variables".to_owned(), condition.map_or(range, Token::range))
    }

    /// The `except` or `except*` with which a clause begins.
    pub(super) fn except_word(&self, range: TextRange) -> TextRange {
        let text = slice(self.source, range);
        let word = text.strip_prefix("except").map(str::trim_start);
        let length = match word {
            Some(rest) if rest.starts_with('*') => text.len() - rest.len() + 1,
            _ => "except".len().min(text.len()),
        };
        TextRange::at(range.start(), TextSize::new(length as u32))
    }

    /// Where the interpolated string that is open at `offset` starts.
    pub(super) fn interpolated_start(&self, offset: TextSize) -> Option<TextSize> {
        let is_start = |kind| matches!(kind, TokenKind::FStringStart | TokenKind::TStringStart);
        if let Some(token) = self.tokens.get(self.position(offset))
            && token.start() == offset
            && is_start(token.kind())
        {
            return Some(offset);
        }
        let mut closed = 0_u32;
        for token in self.before(offset) {
            match token.kind() {
                TokenKind::FStringEnd | TokenKind::TStringEnd => closed += 1,
                kind if is_start(kind) && closed == 0 => return Some(token.start()),
                kind if is_start(kind) => closed -= 1,
                _ => {}
            }
        }
        None
    }

    /// The literal part of an interpolated string around `offset`: from the field or the quotes before it to those behind it.
    pub(super) fn interpolated_part(&self, offset: TextSize) -> Option<TextRange> {
        let from = self.interpolated_start(offset)?;
        let before = self.before(offset).next()?;
        let is_part = |kind| matches!(kind, TokenKind::FStringMiddle | TokenKind::TStringMiddle);
        let start = if is_part(before.kind()) && before.end() > offset { before.start() } else { before.end() };
        let head = slice(self.source, TextRange::new(from, start));
        let quote = head.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
        let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| quote.starts_with(quotes))?;
        let bytes = self.text_from(start).as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'\\' if bytes.get(at + 1) == Some(&b'N') && bytes.get(at + 2) == Some(&b'{') => {
                    at += bytes[at..].iter().position(|byte| *byte == b'}').unwrap_or(2);
                }
                b'\\' => at += 1,
                b'{' if bytes.get(at + 1) == Some(&b'{') => at += 1,
                b'{' => break,
                _ if bytes[at..].starts_with(quotes.as_bytes()) => break,
                _ => {}
            }
            at += 1;
        }
        Some(TextRange::at(start, TextSize::new(at.min(bytes.len()) as u32)))
    }
}
