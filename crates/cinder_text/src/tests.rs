use crate::{ColumnEncoding, LineColumn, LineIndex, Position, TextSize};

const TEXT: &str = "aé😀b\r\nlast\rx\n";

#[test]
fn columns_in_three_encodings_and_back() {
    let index = LineIndex::new(TEXT);
    let offset = TextSize::new(TEXT.find('b').unwrap() as u32);
    for (encoding, column_index) in [(ColumnEncoding::Utf8, 7), (ColumnEncoding::Utf16, 4), (ColumnEncoding::Utf32, 3)]
    {
        let position = index.position(TEXT, offset, encoding);
        assert_eq!(position, Position { line_index: 0, column_index });
        assert_eq!(index.offset(TEXT, position, encoding), offset);
    }
}

#[test]
fn lines_end_as_python_reads_them() {
    let index = LineIndex::new(TEXT);
    let lines: Vec<_> = (0..index.line_len()).map(|line| index.line_text(TEXT, line)).collect();
    assert_eq!(lines, ["aé😀b", "last", "x", ""]);
}

#[test]
fn places_from_outside_are_moved_into_the_text() {
    let index = LineIndex::new(TEXT);
    let inside_character = index.position(TEXT, TextSize::new(2), ColumnEncoding::Utf32);
    assert_eq!(inside_character.column_index, 1);
    let far = Position { line_index: 0, column_index: 999 };
    assert_eq!(index.offset(TEXT, far, ColumnEncoding::Utf16), TextSize::new(8));
    let farther = Position { line_index: 999, column_index: 999 };
    assert_eq!(index.offset(TEXT, farther, ColumnEncoding::Utf16).to_usize(), TEXT.len());
    assert_eq!(index.line_of(TextSize::new(9999)), 3);
}

#[test]
fn a_byte_order_mark_is_no_column() {
    let text = "\u{feff}x";
    let index = LineIndex::new(text);
    assert_eq!(index.line_column(text, TextSize::new(3)), LineColumn { line_number: 1, column_number: 1 });
}
