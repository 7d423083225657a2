//! What client and server tell each other at the beginning.

use cinder_ide::semantic_tokens::{MODIFIERS, TYPES};
use cinder_text::ColumnEncoding;
use lsp_types::*;
use serde_json::Value;

use crate::settings::{DiagnosticMode, Mode, Settings};

/// Shows a stage of the function under the cursor, for editors that have commands but no requests of our own; its argument is that of
/// `cinder/dump`.
pub(crate) const DUMP_COMMAND: &str = "cinder.dump";

/// What the client understands, as far as it changes what we say.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientFeatures {
    pub(crate) pulls_diagnostics: bool,
    pub(crate) refreshes_hints: bool,
    pub(crate) refreshes_lenses: bool,
    pub(crate) related_information: bool,
    pub(crate) watches_files: bool,
    pub(crate) has_configuration: bool,
    pub(crate) shows_progress: bool,
    pub(crate) hover_markdown: bool,
    pub(crate) nested_symbols: bool,
    pub(crate) location_links: bool,
}

impl ClientFeatures {
    pub(crate) fn new(client: &ClientCapabilities) -> ClientFeatures {
        let document = client.text_document.as_ref();
        let workspace = client.workspace.as_ref();
        ClientFeatures {
            pulls_diagnostics: document.is_some_and(|document| document.diagnostic.is_some()),
            refreshes_hints: workspace.and_then(|it| it.inlay_hint.as_ref()?.refresh_support).unwrap_or(false),
            refreshes_lenses: workspace.and_then(|it| it.code_lens.as_ref()?.refresh_support).unwrap_or(false),
            related_information: document
                .and_then(|it| it.publish_diagnostics.as_ref()?.related_information)
                .unwrap_or(document.is_some_and(|document| document.diagnostic.is_some())),
            watches_files: workspace
                .and_then(|it| it.did_change_watched_files.as_ref()?.dynamic_registration)
                .unwrap_or(false),
            has_configuration: workspace.and_then(|it| it.configuration).unwrap_or(false),
            shows_progress: client.window.as_ref().and_then(|it| it.work_done_progress).unwrap_or(false),
            hover_markdown: document
                .and_then(|it| it.hover.as_ref()?.content_format.as_ref())
                .is_none_or(|formats| formats.contains(&MarkupKind::Markdown)),
            nested_symbols: document
                .and_then(|it| it.document_symbol.as_ref()?.hierarchical_document_symbol_support)
                .unwrap_or(false),
            location_links: document.and_then(|it| it.definition.as_ref()?.link_support).unwrap_or(false),
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
    let settings = Settings::parse(params.initialization_options.as_ref().unwrap_or(&Value::Null), &mut Vec::new());
    InitializeResult {
        capabilities: capabilities(&params.capabilities, &settings),
        server_info: Some(ServerInfo {
            name: "cinder".to_string(),
            version: Some(env!("CARGO_PKG_VERSION").to_string()),
        }),
    }
}

fn capabilities(client: &ClientCapabilities, settings: &Settings) -> ServerCapabilities {
    let mut server = ServerCapabilities {
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
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        inlay_hint_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::REFACTOR_REWRITE]),
            ..CodeActionOptions::default()
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
    if settings.mode == Mode::Full {
        add_language_features(&mut server);
    }
    server
}

/// What any Python server does.
fn add_language_features(server: &mut ServerCapabilities) {
    let trigger = |characters: &[&str]| Some(characters.iter().map(|it| it.to_string()).collect());
    server.hover_provider = Some(HoverProviderCapability::Simple(true));
    server.definition_provider = Some(OneOf::Left(true));
    server.declaration_provider = Some(DeclarationCapability::Simple(true));
    server.type_definition_provider = Some(TypeDefinitionProviderCapability::Simple(true));
    // Questions about the whole program tell how far they are.
    let shows_progress = WorkDoneProgressOptions { work_done_progress: Some(true) };
    server.implementation_provider = Some(ImplementationProviderCapability::Simple(true));
    server.references_provider = Some(OneOf::Right(ReferencesOptions { work_done_progress_options: shows_progress }));
    server.document_highlight_provider = Some(OneOf::Left(true));
    server.rename_provider =
        Some(OneOf::Right(RenameOptions { prepare_provider: Some(true), work_done_progress_options: shows_progress }));
    server.document_symbol_provider = Some(OneOf::Left(true));
    server.workspace_symbol_provider = Some(OneOf::Left(true));
    server.completion_provider = Some(CompletionOptions {
        resolve_provider: Some(true),
        trigger_characters: trigger(&["."]),
        ..CompletionOptions::default()
    });
    server.signature_help_provider = Some(SignatureHelpOptions {
        trigger_characters: trigger(&["(", ","]),
        retrigger_characters: trigger(&[")"]),
        work_done_progress_options: WorkDoneProgressOptions::default(),
    });
    let legend = SemanticTokensLegend {
        token_types: TYPES.iter().map(|name| SemanticTokenType::new(name)).collect(),
        token_modifiers: MODIFIERS.iter().map(|name| SemanticTokenModifier::new(name)).collect(),
    };
    server.semantic_tokens_provider =
        Some(SemanticTokensServerCapabilities::SemanticTokensOptions(SemanticTokensOptions {
            work_done_progress_options: WorkDoneProgressOptions::default(),
            legend,
            range: Some(true),
            full: Some(SemanticTokensFullOptions::Bool(true)),
        }));
    server.folding_range_provider = Some(FoldingRangeProviderCapability::Simple(true));
    server.selection_range_provider = Some(SelectionRangeProviderCapability::Simple(true));
    server.call_hierarchy_provider = Some(CallHierarchyServerCapability::Simple(true));
}
