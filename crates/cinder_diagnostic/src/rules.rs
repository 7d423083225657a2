//! The rules that belong to no checker: a file that cannot be read, a text that is not Python.

use crate::{Rule, declare_rule};

declare_rule! {
    #[doc = include_str!("../../../testdata/rules/invalid-syntax.md")]
    pub static INVALID_SYNTAX = { default: Error, since: "0.1.0" };
    #[doc = include_str!("../../../testdata/rules/unreadable-file.md")]
    pub static UNREADABLE_FILE = { default: Error, since: "0.1.0" };
}

/// The rules of this module.
pub static RULES: &[&Rule] = &[&INVALID_SYNTAX, &UNREADABLE_FILE];
