//! The state that follows the flow: local types and refined attributes.
//!
//! Holds: a local that is missing is not (certainly) assigned here. An attribute is refined only while nothing that could run
//! other code has happened since.

use cinder_types::{ClassLookup, Name, Type, join};
use rustc_hash::FxHashMap;

#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    locals: FxHashMap<Name, Type>,
    /// `(variable, attribute)` to the known type and the register that keeps the value.
    attributes: FxHashMap<(Name, Name), (Type, u32)>,
    /// Control does not reach this point.
    pub(super) dead: bool,
    /// When something last ran that may have changed attributes; newer is larger. Refinements found earlier no longer apply.
    pub(super) clock: u32,
}

/// Two states are the same when they know the same; when they came to know it does not matter.
impl PartialEq for Flow {
    fn eq(&self, other: &Self) -> bool {
        self.locals == other.locals && self.attributes == other.attributes && self.dead == other.dead
    }
}

impl Flow {
    pub(super) fn local(&self, name: &str) -> Option<&Type> {
        self.locals.get(name)
    }

    /// A new value: what was known about the old one's attributes is forgotten.
    pub(super) fn set_local(&mut self, name: Name, ty: Type) {
        self.attributes.retain(|(variable, _), _| *variable != name);
        self.locals.insert(name, ty);
    }

    /// A narrower type for the same value.
    pub(super) fn narrow_local(&mut self, name: &Name, ty: Type) {
        self.locals.insert(name.clone(), ty);
    }

    pub(super) fn remove_local(&mut self, name: &str) -> Option<Type> {
        self.locals.remove(name)
    }

    pub(super) fn restore_local(&mut self, name: Name, ty: Option<Type>) {
        match ty {
            Some(ty) => self.locals.insert(name, ty),
            None => self.locals.remove(&name),
        };
    }

    pub(super) fn attribute(&self, path: &(Name, Name)) -> Option<&(Type, u32)> {
        self.attributes.get(path)
    }

    pub(super) fn set_attribute(&mut self, path: (Name, Name), ty: Type, temp: u32) {
        self.attributes.insert(path, (ty, temp));
    }

    pub(super) fn forget_attribute(&mut self, path: &(Name, Name)) {
        self.attributes.remove(path);
    }

    pub(super) fn forget_attributes(&mut self) {
        self.attributes.clear();
    }

    /// Merges another path into this one; `other` is the later branch, whose types print first.
    /// Gives the names whose union would contain a primitive.
    pub(super) fn merge(&mut self, lookup: &dyn ClassLookup, other: &Self) -> Vec<(Name, String)> {
        let mut refused = Vec::new();
        if other.dead {
            return refused;
        }
        if self.dead {
            *self = other.clone();
            return refused;
        }
        self.clock = self.clock.max(other.clock);
        let earlier = std::mem::take(&mut self.locals);
        for (name, early) in earlier {
            let Some(late) = other.locals.get(&name) else { continue };
            let ty = join(lookup, late, &early).unwrap_or_else(|error| {
                refused.push((name.clone(), error.0));
                Type::Unknown
            });
            self.locals.insert(name, ty);
        }
        // The value is kept in the same register on both paths, so their types join.
        let earlier = std::mem::take(&mut self.attributes);
        for (path, (early, temp)) in earlier {
            if let Some((late, _)) = other.attributes.get(&path)
                && let Ok(ty) = join(lookup, late, &early)
            {
                self.attributes.insert(path, (ty, temp));
            }
        }
        refused.sort();
        refused
    }
}
