//! Subscription: items and slices read, set and deleted.

use std::sync::Arc;

use num_bigint::BigInt;

use super::super::Machine;
use super::range_len;
use crate::number;
use crate::object::{Body, Ty};
use crate::rules::Rule;
use crate::value::{Args, Fail, Obj, R, Value};

impl Machine<'_> {
    pub(crate) fn get_item(&mut self, object: &Value, index: &Value) -> R {
        if let Value::Unknown(unknown) = object {
            let (shown, key) = (unknown.name.clone(), self.show(index));
            let result = format!("{shown}[{key}]");
            if unknown.is_harmless {
                // What has been imported is known to be there; the rest depends on who else was imported.
                if &*shown == "sys.modules"
                    && let Value::Str(name) = self.plain(index)
                    && let Some(module) = self.loaded_module(&name)
                {
                    return Ok(Value::Obj(module));
                }
                self.reads_environment(object)?;
                return Ok(Value::harmless(&result));
            }
            return Err(self.on_unknown(Rule::UnknownValueIndex, &[&shown, &key], object, &result));
        }
        if let Some(class) = self.as_class(object) {
            return self.class_item(object, class, index);
        }
        if self.overrides(object, "__getitem__").is_some() {
            let value = self.call_special(object, "__getitem__", vec![index.clone()])?;
            return Ok(value.unwrap_or(Value::None));
        }
        self.builtin_item(object, index)
    }

    /// Looking into what the process was started with, or into what it has imported.
    ///
    /// Errors: a violation for such values, and only for these.
    pub(crate) fn reads_environment(&mut self, value: &Value) -> R<()> {
        let Some(unknown) = value.as_unknown() else { return Ok(()) };
        let name = unknown.name.clone();
        if matches!(&*name, "sys.argv" | "sys.orig_argv" | "sys.path" | "sys.modules" | "sys.path_importer_cache") {
            let result = Value::harmless(&format!("{name}[...]"));
            return Err(self.violation(Rule::ReadsEnvironment, &[&name], result));
        }
        Ok(())
    }

    /// A module of this evaluation whose body has begun.
    pub(super) fn loaded_module(&self, name: &str) -> Option<Obj> {
        let modules = self.modules.iter().map(|(_, module)| *module);
        modules.into_iter().find(|module| self.module_of(*module).is_some_and(|module| *module.name == *name))
    }

    /// What `__getitem__` of builtin types does.
    pub(crate) fn builtin_item(&mut self, object: &Value, index: &Value) -> R {
        let plain = self.plain(object);
        match &plain {
            Value::Str(text) => {
                let text = text.clone();
                if let Some((start, stop, step)) = self.slice_parts(index, text.chars().count())? {
                    let characters: Vec<char> = text.chars().collect();
                    let picked: String = number::slice_indices(start, stop, step).map(|at| characters[at]).collect();
                    return Ok(Value::Str(picked.into()));
                }
                let at = self.index_in(index, || text.chars().count(), "string")?;
                Ok(text.chars().nth(at).map_or(Value::None, |character| Value::Str(character.to_string().into())))
            }
            Value::Bytes(bytes) => {
                let bytes = bytes.clone();
                self.byte_item(&bytes, index, false)
            }
            Value::Tuple(items) => {
                let items = items.clone();
                if let Some((start, stop, step)) = self.slice_parts(index, items.len())? {
                    let picked: Vec<Value> =
                        number::slice_indices(start, stop, step).map(|at| items[at].clone()).collect();
                    return Ok(Value::tuple(picked));
                }
                let at = self.index_in(index, || items.len(), "tuple")?;
                Ok(items[at].clone())
            }
            Value::Obj(obj) => self.object_item(*obj, object, index),
            _ => self.not_subscriptable(object),
        }
    }

    pub(super) fn byte_item(&mut self, bytes: &[u8], index: &Value, is_array: bool) -> R {
        if let Some((start, stop, step)) = self.slice_parts(index, bytes.len())? {
            let picked: Vec<u8> = number::slice_indices(start, stop, step).map(|at| bytes[at]).collect();
            return Ok(match is_array {
                true => self.new_obj(Ty::ByteArray, Body::ByteArray(picked)),
                false => Value::Bytes(picked.into()),
            });
        }
        let at = self.index_in(index, || bytes.len(), "index")?;
        Ok(Value::Int(i64::from(bytes[at])))
    }

    pub(super) fn not_subscriptable(&mut self, object: &Value) -> R {
        let name = self.type_name(object);
        self.type_error(format!("'{name}' object is not subscriptable"))
    }

    pub(super) fn object_item(&mut self, obj: Obj, object: &Value, index: &Value) -> R {
        match self.body(obj) {
            Body::List(items) => {
                let len = items.len();
                if let Some((start, stop, step)) = self.slice_parts(index, len)? {
                    let Body::List(items) = self.body(obj) else { return Ok(Value::None) };
                    let picked = number::slice_indices(start, stop, step).map(|at| items[at].clone()).collect();
                    return Ok(self.new_list(picked));
                }
                let at = self.index_in(index, || len, "list")?;
                match self.body(obj) {
                    Body::List(items) => Ok(items[at].clone()),
                    _ => Ok(Value::None),
                }
            }
            Body::Dict(_) => match self.dict_lookup(obj, index)? {
                Some(value) => Ok(value),
                None => {
                    if let Some(missing) = self.overrides(object, "__missing__") {
                        return self.call(&missing, Args::new([object.clone(), index.clone()]));
                    }
                    self.raise_with(Ty::KeyError, vec![index.clone()])
                }
            },
            Body::Proxy(_) => {
                let hash = self.hash(index)?;
                match self.dict_of(object).and_then(|dict| dict.get(hash, index)).cloned() {
                    Some(value) => self.forced(value),
                    None => self.raise_with(Ty::KeyError, vec![index.clone()]),
                }
            }
            Body::ByteArray(bytes) => {
                let bytes = bytes.clone();
                self.byte_item(&bytes, index, true)
            }
            Body::Range(start, stop, step) => {
                let (start, stop, step) = (*start, *stop, *step);
                let len = range_len(start, stop, step);
                if let Some((from, to, by)) = self.slice_parts(index, len)? {
                    let items: Vec<i64> =
                        number::slice_indices(from, to, by).map(|at| start + at as i64 * step).collect();
                    let first = items.first().copied().unwrap_or(start);
                    let step = step * by;
                    let stop = items.last().map_or(first, |last| last + step.signum());
                    return Ok(self.new_obj(Ty::Range, Body::Range(first, stop, step)));
                }
                let at = self.index_in(index, || len, "range object")?;
                Ok(Value::Int(start + at as i64 * step))
            }
            Body::Alias { .. } | Body::Union(_) => self.alias_item(obj, object, index),
            _ => self.not_subscriptable(object),
        }
    }

    /// Puts arguments in place of a generic alias's parameters.
    pub(super) fn alias_item(&mut self, obj: Obj, object: &Value, index: &Value) -> R {
        let given = match index {
            Value::Tuple(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        let (origin, args) = match self.body(obj) {
            Body::Alias { origin, args } => (Some(origin.clone()), args.clone()),
            Body::Union(members) => (None, Value::tuple(members.clone())),
            _ => return self.not_subscriptable(object),
        };
        let parameters = match self.alias_parameters(&args) {
            Value::Tuple(parameters) => parameters,
            _ => Arc::from([]),
        };
        if parameters.is_empty() {
            let shown = self.show(object);
            return self.type_error(format!("{shown} is not a generic class"));
        }
        let has_variadic = parameters.iter().any(|parameter| {
            let class = self.class_of(parameter);
            class == Some(Ty::TypeVarTuple.obj()) || class == Some(Ty::ParamSpec.obj())
        });
        if given.len() != parameters.len() && !has_variadic {
            let shown = self.show(object);
            let word = if given.len() > parameters.len() { "many" } else { "few" };
            return self.type_error(format!("Too {word} arguments for {shown}"));
        }
        let replaced = self.substitute(&args, &parameters, &given);
        Ok(match origin {
            Some(origin) => self.new_obj(Ty::Alias, Body::Alias { origin, args: replaced }),
            None => match replaced {
                Value::Tuple(members) => self.make_union(members.to_vec()),
                other => other,
            },
        })
    }

    pub(super) fn substitute(&mut self, value: &Value, parameters: &[Value], given: &[Value]) -> Value {
        if let Some(at) = parameters.iter().position(|parameter| parameter == value) {
            return given.get(at).cloned().unwrap_or_else(|| value.clone());
        }
        match value {
            Value::Tuple(items) => {
                Value::tuple(items.iter().map(|item| self.substitute(item, parameters, given)).collect::<Vec<_>>())
            }
            Value::Obj(obj) => match self.body(*obj).clone() {
                Body::Alias { origin, args } => {
                    let args = self.substitute(&args, parameters, given);
                    self.new_obj(Ty::Alias, Body::Alias { origin, args })
                }
                Body::Union(members) => {
                    let members = members.iter().map(|member| self.substitute(member, parameters, given)).collect();
                    self.make_union(members)
                }
                _ => value.clone(),
            },
            _ => value.clone(),
        }
    }

    /// `C[index]`.
    pub(super) fn class_item(&mut self, object: &Value, class: Obj, index: &Value) -> R {
        if self.overrides(object, "__getitem__").is_some() {
            let value = self.call_special(object, "__getitem__", vec![index.clone()])?;
            return Ok(value.unwrap_or(Value::None));
        }
        let found = match self.lookup(class, "__class_getitem__") {
            Err(Fail::Violation(_)) if self.settings.is_compatible => None,
            result => result?,
        };
        match found {
            Some(Value::Native(_)) if class == Ty::Union.obj() => {
                let members = match index {
                    Value::Tuple(items) => items.to_vec(),
                    other => vec![other.clone()],
                };
                Ok(self.make_union(members))
            }
            Some(Value::Native(_)) => Ok(self.generic_alias(object, index)),
            Some(found) => {
                let method = self.bind_on_class(&found, class)?;
                self.call(&method, Args::new([index.clone()]))
            }
            None => {
                let name = self.class_name(class);
                self.type_error(format!("type '{name}' is not subscriptable"))
            }
        }
    }

    pub(crate) fn generic_alias(&mut self, origin: &Value, index: &Value) -> Value {
        let args = match index {
            Value::Tuple(_) => index.clone(),
            other => Value::tuple([other.clone()]),
        };
        self.new_obj(Ty::Alias, Body::Alias { origin: origin.clone(), args })
    }

    /// The bounds of a slice within a length; `None` for an index.
    pub(super) fn slice_parts(&mut self, index: &Value, len: usize) -> R<Option<(i64, i64, i64)>> {
        let Some(obj) = index.as_obj() else { return Ok(None) };
        let Body::Slice(parts) = self.body(obj) else { return Ok(None) };
        let [start, stop, step] = (**parts).clone();
        let read = |machine: &mut Self, value: &Value| -> R<Option<i64>> {
            if value.is_none() { Ok(None) } else { machine.as_index(value).map(Some) }
        };
        let step = read(self, &step)?.unwrap_or(1);
        if step == 0 {
            return self.raise(Ty::ValueError, "slice step cannot be zero");
        }
        let (start, stop) = (read(self, &start)?, read(self, &stop)?);
        let (start, stop) = number::slice_bounds(start, stop, step, len as i64);
        self.charge(len / 8)?;
        Ok(Some((start, stop, step)))
    }

    /// An integer, through `__index__`.
    pub(crate) fn as_index(&mut self, value: &Value) -> R<i64> {
        match self.plain(value) {
            Value::Int(value) => Ok(value),
            Value::Bool(value) => Ok(i64::from(value)),
            Value::Big(value) => Ok(if *value > BigInt::from(0) { i64::MAX } else { i64::MIN }),
            Value::Unknown(unknown) => {
                let shown = unknown.name.clone();
                Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__index__"], value, &shown))
            }
            _ => match self.overrides(value, "__index__") {
                Some(method) => {
                    let result = self.call(&method, Args::new([value.clone()]))?;
                    self.as_index(&result)
                }
                None => {
                    let name = self.type_name(value);
                    self.type_error(format!("'{name}' object cannot be interpreted as an integer"))
                }
            },
        }
    }

    pub(super) fn index_in(&mut self, index: &Value, len: impl FnOnce() -> usize, what: &str) -> R<usize> {
        let plain = self.plain(index);
        let is_number = matches!(plain, Value::Int(_) | Value::Bool(_) | Value::Big(_));
        if !is_number && !plain.is_unknown() && self.overrides(index, "__index__").is_none() {
            let name = self.type_name(index);
            return self.type_error(format!("{what} indices must be integers or slices, not {name}"));
        }
        let at = self.as_index(index)?;
        let len = len() as i64;
        let at = if at < 0 { at + len } else { at };
        if at < 0 || at >= len {
            return self.raise(Ty::IndexError, format!("{what} index out of range"));
        }
        Ok(at as usize)
    }

    pub(crate) fn set_item(&mut self, object: &Value, index: Value, value: Value) -> R<()> {
        if let Value::Unknown(unknown) = object {
            let (shown, key) = (unknown.name.clone(), self.show(&index));
            if unknown.is_harmless {
                return Err(self.violation(Rule::MutatesProcess, &[&shown], Value::None));
            }
            return Err(self.on_unknown(Rule::UnknownValueIndex, &[&shown, &key], object, &shown));
        }
        if self.overrides(object, "__setitem__").is_some() {
            self.call_special(object, "__setitem__", vec![index, value])?;
            return Ok(());
        }
        self.builtin_set_item(object, index, value)
    }

    pub(crate) fn builtin_set_item(&mut self, object: &Value, index: Value, value: Value) -> R<()> {
        let Some(obj) = object.as_obj() else { return self.no_assignment(object) };
        match self.body(obj) {
            Body::Dict(_) => self.dict_put(obj, index, value, false),
            Body::List(items) => {
                let len = items.len();
                if let Some((start, stop, step)) = self.slice_parts(&index, len)? {
                    let items = self.iterate(&value)?;
                    return self.assign_slice(obj, start, stop, step, items);
                }
                let at = self.index_in(&index, || len, "list assignment")?;
                if let Body::List(items) = &mut self.change(obj)?.body {
                    items[at] = value;
                }
                Ok(())
            }
            Body::ByteArray(bytes) => {
                let len = bytes.len();
                let at = self.index_in(&index, || len, "bytearray")?;
                let byte = self.as_index(&value)?;
                let Ok(byte) = u8::try_from(byte) else {
                    return self.raise(Ty::ValueError, "byte must be in range(0, 256)");
                };
                if let Body::ByteArray(bytes) = &mut self.change(obj)?.body {
                    bytes[at] = byte;
                }
                Ok(())
            }
            _ => self.no_assignment(object),
        }
    }

    pub(super) fn no_assignment(&mut self, object: &Value) -> R<()> {
        let name = self.type_name(object);
        self.type_error(format!("'{name}' object does not support item assignment"))
    }

    pub(super) fn assign_slice(&mut self, obj: Obj, start: i64, stop: i64, step: i64, new: Vec<Value>) -> R<()> {
        let places: Vec<usize> = number::slice_indices(start, stop, step).collect();
        if step != 1 && places.len() != new.len() {
            let message =
                format!("attempt to assign sequence of size {} to extended slice of size {}", new.len(), places.len());
            return self.raise(Ty::ValueError, message);
        }
        let Body::List(items) = &mut self.change(obj)?.body else { return Ok(()) };
        if step == 1 {
            let start = (start as usize).min(items.len());
            let stop = (stop.max(start as i64) as usize).min(items.len());
            items.splice(start..stop, new);
        } else {
            for (at, value) in places.into_iter().zip(new) {
                items[at] = value;
            }
        }
        Ok(())
    }

    pub(crate) fn delete_item(&mut self, object: &Value, index: &Value) -> R<()> {
        if let Value::Unknown(unknown) = object {
            let (shown, key) = (unknown.name.clone(), self.show(index));
            return Err(self.on_unknown(Rule::UnknownValueIndex, &[&shown, &key], object, &shown));
        }
        if self.overrides(object, "__delitem__").is_some() {
            self.call_special(object, "__delitem__", vec![index.clone()])?;
            return Ok(());
        }
        let Some(obj) = object.as_obj() else { return self.no_assignment(object) };
        match self.body(obj) {
            Body::Dict(_) => match self.dict_remove(obj, index)? {
                Some(_) => Ok(()),
                None => self.raise_with(Ty::KeyError, vec![index.clone()]),
            },
            Body::List(items) => {
                let len = items.len();
                let places: Vec<usize> = match self.slice_parts(index, len)? {
                    Some((start, stop, step)) => number::slice_indices(start, stop, step).collect(),
                    None => vec![self.index_in(index, || len, "list")?],
                };
                if let Body::List(items) = &mut self.change(obj)?.body {
                    let mut at = 0;
                    items.retain(|_| {
                        at += 1;
                        !places.contains(&(at - 1))
                    });
                }
                Ok(())
            }
            _ => {
                let name = self.type_name(object);
                self.type_error(format!("'{name}' object doesn't support item deletion"))
            }
        }
    }
}
