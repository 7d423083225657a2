//! `testdata/jit`: a `bytecode` or `hir` block, and what it is after a pass.

use std::path::Path;

use cinder_layout::jit::CompileRequest;
use cinder_mdtest::{Case, Findings, Suite, check_directory};

use super::machine::Program;
use crate::hir::{parse, print, verify};
use crate::{build, pass};

fn run(case: &Case) -> Findings {
    let inputs: Vec<(&str, &str)> = case.attachments.iter().map(|(language, text)| (&**language, &**text)).collect();
    let outputs = case.outputs.iter().map(|block| {
        let passes: Vec<&str> = block.arguments.iter().map(String::as_str).collect();
        after(&inputs, &passes).unwrap_or_else(|reason| format!("error: {reason}"))
    });
    Findings { outputs: outputs.collect(), ..Findings::default() }
}

/// HIR after the passes named (`build` for none).
fn after(inputs: &[(&str, &str)], passes: &[&str]) -> Result<String, String> {
    let (mut function, request) = match inputs {
        [("hir", text)] => (parse::parse(text)?, CompileRequest { valid: 1, ..empty() }),
        _ => {
            let texts: Vec<&str> =
                inputs.iter().filter(|(language, _)| *language == "bytecode").map(|(_, text)| *text).collect();
            let program = Program::new(&texts);
            let request = program.plain_request();
            (build::build(&request).map_err(|error| error.to_string())?, request)
        }
    };
    verify::verify(&function)?;
    for name in passes.iter().filter(|name| **name != "build") {
        pass::run_one(&request, &mut function, name).map_err(|error| error.to_string())?;
    }
    let text = print::print(&function);
    let again = parse::parse(&text).map_err(|reason| format!("own text: {reason}\n{text}"))?;
    assert_eq!(print::print(&again), text, "HIR reads back");
    Ok(text)
}

fn empty() -> CompileRequest {
    CompileRequest {
        unit: cinder_layout::jit::CompileUnit::default(),
        osr: None,
        code_id: 0,
        valid: 0,
        is_forced: true,
        is_retry: false,
        deopt_always: false,
    }
}

#[test]
fn passes_give_what_the_suites_say() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/jit");
    check_directory(&Suite { directory, output_languages: &["after"], run });
}
