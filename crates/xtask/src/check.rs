//! The tasks that run other programs.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};

use crate::{tidy, workspace};

/// Format, tidy, lints, tests; stops at the first failure, cheap steps first.
pub(crate) fn run() -> anyhow::Result<()> {
    let start = Instant::now();
    step("format", workspace::cargo().args(["fmt", "--all", "--check"]))?;
    eprintln!("xtask: tidy");
    tidy::run()?;
    step("lints", workspace::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    step("tests", workspace::cargo().args(["test", "--workspace"]))?;
    eprintln!("xtask: all is well after {} s", start.elapsed().as_secs());
    Ok(())
}

pub(crate) fn bless(package: Option<&str>, filter: Option<&str>) -> anyhow::Result<()> {
    let mut command = workspace::cargo();
    command.env("CINDER_BLESS", "1").arg("test");
    match package {
        Some(package) => command.args(["--package", package]),
        None => command.arg("--workspace"),
    };
    if let Some(filter) = filter {
        command.args(["--", filter]);
    }
    step("bless", &mut command)
}

pub(crate) fn compile_tree(path: &Path, stage: &str) -> anyhow::Result<()> {
    let path = std::path::absolute(path)?;
    let mut command = workspace::cargo();
    command.args(["run", "--quiet", "--release", "--package", "cinder", "--", "dump", stage]).arg(path);
    step("compile-tree", &mut command)
}

fn step(name: &str, command: &mut Command) -> anyhow::Result<()> {
    eprintln!("xtask: {name}");
    let start = Instant::now();
    let status = command.status().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    if !status.success() {
        bail!("{name} failed");
    }
    eprintln!("xtask: {name} took {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
