//! What an instruction touches: the registers it reads and writes, and what its literal means.
//!
//! Problem: verifier, disassembler and JIT need the extent of runs (`F`, `FW`) and call windows, which the table states in words.
//! Idea: [`visit`] lists every register of an instruction, reads before writes; [`literal`] names the meaning of the one literal a row can have.
//! Holds: a row with `F`, `FW`, `WIN` or `LIT` has its case here; the test `every_row_has_a_shape` finds the ones that lack it.

use crate::code::{CodeObject, FRAME_HEADER, RegisterKind, TypeDescr, function_flags};
use crate::instruction::Instruction;
use crate::opcode::{Imm, Intrinsic, Opcode, Operand, Primitive};

/// Meaning of an instruction's literal operand (`LIT` in b or c, or `Lit` in `imm` or the ext word; a row has at most one).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Literal {
    /// The row has no literal.
    None,
    /// Always zero.
    Zero,
    /// A count without an own bound.
    Count,
    /// `imm` as a signed 32-bit number.
    Signed,
    /// One of `low..=high`.
    Range(u32, u32),
    BinaryOp,
    CompareOp,
    CommonConstant,
    SpecialMethod,
    Intrinsic,
    /// Any primitive.
    Primitive,
    /// A primitive kept in an integer register.
    IntPrimitive,
    FastKind,
    /// Bits of [`function_flags`].
    FunctionFlags,
    /// YIELD_VALUE: 1 + register of the sub-iterator, or 0.
    Delegate,
}

/// Meaning of the row's literal.
#[must_use]
pub fn literal(op: Opcode) -> Literal {
    use Opcode::*;
    match op {
        BINARY_OP | BINARY_OP_K => Literal::BinaryOp,
        COMPARE_OP | COMPARE_OP_K | PRIMITIVE_COMPARE_INT | PRIMITIVE_COMPARE_UINT | PRIMITIVE_COMPARE_DOUBLE => {
            Literal::CompareOp
        }
        LOAD_COMMON_CONSTANT => Literal::CommonConstant,
        LOAD_SPECIAL => Literal::SpecialMethod,
        CALL_INTRINSIC => Literal::Intrinsic,
        MAKE_FUNCTION => Literal::FunctionFlags,
        RETURN_PRIMITIVE => Literal::Primitive,
        PRIMITIVE_BOX_INT | PRIMITIVE_UNBOX_INT | CONVERT_INT | CONVERT_DOUBLE_INT | ARRAY_GET_INT | ARRAY_SET_INT => {
            Literal::IntPrimitive
        }
        FAST_LEN | SEQUENCE_GET | SEQUENCE_SET | SEQUENCE_APPEND | SEQUENCE_POP => Literal::FastKind,
        PRIMITIVE_LOAD_INT => Literal::Signed,
        CONVERT_INT_DOUBLE | LOAD_SUPER_ATTR | LOAD_SUPER_METHOD | CALL_EX => Literal::Range(0, 1),
        GET_AWAITABLE => Literal::Range(0, 2),
        CONVERT_VALUE => Literal::Range(1, 3),
        BUILD_INTERPOLATION => Literal::Range(0, 3),
        YIELD_VALUE => Literal::Delegate,
        COPY_FREE_VARS | UNPACK_EX => Literal::Count,
        _ => {
            let info = op.info();
            let has = info.imm == Imm::Lit || info.ext == Imm::Lit || info.operands.contains(&Operand::LIT);
            if has { Literal::Zero } else { Literal::None }
        }
    }
}

/// The literal's value.
#[must_use]
pub fn literal_value(instruction: &Instruction) -> u32 {
    let info = instruction.op.info();
    if info.imm == Imm::Lit {
        return instruction.imm();
    }
    if info.ext == Imm::Lit {
        return instruction.ext;
    }
    let fields = [instruction.a, instruction.b, instruction.c];
    info.operands.iter().position(|operand| *operand == Operand::LIT).map_or(0, |at| u32::from(fields[at]))
}

/// How an instruction uses a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Tagged and bound.
    Read,
    /// Tagged; may be unbound.
    ReadMaybe,
    /// Bound to a cell.
    ReadCell,
    /// Raw register of the kind given.
    ReadRaw,
    /// Becomes bound (or gets a raw value).
    Write,
    /// Gets a value or becomes unbound.
    WriteMaybe,
    /// Becomes unbound.
    Clear,
    /// Becomes a bound cell.
    WriteCell,
}

/// One register of an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Use {
    /// Wider than an operand, so that a run beyond the last register shows as such.
    pub register: u32,
    pub access: Access,
    pub kind: RegisterKind,
}

/// Representation of values of a type in registers and typed calls.
#[must_use]
pub fn representation(descr: &TypeDescr) -> RegisterKind {
    match descr {
        TypeDescr::Primitive(primitive) => primitive_kind(*primitive),
        _ => RegisterKind::Tagged,
    }
}

