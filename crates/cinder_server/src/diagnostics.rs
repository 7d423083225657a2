//! Diagnostics: pushed, pulled, of open documents and of the workspace.
//!
//! Idea: whoever shows diagnostics first asks [`Shown`], which remembers what the client has for each file: a digest and a version. So nothing is sent twice, result ids
//! of pulled reports are those digests, and a change of one file that alters another one's diagnostics is noticed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cinder_db::{Db, FilePath};
use cinder_diagnostic::Severity;
use cinder_project::{ConfigError, findings};
use lsp_types::notification::PublishDiagnostics;
use lsp_types::request::WorkDoneProgressCreate;
use lsp_types::*;
use rustc_hash::FxHashMap;
use salsa::Cancelled;

use crate::convert;
use crate::handlers::Answer;
use crate::jsonrpc::{Error, code};
use crate::outbox::{Asked, Outbox};
use crate::progress::Progress;
use crate::settings::DiagnosticMode;
use crate::snapshot::{Cancel, Place, Snapshot};

/// What the client has for a file.
#[derive(Clone, Copy)]
struct Told {
    digest: u64,
    /// The version of the open document it belongs to.
    version: Option<i32>,
}

/// The diagnostics the client has.
#[derive(Default)]
pub(crate) struct Shown {
    told: Mutex<FxHashMap<FilePath, Told>>,
}

impl Shown {
    fn lock(&self) -> MutexGuard<'_, FxHashMap<FilePath, Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether these differ from what the client has; they count as told. A new version of an open document is always news: its client waits to hear
    /// that it was looked at. A closed file never mentioned has no diagnostics.
    pub(crate) fn is_news(&self, path: &FilePath, version: Option<i32>, diagnostics: &[Diagnostic]) -> bool {
        let now = Told { digest: digest(diagnostics), version };
        let before = self.lock().insert(path.clone(), now);
        let is_new_version = version.is_some() && before.is_none_or(|before| before.version != version);
        is_new_version || before.map_or(!diagnostics.is_empty(), |before| before.digest != now.digest)
    }

    /// Whether the client has other diagnostics than these for this very version of a document.
    fn is_outdated(&self, path: &FilePath, version: i32, diagnostics: &[Diagnostic]) -> bool {
        let told = self.lock().get(path).copied();
        told.is_some_and(|told| told.version == Some(version) && told.digest != digest(diagnostics))
    }

    pub(crate) fn forget(&self, path: &FilePath) {
        self.lock().remove(path);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

fn digest(diagnostics: &[Diagnostic]) -> u64 {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(diagnostics).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

/// The diagnostics of a file, as `cinder check` finds them.
pub(crate) fn of_place(place: Place<'_>) -> Vec<Diagnostic> {
    let found = findings(&place.view.db, place.file, &place.view.config.rules);
    found.iter().map(|finding| convert::diagnostic(place, finding)).collect()
}

/// A mistake in a configuration file.
pub(crate) fn of_configuration(error: &ConfigError) -> Diagnostic {
    let start = Position::new(error.line.saturating_sub(1), error.column.saturating_sub(1));
    Diagnostic {
        range: Range::new(start, Position::new(start.line, start.character + 1)),
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some("cinder".to_string()),
        message: error.kind.to_string(),
        ..Diagnostic::default()
    }
}

pub(crate) fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Info => DiagnosticSeverity::INFORMATION,
        Severity::Hint => DiagnosticSeverity::HINT,
    }
}

/// `textDocument/diagnostic`.
pub(crate) fn document(
    snapshot: &Snapshot,
    params: &DocumentDiagnosticParams,
) -> Answer<DocumentDiagnosticReportResult> {
    let place = snapshot.place(&params.text_document.uri);
    let place = place.filter(|place| place.view.settings.diagnostic_mode != DiagnosticMode::Off);
    let items = place.map(of_place).unwrap_or_default();
    if let Some(place) = place {
        let path = place.file.path(place.db());
        snapshot.shown.is_news(path, snapshot.version(path), &items);
    }
    let result_id = result_id(&items);
    let report = if params.previous_result_id.as_ref() == Some(&result_id) {
        DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
        })
    } else {
        DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: Some(result_id), items },
        })
    };
    Ok(DocumentDiagnosticReportResult::Report(report))
}

fn result_id(items: &[Diagnostic]) -> String {
    format!("{:016x}", digest(items))
}

