use std::path::{Path, PathBuf};

use super::{EVERYTHING, names_of, schedule, words_of};

/// Whether a file of this text, at `/p/pkg/user.py`, may depend on the file at a path.
#[track_caller]
fn check(text: &str, path: &str, expected: bool) {
    let words = words_of(Path::new("/p/pkg/user.py"), text.as_bytes());
    let names = names_of(Path::new(path));
    let found = words.contains(&EVERYTHING) || names.iter().any(|name| words.contains(name));
    assert_eq!(found, expected, "{text:?} and {path}");
}

#[test]
fn statements() {
    check("import a\n", "/p/a.py", true);
    check("import a\n", "/p/b.py", false);
    check("import a.b as c\n", "/p/a/__init__.py", true);
    check("import a.b as c\n", "/p/a/b.py", true);
    check("import a.b as c\n", "/p/a/b.pyi", true);
    check("import a.b as c\n", "/p/c.py", true);
    check("from a import b\n", "/p/a-stubs/__init__.pyi", true);
    check("if x: import a\n", "/p/a.py", true);
    check("def f():\n\ttry: from a import b\n\texcept: pass\n", "/p/a/b.py", true);
    check("from a import b, \\\n  c\nd = 1\n", "/p/c.py", true);
    check("from a import b, \\\n  c\nd = 1\n", "/p/d.py", false);
    check("from a \\\r\n import b\n", "/p/a.py", true);
    check("from a import (\n    b,  # not c)\n    d,\n)\ne = 1\n", "/p/d.py", true);
    check("from a import (\n    b,\n)\ne = 1\n", "/p/e.py", false);
    check("import a; import b\n", "/p/b.py", true);
    check("important = reimport\n", "/p/important.py", false);
}

#[test]
fn packages_that_are_held_as_objects() {
    check("import a\na.b.c\n", "/p/a/b.py", true);
    check("import a\na.b.c\n", "/p/a/b/c.py", true);
    check("from a.b import c\n", "/p/a/b/d.py", false);
    check("from a.b import c\n", "/p/a/b/c/d.py", true);
    check("from a.b import *\n", "/p/a/b/d.py", true);
    check("from . import *\n", "/p/pkg/d.py", true);
    check("from .a import *\n", "/p/pkg/a/d.py", true);
}

#[test]
fn own_packages() {
    check("", "/p/pkg/__init__.py", true);
    check("", "/p/__init__.py", true);
    check("", "/p/other/__init__.py", false);
}

#[test]
fn names_that_cannot_be_read_off() {
    check("m = importlib.import_module(name)\n", "/p/any.py", true);
    check("m = __import__(name)\n", "/p/any.py", true);
    check("exec('imp' + 'ort any')\n", "/p/any.py", true);
    check("import \u{fb01}le\n", "/p/file.py", true);
}

#[test]
fn what_is_imported_comes_first() {
    let files =
        [("a.py", "import b"), ("b.py", "from pkg import c"), ("pkg/__init__.py", ""), ("pkg/c.py", "import a")];
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| Path::new("/p").join(path)).collect();
    let order = schedule(&paths, |place| files[place].1);
    let names: Vec<&str> = order.iter().map(|place| files[*place].0).collect();
    assert_eq!(names, ["pkg/__init__.py", "pkg/c.py", "b.py", "a.py"]);
}
