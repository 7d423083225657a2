//! Lists, tuples, dictionaries, sets, ranges, iterators.

use cinder_syntax::ast::{CmpOp, Operator};

use super::{arity, method, plain, receiver, required};
use crate::dict::Dict;
use crate::machine::Machine;
use crate::object::{Body, Iterator, Ty, ViewKind};
use crate::rules::Rule;
use crate::value::{Args, Native, Obj, R, Value};

/// The object of a method that needs one.
fn this(m: &mut Machine<'_>, a: &Args, name: &str) -> R<Obj> {
    match receiver(m, a, name)? {
        Value::Obj(obj) => Ok(obj),
        other => {
            let shown = m.type_name(&other);
            m.type_error(format!("descriptor '{name}' does not apply to a '{shown}' object"))
        }
    }
}

/// The items of a list, to be changed.
fn list<'a>(m: &'a mut Machine<'_>, obj: Obj) -> R<&'a mut Vec<Value>> {
    if !matches!(m.body(obj), Body::List(_)) {
        return m.type_error("descriptor requires a 'list' object");
    }
    match &mut m.change(obj)?.body {
        Body::List(items) => Ok(items),
        _ => unreachable_list(),
    }
}

fn unreachable_list<'a>() -> R<&'a mut Vec<Value>> {
    Err(crate::value::Fail::Stop)
}

fn class_of_new(m: &Machine<'_>, a: &Args, ty: Ty) -> Obj {
    a.pos.first().and_then(|class| m.as_class(class)).unwrap_or(ty.obj())
}

/// `len`, `in`, iteration, text.
pub(super) static SIZED: &[Native] = &[
    method!("__len__", |m, a| {
        let x = receiver(m, &a, "__len__")?;
        Ok(Value::Int(m.plain_len(&x)? as i64))
    }),
    method!("__contains__", |m, a| {
        let (x, item) = (required(m, &a, 0, "__contains__")?, required(m, &a, 1, "__contains__")?);
        m.plain_contains(&x, &item).map(Value::Bool)
    }),
    method!("__iter__", |m, a| {
        let x = receiver(m, &a, "__iter__")?;
        match m.builtin_iter(&x, true)? {
            Some(state) => Ok(m.new_obj(Ty::Iterator, Body::Iterator(Box::new(state)))),
            None => m.type_error("not iterable"),
        }
    }),
    method!("__eq__", |m, a| {
        let (x, y) = (required(m, &a, 0, "__eq__")?, required(m, &a, 1, "__eq__")?);
        equal(m, &x, &y).map(|equal| equal.map_or(Value::NotImplemented, Value::Bool))
    }),
    method!("__ne__", |m, a| {
        let (x, y) = (required(m, &a, 0, "__ne__")?, required(m, &a, 1, "__ne__")?);
        equal(m, &x, &y).map(|equal| equal.map_or(Value::NotImplemented, |equal| Value::Bool(!equal)))
    }),
    method!("__repr__", |m, a| {
        let x = receiver(m, &a, "__repr__")?;
        Ok(Value::Str(m.builtin_repr(&m.plain(&x))?.into()))
    }),
    method!("__reversed__", |m, a| {
        let x = receiver(m, &a, "__reversed__")?;
        reversed(m, &x)
    }),
];

/// Whether two containers are equal; `None` when they are of different kinds.
fn equal(m: &mut Machine<'_>, x: &Value, y: &Value) -> R<Option<bool>> {
    let is_same_kind = m.class_of(&m.plain(x)) == m.class_of(&m.plain(y)) || same_layout(m, x, y);
    if is_same_kind { m.equal_plain(x, y).map(Some) } else { Ok(None) }
}

fn same_layout(m: &Machine<'_>, x: &Value, y: &Value) -> bool {
    match (x.as_obj(), y.as_obj()) {
        (Some(x), Some(y)) => std::mem::discriminant(m.body(x)) == std::mem::discriminant(m.body(y)),
        _ => false,
    }
}

/// What has items, besides [`SIZED`].
pub(super) static SEQUENCE: &[Native] = &[
    method!("__getitem__", |m, a| {
        let (x, index) = (required(m, &a, 0, "__getitem__")?, required(m, &a, 1, "__getitem__")?);
        m.builtin_item(&x, &index)
    }),
    method!("__hash__", |m, a| {
        let x = receiver(m, &a, "hash")?;
        Ok(Value::Int(m.hash(&m.plain(&x))? as i64 >> 3))
    }),
];

