//! `_contextvars`: variables whose value belongs to the running context (PEP 567).
//!
//! Idea: a context is a dictionary that is shared with its copies until one of them changes it; each thread has a current context
//! ([`Vm::thread_context`]). Source: Python/context.c.

use std::cell::Cell;

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::dict::PyDict;
use cinder_vm::types::type_::{PyType, TypeDef, type_flags};
use cinder_vm::{Arg, ArgsExt, Gc, GetSetDef, ModuleDef, NativeDef, PyResult, Value, Vm};

/// `Context`.
#[repr(C)]
struct PyContext {
    header: Header,
    data: Slot<Gc<PyDict>>,
    /// Another context has the same dictionary.
    is_shared: Cell<bool>,
    is_entered: Cell<bool>,
}

impl Trace for PyContext {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit_object(self.data.get().header());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyContext {}

cinder_vm::layout!(PyContext, "_contextvars.Context");

/// `ContextVar`.
#[repr(C)]
struct PyContextVar {
    header: Header,
    name: Slot<Value>,
    default: Slot<Option<Value>>,
    /// Number of the entry where a context had it last.
    hint: Cell<u32>,
}

impl Trace for PyContextVar {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.name.get());
        tracer.visit_option(self.default.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyContextVar {}

cinder_vm::layout!(PyContextVar, "_contextvars.ContextVar");

/// `Token`: undoes one `set`.
#[repr(C)]
struct PyToken {
    header: Header,
    context: Slot<Value>,
    var: Slot<Value>,
    old: Slot<Option<Value>>,
    is_used: Cell<bool>,
}

impl Trace for PyToken {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.context.get());
        tracer.visit(self.var.get());
        tracer.visit_option(self.old.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyToken {}

cinder_vm::layout!(PyToken, "_contextvars.Token");

/// What `Token.old_value` is when there was no value.
#[repr(C)]
struct PyMissing {
    header: Header,
}

crate::payload::plain_payload!(PyMissing, "Token.MISSING");

static MISSING: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots { repr: Some(|vm, _| Ok(vm.intern("<Token.MISSING>"))), ..Slots::NONE },
    ..TypeDef::new("Token.MISSING", <PyMissing as Payload>::LAYOUT)
};

fn context(vm: &Vm, value: Value) -> Gc<PyContext> {
    vm.downcast::<PyContext>(value).expect("a context")
}

fn variable(vm: &Vm, value: Value) -> Gc<PyContextVar> {
    vm.downcast::<PyContextVar>(value).expect("method of this class")
}

fn new_context(vm: &Vm, data: Gc<PyDict>, is_shared: bool) -> PyResult<Value> {
    let class = vm.native_class(&CONTEXT)?;
    let made = vm.alloc_instance(class, 0, |header| PyContext {
        header,
        data: Slot::new(data),
        is_shared: Cell::new(is_shared),
        is_entered: Cell::new(false),
    })?;
    Ok(made.as_value())
}

/// The calling thread's context.
fn current(vm: &Vm) -> PyResult<Gc<PyContext>> {
    if let Some(known) = vm.thread_context() {
        return Ok(context(vm, known));
    }
    let made = new_context(vm, vm.new_pydict()?, false)?;
    vm.set_thread_context(Some(made));
    Ok(context(vm, made))
}

/// Value of a `ContextVar` in the current context or by its default.
pub(crate) fn current_value(vm: &Vm, variable: Value) -> PyResult<Option<Value>> {
    let data = current(vm)?.data.get();
    let hint = &self::variable(vm, variable).hint;
    let near = |number: usize| data.entry(number).filter(|(key, _)| *key == variable);
    if let Some((_, value)) = near(hint.get() as usize) {
        return Ok(Some(value));
    }
    const FEW: usize = 16;
    if let Some(number) = (0..data.entry_count().min(FEW)).find(|number| near(*number).is_some()) {
        hint.set(number as u32);
    }
    // Variables are hashed by identity.
    match vm.dict_get_hashed(data, variable, vm.identity_hash(variable))? {
        None => Ok(self::variable(vm, variable).default.get()),
        found => Ok(found),
    }
}

fn copy(vm: &Vm, from: Gc<PyContext>) -> PyResult<Value> {
    from.is_shared.set(true);
    new_context(vm, from.data.get(), true)
}

/// The dictionary, which is this context's own afterwards.
fn own_data(vm: &Vm, context: Gc<PyContext>) -> PyResult<Gc<PyDict>> {
    if context.is_shared.get() {
        let own = vm.dict_copy(context.data.get())?;
        context.data.set(&vm.heap, context, own);
        context.is_shared.set(false);
    }
    Ok(context.data.get())
}

/// `copy_context()`.
pub(crate) fn copy_current(vm: &Vm) -> PyResult<Value> {
    copy(vm, current(vm)?)
}

/// Calls `body` with `context` as the thread's. Errors: TypeError, RuntimeError when it is entered already, and those of `body`.
pub(crate) fn within<T>(vm: &Vm, context: Value, body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    let Some(this) = vm.downcast::<PyContext>(context) else {
        return Err(vm.type_error("an instance of Context was expected"));
    };
    if this.is_entered.replace(true) {
        let shown = vm.repr_text(context)?;
        return Err(vm.runtime_error(format!("cannot enter context: {shown} is already entered")));
    }
    let before = vm.thread_context();
    vm.set_thread_context(Some(context));
    let result = body();
    vm.set_thread_context(before);
    this.is_entered.set(false);
    result
}

/// `Context.run(callable, *args, **kwargs)`.
fn run(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let Some((function, rest)) = vm.tuple_items(args.at(1)).split_first() else { return Err(no_callable(vm)) };
    let rest = vm.new_tuple(rest)?;
    within(vm, args.at(0), || vm.call_packed(*function, rest, args.opt(2)))
}

#[cold]
fn no_callable(vm: &Vm) -> cinder_vm::Raised {
    vm.type_error("run() missing 1 required positional argument")
}

/// The same without keywords.
fn run_plain(vm: &Vm, args: &[Value]) -> PyResult<Value> {
    let [context, function, rest @ ..] = args else { return Err(no_callable(vm)) };
    within(vm, *context, || vm.call(*function, rest))
}

/// A key of a context. Errors: TypeError.
fn key(vm: &Vm, value: Value) -> PyResult<Value> {
    if vm.downcast::<PyContextVar>(value).is_some() {
        return Ok(value);
    }
    let shown = vm.repr_text(value)?;
    Err(vm.type_error(format!("a ContextVar key was expected, got {shown}")))
}

fn view(vm: &Vm, args: &[Arg], name: &str) -> PyResult<Value> {
    let data = context(vm, args.at(0)).data.get();
    // A copy: the view is of what the context holds now.
    let copy = vm.dict_copy(data)?.as_value();
    vm.call_method(copy, vm.intern(name), &[])
}

static CONTEXT: TypeDef = TypeDef {
    flags: type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(|vm, _, args, names| {
            if !args.is_empty() || names.is_some() {
                return Err(vm.type_error("Context() does not accept any arguments"));
            }
            new_context(vm, vm.new_pydict()?, false)
        }),
        getitem: Some(|vm, value, name| {
            let name = key(vm, name)?;
            match vm.dict_get(context(vm, value).data.get(), name)? {
                Some(found) => Ok(found),
                None => Err(vm.key_error(name)),
            }
        }),
        contains: Some(|vm, value, name| {
            let name = key(vm, name)?;
            Ok(vm.dict_get(context(vm, value).data.get(), name)?.is_some())
        }),
        len: Some(|vm, value| Ok(context(vm, value).data.get().len())),
        iter: Some(|vm, value| {
            let copy = vm.dict_copy(context(vm, value).data.get())?.as_value();
            vm.iter(copy)
        }),
        compare: Some(|vm, a, b, op| {
            let (Some(a), Some(b)) = (vm.downcast::<PyContext>(a), vm.downcast::<PyContext>(b)) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            if !matches!(op, cinder_bytecode::CompareOp::Eq | cinder_bytecode::CompareOp::Ne) {
                return Ok(Value::NOT_IMPLEMENTED);
            }
            vm.compare(a.data.get().as_value(), b.data.get().as_value(), op)
        }),
        hash: Some(unhashable),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("run", "self, /, *args, **kwargs", run).positional(1, run_plain),
        NativeDef::method("copy", "self, /", |vm, args| copy(vm, context(vm, args.at(0)))),
        NativeDef::method("get", "self, key, default=None, /", |vm, args| {
            let name = key(vm, args.at(1))?;
            let found = vm.dict_get(context(vm, args.at(0)).data.get(), name)?;
            Ok(found.or(args.opt(2)).unwrap_or(Value::NONE))
        }),
        NativeDef::method("keys", "self, /", |vm, args| view(vm, args, "keys")),
        NativeDef::method("values", "self, /", |vm, args| view(vm, args, "values")),
        NativeDef::method("items", "self, /", |vm, args| view(vm, args, "items")),
    ],
    ..TypeDef::new("_contextvars.Context", <PyContext as Payload>::LAYOUT)
};

static NEW_VAR: NativeDef = NativeDef::function("ContextVar", "name, /, *, default=<missing>", |vm, args| {
    let name = args.at(0);
    if !vm.is_str(name) {
        return Err(vm.type_error("context variable name must be a str"));
    }
    let class = vm.native_class(&CONTEXT_VAR)?;
    let make =
        |header| PyContextVar { header, name: Slot::new(name), default: Slot::new(args.opt(1)), hint: Cell::new(0) };
    Ok(vm.alloc_instance(class, 0, make)?.as_value())
});

fn get(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let var = args.at(0);
    if let Some(found) = vm.dict_get(current(vm)?.data.get(), var)? {
        return Ok(found);
    }
    match args.opt(1).or(variable(vm, var).default.get()) {
        Some(default) => Ok(default),
        None => Err(vm.raise_value(vm.exceptions.LookupError, var)),
    }
}

fn set(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let var = args.at(0);
    let context = current(vm)?;
    let old = vm.dict_get(context.data.get(), var)?;
    let data = own_data(vm, context)?;
    vm.dict_set(data.as_value(), var, args.at(1))?;
    let class = vm.native_class(&TOKEN)?;
    let token = vm.alloc_instance(class, 0, |header| PyToken {
        header,
        context: Slot::new(context.as_value()),
        var: Slot::new(var),
        old: Slot::new(old),
        is_used: Cell::new(false),
    })?;
    Ok(token.as_value())
}

fn reset(vm: &Vm, var: Value, token: Value) -> PyResult<Value> {
    let Some(this) = vm.downcast::<PyToken>(token) else {
        let shown = vm.repr_text(token)?;
        return Err(vm.type_error(format!("expected an instance of Token, got {shown}")));
    };
    let shown = || vm.repr_text(token);
    if this.is_used.get() {
        return Err(vm.runtime_error(format!("{} has already been used once", shown()?)));
    }
    if this.var.get() != var {
        return Err(vm.value_error(format!("{} was created by a different ContextVar", shown()?)));
    }
    let context = current(vm)?;
    if this.context.get() != context.as_value() {
        return Err(vm.value_error(format!("{} was created in a different Context", shown()?)));
    }
    this.is_used.set(true);
    let data = own_data(vm, context)?;
    match this.old.get() {
        Some(old) => vm.dict_set(data.as_value(), var, old)?,
        None => {
            vm.dict_remove(data, var)?;
        }
    }
    Ok(Value::NONE)
}

static CONTEXT_VAR: TypeDef = TypeDef {
    flags: type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(|vm, _, args, names| {
            if args.len() != 1 && names.is_none() || args.is_empty() {
                let count = args.len();
                let text = format!("ContextVar() takes exactly 1 positional argument ({count} given)");
                return Err(vm.type_error(text));
            }
            NEW_VAR.call(vm, args, names)
        }),
        repr: Some(|vm, value| {
            let this = variable(vm, value);
            let name = vm.repr_text(this.name.get())?;
            let default = match this.default.get() {
                Some(default) => format!(" default={}", vm.repr_text(default)?),
                None => String::new(),
            };
            vm.new_str(&format!("<ContextVar name={name}{default} at {:#x}>", vm.id(value)))
        }),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("get", "self, default=<missing>, /", get),
        NativeDef::method("set", "self, value, /", set),
        NativeDef::method("reset", "self, token, /", |vm, args| reset(vm, args.at(0), args.at(1))),
        NativeDef::class_method("__class_getitem__", "cls, item, /", |vm, args| {
            vm.new_generic_alias(args.at(0), args.at(1))
        }),
    ],
    getset: &[GetSetDef::member("name", |vm, value| Ok(variable(vm, value).name.get()))],
    ..TypeDef::new("_contextvars.ContextVar", <PyContextVar as Payload>::LAYOUT)
};

