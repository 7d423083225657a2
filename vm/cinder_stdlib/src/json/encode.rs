//! Writing JSON: one recursive walk into one text.

use std::cell::{Cell, RefCell};

use cinder_heap::{HeapObject, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::float::text::repr as float_repr;
use cinder_vm::types::native_function::PyNativeFunction;
use cinder_vm::types::text_builder::TextBuilder;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, NativeDef, PyResult, Raised, Value, Vm};

use smallvec::SmallVec;

use super::escape;
use crate::payload::construct;

/// How strings are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Ascii,
    Unicode,
    /// By a function of the program.
    Custom,
}

impl Trace for Style {
    fn trace(&self, _: &mut cinder_heap::Tracer<'_>) {}
}

/// Payload of an encoder: the settings of a `JSONEncoder`.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct PyEncoder {
    header: Header,
    /// A dict when circles are to be found, else None.
    markers: Slot<Value>,
    default: Slot<Value>,
    encoder: Slot<Value>,
    /// A str or None.
    indent: Slot<Value>,
    key_separator: Slot<Value>,
    item_separator: Slot<Value>,
    style: Cell<Style>,
    sort_keys: Cell<bool>,
    skip_keys: Cell<bool>,
    allow_nan: Cell<bool>,
}

cinder_vm::layout!(PyEncoder, "_json.Encoder");

/// One text being written.
struct Writer<'a> {
    vm: &'a Vm,
    settings: Gc<PyEncoder>,
    /// Everything so far.
    text: RefCell<TextBuilder>,
    /// Objects that are being written, the innermost last.
    running: RefCell<SmallVec<[usize; 16]>>,
}

/// Adds a note to the exception on its way.
fn note(vm: &Vm, raised: Raised, text: &str) -> Raised {
    let exception = vm.take_exception(raised);
    let added = vm.new_str(text).and_then(|text| vm.call_method(exception, vm.names.add_note, &[text]));
    match added {
        Ok(_) => vm.restore(exception),
        Err(raised) => raised,
    }
}