fn concat(m: &mut Machine<'_>, a: &Args, operator: Operator, in_place: bool) -> R {
    let (x, y) = (required(m, a, 0, "operator")?, required(m, a, 1, "operator")?);
    let value = m.operator_method(operator, &x, &y, in_place)?;
    if value == Value::NotImplemented && operator == Operator::Add {
        let (p, q) = (m.type_name(&x), m.type_name(&y));
        return m.type_error(format!("can only concatenate {p} (not \"{q}\") to {p}"));
    }
    Ok(value)
}

pub(super) static CONCAT: &[Native] = &[
    method!("__add__", |m, a| concat(m, &a, Operator::Add, false)),
    method!("__mul__", |m, a| concat(m, &a, Operator::Mult, false)),
    method!("__rmul__", |m, a| concat(m, &a, Operator::Mult, false)),
];

fn ordered(m: &mut Machine<'_>, a: &Args, operator: CmpOp) -> R {
    let (x, y) = (required(m, a, 0, "comparison")?, required(m, a, 1, "comparison")?);
    if y.is_unknown() {
        return Ok(Value::NotImplemented);
    }
    Ok(m.order_plain(&x, &y, operator)?.map_or(Value::NotImplemented, Value::Bool))
}

pub(super) static ORDERED: &[Native] = &[
    method!("__lt__", |m, a| ordered(m, &a, CmpOp::Lt)),
    method!("__le__", |m, a| ordered(m, &a, CmpOp::LtE)),
    method!("__gt__", |m, a| ordered(m, &a, CmpOp::Gt)),
    method!("__ge__", |m, a| ordered(m, &a, CmpOp::GtE)),
];

pub(super) static MUTABLE: &[Native] = &[
    method!("__setitem__", |m, a| {
        arity(m, &a, "__setitem__", 3, 3)?;
        m.builtin_set_item(&a.pos[0], a.pos[1].clone(), a.pos[2].clone())?;
        Ok(Value::None)
    }),
    method!("__delitem__", |m, a| {
        arity(m, &a, "__delitem__", 2, 2)?;
        plain_delete(m, &a.pos[0].clone(), &a.pos[1].clone())
    }),
    method!("__iadd__", |m, a| concat(m, &a, Operator::Add, true)),
    method!("__imul__", |m, a| concat(m, &a, Operator::Mult, true)),
];

fn plain_delete(m: &mut Machine<'_>, x: &Value, index: &Value) -> R {
    if let Some(obj) = x.as_obj()
        && matches!(m.body(obj), Body::Dict(_))
    {
        return match m.dict_remove(obj, index)? {
            Some(_) => Ok(Value::None),
            None => m.raise_with(Ty::KeyError, vec![index.clone()]),
        };
    }
    m.delete_item(x, index)?;
    Ok(Value::None)
}

pub(super) static GENERIC: &[Native] = &[plain!("__class_getitem__", |m, a| {
    let (class, index) = match &a.pos[..] {
        [index] => (Ty::Object.value(), index.clone()),
        [class, index, ..] => (class.clone(), index.clone()),
        [] => return m.type_error("__class_getitem__() takes one argument"),
    };
    Ok(m.generic_alias(&class, &index))
})];

