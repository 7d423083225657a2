//! `object`, `type`, functions, descriptors, exceptions, generators.

use std::sync::Arc;

use super::{arity, method, plain, receiver, required};
use crate::code::Body as CodeBody;
use crate::machine::Machine;
use crate::object::{Body, Function, Ty};
use crate::rules::Rule;
use crate::value::{Args, Native, R, Value};

pub(super) static OBJECT: &[Native] = &[
    plain!("__new__", |m, a| m.object_new(a)),
    method!("__init__", object_init),
    method!("__eq__", |m, a| {
        let (x, y) = (required(m, &a, 0, "__eq__")?, required(m, &a, 1, "__eq__")?);
        Ok(if x.is_same(&y) { Value::Bool(true) } else { Value::NotImplemented })
    }),
    method!("__ne__", |m, a| {
        let (x, y) = (required(m, &a, 0, "__ne__")?, required(m, &a, 1, "__ne__")?);
        let equal = m.equal(&x, &y)?;
        Ok(Value::Bool(!equal))
    }),
    method!("__hash__", |m, a| {
        let x = receiver(m, &a, "__hash__")?;
        Ok(Value::Int(crate::dict::hash_plain(&m.plain(&x)) as i64 >> 3))
    }),
    method!("__repr__", |m, a| {
        let x = receiver(m, &a, "__repr__")?;
        Ok(Value::Str(m.builtin_repr(&x)?.into()))
    }),
    method!("__str__", |m, a| {
        let x = receiver(m, &a, "__str__")?;
        let text = if m.overrides(&x, "__repr__").is_some() { m.repr(&x)? } else { plain_str(m, &x)? };
        Ok(Value::Str(text.into()))
    }),
    method!("__format__", |m, a| {
        let x = receiver(m, &a, "__format__")?;
        let spec = a.pos.get(1).cloned().unwrap_or(Value::str(""));
        if spec != Value::str("") {
            let name = m.type_name(&x);
            return m.type_error(format!("unsupported format string passed to {name}.__format__"));
        }
        Ok(Value::Str(m.str(&x)?.into()))
    }),
    method!("__setattr__", |m, a| {
        let x = receiver(m, &a, "__setattr__")?;
        let (name, value) = (attr_name(m, &a)?, required(m, &a, 2, "__setattr__")?);
        match x.as_obj() {
            Some(obj) => m.plain_set_attr(obj, &name, value)?,
            None => m.set_attr(&x, &name, value)?,
        }
        Ok(Value::None)
    }),
    method!("__delattr__", |m, a| {
        let x = receiver(m, &a, "__delattr__")?;
        let name = attr_name(m, &a)?;
        match x.as_obj() {
            Some(obj) => m.plain_delete_attr(obj, &name)?,
            None => m.delete_attr(&x, &name)?,
        }
        Ok(Value::None)
    }),
    method!("__getattribute__", |m, a| {
        let x = receiver(m, &a, "__getattribute__")?;
        let name = attr_name(m, &a)?;
        let found = match (m.as_class(&x), m.class_of(&x)) {
            (Some(class), _) => m.plain_class_attr(class, &name)?,
            (None, Some(class)) => m.plain_attr(&x, class, &name)?,
            _ => m.find_attr(&x, &name)?,
        };
        match found {
            Some(value) => Ok(value),
            None => {
                let shown = m.type_name(&x);
                m.raise(Ty::AttributeError, format!("{shown} object has no attribute {name}"))
            }
        }
    }),
    plain!("__init_subclass__", |_, _| Ok(Value::None)),
    plain!("__subclasshook__", |_, _| Ok(Value::NotImplemented)),
    method!("__dir__", |m, a| {
        let x = receiver(m, &a, "__dir__")?;
        super::function::dir(m, &x)
    }),
    method!("__reduce_ex__", |m, _| m.unsupported("__reduce_ex__", "object")),
    method!("__reduce__", |m, _| m.unsupported("__reduce__", "object")),
    method!("__sizeof__", |_, _| Ok(Value::Int(16))),
    method!("__getstate__", |m, a| {
        let x = receiver(m, &a, "__getstate__")?;
        Ok(match x.as_obj().and_then(|obj| m.attr_dict(obj)) {
            Some(dict) => Value::Obj(m.copy_dict(&Value::Obj(dict))),
            None => Value::None,
        })
    }),
];

