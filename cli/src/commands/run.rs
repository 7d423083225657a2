//! `cinder run`: runs a program on the bundled virtual machine.
//!
//! The arguments are those of `python`: options end at the program, everything after it belongs to the program.
//! Source: Python/initconfig.c, Modules/main.c.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use cinder_project::{OsSystem, ProjectError, StaticSettings, static_settings_of};
use cinder_runtime::{Program, ProgramText, RunOptions, Settings};

/// What to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    File(OsString),
    Module(String),
    Code(String),
    /// Standard input: a program, or a person.
    Stdin,
}

/// The command line of `cinder run`.
#[derive(Debug)]
pub(crate) struct RunArguments {
    pub(crate) target: Target,
    /// Whether standard input was asked for by `-`, so that `sys.argv[0]` says so.
    pub(crate) names_stdin: bool,
    /// What the program sees in `sys.argv[1:]`.
    pub(crate) program_arguments: Vec<OsString>,
    pub(crate) settings: Settings,
    /// `-x`: the first line of the file is not Python.
    pub(crate) skips_first_line: bool,
    /// `--no-jit`: interpret only.
    pub(crate) is_without_jit: bool,
    /// `--static-*`.
    pub(crate) statics: StaticSettings,
}

/// What a command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    Run(Box<RunArguments>),
    Help,
    Version,
    /// `-c` with bytes that are no text.
    Undecodable(OsString),
}

pub(crate) const USAGE: &str = "\
Run a program on the bundled virtual machine

Usage: cinder run [OPTIONS] FILE | FOLDER | ZIPFILE | -m MODULE | -c CODE | - [ARGUMENTS]...

Without a program, standard input is run; at a terminal there is a prompt.

Options:
  -b, -bb     warn about, or refuse, mixing bytes with str and int
  -B          do not write compiled code to __pycache__
  -c CODE     run CODE
  -d          set sys.flags.debug
  -E          ignore PYTHON* variables
  -h, --help  print this text
  -i          go on at a prompt after the program
  -I          isolated: -E, -P and -s, and no virtual environment of the current folder
  -m MODULE   run a module as a program
  -O, -OO     leave out assertions, and docstrings
  -P          do not search the program's folder for modules
  -q          no banner at the prompt
  -R          random hashes of text, whatever PYTHONHASHSEED says
  -s          do not look into the user's site-packages
  -S          do not look for site-packages
  -u          do not buffer output
  -v          name each module that is imported
  -V          print the version of Python
  -W FILTER   how to treat warnings, as the warnings module reads it
  -x          skip the first line of the file
  -X OPTION   set an implementation's option: dev, cpu_count=N, faulthandler, importtime, int_max_str_digits=N,
              no_debug_ranges, pycache_prefix=FOLDER, utf8, warn_default_encoding
  -           run standard input
  --no-jit    interpret only
  --static-modules NAMES
              modules, with everything below them, that are static without a flag; comma-separated, `*` for all of the program
  --static-exclude NAMES
              modules, with everything below them, that are not
  --static-types FOLDER
              the types another checker found, a JSON file for each module

Variables: PYTHONPATH, PYTHONHASHSEED, PYTHONUNBUFFERED, PYTHONOPTIMIZE, PYTHONDONTWRITEBYTECODE, PYTHONPYCACHEPREFIX, PYTHONNOUSERSITE,
PYTHONSAFEPATH, PYTHONWARNINGS, PYTHONWARNDEFAULTENCODING, PYTHONINSPECT, PYTHONDEBUG, PYTHONVERBOSE, PYTHONPROFILEIMPORTTIME, PYTHONDEVMODE,
PYTHONFAULTHANDLER, PYTHONINTMAXSTRDIGITS, PYTHONIOENCODING, PYTHONUTF8, PYTHONNODEBUGRANGES, PYTHONSTARTUP, PYTHON_BASIC_REPL, PYTHON_COLORS,
PYTHON_CPU_COUNT, VIRTUAL_ENV
";

