//! Gives a thing another name everywhere, or says why that would change the program.

use cinder_db::{Db, File, FilePath};
use cinder_semantic::{DefinitionKind, Resolution, ScopeId, ScopeKind, semantic_index};
use cinder_text::{TextRange, TextSize};

use crate::Search;
use crate::goto::name_of;
use crate::references::{Reference, find, meaning};
use crate::semantics::{Def, Semantics};
use crate::subclasses;

/// A change to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    pub file: File,
    pub range: TextRange,
    pub text: String,
}

/// The range of the name that would be renamed, and the name; `None` where no name stands.
///
/// Errors: why a name cannot be renamed.
pub fn prepare(db: &dyn Db, file: File, offset: TextSize) -> Result<Option<(TextRange, String)>, String> {
    let semantics = Semantics::new(db);
    let Some((range, defs)) = meaning(&semantics, file, offset) else { return Ok(None) };
    check_renamable(&semantics, &defs)?;
    Ok(Some((range, name_of(db, &defs[0]))))
}

/// The edits that rename what stands at a place, in order of file and place.
///
/// Errors: why it cannot be renamed, or what the new name would collide with.
pub fn rename(
    db: &dyn Db,
    file: File,
    offset: TextSize,
    name: &str,
    search: Search<'_>,
) -> Result<Vec<FileEdit>, String> {
    let semantics = Semantics::new(db);
    let (_, defs) = meaning(&semantics, file, offset).ok_or("nothing here that can be renamed")?;
    check_renamable(&semantics, &defs)?;
    if !is_identifier(name) {
        return Err(format!("`{name}` is not a name"));
    }
    let defs = with_overrides(&semantics, defs, search)?;
    let references = find(&semantics, &defs, file, search);
    if name_of(db, &defs[0]) == name {
        return Ok(Vec::new());
    }
    for def in &defs {
        check_definition(&semantics, def, name)?;
    }
    for reference in &references {
        check_reference(&semantics, reference, &defs, name)?;
    }
    Ok(references
        .into_iter()
        .map(|reference| FileEdit { file: reference.file, range: reference.range, text: name.to_string() })
        .collect())
}

fn is_identifier(name: &str) -> bool {
    let parsed = cinder_syntax::parse(name, cinder_syntax::Mode::Expression);
    parsed.is_valid() && matches!(parsed.expression(), Some(cinder_syntax::ast::Expr::Name(it)) if it.id == name)
}

