//! Random well-typed static programs over most of the language: primitives of every width at their limits, narrowing, checked containers,
//! context decorators, starred calls, enums, dataclasses, coroutines, properties, overrides, closures, `finally`.
//!
//! Idea: statements are made from the variables in scope and their kinds, one statement form per rule of the language. Each program is written twice at
//! once: `⟦typed¦erased⟧` marks what differs. Erased arithmetic cuts every result to the width of its primitive, as the language demands.
//! Holds: calls go to functions that stand above, methods call methods of lower levels only; so every program ends.

use std::fmt::Write as _;

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

/// What a variable holds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Int,
    Str,
    Bool,
    OptInt,
    /// `int | str`, dynamic until narrowed.
    Either,
    /// An instance of the class or a subclass.
    Object(usize),
    OptObject(usize),
    Record,
    Color,
    Prim(usize),
    Cbool,
    Double,
    Ints,
    Table,
    Raws,
    Plain,
}

const PRIMS: [(&str, u32, bool); 8] = [
    ("int8", 8, true),
    ("int16", 16, true),
    ("int32", 32, true),
    ("int64", 64, true),
    ("uint8", 8, false),
    ("uint16", 16, false),
    ("uint32", 32, false),
    ("uint64", 64, false),
];

const PRELUDE: &str = r#"⟦import __static__
¦⟧from __static__ import CheckedDict, CheckedList, ContextDecorator, ExcContextDecorator, Array, Enum
from __static__ import box, cbool, cast, clen, crange, double
from __static__ import int8, int16, int32, int64, uint8, uint16, uint32, uint64
from dataclasses import dataclass
from typing import ClassVar, Final, Optional, final
⟦¦def _w(n, bits, signed):
    n &= (1 << bits) - 1
    return n - (1 << bits) if signed and n >> (bits - 1) else n
def _u(n, bits, signed):
    if _w(n, bits, signed) != n:
        raise OverflowError("int overflow")
    return n
def _div(a, b):
    if b == 0:
        raise ZeroDivisionError("division by zero")
    q = abs(a) // abs(b)
    return q if (a < 0) == (b < 0) else -q
def _mod(a, b):
    return a - b * _div(a, b)
⟧LIMIT: Final[int] = 37
trace: CheckedList[str] = CheckedList[str]([])
class Color(Enum):
    RED = 1
    GREEN = 2
    BLUE = 3
class Traced(ContextDecorator):
    def __init__(self, name: str) -> None:
        self.name: str = name
    def __enter__(self) -> "Traced":
        trace.append("+" + self.name)
        return self
    def __exit__(self, kind: object, value: object, tb: object) -> ⟦Literal[False]¦bool⟧:
        trace.append("-" + self.name)
        return False
class Swallow(ExcContextDecorator):
    def __exit__(self, kind: object, value: object, tb: object) -> bool:
        return isinstance(value, KeyError)
@dataclass
class Record:
    left: int
    name: str = "r"
    mark: Optional[int] = None
    def sum(self) -> int:
        m = self.mark
        return self.left + (0 if m is None else m)
def drive(coro):
    try:
        while True:
            coro.send(None)
    except StopIteration as stop:
        return stop.value
def three(a: int, b: str, c: int) -> str:
    return f"{a}{b}{c}"
def open_three(a: int, b: str = "d", *, c: int = 4) -> str:
    return f"{a}{b}{c}"
"#;

struct Writer {
    random: Random,
    text: String,
    names: usize,
    classes: usize,
    functions: usize,
    /// Primitive functions above: their kinds of parameter and result.
    raws: Vec<usize>,
    scope: Vec<(String, Kind)>,
    /// Whether calls of functions may be written here.
    calls: usize,
    /// Statements that hold blocks may nest this deep.
    nesting: usize,
}

/// The program of a seed: as static text, and without types.
pub(crate) fn program(seed: u64) -> (String, String) {
    let random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut writer = Writer {
        random,
        text: PRELUDE.replacen("from typing import ", "from typing import Literal, ", 1),
        names: 0,
        classes: 0,
        functions: 0,
        raws: Vec::new(),
        scope: Vec::new(),
        calls: 0,
        nesting: 0,
    };
    writer.program();
    let sides = |typed: bool| {
        let mut out = String::new();
        for (index, piece) in writer.text.split(['⟦', '⟧']).enumerate() {
            match piece.split_once('¦') {
                Some((left, right)) if index % 2 == 1 => out.push_str(if typed { left } else { right }),
                _ => out.push_str(piece),
            }
        }
        out
    };
    (sides(true), sides(false))
}

