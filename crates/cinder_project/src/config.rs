//! Configuration: `[tool.cinder]` of `pyproject.toml`.
//!
//! Problem: a mistyped key that is silently ignored is a check that silently does not happen.
//! Idea: the table is read key by key, with places; every unknown key, rule or value is an error that says where and what was meant.
//!
//! ```toml
//! [tool.cinder]
//! roots = ["src"]              # where the project's own modules lie; default: "src" if it exists, and the project's folder
//! extra-paths = ["vendor"]     # searched before installed packages, after PYTHONPATH
//! environment = ".venv"        # virtual environment; default: VIRTUAL_ENV, CONDA_PREFIX, .venv
//! typeshed = "stubs/typeshed"  # replaces the bundled stubs of the standard library
//! exclude = ["build/", "*_pb2.py"]
//! respect-ignore-files = true
//!
//! [tool.cinder.strict]
//! stubs = ["stubs"]            # folders of .pys models
//! prefixes = ["shop.models"]   # strict without a marker, as are what modules and patterns name
//! level = "pure"               # how far importing may reach: pure, deterministic, reads-environment, registers, io, unknown
//! compat = "cinder"            # keep habits of the reference analyser
//! target-version = "3.14"
//! platform = "linux"
//! star-imports = false         # refuse them even when the module is strict
//!
//! [tool.cinder.strict.levels]
//! "scripts" = "io"
//!
//! [tool.cinder.static]
//! modules = ["shop.models"]    # static without a flag; "*" means every module of the project
//! exclude = ["shop.legacy"]    # but not these
//! types = "build/types"        # types that another checker found, one JSON file for each module
//!
//! [tool.cinder.rules]
//! all = "warn"
//! invalid-syntax = "error"
//!
//! [tool.cinder.path-rules."tests/"]   # a pattern in the language of `.gitignore`; wins over the rules above
//! unknown-module-name = "ignore"
//! ```

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cinder_db::{StaticSettings, StrictSettings};
use cinder_diagnostic::{Rule, RuleSet, Severity};
use cinder_text::{LineIndex, TextSize};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// How findings of a rule are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    Ignore,
    Warn,
    Error,
}

impl Level {
    /// The level that configurations call `name`.
    pub fn from_name(name: &str) -> Option<Level> {
        Some(match name {
            "ignore" => Level::Ignore,
            "warn" => Level::Warn,
            "error" => Level::Error,
            _ => return None,
        })
    }
}

/// Which rules are on, and how much they weigh.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSelection {
    /// In order of rising precedence.
    choices: Vec<Choice>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Choice {
    /// `None` is every file.
    paths: Option<Paths>,
    /// `None` is every rule.
    rule: Option<&'static str>,
    level: Level,
}

/// Files below a folder that a pattern names.
#[derive(Clone, Debug)]
struct Paths {
    folder: PathBuf,
    pattern: String,
    matcher: Arc<Gitignore>,
}

impl PartialEq for Paths {
    fn eq(&self, other: &Paths) -> bool {
        (&self.folder, &self.pattern) == (&other.folder, &other.pattern)
    }
}

impl Eq for Paths {}

impl Paths {
    fn contain(&self, path: &Path) -> bool {
        path.strip_prefix(&self.folder)
            .is_ok_and(|relative| self.matcher.matched_path_or_any_parents(relative, false).is_ignore())
    }
}

impl RuleSelection {
    /// Later calls win over earlier ones.
    pub fn set(&mut self, rule: Option<&'static Rule>, level: Level) {
        self.choices.push(Choice { paths: None, rule: rule.map(|rule| rule.name), level });
    }

    /// Adds `later`'s choices after these.
    pub fn extend(&mut self, later: RuleSelection) {
        self.choices.extend(later.choices);
    }

    /// The severity of a finding of `rule` in the file at `path` that has `severity` by itself; `None` drops it.
    pub fn severity(&self, path: Option<&Path>, rule: &Rule, severity: Severity) -> Option<Severity> {
        let chosen = self.choices.iter().rev().find(|choice| {
            choice.rule.is_none_or(|name| name == rule.name)
                && choice.paths.as_ref().is_none_or(|paths| path.is_some_and(|path| paths.contain(path)))
        });
        match chosen.map(|choice| choice.level) {
            None => Some(severity),
            Some(Level::Ignore) => None,
            Some(Level::Warn) => Some(Severity::Warning),
            Some(Level::Error) => Some(Severity::Error),
        }
    }
}

