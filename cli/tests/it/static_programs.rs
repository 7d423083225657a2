//! Random well-typed static programs: the check finds nothing, no typed call raises, and interpreter, compiled code, forced deoptimisation and
//! the same text without its types print the same.
//!
//! Idea: a program is built from its types: classes in a line of inheritance whose methods override one another, functions that call what
//! stands above them, statements over typed locals. Numbers stay small by masks, so that raw arithmetic and Python's agree; whatever could recurse counts down.
//! Set `CINDER_SLOW_TESTS` for many programs.

use std::fmt::Write as _;

use super::{Folder, static_mixes, stderr, stdout};

/// A generator of numbers, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

struct Program {
    random: Random,
    text: String,
    classes: usize,
    /// Functions and methods that may be called: those already written.
    functions: usize,
    names: usize,
}

/// What an expression may mention.
struct Scope {
    ints: Vec<String>,
    raws: Vec<String>,
    /// Names and classes of objects.
    objects: Vec<(String, usize)>,
    /// Names of objects that may be None.
    optionals: Vec<(String, usize)>,
    depth: Option<&'static str>,
}

impl Program {
    fn new(seed: u64) -> Program {
        let random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut program = Program { random, text: String::new(), classes: 0, functions: 0, names: 0 };
        program.write();
        program
    }

    fn line(&mut self, indent: usize, text: &str) {
        writeln!(self.text, "{:indent$}{text}", "", indent = indent * 4).expect("writing to memory");
    }

    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn write(&mut self) {
        self.line(0, "import __static__");
        self.line(0, "from __static__ import CheckedList, box, int64");
        self.line(0, "from typing import Optional");
        for _ in 0..3 {
            self.class();
        }
        for _ in 0..4 {
            self.function();
        }
        self.line(0, "def main() -> None:");
        for class in 0..self.classes {
            self.line(1, &format!("o{class} = K{class}({class}, \"t{class}\", None)"));
            self.line(1, &format!("print(o{class}.go({}, 3), o{class}.label(), box(o{class}.spin(5, 2)))", class + 3));
        }
        for function in 0..self.functions {
            let class = self.random.below(self.classes);
            self.line(1, &format!("print(g{function}({function}, o{class}, None, 3), box(r{function}(7, 9)))"));
            self.line(1, &format!("print(g{function}(5, o{class}, o{class}, 2))"));
        }
        self.line(0, "if __name__ == \"__main__\":");
        self.line(1, "for turn in range(12):");
        self.line(2, "main()");
    }

    fn class(&mut self) {
        let class = self.classes;
        let base = if class > 0 && self.random.below(3) > 0 { format!("(K{})", class - 1) } else { String::new() };
        let is_root = base.is_empty();
        self.line(0, &format!("class K{class}{base}:"));
        if is_root {
            self.line(1, &format!("def __init__(self, n: int, s: str, next: Optional[\"K{class}\"]) -> None:"));
            self.line(2, "self.n: int = n");
            self.line(2, "self.s: str = s");
            self.line(2, &format!("self.next: Optional[K{class}] = next"));
            self.line(2, "self.raw: int64 = 0");
        }
        let scope = |class| Scope {
            ints: vec!["n".into(), "self.n".into()],
            raws: vec![],
            objects: vec![("self".into(), class)],
            optionals: vec![],
            depth: Some("depth"),
        };
        self.line(1, "def go(self, n: int, depth: int) -> int:");
        self.line(2, "if depth <= 0:");
        self.line(3, "return n");
        let mut inner = scope(class);
        self.statements(2, &mut inner, 3);
        let value = self.int(&inner, 2);
        self.line(2, &format!("return {value}"));
        self.line(1, "def label(self) -> str:");
        let text = self.random.pick(&["self.s", "self.s + \"!\"", "self.s.upper()", "str(self.n)"]);
        self.line(2, &format!("return {text}"));
        self.line(1, "def spin(self, a: int64, b: int64) -> int64:");
        let mut raw = scope(class);
        raw.ints.clear();
        raw.raws = vec!["a".into(), "b".into(), "self.raw".into()];
        raw.depth = None;
        self.raw_loop(2, &mut raw);
        let value = self.raw(&raw, 2);
        self.line(2, &format!("self.raw = {value}"));
        self.line(2, "return self.raw");
        self.classes += 1;
    }

