//! The parser's errors in CPython's words.
//!
//! Problem: CPython finds most mistakes by extra grammar rules, tried after parsing failed; our parser recovers and names
//! what it expected.
//! Idea: keep the parser's place, and choose the words from the kind of error and the tokens and the tree around it. Brackets
//! that do not pair make all later errors noise, so they replace them, as in CPython.
//! Source: the `invalid_*` rules of CPython's `Grammar/python.gram`, `Parser/pegen_errors.c`, `Parser/lexer/lexer.c`.

use cinder_text::{Ranged, TextRange, TextSize, slice};
use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::{Mod, ModModule};
use ruff_python_parser::{
    LexicalErrorType, ParseError, ParseErrorType, Parsed, UnsupportedSyntaxError, UnsupportedSyntaxErrorKind,
};

use crate::error::{Phase, SyntaxError, SyntaxErrorKind};
use crate::scan::BracketProblem;

mod context;
mod lexical;
mod rules;
mod targets;

use context::Context;

/// A message and its place.
type Worded = (String, TextRange);

/// What the parser reports, apart from the tree.
pub(crate) struct ParserErrors {
    errors: Vec<ParseError>,
    unsupported: Vec<UnsupportedSyntaxError>,
}

impl ParserErrors {
    /// With `lazy_imports` those are no errors.
    pub(crate) fn of(parsed: &Parsed<Mod>, lazy_imports: bool) -> Self {
        let is_error = |error: &&UnsupportedSyntaxError| {
            !lazy_imports || error.kind != UnsupportedSyntaxErrorKind::LazyImportStatement
        };
        let unsupported = parsed.unsupported_syntax_errors().iter().filter(is_error).cloned().collect();
        Self { errors: parsed.errors().to_vec(), unsupported }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty() && self.unsupported.is_empty()
    }
}

/// How many errors of one text are worded; more help nobody, and each looks at its surroundings.
const MAX_ERRORS: usize = 1_000;
/// How many errors behind a bracket's line are worded to see whether the bracket is to blame; words may move an error a few tokens forwards.
const LOOKED_AT_BEHIND_BRACKETS: usize = 16;
/// How far the wording of an error looks around, in tokens or bytes; keeps hostile texts linear.
const MAX_LOOK: usize = 4_000;

/// The errors of lexer and parser, without order; the first [`MAX_ERRORS`].
pub(crate) fn syntax_errors(
    source: &str,
    module: &ModModule,
    tokens: &Tokens,
    found: ParserErrors,
    brackets: Option<BracketProblem>,
) -> Vec<SyntaxError> {
    let context = Context { source, module, tokens };
    let mut found_errors = found.errors;
    found_errors.sort_by_key(|error| error.location.start());
    found_errors.truncate(MAX_ERRORS);
    let bracket = brackets.map(|problem| (problem, bracket_error(source, problem)));
    // What stands on earlier lines has nothing to do with the brackets; what comes later is noise, hundreds of errors perhaps, most of which need no words.
    let line_start = bracket.as_ref().map(|(_, error)| line_start(source, error.range.start().to_usize()));
    let worded_len = line_start.map_or(found_errors.len(), |line_start| {
        let earlier = found_errors.partition_point(|error| error.location.start().to_usize() < line_start);
        found_errors.len().min(earlier + LOOKED_AT_BEHIND_BRACKETS)
    });
    let word = |errors: &[ParseError]| errors.iter().map(|error| parse_error(&context, error)).collect::<Vec<_>>();
    let mut errors = word(&found_errors[..worded_len]);
    let unsupported: Vec<SyntaxError> =
        found.unsupported.iter().take(MAX_ERRORS).map(|error| unsupported(&context, error)).collect();
    if let (Some((problem, error)), Some(line_start)) = (bracket, line_start)
        && (!errors.is_empty() || !unsupported.is_empty())
    {
        let first = errors.iter().chain(&unsupported).map(|error| error.range.start()).min();
        if !matches!(problem, BracketProblem::Unclosed { .. }) || is_to_blame(source, &error, first) {
            let phase =
                if errors.iter().any(|other| is_about_fields(&other.message)) { Phase::Parse } else { error.phase };
            place_unterminated(&context, &mut errors);
            drop_follow_ups(source, &mut errors);
            errors.extend(unsupported);
            errors.retain(|other| other.range.start().to_usize() < line_start);
            errors.push(error.at_phase(phase));
            return errors;
        }
    }
    errors.extend(word(&found_errors[worded_len..]));
    place_unterminated(&context, &mut errors);
    drop_follow_ups(source, &mut errors);
    errors.extend(unsupported);
    errors
}

