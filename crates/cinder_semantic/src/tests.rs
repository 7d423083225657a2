use crate::SemanticIndex;

fn index(source: &str) -> SemanticIndex {
    let parsed = ruff_python_parser::parse_module(source).expect("the test's source parses");
    SemanticIndex::build(parsed.syntax())
}

/// The errors of `source` as `start..end: message`.
fn errors(source: &str) -> Vec<String> {
    index(source).errors().iter().map(|error| format!("{:?}: {}", error.range, error.message)).collect()
}

#[track_caller]
fn check_error(source: &str, expected: &str) {
    assert_eq!(errors(source), [expected], "{source}");
}

#[track_caller]
fn check_scopes(source: &str, expected: &str) {
    let shown = index(source).to_string();
    assert_eq!(shown.trim_end(), expected.trim(), "\n{shown}");
}

#[test]
fn closures_and_comprehensions() {
    check_scopes(
        "def f(a, b):\n    c = [a + d for d in b if (e := d)]\n    g = lambda: a\n    return [lambda: h for h in b], e\n",
        "\
Module top
    f: local [local]
  Function f [returns_value]
      a: cell [param]
      b: local [param]
      c: local [local]
      e: local [local]
      g: local [local]
    ListComp listcomp [inlined]
        .0: local [param]
        d: local [local comp_iter]
        e: free of f [local nonlocal]
        a: free of f
    Lambda lambda
        a: free of f
    ListComp listcomp [inlined]
        .0: local [param]
        h: cell [local comp_iter]
      Lambda lambda
          h: free of listcomp",
    );
}

#[test]
fn classes_hide_their_names_and_offer_their_cell() {
    check_scopes(
        "def f(x):\n    class C:\n        x = 1\n        y = [x for _ in ()]\n        def m(self):\n            return super().m(x, __p)\n        def t[T](v: x): ...\n",
        "\
Module top
    f: local [local]
  Function f
      x: cell [param]
      C: local [local]
    Class C [needs_class_cell needs_classdict]
        x: local [local passes_free]
        y: local [local]
        m: local [local]
        t: local [local]
      ListComp listcomp [inlined method]
          .0: local [param]
          _: local [local comp_iter]
          x: free of f
      Function m [returns_value method]
          self: local [param]
          super: global
          __class__: free of C
          x: free of f
          _C__p: global
      TypeParameters t [can_see_class]
          __classdict__: free of C
          T: local [local type_param]
        Annotation __annotate__ [can_see_class]
            .format: local [param]
            __classdict__: free of C
            x: global
        Function t
            v: local [param]",
    );
}

#[test]
fn annotations_of_locals_capture_nothing() {
    check_scopes(
        "def f(x):\n    def g():\n        y: x = 1\n    return g\n",
        "\
Module top
    f: local [local]
  Function f [returns_value]
      x: local [param]
      g: local [local]
    Function g [annotations_used]
        y: local [local annotated]
      Annotation __annotate__ [unevaluated]
          .format: local [param]
          x: free of f",
    );
}

#[test]
fn errors_are_those_of_cpython() {
    check_error("def f(a, a): pass", "9..10: duplicate argument 'a' in function definition");
    check_error("x = 1\nglobal x", "6..14: name 'x' is assigned to before global declaration");
    check_error("def f():\n nonlocal x", "10..20: no binding for nonlocal 'x' found");
    check_error("nonlocal x", "0..10: nonlocal declaration not allowed at module level");
    check_error("def f(x):\n global x", "11..19: name 'x' is parameter and global");
    check_error(
        "[(x := 1) for x in y]",
        "2..3: assignment expression cannot rebind comprehension iteration variable 'x'",
    );
    check_error(
        "class A:\n [(x := 1) for y in z]",
        "12..13: assignment expression within a comprehension cannot be used in a class body",
    );
    check_error(
        "[[0 for x in z] for q in [(x := 1)]]",
        "27..33: assignment expression cannot be used in a comprehension iterable expression",
    );
    check_error("def f[T, T](): pass", "9..10: duplicate type parameter 'T'");
    check_error("def f[T]():\n nonlocal T", "13..23: nonlocal binding not allowed for type parameter 'T'");
    check_error("def f():\n x: int\n global x", "18..26: annotated name 'x' can't be global");
    check_error("def f():\n [(yield) for x in y]", "12..17: 'yield' inside list comprehension");
    check_error("x: (yield)", "4..9: yield expression cannot be used within an annotation");
    check_error("class A[T: (yield)]: pass", "12..17: yield expression cannot be used within a TypeVar bound");
    check_error(
        "x = 1\nfrom __future__ import annotations",
        "6..40: from __future__ imports must occur at the beginning of the file",
    );
    check_error("from __future__ import braces", "23..29: not a chance");
}

#[test]
fn deep_nesting_needs_no_native_stack() {
    let chain = "x".to_string() + &" + x".repeat(30_000);
    let parsed = ruff_python_parser::parse_module(&chain).expect("a chain parses");
    let worker = std::thread::Builder::new().stack_size(256 * 1024).spawn(move || {
        let index = SemanticIndex::build(parsed.syntax());
        // Dropping so deep a tree is the parser's business.
        std::mem::forget(parsed);
        index.uses().len()
    });
    assert_eq!(worker.expect("a thread starts").join().expect("no overflow"), 30_001);
}
