//! A toy VM: objects, helpers, and an interpreter of the opcodes the tests use.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "all memory of the toy lives as long as the test and is used by one thread"
)]

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use cinder_bytecode::{
    BinaryOp, CodeObject, CompareOp, Constant, FRAME_HEADER, Instruction, Opcode, RegisterKind, parse, shape, verify,
};
use cinder_layout::jit::*;
use cinder_layout::{BumpCursor, Header, Value, VmAlloc, encoding, flag, size_class};

use crate::Compiler;

pub(super) const NONE: u64 = encoding::NONE;
pub(super) const TRUE: u64 = encoding::TRUE;

pub(super) fn small(value: i64) -> u64 {
    (value << 1 | 1) as u64
}

pub(super) fn flonum(value: f64) -> u64 {
    Value::try_flonum(value).expect("an immediate").bits()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    Returned(u64),
    Raised(&'static str),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    Interpreted,
    Native,
    DeoptAlways,
    /// Without assumptions: nothing is inlined.
    Careful,
}

pub(super) const MODES: [Mode; 4] = [Mode::Interpreted, Mode::Native, Mode::DeoptAlways, Mode::Careful];

const POINT: u32 = 7;
const LIST: u32 = 8;
const ARRAY: u32 = 9;
const POINT_WORDS: u16 = 2;

/// Functions of a program; the first is called, and `functions[i]` of each code object is entry `i + 1` of the unit (or 0 when there is none).
pub(super) struct Program {
    codes: Vec<Arc<CodeObject>>,
    compiler: Arc<Compiler>,
}

#[repr(C)]
pub(super) struct Machine {
    jit: JitVm,
    alloc: VmAlloc,
    codes: Vec<Arc<CodeObject>>,
    cells: Box<[EntryCell]>,
    valid: u64,
    stack: Vec<u64>,
    memory: RefCell<Vec<Box<[u128]>>>,
    points: Vec<Vec<DeoptPoint>>,
    pending: Cell<Option<&'static str>>,
    logged: RefCell<Vec<u64>>,
    window_entry: usize,
    mode: Mode,
}

impl Program {
    pub(super) fn new(texts: &[&str]) -> Program {
        let codes = texts.iter().map(|text| {
            let code = parse(text).unwrap_or_else(|error| panic!("{error}"));
            verify(&code).unwrap_or_else(|error| panic!("{error}"));
            Arc::new(code)
        });
        Program { codes: codes.collect(), compiler: Compiler::new().expect("a machine with a back end") }
    }

    pub(super) fn check(&self, cases: &[(&[u64], Outcome)]) {
        for mode in MODES {
            let mut machine = self.machine(mode);
            for (arguments, expected) in cases {
                let outcome = machine.call(arguments);
                assert_eq!(outcome, *expected, "{mode:?} {arguments:x?}\n{}", self.hir());
            }
        }
    }

    fn callee(&self, from: usize, index: usize) -> usize {
        if from == 0 && index + 1 < self.codes.len() { index + 1 } else { 0 }
    }

    fn request(&self, function: usize, machine: &Machine, osr: Option<u32>) -> CompileRequest {
        // The function compiled comes first.
        let order: Vec<usize> =
            std::iter::once(function).chain((0..self.codes.len()).filter(|other| *other != function)).collect();
        let facts = order.iter().map(|&number| {
            let code = &self.codes[number];
            let calls = (0..code.functions.len()).map(|index| {
                let callee = self.callee(number, index);
                let inline = order.iter().position(|other| *other == callee);
                let cell = &raw const machine.cells[callee] as u64;
                let shapes = vec![
                    ShapeTarget { shapes: vec![1234], cell: 0, inline: None },
                    ShapeTarget { shapes: vec![POINT], cell, inline },
                ];
                let method = code.functions[index].class.is_some();
                let target = if method { CallTarget::Shapes(shapes) } else { CallTarget::Cell(cell) };
                Some(CallFact { target, assumed: method, inline, selector: None })
            });
            let fields = code.fields.iter().map(|field| {
                let double = shape::representation(&code.types[field.field_type as usize]) == RegisterKind::Double;
                let (offset, slot) = if double { (8, Slot::Double) } else { (16, Slot::Tagged) };
                Some(FieldFact { offset, slot, always_set: false })
            });
            let point = TypeFact {
                class: 0xc0,
                allocation: Some(AllocationFact {
                    header: Header::immediate(POINT, POINT_WORDS, size_class::of_bytes(24) as u8, 0),
                    size_class: size_class::of_bytes(24) as u8,
                    words: POINT_WORDS,
                }),
                ..TypeFact::default()
            };
            UnitFunction {
                code: Arc::clone(code),
                code_word: number as u64,
                callable: number as u64,
                constants: code.constants.iter().map(constant_bits).collect(),
                types: vec![point; code.types.len()],
                fields: fields.collect(),
                calls: calls.collect(),
                met: Vec::new(),
            }
        });
        let list = SequenceFact {
            shape: Some(LIST),
            length: LengthFact { in_storage: true, offset: 8, bytes: 4, shift: 0 },
            items: Some(8),
            first: 16,
            barrier_on_storage: true,
            capacity: None,
        };
        let array = SequenceFact {
            shape: None,
            length: LengthFact { in_storage: false, offset: 8, bytes: 8, shift: 1 },
            items: None,
            first: 16,
            barrier_on_storage: false,
            capacity: None,
        };
        CompileRequest {
            unit: CompileUnit {
                functions: facts.collect(),
                containers: Containers { list: Some(list), array: Some(array), ..Containers::default() },
                helpers: helpers(),
            },
            osr,
            code_id: function as u64,
            valid: if machine.mode == Mode::Careful { 0 } else { &raw const machine.valid as u64 },
            is_forced: true,
            is_retry: false,
            deopt_always: machine.mode == Mode::DeoptAlways,
        }
    }

    pub(super) fn machine(&self, mode: Mode) -> Box<Machine> {
        let cells = self.codes.iter().enumerate().map(|(number, code)| {
            let signature = signature(code);
            let entry = self.compiler.stub(&helpers(), &signature).expect("a stub");
            EntryCell { entry, callable: number as u64 }
        });
        let mut machine = Box::new(Machine {
            jit: JitVm {
                alloc: std::ptr::null(),
                frame: std::ptr::null_mut(),
                interrupt: 0,
                stack_limit: std::ptr::null_mut(),
                native_limit: 0,
                methods: std::ptr::null(),
            },
            alloc: VmAlloc::new(),
            codes: self.codes.clone(),
            cells: cells.collect(),
            valid: 1,
            stack: vec![0xdead_0000; 10_000],
            memory: RefCell::default(),
            points: vec![Vec::new(); self.codes.len()],
            pending: Cell::new(None),
            logged: RefCell::default(),
            window_entry: 0,
            mode,
        });
        machine.jit.alloc = &raw const machine.alloc;
        machine.jit.stack_limit = unsafe { machine.stack.as_mut_ptr().add(9_000) };
        if mode != Mode::Interpreted {
            for number in (0..self.codes.len()).rev() {
                let request = self.request(number, &machine, None);
                let code = self.compiler.compile(&request).unwrap_or_else(|error| panic!("{error}"));
                machine.points[number] = code.points;
                machine.cells[number].entry = code.typed_entry;
                machine.window_entry = code.window_entry;
            }
        }
        machine
    }

    /// Facts with addresses that are the same in every run.
    pub(super) fn plain_request(&self) -> CompileRequest {
        let machine = self.machine(Mode::Interpreted);
        let mut request = self.request(0, &machine, None);
        request.valid = 1;
        let facts = request.unit.functions.iter_mut().flat_map(|function| &mut function.calls).flatten();
        for (number, fact) in (1..).zip(facts) {
            fact.target = CallTarget::Cell(number);
        }
        request
    }

    pub(super) fn hir(&self) -> String {
        let machine = self.machine(Mode::Native);
        self.compiler.dump(&self.request(0, &machine, None), DumpStage::Hir(None)).expect("dumps")
    }

    /// Enters the loop at `word` with these registers.
    pub(super) fn enter_loop(&self, word: u32, registers: &[u64]) -> Outcome {
        let mut machine = self.machine(Mode::Native);
        let request = self.request(0, &machine, Some(word));
        let code = self.compiler.compile(&request).expect("compiles");
        machine.points[0] = code.points;
        machine.window_entry = code.window_entry;
        machine.call(registers)
    }
}

/// Immediates only.
fn constant_bits(constant: &Constant) -> u64 {
    match constant {
        Constant::None => NONE,
        Constant::Int(value) => i64::try_from(value).ok().and_then(Value::from_small_int).map_or(0, Value::bits),
        Constant::Float(value) => Value::try_flonum(*value).map_or(0, Value::bits),
        _ => 0,
    }
}

fn signature(code: &CodeObject) -> EntrySignature {
    let signature = code.static_signature.as_ref().expect("static");
    let kind = |index: u32| shape::representation(&code.types[index as usize]);
    EntrySignature {
        parameters: signature.parameters.iter().map(|index| kind(*index)).collect(),
        result: kind(signature.result),
    }
}

impl Machine {
    pub(super) fn call(&mut self, arguments: &[u64]) -> Outcome {
        self.pending.set(None);
        let fp = unsafe { self.stack.as_mut_ptr().add(usize::from(FRAME_HEADER)) };
        for (register, argument) in arguments.iter().enumerate() {
            unsafe { *fp.add(register) = *argument };
        }
        set(fp, frame::CALLABLE, 0);
        set(fp, frame::CALLER, 0);
        set(fp, frame::FRAME_OBJECT, 0);
        set(fp, frame::FLAGS, 0);
        let result = if self.mode == Mode::Interpreted {
            begin(self, fp, 0)
        } else {
            let entry: extern "C" fn(*mut Machine, *mut u64) -> JitResult =
                unsafe { std::mem::transmute(self.window_entry) };
            entry(self, fp)
        };
        match result.status {
            0 => Outcome::Raised(self.pending.get().expect("an exception is pending")),
            _ => Outcome::Returned(result.value),
        }
    }

    pub(super) fn limit_stack(&mut self, words: usize) {
        self.jit.stack_limit = unsafe { self.stack.as_mut_ptr().add(words) };
    }

    fn object(&self, header: u64, payload: &[u64]) -> u64 {
        let mut cells: Box<[u128]> = vec![0; (payload.len() + 2) / 2].into();
        let words = cells.as_mut_ptr().cast::<u64>();
        unsafe { *words = header };
        for (at, word) in payload.iter().enumerate() {
            unsafe { *words.add(at + 1) = *word };
        }
        self.memory.borrow_mut().push(cells);
        words as u64
    }

    pub(super) fn point(&self, x: f64, next: u64) -> u64 {
        self.object(Header::immediate(POINT, POINT_WORDS, 1, 0), &[x.to_bits(), next])
    }

    pub(super) fn fields(&self, point: u64) -> (f64, u64) {
        (f64::from_bits(word(point, 1)), word(point, 2))
    }

    pub(super) fn make_old(&self, object: u64) {
        unsafe { *((object + 7) as *mut u8) |= flag::UNLOGGED };
    }

    pub(super) fn logged(&self) -> Vec<u64> {
        self.logged.take()
    }

    pub(super) fn array(&self, items: &[u64]) -> u64 {
        let mut payload = vec![(items.len() as u64) << 1 | 1];
        payload.extend(items);
        self.object(Header::immediate(ARRAY, 0, 0, 0), &payload)
    }

    pub(super) fn array_items(&self, array: u64) -> Vec<u64> {
        (0..word(array, 1) >> 1).map(|at| word(array, at as usize + 2)).collect()
    }

    /// A list; without storage when it is empty.
    pub(super) fn list(&self, items: &[u64]) -> u64 {
        let mut payload = vec![items.len() as u64 | 77 << 32];
        payload.extend(items);
        let storage = if items.is_empty() { 0 } else { self.object(Header::immediate(1, 0, 0, 0), &payload) };
        self.object(Header::immediate(LIST, 0, 0, 0), &[storage])
    }

    pub(super) fn list_items(&self, list: u64) -> Vec<u64> {
        (0..list_len(list)).map(|at| word(word(list, 1), at as usize + 2)).collect()
    }

    fn raise(&self, name: &'static str) -> JitResult {
        self.pending.set(Some(name));
        JitResult { value: 0, status: 0 }
    }
}

fn list_len(list: u64) -> u64 {
    if word(list, 1) == 0 { 0 } else { word(word(list, 1), 1) & 0xffff_ffff }
}

fn word(object: u64, at: usize) -> u64 {
    unsafe { *(object as *const u64).add(at) }
}

fn set(fp: *mut u64, offset: i32, value: u64) {
    unsafe { *fp.byte_offset(offset as isize) = value };
}

fn get(fp: *mut u64, offset: i32) -> u64 {
    unsafe { *fp.byte_offset(offset as isize) }
}

fn helpers() -> Helpers {
    Helpers {
        execute: execute as *const () as usize,
        deopt: deopt as *const () as usize,
        enter: enter as *const () as usize,
        detach: 0,
        stack_overflow: stack_overflow as *const () as usize,
        log: log as *const () as usize,
        log_slot: log as *const () as usize,
        allocate: allocate as *const () as usize,
        append: 0,
        find_method: 0,
        box_int: 0,
        box_uint: 0,
        box_double: box_double as *const () as usize,
        unbox_double: unbox_double as *const () as usize,
        truth: truth as *const () as usize,
        library_pow: pow as *const () as usize,
        pow: pow as *const () as usize,
        float_mod: pow as *const () as usize,
    }
}

extern "C" fn pow(a: f64, b: f64) -> f64 {
    a.powf(b)
}

/// Zero, the one extreme double of the tests, is a marker here.
extern "C" fn box_double(_: &Machine, value: f64) -> u64 {
    double_object(value)
}

fn double_object(value: f64) -> u64 {
    Value::try_flonum(value).map_or(Value::DELETED.bits(), Value::bits)
}

extern "C" fn log(vm: &Machine, object: u64) {
    vm.logged.borrow_mut().push(object);
    unsafe { *((object + 7) as *mut u8) &= !flag::UNLOGGED };
}

extern "C" fn allocate(vm: &Machine, class: u64) -> u64 {
    assert_eq!(class, 0xc0);
    vm.point(0.0, 0)
}

extern "C" fn unbox_double(_: &Machine, value: u64) -> DoubleResult {
    match number(value) {
        Some(value) => DoubleResult { value, status: 1 },
        None => DoubleResult { value: 0.0, status: 0 },
    }
}

extern "C" fn truth(_: &Machine, value: u64) -> u64 {
    if value == small(0) { 1 } else { 2 }
}

extern "C" fn stack_overflow(vm: &Machine, fp: *mut u64) -> u64 {
    assert_eq!(vm.jit.frame, fp);
    vm.raise("RecursionError").status
}

/// The interpreter's part of a call: arguments are in the window.
extern "C" fn enter(vm: &mut Machine, fp: *mut u64) -> JitResult {
    let number = get(fp, frame::CALLABLE) as usize;
    begin(vm, fp, number)
}

extern "C" fn execute(vm: &mut Machine, fp: *mut u64, at: u64) -> u64 {
    assert_eq!(get(fp, frame::SAVED_IP), at);
    assert_eq!(get(fp, frame::FLAGS), frame::COMPILED);
    assert_eq!(vm.jit.frame, fp);
    let number = get(fp, frame::CODE) as usize;
    match step(vm, fp, number, at as u32) {
        Step::Next(_) => executed::NEXT,
        Step::Jump(_) => executed::JUMP,
        Step::Return(_) => panic!("not for ends"),
        Step::Raise(name) => vm.raise(name).status,
    }
}

extern "C" fn deopt(vm: &mut Machine, fp: *mut u64, code: u64, point: u64) -> JitResult {
    let point = vm.points[code as usize][point as usize].clone();
    // The unit's order: the compiled function first.
    let number = |index: usize| {
        if index == 0 {
            code as usize
        } else {
            (0..vm.codes.len()).filter(|n| *n != code as usize).nth(index - 1).expect("in the unit")
        }
    };
    for frame in &point.frames {
        for &(register, kind) in &frame.boxes {
            let home = unsafe { &mut *fp.add(frame.offset as usize + usize::from(register)) };
            *home = match kind {
                BoxKind::Int => small(*home as i64),
                BoxKind::Double => box_double(vm, f64::from_bits(*home)),
                BoxKind::Bool => {
                    if *home == 0 {
                        encoding::FALSE
                    } else {
                        TRUE
                    }
                }
            };
        }
    }
    let mut frames: Vec<(usize, u32, *mut u64)> = point
        .frames
        .iter()
        .map(|frame| (number(frame.function), frame.word, unsafe { fp.add(frame.offset as usize) }))
        .collect();
    let (inner, at, inner_fp) = frames.pop().expect("a frame");
    let mut result = match point.resume {
        Resume::Before => interpret(vm, inner_fp, inner, at),
        // The toy has no handlers.
        Resume::Raise => JitResult { value: 0, status: 0 },
    };
    while let Some((number, at, fp)) = frames.pop() {
        if result.status == 0 {
            return result;
        }
        let call = Instruction::decode(&vm.codes[number].instructions, at as usize).expect("decodes");
        unsafe { *fp.add(usize::from(call.a)) = result.value };
        result = interpret(vm, fp, number, at + call.words() as u32);
    }
    result
}

/// Runs a function whose arguments are in the window; its other registers begin at zero.
fn begin(vm: &mut Machine, fp: *mut u64, number: usize) -> JitResult {
    let code = &vm.codes[number];
    for register in code.parameter_count()..code.register_count {
        unsafe { *fp.add(register as usize) = 0 };
    }
    interpret(vm, fp, number, 1)
}

fn interpret(vm: &mut Machine, fp: *mut u64, number: usize, mut at: u32) -> JitResult {
    loop {
        match step(vm, fp, number, at) {
            Step::Next(next) | Step::Jump(next) => at = next,
            Step::Return(value) => return JitResult { value, status: 1 },
            Step::Raise(name) => return vm.raise(name),
        }
    }
}

enum Step {
    Next(u32),
    Jump(u32),
    Return(u64),
    Raise(&'static str),
}

fn number(value: u64) -> Option<f64> {
    let value = unsafe { Value::from_bits(value) }?;
    if value == Value::DELETED {
        return Some(0.0);
    }
    match value.try_int() {
        Some(int) => Some(int as f64),
        None => value.is_flonum().then(|| value.flonum_to_f64()),
    }
}

fn compare(op: u32, order: Option<std::cmp::Ordering>) -> u64 {
    u64::from(match (CompareOp::from_number(op).expect("an operator"), order) {
        (CompareOp::Ne, None) => true,
        (_, None) => false,
        (CompareOp::Lt, Some(order)) => order.is_lt(),
        (CompareOp::Le, Some(order)) => order.is_le(),
        (CompareOp::Eq, Some(order)) => order.is_eq(),
        (CompareOp::Ne, Some(order)) => order.is_ne(),
        (CompareOp::Gt, Some(order)) => order.is_gt(),
        (CompareOp::Ge, Some(order)) => order.is_ge(),
    })
}

fn dynamic(op: u32, a: u64, b: u64) -> Result<u64, &'static str> {
    let (x, y) = (number(a).ok_or("TypeError")?, number(b).ok_or("TypeError")?);
    let op = BinaryOp::from_number(op % u32::from(BinaryOp::PLAIN)).expect("an operator");
    if a & b & 1 != 0 {
        let (x, y) = (a as i64 >> 1, b as i64 >> 1);
        let value = match op {
            BinaryOp::Add => x + y,
            BinaryOp::Multiply => x.checked_mul(y).ok_or("OverflowError")?,
            _ => panic!("not in the toy"),
        };
        return Value::from_small_int(value).map(Value::bits).ok_or("OverflowError");
    }
    Ok(double_object(match op {
        BinaryOp::Add => x + y,
        BinaryOp::Multiply => x * y,
        _ => panic!("not in the toy"),
    }))
}

fn index(object_length: u64, index: i64) -> Option<usize> {
    let length = (object_length >> 1) as i64;
    let index = if index < 0 { index + length } else { index };
    (0..length).contains(&index).then_some(index as usize)
}

fn step(vm: &mut Machine, fp: *mut u64, number_of_code: usize, at: u32) -> Step {
    use Opcode::*;
    let code = Arc::clone(&vm.codes[number_of_code]);
    let instruction = Instruction::decode(&code.instructions, at as usize).expect("decodes");
    let Instruction { op, a, b, c, ext, .. } = instruction;
    let r = |register: u16| unsafe { *fp.add(usize::from(register)) };
    let int = |register: u16| r(register) as i64;
    let double = |register: u16| f64::from_bits(r(register));
    let next = at + instruction.words() as u32;
    let target = instruction.jump_target();
    let jump_if = |condition: bool| if condition { Step::Jump(target.expect("a jump")) } else { Step::Next(next) };
    let value = match op {
        NOP | CHECK_ARGS => return Step::Next(next),
        JUMP | JUMP_BACKWARD => return jump_if(true),
        JUMP_IF_FALSE => return jump_if(r(a) == encoding::FALSE),
        JUMP_IF_NONE => return jump_if(r(a) == NONE),
        PRIMITIVE_JUMP_IF_TRUE => return jump_if(r(a) != 0),
        PRIMITIVE_JUMP_IF_FALSE => return jump_if(r(a) == 0),
        RETURN_VALUE | RETURN_PRIMITIVE => return Step::Return(r(a)),
        MOVE => r(b),
        LOAD_CONST => constant_bits(&code.constants[instruction.imm() as usize]),
        BINARY_OP_K => match dynamic(ext, r(b), constant_bits(&code.constants[usize::from(c)])) {
            Ok(value) => value,
            Err(name) => return Step::Raise(name),
        },
        PRIMITIVE_LOAD_INT => i64::from(instruction.imm() as i32) as u64,
        PRIMITIVE_LOAD_CONST => match &code.constants[instruction.imm() as usize] {
            Constant::Float(value) => value.to_bits(),
            _ => panic!("not in the toy"),
        },
        PRIMITIVE_ADD_INT => int(b).wrapping_add(int(c)) as u64,
        PRIMITIVE_SUB_INT => int(b).wrapping_sub(int(c)) as u64,
        PRIMITIVE_DIV_INT | PRIMITIVE_MOD_INT if int(c) == 0 => return Step::Raise("ZeroDivisionError"),
        PRIMITIVE_DIV_INT => int(b).wrapping_div(int(c)) as u64,
        PRIMITIVE_MOD_INT => int(b).wrapping_rem(int(c)) as u64,
        PRIMITIVE_LSHIFT_INT => {
            if (0..64).contains(&int(c)) {
                r(b) << r(c)
            } else {
                0
            }
        }
        CONVERT_INT => i64::from(int(b) as i16) as u64,
        PRIMITIVE_COMPARE_INT => compare(ext, Some(int(b).cmp(&int(c)))),
        PRIMITIVE_COMPARE_DOUBLE => compare(ext, double(b).partial_cmp(&double(c))),
        PRIMITIVE_ADD_DOUBLE => (double(b) + double(c)).to_bits(),
        PRIMITIVE_SUB_DOUBLE => (double(b) - double(c)).to_bits(),
        PRIMITIVE_MUL_DOUBLE => (double(b) * double(c)).to_bits(),
        PRIMITIVE_DIV_DOUBLE if double(c) == 0.0 => return Step::Raise("ZeroDivisionError"),
        PRIMITIVE_DIV_DOUBLE => (double(b) / double(c)).to_bits(),
        PRIMITIVE_NEG_DOUBLE => (-double(b)).to_bits(),
        CONVERT_DOUBLE_INT => double(b) as i64 as u64,
        CONVERT_INT_DOUBLE => (int(b) as f64).to_bits(),
        PRIMITIVE_BOX_DOUBLE => box_double(vm, double(b)),
        PRIMITIVE_UNBOX_DOUBLE => match number(r(b)) {
            Some(value) => value.to_bits(),
            None => return Step::Raise("TypeError"),
        },
        LOAD_FIELD => match (word(r(b), ext as usize + 1), ext) {
            (0, 1) => return Step::Raise("AttributeError"),
            (value, _) => value,
        },
        STORE_FIELD => {
            if ext == 1 && word(r(a), 0) >> 56 & 1 != 0 {
                log(vm, r(a));
            }
            unsafe { *(r(a) as *mut u64).add(ext as usize + 1) = r(b) };
            return Step::Next(next);
        }
        TP_ALLOC => vm.point(0.0, 0),
        INVOKE_METHOD if word(r(b + FRAME_HEADER), 0) as u32 != POINT => return Step::Raise("AttributeError"),
        INVOKE_FUNCTION | INVOKE_METHOD => {
            let callee = if number_of_code == 0 && ext as usize + 1 < vm.codes.len() { ext as usize + 1 } else { 0 };
            let window = unsafe { fp.add(usize::from(b + FRAME_HEADER)) };
            if unsafe { window.add(vm.codes[callee].register_count as usize) } > vm.jit.stack_limit {
                return Step::Raise("RecursionError");
            }
            let result = begin(vm, window, callee);
            if result.status == 0 {
                return Step::Raise(vm.pending.get().expect("pending"));
            }
            result.value
        }
        FAST_LEN => list_len(r(b)),
        ARRAY_GET_INT => match index(word(r(b), 1), int(c)) {
            Some(at) => word(r(b), at + 2),
            None => return Step::Raise("IndexError"),
        },
        ARRAY_SET_INT => {
            let at = index(word(r(a), 1), int(b)).expect("in range");
            unsafe { *(r(a) as *mut u64).add(at + 2) = r(c) };
            return Step::Next(next);
        }
        SEQUENCE_GET => match index(list_len(r(b)) << 1, int(c)) {
            Some(at) => word(word(r(b), 1), at + 2),
            None => return Step::Raise("IndexError"),
        },
        SEQUENCE_SET => {
            let at = index(list_len(r(a)) << 1, int(b)).expect("in range");
            unsafe { *(word(r(a), 1) as *mut u64).add(at + 2) = r(c) };
            return Step::Next(next);
        }
        BINARY_OP => match dynamic(ext, r(b), r(c)) {
            Ok(value) => value,
            Err(name) => return Step::Raise(name),
        },
        COMPARE_OP => match (number(r(b)), number(r(c))) {
            (Some(x), Some(y)) => {
                if compare(ext, x.partial_cmp(&y)) != 0 {
                    TRUE
                } else {
                    encoding::FALSE
                }
            }
            _ => return Step::Raise("TypeError"),
        },
        UNARY_NOT => {
            if r(b) == small(0) || r(b) == encoding::FALSE {
                TRUE
            } else {
                encoding::FALSE
            }
        }
        other => panic!("{} is not in the toy", other.name()),
    };
    unsafe { *fp.add(usize::from(a)) = value };
    Step::Next(next)
}

const _: () = assert!(BumpCursor::CUR_OFFSET == 0);
