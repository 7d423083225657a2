//! Character classes and case, as `str`'s methods ask for them. Source: Objects/unicodectype.c, UCD.

use unicode_general_category::{GeneralCategory as Category, get_general_category};

fn category(c: u32) -> Category {
    char::from_u32(c).map_or(Category::Surrogate, get_general_category)
}

/// `str.isspace` and what `split()` and `strip()` cut.
pub fn is_space(c: u32) -> bool {
    matches!(c, 0x09..=0x0d | 0x1c..=0x20 | 0x85 | 0xa0 | 0x1680 | 0x2000..=0x200a | 0x2028 | 0x2029 | 0x202f | 0x205f | 0x3000)
}

/// Where `splitlines` cuts.
pub fn is_line_break(c: u32) -> bool {
    matches!(c, 0x0a..=0x0d | 0x1c..=0x1e | 0x85 | 0x2028 | 0x2029)
}

/// Value of a decimal digit of any script.
pub fn decimal_digit(c: u32) -> Option<u32> {
    if c < 0x80 {
        return char::from_u32(c)?.to_digit(10);
    }
    if category(c) != Category::DecimalNumber {
        return None;
    }
    // Decimal digits come in runs of ten, zero first; some runs follow each other directly.
    let mut start = c;
    while category(start - 1) == Category::DecimalNumber {
        start -= 1;
    }
    Some((c - start) % 10)
}

pub fn is_alpha(c: u32) -> bool {
    use Category::{LowercaseLetter, ModifierLetter, OtherLetter, TitlecaseLetter, UppercaseLetter};
    matches!(category(c), LowercaseLetter | ModifierLetter | OtherLetter | TitlecaseLetter | UppercaseLetter)
}

pub fn is_decimal(c: u32) -> bool {
    category(c) == Category::DecimalNumber
}

/// Decimal digits and the digits that stand alone: superscripts, circled digits and the like.
pub fn is_digit(c: u32) -> bool {
    is_decimal(c)
        || matches!(c, 0xb2 | 0xb3 | 0xb9 | 0x1369..=0x1371 | 0x19da | 0x2070 | 0x2074..=0x2079 | 0x2080..=0x2089
            | 0x2460..=0x2468 | 0x2474..=0x247c | 0x2488..=0x2490 | 0x24ea | 0x24f5..=0x24fd | 0x24ff | 0x2776..=0x277e
            | 0x2780..=0x2788 | 0x278a..=0x2792 | 0x10a40..=0x10a43 | 0x10e60..=0x10e68 | 0x11052..=0x1105a | 0x1f100..=0x1f10a)
}

/// Characters with a numeric value, Chinese numerals included.
pub fn is_numeric(c: u32) -> bool {
    use Category::{DecimalNumber, LetterNumber, OtherNumber};
    const HAN: &[u32] = &[
        0x3405, 0x3483, 0x382a, 0x3b4d, 0x4e00, 0x4e03, 0x4e07, 0x4e09, 0x4e24, 0x4e5d, 0x4e8c, 0x4e94, 0x4e96, 0x4eac, 0x4ebf,
        0x4edf, 0x4ee8, 0x4f0d, 0x4f70, 0x4fe9, 0x5006, 0x5104, 0x5146, 0x5169, 0x516b, 0x516d, 0x5341, 0x5343, 0x5344, 0x5345,
        0x534c, 0x53c1, 0x53c2, 0x53c3, 0x53c4, 0x56db, 0x58f1, 0x58f9, 0x5e7a, 0x5efe, 0x5eff, 0x5f0c, 0x5f0d, 0x5f0e, 0x5f10,
        0x62d0, 0x62fe, 0x634c, 0x67d2, 0x6d1e, 0x6f06, 0x7396, 0x767e, 0x7695, 0x79ed, 0x8086, 0x8cae, 0x8cb3, 0x8d30, 0x920e,
        0x94a9, 0x9621, 0x9646, 0x964c, 0x9678, 0x96f6, 0xf96b, 0xf973, 0xf978, 0xf9b2, 0xf9d1, 0xf9d3, 0xf9fd, 0x20001, 0x20064,
        0x200e2, 0x20121, 0x2092a, 0x20983, 0x2098c, 0x2099c, 0x20aea, 0x20afd, 0x20b19, 0x22390, 0x22998, 0x23b1b, 0x2626d, 0x2f890,
    ];
    matches!(category(c), DecimalNumber | LetterNumber | OtherNumber) || HAN.binary_search(&c).is_ok() || is_digit(c)
}

