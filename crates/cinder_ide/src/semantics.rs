//! The questions all features share: what a name means, where it is defined, what type a value has.
//!
//! Problem: most Python is not typed by any checker, and yet editors want to know.
//! Idea: names by the scopes of [`cinder_semantic`], imports by the importer's rules, types by a light look at the source: annotations, literals,
//! constructor calls, attributes assigned in methods, what functions return. In static modules the checker's types come first.
//! Holds: everything is computed on demand, bounded in depth, and remembered until the next edit only.

pub(crate) mod annotation;
mod call;
mod expression;
mod facts;
mod function;
mod loose;
mod member;
mod memory;
mod name;

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex};

use cinder_db::{Db, File, FilePath};
use cinder_module_resolver::{Module, ModuleName, resolve_module};
use cinder_semantic::{Definition, DefinitionKind, ScopeKind, semantic_index};
use cinder_text::TextRange;

use crate::fields::Field;
use crate::syntax;
use crate::ty::{Place, Ty};

use memory::Memory;

pub(crate) use annotation::special_form;
pub(crate) use function::decorator_names;
pub(crate) use name::occurrences;

/// Deeper questions are answered with "unknown".
const MAX_DEPTH: u32 = 48;
/// What one question may lead to; the rest is answered with "unknown". Real programs need a few hundred.
const MAX_STEPS: u32 = 20_000;

/// Something with a name, by where it is defined.
#[derive(Clone, Debug)]
pub(crate) enum Def {
    /// A binding of a name.
    Name(File, Definition),
    /// An attribute given to `self`.
    Field(File, Field),
    Module(Module),
}

impl PartialEq for Def {
    fn eq(&self, other: &Def) -> bool {
        match (self, other) {
            (Def::Module(one), Def::Module(other)) => one.name == other.name,
            (Def::Module(_), _) | (_, Def::Module(_)) => false,
            _ => self.file() == other.file() && self.range() == other.range(),
        }
    }
}

impl Def {
    /// `None` for namespace packages and what is built in.
    pub(crate) fn file(&self) -> Option<File> {
        match self {
            Def::Name(file, _) | Def::Field(file, _) => Some(*file),
            Def::Module(module) => module.source.or(module.stub),
        }
    }

    /// The name in the file.
    pub(crate) fn range(&self) -> TextRange {
        match self {
            Def::Name(_, definition) => definition.range,
            Def::Field(_, field) => field.range,
            Def::Module(_) => TextRange::default(),
        }
    }

    /// The whole definition.
    pub(crate) fn full_range(&self) -> TextRange {
        match self {
            Def::Name(_, definition) => definition.node,
            Def::Field(_, field) => field.statement,
            Def::Module(_) => TextRange::default(),
        }
    }

    pub(crate) fn kind(&self) -> Option<DefinitionKind> {
        match self {
            Def::Name(_, definition) => Some(definition.kind),
            _ => None,
        }
    }
}

/// What a class definition says about bases and type parameters.
#[derive(Clone, Default)]
pub(crate) struct Bases {
    /// With their type arguments in terms of the class's own parameters.
    pub(crate) bases: Arc<[(Place, Vec<Ty>)]>,
    pub(crate) parameters: Arc<[String]>,
}

pub(crate) struct Semantics<'db> {
    pub(crate) db: &'db dyn Db,
    depth: Cell<u32>,
    /// What is left of [`MAX_STEPS`].
    steps: Cell<u32>,
    memory: Memory,
    /// Where it came from.
    store: Arc<Mutex<Memory>>,
    /// Protocols and values that are being matched.
    matching: RefCell<Vec<(Place, Ty)>>,
}

impl Drop for Semantics<'_> {
    fn drop(&mut self) {
        // A question that was cancelled leaves half answers.
        if !std::thread::panicking() {
            std::mem::take(&mut self.memory).give_back(&self.store);
        }
    }
}

impl<'db> Semantics<'db> {
    pub(crate) fn new(db: &'db dyn Db) -> Semantics<'db> {
        let store = memory::store(db);
        Semantics {
            db,
            depth: Cell::new(0),
            steps: Cell::new(MAX_STEPS),
            memory: Memory::take(&store),
            store,
            matching: RefCell::default(),
        }
    }

    /// Runs `question` unless questions are nested too deeply already, or there were too many since the outermost one.
    fn deeper<T>(&self, question: impl FnOnce() -> T) -> Option<T> {
        if self.depth.get() == 0 {
            self.steps.set(MAX_STEPS);
        }
        if self.depth.get() >= MAX_DEPTH || self.steps.get() == 0 {
            self.memory.cut();
            return None;
        }
        self.steps.set(self.steps.get() - 1);
        self.depth.set(self.depth.get() + 1);
        let answer = question();
        self.depth.set(self.depth.get() - 1);
        Some(answer)
    }

    /// A module as `file` imports it.
    pub(crate) fn module(&self, name: &str, importer: Option<File>) -> Option<Module> {
        let script: Option<FilePath> = importer.and_then(|file| cinder_module_resolver::script_folder(self.db, file));
        resolve_module(self.db, &ModuleName::new(name)?, script.as_ref()).cloned()
    }

    /// A class of the standard library.
    pub(crate) fn library_class(&self, module: &str, name: &str) -> Option<Place> {
        if let Some(known) = self.memory.library.borrow().get(module).and_then(|names| names.get(name)) {
            return *known;
        }
        let find = || {
            let file = self.module(module, None)?.declaration()?;
            let def = self.module_names(file, name).into_iter().last()?;
            match self.type_of_def(&def) {
                Ty::Class(class, _) => Some(class),
                _ => None,
            }
        };
        let found = find();
        self.memory.library.borrow_mut().entry(module.to_string()).or_default().insert(name.to_string(), found);
        found
    }

    pub(crate) fn builtin(&self, name: &str, args: Vec<Ty>) -> Ty {
        self.library_class("builtins", name).map_or(Ty::Unknown, |class| Ty::Instance(class, args))
    }

    pub(crate) fn is_builtin(&self, class: Place, name: &str) -> bool {
        let is_named =
            || syntax::class(self.db, class.file, class.range).is_some_and(|class| class.name.as_str() == name);
        matches!(class.file.path(self.db), FilePath::Vendored(path) if &**path == "stdlib/builtins.pyi") && is_named()
    }

    /// Whether the file is part of the bundled stubs.
    pub(crate) fn is_library(&self, file: File) -> bool {
        matches!(file.path(self.db), FilePath::Vendored(_))
    }

    /// What kind of scope binds a name.
    pub(crate) fn scope_kind(&self, def: &Def) -> Option<ScopeKind> {
        match def {
            Def::Name(file, definition) => Some(semantic_index(self.db, *file).scope(definition.scope).kind),
            _ => None,
        }
    }

    /// The class whose body binds a name, or whose method gives an attribute.
    pub(crate) fn owner_class(&self, def: &Def) -> Option<Place> {
        match def {
            Def::Name(file, definition) => {
                let scope = semantic_index(self.db, *file).scope(definition.scope);
                (scope.kind == ScopeKind::Class).then_some(Place { file: *file, range: scope.range })
            }
            Def::Field(file, field) => field.class.map(|range| Place { file: *file, range }),
            Def::Module(_) => None,
        }
    }
}
