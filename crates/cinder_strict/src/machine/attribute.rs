//! Attributes, descriptors, and how methods are found.

mod of_class;
mod payload;
mod store;
mod type_parameters;

use super::Machine;
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
}