pub(super) static LIST: &[Native] = &[
    plain!("__new__", |m, a| {
        let class = class_of_new(m, &a, Ty::List);
        Ok(Value::Obj(m.alloc(class, Body::List(Vec::new()))))
    }),
    method!("__init__", |m, a| {
        arity(m, &a, "list", 1, 2)?;
        let obj = this(m, &a, "__init__")?;
        a.pos.iter().skip(1).for_each(|source| m.note_set_order(source));
        let items = match a.pos.get(1) {
            Some(source) => m.iterate(&source.clone())?,
            None => Vec::new(),
        };
        *list(m, obj)? = items;
        Ok(Value::None)
    }),
    method!("append", |m, a| {
        arity(m, &a, "append", 2, 2)?;
        let obj = this(m, &a, "append")?;
        let items = list(m, obj)?;
        items.push(a.pos[1].clone());
        let len = items.len();
        if len.is_multiple_of(1 << 16) {
            m.check_len(len)?;
        }
        Ok(Value::None)
    }),
    method!("extend", |m, a| {
        arity(m, &a, "extend", 2, 2)?;
        let obj = this(m, &a, "extend")?;
        let more = m.iterate(&a.pos[1].clone())?;
        m.check_len(more.len())?;
        list(m, obj)?.extend(more);
        Ok(Value::None)
    }),
    method!("insert", |m, a| {
        arity(m, &a, "insert", 3, 3)?;
        let obj = this(m, &a, "insert")?;
        let at = m.as_index(&a.pos[1].clone())?;
        let items = list(m, obj)?;
        let len = items.len() as i64;
        let at = if at < 0 { (at + len).max(0) } else { at.min(len) };
        items.insert(at as usize, a.pos[2].clone());
        Ok(Value::None)
    }),
    method!("pop", |m, a| {
        arity(m, &a, "pop", 1, 2)?;
        let obj = this(m, &a, "pop")?;
        let at = match a.pos.get(1) {
            Some(at) => m.as_index(&at.clone())?,
            None => -1,
        };
        let items = list(m, obj)?;
        let len = items.len() as i64;
        let place = if at < 0 { at + len } else { at };
        if place < 0 || place >= len {
            let message = if len == 0 { "pop from empty list" } else { "pop index out of range" };
            return m.raise(Ty::IndexError, message);
        }
        Ok(items.remove(place as usize))
    }),
    method!("remove", |m, a| {
        arity(m, &a, "remove", 2, 2)?;
        let obj = this(m, &a, "remove")?;
        let at = find_in(m, &a.pos[0].clone(), &a.pos[1].clone(), 0, i64::MAX)?;
        match at {
            Some(at) => {
                list(m, obj)?.remove(at);
                Ok(Value::None)
            }
            None => m.raise(Ty::ValueError, "list.remove(x): x not in list"),
        }
    }),
    method!("clear", |m, a| {
        let obj = this(m, &a, "clear")?;
        list(m, obj)?.clear();
        Ok(Value::None)
    }),
    method!("copy", |m, a| {
        let x = receiver(m, &a, "copy")?;
        let items = m.iterate(&x)?;
        Ok(m.new_list(items))
    }),
    method!("index", |m, a| index_of(m, &a)),
    method!("count", |m, a| count_of(m, &a)),
    method!("reverse", |m, a| {
        let obj = this(m, &a, "reverse")?;
        list(m, obj)?.reverse();
        Ok(Value::None)
    }),
    method!("sort", |m, a| {
        let obj = this(m, &a, "sort")?;
        m.change(obj)?;
        let items = match m.body(obj) {
            Body::List(items) => items.clone(),
            _ => Vec::new(),
        };
        let sorted = super::function::sort(m, items, a.keyword("key").cloned(), a.keyword("reverse").cloned())?;
        *list(m, obj)? = sorted;
        Ok(Value::None)
    }),
];

pub(super) static TUPLE: &[Native] = &[
    plain!("__new__", |m, a| {
        arity(m, &a, "tuple", 1, 2)?;
        a.pos.iter().skip(1).for_each(|source| m.note_set_order(source));
        let items = match a.pos.get(1) {
            Some(source) => m.iterate(&source.clone())?,
            None => Vec::new(),
        };
        m.check_nesting(&items)?;
        Ok(super::number::wrap(m, &a.pos[0], Ty::Tuple, Value::tuple(items)))
    }),
    method!("index", |m, a| index_of(m, &a)),
    method!("count", |m, a| count_of(m, &a)),
];

fn find_in(m: &mut Machine<'_>, sequence: &Value, item: &Value, start: i64, stop: i64) -> R<Option<usize>> {
    let items = m.iterate(sequence)?;
    let len = items.len() as i64;
    let fit = |at: i64| if at < 0 { (at + len).max(0) } else { at.min(len) };
    for at in fit(start)..fit(stop) {
        if m.equal(&items[at as usize], item)? {
            return Ok(Some(at as usize));
        }
    }
    Ok(None)
}

