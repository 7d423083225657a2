//! Loading: from a spec to a module whose code has run.

use cinder_bytecode::CodeBytes;
use cinder_heap::Gc;
use cinder_layout::Value;

use super::find::library_folder;
use super::spec::{Kind, SpecParts};
use super::{ImportTimes, split_name};
use crate::interp::{CompileMode, CompileRequest};
use crate::native::PyResult;
use crate::types::code::PyCode;
use crate::vm::Vm;

const TIMES_HEAD: &str = "import time: self [us] | cumulative | imported package";

impl Vm {
    /// Imports a module that is not in `sys.modules`.
    pub(super) fn find_and_load(&self, name: Value) -> PyResult<Value> {
        self.check_native_stack()?;
        match self.imports.times.get() {
            None => self.find_and_load_now(name),
            Some(times) => self.find_and_load_timed(name, times),
        }
    }

    /// `-X importtime=2`: the line of a module that is there already.
    #[cold]
    pub(super) fn tell_known(&self, name: Value) {
        let Some(times) = self.imports.times.get() else { return };
        if !times.has_head {
            eprintln!("{TIMES_HEAD}");
            self.imports.times.set(Some(ImportTimes { has_head: true, ..times }));
        }
        let indent = times.depth * 2;
        eprintln!("import time: cached    | cached     | {:indent$}{}", "", self.str_text(name));
    }

    /// `-X importtime`: a line for each import when it is done, with its own time and that of all it brought along, in microseconds.
    fn find_and_load_timed(&self, name: Value, times: ImportTimes) -> PyResult<Value> {
        if !times.has_head {
            eprintln!("{TIMES_HEAD}");
        }
        let start = std::time::Instant::now();
        self.imports.times.set(Some(ImportTimes { has_head: true, depth: times.depth + 1, nested: 0 }));
        let result = self.find_and_load_now(name);
        let all = start.elapsed().as_micros() as u64;
        let nested = self.imports.times.get().map_or(0, |inner| inner.nested);
        self.imports.times.set(Some(ImportTimes { has_head: true, depth: times.depth, nested: times.nested + all }));
        let indent = times.depth * 2;
        eprintln!("import time: {:>9} | {all:>10} | {:indent$}{}", all.saturating_sub(nested), "", self.str_text(name));
        result
    }

    fn find_and_load_now(&self, name: Value) -> PyResult<Value> {
        let text = self.str_text(name);
        let (parent, tail) = split_name(&text);
        let mut parent_module = None;
        let mut path = Value::NONE;
        if let Some(parent) = parent {
            let parent_name = self.intern(parent);
            let module = self.import_absolute(parent_name)?;
            // The parent's code may have imported the module.
            if let Some(module) = self.dict_get(*self.modules, name)? {
                return Ok(module);
            }
            path = match self.getattr_opt(module, self.names.__path__)? {
                Some(path) => path,
                None => {
                    let message = format!("No module named '{text}'; '{parent}' is not a package");
                    return Err(self.module_not_found(&message, name));
                }
            };
            parent_module = Some(module);
        }
        let Some(found) = self.find_spec(name, path)? else {
            let mut message = format!("No module named '{text}'");
            if let Some(needs) = self.imports.host.missing(&text) {
                message.push_str(&format!(": it is not there yet in cinder and needs {needs}"));
            }
            return Err(self.module_not_found(&message, name));
        };
        let module = self.load(name, found)?;
        if self.config.verbose > 0 {
            self.tell_of_import(&text, module);
        }
        if let Some(parent) = parent_module {
            let tail = self.intern(tail);
            if let Some(dict) = self.module_dict(parent).filter(|_| self.type_of(parent) != self.types.module) {
                // A strict package gets its submodules all the same.
                self.dict_set_interned(dict, tail, module)?;
            } else if let Err(raised) = self.setattr(parent, tail, Some(module)) {
                if !self.pending_matches(self.exceptions.AttributeError) {
                    return Err(raised);
                }
                // CPython warns and goes on.
                self.take_exception(raised);
            }
        }
        Ok(module)
    }

    /// `-v`: the module and what loaded it.
    fn tell_of_import(&self, name: &str, module: Value) {
        let loader = (|| {
            let spec = self.getattr(module, self.names.__spec__)?;
            self.repr_text(self.getattr_text(spec, "loader")?)
        })();
        match loader {
            Ok(loader) => self.write_stderr(&format!("import '{name}' # {loader}\n")),
            // The module put something else in its place.
            Err(raised) => drop(self.take_exception(raised)),
        }
    }

