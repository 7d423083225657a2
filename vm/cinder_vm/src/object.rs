//! The object model: payload layouts, shapes and slot tables. Typed pointers are [`cinder_heap::Gc`].

pub mod buffer;
pub mod instance;
pub mod layout;
pub mod shape;
pub mod slots;

pub use cinder_heap::Gc;
pub use layout::{Layout, Payload};
