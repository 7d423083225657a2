//! Methods of `str`. Source: Objects/unicodeobject.c.

use cinder_heap::Gc;
use cinder_layout::Value;

use super::search::{Unit as _, find, matches_at, occurrences, rfind};
use super::unicode as uc;
use super::{Chars, PyStr, repr};
use crate::native::{Arg, ArgsExt, NativeDef, PyResult, as_args};
use crate::value_vec::ValueVec;
use crate::vm::Vm;
use crate::with_chars;

fn own(vm: &Vm, args: &[Arg]) -> Gc<PyStr> {
    vm.as_str(args.at(0)).expect("method of str")
}

/// A str argument. Errors: TypeError `{function}() argument {place} must be str, not X`.
fn text_arg(vm: &Vm, value: Value, function: &str, place: &str) -> PyResult<Gc<PyStr>> {
    vm.as_str(value).ok_or_else(|| {
        let found = vm.type_name(value);
        vm.type_error(format!("{function}() {place} must be str, not {found}"))
    })
}

impl Vm {
    /// Optional start and end of a search, clamped to `0..=len`; `None` when the range is empty because start lies behind the end.
    pub fn search_range(&self, start: Option<Value>, end: Option<Value>, len: usize) -> PyResult<(usize, usize)> {
        let bound = |value: Option<Value>, default: i64| match value.filter(|value| !value.is_none()) {
            None => Ok(default),
            Some(value) if self.type_of(value).slots().index.is_some() => self.index_clamped(value),
            Some(_) => Err(self.type_error("slice indices must be integers or None or have an __index__ method")),
        };
        let len = len as i64;
        let clamp = |number: i64| if number < 0 { (number.saturating_add(len)).max(0) } else { number };
        let (start, end) = (clamp(bound(start, 0)?), clamp(bound(end, len)?).min(len));
        Ok((start as usize, end as usize))
    }
}

macro_rules! all_chars {
    ($name:ident, $class:path) => {
        fn $name(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
            let text = own(vm, args);
            Ok(Value::from_bool(!text.is_empty() && text.iter().all($class)))
        }
    };
}

all_chars!(is_alpha, uc::is_alpha);
all_chars!(is_decimal, uc::is_decimal);
all_chars!(is_digit, uc::is_digit);
all_chars!(is_numeric, uc::is_numeric);
all_chars!(is_space, uc::is_space);

/// Cased, and every cased character satisfies `class`.
fn all_cased(vm: &Vm, args: &[Arg], class: fn(u32) -> bool, other: fn(u32) -> bool) -> PyResult<Value> {
    let text = own(vm, args);
    let mut cased = false;
    for c in text.iter() {
        if other(c) || uc::is_title(c) {
            return Ok(Value::FALSE);
        }
        cased |= class(c);
    }
    Ok(Value::from_bool(cased))
}

fn is_title(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (mut cased, mut previous) = (false, false);
    for c in own(vm, args).iter() {
        if uc::is_upper(c) || uc::is_title(c) {
            if previous {
                return Ok(Value::FALSE);
            }
            (cased, previous) = (true, true);
        } else if uc::is_lower(c) {
            if !previous {
                return Ok(Value::FALSE);
            }
            cased = true;
        } else {
            previous = false;
        }
    }
    Ok(Value::from_bool(cased))
}

/// Whether the text is a valid identifier.
pub fn is_identifier_text(text: &PyStr) -> bool {
    let mut chars = text.iter();
    chars.next().is_some_and(uc::is_identifier_start) && chars.all(uc::is_identifier_continue)
}

/// Applies `convert` to the code points.
fn converted(vm: &Vm, args: &[Arg], convert: impl Fn(&[u32], usize, &mut Vec<u32>)) -> PyResult<Value> {
    let chars: Vec<u32> = own(vm, args).iter().collect();
    let mut out = Vec::with_capacity(chars.len());
    for index in 0..chars.len() {
        convert(&chars, index, &mut out);
    }
    vm.new_str_points(&out)
}

fn ascii_mapped(vm: &Vm, args: &[Arg], map: fn(&u8) -> u8) -> Option<PyResult<Value>> {
    let text = own(vm, args);
    let bytes: Vec<u8> = text.as_ascii()?.bytes().map(|b| map(&b)).collect();
    Some(vm.new_str_latin1(&bytes))
}

