//! Findings, paths and numbers as bytes.

use std::path::PathBuf;

use cinder_diagnostic::{Annotation, Applicability, Diagnostic, Edit, Fix, Severity};
use cinder_text::{TextRange, TextSize};

use super::Digest;
use crate::rules::rules;

pub(super) fn write_diagnostic(out: &mut Writer, diagnostic: &Diagnostic) {
    let Diagnostic { rule, severity, message, range, label, annotations, help, fix } = diagnostic;
    out.text(rule.name);
    out.byte(*severity as u8);
    out.text(message);
    out.range(*range);
    out.text(label);
    out.number(annotations.len() as u64);
    for Annotation { path, range, label, is_step } in annotations {
        out.byte(u8::from(path.is_some()) | u8::from(*is_step) << 1);
        out.text(path.as_deref().unwrap_or_default());
        out.range(*range);
        out.text(label);
    }
    out.number(help.len() as u64);
    help.iter().for_each(|help| out.text(help));
    out.byte(u8::from(fix.is_some()));
    if let Some(Fix { title, edits, path, applicability }) = fix {
        out.text(title);
        out.text(path.as_deref().unwrap_or_default());
        out.byte(u8::from(*applicability == Applicability::Safe));
        out.number(edits.len() as u64);
        for Edit { range, text } in edits {
            out.range(*range);
            out.text(text);
        }
    }
}

pub(super) fn read_diagnostic(input: &mut Reader<'_>) -> Option<Diagnostic> {
    let rule = rules().get(&input.text()?)?;
    let severity = input.byte()?;
    let severity = [Severity::Hint, Severity::Info, Severity::Warning, Severity::Error]
        .into_iter()
        .find(|known| *known as u8 == severity)?;
    let message = input.text()?;
    let range = input.range()?;
    let mut diagnostic = Diagnostic::new(rule, range, message).with_severity(severity).with_label(input.text()?);
    for _ in 0..input.number()? {
        let flags = input.byte()?;
        let path = input.text()?;
        let (range, label) = (input.range()?, input.text()?);
        let path = (flags & 1 != 0).then(|| path.into());
        diagnostic.annotations.push(Annotation { path, range, label, is_step: flags & 2 != 0 });
    }
    for _ in 0..input.number()? {
        diagnostic.help.push(input.text()?);
    }
    if input.byte()? == 0 {
        return Some(diagnostic);
    }
    let (title, path) = (input.text()?, input.text()?);
    let path = (!path.is_empty()).then(|| path.into());
    let applicability = if input.byte()? == 1 { Applicability::Safe } else { Applicability::Unsafe };
    let mut edits = Vec::new();
    for _ in 0..input.number()? {
        edits.push(Edit { range: input.range()?, text: input.text()? });
    }
    Some(diagnostic.with_fix(Fix { title, edits, path, applicability }))
}

#[derive(Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(super) fn number(&mut self, number: u64) {
        self.bytes.extend(number.to_le_bytes());
    }

    pub(super) fn words(&mut self, words: &[u32]) {
        self.number(words.len() as u64);
        self.bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    pub(super) fn range(&mut self, range: TextRange) {
        self.number(u64::from(u32::from(range.start())) << 32 | u64::from(u32::from(range.end())));
    }
}

/// Reads what [`Writer`] wrote; `None` for anything else.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(len)?;
        self.bytes = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        self.take(8).and_then(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?)))
    }

    pub(super) fn words(&mut self) -> Option<Vec<u32>> {
        let len = usize::try_from(self.number()?).ok()?;
        let bytes = self.take(len.checked_mul(4)?)?;
        let word = |chunk: &[u8]| Some(u32::from_le_bytes(chunk.try_into().ok()?));
        bytes.chunks_exact(4).map(word).collect()
    }

    pub(super) fn digest(&mut self) -> Option<Digest> {
        self.take(16).and_then(|bytes| bytes.try_into().ok())
    }

    pub(super) fn text(&mut self) -> Option<String> {
        let len = usize::try_from(self.number()?).ok()?;
        String::from_utf8(self.take(len)?.to_vec()).ok()
    }

    pub(super) fn path(&mut self) -> Option<PathBuf> {
        self.text().map(PathBuf::from)
    }

    pub(super) fn range(&mut self) -> Option<TextRange> {
        let number = self.number()?;
        let (start, end) = ((number >> 32) as u32, number as u32);
        (start <= end).then(|| TextRange::new(TextSize::new(start), TextSize::new(end)))
    }
}
