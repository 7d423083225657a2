//! Hands out runs of cells and large blocks, and takes stock after a collection.
//!
//! Idea: after a collection nothing is swept; a census counts marks per block, frees the empty blocks and lists those worth
//! allocating into. The allocator then turns runs of clear mark bits into bump ranges, one at a time.
//! Holds: a block in which less than a sixteenth is free is passed over until a later census (walking it costs more than it gives).

use crate::chunk::{BLOCK_BYTES, BLOCKS, CHUNK_BYTES, ChunkRef, META_BYTES, State, offset_in_chunk};
use crate::region::Region;
use cinder_layout::{Header, VmAlloc, size_class};
use core::ptr::NonNull;

/// Larger objects get chunks of their own, which go back to the system when they die.
const MAX_IN_CHUNK: usize = 2 << 20;
const WORTH_SWEEPING: usize = 16;
/// The same for a block whose pages are shared with a parent process: writing into it copies them.
const WORTH_COPYING: usize = 2;

/// Most memory of dead huge objects that is kept for the next ones.
const MAX_SPARE_BYTES: usize = 32 << 20;

/// Written over dead cells in stress mode: as a value it is a pointer that no machine can follow.
pub(crate) const POISON: u64 = 0xdead_dead_dead_dea8;

pub(crate) struct Space {
    pub(crate) region: Region,
    pub(crate) chunks: Vec<ChunkRef>,
    /// Chunks of dead huge objects, set aside with the memory behind them: a program that makes and drops large lists would otherwise
    /// have the system clear fresh pages for each.
    spare: Vec<ChunkRef>,
    classes: Vec<ClassState>,
    /// Where to look for free blocks first.
    free_hint: usize,
    /// Bytes of blocks and huge objects in use.
    pub(crate) used_bytes: usize,
    /// Most `used_bytes` allowed.
    pub(crate) limit_bytes: usize,
}

#[derive(Default)]
struct ClassState {
    /// Blocks with free cells, in falling order of address.
    partial: Vec<(ChunkRef, usize)>,
    current: Option<(ChunkRef, usize)>,
    /// Offset in the current block behind the last run.
    position: usize,
}

/// A range of free cells.
pub(crate) struct Run {
    pub(crate) start: NonNull<u8>,
    pub(crate) bytes: usize,
}

/// What a collection left.
#[derive(Copy, Clone, Default)]
pub(crate) struct Census {
    pub(crate) live_bytes: usize,
    pub(crate) live_objects: usize,
}

impl Space {
    pub(crate) fn new(reserve_bytes: usize, limit_bytes: usize) -> Space {
        Space {
            region: Region::reserve(reserve_bytes),
            chunks: Vec::new(),
            spare: Vec::new(),
            classes: (0..size_class::CLASSES).map(|_| ClassState::default()).collect(),
            free_hint: 0,
            used_bytes: 0,
            limit_bytes,
        }
    }

    /// The next free cells of `class`, from blocks that have some or from a fresh block. `None` when the limit is reached.
    pub(crate) fn next_run(&mut self, class: usize) -> Option<Run> {
        loop {
            let state = &mut self.classes[class];
            if let Some((chunk, index)) = state.current {
                if let Some((start, end)) = chunk.free_run(index, state.position) {
                    state.position = end;
                    return Some(Run { start: chunk.at(index * BLOCK_BYTES + start), bytes: end - start });
                }
                chunk.block(index).state.set(State::Passed);
                state.current = None;
            }
            let (chunk, index) = match state.partial.pop() {
                Some(block) => block,
                None => {
                    let block = self.free_blocks(1)?;
                    block.0.assign(block.1, class);
                    block
                }
            };
            chunk.block(index).state.set(State::Current);
            let state = &mut self.classes[class];
            state.current = Some((chunk, index));
            state.position = 0;
        }
    }

    /// Gives the rest of a run back: the cells from `at` on are handed out again next.
    pub(crate) fn rewind(&mut self, class: usize, at: NonNull<u8>) {
        self.classes[class].position = at.addr().get() & (BLOCK_BYTES - 1);
    }

