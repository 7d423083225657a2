//! Where address space comes from, in chunks of 4 MiB.
//!
//! Problem: any word on a stack may be a pointer into the heap, so "is this address ours, and in which chunk" must cost a subtraction
//! and a compare; but a process under `ulimit -v` cannot reserve much.
//! Idea: reserve one range, 64 GiB at best, halving down to 1 GiB, inaccessible until a chunk is committed. Where not even that is
//! possible, map chunks one by one and find them through a two-level table.
//! Holds: chunks are aligned to their size; a huge object takes adjacent chunks and only the first has metadata.

use crate::chunk::{CHUNK_BYTES, Chunk, ChunkRef};
use core::ptr::{self, NonNull};

/// Chunk numbers have 25 bits in a 47-bit address space: 12 choose the leaf, 13 the entry.
const LEAF_BITS: u32 = 13;
const ROOTS: usize = 1 << 12;
const MIN_RESERVE: usize = 1 << 30;

/// Entry of a chunk in use: one more than its distance to the chunk that holds the metadata; 0 for a chunk not in use, [`SPARE`] for one
/// that is taken and holds nothing.
type Distance = u32;
const SPARE: Distance = Distance::MAX;

pub(crate) struct Region {
    /// Start of the reserved range; null when chunks are mapped one by one.
    reserved: *mut u8,
    reserved_chunks: usize,
    /// One entry per chunk of the reserved range up to the highest ever used.
    used: Vec<Distance>,
    scattered: Option<Box<Radix>>,
    /// Lowest and one past the highest address ever in use.
    low: usize,
    high: usize,
}

struct Radix {
    leaves: Box<[Option<Box<[Distance]>>]>,
}

impl Radix {
    fn new() -> Radix {
        Radix { leaves: (0..ROOTS).map(|_| None).collect() }
    }

    fn get(&self, addr: usize) -> Distance {
        let number = addr / CHUNK_BYTES;
        let leaf = self.leaves.get(number >> LEAF_BITS).and_then(|leaf| leaf.as_deref());
        leaf.map_or(0, |leaf| leaf[number & ((1 << LEAF_BITS) - 1)])
    }

    fn set(&mut self, addr: usize, distance: Distance) {
        let number = addr / CHUNK_BYTES;
        let leaf = self.leaves[number >> LEAF_BITS].get_or_insert_with(|| vec![0; 1 << LEAF_BITS].into_boxed_slice());
        leaf[number & ((1 << LEAF_BITS) - 1)] = distance;
    }
}

impl Region {
    /// Reserves up to `most` bytes (a power of two times 4 MiB), less where the system refuses. Never fails: the last resort
    /// reserves nothing.
    pub(crate) fn reserve(most: usize) -> Region {
        let mut bytes = most;
        while bytes >= MIN_RESERVE {
            // One chunk more, to align the start.
            if let Some(start) = map(bytes + CHUNK_BYTES, libc::PROT_NONE) {
                let skip = start.align_offset(CHUNK_BYTES);
                // SAFETY: the mapping is one chunk longer than `bytes` and `skip` is below a chunk.
                let reserved = unsafe { start.add(skip) };
                // Fork shares small pages; a huge page would be copied whole for one byte written.
                // SAFETY: the range is a mapping of ours; the advice changes no contents.
                #[cfg(target_os = "linux")]
                unsafe {
                    libc::madvise(reserved.cast(), bytes, libc::MADV_NOHUGEPAGE)
                };
                let low = reserved.addr();
                return Region {
                    reserved,
                    reserved_chunks: bytes / CHUNK_BYTES,
                    used: Vec::new(),
                    scattered: None,
                    low,
                    high: low,
                };
            }
            bytes /= 2;
        }
        Region {
            reserved: ptr::null_mut(),
            reserved_chunks: 0,
            used: Vec::new(),
            scattered: Some(Box::new(Radix::new())),
            low: usize::MAX,
            high: 0,
        }
    }

    /// Commits `count` adjacent chunks; all bytes are zero. `None` when the system has no memory or the range is full.
    pub(crate) fn take(&mut self, count: usize) -> Option<ChunkRef> {
        let start = if self.scattered.is_some() { self.map_scattered(count)? } else { self.commit(count)? };
        let end = start.addr() + count * CHUNK_BYTES;
        self.low = self.low.min(start.addr());
        self.high = self.high.max(end);
        self.set_used(start.addr(), count);
        NonNull::new(start.cast::<Chunk>()).map(ChunkRef)
    }

    fn commit(&mut self, count: usize) -> Option<*mut u8> {
        let index = self.free_index(count)?;
        // SAFETY: `index + count` chunks lie within the reserved range.
        let start = unsafe { self.reserved.add(index * CHUNK_BYTES) };
        // SAFETY: as above; the pages are ours and nobody uses them.
        let failed = unsafe { libc::mprotect(start.cast(), count * CHUNK_BYTES, libc::PROT_READ | libc::PROT_WRITE) };
        (failed == 0).then_some(start)
    }

    fn free_index(&self, count: usize) -> Option<usize> {
        let mut run = 0;
        for (i, &distance) in self.used.iter().enumerate() {
            run = if distance == 0 { run + 1 } else { 0 };
            if run == count {
                return Some(i + 1 - count);
            }
        }
        let index = self.used.len() - run;
        (index + count <= self.reserved_chunks).then_some(index)
    }

