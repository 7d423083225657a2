//! `function`: code with its globals, defaults and closure.

use cinder_heap::{Gc, HeapObject, Slot, Trace, object_header};
use cinder_layout::{Header, Value};

use crate::native::{GetSetDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::BuiltinType;
use crate::types::code::PyCode;
use crate::types::dict::PyDict;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of a function. What is `None` is read from the code or made at first use.
#[repr(C)]
#[derive(Trace, HeapObject)]
pub struct PyFunction {
    header: Header,
    pub code: Slot<Gc<PyCode>>,
    pub globals: Slot<Gc<PyDict>>,
    pub builtins: Slot<Gc<PyDict>>,
    /// Tuple of cells.
    pub closure: Slot<Option<Value>>,
    /// Tuple.
    pub defaults: Slot<Option<Value>>,
    /// Dict.
    pub kwdefaults: Slot<Option<Value>>,
    pub name: Slot<Option<Value>>,
    pub qualname: Slot<Option<Value>>,
    pub module: Slot<Option<Value>>,
    pub doc: Slot<Option<Value>>,
    pub dict: Slot<Option<Value>>,
    /// Function that makes the annotations, or None.
    pub annotate: Slot<Option<Value>>,
    pub annotations: Slot<Option<Value>>,
    /// Tuple.
    pub type_params: Slot<Option<Value>>,
}

crate::layout!(PyFunction, "function", exact function);

impl PyFunction {
    /// The values that fill the last `missing` parameters; `None` when there are fewer defaults.
    #[inline(always)]
    pub(crate) fn last_defaults(&self, missing: usize) -> Option<&'static [Value]> {
        if missing == 0 {
            return Some(&[]);
        }
        // SAFETY: defaults are a tuple.
        let tuple: Gc<crate::types::tuple::PyTuple> = unsafe { Gc::from_value(self.defaults.get()?) };
        // SAFETY: a tuple neither moves nor changes, and the function keeps it.
        let items: &'static [Value] = unsafe { &*(tuple.items() as *const [Value]) };
        items.len().checked_sub(missing).map(|first| &items[first..])
    }

    /// `__qualname__` for messages.
    pub(crate) fn display_name(&self, vm: &Vm) -> String {
        match self.qualname.get() {
            Some(name) => vm.str_text(name).into_owned(),
            None => self.code.get().object().qualname.to_string(),
        }
    }
}

impl Vm {
    /// New function over `globals`; its builtins are those that `globals` names.
    pub fn new_function(&self, code: Gc<PyCode>, globals: Gc<PyDict>) -> PyResult<Gc<PyFunction>> {
        let builtins = self.builtins_of(globals)?;
        self.new_function_with(code, globals, builtins)
    }

    pub(crate) fn new_function_with(
        &self,
        code: Gc<PyCode>,
        globals: Gc<PyDict>,
        builtins: Gc<PyDict>,
    ) -> PyResult<Gc<PyFunction>> {
        let none = || Slot::new(None);
        self.alloc(PyFunction {
            header: object_header(BuiltinType::function as u32),
            code: Slot::new(code),
            globals: Slot::new(globals),
            builtins: Slot::new(builtins),
            closure: none(),
            defaults: none(),
            kwdefaults: none(),
            name: none(),
            qualname: none(),
            module: Slot::new(globals.get_interned(self.names.__name__)),
            doc: none(),
            dict: none(),
            annotate: none(),
            annotations: none(),
            type_params: none(),
        })
    }

    /// The dict that `globals["__builtins__"]` stands for, else the machine's own. Of any other object it is an empty dict: see [`Vm::builtin_for`].
    pub(crate) fn builtins_of(&self, globals: Gc<PyDict>) -> PyResult<Gc<PyDict>> {
        let Some(found) = globals.get_interned(self.names.__builtins__) else {
            // As the code that makes the function sees them.
            return Ok(self.current_frame().map_or(*self.builtins, |frame| frame.function().builtins.get()));
        };
        match self.as_dict(found).or_else(|| self.module_dict(found)) {
            Some(dict) => Ok(dict),
            None => self.new_pydict(),
        }
    }

