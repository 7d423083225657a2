//! `BaseException`: construction, text, and the attributes all exceptions share.

use cinder_heap::Gc;
use cinder_layout::Value;

use super::{PyBaseException, init};
use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::types::type_::PyType;
use crate::vm::Vm;

pub(super) fn payload(vm: &Vm, value: Value) -> Gc<PyBaseException> {
    vm.as_exception(value).expect("slot of exceptions")
}

/// `__new__` of every exception class: keeps the positional arguments.
pub(super) fn new(vm: &Vm, class: Gc<PyType>, args: &[Value], keyword_names: Option<Value>) -> PyResult<Value> {
    let class = init::actual_class(vm, class, args)?;
    let positional = args.len() - keyword_names.map_or(0, |names| vm.tuple_items(names).len());
    let args = vm.new_tuple(&args[..positional])?;
    let shape = vm.shapes.get(class.root_shape.get());
    let exception = vm.alloc_exception(shape.id, args, shape.tail_words() * 8)?;
    if class.slots().finalize.is_some() {
        vm.heap.register_finalizer(exception.header());
    }
    init::set_fields(vm, exception, class, args)?;
    Ok(exception.as_value())
}

pub(super) fn init(vm: &Vm, value: Value, args: &[Value], keyword_names: Option<Value>) -> PyResult<()> {
    let own = payload(vm, value);
    let names = keyword_names.map_or(&[][..], |names| vm.tuple_items(names));
    let (positional, values) = args.split_at(args.len() - names.len());
    let positional = vm.new_tuple(positional)?;
    own.args.set(&vm.heap, own, positional);
    let class = vm.type_of(value);
    init::set_fields(vm, own, class, positional)?;
    init::set_keywords(vm, value, class, names, values)
}

pub(super) fn str(vm: &Vm, value: Value) -> PyResult<Value> {
    if let Some(text) = init::special_text(vm, value)? {
        return Ok(text);
    }
    match vm.tuple_items(payload(vm, value).args.get()) {
        [] => Ok(vm.names.empty),
        [only] => vm.str(*only),
        _ => vm.str(payload(vm, value).args.get()),
    }
}

pub(super) fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let name = vm.type_of(value).name();
    let args = payload(vm, value).args.get();
    if vm.is_group(value) && vm.exception_field(value, "message").is_some() {
        return super::group::repr(vm, value, vm.tuple_items(args));
    }
    let text = match vm.tuple_items(args) {
        [only] => format!("{name}({})", vm.repr_text(*only)?),
        _ => format!("{name}{}", vm.repr_text(args)?),
    };
    vm.new_str(&text)
}

pub(super) const METHODS: &[NativeDef] = &[
    NativeDef::method("with_traceback", "self, object, /", |vm, args| {
        set_traceback(vm, args.at(0), args.opt(1))?;
        Ok(args.at(0))
    }),
    NativeDef::method("add_note", "self, object, /", |vm, args| {
        if !vm.is_str(args.at(1)) {
            let found = vm.type_name(args.at(1));
            return Err(vm.type_error(format!("add_note() argument must be str, not {found}")));
        }
        vm.add_note_value(args.at(0), args.at(1))?;
        Ok(Value::NONE)
    }),
    NativeDef::method("__reduce__", "self, /", reduce),
    NativeDef::method("__setstate__", "self, state, /", set_state),
];

fn reduce(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let value = args.at(0);
    let (class, own_args) = (vm.type_of(value).as_value(), payload(vm, value).args.get());
    let own_args = with_filename(vm, value, own_args)?;
    let own = vm.own_attributes(value);
    let dict = vm.new_pydict()?;
    for (name, item) in &own {
        vm.dict_insert(dict, *name, *item)?;
    }
    if vm.is_instance(value, vm.exceptions.ImportError) {
        for name in ["name", "path", "name_from"] {
            if let Some(item) = vm.exception_field(value, name).filter(|item| !item.is_none()) {
                vm.dict_insert(dict, vm.intern(name), item)?;
            }
        }
    }
    if vm.is_instance(value, vm.exceptions.AttributeError) {
        for name in ["name"] {
            if let Some(item) = vm.exception_field(value, name).filter(|item| !item.is_none()) {
                vm.dict_insert(dict, vm.intern(name), item)?;
            }
        }
    }
    if dict.is_empty() {
        return vm.new_tuple(&[class, own_args]);
    }
    vm.new_tuple(&[class, own_args, dict.as_value()])
}

/// The arguments that make an OSError with its file names again: its `args` leave them out.
fn with_filename(vm: &Vm, value: Value, args: Value) -> PyResult<Value> {
    let &[number, text] = vm.tuple_items(args) else { return Ok(args) };
    if !vm.is_instance(value, vm.exceptions.OSError) {
        return Ok(args);
    }
    let field = |name: &str| vm.exception_field(value, name).filter(|found| !found.is_none());
    match (field("filename"), field("filename2")) {
        (None, _) => Ok(args),
        (Some(first), None) => vm.new_tuple(&[number, text, first]),
        (Some(first), Some(second)) => vm.new_tuple(&[number, text, first, Value::NONE, second]),
    }
}

