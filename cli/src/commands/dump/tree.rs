//! A stage for every file of a folder, counted.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Arguments, Stage};
use crate::{commands, output};

/// Reaches `stage` for every `*.py` below the folder of `arguments`, on all processors, and prints the counts.
///
/// A file with mistakes is counted, not a failure: test suites hold broken programs on purpose. A stage that fails or
/// panics is one, and makes the exit code 1.
pub(super) fn count(stage: &Stage, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut files = Vec::new();
    commands::collect_sources(arguments.path()?, &mut files)?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<(PathBuf, Outcome)>> = Mutex::new(Vec::new());
    let worker_len = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..worker_len {
            scope.spawn(|| {
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = cinder_syntax::with_deep_stack(|| reach(stage, arguments, path));
                    outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((path.clone(), outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    outcomes.sort_by(|(left, _), (right, _)| left.cmp(right));
    let (mut reached, mut refused, mut failed) = (0, 0, 0);
    for (path, outcome) in &outcomes {
        match outcome {
            Outcome::Reached => reached += 1,
            Outcome::Refused(mistake) => {
                refused += 1;
                output::print(&format!("refused: {mistake}\n"))?;
            }
            Outcome::Failed(reason) => {
                failed += 1;
                output::print(&format!("FAILED: {}: {reason}\n", path.display()))?;
            }
        }
    }
    let total = outcomes.len();
    let name = stage.name;
    output::print(&format!(
        "{total} files: {reached} reached stage {name}, {refused} refused with a message, {failed} failed\n"
    ))?;
    Ok(if failed > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

enum Outcome {
    Reached,
    /// The file has this mistake.
    Refused(String),
    /// We could not do it.
    Failed(String),
}

fn reach(stage: &Stage, arguments: &Arguments, path: &std::path::Path) -> Outcome {
    let arguments = Arguments { file: Some(path.to_owned()), ..arguments.clone() };
    // A panic is our mistake in one file; the others are still worth counting.
    match std::panic::catch_unwind(AssertUnwindSafe(|| (stage.dump)(&arguments))) {
        Ok(Ok(dump)) => match dump.mistakes.into_iter().next() {
            None => Outcome::Reached,
            Some(mistake) => Outcome::Refused(mistake),
        },
        Ok(Err(error)) if error.is::<cinder_syntax::DecodeError>() => {
            Outcome::Refused(format!("{}: {error:#}", path.display()))
        }
        Ok(Err(error)) => Outcome::Failed(format!("{error:#}")),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Outcome::Failed(format!("panic: {text}"))
        }
    }
}
