//! Settings of a case, and what another checker says of its main program.
//!
//! | Block | Content |
//! | --- | --- |
//! | `statics` | `modules = a, b` and `exclude = c`: modules that are static without a flag, and those that are not |
//! | `claims` | lines `SOURCE: KIND NAME`; each occurrence of the source is said to be that (`instance`, `class`, `method`, `function`, `none`, `union A B`) |
//! | `json` | the type file itself |

use std::fmt::Write as _;

use cinder_db::testing::TestDb;
use cinder_db::{Db, StaticSettings};
use cinder_mdtest::Case;
use cinder_static::check_static;
use salsa::Setter as _;

pub(crate) fn settings(case: &Case, db: &mut TestDb) -> StaticSettings {
    let mut statics = StaticSettings::default();
    let main = case.main_file();
    let path = format!("/types/{}.json", main.path.trim_end_matches(".py").replace('/', "."));
    for (language, text) in &case.attachments {
        match language.as_str() {
            "statics" => {
                for (key, names) in text.lines().filter_map(|line| line.split_once('=')) {
                    let names = names.split(',').map(|name| name.trim().to_owned()).collect();
                    match key.trim() {
                        "modules" => statics.modules = names,
                        "exclude" => statics.exclude = names,
                        other => panic!("`{other}` is no setting"),
                    }
                }
            }
            "claims" => {
                db.write(&path, &type_file(&main.text, text));
                statics.types = Some("/types".into());
            }
            "json" => {
                db.write(&path, text);
                statics.types = Some("/types".into());
            }
            _ => {}
        }
    }
    statics
}

/// Whatever is in a type file, the module is checked, and what is found besides is the file's own mistake.
pub(crate) fn damaged_type_files_do_no_harm() {
    const SOURCE: &str = "import __static__\nclass C:\n    def __init__(self) -> None:\n        self.n: int = 1\n    def m(self, x: int) -> int:\n        return self.n\ndef f(x, y) -> object:\n    x.n = y.m(1)\n    return x.m(y.m(x.n))\n";
    let whole = type_file(
        SOURCE,
        "x: instance main.C\ny: union main.C main.D\ny.m: method main.C\nf: function main.f\nC: class main.C",
    );
    let mut db = TestDb::new();
    let main = db.write("/src/main.py", SOURCE);
    db.write("/types/main.json", &whole);
    let program = db.program();
    let mut settings = program.settings(&db).clone();
    settings.statics.types = Some("/types".into());
    program.set_settings(&mut db).to(settings);
    assert!(check_static(&db, main).is_empty());
    let mut state: u64 = 7;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % bound
    };
    for _ in 0..1500 {
        let mut bytes = whole.clone().into_bytes();
        for _ in 0..1 + below(3) {
            let at = below(bytes.len());
            match below(4) {
                0 => bytes.truncate(at),
                1 => bytes[at] = b"0123456789{}[],:\"-.ae"[below(21)],
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b'0' + below(10) as u8),
            }
            if bytes.is_empty() {
                break;
            }
        }
        db.write("/types/main.json", &String::from_utf8_lossy(&bytes));
        let found = check_static(&db, main);
        assert!(found.iter().all(|finding| finding.rule.name == "invalid-type-file"), "{found:?}");
    }
}

fn type_file(source: &str, claims: &str) -> String {
    let (mut table, mut locations) = (Vec::new(), Vec::new());
    for line in claims.lines().filter(|line| !line.trim().is_empty()) {
        let (text, claim) = line.rsplit_once(": ").unwrap_or_else(|| panic!("`{line}` is no claim"));
        let number = entry(claim, &mut table);
        let mut places = 0;
        for (line_index, line) in source.lines().enumerate() {
            let is_name = |character: char| character.is_alphanumeric() || character == '_';
            for (column, _) in line.match_indices(text) {
                let end = column + text.len();
                if line[..column].ends_with(is_name) || line[end..].starts_with(is_name) {
                    continue;
                }
                let row = line_index + 1;
                locations.push(format!(
                    r#"{{"loc": {{"start_line": {row}, "start_col": {column}, "end_line": {row}, "end_col": {end}}}, "type": {number}}}"#
                ));
                places += 1;
            }
        }
        assert!(places > 0, "`{text}` is not in the program");
    }
    format!(r#"{{"type_table": [{}], "locations": [{}]}}"#, table.join(", "), locations.join(", "))
}

/// Adds the entry of a claim; its number.
fn entry(claim: &str, table: &mut Vec<String>) -> usize {
    let (kind, name) = claim.split_once(' ').unwrap_or((claim, ""));
    let instance = |name: &str| format!(r#"{{"kind": "class", "qname": "{name}", "args": []}}"#);
    let text = match kind {
        "instance" => instance(name),
        "method" => format!(r#"{{"kind": "bound_method", "self_type": 0, "defining_class": "{name}"}}"#),
        "function" => format!(r#"{{"kind": "callable", "defining_func": "{name}"}}"#),
        "none" => r#"{"kind": "other_form", "qname": "None"}"#.to_owned(),
        "class" | "union" => {
            let mut args = String::new();
            for name in name.split(' ') {
                table.push(instance(name));
                write!(args, "{}{}", if args.is_empty() { "" } else { ", " }, table.len() - 1).expect("into memory");
            }
            let form = if kind == "class" { "typing.Type" } else { "typing.Union" };
            format!(r#"{{"kind": "other_form", "qname": "{form}", "args": [{args}]}}"#)
        }
        other => panic!("`{other}` is no kind of claim"),
    };
    table.push(text);
    table.len() - 1
}
