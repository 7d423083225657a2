//! `cinder check`: finds mistakes without running the program.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use cinder_diagnostic::{Applicability, Changes, Format, Renderer, Severity};
use cinder_project::{
    Baseline, CheckOptions, Discovered, Level, Project, ProjectOptions, Report, RuleSelection, StaticSettings,
    StrictSettings, rules, snapshot, snapshot::Restored,
};
use clap::ValueEnum;

use crate::EXIT_FAILURE;
use crate::cache::{self, Cache};
use crate::output::{self, ColorChoice};

/// The exit code when a checker itself failed, that of a Rust program that panics.
const EXIT_INTERNAL_ERROR: u8 = 101;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// How often fixes are applied to what earlier ones left.
const FIX_ROUNDS: usize = 8;

/// Check files and folders for mistakes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files, and folders to search for `*.py` and `*.pyi`; the whole project without any.
    paths: Vec<PathBuf>,
    /// How to print findings.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    output_format: FormatName,
    /// The configuration file; otherwise the nearest `pyproject.toml`.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The virtual environment whose packages are imported.
    #[arg(long, value_name = "FOLDER")]
    environment: Option<PathBuf>,
    /// A further folder to search for imports; may be repeated.
    #[arg(long = "extra-path", value_name = "FOLDER")]
    extra_paths: Vec<PathBuf>,
    /// Treat a rule (or `all`) as an error; may be repeated and wins over `--warn` and `--ignore`.
    #[arg(long, value_name = "RULE")]
    error: Vec<String>,
    /// Treat a rule (or `all`) as a warning; wins over `--ignore`.
    #[arg(long, value_name = "RULE")]
    warn: Vec<String>,
    /// Leave a rule (or `all`) out.
    #[arg(long, value_name = "RULE")]
    ignore: Vec<String>,
    /// Tell every place in static code that stays dynamic, with the reason and the cure.
    #[arg(long)]
    perf: bool,
    /// Exit with 1 for warnings, too.
    #[arg(long)]
    error_on_warning: bool,
    /// Exit with 0 whatever is found.
    #[arg(long)]
    exit_zero: bool,
    /// Apply the safe fixes of the findings, which keep what the program does, then check again.
    #[arg(long)]
    fix: bool,
    /// Apply fixes that may change what the program does, too; implies `--fix`.
    #[arg(long)]
    unsafe_fixes: bool,
    /// Leave out the findings this file lists; say which of its lines are no longer needed.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write today's findings to this file and exit with 0.
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// Check what differs from this commit, and what imports it.
    #[arg(long, value_name = "REF")]
    changed_since: Option<String>,
    /// A folder of `.pys` models for the analysis of strict modules; may be repeated.
    #[arg(long, value_name = "FOLDER")]
    strict_stubs: Vec<PathBuf>,
    /// Treat these modules as strict, marked or not; comma-separated, `*` for all.
    #[arg(long, value_name = "MODULES", value_delimiter = ',')]
    strict_force: Vec<String>,
    /// Modules, with everything below them, that are strict without a marker; comma-separated.
    #[arg(long, value_name = "PREFIXES", value_delimiter = ',')]
    strict_allow: Vec<String>,
    /// The same by pattern.
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    strict_allow_pattern: Vec<String>,
    /// Keep habits of the reference analyser of strict modules.
    #[arg(long)]
    strict_compat: bool,
    /// Modules, with everything below them, that are static without a flag; comma-separated, `*` for all of the project.
    #[arg(long, value_name = "MODULES", value_delimiter = ',')]
    static_modules: Vec<String>,
    /// Modules, with everything below them, that are not; comma-separated.
    #[arg(long, value_name = "MODULES", value_delimiter = ',')]
    static_exclude: Vec<String>,
    /// The folder with the types another checker found, a JSON file for each module.
    #[arg(long, value_name = "FOLDER")]
    static_types: Option<PathBuf>,
    /// Neither use nor keep results of earlier checks.
    #[arg(long)]
    no_cache: bool,
    /// Check some files again whose findings come from earlier checks, and fail if these differ.
    #[arg(long, conflicts_with = "no_cache")]
    verify_cache: bool,
    /// Keep results in this folder instead of the project's `.cinder_cache`.
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_cache")]
    cache_dir: Option<PathBuf>,
    /// Threads to use; one per processor otherwise.
    #[arg(short = 'j', long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatName {
    /// Source windows with labels and help.
    Full,
    /// `path:line:column: severity[rule] message`, a line each.
    Concise,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// GitHub's annotations.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// JUnit's XML.
    Junit,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Full => Format::Full,
            FormatName::Concise => Format::Concise,
            FormatName::Json => Format::Json,
            FormatName::Sarif => Format::Sarif,
            FormatName::Github => Format::Github,
            FormatName::Gitlab => Format::Gitlab,
            FormatName::Junit => Format::Junit,
        }
    }
}