impl Writer {
    fn line(&mut self, indent: usize, text: &str) {
        writeln!(self.text, "{:indent$}{text}", "", indent = indent * 4).expect("writing to memory");
    }

    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn program(&mut self) {
        for _ in 0..2 {
            self.raw_function();
        }
        for _ in 0..3 {
            self.class();
        }
        for _ in 0..5 {
            self.function();
        }
        self.raw_function();
        self.line(0, "def attempt(name, call, *args):");
        self.line(1, "try:");
        self.line(2, "print(name, call(*args), len(trace))");
        self.line(1, "except (ArithmeticError, LookupError, AssertionError, ValueError) as error:");
        self.line(2, "print(name, type(error).__name__, len(trace))");
        self.line(0, "def main() -> None:");
        for function in 0..self.functions {
            for _ in 0..3 {
                let class = self.random.below(self.classes);
                let (n, text) = (self.random.below(300), self.random.pick(&["'s'", "'word'", "''"]));
                let opt = self.random.pick(&["None", "0", "7"]);
                let either = self.random.pick(&["3", "'e'", "True"]);
                self.line(
                    1,
                    &format!("attempt('g{function}', g{function}, {n}, {text}, {opt}, {either}, K{class}({n}))"),
                );
            }
        }
        for (index, prim) in self.raws.clone().into_iter().enumerate() {
            for _ in 0..4 {
                let (a, b) = (self.edge(prim), self.edge(prim));
                self.line(1, &format!("attempt('r{index}', r{index}, {a}, {b})"));
            }
        }
        for class in 0..self.classes {
            self.line(1, &format!("o = K{class}({class})"));
            for level in 0..3 {
                self.line(1, &format!("attempt('m{level}', o.m{level}, {})", class + level));
            }
            self.line(1, "print(o.n, o.twice, o.opt, o.describe())");
        }
        self.line(1, "print(len(trace), trace[:6])");
        self.line(0, "if __name__ == \"__main__\":");
        self.line(1, "for turn in range(4):");
        self.line(2, "main()");
    }

    /// A value at or near the ends of the type, as a literal.
    fn edge(&mut self, prim: usize) -> String {
        let (_, bits, signed) = PRIMS[prim];
        let (low, high) =
            if signed { (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1) } else { (0, (1i128 << bits) - 1) };
        let small = self.random.below(12) as i128;
        match self.random.below(5) {
            0 => low,
            1 => high,
            2 => high - small,
            3 => low + small,
            _ => small,
        }
        .to_string()
    }

    fn raw_function(&mut self) {
        let prim = self.random.below(PRIMS.len());
        let name = PRIMS[prim].0;
        let index = self.raws.len();
        self.line(0, &format!("def r{index}(a: {name}, b: {name}) -> {name}:"));
        self.scope = vec![("a".into(), Kind::Prim(prim)), ("b".into(), Kind::Prim(prim))];
        self.calls = 0;
        self.nesting = 1;
        for _ in 0..3 {
            self.raw_statement(1);
        }
        let value = self.raw(prim, 3, true);
        self.line(1, &format!("return {value}"));
        self.raws.push(prim);
    }

    fn class(&mut self) {
        let class = self.classes;
        let derives = class > 0 && self.random.below(4) > 0;
        let header = if derives { format!("class K{class}(K{}):", class - 1) } else { format!("class K{class}:") };
        self.line(0, &header);
        let prim = PRIMS[class % PRIMS.len()].0;
        if derives {
            self.line(1, "def __init__(self, n: int) -> None:");
            self.line(2, "super().__init__(n + 1)");
            self.line(2, &format!("self.extra{class}: {prim} = 5"));
        } else {
            self.line(1, "kind: ClassVar[int] = 3");
            self.line(1, "def __init__(self, n: int) -> None:");
            self.line(2, "self.n: int = n");
            self.line(2, "self.opt: Optional[int] = None if n % 2 else n");
            self.line(2, &format!("self.raw: {prim} = 1"));
            self.line(2, "self.real: double = 1.5");
            self.line(1, "@staticmethod");
            self.line(1, "def fixed(n: int) -> int:");
            self.line(2, "return n * 3 & 255");
            self.line(1, "@classmethod");
            self.line(1, &format!("def make(cls, n: int) -> \"K{class}\":"));
            self.line(2, &format!("return K{class}(n)"));
        }
        self.line(1, "@property");
        self.line(1, "def twice(self) -> int:");
        let value = self.random.pick(&TWICE).to_owned();
        self.line(2, &value);
        if self.random.below(2) == 0 || !derives {
            self.line(1, "@twice.setter");
            self.line(1, "def twice(self, value: int) -> None:");
            self.line(2, "self.n = value >> 1");
        } else {
            self.line(1, "@twice.setter");
            self.line(1, "def twice(self, value: int) -> None:");
            self.line(2, "self.n = value & 127");
        }
        self.classes += 1;
        for level in 0..3 {
            if derives && self.random.below(3) == 0 {
                continue;
            }
            self.line(1, &format!("def m{level}(self, a: int) -> int:"));
            self.scope = vec![("a".into(), Kind::Int), ("self".into(), Kind::Object(class))];
            self.calls = 0;
            self.nesting = 1;
            self.statement(2);
            let value = self.int(1);
            let lower = if level > 0 { format!(" + self.m{}(a & 3)", level - 1) } else { String::new() };
            let base =
                if derives && self.random.below(2) == 0 { format!(" + super().m{level}(a)") } else { String::new() };
            self.line(2, &format!("return ({value}{lower}{base}) & 65535"));
        }
        self.line(1, "def describe(self) -> str:");
        self.line(2, &format!("return f\"K{class}:{{self.n}}\""));
    }

