//! Looks at the raw text before the parser does and refuses what nests too deeply.
//!
//! Problem: the parser, and every later stage, recurses once per nesting level. A hundred thousand parentheses cost
//! the attacker a hundred kilobytes and us a stack.
//! Idea: one pass over the bytes that knows strings (f-strings too), comments, brackets and line structure, and
//! nothing of the grammar. It keeps upper bounds: brackets open, indentation levels, prefix operators waiting for
//! their operand, and the length of operator chains since the last comma or line end.
//! Holds: constant space per open bracket, linear time. Bounds may be too high (then the tree is measured exactly,
//! see [`crate::depth`]); where the text is malformed they may be too low, and the parser's own growing stack covers it.
//!
//! Source: the limits on brackets, indentation and f-strings are those of CPython's `Parser/lexer/state.h`.

use cinder_text::{TextRange, TextSize};

use crate::error::{SyntaxError, SyntaxErrorKind};

/// CPython's `MAXLEVEL`.
pub(crate) const MAX_BRACKETS: usize = 200;
/// CPython's `MAXFSTRINGLEVEL`.
const MAX_NESTED_STRINGS: usize = 150;
/// CPython's `MAXINDENT`; the outermost level counts.
pub(crate) const MAX_INDENTS: usize = 100;
/// The deepest tree cinder builds, in nodes from the root; CPython gives up between a few thousand and some ten
/// thousand, depending on its stack.
pub(crate) const MAX_DEPTH: u32 = 2_000;

/// What the scan learned about a text that is fit for the parser.
pub(crate) struct ScanSummary {
    /// No expression of the text has more levels than this.
    pub(crate) depth_bound: u32,
    /// The first thing wrong with the brackets. Means nothing when the parser is content.
    pub(crate) bracket_problem: Option<BracketProblem>,
    /// The start of the first line whose indentation mixes tabs and blanks so that its depth is not clear.
    pub(crate) tab_problem: Option<usize>,
    /// Where interpolated strings are nested deeper than CPython follows.
    pub(crate) nesting_problem: Option<usize>,
}

/// Brackets that do not pair, as CPython's tokenizer reports them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum BracketProblem {
    /// A closing bracket without an opening one.
    Unmatched { close: u8, at: usize },
    /// A closing bracket of another kind than the last one opened.
    Mismatch { open: u8, open_at: usize, close: u8, at: usize },
    /// A closing bracket other than `}` directly in a replacement field.
    UnmatchedInField { close: u8, at: usize },
    /// The text ended; the innermost open bracket.
    Unclosed { open: u8, at: usize },
}

