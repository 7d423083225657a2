//! Signatures: what a callee promises and what a caller may rely on.

use crate::{ConstValue, Name, Type};

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ParamKind {
    PositionalOnly,
    Standard,
    VarArgs,
    KeywordOnly,
    KwArgs,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum DefaultValue {
    /// The parameter is required.
    Missing,
    /// Copied into static call sites that omit the argument.
    Constant(Box<ConstValue>),
    /// Evaluated at definition; calls that rely on it are dynamic.
    Evaluated,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Param {
    pub name: Name,
    pub kind: ParamKind,
    /// What the body may rely on. `*args` is an exact tuple, `**kwargs` an exact dict.
    pub ty: Type,
    /// The program wrote an annotation.
    pub annotated: bool,
    pub default: DefaultValue,
}

impl Param {
    pub fn has_default(&self) -> bool {
        self.default != DefaultValue::Missing
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct FunctionFlags {
    pub is_async: bool,
    pub is_generator: bool,
    /// `@inline`: a call may be replaced by the returned expression.
    pub inline: bool,
    /// `@_donotcompile`: types hold for callers, the body is ordinary code.
    pub do_not_compile: bool,
    /// `@typing.final`.
    pub is_final: bool,
    /// `@native`.
    pub native: bool,
}

/// Parameters in declaration order (positional-only, standard, `*args`, keyword-only, `**kwargs`) and the declared result.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Signature {
    pub params: Box<[Param]>,
    /// For a coroutine function: what awaiting the call gives.
    pub returns: Type,
    /// The program wrote a return annotation.
    pub returns_annotated: bool,
    pub flags: FunctionFlags,
}

impl Signature {
    /// Parameters an argument can be bound to by position.
    pub fn positional(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| matches!(param.kind, ParamKind::PositionalOnly | ParamKind::Standard))
    }

    pub fn has(&self, kind: ParamKind) -> bool {
        self.params.iter().any(|param| param.kind == kind)
    }

    pub fn is_variadic(&self) -> bool {
        self.has(ParamKind::VarArgs) || self.has(ParamKind::KwArgs)
    }

    /// What calling the function gives: the awaitable for a coroutine function, some iterator for a generator.
    pub fn call_result(&self) -> Type {
        if self.flags.is_generator {
            Type::Dynamic
        } else if self.flags.is_async {
            Type::Awaitable(std::sync::Arc::new(self.returns.clone()))
        } else {
            self.returns.clone()
        }
    }
}
