//! The requests that the server knows: one row each.
//!
//! Idea: a row says how parameters are read, which document's project must be open, in which lane the question waits, and who answers it. Tests walk
//! through the same table ([`requests`]), so a new request is tested without being named again.

use std::sync::Arc;
use std::thread;

use lsp_types::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Host;
use crate::capabilities::DUMP_COMMAND;
use crate::handlers;
use crate::jsonrpc::{Error, Reply};
use crate::pool::Lane;
use crate::snapshot::Job;

/// What the parameters of a request are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A position in a document: `textDocument`, `position`.
    Position,
    /// A range or several positions of a document: `textDocument`, `range`, `positions`.
    Range,
    /// A document: `textDocument`.
    Document,
    /// An answer of another request.
    Item,
    /// Everything.
    Workspace,
}

/// The methods that are answered from documents, and what their parameters are about. `initialize` and `shutdown` are not among them.
pub fn requests() -> impl Iterator<Item = (&'static str, Subject)> {
    TABLE.iter().map(|row| (row.method, row.subject))
}

struct Row {
    method: &'static str,
    subject: Subject,
    job: fn(Value, Reply, &Arc<dyn Host>) -> Result<Job, (Error, Reply)>,
}

/// The job that answers a request; `None` for unknown methods.
///
/// Errors: the parameters are not what the method takes.
pub(crate) fn job(
    method: &str,
    params: Value,
    reply: Reply,
    host: &Arc<dyn Host>,
) -> Result<Job, (Option<Error>, Reply)> {
    match TABLE.iter().find(|row| row.method == method) {
        Some(row) => (row.job)(params, reply, host).map_err(|(error, reply)| (Some(error), reply)),
        None => Err((None, reply)),
    }
}

fn parse<P: DeserializeOwned>(params: Value, reply: Reply) -> Result<(P, Reply), (Error, Reply)> {
    match serde_json::from_value(params) {
        Ok(params) => Ok((params, reply)),
        Err(error) => Err((Error::invalid_params(error.to_string()), reply)),
    }
}

/// `method, Parameters, subject, lane, the document's address, handler;`
macro_rules! table {
    ($($method:literal, $params:ty, $subject:ident, $lane:ident, $document:expr, $handler:path;)+) => {
        static TABLE: &[Row] = &[
            $(Row {
                method: $method,
                subject: Subject::$subject,
                job: |params, reply, _| {
                    let (params, reply) = parse::<$params>(params, reply)?;
                    let document: fn(&$params) -> Option<Uri> = $document;
                    let (document, cancel) = (document(&params), reply.cancel.clone());
                    Ok(Job::new(Lane::$lane, document, cancel, params, $handler, move |answer| reply.send(&answer)))
                },
            },)+
            Row { method: "cinder/dump", subject: Subject::Position, job: dump },
            Row { method: "workspace/executeCommand", subject: Subject::Item, job: execute_command },
        ];
    };
}