/// Scans `source`; an error means that the parser must not see the text.
pub(crate) fn scan(source: &str) -> Result<ScanSummary, SyntaxError> {
    let mut scanner = Scanner {
        bytes: source.as_bytes(),
        at: 0,
        levels: vec![Level::new(LevelKind::Line, 0)],
        indents: vec![(0, 0)],
        tab_problem: None,
        nesting_problem: None,
        waiting: 0,
        chained: 0,
        depth_bound: 0,
        after_operand: false,
        bracket_problem: None,
    };
    scanner.run()?;
    let unclosed = scanner.levels[1..]
        .last()
        .map(|level| BracketProblem::Unclosed { open: scanner.bytes[level.start], at: level.start });
    Ok(ScanSummary {
        depth_bound: scanner.depth_bound,
        bracket_problem: scanner.bracket_problem.or(unclosed),
        tab_problem: scanner.tab_problem,
        nesting_problem: scanner.nesting_problem,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LevelKind {
    /// The logical line itself; exactly one, at the bottom.
    Line,
    Bracket,
    /// A replacement field of an f-string or t-string.
    Field(Quote),
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Quote {
    byte: u8,
    is_triple: bool,
    is_raw: bool,
}

/// One open bracket, replacement field or line.
struct Level {
    kind: LevelKind,
    start: usize,
    /// Keywords that take everything to their right, since the last separator.
    keywords: u32,
    /// Prefix operators and `**` that wait for the same operand.
    prefixes: u32,
    /// Operators and trailers, since the last separator.
    chain: u32,
    /// In a field: the part after the colon has begun.
    in_format_spec: bool,
}

impl Level {
    fn new(kind: LevelKind, start: usize) -> Self {
        Self { kind, start, keywords: 0, prefixes: 0, chain: 0, in_format_spec: false }
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    levels: Vec<Level>,
    /// Columns of the open blocks, with tabs of eight and of one.
    indents: Vec<(u32, u32)>,
    /// Sum of `keywords` and `prefixes` over all levels.
    waiting: u32,
    /// Sum of `chain` over all levels.
    chained: u32,
    depth_bound: u32,
    after_operand: bool,
    bracket_problem: Option<BracketProblem>,
    tab_problem: Option<usize>,
    nesting_problem: Option<usize>,
}

impl Scanner<'_> {
    fn run(&mut self) -> Result<(), SyntaxError> {
        self.start_line()?;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\x0c' => self.at += 1,
                b'\n' | b'\r' => {
                    self.at += 1;
                    if self.levels.len() == 1 {
                        self.end_line();
                        self.start_line()?;
                    }
                }
                b'\\' => self.continue_line(),
                b'#' => self.at = self.line_end(),
                b'"' | b'\'' => self.string(false, false)?,
                b'0'..=b'9' => {
                    self.number();
                    self.after_operand = true;
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word()?,
                b'(' | b'[' | b'{' => self.open(LevelKind::Bracket, byte)?,
                b')' | b']' | b'}' => self.close(byte)?,
                _ => self.operator(byte)?,
            }
        }
        Ok(())
    }

    /// Measures the indentation of the line at `at`, unless it is blank or a comment.
    fn start_line(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        // The second count takes a tab for one column: where the two disagree about what is deeper, the line's depth depends on the editor.
        let (mut column, mut other) = (0, 0);
        while let Some(&byte) = self.bytes.get(self.at) {
            (column, other) = match byte {
                b' ' => (column + 1, other + 1),
                b'\t' => ((column / 8 + 1) * 8, other + 1),
                b'\x0c' => (0, 0),
                _ => break,
            };
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            None | Some(b'\n' | b'\r' | b'#' | b'\\') => return Ok(()),
            Some(_) => {}
        }
        let levels = self.indents.len();
        while self.indents.last().is_some_and(|&(top, _)| top > column) {
            self.indents.pop();
        }
        // A line that fits no block is a mistake of its own.
        let is_stray = self.indents.len() < levels && self.indents.last().is_some_and(|&(top, _)| top < column);
        let (top, top_other) = self.indents.last().copied().unwrap_or_default();
        let is_consistent = if top < column { top_other < other } else { top_other == other };
        if !is_consistent && !is_stray && self.tab_problem.is_none() {
            self.tab_problem = Some(start);
        }
        if top < column {
            if self.indents.len() >= MAX_INDENTS {
                return Err(SyntaxError::new(
                    SyntaxErrorKind::Indentation,
                    "too many levels of indentation",
                    range(start, self.at),
                ));
            }
            self.indents.push((column, other));
        }
        Ok(())
    }

    fn end_line(&mut self) {
        self.separator(true);
        self.after_operand = false;
    }

    /// A comma, a semicolon or the end of a line: what follows is a sibling of what came before.
    fn separator(&mut self, ends_statement: bool) {
        let Some(level) = self.levels.last_mut() else { return };
        self.chained -= level.chain;
        level.chain = 0;
        self.waiting -= level.prefixes;
        level.prefixes = 0;
        // Only brackets hold their keywords together: `a, lambda: b` has two siblings, but a header such as
        // `with a, b:` is followed by its suite.
        if ends_statement || level.kind != LevelKind::Line {
            self.waiting -= level.keywords;
            level.keywords = 0;
        }
        self.after_operand = false;
    }

    fn continue_line(&mut self) {
        self.at += 1;
        if self.bytes.get(self.at) == Some(&b'\r') {
            self.at += 1;
        }
        if self.bytes.get(self.at) == Some(&b'\n') {
            self.at += 1;
        }
    }

    fn line_end(&self) -> usize {
        let rest = &self.bytes[self.at..];
        self.at + rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len())
    }

    fn number(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')) {
                break;
            }
            self.at += 1;
        }
    }

    fn word(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        while let Some(&byte) = self.bytes.get(self.at) {
            if !(byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80) {
                break;
            }
            self.at += 1;
        }
        let word = &self.bytes[start..self.at];
        if let Some(b'"' | b'\'') = self.bytes.get(self.at)
            && let Some((is_interpolated, is_raw)) = string_prefix(word)
        {
            return self.string(is_interpolated, is_raw);
        }
        match word {
            b"and" | b"or" | b"in" | b"is" | b"as" | b"from" => self.chain(false)?,
            b"not" | b"lambda" | b"await" | b"yield" | b"else" | b"if" | b"async" | b"for" | b"while" | b"with"
            | b"class" | b"def" | b"try" | b"except" | b"finally" | b"elif" | b"match" | b"case" | b"return"
            | b"del" | b"assert" | b"raise" | b"import" => {
                // Soft keywords used as names count too; that only raises the bound.
                if let Some(level) = self.levels.last_mut() {
                    level.keywords += 1;
                    self.waiting += 1;
                }
                self.after_operand = false;
                self.check(start)?;
            }
            _ => self.after_operand = true,
        }
        Ok(())
    }

    /// Skips a string literal that starts at `at`, or its text up to the first replacement field.
    fn string(&mut self, is_interpolated: bool, is_raw: bool) -> Result<(), SyntaxError> {
        let byte = self.bytes[self.at];
        let is_triple = self.bytes[self.at..].starts_with(&[byte; 3]);
        self.at += if is_triple { 3 } else { 1 };
        let quote = Quote { byte, is_triple, is_raw };
        let fields = || self.levels.iter().filter(|level| matches!(level.kind, LevelKind::Field(_))).count();
        if is_interpolated && self.levels.len() > MAX_NESTED_STRINGS && fields() >= MAX_NESTED_STRINGS {
            self.nesting_problem = self.nesting_problem.or(Some(self.at));
        }
        if is_interpolated { self.interpolated_text(quote, false) } else { self.plain_text(quote) }
    }

    fn plain_text(&mut self, quote: Quote) -> Result<(), SyntaxError> {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                // A quote after a backslash ends no literal, not even a raw one.
                b'\\' => self.escape(),
                b'\n' | b'\r' if !quote.is_triple => break,
                _ if byte == quote.byte && self.at_closing(quote) => break,
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
        self.after_operand = true;
        Ok(())
    }

    /// Steps over a backslash and what it escapes; a line end of two bytes is one thing.
    fn escape(&mut self) {
        self.at += if self.bytes[self.at + 1..].starts_with(b"\r\n") { 3 } else { 2 };
    }

    /// Skips the literal text of an f-string, or of a format specification, up to its end or the next field.
    fn interpolated_text(&mut self, quote: Quote, in_format_spec: bool) -> Result<(), SyntaxError> {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' if self.bytes.get(self.at + 1) == Some(&b'N') && !quote.is_raw => {
                    self.at += 2;
                    if self.bytes.get(self.at) == Some(&b'{') {
                        let rest = &self.bytes[self.at..];
                        let name = rest.iter().take_while(|byte| !matches!(byte, b'}' | b'\n' | b'"' | b'\'')).count();
                        self.at += name;
                        if self.bytes.get(self.at) == Some(&b'}') {
                            self.at += 1;
                        }
                    }
                }
                b'\\' if !matches!(self.bytes.get(self.at + 1), Some(b'{' | b'}')) => self.escape(),
                b'\n' | b'\r' if !quote.is_triple => break,
                b'{' if !in_format_spec && self.bytes.get(self.at + 1) == Some(&b'{') => self.at += 2,
                b'{' => return self.open(LevelKind::Field(quote), byte),
                b'}' if in_format_spec => return Ok(()),
                _ if byte == quote.byte && self.at_closing(quote) => break,
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
        if in_format_spec {
            // The literal ended inside a field: malformed, so the field is over too.
            self.pop();
        }
        self.after_operand = true;
        Ok(())
    }

    /// Steps over the closing quotes when they stand at `at`.
    fn at_closing(&mut self, quote: Quote) -> bool {
        if !quote.is_triple {
            self.at += 1;
            return true;
        }
        if self.bytes[self.at..].starts_with(&[quote.byte; 3]) {
            self.at += 3;
            return true;
        }
        false
    }

    fn open(&mut self, kind: LevelKind, byte: u8) -> Result<(), SyntaxError> {
        let start = self.at;
        if byte != b'{' && self.after_operand {
            self.chain(false)?;
        }
        if self.levels.len() > MAX_BRACKETS {
            return Err(SyntaxError::new(
                SyntaxErrorKind::Syntax,
                "too many nested parentheses",
                range(start, start + 1),
            ));
        }
        self.levels.push(Level::new(kind, start));
        self.at += 1;
        self.after_operand = false;
        self.check(start)
    }

    fn close(&mut self, byte: u8) -> Result<(), SyntaxError> {
        self.at += 1;
        self.after_operand = true;
        let Some(level) = self.levels.last() else { return Ok(()) };
        let (at, open_at) = (self.at - 1, level.start);
        let open = self.bytes.get(open_at).copied().unwrap_or_default();
        let problem = match (level.kind, open, byte) {
            (LevelKind::Line, ..) => Some(BracketProblem::Unmatched { close: byte, at }),
            (_, b'(', b')') | (_, b'[', b']') | (_, b'{', b'}') => None,
            (LevelKind::Field(_), ..) => Some(BracketProblem::UnmatchedInField { close: byte, at }),
            _ => Some(BracketProblem::Mismatch { open, open_at, close: byte, at }),
        };
        self.bracket_problem = self.bracket_problem.or(problem);
        match level.kind {
            LevelKind::Line => Ok(()),
            LevelKind::Bracket => {
                self.pop();
                Ok(())
            }
            LevelKind::Field(quote) => {
                if byte != b'}' {
                    return Ok(());
                }
                self.pop();
                let in_format_spec = self.levels.last().is_some_and(|outer| outer.in_format_spec);
                self.interpolated_text(quote, in_format_spec)
            }
        }
    }

    fn pop(&mut self) {
        if self.levels.len() > 1
            && let Some(level) = self.levels.pop()
        {
            self.waiting -= level.keywords + level.prefixes;
            self.chained -= level.chain;
        }
    }

    fn operator(&mut self, byte: u8) -> Result<(), SyntaxError> {
        let start = self.at;
        self.at += 1;
        let next = self.bytes.get(self.at).copied();
        match byte {
            b',' => self.separator(false),
            b';' => self.separator(true),
            b':' => match self.levels.last_mut() {
                Some(Level { kind: LevelKind::Field(quote), in_format_spec, .. }) => {
                    *in_format_spec = true;
                    let quote = *quote;
                    self.interpolated_text(quote, true)?;
                }
                _ => self.chain(false)?,
            },
            b'*' if next == Some(b'*') => {
                self.at += 1;
                self.prefix(start)?;
            }
            b'+' | b'-' | b'~' | b'*' if !self.after_operand => self.prefix(start)?,
            b'.' if next == Some(b'.') => {
                self.at += 1;
                self.after_operand = true;
            }
            b'.' => self.chain(true)?,
            b'!' | b'=' | b'<' | b'>' | b'/' | b'|' | b'&' | b'^' | b'%' | b'@' | b'+' | b'-' | b'*' => {
                // The rest of a longer operator has no operand before it and would count as a prefix.
                if let Some(b'=' | b'<' | b'>' | b'/') = next {
                    self.at += 1;
                }
                self.chain(false)?;
            }
            _ => self.after_operand = false,
        }
        Ok(())
    }

    fn prefix(&mut self, start: usize) -> Result<(), SyntaxError> {
        if let Some(level) = self.levels.last_mut() {
            level.prefixes += 1;
            self.waiting += 1;
        }
        self.after_operand = false;
        self.check(start)
    }

    /// A binary operator or a trailer: the operand before it is complete unless it is a trailer.
    fn chain(&mut self, is_trailer: bool) -> Result<(), SyntaxError> {
        if let Some(level) = self.levels.last_mut() {
            level.chain += 1;
            self.chained += 1;
            if !is_trailer {
                self.chained += level.prefixes;
                level.chain += level.prefixes;
                self.waiting -= level.prefixes;
                level.prefixes = 0;
            }
        }
        self.after_operand = false;
        self.depth_bound = self.depth_bound.max(self.chained + self.waiting + self.open_levels());
        Ok(())
    }

    /// Brackets, and blocks of statements.
    fn open_levels(&self) -> u32 {
        (self.levels.len() + self.indents.len()) as u32
    }

    fn check(&mut self, start: usize) -> Result<(), SyntaxError> {
        let depth = self.waiting + self.open_levels();
        self.depth_bound = self.depth_bound.max(depth + self.chained);
        if depth > MAX_DEPTH {
            let from = self.levels.last().map_or(start, |level| level.start);
            return Err(too_complex(range(start.max(from), start + 1)));
        }
        Ok(())
    }
}

/// The error for a text whose expressions nest more than [`MAX_DEPTH`] deep.
pub(crate) fn too_complex(range: TextRange) -> SyntaxError {
    let message = format!("too many nested expressions (more than {MAX_DEPTH} levels)");
    SyntaxError::new(SyntaxErrorKind::TooComplex, message, range)
}

/// Whether `word` before a quote is a string prefix: (has replacement fields, is raw).
fn string_prefix(word: &[u8]) -> Option<(bool, bool)> {
    if word.len() > 2 {
        return None;
    }
    let mut is_interpolated = false;
    let mut is_raw = false;
    for byte in word {
        match byte.to_ascii_lowercase() {
            b'f' | b't' => is_interpolated = true,
            b'r' => is_raw = true,
            b'b' | b'u' => {}
            _ => return None,
        }
    }
    Some((is_interpolated, is_raw))
}

fn range(start: usize, end: usize) -> TextRange {
    // A text is shorter than 4 GiB (`MAX_SOURCE_BYTES`, checked before the scan).
    TextRange::new(TextSize::new(start as u32), TextSize::new(end.max(start) as u32))
}
