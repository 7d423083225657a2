//! The session thread: the one owner of documents, settings and databases.
//!
//! Idea: events are handled strictly in order. Edits change documents in memory; before a question gets its snapshot, and when the queue is empty,
//! what changed is written to the databases ([`Session::flush`]), which cancels the jobs that run. When the queue is empty, diagnostics are
//! brought up to date ([`Session::settle`]).
//! Holds: this thread computes nothing about programs, so it is always soon ready for the next edit.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, atomic::Ordering};

use cinder_db::{Db, FilePath, System};
use cinder_text::ColumnEncoding;
use lsp_types::notification::PublishDiagnostics;
use lsp_types::request::{
    CodeLensRefresh, InlayHintRefreshRequest, RegisterCapability, WorkspaceConfiguration, WorkspaceDiagnosticRefresh,
};
use lsp_types::*;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use crate::Host;
use crate::address;
use crate::capabilities::{ClientFeatures, encoding};
use crate::diagnostics::{self, Shown};
use crate::documents::Document;
use crate::outbox::{Asked, Outbox};
use crate::pool::{Lane, Pool};
use crate::settings::{DiagnosticMode, Settings};
use crate::snapshot::{Cancel, Job, OpenDocument, Outcome, Snapshot, file_path};
use crate::workspace::Workspace;

/// What can happen to a session.
pub(crate) enum Event {
    /// The client's parameters, and whether it asks for diagnostics again when told to.
    Initialize(Box<InitializeParams>, bool),
    Initialized,
    Open(TextDocumentItem),
    Change(DidChangeTextDocumentParams),
    Save(Uri),
    Close(Uri),
    Configuration(Value),
    Folders(WorkspaceFoldersChangeEvent),
    Watched(Vec<FileEvent>),
    Answer {
        about: Asked,
        result: Option<Value>,
    },
    Job(Job),
    Park(Job),
}

pub(crate) struct Session {
    host: Arc<dyn Host>,
    outbox: Outbox,
    events: Sender<Event>,
    pool: Pool,
    workspace: Workspace,
    documents: FxHashMap<FilePath, (OpenDocument, Document)>,
    /// The part of `documents` that jobs see; made anew when it changes.
    open_documents: Option<Arc<FxHashMap<FilePath, OpenDocument>>>,
    encoding: ColumnEncoding,
    client: Arc<ClientFeatures>,
    refreshes_diagnostics: bool,
    shown: Arc<Shown>,
    /// Settings of the `initialize` request, which hold until the client says others.
    initial_settings: Value,
    /// Documents were edited since diagnostics were last brought up to date.
    edited: Vec<FilePath>,
    is_stale: bool,
    /// Questions that wait for a change.
    parked: Vec<Job>,
    /// Stops the check of the whole workspace that runs.
    workspace_check: Cancel,
    is_first_check: Arc<AtomicBool>,
}

