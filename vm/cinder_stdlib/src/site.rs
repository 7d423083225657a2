//! What surrounds a program: virtual environments, installed packages, and the builtins for people at a prompt.
//!
//! Problem: CPython runs `site.py` at every start; it costs more than many programs.
//! Idea: the same search natively. Python code runs only where an environment asks for it: `import` lines of `.pth` files, `sitecustomize`.
//! `site` itself is imported when a program wants it.
//! Source: Lib/site.py, Modules/getpath.py.

use std::path::{Path, PathBuf};

use cinder_heap::{HeapObject, Slot, Trace, Tracer};
use cinder_layout::Header;
use cinder_vm::interp::{CompileMode, CompileRequest};
use cinder_vm::object::Payload;
use cinder_vm::object::slots::Slots;
use cinder_vm::types::type_::{TypeDef, type_flags};
use cinder_vm::{PyResult, Value, Vm};

use crate::host;
use crate::start::Settings;

/// Where this process finds things.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// `sys.executable`.
    pub(crate) executable: String,
    /// `sys.prefix`: the virtual environment when there is one.
    pub(crate) prefix: String,
    pub(crate) base_prefix: String,
    /// Folders of installed packages.
    pub(crate) site_folders: Vec<String>,
}

/// Finds the places. `program_folder` is the folder of the file that is run.
pub(crate) fn find_places(settings: &Settings, program_folder: Option<&Path>) -> Places {
    let base_prefix = crate::sys::prefix();
    let executable = host::invoked_as().unwrap_or_else(|| host::executable().into());
    let environment = find_environment(settings, &executable, program_folder);
    let mut site_folders = Vec::new();
    if let Some(environment) = &environment {
        site_folders.extend(packages_below(environment));
    } else {
        site_folders.extend(packages_below(Path::new(&base_prefix)).filter(|folder| folder.is_dir()));
        let is_user_wanted = !settings.is_isolated && !settings.is_without_user_site;
        if is_user_wanted && let Some(home) = host::home() {
            site_folders.extend(packages_below(&home.join(".local")).filter(|folder| folder.is_dir()));
        }
    }
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let executable = match &environment {
        Some(environment) if environment.join("bin/python").exists() => text(&environment.join("bin/python")),
        // A link in an environment's folder is that environment's interpreter; any other name is as good as the file's own.
        _ => text(&executable),
    };
    // An interpreter found beside the environment may be another program: only its folder matters to us.
    let executable = if is_this_program(Path::new(&executable)) { executable } else { host::executable() };
    Places {
        executable,
        prefix: environment.as_deref().map_or_else(|| base_prefix.clone(), text),
        base_prefix,
        site_folders: site_folders.iter().map(|folder| text(folder)).collect(),
    }
}

