//! How often the inline caches of a program answer: the program runs, without JIT, then its sites are listed.

use anyhow::{Context, anyhow};
use cinder_runtime::{Program, ProgramText, RunOptions, Settings};

use super::{Arguments, Dump, Stage};

pub(super) static STAGE: Stage =
    Stage { name: "caches", summary: "runs the program and shows for each inline cache how often it answered", dump };

const STACK_BYTES: usize = 64 << 20;

fn dump(arguments: &Arguments) -> anyhow::Result<Dump> {
    let path = arguments.path()?;
    let filename = std::path::absolute(path).with_context(|| path.display().to_string())?;
    let filename = filename.to_string_lossy().into_owned();
    let settings = Settings { arguments: vec![path.into()], ..Settings::default() };
    let program = Program::Source { text: ProgramText::Text(arguments.source()?), filename };
    let options = RunOptions { settings, is_without_jit: true, counts_caches: true, ..RunOptions::default() };
    // The machine wants a thread's own stack.
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    let thread = thread.spawn(move || cinder_runtime::run(&program, &options))?;
    let code = thread.join().map_err(|_| anyhow!("the machine failed"))?;
    let mistakes = if code == 0 { Vec::new() } else { vec![format!("the program ended with exit code {code}")] };
    Ok(Dump { text: String::new(), mistakes })
}
