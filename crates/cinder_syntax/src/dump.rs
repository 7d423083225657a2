//! Trees and tokens as text, for people and for golden tests.
//!
//! A node is `Kind start..end` with one indented line per field; absent and empty fields are left out.

use std::fmt::Write;

use cinder_text::{Ranged, slice};

use crate::Parsed;

/// The tokens, one per line: place, kind, text.
pub fn tokens(parsed: &Parsed, source: &str) -> String {
    let mut text = String::new();
    for token in parsed.tokens().iter() {
        let range = token.range();
        let (start, end) = (range.start().to_u32(), range.end().to_u32());
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:12} {:18} {:?}",
            format!("{start}..{end}"),
            format!("{:?}", token.kind()),
            slice(source, range)
        );
    }
    text
}

/// The tree, one field or node per line.
pub fn tree(parsed: &Parsed) -> String {
    let mut text = String::new();
    for stmt in parsed.suite() {
        crate::stack::with_deep_stack(|| condense(&format!("{stmt:#?}"), &mut text));
    }
    text
}

/// Shortens the derived debug format: node numbers go, ranges join the line of their node, wrappers of one value join
/// what they wrap, fields that say "nothing special" go.
fn condense(debug: &str, output: &mut String) {
    let mut lines: Vec<String> = Vec::new();
    // One entry per open bracket of the debug text: whether it indents what it holds.
    let mut open: Vec<bool> = Vec::new();
    let mut label = String::new();
    for line in debug.lines() {
        let line = line.trim();
        if line.starts_with(['}', ')', ']']) {
            open.pop();
            continue;
        }
        let content = line.trim_end_matches(',');
        let is_default = [": []", ": None", ": false", ": Load"].iter().any(|end| content.ends_with(end));
        if content.starts_with("node_index:") || is_default {
            continue;
        }
        if let Some(range) = content.strip_prefix("range: ") {
            if let Some(owner) = lines.last_mut() {
                owner.push(' ');
                owner.push_str(range);
            }
            continue;
        }
        if let Some(wrapper) = content.strip_suffix('(') {
            if let Some((field, _)) = wrapper.split_once(": ") {
                label.push_str(field);
                label.push_str(": ");
            }
            open.push(false);
            continue;
        }
        let depth = open.iter().filter(|&&indents| indents).count();
        let text = content.trim_end_matches(['{', '[']).trim_end();
        lines.push(format!("{}{label}{text}", "  ".repeat(depth)));
        label.clear();
        if line.ends_with(['{', '[']) {
            open.push(true);
        }
    }
    for line in lines {
        output.push_str(&line);
        output.push('\n');
    }
}
