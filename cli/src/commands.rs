//! One file per command. Each has `Arguments` and `main`, which gives the exit code.

pub(crate) mod check;
pub(crate) mod dump;
pub(crate) mod explain;
pub(crate) mod run;
