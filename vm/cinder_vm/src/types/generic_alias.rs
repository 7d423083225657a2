//! `list[int]`: `types.GenericAlias`.
//!
//! The alias behaves as its origin for calls and attributes, and remembers its arguments for those who ask. Source: Objects/genericaliasobject.c.

use std::cell::Cell;

use cinder_bytecode::CompareOp;
use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer};
use cinder_layout::{Header, Value};

use crate::native::{Arg, ArgsExt, GetSetDef, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::{Binary, Slots};
use crate::types::text_builder::TextBuilder;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::value_vec::ValueVec;
use crate::vm::Vm;

/// Payload of a generic alias.
#[repr(C)]
pub struct PyGenericAlias {
    header: Header,
    pub origin: Slot<Value>,
    /// Tuple.
    pub args: Slot<Value>,
    /// Tuple of type parameters among the arguments; `None` until asked for.
    parameters: Slot<Option<Value>>,
    /// `*list[int]`.
    starred: Cell<bool>,
}

impl Trace for PyGenericAlias {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.origin.get());
        tracer.visit(self.args.get());
        tracer.visit_option(self.parameters.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyGenericAlias {}

crate::layout!(PyGenericAlias, "GenericAlias", exact generic_alias);

/// `__class_getitem__` of generic builtin classes.
pub const CLASS_GETITEM: NativeDef = NativeDef::class_method("__class_getitem__", "cls, object, /", |vm, args| {
    vm.new_generic_alias(args.at(0), args.at(1))
})
.doc("See PEP 585");

impl Vm {
    /// `origin[args]`; `args` that is no tuple becomes one.
    pub fn new_generic_alias(&self, origin: Value, args: Value) -> PyResult<Value> {
        self.make_alias(self.types.generic_alias, origin, args, false)
    }

    fn make_alias(&self, class: Gc<PyType>, origin: Value, args: Value, starred: bool) -> PyResult<Value> {
        let args = if self.as_tuple(args).is_some() { args } else { self.new_tuple(&[args])? };
        let alias = self.alloc_instance(class, 0, |header| PyGenericAlias {
            header,
            origin: Slot::new(origin),
            args: Slot::new(args),
            parameters: Slot::new(None),
            starred: Cell::new(starred),
        })?;
        Ok(alias.as_value())
    }

    /// Type parameters in `args`, in order of appearance (`_Py_make_parameters`).
    pub(crate) fn type_parameters(&self, args: &[Value]) -> PyResult<Value> {
        let mut found = ValueVec::<[Value; 4]>::new();
        self.collect_parameters(args, &mut found)?;
        self.new_tuple(&found)
    }

    fn collect_parameters(&self, args: &[Value], found: &mut ValueVec<[Value; 4]>) -> PyResult<()> {
        self.check_native_stack()?;
        let mut add = |value: Value| {
            if !found.contains(&value) {
                found.push(value);
            }
        };
        for arg in args {
            if self.as_class(*arg).is_some() {
                continue;
            }
            if self.getattr_opt(*arg, self.intern("__typing_subst__"))?.is_some() {
                add(*arg);
                continue;
            }
            let nested = if self.as_tuple(*arg).is_some() || self.as_list(*arg).is_some() {
                let items = self.tuple_from(*arg)?;
                Some(self.type_parameters(self.tuple_items(items))?)
            } else {
                self.getattr_opt(*arg, self.names.__parameters__)?
            };
            if let Some(nested) = nested.filter(|nested| self.as_tuple(*nested).is_some()) {
                self.tuple_items(nested).iter().for_each(|value| add(*value));
            }
        }
        Ok(())
    }

    /// `args` with `parameters` replaced by `item` (`_Py_subs_parameters`).
    pub(crate) fn substitute_parameters(
        &self,
        whole: Value,
        args: Value,
        parameters: Value,
        item: Value,
    ) -> PyResult<Value> {
        let wanted = self.tuple_items(parameters);
        if wanted.is_empty() {
            let shown = self.repr_text(whole)?;
            return Err(self.type_error(format!("{shown} is not a generic class")));
        }
        let mut item = self.unpack_arguments(item)?;
        for parameter in wanted {
            if let Some(prepare) = self.getattr_opt(*parameter, self.intern("__typing_prepare_subst__"))?
                && !prepare.is_none()
            {
                item = self.call(prepare, &[whole, item])?;
                item = if self.as_tuple(item).is_some() { item } else { self.new_tuple(&[item])? };
            }
        }
        let given = self.tuple_items(item);
        if given.len() != wanted.len() {
            let how = if given.len() > wanted.len() { "many" } else { "few" };
            let shown = self.repr_text(whole)?;
            return Err(self.type_error(format!(
                "Too {how} arguments for {shown}; actual {}, expected {}",
                given.len(),
                wanted.len()
            )));
        }
        let mut replaced = ValueVec::<[Value; 8]>::new();
        for arg in self.tuple_items(args) {
            self.substitute_one(*arg, wanted, given, &mut replaced)?;
        }
        self.new_tuple(&replaced)
    }

    /// Arguments as a tuple, with those of `*tuple[int, str]` in its place (`_unpack_args`).
    fn unpack_arguments(&self, item: Value) -> PyResult<Value> {
        let item = if self.as_tuple(item).is_some() { item } else { self.new_tuple(&[item])? };
        let mut flat = ValueVec::<[Value; 8]>::new();
        for part in self.tuple_items(item) {
            let spread = match self.as_class(*part) {
                Some(_) => None,
                None => self.getattr_opt(*part, self.intern("__typing_unpacked_tuple_args__"))?,
            };
            // `*tuple[int, ...]` stays as it is: its length is not known.
            match spread.and_then(|spread| self.as_tuple(spread)).map(|spread| spread.as_value()) {
                Some(spread) if self.tuple_items(spread).last() != Some(&Value::ELLIPSIS) => {
                    flat.extend_from_slice(self.tuple_items(spread));
                }
                _ => flat.push(*part),
            }
        }
        self.new_tuple(&flat)
    }

    fn substitute_one(
        &self,
        arg: Value,
        wanted: &[Value],
        given: &[Value],
        into: &mut ValueVec<[Value; 8]>,
    ) -> PyResult<()> {
        if self.as_class(arg).is_some() {
            into.push(arg);
            return Ok(());
        }
        let is_list = self.as_list(arg).is_some();
        if is_list || self.as_tuple(arg).is_some() {
            self.check_native_stack()?;
            let items = self.tuple_from(arg)?;
            let mut inner = ValueVec::<[Value; 8]>::new();
            for item in self.tuple_items(items) {
                self.substitute_one(*item, wanted, given, &mut inner)?;
            }
            into.push(if is_list { self.new_list(&inner)? } else { self.new_tuple(&inner)? });
            return Ok(());
        }
        let is_spread = match self.getattr_opt(arg, self.intern("__typing_is_unpacked_typevartuple__"))? {
            Some(answer) => self.truthy(answer)?,
            None => false,
        };
        let result = self.substituted(arg, wanted, given)?;
        match self.as_tuple(result).map(|items| items.as_value()).filter(|_| is_spread) {
            Some(items) => into.extend_from_slice(self.tuple_items(items)),
            None => into.push(result),
        }
        Ok(())
    }

    /// What a parameter, or something with parameters of its own, becomes.
    fn substituted(&self, arg: Value, wanted: &[Value], given: &[Value]) -> PyResult<Value> {
        if let Some(substitute) = self.getattr_opt(arg, self.intern("__typing_subst__"))? {
            let Some(at) = wanted.iter().position(|parameter| *parameter == arg) else {
                // It has got the attribute since the parameters were collected.
                let shown = self.repr_text(arg)?;
                return Err(self.type_error(format!("{shown} not found in __parameters__")));
            };
            return self.call(substitute, &[given[at]]);
        }
        let own = self
            .getattr_opt(arg, self.names.__parameters__)?
            .filter(|own| self.as_tuple(*own).is_some_and(|own| !own.is_empty()));
        let Some(own) = own else { return Ok(arg) };
        let mut chosen = ValueVec::<[Value; 8]>::new();
        for parameter in self.tuple_items(own) {
            let Some(at) = wanted.iter().position(|known| known == parameter) else {
                chosen.push(*parameter);
                continue;
            };
            // Only a TypeVarTuple can be iterated over: it stands for several arguments.
            let is_variadic = self.type_of(*parameter).slots().iter.is_some();
            match self.as_tuple(given[at]).map(|items| items.as_value()).filter(|_| is_variadic) {
                Some(items) => chosen.extend_from_slice(self.tuple_items(items)),
                None => chosen.push(given[at]),
            }
        }
        let chosen = self.new_tuple(&chosen)?;
        self.getitem(arg, chosen)
    }

    /// One argument as `repr` of aliases and unions shows it.
    pub(crate) fn push_type_repr(&self, text: &mut TextBuilder, value: Value) -> PyResult<()> {
        if value == Value::ELLIPSIS {
            text.push("...");
            return Ok(());
        }
        let names = &self.names;
        let is_alias = self.getattr_opt(value, names.__origin__)?.is_some()
            && self.getattr_opt(value, self.intern("__args__"))?.is_some();
        if !is_alias
            && let Some(qualname) = self.getattr_opt(value, names.__qualname__)?
            && let Some(module) = self.getattr_opt(value, names.__module__)?.filter(|module| !module.is_none())
        {
            let (module, qualname) = (self.str(module)?, self.str(qualname)?);
            if self.str_text(module) != "builtins" {
                text.push_value(self, module);
                text.push(".");
            }
            text.push_value(self, qualname);
            return Ok(());
        }
        text.push_value(self, self.repr(value)?);
        Ok(())
    }
}

fn alias(vm: &Vm, value: Value) -> Gc<PyGenericAlias> {
    vm.downcast::<PyGenericAlias>(value).expect("slot of this class")
}

fn parameters(vm: &Vm, value: Value) -> PyResult<Value> {
    let alias = alias(vm, value);
    if let Some(known) = alias.parameters.get() {
        return Ok(known);
    }
    let found = vm.type_parameters(vm.tuple_items(alias.args.get()))?;
    alias.parameters.set(&vm.heap, alias, Some(found));
    Ok(found)
}

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let alias = alias(vm, value);
    let mut text = TextBuilder::new();
    if alias.starred.get() {
        text.push("*");
    }
    vm.push_type_repr(&mut text, alias.origin.get())?;
    text.push("[");
    let args = vm.tuple_items(alias.args.get());
    for (index, arg) in args.iter().enumerate() {
        if index > 0 {
            text.push(", ");
        }
        match vm.as_list(*arg) {
            Some(list) => {
                // `Callable`-like arguments: `[int, str]`.
                text.push("[");
                let mut at = 0;
                while let Some(item) = list.items.get(at) {
                    if at > 0 {
                        text.push(", ");
                    }
                    vm.push_type_repr(&mut text, item)?;
                    at += 1;
                }
                text.push("]");
            }
            None => vm.push_type_repr(&mut text, *arg)?,
        }
    }
    if args.is_empty() {
        text.push("()");
    }
    text.push("]");
    text.finish(vm)
}

/// Attributes that are the alias's own; all others are the origin's.
const OWN: &[&str] = &[
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
    "__bases__",
    "__copy__",
    "__deepcopy__",
];

fn getattr(vm: &Vm, value: Value, name: Value) -> PyResult<Value> {
    let text = vm.str_text(name);
    if OWN.contains(&&*text) {
        vm.generic_getattr(value, name)
    } else {
        vm.getattr(alias(vm, value).origin.get(), vm.intern_any(name)?)
    }
}

fn call(vm: &Vm, value: Value, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    let result = vm.call_keywords(alias(vm, value).origin.get(), args, names)?;
    match vm.setattr(result, vm.names.__orig_class__, Some(value)) {
        Err(raised)
            if vm.pending_matches(vm.exceptions.AttributeError) || vm.pending_matches(vm.exceptions.TypeError) =>
        {
            vm.take_exception(raised);
        }
        outcome => outcome?,
    }
    Ok(result)
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let (Some(x), Some(y)) = (vm.downcast::<PyGenericAlias>(a), vm.downcast::<PyGenericAlias>(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let equal = x.starred.get() == y.starred.get()
        && vm.eq(x.origin.get(), y.origin.get())?
        && vm.eq(x.args.get(), y.args.get())?;
    Ok(Value::from_bool(equal == (op == CompareOp::Eq)))
}

fn getitem(vm: &Vm, value: Value, item: Value) -> PyResult<Value> {
    let this = alias(vm, value);
    let args = vm.substitute_parameters(value, this.args.get(), parameters(vm, value)?, item)?;
    vm.make_alias(vm.types.generic_alias, this.origin.get(), args, this.starred.get())
}

const BINARY: [Option<Binary>; 13] = {
    let mut table: [Option<Binary>; 13] = [None; 13];
    table[10] = Some(|vm, a, b| vm.type_union(a, b));
    table
};

static NEW: NativeDef = NativeDef::method("GenericAlias", "cls, origin, args, /", |vm, args| {
    let class = vm.as_class(args.at(0)).expect("the slot passes its class");
    vm.make_alias(class, args.at(1), args.at(2), false)
});

fn refuse(vm: &Vm, name: &str) -> PyResult<Value> {
    Err(vm.type_error(format!("{name}() argument 2 cannot be a parameterized generic")))
}

fn reduce(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let this = alias(vm, args.at(0));
    if this.starred.get() {
        let plain = vm.make_alias(vm.types.generic_alias, this.origin.get(), this.args.get(), false)?;
        let iterator = vm.iter(plain)?;
        let parts = vm.new_tuple(&[iterator])?;
        return vm.new_tuple(&[vm.builtin("next")?, parts]);
    }
    let parts = vm.new_tuple(&[this.origin.get(), this.args.get()])?;
    vm.new_tuple(&[vm.types.generic_alias.as_value(), parts])
}

pub static GENERIC_ALIAS: TypeDef = TypeDef {
    doc: "Represent a PEP 585 generic type\n\nE.g. for t = list[int], t.__origin__ is list and t.__args__ is (int,).",
    flags: type_flags::BASE | type_flags::HAS_WEAKREF,
    slots: Slots {
        new: Some(|vm, class, args, names| vm.call_with_first(&NEW, class.as_value(), args, names)),
        repr: Some(repr),
        call: Some(call),
        getattr: Some(getattr),
        getitem: Some(getitem),
        hash: Some(|vm, value| {
            let alias = alias(vm, value);
            Ok(vm.hash(alias.origin.get())? ^ vm.hash(alias.args.get())?)
        }),
        compare: Some(compare),
        iter: Some(|vm, value| {
            let this = alias(vm, value);
            let starred = vm.make_alias(vm.types.generic_alias, this.origin.get(), this.args.get(), true)?;
            let only = vm.new_tuple(&[starred])?;
            vm.iter(only)
        }),
        binary: BINARY,
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__mro_entries__", "self, bases, /", |vm, args| {
            vm.new_tuple(&[alias(vm, args.at(0)).origin.get()])
        }),
        NativeDef::method("__instancecheck__", "self, instance, /", |vm, _| refuse(vm, "isinstance")),
        NativeDef::method("__subclasscheck__", "self, cls, /", |vm, _| refuse(vm, "issubclass")),
        NativeDef::method("__reduce__", "self, /", reduce),
    ],
    getset: &[
        GetSetDef::read_only("__origin__", |vm, value| Ok(alias(vm, value).origin.get())),
        GetSetDef::read_only("__args__", |vm, value| Ok(alias(vm, value).args.get())),
        GetSetDef::read_only("__parameters__", parameters),
        GetSetDef::read_only("__unpacked__", |vm, value| Ok(Value::from_bool(alias(vm, value).starred.get()))),
        GetSetDef::read_only("__typing_unpacked_tuple_args__", |vm, value| {
            let this = alias(vm, value);
            let is_tuple = this.origin.get() == vm.types.tuple.as_value();
            Ok(if this.starred.get() && is_tuple { this.args.get() } else { Value::NONE })
        }),
    ],
    ..TypeDef::new("types.GenericAlias", <PyGenericAlias as Payload>::LAYOUT)
};
