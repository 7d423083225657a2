//! Text of values: for messages, `repr`, `str` and formatting.

use cinder_syntax::ast::Operator;

use super::{BUDGET, Machine};
use crate::object::{Body, Ty};
use crate::rules::Rule;
use crate::value::{Args, R, Value};

impl Machine<'_> {
    /// How messages show a value. Runs nothing of the program.
    pub(crate) fn show(&self, value: &Value) -> String {
        self.show_within(value, 0)
    }

    fn show_within(&self, value: &Value, depth: u32) -> String {
        if depth > 4 {
            return "...".into();
        }
        let list = |items: &mut dyn Iterator<Item = &Value>| {
            let mut text = String::new();
            for (at, item) in items.enumerate() {
                if at > 0 {
                    text.push(',');
                }
                if at == 12 || text.len() > 200 {
                    text.push_str("...");
                    break;
                }
                text.push_str(&self.show_within(item, depth + 1));
            }
            text
        };
        match value {
            Value::None => "None".into(),
            Value::Ellipsis => "...".into(),
            Value::NotImplemented => "NotImplemented".into(),
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Int(value) => value.to_string(),
            Value::Big(value) if value.bits() > 2_000 => "<large int>".into(),
            Value::Big(value) => value.to_string(),
            Value::Float(value) => float_repr(*value),
            Value::Complex(real, imag) => complex_repr(*real, *imag),
            Value::Str(text) => text.chars().take(200).collect(),
            Value::Bytes(bytes) => bytes_repr(&bytes[..bytes.len().min(100)]),
            Value::Tuple(items) => format!("({})", list(&mut items.iter())),
            Value::Native(native) => format!("<builtin function '{}'>", native.name),
            Value::Unknown(unknown) => unknown.name.to_string(),
            Value::Lazy(lazy) => lazy.shown.to_string(),
            Value::Obj(obj) => match self.body(*obj) {
                Body::List(items) => format!("[{}]", list(&mut items.iter())),
                Body::Dict(dict) => {
                    let mut parts: Vec<String> = dict
                        .iter()
                        .take(12)
                        .map(|(key, value)| {
                            format!("{}: {}", self.show_within(key, depth + 1), self.show_within(value, depth + 1))
                        })
                        .collect();
                    if dict.len() > 12 {
                        parts.push("...".into());
                    }
                    format!("{{{}}}", parts.join(", "))
                }
                Body::Set(set) if set.len() == 0 => "set()".into(),
                Body::Set(set) => format!("{{{}}}", list(&mut set.iter().map(|(key, _)| key))),
                Body::Class(class) => class.name.to_string(),
                Body::Function(function) => function.qualname.to_string(),
                Body::Method { function, .. } => self.show_within(function, depth + 1),
                Body::Module(module) => format!("<strict module {}>", module.name),
                Body::Property(_) => "<property object>".into(),
                Body::Exception(_) => self.type_name(value).to_string(),
                Body::Scalar(inner) => self.show_within(inner, depth + 1),
                Body::Union(members) => {
                    members.iter().map(|member| self.show_within(member, depth + 1)).collect::<Vec<_>>().join(" | ")
                }
                Body::Alias { origin, args } => {
                    let args = match args {
                        Value::Tuple(items) => list(&mut items.iter()),
                        other => self.show_within(other, depth + 1),
                    };
                    format!("{}[{args}]", self.show_within(origin, depth + 1))
                }
                _ => format!("<{} instance>", self.type_name(value)),
            },
        }
    }

    /// `repr`.
    pub(crate) fn repr(&mut self, value: &Value) -> R<String> {
        if let Value::Unknown(unknown) = value {
            let shown = unknown.name.clone();
            if unknown.is_harmless {
                return Ok(shown.to_string());
            }
            let result = format!("repr({shown})");
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__repr__"], value, &result));
        }
        if self.overrides(value, "__repr__").is_some() {
            return self.text_by(value, "__repr__");
        }
        self.builtin_repr(value)
    }

    fn text_by(&mut self, value: &Value, method: &str) -> R<String> {
        let result = self.call_special(value, method, Vec::new())?.unwrap_or(Value::None);
        match self.plain(&result) {
            Value::Str(text) => Ok(text.to_string()),
            Value::Unknown(unknown) => {
                let name = unknown.name.clone();
                Err(self.on_unknown(Rule::UnknownValueCall, &[method], &result, &name))
            }
            _ => {
                let name = self.type_name(&result);
                self.type_error(format!("{method} returned non-string (type {name})"))
            }
        }
    }

    /// `repr` of builtin types.
    pub(crate) fn builtin_repr(&mut self, value: &Value) -> R<String> {
        self.charge(1)?;
        match value {
            Value::Str(text) => return Ok(str_repr(text)),
            Value::Tuple(items) => {
                let items = items.clone();
                return self.deeper(|machine| {
                    let parts = machine.repr_all(&items)?;
                    Ok(if items.len() == 1 { format!("({parts},)") } else { format!("({parts})") })
                });
            }
            Value::Big(number) if number.bits() > 14_000 => {
                return self.raise(Ty::ValueError, "Exceeds the limit (4300 digits) for integer string conversion");
            }
            Value::Obj(_) => {}
            other => return Ok(self.show(other)),
        }
        let Some(obj) = value.as_obj() else { return Ok(String::new()) };
        if self.showing.contains(&obj) {
            return Ok(match self.body(obj) {
                Body::List(_) => "[...]",
                Body::Dict(_) => "{...}",
                _ => "...",
            }
            .into());
        }
        self.showing.push(obj);
        let result = self.deeper(|machine| machine.object_repr(value, obj));
        self.showing.pop();
        let text = result?;
        self.check_size(text.len())?;
        Ok(text)
    }

    fn repr_all(&mut self, items: &[Value]) -> R<String> {
        let mut text = String::new();
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                text.push_str(", ");
            }
            text.push_str(&self.repr(item)?);
            if text.len() > BUDGET.size {
                self.check_size(text.len())?;
            }
        }
        Ok(text)
    }

    fn object_repr(&mut self, value: &Value, obj: crate::value::Obj) -> R<String> {
        Ok(match self.body(obj).clone() {
            Body::List(items) => format!("[{}]", self.repr_all(&items)?),
            Body::Dict(dict) => {
                let mut parts = Vec::new();
                for (key, value) in dict.iter() {
                    let value = self.forced(value.clone())?;
                    parts.push(format!("{}: {}", self.repr(key)?, self.repr(&value)?));
                }
                format!("{{{}}}", parts.join(", "))
            }
            Body::Set(set) => {
                let items: Vec<Value> = set.iter().map(|(key, _)| key.clone()).collect();
                let name = self.type_name(value);
                match (items.is_empty(), &*name) {
                    (true, name) => format!("{name}()"),
                    (false, "set") => format!("{{{}}}", self.repr_all(&items)?),
                    (false, name) => format!("{name}({{{}}})", self.repr_all(&items)?),
                }
            }
            Body::ByteArray(bytes) => format!("bytearray({})", bytes_repr(&bytes)),
            Body::Scalar(inner) => self.builtin_repr(&inner)?,
            Body::Class(class) => match obj.heap {
                0 => format!("<class '{}'>", class.name),
                _ => match class.dict.get_str("__module__") {
                    Some(Value::Str(module)) => format!("<class '{module}.{}'>", class.qualname),
                    _ => format!("<class '{}'>", class.qualname),
                },
            },
            Body::Function(function) => format!("<function {}>", function.qualname),
            Body::Method { function, .. } => format!("<bound method {}>", self.show(&function)),
            Body::Module(module) => format!("<module '{}'>", module.name),
            Body::Exception(args) => {
                let name = self.type_name(value);
                let args = self.repr_all(&args)?;
                format!("{name}({args})")
            }
            Body::Range(start, stop, 1) => format!("range({start}, {stop})"),
            Body::Range(start, stop, step) => format!("range({start}, {stop}, {step})"),
            Body::Slice(parts) => format!("slice({})", self.repr_all(&parts[..])?),
            Body::Proxy(_) => {
                let copy = self.copy_dict(value);
                format!("mappingproxy({})", self.builtin_repr(&Value::Obj(copy))?)
            }
            Body::View { .. } => {
                let items = self.iterate(value)?;
                format!("{}([{}])", self.type_name(value), self.repr_all(&items)?)
            }
            Body::Alias { .. } | Body::Union(_) => self.show(value),
            Body::TypeAlias { name, .. } => name.to_string(),
            _ => format!("<{} object>", self.type_name(value)),
        })
    }

    /// `str`.
    pub(crate) fn str(&mut self, value: &Value) -> R<String> {
        if let Value::Str(text) = value {
            return Ok(text.to_string());
        }
        if let Value::Unknown(unknown) = value {
            let shown = unknown.name.clone();
            if unknown.is_harmless {
                return Ok(shown.to_string());
            }
            let result = format!("str({shown})");
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__str__"], value, &result));
        }
        if self.overrides(value, "__str__").is_some() {
            return self.text_by(value, "__str__");
        }
        if self.overrides(value, "__repr__").is_some() {
            return self.text_by(value, "__repr__");
        }
        if let Some(obj) = value.as_obj() {
            match self.body(obj).clone() {
                Body::Exception(args) => {
                    return match &args[..] {
                        [] => Ok(String::new()),
                        [only] if self.is_instance(value, Ty::KeyError) => self.repr(only),
                        [only] => self.str(only),
                        [number, text] if self.is_instance(value, Ty::OSError) => {
                            Ok(format!("[Errno {}] {}", self.str(number)?, self.str(text)?))
                        }
                        args => self.repr(&Value::tuple(args)),
                    };
                }
                Body::Scalar(Value::Str(text)) => return Ok(text.to_string()),
                Body::Plain if self.obj(obj).class == Ty::TypeVar.obj() => {
                    let name = self.own_attr(value, "__name__").unwrap_or(Value::None);
                    return self.str(&name);
                }
                _ => {}
            }
        }
        self.builtin_repr(value)
    }

    /// One field of an f-string.
    pub(crate) fn interpolate(&mut self, value: &Value, conversion: u8, spec: &Value) -> R {
        if let Value::Unknown(unknown) = value
            && !unknown.is_harmless
        {
            let shown = unknown.name.clone();
            let method = match conversion {
                b'r' | b'a' => "__repr__",
                b's' => "__str__",
                _ => "__format__",
            };
            let result = format!("f-string of {shown}");
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, method], value, &result));
        }
        let text = match conversion {
            b'r' => self.repr(value)?,
            b's' => self.str(value)?,
            b'a' if self.settings.is_compatible => return self.unsupported("f-string conversion", "a"),
            b'a' => ascii(&self.repr(value)?),
            _ => return self.format(value, spec),
        };
        match spec {
            Value::Str(spec) if spec.is_empty() => Ok(Value::Str(text.into())),
            spec => self.format(&Value::Str(text.into()), spec),
        }
    }

    pub(crate) fn join_parts(&mut self, parts: &[Value]) -> R {
        let mut text = String::new();
        for part in parts {
            match part {
                Value::Str(part) => text.push_str(part),
                Value::Unknown(_) => return Ok(Value::unknown("<f-string>")),
                other => text.push_str(&self.str(other)?),
            }
        }
        self.check_size(text.len())?;
        Ok(Value::Str(text.into()))
    }

    /// `format(value, spec)`.
    pub(crate) fn format(&mut self, value: &Value, spec: &Value) -> R {
        let Value::Str(spec_text) = self.plain(spec) else {
            return self.type_error("format spec must be a string");
        };
        if self.overrides(value, "__format__").is_some() {
            let text = self.call_special(value, "__format__", vec![spec.clone()])?;
            return Ok(text.unwrap_or(Value::None));
        }
        if spec_text.is_empty() {
            return Ok(Value::Str(self.str(value)?.into()));
        }
        let plain = self.plain(value);
        match crate::format::format_spec(&plain, &spec_text) {
            Ok(Some(text)) => {
                self.check_size(text.len())?;
                Ok(Value::Str(text.into()))
            }
            Ok(None) => {
                let name = self.type_name(value);
                self.type_error(format!("unsupported format string passed to {name}.__format__"))
            }
            Err(message) => self.raise(Ty::ValueError, message),
        }
    }

    /// `template % arguments`.
    pub(crate) fn percent_format(&mut self, template: &str, arguments: &Value) -> R {
        let mut text = String::new();
        let plain = self.plain(arguments);
        let (positional, is_tuple) = match &plain {
            Value::Tuple(items) => (items.to_vec(), true),
            _ => (vec![arguments.clone()], false),
        };
        let mapping = (!is_tuple && !matches!(plain, Value::Str(_))).then(|| arguments.clone());
        let mut next = 0;
        let mut used_mapping = false;
        let mut rest = template.chars().peekable();
        while let Some(character) = rest.next() {
            if character != '%' {
                text.push(character);
                continue;
            }
            let mut key = None;
            if rest.peek() == Some(&'(') {
                rest.next();
                let mut name = String::new();
                for character in rest.by_ref() {
                    if character == ')' {
                        break;
                    }
                    name.push(character);
                }
                key = Some(name);
            }
            let mut spec = crate::format::Percent::default();
            let mut take = |machine: &mut Self| -> R {
                next += 1;
                match positional.get(next - 1) {
                    Some(value) => Ok(value.clone()),
                    None => machine.type_error("not enough arguments for format string"),
                }
            };
            let code = loop {
                match rest.next() {
                    Some('*') => {
                        let width = take(self)?;
                        let width = self.as_index(&width)?;
                        spec.number(width);
                    }
                    Some(character) if spec.flag(character) => {}
                    Some(character) => break character,
                    None => return self.raise(Ty::ValueError, "incomplete format"),
                }
            };
            if code == '%' {
                text.push('%');
                continue;
            }
            if !"diouxXeEfFgGcrsa".contains(code) {
                return self.raise(Ty::ValueError, format!("unsupported format character '{code}'"));
            }
            let value = match (&key, &mapping) {
                (Some(key), Some(mapping)) => {
                    used_mapping = true;
                    self.get_item(mapping, &Value::str(key))?
                }
                (Some(_), None) => return self.type_error("format requires a mapping"),
                (None, _) => take(self)?,
            };
            let piece = match code {
                's' => self.str(&value)?,
                'r' => self.repr(&value)?,
                'a' => ascii(&self.repr(&value)?),
                _ => {
                    if value.is_unknown() {
                        return self.unknown_percent(&value);
                    }
                    let plain = self.plain(&value);
                    text_guard(self, spec.width)?;
                    match crate::format::percent_number(&plain, code, &spec) {
                        Some(number) => {
                            text.push_str(&number);
                            continue;
                        }
                        None => {
                            let name = self.type_name(&value);
                            return self.type_error(format!("%{code} format: a number is required, not {name}"));
                        }
                    }
                }
            };
            text_guard(self, spec.width)?;
            text.push_str(&spec.text(&piece));
        }
        if next < positional.len()
            && (is_tuple || (!used_mapping && mapping.as_ref().is_none_or(|value| self.dict_of(value).is_none())))
        {
            return self.type_error("not all arguments converted during string formatting");
        }
        self.check_size(text.len())?;
        Ok(Value::Str(text.into()))
    }

    fn unknown_percent(&mut self, value: &Value) -> R {
        let shown = self.show(value);
        if value.as_unknown().is_some_and(|unknown| unknown.is_harmless) {
            return Ok(Value::harmless("<formatted>"));
        }
        Err(self.violation(Rule::Unsupported, &["__mod__", &shown], Value::unknown("<formatted>")))
    }

    /// `template.format(...)`.
    pub(crate) fn brace_format(&mut self, template: &str, args: &Args) -> R {
        let mut auto = 0;
        let text = self.brace_format_within(template, args, &mut auto, 0)?;
        self.check_size(text.len())?;
        Ok(Value::Str(text.into()))
    }

    fn brace_format_within(&mut self, template: &str, args: &Args, auto: &mut usize, depth: u32) -> R<String> {
        if depth > 2 {
            return self.raise(Ty::ValueError, "Max string recursion exceeded");
        }
        let mut text = String::new();
        let characters: Vec<char> = template.chars().collect();
        let mut at = 0;
        while at < characters.len() {
            match characters[at] {
                '{' if characters.get(at + 1) == Some(&'{') => {
                    text.push('{');
                    at += 2;
                }
                '}' if characters.get(at + 1) == Some(&'}') => {
                    text.push('}');
                    at += 2;
                }
                '}' => return self.raise(Ty::ValueError, "Single '}' encountered in format string"),
                '{' => {
                    let mut nesting = 1;
                    let start = at + 1;
                    at += 1;
                    while at < characters.len() && nesting > 0 {
                        match characters[at] {
                            '{' => nesting += 1,
                            '}' => nesting -= 1,
                            _ => {}
                        }
                        at += 1;
                    }
                    if nesting > 0 {
                        return self.raise(Ty::ValueError, "expected '}' before end of string");
                    }
                    let field: String = characters[start..at - 1].iter().collect();
                    text.push_str(&self.brace_field(&field, args, auto, depth)?);
                }
                character => {
                    text.push(character);
                    at += 1;
                }
            }
        }
        Ok(text)
    }

    fn brace_field(&mut self, field: &str, args: &Args, auto: &mut usize, depth: u32) -> R<String> {
        // A colon inside an index belongs to the index.
        let mut brackets = 0;
        let mut end = field.len();
        for (at, character) in field.char_indices() {
            match character {
                '[' => brackets += 1,
                ']' => brackets -= 1,
                ':' | '!' if brackets == 0 => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let (path, rest) = field.split_at(end);
        let (conversion, spec) = match rest.strip_prefix('!') {
            Some(rest) => (rest.chars().next(), rest.get(1..).unwrap_or("").strip_prefix(':').unwrap_or("")),
            None => (None, rest.strip_prefix(':').unwrap_or("")),
        };
        let mut value = self.brace_value(path, args, auto)?;
        match conversion {
            Some('r') => value = Value::Str(self.repr(&value)?.into()),
            Some('s') => value = Value::Str(self.str(&value)?.into()),
            Some('a') => value = Value::Str(ascii(&self.repr(&value)?).into()),
            Some(_) => return self.raise(Ty::ValueError, "Unknown conversion specifier"),
            None => {}
        }
        let spec =
            if spec.contains('{') { self.brace_format_within(spec, args, auto, depth + 1)? } else { spec.into() };
        if let Value::Unknown(unknown) = &value
            && !unknown.is_harmless
        {
            let shown = unknown.name.clone();
            let result = format!("format of {shown}");
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__str__"], &value, &result));
        }
        let text = self.format(&value, &Value::str(&spec))?;
        self.str(&text)
    }

    fn brace_value(&mut self, path: &str, args: &Args, auto: &mut usize) -> R {
        let head_end = path.find(['.', '[']).unwrap_or(path.len());
        let (head, mut rest) = path.split_at(head_end);
        let index = if head.is_empty() {
            *auto += 1;
            Some(*auto - 1)
        } else {
            head.parse::<usize>().ok()
        };
        let found = match index {
            Some(index) => args.pos.get(index).cloned(),
            None => args.keyword(head).cloned(),
        };
        let mut value = match found {
            Some(value) => value,
            None if index.is_some() => {
                return self.raise(Ty::IndexError, "Replacement index out of range for positional args tuple");
            }
            None => return self.raise_with(Ty::KeyError, vec![Value::str(head)]),
        };
        while !rest.is_empty() {
            if let Some(attribute) = rest.strip_prefix('.') {
                let end = attribute.find(['.', '[']).unwrap_or(attribute.len());
                value = self.get_attr(&value, &attribute[..end])?;
                rest = &attribute[end..];
            } else {
                let inner = &rest[1..];
                let end = inner.find(']').unwrap_or(inner.len());
                let key = &inner[..end];
                let key = key.parse::<i64>().map_or_else(|_| Value::str(key), Value::Int);
                value = self.get_item(&value, &key)?;
                rest = inner.get(end + 1..).unwrap_or("");
            }
        }
        Ok(value)
    }

    /// The sum of numbers, as `sum` makes it.
    pub(crate) fn add(&mut self, left: &Value, right: &Value) -> R {
        self.binary(Operator::Add, left, right, false)
    }
}

fn text_guard(machine: &mut Machine<'_>, width: Option<usize>) -> R<()> {
    machine.check_size(width.unwrap_or(0))
}

pub(crate) fn ascii(text: &str) -> String {
    let mut result = String::new();
    for character in text.chars() {
        match u32::from(character) {
            code if code < 0x80 => result.push(character),
            code if code < 0x100 => result.push_str(&format!("\\x{code:02x}")),
            code if code < 0x10000 => result.push_str(&format!("\\u{code:04x}")),
            code => result.push_str(&format!("\\U{code:08x}")),
        }
    }
    result
}

pub(crate) fn str_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut result = String::with_capacity(text.len() + 2);
    result.push(quote);
    for character in text.chars() {
        match character {
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            '\\' => result.push_str("\\\\"),
            character if character == quote => {
                result.push('\\');
                result.push(character);
            }
            character if character < ' ' || character == '\u{7f}' => {
                result.push_str(&format!("\\x{:02x}", u32::from(character)));
            }
            character => result.push(character),
        }
    }
    result.push(quote);
    result
}

