//! Heaps: the objects of one evaluation, frozen when it ends.
//!
//! Holds: a frozen heap never changes; references into other heaps are `(heap, place)` pairs that stay valid as long as this heap depends
//! on them, because their queries are read again before use ([`Frozen::get`]).

use std::cell::OnceCell;
use std::sync::Arc;

use crate::object::Object;
use crate::value::{Obj, Violation};

/// What evaluating a group of modules gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heap {
    pub(crate) objects: Vec<Object>,
    /// Modules of the group: number and module object.
    pub(crate) modules: Vec<(u32, Obj)>,
    /// What was found in each module, in order of execution, with how often.
    pub(crate) found: Vec<(u32, Violation, u32)>,
    /// Steps the evaluation took.
    pub(crate) steps: u64,
}

/// How long it took is nobody's business: an edit that changes nothing else stops here.
impl PartialEq for Heap {
    fn eq(&self, other: &Heap) -> bool {
        self.modules == other.modules && self.found == other.found && self.objects == other.objects
    }
}

impl Heap {
    pub(crate) fn module(&self, number: u32) -> Option<Obj> {
        self.modules.iter().find(|(known, _)| *known == number).map(|(_, obj)| *obj)
    }
}

/// Other heaps as far as this evaluation has looked at them. Filled through a shared reference, because reading an object may need a heap.
#[derive(Default)]
pub(crate) struct Frozen {
    buckets: [OnceCell<Box<Slot>>; 32],
}

struct Slot {
    heap: u32,
    content: Arc<Heap>,
    next: OnceCell<Box<Slot>>,
}

impl Frozen {
    /// The heap of this number; `load` is asked the first time.
    pub(crate) fn get(&self, heap: u32, load: impl FnOnce() -> Arc<Heap>) -> &Heap {
        let mut load = Some(load);
        let mut content = None;
        let mut cell = &self.buckets[heap as usize % self.buckets.len()];
        loop {
            match cell.get() {
                Some(slot) if slot.heap == heap => return &slot.content,
                Some(slot) => cell = &slot.next,
                None => match content.take() {
                    // Loading may add heaps, so the end of the chain is looked for again afterwards.
                    None => content = Some(load.take().map_or_else(Arc::default, |load| load())),
                    Some(content) => {
                        cell.get_or_init(|| Box::new(Slot { heap, content, next: OnceCell::new() }));
                    }
                },
            }
        }
    }
}
