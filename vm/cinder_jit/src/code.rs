//! Memory for machine code.
//!
//! Problem: code must be executable while it runs and writable while it is installed, never both.
//! Idea: one private anonymous reservation; an install makes the pages it touches writable, copies, and makes them executable again. Installs
//! happen under the VM's lock, so no code of ours runs meanwhile. A forked child has its own copy of the pages.
//! Holds: every byte handed out is executable and not writable when [`Arena::install`] returns.

use std::ptr::NonNull;

/// Bytes reserved for all code; compiling stops when they are used up.
const RESERVED: usize = 64 << 20;
const ALIGNMENT: usize = 16;

pub(crate) struct Arena {
    base: NonNull<u8>,
    used: usize,
    /// Freed runs `(offset, bytes)`, ascending and not adjacent.
    free: Vec<(usize, usize)>,
    page: usize,
}

// SAFETY: the arena owns its mapping; nothing in it is tied to a thread, and `install` takes `&mut self`.
unsafe impl Send for Arena {}

impl Arena {
    /// Reserves address space; no memory is used until code is installed. `None` when the system refuses.
    pub(crate) fn new() -> Option<Arena> {
        // SAFETY: an anonymous mapping at an address the kernel chooses touches no memory of ours.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                RESERVED,
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return None;
        }
        // SAFETY: sysconf has no preconditions.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        let page = usize::try_from(page).ok().filter(|page| page.is_power_of_two()).unwrap_or(4096);
        Some(Arena { base: NonNull::new(base.cast())?, used: 0, free: Vec::new(), page })
    }

    /// Copies position-independent code in; answers its address, `None` when no room is left.
    pub(crate) fn install(&mut self, code: &[u8]) -> Option<usize> {
        let bytes = code.len().next_multiple_of(ALIGNMENT);
        let offset = self.take(bytes)?;
        self.protect(offset, bytes, libc::PROT_READ | libc::PROT_WRITE)?;
        // SAFETY: `take` gave `bytes >= code.len()` bytes inside the mapping that nobody else uses, and they are writable now.
        unsafe { std::ptr::copy_nonoverlapping(code.as_ptr(), self.base.as_ptr().add(offset), code.len()) };
        self.protect(offset, bytes, libc::PROT_READ | libc::PROT_EXEC)?;
        Some(self.base.as_ptr() as usize + offset)
    }

    /// Gives back the `bytes` of code at `address`, which `install` returned.
    pub(crate) fn free(&mut self, address: usize, bytes: usize) {
        let offset = address - self.base.as_ptr() as usize;
        let bytes = bytes.next_multiple_of(ALIGNMENT);
        let at = self.free.partition_point(|(start, _)| *start < offset);
        self.free.insert(at, (offset, bytes));
        if at + 1 < self.free.len() && offset + bytes == self.free[at + 1].0 {
            self.free[at].1 += self.free.remove(at + 1).1;
        }
        if at > 0 && self.free[at - 1].0 + self.free[at - 1].1 == offset {
            self.free[at - 1].1 += self.free.remove(at).1;
        }
    }

    /// First freed run that is large enough, else fresh space.
    fn take(&mut self, bytes: usize) -> Option<usize> {
        if let Some(at) = self.free.iter().position(|(_, free)| *free >= bytes) {
            let (offset, free) = self.free[at];
            if free == bytes {
                self.free.remove(at);
            } else {
                self.free[at] = (offset + bytes, free - bytes);
            }
            return Some(offset);
        }
        let offset = self.used;
        let end = offset.checked_add(bytes).filter(|end| *end <= RESERVED)?;
        self.used = end;
        Some(offset)
    }

    fn protect(&self, offset: usize, bytes: usize, protection: libc::c_int) -> Option<()> {
        let start = offset & !(self.page - 1);
        let end = (offset + bytes).next_multiple_of(self.page);
        // SAFETY: the range lies inside our mapping and begins on a page.
        let result = unsafe { libc::mprotect(self.base.as_ptr().add(start).cast(), end - start, protection) };
        (result == 0).then_some(())
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and, as with every owner, users of the code are gone.
        unsafe { libc::munmap(self.base.as_ptr().cast(), RESERVED) };
    }
}
