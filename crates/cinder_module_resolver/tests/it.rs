//! Tests of import resolution against files in memory.

use cinder_db::testing::TestDb;
use cinder_db::{Db, File};
use cinder_module_resolver::{
    ImportError, Module, ModuleKind, ModuleName, SearchPathKind, discover_environment, module_name_of_file,
    resolve_import, resolve_module, submodules,
};
use salsa::Setter;

fn db(files: &[&str]) -> TestDb {
    let mut db = TestDb::with_files(files.iter().map(|path| (*path, "")));
    let program = db.program();
    let mut settings = program.settings(&db).clone();
    settings.extra_paths = vec!["/extra".into()];
    settings.site_packages = vec!["/site-packages".into()];
    program.set_settings(&mut db).to(settings);
    db
}

fn find(db: &TestDb, name: &str) -> Option<Module> {
    resolve_module(db, &ModuleName::new(name).expect("a dotted name"), None).cloned()
}

/// The files of a module: `stub | source`.
fn files(db: &TestDb, name: &str) -> String {
    let path = |file: Option<File>| file.map_or("-".to_string(), |file| file.path(db).to_string());
    find(db, name).map_or("none".to_string(), |module| format!("{} | {}", path(module.stub), path(module.source)))
}

#[test]
fn packages_win_over_modules_and_roots_over_the_rest() {
    let db = db(&[
        "/src/a.py",
        "/src/a/__init__.py",
        "/src/a/b.py",
        "/src/json.py",
        "/src/sys.py",
        "/extra/a.py",
        "/extra/e.py",
    ]);
    assert_eq!(files(&db, "a"), "- | /src/a/__init__.py");
    assert_eq!(files(&db, "a.b"), "- | /src/a/b.py");
    assert_eq!(files(&db, "a.c"), "none");
    assert_eq!(files(&db, "e"), "- | /extra/e.py");
    assert_eq!(files(&db, "json"), "- | /src/json.py", "first-party code shadows the library");
    assert_eq!(files(&db, "sys"), "vendored://stdlib/sys/__init__.pyi | -", "but not what is built in");
}

#[test]
fn the_standard_library_is_that_of_3_14() {
    let db = db(&[]);
    assert_eq!(files(&db, "os.path"), "vendored://stdlib/os/path.pyi | -");
    assert_eq!(find(&db, "os").map(|os| os.search_path), Some(Some(SearchPathKind::StandardLibrary)));
    assert_eq!(files(&db, "annotationlib"), "vendored://stdlib/annotationlib.pyi | -", "new in 3.14");
    assert_eq!(files(&db, "distutils"), "none", "removed in 3.12");
    assert_eq!(files(&db, "asyncio.graph"), "vendored://stdlib/asyncio/graph.pyi | -");
}

#[test]
fn stubs_lie_beside_sources_or_in_stub_packages() {
    let db = db(&[
        "/src/m.py",
        "/src/m.pyi",
        "/site-packages/lib/__init__.py",
        "/site-packages/lib/core.py",
        "/site-packages/lib/extra.py",
        "/site-packages/lib-stubs/__init__.pyi",
        "/site-packages/lib-stubs/core.pyi",
        "/site-packages/fast.cpython-314-x86_64-linux-gnu.so",
        "/site-packages/fastest.abi3.so",
        "/site-packages/both.abi3.so",
        "/site-packages/both.py",
        "/site-packages/native.abi3.so",
        "/site-packages/native/__init__.pyi",
        "/site-packages/native/part.pyi",
    ]);
    assert_eq!(files(&db, "m"), "/src/m.pyi | /src/m.py");
    assert_eq!(files(&db, "lib"), "/site-packages/lib-stubs/__init__.pyi | /site-packages/lib/__init__.py");
    assert_eq!(files(&db, "lib.core"), "/site-packages/lib-stubs/core.pyi | /site-packages/lib/core.py");
    assert_eq!(files(&db, "lib.extra"), "- | /site-packages/lib/extra.py");
    assert_eq!(find(&db, "fast").map(|module| module.kind), Some(ModuleKind::Extension));
    assert_eq!(find(&db, "fastest").map(|module| module.kind), Some(ModuleKind::Extension));
    assert_eq!(files(&db, "both"), "- | /site-packages/both.py", "extension modules do not run here");
    assert_eq!(
        find(&db, "native").map(|module| module.kind),
        Some(ModuleKind::Extension),
        "the folder holds stubs only"
    );
    assert_eq!(files(&db, "native.part"), "/site-packages/native/part.pyi | -");
}

