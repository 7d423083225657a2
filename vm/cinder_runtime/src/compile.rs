//! The source compiler, as the VM wants it.

use std::cell::{Ref, RefCell};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cinder_bytecode::{CodeObject, code::flags};
use cinder_codegen::{CompileOptions, Mode};
use cinder_db::{Db, File, FilePath, Files, ProgramSettings, StaticSettings};
use cinder_diagnostic::Severity;
use cinder_project::{OsSystem, ProjectDatabase};
use cinder_text::{ColumnEncoding, LineIndex};
use cinder_vm::exception::source::CaretAnchors;
use cinder_vm::interp::{CompileFailure, CompileMode, CompileRequest, CompileWarning, SourceCompiler};
use cinder_vm::types::code::PyCode;
use cinder_vm::{Gc, PyResult, Value, Vm};

/// Compiles with `cinder_codegen` and verifies what it made. Static modules get their types from the database that `cinder check` uses too; it is
/// opened when the first one is met.
#[derive(Default)]
pub(crate) struct Compiler {
    /// Folders where the program's modules are: the script's, then `sys.path`'s.
    pub(crate) roots: Vec<PathBuf>,
    statics: StaticSettings,
    database: RefCell<Option<Known>>,
}

/// What the compiler knows about the program's static modules.
struct Known {
    db: ProjectDatabase,
    /// Files that were compiled: the others may be read again.
    compiled: Vec<File>,
    /// Inputs may change: a file was met whose text is another than the one first read, or modules may turn out to be ordinary ones.
    is_open: bool,
    /// Static modules that were compiled or may be known to those, of which it was found out whether they can be static.
    settled: HashSet<File>,
}

impl Known {
    fn open(roots: &[PathBuf], statics: &StaticSettings, is_open: bool) -> Option<Known> {
        let system = Arc::new(OsSystem::from_process().ok()?);
        let is_open = is_open || statics.opts_in();
        let settings =
            ProgramSettings { roots: roots.to_vec(), statics: statics.clone(), ..ProgramSettings::default() };
        let files = if is_open { Files::default() } else { Files::frozen() };
        let db = ProjectDatabase::new(system, files, settings);
        Some(Known { db, compiled: Vec::new(), is_open, settled: HashSet::new() })
    }

    /// The same with inputs that may change. Modules that are loaded stay as they were compiled, whatever became of their files.
    fn reopen(self, roots: &[PathBuf], statics: &StaticSettings) -> Option<Known> {
        if self.is_open {
            return Some(self);
        }
        let mut open = Known::open(roots, statics, true)?;
        for file in self.compiled {
            let text = cinder_db::source_text(&self.db, file).as_str().into();
            open.set_text(file.path(&self.db), text);
        }
        Some(open)
    }

    /// From now on the file has this text.
    fn set_text(&mut self, path: &FilePath, text: Arc<str>) -> File {
        let files = self.db.files().clone();
        let file = files.file(&self.db, path);
        files.set_overlay(&mut self.db, file, Some(text));
        if !self.compiled.contains(&file) {
            self.compiled.push(file);
        }
        file
    }

    /// Makes ordinary modules of those among `file` and all it may know that are static by name alone and cannot be compiled so. What relies on
    /// them is compiled afterwards, and may be unable to in its turn.
    fn settle(&mut self, file: File) {
        loop {
            let mut group = HashSet::new();
            let mut next = vec![file];
            while let Some(module) = next.pop() {
                if !self.settled.contains(&module) && group.insert(module) {
                    next.extend(cinder_static::imported_static_modules(&self.db, module));
                }
            }
            let failed = group.iter().filter(|file| !can_be_static(&self.db, **file));
            let failed: Vec<PathBuf> =
                failed.filter_map(|file| Some(file.path(&self.db).as_disk()?.to_owned())).collect();
            if failed.is_empty() {
                self.settled.extend(group);
                return;
            }
            self.db.degrade(failed);
        }
    }
}

/// Whether a module compiles, if it is static by name alone; one that says so itself is told its mistakes.
fn can_be_static(db: &ProjectDatabase, file: File) -> bool {
    !cinder_static::is_static_by_name(db, file)
        || cinder_db::parsed_module(db, file).first_error().is_none()
            && !cinder_static::check_static(db, file).iter().any(|finding| finding.severity == Severity::Error)
            && cinder_codegen::compile_file(db, file, "", &CompileOptions::default()).is_ok()
}

/// The dotted name of a file of modules below `root`.
fn name_below(root: &Path, path: &str) -> Option<String> {
    let inside = Path::new(path).strip_prefix(root).ok()?.with_extension("");
    let mut parts: Vec<&str> = inside.iter().filter_map(|part| part.to_str()).collect();
    parts.pop_if(|last| *last == "__init__");
    Some(parts.join("."))
}