    /// `count` adjacent free blocks of one chunk, counted as used.
    fn free_blocks(&mut self, count: usize) -> Option<(ChunkRef, usize)> {
        if self.used_bytes + count * BLOCK_BYTES > self.limit_bytes {
            return None;
        }
        let found = self.find_free_blocks(count).or_else(|| {
            self.add_chunk(1)?;
            Some((self.chunks.len() - 1, 1))
        });
        let (chunk_index, index) = found?;
        self.used_bytes += count * BLOCK_BYTES;
        Some((self.chunks[chunk_index], index))
    }

    fn find_free_blocks(&mut self, count: usize) -> Option<(usize, usize)> {
        let from = if count == 1 { self.free_hint } else { 0 };
        for i in from..self.chunks.len() {
            let chunk = self.chunks[i];
            if chunk.frozen.get() {
                continue;
            }
            if let Some(index) = first_run(chunk.free.get(), count) {
                if count == 1 {
                    self.free_hint = i;
                }
                return Some((i, index));
            }
        }
        if count == 1 {
            self.free_hint = self.chunks.len();
        }
        None
    }

    fn add_chunk(&mut self, units: usize) -> Option<ChunkRef> {
        let chunk = self.region.take(units)?;
        chunk.init(units as u32);
        self.chunks.push(chunk);
        Some(chunk)
    }

    /// Memory for one object of `bytes`, not zeroed. `None` when the limit is reached.
    pub(crate) fn large(&mut self, bytes: usize, leaf: bool) -> Option<NonNull<u8>> {
        if bytes <= MAX_IN_CHUNK {
            let run = bytes.div_ceil(BLOCK_BYTES);
            let (chunk, index) = self.free_blocks(run)?;
            chunk.assign_large(index, run, bytes as u32, leaf);
            return Some(chunk.at(index * BLOCK_BYTES));
        }
        if bytes > self.limit_bytes.saturating_sub(self.used_bytes) {
            return None;
        }
        let units = (META_BYTES + bytes).div_ceil(CHUNK_BYTES);
        let chunk = match self.spare.iter().position(|chunk| chunk.units.get() as usize == units) {
            Some(place) => {
                let chunk = self.spare.swap_remove(place);
                self.region.take_back(chunk, units);
                chunk.init(units as u32);
                self.chunks.push(chunk);
                chunk
            }
            None => self.add_chunk(units)?,
        };
        chunk.free.set(0);
        chunk.huge_bytes.set(bytes);
        chunk.assign_large(1, 1, 0, leaf);
        self.used_bytes += bytes;
        Some(chunk.at(META_BYTES))
    }

    /// The object that contains `addr`, when there is one.
    pub(crate) fn resolve(&self, addr: usize, cursors: &VmAlloc) -> Option<NonNull<Header>> {
        let chunk = self.region.chunk_of(addr)?;
        let offset = addr - chunk.addr();
        if chunk.huge_bytes.get() != 0 {
            let within = offset >= META_BYTES && offset - META_BYTES < chunk.huge_bytes.get();
            return within.then(|| chunk.object(META_BYTES));
        }
        let index = offset / BLOCK_BYTES;
        let state = chunk.block(index).state.get();
        match state {
            State::Free | State::Meta => None,
            State::Large | State::Continued => {
                let head = chunk.head(index);
                let within = offset - head * BLOCK_BYTES < chunk.block(head).cell_bytes.get() as usize;
                within.then(|| chunk.object(head * BLOCK_BYTES))
            }
            State::Unswept | State::Current | State::Passed => {
                let start = index * BLOCK_BYTES + chunk.cell_start(index, offset % BLOCK_BYTES)?;
                let is_object = match state {
                    State::Passed => true,
                    State::Current => {
                        let cursor = &cursors.cursors[chunk.block(index).class.get() as usize];
                        let at = chunk.addr() + start;
                        at < cursor.cur.get().addr() || (at >= cursor.lim.get().addr() && chunk.is_marked_at(start))
                    }
                    _ => chunk.is_marked_at(start),
                };
                is_object.then(|| chunk.object(start))
            }
        }
    }

    /// Whether `object` survived, as far as the marks know. True for objects outside the region.
    #[inline]
    pub(crate) fn is_marked(&self, object: NonNull<Header>) -> bool {
        !self.owns(object) || ChunkRef::of_object(object).is_marked_at(offset_in_chunk(object))
    }

