//! What keeps a file's static code from being fast, one finding per cause.
//!
//! Problem: a value without a type makes every use of it slow, and a finding for each buries the others.
//! Idea: findings that say the same about the same thing become one at the first place, which counts the places and shows the others. The thing is
//! what the message names (a method, a property, a variable); where it names nothing, the variable that the slow expression begins with: a name the module
//! imports is one thing everywhere, others are one within a function.

use cinder_db::{Db, File, line_index, parsed_module, source_text};
use cinder_diagnostic::Diagnostic;
use cinder_semantic::{SymbolFlags, semantic_index};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, walk_stmt};
use cinder_syntax::ast::{Expr, Stmt};
use cinder_text::{TextRange, slice};
use rustc_hash::FxHashMap;

use crate::suppress;

/// Places that are shown besides the first; the count tells of all.
const SHOWN: usize = 20;

/// The findings of a file, without what comments suppress, in order of place.
pub(crate) fn performance(db: &dyn Db, file: File) -> Vec<Diagnostic> {
    let parsed = parsed_module(db, file);
    if !cinder_static::summary::has_static_flag(parsed.suite()) {
        return Vec::new();
    }
    let text = source_text(db, file);
    let found = cinder_static::check_performance(db, file);
    let mut kept = suppress::apply(text, parsed, || line_index(db, file), found);
    kept.retain(|diagnostic| diagnostic.rule.name == "slow-operation");
    kept.sort_by_key(|diagnostic| (diagnostic.range.start(), diagnostic.range.end()));
    kept.dedup();
    let mut functions = Functions(Vec::new());
    functions.visit_body(parsed.suite());
    let module = semantic_index(db, file);
    let is_imported = |name: &str| {
        let symbol = module.scope(module.module_scope()).symbol(name);
        symbol.is_some_and(|symbol| symbol.flags.contains(SymbolFlags::IMPORT))
    };
    grouped(kept, |diagnostic| {
        if diagnostic.message.contains(['\'', '`']) || names_member(&diagnostic.message) {
            return (String::new(), 0);
        }
        let place = slice(text, diagnostic.range);
        let end = place.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(place.len());
        let root = place[..end].to_owned();
        let function = if is_imported(&root) { 0 } else { functions.around(diagnostic.range) };
        (root, function)
    })
}

/// "Method m can be overridden", and the like: the member is named without quotes.
fn names_member(message: &str) -> bool {
    message.contains(" can be overridden") || message.starts_with("Make the base class of ")
}

/// One finding for those with equal message and `cause`.
fn grouped<K: std::hash::Hash + Eq>(found: Vec<Diagnostic>, cause: impl Fn(&Diagnostic) -> K) -> Vec<Diagnostic> {
    let mut groups: Vec<(Diagnostic, Vec<TextRange>)> = Vec::new();
    let mut by_cause: FxHashMap<(String, K), usize> = FxHashMap::default();
    for diagnostic in found {
        let key = (diagnostic.message.clone(), cause(&diagnostic));
        match by_cause.get(&key) {
            Some(group) => groups[*group].1.push(diagnostic.range),
            None => {
                by_cause.insert(key, groups.len());
                groups.push((diagnostic, Vec::new()));
            }
        }
    }
    let counted = groups.into_iter().map(|(mut first, others)| {
        if !others.is_empty() {
            first.message = format!("{} ({} places)", first.message, others.len() + 1);
        }
        others.into_iter().take(SHOWN).fold(first, |first, place| first.with_annotation(place, "and here"))
    });
    counted.collect()
}

/// Where the functions stand that are not inside others.
struct Functions(Vec<TextRange>);

impl Functions {
    /// A number for the function around a place; 0 for none.
    fn around(&self, place: TextRange) -> usize {
        let after = self.0.partition_point(|function| function.start() <= place.start());
        if after > 0 && self.0[after - 1].contains_range(place) { after } else { 0 }
    }
}

impl<'a> SourceOrderVisitor<'a> for Functions {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => self.0.push(function.range),
            stmt => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}
