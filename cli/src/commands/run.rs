//! `cinder run`: runs a program on the bundled virtual machine.
//!
//! The arguments are those of `python`: options end at the program, everything after it belongs to the program.

use std::ffi::OsString;
use std::io::Read;
use std::process::ExitCode;

use anyhow::{Context, bail};
use cinder_runtime::{Program, RunOptions};

/// What to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    File(OsString),
    Module(String),
    Code(String),
    /// Standard input.
    Stdin,
}

/// The command line of `cinder run`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RunArguments {
    pub(crate) target: Target,
    /// What the program sees in `sys.argv[1:]`.
    pub(crate) program_arguments: Vec<OsString>,
    /// `-I`: neither the environment nor the user's folders are looked at.
    pub(crate) is_isolated: bool,
    /// `-S`: no site-packages.
    pub(crate) is_without_site: bool,
    /// `-E`: `PYTHON*` variables are ignored.
    pub(crate) ignores_environment: bool,
    /// `-u`: output is not buffered.
    pub(crate) is_unbuffered: bool,
    /// `-B`: caches are not written.
    pub(crate) writes_no_cache: bool,
    /// `-O` once or twice: without assertions, without docstrings.
    pub(crate) optimization_level: u8,
    /// `--no-jit`: interpret only.
    pub(crate) is_without_jit: bool,
}

pub(crate) const USAGE: &str = "\
Run a program on the bundled virtual machine

Usage: cinder run [OPTIONS] FILE | -m MODULE | -c CODE | - [ARGUMENTS]...

Options:
  -c CODE     run CODE
  -m MODULE   run a module as a program
  -           run standard input
  -I          isolated: ignore PYTHON* variables and the user's folders
  -E          ignore PYTHON* variables
  -S          do not look for site-packages
  -u          do not buffer output
  -B          do not write caches
  -O, -OO     leave out assertions, and docstrings
  --no-jit    interpret only
  -h, --help  print this text
";

pub(crate) fn main(arguments: Vec<OsString>) -> anyhow::Result<ExitCode> {
    let Some(arguments) = parse(arguments)? else {
        crate::output::print(USAGE)?;
        return Ok(ExitCode::SUCCESS);
    };
    let mut options = RunOptions {
        optimize: arguments.optimization_level,
        is_isolated: arguments.is_isolated,
        is_without_site: arguments.is_without_site,
        ignores_environment: arguments.ignores_environment,
        is_unbuffered: arguments.is_unbuffered,
        is_without_jit: arguments.is_without_jit,
        ..RunOptions::default()
    };
    if !arguments.is_isolated && !arguments.ignores_environment {
        apply_environment(&mut options)?;
    }
    let program_arguments = arguments.program_arguments.iter().map(|word| word.to_string_lossy().into_owned());
    let (program, name) = match &arguments.target {
        Target::Code(text) => {
            (Program::Source { text: text.clone(), filename: "<string>".to_owned() }, "-c".to_owned())
        }
        Target::File(path) => {
            let given = path.to_string_lossy().into_owned();
            let filename = std::path::absolute(path).unwrap_or_else(|_| path.into()).to_string_lossy().into_owned();
            let bytes = std::fs::read(path).with_context(|| format!("can't open file '{given}'"))?;
            let text = match decode(&bytes, &filename) {
                Ok(text) => text,
                Err(code) => return Ok(code),
            };
            (Program::Source { text, filename }, given)
        }
        Target::Stdin => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).context("standard input")?;
            let text = match decode(&bytes, "<stdin>") {
                Ok(text) => text,
                Err(code) => return Ok(code),
            };
            (Program::Source { text, filename: "<stdin>".to_owned() }, "-".to_owned())
        }
        Target::Module(name) => (Program::Module(name.clone()), "-m".to_owned()),
    };
    options.arguments.push(name);
    options.arguments.extend(program_arguments);
    Ok(ExitCode::from(cinder_runtime::run(&program, &options)))
}

/// The `PYTHON*` variables.
///
/// Errors: a hash seed that is no number; the user's.
fn apply_environment(options: &mut RunOptions) -> anyhow::Result<()> {
    if let Some(paths) = std::env::var_os("PYTHONPATH").filter(|paths| !paths.is_empty()) {
        options.search_paths = std::env::split_paths(&paths).map(|path| path.to_string_lossy().into_owned()).collect();
    }
    match std::env::var("PYTHONHASHSEED").as_deref() {
        Err(_) | Ok("" | "random") => {}
        Ok(seed) => match seed.parse() {
            Ok(seed) => options.hash_seed = Some(seed),
            Err(_) => bail!("PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]"),
        },
    }
    if std::env::var_os("PYTHONUNBUFFERED").is_some_and(|value| !value.is_empty()) {
        options.is_unbuffered = true;
    }
    Ok(())
}

