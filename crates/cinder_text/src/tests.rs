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

/// Counted from the start of the line, whatever marks there are.
#[test]
fn columns_of_long_lines() {
    let long: String = "x\u{e9}\u{1f600}y, ".repeat(1_500);
    let text = format!("short \u{e9}\n{long}\r\n\u{1f600}{long}");
    let index = LineIndex::new(&text);
    for encoding in [ColumnEncoding::Utf8, ColumnEncoding::Utf16, ColumnEncoding::Utf32] {
        let (mut line_index, mut column_index) = (0, 0);
        for (at, character) in text.char_indices() {
            let place = Position { line_index, column_index };
            let offset = TextSize::new(at as u32);
            assert_eq!(index.position(&text, offset, encoding), place, "{encoding:?} {at}");
            // Between `\r` and `\n` there is no place of its own.
            let expected =
                if character == '\n' && text[..at].ends_with('\r') { offset - TextSize::new(1) } else { offset };
            assert_eq!(index.offset(&text, place, encoding), expected, "{encoding:?} {at}");
            match character {
                '\n' => (line_index, column_index) = (line_index + 1, 0),
                _ => {
                    column_index += match encoding {
                        ColumnEncoding::Utf8 => character.len_utf8(),
                        ColumnEncoding::Utf16 => character.len_utf16(),
                        ColumnEncoding::Utf32 => 1,
                    } as u32;
                }
            }
        }
    }
}