/// The settings of `[tool.cinder]`. Paths are as written, relative to the file's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `None` when not set: the default depends on what exists.
    pub roots: Option<Vec<PathBuf>>,
    pub extra_paths: Vec<PathBuf>,
    pub environment: Option<PathBuf>,
    pub typeshed: Option<PathBuf>,
    /// Patterns in the language of `.gitignore`.
    pub exclude: Vec<String>,
    pub respect_ignore_files: bool,
    pub rules: RuleSelection,
    pub strict: StrictConfig,
    /// `[tool.cinder.static]`; the folder of types is as written.
    pub statics: StaticSettings,
}

/// `[tool.cinder.strict]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StrictConfig {
    /// Stub paths and folders are as written.
    pub settings: StrictSettings,
    /// Whether it says for which version the code is; otherwise `requires-python` does, if that is later than the default.
    pub has_target_version: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            roots: None,
            extra_paths: Vec::new(),
            environment: None,
            typeshed: None,
            exclude: Vec::new(),
            respect_ignore_files: true,
            rules: RuleSelection::default(),
            strict: StrictConfig::default(),
            statics: StaticSettings::default(),
        }
    }
}

/// A mistake in the configuration, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}:{column}: {kind}", .path.display())]
pub struct ConfigError {
    pub path: PathBuf,
    /// From one.
    pub line: u32,
    /// From one, in characters.
    pub column: u32,
    pub kind: ConfigErrorKind,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigErrorKind {
    #[error("invalid TOML: {0}")]
    Toml(String),
    #[error("unknown key `{key}`{}", did_you_mean(.meant.as_deref()))]
    UnknownKey { key: String, meant: Option<String> },
    #[error("unknown rule `{rule}`{}", did_you_mean(.meant.as_deref()))]
    UnknownRule { rule: String, meant: Option<String> },
    #[error("`{key}` must be {expected}, not {found}")]
    WrongType { key: String, expected: &'static str, found: String },
    #[error("invalid pattern `{pattern}`: {reason}")]
    InvalidPattern { pattern: String, reason: String },
}

fn did_you_mean(meant: Option<&str>) -> String {
    meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

const KEYS: [&str; 10] = [
    "roots",
    "extra-paths",
    "environment",
    "typeshed",
    "exclude",
    "respect-ignore-files",
    "rules",
    "path-rules",
    "strict",
    "static",
];

const STATIC_KEYS: [&str; 3] = ["modules", "exclude", "types"];

const STRICT_KEYS: [&str; 10] = [
    "stubs",
    "modules",
    "prefixes",
    "patterns",
    "compat",
    "target-version",
    "platform",
    "star-imports",
    "level",
    "levels",
];

/// Reads `[tool.cinder]` from the text of the `pyproject.toml` at `path`. `None` when the table is absent.
///
/// Errors: the first mistake, in order of the text.
pub fn parse_pyproject(path: &Path, text: &str, rules: &RuleSet) -> Result<Option<Config>, ConfigError> {
    let reader = Reader { path, text, rules };
    let document = DeTable::parse(text).map_err(|error| {
        let kind = ConfigErrorKind::Toml(error.message().trim_end().to_string());
        reader.error(error.span().unwrap_or_default(), kind)
    })?;
    let tool = document.get_ref().get("tool").and_then(|tool| tool.get_ref().as_table());
    let least = least_minor(document.get_ref()).filter(|minor| *minor > StrictSettings::default().python_minor);
    let mut config = match (tool.and_then(|tool| tool.get("cinder")), least) {
        (Some(table), _) => reader.config(table)?,
        (None, Some(_)) => Config::default(),
        (None, None) => return Ok(None),
    };
    if let Some(minor) = least
        && !config.strict.has_target_version
    {
        config.strict.settings.python_minor = minor;
    }
    Ok(Some(config))
}

/// The least minor version of Python 3 that `requires-python` admits.
fn least_minor(document: &DeTable<'_>) -> Option<u8> {
    let project = document.get("project")?.get_ref().as_table()?;
    let clauses = project.get("requires-python")?.get_ref().as_str()?;
    clauses
        .split(',')
        .filter_map(|clause| {
            let clause = clause.trim();
            let version = [">=", "~=", "==", ">"].iter().find_map(|operator| clause.strip_prefix(operator))?;
            let minor = version.trim().strip_prefix("3.")?;
            minor[..minor.find(|character: char| !character.is_ascii_digit()).unwrap_or(minor.len())].parse().ok()
        })
        .max()
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    rules: &'a RuleSet,
}

impl Reader<'_> {
    fn config(&self, value: &Spanned<DeValue<'_>>) -> Result<Config, ConfigError> {
        let mut config = Config::default();
        let mut path_rules = RuleSelection::default();
        for (key, value) in self.entries("tool.cinder", value)? {
            let name: &str = key.get_ref();
            match name {
                "roots" => config.roots = Some(self.paths(name, value)?),
                "extra-paths" => config.extra_paths = self.paths(name, value)?,
                "environment" => config.environment = Some(self.string(name, value)?.into()),
                "typeshed" => config.typeshed = Some(self.string(name, value)?.into()),
                "exclude" => config.exclude = self.patterns(name, value)?,
                "respect-ignore-files" => config.respect_ignore_files = self.boolean(name, value)?,
                "rules" => config.rules = self.rule_levels(value)?,
                "path-rules" => path_rules = self.path_rules(value)?,
                "strict" => config.strict = self.strict(value)?,
                "static" => config.statics = self.statics(value)?,
                _ => {
                    let meant = closest(name, &KEYS).map(str::to_string);
                    return Err(self.error(key.span(), ConfigErrorKind::UnknownKey { key: name.to_string(), meant }));
                }
            }
        }
        // Whatever stands first in the file, what is said of some files wins over what is said of all.
        config.rules.extend(path_rules);
        Ok(config)
    }

    /// Levels for the files that patterns name; a later pattern wins over an earlier one.
    fn path_rules(&self, value: &Spanned<DeValue<'_>>) -> Result<RuleSelection, ConfigError> {
        let mut selection = RuleSelection::default();
        for (pattern, value) in self.entries("path-rules", value)? {
            let name: &str = pattern.get_ref();
            let mut builder = GitignoreBuilder::new("");
            let matcher = builder.add_line(None, name).and_then(|builder| builder.build());
            let matcher = matcher.map_err(|error| {
                let kind = ConfigErrorKind::InvalidPattern { pattern: name.to_string(), reason: error.to_string() };
                self.error(pattern.span(), kind)
            })?;
            let folder = self.path.parent().unwrap_or(Path::new("")).to_path_buf();
            let paths = Paths { folder, pattern: name.to_string(), matcher: Arc::new(matcher) };
            let levels = self.rule_levels(value)?.choices.into_iter();
            selection.choices.extend(levels.map(|choice| Choice { paths: Some(paths.clone()), ..choice }));
        }
        Ok(selection)
    }

    fn statics(&self, value: &Spanned<DeValue<'_>>) -> Result<StaticSettings, ConfigError> {
        let mut settings = StaticSettings::default();
        for (key, value) in self.entries("static", value)? {
            let name: &str = key.get_ref();
            let names = || Ok(self.strings(name, value)?.into_iter().map(|(_, name)| name).collect());
            match name {
                "modules" => settings.modules = names()?,
                "exclude" => settings.exclude = names()?,
                "types" => settings.types = Some(self.string(name, value)?.into()),
                _ => {
                    let meant = closest(name, &STATIC_KEYS).map(str::to_string);
                    return Err(self.error(key.span(), ConfigErrorKind::UnknownKey { key: name.to_string(), meant }));
                }
            }
        }
        Ok(settings)
    }

    fn strict(&self, value: &Spanned<DeValue<'_>>) -> Result<StrictConfig, ConfigError> {
        let mut config = StrictConfig::default();
        let names = |value| Ok(self.strings("strict", value)?.into_iter().map(|(_, name)| name).collect());
        for (key, value) in self.entries("strict", value)? {
            let name: &str = key.get_ref();
            let settings = &mut config.settings;
            match name {
                "stubs" => settings.stub_paths = self.paths(name, value)?,
                "modules" => settings.modules = names(value)?,
                "prefixes" => settings.prefixes = names(value)?,
                "patterns" => settings.patterns = names(value)?,
                "compat" => match value.get_ref().as_str() {
                    Some("cinder") => settings.is_compatible = true,
                    Some("python") => settings.is_compatible = false,
                    _ => return Err(self.wrong_type(name, "\"cinder\" or \"python\"", value)),
                },
                "target-version" => {
                    config.has_target_version = true;
                    let text = value.get_ref().as_str().and_then(|text| text.strip_prefix("3."));
                    let minor = text.and_then(|text| text.parse().ok());
                    settings.python_minor =
                        minor.ok_or_else(|| self.wrong_type(name, "a version like \"3.14\"", value))?;
                }
                "platform" => settings.platform = self.string(name, value)?,
                "star-imports" => settings.allows_star_imports = self.boolean(name, value)?,
                "level" => settings.level = self.effect_level(name, value)?,
                "levels" => {
                    for (folder, value) in self.entries(name, value)? {
                        let folder: &str = folder.get_ref();
                        settings.folder_levels.push((folder.into(), self.effect_level(folder, value)?));
                    }
                    settings.folder_levels.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.components().count()));
                }
                _ => {
                    let meant = closest(name, &STRICT_KEYS).map(str::to_string);
                    return Err(self.error(key.span(), ConfigErrorKind::UnknownKey { key: name.to_string(), meant }));
                }
            }
        }
        Ok(config)
    }

