//! What helps to write: completion, signatures, actions.

use std::path::Path;

use cinder_db::FilePath;
use cinder_ide::code_actions::{ActionKind, code_actions as ide_actions};
use cinder_ide::completion::{Item, completions, describe};
use cinder_ide::describe::Kind;
use cinder_ide::signature_help::signature_help as ide_signatures;
use cinder_project::findings;
use cinder_text::{TextRange, TextSize};
use lsp_types::*;
use serde_json::{Value, json};

use super::reading::documentation_markdown;
use super::{Answer, at};
use crate::convert;
use crate::snapshot::{Place, Snapshot};

pub(crate) fn completion(snapshot: &Snapshot, params: &CompletionParams) -> Answer<Option<CompletionResponse>> {
    let Some((place, offset)) = at(snapshot, &params.text_document_position) else { return Ok(None) };
    let files = if place.view.settings.auto_import { place.view.inputs() } else { Vec::new() };
    let found = completions(place.db(), place.file, offset, &files);
    let range = place.range(found.replaced);
    let uri = &params.text_document_position.text_document.uri;
    let items = found.items.iter().map(|it| item(place, uri, range, it)).collect();
    Ok(Some(CompletionResponse::List(CompletionList { is_incomplete: found.is_incomplete, items })))
}

fn item(place: Place<'_>, uri: &Uri, range: Range, item: &Item) -> CompletionItem {
    let import =
        item.import.as_ref().map(|edit| vec![TextEdit { range: place.range(edit.range), new_text: edit.text.clone() }]);
    // Where it is defined, for `completionItem/resolve`.
    let data = item.origin.map(|(file, origin)| {
        let (kind, path) = match file.path(place.db()) {
            FilePath::Disk(path) => ("disk", path.display().to_string()),
            FilePath::Vendored(path) => ("stub", path.to_string()),
            FilePath::Virtual(name) => ("virtual", name.to_string()),
        };
        json!({"uri": uri, "kind": kind, "path": path, "start": origin.start().to_u32(), "end": origin.end().to_u32()})
    });
    CompletionItem {
        label: item.label.clone(),
        kind: Some(completion_kind(item.kind)),
        label_details: item
            .detail
            .as_ref()
            .map(|detail| CompletionItemLabelDetails { detail: None, description: Some(detail.clone()) }),
        detail: item.detail.clone(),
        sort_text: Some(format!("{:02}{}", item.rank, item.label)),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: item.insert.clone() })),
        additional_text_edits: import,
        data,
        ..CompletionItem::default()
    }
}

fn completion_kind(kind: Kind) -> CompletionItemKind {
    match kind {
        Kind::Module => CompletionItemKind::MODULE,
        Kind::Class | Kind::TypeAlias => CompletionItemKind::CLASS,
        Kind::Enum => CompletionItemKind::ENUM,
        Kind::EnumMember => CompletionItemKind::ENUM_MEMBER,
        Kind::Function => CompletionItemKind::FUNCTION,
        Kind::Method => CompletionItemKind::METHOD,
        Kind::Property => CompletionItemKind::PROPERTY,
        Kind::Field => CompletionItemKind::FIELD,
        Kind::Variable | Kind::Parameter => CompletionItemKind::VARIABLE,
        Kind::Constant => CompletionItemKind::CONSTANT,
        Kind::TypeParameter => CompletionItemKind::TYPE_PARAMETER,
        Kind::Keyword => CompletionItemKind::KEYWORD,
    }
}

/// The document an item was proposed in.
pub(crate) fn completion_document(item: &CompletionItem) -> Option<Uri> {
    item.data.as_ref()?.get("uri")?.as_str()?.parse().ok()
}

pub(crate) fn completion_resolve(snapshot: &Snapshot, item: &CompletionItem) -> Answer<CompletionItem> {
    let mut item = item.clone();
    if let Some((headline, documentation)) = described(snapshot, &item) {
        item.detail = Some(match &item.detail {
            Some(origin) => format!("{origin}\n{headline}"),
            None => headline,
        });
        item.documentation = documentation.map(|text| {
            Documentation::MarkupContent(MarkupContent {
                kind: MarkupKind::Markdown,
                value: documentation_markdown(&text),
            })
        });
    }
    Ok(item)
}

