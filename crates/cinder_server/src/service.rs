//! Messages to handlers, in order of arrival.
//!
//! Problem: the protocol crate's own loop polls a few handlers at a time: more waiting questions than that hide the edit or cancellation they
//! wait for, and handlers that await anything before they touch the state run in another order than their messages came.
//! Idea: this loop calls the service for each message and polls the answer once, at once. Handlers ([`Backend`]) send one event before their first
//! await, so events are in order of the messages. Unfinished answers wait in an unordered set of any size.
//! Holds: handlers never block; a handler that is dropped (`$/cancelRequest`) cancels its job ([`Cancel`]).

use std::future::Future;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use cinder_db::System;
use futures::channel::{mpsc as stream, oneshot};
use futures::stream::{FuturesUnordered, StreamExt};
use futures::{FutureExt, poll};
use lsp_types::request::{
    GotoDeclarationParams, GotoDeclarationResponse, GotoImplementationParams, GotoImplementationResponse,
    GotoTypeDefinitionParams, GotoTypeDefinitionResponse,
};
use lsp_types::*;
use serde_json::{Value, json};
use tower_lsp_server::jsonrpc::{Error, ErrorCode, Request, Response, Result};
use tower_lsp_server::{LanguageServer, LspService};
use tower_service::Service;

use crate::capabilities::DUMP_COMMAND;
use crate::handlers::{self, Answer};
use crate::outbox::Outbox;
use crate::pool::Lane;
use crate::session::{Event, Session};
use crate::snapshot::{Cancel, Job, Snapshot};
use crate::transport::{Frame, FrameReader, write_message};
use crate::{Ending, Host};

/// The protocol's code for what comes before `initialize`.
const NOT_INITIALIZED: i64 = -32002;
/// How long what was said last may take to be written when the session ends.
const FAREWELL: Duration = Duration::from_millis(500);
/// The session thread opens projects and walks folders; trees are walked in the pool.
const SESSION_STACK_BYTES: usize = 64 << 20;

pub(crate) fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    system: Arc<dyn System>,
    host: Arc<dyn Host>,
) -> Ending {
    let (messages, to_write) = mpsc::channel();
    let (written, all_written) = mpsc::channel();
    thread::spawn(move || {
        write_all(output, &to_write);
        // Nobody may be waiting any more.
        let _ = written.send(());
    });
    let (frames_in, frames) = stream::unbounded();
    thread::spawn(move || read_all(input, &frames_in));
    let (events, to_handle) = mpsc::channel();
    let outbox = Outbox::new(messages);
    let session_outbox = outbox.clone();
    let session_events = events.clone();
    let backend = Backend { events: events.clone(), host: host.clone() };
    let session = thread::Builder::new().name("cinder-session".to_string()).stack_size(SESSION_STACK_BYTES);
    let started = session.spawn(move || Session::new(system, host, session_outbox, session_events).run(&to_handle));
    if started.is_err() {
        return Ending::Abrupt;
    }
    let ending = futures::executor::block_on(converse(frames, &outbox, backend));
    outbox.send(Value::Null);
    // A client that does not read is not waited for.
    let _ = all_written.recv_timeout(FAREWELL);
    ending
}

fn read_all(input: impl Read, frames: &stream::UnboundedSender<Frame>) {
    let mut reader = FrameReader::new(input);
    // An unreadable stream is an ended one.
    while let Ok(Some(frame)) = reader.read() {
        if frames.unbounded_send(frame).is_err() {
            return;
        }
    }
}

/// Writes messages until `null`, which ends the session, or until the client is gone.
fn write_all(mut output: impl Write, messages: &Receiver<Value>) {
    while let Ok(message) = messages.recv() {
        if message.is_null() || write_message(&mut output, &message).is_err() {
            return;
        }
    }
}

