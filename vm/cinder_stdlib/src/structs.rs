//! `_struct`: values packed into bytes as C structs are. Source: Modules/_struct.c.

mod format;
mod value;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::value_vec::ValueVec;
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, ModuleDef, NativeDef, PyResult, Raised, Value, Vm};

use smallvec::SmallVec;

use crate::args::{raise_in, with_bytes_mut};
use crate::payload::construct;
use format::Layout;

pub(crate) static STRUCT: ModuleDef = ModuleDef {
    doc: "Functions to convert between Python values and C structs.",
    functions: &[
        NativeDef::function("_clearcache", "", |_, _| {
            CACHE.with_borrow_mut(Vec::clear);
            Ok(Value::NONE)
        }),
        NativeDef::function("calcsize", "format, /", |vm, args| vm.new_uint(layout(vm, args.at(0))?.size)),
        NativeDef::function("pack", "format, /, *values", |vm, args| {
            pack(vm, &*layout(vm, args.at(0))?, vm.tuple_items(args.at(1)))
        })
        .positional(1, |vm, args| pack(vm, &*layout(vm, args[0])?, &args[1..])),
        NativeDef::function("pack_into", "format, /, *values", |vm, args| {
            pack_into(vm, &*layout(vm, args.at(0))?, vm.tuple_items(args.at(1)))
        }),
        NativeDef::function("unpack", "format, buffer, /", |vm, args| {
            unpack(vm, &*layout(vm, args.at(0))?, args.at(1))
        }),
        NativeDef::function("unpack_from", "format, /, buffer, offset=0", |vm, args| {
            unpack_from(vm, &*layout(vm, args.at(0))?, args.at(1), args.opt(2))
        }),
        NativeDef::function("iter_unpack", "format, buffer, /", |vm, args| {
            iterate(vm, layout(vm, args.at(0))?, args.at(1))
        }),
    ],
    setup: Some(|vm, dict| {
        vm.add_class(dict, &CLASS)?;
        vm.set_item_text(dict, "error", error_class(vm)?.as_value())
    }),
    ..ModuleDef::new("_struct")
};

fn error_class(vm: &Vm) -> PyResult<Gc<PyType>> {
    vm.exception_class("struct", "error", vm.exceptions.Exception)
}

/// `struct.error(message)`.
fn error(vm: &Vm, message: &str) -> Raised {
    raise_in(vm, error_class(vm), message)
}

thread_local! {
    /// Layouts met lately.
    static CACHE: RefCell<Vec<(Vec<u8>, Arc<Layout>)>> = const { RefCell::new(Vec::new()) };
}

const CACHE_LEN: usize = 100;

/// The layout that a format describes.
fn layout(vm: &Vm, format: Value) -> PyResult<Arc<Layout>> {
    let (as_text, as_bytes) = (vm.as_str(format), vm.as_bytes(format));
    let text: Cow<'_, [u8]> = match (&as_text, &as_bytes) {
        (Some(text), _) => match text.as_ascii() {
            Some(ascii) => ascii.as_bytes().into(),
            None => vm.encode_native(format, cinder_vm::codecs::Encoding::Ascii, "strict")?.into(),
        },
        (None, Some(bytes)) => bytes.as_slice().into(),
        (None, None) => {
            let found = vm.type_name(format);
            return Err(vm.type_error(format!("Struct() argument 1 must be a str or bytes object, not {found}")));
        }
    };
    let known = CACHE.with_borrow(|cache| cache.iter().find(|entry| *entry.0 == *text).map(|entry| entry.1.clone()));
    if let Some(known) = known {
        return Ok(known);
    }
    let made = Arc::new(Layout::parse(&text).map_err(|message| error(vm, message))?);
    CACHE.with_borrow_mut(|cache| {
        if cache.len() >= CACHE_LEN {
            cache.clear();
        }
        cache.push((text.into_owned(), made.clone()));
    });
    Ok(made)
}

/// Bytes of most structs, without a native allocation.
type Packed = SmallVec<[u8; 32]>;

fn packed(vm: &Vm, layout: &Layout, values: &[Value], function: &str) -> PyResult<Packed> {
    let wanted = layout.value_count;
    if values.len() != wanted {
        return Err(error(vm, &format!("{function} expected {wanted} items for packing (got {})", values.len())));
    }
    let mut bytes = Packed::new();
    bytes.try_reserve_exact(layout.size).map_err(|_| vm.memory_error_text(""))?;
    bytes.resize(layout.size, 0);
    let mut values = values.iter();
    for item in &layout.items {
        for place in item.places() {
            let value = values.next().expect("counted above");
            value::write(vm, item, *value, layout.is_big, &mut bytes[place..place + item.size])?;
        }
    }
    Ok(bytes)
}

fn pack(vm: &Vm, layout: &Layout, values: &[Value]) -> PyResult<Value> {
    let bytes = packed(vm, layout, values, "pack")?;
    vm.new_bytes(&bytes)
}

