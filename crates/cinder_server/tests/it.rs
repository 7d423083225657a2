//! Sessions over the protocol, without an editor.

/// As in `cinder`: what a soak says about memory is about the allocator, too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod abuse;
mod client;
mod diagnostics;
mod features;
mod fuzz;
mod protocol;
mod real_files;
mod soak;
