//! From source text to code: the door to the other half of the project.
//!
//! The VM knows nothing of the compiler; `cinder_runtime` plugs one in. `compile`, `exec`, `eval` and import go through here.

use std::sync::Arc;

use cinder_bytecode::CodeObject;
use cinder_heap::Gc;
use cinder_layout::Value;

use crate::exception::source::CaretAnchors;
use crate::native::{PyResult, Raised};
use crate::types::code::PyCode;
use crate::types::dict::PyDict;
use crate::vm::Vm;

/// What kind of text it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CompileMode {
    #[default]
    Exec,
    Eval,
    Single,
}

/// One text to compile.
#[derive(Clone, Copy, Debug)]
pub struct CompileRequest<'a> {
    pub source: &'a str,
    pub filename: &'a str,
    pub mode: CompileMode,
    /// `co_flags` bits of `__future__` features inherited from the caller, and [`TOP_LEVEL_AWAIT`].
    pub future_flags: u32,
    /// `-O` level.
    pub optimize: u8,
    /// Functions of the module, if it is static, may be replaced while the program runs.
    pub patches_static: bool,
}

/// The module's own code may await (`PyCF_ALLOW_TOP_LEVEL_AWAIT`).
pub const TOP_LEVEL_AWAIT: u32 = 0x2000;

/// Why text could not be compiled: the fields of a SyntaxError. Lines and offsets count from 1, offsets in characters.
#[derive(Clone, Debug, Default)]
pub struct CompileFailure {
    pub message: String,
    /// `SyntaxError`, `IndentationError` or `TabError`.
    pub class: &'static str,
    pub line: u32,
    pub offset: u32,
    pub end_line: u32,
    pub end_offset: u32,
    /// The line of source text.
    pub text: Option<String>,
    /// The line is to be read from the file, when there is one.
    pub is_text_in_file: bool,
}

/// A SyntaxWarning; the failure is the SyntaxError that it becomes where warnings are errors.
#[derive(Clone, Debug)]
pub struct CompileWarning {
    pub message: String,
    pub failure: CompileFailure,
}

/// A compiler from source text to verified code.
pub trait SourceCompiler {
    /// # Errors
    /// The SyntaxError CPython raises for the text.
    fn compile(&self, request: &CompileRequest<'_>) -> Result<(CodeObject, Vec<CompileWarning>), CompileFailure>;

    /// Differs between compilers that may make different code of the same text.
    fn fingerprint(&self) -> u64;

    /// Whether code of this file may be kept beside it, and be used again while the file is the same.
    fn keeps_code(&self, path: &str) -> bool {
        let _ = path;
        true
    }

    /// Encoded code of a file of the embedded library (`json/decoder.py`), compiled without `-O` when cinder was built.
    fn library_code(&self, path: &str) -> Option<&'static [u8]> {
        let _ = path;
        None
    }

    /// Parses `request.source` to an instance of a class of `_ast`.
    ///
    /// Errors: SyntaxError, RecursionError.
    fn parse_tree(&self, vm: &Vm, request: &CompileRequest<'_>) -> PyResult<Value> {
        let _ = request;
        Err(vm.not_implemented_error("this machine has no syntax trees"))
    }

    /// Compiles an instance of a class of `_ast`; `request.source` is not looked at.
    ///
    /// Errors: SyntaxError; TypeError and ValueError for what is no tree.
    fn compile_tree(&self, vm: &Vm, tree: Value, request: &CompileRequest<'_>) -> PyResult<Gc<PyCode>> {
        let _ = (tree, request);
        Err(vm.not_implemented_error("this machine has no syntax trees"))
    }

    /// Tokens of a text for `tokenize`: a list of `(class, string, start, end, line)`, the class by its name in the `token` module, places as
    /// line and column. Raises where the text has no more tokens; what was found before is in `list`.
    ///
    /// Errors: SyntaxError, IndentationError.
    fn tokenize(&self, vm: &Vm, source: &str, list: Value) -> PyResult<()> {
        let _ = (source, list);
        Err(vm.not_implemented_error("this machine has no tokenizer"))
    }

