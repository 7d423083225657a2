//! A finished check as bytes: what it looked at, and what it found.
//!
//! Problem: checking an unchanged tree again should cost next to nothing, and an answer from yesterday must never be wrong.
//! Idea: analysis is a function of the settings and of what the database asked the system: files, their absence, and listings of folders. A
//! snapshot holds all of these with the findings. It answers if, and only if, everything it looked at is still the same: a file by its
//! time and size, and by its content when the time is new or too fresh to be trusted; a folder by its listing.
//! Holds: any damage, any other version and any difference make [`restore`] give `None`; nothing here can fail a check.

use std::path::{Path, PathBuf};

use cinder_db::system::{FolderEntry, PathKind};
use cinder_db::{Db, FileStatus, System};
use cinder_diagnostic::{Annotation, Applicability, Diagnostic, Edit, FileDiagnostics, Fix, Severity, SourceFile};
use cinder_text::{TextRange, TextSize};

use crate::check::Report;
use crate::project::Project;
use crate::rules::rules;

/// Begins every snapshot; the number changes with the format.
const MAGIC: &[u8] = b"cinder snapshot 1\n";

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

/// What a check looked at and found; `now` is the time (nanoseconds since 1970) before the check began. `None` when something changed
/// meanwhile, when something could not be looked at, and when a checker failed.
pub fn take(project: &Project, report: &Report, now: u128) -> Option<Vec<u8>> {
    if !report.problems.is_empty() || report.has_internal_errors() {
        return None;
    }
    let db = project.db();
    let (files, folders) = db.files().known(db);
    let mut out = Writer::default();
    out.number(now as u64);
    let files: Vec<_> =
        files.into_iter().filter_map(|(path, status)| Some((path.as_disk()?.to_owned(), status))).collect();
    out.number(files.len() as u64);
    for (path, status) in files {
        out.text(path.to_str()?);
        match status {
            FileStatus::Present { revision, size_bytes } => {
                let content = digest(&db.system().read(&path).ok()?);
                if db.system().metadata(&path).ok()?.revision != revision {
                    return None;
                }
                out.byte(1);
                out.number(revision as u64);
                out.number(size_bytes);
                out.bytes.extend(content);
            }
            other => out.byte(other_status(other)),
        }
    }
    let folders: Vec<_> =
        folders.into_iter().filter_map(|(path, list)| Some((path.as_disk()?.to_owned(), list))).collect();
    out.number(folders.len() as u64);
    for (path, entries) in folders {
        let revision = db.system().metadata(&path).map_or(0, |found| found.revision as u64);
        out.text(path.to_str()?);
        out.number(revision);
        out.bytes.extend(listing_digest(entries.as_deref()));
    }
    write_report(&mut out, report);
    let mut bytes = MAGIC.to_vec();
    bytes.extend(digest(&out.bytes));
    bytes.extend(out.bytes);
    Some(bytes)
}

/// The report of a snapshot, if everything it looked at is as it was.
pub fn restore(project: &Project, bytes: &[u8]) -> Option<Report> {
    let content = bytes.strip_prefix(MAGIC)?;
    let (sum, content) = content.split_at_checked(16)?;
    if digest(content) != sum {
        return None;
    }
    let mut input = Reader { bytes: content };
    let system = project.db().system();
    let taken = u128::from(input.number()?);
    for _ in 0..input.number()? {
        let path = input.path()?;
        if !is_same_file(system, &path, &mut input, taken)? {
            return None;
        }
    }
    for _ in 0..input.number()? {
        let (path, revision, listing) = (input.path()?, input.number()?, input.digest()?);
        let found = system.metadata(&path).map_or(0, |found| found.revision);
        let is_settled = found as u64 == revision && (found == 0 || found + FRESH_NANOSECONDS < taken);
        if !is_settled && listing_digest(system.list(&path).ok().as_deref()) != listing {
            return None;
        }
    }
    read_report(&mut input, project)
}

fn other_status(status: FileStatus) -> u8 {
    match status {
        FileStatus::Present { .. } => 1,
        FileStatus::NotRegular => 2,
        FileStatus::Missing => 3,
        FileStatus::Denied => 4,
    }
}

