//! Where things are defined, used and derived.

use cinder_db::File;
use cinder_ide::describe::Kind;
use cinder_ide::{Search, goto, hierarchy, references, rename as ide_rename};
use cinder_text::TextRange;
use lsp_types::*;
use rustc_hash::FxHashMap;

use super::{Answer, at};
use crate::jsonrpc::{Error, code};
use crate::progress::Progress;
use crate::snapshot::{Place, Snapshot};

/// Asks a question about all files of a project, and tells a client that wants to know how far it is.
fn searching<T>(
    place: Place<'_>,
    client: &WorkDoneProgressParams,
    title: &str,
    question: impl FnOnce(Search<'_>) -> T,
) -> T {
    let files = place.view.inputs();
    let progress = Progress::begin(&place.snapshot.outbox, client.work_done_token.clone(), title, files.len());
    question(Search { files: &files, on_progress: &|done| progress.report(done) })
}

fn response(place: Place<'_>, found: Option<goto::Destinations>) -> Option<GotoDefinitionResponse> {
    let found = found?;
    if place.snapshot.client.location_links {
        let origin = place.range(found.origin);
        let link = |target: &goto::Target| {
            let there = place.at(target.file);
            Some(LocationLink {
                origin_selection_range: Some(origin),
                target_uri: place.snapshot.uri(there.db(), target.file)?,
                target_range: there.range(target.full_range.cover(target.range)),
                target_selection_range: there.range(target.range),
            })
        };
        return Some(GotoDefinitionResponse::Link(found.targets.iter().filter_map(link).collect()));
    }
    let locations = found.targets.iter().filter_map(|target| place.location_in(target.file, target.range));
    Some(GotoDefinitionResponse::Array(locations.collect()))
}

pub(crate) fn definition(snapshot: &Snapshot, params: &GotoDefinitionParams) -> Answer<Option<GotoDefinitionResponse>> {
    let Some((place, offset)) = at(snapshot, &params.text_document_position_params) else { return Ok(None) };
    Ok(response(place, goto::definition(place.db(), place.file, offset)))
}

pub(crate) fn declaration(
    snapshot: &Snapshot,
    params: &GotoDefinitionParams,
) -> Answer<Option<GotoDefinitionResponse>> {
    let Some((place, offset)) = at(snapshot, &params.text_document_position_params) else { return Ok(None) };
    Ok(response(place, goto::declaration(place.db(), place.file, offset)))
}

pub(crate) fn type_definition(
    snapshot: &Snapshot,
    params: &GotoDefinitionParams,
) -> Answer<Option<GotoDefinitionResponse>> {
    let Some((place, offset)) = at(snapshot, &params.text_document_position_params) else { return Ok(None) };
    Ok(response(place, goto::type_definition(place.db(), place.file, offset)))
}

pub(crate) fn implementation(
    snapshot: &Snapshot,
    params: &GotoDefinitionParams,
) -> Answer<Option<GotoDefinitionResponse>> {
    let Some((place, offset)) = at(snapshot, &params.text_document_position_params) else { return Ok(None) };
    let found = searching(place, &params.work_done_progress_params, "Finding implementations", |search| {
        goto::implementation(place.db(), place.file, offset, search)
    });
    Ok(response(place, found))
}

pub(crate) fn references(snapshot: &Snapshot, params: &ReferenceParams) -> Answer<Option<Vec<Location>>> {
    let Some((place, offset)) = at(snapshot, &params.text_document_position) else { return Ok(None) };
    let found = searching(place, &params.work_done_progress_params, "Finding references", |search| {
        references::references(place.db(), place.file, offset, search, params.context.include_declaration)
    });
    Ok(found.map(|found| found.iter().filter_map(|it| place.location_in(it.file, it.range)).collect()))
}

pub(crate) fn highlight(
    snapshot: &Snapshot,
    params: &DocumentHighlightParams,
) -> Answer<Option<Vec<DocumentHighlight>>> {
    let Some((place, offset)) = at(snapshot, &params.text_document_position_params) else { return Ok(None) };
    let Some(found) = references::highlights(place.db(), place.file, offset) else { return Ok(None) };
    let highlight = |it: &references::Reference| DocumentHighlight {
        range: place.range(it.range),
        kind: Some(if it.is_definition { DocumentHighlightKind::WRITE } else { DocumentHighlightKind::READ }),
    };
    Ok(Some(found.iter().map(highlight).collect()))
}

/// The reason why something cannot be renamed, for the user.
fn refused(reason: String) -> Error {
    Error::new(code::REQUEST_FAILED, reason)
}

pub(crate) fn prepare_rename(
    snapshot: &Snapshot,
    params: &TextDocumentPositionParams,
) -> Answer<Option<PrepareRenameResponse>> {
    let Some((place, offset)) = at(snapshot, params) else { return Ok(None) };
    let found = ide_rename::prepare(place.db(), place.file, offset).map_err(refused)?;
    Ok(found.map(|(range, placeholder)| PrepareRenameResponse::RangeWithPlaceholder {
        range: place.range(range),
        placeholder,
    }))
}

pub(crate) fn rename(snapshot: &Snapshot, params: &RenameParams) -> Answer<Option<WorkspaceEdit>> {
    let Some((place, offset)) = at(snapshot, &params.text_document_position) else { return Ok(None) };
    let edits = searching(place, &params.work_done_progress_params, "Renaming", |search| {
        ide_rename::rename(place.db(), place.file, offset, &params.new_name, search).map_err(refused)
    })?;
    #[expect(clippy::mutable_key_type, reason = "the protocol's own type; addresses are not changed")]
    let mut changes: std::collections::HashMap<Uri, Vec<TextEdit>> = std::collections::HashMap::new();
    for edit in edits {
        let there = place.at(edit.file);
        if let Some(uri) = place.snapshot.uri(there.db(), edit.file) {
            changes.entry(uri).or_default().push(TextEdit { range: there.range(edit.range), new_text: edit.text });
        }
    }
    Ok(Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }))
}