fn described(snapshot: &Snapshot, item: &CompletionItem) -> Option<(String, Option<String>)> {
    let data = item.data.as_ref()?;
    let place = snapshot.place(&completion_document(item)?)?;
    let path = data.get("path").and_then(Value::as_str)?;
    let path = match data.get("kind").and_then(Value::as_str)? {
        "disk" => FilePath::Disk(path.into()),
        "stub" => FilePath::vendored(path),
        _ => FilePath::Virtual(path.into()),
    };
    let offset =
        |key: &str| data.get(key).and_then(Value::as_u64).and_then(|at| u32::try_from(at).ok()).map(TextSize::new);
    let (start, end) = (offset("start")?, offset("end")?);
    let file = cinder_db::Db::files(&place.view.db).file(place.db(), &path);
    (start <= end).then(|| describe(place.db(), file, TextRange::new(start, end)))?
}

pub(crate) fn signature_help(snapshot: &Snapshot, params: &SignatureHelpParams) -> Answer<Option<SignatureHelp>> {
    let Some((place, offset)) = at(snapshot, &params.text_document_position_params) else { return Ok(None) };
    let Some(help) = ide_signatures(place.db(), place.file, offset) else { return Ok(None) };
    let active_parameter = help.signatures[help.active].active_parameter.map(|at| at as u32);
    let signatures = help.signatures.into_iter().map(|signature| {
        // Offsets in labels are counted in UTF-16, whatever the encoding of positions.
        let units = |bytes: usize| signature.label[..bytes].encode_utf16().count() as u32;
        let parameters = signature.parameters.iter().map(|(start, end)| ParameterInformation {
            label: ParameterLabel::LabelOffsets([units(*start), units(*end)]),
            documentation: None,
        });
        SignatureInformation {
            parameters: Some(parameters.collect()),
            active_parameter: signature.active_parameter.map(|at| at as u32),
            documentation: signature.documentation.as_deref().map(|text| {
                Documentation::MarkupContent(MarkupContent {
                    kind: MarkupKind::Markdown,
                    value: documentation_markdown(text),
                })
            }),
            label: signature.label,
        }
    });
    Ok(Some(SignatureHelp {
        signatures: signatures.collect(),
        active_signature: Some(help.active as u32),
        active_parameter,
    }))
}

/// Fixes of findings in the selection, then what else can be done there.
pub(crate) fn code_actions(snapshot: &Snapshot, params: &CodeActionParams) -> Answer<Option<CodeActionResponse>> {
    let Some(place) = snapshot.place(&params.text_document.uri) else { return Ok(None) };
    let selection = place.text_range(params.range);
    let is_wanted = |kind: &CodeActionKind| {
        let only = params.context.only.as_ref();
        only.is_none_or(|only| {
            only.iter().any(|wanted| {
                kind.as_str() == wanted.as_str() || kind.as_str().starts_with(&format!("{}.", wanted.as_str()))
            })
        })
    };
    let mut actions = Vec::new();
    for finding in findings(&place.view.db, place.file, &place.view.config.rules) {
        let (Some(fix), Some(_)) = (&finding.fix, finding.range.intersect(selection)) else { continue };
        let edits = fix.edits.iter().map(|edit| (edit.range, edit.text.clone())).collect::<Vec<_>>();
        let changed = match &fix.path {
            None => place,
            Some(path) => Place { file: place.db().files().disk_file(place.db(), Path::new(&**path)), ..place },
        };
        let Some(uri) = snapshot.uri(changed.db(), changed.file) else { continue };
        let mut action = action(changed, uri, &fix.title, CodeActionKind::QUICKFIX, &edits);
        action.diagnostics = Some(vec![convert::diagnostic(place, &finding)]);
        action.is_preferred = Some(fix.applicability == cinder_diagnostic::Applicability::Safe);
        actions.push(action);
    }
    let files = if place.view.settings.auto_import { place.view.inputs() } else { Vec::new() };
    for offered in ide_actions(place.db(), place.file, selection, &files) {
        let kind = match offered.kind {
            ActionKind::QuickFix => CodeActionKind::QUICKFIX,
            ActionKind::Rewrite => CodeActionKind::REFACTOR_REWRITE,
        };
        actions.push(action(place, params.text_document.uri.clone(), &offered.title, kind, &offered.edits));
    }
    actions.retain(|action| action.kind.as_ref().is_none_or(is_wanted));
    Ok(Some(actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()))
}

fn action(place: Place<'_>, uri: Uri, title: &str, kind: CodeActionKind, edits: &[(TextRange, String)]) -> CodeAction {
    let edits = edits.iter().map(|(range, text)| TextEdit { range: place.range(*range), new_text: text.clone() });
    #[expect(clippy::mutable_key_type, reason = "the protocol's own type; addresses are not changed")]
    let changes = [(uri, edits.collect())].into_iter().collect();
    CodeAction {
        title: title.to_string(),
        kind: Some(kind),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        ..CodeAction::default()
    }
}
