//! Messages to events, in order of arrival.
//!
//! Problem: an edit, or a cancellation, must not stand behind questions that wait; whatever comes, and whenever, each request is owed one answer.
//! Idea: the thread that reads does nothing but sort: a request becomes a job in the session's queue ([`crate::requests`]), a notification an event
//! there; what is out of season or not understood is answered at once. Answers are written by the workers that find them.
//! Holds: events are in order of the messages; this thread never waits for an answer, nor for a client that does not read.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use cinder_db::System;
use lsp_types::InitializeParams;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::capabilities;
use crate::jsonrpc::{self, Error, Pending, code};
use crate::outbox::Outbox;
use crate::requests;
use crate::session::{Event, Session};
use crate::transport::{Frame, FrameReader};
use crate::{Ending, Host};

/// How long what was said last may take to be written when the session ends.
const FAREWELL: Duration = Duration::from_millis(500);
/// The session thread opens projects and walks folders; trees are walked in the pool.
const SESSION_STACK_BYTES: usize = 64 << 20;

pub(crate) fn serve(
    input: impl Read,
    output: impl Write + Send + 'static,
    system: Arc<dyn System>,
    host: Arc<dyn Host>,
) -> Ending {
    let outbox = Outbox::new(output);
    let (events, to_handle) = mpsc::channel();
    let (session_host, session_outbox, session_events) = (host.clone(), outbox.clone(), events.clone());
    let session = thread::Builder::new().name("cinder-session".to_string()).stack_size(SESSION_STACK_BYTES);
    let started =
        session.spawn(move || Session::new(system, session_host, session_outbox, session_events).run(&to_handle));
    if started.is_err() {
        return Ending::Abrupt;
    }
    let mut service =
        Service { season: Season::Before, pending: Pending::default(), outbox: outbox.clone(), events, host };
    let mut reader = FrameReader::new(input);
    // An unreadable stream is an ended one.
    while let Ok(Some(frame)) = reader.read() {
        if service.handle(frame) == Next::Stop {
            break;
        }
    }
    outbox.finish(FAREWELL);
    if service.season == Season::ShutDown { Ending::Orderly } else { Ending::Abrupt }
}

/// What may be asked when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Season {
    /// `initialize` has not come.
    Before,
    Open,
    ShutDown,
}

#[derive(PartialEq, Eq)]
enum Next {
    Read,
    Stop,
}

/// The state of the thread that reads.
struct Service {
    season: Season,
    pending: Pending,
    outbox: Outbox,
    events: Sender<Event>,
    host: Arc<dyn Host>,
}

impl Service {
    fn handle(&mut self, frame: Frame) -> Next {
        let message = match frame {
            Frame::Message(message) => message,
            Frame::Malformed(reason) => {
                self.outbox.error(&Value::Null, Error::new(code::PARSE_ERROR, reason));
                return Next::Read;
            }
        };
        match sort(message) {
            Sorted::Request { id, method, params } => self.request(id, &method, params),
            Sorted::Notification { method, .. } if method == "exit" => return Next::Stop,
            Sorted::Notification { method, params } => self.notification(&method, params),
            Sorted::Answer { id, result } => {
                if let Some(about) = self.outbox.answered(&id) {
                    self.tell(Event::Answer { about, result });
                }
            }
            Sorted::Neither(id) => {
                self.outbox.error(&id, Error::new(code::INVALID_REQUEST, "neither a request nor an answer"));
            }
        }
        Next::Read
    }

    fn tell(&self, event: Event) {
        // The session thread lives as long as this sender.
        let _ = self.events.send(event);
    }

    fn request(&mut self, id: Value, method: &str, params: Value) {
        let refused = match (self.season, method) {
            (Season::Before, "initialize") => return self.initialize(&id, params),
            (Season::Before, _) => Error::new(code::NOT_INITIALIZED, "`initialize` comes first"),
            (Season::ShutDown, _) => Error::new(code::INVALID_REQUEST, "the session is shut down"),
            (Season::Open, "initialize") => Error::new(code::INVALID_REQUEST, "the session is initialized already"),
            (Season::Open, "shutdown") => {
                self.season = Season::ShutDown;
                return self.outbox.send(jsonrpc::body(&id, &Ok(Value::Null)));
            }
            (Season::Open, _) => return self.question(&id, method, params),
        };
        self.outbox.error(&id, refused);
    }

