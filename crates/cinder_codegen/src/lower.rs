//! Tree to instructions.
//!
//! Idea: a [`Lowerer`] owns the stack of units (code objects under construction); each syntactic area is a module below that adds
//! methods to it. Values travel as register numbers: `value` gives the register an expression's value is in, a named local included;
//! `value_to` puts it where the caller wants it.
//! Holds: a register handed out by `value` is read by the very next instruction or was protected by `operand`; user-nested recursion
//! grows the native stack.

mod annotation;
mod assign;
mod block;
mod call;
mod class;
mod comprehension;
mod condition;
mod display;
mod exception;
mod expression;
mod function;
mod generic;
mod import;
mod interpolation;
mod names;
mod pattern;
mod scope;
mod statement;
mod string;
mod suspend;
pub(crate) mod typed;
mod unit;

pub(crate) use unit::{Instr, Label, Reg, Unit};

use crate::{CompileError, assemble, flowgraph};
use cinder_bytecode::{CodeObject, Constant, flags};
use cinder_semantic::{FutureFeatures, ScopeId, ScopeKind, SemanticIndex, SymbolFlags};
use cinder_static::typed::{TypedFunction, TypedModule, TypedUnit};
use cinder_syntax::ast::{self, Expr};
use cinder_syntax::{Phase, SyntaxErrorKind};
use cinder_text::{LineIndex, Ranged, TextRange, TextSize};
use rustc_hash::FxHashSet;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// What the text is compiled as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Statements.
    #[default]
    Exec,
    /// One expression, whose value the code returns.
    Eval,
    /// Interactive: values of expression statements go to `sys.displayhook`.
    Single,
}

#[derive(Debug, Clone, Default)]
pub struct CompileOptions {
    pub mode: Mode,
    /// `-O`: 1 drops `assert` and makes `__debug__` false, 2 drops docstrings too.
    pub optimize: u8,
    /// Features inherited from the code that called `compile`.
    pub future: FutureFeatures,
    /// The module may `await`; if it does, its code makes a coroutine.
    pub top_level_await: bool,
    /// Where the tree's nodes are said to be, when not in the text.
    pub places: Option<Arc<crate::Places>>,
    /// Functions of static modules may be replaced while the program runs: none is expanded where it is called.
    pub is_patchable: bool,
}

/// Compiles source text: parses, resolves names, generates code.
///
/// # Errors
/// The text's syntax errors in CPython's words; the one it would raise comes first.
pub fn compile_source(source: &str, filename: &str, options: &CompileOptions) -> Result<CodeObject, Vec<CompileError>> {
    compile_text(source, filename, options).map(|compiled| compiled.code)
}

/// What [`compile_text`] makes.
#[derive(Debug)]
pub struct Compiled {
    pub code: CodeObject,
    pub warnings: Vec<cinder_syntax::warnings::SyntaxWarning>,
}

/// As [`compile_source`], with what there is to warn about.
///
/// # Errors
/// As [`compile_source`].
pub fn compile_text(source: &str, filename: &str, options: &CompileOptions) -> Result<Compiled, Vec<CompileError>> {
    let mode = if options.mode == Mode::Eval { cinder_syntax::Mode::Expression } else { cinder_syntax::Mode::Module };
    let parsed = cinder_syntax::parse_with(source, mode, options.top_level_await);
    syntax_errors(&parsed)?;
    if options.mode == Mode::Single && options.places.is_none() {
        single_statement(source, parsed.suite())?;
    }
    let index = SemanticIndex::build_with(parsed.module(), options.future);
    let code = compile_module(source, parsed.module(), &index, filename, options)?;
    Ok(Compiled { code, warnings: cinder_syntax::warnings::find_warnings(source, &parsed) })
}

/// Compiles a tree that has no syntax errors. In [`Mode::Eval`] its body is one expression statement.
///
/// # Errors
/// What scoping (`index.errors()`) and code generation refuse.
pub fn compile_module(
    source: &str,
    module: &ast::ModModule,
    index: &SemanticIndex,
    filename: &str,
    options: &CompileOptions,
) -> Result<CodeObject, Vec<CompileError>> {
    compile(source, module, index, filename, options, None)
}

