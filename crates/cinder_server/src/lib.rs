//! The language server: the protocol around [`cinder_ide`] and [`cinder_project`].
//!
//! Problem: editors send edits and questions at any rate, in any order, sometimes broken, and expect each question answered once, with what is
//! true after the edits before it.
//! Idea: four kinds of threads. The *reader* cuts the input into messages ([`transport`]) and puts an event for each into the queue of the *session
//! thread* ([`service`]), which alone owns documents and databases and works strictly in order ([`session`]). Questions ([`requests`]) become jobs on a
//! [`snapshot`] of the databases and run in the [`pool`]; workers write the answers. What the others say is written by the *writer* ([`outbox`]).
//! Holds: an edit cancels the jobs that run, and jobs that an edit cancelled start again on the new state; a panic answers one request with an
//! error; nothing but the session thread writes to a database; logic about programs lives elsewhere.
#![forbid(unsafe_code)]

mod address;
mod capabilities;
mod convert;
mod diagnostics;
mod documents;
mod handlers;
mod jsonrpc;
mod outbox;
mod pool;
mod progress;
mod requests;
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

pub use requests::{Subject, requests};

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

/// Serves one client until it goes. Reads on the calling thread; threads of its own end with the process.
pub fn serve(
    input: impl Read,
    output: impl Write + Send + 'static,
    system: Arc<dyn System>,
    host: Arc<dyn Host>,
) -> Ending {
    service::serve(input, output, system, host)
}

/// The same over standard input and output.
pub fn serve_process(system: Arc<dyn System>, host: Arc<dyn Host>) -> Ending {
    serve(std::io::stdin(), standard_output(), system, host)
}

/// Standard output, a pipe to the client, without its line buffer, which would cut each message into two writes.
fn standard_output() -> Box<dyn Write + Send> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        if let Ok(stream) = std::io::stdout().as_fd().try_clone_to_owned() {
            return Box::new(std::io::PipeWriter::from(stream));
        }
    }
    Box::new(std::io::stdout())
}