fn set_state(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let state = args.at(1);
    if state.is_none() {
        return Ok(Value::NONE);
    }
    let Some(dict) = vm.as_dict(state) else { return Err(vm.type_error("state is not a dictionary")) };
    for number in 0..dict.entry_count() {
        if let Some((name, item)) = dict.entry(number) {
            vm.setattr(args.at(0), name, Some(item))?;
        }
    }
    Ok(Value::NONE)
}

fn set_traceback(vm: &Vm, value: Value, new: Option<Value>) -> PyResult<()> {
    let own = payload(vm, value);
    match new {
        None => Err(vm.type_error("__traceback__ may not be deleted")),
        Some(new) if new.is_none() || vm.is_traceback(new) => {
            own.traceback.set(&vm.heap, own, new);
            Ok(())
        }
        Some(_) => Err(vm.type_error("__traceback__ must be a traceback or None")),
    }
}

/// Checks a new `__cause__` or `__context__`.
fn related(vm: &Vm, new: Option<Value>, name: &str) -> PyResult<Value> {
    match new {
        None => Err(vm.type_error(format!("{name} may not be deleted"))),
        Some(new) if new.is_none() || vm.as_exception(new).is_some() => Ok(new),
        Some(_) => Err(
            vm.type_error(format!("exception {} must be None or derive from BaseException", &name[2..name.len() - 2]))
        ),
    }
}

pub(super) const GETSET: &[GetSetDef] = &[
    GetSetDef::new(
        "args",
        |vm, value| Ok(payload(vm, value).args.get()),
        |vm, value, new| {
            let own = payload(vm, value);
            let Some(new) = new else { return Err(vm.type_error("args may not be deleted")) };
            let mut items: crate::value_vec::ValueVec<[Value; 8]> = crate::value_vec::ValueVec::new();
            vm.for_each(new, |item| {
                items.push(item);
                Ok(())
            })?;
            own.args.set(&vm.heap, own, vm.new_tuple(&items)?);
            Ok(())
        },
    ),
    GetSetDef::new("__traceback__", |vm, value| Ok(payload(vm, value).traceback.get()), set_traceback),
    GetSetDef::new(
        "__context__",
        |vm, value| Ok(payload(vm, value).context.get()),
        |vm, value, new| {
            let (own, new) = (payload(vm, value), related(vm, new, "__context__")?);
            own.context.set(&vm.heap, own, new);
            Ok(())
        },
    ),
    GetSetDef::new(
        "__cause__",
        |vm, value| Ok(payload(vm, value).cause.get()),
        |vm, value, new| {
            let new = related(vm, new, "__cause__")?;
            vm.set_cause(value, new);
            Ok(())
        },
    ),
    GetSetDef::new(
        "__suppress_context__",
        |vm, value| Ok(Value::from_bool(payload(vm, value).suppress_context.get())),
        |vm, value, new| {
            let Some(new) = new else { return Err(vm.type_error("can't delete numeric/char attribute")) };
            let Some(flag) = new.as_bool() else {
                return Err(vm.type_error("attribute value type must be bool"));
            };
            payload(vm, value).suppress_context.set(flag);
            Ok(())
        },
    ),
    crate::types::object::DICT_GETSET,
];

impl Vm {
    /// `raise exception from cause`: sets the cause and suppresses the context.
    pub fn set_cause(&self, exception: Value, cause: Value) {
        let own = payload(self, exception);
        own.cause.set(&self.heap, own, cause);
        own.suppress_context.set(true);
    }

    /// Adds a note, creating `__notes__`.
    pub fn add_note(&self, exception: Value, note: &str) -> PyResult<()> {
        self.add_note_value(exception, self.new_str(note)?)
    }

    fn add_note_value(&self, exception: Value, note: Value) -> PyResult<()> {
        let notes = match self.getattr_opt(exception, self.names.__notes__)? {
            Some(notes) => notes,
            None => {
                let notes = self.new_list(&[])?;
                self.setattr(exception, self.names.__notes__, Some(notes))?;
                notes
            }
        };
        if !self.is_instance(notes, self.types.list) {
            return Err(self.type_error("Cannot add note: __notes__ is not a list"));
        }
        self.list_append(notes, note)
    }

    /// StopIteration with a return value.
    #[cold]
    pub fn stop_iteration(&self, value: Option<Value>) -> crate::native::Raised {
        let args = value.as_slice();
        match self.new_exception(self.exceptions.StopIteration, args) {
            Ok(exception) => self.raise(exception),
            Err(raised) => raised,
        }
    }
}
