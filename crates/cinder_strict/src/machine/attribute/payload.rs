//! What the kinds of objects have besides their dictionaries: parts of numbers, names and code of functions, annotations.

use std::sync::Arc;

use super::super::Machine;
use crate::object::{Body, Ty};
use crate::value::{Args, Obj, R, Value};

impl Machine<'_> {
    pub(super) fn payload_attr(&mut self, object: &Value, name: &str) -> R<Option<Value>> {
        let plain = self.plain(object);
        Ok(match (&plain, name) {
            (Value::Int(_) | Value::Bool(_) | Value::Big(_), "real" | "numerator") => {
                Some(if let Value::Bool(value) = plain { Value::Int(i64::from(value)) } else { plain })
            }
            (Value::Int(_) | Value::Bool(_) | Value::Big(_), "imag") => Some(Value::Int(0)),
            (Value::Int(_) | Value::Bool(_) | Value::Big(_), "denominator") => Some(Value::Int(1)),
            (Value::Float(_), "real") => Some(plain),
            (Value::Float(_), "imag") => Some(Value::Float(0.0)),
            (Value::Complex(real, _), "real") => Some(Value::Float(*real)),
            (Value::Complex(_, imag), "imag") => Some(Value::Float(*imag)),
            (Value::Native(native), "__name__" | "__qualname__") => Some(Value::str(native.name)),
            (Value::Native(_), "__module__") => Some(Value::str("builtins")),
            (Value::Native(_), "__doc__") => Some(Value::None),
            (Value::Native(native), "__objclass__") if native.binds => {
                Some(match crate::builtins::class_of_method(native) {
                    Some(class) => class.value(),
                    None => Value::harmless(&format!("{}.__objclass__", native.name)),
                })
            }
            (Value::Native(native), "__self__") if !native.binds => {
                Some(Value::harmless(&format!("{}.__self__", native.name)))
            }
            (Value::Native(native), "__text_signature__") => {
                Some(Value::harmless(&format!("{}.__text_signature__", native.name)))
            }
            (Value::Obj(obj), _) => {
                let obj = *obj;
                self.object_payload(obj, name)?
            }
            _ => None,
        })
    }

    pub(super) fn object_payload(&mut self, obj: Obj, name: &str) -> R<Option<Value>> {
        // Large bodies have no attributes of this kind and must not be copied.
        if matches!(
            self.body(obj),
            Body::Plain
                | Body::List(_)
                | Body::Dict(_)
                | Body::Set(_)
                | Body::ByteArray(_)
                | Body::Class(_)
                | Body::Iterator(_)
        ) {
            return Ok(None);
        }
        Ok(match (self.body(obj).clone(), name) {
            (Body::Function(function), _) => self.function_attr(obj, &function, name)?,
            (Body::Method { function, .. }, "__func__") => Some(function),
            (Body::Method { receiver, .. }, "__self__") => Some(receiver),
            (Body::Method { function, .. }, _) => match name {
                "__call__" => Some(Value::Obj(obj)),
                _ => self.find_attr(&function, name)?,
            },
            (Body::Property(parts), _) => {
                let at = ["fget", "fset", "fdel", "__doc__"].iter().position(|known| *known == name);
                at.map(|at| parts[at].clone())
            }
            (Body::ClassMethod(function) | Body::StaticMethod(function), "__func__" | "__wrapped__") => Some(function),
            (Body::ClassMethod(function) | Body::StaticMethod(function), _)
                if !matches!(name, "__get__" | "__set__" | "__dict__" | "__init__" | "__isabstractmethod__") =>
            {
                self.find_attr(&function, name)?
            }
            (Body::ClassMethod(function) | Body::StaticMethod(function), "__isabstractmethod__") => {
                self.find_attr(&function, name)?
            }
            (Body::Exception(args), "args") => Some(Value::tuple(args)),
            (Body::Exception(args), "value") if self.is_instance(&Value::Obj(obj), Ty::StopIteration) => {
                Some(args.first().cloned().unwrap_or(Value::None))
            }
            (Body::Exception(args), "code") if self.is_instance(&Value::Obj(obj), Ty::SystemExit) => {
                Some(args.first().cloned().unwrap_or(Value::None))
            }
            (Body::Exception(args), "message" | "exceptions")
                if self.is_instance(&Value::Obj(obj), Ty::BaseExceptionGroup) =>
            {
                args.get(usize::from(name == "exceptions")).cloned()
            }
            (Body::Exception(args), "errno" | "strerror" | "filename")
                if self.is_instance(&Value::Obj(obj), Ty::OSError) =>
            {
                let at = match name {
                    "errno" => 0,
                    "strerror" => 1,
                    _ => 2,
                };
                Some(args.get(at).filter(|_| args.len() > 1).cloned().unwrap_or(Value::None))
            }
            (Body::Exception(_), "name" | "path" | "obj") => Some(Value::None),
            (Body::Exception(_), "__cause__" | "__context__") => Some(Value::None),
            (Body::Exception(_), "__traceback__") if self.settings.is_compatible => Some(Value::None),
            (Body::Exception(_), "__traceback__") => Some(Value::harmless("<traceback>")),
            (Body::Exception(_), "__suppress_context__") => Some(Value::Bool(false)),
            (Body::Slice(parts), _) => {
                ["start", "stop", "step"].iter().position(|known| *known == name).map(|at| parts[at].clone())
            }
            (Body::Range(start, stop, step), "start" | "stop" | "step") => Some(Value::Int(match name {
                "start" => start,
                "stop" => stop,
                _ => step,
            })),
            (Body::Alias { origin, args }, _) => match name {
                "__origin__" => Some(origin),
                "__args__" => Some(args),
                "__parameters__" => Some(self.alias_parameters(&args)),
                "__unpacked__" => Some(Value::Bool(false)),
                "__class__" | "__mro_entries__" | "__getitem__" | "__eq__" | "__or__" | "__hash__" => None,
                _ => self.find_attr(&origin, name)?,
            },
            (Body::Member(slot), "__objclass__") => Some(Value::harmless(&format!("{slot}.__objclass__"))),
            (Body::Union(members), "__args__") => Some(Value::tuple(members)),
            (Body::Union(members), "__parameters__") => Some(self.alias_parameters(&Value::tuple(members))),
            (Body::Code(code), _) => match name {
                "co_name" => Some(Value::Str(code.name.clone())),
                "co_argcount" => Some(Value::Int(code.params.positional.len() as i64)),
                "co_posonlyargcount" => Some(Value::Int(code.params.positional_only as i64)),
                "co_kwonlyargcount" => Some(Value::Int(code.params.keyword_only.len() as i64)),
                "co_varnames" => Some(Value::tuple(code.locals.iter().cloned().map(Value::Str).collect::<Vec<_>>())),
                "co_flags" => Some(Value::Int(code_flags(&code))),
                "co_filename" => Some(Value::str("<module>")),
                "co_firstlineno" => Some(Value::Int(1)),
                _ => None,
            },
            (Body::TypeAlias { name: alias, value }, _) => match name {
                "__name__" => Some(Value::Str(alias)),
                "__value__" => Some(self.call_function(&value, Args::default())?),
                "__type_params__" | "__parameters__" => Some(Value::tuple([])),
                _ => None,
            },
            (Body::Member(slot), "__name__") => Some(Value::Str(slot)),
            (Body::Cell(content), "cell_contents") => content,
            (Body::Super(parts), "__thisclass__") => Some(parts[0].clone()),
            (Body::Super(parts), "__self__") => Some(parts[1].clone()),
            (Body::Super(parts), "__self_class__") => Some(parts[2].clone()),
            (Body::Coroutine(qualname), "__name__" | "__qualname__") => Some(Value::Str(qualname)),
            (Body::Generator(state), "__name__" | "__qualname__") => Some(Value::Str(state.name.clone())),
            _ => None,
        })
    }

    fn function_attr(&mut self, obj: Obj, function: &Arc<crate::object::Function>, name: &str) -> R<Option<Value>> {
        Ok(Some(match name {
            "__name__" => Value::Str(function.name.clone()),
            "__qualname__" => Value::Str(function.qualname.clone()),
            "__module__" => match self.own_attr(&Value::Obj(obj), "__module__") {
                Some(value) => value,
                None => self.module_of(function.module).map_or(Value::None, |module| Value::Str(module.name.clone())),
            },
            "__doc__" => match &function.doc {
                Some(doc) => doc.clone(),
                None => {
                    let doc = self.code_of(&function.body).and_then(|code| code.doc.clone());
                    doc.map_or(Value::None, Value::Str)
                }
            },
            "__defaults__" if function.defaults.is_empty() => Value::None,
            "__defaults__" => Value::tuple(function.defaults.clone()),
            "__kwdefaults__" if function.keyword_defaults.is_empty() => Value::None,
            "__kwdefaults__" => {
                let dict = self.new_dict();
                for (name, value) in &function.keyword_defaults {
                    self.dict_put(dict, Value::Str(name.clone()), value.clone(), true)?;
                }
                Value::Obj(dict)
            }
            "__code__" => match self.code_of(&function.body) {
                Some(code) => self.new_obj(Ty::Code, Body::Code(code)),
                None => Value::None,
            },
            "__annotations__" => self.function_annotations(obj, function)?,
            "__globals__" => Value::Obj(function.globals),
            "__closure__" if function.closure.is_empty() => Value::None,
            "__closure__" => Value::tuple(function.closure.iter().map(|cell| Value::Obj(*cell)).collect::<Vec<_>>()),
            "__type_params__" => Value::tuple([]),
            "__wrapped__" | "__call__" => return Ok((name == "__call__").then_some(Value::Obj(obj))),
            _ => return Ok(None),
        }))
    }

    /// The annotations of a function, evaluated when they are first asked for.
    pub(crate) fn function_annotations(&mut self, obj: Obj, function: &Arc<crate::object::Function>) -> R {
        if let Some(value) = &function.annotations_value {
            return Ok(value.clone());
        }
        let value = match &function.annotate {
            Some(deferred) => {
                let annotate = function.annotations_function(deferred);
                self.run_annotations_of(&annotate)?
            }
            None => Value::Obj(self.new_dict()),
        };
        if let Some(Body::Function(function)) = self.own_mut(obj).map(|object| &mut object.body) {
            Arc::make_mut(function).annotations_value = Some(value.clone());
        }
        Ok(value)
    }

    /// Runs a deferred annotations function. A violation inside is one of whoever asked.
    pub(crate) fn run_annotations(&mut self, annotate: &Value) -> R {
        match self.function(annotate) {
            Some(function) => self.run_annotations_of(&function),
            None => Ok(Value::Obj(self.new_dict())),
        }
    }

    fn run_annotations_of(&mut self, annotate: &crate::object::Function) -> R {
        let Some(mut frame) = self.frame_of(annotate, Args::default())? else {
            return Ok(Value::Obj(self.new_dict()));
        };
        match self.enter(&mut frame, false)? {
            super::super::Exit::Return(value) | super::super::Exit::Yield(value) => Ok(value),
        }
    }
}

fn code_flags(code: &crate::code::Code) -> i64 {
    let mut flags = 3;
    flags |= if code.params.rest.is_some() { 4 } else { 0 };
    flags |= if code.params.keywords.is_some() { 8 } else { 0 };
    flags |= match (code.is_generator, code.is_async) {
        (true, true) => 0x200,
        (true, false) => 0x20,
        (false, true) => 0x80,
        (false, false) => 0,
    };
    flags
}
