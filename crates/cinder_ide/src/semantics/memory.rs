//! What questions have found out, kept until the next edit.
//!
//! Problem: an editor asks many questions about one state of a program: hover, hints, tokens, one after the other, and each begins with the same classes,
//! annotations and types.
//! Idea: answers are kept in a store that the database makes anew in every revision. A question takes all of it and gives it back at the end; one that
//! comes meanwhile begins with nothing.
//! Holds: what was found while something was cut short (too deep, in a circle) depends on where the question began: it is kept for that question only.
//! Expressions are known by their addresses, which are those of trees that live as long as the revision.

use std::cell::{Cell, RefCell};
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use cinder_db::Db;
use rustc_hash::FxHashMap;

use super::Bases;
use crate::ty::{Place, Ty};

/// More than this is not kept for the next question.
const MAX_KEPT: usize = 50_000;

#[derive(Default)]
pub(super) struct Memory {
    pub(super) expressions: Table<usize, Ty>,
    pub(super) annotations: Table<usize, Ty>,
    pub(super) bases: Table<Place, Bases>,
    pub(super) returns: Table<Place, Option<Ty>>,
    /// Classes of the library by module and name.
    pub(super) library: RefCell<FxHashMap<String, FxHashMap<String, Option<Place>>>>,
    /// How often something was cut short.
    cuts: Cell<u64>,
}

/// Answers of one kind.
pub(super) struct Table<K, V> {
    known: RefCell<FxHashMap<K, Known<V>>>,
    /// Keys of what is not to be kept.
    doubtful: RefCell<Vec<K>>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Table<K, V> {
        Table { known: RefCell::default(), doubtful: RefCell::default() }
    }
}

enum Known<V> {
    /// Whoever asks again meanwhile goes in a circle.
    Asked,
    Certain(V),
    /// True for the question that runs.
    Doubtful(V),
}

impl Memory {
    pub(super) fn take(store: &Mutex<Memory>) -> Memory {
        std::mem::take(&mut *store.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn give_back(mut self, store: &Mutex<Memory>) {
        let size = self.expressions.settle() + self.annotations.settle() + self.bases.settle() + self.returns.settle();
        if size > MAX_KEPT {
            return;
        }
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        if store.expressions.len() + store.bases.len() <= self.expressions.len() + self.bases.len() {
            *store = self;
        }
    }

    /// Something was cut short: what is being found out must not be kept.
    pub(super) fn cut(&self) {
        self.cuts.set(self.cuts.get() + 1);
    }

    /// The value of `key`, found by `find` if it is not known. `in_circle` is its value for those who ask while it is being found.
    pub(super) fn remember<K: Copy + Eq + Hash, V: Clone>(
        &self,
        table: &Table<K, V>,
        key: K,
        in_circle: V,
        find: impl FnOnce() -> V,
    ) -> V {
        match table.known.borrow_mut().entry(key) {
            Entry::Occupied(known) => match known.get() {
                Known::Certain(value) => return value.clone(),
                Known::Doubtful(value) => {
                    self.cut();
                    return value.clone();
                }
                Known::Asked => {
                    self.cut();
                    return in_circle;
                }
            },
            Entry::Vacant(entry) => entry.insert(Known::Asked),
        };
        let before = self.cuts.get();
        let value = find();
        let known = if self.cuts.get() == before {
            Known::Certain(value.clone())
        } else {
            table.doubtful.borrow_mut().push(key);
            Known::Doubtful(value.clone())
        };
        table.known.borrow_mut().insert(key, known);
        value
    }
}

impl<K: Eq + Hash, V> Table<K, V> {
    /// Forgets what is not to be kept; gives how much is left.
    fn settle(&mut self) -> usize {
        let known = self.known.get_mut();
        for key in self.doubtful.get_mut().drain(..) {
            known.remove(&key);
        }
        known.len()
    }

    fn len(&self) -> usize {
        self.known.borrow().len()
    }
}

/// The store of this revision. Nothing must depend on it but questions from outside.
#[salsa::tracked(returns(clone), no_eq)]
pub(super) fn store(db: &dyn Db) -> Arc<Mutex<Memory>> {
    db.report_untracked_read();
    Arc::default()
}