fn upper(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    ascii_mapped(vm, args, u8::to_ascii_uppercase)
        .unwrap_or_else(|| converted(vm, args, |chars, index, out| uc::to_upper(chars[index], out)))
}

fn lower(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    ascii_mapped(vm, args, u8::to_ascii_lowercase).unwrap_or_else(|| converted(vm, args, uc::to_lower))
}

fn title(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    converted(vm, args, |chars, index, out| {
        if index > 0 && uc::is_cased(chars[index - 1]) {
            uc::to_lower(chars, index, out);
        } else {
            uc::to_title(chars[index], out);
        }
    })
}

fn find_with(
    vm: &Vm,
    args: &[Arg],
    name: &str,
    search: fn(&PyStr, &PyStr, usize, usize) -> Option<usize>,
) -> PyResult<Option<usize>> {
    let text = own(vm, args);
    let needle = text_arg(vm, args.at(1), name, "argument 1")?;
    let (start, end) = vm.search_range(args.opt(2), args.opt(3), text.len())?;
    Ok(search(&text, &needle, start, end))
}

fn index_or_minus_one(vm: &Vm, found: Option<usize>) -> PyResult<Value> {
    found.map_or_else(|| vm.new_int(-1), |at| vm.new_uint(at))
}

fn index_or_error(vm: &Vm, found: Option<usize>) -> PyResult<Value> {
    found.map_or_else(|| Err(vm.value_error("substring not found")), |at| vm.new_uint(at))
}

fn count(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let text = own(vm, args);
    let needle = text_arg(vm, args.at(1), "count", "argument 1")?;
    let (start, end) = vm.search_range(args.opt(2), args.opt(3), text.len())?;
    if start > end {
        return Ok(Value::ZERO);
    }
    if needle.is_empty() {
        return vm.new_uint(end - start + 1);
    }
    vm.new_uint(occurrences(&text, &needle, start, end).count())
}

/// `startswith` and `endswith`.
fn affix(vm: &Vm, args: &[Arg], name: &str, at_start: bool) -> PyResult<Value> {
    let text = own(vm, args);
    let (start, end) = match (args.opt(2), args.opt(3)) {
        (None, None) => (0, text.len()),
        (start, end) => vm.search_range(start, end, text.len())?,
    };
    let check = |affix: Gc<PyStr>| {
        if start > end || affix.len() > end - start {
            return false;
        }
        matches_at(&text, &affix, if at_start { start } else { end - affix.len() })
    };
    if let Some(tuple) = vm.as_tuple(args.at(1)) {
        for item in tuple.items() {
            let Some(affix) = vm.as_str(*item) else {
                let found = vm.type_name(*item);
                return Err(vm.type_error(format!("tuple for {name} must only contain str, not {found}")));
            };
            if check(affix) {
                return Ok(Value::TRUE);
            }
        }
        return Ok(Value::FALSE);
    }
    match vm.as_str(args.at(1)) {
        Some(affix) => Ok(Value::from_bool(check(affix))),
        None => {
            let found = vm.type_name(args.at(1));
            Err(vm.type_error(format!("{name} first arg must be str or a tuple of str, not {found}")))
        }
    }
}

/// `strip` family: which characters, which sides.
fn strip(vm: &Vm, args: &[Arg], name: &str, left: bool, right: bool) -> PyResult<Value> {
    let text = own(vm, args);
    let chars = match args.opt(1).filter(|chars| !chars.is_none()) {
        Some(chars) => Some(vm.as_str(chars).ok_or_else(|| vm.type_error(format!("{name} arg must be None or str")))?),
        None => None,
    };
    let cut = |c: u32| match &chars {
        Some(chars) => chars.iter().any(|other| other == c),
        None => uc::is_space(c),
    };
    let (start, end) = with_chars!(text, items => {

        let start = if left { items.iter().take_while(|c| cut(c.point())).count() } else { 0 };
        let rest = &items[start..];
        (start, items.len() - if right { rest.iter().rev().take_while(|c| cut(c.point())).count() } else { 0 })
    });
    vm.str_slice(text, start, end)
}

fn split_limit(vm: &Vm, args: &[Arg]) -> PyResult<usize> {
    let limit = args.opt(2).map_or(Ok(-1), |limit| vm.index_i64(limit))?;
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}

