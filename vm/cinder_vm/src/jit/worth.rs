//! Whether a loop of code without types is worth a look by the compiler.
//!
//! Problem: a compile costs milliseconds, and most loops of ordinary programs consist of calls, which machine code hands to the interpreter. The compiler
//! finds that out at the end of its work.
//! Idea: count instructions by the depth of their loop, calls and what prepares them against the others, with the compiler's own weights.

use cinder_bytecode::{CodeObject, Opcode};

/// As in `cinder_jit::worth`.
const HANDED_OVER: u64 = 6;
const TURNS: u64 = 8;
const DEEPEST: usize = 4;

/// `header`: word of the first instruction of the loop.
pub(super) fn may_pay(code: &CodeObject, header: u32) -> bool {
    let loops: Vec<(u32, u32)> = cinder_bytecode::instructions(&code.instructions)
        .filter(|(_, instruction)| instruction.op == Opcode::JUMP_BACKWARD)
        .filter_map(|(index, instruction)| Some((instruction.jump_target()?, index as u32)))
        .collect();
    let Some(end) = loops.iter().filter(|(target, _)| *target == header).map(|(_, end)| *end).max() else {
        return true;
    };
    let (mut gain, mut loss) = (1, 0);
    for (index, instruction) in cinder_bytecode::instructions(&code.instructions) {
        let index = index as u32;
        if index < header || index > end {
            continue;
        }
        let depth = loops.iter().filter(|(from, to)| *from > header && (*from..=*to).contains(&index)).count();
        let weight = TURNS.pow(depth.min(DEEPEST) as u32);
        match kind(instruction.op) {
            Kind::HandedOver => loss += weight * HANDED_OVER,
            Kind::InPlace => gain += weight,
            Kind::Free => {}
        }
    }
    gain >= loss
}

enum Kind {
    HandedOver,
    InPlace,
    Free,
}

fn kind(op: Opcode) -> Kind {
    use Opcode::*;
    match op {
        CALL | CALL_METHOD | CALL_KW | CALL_METHOD_KW | CALL_EX | LOAD_METHOD | LOAD_SUPER_ATTR | LOAD_SUPER_METHOD
        | LOAD_SPECIAL | BUILD_LIST | BUILD_TUPLE | BUILD_MAP | BUILD_SET | BUILD_STRING | LIST_APPEND
        | FORMAT_SIMPLE | FORMAT_WITH_SPEC | CONTAINS_OP | GET_ITER | MAKE_FUNCTION | IMPORT_NAME | IMPORT_FROM => {
            Kind::HandedOver
        }
        MOVE | LOAD_CONST | JUMP | JUMP_BACKWARD => Kind::Free,
        _ => Kind::InPlace,
    }
}
