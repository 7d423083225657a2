//! Surveys: which modules of a project are strict, which could be, and what stands in the way.
//!
//! Idea: every module is evaluated as if it were marked. Those without violations are candidates; a candidate is *provable* if it stays
//! without violations when only candidates are strict, which is found by repeating. The others are roots: each is weighed by how many
//! modules import it, directly or not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cinder_db::{Db, File, StrictSettings, parsed_module, source_text};
use cinder_strict::effects::Level;
use cinder_strict::survey::{PendingImport, Target, imported_modules, pending_imports};
use cinder_strict::{ModuleKind, strict_marker, strict_report};
use cinder_text::TextRange;

use crate::check::surviving;
use crate::discover::discover;
use crate::project::Project;

/// What a survey says of one module.
#[derive(Clone, Debug)]
pub struct Surveyed {
    /// Absolute.
    pub path: PathBuf,
    pub kind: ModuleKind,
    /// How far its import reaches.
    pub level: Level,
    /// Strict with a marker, as things stand.
    pub is_provable: bool,
    /// Modules that import it, directly or not.
    pub dependants: usize,
    /// Its violations: line and message.
    pub violations: Vec<(u32, String)>,
}

/// An import that may be deferred.
#[derive(Clone, Debug)]
pub struct Deferrable {
    /// Absolute.
    pub file: PathBuf,
    /// As users see it.
    pub path: String,
    /// The statement, which may import other names, too.
    pub statement: TextRange,
    pub line: u32,
    pub module: String,
    pub name: String,
}

/// How often the set of candidates is looked at again.
const ROUNDS: usize = 12;

impl Project {
    /// Surveys the modules below `paths`, in order of path.
    pub fn survey(&mut self, paths: &[PathBuf]) -> Vec<Surveyed> {
        let files = self.python_files(paths);
        let settings = self.strict_settings();
        self.set_strict(StrictSettings { forces_all: true, ..settings.clone() });
        let handles: Vec<File> = files.iter().map(|path| self.db().files().disk_file(self.db(), path)).collect();
        let mut modules: Vec<Surveyed> =
            files.iter().zip(&handles).map(|(path, file)| self.look(path, *file)).collect();
        let dependants = self.dependants(&handles);
        for (module, count) in modules.iter_mut().zip(dependants) {
            module.dependants = count;
        }
        self.keep_provable(&handles, &mut modules, &settings);
        self.set_strict(settings);
        modules
    }

    fn look(&self, path: &Path, file: File) -> Surveyed {
        let db = self.db();
        let kind = surviving(|| strict_marker(db, file).kind).unwrap_or_default();
        let is_readable = source_text(db, file).error().is_none() && parsed_module(db, file).is_valid();
        let report = if is_readable { surviving(|| strict_report(db, file)).ok() } else { None };
        let lines = cinder_db::line_index(db, file);
        let violations = match &report {
            Some(report) => report
                .diagnostics
                .iter()
                .map(|finding| (lines.line_of(finding.range.start()) + 1, finding.message.clone()))
                .collect(),
            None => vec![(1, "cannot be parsed or analysed".to_string())],
        };
        let level = report.and_then(|report| report.level).unwrap_or(Level::Unknown);
        Surveyed { path: path.to_path_buf(), kind, level, is_provable: false, dependants: 0, violations }
    }

    /// Marks as provable what stays without violations when only such modules are strict.
    fn keep_provable(&mut self, handles: &[File], modules: &mut [Surveyed], settings: &StrictSettings) {
        let mut candidates: BTreeSet<usize> =
            (0..modules.len()).filter(|at| modules[*at].violations.is_empty()).collect();
        for _ in 0..ROUNDS {
            let forced = candidates.iter().filter_map(|at| self.module_name(handles[*at])).collect();
            self.set_strict(StrictSettings { forced, forces_all: false, ..settings.clone() });
            let db = self.db();
            let kept: BTreeSet<usize> = candidates
                .iter()
                .copied()
                .filter(|at| surviving(|| strict_report(db, handles[*at]).diagnostics.is_empty()).unwrap_or(false))
                .collect();
            let is_stable = kept.len() == candidates.len();
            candidates = kept;
            if is_stable {
                break;
            }
        }
        candidates.into_iter().for_each(|at| modules[at].is_provable = true);
    }

    fn module_name(&self, file: File) -> Option<String> {
        let name = cinder_module_resolver::module_name_of_file(self.db(), file);
        name.map(|name| name.to_string()).or_else(|| {
            let name = file.path(self.db()).file_name()?.split('.').next()?;
            Some(name.to_string())
        })
    }

