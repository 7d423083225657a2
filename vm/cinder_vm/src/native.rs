//! Native functions: how Rust code is called from Python.
//!
//! Problem: builtins need CPython's argument rules (positional-only, defaults, keywords, error texts) without writing them by hand.
//! Idea: each function is declared once as a [`NativeDef`] with its signature in `inspect`'s text form; the binder arranges every call
//! into one slot per parameter, so the body indexes `args`. `__text_signature__` is that same text.
//! Holds: a native function returns a value, or `Err(Raised)` with the exception pending in the VM; never both.

use std::sync::OnceLock;

use cinder_layout::Value;

use crate::vm::Vm;

pub mod signature;

pub use signature::{Parameter, ParameterKind, Signature};

/// "An exception is pending in the VM." Made only by raising (see [`crate::exception`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub struct Raised(());

impl Raised {
    /// Says that an exception has been set. Only the raising functions of [`crate::exception`] call it.
    pub(crate) fn pending() -> Raised {
        Raised(())
    }
}

/// Result of anything that may raise a Python exception. `PyResult<Value>` is one word; `Err` is the zero word.
pub type PyResult<T> = Result<T, Raised>;

const _: () = assert!(size_of::<PyResult<Value>>() == 8);

/// One slot per parameter in declaration order; `None` where the caller gave nothing and the signature has a default.
/// `*args` is a tuple (always given), `**kwargs` a dict (`None` when empty).
pub type Arg = Option<Value>;

/// Body of a native function.
pub type NativeFn = fn(&Vm, &[Arg]) -> PyResult<Value>;

/// What a native function is in its class or module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NativeKind {
    /// Module function; no self.
    Function,
    /// Method; the first parameter is self, checked to be an instance of the class.
    Method,
    /// First parameter is the class.
    ClassMethod,
    /// Like a function, in a class.
    StaticMethod,
}

/// Declaration of a native function; lives in a `static`.
pub struct NativeDef {
    pub name: &'static str,
    /// Parameters as in `inspect`: `"self, object, /"`, `"iterable=(), /"`, `"*args, sep=' ', end='\\n'"`. The first parameter of a method is
    /// its self. A parameter with any default is optional: its slot is `None` when omitted; the default's text is documentation.
    pub signature: &'static str,
    pub func: NativeFn,
    pub kind: NativeKind,
    pub doc: &'static str,
    parsed: OnceLock<Signature>,
}

impl NativeDef {
    pub const fn function(name: &'static str, signature: &'static str, func: NativeFn) -> Self {
        NativeDef { name, signature, func, kind: NativeKind::Function, doc: "", parsed: OnceLock::new() }
    }

    pub const fn method(name: &'static str, signature: &'static str, func: NativeFn) -> Self {
        NativeDef { name, signature, func, kind: NativeKind::Method, doc: "", parsed: OnceLock::new() }
    }

    pub const fn class_method(name: &'static str, signature: &'static str, func: NativeFn) -> Self {
        NativeDef { name, signature, func, kind: NativeKind::ClassMethod, doc: "", parsed: OnceLock::new() }
    }

    pub const fn static_method(name: &'static str, signature: &'static str, func: NativeFn) -> Self {
        NativeDef { name, signature, func, kind: NativeKind::StaticMethod, doc: "", parsed: OnceLock::new() }
    }

    pub const fn doc(mut self, doc: &'static str) -> Self {
        // `doc` is plain data, so replacing it in a const context drops nothing of weight.
        self.doc = doc;
        self
    }

    /// The parsed signature (parsed at first use).
    #[inline]
    pub fn parameters(&self) -> &Signature {
        self.parsed.get_or_init(|| Signature::parse(self.signature))
    }

    /// Calls the function with positional `args` (self included for methods) followed by the values of `keyword_names`.
    ///
    /// Errors: CPython's TypeErrors for argument counts and names.
    #[inline]
    pub fn call(&self, vm: &Vm, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
        let signature = self.parameters();
        if keyword_names.is_none() && signature.is_simple() && args.len() == signature.len() {
            return (self.func)(vm, as_args(args));
        }
        signature.call(vm, self, args, keyword_names)
    }
}

/// Positional arguments as bound slots.
#[inline(always)]
pub fn as_args(args: &[Value]) -> &[Arg] {
    // SAFETY: `Option<Value>` has the size and alignment of `Value` (its niche is the zero word) and every `Value` is a valid `Some`.
    unsafe { std::slice::from_raw_parts(args.as_ptr().cast::<Arg>(), args.len()) }
}

/// Reading bound slots.
pub trait ArgsExt {
    /// Parameter `index`, which the signature requires.
    fn at(&self, index: usize) -> Value;
    /// Optional parameter `index`.
    fn opt(&self, index: usize) -> Option<Value>;
}

impl ArgsExt for [Arg] {
    #[inline(always)]
    fn at(&self, index: usize) -> Value {
        self[index].expect("the signature requires this parameter")
    }

    #[inline(always)]
    fn opt(&self, index: usize) -> Option<Value> {
        self[index]
    }
}

/// Computed attribute of a builtin class.
pub struct GetSetDef {
    pub name: &'static str,
    pub get: fn(&Vm, Value) -> PyResult<Value>,
    /// `None` value deletes; absent for read-only attributes.
    pub set: Option<fn(&Vm, Value, Option<Value>) -> PyResult<()>>,
    pub doc: &'static str,
}

impl GetSetDef {
    pub const fn read_only(name: &'static str, get: fn(&Vm, Value) -> PyResult<Value>) -> Self {
        GetSetDef { name, get, set: None, doc: "" }
    }

    pub const fn new(
        name: &'static str,
        get: fn(&Vm, Value) -> PyResult<Value>,
        set: fn(&Vm, Value, Option<Value>) -> PyResult<()>,
    ) -> Self {
        GetSetDef { name, get, set: Some(set), doc: "" }
    }
}
