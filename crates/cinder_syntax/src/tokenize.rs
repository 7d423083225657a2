//! Tokens as the `tokenize` module shows them.
//!
//! Problem: tools want every token of a text, comments and blank lines included, of texts that need not parse; the parser's own tokens are
//! changed by its recovery and leave no place for the tokenizer's own errors.
//! Idea: a scanner of its own, which stops at the first error.
//! Holds: tokens are ordered and do not overlap; what lies between them is blank, a line continuation or the second of two braces in an f-string.
//! Source: Parser/lexer/lexer.c and Python/Python-tokenize.c of CPython 3.14.

use crate::error::SyntaxErrorKind;

/// What a token is, named as in the `token` module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenClass {
    Name,
    Number,
    String,
    /// Ends a logical line.
    Newline,
    /// Ends a line that is blank, a comment or inside brackets.
    NonLogicalNewline,
    Comment,
    Indent,
    Dedent,
    Operator,
    FStringStart,
    FStringMiddle,
    FStringEnd,
    TStringStart,
    TStringMiddle,
    TStringEnd,
    EndMarker,
}

/// Units: bytes, the end exclusive. INDENT covers the blanks; DEDENT and ENDMARKER are empty, and so is a NEWLINE that is not in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawToken {
    pub class: TokenClass,
    pub start: usize,
    pub end: usize,
}

/// Why there are no more tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenizeError {
    pub kind: SyntaxErrorKind,
    pub message: String,
    /// Byte offset.
    pub at: usize,
}

/// The tokens of `source` up to its end or the first error.
pub fn tokenize(source: &str) -> (Vec<RawToken>, Option<TokenizeError>) {
    let mut scanner = Scanner { source, bytes: source.as_bytes(), ..Scanner::default() };
    let error = scanner.run().err();
    (scanner.tokens, error)
}

/// An f-string or t-string that is open.
struct Interpolated {
    quote: u8,
    is_triple: bool,
    is_raw: bool,
    is_template: bool,
    start: usize,
    /// Brackets that were open where it began.
    depth: usize,
    /// For each open field: brackets open inside `{`, and whether its format specification has begun.
    fields: Vec<(usize, bool)>,
}

#[derive(Default)]
struct Scanner<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<RawToken>,
    indents: Vec<usize>,
    brackets: Vec<(u8, usize)>,
    strings: Vec<Interpolated>,
    /// A token other than a comment stands on this logical line.
    has_tokens: bool,
}

type Step = Result<(), TokenizeError>;

