//! Known findings: a list that may only shrink.
//!
//! Idea: a line for each path, rule and message with how often it occurs. Places are left out, so that edits elsewhere in the file change
//! nothing.

use std::collections::BTreeMap;

use crate::Report;

/// What a baseline file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    known: BTreeMap<(String, String, String), usize>,
}

impl Baseline {
    /// Reads the lines of a baseline: `count<TAB>rule<TAB>path<TAB>message`. Comments begin with `#`.
    ///
    /// Errors: the number of the first line that is none of these.
    pub fn parse(text: &str) -> Result<Baseline, usize> {
        let mut known = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let parts: Vec<&str> = line.splitn(4, '\t').collect();
            let [count, rule, path, message] = parts[..] else { return Err(index + 1) };
            let count: usize = count.parse().map_err(|_| index + 1)?;
            *known.entry((path.to_string(), rule.to_string(), message.to_string())).or_default() += count;
        }
        Ok(Baseline { known })
    }

    /// The findings of a report as a baseline.
    pub fn of(report: &Report) -> Baseline {
        let mut known = BTreeMap::new();
        for file in &report.files {
            for diagnostic in &file.diagnostics {
                let key =
                    (file.file.path().to_string(), diagnostic.rule.name.to_string(), one_line(&diagnostic.message));
                *known.entry(key).or_default() += 1;
            }
        }
        Baseline { known }
    }

    /// The file's text.
    pub fn render(&self) -> String {
        let mut text =
            String::from("# Findings that are known. Written by `cinder check --write-baseline`; lines may only go.\n");
        for ((path, rule, message), count) in &self.known {
            text.push_str(&format!("{count}\t{rule}\t{path}\t{message}\n"));
        }
        text
    }

    /// How many findings it knows.
    pub fn len(&self) -> usize {
        self.known.values().sum()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Drops the findings that are known; gives how many were, and how many lines no longer match anything.
    pub fn apply(&self, report: &mut Report) -> (usize, usize) {
        let mut left = self.known.clone();
        let mut dropped = 0;
        for file in &mut report.files {
            let path = file.file.path().to_string();
            file.diagnostics.retain(|diagnostic| {
                let key = (path.clone(), diagnostic.rule.name.to_string(), one_line(&diagnostic.message));
                match left.get_mut(&key) {
                    Some(count) if *count > 0 => {
                        *count -= 1;
                        dropped += 1;
                        false
                    }
                    _ => true,
                }
            });
        }
        report.files.retain(|file| !file.diagnostics.is_empty());
        (dropped, left.values().filter(|count| **count > 0).count())
    }
}

fn one_line(message: &str) -> String {
    message.replace(['\n', '\t', '\r'], " ")
}
