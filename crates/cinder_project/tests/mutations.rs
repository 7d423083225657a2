//! Programs nobody would write: the static suites' programs with tokens and lines deleted, doubled and exchanged, and programs that are large in
//! one direction. No check panics, and none takes long.
//!
//! `CINDER_SLOW_TESTS` tries a hundred times as many.

use std::path::Path;
use std::time::Instant;

use cinder_db::testing::TestDb;
use cinder_project::check_file;

use crate::edits::Random;

/// The Python blocks of the pages below a folder of `testdata`, static ones first made so where they are not.
#[expect(clippy::disallowed_methods, reason = "the test reads its own data")]
fn programs(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(folder);
    let mut pages: Vec<_> =
        std::fs::read_dir(folder).expect("the suite is there").flatten().map(|it| it.path()).collect();
    pages.sort();
    let mut found = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(page).unwrap_or_default();
        for block in text.split("```py\n").skip(1) {
            let program = block.split("```").next().unwrap_or_default();
            let is_static = program.contains("__static__");
            found.push(if is_static { program.to_owned() } else { format!("import __static__\n{program}") });
        }
    }
    found
}

/// Names, numbers, operators and white space; cut by character class, which is all a mutation needs.
fn tokens(text: &str) -> Vec<&str> {
    let class = |char: char| match char {
        _ if char.is_alphanumeric() || char == '_' => 0,
        ' ' => 1,
        '\n' => 2,
        _ => 3,
    };
    let mut found = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, char) in text.char_indices() {
        let kind = class(char);
        if last.is_some_and(|last| last != kind || kind >= 2) {
            found.push(&text[start..at]);
            start = at;
        }
        last = Some(kind);
    }
    found.push(&text[start..]);
    found
}

fn mutate(text: &str, others: &[String], random: &mut Random) -> String {
    let by_line = random.below(3) == 0;
    let mut parts: Vec<String> = match by_line {
        true => text.split_inclusive('\n').map(str::to_owned).collect(),
        false => tokens(text).into_iter().map(str::to_owned).collect(),
    };
    for _ in 0..1 + random.below(3) {
        let at = random.below(parts.len());
        let other = random.below(parts.len());
        match random.below(5) {
            0 => drop(parts.remove(at)),
            1 => parts.insert(at, parts[other].clone()),
            2 => parts.swap(at, other),
            3 => parts[at] = parts[other].clone(),
            _ => {
                let donor = &others[random.below(others.len())];
                let donor: Vec<&str> = if by_line { donor.split_inclusive('\n').collect() } else { tokens(donor) };
                parts[at] = donor[random.below(donor.len())].to_owned();
            }
        }
        if parts.is_empty() {
            break;
        }
    }
    parts.concat()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test that times itself, outside of any query; and whoever runs it decides how long it takes"
)]
fn check_all(programs: impl Iterator<Item = String>, limit_seconds: f64) {
    let mut db = TestDb::new();
    cinder_syntax::with_deep_stack(|| {
        for program in programs {
            let file = db.write("/src/m.py", &program);
            let start = Instant::now();
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                check_file(&db, file).len() + cinder_static::check_performance(&db, file).len()
            }));
            assert!(outcome.is_ok(), "the check of this program panics:\n{program}");
            let seconds = start.elapsed().as_secs_f64();
            let begin: String = program.chars().take(2000).collect();
            assert!(seconds < limit_seconds, "the check of this program took {seconds:.1} s:\n{begin}");
        }
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests decides how long they take")]
fn mutated_programs_are_checked() {
    let rounds = if std::env::var_os("CINDER_SLOW_TESTS").is_some() { 200 } else { 2 };
    let mut all = programs("static");
    all.extend(programs("rules"));
    assert!(all.len() > 100);
    let mut random = Random(7);
    let mutants = (0..rounds).flat_map(|_| 0..all.len()).map(|at| mutate(&all[at], &all, &mut random));
    check_all(mutants.collect::<Vec<_>>().into_iter(), 20.0);
}

