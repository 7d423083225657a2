//! Register bytecode: the one name both halves of the house share.
//!
//! [`opcode`] declares the machine, [`code`] the code object, [`instruction`] the words.
#![forbid(unsafe_code)]

pub mod code;
pub mod disassemble;
pub mod encode;
pub mod instruction;
pub mod lazy;
pub mod liveness;
pub mod opcode;
pub mod parse;
pub mod shape;
pub mod verify;

pub use code::{
    CodeObject, Constant, ExceptionEntry, FRAME_HEADER, FieldDescr, FunctionDescr, LineEntry, Local, LocalKind,
    NESTING_LIMIT, RegisterKind, SlotDescr, StaticClass, StaticSignature, TypeDescr, flags, function_flags,
};
pub use disassemble::{disassemble, disassemble_instruction};
pub use encode::{DecodeError, FORMAT_VERSION, decode, decode_trusted, encode, table_digest};
pub use instruction::{Instruction, instructions};
pub use lazy::{CodeBytes, Head, LazyCode};
pub use liveness::{Liveness, Registers};
pub use opcode::{
    BinaryOp, CommonConstant, CompareOp, FastKind, Flow, Imm, Intrinsic, OPCODES, OpInfo, Opcode, Operand, Primitive,
    SpecialMethod,
};
pub use parse::{ParseError, parse};
pub use verify::{VerifyError, verify};

#[cfg(test)]
mod tests;
