//! The real system, in a folder of its own.
#![expect(clippy::disallowed_methods, reason = "the test prepares the folder it looks at")]

use std::fs;
use std::path::{Path, PathBuf};

use cinder_db::System;
use cinder_db::system::{OsSystem, PathKind, WalkOptions};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder is writable");
    folder
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("writable");
        fs::write(path, text).expect("writable");
    }
}

#[test]
fn walking_respects_ignore_files_and_does_not_follow_folders() {
    let folder = folder("walk");
    write(
        &folder,
        &[
            ("b.py", ""),
            ("a/m.py", ""),
            ("a/gen.py", ""),
            ("out/x.py", ""),
            ("skip/y.py", ""),
            (".gitignore", "out/\ngen.py\n"),
        ],
    );
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("..", folder.join("a/up")).expect("writable");
        std::os::unix::fs::symlink("nowhere", folder.join("a/dangling.py")).expect("writable");
        std::os::unix::fs::symlink("m.py", folder.join("a/link.py")).expect("writable");
    }
    let system = OsSystem::new(folder.clone());
    let walk = |respect_ignore_files| {
        let options = WalkOptions { respect_ignore_files, skip_folders: vec!["skip".to_string()] };
        let found = system.walk(&folder, &options).into_iter().map(|path| path.expect("readable"));
        let names = found.filter_map(|path| Some(path.strip_prefix(&folder).ok()?.to_str()?.replace('\\', "/")));
        names.filter(|name| name.ends_with(".py")).collect::<Vec<_>>()
    };
    let links = if cfg!(unix) { &["a/link.py"][..] } else { &[] };
    assert_eq!(walk(true), [links, &["a/m.py", "b.py"]].concat());
    assert_eq!(walk(false), [&["a/gen.py"], links, &["a/m.py", "b.py", "out/x.py"]].concat());
}

#[cfg(unix)]
#[test]
fn what_is_not_a_regular_file_is_not_opened() {
    let folder = folder("special");
    let socket = folder.join("socket.py");
    let _listener = std::os::unix::net::UnixListener::bind(&socket);
    let system = OsSystem::new(folder.clone());
    // Paths of sockets are short; a deep target folder cannot hold one.
    if socket.exists() {
        assert_eq!(system.metadata(&socket).expect("it is there").kind, PathKind::Special);
        assert!(system.read(&socket).is_err());
    }
    assert_eq!(system.read(&folder).expect_err("a folder").to_string(), "is a folder");
    assert_eq!(system.read(Path::new("/dev/null")).expect_err("a device").to_string(), "is not a regular file");
}
