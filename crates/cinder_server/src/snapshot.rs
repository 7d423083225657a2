//! A question and the state it is asked of.
//!
//! Idea: a [`Job`] is a closure from a [`Snapshot`] to an answer. The session makes the snapshot when the job's turn comes, a worker runs it. If an
//! edit cancels it half way, it goes back into the session's queue, behind that edit, and runs again.
//! Holds: an answer is sent once; a panic becomes an error answer; a cancelled job stops at its next query.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use cinder_db::path::absolute;
use cinder_db::{Db, File, FilePath, line_index, source_text};
use cinder_project::{Config, ProjectDatabase, discover};
use cinder_text::{ColumnEncoding, LineIndex};
use lsp_types::Uri;
use rustc_hash::FxHashMap;
use salsa::{Cancelled, Database};

use crate::Host;
use crate::address;
use crate::capabilities::ClientFeatures;
use crate::diagnostics::Shown;
use crate::handlers::Answer;
use crate::jsonrpc::{Error, code};
use crate::outbox::Outbox;
use crate::pool::Lane;
use crate::settings::Settings;

/// Cancelled by edits this often in a row, a job gives up; the client asks again if it still wants to know.
const MAX_ATTEMPTS: u32 = 64;

/// How a client or the session stops a job.
#[derive(Clone, Default)]
pub(crate) struct Cancel {
    inner: Arc<CancelState>,
}

#[derive(Default)]
struct CancelState {
    is_cancelled: AtomicBool,
    /// Handles of the databases that the job runs on.
    tokens: Mutex<Vec<salsa::CancellationToken>>,
}

impl Cancel {
    pub(crate) fn cancel(&self) {
        self.inner.is_cancelled.store(true, Ordering::SeqCst);
        for token in self.inner.tokens.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            token.cancel();
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.inner.is_cancelled.load(Ordering::SeqCst)
    }

    fn watch(&self, snapshot: &Snapshot) {
        let tokens = snapshot.views.iter().map(|view| view.db.cancellation_token()).collect();
        *self.inner.tokens.lock().unwrap_or_else(PoisonError::into_inner) = tokens;
        // Cancelled before the tokens were there.
        if self.is_cancelled() {
            self.cancel();
        }
    }
}

/// What is to be done with a job after it ran.
pub(crate) enum Outcome {
    Done,
    /// An edit came in between.
    Again(Job),
    /// Nothing has changed since the client last asked: answer when something does.
    Park(Job),
}

/// A question that waits for its turn.
pub(crate) struct Job {
    pub(crate) lane: Lane,
    /// The document it is about, whose project must be open.
    pub(crate) document: Option<Uri>,
    cancel: Cancel,
    attempts: u32,
    run: Box<dyn FnMut(Task<'_>) -> Result<Sent, Cancelled> + Send>,
}

/// What a job is to do.
enum Task<'a> {
    Answer(&'a Snapshot),
    Fail(Error),
}

enum Sent {
    Answered,
    Parked,
}

impl Job {
    /// A job, and who gets its answer, once.
    pub(crate) fn new<P, R>(
        lane: Lane,
        document: Option<Uri>,
        cancel: Cancel,
        params: P,
        handler: fn(&Snapshot, &P) -> Answer<R>,
        deliver: impl FnOnce(Answer<R>) + Send + 'static,
    ) -> Job
    where
        P: Send + 'static,
        R: Send + 'static,
    {
        let mut deliver = Some(deliver);
        let run = move |task: Task<'_>| {
            let answer = match task {
                Task::Answer(snapshot) => match catch_unwind(AssertUnwindSafe(|| handler(snapshot, &params))) {
                    Ok(answer) => answer,
                    Err(payload) => match payload.downcast::<Cancelled>() {
                        Ok(cancelled) => return Err(*cancelled),
                        Err(payload) => Err(internal_error(&panic_text(&*payload))),
                    },
                },
                Task::Fail(error) => Err(error),
            };
            if matches!(&answer, Err(error) if error.code == code::PARKED) {
                return Ok(Sent::Parked);
            }
            if let Some(deliver) = deliver.take() {
                deliver(answer);
            }
            Ok(Sent::Answered)
        };
        Job { lane, document, cancel, attempts: 0, run: Box::new(run) }
    }

