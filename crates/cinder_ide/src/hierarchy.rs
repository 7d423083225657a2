//! Who calls whom, and who derives from whom.

use cinder_db::{Db, File, parsed_module};
use cinder_module_resolver::module_name_of_file;
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use cinder_syntax::ast::{AnyNodeRef, Expr, ExprCall, Stmt};
use cinder_text::{Ranged, TextRange, TextSize};

use crate::Search;
use crate::describe::{Kind, kind_of};
use crate::goto::name_of;
use crate::references::{all_of_one, find};
use crate::semantics::{Def, Semantics};
use crate::subclasses;
use crate::syntax::{enclosing_function, path_to};
use crate::ty::{Place, Ty};

/// A function, class or module in a hierarchy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub file: File,
    pub name: String,
    pub kind: Kind,
    /// The name; the beginning of a module.
    pub range: TextRange,
    pub full_range: TextRange,
    pub detail: String,
}

/// A caller or callee, with the places of the calls: in the caller's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub node: Node,
    pub places: Vec<TextRange>,
}

fn node(semantics: &Semantics<'_>, def: &Def) -> Option<Node> {
    let file = def.file()?;
    let module = module_name_of_file(semantics.db, file).map(|name| name.to_string()).unwrap_or_default();
    let class = semantics.owner_class(def).and_then(|class| semantics.class_node(class));
    let detail = class.map_or(module.clone(), |class| format!("{module}.{}", class.name));
    let kind = kind_of(semantics, def);
    Some(Node {
        file,
        name: name_of(semantics.db, def),
        kind,
        range: def.range(),
        full_range: def.full_range(),
        detail,
    })
}

fn module_node(semantics: &Semantics<'_>, file: File) -> Node {
    let name = module_name_of_file(semantics.db, file).map(|name| name.to_string());
    let name = name.or_else(|| file.path(semantics.db).file_name().map(str::to_string)).unwrap_or_default();
    let full_range = parsed_module(semantics.db, file).module().range;
    Node { file, name, kind: Kind::Module, range: TextRange::default(), full_range, detail: String::new() }
}

fn is_callable(semantics: &Semantics<'_>, def: &Def) -> bool {
    matches!(kind_of(semantics, def), Kind::Function | Kind::Method | Kind::Class | Kind::Enum | Kind::Property)
}

/// The function or class at a place.
pub fn prepare_calls(db: &dyn Db, file: File, offset: TextSize) -> Vec<Node> {
    let semantics = Semantics::new(db);
    let Some((_, defs)) = semantics.defs_at(file, offset, true) else { return Vec::new() };
    defs.iter().filter(|def| is_callable(&semantics, def)).filter_map(|def| node(&semantics, def)).collect()
}

/// The definition a node was made of: the one at its place.
fn def_of(semantics: &Semantics<'_>, file: File, range: TextRange) -> Option<Def> {
    semantics.def_with_range(file, range)
}

/// Who calls the function whose name is at `range`.
pub fn incoming_calls(db: &dyn Db, file: File, range: TextRange, search: Search<'_>) -> Vec<Call> {
    let semantics = Semantics::new(db);
    let Some(def) = def_of(&semantics, file, range) else { return Vec::new() };
    let defs = all_of_one(&semantics, vec![def]);
    let mut calls: Vec<Call> = Vec::new();
    for reference in find(&semantics, &defs, file, search) {
        let path = path_to(db, reference.file, reference.range);
        let is_called = path.iter().any(|node| {
            matches!(node, AnyNodeRef::ExprCall(call)
            if call.func.range().end() == reference.range.end() && call.func.range().contains_range(reference.range))
        });
        if !is_called {
            continue;
        }
        let caller = match enclosing_function(&path, reference.range.start()) {
            Some(function) => {
                semantics.def_with_range(reference.file, function.name.range).and_then(|def| node(&semantics, &def))
            }
            None => Some(module_node(&semantics, reference.file)),
        };
        let Some(caller) = caller else { continue };
        match calls.iter_mut().find(|call| call.node == caller) {
            Some(call) => call.places.push(reference.range),
            None => calls.push(Call { node: caller, places: vec![reference.range] }),
        }
    }
    calls
}

