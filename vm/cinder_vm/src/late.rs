//! A field that is filled once while the VM starts and read freely afterwards.

use std::cell::UnsafeCell;
use std::ops::Deref;

/// Holds `None` until [`Late::set`]; reading before is a bug and panics.
pub struct Late<T>(UnsafeCell<Option<T>>);

impl<T> Late<T> {
    pub const fn new() -> Self {
        Late(UnsafeCell::new(None))
    }

    /// Fills the field.
    ///
    /// Panics: when it is filled already.
    pub fn set(&self, value: T) {
        assert!(!self.is_set(), "filled twice");
        // SAFETY: the field is empty, so `deref` has handed out no reference; the VM runs on one thread at a time.
        unsafe { *self.0.get() = Some(value) }
    }

    pub fn is_set(&self) -> bool {
        // SAFETY: no `&mut` is ever handed out.
        unsafe { (*self.0.get()).is_some() }
    }
}

impl<T> Default for Late<T> {
    fn default() -> Self {
        Late::new()
    }
}

impl<T> Deref for Late<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: after `set` the content never changes.
        unsafe { (*self.0.get()).as_ref().expect("read before the VM's start-up filled it") }
    }
}
