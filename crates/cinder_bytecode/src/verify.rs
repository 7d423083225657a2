//! Everything the VM and the JIT trust about a code object, checked before it runs.
//!
//! Problem: code comes from caches and future producers; a wrong index would be memory unsafety.
//! Idea: one pass over tables and words, then a forward data-flow over the tagged registers; damage is named, never repaired.
//! Holds: the work is linear in the code's size (times the depth of loops); no recursion over the input; nothing panics.
//!
//! # Checks
//!
//! Tables
//! * counts agree: parameters fit the locals, locals and kinds fit the registers, `positional_only_count <= argument_count`;
//! * parameters are not free variables; free variables are the last locals; a documented code object has its string in constants\[0];
//! * types, fields, functions, signatures and slots refer to existing types; field and receiver classes are classes;
//! * `STATIC` goes with a signature whose parameters have the registers' kinds; other code has tagged parameters;
//! * the line table is sorted and starts on instructions; constants nest at most [`NESTING_LIMIT`] deep, code objects in constants verify.
//!
//! Words
//! * every word belongs to a known, non-quick instruction; unused operands are zero; literals have a meaning;
//! * registers, runs and call windows (`base + FRAME_HEADER + count`) lie inside the frame and have the kinds the row asks for;
//! * windows begin above the named locals, so introspection never sees a callee's leavings;
//! * constants, names, types, fields and functions exist and have the shape the row needs (code for MAKE_FUNCTION, keyword names for CALL_KW);
//! * jumps land on instructions, JUMP_BACKWARD backward and all others forward (so each loop has a safepoint); the code never falls off its end;
//! * CHECK_ARGS is the first instruction of static code and only that; COPY_FREE_VARS fills exactly the free variables;
//! * a primitive result is returned with RETURN_PRIMITIVE of that primitive and nothing else is; cache sites count 0, 1, 2 ..;
//! * exception ranges start and end on instructions and lie before their target, which is PUSH_EXC and is reached in no other way.
//!
//! Flow, on every path including those through handlers (where only what held throughout the covered range is assumed)
//! * a register read by `R` is bound; one read by `M` is not a leaving of a call: registers at and above a call's base are dead after it;
//! * cells are read from registers that hold cells, LIST_APPEND and its kin get the list, set or dict built by this frame;
//! * POP_EXC restores what PUSH_EXC saved.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::code::{CodeObject, Constant, FRAME_HEADER, LocalKind, NESTING_LIMIT, RegisterKind, TypeDescr, flags};
use crate::instruction::Instruction;
use crate::opcode::{
    BinaryOp, CommonConstant, CompareOp, FastKind, Flow, Imm, Intrinsic, Opcode, Operand, Primitive, SpecialMethod,
};
use crate::shape::{self, Literal};

mod flow;

/// Why a code object must not run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError {
    /// Qualified name of the code object.
    pub function: String,
    /// Word of the instruction; `None` for damage in a table.
    pub word: Option<u32>,
    /// The instruction's name, or the table's.
    pub instruction: String,
    pub reason: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let VerifyError { function, word, instruction, reason } = self;
        match word {
            Some(word) => write!(f, "{function}: word {word}, {instruction}: {reason}"),
            None => write!(f, "{function}: {instruction}: {reason}"),
        }
    }
}

impl std::error::Error for VerifyError {}

/// Checks `code` and all code objects in its constants.
///
/// # Errors
/// The first damage found, outer code objects first.
pub fn verify(code: &CodeObject) -> Result<(), VerifyError> {
    let mut nested: Vec<(&Arc<CodeObject>, usize)> = Vec::new();
    // A shared code object counts with its deepest place.
    let mut seen: BTreeMap<*const CodeObject, usize> = BTreeMap::new();
    Verifier::new(code).run()?;
    collect_nested(code, 1, &mut nested)?;
    while let Some((inner, depth)) = nested.pop() {
        match seen.insert(Arc::as_ptr(inner), depth) {
            None => Verifier::new(inner).run()?,
            Some(before) if before >= depth => {
                seen.insert(Arc::as_ptr(inner), before);
                continue;
            }
            Some(_) => {}
        }
        collect_nested(inner, depth + 1, &mut nested)?;
    }
    Ok(())
}

