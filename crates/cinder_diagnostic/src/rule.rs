//! Rules and their registry.
//!
//! Problem: every message must lead to an explanation, and adding a rule should touch one place.
//! Idea: `declare_rule!` makes a static [`Rule`] whose name derives from the identifier and whose page is the Markdown
//! file in its doc attribute. A crate lists its rules in a slice; a [`RuleSet`] joins the slices of several crates.
//! Holds: names are unique within a set, in `kebab-case`, and ordered when listed.

use crate::Severity;

/// One kind of finding.
#[derive(Debug)]
pub struct Rule {
    /// What users write in configuration and suppressions, for example `invalid-slot`.
    pub name: &'static str,
    pub default_severity: Severity,
    /// The version of cinder that brought the rule.
    pub since: &'static str,
    /// The page `cinder explain` prints, Markdown.
    pub page: &'static str,
}

impl Rule {
    /// The first paragraph of the page, on one line.
    pub fn summary(&self) -> String {
        let body = self.page.trim_start();
        let body = if body.starts_with('#') { body.split_once('\n').map_or("", |(_, rest)| rest) } else { body };
        let paragraph: Vec<&str> =
            body.trim_start().lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
        paragraph.join(" ")
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Rule {}

impl std::hash::Hash for Rule {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// Declares a rule.
///
/// The static's identifier in `kebab-case` is the rule's name, and the doc attribute its page:
///
/// ```
/// cinder_diagnostic::declare_rule! {
///     #[doc = "# example-rule\n\nAn example."]
///     pub static EXAMPLE_RULE = { default: Error, since: "0.1.0" };
/// }
/// assert_eq!(EXAMPLE_RULE.name, "example-rule");
/// ```
#[macro_export]
macro_rules! declare_rule {
    ($(
        #[doc = $page:expr]
        $visibility:vis static $identifier:ident = { default: $severity:ident, since: $since:literal $(,)? };
    )+) => {$(
        #[doc = $page]
        $visibility static $identifier: $crate::Rule = $crate::Rule {
            name: {
                const BYTES: [u8; stringify!($identifier).len()] = $crate::rule_name(stringify!($identifier));
                match std::str::from_utf8(&BYTES) {
                    Ok(name) => name,
                    Err(_) => panic!("a rule's identifier is ASCII"),
                }
            },
            default_severity: $crate::Severity::$severity,
            since: $since,
            page: $page,
        };
    )+};
}

/// `SCREAMING_SNAKE` to `kebab-case`; a part of [`declare_rule!`].
pub const fn rule_name<const LEN: usize>(identifier: &str) -> [u8; LEN] {
    let bytes = identifier.as_bytes();
    let mut name = [0; LEN];
    let mut at = 0;
    while at < LEN {
        name[at] = if bytes[at] == b'_' { b'-' } else { bytes[at].to_ascii_lowercase() };
        at += 1;
    }
    name
}

/// The rules of several crates, by name.
#[derive(Debug, Clone)]
pub struct RuleSet {
    /// Shape: ordered by name, without repetition.
    rules: Vec<&'static Rule>,
}

impl RuleSet {
    /// Joins the lists of several crates.
    ///
    /// Panics: when two rules have one name, which is our mistake.
    pub fn new(lists: &[&[&'static Rule]]) -> Self {
        let mut rules: Vec<&'static Rule> = lists.iter().flat_map(|list| list.iter().copied()).collect();
        rules.sort_by_key(|rule| rule.name);
        for pair in rules.windows(2) {
            assert_ne!(pair[0].name, pair[1].name, "two rules have one name");
        }
        Self { rules }
    }

    pub fn get(&self, name: &str) -> Option<&'static Rule> {
        let at = self.rules.binary_search_by_key(&name, |rule| rule.name).ok()?;
        Some(self.rules[at])
    }

    /// All rules, ordered by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'static Rule> + '_ {
        self.rules.iter().copied()
    }

    /// The rule whose name is nearest to `name`, when one is near enough to be meant.
    pub fn closest(&self, name: &str) -> Option<&'static Rule> {
        let nearest = self.rules.iter().min_by_key(|rule| edit_distance(rule.name, name))?;
        (edit_distance(nearest.name, name) <= name.len() / 3 + 1).then_some(*nearest)
    }
}

/// The number of letters to insert, delete or replace.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, &to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}
