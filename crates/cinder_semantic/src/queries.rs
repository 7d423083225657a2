//! The index as a database query.

use crate::SemanticIndex;
use cinder_db::{Db, File, parsed_module};

/// The scopes of a file. Grain: file, since ranges are absolute; the tree it is made from is parsed again on demand.
///
/// Depends on: the file's text.
#[salsa::tracked(returns(ref), no_eq, lru = 128)]
pub fn semantic_index(db: &dyn Db, file: File) -> SemanticIndex {
    SemanticIndex::build(parsed_module(db, file).module())
}
