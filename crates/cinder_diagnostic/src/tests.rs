use cinder_text::{TextRange, TextSize};

use crate::rules::{INVALID_SYNTAX, RULES};
use crate::{Diagnostic, FileDiagnostics, Format, Renderer, RuleSet, SourceFile};

fn range(start: u32, end: u32) -> TextRange {
    TextRange::new(TextSize::new(start), TextSize::new(end))
}

fn render(format: Format, text: &str, diagnostic: Diagnostic) -> String {
    let files = [FileDiagnostics { file: SourceFile::new("a.py", text), diagnostics: vec![diagnostic] }];
    Renderer::new(format).render(&files, &|_| None)
}

#[test]
fn full_output_shows_labels_and_help() {
    let expected = "\
error[invalid-syntax]: this is wrong
   ╭─[ a.py:2:5 ]
   │
 1 │ x = 1
   │ ┬
   │ ╰── because of this
 2 │ é = y
   │     ┬
   │     ╰── here
   │
   │ Help: do it right
───╯

";
    let diagnostic = Diagnostic::new(&INVALID_SYNTAX, range(11, 12), "this is wrong")
        .with_label("here")
        .with_annotation(range(0, 1), "because of this")
        .with_help("do it right");
    let got = render(Format::Full, "x = 1\né = y\n", diagnostic);
    assert_eq!(got, expected);
}

#[test]
fn concise_output_counts_characters() {
    let got = render(Format::Concise, "é = y\n", Diagnostic::new(&INVALID_SYNTAX, range(5, 6), "bad\nname"));
    assert_eq!(got, "a.py:1:5: error[invalid-syntax] bad name\n");
}

#[test]
fn huge_lines_are_cut_to_a_window() {
    let text = "x".repeat(10_000_000);
    let got = render(Format::Full, &text, Diagnostic::new(&INVALID_SYNTAX, range(5_000_000, 5_000_003), "bad"));
    assert!(got.contains("a.py:1:5000001"), "{got}");
    assert!(got.len() < 2_000, "{}", got.len());
}

#[test]
fn windows_are_limited_per_file_and_nothing_is_lost() {
    let diagnostics = (0..300).map(|_| Diagnostic::new(&INVALID_SYNTAX, range(0, 1), "bad")).collect();
    let files = [FileDiagnostics { file: SourceFile::new("a.py", "x"), diagnostics }];
    let got = Renderer::new(Format::Full).render(&files, &|_| None);
    assert_eq!(got.matches("╭─[").count(), 200);
    assert_eq!(got.matches("a.py:1:1: error[invalid-syntax] bad\n").count(), 100);
}

#[test]
fn places_outside_the_text_and_control_characters_are_harmless() {
    for text in ["", "\n", "a\u{1b}[31m\0b", "\r\n\r\n", "\u{feff}x"] {
        for start in 0..12 {
            for len in 0..12 {
                let diagnostic = Diagnostic::new(&INVALID_SYNTAX, range(start, start + len), "bad")
                    .with_annotation(range(len, len + start), "there");
                let got = render(Format::Full, text, diagnostic.clone());
                assert!(!got.contains(['\u{1b}', '\0']), "{got}");
                render(Format::Json, text, diagnostic);
            }
        }
    }
}

#[test]
fn json_has_the_documented_fields() {
    let got = render(Format::Json, "x = y\n", Diagnostic::new(&INVALID_SYNTAX, range(4, 5), "bad").with_help("h"));
    let value: serde_json::Value = serde_json::from_str(&got).unwrap();
    assert_eq!(value["schema"], 1);
    let finding = &value["diagnostics"][0];
    assert_eq!(finding["rule"], "invalid-syntax");
    assert_eq!(finding["range"]["start"], serde_json::json!({"line": 1, "column": 5, "offset": 4}));
    assert_eq!(finding["help"][0], "h");
}

#[test]
fn rules_are_found_by_name_and_by_near_miss() {
    let set = RuleSet::new(&[RULES]);
    assert_eq!(set.get("invalid-syntax"), Some(&INVALID_SYNTAX));
    assert_eq!(set.closest("invalid-sintax"), Some(&INVALID_SYNTAX));
    assert_eq!(set.closest("zzz"), None);
    assert_eq!(INVALID_SYNTAX.summary(), "The text is not a Python 3.14 program.");
}

#[test]
fn formats_of_services_escape_what_they_must() {
    let diagnostic = || Diagnostic::new(&INVALID_SYNTAX, range(4, 5), "100% <bad>\n\"name\": x, y").with_help("h");
    let github = render(Format::Github, "x = y\n", diagnostic());
    assert_eq!(
        github,
        "::error title=cinder (invalid-syntax),file=a.py,line=1,col=5,endLine=1,endColumn=6::100%25 <bad>%0A\"name\": x, y\n"
    );
    let junit = render(Format::Junit, "x = y\n", diagnostic());
    assert!(junit.contains("message=\"100% &lt;bad&gt; &quot;name&quot;: x, y\""), "{junit}");
    let gitlab: serde_json::Value = serde_json::from_str(&render(Format::Gitlab, "x = y\n", diagnostic())).unwrap();
    assert_eq!(gitlab[0]["location"]["positions"]["begin"]["column"], 5);
    let sarif: serde_json::Value = serde_json::from_str(&render(Format::Sarif, "x = y\n", diagnostic())).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(run["results"][0]["ruleId"], run["tool"]["driver"]["rules"][0]["id"]);
    assert_eq!(run["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"], 5);
}
