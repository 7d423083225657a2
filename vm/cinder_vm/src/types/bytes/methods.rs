//! Methods that `bytes` and `bytearray` share. Results have the receiver's kind. Source: Objects/bytes_methods.c, Objects/stringlib.

use cinder_layout::Value;

use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::types::bytearray::{self, PyByteArray};
use crate::types::bytes::make::Content;
use crate::types::bytes::repr::push_hex;
use crate::value_vec::ValueVec;
use crate::vm::Vm;

/// The receiver's content. (A copy for a bytearray, because arguments may run Python code that changes it.)
fn own(vm: &Vm, value: Value) -> PyResult<Content> {
    vm.buffer_content(value)
}

/// New object of the receiver's kind.
fn like(vm: &Vm, value: Value, content: &[u8]) -> PyResult<Value> {
    if vm.downcast::<PyByteArray>(value).is_some() { vm.new_bytearray(content) } else { vm.new_bytes(content) }
}

/// A bytes-like argument, or an int in 0..256 where `ints` allows it.
fn needle(vm: &Vm, value: Value, ints: bool) -> PyResult<Content> {
    if vm.type_of(value).slots().buffer.is_some() {
        return vm.buffer_content(value);
    }
    if ints && vm.type_of(value).slots().index.is_some() {
        let number = vm.index(value)?;
        return match vm.int_to_i64(number) {
            Some(byte @ 0..256) => Ok(Content::Borrowed(std::slice::from_ref(&EVERY_BYTE[byte as usize]))),
            _ => Err(vm.value_error("byte must be in range(0, 256)")),
        };
    }
    let found = vm.type_name(value);
    Err(vm.type_error(if ints {
        format!("argument should be integer or bytes-like object, not '{found}'")
    } else {
        format!("a bytes-like object is required, not '{found}'")
    }))
}

static EVERY_BYTE: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        bytes[byte] = byte as u8;
        byte += 1;
    }
    bytes
};

/// Runs `look` on the part of the receiver's content that two optional bounds select; `None` when they cross. The content is not copied:
/// all that may run Python code has run by then.
fn with_range<R>(
    vm: &Vm,
    value: Value,
    bounds: [Option<Value>; 2],
    look: impl FnOnce(&[u8], usize) -> R,
) -> PyResult<Option<R>> {
    let part = |content: &[u8], (start, end): (usize, usize)| {
        let end = end.min(content.len());
        (start <= end).then(|| look(&content[start..end], start))
    };
    if let Some(array) = vm.downcast::<PyByteArray>(value) {
        let range = vm.search_range(bounds[0], bounds[1], array.as_slice().len())?;
        return Ok(part(array.as_slice(), range));
    }
    let content = own(vm, value)?;
    let range = vm.search_range(bounds[0], bounds[1], content.len())?;
    Ok(part(&content, range))
}

type Search = fn(&[u8], &[u8]) -> Option<usize>;

fn find_first(hay: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(hay, needle)
}

fn find_last(hay: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::rfind(hay, needle)
}

fn search(vm: &Vm, args: &[Arg], search: Search) -> PyResult<Option<usize>> {
    let needle = needle(vm, args.at(1), true)?;
    let found = with_range(vm, args.at(0), [args.opt(2), args.opt(3)], |content, start| {
        search(content, &needle).map(|at| at + start)
    })?;
    Ok(found.flatten())
}

fn or_minus_one(vm: &Vm, found: Option<usize>) -> PyResult<Value> {
    found.map_or_else(|| vm.new_int(-1), |at| vm.new_uint(at))
}

fn or_error(vm: &Vm, found: Option<usize>) -> PyResult<Value> {
    found.map_or_else(|| Err(vm.value_error("subsection not found")), |at| vm.new_uint(at))
}

fn count(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let needle = needle(vm, args.at(1), true)?;
    let count = with_range(vm, args.at(0), [args.opt(2), args.opt(3)], |content, _| {
        if needle.is_empty() { content.len() + 1 } else { memchr::memmem::find_iter(content, &needle).count() }
    })?;
    vm.new_uint(count.unwrap_or(0))
}

