//! The contract between the VM and the JIT.
//!
//! Problem: machine code and the interpreter share frames, objects and calls, but `cinder_vm` and `cinder_jit` do not know each other.
//! Idea: the VM resolves a function's facts into a [`CompileUnit`] of plain data (no live object is met while compiling), the JIT answers
//! with [`CompiledCode`]; `cinder_runtime` plugs a [`JitCompiler`] into the VM. Whatever machine code cannot do it hands to the helpers of
//! [`Helpers`]: execute one instruction, continue in the interpreter, raise.
//! Holds: machine code changes speed, never results; every word it touches is declared here or beside the struct it belongs to.
//!
//! # Frames
//!
//! A compiled function runs on the interpreter's register window. `fp` points at register 0; the [`frame`] header lies below it. The callee's
//! window of a call with base `b` begins at `fp + 8 * (b + FRAME_HEADER)`.
//!
//! The *caller* writes header words `CALLABLE` and `CALLER`; the *compiled callee's* prologue writes `CODE` ([`UnitFunction::code_word`]) and
//! clears `SAVED_IP`, `FRAME_OBJECT`, `NAMESPACE`, `HANDLED` and sets `FLAGS` to [`frame::COMPILED`] (OSR code only adds that bit). A callee without
//! observing calls writes nothing until it leaves or must collect ([`CompiledCode::writes_header`]). Registers are not cleared on entry: homes hold what earlier
//! calls left there until machine code stores them. Before it returns, a compiled frame whose `FRAME_OBJECT` is not 0 calls [`Helpers::detach`].
//!
//! Before every call that can run Python, collect or raise, machine code brings the frame up to date ("observing call"): named tagged locals
//! and the operands of the instruction are at home in the window (unbound ones as 0), `SAVED_IP` is the *word index* of the
//! instruction ([`frame::SAVED_IP`] of an interpreter frame may hold what the interpreter likes; `FLAGS & COMPILED` tells), and
//! [`JitVm::frame`] is the frame's `fp`. Inlined callees contain no observing calls, so their frames exist only in deoptimisation points.
//! Before a helper that may collect but runs no Python, only the header and `JitVm::frame` are right.
//! After the call machine code assumes registers at home unchanged, except the ones an executed instruction writes.
//! Temporaries that are not at home hold stale words; the collector scans windows conservatively up to the frame's register count and the native
//! stack as well, so values in machine registers are found.
//!
//! # Entries
//!
//! *Typed entry* (compiled code calls compiled code; System V):
//! `(vm, fp, arg0, arg1, ..) -> result` with tagged and integer arguments as 64-bit words and doubles in vector registers, one per
//! [`StaticSignature`](cinder_bytecode::StaticSignature) parameter. Results: tagged, one word, 0 = an exception is pending; integer `(word, status)` in `rax:rdx`; double `(xmm0, status in rax)`; status 0
//! = an exception is pending, else 1.
//! *Window entry* (the interpreter calls compiled code; OSR): `extern "C" fn(vm, fp) -> JitResult`. The arguments are at home in the signature's
//! representation (CHECK_ARGS has run or the caller was typed); the value comes back raw, as the register's 64 bits.
//!
//! Typed calls go through an [`EntryCell`]: `callable` is stored into the callee's header, `entry` is called. A cell's entry is never null: before the
//! callee is compiled (and after the function was replaced) it is [`JitCompiler::stub`] of its signature, which writes the arguments into the window and calls
//! [`Helpers::enter`].
//!
//! # Leaving
//!
//! A failed guard stores what is not at home and calls [`Helpers::deopt`] with the index of a [`DeoptPoint`]; the helper completes the frames
//! (boxes values, writes headers, clears `COMPILED`), continues in the interpreter, and returns the result *of the outermost frame of the point*, which machine code returns as its own.
//! For OSR code it may instead return status [`LEFT`] at once: the window entry passes that on to the interpreter that called it, which goes on with the frames
//! as `deopt` left them; so a loop that is left often does not nest interpreters.
//! An exception that a helper left pending leaves the same way with [`Resume::Raise`], so tracebacks and handlers are the interpreter's.
//!
//! # Assumptions
//!
//! Facts marked "while valid" are assumptions. When one breaks the VM clears the code's valid word ([`CompileRequest::valid`], 8 bytes, not 0 while valid) and takes the
//! entries out of use (cells back to stubs); running code notices after its next observing call and leaves.

