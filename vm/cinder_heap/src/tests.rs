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

/// Runs `f` in a frame of its own, which [`scrub_stack`] then overwrites.
#[inline(never)]
fn apart<R>(f: impl FnOnce() -> R) -> R {
    f()
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
    keep_alive(long_lived);
    let stats = heap.stats();
    assert!(stats.minor_collections > 10, "{stats:?}");
    assert!(stats.live_objects >= 8191 && stats.live_objects < 8191 + 1100, "{stats:?}");
}

#[test]
fn trees_survive_stress_in_scattered_chunks_too() {
    let scattered = HeapConfig { reserve_bytes: 0, ..HeapConfig::parse("stress:7").expect("valid") };
    for config in [HeapConfig::parse("stress").expect("valid"), scattered] {
        let heap = Heap::new(&config);
        heap.define_shape(NODE, ShapeInfo::of::<Node>());
        let kept = tree(&heap, 6);
        for _ in 0..4 {
            assert_eq!(count(tree(&heap, 4)), 31);
        }
        assert_eq!(count(kept), 127);
    }
}

/// A table of old objects into which young ones are stored at random: what the barrier and the remembered set are for.
#[test]
fn churn_keeps_exactly_what_was_stored_last() {
    for setting in ["nursery:50000", "stress:97"] {
        let heap = heap_with(setting);
        let table = node(&heap, Value::NONE);
        for i in 0..500 {
            let text = node(&heap, int(i));
            table.items.push(&heap, table, text.as_value()).expect("memory");
        }
        let mut expected: Vec<i64> = (0..500).collect();
        let mut seed = 1u64;
        for step in 0..20_000i64 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let index = (seed >> 33) as usize % 500;
            // SAFETY: the table holds nodes.
            let victim = unsafe { Gc::<Node>::from_value(table.items.get(index).expect("filled")) };
            match step % 3 {
                0 => table.items.set(&heap, index, node(&heap, int(step)).as_value()),
                1 => victim.left.set(&heap, victim, Some(node(&heap, int(-step)))),
                _ => {
                    victim.value.set(&heap, victim, int(step));
                    victim.left.set(&heap, victim, None);
                }
            }
            if step % 3 != 1 {
                expected[index] = step;
            }
        }
        for (value, expected) in table.items.values().iter().zip(&expected) {
            // SAFETY: as above.
            let item = unsafe { Gc::<Node>::from_value(*value) };
            assert_eq!(item.value.get(), int(*expected));
            assert!(item.left.get().is_none_or(|left| left.value.get().as_int() < 0));
        }
    }
}

#[test]
#[should_panic(expected = "missing write barrier")]
fn stress_finds_a_store_without_a_barrier() {
    let heap = heap_with("stress:1000000");
    let old = heap.root(node(&heap, Value::NONE));
    heap.collect(Collection::Minor);
    fn store_behind_its_back(heap: &Heap, old: Gc<Node>) {
        old.left.init(Some(node(heap, Value::ONE)));
    }
    store_behind_its_back(&heap, old.get());
    collect(&heap, Collection::Minor);
}

#[test]
fn interior_words_on_the_stack_keep_objects_of_every_size() {
    let heap = heap_with("");
    for words in [1, 5, 15, 100, 1000, 5000, 100_000, 600_000, 2_000_000] {
        let object = heap.alloc_raw(words, RAW, 0).expect("memory");
        // SAFETY: the last payload word of the object.
        let last = unsafe { object.add(words) }.cast::<u64>();
        // SAFETY: as above; a small int.
        unsafe { last.write(Value::ONE.bits()) };
        assert_eq!(heap.resolve(last.addr().get()), Some(object), "{words}");
        assert!(heap.size_of(object) >= 8 + 8 * words);
        core::hint::black_box(object);
        collect(&heap, Collection::Full);
        assert_eq!(
            heap.resolve(last.addr().get() + 3),
            Some(object),
            "{words} words, only the interior pointer is held"
        );
        // SAFETY: as above.
        assert_eq!(unsafe { last.read() }, Value::ONE.bits());
    }
    assert_eq!(heap.resolve(&raw const heap as usize), None);
}

