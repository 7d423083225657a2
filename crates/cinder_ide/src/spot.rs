//! What stands at a place: the one step all navigation begins with.

use cinder_db::{File, source_text};
use cinder_module_resolver::resolve_import;
use cinder_semantic::{DefinitionKind, semantic_index};
use cinder_syntax::ast::{Alias, AnyNodeRef, ExprAttribute, ExprCall, Keyword, StmtImportFrom};
use cinder_text::{TextRange, TextSize};

use crate::semantics::{Def, Semantics};
use crate::syntax;
use crate::ty::{Place, Ty};

pub(crate) enum Spot<'db> {
    /// A plain name, read or bound.
    Name,
    /// The name after a dot.
    Attribute(&'db ExprAttribute),
    /// The name of an argument.
    Keyword(&'db ExprCall, &'db Keyword),
    /// A name in `from module import name`.
    Imported(&'db StmtImportFrom, &'db Alias),
    /// A part of a module's name: the dots before it, and the name up to this part.
    Module(u32, String),
    /// A name in text that is read as a type.
    Quoted,
}

impl<'db> Semantics<'db> {
    /// What stands at a place and the identifier's range.
    pub(crate) fn spot(&self, file: File, offset: TextSize) -> Option<(TextRange, Spot<'db>)> {
        let range = syntax::identifier_at(self.db, file, offset)?;
        let path = syntax::path_to(self.db, file, range);
        let mut from_leaf = path.iter().rev();
        let leaf = from_leaf.next()?;
        let parent = from_leaf.next();
        let spot = match (leaf, parent) {
            (AnyNodeRef::ExprName(name), _) if name.range == range => Spot::Name,
            (AnyNodeRef::Identifier(name), Some(AnyNodeRef::ExprAttribute(attribute))) if name.range == range => {
                Spot::Attribute(attribute)
            }
            (AnyNodeRef::Identifier(_), Some(AnyNodeRef::Keyword(keyword))) => {
                let call = path.iter().rev().find_map(|node| match node {
                    AnyNodeRef::ExprCall(call) => Some(*call),
                    _ => None,
                })?;
                Spot::Keyword(call, keyword)
            }
            (AnyNodeRef::Identifier(name), Some(AnyNodeRef::Alias(alias))) => {
                self.alias_spot(&path, name.range, alias, range)?
            }
            (AnyNodeRef::Identifier(name), Some(AnyNodeRef::StmtImportFrom(import))) => {
                Spot::Module(import.level, self.dotted_prefix(file, name.range, range))
            }
            (AnyNodeRef::Identifier(name), _) if name.range == range => Spot::Name,
            (AnyNodeRef::StringLiteral(_) | AnyNodeRef::ExprStringLiteral(_), _) if self.is_type_text(file, &path) => {
                Spot::Quoted
            }
            _ => return None,
        };
        Some((range, spot))
    }

    fn alias_spot(
        &self,
        path: &[AnyNodeRef<'db>],
        name: TextRange,
        alias: &'db Alias,
        range: TextRange,
    ) -> Option<Spot<'db>> {
        if alias.asname.as_ref().is_some_and(|asname| asname.range == name) {
            return Some(Spot::Name);
        }
        path.iter().rev().find_map(|node| match node {
            AnyNodeRef::StmtImportFrom(import) => Some(Spot::Imported(import, alias)),
            AnyNodeRef::StmtImport(_) => {
                let end = (range.end() - name.start()).to_usize();
                Some(Spot::Module(0, alias.name.as_str().get(..end)?.to_string()))
            }
            _ => None,
        })
    }

    /// The text of a dotted name up to the part at `range`.
    fn dotted_prefix(&self, file: File, name: TextRange, range: TextRange) -> String {
        let text = cinder_text::slice(source_text(self.db, file), TextRange::new(name.start(), range.end()));
        text.split_whitespace().collect()
    }

    /// The definitions of what stands at a place. `follows` tells whether imports under another name are followed, too.
    pub(crate) fn defs_of(
        &self,
        file: File,
        range: TextRange,
        spot: &Spot<'db>,
        prefers_source: bool,
        follows: bool,
    ) -> Vec<Def> {
        let follow = |defs: Vec<Def>| {
            let kept: Vec<Def> = defs
                .iter()
                .flat_map(|def| {
                    if follows || !self.is_renaming_import(def) {
                        self.follow(def, prefers_source)
                    } else {
                        vec![def.clone()]
                    }
                })
                .collect();
            let mut unique: Vec<Def> = Vec::new();
            for def in kept {
                if !unique.contains(&def) {
                    unique.push(def);
                }
            }
            unique
        };
        match spot {
            Spot::Name => follow(self.chosen(file, range, self.bindings_at(file, range))),
            Spot::Quoted => follow(self.quoted_defs(file, range)),
            Spot::Attribute(attribute) => {
                let value = self.expression(file, &attribute.value);
                let name = attribute.attr.as_str();
                if let (Ty::Module(module), true) = (&value, prefers_source) {
                    return self.module_members(module, name, true);
                }
                let mut defs: Vec<Def> = self.members(&value, name).into_iter().map(|member| member.def).collect();
                if defs.is_empty() {
                    defs = self.loose_members(file, attribute);
                }
                follow(chosen_fields(defs))
            }
            Spot::Keyword(call, keyword) => {
                let Some(name) = &keyword.arg else { return Vec::new() };
                self.parameters_named(file, call, name.as_str())
            }
            Spot::Imported(import, alias) => self.imported(file, import, alias, prefers_source),
            Spot::Module(level, name) => {
                let name = name.trim_start_matches('.');
                let found = resolve_import(self.db, file, *level, (!name.is_empty()).then_some(name));
                found.ok().map(Def::Module).into_iter().collect()
            }
        }
    }