use std::sync::Arc;

use cinder_bytecode::{CodeObject, FRAME_HEADER, FastKind, RegisterKind};

use crate::{VmAlloc, layout_struct};

/// Frame header: offsets in bytes from `fp`, the address of register 0.
pub mod frame {
    use super::FRAME_HEADER;

    const fn word(index: i32) -> i32 {
        (index - FRAME_HEADER as i32) * 8
    }

    /// The function object.
    pub const CALLABLE: i32 = word(0);
    /// The VM's private code pointer.
    pub const CODE: i32 = word(1);
    /// `fp` of the caller, or 0.
    pub const CALLER: i32 = word(2);
    /// Where the frame is; a word index in compiled frames.
    pub const SAVED_IP: i32 = word(3);
    /// Frame object, or 0.
    pub const FRAME_OBJECT: i32 = word(4);
    /// Namespace mapping, or 0.
    pub const NAMESPACE: i32 = word(5);
    pub const FLAGS: i32 = word(6);
    /// The exception being handled, or 0.
    pub const HANDLED: i32 = word(7);

    /// Bit of the flags word: machine code runs this frame, so `SAVED_IP` is the word index of the instruction it is at.
    pub const COMPILED: u64 = 1 << 32;
}

layout_struct! {
    /// What machine code reads and writes of the VM. The VM's struct is `#[repr(C)]` and starts with it; `vm` arguments point here.
    #[derive(Debug)]
    pub struct JitVm {
        /// The heap's bump cursors.
        pub alloc: *const VmAlloc => ALLOC_OFFSET,
        /// `fp` of the innermost frame, as of the last observing call.
        pub frame: *mut u64 => FRAME_OFFSET,
        /// Not 0: loops leave for the interpreter, which handles it (signals, lock requests, finalisers).
        pub interrupt: u64 => INTERRUPT_OFFSET,
        /// End of the VM stack: a window must end at or below it.
        pub stack_limit: *mut u64 => STACK_LIMIT_OFFSET,
        /// Lowest native stack pointer at which a compiled function may start; leave room for helpers.
        pub native_limit: usize => NATIVE_LIMIT_OFFSET,
        /// The method cache, [`METHOD_ENTRIES`] long.
        pub methods: *const MethodEntry => METHODS_OFFSET,
    }
}

layout_struct! {
    /// A virtual call met before: what receivers of one shape reach through one selector. The VM empties all entries when a class changes.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct MethodEntry {
        /// [`method_key`]; 0 in empty entries.
        pub key: u64 => KEY_OFFSET,
        /// Address of the [`EntryCell`].
        pub cell: u64 => CELL_OFFSET,
    }
}

/// Length of the method cache, a power of two.
pub const METHOD_ENTRIES: usize = 1 << 10;

/// Key of a virtual call. Shape 0 belongs to no object.
#[must_use]
pub const fn method_key(shape: u32, selector: u32) -> u64 {
    (selector as u64) << 32 | shape as u64
}

/// What is added to a shape to get its place (modulo [`METHOD_ENTRIES`]) for the selector.
#[must_use]
pub const fn method_place(selector: u32) -> u32 {
    selector.wrapping_mul(0x9e5)
}

layout_struct! {
    /// Where typed calls of one function find it. Owned by the VM, at a fixed address while any code mentions it; `callable` is a root.
    #[derive(Debug)]
    pub struct EntryCell {
        /// Typed entry, never null.
        pub entry: usize => ENTRY_OFFSET,
        /// Value bits of the function object.
        pub callable: u64 => CALLABLE_OFFSET,
    }
}

