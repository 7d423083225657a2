//! The file another checker writes for a module: one JSON object.
//!
//! | Key | Content |
//! | --- | --- |
//! | `type_table` | entries `{kind, ..}` that name each other by index |
//! | `locations` | `{loc, type, contextual_type?}`; lines of `loc` from 1, columns in bytes of UTF-8 from 0, the end exclusive |
//!
//! Kinds: `class` (`qname`), `literal` (`promoted_type`), `callable` (`defining_func`), `bound_method` (`defining_class`), `other_form`
//! (`qname`: `None`, `typing.Type`, `typing.Optional`, `typing.Union`; `args`).
//!
//! Holds: what is not JSON, or has other locations than these, is an error with a place. Unknown kinds and keys, entries without what
//! their kind needs, indices and ranges that lead nowhere, and entries that lead to themselves say nothing. Time and memory are proportional to the file.

use std::sync::Arc;

use cinder_text::{ColumnEncoding, LineIndex, Position, TextRange, TextSize};
use cinder_types::Name;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::Value;

use super::Claim;

/// How far entries are followed.
const MAX_DEPTH: u32 = 8;
/// Members of a union that says anything.
const MAX_MEMBERS: usize = 32;

#[derive(Deserialize)]
struct TypeFile {
    /// Entries are read one by one as they are asked for: of kinds that are not known nothing is expected.
    type_table: Vec<Value>,
    locations: Vec<Located>,
}

#[derive(Deserialize)]
struct Located {
    loc: Location,
    #[serde(rename = "type")]
    ty: u64,
    contextual_type: Option<u64>,
}

#[derive(Deserialize)]
struct Location {
    start_line: u64,
    start_col: u64,
    end_line: u64,
    end_col: u64,
}

/// What the file `text` says of the ranges of `source`. Of two entries for a range the later one counts.
///
/// Errors: text that is no such file.
pub(super) fn read(text: &str, source: &str) -> Result<FxHashMap<TextRange, Arc<Claim>>, String> {
    let found: TypeFile = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut table: FxHashMap<u64, Option<Arc<Claim>>> = FxHashMap::default();
    let index = LineIndex::new(source);
    let mut by_range = FxHashMap::default();
    for located in &found.locations {
        let number = located.contextual_type.unwrap_or(located.ty);
        let claim = table.entry(number).or_insert_with(|| claim(&found.type_table, number, MAX_DEPTH).map(Arc::new));
        if let (Some(claim), Some(range)) = (claim, range(&index, source, &located.loc)) {
            by_range.insert(range, claim.clone());
        }
    }
    Ok(by_range)
}

/// What an entry says of a value; `None` when nothing is made of it.
fn claim(table: &[Value], number: u64, depth: u32) -> Option<Claim> {
    let entry = table.get(usize::try_from(number).ok()?)?;
    let depth = depth.checked_sub(1)?;
    let of = |number: u64| claim(table, number, depth);
    let text = |key: &str| entry.get(key)?.as_str();
    let name = |key: &str| text(key).map(Name::new);
    let args = entry.get("args").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    match text("kind")? {
        "class" => name("qname").map(Claim::Instance),
        "literal" => of(entry.get("promoted_type")?.as_u64()?),
        "callable" => name("defining_func").map(Claim::Function),
        "bound_method" => name("defining_class").map(Claim::Method),
        "other_form" => match text("qname")? {
            "None" => Some(Claim::None),
            "typing.Type" => match of(args.first()?.as_u64()?)? {
                Claim::Instance(class) => Some(Claim::Class(class)),
                _ => None,
            },
            form @ ("typing.Optional" | "typing.Union") if args.len() <= MAX_MEMBERS => {
                let mut members = Vec::new();
                for number in args {
                    match of(number.as_u64()?)? {
                        Claim::Union(inner) => members.extend(inner),
                        Claim::Function(_) | Claim::Method(_) => return None,
                        member => members.push(member),
                    }
                    if members.len() > MAX_MEMBERS {
                        return None;
                    }
                }
                if form == "typing.Optional" && !members.is_empty() {
                    members.push(Claim::None);
                }
                (!members.is_empty()).then(|| Claim::Union(members.into()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The range of a location; `None` when it is not one of this source.
fn range(index: &LineIndex, source: &str, location: &Location) -> Option<TextRange> {
    let place = |line: u64, column: u64| {
        let line_index = u32::try_from(line.checked_sub(1)?).ok()?;
        let column_index = u32::try_from(column).ok()?;
        if line_index >= index.line_len() {
            return None;
        }
        let offset = index.offset(source, Position { line_index, column_index }, ColumnEncoding::Utf8);
        // Columns beyond the line's end are moved to it.
        let start = index.line_start(source, line_index);
        (offset == start.checked_add(TextSize::new(column_index))?).then_some(offset)
    };
    let start = place(location.start_line, location.start_col)?;
    let end = place(location.end_line, location.end_col)?;
    (start <= end).then(|| TextRange::new(start, end))
}
