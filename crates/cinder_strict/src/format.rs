//! The format mini-language and `%` conversions.

use num_bigint::BigInt;
use num_traits::Signed;

use crate::machine::float_repr;
use crate::number::to_float;
use crate::value::Value;

/// A parsed specification: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
#[derive(Default)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    is_alternate: bool,
    is_zero_padded: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    code: Option<char>,
}

/// Widths beyond this are refused; the machine's own limit is lower.
const MAX_WIDTH: usize = 8_000_000;

fn parse(text: &str) -> Result<Spec, String> {
    let characters: Vec<char> = text.chars().collect();
    let mut spec = Spec::default();
    let mut at = 0;
    let is_align = |character: Option<&char>| matches!(character, Some('<' | '>' | '^' | '='));
    if is_align(characters.get(1)) {
        (spec.fill, spec.align) = (Some(characters[0]), Some(characters[1]));
        at = 2;
    } else if is_align(characters.first()) {
        spec.align = Some(characters[0]);
        at = 1;
    }
    if let Some(sign @ ('+' | '-' | ' ')) = characters.get(at) {
        spec.sign = Some(*sign);
        at += 1;
    }
    if characters.get(at) == Some(&'z') {
        at += 1;
    }
    if characters.get(at) == Some(&'#') {
        spec.is_alternate = true;
        at += 1;
    }
    if characters.get(at) == Some(&'0') {
        spec.is_zero_padded = true;
        at += 1;
    }
    let number = |at: &mut usize| -> Result<Option<usize>, String> {
        let start = *at;
        while characters.get(*at).is_some_and(char::is_ascii_digit) {
            *at += 1;
        }
        if start == *at {
            return Ok(None);
        }
        let text: String = characters[start..*at].iter().collect();
        let value = text.parse::<usize>().map_err(|_| "Too many decimal digits in format string".to_string())?;
        if value > MAX_WIDTH { Err("Too many decimal digits in format string".into()) } else { Ok(Some(value)) }
    };
    spec.width = number(&mut at)?.unwrap_or(0);
    if let Some(grouping @ (',' | '_')) = characters.get(at) {
        spec.grouping = Some(*grouping);
        at += 1;
    }
    if characters.get(at) == Some(&'.') {
        at += 1;
        spec.precision = Some(number(&mut at)?.ok_or("Format specifier missing precision")?);
    }
    spec.code = characters.get(at).copied();
    if characters.len() > at + 1 {
        return Err("Invalid format specifier".into());
    }
    Ok(spec)
}

/// The formatted text; `Ok(None)` for types that take no specification.
pub(crate) fn format_spec(value: &Value, spec: &str) -> Result<Option<String>, String> {
    let spec = parse(spec)?;
    let text = match value {
        Value::Str(text) => {
            if !matches!(spec.code, None | Some('s')) {
                return Err(unknown_code(&spec, "str"));
            }
            let cut: String = match spec.precision {
                Some(precision) => text.chars().take(precision).collect(),
                None => text.to_string(),
            };
            return Ok(Some(pad(&spec, "", &cut, '<')));
        }
        Value::Int(_) | Value::Big(_) | Value::Bool(_) => match spec.code {
            Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
                return format_float(&spec, to_float(value).unwrap_or(0.0));
            }
            _ => format_int(&spec, value)?,
        },
        Value::Float(number) => return format_float(&spec, *number),
        _ => return Ok(None),
    };
    Ok(Some(text))
}

fn unknown_code(spec: &Spec, kind: &str) -> String {
    format!("Unknown format code '{}' for object of type '{kind}'", spec.code.unwrap_or(' '))
}

fn as_big(value: &Value) -> BigInt {
    match value {
        Value::Int(value) => BigInt::from(*value),
        Value::Bool(value) => BigInt::from(u8::from(*value)),
        Value::Big(value) => (**value).clone(),
        Value::Float(value) => num_traits::FromPrimitive::from_f64(*value).unwrap_or_default(),
        _ => BigInt::default(),
    }
}