/// An open bracket is to blame only when the text stopped making sense on a later line, or by ending.
fn is_to_blame(source: &str, bracket: &SyntaxError, first: Option<TextSize>) -> bool {
    first.is_none_or(|first| {
        let (open, first) = (bracket.range.start().to_usize(), first.to_usize());
        // The parser may point at the line's end, CPython at the token that follows.
        let blank = source[first..].len() - source[first..].trim_start().len();
        open <= first && (source[open..first + blank].contains('\n') || first + blank == source.len())
    })
}

fn line_start(source: &str, offset: usize) -> usize {
    source[..offset].rfind('\n').map_or(0, |at| at + 1)
}

/// A string that does not end is shown where it starts, unless something else in it is wrong.
fn place_unterminated(context: &Context<'_>, errors: &mut [SyntaxError]) {
    for index in 0..errors.len() {
        let error = &errors[index];
        if !error.message.starts_with("unterminated") || !error.message.contains("-string literal") {
            continue;
        }
        let found = error.range.start();
        let Some(start) = context.interpolated_start(found) else { continue };
        let is_inside = |other: &SyntaxError| start <= other.range.start() && other.range.start() < found;
        if !errors.iter().any(is_inside) {
            errors[index].range = TextRange::at(start, TextSize::new(1));
        }
    }
}

/// The step of CPython's compiler that meets the error. Our tokenizer ends some numbers early, so that the parser is the one to complain; and
/// behind a mistake in a field of an f-string the two see different tokens.
fn phase(error: &ParseErrorType, message: &str) -> Phase {
    let is_token = match error {
        _ if is_about_fields(message) => false,
        ParseErrorType::Lexical(LexicalErrorType::UnrecognizedToken { tok }) => !tok.is_ascii_graphic(),
        ParseErrorType::Lexical(
            LexicalErrorType::UnclosedStringError
            | LexicalErrorType::LineContinuationError
            | LexicalErrorType::OtherError(_),
        ) => true,
        _ => lexical::is_about_number(message),
    };
    if is_token { Phase::Tokenize } else { Phase::Parse }
}

fn is_about_fields(message: &str) -> bool {
    message.contains("f-string") || message.contains("t-string")
}

/// Drops errors without a particular message on the line of an earlier error: most are its echo.
fn drop_follow_ups(source: &str, errors: &mut Vec<SyntaxError>) {
    let mut last_end: Option<usize> = None;
    errors.retain(|error| {
        let start = error.range.start().to_usize();
        let is_vague =
            error.message == "invalid syntax" || error.message.ends_with("-string: single '}' is not allowed");
        let is_echo =
            is_vague && last_end.is_some_and(|end| end <= start && !source.as_bytes()[end..start].contains(&b'\n'));
        if !is_echo {
            last_end = Some(error.range.start().to_usize());
        }
        !is_echo
    });
}

fn bracket_error(source: &str, problem: BracketProblem) -> SyntaxError {
    let is_open = matches!(problem, BracketProblem::Unclosed { .. });
    let place = |at: usize| TextRange::at(TextSize::new(at as u32), TextSize::new(u32::from(is_open)));
    let (message, at) = match problem {
        BracketProblem::Unmatched { close, at } => (format!("unmatched '{}'", char::from(close)), at),
        BracketProblem::UnmatchedInField { close, at } => (format!("f-string: unmatched '{}'", char::from(close)), at),
        BracketProblem::Unclosed { open, at } => (format!("'{}' was never closed", char::from(open)), at),
        BracketProblem::Mismatch { open, open_at, close, at } => {
            let (open, close) = (char::from(open), char::from(close));
            let base = format!("closing parenthesis '{close}' does not match opening parenthesis '{open}'");
            let (line, open_line) = (line_number(source, at), line_number(source, open_at));
            (if line == open_line { base } else { format!("{base} on line {open_line}") }, at)
        }
    };
    let phase = if is_open { Phase::Parse } else { Phase::Tokenize };
    SyntaxError::new(SyntaxErrorKind::Syntax, message, place(at)).at_phase(phase)
}