    fn function(&mut self) {
        let function = self.functions;
        let class = self.random.below(self.classes);
        let (decorator, result) = match self.random.below(5) {
            0 => ("@Traced('t')", "int"),
            1 => ("@Swallow()", "int"),
            _ => ("", "int"),
        };
        if !decorator.is_empty() {
            self.line(0, decorator);
        }
        self.line(
            0,
            &format!("def g{function}(n: int, s: str, opt: Optional[int], e: int | str, x: object) -> {result}:"),
        );
        self.line(1, &format!("v = x if isinstance(x, K{class}) else None"));
        self.line(1, &format!("o: K{class} = v if v is not None else K{class}(n)"));
        self.scope = vec![
            ("n".into(), Kind::Int),
            ("s".into(), Kind::Str),
            ("opt".into(), Kind::OptInt),
            ("e".into(), Kind::Either),
            ("v".into(), Kind::OptObject(class)),
            ("o".into(), Kind::Object(class)),
        ];
        self.calls = 2;
        self.nesting = 2;
        for _ in 0..7 {
            self.statement(1);
        }
        let value = self.int(2);
        let tail = if decorator == "@Swallow()" && self.random.below(2) == 0 {
            self.line(1, "if n % 3 == 0:");
            self.line(2, "raise KeyError(n)");
            self.calls = 0;
            self.int(1)
        } else {
            value
        };
        self.line(1, &format!("return ({tail}) & 1048575"));
        self.functions += 1;
    }

    /// The names of a kind that are in scope.
    fn some(&mut self, wanted: impl Fn(Kind) -> bool) -> Option<(String, Kind)> {
        let all: Vec<_> = self.scope.iter().filter(|(_, kind)| wanted(*kind)).cloned().collect();
        (!all.is_empty()).then(|| all[self.random.below(all.len())].clone())
    }

    fn block(&mut self, indent: usize) {
        let depth = self.scope.len();
        self.nesting = self.nesting.saturating_sub(1);
        self.line(indent, "pass");
        for _ in 0..1 + self.random.below(2) {
            self.statement(indent);
        }
        self.nesting += 1;
        self.scope.truncate(depth);
    }

    fn declare(&mut self, indent: usize, prefix: &str, annotation: &str, value: &str, kind: Kind) -> String {
        let name = self.name(prefix);
        self.line(indent, &format!("{name}: {annotation} = {value}"));
        self.scope.push((name.clone(), kind));
        name
    }

    fn raw_statement(&mut self, indent: usize) {
        let prim = match self.some(|kind| matches!(kind, Kind::Prim(_))) {
            Some((_, Kind::Prim(prim))) if self.random.below(2) == 0 => prim,
            _ => self.random.below(PRIMS.len()),
        };
        let name = PRIMS[prim].0;
        match self.random.below(9) {
            0..=2 => {
                let value = self.raw(prim, 2, true);
                self.declare(indent, "p", name, &value, Kind::Prim(prim));
            }
            3 => {
                let Some((target, Kind::Prim(prim))) = self.some(|kind| matches!(kind, Kind::Prim(_))) else { return };
                let (_, bits, signed) = PRIMS[prim];
                let mark = flag(signed);
                let value = self.raw(prim, 1, true);
                let op = self.random.pick(&["+", "-", "*", "^", "|", "&"]);
                self.line(
                    indent,
                    &format!("⟦{target} {op}= ¦{target} = _w({target} {op} (⟧{value}⟦¦), {bits}, {mark})⟧"),
                );
            }
            4 => {
                let (left, right) = (self.raw(prim, 1, false), self.raw(prim, 1, false));
                let op = self.random.pick(&["<", "<=", "==", "!=", ">", ">="]);
                self.declare(indent, "c", "cbool", &format!("{left} {op} {right}"), Kind::Cbool);
            }
            5 => {
                // Two widths meet in a comparison: the common type decides.
                let Some((left, Kind::Prim(first))) = self.some(|kind| matches!(kind, Kind::Prim(_))) else { return };
                let fits = |kind: Kind| matches!(kind, Kind::Prim(second) if common(first, second));
                let Some((right, _)) = self.some(fits) else { return };
                let op = self.random.pick(&["<", "==", ">="]);
                self.declare(indent, "c", "cbool", &format!("{left} {op} {right}"), Kind::Cbool);
            }
            6 => {
                let (i, sum) = (self.name("i"), self.name("w"));
                self.line(indent, &format!("{sum}: {name} = 1"));
                self.line(indent, &format!("{i}: int64 = 0"));
                let turns = 1 + self.random.below(5);
                self.line(indent, &format!("while {i} < {turns}:"));
                let depth = self.scope.len();
                self.scope.push((sum.clone(), Kind::Prim(prim)));
                let value = self.raw(prim, 2, true);
                self.line(indent + 1, &format!("{sum} = {value}"));
                self.line(indent + 1, &format!("{i} += 1"));
                self.scope.truncate(depth);
                self.scope.push((sum, Kind::Prim(prim)));
            }
            7 => {
                let (left, right) = (self.real(1), self.real(1));
                let op = self.random.pick(&["+", "-", "*"]);
                self.declare(indent, "d", "double", &format!("{left} {op} {right}"), Kind::Double);
            }
            _ => {
                let Some((test, _)) = self.some(|kind| kind == Kind::Cbool) else { return };
                let value = self.raw(prim, 1, true);
                let target = self.declare(indent, "p", name, "3", Kind::Prim(prim));
                let not = self.random.pick(&["", "not "]);
                self.line(indent, &format!("if {not}{test}:"));
                self.line(indent + 1, &format!("{target} = {value}"));
            }
        }
    }