fn format_int(spec: &Spec, value: &Value) -> Result<String, String> {
    let number = as_big(value);
    let magnitude = number.abs();
    let (digits, prefix) = match spec.code {
        None | Some('d' | 'n') => (magnitude.to_string(), ""),
        Some('b') => (magnitude.to_str_radix(2), "0b"),
        Some('o') => (magnitude.to_str_radix(8), "0o"),
        Some('x') => (magnitude.to_str_radix(16), "0x"),
        Some('X') => (magnitude.to_str_radix(16).to_uppercase(), "0X"),
        Some('c') => {
            let code = u32::try_from(&number).ok().and_then(char::from_u32);
            let character = code.ok_or("%c arg not in range(0x110000)")?;
            return Ok(pad(spec, "", &character.to_string(), '<'));
        }
        _ => return Err(unknown_code(spec, "int")),
    };
    let every = if matches!(spec.code, Some('b' | 'o' | 'x' | 'X')) { 4 } else { 3 };
    let digits = group(&digits, spec.grouping, every);
    let prefix = if spec.is_alternate { prefix } else { "" };
    let sign = sign_of(spec, number.is_negative());
    Ok(pad(spec, &format!("{sign}{prefix}"), &digits, '>'))
}

fn sign_of(spec: &Spec, is_negative: bool) -> &'static str {
    match (is_negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    }
}

fn group(digits: &str, separator: Option<char>, every: usize) -> String {
    let Some(separator) = separator else { return digits.to_string() };
    let (whole, rest) = digits.split_at(digits.find(['.', 'e', 'E']).unwrap_or(digits.len()));
    let mut result = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(every) {
            result.push(separator);
        }
        result.push(digit);
    }
    result + rest
}

fn format_float(spec: &Spec, value: f64) -> Result<Option<String>, String> {
    let magnitude = value.abs();
    let body = match spec.code {
        None if spec.precision.is_none() => float_repr(magnitude),
        Some(code @ ('e' | 'E' | 'f' | 'F')) => float_digits(magnitude, code, spec.precision.unwrap_or(6), false),
        Some(code @ ('g' | 'G')) => float_digits(magnitude, code, spec.precision.unwrap_or(6), spec.is_alternate),
        Some('n') => float_digits(magnitude, 'g', spec.precision.unwrap_or(6), false),
        Some('%') => float_digits(magnitude * 100.0, 'f', spec.precision.unwrap_or(6), false) + "%",
        None => {
            let text = float_digits(magnitude, 'g', spec.precision.unwrap_or(12).max(1), false);
            if text.contains(['.', 'e', 'n', 'i']) { text } else { text + ".0" }
        }
        _ => return Err(unknown_code(spec, "float")),
    };
    let body = group(&body, spec.grouping, 3);
    let sign = sign_of(spec, value.is_sign_negative() && !value.is_nan());
    Ok(Some(pad(spec, sign, &body, '>')))
}

/// Digits as C's `printf` has them.
fn float_digits(value: f64, code: char, precision: usize, keeps_zeros: bool) -> String {
    if !value.is_finite() {
        let text = if value.is_nan() { "nan" } else { "inf" };
        return if code.is_uppercase() { text.to_uppercase() } else { text.into() };
    }
    let precision = precision.min(2_000);
    match code.to_ascii_lowercase() {
        'f' => format!("{value:.precision$}"),
        'e' => {
            let text = format!("{value:.precision$e}");
            let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
            let power: i32 = power.parse().unwrap_or(0);
            let sign = if power < 0 { '-' } else { '+' };
            let text = format!("{digits}e{sign}{:02}", power.abs());
            if code == 'E' { text.to_uppercase() } else { text }
        }
        _ => {
            let precision = precision.max(1);
            let probe = format!("{value:.*e}", precision - 1);
            let power: i32 = probe.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
            let is_plain = power >= -4 && power < precision as i32;
            let text = if is_plain {
                float_digits(value, 'f', (precision as i32 - 1 - power).max(0) as usize, true)
            } else {
                float_digits(value, 'e', precision - 1, true)
            };
            if keeps_zeros || !text.contains('.') {
                return if code == 'G' { text.to_uppercase() } else { text };
            }
            let (digits, power) = match text.split_once('e') {
                Some((digits, power)) => (digits, format!("e{power}")),
                None => (&text[..], String::new()),
            };
            let text = format!("{}{power}", digits.trim_end_matches('0').trim_end_matches('.'));
            if code == 'G' { text.to_uppercase() } else { text }
        }
    }
}

