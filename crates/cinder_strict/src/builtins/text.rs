//! `str`, `bytes`, `bytearray`.

use std::sync::Arc;

use super::{arity, known, method, plain, receiver, required};
use crate::machine::Machine;
use crate::object::{Body, Ty};
use crate::rules::Rule;
use crate::value::{Args, Native, R, Value};

/// The text of the receiver.
fn text(m: &mut Machine<'_>, a: &Args, name: &str) -> R<Arc<str>> {
    let x = receiver(m, a, name)?;
    match m.plain(&x) {
        Value::Str(text) => {
            m.charge(text.len() / 64)?;
            Ok(text)
        }
        _ => {
            let shown = m.type_name(&x);
            m.type_error(format!("descriptor '{name}' for 'str' objects doesn't apply to a '{shown}' object"))
        }
    }
}

/// An argument that is a string.
fn part(m: &mut Machine<'_>, a: &Args, at: usize, name: &str) -> R<Arc<str>> {
    let value = required(m, a, at, name)?;
    if value.is_unknown() {
        return m.unsupported_value(name, &value);
    }
    match m.plain(&value) {
        Value::Str(text) => Ok(text),
        _ => {
            let shown = m.type_name(&value);
            m.type_error(format!("{name} arg must be str, not {shown}"))
        }
    }
}

fn optional(m: &mut Machine<'_>, a: &Args, at: usize, name: &str) -> R<Option<Arc<str>>> {
    match a.pos.get(at) {
        None | Some(Value::None) => Ok(None),
        Some(_) => part(m, a, at, name).map(Some),
    }
}

fn new(text: impl Into<Arc<str>>) -> R {
    Ok(Value::Str(text.into()))
}

fn map(m: &mut Machine<'_>, a: &Args, name: &str, change: impl Fn(&str) -> String) -> R {
    arity(m, a, name, 1, 1)?;
    let text = text(m, a, name)?;
    m.charge(text.len() / 16)?;
    new(change(&text))
}

fn test(m: &mut Machine<'_>, a: &Args, name: &str, is_it: impl Fn(&str) -> bool) -> R {
    arity(m, a, name, 1, 1)?;
    let text = text(m, a, name)?;
    Ok(Value::Bool(is_it(&text)))
}

fn all(text: &str, is_it: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(is_it)
}

fn capitalize(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters.flat_map(char::to_lowercase)).collect(),
        None => String::new(),
    }
}

fn title(text: &str) -> String {
    let mut result = String::new();
    let mut is_inside = false;
    for character in text.chars() {
        if character.is_alphabetic() {
            if is_inside {
                result.extend(character.to_lowercase());
            } else {
                result.extend(character.to_uppercase());
            }
            is_inside = true;
        } else {
            result.push(character);
            is_inside = false;
        }
    }
    result
}

fn strip(m: &mut Machine<'_>, a: &Args, name: &str, left: bool, right: bool) -> R {
    arity(m, a, name, 1, 2)?;
    let text = text(m, a, name)?;
    let characters = optional(m, a, 1, name)?;
    let is_gone = |character: char| match &characters {
        Some(set) => set.contains(character),
        None => character.is_whitespace(),
    };
    let mut rest: &str = &text;
    if left {
        rest = rest.trim_start_matches(is_gone);
    }
    if right {
        rest = rest.trim_end_matches(is_gone);
    }
    new(rest)
}

fn split(m: &mut Machine<'_>, a: &Args, from_right: bool) -> R {
    let text = text(m, a, "split")?;
    let separator = match a.get(1, "sep") {
        None | Some(Value::None) => None,
        Some(value) => match m.plain(&value.clone()) {
            Value::Str(separator) => Some(separator),
            unknown @ Value::Unknown(_) => return m.unsupported_value("split", &unknown),
            _ => return m.type_error("must be str or None"),
        },
    };
    let most = match a.get(2, "maxsplit").cloned() {
        Some(most) => m.as_index(&most)?,
        None => -1,
    };
    m.charge(text.len() / 8)?;
    let limit = usize::try_from(most).ok();
    let parts: Vec<String> = match (&separator, from_right) {
        (Some(separator), _) if separator.is_empty() => return m.raise(Ty::ValueError, "empty separator"),
        (Some(separator), false) => match limit {
            Some(limit) => text.splitn(limit + 1, &**separator).map(String::from).collect(),
            None => text.split(&**separator).map(String::from).collect(),
        },
        (Some(separator), true) => {
            let mut parts: Vec<String> = match limit {
                Some(limit) => text.rsplitn(limit + 1, &**separator).map(String::from).collect(),
                None => text.rsplit(&**separator).map(String::from).collect(),
            };
            parts.reverse();
            parts
        }
        (None, _) => split_blanks(&text, limit, from_right),
    };
    let parts = parts.into_iter().map(|part| Value::Str(part.into())).collect();
    Ok(m.new_list(parts))
}

