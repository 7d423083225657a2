//! Tuples with named items: `sys.version_info`, `os.stat_result`, `time.struct_time`.
//!
//! A class derived from `tuple` with one computed attribute per item. Items beyond the visible ones are attributes of the instance.
//! Source: Objects/structseq.c.

use cinder_vm::types::dict::PyDict;
use cinder_vm::types::type_::PyType;
use cinder_vm::types::type_::TypeDef;
use cinder_vm::{ArgsExt, Gc, NativeDef, PyResult, Value, Vm};

/// Item `INDEX` of a tuple.
pub(crate) fn item<const INDEX: usize>(vm: &Vm, value: Value) -> PyResult<Value> {
    Ok(vm.tuple_items(value).get(INDEX).copied().unwrap_or(Value::NONE))
}

/// Field beyond the visible items: an attribute of the instance, None when it has none.
pub(crate) fn hidden(vm: &Vm, value: Value, name: &str) -> PyResult<Value> {
    Ok(vm.own_attribute(value, vm.intern(name)).unwrap_or(Value::NONE))
}

/// `struct_sequence!(NAME, "module.name", 0 first, 1 second; third, fourth)`: the declaration of such a class; what follows the semicolon are
/// attributes that are no items.
macro_rules! struct_sequence {
    ($(#[$meta:meta])* $name:ident, $class:literal, $($index:literal $field:ident),* $(,)? $(; $($hidden:ident),* $(,)?)?) => {
        $(#[$meta])*
        pub(crate) static $name: cinder_vm::types::type_::TypeDef = cinder_vm::types::type_::TypeDef {
            flags: cinder_vm::types::type_::type_flags::HAS_DICT,
            slots: cinder_vm::object::slots::Slots {
                repr: Some($crate::struct_sequence::repr),
                new: Some($crate::struct_sequence::construct),
                setattr: Some($crate::struct_sequence::refuse),
                ..cinder_vm::object::slots::Slots::NONE
            },
            methods: $crate::struct_sequence::METHODS,
            getset: &[
                $(cinder_vm::GetSetDef::member(stringify!($field), $crate::struct_sequence::item::<$index>),)*
                $($(cinder_vm::GetSetDef::read_only(stringify!($hidden), |vm, value| {
                    $crate::struct_sequence::hidden(vm, value, stringify!($hidden))
                }),)*)?
            ],
            ..cinder_vm::types::type_::TypeDef::new($class, <cinder_vm::types::tuple::PyTuple as cinder_vm::object::Payload>::LAYOUT)
        };
    };
}
pub(crate) use struct_sequence;

/// Number of fields that are items: the plain fields of the declaration.
fn visible_count(def: &TypeDef) -> usize {
    def.getset.iter().filter(|field| field.is_member).count()
}

/// `setattr` of all of them: nothing can be set.
pub(crate) fn refuse(vm: &Vm, value: Value, name: Value, _: Option<Value>) -> PyResult<()> {
    let class = vm.type_of(value);
    if vm.type_lookup(class, name).is_some() {
        return Err(vm.attribute_error(value, name, "readonly attribute"));
    }
    let (class, text) = (class.declared_name(), vm.str_text(name));
    let message = format!("'{class}' object has no attribute '{text}' and no __dict__ for setting new attributes");
    Err(vm.attribute_error(value, name, &message))
}

/// `value.__replace__(**changes)`: a copy with other fields, which `changes` maps by name.
fn replace(vm: &Vm, value: Value, changes: Gc<PyDict>) -> PyResult<Value> {
    let class = vm.type_of(value);
    let def = class.def.expect("these classes are native and have no subclasses");
    let changes = vm.dict_copy(changes)?;
    let mut items = cinder_vm::value_vec::ValueVec::<[Value; 16]>::new();
    let visible = visible_count(def);
    for (field, old) in def.getset.iter().zip(vm.tuple_items(value)) {
        let new = vm.dict_remove(changes, vm.intern(field.name))?;
        items.push(new.unwrap_or(*old));
    }
    let more = vm.new_pydict()?;
    for field in &def.getset[visible..] {
        let name = vm.intern(field.name);
        let new = match vm.dict_remove(changes, name)? {
            Some(new) => Some(new),
            None => vm.own_attribute(value, name),
        };
        if let Some(new) = new {
            vm.dict_set_interned(more, name, new)?;
        }
    }
    if !changes.is_empty() {
        let mut names = Vec::new();
        for number in 0..changes.entry_count() {
            if let Some((name, _)) = changes.entry(number) {
                names.push(vm.repr_text(name)?);
            }
        }
        return Err(vm.type_error(format!("Got unexpected field name(s): [{}]", names.join(", "))));
    }
    let items = vm.new_tuple(&items)?;
    vm.call(class.as_value(), &[items, more.as_value()])
}

pub(crate) const METHODS: &[NativeDef] = &[
    NativeDef::method("__replace__", "self, /, **changes", |vm, args| {
        let changes = args.opt(1).and_then(|changes| vm.as_dict(changes));
        replace(vm, args.at(0), changes.map_or_else(|| vm.new_pydict(), Ok)?)
    }),
    NativeDef::method("__reduce__", "self, /", |vm, args| {
        let value = args.at(0);
        let class = vm.type_of(value);
        let items = vm.new_tuple(vm.tuple_items(value))?;
        let more = vm.new_pydict()?;
        for (name, item) in &vm.own_attributes(value) {
            vm.dict_set_interned(more, *name, *item)?;
        }
        let arguments = vm.new_tuple(&[items, more.as_value()])?;
        vm.new_tuple(&[class.as_value(), arguments])
    }),
];

/// `class(sequence, dict={})`.
pub(crate) fn construct(vm: &Vm, class: Gc<PyType>, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    let def = class.def.expect("these classes are native and have no subclasses");
    let name = def.name;
    if UNMADE.contains(&name) {
        return Err(vm.type_error(format!("cannot create '{name}' instances")));
    }
    make(vm, class, args, names)
}

/// Classes of which programs make no instances.
const UNMADE: [&str; 2] = ["sys.flags", "sys.version_info"];

fn make(vm: &Vm, class: Gc<PyType>, args: &[Value], names: Option<Value>) -> PyResult<Value> {
    let def = class.def.expect("these classes are native and have no subclasses");
    let name = def.name;
    let (given, more) = match *args {
        [given] => (given, None),
        [given, more] => (given, Some(more)),
        _ => return Err(vm.type_error(format!("{name}() missing required argument 'sequence' (pos 1)"))),
    };
    if names.is_some() {
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    if vm.type_of(given).slots().iter.is_none() && vm.type_of(given).slots().getitem.is_none() {
        return Err(vm.type_error("constructor requires a sequence"));
    }
    let mut items = cinder_vm::value_vec::ValueVec::<[Value; 16]>::new();
    vm.for_each(given, |item| {
        items.push(item);
        Ok(())
    })?;
    let (visible, all, count) = (visible_count(def), def.getset.len(), items.len());
    if count < visible || count > all {
        let wanted = match () {
            () if visible == all => format!("a {visible}"),
            () if count < visible => format!("an at least {visible}"),
            () => format!("an at most {all}"),
        };
        return Err(vm.type_error(format!("{name}() takes {wanted}-sequence ({count}-sequence given)")));
    }
    let shown = vm.new_tuple(&items[..visible])?;
    let new = vm.types.tuple.slots().new.expect("tuples can be made");
    let value = new(vm, class, &[shown], None)?;
    for (field, item) in def.getset[visible..].iter().zip(&items[visible..]) {
        vm.set_own_attribute(value, vm.intern(field.name), *item)?;
    }
    if let Some(more) = more.and_then(|more| vm.as_dict(more)) {
        let mut taken = 0;
        // Some visible fields have another value as attribute than as item (the times of `stat_result`).
        for (number, field) in def.getset.iter().enumerate() {
            if let Some(item) = more.get_interned(vm.intern(field.name)).filter(|_| !(visible..count).contains(&number))
            {
                vm.set_own_attribute(value, vm.intern(field.name), item)?;
                taken += 1;
            }
        }
        if taken < more.len() {
            return Err(vm.type_error(format!("{name}() got duplicate or unexpected field name(s)")));
        }
    }
    Ok(value)
}

/// The class of a declaration.
pub(crate) fn class(vm: &Vm, def: &'static TypeDef) -> PyResult<Gc<PyType>> {
    let class = vm.native_class_with_base(def, vm.types.tuple)?;
    let names = class.dict.get();
    let fields = vm.intern("n_fields");
    if names.get_interned(fields).is_none() {
        let visible = visible_count(def);
        vm.dict_set_interned(names, vm.intern("n_sequence_fields"), vm.new_uint(visible)?)?;
        vm.dict_set_interned(names, fields, vm.new_uint(def.getset.len())?)?;
        vm.dict_set_interned(names, vm.intern("n_unnamed_fields"), Value::ZERO)?;
        let mut texts = cinder_vm::value_vec::ValueVec::<[Value; 8]>::new();
        def.getset[..visible].iter().for_each(|field| texts.push(vm.intern(field.name)));
        let texts = vm.new_tuple(&texts)?;
        vm.dict_set_interned(names, vm.names.__match_args__, texts)?;
    }
    Ok(class)
}

/// A new instance with the visible items.
pub(crate) fn new(vm: &Vm, def: &'static TypeDef, items: &[Value]) -> PyResult<Value> {
    let class = class(vm, def)?;
    let items = vm.new_tuple(items)?;
    make(vm, class, &[items], None)
}

/// `sys.version_info(major=3, minor=14, ..)`.
pub(crate) fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = vm.type_of(value);
    let Some(def) = class.def else { return (vm.types.tuple.slots().repr.expect("tuple has a repr"))(vm, value) };
    let mut parts = Vec::new();
    for (field, item) in def.getset.iter().zip(vm.tuple_items(value)) {
        parts.push(format!("{}={}", field.name, vm.repr_text(*item)?));
    }
    vm.new_str(&format!("{}({})", def.name, parts.join(", ")))
}
