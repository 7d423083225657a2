//! Cuts a file into a module part and one part per function, both independent of positions.
//!
//! Problem: every offset of a tree moves with every edit above it, so anything computed from the tree of a file is computed again after
//! each keystroke. Checkers built that way spend time proportional to the file.
//!
//! Idea: cut the *text*, then parse the pieces.
//! * [`FunctionItem`]: one per function that is not inside another function (methods too), in order of appearance. It holds the lines of the
//!   definition. Equal lines are an equal item, wherever in the file they stand. [`function_body`] parses them; offsets count from
//!   the first line.
//! * [`ItemTree`]: the module's text with each such body replaced by a stub and without comments and blank lines, parsed. Nothing in it
//!   changes while a body is edited. The stub keeps what a body tells the outside:
//!
//! ```python
//! class Point(Base):                       class Point(Base):
//!     # where it is                            def __init__(self, x: int) -> None: self.x: (int) = ...; self.name = ...
//!     def __init__(self, x: int) -> None:      def walk(self) -> Iterator[int]: yield
//!         self.x: int = x                  def reset(): global count
//!         self.name = find_name(x)
//!     def walk(self) -> Iterator[int]:
//!         yield self.x
//! def reset():
//!     global count
//!     count = 0
//! ```
//!
//!   Kept are: `self.x: T` and `self.x = ...` for the attributes that `__init__` declares (in order; a declaration
//!   with a type replaces one without), `yield` for generators, `global` statements of the function and of functions inside it.
//!
//! Cost: each function is parsed twice when a file is opened, which is 4 % of a check, and an edit costs one parse of the file, comparisons
//! of text, and the parse of the piece that changed. Trees of pieces are few and small, the tree of the file need not stay in memory.
//!
//! What must hold:
//! * the piece parses to the same subtree as within the file (`tests/pieces.rs` compares them over whole modules), so ids of nodes agree;
//! * only [`source_map`] knows where pieces stand. It changes with every edit and is read when diagnostics are rendered.
//!
//! Follows rust-analyzer's item tree; the idea of using text for it is ours, because Python's module level is itself a program.

mod map;
pub mod number;
mod split;

use std::sync::Arc;

use cinder_syntax::Parsed;
use cinder_syntax::ast::{Stmt, StmtFunctionDef};
use cinder_text::TextRange;

pub use map::{Anchor, Segment, SourceMap};
use split::Split;

use crate::{Db, File, parsed_module, source_text};

/// A function that is not inside another function, with its text.
///
/// Identity: file, qualified name and how many of the same name precede it. So it survives edits of its body and of its neighbours.
#[salsa::tracked(debug)]
pub struct FunctionItem<'db> {
    #[returns(copy)]
    pub file: File,
    /// Names of the enclosing classes and its own, joined by dots.
    #[returns(ref)]
    pub qualname: Box<str>,
    /// Counts earlier functions of the same qualified name in the file (overloads, property setters, `if`/`else` variants).
    #[returns(copy)]
    pub ordinal: u32,
    /// The lines of the definition from the first decorator on, the first one with its indentation.
    #[tracked]
    #[returns(ref)]
    pub text: Arc<str>,
    /// Its place in [`ModuleItems::functions`]. Changes when functions before it come and go; for rendering only.
    #[tracked]
    #[returns(copy)]
    pub index: u32,
}

/// The functions of a file.
#[derive(Clone, Debug, PartialEq, Eq, salsa::SalsaValue)]
pub struct ModuleItems<'db> {
    /// In order of appearance, which is their order in [`ItemTree`] too.
    pub functions: Box<[FunctionItem<'db>]>,
}

/// The module without function bodies: what importers and the module's own level are checked against.
///
/// Made anew only when its text changes. Offsets count in that text and are lifted by [`Grain::Module`].
#[derive(Clone, Debug)]
pub struct ItemTree {
    text: Arc<str>,
    parsed: Arc<Parsed>,
    functions: Arc<number::FunctionIds>,
}

impl ItemTree {
    /// The module's source with stubs for bodies.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn parsed(&self) -> &Parsed {
        &self.parsed
    }

    /// The module's statements.
    pub fn body(&self) -> &[Stmt] {
        self.parsed.suite()
    }

    /// The index in [`ModuleItems::functions`] of a definition of this tree.
    pub fn function_index(&self, function: &StmtFunctionDef) -> Option<usize> {
        self.functions.index_of(function)
    }
}

