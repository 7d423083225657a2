//! One code object while it is built: instructions, registers, labels, enclosing blocks.
//!
//! Idea: named locals are the first registers and are operands themselves; temporaries are a stack above them. A step takes the top of that
//! stack as its mark, lets operands rise above it, and leaves at most one value, at the mark.
//! Holds: a call window begins at or above the mark, so nothing alive lies above it.

use super::typed::{RawRegisters, Tables};
use crate::constant::{ConstantTable, NameTable};
use cinder_bytecode::{Constant, Local, LocalKind, Opcode, RegisterKind, StaticClass, StaticSignature};
use cinder_semantic::{ScopeId, ScopeKind, SymbolId};
use cinder_static::typed::{TypedFunction, TypedUnit};
use cinder_syntax::ast::{self, Expr, Stmt, name::Name};
use cinder_text::TextRange;
use rustc_hash::{FxHashMap, FxHashSet};

/// A register number; 32 bits wide so that overflow is found when the code is assembled.
pub(crate) type Reg = u32;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Label(pub(crate) u32);

/// An instruction before layout. `number` is whatever the row has as `imm` or `ext`, unless it is a jump: then `target` is set.
#[derive(Clone, Debug)]
pub(crate) struct Instr {
    pub(crate) op: Opcode,
    pub(crate) a: Reg,
    pub(crate) b: Reg,
    pub(crate) c: Reg,
    pub(crate) number: u32,
    pub(crate) target: Option<Label>,
    /// Where an exception raised here continues.
    pub(crate) handler: Option<Label>,
    pub(crate) range: Option<TextRange>,
}

/// What leaving a block by `return`, `break` or `continue` must do.
#[derive(Clone)]
pub(crate) enum BlockKind<'a> {
    Loop {
        top: Label,
        end: Label,
    },
    /// The body of `try .. except`: nothing to do.
    Try,
    /// The body of `try .. finally`: run the `finally` body.
    Finally(&'a [Stmt]),
    /// A handler: forget the exception saved at `exception`, and the name it is bound to.
    Handler {
        exception: Reg,
        name: Option<&'a ast::Identifier>,
    },
    /// A `with` body: call `__exit__` of `window` with three Nones. A value to be kept moves to `keep`, below the window.
    With {
        window: Reg,
        keep: Reg,
        is_async: bool,
        range: TextRange,
    },
    /// An `except*` clause, which nothing may leave.
    ExceptStar,
}

#[derive(Clone)]
pub(crate) struct Block<'a> {
    pub(crate) kind: BlockKind<'a>,
    /// The handler in force around the block.
    pub(crate) outer: Option<Label>,
}

/// An annotation of a body, waiting for the `__annotate__` function.
#[derive(Clone, Copy)]
pub(crate) struct DeferredAnnotation<'a> {
    pub(crate) name: &'a Name,
    pub(crate) annotation: &'a Expr,
    pub(crate) range: TextRange,
    /// Its number in `__conditional_annotations__`, when it may not be reached.
    pub(crate) conditional: Option<u32>,
}

pub(crate) struct Unit<'a> {
    /// The scope whose frame this is.
    pub(crate) scope: ScopeId,
    pub(crate) kind: ScopeKind,
    pub(crate) name: Box<str>,
    pub(crate) qualname: Box<str>,
    pub(crate) first_line: u32,
    pub(crate) flags: u32,
    pub(crate) argument_count: u32,
    pub(crate) positional_only_count: u32,
    pub(crate) keyword_only_count: u32,
    pub(crate) docstring: Option<Box<str>>,

    pub(crate) locals: Vec<Local>,
    pub(crate) registers: FxHashMap<(ScopeId, SymbolId), Reg>,
    /// Registers of the closure's cells by name.
    pub(crate) free: FxHashMap<Name, Reg>,
    /// Cells a class body makes for its methods and annotation scopes: `__class__` and its kin.
    pub(crate) class_cells: FxHashMap<&'static str, Reg>,
    /// Locals that an expression may assign.
    pub(crate) walrus: FxHashSet<Reg>,
    pub(crate) parameter_count: u32,

    pub(crate) constants: ConstantTable,
    pub(crate) names: NameTable,
    pub(crate) instrs: Vec<Instr>,
    /// Position of each label: the number of the instruction it stands before.
    pub(crate) labels: Vec<usize>,

    pub(crate) top: Reg,
    pub(crate) register_count: Reg,
    pub(crate) handler: Option<Label>,
    /// A handler around the whole body, which needs no restored exception state.
    pub(crate) outermost_handler: Option<Label>,
    pub(crate) blocks: Vec<Block<'a>>,
    /// The scope names are looked up in: that of the frame, or an inlined comprehension's.
    pub(crate) naming: ScopeId,
    pub(crate) range: Option<TextRange>,
    /// Where all instructions are said to be instead: the call that is expanded.
    pub(crate) expanded_at: Option<TextRange>,
    /// Inside a statement whose body may not run.
    pub(crate) conditional: bool,
    pub(crate) annotations: Vec<DeferredAnnotation<'a>>,
    pub(crate) conditional_annotations: u32,
    /// Class bodies: attributes that methods assign through their first parameter.
    pub(crate) static_attributes: std::collections::BTreeSet<Box<str>>,
    /// The class whose name mangles private names.
    pub(crate) private: Option<Name>,

    /// What the checker knows about the nodes here.
    pub(crate) typed: Option<&'a TypedUnit>,
    pub(crate) typed_function: Option<&'a TypedFunction>,
    pub(crate) static_signature: Option<StaticSignature>,
    pub(crate) static_class: Option<StaticClass>,
    pub(crate) tables: Tables,
    pub(crate) raw: RawRegisters,
    /// Kind of each named register; missing ones are tagged.
    pub(crate) kinds: Vec<RegisterKind>,
}

