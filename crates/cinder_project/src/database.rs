//! The concrete database.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use cinder_db::{Db, Files, Program, ProgramSettings, System};
use salsa::Setter;

/// The database of one project. A clone is another handle to the same storage, for another thread; writing waits until all clones are gone.
#[salsa::db]
#[derive(Clone)]
pub struct ProjectDatabase {
    storage: salsa::Storage<Self>,
    system: Arc<dyn System>,
    files: Files,
    program: Option<Program>,
}

impl ProjectDatabase {
    /// `files` is empty: [`Files::default`] for a process that follows changes, [`Files::frozen`] for one that looks once.
    pub fn new(system: Arc<dyn System>, files: Files, settings: ProgramSettings) -> ProjectDatabase {
        let durability = files.settings_durability();
        let mut db = ProjectDatabase { storage: salsa::Storage::new(None), system, files, program: None };
        db.program = Some(Program::builder(settings).durability(durability).new(&db));
        db
    }

    /// From now on these files are ordinary modules, unless they have a flag of their own. Inputs must not be frozen.
    pub fn degrade(&mut self, files: Vec<PathBuf>) {
        let program = self.program();
        let mut settings = program.settings(self).clone();
        settings.statics.degraded.extend(files);
        program.set_settings(self).to(settings);
    }
}

impl fmt::Debug for ProjectDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProjectDatabase").field("system", &self.system).finish_non_exhaustive()
    }
}

#[salsa::db]
impl salsa::Database for ProjectDatabase {}

#[salsa::db]
impl Db for ProjectDatabase {
    fn system(&self) -> &dyn System {
        &*self.system
    }

    fn files(&self) -> &Files {
        &self.files
    }

    fn program(&self) -> Program {
        self.program.expect("set when the database was made")
    }
}
