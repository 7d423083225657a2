//! Expectations written as comments in a program.

use cinder_diagnostic::Severity;

use crate::CaseFile;

/// What one comment expects.
#[derive(Debug, PartialEq)]
pub(crate) struct Assertion {
    /// Zero-based line of the program the expectation is about.
    pub(crate) line_index: u32,
    pub(crate) expected: Expected,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Expected {
    Finding {
        severity: Severity,
        rule: Option<String>,
        /// One-based, in characters.
        column_number: Option<u32>,
        /// A part of the message.
        message: Option<String>,
    },
    Revealed(String),
}

impl std::fmt::Display for Expected {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expected::Revealed(text) => write!(formatter, "revealed: {text}"),
            Expected::Finding { severity, rule, column_number, message } => {
                write!(formatter, "{}:", severity.name())?;
                if let Some(column) = column_number {
                    write!(formatter, " {column}")?;
                }
                if let Some(rule) = rule {
                    write!(formatter, " [{rule}]")?;
                }
                if let Some(message) = message {
                    write!(formatter, " \"{message}\"")?;
                }
                Ok(())
            }
        }
    }
}

/// The expectations of a program; an error names the program's zero-based line and what is wrong with the comment.
pub(crate) fn assertions(file: &CaseFile) -> Result<Vec<Assertion>, (u32, String)> {
    let mut found = Vec::new();
    // Expectations on lines of their own, which are about the next line with code.
    let mut waiting = Vec::new();
    for (line_index, line) in (0..).zip(file.text.lines()) {
        let (code, comments) = split(line);
        let expectations: Vec<Expected> =
            comments.into_iter().map(parse).collect::<Result<_, String>>().map_err(|problem| (line_index, problem))?;
        if code.trim().is_empty() && !expectations.is_empty() {
            waiting.extend(expectations);
        } else if !code.trim().is_empty() {
            let all = waiting.drain(..).chain(expectations);
            found.extend(all.map(|expected| Assertion { line_index, expected }));
        }
    }
    match waiting.first() {
        None => Ok(found),
        Some(expected) => Err((file.text.lines().count() as u32, format!("no code follows `# {expected}`"))),
    }
}

const KEYWORDS: [&str; 5] = ["error:", "warning:", "info:", "hint:", "revealed:"];

/// The code of a line, and its comments that are expectations, without `#`.
fn split(line: &str) -> (&str, Vec<&str>) {
    let is_start = |at: usize| {
        let rest = line[at + 1..].trim_start();
        KEYWORDS.iter().any(|keyword| rest.starts_with(keyword))
    };
    let starts: Vec<usize> = line.match_indices('#').map(|(at, _)| at).filter(|&at| is_start(at)).collect();
    let Some(&first) = starts.first() else { return (line, Vec::new()) };
    let ends = starts.iter().skip(1).copied().chain([line.len()]);
    let comments = starts.iter().zip(ends).map(|(&start, end)| line[start + 1..end].trim()).collect();
    (&line[..first], comments)
}

fn parse(comment: &str) -> Result<Expected, String> {
    let (keyword, rest) = comment.split_once(':').ok_or("an expectation needs a colon")?;
    let severity = match keyword {
        "revealed" => return Ok(Expected::Revealed(rest.trim().to_owned())),
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        "info" => Severity::Info,
        _ => Severity::Hint,
    };
    let mut rest = rest.trim();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let column_number = rest[..digits].parse().ok();
    rest = rest[digits..].trim_start();
    let mut rule = None;
    if let Some(inner) = rest.strip_prefix('[') {
        let (name, after) = inner.split_once(']').ok_or("the rule name lacks `]`")?;
        rule = Some(name.trim().to_owned());
        rest = after.trim_start();
    }
    let mut message = None;
    if let Some(inner) = rest.strip_prefix('"') {
        let (text, after) = inner.rsplit_once('"').ok_or("the message lacks its closing quote")?;
        message = Some(text.to_owned());
        rest = after.trim();
    }
    if !rest.is_empty() {
        return Err(format!("not understood: `{rest}`"));
    }
    Ok(Expected::Finding { severity, rule, column_number, message })
}
