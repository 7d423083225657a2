//! Slots of `str` and its iterator.

use std::cell::Cell;
use std::cmp::Ordering;

use cinder_bytecode::CompareOp;
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use super::{PyStr, methods, search};
use crate::native::{ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::int::arith::holds;
use crate::types::slice::{Subscript, normalize_index};
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

fn own(vm: &Vm, value: Value) -> Gc<PyStr> {
    vm.as_str(value).expect("slot of str")
}

pub(super) const SLOTS: Slots = Slots {
    repr: Some(methods::repr_value),
    str: Some(|vm, value| {
        let text = own(vm, value);
        vm.str_slice_exact(text)
    }),
    hash: Some(|vm, value| Ok(vm.str_hash(own(vm, value)))),
    compare: Some(compare),
    len: Some(|vm, value| Ok(own(vm, value).len())),
    getitem: Some(getitem),
    contains: Some(|vm, value, item| {
        let Some(needle) = vm.as_str(item) else {
            let found = vm.type_name(item);
            return Err(vm.type_error(format!("'in <string>' requires string as left operand, not {found}")));
        };
        let text = own(vm, value);
        Ok(search::find(&text, &needle, 0, text.len()).is_some())
    }),
    iter: Some(iter),
    concat: Some(|vm, a, b| match vm.as_str(b) {
        Some(b) => vm.str_concat(own(vm, a), b),
        None => {
            let found = vm.type_name(b);
            Err(vm.type_error(format!("can only concatenate str (not \"{found}\") to str")))
        }
    }),
    repeat: Some(|vm, value, count| {
        let count = usize::try_from(vm.index_i64(count)?).unwrap_or(0);
        let text = own(vm, value);
        if count == 1 { vm.str_slice_exact(text) } else { vm.str_repeat(text, count) }
    }),
    binary: {
        let mut binary = Slots::NONE.binary;
        binary[5] = Some(|vm, a, b| match vm.as_str(a) {
            Some(template) => {
                let chars: smallvec::SmallVec<[u32; 64]> = template.iter().collect();
                vm.percent_format(&chars, b, false)?.finish(vm)
            }
            None => Ok(Value::NOT_IMPLEMENTED),
        });
        binary
    },
    new: Some(new),
    ..Slots::NONE
};

impl Vm {
    /// The text as exact str.
    pub fn str_slice_exact(&self, text: Gc<PyStr>) -> PyResult<Value> {
        self.str_slice(text, 0, text.len())
    }
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(a), Some(b)) = (vm.as_str(a), vm.as_str(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(Value::from_bool(match op {
        CompareOp::Eq => a.same(&b),
        CompareOp::Ne => !a.same(&b),
        _ => holds(order(&a, &b), op),
    }))
}

/// Order by code points.
pub(crate) fn order(a: &PyStr, b: &PyStr) -> Ordering {
    match (a.chars(), b.chars()) {
        (super::Chars::One(a), super::Chars::One(b)) => a.cmp(b),
        (super::Chars::Two(a), super::Chars::Two(b)) => a.cmp(b),
        _ => a.iter().cmp(b.iter()),
    }
}

fn getitem(vm: &Vm, value: Value, key: Value) -> PyResult<Value> {
    let text = own(vm, value);
    if let Some(at) = key.try_int().and_then(|index| usize::try_from(index).ok()).filter(|at| *at < text.len()) {
        return vm.str_of_char(text.char_at(at));
    }
    match vm.subscript(key)? {
        Some(Subscript::Index(index)) => match normalize_index(index, text.len()) {
            Some(at) => vm.str_of_char(text.char_at(at)),
            None => Err(vm.index_error("string index out of range")),
        },
        Some(Subscript::Slice(bounds)) => {
            let range = bounds.within(text.len());
            if range.step == 1 || range.count == 0 {
                let start = range.start.max(0) as usize;
                return vm.str_slice(text, start, start + range.count);
            }
            if let super::Chars::One(bytes) = text.chars() {
                return vm.new_str_latin1(&range.indices().map(|index| bytes[index]).collect::<Vec<u8>>());
            }
            let points: Vec<u32> = range.indices().map(|index| text.char_at(index)).collect();
            vm.new_str_points(&points)
        }
        None => {
            let found = vm.type_name(key);
            Err(vm.type_error(format!("string indices must be integers, not '{found}'")))
        }
    }
}

static NEW: NativeDef = NativeDef::function("str", "object='', encoding='utf-8', errors='strict'", |vm, args| {
    let Some(object) = args.opt(0) else { return Ok(vm.names.empty) };
    if args.opt(1).is_none() && args.opt(2).is_none() {
        return vm.str(object);
    }
    let name = |index: usize, default: &'static str| match args.opt(index) {
        None => Ok(std::borrow::Cow::Borrowed(default)),
        Some(value) => match vm.as_str(value) {
            Some(_) => Ok(vm.str_text(value)),
            None => {
                let (which, found) = (["", "encoding", "errors"][index], vm.type_name(value));
                Err(vm.type_error(format!("str() argument '{which}' must be str, not {found}")))
            }
        },
    };
    let (encoding, errors) = (name(1, "utf-8")?, name(2, "strict")?);
    if vm.is_str(object) {
        return Err(vm.type_error("decoding str is not supported"));
    }
    if vm.type_of(object).slots().buffer.is_none() {
        let found = vm.type_name(object);
        return Err(vm.type_error(format!("decoding to str: need a bytes-like object, {found} found")));
    }
    vm.decode_bytes(object, &encoding, &errors)
});

fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    let text = match (args, keyword_names) {
        ([only], None) => vm.str(*only)?,
        _ => NEW.call(vm, args, keyword_names)?,
    };
    if class == vm.types.str_ {
        return Ok(text);
    }
    let source = own(vm, text);
    source.instance_of(vm, class)
}

