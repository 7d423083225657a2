//! The surroundings of an error, and the words that depend on them.

use cinder_text::{Ranged, TextRange, TextSize, slice};
use ruff_python_ast::ModModule;
use ruff_python_ast::token::{Token, TokenKind, Tokens};

use super::MAX_LOOK;

pub(super) struct Context<'a> {
    pub(super) source: &'a str,
    pub(super) module: &'a ModModule,
    pub(super) tokens: &'a Tokens,
}

impl<'a> Context<'a> {
    /// The text before an error, a few thousand bytes of it.
    pub(super) fn text_before(&self, range: TextRange) -> &'a str {
        let start = range.start().to_usize().saturating_sub(MAX_LOOK);
        slice(self.source, TextRange::new(TextSize::new(start as u32), range.start()))
    }

    /// The text from an offset on, a few thousand bytes of it.
    pub(super) fn text_from(&self, start: TextSize) -> &'a str {
        let end = (start.to_usize() + MAX_LOOK).min(self.source.len());
        slice(self.source, TextRange::new(start.min(TextSize::new(end as u32)), TextSize::new(end as u32)))
    }

    /// The position of the first token that ends after `offset`.
    fn position(&self, offset: TextSize) -> usize {
        self.tokens.partition_point(|token| token.end() <= offset)
    }

    /// The kind of the token at `offset`; the end of the file when there is none.
    pub(super) fn token_at(&self, offset: TextSize) -> TokenKind {
        self.tokens.get(self.position(offset)).map_or(TokenKind::EndOfFile, |token| token.kind())
    }

    /// The tokens before `offset`, nearest first, without comments and blank lines.
    fn before(&self, offset: TextSize) -> impl Iterator<Item = &'a Token> + use<'a> {
        let end = self.tokens.partition_point(|token| token.end() <= offset && token.start() < offset);
        let is_trivia = |token: &&Token| matches!(token.kind(), TokenKind::Comment | TokenKind::NonLogicalNewline);
        self.tokens[..end].iter().rev().take(MAX_LOOK).filter(move |token| !is_trivia(token))
    }

    /// The tokens of the logical line before `offset`, nearest first.
    fn line_before(&self, offset: TextSize) -> impl Iterator<Item = &'a Token> + use<'a> {
        self.before(offset)
            .take_while(|token| !matches!(token.kind(), TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent))
    }

    /// Whether no bracket of the logical line is open at `offset`.
    pub(super) fn is_at_level_zero(&self, offset: TextSize) -> bool {
        let mut closed = 0_u32;
        for token in self.line_before(offset) {
            match token.kind() {
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => closed += 1,
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace if closed == 0 => return false,
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => closed -= 1,
                _ => {}
            }
        }
        true
    }

    /// Whether the error is `else` where a statement's header would need its colon: `if a else b`.
    pub(super) fn is_after_conditional(&self, range: TextRange) -> bool {
        self.token_at(range.start()) == TokenKind::Else
    }

    /// "invalid syntax", with the hint CPython adds in some situations.
    pub(super) fn invalid_syntax(&self, range: TextRange) -> String {
        let at = self.position(range.start());
        let mut before = self.before(range.start());
        let (Some(here), Some(last)) = (self.tokens.get(at), before.next()) else {
            return "invalid syntax".to_owned();
        };
        if here.start() == last.end()
            && here.kind() == TokenKind::String
            && let Some(message) = incompatible_prefixes(slice(self.source, last.range()))
        {
            return message;
        }
        if here.kind() == TokenKind::Name && is_number(last.kind()) && here.start() == last.end() {
            return super::lexical::number_message(slice(self.source, last.range()), self.rest_of(last));
        }
        let starts = starts_expression(here.kind());
        if here.kind() == TokenKind::From && self.line_before(range.start()).last().is_some_and(is_import) {
            return "Did you mean to use 'from ... import ...' instead?".to_owned();
        }
        if last.kind() == TokenKind::Name && starts && self.is_at_level_zero(range.start()) {
            let name = slice(self.source, last.range());
            if matches!(name, "print" | "exec") {
                return format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?");
            }
        }
        let is_juxtaposition = starts && ends_expression(last.kind());
        let is_prefix = last.kind() == TokenKind::Name && here.kind() == TokenKind::String;
        if is_juxtaposition && !is_prefix && !self.is_at_level_zero(range.start()) && !self.is_in_field(range) {
            return "invalid syntax. Perhaps you forgot a comma?".to_owned();
        }
        "invalid syntax".to_owned()
    }

    fn rest_of(&self, token: &Token) -> &'a str {
        self.text_from(token.start())
    }

    /// Whether the innermost open bracket before the error is a replacement field.
    fn is_in_field(&self, range: TextRange) -> bool {
        self.field_letter(range).is_some()
    }

    /// `f` or `t` when the error lies directly in a replacement field.
    fn field_letter(&self, range: TextRange) -> Option<char> {
        let mut closed = 0_u32;
        let mut tokens = self.line_before(range.start());
        while let Some(token) = tokens.next() {
            match token.kind() {
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => closed += 1,
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace if closed > 0 => closed -= 1,
                TokenKind::Lpar | TokenKind::Lsqb => return None,
                TokenKind::Lbrace => {
                    return match tokens.next()?.kind() {
                        TokenKind::FStringStart | TokenKind::FStringMiddle => Some('f'),
                        TokenKind::TStringStart | TokenKind::TStringMiddle => Some('t'),
                        _ => None,
                    };
                }
                _ => {}
            }
        }
        None
    }

    /// An expression was expected and something else found.
    pub(super) fn missing_expression(&self, range: TextRange) -> String {
        let is_first = self.before(range.start()).next().is_some_and(|token| token.kind() == TokenKind::Lbrace);
        let Some(letter) = self.field_letter(range).filter(|_| is_first) else {
            return self.invalid_syntax(range);
        };
        let found = match self.token_at(range.start()) {
            TokenKind::Exclamation => '!',
            TokenKind::Colon => ':',
            TokenKind::Equal => '=',
            TokenKind::Rbrace => '}',
            _ => return format!("{letter}-string: expecting a valid expression after '{{'"),
        };
        format!("{letter}-string: valid expression required before '{found}'")
    }

    /// A call's argument or a parameter is not a name: `f(1=2)`, `def f((a, b))`.
    pub(super) fn invalid_keyword(&self, range: TextRange) -> String {
        let text = slice(self.source, range);
        match text {
            "True" | "False" | "None" => format!("cannot assign to {text}"),
            _ if self.token_at(range.end()) == TokenKind::Equal => {
                "expression cannot contain assignment, perhaps you meant \"==\"?".to_owned()
            }
            _ if text.starts_with('(')
                && self.line_before(range.start()).any(|token| token.kind() == TokenKind::Def) =>
            {
                "Function parameters cannot be parenthesized".to_owned()
            }
            _ => self.invalid_syntax(range),
        }
    }

    /// A header without its block. `clause` is the parser's name for the header.
    pub(super) fn expected_block(&self, clause: &str, range: TextRange) -> String {
        let clause = clause.replace('`', "'");
        let clause = match clause.as_str() {
            "'class' definition" => "class definition".to_owned(),
            text => text.replace("' clause", "' statement"),
        };
        let header = self.before(range.start()).find(|token| token.kind() == TokenKind::Colon);
        let first = header.and_then(|colon| self.line_before(colon.end()).last());
        let line = first.map_or(1, |token| super::line_number(self.source, token.start().to_usize()));
        format!("expected an indented block after {clause} on line {line}")
    }
}

