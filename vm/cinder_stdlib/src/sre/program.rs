//! Patterns as programs of a backtracking machine.
//!
//! Problem: the code that `re._compiler` makes is laid out for a recursive matcher: what follows a repeat is found only when it ends.
//! Idea: translate it once into instructions that name their successors, and every test of one character into a set with a bitmap for Latin-1. The sets are filled
//! by the general engine, so classes and case folding mean the same in both.
//! Holds: what is not translated (locale, atomic and possessive groups, case-insensitive references) leaves the pattern to the general engine.

use std::cell::Cell;

use rustpython_sre_engine::{Request, SreAtCode, SreOpcode, State};

use super::filter::{Filter, filters};
use super::start::Start;

/// One character.
#[derive(Clone, Copy, Debug)]
pub(super) enum One {
    Char(u32),
    All,
    /// Index of a set.
    Set(u32),
}

/// One step. Numbers are words of the code, so that all of it fits into few machine words.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inst {
    Success,
    Fail,
    One(One),
    /// Remembers the position: even marks begin groups, odd ones end them.
    Mark(u32),
    At(SreAtCode),
    /// The next instruction first, `other` when that fails.
    Split {
        other: u32,
    },
    Jump(u32),
    /// The sub-pattern that follows, up to its `Success`, at a position `back` characters before this one.
    Assert {
        negative: bool,
        back: u32,
        next: u32,
    },
    /// Between `min` and `max` of one character.
    Repeat {
        one: One,
        min: u32,
        max: u32,
        is_lazy: bool,
    },
    LoopStart {
        slot: u32,
    },
    /// Decides on another turn of the body, which follows and jumps back here; then `next`.
    Until {
        slot: u32,
        min: u32,
        max: u32,
        next: u32,
        is_lazy: bool,
    },
    Group(u32),
    /// The next instruction when the group has matched, else `other`.
    GroupExists {
        group: u32,
        other: u32,
    },
}

/// Characters that an instruction accepts.
pub(super) struct Set {
    latin: [u64; 4],
    /// For the engine: the instruction and SUCCESS.
    code: Box<[u32]>,
    /// Answers about other characters: the character times two, plus the answer; 0 is none.
    known: Box<[Cell<u32>; 64]>,
}

impl Set {
    fn new(instruction: &[u32]) -> Set {
        let code: Box<[u32]> = instruction.iter().copied().chain([SreOpcode::SUCCESS as u32]).collect();
        let latin = plain_bits(instruction).unwrap_or_else(|| {
            let mut latin = [0; 4];
            for c in 0..=255u8 {
                let mut state = State::default();
                if state.py_match(&Request::new(&[c][..], 0, 1, &code, false)) {
                    latin[usize::from(c >> 6)] |= 1 << (c & 63);
                }
            }
            latin
        });
        Set { latin, code, known: Box::new([const { Cell::new(0) }; 64]) }
    }

    /// The accepted characters of Latin-1.
    pub(super) fn latin(&self) -> [u64; 4] {
        self.latin
    }

    #[inline(always)]
    pub(super) fn has(&self, c: u32) -> bool {
        if c < 256 { self.latin[(c >> 6) as usize] >> (c & 63) & 1 == 1 } else { self.has_wide(c) }
    }

    fn has_wide(&self, c: u32) -> bool {
        let cell = &self.known[(c & 63) as usize];
        if cell.get() >> 1 == c {
            return cell.get() & 1 == 1;
        }
        let mut state = State::default();
        let answer = match char::from_u32(c) {
            Some(c) => state.py_match(&Request::new(c.encode_utf8(&mut [0; 4]) as &str, 0, 1, &self.code, false)),
            None => {
                let point: rustpython_wtf8::Wtf8Buf = rustpython_wtf8::CodePoint::from_u32(c).into_iter().collect();
                state.py_match(&Request::new(&*point, 0, 1, &self.code, false))
            }
        };
        cell.set(c << 1 | u32::from(answer));
        answer
    }
}

/// The Latin-1 characters of tests that need no asking: all but a newline, all but one, and bitmaps.
fn plain_bits(instruction: &[u32]) -> Option<[u64; 4]> {
    let all_but = |c: u32| {
        let mut bits = [u64::MAX; 4];
        if c < 256 {
            bits[(c >> 6) as usize] &= !(1 << (c & 63));
        }
        bits
    };
    match SreOpcode::try_from(*instruction.first()?).ok()? {
        SreOpcode::ANY => Some(all_but('\n'.into())),
        SreOpcode::NOT_LITERAL => Some(all_but(*instruction.get(1)?)),
        SreOpcode::IN => {
            let body = instruction.get(2..)?;
            let (is_negated, body) = match body.first()? {
                word if *word == SreOpcode::NEGATE as u32 => (true, &body[1..]),
                _ => (false, body),
            };
            if *body.first()? != SreOpcode::CHARSET as u32 || body.get(9) != Some(&(SreOpcode::FAILURE as u32)) {
                return None;
            }
            let words = body.get(1..9)?;
            let mut bits = [0; 4];
            for (index, bits) in bits.iter_mut().enumerate() {
                let word = u64::from(words[2 * index]) | u64::from(words[2 * index + 1]) << 32;
                *bits = if is_negated { !word } else { word };
            }
            Some(bits)
        }
        _ => None,
    }
}