fn affix(vm: &Vm, args: &[Arg], name: &str, at_start: bool) -> PyResult<Value> {
    let content = own(vm, args.at(0))?;
    let (start, end) = vm.search_range(args.opt(2), args.opt(3), content.len())?;
    let check = |affix: &[u8]| {
        start <= end && {
            let part = &content[start..end];
            if at_start { part.starts_with(affix) } else { part.ends_with(affix) }
        }
    };
    if let Some(tuple) = vm.as_tuple(args.at(1)) {
        for item in tuple.items() {
            if check(&needle(vm, *item, false)?) {
                return Ok(Value::TRUE);
            }
        }
        return Ok(Value::FALSE);
    }
    if vm.type_of(args.at(1)).slots().buffer.is_none() {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("{name} first arg must be bytes or a tuple of bytes, not {found}")));
    }
    Ok(Value::from_bool(check(&needle(vm, args.at(1), false)?)))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 0x09..=0x0d)
}

fn strip(vm: &Vm, args: &[Arg], left: bool, right: bool) -> PyResult<Value> {
    let chars = match args.opt(1).filter(|chars| !chars.is_none()) {
        Some(chars) => Some(needle(vm, chars, false)?),
        None => None,
    };
    let content = own(vm, args.at(0))?;
    let cut = |byte: &u8| chars.as_ref().map_or_else(|| is_space(*byte), |chars| chars.contains(byte));
    let start = if left { content.iter().take_while(|b| cut(b)).count() } else { 0 };
    let rest = &content[start..];
    let end = if right { rest.len() - rest.iter().rev().take_while(|b| cut(b)).count() } else { rest.len() };
    like(vm, args.at(0), &rest[..end])
}

fn list_like(vm: &Vm, receiver: Value, parts: &[&[u8]]) -> PyResult<Value> {
    let mut values: ValueVec<[Value; 16]> = ValueVec::new();
    for part in parts {
        values.push(like(vm, receiver, part)?);
    }
    vm.new_list(&values)
}

fn limit(vm: &Vm, args: &[Arg]) -> PyResult<usize> {
    let limit = args.opt(2).map_or(Ok(-1), |limit| vm.index_i64(limit))?;
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}

fn separator(vm: &Vm, args: &[Arg]) -> PyResult<Option<Content>> {
    let Some(value) = args.opt(1).filter(|value| !value.is_none()) else { return Ok(None) };
    let separator = needle(vm, value, false)?;
    if separator.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    Ok(Some(separator))
}

fn split(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (separator, limit) = (separator(vm, args)?, limit(vm, args)?);
    let content = own(vm, args.at(0))?;
    let mut rest = &content[..];
    let mut parts = Vec::new();
    match separator {
        Some(separator) => {
            while parts.len() < limit
                && let Some(at) = find_first(rest, &separator)
            {
                parts.push(&rest[..at]);
                rest = &rest[at + separator.len()..];
            }
            parts.push(rest);
        }
        None => loop {
            rest = rest.trim_ascii_start_python();
            if rest.is_empty() {
                break;
            }
            if parts.len() >= limit {
                parts.push(rest);
                break;
            }
            let end = rest.iter().position(|b| is_space(*b)).unwrap_or(rest.len());
            parts.push(&rest[..end]);
            rest = &rest[end..];
        },
    }
    list_like(vm, args.at(0), &parts)
}

trait TrimPython {
    fn trim_ascii_start_python(&self) -> &[u8];
}

impl TrimPython for [u8] {
    /// Python's white space of bytes includes the vertical tab.
    fn trim_ascii_start_python(&self) -> &[u8] {
        &self[self.iter().take_while(|b| is_space(**b)).count()..]
    }
}

