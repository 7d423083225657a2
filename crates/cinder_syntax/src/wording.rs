//! The parser's errors in CPython's words.
//!
//! Source: the `invalid_*` rules of CPython's `Grammar/python.gram`, `Parser/pegen_errors.c`, `Parser/lexer/lexer.c`.

use cinder_text::{Ranged, TextRange, slice};
use ruff_python_ast::Mod;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{
    InterpolatedStringErrorType, LexicalErrorType, ParseError, ParseErrorType, Parsed, UnsupportedSyntaxError,
};

use crate::error::{SyntaxError, SyntaxErrorKind};

/// The errors of lexer and parser, without order.
pub(crate) fn syntax_errors(source: &str, parsed: &Parsed<Mod>) -> Vec<SyntaxError> {
    let mut errors: Vec<SyntaxError> = parsed.errors().iter().map(|error| parse_error(source, error)).collect();
    errors.extend(parsed.unsupported_syntax_errors().iter().map(unsupported));
    errors
}

fn parse_error(source: &str, error: &ParseError) -> SyntaxError {
    let range = within(source, error.location);
    let kind = match &error.error {
        ParseErrorType::UnexpectedIndentation | ParseErrorType::Lexical(LexicalErrorType::IndentationError) => {
            SyntaxErrorKind::Indentation
        }
        ParseErrorType::OtherError(message) if message.starts_with("Expected an indented block") => {
            SyntaxErrorKind::Indentation
        }
        _ => SyntaxErrorKind::Syntax,
    };
    SyntaxError::new(kind, message(source, &error.error, range), range)
}

fn message(source: &str, error: &ParseErrorType, range: TextRange) -> String {
    let fixed = match error {
        ParseErrorType::OtherError(text) => return sentence(text),
        ParseErrorType::StringAnnotationError(text) => text,
        ParseErrorType::Lexical(lexical) => return lexical_message(source, lexical, range),
        ParseErrorType::FStringError(error) => return interpolated_message(source, error, 'f', range),
        ParseErrorType::TStringError(error) => return interpolated_message(source, error, 't', range),
        ParseErrorType::ExpectedToken { expected, found } => return expected_token(*expected, *found),
        ParseErrorType::InvalidAssignmentTarget
        | ParseErrorType::InvalidAnnotatedAssignmentTarget
        | ParseErrorType::InvalidAugmentedAssignmentTarget => "cannot assign to this expression",
        ParseErrorType::InvalidNamedAssignmentTarget => "cannot use assignment expressions with this target",
        ParseErrorType::InvalidDeleteTarget => "cannot delete this expression",
        ParseErrorType::UnparenthesizedGeneratorExpression => "Generator expression must be parenthesized",
        ParseErrorType::PositionalAfterKeywordArgument => "positional argument follows keyword argument",
        ParseErrorType::PositionalAfterKeywordUnpacking => "positional argument follows keyword argument unpacking",
        ParseErrorType::InvalidArgumentUnpackingOrder => {
            "iterable argument unpacking follows keyword argument unpacking"
        }
        ParseErrorType::IterableUnpackingInComprehension => "iterable unpacking cannot be used in comprehension",
        ParseErrorType::ParamAfterVarKeywordParam => "parameters cannot follow var-keyword parameter",
        ParseErrorType::NonDefaultParamAfterDefaultParam => {
            "parameter without a default follows parameter with a default"
        }
        ParseErrorType::VarParameterWithDefault => "var-positional or var-keyword parameter cannot have default value",
        ParseErrorType::ExpectedKeywordParam => "named parameters must follow bare *",
        ParseErrorType::EmptyTypeParams => "Type parameter list cannot be empty",
        ParseErrorType::EmptyImportNames => "Expected one or more names after 'import'",
        ParseErrorType::InvalidStarredExpressionUsage => "can't use starred expression here",
        ParseErrorType::InvalidMatchPatternTarget => "cannot use '_' as a target",
        ParseErrorType::UnexpectedIndentation => "unexpected indent",
        ParseErrorType::ExpectedRealNumber => "real number required in complex literal",
        ParseErrorType::ExpectedImaginaryNumber => "imaginary number required in complex literal",
        ParseErrorType::ExpectedExpression
        | ParseErrorType::EmptySlice
        | ParseErrorType::EmptyGlobalNames
        | ParseErrorType::EmptyNonlocalNames
        | ParseErrorType::EmptyDeleteTargets
        | ParseErrorType::UnparenthesizedNamedExpression
        | ParseErrorType::UnparenthesizedTupleExpression
        | ParseErrorType::InvalidLambdaExpressionUsage
        | ParseErrorType::InvalidYieldExpressionUsage
        | ParseErrorType::InvalidStarPatternUsage
        | ParseErrorType::SimpleStatementsOnSameLine
        | ParseErrorType::SimpleAndCompoundStatementOnSameLine
        | ParseErrorType::UnexpectedTokenAfterAsync(_)
        | ParseErrorType::UnexpectedIpythonEscapeCommand
        | ParseErrorType::UnexpectedExpressionToken => "invalid syntax",
    };
    fixed.to_owned()
}