pub(crate) fn main(arguments: &Arguments, color: ColorChoice) -> anyhow::Result<ExitCode> {
    let (mut report, mut project) = check(arguments)?;
    if arguments.fix || arguments.unsafe_fixes {
        let mut fixed = 0;
        // One fix may make room for another; those that never come to an end are our mistake.
        for _ in 0..FIX_ROUNDS {
            let applied = apply_fixes(&project, &report, arguments.unsafe_fixes)?;
            if applied == 0 {
                break;
            }
            fixed += applied;
            (report, project) = check(arguments)?;
        }
        if fixed > 0 {
            output::error(&format!("Applied {fixed} fix{}.", if fixed == 1 { "" } else { "es" }));
        }
    }
    if let Some(path) = &arguments.write_baseline {
        let baseline = Baseline::of(&report);
        std::fs::write(path, baseline.render()).with_context(|| path.display().to_string())?;
        output::error(&format!("Wrote {} findings to {}.", baseline.len(), path.display()));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(path) = &arguments.baseline {
        apply_baseline(path, &mut report)?;
    }

    let format: Format = arguments.output_format.into();
    let renderer = Renderer::new(format).with_color(color.is_colored());
    output::print(&renderer.render(&report.files, &|path| project.source_file(path)))?;
    for problem in &report.problems {
        output::error(&format!("cinder: {problem}"));
    }
    if !format.is_for_machines() {
        output::error(&summary(&report));
        if let Some(hint) = fix_hint(arguments, &report) {
            output::error(&hint);
        }
    }
    let code = exit_code(arguments, &report);
    // The process ends here; giving the memory of a large project back piece by piece takes a tenth of the time.
    std::mem::forget((report, project));
    Ok(ExitCode::from(code))
}

/// Opens the project and checks it.
fn check(arguments: &Arguments) -> anyhow::Result<(Report, Project)> {
    let paths = match &arguments.changed_since {
        Some(reference) => match changed_paths(arguments, reference)? {
            paths if paths.is_empty() => {
                let (_, project) = open(arguments, true)?;
                return Ok((Report::default(), project));
            }
            paths => paths,
        },
        None => arguments.paths.clone(),
    };
    let (options, mut project) = open(arguments, true)?;
    let found = project.discover(&paths);
    let is_worth_it = found.files.len() >= cache::LEAST_FILES && found.problems.is_empty();
    if arguments.no_cache || !is_worth_it {
        return Ok((project.check_discovered(found, options), project));
    }
    let cache = Cache::new(arguments.cache_dir.as_deref(), project.root());
    let key = snapshot::key(&project, &found.files, options.performance, &cache::binary_version());
    let begun = cache::now();
    let restored = cache.load(&key).and_then(|bytes| snapshot::restore(&project, &found.files, &bytes));
    if arguments.verify_cache
        && let Some(restored) = &restored
        && let Err(error) = verify(arguments, restored, &found.files)
    {
        cache.forget(&key);
        return Err(error);
    }
    let report = match &restored {
        Some(restored) if restored.changed == 0 => return Ok((restored.report.clone(), project)),
        Some(restored) => {
            let stale = Discovered { files: restored.stale.clone(), problems: Vec::new() };
            let fresh = project.check_discovered(stale, options);
            if !Format::from(arguments.output_format).is_for_machines() {
                let (changed, stale) = (restored.changed, restored.stale.len());
                let others = found.files.len() - stale;
                output::error(&format!("{changed} changed: {stale} files checked, {others} as before."));
            }
            restored.joined(fresh)
        }
        None => project.check_discovered(found, options),
    };
    if let Some(bytes) = snapshot::take(&project, &report, restored, begun) {
        cache.store(&key, &bytes);
    }
    Ok((report, project))
}

/// How many files [`verify`] checks again.
const VERIFIED: usize = 64;

/// Checks some of the files whose findings were restored, others each time.
///
/// Errors: findings that differ, which is a mistake of ours.
fn verify(arguments: &Arguments, restored: &Restored, files: &[PathBuf]) -> anyhow::Result<()> {
    let (options, mut project) = open(arguments, true)?;
    let kept: Vec<&PathBuf> = files.iter().filter(|path| restored.stale.binary_search(path).is_err()).collect();
    let step = kept.len().div_ceil(VERIFIED).max(1);
    let first = cache::now() as usize % step;
    let sample: Vec<PathBuf> = kept.into_iter().skip(first).step_by(step).cloned().collect();
    let fresh = project.check_discovered(Discovered { files: sample.clone(), problems: Vec::new() }, options);
    for path in sample.iter().map(|path| project.shown_path(path)) {
        let of = |report: &Report| {
            let file = report.files.iter().find(|file| file.file.path() == path);
            file.map(|file| file.diagnostics.clone())
        };
        if of(&fresh) != of(&restored.report) {
            bail!("{path}: the cache held other findings than a new check gives; it is forgotten. Please report this.");
        }
    }
    Ok(())
}

fn open(arguments: &Arguments, looks_once: bool) -> anyhow::Result<(CheckOptions, Project)> {
    let system = cinder_project::OsSystem::from_process().context("cannot find the current folder")?;
    let options = ProjectOptions {
        config_file: arguments.config.clone(),
        start: None,
        environment: arguments.environment.clone(),
        extra_paths: arguments.extra_paths.clone(),
        rules: rule_selection(arguments)?,
        strict: strict_settings(arguments),
        statics: static_settings(arguments),
        looks_once,
    };
    let project = Project::open(Arc::new(system), options)?;
    let mut check = CheckOptions::default();
    if let Some(threads) = arguments.threads {
        check.threads = threads.into();
    }
    check.performance = arguments.perf;
    Ok((check, project))
}

/// What git says has changed since a commit, with what imports it.
fn changed_paths(arguments: &Arguments, reference: &str) -> anyhow::Result<Vec<PathBuf>> {
    let run = |words: &[&str]| -> anyhow::Result<String> {
        let result = std::process::Command::new("git").args(words).output().context("cannot run git")?;
        if !result.status.success() {
            bail!("git {}: {}", words.join(" "), String::from_utf8_lossy(&result.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&result.stdout).into_owned())
    };
    let top = PathBuf::from(run(&["rev-parse", "--show-toplevel"])?.trim_end());
    let differing = run(&["diff", "--name-only", "-z", reference, "--"])?;
    let untracked = run(&["ls-files", "--others", "--exclude-standard", "-z", "--full-name", ":/"])?;
    let changed: Vec<PathBuf> = differing
        .split('\0')
        .chain(untracked.split('\0'))
        .filter(|name| !name.is_empty())
        .map(|name| top.join(name))
        .collect();
    let (_, mut project) = open(arguments, false)?;
    Ok(project.affected(&arguments.paths, &changed))
}

fn apply_baseline(path: &Path, report: &mut Report) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let baseline = match Baseline::parse(&text) {
        Ok(baseline) => baseline,
        Err(line) => bail!("{}:{line}: not a line of a baseline", path.display()),
    };
    let (known, unneeded) = baseline.apply(report);
    output::error(&format!("{known} known findings left out."));
    if unneeded > 0 {
        output::error(&format!("{unneeded} lines of {} are no longer needed; write it anew.", path.display()));
    }
    Ok(())
}

/// How many fixes are left, and how to get them.
fn fix_hint(arguments: &Arguments, report: &Report) -> Option<String> {
    let fixes = report.files.iter().flat_map(|file| &file.diagnostics).filter_map(|diagnostic| diagnostic.fix.as_ref());
    let (safe, others): (Vec<_>, Vec<_>) = fixes.partition(|fix| fix.applicability == Applicability::Safe);
    let wants = arguments.fix || arguments.unsafe_fixes;
    match (safe.len(), others.len()) {
        (0, 0) => None,
        (safe, 0) if !wants => Some(format!("{safe} fixable with `--fix`.")),
        (0, others) if !arguments.unsafe_fixes => Some(format!("{others} fixable with `--unsafe-fixes`.")),
        (safe, others) if !wants => Some(format!("{safe} fixable with `--fix`, {others} more with `--unsafe-fixes`.")),
        _ => None,
    }
}

/// Applies the fixes of a report to the files, the first where two touch; gives how many.
fn apply_fixes(project: &Project, report: &Report, takes_unsafe: bool) -> anyhow::Result<usize> {
    let findings = report
        .files
        .iter()
        .flat_map(|group| group.diagnostics.iter().map(|diagnostic| (group.file.path(), diagnostic)));
    let changes = Changes::choose(findings, takes_unsafe);
    let mut applied = 0;
    for (path, count) in changes.files() {
        let known = report.files.iter().find(|group| group.file.path() == path).map(|group| group.file.clone());
        let Some(file) = known.or_else(|| project.source_file(path)) else { continue };
        let bytes = std::fs::read(path).with_context(|| path.to_string())?;
        let mark: &[u8] = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK } else { b"" };
        if bytes[mark.len()..] != *file.text().as_bytes() {
            output::error(&format!("cinder: {path}: not UTF-8, or changed meanwhile; its fixes are not applied"));
            continue;
        }
        let text = changes.changed(path, file.text());
        std::fs::write(path, [mark, text.as_bytes()].concat()).with_context(|| path.to_string())?;
        applied += count;
    }
    Ok(applied)
}

