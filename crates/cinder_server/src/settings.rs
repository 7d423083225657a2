//! What the client may set, under `cinder.*` or as initialization options.
//!
//! Holds: a value that cannot be read is reported and leaves the others as they are; unknown keys are left alone, because clients send what is meant
//! for other servers, too.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cinder_project::{Level, RuleSelection, rules};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How much the server does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Mode {
    /// Everything.
    #[default]
    Full,
    /// Beside another Python server: our own diagnostics, lenses, marks and actions, and nothing the other one does.
    Companion,
}

/// Which files have diagnostics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum DiagnosticMode {
    Off,
    #[default]
    OpenFilesOnly,
    Workspace,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) mode: Mode,
    pub(crate) diagnostic_mode: DiagnosticMode,
    /// Absolute, or relative to the workspace folder.
    pub(crate) environment: Option<PathBuf>,
    pub(crate) extra_paths: Vec<PathBuf>,
    pub(crate) rules: RuleSelection,
    pub(crate) hints: Hints,
    pub(crate) lens: bool,
    pub(crate) auto_import: bool,
}

/// Which inlay hints are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hints {
    pub(crate) variable_types: bool,
    pub(crate) return_types: bool,
    pub(crate) parameter_names: bool,
    /// How calls and attributes compile.
    pub(crate) native: bool,
}

impl Settings {
    /// Reads settings. Problems are sentences for the user.
    pub(crate) fn parse(value: &Value, problems: &mut Vec<String>) -> Settings {
        // Some clients send the table, some a table of tables.
        let value = value.get("cinder").unwrap_or(value);
        let mut reader = Reader { value, problems };
        Settings {
            mode: reader.get("mode").unwrap_or_default(),
            diagnostic_mode: reader.get("diagnosticMode").unwrap_or_default(),
            environment: reader.get::<PathBuf>("environment").filter(|path| !path.as_os_str().is_empty()),
            extra_paths: reader.get("extraPaths").unwrap_or_default(),
            rules: reader.rules(),
            hints: Hints {
                variable_types: reader.get("inlayHints.variableTypes").unwrap_or(true),
                return_types: reader.get("inlayHints.returnTypes").unwrap_or(true),
                parameter_names: reader.get("inlayHints.parameterNames").unwrap_or(true),
                native: reader.get("inlayHints.native").unwrap_or(false),
            },
            lens: reader.get("codeLens.native").unwrap_or(true),
            auto_import: reader.get("completion.autoImport").unwrap_or(true),
        }
    }
}

struct Reader<'a> {
    value: &'a Value,
    problems: &'a mut Vec<String>,
}

impl Reader<'_> {
    /// The value under a dotted key, nested or written with the dots.
    fn find(&self, key: &str) -> Option<&Value> {
        let nested = key.split('.').try_fold(self.value, |value, part| value.get(part));
        nested.or_else(|| self.value.get(key)).filter(|value| !value.is_null())
    }

    fn get<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.find(key)?.clone();
        match serde_json::from_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(format!("cinder.{key}: {error}"));
                None
            }
        }
    }

    fn rules(&mut self) -> RuleSelection {
        let levels: BTreeMap<String, String> = self.get("rules").unwrap_or_default();
        let mut selection = RuleSelection::default();
        // `all` is the ground the others stand on.
        let (all, named): (Vec<_>, Vec<_>) = levels.iter().partition(|(name, _)| *name == "all");
        for (name, level) in all.into_iter().chain(named) {
            let rule = rules().get(name);
            if rule.is_none() && name != "all" {
                let meant = rules().closest(name).map(|rule| format!("; did you mean `{}`?", rule.name));
                self.problems.push(format!("cinder.rules: unknown rule `{name}`{}", meant.unwrap_or_default()));
                continue;
            }
            match Level::from_name(level) {
                Some(level) => selection.set(rule, level),
                None => self.problems.push(format!("cinder.rules.{name}: `ignore`, `warn` or `error`, not `{level}`")),
            }
        }
        selection
    }
}

#[cfg(test)]
mod tests;