    fn effect_level(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<u8, ConfigError> {
        let level = value.get_ref().as_str().and_then(cinder_strict::effects::Level::from_name);
        let expected = "\"pure\", \"deterministic\", \"reads-environment\", \"registers\", \"io\" or \"unknown\"";
        level.map(|level| level as u8).ok_or_else(|| self.wrong_type(key, expected, value))
    }

    fn rule_levels(&self, value: &Spanned<DeValue<'_>>) -> Result<RuleSelection, ConfigError> {
        let mut selection = RuleSelection::default();
        let entries = self.entries("rules", value)?;
        // `all` is the ground the others stand on, wherever it is written.
        let (all, named): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(key, _)| *key.get_ref() == "all");
        for (key, value) in all.into_iter().chain(named) {
            let name: &str = key.get_ref();
            let rule = match name {
                "all" => None,
                _ => Some(self.rules.get(name).ok_or_else(|| {
                    let meant = self.rules.closest(name).map(|rule| rule.name.to_string());
                    self.error(key.span(), ConfigErrorKind::UnknownRule { rule: name.to_string(), meant })
                })?),
            };
            let level = value.get_ref().as_str().and_then(Level::from_name);
            let level = level.ok_or_else(|| self.wrong_type(name, "\"error\", \"warn\" or \"ignore\"", value))?;
            selection.set(rule, level);
        }
        Ok(selection)
    }

