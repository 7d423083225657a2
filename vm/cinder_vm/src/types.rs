//! Builtin types: one file each, declared once in [`for_each_builtin_type!`].

pub mod array;
pub mod async_generator;
pub mod bound_method;
pub mod build;
pub mod bytearray;
pub mod bytes;
pub mod cell;
pub mod checked;
pub mod code;
pub mod complex;
pub mod coroutine;
pub mod dict;
pub mod enumerate;
pub mod exceptions;
pub mod filter;
pub mod float;
pub mod frame;
pub mod frame_locals;
pub mod function;
pub mod generator;
pub mod generic_alias;
pub mod index_iterators;
pub mod int;
pub mod iterators;
pub mod list;
pub mod map;
pub mod mapping_proxy;
pub mod member;
pub mod memoryview;
pub mod module;
pub mod native_function;
pub mod object;
pub mod property;
pub mod range;
pub mod reversed;
pub mod set;
pub mod simple_namespace;
pub mod singletons;
pub mod slice;
pub mod slot_defs;
pub mod static_method;
pub mod str_;
pub mod super_;
pub mod text_builder;
pub mod traceback;
pub mod tuple;
pub mod type_;
pub mod union;
pub mod zip;

use cinder_heap::Gc;

use self::type_::PyType;

/// Calls `$m` with every builtin type: `field: declaration, base`. The field names it in [`Types`] and [`BuiltinType`]; a base comes before its
/// subclasses. Row order gives the shape id of exact instances.
#[macro_export]
macro_rules! for_each_builtin_type {
    ($m:ident) => {
        $m! {
            object: $crate::types::object::OBJECT, object;
            type_: $crate::types::type_::TYPE, object;
            str_: $crate::types::str_::STR, object;
            str_iterator: $crate::types::str_::STR_ITERATOR, object;
            tuple: $crate::types::tuple::TUPLE, object;
            dict: $crate::types::dict::DICT, object;
            int: $crate::types::int::INT, object;
            bool_: $crate::types::int::BOOL, int;
            float: $crate::types::float::FLOAT, object;
            none_type: $crate::types::singletons::NONE_TYPE, object;
            not_implemented_type: $crate::types::singletons::NOT_IMPLEMENTED_TYPE, object;
            ellipsis_type: $crate::types::singletons::ELLIPSIS_TYPE, object;
            native_function: $crate::types::native_function::NATIVE_FUNCTION, object;
            method_descriptor: $crate::types::native_function::METHOD_DESCRIPTOR, object;
            class_method_descriptor: $crate::types::native_function::CLASS_METHOD_DESCRIPTOR, object;
            getset_descriptor: $crate::types::native_function::GETSET_DESCRIPTOR, object;
            slot_wrapper: $crate::types::slot_defs::SLOT_WRAPPER, object;
            method_wrapper: $crate::types::slot_defs::METHOD_WRAPPER, object;
            typed_member: $crate::classloader::member::TYPED_MEMBER, object;
            member_descriptor: $crate::types::member::MEMBER_DESCRIPTOR, object;
            exception_field: $crate::types::exceptions::init::EXCEPTION_FIELD, object;
            static_method: $crate::types::static_method::STATIC_METHOD, object;
            class_method: $crate::types::static_method::CLASS_METHOD, object;
            property: $crate::types::property::PROPERTY, object;
            super_: $crate::types::super_::SUPER, object;
            module: $crate::types::module::MODULE, object;
            list: $crate::types::list::LIST, object;
            bytes: $crate::types::bytes::BYTES, object;
            bytes_iterator: $crate::types::bytes::BYTES_ITERATOR, object;
            bytearray: $crate::types::bytearray::BYTEARRAY, object;
            bytearray_iterator: $crate::types::bytes::BYTEARRAY_ITERATOR, object;
            memoryview: $crate::types::memoryview::MEMORYVIEW, object;
            complex: $crate::types::complex::COMPLEX, object;
            code: $crate::types::code::CODE, object;
            function: $crate::types::function::FUNCTION, object;
            method: $crate::types::bound_method::METHOD, object;
            cell: $crate::types::cell::CELL, object;
            generator: $crate::types::generator::GENERATOR, object;
            coroutine: $crate::types::coroutine::COROUTINE, object;
            coroutine_wrapper: $crate::types::coroutine::COROUTINE_WRAPPER, object;
            async_generator: $crate::types::async_generator::ASYNC_GENERATOR, object;
            async_generator_wrapped: $crate::types::async_generator::WRAPPED, object;
            async_generator_step: $crate::types::async_generator::STEP, object;
            async_generator_throw: $crate::types::async_generator::THROW, object;
            anext_awaitable: $crate::types::async_generator::ANEXT_AWAITABLE, object;
            frame: $crate::types::frame::FRAME, object;
            frame_locals: $crate::types::frame_locals::FRAME_LOCALS, object;
            traceback: $crate::types::traceback::TRACEBACK, object;
            sequence_iterator: $crate::types::iterators::SEQUENCE_ITERATOR, object;
            tuple_iterator: $crate::types::index_iterators::TUPLE_ITERATOR, object;
            list_iterator: $crate::types::index_iterators::LIST_ITERATOR, object;
            list_reverse_iterator: $crate::types::index_iterators::LIST_REVERSE_ITERATOR, object;
            slice: $crate::types::slice::SLICE, object;
            range: $crate::types::range::RANGE, object;
            range_iterator: $crate::types::range::RANGE_ITERATOR, object;
            long_range_iterator: $crate::types::range::LONG_RANGE_ITERATOR, object;
            dict_keys: $crate::types::dict::DICT_KEYS, object;
            dict_values: $crate::types::dict::DICT_VALUES, object;
            dict_items: $crate::types::dict::DICT_ITEMS, object;
            dict_key_iterator: $crate::types::dict::DICT_KEY_ITERATOR, object;
            dict_value_iterator: $crate::types::dict::DICT_VALUE_ITERATOR, object;
            dict_item_iterator: $crate::types::dict::DICT_ITEM_ITERATOR, object;
            dict_reverse_key_iterator: $crate::types::dict::DICT_REVERSE_KEY_ITERATOR, object;
            dict_reverse_value_iterator: $crate::types::dict::DICT_REVERSE_VALUE_ITERATOR, object;
            dict_reverse_item_iterator: $crate::types::dict::DICT_REVERSE_ITEM_ITERATOR, object;
            set: $crate::types::set::SET, object;
            frozen_set: $crate::types::set::FROZEN_SET, object;
            set_iterator: $crate::types::set::SET_ITERATOR, object;
            enumerate: $crate::types::enumerate::ENUMERATE, object;
            zip: $crate::types::zip::ZIP, object;
            map: $crate::types::map::MAP, object;
            filter: $crate::types::filter::FILTER, object;
            reversed: $crate::types::reversed::REVERSED, object;
            callable_iterator: $crate::types::iterators::CALLABLE_ITERATOR, object;
            mapping_proxy: $crate::types::mapping_proxy::MAPPING_PROXY, object;
            generic_alias: $crate::types::generic_alias::GENERIC_ALIAS, object;
            union: $crate::types::union::UNION, object;
            simple_namespace: $crate::types::simple_namespace::SIMPLE_NAMESPACE, object;
            base_exception: $crate::types::exceptions::BASE_EXCEPTION, object;
        }
    };
}

