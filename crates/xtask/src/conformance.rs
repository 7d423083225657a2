//! Outside suites, run from a checkout given by path.
//!
//! Problem: the reference's own tests are the measure of Static Python and of strict modules, but they are not ours to copy.
//! Idea: scripts outside the repository extract the cases and run a checker over them; ours (embedded here) run the test methods themselves on
//! `cinder run`, and hold the results against a list of expected failures with reasons. Nothing extracted is kept.
//! Holds: the list is strict: a case that fails unlisted, and a listed one that passes, both fail the command.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::{SuiteArguments, workspace};

/// Files written next to the cases, by name.
const SCRIPTS: [(&str, &str); 5] = [
    ("static_harness.py", include_str!("conformance/static_harness.py")),
    ("static_runs.py", include_str!("conformance/static_runs.py")),
    ("static_suite.py", include_str!("conformance/static_suite.py")),
    ("strict_suite.py", include_str!("conformance/strict_suite.py")),
    ("plant_effects.py", include_str!("conformance/plant_effects.py")),
];

/// Files of CPython's own test package on `cinder run`.
const CPYTHON_SCRIPTS: [(&str, &str); 2] = [
    ("cpython_suite.py", include_str!("conformance/cpython_suite.py")),
    ("cpython_inside.py", include_str!("conformance/cpython_inside.py")),
];

/// Runs chosen files of CPython's own test package, from a `Lib` folder given by path.
///
/// # Errors
/// What cannot be run, and results that differ from the list.
pub(crate) fn cpython(
    lib: &Path,
    cinder: &Path,
    tiers: &[u8],
    files: &[String],
    is_blessing: bool,
) -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("cinder-conformance-{}", std::process::id()));
    std::fs::create_dir_all(&folder).context("the folder for the scripts")?;
    for (name, text) in CPYTHON_SCRIPTS {
        std::fs::write(folder.join(name), text)?;
    }
    let expected = workspace::root().join("testdata/conformance/cpython.toml");
    let mut words = vec![folder.join("cpython_suite.py"), lib.into(), std::path::absolute(cinder)?, expected];
    for tier in tiers {
        words.extend(["--tier".into(), tier.to_string().into()]);
    }
    for file in files {
        words.extend(["--file".into(), file.into()]);
    }
    if is_blessing {
        words.push("--bless".into());
    }
    let result = python(&words);
    std::fs::remove_dir_all(&folder).context("the folder for the scripts")?;
    result
}

/// The reference's Static Python suite.
///
/// # Errors
/// What cannot be run, and results that differ from the list.
pub(crate) fn statics(suite: &SuiteArguments) -> anyhow::Result<()> {
    let (tools, cinder) =
        (suite.tools.clone().map_or_else(find_tools, Ok)?, suite.cinder.clone().map_or_else(find_cinder, Ok)?);
    in_folder(|folder| run_statics(folder, &suite.checkout, &tools, &cinder, &suite.filter, suite.jobs))
}

/// The reference's strict-module suite: what its analyser accepted and reported.
///
/// # Errors
/// What cannot be run, results that differ from the list, and shares below the bars the list records.
pub(crate) fn stricts(suite: &SuiteArguments) -> anyhow::Result<()> {
    let (tools, cinder) =
        (suite.tools.clone().map_or_else(find_tools, Ok)?, suite.cinder.clone().map_or_else(find_cinder, Ok)?);
    in_folder(|folder| run_stricts(folder, &suite.checkout, &tools, &cinder, &suite.filter, suite.jobs))
}

/// Effects planted in unpacked packages: each must be found with its chain.
///
/// # Errors
/// What cannot be run, and plants that are missed.
pub(crate) fn planted(packages: &Path, cinder: &Path, count: usize, seed: u64, jobs: usize) -> anyhow::Result<()> {
    in_folder(|folder| {
        let mut words = vec![folder.join("plant_effects.py"), packages.into(), std::path::absolute(cinder)?];
        let options = [("--count", count as u64), ("--seed", seed), ("--jobs", jobs as u64)];
        words.extend(options.iter().flat_map(|(name, value)| [PathBuf::from(name), value.to_string().into()]));
        python(&words)
    })
}