fn plain_str(m: &mut Machine<'_>, x: &Value) -> R<String> {
    match x.as_obj().map(|obj| m.body(obj)) {
        Some(Body::Exception(_)) => m.str(x),
        _ => match m.plain(x) {
            Value::Str(text) => Ok(text.to_string()),
            _ => m.builtin_repr(x),
        },
    }
}

fn attr_name(m: &mut Machine<'_>, a: &Args) -> R<Arc<str>> {
    let name = required(m, a, 1, "attribute access")?;
    match m.plain(&name) {
        Value::Str(name) => Ok(name),
        _ => m.type_error("attribute name must be string"),
    }
}

fn object_init(m: &mut Machine<'_>, a: Args) -> R {
    let x = receiver(m, &a, "__init__")?;
    let has_extra = a.pos.len() > 1 || !a.kw.is_empty();
    if has_extra && let Some(class) = m.class_of(&x) {
        let is_plain = |found: Option<Value>| matches!(found, Some(Value::Native(_)) | None);
        let init_is_own = !is_plain(m.lookup_known(class, "__init__"));
        // A builtin `__new__` of its own has read the arguments.
        let new_is_object = m.lookup_known(class, "__new__") == Some(Value::Native(&OBJECT[0]));
        if init_is_own || new_is_object {
            let name = m.class_name(class);
            return m.type_error(format!("{name}.__init__() takes exactly one argument (the instance to initialize)"));
        }
    }
    Ok(Value::None)
}

pub(super) static TYPE: &[Native] = &[
    plain!("__new__", |m, mut a| {
        let meta = required(m, &a, 0, "type.__new__")?;
        let Some(meta) = m.as_class(&meta) else { return m.type_error("type.__new__(X): X is not a type object") };
        a.pos.remove(0);
        if a.pos.len() == 1 && a.kw.is_empty() {
            return Ok(m.class_of(&a.pos[0]).map_or(Value::unknown("type()"), Value::Obj));
        }
        m.type_new(meta, a)
    }),
    method!("__init__", |m, a| {
        let given = a.pos.len();
        if given != 2 && given != 4 {
            return m.type_error("type.__init__() takes 1 or 3 arguments");
        }
        Ok(Value::None)
    }),
    method!("__call__", |m, mut a| {
        let class = receiver(m, &a, "__call__")?;
        a.pos.remove(0);
        match m.as_class(&class) {
            Some(class) => m.instantiate(class, a),
            None => m.type_error("descriptor '__call__' requires a 'type' object"),
        }
    }),
    method!("mro", |m, a| {
        let class = receiver(m, &a, "mro")?;
        let mro = m.as_class(&class).and_then(|class| m.class(class)).map(|class| class.mro.clone());
        Ok(m.new_list(mro.unwrap_or_default()))
    }),
    method!("__subclasses__", |m, a| {
        let class = receiver(m, &a, "__subclasses__")?;
        let found = m.as_class(&class).and_then(|class| m.class(class)).map(|class| class.subclasses.clone());
        let found = found.unwrap_or_default().into_iter().map(Value::Obj).collect();
        Ok(m.new_list(found))
    }),
    method!("__instancecheck__", |m, a| {
        let (class, value) = (required(m, &a, 0, "__instancecheck__")?, required(m, &a, 1, "__instancecheck__")?);
        m.plain_instance_check(&value, &class).map(Value::Bool)
    }),
    method!("__subclasscheck__", |m, a| {
        let (class, value) = (required(m, &a, 0, "__subclasscheck__")?, required(m, &a, 1, "__subclasscheck__")?);
        m.plain_subclass_check(&value, &class).map(Value::Bool)
    }),
    plain!("__prepare__", |m, _| Ok(Value::Obj(m.new_dict()))),
    method!("__dir__", |m, a| {
        let x = receiver(m, &a, "__dir__")?;
        super::function::dir(m, &x)
    }),
    plain!("__class_getitem__", |_, _| Ok(Value::None)),
];