#[test]
fn dead_memory_is_used_again_and_huge_objects_go_back() {
    let heap = heap_with("");
    for round in 0..6 {
        for words in [3, 40, 2_000, 20_000, 1_000_000] {
            for _ in 0..10 {
                heap.alloc_raw_leaf(words, TEXT, 0).expect("memory");
            }
        }
        collect(&heap, Collection::Full);
        let used = heap.stats().used_bytes;
        assert!(used < 20 << 20, "round {round}: {used} bytes in use");
    }
}

#[test]
fn memory_goes_back_to_the_system() {
    let heap = heap_with("nursery:1000000");
    // Several lists: a stale word on the stack may hold one.
    let mut lists = heap.root_vec();
    let triple = || Value::from_ptr(heap.alloc_raw(3, RAW, 0).expect("memory"));
    for _ in 0..20 {
        let list = apart(|| heap.alloc_values(75_000).expect("memory"));
        lists.push(list.as_value());
        apart(|| while list.push_within_capacity(&heap, triple()) {});
    }
    let touched = || -> u32 { heap.space.borrow().chunks.iter().map(|chunk| chunk.touched.get().count_ones()).sum() };
    let full = touched();
    drop(lists);
    collect(&heap, Collection::Full);
    assert!(full > 700 && touched() < 300, "{full} blocks before, {} after, {:?}", touched(), heap.stats());
    assert_eq!(count(tree(&heap, 10)), 2047);
}

#[test]
fn a_limit_is_an_error_after_a_full_collection_was_tried() {
    let heap = heap_with("limit:4000000");
    for _ in 0..40 {
        heap.alloc_raw_leaf(50_000, TEXT, 0).expect("garbage makes room");
    }
    let keep = node(&heap, Value::NONE);
    let grow = || {
        let header = object_header(NODE);
        let (left, right, value) = (Slot::new(keep.left.get()), Slot::new(None), Slot::new(Value::NONE));
        let new = heap.alloc(Node { header, left, right, value, items: GcVec::new() })?;
        keep.left.set(&heap, keep, Some(new));
        Ok::<(), AllocError>(())
    };
    assert!(apart(|| (0..100_000).any(|_| grow().is_err())) && heap.stats().full_collections > 0);
    keep.left.set(&heap, keep, None);
    collect(&heap, Collection::Full);
    assert!(heap.alloc_values(1000).is_ok(), "what was dropped is free again");
    assert_eq!(heap.alloc_values(usize::MAX), Err(AllocError));
    assert_eq!(heap.alloc_values(1 << 40), Err(AllocError));
}

#[test]
fn the_nth_allocation_fails_on_purpose() {
    let heap = Heap::new(&HeapConfig { fail_at: Some(3), ..HeapConfig::default() });
    heap.define_shape(TEXT, ShapeInfo::of::<Text>());
    let results: Vec<bool> = (0..5).map(|_| heap.alloc_raw_leaf(1, TEXT, 0).is_ok()).collect();
    assert_eq!(results, [true, true, false, true, true]);
}

#[inline(never)]
fn weak_to(heap: &Heap, referent: Gc<Node>) -> Gc<Weak> {
    let weak = heap.alloc(Weak { header: object_header(WEAK), referent: Some(referent).into() }).expect("memory");
    heap.weak_register(referent.header(), weak.header());
    weak
}

