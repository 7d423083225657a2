use serde_json::json;

use super::{DiagnosticMode, Mode, Settings};

#[test]
fn defaults_need_nothing() {
    let mut problems = Vec::new();
    let settings = Settings::parse(&json!(null), &mut problems);
    assert_eq!(settings.mode, Mode::Full);
    assert!(settings.hints.variable_types && settings.lens && settings.auto_import);
    assert_eq!(problems, [] as [&str; 0]);
}

#[test]
fn one_wrong_value_leaves_the_others() {
    let mut problems = Vec::new();
    let value = json!({"cinder": {"diagnosticMode": "workspace", "mode": 3, "inlayHints": {"variableTypes": false},
        "codeLens.native": false, "rules": {"invalid-sintax": "warn", "all": "warn"}}});
    let settings = Settings::parse(&value, &mut problems);
    assert_eq!(settings.diagnostic_mode, DiagnosticMode::Workspace);
    assert!(!settings.hints.variable_types && !settings.lens);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[1].contains("did you mean `invalid-syntax`"), "{problems:?}");
}
