//! Text to tree: the one entry to the parser.

use cinder_text::{MAX_SOURCE_BYTES, TextRange};
use ruff_python_ast::token::Tokens;
use ruff_python_ast::{AtomicNodeIndex, Expr, ExprContext, Mod, ModModule, PythonVersion, Stmt, StmtExpr, Suite};
use ruff_python_parser::ParseOptions;

use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::{compile_errors, depth, scan, wording};

/// The version of the language cinder implements.
pub const PYTHON_VERSION: PythonVersion = PythonVersion { major: 3, minor: 14 };

/// What the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    /// Statements (`exec`).
    #[default]
    Module,
    /// One expression (`eval`).
    Expression,
    /// The contents of a string annotation: one expression, as if it stood in parentheses.
    Annotation,
}

/// The tree of a text and everything that is wrong with the text.
///
/// The tree is always there. Where the text is malformed it holds what the parser could save; it is empty when the
/// text nests too deeply to be parsed at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    module: ModModule,
    tokens: Tokens,
    errors: Vec<SyntaxError>,
    is_deep: bool,
}

/// Trees up to this depth may be walked on any stack.
const SHALLOW_DEPTH: u32 = 100;

impl Parsed {
    /// The tree. In the expression modes the body is one expression statement.
    pub fn module(&self) -> &ModModule {
        &self.module
    }

    /// The module's statements.
    pub fn suite(&self) -> &[Stmt] {
        &self.module.body
    }

    /// The expression, when the body is exactly one expression statement.
    pub fn expression(&self) -> Option<&Expr> {
        match &self.module.body[..] {
            [Stmt::Expr(StmtExpr { value, .. })] => Some(value),
            _ => None,
        }
    }

    /// All tokens, comments and line breaks included, in order of place.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Shape: ordered by place; empty exactly when CPython would compile the text.
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// The error CPython would raise: of the earliest phase, the first in the text. Only behind a line that is indented for no reason does
    /// CPython not read on.
    pub fn first_error(&self) -> Option<&SyntaxError> {
        let order = |error: &&SyntaxError| (error.phase, error.range.start(), error.range.end());
        let indented =
            self.errors.iter().filter(|error| error.phase.is_parsing()).min_by_key(|error| error.range.start());
        indented.filter(|error| error.message == "unexpected indent").or_else(|| self.errors.iter().min_by_key(order))
    }

    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    /// Whether the tree may be so deep that walking it needs [`crate::with_deep_stack`]; hardly ever.
    pub fn is_deep(&self) -> bool {
        self.is_deep
    }

    /// Takes the tree.
    pub fn into_module(self) -> ModModule {
        self.module
    }

    fn refused(error: SyntaxError) -> Self {
        Self { module: empty_module(), tokens: Tokens::new(Vec::new()), errors: vec![error], is_deep: false }
    }
}

/// Parses `source`. Never fails, never panics, needs a constant amount of the caller's stack.
///
/// Cost: linear in the length of `source`.
pub fn parse(source: &str, mode: Mode) -> Parsed {
    parse_with(source, mode, false)
}

/// As [`parse`]; with `top_level_await` a module may `await` as an `async def` may (`PyCF_ALLOW_TOP_LEVEL_AWAIT`).
pub fn parse_with(source: &str, mode: Mode, top_level_await: bool) -> Parsed {
    parse_text(source, mode, top_level_await, false)
}

/// Parses the statements of a file. With `lazy_imports` it may have those of PEP 810, which Python 3.15 brings.
pub fn parse_file(source: &str, lazy_imports: bool) -> Parsed {
    parse_text(source, Mode::Module, false, lazy_imports)
}

