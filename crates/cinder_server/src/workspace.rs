//! The projects of a session.
//!
//! Problem: one editor window shows several folders, a folder may hold several configurations and virtual environments, and a file must be looked at
//! with those nearest to it.
//! Idea: a file's *project folder* is the nearest folder above it (up to its workspace folder) with a `.venv` or with a `pyproject.toml` that
//! has a `[tool.cinder]` table; without any, the workspace folder, and for files outside the workspace the folder of the nearest `pyproject.toml` or the
//! file's own. Each project folder has one open [`Project`] with its own database.
//! Holds: a wrong configuration never leaves a file without a project: it is reported where it stands and the defaults hold meanwhile.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use cinder_db::system::PathKind;
use cinder_db::{Db, FilePath, System};
use cinder_project::{Config, ConfigError, Project, ProjectDatabase, ProjectError, ProjectOptions};
use rustc_hash::FxHashMap;

use crate::settings::Settings;
use crate::snapshot::View;

/// An open project.
pub(crate) struct Slot {
    pub(crate) folder: PathBuf,
    project: Project,
    config: Arc<Config>,
    settings: Arc<Settings>,
    files: Arc<OnceLock<Arc<[PathBuf]>>>,
    is_in_workspace: bool,
    /// Why the configuration could not be used.
    pub(crate) problem: Option<ProjectError>,
}

impl Slot {
    pub(crate) fn db_mut(&mut self) -> &mut ProjectDatabase {
        self.project.db_mut()
    }

    pub(crate) fn db(&self) -> &ProjectDatabase {
        self.project.db()
    }

    pub(crate) fn config_error(&self) -> Option<&ConfigError> {
        match &self.problem {
            Some(ProjectError::Config(error)) => Some(error),
            _ => None,
        }
    }

    fn view(&self) -> View {
        View {
            db: self.project.db().clone(),
            folder: self.folder.clone(),
            root: self.project.root().to_path_buf(),
            config: self.config.clone(),
            settings: self.settings.clone(),
            is_in_workspace: self.is_in_workspace,
            files: self.files.clone(),
        }
    }
}

pub(crate) struct Workspace {
    system: Arc<dyn System>,
    /// In the client's order.
    folders: Vec<PathBuf>,
    /// Settings for everything, then for single folders.
    settings: Arc<Settings>,
    folder_settings: Vec<(PathBuf, Arc<Settings>)>,
    slots: Vec<Slot>,
    /// Folders of files to their project folders.
    nearest: FxHashMap<PathBuf, PathBuf>,
}

impl Workspace {
    pub(crate) fn new(system: Arc<dyn System>) -> Workspace {
        Workspace {
            system,
            folders: Vec::new(),
            settings: Arc::default(),
            folder_settings: Vec::new(),
            slots: Vec::new(),
            nearest: FxHashMap::default(),
        }
    }

    pub(crate) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn slots_mut(&mut self) -> &mut [Slot] {
        &mut self.slots
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Replaces folders and settings. All projects are opened anew: whoever holds documents must put them back.
    pub(crate) fn configure(
        &mut self,
        folders: Vec<PathBuf>,
        settings: Settings,
        folder_settings: Vec<(PathBuf, Settings)>,
    ) {
        self.folders = folders;
        self.settings = Arc::new(settings);
        self.folder_settings =
            folder_settings.into_iter().map(|(folder, settings)| (folder, Arc::new(settings))).collect();
        self.reopen();
    }

    /// Closes all projects and opens those of the workspace folders.
    pub(crate) fn reopen(&mut self) {
        self.slots.clear();
        self.nearest.clear();
        for folder in self.folders.clone() {
            self.slot_at(&folder);
        }
    }

    /// The index of the project that a file belongs to; opens it if need be.
    pub(crate) fn slot_of(&mut self, path: &FilePath) -> usize {
        let folder = match path {
            FilePath::Disk(path) => {
                let parent = path.parent().unwrap_or(path).to_path_buf();
                match self.nearest.get(&parent) {
                    Some(folder) => folder.clone(),
                    None => {
                        let folder = self.project_folder(&parent);
                        self.nearest.insert(parent, folder.clone());
                        folder
                    }
                }
            }
            // Unsaved buffers and stubs are looked at from the first project.
            _ if !self.slots.is_empty() => return 0,
            _ => self.folders.first().cloned().unwrap_or_else(|| self.system.current_dir().to_path_buf()),
        };
        self.slot_at(&folder)
    }

    fn project_folder(&self, start: &Path) -> PathBuf {
        let workspace = self.folders.iter().filter(|folder| start.starts_with(folder));
        let workspace = workspace.max_by_key(|folder| folder.as_os_str().len());
        let up_to = |folder: &&Path| workspace.is_none_or(|workspace| folder.starts_with(workspace));
        let is_file = |path: PathBuf| self.system.metadata(&path).is_ok_and(|found| found.kind == PathKind::File);
        let is_project =
            |folder: &&Path| is_file(folder.join(".venv/pyvenv.cfg")) || self.has_table(&folder.join("pyproject.toml"));
        if let Some(folder) = start.ancestors().take_while(up_to).find(is_project) {
            return folder.to_path_buf();
        }
        if let Some(workspace) = workspace {
            return workspace.clone();
        }
        let nearest = start.ancestors().find(|folder| is_file(folder.join("pyproject.toml")));
        nearest.unwrap_or(start).to_path_buf()
    }

    fn has_table(&self, path: &Path) -> bool {
        let text = self.system.read(path).unwrap_or_default();
        // A mistake in the table counts as a table, so that it is reported.
        String::from_utf8_lossy(&text).contains("[tool.cinder")
    }

    fn slot_at(&mut self, folder: &Path) -> usize {
        if let Some(index) = self.slots.iter().position(|slot| slot.folder == folder) {
            return index;
        }
        let slot = self.open(folder);
        self.slots.push(slot);
        self.slots.len() - 1
    }

    fn open(&self, folder: &Path) -> Slot {
        let own = self.folder_settings.iter().filter(|(other, _)| folder.starts_with(other));
        let settings = own.max_by_key(|(other, _)| other.as_os_str().len()).map_or(&self.settings, |(_, own)| own);
        let options = ProjectOptions {
            start: Some(folder.to_path_buf()),
            environment: settings.environment.as_ref().map(|path| folder.join(path)),
            extra_paths: settings.extra_paths.iter().map(|path| folder.join(path)).collect(),
            rules: settings.rules.clone(),
            ..ProjectOptions::default()
        };
        let (project, problem) = match Project::open(self.system.clone(), options.clone()) {
            Ok(project) => (project, None),
            Err(problem) => (Project::open_with_defaults(self.system.clone(), options), Some(problem)),
        };
        Slot {
            folder: folder.to_path_buf(),
            config: Arc::new(project.config().clone()),
            project,
            settings: settings.clone(),
            files: Arc::default(),
            is_in_workspace: self.folders.iter().any(|workspace| folder.starts_with(workspace)),
            problem,
        }
    }

    /// Looks again at paths that changed on disk. Files that came or went make projects look for their files again.
    pub(crate) fn sync(&mut self, path: &Path, came_or_went: bool) {
        for slot in &mut self.slots {
            let files = slot.db().files().clone();
            files.sync(slot.db_mut(), path);
            if came_or_went && path.starts_with(&slot.folder) {
                slot.files = Arc::default();
            }
        }
    }

    pub(crate) fn views(&self) -> Vec<View> {
        self.slots.iter().map(Slot::view).collect()
    }
}