    fn map_scattered(&mut self, count: usize) -> Option<*mut u8> {
        let bytes = count * CHUNK_BYTES;
        let start = map(bytes + CHUNK_BYTES, libc::PROT_READ | libc::PROT_WRITE)?;
        let skip = start.align_offset(CHUNK_BYTES);
        // SAFETY: `skip` is below a chunk and the mapping is one chunk longer than asked for; the parts before and after are ours.
        unsafe {
            let aligned = start.add(skip);
            if skip != 0 {
                libc::munmap(start.cast(), skip);
            }
            if skip != CHUNK_BYTES {
                libc::munmap(aligned.add(bytes).cast(), CHUNK_BYTES - skip);
            }
            Some(aligned)
        }
    }

    fn set_used(&mut self, start: usize, count: usize) {
        for i in 0..count {
            self.set(start + i * CHUNK_BYTES, i as Distance + 1);
        }
    }

    /// Chunks in use that hold nothing any more and are kept for another use: no address leads to them.
    pub(crate) fn set_aside(&mut self, chunk: ChunkRef, count: usize) {
        for i in 0..count {
            self.set(chunk.addr() + i * CHUNK_BYTES, SPARE);
        }
    }

    /// Takes chunks that were set aside into use again; the metadata is zero, what follows is not.
    pub(crate) fn take_back(&mut self, chunk: ChunkRef, count: usize) {
        // SAFETY: metadata of a committed chunk that nobody uses; zeros are what a fresh one has.
        unsafe { chunk.0.as_ptr().write_bytes(0, 1) };
        self.set_used(chunk.addr(), count);
    }

    /// Returns the memory of `count` chunks to the system.
    pub(crate) fn give_back(&mut self, chunk: ChunkRef, count: usize) {
        let bytes = count * CHUNK_BYTES;
        for i in 0..count {
            self.set(chunk.addr() + i * CHUNK_BYTES, 0);
        }
        let start = chunk.0.as_ptr().cast();
        // SAFETY: `take` handed these chunks out and the caller has dropped every reference into them.
        unsafe {
            if self.scattered.is_some() {
                libc::munmap(start, bytes);
            } else {
                libc::madvise(start, bytes, libc::MADV_DONTNEED);
                libc::mprotect(start, bytes, libc::PROT_NONE);
            }
        }
    }

    /// Returns the memory behind a range within a chunk to the system; it reads as zero when it is used again.
    pub(crate) fn discard(start: NonNull<u8>, bytes: usize) {
        // SAFETY: the caller names free blocks of a chunk in use; nobody reads them before writing.
        unsafe { libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_DONTNEED) };
    }

    fn set(&mut self, addr: usize, distance: Distance) {
        if let Some(radix) = &mut self.scattered {
            return radix.set(addr, distance);
        }
        let index = (addr - self.reserved.addr()) / CHUNK_BYTES;
        if index >= self.used.len() {
            self.used.resize(index + 1, 0);
        }
        self.used[index] = distance;
    }

    /// Lowest address and length of the range in which chunks lie, for a first test. Immortal statics lie outside, except that
    /// they may lie between scattered chunks.
    pub(crate) fn bounds(&self) -> (usize, usize) {
        (self.low, self.high.saturating_sub(self.low))
    }

    /// Whether every address within the bounds belongs to a chunk or a hole that held one.
    pub(crate) fn is_scattered(&self) -> bool {
        self.scattered.is_some()
    }

    /// The chunk with the metadata for `addr`, when `addr` lies in a chunk in use.
    #[inline]
    pub(crate) fn chunk_of(&self, addr: usize) -> Option<ChunkRef> {
        if addr.wrapping_sub(self.low) >= self.high.saturating_sub(self.low) {
            return None;
        }
        let distance = match &self.scattered {
            Some(radix) => radix.get(addr),
            None => self.used[(addr - self.low) / CHUNK_BYTES],
        } as usize;
        let head = (addr & !(CHUNK_BYTES - 1)).wrapping_sub(distance.wrapping_sub(1).wrapping_mul(CHUNK_BYTES));
        (distance != 0 && distance != SPARE as usize).then(|| self.chunk_at(head))
    }

    fn chunk_at(&self, addr: usize) -> ChunkRef {
        let start = if self.scattered.is_some() {
            ptr::with_exposed_provenance_mut(addr)
        } else {
            self.reserved.with_addr(addr)
        };
        ChunkRef(NonNull::new(start.cast::<Chunk>()).expect("a chunk in use is not at address zero"))
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        if !self.reserved.is_null() {
            // SAFETY: the range was reserved by `reserve`; the heap that used it is gone. The alignment slack stays reserved, it
            // has no memory behind it.
            unsafe { libc::munmap(self.reserved.cast(), self.reserved_chunks * CHUNK_BYTES) };
        }
    }
}

fn map(bytes: usize, protection: libc::c_int) -> Option<*mut u8> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a fresh anonymous mapping at an address of the system's choice.
    let start = unsafe { libc::mmap(ptr::null_mut(), bytes, protection, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        return None;
    }
    start.expose_provenance();
    Some(start.cast())
}
