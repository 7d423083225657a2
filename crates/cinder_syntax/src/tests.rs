use crate::{Mode, parse, parse_module};

#[track_caller]
fn check_first(source: &str, expected: &str) {
    let parsed = parse_module(source);
    let message = parsed.first_error().map_or("", |error| error.message.as_str());
    assert_eq!(message, expected, "{source}");
}

#[test]
fn compile_errors_in_cpythons_words() {
    check_first("return 1\n", "'return' outside function");
    check_first("def f():\n    await x\n", "'await' outside async function");
    check_first("await x\n", "'await' outside function");
    check_first("def f(a, a): pass\n", "duplicate argument 'a' in function definition");
    check_first("nonlocal x\n", "nonlocal declaration not allowed at module level");
    check_first("def f():\n    nonlocal x\n", "no binding for nonlocal 'x' found");
    check_first("def f():\n    def g():\n        nonlocal x\n    x = 1\n", "");
    check_first("def f():\n    global x\n    def g():\n        nonlocal x\n", "no binding for nonlocal 'x' found");
    check_first("def f():\n  x = 1\n  def g():\n    def h():\n      nonlocal x\n", "");
    check_first("def f(x):\n    global x\n", "name 'x' is parameter and global");
    check_first("def f():\n    x\n    global x\n", "name 'x' is used prior to global declaration");
    check_first("def f():\n    x = 1\n    global x\n", "name 'x' is assigned to before global declaration");
    check_first("def f():\n    global x\n    x: int\n", "annotated name 'x' can't be global");
    check_first("def f():\n    global x\n    nonlocal x\n", "name 'x' is nonlocal and global");
    check_first("while 1: pass\nelse: break\n", "'break' outside loop");
    check_first("def f(): return [(yield) for _ in x]\n", "'yield' inside list comprehension");
    check_first("def f(): return lambda: (yield)\n", "");
    check_first(
        "x = 1\nfrom __future__ import annotations\n",
        "from __future__ imports must occur at the beginning of the file",
    );
}

#[test]
fn hostile_nesting_is_refused() {
    for (source, expected) in [
        ("(".repeat(100_000), "too many nested parentheses"),
        ("x = ".to_owned() + &"[".repeat(201), "too many nested parentheses"),
        ((0..3000).map(|n| " ".repeat(n) + "if 1:\n").collect(), "too many levels of indentation"),
        ("-".repeat(100_000) + "1", "too many nested expressions (more than 2000 levels)"),
        ("not ".repeat(100_000) + "1", "too many nested expressions (more than 2000 levels)"),
        ("lambda: ".repeat(100_000) + "1", "too many nested expressions (more than 2000 levels)"),
        ("1 if x else ".repeat(100_000) + "1", "too many nested expressions (more than 2000 levels)"),
        ("2**".repeat(100_000) + "1", "too many nested expressions (more than 2000 levels)"),
        ("await ".repeat(100_000) + "1", "too many nested expressions (more than 2000 levels)"),
        ("1+".repeat(100_000) + "1", "too many nested expressions (more than 2000 levels)"),
        ("a".to_owned() + &".b".repeat(30_000), "too many nested expressions (more than 2000 levels)"),
        ("a".to_owned() + &"()".repeat(30_000), "too many nested expressions (more than 2000 levels)"),
        ("a".to_owned() + &"[0]".repeat(30_000), "too many nested expressions (more than 2000 levels)"),
        ("f'{".repeat(300), "too many nested parentheses"),
    ] {
        check_first(&source, expected);
    }
}

#[test]
fn long_but_flat_is_accepted() {
    check_first(&("x = [".to_owned() + &"-1, ".repeat(300_000) + "]\n"), "");
    check_first(&("x = a and ".to_owned() + &"b and ".repeat(30_000) + "c\n"), "");
    check_first(&("if a: pass\n".to_owned() + &"elif b: pass\n".repeat(30_000)), "");
    check_first(&("a < ".repeat(30_000) + "b\n"), "");
    check_first(&("1+".repeat(1_900) + "1\n"), "");
    check_first(&("x = '".to_owned() + &"(".repeat(100_000) + "'\n"), "");
    check_first(&("f'{x:{y}}' ".repeat(30_000) + "\n"), "");
    check_first(&("x = 1\n".repeat(100_000)), "");
}

#[test]
fn expression_mode_gives_one_expression() {
    assert!(parse("1 + 2", Mode::Expression).expression().is_some());
    assert!(parse("int |\n str", Mode::Annotation).expression().is_some());
    let parsed = parse("", Mode::Expression);
    assert!(parsed.expression().is_none() && !parsed.is_valid());
}

#[test]
fn lone_surrogates_survive() {
    let source = r#"x = "a\\ud800\ud801\ufffd\U0000dfff\N{REPLACEMENT CHARACTER}b""#;
    let parsed = parse_module(source);
    let crate::ast::Stmt::Assign(assign) = &parsed.suite()[0] else { panic!("an assignment") };
    let crate::ast::Expr::StringLiteral(string) = &*assign.value else { panic!("a string") };
    let codes = crate::literal::string_code_points(source, string.as_single_part_string().unwrap()).unwrap();
    let expected: Vec<u32> = "a\\ud800".chars().map(u32::from).chain([0xd801, 0xfffd, 0xdfff, 0xfffd, 98]).collect();
    assert_eq!(codes, expected);
}
