//! Walks a dotted name through the search paths.

use cinder_db::system::PathKind;
use cinder_db::{Db, File, FilePath};

use crate::builtin_names::{is_intrinsic, is_unshadowable};
use crate::name::{ModuleName, is_identifier};
use crate::search_path::{SearchPath, SearchPathKind, search_paths};
use crate::versions::versions;

/// What an import name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Module {
    pub name: ModuleName,
    pub kind: ModuleKind,
    /// The file that declares the module to a checker that trusts stubs.
    pub stub: Option<File>,
    /// The file that runs. Absent for the standard library, which runs inside the VM, and for extension modules.
    pub source: Option<File>,
    /// Where it was found; `None` for intrinsic modules.
    pub search_path: Option<SearchPathKind>,
    /// Folders in which submodules are looked for, stubs first; empty for plain modules.
    pub folders: Box<[FilePath]>,
}

impl Module {
    /// The file to read declarations from: the stub if there is one.
    pub fn declaration(&self) -> Option<File> {
        self.stub.or(self.source)
    }

    pub fn is_package(&self) -> bool {
        !self.folders.is_empty()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ModuleKind {
    Module,
    /// A folder with `__init__`.
    Package,
    /// Folders without `__init__`, possibly in several places (PEP 420).
    Namespace,
    /// A compiled extension module (`.so`, `.pyd`) without stub. It cannot be loaded by the VM.
    Extension,
    /// Known to cinder itself: `__static__`, `__strict__`.
    Intrinsic,
}

/// A query's key: the name and, for programs outside the roots, the folder of the script.
#[salsa::interned(debug)]
pub(crate) struct Request<'db> {
    #[returns(ref)]
    name: ModuleName,
    #[returns(ref)]
    script_folder: Option<FilePath>,
}

/// Finds the module that `import name` loads. `script_folder` is where the running script lies (`sys.path[0]`), if that is not a root.
///
/// Depends on: search paths and the listings of the folders looked at.
pub fn resolve_module<'db>(
    db: &'db dyn Db,
    name: &ModuleName,
    script_folder: Option<&FilePath>,
) -> Option<&'db Module> {
    if is_nowhere(db, name, script_folder) {
        return None;
    }
    resolve(db, Request::new(db, name.clone(), script_folder.cloned())).as_ref()
}

/// Whether no folder that could hold the module has an entry of its name. Most keys live as long as the database, and names that lead nowhere, half
/// typed ones for instance, have no end: no key is made for them.
fn is_nowhere(db: &dyn Db, name: &ModuleName, script_folder: Option<&FilePath>) -> bool {
    let Some(parent) = name.parent() else {
        let mut folders = script_folder.into_iter().chain(search_paths(db).iter().map(|path| &path.folder));
        return !is_intrinsic(name.as_str()) && !folders.any(|folder| has_entry_for(db, folder, name.as_str()));
    };
    if is_nowhere(db, &parent, script_folder) {
        return true;
    }
    let parent = resolve(db, Request::new(db, parent, script_folder.cloned())).as_ref();
    let child = name.components().next_back().unwrap_or_default();
    !parent.is_some_and(|parent| parent.folders.iter().any(|folder| has_entry_for(db, folder, child)))
}

/// Whether a folder has something called `name`, `name.…` or `name-stubs`.
fn has_entry_for(db: &dyn Db, folder: &FilePath, name: &str) -> bool {
    let listing = db.files().folder(db, folder);
    let entries = listing.entries(db).as_deref().unwrap_or_default();
    // All names with this prefix are neighbours, for listings are sorted.
    let first = entries.partition_point(|entry| &*entry.name < name);
    let with_prefix = entries[first..].iter().map_while(|entry| entry.name.strip_prefix(name));
    with_prefix.into_iter().any(|rest| rest.is_empty() || rest.starts_with('.') || rest == "-stubs")
}

/// Names of the modules inside a package, sorted, for completion and `from package import *`.
pub fn submodules(db: &dyn Db, module: &Module) -> Vec<ModuleName> {
    let mut names = Vec::new();
    for folder in &module.folders {
        let listing = db.files().folder(db, folder);
        for entry in listing.entries(db).as_deref().unwrap_or_default() {
            let stem = match entry.kind {
                PathKind::Folder => Some(&*entry.name),
                PathKind::File => module_stem(&entry.name),
                PathKind::Special => None,
            };
            names.extend(
                stem.filter(|stem| *stem != "__init__" && is_identifier(stem)).and_then(|stem| module.name.join(stem)),
            );
        }
    }
    names.sort();
    names.dedup();
    names
}

