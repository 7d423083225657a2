//! Bytes of a file to text.
//!
//! Problem: a Python file says itself how it is encoded, by a byte order mark or a comment in its first two lines.
//! Idea: follow the language reference, section 2.1.4; the text keeps no byte order mark, so offsets count from the
//! first character. Text is UTF-8 from here on.
//! Holds: never panics; every refusal has a place in the bytes.
//!
//! Source: PEP 263, CPython `Parser/tokenizer/helpers.c`.

use std::borrow::Cow;

use cinder_text::MAX_SOURCE_BYTES;

/// A decoded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText<'a> {
    /// Without byte order mark.
    pub text: Cow<'a, str>,
    /// The encoding's canonical name: `utf-8`, `iso8859-1`, `ascii`, ...
    pub encoding: &'static str,
    pub had_byte_order_mark: bool,
}

/// Why bytes are not Python source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// In CPython's words.
    pub message: String,
    /// Units: bytes from the start of the file, the byte order mark included.
    pub byte_offset: usize,
    /// One based.
    pub line_number: u32,
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} (line {})", self.message, self.line_number)
    }
}

impl std::error::Error for DecodeError {}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Decodes the bytes of a source file.
///
/// Errors: NUL bytes, bytes that the declared encoding does not have, unknown encodings, a mark that contradicts the
/// declaration; all are the file's author's.
pub fn decode_source(bytes: &[u8]) -> Result<SourceText<'_>, DecodeError> {
    let error = |message: String, byte_offset: usize| DecodeError {
        message,
        byte_offset,
        line_number: line_number(bytes, byte_offset),
    };
    if bytes.len() > MAX_SOURCE_BYTES {
        return Err(error("source is larger than 4 GiB".to_owned(), 0));
    }
    let had_byte_order_mark = bytes.starts_with(BYTE_ORDER_MARK);
    let mark_bytes = if had_byte_order_mark { BYTE_ORDER_MARK.len() } else { 0 };
    let body = &bytes[mark_bytes..];
    let declared = declared_encoding(body);
    let encoding = match declared {
        None => Encoding::Utf8,
        Some((name, offset)) => Encoding::from_name(name).ok_or_else(|| {
            error(format!("unknown encoding: {}", String::from_utf8_lossy(name)), mark_bytes + offset)
        })?,
    };
    if had_byte_order_mark && encoding != Encoding::Utf8 {
        let (name, offset) = declared.unwrap_or_default();
        let name = String::from_utf8_lossy(name);
        return Err(error(format!("encoding problem: {name} with BOM"), mark_bytes + offset));
    }
    if let Some(offset) = body.iter().position(|&byte| byte == 0) {
        return Err(error("source code cannot contain null bytes".to_owned(), mark_bytes + offset));
    }
    let text = match encoding {
        Encoding::Utf8 | Encoding::Ascii => {
            let text = std::str::from_utf8(body).map_err(|utf8| {
                let offset = mark_bytes + utf8.valid_up_to();
                let byte = bytes[offset];
                let message = if declared.is_some() {
                    format!("'{}' codec can't decode byte 0x{byte:02x} in position {offset}", encoding.codec_name())
                } else {
                    format!(
                        "Non-UTF-8 code starting with '\\x{byte:02x}' on line {}, but no encoding declared; \
                         see https://peps.python.org/pep-0263/ for details",
                        line_number(bytes, offset)
                    )
                };
                error(message, offset)
            })?;
            if encoding == Encoding::Ascii
                && let Some(offset) = body.iter().position(|byte| !byte.is_ascii())
            {
                let byte = body[offset];
                let message = format!(
                    "'ascii' codec can't decode byte 0x{byte:02x} in position {offset}: ordinal not in range(128)"
                );
                return Err(error(message, mark_bytes + offset));
            }
            Cow::Borrowed(text)
        }
        Encoding::Latin1 => Cow::Owned(body.iter().map(|&byte| char::from(byte)).collect()),
        Encoding::Table { table, name } => {
            let mut text = String::with_capacity(body.len());
            for (offset, &byte) in body.iter().enumerate() {
                let character = if byte < 0x80 { Some(char::from(byte)) } else { table[usize::from(byte) - 0x80] };
                let Some(character) = character else {
                    let message = format!("'{name}' codec can't decode byte 0x{byte:02x} in position {offset}");
                    return Err(error(message, mark_bytes + offset));
                };
                text.push(character);
            }
            Cow::Owned(text)
        }
    };
    Ok(SourceText { text, encoding: encoding.codec_name(), had_byte_order_mark })
}

#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Utf8,
    Ascii,
    Latin1,
    /// A single-byte encoding: what the bytes from 0x80 mean.
    Table {
        name: &'static str,
        table: &'static [Option<char>; 128],
    },
}