fn rsplit(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (separator, limit) = (separator(vm, args)?, limit(vm, args)?);
    let content = own(vm, args.at(0))?;
    let mut rest = &content[..];
    let mut parts = Vec::new();
    match separator {
        Some(separator) => {
            while parts.len() < limit
                && let Some(at) = find_last(rest, &separator)
            {
                parts.push(&rest[at + separator.len()..]);
                rest = &rest[..at];
            }
            parts.push(rest);
        }
        None => loop {
            rest = &rest[..rest.len() - rest.iter().rev().take_while(|b| is_space(**b)).count()];
            if rest.is_empty() {
                break;
            }
            if parts.len() >= limit {
                parts.push(rest);
                break;
            }
            let start = rest.iter().rposition(|b| is_space(*b)).map_or(0, |at| at + 1);
            parts.push(&rest[start..]);
            rest = &rest[..start];
        },
    }
    parts.reverse();
    list_like(vm, args.at(0), &parts)
}

fn split_lines(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let keep = args.opt(1).map_or(Ok(false), |keep| vm.truthy(keep))?;
    let content = own(vm, args.at(0))?;
    let mut parts = Vec::new();
    let mut start = 0;
    while start < content.len() {
        let end =
            content[start..].iter().position(|b| matches!(b, b'\n' | b'\r')).map_or(content.len(), |at| at + start);
        let crlf = content[end..].starts_with(b"\r\n");
        let next = (end + 1 + usize::from(crlf)).min(content.len());
        parts.push(&content[start..if keep { next } else { end }]);
        start = next;
    }
    list_like(vm, args.at(0), &parts)
}

fn partition(vm: &Vm, args: &[Arg], search: Search, reverse: bool) -> PyResult<Value> {
    let separator = needle(vm, args.at(1), false)?;
    if separator.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let content = own(vm, args.at(0))?;
    let make = |part: &[u8]| like(vm, args.at(0), part);
    let (a, b, c) = match search(&content, &separator) {
        Some(at) => (&content[..at], &separator[..], &content[at + separator.len()..]),
        None if reverse => (&b""[..], &b""[..], &content[..]),
        None => (&content[..], &b""[..], &b""[..]),
    };
    let a = make(a)?;
    // Found in bytes, the separator itself takes part, whatever its class.
    let same = !b.is_empty() && vm.as_bytes(args.at(0)).is_some();
    let b = if same { args.at(1) } else { make(b)? };
    vm.new_tuple(&[a, b, make(c)?])
}

fn replace(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (old, new) = (needle(vm, args.at(1), false)?, needle(vm, args.at(2), false)?);
    let limit = args.opt(3).map_or(Ok(-1), |limit| vm.index_i64(limit))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let content = own(vm, args.at(0))?;
    let mut out = Vec::with_capacity(content.len());
    if old.is_empty() {
        let count = limit.min(content.len() + 1);
        for index in 0..=content.len() {
            if index < count {
                out.extend_from_slice(&new);
            }
            out.extend(content.get(index));
        }
        return like(vm, args.at(0), &out);
    }
    let mut start = 0;
    for at in memchr::memmem::find_iter(&content, &old).take(limit) {
        out.extend_from_slice(&content[start..at]);
        out.extend_from_slice(&new);
        start = at + old.len();
    }
    out.extend_from_slice(&content[start..]);
    like(vm, args.at(0), &out)
}

fn join(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let mut items: ValueVec<[Value; 16]> = ValueVec::new();
    if vm.type_of(args.at(1)).slots().iter.is_none() && vm.type_of(args.at(1)).slots().getitem.is_none() {
        return Err(vm.type_error("can only join an iterable"));
    }
    vm.for_each(args.at(1), |item| {
        items.push(item);
        Ok(())
    })?;
    let separator = own(vm, args.at(0))?;
    let mut out = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(&separator);
        }
        match vm.type_of(*item).slots().buffer.map(|_| vm.with_bytes(*item, |bytes| out.extend_from_slice(bytes))) {
            Some(Ok(())) => continue,
            // Views with gaps; the message is the same.
            Some(Err(raised)) => {
                vm.take_exception(raised);
            }
            None => {}
        }
        let found = vm.type_name(*item);
        return Err(vm.type_error(format!("sequence item {index}: expected a bytes-like object, {found} found")));
    }
    like(vm, args.at(0), &out)
}

