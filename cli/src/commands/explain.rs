//! `cinder explain`: the page of a rule.

use std::process::ExitCode;

use anyhow::bail;

use cinder_project::rules;

use crate::output;

/// Print the page of a rule, or the list of all rules.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The rule's name, as in `error[invalid-syntax]`; without it all rules are listed.
    rule: Option<String>,
}

pub(crate) fn main(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let rules = rules();
    let Some(name) = &arguments.rule else {
        let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
        let lines: Vec<String> = rules
            .iter()
            .map(|rule| format!("{:width$}  {:7}  {}\n", rule.name, rule.default_severity.name(), rule.summary()))
            .collect();
        output::print(&lines.concat())?;
        return Ok(ExitCode::SUCCESS);
    };
    let Some(rule) = rules.get(name) else {
        match rules.closest(name) {
            Some(near) => bail!("no rule `{name}`; did you mean `{}`?", near.name),
            None => bail!("no rule `{name}`; `cinder explain` lists all rules"),
        }
    };
    let page = rule.page.trim_end();
    let severity = rule.default_severity.name();
    output::print(&format!("{page}\n\nDefault severity: {severity}. Since version {}.\n", rule.since))?;
    Ok(ExitCode::SUCCESS)
}