fn index_of(m: &mut Machine<'_>, a: &Args) -> R {
    arity(m, a, "index", 2, 4)?;
    let mut bounds = [0, i64::MAX];
    for (at, bound) in bounds.iter_mut().enumerate() {
        if let Some(value) = a.pos.get(at + 2) {
            *bound = m.as_index(&value.clone())?;
        }
    }
    match find_in(m, &a.pos[0].clone(), &a.pos[1].clone(), bounds[0], bounds[1])? {
        Some(at) => Ok(Value::Int(at as i64)),
        None => {
            let shown = m.repr(&a.pos[1].clone())?;
            m.raise(Ty::ValueError, format!("{shown} is not in list"))
        }
    }
}

fn count_of(m: &mut Machine<'_>, a: &Args) -> R {
    arity(m, a, "count", 2, 2)?;
    let mut count = 0;
    for item in m.iterate(&a.pos[0].clone())? {
        if m.equal(&item, &a.pos[1].clone())? {
            count += 1;
        }
    }
    Ok(Value::Int(count))
}

pub(super) fn reversed(m: &mut Machine<'_>, x: &Value) -> R {
    let state = match x.as_obj().map(|obj| (obj, m.body(obj))) {
        Some((obj, Body::List(items))) => Iterator::ListBack { list: obj, at: items.len() },
        _ => {
            let mut items = m.iterate(x)?;
            items.reverse();
            Iterator::Items { items: items.into(), at: 0 }
        }
    };
    Ok(m.new_obj(Ty::Reversed, Body::Iterator(Box::new(state))))
}

fn is_dict(m: &Machine<'_>, obj: Obj) -> bool {
    matches!(m.body(obj), Body::Dict(_))
}

/// Puts pairs or a mapping, and keywords, into a dictionary.
fn update(m: &mut Machine<'_>, obj: Obj, a: &Args, name: &str) -> R<()> {
    if a.pos.len() > 2 {
        return m.type_error(format!("{name} expected at most 1 argument, got {}", a.pos.len() - 1));
    }
    m.change(obj)?;
    if let Some(source) = a.pos.get(1).cloned() {
        let has_keys = !source.is_unknown() && m.has_special(&source, "keys");
        if source.is_unknown() || has_keys {
            for (key, value) in m.mapping_items(&source)? {
                m.dict_put(obj, key, value, false)?;
            }
        } else {
            for pair in m.iterate(&source)? {
                let parts = m.iterate(&pair)?;
                let [key, value] = &parts[..] else {
                    let ty = if m.settings.is_compatible { Ty::TypeError } else { Ty::ValueError };
                    return m.raise(ty, "dictionary update sequence element has wrong length; 2 is required");
                };
                m.dict_put(obj, key.clone(), value.clone(), false)?;
            }
        }
    }
    for (name, value) in &a.kw {
        m.dict_put(obj, Value::Str(name.clone()), value.clone(), false)?;
    }
    Ok(())
}

fn view(m: &mut Machine<'_>, a: &Args, ty: Ty, kind: ViewKind) -> R {
    arity(m, a, "view", 1, 1)?;
    let dict = this(m, a, "keys")?;
    if !is_dict(m, dict) {
        return m.type_error("descriptor requires a 'dict' object");
    }
    Ok(m.new_obj(ty, Body::View { dict, kind }))
}

