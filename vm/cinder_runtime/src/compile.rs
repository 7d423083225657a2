//! The source compiler, as the VM wants it.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cinder_bytecode::{CodeObject, code::flags};
use cinder_codegen::{CompileOptions, Mode};
use cinder_db::{Db, File, FilePath, Files, ProgramSettings};
use cinder_project::{OsSystem, ProjectDatabase};
use cinder_text::{ColumnEncoding, LineIndex};
use cinder_vm::exception::source::CaretAnchors;
use cinder_vm::interp::{CompileFailure, CompileMode, CompileRequest, SourceCompiler};

/// Compiles with `cinder_codegen` and verifies what it made. Static modules get their types from the database that `cinder check` uses too; it is
/// opened when the first one is met.
#[derive(Default)]
pub(crate) struct Compiler {
    /// Folders where the program's modules are: the script's, then `sys.path`'s.
    pub(crate) roots: Vec<PathBuf>,
    database: OnceCell<Option<ProjectDatabase>>,
}

impl Compiler {
    /// For a program whose modules lie in `roots`.
    pub(crate) fn new(roots: Vec<PathBuf>) -> Compiler {
        Compiler { roots, database: OnceCell::new() }
    }

    /// The file in the database, when the text is a module on disk that says it is static.
    fn static_file(&self, request: &CompileRequest<'_>) -> Option<(&ProjectDatabase, File)> {
        if request.mode != CompileMode::Exec || !request.source.contains("__static__") {
            return None;
        }
        let path = Path::new(request.filename);
        if !path.is_absolute() {
            return None;
        }
        let open = || {
            let system = Arc::new(OsSystem::from_process().ok()?);
            let settings = ProgramSettings { roots: self.roots.clone(), ..ProgramSettings::default() };
            Some(ProjectDatabase::new(system, Files::frozen(), settings))
        };
        let db = self.database.get_or_init(open).as_ref()?;
        let file = db.files().file(db, &FilePath::Disk(path.to_owned()));
        // What is compiled is the text the caller read.
        (**cinder_db::source_text(db, file) == *request.source).then_some((db, file))
    }
}

impl SourceCompiler for Compiler {
    fn compile(&self, request: &CompileRequest<'_>) -> Result<CodeObject, CompileFailure> {
        let mut options = CompileOptions { optimize: request.optimize, ..CompileOptions::default() };
        options.mode = match request.mode {
            CompileMode::Exec => Mode::Exec,
            CompileMode::Eval => Mode::Eval,
            CompileMode::Single => Mode::Single,
        };
        options.future.annotations |= request.future_flags & flags::FUTURE_ANNOTATIONS != 0;
        let compiled = match self.static_file(request) {
            Some((db, file)) => cinder_codegen::compile_file(db, file, request.filename, &options),
            None => cinder_codegen::compile_source(request.source, request.filename, &options),
        };
        let code = compiled.map_err(|errors| failure(request.source, errors.first()))?;
        cinder_bytecode::verify(&code).map_err(|damage| CompileFailure {
            message: format!("the compiler made code that does not verify: {damage}"),
            class: "SyntaxError",
            ..CompileFailure::default()
        })?;
        Ok(code)
    }

    fn caret_anchors(&self, segment: &str) -> Option<CaretAnchors> {
        crate::carets::anchors(segment)
    }

    fn is_whole_call(&self, lines: &[String], start: usize, end: usize) -> bool {
        crate::carets::is_whole_call(lines, start, end)
    }
}

fn failure(source: &str, error: Option<&cinder_codegen::CompileError>) -> CompileFailure {
    let Some(error) = error else {
        return CompileFailure { message: "invalid syntax".to_owned(), ..CompileFailure::default() };
    };
    let index = LineIndex::new(source);
    let start = index.position(source, error.range.start(), ColumnEncoding::Utf32);
    let end = index.position(source, error.range.end(), ColumnEncoding::Utf32);
    CompileFailure {
        message: error.message.clone(),
        class: error.kind.exception_name(),
        line: start.line_index + 1,
        offset: start.column_index + 1,
        end_line: end.line_index + 1,
        end_offset: end.column_index + 1,
        text: Some(index.line_text(source, start.line_index).to_owned()),
    }
}
