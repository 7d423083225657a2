//! A database for the tests of every crate of the front half: files in memory, and a record of what was computed.

use std::sync::{Arc, Mutex};

use salsa::Database as _;

use crate::system::{MemorySystem, System};
use crate::{Db, File, Files, Program, ProgramSettings};

/// A database over a [`MemorySystem`] whose first-party root is `/src`.
#[salsa::db]
#[derive(Clone)]
pub struct TestDb {
    storage: salsa::Storage<Self>,
    system: MemorySystem,
    files: Files,
    program: Option<Program>,
    executed: Arc<Mutex<Vec<salsa::DatabaseKeyIndex>>>,
}

impl Default for TestDb {
    fn default() -> TestDb {
        TestDb::new()
    }
}

impl TestDb {
    pub fn new() -> TestDb {
        let executed = Arc::<Mutex<Vec<salsa::DatabaseKeyIndex>>>::default();
        let log = executed.clone();
        let on_event = move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind {
                log.lock().expect("the log is never held across a panic").push(database_key);
            }
        };
        let mut db = TestDb {
            storage: salsa::Storage::new(Some(Box::new(on_event))),
            system: MemorySystem::default(),
            files: Files::default(),
            program: None,
            executed,
        };
        let settings = ProgramSettings { roots: vec!["/src".into()], ..ProgramSettings::default() };
        let durability = db.files.settings_durability();
        db.program = Some(Program::builder(settings).durability(durability).new(&db));
        db
    }

    /// A database that holds these files.
    pub fn with_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> TestDb {
        let mut db = TestDb::new();
        for (path, text) in files {
            db.write(path, text);
        }
        db
    }

    /// Creates or replaces a file and tells the database, as a watcher would.
    pub fn write(&mut self, path: &str, text: &str) -> File {
        self.system.write(path, text);
        self.changed(path);
        self.file(path)
    }

    /// Removes a file or folder and tells the database.
    pub fn remove(&mut self, path: &str) {
        self.system.remove(path);
        self.changed(path);
    }

    pub fn file(&self, path: &str) -> File {
        self.files.disk_file(self, path)
    }

    pub fn memory(&self) -> &MemorySystem {
        &self.system
    }

    /// Names of the queries computed since the last call, in order, repeated as often as they ran; see [`TestDb::executed_with_keys`].
    pub fn executed(&self) -> Vec<String> {
        self.take().into_iter().map(|key| self.ingredient_debug_name(key.ingredient_index()).into_owned()).collect()
    }

    /// Like [`TestDb::executed`] with the salsa id of the argument, to be compared with `item.as_id()`.
    pub fn executed_with_keys(&self) -> Vec<(String, salsa::Id)> {
        let name = |key: &salsa::DatabaseKeyIndex| self.ingredient_debug_name(key.ingredient_index()).into_owned();
        self.take().iter().map(|key| (name(key), key.key_index())).collect()
    }

    fn take(&self) -> Vec<salsa::DatabaseKeyIndex> {
        std::mem::take(&mut *self.executed.lock().expect("the log is never held across a panic"))
    }

    fn changed(&mut self, path: &str) {
        let files = self.files.clone();
        files.sync(self, path.as_ref());
    }
}

#[salsa::db]
impl salsa::Database for TestDb {}

#[salsa::db]
impl Db for TestDb {
    fn system(&self) -> &dyn System {
        &self.system
    }

    fn files(&self) -> &Files {
        &self.files
    }

    fn program(&self) -> Program {
        self.program.expect("set when the database was made")
    }
}