/// Whether `cinder WORD ..` means `cinder run WORD ..`: options of `python`, and programs, which are files or folders of any name but that of a
/// command (`is_command`). Programs start their own interpreter again by `sys.executable` with such arguments.
pub(crate) fn is_program(program: &OsStr, first: Option<&OsStr>, is_command: impl Fn(&OsStr) -> bool) -> bool {
    let name = Path::new(program).file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with("python") {
        return true;
    }
    let Some(word) = first else { return false };
    let first = word.to_string_lossy();
    let mut letters = first.strip_prefix('-').unwrap_or_default().chars();
    first == "-"
        || letters.next().is_some_and(|letter| "bBcdEiImOPqRsSuvWxX".contains(letter))
        || Path::new(&*first).extension().is_some_and(|extension| extension == "py" || extension == "pyz")
        || Path::new(word).exists() && !is_command(word)
}

pub(crate) fn main(arguments: Vec<OsString>) -> anyhow::Result<ExitCode> {
    let mut arguments = match parse(arguments)? {
        Request::Help => {
            crate::output::print(USAGE)?;
            return Ok(ExitCode::SUCCESS);
        }
        Request::Version => {
            crate::output::print(&format!("Python 3.14.0 (cinder {})\n", env!("CARGO_PKG_VERSION")))?;
            return Ok(ExitCode::SUCCESS);
        }
        Request::Undecodable(code) => {
            crate::output::error(&undecodable(code.as_encoded_bytes()));
            return Ok(ExitCode::FAILURE);
        }
        Request::Run(arguments) => *arguments,
    };
    apply_environment(&mut arguments.settings)?;
    finish_settings(&mut arguments.settings)?;
    let statics = static_settings(&arguments)?;
    let (program, name) = match program(&arguments)? {
        Ok(found) => found,
        Err(code) => return Ok(code),
    };
    let settings = &mut arguments.settings;
    settings.is_interactive |= matches!(program, Program::Prompt);
    settings.inspects |= settings.is_interactive && std::io::stdin().is_terminal();
    let inspects = settings.inspects;
    settings.arguments.push(name.into());
    settings.arguments.extend(arguments.program_arguments);
    settings.original_arguments = std::env::args_os().collect();
    // The prompt itself follows; `-i` would make a second one.
    settings.inspects = inspects;
    let options = RunOptions {
        settings: arguments.settings,
        is_without_jit: arguments.is_without_jit,
        counts_caches: false,
        statics,
    };
    Ok(ExitCode::from(cinder_runtime::run(&program, &options)))
}

/// Reads the program; with the name it has in `sys.argv`. The inner error is the exit code of a program that cannot be read.
fn program(arguments: &RunArguments) -> anyhow::Result<Result<(Program, String), ExitCode>> {
    let source = |mut bytes: Vec<u8>, filename: String| {
        if arguments.skips_first_line {
            // The line stays, empty, so that line numbers hold.
            let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
            bytes.drain(..end);
        }
        Program::Source { text: ProgramText::Bytes(bytes), filename }
    };
    Ok(match &arguments.target {
        Target::Code(text) => {
            let text = ProgramText::Text(dedent(text));
            Ok((Program::Source { text, filename: "<string>".to_owned() }, "-c".to_owned()))
        }
        Target::Module(name) => Ok((Program::Module(name.clone()), "-m".to_owned())),
        Target::File(path) => {
            let given = path.to_string_lossy().into_owned();
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into()).to_string_lossy().into_owned();
            if Path::new(path).is_dir() {
                return Ok(Ok((Program::Container(given.clone()), given)));
            }
            let bytes = match std::fs::read(path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let number = error.raw_os_error().unwrap_or(0);
                    let text = error.to_string();
                    let text = text.split(" (os error").next().unwrap_or_default();
                    crate::output::error(&format!("cinder: can't open file '{absolute}': [Errno {number}] {text}"));
                    return Ok(Err(ExitCode::from(2)));
                }
            };
            if is_zip(&bytes) {
                return Ok(Ok((Program::Container(given.clone()), given)));
            }
            Ok((source(bytes, absolute), given))
        }
        Target::Stdin => {
            let name = if arguments.names_stdin { "-" } else { "" }.to_owned();
            if std::io::stdin().is_terminal() || arguments.settings.inspects {
                return Ok(Ok((Program::Prompt, name)));
            }
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).context("standard input")?;
            Ok((source(bytes, "<stdin>".to_owned()), name))
        }
    })
}

