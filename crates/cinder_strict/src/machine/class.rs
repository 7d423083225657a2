//! Making classes and instances.

use super::{Context, Frame, Machine};
use crate::code::{Body as CodeBody, ClassSpec, Name};
use crate::dict::{Dict, hash_str};
use crate::object::{Body, Class, Ty};
use crate::rules::Rule;
use crate::value::{Args, Fail, Obj, R, Value};

impl Machine<'_> {
    /// A `class` statement.
    pub(crate) fn make_class(&mut self, frame: &mut Frame, spec: &ClassSpec, bases: Value, keywords: &Value) -> R {
        let Value::Tuple(written) = &bases else { return Ok(bases) };
        let mut kw = self.keyword_list(keywords);
        let explicit = kw.iter().position(|(name, _)| &**name == "metaclass").map(|at| kw.remove(at).1);
        let resolved = self.resolve_bases(written)?;
        let bases_value = Value::tuple(resolved.clone());
        let meta = match explicit {
            Some(Value::Unknown(unknown)) => {
                let meta = Value::Unknown(unknown.clone());
                if !unknown.is_harmless {
                    let shown = unknown.name.clone();
                    return Err(self.on_unknown(Rule::UnknownValueCall, &[&shown], &meta, &spec.name));
                }
                meta
            }
            Some(meta) => match self.as_class(&meta) {
                Some(class) => Value::Obj(self.derive_metaclass(class, &resolved)?),
                None => meta,
            },
            None => Value::Obj(self.derive_metaclass(Ty::Type.obj(), &resolved)?),
        };
        let namespace = self.prepare_namespace(&meta, &spec.name, &bases_value, &kw)?;
        let cell = self.alloc(Ty::Cell.obj(), Body::Cell(None));
        self.run_class_body(frame, spec, &namespace, cell)?;
        if resolved[..] != written[..] {
            self.set_item(&namespace, Value::str("__orig_bases__"), bases.clone())?;
        }
        self.class_cells().push((spec.name.clone(), cell));
        let arguments = Args { pos: vec![Value::Str(spec.name.clone()), bases_value, namespace], kw };
        let result = self.call(&meta, arguments);
        self.class_cells().pop();
        let class = result?;
        if let Some(object) = self.own_mut(cell)
            && matches!(object.body, Body::Cell(None))
        {
            object.body = Body::Cell(Some(class.clone()));
        }
        Ok(class)
    }

    fn class_cells(&mut self) -> &mut Vec<(Name, Obj)> {
        &mut self.pending_cells
    }

    /// Bases with everything that is no class replaced by what its `__mro_entries__` gives.
    pub(crate) fn resolve_bases(&mut self, written: &[Value]) -> R<Vec<Value>> {
        let mut resolved = Vec::new();
        for (at, base) in written.iter().enumerate() {
            if base.is_unknown() || self.as_class(base).is_some() {
                resolved.push(base.clone());
                continue;
            }
            if let Value::Tuple(items) = base
                && matches!(items.first(), Some(Value::Str(marker)) if &**marker == "__generic__")
            {
                resolved.push(Ty::GenericBase.value());
                continue;
            }
            if let Some(obj) = base.as_obj()
                && let Body::Alias { origin, .. } = self.body(obj)
            {
                // `Generic[T]` gives way to a generic base behind it, which has `Generic` itself.
                let is_repeated = *origin == Ty::GenericBase.value()
                    && written[at + 1..].iter().any(|later| self.is_generic_alias(later));
                if !is_repeated {
                    resolved.push(origin.clone());
                }
                continue;
            }
            match self.call_special(base, "__mro_entries__", vec![Value::tuple(written)])? {
                Some(Value::Tuple(entries)) => resolved.extend(entries.iter().cloned()),
                Some(_) => return self.type_error("__mro_entries__ must return a tuple"),
                None => resolved.push(base.clone()),
            }
        }
        Ok(resolved)
    }

    fn is_generic_alias(&self, value: &Value) -> bool {
        let Some(Body::Alias { origin, .. }) = value.as_obj().map(|obj| self.body(obj)) else { return false };
        let class = self.as_class(origin);
        class.is_some_and(|class| class != Ty::GenericBase.obj() && self.is_subclass(class, Ty::GenericBase.obj()))
    }

    /// The most derived metaclass.
    pub(crate) fn derive_metaclass(&mut self, start: Obj, bases: &[Value]) -> R<Obj> {
        let mut winner = start;
        // What is no class has a class all the same, and that makes the new one: interfaces, for instance.
        if let Some(first) = bases.first().filter(|_| start == Ty::Type.obj() && !self.settings.is_compatible)
            && self.as_class(first).is_none()
            && let Some(class) = self.class_of(first).filter(|class| class.heap != 0)
        {
            winner = class;
        }
        for base in bases {
            let meta = match self.as_class(base) {
                Some(base) => self.obj(base).class,
                None => {
                    match self.class_of(base).filter(|_| winner.heap != 0 && !self.is_subclass(winner, Ty::Type.obj()))
                    {
                        Some(class) => class,
                        None => continue,
                    }
                }
            };
            if self.is_subclass(winner, meta) {
                continue;
            }
            if self.is_subclass(meta, winner) {
                winner = meta;
                continue;
            }
            return self.type_error("metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases");
        }
        Ok(winner)
    }

    fn prepare_namespace(&mut self, meta: &Value, name: &Name, bases: &Value, kw: &[(Name, Value)]) -> R {
        let prepare = match self.as_class(meta) {
            Some(class) if class.heap == 0 => None,
            Some(_) => self.find_attr(meta, "__prepare__")?,
            None if meta.is_unknown() => None,
            None => self.find_attr(meta, "__prepare__")?,
        };
        match prepare {
            Some(prepare) => {
                let args = Args { pos: vec![Value::Str(name.clone()), bases.clone()], kw: kw.to_vec() };
                let namespace = self.call(&prepare, args)?;
                if namespace.is_unknown() {
                    return Ok(Value::Obj(self.new_dict()));
                }
                Ok(namespace)
            }
            None => Ok(Value::Obj(self.new_dict())),
        }
    }

    fn run_class_body(&mut self, outer: &mut Frame, spec: &ClassSpec, namespace: &Value, cell: Obj) -> R<()> {
        let CodeBody::Here(code) = &spec.body.body else { return Ok(()) };
        let mut frame = Frame::new(code.clone(), outer.module, outer.globals);
        frame.free = outer.captured(&spec.body.captured);
        frame.names = Some(namespace.clone());
        frame.class_cell = Some(cell);
        self.prepare(&mut frame);
        let module = match self.body(outer.globals) {
            Body::Dict(dict) => dict.get_str("__name__").cloned(),
            _ => None,
        };
        if let Some(module) = module {
            self.set_item(namespace, Value::str("__module__"), module)?;
        }
        let is_collecting = self.is_collecting();
        match self.enter(&mut frame, is_collecting) {
            Ok(_) => Ok(()),
            // The class statement is part of the body around it: failures inside are that body's.
            Err(fail) => Err(fail),
        }
    }

    /// `type(name, bases, namespace)`.
    pub(crate) fn type_new(&mut self, meta: Obj, args: Args) -> R {
        let [name, bases, namespace] = match <[Value; 3]>::try_from(args.pos) {
            Ok(parts) => parts,
            Err(_) => return self.type_error("type.__new__() takes exactly 3 arguments"),
        };
        let Value::Str(name) = self.plain(&name) else {
            return self.type_error("type.__new__() argument 1 must be str");
        };
        let Value::Tuple(bases) = self.plain(&bases) else {
            return self.type_error("type.__new__() argument 2 must be tuple");
        };
        let Some(content) = self.dict_of(&namespace).cloned() else {
            return self.type_error("type.__new__() argument 3 must be dict");
        };
        let bases = if bases.is_empty() { vec![Ty::Object.value()] } else { bases.to_vec() };
        for base in &bases {
            if base.is_unknown() {
                continue;
            }
            let Some(class) = self.as_class(base) else {
                let shown = self.show(base);
                return Err(self.violation(Rule::UnsafeBaseClass, &[&shown], Value::unknown(&name)));
            };
            if Ty::of_obj(class).is_some_and(Ty::is_final) {
                let shown = self.class_name(class);
                return self.type_error(format!("type '{shown}' is not an acceptable base type"));
            }
        }
        let meta = self.derive_metaclass(meta, &bases)?;
        let layout = self.layout(&bases)?;
        let class = Class {
            name: name.clone(),
            qualname: name.clone(),
            bases: bases.clone(),
            mro: Vec::new(),
            dict: Dict::default(),
            layout,
            is_slotted: false,
            subclasses: Vec::new(),
            is_mutable: false,
        };
        let obj = self.alloc(meta, Body::Class(Box::new(class)));
        let mro = self.linearize(obj, &name, &bases)?;
        self.fill_class(obj, mro, &content);
        if let Some((wanted, cell)) = self.pending_cells.last().cloned()
            && wanted == name
            && matches!(self.body(cell), Body::Cell(None))
            && let Some(object) = self.own_mut(cell)
        {
            object.body = Body::Cell(Some(Value::Obj(obj)));
        }
        self.tell_attributes(obj, &content)?;
        for base in &bases {
            if let Some(Body::Class(base)) =
                base.as_obj().and_then(|base| self.own_mut(base)).map(|object| &mut object.body)
            {
                base.subclasses.push(obj);
            }
        }
        self.init_subclass(obj, args.kw)?;
        Ok(Value::Obj(obj))
    }

    /// Copies the namespace into the class.
    fn fill_class(&mut self, obj: Obj, mro: Vec<Value>, content: &Dict) {
        let slots = content.get_str("__slots__").cloned();
        let mut dict = Dict::default();
        let mut qualname = None;
        for (hash, key, value) in content.entries() {
            let Value::Str(text) = self.plain(key) else {
                dict.insert(hash, key.clone(), value.clone());
                continue;
            };
            let is_function = self.function(value).is_some();
            let value = match &*text {
                "__new__" if is_function => self.new_obj(Ty::StaticMethod, Body::StaticMethod(value.clone())),
                "__init_subclass__" | "__class_getitem__" if is_function => {
                    self.new_obj(Ty::ClassMethod, Body::ClassMethod(value.clone()))
                }
                "__qualname__" => {
                    qualname = value.as_str().cloned();
                    continue;
                }
                "__classcell__" => continue,
                _ => value.clone(),
            };
            dict.insert(hash_str(&text), Value::Str(text), value);
        }
        let has_eq = dict.get_str("__eq__").is_some();
        if has_eq && dict.get_str("__hash__").is_none() {
            dict.insert_str("__hash__", Value::None);
        }
        let parents_slotted = mro.iter().skip(1).all(|base| {
            base.as_obj().is_some_and(|base| base.heap == 0 || self.class(base).is_some_and(|base| base.is_slotted))
        });
        let mut is_slotted = false;
        if let Some(slots) = slots {
            let names = match self.plain(&slots) {
                Value::Str(name) => vec![Value::Str(name)],
                slots => self.iterate(&slots).unwrap_or_default(),
            };
            is_slotted = parents_slotted && !names.contains(&Value::str("__dict__"));
            let class_name = self.class_name(obj);
            for name in names {
                if let Value::Str(name) = name
                    && let name = Name::from(&*cinder_semantic::mangle(Some(&class_name), &name))
                    && !matches!(&*name, "__dict__" | "__weakref__")
                    && dict.get_str(&name).is_none()
                {
                    let member = self.new_obj(Ty::Member, Body::Member(name.clone()));
                    dict.insert_str(&name, member);
                }
            }
        }
        if let Some(Body::Class(class)) = self.own_mut(obj).map(|object| &mut object.body) {
            class.mro = mro;
            class.dict = dict;
            class.is_slotted = is_slotted;
            if let Some(qualname) = qualname {
                class.qualname = qualname;
            }
        }
    }

    /// `__set_name__` of every attribute.
    fn tell_attributes(&mut self, obj: Obj, content: &Dict) -> R<()> {
        let attributes: Vec<(Value, Value)> = content.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        for (key, value) in attributes {
            if let Value::Obj(attribute) = &value
                && self.obj(*attribute).class.heap != 0
                && self.has_special(&value, "__set_name__")
            {
                self.call_special(&value, "__set_name__", vec![Value::Obj(obj), key])?;
            }
        }
        Ok(())
    }

    /// `super(cls, cls).__init_subclass__(**keywords)`.
    fn init_subclass(&mut self, obj: Obj, kw: Vec<(Name, Value)>) -> R<()> {
        let mro = self.class(obj).map(|class| class.mro.clone()).unwrap_or_default();
        for base in mro.iter().skip(1) {
            let Some(base) = base.as_obj() else { return Ok(()) };
            let found = self.class(base).and_then(|class| class.dict.get_str("__init_subclass__")).cloned();
            let Some(found) = found else { continue };
            if base.heap == 0 {
                break;
            }
            let method = self.bind_on_class(&found, obj)?;
            self.call(&method, Args { pos: Vec::new(), kw })?;
            return Ok(());
        }
        if !kw.is_empty() {
            let name = self.class_name(obj);
            return self.type_error(format!("{name}.__init_subclass__() takes no keyword arguments"));
        }
        Ok(())
    }

    fn layout(&mut self, bases: &[Value]) -> R<Ty> {
        let mut best = Ty::Object;
        for base in bases {
            let layout = match self.as_class(base) {
                Some(class) => self.class(class).map_or(Ty::Object, |class| class.layout),
                None => Ty::Object,
            };
            let narrower = |a: Ty, b: Ty| self.is_subclass(a.obj(), b.obj());
            if layout == best || narrower(best, layout) {
                continue;
            }
            if narrower(layout, best) {
                best = layout;
                continue;
            }
            return self.type_error("multiple bases have instance lay-out conflict");
        }
        Ok(best)
    }

    /// The method resolution order (C3). An unknown base counts as a class without known bases.
    fn linearize(&mut self, obj: Obj, name: &str, bases: &[Value]) -> R<Vec<Value>> {
        if let [base] = bases
            && let Some(class) = self.as_class(base).and_then(|class| self.class(class))
        {
            let mut result = vec![Value::Obj(obj)];
            result.extend(class.mro.iter().cloned());
            self.charge(result.len() / 8)?;
            return Ok(result);
        }
        let mut lists: Vec<Vec<Value>> = bases
            .iter()
            .map(|base| match self.as_class(base).and_then(|class| self.class(class)) {
                Some(class) => class.mro.clone(),
                None => vec![base.clone()],
            })
            .collect();
        lists.push(bases.to_vec());
        let mut result = vec![Value::Obj(obj)];
        loop {
            lists.retain(|list| !list.is_empty());
            if lists.is_empty() {
                break;
            }
            self.charge(lists.len() / 4)?;
            let in_tail = |candidate: &Value| lists.iter().any(|list| list[1..].contains(candidate));
            let next = lists.iter().map(|list| &list[0]).find(|candidate| !in_tail(candidate)).cloned();
            // Nothing is known about the order that unknown bases ask for.
            let is_guess = next.is_none() && bases.iter().any(Value::is_unknown)
                || next.is_none() && lists.iter().flatten().any(Value::is_unknown);
            let next = if is_guess { lists.first().map(|list| list[0].clone()) } else { next };
            let Some(next) = next else {
                let message = format!("Cannot create a consistent method resolution order (MRO) for class {name}");
                return self.type_error(message);
            };
            lists.iter_mut().for_each(|list| list.retain(|base| *base != next));
            result.push(next);
        }
        let object = Ty::Object.value();
        if !result.contains(&object) {
            result.push(object);
        }
        Ok(result)
    }

    // Instances

    pub(crate) fn call_class(&mut self, class: Obj, args: Args) -> R {
        let meta = self.obj(class).class;
        if meta.heap != 0
            && let Some(method) = self.lookup_known(meta, "__call__").filter(|found| !matches!(found, Value::Native(_)))
        {
            let method = self.bind_method(&method, &Value::Obj(class), meta)?;
            return self.call(&method, args);
        }
        self.instantiate(class, args)
    }

    /// What `type.__call__` does.
    pub(crate) fn instantiate(&mut self, class: Obj, args: Args) -> R {
        if class == Ty::Type.obj() && args.pos.len() == 1 && args.kw.is_empty() {
            return Ok(match self.class_of(&args.pos[0]) {
                Some(class) => Value::Obj(class),
                None if args.pos[0].as_unknown().is_some_and(|unknown| unknown.is_harmless) => {
                    Value::harmless(&format!("type({})", self.show(&args.pos[0])))
                }
                None => Value::unknown(&format!("type({})", self.show(&args.pos[0]))),
            });
        }
        let Some(new) = self.lookup(class, "__new__")? else { return self.type_error("cannot create instances") };
        let new = self.bind_on_class(&new, class)?;
        let mut new_args = args.clone();
        new_args.pos.insert(0, Value::Obj(class));
        let value = self.call(&new, new_args)?;
        let Some(found) = self.class_of(&value) else { return Ok(value) };
        if !self.is_subclass(found, class) {
            return Ok(value);
        }
        if let Some(init) = self.lookup(found, "__init__")? {
            // Immutable builtins have nothing to initialise.
            let is_trivial = matches!(&init, Value::Native(native) if native.name == "__init__");
            let wants = !is_trivial || matches!(&init, Value::Native(native) if crate::builtins::has_init(native));
            if wants {
                let init = self.bind_method(&init, &value, found)?;
                let result = self.call(&init, args)?;
                if !result.is_none() && !result.is_unknown() {
                    let name = self.type_name(&result);
                    return self.type_error(format!("__init__() should return None, not '{name}'"));
                }
            }
        }
        Ok(value)
    }

    /// `object.__new__`.
    pub(crate) fn object_new(&mut self, args: Args) -> R {
        let Some(class) = args.pos.first().and_then(|class| self.as_class(class)) else {
            return self.type_error("object.__new__(X): X is not a type object");
        };
        let has_extra = args.pos.len() > 1 || !args.kw.is_empty();
        if has_extra && !self.settings.is_compatible {
            let init = self.lookup_known(class, "__init__");
            let new = self.lookup_known(class, "__new__");
            let is_plain = |found: &Option<Value>| matches!(found, Some(Value::Native(_)) | None);
            if !is_plain(&new) || is_plain(&init) {
                let name = self.class_name(class);
                return self.type_error(format!("{name}() takes no arguments"));
            }
        }
        if let Some(missing) = self.abstract_methods(class)? {
            let name = self.class_name(class);
            return self.type_error(format!(
                "Can't instantiate abstract class {name} without an implementation for abstract methods {missing}"
            ));
        }
        let layout = self.class(class).map_or(Ty::Object, |class| class.layout);
        let body = match layout {
            Ty::Object => Body::Plain,
            Ty::List => Body::List(Vec::new()),
            Ty::Dict => Body::Dict(Dict::default()),
            Ty::Set | Ty::FrozenSet => Body::Set(Dict::default()),
            ty if ty.is_exception() => Body::Exception(args.pos[1..].to_vec()),
            Ty::Type | Ty::Int | Ty::Str | Ty::Float | Ty::Tuple | Ty::Bytes => {
                let name = self.class_name(class);
                return self.type_error(format!("object.__new__({name}) is not safe, use {}.__new__()", layout.name()));
            }
            _ => Body::Plain,
        };
        Ok(Value::Obj(self.alloc(class, body)))
    }

    fn abstract_methods(&mut self, class: Obj) -> R<Option<String>> {
        let Some(methods) = self.class(class).and_then(|class| class.dict.get_str("__abstractmethods__")).cloned()
        else {
            return Ok(None);
        };
        if methods.is_unknown() {
            return Ok(None);
        }
        let names = self.iterate(&methods)?;
        if names.is_empty() {
            return Ok(None);
        }
        let mut names: Vec<String> = names.iter().map(|name| format!("'{}'", self.show(name))).collect();
        names.sort();
        Ok(Some(names.join(", ")))
    }

    /// `super()`.
    pub(crate) fn make_super(&mut self, args: &Args) -> R {
        let (class, object) = match &args.pos[..] {
            [] => {
                let context: Option<&Context> = self.contexts.last();
                let cell = context.and_then(|context| context.class_cell);
                let first = context.and_then(|context| context.first.clone());
                let class = match cell.map(|cell| self.body(cell)) {
                    Some(Body::Cell(Some(class))) => class.clone(),
                    _ => return self.raise(Ty::RuntimeError, "super(): __class__ cell not found"),
                };
                let Some(first) = first else { return self.raise(Ty::RuntimeError, "super(): no arguments") };
                (class, first)
            }
            [class] => (class.clone(), Value::None),
            [class, object, ..] => (class.clone(), object.clone()),
        };
        let Some(class_obj) = self.as_class(&class) else {
            if class.is_unknown() {
                return Ok(Value::unknown("super()"));
            }
            return self.type_error("super() argument 1 must be a type");
        };
        if args.pos.len() > 2 {
            return self.type_error("super() takes at most 2 arguments");
        }
        let kind = match (&object, self.as_class(&object)) {
            (Value::None, _) if args.pos.len() == 1 => Value::None,
            (_, Some(kind)) if self.is_subclass(kind, class_obj) => Value::Obj(kind),
            _ => match self.class_of(&object) {
                Some(kind) if self.is_subclass(kind, class_obj) => Value::Obj(kind),
                Some(_) => return self.type_error("super(type, obj): obj must be an instance or subtype of type"),
                None => return Ok(Value::unknown("super()")),
            },
        };
        Ok(self.new_obj(Ty::Super, Body::Super(Box::new([class, object, kind]))))
    }

    /// `isinstance`.
    pub(crate) fn check_instance(&mut self, value: &Value, kind: &Value) -> R<bool> {
        if let Value::Tuple(kinds) = kind {
            for kind in kinds.iter() {
                if self.check_instance(value, kind)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Value::Unknown(unknown) = value {
            if unknown.is_harmless {
                return Ok(false);
            }
            let shown = unknown.name.clone();
            let fail = self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__class__"], value, &shown);
            self.soft(fail)?;
            return Ok(false);
        }
        if let Some(obj) = kind.as_obj()
            && let Body::Union(members) = self.body(obj)
        {
            let members = Value::tuple(members.clone());
            return self.check_instance(value, &members);
        }
        if let Value::Unknown(unknown) = kind {
            if unknown.is_harmless {
                return Ok(false);
            }
            let shown = unknown.name.clone();
            return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, "__instancecheck__"], kind, &shown));
        }
        if self.class_of(value) == kind.as_obj() {
            return Ok(true);
        }
        if self.overrides(kind, "__instancecheck__").is_some() {
            let result = self.call_special(kind, "__instancecheck__", vec![value.clone()])?;
            return self.truth(&result.unwrap_or(Value::Bool(false)));
        }
        self.plain_instance_check(value, kind)
    }

    /// What `type.__instancecheck__` does.
    pub(crate) fn plain_instance_check(&mut self, value: &Value, kind: &Value) -> R<bool> {
        if kind.is_none() {
            return Ok(value.is_none());
        }
        let Some(class) = self.as_class(kind) else {
            return self.type_error("isinstance() arg 2 must be a type, a tuple of types, or a union");
        };
        if let Some(found) = self.class_of(value)
            && self.is_subclass(found, class)
        {
            return Ok(true);
        }
        // What the object claims to be.
        match self.find_attr(value, "__class__") {
            Ok(Some(claimed)) => match self.as_class(&claimed) {
                Some(claimed) => Ok(self.is_subclass(claimed, class)),
                None => Ok(false),
            },
            Ok(None) => Ok(false),
            Err(fail @ Fail::Violation(_)) => Err(fail),
            Err(fail) => Err(fail),
        }
    }

    /// `issubclass`.
    pub(crate) fn check_subclass(&mut self, value: &Value, kind: &Value) -> R<bool> {
        if let Value::Tuple(kinds) = kind {
            for kind in kinds.iter() {
                if self.check_subclass(value, kind)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        for (subject, name) in [(value, "__bases__"), (kind, "__subclasscheck__")] {
            if let Value::Unknown(unknown) = subject {
                if unknown.is_harmless {
                    return Ok(false);
                }
                let shown = unknown.name.clone();
                return Err(self.on_unknown(Rule::UnknownValueAttribute, &[&shown, name], subject, &shown));
            }
        }
        if self.overrides(kind, "__subclasscheck__").is_some() {
            let result = self.call_special(kind, "__subclasscheck__", vec![value.clone()])?;
            return self.truth(&result.unwrap_or(Value::Bool(false)));
        }
        self.plain_subclass_check(value, kind)
    }

    pub(crate) fn plain_subclass_check(&mut self, value: &Value, kind: &Value) -> R<bool> {
        if let Some(obj) = kind.as_obj()
            && let Body::Union(members) = self.body(obj)
        {
            let members = Value::tuple(members.clone());
            return self.check_subclass(value, &members);
        }
        let Some(class) = self.as_class(value) else {
            return match self.find_attr(value, "__bases__")? {
                Some(Value::Tuple(bases)) => {
                    for base in bases.iter() {
                        if base == kind || self.check_subclass(base, kind)? {
                            return Ok(true);
                        }
                    }
                    Ok(false)
                }
                _ => self.type_error("issubclass() arg 1 must be a class"),
            };
        };
        let Some(kind) = self.as_class(kind) else {
            return self.type_error("issubclass() arg 2 must be a class, a tuple of classes, or a union");
        };
        Ok(self.is_subclass(class, kind))
    }
}