/// The loop of the protocol thread.
async fn converse(mut frames: stream::UnboundedReceiver<Frame>, outbox: &Outbox, backend: Backend) -> Ending {
    let events = backend.events.clone();
    let (mut service, _unused_socket) = LspService::build(|_| backend)
        .custom_method("cinder/dump", Backend::dump)
        .custom_method("cinder/stages", Backend::stages)
        .custom_method("cinder/stubText", Backend::stub_text)
        .finish();
    let mut answers = FuturesUnordered::new();
    let mut is_shut_down = false;
    let mut initialize_id = None;
    let answer = |response: Option<Response>, initialize_id: &Option<Value>| {
        let Some(response) = response.and_then(|response| serde_json::to_value(response).ok()) else { return };
        outbox.send(complete(response, initialize_id.as_ref()));
    };
    loop {
        let frame = futures::select_biased! {
            frame = frames.next() => frame,
            response = answers.select_next_some() => {
                answer(response, &initialize_id);
                continue;
            }
        };
        let message = match frame {
            None => break,
            Some(Frame::Malformed(reason)) => {
                outbox.send(error_message(Value::Null, ErrorCode::ParseError, &reason));
                continue;
            }
            Some(Frame::Message(message)) => message,
        };
        let request = match sort(message) {
            Sorted::Request(request) => request,
            Sorted::Answer { id, result } => {
                if let Some(about) = outbox.answered(&id) {
                    // The session outlives this loop.
                    let _ = events.send(Event::Answer { about, result });
                }
                continue;
            }
            Sorted::Neither(id) => {
                outbox.send(error_message(id, ErrorCode::InvalidRequest, "neither a request nor an answer"));
                continue;
            }
        };
        let is_begun = initialize_id.is_some() || request.method() == "initialize";
        if request.method() != "exit" && (!is_begun || is_shut_down) {
            // What the router does not know it would call unknown in every season. Notifications out of season are dropped.
            if let Some(id) = request.id().and_then(|id| serde_json::to_value(id).ok()) {
                let error = match is_shut_down {
                    true => error_message(id, ErrorCode::InvalidRequest, "the session is shut down"),
                    false => error_message(id, ErrorCode::ServerError(NOT_INITIALIZED), "`initialize` comes first"),
                };
                outbox.send(error);
            }
            continue;
        }
        if let (true, Some(id)) = (request.method().starts_with("$/"), request.id()) {
            // The router ignores these altogether, but a request is owed an answer.
            let id = serde_json::to_value(id).unwrap_or_default();
            outbox.send(error_message(id, ErrorCode::MethodNotFound, "unknown method"));
            continue;
        }
        match request.method() {
            "exit" => return if is_shut_down { Ending::Orderly } else { Ending::Abrupt },
            // A notification of that name shuts nothing down.
            "shutdown" if request.id().is_some() => is_shut_down = true,
            "initialize" if initialize_id.is_none() => {
                // The protocol crate's types call the capability by another name than the protocol.
                let pointer = "/capabilities/workspace/diagnostics/refreshSupport";
                let refreshes = request.params().and_then(|params| params.pointer(pointer)).and_then(Value::as_bool);
                // The session outlives this loop.
                let _ = events.send(Event::RefreshesDiagnostics(refreshes.unwrap_or(false)));
                initialize_id = request.id().and_then(|id| serde_json::to_value(id).ok());
            }
            _ => {}
        }
        if futures::future::poll_fn(|context| service.poll_ready(context)).await.is_err() {
            break;
        }
        // The service fails after `exit` only.
        let mut call = service.call(request).map(|response| response.unwrap_or(None));
        match poll!(&mut call) {
            Poll::Ready(response) => answer(response, &initialize_id),
            Poll::Pending => answers.push(call),
        }
    }
    if is_shut_down { Ending::Orderly } else { Ending::Abrupt }
}

enum Sorted {
    Request(Request),
    Answer { id: Value, result: Option<Value> },
    Neither(Value),
}

fn sort(message: Value) -> Sorted {
    let id = message.get("id").filter(|id| id.is_string() || id.is_number()).cloned().unwrap_or_default();
    if message.get("method").is_some() {
        return serde_json::from_value(message).map_or(Sorted::Neither(id), Sorted::Request);
    }
    match message {
        Value::Object(mut fields) if fields.contains_key("result") || fields.contains_key("error") => {
            Sorted::Answer { id, result: fields.remove("result") }
        }
        _ => Sorted::Neither(id),
    }
}

fn error_message(id: Value, code: ErrorCode, message: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code.code(), "message": message}})
}

/// The capability of the type hierarchy has no field in the protocol crate's types.
fn complete(mut response: Value, initialize_id: Option<&Value>) -> Value {
    if initialize_id == response.get("id")
        && let Some(capabilities) = response.pointer_mut("/result/capabilities").and_then(Value::as_object_mut)
        && capabilities.contains_key("hoverProvider")
    {
        capabilities.insert("typeHierarchyProvider".to_string(), Value::Bool(true));
    }
    response
}

/// The handlers: each sends one event.
struct Backend {
    events: Sender<Event>,
    host: Arc<dyn Host>,
}

