//! Dictionaries in order of insertion, keyed by values.
//!
//! Idea: entries lie in a vector with holes; a table of places appears once there are many. The machine computes hashes and asks
//! user-defined `__eq__`; here keys are compared by content, objects by identity.
//! Holds: the table is a power of two and never full, so that every search ends at a free place.

use crate::code::Name;
use crate::value::{Obj, Value};

#[derive(Clone, Debug, Default)]
pub(crate) struct Dict {
    entries: Vec<Option<Entry>>,
    /// Places among the entries, from one, where their hashes lead; zero is free. Empty while entries are few. Removed entries keep their
    /// places until the table is made anew.
    table: Box<[u32]>,
    len: usize,
}

/// By content and order, holes included.
impl PartialEq for Dict {
    fn eq(&self, other: &Dict) -> bool {
        self.len == other.len && self.entries == other.entries
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    hash: u64,
    key: Value,
    value: Value,
}

/// Up to here entries are searched one by one.
const SMALL: usize = 8;

/// Where a search in a table begins: user-defined hashes may be small numbers, so all bits are mixed.
fn start(hash: u64, mask: usize) -> usize {
    (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask
}

impl Dict {
    /// A dictionary of names that differ, with their hashes.
    pub(crate) fn of_names(items: impl Iterator<Item = ((u64, Name), Value)>) -> Dict {
        let entry = |((hash, name), value)| Some(Entry { hash, key: Value::Str(name), value });
        let entries: Vec<Option<Entry>> = items.map(entry).collect();
        let mut dict = Dict { len: entries.len(), entries, table: Box::default() };
        if dict.len > SMALL {
            dict.index();
        }
        dict
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The place of the first entry of this hash that is the one.
    fn search(&self, hash: u64, mut is_it: impl FnMut(&Entry) -> bool) -> Option<usize> {
        let mut matches =
            |entry: &Option<Entry>| entry.as_ref().is_some_and(|entry| entry.hash == hash && is_it(entry));
        if self.table.is_empty() {
            return self.entries.iter().position(matches);
        }
        let mask = self.table.len() - 1;
        let mut at = start(hash, mask);
        loop {
            let place = (self.table[at] as usize).checked_sub(1)?;
            if matches(&self.entries[place]) {
                return Some(place);
            }
            at = (at + 1) & mask;
        }
    }

    fn find(&self, hash: u64, key: &Value) -> Option<usize> {
        self.search(hash, |entry| same_key(&entry.key, key))
    }

    /// Keys with this hash, for the machine to compare.
    pub(crate) fn candidates(&self, hash: u64) -> Vec<Value> {
        let mut keys = Vec::new();
        self.search(hash, |entry| {
            keys.push(entry.key.clone());
            false
        });
        keys
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
        let at = self.search(hash, |entry| matches!(&entry.key, Value::Str(text) if **text == *key))?;
        self.entries[at].as_ref().map(|entry| &entry.value)
    }

    /// The value that was there before.
    pub(crate) fn insert(&mut self, hash: u64, key: Value, value: Value) -> Option<Value> {
        if let Some(at) = self.find(hash, &key)
            && let Some(entry) = &mut self.entries[at]
        {
            return Some(std::mem::replace(&mut entry.value, value));
        }
        self.append(hash, key, value);
        None
    }

    /// Adds an entry whose key is not there yet.
    fn append(&mut self, hash: u64, key: Value, value: Value) {
        self.entries.push(Some(Entry { hash, key, value }));
        self.len += 1;
        if self.entries.len() * 4 <= self.table.len() * 3 {
            place(&mut self.table, hash, self.entries.len());
        } else if self.entries.len() > SMALL {
            self.index();
        }
    }

    /// Makes the table, with room for half as many entries again at least.
    fn index(&mut self) {
        let mut table = vec![0; (self.entries.len() * 2).next_power_of_two()].into_boxed_slice();
        for (at, entry) in self.entries.iter().enumerate() {
            if let Some(entry) = entry {
                place(&mut table, entry.hash, at + 1);
            }
        }
        self.table = table;
    }

    pub(crate) fn insert_str(&mut self, key: &str, value: Value) -> Option<Value> {
        let hash = hash_str(key);
        match self.search(hash, |entry| matches!(&entry.key, Value::Str(text) if **text == *key)) {
            Some(at) => self.entries[at].as_mut().map(|entry| std::mem::replace(&mut entry.value, value)),
            None => {
                self.append(hash, Value::Str(key.into()), value);
                None
            }
        }
    }

    pub(crate) fn remove(&mut self, hash: u64, key: &Value) -> Option<(Value, Value)> {
        let at = self.find(hash, key)?;
        let entry = self.entries[at].take()?;
        self.len -= 1;
        if self.len * 2 < self.entries.len() {
            self.entries.retain(Option::is_some);
            self.table = Box::default();
            if self.entries.len() > SMALL {
                self.index();
            }
        }
        Some((entry.key, entry.value))
    }

    pub(crate) fn remove_str(&mut self, key: &str) -> Option<Value> {
        self.remove(hash_str(key), &Value::Str(key.into())).map(|(_, value)| value)
    }

    /// Gives back what was kept for growth.
    pub(crate) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
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

    /// Objects that keys and values refer to.
    pub(crate) fn each_obj(&self, visit: &mut impl FnMut(Obj)) {
        for entry in self.entries.iter().flatten() {
            entry.key.each_obj(visit);
            entry.value.each_obj(visit);
        }
    }

    /// The entry at or after a place, and the place after it: how iterators walk while the dictionary changes.
    pub(crate) fn entry_from(&self, at: usize) -> Option<(usize, &Value, &Value)> {
        let (offset, entry) =
            self.entries.get(at..)?.iter().enumerate().find_map(|(offset, entry)| Some((offset, entry.as_ref()?)))?;
        Some((at + offset + 1, &entry.key, &entry.value))
    }
}

/// Enters a place (from one) into a table that has room.
fn place(table: &mut [u32], hash: u64, number: usize) {
    let mask = table.len() - 1;
    let mut at = start(hash, mask);
    while table[at] != 0 {
        at = (at + 1) & mask;
    }
    table[at] = number as u32;
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