    /// Builtin `name` as `function` sees it. Mappings and subclasses of dict are asked by `__getitem__`.
    pub(crate) fn builtin_for(&self, function: Gc<PyFunction>, name: Value) -> PyResult<Option<Value>> {
        let builtins = function.builtins.get();
        if let Some(found) = self.mapping_get(builtins.as_value(), name)? {
            return Ok(Some(found));
        }
        if !builtins.is_empty() {
            return Ok(None);
        }
        match function.globals.get().get_interned(self.names.__builtins__) {
            Some(other) if self.as_dict(other).is_none() && self.module_dict(other).is_none() => {
                self.mapping_get(other, name)
            }
            _ => Ok(None),
        }
    }

    #[inline]
    pub fn as_function(&self, value: Value) -> Option<Gc<PyFunction>> {
        self.downcast_exact::<PyFunction>(value)
    }

    /// Attribute of an object that keeps a plain dict of its own (functions, modules): data descriptors of the class, the dict, the class.
    pub(crate) fn getattr_in_dict(&self, value: Value, dict: Option<Value>, name: Value) -> PyResult<Option<Value>> {
        let class = self.type_of(value);
        let found = self.type_lookup(class, name);
        let get = found.and_then(|found| self.type_of(found).slots().descr_get);
        if let (Some(found), Some(get)) = (found, get)
            && self.type_of(found).slots().descr_set.is_some()
        {
            return get(self, found, Some(value), class.as_value()).map(Some);
        }
        if let Some(dict) = dict.and_then(|dict| self.as_dict(dict))
            && let Some(own) = self.dict_get(dict, name)?
        {
            return Ok(Some(own));
        }
        match (found, get) {
            (Some(found), Some(get)) => get(self, found, Some(value), class.as_value()).map(Some),
            (found, _) => Ok(found),
        }
    }
}

fn this(vm: &Vm, value: Value) -> Gc<PyFunction> {
    vm.downcast::<PyFunction>(value).expect("attribute of this class")
}

fn getattr(vm: &Vm, value: Value, name: Value) -> PyResult<Value> {
    match vm.getattr_in_dict(value, this(vm, value).dict.get(), name)? {
        Some(found) => Ok(found),
        None => Err(vm.no_attribute(value, name)),
    }
}

fn setattr(vm: &Vm, value: Value, name: Value, new: Option<Value>) -> PyResult<()> {
    let class = vm.type_of(value);
    if let Some(found) = vm.type_lookup(class, name)
        && let Some(set) = vm.type_of(found).slots().descr_set
    {
        return set(vm, found, value, new);
    }
    let dict = own_dict(vm, this(vm, value))?;
    match new {
        Some(new) => vm.dict_insert(dict, name, new),
        None if vm.dict_remove(dict, name)?.is_some() => Ok(()),
        None => Err(vm.no_attribute(value, name)),
    }
}

fn own_dict(vm: &Vm, function: Gc<PyFunction>) -> PyResult<Gc<PyDict>> {
    if let Some(dict) = function.dict.get().and_then(|dict| vm.as_dict(dict)) {
        return Ok(dict);
    }
    let dict = vm.new_pydict()?;
    function.dict.set(&vm.heap, function, Some(dict.as_value()));
    Ok(dict)
}

fn doc(vm: &Vm, function: Value) -> PyResult<Value> {
    let function = this(vm, function);
    if let Some(doc) = function.doc.get() {
        return Ok(doc);
    }
    let doc = match &function.code.get().object().docstring {
        Some(text) => vm.new_str(text)?,
        None => Value::NONE,
    };
    function.doc.set(&vm.heap, function, Some(doc));
    Ok(doc)
}

fn annotations(vm: &Vm, function: Value) -> PyResult<Value> {
    let function = this(vm, function);
    if let Some(made) = function.annotations.get() {
        return Ok(made);
    }
    let made = match function.annotate.get() {
        Some(annotate) if !annotate.is_none() => {
            let made = vm.call(annotate, &[Value::ONE])?;
            if vm.as_dict(made).is_none() {
                return Err(vm.type_error(format!("__annotate__ returned non-dict of type '{}'", vm.type_name(made))));
            }
            made
        }
        _ => vm.new_dict()?,
    };
    function.annotations.set(&vm.heap, function, Some(made));
    Ok(made)
}