fn parse_text(source: &str, mode: Mode, top_level_await: bool, lazy_imports: bool) -> Parsed {
    if source.len() > MAX_SOURCE_BYTES {
        let error = SyntaxError::new(SyntaxErrorKind::Syntax, "source is larger than 4 GiB", TextRange::default());
        return Parsed::refused(error);
    }
    let summary = match scan::scan(source) {
        Ok(summary) => summary,
        Err(error) => return Parsed::refused(error),
    };
    let options = ParseOptions::from(parser_mode(mode)).with_target_version(PYTHON_VERSION);
    let parsed = ruff_python_parser::parse_unchecked(source, options);
    let tokens = parsed.tokens().clone();
    let parser_errors = wording::ParserErrors::of(&parsed, lazy_imports);
    let module = into_module(parsed.into_syntax());
    if summary.depth_bound > scan::MAX_DEPTH
        && let Some(place) = depth::find_deeper_than(&module, scan::MAX_DEPTH)
    {
        depth::dismantle(module);
        return Parsed::refused(scan::too_complex(place));
    }
    let is_deep = summary.depth_bound > SHALLOW_DEPTH;
    let mut errors = on_enough_stack(is_deep, || {
        wording::syntax_errors(source, &module, &tokens, parser_errors, summary.bracket_problem)
    });
    if let Some(at) = summary.nesting_problem.filter(|_| errors.is_empty()) {
        let place = TextRange::empty((at as u32).into());
        errors.push(SyntaxError::new(SyntaxErrorKind::Syntax, "too many nested f-strings or t-strings", place));
    }
    if let Some(start) = summary.tab_problem {
        // The tokenizer meets it before the parser sees the line.
        let place = TextRange::empty((start as u32).into());
        errors.retain(|error| error.range.start() < place.start());
        let message = "inconsistent use of tabs and spaces in indentation";
        errors.push(SyntaxError::new(SyntaxErrorKind::Tab, message, place));
    }
    if errors.is_empty() {
        errors = on_enough_stack(is_deep, || compile_errors::find(source, &module, top_level_await));
    }
    errors.sort_by_key(|error| (error.range.start(), error.phase));
    Parsed { module, tokens, errors, is_deep }
}

/// Parses a piece of a module of which it is known that it is sound and how deep it is, as the whole of it said: nothing but the parser looks at it.
/// The result has no tokens.
///
/// A text that has errors all the same is parsed as any other.
pub fn parse_sound(source: &str, is_deep: bool) -> Parsed {
    let options = ParseOptions::from(ruff_python_parser::Mode::Module).with_target_version(PYTHON_VERSION);
    let parsed = ruff_python_parser::parse_unchecked(source, options);
    if !wording::ParserErrors::of(&parsed, true).is_empty() {
        return parse_module(source);
    }
    let module = into_module(parsed.into_syntax());
    Parsed { module, tokens: Tokens::new(Vec::new()), errors: Vec::new(), is_deep }
}

/// Stacks are set aside for deep trees only: it costs some microseconds, which matter to a program that calls `eval`.
pub(crate) fn on_enough_stack<R>(is_deep: bool, work: impl FnOnce() -> R) -> R {
    if is_deep { crate::stack::with_deep_stack(work) } else { work() }
}

/// Parses the statements of a file.
pub fn parse_module(source: &str) -> Parsed {
    parse(source, Mode::Module)
}

fn parser_mode(mode: Mode) -> ruff_python_parser::Mode {
    match mode {
        Mode::Module => ruff_python_parser::Mode::Module,
        Mode::Expression => ruff_python_parser::Mode::Expression,
        Mode::Annotation => ruff_python_parser::Mode::ParenthesizedExpression,
    }
}

fn into_module(syntax: Mod) -> ModModule {
    match syntax {
        Mod::Module(module) => module,
        Mod::Expression(expression) => {
            let range = expression.range;
            let is_missing = matches!(&*expression.body, Expr::Name(name) if name.ctx == ExprContext::Invalid);
            let statement = StmtExpr { node_index: AtomicNodeIndex::NONE, range, value: expression.body };
            let body = if is_missing { Suite::new() } else { [Stmt::Expr(statement)].into_iter().collect() };
            ModModule { node_index: AtomicNodeIndex::NONE, range, body }
        }
    }
}

fn empty_module() -> ModModule {
    ModModule { node_index: AtomicNodeIndex::NONE, range: TextRange::default(), body: Suite::new() }
}
