//! All rules of this binary.

use cinder_diagnostic::{RuleSet, rules};

/// The rules of every checker, joined.
pub(crate) fn all() -> RuleSet {
    RuleSet::new(&[rules::RULES])
}