/// Walks the constants without recursion and appends the code objects among them.
fn collect_nested<'code>(
    code: &'code CodeObject,
    depth: usize,
    nested: &mut Vec<(&'code Arc<CodeObject>, usize)>,
) -> Result<(), VerifyError> {
    let first = nested.len();
    let mut pending: Vec<(&Constant, usize)> = code.constants.iter().map(|constant| (constant, depth)).collect();
    while let Some((constant, depth)) = pending.pop() {
        if depth > NESTING_LIMIT {
            return Err(VerifyError {
                function: code.qualname.to_string(),
                word: None,
                instruction: "constants".to_owned(),
                reason: format!("nested more than {NESTING_LIMIT} deep"),
            });
        }
        match constant {
            Constant::Tuple(items) | Constant::FrozenSet(items) => {
                pending.extend(items.iter().map(|item| (item, depth + 1)))
            }
            Constant::Slice(items) => pending.extend(items.iter().map(|item| (item, depth + 1))),
            Constant::Code(inner) => nested.push((inner, depth)),
            _ => {}
        }
    }
    nested[first..].reverse();
    Ok(())
}

/// A reason; the caller adds where.
type Check = Result<(), String>;

macro_rules! ensure {
    ($condition:expr, $($message:tt)*) => {
        if !$condition {
            return Err(format!($($message)*));
        }
    };
}

/// One instruction in place.
#[derive(Clone, Copy)]
struct Placed {
    word: u32,
    instruction: Instruction,
}

struct Verifier<'code> {
    code: &'code CodeObject,
    placed: Vec<Placed>,
    /// Per word: number of the instruction that starts there, else `NOT_A_START`.
    starts: Vec<u32>,
}

const NOT_A_START: u32 = u32::MAX;

impl<'code> Verifier<'code> {
    fn new(code: &'code CodeObject) -> Self {
        Verifier { code, placed: Vec::new(), starts: Vec::new() }
    }

    fn run(mut self) -> Result<(), VerifyError> {
        self.table("counts", Self::counts)?;
        self.table("types", Self::type_tables)?;
        self.table("signature", Self::signature)?;
        self.decode()?;
        for index in 0..self.placed.len() {
            let placed = self.placed[index];
            self.instruction(index, &placed.instruction).map_err(|reason| self.error(&placed, reason))?;
        }
        self.table("exceptions", Self::exceptions)?;
        self.table("lines", Self::lines)?;
        flow::check(&self).map_err(|(index, reason)| match self.placed.get(index) {
            Some(placed) => self.error(placed, reason),
            None => self.table_error("flow", reason),
        })
    }

    fn table(&self, name: &str, check: impl FnOnce(&Self) -> Check) -> Result<(), VerifyError> {
        check(self).map_err(|reason| self.table_error(name, reason))
    }

    fn table_error(&self, name: &str, reason: String) -> VerifyError {
        VerifyError { function: self.code.qualname.to_string(), word: None, instruction: name.to_owned(), reason }
    }

    fn error(&self, placed: &Placed, reason: String) -> VerifyError {
        VerifyError {
            function: self.code.qualname.to_string(),
            word: Some(placed.word),
            instruction: placed.instruction.op.name().to_owned(),
            reason,
        }
    }

