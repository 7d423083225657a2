//! The language server: the protocol around [`cinder_ide`] and [`cinder_project`].
//!
//! Problem: editors send edits and questions at any rate, in any order, sometimes broken, and expect each question answered once, with what is
//! true after the edits before it.
//! Idea: four kinds of threads. The *reader* cuts the input into messages ([`transport`]). The *protocol thread* hands each message to the
//! protocol crate ([`service`]) and polls its answer once before it looks at the next one, so handlers start in order of arrival; they do
//! nothing but put an event into the queue of the *session thread* ([`session`]), which alone owns documents and databases and works strictly
//! in order. Questions become jobs on a [`snapshot`] of the databases and run in the [`pool`].
//! Holds: an edit cancels the jobs that run, and jobs that an edit cancelled start again on the new state; a panic answers one request with an
//! error; nothing but the session thread writes to a database; logic about programs lives elsewhere.
#![forbid(unsafe_code)]

mod capabilities;
mod convert;
mod diagnostics;
mod documents;
mod handlers;
mod outbox;
mod pool;
mod service;
mod session;
mod settings;
mod snapshot;
mod transport;
mod workspace;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cinder_db::System;

/// What only the program around the server can do.
pub trait Host: Send + Sync {
    /// The stages [`Host::dump`] knows, for example `bytecode`, in the order of the compiler's road.
    fn stages(&self) -> Vec<String>;

    /// A stage of a program on disk as text. `function` is a qualified name; the whole program without one. May take seconds.
    ///
    /// Errors: what is wrong with the program or the request, for the user.
    fn dump(&self, stage: &str, path: &Path, function: Option<&str>) -> Result<String, String>;

    /// The folder below which [`Host::stub_file`] puts files; the server takes files in it for the bundled stubs they are copies of.
    fn stub_folder(&self) -> Option<PathBuf>;

    /// Puts a bundled stub where an editor can open it. `path` is as in the bundle, for example `stdlib/os/path.pyi`.
    fn stub_file(&self, path: &str, text: &str) -> Option<PathBuf>;
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The client said `shutdown` and then `exit`.
    Orderly,
    /// The client went away.
    Abrupt,
}

/// Serves one client until it goes. Runs on the calling thread and on threads of its own, which end with the process.
pub fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    system: Arc<dyn System>,
    host: Arc<dyn Host>,
) -> Ending {
    service::serve(input, output, system, host)
}
