//! What another type checker says of a module's expressions.
//!
//! Problem: a full type checker knows types that this one does not infer (of attributes of ordinary objects, of calls of ordinary code), and
//! fields and methods behind such values would be reached the slow way.
//! Idea: the other checker writes a file for each module ([`file`]), by range. Ranges are looked up once, in the tree of the file, and become
//! [`Claim`]s by node id, unit by unit; so a unit is checked again only when what is said of *its* expressions changes.
//! Holds: nothing here is a proof. A claim is used for the value of a receiver alone, and only together with a cast to the class
//! ([`infer`](crate::infer)); whatever it says, it never makes a mistake of what is none without it. A file that is missing says nothing, a file
//! that is malformed says nothing and is reported.
//!
//! Follows: the language specification, section 20.

mod file;
mod write;

use std::sync::Arc;

use cinder_db::{Db, File, FilePath, FunctionItem, ParsedModule, parsed_module, source_text};
use cinder_diagnostic::Diagnostic;
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use cinder_syntax::ast::{Expr, HasNodeIndex, Stmt};
use cinder_syntax::{NodeId, node_id};
use cinder_text::{Ranged, TextRange};
use cinder_types::Name;
use rustc_hash::FxHashMap;

use crate::queries::module_header;
use crate::rules::INVALID_TYPE_FILE;

pub use write::type_file_of;

/// What is said of the value of an expression. Names are dotted, from the module on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claim {
    None,
    /// An instance of the class or of a subclass.
    Instance(Name),
    /// The class object, or that of a subclass.
    Class(Name),
    /// One of several.
    Union(Box<[Claim]>),
    Function(Name),
    /// A method of this class, bound to the receiver it is written after.
    Method(Name),
}

/// What is said of the expressions of one unit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UnitClaims {
    by_node: FxHashMap<NodeId, Arc<Claim>>,
}

impl UnitClaims {
    pub(crate) fn is_empty(&self) -> bool {
        self.by_node.is_empty()
    }

    /// What the value of this expression is said to be; where the place it goes to asks for a type, that type.
    pub(crate) fn of(&self, node: &impl HasNodeIndex) -> Option<&Claim> {
        self.by_node.get(&node_id(node)?).map(|claim| &**claim)
    }
}

/// What is said of a whole file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct FileClaims {
    module: UnitClaims,
    /// By the function's place in [`cinder_db::ModuleItems::functions`].
    functions: FxHashMap<usize, UnitClaims>,
    /// Why the file is not used.
    error: Option<String>,
}

/// Whether other checkers are asked at all. Depends on: the settings.
fn is_on(db: &dyn Db) -> bool {
    db.program().settings(db).statics.types.is_some()
}

/// The file with the types of a module. Depends on: the settings, the folder's listing, the module's name.
fn type_file(db: &dyn Db, file: File) -> Option<File> {
    let folder = FilePath::Disk(db.program().settings(db).statics.types.clone()?);
    let inner = folder.join("types");
    let folder = if db.files().folder(db, &inner).exists(db) { inner } else { folder };
    let name = format!("{}.json", module_header(db, file).name);
    Some(db.files().file(db, &folder.join(&name)))
}

/// Depends on: the module's text, its type file.
#[salsa::tracked(returns(ref), lru = 64)]
fn file_claims(db: &dyn Db, file: File) -> FileClaims {
    let Some(types) = type_file(db, file).filter(|types| types.exists(db)) else { return FileClaims::default() };
    let failed = |reason: String| {
        let path = types.path(db);
        FileClaims { error: Some(format!("{path}: {reason}")), ..FileClaims::default() }
    };
    let text = source_text(db, types);
    if let Some(error) = text.error() {
        return failed(error.to_string());
    }
    let by_range = match file::read(text, source_text(db, file)) {
        Ok(found) => found,
        Err(reason) => return failed(reason),
    };
    let parsed = parsed_module(db, file);
    let mut walk = Walk { parsed, by_range: &by_range, function: None, found: FileClaims::default() };
    walk.visit_body(parsed.suite());
    walk.found
}

/// What is said of everything outside function bodies. Depends on: what is said of the file; equal while that is.
#[salsa::tracked(returns(ref))]
fn module_claims_query(db: &dyn Db, file: File) -> UnitClaims {
    file_claims(db, file).module.clone()
}

/// What is said of one function's body. Depends on: what is said of the file; equal while this function's share is.
#[salsa::tracked(returns(ref))]
fn function_claims_query<'db>(db: &'db dyn Db, item: FunctionItem<'db>) -> UnitClaims {
    let index = item.index(db) as usize;
    file_claims(db, item.file(db)).functions.get(&index).cloned().unwrap_or_default()
}

/// What is said of everything outside function bodies.
pub(crate) fn module_claims(db: &dyn Db, file: File) -> UnitClaims {
    if is_on(db) { module_claims_query(db, file).clone() } else { UnitClaims::default() }
}

/// What is said of one function's body.
pub(crate) fn function_claims(db: &dyn Db, item: FunctionItem<'_>) -> UnitClaims {
    if is_on(db) { function_claims_query(db, item).clone() } else { UnitClaims::default() }
}

/// That a module's type file is malformed, at the module's beginning.
pub(crate) fn check_type_file(db: &dyn Db, file: File) -> Option<Diagnostic> {
    let error = if is_on(db) { file_claims(db, file).error.as_ref()? } else { return None };
    let message = format!("the types another checker found are not used: {error}");
    Some(
        Diagnostic::new(&INVALID_TYPE_FILE, TextRange::default(), message)
            .with_help("write the file anew with the checker it comes from"),
    )
}

/// Finds the expressions that something is said of.
struct Walk<'a> {
    parsed: &'a ParsedModule,
    by_range: &'a FxHashMap<TextRange, Arc<Claim>>,
    /// The function whose body is walked.
    function: Option<usize>,
    found: FileClaims,
}

impl<'a> SourceOrderVisitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let index = match statement {
            Stmt::FunctionDef(def) if self.function.is_none() => self.parsed.function_index(def),
            _ => None,
        };
        let (Stmt::FunctionDef(def), Some(_)) = (statement, index) else { return walk_stmt(self, statement) };
        // What stands around the body belongs to the module.
        def.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
        self.visit_parameters(&def.parameters);
        self.function = index;
        self.visit_body(&def.body);
        self.function = None;
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let (Some(claim), Some(node)) = (self.by_range.get(&expr.range()), node_id(expr)) {
            let unit = match self.function {
                Some(index) => self.found.functions.entry(index).or_default(),
                None => &mut self.found.module,
            };
            unit.by_node.insert(node, claim.clone());
        }
        walk_expr(self, expr);
    }
}
