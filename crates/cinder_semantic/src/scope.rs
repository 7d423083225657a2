//! The data: scopes, symbols, definitions.
//!
//! Ids are dense: [`ScopeId`] and [`DefinitionId`] per file, [`SymbolId`] per scope.

use bitflags::bitflags;
use cinder_syntax::ast::name::Name;
use cinder_text::TextRange;
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);
        impl $name {
            pub(crate) fn new(index: usize) -> Self {
                Self(u32::try_from(index).expect("a file holds fewer than 2^32 nodes"))
            }
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}
id!(
    /// A scope of a file; zero is the module.
    ScopeId
);
id!(
    /// A symbol of one scope.
    SymbolId
);
id!(
    /// A binding occurrence in a file.
    DefinitionId
);

impl ScopeId {
    pub(crate) const MODULE: ScopeId = ScopeId(0);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScopeKind {
    Module,
    Class,
    Function,
    Lambda,
    ListComp,
    SetComp,
    DictComp,
    Generator,
    /// PEP 695: the type parameters of a `def`, `class` or `type`, around the thing itself.
    TypeParameters,
    /// The value of a `type` statement.
    TypeAlias,
    /// A type parameter's bound, constraints or default.
    TypeVariable,
    /// PEP 649: the annotations of a signature or of a body.
    Annotation,
}

impl ScopeKind {
    pub fn is_comprehension(self) -> bool {
        matches!(self, Self::ListComp | Self::SetComp | Self::DictComp | Self::Generator)
    }

    /// Whether names bound here are seen by the scopes inside.
    pub fn is_function_like(self) -> bool {
        !matches!(self, Self::Module | Self::Class)
    }

    /// The scopes CPython calls function blocks: `def`, `lambda` and comprehensions.
    pub fn is_function_block(self) -> bool {
        matches!(self, Self::Function | Self::Lambda) || self.is_comprehension()
    }
}

bitflags! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct ScopeFlags: u32 {
        /// Contains `yield`, or is a generator expression.
        const GENERATOR = 1;
        /// `async def`, or awaits (a comprehension, a top level that may).
        const COROUTINE = 1 << 1;
        /// Inside a function, at any distance.
        const NESTED = 1 << 2;
        /// PEP 709: runs in the frame of its parent.
        const INLINED = 1 << 3;
        /// An annotation or type-parameter scope directly in a class: reads the class's names first.
        const CAN_SEE_CLASS = 1 << 4;
        /// Class: a method uses `__class__` or `super`.
        const NEEDS_CLASS_CELL = 1 << 5;
        /// Class: an annotation scope inside reads the namespace.
        const NEEDS_CLASSDICT = 1 << 6;
        /// Module or class: some annotation may or may not be reached.
        const CONDITIONAL_ANNOTATIONS = 1 << 7;
        /// Class: `__conditional_annotations__` is read from an annotation scope and so lives in a cell.
        const CONDITIONAL_ANNOTATIONS_CELL = 1 << 8;
        /// Contains an annotated assignment.
        const ANNOTATIONS_USED = 1 << 9;
        /// Annotations of a function's locals: never run.
        const UNEVALUATED = 1 << 10;
        const VARARGS = 1 << 11;
        const VARKEYWORDS = 1 << 12;
        /// Function: contains `return` with a value.
        const RETURNS_VALUE = 1 << 13;
        /// `async def`.
        const ASYNC_DEF = 1 << 14;
        /// Function: defined directly in a class body.
        const METHOD = 1 << 15;
    }
}

bitflags! {
    /// What a scope's text says about a name.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct SymbolFlags: u32 {
        const GLOBAL = 1;
        const LOCAL = 1 << 1;
        const PARAM = 1 << 2;
        const NONLOCAL = 1 << 3;
        const USE = 1 << 4;
        const IMPORT = 1 << 5;
        const ANNOTATED = 1 << 6;
        /// The target of a comprehension's `for`.
        const COMP_ITER = 1 << 7;
        const TYPE_PARAM = 1 << 8;
        /// Also passes a variable of the same name from an outer scope on to an inner one (CPython: `DEF_FREE_CLASS`).
        const PASSES_FREE = 1 << 9;
        const BOUND = Self::LOCAL.bits() | Self::PARAM.bits() | Self::IMPORT.bits() | Self::TYPE_PARAM.bits();
    }
}