fn separator(vm: &Vm, args: &[Arg]) -> PyResult<Option<Gc<PyStr>>> {
    let Some(value) = args.opt(1).filter(|value| !value.is_none()) else { return Ok(None) };
    let Some(separator) = vm.as_str(value) else {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("must be str or None, not {found}")));
    };
    if separator.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    Ok(Some(separator))
}

fn split(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (text, limit) = (own(vm, args), split_limit(vm, args)?);
    let mut parts: ValueVec<[Value; 16]> = ValueVec::new();
    let len = text.len();
    match separator(vm, args)? {
        Some(separator) => {
            let mut start = 0;
            while parts.len() < limit
                && let Some(at) = find(&text, &separator, start, len)
            {
                parts.push(vm.str_slice(text, start, at)?);
                start = at + separator.len();
            }
            parts.push(vm.str_slice(text, start, len)?);
        }
        None => with_chars!(text, items => {
            let is_space = |at: usize| uc::is_space(items[at].point());
            let mut at = 0;
            loop {
                while at < len && is_space(at) {
                    at += 1;
                }
                if at == len {
                    break;
                }
                let start = at;
                if parts.len() >= limit {
                    parts.push(vm.str_slice(text, start, len)?);
                    break;
                }
                while at < len && !is_space(at) {
                    at += 1;
                }
                parts.push(vm.str_slice(text, start, at)?);
            }
        }),
    }
    vm.new_list(&parts)
}

fn rsplit(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (text, limit) = (own(vm, args), split_limit(vm, args)?);
    let mut parts: ValueVec<[Value; 16]> = ValueVec::new();
    match separator(vm, args)? {
        Some(separator) => {
            let mut end = text.len();
            while parts.len() < limit
                && let Some(at) = rfind(&text, &separator, 0, end)
            {
                parts.push(vm.str_slice(text, at + separator.len(), end)?);
                end = at;
            }
            parts.push(vm.str_slice(text, 0, end)?);
        }
        None => {
            let mut at = text.len();
            loop {
                while at > 0 && uc::is_space(text.char_at(at - 1)) {
                    at -= 1;
                }
                if at == 0 {
                    break;
                }
                let end = at;
                if parts.len() >= limit {
                    parts.push(vm.str_slice(text, 0, end)?);
                    break;
                }
                while at > 0 && !uc::is_space(text.char_at(at - 1)) {
                    at -= 1;
                }
                parts.push(vm.str_slice(text, at, end)?);
            }
        }
    }
    parts.reverse();
    vm.new_list(&parts)
}

fn split_lines(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let text = own(vm, args);
    let keep = args.opt(1).map_or(Ok(false), |keep| vm.truthy(keep))?;
    let mut lines: ValueVec<[Value; 16]> = ValueVec::new();
    let (mut start, len) = (0, text.len());
    while start < len {
        let end = (start..len).find(|at| uc::is_line_break(text.char_at(*at))).unwrap_or(len);
        let crlf = end + 1 < len && text.char_at(end) == 0x0d && text.char_at(end + 1) == 0x0a;
        let next = (end + 1 + usize::from(crlf)).min(len);
        lines.push(vm.str_slice(text, start, if keep { next } else { end })?);
        start = next;
    }
    vm.new_list(&lines)
}

fn partition(vm: &Vm, args: &[Arg], reverse: bool) -> PyResult<Value> {
    let text = own(vm, args);
    let Some(separator) = vm.as_str(args.at(1)) else {
        let found = vm.type_name(args.at(1));
        return Err(vm.type_error(format!("must be str, not {found}")));
    };
    if separator.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let (len, empty) = (text.len(), vm.names.empty);
    let found = if reverse { rfind(&text, &separator, 0, len) } else { find(&text, &separator, 0, len) };
    match found {
        Some(at) => {
            let before = vm.str_slice(text, 0, at)?;
            let after = vm.str_slice(text, at + separator.len(), len)?;
            vm.new_tuple(&[before, separator.as_value(), after])
        }
        None if reverse => vm.new_tuple(&[empty, empty, vm.str_slice(text, 0, len)?]),
        None => vm.new_tuple(&[vm.str_slice(text, 0, len)?, empty, empty]),
    }
}