impl Backend {
    fn tell(&self, event: Event) {
        // The session thread outlives this one.
        let _ = self.events.send(event);
    }

    /// Has `handler` run on a snapshot of the state after all messages so far.
    fn ask<P, R>(
        &self,
        lane: Lane,
        document: Option<Uri>,
        params: P,
        handler: fn(&Snapshot, &P) -> Answer<R>,
    ) -> impl Future<Output = Result<R>> + Send
    where
        P: Send + 'static,
        R: Send + 'static,
    {
        let cancel = Cancel::default();
        let (job, answer) = Job::new(lane, document, cancel.clone(), params, handler);
        self.tell(Event::Job(job));
        async move {
            let _cancels_when_dropped = cancel.guard();
            answer.await.unwrap_or_else(|_| Err(Error::internal_error()))
        }
    }

    /// `cinder/dump`. The compiler runs outside of snapshots, so that no edit waits for it.
    async fn dump(&self, params: handlers::DumpParams) -> Result<handlers::Dump> {
        let document = params.text_document.uri.clone();
        let target = self.ask(Lane::Quick, Some(document), params, handlers::dump_target).await?;
        let (sender, dump) = oneshot::channel();
        let host = self.host.clone();
        // The client may have cancelled.
        thread::spawn(move || drop(sender.send(target.dump(&*host))));
        dump.await.map_err(|_| Error::internal_error())
    }

    /// `cinder/stages`.
    async fn stages(&self) -> Result<Vec<String>> {
        Ok(self.host.stages())
    }

    async fn stub_text(&self, params: TextDocumentIdentifier) -> Result<Option<String>> {
        self.ask(Lane::Quick, Some(params.uri.clone()), params, handlers::stub_text).await
    }
}

/// `method(Params) -> Result, lane, path to the document's address, handler;`
macro_rules! questions {
    ($($method:ident($params:ty) -> $result:ty, $lane:ident, $document:expr, $handler:path;)+) => {
        impl LanguageServer for Backend {
            async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
                let result = crate::capabilities::answer(&params);
                self.tell(Event::Initialize(Box::new(params)));
                Ok(result)
            }

            async fn initialized(&self, _: InitializedParams) {
                self.tell(Event::Initialized);
            }

            async fn shutdown(&self) -> Result<()> {
                Ok(())
            }

            async fn did_open(&self, params: DidOpenTextDocumentParams) {
                self.tell(Event::Open(params.text_document));
            }

            async fn did_change(&self, params: DidChangeTextDocumentParams) {
                self.tell(Event::Change(params));
            }

            async fn did_save(&self, params: DidSaveTextDocumentParams) {
                self.tell(Event::Save(params.text_document.uri));
            }

            async fn did_close(&self, params: DidCloseTextDocumentParams) {
                self.tell(Event::Close(params.text_document.uri));
            }

            async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
                self.tell(Event::Configuration(params.settings));
            }

            async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
                self.tell(Event::Folders(params.event));
            }

            async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
                self.tell(Event::Watched(params.changes));
            }

            async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
                match params.command.as_str() {
                    DUMP_COMMAND => {
                        let argument = params.arguments.first().cloned().unwrap_or_default();
                        let params = serde_json::from_value(argument)
                            .map_err(|error| Error::invalid_params(error.to_string()))?;
                        Ok(serde_json::to_value(self.dump(params).await?).ok())
                    }
                    other => Err(Error::invalid_params(format!("no command `{other}`"))),
                }
            }

            async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
                let document = handlers::completion_document(&item);
                self.ask(Lane::Quick, document, item, handlers::completion_resolve).await
            }

            $(async fn $method(&self, params: $params) -> Result<$result> {
                let document: fn(&$params) -> Option<&Uri> = $document;
                let document = document(&params).cloned();
                self.ask(Lane::$lane, document, params, $handler).await
            })+
        }
    };
}

