//! What kind of thing each name is, for colours.
//!
//! Idea: plain names are classified by how they are bound, which the scopes know; only imports are followed. Attributes are told apart by how
//! they are used. No types are inferred, so a whole file costs little more than its scopes.

use cinder_db::{Db, File};
use cinder_semantic::{DefinitionKind, Resolution, ScopeKind, SymbolFlags, semantic_index};
use cinder_syntax::ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal};
use cinder_syntax::ast::{AnyNodeRef, Expr};
use cinder_text::TextRange;
use rustc_hash::FxHashMap;

use crate::describe::{Kind, kind_of};
use crate::semantics::{Def, Semantics, occurrences};

/// Names of token types, in the order of their numbers.
pub const TYPES: &[&str] = &[
    "namespace",
    "class",
    "enum",
    "enumMember",
    "typeParameter",
    "type",
    "parameter",
    "variable",
    "property",
    "function",
    "method",
    "decorator",
];
/// Names of modifiers, in the order of their bits.
pub const MODIFIERS: &[&str] = &["definition", "readonly", "async", "defaultLibrary"];

const DEFINITION: u32 = 1;
const READONLY: u32 = 2;
const ASYNC: u32 = 4;
const LIBRARY: u32 = 8;

/// One coloured name, within one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub range: TextRange,
    /// An index into [`TYPES`].
    pub kind: u32,
    /// Bits, numbered as [`MODIFIERS`].
    pub modifiers: u32,
}

fn type_of(kind: Kind) -> u32 {
    let name = match kind {
        Kind::Module => "namespace",
        Kind::Class => "class",
        Kind::Enum => "enum",
        Kind::EnumMember => "enumMember",
        Kind::Function => "function",
        Kind::Method => "method",
        Kind::Property | Kind::Field => "property",
        Kind::Variable | Kind::Constant | Kind::Keyword => "variable",
        Kind::Parameter => "parameter",
        Kind::TypeParameter => "typeParameter",
        Kind::TypeAlias => "type",
    };
    number(name)
}

fn number(name: &str) -> u32 {
    TYPES.iter().position(|known| *known == name).unwrap_or(0) as u32
}

/// The coloured names of a file, or of a part of it, in order of place.
pub fn semantic_tokens(db: &dyn Db, file: File, within: Option<TextRange>) -> Vec<Token> {
    let semantics = Semantics::new(db);
    let index = semantic_index(db, file);
    let is_wanted = |range: TextRange| within.is_none_or(|within| within.intersect(range).is_some());
    let mut tokens = Vec::new();
    // All occurrences of a symbol have one kind.
    let mut kinds: FxHashMap<(usize, usize), Option<(u32, u32)>> = FxHashMap::default();
    for occurrence in occurrences(db, file).iter().filter(|it| is_wanted(it.range)) {
        let symbol = index.scope(occurrence.scope).symbol_by_id(occurrence.symbol);
        let key = (occurrence.scope.index(), occurrence.symbol.index());
        let kind = *kinds.entry(key).or_insert_with(|| {
            let defs = semantics.bindings_at(file, occurrence.range);
            let def = defs.first()?;
            let is_library = def.file() != Some(file) && def.file().is_some_and(|file| semantics.is_library(file));
            Some((type_of(kind_of(&semantics, def)), modifiers(&semantics, def) | if is_library { LIBRARY } else { 0 }))
        });
        let Some((kind, modifiers)) = kind else { continue };
        // `import a.b` binds its first part.
        let range = first_part(db, file, occurrence.range);
        let is_receiver = is_receiver(index, occurrence.scope, symbol);
        let kind = if is_receiver { number("parameter") } else { kind };
        let definition = if occurrence.is_definition { DEFINITION } else { 0 };
        tokens.push(Token { range, kind, modifiers: modifiers | definition });
    }
    let mut walk = Attributes { tokens: Vec::new(), decorators: Vec::new(), callee: None, within };
    walk.visit_body(cinder_db::parsed_module(db, file).suite());
    // Of tokens at one place the first counts.
    tokens.splice(0..0, walk.decorators.into_iter().chain(walk.tokens));
    tokens.sort_by_key(|token| token.range.start());
    tokens.dedup_by_key(|token| token.range.start());
    tokens
}

fn first_part(db: &dyn Db, file: File, range: TextRange) -> TextRange {
    let text = cinder_text::slice(cinder_db::source_text(db, file), range);
    let len = text.find('.').unwrap_or(text.len());
    TextRange::at(range.start(), cinder_text::TextSize::new(len as u32))
}

/// Captured `self` and the like stay parameters.
fn is_receiver(
    index: &cinder_semantic::SemanticIndex,
    _: cinder_semantic::ScopeId,
    symbol: &cinder_semantic::Symbol,
) -> bool {
    match symbol.resolution {
        Resolution::Free { owner } => {
            index.scope(owner).symbol(&symbol.name).is_some_and(|it| it.flags.contains(SymbolFlags::PARAM))
        }
        _ => symbol.flags.contains(SymbolFlags::PARAM),
    }
}

fn modifiers(semantics: &Semantics<'_>, def: &Def) -> u32 {
    let mut bits = 0;
    if let Def::Name(file, definition) = def {
        let is_async = definition.kind == DefinitionKind::Function
            && crate::syntax::function(semantics.db, *file, definition.node).is_some_and(|function| function.is_async);
        bits |= if is_async { ASYNC } else { 0 };
        let is_constant =
            semantics.scope_kind(def) == Some(ScopeKind::Module) && kind_of(semantics, def) == Kind::Constant;
        bits |= if is_constant { READONLY } else { 0 };
    }
    bits
}

/// Collects attributes, names of arguments, and decorators.
struct Attributes {
    tokens: Vec<Token>,
    decorators: Vec<Token>,
    /// The callee of the call that was just entered.
    callee: Option<TextRange>,
    within: Option<TextRange>,
}

impl<'a> SourceOrderVisitor<'a> for Attributes {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        let range = cinder_text::Ranged::range(&node);
        if self.within.is_some_and(|within| within.intersect(range).is_none()) {
            return TraversalSignal::Skip;
        }
        let token = |range, kind| Token { range, kind: number(kind), modifiers: 0 };
        match node {
            AnyNodeRef::ExprCall(call) => self.callee = Some(cinder_text::Ranged::range(&*call.func)),
            AnyNodeRef::ExprAttribute(attribute) if !attribute.attr.is_empty() => {
                let is_called = self.callee == Some(attribute.range);
                let first = attribute.attr.chars().next().is_some_and(char::is_uppercase);
                let kind = match (is_called, first) {
                    (_, true) if attribute.attr.chars().any(char::is_lowercase) => "class",
                    (true, _) => "method",
                    _ => "property",
                };
                self.tokens.push(token(attribute.attr.range, kind));
            }
            AnyNodeRef::Keyword(keyword) => {
                if let Some(name) = &keyword.arg {
                    self.tokens.push(token(name.range, "parameter"));
                }
            }
            AnyNodeRef::Decorator(decorator) => {
                let name = match &decorator.expression {
                    Expr::Name(name) => Some(name.range),
                    Expr::Attribute(attribute) => Some(attribute.attr.range),
                    _ => None,
                };
                self.decorators.extend(name.map(|range| token(range, "decorator")));
            }
            AnyNodeRef::StmtImportFrom(import) => {
                if let Some(module) = &import.module {
                    self.tokens.push(token(module.range, "namespace"));
                }
            }
            _ => {}
        }
        TraversalSignal::Traverse
    }
}