fn exit_code(arguments: &Arguments, report: &Report) -> u8 {
    let fails =
        report.count(Severity::Error) > 0 || (arguments.error_on_warning && report.count(Severity::Warning) > 0);
    if report.has_internal_errors() {
        EXIT_INTERNAL_ERROR
    } else if !report.problems.is_empty() {
        EXIT_FAILURE
    } else {
        u8::from(fails && !arguments.exit_zero)
    }
}

fn strict_settings(arguments: &Arguments) -> StrictSettings {
    let names = |list: &[String]| list.iter().filter(|name| !name.is_empty()).cloned().collect();
    StrictSettings {
        stub_paths: arguments.strict_stubs.clone(),
        forces_all: arguments.strict_force.iter().any(|name| name == "*"),
        forced: names(&arguments.strict_force),
        prefixes: names(&arguments.strict_allow),
        patterns: names(&arguments.strict_allow_pattern),
        is_compatible: arguments.strict_compat,
        ..StrictSettings::default()
    }
}

fn static_settings(arguments: &Arguments) -> StaticSettings {
    let names = |list: &[String]| list.iter().filter(|name| !name.is_empty()).cloned().collect();
    StaticSettings {
        types: arguments.static_types.clone(),
        modules: names(&arguments.static_modules),
        exclude: names(&arguments.static_exclude),
        degraded: Vec::new(),
    }
}