#[test]
fn weak_references_are_cleared_and_queued_in_order() {
    let heap = heap_with("");
    let refs = heap.root(node(&heap, Value::NONE));
    let kept = heap.root(node(&heap, Value::ONE));
    let fill = || {
        for _ in 0..20 {
            let weak = weak_to(&heap, node(&heap, Value::NONE));
            refs.get().items.push(&heap, refs.get(), weak.as_value()).expect("memory");
        }
        let weak = weak_to(&heap, kept.get());
        refs.get().items.push(&heap, refs.get(), weak.as_value()).expect("memory");
    };
    for kind in [Collection::Minor, Collection::Full] {
        apart(fill);
        collect(&heap, kind);
        apart(|| {
            let mut queued = Vec::new();
            while let Some(pending) = heap.next_pending() {
                let Pending::WeakCallback(weak) = pending else { panic!("{pending:?}") };
                queued.push(refs.get().items.values().iter().position(|&v| v == weak).expect("one of ours"));
            }
            // The stack scan may have found a stale word or two.
            assert!(queued.len() >= 17 && queued.is_sorted(), "{queued:?}");
            for &value in refs.get().items.values() {
                // SAFETY: the list holds weak references.
                let referent = unsafe { Gc::<Weak>::from_value(value) }.referent.get();
                assert!(referent.is_none_or(|node| node.value.get() == Value::NONE || node == kept.get()));
            }
        });
        assert_eq!(heap.weak_refs(kept.get().header()).len(), 1);
        apart(|| refs.get().items.truncate(0));
        collect(&heap, Collection::Full);
        apart(|| while heap.next_pending().is_some() {});
        collect(&heap, Collection::Full);
    }
    // SAFETY: alive by its root.
    let flags = unsafe { kept.get().header().as_ref() }.flags();
    assert!(flags & cinder_layout::flag::WEAKREFFED == 0, "its references died");
}

#[test]
fn finalizers_run_once_in_order_with_their_objects_intact() {
    for kind in [Collection::Minor, Collection::Full] {
        let heap = heap_with("");
        let make = || {
            for i in 0..30 {
                let object = node(&heap, int(i));
                heap.register_finalizer(object.header());
                let child = node(&heap, int(i + 1000));
                object.left.set(&heap, object, Some(child));
            }
        };
        make();
        collect(&heap, kind);
        let mut seen = Vec::new();
        while let Some(Pending::Finalize(value)) = heap.next_pending() {
            // SAFETY: nodes were registered.
            let object = unsafe { Gc::<Node>::from_value(value) };
            assert_eq!(
                object.left.get().expect("kept for the finalizer").value.get().as_int(),
                object.value.get().as_int() + 1000
            );
            seen.push(object.value.get().as_int());
            collect(&heap, Collection::Minor);
        }
        assert!(seen.len() >= 27 && seen.is_sorted(), "{seen:?}");
        collect(&heap, Collection::Full);
        collect(&heap, Collection::Full);
        let more = core::iter::from_fn(|| heap.next_pending()).count();
        assert!(more + seen.len() <= 30, "each at most once");
        assert!(heap.stats().live_objects < 20, "finalized objects are freed: {:?}", heap.stats());
    }
}

#[test]
fn native_payloads_are_dropped_once() {
    let drops = std::rc::Rc::new(core::cell::Cell::new(0));
    let heap = heap_with("");
    let native =
        |heap: &Heap| heap.alloc(Native { header: object_header(NATIVE), drops: drops.clone() }).expect("memory");
    let kept = heap.root(native(&heap));
    (0..50).for_each(|_| _ = native(&heap));
    collect(&heap, Collection::Minor);
    assert!((45..=50).contains(&drops.get()), "{}", drops.get());
    collect(&heap, Collection::Full);
    assert_eq!(kept.get().drops.get(), drops.get());
    drop(kept);
    drop(heap);
    assert_eq!(drops.get(), 51, "the rest is dropped with the heap");
}

#[test]
fn roots_hold_and_let_go() {
    let heap = heap_with("");
    let mut list = heap.root_vec();
    let other = heap.root_vec();
    list.extend((0..100).map(|i| node(&heap, int(i)).as_value()));
    drop(other);
    collect(&heap, Collection::Full);
    assert!(heap.stats().live_objects >= 100);
    for (i, &value) in list.iter().enumerate() {
        // SAFETY: nodes were pushed.
        assert_eq!(unsafe { Gc::<Node>::from_value(value) }.value.get(), int(i as i64));
    }
    drop(list);
    collect(&heap, Collection::Full);
    assert!(heap.stats().live_objects < 20, "{:?}", heap.stats());
}