pub(crate) fn bytes_repr(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut result = format!("b{quote}");
    for byte in bytes {
        match byte {
            b'\n' => result.push_str("\\n"),
            b'\r' => result.push_str("\\r"),
            b'\t' => result.push_str("\\t"),
            b'\\' => result.push_str("\\\\"),
            byte if char::from(*byte) == quote => result.push_str(&format!("\\{quote}")),
            0x20..=0x7e => result.push(char::from(*byte)),
            byte => result.push_str(&format!("\\x{byte:02x}")),
        }
    }
    result.push(quote);
    result
}

/// The shortest text that reads back as the same number.
pub(crate) fn float_repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let exponent = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    let text = format!("{value:e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(exponent);
    if (-4..16).contains(&power) {
        let text = format!("{value}");
        return if text.contains('.') { text } else { format!("{text}.0") };
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", power.abs())
}

pub(crate) fn complex_repr(real: f64, imag: f64) -> String {
    let part = |value: f64| {
        let text = float_repr(value);
        text.strip_suffix(".0").map_or(text.clone(), str::to_string)
    };
    if real == 0.0 && real.is_sign_positive() {
        return format!("{}j", part(imag));
    }
    let sign = if imag.is_sign_negative() || imag.is_nan() { "" } else { "+" };
    format!("({}{sign}{}j)", part(real), part(imag))
}