    fn counts(&self) -> Check {
        let code = self.code;
        ensure!(code.register_count <= 1 << 16, "{} registers, at most 65536 fit", code.register_count);
        ensure!(code.instructions.len() < NOT_A_START as usize, "too many words");
        let registers = code.register_count as usize;
        ensure!(code.locals.len() <= registers, "{} locals in {registers} registers", code.locals.len());
        ensure!(
            code.register_kinds.len() <= registers,
            "{} kinds for {registers} registers",
            code.register_kinds.len()
        );
        ensure!(
            code.positional_only_count <= code.argument_count,
            "more positional-only parameters than positional ones"
        );
        let parameters = [
            code.argument_count,
            code.keyword_only_count,
            u32::from(code.flags & flags::VARARGS != 0),
            u32::from(code.flags & flags::VARKEYWORDS != 0),
        ];
        let parameters: u64 = parameters.into_iter().map(u64::from).sum();
        ensure!(parameters <= code.locals.len() as u64, "{parameters} parameters in {} locals", code.locals.len());
        let free = self.free_variables();
        ensure!(
            code.locals[..code.locals.len() - free].iter().all(|local| local.kind != LocalKind::Free),
            "free variables are not the last locals"
        );
        ensure!(parameters <= (code.locals.len() - free) as u64, "a parameter is a free variable");
        for (register, local) in code.locals.iter().enumerate() {
            let cell = matches!(local.kind, LocalKind::Cell | LocalKind::Free);
            let kind = code.register_kind(register as u16);
            ensure!(!cell || kind == RegisterKind::Tagged, "cell `{}` in a raw register", local.name);
        }
        if code.flags & flags::HAS_DOCSTRING != 0 {
            let found = matches!(code.constants.first(), Some(Constant::Str(_) | Constant::Surrogates(_)));
            ensure!(found, "constants[0] is not the docstring");
        }
        Ok(())
    }

    /// Number of free variables at the end of the locals.
    fn free_variables(&self) -> usize {
        self.code.locals.iter().rev().take_while(|local| local.kind == LocalKind::Free).count()
    }

    fn type_tables(&self) -> Check {
        let code = self.code;
        for descr in &code.types {
            type_depth(descr)?;
        }
        let class = |index: u32, what: &str| match code.types.get(index as usize) {
            Some(TypeDescr::Class { .. }) => Ok(()),
            Some(_) => Err(format!("{what}: types[{index}] is not a class")),
            None => Err(format!("{what}: no types[{index}]")),
        };
        for field in &code.fields {
            class(field.class, &field.name)?;
            self.type_index(field.field_type)?;
        }
        for function in &code.functions {
            if let Some(index) = function.class {
                class(index, &function.qualname)?;
            }
            self.type_index(function.signature.result)?;
            for parameter in &function.signature.parameters {
                self.type_index(*parameter)?;
            }
        }
        for slot in code.static_class.iter().flat_map(|class| &class.slots) {
            self.type_index(slot.slot_type)?;
        }
        Ok(())
    }

    fn type_index(&self, index: u32) -> Check {
        ensure!((index as usize) < self.code.types.len(), "no types[{index}]");
        Ok(())
    }

    fn signature(&self) -> Check {
        let code = self.code;
        let is_static = code.flags & flags::STATIC != 0;
        ensure!(is_static == code.static_signature.is_some(), "the STATIC flag and a signature go together");
        let typed = code.argument_count + code.keyword_only_count;
        let mut kinds = vec![RegisterKind::Tagged; typed as usize];
        if let Some(signature) = &code.static_signature {
            ensure!(
                signature.parameters.len() == kinds.len(),
                "{} parameter types for {typed} parameters",
                signature.parameters.len()
            );
            self.type_index(signature.result)?;
            for (kind, index) in kinds.iter_mut().zip(&signature.parameters) {
                self.type_index(*index)?;
                *kind = shape::representation(&code.types[*index as usize]);
            }
        }
        for register in 0..code.parameter_count() {
            let kind = kinds.get(register as usize).copied().unwrap_or_default();
            let found = code.register_kind(register as u16);
            ensure!(found == kind, "parameter {register} is {} but its register {}", kind_name(kind), kind_name(found));
        }
        Ok(())
    }

    fn decode(&mut self) -> Result<(), VerifyError> {
        let words = &self.code.instructions;
        self.starts = vec![NOT_A_START; words.len()];
        let mut word = 0;
        while word < words.len() {
            let Some(instruction) = Instruction::decode(words, word) else {
                let number = words[word] as u16;
                let reason = match Opcode::from_number(number) {
                    Some(op) => format!("{} lacks its second word", op.name()),
                    None => format!("unknown opcode {number}"),
                };
                let mut error = self.table_error("instructions", reason);
                error.word = Some(word as u32);
                return Err(error);
            };
            self.starts[word] = self.placed.len() as u32;
            self.placed.push(Placed { word: word as u32, instruction });
            word += instruction.words();
        }
        match self.placed.last() {
            Some(last) if last.instruction.op.info().flow == Flow::end => Ok(()),
            Some(last) => Err(self.error(last, "the code falls off its end".to_owned())),
            None => Err(self.table_error("instructions", "there are none".to_owned())),
        }
    }

