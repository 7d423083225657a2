//! What a document, or the whole workspace, consists of.

use cinder_db::{Db, File, module_items, parsed_module, source_map};
use cinder_module_resolver::module_name_of_file;
use cinder_syntax::ast::{Expr, Stmt};
use cinder_text::{TextRange, TextSize};

use crate::describe::Kind;
use crate::semantics::{decorator_names, special_form};

/// Something with a name and what is inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    pub name: String,
    pub kind: Kind,
    /// The name.
    pub range: TextRange,
    pub full_range: TextRange,
    pub children: Vec<Symbol>,
}

/// The outline of a document, in order of place.
#[salsa::tracked(returns(ref), lru = 4096)]
pub fn document_symbols(db: &dyn Db, file: File) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    collect(parsed_module(db, file).suite(), Around::Module, &mut symbols);
    symbols
}

#[derive(Clone, Copy, PartialEq)]
enum Around {
    Module,
    Class,
    Enum,
    Function,
}

fn collect(body: &[Stmt], around: Around, symbols: &mut Vec<Symbol>) {
    for stmt in body {
        match stmt {
            Stmt::FunctionDef(function) => {
                let decorators = decorator_names(function);
                let is_property = decorators.iter().any(|name| matches!(name.as_str(), "property" | "cached_property"));
                let kind = match around {
                    Around::Class | Around::Enum if is_property => Kind::Property,
                    Around::Class | Around::Enum => Kind::Method,
                    _ => Kind::Function,
                };
                let mut children = Vec::new();
                collect(&function.body, Around::Function, &mut children);
                if function.name.as_str() == "__init__" && matches!(around, Around::Class | Around::Enum) {
                    fields(&function.body, symbols);
                }
                symbols.push(Symbol {
                    name: function.name.to_string(),
                    kind,
                    range: function.name.range,
                    full_range: function.range,
                    children,
                });
            }
            Stmt::ClassDef(class) => {
                let is_enum = class
                    .bases()
                    .iter()
                    .filter_map(special_form)
                    .any(|base| base.ends_with("Enum") || base.ends_with("Flag"));
                let mut children = Vec::new();
                collect(&class.body, if is_enum { Around::Enum } else { Around::Class }, &mut children);
                symbols.push(Symbol {
                    name: class.name.to_string(),
                    kind: if is_enum { Kind::Enum } else { Kind::Class },
                    range: class.name.range,
                    full_range: class.range,
                    children,
                });
            }
            Stmt::Assign(assign) => {
                assign.targets.iter().for_each(|target| variable(target, assign.range, around, symbols))
            }
            Stmt::AnnAssign(assign) => variable(&assign.target, assign.range, around, symbols),
            Stmt::TypeAlias(alias) => {
                if let Expr::Name(name) = &*alias.name {
                    push(symbols, &name.id, Kind::TypeAlias, name.range, alias.range);
                }
            }
            Stmt::If(stmt) => {
                collect(&stmt.body, around, symbols);
                stmt.elif_else_clauses.iter().for_each(|clause| collect(&clause.body, around, symbols));
            }
            Stmt::Try(stmt) => {
                collect(&stmt.body, around, symbols);
                for handler in &stmt.handlers {
                    let cinder_syntax::ast::ExceptHandler::ExceptHandler(handler) = handler;
                    collect(&handler.body, around, symbols);
                }
                collect(&stmt.orelse, around, symbols);
                collect(&stmt.finalbody, around, symbols);
            }
            Stmt::With(stmt) => collect(&stmt.body, around, symbols),
            Stmt::For(stmt) if around != Around::Function => collect(&stmt.body, around, symbols),
            Stmt::While(stmt) if around != Around::Function => collect(&stmt.body, around, symbols),
            _ => {}
        }
    }
}

fn push(symbols: &mut Vec<Symbol>, name: &str, kind: Kind, range: TextRange, full_range: TextRange) {
    // A variable is listed where it is first assigned.
    if !symbols.iter().any(|known| known.name == name && known.kind == kind) {
        symbols.push(Symbol { name: name.to_string(), kind, range, full_range, children: Vec::new() });
    }
}