/// The text without the indentation that all its lines share (`textwrap.dedent`), so that `-c` takes indented code.
fn dedent(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut margin: Option<&str> = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let own = &line[..indent(line)];
        margin = Some(match margin {
            None => own,
            Some(margin) => {
                let common = margin.bytes().zip(own.bytes()).take_while(|(a, b)| a == b).count();
                &margin[..common]
            }
        });
    }
    let margin = margin.unwrap_or("").len();
    if margin == 0 {
        return text.to_owned();
    }
    let cut = |line: &str| match line.trim().is_empty() {
        true => line.trim_start_matches([' ', '\t']).to_owned(),
        false => line[margin..].to_owned(),
    };
    text.split_inclusive('\n').map(cut).collect()
}

/// What `python` says of a `-c` whose bytes are no UTF-8: each such byte stands for a lone surrogate, and the first run of them is named.
fn undecodable(code: &[u8]) -> String {
    let head = std::str::from_utf8(code).map_or_else(|error| error.valid_up_to(), str::len);
    let mut run = Vec::new();
    for chunk in code[head..].utf8_chunks() {
        if !chunk.valid().is_empty() {
            break;
        }
        run.extend_from_slice(chunk.invalid());
    }
    let first = String::from_utf8_lossy(&code[..head]).chars().count();
    let what = match run[..] {
        [byte] => format!("character '\\udc{byte:02x}' in position {first}"),
        _ => format!("characters in position {first}-{}", first + run.len().saturating_sub(1)),
    };
    format!(
        "Unable to decode the command from the command line:\nUnicodeEncodeError: 'utf-8' codec can't encode {what}: surrogates not allowed"
    )
}

/// Whether a file ends as zip files do; a program may lie before the archive.
fn is_zip(bytes: &[u8]) -> bool {
    const LONGEST_END: usize = 22 + 65535;
    let end = &bytes[bytes.len().saturating_sub(LONGEST_END)..];
    end.windows(4).any(|window| window == b"PK\x05\x06")
}

/// The value of a `PYTHON*` variable, unless it is empty.
fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
}

/// The `PYTHON*` variables, where the command line does not say to ignore them.
///
/// Errors: values out of range; the user's.
fn apply_environment(settings: &mut Settings) -> anyhow::Result<()> {
    if settings.is_isolated || settings.ignores_environment {
        return Ok(());
    }
    if let Some(paths) = std::env::var_os("PYTHONPATH").filter(|paths| !paths.is_empty()) {
        settings.more_paths = std::env::split_paths(&paths).map(|path| path.to_string_lossy().into_owned()).collect();
    }
    match variable("PYTHONHASHSEED").as_deref() {
        _ if settings.has_random_hashes => {}
        None | Some("random") => {}
        Some(seed) => match seed.parse() {
            Ok(seed) => settings.hash_seed = Some(seed),
            Err(_) => bail!("PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]"),
        },
    }
    let is_set = |name| variable(name).is_some();
    // A number of times, or any text for once.
    let count = |name: &str| variable(name).map_or(0, |value| value.parse().unwrap_or(1));
    settings.is_unbuffered |= is_set("PYTHONUNBUFFERED");
    settings.writes_no_bytecode |= is_set("PYTHONDONTWRITEBYTECODE");
    settings.cache_prefix = variable("PYTHONPYCACHEPREFIX");
    settings.is_without_user_site |= is_set("PYTHONNOUSERSITE");
    settings.is_path_safe |= is_set("PYTHONSAFEPATH");
    settings.asks_to_inspect = is_set("PYTHONINSPECT");
    settings.warns_default_encoding |= is_set("PYTHONWARNDEFAULTENCODING");
    settings.has_no_columns |= is_set("PYTHONNODEBUGRANGES");
    settings.traces_faults |= is_set("PYTHONFAULTHANDLER");
    if let Some(count) = variable("PYTHON_CPU_COUNT") {
        settings.cpu_count = cpu_count(&count)?;
    }
    if let Some(mode) = variable("PYTHONUTF8").filter(|mode| mode != "0" && mode != "1") {
        bail!("invalid PYTHONUTF8 environment variable value `{mode}`");
    }
    if let Some(lock) = variable("PYTHON_GIL") {
        keep_lock(&lock, "PYTHON_GIL")?;
    }
    settings.is_dev_mode |= is_set("PYTHONDEVMODE");
    settings.optimize = settings.optimize.max(count("PYTHONOPTIMIZE")).min(2);
    settings.debug = settings.debug.max(count("PYTHONDEBUG"));
    settings.verbose = settings.verbose.max(count("PYTHONVERBOSE"));
    if let Some(digits) = variable("PYTHONINTMAXSTRDIGITS") {
        settings.max_str_digits.get_or_insert(digit_limit(&digits, "PYTHONINTMAXSTRDIGITS")?);
    }
    if let Some(filters) = variable("PYTHONWARNINGS") {
        let given = filters.split(',').map(str::to_owned);
        settings.warnings.splice(0..0, given);
    }
    if let Some(encoding) = variable("PYTHONIOENCODING") {
        let (name, errors) = encoding.split_once(':').unwrap_or((&encoding, ""));
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        settings.io_encoding = (text(name), text(errors));
    }
    Ok(())
}