impl Writer<'_> {
    /// Appends ASCII text.
    fn push(&self, piece: &str) {
        self.text.borrow_mut().push_ascii(piece);
    }

    fn push_value(&self, piece: Value) {
        self.text.borrow_mut().push_value(self.vm, piece);
    }

    fn string(&self, value: Value) -> PyResult<()> {
        let vm = self.vm;
        match (self.settings.style.get(), vm.as_str(value)) {
            (Style::Ascii, Some(text)) => escape::push(&mut self.text.borrow_mut(), &text, true),
            (Style::Unicode, Some(text)) => escape::push(&mut self.text.borrow_mut(), &text, false),
            _ => {
                let encoded = vm.call(self.settings.encoder.get(), &[value])?;
                if !vm.is_str(encoded) {
                    let found = vm.type_name(encoded);
                    return Err(vm.type_error(format!("encoder() must return a string, not {found}")));
                }
                self.push_value(encoded);
            }
        }
        Ok(())
    }

    fn float_text(&self, number: f64) -> PyResult<String> {
        if number.is_finite() {
            return Ok(float_repr(number));
        }
        if !self.settings.allow_nan.get() {
            let shown = float_repr(number);
            return Err(self.vm.value_error(format!("Out of range float values are not JSON compliant: {shown}")));
        }
        let text = if number.is_nan() {
            "NaN"
        } else if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        };
        Ok(text.to_owned())
    }

    /// Text of None, True, False, an int or a float.
    fn scalar(&self, value: Value) -> PyResult<Option<String>> {
        let vm = self.vm;
        if value.is_none() {
            return Ok(Some("null".to_owned()));
        }
        if value == Value::TRUE || value == Value::FALSE {
            return Ok(Some(if value == Value::TRUE { "true" } else { "false" }.to_owned()));
        }
        if vm.is_int(value) {
            return vm.int_text(value).map(Some);
        }
        match vm.float_value(value) {
            Some(number) => self.float_text(number).map(Some),
            None => Ok(None),
        }
    }

    /// A line break and `level` indents, when there are any.
    fn new_line(&self, level: usize) {
        let indent = self.settings.indent.get();
        if !indent.is_none() {
            self.push("\n");
            (0..level).for_each(|_| self.push_value(indent));
        }
    }

    fn value(&self, value: Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        if vm.is_str(value) {
            return self.string(value);
        }
        if value.is_int() {
            self.text.borrow_mut().push_small_int(value);
            return Ok(());
        }
        let word = match value {
            _ if value == Value::TRUE => "true",
            _ if value == Value::FALSE => "false",
            _ if value.is_none() => "null",
            _ => "",
        };
        if !word.is_empty() {
            self.push(word);
            return Ok(());
        }
        if let Some(text) = self.scalar(value)? {
            self.push(&text);
            return Ok(());
        }
        vm.check_native_stack()?;
        if vm.as_list(value).is_some() || vm.as_tuple(value).is_some() {
            return self.guarded(value, || self.list(value, level));
        }
        if vm.as_dict(value).is_some() {
            return self.guarded(value, || self.dict(value, level));
        }
        self.guarded(value, || {
            let stand_in = vm.call(self.settings.default.get(), &[value])?;
            self.value(stand_in, level)
                .map_err(|raised| note(vm, raised, &format!("when serializing {} object", vm.type_name(value))))
        })
    }

    /// Runs `body`, which writes `value`; finds circles.
    fn guarded(&self, value: Value, body: impl FnOnce() -> PyResult<()>) -> PyResult<()> {
        if self.settings.markers.get().is_none() {
            return body();
        }
        let key = value.bits() as usize;
        if self.running.borrow().contains(&key) {
            return Err(self.vm.value_error("Circular reference detected"));
        }
        self.running.borrow_mut().push(key);
        let result = body();
        self.running.borrow_mut().pop();
        result
    }

    fn list(&self, value: Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        // Items are taken by index: what runs meanwhile may change the list. Derived classes are asked by iteration.
        let class = vm.type_of(value);
        let items = if class == vm.types.list || class == vm.types.tuple { value } else { vm.list_from(value)? };
        let item = |index: usize| match vm.as_list(items) {
            Some(list) => list.get(index as i64),
            None => vm.tuple_items(items).get(index).copied(),
        };
        let Some(mut current) = item(0) else {
            self.push("[]");
            return Ok(());
        };
        self.push("[");
        self.new_line(level + 1);
        let mut index = 0;
        loop {
            self.value(current, level + 1).map_err(|raised| {
                note(vm, raised, &format!("when serializing {} item {index}", vm.type_name(value)))
            })?;
            index += 1;
            match item(index) {
                Some(next) => current = next,
                None => break,
            }
            self.push_value(self.settings.item_separator.get());
            self.new_line(level + 1);
        }
        self.new_line(level);
        self.push("]");
        Ok(())
    }

    fn dict(&self, value: Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        if vm.len(value)? == 0 {
            self.push("{}");
            return Ok(());
        }
        if !self.settings.sort_keys.get() && vm.type_of(value) == vm.types.dict {
            let dict = vm.as_dict(value).expect("just asked");
            self.push("{");
            let mut is_first = true;
            // By number: what runs meanwhile may change the dict.
            let mut number = 0;
            while number < dict.entry_count() {
                if let Some((key, item)) = dict.entry(number) {
                    self.entry(value, key, item, level, &mut is_first)?;
                }
                number += 1;
            }
            return self.end_dict(level, is_first);
        }
        let items = vm.call_method(value, vm.names.items, &[])?;
        let items = vm.list_from(items)?;
        if self.settings.sort_keys.get() {
            vm.call_method(items, vm.intern("sort"), &[])?;
        }
        let list = vm.as_list(items).expect("made above");
        self.push("{");
        let mut is_first = true;
        for index in 0.. {
            let Some(pair) = list.get(index) else { break };
            let &[key, item] = (if vm.as_tuple(pair).is_some() { vm.tuple_items(pair) } else { &[] }) else {
                return Err(vm.value_error("items must return 2-tuples"));
            };
            self.entry(value, key, item, level, &mut is_first)?;
        }
        self.end_dict(level, is_first)
    }

    /// One entry of the dict `value`.
    fn entry(&self, value: Value, key: Value, item: Value, level: usize, is_first: &mut bool) -> PyResult<()> {
        let vm = self.vm;
        let key_text = match vm.is_str(key) {
            true => None,
            false => match self.scalar(key)? {
                Some(text) => Some(vm.new_str(&text)?),
                None if self.settings.skip_keys.get() => return Ok(()),
                None => {
                    let found = vm.type_name(key);
                    return Err(vm.type_error(format!("keys must be str, int, float, bool or None, not {found}")));
                }
            },
        };
        if !std::mem::replace(is_first, false) {
            self.push_value(self.settings.item_separator.get());
        }
        self.new_line(level + 1);
        self.string(key_text.unwrap_or(key))?;
        self.push_value(self.settings.key_separator.get());
        self.value(item, level + 1).map_err(|raised| match vm.repr_text(key) {
            Ok(shown) => note(vm, raised, &format!("when serializing {} item {shown}", vm.type_name(value))),
            Err(other) => other,
        })
    }

    fn end_dict(&self, level: usize, is_empty: bool) -> PyResult<()> {
        if !is_empty {
            self.new_line(level);
        }
        self.push("}");
        Ok(())
    }
}