/// `workspace/diagnostic`. A client asks again as soon as it is answered, so when there is no news the question waits for some.
pub(crate) fn workspace(
    snapshot: &Snapshot,
    params: &WorkspaceDiagnosticParams,
) -> Answer<WorkspaceDiagnosticReportResult> {
    let previous: FxHashMap<&str, &str> =
        params.previous_result_ids.iter().map(|id| (id.uri.as_str(), id.value.as_str())).collect();
    let mut items = Vec::new();
    let mut has_news = false;
    for place in workspace_places(snapshot) {
        let Some(uri) = snapshot.uri(place.db(), place.file) else { continue };
        let found = of_place(place);
        let result_id = result_id(&found);
        let before = previous.get(uri.as_str()).copied();
        if found.is_empty() && before.is_none() {
            continue;
        }
        let version = snapshot.version(place.file.path(place.db())).map(i64::from);
        let report = if before == Some(&result_id) {
            WorkspaceDocumentDiagnosticReport::Unchanged(WorkspaceUnchangedDocumentDiagnosticReport {
                uri,
                version,
                unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
            })
        } else {
            has_news = true;
            WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
                uri,
                version,
                full_document_diagnostic_report: FullDocumentDiagnosticReport {
                    result_id: Some(result_id),
                    items: found,
                },
            })
        };
        items.push(report);
    }
    if !has_news && !params.previous_result_ids.is_empty() {
        return Err(Error::new(code::PARKED, "no news"));
    }
    Ok(WorkspaceDiagnosticReportResult::Report(WorkspaceDiagnosticReport { items }))
}

/// All files of the workspace, if they have diagnostics; the open ones otherwise.
fn workspace_places(snapshot: &Snapshot) -> Vec<Place<'_>> {
    let views = snapshot.views.iter().filter(|view| view.settings.diagnostic_mode == DiagnosticMode::Workspace);
    views
        .filter(|view| view.is_in_workspace)
        .flat_map(|view| view.inputs().into_iter().map(move |file| Place { snapshot, view, file }))
        .collect()
}

/// Open documents, those in `first` before the others.
fn open_places<'a>(snapshot: &'a Snapshot, first: &[FilePath]) -> Vec<(Place<'a>, i32)> {
    let mut documents: Vec<_> = snapshot.documents.iter().collect();
    documents.sort_by_key(|(path, _)| (!first.contains(path), (*path).clone()));
    let place = |(path, open): (&FilePath, &crate::snapshot::OpenDocument)| {
        let view = snapshot.views.get(open.view)?;
        Some((Place { snapshot, view, file: view.db.files().file(&view.db, path) }, open.version))
    };
    documents.into_iter().filter_map(place).collect()
}

/// How often work is begun again because another job, which computed something for it, was cancelled.
const MAX_ATTEMPTS: usize = 16;

/// Runs `work` until it is done or an edit comes; false then. Other panics end here, too: nobody waits for the result.
fn until_edited(mut work: impl FnMut()) -> bool {
    for _ in 0..MAX_ATTEMPTS {
        let Err(payload) = catch_unwind(AssertUnwindSafe(&mut work)) else { return true };
        match payload.downcast_ref::<Cancelled>() {
            Some(Cancelled::PropagatedPanic) => {}
            Some(_) => return false,
            None => return true,
        }
    }
    true
}

/// Publishes what is new in open documents. When an edit cancels this, the session starts it again.
pub(crate) fn publish_open(snapshot: &Snapshot, outbox: &Outbox, edited: &[FilePath]) {
    until_edited(|| {
        for (place, version) in open_places(snapshot, edited) {
            publish(snapshot, outbox, place, Some(version));
        }
    });
}

fn publish(snapshot: &Snapshot, outbox: &Outbox, place: Place<'_>, version: Option<i32>) {
    let diagnostics = of_place(place);
    if !snapshot.shown.is_news(place.file.path(place.db()), version, &diagnostics) {
        return;
    }
    if let Some(uri) = snapshot.uri(place.db(), place.file) {
        outbox.notify::<PublishDiagnostics>(&PublishDiagnosticsParams { uri, diagnostics, version });
    }
}

/// Whether the diagnostics of an open document differ from what the client has, though the document was not edited since.
pub(crate) fn others_changed(snapshot: &Snapshot) -> bool {
    let mut changed = false;
    until_edited(|| {
        for (place, version) in open_places(snapshot, &[]) {
            changed |= snapshot.shown.is_outdated(place.file.path(place.db()), version, &of_place(place));
        }
    });
    changed
}

/// Publishes what is new in the whole workspace; false if it was cancelled.
pub(crate) fn publish_workspace(snapshot: &Snapshot, outbox: &Outbox, cancel: &Cancel, shows_progress: bool) -> bool {
    let token = (shows_progress && snapshot.client.shows_progress)
        .then(|| NumberOrString::String("cinder/workspace".to_string()));
    let places = workspace_places(snapshot);
    if let Some(token) = &token {
        let params = WorkDoneProgressCreateParams { token: token.clone() };
        outbox.request::<WorkDoneProgressCreate>(&params, Asked::Nothing);
    }
    let progress = Progress::begin(outbox, token, "Checking", places.len());
    until_edited(|| {
        for (index, place) in places.iter().enumerate() {
            if cancel.is_cancelled() {
                std::panic::resume_unwind(Box::new(Cancelled::Local));
            }
            progress.report(index);
            let version = snapshot.version(place.file.path(place.db()));
            publish(snapshot, outbox, *place, version);
        }
    })
}