    fn function(&mut self) {
        let (function, class) = (self.functions, self.random.below(self.classes));
        self.line(0, &format!("def r{function}(a: int64, b: int64) -> int64:"));
        let mut raw =
            Scope { ints: vec![], raws: vec!["a".into(), "b".into()], objects: vec![], optionals: vec![], depth: None };
        self.raw_loop(1, &mut raw);
        let value = self.raw(&raw, 3);
        self.line(1, &format!("return {value}"));
        self.line(0, &format!("def g{function}(n: int, x: object, y: object, depth: int) -> int:"));
        self.line(1, "if depth <= 0:");
        self.line(2, "return n & 1023");
        let mut scope =
            Scope { ints: vec!["n".into()], raws: vec![], objects: vec![], optionals: vec![], depth: Some("depth") };
        let object = self.name("v");
        self.line(1, &format!("{object}: Optional[K{class}] = x if isinstance(x, K{class}) else None"));
        scope.optionals.push((object, class));
        self.functions += 1;
        self.statements(1, &mut scope, 4);
        let value = self.int(&scope, 3);
        self.line(1, &format!("return ({value}) & 65535"));
    }

    fn raw_loop(&mut self, indent: usize, scope: &mut Scope) {
        let (counter, sum) = (self.name("i"), self.name("w"));
        self.line(indent, &format!("{counter}: int64 = 0"));
        self.line(indent, &format!("{sum}: int64 = 0"));
        let turns = 1 + self.random.below(6);
        self.line(indent, &format!("while {counter} < {turns}:"));
        let mut inner: Vec<String> = scope.raws.clone();
        inner.push(counter.clone());
        let within = Scope { raws: inner, ints: vec![], objects: vec![], optionals: vec![], depth: None };
        let value = self.raw(&within, 2);
        let op = self.random.pick(&["+=", "^=", "-="]);
        self.line(indent + 1, &format!("{sum} {op} {value}"));
        if self.random.below(2) == 0 {
            self.line(indent + 1, &format!("if {sum} > 500:"));
            self.line(indent + 2, &format!("{sum} = {sum} & 255"));
        }
        self.line(indent + 1, &format!("{counter} += 1"));
        scope.raws.push(sum);
    }

    fn statements(&mut self, indent: usize, scope: &mut Scope, count: usize) {
        for _ in 0..count {
            self.statement(indent, scope);
        }
    }

    fn statement(&mut self, indent: usize, scope: &mut Scope) {
        match self.random.below(8) {
            0 | 1 => {
                let (name, value) = (self.name("k"), self.int(scope, 2));
                self.line(indent, &format!("{name}: int = {value}"));
                scope.ints.push(name);
            }
            2 => {
                let class = self.random.below(self.classes.max(1));
                if self.classes == 0 || class >= self.classes {
                    return self.line(indent, "pass");
                }
                let (name, value) = (self.name("o"), self.int(scope, 1));
                self.line(indent, &format!("{name} = K{class}({value}, \"{name}\", None)"));
                scope.objects.push((name, class));
            }
            3 => {
                let (name, item) = (self.name("xs"), self.name("e"));
                let (first, second) = (self.int(scope, 1), self.int(scope, 1));
                let sum = self.name("k");
                self.line(indent, &format!("{name}: CheckedList[int] = CheckedList[int]([])"));
                self.line(indent, &format!("{name}.append({first})"));
                self.line(indent, &format!("{name}.append({second})"));
                self.line(indent, &format!("{sum}: int = 0"));
                self.line(indent, &format!("for {item} in {name}:"));
                self.line(indent + 1, &format!("{sum} = ({sum} + {item}) & 4095"));
                scope.ints.push(sum);
            }
            4 => {
                let test = self.test(scope);
                let name = self.name("k");
                self.line(indent, &format!("{name}: int = 1"));
                self.line(indent, &format!("if {test}:"));
                let value = self.int(scope, 1);
                self.line(indent + 1, &format!("{name} = {value}"));
                self.line(indent, "else:");
                let value = self.int(scope, 1);
                self.line(indent + 1, &format!("{name} = {value}"));
                scope.ints.push(name);
            }
            5 => {
                let Some((object, _)) = scope.objects.first().cloned() else { return self.line(indent, "pass") };
                let value = self.int(scope, 1);
                self.line(indent, &format!("{object}.n = {value}"));
            }
            6 => {
                let Some((object, _)) = scope.optionals.first().cloned() else { return self.line(indent, "pass") };
                let name = self.name("k");
                self.line(indent, &format!("{name}: int = 2"));
                self.line(indent, &format!("if {object} is not None:"));
                self.line(indent + 1, &format!("{name} = {object}.n"));
                self.line(indent + 1, &format!("{object}.s = {object}.label()[:3]"));
                scope.ints.push(name);
            }
            _ => {
                let name = self.name("k");
                self.line(indent, &format!("{name}: int = 3"));
                self.line(indent, "try:");
                let value = self.int(scope, 1);
                let place = self.random.below(2);
                self.line(indent + 1, &format!("{name} = [{value}][{place}]"));
                self.line(indent, "except IndexError:");
                self.line(indent + 1, &format!("{name} = 4"));
                scope.ints.push(name);
            }
        }
    }