fn pack_into(vm: &Vm, layout: &Layout, args: &[Value]) -> PyResult<Value> {
    let (target, offset, values) = match args {
        [] => return Err(error(vm, "pack_into expected buffer argument")),
        [_] => return Err(error(vm, "pack_into expected offset argument")),
        [target, offset, values @ ..] => (*target, *offset, values),
    };
    if values.len() != layout.value_count {
        packed(vm, layout, values, "pack_into")?;
    }
    let len = with_bytes_mut(vm, target, |bytes| bytes.len())?;
    let offset = vm.index_ssize(offset)?;
    let (size, given) = (layout.size, offset);
    let offset = match usize::try_from(offset) {
        Ok(offset) => offset,
        Err(_) if offset + size as i64 > 0 => {
            return Err(error(vm, &format!("no space to pack {size} bytes at offset {given}")));
        }
        Err(_) if offset + (len as i64) < 0 => {
            return Err(error(vm, &format!("offset {given} out of range for {len}-byte buffer")));
        }
        Err(_) => (offset + len as i64) as usize,
    };
    if len < offset || len - offset < size {
        let needed = size + offset;
        return Err(error(
            vm,
            &format!(
                "pack_into requires a buffer of at least {needed} bytes for packing {size} bytes at offset {offset} (actual buffer size is {len})"
            ),
        ));
    }
    let bytes = packed(vm, layout, values, "pack_into")?;
    // What the values ran may have made the target smaller.
    let stored = with_bytes_mut(vm, target, |target| match target.get_mut(offset..offset + size) {
        Some(target) => {
            target.copy_from_slice(&bytes);
            true
        }
        None => false,
    })?;
    if stored { Ok(Value::NONE) } else { Err(error(vm, "the buffer became too small")) }
}

fn unpacked(vm: &Vm, layout: &Layout, bytes: &[u8]) -> PyResult<Value> {
    let mut values = ValueVec::<[Value; 8]>::with_capacity(layout.value_count);
    for item in &layout.items {
        for place in item.places() {
            values.push(value::read(vm, item, layout.is_big, &bytes[place..place + item.size])?);
        }
    }
    vm.new_tuple(&values)
}

fn unpack(vm: &Vm, layout: &Layout, buffer: Value) -> PyResult<Value> {
    if let Some(bytes) = vm.as_bytes(buffer)
        && bytes.as_slice().len() == layout.size
    {
        return unpacked(vm, layout, bytes.as_slice());
    }
    let bytes = vm.with_bytes(buffer, <[u8]>::to_vec)?;
    if bytes.len() != layout.size {
        return Err(error(vm, &format!("unpack requires a buffer of {} bytes", layout.size)));
    }
    unpacked(vm, layout, &bytes)
}

fn unpack_from(vm: &Vm, layout: &Layout, buffer: Value, offset: Option<Value>) -> PyResult<Value> {
    let offset = offset.map_or(Ok(0), |offset| vm.index_ssize(offset))?;
    let (size, len) = (layout.size, vm.with_bytes(buffer, <[u8]>::len)?);
    let offset = match usize::try_from(offset) {
        Ok(offset) => offset,
        Err(_) if offset + size as i64 > 0 => {
            return Err(error(vm, &format!("not enough data to unpack {size} bytes at offset {offset}")));
        }
        Err(_) if offset + (len as i64) < 0 => {
            return Err(error(vm, &format!("offset {offset} out of range for {len}-byte buffer")));
        }
        Err(_) => (offset + len as i64) as usize,
    };
    if len < offset || len - offset < size {
        let needed = size.saturating_add(offset);
        return Err(error(
            vm,
            &format!(
                "unpack_from requires a buffer of at least {needed} bytes for unpacking {size} bytes at offset {offset} (actual buffer size is {len})"
            ),
        ));
    }
    if let Some(bytes) = vm.as_bytes(buffer) {
        return unpacked(vm, layout, &bytes.as_slice()[offset..offset + size]);
    }
    let bytes = vm.with_bytes(buffer, |bytes| bytes[offset..offset + size].to_vec())?;
    unpacked(vm, layout, &bytes)
}

/// Payload of `struct.Struct`.
#[repr(C)]
struct PyStruct {
    header: Header,
    layout: RefCell<Option<Arc<Layout>>>,
    format: Slot<Value>,
}