/// Two words in `rax:rdx`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct JitResult {
    /// Bits of the result: tagged value, integer or double as the signature says.
    pub value: u64,
    /// 0: an exception is pending. 1: `value` is the result.
    pub status: u64,
}

/// A double and a status, in `xmm0` and `rax`.
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(C)]
pub struct DoubleResult {
    pub value: f64,
    /// 0: an exception is pending.
    pub status: u64,
}

/// [`JitResult::status`] of OSR code that left: the caller goes on interpreting [`JitVm::frame`].
pub const LEFT: u64 = 2;

/// What [`Helpers::execute`] answers.
pub mod executed {
    /// An exception is pending; the destination is unchanged.
    pub const RAISED: u64 = 0;
    /// Go on with the next instruction.
    pub const NEXT: u64 = 1;
    /// Go on at the instruction's jump target.
    pub const JUMP: u64 = 2;
}

/// Addresses of the VM's helpers, all `extern "C"` and free of unwinding.
#[derive(Clone, Copy, Debug, Default)]
pub struct Helpers {
    /// `(vm, fp, word) -> u64` of [`executed`]. Executes the one instruction at word `word` of the frame `fp` on its window. Not for instructions that
    /// end a frame (RETURN_VALUE, RETURN_PRIMITIVE), suspend, raise or handle: those leave by `deopt`. Observing.
    pub execute: usize,
    /// `(vm, fp, code_id, point) -> JitResult`. See "Leaving". Observing.
    pub deopt: usize,
    /// `(vm, fp) -> JitResult`. Called by stubs: runs `CALLABLE` of the window `fp` with the arguments at home in the representation of its typed signature,
    /// in whatever way it can (interpreter, native); a replaced function gets them boxed and its result checked and unboxed. Observing.
    pub enter: usize,
    /// `(vm, fp)`. The frame returns and has a frame object: copy the registers out.
    pub detach: usize,
    /// `(vm, fp) -> u64` always 0: makes RecursionError pending because a limit was reached on entering the frame `fp`, whose header is complete.
    pub stack_overflow: usize,
    /// `(vm, object)`. The barrier's slow path: remembers the old object. Does not collect.
    pub log: usize,
    /// `(vm, object, address of the word)`. The same for an element, whose object may be large. Does not collect.
    pub log_slot: usize,
    /// `(vm, class: Value bits) -> u64` new instance with unset fields, 0 = exception. May collect, runs no Python.
    pub allocate: usize,
    /// `(vm, list, value) -> u64` appends to a list or checked list whose storage is full; 0 = exception. May collect, runs no Python.
    pub append: usize,
    /// `(vm, receiver, selector) -> u64` address of the [`EntryCell`] that a virtual call reaches, and an entry in the method cache for the next time; 0 when
    /// it must be left to `execute`. May collect, runs no Python.
    pub find_method: usize,
    /// `(vm, i64) -> u64` int object of a signed integer outside the immediate range. May collect.
    pub box_int: usize,
    /// `(vm, u64) -> u64` likewise unsigned. May collect.
    pub box_uint: usize,
    /// `(vm, f64) -> u64` float object of a double that is no immediate (zeros, NaN, extremes). May collect.
    pub box_double: usize,
    /// `(vm, value) -> DoubleResult` double of any float or int object; status 0 without a pending exception when it is neither or does not fit (machine code then leaves
    /// before the instruction). Pure.
    pub unbox_double: usize,
    /// `(vm, value) -> u64` truth of an object: 0 exception, 1 false, 2 true. Observing.
    pub truth: usize,
    /// `(f64, f64) -> f64` C's `pow` ([`crate::power::pow`]). Pure.
    pub pow: usize,
    /// `(f64, f64) -> f64` the C library's own. Pure.
    pub library_pow: usize,
    /// `(f64, f64) -> f64` Python's float remainder for a divisor that is not 0. Pure.
    pub float_mod: usize,
}

