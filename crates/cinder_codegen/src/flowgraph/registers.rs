//! Gives raw registers and typed call windows their final numbers.
//!
//! Problem: a register has one kind for the life of a frame, but temporaries are a stack; and a call kills every register from its window up.
//! Idea: while lowering, raw registers and the windows of calls with raw arguments have numbers of their own. Raw registers then go between the
//! named locals and the temporaries, below every window; typed windows go above all temporaries.

use crate::lower::{
    Reg, Unit,
    typed::{self, Pool},
};
use cinder_bytecode::{Opcode, Operand, RegisterKind};

pub(super) fn number(unit: &mut Unit<'_>) {
    let (ints, doubles) = (unit.raw.count(Pool::Int), unit.raw.count(Pool::Double));
    let windows = unit.raw.window_kinds().to_vec();
    if ints + doubles == 0 && windows.is_empty() {
        return;
    }
    let named = unit.locals.len() as Reg;
    let shift = ints + doubles;
    let window_base = unit.register_count + shift;
    let place = |register: Reg| match typed::pool_of(register) {
        None if register < named => register,
        None => register + shift,
        Some((Pool::Int, index)) => named + index,
        Some((Pool::Double, index)) => named + ints + index,
        Some((Pool::Window, index)) => window_base + index,
    };
    for instr in &mut unit.instrs {
        let operands = instr.op.info().operands;
        for (field, operand) in [&mut instr.a, &mut instr.b, &mut instr.c].into_iter().zip(operands) {
            if is_register(operand) {
                *field = place(*field);
            }
        }
        if instr.op == Opcode::YIELD_VALUE && instr.c != 0 {
            instr.c = place(instr.c - 1) + 1;
        }
    }
    let mut kinds = std::mem::take(&mut unit.kinds);
    kinds.resize(named as usize, RegisterKind::Tagged);
    kinds.extend(std::iter::repeat_n(RegisterKind::Int, ints as usize));
    kinds.extend(std::iter::repeat_n(RegisterKind::Double, doubles as usize));
    if !windows.is_empty() {
        kinds.resize(window_base as usize, RegisterKind::Tagged);
        kinds.extend(windows.iter().map(|kind| kind.unwrap_or_default()));
    }
    unit.kinds = kinds;
    unit.register_count = window_base + windows.len() as Reg;
}

fn is_register(operand: Operand) -> bool {
    !matches!(operand, Operand::N | Operand::CNT | Operand::K | Operand::NM | Operand::LIT)
}
