//! The passes, in the order they run.
//!
//! Each takes SSA and leaves SSA; [`run`] verifies after each one in debug builds, and can stop after a named one for `dump hir`.

use cinder_layout::jit::{CompileError, CompileRequest};

use crate::hir::{Function, print, verify};

mod dce;
mod executed;
mod gvn;
mod inline;
mod simplify;
mod specialise;
mod type_flow;
mod unbox;
mod valid;

type Pass = fn(&CompileRequest, &mut Function) -> Result<(), CompileError>;

const PASSES: &[(&str, Pass)] = &[
    ("simplify", simplify::run),
    ("inline", inline::run),
    ("simplify_inlined", simplify::run),
    ("type_flow", type_flow::run),
    ("specialise", specialise::run),
    ("unbox", unbox::run),
    ("gvn", gvn::run),
    ("valid", valid::run),
    ("dce", dce::run),
];

/// Runs all passes, or those up to `last`.
///
/// # Errors
/// `last` is no pass.
pub(crate) fn run(request: &CompileRequest, function: &mut Function, last: Option<&str>) -> Result<(), CompileError> {
    check("build", function);
    if last == Some("build") {
        return Ok(());
    }
    for (name, pass) in PASSES {
        pass(request, function)?;
        check(name, function);
        if last == Some(*name) {
            return Ok(());
        }
    }
    match last {
        Some(name) => Err(CompileError { word: None, reason: format!("no pass is called `{name}`") }),
        None => Ok(()),
    }
}

/// Runs one pass alone, for its tests.
#[cfg(test)]
pub(crate) fn run_one(request: &CompileRequest, function: &mut Function, name: &str) -> Result<(), CompileError> {
    let pass = PASSES.iter().find(|(known, _)| *known == name);
    let (_, pass) = pass.ok_or_else(|| CompileError { word: None, reason: format!("no pass is called `{name}`") })?;
    pass(request, function)?;
    check(name, function);
    Ok(())
}

fn check(pass: &str, function: &Function) {
    if cfg!(debug_assertions)
        && let Err(reason) = verify::verify(function)
    {
        panic!("after {pass}: {reason}\n{}", print::print(function));
    }
}
