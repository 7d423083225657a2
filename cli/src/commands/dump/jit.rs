//! Stages of the JIT for one static function: `--fn NAME` names it. The program is imported for its classes; its code runs as a module, not as a program.

use anyhow::{Context, anyhow};
use cinder_runtime::DumpStage;

use super::{Arguments, Dump, Stage};

pub(super) static HIR: Stage = Stage {
    name: "hir",
    summary: "the JIT's typed code of a static function (--fn), after a pass (--after)",
    dump: |arguments| dump(arguments, DumpStage::Hir(arguments.after.as_deref())),
};

pub(super) static CLIF: Stage = Stage {
    name: "clif",
    summary: "the same as the code generator gets it",
    dump: |arguments| dump(arguments, DumpStage::Clif),
};

pub(super) static ASM: Stage =
    Stage { name: "asm", summary: "the same as machine code", dump: |arguments| dump(arguments, DumpStage::Asm) };

fn dump(arguments: &Arguments, stage: DumpStage<'_>) -> anyhow::Result<Dump> {
    let function = arguments.function.as_deref().context("this stage needs `--fn NAME`")?;
    let mut text = cinder_runtime::dump_jit(arguments.path()?, function, stage).map_err(|reason| anyhow!(reason))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(Dump { text, mistakes: Vec::new() })
}
