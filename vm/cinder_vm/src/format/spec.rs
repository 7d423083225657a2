//! The specification: `[[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]`.

use super::{Points, points};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    Left,
    Right,
    Center,
    /// `=`: padding between sign and digits.
    AfterSign,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    Default,
    Plus,
    Minus,
    Space,
}

impl Sign {
    /// What stands before the digits.
    pub fn text(self, negative: bool) -> &'static str {
        match self {
            _ if negative => "-",
            Sign::Plus => "+",
            Sign::Space => " ",
            Sign::Default | Sign::Minus => "",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grouping {
    None,
    Comma,
    Underscore,
}

impl Grouping {
    pub fn char(self) -> char {
        if self == Grouping::Underscore { '_' } else { ',' }
    }
}

/// A parsed specification.
#[derive(Clone, Debug)]
pub struct Spec {
    pub fill: u32,
    pub align: Align,
    /// Whether the text names an alignment.
    pub align_given: bool,
    pub sign: Sign,
    pub no_negative_zero: bool,
    pub alternate: bool,
    pub width: usize,
    pub grouping: Grouping,
    pub precision: Option<usize>,
    pub fraction_grouping: Grouping,
    pub code: Option<char>,
}

/// Widths and precisions above this are refused, as in CPython (`Py_ssize_t` overflow there, memory here).
const MAX_NUMBER: usize = i32::MAX as usize;

fn align_of(c: u32) -> Option<Align> {
    match char::from_u32(c)? {
        '<' => Some(Align::Left),
        '>' => Some(Align::Right),
        '^' => Some(Align::Center),
        '=' => Some(Align::AfterSign),
        _ => None,
    }
}

impl Spec {
    /// Errors: the ValueError's text; `{kind}` stands for the class's name.
    pub fn parse(text: &[u32], default_align: Align, default_code: Option<char>) -> Result<Spec, String> {
        let mut spec = Spec {
            fill: u32::from(' '),
            align: default_align,
            align_given: false,
            sign: Sign::Default,
            no_negative_zero: false,
            alternate: false,
            width: 0,
            grouping: Grouping::None,
            precision: None,
            fraction_grouping: Grouping::None,
            code: None,
        };
        let mut at = 0;
        let mut fill_given = false;
        if let Some(align) = text.get(1).and_then(|c| align_of(*c)) {
            (spec.fill, spec.align, spec.align_given, fill_given, at) = (text[0], align, true, true, 2);
        } else if let Some(align) = text.first().and_then(|c| align_of(*c)) {
            (spec.align, spec.align_given, at) = (align, true, 1);
        }
        let peek = |at: usize| text.get(at).and_then(|c| char::from_u32(*c));
        spec.sign = match peek(at) {
            Some('+') => Sign::Plus,
            Some('-') => Sign::Minus,
            Some(' ') => Sign::Space,
            _ => Sign::Default,
        };
        at += usize::from(spec.sign != Sign::Default);
        if peek(at) == Some('z') {
            spec.no_negative_zero = true;
            at += 1;
        }
        if peek(at) == Some('#') {
            spec.alternate = true;
            at += 1;
        }
        if !fill_given && peek(at) == Some('0') {
            spec.fill = u32::from('0');
            if !spec.align_given && default_align == Align::Right {
                spec.align = Align::AfterSign;
            }
            at += 1;
        }
        let width = number(text, &mut at)?;
        spec.width = width.unwrap_or(0);
        spec.grouping = grouping(text, &mut at)?;
        if peek(at) == Some('.') {
            at += 1;
            spec.precision = number(text, &mut at)?;
            spec.fraction_grouping = grouping(text, &mut at)?;
            if spec.precision.is_none() && spec.fraction_grouping == Grouping::None {
                return Err("Format specifier missing precision".to_owned());
            }
        }
        match text.len() - at {
            0 => {}
            1 => spec.code = Some(peek(at).unwrap_or(char::REPLACEMENT_CHARACTER)),
            _ => {
                let shown: String =
                    text.iter().map(|c| char::from_u32(*c).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
                return Err(format!("Invalid format specifier '{shown}' for object of type '{{kind}}'"));
            }
        }
        spec.check_separators(default_code)?;
        Ok(spec)
    }

    /// Refuses separators where the presentation has no groups. `default_code` is what no code stands for.
    fn check_separators(&self, default_code: Option<char>) -> Result<(), String> {
        let code = self.code.or(default_code);
        let real = matches!(code, None | Some('e' | 'f' | 'g' | 'E' | 'F' | 'G' | '%'));
        let grouped = match self.grouping {
            Grouping::None => true,
            Grouping::Comma => real || code == Some('d'),
            Grouping::Underscore => real || matches!(code, Some('d' | 'b' | 'o' | 'x' | 'X')),
        };
        let refused = if !grouped {
            self.grouping
        } else if self.fraction_grouping != Grouping::None && code == Some('n') {
            self.fraction_grouping
        } else {
            return Ok(());
        };
        let (separator, code) = (refused.char(), code.unwrap_or_default());
        Err(if (' '..='\x7f').contains(&code) {
            format!("Cannot specify '{separator}' with '{code}'.")
        } else {
            format!("Cannot specify '{separator}' with '\\x{:x}'.", u32::from(code))
        })
    }

    /// `prefix` and `body` padded to the width.
    pub fn pad(&self, prefix: &[u32], body: &[u32], default: Align) -> Points {
        let missing = self.width.saturating_sub(prefix.len() + body.len());
        let align = if self.align_given || self.align == Align::AfterSign { self.align } else { default };
        let (left, middle, right) = match align {
            Align::Left => (0, 0, missing),
            Align::Right => (missing, 0, 0),
            Align::Center => (missing / 2, 0, missing - missing / 2),
            Align::AfterSign => (0, missing, 0),
        };
        let mut text = Points::with_capacity(self.width.max(prefix.len() + body.len()));
        text.resize(left, self.fill);
        text.extend_from_slice(prefix);
        text.resize(text.len() + middle, self.fill);
        text.extend_from_slice(body);
        text.resize(text.len() + right, self.fill);
        text
    }

    /// Sign, whole digits (none for inf and nan) and the rest with its fraction grouped, of a formatted float.
    pub(super) fn number_parts<'a>(&self, text: &'a str) -> (&'static str, &'a str, String) {
        let negative = text.starts_with('-');
        let magnitude = text.trim_start_matches('-');
        let mantissa = magnitude.split(['e', 'E']).next().unwrap_or(magnitude);
        let zero = self.no_negative_zero && mantissa.bytes().all(|b| matches!(b, b'0' | b'.' | b'%'));
        let whole_len = magnitude.find(|c: char| !c.is_ascii_digit()).unwrap_or(magnitude.len());
        let (whole, rest) = magnitude.split_at(whole_len);
        (self.sign.text(negative && !zero), whole, self.group_fraction(rest))
    }

    /// inf, nan: padded, not grouped.
    pub(super) fn lay_out_word(&self, prefix: &str, word: &str) -> Points {
        self.pad(&points(prefix), &points(word), Align::Right)
    }

    /// Sign and prefix, digits grouped by `every`, the rest; zero padding goes between and is grouped too.
    pub(super) fn lay_out_number(&self, prefix: &str, digits: &str, rest: &str, every: usize) -> Points {
        let mut digits = digits.to_owned();
        if self.grouping != Grouping::None {
            if self.fill == u32::from('0') && self.align == Align::AfterSign {
                // Zeros take part in the grouping until the width is reached.
                let fixed = prefix.chars().count() + rest.chars().count();
                while grouped_len(digits.len(), every) + fixed < self.width {
                    digits.insert(0, '0');
                }
                // A separator may not come first: one more digit than asked for.
            }
            digits = group(&digits, every, self.grouping.char());
        }
        self.pad(&points(prefix), &points(&format!("{digits}{rest}")), Align::Right)
    }

    /// Groups the digits after the point when the specification asks for it.
    pub(super) fn group_fraction(&self, rest: &str) -> String {
        if self.fraction_grouping == Grouping::None {
            return rest.to_owned();
        }
        let Some(fraction) = rest.strip_prefix('.') else { return rest.to_owned() };
        let len = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
        let (digits, tail) = fraction.split_at(len);
        let groups: Vec<&str> = (0..digits.len()).step_by(3).map(|at| &digits[at..digits.len().min(at + 3)]).collect();
        format!(".{}{tail}", groups.join(&self.fraction_grouping.char().to_string()))
    }
}

fn grouped_len(digits: usize, every: usize) -> usize {
    digits + digits.saturating_sub(1) / every
}

/// Inserts the separator every so many digits from the right.
fn group(digits: &str, every: usize, separator: char) -> String {
    let mut text = String::with_capacity(grouped_len(digits.len(), every));
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(every) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

fn number(text: &[u32], at: &mut usize) -> Result<Option<usize>, String> {
    let mut value: Option<usize> = None;
    while let Some(digit) = text.get(*at).and_then(|c| crate::types::str_::decimal_digit(*c)) {
        let next = value.unwrap_or(0).saturating_mul(10).saturating_add(digit as usize);
        if next > MAX_NUMBER {
            return Err("Too many decimal digits in format string".to_owned());
        }
        value = Some(next);
        *at += 1;
    }
    Ok(value)
}

fn grouping(text: &[u32], at: &mut usize) -> Result<Grouping, String> {
    let mut found = Grouping::None;
    while let Some(c @ (',' | '_')) = text.get(*at).and_then(|c| char::from_u32(*c)) {
        let next = if c == ',' { Grouping::Comma } else { Grouping::Underscore };
        if found != Grouping::None {
            return Err(if found == next {
                format!("Cannot specify '{c}' with '{c}'.")
            } else {
                "Cannot specify both ',' and '_'.".to_owned()
            });
        }
        found = next;
        *at += 1;
    }
    Ok(found)
}