pub(super) static FUNCTION: &[Native] = &[
    method!("__get__", |m, a| {
        let f = receiver(m, &a, "__get__")?;
        match a.pos.get(1) {
            Some(Value::None) | None => Ok(f),
            Some(object) => {
                let receiver = object.clone();
                Ok(m.new_obj(Ty::Method, Body::Method { function: f, receiver }))
            }
        }
    }),
    method!("__call__", |m, mut a| {
        let f = receiver(m, &a, "__call__")?;
        a.pos.remove(0);
        m.call(&f, a)
    }),
];

pub(super) static NEW_FUNCTION: &[Native] = &[plain!("__new__", new_function)];

/// `FunctionType(code, globals, name, argdefs, closure, kwdefaults)`.
fn new_function(m: &mut Machine<'_>, a: Args) -> R {
    let (code, globals) = (required(m, &a, 1, "function")?, required(m, &a, 2, "function")?);
    let body = code.as_obj().map(|code| m.body(code).clone());
    let (Some(Body::Code(code)), Some(globals), Some(module)) = (body, globals.as_obj(), m.current_module()) else {
        return m.type_error("function() argument 'code' must be code, and 'globals' must be dict");
    };
    let given = |at: usize, name: &str| a.get(at, name).filter(|value| !value.is_none()).cloned();
    let items = |value: Option<Value>| match value {
        Some(Value::Tuple(items)) => items.to_vec(),
        _ => Vec::new(),
    };
    let name = match given(3, "name") {
        Some(Value::Str(name)) => name,
        _ => code.name.clone(),
    };
    let keyword_defaults = given(6, "kwdefaults").map(|defaults| m.keyword_list(&defaults)).unwrap_or_default();
    let function = Function {
        qualname: name.clone(),
        name,
        body: CodeBody::Here(code),
        module,
        globals,
        defaults: items(given(4, "argdefs")),
        keyword_defaults,
        closure: items(given(5, "closure")).iter().filter_map(Value::as_obj).collect(),
        class_cell: None,
        namespace: None,
        annotate: None,
        annotations_value: None,
        doc: None,
    };
    Ok(m.new_obj(Ty::Function, Body::Function(Arc::new(function))))
}

pub(super) static METHOD: &[Native] = &[
    plain!("__new__", |m, a| {
        let (function, receiver) = (required(m, &a, 1, "method")?, required(m, &a, 2, "method")?);
        Ok(m.new_obj(Ty::Method, Body::Method { function, receiver }))
    }),
    method!("__get__", |m, a| receiver(m, &a, "__get__")),
];

pub(super) static CELL: &[Native] =
    &[plain!("__new__", |m, a| Ok(m.new_obj(Ty::Cell, Body::Cell(a.pos.get(1).cloned()))))];

pub(super) static MODULE: &[Native] = &[
    plain!("__new__", |m, a| {
        let name = match a.pos.get(1) {
            Some(Value::Str(name)) => name.clone(),
            Some(unknown @ Value::Unknown(_)) => m.show(unknown).into(),
            _ => return m.type_error("module() missing required argument 'name'"),
        };
        let dict = m.new_dict();
        m.dict_put(dict, Value::str("__name__"), Value::Str(name.clone()), true)?;
        let module = crate::object::Module {
            name,
            dict,
            is_package: false,
            publishes_children: false,
            is_opaque: false,
            is_done: false,
            is_broken: false,
        };
        let class = a.pos.first().and_then(|class| m.as_class(class)).unwrap_or(Ty::Module.obj());
        Ok(Value::Obj(m.alloc(class, Body::Module(Box::new(module)))))
    }),
    method!("__init__", |_, _| Ok(Value::None)),
];