/// Where elements of a container lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SequenceFact {
    /// Guard: only objects of this shape. `None`: the static type proves the layout.
    pub shape: Option<u32>,
    pub length: LengthFact,
    /// Offset in the object of the pointer to the storage; `None` when the elements are in the object.
    pub items: Option<i32>,
    /// Offset of element 0 from the storage pointer, or from the object.
    pub first: i32,
    /// Whether the storage is a heap object of its own whose barrier covers the elements (else the container's own).
    pub barrier_on_storage: bool,
    /// Offset in the storage of the number of elements it has room for, 4 bytes: elements may be added and taken at the end by changing the length.
    pub capacity: Option<i32>,
}

/// Where a container's length lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LengthFact {
    /// In the storage, whose pointer may be null for an empty container; else in the object.
    pub in_storage: bool,
    pub offset: i32,
    /// 4 or 8.
    pub bytes: u8,
    /// The stored number is shifted left by this (1 when it is a tagged int, whose low bit falls out).
    pub shift: u8,
}

/// Layouts of the builtin containers; `None` leaves the operation to the interpreter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Containers {
    pub list: Option<SequenceFact>,
    pub checked_list: Option<SequenceFact>,
    pub tuple: Option<SequenceFact>,
    /// Elements at their primitive's natural size.
    pub array: Option<SequenceFact>,
    /// Only the length is used.
    pub str: Option<SequenceFact>,
    pub dict: Option<SequenceFact>,
    pub set: Option<SequenceFact>,
    pub range_iterator: Option<RangeIteratorFact>,
    pub list_iterator: Option<IndexIteratorFact>,
    pub tuple_iterator: Option<IndexIteratorFact>,
    pub namespace: Option<NamespaceFact>,
    /// Shape of heap floats; 0: unknown.
    pub float_shape: u32,
}

/// A range iterator: 64-bit numbers in the object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RangeIteratorFact {
    pub shape: u32,
    /// Offset of the next number, of what is added to it, and of how many are left.
    pub next: i32,
    pub step: i32,
    pub left: i32,
}

/// An iterator over a list or tuple.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IndexIteratorFact {
    pub shape: u32,
    /// Offset of the next index, 64 bits, not negative.
    pub index: i32,
    /// Offset of the sequence; the word is 0 once the iterator is exhausted.
    pub sequence: i32,
}

/// A dict that holds variables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NamespaceFact {
    /// Offset of the 32-bit version of its set of keys.
    pub version: i32,
    /// Offset of the pointer to the entries.
    pub entries: i32,
    /// Offset of entry 0's value from there, and bytes per entry.
    pub first: i32,
    pub bytes: i32,
}

/// What the interpreter met at an instruction. Machine code tests it again and leaves when it does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Met {
    /// Each operand is an immediate int or a float.
    Numbers {
        left_is_float: bool,
        right_is_float: bool,
    },
    /// A list or tuple is indexed by an immediate int.
    Items(FastKind),
    RangeIterator,
    /// An iterator over a list or tuple.
    IndexIterator(FastKind),
    /// The attribute is the word at `offset` of objects of one shape.
    Slot {
        shape: u32,
        offset: i32,
    },
    /// The variable is the value of entry `number` of a dict, as long as the keys of dicts have a version: the globals and, when it is found there, the builtins.
    Variable {
        globals: (u64, u32),
        builtins: Option<(u64, u32)>,
        number: u32,
    },
}

/// How a slot holds a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Slot {
    /// Value word; 0 = unset.
    Tagged,
    /// Integer of `bytes` (1, 2, 4 or 8), extended to 64 bits when loaded.
    Int {
        bytes: u8,
        signed: bool,
    },
    Double,
}

