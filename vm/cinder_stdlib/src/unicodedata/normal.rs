//! Normalisation forms. Source: Unicode Standard Annex 15; chapter 3.12 of the standard for Hangul.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{DECOMPOSITIONS, Version, find_decomposition, parts, record};

/// A normalisation form: NFC, NFD, NFKC or NFKD.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) compose: bool,
    pub(super) compatible: bool,
}

const SYLLABLES: u32 = 0xac00;
const SYLLABLE_COUNT: u32 = 11172;
const LEADS: u32 = 0x1100;
const LEAD_COUNT: u32 = 19;
const VOWELS: u32 = 0x1161;
const VOWEL_COUNT: u32 = 21;
const TRAILS: u32 = 0x11a7;
const TRAIL_COUNT: u32 = 28;

/// The two or three parts of a Hangul syllable.
pub(super) fn hangul_parts(point: u32) -> Option<[Option<u32>; 3]> {
    let index = point.checked_sub(SYLLABLES).filter(|index| *index < SYLLABLE_COUNT)?;
    let trail = index % TRAIL_COUNT;
    Some([
        Some(LEADS + index / (VOWEL_COUNT * TRAIL_COUNT)),
        Some(VOWELS + index % (VOWEL_COUNT * TRAIL_COUNT) / TRAIL_COUNT),
        if trail == 0 { None } else { Some(TRAILS + trail) },
    ])
}

fn compose_hangul(first: u32, second: u32) -> Option<u32> {
    let (lead, vowel) = (first.wrapping_sub(LEADS), second.wrapping_sub(VOWELS));
    if lead < LEAD_COUNT && vowel < VOWEL_COUNT {
        return Some(SYLLABLES + (lead * VOWEL_COUNT + vowel) * TRAIL_COUNT);
    }
    let (syllable, trail) = (first.wrapping_sub(SYLLABLES), second.wrapping_sub(TRAILS));
    let takes_trail = syllable < SYLLABLE_COUNT && syllable % TRAIL_COUNT == 0;
    if takes_trail && (1..TRAIL_COUNT).contains(&trail) { Some(first + trail) } else { None }
}

/// Characters by the pair they compose from.
fn compositions() -> &'static HashMap<(u32, u32), u32> {
    static TABLE: OnceLock<HashMap<(u32, u32), u32>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let composing = DECOMPOSITIONS.iter().filter(|entry| entry.2);
        composing.map(|entry| ((parts(entry)[0], parts(entry)[1]), entry.0)).collect()
    })
}

/// Characters whose decomposition was corrected after version 3.2.
fn old_correction(point: u32) -> Option<u32> {
    Some(match point {
        0x2f868 => 0x2136a,
        0x2f874 => 0x5f33,
        0x2f91f => 0x43ab,
        0x2f95f => 0x7aae,
        0x2f9bf => 0x4d57,
        _ => return None,
    })
}

fn decompose(version: Version, form: Form, point: u32, out: &mut Vec<u32>) {
    if let Some(syllable) = hangul_parts(point) {
        out.extend(syllable.into_iter().flatten());
        return;
    }
    if version == Version::Old {
        if !version.has(point) {
            out.push(point);
            return;
        }
        if let Some(corrected) = old_correction(point) {
            out.push(corrected);
            return;
        }
    }
    match find_decomposition(point) {
        Some(entry) if entry.1 == 0 || form.compatible => {
            parts(entry).iter().for_each(|part| decompose(version, form, *part, out));
        }
        _ => out.push(point),
    }
}

/// Class of a combining mark, 0 for others. The old version orders by today's classes too, as CPython does.
fn class(point: &u32) -> u8 {
    record(Version::New, *point).combining
}

/// Sorts each run of combining marks by class; equal classes keep their order.
fn reorder(points: &mut [u32]) {
    let mut at = 0;
    while at < points.len() {
        if class(&points[at]) == 0 {
            at += 1;
            continue;
        }
        let run = points[at..].iter().take_while(|point| class(point) != 0).count();
        points[at..at + run].sort_by_key(class);
        at += run;
    }
}

fn compose(points: &[u32]) -> Vec<u32> {
    let table = compositions();
    let mut out: Vec<u32> = Vec::with_capacity(points.len());
    let (mut starter, mut last_class) = (None, 0);
    for &point in points {
        let class = class(&point);
        if let Some(at) = starter {
            // A mark behind another of the same or a higher class, or a starter behind a mark, is blocked.
            let is_next = at + 1 == out.len();
            let pair = (out[at], point);
            let composed = compose_hangul(pair.0, pair.1).or_else(|| table.get(&pair).copied());
            if let Some(composed) = composed
                && (is_next || (last_class != 0 && last_class < class))
            {
                out[at] = composed;
                continue;
            }
        }
        if class == 0 {
            starter = Some(out.len());
        }
        last_class = class;
        out.push(point);
    }
    out
}

/// The text in a normalisation form.
pub(super) fn normalize(version: Version, form: Form, points: &[u32]) -> Vec<u32> {
    let mut out = Vec::with_capacity(points.len());
    points.iter().for_each(|point| decompose(version, form, *point, &mut out));
    reorder(&mut out);
    if form.compose { compose(&out) } else { out }
}