impl Session {
    pub(crate) fn new(system: Arc<dyn System>, host: Arc<dyn Host>, outbox: Outbox, events: Sender<Event>) -> Session {
        let threads = std::thread::available_parallelism().map_or(2, |count| count.get()).clamp(2, 8);
        Session {
            host,
            outbox,
            events,
            pool: Pool::new(threads),
            workspace: Workspace::new(system),
            documents: FxHashMap::default(),
            open_documents: None,
            encoding: ColumnEncoding::Utf16,
            client: Arc::default(),
            refreshes_diagnostics: false,
            shown: Arc::default(),
            initial_settings: Value::Null,
            edited: Vec::new(),
            is_stale: false,
            parked: Vec::new(),
            workspace_check: Cancel::default(),
            is_first_check: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Handles events until nobody can send any.
    pub(crate) fn run(mut self, events: &Receiver<Event>) {
        loop {
            let event = match events.try_recv() {
                Ok(event) => event,
                Err(_) => {
                    self.settle();
                    match events.recv() {
                        Ok(event) => event,
                        Err(_) => return,
                    }
                }
            };
            self.handle(event);
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Initialize(params, refreshes_diagnostics) => {
                self.refreshes_diagnostics = refreshes_diagnostics;
                self.initialize(&params);
            }
            Event::Initialized => self.initialized(),
            Event::Open(document) => self.open(document),
            Event::Change(params) => self.change(params),
            Event::Save(uri) => self.look_again(&[uri], false),
            Event::Close(uri) => self.close(&uri),
            Event::Configuration(settings) => self.configuration_changed(settings),
            Event::Folders(change) => self.change_folders(&change),
            Event::Watched(changes) => self.watched(changes),
            Event::Answer { about: Asked::Configuration, result } => self.configure(result.unwrap_or_default()),
            Event::Answer { about: Asked::Nothing, .. } => {}
            Event::Job(job) => self.start(job),
            Event::Park(job) => self.parked.push(job),
        }
    }

    fn initialize(&mut self, params: &InitializeParams) {
        self.encoding = encoding(&params.capabilities);
        self.client = Arc::new(ClientFeatures::new(&params.capabilities));
        self.initial_settings = params.initialization_options.clone().unwrap_or_default();
        let mut folders: Vec<Uri> =
            params.workspace_folders.iter().flatten().map(|folder| folder.uri.clone()).collect();
        #[expect(deprecated, reason = "older clients send nothing else")]
        if folders.is_empty() {
            folders.extend(params.root_uri.clone());
        }
        let folders = folders.iter().filter_map(|uri| self.disk_path(uri)).collect();
        let settings = self.parse_settings(&self.initial_settings.clone());
        self.workspace.configure(folders, settings, Vec::new());
    }

    fn disk_path(&self, uri: &Uri) -> Option<std::path::PathBuf> {
        match file_path(uri, &*self.host)? {
            FilePath::Disk(path) => Some(path),
            _ => None,
        }
    }

    fn parse_settings(&self, value: &Value) -> Settings {
        let mut problems = Vec::new();
        let settings = Settings::parse(value, &mut problems);
        for problem in problems {
            self.outbox.show(MessageType::WARNING, problem);
        }
        settings
    }

    fn initialized(&mut self) {
        if self.client.watches_files {
            let watch = |glob: &str| json!({"globPattern": glob});
            let options = json!({"watchers": [
                watch("**/*.py"), watch("**/*.pyi"), watch("**/pyproject.toml"), watch("**/*.pth"), watch("**/pyvenv.cfg"),
            ]});
            let registration = Registration {
                id: "cinder-watched-files".to_string(),
                method: "workspace/didChangeWatchedFiles".to_string(),
                register_options: Some(options),
            };
            let params = RegistrationParams { registrations: vec![registration] };
            self.outbox.request::<RegisterCapability>(&params, Asked::Nothing);
        }
        self.ask_for_configuration();
        self.report_configuration();
    }

    /// Asks for the settings of everything and of each folder.
    fn ask_for_configuration(&self) {
        if !self.client.has_configuration {
            return;
        }
        let section = Some("cinder".to_string());
        let mut items = vec![ConfigurationItem { scope_uri: None, section: section.clone() }];
        items.extend(
            self.workspace
                .folders()
                .iter()
                .map(|folder| ConfigurationItem { scope_uri: address::of_path(folder), section: section.clone() }),
        );
        self.outbox.request::<WorkspaceConfiguration>(&ConfigurationParams { items }, Asked::Configuration);
    }

    fn configuration_changed(&mut self, settings: Value) {
        if self.client.has_configuration {
            self.ask_for_configuration();
        } else {
            self.configure(Value::Array(vec![settings]));
        }
    }

    /// `answer` has the settings for everything, then those of each folder.
    fn configure(&mut self, answer: Value) {
        let Value::Array(mut values) = answer else { return };
        // A client without settings of ours answers `null`: what it said at the beginning holds.
        if values.iter().all(Value::is_null) || values.is_empty() {
            return;
        }
        let first = std::mem::take(&mut values[0]);
        let first = if first.is_null() { self.initial_settings.clone() } else { first };
        let settings = self.parse_settings(&first);
        let folders = self.workspace.folders().to_vec();
        let own = folders.iter().cloned().zip(values.iter().skip(1)).filter(|(_, value)| !value.is_null());
        let own: Vec<_> = own.map(|(folder, value)| (folder, Settings::parse(value, &mut Vec::new()))).collect();
        let is_same = *self.workspace.settings() == settings && own.iter().all(|(_, own)| *own == settings);
        if !is_same {
            self.workspace.configure(folders, settings, own);
            self.reopened();
        }
    }

    fn change_folders(&mut self, change: &WorkspaceFoldersChangeEvent) {
        let removed: Vec<_> = change.removed.iter().filter_map(|folder| self.disk_path(&folder.uri)).collect();
        let added: Vec<_> = change.added.iter().filter_map(|folder| self.disk_path(&folder.uri)).collect();
        let mut folders = self.workspace.folders().to_vec();
        folders.retain(|folder| !removed.contains(folder));
        folders.extend(added);
        self.workspace.configure(folders, self.workspace.settings().clone(), Vec::new());
        self.reopened();
        self.ask_for_configuration();
    }

    /// Puts open documents into the projects, which are new.
    fn reopened(&mut self) {
        for (path, (open, document)) in &mut self.documents {
            open.view = self.workspace.slot_of(path);
            document.is_dirty = true;
        }
        self.open_documents = None;
        self.is_stale = true;
        self.edited.clear();
        self.report_configuration();
        if self.client.refreshes_hints {
            self.outbox.request::<InlayHintRefreshRequest>(&(), Asked::Nothing);
        }
        if self.client.refreshes_lenses {
            self.outbox.request::<CodeLensRefresh>(&(), Asked::Nothing);
        }
    }

    /// Shows mistakes in configurations where they stand.
    fn report_configuration(&self) {
        for slot in self.workspace.slots() {
            let path =
                slot.config_error().map_or_else(|| slot.folder.join("pyproject.toml"), |error| error.path.clone());
            let Some(uri) = address::of_path(&path) else { continue };
            let diagnostics: Vec<Diagnostic> =
                slot.config_error().map(diagnostics::of_configuration).into_iter().collect();
            if let (Some(problem), true) = (&slot.problem, diagnostics.is_empty()) {
                self.outbox.show(MessageType::ERROR, problem.to_string());
            }
            if self.shown.is_news(&FilePath::Disk(path), None, &diagnostics) {
                self.outbox.notify::<PublishDiagnostics>(&PublishDiagnosticsParams { uri, diagnostics, version: None });
            }
        }
    }

    fn open(&mut self, item: TextDocumentItem) {
        let Some(path) = file_path(&item.uri, &*self.host) else {
            return self.outbox.log(MessageType::WARNING, format!("{}: not a file", item.uri.as_str()));
        };
        // A stub's text is ours, whatever the editor holds.
        if matches!(path, FilePath::Vendored(_)) {
            return;
        }
        let view = self.workspace.slot_of(&path);
        let open = OpenDocument { uri: item.uri, version: item.version, view };
        self.documents.insert(path.clone(), (open, Document::new(&item.text, item.version)));
        self.touched(path);
        self.report_configuration();
    }

    fn change(&mut self, params: DidChangeTextDocumentParams) {
        let uri = params.text_document.uri;
        let path = file_path(&uri, &*self.host);
        let Some((open, document)) = path.as_ref().and_then(|path| self.documents.get_mut(path)) else {
            return self.outbox.log(MessageType::WARNING, format!("{}: changed but not open", uri.as_str()));
        };
        if let Err(reason) = document.change(params.text_document.version, params.content_changes, self.encoding) {
            let message = format!("{}: {reason}; waiting for the whole text", uri.as_str());
            self.outbox.log(MessageType::WARNING, message);
        }
        open.version = document.version;
        if let Some(path) = path {
            self.touched(path);
        }
    }

    fn close(&mut self, uri: &Uri) {
        let Some(path) = file_path(uri, &*self.host) else { return };
        let Some((open, _)) = self.documents.remove(&path) else { return };
        let disk_path = path.as_disk().map(std::path::Path::to_path_buf);
        if let Some(slot) = self.workspace.slots_mut().get_mut(open.view) {
            let files = slot.db().files().clone();
            let file = files.file(slot.db(), &path);
            files.set_overlay(slot.db_mut(), file, None);
        }
        if let Some(path) = disk_path {
            self.workspace.sync(&path, false);
        }
        // What is not open has no diagnostics, except when the whole workspace has.
        let keeps = self.workspace.settings().diagnostic_mode == DiagnosticMode::Workspace;
        if !self.client.pulls_diagnostics && !keeps && self.shown.is_news(&path, None, &[]) {
            let params = PublishDiagnosticsParams { uri: open.uri, diagnostics: Vec::new(), version: None };
            self.outbox.notify::<PublishDiagnostics>(&params);
        }
        self.shown.forget(&path);
        self.touched(path);
    }

    fn touched(&mut self, path: FilePath) {
        self.open_documents = None;
        self.is_stale = true;
        if self.edited.last() != Some(&path) {
            self.edited.push(path);
        }
    }

    fn watched(&mut self, changes: Vec<FileEvent>) {
        let came_or_went = changes.iter().any(|change| change.typ != FileChangeType::CHANGED);
        let uris: Vec<Uri> = changes.into_iter().map(|change| change.uri).collect();
        self.look_again(&uris, came_or_went);
    }

    /// Looks again at files on disk.
    fn look_again(&mut self, uris: &[Uri], came_or_went: bool) {
        let mut is_new_configuration = false;
        for uri in uris {
            let Some(path) = self.disk_path(uri) else { continue };
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            is_new_configuration |= matches!(name, "pyproject.toml" | "pyvenv.cfg");
            self.workspace.sync(&path, came_or_went);
        }
        if is_new_configuration {
            self.workspace.reopen();
            self.reopened();
        }
        self.is_stale = true;
    }

    /// Writes edited documents to their databases.
    fn flush(&mut self) {
        for (path, (open, document)) in &mut self.documents {
            if !std::mem::take(&mut document.is_dirty) {
                continue;
            }
            let Some(slot) = self.workspace.slots_mut().get_mut(open.view) else { continue };
            let files = slot.db().files().clone();
            match path {
                FilePath::Virtual(name) => {
                    files.virtual_file(slot.db_mut(), name, &document.text());
                }
                _ => {
                    let file = files.file(slot.db(), path);
                    files.set_overlay(slot.db_mut(), file, Some(document.text()));
                }
            }
        }
    }

    fn snapshot(&mut self) -> Snapshot {
        self.flush();
        let documents = &self.documents;
        let open = self.open_documents.get_or_insert_with(|| {
            Arc::new(documents.iter().map(|(path, (open, _))| (path.clone(), open.clone())).collect())
        });
        Snapshot {
            views: self.workspace.views(),
            documents: open.clone(),
            encoding: self.encoding,
            client: self.client.clone(),
            host: self.host.clone(),
            shown: self.shown.clone(),
            outbox: self.outbox.clone(),
        }
    }

    fn start(&mut self, job: Job) {
        if job.is_cancelled() {
            return;
        }
        if let Some(path) = job.document.as_ref().and_then(|uri| file_path(uri, &*self.host)) {
            self.workspace.slot_of(&path);
        }
        let snapshot = self.snapshot();
        let events = self.events.clone();
        let lane = job.lane;
        self.pool.spawn(lane, move || {
            let outcome = job.run(&snapshot);
            // Before the job comes back, or the session would wait for this snapshot.
            drop(snapshot);
            // The session outlives its jobs.
            match outcome {
                Outcome::Done => {}
                Outcome::Again(job) => drop(events.send(Event::Job(job))),
                Outcome::Park(job) => drop(events.send(Event::Park(job))),
            }
        });
    }

    /// Brings diagnostics up to date, now that nothing else is to do.
    fn settle(&mut self) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        self.flush();
        for job in std::mem::take(&mut self.parked) {
            self.start(job);
        }
        let mode = self.workspace.settings().diagnostic_mode;
        let edited = std::mem::take(&mut self.edited);
        if mode == DiagnosticMode::Off {
            return;
        }
        let snapshot = self.snapshot();
        let outbox = self.outbox.clone();
        if self.client.pulls_diagnostics {
            // The client asks for what it edited; others may have changed with it.
            if self.refreshes_diagnostics && !self.shown.is_empty() {
                self.pool.spawn(Lane::Quick, move || {
                    if diagnostics::others_changed(&snapshot) {
                        outbox.request::<WorkspaceDiagnosticRefresh>(&(), Asked::Nothing);
                    }
                });
            }
            return;
        }
        self.pool.spawn(Lane::Quick, move || diagnostics::publish_open(&snapshot, &outbox, &edited));
        if mode == DiagnosticMode::Workspace {
            self.workspace_check.cancel();
            self.workspace_check = Cancel::default();
            let (snapshot, outbox, cancel) = (self.snapshot(), self.outbox.clone(), self.workspace_check.clone());
            let is_first = self.is_first_check.clone();
            self.pool.spawn(Lane::Slow, move || {
                if diagnostics::publish_workspace(&snapshot, &outbox, &cancel, is_first.load(Ordering::Relaxed)) {
                    is_first.store(false, Ordering::Relaxed);
                }
            });
        }
    }
}