fn parse_error(context: &Context<'_>, error: &ParseError) -> SyntaxError {
    let range = within(context.source, error.location);
    let (message, range) = match &error.error {
        ParseErrorType::Lexical(lexical) => lexical::message(context, lexical, range),
        ParseErrorType::FStringError(error) => lexical::interpolated(context, error, 'f', range),
        ParseErrorType::TStringError(error) => lexical::interpolated(context, error, 't', range),
        ParseErrorType::InvalidAssignmentTarget => targets::assignment(context, range),
        ParseErrorType::InvalidAnnotatedAssignmentTarget => ("illegal target for annotation".to_owned(), range),
        ParseErrorType::InvalidAugmentedAssignmentTarget => {
            let name = targets::name_at(context, range);
            (format!("'{name}' is an illegal expression for augmented assignment"), range)
        }
        ParseErrorType::InvalidNamedAssignmentTarget if context.is_in_call(range.start()) => {
            ("invalid syntax".to_owned(), context.token_after(range))
        }
        ParseErrorType::InvalidNamedAssignmentTarget => {
            (format!("cannot use assignment expressions with {}", targets::name_at(context, range)), range)
        }
        ParseErrorType::InvalidDeleteTarget => (format!("cannot delete {}", targets::name_at(context, range)), range),
        ParseErrorType::OtherError(text) => other(context, text, range),
        other => message(context, other, range),
    };
    let is_indentation = matches!(
        error.error,
        ParseErrorType::UnexpectedIndentation | ParseErrorType::Lexical(LexicalErrorType::IndentationError)
    ) || message.starts_with("expected an indented block")
        || message == "unexpected indent";
    let kind = if is_indentation { SyntaxErrorKind::Indentation } else { SyntaxErrorKind::Syntax };
    let phase = phase(&error.error, &message);
    SyntaxError::new(kind, message, range).at_phase(phase)
}

fn message(context: &Context<'_>, error: &ParseErrorType, range: TextRange) -> Worded {
    let fixed = match error {
        ParseErrorType::StringAnnotationError(text) => text,
        ParseErrorType::ExpectedToken { expected, found } => return expected_token(context, *expected, *found, range),
        ParseErrorType::UnparenthesizedGeneratorExpression
            if context.first_of_line(range.start()) == TokenKind::Class =>
        {
            let place = context.find_in(range, TokenKind::For).unwrap_or(range);
            return ("invalid syntax".to_owned(), place);
        }
        ParseErrorType::UnparenthesizedGeneratorExpression => "Generator expression must be parenthesized",
        ParseErrorType::PositionalAfterKeywordArgument => {
            return ("positional argument follows keyword argument".to_owned(), context.closing_bracket(range));
        }
        ParseErrorType::PositionalAfterKeywordUnpacking => {
            let message = "positional argument follows keyword argument unpacking";
            return (message.to_owned(), context.closing_bracket(range));
        }
        ParseErrorType::InvalidArgumentUnpackingOrder => {
            let message = "iterable argument unpacking follows keyword argument unpacking";
            return (message.to_owned(), context.comma_before(range));
        }
        ParseErrorType::IterableUnpackingInComprehension => "iterable unpacking cannot be used in comprehension",
        ParseErrorType::ParamAfterVarKeywordParam => "arguments cannot follow var-keyword argument",
        ParseErrorType::NonDefaultParamAfterDefaultParam if slice(context.source, range).ends_with('=') => {
            let equal = TextRange::new(range.end() - TextSize::new(1), range.end());
            return ("expected default value expression".to_owned(), equal);
        }
        ParseErrorType::NonDefaultParamAfterDefaultParam => {
            "parameter without a default follows parameter with a default"
        }
        ParseErrorType::VarParameterWithDefault if context.is_after_double_star(range) => {
            "var-keyword argument cannot have default value"
        }
        ParseErrorType::VarParameterWithDefault => "var-positional argument cannot have default value",
        ParseErrorType::ExpectedKeywordParam if context.is_keyword_after_star(range) => {
            return ("invalid syntax".to_owned(), context.token_after(range));
        }
        ParseErrorType::ExpectedKeywordParam => "named arguments must follow bare *",
        ParseErrorType::EmptyTypeParams => "Type parameter list cannot be empty",
        ParseErrorType::EmptyImportNames
            if matches!(context.token_at(range.start()), TokenKind::Newline | TokenKind::EndOfFile) =>
        {
            "Expected one or more names after 'import'"
        }
        ParseErrorType::InvalidStarredExpressionUsage if context.is_parenthesized(range) => {
            "cannot use starred expression here"
        }
        ParseErrorType::InvalidStarredExpressionUsage => "can't use starred expression here",
        ParseErrorType::InvalidMatchPatternTarget if context.text_before(range).trim_end().ends_with("**") => {
            "invalid syntax"
        }
        ParseErrorType::InvalidMatchPatternTarget => "cannot use '_' as a target",
        ParseErrorType::UnexpectedIndentation => {
            return ("unexpected indent".to_owned(), context.last_blank_of_indentation(range));
        }
        ParseErrorType::ExpectedRealNumber => "real number required in complex literal",
        ParseErrorType::ExpectedImaginaryNumber => "imaginary number required in complex literal",
        _ => return context.invalid_syntax(range),
    };
    (fixed.to_owned(), range)
}

