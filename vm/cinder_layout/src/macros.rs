//! Defines a record and the offsets of its fields in one place.

/// Defines a `#[repr(C)]` struct and, for each field followed by `=> NAME`, an associated constant with the offset of that field.
///
/// Units: bytes from the start of the struct, as `i32`, the type of an addressing mode's displacement.
///
/// ```
/// cinder_layout::layout_struct! {
///     /// A pair.
///     pub struct Pair {
///         pub first: u32 => FIRST_OFFSET,
///         pub second: u64 => SECOND_OFFSET,
///         private: u8,
///     }
/// }
/// assert_eq!(Pair::SECOND_OFFSET, 8);
/// ```
#[macro_export]
macro_rules! layout_struct {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $ty:ty $(=> $offset:ident)?),* $(,)?
    }) => {
        $(#[$meta])*
        #[repr(C)]
        $vis struct $name {
            $($(#[$field_meta])* $field_vis $field: $ty,)*
        }

        impl $name {
            $($(
                #[doc = concat!("Offset of `", stringify!($field), "` in bytes.")]
                pub const $offset: i32 = ::core::mem::offset_of!($name, $field) as i32;
            )?)*
        }
    };
}
