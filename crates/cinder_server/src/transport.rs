//! Messages on a byte stream: `Content-Length` frames around JSON.
//!
//! Problem: clients die half way through a message, send lone surrogates, miscount bytes; the session must live on.
//! Idea: bytes are collected in one buffer; the next header is *searched* for, so that garbage between messages is stepped over; a body that
//! is no JSON is repaired where that is harmless (invalid UTF-8, half a surrogate pair) and reported otherwise.
//! Holds: every call of [`FrameReader::read`] consumes something or ends; memory is bounded by [`MAX_BODY_BYTES`].

use std::io::{self, Read};

use serde_json::Value;

/// A body beyond this size is refused: no editor sends one.
const MAX_BODY_BYTES: usize = 512 << 20;
/// Headers beyond this size are garbage.
const MAX_HEADER_BYTES: usize = 64 << 10;
const LENGTH_HEADER: &[u8] = b"content-length:";

/// What came from the client.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    Message(Value),
    /// Not a message; the text says why.
    Malformed(String),
}

/// Cuts a byte stream into frames.
pub(crate) struct FrameReader<R> {
    input: R,
    buffer: Vec<u8>,
    /// Where the unread part of `buffer` begins.
    start: usize,
    /// What is read at once.
    chunk: Box<[u8]>,
}

const CHUNK_BYTES: usize = 64 << 10;

impl<R: Read> FrameReader<R> {
    pub(crate) fn new(input: R) -> FrameReader<R> {
        FrameReader { input, buffer: Vec::new(), start: 0, chunk: vec![0; CHUNK_BYTES].into() }
    }

    /// The next frame; `None` at the end of the stream.
    ///
    /// Errors: the stream's own.
    pub(crate) fn read(&mut self) -> io::Result<Option<Frame>> {
        let Some(header_len) = self.find_header_end()? else { return Ok(None) };
        let header = self.unread()[..header_len].to_ascii_lowercase();
        self.start += header_len;
        let Some(at) = find_last(&header, LENGTH_HEADER) else {
            return Ok(Some(Frame::Malformed("a header without Content-Length".to_string())));
        };
        let digits = header[at + LENGTH_HEADER.len()..].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let length = std::str::from_utf8(digits).ok().and_then(|digits| digits.trim().parse::<usize>().ok());
        let Some(length) = length.filter(|length| *length <= MAX_BODY_BYTES) else {
            return Ok(Some(Frame::Malformed("an invalid Content-Length".to_string())));
        };
        while self.unread().len() < length {
            if !self.fill()? {
                return Ok(None);
            }
        }
        let frame = parse_body(&self.unread()[..length]);
        // A wrong length swallows the beginning of the next message: go back to its header.
        let swallowed = match &frame {
            Frame::Malformed(_) => find_last(&self.unread()[..length].to_ascii_lowercase(), LENGTH_HEADER),
            Frame::Message(_) => None,
        };
        self.start += swallowed.unwrap_or(length);
        Ok(Some(frame))
    }

    fn unread(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// The length of the header that comes next, blank line included; `None` at the end of the stream.
    fn find_header_end(&mut self) -> io::Result<Option<usize>> {
        loop {
            let unread = self.unread();
            let found = find(unread, b"\r\n\r\n").map(|at| at + 4).into_iter();
            if let Some(end) = found.chain(find(unread, b"\n\n").map(|at| at + 2)).min() {
                return Ok(Some(end));
            }
            if unread.len() > MAX_HEADER_BYTES {
                // Keep what may be the beginning of a header.
                self.start = self.buffer.len() - LENGTH_HEADER.len();
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Reads more; false at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        loop {
            match self.input.read(&mut self.chunk) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.buffer.extend_from_slice(&self.chunk[..count]);
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

fn find_last(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).rposition(|window| window == pattern)
}

fn parse_body(bytes: &[u8]) -> Frame {
    let text = String::from_utf8_lossy(bytes);
    let first = match serde_json::from_str(&text) {
        Ok(value) => return Frame::Message(value),
        Err(error) => error,
    };
    match serde_json::from_str(&replace_lone_surrogates(&text)) {
        Ok(value) => Frame::Message(value),
        Err(_) => Frame::Malformed(first.to_string()),
    }
}

/// JSON allows half a surrogate pair in an escape, text does not: it becomes U+FFFD.
fn replace_lone_surrogates(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match (code_unit(rest), rest.get(6..).and_then(code_unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                result.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            (Some(_), _) => 6,
            // A backslash and the character it escapes.
            (None, _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        result.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    result.push_str(rest);
    result
}

/// The UTF-16 unit that `\uXXXX` at the beginning of `text` stands for.
fn code_unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests;
