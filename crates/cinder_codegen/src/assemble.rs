//! Words, exception table and line table.
//!
//! Holds: sites are numbered in order of appearance; exception entries do not overlap; a JUMP whose target lies behind it is impossible by
//! construction (loops close with JUMP_BACKWARD).

use crate::flowgraph::Flow;
use crate::lower::Instr;
use crate::places::{Place, Places};
use cinder_bytecode::{CodeObject, ExceptionEntry, Imm, Instruction, LineEntry};
use cinder_text::{LineIndex, TextRange, TextSize};
use std::sync::Arc;

/// The text that is compiled and how its offsets become lines and columns.
pub(crate) struct Text<'a> {
    pub(crate) source: &'a str,
    pub(crate) lines: &'a LineIndex,
    pub(crate) places: Option<&'a Places>,
}

impl Text<'_> {
    /// The line of an offset, from 1.
    pub(crate) fn line(&self, offset: TextSize) -> u32 {
        match self.places {
            Some(places) => places.line_of(offset),
            None => self.lines.line_of(offset) + 1,
        }
    }
}

/// Lays a unit out.
///
/// # Errors
/// The function needs more registers or other operands than an instruction can name.
pub(crate) fn assemble(flow: Flow<'_>, text: &Text<'_>, filename: &Arc<str>) -> Result<CodeObject, String> {
    let offsets = word_offsets(&flow);
    let mut words = Vec::with_capacity(offsets.last().copied().unwrap_or(0) as usize);
    let mut sites = 0;
    let mut line_table: Vec<LineEntry> = Vec::new();
    let mut is_prologue = true;
    let mut exceptions: Vec<ExceptionEntry> = Vec::new();
    for (index, instr) in flow.unit.instrs.iter().enumerate() {
        if !flow.kept[index] {
            continue;
        }
        let start = words.len() as u32;
        let mut instruction = encode(instr, &flow, &offsets)?;
        if instruction.words() == 2 {
            instruction.site = sites;
            sites += 1;
        }
        instruction.encode(&mut words);
        let end = words.len() as u32;
        is_prologue &= instr.range.is_none();
        add_line(
            &mut line_table,
            place(instr.range, start, text).unwrap_or_else(|| {
                // Before anything in the text: the line on which the function begins.
                let line = if is_prologue { flow.unit.first_line } else { 0 };
                LineEntry { start, line, end_line: line, column: 0, end_column: 0 }
            }),
        );
        if let Some(target) = instr.handler.and_then(|label| flow.target(label)) {
            add_exception(&mut exceptions, ExceptionEntry { start, end, target: offsets[target] });
        }
    }
    let unit = flow.unit;
    if unit.register_count > u32::from(u16::MAX) {
        return Err("too many local variables and temporaries in one function".into());
    }
    Ok(CodeObject {
        name: unit.name,
        qualname: unit.qualname,
        filename: filename.clone(),
        first_line: unit.first_line,
        flags: unit.flags,
        argument_count: unit.argument_count,
        positional_only_count: unit.positional_only_count,
        keyword_only_count: unit.keyword_only_count,
        locals: unit.locals,
        register_count: unit.register_count,
        constants: unit.constants.items,
        names: unit.names.items,
        instructions: words,
        register_kinds: unit.kinds,
        types: unit.tables.types,
        fields: unit.tables.fields,
        functions: unit.tables.functions,
        static_signature: unit.static_signature,
        static_class: unit.static_class,
        site_count: sites,
        exceptions,
        lines: line_table,
        docstring: unit.docstring,
    })
}

/// Word index of each instruction; a removed one has that of the next kept.
fn word_offsets(flow: &Flow<'_>) -> Vec<u32> {
    let mut offset = 0;
    let mut offsets = Vec::with_capacity(flow.kept.len() + 1);
    for (instr, kept) in flow.unit.instrs.iter().zip(&flow.kept) {
        offsets.push(offset);
        if *kept {
            offset += instr.op.words() as u32;
        }
    }
    offsets.push(offset);
    offsets
}

fn encode(instr: &Instr, flow: &Flow<'_>, offsets: &[u32]) -> Result<Instruction, String> {
    let narrow = |register: u32| {
        u16::try_from(register).map_err(|_| "too many local variables and temporaries in one function".to_string())
    };
    let number = match instr.target {
        Some(label) => offsets[flow.target(label).ok_or("a jump leaves the code")?],
        None => instr.number,
    };
    let info = instr.op.info();
    let mut instruction = Instruction::new(instr.op, narrow(instr.a)?, narrow(instr.b)?, narrow(instr.c)?);
    if info.imm != Imm::None {
        instruction.set_imm(number);
    } else if info.ext != Imm::None {
        instruction.ext = number;
    }
    Ok(instruction)
}

fn place(range: Option<TextRange>, start: u32, text: &Text<'_>) -> Option<LineEntry> {
    let range = range?;
    if let Some(places) = text.places {
        let Place { line, column, end_line, end_column } = places.of_range(range).unwrap_or_default();
        return Some(LineEntry { start, line, end_line, column, end_column });
    }
    let position = |offset: TextSize| {
        let line = text.lines.line_of(offset);
        (line + 1, u32::from(offset) - u32::from(text.lines.line_start(text.source, line)))
    };
    let (line, column) = position(range.start());
    let (end_line, end_column) = position(range.end());
    Some(LineEntry { start, line, end_line, column, end_column })
}

fn add_line(table: &mut Vec<LineEntry>, entry: LineEntry) {
    let same = table.last().is_some_and(|last| LineEntry { start: entry.start, ..*last } == entry);
    if !same {
        table.push(entry);
    }
}

fn add_exception(table: &mut Vec<ExceptionEntry>, entry: ExceptionEntry) {
    match table.last_mut() {
        Some(last) if last.end == entry.start && last.target == entry.target => last.end = entry.end,
        _ => table.push(entry),
    }
}
