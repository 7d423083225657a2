//! The proleptic Gregorian calendar. Source: the comments and constants of Modules/_datetimemodule.c.

pub(super) const MIN_YEAR: i32 = 1;
pub(super) const MAX_YEAR: i32 = 9999;
/// `date.max.toordinal()`.
pub(super) const MAX_ORDINAL: i64 = 3_652_059;

const DAYS_BEFORE: [i32; 13] = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

pub(super) fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the year before the first of `month`.
pub(super) fn days_before_month(year: i32, month: i32) -> i32 {
    DAYS_BEFORE[month as usize] + i32::from(month > 2 && is_leap(year))
}

fn days_before_year(year: i32) -> i64 {
    let y = i64::from(year) - 1;
    y * 365 + y / 4 - y / 100 + y / 400
}

/// Number of a day; the first of January of year 1 is 1.
pub(super) fn ordinal(year: i32, month: i32, day: i32) -> i64 {
    days_before_year(year) + i64::from(days_before_month(year, month) + day)
}

/// The day of an ordinal from 1 on.
pub(super) fn from_ordinal(ordinal: i64) -> (i32, i32, i32) {
    let n = ordinal - 1;
    let (n400, n) = (n / 146_097, n % 146_097);
    let (n100, n) = (n / 36_524, n % 36_524);
    let (n4, n) = (n / 1_461, n % 1_461);
    let (n1, n) = (n / 365, n % 365);
    let year = (n400 * 400 + n100 * 100 + n4 * 4 + n1) as i32 + 1;
    if n1 == 4 || n100 == 4 {
        return (year - 1, 12, 31);
    }
    let of_year = n as i32;
    let mut month = (of_year + 50) >> 5;
    if days_before_month(year, month) > of_year {
        month -= 1;
    }
    (year, month, of_year - days_before_month(year, month) + 1)
}

/// 0 is Monday.
pub(super) fn weekday(year: i32, month: i32, day: i32) -> i32 {
    ((ordinal(year, month, day) + 6) % 7) as i32
}

/// Ordinal of the Monday with which ISO year `year` begins.
fn iso_week_one(year: i32) -> i64 {
    let first = ordinal(year, 1, 1);
    let weekday = (first + 6) % 7;
    let monday = first - weekday;
    if weekday > 3 { monday + 7 } else { monday }
}

/// ISO year, week and weekday of a date.
pub(super) fn iso_calendar(year: i32, month: i32, day: i32) -> (i32, i32, i32) {
    let today = ordinal(year, month, day);
    let mut iso_year = year;
    let mut week = (today - iso_week_one(year)).div_euclid(7);
    if week < 0 {
        iso_year -= 1;
        week = (today - iso_week_one(iso_year)).div_euclid(7);
    } else if week >= 52 && today >= iso_week_one(year + 1) {
        iso_year += 1;
        week = 0;
    }
    (iso_year, week as i32 + 1, ((today + 6) % 7) as i32 + 1)
}

/// What is wrong with an ISO date.
pub(super) enum IsoProblem {
    Year,
    Week,
    Day,
}

/// Ordinal of an ISO date; it may lie outside the calendar.
pub(super) fn from_iso_calendar(year: i32, week: i32, day: i32) -> Result<i64, IsoProblem> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(IsoProblem::Year);
    }
    if !(1..=52).contains(&week) {
        // Years that begin on a Thursday, leap years on a Wednesday, have 53.
        let first = weekday(year, 1, 1);
        if week != 53 || !(first == 3 || first == 2 && is_leap(year)) {
            return Err(IsoProblem::Week);
        }
    }
    if !(1..=7).contains(&day) {
        return Err(IsoProblem::Day);
    }
    Ok(iso_week_one(year) + i64::from((week - 1) * 7 + day - 1))
}
