//! Attributes of classes and of `super()`.

use super::super::Machine;
use crate::object::{Body, Ty};
use crate::rules::Rule;
use crate::value::{Fail, Obj, R, Value};

impl Machine<'_> {
    pub(crate) fn class_attr(&mut self, obj: Obj, name: &str) -> R<Option<Value>> {
        let meta = self.obj(obj).class;
        if meta.heap != 0
            && let Some(hook) = self.overrides(&Value::Obj(obj), "__getattribute__")
        {
            return self.attr_by_hook(&hook, &Value::Obj(obj), name);
        }
        self.plain_class_attr(obj, name)
    }

    /// What `type.__getattribute__` does.
    pub(crate) fn plain_class_attr(&mut self, obj: Obj, name: &str) -> R<Option<Value>> {
        let meta = self.obj(obj).class;
        let on_meta = self.lookup_known(meta, name);
        if let Some(found) = &on_meta
            && self.is_data_descriptor(found)
        {
            return self.bind_method(found, &Value::Obj(obj), meta).map(Some);
        }
        if let Some(value) = self.class_builtin(obj, name)? {
            return Ok(Some(value));
        }
        let found = match self.lookup(obj, name) {
            Ok(found) => found,
            Err(fail @ Fail::Violation(_)) if on_meta.is_none() => return Err(fail),
            Err(Fail::Violation(_)) => None,
            Err(fail) => return Err(fail),
        };
        if let Some(found) = found {
            return self.bind_on_class(&found, obj).map(Some);
        }
        match on_meta {
            Some(found) => self.bind_method(&found, &Value::Obj(obj), meta).map(Some),
            None => self.attr_fallback(&Value::Obj(obj), name, None),
        }
    }

    /// `__get__` for an attribute read from a class.
    pub(crate) fn bind_on_class(&mut self, found: &Value, class: Obj) -> R {
        match found {
            Value::Obj(obj) => match self.body(*obj) {
                Body::StaticMethod(function) => Ok(function.clone()),
                Body::ClassMethod(function) => {
                    let function = function.clone();
                    self.bind_class_method(function, class)
                }
                Body::Plain | Body::Scalar(_) | Body::Dict(_) | Body::List(_) => {
                    self.user_get(found, Value::None, Value::Obj(class))
                }
                _ => Ok(found.clone()),
            },
            Value::Lazy(lazy) => self.force(lazy),
            Value::Native(native)
                if matches!(native.name, "fromkeys" | "maketrans" | "from_bytes" | "fromhex") && native.binds =>
            {
                Ok(self.new_obj(Ty::Method, Body::Method { function: found.clone(), receiver: Value::Obj(class) }))
            }
            _ => Ok(found.clone()),
        }
    }

    pub(super) fn class_builtin(&mut self, obj: Obj, name: &str) -> R<Option<Value>> {
        let Some(class) = self.class(obj) else { return Ok(None) };
        Ok(match name {
            "__name__" => Some(Value::Str(class.name.clone())),
            "__qualname__" => Some(Value::Str(class.qualname.clone())),
            "__bases__" => Some(Value::tuple(class.bases.clone())),
            "__base__" => Some(class.bases.first().cloned().unwrap_or(Value::None)),
            "__mro__" => Some(Value::tuple(class.mro.clone())),
            "__class__" => Some(Value::Obj(self.obj(obj).class)),
            "__dict__" => Some(self.new_obj(Ty::Proxy, Body::Proxy(obj))),
            "__doc__" => Some(class.dict.get_str("__doc__").cloned().unwrap_or(Value::None)),
            "__module__" if obj.heap == 0 => Some(Value::str("builtins")),
            "__annotations__" => Some(self.class_annotations(obj)?),
            "__text_signature__" => Some(Value::None),
            "__type_params__" => Some(class.dict.get_str(name).cloned().unwrap_or(Value::tuple([]))),
            _ => None,
        })
    }

    /// The class's own annotations, evaluated when they are first asked for.
    pub(crate) fn class_annotations(&mut self, obj: Obj) -> R {
        let Some(class) = self.class(obj) else { return Ok(Value::Obj(self.new_dict())) };
        if let Some(value) = class.dict.get_str("__annotations__") {
            return Ok(value.clone());
        }
        let value = match class.dict.get_str("__annotate_func__").cloned() {
            Some(annotate) => self.run_annotations(&annotate)?,
            None => Value::Obj(self.new_dict()),
        };
        if let Some(Body::Class(class)) = self.own_mut(obj).map(|object| &mut object.body) {
            class.dict.insert_str("__annotations__", value.clone());
        }
        Ok(value)
    }

    pub(super) fn super_attr(&mut self, obj: Obj, name: &str) -> R<Option<Value>> {
        let Body::Super(parts) = self.body(obj) else { return Ok(None) };
        let [after, object, kind] = (**parts).clone();
        if name == "__class__" {
            return Ok(Some(Ty::Super.value()));
        }
        let Some(kind) = kind.as_obj() else { return self.object_payload(obj, name) };
        let mro = self.class(kind).map(|class| class.mro.clone()).unwrap_or_default();
        let at = mro.iter().position(|base| *base == after).map_or(mro.len(), |at| at + 1);
        for base in &mro[at..] {
            match base {
                Value::Obj(base) => {
                    let found = self.class(*base).and_then(|class| class.dict.get_str(name)).cloned();
                    let Some(found) = found else { continue };
                    let is_class_call = object == Value::Obj(kind);
                    return match (&found, is_class_call) {
                        (Value::Native(native), _) if native.name == "__new__" => Ok(Some(found)),
                        (_, true) if !self.is_metaclass_method(*base) => self.bind_super_class(&found, kind).map(Some),
                        _ => self.bind_method(&found, &object, kind).map(Some),
                    };
                }
                Value::Unknown(base) => {
                    let (shown, result) = (base.name.clone(), format!("{}.{name}", base.name));
                    if base.is_harmless {
                        return Ok(Some(Value::harmless(&result)));
                    }
                    let base = Value::Unknown(base.clone());
                    return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, name], &base, &result));
                }
                _ => {}
            }
        }
        self.object_payload(obj, name)
    }

    fn is_metaclass_method(&self, base: Obj) -> bool {
        self.is_subclass(base, Ty::Type.obj())
    }

    fn bind_super_class(&mut self, found: &Value, class: Obj) -> R {
        self.bind_on_class(found, class)
    }
}
