//! HIR as text; [`super::parse`] reads it back.
//!
//! ```text
//! function add -> int
//!   frame f0 = 0 offset 0 depth 0
//! b0(v0:int, v1:int):
//!   v2:int = AddInt v0, v1
//!   Return v2
//! s0 = f0 w3 {r0=v0, r1=v1}
//! ```

use std::fmt::Write;

use cinder_bytecode::RegisterKind;
use cinder_layout::jit::{CallTarget, Slot};

use super::{Block, Edge, FrameState, Function, Inst, Kinds, Type, Value};

macro_rules! put {
    ($out:expr, $($arg:tt)*) => {
        write!($out, $($arg)*).expect("a String takes all text")
    };
}

pub(crate) const KIND_NAMES: &[(&str, Kinds)] = &[
    ("any", Kinds::ANY),
    ("bound", Kinds::BOUND),
    ("unbound", Kinds::UNBOUND),
    ("none", Kinds::NONE),
    ("bool", Kinds::BOOL),
    ("small", Kinds::INT),
    ("flonum", Kinds::FLONUM),
    ("float", Kinds::FLOAT),
    ("big", Kinds::BIG),
    ("object", Kinds::OBJECT),
];

/// The whole function; unreachable blocks are left out.
pub(crate) fn print(function: &Function) -> String {
    let mut out = String::new();
    put!(out, "function {}", function.name);
    if let Some(result) = function.result {
        put!(out, " -> {}", kind_text(result));
    }
    if function.uses_valid {
        out.push_str(" assumes");
    }
    out.push('\n');
    for (number, frame) in function.frames.iter().enumerate() {
        put!(out, "  frame f{number} = {} offset {} depth {}\n", frame.function, frame.offset, frame.depth);
    }
    for (number, call) in function.calls.iter().enumerate() {
        put!(out, "  call c{number} = ");
        match &call.target {
            CallTarget::Cell(address) => put!(out, "cell {address:#x}"),
            CallTarget::Shapes(_) => out.push_str("shapes"),
            CallTarget::Found => out.push_str("found"),
        }
        put!(out, " base {} -> {}", call.base, kind_text(call.result));
        if let Some(callee) = call.inline {
            put!(out, " inline {callee}");
        }
        out.push('\n');
    }
    for (number, (fact, class)) in function.allocations.iter().enumerate() {
        put!(
            out,
            "  allocation a{number} = header {:#x} size_class {} words {} class {class:#x}\n",
            fact.header,
            fact.size_class,
            fact.words
        );
    }
    let mut states = vec![false; function.states.len()];
    let order = function.order();
    for id in &order {
        let block = &function.blocks[id.index()];
        block_head(&mut out, function, id.0, block);
        for inst in &block.insts {
            out.push_str("  ");
            inst_text(&mut out, function, inst);
            out.push('\n');
            let mut next = inst.state;
            while let Some(state) = next {
                states[state.index()] = true;
                next = function.states[state.index()].parent;
            }
        }
    }
    for (number, state) in function.states.iter().enumerate().filter(|(number, _)| states[*number]) {
        state_text(&mut out, number, state);
    }
    out
}

fn block_head(out: &mut String, function: &Function, number: u32, block: &Block) {
    put!(out, "b{number}");
    if block.cold {
        out.push_str(" cold");
    }
    out.push('(');
    for (at, param) in block.params.iter().enumerate() {
        put!(out, "{}{}", separator(at), typed(function, *param));
    }
    out.push_str("):\n");
}

fn separator(at: usize) -> &'static str {
    if at == 0 { "" } else { ", " }
}

fn typed(function: &Function, value: Value) -> String {
    format!("v{}:{}", value.0, type_text(function.ty(value)))
}

pub(crate) fn type_text(ty: Type) -> String {
    match ty {
        Type::Int => "int".to_owned(),
        Type::Double => "double".to_owned(),
        Type::Tagged(kinds) => kinds_text(kinds),
    }
}

fn kinds_text(kinds: Kinds) -> String {
    if kinds == Kinds::NO {
        return "nothing".to_owned();
    }
    let mut rest = kinds;
    let mut names = Vec::new();
    for (name, bits) in KIND_NAMES {
        if bits.is(rest) && rest.may_be(*bits) {
            names.push(*name);
            rest = rest.without(*bits);
        }
    }
    names.join("|")
}

pub(crate) fn kind_text(kind: RegisterKind) -> &'static str {
    match kind {
        RegisterKind::Tagged => "tagged",
        RegisterKind::Int => "int",
        RegisterKind::Double => "double",
    }
}

pub(crate) fn slot_text(slot: Slot) -> String {
    match slot {
        Slot::Tagged => "tagged".to_owned(),
        Slot::Double => "double".to_owned(),
        Slot::Int { bytes, signed } => format!("{}{}", if signed { "i" } else { "u" }, u32::from(bytes) * 8),
    }
}

fn inst_text(out: &mut String, function: &Function, inst: &Inst) {
    let info = inst.op.info();
    if let Some(result) = inst.result {
        put!(out, "{} = ", typed(function, result));
    }
    out.push_str(info.name);
    for (at, arg) in inst.args.iter().enumerate() {
        put!(out, "{} v{}", if at == 0 { "" } else { "," }, arg.0);
        if let Some(home) = inst.homes.get(at) {
            put!(out, "@r{home}");
        }
    }
    if info.imm {
        let wide = inst.imm.unsigned_abs() > 0xffff;
        if wide { put!(out, " #{:#x}", inst.imm) } else { put!(out, " #{}", inst.imm) }
    }
    if let Some(slot) = inst.slot {
        put!(out, " slot {}", slot_text(slot));
    }
    if let Some(state) = inst.state {
        put!(out, " s{}", state.0);
    }
    for (at, edge) in inst.targets.iter().enumerate() {
        out.push_str(if at == 0 { " -> " } else { ", " });
        edge_text(out, edge);
    }
}

fn edge_text(out: &mut String, edge: &Edge) {
    put!(out, "b{}(", edge.block.0);
    for (at, arg) in edge.args.iter().enumerate() {
        put!(out, "{}v{}", separator(at), arg.0);
    }
    out.push(')');
}

fn state_text(out: &mut String, number: usize, state: &FrameState) {
    put!(out, "s{number} = f{} w{} {{", state.frame.0, state.word);
    for (at, (register, value)) in state.registers.iter().enumerate() {
        put!(out, "{}r{register}=v{}", separator(at), value.0);
    }
    out.push('}');
    if let Some(parent) = state.parent {
        put!(out, " in s{}", parent.0);
    }
    out.push('\n');
}
