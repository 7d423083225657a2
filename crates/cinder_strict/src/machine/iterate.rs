//! Iteration.

use super::{BUDGET, Machine};
use crate::object::{Body, Iterator, Ty, ViewKind};
use crate::rules::Rule;
use crate::value::{Args, Fail, Obj, R, Value};

impl Machine<'_> {
    /// The iterator of an object; an unknown one gives a single unknown element after it was reported.
    pub(crate) fn get_iter_soft(&mut self, object: &Value) -> R {
        match self.get_iter(object) {
            Err(Fail::Violation(violation)) if object.is_unknown() && self.is_collecting() => {
                let value = object.renamed(&format!("{}[...]", self.show(object)));
                let at = self.record(*violation);
                let value = self.blamed(value, at);
                Ok(self.iter_over(vec![value]))
            }
            result => result,
        }
    }

    pub(crate) fn iter_over(&mut self, items: Vec<Value>) -> Value {
        self.new_obj(Ty::Iterator, Body::Iterator(Box::new(Iterator::Items { items: items.into(), at: 0 })))
    }

    pub(crate) fn get_iter(&mut self, object: &Value) -> R {
        if let Value::Unknown(unknown) = object {
            let shown = unknown.name.clone();
            if unknown.is_harmless {
                self.reads_environment(object)?;
                return Ok(self.iter_over(vec![Value::harmless(&format!("{shown}[...]"))]));
            }
            let result = format!("{shown}[...]");
            return Err(self.on_unknown(Rule::UnknownValueNotIterable, &[&shown], object, &result));
        }
        if let Some(state) = self.builtin_iter(object, false)? {
            return Ok(self.new_obj(Ty::Iterator, Body::Iterator(Box::new(state))));
        }
        if let Some(obj) = object.as_obj() {
            match self.body(obj) {
                Body::Iterator(_) | Body::Generator(_) if self.overrides(object, "__iter__").is_none() => {
                    return Ok(object.clone());
                }
                Body::Union(_) | Body::Property(_) => {}
                _ => {}
            }
        }
        if let Some(method) = self.special(object, "__iter__")?
            && !method.is_none()
        {
            let iterator = self.call(&method, Args::default())?;
            if iterator.as_unknown().is_some_and(|unknown| unknown.is_harmless) {
                return self.get_iter(&iterator);
            }
            if iterator.is_unknown() || self.has_special(&iterator, "__next__") {
                return Ok(iterator);
            }
            let name = self.type_name(&iterator);
            return self.type_error(format!("iter() returned non-iterator of type '{name}'"));
        }
        if self.special(object, "__getitem__")?.is_some() && self.as_class(object).is_none() {
            let state = Iterator::Index { object: object.clone(), at: 0 };
            return Ok(self.new_obj(Ty::Iterator, Body::Iterator(Box::new(state))));
        }
        let name = self.type_name(object);
        self.type_error(format!("'{name}' object is not iterable"))
    }

    /// Iterators of builtin containers whose class does not override `__iter__`.
    pub(crate) fn builtin_iter(&mut self, object: &Value, is_forced: bool) -> R<Option<Iterator>> {
        let items = |items: Vec<Value>| Some(Iterator::Items { items: items.into(), at: 0 });
        let plain = self.plain(object);
        if let Value::Obj(obj) = object {
            let is_plain_class = Ty::of_obj(self.obj(*obj).class).is_some();
            if !is_forced && !is_plain_class && self.overrides(object, "__iter__").is_some() {
                return Ok(None);
            }
        }
        Ok(match &plain {
            Value::Tuple(values) => Some(Iterator::Items { items: values.clone(), at: 0 }),
            Value::Str(text) => {
                self.charge(text.len() / 4)?;
                items(text.chars().map(|character| Value::Str(character.to_string().into())).collect())
            }
            Value::Bytes(bytes) => items(bytes.iter().map(|byte| Value::Int(i64::from(*byte))).collect()),
            Value::Obj(obj) => match self.body(*obj) {
                Body::List(_) => Some(Iterator::List { list: *obj, at: 0 }),
                Body::Dict(dict) => Some(Iterator::Dict { dict: *obj, at: 0, kind: ViewKind::Keys, len: dict.len() }),
                Body::Set(set) => {
                    let keys: Vec<Value> = set.iter().map(|(key, _)| key.clone()).collect();
                    items(keys)
                }
                Body::ByteArray(bytes) => items(bytes.iter().map(|byte| Value::Int(i64::from(*byte))).collect()),
                Body::Range(start, stop, step) => Some(Iterator::Range { at: *start, stop: *stop, step: *step }),
                Body::View { dict, kind } => {
                    let len = match self.body(*dict) {
                        Body::Dict(content) => content.len(),
                        _ => 0,
                    };
                    Some(Iterator::Dict { dict: *dict, at: 0, kind: *kind, len })
                }
                Body::Proxy(inner) => {
                    let keys: Vec<Value> = match self.body(*inner) {
                        Body::Dict(dict) => dict.iter().map(|(key, _)| key.clone()).collect(),
                        Body::Class(class) => class.dict.iter().map(|(key, _)| key.clone()).collect(),
                        _ => Vec::new(),
                    };
                    items(keys)
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// The next element; `None` at the end.
    pub(crate) fn next(&mut self, iterator: &Value) -> R<Option<Value>> {
        self.charge(1)?;
        let Some(obj) = iterator.as_obj() else {
            if let Value::Unknown(unknown) = iterator {
                if unknown.is_harmless {
                    return Ok(Some(Value::harmless(&format!("{}[...]", unknown.name))));
                }
                let shown = unknown.name.clone();
                let result = format!("{shown}[...]");
                return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__next__"], iterator, &result));
            }
            let name = self.type_name(iterator);
            return self.type_error(format!("'{name}' object is not an iterator"));
        };
        match self.body(obj) {
            Body::Generator(_) => match self.resume(obj, Ok(Value::None))? {
                Ok(value) => Ok(Some(value)),
                Err(_) => Ok(None),
            },
            Body::Iterator(_) if self.overrides(iterator, "__next__").is_none() => self.advance(obj),
            _ => {
                let Some(method) = self.special(iterator, "__next__")? else {
                    let name = self.type_name(iterator);
                    return self.type_error(format!("'{name}' object is not an iterator"));
                };
                match self.call(&method, Args::default()) {
                    Ok(value) => Ok(Some(value)),
                    Err(fail) if self.is_raised(&fail, Ty::StopIteration) => Ok(None),
                    Err(fail) => Err(fail),
                }
            }
        }
    }

    /// Steps a builtin iterator, which must belong to the running module.
    pub(crate) fn advance(&mut self, obj: Obj) -> R<Option<Value>> {
        if !self.is_own(obj) {
            return Err(self.foreign_change(obj, Rule::ForeignRebind));
        }
        let Some(Body::Iterator(state)) = self.own_mut(obj).map(|object| &mut object.body) else { return Ok(None) };
        // Taken out while user code may run.
        let mut state = std::mem::replace(&mut **state, Iterator::Empty);
        let result = self.step_iterator(&mut state);
        let ended = matches!(result, Ok(None));
        if let Some(Body::Iterator(place)) = self.own_mut(obj).map(|object| &mut object.body)
            && !ended
        {
            **place = state;
        }
        result
    }

    fn step_iterator(&mut self, state: &mut Iterator) -> R<Option<Value>> {
        Ok(match state {
            Iterator::Empty => None,
            Iterator::Items { items, at } => {
                *at += 1;
                items.get(*at - 1).cloned()
            }
            Iterator::List { list, at } => {
                *at += 1;
                match self.body(*list) {
                    Body::List(items) => items.get(*at - 1).cloned(),
                    _ => None,
                }
            }
            Iterator::ListBack { list, at } => match (self.body(*list), *at) {
                (Body::List(items), left) if left > 0 => {
                    *at -= 1;
                    items.get(left - 1).cloned()
                }
                _ => None,
            },
            Iterator::Dict { dict, at, kind, len } => {
                let Body::Dict(content) = self.body(*dict) else { return Ok(None) };
                if content.len() != *len {
                    return self.raise(Ty::RuntimeError, "dictionary changed size during iteration");
                }
                let Some((next, key, value)) = content.entry_from(*at) else { return Ok(None) };
                *at = next;
                let (key, value) = (key.clone(), value.clone());
                let value = if *kind == ViewKind::Keys { value } else { self.forced(value)? };
                Some(match kind {
                    ViewKind::Keys => key,
                    ViewKind::Values => value,
                    ViewKind::Items => Value::tuple([key, value]),
                })
            }
            Iterator::Range { at, stop, step } => {
                let is_inside = if *step > 0 { *at < *stop } else { *at > *stop };
                if !is_inside {
                    return Ok(None);
                }
                let value = *at;
                *at = at.saturating_add(*step);
                Some(Value::Int(value))
            }
            Iterator::Zip { sources, is_strict } => {
                let (sources, is_strict) = (sources.clone(), *is_strict);
                let mut row = Vec::new();
                for (index, source) in sources.iter().enumerate() {
                    match self.next(source)? {
                        Some(value) => row.push(value),
                        None if is_strict && index > 0 => {
                            return self.raise(Ty::ValueError, "zip() arguments have different lengths");
                        }
                        None => return Ok(None),
                    }
                }
                if row.is_empty() { None } else { Some(Value::tuple(row)) }
            }
            Iterator::Map { function, sources } => {
                let (function, sources) = (function.clone(), sources.clone());
                let mut row = Vec::new();
                for source in &sources {
                    match self.next(source)? {
                        Some(value) => row.push(value),
                        None => return Ok(None),
                    }
                }
                Some(self.call(&function, Args::new(row))?)
            }
            Iterator::Filter { function, source } => {
                let (function, source) = (function.clone(), source.clone());
                loop {
                    let Some(value) = self.next(&source)? else { return Ok(None) };
                    let verdict = match &function {
                        Value::None => value.clone(),
                        function => self.call(function, Args::new([value.clone()]))?,
                    };
                    if self.truth(&verdict)? {
                        return Ok(Some(value));
                    }
                }
            }
            Iterator::Enumerate { source, at } => {
                let (source, index) = (source.clone(), at.clone());
                let Some(value) = self.next(&source)? else { return Ok(None) };
                *at = self.binary(cinder_syntax::ast::Operator::Add, &index, &Value::Int(1), false)?;
                Some(Value::tuple([index, value]))
            }
            Iterator::Call { function, sentinel } => {
                let (function, sentinel) = (function.clone(), sentinel.clone());
                let value = self.call(&function, Args::default())?;
                if self.equal(&value, &sentinel)? { None } else { Some(value) }
            }
            Iterator::Index { object, at } => {
                let (object, index) = (object.clone(), *at);
                *at += 1;
                match self.get_item(&object, &Value::Int(index)) {
                    Ok(value) => Some(value),
                    Err(fail) if self.is_raised(&fail, Ty::IndexError) => None,
                    Err(fail) if self.is_raised(&fail, Ty::StopIteration) => None,
                    Err(fail) => return Err(fail),
                }
            }
        })
    }

    /// All elements.
    pub(crate) fn iterate(&mut self, object: &Value) -> R<Vec<Value>> {
        match object {
            Value::Tuple(items) => return Ok(items.to_vec()),
            Value::Obj(obj) if self.obj(*obj).class == Ty::List.obj() => {
                if let Body::List(items) = self.body(*obj) {
                    let items = items.clone();
                    self.charge(items.len() / 8)?;
                    return Ok(items);
                }
            }
            _ => {}
        }
        let iterator = self.get_iter_soft(object)?;
        let is_builtin = iterator.as_obj().is_some_and(|obj| matches!(self.body(obj), Body::Iterator(_)));
        let mut items = Vec::new();
        while let Some(value) = self.next(&iterator)? {
            items.push(value);
            if !is_builtin && items.len() > BUDGET.rounds as usize {
                return Err(self.violation(Rule::TooManyIterations, &[], Value::unknown("<too many>")));
            }
            if items.len() > BUDGET.elements {
                return Err(self.violation(Rule::BudgetExceeded, &["elements"], Value::unknown("<too large>")));
            }
        }
        Ok(items)
    }

    /// Elements for as many targets; with `after`, the middle ones go into a list.
    pub(crate) fn unpack(&mut self, value: &Value, count: usize, after: Option<usize>) -> R<Vec<Value>> {
        if value.is_unknown() {
            if let Value::Unknown(unknown) = value
                && unknown.is_harmless
            {
                let total = count + after.map_or(0, |after| after + 1);
                return Ok(vec![Value::harmless("<unpacked>"); total]);
            }
            let shown = self.show(value);
            let fail = self.on_unknown(Rule::UnknownValueNotIterable, &[&shown], value, "<failed unpack>");
            return Err(fail);
        }
        let mut items = self.iterate(value)?;
        let least = count + after.unwrap_or(0);
        let fits = if after.is_some() { items.len() >= least } else { items.len() == count };
        if !fits {
            if self.settings.is_compatible {
                let total = least + usize::from(after.is_some());
                return Err(self.violation(
                    Rule::FailedToUnpack,
                    &[&total.to_string()],
                    Value::unknown("<failed unpack>"),
                ));
            }
            let message = if items.len() < least {
                format!("not enough values to unpack (expected {least}, got {})", items.len())
            } else {
                format!("too many values to unpack (expected {count})")
            };
            return self.raise(Ty::ValueError, message);
        }
        if let Some(after) = after {
            let tail = items.split_off(items.len() - after);
            let middle = items.split_off(count);
            let middle = self.new_list(middle);
            items.push(middle);
            items.extend(tail);
        }
        Ok(items)
    }

    /// Key and value pairs of a mapping.
    pub(crate) fn mapping_items(&mut self, mapping: &Value) -> R<Vec<(Value, Value)>> {
        if let Value::Unknown(unknown) = mapping {
            if unknown.is_harmless {
                return Ok(Vec::new());
            }
            let shown = unknown.name.clone();
            return Err(self.on_unknown(Rule::UnknownValueNotIterable, &[&shown], mapping, &shown));
        }
        if let Some(obj) = mapping.as_obj()
            && let Body::Dict(dict) = self.body(obj)
            && self.overrides(mapping, "keys").is_none()
        {
            let pairs: Vec<(Value, Value)> = dict.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            self.charge(pairs.len() / 4)?;
            let force = |(key, value)| Ok((key, self.forced(value)?));
            return pairs.into_iter().map(force).collect();
        }
        let Some(keys) = self.find_attr(mapping, "keys")? else {
            let name = self.type_name(mapping);
            return self.type_error(format!("'{name}' object is not a mapping"));
        };
        let keys = self.call(&keys, Args::default())?;
        let mut pairs = Vec::new();
        for key in self.iterate(&keys)? {
            let value = self.get_item(mapping, &key)?;
            pairs.push((key, value));
        }
        Ok(pairs)
    }

    /// Reports that the order of a set of strings gets into a sequence.
    pub(crate) fn note_set_order(&mut self, source: &Value) {
        let Some(Body::Set(set)) = source.as_obj().map(|obj| self.body(obj)) else { return };
        if set.len() < 2 || !set.iter().any(|(key, _)| matches!(key, Value::Str(_) | Value::Bytes(_))) {
            return;
        }
        if let Fail::Violation(violation) = self.violation(Rule::SetOrder, &[], Value::None) {
            self.record_aside(*violation);
        }
    }

    /// The value behind a pending import.
    pub(crate) fn forced(&mut self, value: Value) -> R {
        match value {
            Value::Lazy(lazy) => self.force(&lazy),
            value => Ok(value),
        }
    }
}
