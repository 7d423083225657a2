//! The sizes of cells: 16 to 128 bytes by 16, then four steps per doubling to 8 KiB.
//!
//! A class index says both the size and whether the object is a leaf (holds no values): `0..32` are traced, `32..64` are leaves,
//! [`LARGE`] and [`LARGE_LEAF`] have their own blocks.

/// Sizes of cells.
pub const SIZES: usize = 32;
/// Number of bump cursors: each size, traced and leaf.
pub const CLASSES: usize = 2 * SIZES;
/// Added to a class to make it a leaf class.
pub const LEAF: usize = SIZES;
/// Largest object that lives in a cell.
pub const MAX_CELL_BYTES: usize = 8192;
/// Class of objects above [`MAX_CELL_BYTES`].
pub const LARGE: u8 = 64;
/// Class of leaf objects above [`MAX_CELL_BYTES`].
pub const LARGE_LEAF: u8 = 65;

/// The smallest class whose cells hold `bytes` (header included).
///
/// Units: bytes, `1..=MAX_CELL_BYTES`. Returns `0..SIZES`; add [`LEAF`] for a leaf.
#[inline]
pub const fn of_bytes(bytes: usize) -> usize {
    debug_assert!(bytes != 0 && bytes <= MAX_CELL_BYTES);
    if bytes <= 128 {
        (bytes - 1) >> 4
    } else {
        let last = bytes - 1;
        let log = last.ilog2() as usize;
        8 + (log - 7) * 4 + ((last >> (log - 2)) & 3)
    }
}

/// Bytes of a cell of `class` (leaf or not).
#[inline]
pub const fn bytes(class: usize) -> usize {
    let class = class % SIZES;
    if class < 8 {
        (class + 1) * 16
    } else {
        let log = 7 + (class - 8) / 4;
        (1 << log) + (((class - 8) % 4 + 1) << (log - 2))
    }
}

/// Whether objects of this header class hold no values.
#[inline]
pub const fn is_leaf(class: u8) -> bool {
    class == LARGE_LEAF || (class >= LEAF as u8 && class < LARGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_gets_the_smallest_cell_that_holds_it() {
        for size in 1..=MAX_CELL_BYTES {
            let class = of_bytes(size);
            assert!(bytes(class) >= size && bytes(class).is_multiple_of(16), "{size}");
            assert!(class == 0 || bytes(class - 1) < size, "{size}");
        }
        assert_eq!(of_bytes(MAX_CELL_BYTES), SIZES - 1);
    }
}