    fn statement(&mut self, indent: usize) {
        let blocks = self.nesting > 0;
        match self.random.below(36) {
            0 | 1 => {
                let value = self.int(2);
                self.declare(indent, "k", "int", &value, Kind::Int);
            }
            2 => {
                let value = self.text(2);
                self.declare(indent, "s", "str", &value, Kind::Str);
            }
            3 => {
                let value = self.test();
                self.declare(indent, "b", "bool", &format!("bool({value})"), Kind::Bool);
            }
            4 => {
                let (test, value) = (self.test(), self.int(1));
                self.declare(indent, "q", "Optional[int]", &format!("{value} if {test} else None"), Kind::OptInt);
            }
            5 => {
                let Some((name, _)) = self.some(|kind| kind == Kind::OptInt) else { return };
                let value = self.int(1);
                let text = match self.random.below(4) {
                    0 => format!("{name} + 1 if {name} is not None else {value}"),
                    1 => format!("{name} or {value}"),
                    2 => format!("{value} if {name} is None else {name}"),
                    _ => format!("{name} if {name} is not None and {name} > 3 else {value}"),
                };
                self.declare(indent, "k", "int", &text, Kind::Int);
            }
            6 => {
                let Some((name, _)) = self.some(|kind| kind == Kind::OptInt) else { return };
                let (copy, value) = (self.name("q"), self.sure_int());
                self.line(indent, &format!("{copy}: Optional[int] = {name}"));
                let head = self.random.pick(&["if", "while"]);
                self.line(indent, &format!("{head} {copy} is None:"));
                self.line(indent + 1, &format!("{copy} = {value}"));
                if head == "if" {
                    self.declare(indent, "k", "int", &copy, Kind::Int);
                }
            }
            7 if blocks => {
                let Some((name, _)) = self.some(|kind| kind == Kind::Either) else { return };
                if self.scope.iter().filter(|(other, _)| *other == name).count() > 1 {
                    // Within a test of the same name, one of the two branches is never taken.
                    return;
                }
                self.line(indent, &format!("if isinstance({name}, int):"));
                let depth = self.scope.len();
                self.scope.push((name.clone(), Kind::Int));
                self.block(indent + 1);
                self.scope.truncate(depth);
                self.line(indent, &format!("elif isinstance({name}, str):"));
                self.scope.push((name.clone(), Kind::Str));
                self.block(indent + 1);
                self.scope.truncate(depth);
            }
            8 => {
                let Some((name, Kind::OptObject(_))) = self.some(|kind| matches!(kind, Kind::OptObject(_))) else {
                    return;
                };
                let value = self.int(1);
                let k = self.declare(indent, "k", "int", &value, Kind::Int);
                self.line(indent, &format!("if {name} is not None:"));
                self.line(indent + 1, &format!("{k} = {name}.n"));
                self.line(indent + 1, &format!("{name}.n = {k} & 511"));
            }
            9 => {
                let Some((name, _)) = self.some(|kind| matches!(kind, Kind::Object(_))) else { return };
                let k = self.declare(indent, "k", "int", "6", Kind::Int);
                self.line(indent, &format!("if {name}.opt is not None:"));
                self.line(indent + 1, &format!("{k} = {name}.opt"));
                self.line(indent, "else:");
                self.line(indent + 1, &format!("{name}.opt = {k}"));
                if self.random.below(2) == 0 {
                    // A call in between, since the store tells the type of the next read.
                    self.line(indent, &format!("{name}.opt = None"));
                    self.line(indent, "trace.append('o')");
                }
            }
            10 => {
                let Some((name, _)) = self.some(|kind| matches!(kind, Kind::Object(_))) else { return };
                let value = self.int(1);
                match self.random.below(4) {
                    0 => self.line(indent, &format!("{name}.n = {value}")),
                    1 => self.line(indent, &format!("{name}.twice = {value}")),
                    2 => self.line(indent, &format!("{name}.n += {value}")),
                    _ => {
                        self.line(indent, &format!("{name}.n, {name}.opt = {value}, None"));
                        self.line(indent, "trace.append('n')");
                    }
                }
            }
            11 => {
                let class = self.random.below(self.classes.max(1));
                if class + 1 >= self.classes || self.calls == 0 {
                    return;
                }
                let value = self.int(1);
                self.declare(indent, "o", &format!("K{class}"), &format!("K{class}({value} & 7)"), Kind::Object(class));
            }
            12 => {
                let (first, second) = (self.sure_int(), self.sure_int());
                let value = match self.random.below(3) {
                    0 => format!("[{first}, {second}]"),
                    1 => format!("CheckedList[int]([{first}, {second}, 5])"),
                    _ => format!("[int({first} + j) for j in range(4)]"),
                };
                self.declare(indent, "xs", "CheckedList[int]", &value, Kind::Ints);
            }
            13 => {
                let Some((name, _)) = self.some(|kind| kind == Kind::Ints) else { return };
                let value = self.int(1);
                match self.random.below(6) {
                    0 => self.line(indent, &format!("{name}.append({value})")),
                    1 => self.line(indent, &format!("{name}[0] = {value}")),
                    2 => self.line(indent, &format!("{name}.extend([1, {value}])")),
                    3 => drop(self.declare(indent, "k", "int", &format!("{name}[-1]"), Kind::Int)),
                    4 => drop(self.declare(indent, "k", "int", &format!("len({name})"), Kind::Int)),
                    _ => drop(self.declare(indent, "xs", "CheckedList[int]", &format!("{name}[1:]"), Kind::Ints)),
                }
            }
            14 => {
                let Some((name, _)) = self.some(|kind| kind == Kind::Ints) else { return };
                let (sum, item) = (self.name("k"), self.name("j"));
                self.line(indent, &format!("{sum}: int = 0"));
                self.line(indent, &format!("for {item} in {name}:"));
                self.line(indent + 1, &format!("{sum} = ({sum} * 3 + {item}) & 4095"));
                if self.random.below(2) == 0 {
                    self.line(indent + 1, &format!("if {item} > 40:"));
                    let jump = self.random.pick(&["break", "continue"]);
                    self.line(indent + 2, jump);
                    self.line(indent, "else:");
                    self.line(indent + 1, &format!("{sum} += 1"));
                }
                self.scope.push((sum, Kind::Int));
            }
            15 => {
                let (key, value) = (self.sure_text(), self.sure_int());
                self.declare(indent, "t", "CheckedDict[str, int]", &format!("{{{key}: {value}, 'z': 1}}"), Kind::Table);
            }
            16 => {
                let Some((name, _)) = self.some(|kind| kind == Kind::Table) else { return };
                let (key, value) = (self.text(1), self.int(1));
                match self.random.below(5) {
                    0 => self.line(indent, &format!("{name}[{key}] = {value}")),
                    1 => drop(self.declare(indent, "k", "int", &format!("{name}[{key}]"), Kind::Int)),
                    2 => drop(self.declare(indent, "q", "Optional[int]", &format!("{name}.get({key})"), Kind::OptInt)),
                    3 => {
                        let k = self.declare(indent, "k", "int", "0", Kind::Int);
                        let (a, b) = (self.name("x"), self.name("y"));
                        self.line(indent, &format!("for {a}, {b} in {name}.items():"));
                        self.line(indent + 1, &format!("{k} += {b} + len({a})"));
                    }
                    _ => drop(self.declare(indent, "k", "int", &format!("cast(int, {name}.get({key}, 8))"), Kind::Int)),
                }
            }
            17 => {
                let value = self.raw(3, 1, false);
                let name = self.declare(indent, "ar", "Array[int64]", "Array[int64](3)", Kind::Raws);
                self.line(indent, &format!("{name}[1] = {value}"));
                let other = self.raw(3, 1, false);
                self.line(indent, &format!("{name}[2] = {other}"));
            }
            18 => {
                let Some((name, _)) = self.some(|kind| kind == Kind::Raws) else { return };
                let (sum, i) = (self.name("p"), self.name("i"));
                self.line(indent, &format!("{sum}: int64 = 0"));
                self.line(indent, &format!("{i}: int64 = 0"));
                self.line(indent, &format!("for {i} in crange(clen({name})):"));
                self.line(indent + 1, &format!("⟦{sum} += {name}[{i}]¦{sum} = _w({sum} + {name}[{i}], 64, True)⟧"));
                self.scope.push((sum, Kind::Prim(3)));
            }
            19 => {
                let (a, b, c) = (self.int(1), self.text(1), self.int(1));
                let call = match self.random.below(8) {
                    0 => format!("three(*({a}, {b}, {c}))"),
                    1 => format!("three({a}, *[{b}, {c}])"),
                    2 => format!("three(**{{'a': {a}, 'c': {c}, 'b': {b}}})"),
                    3 => format!("three({a}, **{{'c': {c}, 'b': {b}}})"),
                    4 => format!("three(c={c}, a={a}, b={b})"),
                    5 => format!("open_three({a}, c={c})"),
                    6 => format!("open_three(*[{a}], **{{'c': {c}}})"),
                    _ => format!("open_three({a}, b={b})"),
                };
                self.declare(indent, "s", "str", &call, Kind::Str);
            }
            20 => {
                let color = self.random.pick(&["RED", "GREEN", "BLUE"]);
                self.declare(indent, "co", "Color", &format!("Color.{color}"), Kind::Color);
            }
            21 => {
                let Some((name, _)) = self.some(|kind| kind == Kind::Color) else { return };
                match self.random.below(3) {
                    0 => drop(self.declare(indent, "s", "str", &format!("{name}.name"), Kind::Str)),
                    1 => drop(self.declare(indent, "k", "int", &format!("cast(int, {name}.value)"), Kind::Int)),
                    _ => {
                        let text = format!("Color((cast(int, {name}.value) & 1) + 1)");
                        self.declare(indent, "co", "Color", &text, Kind::Color);
                    }
                }
            }
            22 => {
                let (left, name) = (self.int(1), self.text(1));
                let value = match self.random.below(3) {
                    0 => format!("Record({left})"),
                    1 => format!("Record({left}, {name})"),
                    _ => format!("Record(mark={left}, left=2)"),
                };
                self.declare(indent, "rec", "Record", &value, Kind::Record);
            }
            23 => {
                let Some((name, _)) = self.some(|kind| kind == Kind::Record) else { return };
                let value = self.int(1);
                match self.random.below(4) {
                    0 => self.line(indent, &format!("{name}.mark = {value}")),
                    1 => drop(self.declare(indent, "k", "int", &format!("{name}.sum()"), Kind::Int)),
                    2 => drop(self.declare(indent, "s", "str", &format!("repr({name})"), Kind::Str)),
                    _ => {
                        drop(self.declare(indent, "b", "bool", &format!("bool({name} == Record({value}))"), Kind::Bool))
                    }
                }
            }
            24 => {
                let (coro, k, value) = (self.name("co"), self.name("k"), self.int(1));
                self.line(indent, &format!("async def {coro}(z: int) -> int:"));
                self.line(indent + 1, "return z + 1");
                let outer = self.name("co");
                self.line(indent, &format!("async def {outer}(z: int) -> int:"));
                self.line(indent + 1, &format!("y: int = await {coro}(z)"));
                self.line(indent + 1, "return y * 2");
                self.line(indent, &format!("{k}: int = drive({outer}({value}))"));
                self.scope.push((k, Kind::Int));
            }
            25 => {
                // What a closure captures is a variable of its own: captured variables are never narrowed.
                let (captured, inner, value, argument) = (self.name("u"), self.name("fn"), self.int(1), self.int(1));
                self.line(indent, &format!("{captured}: int = {value}"));
                self.line(indent, &format!("def {inner}(a: int, b: int = 2) -> int:"));
                let writes = self.random.below(2) == 0;
                if writes {
                    self.line(indent + 1, &format!("nonlocal {captured}"));
                    self.line(indent + 1, &format!("{captured} += a"));
                }
                self.line(indent + 1, &format!("return {captured} + a * b & 4095"));
                self.declare(indent, "k", "int", &format!("{inner}({argument})"), Kind::Int);
            }
            26 if blocks => {
                let k = self.declare(indent, "k", "int", "1", Kind::Int);
                self.line(indent, "try:");
                let value = self.int(1);
                self.line(indent + 1, &format!("{k} = 100 // ({value} & 3)"));
                self.block(indent + 1);
                if self.random.below(2) == 0 {
                    self.line(indent, "except ZeroDivisionError as error:");
                    self.line(indent + 1, &format!("{k} = len(str(error))"));
                }
                self.line(indent, "finally:");
                self.line(indent + 1, &format!("trace.append(str({k}))"));
            }
            27 if blocks => {
                let test = self.test();
                self.line(indent, &format!("if {test}:"));
                self.block(indent + 1);
                self.line(indent, "else:");
                self.block(indent + 1);
            }
            28 if blocks => {
                let item = self.name("j");
                let turns = 1 + self.random.below(4);
                self.line(indent, &format!("for {item} in range({turns}):"));
                let (depth, calls) = (self.scope.len(), std::mem::take(&mut self.calls));
                self.scope.push((item, Kind::Either));
                self.block(indent + 1);
                self.scope.truncate(depth);
                self.calls = calls;
            }
            29 if blocks => {
                self.line(indent, "with Traced('w'):");
                self.block(indent + 1);
            }
            30 => {
                let value = self.text(1);
                self.declare(indent, "ws", "list", &format!("{value}.split('o')"), Kind::Plain);
            }
            31 => {
                let Some((name, _)) = self.some(|kind| kind == Kind::Plain) else { return };
                self.declare(indent, "s", "str", &format!("{name}[0]"), Kind::Str);
            }
            32 => {
                let Some((name, _)) = self.some(|kind| kind == Kind::OptInt || kind == Kind::Either) else { return };
                let s = self.declare(indent, "s", "str", "''", Kind::Str);
                self.line(indent, &format!("match {name}:"));
                self.line(indent + 1, "case None:");
                self.line(indent + 2, &format!("{s} = 'none'"));
                self.line(indent + 1, "case int() as m if m > 5:");
                self.line(indent + 2, &format!("{s} = 'large' + str(m)"));
                self.line(indent + 1, "case _:");
                self.line(indent + 2, &format!("{s} = 'else'"));
            }
            33 => {
                let (prim, value) = (self.random.below(PRIMS.len()), self.int(1));
                let (name, bits, signed) = PRIMS[prim];
                let mark = flag(signed);
                let mask = self.random.pick(&["127", "255", "70000"]);
                let from = self.declare(indent, "k", "int", &format!("({value}) & {mask}"), Kind::Int);
                let text = format!("⟦{name}({from})¦_u({from}, {bits}, {mark})⟧");
                self.declare(indent, "p", name, &text, Kind::Prim(prim));
            }
            _ => self.raw_statement(indent),
        }
    }

