//! Which classes derive from a class.
//!
//! Problem: `__subclasses__` and invalidation walk down the class tree, but a base must not keep its derived classes alive.
//! Idea: the lists are not traced; after marking, the classes that have one drop their dead entries.
//! Holds: between collections every entry of a live class's list is a class that has not been swept.

use std::cell::RefCell;

use cinder_heap::{Gc, Liveness};

use super::PyType;
use crate::vm::Vm;

/// Classes whose list of subclasses may have entries; not traced either.
#[derive(Default)]
pub(crate) struct Bases(RefCell<Vec<Gc<PyType>>>);

impl Vm {
    /// Notes that `class` directly derives from `base`.
    pub(crate) fn add_subclass(&self, base: Gc<PyType>, class: Gc<PyType>) {
        let was_empty = base.subclasses.borrow().is_empty();
        if was_empty {
            self.bases.0.borrow_mut().push(base);
        }
        base.subclasses.borrow_mut().push(class);
    }

    /// Removes dead classes from the lists; runs at every collection.
    pub(crate) fn forget_dead_subclasses(&self, live: &Liveness<'_>) {
        self.bases.0.borrow_mut().retain(|base| {
            if !live.is_live(base.header()) {
                return false;
            }
            let mut subclasses = base.subclasses.borrow_mut();
            subclasses.retain(|class| live.is_live(class.header()));
            !subclasses.is_empty()
        });
    }
}