pub(crate) fn symbol_kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Module => SymbolKind::MODULE,
        Kind::Class | Kind::TypeAlias => SymbolKind::CLASS,
        Kind::Enum => SymbolKind::ENUM,
        Kind::EnumMember => SymbolKind::ENUM_MEMBER,
        Kind::Function => SymbolKind::FUNCTION,
        Kind::Method => SymbolKind::METHOD,
        Kind::Property => SymbolKind::PROPERTY,
        Kind::Field => SymbolKind::FIELD,
        Kind::Constant => SymbolKind::CONSTANT,
        Kind::TypeParameter => SymbolKind::TYPE_PARAMETER,
        Kind::Variable | Kind::Parameter | Kind::Keyword => SymbolKind::VARIABLE,
    }
}

fn call_item(place: Place<'_>, node: &hierarchy::Node) -> Option<CallHierarchyItem> {
    let there = place.at(node.file);
    Some(CallHierarchyItem {
        name: node.name.clone(),
        kind: symbol_kind(node.kind),
        tags: None,
        detail: (!node.detail.is_empty()).then(|| node.detail.clone()),
        uri: place.snapshot.uri(there.db(), node.file)?,
        range: there.range(node.full_range.cover(node.range)),
        selection_range: there.range(node.range),
        data: None,
    })
}

fn type_item(place: Place<'_>, node: &hierarchy::Node) -> Option<TypeHierarchyItem> {
    let item = call_item(place, node)?;
    Some(TypeHierarchyItem {
        name: item.name,
        kind: item.kind,
        tags: None,
        detail: item.detail,
        uri: item.uri,
        range: item.range,
        selection_range: item.selection_range,
        data: None,
    })
}

pub(crate) fn prepare_call_hierarchy(
    snapshot: &Snapshot,
    params: &CallHierarchyPrepareParams,
) -> Answer<Option<Vec<CallHierarchyItem>>> {
    let Some((place, offset)) = at(snapshot, &params.text_document_position_params) else { return Ok(None) };
    let nodes = hierarchy::prepare_calls(place.db(), place.file, offset);
    Ok((!nodes.is_empty()).then(|| nodes.iter().filter_map(|node| call_item(place, node)).collect()))
}

/// The file and the name's range of an item the client got from us.
fn item_place<'a>(snapshot: &'a Snapshot, uri: &Uri, range: Range) -> Option<(Place<'a>, TextRange)> {
    let place = snapshot.place(uri)?;
    Some((place, place.text_range(range)))
}