pub(super) struct Program {
    pub(super) insts: Vec<Inst>,
    pub(super) sets: Vec<Set>,
    pub(super) loops: usize,
    /// Characters of words, when the pattern asks for borders of words: by ASCII and by Unicode.
    pub(super) words: [Option<usize>; 2],
    /// What a run from each instruction may begin with.
    pub(super) filters: Vec<Filter>,
    pub(super) start: Start,
    /// Matches lie at the start of the text only.
    pub(super) is_anchored: bool,
}

struct Translator<'c> {
    code: &'c [u32],
    program: Program,
    /// Instruction at each place of the code.
    places: Vec<usize>,
    /// Instructions whose target is still a place of the code.
    open: Vec<(usize, usize)>,
}

/// `None`: the pattern has something that only the general engine knows.
pub(super) fn translate(code: &[u32]) -> Option<Program> {
    let program = Program {
        insts: Vec::new(),
        sets: Vec::new(),
        loops: 0,
        words: [None; 2],
        filters: Vec::new(),
        start: Start::Anywhere,
        is_anchored: false,
    };
    let mut translator = Translator { code, program, places: vec![usize::MAX; code.len() + 1], open: Vec::new() };
    translator.block(0, code.len())?;
    for (inst, place) in std::mem::take(&mut translator.open) {
        let target = *translator.places.get(place)?;
        if target == usize::MAX {
            return None;
        }
        match &mut translator.program.insts[inst] {
            Inst::Jump(to) | Inst::GroupExists { other: to, .. } => *to = target as u32,
            _ => return None,
        }
    }
    let mut program = translator.program;
    let starts_with = program.insts.iter().find(|inst| !matches!(inst, Inst::Mark(_)));
    program.is_anchored = matches!(starts_with, Some(Inst::At(SreAtCode::BEGINNING | SreAtCode::BEGINNING_STRING)));
    program.filters = filters(&program.insts, &program.sets);
    program.start = Start::of(&program.insts, &program.filters);
    Some(program)
}