fn justify(vm: &Vm, args: &[Arg], name: &str, left_of: fn(usize, usize) -> usize) -> PyResult<Value> {
    let width = usize::try_from(vm.index_i64(args.at(1))?).unwrap_or(0);
    let fill = match args.opt(2) {
        None => b' ',
        Some(fill) => match vm.type_of(fill).slots().buffer {
            Some(_) => match &*needle(vm, fill, false)? {
                [byte] => *byte,
                other => {
                    let len = other.len();
                    return Err(vm.type_error(format!(
                        "{name}(): argument 2 must be a byte string of length 1, not a bytes object of length {len}"
                    )));
                }
            },
            None => {
                let found = vm.type_name(fill);
                return Err(
                    vm.type_error(format!("{name}() argument 2 must be a byte string of length 1, not {found}"))
                );
            }
        },
    };
    let content = own(vm, args.at(0))?;
    if width <= content.len() {
        return like(vm, args.at(0), &content);
    }
    vm.check_native_bytes(width)?;
    let mut out = vec![fill; left_of(width - content.len(), width)];
    out.extend_from_slice(&content);
    out.resize(width, fill);
    like(vm, args.at(0), &out)
}

fn zfill(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let width = usize::try_from(vm.index_i64(args.at(1))?).unwrap_or(0);
    let mut content = own(vm, args.at(0))?.into_owned();
    vm.check_native_bytes(width)?;
    let missing = width.saturating_sub(content.len());
    let sign = usize::from(matches!(content.first(), Some(b'+' | b'-')));
    content.splice(sign..sign, std::iter::repeat_n(b'0', missing));
    like(vm, args.at(0), &content)
}

fn expand_tabs(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let size = args.opt(1).map_or(Ok(8), |size| vm.index_i64(size))?;
    let (mut column, mut out) = (0i64, Vec::new());
    for &byte in own(vm, args.at(0))?.iter() {
        match byte {
            b'\t' if size > 0 => {
                let spaces = size - column % size;
                vm.check_native_bytes(out.len() + spaces as usize)?;
                out.resize(out.len() + spaces as usize, b' ');
                column += spaces;
            }
            b'\t' => {}
            _ => {
                out.push(byte);
                column = if matches!(byte, b'\n' | b'\r') { 0 } else { column + 1 };
            }
        }
    }
    like(vm, args.at(0), &out)
}

fn translate(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let table = match args.opt(1).filter(|table| !table.is_none()) {
        Some(table) => {
            let table = needle(vm, table, false)?;
            if table.len() != 256 {
                return Err(vm.value_error("translation table must be 256 characters long"));
            }
            Some(table)
        }
        None => None,
    };
    let delete = args.opt(2).map_or(Ok(Content::Borrowed(&[])), |delete| needle(vm, delete, false))?;
    let content = own(vm, args.at(0))?;
    let out: Vec<u8> = content
        .iter()
        .copied()
        .filter(|byte| !delete.contains(byte))
        .map(|byte| table.as_ref().map_or(byte, |table| table[usize::from(byte)]))
        .collect();
    like(vm, args.at(0), &out)
}

fn make_trans(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (from, to) = (needle(vm, args.at(0), false)?, needle(vm, args.at(1), false)?);
    if from.len() != to.len() {
        return Err(vm.value_error("maketrans arguments must have same length"));
    }
    let mut table: Vec<u8> = (0..=255).collect();
    for (from, to) in from.iter().zip(to.iter()) {
        table[usize::from(*from)] = *to;
    }
    vm.new_bytes(&table)
}