fn expected_token(expected: TokenKind, found: TokenKind) -> String {
    match (expected, found) {
        (TokenKind::Colon, _) => "expected ':'".to_owned(),
        (TokenKind::Lpar, _) => "expected '('".to_owned(),
        (TokenKind::Newline, TokenKind::Indent) => "unexpected indent".to_owned(),
        _ => "invalid syntax".to_owned(),
    }
}

fn lexical_message(source: &str, error: &LexicalErrorType, range: TextRange) -> String {
    match error {
        LexicalErrorType::UnclosedStringError => unterminated(source, range, ""),
        LexicalErrorType::FStringError(error) => interpolated_message(source, error, 'f', range),
        LexicalErrorType::TStringError(error) => interpolated_message(source, error, 't', range),
        LexicalErrorType::InvalidByteLiteral => "bytes can only contain ASCII literal characters".to_owned(),
        LexicalErrorType::IndentationError => "unindent does not match any outer indentation level".to_owned(),
        LexicalErrorType::LineContinuationError => "unexpected character after line continuation character".to_owned(),
        LexicalErrorType::Eof => "unexpected EOF while parsing".to_owned(),
        LexicalErrorType::UnrecognizedToken { tok: '\0' } => "source code cannot contain null bytes".to_owned(),
        LexicalErrorType::UnrecognizedToken { tok } if tok.is_ascii_graphic() => "invalid syntax".to_owned(),
        LexicalErrorType::UnrecognizedToken { tok } => {
            let code = u32::from(*tok);
            if tok.is_control() || tok.is_whitespace() || is_format_character(*tok) {
                format!("invalid non-printable character U+{code:04X}")
            } else {
                format!("invalid character '{tok}' (U+{code:04X})")
            }
        }
        LexicalErrorType::StringError
        | LexicalErrorType::UnicodeError
        | LexicalErrorType::MissingUnicodeLbrace
        | LexicalErrorType::MissingUnicodeRbrace => {
            "(unicode error) 'unicodeescape' codec can't decode bytes: malformed escape".to_owned()
        }
        LexicalErrorType::OtherError(text) => sentence(text),
    }
}

/// Invisible characters that people paste by accident.
fn is_format_character(character: char) -> bool {
    matches!(u32::from(character), 0xad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2064 | 0xfeff)
}

fn interpolated_message(source: &str, error: &InterpolatedStringErrorType, letter: char, range: TextRange) -> String {
    let text = match error {
        InterpolatedStringErrorType::UnclosedLbrace => "expecting '}'",
        InterpolatedStringErrorType::SingleRbrace => "single '}' is not allowed",
        InterpolatedStringErrorType::InvalidConversionFlag => "invalid conversion character",
        InterpolatedStringErrorType::LambdaWithoutParentheses => {
            "lambda expressions are not allowed without parentheses"
        }
        InterpolatedStringErrorType::ConversionFlagNotImmediatelyAfterExclamation => {
            "conversion type must come right after the exclamation mark"
        }
        InterpolatedStringErrorType::NewlineInFormatSpec => {
            "newlines are not allowed in format specifiers for single quoted f-strings"
        }
        InterpolatedStringErrorType::UnterminatedString
        | InterpolatedStringErrorType::UnterminatedTripleQuotedString => {
            return unterminated(source, range, if letter == 'f' { "f-" } else { "t-" });
        }
    };
    format!("{letter}-string: {text}")
}

/// A literal without closing quotes; `range` starts at its prefix or quotes.
fn unterminated(source: &str, range: TextRange, prefix: &str) -> String {
    let rest = &source[cinder_text::floor_char_boundary(source, range.start().to_usize())..];
    let literal = rest.trim_start_matches(|character: char| character.is_ascii_alphabetic());
    let is_triple = literal.starts_with("\"\"\"") || literal.starts_with("'''");
    let end = if is_triple { source.trim_end_matches('\n').len() } else { range.start().to_usize() };
    let line_number = source.as_bytes()[..end.min(source.len())].iter().filter(|&&byte| byte == b'\n').count() + 1;
    let triple = if is_triple { "triple-quoted " } else { "" };
    let prefix_word = format!("{prefix}string");
    format!("unterminated {triple}{prefix_word} literal (detected at line {line_number})")
}

fn unsupported(error: &UnsupportedSyntaxError) -> SyntaxError {
    SyntaxError::new(SyntaxErrorKind::Syntax, sentence(&error.to_string()), error.range())
}

/// The parser's description as the start of a message: small first letter, straight quotes.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).map(|character| if character == '`' { '\'' } else { character }).collect()
}

/// `range` cut to the text.
fn within(source: &str, range: TextRange) -> TextRange {
    let part = slice(source, range);
    let start = part.as_ptr() as usize - source.as_ptr() as usize;
    TextRange::at((start as u32).into(), (part.len() as u32).into())
}
