//! What the model of `dataclasses` does for every field: most data classes are plain, and big generated modules have thousands.
//!
//! Idea: these functions do what the model's Python code does, for the usual kinds of annotations and defaults. What is unusual (class variables,
//! descriptors, values whose class nobody knows) makes them answer `None` before they have changed anything, and the model goes its own way.
//! Holds: the same objects with the same attributes as on the model's way; nothing of the program runs here but a metaclass's `__setattr__`.

use std::sync::{Arc, LazyLock};

use super::{plain, required};
use crate::code::Name;
use crate::dict::{Dict, hash_str};
use crate::machine::Machine;
use crate::object::{Body, Ty};
use crate::value::{Args, Native, Obj, R, Value};

pub(super) static INTRINSICS: &[Native] = &[
    // Class, annotations, whether fields are for keywords only, dictionary of fields, constants of the model: whether all fields are in it now.
    plain!("__plain_fields__", |m, a| {
        let Some(constants) = Constants::of(&required(m, &a, 4, "__plain_fields__")?) else { return Ok(Value::None) };
        plain_fields(m, &a, &constants)
    }),
    // Dictionary of fields, constants: lists of fields and names, as `_field_lists` makes them.
    plain!("__field_lists__", |m, a| {
        let Some(constants) = Constants::of(&required(m, &a, 1, "__field_lists__")?) else { return Ok(Value::None) };
        Ok(field_lists(m, &a, &constants).unwrap_or(Value::None))
    }),
    // Class, annotations, constants: the first name bound to a field that has no annotation.
    plain!("__stray_field__", |m, a| {
        let Some(constants) = Constants::of(&required(m, &a, 2, "__stray_field__")?) else { return Ok(Value::None) };
        Ok(stray_field(m, &a, &constants).map_or(Value::None, Value::Str))
    }),
    // Class, name, function: puts the method where there is none; whether there was one.
    plain!("__put_method__", |m, a| put_method(m, &a)),
    // Class, names, values: an instance with these attributes.
    plain!("__record__", |m, a| {
        let (class, names) = (required(m, &a, 0, "__record__")?, required(m, &a, 1, "__record__")?);
        let (Some(class), Value::Tuple(names)) = (class.as_obj(), names) else { return Ok(Value::None) };
        let names = names.iter().filter_map(|name| Some((hash_str(name.as_str()?), name.as_str()?.clone())));
        let content = Dict::of_names(names.zip(a.pos.iter().skip(2).cloned()));
        Ok(instance(m, class, content))
    }),
];

/// What the model hands over: the class of fields, the mark for what is missing, the kind of an ordinary field, the class of initial values.
struct Constants {
    field: Obj,
    missing: Value,
    kind: Value,
    init_var: Value,
}

impl Constants {
    fn of(value: &Value) -> Option<Constants> {
        let Value::Tuple(items) = value else { return None };
        let [field, missing, kind, init_var] = &items[..] else { return None };
        Some(Constants {
            field: field.as_obj()?,
            missing: missing.clone(),
            kind: kind.clone(),
            init_var: init_var.clone(),
        })
    }
}

/// An instance of a class, with its attributes.
fn instance(m: &mut Machine<'_>, class: Obj, content: Dict) -> Value {
    let attributes = m.alloc(Ty::Dict.obj(), Body::Dict(content));
    let made = m.alloc(class, Body::Plain);
    if let Some(object) = m.own_mut(made) {
        object.attrs = Some(attributes);
    }
    Value::Obj(made)
}

/// A field that is going to be.
enum Plan {
    New {
        default: Value,
    },
    /// From `field(...)`: the object, and the default that takes its place in the class, if there is one.
    Given {
        field: Obj,
        default: Option<Value>,
    },
}

