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
    arity: Arity,
    /// Takes calls without keywords in place of `func`, see [`NativeDef::positional`].
    positional: Option<PositionalFn>,
}

/// Body of a native function for positional arguments as they are, self included.
pub type PositionalFn = fn(&Vm, &[Value]) -> PyResult<Value>;

/// Which calls without keywords need no binding: those with `least` to `most` arguments, which fill the first of `slots` parameters.
#[derive(Clone, Copy)]
struct Arity {
    least: u8,
    most: u8,
    slots: u8,
}

impl NativeDef {
    pub const fn function(name: &'static str, signature: &'static str, func: NativeFn) -> Self {
        NativeDef {
            name,
            signature,
            func,
            kind: NativeKind::Function,
            doc: "",
            arity: arity(signature),
            positional: None,
        }
    }

    pub const fn method(name: &'static str, signature: &'static str, func: NativeFn) -> Self {
        NativeDef {
            name,
            signature,
            func,
            kind: NativeKind::Method,
            doc: "",
            arity: arity(signature),
            positional: None,
        }
    }

    pub const fn class_method(name: &'static str, signature: &'static str, func: NativeFn) -> Self {
        NativeDef {
            name,
            signature,
            func,
            kind: NativeKind::ClassMethod,
            doc: "",
            arity: arity(signature),
            positional: None,
        }
    }

    pub const fn static_method(name: &'static str, signature: &'static str, func: NativeFn) -> Self {
        NativeDef {
            name,
            signature,
            func,
            kind: NativeKind::StaticMethod,
            doc: "",
            arity: arity(signature),
            positional: None,
        }
    }

    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    /// Gives calls without keywords and with at least `least` arguments to `body`: for functions with `*args`, whose tuple would be made for every call.
    pub const fn positional(mut self, least: u8, body: PositionalFn) -> Self {
        self.positional = Some(body);
        self.arity = Arity { least, most: u8::MAX, slots: 0 };
        self
    }

    /// Calls the function with positional `args` (self included for methods) followed by the values of `keyword_names`.
    ///
    /// Errors: CPython's TypeErrors for argument counts and names.
    #[inline]
    pub fn call(&'static self, vm: &Vm, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
        if keyword_names.is_none() && self.takes_directly(args.len()) {
            return self.call_directly(vm, args);
        }
        vm.signature(self).call(vm, self, args, keyword_names)
    }

    /// Whether [`NativeDef::call_directly`] takes so many arguments.
    #[inline]
    pub(crate) fn takes_directly(&self, count: usize) -> bool {
        count >= self.arity.least as usize && count <= self.arity.most as usize
    }

    /// Calls with positional arguments, whose number [`NativeDef::takes_directly`].
    #[inline]
    pub(crate) fn call_directly(&self, vm: &Vm, args: &[Value]) -> PyResult<Value> {
        if let Some(body) = self.positional {
            return body(vm, args);
        }
        let slots = self.arity.slots as usize;
        if args.len() == slots {
            return (self.func)(vm, as_args(args));
        }
        let mut bound: [Arg; FEW] = [None; FEW];
        bound[..args.len()].copy_from_slice(as_args(args));
        (self.func)(vm, &bound[..slots])
    }
}

/// Slots that a call without keywords fills on the stack.
const FEW: usize = 8;

/// Reads the parameters of a signature text. A text with `*args`, a required keyword or many parameters has calls of none.
const fn arity(signature: &str) -> Arity {
    const NONE: Arity = Arity { least: 1, most: 0, slots: 0 };
    let bytes = signature.as_bytes();
    let (mut index, mut depth, mut quote, mut piece_start) = (0, 0, 0u8, true);
    let (mut least, mut most, mut slots) = (0u8, 0u8, 0u8);
    // Of the parameter being read: whether it is one, and has a default. Behind `*` they are keywords.
    let (mut is_parameter, mut has_default, mut keywords) = (false, false, false);
    loop {
        let at_end = index >= bytes.len();
        let byte = if at_end { b',' } else { bytes[index] };
        if at_end || (quote == 0 && byte == b',' && depth == 0) {
            if is_parameter {
                slots += 1;
                if keywords && !has_default {
                    return NONE;
                }
                if !keywords {
                    most += 1;
                    least += if has_default { 0 } else { 1 };
                }
            }
            if at_end {
                break;
            }
            (piece_start, is_parameter, has_default) = (true, false, false);
        } else if quote != 0 {
            if byte == quote {
                quote = 0;
            }
        } else if byte == b'\'' || byte == b'"' {
            quote = byte;
        } else if byte == b'(' || byte == b'[' || byte == b'<' {
            depth += 1;
        } else if byte == b')' || byte == b']' || byte == b'>' {
            depth -= 1;
        } else if piece_start && byte == b'*' {
            let is_bare = index + 1 >= bytes.len() || bytes[index + 1] == b',';
            let is_keywords = !is_bare && bytes[index + 1] == b'*';
            if is_keywords {
                // One slot more, which stays empty.
                slots += 1;
            } else if !is_bare {
                return NONE;
            }
            keywords = true;
            piece_start = false;
        } else if piece_start && byte == b'/' {
            piece_start = false;
        } else if piece_start && byte != b' ' {
            piece_start = false;
            is_parameter = true;
        } else if byte == b'=' {
            has_default = true;
        }
        index += 1;
    }
    if slots as usize > FEW { NONE } else { Arity { least, most, slots } }
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
    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

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