    fn test(&mut self) -> String {
        match self.random.below(5) {
            0 => match self.some(|kind| matches!(kind, Kind::Bool | Kind::Str | Kind::Int)) {
                Some((name, _)) => name,
                None => "True".into(),
            },
            1 => {
                let (left, right) = (self.text(1), self.text(1));
                format!("{left} in {right}")
            }
            _ => {
                let (left, right) = (self.int(1), self.int(1));
                let op = self.random.pick(&["<", ">", "==", "!=", "<="]);
                format!("{left} {op} {right}")
            }
        }
    }

    /// An int, or dynamic where a cast is due.
    fn int(&mut self, depth: usize) -> String {
        if depth > 0 {
            match self.random.below(11) {
                0..=2 => {
                    let (left, right) = (self.int(depth - 1), self.int(depth - 1));
                    let op = self.random.pick(&["+", "-", "*", "^", "|", "%", "//"]);
                    let right = if matches!(op, "%" | "//") { format!("(({right}) | 1)") } else { right };
                    return format!("(({left} {op} {right}) & 65535)");
                }
                3 => {
                    let (then, test, other) = (self.int(depth - 1), self.test(), self.int(depth - 1));
                    return format!("({then} if {test} else {other})");
                }
                4 if self.calls > 0 => {
                    if let Some((name, _)) = self.some(|kind| matches!(kind, Kind::Object(_))) {
                        let (level, value) = (self.random.below(3), self.int(depth - 1));
                        return format!("{name}.m{level}({value})");
                    }
                }
                5 if self.calls > 0 && self.functions > 0 => {
                    self.calls -= 1;
                    let function = self.random.below(self.functions);
                    let (n, s) = (self.int(depth - 1), self.text(1));
                    let opt = self.some(|kind| kind == Kind::OptInt).map_or("None".into(), |(name, _)| name);
                    let object =
                        self.some(|kind| matches!(kind, Kind::Object(_))).map_or("None".into(), |(name, _)| name);
                    return format!("(g{function}({n}, {s}, {opt}, 4, {object}) or 2)");
                }
                6 if !self.raws.is_empty() => {
                    let index = self.random.below(self.raws.len());
                    let prim = self.raws[index];
                    let (left, right) = (self.raw(prim, 1, true), self.raw(prim, 1, true));
                    return format!("⟦box(¦(⟧r{index}({left}, {right}))");
                }
                7 => {
                    if let Some((name, Kind::Prim(_))) = self.some(|kind| matches!(kind, Kind::Prim(_))) {
                        return format!("⟦box({name})¦{name}⟧");
                    }
                }
                8 => {
                    if let Some((name, _)) = self.some(|kind| matches!(kind, Kind::Object(_))) {
                        let value = self.int(depth - 1);
                        let text = match self.random.below(5) {
                            0 => format!("{name}.twice"),
                            1 => format!("{name}.fixed({value})"),
                            2 => format!("⟦box({name}.raw)¦{name}.raw⟧"),
                            3 => format!("{name}.kind"),
                            _ => format!("{name}.n"),
                        };
                        return text;
                    }
                }
                9 => {
                    let text = self.text(1);
                    return format!("len({text})");
                }
                _ => {}
            }
        }
        match self.random.below(6) {
            0 => self.random.below(100).to_string(),
            1 => "LIMIT".into(),
            _ => self.some(|kind| kind == Kind::Int).map_or("11".into(), |(name, _)| name),
        }
    }