    /// Whether `object` lies in one of our chunks.
    #[inline]
    pub(crate) fn owns(&self, object: NonNull<Header>) -> bool {
        let (low, len) = self.region.bounds();
        let addr = object.addr().get();
        addr.wrapping_sub(low) < len && (!self.region.is_scattered() || self.region.chunk_of(addr).is_some())
    }

    pub(crate) fn is_frozen(&self, object: NonNull<Header>) -> bool {
        self.owns(object) && ChunkRef::of_object(object).frozen.get()
    }

    /// Bytes of the cell or block run that holds `object`, which lies in the region.
    pub(crate) fn cell_bytes(&self, object: NonNull<Header>) -> usize {
        let chunk = ChunkRef::of_object(object);
        match chunk.huge_bytes.get() {
            0 => chunk.block(offset_in_chunk(object) / BLOCK_BYTES).cell_bytes.get() as usize,
            bytes => bytes,
        }
    }

    pub(crate) fn clear_marks(&self) {
        self.chunks.iter().filter(|chunk| !chunk.frozen.get()).for_each(|chunk| chunk.clear_marks());
    }

    /// Forgets the bump ranges, counts what is marked, frees empty blocks and lists the blocks worth allocating into.
    pub(crate) fn census(&mut self, poison: bool) -> Census {
        for class in &mut self.classes {
            *class = ClassState::default();
        }
        self.free_hint = 0;
        let mut census = Census::default();
        let mut gone = Vec::new();
        for i in (0..self.chunks.len()).rev() {
            let chunk = self.chunks[i];
            if chunk.frozen.get() {
                continue;
            }
            if chunk.huge_bytes.get() != 0 {
                self.census_huge(i, chunk, &mut census, &mut gone);
                continue;
            }
            for index in (1..BLOCKS).rev() {
                self.census_block(chunk, index, poison, &mut census);
            }
        }
        for i in gone {
            // Indices come in falling order, so the swapped-in chunk has been counted already.
            let chunk = self.chunks.swap_remove(i);
            self.used_bytes -= chunk.huge_bytes.get();
            self.retire(chunk);
        }
        census
    }

    /// Sets the chunks of a dead huge object aside, or gives them back.
    fn retire(&mut self, chunk: ChunkRef) {
        let units = chunk.units.get() as usize;
        let kept: usize = self.spare.iter().map(|spare| spare.units.get() as usize).sum();
        if (kept + units) * CHUNK_BYTES <= MAX_SPARE_BYTES {
            self.region.set_aside(chunk, units);
            self.spare.push(chunk);
        } else {
            self.region.give_back(chunk, units);
        }
    }

    /// Gives back what was set aside, except for `reserve_bytes`.
    pub(crate) fn release_spare(&mut self, mut reserve_bytes: usize) {
        for chunk in core::mem::take(&mut self.spare) {
            let units = chunk.units.get() as usize;
            match reserve_bytes.checked_sub(units * CHUNK_BYTES) {
                Some(rest) => {
                    reserve_bytes = rest;
                    self.spare.push(chunk);
                }
                None => self.region.give_back(chunk, units),
            }
        }
    }

    fn census_huge(&self, i: usize, chunk: ChunkRef, census: &mut Census, gone: &mut Vec<usize>) {
        if chunk.is_marked_at(META_BYTES) {
            census.live_bytes += chunk.huge_bytes.get();
            census.live_objects += 1;
        } else {
            gone.push(i);
        }
    }

    fn census_block(&mut self, chunk: ChunkRef, index: usize, poison: bool, census: &mut Census) {
        let block = chunk.block(index);
        match block.state.get() {
            State::Free | State::Meta | State::Continued => {}
            State::Large => {
                if chunk.is_marked_at(index * BLOCK_BYTES) {
                    census.live_bytes += block.cell_bytes.get() as usize;
                    census.live_objects += 1;
                    return;
                }
                let bytes = block.cell_bytes.get() as usize;
                if poison {
                    poison_range(chunk.at(index * BLOCK_BYTES), bytes);
                }
                chunk.release(index);
                self.used_bytes -= bytes.next_multiple_of(BLOCK_BYTES);
            }
            State::Unswept | State::Current | State::Passed => {
                let size = block.cell_bytes.get() as usize;
                let cells = BLOCK_BYTES / size;
                let live = chunk.live_cells(index);
                if poison {
                    poison_dead(chunk, index);
                }
                if live == 0 {
                    chunk.release(index);
                    self.used_bytes -= BLOCK_BYTES;
                    return;
                }
                census.live_bytes += live * size;
                census.live_objects += live;
                if block.state.get() != State::Unswept {
                    block.state.set(State::Unswept);
                }
                let worth = if chunk.is_inherited(index) { WORTH_COPYING } else { WORTH_SWEEPING };
                if (cells - live) * worth >= cells {
                    self.classes[block.class.get() as usize].partial.push((chunk, index));
                }
            }
        }
    }

