//! Reading ISO 8601, as much of it as `fromisoformat` accepts.

use super::calendar;

/// Why a text was refused.
pub(super) enum Refused {
    /// It is malformed; the caller quotes it.
    Malformed,
    /// A sentence of its own.
    Says(String),
}

/// Hours to microseconds, and the offset from UTC in microseconds when there is one.
pub(super) struct ParsedTime {
    pub(super) hour: i32,
    pub(super) minute: i32,
    pub(super) second: i32,
    pub(super) microsecond: i32,
    pub(super) offset: Option<i64>,
}

fn digits(text: &[u8], count: usize) -> Option<(i32, &[u8])> {
    let head = text.get(..count)?;
    let number =
        head.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i32::from(byte - b'0')))?;
    Some((number, &text[count..]))
}

/// `YYYY-MM-DD`, `YYYYMMDD`, `YYYY-Www[-D]`, `YYYYWww[D]`: year, month, day, not yet held against the calendar.
pub(super) fn date(text: &[u8]) -> Result<(i32, i32, i32), Refused> {
    parse_date(text).ok_or(Refused::Malformed)?
}

fn parse_date(text: &[u8]) -> Option<Result<(i32, i32, i32), Refused>> {
    let (year, rest) = digits(text, 4)?;
    let (has_dash, rest) = match rest {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, rest),
    };
    if let [b'W', rest @ ..] = rest {
        let (week, rest) = digits(rest, 2)?;
        let day = match (rest, has_dash) {
            ([], _) => 1,
            ([b'-', day @ ..], true) | (day, false) => match digits(day, 1)? {
                (day, []) => day,
                _ => return None,
            },
            _ => return None,
        };
        return Some(from_week(year, week, day));
    }
    let (month, rest) = digits(rest, 2)?;
    let rest = match (rest, has_dash) {
        ([b'-', rest @ ..], true) => rest,
        (_, true) => return None,
        (rest, false) => rest,
    };
    match digits(rest, 2)? {
        (day, []) => Some(Ok((year, month, day))),
        _ => None,
    }
}

fn from_week(year: i32, week: i32, day: i32) -> Result<(i32, i32, i32), Refused> {
    use calendar::IsoProblem as P;
    match calendar::from_iso_calendar(year, week, day) {
        Ok(ordinal) if (1..=calendar::MAX_ORDINAL).contains(&ordinal) => Ok(calendar::from_ordinal(ordinal)),
        Ok(_) => Err(Refused::Malformed),
        Err(P::Year) => Err(Refused::Says(format!("year must be in 1..9999, not {year}"))),
        Err(P::Week) => Err(Refused::Says(format!("Invalid week: {week}"))),
        Err(P::Day) => Err(Refused::Says(format!("Invalid weekday: {day} (range is [1, 7])"))),
    }
}

/// `HH[:MM[:SS[.f+]]]` or without colons; what follows is left over.
fn clock(text: &[u8]) -> Option<[i32; 4]> {
    let mut out = [0; 4];
    let (hour, mut rest) = digits(text, 2)?;
    out[0] = hour;
    let has_colons = rest.first() == Some(&b':');
    for part in &mut out[1..3] {
        match rest {
            [] => return Some(out),
            [b':', tail @ ..] if has_colons => rest = tail,
            // Only seconds have a fraction.
            [b'.' | b',', ..] => return None,
            _ if has_colons => return None,
            _ => {}
        }
        let (number, tail) = digits(rest, 2)?;
        *part = number;
        rest = tail;
    }
    match rest {
        [] => return Some(out),
        [b'.' | b',', tail @ ..] => rest = tail,
        _ => return None,
    }
    if rest.is_empty() || !rest.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // Digits beyond the sixth do not count.
    let shown = &rest[..rest.len().min(6)];
    let (number, _) = digits(shown, shown.len())?;
    out[3] = number * 10_i32.pow(6 - shown.len() as u32);
    Some(out)
}

/// A time with or without zone. The hour may be 24 where everything else is zero.
pub(super) fn time(text: &[u8]) -> Result<ParsedTime, Refused> {
    parse_time(text).ok_or(Refused::Malformed)?
}

fn parse_time(text: &[u8]) -> Option<Result<ParsedTime, Refused>> {
    let zone = text.iter().position(|byte| matches!(byte, b'+' | b'-' | b'Z'));
    let (local, zone) = match zone {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    };
    let [hour, minute, second, microsecond] = clock(local)?;
    let offset = match zone {
        None => None,
        Some(b"Z") => Some(0),
        Some([sign @ (b'+' | b'-'), rest @ ..]) => {
            let [hours, minutes, seconds, micros] = clock(rest)?;
            if minutes > 59 || seconds > 59 {
                return None;
            }
            let total = i64::from(hours * 3600 + minutes * 60 + seconds) * 1_000_000 + i64::from(micros);
            Some(if *sign == b'-' { -total } else { total })
        }
        Some(_) => return None,
    };
    Some(Ok(ParsedTime { hour, minute, second, microsecond, offset }))
}

/// Where the separator between date and time stands: the date before it has one of the forms of [`date`].
pub(super) fn separator(text: &[u8]) -> usize {
    const AFTER_WEEK: usize = 7;
    let Some(fifth) = text.get(4) else { return text.len() };
    if *fifth == b'-' {
        if text.get(5) != Some(&b'W') {
            return 10;
        }
        // YYYY-Www, perhaps with a day.
        if text.len() < 8 {
            return text.len();
        }
        return match text.get(8) {
            Some(b'-') if text.len() == 9 => 8,
            Some(b'-') if text.len() > 10 && text[10].is_ascii_digit() => 8,
            Some(b'-') => 10,
            _ => 8,
        };
    }
    if *fifth == b'W' {
        // YYYYWww, perhaps with a day: as many digits as follow tell.
        let run = text[AFTER_WEEK.min(text.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let end = AFTER_WEEK + run;
        return if end < 9 {
            end
        } else if end.is_multiple_of(2) {
            7
        } else {
            8
        };
    }
    8
}
