//! Decides what each name is.
//!
//! Problem: a name used but not bound in a scope belongs to the nearest enclosing function that binds it, and everything
//! between must hand it through.
//! Idea: scopes come parents first, so when a free name is looked up all outer bindings are known; the walk up marks the
//! scopes it passes and turns the found binding into a cell when a frame border was crossed.
//! Holds: class bodies are invisible from inside, except for `__class__` and its two kin; an annotation scope directly in a class
//! sees that class; unevaluated annotations capture nothing.
//! Source: `analyze_block`, `analyze_name` and `inline_comprehension` of CPython's `Python/symtable.c`.

use crate::{Resolution, ScopeFlags, ScopeId, ScopeKind, SemanticIndex, SymbolError, SymbolFlags, SymbolId};
use cinder_syntax::ast::name::Name;

pub(crate) fn resolve(index: &mut SemanticIndex) {
    for number in 0..index.scopes.len() {
        let scope = ScopeId::new(number);
        mark_inlined(index, scope);
        // Names handed through by inner scopes are appended later and arrive resolved; only the scope's own are walked.
        for symbol in 0..index.scopes[number].symbols.len() {
            resolve_symbol(index, scope, SymbolId::new(symbol));
        }
    }
}

fn mark_inlined(index: &mut SemanticIndex, scope: ScopeId) {
    let this = index.scope(scope);
    if !this.kind.is_comprehension() || this.kind == ScopeKind::Generator {
        return;
    }
    let parent = this.parent.expect("a comprehension stands in some scope");
    if !index.scope(parent).flags.contains(ScopeFlags::CAN_SEE_CLASS) {
        index.scopes[scope.index()].flags |= ScopeFlags::INLINED;
    }
}

fn resolve_symbol(index: &mut SemanticIndex, scope: ScopeId, symbol: SymbolId) {
    let this = index.scope(scope);
    let entry = this.symbol_by_id(symbol);
    if matches!(entry.resolution, Resolution::Free { .. }) {
        return;
    }
    let (name, flags) = (entry.name.clone(), entry.flags);
    let resolution = if flags.contains(SymbolFlags::GLOBAL) {
        if flags.contains(SymbolFlags::NONLOCAL) {
            report(index, scope, &name, format!("name '{name}' is nonlocal and global"));
        }
        Resolution::GlobalExplicit
    } else if flags.contains(SymbolFlags::NONLOCAL) {
        resolve_nonlocal(index, scope, &name)
    } else if flags.intersects(SymbolFlags::BOUND) {
        Resolution::Local
    } else {
        resolve_use(index, scope, &name)
    };
    index.scopes[scope.index()].symbols[symbol.index()].resolution = resolution;
}

fn resolve_nonlocal(index: &mut SemanticIndex, scope: ScopeId, name: &Name) -> Resolution {
    if index.scope(scope).kind == ScopeKind::Module {
        report(index, scope, name, "nonlocal declaration not allowed at module level".into());
        return Resolution::GlobalImplicit;
    }
    let Some(owner) = find_owner(index, scope, name) else {
        report(index, scope, name, format!("no binding for nonlocal '{name}' found"));
        return Resolution::GlobalImplicit;
    };
    if index.scope(owner).flags_of(name).contains(SymbolFlags::TYPE_PARAM) {
        report(index, scope, name, format!("nonlocal binding not allowed for type parameter '{name}'"));
    }
    capture(index, scope, owner, name);
    Resolution::Free { owner }
}

fn resolve_use(index: &mut SemanticIndex, scope: ScopeId, name: &Name) -> Resolution {
    if let Some(found) = resolve_in_visible_class(index, scope, name) {
        return found;
    }
    match find_owner(index, scope, name) {
        Some(owner) => {
            capture(index, scope, owner, name);
            Resolution::Free { owner }
        }
        None => Resolution::GlobalImplicit,
    }
}

