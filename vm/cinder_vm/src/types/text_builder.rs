//! Building a string from pieces.
//!
//! Problem: `repr` of a container joins pieces whose widest character is not known beforehand, and which may hold lone surrogates.
//! Idea: ASCII bytes until a wider character comes, code points from then on.

use cinder_layout::Value;

use crate::native::PyResult;
use crate::types::str_::Chars;
use crate::vm::Vm;

/// A string under construction; holds no values, so it may live anywhere.
#[derive(Default)]
pub struct TextBuilder {
    ascii: Vec<u8>,
    /// Everything, once a character was not ASCII.
    points: Option<Vec<u32>>,
}

/// Room for `more` items. Without it the process would end.
#[inline]
fn reserve<T>(items: &mut Vec<T>, more: usize) {
    if items.capacity() - items.len() < more && items.try_reserve(more).is_err() {
        // The panic hook has nothing to say about it.
        std::panic::resume_unwind(Box::new(crate::value_vec::OutOfMemory));
    }
}

impl TextBuilder {
    pub fn new() -> TextBuilder {
        TextBuilder { ascii: Vec::with_capacity(64), points: None }
    }

    /// Appends Rust text.
    pub fn push(&mut self, text: &str) {
        match &mut self.points {
            None if text.is_ascii() => self.ascii.extend_from_slice(text.as_bytes()),
            _ => self.widen().extend(text.chars().map(u32::from)),
        }
    }

    /// Appends code points.
    pub fn push_points(&mut self, points: &[u32]) {
        if self.points.is_none() && points.iter().all(|&c| c < 0x80) {
            self.ascii.extend(points.iter().map(|&c| c as u8));
        } else {
            self.widen().extend_from_slice(points);
        }
    }

    /// Appends a str value.
    ///
    /// Panics: the value is no str.
    pub fn push_value(&mut self, vm: &Vm, value: Value) {
        let text = vm.as_str(value).expect("caller checked that this is a str");
        match text.chars() {
            Chars::One(bytes) if self.points.is_none() && text.is_ascii() => {
                reserve(&mut self.ascii, bytes.len());
                self.ascii.extend_from_slice(bytes);
            }
            Chars::One(bytes) => self.widen_for(bytes.len()).extend(bytes.iter().map(|&byte| u32::from(byte))),
            Chars::Two(units) => self.widen_for(units.len()).extend(units.iter().map(|&unit| u32::from(unit))),
            Chars::Four(points) => self.widen_for(points.len()).extend_from_slice(points),
        }
    }

    /// The code points, with room for `more` of them.
    fn widen_for(&mut self, more: usize) -> &mut Vec<u32> {
        let points = self.widen();
        reserve(points, more);
        points
    }

    /// Appends `format(value, "")`.
    pub fn push_plain(&mut self, vm: &Vm, value: Value) -> PyResult<()> {
        if value.is_int() {
            self.push_ascii(crate::types::int::text::small(value.as_int(), &mut [0; 20]));
            return Ok(());
        }
        let shown = if vm.is_exact_str(value) { value } else { vm.format(value, vm.names.empty)? };
        self.push_value(vm, shown);
        Ok(())
    }

    /// Appends a small int in decimal.
    ///
    /// Panics: the value is none.
    pub fn push_small_int(&mut self, value: Value) {
        self.push_ascii(crate::types::int::text::small(value.as_int(), &mut [0; 20]));
    }

    /// Appends ASCII text in double quotes, as it is.
    pub fn push_quoted(&mut self, text: &str) {
        match &mut self.points {
            None => {
                self.ascii.reserve(text.len() + 2);
                self.ascii.push(b'"');
                self.ascii.extend_from_slice(text.as_bytes());
                self.ascii.push(b'"');
            }
            Some(points) => {
                points.push(u32::from(b'"'));
                points.extend(text.bytes().map(u32::from));
                points.push(u32::from(b'"'));
            }
        }
    }

    /// The buffer, while all characters are ASCII: more of them may be appended.
    pub fn ascii_buffer(&mut self) -> Option<&mut Vec<u8>> {
        if self.points.is_none() { Some(&mut self.ascii) } else { None }
    }

    /// Appends ASCII text.
    #[inline]
    pub fn push_ascii(&mut self, text: &str) {
        debug_assert!(text.is_ascii());
        match &mut self.points {
            None => self.ascii.extend_from_slice(text.as_bytes()),
            Some(points) => points.extend(text.bytes().map(u32::from)),
        }
    }

    /// Appends `count` times the ASCII character `c`.
    pub fn push_repeated(&mut self, c: u8, count: usize) {
        match &mut self.points {
            None => {
                reserve(&mut self.ascii, count);
                self.ascii.extend(std::iter::repeat_n(c, count));
            }
            Some(points) => {
                reserve(points, count);
                points.extend(std::iter::repeat_n(u32::from(c), count));
            }
        }
    }

    /// The code points below 256 as bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        match self.points {
            None => self.ascii,
            Some(points) => points.into_iter().map(|point| point as u8).collect(),
        }
    }

    fn widen(&mut self) -> &mut Vec<u32> {
        let ascii = &mut self.ascii;
        self.points.get_or_insert_with(|| std::mem::take(ascii).into_iter().map(u32::from).collect())
    }

    /// The string.
    pub fn finish(self, vm: &Vm) -> PyResult<Value> {
        match self.points {
            Some(points) => vm.new_str_points(&points),
            None => vm.new_str_latin1(&self.ascii),
        }
    }
}

impl Vm {
    /// Runs `body` unless the `repr` of `value` is running already; then the answer is `fallback` (`[...]`).
    pub fn with_repr_guard(
        &self,
        value: Value,
        fallback: &str,
        body: impl FnOnce() -> PyResult<Value>,
    ) -> PyResult<Value> {
        let id = value.bits() as usize;
        if self.repr_running.borrow().contains(&id) {
            return self.new_str(fallback);
        }
        self.check_native_stack()?;
        self.repr_running.borrow_mut().push(id);
        let result = body();
        self.repr_running.borrow_mut().pop();
        result
    }
}
