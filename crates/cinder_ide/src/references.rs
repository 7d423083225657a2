//! Everywhere a thing is named.
//!
//! Idea: what cannot be seen from outside its function is looked for in its file by its scope; for everything else the text of all files is searched for the
//! name, and each hit is asked what it means. So nothing needs to be indexed before the first question.

use cinder_db::{Db, File, source_text};
use cinder_semantic::{ScopeKind, semantic_index};
use cinder_text::{TextRange, TextSize};
use memchr::memmem;

use crate::Search;
use crate::goto::name_of;
use crate::semantics::{Def, Semantics, occurrences};
use crate::syntax::is_name_char;

/// A place that names the thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    pub file: File,
    pub range: TextRange,
    /// It binds the name rather than reads it.
    pub is_definition: bool,
}

/// All references in the files searched, in their order and in order of place. With `includes_definitions` the places that bind the name are among them.
pub fn references(
    db: &dyn Db,
    file: File,
    offset: TextSize,
    search: Search<'_>,
    includes_definitions: bool,
) -> Option<Vec<Reference>> {
    let semantics = Semantics::new(db);
    let (_, defs) = meaning(&semantics, file, offset)?;
    let found = find(&semantics, &defs, file, search);
    Some(found.into_iter().filter(|it| includes_definitions || !it.is_definition).collect())
}

/// The same within one file.
pub fn highlights(db: &dyn Db, file: File, offset: TextSize) -> Option<Vec<Reference>> {
    let semantics = Semantics::new(db);
    let (_, defs) = meaning(&semantics, file, offset)?;
    Some(find(&semantics, &defs, file, Search::silent(&[file])).into_iter().filter(|it| it.file == file).collect())
}

/// What a place means, renamed imports counted as things of their own. All definitions of a variable are one thing.
pub(crate) fn meaning(semantics: &Semantics<'_>, file: File, offset: TextSize) -> Option<(TextRange, Vec<Def>)> {
    let (range, spot) = semantics.spot(file, offset)?;
    let defs = semantics.defs_of(file, range, &spot, true, false);
    if defs.is_empty() {
        return None;
    }
    Some((range, all_of_one(semantics, defs)))
}

/// All bindings of the variables and attributes that these definitions bind.
pub(crate) fn all_of_one(semantics: &Semantics<'_>, defs: Vec<Def>) -> Vec<Def> {
    let mut all: Vec<Def> = Vec::new();
    for def in defs {
        let siblings = match (&def, semantics.owner_class(&def)) {
            (_, Some(class)) => {
                let name = name_of(semantics.db, &def);
                let own = semantics.own_members(class, &name);
                let fields = crate::fields::fields_within(semantics.db, class.file, class.range).iter();
                let fields = fields.filter(|field| field.class == Some(class.range) && *field.name == *name);
                own.into_iter().chain(fields.map(|field| Def::Field(class.file, field.clone()))).collect()
            }
            (Def::Name(file, definition), None) => semantics.bindings_at(*file, definition.range),
            (Def::Field(file, field), None) => semantics.loose_siblings(*file, field),
            _ => Vec::new(),
        };
        for def in std::iter::once(def).chain(siblings) {
            if !all.contains(&def) {
                all.push(def);
            }
        }
    }
    all
}

/// Whether nothing outside of its function can name it.
fn is_local(semantics: &Semantics<'_>, def: &Def) -> bool {
    // A parameter may be named by a caller.
    let is_parameter = def.kind() == Some(cinder_semantic::DefinitionKind::Parameter);
    !is_parameter && semantics.scope_kind(def).is_some_and(|kind| !matches!(kind, ScopeKind::Module | ScopeKind::Class))
}

pub(crate) fn find(semantics: &Semantics<'_>, defs: &[Def], origin: File, search: Search<'_>) -> Vec<Reference> {
    if defs.iter().all(|def| is_local(semantics, def)) {
        return local(semantics, defs);
    }
    let Some(name) = defs.first().map(|def| name_of(semantics.db, def)) else { return Vec::new() };
    let homes = defs.iter().filter_map(Def::file).filter(|file| !semantics.is_library(*file));
    let mut all: Vec<File> = search.files.to_vec();
    for file in homes.chain([origin]) {
        if !all.contains(&file) {
            all.push(file);
        }
    }
    let of_file = |(number, file)| {
        (search.on_progress)(number);
        in_file(semantics, defs, &name, file)
    };
    all.into_iter().enumerate().flat_map(of_file).collect()
}

/// References of names that one file's scopes tell all about.
fn local(semantics: &Semantics<'_>, defs: &[Def]) -> Vec<Reference> {
    let Some(file) = defs.first().and_then(Def::file) else { return Vec::new() };
    let index = semantic_index(semantics.db, file);
    let Some(name) = defs.first().map(|def| name_of(semantics.db, def)) else { return Vec::new() };
    let named = occurrences(semantics.db, file).iter().filter(|it| {
        let symbol = index.scope(it.scope).symbol_by_id(it.symbol);
        symbol.name.as_str() == index.scope(it.scope).mangle(&name)
    });
    let meant = named.filter(|it| semantics.bindings_at(file, it.range).iter().any(|def| defs.contains(def)));
    meant.map(|it| Reference { file, range: it.range, is_definition: it.is_definition }).collect()
}

fn in_file(semantics: &Semantics<'_>, defs: &[Def], name: &str, file: File) -> Vec<Reference> {
    semantics.db.unwind_if_revision_cancelled();
    let text = source_text(semantics.db, file).as_str();
    let mut found = Vec::new();
    for at in memmem::find_iter(text.as_bytes(), name.as_bytes()) {
        let end = at + name.len();
        let is_part = text[..at].chars().next_back().is_some_and(is_name_char)
            || text[end..].chars().next().is_some_and(is_name_char);
        if is_part {
            continue;
        }
        let range = TextRange::new(TextSize::new(at as u32), TextSize::new(end as u32));
        let Some((_, spot)) = semantics.spot(file, range.start()) else { continue };
        let meant = semantics.defs_of(file, range, &spot, true, false);
        if meant.iter().any(|def| defs.contains(def)) {
            found.push(Reference { file, range, is_definition: is_definition(semantics, file, range) });
        }
    }
    found
}

fn is_definition(semantics: &Semantics<'_>, file: File, range: TextRange) -> bool {
    semantics.occurrence(file, range).is_some_and(|it| it.is_definition)
        || crate::fields::fields_within(semantics.db, file, range).iter().any(|field| field.range == range)
        || crate::fields::loose_fields(semantics.db, file).iter().any(|field| field.range == range)
}
