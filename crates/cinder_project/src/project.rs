//! Opens a project: finds its configuration and makes its database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cinder_db::path::absolute;
use cinder_db::system::PathKind;
use cinder_db::{Db, File, FilePath, Files, ProgramSettings, StaticSettings, StrictSettings, System, source_text};
use cinder_diagnostic::{Diagnostic, SourceFile};
use cinder_module_resolver::discover_environment;
use salsa::Setter;

use crate::check::{CheckOptions, Report, check_many, findings};
use crate::config::{Config, ConfigError, RuleSelection, parse_pyproject};
use crate::database::ProjectDatabase;
use crate::discover::{Discovered, discover};
use crate::rules::rules;

/// What the command line says; it wins over the configuration.
#[derive(Clone, Debug, Default)]
pub struct ProjectOptions {
    /// The configuration file; otherwise the nearest `pyproject.toml` is looked for.
    pub config_file: Option<PathBuf>,
    /// Where to begin looking; the current folder without it.
    pub start: Option<PathBuf>,
    pub environment: Option<PathBuf>,
    pub extra_paths: Vec<PathBuf>,
    pub rules: RuleSelection,
    /// What is added to the configured settings of the strict analysis. Stub paths count from the current folder.
    pub strict: StrictSettings,
    /// What is added to the configured settings of static modules. The folder of types counts from the current folder, and wins.
    pub statics: StaticSettings,
    /// The process looks at the files once and ends: inputs are frozen, [`Project::db_mut`] must not change them.
    pub looks_once: bool,
}

/// Why a project cannot be opened: the user's configuration or machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProjectError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{}: {message}", .path.display())]
    Unreadable { path: PathBuf, message: String },
    #[error("{}: not a virtual environment (it has no site-packages)", .0.display())]
    NotAnEnvironment(PathBuf),
    #[error("{}: no such folder; `stubs` names folders of `.pys` files", .0.display())]
    NoStubs(PathBuf),
    #[error("{}: no such folder; `types` names the folder of another checker's JSON files", .0.display())]
    NoTypes(PathBuf),
}

/// A project that is open: its settings and its database.
#[derive(Debug)]
pub struct Project {
    db: ProjectDatabase,
    root: PathBuf,
    config: Config,
}

impl Project {
    /// Reads the configuration and opens the database.
    ///
    /// Errors: a configuration that is named and missing, unreadable or wrong; an environment that is named and is none.
    pub fn open(system: Arc<dyn System>, options: ProjectOptions) -> Result<Project, ProjectError> {
        let (root, mut config) = find_config(&*system, &options)?;
        config.rules.extend(options.rules.clone());
        let settings = settings(&*system, &root, &config, &options)?;
        let files = if options.looks_once { Files::frozen_for_checks() } else { Files::default() };
        Ok(Project { db: ProjectDatabase::new(system, files, settings), root, config })
    }

    /// Opens the project as if it had no configuration and no environment, for editors that must go on while those are wrong. Its folder is
    /// `options.start`.
    pub fn open_with_defaults(system: Arc<dyn System>, options: ProjectOptions) -> Project {
        let current_dir = system.current_dir();
        let root = absolute(options.start.as_deref().unwrap_or(current_dir), current_dir);
        let config = Config { rules: options.rules.clone(), ..Config::default() };
        let roots = [root.join("src"), root.clone()].into();
        let db =
            ProjectDatabase::new(system, Files::default(), ProgramSettings { roots, ..ProgramSettings::default() });
        Project { db, root, config }
    }

    pub fn db(&self) -> &ProjectDatabase {
        &self.db
    }

    /// For writes: an edit in an editor, a change on disk.
    pub fn db_mut(&mut self) -> &mut ProjectDatabase {
        &mut self.db
    }

    /// The settings of the strict analysis in force.
    pub(crate) fn strict_settings(&self) -> StrictSettings {
        self.db.program().settings(&self.db).strict.clone()
    }