fn encode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let settings = vm.downcast::<PyEncoder>(args.at(0)).expect("slot of this class");
    let level = usize::try_from(vm.index_ssize(args.at(2))?).unwrap_or(0);
    let writer = Writer { vm, settings, text: RefCell::new(TextBuilder::new()), running: RefCell::default() };
    writer.value(args.at(1), level)?;
    let text = writer.text.into_inner().finish(vm)?;
    vm.new_tuple(&[text])
}

fn new(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    let markers = args.at(1);
    if !markers.is_none() && vm.as_dict(markers).is_none() {
        let found = vm.type_name(markers);
        return Err(vm.type_error(format!("make_encoder() argument 1 must be dict or None, not {found}")));
    }
    for index in [5, 6] {
        if !vm.is_str(args.at(index)) {
            crate::args::text(vm, args.at(index), &format!("make_encoder() argument {index}"))?;
        }
    }
    let encoder = args.at(3);
    let style = match vm.downcast_exact::<PyNativeFunction>(encoder) {
        Some(function) if std::ptr::eq(function.def, &raw const super::FUNCTIONS[0]) => Style::Ascii,
        Some(function) if std::ptr::eq(function.def, &raw const super::FUNCTIONS[1]) => Style::Unicode,
        _ => Style::Custom,
    };
    for index in [4, 5, 6] {
        let text = args.at(index);
        if !(vm.is_str(text) || index == 4 && text.is_none()) {
            let (wanted, found) = (if index == 4 { "str or None" } else { "str" }, vm.type_name(text));
            return Err(vm.type_error(format!("make_encoder() argument {index} must be {wanted}, not {found}")));
        }
    }
    let (sort_keys, skip_keys) = (vm.truthy(args.at(7))?, vm.truthy(args.at(8))?);
    let allow_nan = vm.truthy(args.at(9))?;
    let made = vm.alloc_instance(class, 0, |header| PyEncoder {
        header,
        markers: Slot::new(markers),
        default: Slot::new(args.at(2)),
        encoder: Slot::new(encoder),
        indent: Slot::new(args.at(4)),
        key_separator: Slot::new(args.at(5)),
        item_separator: Slot::new(args.at(6)),
        style: Cell::new(style),
        sort_keys: Cell::new(sort_keys),
        skip_keys: Cell::new(skip_keys),
        allow_nan: Cell::new(allow_nan),
    })?;
    Ok(made.as_value())
}

pub(super) static ENCODER: TypeDef = TypeDef {
    doc: "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method(
                "make_encoder",
                "cls, markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan",
                new,
            );
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        call: Some(|vm, value, args, names| {
            static CALL: NativeDef = NativeDef::method("_iterencode", "self, obj, _current_indent_level", encode);
            construct(vm, &CALL, value, args, names)
        }),
        ..Slots::NONE
    },
    ..TypeDef::new("_json.Encoder", <PyEncoder as Payload>::LAYOUT)
};