/// `replace` where all strings are Latin-1.
fn replace_bytes(vm: &Vm, text: Gc<PyStr>, hay: &[u8], needle: &[u8], filler: &[u8], limit: usize) -> PyResult<Value> {
    let mut places = memchr::memmem::find_iter(hay, needle).take(limit).peekable();
    if places.peek().is_none() {
        return vm.str_slice(text, 0, hay.len());
    }
    let (mut out, mut start) = (Vec::with_capacity(hay.len()), 0);
    for at in places {
        out.extend_from_slice(&hay[start..at]);
        out.extend_from_slice(filler);
        start = at + needle.len();
    }
    out.extend_from_slice(&hay[start..]);
    vm.new_str_latin1(&out)
}

fn replace(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let text = own(vm, args);
    let old = text_arg(vm, args.at(1), "replace", "argument 1")?;
    let new = text_arg(vm, args.at(2), "replace", "argument 2")?;
    let limit = args.opt(3).map_or(Ok(-1), |limit| vm.index_i64(limit))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let len = text.len();
    if let (Chars::One(hay), Chars::One(needle), Chars::One(filler)) = (text.chars(), old.chars(), new.chars())
        && !needle.is_empty()
    {
        return replace_bytes(vm, text, hay, needle, filler, limit);
    }
    // Pieces of the text between the replacements.
    let mut pieces: ValueVec<[Value; 16]> = ValueVec::new();
    if old.is_empty() {
        let count = limit.min(len + 1);
        if count == 0 {
            return vm.str_slice(text, 0, len);
        }
        pieces.push(vm.names.empty);
        for at in 0..count - 1 {
            pieces.push(vm.str_of_char(text.char_at(at))?);
        }
        pieces.push(vm.str_slice(text, count - 1, len)?);
    } else {
        let mut start = 0;
        for at in occurrences(&text, &old, 0, len).take(limit) {
            pieces.push(vm.str_slice(text, start, at)?);
            start = at + old.len();
        }
        if start == 0 && pieces.is_empty() {
            return vm.str_slice(text, 0, len);
        }
        pieces.push(vm.str_slice(text, start, len)?);
    }
    vm.str_join_values(&pieces, Some(new))
}

impl Vm {
    /// Strings joined. Panics: an item is no str.
    pub fn str_join_values(&self, items: &[Value], separator: Option<Gc<PyStr>>) -> PyResult<Value> {
        let parts: smallvec::SmallVec<[Gc<PyStr>; 16]> =
            items.iter().map(|item| self.as_str(*item).expect("caller checked the items")).collect();
        // `items` keeps the strings alive.
        self.str_join_parts(&parts, separator)
    }
}

fn join(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let separator = own(vm, args);
    let mut items: ValueVec<[Value; 16]> = ValueVec::new();
    if vm.type_of(args.at(1)).slots().iter.is_none() && vm.type_of(args.at(1)).slots().getitem.is_none() {
        return Err(vm.type_error("can only join an iterable"));
    }
    vm.for_each(args.at(1), |item| {
        items.push(item);
        Ok(())
    })?;
    for (index, item) in items.iter().enumerate() {
        if !vm.is_str(*item) {
            let found = vm.type_name(*item);
            return Err(vm.type_error(format!("sequence item {index}: expected str instance, {found} found")));
        }
    }
    match items.as_slice() {
        [] => Ok(vm.names.empty),
        [only] if vm.is_exact_str(*only) => Ok(*only),
        _ => vm.str_join_values(&items, Some(separator)),
    }
}

/// `center`, `ljust`, `rjust`: how much of the padding goes left.
fn justify(vm: &Vm, args: &[Arg], left_of: fn(usize, usize) -> usize) -> PyResult<Value> {
    let text = own(vm, args);
    let width = usize::try_from(vm.index_i64(args.at(1))?).unwrap_or(0);
    let fill = match args.opt(2) {
        None => 0x20,
        Some(fill) => match vm.as_str(fill) {
            Some(fill) if fill.len() == 1 => fill.char_at(0),
            Some(_) => return Err(vm.type_error("The fill character must be exactly one character long")),
            None => {
                let found = vm.type_name(fill);
                return Err(vm.type_error(format!("The fill character must be a unicode character, not {found}")));
            }
        },
    };
    let len = text.len();
    if width <= len {
        return vm.str_slice(text, 0, len);
    }
    vm.check_native_bytes(width.saturating_mul(4))?;
    let left = left_of(width - len, width);
    let mut points = vec![fill; left];
    points.extend(text.iter());
    points.resize(width, fill);
    vm.new_str_points(&points)
}