/// A resolved field of a static class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldFact {
    /// Bytes from the object's address (header included).
    pub offset: i32,
    pub slot: Slot,
    /// A tagged slot that cannot be unset: no check.
    pub always_set: bool,
}

/// How to make an instance inline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AllocationFact {
    /// The header word, [`Header::immediate`](crate::Header::immediate).
    pub header: u64,
    /// Index of the bump cursor.
    pub size_class: u8,
    /// Payload words; all become 0.
    pub words: u16,
}

/// A resolved type of [`CodeObject::types`].
#[derive(Clone, Debug, Default)]
pub struct TypeFact {
    /// Value bits of the class object; 0 when there is none.
    pub class: u64,
    /// `None`: not by bumping (`__del__`, large, native layout). While valid.
    pub allocation: Option<AllocationFact>,
    /// An instance made like that is an empty checked list.
    pub is_list: bool,
    /// CAST succeeds without more ado for heap objects of these shapes (at most a few; the interpreter decides the rest). While valid.
    pub cast_shapes: Vec<u32>,
    /// CAST accepts None.
    pub cast_none: bool,
    /// CAST accepts every immediate int (the type is `int` or wider).
    pub cast_int: bool,
    /// CAST accepts every immediate float, unchanged.
    pub cast_float: bool,
    /// CAST accepts everything.
    pub cast_any: bool,
}

/// A resolved function of [`CodeObject::functions`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallFact {
    pub target: CallTarget,
    /// The target is an assumption (a method nobody overrides, the methods of the shapes known today): to be used only while valid.
    pub assumed: bool,
    /// Index into [`CompileUnit::functions`] of the callee, when it may be inlined ([`CallTarget::Cell`] only). While valid.
    pub inline: Option<usize>,
    /// Number of the method and signature in the method cache, for receivers that [`CallTarget::Shapes`] does not list.
    pub selector: Option<u32>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CallTarget {
    /// Address of the one [`EntryCell`] that calls reach: a function, a final method or a method of a final class, or a method nobody overrides.
    Cell(u64),
    /// Methods by the receiver's shape, most likely first; receivers of other shapes are looked up by [`CallFact::selector`] or left to [`Helpers::execute`].
    Shapes(Vec<ShapeTarget>),
    /// The compiler's own: the address of the cell is the last argument.
    Found,
}

/// What a virtual call reaches for receivers of some shapes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShapeTarget {
    /// Ascending.
    pub shapes: Vec<u32>,
    /// Address of the [`EntryCell`].
    pub cell: u64,
    /// As [`CallFact::inline`].
    pub inline: Option<usize>,
}

/// A function with everything its code object leaves open. Tables run parallel to the code object's; `None` leaves instructions that need the entry to
/// [`Helpers::execute`].
#[derive(Clone, Debug)]
pub struct UnitFunction {
    pub code: Arc<CodeObject>,
    /// Header word `CODE`.
    pub code_word: u64,
    /// Value bits of the function object.
    pub callable: u64,
    /// Value bits per constant; 0 when there is none at hand.
    pub constants: Vec<u64>,
    pub types: Vec<TypeFact>,
    pub fields: Vec<Option<FieldFact>>,
    pub calls: Vec<Option<CallFact>>,
    /// What the interpreter met, by word of the instruction, ascending.
    pub met: Vec<(u32, Met)>,
}

/// Everything a compile reads. Values in it are kept alive by the VM as long as the unit or code made from it is.
#[derive(Clone, Debug, Default)]
pub struct CompileUnit {
    /// Entry 0 is compiled; the others may be inlined.
    pub functions: Vec<UnitFunction>,
    pub containers: Containers,
    pub helpers: Helpers,
}

