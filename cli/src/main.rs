//! The `cinder` command.
//!
//! Problem: one binary checks, runs and explains programs, and other programs read its output and exit code.
//! Idea: this crate parses arguments, prints, and chooses exit codes; every answer comes from a library. `run` has its
//! own argument parser, because it takes the arguments people know from `python` and must start fast.
//! Holds: exit code 0 is "nothing found", 1 "something found" (or the program's own code, for `run`), 2 "could not do
//! it": wrong usage, or the machine refused. Nothing is printed to standard output but what was asked for.

mod cache;
mod commands;
mod output;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// A check makes and drops trees of small nodes; the C library's allocator took two fifths of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The exit code for wrong usage and for failures of the machine.
pub(crate) const EXIT_FAILURE: u8 = 2;

/// A toolchain for Python 3.14: a checker for syntax and static types, and a virtual machine with a JIT.
#[derive(Parser)]
#[command(name = "cinder", version, propagate_version = true)]
struct Arguments {
    /// When to use colours; `NO_COLOR` is honoured by `auto`.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: output::ColorChoice,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(Box<commands::check::Arguments>),
    /// Run a program: `cinder run FILE | -m MODULE | -c CODE [ARGUMENTS]`.
    // Parsed by `commands::run`; listed here for `--help`.
    Run,
    Explain(commands::explain::Arguments),
    Dump(commands::dump::Arguments),
    Server(commands::server::Arguments),
    Survey(commands::survey::Arguments),
    Adopt(commands::survey::AdoptArguments),
    Lazy(commands::survey::LazyArguments),
}

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    if words.get(1).is_some_and(|first| first == "run") {
        return finish(commands::run::main(words[2..].to_vec()));
    }
    let program = words.first().map(|word| word.as_os_str()).unwrap_or_default();
    let is_command = |word: &std::ffi::OsStr| Arguments::command().find_subcommand(word).is_some();
    // A program that is piped in is run, as `python` does; a person gets the help.
    let is_piped = words.len() == 1 && !std::io::stdin().is_terminal();
    if is_piped || commands::run::is_program(program, words.get(1).map(|word| word.as_os_str()), is_command) {
        return finish(commands::run::main(words[1..].to_vec()));
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // A failure to print the usage has nowhere to go.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(EXIT_FAILURE) } else { ExitCode::SUCCESS };
        }
    };
    let color = arguments.color;
    finish(cinder_syntax::with_deep_stack(|| match arguments.command {
        Command::Check(arguments) => commands::check::main(&arguments, color),
        Command::Run => commands::run::main(std::env::args_os().skip_while(|word| word != "run").skip(1).collect()),
        Command::Explain(arguments) => commands::explain::main(&arguments),
        Command::Dump(arguments) => commands::dump::main(&arguments),
        Command::Server(arguments) => commands::server::main(&arguments),
        Command::Survey(arguments) => commands::survey::main(&arguments),
        Command::Adopt(arguments) => commands::survey::adopt(&arguments),
        Command::Lazy(arguments) => commands::survey::lazy(&arguments),
    }))
}

/// Reports a failure of the machine or of usage, and gives the exit code.
fn finish(result: anyhow::Result<ExitCode>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&format!("cinder: {error:#}"));
            ExitCode::from(EXIT_FAILURE)
        }
    }
}