    /// For each module, how many of the others import it, directly or not.
    fn dependants(&self, handles: &[File]) -> Vec<usize> {
        let db = self.db();
        let mut importers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let places: std::collections::HashMap<File, usize> =
            handles.iter().enumerate().map(|(at, file)| (*file, at)).collect();
        for (at, file) in handles.iter().enumerate() {
            let edges = surviving(|| imported_modules(db, *file).to_vec()).unwrap_or_default();
            for target in edges.iter().filter_map(|target| places.get(target)) {
                importers.entry(*target).or_default().push(at);
            }
        }
        (0..handles.len())
            .map(|start| {
                let mut seen: BTreeSet<usize> = BTreeSet::from([start]);
                let mut work = vec![start];
                while let Some(at) = work.pop() {
                    for next in importers.get(&at).into_iter().flatten() {
                        if seen.insert(*next) {
                            work.push(*next);
                        }
                    }
                }
                seen.len() - 1
            })
            .collect()
    }

    /// The files among `paths` that import one of `changed` (absolute), directly or not, and those themselves.
    pub fn affected(&mut self, paths: &[PathBuf], changed: &[PathBuf]) -> Vec<PathBuf> {
        let files = self.python_files(paths);
        let settings = self.strict_settings();
        self.set_strict(StrictSettings { forces_all: true, ..settings.clone() });
        let db = self.db();
        let mut affected: BTreeSet<PathBuf> = changed.iter().cloned().collect();
        let edges: Vec<(PathBuf, Vec<PathBuf>)> = files
            .iter()
            .map(|path| {
                let file = db.files().disk_file(db, path);
                let targets = surviving(|| imported_modules(db, file).to_vec()).unwrap_or_default();
                let targets = targets.iter().filter_map(|target| target.path(db).as_disk().map(Path::to_path_buf));
                (path.clone(), targets.collect())
            })
            .collect();
        loop {
            let before = affected.len();
            for (path, targets) in &edges {
                if targets.iter().any(|target| affected.contains(target)) {
                    affected.insert(path.clone());
                }
            }
            if affected.len() == before {
                break;
            }
        }
        self.set_strict(settings);
        files.into_iter().filter(|path| affected.contains(path)).collect()
    }

    /// The `from` imports below `paths` that nothing looks at during the import and whose target is free of effects, in order of place.
    pub fn deferrable_imports(&mut self, paths: &[PathBuf]) -> Vec<Deferrable> {
        let files = self.python_files(paths);
        let settings = self.strict_settings();
        self.set_strict(StrictSettings { forces_all: true, ..settings.clone() });
        let mut found = Vec::new();
        let mut verdicts: BTreeMap<PathBuf, bool> = BTreeMap::new();
        for path in &files {
            let db = self.db();
            let file = db.files().disk_file(db, path);
            let pending = surviving(|| pending_imports(db, file)).unwrap_or_default();
            let lines = cinder_db::line_index(db, file);
            let source = source_text(db, file);
            // Those that are lazy already need no advice.
            let is_eager = |import: &PendingImport| !source[import.range.to_std_range()].starts_with("lazy");
            for import in pending.into_iter().filter(is_eager) {
                let is_safe = match import.target {
                    Target::Library => true,
                    Target::Unknown => false,
                    Target::Module(target) => self.is_pure_closure(target, &mut verdicts, 0),
                };
                if is_safe {
                    found.push(Deferrable {
                        file: path.clone(),
                        statement: import.range,
                        path: self.shown_path(path),
                        line: lines.line_of(import.range.start()) + 1,
                        module: import.module,
                        name: import.name,
                    });
                }
            }
        }
        self.set_strict(settings);
        found
    }

    /// Whether importing the module, and everything it imports, has no effect.
    fn is_pure_closure(&self, file: File, verdicts: &mut BTreeMap<PathBuf, bool>, depth: u32) -> bool {
        let db = self.db();
        let Some(path) = file.path(db).as_disk().map(Path::to_path_buf) else { return false };
        if let Some(verdict) = verdicts.get(&path) {
            return *verdict;
        }
        if depth > 500 {
            return false;
        }
        // A circle is as good as its members.
        verdicts.insert(path.clone(), true);
        let is_clean = surviving(|| strict_report(db, file).diagnostics.is_empty()).unwrap_or(false);
        let edges = surviving(|| imported_modules(db, file).to_vec()).unwrap_or_default();
        let verdict = is_clean && edges.iter().all(|target| self.is_pure_closure(*target, verdicts, depth + 1));
        verdicts.insert(path, verdict);
        verdict
    }

    fn python_files(&self, paths: &[PathBuf]) -> Vec<PathBuf> {
        let everything = [self.root().to_path_buf()];
        let paths = if paths.is_empty() { &everything } else { paths };
        let mut files = discover(self.db().system(), self.root(), self.config(), paths).files;
        files.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
        files
    }
}