/// The text of a program; a program that is not text has ended already, with CPython's message and this exit code.
fn decode(bytes: &[u8], filename: &str) -> Result<String, ExitCode> {
    match cinder_syntax::decode_source(bytes) {
        Ok(source) => Ok(cinder_syntax::literal::normalize_newlines(&source.text).into_owned()),
        Err(error) => {
            let (line, message) = (error.line_number, error.message);
            crate::output::error(&format!("  File \"{filename}\", line {line}\nSyntaxError: {message}"));
            Err(ExitCode::from(1))
        }
    }
}

/// Parses the words after `run`; `None` when help was asked for.
///
/// Errors: unknown options, missing values; the user's.
pub(crate) fn parse(arguments: Vec<OsString>) -> anyhow::Result<Option<RunArguments>> {
    let mut words = arguments.into_iter();
    let mut parsed = RunArguments {
        target: Target::Stdin,
        program_arguments: Vec::new(),
        is_isolated: false,
        is_without_site: false,
        ignores_environment: false,
        is_unbuffered: false,
        writes_no_cache: false,
        optimization_level: 0,
        is_without_jit: false,
    };
    while let Some(word) = words.next() {
        let Some(text) = word.to_str().filter(|text| text.starts_with('-')).map(str::to_owned) else {
            parsed.target = Target::File(word);
            break;
        };
        match text.as_str() {
            "-" => {
                parsed.target = Target::Stdin;
                break;
            }
            "-h" | "--help" => return Ok(None),
            "--no-jit" => parsed.is_without_jit = true,
            _ if text.starts_with("--") => bail!("unknown option `{text}`; `cinder run --help` lists them"),
            _ => {
                if let Some(target) = flags(&text[1..], &mut words, &mut parsed)? {
                    parsed.target = target;
                    break;
                }
            }
        }
    }
    parsed.program_arguments.extend(words);
    Ok(Some(parsed))
}

/// Reads a word of one-letter flags; `-c` and `-m` end the options.
fn flags(
    letters: &str,
    words: &mut dyn Iterator<Item = OsString>,
    parsed: &mut RunArguments,
) -> anyhow::Result<Option<Target>> {
    for (at, letter) in letters.char_indices() {
        match letter {
            'I' => parsed.is_isolated = true,
            'E' => parsed.ignores_environment = true,
            'S' => parsed.is_without_site = true,
            'u' => parsed.is_unbuffered = true,
            'B' => parsed.writes_no_cache = true,
            'O' => parsed.optimization_level = (parsed.optimization_level + 1).min(2),
            'c' | 'm' => {
                let rest = &letters[at + 1..];
                let value = if rest.is_empty() {
                    let word = words.next().with_context(|| format!("`-{letter}` needs a value"))?;
                    word.into_string().ok().with_context(|| format!("the value of `-{letter}` is not UTF-8"))?
                } else {
                    rest.to_owned()
                };
                return Ok(Some(if letter == 'c' { Target::Code(value) } else { Target::Module(value) }));
            }
            _ => bail!("unknown option `-{letter}`; `cinder run --help` lists them"),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> RunArguments {
        parse(words.iter().map(OsString::from).collect()).unwrap().unwrap()
    }

    #[test]
    fn options_end_at_the_program() {
        let arguments = parsed(&["-IS", "--no-jit", "file.py", "-c", "x"]);
        assert!(arguments.is_isolated && arguments.is_without_site && arguments.is_without_jit);
        assert_eq!(arguments.target, Target::File("file.py".into()));
        assert_eq!(arguments.program_arguments, ["-c", "x"]);
        assert_eq!(parsed(&["-cpass", "a"]).target, Target::Code("pass".to_owned()));
        assert_eq!(parsed(&["-Ic", "pass"]).target, Target::Code("pass".to_owned()));
        assert_eq!(parsed(&["-m", "m", "-m"]).program_arguments, ["-m"]);
    }

    #[test]
    fn mistakes_are_named() {
        assert!(parse(vec!["--what".into()]).is_err());
        assert!(parse(vec!["-c".into()]).is_err());
        assert!(parse(vec!["-h".into()]).unwrap().is_none());
    }
}
