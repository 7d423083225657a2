//! Machine code against a small interpreter of the same bytecode, with and without forced deoptimisation.

use cinder_bytecode::parse;

mod golden;
mod machine;
mod random;

use machine::{Outcome, Program};

/// A code object between these lines, with tables given by the test.
fn check(text: &str, cases: &[(&[u64], Outcome)]) {
    let program = Program::new(&[text]);
    program.check(cases);
}

fn int(value: i64) -> u64 {
    value as u64
}

fn double(value: f64) -> u64 {
    value.to_bits()
}

fn returns(value: u64) -> Outcome {
    Outcome::Returned(value)
}

const SUM: &str = r#"
code #0 total
  filename "t.py"
  first_line 1
  flags OPTIMIZED NEWLOCALS STATIC
  parameters 1
  registers 5
  kinds int*5
  locals
    r0 n
    r1 sum
    r2 i
  types
    t0 int64
  signature (t0) -> t0
  body
    0 CHECK_ARGS
    1 PRIMITIVE_LOAD_INT sum, 0
    2 PRIMITIVE_LOAD_INT i, 0
    3 PRIMITIVE_COMPARE_INT r3, i, n, <
    5 PRIMITIVE_JUMP_IF_FALSE r3, @12
    6 PRIMITIVE_ADD_INT sum, sum, i
    7 PRIMITIVE_LOAD_INT r4, 1
    8 PRIMITIVE_ADD_INT i, i, r4
    9 NOP
   10 JUMP_BACKWARD @3
   12 RETURN_PRIMITIVE sum, int64
"#;

#[test]
fn a_loop_over_raw_integers() {
    check(SUM, &[(&[int(0)], returns(0)), (&[int(10)], returns(45)), (&[int(100_000)], returns(4_999_950_000))]);
}

#[test]
fn a_loop_is_entered_in_the_middle() {
    let program = Program::new(&[SUM]);
    // n = 10, sum = 100, i = 4: 100 + 4 + .. + 9.
    let value = program.enter_loop(3, &[10, 100, 4, 0, 0]);
    assert_eq!(value, Outcome::Returned(139));
}

#[test]
fn division_leaves_for_the_exception() {
    let text = r#"
code #0 f
  filename "t.py"
  first_line 1
  flags OPTIMIZED NEWLOCALS STATIC
  parameters 2
  registers 3
  kinds int*3
  locals
    r0 a
    r1 b
  types
    t0 int64
  signature (t0, t0) -> t0
  body
    0 CHECK_ARGS
    1 PRIMITIVE_DIV_INT r2, a, b
    2 PRIMITIVE_MOD_INT a, a, b
    3 PRIMITIVE_LSHIFT_INT r2, r2, b
    4 PRIMITIVE_ADD_INT r2, r2, a
    5 CONVERT_INT r2, r2, int16
    6 RETURN_PRIMITIVE r2, int64
"#;
    check(
        text,
        &[
            (&[int(17), int(5)], returns(98)),
            (&[int(-17), int(5)], returns(int(-98))),
            (&[int(i64::MIN), int(-1)], returns(0)),
            (&[int(1), int(0)], Outcome::Raised("ZeroDivisionError")),
        ],
    );
}

#[test]
fn doubles_boxes_and_conversions() {
    let text = r#"
code #0 f
  filename "t.py"
  first_line 1
  flags OPTIMIZED NEWLOCALS STATIC
  parameters 2
  registers 8
  kinds tagged double tagged int double*4
  locals
    r0 a
    r1 b
  types
    t0 dynamic
    t1 double
  signature (t0, t1) -> t1
  body
    0 CHECK_ARGS
    1 PRIMITIVE_UNBOX_DOUBLE r4, a
    2 PRIMITIVE_MUL_DOUBLE r4, r4, b
    3 PRIMITIVE_BOX_DOUBLE r2, r4
    4 PRIMITIVE_UNBOX_DOUBLE r5, r2
    5 CONVERT_DOUBLE_INT r3, r5, int64
    6 CONVERT_INT_DOUBLE r6, r3, 0
    7 PRIMITIVE_SUB_DOUBLE r5, r5, r6
    8 PRIMITIVE_COMPARE_DOUBLE r3, r5, r6, <
   10 PRIMITIVE_JUMP_IF_TRUE r3, @12
   11 PRIMITIVE_NEG_DOUBLE r5, r5
   12 PRIMITIVE_DIV_DOUBLE r5, r5, b
   13 RETURN_PRIMITIVE r5, double
"#;
    let flonum = machine::flonum(2.5);
    check(
        text,
        &[
            (&[flonum, double(1.5)], returns(double(0.75 / 1.5))),
            (&[flonum, double(-1.5)], returns(double(-(-0.75) / -1.5))),
            (&[machine::small(3), double(0.5)], returns(double(0.5 / 0.5))),
            (&[flonum, double(0.0)], Outcome::Raised("ZeroDivisionError")),
            (&[machine::NONE, double(1.0)], Outcome::Raised("TypeError")),
        ],
    );
}

