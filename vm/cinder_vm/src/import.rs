//! Import: from a dotted name to a module.
//!
//! Problem: CPython imports through Python code (`importlib._bootstrap`), which costs start-up time and is needed by few programs.
//! Idea: the same algorithm natively. The usual finders on `sys.meta_path` are native classes that the import recognises and asks without a call;
//! any other finder a program puts there is called as `importlib` would. `importlib` itself comes from the library when it is imported and works
//! with the native finders and loaders through their Python methods.
//! Holds: a module is in `sys.modules` before its code runs, and is taken out again when that code fails; `__spec__._initializing` holds
//! meanwhile. Files, native modules and the embedded library are reached through [`ModuleHost`] alone.
//! Source: Python/import.c, Lib/importlib/_bootstrap.py, `_bootstrap_external.py`.

mod builtin;
mod bytecode;
mod find;
mod load;
mod spec;

use std::borrow::Cow;
use std::cell::Cell;

use cinder_layout::Value;

use crate::late::Late;
use crate::module_def::ModuleDef;
use crate::native::{PyResult, Raised};
use crate::vm::Vm;

pub use bytecode::CACHE_TAG;
pub use find::{BUILTIN_IMPORTER, FROZEN_IMPORTER, PATH_FINDER, PATH_HOOK};
pub use spec::{MODULE_SPEC, NAMESPACE_LOADER, SOURCE_FILE_LOADER};

/// What lies at a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathKind {
    File,
    Folder,
    Absent,
}

/// What tells one version of a file from another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileStamp {
    /// Time of the last change since 1970.
    pub seconds: i64,
    pub nanoseconds: u32,
    /// In bytes.
    pub size: u64,
    /// Permissions.
    pub mode: u32,
}

/// Where modules come from.
pub trait ModuleHost {
    /// Declaration of a native module.
    fn native(&self, name: &str) -> Option<&'static ModuleDef>;
    /// What a module of CPython that is not there yet would need; `None` for other names.
    fn missing(&self, name: &str) -> Option<&'static str>;
    /// The entry of `sys.path` that stands for the embedded library.
    fn library_path(&self) -> &str;
    /// Whether the embedded library has a file, by path relative to its root.
    fn library_has(&self, path: &str) -> bool;
    /// Source of a file of the embedded library.
    fn library_source(&self, path: &str) -> Option<Vec<u8>>;
    fn path_kind(&self, path: &str) -> PathKind;
    /// # Errors
    /// What the operating system says.
    fn read(&self, path: &str) -> std::io::Result<Vec<u8>>;
    /// Version of a file; `None` when there is no such file.
    fn stamp(&self, path: &str) -> Option<FileStamp>;
    /// Writes a file as a whole, by renaming, and makes its folder; failure is of no consequence. `mode`: the permissions of its source.
    fn keep(&self, path: &str, bytes: &[u8], mode: u32);
    /// The current folder; `None` when it is gone.
    fn current_folder(&self) -> Option<String>;
}

/// The import system's state; the rest is in `sys`.
#[derive(Default)]
pub struct State {
    pub host: Late<Box<dyn ModuleHost>>,
    /// `-X importtime`: what is known of the imports under way; `None`: nobody asked.
    pub times: Cell<Option<ImportTimes>>,
    /// `-X importtime=2`: imports of modules that are there already are told, too.
    pub tells_known: Cell<bool>,
}

/// Times of imports, in microseconds.
#[derive(Clone, Copy, Default)]
pub struct ImportTimes {
    has_head: bool,
    /// Imports around the one that runs.
    depth: usize,
    /// What the imports within it have taken.
    nested: u64,
}

impl Vm {
    /// Makes imports possible: plugs in `host` and adds `__import__` to the builtins.
    pub fn install_imports(&self, host: Box<dyn ModuleHost>) -> PyResult<()> {
        self.imports.host.set(host);
        let function = self.new_native_function(&builtin::IMPORT, None, self.names.builtins)?;
        self.dict_set_interned(*self.builtins, self.names.__import__, function)
    }

    /// `import name`: the module of that dotted name itself (not its top-level package).
    ///
    /// Runs Python: yes. Errors: ModuleNotFoundError and what the module's code raises.
    pub fn import(&self, name: &str) -> PyResult<Value> {
        self.import_absolute(self.intern(name))
    }

    /// The module with this full name, imported when it is not yet.
    pub(crate) fn import_absolute(&self, name: Value) -> PyResult<Value> {
        match self.dict_get(*self.modules, name)? {
            Some(module) if !module.is_none() => {
                if self.imports.tells_known.get() {
                    self.tell_known(name);
                }
                Ok(module)
            }
            Some(_) => {
                let text = self.str_text(name);
                let message = format!("import of {text} halted; None in sys.modules");
                Err(self.module_not_found(&message, name))
            }
            None => self.find_and_load(name),
        }
    }

    /// ModuleNotFoundError with its `name`.
    #[cold]
    pub(crate) fn module_not_found(&self, message: &str, name: Value) -> Raised {
        self.import_failure(self.exceptions.ModuleNotFoundError, message, name)
    }

    /// An ImportError with its `name`.
    #[cold]
    pub(crate) fn import_failure(
        &self,
        class: cinder_heap::Gc<crate::types::type_::PyType>,
        message: &str,
        name: Value,
    ) -> Raised {
        let made = self.new_str(message).and_then(|text| self.call_with(class.as_value(), &[text], &[("name", name)]));
        match made {
            Ok(exception) => self.raise(exception),
            Err(raised) => raised,
        }
    }

    /// An attribute of `sys` as it is now.
    pub fn sys_attribute(&self, name: &str) -> Option<Value> {
        let sys = self.modules.get_interned(self.names.sys)?;
        self.module_dict(sys)?.get_interned(self.intern(name))
    }
}