fn zfill(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let text = own(vm, args);
    let width = usize::try_from(vm.index_i64(args.at(1))?).unwrap_or(0);
    let len = text.len();
    if width <= len {
        return vm.str_slice(text, 0, len);
    }
    vm.check_native_bytes(width.saturating_mul(4))?;
    let mut points: Vec<u32> = text.iter().collect();
    let sign = usize::from(matches!(points.first(), Some(0x2b | 0x2d)));
    points.splice(sign..sign, std::iter::repeat_n(0x30, width - len));
    vm.new_str_points(&points)
}

fn expand_tabs(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let size = args.opt(1).map_or(Ok(8), |size| vm.index_i64(size))?;
    let (mut column, mut out) = (0i64, Vec::new());
    for c in own(vm, args).iter() {
        match c {
            0x09 if size > 0 => {
                let spaces = size - column % size;
                vm.check_native_bytes((out.len() + spaces as usize).saturating_mul(4))?;
                out.resize(out.len() + spaces as usize, 0x20);
                column += spaces;
            }
            0x09 => {}
            0x0a | 0x0d => {
                out.push(c);
                column = 0;
            }
            _ => {
                out.push(c);
                column += 1;
            }
        }
    }
    vm.new_str_points(&out)
}

fn translate(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (text, table) = (own(vm, args), args.at(1));
    let mut out = Vec::with_capacity(text.len());
    for c in text.iter() {
        let found = vm.getitem(table, vm.new_int(i64::from(c))?);
        let Some(mapped) = vm.catch(found, vm.exceptions.LookupError)? else {
            out.push(c);
            continue;
        };
        if mapped.is_none() {
            continue;
        }
        if let Some(text) = vm.as_str(mapped) {
            out.extend(text.iter());
            continue;
        }
        match vm.int_to_i64(mapped) {
            Some(code @ 0..0x11_0000) => out.push(code as u32),
            _ if vm.is_int(mapped) => {
                return Err(vm.value_error("character mapping must be in range(0x110000)"));
            }
            _ => return Err(vm.type_error("character mapping must return integer, None or str")),
        }
    }
    vm.new_str_points(&out)
}

fn make_trans(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let table = vm.new_pydict()?;
    let key_of = |c: u32| vm.new_int(i64::from(c));
    let Some(to) = args.opt(1) else {
        let Some(dict) = vm.as_dict(args.at(0)) else {
            return Err(vm.type_error("if you give only one argument to maketrans it must be a dict"));
        };
        for number in 0..dict.entry_count() {
            let Some((key, value)) = dict.entry(number) else { continue };
            let key = match vm.as_str(key) {
                Some(text) if text.len() == 1 => key_of(text.char_at(0))?,
                Some(_) => return Err(vm.value_error("string keys in translatetable must be of length 1")),
                None if vm.is_int(key) => key,
                None => return Err(vm.type_error("keys in translate table must be strings or integers")),
            };
            vm.dict_insert(table, key, value)?;
        }
        return Ok(table.as_value());
    };
    let Some(from) = vm.as_str(args.at(0)) else {
        return Err(vm.type_error("first maketrans argument must be a string if there is a second argument"));
    };
    let to = text_arg(vm, to, "maketrans", "argument 2")?;
    if from.len() != to.len() {
        return Err(vm.value_error("the first two maketrans arguments must have equal length"));
    }
    for index in 0..from.len() {
        vm.dict_insert(table, key_of(from.char_at(index))?, key_of(to.char_at(index))?)?;
    }
    if let Some(removed) = args.opt(2) {
        for c in text_arg(vm, removed, "maketrans", "argument 3")?.iter() {
            vm.dict_insert(table, key_of(c)?, Value::NONE)?;
        }
    }
    Ok(table.as_value())
}

