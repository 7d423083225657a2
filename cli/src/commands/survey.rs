//! `cinder survey`, `cinder adopt` and `cinder lazy`: what a project gains from strict modules, and the first steps.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use cinder_project::{OsSystem, Project, ProjectOptions, Surveyed};

use crate::output;

/// Say how many modules could be strict today, and what blocks the rest.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files and folders; the whole project without any.
    paths: Vec<PathBuf>,
    /// How many roots to list.
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    limit: usize,
}

/// Mark what is provably strict with `import __strict__`.
#[derive(clap::Args)]
pub(crate) struct AdoptArguments {
    /// Files and folders; the whole project without any.
    paths: Vec<PathBuf>,
    /// Mark at most so many modules.
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    /// Say what would be marked and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// List the imports that may be deferred: nothing looks at them while importing, and their module has no effects.
#[derive(clap::Args)]
pub(crate) struct LazyArguments {
    /// Files and folders; the whole project without any.
    paths: Vec<PathBuf>,
    /// Make them lazy: with the keyword `lazy` if the project is for Python 3.15 or later (`requires-python`, or `target-version` in
    /// `[tool.cinder.strict]`), otherwise with `__lazy_modules__`, which older versions ignore.
    #[arg(long)]
    apply: bool,
}

fn open() -> anyhow::Result<Project> {
    let system = OsSystem::from_process().context("cannot find the current folder")?;
    Ok(Project::open(Arc::new(system), ProjectOptions::default())?)
}

pub(crate) fn main(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut project = open()?;
    let modules = project.survey(&arguments.paths);
    let count = |is_it: &dyn Fn(&Surveyed) -> bool| modules.iter().filter(|module| is_it(module)).count();
    let total = modules.len();
    let marked = count(&|module| module.kind.is_strict());
    let provable = count(&|module| module.is_provable);
    let clean = count(&|module| module.violations.is_empty());
    let percent = |part: usize| if total == 0 { 0.0 } else { 100.0 * part as f64 / total as f64 };
    let mut text = format!("{total} modules: {marked} are marked strict.\n");
    text.push_str(&format!(
        "{provable} ({:.1} %) are provably strict as they stand; `cinder adopt` marks them.\n",
        percent(provable)
    ));
    text.push_str(&format!("{} more have no effect of their own and wait for what they import.\n", clean - provable));
    text.push_str(&format!("{} have effects at import time:\n", total - clean));
    let mut roots: Vec<&Surveyed> = modules.iter().filter(|module| !module.violations.is_empty()).collect();
    roots.sort_by_key(|module| (std::cmp::Reverse(module.dependants), module.violations.len(), module.path.clone()));
    for module in roots.iter().take(arguments.limit) {
        let path = project.shown_path(&module.path);
        let importers = module.dependants;
        let (line, message) = &module.violations[0];
        let more = match module.violations.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        text.push_str(&format!(
            "  {path}:{line}: [{}] imported by {importers}: {message}{more}\n",
            module.level.name()
        ));
    }
    if roots.len() > arguments.limit {
        text.push_str(&format!("  ... and {} modules more\n", roots.len() - arguments.limit));
    }
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn adopt(arguments: &AdoptArguments) -> anyhow::Result<ExitCode> {
    let mut project = open()?;
    let modules = project.survey(&arguments.paths);
    let mut text = String::new();
    let mut marked = 0;
    for module in modules.iter().filter(|module| module.is_provable && !module.kind.is_strict()) {
        if arguments.limit.is_some_and(|limit| marked >= limit) {
            break;
        }
        let source = std::fs::read_to_string(&module.path).with_context(|| module.path.display().to_string())?;
        let Some(changed) = cinder_strict::marker::with_marker(&source) else { continue };
        if !arguments.dry_run {
            std::fs::write(&module.path, changed).with_context(|| module.path.display().to_string())?;
        }
        marked += 1;
        text.push_str(&format!("{}\n", project.shown_path(&module.path)));
    }
    output::print(&text)?;
    let verb = if arguments.dry_run { "would be marked" } else { "marked" };
    let rest = modules.iter().filter(|module| !module.is_provable).count();
    output::error(&format!("{marked} modules {verb}; {rest} are not provably strict, `cinder survey` says why."));
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn lazy(arguments: &LazyArguments) -> anyhow::Result<ExitCode> {
    let mut project = open()?;
    let found = project.deferrable_imports(&arguments.paths);
    let mut text = String::new();
    for import in &found {
        text.push_str(&format!("{}:{}: from {} import {}\n", import.path, import.line, import.module, import.name));
    }
    if !arguments.apply {
        output::print(&text)?;
        output::error(&format!("{} imports can be deferred; `cinder lazy --apply` makes them lazy.", found.len()));
        return Ok(ExitCode::SUCCESS);
    }
    let files = project.with_lazy_imports(&found);
    for file in &files {
        std::fs::write(&file.file, &file.text).with_context(|| file.path.clone())?;
        output::print(&format!("{}: {} imports\n", file.path, file.imports))?;
    }
    let count: usize = files.iter().map(|file| file.imports).sum();
    let way =
        if project.has_lazy_imports() { "`lazy`" } else { "`__lazy_modules__`, which Python 3.15 and later follow" };
    output::error(&format!("{count} imports in {} files made lazy with {way}.", files.len()));
    Ok(ExitCode::SUCCESS)
}