/// The value of `-X cpu_count`; the word `default` counts the machine's own.
fn cpu_count(text: &str) -> anyhow::Result<Option<u32>> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(Some(count)),
        _ if text == "default" => Ok(None),
        _ => bail!("-X cpu_count=n option: n is missing or an invalid number, n must be greater than 0"),
    }
}

/// Refuses to run without the lock that threads share (PEP 703).
fn keep_lock(text: &str, place: &str) -> anyhow::Result<()> {
    match text {
        "1" => Ok(()),
        "0" => bail!("Disabling the GIL is not supported by this build ({place}=0)"),
        _ => bail!("{place} must be \"0\" or \"1\""),
    }
}

fn digit_limit(text: &str, place: &str) -> anyhow::Result<usize> {
    match text.parse() {
        Ok(limit) if limit == 0 || limit >= 640 => Ok(limit),
        _ => bail!("{place}: invalid limit; must be >= 640 or 0 for unlimited."),
    }
}

/// What follows from several options together.
fn finish_settings(settings: &mut Settings) -> anyhow::Result<()> {
    for extra in &settings.extras {
        match extra.split_once('=').map_or((extra.as_str(), None), |(name, value)| (name, Some(value))) {
            ("dev", _) => settings.is_dev_mode = true,
            ("faulthandler", _) => settings.traces_faults = true,
            ("no_debug_ranges", _) => settings.has_no_columns = true,
            ("cpu_count", count) => settings.cpu_count = cpu_count(count.unwrap_or_default())?,
            ("importtime", Some(level)) if level.parse::<i64>().is_ok_and(|level| !(0..=2).contains(&level)) => {
                bail!("-X importtime: values other than 1 and 2 are reserved for future use.")
            }
            ("gil", lock) => keep_lock(lock.unwrap_or_default(), "-X gil")?,
            ("warn_default_encoding", _) => settings.warns_default_encoding = true,
            ("pycache_prefix", folder) => {
                settings.cache_prefix = folder.filter(|folder| !folder.is_empty()).map(str::to_owned)
            }
            ("int_max_str_digits", Some(digits)) => {
                settings.max_str_digits = Some(digit_limit(digits, "-X int_max_str_digits")?);
            }
            ("int_max_str_digits", None) => {
                bail!("-X int_max_str_digits: invalid limit; must be >= 640 or 0 for unlimited.")
            }
            _ => {}
        }
    }
    if settings.is_dev_mode {
        settings.warnings.insert(0, "default".to_owned());
        settings.traces_faults = true;
    }
    match settings.bytes_warning {
        0 => {}
        1 => settings.warnings.push("default::BytesWarning".to_owned()),
        _ => settings.warnings.push("error::BytesWarning".to_owned()),
    }
    Ok(())
}