fn split_blanks(text: &str, limit: Option<usize>, from_right: bool) -> Vec<String> {
    let Some(limit) = limit else { return text.split_whitespace().map(String::from).collect() };
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if parts.len() == limit {
            parts.push(rest.to_string());
            break;
        }
        let place = if from_right { rest.rfind(char::is_whitespace) } else { rest.find(char::is_whitespace) };
        match place {
            None => {
                parts.push(rest.to_string());
                break;
            }
            Some(at) if from_right => {
                let width = rest[at..].chars().next().map_or(1, char::len_utf8);
                parts.push(rest[at + width..].to_string());
                rest = rest[..at].trim_end();
            }
            Some(at) => {
                parts.push(rest[..at].to_string());
                rest = rest[at..].trim_start();
            }
        }
    }
    if from_right {
        parts.reverse();
    }
    parts
}

fn partition(m: &mut Machine<'_>, a: &Args, from_right: bool) -> R {
    arity(m, a, "partition", 2, 2)?;
    let (text, separator) = (text(m, a, "partition")?, part(m, a, 1, "partition")?);
    if separator.is_empty() {
        return m.raise(Ty::ValueError, "empty separator");
    }
    let found = if from_right { text.rfind(&*separator) } else { text.find(&*separator) };
    let parts: [&str; 3] = match (found, from_right) {
        (Some(at), _) => [&text[..at], &separator, &text[at + separator.len()..]],
        (None, false) => [&text, "", ""],
        (None, true) => ["", "", &text],
    };
    Ok(Value::tuple(parts.map(Value::str)))
}

fn find(m: &mut Machine<'_>, a: &Args, name: &str, from_right: bool) -> R<Option<i64>> {
    arity(m, a, name, 2, 4)?;
    let (text, wanted) = (text(m, a, name)?, part(m, a, 1, name)?);
    let characters: Vec<char> = text.chars().collect();
    let (start, stop) = bounds(m, a, characters.len())?;
    if start > stop {
        return Ok(None);
    }
    let within: String = characters[start..stop].iter().collect();
    let at = if from_right { within.rfind(&*wanted) } else { within.find(&*wanted) };
    Ok(at.map(|at| (start + within[..at].chars().count()) as i64))
}

fn bounds(m: &mut Machine<'_>, a: &Args, len: usize) -> R<(usize, usize)> {
    let read = |m: &mut Machine<'_>, at: usize| match a.pos.get(at) {
        None | Some(Value::None) => Ok(None),
        Some(value) => m.as_index(&value.clone()).map(Some),
    };
    let (start, stop) = (read(m, 2)?, read(m, 3)?);
    let (start, stop) = crate::number::slice_bounds(start, stop, 1, len as i64);
    Ok((start as usize, (stop as usize).min(len)))
}

