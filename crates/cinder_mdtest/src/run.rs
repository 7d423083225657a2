//! Finds suites, runs cases, reports.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use cinder_diagnostic::Diagnostic;
use cinder_text::TextSize;
use libtest_mimic::{Arguments, Failed, Trial};

use crate::{Case, Document, OutputBlock, bless, matcher};

/// What came of a case.
#[derive(Debug, Default)]
pub struct Findings {
    /// The path as the case names it, and the finding.
    pub diagnostics: Vec<(String, Diagnostic)>,
    /// Path, place and text of each type revealed.
    pub revealed: Vec<(String, TextSize, String)>,
    /// Shape: one text per output block of the case, in the same order.
    pub outputs: Vec<String>,
}

/// A folder of Markdown files and how to run their cases.
pub struct Suite {
    /// The folder; searched recursively for `*.md` other than `README.md`.
    pub directory: PathBuf,
    /// The languages of blocks that hold expected output.
    pub output_languages: &'static [&'static str],
    /// The crate under test. A panic fails the case.
    pub run: fn(&Case) -> Findings,
}

/// Runs suites as a test program of its own: `harness = false` in the manifest, and
/// `fn main() -> ExitCode { cinder_mdtest::main(&[..]) }`. Understands the usual arguments, so that
/// `cargo test -p cinder_static -- narrowing.md` runs one file. The name of a test is `file.md > Heading / Heading`.
pub fn main(suites: &[Suite]) -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for suite in suites {
        for path in markdown_files(&suite.directory) {
            trials.extend(file_trials(suite, &path));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Runs one suite inside an ordinary `#[test]`.
///
/// Panics: with the list of all differences, when there are any, and when no case is found.
#[track_caller]
pub fn check_directory(suite: &Suite) {
    let mut problems = Vec::new();
    let mut case_len = 0;
    for path in markdown_files(&suite.directory) {
        let name = display_name(&suite.directory, &path);
        match SuiteFile::read(suite, &path) {
            Err(problem) => problems.push(format!("{name}:{problem}")),
            Ok(file) => {
                for at in 0..file.document.cases.len() {
                    case_len += 1;
                    if let Err(differences) = file.check(suite, at) {
                        problems.extend(differences.iter().map(|difference| format!("{name}:{difference}")));
                    }
                }
            }
        }
    }
    assert!(problems.is_empty(), "{} differences:\n{}", problems.len(), problems.join("\n"));
    assert!(case_len > 0, "no case below {}", suite.directory.display());
}

struct SuiteFile {
    path: PathBuf,
    document: Document,
}

impl SuiteFile {
    fn read(suite: &Suite, path: &Path) -> Result<Self, String> {
        let markdown = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let document = Document::parse(&markdown, suite.output_languages)?;
        Ok(Self { path: path.to_owned(), document })
    }

    fn check(&self, suite: &Suite, at: usize) -> Result<(), Vec<String>> {
        let case = &self.document.cases[at];
        let findings = (suite.run)(case);
        let mut problems = matcher::differences(case, &findings);
        if findings.outputs.len() != case.outputs.len() {
            let (got, wanted) = (findings.outputs.len(), case.outputs.len());
            problems.push(format!("{}: the runner gave {got} outputs for {wanted} blocks", case.line_number));
            return Err(problems);
        }
        let changed: Vec<(&OutputBlock, String)> = case
            .outputs
            .iter()
            .zip(findings.outputs)
            .filter(|(block, text)| block.text.trim_end() != text.trim_end())
            .collect();
        if !changed.is_empty() {
            if is_blessing() {
                self.bless(suite, at, &changed).map_err(|problem| vec![problem])?;
            } else {
                problems.extend(changed.iter().map(|(block, text)| difference(block, text)));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Cases of one file may be blessed in any order and at the same time: the file is read anew, and the blocks of
    /// this case are found again by their position in it.
    fn bless(&self, suite: &Suite, at: usize, changed: &[(&OutputBlock, String)]) -> Result<(), String> {
        static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _guard = LOCK.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let markdown = std::fs::read_to_string(&self.path).map_err(|error| error.to_string())?;
        let today = Document::parse(&markdown, suite.output_languages)?;
        let old = &self.document.cases[at];
        let new: Vec<(&OutputBlock, String)> = changed
            .iter()
            .filter_map(|(block, text)| {
                let position = old.outputs.iter().position(|output| output.lines == block.lines)?;
                Some((today.cases.get(at)?.outputs.get(position)?, text.clone()))
            })
            .collect();
        std::fs::write(&self.path, bless::rewrite(&markdown, &new)).map_err(|error| error.to_string())
    }
}

fn is_blessing() -> bool {
    std::env::var_os("CINDER_BLESS").is_some_and(|value| value == "1")
}

fn difference(block: &OutputBlock, got: &str) -> String {
    let mut report = format!("{}: the `{}` block differs (CINDER_BLESS=1 accepts)\n", block.lines.0, block.language);
    let (old, new): (Vec<&str>, Vec<&str>) =
        (block.text.trim_end().lines().collect(), got.trim_end().lines().collect());
    let prefix = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let left = old.len().min(new.len()) - prefix;
    let suffix = old.iter().rev().zip(new.iter().rev()).take(left).take_while(|(old, new)| old == new).count();
    for line in &old[prefix..old.len() - suffix] {
        report.push_str(&format!("    - {line}\n"));
    }
    for line in &new[prefix..new.len() - suffix] {
        report.push_str(&format!("    + {line}\n"));
    }
    report
}

fn file_trials(suite: &Suite, path: &Path) -> Vec<Trial> {
    let name = display_name(&suite.directory, path);
    let file = match SuiteFile::read(suite, path) {
        Ok(file) => Arc::new(file),
        Err(problem) => {
            return vec![Trial::test(name.clone(), move || Err(Failed::from(format!("{name}: {problem}"))))];
        }
    };
    let run = suite.run;
    let (directory, output_languages) = (suite.directory.clone(), suite.output_languages);
    (0..file.document.cases.len())
        .map(|at| {
            let (file, name, directory) = (Arc::clone(&file), name.clone(), directory.clone());
            Trial::test(format!("{name} > {}", file.document.cases[at].name), move || {
                let suite = Suite { directory, output_languages, run };
                file.check(&suite, at).map_err(|problems| {
                    let lines: Vec<String> = problems.iter().map(|problem| format!("{name}:{problem}")).collect();
                    Failed::from(lines.join("\n"))
                })
            })
        })
        .collect()
}

fn display_name(directory: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(directory).unwrap_or(path);
    relative.to_string_lossy().replace('\\', "/")
}

/// All suites below `directory`, ordered by path.
fn markdown_files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md")
                && path.file_name().is_some_and(|name| name != "README.md")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
