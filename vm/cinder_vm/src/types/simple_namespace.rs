//! `types.SimpleNamespace`. Source: Objects/namespaceobject.c.

use cinder_bytecode::CompareOp;
use cinder_heap::Gc;
use cinder_layout::Value;

use crate::native::{Arg, ArgsExt, NativeDef, PyResult};
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::dict::PyDict;
use crate::types::object::{DICT_GETSET, PyObject};
use crate::types::text_builder::TextBuilder;
use crate::types::type_::{TypeDef, type_flags};
use crate::vm::Vm;

fn attributes(vm: &Vm, value: Value) -> PyResult<Gc<PyDict>> {
    Ok(vm.instance_dict(value)?.expect("the class gives its instances a dictionary"))
}

static INIT: NativeDef =
    NativeDef::method("SimpleNamespace", "self, mapping_or_iterable=(), /, **kwargs", |vm, args| {
        let own = attributes(vm, args.at(0))?;
        if let Some(mapping) = args.opt(1) {
            let given = vm.new_pydict()?;
            vm.dict_update(given, mapping)?;
            let mut number = 0;
            while let Some((key, value)) = given.entry(number) {
                if !vm.is_str(key) {
                    return Err(vm.type_error("keywords must be strings"));
                }
                vm.dict_set_interned(own, vm.intern_any(key)?, value)?;
                number += 1;
            }
        }
        if let Some(keywords) = args.opt(2) {
            vm.dict_update(own, keywords)?;
        }
        Ok(Value::NONE)
    });

fn repr(vm: &Vm, value: Value) -> PyResult<Value> {
    let class = vm.type_of(value);
    let name = if class == vm.types.simple_namespace { "namespace".to_owned() } else { class.name() };
    vm.with_repr_guard(value, &format!("{name}(...)"), || {
        let own = attributes(vm, value)?;
        let mut text = TextBuilder::new();
        text.push(&name);
        text.push("(");
        let (mut number, mut first) = (0, true);
        while number < own.entry_count() {
            if let Some((key, item)) = own.entry(number).filter(|(key, _)| vm.is_str(*key)) {
                if !std::mem::take(&mut first) {
                    text.push(", ");
                }
                text.push_value(vm, key);
                text.push("=");
                text.push_value(vm, vm.repr(item)?);
            }
            number += 1;
        }
        text.push(")");
        text.finish(vm)
    })
}

fn compare(vm: &Vm, a: Value, b: Value, op: CompareOp) -> PyResult<Value> {
    let class = vm.types.simple_namespace;
    if !vm.is_instance(a, class) || !vm.is_instance(b, class) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    vm.compare(attributes(vm, a)?.as_value(), attributes(vm, b)?.as_value(), op)
}

fn replace(vm: &Vm, args: &[Arg]) -> PyResult<Value> {
    let class = vm.type_of(args.at(0));
    let result = vm.call(class.as_value(), &[])?;
    if !vm.is_instance(result, vm.types.simple_namespace) {
        let (module, name, found) = (vm.class_module_text(class), class.qualname.borrow(), vm.type_name(result));
        let prefix = if matches!(module.as_str(), "builtins" | "__main__") { String::new() } else { module + "." };
        return Err(
            vm.type_error(format!("expect types.SimpleNamespace type, but {prefix}{name}() returned '{found}' object"))
        );
    }
    let own = attributes(vm, result)?;
    vm.dict_update(own, attributes(vm, args.at(0))?.as_value())?;
    if let Some(keywords) = args.opt(1) {
        vm.dict_update(own, keywords)?;
    }
    Ok(result)
}

pub static SIMPLE_NAMESPACE: TypeDef = TypeDef {
    doc: "A simple attribute-based namespace.",
    flags: type_flags::BASE | type_flags::HAS_DICT,
    slots: Slots {
        new: Some(|vm, class, _, _| vm.new_plain_instance(class)),
        init: Some(|vm, value, args, names| vm.call_with_first(&INIT, value, args, names).map(|_| ())),
        repr: Some(repr),
        compare: Some(compare),
        ..Slots::NONE
    },
    methods: &[
        NativeDef::method("__reduce__", "self, /", |vm, args| {
            let own = attributes(vm, args.at(0))?;
            vm.new_tuple(&[vm.type_of(args.at(0)).as_value(), *vm.empty_tuple, own.as_value()])
        })
        .doc("Return state information for pickling"),
        NativeDef::method("__replace__", "self, /, **changes", replace)
            .doc("Return a copy of the namespace object with new values for the specified attributes."),
    ],
    getset: &[DICT_GETSET],
    ..TypeDef::new("types.SimpleNamespace", <PyObject as Payload>::LAYOUT)
};

impl Vm {
    /// `types.SimpleNamespace` with these attributes.
    pub fn new_simple_namespace(&self, attributes_given: &[(&str, Value)]) -> PyResult<Value> {
        let value = self.new_plain_instance(self.types.simple_namespace)?;
        for (name, item) in attributes_given {
            self.set_own_attribute(value, self.intern(name), *item)?;
        }
        Ok(value)
    }
}
