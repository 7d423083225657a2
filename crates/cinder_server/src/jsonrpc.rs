//! Requests and answers as JSON-RPC has them.
//!
//! Holds: a request is answered once: whoever takes its id out of [`Pending`] answers, be it the worker with the result or the reader with "cancelled".

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use serde::Serialize;
use serde_json::Value;

use crate::outbox::Outbox;
use crate::snapshot::Cancel;

/// The protocol's error codes.
pub(crate) mod code {
    pub(crate) const PARSE_ERROR: i64 = -32700;
    pub(crate) const INVALID_REQUEST: i64 = -32600;
    pub(crate) const METHOD_NOT_FOUND: i64 = -32601;
    pub(crate) const INVALID_PARAMS: i64 = -32602;
    pub(crate) const INTERNAL_ERROR: i64 = -32603;
    /// What comes before `initialize`.
    pub(crate) const NOT_INITIALIZED: i64 = -32002;
    pub(crate) const REQUEST_CANCELLED: i64 = -32800;
    pub(crate) const CONTENT_MODIFIED: i64 = -32801;
    /// The request was fine, what it asks for cannot be done.
    pub(crate) const REQUEST_FAILED: i64 = -32803;
    /// What a handler returns in place of an answer that shall wait for a change. It never reaches a client.
    pub(crate) const PARKED: i64 = -1;
}

/// What a request is answered with when there is no result.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Error {
    pub(crate) code: i64,
    pub(crate) message: String,
}

impl Error {
    pub(crate) fn new(code: i64, message: impl Into<String>) -> Error {
        Error { code, message: message.into() }
    }

    pub(crate) fn invalid_params(reason: impl Into<String>) -> Error {
        Error::new(code::INVALID_PARAMS, reason)
    }
}

#[derive(Serialize)]
struct Success<'a, R> {
    jsonrpc: &'static str,
    id: &'a Value,
    result: &'a R,
}

#[derive(Serialize)]
struct Failure<'a> {
    jsonrpc: &'static str,
    id: &'a Value,
    error: &'a Error,
}

/// The body of an answer.
pub(crate) fn body<R: Serialize>(id: &Value, answer: &Result<R, Error>) -> Vec<u8> {
    let written = match answer {
        Ok(result) => serde_json::to_vec(&Success { jsonrpc: "2.0", id, result }),
        Err(error) => return failure(id, error),
    };
    // Maps with keys that are no strings are the one thing that cannot be written; there are none.
    written.unwrap_or_else(|error| failure(id, &Error::new(code::INTERNAL_ERROR, error.to_string())))
}

fn failure(id: &Value, error: &Error) -> Vec<u8> {
    serde_json::to_vec(&Failure { jsonrpc: "2.0", id, error }).unwrap_or_default()
}

/// Requests that are not answered yet, by the text of their ids.
#[derive(Clone, Default)]
pub(crate) struct Pending {
    inner: Arc<Mutex<FxHashMap<String, Cancel>>>,
}

impl Pending {
    fn lock(&self) -> MutexGuard<'_, FxHashMap<String, Cancel>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request; `None` if one with this id is being answered.
    pub(crate) fn begin(&self, id: &Value, outbox: &Outbox) -> Option<Reply> {
        let (key, cancel) = (id.to_string(), Cancel::default());
        let mut pending = self.lock();
        if pending.contains_key(&key) {
            return None;
        }
        pending.insert(key, cancel.clone());
        Some(Reply { id: id.clone(), cancel, pending: self.clone(), outbox: outbox.clone() })
    }

    /// Stops a request, which is then for the caller to answer; false if it is answered already or never came.
    pub(crate) fn cancel(&self, id: &Value) -> bool {
        let cancel = self.lock().remove(&id.to_string());
        cancel.inspect(Cancel::cancel).is_some()
    }
}

/// The right to answer a request.
pub(crate) struct Reply {
    id: Value,
    pub(crate) cancel: Cancel,
    pending: Pending,
    outbox: Outbox,
}

impl Reply {
    /// Answers, unless the client has cancelled. The answer is written from this thread, which may wait for the client.
    pub(crate) fn send<R: Serialize>(self, answer: &Result<R, Error>) {
        if self.pending.lock().remove(&self.id.to_string()).is_some() {
            self.outbox.send_now(body(&self.id, answer));
        }
    }
}
