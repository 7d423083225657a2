use cinder_text::ColumnEncoding;
use lsp_types::{Position, Range, TextDocumentContentChangeEvent};

use super::Document;

fn edit(start: (u32, u32), end: (u32, u32), text: &str) -> TextDocumentContentChangeEvent {
    let range = Range::new(Position::new(start.0, start.1), Position::new(end.0, end.1));
    TextDocumentContentChangeEvent { range: Some(range), range_length: None, text: text.to_string() }
}

fn whole(text: &str) -> TextDocumentContentChangeEvent {
    TextDocumentContentChangeEvent { range: None, range_length: None, text: text.to_string() }
}

fn after(text: &str, edits: Vec<TextDocumentContentChangeEvent>, encoding: ColumnEncoding) -> String {
    let mut document = Document::new(text, 1);
    let _ = document.change(2, edits, encoding);
    document.text().to_string()
}

#[test]
fn edits_apply_in_order() {
    let edits = vec![edit((0, 0), (0, 0), "ab"), edit((0, 1), (0, 2), "c\nd"), edit((1, 0), (1, 1), "")];
    assert_eq!(after("", edits, ColumnEncoding::Utf16), "ac\n");
}

#[test]
fn columns_count_in_the_encoding() {
    let text = "\u{1f600}\u{e9}x\r\ny";
    assert_eq!(after(text, vec![edit((0, 3), (0, 4), "")], ColumnEncoding::Utf16), "\u{1f600}\u{e9}\r\ny");
    assert_eq!(after(text, vec![edit((0, 2), (0, 3), "")], ColumnEncoding::Utf32), "\u{1f600}\u{e9}\r\ny");
    assert_eq!(after(text, vec![edit((0, 6), (0, 7), "")], ColumnEncoding::Utf8), "\u{1f600}\u{e9}\r\ny");
}

#[test]
fn positions_are_clamped() {
    assert_eq!(after("ab\ncd", vec![edit((0, 99), (77, 5), "!")], ColumnEncoding::Utf16), "ab!");
    // Inside a character outside the basic plane: before it.
    assert_eq!(after("\u{1f600}", vec![edit((0, 1), (0, 1), "x")], ColumnEncoding::Utf16), "x\u{1f600}");
}

#[test]
fn an_impossible_edit_waits_for_the_whole_text() {
    let mut document = Document::new("abc", 1);
    let encoding = ColumnEncoding::Utf16;
    assert!(document.change(2, vec![edit((0, 2), (0, 1), "x")], encoding).is_err());
    assert_eq!(document.change(3, vec![edit((0, 0), (0, 1), "x")], encoding), Ok(()));
    assert_eq!(&*document.text(), "abc");
    assert_eq!(document.change(4, vec![whole("new"), edit((0, 0), (0, 1), "N")], encoding), Ok(()));
    assert_eq!(&*document.text(), "New");
}

#[test]
fn versions_do_not_run_backwards() {
    let mut document = Document::new("abc", 5);
    assert!(document.change(4, vec![edit((0, 0), (0, 1), "x")], ColumnEncoding::Utf16).is_err());
    assert_eq!(&*document.text(), "abc");
    assert_eq!(document.change(4, vec![whole("again")], ColumnEncoding::Utf16), Ok(()));
    assert_eq!(&*document.text(), "again");
}