/// What the function whose name is at `range` calls; for a module, what its own level calls.
pub fn outgoing_calls(db: &dyn Db, file: File, range: TextRange) -> Vec<Call> {
    struct Calls<'a>(Vec<&'a ExprCall>);
    impl<'a> SourceOrderVisitor<'a> for Calls<'a> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if !matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
                walk_stmt(self, stmt);
            }
        }
        fn visit_expr(&mut self, expr: &'a Expr) {
            if let Expr::Call(call) = expr {
                self.0.push(call);
            }
            walk_expr(self, expr);
        }
    }
    let semantics = Semantics::new(db);
    let path = path_to(db, file, range);
    let mut walk = Calls(Vec::new());
    let definition = path.iter().rev().find_map(|node| match node {
        AnyNodeRef::StmtFunctionDef(function) if function.name.range == range => Some(&function.body[..]),
        AnyNodeRef::StmtClassDef(class) if class.name.range == range => Some(&class.body[..]),
        _ => None,
    });
    walk.visit_body(definition.unwrap_or(parsed_module(db, file).suite()));
    let mut calls: Vec<Call> = Vec::new();
    for call in walk.0 {
        let place = match &*call.func {
            Expr::Attribute(attribute) => attribute.attr.range,
            Expr::Name(name) => name.range,
            _ => continue,
        };
        let Some((_, defs)) = semantics.defs_at(file, place.start(), true) else { continue };
        let Some(callee) = defs.iter().filter(|def| is_callable(&semantics, def)).find_map(|def| node(&semantics, def))
        else {
            continue;
        };
        match calls.iter_mut().find(|call| call.node == callee) {
            Some(call) => call.places.push(place),
            None => calls.push(Call { node: callee, places: vec![place] }),
        }
    }
    calls
}

fn class_node(semantics: &Semantics<'_>, class: Place) -> Option<Node> {
    let name = semantics.class_node(class)?.name.range;
    node(semantics, &semantics.def_with_range(class.file, name)?)
}

fn class_at(semantics: &Semantics<'_>, file: File, range: TextRange) -> Option<Place> {
    match semantics.type_of_def(&def_of(semantics, file, range)?) {
        Ty::Class(class, _) => Some(class),
        _ => None,
    }
}

/// The classes at a place: those named, or those of the value.
pub fn prepare_types(db: &dyn Db, file: File, offset: TextSize) -> Vec<Node> {
    let semantics = Semantics::new(db);
    let Some((_, ty)) = crate::goto::value_at(&semantics, file, offset) else { return Vec::new() };
    let classes = ty.members().iter().filter_map(|member| match member {
        Ty::Class(class, _) | Ty::Instance(class, _) => Some(*class),
        _ => None,
    });
    classes.filter_map(|class| class_node(&semantics, class)).collect()
}

/// The direct bases of the class whose name is at `range`.
pub fn supertypes(db: &dyn Db, file: File, range: TextRange) -> Vec<Node> {
    let semantics = Semantics::new(db);
    let Some(class) = class_at(&semantics, file, range) else { return Vec::new() };
    semantics.bases(class).iter().filter_map(|(base, _)| class_node(&semantics, *base)).collect()
}

/// The classes that derive directly from the class whose name is at `range`.
pub fn subtypes(db: &dyn Db, file: File, range: TextRange, search: Search<'_>) -> Vec<Node> {
    let semantics = Semantics::new(db);
    let Some(class) = class_at(&semantics, file, range) else { return Vec::new() };
    subclasses::directly_below(&semantics, class, search)
        .into_iter()
        .filter_map(|class| class_node(&semantics, class))
        .collect()
}
