//! Reading JSON.
//!
//! Idea: one recursive reader over the code points of the text at their natural width; a string without escapes becomes a slice.
//! Holds: the text stays alive through the caller's arguments and never changes, so its code points may be borrowed while hooks run.

use std::cell::Cell;

use cinder_heap::{HeapObject, Root, Slot, Trace};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::dict::PyDict;
use cinder_vm::types::str_::{Chars, PyStr};
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, NativeDef, PyResult, Raised, Value, Vm};

use crate::args::{flag, given};
use crate::payload::construct;

/// Payload of a scanner: the settings of a `JSONDecoder`.
#[repr(C)]
#[derive(Trace, HeapObject)]
struct PyScanner {
    header: Header,
    strict: Slot<Value>,
    object_hook: Slot<Value>,
    pairs_hook: Slot<Value>,
    parse_float: Slot<Value>,
    parse_int: Slot<Value>,
    parse_constant: Slot<Value>,
}

cinder_vm::layout!(PyScanner, "_json.Scanner");

fn own(vm: &Vm, value: Value) -> Gc<PyScanner> {
    vm.downcast::<PyScanner>(value).expect("slot of this class")
}

/// JSONDecodeError at a position of the text.
fn decode_error(vm: &Vm, message: &str, text: Value, at: usize) -> Raised {
    let made = (|| {
        let module = vm.import("json.decoder")?;
        let class = vm.getattr_text(module, "JSONDecodeError")?;
        vm.call(class, &[vm.new_str(message)?, text, vm.new_uint(at)?])
    })();
    match made {
        Ok(exception) => vm.raise(exception),
        Err(raised) => raised,
    }
}

/// StopIteration with the position where a value was expected.
fn no_value(vm: &Vm, at: usize) -> Raised {
    match vm.new_uint(at) {
        Ok(at) => vm.raise_value(vm.exceptions.StopIteration, at),
        Err(raised) => raised,
    }
}

/// One text being read.
struct Reader<'a, C> {
    vm: &'a Vm,
    text: Gc<PyStr>,
    chars: &'a [C],
    strict: bool,
    /// Keys met lately, by [`recent_place`]. All are in the memo, which keeps them alive.
    recent: [Cell<Option<Key>>; RECENT],
}

/// A key without escapes, and where its text lies.
#[derive(Clone, Copy)]
struct Key {
    value: Value,
    start: usize,
    len: usize,
}

const RECENT: usize = 64;
/// Longer keys are not looked for among the recent ones.
const MAX_RECENT_LEN: usize = 64;

/// Keys of the texts read lately, by [`recent_place`]: programs read many texts with the same keys.
struct KnownKeys(Vec<Root<Value>>);

impl KnownKeys {
    fn of(vm: &Vm) -> &'static KnownKeys {
        vm.native_state(|| KnownKeys((0..RECENT).map(|_| vm.heap.root(Value::NONE)).collect()))
    }
}

fn recent_place<C: Copy + Into<u32>>(text: &[C]) -> usize {
    let at = |index: usize| text.get(index).map_or(0u32, |c: &C| (*c).into()) as usize;
    let len = text.len();
    (len ^ at(0) << 1 ^ at(len / 2) << 3 ^ at(len.wrapping_sub(1)) << 2) % RECENT
}