fn affix(m: &mut Machine<'_>, a: &Args, name: &str, is_prefix: bool) -> R {
    arity(m, a, name, 2, 4)?;
    let text = text(m, a, name)?;
    let characters: Vec<char> = text.chars().collect();
    let (start, stop) = bounds(m, a, characters.len())?;
    let within: String = characters.get(start..stop.max(start)).unwrap_or(&[]).iter().collect();
    let wanted = match m.plain(&a.pos[1].clone()) {
        Value::Tuple(items) => items.to_vec(),
        other => vec![other],
    };
    for item in wanted {
        let item = Args::new([Value::None, item]);
        let item = part(m, &item, 1, name)?;
        if (is_prefix && within.starts_with(&*item)) || (!is_prefix && within.ends_with(&*item)) {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn justify(m: &mut Machine<'_>, a: &Args, name: &str, align: char) -> R {
    arity(m, a, name, 2, 3)?;
    let text = text(m, a, name)?;
    let width = m.as_index(&a.pos[1].clone())?.max(0) as usize;
    m.check_size(width)?;
    let fill = match a.pos.get(2) {
        Some(_) => {
            let fill = part(m, a, 2, name)?;
            match fill.chars().next().filter(|_| fill.chars().count() == 1) {
                Some(fill) => fill,
                None => return m.type_error("The fill character must be exactly one character long"),
            }
        }
        None => ' ',
    };
    let missing = width.saturating_sub(text.chars().count());
    let fill = |count: usize| fill.to_string().repeat(count);
    new(match align {
        '<' => format!("{text}{}", fill(missing)),
        '>' => format!("{}{text}", fill(missing)),
        _ => {
            let left = missing / 2 + (missing & width & 1);
            format!("{}{text}{}", fill(left), fill(missing - left))
        }
    })
}

fn join(m: &mut Machine<'_>, a: &Args) -> R {
    arity(m, a, "join", 2, 2)?;
    let separator = text(m, a, "join")?;
    m.note_set_order(&a.pos[1]);
    let items = m.iterate(&a.pos[1].clone())?;
    let mut result = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            result.push_str(&separator);
        }
        match m.plain(item) {
            Value::Str(text) => result.push_str(&text),
            unknown @ Value::Unknown(_) => return m.unsupported_value("join", &unknown),
            _ => {
                let name = m.type_name(item);
                return m.type_error(format!("sequence item {at}: expected str instance, {name} found"));
            }
        }
        m.check_size(result.len())?;
    }
    new(result)
}

fn translate(m: &mut Machine<'_>, a: &Args) -> R {
    arity(m, a, "translate", 2, 2)?;
    let source = text(m, a, "translate")?;
    let mut result = String::new();
    for character in source.chars() {
        let code = Value::Int(i64::from(u32::from(character)));
        match m.get_item(&a.pos[1].clone(), &code) {
            Ok(Value::None) => {}
            Ok(Value::Str(text)) => result.push_str(&text),
            Ok(Value::Int(code)) => result.extend(u32::try_from(code).ok().and_then(char::from_u32)),
            Ok(_) => return m.type_error("character mapping must return integer, None or str"),
            Err(fail) if m.is_raised(&fail, Ty::LookupError) => result.push(character),
            Err(fail) => return Err(fail),
        }
    }
    new(result)
}

fn make_translation(m: &mut Machine<'_>, a: &Args) -> R {
    let dict = m.new_dict();
    let code = |character: char| Value::Int(i64::from(u32::from(character)));
    // The receiver is the class.
    match a.pos.len() {
        2 => {
            for (key, value) in m.mapping_items(&a.pos[1].clone())? {
                let key = match &key {
                    Value::Str(text) => text.chars().next().map_or(key.clone(), code),
                    _ => key,
                };
                m.dict_put(dict, key, value, true)?;
            }
        }
        _ => {
            let (from, to) = (part(m, a, 1, "maketrans")?, part(m, a, 2, "maketrans")?);
            if from.chars().count() != to.chars().count() {
                return m.raise(Ty::ValueError, "the first two maketrans arguments must have equal length");
            }
            for (x, y) in from.chars().zip(to.chars()) {
                m.dict_put(dict, code(x), code(y), true)?;
            }
            if let Some(gone) = optional(m, a, 3, "maketrans")? {
                for x in gone.chars() {
                    m.dict_put(dict, code(x), Value::None, true)?;
                }
            }
        }
    }
    Ok(Value::Obj(dict))
}

fn encode(m: &mut Machine<'_>, a: &Args) -> R {
    let source = text(m, a, "encode")?;
    let encoding = match a.get(1, "encoding").map(|value| m.plain(value)) {
        Some(Value::Str(encoding)) => encoding.to_ascii_lowercase().replace('_', "-"),
        _ => "utf-8".into(),
    };
    match &*encoding {
        "utf-8" | "utf8" => Ok(Value::Bytes(source.as_bytes().into())),
        "ascii" | "us-ascii" | "latin-1" | "iso-8859-1" | "latin1" => {
            let most = if encoding.contains("ascii") { 128 } else { 256 };
            let bytes: Option<Vec<u8>> = source
                .chars()
                .map(u32::from)
                .map(|code| if code < most { u8::try_from(code).ok() } else { None })
                .collect();
            match bytes {
                Some(bytes) => Ok(Value::Bytes(bytes.into())),
                None => m.raise(Ty::UnicodeEncodeError, format!("'{encoding}' codec can't encode character")),
            }
        }
        _ => Ok(Value::harmless("<encoded>")),
    }
}

fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || character == '_')
}