/// The tree of one function, offsets counted as [`Grain::Function`] lifts them.
#[derive(Clone, Debug)]
pub struct FunctionBody {
    parsed: Arc<Parsed>,
}

impl FunctionBody {
    /// The definition. `None` when the text does not parse to one, which only happens in files with syntax errors.
    pub fn function(&self) -> Option<&StmtFunctionDef> {
        let mut body = self.parsed.suite();
        if let [Stmt::If(wrapper)] = body {
            body = &wrapper.body;
        }
        match body {
            [Stmt::FunctionDef(function)] => Some(function),
            _ => None,
        }
    }

    pub fn parsed(&self) -> &Parsed {
        &self.parsed
    }
}

/// The functions of `file`. Depends on: the file's text; equal while no function is added, removed or renamed.
#[salsa::tracked(returns(ref))]
pub fn module_items<'db>(db: &'db dyn Db, file: File) -> ModuleItems<'db> {
    let source = source_text(db, file);
    let split = split_file(db, file);
    let functions = split.functions.iter().enumerate().map(|(index, function)| {
        let text: Arc<str> = source[function.range.to_std_range()].into();
        FunctionItem::new(db, file, function.qualname.clone(), function.ordinal, text, index as u32)
    });
    ModuleItems { functions: functions.collect() }
}

/// The module without bodies. Depends on: what is outside function bodies.
// Not compared: whoever reads it is kept by the comparison of `item_text`, and a tree that was dropped could not be compared anyway.
#[salsa::tracked(returns(ref), no_eq, lru = 256)]
pub fn item_tree(db: &dyn Db, file: File) -> ItemTree {
    let ItemText { text, soundness } = item_text(db, file).clone();
    let parsed = match soundness {
        Some(Sound { is_deep }) => cinder_syntax::parse_sound(&text, is_deep),
        None => cinder_syntax::parse_module(&text),
    };
    let functions = number::module(parsed.module(), &text);
    ItemTree { text, parsed: Arc::new(parsed), functions: Arc::new(functions) }
}

/// The tree of one function. Depends on: the function's text.
#[salsa::tracked(returns(ref), no_eq, lru = 1024)]
pub fn function_body<'db>(db: &'db dyn Db, item: FunctionItem<'db>) -> FunctionBody {
    let text = item.text(db);
    let parsed = if split::is_indented(text) {
        cinder_syntax::parse_module(&format!("{}{text}", split::WRAPPER))
    } else {
        cinder_syntax::parse_module(text)
    };
    let body = FunctionBody { parsed: Arc::new(parsed) };
    if let Some(function) = body.function() {
        number::function(function);
    }
    body
}

/// Where the pieces of `file` stand. Depends on: the file's text; for rendering only.
#[salsa::tracked(returns(ref))]
pub fn source_map(db: &dyn Db, file: File) -> SourceMap {
    split_file(db, file).map.clone()
}

/// Between the tree of the file and the item tree, so that an equal text saves the parse.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ItemText {
    text: Arc<str>,
    /// When the file has no errors: then its pieces have none, and nobody needs to look for them again.
    soundness: Option<Sound>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sound {
    is_deep: bool,
}

#[salsa::tracked(returns(ref))]
fn item_text(db: &dyn Db, file: File) -> ItemText {
    let parsed = parsed_module(db, file);
    let soundness = parsed.is_valid().then(|| Sound { is_deep: parsed.is_deep() });
    ItemText { text: split_file(db, file).item_text.clone(), soundness }
}

#[salsa::tracked(returns(ref), no_eq, lru = 128)]
fn split_file(db: &dyn Db, file: File) -> Split {
    split::split(source_text(db, file), parsed_module(db, file))
}

/// The unit a range counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, salsa::SalsaValue)]
pub enum Grain<'db> {
    /// Ranges of an [`ItemTree`].
    Module(File),
    /// Ranges of a [`FunctionBody`].
    Function(FunctionItem<'db>),
}

impl<'db> Grain<'db> {
    pub fn file(self, db: &'db dyn Db) -> File {
        match self {
            Grain::Module(file) => file,
            Grain::Function(item) => item.file(db),
        }
    }

    /// The range in the file. Depends on: the whole file; for rendering only.
    pub fn lift(self, db: &'db dyn Db, range: TextRange) -> TextRange {
        let map = source_map(db, self.file(db));
        match self {
            Grain::Module(_) => map.lift_module(range),
            Grain::Function(item) => map.functions[item.index(db) as usize].lift(range),
        }
    }
}