fn set_property(m: &mut Machine<'_>, a: &Args, at: usize) -> R {
    let property = receiver(m, a, "property")?;
    let value = required(m, a, 1, "property")?;
    let Some(Body::Property(parts)) = property.as_obj().map(|obj| m.body(obj)) else {
        return m.type_error("not a property");
    };
    let mut parts = parts.clone();
    parts[at] = value;
    let class = m.class_of(&property).unwrap_or(Ty::Property.obj());
    Ok(Value::Obj(m.alloc(class, Body::Property(parts))))
}

pub(super) static PROPERTY: &[Native] = &[
    plain!("__new__", |m, a| {
        let class = a.pos.first().and_then(|class| m.as_class(class)).unwrap_or(Ty::Property.obj());
        let empty = [Value::None, Value::None, Value::None, Value::None];
        Ok(Value::Obj(m.alloc(class, Body::Property(Box::new(empty)))))
    }),
    method!("__init__", |m, a| {
        let property = receiver(m, &a, "property")?;
        if a.pos.len() > 5 {
            return m.type_error("property expected at most 4 arguments");
        }
        if let Some((name, _)) = a.kw.iter().find(|(name, _)| !matches!(&**name, "fget" | "fset" | "fdel" | "doc")) {
            let message = format!("property() got an unexpected keyword argument '{name}'");
            return m.type_error(message);
        }
        let part = |at: usize, name: &str| a.get(at, name).cloned().unwrap_or(Value::None);
        let parts = [part(1, "fget"), part(2, "fset"), part(3, "fdel"), part(4, "doc")];
        if let Some(obj) = property.as_obj() {
            m.change(obj)?.body = Body::Property(Box::new(parts));
        }
        Ok(Value::None)
    }),
    method!("getter", |m, a| set_property(m, &a, 0)),
    method!("setter", |m, a| set_property(m, &a, 1)),
    method!("deleter", |m, a| set_property(m, &a, 2)),
    method!("__get__", |m, a| {
        let property = receiver(m, &a, "__get__")?;
        let object = a.pos.get(1).cloned().unwrap_or(Value::None);
        if object.is_none() {
            return Ok(property);
        }
        let Some(class) = m.class_of(&object) else { return Ok(Value::unknown("property")) };
        m.bind_method(&property, &object, class)
    }),
    method!("__set__", |m, a| {
        let (property, object) = (receiver(m, &a, "__set__")?, required(m, &a, 1, "__set__")?);
        let value = required(m, &a, 2, "__set__")?;
        call_part(m, &property, 1, vec![object, value], "can't set attribute")
    }),
    method!("__delete__", |m, a| {
        let (property, object) = (receiver(m, &a, "__delete__")?, required(m, &a, 1, "__delete__")?);
        call_part(m, &property, 2, vec![object], "can't delete attribute")
    }),
    method!("__set_name__", |_, _| Ok(Value::None)),
];

fn call_part(m: &mut Machine<'_>, property: &Value, at: usize, args: Vec<Value>, missing: &str) -> R {
    let part = match property.as_obj().map(|obj| m.body(obj)) {
        Some(Body::Property(parts)) => parts[at].clone(),
        _ => Value::None,
    };
    if part.is_none() {
        return m.raise(Ty::AttributeError, missing);
    }
    m.call(&part, Args::new(args))
}

fn wrapper_new(m: &mut Machine<'_>, a: &Args, ty: Ty, make: fn(Value) -> Body) -> R {
    let class = a.pos.first().and_then(|class| m.as_class(class)).unwrap_or(ty.obj());
    Ok(Value::Obj(m.alloc(class, make(Value::None))))
}

