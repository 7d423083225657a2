//! Dotted names.

use std::fmt;
use std::sync::Arc;

/// An absolute module name: identifiers joined by dots, never empty. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleName(Arc<str>);

impl ModuleName {
    /// `None` unless `text` is a dotted sequence of identifiers (keywords included: `importlib` can load them).
    pub fn new(text: &str) -> Option<ModuleName> {
        text.split('.').all(is_identifier).then(|| ModuleName(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// The top-level package.
    pub fn head(&self) -> &str {
        self.0.split_once('.').map_or(&self.0, |(head, _)| head)
    }

    /// The name without its last component.
    pub fn parent(&self) -> Option<ModuleName> {
        self.0.rsplit_once('.').map(|(parent, _)| ModuleName(parent.into()))
    }

    /// The name of the submodule `child`, which may be dotted. `None` unless `child` is a valid name.
    pub fn join(&self, child: &str) -> Option<ModuleName> {
        child.split('.').all(is_identifier).then(|| ModuleName(format!("{}.{child}", self.0).into()))
    }
}

impl fmt::Display for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModuleName({})", self.0)
    }
}

/// Close to the language's identifiers: letters and digits in the sense of Unicode. Names that only the tables of `XID` would refuse find no file.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && chars.all(|c| c == '_' || c.is_alphanumeric())
}
