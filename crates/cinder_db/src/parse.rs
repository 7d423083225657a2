//! The tree of a whole file.
//!
//! Idea: a tree is thirty times its text, so it is kept for the files in use only (`lru`) and parsed again on demand; parsing costs about a
//! microsecond a line. It has no useful equality, since every offset moves with every edit: queries of the module and body grain start from
//! [`items`](crate::items) instead.

use std::ops::Deref;
use std::sync::Arc;

use cinder_syntax::Parsed;
use cinder_syntax::ast::StmtFunctionDef;

use crate::items::number;
use crate::{Db, File, source_text};

/// A file's tree with all its syntax errors; offsets count from the file's start. Cheap to clone.
///
/// Nodes carry grain-relative ids, the same as in the trees of [`item_tree`](crate::item_tree) and [`function_body`](crate::function_body):
/// see [`items::number`](crate::items::number). That is how code generation, which walks this tree, finds what the checker said.
#[derive(Clone, Debug)]
pub struct ParsedModule {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    parsed: Parsed,
    functions: number::FunctionIds,
}

impl ParsedModule {
    /// The index in [`ModuleItems::functions`](crate::ModuleItems::functions) of a definition of this tree.
    /// `None` for functions inside functions, which belong to the outermost one's body.
    pub fn function_index(&self, function: &StmtFunctionDef) -> Option<usize> {
        self.inner.functions.index_of(function)
    }
}

impl Deref for ParsedModule {
    type Target = Parsed;
    fn deref(&self) -> &Parsed {
        &self.inner.parsed
    }
}

/// Whether the program is for a Python that knows lazy imports (PEP 810). Depends on: the settings, most of which trees do not depend on.
#[salsa::tracked(returns(copy))]
fn has_lazy_imports(db: &dyn Db) -> bool {
    db.program().settings(db).strict.python_minor >= 15
}

/// The tree of `file`. Depends on: the file's text.
#[salsa::tracked(returns(ref), no_eq, lru = 128)]
pub fn parsed_module(db: &dyn Db, file: File) -> ParsedModule {
    let text = source_text(db, file);
    let parsed = cinder_syntax::parse_file(text, has_lazy_imports(db));
    let functions = number::module(parsed.module(), text);
    ParsedModule { inner: Arc::new(Inner { parsed, functions }) }
}