fn is_import(token: &Token) -> bool {
    token.kind() == TokenKind::Import
}

/// A second operand may begin with this token; brackets after an operand call or subscribe it.
fn starts_expression(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringStart
            | TokenKind::TStringStart
            | TokenKind::Lbrace
            | TokenKind::Lambda
            | TokenKind::Ellipsis
            | TokenKind::None
            | TokenKind::True
            | TokenKind::False
    )
}

fn ends_expression(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd
            | TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::Ellipsis
            | TokenKind::None
            | TokenKind::True
            | TokenKind::False
    )
}

fn is_number(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Int | TokenKind::Float | TokenKind::Complex)
}

/// Two letters before a quote that no literal may have together.
fn incompatible_prefixes(name: &str) -> Option<String> {
    if name.len() > 3 {
        return None;
    }
    let has = |letter: char| name.chars().any(|other| other.eq_ignore_ascii_case(&letter));
    let pairs = [('u', 'b'), ('u', 'r'), ('u', 'f'), ('u', 't'), ('b', 'f'), ('b', 't'), ('f', 't')];
    let all_known = name.chars().all(|letter| "ubrft".contains(letter.to_ascii_lowercase()));
    let (left, right) = pairs.into_iter().find(|&(left, right)| has(left) && has(right))?;
    all_known.then(|| format!("'{left}' and '{right}' prefixes are incompatible"))
}
