//! Raising: how native code makes an exception pending.
//!
//! Holds: at most one exception is pending per thread; every function that returns [`Raised`] has made one pending; whoever swallows an
//! `Err` takes the exception with [`Vm::take_exception`].

pub mod print;
pub mod source;
pub mod suggest;
pub mod warn;

use cinder_layout::Value;

use crate::native::{PyResult, Raised};
use crate::object::Gc;
use crate::types::type_::PyType;
use crate::vm::Vm;

macro_rules! raisers {
    ($($(#[$meta:meta])* $function:ident $class:ident),* $(,)?) => {
        impl Vm {
            $($(#[$meta])*
            #[cold]
            pub fn $function(&self, message: impl AsRef<str>) -> Raised {
                self.raise_text(self.exceptions.$class, message.as_ref())
            })*
        }
    };
}

raisers! {
    /// TypeError with a message.
    type_error TypeError,
    value_error ValueError,
    index_error IndexError,
    runtime_error RuntimeError,
    overflow_error OverflowError,
    zero_division_error ZeroDivisionError,
    name_error_text NameError,
    attribute_error_text AttributeError,
    import_error_text ImportError,
    lookup_error LookupError,
    recursion_error RecursionError,
    memory_error_text MemoryError,
    buffer_error BufferError,
    eof_error EOFError,
    system_error SystemError,
    assertion_error AssertionError,
    not_implemented_error NotImplementedError,
    unicode_error UnicodeError,
    reference_error ReferenceError,
    arithmetic_error ArithmeticError,
}

impl Vm {
    /// Makes `class(message)` pending.
    #[cold]
    pub fn raise_text(&self, class: Gc<PyType>, message: &str) -> Raised {
        match self.new_str(message).and_then(|text| self.new_exception(class, &[text])) {
            Ok(exception) => self.raise(exception),
            Err(raised) => raised,
        }
    }

    /// Makes `class(argument)` pending (KeyError, StopIteration, SystemExit ...).
    #[cold]
    pub fn raise_value(&self, class: Gc<PyType>, argument: Value) -> Raised {
        match self.new_exception(class, &[argument]) {
            Ok(exception) => self.raise(exception),
            Err(raised) => raised,
        }
    }

    /// KeyError for `key`.
    #[cold]
    pub fn key_error(&self, key: Value) -> Raised {
        self.raise_value(self.exceptions.KeyError, key)
    }

    /// Makes the exception instance pending; the exception being handled becomes its `__context__`.
    #[cold]
    pub fn raise(&self, exception: Value) -> Raised {
        self.set_context(exception);
        self.restore(exception)
    }

    /// Makes the exception pending as it is (a re-raise).
    pub fn restore(&self, exception: Value) -> Raised {
        self.pending.set(Some(exception));
        Raised::pending()
    }

    /// Takes the pending exception; for code that handles an `Err`.
    pub fn take_exception(&self, _raised: Raised) -> Value {
        self.pending.take().expect("a Raised without a pending exception")
    }

    /// Whether the pending exception is an instance of `class`.
    pub fn pending_matches(&self, class: Gc<PyType>) -> bool {
        self.pending.get().is_some_and(|exception| self.is_subtype(self.type_of(exception), class))
    }

    /// `result`, with an exception of `class` turned into `None`.
    pub fn catch<T>(&self, result: PyResult<T>, class: Gc<PyType>) -> PyResult<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(raised) if self.pending_matches(class) => {
                self.take_exception(raised);
                Ok(None)
            }
            Err(raised) => Err(raised),
        }
    }
}

impl Vm {
    /// Hands an exception that nobody can catch to `sys.unraisablehook`. `message` is the first line without its colon.
    pub fn report_unraisable(&self, raised: Raised, message: &str) {
        let exception = self.take_exception(raised);
        let told = (|| {
            let Some(hook) = self.sys_attribute("unraisablehook").filter(|hook| !hook.is_none()) else { return Ok(()) };
            let traceback = self.getattr(exception, self.names.__traceback__)?;
            let details = self.new_simple_namespace(&[
                ("exc_type", self.type_of(exception).as_value()),
                ("exc_value", exception),
                ("exc_traceback", traceback),
                ("err_msg", self.new_str(message)?),
                ("object", Value::NONE),
            ])?;
            self.call(hook, &[details]).map(|_| ())
        })();
        if let Err(second) = told {
            let second = self.take_exception(second);
            self.write_stderr(&format!("Exception ignored in sys.unraisablehook:\n{}", self.format_exception(second)));
        }
    }
}