impl<C: Copy + Into<u32> + PartialEq> Reader<'_, C> {
    /// Index of the first character from `index` on that ends a plain piece of a string: a quote, a backslash or a control character.
    #[inline]
    fn plain_end(&self, index: usize) -> usize {
        let is_plain = |c: &C| -> bool {
            let c: u32 = (*c).into();
            c != 0x22 && c != 0x5c && c >= 0x20
        };
        let rest = self.chars.get(index..).unwrap_or_default();
        index + rest.iter().position(|c| !is_plain(c)).unwrap_or(rest.len())
    }

    /// The key of an object whose first character is at `start`, and the index behind its end. Equal keys of one text are one object.
    fn key(&self, memo: Gc<PyDict>, start: usize) -> PyResult<(Value, usize)> {
        let end = self.plain_end(start);
        let is_short = self.is(end, b'"') && end - start <= MAX_RECENT_LEN;
        if !is_short {
            let (key, next) = self.string(start)?;
            return Ok((self.vm.dict_set_default(memo, key, key)?, next));
        }
        let text = &self.chars[start..end];
        let place = &self.recent[recent_place(text)];
        if let Some(key) = place.get()
            && &self.chars[key.start..key.start + key.len] == text
        {
            return Ok((key.value, end + 1));
        }
        let key = self.known_key(text).map_or_else(|| self.string(start).map(|(key, _)| key), Ok)?;
        let value = self.vm.dict_set_default(memo, key, key)?;
        place.set(Some(Key { value, start, len: end - start }));
        KnownKeys::of(self.vm).0[recent_place(text)].set(value);
        Ok((value, end + 1))
    }

    /// The key as it was made for an earlier text, with its hash.
    fn known_key(&self, text: &[C]) -> Option<Value> {
        let known = KnownKeys::of(self.vm).0[recent_place(text)].get();
        let found = self.vm.as_str(known)?;
        match found.chars() {
            Chars::One(bytes) => {
                let same = |(byte, c): (&u8, &C)| u32::from(*byte) == (*c).into();
                (bytes.len() == text.len() && bytes.iter().zip(text).all(same)).then_some(known)
            }
            _ => None,
        }
    }

    fn at(&self, index: usize) -> Option<u32> {
        self.chars.get(index).map(|c| (*c).into())
    }

    fn is(&self, index: usize, c: u8) -> bool {
        self.at(index) == Some(u32::from(c))
    }

    fn is_digit(&self, index: usize) -> bool {
        self.at(index).is_some_and(|c| (0x30..=0x39).contains(&c))
    }

    fn starts(&self, index: usize, word: &[u8]) -> bool {
        word.iter().enumerate().all(|(offset, c)| self.is(index + offset, *c))
    }

    fn skip_blank(&self, mut index: usize) -> usize {
        while matches!(self.at(index), Some(0x20 | 0x09 | 0x0a | 0x0d)) {
            index += 1;
        }
        index
    }

    fn error(&self, message: &str, at: usize) -> Raised {
        decode_error(self.vm, message, self.text.as_value(), at)
    }

    /// The four digits of `\uXXXX` from `index` on.
    fn code_unit(&self, index: usize) -> PyResult<u32> {
        let mut unit = 0;
        for offset in 0..4 {
            let digit = self.at(index + offset).and_then(char::from_u32).and_then(|c| c.to_digit(16));
            // Something must follow the digits: at least the quote.
            match digit.filter(|_| index + 4 < self.chars.len()) {
                Some(digit) => unit = unit * 16 + digit,
                None => return Err(self.error("Invalid \\uXXXX escape", index - 1)),
            }
        }
        Ok(unit)
    }

    /// One escape, `index` behind the backslash. Returns the code point and the index behind the escape.
    fn escape(&self, index: usize, begin: usize) -> PyResult<(u32, usize)> {
        let Some(c) = self.at(index) else { return Err(self.error("Unterminated string starting at", begin)) };
        let plain = match char::from_u32(c) {
            Some('"' | '\\' | '/') => c,
            Some('b') => 8,
            Some('f') => 12,
            Some('n') => 10,
            Some('r') => 13,
            Some('t') => 9,
            Some('u') => {
                let unit = self.code_unit(index + 1)?;
                let next = index + 5;
                if (0xd800..0xdc00).contains(&unit) && self.is(next, b'\\') && self.is(next + 1, b'u') {
                    let low = self.code_unit(next + 2)?;
                    if (0xdc00..0xe000).contains(&low) {
                        return Ok((0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), next + 6));
                    }
                }
                return Ok((unit, next));
            }
            _ => return Err(self.error("Invalid \\escape", index - 1)),
        };
        Ok((plain, index + 1))
    }

    /// The string whose first character is at `start`, behind the quote; and the index behind its end.
    fn string(&self, start: usize) -> PyResult<(Value, usize)> {
        let begin = start.wrapping_sub(1);
        let mut content: Option<Vec<u32>> = None;
        let (mut piece, mut index) = (start, start);
        loop {
            index = self.plain_end(index);
            let Some(c) = self.at(index) else { return Err(self.error("Unterminated string starting at", begin)) };
            match c {
                0x22 => break,
                0x5c => {
                    let content = content.get_or_insert_default();
                    content.extend(self.chars[piece..index].iter().map(|c| -> u32 { (*c).into() }));
                    let (point, next) = self.escape(index + 1, begin)?;
                    content.push(point);
                    (piece, index) = (next, next);
                }
                c if c < 0x20 && self.strict => return Err(self.error("Invalid control character at", index)),
                _ => index += 1,
            }
        }
        let value = match content {
            None => self.vm.str_slice(self.text, start, index)?,
            Some(mut content) => {
                content.extend(self.chars[piece..index].iter().map(|c| -> u32 { (*c).into() }));
                self.vm.new_str_points(&content)?
            }
        };
        Ok((value, index + 1))
    }

    fn number(&self, scanner: Gc<PyScanner>, start: usize) -> PyResult<(Value, usize)> {
        let vm = self.vm;
        let mut index = start + usize::from(self.is(start, b'-'));
        if self.is(index, b'0') {
            index += 1;
        } else if self.is_digit(index) {
            index = self.skip_digits(index);
        } else {
            return Err(no_value(vm, start));
        }
        let mut is_float = false;
        if self.is(index, b'.') && self.is_digit(index + 1) {
            is_float = true;
            index = self.skip_digits(index + 1);
        }
        if self.is(index, b'e') || self.is(index, b'E') {
            let digits = index + 1 + usize::from(self.is(index + 1, b'-') || self.is(index + 1, b'+'));
            if self.is_digit(digits) {
                is_float = true;
                index = self.skip_digits(digits);
            }
        }
        if !is_float && index - start <= 18 && scanner.parse_int.get() == vm.types.int.as_value() {
            let is_negative = self.is(start, b'-');
            let digits = &self.chars[start + usize::from(is_negative)..index];
            let number = digits.iter().fold(0, |number: i64, c| -> i64 {
                let c: u32 = (*c).into();
                number * 10 + i64::from(c - 0x30)
            });
            return Ok((vm.new_int(if is_negative { -number } else { number })?, index));
        }
        let text: String = self.chars[start..index].iter().filter_map(|c| char::from_u32((*c).into())).collect();
        let (parse, builtin) = if is_float {
            (scanner.parse_float.get(), vm.types.float)
        } else {
            (scanner.parse_int.get(), vm.types.int)
        };
        let value = if parse != builtin.as_value() {
            vm.call(parse, &[vm.new_str(&text)?])?
        } else if is_float {
            vm.new_float(text.parse().unwrap_or(f64::NAN))?
        } else {
            match text.parse() {
                Ok(number) => vm.new_int(number)?,
                Err(_) => vm.parse_int(&text, 10, || Ok(format!("'{text}'")))?,
            }
        };
        Ok((value, index))
    }

    fn skip_digits(&self, mut index: usize) -> usize {
        while self.is_digit(index) {
            index += 1;
        }
        index
    }

    fn constant(&self, scanner: Gc<PyScanner>, name: &str, start: usize) -> PyResult<(Value, usize)> {
        let value = self.vm.call(scanner.parse_constant.get(), &[self.vm.intern(name)])?;
        Ok((value, start + name.len()))
    }

    /// The value at `index`, and the index behind it.
    fn value(&self, scanner: Gc<PyScanner>, memo: Gc<PyDict>, index: usize) -> PyResult<(Value, usize)> {
        let Some(c) = self.at(index) else { return Err(no_value(self.vm, index)) };
        match char::from_u32(c) {
            Some('"') => self.string(index + 1),
            Some('{') => {
                self.vm.check_native_stack()?;
                self.object(scanner, memo, index + 1)
            }
            Some('[') => {
                self.vm.check_native_stack()?;
                self.array(scanner, memo, index + 1)
            }
            Some('n') if self.starts(index, b"null") => Ok((Value::NONE, index + 4)),
            Some('t') if self.starts(index, b"true") => Ok((Value::TRUE, index + 4)),
            Some('f') if self.starts(index, b"false") => Ok((Value::FALSE, index + 5)),
            Some('N') if self.starts(index, b"NaN") => self.constant(scanner, "NaN", index),
            Some('I') if self.starts(index, b"Infinity") => self.constant(scanner, "Infinity", index),
            Some('-') if self.starts(index, b"-Infinity") => self.constant(scanner, "-Infinity", index),
            _ => self.number(scanner, index),
        }
    }

    fn array(&self, scanner: Gc<PyScanner>, memo: Gc<PyDict>, start: usize) -> PyResult<(Value, usize)> {
        let list = self.vm.new_pylist()?;
        let mut index = self.skip_blank(start);
        if self.is(index, b']') {
            return Ok((list.as_value(), index + 1));
        }
        loop {
            let (item, next) = self.value(scanner, memo, index)?;
            self.vm.list_push(list, item)?;
            index = self.skip_blank(next);
            if self.is(index, b']') {
                return Ok((list.as_value(), index + 1));
            }
            index = self.comma(index, b']', "array")?;
        }
    }

    /// Behind the comma at `index`; no closing bracket may follow.
    fn comma(&self, index: usize, closing: u8, what: &str) -> PyResult<usize> {
        if !self.is(index, b',') {
            return Err(self.error("Expecting ',' delimiter", index));
        }
        let next = self.skip_blank(index + 1);
        if self.is(next, closing) {
            return Err(self.error(&format!("Illegal trailing comma before end of {what}"), index));
        }
        Ok(next)
    }

    fn object(&self, scanner: Gc<PyScanner>, memo: Gc<PyDict>, start: usize) -> PyResult<(Value, usize)> {
        let vm = self.vm;
        let wants_pairs = !scanner.pairs_hook.get().is_none();
        let dict = vm.new_pydict()?;
        let pairs = if wants_pairs { Some(vm.new_pylist()?) } else { None };
        let mut index = self.skip_blank(start);
        if self.is(index, b'}') {
            index += 1;
        } else {
            loop {
                if !self.is(index, b'"') {
                    return Err(self.error("Expecting property name enclosed in double quotes", index));
                }
                let (key, next) = self.key(memo, index + 1)?;
                index = self.skip_blank(next);
                if !self.is(index, b':') {
                    return Err(self.error("Expecting ':' delimiter", index));
                }
                let (value, next) = self.value(scanner, memo, self.skip_blank(index + 1))?;
                if let Some(pairs) = pairs {
                    vm.list_push(pairs, vm.new_tuple(&[key, value])?)?;
                } else {
                    vm.dict_insert(dict, key, value)?;
                }
                index = self.skip_blank(next);
                if self.is(index, b'}') {
                    index += 1;
                    break;
                }
                index = self.comma(index, b'}', "object")?;
            }
        }
        let (pairs_hook, hook) = (scanner.pairs_hook.get(), scanner.object_hook.get());
        let value = if let Some(pairs) = pairs {
            vm.call(pairs_hook, &[pairs.as_value()])?
        } else if !hook.is_none() {
            vm.call(hook, &[dict.as_value()])?
        } else {
            dict.as_value()
        };
        Ok((value, index))
    }
}

