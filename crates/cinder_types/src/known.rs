//! The classes every Static Python program knows without importing anything of its own.
//!
//! Problem: annotations, inference and layout refer to builtin classes constantly; they must be cheap to name and compare, and
//! their hierarchy must be known without reading stubs, because our own VM guarantees it.
//! Idea: one table; a row declares the class, where it lives and its base. Everything derives from the table.
//! Holds: a row's base stands above it (so that linearisation terminates); rows are printed without module prefix.
//!
//! Follows: the language specification, section 3.8.

macro_rules! known_classes {
    ($($variant:ident $name:literal : $base:ident $(in $module:literal)?;)*) => {
        /// A class whose behaviour the runtime itself guarantees.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum KnownClass { $($variant),* }

        impl KnownClass {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Direct base; `object` is its own base.
            pub fn base(self) -> Self {
                match self { $(Self::$variant => Self::$base),* }
            }

            pub fn module(self) -> &'static str {
                match self { $(Self::$variant => known_classes!(@module $($module)?)),* }
            }

            /// The class of this unqualified name, whatever its module.
            fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
    (@module) => { "builtins" };
    (@module $module:literal) => { $module };
}

known_classes! {
    Object "object": Object;
    Type "type": Object;
    Int "int": Object;
    Bool "bool": Int;
    Float "float": Object;
    Complex "complex": Object;
    Str "str": Object;
    Bytes "bytes": Object;
    List "list": Object;
    Dict "dict": Object;
    Set "set": Object;
    FrozenSet "frozenset": Object;
    Tuple "tuple": Object;
    Range "range": Object;
    Slice "slice": Object;
    Ellipsis "ellipsis": Object;
    NoneType "NoneType": Object;
    NotImplementedType "NotImplementedType": Object;
    Property "property": Object;
    ClassMethod "classmethod": Object;
    StaticMethod "staticmethod": Object;
    Super "super": Object;
    Function "function": Object in "types";
    Method "MethodType": Object in "types";
    MemberDescriptor "MemberDescriptorType": Object in "types";
    MethodDescriptor "MethodDescriptorType": Object in "types";
    Generator "GeneratorType": Object in "types";
    Module "ModuleType": Object in "types";
    Enum "Enum": Object in "__static__";
    IntEnum "IntEnum": Enum in "__static__";
    StringEnum "StringEnum": Enum in "__static__";
    ExcContextDecorator "ExcContextDecorator": Object in "__static__";
    ContextDecorator "ContextDecorator": ExcContextDecorator in "__static__";
    BaseException "BaseException": Object;
    BaseExceptionGroup "BaseExceptionGroup": BaseException;
    GeneratorExit "GeneratorExit": BaseException;
    KeyboardInterrupt "KeyboardInterrupt": BaseException;
    SystemExit "SystemExit": BaseException;
    Exception "Exception": BaseException;
    ExceptionGroup "ExceptionGroup": BaseExceptionGroup;
    ArithmeticError "ArithmeticError": Exception;
    FloatingPointError "FloatingPointError": ArithmeticError;
    OverflowError "OverflowError": ArithmeticError;
    ZeroDivisionError "ZeroDivisionError": ArithmeticError;
    AssertionError "AssertionError": Exception;
    AttributeError "AttributeError": Exception;
    BufferError "BufferError": Exception;
    EOFError "EOFError": Exception;
    ImportError "ImportError": Exception;
    ModuleNotFoundError "ModuleNotFoundError": ImportError;
    LookupError "LookupError": Exception;
    IndexError "IndexError": LookupError;
    KeyError "KeyError": LookupError;
    MemoryError "MemoryError": Exception;
    NameError "NameError": Exception;
    UnboundLocalError "UnboundLocalError": NameError;
    OSError "OSError": Exception;
    BlockingIOError "BlockingIOError": OSError;
    ChildProcessError "ChildProcessError": OSError;
    ConnectionError "ConnectionError": OSError;
    BrokenPipeError "BrokenPipeError": ConnectionError;
    ConnectionAbortedError "ConnectionAbortedError": ConnectionError;
    ConnectionRefusedError "ConnectionRefusedError": ConnectionError;
    ConnectionResetError "ConnectionResetError": ConnectionError;
    FileExistsError "FileExistsError": OSError;
    FileNotFoundError "FileNotFoundError": OSError;
    InterruptedError "InterruptedError": OSError;
    IsADirectoryError "IsADirectoryError": OSError;
    NotADirectoryError "NotADirectoryError": OSError;
    PermissionError "PermissionError": OSError;
    ProcessLookupError "ProcessLookupError": OSError;
    TimeoutError "TimeoutError": OSError;
    ReferenceError "ReferenceError": Exception;
    RuntimeError "RuntimeError": Exception;
    NotImplementedError "NotImplementedError": RuntimeError;
    PythonFinalizationError "PythonFinalizationError": RuntimeError;
    RecursionError "RecursionError": RuntimeError;
    StopAsyncIteration "StopAsyncIteration": Exception;
    StopIteration "StopIteration": Exception;
    SyntaxError "SyntaxError": Exception;
    IndentationError "IndentationError": SyntaxError;
    TabError "TabError": IndentationError;
    SystemError "SystemError": Exception;
    TypeError "TypeError": Exception;
    ValueError "ValueError": Exception;
    UnicodeError "UnicodeError": ValueError;
    UnicodeDecodeError "UnicodeDecodeError": UnicodeError;
    UnicodeEncodeError "UnicodeEncodeError": UnicodeError;
    UnicodeTranslateError "UnicodeTranslateError": UnicodeError;
    Warning "Warning": Exception;
    BytesWarning "BytesWarning": Warning;
    DeprecationWarning "DeprecationWarning": Warning;
    EncodingWarning "EncodingWarning": Warning;
    FutureWarning "FutureWarning": Warning;
    ImportWarning "ImportWarning": Warning;
    PendingDeprecationWarning "PendingDeprecationWarning": Warning;
    ResourceWarning "ResourceWarning": Warning;
    RuntimeWarning "RuntimeWarning": Warning;
    SyntaxWarning "SyntaxWarning": Warning;
    UnicodeWarning "UnicodeWarning": Warning;
    UserWarning "UserWarning": Warning;
}

impl KnownClass {
    /// A builtin class by the name programs use for it.
    pub fn builtin(name: &str) -> Option<Self> {
        match name {
            // Known to the runtime, but their names are not classes to annotations (section 3.7), or not builtins at all.
            "slice" | "ellipsis" | "NoneType" | "NotImplementedType" => None,
            "EnvironmentError" | "IOError" => Some(Self::OSError),
            _ => Self::named(name).filter(|class| class.module() == "builtins"),
        }
    }

    /// Linearisation: the class itself first, `object` last.
    ///
    /// The hierarchy is a tree but for `ExceptionGroup`, whose second base `Exception` is woven in here, and enums of ints and strings.
    pub fn mro(self) -> impl Iterator<Item = Self> {
        let mut next = Some(self);
        std::iter::from_fn(move || {
            let current = next?;
            next = match current {
                Self::Object => None,
                Self::BaseExceptionGroup if self == Self::ExceptionGroup => Some(Self::Exception),
                Self::Enum if self == Self::IntEnum => Some(Self::Int),
                Self::Enum if self == Self::StringEnum => Some(Self::Str),
                _ => Some(current.base()),
            };
            Some(current)
        })
    }

    /// A root of static enums.
    pub fn is_enum_root(self) -> bool {
        matches!(self, Self::Enum | Self::IntEnum | Self::StringEnum)
    }

    pub fn is_subclass_of(self, other: Self) -> bool {
        self.mro().any(|class| class == other)
    }

    /// No subclass can exist, so every instance is exact.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Bool
                | Self::NoneType
                | Self::Ellipsis
                | Self::Slice
                | Self::Range
                | Self::NotImplementedType
                | Self::Function
                | Self::Method
                | Self::MemberDescriptor
                | Self::MethodDescriptor
                | Self::Generator
        )
    }
}

#[cfg(test)]
mod tests {
    use super::KnownClass;

    #[test]
    fn every_class_reaches_object() {
        for &class in KnownClass::ALL {
            assert_eq!(class.mro().last(), Some(KnownClass::Object));
            assert!(class.base() <= class, "the base of {} stands below it", class.name());
        }
    }
}
