//! Printing: colours, and readers that go away.

use std::io::{ErrorKind, IsTerminal, Write};

use clap::ValueEnum;

/// The value of `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// Colours on a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    /// Whether what goes to standard output is coloured.
    pub(crate) fn is_colored(self) -> bool {
        match self {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
                let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
                if is_set("NO_COLOR") {
                    false
                } else {
                    is_set("FORCE_COLOR") || (std::io::stdout().is_terminal() && !is_dumb)
                }
            }
        }
    }
}

/// Prints `text` to standard output.
///
/// Errors: the machine's; a reader that went away is one of them, see [`is_broken_pipe`].
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

/// Prints a line to standard error, where failures to print have nowhere to go.
pub(crate) fn error(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Whether the reader of our output went away (`cinder check | head`), which is no failure.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