    fn question(&mut self, id: &Value, method: &str, params: Value) {
        let Some(reply) = self.pending.begin(id, &self.outbox) else {
            let refused = Error::new(code::INVALID_REQUEST, "another request has this id and is not answered yet");
            return self.outbox.error(id, refused);
        };
        match requests::job(method, params, reply, &self.host) {
            Ok(job) => self.tell(Event::Job(job)),
            Err((error, _reply)) => {
                self.pending.cancel(id);
                let unknown = || Error::new(code::METHOD_NOT_FOUND, format!("unknown method `{method}`"));
                self.outbox.error(id, error.unwrap_or_else(unknown));
            }
        }
    }

    fn initialize(&mut self, id: &Value, params: Value) {
        // The types of the protocol call this capability by another name than the protocol.
        let refreshes = params.pointer("/capabilities/workspace/diagnostics/refreshSupport");
        let refreshes_diagnostics = refreshes.and_then(Value::as_bool).unwrap_or(false);
        let params: InitializeParams = match serde_json::from_value(params) {
            Ok(params) => params,
            Err(error) => return self.outbox.error(id, Error::invalid_params(error.to_string())),
        };
        self.season = Season::Open;
        let mut result = json!(capabilities::answer(&params));
        // The types of the protocol have no field for the type hierarchy.
        if let Some(capabilities) = result.get_mut("capabilities").and_then(Value::as_object_mut)
            && capabilities.contains_key("hoverProvider")
        {
            capabilities.insert("typeHierarchyProvider".to_string(), Value::Bool(true));
        }
        self.tell(Event::Initialize(Box::new(params), refreshes_diagnostics));
        self.outbox.send(jsonrpc::body(id, &Ok(result)));
    }

    /// Notifications out of season, unknown ones, and those that make no sense are dropped, as the protocol says.
    fn notification(&mut self, method: &str, params: Value) {
        if self.season != Season::Open {
            return;
        }
        let event = match method {
            "$/cancelRequest" => return self.cancel(&params),
            "initialized" => Some(Event::Initialized),
            "textDocument/didOpen" => {
                parse(params).map(|params: lsp_types::DidOpenTextDocumentParams| Event::Open(params.text_document))
            }
            "textDocument/didChange" => parse(params).map(Event::Change),
            "textDocument/didSave" => {
                parse(params).map(|params: lsp_types::DidSaveTextDocumentParams| Event::Save(params.text_document.uri))
            }
            "textDocument/didClose" => parse(params)
                .map(|params: lsp_types::DidCloseTextDocumentParams| Event::Close(params.text_document.uri)),
            "workspace/didChangeConfiguration" => parse(params)
                .map(|params: lsp_types::DidChangeConfigurationParams| Event::Configuration(params.settings)),
            "workspace/didChangeWorkspaceFolders" => {
                parse(params).map(|params: lsp_types::DidChangeWorkspaceFoldersParams| Event::Folders(params.event))
            }
            "workspace/didChangeWatchedFiles" => {
                parse(params).map(|params: lsp_types::DidChangeWatchedFilesParams| Event::Watched(params.changes))
            }
            _ => None,
        };
        if let Some(event) = event {
            self.tell(event);
        }
    }

    fn cancel(&self, params: &Value) {
        let Some(id) = params.get("id") else { return };
        if self.pending.cancel(id) {
            self.outbox.error(id, Error::new(code::REQUEST_CANCELLED, "cancelled"));
        }
    }
}

fn parse<P: DeserializeOwned>(params: Value) -> Option<P> {
    serde_json::from_value(params).ok()
}

enum Sorted {
    Request { id: Value, method: String, params: Value },
    Notification { method: String, params: Value },
    Answer { id: Value, result: Option<Value> },
    Neither(Value),
}

fn sort(message: Value) -> Sorted {
    let Value::Object(mut fields) = message else { return Sorted::Neither(Value::Null) };
    let id = fields.remove("id");
    // What may stand in an answer.
    let known_id = id.clone().filter(|id| id.is_string() || id.is_i64() || id.is_u64());
    if fields.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return Sorted::Neither(known_id.unwrap_or_default());
    }
    match (fields.remove("method"), id, known_id) {
        (Some(Value::String(method)), Some(_), Some(id)) => {
            Sorted::Request { id, method, params: fields.remove("params").unwrap_or_default() }
        }
        (Some(Value::String(method)), None, _) => {
            Sorted::Notification { method, params: fields.remove("params").unwrap_or_default() }
        }
        (None, Some(_), Some(id)) if fields.contains_key("result") || fields.contains_key("error") => {
            Sorted::Answer { id, result: fields.remove("result") }
        }
        (_, _, id) => Sorted::Neither(id.unwrap_or_default()),
    }
}
