//! Setting and deleting attributes.

use std::sync::Arc;

use super::super::Machine;
use crate::object::{Body, Ty};
use crate::rules::Rule;
use crate::value::{Args, Obj, R, Value};

impl Machine<'_> {
    pub(crate) fn set_attr(&mut self, object: &Value, name: &str, value: Value) -> R<()> {
        match object {
            Value::Unknown(unknown) => {
                let shown = unknown.name.clone();
                let result = format!("{shown}.{name}");
                if unknown.is_harmless {
                    // Something of a library: its attributes belong to the library, those of what it made to nobody else.
                    if shown.contains('(') {
                        return Ok(());
                    }
                    return Err(self.violation(Rule::MutatesProcess, &[&result], Value::None));
                }
                Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, name], object, &result))
            }
            Value::Obj(obj) => {
                if let Body::Module(module) = self.body(*obj) {
                    let dict = module.dict;
                    // One that the program has made itself is nobody's module.
                    if self.is_own(*obj) && !self.modules.iter().any(|(_, module)| module == obj) {
                        return self.dict_put(dict, Value::str(name), value, true);
                    }
                    return self.immutable(name, "module", object);
                }
                if let Some(hook) = self.attr_hook(object, "__setattr__") {
                    self.call(&hook, Args::new([object.clone(), Value::str(name), value]))?;
                    return Ok(());
                }
                self.plain_set_attr(*obj, name, value)
            }
            _ => self.immutable(name, "object", object),
        }
    }

    /// A `__setattr__` or `__delattr__` of the program's own.
    pub(super) fn attr_hook(&self, object: &Value, name: &str) -> Option<Value> {
        self.overrides(object, name)
    }

    pub(super) fn immutable<T>(&mut self, name: &str, kind: &str, object: &Value) -> R<T> {
        let shown = match object.as_obj().and_then(|obj| self.module_of(obj)) {
            Some(module) => module.name.clone(),
            None => self.show(object).into(),
        };
        Err(self.violation(Rule::Immutable, &[name, kind, &shown], Value::None))
    }

    /// What `object.__setattr__` and `type.__setattr__` do.
    pub(crate) fn plain_set_attr(&mut self, obj: Obj, name: &str, value: Value) -> R<()> {
        let object = Value::Obj(obj);
        let is_class = matches!(self.body(obj), Body::Class(_));
        if obj.heap == 0 {
            return self.immutable(name, if is_class { "type" } else { "object" }, &object);
        }
        let class = self.obj(obj).class;
        let found = if is_class { None } else { self.lookup_known(class, name) };
        let found = found.or_else(|| if is_class { self.lookup_known(class, name) } else { None });
        if let Some(found) = found
            && let Some(descriptor) = found.as_obj()
        {
            match self.body(descriptor) {
                Body::Property(parts) => {
                    let setter = parts[1].clone();
                    if setter.is_none() {
                        return self.raise(Ty::AttributeError, format!("can't set attribute '{name}'"));
                    }
                    self.call(&setter, Args::new([object, value]))?;
                    return Ok(());
                }
                Body::Plain | Body::Scalar(_) if self.has_special(&found, "__set__") => {
                    self.call_special(&found, "__set__", vec![object, value])?;
                    return Ok(());
                }
                Body::Plain | Body::Scalar(_) if self.has_special(&found, "__delete__") => {
                    return self.raise(Ty::AttributeError, "__set__");
                }
                Body::Member(slot) => {
                    let slot = slot.clone();
                    return self.put_attr(obj, &slot, value);
                }
                _ => {}
            }
        }
        if is_class && name == "__dict__" {
            return self.raise(Ty::AttributeError, "attribute '__dict__' of 'type' objects is not writable");
        }
        if is_class {
            return self.set_class_attr(obj, name, value);
        }
        if self.set_payload(obj, name, &value)? {
            return Ok(());
        }
        let is_builtin = class.heap == 0;
        if is_builtin && !matches!(self.body(obj), Body::Function(_) | Body::Exception(_) | Body::Alias { .. }) {
            let shown = self.class_name(class);
            return self.raise(Ty::AttributeError, format!("'{shown}' object has no attribute '{name}'"));
        }
        if self.class(class).is_some_and(|class| class.is_slotted) {
            let shown = self.class_name(class);
            return self.raise(Ty::AttributeError, format!("'{shown}' object has no attribute '{name}'"));
        }
        self.put_attr(obj, name, value)
    }

    pub(super) fn put_attr(&mut self, obj: Obj, name: &str, value: Value) -> R<()> {
        self.change(obj)?;
        let dict = match self.obj(obj).attrs {
            Some(dict) => dict,
            None => {
                let dict = self.new_dict();
                self.objects[obj.index as usize].attrs = Some(dict);
                dict
            }
        };
        if let Some(Body::Dict(content)) = self.own_mut(dict).map(|object| &mut object.body) {
            content.insert_str(name, value);
        }
        Ok(())
    }

    /// An attribute of the machine's own, without asking.
    pub(crate) fn set_hidden(&mut self, object: &Value, name: &str, value: Value) {
        let Some(obj) = object.as_obj().filter(|obj| obj.heap == self.unit) else { return };
        // A failure here only loses a cause.
        let _ = self.put_attr(obj, name, value);
    }

    pub(super) fn set_class_attr(&mut self, obj: Obj, name: &str, value: Value) -> R<()> {
        let object = self.change(obj)?;
        if let Body::Class(class) = &mut object.body {
            match (name, &value) {
                ("__name__", Value::Str(name)) => class.name = name.clone(),
                ("__qualname__", Value::Str(name)) => class.qualname = name.clone(),
                ("__bases__", Value::Tuple(bases)) => class.bases = bases.to_vec(),
                _ => {
                    class.dict.insert_str(name, value);
                }
            }
        }
        Ok(())
    }

    /// Attributes that live in an object's body. Whether it was one.
    pub(super) fn set_payload(&mut self, obj: Obj, name: &str, value: &Value) -> R<bool> {
        match self.body(obj) {
            Body::Function(_) => {
                let is_known = matches!(
                    name,
                    "__name__"
                        | "__qualname__"
                        | "__doc__"
                        | "__annotations__"
                        | "__defaults__"
                        | "__kwdefaults__"
                        | "__dict__"
                );
                if !is_known {
                    return Ok(false);
                }
                self.set_function_attr(obj, name, value)?;
                Ok(true)
            }
            Body::Exception(_) if name == "args" => {
                let items = self.iterate(value)?;
                self.change(obj)?.body = Body::Exception(items);
                Ok(true)
            }
            Body::Property(_) if name == "__doc__" => {
                if let Body::Property(parts) = &mut self.change(obj)?.body {
                    parts[3] = value.clone();
                }
                Ok(true)
            }
            _ if name == "__class__" => {
                let Some(class) = self.as_class(value) else {
                    return self.type_error("__class__ must be set to a class");
                };
                self.change(obj)?.class = class;
                Ok(true)
            }
            _ if name == "__dict__" => {
                let Some(dict) = value.as_obj().filter(|dict| matches!(self.body(*dict), Body::Dict(_))) else {
                    return self.type_error("__dict__ must be set to a dictionary");
                };
                self.change(obj)?.attrs = Some(dict);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    pub(super) fn set_function_attr(&mut self, obj: Obj, name: &str, value: &Value) -> R<()> {
        // What nobody knows cannot be looked at later either.
        if value.is_unknown() && !matches!(name, "__doc__" | "__annotations__") {
            return self.change(obj).map(|_| ());
        }
        let keyword_defaults = match (name, value) {
            ("__kwdefaults__", Value::Obj(_)) => self.keyword_list(value),
            _ => Vec::new(),
        };
        let text = match (name, value) {
            ("__name__" | "__qualname__", Value::Str(text)) => Some(text.clone()),
            ("__name__" | "__qualname__", value) if value.as_unknown().is_none() => {
                return self.type_error(format!("{name} must be set to a string object"));
            }
            _ => None,
        };
        let is_dict = value.as_obj().is_some_and(|obj| matches!(self.body(obj), Body::Dict(_)));
        match name {
            "__dict__" if !is_dict => return self.type_error("__dict__ must be set to a dictionary"),
            "__annotations__" if !is_dict && !value.is_none() => {
                return self.type_error("__annotations__ must be set to a dict object");
            }
            "__defaults__" if !matches!(value, Value::Tuple(_) | Value::None) => {
                return self.type_error("__defaults__ must be set to a tuple object");
            }
            _ => {}
        }
        let object = self.change(obj)?;
        if name == "__dict__" {
            object.attrs = value.as_obj();
            return Ok(());
        }
        let Body::Function(function) = &mut object.body else { return Ok(()) };
        let function = Arc::make_mut(function);
        match (name, value) {
            ("__name__", _) => function.name = text.unwrap_or_default(),
            ("__qualname__", _) => function.qualname = text.unwrap_or_default(),
            ("__doc__", value) => function.doc = Some(value.clone()),
            ("__annotations__", value) => function.annotations_value = Some(value.clone()),
            ("__defaults__", Value::Tuple(items)) => function.defaults = items.to_vec(),
            ("__defaults__", _) => function.defaults = Vec::new(),
            _ => function.keyword_defaults = keyword_defaults,
        }
        Ok(())
    }

    pub(crate) fn delete_attr(&mut self, object: &Value, name: &str) -> R<()> {
        match object {
            Value::Unknown(unknown) => {
                let shown = unknown.name.clone();
                let result = format!("{shown}.{name}");
                Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, name], object, &result))
            }
            Value::Obj(obj) => {
                if matches!(self.body(*obj), Body::Module(_)) {
                    return self.immutable(name, "module", object);
                }
                if let Some(hook) = self.attr_hook(object, "__delattr__") {
                    self.call(&hook, Args::new([object.clone(), Value::str(name)]))?;
                    return Ok(());
                }
                self.plain_delete_attr(*obj, name)
            }
            _ => self.immutable(name, "object", object),
        }
    }

    pub(crate) fn plain_delete_attr(&mut self, obj: Obj, name: &str) -> R<()> {
        let object = Value::Obj(obj);
        let class = self.obj(obj).class;
        let is_class = matches!(self.body(obj), Body::Class(_));
        if obj.heap == 0 {
            return self.immutable(name, if is_class { "type" } else { "object" }, &object);
        }
        if let Some(found) = self.lookup_known(class, name)
            && let Some(descriptor) = found.as_obj()
        {
            match self.body(descriptor) {
                Body::Property(parts) => {
                    let deleter = parts[2].clone();
                    if deleter.is_none() {
                        return self.raise(Ty::AttributeError, format!("can't delete attribute '{name}'"));
                    }
                    self.call(&deleter, Args::new([object]))?;
                    return Ok(());
                }
                Body::Plain | Body::Scalar(_) if self.has_special(&found, "__delete__") => {
                    self.call_special(&found, "__delete__", vec![object])?;
                    return Ok(());
                }
                _ => {}
            }
        }
        self.change(obj)?;
        if let Body::Function(function) = &mut self.objects[obj.index as usize].body
            && name == "__doc__"
        {
            Arc::make_mut(function).doc = Some(Value::None);
            return Ok(());
        }
        let removed = match &mut self.objects[obj.index as usize].body {
            Body::Class(class) => class.dict.remove_str(name),
            _ => None,
        };
        let removed = removed.or_else(|| {
            let dict = self.obj(obj).attrs?;
            match self.own_mut(dict).map(|object| &mut object.body) {
                Some(Body::Dict(content)) => content.remove_str(name),
                _ => None,
            }
        });
        match removed {
            Some(_) => Ok(()),
            None => self.missing_attribute(&object, name).map(|_| ()),
        }
    }
}
