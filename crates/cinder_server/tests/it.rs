//! Sessions over the protocol, without an editor.

mod client;
mod diagnostics;
mod features;
mod fuzz;
mod protocol;
mod real_files;
mod soak;
