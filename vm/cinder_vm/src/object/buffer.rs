//! The buffer protocol's view: bytes of an object, with their format.

use cinder_layout::Value;

/// Bytes that stay valid and in place while `owner` is alive and exported (the exporter refuses to resize while `exports > 0`).
#[derive(Clone, Copy)]
pub struct BufferView {
    pub owner: Value,
    pub data: *mut u8,
    /// Bytes in all.
    pub len_bytes: usize,
    pub readonly: bool,
    /// Bytes per item.
    pub item_bytes: usize,
    /// `struct` format of an item.
    pub format: &'static str,
    /// Items per dimension; `None` for one dimension of all items.
    pub shape: Option<&'static [usize]>,
    /// Called once when the view is given up.
    pub release: Option<fn(Value)>,
}