impl Compiler {
    /// For a program whose modules lie in `roots`.
    pub(crate) fn new(roots: Vec<PathBuf>, statics: StaticSettings) -> Compiler {
        Compiler { roots, statics, database: RefCell::default() }
    }

    /// Whether the file is static without saying so, if it can be compiled so.
    fn is_named(&self, path: &str) -> bool {
        self.statics.opts_in()
            && self.roots.iter().filter_map(|root| name_below(root, path)).any(|name| self.statics.names(&name, true))
    }

    /// The file in the database, when the text is a module on disk that says it is static. What is compiled is the text the caller read: where the
    /// database has another, the module is loaded anew, and the file has that text from then on.
    fn static_file(&self, request: &CompileRequest<'_>) -> Option<(Ref<'_, Known>, File)> {
        let has_flag = request.source.contains("__static__");
        if request.mode != CompileMode::Exec || !has_flag && !self.is_named(request.filename) {
            return None;
        }
        let path = Path::new(request.filename);
        if !path.is_absolute() {
            return None;
        }
        let path = FilePath::Disk(path.to_owned());
        let mut database = self.database.borrow_mut();
        let mut known = match database.take() {
            Some(known) => known,
            None => Known::open(&self.roots, &self.statics, false)?,
        };
        let mut file = known.db.files().file(&known.db, &path);
        if **cinder_db::source_text(&known.db, file) != *request.source {
            known = known.reopen(&self.roots, &self.statics)?;
            let files = known.db.files().clone();
            files.sync_all(&mut known.db);
            file = known.set_text(&path, request.source.into());
        } else if !known.compiled.contains(&file) {
            known.compiled.push(file);
        }
        if self.statics.opts_in() {
            known.settle(file);
        }
        let is_static = has_flag || cinder_static::is_static(&known.db, file);
        *database = Some(known);
        drop(database);
        if !is_static {
            return None;
        }
        let known = Ref::filter_map(self.database.borrow(), Option::as_ref).ok()?;
        Some((known, file))
    }
}

impl SourceCompiler for Compiler {
    fn compile(&self, request: &CompileRequest<'_>) -> Result<(CodeObject, Vec<CompileWarning>), CompileFailure> {
        let options = compile_options(request);
        let compiled = match self.static_file(request) {
            Some((known, file)) => match type_error(&known.db, file, request.source) {
                Some(error) => return Err(error),
                None => cinder_codegen::compile_file(&known.db, file, request.filename, &options)
                    .map(|code| cinder_codegen::Compiled { code, warnings: Vec::new() }),
            },
            None => cinder_codegen::compile_text(request.source, request.filename, &options),
        };
        let compiled = compiled.map_err(|errors| failure(request.source, errors.first()))?;
        let warnings = compile_warnings(request.source, &compiled.warnings);
        let code = compiled.code;
        cinder_bytecode::verify(&code).map_err(|damage| CompileFailure {
            message: format!("the compiler made code that does not verify: {damage}"),
            class: "SyntaxError",
            ..CompileFailure::default()
        })?;
        Ok((code, warnings))
    }

    fn keeps_code(&self, path: &str) -> bool {
        !self.is_named(path)
    }

    fn fingerprint(&self) -> u64 {
        crate::library::compiler_fingerprint()
    }

