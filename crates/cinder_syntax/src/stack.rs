//! A stack that is deep enough for the deepest tree.
//!
//! Problem: walking a tree recursively needs stack in proportion to its depth; threads of test runners and editors
//! have 2 MiB, which a tree of [`crate::MAX_DEPTH`] levels can exceed in unoptimised builds.
//! Idea: entry points that walk trees (a command, a worker thread) wrap their work once.

/// Stack set aside by [`with_deep_stack`], in bytes; only touched pages cost memory.
///
/// A tree of 2,000 levels leaves 64 KiB for each level, some ten frames of an unoptimised build.
pub const STACK_BYTES: usize = 128 * 1024 * 1024;

/// Runs `work` with at least half of [`STACK_BYTES`] of stack left, on the calling thread.
pub fn with_deep_stack<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(STACK_BYTES / 2, STACK_BYTES, work)
}
