//! Round trips, damage the verifier must find, and random mutations.

use std::sync::Arc;

use num_bigint::BigInt;

use crate::*;

/// Uses every table and most operand kinds; verifies.
const SAMPLE: &str = r#"
code #0 work
  qualname "Outer.<locals>.work"
  filename "dir/file name.py"
  first_line 3
  flags OPTIMIZED NEWLOCALS VARARGS NESTED
  parameters 2 positional_only=1 keyword_only=1
  registers 40
  kinds tagged*6 int*2 double
  docstring "Does\nthings."
  locals
    r0 a
    r1 b cell
    r2 key
    r3 args
    r4 r9 hidden
    r5 free_one free
  constants
    k0 1
    k1 -170141183460469231731687303715884105729
    k2 0x123456789abcdef0123456789abcdef0123456789abcdef
    k3 1.5
    k4 nan(0x7ff8000000000001)
    k5 complex(-0.0, inf)
    k6 "text \"quoted\" ; \u{0}\n"
    k7 surrogates(0xd800, 0x41)
    k8 b"\x00abc\"\\'"
    k9 tuple(None, True, False, ..., tuple())
    k10 frozenset("x")
    k11 slice(None, 1, None)
    k12 code #1
    k13 tuple("end")
    k14 code #1
  names
    n0 print
    n1 "odd name"
    n2 __class__
  types
    t0 dynamic
    t1 int64
    t2 exact mod.sub:Point
    t3 Optional[__static__:"Array"[double]]
    t4 Union[None, builtins:float]
  fields
    d0 x class=t2 type=t1
    d1 y class=t2 type=t0
  functions
    x0 mod:f (t1, t0) -> t1
    x1 mod:Point.m (t2) -> t0 class=t2
  exceptions
    6..9 -> 60
  body
        0  3:0-10         COPY_FREE_VARS r5, 1
        1  MAKE_CELL b
        2  4:4-5:6        LOAD_DEREF r10, free_one, n2
        3  STORE_DEREF b, r10
        4  -              LOAD_GLOBAL r12, n0
        6  LOAD_METHOD r13, a, n1
        8  LOAD_CONST r22, k6
        9  CALL_METHOD_KW r13, r13, 1, k13
       11  BINARY_OP r10, a, r13, **=
       13  BINARY_OP_K r10, a, k0, +
       15  COMPARE_OP r10, a, r10, <=
       17  BUILD_LIST r11, a, 1
       18  LIST_APPEND r11, r10
       19  PRIMITIVE_LOAD_INT r6, -5
       20  LOAD_FIELD r7, a, d0
       22  PRIMITIVE_COMPARE_INT r6, r6, r7, ==
       24  PRIMITIVE_JUMP_IF_FALSE r6, @30
       25  PRIMITIVE_LOAD_CONST r8, k3
       26  PRIMITIVE_BOX_DOUBLE r9, r8
       27  CHECK_BOUND r4, n1
       28  MOVE r9, r4
       29  CLEAR r9
       30  GET_ITER r10, a
       31  FOR_ITER r11, r10, @40
       33  CLEAR r4
       34  FAST_LEN r6, r11, any
       35  PRIMITIVE_BOX_INT r9, r6, int64
       36  CONVERT_INT r6, r6, uint8
       37  NOP
       38  JUMP_BACKWARD @31
       40  MAKE_FUNCTION r10, r14, 0, k12
       42  LOAD_CONST r18, k9
       43  MOVE r23, a
       44  CALL_EX r10, r10, 0
       45  RETURN_VALUE r10
       46  LOAD_CONST r10, k1
       47  RETURN_VALUE r10
       48  NOP
       49  LOAD_TYPE r10, t2
       51  TP_ALLOC r10, t2
       53  STORE_FIELD r10, r6, d0
       55  CAST r10, r10, t3
       57  CALL_INTRINSIC r10, r10, typevar_with_bound
       58  RAISE_AGAIN
       59  RAISE_AGAIN
       60  PUSH_EXC r10
       61  POP_EXC r10
       62  RERAISE r10