fn is_this_program(path: &Path) -> bool {
    match (path.canonicalize(), Path::new(&host::executable()).canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// The virtual environment: of the link through which the program was started, of `VIRTUAL_ENV`, or `.venv` in the current folder or above
/// the program's.
fn find_environment(settings: &Settings, executable: &Path, program_folder: Option<&Path>) -> Option<PathBuf> {
    let is_environment = |folder: &Path| folder.join("pyvenv.cfg").is_file();
    if let Some(folder) = executable.parent().and_then(Path::parent)
        && is_environment(folder)
    {
        return Some(folder.to_owned());
    }
    if settings.is_isolated {
        return None;
    }
    if !settings.ignores_environment
        && let Some(folder) = host::variable("VIRTUAL_ENV").map(PathBuf::from)
        && is_environment(&folder)
    {
        return Some(folder);
    }
    let current = host::current_folder().map(PathBuf::from);
    let above = program_folder.into_iter().flat_map(Path::ancestors);
    current.as_deref().into_iter().chain(above).map(|folder| folder.join(".venv")).find(|folder| is_environment(folder))
}

/// `lib/python3.14/site-packages` below a prefix, or that of another release when there is only one.
fn packages_below(prefix: &Path) -> impl Iterator<Item = PathBuf> {
    let (major, minor, _) = crate::sys::VERSION;
    let own = prefix.join(format!("lib/python{major}.{minor}/site-packages"));
    let other = || {
        let mut found: Vec<PathBuf> = std::fs::read_dir(prefix.join("lib"))
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("python3"))
            .map(|entry| entry.path().join("site-packages"))
            .filter(|folder| folder.is_dir())
            .collect();
        found.sort();
        found.pop()
    };
    let chosen = if own.is_dir() { Some(own) } else { other().or(Some(own)) };
    chosen.into_iter()
}

/// Adds the folders of packages to `sys.path` and does what their `.pth` files say.
///
/// Runs Python: `import` lines of those files, `sitecustomize` and `usercustomize`.
pub(crate) fn run(vm: &Vm, settings: &Settings, places: &Places) -> PyResult<()> {
    add_builtins(vm)?;
    for folder in &places.site_folders {
        add_folder(vm, folder)?;
    }
    let mut modules = vec!["sitecustomize"];
    if !settings.is_isolated && !settings.is_without_user_site {
        modules.push("usercustomize");
    }
    for name in modules {
        if is_on_path(vm, name)
            && let Err(raised) = vm.import(name)
        {
            let exception = vm.take_exception(raised);
            let text = vm.format_exception(exception);
            vm.write_stderr(&format!("Error in {name}; set PYTHONVERBOSE for traceback:\n{text}"));
        }
    }
    Ok(())
}

/// Whether a file or folder of this name lies on `sys.path` outside the library.
fn is_on_path(vm: &Vm, name: &str) -> bool {
    let Some(path) = vm.sys_attribute("path") else { return false };
    let library = host::library_path(&crate::sys::prefix());
    let mut found = false;
    let looked = vm.for_each(path, |entry| {
        if vm.is_str(entry) && !found {
            let entry = vm.str_text(entry);
            let folder = Path::new(if entry.is_empty() { "." } else { &*entry });
            found = entry != library && (folder.join(format!("{name}.py")).is_file() || folder.join(name).is_dir());
        }
        Ok(())
    });
    if let Err(raised) = looked {
        vm.take_exception(raised);
    }
    found
}

/// Appends to `sys.path` what is not there yet.
fn append_path(vm: &Vm, entry: &str) -> PyResult<()> {
    let Some(path) = vm.sys_attribute("path") else { return Ok(()) };
    let entry = vm.new_str(entry)?;
    if !vm.contains(path, entry)? {
        vm.list_append(path, entry)?;
    }
    Ok(())
}

fn add_folder(vm: &Vm, folder: &str) -> PyResult<()> {
    append_path(vm, folder)?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pth"))
        .filter(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')))
        .collect();
    files.sort();
    files.iter().try_for_each(|file| read_path_file(vm, folder, file))
}

/// A `.pth` file: one folder, or one line of Python that begins with `import`, per line.
fn read_path_file(vm: &Vm, folder: &str, file: &Path) -> PyResult<()> {
    let Ok(bytes) = std::fs::read(file) else { return Ok(()) };
    let text = String::from_utf8_lossy(&bytes);
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with("import ") || line.starts_with("import\t") {
            if let Err(raised) = execute(vm, line) {
                let exception = vm.take_exception(raised);
                let shown = vm.format_exception(exception);
                let shown: String = shown.lines().map(|line| format!("  {line}\n")).collect();
                let name = file.display();
                let head = format!("Error processing line {} of {name}:\n\n", index + 1);
                vm.write_stderr(&format!("{head}{shown}\nRemainder of file ignored\n"));
                break;
            }
            continue;
        }
        let entry = Path::new(folder).join(line);
        if entry.exists() {
            append_path(vm, &entry.to_string_lossy())?;
        }
    }
    Ok(())
}

fn execute(vm: &Vm, line: &str) -> PyResult<()> {
    let request = CompileRequest {
        source: line,
        filename: "<string>",
        mode: CompileMode::Exec,
        future_flags: 0,
        optimize: vm.config.optimize,
        patches_static: false,
    };
    let code = vm.compile(&request)?;
    let namespace = vm.new_pydict()?;
    vm.exec_code(code, namespace, None).map(|_| ())
}

// ---- builtins ----

/// A builtin that is made from Python code when it is used.
#[repr(C)]
struct PyDeferred {
    header: Header,
    name: Slot<Value>,
}

impl Trace for PyDeferred {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.name.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyDeferred {}

cinder_vm::layout!(PyDeferred, "deferred");

/// The object it stands for, which takes its place in the builtins.
fn real(vm: &Vm, value: Value) -> PyResult<Value> {
    let name = vm.downcast::<PyDeferred>(value).expect("method of this class").name.get();
    let module = vm.import("_site_deferred")?;
    let make = vm.getattr_text(module, "make")?;
    let made = vm.call(make, &[name])?;
    if vm.dict_get(*vm.builtins, name)? == Some(value) {
        vm.dict_set_interned(*vm.builtins, name, made)?;
    }
    Ok(made)
}

static DEFERRED: TypeDef = TypeDef {
    flags: type_flags::NO_NEW,
    slots: Slots {
        repr: Some(|vm, value| vm.repr(real(vm, value)?)),
        call: Some(|vm, value, args, names| vm.call_keywords(real(vm, value)?, args, names)),
        ..Slots::NONE
    },
    ..TypeDef::new("_sitebuiltins.deferred", <PyDeferred as Payload>::LAYOUT)
};

fn add_builtins(vm: &Vm) -> PyResult<()> {
    let class = vm.native_class(&DEFERRED)?;
    for name in ["exit", "quit", "help", "copyright", "credits", "license"] {
        let name = vm.intern(name);
        let made = vm.alloc_instance(class, 0, |header| PyDeferred { header, name: Slot::new(name) })?;
        vm.dict_set_interned(*vm.builtins, name, made.as_value())?;
    }
    Ok(())
}