/// Compiles a file of the database, with the types the checker found when it is static. A static module must be without mistakes; whether it is,
/// is the caller's question.
///
/// # Errors
/// Its syntax errors, the one CPython would raise first, or what scoping and code generation refuse.
pub fn compile_file(
    db: &dyn cinder_db::Db,
    file: cinder_db::File,
    filename: &str,
    options: &CompileOptions,
) -> Result<CodeObject, Vec<CompileError>> {
    let parsed = cinder_db::parsed_module(db, file);
    syntax_errors(parsed)?;
    let typed = cinder_static::typed_module(db, file);
    let source = cinder_db::source_text(db, file);
    let facts = typed.is_static.then_some(Facts { typed, parsed, db, file });
    if options.future == FutureFeatures::default() {
        let index = cinder_semantic::semantic_index(db, file);
        return compile(source, parsed.module(), index, filename, options, facts);
    }
    let index = SemanticIndex::build_with(parsed.module(), options.future);
    compile(source, parsed.module(), &index, filename, options, facts)
}

/// Interactive text is one line of simple statements, or one compound statement and the end of its line.
fn single_statement(source: &str, body: &[ast::Stmt]) -> Result<(), Vec<CompileError>> {
    let error = |message: &str, range| {
        Err(vec![CompileError { kind: SyntaxErrorKind::Syntax, phase: Phase::Parse, message: message.into(), range }])
    };
    for pair in body.windows(2) {
        let between = TextRange::new(pair[0].end(), pair[1].start());
        if cinder_text::slice(source, between).contains('\n') {
            return error("multiple statements found while compiling a single statement", pair[1].range());
        }
    }
    let is_compound = matches!(
        body.last(),
        Some(
            ast::Stmt::FunctionDef(_)
                | ast::Stmt::ClassDef(_)
                | ast::Stmt::If(_)
                | ast::Stmt::For(_)
                | ast::Stmt::While(_)
                | ast::Stmt::With(_)
                | ast::Stmt::Try(_)
                | ast::Stmt::Match(_)
        )
    );
    // The end of an indented block ends the line, too.
    let ends_in_block = body.last().is_some_and(|last| {
        let text = cinder_text::slice(source, last.range());
        text.rsplit_once('\n').is_some_and(|(_, line)| line.starts_with([' ', '\t']))
    });
    if is_compound && !ends_in_block && !source.ends_with('\n') {
        let end = TextSize::of(source);
        return error("invalid syntax", TextRange::empty(end));
    }
    Ok(())
}

fn syntax_errors(parsed: &cinder_syntax::Parsed) -> Result<(), Vec<CompileError>> {
    let Some(first) = parsed.first_error() else { return Ok(()) };
    let error = |error: &cinder_syntax::SyntaxError| CompileError {
        kind: error.kind,
        phase: error.phase,
        message: error.message.to_string(),
        range: error.range,
    };
    let mut errors = vec![error(first)];
    errors.extend(parsed.errors().iter().filter(|other| *other != first).map(error));
    Err(errors)
}

fn compile<'a>(
    source: &'a str,
    module: &'a ast::ModModule,
    index: &'a SemanticIndex,
    filename: &str,
    options: &'a CompileOptions,
    facts: Option<Facts<'a>>,
) -> Result<CodeObject, Vec<CompileError>> {
    if !index.errors().is_empty() {
        let errors = index.errors().iter();
        return Err(errors
            .map(|error| CompileError {
                kind: SyntaxErrorKind::Syntax,
                phase: Phase::Symbols,
                message: error.message.clone(),
                range: error.range,
            })
            .collect());
    }
    let mut lowerer = Lowerer::new(source, index, filename, options, facts);
    let code = stacker::maybe_grow(1024 * 1024, 8 * 1024 * 1024, || lowerer.module(&module.body));
    if lowerer.errors.is_empty() { Ok(code) } else { Err(lowerer.errors) }
}

