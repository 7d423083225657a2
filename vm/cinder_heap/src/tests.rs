use crate::*;
use core::ptr::NonNull;

const NODE: u32 = builtin_shape::FIRST_VM;
const RAW: u32 = NODE + 1;
const WEAK: u32 = NODE + 2;
const NATIVE: u32 = NODE + 3;
const TEXT: u32 = NODE + 4;

/// The toy object model: a node with two children and a list.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct Node {
    header: Header,
    left: Slot<Option<Gc<Node>>>,
    right: Slot<Option<Gc<Node>>>,
    value: Slot<Value>,
    items: GcVec,
}

#[repr(C)]
#[derive(Trace, HeapObject)]
#[heap_object(leaf)]
struct Text {
    header: Header,
    number: u64,
}

#[repr(C)]
#[derive(Trace, HeapObject)]
struct Weak {
    header: Header,
    #[trace(skip)]
    referent: core::cell::Cell<Option<Gc<Node>>>,
}

#[repr(C)]
#[derive(Trace, HeapObject)]
struct Native {
    header: Header,
    #[trace(skip)]
    drops: std::rc::Rc<core::cell::Cell<u32>>,
}

impl Drop for Native {
    fn drop(&mut self) {
        self.drops.set(self.drops.get() + 1);
    }
}

unsafe fn clear_weak(weakref: NonNull<Header>) -> bool {
    // SAFETY: the shape is WEAK's.
    unsafe { Gc::<Weak>::from_header(weakref) }.referent.set(None);
    true
}

fn heap_with(setting: &str) -> Heap {
    let heap = Heap::new(&HeapConfig::parse(setting).expect("a valid setting"));
    heap.define_shape(NODE, ShapeInfo::of::<Node>());
    heap.define_shape(RAW, ShapeInfo::new(all_words));
    heap.define_shape(WEAK, ShapeInfo::of::<Weak>().with_clear_weak(clear_weak));
    heap.define_shape(NATIVE, ShapeInfo::of::<Native>());
    heap.define_shape(TEXT, ShapeInfo::of::<Text>());
    heap
}

fn int(i: i64) -> Value {
    Value::from_small_int(i).expect("small")
}

fn node(heap: &Heap, value: Value) -> Gc<Node> {
    let header = object_header(NODE);
    let node =
        Node { header, left: Slot::new(None), right: Slot::new(None), value: Slot::new(value), items: GcVec::new() };
    heap.alloc(node).expect("memory")
}

/// Overwrites stale words of the stack, so that what a finished function left behind is not taken for a root.
#[inline(never)]
fn scrub_stack() {
    let mut words = [0usize; 4096];
    core::hint::black_box(&mut words);
}

fn collect(heap: &Heap, kind: Collection) {
    scrub_stack();
    heap.collect(kind);
}

fn tree(heap: &Heap, depth: u32) -> Gc<Node> {
    let this = node(heap, int(i64::from(depth)));
    if depth > 0 {
        let left = tree(heap, depth - 1);
        this.left.set(heap, this, Some(left));
        let right = tree(heap, depth - 1);
        this.right.set(heap, this, Some(right));
    }
    this
}

fn count(node: Gc<Node>) -> usize {
    1 + node.left.get().map_or(0, count) + node.right.get().map_or(0, count)
}

#[test]
fn trees_survive_while_they_are_needed_and_vanish_after() {
    let heap = heap_with("nursery:100000");
    let long_lived = tree(&heap, 12);
    for _ in 0..50 {
        assert_eq!(count(tree(&heap, 8)), 511);
    }
    assert_eq!(count(long_lived), 8191);
    collect(&heap, Collection::Full);
    let stats = heap.stats();
    assert!(stats.minor_collections > 10, "{stats:?}");
    assert!(stats.live_objects >= 8191 && stats.live_objects < 8191 + 1100, "{stats:?}");
}