#[test]
fn callbacks_see_vm_stacks_and_parked_frames_are_scanned() {
    let heap = heap_with("stress:50");
    let stack: &'static [core::cell::Cell<usize>] =
        Box::leak(vec![core::cell::Cell::new(0usize); 64].into_boxed_slice());
    heap.add_roots(move |tracer| {
        let range = stack.as_ptr_range();
        // SAFETY: the slice lives forever.
        unsafe { tracer.visit_conservative(range.start.cast(), range.end.cast()) };
    });
    for (i, slot) in stack.iter().enumerate() {
        slot.set(node(&heap, int(i as i64)).as_value().bits() as usize);
    }
    (0..200).for_each(|_| _ = node(&heap, Value::NONE));
    for (i, slot) in stack.iter().enumerate() {
        // SAFETY: the words are values that the callback keeps alive.
        let value = unsafe { Value::from_bits(slot.get() as u64) }.expect("filled");
        // SAFETY: they are nodes.
        assert_eq!(unsafe { Gc::<Node>::from_value(value) }.value.get(), int(i as i64));
    }
    let mine = node(&heap, int(7));
    heap.park(|| heap.collect(Collection::Full));
    assert_eq!(mine.value.get(), int(7));
}

#[test]
fn frozen_objects_stay_and_what_they_are_given_later_lives() {
    let heap = heap_with("nursery:20000");
    let old = heap.root(tree(&heap, 8));
    heap.freeze();
    assert!(heap.is_immortal(old.get().header()));
    assert!(!heap.is_immortal(node(&heap, Value::NONE).header()));
    let fresh = tree(&heap, 3);
    old.get().items.push(&heap, old.get(), fresh.as_value()).expect("memory");
    for _ in 0..40 {
        assert_eq!(count(tree(&heap, 6)), 127);
        heap.collect(Collection::Minor);
    }
    heap.collect(Collection::Full);
    assert_eq!(count(old.get()), 511);
    // SAFETY: a node was pushed.
    assert_eq!(count(unsafe { Gc::<Node>::from_value(old.get().items.get(0).expect("pushed")) }), 15);
}

#[test]
fn statics_are_logged_on_first_store_and_never_marked() {
    let heap = heap_with("nursery:20000");
    #[repr(C, align(16))]
    struct Aligned(Node);
    let header = Header::new(NODE, 0, 0, cinder_layout::flag::IMMORTAL | cinder_layout::flag::UNLOGGED);
    let node_outside = Node {
        header,
        left: Slot::new(None),
        right: Slot::new(None),
        value: Slot::new(Value::NONE),
        items: GcVec::new(),
    };
    let outside = Box::leak(Box::new(Aligned(node_outside)));
    // SAFETY: a leaked node.
    let outside: Gc<Node> = unsafe { Gc::from_header(NonNull::from(outside).cast()) };
    outside.left.set(&heap, outside, Some(tree(&heap, 5)));
    for _ in 0..20 {
        tree(&heap, 6);
        heap.collect(Collection::Minor);
    }
    heap.collect(Collection::Full);
    outside.right.set(&heap, outside, Some(tree(&heap, 5)));
    heap.collect(Collection::Minor);
    heap.collect(Collection::Full);
    assert_eq!(count(outside), 127);
    assert!(heap.is_immortal(outside.header()));
}

#[test]
fn immortal_objects_are_roots_and_tables_hear_who_lives() {
    let heap = heap_with("");
    let deaths = std::rc::Rc::new(core::cell::Cell::new(0));
    let watched: Vec<usize> = (0..20).map(|i| node(&heap, int(i)).header().addr().get()).collect();
    let immortal = tree(&heap, 2).header();
    heap.make_immortal(immortal);
    let seen = deaths.clone();
    let immortal_addr = immortal.addr().get();
    heap.add_after_mark(move |liveness| {
        let object = |addr| NonNull::new(core::ptr::with_exposed_provenance_mut(addr)).expect("an address");
        seen.set(watched.iter().filter(|&&addr| !liveness.is_live(object(addr))).count());
        assert!(liveness.is_live(object(immortal_addr)));
    });
    collect(&heap, Collection::Full);
    assert!(deaths.get() >= 17, "{}", deaths.get());
}

