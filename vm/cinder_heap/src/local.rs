//! A short list of values in a local variable.

use crate::buffer::ValueBuf;
use crate::config::AllocError;
use crate::heap::Heap;
use crate::object::Gc;
use cinder_layout::Value;
use core::ops::Deref;

/// What native code uses for a handful of values, arguments for instance, in place of `SmallVec<[Value; N]>`: the first `N` lie in the
/// variable itself, more of them in a buffer in the heap. The stack scan finds both, without registration.
///
/// Holds: it is a local variable of a Rust function. In a `Box` or another heap allocation the collector would not see it; that is
/// what [`crate::RootVec`] is for.
pub struct LocalVec<const N: usize = 8> {
    inline: [Value; N],
    len: usize,
    /// Holds all values once there are more than `N`.
    spilled: Option<Gc<ValueBuf>>,
}

impl<const N: usize> Default for LocalVec<N> {
    fn default() -> LocalVec<N> {
        LocalVec::new()
    }
}

impl<const N: usize> LocalVec<N> {
    #[inline]
    pub const fn new() -> LocalVec<N> {
        LocalVec { inline: [Value::EMPTY; N], len: 0, spilled: None }
    }

    /// A list of these values. May allocate: when there are more than `N`.
    pub fn from_slice(heap: &Heap, values: &[Value]) -> Result<LocalVec<N>, AllocError> {
        let mut list = LocalVec::new();
        list.extend_from_slice(heap, values)?;
        Ok(list)
    }

    /// Appends. May allocate: beyond `N`.
    #[inline]
    pub fn push(&mut self, heap: &Heap, value: Value) -> Result<(), AllocError> {
        if self.spilled.is_none() && self.len < N {
            self.inline[self.len] = value;
            self.len += 1;
            return Ok(());
        }
        self.extend_from_slice(heap, &[value])
    }

    /// Appends all. May allocate: beyond `N`.
    pub fn extend_from_slice(&mut self, heap: &Heap, values: &[Value]) -> Result<(), AllocError> {
        let len = self.len + values.len();
        if self.spilled.is_none() && len <= N {
            self.inline[self.len..len].copy_from_slice(values);
            self.len = len;
            return Ok(());
        }
        let fits = self.spilled.is_some_and(|buffer| buffer.extend_within_capacity(heap, values));
        if !fits {
            let grown = heap.alloc_values(len.max(self.len * 2))?;
            let done = grown.extend_within_capacity(heap, self) && grown.extend_within_capacity(heap, values);
            debug_assert!(done);
            self.spilled = Some(grown);
        }
        self.len = len;
        Ok(())
    }

    pub fn pop(&mut self) -> Option<Value> {
        let last = self.last().copied()?;
        self.len -= 1;
        if let Some(buffer) = self.spilled {
            buffer.truncate(self.len);
        }
        Some(last)
    }
}

impl<const N: usize> Deref for LocalVec<N> {
    type Target = [Value];

    #[inline]
    fn deref(&self) -> &[Value] {
        match &self.spilled {
            Some(buffer) => buffer.values(),
            None => &self.inline[..self.len],
        }
    }
}
