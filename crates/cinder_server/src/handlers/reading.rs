//! What helps to read a document: hover, outline, colours, hints, lenses, folds.

use cinder_ide::inlay_hints::{HintKind, HintOptions};
use cinder_ide::symbols::Symbol;
use cinder_ide::{
    folding, hover as ide_hover, inlay_hints as ide_hints, native, semantic_tokens as ide_tokens, symbols,
};
use cinder_text::TextRange;
use lsp_types::*;
use serde_json::json;

use super::navigation::symbol_kind;
use super::{Answer, at};
use crate::capabilities::DUMP_COMMAND;
use crate::snapshot::{Place, Snapshot};

pub(crate) fn hover(snapshot: &Snapshot, params: &HoverParams) -> Answer<Option<Hover>> {
    let Some((place, offset)) = at(snapshot, &params.text_document_position_params) else { return Ok(None) };
    let Some(hover) = ide_hover::hover(place.db(), place.file, offset) else { return Ok(None) };
    let is_markdown = snapshot.client.hover_markdown;
    let parts = hover.parts.iter().map(|part| match part {
        ide_hover::Part::Code(code) if is_markdown => format!("```python\n{code}\n```"),
        ide_hover::Part::Remark(text) if is_markdown => format!("*{text}*"),
        ide_hover::Part::Text(text) if is_markdown => documentation_markdown(text),
        ide_hover::Part::Code(text) | ide_hover::Part::Text(text) | ide_hover::Part::Remark(text) => text.clone(),
    });
    let value = parts.collect::<Vec<_>>().join(if is_markdown { "\n\n---\n\n" } else { "\n\n" });
    let kind = if is_markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    Ok(Some(Hover {
        contents: HoverContents::Markup(MarkupContent { kind, value }),
        range: Some(place.range(hover.range)),
    }))
}

/// Docstrings are no Markdown: line breaks and indentation mean what they look like.
pub(crate) fn documentation_markdown(text: &str) -> String {
    let mut result = String::new();
    let mut is_code = false;
    for line in text.lines() {
        let is_indented = line.starts_with("    ") || line.trim_start().starts_with(">>>");
        if is_indented && !is_code {
            result.push_str("```text\n");
        } else if is_code && !is_indented && !line.trim().is_empty() {
            result.push_str("```\n");
        }
        is_code = is_indented || (is_code && line.trim().is_empty());
        match is_code {
            true => result.push_str(line),
            false => {
                // A backslash keeps names with underscores and stars as they are.
                for c in line.chars() {
                    if matches!(c, '*' | '_' | '<' | '#' | '[') {
                        result.push('\\');
                    }
                    result.push(c);
                }
                result.push_str("  ");
            }
        }
        result.push('\n');
    }
    if is_code {
        result.push_str("```\n");
    }
    result
}

pub(crate) fn document_symbols(
    snapshot: &Snapshot,
    params: &DocumentSymbolParams,
) -> Answer<Option<DocumentSymbolResponse>> {
    let Some(place) = snapshot.place(&params.text_document.uri) else { return Ok(None) };
    let symbols = symbols::document_symbols(place.db(), place.file);
    if snapshot.client.nested_symbols {
        return Ok(Some(DocumentSymbolResponse::Nested(symbols.iter().map(|symbol| nested(place, symbol)).collect())));
    }
    let mut flat = Vec::new();
    for symbol in symbols {
        flatten(place, &params.text_document.uri, symbol, None, &mut flat);
    }
    Ok(Some(DocumentSymbolResponse::Flat(flat)))
}

fn nested(place: Place<'_>, symbol: &Symbol) -> DocumentSymbol {
    let children: Vec<DocumentSymbol> = symbol.children.iter().map(|child| nested(place, child)).collect();
    #[expect(deprecated, reason = "the field must be filled")]
    DocumentSymbol {
        name: symbol.name.clone(),
        detail: None,
        kind: symbol_kind(symbol.kind),
        tags: None,
        deprecated: None,
        range: place.range(symbol.full_range.cover(symbol.range)),
        selection_range: place.range(symbol.range),
        children: (!children.is_empty()).then_some(children),
    }
}

fn flatten(place: Place<'_>, uri: &Uri, symbol: &Symbol, container: Option<&str>, flat: &mut Vec<SymbolInformation>) {
    #[expect(deprecated, reason = "the field must be filled")]
    flat.push(SymbolInformation {
        name: symbol.name.clone(),
        kind: symbol_kind(symbol.kind),
        tags: None,
        deprecated: None,
        location: Location { uri: uri.clone(), range: place.range(symbol.range) },
        container_name: container.map(str::to_string),
    });
    for child in &symbol.children {
        flatten(place, uri, child, Some(&symbol.name), flat);
    }
}

fn encoded_tokens(place: Place<'_>, within: Option<TextRange>) -> SemanticTokens {
    let mut data = Vec::new();
    let (mut line, mut column) = (0, 0);
    for token in ide_tokens::semantic_tokens(place.db(), place.file, within) {
        let range = place.range(token.range);
        // Names do not span lines; a dotted one with a line break is left out.
        if range.end.line != range.start.line || (range.start.line, range.start.character) < (line, column) {
            continue;
        }
        let delta_line = range.start.line - line;
        let delta_start = if delta_line == 0 { range.start.character - column } else { range.start.character };
        (line, column) = (range.start.line, range.start.character);
        data.push(SemanticToken {
            delta_line,
            delta_start,
            length: range.end.character - range.start.character,
            token_type: token.kind,
            token_modifiers_bitset: token.modifiers,
        });
    }
    SemanticTokens { result_id: None, data }
}