/// Each program is long in one direction only; what is more than linear shows.
#[test]
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests decides how long they take")]
fn large_programs_are_checked_in_proportion() {
    let n = if std::env::var_os("CINDER_SLOW_TESTS").is_some() { 4000 } else { 200 };
    let lines = |line: &dyn Fn(usize) -> String| (0..n).map(line).collect::<String>();
    // Forty levels already tell a walk of the classes from a walk of the paths to them.
    let diamonds: String = (0..40)
        .map(|i| format!("@dataclass\nclass A{0}(A{i}, B{i}): pass\n@dataclass\nclass B{0}(A{i}, B{i}): pass\n", i + 1))
        .collect();
    let head = "import __static__\nfrom typing import Optional, Union\nfrom dataclasses import dataclass\n";
    let function = "def f(x: Optional[int], b: bool) -> None:\n";
    let programs = [
        (
            "classes",
            lines(&|i| format!("class C{i}:\n    x: int = {i}\n    def m(self) -> int:\n        return self.x\n")),
        ),
        (
            "users of classes",
            lines(&|i| {
                format!(
                    "class C{i}:\n    def m(self, other: 'C{}') -> 'C{i}':\n        other.m(C{}())\n        return self\n",
                    (i + 1) % n,
                    (i + 2) % n
                )
            }),
        ),
        (
            "a chain of classes",
            "class C0: pass\n".to_owned()
                + &lines(&|i| format!("class C{}(C{i}):\n    def m{i}(self) -> int:\n        return self.x\n", i + 1)),
        ),
        ("diamonds", "class A0: pass\nclass B0: pass\n".to_owned() + &diamonds),
        (
            "members",
            "class C:\n".to_owned()
                + &lines(&|i| {
                    format!("    x{i}: int\n    def m{i}(self) -> int:\n        return self.m{}()\n", n - 1 - i)
                }),
        ),
        (
            "locals",
            function.to_owned() + &lines(&|i| format!("    x{i}: int = {i}\n    if b:\n        x{i} = {i} + 1\n")),
        ),
        (
            "attributes",
            "class C:\n    def __init__(self) -> None:\n".to_owned()
                + &lines(&|i| format!("        self.a{i}: int = {i}\n        self.a{i} = 1\n")),
        ),
        (
            "branches",
            format!("{function}    y = 0\n    if x == 0:\n        y = 1\n")
                + &lines(&|i| format!("    elif x == {i}:\n        y = {i}\n")),
        ),
        (
            "union annotations",
            lines(&|i| format!("class C{i}: pass\n"))
                + "def f(x: Union["
                + &lines(&|i| format!("C{i}, "))
                + "None]) -> None:\n    pass\n",
        ),
        (
            "unions of joins",
            lines(&|i| format!("class C{i}: pass\n"))
                + function
                + "    y = None\n"
                + &lines(&|i| format!("    if b:\n        y = C{i}()\n")),
        ),
        (
            "captured names",
            function.to_owned()
                + &lines(&|i| format!("    v{i} = {i}\n    def g{i}() -> object:\n        return v{i}\n")),
        ),
        ("mistakes", function.to_owned() + &lines(&|i| format!("    z{i}: str = {i}\n"))),
        (
            "missing attributes",
            "class C: pass\ndef f(c: C) -> None:\n".to_owned() + &lines(&|i| format!("    c.a{i}\n")),
        ),
        ("duplicates", lines(&|_| "def f() -> None: pass\n".to_owned())),
        (
            "aliases",
            "type T0 = int\n".to_owned()
                + &lines(&|i| format!("type T{} = T{i} | T{i}\ndef f{i}(x: T{i}) -> None: pass\n", i + 1)),
        ),
        (
            "containers",
            "from __static__ import CheckedDict\ndef f() -> None:\n    x = ".to_owned()
                + &"CheckedDict[int, ".repeat(60)
                + "int"
                + &"]".repeat(60)
                + "()\n",
        ),
    ];
    check_all(programs.into_iter().map(|(what, text)| format!("# {what}\n{head}{text}")), 30.0);
}