const OPERATORS: &[&str] = &[
    "**=", "//=", ">>=", "<<=", "...", "!=", "->", "%=", "&=", "**", "*=", "+=", "-=", "//", "/=", ":=", "<<", "<=",
    "<>", "==", ">=", ">>", "@=", "^=", "|=", "!", "%", "&", "(", ")", "*", "+", ",", "-", ".", "/", ":", ";", "<",
    "=", ">", "@", "[", "]", "^", "{", "|", "}", "~",
];

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, class: TokenClass, start: usize, end: usize) {
        self.tokens.push(RawToken { class, start, end });
    }

    fn error(&self, message: impl Into<String>, at: usize) -> TokenizeError {
        TokenizeError { kind: SyntaxErrorKind::Syntax, message: message.into(), at }
    }

    fn line_number(&self, at: usize) -> usize {
        self.bytes[..at.min(self.bytes.len())].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    fn run(&mut self) -> Step {
        self.at = if self.source.starts_with('\u{feff}') { 3 } else { 0 };
        let mut is_line_start = true;
        loop {
            if self.in_text() {
                self.middle()?;
                continue;
            }
            let begins_line = std::mem::take(&mut is_line_start);
            if begins_line && self.brackets.is_empty() && self.strings.is_empty() {
                if self.blank_line() {
                    is_line_start = self.at < self.bytes.len();
                    continue;
                }
                self.indentation()?;
            }
            self.skip_blanks()?;
            if self.at >= self.bytes.len() {
                return self.finish();
            }
            match self.peek(0) {
                b'#' => self.comment(),
                b'\n' | b'\r' => {
                    let start = self.at;
                    self.at += self.line_end();
                    let is_logical = self.has_tokens && self.brackets.is_empty() && self.strings.is_empty();
                    let class = if is_logical { TokenClass::Newline } else { TokenClass::NonLogicalNewline };
                    self.push(class, start, self.at);
                    if is_logical {
                        self.has_tokens = false;
                    }
                    is_line_start = true;
                }
                _ => {
                    self.has_tokens = true;
                    self.token()?;
                }
            }
        }
    }

    /// Bytes of the line end here.
    fn line_end(&self) -> usize {
        if self.peek(0) == b'\r' && self.peek(1) == b'\n' { 2 } else { 1 }
    }

    fn comment(&mut self) {
        let start = self.at;
        while self.at < self.bytes.len() && !matches!(self.peek(0), b'\n' | b'\r') {
            self.at += 1;
        }
        self.push(TokenClass::Comment, start, self.at);
    }

    /// Takes a line without statements: blanks, a comment perhaps, the line's end.
    fn blank_line(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(0), b' ' | b'\t' | b'\x0c') {
            self.at += 1;
        }
        if self.at >= self.bytes.len() {
            // Blanks at the end of the text are nothing.
            return start < self.at;
        }
        let has_comment = self.peek(0) == b'#';
        if !has_comment && !matches!(self.peek(0), b'\n' | b'\r') {
            self.at = start;
            return false;
        }
        if has_comment {
            self.comment();
        }
        let end = self.at;
        if self.at < self.bytes.len() {
            self.at += self.line_end();
        }
        self.push(TokenClass::NonLogicalNewline, end, self.at);
        true
    }

    fn indentation(&mut self) -> Step {
        let start = self.at;
        let mut column = 0;
        loop {
            match self.peek(0) {
                b' ' => column += 1,
                b'\t' => column = (column / 8 + 1) * 8,
                b'\x0c' => column = 0,
                _ => break,
            }
            self.at += 1;
        }
        if self.at >= self.bytes.len() {
            return Ok(());
        }
        let current = self.indents.last().copied().unwrap_or(0);
        if column > current {
            self.indents.push(column);
            self.push(TokenClass::Indent, start, self.at);
            return Ok(());
        }
        while self.indents.last().is_some_and(|known| *known > column) {
            self.indents.pop();
            if self.indents.last().copied().unwrap_or(0) < column {
                return Err(TokenizeError {
                    kind: SyntaxErrorKind::Indentation,
                    message: "unindent does not match any outer indentation level".into(),
                    at: self.at,
                });
            }
            self.push(TokenClass::Dedent, self.at, self.at);
        }
        Ok(())
    }

    fn skip_blanks(&mut self) -> Step {
        loop {
            match self.peek(0) {
                b' ' | b'\t' | b'\x0c' => self.at += 1,
                b'\\' if matches!(self.peek(1), b'\n' | b'\r') => {
                    self.at += 1;
                    self.at += self.line_end();
                    if self.at >= self.bytes.len() {
                        return Err(self.error("unexpected EOF while parsing", self.at));
                    }
                }
                b'\\' => {
                    return Err(self.error("unexpected character after line continuation character", self.at + 1));
                }
                _ => return Ok(()),
            }
        }
    }

    fn finish(&mut self) -> Step {
        if let Some(string) = self.strings.last() {
            let (start, letter) = (string.start, if string.is_template { 't' } else { 'f' });
            let triple = if string.is_triple { "triple-quoted " } else { "" };
            let line = self.line_number(self.bytes.len());
            let message = format!("unterminated {triple}{letter}-string literal (detected at line {line})");
            return Err(self.error(message, start));
        }
        if !self.brackets.is_empty() {
            if !self.source.ends_with(['\n', '\r']) {
                self.push(TokenClass::NonLogicalNewline, self.bytes.len(), self.bytes.len());
            }
            return Err(self.error("unexpected EOF in multi-line statement", self.bytes.len()));
        }
        let end = self.bytes.len();
        if self.has_tokens {
            self.push(TokenClass::Newline, end, end);
        } else if self.tokens.last().is_some_and(|last| last.class == TokenClass::Comment) {
            self.push(TokenClass::NonLogicalNewline, end, end);
        }
        while self.indents.pop().is_some() {
            self.push(TokenClass::Dedent, end, end);
        }
        self.push(TokenClass::EndMarker, end, end);
        Ok(())
    }

    fn token(&mut self) -> Step {
        let start = self.at;
        let first = self.peek(0);
        if first.is_ascii_digit() || (first == b'.' && self.peek(1).is_ascii_digit()) {
            return self.number();
        }
        if matches!(first, b'"' | b'\'') {
            return self.string(start);
        }
        let character = self.source[self.at..].chars().next().unwrap_or('\0');
        if character == '_' || character.is_alphabetic() || !character.is_ascii() {
            return self.word(character);
        }
        let Some(operator) = OPERATORS.iter().find(|operator| self.source[self.at..].starts_with(**operator)) else {
            if character.is_ascii_graphic() {
                // No operator of the language, yet the module shows it as one.
                self.at += 1;
                self.push(TokenClass::Operator, start, self.at);
                return Ok(());
            }
            let message = format!("invalid non-printable character U+{:04X}", u32::from(character));
            return Err(self.error(message, start));
        };
        let mut len = operator.len();
        // In a field `!=` alone is an operator, `:=` is a colon.
        if *operator == ":=" && self.is_field_level() {
            len = 1;
        }
        self.at += len;
        let text = &self.source[start..self.at];
        match text {
            "(" | "[" | "{" => self.brackets.push((first, start)),
            ")" | "]" | "}" => self.close(first, start)?,
            _ => {}
        }
        self.push(TokenClass::Operator, start, self.at);
        if text == ":" && self.is_field_level() {
            let string = self.strings.last_mut().expect("is_field_level saw it");
            string.fields.last_mut().expect("is_field_level saw it").1 = true;
        }
        Ok(())
    }

    /// Whether the scanner stands directly in a field of an f-string, in no bracket of the field.
    fn is_field_level(&self) -> bool {
        self.strings
            .last()
            .and_then(|string| string.fields.last())
            .is_some_and(|(depth, in_spec)| *depth == self.brackets.len() && !in_spec)
    }

    fn close(&mut self, close: u8, at: usize) -> Step {
        let shown = char::from(close);
        let floor = self.strings.last().map_or(0, |string| string.depth);
        let Some((open, open_at)) = self.brackets.pop().filter(|_| self.brackets.len() >= floor) else {
            return Err(self.error(format!("unmatched '{shown}'"), at));
        };
        if !matches!((open, close), (b'(', b')') | (b'[', b']') | (b'{', b'}')) {
            let (open, line, open_line) = (char::from(open), self.line_number(at), self.line_number(open_at));
            let place = if line == open_line { String::new() } else { format!(" on line {open_line}") };
            let message = format!("closing parenthesis '{shown}' does not match opening parenthesis '{open}'{place}");
            return Err(self.error(message, at));
        }
        if close == b'}'
            && let Some(string) = self.strings.last_mut()
            && string.fields.last().is_some_and(|(depth, _)| *depth == self.brackets.len() + 1)
        {
            string.fields.pop();
        }
        Ok(())
    }

    fn number(&mut self) -> Step {
        let start = self.at;
        let digits = |this: &mut Self, wanted: fn(&u8) -> bool| {
            while wanted(&this.peek(0)) || (this.peek(0) == b'_' && wanted(&this.peek(1))) {
                this.at += 1;
            }
        };
        if self.peek(0) == b'0' && matches!(self.peek(1), b'x' | b'X' | b'o' | b'O' | b'b' | b'B') {
            self.at += 2;
            digits(self, u8::is_ascii_hexdigit);
        } else {
            digits(self, u8::is_ascii_digit);
            if self.peek(0) == b'.' {
                self.at += 1;
                digits(self, u8::is_ascii_digit);
            }
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if matches!(self.peek(0), b'e' | b'E') && self.peek(1 + sign).is_ascii_digit() {
                self.at += 1 + sign;
                digits(self, u8::is_ascii_digit);
            }
            if matches!(self.peek(0), b'j' | b'J') {
                self.at += 1;
            }
        }
        self.push(TokenClass::Number, start, self.at);
        Ok(())
    }

    fn word(&mut self, first: char) -> Step {
        let start = self.at;
        for character in self.source[start..].chars() {
            if !(character == '_' || character.is_alphanumeric() || is_mark(character)) {
                break;
            }
            self.at += character.len_utf8();
        }
        if self.at == start {
            let code = u32::from(first);
            let message = if first.is_control() || first.is_whitespace() {
                format!("invalid non-printable character U+{code:04X}")
            } else {
                format!("invalid character '{first}' (U+{code:04X})")
            };
            return Err(self.error(message, start));
        }
        let is_prefix = self.at - start <= 2
            && matches!(self.peek(0), b'"' | b'\'')
            && matches!(
                self.source[start..self.at].to_ascii_lowercase().as_str(),
                "r" | "u" | "b" | "f" | "t" | "br" | "rb" | "fr" | "rf" | "tr" | "rt"
            );
        if is_prefix {
            return self.string(start);
        }
        self.push(TokenClass::Name, start, self.at);
        Ok(())
    }

    /// A literal whose prefix begins at `start` and whose quotes are here.
    fn string(&mut self, start: usize) -> Step {
        let prefix = self.source[start..self.at].to_ascii_lowercase();
        let quote = self.peek(0);
        let is_triple = self.peek(1) == quote && self.peek(2) == quote;
        self.at += if is_triple { 3 } else { 1 };
        if prefix.contains(['f', 't']) {
            let is_template = prefix.contains('t');
            let class = if is_template { TokenClass::TStringStart } else { TokenClass::FStringStart };
            self.push(class, start, self.at);
            self.strings.push(Interpolated {
                quote,
                is_triple,
                is_raw: prefix.contains('r'),
                is_template,
                start,
                depth: self.brackets.len(),
                fields: Vec::new(),
            });
            return Ok(());
        }
        loop {
            match self.peek(0) {
                _ if self.at >= self.bytes.len() => return Err(self.unterminated(start, is_triple)),
                b'\\' => self.at += 1 + usize::from(self.at + 1 < self.bytes.len()),
                b'\n' | b'\r' if !is_triple => return Err(self.unterminated(start, is_triple)),
                byte if byte == quote && (!is_triple || (self.peek(1) == quote && self.peek(2) == quote)) => {
                    self.at += if is_triple { 3 } else { 1 };
                    self.push(TokenClass::String, start, self.at);
                    return Ok(());
                }
                _ => self.at += 1,
            }
        }
    }

    fn unterminated(&self, start: usize, is_triple: bool) -> TokenizeError {
        let triple = if is_triple { "triple-quoted " } else { "" };
        let line = self.line_number(self.at);
        self.error(format!("unterminated {triple}string literal (detected at line {line})"), start)
    }

    /// Whether what follows is text of an f-string, between fields or in a specification.
    fn in_text(&self) -> bool {
        self.strings.last().is_some_and(|string| {
            string.fields.last().is_none_or(|(depth, in_spec)| *in_spec && *depth == self.brackets.len())
        })
    }

    /// Text of an f-string up to a brace or its end, and what is there.
    fn middle(&mut self) -> Step {
        let string = self.strings.last().expect("in_text");
        let (quote, is_triple, is_raw, start) = (string.quote, string.is_triple, string.is_raw, string.start);
        let (in_spec, is_template) = (!string.fields.is_empty(), string.is_template);
        let class = if is_template { TokenClass::TStringMiddle } else { TokenClass::FStringMiddle };
        let from = self.at;
        loop {
            match self.peek(0) {
                _ if self.at >= self.bytes.len() => return self.finish(),
                b'\\' if !is_raw && self.peek(1) == b'N' && self.peek(2) == b'{' => {
                    while self.at < self.bytes.len() && self.peek(0) != b'}' {
                        self.at += 1;
                    }
                    self.at += 1;
                }
                b'\\' if matches!(self.peek(1), b'{' | b'}') => self.at += 1,
                b'\\' => self.at += 1 + usize::from(self.at + 1 < self.bytes.len()),
                b'\n' | b'\r' if !is_triple => {
                    let letter = if is_template { 't' } else { 'f' };
                    let line = self.line_number(self.at);
                    let message = format!("unterminated {letter}-string literal (detected at line {line})");
                    return Err(self.error(message, start));
                }
                byte @ (b'{' | b'}') if self.peek(1) == byte && !in_spec => {
                    // The first of two braces is text.
                    self.push(class, from, self.at + 1);
                    self.at += 2;
                    return Ok(());
                }
                b'{' => {
                    self.text_before(class, from);
                    let at = self.at;
                    self.at += 1;
                    self.brackets.push((b'{', at));
                    let depth = self.brackets.len();
                    self.strings.last_mut().expect("in_text").fields.push((depth, false));
                    self.push(TokenClass::Operator, at, self.at);
                    return Ok(());
                }
                b'}' if in_spec => {
                    self.text_before(class, from);
                    let at = self.at;
                    self.at += 1;
                    self.close(b'}', at)?;
                    self.push(TokenClass::Operator, at, self.at);
                    return Ok(());
                }
                b'}' => {
                    let letter = if is_template { 't' } else { 'f' };
                    return Err(self.error(format!("{letter}-string: single '}}' is not allowed"), self.at));
                }
                byte if byte == quote && (!is_triple || (self.peek(1) == quote && self.peek(2) == quote)) => {
                    self.text_before(class, from);
                    let at = self.at;
                    self.at += if is_triple { 3 } else { 1 };
                    let class = if is_template { TokenClass::TStringEnd } else { TokenClass::FStringEnd };
                    let string = self.strings.pop().expect("in_text");
                    self.brackets.truncate(string.depth);
                    self.push(class, at, self.at);
                    return Ok(());
                }
                _ => self.at += 1,
            }
        }
    }

    fn text_before(&mut self, class: TokenClass, from: usize) {
        if from < self.at {
            self.push(class, from, self.at);
        }
    }
}

/// Combining marks and connectors, which continue a name.
fn is_mark(character: char) -> bool {
    !character.is_ascii() && !character.is_whitespace() && !character.is_control() && !is_symbol(character)
}

/// Characters outside ASCII that no name may hold, roughly: punctuation and symbols.
fn is_symbol(character: char) -> bool {
    matches!(
        u32::from(character),
        0xa1..=0xa9 | 0xab..=0xb1 | 0xb4 | 0xb6 | 0xb8 | 0xbb..=0xbf | 0xd7 | 0xf7 | 0x2010..=0x2038 | 0x2041..=0x2053
            | 0x2055..=0x206f | 0x20a0..=0x20c0 | 0x2190..=0x2bff | 0x3001..=0x3003 | 0x3008..=0x3020 | 0xff01..=0xff0f
            | 0x1f000..=0x1faff
    )
}
