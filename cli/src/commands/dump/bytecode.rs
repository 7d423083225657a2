//! The bytecode, verified.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use cinder_bytecode::{CodeObject, Constant};
use cinder_codegen::{CompileError, CompileOptions};
use cinder_db::{Db, FilePath};
use cinder_project::{Project, ProjectOptions, static_settings_of};

use super::{Arguments, Dump, Stage};

pub(super) static STAGE: Stage = Stage { name: "bytecode", summary: "the register bytecode, after the verifier", dump };

fn dump(arguments: &Arguments) -> anyhow::Result<Dump> {
    let source = arguments.source()?;
    let path = arguments.path()?;
    let filename =
        path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let code = match compile(&source, path, &filename)? {
        Ok(code) => code,
        Err(errors) => {
            let index = cinder_text::LineIndex::new(&source);
            let mistakes = errors.iter().map(|error| {
                let place = index.line_column(&source, error.range.start());
                format!("{}:{}:{}: {}", path.display(), place.line_number, place.column_number, error.message)
            });
            return Ok(Dump { text: String::new(), mistakes: mistakes.collect() });
        }
    };
    cinder_bytecode::verify::verify(&code)?;
    let text = match &arguments.function {
        None => cinder_bytecode::disassemble(&code),
        Some(name) => match find(&code, name) {
            Some(inner) => cinder_bytecode::disassemble(inner),
            None => anyhow::bail!("no function `{name}`"),
        },
    };
    Ok(Dump { text, mistakes: Vec::new() })
}

/// Compiles as `cinder run` does: with types when the module is static.
fn compile(source: &str, path: &Path, filename: &str) -> anyhow::Result<Result<CodeObject, Vec<CompileError>>> {
    let options = CompileOptions::default();
    let system = cinder_project::OsSystem::from_process().context("cannot find the current folder")?;
    // Only static modules need a database.
    let is_named = || static_settings_of(&system, Path::new("")).is_ok_and(|statics| statics.opts_in());
    if !source.contains("__static__") && !is_named() {
        return Ok(cinder_codegen::compile_source(source, filename, &options));
    }
    let project = Project::open(Arc::new(system), ProjectOptions { looks_once: true, ..ProjectOptions::default() })?;
    let file = project.db().files().file(project.db(), &FilePath::Disk(std::path::absolute(path)?));
    Ok(cinder_codegen::compile_file(project.db(), file, filename, &options))
}

/// The code object with this qualified name.
fn find<'code>(code: &'code CodeObject, name: &str) -> Option<&'code CodeObject> {
    let mut todo = vec![code];
    while let Some(code) = todo.pop() {
        if &*code.qualname == name {
            return Some(code);
        }
        todo.extend(code.constants.iter().rev().filter_map(|constant| match constant {
            Constant::Code(inner) => Some(&***inner),
            _ => None,
        }));
    }
    None
}