/// Runs `$body` with `$reader` over the text at its width.
macro_rules! with_reader {
    ($vm:expr, $text:expr, $strict:expr, |$reader:ident| $body:expr) => {
        match $text.chars() {
            Chars::One(chars) => {
                let $reader = Reader {
                    vm: $vm,
                    text: $text,
                    chars,
                    strict: $strict,
                    recent: [const { Cell::new(None) }; RECENT],
                };
                $body
            }
            Chars::Two(chars) => {
                let $reader = Reader {
                    vm: $vm,
                    text: $text,
                    chars,
                    strict: $strict,
                    recent: [const { Cell::new(None) }; RECENT],
                };
                $body
            }
            Chars::Four(chars) => {
                let $reader = Reader {
                    vm: $vm,
                    text: $text,
                    chars,
                    strict: $strict,
                    recent: [const { Cell::new(None) }; RECENT],
                };
                $body
            }
        }
    };
}

fn text_argument(vm: &Vm, value: Value) -> PyResult<Gc<PyStr>> {
    vm.as_str(value).ok_or_else(|| {
        let found = vm.type_name(value);
        vm.type_error(format!("first argument must be a string, not {found}"))
    })
}

pub(super) fn scan_string_function(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let text = text_argument(vm, args.at(0))?;
    let end = vm.index_ssize(args.at(1))?;
    let strict = flag(vm, args.opt(2), true)?;
    let Some(end) = usize::try_from(end).ok().filter(|end| *end <= text.len()) else {
        return Err(vm.value_error("end is out of bounds"));
    };
    let (value, next) = with_reader!(vm, text, strict, |reader| reader.string(end))?;
    vm.new_tuple(&[value, vm.new_uint(next)?])
}