impl Unit<'_> {
    pub(crate) fn named(&self) -> Reg {
        self.locals.len() as Reg
    }

    pub(crate) fn is_named(&self, register: Reg) -> bool {
        register < self.named()
    }

    pub(crate) fn add_local(&mut self, name: &str, kind: LocalKind) -> Reg {
        self.locals.push(Local { name: name.into(), kind });
        self.named() - 1
    }

    /// A fresh temporary at the top.
    pub(crate) fn alloc(&mut self) -> Reg {
        let register = self.top;
        self.reserve(register + 1);
        self.top = register + 1;
        register
    }

    /// `count` fresh temporaries in a row.
    pub(crate) fn alloc_run(&mut self, count: u32) -> Reg {
        let first = self.top;
        self.top += count;
        self.reserve(self.top);
        first
    }

    /// Makes registers below `end` part of the frame.
    pub(crate) fn reserve(&mut self, end: Reg) {
        self.register_count = self.register_count.max(end);
    }

    /// Drops the temporaries above `mark` and gives the register of the result: `dst`, or the one at the mark.
    pub(crate) fn finish(&mut self, mark: Reg, dst: Option<Reg>) -> Reg {
        self.top = mark;
        dst.unwrap_or_else(|| self.alloc())
    }

    pub(crate) fn label(&mut self) -> Label {
        self.labels.push(usize::MAX);
        Label(self.labels.len() as u32 - 1)
    }

    pub(crate) fn place(&mut self, label: Label) {
        self.labels[label.0 as usize] = self.instrs.len();
    }

    /// A new label, placed here.
    pub(crate) fn here(&mut self) -> Label {
        let label = self.label();
        self.place(label);
        label
    }

    fn push(&mut self, op: Opcode, registers: (Reg, Reg, Reg), number: u32, target: Option<Label>) {
        let (a, b, c) = registers;
        let range = self.expanded_at.or(self.range);
        self.instrs.push(Instr { op, a, b, c, number, target, handler: self.handler, range });
    }

    pub(crate) fn emit(&mut self, op: Opcode, a: Reg, b: Reg, c: Reg) {
        self.push(op, (a, b, c), 0, None);
    }

    /// With a number for `imm` or `ext`.
    pub(crate) fn emit_number(&mut self, op: Opcode, a: Reg, b: Reg, c: Reg, number: u32) {
        self.push(op, (a, b, c), number, None);
    }

    /// With a name for `imm` or `ext`.
    pub(crate) fn emit_name(&mut self, op: Opcode, a: Reg, b: Reg, c: Reg, name: &str) {
        let number = self.names.place(name);
        self.push(op, (a, b, c), number, None);
    }

    pub(crate) fn emit_jump(&mut self, op: Opcode, a: Reg, b: Reg, c: Reg, target: Label) {
        self.push(op, (a, b, c), 0, Some(target));
    }

    pub(crate) fn jump(&mut self, target: Label) {
        self.emit_jump(Opcode::JUMP, 0, 0, 0, target);
    }

    pub(crate) fn jump_back(&mut self, target: Label) {
        self.emit_jump(Opcode::JUMP_BACKWARD, 0, 0, 0, target);
    }

    pub(crate) fn jump_if(&mut self, register: Reg, when: bool, target: Label) {
        let op = if when { Opcode::JUMP_IF_TRUE } else { Opcode::JUMP_IF_FALSE };
        self.emit_jump(op, register, 0, 0, target);
    }

    pub(crate) fn load_constant(&mut self, dst: Reg, constant: Constant) {
        let place = self.constants.place(constant);
        self.emit_number(Opcode::LOAD_CONST, dst, 0, 0, place);
    }

    pub(crate) fn load_none(&mut self, dst: Reg) {
        self.load_constant(dst, Constant::None);
    }

    /// `dst = source`, when they differ.
    pub(crate) fn move_to(&mut self, dst: Reg, source: Reg) {
        if dst != source {
            self.emit(Opcode::MOVE, dst, source, 0);
        }
    }

    /// Whether an exception that leaves a handler here must find the state before that handler restored.
    pub(crate) fn needs_cleanup(&self) -> bool {
        self.handler.is_some() && self.handler != self.outermost_handler
    }
}
