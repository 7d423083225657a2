//! Subscripts of byte sequences.

use cinder_layout::Value;

use crate::native::PyResult;
use crate::types::slice::{SliceIndices, Subscript, normalize_index};
use crate::vm::Vm;

/// What a subscript selects of a sequence.
pub(crate) enum Place {
    One(usize),
    Many(SliceIndices),
}

/// Resolves `key` for a sequence of `kind` ("byte"), whose length `len` gives after the key's `__index__` has run.
///
/// Errors: `IndexError(out_of_range)`, TypeError for keys of other types.
pub(crate) fn place(vm: &Vm, key: Value, kind: &str, out_of_range: &str, len: impl Fn() -> usize) -> PyResult<Place> {
    match vm.subscript(key)? {
        Some(Subscript::Index(index)) => {
            normalize_index(index, len()).map(Place::One).ok_or_else(|| vm.index_error(out_of_range))
        }
        Some(Subscript::Slice(bounds)) => {
            let range = bounds.within(len());
            Ok(Place::Many(SliceIndices { start: range.start.max(0) as usize, len: range.count, step: range.step }))
        }
        None => {
            let found = vm.type_name(key);
            Err(vm.type_error(format!("{kind} indices must be integers or slices, not {found}")))
        }
    }
}
