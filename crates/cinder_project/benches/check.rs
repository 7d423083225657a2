//! How fast programs are checked: a large tree from cold, and one edit with a kept database.
//!
//! `cargo bench -p cinder_project` measures 2,000 modules and exits with 1 when a bar is missed; as a test it runs a small tree, so that it
//! keeps compiling. `-- cold`, `-- strict` or `-- edit` runs one of them, a number stands for the modules. Time is CPU time of this process, so that neighbours on the machine do not count.
//!
//! Bars: 80,000 lines of static modules and 150,000 of strict ones per CPU second and 1 MB per 1,000 lines from cold; 10 ms after an edit of one line in a body, in the tree and in a file of
//! 4,000 lines.

#[path = "check/strict.rs"]
mod strict;
#[path = "check/tree.rs"]
mod tree;

use std::path::Path;
use std::sync::Arc;

use cinder_db::system::MemorySystem;
use cinder_db::{Db, File};
use cinder_project::{CheckOptions, OsSystem, Project, ProjectOptions};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc; // that of the command line

const LINES_PER_SECOND: f64 = 80_000.0;
const STRICT_LINES_PER_SECOND: f64 = 150_000.0;
const MEGABYTES_PER_1000_LINES: f64 = 1.0;
const EDIT_MILLISECONDS: f64 = 10.0;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let is_measured = words.iter().any(|word| word == "--bench");
    let named = words.iter().find_map(|word| word.parse::<usize>().ok());
    let modules = named.unwrap_or(if is_measured { 2000 } else { 20 });
    let functions = if is_measured { 400 } else { 20 };
    let is_kind = |word: &String| matches!(word.as_str(), "cold" | "strict" | "edit");
    let wants = |name: &str| !words.iter().any(is_kind) || words.iter().any(|word| word == name);
    // The cold check comes first: the peak of memory is that of the whole process.
    let mut misses = Vec::new();
    if wants("cold") {
        misses.extend(cold("cold", &tree::modules(modules), LINES_PER_SECOND));
    }
    if wants("strict") {
        misses.extend(cold("strict", &strict::modules(modules), STRICT_LINES_PER_SECOND));
    }
    if wants("edit") {
        misses.extend(edits(modules, functions));
    }
    if is_measured && !misses.is_empty() {
        eprintln!("missed: {}", misses.join(", "));
        #[expect(clippy::disallowed_methods, reason = "this is a main function")]
        std::process::exit(1);
    }
}

/// Checks a tree on disk as the command line does; gives the bars it missed.
fn cold(what: &str, files: &[(String, String)], least: f64) -> Vec<&'static str> {
    let folder = std::env::temp_dir().join(format!("cinder-bench-{}", std::process::id()));
    let modules = files.len();
    let lines: usize = files.iter().map(|(_, text)| text.lines().count()).sum();
    write(&folder, files);
    let before = cpu_seconds();
    let system = Arc::new(OsSystem::from_process().expect("the current folder exists"));
    let options = ProjectOptions { start: Some(folder.clone()), looks_once: true, ..ProjectOptions::default() };
    let mut project = Project::open(system, options).expect("there is no configuration");
    let report = project.check_paths(std::slice::from_ref(&folder), CheckOptions { threads: 1, performance: false });
    let seconds = cpu_seconds() - before;
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    assert_eq!(report.checked, modules);
    assert!(report.files.is_empty(), "the tree is correct: {:?}", report.files.first());
    let (speed, size) = (lines as f64 / seconds, peak_megabytes() / (lines as f64 / 1000.0));
    println!(
        "{what}: {modules} modules, {lines} lines in {seconds:.2} CPU seconds: {speed:.0} lines per second, {size:.2} MB per 1,000 lines"
    );
    let missed = [("lines per CPU second", speed < least), ("memory", size > MEGABYTES_PER_1000_LINES)];
    missed.into_iter().filter(|(_, missed)| *missed).map(|(name, _)| name).collect()
}

/// Edits a line of one body in a tree that was checked, and asks for the file's findings again.
fn edits(modules: usize, functions: usize) -> Vec<&'static str> {
    let system = MemorySystem::default();
    let mut files = tree::modules(modules);
    files.push(tree::long(functions));
    for (name, text) in &files {
        system.write(Path::new("/src").join(name), text);
    }
    let options = ProjectOptions { start: Some("/src".into()), ..ProjectOptions::default() };
    let mut project = Project::open(Arc::new(system), options).expect("there is no configuration");
    let everything = CheckOptions { threads: 1, performance: false };
    let report = project.check_paths(&["/src".into()], everything);
    assert!(report.files.is_empty(), "the tree is correct: {:?}", report.files.first());
    let middle = (modules / 2, "in the tree");
    let last = (files.len() - 1, "in a long file");
    let mut missed = Vec::new();
    for (index, place) in [middle, last] {
        let (name, text) = &files[index];
        let file = project.db().files().disk_file(project.db(), Path::new("/src").join(name));
        let times: Vec<f64> = (1..10).map(|round| edit(&mut project, file, text, round)).collect();
        let mut sorted = times.clone();
        sorted.sort_by(f64::total_cmp);
        let (median, worst) = (sorted[sorted.len() / 2], sorted[sorted.len() - 1]);
        let lines = text.lines().count();
        println!(
            "edit {place}: {lines} lines among {modules} modules: median {median:.2} ms, worst {worst:.2} ms of CPU"
        );
        if median > EDIT_MILLISECONDS {
            missed.push("edit");
        }
    }
    missed
}

/// Milliseconds of CPU from the changed text to the file's findings.
fn edit(project: &mut Project, file: File, text: &str, round: usize) -> f64 {
    let edited = text.replacen(tree::EDITED_LINE, &format!("        total: int = {round}"), 1);
    assert_ne!(edited, text);
    let before = cpu_seconds();
    let files = project.db().files().clone();
    files.set_overlay(project.db_mut(), file, Some(edited.into()));
    let found = project.check_file(file);
    let milliseconds = (cpu_seconds() - before) * 1000.0;
    assert!(found.is_empty(), "{found:?}");
    milliseconds
}

#[expect(clippy::disallowed_methods, reason = "the benchmark makes its own tree")]
fn write(folder: &Path, files: &[(String, String)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("the temporary folder can be written");
        std::fs::write(path, text).expect("the temporary folder can be written");
    }
}

/// CPU time of this process and of threads that have ended, exact to the microsecond.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// The most memory this process ever had resident.
#[expect(clippy::disallowed_methods, reason = "the benchmark measures itself")]
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap_or(0.0) / 1024.0
}
