//! Dictionaries in order of insertion, keyed by values.
//!
//! Idea: entries lie in a vector with holes; a table from hash to places appears once there are many. The machine computes hashes and asks
//! user-defined `__eq__`; here keys are compared by content, objects by identity.

use rustc_hash::FxHashMap;

use crate::value::Value;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Dict {
    entries: Vec<Option<Entry>>,
    table: FxHashMap<u64, Vec<u32>>,
    len: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    hash: u64,
    key: Value,
    value: Value,
}

/// Up to here entries are searched one by one.
const SMALL: usize = 8;

impl Dict {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    fn find(&self, hash: u64, key: &Value) -> Option<usize> {
        let is_it =
            |at: usize| self.entries[at].as_ref().is_some_and(|entry| entry.hash == hash && same_key(&entry.key, key));
        if self.table.is_empty() {
            return (0..self.entries.len()).find(|at| is_it(*at));
        }
        self.table.get(&hash)?.iter().map(|at| *at as usize).find(|at| is_it(*at))
    }

    /// Keys with this hash, for the machine to compare.
    pub(crate) fn candidates(&self, hash: u64) -> Vec<Value> {
        if !self.table.is_empty() {
            let places = self.table.get(&hash).into_iter().flatten();
            return places.filter_map(|at| Some(self.entries[*at as usize].as_ref()?.key.clone())).collect();
        }
        self.entries.iter().flatten().filter(|entry| entry.hash == hash).map(|entry| entry.key.clone()).collect()
    }

    pub(crate) fn get(&self, hash: u64, key: &Value) -> Option<&Value> {
        let at = self.find(hash, key)?;
        self.entries[at].as_ref().map(|entry| &entry.value)
    }

    pub(crate) fn get_str(&self, key: &str) -> Option<&Value> {
        self.get_named(hash_str(key), key)
    }

    /// As [`Dict::get_str`], with the hash at hand.
    pub(crate) fn get_named(&self, hash: u64, key: &str) -> Option<&Value> {
        let is_it = |at: &usize| {
            let entry = self.entries[*at].as_ref()?;
            (entry.hash == hash && matches!(&entry.key, Value::Str(text) if **text == *key)).then_some(&entry.value)
        };
        if self.table.is_empty() {
            return (0..self.entries.len()).find_map(|at| is_it(&at));
        }
        self.table.get(&hash)?.iter().find_map(|at| is_it(&(*at as usize)))
    }

    /// The value that was there before.
    pub(crate) fn insert(&mut self, hash: u64, key: Value, value: Value) -> Option<Value> {
        if let Some(at) = self.find(hash, &key)
            && let Some(entry) = &mut self.entries[at]
        {
            return Some(std::mem::replace(&mut entry.value, value));
        }
        let at = self.entries.len() as u32;
        self.entries.push(Some(Entry { hash, key, value }));
        self.len += 1;
        if !self.table.is_empty() {
            self.table.entry(hash).or_default().push(at);
        } else if self.entries.len() > SMALL {
            self.index();
        }
        None
    }

    fn index(&mut self) {
        self.table.clear();
        for (at, entry) in self.entries.iter().enumerate() {
            if let Some(entry) = entry {
                self.table.entry(entry.hash).or_default().push(at as u32);
            }
        }
    }

    pub(crate) fn insert_str(&mut self, key: &str, value: Value) -> Option<Value> {
        self.insert(hash_str(key), Value::Str(key.into()), value)
    }

    pub(crate) fn remove(&mut self, hash: u64, key: &Value) -> Option<(Value, Value)> {
        let at = self.find(hash, key)?;
        let entry = self.entries[at].take()?;
        self.len -= 1;
        if self.len * 2 < self.entries.len() {
            self.entries.retain(Option::is_some);
            self.table.clear();
            if self.entries.len() > SMALL {
                self.index();
            }
        } else if let Some(places) = self.table.get_mut(&hash) {
            places.retain(|place| *place as usize != at);
        }
        Some((entry.key, entry.value))
    }

    pub(crate) fn remove_str(&mut self, key: &str) -> Option<Value> {
        self.remove(hash_str(key), &Value::Str(key.into())).map(|(_, value)| value)
    }

    pub(crate) fn clear(&mut self) {
        *self = Dict::default();
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&Value, &Value)> {
        self.entries.iter().flatten().map(|entry| (&entry.key, &entry.value))
    }

    /// With hashes, for copying.
    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = (u64, &Value, &Value)> {
        self.entries.iter().flatten().map(|entry| (entry.hash, &entry.key, &entry.value))
    }

    /// The entry at or after a place, and the place after it: how iterators walk while the dictionary changes.
    pub(crate) fn entry_from(&self, at: usize) -> Option<(usize, &Value, &Value)> {
        let (offset, entry) =
            self.entries.get(at..)?.iter().enumerate().find_map(|(offset, entry)| Some((offset, entry.as_ref()?)))?;
        Some((at + offset + 1, &entry.key, &entry.value))
    }
}

/// Content for what has no identity, numbers across types, objects by identity.
fn same_key(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Obj(a), Value::Obj(b)) => a == b,
        (Value::Tuple(a), Value::Tuple(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same_key(a, b)),
        (Value::Int(_) | Value::Bool(_) | Value::Float(_), Value::Int(_) | Value::Bool(_) | Value::Float(_)) => {
            number(a) == number(b)
        }
        _ => a == b,
    }
}

fn number(value: &Value) -> (i64, u64) {
    match value {
        Value::Bool(value) => (i64::from(*value), 0),
        Value::Int(value) => (*value, 0),
        Value::Float(value) if value.fract() == 0.0 && value.abs() < 9.0e18 => (*value as i64, 0),
        Value::Float(value) => (0, value.to_bits()),
        _ => (0, 0),
    }
}

pub(crate) fn hash_str(text: &str) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The hash of a value without user-defined hashing.
pub(crate) fn hash_plain(value: &Value) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    match value {
        Value::Str(text) => return hash_str(text),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            1u8.hash(&mut hasher);
            number(value).hash(&mut hasher);
        }
        Value::Big(value) => value.hash(&mut hasher),
        Value::Bytes(bytes) => bytes.hash(&mut hasher),
        Value::Tuple(items) => {
            2u8.hash(&mut hasher);
            items.iter().for_each(|item| hash_plain(item).hash(&mut hasher));
        }
        Value::Obj(obj) => obj.hash(&mut hasher),
        Value::Native(native) => native.name.hash(&mut hasher),
        Value::Unknown(unknown) => unknown.name.hash(&mut hasher),
        other => std::mem::discriminant(other).hash(&mut hasher),
    }
    hasher.finish()
}
