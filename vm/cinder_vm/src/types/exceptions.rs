//! Exceptions: `BaseException`'s payload and the table of builtin exception classes.
//!
//! All builtin exceptions share one payload; those with attributes of their own (OSError, SyntaxError, StopIteration ...) keep them in `extra`,
//! in the order their declaration lists, where a subclass made in Python finds them too. Source: Objects/exceptions.c.

mod base;
mod group;
pub mod init;

use cinder_heap::{Gc, HeapObject, Slot, Trace, Tracer, object_header};
use cinder_layout::{Header, Value};
use std::cell::Cell;

use crate::native::PyResult;
use crate::object::Payload;
use crate::object::slots::Slots;
use crate::types::type_::{PyType, TypeDef, type_flags};
use crate::vm::Vm;

/// Payload of every exception.
#[repr(C)]
pub struct PyBaseException {
    header: Header,
    /// Tuple.
    pub args: Slot<Value>,
    /// Traceback or None.
    pub traceback: Slot<Value>,
    /// Exception or None.
    pub context: Slot<Value>,
    /// Exception or None.
    pub cause: Slot<Value>,
    pub suppress_context: Cell<bool>,
    /// Tuple of the class's own attributes by [`ExceptionClass::fields`] order, each bound or [`Value::EMPTY`]; `None` when it has none.
    pub extra: Slot<Option<Value>>,
}

impl Trace for PyBaseException {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.args.get());
        tracer.visit(self.traceback.get());
        tracer.visit(self.context.get());
        tracer.visit(self.cause.get());
        tracer.visit_option(self.extra.get());
    }
}

// SAFETY: repr(C), header first.
unsafe impl HeapObject for PyBaseException {}

crate::layout!(PyBaseException, "BaseException", exact base_exception);

pub static BASE_EXCEPTION: TypeDef = TypeDef {
    flags: type_flags::BASE | type_flags::HAS_DICT,
    slots: Slots {
        repr: Some(base::repr),
        str: Some(base::str),
        new: Some(base::new),
        init: Some(base::init),
        ..Slots::NONE
    },
    methods: base::METHODS,
    getset: base::GETSET,
    ..TypeDef::new("BaseException", <PyBaseException as Payload>::LAYOUT)
};

/// A builtin exception class besides `BaseException`.
pub struct ExceptionClass {
    pub name: &'static str,
    pub base: &'static str,
    /// Attributes kept in [`PyBaseException::extra`] (inherited ones not repeated).
    pub fields: &'static [&'static str],
}

/// Calls `$m` with `Name: Base [own attributes];` for every builtin exception, bases first.
#[macro_export]
macro_rules! for_each_exception {
    ($m:ident) => {
        $m! {
            BaseExceptionGroup: BaseException [message exceptions];
            Exception: BaseException [];
            ExceptionGroup: Exception [message exceptions];
            GeneratorExit: BaseException [];
            KeyboardInterrupt: BaseException [];
            SystemExit: BaseException [code];
            ArithmeticError: Exception [];
            FloatingPointError: ArithmeticError [];
            OverflowError: ArithmeticError [];
            ZeroDivisionError: ArithmeticError [];
            AssertionError: Exception [];
            AttributeError: Exception [name obj];
            BufferError: Exception [];
            EOFError: Exception [];
            ImportError: Exception [msg name path name_from];
            ModuleNotFoundError: ImportError [];
            LookupError: Exception [];
            IndexError: LookupError [];
            KeyError: LookupError [];
            MemoryError: Exception [];
            NameError: Exception [name];
            UnboundLocalError: NameError [];
            OSError: Exception [errno strerror filename winerror filename2 characters_written];
            BlockingIOError: OSError [];
            ChildProcessError: OSError [];
            ConnectionError: OSError [];
            BrokenPipeError: ConnectionError [];
            ConnectionAbortedError: ConnectionError [];
            ConnectionRefusedError: ConnectionError [];
            ConnectionResetError: ConnectionError [];
            FileExistsError: OSError [];
            FileNotFoundError: OSError [];
            InterruptedError: OSError [];
            IsADirectoryError: OSError [];
            NotADirectoryError: OSError [];
            PermissionError: OSError [];
            ProcessLookupError: OSError [];
            TimeoutError: OSError [];
            ReferenceError: Exception [];
            RuntimeError: Exception [];
            NotImplementedError: RuntimeError [];
            PythonFinalizationError: RuntimeError [];
            RecursionError: RuntimeError [];
            StopAsyncIteration: Exception [];
            StopIteration: Exception [value];
            SyntaxError: Exception [msg filename lineno offset text end_lineno end_offset print_file_and_line _metadata];
            IndentationError: SyntaxError [];
            TabError: IndentationError [];
            _IncompleteInputError: SyntaxError [];
            SystemError: Exception [];
            TypeError: Exception [];
            ValueError: Exception [];
            UnicodeError: ValueError [];
            UnicodeDecodeError: UnicodeError [encoding object start end reason];
            UnicodeEncodeError: UnicodeError [encoding object start end reason];
            UnicodeTranslateError: UnicodeError [encoding object start end reason];
            Warning: Exception [];
            BytesWarning: Warning [];
            DeprecationWarning: Warning [];
            EncodingWarning: Warning [];
            FutureWarning: Warning [];
            ImportWarning: Warning [];
            PendingDeprecationWarning: Warning [];
            ResourceWarning: Warning [];
            RuntimeWarning: Warning [];
            SyntaxWarning: Warning [];
            UnicodeWarning: Warning [];
            UserWarning: Warning [];
        }
    };
}

