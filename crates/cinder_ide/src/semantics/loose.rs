//! Attributes given to things from outside their class: `local = threading.local(); local.user = None`.
//!
//! Idea: an attribute that no class knows is looked for among the assignments to attributes of that name, in this file and in the one that makes the thing.
//! Both belong together when what stands before the dot means the same.

use cinder_db::File;
use cinder_syntax::ast::{AnyNodeRef, Expr, ExprAttribute};

use super::{Def, Semantics};
use crate::fields::{Field, is_dotted_name, loose_fields};
use crate::syntax;

impl<'db> Semantics<'db> {
    /// The assignments that give a thing the attribute, in order of place.
    pub(crate) fn loose_members(&self, file: File, attribute: &'db ExprAttribute) -> Vec<Def> {
        if !is_dotted_name(&attribute.value) {
            return Vec::new();
        }
        self.given_to(file, &attribute.value, Some(attribute.attr.as_str()))
    }

    /// All attributes that a thing is given from outside.
    pub(crate) fn loose_names(&self, file: File, value: &'db Expr) -> Vec<(String, Def)> {
        if !is_dotted_name(value) {
            return Vec::new();
        }
        let given = self.given_to(file, value, None).into_iter();
        given
            .filter_map(|def| if let Def::Field(_, field) = &def { Some((field.name.to_string(), def)) } else { None })
            .collect()
    }

    /// The other assignments that give the same attribute to the same thing, and this one.
    pub(crate) fn loose_siblings(&self, file: File, field: &Field) -> Vec<Def> {
        let path = syntax::path_to(self.db, file, field.range);
        let attribute = path.into_iter().rev().find_map(|node| match node {
            AnyNodeRef::ExprAttribute(attribute) => Some(attribute),
            _ => None,
        });
        attribute.map(|attribute| self.loose_members(file, attribute)).unwrap_or_default()
    }

    fn given_to(&self, file: File, value: &'db Expr, name: Option<&str>) -> Vec<Def> {
        let is_wanted = |field: &&Field| name.is_none_or(|name| &*field.name == name);
        let has_any = |file: File| loose_fields(self.db, file).iter().any(|field| is_wanted(&field));
        let things = self.deeper(|| self.things(file, value)).unwrap_or_default();
        let mut homes = vec![file];
        for home in things.iter().filter_map(Def::file) {
            if !homes.contains(&home) {
                homes.push(home);
            }
        }
        let mut found = Vec::new();
        for home in homes.into_iter().filter(|home| has_any(*home)) {
            for field in loose_fields(self.db, home).iter().filter(is_wanted) {
                let path = syntax::path_to(self.db, home, field.range);
                let receiver = path.into_iter().rev().find_map(|node| match node {
                    AnyNodeRef::ExprAttribute(attribute) => Some(&*attribute.value),
                    _ => None,
                });
                let Some(receiver) = receiver else { continue };
                let theirs = self.deeper(|| self.things(home, receiver)).unwrap_or_default();
                if theirs.iter().any(|def| things.contains(def)) {
                    found.push(Def::Field(home, field.clone()));
                }
            }
        }
        found
    }

    /// What a dotted name names, imports followed.
    fn things(&self, file: File, value: &'db Expr) -> Vec<Def> {
        match value {
            Expr::Name(name) => self.follow_all(self.bindings_at(file, name.range), false),
            Expr::Attribute(attribute) => {
                let owner = self.expression(file, &attribute.value);
                let members = self.members(&owner, attribute.attr.as_str());
                self.follow_all(members.into_iter().map(|member| member.def).collect(), false)
            }
            _ => Vec::new(),
        }
    }
}