fn plain_fields(m: &mut Machine<'_>, args: &Args, constants: &Constants) -> R {
    let cls = required(m, args, 0, "__plain_fields__")?;
    let keywords_only = args.pos.get(2).cloned().unwrap_or(Value::None);
    let (Some(class), Some(annotations), Some(fields)) =
        (m.as_class(&cls), args.pos.get(1).and_then(Value::as_obj), args.pos.get(3).and_then(Value::as_obj))
    else {
        return Ok(Value::None);
    };
    let Body::Dict(annotations) = m.body(annotations) else { return Ok(Value::None) };
    let annotations: Vec<(Name, Value)> = annotations
        .iter()
        .filter_map(|(name, annotation)| Some((name.as_str()?.clone(), annotation.clone())))
        .filter(|(_, annotation)| is_plain_annotation(m, annotation, constants))
        .collect();
    let is_whole = m.dict_of(&args.pos[1]).is_some_and(|dict| dict.len() == annotations.len());
    if !is_whole || !m.is_own(class) || !matches!(keywords_only, Value::Bool(_)) {
        return Ok(Value::None);
    }
    let mut plans = Vec::with_capacity(annotations.len());
    for (name, _) in &annotations {
        match plan(m, class, name, constants) {
            Some(plan) => plans.push(plan),
            None => return Ok(Value::None),
        }
    }
    m.charge(annotations.len() * 4)?;
    for ((name, annotation), plan) in annotations.into_iter().zip(plans) {
        let made = match plan {
            Plan::New { default } => new_field(m, &name, annotation, default, &keywords_only, constants),
            Plan::Given { field, default } => {
                complete(m, field, &name, annotation, &keywords_only, constants);
                match default {
                    Some(default) => m.set_attr(&cls, &name, default)?,
                    None => m.delete_attr(&cls, &name)?,
                }
                Value::Obj(field)
            }
        };
        m.dict_put(fields, Value::Str(name), made, true)?;
    }
    Ok(Value::Bool(true))
}

/// Whether an annotation surely means an ordinary field.
fn is_plain_annotation(m: &Machine<'_>, annotation: &Value, constants: &Constants) -> bool {
    match annotation {
        Value::Unknown(_) | Value::None => true,
        Value::Str(text) => {
            const SPECIAL: &[&str] = &["ClassVar", "typing.", "t.", "InitVar", "dataclasses.", "KW_ONLY"];
            !SPECIAL.iter().any(|special| text.starts_with(special))
        }
        Value::Obj(obj) => match m.body(*obj) {
            Body::Class(_) => *annotation != constants.init_var,
            Body::Union(_) => true,
            Body::Alias { origin, .. } => m.as_class(origin).is_some(),
            _ => false,
        },
        _ => false,
    }
}

fn plan(m: &Machine<'_>, class: Obj, name: &str, constants: &Constants) -> Option<Plan> {
    let entry = m.class(class)?;
    if entry.mro.iter().any(Value::is_unknown) || m.lookup_known(m.obj(class).class, name).is_some() {
        return None;
    }
    let Some(found) = m.lookup_known(class, name) else {
        return Some(Plan::New { default: constants.missing.clone() });
    };
    let field = match found.as_obj() {
        Some(obj) if m.obj(obj).class == constants.field => obj,
        _ => return is_plain_default(m, &found).then_some(Plan::New { default: found }),
    };
    let default = m.own_attr(&found, "default")?;
    if !m.is_own(field) || entry.dict.get_str(name) != Some(&found) {
        return None;
    }
    if default == constants.missing {
        return Some(Plan::Given { field, default: None });
    }
    is_plain_default(m, &default).then_some(Plan::Given { field, default: Some(default) })
}

/// Whether a class gives the value as it is, and it may be the default of many instances.
fn is_plain_default(m: &Machine<'_>, value: &Value) -> bool {
    match value {
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) | Value::Complex(..) => true,
        Value::Str(_) | Value::Bytes(_) | Value::Tuple(_) | Value::Unknown(_) | Value::Ellipsis => true,
        Value::Obj(obj) if matches!(m.body(*obj), Body::Plain | Body::Scalar(_)) => {
            let class = m.obj(*obj).class;
            let is_known = m.class(class).is_some_and(|class| !class.mro.iter().any(Value::is_unknown));
            is_known
                && m.lookup_known(class, "__get__").is_none()
                && m.lookup_known(class, "__hash__").is_some_and(|hash| !hash.is_none())
                // A class that says it is another one is asked.
                && m.lookup_known(class, "__class__").is_none()
                && m.overrides(value, "__getattribute__").is_none()
        }
        _ => false,
    }
}

/// The names of a field's attributes in their order, with hashes.
static ATTRIBUTES: LazyLock<[(u64, Name); 12]> = LazyLock::new(|| {
    [
        "name",
        "type",
        "default",
        "default_factory",
        "init",
        "repr",
        "hash",
        "compare",
        "metadata",
        "kw_only",
        "doc",
        "_field_type",
    ]
    .map(|name| (hash_str(name), Name::from(name)))
});

