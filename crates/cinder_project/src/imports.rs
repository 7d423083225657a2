//! Which files a file's findings may depend on, read off its text.
//!
//! Problem: after a change, only what depends on the changed files is to be checked again, and nothing of it may be forgotten.
//! Idea: analysis reaches another file through a name in an `import` alone, or through an attribute of a module that such a name stands for.
//! So the words of all import statements, found without a parse, are an upper bound: a file may depend on another one when it spells
//! that one's name, or when it may hold one of the packages around it as an object.
//! The same words tell in which order files are best checked.
//! Holds: errs on the side of too many. Text that imports by computed names depends on everything; so does what cannot be decoded here.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use memchr::memmem;

/// A file with this word depends on every file.
pub(crate) const EVERYTHING: u32 = 0;

/// What an import may reach: a module of this name.
fn spelled(name: &str) -> u32 {
    hash(b'.', name)
}

/// What an object may reach: anything inside a package of this name.
fn inside(name: &str) -> u32 {
    hash(b'*', name)
}

/// FNV-1a; a collision means a dependency too many.
fn hash(kind: u8, name: &str) -> u32 {
    let start = (0x811c_9dc5 ^ u32::from(kind)).wrapping_mul(0x0100_0193);
    name.bytes().fold(start, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)).max(1)
}

/// What a file answers to: its own name, and the packages it lies in.
pub(crate) fn names_of(path: &Path) -> Vec<u32> {
    let mut parts = path.iter().rev().filter_map(|part| part.to_str());
    let file_name = parts.next().unwrap_or_default();
    let mut stem = file_name.split('.').next().unwrap_or_default();
    if stem == "__init__" {
        stem = parts.next().unwrap_or_default();
    }
    let mut names = vec![spelled(stem.trim_end_matches("-stubs"))];
    names.extend(parts.map(|part| inside(part.trim_end_matches("-stubs"))));
    names
}

/// The words of a file's imports, sorted.
pub(crate) fn words_of(path: &Path, bytes: &[u8]) -> Vec<u32> {
    let Ok(text) = std::str::from_utf8(bytes) else { return vec![EVERYTHING] };
    if ["import_module", "__import__", "exec("].iter().any(|way| memmem::find(bytes, way.as_bytes()).is_some()) {
        return vec![EVERYTHING];
    }
    let mut words = Vec::new();
    // Packages run before what is in them, and relative imports do not spell them.
    let own_packages = path.iter().rev().skip(1).filter_map(|part| part.to_str());
    words.extend(own_packages.map(spelled));
    for at in memmem::find_iter(bytes, "import") {
        let is_word = !text[..at].ends_with(is_name) && !text[at + "import".len()..].starts_with(is_name);
        if is_word && !statement(text, at, path, &mut words) {
            return vec![EVERYTHING];
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// The places of files in an order in which most come after what they import, so that a check need not go deep, and finds trees in memory
/// that it has just made. `text` gives the text of the file at a place.
pub(crate) fn schedule<'a>(paths: &[PathBuf], text: impl Fn(usize) -> &'a str) -> Vec<usize> {
    let mut places: HashMap<u32, Vec<usize>> = HashMap::new();
    for (place, path) in paths.iter().enumerate() {
        if let Some(name) = names_of(path).first() {
            places.entry(*name).or_default().push(place);
        }
    }
    let mut order = Vec::with_capacity(paths.len());
    let mut is_known = vec![false; paths.len()];
    // Files on the way, with the words that are still to be followed.
    let mut work: Vec<(usize, Vec<u32>)> = Vec::new();
    for start in 0..paths.len() {
        if is_known[start] {
            continue;
        }
        is_known[start] = true;
        work.push((start, words_of(&paths[start], text(start).as_bytes())));
        while let Some((place, words)) = work.last_mut() {
            let imported = words.pop().map(|word| places.get(&word).into_iter().flatten().copied());
            let Some(imported) = imported else {
                order.push(*place);
                work.pop();
                continue;
            };
            for next in imported {
                if !std::mem::replace(&mut is_known[next], true) {
                    work.push((next, words_of(&paths[next], text(next).as_bytes())));
                }
            }
        }
    }
    order
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Adds the words of the statement whose `import` stands at `at`; `false` when its names are not plain ones.
fn statement(text: &str, at: usize, path: &Path, words: &mut Vec<u32>) -> bool {
    let before = &text[line_start(text, at)..at];
    let after = &text[at + "import".len()..];
    let after = match after.trim_start_matches([' ', '\t', '\\', '\r', '\n', '\x0c']).strip_prefix('(') {
        Some(list) => &list[..list_end(list)],
        None => &after[..line_end(after)],
    };
    if !before.is_ascii() || !after.is_ascii() {
        return false;
    }
    let from = before.rfind("from").map(|from| &before[from + "from".len()..]);
    words.extend(names(before).map(spelled));
    words.extend(names(after).flat_map(|name| [spelled(name), inside(name)]));
    if after.contains('*')
        && let Some(from) = from
    {
        // All names of a package may be its modules.
        words.extend(names(from).map(inside));
        words.extend(
            path.iter().filter_map(|part| part.to_str()).filter(|_| from.trim_start().starts_with('.')).map(inside),
        );
    }
    true
}

/// Where a list in parentheses ends; comments may hold parentheses, too.
fn list_end(text: &str) -> usize {
    let mut is_comment = false;
    let end = text.bytes().position(|byte| {
        is_comment = if is_comment { !matches!(byte, b'\n' | b'\r') } else { byte == b'#' };
        !is_comment && byte == b')'
    });
    end.unwrap_or(text.len())
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character| !is_name(character)).filter(|name| !name.is_empty())
}

/// Where the line of `at` starts; a backslash at a line's end continues it.
fn line_start(text: &str, at: usize) -> usize {
    let mut end = at;
    loop {
        let start = text[..end].rfind(['\n', '\r']).map_or(0, |newline| newline + 1);
        let line_before = text[..start].trim_end_matches(['\n', '\r']);
        if start == 0 || !line_before.ends_with('\\') {
            return start;
        }
        end = line_before.len();
    }
}

/// Where a statement that begins before `text` ends.
fn line_end(text: &str) -> usize {
    let mut start = 0;
    loop {
        let end = text[start..].find(['\n', '\r']).map_or(text.len(), |newline| start + newline);
        if end == text.len() || !text[..end].ends_with('\\') {
            return end;
        }
        let line_break = if text[end..].starts_with("\r\n") { 2 } else { 1 };
        start = end + line_break;
    }
}

#[cfg(test)]
mod tests;