macro_rules! define_exceptions {
    ($($name:ident: $base:ident [$($field:ident)*];)*) => {
        /// The builtin exception classes.
        #[allow(non_snake_case, reason = "fields are spelled as the Python classes")]
        pub struct Exceptions {
            pub BaseException: Gc<PyType>,
            $(pub $name: Gc<PyType>,)*
            /// Raised when not even an exception can be allocated.
            pub memory_error_instance: Value,
        }

        /// Declarations in table order.
        pub static EXCEPTION_CLASSES: &[ExceptionClass] = &[
            $(ExceptionClass { name: stringify!($name), base: stringify!($base), fields: &[$(stringify!($field)),*] },)*
        ];

        impl Exceptions {
            /// From classes in table order.
            pub(crate) fn from_slice(base: Gc<PyType>, classes: &[Gc<PyType>], memory_error_instance: Value) -> Exceptions {
                let mut classes = classes.iter();
                let mut next = || *classes.next().expect("one class per row");
                Exceptions { BaseException: base, $($name: next(),)* memory_error_instance }
            }

            /// The classes in table order (all but BaseException).
            pub(crate) fn all(&self) -> impl Iterator<Item = Gc<PyType>> {
                [$(self.$name),*].into_iter()
            }
        }
    };
}
for_each_exception!(define_exceptions);

/// Methods of `BaseExceptionGroup`.
pub(crate) fn group_methods() -> &'static [crate::native::NativeDef] {
    group::METHODS
}

impl Vm {
    /// New instance by calling the class with `args`.
    ///
    /// Runs Python: when the class is made in Python.
    pub fn new_exception(&self, class: Gc<PyType>, args: &[Value]) -> PyResult<Value> {
        if class.has(crate::types::type_::type_flags::HEAP) || !self.is_filled_by_new(class) {
            return self.call(class.as_value(), args);
        }
        base::new(self, class, args, None)
    }

    /// Whether `init` of an exception class does what its `new` has done.
    pub(crate) fn is_filled_by_new(&self, class: Gc<PyType>) -> bool {
        if !std::ptr::eq(class.layout, <PyBaseException as crate::object::Payload>::LAYOUT) {
            return false;
        }
        let (own, base) = (class.slots(), self.exceptions.BaseException.slots());
        own.new.map(|f| f as usize) == base.new.map(|f| f as usize)
            && own.init.map(|f| f as usize) == base.init.map(|f| f as usize)
    }

    /// Payload of an exception value.
    pub fn as_exception(&self, value: Value) -> Option<Gc<PyBaseException>> {
        self.downcast::<PyBaseException>(value)
    }

    /// Bare payload with `args`, of shape `shape`; what `BaseException.__new__` makes.
    pub fn alloc_exception(&self, shape: u32, args: Value, tail_bytes: usize) -> PyResult<Gc<PyBaseException>> {
        self.alloc_tail(
            PyBaseException {
                header: object_header(shape),
                args: Slot::new(args),
                traceback: Slot::new(Value::NONE),
                context: Slot::new(Value::NONE),
                cause: Slot::new(Value::NONE),
                suppress_context: Cell::new(false),
                extra: Slot::new(None),
            },
            tail_bytes,
        )
    }

    /// Makes the exception being handled the `__context__` of `exception`, breaking cycles (CPython `_PyErr_SetObject`).
    pub(crate) fn set_context(&self, exception: Value) {
        let Some(handled) = self.handled_exception() else { return };
        if handled == exception {
            return;
        }
        let mut current = handled;
        let mut steps = 0;
        while let Some(payload) = self.as_exception(current) {
            let context = payload.context.get();
            if context == exception {
                payload.context.init(Value::NONE);
                break;
            }
            steps += 1;
            if context.is_none() || steps > 10_000 {
                break;
            }
            current = context;
        }
        if let Some(payload) = self.as_exception(exception) {
            payload.context.set(&self.heap, payload, handled);
        }
    }
}
