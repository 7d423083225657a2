//! The server over standard input and output without the rest of `cinder`: builds quickly, for profiles and measurements. No stages can be shown.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use cinder_project::OsSystem;
use cinder_server::{Ending, Host, serve_process};

struct NoHost;

impl Host for NoHost {
    fn stages(&self) -> Vec<String> {
        Vec::new()
    }

    fn dump(&self, _: &str, _: &Path, _: Option<&str>) -> Result<String, String> {
        Err("this server has no compiler".to_string())
    }

    fn stub_folder(&self) -> Option<PathBuf> {
        None
    }

    fn stub_file(&self, _: &str, _: &str) -> Option<PathBuf> {
        None
    }
}

fn main() -> ExitCode {
    let Ok(system) = OsSystem::from_process() else { return ExitCode::from(2) };
    match serve_process(Arc::new(system), Arc::new(NoHost)) {
        Ending::Orderly => ExitCode::SUCCESS,
        Ending::Abrupt => ExitCode::FAILURE,
    }
}
