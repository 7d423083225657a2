//! Checks files: one, or many in parallel.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cinder_db::{Db, File, SourceError, line_index, parsed_module, source_text};
use cinder_diagnostic::rules::{INVALID_SYNTAX, UNREADABLE_FILE};
use cinder_diagnostic::{Diagnostic, FileDiagnostics, Severity, SourceFile};
use cinder_text::TextRange;

use crate::config::RuleSelection;
use crate::discover::PathProblem;
use crate::performance::performance;
use crate::rules::INTERNAL_ERROR;
use crate::{ProjectDatabase, imports, suppress};

/// How [`Project::check_paths`](crate::Project::check_paths) works.
#[derive(Clone, Copy, Debug)]
pub struct CheckOptions {
    /// Threads to use, at least one.
    pub threads: usize,
    /// Tell what keeps static code from being fast, too.
    pub performance: bool,
}

impl Default for CheckOptions {
    fn default() -> CheckOptions {
        CheckOptions { performance: false, threads: thread::available_parallelism().map_or(1, |count| count.get()) }
    }
}

/// What a check of many files found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Files with findings, in order of path; findings in order of place.
    pub files: Vec<FileDiagnostics>,
    /// How many files were looked at.
    pub checked: usize,
    /// Paths that could not be looked at.
    pub problems: Vec<PathProblem>,
}

impl Report {
    /// The number of findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.files
            .iter()
            .flat_map(|file| &file.diagnostics)
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    }

    /// Whether a checker failed on some file: our mistake, not the program's.
    pub fn has_internal_errors(&self) -> bool {
        self.files.iter().flat_map(|file| &file.diagnostics).any(|diagnostic| *diagnostic.rule == INTERNAL_ERROR)
    }
}

/// Everything that is wrong with `file`, in order of place, under the rules' own severities.
///
/// Depends on: the file; of files it imports only what they declare.
#[salsa::tracked(returns(deref), lru = 1024)]
pub fn check_file(db: &dyn Db, file: File) -> Box<[Diagnostic]> {
    let text = source_text(db, file);
    if let Some(error) = text.error() {
        return report_unreadable(error).into_iter().collect();
    }
    let parsed = parsed_module(db, file);
    let mut found: Vec<Diagnostic> = parsed.errors().iter().map(report_syntax_error).collect();
    // What follows from a syntax error would be noise, so checkers see programs only.
    if found.is_empty() {
        // Asked of this tree, so that modules nobody checks need no item tree.
        if cinder_static::summary::has_static_flag(parsed.suite()) || cinder_static::named_static(db, file) {
            found = cinder_static::check_static(db, file);
        }
        if wants_strict(db, text) {
            found.extend(cinder_strict::check_strict(db, file));
        }
        found = suppress::apply(text, parsed, || line_index(db, file), found);
    }
    found.sort_by(|a, b| {
        let key = |diagnostic: &Diagnostic| (diagnostic.range.start(), diagnostic.range.end(), diagnostic.rule.name);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    found.dedup();
    found.into()
}

/// Whether the file can be a strict module at all; most files are answered without a look at their tree.
fn wants_strict(db: &dyn Db, text: &str) -> bool {
    let strict = &db.program().settings(db).strict;
    let has_lists = strict.forces_all
        || ![&strict.modules, &strict.prefixes, &strict.patterns, &strict.forced].iter().all(|list| list.is_empty());
    has_lists || text.contains("__strict__") || text.contains("__static__")
}

fn report_syntax_error(error: &cinder_syntax::SyntaxError) -> Diagnostic {
    Diagnostic::new(&INVALID_SYNTAX, error.range, error.message.clone())
}

/// `None` for a file that is gone: files vanish while they are looked at.
fn report_unreadable(error: &SourceError) -> Option<Diagnostic> {
    (*error != SourceError::Missing).then(|| Diagnostic::new(&UNREADABLE_FILE, TextRange::default(), error.to_string()))
}

/// Like [`check_file`], but a panic becomes a finding. Cancellation passes through.
fn check_file_surviving(db: &dyn Db, file: File) -> Vec<Diagnostic> {
    surviving(|| check_file(db, file).to_vec()).unwrap_or_else(|failure| vec![*failure])
}

/// The findings of one file under the severities that `rules` choose, in order of place, for sessions with several jobs. A panic becomes a
/// finding; every kind of cancellation passes through, that of another job which computed something for this one included.
pub fn findings(db: &dyn Db, file: File, rules: &RuleSelection) -> Vec<Diagnostic> {
    let check = || cinder_syntax::with_deep_stack(|| check_file(db, file).to_vec());
    let found =
        catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|payload| match payload.is::<salsa::Cancelled>() {
            true => resume_unwind(payload),
            false => vec![report_panic(payload)],
        });
    select(file.path(db).as_disk(), found, rules)
}

/// Runs queries on a deep stack.
///
/// Errors: the finding that stands for a panic.
pub(crate) fn surviving<T>(work: impl FnOnce() -> T) -> Result<T, Box<Diagnostic>> {
    // Salsa forgets what a query that panicked had begun; nothing else is shared.
    catch_unwind(AssertUnwindSafe(|| cinder_syntax::with_deep_stack(work)))
        .map_err(|payload| Box::new(report_panic(payload)))
}

fn report_panic(payload: Box<dyn Any + Send>) -> Diagnostic {
    let message = match payload.downcast::<salsa::Cancelled>() {
        // Another thread's query died while this one waited for it; that thread reports why.
        Ok(cancelled) if matches!(*cancelled, salsa::Cancelled::PropagatedPanic) => {
            "a check this one depends on failed".to_string()
        }
        Ok(cancelled) => resume_unwind(cancelled),
        Err(payload) => {
            let text = payload.downcast_ref::<String>().cloned();
            text.or_else(|| payload.downcast_ref::<&str>().map(|text| text.to_string()))
                .unwrap_or_else(|| "panic".to_string())
        }
    };
    Diagnostic::new(&INTERNAL_ERROR, TextRange::default(), format!("internal error: {message}"))
        .with_help("This is a mistake in cinder, not in the program. Please report it with the file that causes it.")
}

/// How many files are checked between two evictions of trees, which are most of the memory a check needs.
const BATCH: usize = 64;

/// Checks `paths` (absolute, sorted) and keeps what `selection` keeps. `shown` makes the path that users see.
pub(crate) fn check_many(
    db: &mut ProjectDatabase,
    paths: &[PathBuf],
    selection: &RuleSelection,
    options: CheckOptions,
    shown: &(dyn Fn(&Path) -> String + Sync),
) -> Vec<FileDiagnostics> {
    let check = |db: &ProjectDatabase, path: &PathBuf| {
        let file = db.files().disk_file(db, path);
        let mut found = check_file_surviving(db, file);
        if options.performance && !found.iter().any(|diagnostic| *diagnostic.rule == INVALID_SYNTAX) {
            found.extend(surviving(|| performance(db, file)).unwrap_or_else(|failure| vec![*failure]));
            found.sort_by_key(|diagnostic| diagnostic.range.start());
        }
        let diagnostics = select(Some(path), found, selection);
        let diagnostics = with_shown_paths(diagnostics, shown);
        (!diagnostics.is_empty()).then(|| {
            // What broke the check may have been reading the text.
            let text = surviving(|| source_text(db, file).as_str()).unwrap_or_default();
            FileDiagnostics { file: SourceFile::new(shown(path), text), diagnostics }
        })
    };
    let mut found = Vec::new();
    let order: Vec<(usize, &PathBuf)> = if paths.len() > BATCH {
        let text = |place: usize| {
            let file = db.files().disk_file(db, &paths[place]);
            surviving(|| source_text(db, file).as_str()).unwrap_or_default()
        };
        imports::schedule(paths, text).into_iter().map(|place| (place, &paths[place])).collect()
    } else {
        paths.iter().enumerate().collect()
    };
    for batch in order.chunks(BATCH) {
        found.extend(in_parallel(db, batch, options.threads, &check));
        // Trees of files that are done go; without this a check of a large project keeps them all.
        salsa::Database::trigger_lru_eviction(db);
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, found)| found).collect()
}