fn new_field(
    m: &mut Machine<'_>,
    name: &Name,
    annotation: Value,
    default: Value,
    keywords_only: &Value,
    constants: &Constants,
) -> Value {
    let nothing = m.new_dict();
    let metadata = m.new_obj(Ty::Proxy, Body::Proxy(nothing));
    let values = [
        Value::Str(name.clone()),
        annotation,
        default,
        constants.missing.clone(),
        Value::Bool(true),
        Value::Bool(true),
        Value::None,
        Value::Bool(true),
        metadata,
        keywords_only.clone(),
        Value::None,
        constants.kind.clone(),
    ];
    let content = Dict::of_names(ATTRIBUTES.iter().cloned().zip(values));
    instance(m, constants.field, content)
}

/// Tells a field what it belongs to.
fn complete(
    m: &mut Machine<'_>,
    field: Obj,
    name: &Name,
    annotation: Value,
    keywords_only: &Value,
    constants: &Constants,
) {
    let shown = Value::Obj(field);
    let says_keywords = m.own_attr(&shown, "kw_only").is_some_and(|given| given != constants.missing);
    m.set_hidden(&shown, "name", Value::Str(name.clone()));
    m.set_hidden(&shown, "type", annotation);
    m.set_hidden(&shown, "_field_type", constants.kind.clone());
    if !says_keywords {
        m.set_hidden(&shown, "kw_only", keywords_only.clone());
    }
}

/// `None` when a field is not an ordinary one with plain flags, or the order of defaults is wrong.
fn field_lists(m: &mut Machine<'_>, args: &Args, constants: &Constants) -> Option<Value> {
    let fields: Vec<Value> = m.dict_of(args.pos.first()?)?.iter().map(|(_, field)| field.clone()).collect();
    // Keyword-only ones stand behind the others in the list of names that may be given.
    let [mut positional, mut known, mut shown, mut compared, mut matched] = [const { Vec::new() }; 5];
    let mut has_default = false;
    for field in &fields {
        if m.obj(field.as_obj()?).class != constants.field || m.own_attr(field, "_field_type")? != constants.kind {
            return None;
        }
        let name = m.own_attr(field, "name")?;
        let flag = |attribute: &str| match m.own_attr(field, attribute)? {
            Value::Bool(flag) => Some(flag),
            _ => None,
        };
        let (init, keywords_only) = (flag("init")?, flag("kw_only")?);
        if init {
            known.push(name.clone());
        }
        if init && !keywords_only {
            let is_given = ["default", "default_factory"]
                .iter()
                .any(|attribute| m.own_attr(field, attribute).is_some_and(|value| value != constants.missing));
            if has_default && !is_given {
                return None;
            }
            has_default = is_given;
            positional.push(name.clone());
            matched.push(name.clone());
        }
        if flag("repr")? {
            shown.push(name.clone());
        }
        if flag("compare")? {
            compared.push(name);
        }
    }
    let matched = Value::tuple(matched);
    let lists = [fields.clone(), fields, positional, known, shown, compared].map(|items| m.new_list(items));
    Some(Value::tuple(lists.into_iter().chain([matched]).collect::<Vec<_>>()))
}

fn stray_field(m: &Machine<'_>, args: &Args, constants: &Constants) -> Option<Name> {
    let class = m.class(args.pos.first()?.as_obj()?)?;
    let annotations = m.dict_of(args.pos.get(1)?)?;
    let is_field = |value: &Value| value.as_obj().is_some_and(|obj| m.obj(obj).class == constants.field);
    class.dict.iter().filter(|(_, value)| is_field(value)).find_map(|(name, _)| {
        let name = name.as_str()?;
        annotations.get_str(name).is_none().then(|| name.clone())
    })
}

fn put_method(m: &mut Machine<'_>, args: &Args) -> R {
    let (cls, name) = (required(m, args, 0, "__put_method__")?, required(m, args, 1, "__put_method__")?);
    let function = required(m, args, 2, "__put_method__")?;
    let (Some(class), Value::Str(name)) = (m.as_class(&cls), name) else { return Ok(Value::Bool(true)) };
    let Some(entry) = m.class(class) else { return Ok(Value::Bool(true)) };
    if entry.dict.get_str(&name).is_some() {
        return Ok(Value::Bool(true));
    }
    let qualname: Name = format!("{}.{name}", entry.qualname).into();
    if let Some(object) = function.as_obj().and_then(|obj| m.own_mut(obj))
        && let Body::Function(function) = &mut object.body
    {
        let function = Arc::make_mut(function);
        function.name = name.clone();
        function.qualname = qualname;
    }
    m.set_attr(&cls, &name, function)?;
    Ok(Value::Bool(false))
}
