//! The rules of all crates, and the few that arise where they are joined.

use std::sync::LazyLock;

use cinder_diagnostic::{Rule, RuleSet, declare_rule};

declare_rule! {
    #[doc = include_str!("../../../testdata/rules/internal-error.md")]
    pub static INTERNAL_ERROR = { default: Error, since: "0.1.0" };
    #[doc = include_str!("../../../testdata/rules/unused-ignore-comment.md")]
    pub static UNUSED_IGNORE_COMMENT = { default: Warning, since: "0.1.0" };
}

static RULES: &[&Rule] = &[&INTERNAL_ERROR, &UNUSED_IGNORE_COMMENT];

/// Every rule `cinder` knows, by name.
pub fn rules() -> &'static RuleSet {
    static SET: LazyLock<RuleSet> = LazyLock::new(|| {
        RuleSet::new(&[
            cinder_diagnostic::rules::RULES,
            cinder_static::rules::RULES,
            cinder_strict::rules::RULES,
            RULES,
        ])
    });
    &SET
}