    fn test(&mut self, scope: &Scope) -> String {
        let (left, right) = (self.int(scope, 1), self.int(scope, 1));
        let op = self.random.pick(&["<", ">", "==", "!=", "<="]);
        format!("{left} {op} {right}")
    }

    /// An expression of type int (or dynamic, where a cast is due).
    fn int(&mut self, scope: &Scope, depth: usize) -> String {
        if depth > 0 {
            match self.random.below(7) {
                0 | 1 => {
                    let (left, right) = (self.int(scope, depth - 1), self.int(scope, depth - 1));
                    let op = self.random.pick(&["+", "-", "*", "^", "|"]);
                    return format!("(({left} {op} {right}) & 65535)");
                }
                2 => {
                    if let (Some(left), false) = (scope.depth, scope.objects.is_empty()) {
                        let (object, _) = &scope.objects[self.random.below(scope.objects.len())];
                        let object = object.clone();
                        let value = self.int(scope, depth - 1);
                        return format!("{object}.go({value}, {left} - 1)");
                    }
                }
                3 => {
                    if let (Some(left), true) = (scope.depth, self.functions > 0) {
                        let function = self.random.below(self.functions);
                        let value = self.int(scope, depth - 1);
                        let object = scope.objects.first().map_or("None".to_owned(), |(name, _)| name.clone());
                        return format!("g{function}({value}, {object}, None, {left} - 1)");
                    }
                }
                4 => {
                    let (then, otherwise) = (self.int(scope, depth - 1), self.int(scope, depth - 1));
                    let test = self.test(scope);
                    return format!("({then} if {test} else {otherwise})");
                }
                5 if self.functions > 1 => {
                    let function = self.random.below(self.functions - 1);
                    return format!("box(r{function}({}, {}))", self.random.below(9), self.random.below(9));
                }
                _ => {}
            }
        }
        if scope.ints.is_empty() || self.random.below(4) == 0 {
            self.random.below(100).to_string()
        } else {
            scope.ints[self.random.below(scope.ints.len())].clone()
        }
    }

    fn raw(&mut self, scope: &Scope, depth: usize) -> String {
        if depth > 0 && self.random.below(3) > 0 {
            let (left, right) = (self.raw(scope, depth - 1), self.raw(scope, depth - 1));
            let op = self.random.pick(&["+", "-", "*", "^", "&"]);
            return format!("(({left} {op} {right}) & 8191)");
        }
        if self.random.below(4) == 0 {
            // A literal alone has no primitive type without a neighbour.
            let raw = scope.raws[self.random.below(scope.raws.len())].clone();
            return format!("({raw} + {})", self.random.below(20));
        }
        scope.raws[self.random.below(scope.raws.len())].clone()
    }
}

pub(crate) fn random_programs_agree() {
    let is_slow = std::env::var_os("CINDER_SLOW_TESTS").is_some();
    for seed in 1..=if is_slow { 200 } else { 4 } {
        let text = Program::new(seed).text;
        let erased = text.replacen("import __static__\n", "", 1);
        agree(&format!("static-{seed}"), &text, &erased);
    }
    for seed in 1..=if is_slow { 1000 } else { 2 } {
        let (text, erased) = static_mixes::program(seed);
        agree(&format!("static-mix-{seed}"), &text, &erased);
    }
}

/// The static text has no mistake, and prints in every mode what the text without types prints.
fn agree(name: &str, text: &str, erased: &str) {
    let folder = Folder::new(name, &[("program.py", text), ("erased.py", erased)]);
    let checked = folder.cinder(&["check", "program.py", "--output-format", "concise"]);
    assert_eq!(stdout(&checked), "", "program {name} is well typed\n{text}");
    let run = |file: &str, mode: &[(&str, &str)]| {
        let output = folder.cinder_with(&["run", file], mode);
        assert!(output.status.success(), "program {name} in {mode:?}: {}\n{text}", stderr(&output));
        stdout(&output)
    };
    let plain = run("program.py", &[("CINDER_JIT", "off")]);
    let modes: [&[(&str, &str)]; 2] =
        [&[("CINDER_JIT", "eager")], &[("CINDER_JIT", "eager"), ("CINDER_DEOPT", "always")]];
    for mode in modes {
        assert_eq!(plain, run("program.py", mode), "program {name} in {mode:?}\n{text}");
    }
    assert_eq!(plain, run("erased.py", &[]), "program {name} without types\n{text}");
}
