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
    /// The encoding's canonical name: `utf-8`, `iso8859-1`, `ascii`, `KOI8-R`, ...
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
    if body.contains(&0)
        && let Some(offset) = body.iter().position(|&byte| byte == 0)
    {
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
        Encoding::Other(other) => {
            let mut decoder = other.new_decoder_without_bom_handling();
            let mut text = String::with_capacity(decoder.max_utf8_buffer_length(body.len()).unwrap_or(body.len()));
            let (result, read) = decoder.decode_to_string_without_replacement(body, &mut text, true);
            if let encoding_rs::DecoderResult::Malformed(len, after) = result {
                let offset = mark_bytes + read.saturating_sub(usize::from(len) + usize::from(after));
                let name = encoding.codec_name();
                let message = format!("'{name}' codec can't decode bytes in position {offset}");
                return Err(error(message, offset));
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
    /// One of the older encodings of some language.
    Other(&'static encoding_rs::Encoding),
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
            // The cookie may carry a platform's suffix, as in `utf-8-unix`.
            name if name.starts_with("utf-8-") => Some(Encoding::Utf8),
            name if name.starts_with("latin-1-") || name.starts_with("iso-8859-1-") => Some(Encoding::Latin1),
            name => {
                let label = name.replacen("cp125", "windows-125", 1);
                let found = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())?;
                // A cookie is ASCII text, which a file in these encodings cannot hold.
                let is_wide = found == encoding_rs::UTF_16LE || found == encoding_rs::UTF_16BE;
                (!is_wide).then_some(Encoding::Other(found))
            }
        }
    }

    fn codec_name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Ascii => "ascii",
            Encoding::Latin1 => "iso8859-1",
            Encoding::Other(other) => other.name(),
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