pub(super) static DICT: &[Native] = &[
    plain!("__new__", |m, a| {
        let class = class_of_new(m, &a, Ty::Dict);
        Ok(Value::Obj(m.alloc(class, Body::Dict(Dict::default()))))
    }),
    method!("__init__", |m, a| {
        let obj = this(m, &a, "__init__")?;
        update(m, obj, &a, "dict")?;
        Ok(Value::None)
    }),
    method!("update", |m, a| {
        let obj = this(m, &a, "update")?;
        update(m, obj, &a, "update")?;
        Ok(Value::None)
    }),
    method!("get", |m, a| {
        arity(m, &a, "get", 2, 3)?;
        let obj = this(m, &a, "get")?;
        let found = m.dict_lookup(obj, &a.pos[1].clone())?;
        Ok(found.unwrap_or_else(|| a.pos.get(2).cloned().unwrap_or(Value::None)))
    }),
    method!("setdefault", |m, a| {
        arity(m, &a, "setdefault", 2, 3)?;
        let obj = this(m, &a, "setdefault")?;
        if let Some(value) = m.dict_lookup(obj, &a.pos[1].clone())? {
            return Ok(value);
        }
        let value = a.pos.get(2).cloned().unwrap_or(Value::None);
        m.dict_put(obj, a.pos[1].clone(), value.clone(), false)?;
        Ok(value)
    }),
    method!("pop", |m, a| {
        arity(m, &a, "pop", 2, 3)?;
        let obj = this(m, &a, "pop")?;
        match (m.dict_remove(obj, &a.pos[1].clone())?, a.pos.get(2)) {
            (Some((_, value)), _) => Ok(value),
            (None, Some(default)) => Ok(default.clone()),
            (None, None) => m.raise_with(Ty::KeyError, vec![a.pos[1].clone()]),
        }
    }),
    method!("popitem", |m, a| {
        let obj = this(m, &a, "popitem")?;
        let last = match m.body(obj) {
            Body::Dict(dict) => dict.iter().next_back().map(|(key, _)| key.clone()),
            _ => None,
        };
        match last {
            Some(key) => match m.dict_remove(obj, &key)? {
                Some((key, value)) => Ok(Value::tuple([key, value])),
                None => Ok(Value::None),
            },
            None => m.raise_with(Ty::KeyError, vec![Value::str("popitem(): dictionary is empty")]),
        }
    }),
    method!("clear", |m, a| {
        let obj = this(m, &a, "clear")?;
        if let Body::Dict(dict) = &mut m.change(obj)?.body {
            dict.clear();
        }
        Ok(Value::None)
    }),
    method!("copy", |m, a| {
        let x = receiver(m, &a, "copy")?;
        Ok(Value::Obj(m.copy_dict(&x)))
    }),
    method!("keys", |m, a| view(m, &a, Ty::DictKeys, ViewKind::Keys)),
    method!("values", |m, a| view(m, &a, Ty::DictValues, ViewKind::Values)),
    method!("items", |m, a| view(m, &a, Ty::DictItems, ViewKind::Items)),
    method!("fromkeys", |m, a| {
        let class = required(m, &a, 0, "fromkeys")?;
        let keys = required(m, &a, 1, "fromkeys")?;
        let value = a.pos.get(2).cloned().unwrap_or(Value::None);
        let dict = m.call(&class, Args::default())?;
        for key in m.iterate(&keys)? {
            m.set_item(&dict, key, value.clone())?;
        }
        Ok(dict)
    }),
    method!("__or__", |m, a| concat_dict(m, &a, false)),
    method!("__ior__", |m, a| concat_dict(m, &a, true)),
];

fn concat_dict(m: &mut Machine<'_>, a: &Args, in_place: bool) -> R {
    let (x, y) = (required(m, a, 0, "operator")?, required(m, a, 1, "operator")?);
    m.operator_method(Operator::BitOr, &x, &y, in_place)
}

pub(super) static PROXY: &[Native] = &[
    plain!("__new__", |m, a| {
        let inner = required(m, &a, 1, "mappingproxy")?;
        match inner.as_obj() {
            Some(obj) if is_dict(m, obj) => Ok(m.new_obj(Ty::Proxy, Body::Proxy(obj))),
            _ => m.type_error("mappingproxy() argument must be a mapping"),
        }
    }),
    method!("get", |m, a| {
        arity(m, &a, "get", 2, 3)?;
        let copy = proxy_copy(m, &a)?;
        let found = m.dict_lookup(copy, &a.pos[1].clone())?;
        Ok(found.unwrap_or_else(|| a.pos.get(2).cloned().unwrap_or(Value::None)))
    }),
    method!("keys", |m, a| proxy_view(m, &a, Ty::DictKeys, ViewKind::Keys)),
    method!("values", |m, a| proxy_view(m, &a, Ty::DictValues, ViewKind::Values)),
    method!("items", |m, a| proxy_view(m, &a, Ty::DictItems, ViewKind::Items)),
    method!("copy", |m, a| proxy_copy(m, &a).map(Value::Obj)),
];

fn proxy_copy(m: &mut Machine<'_>, a: &Args) -> R<Obj> {
    let x = receiver(m, a, "mappingproxy")?;
    Ok(m.copy_dict(&x))
}

fn proxy_view(m: &mut Machine<'_>, a: &Args, ty: Ty, kind: ViewKind) -> R {
    let dict = proxy_copy(m, a)?;
    Ok(m.new_obj(ty, Body::View { dict, kind }))
}

pub(super) static VIEW: &[Native] = &[method!("isdisjoint", |m, a| disjoint(m, &a))];