const FIELDS: &str = r#"
code #0 f
  filename "t.py"
  first_line 1
  flags OPTIMIZED NEWLOCALS STATIC
  parameters 2
  registers 8
  kinds tagged*2 double*2 tagged*4
  locals
    r0 a
    r1 b
  types
    t0 m:Point
    t1 double
    t2 Optional[m:Point]
  fields
    d0 x class=t0 type=t1
    d1 next class=t0 type=t2
  signature (t0, t0) -> t2
  body
    0 CHECK_ARGS
    1 LOAD_FIELD r2, a, d0
    3 LOAD_FIELD r3, b, d0
    5 PRIMITIVE_ADD_DOUBLE r2, r2, r3
    6 TP_ALLOC r4, t0
    8 STORE_FIELD r4, r2, d0
   10 STORE_FIELD r4, a, d1
   12 STORE_FIELD b, r4, d1
   14 LOAD_FIELD r5, a, d1
   16 JUMP_IF_NONE r5, @18
   17 RETURN_VALUE r5
   18 RETURN_VALUE r4
"#;

#[test]
fn fields_allocation_and_barrier() {
    let program = Program::new(&[FIELDS]);
    for mode in machine::MODES {
        let mut machine = program.machine(mode);
        let (a, b) = (machine.point(1.5, machine::NONE), machine.point(2.0, machine::NONE));
        machine.make_old(b);
        let Outcome::Returned(made) = machine.call(&[a, b]) else { panic!("returns") };
        assert_eq!(machine.fields(made), (3.5, a), "{mode:?}");
        assert_eq!(machine.fields(b).1, made);
        assert_eq!(machine.logged(), [b], "{mode:?}");
        // A linked first point comes back itself; an unset link raises.
        assert_eq!(machine.call(&[b, a]), Outcome::Returned(made), "{mode:?}");
        let unset = machine.point(0.0, 0);
        assert_eq!(machine.call(&[unset, a]), Outcome::Raised("AttributeError"), "{mode:?}");
    }
}

const FIB: &str = r#"
code #0 fib
  filename "t.py"
  first_line 1
  flags OPTIMIZED NEWLOCALS STATIC
  parameters 1
  registers 14
  kinds int*3 tagged*8 int*3
  locals
    r0 n
  types
    t0 int64
  functions
    x0 t:fib (t0) -> t0
  signature (t0) -> t0
  body
    0 CHECK_ARGS
    1 PRIMITIVE_LOAD_INT r1, 2
    2 PRIMITIVE_COMPARE_INT r2, n, r1, <
    4 PRIMITIVE_JUMP_IF_FALSE r2, @6
    5 RETURN_PRIMITIVE n, int64
    6 PRIMITIVE_LOAD_INT r1, 1
    7 PRIMITIVE_SUB_INT r11, n, r1
    8 INVOKE_FUNCTION r2, r3, 1, x0
   10 PRIMITIVE_LOAD_INT r1, 2
   11 PRIMITIVE_SUB_INT r11, n, r1
   12 INVOKE_FUNCTION r1, r3, 1, x0
   14 PRIMITIVE_ADD_INT r1, r1, r2
   15 RETURN_PRIMITIVE r1, int64
"#;

#[test]
fn calls_between_compiled_functions() {
    let program = Program::new(&[FIB]);
    program.check(&[(&[int(1)], returns(1)), (&[int(15)], returns(610))]);
    let mut machine = program.machine(machine::Mode::Native);
    machine.limit_stack(200);
    assert_eq!(machine.call(&[int(100)]), Outcome::Raised("RecursionError"));
}

/// `double g(double x) { return x * x + 1 / x }`, called in a loop.
const SQUARE: &str = r#"
code #0 g
  filename "t.py"
  first_line 1
  flags OPTIMIZED NEWLOCALS STATIC
  parameters 1
  registers 4
  kinds double*4
  locals
    r0 x
  constants
    k0 1.0
  types
    t0 double
  signature (t0) -> t0
  body
    0 CHECK_ARGS
    1 PRIMITIVE_MUL_DOUBLE r1, x, x
    2 PRIMITIVE_LOAD_CONST r2, k0
    3 PRIMITIVE_DIV_DOUBLE r2, r2, x
    4 PRIMITIVE_ADD_DOUBLE r1, r1, r2
    5 RETURN_PRIMITIVE r1, double