#[test]
fn a_running_frame_stays_logged() {
    let heap = heap_with("stress:1000000");
    let frame = heap.root(node(&heap, Value::NONE));
    let runs = std::rc::Rc::new(core::cell::Cell::new(true));
    let (header, active) = (frame.get().header(), runs.clone());
    heap.add_roots(move |tracer| {
        if active.get() {
            tracer.visit_active(header);
        }
    });
    heap.collect(Collection::Minor);
    // A register write without a barrier, then the frame stops, then its registers are traced exactly.
    frame.get().left.init(Some(node(&heap, Value::ONE)));
    runs.set(false);
    collect(&heap, Collection::Minor);
    assert_eq!(frame.get().left.get().expect("kept").value.get(), Value::ONE);
}

#[test]
fn settings_are_read_and_mistakes_named() {
    let config = HeapConfig::parse("stress:5,limit:1000").expect("valid");
    assert_eq!((config.stress, config.limit_bytes), (Some(5), 1000));
    assert_eq!(HeapConfig::parse("").expect("valid").stress, None);
    assert!(HeapConfig::parse("strss").expect_err("a mistake").contains("`strss`"));
    assert!(HeapConfig::parse("stress:0").is_err());
}

/// Large buffers are logged by parts; every way to store into one must be noticed.
#[test]
fn large_buffers_lose_nothing() {
    for setting in ["nursery:100000", "stress:611"] {
        let heap = heap_with(setting);
        let table = node(&heap, Value::NONE);
        let mut expected: Vec<i64> = Vec::new();
        let mut seed = 7u64;
        for step in 0..8_000i64 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let random = (seed >> 33) as usize;
            let (len, items) = (expected.len(), &table.items);
            let value = || node(&heap, int(step)).as_value();
            match if len < 3000 { 0 } else { random % 16 } {
                0..=9 => {
                    items.push(&heap, table, value()).expect("memory");
                    expected.push(step);
                }
                10 => {
                    items.set(&heap, random % len, value());
                    expected[random % len] = step;
                }
                11 => {
                    items.insert(&heap, table, random % len, value()).expect("memory");
                    expected.insert(random % len, step);
                }
                12 => {
                    items.remove(&heap, random % len);
                    expected.remove(random % len);
                }
                13 => {
                    items.buffer().expect("filled").swap(&heap, random % len, len - 1);
                    expected.swap(random % len, len - 1);
                }
                14 => {
                    let more = heap.root_vec();
                    let more = core::iter::repeat_with(value).take(random % 100).fold(more, |mut more, v| {
                        more.push(v);
                        more
                    });
                    items.extend(&heap, table, &more).expect("memory");
                    expected.extend(more.iter().map(|_| step));
                }
                _ => {
                    items.pop();
                    expected.pop();
                }
            }
        }
        assert_eq!(table.items.len(), expected.len());
        for (value, expected) in table.items.values().iter().zip(&expected) {
            // SAFETY: nodes were stored.
            assert_eq!(unsafe { Gc::<Node>::from_value(*value) }.value.get(), int(*expected));
        }
    }
}

#[test]
fn local_lists_spill_into_the_heap() {
    let heap = heap_with("stress:3");
    let mut list: LocalVec<4> = LocalVec::new();
    for i in 0..100 {
        let item = node(&heap, int(i)).as_value();
        list.push(&heap, item).expect("memory");
    }
    let copy: LocalVec = LocalVec::from_slice(&heap, &list[..90]).expect("memory");
    for (i, value) in list.iter().enumerate() {
        // SAFETY: nodes were stored.
        assert_eq!(unsafe { Gc::<Node>::from_value(*value) }.value.get(), int(i as i64));
    }
    let last = list.last().copied();
    assert_eq!((list.pop(), list.len()), (last, 99));
    assert_eq!(&copy[..], &list[..90]);
}
