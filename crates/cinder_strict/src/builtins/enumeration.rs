//! What the model of `enum` does for every member: most enumerations are plain, and big generated modules have thousands of members.
//!
//! Idea: as for data classes ([`super::dataclass`]): members whose values are scalars, in classes that make them in no way of their own, are made here;
//! for all else these functions answer `False` or `None` before they have changed anything, and the model's Python code does it.
//! Holds: the same objects with the same attributes as on the model's way; nothing of the program runs here.

use std::sync::LazyLock;

use super::{plain, required};
use crate::code::Name;
use crate::dict::{Dict, hash_plain, hash_str};
use crate::machine::Machine;
use crate::object::{Body, Ty};
use crate::value::{Args, Native, Obj, R, Value};

pub(super) static INTRINSICS: &[Native] = &[
    // Class, name of the enumeration, what makes values: the namespace of a class body.
    plain!("__enum_dict__", |m, a| enum_dict(m, &a)),
    // Namespace, name, value: whether it is in the namespace now.
    plain!("__enum_put__", |m, a| Ok(Value::Bool(put(m, &a).is_some()))),
    // Namespace: a dictionary of what is no member.
    plain!("__enum_rest__", |m, a| {
        let (namespace, members) = (required(m, &a, 0, "__enum_rest__")?, required(m, &a, 1, "__enum_rest__")?);
        let (Some(all), Some(members)) = (m.dict_of(&namespace), m.dict_of(&members)) else { return Ok(Value::None) };
        let rest = all.entries().filter(|(hash, name, _)| members.get(*hash, name).is_none());
        let mut content = Dict::default();
        for (hash, name, value) in rest {
            content.insert(hash, name.clone(), value.clone());
        }
        m.charge(content.len())?;
        Ok(m.new_obj(Ty::Dict, Body::Dict(content)))
    }),
    // Class, metaclass of enumerations: the class whose values the members are.
    plain!("__enum_data_type__", |m, a| Ok(data_type(m, &a).unwrap_or(Value::None))),
    // Class, names, namespace, data type: whether all members are made now.
    plain!("__enum_members__", |m, a| Ok(Value::Bool(members(m, &a)?.is_some()))),
];

/// Names of attributes, with their hashes.
macro_rules! names {
    ($($name:literal),* $(,)?) => {{
        const COUNT: usize = [$($name),*].len();
        static NAMES: LazyLock<[(u64, Name); COUNT]> =
            LazyLock::new(|| [$($name),*].map(|name: &str| (hash_str(name), Name::from(name))));
        NAMES.iter().cloned()
    }};
}

fn enum_dict(m: &mut Machine<'_>, args: &Args) -> R {
    let (class, name) = (required(m, args, 0, "__enum_dict__")?, required(m, args, 1, "__enum_dict__")?);
    let make = required(m, args, 2, "__enum_dict__")?;
    let Some(class) = class.as_obj() else { return Ok(Value::None) };
    let members = Value::Obj(m.new_dict());
    let (ignored, last_values) = (m.new_list(Vec::new()), m.new_list(Vec::new()));
    let values = [members.clone(), members, ignored, last_values, Value::None, Value::Int(0), make, name];
    let names =
        names!["_member_names", "_members", "_ignored", "_last_values", "_highest", "_counted", "_make", "_cls_name",];
    let content = Dict::of_names(names.zip(values));
    let attributes = m.alloc(Ty::Dict.obj(), Body::Dict(content));
    let made = m.alloc(class, Body::Dict(Dict::default()));
    if let Some(object) = m.own_mut(made) {
        object.attrs = Some(attributes);
    }
    Ok(Value::Obj(made))
}

/// Whether a value is a member as it is, whatever the class.
fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Big(_) | Value::Str(_) | Value::Float(_) | Value::Bool(_))
}

/// Binds a name of a class body: names for Python itself, methods, and members with plain values.
fn put(m: &mut Machine<'_>, args: &Args) -> Option<()> {
    let [namespace, Value::Str(name), value] = &args.pos[..] else { return None };
    let hash = hash_str(name);
    let is_special = name.starts_with("__") && name.ends_with("__");
    if name.starts_with('_') && !is_special {
        return None;
    }
    let members = m.own_attr(namespace, "_members")?.as_obj()?;
    let ignored = m.own_attr(namespace, "_ignored")?.as_obj()?;
    let is_known = matches!(m.body(members), Body::Dict(members) if members.get_named(hash, name).is_some());
    let is_ignoring = !matches!(m.body(ignored), Body::List(names) if names.is_empty());
    let is_function = value.as_obj().is_some_and(|obj| matches!(m.body(obj), Body::Function(_)));
    if is_known || is_ignoring || !m.is_own(namespace.as_obj()?) {
        return None;
    }
    if !is_special && !is_function {
        if !is_scalar(value) && !value.is_unknown() {
            return None;
        }
        let last_values = m.own_attr(namespace, "_last_values")?.as_obj()?;
        let Body::Dict(members) = &mut m.own_mut(members)?.body else { return None };
        members.insert(hash, Value::Str(name.clone()), Value::Bool(true));
        let Body::List(values) = &mut m.own_mut(last_values)?.body else { return None };
        values.push(value.clone());
    }
    let Body::Dict(content) = &mut m.own_mut(namespace.as_obj()?)?.body else { return None };
    content.insert(hash, Value::Str(name.clone()), value.clone());
    Some(())
}

