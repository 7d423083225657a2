//! Sessions over the protocol, without an editor.

mod client;
mod diagnostics;
mod features;
mod protocol;
mod soak;