"#;

const CALLER: &str = r#"
code #0 f
  filename "t.py"
  first_line 1
  flags OPTIMIZED NEWLOCALS STATIC
  parameters 2
  registers 20
  kinds double*2 int*2 double*4 tagged*8 double*4
  locals
    r0 x
    r1 step
    r4 sum
  constants
    k0 0.0
    k1 4.0
  types
    t0 double
  functions
    x0 t:g (t0) -> t0
  signature (t0, t0) -> t0
  body
    0 CHECK_ARGS
    1 PRIMITIVE_LOAD_CONST r4, k0
    2 PRIMITIVE_LOAD_CONST r5, k1
    3 PRIMITIVE_COMPARE_DOUBLE r2, x, r5, <
    5 PRIMITIVE_JUMP_IF_FALSE r2, @13
    6 MOVE r16, x
    7 INVOKE_FUNCTION r6, r8, 1, x0
    9 PRIMITIVE_ADD_DOUBLE r4, r4, r6
   10 PRIMITIVE_ADD_DOUBLE x, x, step
   11 JUMP_BACKWARD @2
   13 RETURN_PRIMITIVE r4, double
"#;

#[test]
fn inlined_callees_leave_with_both_frames() {
    let caller = CALLER
        .replace("    r4 sum\n", "    r2 flag\n    r3 spare\n    r4 sum\n")
        .replace("r4,", "sum,")
        .replace("r2,", "flag,");
    let caller = caller.replace(" r4, double", " sum, double");
    let program = Program::new(&[&caller, SQUARE]);
    let g = |x: f64| x * x + 1.0 / x;
    program.check(&[
        (&[double(1.0), double(1.0)], returns(double(0.0 + g(1.0) + g(2.0) + g(3.0)))),
        // The callee divides by zero in its second run.
        (&[double(-1.0), double(1.0)], Outcome::Raised("ZeroDivisionError")),
    ]);
    assert!(!program.hir().contains("= Call"), "{}", program.hir());
}

#[test]
fn arrays_and_lists() {
    let text = r#"
code #0 f
  filename "t.py"
  first_line 1
  flags OPTIMIZED NEWLOCALS STATIC
  parameters 3
  registers 9
  kinds tagged*2 int*4 tagged*3
  locals
    r0 a
    r1 l
    r2 i
  types
    t0 __static__:Array
    t1 builtins:list
    t2 int64
    t3 dynamic
  signature (t0, t1, t2) -> t3
  body
    0 CHECK_ARGS
    1 ARRAY_GET_INT r3, a, i, int64
    3 FAST_LEN r4, l, list
    4 PRIMITIVE_ADD_INT r3, r3, r4
    5 PRIMITIVE_LOAD_INT r5, 0
    6 ARRAY_SET_INT a, r5, r3, int64
    8 SEQUENCE_GET r6, l, i, list
   10 PRIMITIVE_LOAD_INT r5, -1
   11 SEQUENCE_SET l, r5, r6, list
   13 RETURN_VALUE r6
"#;
    let program = Program::new(&[text]);
    for mode in machine::MODES {
        let mut machine = program.machine(mode);
        let array = machine.array(&[10, 20, 30]);
        let items = [machine::small(5), machine::small(6), machine::flonum(1.25)];
        let list = machine.list(&items);
        assert_eq!(machine.call(&[array, list, 1]), Outcome::Returned(items[1]), "{mode:?}");
        assert_eq!(machine.array_items(array), [23, 20, 30], "{mode:?}");
        assert_eq!(machine.list_items(list), [items[0], items[1], items[1]], "{mode:?}");
        assert_eq!(machine.call(&[array, list, int(-3)]), Outcome::Returned(items[0]), "{mode:?}");
        assert_eq!(machine.call(&[array, list, 3]), Outcome::Raised("IndexError"), "{mode:?}");
        let empty = machine.list(&[]);
        assert_eq!(machine.call(&[array, empty, 0]), Outcome::Raised("IndexError"), "{mode:?}");
    }
}

