//! `dict_keys`, `dict_values` and `dict_items`.

use cinder_bytecode::CompareOp;
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};

use super::PyDict;
use super::iterators::DictPart;
use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::{Binary, Slots};
use crate::types::BuiltinType;
use crate::types::set::PySet;
use crate::types::text_builder::TextBuilder;
use crate::types::tuple::holds;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of the three views.
#[repr(C)]
pub struct PyDictView {
    header: Header,
    pub dict: Slot<Gc<PyDict>>,
    pub part: DictPart,
}

impl Trace for PyDictView {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.dict.get().header());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyDictView {}

crate::layout!(PyDictView, "dict view");

fn view(vm: &Vm, value: Value) -> Gc<PyDictView> {
    vm.downcast::<PyDictView>(value).expect("slot of this class")
}

impl Vm {
    /// View on a dict.
    pub fn new_dict_view(&self, dict: Gc<PyDict>, part: DictPart) -> PyResult<Value> {
        let class = match part {
            DictPart::Keys => BuiltinType::dict_keys,
            DictPart::Values => BuiltinType::dict_values,
            DictPart::Items => BuiltinType::dict_items,
        };
        let view = PyDictView { header: object_header(class as u32), dict: Slot::new(dict), part };
        Ok(self.alloc(view)?.as_value())
    }

    /// View of class `class`, which derives from one of the three.
    pub fn new_dict_view_of(&self, class: Gc<PyType>, dict: Gc<PyDict>, part: DictPart) -> PyResult<Value> {
        let made = self.alloc_instance(class, 0, |header| PyDictView { header, dict: Slot::new(dict), part })?;
        Ok(made.as_value())
    }

    /// Whether the value behaves as a set: a set, or a view of keys or items.
    fn is_set_like(&self, value: Value) -> bool {
        self.downcast::<PySet>(value).is_some()
            || self.downcast::<PyDictView>(value).is_some_and(|view| view.part != DictPart::Values)
    }
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    vm.with_repr_guard(value, "...", || {
        let items = vm.list_from(value)?;
        let mut text = TextBuilder::new();
        text.push(&vm.type_name(value));
        text.push("(");
        text.push_value(vm, vm.repr(items)?);
        text.push(")");
        text.finish(vm)
    })
}

fn contains(vm: &Vm, value: Value, item: Value) -> PyResult<bool> {
    let view = view(vm, value);
    let dict = view.dict.get();
    match view.part {
        DictPart::Keys => Ok(vm.dict_get(dict, item)?.is_some()),
        DictPart::Items => {
            let Some(pair) = vm.as_tuple(item).filter(|pair| pair.len() == 2) else { return Ok(false) };
            match vm.dict_get(dict, pair.items()[0])? {
                Some(found) => vm.eq(found, pair.items()[1]),
                None => Ok(false),
            }
        }
        DictPart::Values => {
            let iterator = vm.new_dict_iterator(dict, DictPart::Values, false)?;
            while let Some(found) = vm.next(iterator)? {
                if vm.eq(found, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

/// Whether every item of `a` is in `b`.
fn all_in(vm: &Vm, a: Value, b: Value) -> PyResult<bool> {
    let iterator = vm.iter(a)?;
    while let Some(item) = vm.next(iterator)? {
        if !vm.contains(b, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    if !vm.is_set_like(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (left, right) = (vm.len(a)?, vm.len(b)?);
    let ordering = left.cmp(&right);
    let result = match op {
        CompareOp::Eq | CompareOp::Ne => (ordering.is_eq() && all_in(vm, a, b)?) == (op == CompareOp::Eq),
        CompareOp::Lt | CompareOp::Le => holds(ordering, op) && all_in(vm, a, b)?,
        CompareOp::Gt | CompareOp::Ge => holds(ordering, op) && all_in(vm, b, a)?,
    };
    Ok(Value::from_bool(result))
}

/// `view op other` as a new set; either side may be the view.
fn as_set(vm: &Vm, a: Value, b: Value, operate: impl Fn(&Vm, Gc<PySet>, Value) -> PyResult<()>) -> PyResult<Value> {
    if !vm.is_set_like(a) && !vm.is_set_like(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let result = vm.set_from(a)?;
    operate(vm, result, b)?;
    Ok(result.as_value())
}

fn and(vm: &Vm, a: Value, b: Value) -> PyResult<Value> {
    let (a, b) = if vm.is_set_like(a) { (a, b) } else { (b, a) };
    // The smaller side is walked, in its order.
    let (walked, asked) = match vm.downcast::<PyDictView>(b) {
        Some(_) if vm.len(b)? > vm.len(a)? => (a, b),
        _ => (b, a),
    };
    let result = vm.new_pyset()?;
    vm.for_each(walked, |item| if vm.contains(asked, item)? { vm.set_add(result, item) } else { Ok(()) })?;
    Ok(result.as_value())
}

const BINARY: [Option<Binary>; 13] = {
    let mut table: [Option<Binary>; 13] = [None; 13];
    table[1] = Some(|vm, a, b| as_set(vm, a, b, |vm, set, other| vm.set_difference_update(set, other)));
    table[9] = Some(and);
    table[10] = Some(|vm, a, b| as_set(vm, a, b, |vm, set, other| vm.set_update(set, other)));
    table[11] = Some(|vm, a, b| as_set(vm, a, b, |vm, set, other| vm.set_symmetric_update(set, other)));
    table
};

fn isdisjoint(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (own, other) = (args.at(0), args.at(1));
    let longer = vm.is_set_like(other) && vm.len(other)? > vm.len(own)?;
    let (walked, asked) = if longer { (own, other) } else { (other, own) };
    let iterator = vm.iter(walked)?;
    while let Some(item) = vm.next(iterator)? {
        if vm.contains(asked, item)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn reversed(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let view = view(vm, args.at(0));
    vm.new_dict_iterator(view.dict.get(), view.part, true)
}

const SET_SLOTS: Slots = Slots {
    repr: Some(repr),
    compare: Some(compare),
    len: Some(|vm, value| Ok(view(vm, value).dict.get().len())),
    contains: Some(contains),
    iter: Some(|vm, value| {
        let view = view(vm, value);
        vm.new_dict_iterator(view.dict.get(), view.part, false)
    }),
    binary: BINARY,
    ..Slots::NONE
};

const REVERSED: NativeDef = NativeDef::method("__reversed__", "self, /", reversed);

const MAPPING: GetSetDef =
    GetSetDef::read_only("mapping", |vm, value| vm.new_mapping_proxy(view(vm, value).dict.get().as_value()));

pub static DICT_KEYS: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: SET_SLOTS,
    methods: &[NativeDef::method("isdisjoint", "self, other, /", isdisjoint), REVERSED],
    getset: &[MAPPING],
    ..TypeDef::new("dict_keys", <PyDictView as Payload>::LAYOUT)
};

pub static DICT_ITEMS: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: SET_SLOTS,
    methods: &[NativeDef::method("isdisjoint", "self, other, /", isdisjoint), REVERSED],
    getset: &[MAPPING],
    ..TypeDef::new("dict_items", <PyDictView as Payload>::LAYOUT)
};

pub static DICT_VALUES: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots { compare: None, binary: [None; 13], ..SET_SLOTS },
    methods: &[REVERSED],
    getset: &[MAPPING],
    ..TypeDef::new("dict_values", <PyDictView as Payload>::LAYOUT)
};
