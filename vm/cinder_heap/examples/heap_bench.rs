//! The kernels by which the memory manager was chosen, on the real heap.
//!
//! `heap_bench KERNEL [SCALE]`: prints a check sum, the user time and what the collector did. The kernels and the prototypes' figures
//! are in `book/src/internals/memory.md`. `heap_bench all 0.01` is a smoke test.

use cinder_heap::{
    Collection, Gc, Header, Heap, HeapConfig, HeapObject, ShapeInfo, Slot, Trace, Value, builtin_shape, object_header,
};
use std::time::Instant;

const NODE: u32 = builtin_shape::FIRST_VM;

#[repr(C)]
#[derive(Trace, HeapObject)]
struct Node {
    header: Header,
    slots: [Slot<Value>; 4],
}

#[repr(C)]
#[derive(Trace, HeapObject)]
struct Small {
    header: Header,
    slots: [Slot<Value>; 2],
}

fn node(heap: &Heap) -> Gc<Node> {
    let slots = [const { Slot::new(Value::NONE) }; 4];
    heap.alloc(Node { header: object_header(NODE), slots }).expect("memory")
}

fn small(heap: &Heap, left: Value, right: Value) -> Gc<Small> {
    heap.alloc(Small { header: object_header(NODE + 1), slots: [Slot::new(left), Slot::new(right)] }).expect("memory")
}

fn tree(heap: &Heap, depth: u32) -> Gc<Small> {
    if depth == 0 {
        return small(heap, Value::NONE, Value::NONE);
    }
    let left = tree(heap, depth - 1);
    let right = tree(heap, depth - 1);
    small(heap, left.into(), right.into())
}

fn count(value: Value) -> u64 {
    if !value.is_ptr() {
        return 0;
    }
    // SAFETY: trees hold small nodes.
    let node = unsafe { Gc::<Small>::from_value(value) };
    1 + count(node.slots[0].get()) + count(node.slots[1].get())
}

/// Trees of growing depth beside a long-lived one, as in the benchmarks game.
fn trees(heap: &Heap, scale: f64) -> u64 {
    let depth = 16 - (1.0 / scale).log2() as u32;
    let long_lived = tree(heap, depth);
    let mut sum = 0;
    for level in (4..=depth).step_by(4) {
        for _ in 0..1u32 << (depth - level + 4) {
            sum += count(tree(heap, level).into());
        }
    }
    sum + count(long_lived.into())
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (((self.0 >> 32) * n as u64) >> 32) as usize
    }
}

/// Stores among `count` objects that are all old after a while.
fn stores(heap: &Heap, count: usize, times: usize) -> u64 {
    let list = heap.alloc_values(count).expect("memory");
    (0..count).for_each(|_| _ = list.push_within_capacity(heap, node(heap).into()));
    let mut random = Random(1);
    for _ in 0..times {
        let (from, to) = (random.below(count), random.below(count));
        // SAFETY: the list holds nodes, the indices are below its length.
        let owner = unsafe { Gc::<Node>::from_value(list.get(from).expect("below count")) };
        owner.slots[from % 4].set(heap, owner, list.get(to).expect("below count"));
    }
    list.len() as u64
}

/// Every new object goes into a random old one.
fn old_to_young(heap: &Heap, count: usize, times: usize) -> u64 {
    let list = heap.alloc_values(count).expect("memory");
    (0..count).for_each(|_| _ = list.push_within_capacity(heap, node(heap).into()));
    let mut random = Random(1);
    for i in 0..times {
        let index = random.below(count);
        // SAFETY: as in `stores`.
        let owner = unsafe { Gc::<Node>::from_value(list.get(index).expect("below count")) };
        owner.slots[i % 4].set(heap, owner, node(heap).into());
    }
    list.len() as u64
}

/// 200 MB that live, for what is done before their eyes.
fn ballast(heap: &Heap, scale: f64) -> Gc<cinder_heap::ValueBuf> {
    let count = (4_800_000.0 * scale) as usize;
    let list = heap.alloc_values(count).expect("memory");
    for _ in 0..count {
        list.push_within_capacity(heap, node(heap).into());
    }
    list
}

fn hot(heap: &Heap, scale: f64) -> u64 {
    let behind = ballast(heap, scale);
    let mut last = Value::NONE;
    for i in 0..(30_000_000.0 * scale) as usize {
        last = small(heap, if i % 8 == 0 { Value::NONE } else { last }, Value::ONE).into();
    }
    behind.len() as u64 + u64::from(last.is_ptr())
}