fn remove_affix(vm: &Vm, args: &[Arg], prefix: bool) -> PyResult<Value> {
    let affix = needle(vm, args.at(1), false)?;
    let content = own(vm, args.at(0))?;
    let rest = if prefix { content.strip_prefix(&affix[..]) } else { content.strip_suffix(&affix[..]) };
    like(vm, args.at(0), rest.unwrap_or(&content))
}

pub(crate) fn hex(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let separator = match args.opt(1) {
        None => None,
        Some(value) => {
            vm.len(value)?;
            let bytes = match vm.as_str(value) {
                Some(text) => Content::Owned(text.iter().map(|c| u8::try_from(c).unwrap_or(0xff)).collect()),
                None => needle(vm, value, false)?,
            };
            match &*bytes {
                [byte] if byte.is_ascii() => Some(char::from(*byte)),
                [_] => return Err(vm.value_error("sep must be ASCII.")),
                _ => return Err(vm.value_error("sep must be length 1.")),
            }
        }
    };
    let every = args.opt(2).map_or(Ok(1), |every| vm.index_i64(every))?;
    let content = own(vm, args.at(0))?;
    let mut text = String::with_capacity(content.len() * 3);
    for (index, byte) in content.iter().enumerate() {
        let boundary = match every {
            0 => false,
            every if every > 0 => (content.len() - index) as i64 % every == 0,
            every => index as i64 % -every == 0,
        };
        if let Some(separator) = separator.filter(|_| index > 0 && boundary) {
            text.push(separator);
        }
        push_hex(*byte, &mut text);
    }
    vm.new_str(&text)
}

fn from_hex(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let text: Vec<u32> = match vm.as_str(args.at(1)) {
        Some(text) => text.iter().collect(),
        None if vm.type_of(args.at(1)).slots().buffer.is_some() => {
            vm.with_bytes(args.at(1), |bytes| bytes.iter().map(|b| u32::from(*b)).collect())?
        }
        None => {
            let found = vm.type_name(args.at(1));
            return Err(vm.type_error(format!("fromhex() argument must be str or bytes-like, not {found}")));
        }
    };
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut at = 0;
    let digit = |at: usize| text.get(at).and_then(|c| char::from_u32(*c)).and_then(|c| c.to_digit(16));
    while at < text.len() {
        if u8::try_from(text[at]).is_ok_and(is_space) {
            at += 1;
            continue;
        }
        match (digit(at), digit(at + 1)) {
            (Some(high), Some(low)) => out.push((high << 4 | low) as u8),
            (None, _) => {
                return Err(vm.value_error(format!("non-hexadecimal number found in fromhex() arg at position {at}")));
            }
            (_, None) if at + 1 == text.len() => {
                return Err(vm.value_error("fromhex() arg must contain an even number of hexadecimal digits"));
            }
            (_, None) => {
                let at = at + 1;
                return Err(vm.value_error(format!("non-hexadecimal number found in fromhex() arg at position {at}")));
            }
        }
        at += 2;
    }
    let class = args.at(0);
    let made = vm.new_bytes(&out)?;
    if class == vm.types.bytes.as_value() { Ok(made) } else { vm.call(class, &[made]) }
}

fn decode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = |index: usize, default: &str| match args.opt(index) {
        None => Ok(default.to_owned()),
        Some(value) => match vm.as_str(value) {
            Some(text) => Ok(text.to_text().into_owned()),
            None => {
                let (which, found) = (["", "encoding", "errors"][index], vm.type_name(value));
                Err(vm.type_error(format!("decode() argument '{which}' must be str, not {found}")))
            }
        },
    };
    let (encoding, errors) = (name(1, "utf-8")?, name(2, "strict")?);
    vm.decode_bytes(args.at(0), &encoding, &errors)
}

fn mapped(vm: &Vm, args: &[Arg], map: impl Fn(usize, &[u8]) -> u8) -> PyResult<Value> {
    let content = own(vm, args.at(0))?;
    let out: Vec<u8> = (0..content.len()).map(|index| map(index, &content)).collect();
    like(vm, args.at(0), &out)
}