fn wrapper_init(m: &mut Machine<'_>, a: &Args, make: fn(Value) -> Body) -> R {
    arity(m, a, "wrapper", 2, 2)?;
    let (wrapper, function) = (a.pos[0].clone(), a.pos[1].clone());
    if let Some(obj) = wrapper.as_obj() {
        m.change(obj)?.body = make(function);
    }
    Ok(Value::None)
}

pub(super) static CLASSMETHOD: &[Native] = &[
    plain!("__new__", |m, a| wrapper_new(m, &a, Ty::ClassMethod, Body::ClassMethod)),
    method!("__init__", |m, a| wrapper_init(m, &a, Body::ClassMethod)),
    method!("__get__", |m, a| {
        let wrapper = receiver(m, &a, "__get__")?;
        let object = a.pos.get(1).cloned().unwrap_or(Value::None);
        let receiver = match a.pos.get(2).filter(|class| !class.is_none()) {
            Some(class) => class.clone(),
            None => Value::Obj(m.class_of(&object).unwrap_or(Ty::Object.obj())),
        };
        match (m.as_class(&receiver), wrapper.as_obj().map(|obj| m.body(obj))) {
            (None, Some(Body::ClassMethod(function))) => {
                let function = function.clone();
                Ok(m.new_obj(Ty::Method, Body::Method { function, receiver }))
            }
            (class, _) => m.bind_on_class(&wrapper, class.unwrap_or(Ty::Object.obj())),
        }
    }),
];

pub(super) static STATICMETHOD: &[Native] = &[
    plain!("__new__", |m, a| wrapper_new(m, &a, Ty::StaticMethod, Body::StaticMethod)),
    method!("__init__", |m, a| wrapper_init(m, &a, Body::StaticMethod)),
    method!("__get__", |m, a| {
        let wrapper = receiver(m, &a, "__get__")?;
        m.bind_on_class(&wrapper, Ty::Object.obj())
    }),
    method!("__call__", |m, mut a| {
        let wrapper = receiver(m, &a, "__call__")?;
        a.pos.remove(0);
        m.call(&wrapper, a)
    }),
];

pub(super) static SUPER: &[Native] = &[
    plain!("__new__", |m, mut a| {
        if !a.pos.is_empty() {
            a.pos.remove(0);
        }
        if !a.kw.is_empty() {
            return m.type_error("super() takes no keyword arguments");
        }
        m.make_super(&a)
    }),
    method!("__get__", |m, a| {
        let this = receiver(m, &a, "__get__")?;
        let object = a.pos.get(1).cloned().unwrap_or(Value::None);
        match this.as_obj().map(|obj| m.body(obj)) {
            Some(Body::Super(parts)) if !object.is_none() => {
                let class = parts[0].clone();
                m.make_super(&Args::new([class, object]))
            }
            _ => Ok(this),
        }
    }),
];

pub(super) static GENERATOR: &[Native] = &[
    method!("send", |m, a| {
        let (generator, value) = (receiver(m, &a, "send")?, required(m, &a, 1, "send")?);
        step_generator(m, &generator, Ok(value))
    }),
    method!("throw", |m, a| {
        let (generator, value) = (receiver(m, &a, "throw")?, required(m, &a, 1, "throw")?);
        let value = m.exception_instance(value)?;
        step_generator(m, &generator, Err(value))
    }),
    method!("close", |m, a| {
        let generator = receiver(m, &a, "close")?;
        let Some(obj) = generator.as_obj() else { return Ok(Value::None) };
        let is_running = matches!(m.body(obj), Body::Generator(state) if state.is_started && state.frame.is_some());
        if !is_running {
            if let Some(Body::Generator(state)) = m.own_mut(obj).map(|object| &mut object.body) {
                state.frame = None;
            }
            return Ok(Value::None);
        }
        let exit = m.new_obj(Ty::GeneratorExit, Body::Exception(Vec::new()));
        match m.resume(obj, Err(exit)) {
            Ok(Ok(_)) => m.raise(Ty::RuntimeError, "generator ignored GeneratorExit"),
            Ok(Err(_)) => Ok(Value::None),
            Err(fail) if m.is_raised(&fail, Ty::GeneratorExit) || m.is_raised(&fail, Ty::StopIteration) => {
                Ok(Value::None)
            }
            Err(fail) => Err(fail),
        }
    }),
];

