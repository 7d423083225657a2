//! Violations as diagnostics: where, why, through which calls, and what to do.
//!
//! Idea: the primary place is on the module's own level, where the import goes wrong; each call on the way to the root cause is an
//! annotation in its own file; the import that brought an unknown value is one more. Consequences of a root cause are counted there.

use std::sync::Arc;

use cinder_db::{Db, File, Grain, module_items};
use cinder_diagnostic::Diagnostic;
use cinder_text::{Ranged, TextRange};

use crate::code::{Piece, Span};
use crate::effects::Level;
use crate::fixes;
use crate::frozen::{conflict_diagnostics, frozen_diagnostics};
use crate::machine::import::number_of_file;
use crate::marker::{ModuleKind, flag_diagnostics, strict_marker};
use crate::models;
use crate::queries;
use crate::rules::Rule;
use crate::value::Violation;

/// What the analysis says of one module.
#[derive(Clone, Debug, Default)]
pub struct StrictReport {
    pub kind: ModuleKind,
    /// In the file's positions.
    pub diagnostics: Vec<Diagnostic>,
    /// How far importing the module reaches; [`Level::Pure`] when nothing was found.
    pub level: Option<Level>,
    /// Instructions the evaluation of its unit took.
    pub steps: u64,
}

/// Violations of a strict module, in the file's positions; mistakes of the flags for every module.
///
/// Depends on: the file (for positions); of other modules what importing this one runs.
pub fn check_strict(db: &dyn Db, file: File) -> Vec<Diagnostic> {
    let mut diagnostics = flag_diagnostics(db, file);
    if queries::has_value(db, file) {
        diagnostics.extend(strict_report(db, file).diagnostics);
        diagnostics.extend(frozen_diagnostics(db, file));
        diagnostics.extend(conflicting_source(db, file));
        if queries::settings(db).is_compatible {
            diagnostics.extend(conflict_diagnostics(db, file));
        }
    }
    diagnostics
}

/// A strict module that its importers do not see, because a model of the same name comes first.
fn conflicting_source(db: &dyn Db, file: File) -> Option<Diagnostic> {
    let (name, _) = queries::module_identity(db, file);
    let stub = queries::stub_file(db, &name).filter(|stub| *stub != file)?;
    if queries::settings(db).is_compatible || queries::is_implicit(db, stub) {
        return None;
    }
    let fields = [name, stub.path(db).to_string().into(), file.path(db).to_string().into()];
    let rule = Rule::ConflictingSource;
    let first = cinder_db::parsed_module(db, file).suite().first().map(Ranged::range).unwrap_or_default();
    Some(Diagnostic::new(rule.registered(), first, rule.message(&fields)))
}

/// Evaluates a module as a strict one, marked or not.
pub fn strict_report(db: &dyn Db, file: File) -> StrictReport {
    let heap = queries::heap_of(db, file);
    let number = number_of_file(file);
    let mut report = StrictReport { kind: strict_marker(db, file).kind, steps: heap.steps, ..StrictReport::default() };
    let mut level = Level::Pure;
    let allowed = allowed_level(db, file);
    for (module, violation, count) in &heap.found {
        if *module != number {
            continue;
        }
        let reach = level_of(violation);
        level = level.max(reach);
        if (reach as u8) <= allowed && reach != Level::Unknown {
            continue;
        }
        report.diagnostics.push(diagnostic(db, file, violation, *count));
    }
    if queries::is_circular(db, file) {
        level = Level::Unknown;
        let message = Rule::Unsupported.message(&["import".into(), "module that is being imported".into()]);
        let diagnostic = Diagnostic::new(Rule::Unsupported.registered(), TextRange::default(), message);
        report.diagnostics.push(diagnostic.with_help("calls at import time import modules that import this one"));
    }
    report.level = Some(level);
    report
}

/// How far importing the file may reach, as a rank.
fn allowed_level(db: &dyn Db, file: File) -> u8 {
    let settings = queries::settings(db);
    let path = file.path(db).as_disk();
    let folder = settings.folder_levels.iter().find(|(folder, _)| path.is_some_and(|path| path.starts_with(folder)));
    folder.map_or(settings.level, |(_, level)| *level)
}

/// The violation at the end of the chain.
fn root(violation: &Violation) -> &Violation {
    let mut root = violation;
    while let Some(cause) = &root.cause {
        root = cause;
    }
    root
}

