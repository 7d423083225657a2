//! The suites of `testdata/codegen`.

use std::path::Path;

use cinder_bytecode::{CodeObject, Constant, disassemble, verify};
use cinder_codegen::{CompileError, CompileOptions};
use cinder_db::testing::TestDb;
use cinder_mdtest::{Case, Findings, OutputBlock, Suite};

#[test]
fn suites() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/codegen");
    cinder_mdtest::check_directory(&Suite { directory, output_languages: &["bytecode", "refused"], run });
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
    let outputs = case.outputs.iter().map(|block| output(&result, block)).collect();
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