fn all(vm: &Vm, args: &[Arg], class: fn(&u8) -> bool) -> PyResult<Value> {
    let content = own(vm, args.at(0))?;
    Ok(Value::from_bool(!content.is_empty() && content.iter().all(class)))
}

/// At least one letter of `class`, none of `other`.
fn cased(vm: &Vm, args: &[Arg], class: fn(&u8) -> bool, other: fn(&u8) -> bool) -> PyResult<Value> {
    let content = own(vm, args.at(0))?;
    Ok(Value::from_bool(content.iter().any(class) && !content.iter().any(other)))
}

fn is_title(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (mut cased, mut previous) = (false, false);
    for &byte in own(vm, args.at(0))?.iter() {
        let fits = if previous { byte.is_ascii_lowercase() } else { byte.is_ascii_uppercase() };
        if byte.is_ascii_alphabetic() && !fits {
            return Ok(Value::FALSE);
        }
        previous = byte.is_ascii_alphabetic();
        cased |= previous;
    }
    Ok(Value::from_bool(cased))
}

macro_rules! shared_methods {
    ($($extra:expr),* $(,)?) => {
        &[
            $($extra,)*
            NativeDef::method("find", "self, sub, start=None, end=None, /", |vm, args| or_minus_one(vm, search(vm, args, find_first)?)),
            NativeDef::method("rfind", "self, sub, start=None, end=None, /", |vm, args| or_minus_one(vm, search(vm, args, find_last)?)),
            NativeDef::method("index", "self, sub, start=None, end=None, /", |vm, args| or_error(vm, search(vm, args, find_first)?)),
            NativeDef::method("rindex", "self, sub, start=None, end=None, /", |vm, args| or_error(vm, search(vm, args, find_last)?)),
            NativeDef::method("count", "self, sub, start=None, end=None, /", count),
            NativeDef::method("startswith", "self, prefix, start=None, end=None, /", |vm, args| affix(vm, args, "startswith", true)),
            NativeDef::method("endswith", "self, suffix, start=None, end=None, /", |vm, args| affix(vm, args, "endswith", false)),
            NativeDef::method("strip", "self, bytes=None, /", |vm, args| strip(vm, args, true, true)),
            NativeDef::method("lstrip", "self, bytes=None, /", |vm, args| strip(vm, args, true, false)),
            NativeDef::method("rstrip", "self, bytes=None, /", |vm, args| strip(vm, args, false, true)),
            NativeDef::method("split", "self, /, sep=None, maxsplit=-1", split),
            NativeDef::method("rsplit", "self, /, sep=None, maxsplit=-1", rsplit),
            NativeDef::method("splitlines", "self, /, keepends=False", split_lines),
            NativeDef::method("partition", "self, sep, /", |vm, args| partition(vm, args, find_first, false)),
            NativeDef::method("rpartition", "self, sep, /", |vm, args| partition(vm, args, find_last, true)),
            NativeDef::method("replace", "self, old, new, count=-1, /", replace),
            NativeDef::method("join", "self, iterable_of_bytes, /", join),
            NativeDef::method("center", "self, width, fillchar=b' ', /", |vm, args| {
                justify(vm, args, "center", |padding, width| padding / 2 + (padding & width & 1))
            }),
            NativeDef::method("ljust", "self, width, fillchar=b' ', /", |vm, args| justify(vm, args, "ljust", |_, _| 0)),
            NativeDef::method("rjust", "self, width, fillchar=b' ', /", |vm, args| justify(vm, args, "rjust", |padding, _| padding)),
            NativeDef::method("zfill", "self, width, /", zfill),
            NativeDef::method("expandtabs", "self, /, tabsize=8", expand_tabs),
            NativeDef::method("translate", "self, table, /, delete=b''", translate),
            NativeDef::static_method("maketrans", "frm, to, /", make_trans),
            NativeDef::method("removeprefix", "self, prefix, /", |vm, args| remove_affix(vm, args, true)),
            NativeDef::method("removesuffix", "self, suffix, /", |vm, args| remove_affix(vm, args, false)),
            NativeDef::method("hex", "self, /, sep=<unrepresentable>, bytes_per_sep=1", hex),
            NativeDef::class_method("fromhex", "cls, string, /", from_hex),
            NativeDef::method("decode", "self, /, encoding='utf-8', errors='strict'", decode),
            NativeDef::method("upper", "self, /", |vm, args| mapped(vm, args, |index, bytes| bytes[index].to_ascii_uppercase())),
            NativeDef::method("lower", "self, /", |vm, args| mapped(vm, args, |index, bytes| bytes[index].to_ascii_lowercase())),
            NativeDef::method("capitalize", "self, /", |vm, args| {
                mapped(vm, args, |index, bytes| {
                    if index == 0 { bytes[0].to_ascii_uppercase() } else { bytes[index].to_ascii_lowercase() }
                })
            }),
            NativeDef::method("title", "self, /", |vm, args| {
                mapped(vm, args, |index, bytes| {
                    let inner = index > 0 && bytes[index - 1].is_ascii_alphabetic();
                    if inner { bytes[index].to_ascii_lowercase() } else { bytes[index].to_ascii_uppercase() }
                })
            }),
            NativeDef::method("swapcase", "self, /", |vm, args| {
                mapped(vm, args, |index, bytes| {
                    if bytes[index].is_ascii_alphabetic() { bytes[index] ^ 0x20 } else { bytes[index] }
                })
            }),
            NativeDef::method("isalpha", "self, /", |vm, args| all(vm, args, u8::is_ascii_alphabetic)),
            NativeDef::method("isdigit", "self, /", |vm, args| all(vm, args, u8::is_ascii_digit)),
            NativeDef::method("isalnum", "self, /", |vm, args| all(vm, args, u8::is_ascii_alphanumeric)),
            NativeDef::method("isspace", "self, /", |vm, args| all(vm, args, |byte| is_space(*byte))),
            NativeDef::method("isascii", "self, /", |vm, args| Ok(Value::from_bool(own(vm, args.at(0))?.is_ascii()))),
            NativeDef::method("islower", "self, /", |vm, args| cased(vm, args, u8::is_ascii_lowercase, u8::is_ascii_uppercase)),
            NativeDef::method("isupper", "self, /", |vm, args| cased(vm, args, u8::is_ascii_uppercase, u8::is_ascii_lowercase)),
            NativeDef::method("istitle", "self, /", is_title),
        ]
    };
}

