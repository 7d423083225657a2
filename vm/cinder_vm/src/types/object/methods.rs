//! Methods of `object`.

use cinder_bytecode::CompareOp;
use cinder_heap::Gc;
use cinder_layout::Value;

use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::types::dict::PyDict;
use crate::types::list::PyList;
use crate::types::object::PyObject;
use crate::types::type_::{PyType, type_flags};
use crate::value_vec::ValueVec;
use crate::vm::Vm;

pub(super) fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = vm.type_of(value);
    let qualname = class.qualname.borrow().to_string();
    let module = vm.class_module_text(class);
    let name = if module.is_empty() || module == "builtins" { qualname } else { format!("{module}.{qualname}") };
    vm.new_str(&format!("<{name} object at {:#x}>", vm.id(value)))
}

/// Identity equality; `!=` is the inverse of the class's `==`.
pub(super) fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    match op {
        CompareOp::Eq if vm.is(a, b) => Ok(Value::TRUE),
        CompareOp::Ne => {
            let equal = vm.type_of(a).slots().compare.unwrap_or(compare)(vm, a, b, CompareOp::Eq)?;
            if equal == Value::NOT_IMPLEMENTED {
                return Ok(equal);
            }
            vm.truthy(equal).map(|equal| Value::from_bool(!equal))
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// Whether the slot entry is `object`'s own.
fn is_own<F>(entry: Option<F>, own: Option<F>, address: fn(F) -> usize) -> bool {
    entry.map(address) == own.map(address)
}

pub(super) fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    let object = vm.types.object.slots();
    if !args.is_empty() || keyword_names.is_some() {
        if !is_own(class.slots().new, object.new, |f| f as usize) {
            return Err(vm.type_error("object.__new__() takes exactly one argument (the type to instantiate)"));
        }
        if is_own(class.slots().init, object.init, |f| f as usize) {
            return Err(vm.type_error(format!("{}() takes no arguments", class.declared_name())));
        }
    }
    if class.has(type_flags::ABSTRACT) {
        return Err(vm.abstract_class_error(class)?);
    }
    if !std::ptr::eq(class.layout, <PyObject as Payload>::LAYOUT) {
        let name = class.declared_name();
        return Err(vm.type_error(format!("object.__new__({name}) is not safe, use {name}.__new__()")));
    }
    vm.new_plain_instance(class)
}

pub(super) fn init(vm: &Vm, value: Value, args: &[Value], keyword_names: Option<Value>) -> PyResult<()> {
    if args.is_empty() && keyword_names.is_none() {
        return Ok(());
    }
    let (class, object) = (vm.type_of(value), vm.types.object.slots());
    if !is_own(class.slots().init, object.init, |f| f as usize) {
        return Err(vm.type_error("object.__init__() takes exactly one argument (the instance to initialize)"));
    }
    if is_own(class.slots().new, object.new, |f| f as usize) {
        let name = class.declared_name();
        return Err(vm.type_error(format!("{name}.__init__() takes exactly one argument (the instance to initialize)")));
    }
    Ok(())
}

pub(super) const METHODS: &[NativeDef] = &[
    NativeDef::method("__format__", "self, format_spec, /", format),
    NativeDef::method("__dir__", "self, /", dir),
    NativeDef::method("__sizeof__", "self, /", |vm, args| {
        vm.new_uint(args.at(0).try_ptr().map_or(8, |header| vm.heap.size_of(header)))
    }),
    NativeDef::method("__reduce__", "self, /", |vm, args| reduce(vm, args.at(0), 0)),
    NativeDef::method("__reduce_ex__", "self, protocol, /", reduce_ex),
    NativeDef::method("__getstate__", "self, /", |vm, args| get_state(vm, args.at(0))),
    NativeDef::class_method("__subclasshook__", "cls, subclass, /", |_, _| Ok(Value::NOT_IMPLEMENTED)),
    NativeDef::class_method("__init_subclass__", "cls, /, *args, **keywords", init_subclass),
];

pub(super) const GETSET: &[GetSetDef] =
    &[GetSetDef::new("__class__", |vm, value| Ok(vm.type_of(value).as_value()), set_class)];

/// Takes no arguments; the message names the class that was made.
fn init_subclass(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let name = || vm.as_class(args.at(0)).map_or_else(|| vm.type_name(args.at(0)), |class| class.declared_name());
    if args.opt(2).is_some() {
        return Err(vm.type_error(format!("{}.__init_subclass__() takes no keyword arguments", name())));
    }
    let given = vm.tuple_items(args.at(1)).len();
    if given > 0 {
        return Err(vm.type_error(format!("{}.__init_subclass__() takes no arguments ({given} given)", name())));
    }
    Ok(Value::NONE)
}

fn format(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let spec = vm.as_str(args.at(1)).ok_or_else(|| vm.type_error("__format__() argument must be str"))?;
    if !spec.is_empty() {
        let name = vm.type_name(args.at(0));
        return Err(vm.type_error(format!("unsupported format string passed to {name}.__format__")));
    }
    vm.str(args.at(0))
}

fn dir(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let value = args.at(0);
    let names = vm.new_pydict()?;
    if let Some(dict) = vm.getattr_opt(value, vm.names.__dict__)?
        && let Some(dict) = vm.as_dict(dict)
    {
        vm.merge_keys(names, dict)?;
    }
    if let Some(class) = vm.getattr_opt(value, vm.names.__class__)?.and_then(|class| vm.as_class(class)) {
        for base in vm.tuple_items(class.mro.get()) {
            let base = vm.as_class(*base).expect("an MRO holds classes only");
            vm.merge_keys(names, base.dict.get())?;
        }
    }
    vm.keys_list(names)
}

fn set_class(vm: &Vm, value: Value, class: Option<Value>) -> PyResult<()> {
    let Some(new) = class else { return Err(vm.type_error("can't delete __class__ attribute")) };
    let Some(new) = vm.as_class(new) else {
        let name = vm.type_name(new);
        return Err(vm.type_error(format!("__class__ must be set to a class, not '{name}' object")));
    };
    vm.change_class(value, new)
}

fn reduce_ex(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let (value, protocol) = (args.at(0), vm.index_i64(args.at(1))?);
    let own = vm.type_lookup(vm.type_of(value), vm.names.__reduce__);
    let default = vm.type_lookup(vm.types.object, vm.names.__reduce__);
    if own != default {
        return vm.call_method(value, vm.names.__reduce__, &[]);
    }
    reduce(vm, value, protocol)
}

/// `copyreg` does the work, as in CPython.
fn reduce(vm: &Vm, value: Value, protocol: i64) -> PyResult<Value> {
    let copyreg = vm.import("copyreg")?;
    if protocol < 2 {
        let reduce = vm.getattr_text(copyreg, "_reduce_ex")?;
        return vm.call(reduce, &[value, vm.new_int(protocol)?]);
    }
    let class = vm.type_of(value);
    let mut args: ValueVec<[Value; 8]> = crate::values![class.as_value()];
    if let Some(extended) = vm.call_special(value, vm.names.__getnewargs_ex__, &[])? {
        let (positional, keywords) = extended_arguments(vm, extended)?;
        if !vm.as_dict(keywords).is_some_and(|keywords| keywords.is_empty()) {
            args.push(positional);
            args.push(keywords);
            return finish_reduce(vm, value, vm.getattr_text(copyreg, "__newobj_ex__")?, &args);
        }
        args.extend_from_slice(vm.tuple_items(positional));
        return finish_reduce(vm, value, vm.getattr_text(copyreg, "__newobj__")?, &args);
    }
    if let Some(positional) = vm.call_special(value, vm.names.__getnewargs__, &[])? {
        let Some(positional) = vm.as_tuple(positional) else {
            let name = vm.type_name(positional);
            return Err(vm.type_error(format!("__getnewargs__ should return a tuple, not '{name}'")));
        };
        args.extend_from_slice(positional.items());
    }
    if args.len() == 1 {
        refuse_native_state(vm, value)?;
    }
    let newobj = vm.getattr_text(copyreg, "__newobj__")?;
    finish_reduce(vm, value, newobj, &args)
}

/// The parts of what `__getnewargs_ex__` returned.
fn extended_arguments(vm: &Vm, extended: Value) -> PyResult<(Value, Value)> {
    let Some(parts) = vm.as_tuple(extended) else {
        let found = vm.type_name(extended);
        return Err(vm.type_error(format!("__getnewargs_ex__ should return a tuple, not '{found}'")));
    };
    let &[positional, keywords] = parts.items() else {
        let count = parts.items().len();
        return Err(vm.value_error(format!("__getnewargs_ex__ should return a tuple of length 2, not {count}")));
    };
    let wrong = |place: &str, kind: &str, found: Value| {
        let found = vm.type_name(found);
        vm.type_error(format!(
            "{place} item of the tuple returned by __getnewargs_ex__ must be a {kind}, not '{found}'"
        ))
    };
    if vm.as_tuple(positional).is_none() {
        return Err(wrong("first", "tuple", positional));
    }
    if vm.as_dict(keywords).is_none() {
        return Err(wrong("second", "dict", keywords));
    }
    Ok((positional, keywords))
}

/// Refuses an object whose native content neither arguments of `__new__` nor `__getstate__` tell.
fn refuse_native_state(vm: &Vm, value: Value) -> PyResult<()> {
    let class = vm.type_of(value);
    let is_told = std::ptr::eq(class.layout, <PyObject as crate::object::Payload>::LAYOUT)
        || vm.downcast::<PyList>(value).is_some()
        || vm.downcast::<PyDict>(value).is_some()
        || vm.type_lookup(class, vm.names.__getstate__) != vm.type_lookup(vm.types.object, vm.names.__getstate__);
    if is_told {
        return Ok(());
    }
    let found = vm.type_name(value);
    Err(vm.type_error(format!("cannot pickle '{found}' object")))
}

fn finish_reduce(vm: &Vm, value: Value, constructor: Value, args: &[Value]) -> PyResult<Value> {
    let args = vm.new_tuple(args)?;
    let state = match vm.call_special(value, vm.names.__getstate__, &[])? {
        Some(state) => state,
        None => get_state(vm, value)?,
    };
    // Checked containers are laid out as lists and dicts, too.
    let list_items = if vm.downcast::<PyList>(value).is_some() { vm.iter(value)? } else { Value::NONE };
    let dict_items = if vm.downcast::<PyDict>(value).is_some() {
        let items = vm.call_method(value, vm.names.items, &[])?;
        vm.iter(items)?
    } else {
        Value::NONE
    };
    vm.new_tuple(&[constructor, args, state, list_items, dict_items])
}

/// `__dict__`, or a pair of it and the `__slots__` values (CPython `object_getstate_default`).
fn get_state(vm: &Vm, value: Value) -> PyResult<Value> {
    let own = vm.own_attributes(value);
    let dict = if own.is_empty() {
        Value::NONE
    } else {
        let dict = vm.new_pydict()?;
        for (name, item) in &own {
            vm.dict_insert(dict, *name, *item)?;
        }
        dict.as_value()
    };
    let slots = vm.new_pydict()?;
    // Names that somebody wrote into the class are taken at their word.
    let listed = vm.type_of(value).dict.get().get_interned(vm.intern("__slotnames__"));
    if let Some(names) = listed.filter(|names| vm.is_instance(*names, vm.types.list)) {
        for name in vm.sequence_values(names)?.iter() {
            if let Some(item) = vm.getattr_opt(value, *name)? {
                vm.dict_insert(slots, *name, item)?;
            }
        }
        return if slots.is_empty() { Ok(dict) } else { vm.new_tuple(&[dict, slots.as_value()]) };
    }
    for (name, member) in vm.slot_members(vm.type_of(value)) {
        // SAFETY: the member descriptor belongs to a class of the value's MRO.
        if let Some(item) = unsafe { vm.fixed_slot(value, member) } {
            vm.dict_insert(slots, name, item)?;
        }
    }
    vm.typed_state(value, slots)?;
    if slots.is_empty() { Ok(dict) } else { vm.new_tuple(&[dict, slots.as_value()]) }
}