pub(crate) struct Lowerer<'a> {
    pub(crate) index: &'a SemanticIndex,
    source: &'a str,
    lines: LineIndex,
    filename: Arc<str>,
    pub(crate) options: &'a CompileOptions,
    errors: Vec<CompileError>,
    /// The innermost unit; the ones around it are in `outer`.
    unit: Unit<'a>,
    outer: Vec<Unit<'a>>,
    /// Addresses of expressions found not to be constant, so that a chain is tried once.
    pub(crate) not_constant: FxHashSet<usize>,
    /// Names in `global` statements.
    pub(crate) global_names: FxHashSet<ast::name::Name>,
    facts: Option<Facts<'a>>,
    /// What is known about the function whose unit is entered next.
    next_function: Option<(&'a TypedUnit, &'a TypedFunction)>,
    /// Context managers that the body of the next function runs in: their names, and where they are written.
    next_managers: Vec<(String, TextRange)>,
    /// Names of the module that no program can spell.
    hidden_names: FxHashSet<String>,
    expansions: typed::Expansions<'a>,
}

/// The checker's knowledge about a static module, and how to find a function's part of it.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    typed: &'a TypedModule,
    parsed: &'a cinder_db::ParsedModule,
    /// Where other modules are found.
    db: &'a dyn cinder_db::Db,
    file: cinder_db::File,
}

impl<'a> Deref for Lowerer<'a> {
    type Target = Unit<'a>;
    fn deref(&self) -> &Unit<'a> {
        &self.unit
    }
}

impl DerefMut for Lowerer<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.unit
    }
}

/// Runs `step` with enough native stack for one more level of nesting.
pub(crate) fn grow<R>(step: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(256 * 1024, 4 * 1024 * 1024, step)
}

/// Names that any scope declares `global`.
fn global_names(index: &SemanticIndex) -> FxHashSet<ast::name::Name> {
    let symbols = index.scopes().flat_map(|(_, scope)| &scope.symbols);
    symbols.filter(|symbol| symbol.flags.contains(SymbolFlags::GLOBAL)).map(|symbol| symbol.name.clone()).collect()
}

impl<'a> Lowerer<'a> {
    fn new(
        source: &'a str,
        index: &'a SemanticIndex,
        filename: &str,
        options: &'a CompileOptions,
        facts: Option<Facts<'a>>,
    ) -> Self {
        let mut lowerer = Self {
            index,
            source,
            lines: LineIndex::new(source),
            filename: filename.into(),
            options,
            errors: Vec::new(),
            unit: scope::empty_unit(index.module_scope(), ScopeKind::Module),
            outer: Vec::new(),
            not_constant: FxHashSet::default(),
            global_names: global_names(index),
            facts,
            next_function: None,
            next_managers: Vec::new(),
            hidden_names: FxHashSet::default(),
            expansions: typed::Expansions::default(),
        };
        lowerer.name = "<module>".into();
        lowerer.qualname = "<module>".into();
        lowerer.first_line = 1;
        if index.future().annotations {
            lowerer.flags |= flags::FUTURE_ANNOTATIONS;
        }
        if let Some(facts) = facts {
            lowerer.unit.typed = Some(&facts.typed.module);
            lowerer.unit.flags |= flags::STATIC_MODULE;
            if facts.typed.is_open {
                lowerer.unit.flags |= flags::OPEN_MODULE;
            }
        }
        lowerer.set_up_registers(None);
        lowerer
    }

    /// Adds an error; compilation goes on to find more.
    pub(crate) fn report(&mut self, message: String, range: TextRange) {
        self.error(message, range);
    }

    fn error(&mut self, message: impl Into<String>, range: TextRange) {
        let message = message.into();
        self.errors.push(CompileError { kind: SyntaxErrorKind::Syntax, phase: Phase::Compile, message, range });
    }