    fn library_code(&self, path: &str) -> Option<&'static [u8]> {
        crate::library::code(path)
    }

    fn parse_tree(&self, vm: &Vm, request: &CompileRequest<'_>) -> PyResult<Value> {
        let mode = match request.mode {
            CompileMode::Eval => cinder_syntax::Mode::Expression,
            CompileMode::Exec | CompileMode::Single => cinder_syntax::Mode::Module,
        };
        let parsed = cinder_syntax::parse(request.source, mode);
        // What only the symbol table or the compiler refuses is a tree.
        if let Some(error) = parsed.first_error().filter(|error| error.phase.is_parsing()) {
            let error = cinder_codegen::CompileError {
                kind: error.kind,
                phase: error.phase,
                message: error.message.to_string(),
                range: error.range,
            };
            return Err(vm.raise_syntax_error(request.filename, &failure(request.source, Some(&error))));
        }
        let warnings = cinder_syntax::warnings::find_warnings(request.source, &parsed);
        let lexical: Vec<_> = warnings.into_iter().filter(|warning| warning.is_lexical).collect();
        vm.syntax_warnings(request.filename, &compile_warnings(request.source, &lexical))?;
        crate::tree::build_tree(vm, request.source, parsed.module(), request.mode)
    }

    fn compile_tree(&self, vm: &Vm, tree: Value, request: &CompileRequest<'_>) -> PyResult<Gc<PyCode>> {
        let crate::tree::Emitted { text, places, stand_ins } = crate::tree::emit_tree(vm, tree, request.mode)?;
        let places = Arc::new(places);
        let options = CompileOptions { places: Some(places.clone()), ..compile_options(request) };
        let place = |failure: &mut CompileFailure, range| {
            failure.text = None;
            if let Some(place) = places.of_range(range) {
                (failure.line, failure.end_line) = (place.line, place.end_line);
                (failure.offset, failure.end_offset) = (place.column + 1, place.end_column + 1);
            }
        };
        let compiled = cinder_codegen::compile_text(&text, request.filename, &options);
        let code = match compiled {
            Ok(compiled) => {
                let mut warnings = compile_warnings(&text, &compiled.warnings);
                for (warning, found) in warnings.iter_mut().zip(&compiled.warnings) {
                    place(&mut warning.failure, found.range);
                }
                vm.syntax_warnings(request.filename, &warnings)?;
                compiled.code
            }
            Err(errors) => {
                let mut failure = failure(&text, errors.first());
                if let Some(error) = errors.first() {
                    place(&mut failure, error.range);
                }
                return Err(vm.raise_syntax_error(request.filename, &failure));
            }
        };
        if let Err(damage) = cinder_bytecode::verify(&code) {
            return Err(vm.system_error(format!("the compiler made code that does not verify: {damage}")));
        }
        let code = stand_ins.restore(code);
        vm.new_code(Arc::new(code))
    }

    fn tokenize(&self, vm: &Vm, source: &str, list: Value) -> PyResult<()> {
        crate::tokens::list_tokens(vm, source, list)
    }

    fn caret_anchors(&self, segment: &str) -> Option<CaretAnchors> {
        crate::carets::anchors(segment)
    }

    fn is_whole_call(&self, lines: &[String], start: usize, end: usize) -> bool {
        crate::carets::is_whole_call(lines, start, end)
    }
}

fn compile_options(request: &CompileRequest<'_>) -> CompileOptions {
    let mut options = CompileOptions {
        optimize: request.optimize,
        is_patchable: request.patches_static,
        ..CompileOptions::default()
    };
    options.mode = match request.mode {
        CompileMode::Exec => Mode::Exec,
        CompileMode::Eval => Mode::Eval,
        CompileMode::Single => Mode::Single,
    };
    options.top_level_await = request.future_flags & cinder_vm::interp::TOP_LEVEL_AWAIT != 0;
    options.future.annotations |= request.future_flags & flags::FUTURE_ANNOTATIONS != 0;
    options
}

/// The first mistake that keeps a static module from running.
///
/// Depends on: nothing when the text does not parse; its syntax errors are told by the compiler.
fn type_error(db: &ProjectDatabase, file: File, source: &str) -> Option<CompileFailure> {
    if cinder_db::parsed_module(db, file).first_error().is_some() {
        return None;
    }
    let errors = cinder_static::check_static(db, file).into_iter();
    let first = errors.filter(|error| error.severity == Severity::Error).min_by_key(|error| error.range.start())?;
    let error = cinder_codegen::CompileError {
        kind: cinder_syntax::SyntaxErrorKind::Syntax,
        phase: cinder_syntax::Phase::Parse,
        message: first.message,
        range: first.range,
    };
    Some(failure(source, Some(&error)))
}

/// Warnings with places as people count them.
fn compile_warnings(source: &str, found: &[cinder_syntax::warnings::SyntaxWarning]) -> Vec<CompileWarning> {
    let as_error = |warning: &cinder_syntax::warnings::SyntaxWarning| cinder_codegen::CompileError {
        kind: cinder_syntax::SyntaxErrorKind::Syntax,
        phase: cinder_syntax::Phase::Parse,
        message: warning.error_message.clone(),
        range: warning.range,
    };
    let made = |warning: &cinder_syntax::warnings::SyntaxWarning| CompileWarning {
        message: warning.message.clone(),
        failure: failure(source, Some(&as_error(warning))),
    };
    found.iter().map(made).collect()
}

fn failure(source: &str, error: Option<&cinder_codegen::CompileError>) -> CompileFailure {
    let Some(error) = error else {
        return CompileFailure { message: "invalid syntax".to_owned(), ..CompileFailure::default() };
    };
    let index = LineIndex::new(source);
    let is_late = !error.phase.is_parsing();
    let columns = if is_late { ColumnEncoding::Utf8 } else { ColumnEncoding::Utf32 };
    let start = index.position(source, error.range.start(), columns);
    let end = index.position(source, error.range.end(), columns);
    CompileFailure {
        message: error.message.clone(),
        class: error.kind.exception_name(),
        line: start.line_index + 1,
        offset: start.column_index + 1,
        end_line: end.line_index + 1,
        end_offset: end.column_index + 1,
        text: (!is_late).then(|| index.line_text(source, start.line_index).to_owned()),
        is_text_in_file: is_late,
    }
}