pub(crate) static METHODS: &[NativeDef] = shared_methods![
    NativeDef::method("__sizeof__", "self, /", |vm, args| vm.new_uint(33 + own(vm, args.at(0))?.len())),
    NativeDef::method("__bytes__", "self, /", |vm, args| vm.new_bytes(&own(vm, args.at(0))?)),
    NativeDef::method("__getnewargs__", "self, /", |vm, args| vm.new_tuple(&[vm.new_bytes(&own(vm, args.at(0))?)?])),
];

/// Replaces a part of a bytearray and returns None.
fn splice(vm: &Vm, args: &[Arg], start: usize, end: usize, new: &[u8]) -> PyResult<Value> {
    vm.bytearray_splice(bytearray::own(vm, args.at(0)), start, end, new)?;
    Ok(Value::NONE)
}

fn len(vm: &Vm, args: &[Arg]) -> usize {
    bytearray::own(vm, args.at(0)).as_slice().len()
}

fn pop(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let index = args.opt(1).map_or(Ok(-1), |index| vm.index_i64(index))?;
    let len = len(vm, args) as i64;
    if len == 0 {
        return Err(vm.index_error("pop from empty bytearray"));
    }
    let at = if index < 0 { index + len } else { index };
    if !(0..len).contains(&at) {
        return Err(vm.index_error("pop index out of range"));
    }
    let at = at as usize;
    let removed = bytearray::own(vm, args.at(0)).as_slice()[at];
    splice(vm, args, at, at + 1, &[])?;
    vm.new_int(i64::from(removed))
}

