//! Imports: which modules have values, and when a pending import is looked at.

use std::sync::Arc;

use cinder_db::File;

use super::{Frame, Machine};
use crate::code::{Code, ImportSpec, Name, Piece};
use crate::dict::Dict;
use crate::heap::Heap;
use crate::models;
use crate::object::{Body, Module, Ty};
use crate::queries;
use crate::rules::Rule;
use crate::value::{Fail, Lazy, Obj, R, Unknown, Value, Violation};

/// What a module name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Located {
    Value(Obj),
    /// It exists but is not strict, or is being looked at just now.
    Unknown,
    /// Not strict, but declared to be harmless to import and use.
    Harmless,
    Missing,
}

/// Heaps below this number are the builtins and the bundled models.
pub(crate) const FIRST_FILE: u32 = 1024;

pub(crate) fn number_of_file(file: File) -> u32 {
    use salsa::plumbing::AsId;
    FIRST_FILE + file.as_id().as_bits() as u32
}

pub(crate) fn file_of_number(number: u32) -> File {
    use salsa::plumbing::FromId;
    File::from_id(salsa::Id::from_bits(u64::from(number - FIRST_FILE)))
}

impl Machine<'_> {
    pub(crate) fn load_heap(&self, heap: u32) -> Arc<Heap> {
        match heap {
            0 => crate::builtins::heap(),
            model if model < FIRST_FILE => queries::model_heap(self.db, model),
            file => queries::unit_heap(self.db, file_of_number(file)).clone(),
        }
    }

    /// The heap that holds a module.
    pub(crate) fn heap_of_module(&self, number: u32) -> u32 {
        if number < FIRST_FILE { number } else { queries::unit_number(self.db, file_of_number(number)) }
    }

    /// Runs a module's body in this heap.
    pub(crate) fn run_module(&mut self, number: u32, name: &str, is_package: bool, code: Option<Arc<Code>>) -> Obj {
        let owner = std::mem::replace(&mut self.owner, number);
        let depth = std::mem::replace(&mut self.depth, 0);
        let handling = std::mem::take(&mut self.handling);
        let mut content = Dict::default();
        content.insert_str("__name__", Value::str(name));
        let doc = code.as_ref().and_then(|code| code.doc.clone());
        content.insert_str("__doc__", doc.map_or(Value::None, Value::Str));
        let package = if is_package { name } else { name.rsplit_once('.').map_or("", |(package, _)| package) };
        content.insert_str("__package__", Value::str(package));
        for place in ["__file__", "__spec__", "__loader__", "__cached__"] {
            content.insert_str(place, Value::harmless(place));
        }
        let dict = self.alloc(Ty::Dict.obj(), Body::Dict(content));
        if is_package {
            let path = self.new_list(vec![Value::harmless("__path__[0]")]);
            if let Some(Body::Dict(content)) = self.own_mut(dict).map(|object| &mut object.body) {
                content.insert_str("__path__", path);
            }
        }
        let module = Module {
            name: name.into(),
            dict,
            is_package,
            publishes_children: number < FIRST_FILE
                || code.is_none()
                || self.settings.forces_all
                || self.settings.is_allowed(name),
            is_opaque: false,
            is_done: false,
            is_broken: false,
        };
        let obj = self.alloc(Ty::Module.obj(), Body::Module(Box::new(module)));
        self.modules.push((number, obj));
        if let Some(code) = code {
            let mut frame = Frame::new(code, obj, dict);
            frame.names = Some(Value::Obj(dict));
            self.prepare(&mut frame);
            let result = cinder_syntax::with_deep_stack(|| self.run(&mut frame, true));
            if result.is_err()
                && let Some(Body::Module(module)) = self.own_mut(obj).map(|object| &mut object.body)
            {
                module.is_broken = true;
            }
            match result {
                Ok(_) | Err(Fail::Stop | Fail::Undecided) => {}
                Err(Fail::Raise(raised)) => self.record_unhandled(&raised),
                Err(Fail::Violation(violation)) => {
                    self.record(*violation);
                }
            }
        }
        if let Some(Body::Module(module)) = self.own_mut(obj).map(|object| &mut object.body) {
            module.is_done = true;
        }
        self.owner = owner;
        self.depth = depth;
        self.handling = handling;
        obj
    }

    fn record_unhandled(&mut self, raised: &crate::value::Raised) {
        let name = self.type_name(&raised.value);
        let args = match raised.value.as_obj().map(|obj| self.body(obj)) {
            Some(Body::Exception(args)) => args.iter().map(|arg| self.show(arg)).collect::<Vec<_>>().join(", "),
            _ => String::new(),
        };
        let name: Name = if raised.value.is_unknown() { self.show(&raised.value).into() } else { name };
        // Innermost first: the outermost becomes the violation, what is inside its cause.
        let mut cause: Option<Arc<Violation>> = None;
        for (at, (span, frame_name)) in raised.trace.iter().enumerate() {
            let is_outermost = at + 1 == raised.trace.len();
            let (rule, fields) = if is_outermost {
                (Rule::Unhandled, vec![name.clone(), args.as_str().into()])
            } else {
                (Rule::UserException, vec![frame_name.clone()])
            };
            let violation =
                Violation { rule, fields, span: *span, value: Value::None, cause, origin: None, blame: None };
            if is_outermost {
                self.record(violation);
                return;
            }
            cause = Some(Arc::new(violation));
        }
    }

    fn module_file(&self, number: u32) -> Option<File> {
        (number >= FIRST_FILE).then(|| file_of_number(number))
    }

    /// Finds and, if it has a value, evaluates a module and its parents.
    pub(crate) fn locate(&mut self, name: &str, importer: u32) -> Located {
        let key = (importer, Name::from(name));
        if let Some(found) = self.located.get(&key) {
            return found.clone();
        }
        if let Some((parent, _)) = name.rsplit_once('.') {
            match self.locate(parent, importer) {
                Located::Missing => return Located::Missing,
                Located::Harmless => return Located::Harmless,
                _ => {}
            }
        }
        let found = self.locate_leaf(name, importer);
        self.located.insert(key, found.clone());
        found
    }

    fn locate_leaf(&mut self, name: &str, importer: u32) -> Located {
        let file = self.module_file(importer);
        match queries::find_source(self.db, file, name) {
            queries::Found::Missing => Located::Missing,
            queries::Found::NonStrict => Located::Unknown,
            queries::Found::Library => match models::number(name) {
                Some(number) => self.locate_model(number),
                None if crate::effects::is_known_module(name) => Located::Harmless,
                None => Located::Unknown,
            },
            queries::Found::Model(number) => self.locate_model(number),
            queries::Found::Namespace => {
                let known = self.modules.iter().find(|(number, obj)| {
                    *number == u32::MAX && self.module_of(*obj).is_some_and(|module| *module.name == *name)
                });
                match known {
                    Some((_, obj)) => Located::Value(*obj),
                    None => Located::Value(self.run_module(u32::MAX, name, true, None)),
                }
            }
            queries::Found::File(file) => self.locate_file(file),
        }
    }

    fn locate_model(&mut self, number: u32) -> Located {
        if number == self.unit {
            return self.modules.first().map_or(Located::Unknown, |(_, obj)| Located::Value(*obj));
        }
        match self.frozen.get(number, || queries::model_heap(self.db, number)).module(number) {
            Some(obj) => Located::Value(obj),
            None => Located::Unknown,
        }
    }

    fn locate_file(&mut self, file: File) -> Located {
        let number = number_of_file(file);
        if let Some((_, obj)) = self.modules.iter().find(|(known, _)| *known == number) {
            return Located::Value(*obj);
        }
        // What an import inside a function reaches and leads back here is evaluated here, too: it sees what this module is so far.
        let is_member = self.members.contains(&file)
            || !self.is_static_import(file) && queries::reaches(self.db, file, &self.members);
        if is_member {
            let (name, is_package) = queries::module_identity(self.db, file);
            return match queries::module_code(self.db, file) {
                Some(code) => Located::Value(self.run_module(number, &name, is_package, Some(code))),
                None => Located::Unknown,
            };
        }
        let heap = queries::unit_number(self.db, file);
        if heap == self.unit {
            return Located::Unknown;
        }
        match self.frozen.get(heap, || self.load_heap(heap)).module(number) {
            Some(obj) => Located::Value(obj),
            None => Located::Unknown,
        }
    }

    /// Whether the running module imports the file on its own level; then it cannot lead back here, or it would be a member.
    fn is_static_import(&self, file: File) -> bool {
        let owner = self.module_file(self.owner);
        owner.is_some_and(|owner| queries::import_edges(self.db, owner).contains(&file))
    }

    pub(crate) fn import_error(&mut self, name: &str) -> Fail {
        let message = Value::Str(format!("No module named '{name}'").into());
        let value = self.new_obj(Ty::ModuleNotFoundError, Body::Exception(vec![message]));
        self.set_hidden(&value, "name", Value::str(name));
        self.raised(value)
    }

    fn unknown_import(&mut self, shown: String, located: &Located, path: &str) -> Value {
        if matches!(located, Located::Harmless) {
            return Value::harmless(path);
        }
        Value::Unknown(Arc::new(Unknown {
            name: shown.into(),
            origin: Some(self.span()),
            is_harmless: false,
            blame: None,
        }))
    }

    /// `import a.b.c` and `import a.b.c as x`.
    pub(crate) fn import(&mut self, frame: &Frame, spec: &ImportSpec) -> R {
        let importer = self.importer(frame);
        let name = spec.module.clone();
        let leaf = self.locate(&name, importer);
        if spec.is_guarded && matches!(leaf, Located::Missing) {
            return Err(self.import_error(&name));
        }
        let first = name.split('.').next().unwrap_or_default().to_string();
        match (&leaf, &spec.alias) {
            (Located::Value(_), None) => match self.locate(&first, importer) {
                Located::Value(obj) => Ok(Value::Obj(obj)),
                other => Ok(self.unknown_import(format!("<imported module {first}>"), &other, &first)),
            },
            (Located::Value(leaf), Some(_)) => {
                // Attributes of the parent shadow the submodule.
                let Some((parent, child)) = name.rsplit_once('.') else { return Ok(Value::Obj(*leaf)) };
                if let Located::Value(parent) = self.locate(parent, importer)
                    && let Some(value) = self.module_attr(parent, child)?
                {
                    return Ok(value);
                }
                Ok(Value::Obj(*leaf))
            }
            (other, None) => Ok(self.unknown_import(format!("<imported module {first}>"), &other.clone(), &first)),
            (other, Some(alias)) => {
                Ok(self.unknown_import(format!("<imported module {name} as {alias}>"), &other.clone(), &name))
            }
        }
    }

    /// The module whose file decides where imports are searched.
    fn importer(&self, frame: &Frame) -> u32 {
        self.obj(frame.module).owner
    }

    /// The absolute name of a relative import.
    fn absolute(&self, frame: &Frame, spec: &ImportSpec) -> Option<String> {
        if spec.level == 0 {
            return Some(spec.module.to_string());
        }
        let module = self.module_of(frame.module)?;
        let mut package: &str = &module.name;
        let up = if module.is_package { spec.level - 1 } else { spec.level };
        for step in 0..up {
            match package.rsplit_once('.') {
                Some((outer, _)) => package = outer,
                None if step + 1 == up && !package.is_empty() && module.name.contains('.') => return None,
                None => return None,
            }
        }
        Some(if spec.module.is_empty() { package.to_string() } else { format!("{package}.{}", spec.module) })
    }

    /// `from m import n`.
    pub(crate) fn import_from(&mut self, frame: &Frame, spec: &ImportSpec) -> R {
        let name = spec.name.clone().unwrap_or_default();
        let dots = ".".repeat(spec.level as usize);
        let shown = match &spec.alias {
            Some(alias) => format!("<{name} imported from {dots}{} as {alias}>", spec.module),
            None => format!("<{name} imported from {dots}{}>", spec.module),
        };
        let Some(module) = self.absolute(frame, spec) else {
            if spec.is_guarded {
                return self.raise(Ty::ImportError, "attempted relative import with no known parent package");
            }
            return Ok(self.unknown_import(shown, &Located::Missing, ""));
        };
        let lazy = Lazy {
            module: module.as_str().into(),
            name: name.clone(),
            shown: shown.into(),
            span: self.span(),
            importer: self.importer(frame),
            is_guarded: spec.is_guarded,
        };
        if spec.is_lazy {
            let child = self.run_member(&lazy);
            return Ok(child.unwrap_or_else(|| Value::Lazy(Arc::new(lazy))));
        }
        if spec.is_guarded {
            let located = self.locate(&module, lazy.importer);
            if matches!(located, Located::Missing) {
                return Err(self.import_error(&module));
            }
        }
        let value = self.force(&lazy)?;
        if spec.is_guarded
            && value.as_unknown().is_some_and(|unknown| unknown.name == lazy.shown)
            && let Located::Value(_) = self.locate(&module, lazy.importer)
            && matches!(self.locate(&format!("{module}.{name}"), lazy.importer), Located::Missing)
        {
            let message = format!("cannot import name '{name}' from '{module}'");
            return self.raise(Ty::ImportError, message);
        }
        Ok(value)
    }

    /// Modules that import each other run when they are imported, as they do in Python, so that the circle is entered at the same places. Their
    /// names are looked at later all the same, but for a module that its package has no other name for yet.
    fn run_member(&mut self, import: &Lazy) -> Option<Value> {
        if self.members.len() < 2 {
            return None;
        }
        let file = self.module_file(import.importer)?;
        let child = format!("{}.{}", import.module, import.name);
        let mut found = [None, None];
        for (place, name) in found.iter_mut().zip([&*import.module, &child]) {
            match queries::find_source(self.db, Some(file), name) {
                queries::Found::File(file) if self.members.contains(&file) => {
                    *place = match self.locate(name, import.importer) {
                        Located::Value(module) => Some(module),
                        _ => None,
                    };
                }
                queries::Found::File(_) | queries::Found::Namespace => {}
                _ => return None,
            }
        }
        let [package, child] = found;
        let package = self.module_of(package?)?.dict;
        let is_free = self.dict_of(&Value::Obj(package)).is_some_and(|dict| dict.get_str(&import.name).is_none());
        child.filter(|_| is_free).map(Value::Obj)
    }

    /// What a pending import stands for.
    pub(crate) fn force(&mut self, lazy: &Lazy) -> R {
        let unknown = || {
            Value::Unknown(Arc::new(Unknown {
                name: lazy.shown.clone(),
                origin: Some(lazy.span),
                is_harmless: false,
                blame: None,
            }))
        };
        let key = (lazy.module.clone(), lazy.name.clone());
        if self.forcing.contains(&key) {
            return Ok(unknown());
        }
        self.forcing.push(key);
        let result = self.force_now(lazy);
        self.forcing.pop();
        match result? {
            Some(value) => Ok(value),
            None => Ok(unknown()),
        }
    }

    fn force_now(&mut self, lazy: &Lazy) -> R<Option<Value>> {
        match self.locate(&lazy.module, lazy.importer) {
            Located::Value(module) => {
                if !self.waits_for_itself(module, lazy)
                    && let Some(value) = self.module_attr(module, &lazy.name)?
                {
                    return Ok(Some(value));
                }
                let is_package = self.module_of(module).is_some_and(|module| {
                    module.is_package
                        && self.dict_of(&Value::Obj(module.dict)).is_some_and(|dict| dict.get_str("__path__").is_some())
                });
                if is_package
                    && let Located::Value(child) = self.locate(&format!("{}.{}", lazy.module, lazy.name), lazy.importer)
                {
                    return Ok(Some(Value::Obj(child)));
                }
                // A bundled model knows some of its module's names; the rest is harmless or not by the tables.
                let path = format!("{}.{}", lazy.module, lazy.name);
                if module.heap < FIRST_FILE && crate::effects::level_of(&path).is_some() {
                    return Ok(Some(Value::harmless(&path)));
                }
                // The module's body did not end; that is reported there, and what is missing follows from it.
                let is_builtins = self.module_of(module).is_some_and(|module| &*module.name == "builtins");
                if is_builtins && let Some(value) = crate::builtins::lookup(&lazy.name) {
                    return Ok(Some(value));
                }
                if self.module_of(module).is_some_and(|module| module.is_broken) && !self.settings.is_compatible {
                    return Ok(Some(Value::harmless(&path)));
                }
                if self.is_surely_missing(module, lazy) {
                    return Ok(Some(self.missing_import(lazy)));
                }
                Ok(None)
            }
            Located::Harmless => Ok(Some(Value::harmless(&format!("{}.{}", lazy.module, lazy.name)))),
            Located::Unknown | Located::Missing => Ok(None),
        }
    }

    /// Whether importing a name fails: its module is known to the end, and has neither the name nor a child of that name.
    fn is_surely_missing(&mut self, module: Obj, lazy: &Lazy) -> bool {
        let number = self.obj(module).owner;
        let is_known = self.module_of(module).is_some_and(|module| module.is_done && !module.is_opaque);
        if !is_known || module.heap == self.unit || module.heap < FIRST_FILE || number < FIRST_FILE {
            return false;
        }
        let is_ours = matches!(lazy.span.piece, Piece::Module(_)) && lazy.importer == self.owner && !lazy.is_guarded;
        if !is_ours || self.settings.is_compatible || number == u32::MAX {
            return false;
        }
        // What a module lacks that did not come to its end follows from that.
        if self.has_violations(number) {
            return false;
        }
        // Stubs leave names out, and stars that were refused would have brought some.
        let is_stub = file_of_number(number).path(self.db).file_name().is_some_and(|name| name.ends_with(".pys"));
        let heap = self.frozen.get(module.heap, || self.load_heap(module.heap));
        let has_star = heap.found.iter().any(|(_, violation, _)| violation.rule == Rule::StarImportDisallowed);
        !is_stub && !has_star && {
            let child = format!("{}.{}", lazy.module, lazy.name);
            matches!(self.locate(&child, lazy.importer), Located::Missing)
        }
    }

    /// Reports an import that fails; what is done with its value follows from that.
    fn missing_import(&mut self, lazy: &Lazy) -> Value {
        let fields = vec![lazy.name.clone(), lazy.module.clone()];
        let span = lazy.span;
        let rule = Rule::UnresolvedImport;
        let at =
            self.record(Violation { rule, fields, span, value: Value::None, cause: None, origin: None, blame: None });
        let unknown = Unknown { name: lazy.shown.clone(), origin: Some(lazy.span), is_harmless: false, blame: at };
        Value::Unknown(Arc::new(unknown))
    }

    /// Whether the module's name is the very import that is looked at: `from pkg import child` in `pkg` itself.
    fn waits_for_itself(&self, module: Obj, lazy: &Lazy) -> bool {
        let Some(module) = self.module_of(module) else { return false };
        match self.dict_of(&Value::Obj(module.dict)).and_then(|dict| dict.get_str(&lazy.name)) {
            Some(Value::Lazy(pending)) => pending.module == lazy.module && pending.name == lazy.name,
            _ => false,
        }
    }

    /// A child of a package whose children are published on it.
    pub(crate) fn child_module(&mut self, package: Obj, name: &str) -> R<Option<Value>> {
        let Some(module) = self.module_of(package) else { return Ok(None) };
        let (path, importer) = (format!("{}.{name}", module.name), self.owner);
        if name.starts_with("__") {
            return Ok(None);
        }
        match self.locate(&path, importer) {
            Located::Value(child) => Ok(Some(Value::Obj(child))),
            Located::Unknown => Ok(Some(Value::unknown(&format!("<imported module {path}>")))),
            Located::Harmless | Located::Missing => Ok(None),
        }
    }

    pub(crate) fn import_star(&mut self, frame: &Frame, spec: &ImportSpec) -> R<()> {
        let shown = format!("{}{}", ".".repeat(spec.level as usize), spec.module);
        // Bundled models only hold what is declared about their modules, so nothing is expanded from them.
        let importer = self.importer(frame);
        if !self.settings.is_compatible
            && let Some(name) = self.absolute(frame, spec)
            && self.settings.allows_star_imports
            && let Located::Value(module) = self.locate(&name, importer)
        {
            return self.copy_names(frame, module);
        }
        Err(self.violation(Rule::StarImportDisallowed, &[&shown], Value::None))
    }

    /// Whether a module's body did not do all it would, which is reported there.
    fn may_lack_names(&self, module: Obj) -> bool {
        let number = self.obj(module).owner;
        let is_broken = self.module_of(module).is_some_and(|module| module.is_broken);
        !self.settings.is_compatible && number >= FIRST_FILE && (is_broken || self.has_violations(number))
    }

    fn copy_names(&mut self, frame: &Frame, module: Obj) -> R<()> {
        let Some(entry) = self.module_of(module) else { return Ok(()) };
        let dict = Value::Obj(entry.dict);
        let all = self.module_attr(module, "__all__")?;
        let is_listed = all.is_some();
        let names: Vec<Value> = match all {
            Some(all) => self.iterate(&all)?,
            None => {
                self.dict_of(&dict).map(|dict| dict.iter().map(|(key, _)| key.clone()).collect()).unwrap_or_default()
            }
        };
        if self.may_lack_names(module)
            && let Some(Body::Module(importer)) = self.own_mut(frame.module).map(|object| &mut object.body)
        {
            importer.is_broken = true;
        }
        for name in names {
            let Value::Str(name) = name else { continue };
            if name.starts_with('_') && !is_listed {
                continue;
            }
            if let Some(value) = self.module_attr(module, &name)? {
                self.dict_put(frame.globals, Value::Str(name), value, false)?;
            }
        }
        Ok(())
    }
}