impl Trace for PyStruct {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.format.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyStruct {}

cinder_vm::layout!(PyStruct, "_struct.Struct");

fn own_layout(vm: &Vm, value: Value) -> PyResult<Arc<Layout>> {
    let own = vm.downcast::<PyStruct>(value).expect("method of this class");
    let layout = own.layout.borrow().clone();
    layout.ok_or_else(|| vm.runtime_error("Struct object is not initialized"))
}

fn init(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let layout = layout(vm, args.at(1))?;
    let format = match vm.as_bytes(args.at(1)) {
        Some(bytes) => vm.new_str_latin1(bytes.as_slice())?,
        None => args.at(1),
    };
    let own = vm.downcast::<PyStruct>(args.at(0)).expect("method of this class");
    own.format.set(&vm.heap, own, format);
    own.layout.replace(Some(layout));
    Ok(Value::NONE)
}

static CLASS: TypeDef = TypeDef {
    doc: "Struct(fmt) --> compiled struct object",
    flags: type_flags::BASE | type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(|vm, class, _, _| {
            let made = vm.alloc_instance(class, 0, |header| PyStruct {
                header,
                layout: RefCell::new(None),
                format: Slot::new(Value::NONE),
            })?;
            Ok(made.as_value())
        }),
        init: Some(|vm, value, args, names| {
            static INIT: NativeDef = NativeDef::method("Struct", "self, format", init);
            construct(vm, &INIT, value, args, names).map(|_| ())
        }),
        repr: Some(|vm, value| {
            own_layout(vm, value)?;
            let own = vm.downcast::<PyStruct>(value).expect("slot of this class");
            let (name, format) = (vm.type_of(value).name(), vm.repr_text(own.format.get())?);
            vm.new_str(&format!("{name}({format})"))
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("pack", "self, /, *values", |vm, args| {
            pack(vm, &*own_layout(vm, args.at(0))?, vm.tuple_items(args.at(1)))
        })
        .positional(1, |vm, args| pack(vm, &*own_layout(vm, args[0])?, &args[1..])),
        NativeDef::method("pack_into", "self, /, *values", |vm, args| {
            pack_into(vm, &*own_layout(vm, args.at(0))?, vm.tuple_items(args.at(1)))
        }),
        NativeDef::method("unpack", "self, buffer, /", |vm, args| {
            unpack(vm, &*own_layout(vm, args.at(0))?, args.at(1))
        }),
        NativeDef::method("unpack_from", "self, /, buffer, offset=0", |vm, args| {
            unpack_from(vm, &*own_layout(vm, args.at(0))?, args.at(1), args.opt(2))
        }),
        NativeDef::method("iter_unpack", "self, buffer, /", |vm, args| {
            iterate(vm, own_layout(vm, args.at(0))?, args.at(1))
        }),
        NativeDef::method("__sizeof__", "self, /", |vm, args| {
            let layout = own_layout(vm, args.at(0))?;
            vm.new_uint(56 + 32 * (layout.items.len() + 1))
        }),
    ],
    getset: &[
        GetSetDef::read_only("format", |vm, value| {
            own_layout(vm, value)?;
            Ok(vm.downcast::<PyStruct>(value).expect("attribute of this class").format.get())
        }),
        GetSetDef::read_only("size", |vm, value| vm.new_uint(own_layout(vm, value)?.size)),
    ],
    ..TypeDef::new("_struct.Struct", <PyStruct as Payload>::LAYOUT)
};

/// Payload of the iterator of `iter_unpack`.
#[repr(C)]
struct PyUnpackIterator {
    header: Header,
    layout: Arc<Layout>,
    buffer: Slot<Option<Value>>,
    next: Cell<usize>,
}

impl Trace for PyUnpackIterator {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.buffer.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyUnpackIterator {}

cinder_vm::layout!(PyUnpackIterator, "_struct.unpack_iterator");

fn iterate(vm: &Vm, layout: Arc<Layout>, buffer: Value) -> PyResult<Value> {
    let size = layout.size;
    if size == 0 {
        return Err(error(vm, "cannot iteratively unpack with a struct of length 0"));
    }
    if vm.with_bytes(buffer, <[u8]>::len)? % size != 0 {
        return Err(error(vm, &format!("iterative unpacking requires a buffer of a multiple of {size} bytes")));
    }
    let class = vm.native_class(&ITERATOR)?;
    let made = vm.alloc_instance(class, 0, |header| PyUnpackIterator {
        header,
        layout,
        buffer: Slot::new(Some(buffer)),
        next: Cell::new(0),
    })?;
    Ok(made.as_value())
}

static ITERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        iter: Some(|_, value| Ok(value)),
        next: Some(|vm, value| {
            let own = vm.downcast::<PyUnpackIterator>(value).expect("slot of this class");
            let Some(buffer) = own.buffer.get() else { return Ok(None) };
            let (start, size) = (own.next.get(), own.layout.size);
            let bytes = vm.with_bytes(buffer, |bytes| bytes.get(start..start + size).map(<[u8]>::to_vec))?;
            let Some(bytes) = bytes else {
                own.buffer.init(None);
                return Ok(None);
            };
            own.next.set(start + size);
            unpacked(vm, &own.layout, &bytes).map(Some)
        }),
        ..Slots::NONE
    },
    methods: &[NativeDef::method("__length_hint__", "self, /", |vm, args| {
        let own = vm.downcast::<PyUnpackIterator>(args.at(0)).expect("method of this class");
        let Some(buffer) = own.buffer.get() else { return Ok(Value::ZERO) };
        let len = vm.with_bytes(buffer, <[u8]>::len)?;
        vm.new_uint(len.saturating_sub(own.next.get()) / own.layout.size)
    })],
    ..TypeDef::new("_struct.unpack_iterator", <PyUnpackIterator as Payload>::LAYOUT)
};