impl Translator<'_> {
    fn word(&self, at: usize) -> Option<usize> {
        self.code.get(at).map(|word| *word as usize)
    }

    fn emit(&mut self, inst: Inst) -> usize {
        self.program.insts.push(inst);
        self.program.insts.len() - 1
    }

    fn set(&mut self, from: usize, to: usize) -> Option<One> {
        let set = Set::new(self.code.get(from..to)?);
        self.program.sets.push(set);
        Some(One::Set(self.program.sets.len() as u32 - 1))
    }

    /// Number of the next instruction.
    fn here(&self) -> u32 {
        self.program.insts.len() as u32
    }

    /// The test of one character at `at`, and where it ends; `None` when there is none.
    fn one(&mut self, at: usize) -> Option<(One, usize)> {
        use SreOpcode::*;
        let op = SreOpcode::try_from(*self.code.get(at)?).ok()?;
        Some(match op {
            LITERAL => (One::Char(*self.code.get(at + 1)?), at + 2),
            ANY_ALL => (One::All, at + 1),
            ANY => (self.set(at, at + 1)?, at + 1),
            NOT_LITERAL
            | CATEGORY
            | LITERAL_IGNORE
            | NOT_LITERAL_IGNORE
            | LITERAL_UNI_IGNORE
            | NOT_LITERAL_UNI_IGNORE => (self.set(at, at + 2)?, at + 2),
            IN | IN_IGNORE | IN_UNI_IGNORE => {
                let end = at + 1 + self.word(at + 1)?;
                (self.set(at, end)?, end)
            }
            _ => return None,
        })
    }

    /// Translates the code from `at` to `end`.
    fn block(&mut self, mut at: usize, end: usize) -> Option<()> {
        use SreOpcode::*;
        while at < end {
            *self.places.get_mut(at)? = self.program.insts.len();
            let op = SreOpcode::try_from(*self.code.get(at)?).ok()?;
            if let Some((one, next)) = self.one(at) {
                self.emit(Inst::One(one));
                at = next;
                continue;
            }
            match op {
                SUCCESS => {
                    self.emit(Inst::Success);
                    at += 1;
                }
                FAILURE => {
                    self.emit(Inst::Fail);
                    at += 1;
                }
                MARK => {
                    self.emit(Inst::Mark(*self.code.get(at + 1)?));
                    at += 2;
                }
                AT => {
                    self.at(*self.code.get(at + 1)?)?;
                    at += 2;
                }
                INFO => at += 1 + self.word(at + 1)?,
                JUMP => {
                    let jump = self.emit(Inst::Jump(0));
                    self.open.push((jump, at + 1 + self.word(at + 1)?));
                    at += 2;
                }
                GROUPREF => {
                    self.emit(Inst::Group(*self.code.get(at + 1)?));
                    at += 2;
                }
                GROUPREF_EXISTS => {
                    let group = *self.code.get(at + 1)?;
                    let exists = self.emit(Inst::GroupExists { group, other: 0 });
                    self.open.push((exists, at + 1 + self.word(at + 2)?));
                    at += 3;
                }
                ASSERT | ASSERT_NOT => {
                    let next = at + 1 + self.word(at + 1)?;
                    let back = *self.code.get(at + 2)?;
                    let assert = self.emit(Inst::Assert { negative: op == ASSERT_NOT, back, next: 0 });
                    self.block(at + 3, next)?;
                    let behind = self.here();
                    if let Inst::Assert { next, .. } = &mut self.program.insts[assert] {
                        *next = behind;
                    }
                    at = next;
                }
                BRANCH => at = self.branch(at + 1)?,
                REPEAT => at = self.repeat(at)?,
                REPEAT_ONE | MIN_REPEAT_ONE => {
                    let next = at + 1 + self.word(at + 1)?;
                    let (min, max) = (*self.code.get(at + 2)?, *self.code.get(at + 3)?);
                    let (one, behind) = self.one(at + 4)?;
                    // The item is one instruction and SUCCESS.
                    if behind + 1 != next {
                        return None;
                    }
                    self.emit(Inst::Repeat { one, min, max, is_lazy: op == MIN_REPEAT_ONE });
                    at = next;
                }
                _ => return None,
            }
        }
        *self.places.get_mut(end)? = self.program.insts.len();
        Some(())
    }

    fn at(&mut self, code: u32) -> Option<()> {
        let at = SreAtCode::try_from(code).ok()?;
        // CATEGORY WORD and CATEGORY UNI_WORD.
        let word = match at {
            SreAtCode::BOUNDARY | SreAtCode::NON_BOUNDARY => Some((0, 4)),
            SreAtCode::UNI_BOUNDARY | SreAtCode::UNI_NON_BOUNDARY => Some((1, 14)),
            SreAtCode::LOC_BOUNDARY | SreAtCode::LOC_NON_BOUNDARY => return None,
            _ => None,
        };
        if let Some((index, category)) = word
            && self.program.words[index].is_none()
        {
            self.program.sets.push(Set::new(&[SreOpcode::CATEGORY as u32, category]));
            self.program.words[index] = Some(self.program.sets.len() - 1);
        }
        self.emit(Inst::At(at));
        Some(())
    }

    /// Alternatives, each with its length before it, up to a length of 0.
    fn branch(&mut self, mut at: usize) -> Option<usize> {
        loop {
            let skip = self.word(at)?;
            if skip == 0 {
                // No alternative is left.
                self.emit(Inst::Fail);
                *self.places.get_mut(at + 1)? = self.program.insts.len();
                return Some(at + 1);
            }
            let split = self.emit(Inst::Split { other: 0 });
            self.block(at + 1, at + skip)?;
            let next = self.here();
            if let Inst::Split { other } = &mut self.program.insts[split] {
                *other = next;
            }
            at += skip;
        }
    }

    fn repeat(&mut self, at: usize) -> Option<usize> {
        let until = at + 1 + self.word(at + 1)?;
        let (min, max) = (*self.code.get(at + 2)?, *self.code.get(at + 3)?);
        let is_lazy = match SreOpcode::try_from(*self.code.get(until)?).ok()? {
            SreOpcode::MAX_UNTIL => false,
            SreOpcode::MIN_UNTIL => true,
            _ => return None,
        };
        let slot = self.program.loops as u32;
        self.program.loops += 1;
        self.emit(Inst::LoopStart { slot });
        let decide = self.here();
        self.emit(Inst::Until { slot, min, max, next: 0, is_lazy });
        self.block(at + 4, until)?;
        self.emit(Inst::Jump(decide));
        let behind = self.here();
        if let Inst::Until { next, .. } = &mut self.program.insts[decide as usize] {
            *next = behind;
        }
        Some(until + 1)
    }
}