    /// Makes the module of a spec, puts it into `sys.modules` and runs it.
    fn load(&self, name: Value, found: SpecParts) -> PyResult<Value> {
        let spec = found.spec;
        let module = self.module_from_spec(name, &found)?;
        self.set_initializing(spec, true)?;
        self.dict_insert(*self.modules, name, module)?;
        let result = match &found.kind {
            Some(Kind::Native(_) | Kind::Namespace) => Ok(()),
            Some(Kind::Source(path)) => self.exec_source_file(module, path),
            None => {
                let loader = self.getattr_text(spec, "loader")?;
                if loader.is_none() {
                    Ok(())
                } else {
                    let exec = self.getattr_text(loader, "exec_module");
                    exec.and_then(|exec| self.call(exec, &[module])).map(|_| ())
                }
            }
        };
        if let Err(raised) = result {
            let exception = self.take_exception(raised);
            self.dict_remove(*self.modules, name)?;
            self.set_initializing(spec, false)?;
            return Err(self.restore(exception));
        }
        self.set_initializing(spec, false)?;
        // The module may have put another object in its place.
        match self.dict_get(*self.modules, name)? {
            Some(module) => Ok(module),
            None => Err(self.key_error(name)),
        }
    }

    fn module_from_spec(&self, name: Value, found: &SpecParts) -> PyResult<Value> {
        let spec = found.spec;
        let mut module = Value::NONE;
        match &found.kind {
            Some(Kind::Native(def)) => module = self.make_module(def)?,
            Some(_) => {}
            None => {
                let loader = self.getattr_text(spec, "loader")?;
                if !loader.is_none()
                    && let Some(create) = self.getattr_opt(loader, self.intern("create_module"))?
                {
                    module = self.call(create, &[spec])?;
                }
            }
        }
        if module.is_none() {
            module = self.new_module(&self.str_text(name), None)?;
        }
        self.init_module_attributes(module, spec)?;
        Ok(module)
    }

    /// `__loader__`, `__package__`, `__spec__`, `__path__`, `__file__` from a spec.
    pub(super) fn init_module_attributes(&self, module: Value, spec: Value) -> PyResult<()> {
        let names = &self.names;
        let set = |name: Value, value: Value| self.setattr(module, name, Some(value));
        set(names.__name__, self.getattr_text(spec, "name")?)?;
        set(names.__loader__, self.getattr_text(spec, "loader")?)?;
        set(names.__package__, self.getattr_text(spec, "parent")?)?;
        set(names.__spec__, spec)?;
        let locations = self.getattr_text(spec, "submodule_search_locations")?;
        if !locations.is_none() {
            set(names.__path__, locations)?;
        }
        let has_location = self.getattr_text(spec, "has_location")?;
        if self.truthy(has_location)? {
            set(names.__file__, self.getattr_text(spec, "origin")?)?;
            let cached = self.getattr_text(spec, "cached")?;
            if !cached.is_none() {
                set(names.__cached__, cached)?;
            }
        }
        Ok(())
    }

    /// Runs a source file in the namespace of `module`.
    pub(super) fn exec_source_file(&self, module: Value, path: &str) -> PyResult<()> {
        let code = self.compile_source_file(path)?;
        // A strict module shows a copy of its namespace.
        let dict = match self.module_dict(module) {
            Some(dict) => dict,
            None => {
                let dict = self.getattr(module, self.names.__dict__)?;
                self.as_dict(dict).ok_or_else(|| self.type_error("a module's __dict__ must be a dict"))?
            }
        };
        self.begin_static_module(code, dict);
        self.exec_code(code, dict, None)?;
        self.finish_static_module(module, code, dict)
    }

    /// Code of a source file: what was kept of an earlier compilation, or compiled now.
    ///
    /// Errors: OSError, SyntaxError.
    pub(super) fn compile_source_file(&self, path: &str) -> PyResult<Gc<PyCode>> {
        let host = &*self.imports.host;
        if self.config.verbose > 0 {
            self.write_stderr(&format!("# code object from '{path}'\n"));
        }
        let mut stamp = None;
        if let Some(inside) = library_folder(host.library_path(), path).filter(|inside| host.library_has(inside)) {
            if self.config.optimize == 0
                && let Some(bytes) = self.interp.compiler.library_code(inside)
                && let Some(code) = self.trusted_code(&CodeBytes::Embedded(bytes), path)
            {
                return Ok(code);
            }
        } else {
            stamp = host.stamp(path).filter(|_| self.interp.compiler.keeps_code(path));
            if let Some(code) = stamp.and_then(|stamp| self.cached_code(path, stamp)) {
                return Ok(code);
            }
        }
        let bytes = self.read_source(path)?;
        let text = self.decode_source(&bytes, path)?;
        let optimize = self.config.optimize;
        let code = self.compile(&CompileRequest {
            source: &text,
            filename: path,
            mode: CompileMode::Exec,
            future_flags: 0,
            optimize,
            patches_static: self.statics.patches.get(),
        })?;
        // A file that changed meanwhile is read again next time.
        if let Some(stamp) = stamp.filter(|stamp| stamp.size == bytes.len() as u64) {
            self.keep_code(code.object(), path, stamp);
        }
        Ok(code)
    }
}
