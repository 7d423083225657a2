//! Module bodies and functions as instructions for the abstract machine.
//!
//! Problem: evaluation needs generators that stop in the middle, `finally` on every way out, and code that outlives the tree it came
//! from (a function is called by another module, in another query).
//! Idea: a small stack code. Positions are relative to the piece of the file ([`Piece`]) the code was lowered from, so moving a function
//! changes nothing; code is a plain value, shared and compared.
//! Holds: every instruction knows how many values it takes and leaves ([`Op::effect`]), so that the machine can go on after a violation.

use std::sync::{Arc, LazyLock};

use cinder_db::File;
use cinder_syntax::ast::{CmpOp, Operator, UnaryOp};
use cinder_text::TextRange;

use crate::value::Value;

/// An identifier. Private names are stored mangled.
pub(crate) type Name = Arc<str>;

/// What offsets count in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Piece {
    /// The file's item tree.
    Module(File),
    /// A function of the file, by its place among the file's functions.
    Function(File, u32),
    /// A bundled model, by its place in the table of models.
    Model(u32),
    /// Text given to `exec` or `eval`; positions are those of the call instead.
    Text,
}

/// A place in a piece of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Span {
    pub(crate) piece: Piece,
    pub(crate) range: TextRange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeKind {
    Module,
    Class,
    Function,
    /// The body of a deferred annotation: one dictionary.
    Annotations,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Code {
    pub(crate) name: Name,
    pub(crate) qualname: Name,
    pub(crate) kind: CodeKind,
    pub(crate) piece: Piece,
    pub(crate) params: Arc<Params>,
    pub(crate) is_generator: bool,
    pub(crate) is_async: bool,
    pub(crate) ops: Vec<Op>,
    /// One per instruction.
    pub(crate) spans: Vec<TextRange>,
    /// Names of the local slots; parameters come first.
    pub(crate) locals: Vec<Name>,
    /// Cells the frame makes: the name, and the parameter slot it starts from.
    pub(crate) cells: Vec<(Name, Option<u16>)>,
    /// Cells the frame is given, numbered after its own.
    pub(crate) free: Vec<Name>,
    pub(crate) loops: u16,
    pub(crate) doc: Option<Arc<str>>,
}

/// The signature as a call sees it. Slots are numbered in this order: positional, keyword-only, `*args`, `**kwargs`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Params {
    pub(crate) positional: Vec<Name>,
    pub(crate) positional_only: usize,
    pub(crate) keyword_only: Vec<Name>,
    pub(crate) rest: Option<Name>,
    pub(crate) keywords: Option<Name>,
}

impl Params {
    pub(crate) fn slots(&self) -> impl Iterator<Item = &Name> {
        self.positional.iter().chain(&self.keyword_only).chain(&self.rest).chain(&self.keywords)
    }
}

/// Where a new function finds a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Captured(pub(crate) u16);

/// The code of a function: at hand, or to be asked for when it is called.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Here(Arc<Code>),
    /// By its place among the file's functions. What is known without reading the body stands beside it.
    Item {
        file: File,
        index: u32,
        params: Arc<Params>,
        is_generator: bool,
        is_async: bool,
    },
    /// What gives the annotations of such a function.
    Annotations {
        file: File,
        index: u32,
    },
}

impl Body {
    pub(crate) fn params(&self) -> &Arc<Params> {
        static NONE: LazyLock<Arc<Params>> = LazyLock::new(Arc::default);
        match self {
            Body::Here(code) => &code.params,
            Body::Item { params, .. } => params,
            Body::Annotations { .. } => &NONE,
        }
    }

    pub(crate) fn is_async(&self) -> bool {
        match self {
            Body::Here(code) => code.is_async,
            Body::Item { is_async, .. } => *is_async,
            Body::Annotations { .. } => false,
        }
    }

    pub(crate) fn is_generator(&self) -> bool {
        match self {
            Body::Here(code) => code.is_generator,
            Body::Item { is_generator, .. } => *is_generator,
            Body::Annotations { .. } => false,
        }
    }
}

/// How to make a function: what it takes from the stack and from the frame.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FunctionSpec {
    pub(crate) name: Name,
    pub(crate) qualname: Name,
    pub(crate) body: Body,
    /// Defaults on the stack, below the keyword-only ones.
    pub(crate) defaults: usize,
    pub(crate) keyword_defaults: Vec<Name>,
    pub(crate) captured: Vec<Captured>,
    /// The deferred annotations.
    pub(crate) annotations: Option<Arc<FunctionSpec>>,
    /// An annotations dictionary lies on top of the stack (language versions before 3.14).
    pub(crate) eager_annotations: bool,
    /// Whether names are looked for in the class body's namespace first.
    pub(crate) sees_class: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClassSpec {
    pub(crate) name: Name,
    pub(crate) body: FunctionSpec,
}

