use cinder_diagnostic::Diagnostic;
use cinder_diagnostic::rules::INVALID_SYNTAX;
use cinder_text::{TextRange, TextSize};

use crate::{Case, Document, Findings, bless, matcher};

const SUITE: &str = "\
# Suite

Prose, and `inline code`.

## First

```py
x = 1  # error: [invalid-syntax] \"bad\"
# revealed: int
y = 2
```

```out f
old
text
```

```py
# pkg/other.py
z = 3
```

## No program here

```toml
a = 1
```

## Second

```py
pass
```
";

fn first() -> Case {
    Document::parse(SUITE, &["out"]).unwrap().cases.remove(0)
}

fn finding(path: &str, start: u32) -> (String, Diagnostic) {
    let range = TextRange::at(TextSize::new(start), TextSize::new(1));
    (path.to_owned(), Diagnostic::new(&INVALID_SYNTAX, range, "something bad"))
}

#[test]
fn headings_name_cases_and_comments_name_files() {
    let document = Document::parse(SUITE, &["out"]).unwrap();
    let names: Vec<_> = document.cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["Suite / First", "Suite / Second"]);
    let paths: Vec<_> = document.cases[0].files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["main.py", "pkg/other.py"]);
    assert_eq!(document.cases[0].outputs[0].arguments, ["f"]);
}

#[test]
fn met_expectations_leave_no_differences() {
    let second_line = first().main_file().text.find("y = 2").unwrap() as u32;
    let findings = Findings {
        diagnostics: vec![finding("main.py", 0)],
        revealed: vec![("main.py".to_owned(), TextSize::new(second_line), "int".to_owned())],
        outputs: Vec::new(),
    };
    assert_eq!(matcher::differences(&first(), &findings), Vec::<String>::new());
}

#[test]
fn differences_name_markdown_lines() {
    let findings = Findings { diagnostics: vec![finding("pkg/other.py", 15)], ..Findings::default() };
    let differences = matcher::differences(&first(), &findings);
    assert_eq!(
        differences,
        [
            "8: expected, not found: error: [invalid-syntax] \"bad\"",
            "10: expected, not found: revealed: int",
            "20:1: unexpected error: [invalid-syntax] \"something bad\"",
        ]
    );
}

#[test]
fn blessing_replaces_only_the_block() {
    let case = first();
    let blessed = bless::rewrite(SUITE, &[(&case.outputs[0], "new\n".to_owned())]);
    assert_eq!(blessed, SUITE.replace("old\ntext\n", "new\n"));
}