/// The setter of what CPython declares as a read-only member.
fn readonly(vm: &Vm, _: Value, _: Option<Value>) -> PyResult<()> {
    Err(vm.attribute_error_text("readonly attribute"))
}

/// A setter for an attribute that must be a str.
fn set_text(
    vm: &Vm,
    function: Value,
    new: Option<Value>,
    name: &str,
    slot: fn(&PyFunction) -> &Slot<Option<Value>>,
) -> PyResult<()> {
    let function = this(vm, function);
    match new {
        Some(new) if vm.is_str(new) => {
            slot(&function).set(&vm.heap, function, Some(new));
            Ok(())
        }
        _ => Err(vm.type_error(format!("{name} must be set to a string object"))),
    }
}

fn set_tuple_or_none(
    vm: &Vm,
    function: Value,
    new: Option<Value>,
    name: &str,
    slot: fn(&PyFunction) -> &Slot<Option<Value>>,
) -> PyResult<()> {
    let function = this(vm, function);
    let new = new.filter(|new| !new.is_none());
    let fits = |value: Value| {
        if name == "__kwdefaults__" { vm.as_dict(value).is_some() } else { vm.as_tuple(value).is_some() }
    };
    if new.is_some_and(|new| !fits(new)) {
        let kind = if name == "__kwdefaults__" { "dict" } else { "tuple" };
        return Err(vm.type_error(format!("{name} must be set to a {kind} object")));
    }
    slot(&function).set(&vm.heap, function, new);
    Ok(())
}