/// The effect level a violation stands for.
fn level_of(violation: &Violation) -> Level {
    match root(violation).rule {
        Rule::ReadsEnvironment => Level::ReadsEnvironment,
        Rule::Nondeterministic | Rule::SetOrder => Level::Deterministic,
        Rule::MutatesProcess | Rule::Registers | Rule::ModifyImportValue | Rule::ForeignRebind | Rule::Immutable => {
            Level::Registers
        }
        Rule::PerformsIo | Rule::PrintsAtImport | Rule::ProhibitedBuiltin => Level::Io,
        _ => Level::Unknown,
    }
}

fn diagnostic(db: &dyn Db, file: File, violation: &Violation, count: u32) -> Diagnostic {
    let range = match place(db, violation.span) {
        Some((found, range)) if found == file => range,
        _ => TextRange::default(),
    };
    let rule = violation.rule.registered();
    let mut message = violation.rule.message(&violation.fields);
    if violation.rule == Rule::Unhandled {
        message = unhandled(violation);
    }
    let mut diagnostic = Diagnostic::new(rule, range, message);
    let mut cause = violation.cause.as_deref();
    while let Some(step) = cause {
        let is_root = step.cause.is_none();
        let text = step.rule.message(&step.fields);
        let label = if is_root { format!("root cause: {text}") } else { text };
        diagnostic = annotate(db, file, diagnostic, step.span, label, true);
        cause = step.cause.as_deref();
    }
    let root = root(violation);
    if let Some(origin) = root.origin.or(violation.origin) {
        let name = root.fields.first().cloned().unwrap_or_default();
        diagnostic = annotate(
            db,
            file,
            diagnostic,
            origin,
            format!("`{name}` comes from here; its module is not strict"),
            false,
        );
    }
    if count > 1 {
        let more = count - 1;
        let word = if more == 1 { "consequence" } else { "consequences" };
        diagnostic = diagnostic.with_help(format!("{more} further {word} of this not shown"));
    }
    if let Some(fix) = fixes::fix(db, file, root, range) {
        diagnostic = diagnostic.with_fix(fix);
    }
    match help(root) {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic,
    }
}

/// The reference's words, which tools look for.
fn unhandled(violation: &Violation) -> String {
    match (violation.fields.first(), violation.fields.get(1).filter(|args| !args.is_empty())) {
        (Some(name), Some(args)) => format!("importing this module raises {name}: {args}"),
        (Some(name), None) => format!("importing this module raises {name}"),
        _ => "importing this module raises an exception".into(),
    }
}

fn annotate(db: &dyn Db, file: File, diagnostic: Diagnostic, span: Span, label: String, is_step: bool) -> Diagnostic {
    match place(db, span) {
        Some((found, range)) => {
            let path: Option<Arc<str>> = (found != file).then(|| found.path(db).to_string().into());
            match (is_step, path) {
                (true, path) => diagnostic.with_step(path, range, label),
                (false, None) => diagnostic.with_annotation(range, label),
                (false, Some(path)) => diagnostic.with_annotation_in(path, range, label),
            }
        }
        None => match span.piece {
            Piece::Model(number) => {
                let name = models::get(number).map_or("?", |model| model.name);
                diagnostic.with_help(format!("in `{name}`: {label}"))
            }
            _ => diagnostic,
        },
    }
}

/// The file and range of a span; `None` for bundled models and for text that was executed.
fn place(db: &dyn Db, span: Span) -> Option<(File, TextRange)> {
    match span.piece {
        Piece::Module(file) => Some((file, Grain::Module(file).lift(db, span.range))),
        Piece::Function(file, index) => {
            let item = module_items(db, file).functions.get(index as usize)?;
            Some((file, Grain::Function(*item).lift(db, span.range)))
        }
        Piece::Model(_) | Piece::Text => None,
    }
}

fn help(root: &Violation) -> Option<String> {
    Some(match root.rule {
        Rule::PrintsAtImport => "move the output under `if __name__ == \"__main__\":` or into a function".into(),
        Rule::ProhibitedBuiltin | Rule::PerformsIo => {
            "do it when it is needed: move it into a function cached with `functools.cache`".into()
        }
        Rule::ReadsEnvironment => {
            "read it in a function, so that the value is that of the run and not of the import".into()
        }
        Rule::Nondeterministic => "compute it in a function, or pass it in".into(),
        Rule::MutatesProcess | Rule::Registers => "do it from an entry function instead of at import time".into(),
        Rule::ModifyImportValue | Rule::ForeignRebind => {
            "let the owner collect: list the entries in the module that owns the object".into()
        }
        Rule::StarImportDisallowed => "name what is imported".into(),
        _ => return None,
    })
}
