//! Outside suites, run from a checkout given by path.
//!
//! Problem: the reference's own tests are the measure of Static Python, but they are not ours to copy.
//! Idea: two scripts outside the repository extract the cases and run a checker over them; ours (embedded here) run the test methods themselves on
//! `cinder run`, and hold the results against a list of expected failures with reasons. Nothing extracted is kept.
//! Holds: the list is strict: a case that fails unlisted, and a listed one that passes, both fail the command.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::workspace;

/// Files written next to the cases, by name.
const SCRIPTS: [(&str, &str); 3] = [
    ("static_harness.py", include_str!("conformance/static_harness.py")),
    ("static_runs.py", include_str!("conformance/static_runs.py")),
    ("static_suite.py", include_str!("conformance/static_suite.py")),
];

/// The reference's Static Python suite.
///
/// # Errors
/// What cannot be run, and results that differ from the list.
pub(crate) fn statics(checkout: &Path, tools: &Path, cinder: &Path, filter: &str, jobs: usize) -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("cinder-conformance-{}", std::process::id()));
    std::fs::create_dir_all(&folder).context("the folder for the cases")?;
    let result = run_in(&folder, checkout, tools, cinder, filter, jobs);
    std::fs::remove_dir_all(&folder).context("the folder for the cases")?;
    result
}

fn run_in(
    folder: &Path,
    checkout: &Path,
    tools: &Path,
    cinder: &Path,
    filter: &str,
    jobs: usize,
) -> anyhow::Result<()> {
    for (name, text) in SCRIPTS {
        std::fs::write(folder.join(name), text)?;
    }
    let cinder = std::path::absolute(cinder)?;
    let path = |name: &str| folder.join(name);
    let jobs = jobs.to_string();
    python(&[tools.join("extract_static_suite.py"), checkout.into(), folder.into()])?;
    python(&[path("static_suite.py"), "prepare".into(), path("cases.jsonl"), path("ready.jsonl")])?;
    let check = format!("{} check --output-format json {{file}}", cinder.display());
    let kinds = "type_error,revealed_type,compiles,runs";
    let mut checking = vec![tools.join("run_static_suite.py"), path("ready.jsonl"), check.into()];
    checking.extend(["--static-import", "--unique", "--kinds", kinds, "--workers", &jobs].map(PathBuf::from));
    checking.extend(["-o".into(), path("checked.json")]);
    let mut running = vec![path("static_runs.py"), path("cases.jsonl"), checkout.into(), cinder];
    running.extend(["-o".into(), path("ran.json"), "--workers".into(), jobs.clone().into()]);
    if !filter.is_empty() {
        checking.extend(["--filter".into(), filter.into()]);
        running.extend(["--filter".into(), filter.into()]);
    }
    python(&checking)?;
    python(&running)?;
    let expected = workspace::root().join("testdata/conformance/static.toml");
    python(&[path("static_suite.py"), "judge".into(), expected, path("checked.json"), path("ran.json")])
}

fn python(words: &[PathBuf]) -> anyhow::Result<()> {
    let status = Command::new("python3").args(words).status().context("python3 runs the suite's scripts")?;
    if !status.success() {
        bail!("{} ended with {status}", words[0].display());
    }
    Ok(())
}