code #1 <lambda>
  filename "dir/file name.py"
  first_line 9
  parameters 0
  registers 1
  constants
    k0 None
  body
      0  LOAD_CONST r0, k0
      1  RETURN_VALUE r0
"#;

fn sample() -> CodeObject {
    parse(SAMPLE).expect("the sample parses")
}

/// A function body over three tagged locals, of which the first is the parameter.
fn function(body: &str) -> CodeObject {
    let mut text = String::from(
        "code #0 f\n filename \"f.py\"\n first_line 1\n parameters 1\n registers 30\n kinds tagged*26 int*2 double*2\n \
         locals\n r0 a\n r1 b\n r2 c\n constants\n k0 None\n k1 1\n names\n n0 b\n",
    );
    text.push_str(body);
    parse(&text).expect("the body parses")
}

fn reason(code: &CodeObject) -> String {
    verify(code).expect_err("damage").to_string()
}

#[test]
fn text_and_bytes_round_trip() {
    let code = sample();
    verify(&code).expect("the sample verifies");
    let text = disassemble(&code);
    assert_eq!(parse(&text).expect("own text parses"), code, "{text}");
    assert_eq!(disassemble(&parse(&text).expect("twice")), text);
    let bytes = encode(&code);
    assert_eq!(decode(&bytes).expect("own bytes decode"), code);
    assert_eq!(encode(&decode(&bytes).expect("twice")), bytes);
}

#[test]
fn every_row_has_a_shape() {
    let code = CodeObject::default();
    for op in Opcode::all() {
        let info = op.info();
        let instruction = Instruction { op, a: 100, b: 200, c: 2, ext: 1, site: 0 };
        let mut count = 0;
        shape::visit(&code, &instruction, |_| count += 1);
        let touches = info.operands.iter().enumerate().any(|(at, operand)| {
            let replaced = at > 0 && info.imm != Imm::None;
            !replaced && !matches!(operand, Operand::N | Operand::CNT | Operand::K | Operand::NM | Operand::LIT)
        });
        let empty_run = op == Opcode::MAKE_FUNCTION;
        assert!(count > 0 || !touches || empty_run, "{} has no registers in shape::visit", op.name());
    }
}

