//! Native functions: how Rust code is called from Python.
//!
//! Problem: builtins need CPython's argument rules (positional-only, defaults, keywords, error texts) without writing them by hand.
//! Idea: each function is declared once as a [`NativeDef`] with its signature in `inspect`'s text form; the binder arranges every call
//! into one slot per parameter, so the body indexes `args`. `__text_signature__` is that same text.
//! Holds: a native function returns a value, or `Err(Raised)` with the exception pending in the VM; never both.

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
    /// Number of parameters when all are positional and a call with that many needs no binding; else `COMPLEX`.
    simple: u8,
}

impl NativeDef {
    pub const fn function(name: &'static str, signature: &'static str, func: NativeFn) -> Self {
        NativeDef { name, signature, func, kind: NativeKind::Function, doc: "", simple: simple_arity(signature) }
    }

    pub const fn method(name: &'static str, signature: &'static str, func: NativeFn) -> Self {
        NativeDef { name, signature, func, kind: NativeKind::Method, doc: "", simple: simple_arity(signature) }
    }

    pub const fn class_method(name: &'static str, signature: &'static str, func: NativeFn) -> Self {
        NativeDef { name, signature, func, kind: NativeKind::ClassMethod, doc: "", simple: simple_arity(signature) }
    }

    pub const fn static_method(name: &'static str, signature: &'static str, func: NativeFn) -> Self {
        NativeDef { name, signature, func, kind: NativeKind::StaticMethod, doc: "", simple: simple_arity(signature) }
    }

    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    /// Calls the function with positional `args` (self included for methods) followed by the values of `keyword_names`.
    ///
    /// Errors: CPython's TypeErrors for argument counts and names.
    #[inline]
    pub fn call(&'static self, vm: &Vm, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
        if keyword_names.is_none() && args.len() == self.simple as usize {
            return (self.func)(vm, as_args(args));
        }
        vm.signature(self).call(vm, self, args, keyword_names)
    }

    /// Number of arguments for which `func` may be called directly, without keywords; `None` when calls need binding.
    #[inline]
    pub fn direct_arity(&self) -> Option<usize> {
        if self.simple == COMPLEX { None } else { Some(self.simple as usize) }
    }
}

const COMPLEX: u8 = u8::MAX;

/// Counts the parameters of a signature text; [`COMPLEX`] when it has `*`.
const fn simple_arity(signature: &str) -> u8 {
    let bytes = signature.as_bytes();
    let (mut index, mut depth, mut quote, mut count, mut piece_start) = (0, 0, 0u8, 0u8, true);
    while index < bytes.len() {
        let byte = bytes[index];
        if quote != 0 {
            if byte == quote {
                quote = 0;
            }
        } else if byte == b'\'' || byte == b'"' {
            quote = byte;
        } else if byte == b'(' || byte == b'[' {
            depth += 1;
        } else if byte == b')' || byte == b']' {
            depth -= 1;
        } else if byte == b',' && depth == 0 {
            piece_start = true;
        } else if piece_start && byte == b'*' {
            return COMPLEX;
        } else if piece_start && byte == b'/' {
            piece_start = false;
        } else if piece_start && byte != b' ' {
            piece_start = false;
            count += 1;
        }
        index += 1;
    }
    count
}

impl Vm {
    /// The parsed signature of a native function (parsed at first use).
    pub fn signature(&self, def: &'static NativeDef) -> &'static Signature {
        let key = std::ptr::from_ref(def).addr();
        if let Some(found) = self.signatures.borrow().get(&key) {
            return found;
        }
        let parsed: &'static Signature = Box::leak(Box::new(Signature::parse(def.signature)));
        self.signatures.borrow_mut().insert(key, parsed);
        parsed
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
    /// A plain field in CPython's struct: it is shown as `<member ..>` and refuses to be set in other words.
    pub is_member: bool,
}

impl GetSetDef {
    pub const fn read_only(name: &'static str, get: fn(&Vm, Value) -> PyResult<Value>) -> Self {
        GetSetDef { name, get, set: None, doc: "", is_member: false }
    }

    /// A read-only field.
    pub const fn member(name: &'static str, get: fn(&Vm, Value) -> PyResult<Value>) -> Self {
        GetSetDef { name, get, set: None, doc: "", is_member: true }
    }

    pub const fn new(
        name: &'static str,
        get: fn(&Vm, Value) -> PyResult<Value>,
        set: fn(&Vm, Value, Option<Value>) -> PyResult<()>,
    ) -> Self {
        GetSetDef { name, get, set: Some(set), doc: "", is_member: false }
    }
}
