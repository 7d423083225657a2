//! A finished check as bytes: what it looked at, and what it found.
//!
//! Problem: checking an unchanged tree again should cost next to nothing, a changed file what depends on it, and an answer from yesterday
//! must never be wrong.
//! Idea: analysis is a function of the settings and of what the database asked the system: files, their absence, and listings of folders. A
//! snapshot holds all of these with the findings. What is still the same is compared: a file by its time and size, and by its content when
//! the time is new or too fresh to be trusted; a folder by what its listing means to imports. When nothing changed, the snapshot answers.
//! When only the contents of files did, it answers for every file that cannot depend on them ([`crate::imports`]), and names the others.
//! Holds: any damage, any other version and any other difference make [`restore`] give `None`; nothing here can fail a check.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use cinder_db::system::{FolderEntry, PathKind};
use cinder_db::{Db, FileStatus, System};
use cinder_diagnostic::{Diagnostic, FileDiagnostics, SourceFile};
use cinder_text::{TextRange, TextSize};

use crate::check::Report;
use crate::imports;
use crate::project::Project;

mod codec;

use codec::{Reader, Writer, read_diagnostic, write_diagnostic};

/// Begins every snapshot; the number changes with the format.
const MAGIC: &[u8] = b"cinder snapshot 2\n";

/// A file that was changed this shortly before it was looked at may be changed again without a new time.
const FRESH_NANOSECONDS: u128 = 2_000_000_000;

/// A hash of content: 128 bits of BLAKE2b.
type Digest = [u8; 16];

fn digest(bytes: &[u8]) -> Digest {
    let hash = blake2b_simd::Params::new().hash_length(16).hash(bytes);
    let mut digest = [0; 16];
    digest.copy_from_slice(hash.as_bytes());
    digest
}

