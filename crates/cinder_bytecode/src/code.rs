//! Code objects: what codegen makes and the VM runs.
//!
//! Problem: the two halves share code but no objects.
//! Idea: plain immutable data, position independent, comparable and hashable by content; constants are descriptions from which the VM
//! builds values once. CPython's attribute names (`co_*`) are derived from these fields.
//! Holds: after [`crate::verify`] accepts a code object the VM trusts every index in it.

use std::sync::Arc;

use num_bigint::BigInt;

use crate::lazy::LazyCode;

/// Words of a call window before the first argument. Word 0 is the callable; the VM keeps the frame record in the rest.
pub const FRAME_HEADER: u16 = 8;

/// What a register holds for the whole life of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum RegisterKind {
    #[default]
    Tagged,
    /// Raw 64-bit integer: every integer primitive, char, cbool.
    Int,
    /// Raw double.
    Double,
}

/// A constant, described.
#[derive(Clone, Debug)]
pub enum Constant {
    None,
    True,
    False,
    Ellipsis,
    Int(BigInt),
    Float(f64),
    Complex(f64, f64),
    Str(Box<str>),
    /// A string with lone surrogates, as code points.
    Surrogates(Box<[u32]>),
    Bytes(Box<[u8]>),
    Tuple(Box<[Constant]>),
    FrozenSet(Box<[Constant]>),
    Slice(Box<[Constant; 3]>),
    Code(LazyCode),
}

/// By content; floats by their bits, so that 0.0 and -0.0 differ and a NaN equals itself.
impl PartialEq for Constant {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Constant::None, Constant::None)
            | (Constant::True, Constant::True)
            | (Constant::False, Constant::False)
            | (Constant::Ellipsis, Constant::Ellipsis) => true,
            (Constant::Int(a), Constant::Int(b)) => a == b,
            (Constant::Float(a), Constant::Float(b)) => a.to_bits() == b.to_bits(),
            (Constant::Complex(a, b), Constant::Complex(c, d)) => {
                a.to_bits() == c.to_bits() && b.to_bits() == d.to_bits()
            }
            (Constant::Str(a), Constant::Str(b)) => a == b,
            (Constant::Surrogates(a), Constant::Surrogates(b)) => a == b,
            (Constant::Bytes(a), Constant::Bytes(b)) => a == b,
            (Constant::Tuple(a), Constant::Tuple(b)) | (Constant::FrozenSet(a), Constant::FrozenSet(b)) => a == b,
            (Constant::Slice(a), Constant::Slice(b)) => a == b,
            (Constant::Code(a), Constant::Code(b)) => Arc::ptr_eq(a, b) || **a == **b,
            _ => false,
        }
    }
}

impl Eq for Constant {}

/// Levels of constants inside constants and code inside code that verify; whatever walks a verified code object may recurse.
pub const NESTING_LIMIT: usize = 200;

/// Instructions `start..end` (word indices) are covered; an exception there continues at `target`, whose first instruction is PUSH_EXC.
/// Entries are in search order: the first entry that covers the instruction wins, so inner ranges come first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ExceptionEntry {
    pub start: u32,
    pub end: u32,
    pub target: u32,
}

/// Source place of the instructions from word `start` up to the next entry's. Lines count from 1, columns are UTF-8 byte offsets from 0 (as
/// CPython's positions); line 0 says "no place" (artificial code).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LineEntry {
    pub start: u32,
    pub line: u32,
    pub end_line: u32,
    pub column: u32,
    pub end_column: u32,
}

/// How a named register is used, as CPython's localspluskinds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LocalKind {
    /// An ordinary local.
    Local,
    /// The register holds a cell made by MAKE_CELL (a parameter too, once its MAKE_CELL has run).
    Cell,
    /// The register holds a cell of the closure.
    Free,
    /// A local of an inlined comprehension or another name `locals()` does not show.
    Hidden,
}

/// A named register; its index in [`CodeObject::locals`] is the register number.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Local {
    pub name: Box<str>,
    pub kind: LocalKind,
}

/// `co_flags` bits, CPython's numbers, plus ours above bit 24.
pub mod flags {
    pub const OPTIMIZED: u32 = 0x1;
    pub const NEWLOCALS: u32 = 0x2;
    pub const VARARGS: u32 = 0x4;
    pub const VARKEYWORDS: u32 = 0x8;
    pub const NESTED: u32 = 0x10;
    pub const GENERATOR: u32 = 0x20;
    pub const COROUTINE: u32 = 0x80;
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    pub const ASYNC_GENERATOR: u32 = 0x200;
    pub const FUTURE_ANNOTATIONS: u32 = 0x100_0000;
    pub const HAS_DOCSTRING: u32 = 0x400_0000;
    pub const METHOD: u32 = 0x800_0000;
    /// Static Python function: its first instruction is CHECK_ARGS and `static_signature` is given.
    pub const STATIC: u32 = 0x1000_0000;
    /// Module body of a static module.
    pub const STATIC_MODULE: u32 = 0x2000_0000;
    /// Beside [`STATIC_MODULE`], of a module that never asked to be one: it stays open, and so do its classes.
    pub const OPEN_MODULE: u32 = 0x4000_0000;
}

/// Bits of MAKE_FUNCTION's operand c.
pub mod function_flags {
    pub const DEFAULTS: u16 = 1;
    pub const KWDEFAULTS: u16 = 2;
    pub const ANNOTATE: u16 = 4;
    pub const CLOSURE: u16 = 8;
}