    /// Where the operator of the expression `segment` lies, for the marks in tracebacks.
    fn caret_anchors(&self, segment: &str) -> Option<CaretAnchors> {
        let _ = segment;
        None
    }

    /// Whether `lines` are a statement that does nothing but one call, which lies between character `start` of the first line and `end` of the
    /// last: then the marks would say nothing.
    fn is_whole_call(&self, lines: &[String], start: usize, end: usize) -> bool {
        let _ = (lines, start, end);
        false
    }
}

impl Vm {
    /// Compiles text to a code object.
    ///
    /// Errors: SyntaxError; SystemError when no compiler is plugged in.
    pub fn compile(&self, request: &CompileRequest<'_>) -> PyResult<Gc<PyCode>> {
        if !self.interp.compiler.is_set() {
            return Err(self.system_error("this machine has no compiler for source text"));
        }
        match self.interp.compiler.compile(request) {
            Ok((code, warnings)) => {
                self.syntax_warnings(request.filename, &warnings)?;
                self.new_code(Arc::new(code))
            }
            Err(failure) => Err(self.raise_syntax_error(request.filename, &failure)),
        }
    }

    /// Issues the warnings of a text.
    ///
    /// Runs Python: yes. Errors: SyntaxError where a filter makes a warning an error; what filters raise.
    pub fn syntax_warnings(&self, filename: &str, warnings: &[CompileWarning]) -> PyResult<()> {
        for warning in warnings {
            let category = self.exceptions.SyntaxWarning;
            let issued = self.warn_explicit(category, &warning.message, filename, warning.failure.line);
            if self.catch(issued, category)?.is_none() {
                return Err(self.raise_syntax_error(filename, &warning.failure));
            }
        }
        Ok(())
    }

    /// Raises the SyntaxError that `failure` says.
    pub fn raise_syntax_error(&self, filename: &str, failure: &CompileFailure) -> Raised {
        let class = match failure.class {
            "IndentationError" => self.exceptions.IndentationError,
            "TabError" => self.exceptions.TabError,
            _ => self.exceptions.SyntaxError,
        };
        let exception = (|| {
            let number = |n: u32| self.new_int(n.into());
            let in_file =
                || failure.is_text_in_file.then(|| self.sources.line_on_disk(filename, failure.line)).flatten();
            let text = match &failure.text.clone().or_else(in_file) {
                Some(text) => self.new_str(text)?,
                None => Value::NONE,
            };
            let details = [
                self.new_str(filename)?,
                number(failure.line)?,
                number(failure.offset)?,
                text,
                number(failure.end_line)?,
                number(failure.end_offset)?,
            ];
            let details = self.new_tuple(&details)?;
            self.new_exception(class, &[self.new_str(&failure.message)?, details])
        })();
        match exception {
            Ok(exception) => self.raise(exception),
            Err(raised) => raised,
        }
    }

    /// Runs module-level code in `globals`, with `namespace` (default: `globals`) for its names.
    pub fn exec_code(&self, code: Gc<PyCode>, globals: Gc<PyDict>, namespace: Option<Value>) -> PyResult<Value> {
        self.exec_code_with(code, globals, namespace, None)
    }

    /// As [`Vm::exec_code`], for code with free variables.
    pub(crate) fn exec_code_with(
        &self,
        code: Gc<PyCode>,
        globals: Gc<PyDict>,
        namespace: Option<Value>,
        closure: Option<Value>,
    ) -> PyResult<Value> {
        let name = self.names.__builtins__;
        if globals.get_interned(name).is_none() {
            self.dict_set_interned(globals, name, self.builtins_value())?;
        }
        let function = self.new_function(code, globals)?;
        function.closure.init(closure);
        self.call_in_namespace(function, Some(namespace.unwrap_or(globals.as_value())))
    }

    /// What `__builtins__` of a new namespace holds: the builtins module when it is loaded, else its dict.
    fn builtins_value(&self) -> Value {
        let module = self.modules.get_interned(self.names.builtins);
        module.unwrap_or(self.builtins.as_value())
    }
}
