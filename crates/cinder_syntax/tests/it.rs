//! Golden trees and errors of `testdata/syntax`, and texts made to break a parser.

#![expect(clippy::disallowed_methods, reason = "tests read their data, and CINDER_BLESS, from the machine")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cinder_syntax::{Mode, decode_source, dump, parse, parse_module};
use cinder_text::LineIndex;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/syntax").join(name)
}

/// Compares what `render` makes of each program with the file of the given extension beside it.
#[track_caller]
fn check_folder(name: &str, extension: &str, render: fn(&str) -> String) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    paths.sort();
    assert!(!paths.is_empty());
    let mut differing = Vec::new();
    for path in paths {
        let text = render(&std::fs::read_to_string(&path).unwrap());
        let expected = path.with_extension(extension);
        if std::env::var_os("CINDER_BLESS").is_some_and(|value| value == "1") {
            std::fs::write(&expected, &text).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != text {
            differing.push(format!("{}:\n{text}", path.file_name().unwrap().display()));
        }
    }
    assert!(differing.is_empty(), "CINDER_BLESS=1 accepts:\n{}", differing.join("\n"));
}

#[test]
fn trees_of_correct_programs() {
    check_folder("ok", "tree", |source| {
        let parsed = parse_module(source);
        assert_eq!(parsed.errors(), []);
        dump::tree(&parsed)
    });
}

#[test]
fn errors_of_wrong_programs() {
    check_folder("err", "errors", |source| {
        let parsed = parse_module(source);
        let index = LineIndex::new(source);
        let first = parsed.first_error().expect("the program has a mistake");
        let line = |error: &cinder_syntax::SyntaxError| {
            let place = index.line_column(source, error.range.start());
            let star = if error == first { " *" } else { "" };
            let name = error.kind.exception_name();
            format!("{}:{}: {name}: {}{star}\n", place.line_number, place.column_number, error.message)
        };
        parsed.errors().iter().map(line).collect()
    });
}

/// A small generator with a fixed seed: the suite must give the same answer every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Every error must lie inside the text, and every mode must survive.
fn must_survive(source: &str) {
    for mode in [Mode::Module, Mode::Expression, Mode::Annotation] {
        let parsed = parse(source, mode);
        for error in parsed.errors() {
            assert!(error.range.end().to_usize() <= source.len(), "{error:?} in {source:?}");
            assert!(source.get(error.range.start().to_usize()..error.range.end().to_usize()).is_some(), "{error:?}");
        }
    }
}

#[test]
fn random_bytes_and_random_tokens() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..2_000 {
        let bytes: Vec<u8> = (0..random.below(200)).map(|_| random.next() as u8).collect();
        if let Ok(source) = decode_source(&bytes) {
            must_survive(&source.text);
        }
        must_survive(&String::from_utf8_lossy(&bytes));
    }
    let words = [
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        ";",
        "=",
        ":=",
        "->",
        "*",
        "**",
        "/",
        "-",
        "~",
        ".",
        "...",
        "@",
        "\n",
        "\n    ",
        "\n\t",
        "\\\n",
        "\\",
        " ",
        "f\"",
        "f'{",
        "t'''",
        "\"",
        "'''",
        "r'",
        "b'",
        "{{",
        "}}",
        "!r",
        "#",
        "\0",
        "\r",
        "\u{c}",
        "é",
        "😀",
        "\u{a0}",
        "x",
        "_",
        "0",
        "0x",
        "1e",
        "1_",
        "08",
        "1j",
        "if",
        "else",
        "elif",
        "for",
        "while",
        "in",
        "is",
        "not",
        "and",
        "or",
        "lambda",
        "def",
        "class",
        "async",
        "await",
        "yield",
        "from",
        "import",
        "as",
        "try",
        "except",
        "except*",
        "finally",
        "with",
        "match",
        "case",
        "type",
        "global",
        "nonlocal",
        "return",
        "break",
        "continue",
        "del",
        "assert",
        "raise",
        "pass",
        "print",
        "None",
        "True",
        "__debug__",
        "__future__",
    ];
    for _ in 0..6_000 {
        let mut source = String::new();
        for _ in 0..random.below(40) {
            source.push_str(words[random.below(words.len())]);
            if random.below(2) == 0 {
                source.push(' ');
            }
        }
        must_survive(&source);
    }
}