#[salsa::tracked(returns(ref))]
fn resolve<'db>(db: &'db dyn Db, request: Request<'db>) -> Option<Module> {
    let name = request.name(db);
    match name.parent() {
        Some(parent) => {
            let parent = resolve(db, Request::new(db, parent, request.script_folder(db).clone())).as_ref()?;
            resolve_in_package(db, name, parent)
        }
        None => resolve_top_level(db, name, request.script_folder(db).as_ref()),
    }
}

fn resolve_top_level(db: &dyn Db, name: &ModuleName, script_folder: Option<&FilePath>) -> Option<Module> {
    if is_intrinsic(name.as_str()) {
        return Some(Module {
            name: name.clone(),
            kind: ModuleKind::Intrinsic,
            stub: None,
            source: None,
            search_path: None,
            folders: Box::default(),
        });
    }
    let paths = search_paths(db);
    if is_unshadowable(name.as_str()) {
        let library = paths.iter().find(|path| path.kind == SearchPathKind::StandardLibrary)?;
        return search(db, name, std::iter::once(library));
    }
    let Some(folder) = script_folder else { return search(db, name, paths.iter()) };
    // The script's folder stands where `sys.path[0]` would, after the roots, which are the project's own idea of its path.
    let script = SearchPath { kind: SearchPathKind::FirstParty, folder: folder.clone() };
    let roots = paths.partition_point(|path| path.kind == SearchPathKind::FirstParty);
    search(db, name, paths[..roots].iter().chain(std::iter::once(&script)).chain(&paths[roots..]))
}

/// Looks for a top-level module. The first regular module or package wins; a namespace package is made of all its portions if nothing
/// else has the name.
fn search<'a>(db: &dyn Db, name: &ModuleName, paths: impl Iterator<Item = &'a SearchPath>) -> Option<Module> {
    let mut portions = Vec::new();
    let mut portions_kind = None;
    // A stub package may lie in another place than the package it declares.
    let mut stubs: Option<(File, Vec<FilePath>, SearchPathKind)> = None;
    for path in paths {
        if path.kind == SearchPathKind::StandardLibrary {
            if let Some(found) = in_standard_library(db, name, &path.folder) {
                return Some(found);
            }
            continue;
        }
        if stubs.is_none() {
            let folder_name = format!("{name}-stubs");
            // Inputs live for ever: none is made for a folder that is not there.
            let is_there = db.files().folder(db, &path.folder).child(db, &folder_name) == Some(PathKind::Folder);
            let folder = path.folder.join(&folder_name);
            if is_there && let Some(stub) = file_in(db, &folder, "__init__.pyi") {
                stubs = Some((stub, vec![folder], path.kind));
            }
        }
        match probe(db, &path.folder, name.as_str()) {
            Probe::Found(found) => {
                let mut module = found.into_module(name.clone(), Some(path.kind));
                if let Some((stub, folders, _)) = stubs {
                    module.stub = Some(stub);
                    module.folders = folders.into_iter().chain(module.folders).collect();
                }
                return Some(module);
            }
            Probe::Portion(folder) => {
                portions_kind.get_or_insert(path.kind);
                portions.push(folder);
            }
            Probe::Nothing => {}
        }
    }
    if let Some((stub, mut folders, kind)) = stubs {
        folders.append(&mut portions);
        return Some(Module {
            name: name.clone(),
            kind: ModuleKind::Package,
            stub: Some(stub),
            source: None,
            search_path: Some(kind),
            folders: folders.into(),
        });
    }
    namespace(name, portions, portions_kind)
}

fn resolve_in_package(db: &dyn Db, name: &ModuleName, parent: &Module) -> Option<Module> {
    if parent.search_path == Some(SearchPathKind::StandardLibrary) {
        return in_standard_library(db, name, parent.folders.first()?);
    }
    let child = name.components().next_back()?;
    let mut portions = Vec::new();
    let mut declared: Option<Found> = None;
    for folder in &parent.folders {
        match probe(db, folder, child) {
            // In a stub package; what runs lies in the next folder.
            Probe::Found(found)
                if found.source.is_none() && found.kind != ModuleKind::Extension && declared.is_none() =>
            {
                declared = Some(found);
            }
            Probe::Found(mut found) => {
                if let Some(declared) = declared {
                    found.stub = declared.stub.or(found.stub);
                    found.folders.splice(0..0, declared.folders);
                }
                return Some(found.into_module(name.clone(), parent.search_path));
            }
            Probe::Portion(folder) => portions.push(folder),
            Probe::Nothing => {}
        }
    }
    match declared {
        Some(found) => Some(found.into_module(name.clone(), parent.search_path)),
        None => namespace(name, portions, parent.search_path),
    }
}