fn expected_token(context: &Context<'_>, expected: TokenKind, found: TokenKind, range: TextRange) -> Worded {
    let special = context.invalid_syntax(range);
    if special.0 != "invalid syntax" {
        return special;
    }
    let message = match expected {
        TokenKind::Colon if context.is_at_level_zero(range.start()) && !context.is_after_conditional(range) => {
            "expected ':'".to_owned()
        }
        TokenKind::Else if found != TokenKind::Colon && context.is_after_loop_variables(range) => {
            return context.missing_in(range);
        }
        TokenKind::Else if found != TokenKind::Colon => match context.conditional_before(range) {
            Some(place) => return ("expected 'else' after 'if' expression".to_owned(), place),
            None => return special,
        },
        TokenKind::Lpar => "expected '('".to_owned(),
        TokenKind::Newline if found == TokenKind::Indent => "unexpected indent".to_owned(),
        _ => return special,
    };
    (message, range)
}

/// Errors the parser describes by text.
fn other(context: &Context<'_>, text: &str, range: TextRange) -> Worded {
    if let Some(clause) = text.strip_prefix("Expected an indented block after ") {
        return (context.expected_block(clause, range), range);
    }
    let fixed = match text {
        "Only one '/' separator allowed" => "/ may appear only once",
        "'/' parameter must appear before '*' parameter" => "/ must be ahead of *",
        "Position-only parameter separator not allowed as first parameter" => "at least one argument must precede /",
        "Only one '*' parameter allowed" | "Only one '*' separator allowed" => "* argument may appear only once",
        "Boolean 'not' expression cannot be used here" => "'not' after an operator must be parenthesized",
        "Trailing comma not allowed" if context.first_of_line(range.start()) == TokenKind::With => {
            return ("invalid syntax".to_owned(), context.token_after(range));
        }
        "Trailing comma not allowed" => "trailing comma not allowed without surrounding parentheses",
        "Positional patterns cannot follow keyword patterns" => "positional patterns follow keyword patterns",
        "Only single target (not tuple) can be annotated" => "only single target (not tuple) can be annotated",
        "Only single target (not list) can be annotated" => "only single target (not list) can be annotated",
        "Expected `except` or `finally` after `try` block" => "expected 'except' or 'finally' block",
        "Expected one or more exception types" => "expected one or more exception types",
        "Multiple exception types must be parenthesized when using `as`" => {
            "multiple exception types must be parenthesized when using 'as'"
        }
        "Cannot have both 'except' and 'except*' on the same 'try'" => {
            let message = "cannot have both 'except' and 'except*' on the same 'try'";
            return (message.to_owned(), context.except_word(range));
        }
        text if text.contains("-string") && text.contains("mix") => {
            "cannot mix t-string literals with string or bytes literals"
        }
        text if text.contains("ytes literal") && text.contains("mix") => "cannot mix bytes and nonbytes literals",
        "Expected a parameter name" => return context.invalid_keyword(range),
        _ => return context.invalid_syntax(range),
    };
    (fixed.to_owned(), range)
}

fn unsupported(context: &Context<'_>, error: &UnsupportedSyntaxError) -> SyntaxError {
    let text = error.to_string();
    let message = if text.contains("iterable unpacking in a") {
        "iterable unpacking cannot be used in comprehension".to_owned()
    } else if text.contains("dictionary unpacking in a") {
        "dict unpacking cannot be used in dict comprehension".to_owned()
    } else {
        let mut characters = text.chars();
        let first = characters.next().map(|first| first.to_ascii_lowercase());
        first.into_iter().chain(characters).map(|character| if character == '`' { '\'' } else { character }).collect()
    };
    SyntaxError::new(SyntaxErrorKind::Syntax, message, within(context.source, error.range()))
}

/// The one-based line of a byte offset.
fn line_number(source: &str, offset: usize) -> usize {
    source.as_bytes()[..offset.min(source.len())].iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// `range` cut to the text.
fn within(source: &str, range: TextRange) -> TextRange {
    let part = slice(source, range);
    let start = part.as_ptr() as usize - source.as_ptr() as usize;
    TextRange::at((start as u32).into(), (part.len() as u32).into())
}
