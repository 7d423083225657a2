//! Methods and attributes of `memoryview`.

use cinder_heap::Gc;
use cinder_layout::Value;

use super::item::Format;
use super::{Geometry, PyMemoryView, contiguous_strides, own};
use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::value_vec::ValueVec;
use crate::vm::Vm;

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::method("release", "self, /", |vm, args| {
        vm.release_view(vm.as_memoryview(args.at(0)).expect("method of memoryview"))?;
        Ok(Value::NONE)
    }),
    NativeDef::method("__enter__", "self, /", |vm, args| {
        own(vm, args.at(0))?;
        Ok(args.at(0))
    }),
    NativeDef::method("__exit__", "self, /, *exc_info", |vm, args| {
        vm.release_view(vm.as_memoryview(args.at(0)).expect("method of memoryview"))?;
        Ok(Value::NONE)
    }),
    NativeDef::method("tobytes", "self, /, order='C'", to_bytes),
    NativeDef::method("tolist", "self, /", |vm, args| {
        let view = own(vm, args.at(0))?;
        list(vm, view, 0, 0)
    }),
    NativeDef::method("hex", "self, /, sep=<unrepresentable>, bytes_per_sep=1", |vm, args| {
        let view = own(vm, args.at(0))?;
        // The separator's methods must not take the memory away.
        view.exports.set(view.exports.get() + 1);
        let text = crate::types::bytes::methods::hex(vm, args);
        view.exports.set(view.exports.get() - 1);
        text
    }),
    NativeDef::method("toreadonly", "self, /", |vm, args| {
        let view = own(vm, args.at(0))?;
        vm.derived_view(view, Geometry { readonly: true, ..geometry(view) })
    }),
    NativeDef::method("cast", "self, /, format, shape=<unrepresentable>", cast),
    NativeDef::method("count", "self, value, /", |vm, args| {
        let mut count = 0;
        search(vm, args.at(0), args.at(1), 0, i64::MAX, |_| {
            count += 1;
            false
        })?;
        vm.new_uint(count)
    }),
    NativeDef::method("index", "self, value, start=0, stop=sys.maxsize, /", |vm, args| {
        let start = args.opt(2).map_or(Ok(0), |start| vm.index_clamped(start))?;
        let stop = args.opt(3).map_or(Ok(i64::MAX), |stop| vm.index_clamped(stop))?;
        let mut found = None;
        search(vm, args.at(0), args.at(1), start, stop, |at| {
            found = Some(at);
            true
        })?;
        found.map_or_else(|| Err(vm.value_error("memoryview.index(x): x not found")), |at| vm.new_uint(at))
    }),
    NativeDef::class_method("_from_flags", "cls, /, object, flags", |vm, args| vm.new_memoryview(args.at(1))),
    NativeDef::class_method("__class_getitem__", "cls, object, /", |vm, args| {
        vm.new_generic_alias(args.at(0), args.at(1))
    }),
    NativeDef::method("__reduce_ex__", "self, protocol, /", |vm, _| {
        Err(vm.type_error("cannot pickle memoryview objects"))
    }),
    NativeDef::method("__reduce__", "self, /", |vm, _| Err(vm.type_error("cannot pickle memoryview objects"))),
];

/// An attribute of a view that is not released.
macro_rules! attribute {
    ($name:literal, $vm:ident, $view:ident => $body:expr) => {
        GetSetDef::read_only($name, |$vm, value| {
            let $view = own($vm, value)?;
            $body
        })
    };
}

pub(super) static GETSET: &[GetSetDef] = &[
    attribute!("obj", _vm, view => Ok(view.owner.get().unwrap_or(Value::NONE))),
    attribute!("nbytes", vm, view => vm.new_uint(view.len_bytes())),
    attribute!("readonly", _vm, view => Ok(Value::from_bool(view.readonly))),
    attribute!("itemsize", vm, view => vm.new_uint(view.format.item_bytes())),
    attribute!("format", vm, view => vm.new_str(view.format.text())),
    attribute!("ndim", vm, view => vm.new_uint(view.shape.len())),
    attribute!("shape", vm, view => numbers(vm, view.shape.iter().map(|len| *len as i64))),
    attribute!("strides", vm, view => numbers(vm, view.strides.iter().map(|stride| *stride as i64))),
    attribute!("suboffsets", vm, _view => Ok(*vm.empty_tuple)),
    attribute!("c_contiguous", _vm, view => Ok(Value::from_bool(view.is_c_contiguous()))),
    attribute!("f_contiguous", _vm, view => Ok(Value::from_bool(view.is_f_contiguous()))),
    attribute!("contiguous", _vm, view => Ok(Value::from_bool(view.is_c_contiguous() || view.is_f_contiguous()))),
];

fn numbers(vm: &Vm, numbers: impl Iterator<Item = i64>) -> PyResult<Value> {
    let mut items: ValueVec<[Value; 4]> = ValueVec::new();
    for number in numbers {
        items.push(vm.new_int(number)?);
    }
    vm.new_tuple(&items)
}