pub static FUNCTION: TypeDef = TypeDef {
    flags: type_flags::METHOD_DESCRIPTOR | type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(crate::interp::calls::function_new),
        call: Some(|vm, function, args, names| vm.call_function(this(vm, function), args, names)),
        getattr: Some(getattr),
        setattr: Some(setattr),
        repr: Some(|vm, function| {
            let function = this(vm, function);
            vm.new_str(&format!("<function {} at {:#x}>", function.display_name(vm), function.as_ptr().addr()))
        }),
        descr_get: Some(|vm, function, instance, _| match instance {
            Some(receiver) => vm.new_method(function, receiver),
            None => Ok(function),
        }),
        ..Slots::NONE
    },
    getset: &[
        GetSetDef::new(
            "__code__",
            |vm, function| Ok(this(vm, function).code.get().as_value()),
            |vm, function, new| {
                let function = this(vm, function);
                if function.code.get().object().flags & cinder_bytecode::flags::STATIC != 0 {
                    return Err(vm.runtime_error("Cannot modify __code__ of Static Python function"));
                }
                let Some(code) = new.and_then(|new| vm.downcast::<PyCode>(new)) else {
                    return Err(vm.type_error("__code__ must be set to a code object"));
                };
                let free = |code: Gc<PyCode>| {
                    code.object().locals.iter().filter(|l| l.kind == cinder_bytecode::LocalKind::Free).count()
                };
                let (own, given) =
                    (function.closure.get().map_or(0, |closure| vm.tuple_items(closure).len()), free(code));
                let kinds = super::code::GENERATOR_LIKE;
                if function.code.get().flags & kinds != code.flags & kinds {
                    vm.warn_deprecated(
                        "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)",
                    )?;
                }
                if own != given {
                    let name = function.display_name(vm);
                    return Err(
                        vm.value_error(format!("{name}() requires a code object with {own} free vars, not {given}"))
                    );
                }
                function.code.set(&vm.heap, function, code);
                vm.jit_code_replaced(function);
                Ok(())
            },
        ),
        GetSetDef::new(
            "__defaults__",
            |vm, function| Ok(this(vm, function).defaults.get().unwrap_or(Value::NONE)),
            |vm, function, new| set_tuple_or_none(vm, function, new, "__defaults__", |f| &f.defaults),
        ),
        GetSetDef::new(
            "__kwdefaults__",
            |vm, function| Ok(this(vm, function).kwdefaults.get().unwrap_or(Value::NONE)),
            |vm, function, new| set_tuple_or_none(vm, function, new, "__kwdefaults__", |f| &f.kwdefaults),
        ),
        GetSetDef::new(
            "__closure__",
            |vm, function| Ok(this(vm, function).closure.get().unwrap_or(Value::NONE)),
            readonly,
        ),
        GetSetDef::new("__globals__", |vm, function| Ok(this(vm, function).globals.get().as_value()), readonly),
        GetSetDef::new("__builtins__", |vm, function| Ok(this(vm, function).builtins.get().as_value()), readonly),
        GetSetDef::new(
            "__name__",
            |vm, function| {
                let function = this(vm, function);
                Ok(function.name.get().unwrap_or_else(|| vm.intern(&function.code.get().object().name)))
            },
            |vm, function, new| set_text(vm, function, new, "__name__", |f| &f.name),
        ),
        GetSetDef::new(
            "__qualname__",
            |vm, function| {
                let function = this(vm, function);
                Ok(function.qualname.get().unwrap_or_else(|| vm.intern(&function.code.get().object().qualname)))
            },
            |vm, function, new| set_text(vm, function, new, "__qualname__", |f| &f.qualname),
        ),
        GetSetDef::new(
            "__module__",
            |vm, function| Ok(this(vm, function).module.get().unwrap_or(Value::NONE)),
            |vm, function, new| {
                let function = this(vm, function);
                function.module.set(&vm.heap, function, new);
                Ok(())
            },
        ),
        GetSetDef::new("__doc__", doc, |vm, function, new| {
            let function = this(vm, function);
            function.doc.set(&vm.heap, function, Some(new.unwrap_or(Value::NONE)));
            Ok(())
        }),
        GetSetDef::new(
            "__dict__",
            |vm, function| Ok(own_dict(vm, this(vm, function))?.as_value()),
            |vm, function, new| {
                let function = this(vm, function);
                match new {
                    Some(new) if vm.as_dict(new).is_some() => {
                        function.dict.set(&vm.heap, function, Some(new));
                        Ok(())
                    }
                    Some(new) => {
                        Err(vm
                            .type_error(format!("__dict__ must be set to a dictionary, not a '{}'", vm.type_name(new))))
                    }
                    None => Err(vm.type_error("cannot delete __dict__")),
                }
            },
        ),
        GetSetDef::new(
            "__annotate__",
            |vm, function| Ok(this(vm, function).annotate.get().unwrap_or(Value::NONE)),
            |vm, function, new| {
                let function = this(vm, function);
                match new {
                    Some(new) if new.is_none() || vm.is_callable(new) => {
                        function.annotate.set(&vm.heap, function, Some(new));
                        if !new.is_none() {
                            function.annotations.set(&vm.heap, function, None);
                        }
                        Ok(())
                    }
                    Some(_) => Err(vm.type_error("__annotate__ must be callable or None")),
                    None => Err(vm.type_error("__annotate__ cannot be deleted")),
                }
            },
        ),
        GetSetDef::new("__annotations__", annotations, |vm, function, new| {
            let function = this(vm, function);
            let new = new.filter(|new| !new.is_none());
            if new.is_some_and(|new| vm.as_dict(new).is_none()) {
                return Err(vm.type_error("__annotations__ must be set to a dict object"));
            }
            function.annotations.set(&vm.heap, function, new);
            function.annotate.set(&vm.heap, function, None);
            Ok(())
        }),
        GetSetDef::new(
            "__type_params__",
            |vm, function| Ok(this(vm, function).type_params.get().unwrap_or(*vm.empty_tuple)),
            |vm, function, new| match new {
                Some(new) if vm.as_tuple(new).is_some() => {
                    let function = this(vm, function);
                    function.type_params.set(&vm.heap, function, Some(new));
                    Ok(())
                }
                _ => Err(vm.type_error("__type_params__ must be set to a tuple")),
            },
        ),
    ],
    ..TypeDef::new("function", <PyFunction as Payload>::LAYOUT)
};