    fn scope(&self) -> &'a cinder_semantic::Scope {
        self.index.scope(self.unit.scope)
    }

    /// The scope that node `node` opens.
    fn scope_at(&self, kind: ScopeKind, range: TextRange) -> ScopeId {
        self.index.scope_of(kind, range).expect("the index was built from this tree")
    }

    /// Sets the place of the instructions that follow.
    fn at(&mut self, node: &impl Ranged) {
        self.unit.range = Some(node.range());
    }

    fn line_number(&self, offset: TextSize) -> u32 {
        match &self.options.places {
            Some(places) => places.line_of(offset),
            None => self.lines.line_of(offset) + 1,
        }
    }

    /// The code object of the innermost unit.
    fn assemble(&mut self, unit: Unit<'a>) -> CodeObject {
        let text = assemble::Text { source: self.source, lines: &self.lines, places: self.options.places.as_deref() };
        let flow = flowgraph::run(unit, &text);
        match assemble::assemble(flow, &text, &self.filename) {
            Ok(code) => code,
            Err(message) => {
                let range = TextRange::default();
                self.errors.push(CompileError { kind: SyntaxErrorKind::Syntax, phase: Phase::Compile, message, range });
                CodeObject::default()
            }
        }
    }

    fn module(&mut self, body: &'a [ast::Stmt]) -> CodeObject {
        self.unit.range = None;
        let is_coroutine = self.options.top_level_await && suspend::awaits(body);
        if is_coroutine {
            self.flags |= flags::COROUTINE;
            self.guard_generator();
        }
        if self.options.mode == Mode::Eval {
            if let [ast::Stmt::Expr(statement)] = body {
                let value = self.value(&statement.value);
                self.at(&*statement.value);
                self.emit_return(value);
            }
        } else {
            self.module_body(body);
        }
        if let Some(handler) = self.outermost_handler {
            self.end_generator(handler);
        }
        let unit = std::mem::replace(&mut self.unit, scope::empty_unit(self.index.module_scope(), ScopeKind::Module));
        self.assemble(unit)
    }

    fn module_body(&mut self, body: &'a [ast::Stmt]) {
        let conditional = self.scope().flags.contains(cinder_semantic::ScopeFlags::CONDITIONAL_ANNOTATIONS);
        let annotate = conditional.then(|| self.begin_module_annotations());
        self.set_up_future_annotations(self.index.module_scope());
        let mut body = body;
        if self.options.mode == Mode::Exec
            && let Some((docstring, rest)) = string::docstring(body)
        {
            if self.options.optimize < 2 {
                let text = string::clean_docstring(&self.string_constant(docstring));
                self.at(docstring);
                let register = self.alloc();
                self.load_constant(register, text);
                self.emit_name(cinder_bytecode::Opcode::STORE_NAME, register, 0, 0, "__doc__");
                self.top = register;
            }
            body = rest;
        }
        self.statements(body);
        if let Some(place) = annotate {
            self.finish_module_annotations(place);
        }
        if let Some(facts) = self.facts {
            let names = facts.typed.final_constants.iter().map(|(name, _)| Constant::Str((&**name).into())).collect();
            let register = self.alloc();
            self.store_constant(register, Constant::Tuple(names), "__final_constants__");
            self.top = register;
        }
        self.range = None;
        self.return_none();
    }

    fn return_none(&mut self) {
        let register = self.alloc();
        self.load_none(register);
        self.emit_typed_return(register);
        self.top = register;
    }

    fn emit_return(&mut self, register: Reg) {
        self.emit(cinder_bytecode::Opcode::RETURN_VALUE, register, 0, 0);
    }

    /// A constant in a register.
    fn constant_value(&mut self, constant: Constant, dst: Option<Reg>) -> Reg {
        let mark = self.top;
        let out = self.finish(mark, dst);
        self.load_constant(out, constant);
        out
    }

    /// Address of a node: its identity within this compilation.
    pub(crate) fn address(expression: &Expr) -> usize {
        std::ptr::from_ref(expression) as usize
    }
}