fn variable(target: &Expr, statement: TextRange, around: Around, symbols: &mut Vec<Symbol>) {
    match target {
        Expr::Name(name) => {
            let is_loud = name.id.chars().any(char::is_uppercase) && !name.id.chars().any(char::is_lowercase);
            let kind = match around {
                Around::Function => return,
                Around::Enum => Kind::EnumMember,
                Around::Class => Kind::Field,
                Around::Module if is_loud => Kind::Constant,
                Around::Module => Kind::Variable,
            };
            push(symbols, &name.id, kind, name.range, statement);
        }
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| variable(item, statement, around, symbols)),
        _ => {}
    }
}

/// `self.x = ...` in `__init__`.
fn fields(body: &[Stmt], symbols: &mut Vec<Symbol>) {
    for stmt in body {
        let (targets, range) = match stmt {
            Stmt::Assign(assign) => (&assign.targets[..], assign.range),
            Stmt::AnnAssign(assign) => (std::slice::from_ref(&*assign.target), assign.range),
            _ => continue,
        };
        for target in targets {
            if let Expr::Attribute(attribute) = target
                && matches!(&*attribute.value, Expr::Name(name) if name.id == "self")
            {
                push(symbols, attribute.attr.as_str(), Kind::Field, attribute.attr.range, range);
            }
        }
    }
}

/// A symbol of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceSymbol {
    pub file: File,
    pub name: String,
    pub kind: Kind,
    pub range: TextRange,
    /// The module, and classes around it.
    pub container: String,
}

/// Classes, functions, methods and module-level names whose letters contain `query` in order, best matches first; at most `limit`.
pub fn workspace_symbols(db: &dyn Db, files: &[File], query: &str, limit: usize) -> Vec<WorkspaceSymbol> {
    let query: Vec<char> = query.chars().flat_map(char::to_lowercase).collect();
    let mut found: Vec<(u32, WorkspaceSymbol)> = Vec::new();
    for file in files {
        let module = module_name_of_file(db, *file).map(|name| name.to_string()).unwrap_or_default();
        each(document_symbols(db, *file), &module, &mut |symbol, container| {
            if let Some(cost) = mismatch(&symbol.name, &query) {
                let hit = WorkspaceSymbol {
                    file: *file,
                    name: symbol.name.clone(),
                    kind: symbol.kind,
                    range: symbol.range,
                    container: container.to_string(),
                };
                found.push((cost, hit));
            }
        });
    }
    found.sort_by(|(cost, one), (other_cost, other)| {
        (cost, &one.name, &one.container, one.range.start()).cmp(&(
            other_cost,
            &other.name,
            &other.container,
            other.range.start(),
        ))
    });
    found.truncate(limit);
    found.into_iter().map(|(_, symbol)| symbol).collect()
}

fn each(symbols: &[Symbol], container: &str, visit: &mut dyn FnMut(&Symbol, &str)) {
    for symbol in symbols {
        visit(symbol, container);
        if matches!(symbol.kind, Kind::Class | Kind::Enum) {
            each(&symbol.children, &format!("{container}.{}", symbol.name), visit);
        }
    }
}

/// How far a name is from a query in lower case: letters skipped, the beginning counted double. `None` if letters are missing.
fn mismatch(name: &str, query: &[char]) -> Option<u32> {
    let letters: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    let mut at = 0;
    let mut cost = 0;
    for (index, wanted) in query.iter().enumerate() {
        let skipped = letters[at..].iter().position(|letter| letter == wanted)?;
        cost += skipped as u32 * if index == 0 { 2 } else { 1 };
        at += skipped + 1;
    }
    Some(cost * 64 + (letters.len() - at) as u32)
}

/// The qualified name of the function around a place, functions inside functions counted to the outermost.
pub fn function_at(db: &dyn Db, file: File, offset: TextSize) -> Option<String> {
    let map = source_map(db, file);
    let index = map.functions.iter().position(|anchor| anchor.range.contains_inclusive(offset))?;
    Some(module_items(db, file).functions.get(index)?.qualname(db).to_string())
}