    /// What stands at a place means.
    pub(crate) fn defs_at(&self, file: File, offset: TextSize, prefers_source: bool) -> Option<(TextRange, Vec<Def>)> {
        let (range, spot) = self.spot(file, offset)?;
        Some((range, self.defs_of(file, range, &spot, prefers_source, true)))
    }

    /// `import a as b`, `from m import a as b`: `b` is a name of its own.
    fn is_renaming_import(&self, def: &Def) -> bool {
        let Def::Name(file, definition) = def else { return false };
        if definition.kind != DefinitionKind::Import {
            return false;
        }
        let path = syntax::path_to(self.db, *file, definition.range);
        path.iter().rev().any(|node| match node {
            AnyNodeRef::Alias(alias) => alias.asname.as_ref().is_some_and(|asname| asname.id != alias.name.id),
            _ => false,
        })
    }

    /// Of the definitions of a name those that a reader wants to see: declarations, else what was assigned before.
    fn chosen(&self, file: File, range: TextRange, defs: Vec<Def>) -> Vec<Def> {
        use DefinitionKind::{AnnotatedAssignment, Class, Function, Import};
        if let Some(own) = defs.iter().find(|def| def.file() == Some(file) && def.range() == range) {
            return vec![own.clone()];
        }
        let declared = |kinds: &[DefinitionKind]| {
            let found = defs.iter().filter(|def| def.kind().is_some_and(|kind| kinds.contains(&kind)));
            found.cloned().collect::<Vec<Def>>()
        };
        let annotated = declared(&[AnnotatedAssignment]);
        if !annotated.is_empty() {
            return annotated;
        }
        if !declared(&[Class, Function, Import]).is_empty() {
            return defs;
        }
        let index = semantic_index(self.db, file);
        let here = self.occurrence(file, range).map(|occurrence| index.frame_scope(occurrence.scope));
        let mut before = defs.iter().filter(|def| {
            let is_here = matches!(def, Def::Name(other, definition)
                if *other == file && Some(index.frame_scope(definition.scope)) == here);
            is_here && def.range().start() < range.start() && def.kind() != Some(DefinitionKind::AugmentedAssignment)
        });
        match before.next_back() {
            Some(nearest) => vec![nearest.clone()],
            None => defs,
        }
    }

    /// The parameters, or fields of a data class, that an argument's name means.
    fn parameters_named(&self, file: File, call: &'db ExprCall, name: &str) -> Vec<Def> {
        let callee = self.expression(file, &call.func);
        let of_function = |function: Place| {
            let node = self.function_node(function)?;
            let parameter = node.parameters.iter_non_variadic_params().find(|it| it.parameter.name.as_str() == name)?;
            self.def_with_range(function.file, parameter.parameter.name.range)
        };
        let found = callee.members().iter().flat_map(|callee| match callee {
            Ty::Function(function, _) => of_function(*function).into_iter().collect::<Vec<_>>(),
            Ty::Class(class, args) => {
                let constructors = self.class_members(*class, args, "__init__").into_iter();
                let own = constructors.filter_map(|member| match self.type_of_def(&member.def) {
                    Ty::Function(function, _) => of_function(function),
                    _ => None,
                });
                let own: Vec<Def> = own.collect();
                if own.is_empty() {
                    self.class_members(*class, args, name).into_iter().map(|member| member.def).collect()
                } else {
                    own
                }
            }
            _ => Vec::new(),
        });
        found.collect()
    }

    /// The definition whose name has this range.
    pub(crate) fn def_with_range(&self, file: File, range: TextRange) -> Option<Def> {
        if let Some(found) = self.siblings(file, range).find(|definition| definition.range == range) {
            return Some(Def::Name(file, found.clone()));
        }
        let own = crate::fields::fields_within(self.db, file, range).iter();
        let mut fields = own.chain(crate::fields::loose_fields(self.db, file));
        fields.find(|field| field.range == range).map(|field| Def::Field(file, field.clone()))
    }
}

/// Of the places that assign an attribute, the declaration or the first.
fn chosen_fields(defs: Vec<Def>) -> Vec<Def> {
    if !defs.iter().all(|def| matches!(def, Def::Field(..))) {
        return defs;
    }
    let annotated = defs.iter().find(|def| matches!(def, Def::Field(_, field) if field.is_annotated));
    annotated.or(defs.first()).cloned().into_iter().collect()
}
