//! Comments that silence findings.
//!
//! * `# cinder: ignore[rule-a, rule-b]` silences these rules on its line, or, for a finding that spans lines, on its first or last.
//! * `# cinder: ignore` silences every rule there.
//! * On a line of its own before any code, `# cinder: ignore[...]` holds for the whole file.
//!
//! Holds: syntax errors and internal errors cannot be silenced. A comment that silences nothing is reported, so that none outlives its reason.

use cinder_diagnostic::rules::{INVALID_SYNTAX, UNREADABLE_FILE};
use cinder_diagnostic::{Applicability, Diagnostic, Edit, Fix};
use cinder_syntax::Parsed;
use cinder_syntax::ast::token::{Token, TokenKind};
use cinder_text::{LineIndex, Ranged, TextRange, TextSize};

use crate::rules::{INTERNAL_ERROR, UNUSED_IGNORE_COMMENT};

struct Comment {
    range: TextRange,
    /// Zero based.
    line: u32,
    holds_for_file: bool,
    /// Names with their places; empty is every rule.
    rules: Vec<(String, TextRange)>,
    used: Vec<bool>,
}

/// Removes the findings that comments silence and adds a finding for each comment that silences nothing.
///
/// `lines` is asked for the line index, which most files do not need.
pub(crate) fn apply<'a>(
    text: &str,
    parsed: &Parsed,
    lines: impl FnOnce() -> &'a LineIndex,
    found: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    if !parsed.tokens().iter().any(|token| silences(text, token)) {
        return found;
    }
    let lines = lines();
    let mut comments = collect(text, parsed, lines);
    let mut kept = Vec::with_capacity(found.len());
    for diagnostic in found {
        let first = lines.line_of(diagnostic.range.start());
        let last = lines.line_of(diagnostic.range.end());
        let silenced = can_be_silenced(&diagnostic)
            && comments.iter_mut().any(|comment| {
                (comment.holds_for_file || comment.line == first || comment.line == last)
                    && comment.silence(diagnostic.rule.name)
            });
        if !silenced {
            kept.push(diagnostic);
        }
    }
    kept.extend(comments.iter().filter_map(|comment| unused(text, comment)));
    kept
}

fn can_be_silenced(diagnostic: &Diagnostic) -> bool {
    ![&INVALID_SYNTAX, &UNREADABLE_FILE, &INTERNAL_ERROR].contains(&diagnostic.rule)
}

impl Comment {
    fn silence(&mut self, rule: &str) -> bool {
        if self.rules.is_empty() {
            self.used = vec![true];
            return true;
        }
        match self.rules.iter().position(|(name, _)| name == rule) {
            Some(index) => {
                self.used[index] = true;
                true
            }
            None => false,
        }
    }
}

/// Whether the token is a comment that silences rules.
fn silences(text: &str, token: &Token) -> bool {
    token.kind() == TokenKind::Comment && parse(&text[token.range().to_std_range()], token.start()).is_some()
}

fn collect(text: &str, parsed: &Parsed, lines: &LineIndex) -> Vec<Comment> {
    let first_code = parsed.suite().first().map_or(TextSize::of(text), Ranged::start);
    let tokens = parsed.tokens().iter().filter(|token| token.kind() == TokenKind::Comment);
    tokens
        .filter_map(|token| {
            let range = token.range();
            let rules = parse(&text[range.to_std_range()], range.start())?;
            let line = lines.line_of(range.start());
            let stands_alone =
                text[lines.line_start(text, line).to_usize()..range.start().to_usize()].trim().is_empty();
            let used = vec![false; rules.len().max(1)];
            Some(Comment { range, line, holds_for_file: stands_alone && range.start() < first_code, rules, used })
        })
        .collect()
}

/// The rules that a comment names, with their places; `None` if it is another kind of comment.
fn parse(comment: &str, start: TextSize) -> Option<Vec<(String, TextRange)>> {
    let body = comment.strip_prefix('#')?.trim_start();
    let rest = body.strip_prefix("cinder:")?.trim_start().strip_prefix("ignore")?;
    let Some(list) = rest.strip_prefix('[') else {
        let ends = rest.is_empty() || rest.starts_with([' ', '\t', '#']);
        return ends.then(Vec::new);
    };
    let list = &list[..list.find(']')?];
    let list_start = list.as_ptr() as usize - comment.as_ptr() as usize;
    let mut rules = Vec::new();
    let mut offset = list_start;
    for part in list.split(',') {
        let name = part.trim();
        if !name.is_empty() {
            let at = offset + (part.len() - part.trim_start().len());
            let range = TextRange::at(start + TextSize::new(at as u32), TextSize::of(name));
            rules.push((name.to_string(), range));
        }
        offset += part.len() + 1;
    }
    // An empty list names nothing and therefore silences nothing; it must not mean everything.
    (!rules.is_empty()).then_some(rules)
}

fn unused(text: &str, comment: &Comment) -> Option<Diagnostic> {
    if comment.used.iter().all(|used| *used) {
        return None;
    }
    let names: Vec<&str> =
        comment.rules.iter().zip(&comment.used).filter(|(_, used)| !**used).map(|((name, _), _)| &**name).collect();
    if comment.used.contains(&true) {
        let range = comment.rules.iter().zip(&comment.used).find(|(_, used)| !**used).map(|((_, range), _)| *range)?;
        let message = format!("unused ignore comment for {}", quoted(&names));
        return Some(Diagnostic::new(&UNUSED_IGNORE_COMMENT, range, message));
    }
    let message = match names.is_empty() {
        true => "unused ignore comment".to_string(),
        false => format!("unused ignore comment for {}", quoted(&names)),
    };
    let before = text[..comment.range.start().to_usize()].trim_end_matches([' ', '\t']);
    let edit = Edit { range: TextRange::new(TextSize::of(before), comment.range.end()), text: String::new() };
    let fix = Fix {
        title: "Remove the comment".to_string(),
        edits: vec![edit],
        path: None,
        applicability: Applicability::Safe,
    };
    Some(Diagnostic::new(&UNUSED_IGNORE_COMMENT, comment.range, message).with_fix(fix))
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
