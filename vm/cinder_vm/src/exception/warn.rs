//! Warnings from native code.
//!
//! The `warnings` module decides what becomes of them; where it cannot be imported, as while the machine starts or ends, they are dropped.

use cinder_heap::Gc;
use cinder_layout::Value;

use crate::native::PyResult;
use crate::types::type_::PyType;
use crate::vm::Vm;

impl Vm {
    fn warnings_function(&self, name: &str) -> PyResult<Option<Value>> {
        let module = match self.modules.get_interned(self.intern("warnings")) {
            Some(module) if module.is_none() => return Ok(None),
            Some(module) => module,
            // Not before the machine can import, which is when there is a program.
            None if self.modules.get_interned(self.intern("__main__")).is_none() => return Ok(None),
            None => match self.import("warnings") {
                Ok(module) => module,
                Err(raised) => {
                    self.take_exception(raised);
                    return Ok(None);
                }
            },
        };
        self.getattr_opt(module, self.intern(name))
    }

    /// Warns about what the running Python function does (CPython `PyErr_WarnEx` with stack level 1).
    ///
    /// Runs Python: yes. Errors: the warning itself, where a filter says so.
    #[cold]
    pub fn warn(&self, category: Gc<PyType>, message: &str) -> PyResult<()> {
        self.warn_level(category, message, 1)
    }

    /// As [`Vm::warn`], about the `level`-th function from the innermost.
    #[cold]
    pub fn warn_level(&self, category: Gc<PyType>, message: &str, level: i64) -> PyResult<()> {
        let Some(warn) = self.warnings_function("warn")? else { return Ok(()) };
        self.call(warn, &[self.new_str(message)?, category.as_value(), self.new_int(level)?]).map(|_| ())
    }

    /// Warns about a place in a source text.
    #[cold]
    pub fn warn_explicit(&self, category: Gc<PyType>, message: &str, filename: &str, line: u32) -> PyResult<()> {
        let Some(warn) = self.warnings_function("warn_explicit")? else { return Ok(()) };
        let (message, filename) = (self.new_str(message)?, self.new_str(filename)?);
        self.call(warn, &[message, category.as_value(), filename, self.new_int(line.into())?]).map(|_| ())
    }

    /// BytesWarning, if the user wants them (`-b`).
    #[cold]
    pub(crate) fn warn_of_bytes(&self, message: &str) -> PyResult<()> {
        if self.config.warns_of_bytes { self.warn(self.exceptions.BytesWarning, message) } else { Ok(()) }
    }

    /// DeprecationWarning.
    #[cold]
    pub fn warn_deprecated(&self, message: &str) -> PyResult<()> {
        self.warn(self.exceptions.DeprecationWarning, message)
    }
}