fn scan_once(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let scanner = own(vm, args.at(0));
    let text = text_argument(vm, args.at(1))?;
    let index = vm.index_ssize(args.at(2))?;
    let Ok(index) = usize::try_from(index) else { return Err(vm.value_error("idx cannot be negative")) };
    let strict = vm.truthy(scanner.strict.get())?;
    let memo = vm.new_pydict()?;
    let (value, next) = with_reader!(vm, text, strict, |reader| reader.value(scanner, memo, index))?;
    vm.new_tuple(&[value, vm.new_uint(next)?])
}

fn new(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.as_class(args.at(0)).expect("bound to its class");
    let context = args.at(1);
    let setting = |name: &str| vm.getattr_text(context, name);
    let strict = Value::from_bool(vm.truthy(setting("strict")?)?);
    let (object_hook, pairs_hook) = (setting("object_hook")?, setting("object_pairs_hook")?);
    let (parse_float, parse_int) = (setting("parse_float")?, setting("parse_int")?);
    let parse_constant = setting("parse_constant")?;
    let made = vm.alloc_instance(class, 0, |header| PyScanner {
        header,
        strict: Slot::new(strict),
        object_hook: Slot::new(object_hook),
        pairs_hook: Slot::new(pairs_hook),
        parse_float: Slot::new(given(Some(parse_float)).unwrap_or(vm.types.float.as_value())),
        parse_int: Slot::new(given(Some(parse_int)).unwrap_or(vm.types.int.as_value())),
        parse_constant: Slot::new(parse_constant),
    })?;
    Ok(made.as_value())
}