table! {
    "textDocument/hover", HoverParams, Position, Quick,
        |it| Some(it.text_document_position_params.text_document.uri.clone()), handlers::hover;
    "textDocument/completion", CompletionParams, Position, Quick,
        |it| Some(it.text_document_position.text_document.uri.clone()), handlers::completion;
    "textDocument/definition", GotoDefinitionParams, Position, Quick,
        |it| Some(it.text_document_position_params.text_document.uri.clone()), handlers::definition;
    "textDocument/declaration", GotoDefinitionParams, Position, Quick,
        |it| Some(it.text_document_position_params.text_document.uri.clone()), handlers::declaration;
    "textDocument/typeDefinition", GotoDefinitionParams, Position, Quick,
        |it| Some(it.text_document_position_params.text_document.uri.clone()), handlers::type_definition;
    "textDocument/implementation", GotoDefinitionParams, Position, Slow,
        |it| Some(it.text_document_position_params.text_document.uri.clone()), handlers::implementation;
    "textDocument/references", ReferenceParams, Position, Slow,
        |it| Some(it.text_document_position.text_document.uri.clone()), handlers::references;
    "textDocument/documentHighlight", DocumentHighlightParams, Position, Quick,
        |it| Some(it.text_document_position_params.text_document.uri.clone()), handlers::highlight;
    "textDocument/prepareRename", TextDocumentPositionParams, Position, Quick,
        |it| Some(it.text_document.uri.clone()), handlers::prepare_rename;
    "textDocument/rename", RenameParams, Position, Slow,
        |it| Some(it.text_document_position.text_document.uri.clone()), handlers::rename;
    "textDocument/signatureHelp", SignatureHelpParams, Position, Quick,
        |it| Some(it.text_document_position_params.text_document.uri.clone()), handlers::signature_help;
    "textDocument/prepareCallHierarchy", CallHierarchyPrepareParams, Position, Quick,
        |it| Some(it.text_document_position_params.text_document.uri.clone()), handlers::prepare_call_hierarchy;
    "textDocument/prepareTypeHierarchy", TypeHierarchyPrepareParams, Position, Quick,
        |it| Some(it.text_document_position_params.text_document.uri.clone()), handlers::prepare_type_hierarchy;
    "textDocument/semanticTokens/range", SemanticTokensRangeParams, Range, Quick,
        |it| Some(it.text_document.uri.clone()), handlers::semantic_tokens_range;
    "textDocument/inlayHint", InlayHintParams, Range, Quick,
        |it| Some(it.text_document.uri.clone()), handlers::inlay_hints;
    "textDocument/codeAction", CodeActionParams, Range, Quick,
        |it| Some(it.text_document.uri.clone()), handlers::code_actions;
    "textDocument/selectionRange", SelectionRangeParams, Range, Quick,
        |it| Some(it.text_document.uri.clone()), handlers::selection_ranges;
    "textDocument/semanticTokens/full", SemanticTokensParams, Document, Quick,
        |it| Some(it.text_document.uri.clone()), handlers::semantic_tokens;
    "textDocument/documentSymbol", DocumentSymbolParams, Document, Quick,
        |it| Some(it.text_document.uri.clone()), handlers::document_symbols;
    "textDocument/codeLens", CodeLensParams, Document, Quick,
        |it| Some(it.text_document.uri.clone()), handlers::code_lenses;
    "textDocument/foldingRange", FoldingRangeParams, Document, Quick,
        |it| Some(it.text_document.uri.clone()), handlers::folding_ranges;
    "textDocument/diagnostic", DocumentDiagnosticParams, Document, Quick,
        |it| Some(it.text_document.uri.clone()), crate::diagnostics::document;
    "completionItem/resolve", CompletionItem, Item, Quick,
        handlers::completion_document, handlers::completion_resolve;
    "callHierarchy/incomingCalls", CallHierarchyIncomingCallsParams, Item, Slow,
        |it| Some(it.item.uri.clone()), handlers::incoming_calls;
    "callHierarchy/outgoingCalls", CallHierarchyOutgoingCallsParams, Item, Quick,
        |it| Some(it.item.uri.clone()), handlers::outgoing_calls;
    "typeHierarchy/supertypes", TypeHierarchySupertypesParams, Item, Quick,
        |it| Some(it.item.uri.clone()), handlers::supertypes;
    "typeHierarchy/subtypes", TypeHierarchySubtypesParams, Item, Slow,
        |it| Some(it.item.uri.clone()), handlers::subtypes;
    "workspace/symbol", WorkspaceSymbolParams, Workspace, Slow,
        |_| None, handlers::workspace_symbols;
    "workspace/diagnostic", WorkspaceDiagnosticParams, Workspace, Slow,
        |_| None, crate::diagnostics::workspace;
    "cinder/stubText", TextDocumentIdentifier, Item, Quick,
        |it| Some(it.uri.clone()), handlers::stub_text;
    "cinder/stages", Value, Workspace, Quick,
        |_| None, handlers::stages;
}

/// `cinder/dump`. The compiler runs outside of snapshots, so that no edit waits for it.
fn dump(params: Value, reply: Reply, host: &Arc<dyn Host>) -> Result<Job, (Error, Reply)> {
    let (params, reply) = parse::<handlers::DumpParams>(params, reply)?;
    let (document, cancel, host) = (params.text_document.uri.clone(), reply.cancel.clone(), host.clone());
    let deliver = move |target: Result<handlers::DumpTarget, Error>| match target {
        Ok(target) => drop(thread::spawn(move || reply.send(&Ok(target.dump(&*host))))),
        Err(error) => reply.send::<()>(&Err(error)),
    };
    Ok(Job::new(Lane::Quick, Some(document), cancel, params, handlers::dump_target, deliver))
}

/// `workspace/executeCommand`: [`DUMP_COMMAND`] is the only one.
fn execute_command(params: Value, reply: Reply, host: &Arc<dyn Host>) -> Result<Job, (Error, Reply)> {
    let (params, reply) = parse::<ExecuteCommandParams>(params, reply)?;
    if params.command != DUMP_COMMAND {
        return Err((Error::invalid_params(format!("no command `{}`", params.command)), reply));
    }
    dump(params.arguments.into_iter().next().unwrap_or_default(), reply, host)
}
