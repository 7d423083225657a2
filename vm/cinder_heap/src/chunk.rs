//! One chunk: 4 MiB, of which the first 64 KiB are the collector's notes about the rest.
//!
//! Problem: notes inside objects dirty every page of a forked heap, and a free list through dead cells touches memory that nobody
//! needs.
//! Idea: one mark bit per 16 bytes and one record per 64 KiB block, beside the objects. A cell is free when its bit is clear; the
//! allocator walks runs of clear bits.
//! Holds: only the first bit of a cell is ever set, so the next set bit after a free cell is the next live cell.

use cinder_layout::{Header, size_class};
use core::cell::Cell;
use core::ops::Deref;
use core::ptr::NonNull;

pub(crate) const CHUNK_BYTES: usize = 4 << 20;
pub(crate) const BLOCK_BYTES: usize = 64 << 10;
pub(crate) const BLOCKS: usize = CHUNK_BYTES / BLOCK_BYTES;
/// Bytes of a chunk's notes: block 0.
pub(crate) const META_BYTES: usize = BLOCK_BYTES;
const GRANULE: usize = 16;
const MARK_WORDS: usize = CHUNK_BYTES / GRANULE / 64;
const BLOCK_MARK_WORDS: usize = BLOCK_BYTES / GRANULE / 64;

/// What is known about a block's cells.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum State {
    /// No objects. The state of zeroed memory.
    Free,
    /// Marked cells are objects, the others are free.
    Unswept,
    /// Being allocated into: cells below the cursor are objects, so are marked cells beyond the limit.
    Current,
    /// Every cell is an object.
    Passed,
    /// First block of a large object.
    Large,
    /// Further block of a large object.
    Continued,
    /// Block 0.
    Meta,
}

/// Notes about one block.
#[repr(C)]
pub(crate) struct Block {
    /// 2^32 / cell size, rounded up: turns an offset into a cell index without a division.
    recip: Cell<u32>,
    /// Size of a cell, or of the large object (0 for a huge one, see [`Chunk::huge_bytes`]).
    pub(crate) cell_bytes: Cell<u32>,
    pub(crate) class: Cell<u8>,
    pub(crate) state: Cell<State>,
    /// Index of the large object's first block.
    head: Cell<u8>,
    /// Number of blocks of the large object.
    run: Cell<u8>,
    _pad: u32,
}

#[repr(C)]
pub(crate) struct Chunk {
    marks: [Cell<u64>; MARK_WORDS],
    blocks: [Block; BLOCKS],
    /// One bit per free block.
    pub(crate) free: Cell<u64>,
    /// One bit per block that may have memory behind it.
    pub(crate) touched: Cell<u64>,
    /// One bit per block that was in use when this process was forked off, and still is.
    inherited: Cell<u64>,
    /// One bit per block of leaf objects.
    leaf: Cell<u64>,
    /// Bytes of the one huge object that this chunk and the following ones hold.
    pub(crate) huge_bytes: Cell<usize>,
    /// How many adjacent chunks this one stands for.
    pub(crate) units: Cell<u32>,
    /// Never swept, never allocated into, marks never cleared.
    pub(crate) frozen: Cell<bool>,
}

const _: () = assert!(size_of::<Block>() == 16 && size_of::<Chunk>() <= META_BYTES);

/// A chunk in use. Its pointer may reach the whole chunk, not only the notes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) struct ChunkRef(pub(crate) NonNull<Chunk>);

impl Deref for ChunkRef {
    type Target = Chunk;

    #[inline]
    fn deref(&self) -> &Chunk {
        // SAFETY: a ChunkRef is made for committed chunks only and dropped before the chunk is given back; all fields are cells.
        unsafe { self.0.as_ref() }
    }
}

impl ChunkRef {
    /// The chunk in whose notes the object at `object` is marked. Only for objects within the region.
    #[inline]
    pub(crate) fn of_object(object: NonNull<Header>) -> ChunkRef {
        let start = object.as_ptr().map_addr(|addr| addr & !(CHUNK_BYTES - 1));
        // SAFETY: no chunk lies at address zero.
        ChunkRef(unsafe { NonNull::new_unchecked(start.cast()) })
    }

    #[inline]
    pub(crate) fn addr(self) -> usize {
        self.0.addr().get()
    }

    /// Sets up a fresh chunk (zeroed memory) that stands for `units` chunks.
    pub(crate) fn init(self, units: u32) {
        self.units.set(units);
        self.blocks[0].state.set(State::Meta);
        self.free.set(if units == 1 { !1 } else { 0 });
    }

    /// Address of byte `offset` of the chunk.
    #[inline]
    pub(crate) fn at(self, offset: usize) -> NonNull<u8> {
        // SAFETY: callers pass offsets within the chunk's committed units.
        unsafe { self.0.cast::<u8>().add(offset) }
    }

    /// The object at byte `offset`.
    #[inline]
    pub(crate) fn object(self, offset: usize) -> NonNull<Header> {
        self.at(offset).cast()
    }

    /// Makes block `index` hold cells of `class`.
    pub(crate) fn assign(self, index: usize, class: usize) {
        let bytes = size_class::bytes(class) as u32;
        let block = &self.blocks[index];
        block.cell_bytes.set(bytes);
        block.recip.set((1u64 << 32).div_ceil(u64::from(bytes)) as u32);
        block.class.set(class as u8);
        self.take_block(index);
        self.set_leaf(index, class >= size_class::LEAF);
    }

