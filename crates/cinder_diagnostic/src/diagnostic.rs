//! The parts of a diagnostic.

use std::sync::Arc;

use cinder_text::{TextRange, TextSize};

use crate::Rule;

/// How bad it is. Only errors make `cinder check` fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Hint,
    Info,
    Warning,
    Error,
}

impl Severity {
    /// The word used in all outputs: `error`, `warning`, `info`, `hint`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
            Severity::Hint => "hint",
        }
    }
}

/// One finding in one file. Which file is known to whoever holds the diagnostic.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    pub rule: &'static Rule,
    pub severity: Severity,
    /// One sentence that makes sense alone, without a final stop.
    pub message: String,
    /// The place a reader should look at first.
    pub range: TextRange,
    /// What stands at `range`; empty for no label.
    pub label: String,
    /// Further places: where and why.
    pub annotations: Vec<Annotation>,
    /// What to do about it, a sentence each.
    pub help: Vec<String>,
    pub fix: Option<Fix>,
}

/// A labelled place other than the primary one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Annotation {
    /// The path of the file as users know it; `None` is the file of the diagnostic.
    pub path: Option<Arc<str>>,
    pub range: TextRange,
    pub label: String,
    /// A step on the way from the primary place to the root cause, in order; shown as a code flow where the format has one.
    pub is_step: bool,
}

/// Whether a fix may be applied without a look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Applicability {
    /// Keeps what the program does.
    Safe,
    /// May change what the program does.
    Unsafe,
}

/// A change that removes the cause.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fix {
    /// An imperative: "Annotate the slot".
    pub title: String,
    /// Shape: ordered by range, not overlapping.
    pub edits: Vec<Edit>,
    /// The file to change when it is not the diagnostic's own.
    pub path: Option<Arc<str>>,
    pub applicability: Applicability,
}

/// Replaces `range` by `text`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    pub range: TextRange,
    pub text: String,
}

impl Diagnostic {
    /// A diagnostic of `rule` with the rule's own severity.
    pub fn new(rule: &'static Rule, range: TextRange, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.default_severity,
            message: message.into(),
            range,
            label: String::new(),
            annotations: Vec::new(),
            help: Vec::new(),
            fix: None,
        }
    }

    /// Says what stands at the primary range.
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds a labelled place in the same file.
    pub fn with_annotation(mut self, range: TextRange, label: impl Into<String>) -> Self {
        self.annotations.push(Annotation { path: None, range, label: label.into(), is_step: false });
        self
    }

    /// Adds a labelled place in another file.
    pub fn with_annotation_in(mut self, path: Arc<str>, range: TextRange, label: impl Into<String>) -> Self {
        self.annotations.push(Annotation { path: Some(path), range, label: label.into(), is_step: false });
        self
    }

    /// Adds a step on the way to the root cause; `path` is `None` for the diagnostic's own file.
    pub fn with_step(mut self, path: Option<Arc<str>>, range: TextRange, label: impl Into<String>) -> Self {
        self.annotations.push(Annotation { path, range, label: label.into(), is_step: true });
        self
    }

    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The diagnostic with all its ranges in its own file moved by `by` bytes: from places relative to an item to
    /// places in the file.
    pub fn shifted(mut self, by: TextSize) -> Self {
        self.range += by;
        for annotation in self.annotations.iter_mut().filter(|annotation| annotation.path.is_none()) {
            annotation.range += by;
        }
        let own_fix = self.fix.iter_mut().filter(|fix| fix.path.is_none());
        for edit in own_fix.flat_map(|fix| &mut fix.edits) {
            edit.range += by;
        }
        self
    }
}
