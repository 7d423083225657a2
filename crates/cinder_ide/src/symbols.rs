//! Symbols of a document.

use cinder_db::{Db, File, module_items, source_map};
use cinder_text::TextSize;

/// The qualified name of the function around a place, functions inside functions counted to the outermost.
pub fn function_at(db: &dyn Db, file: File, offset: TextSize) -> Option<String> {
    let map = source_map(db, file);
    let index = map.functions.iter().position(|anchor| anchor.range.contains_inclusive(offset))?;
    Some(module_items(db, file).functions.get(index)?.qualname(db).to_string())
}