fn pad(spec: &Spec, sign: &str, body: &str, usual: char) -> String {
    let len = sign.chars().count() + body.chars().count();
    let missing = spec.width.saturating_sub(len);
    let align = spec.align.unwrap_or(if spec.is_zero_padded && usual == '>' { '=' } else { usual });
    let fill = spec.fill.unwrap_or(if spec.is_zero_padded { '0' } else { ' ' });
    let fill = |count: usize| fill.to_string().repeat(count);
    match align {
        '<' => format!("{sign}{body}{}", fill(missing)),
        '^' => format!("{}{sign}{body}{}", fill(missing / 2), fill(missing - missing / 2)),
        '=' => format!("{sign}{}{body}", fill(missing)),
        _ => format!("{}{sign}{body}", fill(missing)),
    }
}

/// What stands between `%` and the conversion.
#[derive(Default)]
pub(crate) struct Percent {
    is_left: bool,
    is_zero: bool,
    is_alternate: bool,
    sign: Option<char>,
    pub(crate) width: Option<usize>,
    precision: Option<usize>,
    in_precision: bool,
}

impl Percent {
    /// Takes one character; `false` when it is the conversion.
    pub(crate) fn flag(&mut self, character: char) -> bool {
        match character {
            '-' if self.width.is_none() => self.is_left = true,
            '+' | ' ' if self.width.is_none() => self.sign = Some(character),
            '#' if self.width.is_none() => self.is_alternate = true,
            '0' if self.width.is_none() && !self.in_precision => self.is_zero = true,
            '.' => {
                self.in_precision = true;
                self.precision = Some(0);
            }
            'h' | 'l' | 'L' => {}
            digit if digit.is_ascii_digit() => {
                let place = if self.in_precision { &mut self.precision } else { &mut self.width };
                let value = place.unwrap_or(0).saturating_mul(10).saturating_add(digit as usize - '0' as usize);
                *place = Some(value.min(1 << 40));
            }
            _ => return false,
        }
        true
    }

    /// A width or precision given as an argument.
    pub(crate) fn number(&mut self, value: i64) {
        if self.in_precision {
            self.precision = Some(value.max(0) as usize);
        } else {
            self.is_left |= value < 0;
            self.width = Some(value.unsigned_abs() as usize);
        }
    }

    pub(crate) fn text(&self, text: &str) -> String {
        let cut: String = match self.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text.into(),
        };
        let spec = Spec { width: self.width.unwrap_or(0), ..Spec::default() };
        pad(&spec, "", &cut, if self.is_left { '<' } else { '>' })
    }
}

/// A number under `%`; `None` when the value is none.
pub(crate) fn percent_number(value: &Value, code: char, percent: &Percent) -> Option<String> {
    let number = to_float(value);
    let spec = Spec {
        align: percent.is_left.then_some('<'),
        sign: percent.sign,
        is_alternate: percent.is_alternate,
        is_zero_padded: percent.is_zero && !percent.is_left,
        width: percent.width.unwrap_or(0),
        precision: percent.precision,
        code: Some(match code {
            'i' | 'u' => 'd',
            code => code,
        }),
        ..Spec::default()
    };
    match code {
        'c' => match value {
            Value::Str(text) if text.chars().count() == 1 => Some(percent.text(text)),
            Value::Int(_) => format_int(&spec, value).ok(),
            _ => None,
        },
        'd' | 'i' | 'u' => {
            number?;
            format_int(&spec, &Value::big(as_big(value))).ok()
        }
        'o' | 'x' | 'X' => match value {
            Value::Float(_) => None,
            _ => {
                number?;
                format_int(&spec, value).ok()
            }
        },
        _ => format_float(&spec, number?).ok().flatten(),
    }
}
