//! What goes to the client: answers, and what the server says on its own.
//!
//! Problem: neither the session nor the reader may wait for a client that does not read, and yet an answer should not have to wake another thread to be
//! written.
//! Idea: one queue. A writer thread writes what is in it; a worker, who may wait, writes it itself when nobody else is writing.
//! Holds: messages are written whole and in the order of the queue. Answers to our requests come back to the session thread as events, by the id given here.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lsp_types::notification::{LogMessage, Notification, ShowMessage};
use lsp_types::request::Request;
use lsp_types::{LogMessageParams, MessageType, ShowMessageParams};
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use crate::jsonrpc::{self, Error};

/// What an answer to one of our requests is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Asked {
    /// Settings, one entry per workspace folder and one for all.
    Configuration,
    /// Nothing needs to be done with the answer.
    Nothing,
}

/// Cheap to clone; all clones write to the same client.
#[derive(Clone)]
pub(crate) struct Outbox {
    line: Arc<Line>,
    asked: Arc<Mutex<FxHashMap<String, Asked>>>,
    next_id: Arc<AtomicU64>,
}

/// The way to the client.
struct Line {
    /// Bodies of messages, next one first.
    queue: Mutex<VecDeque<Vec<u8>>>,
    /// There is something in the queue that no thread is about to write, or nothing is left.
    changed: Condvar,
    /// Locked after `queue` is let go, never before it.
    output: Mutex<Box<dyn Write + Send>>,
    /// The client does not read any more.
    is_broken: AtomicBool,
}

impl Line {
    fn queue(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_queued(&self, output: &mut dyn Write) {
        loop {
            let Some(body) = self.queue().pop_front() else { return };
            if !self.is_broken.load(Ordering::Relaxed) && write_body(output, &body).is_err() {
                self.is_broken.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Writes forever.
    fn run(&self) {
        loop {
            let mut queue = self.queue();
            while queue.is_empty() {
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
            drop(queue);
            let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
            self.write_queued(&mut **output);
            drop(output);
            self.changed.notify_all();
        }
    }
}

/// Writes one message with its header, in one piece, and flushes.
///
/// Errors: the stream's own.
pub(crate) fn write_body(output: &mut dyn Write, body: &[u8]) -> io::Result<()> {
    let mut message = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    message.extend_from_slice(body);
    output.write_all(&message)?;
    output.flush()
}

impl Outbox {
    /// Starts the writer, which ends with the process.
    pub(crate) fn new(output: impl Write + Send + 'static) -> Outbox {
        let line = Arc::new(Line {
            queue: Mutex::default(),
            changed: Condvar::new(),
            output: Mutex::new(Box::new(output)),
            is_broken: AtomicBool::new(false),
        });
        let writer = line.clone();
        let thread = std::thread::Builder::new().name("cinder-writer".to_string());
        // Without it workers still write what they find.
        let _ = thread.spawn(move || writer.run());
        Outbox { line, asked: Arc::default(), next_id: Arc::default() }
    }

    /// Sends the body of a message without waiting for the client. A client that is gone hears nothing, which ends the session elsewhere.
    pub(crate) fn send(&self, body: Vec<u8>) {
        self.line.queue().push_back(body);
        self.line.changed.notify_all();
    }

    /// Sends the body of a message, and writes it and what was before it unless another thread is writing.
    pub(crate) fn send_now(&self, body: Vec<u8>) {
        self.line.queue().push_back(body);
        if let Ok(mut output) = self.line.output.try_lock() {
            self.line.write_queued(&mut **output);
        }
        // Who was writing may have seen an empty queue just before.
        if !self.line.queue().is_empty() {
            self.line.changed.notify_all();
        }
    }

    /// Waits until all is written, but not longer than `patience`.
    pub(crate) fn finish(&self, patience: Duration) {
        let line = &self.line;
        line.changed.notify_all();
        let queue = line.changed.wait_timeout_while(line.queue(), patience, |queue| !queue.is_empty());
        drop(queue);
        // Who took the last message may be writing it; a client that does not read is not waited for.
        for _ in 0..patience.as_millis() {
            if line.output.try_lock().is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub(crate) fn error(&self, id: &Value, error: Error) {
        self.send(jsonrpc::body::<()>(id, &Err(error)));
    }

    fn send_value(&self, message: &Value) {
        // Values can always be written.
        self.send(serde_json::to_vec(message).unwrap_or_default());
    }

    pub(crate) fn notify<N: Notification>(&self, params: &N::Params) {
        self.send_value(&json!({"jsonrpc": "2.0", "method": N::METHOD, "params": params}));
    }

    /// Sends a request and remembers what its answer is about.
    pub(crate) fn request<R: Request>(&self, params: &R::Params, about: Asked) {
        let id = format!("cinder-{}", self.next_id.fetch_add(1, Ordering::Relaxed));
        let mut message = json!({"jsonrpc": "2.0", "id": id, "method": R::METHOD, "params": params});
        // Requests without parameters have none, rather than `null`.
        if message["params"].is_null()
            && let Some(fields) = message.as_object_mut()
        {
            fields.remove("params");
        }
        self.table().insert(id, about);
        self.send_value(&message);
    }

    /// What the request of this id was about; `None` if we never sent it or it was answered already.
    pub(crate) fn answered(&self, id: &Value) -> Option<Asked> {
        self.table().remove(id.as_str()?)
    }

    pub(crate) fn log(&self, typ: MessageType, message: impl Into<String>) {
        self.notify::<LogMessage>(&LogMessageParams { typ, message: message.into() });
    }

    /// Shows a message to the user.
    pub(crate) fn show(&self, typ: MessageType, message: impl Into<String>) {
        self.notify::<ShowMessage>(&ShowMessageParams { typ, message: message.into() });
    }

    fn table(&self) -> MutexGuard<'_, FxHashMap<String, Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