pub(super) static STR: &[Native] = &[
    plain!("__new__", |m, a| {
        let class = required(m, &a, 0, "str")?;
        let value = match a.get(1, "object") {
            None => Value::str(""),
            Some(x) => {
                let x = x.clone();
                if let Some(value) = known(m, &x, "__str__")? {
                    return Ok(value);
                }
                match (m.plain(&x), a.get(2, "encoding")) {
                    (Value::Bytes(_), Some(_)) => decode(m, &Args::new([x]))?,
                    _ => Value::Str(m.str(&x)?.into()),
                }
            }
        };
        Ok(super::number::wrap(m, &class, Ty::Str, value))
    }),
    method!("__mod__", |m, a| {
        let (template, arguments) = (text(m, &a, "__mod__")?, required(m, &a, 1, "__mod__")?);
        m.percent_format(&template, &arguments)
    }),
    method!("join", |m, a| join(m, &a)),
    method!("format", |m, mut a| {
        let template = text(m, &a, "format")?;
        a.pos.remove(0);
        m.brace_format(&template, &a)
    }),
    method!("format_map", |m, a| {
        let template = text(m, &a, "format_map")?;
        let pairs = {
            let value = required(m, &a, 1, "format_map")?;
            m.mapping_items(&value)?
        };
        let kw = pairs.into_iter().filter_map(|(key, value)| Some((key.as_str()?.clone(), value))).collect();
        m.brace_format(&template, &Args { pos: Vec::new(), kw })
    }),
    method!("strip", |m, a| strip(m, &a, "strip", true, true)),
    method!("lstrip", |m, a| strip(m, &a, "lstrip", true, false)),
    method!("rstrip", |m, a| strip(m, &a, "rstrip", false, true)),
    method!("lower", |m, a| map(m, &a, "lower", str::to_lowercase)),
    method!("casefold", |m, a| map(m, &a, "casefold", str::to_lowercase)),
    method!("upper", |m, a| map(m, &a, "upper", str::to_uppercase)),
    method!("capitalize", |m, a| map(m, &a, "capitalize", capitalize)),
    method!("title", |m, a| map(m, &a, "title", title)),
    method!("swapcase", |m, a| map(m, &a, "swapcase", |text| {
        text.chars()
            .flat_map(
                |c| if c.is_uppercase() { c.to_lowercase().collect::<Vec<_>>() } else { c.to_uppercase().collect() },
            )
            .collect()
    })),
    method!("replace", |m, a| {
        let (source, old, new_text) = (text(m, &a, "replace")?, part(m, &a, 1, "replace")?, part(m, &a, 2, "replace")?);
        let count = match a.get(3, "count").cloned() {
            Some(count) => m.as_index(&count)?,
            None => -1,
        };
        let places = source.matches(&*old).count();
        m.check_size(source.len() + places * new_text.len())?;
        new(match usize::try_from(count) {
            Ok(count) => source.replacen(&*old, &new_text, count),
            Err(_) => source.replace(&*old, &new_text),
        })
    }),
    method!("split", |m, a| split(m, &a, false)),
    method!("rsplit", |m, a| split(m, &a, true)),
    method!("splitlines", |m, a| {
        let source = text(m, &a, "splitlines")?;
        let keeps = match a.get(1, "keepends").cloned() {
            Some(keeps) => m.truth(&keeps)?,
            None => false,
        };
        let mut lines = Vec::new();
        let normal = source.replace("\r\n", "\n").replace('\r', "\n");
        for line in normal.split_inclusive('\n') {
            let line = if keeps { line } else { line.trim_end_matches('\n') };
            lines.push(Value::str(line));
        }
        Ok(m.new_list(lines))
    }),
    method!("partition", |m, a| partition(m, &a, false)),
    method!("rpartition", |m, a| partition(m, &a, true)),
    method!("startswith", |m, a| affix(m, &a, "startswith", true)),
    method!("endswith", |m, a| affix(m, &a, "endswith", false)),
    method!("removeprefix", |m, a| {
        let (source, prefix) = (text(m, &a, "removeprefix")?, part(m, &a, 1, "removeprefix")?);
        new(source.strip_prefix(&*prefix).unwrap_or(&source))
    }),
    method!("removesuffix", |m, a| {
        let (source, suffix) = (text(m, &a, "removesuffix")?, part(m, &a, 1, "removesuffix")?);
        new(source.strip_suffix(&*suffix).unwrap_or(&source))
    }),
    method!("find", |m, a| Ok(Value::Int(find(m, &a, "find", false)?.unwrap_or(-1)))),
    method!("rfind", |m, a| Ok(Value::Int(find(m, &a, "rfind", true)?.unwrap_or(-1)))),
    method!("index", |m, a| match find(m, &a, "index", false)? {
        Some(at) => Ok(Value::Int(at)),
        None => m.raise(Ty::ValueError, "substring not found"),
    }),
    method!("rindex", |m, a| match find(m, &a, "rindex", true)? {
        Some(at) => Ok(Value::Int(at)),
        None => m.raise(Ty::ValueError, "substring not found"),
    }),
    method!("count", |m, a| {
        let (source, wanted) = (text(m, &a, "count")?, part(m, &a, 1, "count")?);
        Ok(Value::Int(source.matches(&*wanted).count() as i64))
    }),
    method!("ljust", |m, a| justify(m, &a, "ljust", '<')),
    method!("rjust", |m, a| justify(m, &a, "rjust", '>')),
    method!("center", |m, a| justify(m, &a, "center", '^')),
    method!("zfill", |m, a| {
        let source = text(m, &a, "zfill")?;
        let width = {
            let value = required(m, &a, 1, "zfill")?;
            m.as_index(&value)?
        }
        .max(0) as usize;
        m.check_size(width)?;
        let (sign, digits) = match source.strip_prefix(['-', '+']) {
            Some(rest) => (&source[..1], rest),
            None => ("", &*source),
        };
        let missing = width.saturating_sub(source.chars().count());
        new(format!("{sign}{}{digits}", "0".repeat(missing)))
    }),
    method!("expandtabs", |m, a| map(m, &Args::new([a.pos[0].clone()]), "expandtabs", |text| text
        .replace('\t', "        "))),
    method!("encode", |m, a| encode(m, &a)),
    method!("translate", |m, a| translate(m, &a)),
    method!("maketrans", |m, a| make_translation(m, &a)),
    method!("isidentifier", |m, a| test(m, &a, "isidentifier", is_identifier)),
    method!("isdigit", |m, a| test(m, &a, "isdigit", |text| all(text, |c| c.is_ascii_digit()))),
    method!("isdecimal", |m, a| test(m, &a, "isdecimal", |text| all(text, |c| c.is_ascii_digit()))),
    method!("isnumeric", |m, a| test(m, &a, "isnumeric", |text| all(text, char::is_numeric))),
    method!("isalpha", |m, a| test(m, &a, "isalpha", |text| all(text, char::is_alphabetic))),
    method!("isalnum", |m, a| test(m, &a, "isalnum", |text| all(text, char::is_alphanumeric))),
    method!("isspace", |m, a| test(m, &a, "isspace", |text| all(text, char::is_whitespace))),
    method!("isascii", |m, a| test(m, &a, "isascii", str::is_ascii)),
    method!("isprintable", |m, a| test(m, &a, "isprintable", |text| text.chars().all(|c| !c.is_control()))),
    method!("isupper", |m, a| test(m, &a, "isupper", |text| {
        text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
    })),
    method!("islower", |m, a| test(m, &a, "islower", |text| {
        text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase)
    })),
    method!("istitle", |m, a| test(m, &a, "istitle", |text| !text.is_empty() && title(text) == text)),
];