/// The name of the snapshot that would answer a check of `files` under the project's settings; `version` identifies the binary. In
/// hexadecimal digits.
pub fn key(project: &Project, files: &[PathBuf], performance: bool, version: &str) -> String {
    let db = project.db();
    let settings = db.program().settings(db);
    let rules = &project.config().rules;
    let mut text = format!("{version}\0{settings:?}\0{rules:?}\0{performance}\0{:?}\0", db.system().current_dir());
    for file in files {
        text.push_str(&file.to_string_lossy());
        text.push('\0');
    }
    digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a check looked at.
#[derive(Debug, Default)]
struct Known {
    files: BTreeMap<PathBuf, Seen>,
    folders: BTreeMap<PathBuf, Listed>,
}

/// A file as it was looked at.
#[derive(Debug)]
enum Seen {
    Content {
        revision: u64,
        size_bytes: u64,
        content: Digest,
        imports: Vec<u32>,
    },
    /// Why there was no content.
    Nothing(u8),
}

/// A folder as it was looked at.
#[derive(Debug)]
struct Listed {
    revision: u64,
    listing: Digest,
}

/// What a snapshot answers.
#[derive(Debug)]
pub struct Restored {
    /// Findings of the files that need no new check.
    pub report: Report,
    /// Files that may depend on what changed, in order; none when nothing did.
    pub stale: Vec<PathBuf>,
    /// How many files have other contents.
    pub changed: usize,
    known: Known,
}

impl Restored {
    /// The whole report, with what a new check of the stale files found.
    pub fn joined(&self, fresh: Report) -> Report {
        let mut report = Report { checked: self.report.checked, ..fresh };
        report.files.extend(self.report.files.iter().cloned());
        report.files.sort_by(|a, b| Path::new(a.file.path()).cmp(Path::new(b.file.path())));
        report
    }
}

/// What a check looked at and found; `now` is the time (nanoseconds since 1970) before the check began, and before the snapshot it went on
/// from was restored. `None` when something changed meanwhile, when something could not be looked at, and when a checker failed.
pub fn take(project: &Project, report: &Report, earlier: Option<Restored>, now: u128) -> Option<Vec<u8>> {
    if !report.problems.is_empty() || report.has_internal_errors() {
        return None;
    }
    let mut known = earlier.map(|earlier| earlier.known).unwrap_or_default();
    look_again(project, &mut known)?;
    let mut out = Writer::default();
    out.number(now as u64);
    out.number(known.files.len() as u64);
    for (path, seen) in &known.files {
        out.text(path.to_str()?);
        match seen {
            Seen::Content { revision, size_bytes, content, imports } => {
                out.byte(PRESENT);
                out.number(*revision);
                out.number(*size_bytes);
                out.bytes.extend(content);
                out.words(imports);
            }
            Seen::Nothing(status) => out.byte(*status),
        }
    }
    out.number(known.folders.len() as u64);
    for (path, Listed { revision, listing }) in &known.folders {
        out.text(path.to_str()?);
        out.number(*revision);
        out.bytes.extend(listing);
    }
    write_report(&mut out, report);
    let mut bytes = MAGIC.to_vec();
    bytes.extend(digest(&out.bytes));
    bytes.extend(out.bytes);
    Some(bytes)
}

/// Adds what the project's database has looked at.
fn look_again(project: &Project, known: &mut Known) -> Option<()> {
    let db = project.db();
    let (files, folders) = db.files().known(db);
    for (path, status) in files {
        let Some(path) = path.as_disk() else { continue };
        let seen = match status {
            FileStatus::Present { revision, size_bytes } => {
                let bytes = db.system().read(path).ok()?;
                if db.system().metadata(path).ok()?.revision != revision {
                    return None;
                }
                let imports = match path.extension().and_then(|extension| extension.to_str()) {
                    Some("json") => Vec::new(),
                    None | Some("pth") => vec![imports::EVERYTHING],
                    Some(_) => imports::words_of(path, &bytes),
                };
                Seen::Content { revision: revision as u64, size_bytes, content: digest(&bytes), imports }
            }
            other => Seen::Nothing(other_status(other)),
        };
        known.files.insert(path.to_owned(), seen);
    }
    for (path, entries) in folders {
        let Some(path) = path.as_disk() else { continue };
        let revision = db.system().metadata(path).map_or(0, |found| found.revision as u64);
        let listing = listing_digest(entries.as_deref());
        known.folders.insert(path.to_owned(), Listed { revision, listing });
    }
    Some(())
}

/// What a snapshot still answers of a check of `files`.
pub fn restore(project: &Project, files: &[PathBuf], bytes: &[u8]) -> Option<Restored> {
    let content = bytes.strip_prefix(MAGIC)?;
    let (sum, content) = content.split_at_checked(16)?;
    if digest(content) != sum {
        return None;
    }
    let mut input = Reader { bytes: content };
    let system = project.db().system();
    let taken = u128::from(input.number()?);
    let mut known = Known::default();
    let mut changed = Vec::new();
    for _ in 0..input.number()? {
        let path = input.path()?;
        let seen = read_seen(&mut input)?;
        match difference(system, &path, &seen, taken) {
            Difference::None => {}
            Difference::Content => changed.push(path.clone()),
            Difference::Status => return None,
        }
        known.files.insert(path, seen);
    }
    for _ in 0..input.number()? {
        let (path, revision, listing) = (input.path()?, input.number()?, input.digest()?);
        let found = system.metadata(&path).map_or(0, |found| found.revision);
        let is_settled = found as u64 == revision && (found == 0 || found + FRESH_NANOSECONDS < taken);
        if !is_settled && listing_digest(system.list(&path).ok().as_deref()) != listing {
            return None;
        }
        known.folders.insert(path, Listed { revision, listing });
    }
    let stale = if changed.is_empty() { Vec::new() } else { affected(project, files, &changed, &known)? };
    changed.iter().for_each(|path| drop(known.files.remove(path)));
    let report = read_report(&mut input, project, &stale)?;
    Some(Restored { report, stale, changed: changed.len(), known })
}

fn read_seen(input: &mut Reader<'_>) -> Option<Seen> {
    let status = input.byte()?;
    if status != PRESENT {
        return Some(Seen::Nothing(status));
    }
    let (revision, size_bytes, content) = (input.number()?, input.number()?, input.digest()?);
    Some(Seen::Content { revision, size_bytes, content, imports: input.words()? })
}

/// Those of `files` that may depend on one that changed, themselves included; `None` when all may.
fn affected(project: &Project, files: &[PathBuf], changed: &[PathBuf], known: &Known) -> Option<Vec<PathBuf>> {
    let settings = project.db().program().settings(project.db());
    let mut importers: HashMap<u32, Vec<&Path>> = HashMap::new();
    for (path, seen) in &known.files {
        let Seen::Content { imports, .. } = seen else { continue };
        imports.iter().for_each(|word| importers.entry(*word).or_default().push(path));
    }
    let mut found: HashSet<&Path> = HashSet::new();
    let mut words: HashSet<u32> = HashSet::new();
    let mut work: Vec<&Path> = changed.iter().map(PathBuf::as_path).collect();
    while let Some(path) = work.pop() {
        // Every file depends on these without a word.
        let is_typeshed = settings.typeshed.as_ref().is_some_and(|folder| path.starts_with(folder));
        // Files of types name their module in a way of their own.
        if is_typeshed || path.extension().is_some_and(|extension| extension == "pth" || extension == "json") {
            return None;
        }
        if !found.insert(path) {
            continue;
        }
        for word in imports::names_of(path).into_iter().chain([imports::EVERYTHING]) {
            if words.insert(word) {
                work.extend(importers.get(&word).into_iter().flatten());
            }
        }
    }
    Some(files.iter().filter(|path| found.contains(path.as_path())).cloned().collect())
}

/// The status of a file that was read.
const PRESENT: u8 = 1;

fn other_status(status: FileStatus) -> u8 {
    match status {
        FileStatus::Present { .. } => 1,
        FileStatus::NotRegular => 2,
        FileStatus::Missing => 3,
        FileStatus::Denied => 4,
    }
}

/// How a file differs from what it was.
enum Difference {
    None,
    Content,
    /// It was there and is not, or the other way round.
    Status,
}

fn difference(system: &dyn System, path: &Path, seen: &Seen, taken: u128) -> Difference {
    let found = system.metadata(path);
    let status = match &found {
        Ok(found) if found.kind == PathKind::File => PRESENT,
        Ok(_) => other_status(FileStatus::NotRegular),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => other_status(FileStatus::Denied),
        Err(_) => other_status(FileStatus::Missing),
    };
    match (seen, found) {
        (Seen::Content { revision, size_bytes, content, .. }, Ok(found)) if status == PRESENT => {
            let is_trusted = found.revision as u64 == *revision && found.revision + FRESH_NANOSECONDS < taken;
            let is_same = found.size_bytes == *size_bytes
                && (is_trusted || system.read(path).is_ok_and(|bytes| digest(&bytes) == *content));
            if is_same { Difference::None } else { Difference::Content }
        }
        (Seen::Nothing(known), _) if *known == status => Difference::None,
        _ => Difference::Status,
    }
}

/// Of the entries that imports look for: no hidden ones, no caches, no files of other kinds.
fn listing_digest(entries: Option<&[FolderEntry]>) -> Digest {
    let Some(entries) = entries else { return [0; 16] };
    let mut text = Vec::new();
    for entry in entries.iter().filter(|entry| matters(entry)) {
        text.extend(entry.name.as_bytes());
        text.push(0);
        text.push(match entry.kind {
            PathKind::File => 1,
            PathKind::Folder => 2,
            PathKind::Special => 3,
        });
    }
    digest(&text)
}

fn matters(entry: &FolderEntry) -> bool {
    const SUFFIXES: [&str; 7] = ["py", "pyi", "pys", "so", "pyd", "pth", "typed"];
    match entry.kind {
        PathKind::Folder => !entry.name.contains('.') && &*entry.name != "__pycache__",
        PathKind::File | PathKind::Special => {
            let suffix = entry.name.rsplit_once('.').map(|(_, suffix)| suffix);
            !entry.name.starts_with('.') && suffix.is_some_and(|suffix| SUFFIXES.contains(&suffix))
        }
    }
}

fn write_report(out: &mut Writer, report: &Report) {
    out.number(report.checked as u64);
    out.number(report.files.len() as u64);
    for file in &report.files {
        out.text(file.file.path());
        out.number(file.diagnostics.len() as u64);
        for diagnostic in &file.diagnostics {
            write_diagnostic(out, diagnostic);
        }
    }
}

/// The report without the findings of stale files.
fn read_report(input: &mut Reader<'_>, project: &Project, stale: &[PathBuf]) -> Option<Report> {
    let stale: HashSet<String> = stale.iter().map(|path| project.shown_path(path)).collect();
    let mut report = Report { checked: usize::try_from(input.number()?).ok()?, ..Report::default() };
    for _ in 0..input.number()? {
        let path = input.text()?;
        let mut diagnostics = Vec::new();
        for _ in 0..input.number()? {
            diagnostics.push(read_diagnostic(input)?);
        }
        if stale.contains(&path) {
            continue;
        }
        // Unreadable files have findings, too, and no text.
        let file = project.source_file(&path).unwrap_or_else(|| SourceFile::new(path.as_str(), ""));
        let end = TextSize::of(file.text());
        let fits = |range: TextRange| range.end() <= end;
        if !diagnostics.iter().all(|diagnostic: &Diagnostic| fits(diagnostic.range)) {
            return None;
        }
        report.files.push(FileDiagnostics { file, diagnostics });
    }
    Some(report)
}