fn namespace(name: &ModuleName, portions: Vec<FilePath>, search_path: Option<SearchPathKind>) -> Option<Module> {
    (!portions.is_empty()).then(|| Module {
        name: name.clone(),
        kind: ModuleKind::Namespace,
        stub: None,
        source: None,
        search_path,
        folders: portions.into(),
    })
}

/// `folder` is the folder the last component of `name` is looked for in.
fn in_standard_library(db: &dyn Db, name: &ModuleName, folder: &FilePath) -> Option<Module> {
    let library = search_paths(db).iter().find(|path| path.kind == SearchPathKind::StandardLibrary)?;
    let list = db.files().file(db, &library.folder.join("VERSIONS"));
    if !versions(db, list).contains(name.as_str()) {
        return None;
    }
    match probe(db, folder, name.components().next_back()?) {
        Probe::Found(found) => Some(found.into_module(name.clone(), Some(SearchPathKind::StandardLibrary))),
        Probe::Portion(_) | Probe::Nothing => None,
    }
}

/// What one folder has under a name.
enum Probe {
    Found(Found),
    /// A folder without `__init__`.
    Portion(FilePath),
    Nothing,
}

struct Found {
    kind: ModuleKind,
    stub: Option<File>,
    source: Option<File>,
    folders: Vec<FilePath>,
}

impl Found {
    fn into_module(self, name: ModuleName, search_path: Option<SearchPathKind>) -> Module {
        let Found { kind, stub, source, folders } = self;
        Module { name, kind, stub, source, search_path, folders: folders.into() }
    }
}

/// The order within one folder: package, source file, extension module, namespace portion. CPython takes an extension module before the source
/// beside it; the VM loads no extension modules, so here the source runs. Stubs join whatever they lie beside.
fn probe(db: &dyn Db, folder: &FilePath, name: &str) -> Probe {
    let listing = db.files().folder(db, folder);
    let entries = listing.entries(db).as_deref().unwrap_or_default();
    let inner = folder.join(name);
    let is_folder = listing.child(db, name) == Some(PathKind::Folder);
    let package_stub = if is_folder { file_in(db, &inner, "__init__.pyi") } else { None };
    if is_folder && let Some(source) = file_in(db, &inner, "__init__.py") {
        let source = Some(source);
        return Probe::Found(Found { kind: ModuleKind::Package, stub: package_stub, source, folders: vec![inner] });
    }
    let stub = package_stub.or_else(|| file_in(db, folder, &format!("{name}.pyi")));
    // A folder that holds only stubs may declare what an extension module or a source file beside it defines.
    let folders = if package_stub.is_some() { vec![inner.clone()] } else { Vec::new() };
    // All names with this prefix are neighbours, for listings are sorted.
    let first = entries.partition_point(|entry| &*entry.name < name);
    let is_extension = entries[first..]
        .iter()
        .take_while(|entry| entry.name.starts_with(name))
        .any(|entry| entry.kind == PathKind::File && extension_stem(&entry.name) == Some(name));
    let source = file_in(db, folder, &format!("{name}.py"));
    if is_extension && source.is_none() {
        return Probe::Found(Found { kind: ModuleKind::Extension, stub, source, folders });
    }
    if stub.is_some() || source.is_some() {
        let kind = if package_stub.is_some() { ModuleKind::Package } else { ModuleKind::Module };
        return Probe::Found(Found { kind, stub, source, folders });
    }
    if is_folder { Probe::Portion(inner) } else { Probe::Nothing }
}

fn file_in(db: &dyn Db, folder: &FilePath, name: &str) -> Option<File> {
    let listing = db.files().folder(db, folder);
    // Pipes and devices count as absent: importing them would block.
    (listing.child(db, name) == Some(PathKind::File)).then(|| db.files().file(db, &folder.join(name)))
}

/// `x` for `x.py`, `x.pyi` and extension modules called `x`.
fn module_stem(file_name: &str) -> Option<&str> {
    file_name.strip_suffix(".py").or_else(|| file_name.strip_suffix(".pyi")).or_else(|| extension_stem(file_name))
}

/// `x` for `x.so`, `x.abi3.so`, `x.cpython-314-x86_64-linux-gnu.so`, `x.pyd`, `x.cp314-win_amd64.pyd`.
fn extension_stem(file_name: &str) -> Option<&str> {
    let rest = file_name.strip_suffix(".so").or_else(|| file_name.strip_suffix(".pyd"))?;
    match rest.split_once('.') {
        None => Some(rest),
        Some((stem, tag)) => (tag == "abi3" || tag.starts_with("cpython-") || tag.starts_with("cp3")).then_some(stem),
    }
}