    /// Computes and sends the answer.
    pub(crate) fn run(mut self, snapshot: &Snapshot) -> Outcome {
        if self.cancel.is_cancelled() {
            return Outcome::Done;
        }
        self.cancel.watch(snapshot);
        match (self.run)(Task::Answer(snapshot)) {
            Ok(Sent::Answered) => Outcome::Done,
            Ok(Sent::Parked) => Outcome::Park(self),
            // The client cancelled and has its answer.
            Err(_) if self.cancel.is_cancelled() => Outcome::Done,
            // An edit came, or a job that computed something for this one was cancelled.
            Err(_) if self.attempts < MAX_ATTEMPTS => {
                self.attempts += 1;
                Outcome::Again(self)
            }
            Err(_) => {
                let modified = Error::new(code::CONTENT_MODIFIED, "the document was edited too often meanwhile");
                // Delivers and does nothing else.
                let _ = (self.run)(Task::Fail(modified));
                Outcome::Done
            }
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

fn internal_error(reason: &str) -> Error {
    Error::new(code::INTERNAL_ERROR, format!("internal error: {reason}"))
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("panic").to_string()
}

/// One project, for reading.
pub(crate) struct View {
    pub(crate) db: ProjectDatabase,
    /// Files below belong to this project, unless another one's folder is nearer.
    pub(crate) folder: PathBuf,
    /// Where the configuration lies.
    pub(crate) root: PathBuf,
    pub(crate) config: Arc<Config>,
    pub(crate) settings: Arc<Settings>,
    /// Whether `folder` is a workspace folder or lies in one.
    pub(crate) is_in_workspace: bool,
    /// Found by the first job that needs them.
    pub(crate) files: Arc<OnceLock<Arc<[PathBuf]>>>,
}

impl View {
    /// The Python files of the project, sorted by path.
    pub(crate) fn files(&self) -> Arc<[PathBuf]> {
        let find = || {
            let found = discover(self.db.system(), &self.root, &self.config, std::slice::from_ref(&self.folder));
            found.files.into()
        };
        self.files.get_or_init(find).clone()
    }

    /// The same as inputs of the database.
    pub(crate) fn inputs(&self) -> Vec<File> {
        self.files().iter().map(|path| self.db.files().disk_file(&self.db, path)).collect()
    }
}

/// An open document.
#[derive(Clone, Debug)]
pub(crate) struct OpenDocument {
    /// As the client writes it.
    pub(crate) uri: Uri,
    pub(crate) version: i32,
    pub(crate) view: usize,
}

/// Everything a handler may look at.
pub(crate) struct Snapshot {
    pub(crate) views: Vec<View>,
    pub(crate) documents: Arc<FxHashMap<FilePath, OpenDocument>>,
    pub(crate) encoding: ColumnEncoding,
    pub(crate) client: Arc<ClientFeatures>,
    pub(crate) host: Arc<dyn Host>,
    /// What the client was last told about each file.
    pub(crate) shown: Arc<Shown>,
    /// For progress; answers go another way.
    pub(crate) outbox: Outbox,
}

/// A file of a snapshot with all that is needed to talk about places in it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) view: &'a View,
    pub(crate) file: File,
}

impl<'a> Place<'a> {
    pub(crate) fn db(&self) -> &'a dyn Db {
        &self.view.db
    }

    pub(crate) fn text(&self) -> &'a str {
        source_text(self.db(), self.file).as_str()
    }

    pub(crate) fn lines(&self) -> &'a LineIndex {
        line_index(self.db(), self.file)
    }

    pub(crate) fn at(&self, file: File) -> Place<'a> {
        Place { file, ..*self }
    }
}

impl Snapshot {
    /// The document of an address, open or on disk; `None` if there is none.
    pub(crate) fn place(&self, uri: &Uri) -> Option<Place<'_>> {
        let path = file_path(uri, &*self.host)?;
        let view = match self.documents.get(&path) {
            Some(document) => self.views.get(document.view)?,
            None => self.view_of(&path)?,
        };
        let file = view.db.files().file(&view.db, &path);
        file.exists(&view.db).then_some(Place { snapshot: self, view, file })
    }

    /// The project with the nearest folder above a path.
    fn view_of(&self, path: &FilePath) -> Option<&View> {
        let Some(path) = path.as_disk() else { return self.views.first() };
        let above = self.views.iter().filter(|view| path.starts_with(&view.folder));
        above.max_by_key(|view| view.folder.as_os_str().len()).or(self.views.first())
    }

    /// The version of a document that is open.
    pub(crate) fn version(&self, path: &FilePath) -> Option<i32> {
        self.documents.get(path).map(|document| document.version)
    }

    /// The address of a file as the client writes it. `None` for what no client can open.
    pub(crate) fn uri(&self, db: &dyn Db, file: File) -> Option<Uri> {
        let path = file.path(db);
        if let Some(document) = self.documents.get(path) {
            return Some(document.uri.clone());
        }
        match path {
            FilePath::Disk(path) => address::of_path(path),
            FilePath::Vendored(path) => {
                let text = source_text(db, file);
                match self.host.stub_file(path, text) {
                    Some(copy) => address::of_path(&copy),
                    None => format!("{STUB_SCHEME}:///{path}").parse().ok(),
                }
            }
            FilePath::Virtual(name) => name.parse().ok(),
        }
    }
}

/// Addresses of bundled stubs, for clients that ask `cinder/stubText`.
const STUB_SCHEME: &str = "cinder-stub";

/// The file an address means. `None` for addresses without a path.
pub(crate) fn file_path(uri: &Uri, host: &dyn Host) -> Option<FilePath> {
    let scheme = uri.scheme().map(|scheme| scheme.as_str().to_ascii_lowercase());
    match scheme.as_deref() {
        Some("file") => {
            let path = absolute(&address::path_of(uri)?, Path::new("/"));
            let stub = host.stub_folder().and_then(|folder| Some(path.strip_prefix(folder).ok()?.to_path_buf()));
            match stub.as_deref().and_then(Path::to_str) {
                Some(stub) => Some(FilePath::vendored(&stub.replace('\\', "/"))),
                None => Some(FilePath::Disk(path)),
            }
        }
        Some(STUB_SCHEME) => Some(FilePath::vendored(uri.path().as_str().trim_start_matches('/'))),
        _ => Some(FilePath::Virtual(uri.as_str().into())),
    }
}
