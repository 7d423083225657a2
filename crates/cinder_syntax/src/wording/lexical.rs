//! Errors of the tokenizer.

use cinder_text::{TextRange, TextSize, slice};
use ruff_python_parser::{InterpolatedStringErrorType, LexicalErrorType};

use super::context::Context;
use super::line_number;

pub(super) fn message(context: &Context<'_>, error: &LexicalErrorType, range: TextRange) -> (String, TextRange) {
    let source = context.source;
    let text = match error {
        LexicalErrorType::UnclosedStringError => {
            if let Some(letter) = context.is_closing_quote(range) {
                return (format!("{letter}-string: expecting '}}'"), TextRange::empty(range.start()));
            }
            return (unterminated(source, range, ""), first_character(source, range));
        }
        LexicalErrorType::FStringError(error) => return interpolated(context, error, 'f', range),
        LexicalErrorType::TStringError(error) => return interpolated(context, error, 't', range),
        LexicalErrorType::InvalidByteLiteral => {
            return ("bytes can only contain ASCII literal characters".to_owned(), context.literal_around(range));
        }
        LexicalErrorType::IndentationError => {
            return ("unindent does not match any outer indentation level".to_owned(), line_end(context, range));
        }
        LexicalErrorType::LineContinuationError => {
            let behind = character_at(source, range.start() + TextSize::new(1));
            return (line_continuation(context, range), behind);
        }
        LexicalErrorType::Eof => "unexpected EOF while parsing".to_owned(),
        LexicalErrorType::UnrecognizedToken { tok } if tok.is_ascii_graphic() => return context.invalid_syntax(range),
        LexicalErrorType::UnrecognizedToken { tok } => unrecognized(*tok),
        LexicalErrorType::StringError
        | LexicalErrorType::UnicodeError
        | LexicalErrorType::MissingUnicodeLbrace
        | LexicalErrorType::MissingUnicodeRbrace => return escape(context, range),
        LexicalErrorType::OtherError(_) => {
            let literal = slice(source, range);
            if literal.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
                let message = number_message(literal, context.text_from(range.start()));
                return (message, number_place(context, literal, range));
            } else {
                "invalid syntax".to_owned()
            }
        }
    };
    (text, range)
}

/// CPython points at where a literal starts that never ends.
fn first_character(source: &str, range: TextRange) -> TextRange {
    character_at(source, range.start())
}

/// The character at a place; nothing at the end of the text.
fn character_at(source: &str, place: TextSize) -> TextRange {
    let rest = source.get(place.to_usize()..).unwrap_or_default();
    let bytes = rest.chars().next().map_or(0, char::len_utf8);
    TextRange::at(place.min(TextSize::new(source.len() as u32)), TextSize::new(bytes as u32))
}

/// The end of the line at `range`, behind its last character.
fn line_end(context: &Context<'_>, range: TextRange) -> TextRange {
    let rest = context.text_from(range.start());
    let len = rest.find('\n').unwrap_or(rest.len());
    TextRange::empty(range.start() + TextSize::new(len as u32))
}

/// The zeros that must not stand before other digits; else the last character of the number that CPython has read when it notices.
///
/// Source: `tok_decimal_tail` and the digits' loops in CPython's `Parser/lexer/lexer.c`.
pub(super) fn number_place(context: &Context<'_>, literal: &str, range: TextRange) -> TextRange {
    let zeros = literal.bytes().take_while(|&byte| byte == b'0').count();
    let is_decimal = literal.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let is_wide = literal.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    if zeros > 0 && is_decimal && is_wide && !literal.ends_with('_') && !literal.contains("__") {
        return TextRange::at(range.start(), TextSize::new(zeros as u32));
    }
    let rest = context.text_from(range.start()).as_bytes();
    let at = |index: usize| rest.get(index).copied().unwrap_or(b' ').to_ascii_lowercase();
    let (radix, prefix) = match (at(0), at(1)) {
        (b'0', b'x') => (16, 2),
        (b'0', b'o') => (8, 2),
        (b'0', b'b') => (2, 2),
        _ => (10, 0),
    };
    let is_digit = |byte: u8| char::from(byte).is_digit(radix);
    let mut len = prefix;
    while is_digit(at(len)) || (at(len) == b'_' && len > 0 && at(len - 1) != b'_') {
        len += 1;
    }
    // A digit of another base has been read, anything else is put back.
    let read = if radix < 10 && at(len).is_ascii_digit() { len + 1 } else { len };
    let last = read.saturating_sub(1);
    character_at(context.source, range.start() + TextSize::new(last as u32))
}