fn is_same_file(system: &dyn System, path: &Path, input: &mut Reader<'_>, taken: u128) -> Option<bool> {
    let status = input.byte()?;
    let found = system.metadata(path);
    if status != 1 {
        let now = match &found {
            Ok(found) if found.kind == PathKind::File => 1,
            Ok(_) => 2,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => 4,
            Err(_) => 3,
        };
        return Some(now == status);
    }
    let (revision, size_bytes, content) = (input.number()?, input.number()?, input.digest()?);
    let Some(found) = found.ok().filter(|found| found.kind == PathKind::File && found.size_bytes == size_bytes) else {
        return Some(false);
    };
    if found.revision as u64 == revision && found.revision + FRESH_NANOSECONDS < taken {
        return Some(true);
    }
    Some(system.read(path).is_ok_and(|bytes| digest(&bytes) == content))
}

fn listing_digest(entries: Option<&[FolderEntry]>) -> Digest {
    let Some(entries) = entries else { return [0; 16] };
    let mut text = Vec::new();
    for entry in entries {
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

fn read_report(input: &mut Reader<'_>, project: &Project) -> Option<Report> {
    let mut report = Report { checked: usize::try_from(input.number()?).ok()?, ..Report::default() };
    for _ in 0..input.number()? {
        let path = input.text()?;
        let mut diagnostics = Vec::new();
        for _ in 0..input.number()? {
            diagnostics.push(read_diagnostic(input)?);
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

fn write_diagnostic(out: &mut Writer, diagnostic: &Diagnostic) {
    let Diagnostic { rule, severity, message, range, label, annotations, help, fix } = diagnostic;
    out.text(rule.name);
    out.byte(*severity as u8);
    out.text(message);
    out.range(*range);
    out.text(label);
    out.number(annotations.len() as u64);
    for Annotation { path, range, label, is_step } in annotations {
        out.byte(u8::from(path.is_some()) | u8::from(*is_step) << 1);
        out.text(path.as_deref().unwrap_or_default());
        out.range(*range);
        out.text(label);
    }
    out.number(help.len() as u64);
    help.iter().for_each(|help| out.text(help));
    out.byte(u8::from(fix.is_some()));
    if let Some(Fix { title, edits, applicability }) = fix {
        out.text(title);
        out.byte(u8::from(*applicability == Applicability::Safe));
        out.number(edits.len() as u64);
        for Edit { range, text } in edits {
            out.range(*range);
            out.text(text);
        }
    }
}

fn read_diagnostic(input: &mut Reader<'_>) -> Option<Diagnostic> {
    let rule = rules().get(&input.text()?)?;
    let severity = input.byte()?;
    let severity = [Severity::Hint, Severity::Info, Severity::Warning, Severity::Error]
        .into_iter()
        .find(|known| *known as u8 == severity)?;
    let message = input.text()?;
    let range = input.range()?;
    let mut diagnostic = Diagnostic::new(rule, range, message).with_severity(severity).with_label(input.text()?);
    for _ in 0..input.number()? {
        let flags = input.byte()?;
        let path = input.text()?;
        let (range, label) = (input.range()?, input.text()?);
        let path = (flags & 1 != 0).then(|| path.into());
        diagnostic.annotations.push(Annotation { path, range, label, is_step: flags & 2 != 0 });
    }
    for _ in 0..input.number()? {
        diagnostic.help.push(input.text()?);
    }
    if input.byte()? == 0 {
        return Some(diagnostic);
    }
    let title = input.text()?;
    let applicability = if input.byte()? == 1 { Applicability::Safe } else { Applicability::Unsafe };
    let mut edits = Vec::new();
    for _ in 0..input.number()? {
        edits.push(Edit { range: input.range()?, text: input.text()? });
    }
    Some(diagnostic.with_fix(Fix { title, edits, applicability }))
}

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    fn number(&mut self, number: u64) {
        self.bytes.extend(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    fn range(&mut self, range: TextRange) {
        self.number(u64::from(u32::from(range.start())) << 32 | u64::from(u32::from(range.end())));
    }
}

/// Reads what [`Writer`] wrote; `None` for anything else.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(len)?;
        self.bytes = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn number(&mut self) -> Option<u64> {
        self.take(8).and_then(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?)))
    }

    fn digest(&mut self) -> Option<Digest> {
        self.take(16).and_then(|bytes| bytes.try_into().ok())
    }

    fn text(&mut self) -> Option<String> {
        let len = usize::try_from(self.number()?).ok()?;
        String::from_utf8(self.take(len)?.to_vec()).ok()
    }

    fn path(&mut self) -> Option<PathBuf> {
        self.text().map(PathBuf::from)
    }

    fn range(&mut self) -> Option<TextRange> {
        let number = self.number()?;
        let (start, end) = ((number >> 32) as u32, number as u32);
        (start <= end).then(|| TextRange::new(TextSize::new(start), TextSize::new(end)))
    }
}