pub(crate) fn incoming_calls(
    snapshot: &Snapshot,
    params: &CallHierarchyIncomingCallsParams,
) -> Answer<Option<Vec<CallHierarchyIncomingCall>>> {
    let item = &params.item;
    let Some((place, range)) = item_place(snapshot, &item.uri, item.selection_range) else { return Ok(None) };
    let calls = searching(place, &params.work_done_progress_params, "Finding calls", |search| {
        hierarchy::incoming_calls(place.db(), place.file, range, search)
    });
    let shown = |call: &hierarchy::Call| {
        let there = place.at(call.node.file);
        let from_ranges = call.places.iter().map(|range| there.range(*range)).collect();
        Some(CallHierarchyIncomingCall { from: call_item(place, &call.node)?, from_ranges })
    };
    Ok(Some(calls.iter().filter_map(shown).collect()))
}

pub(crate) fn outgoing_calls(
    snapshot: &Snapshot,
    params: &CallHierarchyOutgoingCallsParams,
) -> Answer<Option<Vec<CallHierarchyOutgoingCall>>> {
    let item = &params.item;
    let Some((place, range)) = item_place(snapshot, &item.uri, item.selection_range) else { return Ok(None) };
    let calls = hierarchy::outgoing_calls(place.db(), place.file, range);
    let shown = |call: &hierarchy::Call| {
        let from_ranges = call.places.iter().map(|range| place.range(*range)).collect();
        Some(CallHierarchyOutgoingCall { to: call_item(place, &call.node)?, from_ranges })
    };
    Ok(Some(calls.iter().filter_map(shown).collect()))
}

fn type_items(place: Place<'_>, nodes: &[hierarchy::Node]) -> Option<Vec<TypeHierarchyItem>> {
    Some(nodes.iter().filter_map(|node| type_item(place, node)).collect())
}

pub(crate) fn prepare_type_hierarchy(
    snapshot: &Snapshot,
    params: &TypeHierarchyPrepareParams,
) -> Answer<Option<Vec<TypeHierarchyItem>>> {
    let Some((place, offset)) = at(snapshot, &params.text_document_position_params) else { return Ok(None) };
    let nodes = hierarchy::prepare_types(place.db(), place.file, offset);
    Ok(if nodes.is_empty() { None } else { type_items(place, &nodes) })
}

pub(crate) fn supertypes(
    snapshot: &Snapshot,
    params: &TypeHierarchySupertypesParams,
) -> Answer<Option<Vec<TypeHierarchyItem>>> {
    let item = &params.item;
    let Some((place, range)) = item_place(snapshot, &item.uri, item.selection_range) else { return Ok(None) };
    Ok(type_items(place, &hierarchy::supertypes(place.db(), place.file, range)))
}

pub(crate) fn subtypes(
    snapshot: &Snapshot,
    params: &TypeHierarchySubtypesParams,
) -> Answer<Option<Vec<TypeHierarchyItem>>> {
    let item = &params.item;
    let Some((place, range)) = item_place(snapshot, &item.uri, item.selection_range) else { return Ok(None) };
    let found = searching(place, &params.work_done_progress_params, "Finding subclasses", |search| {
        hierarchy::subtypes(place.db(), place.file, range, search)
    });
    Ok(type_items(place, &found))
}

/// Symbols of all projects of the workspace.
pub(crate) fn workspace_symbols(
    snapshot: &Snapshot,
    params: &WorkspaceSymbolParams,
) -> Answer<Option<OneOf<Vec<SymbolInformation>, Vec<WorkspaceSymbol>>>> {
    const LIMIT: usize = 256;
    let mut symbols = Vec::new();
    let mut seen: FxHashMap<(String, Range), ()> = FxHashMap::default();
    for view in snapshot.views.iter().filter(|view| view.is_in_workspace) {
        let files: Vec<File> = view.inputs();
        for symbol in cinder_ide::symbols::workspace_symbols(&view.db, &files, &params.query, LIMIT) {
            let place = Place { snapshot, view, file: symbol.file };
            let Some(location) = place.location(symbol.range) else { continue };
            if seen.insert((location.uri.to_string(), location.range), ()).is_some() {
                continue;
            }
            symbols.push(WorkspaceSymbol {
                name: symbol.name,
                kind: symbol_kind(symbol.kind),
                tags: None,
                container_name: Some(symbol.container),
                location: OneOf::Left(location),
                data: None,
            });
        }
    }
    symbols.truncate(LIMIT);
    Ok(Some(OneOf::Right(symbols)))
}