pub(super) static SCANNER: TypeDef = TypeDef {
    doc: "JSON scanner object",
    flags: type_flags::BASE,
    slots: Slots {
        new: Some(|vm, class, args, names| {
            static NEW: NativeDef = NativeDef::class_method("make_scanner", "cls, context", new);
            construct(vm, &NEW, class.as_value(), args, names)
        }),
        call: Some(|vm, value, args, names| {
            static CALL: NativeDef = NativeDef::method("scan_once", "self, string, idx", scan_once);
            construct(vm, &CALL, value, args, names)
        }),
        ..Slots::NONE
    },
    getset: &[
        GetSetDef::member("strict", |vm, value| Ok(own(vm, value).strict.get())),
        GetSetDef::member("object_hook", |vm, value| Ok(own(vm, value).object_hook.get())),
        GetSetDef::member("object_pairs_hook", |vm, value| Ok(own(vm, value).pairs_hook.get())),
        GetSetDef::member("parse_float", |vm, value| Ok(own(vm, value).parse_float.get())),
        GetSetDef::member("parse_int", |vm, value| Ok(own(vm, value).parse_int.get())),
        GetSetDef::member("parse_constant", |vm, value| Ok(own(vm, value).parse_constant.get())),
    ],
    ..TypeDef::new("_json.Scanner", <PyScanner as Payload>::LAYOUT)
};