    /// An expression whose type is int without a cast.
    fn sure_int(&mut self) -> String {
        let name = self.some(|kind| kind == Kind::Int);
        name.map_or_else(|| self.random.below(50).to_string(), |(name, _)| name)
    }

    fn sure_text(&mut self) -> String {
        self.some(|kind| kind == Kind::Str).map_or("'key'".into(), |(name, _)| name)
    }

    fn text(&mut self, depth: usize) -> String {
        if depth > 0 {
            match self.random.below(6) {
                0 => {
                    let value = self.int(depth - 1);
                    return format!("str({value})");
                }
                1 => {
                    let left = self.text(depth - 1);
                    return format!("({left} + 'o')[:9]");
                }
                2 => {
                    let value = self.int(depth - 1);
                    return format!("f'<{{{value}:>4}}>'");
                }
                3 => {
                    let value = self.text(depth - 1);
                    return format!("{value}.upper()");
                }
                _ => {}
            }
        }
        if self.random.below(3) == 0 {
            return self.random.pick(&["'a'", "'zoo'", "'z'"]).to_owned();
        }
        self.some(|kind| kind == Kind::Str).map_or("'k'".into(), |(name, _)| name)
    }

    fn real(&mut self, depth: usize) -> String {
        if depth > 0 && self.random.below(2) == 0 {
            let (left, right) = (self.real(depth - 1), self.real(depth - 1));
            let op = self.random.pick(&["+", "-", "*"]);
            return format!("({left} {op} {right})");
        }
        let literal = self.random.pick(&["double(0.5)", "double(3.0)", "double(-1.25)"]);
        self.some(|kind| kind == Kind::Double).map_or(literal.into(), |(name, _)| name)
    }