#[test]
fn damage_is_named() {
    for (body, expected) in [
        ("body\n 0 LOAD_CONST r5, k0\n", "falls off its end"),
        ("body\n 0 LOAD_CONST r5, k9\n 1 RETURN_VALUE r5\n", "no constants[9]"),
        ("body\n 0 MOVE r40, a\n 1 RETURN_VALUE a\n", "r40 is outside the frame"),
        ("body\n 0 RETURN_VALUE b\n", "r1 (b) may be unbound"),
        ("body\n 0 MOVE b, r26\n 1 RETURN_VALUE a\n", "r26 is int, needed tagged"),
        ("body\n 0 PRIMITIVE_ADD_DOUBLE r28, r28, r26\n 1 RETURN_VALUE a\n", "r26 is int, needed double"),
        ("body\n 0 JUMP @2\n 1 LOAD_GLOBAL r3, n0\n 3 RETURN_VALUE a\n", "second word"),
        ("body\n 0 JUMP @9\n 1 RETURN_VALUE a\n", "outside the code"),
        ("body\n 0 NOP\n 1 JUMP @0\n", "only JUMP_BACKWARD may"),
        ("body\n 0 JUMP_BACKWARD @2\n 2 RETURN_VALUE a\n", "jumps forward"),
        ("body\n 0 LOAD_GLOBAL r3, n0 site=4\n 2 RETURN_VALUE a\n", "site 4, expected 0"),
        ("sites 7\n body\n 0 RETURN_VALUE a\n", "declared 7"),
        ("body\n 0 .word 0xfff0\n", "unknown opcode"),
        ("body\n 0 .word 0x0001000100000000\n 1 RETURN_VALUE a\n", "unused operand"),
        ("body\n 0 MOVE r15, a\n 1 CALL r3, r15, 2\n 3 RETURN_VALUE r3\n", "r23 may be unbound"),
        ("body\n 0 MOVE r25, a\n 1 CALL r3, r25, 2\n 3 RETURN_VALUE r3\n", "does not fit the frame"),
        ("body\n 0 MOVE r22, a\n 1 BUILD_MAP r3, r22, 9\n 2 RETURN_VALUE r3\n", "r26 is int"),
        ("body\n 0 CALL r3, r1, 0\n 2 RETURN_VALUE r3\n", "among the locals"),
        ("body\n 0 MOVE r10, a\n 1 MOVE r5, a\n 2 CALL r3, r5, 0\n 4 RETURN_VALUE r10\n", "dead: a call used it"),
        ("body\n 0 LOAD_DEREF r4, a, n0\n 1 RETURN_VALUE r4\n", "may not hold a cell"),
        ("body\n 0 LIST_APPEND a, a\n 1 RETURN_VALUE a\n", "may not hold a list"),
        ("body\n 0 POP_EXC r3\n 1 RETURN_VALUE a\n", ""),
        ("body\n 0 YIELD_VALUE r3, a, 0\n 1 RETURN_VALUE a\n", "only generators"),
        ("body\n 0 CHECK_ARGS\n 1 RETURN_VALUE a\n", "static code"),
        ("exceptions\n 0..1 -> 1\n body\n 0 RETURN_VALUE a\n 1 RETURN_VALUE a\n", "lacks PUSH_EXC"),
        ("exceptions\n 1..1 -> 1\n body\n 0 RETURN_VALUE a\n 1 PUSH_EXC r3\n 2 RERAISE r3\n", "empty range"),
        (
            "exceptions\n 1..2 -> 1\n body\n 0 RETURN_VALUE a\n 1 PUSH_EXC r3\n 2 RERAISE r3\n",
            "before the end of its range",
        ),
        ("body\n 0 NOP\n 1 PUSH_EXC r3\n 2 RERAISE r3\n", "falls into a handler"),
        ("body\n 0 JUMP @1\n 1 PUSH_EXC r3\n 2 RERAISE r3\n", "jumps to the handler"),
        // Bound only after the part of the range that may raise.
        (
            "exceptions\n 0..3 -> 4\n body\n 0 LOAD_GLOBAL r3, n0\n 2 MOVE b, a\n 3 RETURN_VALUE a\n 4 PUSH_EXC r4\n 5 RETURN_VALUE b\n",
            "r1 (b) may be unbound",
        ),
        // Bound on one of two ways.
        ("body\n 0 JUMP_IF_TRUE a, @2\n 1 MOVE b, a\n 2 RETURN_VALUE b\n", "r1 (b) may be unbound"),
        // The destination of an exhausted iterator stays as it was.
        (
            "body\n 0 GET_ITER r4, a\n 1 FOR_ITER b, r4, @5\n 3 JUMP_BACKWARD @1\n 5 RETURN_VALUE b\n",
            "r1 (b) may be unbound",
        ),
        // Unbound again at the end of the loop.
        ("body\n 0 MOVE b, a\n 1 MOVE r5, b\n 2 CLEAR b\n 3 JUMP_BACKWARD @1\n", ""),
        ("body\n 0 MOVE b, a\n 1 UNARY_NOT r5, b\n 2 CLEAR b\n 3 JUMP_BACKWARD @1\n", "r1 (b) may be unbound"),
    ] {
        let code = function(body);
        if expected.is_empty() {
            verify(&code).unwrap_or_else(|error| panic!("{body}: {error}"));
        } else {
            let reason = reason(&code);
            assert!(reason.contains(expected), "{body}\ngives `{reason}`, expected `{expected}`");
        }
    }
}

#[test]
fn a_check_binds_and_handlers_keep_what_held() {
    let code = function(
        "exceptions\n 1..4 -> 6\n body\n 0 MOVE c, a\n 1 LOAD_GLOBAL r3, n0\n 3 MOVE b, r3\n 4 CHECK_BOUND b, n0\n 5 RETURN_VALUE b\n \
         6 PUSH_EXC r4\n 7 CHECK_BOUND b, n0\n 8 POP_EXC r4\n 9 BINARY_OP r3, b, c, +\n 11 RETURN_VALUE r3\n",
    );
    verify(&code).expect("verifies");
}