fn data_type(m: &mut Machine<'_>, args: &Args) -> Option<Value> {
    let [class, meta] = &args.pos[..] else { return None };
    let meta = meta.as_obj()?;
    let mut found = Ty::Object.value();
    for base in &m.class(class.as_obj()?)?.mro {
        let Value::Obj(obj) = base else { break };
        if matches!(Ty::of_obj(*obj), Some(Ty::Int | Ty::Str | Ty::Float | Ty::Bytes | Ty::Tuple | Ty::Complex)) {
            return Some(base.clone());
        }
        let entry = m.class(*obj)?;
        let makes = *obj != Ty::Object.obj()
            && !m.is_subclass(m.obj(*obj).class, meta)
            && entry.dict.get_str("__new__").is_some()
            && &*entry.name != "Generic";
        if makes && found == Ty::Object.value() {
            found = base.clone();
        }
    }
    Some(found)
}

fn members(m: &mut Machine<'_>, args: &Args) -> R<Option<()>> {
    let Some(plan) = plan(m, args) else { return Ok(None) };
    m.charge(plan.members.len() * 8)?;
    for (name, value) in plan.members {
        let known = match m.body(plan.by_value) {
            Body::Dict(known) => known.get(hash_plain(&value), &value).cloned(),
            _ => None,
        };
        let made = match known.filter(|_| !value.is_unknown()) {
            Some(known) => known,
            None => add(m, &plan.tables, name.clone(), value),
        };
        m.plain_set_attr(plan.tables.class, &name, made.clone())?;
        if let Some(Body::Dict(map)) = m.own_mut(plan.tables.map).map(|object| &mut object.body) {
            map.insert_str(&name, made);
        }
    }
    Ok(Some(()))
}

struct Plan {
    members: Vec<(Name, Value)>,
    by_value: Obj,
    tables: Tables,
}

/// The class and what it keeps of its members.
struct Tables {
    class: Obj,
    data_type: Ty,
    map: Obj,
    by_value: Obj,
    names: Obj,
    unhashable: Obj,
}

/// What there is to do, if it is all of the plain kind.
fn plan(m: &Machine<'_>, args: &Args) -> Option<Plan> {
    let [cls, names, namespace, data_type] = &args.pos[..] else { return None };
    let (class, data_type) = (cls.as_obj()?, Ty::of_obj(data_type.as_obj()?)?);
    if !matches!(data_type, Ty::Object | Ty::Int | Ty::Str) || !m.is_own(class) {
        return None;
    }
    let entry = m.class(class)?;
    let of_class = |name: &str| m.lookup_known(class, name);
    let is_builtin = |name: &str| matches!(of_class(name), Some(Value::Native(_)));
    let is_plain = !entry.mro.iter().any(Value::is_unknown)
        && is_builtin("__init__")
        && is_builtin("__setattr__")
        && ["_make_member_", "_value_", "_name_", "__objclass__", "_sort_order_", "__abstractmethods__"]
            .iter()
            .all(|name| of_class(name).is_none());
    if !is_plain {
        return None;
    }
    let namespace = m.dict_of(namespace)?;
    let fits = |value: &Value| match data_type {
        Ty::Int => matches!(value, Value::Int(_) | Value::Big(_)),
        Ty::Str => matches!(value, Value::Str(_)),
        _ => is_scalar(value) || value.is_unknown(),
    };
    let mut members = Vec::new();
    for (name, _) in m.dict_of(names)?.iter() {
        let name = name.as_str()?;
        let value = namespace.get_str(name).filter(|value| fits(value))?;
        members.push((name.clone(), value.clone()));
    }
    let own = |name: &str| entry.dict.get_str(name)?.as_obj().filter(|obj| m.is_own(*obj));
    let tables = Tables {
        class,
        data_type,
        map: own("_member_map_")?,
        by_value: own("_value2member_map_")?,
        names: own("_member_names_")?,
        unhashable: own("_unhashable_")?,
    };
    Some(Plan { members, by_value: tables.by_value, tables })
}

/// Makes a member and enters it into the tables.
fn add(m: &mut Machine<'_>, tables: &Tables, name: Name, value: Value) -> Value {
    let order = match m.body(tables.names) {
        Body::List(names) => names.len() as i64,
        _ => 0,
    };
    let values = [value.clone(), Value::Str(name.clone()), Value::Obj(tables.class), Value::Int(order)];
    let content = Dict::of_names(names!["_value_", "_name_", "__objclass__", "_sort_order_"].zip(values));
    let attributes = m.alloc(Ty::Dict.obj(), Body::Dict(content));
    let body = if tables.data_type == Ty::Object { Body::Plain } else { Body::Scalar(value.clone()) };
    let made = m.alloc(tables.class, body);
    if let Some(object) = m.own_mut(made) {
        object.attrs = Some(attributes);
    }
    if let Some(Body::List(names)) = m.own_mut(tables.names).map(|object| &mut object.body) {
        names.push(Value::Str(name.clone()));
    }
    if value.is_unknown() {
        if let Some(Body::List(names)) = m.own_mut(tables.unhashable).map(|object| &mut object.body) {
            names.push(Value::Str(name));
        }
    } else if let Some(Body::Dict(known)) = m.own_mut(tables.by_value).map(|object| &mut object.body) {
        known.insert(hash_plain(&value), value, Value::Obj(made));
    }
    Value::Obj(made)
}