fn line_continuation(context: &Context<'_>, range: TextRange) -> String {
    let after = context.text_from(range.start()).trim_start_matches('\\');
    if after.trim_start_matches(['\n', '\r']).is_empty() {
        "unexpected EOF while parsing".to_owned()
    } else {
        "unexpected character after line continuation character".to_owned()
    }
}

fn unrecognized(character: char) -> String {
    let code = u32::from(character);
    match character {
        '\0' => "source code cannot contain null bytes".to_owned(),
        _ if character.is_control() || character.is_whitespace() || is_format_character(character) => {
            format!("invalid non-printable character U+{code:04X}")
        }
        _ => format!("invalid character '{character}' (U+{code:04X})"),
    }
}

/// Invisible characters that people paste by accident.
fn is_format_character(character: char) -> bool {
    matches!(u32::from(character), 0xad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2064 | 0xfeff)
}

/// A malformed number. `rest` is the source from the number's first character.
///
/// Source: `tok_get_normal_mode` and `verify_end_of_number` in CPython's `Parser/lexer/lexer.c`.
pub(super) fn number_message(literal: &str, rest: &str) -> String {
    let word: String =
        rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.')).collect();
    let lower = word.to_ascii_lowercase();
    let based = [("0x", "hexadecimal", 16), ("0o", "octal", 8), ("0b", "binary", 2)];
    for (prefix, kind, radix) in based {
        if let Some(digits) = lower.strip_prefix(prefix) {
            let bad = digits.chars().find(|digit| *digit != '_' && !digit.is_digit(radix));
            return match bad {
                Some(digit) if digit.is_ascii_digit() => format!("invalid digit '{digit}' in {kind} literal"),
                _ => format!("invalid {kind} literal"),
            };
        }
    }
    let digits: String = lower.chars().take_while(|digit| digit.is_ascii_digit() || *digit == '_').collect();
    let is_plain = digits.len() == lower.len();
    if is_plain && digits.starts_with('0') && digits.chars().any(|digit| !matches!(digit, '0' | '_')) {
        return "leading zeros in decimal integer literals are not permitted; \
                use an 0o prefix for octal integers"
            .to_owned();
    }
    if literal.ends_with(['j', 'J']) {
        return "invalid imaginary literal".to_owned();
    }
    "invalid decimal literal".to_owned()
}

/// Whether a message is one of [`number_message`].
pub(super) fn is_about_number(message: &str) -> bool {
    message.starts_with("invalid digit '")
        || message.starts_with("leading zeros in ")
        || (message.starts_with("invalid ") && message.ends_with(" literal"))
}

pub(super) fn interpolated(
    context: &Context<'_>,
    error: &InterpolatedStringErrorType,
    letter: char,
    range: TextRange,
) -> (String, TextRange) {
    let text = match error {
        InterpolatedStringErrorType::UnclosedLbrace => {
            let hint = context.invalid_syntax(range);
            if hint.0 != "invalid syntax" {
                return hint;
            }
            return (unclosed_field(context, letter, range), TextRange::empty(range.start()));
        }
        InterpolatedStringErrorType::SingleRbrace => {
            return (format!("{letter}-string: single '}}' is not allowed"), TextRange::empty(range.start()));
        }
        InterpolatedStringErrorType::InvalidConversionFlag => {
            let name = slice(context.source, range);
            if !name.starts_with(|letter: char| letter == '_' || letter.is_alphabetic()) {
                let is_missing = name.is_empty() || name.starts_with([':', '}', ' ']);
                let problem = if is_missing { "missing" } else { "invalid" };
                return (format!("{letter}-string: {problem} conversion character"), range);
            }
            format!("invalid conversion character '{name}': expected 's', 'r', or 'a'")
        }
        InterpolatedStringErrorType::LambdaWithoutParentheses => {
            "lambda expressions are not allowed without parentheses".to_owned()
        }
        InterpolatedStringErrorType::ConversionFlagNotImmediatelyAfterExclamation => {
            "conversion type must come right after the exclamation mark".to_owned()
        }
        InterpolatedStringErrorType::NewlineInFormatSpec => {
            format!("newlines are not allowed in format specifiers for single quoted {letter}-strings")
        }
        InterpolatedStringErrorType::UnterminatedString
        | InterpolatedStringErrorType::UnterminatedTripleQuotedString => {
            let prefix = if letter == 'f' { "f-" } else { "t-" };
            let start = context.interpolated_start(range.start()).unwrap_or(range.start());
            let message = unterminated(context.source, TextRange::empty(start), prefix);
            return (message, first_character(context.source, range));
        }
    };
    (format!("{letter}-string: {text}"), range)
}