/// Kind of register that holds a primitive.
#[must_use]
pub fn primitive_kind(primitive: Primitive) -> RegisterKind {
    match primitive {
        Primitive::Double | Primitive::Single => RegisterKind::Double,
        _ => RegisterKind::Int,
    }
}

/// Registers an intrinsic reads.
#[must_use]
pub fn intrinsic_arity(intrinsic: Intrinsic) -> u16 {
    match intrinsic {
        Intrinsic::ConditionalAnnotations => 0,
        Intrinsic::Print
        | Intrinsic::ImportStar
        | Intrinsic::StopIterationError
        | Intrinsic::AsyncGenWrap
        | Intrinsic::TypeVar
        | Intrinsic::ParamSpec
        | Intrinsic::TypeVarTuple
        | Intrinsic::SubscriptGeneric => 1,
        Intrinsic::TypeVarWithBound
        | Intrinsic::TypeVarWithConstraints
        | Intrinsic::SetTypeParamDefault
        | Intrinsic::SetFunctionTypeParams
        | Intrinsic::PrepReraiseStar
        | Intrinsic::SpreadPositional
        | Intrinsic::SpreadNamed => 2,
        Intrinsic::TypeAlias => 3,
    }
}

/// First register of the call window the instruction calls; it and all above it are dead afterwards, whether the call returns or raises.
#[must_use]
pub fn call_base(instruction: &Instruction) -> Option<u16> {
    use Opcode::*;
    match instruction.op {
        CALL | CALL_METHOD | CALL_KW | CALL_METHOD_KW | CALL_EX | INVOKE_FUNCTION | INVOKE_METHOD => {
            Some(instruction.b)
        }
        _ => None,
    }
}

/// Length of the run an `F` or `FW` operand starts; 0 for rows whose run is irregular ([`visit`] treats them).
fn run_length(instruction: &Instruction) -> u32 {
    use Opcode::*;
    let count = u32::from(instruction.c);
    match instruction.op {
        COPY_FREE_VARS => instruction.imm(),
        LOAD_SUPER_ATTR
        | LOAD_SUPER_METHOD
        | LOAD_SUPER_METHOD_VALUE
        | BUILD_SLICE
        | BUILD_INTERPOLATION
        | MATCH_CLASS
        | EXC_INFO => 3,
        LOAD_SLICE | STORE_SLICE | IMPORT_NAME | CHECK_EG_MATCH => 2,
        UNPACK_SEQUENCE => count,
        UNPACK_EX => count.saturating_add(1).saturating_add(instruction.ext),
        BUILD_TUPLE | BUILD_LIST | BUILD_SET | BUILD_STRING | BUILD_CHECKED_LIST => count,
        BUILD_MAP | BUILD_CHECKED_MAP => 2 * count,
        CALL_INTRINSIC => Intrinsic::from_number(count).map_or(0, |intrinsic| u32::from(intrinsic_arity(intrinsic))),
        _ => 0,
    }
}

/// Calls `each` for every register of the instruction, reads first.
///
/// Fields, functions and registers that `instruction` names need not exist: what is missing counts as tagged, so that the verifier can use
/// this before it trusts anything.
pub fn visit(code: &CodeObject, instruction: &Instruction, mut each: impl FnMut(Use)) {
    let info = instruction.op.info();
    let fields = [instruction.a, instruction.b, instruction.c];
    // A run must not be longer than any frame, or damaged input would cost time without bound.
    let length = run_length(instruction).min(1 << 17);
    for (field, operand) in fields.iter().zip(info.operands) {
        let field = u32::from(*field);
        let (access, kind) = match operand {
            Operand::R => (read_access(instruction.op, field, instruction), RegisterKind::Tagged),
            Operand::M | Operand::X => (Access::ReadMaybe, RegisterKind::Tagged),
            Operand::IR => (Access::ReadRaw, RegisterKind::Int),
            Operand::DR => (Access::ReadRaw, RegisterKind::Double),
            Operand::AR => any_kind(code, instruction, false),
            Operand::F => {
                run(length, field, Access::Read, &mut each);
                continue;
            }
            _ => continue,
        };
        each(Use { register: field, access, kind });
    }
    irregular_reads(code, instruction, &mut each);
    for (field, operand) in fields.iter().zip(info.operands) {
        let field = u32::from(*field);
        let (access, kind) = match operand {
            Operand::W if instruction.op == Opcode::CLEAR => (Access::Clear, RegisterKind::Tagged),
            Operand::W => (Access::Write, RegisterKind::Tagged),
            Operand::X => (Access::WriteCell, RegisterKind::Tagged),
            Operand::IW => (Access::Write, RegisterKind::Int),
            Operand::DW => (Access::Write, RegisterKind::Double),
            Operand::AW => any_kind(code, instruction, true),
            Operand::FW => {
                let access = if instruction.op == Opcode::COPY_FREE_VARS { Access::WriteCell } else { Access::Write };
                run(length, field, access, &mut each);
                continue;
            }
            _ => continue,
        };
        each(Use { register: field, access, kind });
    }
    irregular_writes(instruction, &mut each);
}