    /// Replaces the settings of the strict analysis. The project must not have been opened to look once.
    pub(crate) fn set_strict(&mut self, strict: StrictSettings) {
        let program = self.db.program();
        let mut settings = program.settings(&self.db).clone();
        settings.strict = strict;
        program.set_settings(&mut self.db).to(settings);
    }

    /// The folder of the configuration file, or the current folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The findings of one file, under the configured severities, in order of place. A panic becomes a finding.
    pub fn check_file(&self, file: File) -> Vec<Diagnostic> {
        findings(&self.db, file, &self.config.rules)
    }

    /// Checks every Python file that `paths` name or contain; the project's root if there are none.
    pub fn check_paths(&mut self, paths: &[PathBuf], options: CheckOptions) -> Report {
        let found = self.discover(paths);
        self.check_discovered(found, options)
    }

    /// The Python files that `paths` name or contain; those of the project's root if there are none.
    pub fn discover(&self, paths: &[PathBuf]) -> Discovered {
        let everything = [self.root.clone()];
        let paths = if paths.is_empty() { &everything } else { paths };
        discover(self.db.system(), &self.root, &self.config, paths)
    }

    /// Checks files that [`Project::discover`] found.
    pub fn check_discovered(&mut self, found: Discovered, options: CheckOptions) -> Report {
        let current_dir = self.db.system().current_dir().to_path_buf();
        let shown = |path: &Path| shown_path(path, &current_dir);
        let files = check_many(&mut self.db, &found.files, &self.config.rules, options, &shown);
        Report { files, checked: found.files.len(), problems: found.problems }
    }

    /// The path as users see it: relative to the current folder if it lies there.
    pub fn shown_path(&self, path: &Path) -> String {
        shown_path(path, self.db.system().current_dir())
    }

    /// The text of a file that a finding mentions by its shown path, for renderers.
    pub fn source_file(&self, shown: &str) -> Option<SourceFile> {
        let path = match shown.strip_prefix("vendored://") {
            Some(path) => FilePath::vendored(path),
            None => FilePath::Disk(Path::new(shown).to_path_buf()),
        };
        let text = source_text(&self.db, self.db.files().file(&self.db, &path));
        text.error().is_none().then(|| SourceFile::new(shown, text.as_str()))
    }
}

fn shown_path(path: &Path, current_dir: &Path) -> String {
    path.strip_prefix(current_dir).unwrap_or(path).display().to_string()
}

/// The project's folder and configuration: the file that is named, or the nearest `pyproject.toml` with a `[tool.cinder]` table, or the folder of the
/// nearest `pyproject.toml`, or where we began.
fn find_config(system: &dyn System, options: &ProjectOptions) -> Result<(PathBuf, Config), ProjectError> {
    let current_dir = system.current_dir();
    if let Some(path) = &options.config_file {
        let path = absolute(path, current_dir);
        let config = read_config(system, &path)?.unwrap_or_default();
        return Ok((path.parent().unwrap_or(current_dir).to_path_buf(), config));
    }
    let start = absolute(options.start.as_deref().unwrap_or(current_dir), current_dir);
    let mut nearest = None;
    for folder in start.ancestors() {
        let path = folder.join("pyproject.toml");
        if !system.metadata(&path).is_ok_and(|found| found.kind == PathKind::File) {
            continue;
        }
        if let Some(config) = read_config(system, &path)? {
            return Ok((folder.to_path_buf(), config));
        }
        nearest.get_or_insert_with(|| folder.to_path_buf());
    }
    Ok((nearest.unwrap_or(start), Config::default()))
}