/// Full collections of objects that lie in the order of the list, and then in none.
fn full(heap: &Heap, scale: f64) -> u64 {
    let behind = ballast(heap, scale);
    let mut random = Random(1);
    for order in ["in order", "shuffled"] {
        let start = Instant::now();
        (0..5).for_each(|_| heap.collect(Collection::Full));
        println!("  one full collection, {order}: {:.1} ms", start.elapsed().as_secs_f64() * 200.0);
        (0..behind.len()).for_each(|i| behind.swap(heap, i, random.below(behind.len())));
    }
    behind.len() as u64
}

/// What a forked child un-shares by reading every object, by a full collection, and by one after [`Heap::freeze`].
#[cfg(target_os = "linux")]
fn fork(heap: &Heap, scale: f64) -> u64 {
    let behind = ballast(heap, scale);
    let read_all = || {
        let sum = |value: &Value| {
            // SAFETY: the list holds nodes.
            let node = unsafe { Gc::<Node>::from_value(*value) };
            node.slots.iter().filter(|slot| slot.get().is_none()).count()
        };
        behind.values().iter().map(sum).sum::<usize>() as u64
    };
    heap.collect(Collection::Full);
    in_child("reading all", || _ = read_all());
    in_child("one full collection", || heap.collect(Collection::Full));
    heap.freeze();
    in_child("reading all and one full collection when frozen", || {
        read_all();
        heap.collect(Collection::Full);
    });
    read_all()
}

#[cfg(target_os = "linux")]
fn in_child(what: &str, f: impl FnOnce()) {
    // SAFETY: one thread, and the child leaves with `_exit`.
    unsafe {
        match libc::fork() {
            0 => {
                let before = private_dirty_kib();
                f();
                println!("  {what}: {} KiB dirty in the child", private_dirty_kib().saturating_sub(before));
                libc::_exit(0);
            }
            child => _ = libc::waitpid(child, core::ptr::null_mut(), 0),
        }
    }
}

#[cfg(target_os = "linux")]
fn private_dirty_kib() -> usize {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").expect("procfs");
    let line = text.lines().find_map(|line| line.strip_prefix("Private_Dirty:")).expect("a line of smaps");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[cfg(not(target_os = "linux"))]
fn fork(_: &Heap, _: f64) -> u64 {
    println!("  needs /proc");
    0
}

fn user_seconds() -> f64 {
    // SAFETY: getrusage fills the struct.
    unsafe {
        let mut usage: libc::rusage = core::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage.ru_utime.tv_sec as f64 + usage.ru_utime.tv_usec as f64 / 1e6
    }
}

fn run(name: &str, scale: f64, kernel: impl Fn(&Heap) -> u64) {
    let heap = Heap::new(&HeapConfig::from_env().expect("a valid CINDER_GC"));
    heap.define_shape(NODE, ShapeInfo::of::<Node>());
    heap.define_shape(NODE + 1, ShapeInfo::of::<Small>());
    let start = user_seconds();
    let sum = kernel(&heap);
    let seconds = user_seconds() - start;
    let stats = heap.stats();
    println!(
        "{name} x{scale}: {seconds:.3} s user, sum {sum}, {} minor, {} full, {:.1} ms collecting (longest {:.1}), {} MB used",
        stats.minor_collections,
        stats.full_collections,
        stats.pause_ns as f64 / 1e6,
        stats.longest_pause_ns as f64 / 1e6,
        stats.used_bytes >> 20
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = arguments.first().map_or("all", String::as_str);
    let scale = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(1.0);
    run_wanted(wanted, scale);
}

fn run_wanted(wanted: &str, scale: f64) {
    type Kernel<'a> = (&'a str, &'a dyn Fn(&Heap) -> u64);
    let times = |n: f64| (n * scale) as usize;
    let kernels: [Kernel<'_>; 7] = [
        ("trees", &|heap| trees(heap, scale)),
        ("stores64", &|heap| stores(heap, 64, times(120e6))),
        ("stores150k", &|heap| stores(heap, 150_000, times(24e6))),
        ("old_to_young", &|heap| old_to_young(heap, 150_000, times(10e6))),
        ("hot", &|heap| hot(heap, scale)),
        ("full", &|heap| full(heap, scale)),
        ("fork", &|heap| fork(heap, scale)),
    ];
    for (name, kernel) in kernels.iter().filter(|(name, _)| wanted == "all" || wanted == *name) {
        run(name, scale, kernel);
    }
}

#[test]
fn every_kernel_runs_small() {
    for name in ["trees", "stores64", "stores150k", "old_to_young", "hot", "full"] {
        run_wanted(name, 0.005);
    }
}
