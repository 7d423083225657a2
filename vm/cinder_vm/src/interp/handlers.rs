//! One function per opcode, grouped by family. The opcode table in `cinder_bytecode` says what each does.

mod arithmetic;
mod attributes;
mod build;
mod calls;
mod exceptions;
mod flow;
mod generators;
mod intrinsics;
mod iteration;
mod matching;
mod moves;
mod names;
mod slots;
mod statics;
mod subscripts;
mod typed;

pub(crate) use arithmetic::*;
pub(crate) use attributes::*;
pub(crate) use build::*;
pub(crate) use calls::*;
pub(crate) use exceptions::*;
pub(crate) use flow::*;
pub(crate) use generators::*;
pub(crate) use intrinsics::*;
pub(crate) use iteration::*;
pub(crate) use matching::*;
pub(crate) use moves::*;
pub(crate) use names::*;
pub(crate) use slots::*;
pub(crate) use statics::*;
pub(crate) use subscripts::*;
pub(crate) use typed::*;

/// What every family needs.
mod prelude {
    pub(super) use crate::interp::dispatch::*;
    pub(super) use crate::interp::unwind::{raised, raised_in_caller, reraised};
    pub(super) use crate::native::PyResult;
    pub(super) use crate::vm::Vm;
    pub(super) use cinder_bytecode::Opcode;
    pub(super) use cinder_layout::Value;
}