fn run(length: u32, first: u32, access: Access, each: &mut impl FnMut(Use)) {
    for register in first..first + length {
        each(Use { register, access, kind: RegisterKind::Tagged });
    }
}

/// `R` operands that must hold a cell.
fn read_access(op: Opcode, field: u32, instruction: &Instruction) -> Access {
    use Opcode::*;
    let cell = match op {
        LOAD_DEREF => Some(instruction.b),
        STORE_DEREF | DELETE_DEREF => Some(instruction.a),
        LOAD_FROM_DICT_OR_DEREF => Some(instruction.c),
        _ => None,
    };
    if cell.map(u32::from) == Some(field) { Access::ReadCell } else { Access::Read }
}

/// Kind of an `AW` or `AR` operand.
fn any_kind(code: &CodeObject, instruction: &Instruction, write: bool) -> (Access, RegisterKind) {
    use Opcode::*;
    let kind = match instruction.op {
        // The destination decides; the verifier compares the source with it.
        MOVE => code.register_kind(instruction.a),
        LOAD_FIELD | STORE_FIELD => code
            .fields
            .get(instruction.ext as usize)
            .map_or(RegisterKind::Tagged, |field| type_kind(code, field.field_type)),
        INVOKE_FUNCTION | INVOKE_METHOD => code
            .functions
            .get(instruction.ext as usize)
            .map_or(RegisterKind::Tagged, |function| type_kind(code, function.signature.result)),
        RETURN_PRIMITIVE => Primitive::from_number(u32::from(instruction.b)).map_or(RegisterKind::Int, primitive_kind),
        PRIMITIVE_LOAD_CONST => match code.register_kind(instruction.a) {
            RegisterKind::Double => RegisterKind::Double,
            _ => RegisterKind::Int,
        },
        _ => RegisterKind::Tagged,
    };
    let access = match (write, kind) {
        (true, _) => Access::Write,
        (false, RegisterKind::Tagged) if instruction.op == MOVE => Access::ReadMaybe,
        (false, RegisterKind::Tagged) => Access::Read,
        (false, _) => Access::ReadRaw,
    };
    (access, kind)
}

fn type_kind(code: &CodeObject, index: u32) -> RegisterKind {
    code.types.get(index as usize).map_or(RegisterKind::Tagged, representation)
}

fn irregular_reads(code: &CodeObject, instruction: &Instruction, each: &mut impl FnMut(Use)) {
    use Opcode::*;
    let mut read = |register: u32, access| each(Use { register, access, kind: RegisterKind::Tagged });
    let base = u32::from(instruction.b);
    let first = base + u32::from(FRAME_HEADER);
    let count = u32::from(instruction.c);
    match instruction.op {
        CALL | CALL_KW => {
            read(base, Access::Read);
            (first..first + count).for_each(|register| read(register, Access::Read));
        }
        CALL_METHOD | CALL_METHOD_KW => {
            read(base, Access::Read);
            read(first, Access::ReadMaybe);
            (first + 1..=first + count).for_each(|register| read(register, Access::Read));
        }
        CALL_EX => {
            read(base, Access::Read);
            read(first, Access::Read);
            if count == 1 {
                read(first + 1, Access::Read);
            }
        }
        MAKE_FUNCTION => {
            let places = [
                function_flags::DEFAULTS,
                function_flags::KWDEFAULTS,
                function_flags::ANNOTATE,
                function_flags::CLOSURE,
            ];
            for (place, flag) in (0..).zip(places) {
                if instruction.c & flag != 0 {
                    read(base + place, Access::Read);
                }
            }
        }
        POP_EXC => read(u32::from(instruction.a) + 1, Access::ReadMaybe),
        YIELD_VALUE if instruction.c != 0 => read(count - 1, Access::Read),
        INVOKE_FUNCTION | INVOKE_METHOD => {
            let parameters =
                code.functions.get(instruction.ext as usize).map(|function| &function.signature.parameters);
            for at in 0..count {
                let kind = parameters
                    .and_then(|parameters| parameters.get(at as usize))
                    .map_or(RegisterKind::Tagged, |index| type_kind(code, *index));
                let access = if kind == RegisterKind::Tagged { Access::Read } else { Access::ReadRaw };
                each(Use { register: first + at, access, kind });
            }
        }
        _ => {}
    }
}

fn irregular_writes(instruction: &Instruction, each: &mut impl FnMut(Use)) {
    use Opcode::*;
    let mut write = |register: u32, access| each(Use { register, access, kind: RegisterKind::Tagged });
    let base = u32::from(instruction.a);
    match instruction.op {
        LOAD_METHOD | LOAD_SUPER_METHOD | LOAD_SPECIAL => {
            write(base, Access::Write);
            write(base + u32::from(FRAME_HEADER), Access::WriteMaybe);
        }
        PUSH_EXC => {
            write(base, Access::Write);
            write(base + 1, Access::WriteMaybe);
        }
        _ => {}
    }
}
