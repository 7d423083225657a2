//! The source compiler, as the VM wants it.

use cinder_bytecode::{CodeObject, code::flags};
use cinder_codegen::{CompileOptions, Mode};
use cinder_text::{ColumnEncoding, LineIndex};
use cinder_vm::exception::source::CaretAnchors;
use cinder_vm::interp::{CompileFailure, CompileMode, CompileRequest, SourceCompiler};

/// Compiles with `cinder_codegen` and verifies what it made.
pub(crate) struct Compiler;

impl SourceCompiler for Compiler {
    fn compile(&self, request: &CompileRequest<'_>) -> Result<CodeObject, CompileFailure> {
        let mut options = CompileOptions { optimize: request.optimize, ..CompileOptions::default() };
        options.mode = match request.mode {
            CompileMode::Exec => Mode::Exec,
            CompileMode::Eval => Mode::Eval,
            CompileMode::Single => Mode::Single,
        };
        options.future.annotations |= request.future_flags & flags::FUTURE_ANNOTATIONS != 0;
        let code = cinder_codegen::compile_source(request.source, request.filename, &options)
            .map_err(|errors| failure(request.source, errors.first()))?;
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
    let Some(error) = error else { return CompileFailure { message: "invalid syntax".to_owned(), ..CompileFailure::default() } };
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
