//! Sessions over the protocol, without an editor.

mod client;
mod diagnostics;
mod protocol;
