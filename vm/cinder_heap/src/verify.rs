//! Stress mode's proof that no write barrier is missing.
//!
//! After a minor collection everything reachable must be marked: what is young was reached through roots and logged objects, what is
//! old was marked before. So trace everything again from the roots, old objects included; an unmarked object on the way is referred to
//! by a store that told nobody.

use crate::space::Space;
use crate::trace::{Mode, ShapeTable, Tracer};
use cinder_layout::{Header, VmAlloc};
use core::ptr::NonNull;
use rustc_hash::FxHashSet;

/// Ends the process, naming both objects, when an unmarked object is reachable from `roots`.
pub(crate) fn marks(
    space: &Space,
    shapes: &ShapeTable,
    cursors: &VmAlloc,
    roots: impl Iterator<Item = NonNull<Header>>,
) {
    let mut seen = FxHashSet::default();
    let mut pending: Vec<_> = roots.filter(|&root| seen.insert(root)).collect();
    let mut tracer = Tracer::new(Mode::List, space, shapes, cursors);
    while let Some(object) = pending.pop() {
        tracer.trace(object);
        for found in tracer.stack.drain(..) {
            if !space.is_marked(found) {
                report(object, found);
            }
            if seen.insert(found) {
                pending.push(found);
            }
        }
    }
}

fn report(holder: NonNull<Header>, held: NonNull<Header>) -> ! {
    // SAFETY: both were reached by tracing; an unmarked object is readable until its cell is used again.
    let (holder_header, held_header) = unsafe { (holder.as_ref(), held.as_ref()) };
    crate::fatal(&format!(
        "missing write barrier: {holder:p} (shape {}, flags {:#x}) holds {held:p} (shape {}, flags {:#x}), which was not marked",
        holder_header.shape(),
        holder_header.flags(),
        held_header.shape(),
        held_header.flags(),
    ));
}
