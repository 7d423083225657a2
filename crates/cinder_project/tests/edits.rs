//! After any sequence of edits the answer is the one a fresh database gives, and nothing panics.
//!
//! `CINDER_SLOW_TESTS` makes the sequences a hundred times longer.

use cinder_db::testing::TestDb;
use cinder_project::check_file;

const PROGRAMS: [(&str, &str); 4] = [
    ("/src/richards_static.py", include_str!("../../../testdata/programs/richards_static.py")),
    ("/src/deltablue_static.py", include_str!("../../../testdata/programs/deltablue_static.py")),
    ("/src/nbody_static.py", include_str!("../../../testdata/programs/nbody_static.py")),
    ("/src/expressions.py", include_str!("../../../testdata/programs/expressions.py")),
];

/// A module that uses another one, so that edits of signatures show.
const USER: &str = "\
import __static__
from richards_static import Packet

def use(p: Packet) -> int:
    x = p.datum
    return p.append_to(p)
";

/// Xorshift: the same numbers in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

/// Changes a line or two, as a person at a keyboard does: some results are programs, some are not.
fn mutate(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let at = random.below(lines.len());
    match random.below(10) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => lines.insert(at, String::new()),
        3 => lines.insert(at, "# a comment".to_string()),
        4 => lines[at].insert_str(0, "    "),
        5 => lines[at] = lines[at].replace("int64", "int"),
        6 => lines[at] = lines[at].replace("self", "other"),
        7 => {
            let cut = random.below(lines[at].chars().count() + 1);
            lines[at] = lines[at].chars().take(cut).collect();
        }
        8 => lines[at].push_str(["  # cinder: ignore", " \\", ":", "\"\"\"", " + 1", ")"][random.below(6)]),
        _ => {
            let other = random.below(lines.len());
            lines.swap(at, other);
        }
    }
    lines.join("\n") + "\n"
}

fn findings(db: &TestDb, path: &str) -> Vec<String> {
    let found = check_file(db, db.file(path));
    found
        .iter()
        .map(|diagnostic| format!("{:?} {} {}", diagnostic.range, diagnostic.rule.name, diagnostic.message))
        .collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests decides how long they take")]
fn edits_lead_to_the_same_answer_as_a_fresh_look() {
    let edits = if std::env::var_os("CINDER_SLOW_TESTS").is_some() { 2000 } else { 20 };
    cinder_syntax::with_deep_stack(|| {
        for (seed, (path, original)) in PROGRAMS.iter().enumerate() {
            let mut random = Random(seed as u64 + 1);
            let mut db = TestDb::with_files(PROGRAMS.iter().copied().chain([("/src/user.py", USER)]));
            let mut text = original.to_string();
            for step in 0..edits {
                // Back to a program that works now and then, or mistakes pile up and hide everything.
                text = if step % 8 == 7 { original.to_string() } else { mutate(&text, &mut random) };
                db.write(path, &text);
                let mut fresh = TestDb::with_files(PROGRAMS.iter().copied().chain([("/src/user.py", USER)]));
                fresh.write(path, &text);
                for looked_at in [path, "/src/user.py"] {
                    assert_eq!(findings(&db, looked_at), findings(&fresh, looked_at), "{path}, edit {step}:\n{text}");
                }
            }
        }
    });
}