fn step_generator(m: &mut Machine<'_>, generator: &Value, input: Result<Value, Value>) -> R {
    let Some(obj) = generator.as_obj() else { return m.type_error("not a generator") };
    match m.resume(obj, input)? {
        Ok(value) => Ok(value),
        Err(value) => {
            let args = if value.is_none() { Vec::new() } else { vec![value] };
            m.raise_with(Ty::StopIteration, args)
        }
    }
}

fn run_coroutine(m: &mut Machine<'_>, a: &Args, name: &str) -> R {
    let coroutine = receiver(m, a, name)?;
    let shown = m.show(&coroutine);
    Err(m.violation(Rule::Unsupported, &[name, &shown], Value::unknown(name)))
}

pub(super) static COROUTINE: &[Native] = &[
    method!("close", |_, _| Ok(Value::None)),
    method!("aclose", |_, _| Ok(Value::None)),
    method!("send", |m, a| run_coroutine(m, &a, "send")),
    method!("throw", |m, a| run_coroutine(m, &a, "throw")),
    method!("__await__", |m, a| run_coroutine(m, &a, "__await__")),
];

/// `X | Y` of types.
pub(super) static UNITED: &[Native] = &[
    method!("__or__", |m, a| Ok(m.make_union(a.pos))),
    method!("__ror__", |m, a| {
        let members = a.pos.iter().rev().cloned().collect();
        Ok(m.make_union(members))
    }),
];

pub(super) static ALIAS: &[Native] = &[
    plain!("__new__", |m, a| {
        let (origin, index) = (required(m, &a, 1, "GenericAlias")?, required(m, &a, 2, "GenericAlias")?);
        Ok(m.generic_alias(&origin, &index))
    }),
    method!("__mro_entries__", |m, a| {
        let alias = receiver(m, &a, "__mro_entries__")?;
        match alias.as_obj().map(|obj| m.body(obj)) {
            Some(Body::Alias { origin, .. }) => Ok(Value::tuple([origin.clone()])),
            _ => Ok(Value::tuple([])),
        }
    }),
    method!("__getitem__", |m, a| {
        let (alias, index) = (receiver(m, &a, "__getitem__")?, required(m, &a, 1, "__getitem__")?);
        m.builtin_item(&alias, &index)
    }),
    method!("__instancecheck__", |m, _| m.type_error("isinstance() argument 2 cannot be a parameterized generic")),
    method!("__subclasscheck__", |m, _| m.type_error("issubclass() argument 2 cannot be a parameterized generic")),
];

pub(super) static UNION: &[Native] = &[
    plain!("__class_getitem__", |m, a| Ok(m.make_union(a.pos))),
    method!("__getitem__", |m, a| {
        let (alias, index) = (receiver(m, &a, "__getitem__")?, required(m, &a, 1, "__getitem__")?);
        m.builtin_item(&alias, &index)
    }),
];

/// An alias made by a call has its value at once.
pub(super) static TYPE_ALIAS: &[Native] = &[plain!("__new__", |m, a| {
    let (name, value) = (required(m, &a, 1, "TypeAliasType")?, required(m, &a, 2, "TypeAliasType")?);
    let alias = m.new_obj(Ty::TypeAliasType, Body::Plain);
    let parameters = a.keyword("type_params").cloned().unwrap_or(Value::tuple([]));
    for (key, value) in [("__name__", name), ("__value__", value), ("__type_params__", parameters)] {
        m.set_hidden(&alias, key, value);
    }
    Ok(alias)
})];