fn check_renamable(semantics: &Semantics<'_>, defs: &[Def]) -> Result<(), String> {
    for def in defs {
        let name = name_of(semantics.db, def);
        match def {
            Def::Module(_) => return Err(format!("`{name}` is a module: rename its file")),
            _ if !def.file().is_some_and(|file| is_own(semantics, file)) => {
                return Err(format!("`{name}` is defined outside of the project"));
            }
            Def::Name(file, definition) if definition.kind == DefinitionKind::Import => {
                // Only renaming imports and imports of unknown modules are left.
                let has_alias =
                    cinder_text::slice(cinder_db::source_text(semantics.db, *file), definition.range) == name;
                if !has_alias || semantics.follow(def, true) == [def.clone()] {
                    return Err(format!("`{name}` comes from a module that was not found"));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_own(semantics: &Semantics<'_>, file: File) -> bool {
    match file.path(semantics.db) {
        FilePath::Disk(path) => !path.components().any(|part| part.as_os_str() == "site-packages"),
        FilePath::Virtual(_) => true,
        FilePath::Vendored(_) => false,
    }
}

/// A method's overridden and overriding methods must change with it.
fn with_overrides(semantics: &Semantics<'_>, defs: Vec<Def>, search: Search<'_>) -> Result<Vec<Def>, String> {
    let mut all = defs.clone();
    for def in &defs {
        let Some(class) = semantics.owner_class(def) else { continue };
        let name = name_of(semantics.db, def);
        let above = semantics.ancestors(class, &[]).into_iter().skip(1).map(|(class, _)| class);
        let mut related = Vec::new();
        for ancestor in above {
            let inherited = semantics.own_members(ancestor, &name);
            if !inherited.is_empty() && !is_own(semantics, ancestor.file) {
                let owner = semantics.class_node(ancestor).map_or("a class", |class| class.name.as_str());
                return Err(format!("`{name}` overrides an attribute of `{owner}`, which is outside of the project"));
            }
            if !inherited.is_empty() {
                related.push(ancestor);
            }
        }
        let roots: Vec<_> = if related.is_empty() { vec![class] } else { related };
        for root in roots {
            for class in std::iter::once(root).chain(subclasses::all_below(semantics, root, search)) {
                for def in semantics.own_members(class, &name) {
                    if !all.contains(&def) {
                        all.push(def);
                    }
                }
            }
        }
    }
    Ok(all)
}

/// Whether the place that binds the name has the new one already, or whether other code would begin to mean it.
fn check_definition(semantics: &Semantics<'_>, def: &Def, name: &str) -> Result<(), String> {
    if let Some(class) = semantics.owner_class(def) {
        let has = semantics.class_members(class, &[], name);
        if !has.is_empty() {
            let class = semantics.class_node(class).map_or("the class", |class| class.name.as_str());
            return Err(format!("`{class}` has an attribute `{name}` already"));
        }
        return Ok(());
    }
    let Def::Name(file, definition) = def else { return Ok(()) };
    let index = semantic_index(semantics.db, *file);
    let scope = match index.scope(definition.scope).symbol_by_id(definition.symbol).resolution {
        Resolution::Free { owner } => owner,
        Resolution::GlobalExplicit | Resolution::GlobalImplicit => index.module_scope(),
        _ => definition.scope,
    };
    let is_bound =
        |scope: ScopeId| index.scope(scope).symbol(name).is_some_and(|symbol| !symbol.definitions.is_empty());
    if is_bound(scope) {
        return Err(format!("`{name}` is defined here already"));
    }
    // A use of the new name further in that means something outside would be captured.
    let is_captured = index.uses().iter().any(|it| {
        let symbol = index.scope(it.scope).symbol_by_id(it.symbol);
        let is_inside = is_inside(semantics, *file, it.scope, scope);
        let leads_out = match symbol.resolution {
            Resolution::GlobalImplicit | Resolution::GlobalExplicit => {
                scope != index.module_scope() || semantics.module_names(*file, name).is_empty()
            }
            Resolution::Free { owner } => owner != scope && is_inside && !is_inside_of(semantics, *file, owner, scope),
            _ => false,
        };
        symbol.name.as_str() == name && is_inside && leads_out
    });
    match is_captured {
        true => Err(format!("`{name}` means something else in the same scope")),
        false => Ok(()),
    }
}

fn is_inside(semantics: &Semantics<'_>, file: File, scope: ScopeId, outer: ScopeId) -> bool {
    scope == outer || is_inside_of(semantics, file, scope, outer)
}

fn is_inside_of(semantics: &Semantics<'_>, file: File, scope: ScopeId, outer: ScopeId) -> bool {
    let index = semantic_index(semantics.db, file);
    let mut parent = index.scope(scope).parent;
    while let Some(scope) = parent {
        if scope == outer {
            return true;
        }
        parent = index.scope(scope).parent;
    }
    false
}

/// Whether the new name would mean something else where the old one is used.
fn check_reference(semantics: &Semantics<'_>, reference: &Reference, defs: &[Def], name: &str) -> Result<(), String> {
    let Some(occurrence) = semantics.occurrence(reference.file, reference.range) else { return Ok(()) };
    let index = semantic_index(semantics.db, reference.file);
    let homes: Vec<ScopeId> = defs
        .iter()
        .filter_map(|def| match def {
            Def::Name(file, definition) if *file == reference.file => Some(definition.scope),
            _ => None,
        })
        .collect();
    let mut scope = Some(occurrence.scope);
    let mut is_first = true;
    while let Some(id) = scope {
        let this = index.scope(id);
        let is_visible = is_first || this.kind != ScopeKind::Class;
        let is_bound = this.symbol(name).is_some_and(|symbol| !symbol.definitions.is_empty());
        if is_visible && is_bound {
            return Err(format!("`{name}` means something else where `{}` is used", name_of(semantics.db, &defs[0])));
        }
        if homes.contains(&id) {
            break;
        }
        is_first = false;
        scope = this.parent;
    }
    Ok(())
}