/// Parses the words after `run`.
///
/// Errors: unknown options, missing values; the user's.
pub(crate) fn parse(arguments: Vec<OsString>) -> anyhow::Result<Request> {
    let mut words = arguments.into_iter();
    let mut parsed = RunArguments {
        target: Target::Stdin,
        names_stdin: false,
        program_arguments: Vec::new(),
        settings: Settings::default(),
        skips_first_line: false,
        is_without_jit: false,
        statics: StaticSettings::default(),
    };
    while let Some(word) = words.next() {
        let Some(text) = word.to_str().filter(|text| text.starts_with('-')).map(str::to_owned) else {
            parsed.target = Target::File(word);
            break;
        };
        match text.as_str() {
            "-" => {
                parsed.names_stdin = true;
                break;
            }
            "--help" | "--help-all" | "--help-env" | "--help-xoptions" => return Ok(Request::Help),
            "--version" => return Ok(Request::Version),
            "--no-jit" => parsed.is_without_jit = true,
            "--check-hash-based-pycs" => {
                words.next();
            }
            _ if text.starts_with("--static-") => static_option(&text, &mut words, &mut parsed.statics)?,
            _ if text.starts_with("--") => bail!("unknown option `{text}`; `cinder run --help` lists them"),
            _ => match flags(&text[1..], &mut words, &mut parsed)? {
                Flags::Continue => {}
                Flags::Target(target) => {
                    parsed.target = target;
                    break;
                }
                Flags::Answer(request) => return Ok(request),
            },
        }
    }
    parsed.program_arguments.extend(words);
    Ok(Request::Run(Box::new(parsed)))
}

/// `--static-modules NAMES` and its siblings; the value may follow a `=`, too.
fn static_option(
    text: &str,
    words: &mut dyn Iterator<Item = OsString>,
    statics: &mut StaticSettings,
) -> anyhow::Result<()> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(OsString::from(value))),
        None => (text, None),
    };
    let mut value = || value.clone().or_else(|| words.next()).with_context(|| format!("Argument expected for {name}"));
    let mut names = || -> anyhow::Result<Vec<String>> {
        let list = value()?.into_string().ok().with_context(|| format!("the value of `{name}` is not UTF-8"))?;
        Ok(list.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect())
    };
    match name {
        "--static-modules" => statics.modules.extend(names()?),
        "--static-exclude" => statics.exclude.extend(names()?),
        "--static-types" => statics.types = Some(value()?.into()),
        _ => bail!("unknown option `{name}`; `cinder run --help` lists them"),
    }
    Ok(())
}

/// The settings of static modules: those of the project the program lies in, then the command line's. A configuration that is wrong is told
/// and does not keep the program from running; what the command line says does.
fn static_settings(arguments: &RunArguments) -> anyhow::Result<StaticSettings> {
    let named = &arguments.statics;
    let Ok(system) = OsSystem::from_process() else { return Ok(named.clone()) };
    let folder = match &arguments.target {
        _ if arguments.settings.is_isolated => None,
        Target::File(path) if Path::new(path).is_dir() => Some(PathBuf::from(path)),
        Target::File(path) => Path::new(path).parent().map(Path::to_owned),
        Target::Module(_) => Some(PathBuf::new()),
        Target::Code(_) | Target::Stdin => None,
    };
    let configured = folder.map(|folder| static_settings_of(&system, &folder));
    let configured = match configured {
        Some(Ok(configured)) => configured,
        Some(Err(error)) => {
            crate::output::error(&format!("cinder: {error}; settings of static modules are not used"));
            StaticSettings::default()
        }
        None => StaticSettings::default(),
    };
    let types = named.types.as_ref().map(std::path::absolute).transpose()?;
    if let Some(missing) = types.as_ref().filter(|folder| !folder.is_dir()) {
        bail!(ProjectError::NoTypes(missing.clone()));
    }
    Ok(StaticSettings {
        types: types.or(configured.types),
        modules: [configured.modules, named.modules.clone()].concat(),
        exclude: [configured.exclude, named.exclude.clone()].concat(),
        degraded: Vec::new(),
    })
}

/// What a word of flags leads to.
enum Flags {
    Continue,
    /// `-c` and `-m` end the options.
    Target(Target),
    Answer(Request),
}