/// A field without `}`: in its format, CPython offers what else could follow.
fn unclosed_field(context: &Context<'_>, letter: char, range: TextRange) -> String {
    let before = context.text_before(range);
    let field = before.rfind('{').map_or("", |at| &before[at + 1..]);
    if field.contains(':') {
        format!("{letter}-string: expecting '}}', or format specs")
    } else {
        format!("{letter}-string: expecting '}}'")
    }
}

/// A literal without closing quotes; `range` starts at its prefix or quotes.
fn unterminated(source: &str, range: TextRange, prefix: &str) -> String {
    let start = cinder_text::floor_char_boundary(source, range.start().to_usize());
    let literal = source[start..].trim_start_matches(|character: char| character.is_ascii_alphabetic());
    let is_triple = literal.starts_with("\"\"\"") || literal.starts_with("'''");
    let end = if is_triple { source.trim_end_matches('\n').len() } else { start };
    let triple = if is_triple { "triple-quoted " } else { "" };
    let line = literal.lines().next().unwrap_or_default();
    let escapes_quote = !is_triple
        && prefix.is_empty()
        && line.starts_with(['"', '\''])
        && line[1..].contains(if line.starts_with('"') { "\\\"" } else { "\\'" });
    let hint = if escapes_quote { "; perhaps you escaped the end quote?" } else { "" };
    format!("unterminated {triple}{prefix}string literal (detected at line {}){hint}", line_number(source, end))
}

/// A malformed escape in a string. The place becomes the whole literal, as in CPython, whose positions count characters
/// of the literal's body.
fn escape(context: &Context<'_>, range: TextRange) -> (String, TextRange) {
    let source = context.source;
    let from = cinder_text::floor_char_boundary(source, range.start().to_usize());
    // The parser's place is inside or right after the escape: the last backslash at or before it starts the escape.
    let backslash = source[..from].rfind('\\').unwrap_or(from);
    let at_place = if source[from..].starts_with('\\') { from } else { backslash };
    let body_start = source[..at_place].rfind(['"', '\'']).map_or(at_place, |quote| quote + 1);
    let start = source[body_start..at_place].chars().count();
    let escape = &source[at_place..];
    let (digits, what) = match escape.as_bytes().get(1) {
        Some(b'x') => (2, "truncated \\xXX escape"),
        Some(b'u') => (4, "truncated \\uXXXX escape"),
        Some(b'U') => (8, "truncated \\UXXXXXXXX escape"),
        _ => (0, "malformed \\N character escape"),
    };
    let found = escape.chars().skip(2).take(digits).take_while(char::is_ascii_hexdigit).count();
    let (what, len) = match what {
        "malformed \\N character escape" if escape.contains('}') && escape[2..].starts_with('{') => {
            ("unknown Unicode character name", escape.find('}').unwrap_or(1))
        }
        _ if digits == 8 && found == 8 => ("illegal Unicode character", 9),
        _ => (what, found + 1),
    };
    let message =
        format!("(unicode error) 'unicodeescape' codec can't decode bytes in position {start}-{}: {what}", start + len);
    let here = TextSize::new(at_place as u32);
    if let Some(part) = context.interpolated_part(here) {
        return (message, part);
    }
    (message, context.literal_around(TextRange::at(TextSize::new(at_place as u32), TextSize::new(1))))
}