#[test]
fn every_prefix_of_a_program() {
    for name in ["statements.py", "expressions.py"] {
        let source = std::fs::read_to_string(folder("ok").join(name)).unwrap();
        for (end, _) in source.char_indices() {
            must_survive(&source[..end]);
        }
    }
}

/// Hostile texts of growing size must take time in proportion, and give a message.
#[test]
fn hostile_texts_take_linear_time() {
    type Maker = (&'static str, fn(usize) -> String);
    let makers: [Maker; 18] = [
        ("parentheses", |size| "(".repeat(size)),
        ("closing parentheses", |size| ")".repeat(size)),
        ("nuls", |size| "\0".repeat(size)),
        ("minus", |size| "-".repeat(size)),
        ("attributes", |size| "a".to_owned() + &".a".repeat(size / 2)),
        ("calls", |size| "a".to_owned() + &"()".repeat(size / 2)),
        ("additions", |size| "1+".repeat(size / 2) + "1"),
        ("powers", |size| "1**".repeat(size / 3) + "1"),
        ("conditionals", |size| "a if b else ".repeat(size / 12) + "c"),
        ("lambdas", |size| "lambda:".repeat(size / 7)),
        ("f-strings", |size| "f'{".repeat(size / 3)),
        ("indents", |size| (0..).map(|n| " ".repeat(n) + "if 1:\n").take(size / 60).collect()),
        ("one-line suites", |size| "if 1: ".repeat(size / 6)),
        ("async", |size| "async ".repeat(size / 6)),
        ("quotes", |size| "'".repeat(size)),
        ("backslashes", |size| "\\".repeat(size)),
        ("decorators", |size| "@a\n".repeat(size / 3)),
        ("patterns", |size| "match x:\n case ".to_owned() + &"[".repeat(size)),
    ];
    for (name, make) in makers {
        let source = make(100_000);
        let start = Instant::now();
        let parsed = parse_module(&source);
        let took = start.elapsed();
        assert!(!parsed.is_valid(), "{name}");
        // Unoptimised builds on a busy machine: this catches quadratic behaviour, which takes minutes.
        assert!(took < Duration::from_secs(20), "{name}: {took:?}");
    }
}

#[test]
fn a_line_of_ten_megabytes() {
    let list = "x = [".to_owned() + &"1, ".repeat(3_333_333) + "]\n";
    assert!(parse_module(&list).is_valid());
    let word = "x".repeat(10_000_000) + " y";
    assert!(!parse_module(&word).is_valid());
    let string = "x = '".to_owned() + &"(".repeat(10_000_000) + "'\n";
    assert!(parse_module(&string).is_valid());
    let chain = "1 + ".repeat(2_500_000) + "1\n";
    assert!(!parse_module(&chain).is_valid());
}

#[test]
fn files_decode_as_they_declare() {
    assert_eq!(decode_source(b"\xef\xbb\xbfx").unwrap().text, "x");
    assert_eq!(decode_source(b"# coding: latin-1\n\xe9").unwrap().text, "# coding: latin-1\né");
    assert_eq!(decode_source(b"#!x\n# vim: set fileencoding=koi8-r :\n\xc1").unwrap().text.chars().last(), Some('а'));
    assert_eq!(decode_source(b"x\n# coding: latin-1\n").unwrap().encoding, "utf-8");
    for (bytes, offset) in [
        (&b"x\xff"[..], 1),
        (b"x = 1\0", 5),
        (b"# coding: ascii\n\xe9", 16),
        (b"# coding: nothing\n", 10),
        (b"\xef\xbb\xbf# coding: latin-1\n", 13),
    ] {
        assert_eq!(decode_source(bytes).unwrap_err().byte_offset, offset, "{bytes:?}");
    }
}
