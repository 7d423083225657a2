//! The table of HIR operations.
//!
//! Problem: builder, passes, printer, parser, verifier and lowering must agree on every operation's shape and effects.
//! Idea: one row per operation; consumers ask [`Op::info`].
//! Holds: an operation without effects may be moved, merged or dropped; one that only guards may be dropped where an equal one dominates.

use super::{Kinds, Type};

/// Bits of an operation's effects.
pub(crate) mod effect {
    /// Reads mutable memory of the heap.
    pub(crate) const READS: u8 = 1;
    /// Writes memory of the heap.
    pub(crate) const WRITES: u8 = 2;
    /// May leave for the interpreter; has a frame state.
    pub(crate) const GUARDS: u8 = 4;
    /// May run Python code, collect or raise; sees and changes all memory; has a frame state.
    pub(crate) const OBSERVES: u8 = 8;
    /// Ends a block.
    pub(crate) const ENDS: u8 = 16;
    /// May allocate (but runs nothing): may be merged and dropped, not moved across what looks at the heap's size.
    pub(crate) const ALLOCATES: u8 = 32;
    /// Reads the frame's window.
    pub(crate) const HOME: u8 = 64;
}

use effect::{ALLOCATES, ENDS, GUARDS, HOME, OBSERVES, READS, WRITES};

/// Result of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Produces {
    Nothing,
    Int,
    Double,
    Tagged(Kinds),
    /// The inst says (calls, loads, homes).
    Given,
    /// Type of argument 0 without UNBOUND.
    Bound,
}

/// Arguments' representations, by letter: `i` integer, `d` double, `t` tagged, `a` any, `*` any number of any.
pub(crate) struct OpInfo {
    pub(crate) name: &'static str,
    pub(crate) args: &'static str,
    pub(crate) produces: Produces,
    pub(crate) effects: u8,
    /// Whether `imm` means something.
    pub(crate) imm: bool,
}

