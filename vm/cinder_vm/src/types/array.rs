//! `Array[T]` of Static Python: primitives at their natural size in one buffer of fixed length.
//!
//! Source: specification sections 3.9 and 4.

use cinder_bytecode::{Primitive, TypeDescr};
use cinder_heap::{ByteBuf, Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value};

use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of an array. The length never changes.
#[repr(C)]
pub struct PyStaticArray {
    header: Header,
    len: usize,
    data: Slot<Gc<ByteBuf>>,
    kind: Primitive,
}

impl Trace for PyStaticArray {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.data.get().header());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyStaticArray {}

crate::layout!(PyStaticArray, "Array");

/// Bytes of an item.
pub fn item_bytes(kind: Primitive) -> usize {
    match kind {
        Primitive::Int8 | Primitive::UInt8 | Primitive::Char | Primitive::CBool => 1,
        Primitive::Int16 | Primitive::UInt16 => 2,
        Primitive::Int32 | Primitive::UInt32 | Primitive::Single => 4,
        Primitive::Int64 | Primitive::UInt64 | Primitive::Double => 8,
    }
}

impl PyStaticArray {
    /// For machine code: where length and storage lie.
    pub const LEN_OFFSET: i32 = std::mem::offset_of!(PyStaticArray, len) as i32;
    pub const DATA_OFFSET: i32 = std::mem::offset_of!(PyStaticArray, data) as i32;

    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    fn item(&self, index: usize) -> *mut u8 {
        debug_assert!(index < self.len);
        self.data.get().first().as_ptr().wrapping_add(index * item_bytes(self.kind))
    }

    /// Item `index` (below `len`) as register bits, extended to 64 bits.
    #[inline]
    pub fn get_bits(&self, index: usize) -> u64 {
        let item = self.item(index);
        // SAFETY: the item lies within the buffer, aligned to its size.
        unsafe {
            match self.kind {
                Primitive::Int8 => i64::from(item.cast::<i8>().read()) as u64,
                Primitive::Int16 => i64::from(item.cast::<i16>().read()) as u64,
                Primitive::Int32 => i64::from(item.cast::<i32>().read()) as u64,
                Primitive::UInt8 | Primitive::Char | Primitive::CBool => u64::from(item.read()),
                Primitive::UInt16 => u64::from(item.cast::<u16>().read()),
                Primitive::UInt32 => u64::from(item.cast::<u32>().read()),
                Primitive::Single => f64::from(item.cast::<f32>().read()).to_bits(),
                Primitive::Int64 | Primitive::UInt64 | Primitive::Double => item.cast::<u64>().read(),
            }
        }
    }

    /// Stores register bits into item `index` (below `len`).
    #[inline]
    pub fn set_bits(&self, index: usize, bits: u64) {
        let item = self.item(index);
        // SAFETY: as in `get_bits`.
        unsafe {
            match self.kind {
                Primitive::Int8 | Primitive::UInt8 | Primitive::Char | Primitive::CBool => item.write(bits as u8),
                Primitive::Int16 | Primitive::UInt16 => item.cast::<u16>().write(bits as u16),
                Primitive::Int32 | Primitive::UInt32 => item.cast::<u32>().write(bits as u32),
                Primitive::Single => item.cast::<f32>().write(f64::from_bits(bits) as f32),
                Primitive::Int64 | Primitive::UInt64 | Primitive::Double => item.cast::<u64>().write(bits),
            }
        }
    }
}

fn own(vm: &Vm, value: Value) -> Gc<PyStaticArray> {
    vm.downcast::<PyStaticArray>(value).expect("slot of this class")
}

/// Place of an index object. Errors: IndexError, TypeError.
fn place(vm: &Vm, array: Gc<PyStaticArray>, key: Value) -> PyResult<usize> {
    let index = vm.index_i64(key)?;
    let index = if index < 0 { index + array.len as i64 } else { index };
    if (0..array.len as i64).contains(&index) { Ok(index as usize) } else { Err(vm.index_error("index out of range")) }
}

pub static ARRAY: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::SEQUENCE,
    slots: Slots {
        repr: Some(|vm, value| {
            let array = own(vm, value);
            let mut text = format!("{}([", vm.type_name(value));
            for index in 0..array.len {
                if index > 0 {
                    text.push_str(", ");
                }
                text += &vm.repr_text(vm.box_primitive(array.get_bits(index), array.kind)?)?;
            }
            vm.new_str(&(text + "])"))
        }),
        len: Some(|vm, value| Ok(own(vm, value).len)),
        getitem: Some(|vm, value, key| {
            let array = own(vm, value);
            let index = place(vm, array, key)?;
            vm.box_primitive(array.get_bits(index), array.kind)
        }),
        setitem: Some(|vm, value, key, new| {
            let array = own(vm, value);
            let Some(new) = new else { return Err(vm.type_error("cannot delete array elements")) };
            let bits = match array.kind {
                Primitive::Double | Primitive::Single => vm.unbox_double(new)?.to_bits(),
                kind => vm.unbox_primitive(new, kind)?,
            };
            let index = place(vm, array, key)?;
            array.set_bits(index, bits);
            Ok(())
        }),
        iter: Some(|vm, value| vm.new_sequence_iterator(value)),
        new: Some(new),
        ..Slots::NONE
    },
    methods: &[NativeDef::class_method("__class_getitem__", "cls, key, /", |vm, args| {
        let Some(kind) = vm.primitive_of(args.at(1)) else {
            let shown = vm.repr_text(args.at(1))?;
            return Err(vm.type_error(format!("Array type arguments must be primitives, not {shown}")));
        };
        let descr = TypeDescr::Class {
            module: "__static__".into(),
            qualname: "Array".into(),
            args: Box::new([TypeDescr::Primitive(kind)]),
            exact: true,
        };
        let index = vm.resolve_type(&descr)?;
        Ok(vm.allocatable(vm.resolved(index))?.as_value())
    })],
    ..TypeDef::new("__static__.staticarray", <PyStaticArray as Payload>::LAYOUT)
};

/// `Array[T](length)`, all zero.
fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    let Some(kind) = vm.statics.array_kind(class) else {
        return Err(vm.type_error("Cannot create plain Array"));
    };
    let ([length], None) = (args, keyword_names) else {
        return Err(vm.type_error(format!("{}() takes exactly one argument ({} given)", class.name(), args.len())));
    };
    let Ok(len) = usize::try_from(vm.index_i64(*length)?) else {
        return Err(vm.value_error("array length must not be negative"));
    };
    let Some(bytes) = len.checked_mul(item_bytes(kind)).filter(|bytes| *bytes < 1 << 40) else {
        return Err(vm.memory_error_text("array too large"));
    };
    let data = vm.heap.alloc_bytes(bytes.max(8)).map_err(|error| vm.out_of_memory(error))?;
    let array = vm.alloc_instance(class, 0, |header| PyStaticArray { header, len, data: Slot::new(data), kind })?;
    Ok(array.as_value())
}