#[test]
fn what_is_unknown_runs_in_the_interpreter() {
    let text = r#"
code #0 f
  filename "t.py"
  first_line 1
  flags OPTIMIZED NEWLOCALS STATIC
  parameters 2
  registers 6
  locals
    r0 a
    r1 b
  types
    t0 dynamic
  signature (t0, t0) -> t0
  body
    0 CHECK_ARGS
    1 BINARY_OP r2, a, b, +
    3 BINARY_OP r3, r2, b, *
    5 COMPARE_OP r4, r3, a, >
    7 JUMP_IF_FALSE r4, @9
    8 RETURN_VALUE r3
    9 UNARY_NOT r5, b
   10 RETURN_VALUE r5
"#;
    use machine::{flonum, small};
    check(
        text,
        &[
            (&[small(3), small(4)], returns(small(28))),
            (&[small(3), small(0)], returns(machine::TRUE)),
            (&[flonum(1.5), flonum(2.0)], returns(flonum(7.0))),
            (&[small((1 << 62) - 1), small(1)], Outcome::Raised("OverflowError")),
            (&[machine::NONE, small(1)], Outcome::Raised("TypeError")),
        ],
    );
}

#[test]
fn the_samples_verify() {
    for text in [SUM, FIELDS, FIB, SQUARE] {
        cinder_bytecode::verify(&parse(text).expect("parses")).expect("verifies");
    }
}

#[test]
fn dynamic_numbers_are_unboxed_around_loops() {
    let text = r#"
code #0 f
  filename "t.py"
  first_line 1
  flags OPTIMIZED NEWLOCALS STATIC
  parameters 2
  registers 9
  kinds int*2 tagged*5 int*2
  locals
    r0 n
    r1 divisor
    r2 sum
    r3 count
  constants
    k0 1.5
    k1 0
    k2 1
  types
    t0 int64
    t1 dynamic
  signature (t0, t0) -> t1
  body
    0 CHECK_ARGS
    1 LOAD_CONST sum, k0
    2 LOAD_CONST count, k1
    3 PRIMITIVE_JUMP_IF_FALSE n, @17
    4 BINARY_OP sum, sum, sum, +
    6 BINARY_OP_K count, count, k2, +=
    8 BINARY_OP r4, sum, count, *
   10 PRIMITIVE_DIV_INT r7, n, divisor
   11 PRIMITIVE_LOAD_INT r8, 1
   12 PRIMITIVE_SUB_INT n, n, r8
   13 NOP
   14 JUMP_BACKWARD @3
   16 NOP
   17 BINARY_OP r5, sum, count, *
   19 COMPARE_OP r6, r5, sum, >
   21 JUMP_IF_FALSE r6, @23
   22 RETURN_VALUE r5
   23 RETURN_VALUE sum
"#;
    use machine::flonum;
    check(
        text,
        &[
            (&[0, 1], returns(flonum(1.5))),
            (&[1, 1], returns(flonum(3.0))),
            (&[5, 1], returns(flonum(48.0 * 5.0))),
            (&[5, 0], Outcome::Raised("ZeroDivisionError")),
        ],
    );
}

#[test]
fn virtual_calls_choose_by_shape() {
    let caller = r#"
code #0 f
  filename "t.py"
  first_line 1
  flags OPTIMIZED NEWLOCALS STATIC
  parameters 1
  registers 14
  kinds tagged double tagged*12
  locals
    r0 point
  types
    t0 m:Point
    t1 double
  functions
    x0 m:Point.x (t0) -> t1 class=t0
  signature (t0) -> t1
  body
    0 CHECK_ARGS
    1 MOVE r10, point
    2 INVOKE_METHOD r1, r2, 1, x0
    4 PRIMITIVE_ADD_DOUBLE r1, r1, r1
    5 RETURN_PRIMITIVE r1, double
"#;
    let method = r#"
code #0 x
  filename "t.py"
  first_line 1
  flags OPTIMIZED NEWLOCALS STATIC
  parameters 1
  registers 2
  kinds tagged double
  locals
    r0 self
  types
    t0 m:Point
    t1 double
  fields
    d0 x class=t0 type=t1
  signature (t0) -> t1
  body
    0 CHECK_ARGS
    1 LOAD_FIELD r1, self, d0
    3 RETURN_PRIMITIVE r1, double
"#;
    let program = Program::new(&[caller, method]);
    for mode in machine::MODES {
        let mut machine = program.machine(mode);
        let point = machine.point(2.25, 0);
        assert_eq!(machine.call(&[point]), returns(double(4.5)), "{mode:?}");
        let other = machine.list(&[]);
        assert_eq!(machine.call(&[other]), Outcome::Raised("AttributeError"), "{mode:?}");
    }
    let hir = program.hir();
    assert!(hir.matches("= Call").count() == 1 && hir.contains("LoadField"), "one arm is inlined\n{hir}");
}