fn read_config(system: &dyn System, path: &Path) -> Result<Option<Config>, ProjectError> {
    let unreadable = |message: String| ProjectError::Unreadable { path: path.to_path_buf(), message };
    let bytes = system.read(path).map_err(|error| unreadable(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("not UTF-8".to_string()))?;
    Ok(parse_pyproject(path, &text, rules())?)
}

fn settings(
    system: &dyn System,
    root: &Path,
    config: &Config,
    options: &ProjectOptions,
) -> Result<ProgramSettings, ProjectError> {
    let is_folder = |path: &Path| is_folder(system, path);
    let roots = match &config.roots {
        Some(roots) => roots.iter().map(|path| absolute(path, root)).collect(),
        // `src` first, so that its modules are not taken for parts of a package `src`.
        None => [root.join("src")].into_iter().filter(|path| is_folder(path)).chain([root.to_path_buf()]).collect(),
    };
    let named = options.extra_paths.iter().map(|path| absolute(path, system.current_dir()));
    let configured = config.extra_paths.iter().map(|path| absolute(path, root));
    let python_path = system.env("PYTHONPATH").unwrap_or_default();
    let by_variable = python_path.split(if cfg!(windows) { ';' } else { ':' }).filter(|path| !path.is_empty());
    let by_variable = by_variable.map(|path| absolute(Path::new(path), system.current_dir()));
    let named_environment = match (&options.environment, &config.environment) {
        (Some(path), _) => Some(absolute(path, system.current_dir())),
        (None, Some(path)) => Some(absolute(path, root)),
        (None, None) => None,
    };
    let environment = match named_environment {
        Some(path) => {
            let found =
                cinder_module_resolver::environment_at(system, &path).filter(|found| !found.site_packages.is_empty());
            Some(found.ok_or(ProjectError::NotAnEnvironment(path))?)
        }
        None => discover_environment(system, root),
    };
    let strict = strict_settings(config, options, root, system);
    if let Some(missing) = strict.stub_paths.iter().find(|path| !is_folder(path)) {
        return Err(ProjectError::NoStubs(missing.clone()));
    }
    Ok(ProgramSettings {
        roots,
        extra_paths: named.chain(by_variable).chain(configured).collect(),
        site_packages: environment.map(|environment| environment.site_packages).unwrap_or_default(),
        typeshed: config.typeshed.as_ref().map(|path| absolute(path, root)),
        strict,
        statics: static_settings(system, root, config, &options.statics)?,
    })
}

/// The settings of static modules in the configuration nearest to `folder`, and nothing else of the project.
///
/// Errors: as [`Project::open`].
pub fn static_settings_of(system: &dyn System, folder: &Path) -> Result<StaticSettings, ProjectError> {
    let options = ProjectOptions { start: Some(folder.to_path_buf()), ..ProjectOptions::default() };
    let (root, config) = find_config(system, &options)?;
    static_settings(system, &root, &config, &StaticSettings::default())
}

/// The settings of static modules: configuration, then the command line.
fn static_settings(
    system: &dyn System,
    root: &Path,
    config: &Config,
    named: &StaticSettings,
) -> Result<StaticSettings, ProjectError> {
    let mut statics = config.statics.clone();
    let configured = statics.types.map(|path| absolute(&path, root));
    statics.types = named.types.as_ref().map(|path| absolute(path, system.current_dir())).or(configured);
    statics.modules.extend(named.modules.iter().cloned());
    statics.exclude.extend(named.exclude.iter().cloned());
    match &statics.types {
        Some(missing) if !is_folder(system, missing) => Err(ProjectError::NoTypes(missing.clone())),
        _ => Ok(statics),
    }
}

fn is_folder(system: &dyn System, path: &Path) -> bool {
    system.metadata(path).is_ok_and(|metadata| metadata.kind == PathKind::Folder)
}

/// The settings of the strict analysis: configuration, then the command line.
fn strict_settings(config: &Config, options: &ProjectOptions, root: &Path, system: &dyn System) -> StrictSettings {
    let mut strict = config.strict.settings.clone();
    for path in strict.stub_paths.iter_mut().chain(strict.folder_levels.iter_mut().map(|(folder, _)| folder)) {
        *path = absolute(path, root);
    }
    let named = &options.strict;
    strict.stub_paths.splice(0..0, named.stub_paths.iter().map(|path| absolute(path, system.current_dir())));
    strict.forced.extend(named.forced.iter().cloned());
    strict.prefixes.extend(named.prefixes.iter().cloned());
    strict.patterns.extend(named.patterns.iter().cloned());
    strict.forces_all |= named.forces_all;
    strict.is_compatible |= named.is_compatible;
    strict
}