macro_rules! ops {
    ($($(#[$meta:meta])* $name:ident $args:literal $produces:expr, $effects:expr, $imm:literal;)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub(crate) enum Op { $($(#[$meta])* $name,)* }

        static INFO: &[OpInfo] = &[$(OpInfo {
            name: stringify!($name), args: $args, produces: $produces, effects: $effects, imm: $imm,
        },)*];

        #[cfg(test)]
        pub(crate) const ALL: &[Op] = &[$(Op::$name,)*];
    };
}

const fn tagged(kinds: Kinds) -> Produces {
    Produces::Tagged(kinds)
}

const ANY_INT: Kinds = Kinds::INT.union(Kinds::BIG);
const ANY_FLOAT: Kinds = Kinds::FLONUM.union(Kinds::FLOAT);

ops! {
    /// imm is the number.
    ConstInt "" Produces::Int, 0, true;
    /// imm is the bits.
    ConstDouble "" Produces::Double, 0, true;
    /// imm is the value's bits; 0 is unbound.
    ConstTagged "" Produces::Given, 0, true;
    AddInt "ii" Produces::Int, 0, false;
    SubInt "ii" Produces::Int, 0, false;
    MulInt "ii" Produces::Int, 0, false;
    AndInt "ii" Produces::Int, 0, false;
    OrInt "ii" Produces::Int, 0, false;
    XorInt "ii" Produces::Int, 0, false;
    /// 0 when the count is outside 0..64.
    ShlInt "ii" Produces::Int, 0, false;
    /// The sign when the count is outside 0..64.
    ShrInt "ii" Produces::Int, 0, false;
    /// 0 when the count is outside 0..64.
    ShrUint "ii" Produces::Int, 0, false;
    NegInt "i" Produces::Int, 0, false;
    InvertInt "i" Produces::Int, 0, false;
    /// 1 for 0, else 0.
    NotInt "i" Produces::Int, 0, false;
    /// Wraps to the primitive with number imm.
    ConvertInt "i" Produces::Int, 0, true;
    /// imm is the CompareOp.
    CmpInt "ii" Produces::Int, 0, true;
    CmpUint "ii" Produces::Int, 0, true;
    CmpDouble "dd" Produces::Int, 0, true;
    /// Leave when the divisor is 0.
    DivInt "ii" Produces::Int, GUARDS, false;
    ModInt "ii" Produces::Int, GUARDS, false;
    DivUint "ii" Produces::Int, GUARDS, false;
    ModUint "ii" Produces::Int, GUARDS, false;
    AddDouble "dd" Produces::Double, 0, false;
    SubDouble "dd" Produces::Double, 0, false;
    MulDouble "dd" Produces::Double, 0, false;
    /// Leaves when the divisor is 0.
    DivDouble "dd" Produces::Double, GUARDS, false;
    ModDouble "dd" Produces::Double, GUARDS, false;
    NegDouble "d" Produces::Double, 0, false;
    PowDouble "dd" Produces::Double, 0, false;
    IntToDouble "i" Produces::Double, 0, false;
    UintToDouble "i" Produces::Double, 0, false;
    /// Truncates to the primitive imm, saturating; NaN is 0.
    DoubleToInt "d" Produces::Int, 0, true;
    /// imm is the integer primitive.
    BoxInt "i" tagged(ANY_INT), ALLOCATES, true;
    BoxBool "i" tagged(Kinds::BOOL), 0, false;
    BoxDouble "d" tagged(ANY_FLOAT), ALLOCATES, false;
    /// Leaves when the object is no immediate int in the range of primitive imm.
    UnboxInt "t" Produces::Int, GUARDS, true;
    /// Raw 0 or 1 of a bool; leaves for other objects.
    UnboxBool "t" Produces::Int, GUARDS, false;
    /// Leaves when the object is neither float nor int.
    UnboxDouble "t" Produces::Double, GUARDS, false;
    /// 1 when the word equals imm.
    IsWord "t" Produces::Int, 0, true;
    /// 1 when the words are equal.
    SameWord "tt" Produces::Int, 0, false;
    /// 1 when both are immediate ints.
    BothInts "tt" Produces::Int, 0, false;
    /// Double of a float of either form (its kinds say that it is one).
    DoubleOf "t" Produces::Double, 0, false;
    /// Number of an immediate int (the caller has tested).
    IntOf "t" Produces::Int, 0, false;
    /// 1 when the number fits an immediate int.
    FitsInt "i" Produces::Int, 0, false;
    /// Immediate int of a number that fits (the caller has tested).
    MakeInt "i" tagged(Kinds::INT), 0, false;
    /// 1 when the object is an instance of type fact imm by a cheap test.
    CastTest "t" Produces::Int, READS, true;
    /// Truth of an object.
    Truth "t" Produces::Int, OBSERVES, false;
    /// Leaves when the word is 0.
    CheckBound "t" Produces::Bound, GUARDS, false;
    /// Leaves when the number is 0.
    Guard "i" Produces::Nothing, GUARDS, false;
    /// The value, which is an immediate int; leaves when it is not.
    GuardInt "t" tagged(Kinds::INT), GUARDS, false;
    /// The value, which is a float of either form; leaves when it is not. imm is the shape of heap floats.
    GuardFloat "t" tagged(ANY_FLOAT), GUARDS, true;
    /// Product of numbers of immediate ints; leaves when it is none.
    MulSmall "ii" Produces::Int, GUARDS, false;
    /// Python's quotient and remainder; leave when the divisor is 0.
    FloorDivInt "ii" Produces::Int, GUARDS, false;
    FloorModInt "ii" Produces::Int, GUARDS, false;
    /// Leaves when the heap object's shape is not imm.
    GuardShape "t" Produces::Nothing, GUARDS | READS, true;
    /// Shape of a heap object, 0 of an immediate.
    LoadShape "t" Produces::Int, READS, false;
    /// Address of the entry cell that receivers like the argument have for selector imm, 0 when there is none.
    FindMethod "t" Produces::Int, READS | ALLOCATES, true;
    /// imm is the offset.
    LoadField "t" Produces::Given, READS, true;
    StoreField "ta" Produces::Nothing, WRITES, true;
    /// Length of a container of FastKind imm.
    Length "t" Produces::Int, READS, true;
    /// Index made positive; leaves when it is outside the length.
    CheckIndex "ii" Produces::Int, GUARDS, false;
    /// Element of a container of FastKind imm.
    LoadItem "ti" Produces::Given, READS, true;
    StoreItem "tia" Produces::Nothing, WRITES, true;
    /// Appends to a list of FastKind imm. Leaves with MemoryError.
    AppendItem "tt" Produces::Nothing, WRITES | GUARDS | ALLOCATES, true;
    /// Takes the last element of a list of FastKind imm; leaves when there is none.
    PopItem "t" tagged(Kinds::BOUND), READS | WRITES | GUARDS, true;
    /// New instance, entry imm of the allocations. Leaves with MemoryError.
    New "" tagged(Kinds::OBJECT), GUARDS | ALLOCATES, true;
    /// Typed call, entry imm of the calls.
    Call "*" Produces::Given, OBSERVES, true;
    /// Executes the state's instruction in the interpreter on the frame's window; the result is NEXT or JUMP.
    Exec "*" Produces::Int, OBSERVES, false;
    /// The word in register imm of the state's frame after Exec.
    LoadHome "" Produces::Given, HOME, true;
    /// Leaves when the VM wants to interrupt a loop.
    Safepoint "" Produces::Nothing, GUARDS, false;
    /// Leaves when an assumption broke.
    CheckValid "" Produces::Nothing, GUARDS, false;
    Jump "" Produces::Nothing, ENDS, false;
    Branch "i" Produces::Nothing, ENDS, false;
    Return "a" Produces::Nothing, ENDS, false;
    /// Leaves for good.
    Leave "" Produces::Nothing, ENDS | GUARDS, false;
}

impl Op {
    pub(crate) fn info(self) -> &'static OpInfo {
        &INFO[self as usize]
    }

    pub(crate) fn has(self, effects: u8) -> bool {
        self.info().effects & effects != 0
    }

    /// May be dropped when the result is unused.
    pub(crate) fn is_droppable(self) -> bool {
        self.info().effects & !(READS | ALLOCATES | HOME) == 0
    }

    pub(crate) fn needs_state(self) -> bool {
        self.has(GUARDS | OBSERVES)
    }

    /// Type of the result, when the row gives it.
    pub(crate) fn result_type(self, first: Option<Type>) -> Option<Type> {
        match self.info().produces {
            Produces::Nothing | Produces::Given => None,
            Produces::Int => Some(Type::Int),
            Produces::Double => Some(Type::Double),
            Produces::Tagged(kinds) => Some(Type::Tagged(kinds)),
            Produces::Bound => first.map(|first| Type::Tagged(first.kinds().without(Kinds::UNBOUND))),
        }
    }

    #[cfg(test)]
    pub(crate) fn from_name(name: &str) -> Option<Op> {
        ALL.iter().copied().find(|op| op.info().name == name)
    }
}