/// The part before the last dot, and the part after it.
fn split_name(name: &str) -> (Option<&str>, &str) {
    match name.rsplit_once('.') {
        Some((parent, tail)) => (Some(parent), tail),
        None => (None, name),
    }
}

impl Vm {
    /// Source text of a Python file: UTF-8, or what its coding line says (PEP 263). No byte order mark is left.
    ///
    /// Errors: SyntaxError for bytes that are not text in that encoding, with the line in question.
    pub fn decode_source<'a>(&self, bytes: &'a [u8], filename: &str) -> PyResult<Cow<'a, str>> {
        if bytes.contains(&0) {
            return Err(self.raise_text(self.exceptions.SyntaxError, "source code cannot contain null bytes"));
        }
        self.decode_source_from(bytes, filename, &format!(" in file {filename}"))
    }

    /// As [`Vm::decode_source`], for bytes that do not come from a file; `place` says where they come from.
    pub(crate) fn decode_source_from<'a>(
        &self,
        bytes: &'a [u8],
        filename: &str,
        place: &str,
    ) -> PyResult<Cow<'a, str>> {
        let had_mark = bytes.starts_with(b"\xef\xbb\xbf");
        let body = if had_mark { &bytes[3..] } else { bytes };
        let declared = coding_line(body);
        let encoding = declared.as_ref().map(|(name, _)| name.as_str());
        let fail = |message: String, line: Option<usize>| {
            let text = line.and_then(|line| body.split(|byte| *byte == b'\n').nth(line - 1));
            let text = text.map(|text| String::from_utf8_lossy(text).trim_end_matches('\r').to_owned());
            let line = line.unwrap_or(0) as u32;
            let failure =
                crate::interp::CompileFailure { message, class: "SyntaxError", line, text, ..Default::default() };
            self.raise_syntax_error(filename, &failure)
        };
        if let Some((name, line)) = declared.as_ref().filter(|(name, _)| had_mark && name != "utf-8") {
            return Err(fail(format!("encoding problem: {name} with BOM"), Some(*line)));
        }
        if body.contains(&0) {
            return Err(self.raise_text(self.exceptions.SyntaxError, "source code string cannot contain null bytes"));
        }
        if matches!(encoding, None | Some("utf-8" | "utf8")) {
            return std::str::from_utf8(body).map(Cow::Borrowed).map_err(|error| {
                let at = error.valid_up_to();
                let line = body[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
                let byte = body[at];
                let message = if encoding != Some("utf8") {
                    format!(
                        "Non-UTF-8 code starting with '\\x{byte:02x}'{place} on line {line}, but no encoding declared; \
                         see https://peps.python.org/pep-0263/ for details"
                    )
                } else {
                    format!("'utf-8' codec can't decode byte 0x{byte:02x} in position {at}: invalid start byte")
                };
                fail(message, Some(line))
            });
        }
        let encoding = encoding.unwrap_or_default();
        let content = self.new_bytes(body)?;
        match self.decode_bytes(content, encoding, "strict") {
            Ok(text) => Ok(self.str_text(text)),
            Err(raised) if self.pending_matches(self.exceptions.LookupError) => {
                let exception = self.take_exception(raised);
                let text = self.str_text(self.str(exception)?);
                let message = match text.split_once(';') {
                    Some((said, _)) if said.ends_with("is not a text encoding") => said.to_owned(),
                    _ => format!("unknown encoding: {encoding}"),
                };
                Err(fail(message, None))
            }
            Err(raised) if self.pending_matches(self.exceptions.UnicodeError) => {
                let exception = self.take_exception(raised);
                let message = self.str_text(self.str(exception)?).into_owned();
                Err(fail(message, None))
            }
            Err(raised) => Err(raised),
        }
    }
}

/// The encoding named in one of the first two lines and the line's number; `None` without one. The common encodings get their usual names.
///
/// Source: `get_normal_name` in `Parser/tokenizer/helpers.c`.
fn coding_line(source: &[u8]) -> Option<(String, usize)> {
    for (line, number) in source.split(|byte| *byte == b'\n').take(2).zip(1..) {
        let text = line.trim_ascii_start();
        if !text.starts_with(b"#") {
            if text.is_empty() {
                continue;
            }
            return None;
        }
        let Some(at) = memchr::memmem::find(text, b"coding") else { continue };
        let rest = &text[at + 6..];
        let Some(rest) = rest.strip_prefix(b":").or_else(|| rest.strip_prefix(b"=")) else { continue };
        let name: Vec<u8> = rest
            .trim_ascii_start()
            .iter()
            .copied()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
            .collect();
        if !name.is_empty() {
            let name = String::from_utf8_lossy(&name).into_owned();
            let normal: String =
                name.chars().take(12).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
            let is =
                |known: &str| normal == known || normal.strip_prefix(known).is_some_and(|rest| rest.starts_with('-'));
            let name = if is("utf-8") {
                "utf-8".to_owned()
            } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
                "iso-8859-1".to_owned()
            } else {
                name
            };
            return Some((name, number));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coding_line_is_found_in_the_first_two_lines() {
        assert_eq!(coding_line(b"#!/usr/bin/python\n# -*- coding: Latin_1 -*-\n"), Some(("iso-8859-1".to_owned(), 2)));
        assert_eq!(coding_line(b"x = 1\n# coding: latin-1\n"), None);
        assert_eq!(coding_line(b"\n# vim: set fileencoding=utf-8 :\n"), Some(("utf-8".to_owned(), 2)));
        assert_eq!(coding_line(b"\n\n# coding: latin-1\n"), None);
    }
}