/// The bytes of a value that has them.
pub(super) fn bytes_of(m: &mut Machine<'_>, value: &Value) -> R<Vec<u8>> {
    match m.plain(value) {
        Value::Bytes(bytes) => return Ok(bytes.to_vec()),
        Value::Obj(obj) => {
            if let Body::ByteArray(bytes) = m.body(obj) {
                return Ok(bytes.clone());
            }
        }
        Value::Unknown(unknown) => {
            let shown = unknown.name.clone();
            return Err(m.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__bytes__"], value, &shown));
        }
        Value::Str(_) => return m.type_error("string argument without an encoding"),
        _ => {}
    }
    let mut bytes = Vec::new();
    for item in m.iterate(value)? {
        match u8::try_from(m.as_index(&item)?) {
            Ok(byte) => bytes.push(byte),
            Err(_) => return m.raise(Ty::ValueError, "bytes must be in range(0, 256)"),
        }
    }
    Ok(bytes)
}

fn make_bytes(m: &mut Machine<'_>, a: &Args) -> R<Vec<u8>> {
    let Some(source) = a.get(1, "source").cloned() else { return Ok(Vec::new()) };
    match m.plain(&source) {
        Value::Int(len) if len < 0 => m.raise(Ty::ValueError, "negative count"),
        Value::Int(len) => {
            m.check_size(len as usize)?;
            Ok(vec![0; len as usize])
        }
        Value::Str(_) if a.get(2, "encoding").is_some() => {
            let encoded = encode(m, &Args { pos: a.pos[1..].to_vec(), kw: a.kw.clone() })?;
            match encoded {
                Value::Bytes(bytes) => Ok(bytes.to_vec()),
                _ => Ok(Vec::new()),
            }
        }
        _ => bytes_of(m, &source),
    }
}

fn decode(m: &mut Machine<'_>, a: &Args) -> R {
    let source = receiver(m, a, "decode")?;
    let bytes = bytes_of(m, &source)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Value::Str(text.into())),
        Err(_) => Ok(Value::harmless("<decoded>")),
    }
}