impl Encoding {
    /// Finds the encoding a cookie names; case, `_` and `-` do not matter.
    fn from_name(name: &[u8]) -> Option<Self> {
        let name: String =
            name.iter().map(|&byte| if byte == b'_' { '-' } else { char::from(byte.to_ascii_lowercase()) }).collect();
        match name.as_str() {
            "utf-8" | "utf8" | "utf-8-sig" | "u8" | "cp65001" => Some(Encoding::Utf8),
            "ascii" | "us-ascii" | "646" => Some(Encoding::Ascii),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" | "8859" => Some(Encoding::Latin1),
            "iso-8859-15" | "iso8859-15" | "latin-9" | "latin9" | "l9" => {
                Some(Encoding::Table { name: "iso8859-15", table: &ISO_8859_15 })
            }
            "cp1252" | "windows-1252" | "1252" => Some(Encoding::Table { name: "cp1252", table: &CP1252 }),
            // The cookie may carry a platform's suffix, as in `utf-8-unix`.
            name if name.starts_with("utf-8-") => Some(Encoding::Utf8),
            name if name.starts_with("latin-1-") || name.starts_with("iso-8859-1-") => Some(Encoding::Latin1),
            _ => None,
        }
    }

    fn codec_name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Ascii => "ascii",
            Encoding::Latin1 => "iso8859-1",
            Encoding::Table { name, .. } => name,
        }
    }
}

/// The encoding cookie: its name and offset. It stands in a comment on line one, or on line two when line one holds
/// nothing but a comment or blanks.
fn declared_encoding(body: &[u8]) -> Option<(&[u8], usize)> {
    let mut start = 0;
    for _ in 0..2 {
        let rest = &body[start..];
        let line_len = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        let line = &rest[..line_len];
        let blank = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\x0c')).count();
        match line.get(blank) {
            Some(b'#') => {
                if let Some((name, offset)) = cookie(&line[blank..]) {
                    return Some((name, start + blank + offset));
                }
            }
            None => {}
            Some(_) => return None,
        }
        start += line_len;
        start += if body[start..].starts_with(b"\r\n") { 2 } else { 1 };
        if start >= body.len() {
            return None;
        }
    }
    None
}

/// Matches `coding[:=][ \t]*([-_.a-zA-Z0-9]+)` in a comment.
fn cookie(comment: &[u8]) -> Option<(&[u8], usize)> {
    const WORD: &[u8] = b"coding";
    let mut from = 0;
    while let Some(found) = comment[from..].windows(WORD.len()).position(|window| window == WORD) {
        let mut at = from + found + WORD.len();
        if matches!(comment.get(at), Some(b':' | b'=')) {
            at += 1;
            while matches!(comment.get(at), Some(b' ' | b'\t')) {
                at += 1;
            }
            let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            let len = comment[at..].iter().take_while(is_name).count();
            if len > 0 {
                return Some((&comment[at..at + len], at));
            }
        }
        from += found + WORD.len();
    }
    None
}

/// The one-based line of a byte offset; `\r\n` is one line end.
fn line_number(bytes: &[u8], offset: usize) -> u32 {
    let before = &bytes[..offset.min(bytes.len())];
    let feeds = before.iter().filter(|&&byte| byte == b'\n').count();
    let lone_returns =
        before.iter().enumerate().filter(|&(at, &byte)| byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone_returns + 1) as u32
}

const fn latin_1_table() -> [Option<char>; 128] {
    let mut table = [None; 128];
    let mut byte = 0x80;
    while byte < 0x100 {
        table[byte - 0x80] = char::from_u32(byte as u32);
        byte += 1;
    }
    table
}

static ISO_8859_15: [Option<char>; 128] = {
    let mut table = latin_1_table();
    table[0x24] = Some('\u{20ac}');
    table[0x26] = Some('\u{160}');
    table[0x28] = Some('\u{161}');
    table[0x34] = Some('\u{17d}');
    table[0x38] = Some('\u{17e}');
    table[0x3c] = Some('\u{152}');
    table[0x3d] = Some('\u{153}');
    table[0x3e] = Some('\u{178}');
    table
};

static CP1252: [Option<char>; 128] = {
    // What the code page has in place of the control characters 0x80 to 0x9f; zero is "no character".
    const FIRST: [u32; 32] = [
        0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0, 0,
        0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178,
    ];
    let mut table = latin_1_table();
    let mut at = 0;
    while at < FIRST.len() {
        table[at] = if FIRST[at] == 0 { None } else { char::from_u32(FIRST[at]) };
        at += 1;
    }
    table
};
