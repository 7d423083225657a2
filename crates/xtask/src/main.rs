//! Project automation: `cargo xtask check` runs everything a reviewer will.
//!
//! Problem: rules that no machine checks are forgotten, and a command line that nobody remembers is not run.
//! Idea: each habit of the project is a subcommand; continuous integration calls `check` and nothing cleverer.

mod check;
mod conformance;
mod tidy;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Project automation.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything a reviewer will run: format, lints, tidy, tests.
    Check,
    /// The borders between crates and the habits of the house, without compiling.
    Tidy,
    /// Run tests and write today's outputs into the suites; read the difference afterwards.
    Bless {
        /// The package to test; all by default.
        #[arg(short, long)]
        package: Option<String>,
        /// Only tests whose name contains this.
        filter: Option<String>,
    },
    /// Put every Python file below a folder through the compiler as far as bytecode, and count.
    CompileTree {
        path: PathBuf,
        /// The stage to reach.
        #[arg(long, default_value = "bytecode")]
        stage: String,
    },
    /// Run an outside suite from a checkout.
    Conformance {
        #[command(subcommand)]
        suite: Suite,
    },
}

#[derive(Subcommand)]
enum Suite {
    /// The reference's Static Python tests, from a checkout of facebookincubator/cinderx.
    Static(SuiteArguments),
    /// The reference's strict-module tests, from a checkout of facebookincubator/cinderx with its history.
    Strict(SuiteArguments),
    /// Effects planted at random places of real packages, from a folder like site-packages.
    Planted {
        packages: PathBuf,
        /// The binary to measure.
        #[arg(long, default_value = "target/release/cinder")]
        cinder: PathBuf,
        #[arg(long, default_value_t = 200)]
        count: usize,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[arg(long, default_value_t = 2)]
        jobs: usize,
    },
    /// Files of CPython's own test package, from a `Lib` folder of CPython 3.14.
    Cpython {
        lib: PathBuf,
        /// The binary to measure.
        #[arg(long, default_value = "target/release/cinder")]
        cinder: PathBuf,
        /// Only these tiers: 1 language, 2 builtin types, 3 standard library, 4 runtime.
        #[arg(long)]
        tier: Vec<u8>,
        /// Only these files (`test_dict`).
        #[arg(long)]
        file: Vec<String>,
        /// Write the list of expected failures anew; reasons that are known are kept.
        #[arg(long)]
        bless: bool,
    },
}

#[derive(Args)]
pub(crate) struct SuiteArguments {
    pub(crate) checkout: PathBuf,
    /// The folder of the scripts that extract the cases and run them; otherwise `shared/tools` beside this repository or above it.
    #[arg(long)]
    pub(crate) tools: Option<PathBuf>,
    /// The binary to measure; otherwise the one that was built beside this program.
    #[arg(long)]
    pub(crate) cinder: Option<PathBuf>,
    /// Only cases whose id matches this regular expression; the list of expected failures then does not apply as a whole.
    #[arg(long, default_value = "")]
    pub(crate) filter: String,
    #[arg(long, default_value_t = 2)]
    pub(crate) jobs: usize,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Check => check::run(),
        Task::Tidy => tidy::run(),
        Task::Bless { package, filter } => check::bless(package.as_deref(), filter.as_deref()),
        Task::CompileTree { path, stage } => check::compile_tree(&path, &stage),
        Task::Conformance { suite: Suite::Static(suite) } => conformance::statics(&suite),
        Task::Conformance { suite: Suite::Planted { packages, cinder, count, seed, jobs } } => {
            conformance::planted(&packages, &cinder, count, seed, jobs)
        }
        Task::Conformance { suite: Suite::Strict(suite) } => conformance::stricts(&suite),
        Task::Conformance { suite: Suite::Cpython { lib, cinder, tier, file, bless } } => {
            conformance::cpython(&lib, &cinder, &tier, &file, bless)
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