/// A pattern; values it compares with were put on the stack in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pattern {
    /// Compares with the value of this number.
    Value(usize),
    Singleton(Value),
    Sequence(Vec<Pattern>),
    /// Keys by number, patterns, and where the rest goes.
    Mapping(Vec<usize>, Vec<Pattern>, Option<usize>),
    /// Class by number, positional patterns, keyword patterns.
    Class(usize, Vec<Pattern>, Vec<(Name, Pattern)>),
    Star(Option<usize>),
    /// Binds capture of this number.
    Bind(Option<Box<Pattern>>, Option<usize>),
    Or(Vec<Pattern>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ImportSpec {
    /// As written.
    pub(crate) module: Name,
    pub(crate) level: u32,
    pub(crate) name: Option<Name>,
    pub(crate) alias: Option<Name>,
    /// At module level, where a name is looked for only when it is read.
    pub(crate) is_lazy: bool,
    /// Inside a `try` that handles a failing import.
    pub(crate) is_guarded: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Op {
    Const(Value),
    Pop,
    Dup,
    Dup2,
    /// Exchanges the two upper values.
    Swap,
    /// Moves the top value below the two beneath it.
    Sink3,
    LoadFast(u16),
    StoreFast(u16),
    DeleteFast(u16),
    LoadCell(u16),
    StoreCell(u16),
    DeleteCell(u16),
    /// Replaces an own cell by an empty one.
    FreshCell(u16),
    /// The namespace first, then the cell.
    LoadClassCell(u16, Name),
    LoadGlobal(Name),
    StoreGlobal(Name),
    DeleteGlobal(Name),
    LoadName(Name),
    StoreName(Name),
    DeleteName(Name),
    /// `__class__`.
    LoadClass,
    NewTypeVar(Name, u8),
    LoadAttr(Name),
    StoreAttr(Name),
    DeleteAttr(Name),
    /// For a call that follows: leaves the function and its receiver, or what the attribute is and `NotImplemented`, so that no bound method
    /// is made.
    LoadMethod(Name),
    LoadItem,
    StoreItem,
    DeleteItem,
    Binary(Operator),
    InPlace(Operator),
    Unary(UnaryOp),
    Compare(CmpOp),
    Tuple(u32),
    List(u32),
    Set(u32),
    Dict(u32),
    /// These take the top value (or pair) into the container that many places below it.
    ListAppend(u16),
    SetAdd(u16),
    DictPut(u16),
    ListExtend(u16),
    SetUpdate(u16),
    DictMerge(u16),
    /// As `DictMerge`, for keyword arguments: repeated keys are errors, keys are strings.
    KeywordMerge(u16),
    ListToTuple,
    Slice(u8),
    Format {
        conversion: u8,
        has_spec: bool,
    },
    Join(u32),
    /// A template string: as many strings and interpolations.
    Template(u32),
    Call {
        count: u32,
        names: Option<Arc<[Name]>>,
    },
    /// As `Call`, for what `LoadMethod` left.
    CallMethod {
        count: u32,
        names: Option<Arc<[Name]>>,
    },
    /// Callee, list of arguments, dictionary of keywords.
    CallSpread,
    Function(Arc<FunctionSpec>),
    /// Bases tuple, keywords dictionary.
    Class(Arc<ClassSpec>),
    /// Makes a type alias of the deferred value.
    TypeAlias(Name, Arc<FunctionSpec>),
    Annotations(Arc<FunctionSpec>),
    Jump(u32),
    /// Takes a truth value; `unknown` is where an undecidable test goes on.
    JumpIf {
        on: bool,
        target: u32,
        unknown: u32,
    },
    /// A condition of a comprehension whose container lies so many places below the top, zero for generators: jumps when it does not hold.
    Filter {
        target: u32,
        depth: u16,
    },
    /// `and`, `or`: jumps and keeps the value, or drops it.
    JumpIfOrPop {
        on: bool,
        target: u32,
    },
    GetIter,
    ForIter(u32),
    Unpack(u32),
    UnpackRest(u32, u32),
    SetupExcept(u32),
    SetupWith(u32),
    PopBlock,
    /// Ends a handler.
    PopExcept,
    /// Takes the type, leaves the exception; jumps when it does not match.
    MatchExcept {
        target: u32,
        is_star: bool,
    },
    Raise(u8),
    Reraise,
    WithEnter,
    WithExit,
    /// With the exception on top; jumps when it was swallowed.
    WithExcept(u32),
    Import(Arc<ImportSpec>),
    ImportFrom(Arc<ImportSpec>),
    ImportStar(Arc<ImportSpec>),
    LoopStart(u16),
    /// Counts a round of a `while`; goes to the end when there were too many.
    LoopTick(u16, u32),
    Return,
    Yield,
    YieldFrom,
    Await,
    /// Takes the subject and the values; leaves the captures and a truth value. The last number is how many captures there are.
    Match(Arc<Pattern>, u32, u32),
    /// Reports that the language construct is not evaluated.
    Unsupported(&'static str),
}

impl Op {
    /// How many values are taken and left.
    pub(crate) fn effect(&self) -> (usize, usize) {
        match self {
            Op::Const(_) | Op::LoadFast(_) | Op::LoadCell(_) | Op::LoadClassCell(..) => (0, 1),
            Op::LoadGlobal(_) | Op::LoadName(_) | Op::LoadClass | Op::NewTypeVar(..) => (0, 1),
            Op::Import(_) | Op::ImportFrom(_) | Op::TypeAlias(..) => (0, 1),
            Op::Pop | Op::StoreFast(_) | Op::StoreCell(_) | Op::StoreGlobal(_) | Op::StoreName(_) => (1, 0),
            Op::DeleteAttr(_) | Op::Return | Op::JumpIf { .. } | Op::Filter { .. } | Op::MatchExcept { .. } => (1, 0),
            Op::ListAppend(_) | Op::SetAdd(_) | Op::ListExtend(_) | Op::SetUpdate(_) => (1, 0),
            Op::DictMerge(_) | Op::KeywordMerge(_) | Op::WithExit | Op::PopExcept => (1, 0),
            Op::Dup | Op::LoadMethod(_) => (1, 2),
            Op::Dup2 => (2, 4),
            Op::Swap => (2, 2),
            Op::Sink3 => (3, 3),
            Op::LoadAttr(_) | Op::Unary(_) | Op::ListToTuple | Op::GetIter => (1, 1),
            Op::YieldFrom => (2, 1),
            Op::Yield | Op::Await => (1, 1),
            Op::StoreAttr(_) | Op::DeleteItem | Op::DictPut(_) => (2, 0),
            Op::LoadItem | Op::Binary(_) | Op::InPlace(_) | Op::Compare(_) => (2, 1),
            Op::Class(_) => (2, 1),
            Op::StoreItem => (3, 0),
            Op::Tuple(len) | Op::List(len) | Op::Set(len) | Op::Join(len) | Op::Template(len) => (*len as usize, 1),
            Op::Dict(len) => (2 * *len as usize, 1),
            Op::Slice(len) => (*len as usize, 1),
            Op::Format { has_spec, .. } => (1 + usize::from(*has_spec), 1),
            Op::Call { count, .. } => (*count as usize + 1, 1),
            Op::CallMethod { count, .. } => (*count as usize + 2, 1),
            Op::CallSpread => (3, 1),
            Op::Function(spec) => {
                (spec.defaults + spec.keyword_defaults.len() + usize::from(spec.eager_annotations), 1)
            }
            Op::Unpack(len) => (1, *len as usize),
            Op::UnpackRest(before, after) => (1, *before as usize + 1 + *after as usize),
            Op::Raise(len) => (*len as usize, 0),
            Op::WithEnter => (1, 2),
            Op::Match(_, values, captures) => (*values as usize + 1, *captures as usize + 1),
            Op::JumpIfOrPop { .. } => (1, 1),
            Op::Jump(_) | Op::ForIter(_) | Op::SetupExcept(_) | Op::SetupWith(_) | Op::PopBlock => (0, 0),
            Op::Reraise | Op::WithExcept(_) | Op::LoopStart(_) | Op::LoopTick(..) => (0, 0),
            Op::DeleteFast(_) | Op::DeleteCell(_) | Op::DeleteGlobal(_) | Op::DeleteName(_) => (0, 0),
            Op::ImportStar(_) | Op::Annotations(_) | Op::FreshCell(_) | Op::Unsupported(_) => (0, 0),
        }
    }
}
