//! The types of a static module, as other tools exchange them.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use cinder_db::{Db, FilePath};
use cinder_diagnostic::Severity;
use cinder_project::{OsSystem, Project, ProjectOptions};

use super::{Arguments, Dump, Stage};

pub(super) static STAGE: Stage =
    Stage { name: "types", summary: "the types of a static module's expressions, as a type file", dump };

fn dump(arguments: &Arguments) -> anyhow::Result<Dump> {
    let path: &Path = arguments.path()?;
    arguments.source()?;
    let system = OsSystem::from_process().context("cannot find the current folder")?;
    let project = Project::open(Arc::new(system), ProjectOptions { looks_once: true, ..ProjectOptions::default() })?;
    let db = project.db();
    let file = db.files().file(db, &FilePath::Disk(std::path::absolute(path)?));
    if !cinder_static::is_static(db, file) {
        anyhow::bail!("{} is not a static module", path.display());
    }
    let source = cinder_db::source_text(db, file);
    let index = cinder_text::LineIndex::new(source);
    let errors = project.check_file(file).into_iter().filter(|finding| finding.severity == Severity::Error);
    let mistakes = errors.map(|error| {
        let place = index.line_column(source, error.range.start());
        format!("{}:{}:{}: {}", path.display(), place.line_number, place.column_number, error.message)
    });
    Ok(Dump { mistakes: mistakes.collect(), text: cinder_static::claims::type_file_of(db, file) })
}