    /// Number of the instruction that starts at `word`.
    fn start(&self, word: u32) -> Result<usize, String> {
        match self.starts.get(word as usize) {
            Some(&index) if index != NOT_A_START => Ok(index as usize),
            Some(_) => Err(format!("word {word} is the second word of an instruction")),
            None => Err(format!("word {word} is outside the code")),
        }
    }

    fn instruction(&self, index: usize, instruction: &Instruction) -> Check {
        let info = instruction.op.info();
        ensure!(info.flow != Flow::quick, "quick instructions are made by the VM only");
        self.operands(instruction)?;
        self.numbers(instruction)?;
        self.literal(instruction)?;
        self.registers(instruction)?;
        self.jump(index, instruction)?;
        self.particular(index, instruction)
    }

    fn operands(&self, instruction: &Instruction) -> Check {
        let info = instruction.op.info();
        let fields = [instruction.a, instruction.b, instruction.c];
        for ((field, operand), name) in fields.into_iter().zip(info.operands).zip(["a", "b", "c"]) {
            // `imm` lies in b and c; its own check covers it.
            if info.imm != Imm::None && name != "a" {
                continue;
            }
            match operand {
                Operand::N => ensure!(field == 0, "unused operand {name} is {field}"),
                Operand::K => self.constant(u32::from(field)).map(|_| ())?,
                Operand::NM => self.name(u32::from(field))?,
                Operand::WIN => {
                    let base = usize::from(field);
                    ensure!(base >= self.code.locals.len(), "window r{base} begins among the locals");
                    let end = base + usize::from(FRAME_HEADER);
                    ensure!(end <= self.code.register_count as usize, "window r{base} does not fit the frame");
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn constant(&self, index: u32) -> Result<&'code Constant, String> {
        self.code.constants.get(index as usize).ok_or_else(|| format!("no constants[{index}]"))
    }

    fn name(&self, index: u32) -> Check {
        ensure!((index as usize) < self.code.names.len(), "no names[{index}]");
        Ok(())
    }

    fn numbers(&self, instruction: &Instruction) -> Check {
        let info = instruction.op.info();
        for (meaning, number) in [(info.imm, instruction.imm()), (info.ext, instruction.ext)] {
            match meaning {
                Imm::Const => self.constant(number).map(|_| ())?,
                Imm::Name => self.name(number)?,
                Imm::Type => self.type_index(number)?,
                Imm::Field => ensure!((number as usize) < self.code.fields.len(), "no fields[{number}]"),
                Imm::Func => ensure!((number as usize) < self.code.functions.len(), "no functions[{number}]"),
                Imm::Jump => self.start(number).map(|_| ())?,
                Imm::None | Imm::Lit => {}
            }
        }
        Ok(())
    }

    fn literal(&self, instruction: &Instruction) -> Check {
        let value = shape::literal_value(instruction);
        let good = match shape::literal(instruction.op) {
            Literal::None | Literal::Count | Literal::Signed => true,
            Literal::Zero => value == 0,
            Literal::Range(low, high) => (low..=high).contains(&value),
            Literal::BinaryOp => BinaryOp::from_number(value).is_some(),
            Literal::CompareOp => CompareOp::from_number(value).is_some(),
            Literal::CommonConstant => CommonConstant::from_number(value).is_some(),
            Literal::SpecialMethod => SpecialMethod::from_number(value).is_some(),
            Literal::Intrinsic => Intrinsic::from_number(value).is_some(),
            Literal::Primitive => Primitive::from_number(value).is_some(),
            Literal::IntPrimitive => Primitive::from_number(value)
                .is_some_and(|primitive| shape::primitive_kind(primitive) == RegisterKind::Int),
            Literal::FastKind => match (instruction.op, FastKind::from_number(value)) {
                (_, None) => false,
                (Opcode::FAST_LEN, Some(_)) => true,
                (Opcode::SEQUENCE_SET | Opcode::SEQUENCE_APPEND | Opcode::SEQUENCE_POP, Some(kind)) => {
                    matches!(kind, FastKind::List | FastKind::CheckedList)
                }
                (_, Some(kind)) => {
                    matches!(
                        kind,
                        FastKind::List | FastKind::CheckedList | FastKind::Tuple | FastKind::Str | FastKind::Array
                    )
                }
            },
            Literal::FunctionFlags => value < 16,
            Literal::Delegate => value <= self.code.register_count,
        };
        ensure!(good, "literal {value} has no meaning here");
        Ok(())
    }

    fn registers(&self, instruction: &Instruction) -> Check {
        let mut problem = None;
        shape::visit(self.code, instruction, |used| {
            if problem.is_some() {
                return;
            }
            if used.register >= self.code.register_count {
                problem =
                    Some(format!("r{} is outside the frame of {} registers", used.register, self.code.register_count));
                return;
            }
            let found = self.code.register_kind(used.register as u16);
            if found != used.kind {
                problem = Some(format!("r{} is {}, needed {}", used.register, kind_name(found), kind_name(used.kind)));
            }
        });
        problem.map_or(Ok(()), Err)
    }

    fn jump(&self, index: usize, instruction: &Instruction) -> Check {
        let Some(target) = instruction.jump_target() else { return Ok(()) };
        let at = self.start(target)?;
        if instruction.op == Opcode::JUMP_BACKWARD {
            ensure!(at <= index, "jumps forward to word {target}");
        } else {
            ensure!(at > index, "jumps backward to word {target}; only JUMP_BACKWARD may");
        }
        ensure!(self.placed[at].instruction.op != Opcode::PUSH_EXC, "jumps to the handler at word {target}");
        Ok(())
    }

    /// Rules of single rows.
    fn particular(&self, index: usize, instruction: &Instruction) -> Check {
        let code = self.code;
        let is_static = code.flags & flags::STATIC != 0;
        ensure!(
            (instruction.op == Opcode::CHECK_ARGS) == (index == 0 && is_static),
            "CHECK_ARGS is the first instruction of static code and nothing else is"
        );
        match instruction.op {
            Opcode::COPY_FREE_VARS => {
                let free = self.free_variables();
                let first = code.locals.len() - free;
                ensure!(
                    usize::from(instruction.a) == first && instruction.imm() as usize == free,
                    "the free variables are r{first}.. +{free}"
                );
            }
            Opcode::MAKE_FUNCTION => {
                let Constant::Code(inner) = self.constant(instruction.ext)? else {
                    return Err(format!("constants[{}] is not code", instruction.ext));
                };
                let free = inner.locals.last().is_some_and(|local| local.kind == LocalKind::Free);
                let closure = instruction.c & crate::code::function_flags::CLOSURE != 0;
                ensure!(free == closure, "a closure is given exactly to code with free variables");
            }
            Opcode::CALL_KW | Opcode::CALL_METHOD_KW => {
                let Constant::Tuple(names) = self.constant(instruction.ext)? else {
                    return Err(format!("constants[{}] is no tuple of names", instruction.ext));
                };
                let strings = names.iter().all(|name| matches!(name, Constant::Str(_)));
                ensure!(strings, "keyword names are strings");
                ensure!(names.len() <= usize::from(instruction.c), "more keyword names than arguments");
            }
            Opcode::INVOKE_FUNCTION | Opcode::INVOKE_METHOD => {
                let function = &code.functions[instruction.ext as usize];
                let expected = function.signature.parameters.len();
                ensure!(usize::from(instruction.c) == expected, "{} takes {expected} arguments", function.qualname);
                let method = instruction.op == Opcode::INVOKE_METHOD;
                ensure!(
                    !method || (instruction.c > 0 && function.class.is_some()),
                    "a method call has a receiver and a class"
                );
            }
            Opcode::PRIMITIVE_LOAD_CONST => {
                let good = match self.constant(instruction.imm())? {
                    Constant::Float(_) => code.register_kind(instruction.a) == RegisterKind::Double,
                    Constant::Int(_) => code.register_kind(instruction.a) == RegisterKind::Int,
                    _ => false,
                };
                ensure!(good, "the constant has not the register's kind");
            }
            Opcode::RETURN_VALUE => {
                let suspends = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
                let result = self.result_primitive();
                ensure!(result.is_none() || code.flags & suspends != 0, "the result is primitive");
            }
            Opcode::RETURN_PRIMITIVE => {
                let primitive = Primitive::from_number(u32::from(instruction.b));
                ensure!(primitive == self.result_primitive(), "the result type is another");
            }
            Opcode::YIELD_VALUE => {
                let suspends = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
                ensure!(code.flags & suspends != 0, "only generators and coroutines suspend");
            }
            Opcode::PUSH_EXC => {
                let before = index.checked_sub(1).map(|before| self.placed[before].instruction.op.info().flow);
                ensure!(before == Some(Flow::end), "control falls into a handler");
            }
            Opcode::TP_ALLOC | Opcode::LOAD_TYPE | Opcode::BUILD_CHECKED_LIST | Opcode::BUILD_CHECKED_MAP => {
                let class = matches!(code.types[instruction.ext as usize], TypeDescr::Class { .. });
                ensure!(class, "types[{}] is not a class", instruction.ext);
            }
            _ => {}
        }
        Ok(())
    }

    fn result_primitive(&self) -> Option<Primitive> {
        let signature = self.code.static_signature.as_ref()?;
        match self.code.types.get(signature.result as usize) {
            Some(TypeDescr::Primitive(primitive)) => Some(*primitive),
            _ => None,
        }
    }

    fn exceptions(&self) -> Check {
        let mut site = 0;
        for placed in self.placed.iter().filter(|placed| placed.instruction.words() == 2) {
            ensure!(
                placed.instruction.site == site,
                "word {} has site {}, expected {site}",
                placed.word,
                placed.instruction.site
            );
            site += 1;
        }
        ensure!(site == self.code.site_count, "{site} cache sites, declared {}", self.code.site_count);
        for entry in &self.code.exceptions {
            let (start, end) = (entry.start, entry.end);
            ensure!(start < end, "empty range {start}..{end}");
            self.start(start)?;
            if end as usize != self.code.instructions.len() {
                self.start(end)?;
            }
            let target = self.start(entry.target)?;
            ensure!(end <= entry.target, "the handler of {start}..{end} lies before the end of its range");
            ensure!(
                self.placed[target].instruction.op == Opcode::PUSH_EXC,
                "the handler at word {} lacks PUSH_EXC",
                entry.target
            );
        }
        Ok(())
    }

    fn lines(&self) -> Check {
        let mut previous = None;
        for entry in &self.code.lines {
            ensure!(
                previous.is_none_or(|previous| previous < entry.start),
                "entries are not sorted at word {}",
                entry.start
            );
            self.start(entry.start)?;
            previous = Some(entry.start);
        }
        Ok(())
    }
}

fn kind_name(kind: RegisterKind) -> &'static str {
    match kind {
        RegisterKind::Tagged => "tagged",
        RegisterKind::Int => "int",
        RegisterKind::Double => "double",
    }
}

/// Types nest as constants do.
fn type_depth(descr: &TypeDescr) -> Check {
    let mut pending = vec![(descr, 1)];
    while let Some((descr, depth)) = pending.pop() {
        ensure!(depth <= NESTING_LIMIT, "a type nests more than {NESTING_LIMIT} deep");
        match descr {
            TypeDescr::Class { args, .. } => pending.extend(args.iter().map(|arg| (arg, depth + 1))),
            TypeDescr::Union(items) => pending.extend(items.iter().map(|item| (item, depth + 1))),
            TypeDescr::Optional(inner) | TypeDescr::Awaitable(inner) => pending.push((inner, depth + 1)),
            _ => {}
        }
    }
    Ok(())
}