#[test]
fn namespace_packages_span_search_paths() {
    let db = db(&["/src/ns/a.py", "/extra/ns/b.py", "/site-packages/other/c.py", "/src/other.py"]);
    let ns = find(&db, "ns").expect("two portions");
    assert_eq!((ns.kind, ns.folders.len()), (ModuleKind::Namespace, 2));
    assert_eq!(files(&db, "ns.a"), "- | /src/ns/a.py");
    assert_eq!(files(&db, "ns.b"), "- | /extra/ns/b.py");
    let names: Vec<String> = submodules(&db, &ns).iter().map(ToString::to_string).collect();
    assert_eq!(names, ["ns.a", "ns.b"]);
    assert_eq!(files(&db, "other"), "- | /src/other.py", "a module anywhere wins over a folder");
}

#[test]
fn relative_imports_count_dots_from_the_package() {
    let db = db(&[
        "/src/pkg/__init__.py",
        "/src/pkg/m.py",
        "/src/pkg/sub/__init__.py",
        "/src/pkg/sub/deep.py",
        "/src/top.py",
    ]);
    let import = |file: &str, level, name: Option<&str>| {
        resolve_import(&db, db.file(file), level, name).map(|module| module.name.to_string())
    };
    assert_eq!(import("/src/pkg/__init__.py", 1, Some("m")), Ok("pkg.m".to_string()));
    assert_eq!(import("/src/pkg/m.py", 1, None), Ok("pkg".to_string()));
    assert_eq!(import("/src/pkg/sub/deep.py", 2, Some("m")), Ok("pkg.m".to_string()));
    assert_eq!(import("/src/pkg/sub/deep.py", 3, Some("m")), Err(ImportError::BeyondTopLevel));
    assert_eq!(import("/src/top.py", 1, Some("m")), Err(ImportError::NoParentPackage));
    assert_eq!(import("/src/top.py", 0, Some("pkg.nope.x")), Err(ImportError::NotFound("pkg.nope".to_string())));
    assert_eq!(ImportError::BeyondTopLevel.to_string(), "attempted relative import beyond top-level package");
}

#[test]
fn scripts_see_their_own_folder() {
    let db = db(&["/tools/run.py", "/tools/helper.py", "/tools/kit/__init__.py", "/tools/kit/part.py"]);
    let import = |file: &str, level, name| {
        resolve_import(&db, db.file(file), level, Some(name)).map(|module| module.name.to_string())
    };
    assert_eq!(import("/tools/run.py", 0, "helper"), Ok("helper".to_string()));
    assert_eq!(import("/tools/kit/part.py", 0, "helper"), Ok("helper".to_string()));
    assert_eq!(import("/tools/kit/__init__.py", 1, "part"), Ok("kit.part".to_string()));
    let name = module_name_of_file(&db, db.file("/tools/kit/part.py"));
    assert_eq!(name.map(|name| name.to_string()), Some("kit.part".to_string()));
}

#[test]
fn files_that_appear_and_vanish_change_the_answer() {
    let mut db = db(&["/src/a.py"]);
    assert_eq!(files(&db, "pkg.m"), "none");
    db.write("/src/pkg/__init__.py", "");
    db.write("/src/pkg/m.py", "");
    assert_eq!(files(&db, "pkg.m"), "- | /src/pkg/m.py");
    db.write("/src/json.py", "");
    assert_eq!(files(&db, "json"), "- | /src/json.py");
    db.remove("/src/json.py");
    assert_eq!(files(&db, "json"), "vendored://stdlib/json/__init__.pyi | -");
    db.executed();
    db.write("/src/a.py", "x = 1");
    files(&db, "json");
    assert_eq!(db.executed(), [""; 0], "editing a file resolves nothing again");
}

#[test]
fn pth_files_add_folders() {
    let mut db = db(&["/edit/tool.py"]);
    db.memory().create_folder("/site-packages");
    db.write("/site-packages/_tool.pth", "# a comment\nimport evil\n/edit\nmissing\n");
    assert_eq!(files(&db, "tool"), "- | /edit/tool.py");
    assert_eq!(find(&db, "tool").map(|module| module.search_path), Some(Some(SearchPathKind::Editable)));
}

#[test]
fn environments_are_found() {
    let db = TestDb::new();
    let system = db.memory();
    assert_eq!(discover_environment(system, "/proj/sub".as_ref()), None);
    system.write("/proj/.venv/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = true\n");
    for folder in ["/proj/.venv/lib/python3.14/site-packages", "/proj/.venv/lib/python3.13/site-packages"] {
        system.create_folder(folder);
    }
    system.create_folder("/usr/lib/python3.13/site-packages");
    let found = discover_environment(system, "/proj/sub".as_ref()).expect("a .venv above");
    let expected = ["/proj/.venv/lib/python3.14/site-packages", "/usr/lib/python3.13/site-packages"];
    assert_eq!(found.site_packages, expected.map(std::path::PathBuf::from));
    system.write("/env/pyvenv.cfg", "");
    system.set_env("VIRTUAL_ENV", "/env");
    assert_eq!(discover_environment(system, "/proj".as_ref()).map(|env| env.root), Some("/env".into()));
}
