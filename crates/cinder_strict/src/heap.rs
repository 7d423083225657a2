//! Heaps: the objects of one evaluation, frozen when it ends.
//!
//! Problem: most objects of an evaluation are gone when it ends (frames' cells, iterators, dictionaries of arguments), but heaps stay.
//! Idea: a heap keeps what its modules and findings lead to, and where each kept object stood; references need no change.
//! Holds: a frozen heap never changes; references into other heaps are `(heap, place)` pairs that stay valid as long as this heap depends
//! on them, because their queries are read again before use ([`Frozen::get`]).

use std::cell::OnceCell;
use std::sync::Arc;

use crate::object::{Body, Object, Ty};
use crate::value::{Obj, Violation};

/// What evaluating a group of modules gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heap {
    /// Those that were kept, in order of making.
    objects: Vec<Object>,
    /// For each object that was made its place among those kept, or [`GONE`].
    places: Vec<u32>,
    /// Modules of the group: number and module object.
    pub(crate) modules: Vec<(u32, Obj)>,
    /// What was found in each module, in order of execution, with how often.
    pub(crate) found: Vec<(u32, Violation, u32)>,
    /// Steps the evaluation took.
    pub(crate) steps: u64,
}

/// The place of an object that was not kept.
const GONE: u32 = u32::MAX;

/// What a reference finds whose heap turned out empty, because its evaluation went in a circle.
static NOTHING: Object = Object { owner: 0, class: Ty::Object.obj(), attrs: None, body: Body::Plain };

/// How long it took is nobody's business: an edit that changes nothing else stops here.
impl PartialEq for Heap {
    fn eq(&self, other: &Heap) -> bool {
        self.modules == other.modules
            && self.found == other.found
            && self.places == other.places
            && self.objects == other.objects
    }
}

impl Heap {
    /// A heap of objects that all stay.
    pub(crate) fn of(objects: Vec<Object>) -> Heap {
        let places = (0..objects.len() as u32).collect();
        Heap { objects, places, ..Heap::default() }
    }

    /// The heap of number `unit`, with what of `objects` is used; empties them.
    pub(crate) fn freeze(
        unit: u32,
        objects: &mut Vec<Object>,
        modules: Vec<(u32, Obj)>,
        found: Vec<(u32, Violation, u32)>,
        steps: u64,
    ) -> Heap {
        let mut used = Used { unit, is_used: vec![false; objects.len()], work: Vec::new() };
        modules.iter().for_each(|(_, module)| used.visit(*module));
        for (_, violation, _) in &found {
            let mut next = Some(violation);
            while let Some(violation) = next {
                violation.value.each_obj(&mut |obj| used.visit(obj));
                next = violation.cause.as_deref();
            }
        }
        while let Some(index) = used.work.pop() {
            objects[index as usize].each_obj(&mut |obj| used.visit(obj));
        }
        let is_used = used.is_used;
        let mut kept = Vec::with_capacity(is_used.iter().filter(|is_used| **is_used).count());
        let mut places = Vec::with_capacity(objects.len());
        for (mut object, is_used) in objects.drain(..).zip(is_used) {
            places.push(if is_used { kept.len() as u32 } else { GONE });
            if is_used {
                match &mut object.body {
                    Body::Dict(dict) => dict.shrink(),
                    Body::Class(class) => class.dict.shrink(),
                    _ => {}
                }
                kept.push(object);
            }
        }
        Heap { objects: kept, places, modules, found, steps }
    }

    pub(crate) fn object(&self, index: u32) -> &Object {
        let place = self.places.get(index as usize).copied().unwrap_or(GONE);
        self.objects.get(place as usize).unwrap_or(&NOTHING)
    }

    pub(crate) fn module(&self, number: u32) -> Option<Obj> {
        self.modules.iter().find(|(known, _)| *known == number).map(|(_, obj)| *obj)
    }
}

/// The objects of a heap that something leads to, and those that were not followed yet.
struct Used {
    unit: u32,
    is_used: Vec<bool>,
    work: Vec<u32>,
}

impl Used {
    fn visit(&mut self, obj: Obj) {
        if obj.heap == self.unit && !std::mem::replace(&mut self.is_used[obj.index as usize], true) {
            self.work.push(obj.index);
        }
    }
}

/// Other heaps as far as this evaluation has looked at them. Filled through a shared reference, because reading an object may need a heap.
#[derive(Default)]
pub(crate) struct Frozen {
    /// Asked for more often than all others together.
    builtins: OnceCell<Arc<Heap>>,
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
        if heap == 0 {
            return self.builtins.get_or_init(load);
        }
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