/// The folder with the scripts that extract and run the suites.
fn find_tools() -> anyhow::Result<PathBuf> {
    let root = workspace::root();
    let mut folders = root.ancestors().map(|folder| folder.join("shared/tools"));
    folders
        .find(|folder| folder.join("extract_static_suite.py").is_file())
        .context("no shared/tools with extract_static_suite.py beside the repository; name it with --tools")
}

fn find_cinder() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let beside = own.with_file_name(format!("cinder{}", std::env::consts::EXE_SUFFIX));
    if !beside.is_file() {
        bail!("{} is not built; build it, or name another binary with --cinder", beside.display());
    }
    Ok(beside)
}

/// Gives `work` a folder with our scripts, and removes it afterwards, whatever happened.
fn in_folder(work: impl FnOnce(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("cinder-conformance-{}", std::process::id()));
    std::fs::create_dir_all(&folder).context("the folder for the cases")?;
    let result = write_scripts(&folder).and_then(|()| work(&folder));
    std::fs::remove_dir_all(&folder).context("the folder for the cases")?;
    result
}

fn write_scripts(folder: &Path) -> anyhow::Result<()> {
    for (name, text) in SCRIPTS {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}

fn run_stricts(
    folder: &Path,
    checkout: &Path,
    tools: &Path,
    cinder: &Path,
    filter: &str,
    jobs: usize,
) -> anyhow::Result<()> {
    let path = |name: &str| folder.join(name);
    let suite = path("suite.jsonl");
    python(&[path("strict_suite.py"), "prepare".into(), checkout.into(), path("suite")])?;
    python(&[tools.join("extract_strict_suite.py"), path("suite"), "--out".into(), suite.clone()])?;
    let check = format!(
        "{} check --output-format json --strict-stubs {{stubs}} --strict-force {{force}} --strict-allow {{allow}} \
         --strict-allow-pattern {{allow_regex}} {{files}}",
        std::path::absolute(cinder)?.display()
    );
    let mut running = vec![tools.join("run_strict_suite.py"), suite, "--cmd".into(), check.into()];
    running.extend(["--category", "analysis", "--workers", &jobs.to_string()].map(PathBuf::from));
    running.extend(["--json".into(), path("result.json")]);
    if !filter.is_empty() {
        running.extend(["--filter".into(), filter.into()]);
    }
    python(&running)?;
    let expected = workspace::root().join("testdata/conformance/strict.toml");
    python(&[path("strict_suite.py"), "judge".into(), expected, path("result.json"), filter.into()])
}

fn run_statics(
    folder: &Path,
    checkout: &Path,
    tools: &Path,
    cinder: &Path,
    filter: &str,
    jobs: usize,
) -> anyhow::Result<()> {
    let cinder = std::path::absolute(cinder)?;
    let path = |name: &str| folder.join(name);
    let jobs = jobs.to_string();
    python(&[tools.join("extract_static_suite.py"), checkout.into(), folder.into()])?;
    python(&[path("static_suite.py"), "prepare".into(), path("cases.jsonl"), path("ready.jsonl")])?;
    // The suite compiles its cases and imports few of them: that an import would raise is no mistake there.
    let check = format!("{} check --ignore strict-module-unhandled --output-format json {{file}}", cinder.display());
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
    let mut judging = vec![path("static_suite.py"), "judge".into(), expected, path("checked.json"), path("ran.json")];
    if !filter.is_empty() {
        judging.push("--partial".into());
    }
    python(&judging)
}

fn python(words: &[PathBuf]) -> anyhow::Result<()> {
    let status = Command::new("python3").args(words).status().context("python3 runs the suite's scripts")?;
    if !status.success() {
        bail!("{} ended with {status}", words[0].display());
    }
    Ok(())
}
