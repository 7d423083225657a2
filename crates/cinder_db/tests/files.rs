//! Files and folders as inputs.

use cinder_db::system::PathKind;
use cinder_db::testing::TestDb;
use cinder_db::{Db, FilePath, SourceError, source_text};

#[test]
fn a_file_may_come_and_go() {
    let mut db = TestDb::new();
    let file = db.file("/src/a.py");
    assert_eq!(source_text(&db, file).error(), Some(&SourceError::Missing));
    db.write("/src/a.py", "x = 1");
    assert_eq!(source_text(&db, file).as_str(), "x = 1");
    db.remove("/src/a.py");
    assert!(!file.exists(&db));
}

#[test]
fn pipes_are_never_read() {
    let db = TestDb::new();
    db.memory().create_special("/src/pipe.py");
    let pipe = db.file("/src/pipe.py");
    assert_eq!(source_text(&db, pipe).error(), Some(&SourceError::NotRegular));
}

#[test]
fn a_buffer_replaces_the_file() {
    let mut db = TestDb::with_files([("/src/a.py", "x = 1")]);
    let (files, file) = (db.files().clone(), db.file("/src/a.py"));
    files.set_overlay(&mut db, file, Some("x = 2".into()));
    assert_eq!(source_text(&db, file).as_str(), "x = 2");
    files.set_overlay(&mut db, file, None);
    assert_eq!(source_text(&db, file).as_str(), "x = 1");
}

#[test]
fn folders_are_listed_and_listings_follow_changes() {
    let mut db = TestDb::with_files([("/src/pkg/m.py", "")]);
    let folder = db.files().folder(&db, &FilePath::Disk("/src/pkg".into()));
    assert_eq!(folder.child(&db, "m.py"), Some(PathKind::File));
    assert_eq!(folder.child(&db, "n.py"), None);
    db.write("/src/pkg/n.py", "");
    assert_eq!(folder.child(&db, "n.py"), Some(PathKind::File));
}

#[test]
fn stubs_of_the_standard_library_are_bundled() {
    let db = TestDb::new();
    let stdlib = db.files().folder(&db, &FilePath::vendored("stdlib"));
    assert_eq!(stdlib.child(&db, "os"), Some(PathKind::Folder));
    assert_eq!(stdlib.child(&db, "VERSIONS"), Some(PathKind::File));
    let builtins = db.files().file(&db, &FilePath::vendored("stdlib/builtins.pyi"));
    assert!(builtins.is_stub(&db) && source_text(&db, builtins).contains("class int"));
}