fn rule_selection(arguments: &Arguments) -> anyhow::Result<RuleSelection> {
    let mut selection = RuleSelection::default();
    let choices =
        [(&arguments.ignore, Level::Ignore), (&arguments.warn, Level::Warn), (&arguments.error, Level::Error)];
    // `all` is the ground the named rules stand on.
    for wants_all in [true, false] {
        for (names, level) in choices {
            for name in names.iter().filter(|name| (**name == "all") == wants_all) {
                selection.set(if wants_all { None } else { Some(find_rule(name)?) }, level);
            }
        }
    }
    Ok(selection)
}

fn find_rule(name: &str) -> anyhow::Result<&'static cinder_diagnostic::Rule> {
    match (rules().get(name), rules().closest(name)) {
        (Some(rule), _) => Ok(rule),
        (None, Some(near)) => bail!("no rule `{name}`; did you mean `{}`?", near.name),
        (None, None) => bail!("no rule `{name}`; `cinder explain` lists all rules"),
    }
}

fn summary(report: &Report) -> String {
    let number = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let checked = format!("{} checked", number(report.checked, "file"));
    match (report.count(Severity::Error), report.count(Severity::Warning)) {
        (0, 0) => format!("No mistakes found, {checked}."),
        (errors, 0) => format!("Found {}, {checked}.", number(errors, "error")),
        (0, warnings) => format!("Found {}, {checked}.", number(warnings, "warning")),
        (errors, warnings) => {
            format!("Found {} and {}, {checked}.", number(errors, "error"), number(warnings, "warning"))
        }
    }
}