fn set_new(m: &mut Machine<'_>, a: &Args, ty: Ty, items: Vec<Value>) -> R {
    let class = class_of_new(m, a, ty);
    let value = Value::Obj(m.alloc(class, Body::Set(Dict::default())));
    if let Some(obj) = value.as_obj() {
        for item in items {
            m.set_put(obj, item, false)?;
        }
    }
    Ok(value)
}

fn disjoint(m: &mut Machine<'_>, a: &Args) -> R {
    arity(m, a, "isdisjoint", 2, 2)?;
    for item in m.iterate(&a.pos[1].clone())? {
        if m.contains(&a.pos[0].clone(), &item)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn combine(m: &mut Machine<'_>, a: &Args, operator: Operator) -> R {
    let mut result = required(m, a, 0, "set")?;
    let ty = if m.is_instance(&result, Ty::FrozenSet) { Ty::FrozenSet } else { Ty::Set };
    let items = m.iterate(&result)?;
    result = m.new_set(ty, items)?;
    for other in &a.pos[1..] {
        let items = m.iterate(&other.clone())?;
        let other = m.new_set(ty, items)?;
        result = m.operator_method(operator, &result, &other, false)?;
    }
    Ok(result)
}

fn combine_into(m: &mut Machine<'_>, a: &Args, operator: Operator) -> R {
    let obj = this(m, a, "set")?;
    m.change(obj)?;
    let result = combine(m, a, operator)?;
    let content = result.as_obj().map(|result| m.body(result).clone());
    if let Some(content) = content {
        m.change(obj)?.body = content;
    }
    Ok(Value::None)
}

fn operator(m: &mut Machine<'_>, a: &Args, operator: Operator, in_place: bool) -> R {
    let (x, y) = (required(m, a, 0, "operator")?, required(m, a, 1, "operator")?);
    m.operator_method(operator, &x, &y, in_place)
}

pub(super) static SET_OPERATORS: &[Native] = &[
    method!("__or__", |m, a| operator(m, &a, Operator::BitOr, false)),
    method!("__and__", |m, a| operator(m, &a, Operator::BitAnd, false)),
    method!("__sub__", |m, a| operator(m, &a, Operator::Sub, false)),
    method!("__xor__", |m, a| operator(m, &a, Operator::BitXor, false)),
];

pub(super) static SET_READ: &[Native] = &[
    method!("__or__", |m, a| operator(m, &a, Operator::BitOr, false)),
    method!("__and__", |m, a| operator(m, &a, Operator::BitAnd, false)),
    method!("__sub__", |m, a| operator(m, &a, Operator::Sub, false)),
    method!("__xor__", |m, a| operator(m, &a, Operator::BitXor, false)),
    method!("union", |m, a| combine(m, &a, Operator::BitOr)),
    method!("intersection", |m, a| combine(m, &a, Operator::BitAnd)),
    method!("difference", |m, a| combine(m, &a, Operator::Sub)),
    method!("symmetric_difference", |m, a| combine(m, &a, Operator::BitXor)),
    method!("isdisjoint", |m, a| disjoint(m, &a)),
    method!("issubset", |m, a| {
        arity(m, &a, "issubset", 2, 2)?;
        let items = m.iterate(&a.pos[1].clone())?;
        let other = m.new_set(Ty::Set, items)?;
        Ok(m.order_plain(&a.pos[0].clone(), &other, CmpOp::LtE)?.map_or(Value::Bool(false), Value::Bool))
    }),
    method!("issuperset", |m, a| {
        arity(m, &a, "issuperset", 2, 2)?;
        let items = m.iterate(&a.pos[1].clone())?;
        let other = m.new_set(Ty::Set, items)?;
        Ok(m.order_plain(&a.pos[0].clone(), &other, CmpOp::GtE)?.map_or(Value::Bool(false), Value::Bool))
    }),
    method!("copy", |m, a| {
        let x = receiver(m, &a, "copy")?;
        let items = m.iterate(&x)?;
        m.new_set(Ty::Set, items)
    }),
    method!("__hash__", |m, a| {
        let x = receiver(m, &a, "hash")?;
        if !m.is_instance(&x, Ty::FrozenSet) {
            return m.type_error("unhashable type: 'set'");
        }
        Ok(Value::Int(m.hash(&x)? as i64 >> 3))
    }),
];

pub(super) static SET: &[Native] = &[
    plain!("__new__", |m, a| set_new(m, &a, Ty::Set, Vec::new())),
    method!("__init__", |m, a| {
        arity(m, &a, "set", 1, 2)?;
        let obj = this(m, &a, "set")?;
        m.change(obj)?.body = Body::Set(Dict::default());
        if let Some(source) = a.pos.get(1) {
            for item in m.iterate(&source.clone())? {
                m.set_put(obj, item, true)?;
            }
        }
        Ok(Value::None)
    }),
    method!("add", |m, a| {
        arity(m, &a, "add", 2, 2)?;
        let obj = this(m, &a, "add")?;
        m.set_put(obj, a.pos[1].clone(), false)?;
        Ok(Value::None)
    }),
    method!("update", |m, a| {
        let obj = this(m, &a, "update")?;
        m.change(obj)?;
        for source in &a.pos[1..] {
            for item in m.iterate(&source.clone())? {
                m.set_put(obj, item, false)?;
            }
        }
        Ok(Value::None)
    }),
    method!("remove", |m, a| {
        arity(m, &a, "remove", 2, 2)?;
        let obj = this(m, &a, "remove")?;
        match m.dict_remove(obj, &a.pos[1].clone())? {
            Some(_) => Ok(Value::None),
            None => m.raise_with(Ty::KeyError, vec![a.pos[1].clone()]),
        }
    }),
    method!("discard", |m, a| {
        arity(m, &a, "discard", 2, 2)?;
        let obj = this(m, &a, "discard")?;
        m.dict_remove(obj, &a.pos[1].clone())?;
        Ok(Value::None)
    }),
    method!("pop", |m, a| {
        let obj = this(m, &a, "pop")?;
        let first = match m.body(obj) {
            Body::Set(set) => set.iter().next().map(|(key, _)| key.clone()),
            _ => None,
        };
        match first {
            Some(key) => {
                m.dict_remove(obj, &key)?;
                Ok(key)
            }
            None => m.raise_with(Ty::KeyError, vec![Value::str("pop from an empty set")]),
        }
    }),
    method!("clear", |m, a| {
        let obj = this(m, &a, "clear")?;
        m.change(obj)?.body = Body::Set(Dict::default());
        Ok(Value::None)
    }),
    method!("intersection_update", |m, a| combine_into(m, &a, Operator::BitAnd)),
    method!("difference_update", |m, a| combine_into(m, &a, Operator::Sub)),
    method!("symmetric_difference_update", |m, a| combine_into(m, &a, Operator::BitXor)),
    method!("__ior__", |m, a| operator(m, &a, Operator::BitOr, true)),
    method!("__iand__", |m, a| operator(m, &a, Operator::BitAnd, true)),
    method!("__isub__", |m, a| operator(m, &a, Operator::Sub, true)),
];

pub(super) static FROZENSET: &[Native] = &[plain!("__new__", |m, a| {
    arity(m, &a, "frozenset", 1, 2)?;
    let items = match a.pos.get(1) {
        Some(source) => m.iterate(&source.clone())?,
        None => Vec::new(),
    };
    set_new(m, &a, Ty::FrozenSet, items)
})];

pub(super) static RANGE: &[Native] = &[
    plain!("__new__", |m, a| {
        arity(m, &a, "range", 2, 4)?;
        let mut bounds = Vec::new();
        for value in &a.pos[1..] {
            bounds.push(m.as_index(&value.clone())?);
        }
        let (start, stop, step) = match bounds[..] {
            [stop] => (0, stop, 1),
            [start, stop] => (start, stop, 1),
            _ => (bounds[0], bounds[1], bounds[2]),
        };
        if step == 0 {
            return m.raise(Ty::ValueError, "range() arg 3 must not be zero");
        }
        Ok(m.new_obj(Ty::Range, Body::Range(start, stop, step)))
    }),
    method!("index", |m, a| index_of(m, &a)),
    method!("count", |m, a| count_of(m, &a)),
];

pub(super) static SLICE: &[Native] = &[plain!("__new__", |m, a| {
    arity(m, &a, "slice", 2, 4)?;
    let part = |at: usize| a.pos.get(at).cloned().unwrap_or(Value::None);
    let parts = if a.pos.len() == 2 { [Value::None, part(1), Value::None] } else { [part(1), part(2), part(3)] };
    Ok(m.new_obj(Ty::Slice, Body::Slice(Box::new(parts))))
})];

pub(super) static ITERATOR: &[Native] = &[
    method!("__iter__", |m, a| receiver(m, &a, "__iter__")),
    method!("__next__", |m, a| {
        let x = receiver(m, &a, "__next__")?;
        let found = match x.as_obj() {
            Some(obj) if matches!(m.body(obj), Body::Iterator(_)) => m.advance(obj)?,
            _ => match x.as_obj() {
                Some(obj) => match m.resume(obj, Ok(Value::None))? {
                    Ok(value) => Some(value),
                    Err(value) => {
                        let args = if value.is_none() { Vec::new() } else { vec![value] };
                        return m.raise_with(Ty::StopIteration, args);
                    }
                },
                None => None,
            },
        };
        match found {
            Some(value) => Ok(value),
            None => m.raise_with(Ty::StopIteration, Vec::new()),
        }
    }),
    method!("__length_hint__", |_, _| Ok(Value::Int(0))),
];

fn sources(m: &mut Machine<'_>, given: &[Value]) -> R<Vec<Value>> {
    let mut sources = Vec::new();
    for source in given {
        let iterator = m.get_iter_soft(source)?;
        sources.push(iterator);
    }
    Ok(sources)
}

fn new_iterator(m: &mut Machine<'_>, a: &Args, ty: Ty, state: Iterator) -> R {
    let class = class_of_new(m, a, ty);
    Ok(Value::Obj(m.alloc(class, Body::Iterator(Box::new(state)))))
}

pub(super) static ZIP: &[Native] = &[plain!("__new__", |m, a| {
    let is_strict = match a.keyword("strict").cloned() {
        Some(value) => m.truth(&value)?,
        None => false,
    };
    let sources = sources(m, &a.pos[1..])?;
    new_iterator(m, &a, Ty::Zip, Iterator::Zip { sources, is_strict })
})];

pub(super) static MAP: &[Native] = &[plain!("__new__", |m, a| {
    if a.pos.len() < 3 {
        return m.type_error("map() must have at least two arguments.");
    }
    let sources = sources(m, &a.pos[2..])?;
    let function = a.pos[1].clone();
    new_iterator(m, &a, Ty::Map, Iterator::Map { function, sources })
})];

pub(super) static FILTER: &[Native] = &[plain!("__new__", |m, a| {
    arity(m, &a, "filter", 3, 3)?;
    let source = m.get_iter_soft(&a.pos[2].clone())?;
    let function = a.pos[1].clone();
    new_iterator(m, &a, Ty::Filter, Iterator::Filter { function, source })
})];

pub(super) static ENUMERATE: &[Native] = &[plain!("__new__", |m, a| {
    let source = match a.get(1, "iterable").cloned() {
        Some(source) => m.get_iter_soft(&source)?,
        None => return m.type_error("enumerate() missing required argument 'iterable'"),
    };
    let at = a.get(2, "start").cloned().unwrap_or(Value::Int(0));
    new_iterator(m, &a, Ty::Enumerate, Iterator::Enumerate { source, at })
})];

pub(super) static REVERSED: &[Native] = &[plain!("__new__", |m, a| {
    arity(m, &a, "reversed", 2, 2)?;
    let x = a.pos[1].clone();
    if let Value::Unknown(unknown) = &x
        && !unknown.is_harmless
    {
        let shown = unknown.name.clone();
        return Err(m.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__reversed__"], &x, &shown));
    }
    if m.overrides(&x, "__reversed__").is_some() {
        return Ok(m.call_special(&x, "__reversed__", Vec::new())?.unwrap_or(Value::None));
    }
    let is_set =
        x.as_obj().is_some_and(|obj| matches!(m.body(obj), Body::Set(_) | Body::Iterator(_) | Body::Generator(_)));
    if is_set || (m.overrides(&x, "__iter__").is_some() && m.overrides(&x, "__getitem__").is_none()) {
        let name = m.type_name(&x);
        return m.type_error(format!("'{name}' object is not reversible"));
    }
    if m.overrides(&x, "__getitem__").is_some() {
        let len = m.len(&x)?;
        let mut items = Vec::new();
        for at in (0..len).rev() {
            items.push(m.get_item(&x, &Value::Int(at as i64))?);
        }
        return Ok(m.iter_over(items));
    }
    reversed(m, &x)
})];
