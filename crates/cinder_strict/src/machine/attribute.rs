//! Attributes, descriptors, and how methods are found.

mod store;

use std::sync::Arc;

use super::Machine;
use crate::code::Name;
use crate::dict::{Dict, hash_str};
use crate::object::{Body, Ty};
use crate::rules::Rule;
use crate::value::{Args, Fail, Obj, R, Value};

/// Models of modules whose classes reach outside the process.
const REACHING: &[&str] = &["os", "os.path", "pathlib", "logging", "threading", "platform", "sys", "importlib"];

/// Modules whose stubs declare the builtin classes.
const BUILTIN_MODULES: &[&str] = &["builtins", "types", "_collections_abc", "typing"];

impl Machine<'_> {
    /// An attribute, as `object.name` reads it.
    pub(crate) fn get_attr(&mut self, object: &Value, name: &str) -> R {
        match self.find_attr(object, name)? {
            Some(value) => Ok(value),
            None => self.missing_attribute(object, name),
        }
    }

    /// The function behind a bound method that an attribute would give; `None` when the attribute is anything else, or takes more to find.
    pub(crate) fn find_method(&self, object: &Value, name: &str) -> Option<Value> {
        let class = match object {
            Value::Str(_) | Value::Bytes(_) | Value::Tuple(_) => self.class_of(object)?,
            Value::Obj(obj) => {
                let class = self.obj(*obj).class;
                let is_usual = match self.body(*obj) {
                    Body::Class(_) | Body::Module(_) | Body::Super(_) | Body::Function(_) | Body::Method { .. } => {
                        false
                    }
                    Body::List(_) | Body::Dict(_) | Body::Set(_) => true,
                    _ => class.heap != 0,
                };
                if !is_usual || self.own_attr(object, name).is_some() {
                    return None;
                }
                class
            }
            _ => return None,
        };
        if name.starts_with("__") || class.heap != 0 && self.overrides(object, "__getattribute__").is_some() {
            return None;
        }
        let found = self.lookup_known(class, name)?;
        let is_method = match &found {
            Value::Native(native) => native.binds,
            Value::Obj(found) => matches!(self.body(*found), Body::Function(_)),
            _ => false,
        };
        is_method.then_some(found)
    }

    fn missing_attribute(&mut self, object: &Value, name: &str) -> R {
        if let Some(value) = self.described_elsewhere(object, name) {
            return Ok(value);
        }
        if let Some(module) = object.as_obj().and_then(|obj| self.module_of(obj)) {
            return self.raise(Ty::AttributeError, format!("module '{}' has no attribute '{name}'", module.name));
        }
        let kind = match self.as_class(object) {
            Some(class) => format!("type object '{}'", self.class_name(class)),
            None => format!("{} object", self.type_name(object)),
        };
        self.raise(Ty::AttributeError, format!("{kind} has no attribute {name}"))
    }

    /// What is known of an attribute that is not here, although there may be one: the rest of a module whose body did not come so far, which is
    /// reported there; and what builtin classes and those of bundled models have without being described.
    fn described_elsewhere(&self, object: &Value, name: &str) -> Option<Value> {
        if self.settings.is_compatible || name.starts_with("__") {
            return None;
        }
        let obj = object.as_obj();
        if let Some(module) = obj.and_then(|obj| self.module_of(obj)) {
            let number = obj.map_or(0, |obj| self.obj(obj).owner);
            let is_foreign = number >= super::import::FIRST_FILE && number != self.owner;
            return (is_foreign && (module.is_broken || module.is_done && self.has_violations(number)))
                .then(|| Value::harmless(&format!("{}.{name}", module.name)));
        }
        if name.starts_with('_') {
            return None;
        }
        let class = match obj.filter(|obj| self.class(*obj).is_some()) {
            Some(class) => class,
            None => self.class_of(object)?,
        };
        self.class(class)?.mro.iter().filter_map(Value::as_obj).find_map(|base| {
            let modules = match base.heap {
                0 => BUILTIN_MODULES,
                model if model < super::import::FIRST_FILE => &[crate::models::get(model)?.name],
                _ => return None,
            };
            let base = self.class_name(base);
            let declares = |module: &&&str| crate::queries::library_class_declares(self.db, module, &base, name);
            modules.iter().find(declares).map(|module| {
                let path = format!("{module}.{base}.{name}");
                if REACHING.contains(module) { Value::unknown(&path) } else { Value::harmless(&path) }
            })
        })
    }

    /// Whether anything was found in a module that has been evaluated.
    pub(super) fn has_violations(&self, number: u32) -> bool {
        let heap = self.heap_of_module(number);
        let found = match heap == self.unit {
            true => &self.found,
            false => &self.frozen.get(heap, || self.load_heap(heap)).found,
        };
        found.iter().any(|(module, violation, _)| *module == number && violation.rule != Rule::PrintsAtImport)
    }

    pub(crate) fn module_of(&self, obj: Obj) -> Option<&crate::object::Module> {
        match self.body(obj) {
            Body::Module(module) => Some(module),
            _ => None,
        }
    }

    /// An attribute; `None` when there is none.
    ///
    /// Errors: violations, and exceptions other than a missing attribute.
    pub(crate) fn find_attr(&mut self, object: &Value, name: &str) -> R<Option<Value>> {
        match object {
            Value::Unknown(unknown) => {
                let result = format!("{}.{name}", unknown.name);
                if unknown.is_harmless {
                    return Ok(Some(Value::harmless(&result)));
                }
                let shown = unknown.name.clone();
                Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, name], object, &result))
            }
            Value::Lazy(lazy) => {
                let value = self.force(lazy)?;
                self.find_attr(&value, name)
            }
            Value::Obj(obj) => match self.body(*obj) {
                Body::Module(_) => match self.module_attr(*obj, name)? {
                    Some(value) => Ok(Some(value)),
                    None => match self.module_class_attr(*obj, name)? {
                        Some(value) => Ok(Some(value)),
                        None => Ok(self.undescribed(*obj, name)),
                    },
                },
                Body::Class(_) => self.class_attr(*obj, name),
                Body::Super(_) => self.super_attr(*obj, name),
                _ => self.instance_attr(object, name),
            },
            _ => self.instance_attr(object, name),
        }
    }

    pub(crate) fn module_attr(&mut self, obj: Obj, name: &str) -> R<Option<Value>> {
        let Some(module) = self.module_of(obj) else { return Ok(None) };
        let dict = module.dict;
        let (is_opaque, publishes) = (module.is_opaque, module.publishes_children && module.is_package);
        let found = match self.body(dict) {
            Body::Dict(content) => content.get_str(name).cloned(),
            _ => None,
        };
        match found {
            Some(Value::Lazy(lazy)) => {
                let value = self.force(&lazy)?;
                self.settle(dict, name, &value);
                return Ok(Some(value));
            }
            Some(value) => return Ok(Some(value)),
            None => {}
        }
        if name == "__dict__" {
            return Ok(Some(Value::Obj(dict)));
        }
        if name == "__class__" {
            return Ok(Some(Ty::Module.value()));
        }
        if publishes && let Some(child) = self.child_module(obj, name)? {
            return Ok(Some(child));
        }
        let hook = match self.body(dict) {
            Body::Dict(content) => content.get_str("__getattr__").cloned(),
            _ => None,
        };
        match hook {
            Some(hook) if !is_opaque => match self.call(&hook, Args::new([Value::str(name)])) {
                Ok(value) => Ok(Some(value)),
                Err(fail) if self.is_raised(&fail, Ty::AttributeError) => Ok(None),
                Err(fail) => Err(fail),
            },
            _ => Ok(None),
        }
    }

    /// What the class of a module has, when the program has made one of its own.
    fn module_class_attr(&mut self, obj: Obj, name: &str) -> R<Option<Value>> {
        let class = self.obj(obj).class;
        if class.heap == 0 {
            return Ok(None);
        }
        match self.lookup(class, name)? {
            Some(found) => self.bind_method(&found, &Value::Obj(obj), class).map(Some),
            None => self.attr_fallback(&Value::Obj(obj), name, None),
        }
    }

    /// A name that a bundled model leaves out although its module has it: nothing is known but what the tables of effects say.
    fn undescribed(&self, obj: Obj, name: &str) -> Option<Value> {
        let module = self.module_of(obj)?;
        let is_model = obj.heap > 0 && obj.heap < super::import::FIRST_FILE;
        if is_model && &*module.name == "builtins" {
            return crate::builtins::lookup(name);
        }
        let is_special = name.starts_with("__") && name != "__all__";
        if !is_model || is_special || module.name.starts_with("__") {
            return None;
        }
        let exists = name.starts_with('_')
            || crate::queries::library_declares(self.db, &module.name, name)
            || crate::queries::library_has(self.db, &format!("{}.{name}", module.name));
        exists.then(|| Value::harmless(&format!("{}.{name}", module.name)))
    }

    /// What a class has under a name, looked for along its bases; violations for unknown bases on the way.
    pub(crate) fn lookup(&mut self, class: Obj, name: &str) -> R<Option<Value>> {
        let hash = hash_str(name);
        let mut unknown = None;
        if let Some(entry) = self.class(class) {
            for base in &entry.mro {
                match base {
                    Value::Obj(base) => {
                        if let Some(found) = self.class(*base).and_then(|base| base.dict.get_named(hash, name)) {
                            return Ok(Some(found.clone()));
                        }
                    }
                    Value::Unknown(base) => {
                        unknown = Some(base.clone());
                        break;
                    }
                    _ => {}
                }
            }
        }
        match unknown {
            None => Ok(None),
            Some(base) if base.is_harmless => Ok(Some(Value::harmless(&format!("{}.{name}", base.name)))),
            Some(base) => {
                let (shown, result) = (base.name.clone(), format!("{}.{name}", base.name));
                Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, name], &Value::Unknown(base), &result))
            }
        }
    }

    /// As [`Machine::lookup`], but an unknown base ends the search.
    pub(crate) fn lookup_known(&self, class: Obj, name: &str) -> Option<Value> {
        let hash = hash_str(name);
        for base in &self.class(class)?.mro {
            match base {
                Value::Obj(base) => {
                    if let Some(found) = self.class(*base)?.dict.get_named(hash, name) {
                        return Some(found.clone());
                    }
                }
                _ => return None,
            }
        }
        None
    }

    /// A method of the program's own that overrides a builtin's; `None` when the builtin one is in force.
    pub(crate) fn overrides(&self, object: &Value, name: &str) -> Option<Value> {
        let class = self.obj(object.as_obj()?).class;
        if class.heap == 0 {
            return None;
        }
        self.lookup_known(class, name).filter(|found| !matches!(found, Value::Native(_)))
    }

    pub(crate) fn has_special(&self, object: &Value, name: &str) -> bool {
        self.class_of(object).is_some_and(|class| self.lookup_known(class, name).is_some())
    }

    /// A method looked for on the type, bound to the object.
    pub(crate) fn special(&mut self, object: &Value, name: &str) -> R<Option<Value>> {
        let Some(class) = self.class_of(object) else {
            return self.find_attr(object, name);
        };
        match self.lookup(class, name)? {
            Some(found) => Ok(Some(self.bind_method(&found, object, class)?)),
            None => Ok(None),
        }
    }

    /// Calls a special method, if there is one.
    pub(crate) fn call_special(&mut self, object: &Value, name: &str, args: Vec<Value>) -> R<Option<Value>> {
        match self.special(object, name)? {
            Some(method) => Ok(Some(self.call(&method, Args::new(args))?)),
            None => Ok(None),
        }
    }

    /// `__get__` for an attribute found on the type of `object`.
    pub(crate) fn bind_method(&mut self, found: &Value, object: &Value, class: Obj) -> R {
        match found {
            Value::Native(native) if native.binds => {
                Ok(self.new_obj(Ty::Method, Body::Method { function: found.clone(), receiver: object.clone() }))
            }
            Value::Obj(obj) => match self.body(*obj) {
                Body::Function(_) => {
                    Ok(self.new_obj(Ty::Method, Body::Method { function: found.clone(), receiver: object.clone() }))
                }
                Body::StaticMethod(function) => Ok(function.clone()),
                Body::ClassMethod(function) => {
                    let function = function.clone();
                    self.bind_class_method(function, class)
                }
                Body::Property(parts) => {
                    let getter = parts[0].clone();
                    if getter.is_none() {
                        return self.raise(Ty::AttributeError, "unreadable attribute");
                    }
                    self.call(&getter, Args::new([object.clone()]))
                }
                Body::Member(name) => {
                    let (name, object) = (name.clone(), object.clone());
                    match self.own_attr(&object, &name) {
                        Some(value) => Ok(value),
                        None => self.missing_attribute(&object, &name),
                    }
                }
                Body::Plain | Body::Scalar(_) | Body::Dict(_) | Body::List(_) => {
                    self.user_get(found, object.clone(), Value::Obj(class))
                }
                _ => Ok(found.clone()),
            },
            Value::Lazy(lazy) => {
                let value = self.force(lazy)?;
                self.bind_method(&value, object, class)
            }
            _ => Ok(found.clone()),
        }
    }

    fn user_get(&mut self, found: &Value, object: Value, class: Value) -> R {
        if !self.has_special(found, "__get__") {
            return Ok(found.clone());
        }
        match self.call_special(found, "__get__", vec![object, class])? {
            Some(value) => Ok(value),
            None => Ok(found.clone()),
        }
    }

    fn bind_class_method(&mut self, function: Value, class: Obj) -> R {
        match &function {
            // Chains of descriptors are followed up to Python 3.12.
            Value::Obj(obj) if matches!(self.body(*obj), Body::Property(_)) => {
                let inner = function.clone();
                self.bind_method(&inner, &Value::Obj(class), class)
            }
            _ => Ok(self.new_obj(Ty::Method, Body::Method { function, receiver: Value::Obj(class) })),
        }
    }

    fn is_data_descriptor(&self, found: &Value) -> bool {
        match found {
            Value::Obj(obj) => match self.body(*obj) {
                Body::Property(_) | Body::Member(_) => true,
                Body::Plain | Body::Scalar(_) | Body::Dict(_) | Body::List(_) => {
                    self.has_special(found, "__set__") || self.has_special(found, "__delete__")
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// An attribute of the object's own dictionary.
    pub(crate) fn own_attr(&self, object: &Value, name: &str) -> Option<Value> {
        let dict = self.obj(object.as_obj()?).attrs?;
        match self.body(dict) {
            Body::Dict(content) => content.get_str(name).cloned(),
            _ => None,
        }
    }

    fn instance_attr(&mut self, object: &Value, name: &str) -> R<Option<Value>> {
        let Some(class) = self.class_of(object) else { return Ok(None) };
        if class.heap != 0
            && let Some(hook) = self.overrides(object, "__getattribute__")
        {
            return self.attr_by_hook(&hook, object, name);
        }
        self.plain_attr(object, class, name)
    }

    fn attr_by_hook(&mut self, hook: &Value, object: &Value, name: &str) -> R<Option<Value>> {
        match self.call(hook, Args::new([object.clone(), Value::str(name)])) {
            Ok(value) => Ok(Some(value)),
            Err(fail) if self.is_raised(&fail, Ty::AttributeError) => self.attr_fallback(object, name, Some(fail)),
            Err(fail) => Err(fail),
        }
    }

    fn attr_fallback(&mut self, object: &Value, name: &str, fail: Option<Fail>) -> R<Option<Value>> {
        if let Some(hook) = self.overrides(object, "__getattr__") {
            return match self.call(&hook, Args::new([object.clone(), Value::str(name)])) {
                Ok(value) => Ok(Some(value)),
                Err(fail) => Err(fail),
            };
        }
        match fail {
            Some(fail) => Err(fail),
            None => Ok(None),
        }
    }

    /// What `object.__getattribute__` does.
    pub(crate) fn plain_attr(&mut self, object: &Value, class: Obj, name: &str) -> R<Option<Value>> {
        let own = self.own_attr(object, name);
        // An unknown base matters only when the object itself has no such attribute.
        let found = match (&own, self.lookup_known(class, name)) {
            (_, Some(found)) => Some(found),
            (Some(_), None) => None,
            (None, None) => match self.builtin_attr(object, name)? {
                Some(value) => return Ok(Some(value)),
                None => self.lookup(class, name)?,
            },
        };
        match found {
            Some(found) if own.is_none() || self.is_data_descriptor(&found) => {
                if let Some(value) = self.builtin_attr(object, name)?
                    && class.heap == 0
                {
                    return Ok(Some(value));
                }
                match self.bind_method(&found, object, class) {
                    Ok(value) => Ok(Some(value)),
                    Err(fail) if self.is_raised(&fail, Ty::AttributeError) => {
                        self.attr_fallback(object, name, Some(fail))
                    }
                    Err(fail) => Err(fail),
                }
            }
            _ => match own {
                Some(value) => Ok(Some(self.forced(value)?)),
                None => self.attr_fallback(object, name, None),
            },
        }
    }

    /// Attributes the machine keeps outside of dictionaries.
    fn builtin_attr(&mut self, object: &Value, name: &str) -> R<Option<Value>> {
        let class = self.class_of(object);
        Ok(match (name, object) {
            ("__class__", _) => class.map(Value::Obj),
            ("__dict__", Value::Obj(obj)) => self.attr_dict(*obj).map(Value::Obj),
            ("__doc__", Value::Obj(obj)) if !matches!(self.body(*obj), Body::Function(_) | Body::Property(_)) => {
                match class.and_then(|class| self.lookup_known(class, "__doc__")) {
                    Some(doc) => Some(doc),
                    None => Some(Value::None),
                }
            }
            // What builtin types say of themselves is theirs.
            ("__doc__", Value::Unknown(_) | Value::Lazy(_)) => None,
            ("__doc__", object) if object.as_obj().is_none() => Some(Value::harmless("__doc__")),
            ("__module__", _) => match class.and_then(|class| self.lookup_known(class, "__module__")) {
                Some(module) if !self.has_function_body(object) => Some(module),
                _ => self.payload_attr(object, name)?,
            },
            _ => self.payload_attr(object, name)?,
        })
    }

    fn has_function_body(&self, object: &Value) -> bool {
        object.as_obj().is_some_and(|obj| matches!(self.body(obj), Body::Function(_) | Body::Method { .. }))
    }

    /// The dictionary of an object's attributes, made when it has none yet.
    pub(crate) fn attr_dict(&mut self, obj: Obj) -> Option<Obj> {
        if let Some(dict) = self.obj(obj).attrs {
            return Some(dict);
        }
        let class = self.obj(obj).class;
        let has_none = self.class(class).is_some_and(|class| class.is_slotted);
        let is_builtin = class.heap == 0 && !matches!(self.body(obj), Body::Function(_) | Body::Exception(_));
        if has_none || is_builtin {
            return None;
        }
        let owner = self.obj(obj).owner;
        let dict = self.new_dict();
        self.objects[dict.index as usize].owner = owner;
        if obj.heap != self.unit {
            // Another module's object has none; nobody but that module could fill it.
            return Some(dict);
        }
        self.touch(obj.index);
        self.objects[obj.index as usize].attrs = Some(dict);
        Some(dict)
    }

    fn payload_attr(&mut self, object: &Value, name: &str) -> R<Option<Value>> {
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

    fn object_payload(&mut self, obj: Obj, name: &str) -> R<Option<Value>> {
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
            super::Exit::Return(value) | super::Exit::Yield(value) => Ok(value),
        }
    }

    // Classes

    pub(crate) fn class_attr(&mut self, obj: Obj, name: &str) -> R<Option<Value>> {
        let meta = self.obj(obj).class;
        if meta.heap != 0
            && let Some(hook) = self.overrides(&Value::Obj(obj), "__getattribute__")
        {
            return self.attr_by_hook(&hook, &Value::Obj(obj), name);
        }
        self.plain_class_attr(obj, name)
    }

    /// What `type.__getattribute__` does.
    pub(crate) fn plain_class_attr(&mut self, obj: Obj, name: &str) -> R<Option<Value>> {
        let meta = self.obj(obj).class;
        let on_meta = self.lookup_known(meta, name);
        if let Some(found) = &on_meta
            && self.is_data_descriptor(found)
        {
            return self.bind_method(found, &Value::Obj(obj), meta).map(Some);
        }
        if let Some(value) = self.class_builtin(obj, name)? {
            return Ok(Some(value));
        }
        let found = match self.lookup(obj, name) {
            Ok(found) => found,
            Err(fail @ Fail::Violation(_)) if on_meta.is_none() => return Err(fail),
            Err(Fail::Violation(_)) => None,
            Err(fail) => return Err(fail),
        };
        if let Some(found) = found {
            return self.bind_on_class(&found, obj).map(Some);
        }
        match on_meta {
            Some(found) => self.bind_method(&found, &Value::Obj(obj), meta).map(Some),
            None => self.attr_fallback(&Value::Obj(obj), name, None),
        }
    }

    /// `__get__` for an attribute read from a class.
    pub(crate) fn bind_on_class(&mut self, found: &Value, class: Obj) -> R {
        match found {
            Value::Obj(obj) => match self.body(*obj) {
                Body::StaticMethod(function) => Ok(function.clone()),
                Body::ClassMethod(function) => {
                    let function = function.clone();
                    self.bind_class_method(function, class)
                }
                Body::Plain | Body::Scalar(_) | Body::Dict(_) | Body::List(_) => {
                    self.user_get(found, Value::None, Value::Obj(class))
                }
                _ => Ok(found.clone()),
            },
            Value::Lazy(lazy) => self.force(lazy),
            Value::Native(native)
                if matches!(native.name, "fromkeys" | "maketrans" | "from_bytes" | "fromhex") && native.binds =>
            {
                Ok(self.new_obj(Ty::Method, Body::Method { function: found.clone(), receiver: Value::Obj(class) }))
            }
            _ => Ok(found.clone()),
        }
    }

    fn class_builtin(&mut self, obj: Obj, name: &str) -> R<Option<Value>> {
        let Some(class) = self.class(obj) else { return Ok(None) };
        Ok(match name {
            "__name__" => Some(Value::Str(class.name.clone())),
            "__qualname__" => Some(Value::Str(class.qualname.clone())),
            "__bases__" => Some(Value::tuple(class.bases.clone())),
            "__base__" => Some(class.bases.first().cloned().unwrap_or(Value::None)),
            "__mro__" => Some(Value::tuple(class.mro.clone())),
            "__class__" => Some(Value::Obj(self.obj(obj).class)),
            "__dict__" => Some(self.new_obj(Ty::Proxy, Body::Proxy(obj))),
            "__doc__" => Some(class.dict.get_str("__doc__").cloned().unwrap_or(Value::None)),
            "__module__" if obj.heap == 0 => Some(Value::str("builtins")),
            "__annotations__" => Some(self.class_annotations(obj)?),
            "__text_signature__" => Some(Value::None),
            "__type_params__" => Some(class.dict.get_str(name).cloned().unwrap_or(Value::tuple([]))),
            _ => None,
        })
    }

    /// The class's own annotations, evaluated when they are first asked for.
    pub(crate) fn class_annotations(&mut self, obj: Obj) -> R {
        let Some(class) = self.class(obj) else { return Ok(Value::Obj(self.new_dict())) };
        if let Some(value) = class.dict.get_str("__annotations__") {
            return Ok(value.clone());
        }
        let value = match class.dict.get_str("__annotate_func__").cloned() {
            Some(annotate) => self.run_annotations(&annotate)?,
            None => Value::Obj(self.new_dict()),
        };
        if let Some(Body::Class(class)) = self.own_mut(obj).map(|object| &mut object.body) {
            class.dict.insert_str("__annotations__", value.clone());
        }
        Ok(value)
    }

    fn super_attr(&mut self, obj: Obj, name: &str) -> R<Option<Value>> {
        let Body::Super(parts) = self.body(obj) else { return Ok(None) };
        let [after, object, kind] = (**parts).clone();
        if name == "__class__" {
            return Ok(Some(Ty::Super.value()));
        }
        let Some(kind) = kind.as_obj() else { return self.object_payload(obj, name) };
        let mro = self.class(kind).map(|class| class.mro.clone()).unwrap_or_default();
        let at = mro.iter().position(|base| *base == after).map_or(mro.len(), |at| at + 1);
        for base in &mro[at..] {
            match base {
                Value::Obj(base) => {
                    let found = self.class(*base).and_then(|class| class.dict.get_str(name)).cloned();
                    let Some(found) = found else { continue };
                    let is_class_call = object == Value::Obj(kind);
                    return match (&found, is_class_call) {
                        (Value::Native(native), _) if native.name == "__new__" => Ok(Some(found)),
                        (_, true) if !self.is_metaclass_method(*base) => self.bind_super_class(&found, kind).map(Some),
                        _ => self.bind_method(&found, &object, kind).map(Some),
                    };
                }
                Value::Unknown(base) => {
                    let (shown, result) = (base.name.clone(), format!("{}.{name}", base.name));
                    if base.is_harmless {
                        return Ok(Some(Value::harmless(&result)));
                    }
                    let base = Value::Unknown(base.clone());
                    return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, name], &base, &result));
                }
                _ => {}
            }
        }
        self.object_payload(obj, name)
    }

    fn is_metaclass_method(&self, base: Obj) -> bool {
        self.is_subclass(base, Ty::Type.obj())
    }

    fn bind_super_class(&mut self, found: &Value, class: Obj) -> R {
        self.bind_on_class(found, class)
    }

    // Changes

    /// The dictionary's content, for reading.
    pub(crate) fn dict_of(&self, value: &Value) -> Option<&Dict> {
        match self.body(value.as_obj()?) {
            Body::Dict(dict) => Some(dict),
            Body::Proxy(inner) => match self.body(*inner) {
                Body::Class(class) => Some(&class.dict),
                Body::Dict(dict) => Some(dict),
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn alias_parameters(&mut self, args: &Value) -> Value {
        let mut found: Vec<Value> = Vec::new();
        self.collect_parameters(args, &mut found, 0);
        Value::tuple(found)
    }

    fn collect_parameters(&mut self, value: &Value, found: &mut Vec<Value>, depth: u32) {
        if depth > 20 {
            return;
        }
        match value {
            Value::Tuple(items) => {
                for item in items.iter() {
                    self.collect_parameters(item, found, depth + 1);
                }
            }
            Value::Obj(obj) => {
                let class = self.obj(*obj).class;
                if [Ty::TypeVar, Ty::ParamSpec, Ty::TypeVarTuple].iter().any(|ty| class == ty.obj()) {
                    if !found.contains(value) {
                        found.push(value.clone());
                    }
                    return;
                }
                let inner = match self.body(*obj) {
                    Body::Alias { args, .. } => Some(args.clone()),
                    Body::Union(members) => Some(Value::tuple(members.clone())),
                    Body::List(items) => Some(Value::tuple(items.clone())),
                    Body::Plain => self.own_attr(value, "__parameters__"),
                    _ => None,
                };
                if let Some(inner) = inner {
                    self.collect_parameters(&inner, found, depth + 1);
                }
            }
            _ => {}
        }
    }

    pub(crate) fn new_type_var(&mut self, ty: Ty, name: &Name) -> R {
        let value = self.new_obj(ty, Body::Plain);
        for (key, value_of) in [
            ("__name__", Value::Str(name.clone())),
            ("__bound__", Value::None),
            ("__constraints__", Value::tuple([])),
            ("__covariant__", Value::Bool(false)),
            ("__contravariant__", Value::Bool(false)),
        ] {
            self.set_hidden(&value, key, value_of);
        }
        Ok(value)
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