fn geometry(view: Gc<PyMemoryView>) -> Geometry {
    Geometry {
        data: view.data,
        readonly: view.readonly,
        format: view.format,
        shape: view.shape.to_vec(),
        strides: view.strides.to_vec(),
    }
}

fn to_bytes(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let view = own(vm, args.at(0))?;
    let order = match args.opt(1).filter(|order| !order.is_none()) {
        None => "C".to_owned(),
        Some(order) if vm.is_str(order) => vm.str_text(order).into_owned(),
        Some(order) => {
            let found = vm.type_name(order);
            return Err(vm.type_error(format!("tobytes() argument 'order' must be str or None, not {found}")));
        }
    };
    let columns_first = match order.as_str() {
        "C" => false,
        "F" => true,
        "A" => view.is_f_contiguous() && !view.is_c_contiguous(),
        _ => return Err(vm.value_error("order must be 'C', 'F' or 'A'")),
    };
    // SAFETY: not released.
    vm.new_bytes(&unsafe { view.content(columns_first) })
}

/// Nested lists of the items from a byte offset on.
fn list(vm: &Vm, view: Gc<PyMemoryView>, dimension: usize, offset: isize) -> PyResult<Value> {
    if dimension == view.shape.len() {
        // SAFETY: the offset of an item; not released, and unpacking runs no Python code.
        return view.format.unpack(vm, unsafe { view.item(offset) });
    }
    let mut items: ValueVec<[Value; 16]> = ValueVec::new();
    for index in 0..view.shape[dimension] as isize {
        items.push(list(vm, view, dimension + 1, offset + index * view.strides[dimension])?);
    }
    vm.new_list(&items)
}

/// Calls `found` with the index of each equal item in the range until it answers true.
fn search(
    vm: &Vm,
    value: Value,
    wanted: Value,
    start: i64,
    stop: i64,
    mut found: impl FnMut(usize) -> bool,
) -> PyResult<()> {
    let view = own(vm, value)?;
    match view.shape.len() {
        0 => return Err(vm.type_error("invalid lookup on 0-dim memory")),
        1 => {}
        _ => return Err(vm.not_implemented_error("multi-dimensional lookup is not implemented")),
    }
    let len = view.shape[0] as i64;
    let clamp = |bound: i64| if bound < 0 { bound.saturating_add(len).max(0) } else { bound.min(len) };
    for index in clamp(start)..clamp(stop) {
        // Comparing may run code that releases the view.
        let view = own(vm, value)?;
        // SAFETY: the offset of an item; not released.
        let item = view.format.unpack(vm, unsafe { view.item(index as isize * view.strides[0]) })?;
        if vm.eq(item, wanted)? && found(index as usize) {
            return Ok(());
        }
    }
    Ok(())
}

fn cast(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let view = own(vm, args.at(0))?;
    let Some(text) = vm.as_str(args.at(1)) else {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("cast() argument 'format' must be str, not {found}")));
    };
    if !view.is_c_contiguous() {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    let shape = match args.opt(2) {
        None => None,
        Some(shape) => Some(cast_shape(vm, shape)?),
    };
    if shape.is_some() && view.shape.len() != 1 && shape.as_ref().is_some_and(|shape| shape.len() != 1) {
        return Err(vm.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
    }
    let Some(format) = Format::native(&text.to_text()) else {
        return Err(vm.value_error(
            "memoryview: destination format must be a native single character format prefixed with an optional '@'",
        ));
    };
    if !format.is_byte() && !view.format.is_byte() {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let len_bytes = view.len_bytes();
    if len_bytes % format.item_bytes() != 0 {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    let shape = shape.unwrap_or_else(|| vec![len_bytes / format.item_bytes()]);
    if shape.iter().product::<usize>() * format.item_bytes() != len_bytes {
        return Err(vm.type_error("memoryview: product(shape) * itemsize != buffer size"));
    }
    let strides = contiguous_strides(&shape, format.item_bytes());
    vm.derived_view(view, Geometry { data: view.data, readonly: view.readonly, format, shape, strides })
}

fn cast_shape(vm: &Vm, shape: Value) -> PyResult<Vec<usize>> {
    let items: ValueVec<[Value; 4]> = if let Some(tuple) = vm.as_tuple(shape) {
        tuple.items().into()
    } else if vm.is_instance(shape, vm.types.list) {
        let mut items = ValueVec::new();
        vm.for_each(shape, |item| {
            items.push(item);
            Ok(())
        })?;
        items
    } else {
        return Err(vm.type_error("shape must be a list or a tuple"));
    };
    if items.len() > 64 {
        return Err(vm.value_error("memoryview: number of dimensions must not exceed 64"));
    }
    let mut lens = Vec::with_capacity(items.len());
    for item in items.iter() {
        if !vm.is_int(*item) {
            return Err(vm.type_error("memoryview.cast(): elements of shape must be integers"));
        }
        match vm.int_to_i64(*item) {
            Some(len) if len > 0 => lens.push(len as usize),
            _ => return Err(vm.value_error("memoryview.cast(): elements of shape must be integers > 0")),
        }
    }
    Ok(lens)
}