fn token(vm: &Vm, value: Value) -> Gc<PyToken> {
    vm.downcast::<PyToken>(value).expect("method of this class")
}

fn missing(vm: &Vm) -> PyResult<Value> {
    let class: Gc<PyType> = vm.native_class(&TOKEN)?;
    Ok(class.dict.get().get_interned(vm.intern("MISSING")).unwrap_or(Value::NONE))
}

static TOKEN: TypeDef = TypeDef {
    flags: type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(|vm, _, _, _| Err(vm.runtime_error("Tokens can only be created by ContextVars"))),
        repr: Some(|vm, value| {
            let this = token(vm, value);
            let used = if this.is_used.get() { " used" } else { "" };
            let var = vm.repr_text(this.var.get())?;
            vm.new_str(&format!("<Token{used} var={var} at {:#x}>", vm.id(value)))
        }),
        hash: Some(unhashable),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::class_method("__class_getitem__", "cls, item, /", |vm, args| {
            vm.new_generic_alias(args.at(0), args.at(1))
        }),
        NativeDef::method("__enter__", "self, /", |_, args| Ok(args.at(0))),
        NativeDef::method("__exit__", "self, type, value, traceback, /", |vm, args| {
            reset(vm, token(vm, args.at(0)).var.get(), args.at(0))
        }),
    ],
    getset: &[
        GetSetDef::read_only("var", |vm, value| Ok(token(vm, value).var.get())),
        GetSetDef::read_only("old_value", |vm, value| match token(vm, value).old.get() {
            Some(old) => Ok(old),
            None => missing(vm),
        }),
    ],
    ..TypeDef::new("_contextvars.Token", <PyToken as Payload>::LAYOUT)
};

pub(crate) static CONTEXTVARS: ModuleDef = ModuleDef {
    doc: "Context Variables",
    functions: &[NativeDef::function("copy_context", "", |vm, _| copy_current(vm))],
    setup: Some(|vm, dict| {
        vm.add_class(dict, &CONTEXT)?;
        vm.add_class(dict, &CONTEXT_VAR)?;
        let token = vm.add_class(dict, &TOKEN)?;
        let class = vm.native_class(&MISSING)?;
        let missing = vm.alloc_instance(class, 0, |header| PyMissing { header })?;
        let name = vm.intern("MISSING");
        vm.dict_set_interned(token.dict.get(), name, missing.as_value())
    }),
    ..ModuleDef::new("_contextvars")
};

fn unhashable(vm: &Vm, value: Value) -> PyResult<i64> {
    Err(vm.type_error(format!("unhashable type: '{}'", vm.type_name(value))))
}