/// Where a name's value lives, seen from one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Bound here, and no other frame reads it. In a module or class body: an entry of the namespace.
    Local,
    /// Bound here and read by code of another frame.
    Cell,
    /// Bound in the scope `owner`. Within the same frame ([`super::SemanticIndex::frame_scope`]) it may still be a plain local.
    Free { owner: ScopeId },
    /// Declared `global`.
    GlobalExplicit,
    /// Not bound in any enclosing function.
    GlobalImplicit,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Mangled.
    pub name: Name,
    pub flags: SymbolFlags,
    pub resolution: Resolution,
    /// In the order of the walk.
    pub definitions: Vec<DefinitionId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefinitionKind {
    Import,
    Function,
    Class,
    Parameter,
    Assignment,
    AugmentedAssignment,
    AnnotatedAssignment,
    For,
    With,
    Except,
    Match,
    Named,
    Comprehension,
    TypeParameter,
    TypeAlias,
    Delete,
}

/// A place that binds (or deletes) a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    pub kind: DefinitionKind,
    pub scope: ScopeId,
    pub symbol: SymbolId,
    /// The name itself.
    pub range: TextRange,
    /// The statement, parameter or clause that binds it.
    pub node: TextRange,
}

/// A place that reads a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub scope: ScopeId,
    pub symbol: SymbolId,
    pub range: TextRange,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub kind: ScopeKind,
    /// The function's or class's name; `lambda`, `listcomp` and so on for the others.
    pub name: Name,
    pub parent: Option<ScopeId>,
    /// In the order they are entered.
    pub children: Vec<ScopeId>,
    pub range: TextRange,
    pub flags: ScopeFlags,
    /// In the order of first mention.
    pub symbols: Vec<Symbol>,
    /// The scope of the body's annotated assignments; for a function, that of its signature.
    pub annotation_scope: Option<ScopeId>,
    /// The class whose name mangles private names here.
    pub private: Option<Name>,
    /// In a generic class's type-parameter scope only these names are mangled.
    pub(crate) mangled_only: Option<FxHashSet<Name>>,
    pub(crate) by_name: FxHashMap<Name, SymbolId>,
}

impl Scope {
    /// The symbol with this mangled name.
    pub fn symbol(&self, mangled: &str) -> Option<&Symbol> {
        self.by_name.get(mangled).map(|id| &self.symbols[id.index()])
    }

    pub fn symbol_id(&self, mangled: &str) -> Option<SymbolId> {
        self.by_name.get(mangled).copied()
    }

    pub fn symbol_by_id(&self, id: SymbolId) -> &Symbol {
        &self.symbols[id.index()]
    }

    pub fn is_inlined(&self) -> bool {
        self.flags.contains(ScopeFlags::INLINED)
    }

    /// `name` as stored in this scope.
    pub fn mangle<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match &self.mangled_only {
            Some(only) if !only.contains(name) => Cow::Borrowed(name),
            _ => crate::mangle(self.private.as_deref(), name),
        }
    }

    pub(crate) fn ensure(&mut self, mangled: &Name) -> SymbolId {
        if let Some(id) = self.by_name.get(mangled) {
            return *id;
        }
        let id = SymbolId::new(self.symbols.len());
        self.by_name.insert(mangled.clone(), id);
        self.symbols.push(Symbol {
            name: mangled.clone(),
            flags: SymbolFlags::empty(),
            resolution: Resolution::GlobalImplicit,
            definitions: Vec::new(),
        });
        id
    }

    pub(crate) fn flags_of(&self, mangled: &str) -> SymbolFlags {
        self.symbol(mangled).map_or(SymbolFlags::empty(), |symbol| symbol.flags)
    }
}