macro_rules! define_types {
    ($($field:ident: $def:path, $base:ident;)*) => {
        /// Number of each builtin type, which is the shape id of its exact instances.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[allow(non_camel_case_types, reason = "spelled as the fields of `Types`")]
        #[repr(u32)]
        pub enum BuiltinType {
            /// Shape 0 belongs to no object: an empty cache record never matches.
            nothing = 0,
            /// Ids below the next belong to the heap.
            heaps_own = cinder_heap::builtin_shape::FIRST_VM - 1,
            $($field,)*
        }

        /// The builtin classes.
        pub struct Types { $(pub $field: Gc<PyType>,)* }

        /// Declarations in row order (number minus [`FIRST`]), each with the number of its base.
        pub(crate) static DEFS: &[(&type_::TypeDef, BuiltinType)] = &[$((&$def, BuiltinType::$base),)*];

        impl Types {
            /// From classes in row order.
            pub(crate) fn from_slice(classes: &[Gc<PyType>]) -> Types {
                Types { $($field: classes[BuiltinType::$field as usize - FIRST],)* }
            }
        }
    };
}
for_each_builtin_type!(define_types);

macro_rules! internal_shapes {
    ($($(#[$meta:meta])* $function:ident $variant:ident: $payload:ty $(, parts $part:path)?;)*) => {
        /// Heap objects that Python never sees: buffers of builtin types. Their shape ids follow those of [`BuiltinType`].
        #[derive(Clone, Copy)]
        #[repr(u32)]
        enum Internal { $($variant,)* }

        impl BuiltinType {
            $($(#[$meta])*
            pub const fn $function() -> u32 {
                FIRST as u32 + DEFS_LEN + Internal::$variant as u32
            })*
        }

        impl BuiltinType {
            /// Shape of the first internal object.
            pub(crate) const fn first_internal() -> u32 {
                FIRST as u32 + DEFS_LEN
            }
        }

        /// What the collector must know about internal objects, in shape order.
        pub(crate) const INTERNAL: &[cinder_heap::ShapeInfo] = &[$(cinder_heap::ShapeInfo::of::<$payload>()$(.with_trace_part($part))?,)*];
    };
}

/// Number of the first builtin class.
pub(crate) const FIRST: usize = cinder_heap::builtin_shape::FIRST_VM as usize;

const DEFS_LEN: u32 = DEFS.len() as u32;

internal_shapes! {
    /// Shape of dict entry buffers.
    dict_entries DictEntries: dict::Entries, parts dict::Entries::trace_part;
    /// Shape of the tables of sets.
    set_table SetTable: set::Table, parts set::Table::trace_part;
}