fn resize(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let size = vm.index_i64(args.at(1))?;
    let Ok(size) = usize::try_from(size) else {
        return Err(vm.value_error(format!("bytearray.resize(): new size must be >= 0, got {size}")));
    };
    let len = len(vm, args);
    vm.check_native_bytes(size)?;
    if size < len { splice(vm, args, size, len, &[]) } else { splice(vm, args, len, len, &vec![0; size - len]) }
}

pub(crate) static BYTEARRAY_METHODS: &[NativeDef] = shared_methods![
    NativeDef::method("append", "self, item, /", |vm, args| {
        let byte = vm.byte_argument(args.at(1))?;
        let len = len(vm, args);
        splice(vm, args, len, len, &[byte])
    }),
    NativeDef::method("extend", "self, iterable_of_ints, /", |vm, args| {
        let more = vm.collect_bytes(args.at(1), "extend")?;
        let len = len(vm, args);
        splice(vm, args, len, len, &more)
    }),
    NativeDef::method("insert", "self, index, item, /", |vm, args| {
        let (index, byte) = (vm.index_i64(args.at(1))?, vm.byte_argument(args.at(2))?);
        let len = len(vm, args) as i64;
        let at = if index < 0 { index.saturating_add(len).max(0) } else { index.min(len) } as usize;
        splice(vm, args, at, at, &[byte])
    }),
    NativeDef::method("pop", "self, index=-1, /", pop),
    NativeDef::method("remove", "self, value, /", |vm, args| {
        let byte = vm.byte_argument(args.at(1))?;
        match memchr::memchr(byte, bytearray::own(vm, args.at(0)).as_slice()) {
            Some(at) => splice(vm, args, at, at + 1, &[]),
            None => Err(vm.value_error("value not found in bytearray")),
        }
    }),
    NativeDef::method("clear", "self, /", |vm, args| splice(vm, args, 0, len(vm, args), &[])),
    NativeDef::method("reverse", "self, /", |vm, args| {
        let mut content = bytearray::own(vm, args.at(0)).as_slice().to_vec();
        content.reverse();
        splice(vm, args, 0, content.len(), &content)
    }),
    NativeDef::method("copy", "self, /", |vm, args| vm.new_bytearray(&own(vm, args.at(0))?)),
    NativeDef::method("resize", "self, size, /", resize),
    NativeDef::method("__alloc__", "self, /", |vm, args| vm.new_uint(len(vm, args) + 1)),
    NativeDef::method("__reduce__", "self, /", |vm, args| reduce(vm, args, 2)),
    NativeDef::method("__reduce_ex__", "self, proto=0, /", |vm, args| {
        let protocol = args.opt(1).map_or(Ok(0), |protocol| vm.index_i64(protocol))?;
        reduce(vm, args, protocol)
    }),
];

/// What pickle stores: old protocols get Latin-1 text.
fn reduce(vm: &Vm, args: &[Arg], protocol: i64) -> PyResult<Value> {
    let class = vm.type_of(args.at(0)).as_value();
    let content = own(vm, args.at(0))?;
    let inner = match (content.is_empty(), protocol < 3) {
        (true, _) => *vm.empty_tuple,
        (false, true) => {
            let text = vm.new_str_latin1(&content)?;
            vm.new_tuple(&[text, vm.new_str("latin-1")?])?
        }
        (false, false) => vm.new_tuple(&[vm.new_bytes(&content)?])?,
    };
    let state = match vm.instance_dict(args.at(0))? {
        Some(dict) => dict.as_value(),
        None => Value::NONE,
    };
    vm.new_tuple(&[class, inner, state])
}