#[test]
fn tables_are_checked() {
    let base = sample();
    let broken = |change: fn(&mut CodeObject)| {
        let mut code = base.clone();
        change(&mut code);
        reason(&code)
    };
    assert!(broken(|code| code.argument_count = u32::MAX).contains("parameters"));
    assert!(broken(|code| code.register_count = 1 << 20).contains("at most"));
    assert!(broken(|code| code.fields[0].class = 0).contains("not a class"));
    assert!(broken(|code| code.fields[0].field_type = 99).contains("no types[99]"));
    assert!(broken(|code| code.functions[0].signature.result = 99).contains("no types[99]"));
    assert!(broken(|code| code.flags |= flags::STATIC).contains("go together"));
    assert!(broken(|code| code.lines.swap(0, 1)).contains("sorted"));
    assert!(broken(|code| code.lines[1].start = 5).contains("second word"));
    assert!(broken(|code| code.locals[5].kind = LocalKind::Local).contains("free variables"));
    assert!(broken(|code| code.register_kinds[1] = RegisterKind::Int).contains("cell"));
    let inner = |code: &mut CodeObject| {
        code.constants[12] =
            Constant::Code(Arc::new(CodeObject { qualname: "inner".into(), ..CodeObject::default() }).into());
    };
    assert!(broken(inner).starts_with("inner: "));
}

#[test]
fn deep_nesting_is_refused_not_followed() {
    let mut constant = Constant::Int(BigInt::from(1));
    for _ in 0..NESTING_LIMIT + 5 {
        constant = Constant::Tuple(Box::new([constant]));
    }
    let mut code = function("body\n 0 RETURN_VALUE a\n");
    code.constants.push(constant);
    assert!(reason(&code).contains("nested"));
    assert!(decode(&encode(&code)).expect_err("too deep").reason.contains("nested"));
    let mut nested = function("body\n 0 RETURN_VALUE a\n");
    for _ in 0..NESTING_LIMIT - 2 {
        let mut outer = function("body\n 0 RETURN_VALUE a\n");
        outer.constants.push(Constant::Code(Arc::new(nested).into()));
        nested = outer;
    }
    verify(&nested).expect("as deep as allowed");
    assert_eq!(decode(&encode(&nested)).expect("decodes"), nested);
}

/// A small fixed generator (xorshift), so that failures repeat.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

#[test]
fn mutated_words_never_panic() {
    let base = sample();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..3000 {
        let mut code = base.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(code.instructions.len());
            let shift = 16 * random.below(4);
            let value = match random.below(3) {
                0 => random.below(70) as u64,
                1 => random.below(Opcode::COUNT + 2) as u64,
                _ => random.next() & 0xffff,
            };
            code.instructions[at] = code.instructions[at] & !(0xffff << shift) | value << shift;
        }
        if random.below(4) == 0 {
            code.register_count = random.below(60) as u32;
        }
        if random.below(8) == 0 {
            code.exceptions[0].target = random.below(70) as u32;
        }
        let _ = verify(&code);
        let text = disassemble(&code);
        assert_eq!(parse(&text).expect("damaged code prints"), code, "{text}");
    }
}

#[test]
fn mutated_bytes_never_panic() {
    let base = encode(&sample());
    let mut random = Random(0x1234_5678_9abc_def1);
    for _ in 0..20_000 {
        let mut bytes = base.clone();
        for _ in 0..=random.below(3) {
            let at = 12 + random.below(bytes.len() - 12);
            bytes[at] = random.next() as u8;
        }
        if random.below(4) == 0 {
            bytes.truncate(random.below(bytes.len()));
        }
        if let Ok(code) = decode(&bytes) {
            assert_eq!(encode(&code), bytes, "one spelling per code object");
            let _ = verify(&code);
        }
    }
}