/// What `repr` shows as it is.
pub fn is_printable(c: u32) -> bool {
    use Category::{Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, SpaceSeparator, Surrogate, Unassigned};
    c == 0x20
        || !matches!(
            category(c),
            Control | Format | LineSeparator | ParagraphSeparator | PrivateUse | SpaceSeparator | Surrogate | Unassigned
        )
}

pub fn is_lower(c: u32) -> bool {
    char::from_u32(c).is_some_and(char::is_lowercase)
}

pub fn is_upper(c: u32) -> bool {
    char::from_u32(c).is_some_and(char::is_uppercase)
}

pub fn is_title(c: u32) -> bool {
    category(c) == Category::TitlecaseLetter
}

/// Whether the character has a case.
pub fn is_cased(c: u32) -> bool {
    is_lower(c) || is_upper(c) || is_title(c)
}

/// Skipped when looking for the neighbours of a sigma.
fn is_case_ignorable(c: u32) -> bool {
    use Category::{EnclosingMark, Format, ModifierLetter, ModifierSymbol, NonspacingMark};
    matches!(category(c), EnclosingMark | Format | ModifierLetter | ModifierSymbol | NonspacingMark)
        || matches!(c, 0x27 | 0x2e | 0x3a | 0xb7 | 0x2018 | 0x2019 | 0x2024 | 0x2027 | 0xfe13 | 0xfe52 | 0xfe55 | 0xff07 | 0xff0e | 0xff1a)
}

pub fn to_upper(c: u32, out: &mut Vec<u32>) {
    match char::from_u32(c) {
        Some(c) => out.extend(c.to_uppercase().map(u32::from)),
        None => out.push(c),
    }
}

/// Lower case; a capital sigma at the end of a word becomes the final form.
pub fn to_lower(chars: &[u32], index: usize, out: &mut Vec<u32>) {
    let c = chars[index];
    if c == 0x3a3 {
        let before = chars[..index].iter().rev().find(|c| !is_case_ignorable(**c)).is_some_and(|c| is_cased(*c));
        let after = chars[index + 1..].iter().find(|c| !is_case_ignorable(**c)).is_some_and(|c| is_cased(*c));
        out.push(if before && !after { 0x3c2 } else { 0x3c3 });
        return;
    }
    match char::from_u32(c) {
        Some(c) => out.extend(c.to_lowercase().map(u32::from)),
        None => out.push(c),
    }
}

/// Title case of a word's first letter.
pub fn to_title(c: u32, out: &mut Vec<u32>) {
    match c {
        // Digraphs have a title form of their own.
        0x1c4..=0x1c6 => out.push(0x1c5),
        0x1c7..=0x1c9 => out.push(0x1c8),
        0x1ca..=0x1cc => out.push(0x1cb),
        0x1f1..=0x1f3 => out.push(0x1f2),
        // Expansions capitalise their first letter only.
        0xdf => out.extend([0x53, 0x73]),
        0x587 => out.extend([0x535, 0x582]),
        0xfb00..=0xfb06 => {
            let mut upper = Vec::new();
            to_upper(c, &mut upper);
            out.push(upper[0]);
            for rest in &upper[1..] {
                to_lower(&[*rest], 0, out);
            }
        }
        // Georgian has no title case: letters stay as they are.
        0x10d0..=0x10fa | 0x10fd..=0x10ff => out.push(c),
        _ if is_title(c) => out.push(c),
        _ => to_upper(c, out),
    }
}

/// Full case folding.
pub fn to_folded(c: u32, out: &mut Vec<u32>) {
    match char::from_u32(c) {
        Some(c) => out.extend(caseless::default_case_fold_str(c.encode_utf8(&mut [0; 4])).chars().map(u32::from)),
        None => out.push(c),
    }
}