impl PyStr {
    /// An instance of a str subclass with this content.
    fn instance_of(&self, vm: &Vm, class: Gc<PyType>) -> PyResult<Value> {
        let bytes = self.len() * usize::from(self.width);
        let made = vm.alloc_instance(class, bytes.next_multiple_of(8), |header| PyStr {
            header,
            hash: Cell::new(0),
            len: self.len,
            width: self.width,
            ascii: self.ascii,
            interned: Cell::new(false),
        })?;
        // SAFETY: room for the content was asked for; the source holds `bytes` bytes behind its struct.
        unsafe {
            let source = (&raw const *self).wrapping_add(1).cast::<u8>();
            made.tail::<u8>().as_ptr().copy_from_nonoverlapping(source, bytes);
        }
        Ok(made.as_value())
    }
}

/// Payload of `str_iterator`.
#[repr(C)]
pub(super) struct PyStrIterator {
    header: Header,
    index: Cell<usize>,
    /// `None` once exhausted.
    text: Slot<Option<Value>>,
}

impl Trace for PyStrIterator {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_option(self.text.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyStrIterator {}

crate::layout!(PyStrIterator, "str_iterator", exact str_iterator);

pub static STR_ITERATOR: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots { iter: Some(|_, value| Ok(value)), next: Some(next), ..Slots::NONE },
    methods: &[
        NativeDef::method("__length_hint__", "self, /", |vm, args| {
            let own = vm.downcast::<PyStrIterator>(args.at(0)).expect("method of this class");
            let len = own.text.get().map_or(0, |text| self::own(vm, text).len());
            vm.new_uint(len.saturating_sub(own.index.get()))
        }),
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let own = vm.downcast::<PyStrIterator>(args.at(0)).expect("method of this class");
            let iter = vm.builtin("iter")?;
            match own.text.get() {
                Some(text) => {
                    let args = vm.new_tuple(&[text])?;
                    vm.new_tuple(&[iter, args, vm.new_uint(own.index.get())?])
                }
                None => vm.new_tuple(&[iter, vm.new_tuple(&[vm.names.empty])?]),
            }
        }),
        NativeDef::method("__setstate__", "self, state, /", |vm, args| {
            let own = vm.downcast::<PyStrIterator>(args.at(0)).expect("method of this class");
            let len = own.text.get().map_or(0, |text| self::own(vm, text).len());
            own.index.set((vm.index_i64(args.at(1))?.max(0) as usize).min(len));
            Ok(Value::NONE)
        }),
    ],
    ..TypeDef::new("str_ascii_iterator", <PyStrIterator as Payload>::LAYOUT)
};

fn iter(vm: &Vm, value: Value) -> PyResult<Value> {
    let header = object_header(BuiltinType::str_iterator as u32);
    Ok(vm.alloc(PyStrIterator { header, index: Cell::new(0), text: Slot::new(Some(value)) })?.as_value())
}

fn next(vm: &Vm, iterator: Value) -> PyResult<Option<Value>> {
    let iterator = vm.downcast::<PyStrIterator>(iterator).expect("slot of this class");
    let Some(text) = iterator.text.get() else { return Ok(None) };
    let (text, index) = (own(vm, text), iterator.index.get());
    if index >= text.len() {
        iterator.text.init(None);
        return Ok(None);
    }
    iterator.index.set(index + 1);
    vm.str_of_char(text.char_at(index)).map(Some)
}