/// Reads a word of one-letter flags.
fn flags(letters: &str, words: &mut dyn Iterator<Item = OsString>, parsed: &mut RunArguments) -> anyhow::Result<Flags> {
    let settings = &mut parsed.settings;
    for (at, letter) in letters.char_indices() {
        match letter {
            'I' => settings.is_isolated = true,
            'E' => settings.ignores_environment = true,
            'S' => settings.is_without_site = true,
            's' => settings.is_without_user_site = true,
            'P' => settings.is_path_safe = true,
            'u' => settings.is_unbuffered = true,
            'B' => settings.writes_no_bytecode = true,
            'i' => settings.inspects = true,
            'q' => settings.is_quiet = true,
            'b' => settings.bytes_warning += 1,
            'd' => settings.debug += 1,
            'v' => settings.verbose += 1,
            'x' => parsed.skips_first_line = true,
            'R' => settings.has_random_hashes = true,
            'O' => settings.optimize = (settings.optimize + 1).min(2),
            'h' | '?' => return Ok(Flags::Answer(Request::Help)),
            'V' => return Ok(Flags::Answer(Request::Version)),
            'c' | 'm' | 'W' | 'X' => {
                let rest = &letters[at + 1..];
                let value = if rest.is_empty() {
                    let word = words.next().with_context(|| format!("Argument expected for the -{letter} option"))?;
                    match word.into_string() {
                        Ok(text) => text,
                        Err(word) if letter == 'c' => return Ok(Flags::Answer(Request::Undecodable(word))),
                        Err(_) => bail!("the value of `-{letter}` is not UTF-8"),
                    }
                } else {
                    rest.to_owned()
                };
                match letter {
                    'c' => return Ok(Flags::Target(Target::Code(value))),
                    'm' => return Ok(Flags::Target(Target::Module(value))),
                    'W' => settings.warnings.push(value),
                    _ => settings.extras.push(value),
                }
                return Ok(Flags::Continue);
            }
            _ => bail!("unknown option `-{letter}`; `cinder run --help` lists them"),
        }
    }
    Ok(Flags::Continue)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> RunArguments {
        match parse(words.iter().map(OsString::from).collect()).unwrap() {
            Request::Run(arguments) => *arguments,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn options_end_at_the_program() {
        let arguments = parsed(&["-IS", "--no-jit", "file.py", "-c", "x"]);
        assert!(arguments.settings.is_isolated && arguments.settings.is_without_site && arguments.is_without_jit);
        assert_eq!(arguments.target, Target::File("file.py".into()));
        assert_eq!(arguments.program_arguments, ["-c", "x"]);
        assert_eq!(parsed(&["-cpass", "a"]).target, Target::Code("pass".to_owned()));
        assert_eq!(parsed(&["-Ic", "pass"]).target, Target::Code("pass".to_owned()));
        assert_eq!(parsed(&["-m", "m", "-m"]).program_arguments, ["-m"]);
        let arguments = parsed(&["-Werror", "-W", "ignore", "-Xdev", "-bb", "-OO", "-"]);
        assert_eq!(arguments.settings.warnings, ["error", "ignore"]);
        assert_eq!(arguments.settings.extras, ["dev"]);
        assert_eq!((arguments.settings.bytes_warning, arguments.settings.optimize), (2, 2));
        assert!(arguments.names_stdin);
    }

    #[test]
    fn mistakes_are_named() {
        assert!(parse(vec!["--what".into()]).is_err());
        assert!(parse(vec!["-c".into()]).is_err());
        assert!(matches!(parse(vec!["-h".into()]), Ok(Request::Help)));
        assert!(matches!(parse(vec!["-V".into()]), Ok(Request::Version)));
        assert!(undecodable(b"\xc3\xa4\xffx").contains("character '\\udcff' in position 1:"));
        assert!(undecodable(b"a\xff\xfe").contains("characters in position 1-2:"));
    }

    #[test]
    fn an_interpreter_is_called_by_the_programs_name_too() {
        let is = |program: &str, first: Option<&str>| {
            is_program(program.as_ref(), first.map(OsStr::new), |word| word == "check")
        };
        assert!(is("venv/bin/python3", None));
        assert!(is("cinder", Some("-c")) && is("cinder", Some("-Im")) && is("cinder", Some("a/b.py")));
        assert!(!is("cinder", Some("check")) && !is("cinder", Some("-h")) && !is("cinder", Some("--color")));
        assert!(!is("cinder", None));
    }
}