/// Gives labels and fixes in other files the paths that users see.
fn with_shown_paths(mut diagnostics: Vec<Diagnostic>, shown: &dyn Fn(&Path) -> String) -> Vec<Diagnostic> {
    for annotation in diagnostics.iter_mut().flat_map(|diagnostic| &mut diagnostic.annotations) {
        if let Some(path) = &annotation.path {
            annotation.path = Some(shown(Path::new(&**path)).into());
        }
    }
    for fix in diagnostics.iter_mut().filter_map(|diagnostic| diagnostic.fix.as_mut()) {
        if let Some(path) = &fix.path {
            fix.path = Some(shown(Path::new(&**path)).into());
        }
    }
    diagnostics
}

/// Applies `work` to every path, on several threads, and gives the results with the numbers of their paths, in any order.
fn in_parallel<T: Send>(
    db: &ProjectDatabase,
    paths: &[(usize, &PathBuf)],
    threads: usize,
    work: &(dyn Fn(&ProjectDatabase, &PathBuf) -> Option<T> + Sync),
) -> Vec<(usize, T)> {
    let threads = threads.clamp(1, paths.len().max(1));
    let next = AtomicUsize::new(0);
    let run = |db: ProjectDatabase| {
        let paths = std::iter::from_fn(|| paths.get(next.fetch_add(1, Ordering::Relaxed)));
        paths.filter_map(|(place, path)| Some((*place, work(&db, path)?))).collect::<Vec<_>>()
    };
    if threads == 1 {
        return run(db.clone());
    }
    thread::scope(|scope| {
        let start = |_| {
            let db = db.clone();
            scope.spawn(|| run(db))
        };
        let workers: Vec<_> = (0..threads).map(start).collect();
        let joined = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|payload| resume_unwind(payload)));
        joined.flatten().collect()
    })
}

/// Drops and re-weighs findings as configured.
fn select(path: Option<&Path>, found: Vec<Diagnostic>, selection: &RuleSelection) -> Vec<Diagnostic> {
    let weighed = found.into_iter().filter_map(|diagnostic| {
        let severity = selection.severity(path, diagnostic.rule, diagnostic.severity)?;
        Some(diagnostic.with_severity(severity))
    });
    weighed.collect()
}