fn map_bytes(m: &mut Machine<'_>, a: &Args, change: impl Fn(u8) -> u8) -> R {
    arity(m, a, "bytes", 1, 1)?;
    let source = receiver(m, a, "bytes")?;
    let bytes: Vec<u8> = bytes_of(m, &source)?.into_iter().map(change).collect();
    Ok(Value::Bytes(bytes.into()))
}

pub(super) static BYTES: &[Native] = &[
    plain!("__new__", |m, a| {
        let bytes = make_bytes(m, &a)?;
        Ok(super::number::wrap(m, &a.pos[0], Ty::Bytes, Value::Bytes(bytes.into())))
    }),
    method!("decode", |m, a| decode(m, &a)),
    method!("lower", |m, a| map_bytes(m, &a, |byte| byte.to_ascii_lowercase())),
    method!("upper", |m, a| map_bytes(m, &a, |byte| byte.to_ascii_uppercase())),
    method!("hex", |m, a| {
        let source = receiver(m, &a, "hex")?;
        let bytes = bytes_of(m, &source)?;
        new(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }),
    method!("join", |m, a| {
        let separator = {
            let value = receiver(m, &a, "join")?;
            bytes_of(m, &value)?
        };
        let mut result = Vec::new();
        for (at, item) in {
            let value = required(m, &a, 1, "join")?;
            m.iterate(&value)?
        }
        .iter()
        .enumerate()
        {
            if at > 0 {
                result.extend(&separator);
            }
            result.extend(bytes_of(m, item)?);
        }
        m.check_size(result.len())?;
        Ok(Value::Bytes(result.into()))
    }),
    method!("startswith", |m, a| {
        let (source, prefix) = (
            {
                let value = receiver(m, &a, "startswith")?;
                bytes_of(m, &value)?
            },
            required(m, &a, 1, "startswith")?,
        );
        let prefix = bytes_of(m, &prefix)?;
        Ok(Value::Bool(source.starts_with(&prefix)))
    }),
    method!("endswith", |m, a| {
        let (source, suffix) = (
            {
                let value = receiver(m, &a, "endswith")?;
                bytes_of(m, &value)?
            },
            required(m, &a, 1, "endswith")?,
        );
        let suffix = bytes_of(m, &suffix)?;
        Ok(Value::Bool(source.ends_with(&suffix)))
    }),
    method!("strip", |m, a| {
        let source = {
            let value = receiver(m, &a, "strip")?;
            bytes_of(m, &value)?
        };
        Ok(Value::Bytes(source.trim_ascii().into()))
    }),
    method!("split", |m, a| {
        let source = {
            let value = receiver(m, &a, "split")?;
            bytes_of(m, &value)?
        };
        let separator = match a.pos.get(1) {
            Some(separator) => bytes_of(m, &separator.clone())?,
            None => b" ".to_vec(),
        };
        let [separator] = separator[..] else { return m.unsupported("split", "bytes") };
        let parts = source.split(|byte| *byte == separator).map(|part| Value::Bytes(part.into())).collect();
        Ok(m.new_list(parts))
    }),
    method!("replace", |m, _| m.unsupported("replace", "bytes")),
    method!("translate", |m, a| {
        let source = {
            let value = receiver(m, &a, "translate")?;
            bytes_of(m, &value)?
        };
        let table = {
            let value = required(m, &a, 1, "translate")?;
            bytes_of(m, &value)?
        };
        let bytes: Vec<u8> = source.iter().filter_map(|byte| table.get(*byte as usize).copied()).collect();
        Ok(Value::Bytes(bytes.into()))
    }),
    method!("maketrans", |m, a| {
        let (from, to) = (required(m, &a, 1, "maketrans")?, required(m, &a, 2, "maketrans")?);
        let (from, to) = (bytes_of(m, &from)?, bytes_of(m, &to)?);
        if from.len() != to.len() {
            return m.raise(Ty::ValueError, "maketrans arguments must have same length");
        }
        let mut table: Vec<u8> = (0..=255).collect();
        from.iter().zip(&to).for_each(|(x, y)| table[*x as usize] = *y);
        Ok(Value::Bytes(table.into()))
    }),
    method!("fromhex", |m, a| {
        let source = part(m, &a, 1, "fromhex")?;
        let digits: Vec<u32> = source.chars().filter_map(|digit| digit.to_digit(16)).collect();
        let bytes: Vec<u8> =
            digits.chunks(2).filter(|pair| pair.len() == 2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect();
        Ok(Value::Bytes(bytes.into()))
    }),
];

pub(super) static BYTEARRAY: &[Native] = &[
    method!("append", |m, a| {
        let byte = {
            let value = required(m, &a, 1, "append")?;
            m.as_index(&value)?
        };
        let Ok(byte) = u8::try_from(byte) else { return m.raise(Ty::ValueError, "byte must be in range(0, 256)") };
        if let Some(obj) = a.pos[0].as_obj()
            && let Body::ByteArray(bytes) = &mut m.change(obj)?.body
        {
            bytes.push(byte);
        }
        Ok(Value::None)
    }),
    method!("extend", |m, a| {
        let more = {
            let value = required(m, &a, 1, "extend")?;
            bytes_of(m, &value)?
        };
        if let Some(obj) = a.pos[0].as_obj()
            && let Body::ByteArray(bytes) = &mut m.change(obj)?.body
        {
            bytes.extend(more);
        }
        Ok(Value::None)
    }),
    method!("__init__", |_, _| Ok(Value::None)),
];

pub(super) static MEMORYVIEW: &[Native] = &[plain!("__new__", |m, a| {
    let bytes = {
        let value = required(m, &a, 1, "memoryview")?;
        bytes_of(m, &value)?
    };
    Ok(m.new_obj(Ty::MemoryView, Body::Scalar(Value::Bytes(bytes.into()))))
})];

/// `bytearray(...)`, whose `__new__` differs from that of `bytes`.
pub(super) fn new_bytearray(m: &mut Machine<'_>, a: &Args) -> R {
    let bytes = make_bytes(m, a)?;
    let class = a.pos.first().and_then(|class| m.as_class(class)).unwrap_or(Ty::ByteArray.obj());
    Ok(Value::Obj(m.alloc(class, Body::ByteArray(bytes))))
}

pub(super) static NEW_BYTEARRAY: &[Native] = &[plain!("__new__", |m, a| new_bytearray(m, &a))];