    /// Returns the memory of free blocks to the system, except for `reserve_bytes` to allocate into.
    pub(crate) fn trim(&self, reserve_bytes: usize) {
        let mut reserve_blocks = reserve_bytes / BLOCK_BYTES;
        for chunk in self.chunks.iter().filter(|chunk| !chunk.frozen.get() && chunk.huge_bytes.get() == 0) {
            let mut idle = chunk.free.get() & chunk.touched.get();
            while idle != 0 && reserve_blocks != 0 {
                idle &= idle - 1;
                reserve_blocks -= 1;
            }
            chunk.touched.set(chunk.touched.get() & !idle);
            while idle != 0 {
                let index = idle.trailing_zeros() as usize;
                let run = (!(idle >> index)).trailing_zeros() as usize;
                Region::discard(chunk.at(index * BLOCK_BYTES), run * BLOCK_BYTES);
                idle &= !(((1u64 << run) - 1) << index);
            }
        }
    }

    /// In a forked child: allocates into blocks of its own from now on, and into shared ones only when much of them is free.
    pub(crate) fn inherit(&mut self) {
        for class in &mut self.classes {
            class.partial.clear();
        }
        self.chunks.iter().filter(|chunk| !chunk.frozen.get()).for_each(|chunk| chunk.inherit());
    }

    /// Makes every chunk in use frozen. Call right after a full collection.
    pub(crate) fn freeze(&mut self) {
        for class in &mut self.classes {
            *class = ClassState::default();
        }
        for chunk in &self.chunks {
            for index in 1..BLOCKS {
                let block = chunk.block(index);
                if matches!(block.state.get(), State::Current | State::Passed) {
                    block.state.set(State::Unswept);
                }
            }
            chunk.frozen.set(true);
        }
    }

    /// Calls `f` with every object, in no particular order.
    pub(crate) fn for_each_object(&self, cursors: &VmAlloc, f: &mut dyn FnMut(NonNull<Header>)) {
        for &chunk in &self.chunks {
            if chunk.huge_bytes.get() != 0 {
                f(chunk.object(META_BYTES));
                continue;
            }
            for index in 1..BLOCKS {
                let block = chunk.block(index);
                let base = index * BLOCK_BYTES;
                match block.state.get() {
                    State::Free | State::Meta | State::Continued => {}
                    State::Large => f(chunk.object(base)),
                    _ => {
                        let size = block.cell_bytes.get() as usize;
                        for start in (0..BLOCK_BYTES / size * size).step_by(size) {
                            if let Some(object) = self.resolve(chunk.addr() + base + start, cursors) {
                                f(object);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Index of the first `count` adjacent set bits.
fn first_run(free: u64, count: usize) -> Option<usize> {
    let mut starts = free;
    for _ in 1..count {
        starts &= starts >> 1;
    }
    // Shifting in zeros from the top makes runs that would leave the chunk vanish.
    (starts != 0).then(|| starts.trailing_zeros() as usize)
}

fn poison_dead(chunk: ChunkRef, index: usize) {
    let mut from = 0;
    while let Some((start, end)) = chunk.free_run(index, from) {
        poison_range(chunk.at(index * BLOCK_BYTES + start), end - start);
        from = end;
    }
}

fn poison_range(start: NonNull<u8>, bytes: usize) {
    let words = start.cast::<u64>();
    for i in 0..bytes / 8 {
        // SAFETY: the caller names free cells of a committed block.
        unsafe { words.add(i).write(POISON) };
    }
}
