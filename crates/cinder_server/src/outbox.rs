//! What the server says on its own: notifications and requests to the client.
//!
//! Holds: sending never waits for the client. Answers to our requests come back to the session thread as events, by the id given here.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

use lsp_types::notification::{LogMessage, Notification, ShowMessage};
use lsp_types::request::Request;
use lsp_types::{LogMessageParams, MessageType, ShowMessageParams};
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

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
    messages: Sender<Value>,
    asked: Arc<Mutex<FxHashMap<String, Asked>>>,
    next_id: Arc<AtomicU64>,
}

impl Outbox {
    pub(crate) fn new(messages: Sender<Value>) -> Outbox {
        Outbox { messages, asked: Arc::default(), next_id: Arc::default() }
    }

    /// Sends a message that is complete. A client that is gone hears nothing, which ends the session elsewhere.
    pub(crate) fn send(&self, message: Value) {
        let _ = self.messages.send(message);
    }

    pub(crate) fn notify<N: Notification>(&self, params: &N::Params) {
        self.send(json!({"jsonrpc": "2.0", "method": N::METHOD, "params": params}));
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
        self.send(message);
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

    fn table(&self) -> std::sync::MutexGuard<'_, FxHashMap<String, Asked>> {
        self.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