    /// A primitive of the type. With an expected type literals stand alone.
    fn raw(&mut self, prim: usize, depth: usize, expected: bool) -> String {
        let (name, bits, signed) = PRIMS[prim];
        let mark = flag(signed);
        if depth > 0 && self.random.below(4) > 0 {
            match self.random.below(10) {
                0..=4 => {
                    // A literal alone takes the type that is expected; two of them would be folded.
                    let right = if expected && self.random.below(4) == 0 {
                        self.random.below(100).to_string()
                    } else {
                        self.raw(prim, depth - 1, expected)
                    };
                    let left = self.raw(prim, depth - 1, expected);
                    let op = self.random.pick(&["+", "-", "*", "^", "&", "|"]);
                    return format!("⟦¦_w⟧({left} {op} {right}⟦¦, {bits}, {mark}⟧)");
                }
                5 => {
                    let (left, right) = (self.raw(prim, depth - 1, expected), self.raw(prim, depth - 1, expected));
                    let (op, helper) = if self.random.below(2) == 0 { ("//", "_div") } else { ("%", "_mod") };
                    return format!("⟦(¦_w({helper}(⟧{left}⟦ {op} ¦, ⟧{right}⟦)¦), {bits}, {mark})⟧");
                }
                6 => {
                    let left = self.raw(prim, depth - 1, expected);
                    let op = self.random.pick(&["-", "~"]);
                    return format!("⟦(¦_w(⟧{op}({left})⟦)¦, {bits}, {mark})⟧");
                }
                7 => {
                    let left = self.raw(prim, depth - 1, expected);
                    let count = self.random.below(bits as usize);
                    let op = self.random.pick(&["<<", ">>"]);
                    return format!("⟦(¦_w(⟧{left} {op} ⟦{name}({count}))¦{count}, {bits}, {mark})⟧");
                }
                _ => {
                    // The expected type would flow into operators.
                    let other = self.random.below(PRIMS.len());
                    let value = self.raw(other, 0, false);
                    return format!("⟦{name}(¦_w(⟧{value}⟦)¦, {bits}, {mark})⟧");
                }
            }
        }
        if let Some((name, _)) = self.some(|kind| kind == Kind::Prim(prim))
            && self.random.below(5) > 0
        {
            return name;
        }
        let value = if self.random.below(3) == 0 { self.edge(prim) } else { self.random.below(100).to_string() };
        format!("⟦{name}({value})¦({value})⟧")
    }
}

/// The two types have a common one.
fn common(first: usize, second: usize) -> bool {
    let ((_, left, left_signed), (_, right, right_signed)) = (PRIMS[first], PRIMS[second]);
    left_signed == right_signed || (if left_signed { right } else { left }) < 64
}

fn flag(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// Bodies of the property `twice`.
const TWICE: [&str; 3] = ["return self.n * 2", "return self.n + self.n + 1", "return (self.n << 1) & 1023"];
