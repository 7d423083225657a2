//! `cinder dump STAGE FILE`: any stage of a program as text.
//!
//! A stage is one file in `dump/` with a [`Stage`] in it, and one line in [`STAGES`]. Given a folder, a stage is reached for
//! every Python file in it and nothing is printed but the mistakes and a count ([`tree`]).

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};

use crate::output;

mod ast;
mod bytecode;
mod caches;
mod jit;
mod scopes;
mod tokens;
mod tree;
mod types;

/// A stage that can be printed.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    /// One line for the menu.
    pub(crate) summary: &'static str,
    /// Gives the text to print, and whether the program was without mistakes.
    pub(crate) dump: fn(&Arguments) -> anyhow::Result<Dump>,
}

/// The text of a stage.
pub(crate) struct Dump {
    pub(crate) text: String,
    /// Mistakes in the program, one line each; the exit code is 1 when there are any.
    pub(crate) mistakes: Vec<String>,
}

/// In the order of the road through the compiler.
static STAGES: &[&Stage] = &[
    &tokens::STAGE,
    &ast::STAGE,
    &scopes::STAGE,
    &types::STAGE,
    &bytecode::STAGE,
    &jit::HIR,
    &jit::CLIF,
    &jit::ASM,
    &caches::STAGE,
];

/// The names of the stages, in order.
pub(crate) fn stage_names() -> Vec<String> {
    STAGES.iter().map(|stage| stage.name.to_string()).collect()
}

/// Print one stage of a program as text.
#[derive(Clone, clap::Args)]
pub(crate) struct Arguments {
    /// The stage; without it the stages are listed.
    stage: Option<String>,
    /// The program, or a folder of programs to count.
    pub(crate) file: Option<PathBuf>,
    /// Only the function of this qualified name, in stages that print functions.
    #[arg(long = "fn", value_name = "NAME")]
    pub(crate) function: Option<String>,
    /// The state after this pass, in stages that have passes.
    #[arg(long, value_name = "PASS")]
    pub(crate) after: Option<String>,
}

impl Arguments {
    /// The program's path.
    pub(crate) fn path(&self) -> anyhow::Result<&PathBuf> {
        self.file.as_ref().context("this stage needs a FILE")
    }

    /// The program's text, decoded.
    pub(crate) fn source(&self) -> anyhow::Result<String> {
        let path = self.path()?;
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let source = cinder_syntax::decode_source(&bytes).with_context(|| path.display().to_string())?;
        Ok(source.text.into_owned())
    }
}

pub(crate) fn main(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(name) = &arguments.stage else {
        output::print(&menu())?;
        return Ok(ExitCode::SUCCESS);
    };
    let Some(stage) = STAGES.iter().find(|stage| stage.name == name) else {
        bail!("no stage `{name}`\n{}", menu().trim_end());
    };
    if arguments.file.as_ref().is_some_and(|path| path.is_dir()) {
        return tree::count(stage, arguments);
    }
    let dump = (stage.dump)(arguments)?;
    output::print(&dump.text)?;
    for mistake in &dump.mistakes {
        output::error(mistake);
    }
    Ok(if dump.mistakes.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn menu() -> String {
    let mut text = "Usage: cinder dump STAGE FILE\n\nStages:\n".to_owned();
    for stage in STAGES {
        text.push_str(&format!("  {:10} {}\n", stage.name, stage.summary));
    }
    text
}

/// The syntax errors of a program as lines for [`Dump::mistakes`].
pub(crate) fn syntax_mistakes(path: &std::path::Path, source: &str, parsed: &cinder_syntax::Parsed) -> Vec<String> {
    let index = cinder_text::LineIndex::new(source);
    let line = |error: &cinder_syntax::SyntaxError| {
        let place = index.line_column(source, error.range.start());
        format!("{}:{}:{}: {}", path.display(), place.line_number, place.column_number, error.message)
    };
    parsed.errors().iter().map(line).collect()
}
