//! What client and server tell each other at the beginning.

use cinder_text::ColumnEncoding;
use lsp_types::*;
use serde_json::Value;

use crate::settings::{DiagnosticMode, Settings};

/// Shows a stage of the function under the cursor, for editors that have commands but no requests of our own; its argument is that of
/// `cinder/dump`.
pub(crate) const DUMP_COMMAND: &str = "cinder.dump";

/// What the client understands, as far as it changes what we say.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientFeatures {
    pub(crate) pulls_diagnostics: bool,
    pub(crate) refreshes_diagnostics: bool,
    pub(crate) refreshes_hints: bool,
    pub(crate) refreshes_lenses: bool,
    pub(crate) related_information: bool,
    pub(crate) watches_files: bool,
    pub(crate) has_configuration: bool,
    pub(crate) shows_progress: bool,
}

impl ClientFeatures {
    pub(crate) fn new(client: &ClientCapabilities) -> ClientFeatures {
        let document = client.text_document.as_ref();
        let workspace = client.workspace.as_ref();
        let diagnostics = workspace.and_then(|workspace| workspace.diagnostic.as_ref());
        ClientFeatures {
            pulls_diagnostics: document.is_some_and(|document| document.diagnostic.is_some()),
            refreshes_diagnostics: diagnostics.and_then(|it| it.refresh_support).unwrap_or(false),
            refreshes_hints: workspace
                .and_then(|it| it.inlay_hint.as_ref()?.refresh_support)
                .unwrap_or(false),
            refreshes_lenses: workspace.and_then(|it| it.code_lens.as_ref()?.refresh_support).unwrap_or(false),
            related_information: document
                .and_then(|it| it.publish_diagnostics.as_ref()?.related_information)
                .unwrap_or(document.is_some_and(|document| document.diagnostic.is_some())),
            watches_files: workspace
                .and_then(|it| it.did_change_watched_files.as_ref()?.dynamic_registration)
                .unwrap_or(false),
            has_configuration: workspace.and_then(|it| it.configuration).unwrap_or(false),
            shows_progress: client.window.as_ref().and_then(|it| it.work_done_progress).unwrap_or(false),
        }
    }
}

/// The unit of columns: bytes if the client offers them, because that is what we count.
pub(crate) fn encoding(client: &ClientCapabilities) -> ColumnEncoding {
    let offered = client.general.as_ref().and_then(|general| general.position_encodings.as_deref()).unwrap_or_default();
    if offered.contains(&PositionEncodingKind::UTF8) {
        ColumnEncoding::Utf8
    } else if offered.contains(&PositionEncodingKind::UTF32) {
        ColumnEncoding::Utf32
    } else {
        ColumnEncoding::Utf16
    }
}

fn encoding_kind(encoding: ColumnEncoding) -> PositionEncodingKind {
    match encoding {
        ColumnEncoding::Utf8 => PositionEncodingKind::UTF8,
        ColumnEncoding::Utf16 => PositionEncodingKind::UTF16,
        ColumnEncoding::Utf32 => PositionEncodingKind::UTF32,
    }
}

/// The answer to `initialize`.
pub(crate) fn answer(params: &InitializeParams) -> InitializeResult {
    // Mistakes in the settings are reported by the session.
    let settings =
        Settings::parse(params.initialization_options.as_ref().unwrap_or(&Value::Null), &mut Vec::new());
    InitializeResult {
        capabilities: capabilities(&params.capabilities, &settings),
        server_info: Some(ServerInfo {
            name: "cinder".to_string(),
            version: Some(env!("CARGO_PKG_VERSION").to_string()),
        }),
    }
}

fn capabilities(client: &ClientCapabilities, settings: &Settings) -> ServerCapabilities {
    let server = ServerCapabilities {
        position_encoding: Some(encoding_kind(encoding(client))),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
            ..TextDocumentSyncOptions::default()
        })),
        diagnostic_provider: Some(DiagnosticServerCapabilities::Options(DiagnosticOptions {
            identifier: Some("cinder".to_string()),
            inter_file_dependencies: true,
            workspace_diagnostics: settings.diagnostic_mode == DiagnosticMode::Workspace,
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![DUMP_COMMAND.to_string()],
            work_done_progress_options: WorkDoneProgressOptions::default(),
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: None,
        }),
        ..ServerCapabilities::default()
    };
    server
}
