//! Membership, hashing, and the tables of dictionaries and sets.

use super::super::Machine;
use super::range_len;
use crate::dict::{Dict, hash_plain};
use crate::object::{Body, Ty};
use crate::rules::Rule;
use crate::value::{Args, Obj, R, Value};

impl Machine<'_> {
    pub(crate) fn contains(&mut self, container: &Value, item: &Value) -> R<bool> {
        if let Value::Unknown(unknown) = container {
            if unknown.is_harmless {
                return Ok(false);
            }
            let shown = unknown.name.clone();
            let result = format!("{}in{shown}", self.show(item));
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__contains__"], container, &result));
        }
        if self.overrides(container, "__contains__").is_some() {
            let result = self.call_special(container, "__contains__", vec![item.clone()])?;
            return self.truth(&result.unwrap_or(Value::Bool(false)));
        }
        self.plain_contains(container, item)
    }

    /// What `__contains__` of builtin types does.
    pub(crate) fn plain_contains(&mut self, container: &Value, item: &Value) -> R<bool> {
        let plain = self.plain(container);
        match &plain {
            Value::Str(text) => match self.plain(item) {
                Value::Str(part) => return Ok(text.contains(&*part)),
                _ => {
                    let name = self.type_name(item);
                    return self.type_error(format!("'in <string>' requires string as left operand, not {name}"));
                }
            },
            Value::Bytes(bytes) => match self.plain(item) {
                Value::Int(byte) => return Ok(bytes.iter().any(|known| i64::from(*known) == byte)),
                Value::Bytes(part) => {
                    return Ok(part.is_empty() || bytes.windows(part.len()).any(|window| window == &part[..]));
                }
                _ => return self.type_error("a bytes-like object is required"),
            },
            Value::Obj(obj) => match self.body(*obj) {
                Body::Dict(_) | Body::Set(_) => {
                    let obj = *obj;
                    return Ok(self.dict_lookup(obj, item)?.is_some());
                }
                Body::View { dict, kind: crate::object::ViewKind::Keys } => {
                    let dict = *dict;
                    return Ok(self.dict_lookup(dict, item)?.is_some());
                }
                Body::Proxy(_) => {
                    let (hash, key) = (hash_plain(item), item.clone());
                    return Ok(self.dict_of(container).is_some_and(|dict| dict.get(hash, &key).is_some()));
                }
                Body::Range(start, stop, step) => {
                    let (start, stop, step) = (*start, *stop, *step);
                    if let Value::Int(value) = self.plain(item) {
                        let inside =
                            if step > 0 { value >= start && value < stop } else { value <= start && value > stop };
                        return Ok(inside && (value - start) % step == 0);
                    }
                }
                _ => {}
            },
            _ => {}
        }
        let iterator = match self.get_iter(container) {
            Err(fail) if self.is_raised(&fail, Ty::TypeError) => {
                let name = self.type_name(container);
                return self.type_error(format!("argument of type '{name}' is not iterable"));
            }
            result => result?,
        };
        while let Some(value) = self.next(&iterator)? {
            if self.equal(&value, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The hash, through the object's own `__hash__` if it has one.
    pub(crate) fn hash(&mut self, value: &Value) -> R<u64> {
        match value {
            Value::Obj(obj) => {
                let class = self.obj(*obj).class;
                if class.heap != 0
                    && let Some(method) = self.lookup_known(class, "__hash__")
                    && !matches!(method, Value::Native(_))
                {
                    if method.is_none() {
                        let name = self.type_name(value);
                        return self.type_error(format!("unhashable type: '{name}'"));
                    }
                    let method = self.bind_method(&method, value, class)?;
                    let result = self.call(&method, Args::default())?;
                    return match self.plain(&result) {
                        number @ (Value::Int(_) | Value::Big(_) | Value::Bool(_)) => Ok(hash_plain(&number)),
                        Value::Unknown(_) => Ok(hash_plain(value)),
                        _ => self.type_error("__hash__ method should return an integer"),
                    };
                }
                match self.body(*obj) {
                    Body::List(_) | Body::Dict(_) | Body::ByteArray(_) => {
                        let name = self.type_name(value);
                        self.type_error(format!("unhashable type: '{name}'"))
                    }
                    Body::Set(_) if !self.is_instance(value, Ty::FrozenSet) => {
                        let name = self.type_name(value);
                        self.type_error(format!("unhashable type: '{name}'"))
                    }
                    Body::Set(set) => Ok(set.entries().fold(7, |hash, (item, _, _)| hash ^ item)),
                    Body::Scalar(inner) => {
                        let inner = inner.clone();
                        self.hash(&inner)
                    }
                    Body::Alias { origin, args } => Ok(hash_plain(origin) ^ hash_plain(args).rotate_left(5)),
                    Body::Union(members) => Ok(members.iter().fold(3, |hash, member| hash ^ hash_plain(member))),
                    _ => Ok(hash_plain(value)),
                }
            }
            Value::Tuple(items) => {
                let mut hash = 0xcbf2_9ce4_8422_2325u64;
                let items = items.clone();
                self.charge(items.len() / 4)?;
                for item in items.iter() {
                    hash = hash.rotate_left(5) ^ self.hash(item)?.wrapping_mul(0x0100_0000_01b3);
                }
                Ok(hash)
            }
            value => Ok(hash_plain(value)),
        }
    }

    /// The key as the dictionary has it, with its hash.
    pub(super) fn find_key(&mut self, dict: Obj, key: &Value) -> R<(u64, Value)> {
        let hash = self.hash(key)?;
        let simple = !matches!(key, Value::Obj(_) | Value::Tuple(_));
        let candidates = match self.body(dict) {
            Body::Dict(content) | Body::Set(content) => {
                if content.get(hash, key).is_some() || (simple && content.len() == 0) {
                    return Ok((hash, key.clone()));
                }
                content.candidates(hash)
            }
            _ => Vec::new(),
        };
        // Hashes that a program makes may all be equal.
        self.charge(candidates.len())?;
        for candidate in candidates {
            if self.equal(&candidate, key)? {
                return Ok((hash, candidate));
            }
        }
        Ok((hash, key.clone()))
    }

    /// An entry of a dictionary or set.
    pub(crate) fn dict_lookup(&mut self, dict: Obj, key: &Value) -> R<Option<Value>> {
        if let Value::Unknown(unknown) = key
            && !unknown.is_harmless
        {
            let shown = unknown.name.clone();
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__hash__"], key, &shown));
        }
        let (hash, key) = self.find_key(dict, key)?;
        let found = match self.body(dict) {
            Body::Dict(content) | Body::Set(content) => content.get(hash, &key).cloned(),
            _ => None,
        };
        match found {
            Some(Value::Lazy(lazy)) => self.force(&lazy).map(Some),
            found => Ok(found),
        }
    }

    /// Sets an entry. `is_new`: the machine is making the dictionary, so nobody else can own it.
    pub(crate) fn dict_put(&mut self, dict: Obj, key: Value, value: Value, is_new: bool) -> R<()> {
        if !is_new
            && let Value::Unknown(unknown) = &key
            && !unknown.is_harmless
        {
            let shown = unknown.name.clone();
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__hash__"], &key, &shown));
        }
        let (hash, key) = self.find_key(dict, &key)?;
        let object = self.change(dict)?;
        if let Body::Dict(content) = &mut object.body {
            content.insert(hash, key, value);
            let len = content.len();
            if len > super::super::BUDGET.elements {
                return self.check_len(len);
            }
        }
        Ok(())
    }

    pub(crate) fn dict_remove(&mut self, dict: Obj, key: &Value) -> R<Option<(Value, Value)>> {
        if let Value::Unknown(unknown) = key
            && !unknown.is_harmless
        {
            let shown = unknown.name.clone();
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__hash__"], key, &shown));
        }
        let (hash, key) = self.find_key(dict, key)?;
        Ok(match &mut self.change(dict)?.body {
            Body::Dict(content) | Body::Set(content) => content.remove(hash, &key),
            _ => None,
        })
    }

    pub(crate) fn set_put(&mut self, set: Obj, item: Value, is_new: bool) -> R<()> {
        if !is_new
            && let Value::Unknown(unknown) = &item
            && !unknown.is_harmless
        {
            let shown = unknown.name.clone();
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__hash__"], &item, &shown));
        }
        let (hash, item) = self.find_key(set, &item)?;
        let object = self.change(set)?;
        if let Body::Set(content) = &mut object.body
            && content.get(hash, &item).is_none()
        {
            content.insert(hash, item, Value::None);
        }
        Ok(())
    }

    pub(crate) fn new_set(&mut self, ty: Ty, items: Vec<Value>) -> R {
        let set = self.alloc(ty.obj(), Body::Set(Dict::default()));
        for item in items {
            self.set_put(set, item, true)?;
        }
        Ok(Value::Obj(set))
    }

    /// A dictionary with the same entries.
    pub(crate) fn copy_dict(&mut self, dict: &Value) -> Obj {
        let content = self.dict_of(dict).cloned().unwrap_or_default();
        self.alloc(Ty::Dict.obj(), Body::Dict(content))
    }

    pub(crate) fn len(&mut self, value: &Value) -> R<usize> {
        if let Value::Unknown(unknown) = value {
            if unknown.is_harmless {
                return Ok(0);
            }
            let shown = unknown.name.clone();
            let result = format!("len({shown})");
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__len__"], value, &result));
        }
        if self.overrides(value, "__len__").is_some() {
            let result = self.call_special(value, "__len__", Vec::new())?.unwrap_or(Value::None);
            return match self.plain(&result) {
                Value::Int(len) if len >= 0 => Ok(len as usize),
                Value::Int(_) => self.raise(Ty::ValueError, "__len__() should return >= 0"),
                Value::Bool(len) => Ok(usize::from(len)),
                Value::Unknown(_) => Err(self.violation(Rule::UnknownValueCall, &["len"], Value::unknown("len()"))),
                _ => self.type_error("'__len__' result cannot be interpreted as an integer"),
            };
        }
        self.plain_len(value)
    }

    /// What `__len__` of builtin types does.
    pub(crate) fn plain_len(&mut self, value: &Value) -> R<usize> {
        let plain = self.plain(value);
        Ok(match &plain {
            Value::Str(text) => text.chars().count(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Tuple(items) => items.len(),
            Value::Obj(obj) => match self.body(*obj) {
                Body::List(items) => items.len(),
                Body::Dict(dict) | Body::Set(dict) => dict.len(),
                Body::ByteArray(bytes) => bytes.len(),
                Body::Range(start, stop, step) => range_len(*start, *stop, *step),
                Body::View { dict, .. } => match self.body(*dict) {
                    Body::Dict(content) => content.len(),
                    _ => 0,
                },
                Body::Proxy(_) => self.dict_of(&plain).map_or(0, Dict::len),
                _ => {
                    let name = self.type_name(value);
                    return self.type_error(format!("object of type '{name}' has no len()"));
                }
            },
            _ => {
                let name = self.type_name(value);
                return self.type_error(format!("object of type '{name}' has no len()"));
            }
        })
    }
}