/// An annotation scope in a class: a name the class binds is read from the namespace, then from the globals.
fn resolve_in_visible_class(index: &SemanticIndex, scope: ScopeId, name: &Name) -> Option<Resolution> {
    if !index.scope(scope).flags.contains(ScopeFlags::CAN_SEE_CLASS) {
        return None;
    }
    let mut class = index.scope(scope).parent?;
    while index.scope(class).kind != ScopeKind::Class {
        // Between an annotation scope and its class only type-parameter scopes stand, and they bind names of their own.
        if index.scope(class).flags_of(name).intersects(SymbolFlags::BOUND) {
            return None;
        }
        class = index.scope(class).parent?;
    }
    let flags = index.scope(class).flags_of(name);
    if flags.contains(SymbolFlags::GLOBAL) {
        return Some(Resolution::GlobalExplicit);
    }
    (flags.intersects(SymbolFlags::BOUND) && !flags.contains(SymbolFlags::NONLOCAL))
        .then_some(Resolution::GlobalImplicit)
}

/// The nearest enclosing scope whose binding of `name` is visible from `scope`.
pub(crate) fn find_owner(index: &SemanticIndex, scope: ScopeId, name: &Name) -> Option<ScopeId> {
    let mut current = index.scope(scope).parent;
    while let Some(id) = current {
        let candidate = index.scope(id);
        match candidate.kind {
            ScopeKind::Module => return None,
            ScopeKind::Class => {
                if matches!(name.as_str(), "__class__" | "__classdict__" | "__conditional_annotations__") {
                    return Some(id);
                }
            }
            _ => {
                let flags = candidate.flags_of(name);
                if flags.contains(SymbolFlags::GLOBAL) {
                    return None;
                }
                if !flags.contains(SymbolFlags::NONLOCAL) && flags.intersects(SymbolFlags::BOUND) {
                    return Some(id);
                }
            }
        }
        current = candidate.parent;
    }
    None
}

/// Makes `name` of `owner` reachable from `scope`.
fn capture(index: &mut SemanticIndex, scope: ScopeId, owner: ScopeId, name: &Name) {
    if index.scope(scope).flags.contains(ScopeFlags::UNEVALUATED) {
        return;
    }
    let mut crosses_frame = !index.scope(scope).is_inlined();
    let mut current = index.scope(scope).parent.expect("the owner encloses the scope");
    while current != owner {
        let between = &mut index.scopes[current.index()];
        crosses_frame |= !between.is_inlined();
        let parent = between.parent.expect("the owner encloses the scope");
        hand_through(between, owner, name);
        current = parent;
    }
    let owner = &mut index.scopes[owner.index()];
    if owner.kind == ScopeKind::Class {
        owner.flags |= match name.as_str() {
            "__class__" => ScopeFlags::NEEDS_CLASS_CELL,
            "__classdict__" => ScopeFlags::NEEDS_CLASSDICT,
            _ => ScopeFlags::CONDITIONAL_ANNOTATIONS_CELL,
        };
    } else if crosses_frame {
        let id = owner.ensure(name);
        owner.symbols[id.index()].resolution = Resolution::Cell;
    }
}

fn hand_through(between: &mut crate::Scope, owner: ScopeId, name: &Name) {
    let own = between.flags_of(name);
    let id = between.ensure(name);
    let symbol = &mut between.symbols[id.index()];
    if own.intersects(SymbolFlags::BOUND | SymbolFlags::GLOBAL) && !own.contains(SymbolFlags::NONLOCAL)
        || own.contains(SymbolFlags::USE) && !matches!(symbol.resolution, Resolution::Free { .. })
    {
        symbol.flags |= SymbolFlags::PASSES_FREE;
    } else {
        symbol.resolution = Resolution::Free { owner };
    }
}

fn report(index: &mut SemanticIndex, scope: ScopeId, name: &Name, message: String) {
    let this = index.scope(scope);
    // The place is the `global` or `nonlocal` statement, kept by the walk as the symbol's directive.
    let range =
        index.directives.iter().find(|(at, of, _)| *at == scope && of == name).map_or(this.range, |(.., range)| *range);
    index.errors.push(SymbolError { message, range });
}