    /// The entries of a table in order of the text.
    #[expect(clippy::type_complexity, reason = "the parser's own types, named once")]
    fn entries<'t, 'i>(
        &self,
        key: &str,
        value: &'t Spanned<DeValue<'i>>,
    ) -> Result<Vec<(&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>)>, ConfigError> {
        let table = value.get_ref().as_table().ok_or_else(|| self.wrong_type(key, "a table", value))?;
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        Ok(entries)
    }

    fn string(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<String, ConfigError> {
        value.get_ref().as_str().map(str::to_string).ok_or_else(|| self.wrong_type(key, "a string", value))
    }

    fn boolean(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<bool, ConfigError> {
        value.get_ref().as_bool().ok_or_else(|| self.wrong_type(key, "true or false", value))
    }

    fn strings<'t, 'i>(
        &self,
        key: &str,
        value: &'t Spanned<DeValue<'i>>,
    ) -> Result<Vec<(&'t Spanned<DeValue<'i>>, String)>, ConfigError> {
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong_type(key, "an array of strings", value))?;
        array.iter().map(|item| Ok((item, self.string(key, item)?))).collect()
    }

    fn paths(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<PathBuf>, ConfigError> {
        Ok(self.strings(key, value)?.into_iter().map(|(_, path)| path.into()).collect())
    }

    fn patterns(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, ConfigError> {
        let patterns = self.strings(key, value)?;
        for (item, pattern) in &patterns {
            let mut builder = GitignoreBuilder::new("");
            if let Err(error) = builder.add_line(None, pattern) {
                let kind = ConfigErrorKind::InvalidPattern { pattern: pattern.clone(), reason: error.to_string() };
                return Err(self.error(item.span(), kind));
            }
        }
        Ok(patterns.into_iter().map(|(_, pattern)| pattern).collect())
    }

    fn wrong_type(&self, key: &str, expected: &'static str, value: &Spanned<DeValue<'_>>) -> ConfigError {
        let found = match value.get_ref() {
            DeValue::String(text) => format!("{text:?}"),
            other => format!("of type {}", other.type_str()),
        };
        self.error(value.span(), ConfigErrorKind::WrongType { key: key.to_string(), expected, found })
    }

    fn error(&self, span: Range<usize>, kind: ConfigErrorKind) -> ConfigError {
        let place = LineIndex::new(self.text).line_column(self.text, TextSize::new(span.start as u32));
        ConfigError { path: self.path.to_path_buf(), line: place.line_number, column: place.column_number, kind }
    }
}

/// The name among `names` that `name` is a misspelling of: same letters but for one or two.
fn closest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let name = name.replace('_', "-");
    let distance = |other: &str| {
        let common_start = other.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
        let rest = other.chars().rev().zip(name.chars().rev()).take_while(|(a, b)| a == b).count();
        other.len().max(name.len()).saturating_sub(common_start + rest)
    };
    names.iter().copied().min_by_key(|other| distance(other)).filter(|other| distance(other) <= 2)
}
