//! What `bytes(..)` and `bytearray(..)` make of their arguments. Source: Objects/bytesobject.c `bytes_new_impl`, `PyBytes_FromObject`.

use std::borrow::Cow;

use cinder_layout::Value;

use crate::native::{Arg, ArgsExt, PyResult};
use crate::vm::Vm;

/// Content of a new object, without copies where the argument is immutable.
pub(crate) type Content = Cow<'static, [u8]>;

impl Vm {
    /// One byte. Errors: TypeError for no integer, ValueError `byte must be in range(0, 256)`.
    pub fn byte_argument(&self, value: Value) -> PyResult<u8> {
        let index = self.index(value)?;
        match self.int_to_i64(index) {
            Some(byte @ 0..256) => Ok(byte as u8),
            _ => Err(self.value_error("byte must be in range(0, 256)")),
        }
    }

    /// Copy of the content of an object with the buffer protocol; views with gaps included.
    pub(crate) fn buffer_content(&self, value: Value) -> PyResult<Content> {
        if let Some(bytes) = self.as_bytes(value) {
            return Ok(Cow::Borrowed(self.bytes_content(bytes)));
        }
        if let Some(view) = self.as_memoryview(value) {
            return Ok(Cow::Owned(crate::types::memoryview::content(self, view)?));
        }
        self.with_bytes(value, <[u8]>::to_vec).map(Cow::Owned)
    }

    /// Bytes of a bytes-like object or an iterable of ints. `class` is named in messages.
    pub(crate) fn collect_bytes(&self, value: Value, class: &str) -> PyResult<Content> {
        let slots = *self.type_of(value).slots();
        if class == "bytes" && self.is_str(value) {
            return Err(self.type_error("cannot convert 'str' object to bytes"));
        }
        if slots.buffer.is_some() {
            return self.buffer_content(value);
        }
        if slots.iter.is_none() && slots.getitem.is_none() {
            let found = self.type_name(value);
            return Err(self.type_error(match class {
                "extend" => format!("can't extend bytearray with {found}"),
                _ => format!("cannot convert '{found}' object to {class}"),
            }));
        }
        if class == "extend" && self.is_str(value) {
            return Err(self.type_error("expected iterable of integers; got: 'str'"));
        }
        let mut content = Vec::with_capacity(self.length_hint(value, 0)?.min(1 << 24));
        let range = if class == "bytes" { "bytes must be in range(0, 256)" } else { "byte must be in range(0, 256)" };
        self.for_each(value, |item| {
            let index = self.index(item)?;
            let Some(byte @ 0..256) = self.int_to_i64(index) else { return Err(self.value_error(range)) };
            content.push(byte as u8);
            Ok(())
        })?;
        Ok(Cow::Owned(content))
    }

    /// What `__bytes__` gives; `None` for objects without, and for exact bytes.
    fn bytes_by_method(&self, source: Value) -> PyResult<Option<Content>> {
        if self.type_of(source) == self.types.bytes {
            return Ok(None);
        }
        let Some(made) = self.call_special(source, self.names.__bytes__, &[])? else { return Ok(None) };
        match self.as_bytes(made) {
            Some(made) => Ok(Some(Cow::Borrowed(self.bytes_content(made)))),
            None => {
                let found = self.type_name(made);
                Err(self.type_error(format!("__bytes__ returned non-bytes (type {found})")))
            }
        }
    }

    /// Bytes of any object that has some: by `__bytes__`, its buffer, or as an iterable of ints. An int has none.
    pub(crate) fn object_bytes(&self, source: Value) -> PyResult<Content> {
        match self.bytes_by_method(source)? {
            Some(made) => Ok(made),
            None => self.collect_bytes(source, "bytes"),
        }
    }

    /// Content asked for by `source`, `encoding` and `errors`.
    ///
    /// Runs Python: yes.
    pub(crate) fn bytes_from_arguments(&self, args: &[Arg], class: &str) -> PyResult<Content> {
        let (encoding, errors) = (args.opt(1), args.opt(2));
        let Some(source) = args.opt(0) else {
            return match (encoding, errors) {
                (None, None) => Ok(Cow::Borrowed(&[])),
                (Some(_), _) => Err(self.type_error("encoding without a string argument")),
                (None, Some(_)) => Err(self.type_error("errors without a string argument")),
            };
        };
        let name = |value: Option<Value>, which: &str, default: &str| match value {
            None => Ok(default.to_owned()),
            Some(value) if self.is_str(value) => Ok(self.str_text(value).into_owned()),
            Some(value) => {
                let found = self.type_name(value);
                Err(self.type_error(format!("{class}() argument '{which}' must be str, not {found}")))
            }
        };
        if encoding.is_some() || errors.is_some() {
            let (encoding_name, errors_name) =
                (name(encoding, "encoding", "utf-8")?, name(errors, "errors", "strict")?);
            return match (self.is_str(source), encoding.is_some()) {
                (true, true) => {
                    let encoded = self.encode_text(source, &encoding_name, &errors_name)?;
                    Ok(Cow::Borrowed(self.bytes_content(self.as_bytes(encoded).expect("encode_text gives bytes"))))
                }
                (true, false) => Err(self.type_error("string argument without an encoding")),
                (false, true) => Err(self.type_error("encoding without a string argument")),
                (false, false) => Err(self.type_error("errors without a string argument")),
            };
        }
        if class == "bytes"
            && let Some(made) = self.bytes_by_method(source)?
        {
            return Ok(made);
        }
        if self.is_str(source) {
            return Err(self.type_error("string argument without an encoding"));
        }
        if self.type_of(source).slots().index.is_some()
            && let Some(count) = self.catch(self.index_i64(source), self.exceptions.TypeError)?
        {
            return match usize::try_from(count) {
                Ok(count) => {
                    self.check_native_bytes(count)?;
                    Ok(Cow::Owned(vec![0; count]))
                }
                Err(_) => Err(self.value_error("negative count")),
            };
        }
        self.collect_bytes(source, class)
    }
}