    fn take_block(self, index: usize) {
        self.free.set(self.free.get() & !(1 << index));
        self.touched.set(self.touched.get() | 1 << index);
    }

    fn set_leaf(self, index: usize, leaf: bool) {
        let rest = self.leaf.get() & !(1 << index);
        self.leaf.set(rest | u64::from(leaf) << index);
    }

    /// Makes blocks `index..index + run` hold one large object; `bytes` is 0 for a huge one.
    pub(crate) fn assign_large(self, index: usize, run: usize, bytes: u32, leaf: bool) {
        for i in index..index + run {
            let block = &self.blocks[i];
            block.state.set(if i == index { State::Large } else { State::Continued });
            block.head.set(index as u8);
            self.take_block(i);
        }
        let head = &self.blocks[index];
        head.cell_bytes.set(bytes);
        head.run.set(run as u8);
        head.class.set(if leaf { size_class::LARGE_LEAF } else { size_class::LARGE });
        self.set_leaf(index, leaf);
    }

    /// Frees block `index`, and with it the rest of a large object.
    pub(crate) fn release(self, index: usize) {
        let run =
            if self.blocks[index].state.get() == State::Large { self.blocks[index].run.get() as usize } else { 1 };
        for i in index..index + run {
            self.blocks[i].state.set(State::Free);
            self.free.set(self.free.get() | 1 << i);
            self.inherited.set(self.inherited.get() & !(1 << i));
        }
        self.set_leaf(index, false);
    }

    /// The first free cells of block `index` at or after `from`: start and end offsets within the block.
    pub(crate) fn free_run(self, index: usize, from: usize) -> Option<(usize, usize)> {
        let size = self.blocks[index].cell_bytes.get() as usize;
        let end = BLOCK_BYTES / size * size;
        let mut start = from;
        while start < end && self.is_marked_at(index * BLOCK_BYTES + start) {
            start += size;
        }
        if start >= end {
            return None;
        }
        Some((start, self.next_marked(index, start).min(end)))
    }

    /// Offset within block `index` of the first mark at or after `from`, or the block's size.
    fn next_marked(self, index: usize, from: usize) -> usize {
        let base = index * BLOCK_MARK_WORDS;
        let mut word = from / GRANULE / 64;
        let mut bits = self.marks[base + word].get() & (!0 << (from / GRANULE % 64));
        while bits == 0 {
            word += 1;
            if word == BLOCK_MARK_WORDS {
                return BLOCK_BYTES;
            }
            bits = self.marks[base + word].get();
        }
        (word * 64 + bits.trailing_zeros() as usize) * GRANULE
    }
}

impl Chunk {
    #[inline]
    pub(crate) fn block(&self, index: usize) -> &Block {
        &self.blocks[index]
    }

    /// Notes that the blocks now in use are shared with a parent process.
    pub(crate) fn inherit(&self) {
        self.inherited.set(!self.free.get());
    }

    #[inline]
    pub(crate) fn is_inherited(&self, index: usize) -> bool {
        self.inherited.get() >> index & 1 != 0
    }

    /// Index of the first block of the large object that block `index` belongs to.
    pub(crate) fn head(&self, index: usize) -> usize {
        self.blocks[index].head.get() as usize
    }

    /// Offset of the cell of block `index` that contains byte `inner` of the block; `None` in the waste at the end.
    #[inline]
    pub(crate) fn cell_start(&self, index: usize, inner: usize) -> Option<usize> {
        let block = &self.blocks[index];
        let size = block.cell_bytes.get() as usize;
        let cell = ((inner as u64 * u64::from(block.recip.get())) >> 32) as usize;
        let start = cell * size;
        (start + size <= BLOCK_BYTES).then_some(start)
    }

    #[inline]
    fn mark_word(&self, offset: usize) -> (&Cell<u64>, u64) {
        let bit = offset / GRANULE;
        (&self.marks[bit / 64], 1 << (bit % 64))
    }

    #[inline]
    pub(crate) fn is_marked_at(&self, offset: usize) -> bool {
        let (word, bit) = self.mark_word(offset);
        word.get() & bit != 0
    }

    /// Marks the object at `offset`; false when it was marked before.
    #[inline]
    pub(crate) fn mark_at(&self, offset: usize) -> bool {
        let (word, bit) = self.mark_word(offset);
        let old = word.get();
        word.set(old | bit);
        old & bit == 0
    }

    /// Whether the block at `offset` holds leaf objects.
    #[inline]
    pub(crate) fn is_leaf_at(&self, offset: usize) -> bool {
        self.leaf.get() >> (offset / BLOCK_BYTES) & 1 != 0
    }

    pub(crate) fn clear_marks(&self) {
        for index in 1..BLOCKS {
            if self.blocks[index].state.get() != State::Free {
                self.block_marks(index).iter().for_each(|word| word.set(0));
            }
        }
    }

    /// Number of marked cells of block `index`.
    pub(crate) fn live_cells(&self, index: usize) -> usize {
        self.block_marks(index).iter().map(|word| word.get().count_ones() as usize).sum()
    }

    fn block_marks(&self, index: usize) -> &[Cell<u64>] {
        &self.marks[index * BLOCK_MARK_WORDS..(index + 1) * BLOCK_MARK_WORDS]
    }
}

/// Offset of an object within its chunk.
#[inline]
pub(crate) fn offset_in_chunk(object: NonNull<Header>) -> usize {
    object.addr().get() & (CHUNK_BYTES - 1)
}