questions! {
    goto_declaration(GotoDeclarationParams) -> Option<GotoDeclarationResponse>, Quick,
        |params| Some(&params.text_document_position_params.text_document.uri), handlers::declaration;
    goto_definition(GotoDefinitionParams) -> Option<GotoDefinitionResponse>, Quick,
        |params| Some(&params.text_document_position_params.text_document.uri), handlers::definition;
    goto_type_definition(GotoTypeDefinitionParams) -> Option<GotoTypeDefinitionResponse>, Quick,
        |params| Some(&params.text_document_position_params.text_document.uri), handlers::type_definition;
    goto_implementation(GotoImplementationParams) -> Option<GotoImplementationResponse>, Slow,
        |params| Some(&params.text_document_position_params.text_document.uri), handlers::implementation;
    references(ReferenceParams) -> Option<Vec<Location>>, Slow,
        |params| Some(&params.text_document_position.text_document.uri), handlers::references;
    document_highlight(DocumentHighlightParams) -> Option<Vec<DocumentHighlight>>, Quick,
        |params| Some(&params.text_document_position_params.text_document.uri), handlers::highlight;
    prepare_rename(TextDocumentPositionParams) -> Option<PrepareRenameResponse>, Quick,
        |params| Some(&params.text_document.uri), handlers::prepare_rename;
    rename(RenameParams) -> Option<WorkspaceEdit>, Slow,
        |params| Some(&params.text_document_position.text_document.uri), handlers::rename;
    hover(HoverParams) -> Option<Hover>, Quick,
        |params| Some(&params.text_document_position_params.text_document.uri), handlers::hover;
    completion(CompletionParams) -> Option<CompletionResponse>, Quick,
        |params| Some(&params.text_document_position.text_document.uri), handlers::completion;
    signature_help(SignatureHelpParams) -> Option<SignatureHelp>, Quick,
        |params| Some(&params.text_document_position_params.text_document.uri), handlers::signature_help;
    document_symbol(DocumentSymbolParams) -> Option<DocumentSymbolResponse>, Quick,
        |params| Some(&params.text_document.uri), handlers::document_symbols;
    symbol(WorkspaceSymbolParams) -> Option<OneOf<Vec<SymbolInformation>, Vec<WorkspaceSymbol>>>, Slow,
        |_| None, handlers::workspace_symbols;
    semantic_tokens_full(SemanticTokensParams) -> Option<SemanticTokensResult>, Quick,
        |params| Some(&params.text_document.uri), handlers::semantic_tokens;
    semantic_tokens_range(SemanticTokensRangeParams) -> Option<SemanticTokensRangeResult>, Quick,
        |params| Some(&params.text_document.uri), handlers::semantic_tokens_range;
    inlay_hint(InlayHintParams) -> Option<Vec<InlayHint>>, Quick,
        |params| Some(&params.text_document.uri), handlers::inlay_hints;
    code_lens(CodeLensParams) -> Option<Vec<CodeLens>>, Quick,
        |params| Some(&params.text_document.uri), handlers::code_lenses;
    code_action(CodeActionParams) -> Option<CodeActionResponse>, Quick,
        |params| Some(&params.text_document.uri), handlers::code_actions;
    folding_range(FoldingRangeParams) -> Option<Vec<FoldingRange>>, Quick,
        |params| Some(&params.text_document.uri), handlers::folding_ranges;
    selection_range(SelectionRangeParams) -> Option<Vec<SelectionRange>>, Quick,
        |params| Some(&params.text_document.uri), handlers::selection_ranges;
    prepare_call_hierarchy(CallHierarchyPrepareParams) -> Option<Vec<CallHierarchyItem>>, Quick,
        |params| Some(&params.text_document_position_params.text_document.uri), handlers::prepare_call_hierarchy;
    incoming_calls(CallHierarchyIncomingCallsParams) -> Option<Vec<CallHierarchyIncomingCall>>, Slow,
        |params| Some(&params.item.uri), handlers::incoming_calls;
    outgoing_calls(CallHierarchyOutgoingCallsParams) -> Option<Vec<CallHierarchyOutgoingCall>>, Quick,
        |params| Some(&params.item.uri), handlers::outgoing_calls;
    prepare_type_hierarchy(TypeHierarchyPrepareParams) -> Option<Vec<TypeHierarchyItem>>, Quick,
        |params| Some(&params.text_document_position_params.text_document.uri), handlers::prepare_type_hierarchy;
    supertypes(TypeHierarchySupertypesParams) -> Option<Vec<TypeHierarchyItem>>, Quick,
        |params| Some(&params.item.uri), handlers::supertypes;
    subtypes(TypeHierarchySubtypesParams) -> Option<Vec<TypeHierarchyItem>>, Slow,
        |params| Some(&params.item.uri), handlers::subtypes;
    diagnostic(DocumentDiagnosticParams) -> DocumentDiagnosticReportResult, Quick,
        |params| Some(&params.text_document.uri), crate::diagnostics::document;
    workspace_diagnostic(WorkspaceDiagnosticParams) -> WorkspaceDiagnosticReportResult, Slow,
        |_| None, crate::diagnostics::workspace;
}
