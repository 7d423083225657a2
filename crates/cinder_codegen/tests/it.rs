//! The suites of `testdata/codegen`.

use std::collections::BTreeMap;
use std::path::Path;

use cinder_bytecode::code::flags;
use cinder_bytecode::{CodeObject, Constant, Opcode, disassemble, instructions, verify};
use cinder_codegen::{CompileError, CompileOptions};
use cinder_db::testing::TestDb;
use cinder_diagnostic::Diagnostic;
use cinder_mdtest::{Case, Findings, OutputBlock, Suite};

#[test]
fn suites() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/codegen");
    cinder_mdtest::check_directory(&Suite { directory, output_languages: &["bytecode", "refused", "slow"], run });
}

fn run(case: &Case) -> Findings {
    let mut db = TestDb::new();
    for file in &case.files {
        db.write(&format!("/src/{}", file.path), &file.text);
    }
    let main = case.main_file();
    let file = db.file(&format!("/src/{}", main.path));
    let result = cinder_codegen::compile_file(&db, file, &main.path, &CompileOptions::default());
    if let Ok(code) = &result {
        verify::verify(code).expect("generated code verifies");
    }
    let outputs = case.outputs.iter().map(|block| match (&result, &*block.language) {
        (Ok(code), "slow") => slow_lines(code, &main.text, &cinder_static::check_performance(&db, file)),
        _ => output(&result, block),
    });
    let outputs = outputs.collect();
    Findings { outputs, ..Findings::default() }
}

fn output(result: &Result<CodeObject, Vec<CompileError>>, block: &OutputBlock) -> String {
    match result {
        Ok(code) if block.language == "bytecode" => {
            let name = block.arguments.first().map_or("<module>", String::as_str);
            find(code, name).map_or_else(|| format!("no function {name}\n"), own_text)
        }
        Ok(_) => "compiles\n".into(),
        Err(errors) => errors.iter().map(|error| format!("{:?}: {}\n", error.range, error.message)).collect(),
    }
}

/// Lines of functions where generic instructions and findings of `--perf` do not meet: what stays dynamic untold, and what is told although it does not.
fn slow_lines(code: &CodeObject, source: &str, findings: &[Diagnostic]) -> String {
    let mut generic = BTreeMap::new();
    generic_lines(code, &mut generic);
    let starts = std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1)).collect::<Vec<_>>();
    let line_of = |finding: &Diagnostic| starts.partition_point(|start| *start <= finding.range.start().to_usize());
    let told = findings.iter().map(|finding| (line_of(finding), finding)).collect::<BTreeMap<_, _>>();
    let text = |line: usize| source.lines().nth(line - 1).unwrap_or_default().trim();
    let untold = generic.iter().filter(|(line, _)| !told.contains_key(line));
    let untold = untold.map(|(line, names)| format!("untold: {}: {}\n", text(*line), names.join(" ")));
    let unneeded = told.iter().filter(|(line, _)| !generic.contains_key(line));
    let unneeded = unneeded.map(|(line, finding)| format!("told: {}: {}\n", text(*line), finding.message));
    untold.chain(unneeded).collect()
}

/// Names of the instructions that look attributes up by name or call what they find out at run time, by the lines of functions.
fn generic_lines(code: &CodeObject, lines: &mut BTreeMap<usize, Vec<&'static str>>) {
    use Opcode::*;
    for (at, instruction) in instructions(&code.instructions).filter(|_| code.flags & flags::OPTIMIZED != 0) {
        let is_generic = matches!(
            instruction.op,
            LOAD_ATTR
                | STORE_ATTR
                | DELETE_ATTR
                | LOAD_METHOD
                | LOAD_SUPER_ATTR
                | LOAD_SUPER_METHOD
                | CALL
                | CALL_METHOD
                | CALL_KW
                | CALL_METHOD_KW
                | CALL_EX
        );
        if let Some(place) = code.place(at as u32).filter(|_| is_generic) {
            lines.entry(place.line as usize).or_default().push(instruction.op.name());
        }
    }
    for constant in &code.constants {
        if let Constant::Code(inner) = constant {
            generic_lines(inner, lines);
        }
    }
}

/// The text of one code object without those inside it.
fn own_text(code: &CodeObject) -> String {
    let text = disassemble(code);
    text.split("\n\n").next().unwrap_or_default().trim_end().to_owned() + "\n"
}

fn find<'code>(code: &'code CodeObject, name: &str) -> Option<&'code CodeObject> {
    if &*code.qualname == name {
        return Some(code);
    }
    code.constants.iter().find_map(|constant| match constant {
        Constant::Code(inner) => find(inner, name),
        _ => None,
    })
}

/// What the suites cannot show: hostile sizes. None may panic or overflow, and what compiles verifies.
#[test]
fn hostile_sizes() {
    let many = |count: usize, item: &str, separator: &str| vec![item; count].join(separator);
    let sources = [
        format!("x = [{}]", many(20_000, "a", ",")),
        format!("x = {}", many(5_000, "a", " and ")),
        format!("x = {}", many(5_000, "a", " < ")),
        format!("f({})", many(1_000, "a", ",")),
        format!("{} = x", many(70_000, "a", ",")),
        format!("if a: pass\n{}", "elif b: pass\n".repeat(3_000)),
        format!("f'{}'", "{a}".repeat(1_000)),
        format!("def f():\n{}", (0..70_000).map(|at| format!(" a{at} = 1\n")).collect::<String>()),
        format!("x = {}1", "lambda: ".repeat(500)),
    ];
    for source in &sources {
        let shown: String = source.chars().take(40).collect();
        if let Ok(code) = cinder_codegen::compile_source(source, "hostile.py", &CompileOptions::default())
            && let Err(error) = verify::verify(&code)
        {
            assert!(error.to_string().contains("nested more than"), "{shown}: {error}");
        }
    }
}
