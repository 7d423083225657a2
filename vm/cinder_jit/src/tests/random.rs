//! Random functions over raw registers: machine code, with and without forced exits, must agree with the interpreter.

use std::fmt::Write;

use super::machine::{MODES, Outcome, Program};

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 11) % limit
    }
}

/// Integer registers r0..r6 (r0, r1 parameters), a counter r6, doubles r7..r12, a temporary r13.
struct Writer {
    random: Random,
    body: String,
    word: u32,
}

impl Writer {
    fn row(&mut self, words: u32, text: &str) {
        writeln!(self.body, "{} {text}", self.word).expect("a String takes all text");
        self.word += words;
    }

    fn int(&mut self) -> u64 {
        // The parameters' names hide their numbers.
        self.random.below(6)
    }

    fn double(&mut self) -> u64 {
        7 + self.random.below(5)
    }

    fn statement(&mut self, depth: u32) {
        let (a, b, c) = (self.int(), self.int(), self.int());
        let (x, y, z) = (self.double(), self.double(), self.double());
        match self.random.below(if depth < 3 { 17 } else { 13 }) {
            // Most divisors are 0 sooner or later.
            3 | 4 | 8 if self.random.below(3) != 0 => self.row(1, &format!("PRIMITIVE_SUB_DOUBLE r{x}, r{y}, r{z}")),
            0 => self.row(1, &format!("PRIMITIVE_ADD_INT r{a}, r{b}, r{c}")),
            1 => self.row(1, &format!("PRIMITIVE_SUB_INT r{a}, r{b}, r{c}")),
            2 => self.row(1, &format!("PRIMITIVE_LSHIFT_INT r{a}, r{b}, r{c}")),
            3 => self.row(1, &format!("PRIMITIVE_DIV_INT r{a}, r{b}, r{c}")),
            4 => self.row(1, &format!("PRIMITIVE_MOD_INT r{a}, r{b}, r{c}")),
            5 => self.row(1, &format!("CONVERT_INT r{a}, r{b}, int16")),
            6 => self.row(1, &format!("PRIMITIVE_ADD_DOUBLE r{x}, r{y}, r{z}")),
            7 => self.row(1, &format!("PRIMITIVE_MUL_DOUBLE r{x}, r{y}, r{z}")),
            8 => self.row(1, &format!("PRIMITIVE_DIV_DOUBLE r{x}, r{y}, r{z}")),
            9 => self.row(1, &format!("CONVERT_INT_DOUBLE r{x}, r{a}, 0")),
            10 => self.row(1, &format!("CONVERT_DOUBLE_INT r{a}, r{x}, int64")),
            11 => {
                let value = self.random.below(7) as i64 - 3;
                self.row(1, &format!("PRIMITIVE_LOAD_INT r{a}, {value}"));
            }
            12 => self.row(1, &format!("MOVE r{a}, r{b}")),
            13 | 14 => self.branch(depth, a, b),
            _ => self.repeat(depth),
        }
    }

    fn statements(&mut self, depth: u32) {
        for _ in 0..1 + self.random.below(4) {
            self.statement(depth + 1);
        }
    }

    /// `if ra < rb: .. else: ..`
    fn branch(&mut self, depth: u32, a: u64, b: u64) {
        self.row(2, &format!("PRIMITIVE_COMPARE_INT r13, r{a}, r{b}, <"));
        let at = self.word;
        self.row(1, &format!("PRIMITIVE_JUMP_IF_FALSE r13, @else{at}"));
        self.statements(depth);
        self.row(1, &format!("JUMP @end{at}"));
        self.resolve(&format!("@else{at}"));
        self.statements(depth);
        self.resolve(&format!("@end{at}"));
    }

    /// A loop of at most three rounds; loops inside share the counter, which only grows.
    fn repeat(&mut self, depth: u32) {
        let at = self.word;
        self.row(1, "PRIMITIVE_LOAD_INT r13, 1");
        self.row(1, "PRIMITIVE_ADD_INT r6, r6, r13");
        self.row(1, "PRIMITIVE_LOAD_INT r13, 40");
        self.row(2, "PRIMITIVE_COMPARE_INT r13, r6, r13, <");
        self.row(1, &format!("PRIMITIVE_JUMP_IF_FALSE r13, @end{at}"));
        self.statements(depth);
        self.row(2, &format!("JUMP_BACKWARD @{at}"));
        self.resolve(&format!("@end{at}"));
    }

    fn resolve(&mut self, label: &str) {
        self.body = self.body.replace(&format!("{label}\n"), &format!("@{}\n", self.word));
    }
}

fn function(seed: u64) -> String {
    let mut writer = Writer { random: Random(seed), body: String::new(), word: 0 };
    writer.row(1, "CHECK_ARGS");
    for register in 2..6 {
        writer.row(1, &format!("PRIMITIVE_LOAD_INT r{register}, {}", [7, -2, 3, 1000][register - 2]));
        writer.row(1, &format!("CONVERT_INT_DOUBLE r{}, r{register}, 0", register + 5));
    }
    for _ in 0..6 {
        writer.statements(0);
    }
    // The result depends on everything.
    for register in 1..7 {
        writer.row(1, &format!("PRIMITIVE_ADD_INT r0, r0, r{register}"));
    }
    for register in 7..12 {
        writer.row(1, &format!("CONVERT_DOUBLE_INT r13, r{register}, int64"));
        writer.row(1, "PRIMITIVE_SUB_INT r0, r13, r0");
    }
    writer.row(1, "RETURN_PRIMITIVE r0, int64");
    let head = "code #0 f\n filename \"t.py\"\n first_line 1\n flags OPTIMIZED NEWLOCALS STATIC\n parameters 2\n registers 14\n \
                kinds int*7 double*6 int\n locals\n r0 a\n r1 b\n types\n t0 int64\n signature (t0, t0) -> t0\n body\n";
    // Parameters are shown by name.
    let body = writer.body.replace("r0,", "a,").replace("r1,", "b,");
    let body: String = body
        .lines()
        .map(|line| {
            let line = line.strip_suffix(" r0").map_or(line.to_owned(), |rest| format!("{rest} a"));
            line.strip_suffix(" r1").map_or(line.clone(), |rest| format!("{rest} b")) + "\n"
        })
        .collect();
    format!("{head}{body}")
}

#[test]
fn random_functions_agree() {
    let rounds = if std::env::var_os("CINDER_SLOW_TESTS").is_some() { 2000 } else { 60 };
    for seed in 1..=rounds {
        let text = function(u64::wrapping_mul(seed, 0x9e37_79b9_7f4a_7c15) | 1);
        let program = Program::new(&[&text]);
        let mut expected: Vec<Outcome> = Vec::new();
        for mode in MODES {
            let mut machine = program.machine(mode);
            for (case, arguments) in [[3, 5], [0, 1], [u64::MAX, 1 << 62], [100, u64::MAX - 6]].into_iter().enumerate()
            {
                let outcome = machine.call(&arguments);
                match expected.get(case) {
                    None => expected.push(outcome),
                    Some(first) => {
                        assert_eq!(outcome, *first, "{mode:?} seed {seed} {arguments:?}\n{text}\n{}", program.hir())
                    }
                }
            }
        }
    }
}
