//! `cinder server`: the language server, over standard input and output.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use cinder_project::OsSystem;
use cinder_server::{Ending, Host, serve_process};

use super::dump;

/// Serve an editor: the language server protocol over standard input and output.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Accepted for editors that pass it; there is no other way to talk.
    #[arg(long)]
    stdio: bool,
}

pub(crate) fn main(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { stdio: _ } = arguments;
    let system = OsSystem::from_process().context("cannot find the current folder")?;
    let ending = serve_process(Arc::new(system), Arc::new(ProcessHost::new()));
    Ok(match ending {
        Ending::Orderly => ExitCode::SUCCESS,
        Ending::Abrupt => ExitCode::FAILURE,
    })
}

/// How long a stage may take: JIT stages import the program.
const DUMP_TIME: Duration = Duration::from_secs(20);

/// Stages are made by a process of their own: they may run the program's imports, which must not harm the session.
struct ProcessHost {
    stub_folder: Option<PathBuf>,
}

impl ProcessHost {
    fn new() -> ProcessHost {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let cache = cache.or_else(|| Some(std::env::home_dir()?.join(".cache")));
        // Other versions of the stubs have other folders, so files never change once written.
        let stub_folder = cache.map(|cache| cache.join("cinder/typeshed").join(cinder_db::vendored::typeshed_commit()));
        ProcessHost { stub_folder }
    }
}

impl Host for ProcessHost {
    fn stages(&self) -> Vec<String> {
        dump::stage_names()
    }

    fn dump(&self, stage: &str, path: &Path, function: Option<&str>) -> Result<String, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.arg("dump").arg(stage).arg(path);
        if let Some(function) = function {
            command.arg("--fn").arg(function);
        }
        output_of(command.current_dir(path.parent().unwrap_or(path)))
    }

    fn stub_folder(&self) -> Option<PathBuf> {
        self.stub_folder.clone()
    }

    fn stub_file(&self, path: &str, text: &str) -> Option<PathBuf> {
        let target = self.stub_folder.as_ref()?.join(path);
        if target.is_file() {
            return Some(target);
        }
        std::fs::create_dir_all(target.parent()?).ok()?;
        // Written beside and moved, so that two servers never see half a file.
        let draft = target.with_extension(format!("{}.tmp", std::process::id()));
        std::fs::write(&draft, text).ok()?;
        std::fs::rename(&draft, &target).ok()?;
        Some(target)
    }
}

/// What a command prints, or what it complains about. It is ended when it takes too long.
fn output_of(command: &mut Command) -> Result<String, String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let output = child.stdout.take().map(read_in_background);
    let complaints = child.stderr.take().map(read_in_background);
    let deadline = Instant::now() + DUMP_TIME;
    while child.try_wait().map_err(|error| error.to_string())?.is_none() {
        if Instant::now() > deadline {
            // It may have ended just now.
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("no answer within {} seconds", DUMP_TIME.as_secs()));
        }
        thread::sleep(Duration::from_millis(10));
    }
    let text = |reader: Option<thread::JoinHandle<String>>| reader.and_then(|it| it.join().ok()).unwrap_or_default();
    let (output, complaints) = (text(output), text(complaints));
    if output.is_empty() && !complaints.is_empty() { Err(complaints) } else { Ok(output) }
}

fn read_in_background(mut stream: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before a failure is still worth showing.
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