/// One compile.
#[derive(Clone, Debug)]
pub struct CompileRequest {
    pub unit: CompileUnit,
    /// `Some(word)`: enter at the loop header that is the target of a JUMP_BACKWARD, with all registers at home.
    pub osr: Option<u32>,
    /// Passed back to [`Helpers::deopt`], so that the VM finds the deoptimisation points.
    pub code_id: u64,
    /// Address of the valid word; 0: there are no assumptions and facts "while valid" must not be used.
    pub valid: u64,
    /// Compile even what the interpreter runs as well.
    pub is_forced: bool,
    /// Earlier code for the same function or loop left too often: speculate less.
    pub is_retry: bool,
    /// Guards fail even when they hold (`CINDER_DEOPT=always`).
    pub deopt_always: bool,
}

/// Machine code, live until [`JitCompiler::release`].
#[derive(Clone, Debug)]
pub struct CompiledCode {
    pub window_entry: usize,
    /// 0 for OSR code.
    pub typed_entry: usize,
    pub points: Vec<DeoptPoint>,
    /// Bytes of the body.
    pub code_bytes: usize,
    /// Bytes of the window entry when it is not the body itself.
    pub wrapper_bytes: usize,
    /// Whether the prologue completes the frame header. Otherwise `deopt` does it (the caller has written `CALLABLE` and `CALLER`).
    pub writes_header: bool,
    /// Whether an assumption was used: only then the valid word is read.
    pub uses_valid: bool,
}

/// How the interpreter goes on at a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resume {
    /// Execute the instruction (again).
    Before,
    /// The instruction raised; the exception is pending.
    Raise,
}

/// The frames at a side exit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeoptPoint {
    pub resume: Resume,
    /// Outermost first; the last one resumes. Others are in the middle of the call at their word, whose result goes where that instruction says.
    pub frames: Vec<DeoptFrame>,
    /// Why the code leaves, for reports; a short fixed text.
    pub reason: &'static str,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeoptFrame {
    /// Index into [`CompileUnit::functions`].
    pub function: usize,
    /// Word index of the instruction.
    pub word: u32,
    /// Words from the outermost frame's register 0 to this frame's; 0 for the outermost. Headers of frames with an offset are for `deopt` to write completely.
    pub offset: u32,
    /// Registers that machine code left raw in the home of a tagged register; all others are right already.
    pub boxes: Vec<(u16, BoxKind)>,
}

/// How to make a value of a raw word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BoxKind {
    Int,
    Double,
    /// 0 or 1.
    Bool,
}

/// Why a function stays with the interpreter: normal, counted and shown in reports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CompileError {
    /// Word of the instruction that stands in the way, if it is one.
    pub word: Option<u32>,
    pub reason: String,
}

impl std::fmt::Display for CompileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.word {
            Some(word) => write!(f, "word {word}: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl std::error::Error for CompileError {}

/// A stage of the compiler that can be printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DumpStage<'name> {
    /// After the named pass, or the last one.
    Hir(Option<&'name str>),
    Clif,
    Asm,
}

/// Types of a typed entry: parameters in order, then the result.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct EntrySignature {
    pub parameters: Vec<RegisterKind>,
    pub result: RegisterKind,
}

/// A compiler the runtime plugs into the VM. Calls come under the VM's lock; machine code of others does not run meanwhile in this thread.
pub trait JitCompiler: Send + Sync {
    /// Compiles entry 0 of the unit.
    ///
    /// # Errors
    /// What the compiler does not do; the function then stays interpreted.
    fn compile(&self, request: &CompileRequest) -> Result<CompiledCode, CompileError>;

    /// Typed entry that forwards to [`Helpers::enter`]; made once per signature and kept. All calls give the same helpers.
    ///
    /// # Errors
    /// No executable memory.
    fn stub(&self, helpers: &Helpers, signature: &EntrySignature) -> Result<usize, CompileError>;

    /// Gives back the memory of code that no frame runs and no cell mentions.
    fn release(&self, code: CompiledCode);

    /// The text of a stage.
    ///
    /// # Errors
    /// As [`JitCompiler::compile`]; an unknown pass name.
    fn dump(&self, request: &CompileRequest, stage: DumpStage<'_>) -> Result<String, CompileError>;
}
