//! Tokens for the `tokenize` module.

use cinder_syntax::tokenize::{TokenClass, tokenize};
use cinder_text::{ColumnEncoding, LineIndex, TextSize};
use cinder_vm::interp::CompileFailure;
use cinder_vm::{PyResult, Value, Vm};

/// Appends the tokens of `source` to `list`.
///
/// Errors: SyntaxError, IndentationError where there are no more tokens.
pub(crate) fn list_tokens(vm: &Vm, source: &str, list: Value) -> PyResult<()> {
    let (tokens, error) = tokenize(source);
    let index = LineIndex::new(source);
    let place = |offset: usize| {
        let place = index.position(source, TextSize::new(offset as u32), ColumnEncoding::Utf32);
        (i64::from(place.line_index) + 1, i64::from(place.column_index))
    };
    let pair = |(line, column): (i64, i64)| vm.new_tuple(&[vm.new_int(line)?, vm.new_int(column)?]);
    let is_open_end = !source.is_empty() && !source.ends_with(['\n', '\r']);
    // Lines of the text, each with its end; the line of several tokens is one object.
    let mut shared: Option<((usize, usize), Value)> = None;
    for token in &tokens {
        let text = &source[token.start..token.end];
        let (mut start, mut end) = (place(token.start), place(token.end));
        match token.class {
            TokenClass::Newline if text.is_empty() => end.1 += 1,
            TokenClass::NonLogicalNewline if text.is_empty() => end.1 += 1,
            TokenClass::Newline | TokenClass::NonLogicalNewline => end = (start.0, start.1 + text.len() as i64),
            TokenClass::EndMarker | TokenClass::Dedent if token.start == source.len() && is_open_end => {
                start = (start.0 + 1, 0);
                end = start;
            }
            _ => {}
        }
        let is_past =
            token.class == TokenClass::EndMarker || (token.class == TokenClass::Dedent && token.start == source.len());
        let line = if is_past {
            vm.intern("")
        } else {
            let from = index.line_start(source, index.line_of(TextSize::new(token.start as u32))).to_usize();
            let last = token.end.saturating_sub(1).max(token.start);
            let to = index.line_start(source, index.line_of(TextSize::new(last as u32)) + 1).to_usize();
            match shared {
                Some((known, line)) if known == (from, to) => line,
                _ => {
                    let line = vm.new_str(&source[from..to])?;
                    shared = Some(((from, to), line));
                    line
                }
            }
        };
        let entry = [vm.intern(class_name(token.class)), vm.new_str(text)?, pair(start)?, pair(end)?, line];
        vm.list_append(list, vm.new_tuple(&entry)?)?;
    }
    let Some(error) = error else { return Ok(()) };
    let (line, column) = place(error.at);
    let failure = CompileFailure {
        message: error.message,
        class: error.kind.exception_name(),
        line: line as u32,
        offset: column as u32 + 1,
        end_line: line as u32,
        end_offset: column as u32 + 1,
        text: Some(index.line_text(source, line as u32 - 1).to_owned()),
        ..CompileFailure::default()
    };
    Err(vm.raise_syntax_error("<string>", &failure))
}

fn class_name(class: TokenClass) -> &'static str {
    match class {
        TokenClass::Name => "NAME",
        TokenClass::Number => "NUMBER",
        TokenClass::String => "STRING",
        TokenClass::Newline => "NEWLINE",
        TokenClass::NonLogicalNewline => "NL",
        TokenClass::Comment => "COMMENT",
        TokenClass::Indent => "INDENT",
        TokenClass::Dedent => "DEDENT",
        TokenClass::Operator => "OP",
        TokenClass::FStringStart => "FSTRING_START",
        TokenClass::FStringMiddle => "FSTRING_MIDDLE",
        TokenClass::FStringEnd => "FSTRING_END",
        TokenClass::TStringStart => "TSTRING_START",
        TokenClass::TStringMiddle => "TSTRING_MIDDLE",
        TokenClass::TStringEnd => "TSTRING_END",
        TokenClass::EndMarker => "ENDMARKER",
    }
}