pub(super) static TYPE_VAR: &[Native] = &[
    plain!("__new__", |m, a| {
        let class = a.pos.first().and_then(|class| m.as_class(class)).unwrap_or(Ty::TypeVar.obj());
        let ty = Ty::of_obj(class).unwrap_or(Ty::TypeVar);
        let name = match a.get(1, "name").map(|name| m.plain(name)) {
            Some(Value::Str(name)) => name,
            _ => return m.type_error("TypeVar() missing required argument 'name'"),
        };
        let value = m.new_type_var(ty, &name)?;
        if a.pos.len() > 2 {
            m.set_hidden(&value, "__constraints__", Value::tuple(a.pos[2..].to_vec()));
        }
        for (key, place) in [
            ("bound", "__bound__"),
            ("covariant", "__covariant__"),
            ("contravariant", "__contravariant__"),
            ("default", "__default__"),
        ] {
            if let Some(given) = a.keyword(key) {
                m.set_hidden(&value, place, given.clone());
            }
        }
        if ty == Ty::ParamSpec {
            m.set_hidden(&value, "args", Value::harmless("ParamSpec.args"));
            m.set_hidden(&value, "kwargs", Value::harmless("ParamSpec.kwargs"));
        }
        Ok(value)
    }),
    method!("__iter__", |m, a| {
        let value = receiver(m, &a, "__iter__")?;
        Ok(m.iter_over(vec![value]))
    }),
];

pub(super) static EXCEPTION: &[Native] = &[
    plain!("__new__", |m, a| {
        let Some(class) = a.pos.first().and_then(|class| m.as_class(class)) else {
            return m.type_error("BaseException.__new__() needs a class");
        };
        if m.is_subclass(class, Ty::BaseExceptionGroup.obj()) && a.pos.len() != 3 {
            return m.type_error("BaseExceptionGroup.__new__() takes exactly 2 arguments");
        }
        let value = Value::Obj(m.alloc(class, Body::Exception(a.pos[1..].to_vec())));
        for (name, given) in &a.kw {
            if matches!(&**name, "name" | "path" | "obj" | "name_from") {
                m.set_hidden(&value, name, given.clone());
            }
        }
        Ok(value)
    }),
    method!("__init__", |m, a| {
        let exception = receiver(m, &a, "__init__")?;
        let is_plain = m.class_of(&exception).is_some_and(|class| class.heap == 0);
        let takes = ["name", "path", "obj", "name_from"];
        if is_plain && let Some((name, _)) = a.kw.iter().find(|(name, _)| !takes.contains(&&**name)) {
            let message = format!("{}() takes no keyword argument {name}", m.type_name(&exception));
            return m.type_error(message);
        }
        if let Some(obj) = exception.as_obj()
            && m.is_own(obj)
            && a.pos.len() > 1
        {
            m.change(obj)?.body = Body::Exception(a.pos[1..].to_vec());
        }
        Ok(Value::None)
    }),
    method!("with_traceback", |m, a| receiver(m, &a, "with_traceback")),
    method!("add_note", |m, a| {
        let (exception, note) = (receiver(m, &a, "add_note")?, required(m, &a, 1, "add_note")?);
        let notes = match m.own_attr(&exception, "__notes__") {
            Some(notes) => notes,
            None => {
                let notes = m.new_list(Vec::new());
                m.set_attr(&exception, "__notes__", notes.clone())?;
                notes
            }
        };
        if let Some(obj) = notes.as_obj()
            && let Body::List(items) = &mut m.change(obj)?.body
        {
            items.push(note);
        }
        Ok(Value::None)
    }),
];

/// `None` and the other values there is one of.
pub(super) static SINGLETON: &[Native] = &[method!("__bool__", |m, a| {
    let x = receiver(m, &a, "__bool__")?;
    m.truth(&x).map(Value::Bool)
})];