fn remove_affix(vm: &Vm, args: &[Arg], name: &str, prefix: bool) -> PyResult<Value> {
    let text = own(vm, args);
    let affix = text_arg(vm, args.at(1), name, "argument")?;
    let (len, cut) = (text.len(), affix.len());
    if prefix && matches_at(&text, &affix, 0) {
        return vm.str_slice(text, cut, len);
    }
    if !prefix && cut > 0 && cut <= len && matches_at(&text, &affix, len - cut) {
        return vm.str_slice(text, 0, len - cut);
    }
    vm.str_slice(text, 0, len)
}

fn encode(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    // ASCII text is its own encoding, whatever errors are to do.
    let is_ascii_superset = match args.opt(1).map(|name| vm.as_str(name)) {
        None => true,
        Some(name) => name.is_some_and(|name| matches!(name.as_ascii(), Some("utf-8" | "utf8" | "ascii" | "latin-1"))),
    };
    if is_ascii_superset
        && args.opt(2).is_none_or(|errors| vm.is_str(errors))
        && let Some(text) = own(vm, args).as_ascii()
    {
        return vm.new_bytes(text.as_bytes());
    }
    let name = |index: usize, default: &str| match args.opt(index) {
        Some(value) => {
            text_arg(vm, value, "encode", &format!("argument {index}")).map(|text| text.to_text().into_owned())
        }
        None => Ok(default.to_owned()),
    };
    let (encoding, errors) = (name(1, "utf-8")?, name(2, "strict")?);
    vm.encode_text(args.at(0), &encoding, &errors)
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::method("isalpha", "self, /", is_alpha),
    NativeDef::method("isdecimal", "self, /", is_decimal),
    NativeDef::method("isdigit", "self, /", is_digit),
    NativeDef::method("isnumeric", "self, /", is_numeric),
    NativeDef::method("isspace", "self, /", is_space),
    NativeDef::method("isalnum", "self, /", |vm, args| {
        let text = own(vm, args);
        Ok(Value::from_bool(!text.is_empty() && text.iter().all(uc::is_alphanumeric)))
    }),
    NativeDef::method("isascii", "self, /", |vm, args| Ok(Value::from_bool(own(vm, args).is_ascii()))),
    NativeDef::method("isprintable", "self, /", |vm, args| {
        Ok(Value::from_bool(own(vm, args).iter().all(uc::is_printable)))
    }),
    NativeDef::method("isidentifier", "self, /", |vm, args| Ok(Value::from_bool(is_identifier_text(&own(vm, args))))),
    NativeDef::method("islower", "self, /", |vm, args| all_cased(vm, args, uc::is_lower, uc::is_upper)),
    NativeDef::method("isupper", "self, /", |vm, args| all_cased(vm, args, uc::is_upper, uc::is_lower)),
    NativeDef::method("istitle", "self, /", is_title),
    NativeDef::method("upper", "self, /", upper),
    NativeDef::method("lower", "self, /", lower),
    NativeDef::method("title", "self, /", title),
    NativeDef::method("capitalize", "self, /", |vm, args| {
        converted(
            vm,
            args,
            |chars, index, out| {
                if index == 0 { uc::to_title(chars[0], out) } else { uc::to_lower(chars, index, out) }
            },
        )
    }),
    NativeDef::method("swapcase", "self, /", |vm, args| {
        converted(vm, args, |chars, index, out| {
            if uc::is_upper(chars[index]) {
                uc::to_lower(chars, index, out);
            } else if uc::is_lower(chars[index]) {
                uc::to_upper(chars[index], out);
            } else {
                out.push(chars[index]);
            }
        })
    }),
    NativeDef::method("casefold", "self, /", |vm, args| {
        converted(vm, args, |chars, index, out| uc::to_folded(chars[index], out))
    }),
    NativeDef::method("find", "self, sub, start=None, end=None, /", |vm, args| {
        index_or_minus_one(vm, find_with(vm, args, "find", find)?)
    }),
    NativeDef::method("rfind", "self, sub, start=None, end=None, /", |vm, args| {
        index_or_minus_one(vm, find_with(vm, args, "rfind", rfind)?)
    }),
    NativeDef::method("index", "self, sub, start=None, end=None, /", |vm, args| {
        index_or_error(vm, find_with(vm, args, "index", find)?)
    }),
    NativeDef::method("rindex", "self, sub, start=None, end=None, /", |vm, args| {
        index_or_error(vm, find_with(vm, args, "rindex", rfind)?)
    }),
    NativeDef::method("count", "self, sub, start=None, end=None, /", count),
    NativeDef::method("startswith", "self, prefix, start=None, end=None, /", |vm, args| {
        affix(vm, args, "startswith", true)
    }),
    NativeDef::method("endswith", "self, suffix, start=None, end=None, /", |vm, args| {
        affix(vm, args, "endswith", false)
    }),
    NativeDef::method("strip", "self, chars=None, /", |vm, args| strip(vm, args, "strip", true, true)),
    NativeDef::method("lstrip", "self, chars=None, /", |vm, args| strip(vm, args, "lstrip", true, false)),
    NativeDef::method("rstrip", "self, chars=None, /", |vm, args| strip(vm, args, "rstrip", false, true)),
    NativeDef::method("split", "self, /, sep=None, maxsplit=-1", split),
    NativeDef::method("rsplit", "self, /, sep=None, maxsplit=-1", rsplit),
    NativeDef::method("splitlines", "self, /, keepends=False", split_lines),
    NativeDef::method("partition", "self, sep, /", |vm, args| partition(vm, args, false)),
    NativeDef::method("rpartition", "self, sep, /", |vm, args| partition(vm, args, true)),
    NativeDef::method("replace", "self, old, new, /, count=-1", replace),
    NativeDef::method("join", "self, iterable, /", join),
    NativeDef::method("center", "self, width, fillchar=' ', /", |vm, args| {
        justify(vm, args, |padding, width| padding / 2 + (padding & width & 1))
    }),
    NativeDef::method("ljust", "self, width, fillchar=' ', /", |vm, args| justify(vm, args, |_, _| 0)),
    NativeDef::method("rjust", "self, width, fillchar=' ', /", |vm, args| justify(vm, args, |padding, _| padding)),
    NativeDef::method("zfill", "self, width, /", zfill),
    NativeDef::method("expandtabs", "self, /, tabsize=8", expand_tabs),
    NativeDef::method("translate", "self, table, /", translate),
    NativeDef::static_method("maketrans", "x, y=<unrepresentable>, z=<unrepresentable>, /", make_trans),
    NativeDef::method("removeprefix", "self, prefix, /", |vm, args| remove_affix(vm, args, "removeprefix", true)),
    NativeDef::method("removesuffix", "self, suffix, /", |vm, args| remove_affix(vm, args, "removesuffix", false)),
    NativeDef::method("encode", "self, /, encoding='utf-8', errors='strict'", encode),
    NativeDef::method("format", "self, /, *args, **kwargs", |vm, args| {
        vm.str_format(own(vm, args), vm.tuple_items(args.at(1)), args.opt(2))
    })
    .positional(1, |vm, args| vm.str_format(own(vm, as_args(args)), &args[1..], None)),
    NativeDef::method("format_map", "self, mapping, /", |vm, args| vm.str_format_map(own(vm, args), args.at(1))),
    NativeDef::method("__format__", "self, format_spec, /", |vm, args| vm.format_str(args.at(0), args.at(1))),
    NativeDef::method("__getnewargs__", "self, /", |vm, args| {
        let text = own(vm, args);
        vm.new_tuple(&[vm.str_slice(text, 0, text.len())?])
    }),
    NativeDef::method("__sizeof__", "self, /", |vm, args| {
        vm.new_uint(41 + own(vm, args).len() * usize::from(own(vm, args).width))
    }),
];

pub(super) fn repr_value(vm: &Vm, value: Value) -> PyResult<Value> {
    let text = vm.as_str(value).expect("slot of str");
    vm.new_str_points(&repr::repr(&text, false))
}

impl Vm {
    /// `ascii(value)`.
    pub fn ascii(&self, value: Value) -> PyResult<Value> {
        let shown = self.repr(value)?;
        let text = self.as_str(shown).expect("repr gives a str");
        if text.is_ascii() {
            return Ok(shown);
        }
        let mut out = String::new();
        for c in text.iter() {
            match c {
                0..=0x7f => out.push(char::from(c as u8)),
                0x80..=0xff => out += &format!("\\x{c:02x}"),
                0x100..=0xffff => out += &format!("\\u{c:04x}"),
                _ => out += &format!("\\U{c:08x}"),
            }
        }
        self.new_str(&out)
    }
}
