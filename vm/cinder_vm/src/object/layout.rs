//! Payload structs: what the VM must know about each beyond how it is traced.

use cinder_heap::{ClearWeakFn, DropFn, Gc, HeapObject, ShapeInfo, TraceFn};
use cinder_layout::{Header, Value};

use crate::vm::Vm;

/// Facts about one payload struct, one `static` per struct (made by [`layout!`](crate::layout!)).
///
/// A class made in Python extends the layout of its base: after the struct (or, for `variable` layouts, after the inline items) follow an
/// `ext` word and inline attribute slots, as the instance's [`super::shape::Shape`] says.
pub struct Layout {
    /// For messages and `cinder dump`.
    pub name: &'static str,
    /// Bytes of the fixed part, header included, a multiple of 8.
    pub size: usize,
    /// Items (characters, tuple elements) follow the fixed part inline; gives the bytes of struct and items of an object.
    pub variable: Option<fn(*const Header) -> usize>,
    /// Holds no values at all (strings, floats): marked, never traced.
    pub leaf: bool,
    /// Traces the fixed part and inline items.
    pub trace: TraceFn,
    /// Frees what lies outside the heap; runs no Python.
    pub drop: Option<DropFn>,
    /// Empties the object when it is a weak reference.
    pub clear_weak: Option<ClearWeakFn>,
    /// The layout this one begins with, when its struct embeds another payload as first field.
    pub base: Option<&'static Layout>,
}

impl Layout {
    pub const fn of<T: HeapObject>(name: &'static str) -> Layout {
        let info = ShapeInfo::of::<T>();
        Layout {
            name,
            size: size_of::<T>().next_multiple_of(8),
            variable: None,
            leaf: T::LEAF,
            trace: info.trace,
            drop: info.drop,
            clear_weak: None,
            base: None,
        }
    }

    #[must_use]
    pub const fn with_base(mut self, base: &'static Layout) -> Layout {
        self.base = Some(base);
        self
    }

    #[must_use]
    pub const fn with_clear_weak(mut self, clear: ClearWeakFn) -> Layout {
        self.clear_weak = Some(clear);
        self
    }

    #[must_use]
    pub const fn with_items(mut self, bytes: fn(*const Header) -> usize) -> Layout {
        self.variable = Some(bytes);
        self
    }

    /// Whether objects of this layout may be used as `other`.
    #[inline]
    pub fn extends(&self, other: &'static Layout) -> bool {
        let mut layout = self;
        loop {
            if std::ptr::eq(layout, other) {
                return true;
            }
            match layout.base {
                Some(base) => layout = base,
                None => return false,
            }
        }
    }
}

/// A struct that can be the payload of a Python object.
///
/// # Safety
/// `LAYOUT` describes the struct, and objects whose shape has that layout (or one that extends it) are laid out as the struct.
pub unsafe trait Payload: HeapObject {
    const LAYOUT: &'static Layout;
    /// Shape of exact instances of the builtin class with this payload, when there is one: one compare proves exactness.
    const EXACT: Option<u32> = None;
}

/// `layout!(PyList, "list", exact list)`: makes the payload's [`Layout`] static and implements [`Payload`].
#[macro_export]
macro_rules! layout {
    ($payload:ty, $name:literal $(, exact $field:ident)? $(, base $base:ty)? $(, items $bytes:expr)?) => {
        // SAFETY: the static is made from the struct itself; the VM gives shapes of this layout to objects allocated as the struct only.
        unsafe impl $crate::object::Payload for $payload {
            const LAYOUT: &'static $crate::object::Layout = {
                static LAYOUT: $crate::object::Layout = $crate::object::Layout::of::<$payload>($name)
                    $(.with_base(<$base as $crate::object::Payload>::LAYOUT))?
                    $(.with_items($bytes))?;
                &LAYOUT
            };
            $(const EXACT: Option<u32> = Some($crate::types::BuiltinType::$field as u32);)?
        }
    };
}

impl Vm {
    /// The value as payload `T`, when its class has that layout (subclasses included).
    #[inline]
    pub fn downcast<T: Payload>(&self, value: Value) -> Option<Gc<T>> {
        let header = value.try_ptr::<Header>()?;
        // SAFETY: pointer-tagged values point to live objects.
        let shape = unsafe { header.as_ref() }.shape();
        if T::EXACT == Some(shape) || self.shapes.get(shape).layout.extends(T::LAYOUT) {
            // SAFETY: the shape's layout is `T`'s or extends it.
            Some(unsafe { Gc::from_value(value) })
        } else {
            None
        }
    }

    /// The value as payload `T`, when it is an exact instance of the builtin class (not of a subclass).
    #[inline]
    pub fn downcast_exact<T: Payload>(&self, value: Value) -> Option<Gc<T>> {
        let header = value.try_ptr::<Header>()?;
        // SAFETY: pointer-tagged values point to live objects.
        let shape = unsafe { header.as_ref() }.shape();
        // SAFETY: an object with the exact shape of `T` is laid out as `T`.
        if T::EXACT == Some(shape) { Some(unsafe { Gc::from_value(value) }) } else { None }
    }
}