/// A type as the class loader resolves it (specification section 15: type descriptors).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TypeDescr {
    /// No check.
    Dynamic,
    None,
    Primitive(crate::Primitive),
    /// `module.qualname`, with type arguments for reified generics (CheckedDict, CheckedList, Array, StaticGeneric).
    Class {
        module: Box<str>,
        qualname: Box<str>,
        args: Box<[TypeDescr]>,
        exact: bool,
    },
    /// One int, or one bool (as 0 or 1), and nothing that is equal to it. Only casts ask for it.
    Literal {
        value: i64,
        is_bool: bool,
    },
    /// The type or None.
    Optional(Box<TypeDescr>),
    /// One of several (checkable only as `float | int` and the like).
    Union(Box<[TypeDescr]>),
    /// What a coroutine function gives: whoever awaits it relies on a result of this type. Only results of functions have it; a value is not checked,
    /// what awaiting it gives is.
    Awaitable(Box<TypeDescr>),
}

/// A typed field of a static class.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FieldDescr {
    /// Index into [`CodeObject::types`] of the class that declares the field or a subclass of it.
    pub class: u32,
    pub name: Box<str>,
    /// Index into [`CodeObject::types`] of the field's type.
    pub field_type: u32,
}

/// A static function or method that typed code calls.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FunctionDescr {
    pub module: Box<str>,
    /// `f`, or `C.m` for a method.
    pub qualname: Box<str>,
    /// For INVOKE_METHOD: index into types of the receiver's static class.
    pub class: Option<u32>,
    pub signature: StaticSignature,
}

/// Representation of a static function's parameters and result.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StaticSignature {
    /// One entry per positional and keyword-only parameter in register order (not `*args`, `**kwargs`): index into types.
    pub parameters: Box<[u32]>,
    pub result: u32,
}

/// A typed slot of a static class, for the class body's code object.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SlotDescr {
    pub name: Box<str>,
    /// Index into types.
    pub slot_type: u32,
    /// Declared Final, or a slot that may not be reassigned after `__init__`.
    pub is_final: bool,
}

/// Layout facts of a static class, carried by the code object of its body and read by the class loader when the class is made.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct StaticClass {
    /// The class's own typed slots in layout order (inherited ones come before them).
    pub slots: Box<[SlotDescr]>,
    pub is_final: bool,
    /// Methods that may not be overridden.
    pub final_methods: Box<[Box<str>]>,
}

/// One code object: module, class body, function, lambda, comprehension or annotation scope.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CodeObject {
    pub name: Box<str>,
    pub qualname: Box<str>,
    pub filename: Arc<str>,
    /// Line of the definition, its first decorator included; 1-based.
    pub first_line: u32,
    /// Bits of [`flags`].
    pub flags: u32,
    /// Positional parameters, positional-only ones included.
    pub argument_count: u32,
    pub positional_only_count: u32,
    pub keyword_only_count: u32,
    /// Registers 0.. in order: positional parameters, keyword-only, `*args`, `**kwargs`, other locals, cells, free variables.
    pub locals: Vec<Local>,
    /// Registers in all, call windows' headers and arguments included.
    pub register_count: u32,
    /// Kind per register; shorter than `register_count` means the rest is tagged. Unlike parameters of a static function, all
    /// other tagged registers start unbound and raw ones at zero.
    pub register_kinds: Vec<RegisterKind>,
    pub constants: Vec<Constant>,
    pub names: Vec<Box<str>>,
    /// Words; see [`crate::Instruction`].
    pub instructions: Vec<u64>,
    /// Number of cache sites.
    pub site_count: u32,
    pub exceptions: Vec<ExceptionEntry>,
    pub lines: Vec<LineEntry>,
    pub types: Vec<TypeDescr>,
    pub fields: Vec<FieldDescr>,
    pub functions: Vec<FunctionDescr>,
    pub static_signature: Option<StaticSignature>,
    pub static_class: Option<StaticClass>,
    /// The docstring is constants[0] when [`flags::HAS_DOCSTRING`] is set.
    pub docstring: Option<Box<str>>,
}

impl CodeObject {
    /// Kind of register `register`.
    #[must_use]
    pub fn register_kind(&self, register: u16) -> RegisterKind {
        self.register_kinds.get(usize::from(register)).copied().unwrap_or_default()
    }

    /// Parameters in all: positional, keyword-only, and one each for `*args` and `**kwargs`.
    #[must_use]
    pub fn parameter_count(&self) -> u32 {
        self.argument_count
            + self.keyword_only_count
            + u32::from(self.flags & flags::VARARGS != 0)
            + u32::from(self.flags & flags::VARKEYWORDS != 0)
    }

    /// Source place of the instruction at word `index`.
    #[must_use]
    pub fn place(&self, index: u32) -> Option<&LineEntry> {
        let after = self.lines.partition_point(|entry| entry.start <= index);
        after.checked_sub(1).map(|at| &self.lines[at]).filter(|entry| entry.line != 0)
    }

    /// Where an exception raised by the instruction at word `index` continues.
    #[must_use]
    pub fn handler(&self, index: u32) -> Option<u32> {
        self.exceptions.iter().find(|entry| entry.start <= index && index < entry.end).map(|entry| entry.target)
    }
}