pub(crate) fn semantic_tokens(
    snapshot: &Snapshot,
    params: &SemanticTokensParams,
) -> Answer<Option<SemanticTokensResult>> {
    let Some(place) = snapshot.place(&params.text_document.uri) else { return Ok(None) };
    Ok(Some(SemanticTokensResult::Tokens(encoded_tokens(place, None))))
}

pub(crate) fn semantic_tokens_range(
    snapshot: &Snapshot,
    params: &SemanticTokensRangeParams,
) -> Answer<Option<SemanticTokensRangeResult>> {
    let Some(place) = snapshot.place(&params.text_document.uri) else { return Ok(None) };
    let within = place.text_range(params.range);
    Ok(Some(SemanticTokensRangeResult::Tokens(encoded_tokens(place, Some(within)))))
}

pub(crate) fn inlay_hints(snapshot: &Snapshot, params: &InlayHintParams) -> Answer<Option<Vec<InlayHint>>> {
    let Some(place) = snapshot.place(&params.text_document.uri) else { return Ok(None) };
    let settings = &place.view.settings;
    let is_full = settings.mode == crate::settings::Mode::Full;
    let options = HintOptions {
        variable_types: is_full && settings.hints.variable_types,
        return_types: is_full && settings.hints.return_types,
        parameter_names: is_full && settings.hints.parameter_names,
        native: settings.hints.native,
    };
    let hints = ide_hints::inlay_hints(place.db(), place.file, place.text_range(params.range), options);
    let shown = hints.into_iter().map(|hint| {
        let position = place.position(hint.offset);
        let edits = hint
            .accepts
            .then(|| vec![TextEdit { range: Range::new(position, position), new_text: hint.label.clone() }]);
        InlayHint {
            position,
            label: InlayHintLabel::String(hint.label),
            kind: match hint.kind {
                HintKind::Type => Some(InlayHintKind::TYPE),
                HintKind::Parameter => Some(InlayHintKind::PARAMETER),
                HintKind::Native => None,
            },
            text_edits: edits,
            tooltip: hint.tooltip.map(InlayHintTooltip::String),
            padding_left: Some(hint.kind == HintKind::Native),
            padding_right: Some(hint.kind == HintKind::Parameter),
            data: None,
        }
    });
    Ok(Some(shown.collect()))
}

/// One lens above each static function: how much of it is native. It opens the function's bytecode.
pub(crate) fn code_lenses(snapshot: &Snapshot, params: &CodeLensParams) -> Answer<Option<Vec<CodeLens>>> {
    let Some(place) = snapshot.place(&params.text_document.uri) else { return Ok(None) };
    if !place.view.settings.lens {
        return Ok(None);
    }
    let stage = snapshot.host.stages().into_iter().find(|stage| stage == "bytecode");
    let lens = |report: native::FunctionReport| {
        let range = place.range(report.range);
        let mut title = report.summary();
        if let Some(worst) = report.worst() {
            let why = worst.reason.iter().chain(&worst.cure).cloned().collect::<Vec<_>>().join("; ");
            title.push_str(&format!(" ({why})"));
        }
        let argument =
            json!({"textDocument": {"uri": params.text_document.uri}, "position": range.start, "stage": stage});
        CodeLens {
            range,
            command: Some(Command { title, command: DUMP_COMMAND.to_string(), arguments: Some(vec![argument]) }),
            data: None,
        }
    };
    Ok(Some(native::functions(place.db(), place.file).into_iter().map(lens).collect()))
}

pub(crate) fn folding_ranges(snapshot: &Snapshot, params: &FoldingRangeParams) -> Answer<Option<Vec<FoldingRange>>> {
    let Some(place) = snapshot.place(&params.text_document.uri) else { return Ok(None) };
    let fold = |fold: folding::Fold| {
        let range = place.range(fold.range);
        FoldingRange {
            start_line: range.start.line,
            end_line: range.end.line,
            kind: match fold.kind {
                folding::FoldKind::Code => None,
                folding::FoldKind::Comment => Some(FoldingRangeKind::Comment),
                folding::FoldKind::Imports => Some(FoldingRangeKind::Imports),
                folding::FoldKind::Region => Some(FoldingRangeKind::Region),
            },
            ..FoldingRange::default()
        }
    };
    Ok(Some(folding::folding_ranges(place.db(), place.file).into_iter().map(fold).collect()))
}

pub(crate) fn selection_ranges(
    snapshot: &Snapshot,
    params: &SelectionRangeParams,
) -> Answer<Option<Vec<SelectionRange>>> {
    let Some(place) = snapshot.place(&params.text_document.uri) else { return Ok(None) };
    let selection = |position: &Position| {
        let ranges = folding::selection_ranges(place.db(), place.file, place.offset(*position));
        let outward = ranges.iter().rev().fold(None, |parent: Option<Box<SelectionRange>>, range| {
            Some(Box::new(SelectionRange { range: place.range(*range), parent }))
        });
        outward.map(|range| *range).unwrap_or(SelectionRange { range: Range::new(*position, *position), parent: None })
    };
    Ok(Some(params.positions.iter().map(selection).collect()))
}
