//! The surroundings of an error, and the words that depend on them.

use cinder_text::{Ranged, TextRange, TextSize, slice};
use ruff_python_ast::ModModule;
use ruff_python_ast::token::{Token, TokenKind, Tokens};

use super::{MAX_LOOK, Worded};

/// How many tokens of a replacement field are looked at.
const MAX_FIELD_TOKENS: usize = 100;

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
    pub(super) fn position(&self, offset: TextSize) -> usize {
        self.tokens.partition_point(|token| token.end() <= offset)
    }

    /// The kind of the token at `offset`; the end of the file when there is none.
    pub(super) fn token_at(&self, offset: TextSize) -> TokenKind {
        self.tokens.get(self.position(offset)).map_or(TokenKind::EndOfFile, |token| token.kind())
    }

    /// The tokens before `offset`, nearest first, without comments and blank lines.
    pub(super) fn before(&self, offset: TextSize) -> impl Iterator<Item = &'a Token> + use<'a> {
        let end = self.tokens.partition_point(|token| token.end() <= offset && token.start() < offset);
        let is_trivia = |token: &&Token| matches!(token.kind(), TokenKind::Comment | TokenKind::NonLogicalNewline);
        self.tokens[..end].iter().rev().take(MAX_LOOK).filter(move |token| !is_trivia(token))
    }

    /// The tokens of the logical line before `offset`, nearest first.
    pub(super) fn line_before(&self, offset: TextSize) -> impl Iterator<Item = &'a Token> + use<'a> {
        self.before(offset)
            .take_while(|token| !matches!(token.kind(), TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent))
    }

    /// The bracket that closes the list in which `range` lies; `range` itself when there is none.
    pub(super) fn closing_bracket(&self, range: TextRange) -> TextRange {
        let mut open = 0_u32;
        for token in self.tokens[self.position(range.start())..].iter().take(MAX_LOOK) {
            match token.kind() {
                kind if is_opening(kind) => open += 1,
                kind if is_closing(kind) && open == 0 => return token.range(),
                kind if is_closing(kind) => open -= 1,
                _ => {}
            }
        }
        range
    }

    /// The comma before an argument.
    pub(super) fn comma_before(&self, range: TextRange) -> TextRange {
        let comma = self.before(range.start()).take(2).find(|token| token.kind() == TokenKind::Comma);
        comma.map_or(range, Token::range)
    }

    /// Where CPython points when a line is indented without need: at the last blank before its first word.
    pub(super) fn last_blank_of_indentation(&self, range: TextRange) -> TextRange {
        let text = self.text_from(range.start());
        let blanks = text.len() - text.trim_start_matches([' ', '\t', '\x0c']).len();
        let end = range.start() + TextSize::new(blanks as u32);
        let line_start = self.text_before(TextRange::empty(end)).ends_with([' ', '\t', '\x0c']);
        if line_start { TextRange::new(end - TextSize::new(1), end) } else { range }
    }

    /// The string literal in which `range` lies; `range` itself inside interpolated strings and elsewhere.
    pub(super) fn literal_around(&self, range: TextRange) -> TextRange {
        // The tokenizer may have ended the literal where it met the mistake.
        let before = self.text_before(range);
        let line = before.rfind('\n').map_or(before, |at| &before[at + 1..]);
        let token = self.tokens.get(self.position(range.start()));
        match token {
            Some(token) if token.kind() == TokenKind::String && token.start() <= range.start() => token.range(),
            _ => match line.rfind(['"', '\'']) {
                Some(quote) if token.is_none_or(|token| token.kind() == TokenKind::Unknown) => {
                    let prefix = line[..quote].bytes().rev().take_while(u8::is_ascii_alphabetic).count();
                    let back = line.len() - quote + prefix;
                    TextRange::new(range.start() - TextSize::new(back as u32), range.end())
                }
                _ => range,
            },
        }
    }

    /// The nearest bracket that is open at `offset`, and the token in front of it.
    pub(super) fn open_bracket(&self, offset: TextSize) -> Option<(&'a Token, Option<&'a Token>)> {
        let mut closed = 0_u32;
        let mut tokens = self.before(offset);
        while let Some(token) = tokens.next() {
            match token.kind() {
                kind if is_closing(kind) => closed += 1,
                kind if is_opening(kind) && closed == 0 => return Some((token, tokens.next())),
                kind if is_opening(kind) => closed -= 1,
                _ => {}
            }
        }
        None
    }

    /// Whether `offset` lies directly in the parentheses of a call, not of a definition.
    pub(super) fn is_in_call(&self, offset: TextSize) -> bool {
        let Some((bracket, Some(callee))) = self.open_bracket(offset) else { return false };
        let is_definition = || {
            let mut words = self.before(callee.start());
            matches!(words.next().map(Token::kind), Some(TokenKind::Def | TokenKind::Class))
        };
        bracket.kind() == TokenKind::Lpar
            && matches!(callee.kind(), TokenKind::Name | TokenKind::Rpar | TokenKind::Rsqb)
            && !is_definition()
    }

    /// The first token of the logical line at `offset`.
    pub(super) fn first_of_line(&self, offset: TextSize) -> TokenKind {
        self.line_before(offset).last().map_or(TokenKind::EndOfFile, Token::kind)
    }

    /// Whether parentheses stand directly around `range`.
    pub(super) fn is_parenthesized(&self, range: TextRange) -> bool {
        self.before(range.start()).next().is_some_and(|token| token.kind() == TokenKind::Lpar)
            && self.token_at(range.end()) == TokenKind::Rpar
    }

    /// The first token of this kind in `range`.
    pub(super) fn find_in(&self, range: TextRange, kind: TokenKind) -> Option<TextRange> {
        let tokens = self.tokens[self.position(range.start())..].iter().take(MAX_LOOK);
        tokens.take_while(|token| token.start() < range.end()).find(|token| token.kind() == kind).map(Token::range)
    }

    /// The items in front of the `for` of a comprehension, when there are several: `[x, y for ...]`.
    fn bare_tuple_before(&self, here: &Token, last: &Token) -> Option<TextRange> {
        let (bracket, _) = self.open_bracket(here.start())?;
        if !matches!(bracket.kind(), TokenKind::Lsqb | TokenKind::Lbrace) || !ends_expression(last.kind()) {
            return None;
        }
        let (mut depth, mut commas, mut start) = (0_u32, 0, last.start());
        for token in self.before(here.start()).take_while(|token| token.start() > bracket.start()) {
            match token.kind() {
                kind if is_closing(kind) => depth += 1,
                kind if is_opening(kind) => depth = depth.saturating_sub(1),
                TokenKind::Comma if depth == 0 => commas += 1,
                TokenKind::Colon | TokenKind::DoubleStar | TokenKind::For if depth == 0 => return None,
                _ => {}
            }
            start = token.start();
        }
        (commas > 0).then(|| TextRange::new(start, last.end()))
    }

    /// `':' expected after dictionary key` and its kin, for what ends an entry of a dict display too early.
    fn in_dict(&self, here: &Token, last: &Token) -> Option<Worded> {
        let (bracket, _) =
            self.open_bracket(here.start()).filter(|(bracket, _)| bracket.kind() == TokenKind::Lbrace)?;
        if !matches!(here.kind(), TokenKind::Rbrace | TokenKind::Comma) {
            return None;
        }
        if last.kind() == TokenKind::Colon {
            return Some(("expression expected after dictionary key and ':'".to_owned(), last.range()));
        }
        let start = self.expression_start(here.start());
        let opener = self.before(start).next()?;
        // An earlier entry shows that this is no set.
        let mut depth = 0_u32;
        let has_entries = self.before(start).take_while(|token| token.start() > bracket.start()).any(|token| {
            match token.kind() {
                kind if is_closing(kind) => depth += 1,
                kind if is_opening(kind) => depth = depth.saturating_sub(1),
                TokenKind::Colon | TokenKind::DoubleStar => return depth == 0,
                _ => {}
            }
            false
        });
        (opener.kind() == TokenKind::Comma && has_entries && ends_expression(last.kind())).then(|| {
            let message = "':' expected after dictionary key";
            (message.to_owned(), TextRange::new(start, last.end()))
        })
    }

    /// Whether the tokens of `range` end where an operand is missing: `x ==`, `lambda:`.
    pub(super) fn lacks_operand(&self, range: TextRange) -> bool {
        let last = self.before(range.end()).next().map(Token::kind);
        last.is_some_and(|kind| !ends_expression(kind) && kind != TokenKind::Yield)
    }

    /// The token that follows `range`.
    pub(super) fn token_after(&self, range: TextRange) -> TextRange {
        self.tokens.get(self.position(range.end())).map_or(range, Token::range)
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

    /// "invalid syntax", with the hint CPython adds in some situations, and where it points then.
    pub(super) fn invalid_syntax(&self, range: TextRange) -> Worded {
        let worded = self.without_field(range);
        // A field is looked at when nothing more particular is known, and behind `!`, where no expression stands.
        let is_conversion = || self.before(range.start()).take(2).any(|token| token.kind() == TokenKind::Exclamation);
        if worded.0 == "invalid syntax" || is_conversion() {
            return self.field_error(range).unwrap_or(worded);
        }
        worded
    }

    fn without_field(&self, range: TextRange) -> Worded {
        let plain = ("invalid syntax".to_owned(), range);
        let at = self.position(range.start());
        let mut before = self.before(range.start());
        let (Some(here), Some(last)) = (self.tokens.get(at), before.next()) else { return plain };
        let text = |token: &Token| slice(self.source, token.range());
        if let Some(worded) = self.particular(at, here, last) {
            return worded;
        }
        if here.start() == last.end() {
            if here.kind() == TokenKind::String
                && let Some(message) = incompatible_prefixes(text(last))
            {
                return (message, last.range());
            }
            if matches!(here.kind(), TokenKind::Name | TokenKind::Int) && is_number(last.kind()) {
                let message = super::lexical::number_message(text(last), self.text_from(last.start()));
                return (message, super::lexical::number_place(self, text(last), last.range()));
            }
        }
        if here.kind() == TokenKind::From
            && let Some(import) =
                self.line_before(range.start()).last().filter(|token| token.kind() == TokenKind::Import)
        {
            let message = "Did you mean to use 'from ... import ...' instead?";
            return (message.to_owned(), TextRange::new(import.start(), self.expression_end(at)));
        }
        if last.kind() == TokenKind::As && (is_number(here.kind()) || here.kind() == TokenKind::String) {
            let is_import = self
                .line_before(range.start())
                .any(|token| matches!(token.kind(), TokenKind::Import | TokenKind::From));
            if is_import {
                return ("cannot use literal as import target".to_owned(), here.range());
            }
        }
        if here.kind() == TokenKind::Equal
            && let Some(worded) = self.assignment_in_condition(at)
        {
            return worded;
        }
        let starts = starts_expression(here.kind());
        let is_level_zero = self.is_at_level_zero(range.start());
        if last.kind() == TokenKind::Name && starts && is_level_zero && matches!(text(last), "print" | "exec") {
            let name = text(last);
            let message = format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?");
            let mut end = self.expression_end(at);
            // What follows commas belongs to it.
            while let Some(comma) = self.tokens.get(self.position(end)).filter(|token| token.kind() == TokenKind::Comma)
            {
                let next = self.position(comma.end());
                end = match self.tokens.get(next) {
                    Some(token) if starts_expression(token.kind()) => self.expression_end(next),
                    _ => comma.end(),
                };
            }
            return (message, TextRange::new(last.start(), end));
        }
        let is_juxtaposition = starts && ends_expression(last.kind());
        let is_prefix = last.kind() == TokenKind::Name && here.kind() == TokenKind::String;
        if is_juxtaposition && !is_prefix && !is_level_zero {
            let place = TextRange::new(self.expression_start(range.start()), self.expression_end(at));
            return ("invalid syntax. Perhaps you forgot a comma?".to_owned(), place);
        }
        plain
    }

    /// Mistakes that CPython has a rule for: `<>`, statements in conditional expressions, bounds of variadic type parameters, and targets of
    /// `as` that are no names. `at` is the position of `here`, the first token that does not fit.
    fn particular(&self, at: usize, here: &Token, last: &Token) -> Option<Worded> {
        let place = |start: TextSize, end: TextSize| TextRange::new(start, end);
        if here.kind() == TokenKind::Greater && last.kind() == TokenKind::Less && last.end() == here.start() {
            let message = "invalid syntax.  Maybe you meant '!=' instead of '<>'?";
            return Some((message.to_owned(), place(last.start(), here.end())));
        }
        if let Some(worded) = self.in_dict(here, last).or_else(|| self.by_rule(at, here, last)) {
            return Some(worded);
        }
        if here.kind() == TokenKind::For
            && let Some(range) = self.bare_tuple_before(here, last)
        {
            return Some(("did you forget parentheses around the comprehension target?".to_owned(), range));
        }
        if last.kind() == TokenKind::Star && here.kind() == TokenKind::Rpar && self.is_in_call(here.start()) {
            return Some(("Invalid star expression".to_owned(), here.range()));
        }
        let after = self.tokens.get(at + 1);
        if here.kind() == TokenKind::Not && after.is_some_and(|after| after.kind() != TokenKind::In) {
            // `not` might have begun `not in`: the token behind it is the one that does not fit.
            return Some(("invalid syntax".to_owned(), after.map_or(here.range(), Token::range)));
        }
        let mut before = self.line_before(here.start()).skip(1);
        let is_alias = slice(self.source, last.range()) == "type" && self.line_before(here.start()).count() == 1;
        if is_alias && here.kind() == TokenKind::Name {
            return Some(("invalid syntax".to_owned(), after.map_or(here.range(), Token::range)));
        }
        let first = self.line_before(here.start()).last().map_or(TokenKind::EndOfFile, Token::kind);
        if last.kind() == TokenKind::Else
            && first != TokenKind::Else
            && here.kind() != TokenKind::Colon
            && self.line_before(here.start()).any(|token| token.kind() == TokenKind::If)
        {
            let message = "expected expression after 'else', but statement is given";
            return Some((message.to_owned(), here.range()));
        }
        if matches!(here.kind(), TokenKind::Pass | TokenKind::Break | TokenKind::Continue)
            && self.tokens.get(at + 1).is_some_and(|next| next.kind() == TokenKind::If)
        {
            let message = "expected expression before 'if', but statement is given";
            return Some((message.to_owned(), here.range()));
        }
        if last.kind() != TokenKind::Name {
            return None;
        }
        let previous = before.next()?.kind();
        if here.kind() == TokenKind::Colon
            && matches!(previous, TokenKind::Star | TokenKind::DoubleStar)
            && matches!(before.next().map(Token::kind), Some(TokenKind::Lsqb | TokenKind::Comma))
            && matches!(first, TokenKind::Def | TokenKind::Class | TokenKind::Type | TokenKind::Async)
        {
            let kind = if previous == TokenKind::Star { "TypeVarTuple" } else { "ParamSpec" };
            let is_tuple = self.tokens.get(at + 1).is_some_and(|next| next.kind() == TokenKind::Lpar);
            let what = if is_tuple { "constraints" } else { "bound" };
            return Some((format!("cannot use {what} with {kind}"), here.range()));
        }
        if previous == TokenKind::As {
            let target = match here.kind() {
                TokenKind::Dot => "attribute",
                TokenKind::Lsqb => "subscript",
                TokenKind::Lpar => "function call",
                _ => return None,
            };
            let range = place(last.start(), self.expression_end(at.saturating_sub(1)));
            return match first {
                TokenKind::Except => Some((format!("cannot use except statement with {target}"), range)),
                TokenKind::Case => Some((format!("cannot use {target} as pattern target"), range)),
                TokenKind::Import | TokenKind::From => Some((format!("cannot use {target} as import target"), range)),
                _ => None,
            };
        }
        None
    }

    /// `if x = 1:`, where an assignment cannot stand. `at` is the position of the `=`.
    fn assignment_in_condition(&self, at: usize) -> Option<Worded> {
        let equal = self.tokens.get(at)?;
        let start = self.expression_start(equal.start());
        let keyword = self.before(start).next()?.kind();
        if !matches!(keyword, TokenKind::If | TokenKind::Elif | TokenKind::While) {
            return None;
        }
        let operand: Vec<TokenKind> =
            self.before(equal.start()).take_while(|token| token.start() >= start).map(Token::kind).collect();
        let name = match operand[..] {
            [TokenKind::Name] => {
                let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
                return Some((message.to_owned(), TextRange::new(start, self.expression_end(at + 1))));
            }
            [TokenKind::Name, TokenKind::Dot, ..] => "attribute",
            [TokenKind::Rsqb, .., TokenKind::Name] => "subscript",
            [TokenKind::Rpar, .., TokenKind::Name] => "function call",
            [kind] if is_number(kind) || kind == TokenKind::String => "literal",
            _ => return None,
        };
        let message = format!("cannot assign to {name} here. Maybe you meant '==' instead of '='?");
        Some((message, TextRange::new(start, equal.start()))).map(|(message, range)| (message, self.trimmed(range)))
    }

    /// `range` without blanks at its end.
    fn trimmed(&self, range: TextRange) -> TextRange {
        let text = slice(self.source, range).trim_end();
        TextRange::at(range.start(), TextSize::new(text.len() as u32))
    }

    /// Where the expression that ends before `offset` starts: after the nearest separator or keyword of its level.
    pub(super) fn expression_start(&self, offset: TextSize) -> TextSize {
        let mut closed = 0_u32;
        let mut start = offset;
        for token in self.line_before(offset) {
            match token.kind() {
                kind if is_closing(kind) => closed += 1,
                kind if is_opening(kind) && closed > 0 => closed -= 1,
                kind if closed == 0 && ends_search(kind) => break,
                _ => {}
            }
            start = token.start();
        }
        start
    }

    /// Where the expression that starts at token `at` ends.
    pub(super) fn expression_end(&self, at: usize) -> TextSize {
        let mut open = 0_u32;
        let mut end = self.tokens.get(at).map_or(TextSize::new(0), |token| token.start());
        for token in self.tokens[at.min(self.tokens.len())..].iter().take(MAX_LOOK) {
            match token.kind() {
                kind if is_opening(kind) => open += 1,
                kind if is_closing(kind) && open > 0 => open -= 1,
                TokenKind::Comment | TokenKind::NonLogicalNewline => continue,
                kind if open == 0 && (ends_search(kind) || kind == TokenKind::Newline) => break,
                _ => {}
            }
            end = token.end();
        }
        end
    }

    /// `f` or `t` and the opening brace when the error lies directly in a replacement field.
    fn field(&self, range: TextRange) -> Option<(char, &'a Token)> {
        let mut closed = 0_u32;
        for token in self.line_before(range.start()) {
            match token.kind() {
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => closed += 1,
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace if closed > 0 => closed -= 1,
                TokenKind::Lpar | TokenKind::Lsqb => return None,
                TokenKind::Lbrace => return Some((self.field_letter(token)?, token)),
                _ => {}
            }
        }
        None
    }

    /// `f` or `t` when a brace opens a replacement field.
    fn field_letter(&self, brace: &Token) -> Option<char> {
        let mut depth = 0_u32;
        for token in self.line_before(brace.start()) {
            match token.kind() {
                TokenKind::Rbrace => depth += 1,
                TokenKind::Lbrace if depth > 0 => depth -= 1,
                // What lies in fields before this one.
                _ if depth > 0 => {}
                TokenKind::FStringStart | TokenKind::FStringMiddle => return Some('f'),
                TokenKind::TStringStart | TokenKind::TStringMiddle => return Some('t'),
                // A field in the format of a field.
                TokenKind::Colon => return self.field(token.range()).map(|(letter, _)| letter),
                _ => return None,
            }
        }
        None
    }

    /// What is wrong with the replacement field around an error: no expression, or something behind it that does not belong there.
    ///
    /// Source: `invalid_fstring_replacement_field` and `invalid_fstring_conversion_character` in CPython's grammar.
    fn field_error(&self, range: TextRange) -> Option<Worded> {
        let (letter, open) = self.field(range)?;
        let says = |text: &str, place: TextRange| Some((format!("{letter}-string: {text}"), place));
        let is_trivia = |token: &&Token| matches!(token.kind(), TokenKind::Comment | TokenKind::NonLogicalNewline);
        let from = self.position(open.start()) + 1;
        let tokens: Vec<&Token> =
            self.tokens[from..].iter().filter(|token| !is_trivia(token)).take(MAX_FIELD_TOKENS).collect();
        let closing = |token: &Token| {
            matches!(
                token.kind(),
                TokenKind::FStringEnd | TokenKind::TStringEnd | TokenKind::EndOfFile | TokenKind::Newline
            ) || token.kind() == TokenKind::Unknown && self.text_from(token.start()).starts_with(['"', '\''])
        };
        let unclosed = |token: &Token| says("expecting '}'", TextRange::empty(token.start()));
        let first = tokens.first()?;
        let required = match first.kind() {
            TokenKind::Exclamation => "!",
            TokenKind::Colon => ":",
            TokenKind::Equal => "=",
            TokenKind::Rbrace => "}",
            _ => "",
        };
        if !required.is_empty() {
            return says(&format!("valid expression required before '{required}'"), first.range());
        }
        if closing(first) {
            return unclosed(first);
        }
        // The colon of a lambda begins the format.
        let lambda = (0..tokens.len()).take_while(|&index| !closing(tokens[index])).find(|&index| {
            let follows = index == 0 || tokens[index - 1].kind() == TokenKind::Comma;
            tokens[index].kind() == TokenKind::Lambda
                && follows
                && self.open_bracket(tokens[index].start()).is_some_and(|(bracket, _)| bracket.start() == open.start())
        });
        if let Some(lambda) = lambda
            && let Some(colon) = tokens[lambda..].iter().find(|token| token.kind() == TokenKind::Colon)
        {
            let place = TextRange::new(tokens[lambda].start(), colon.end());
            return says("lambda expressions are not allowed without parentheses", place);
        }
        // The longest beginning that is an expression.
        let end = (0..tokens.len()).find(|&index| closing(tokens[index])).unwrap_or(tokens.len()).saturating_sub(1);
        let is_expression = |last: &usize| {
            let text = slice(self.source, TextRange::new(first.start(), tokens[*last].end()));
            ruff_python_parser::parse_expression(&format!("({text}\n)")).is_ok()
        };
        let Some(last) = (0..=end).rev().find(is_expression) else {
            return says("expecting a valid expression after '{'", first.range());
        };
        let next = tokens.get(last + 1)?;
        let is_one_of = |token: &Token, kinds: &[TokenKind]| kinds.contains(&token.kind());
        match next.kind() {
            TokenKind::Colon | TokenKind::Rbrace => None,
            TokenKind::Equal => {
                let after = tokens.get(last + 2)?;
                match after {
                    after if closing(after) => unclosed(after),
                    after if is_one_of(after, &[TokenKind::Exclamation, TokenKind::Colon, TokenKind::Rbrace]) => None,
                    after => says("expecting '!', or ':', or '}'", after.range()),
                }
            }
            TokenKind::Exclamation => {
                let (name, after) = (tokens.get(last + 2)?, tokens.get(last + 3)?);
                let is_wrong = name.kind() == TokenKind::Name
                    && !is_one_of(after, &[TokenKind::Colon, TokenKind::Rbrace])
                    && !closing(after);
                if is_wrong { says("expecting ':' or '}'", after.range()) } else { None }
            }
            _ if closing(next) => unclosed(next),
            TokenKind::Lambda => says("lambda expressions are not allowed without parentheses", next.range()),
            _ => says("expecting '=', or '!', or ':', or '}'", next.range()),
        }
    }

    /// Whether a literal that starts at `range` and does not end is the quote that closes the interpolated string around it.
    pub(super) fn is_closing_quote(&self, range: TextRange) -> Option<char> {
        let (letter, open) = self.field(range)?;
        let start = self
            .before(open.start())
            .find(|token| matches!(token.kind(), TokenKind::FStringStart | TokenKind::TStringStart))?;
        let quotes = |text: &str| text.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).chars().next();
        (quotes(slice(self.source, start.range())) == quotes(self.text_from(range.start()))).then_some(letter)
    }

    /// A call's argument or a parameter is not a name: `f(1=2)`, `def f((a, b))`.
    pub(super) fn invalid_keyword(&self, range: TextRange) -> Worded {
        let text = slice(self.source, range);
        let message = match text {
            "True" | "False" | "None" => format!("cannot assign to {text}"),
            _ if self.token_at(range.end()) == TokenKind::Equal => {
                "expression cannot contain assignment, perhaps you meant \"==\"?".to_owned()
            }
            _ if text.starts_with('(')
                && self.line_before(range.start()).any(|token| token.kind() == TokenKind::Def) =>
            {
                "Function parameters cannot be parenthesized".to_owned()
            }
            _ => return self.invalid_syntax(range),
        };
        (message, range)
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

pub(super) fn is_opening(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace | TokenKind::FStringStart | TokenKind::TStringStart
    )
}

pub(super) fn is_closing(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd
    )
}

/// Tokens that no operand, operator or trailer of one expression contains.
fn ends_search(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::Unknown
            | TokenKind::FStringMiddle
            | TokenKind::FStringEnd
            | TokenKind::TStringMiddle
            | TokenKind::TStringEnd
            | TokenKind::Comma
            | TokenKind::Colon
            | TokenKind::Semi
            | TokenKind::Equal
            | TokenKind::ColonEqual
            | TokenKind::Exclamation
            | TokenKind::If
            | TokenKind::Elif
            | TokenKind::Else
            | TokenKind::For
            | TokenKind::While
            | TokenKind::Async
            | TokenKind::Lambda
            | TokenKind::Return
            | TokenKind::Import
            | TokenKind::From
            | TokenKind::EndOfFile
    )
}

/// A second operand may begin with this token; brackets after an operand call or subscribe it.
pub(super) fn starts_expression(kind: TokenKind) -> bool {
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

pub(super) fn ends_expression(kind: TokenKind) -> bool {
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
