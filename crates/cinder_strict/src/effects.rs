//! What calls into modules without a value do: a table of reviewed summaries.
//!
//! Idea: `stubs/effects.txt` has a line for each name or prefix with one of the levels; the longest entry wins. A name whose level is
//! [`Level::Pure`] gives harmless values; the others are violations that say what they do.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// How far a module reaches when it is imported, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Depends on nothing but source text.
    Pure,
    /// The same in each process, but more than a value: a lock, a logger.
    Deterministic,
    ReadsEnvironment,
    Registers,
    Io,
    Unknown,
}

impl Level {
    /// The word in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Level::Pure => "pure",
            Level::Deterministic => "deterministic",
            Level::ReadsEnvironment => "reads-environment",
            Level::Registers => "registers",
            Level::Io => "io",
            Level::Unknown => "unknown",
        }
    }

    pub fn from_name(name: &str) -> Option<Level> {
        [Level::Pure, Level::Deterministic, Level::ReadsEnvironment, Level::Registers, Level::Io, Level::Unknown]
            .into_iter()
            .find(|level| level.name() == name)
    }
}

/// What a name in the table does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Pure,
    Io,
    Environment,
    Nondeterministic,
    Process,
    Registers,
    /// Nondeterministic when fewer arguments are given: then the clock is asked.
    Clock(usize),
}

struct Table {
    names: FxHashMap<&'static str, Effect>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut names = FxHashMap::default();
    for line in include_str!("../stubs/effects.txt").lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let Some(effect) = words.next() else { continue };
        let effect = match effect {
            "pure" => Effect::Pure,
            "io" => Effect::Io,
            "environment" => Effect::Environment,
            "nondeterministic" => Effect::Nondeterministic,
            "process" => Effect::Process,
            "registers" => Effect::Registers,
            "clock-without-1" => Effect::Clock(1),
            "clock-without-2" => Effect::Clock(2),
            _ => continue,
        };
        names.extend(words.map(|name| (name, effect)));
    }
    Table { names }
});

/// What using `path` (dotted, calls written as `()`) does, by the longest entry.
pub(crate) fn level_of(path: &str) -> Option<Effect> {
    let mut rest = path;
    loop {
        if let Some(effect) = TABLE.names.get(rest) {
            return Some(*effect);
        }
        // What a call gives is as its class or function was, as far as the table says nothing else.
        let end = rest.rfind(['.', '(', '['])?;
        rest = &rest[..end];
    }
}

/// Whether the table says anything about a module.
pub(crate) fn is_known_module(name: &str) -> bool {
    level_of(name).is_some()
}
