//! Objects: what has identity.

use std::sync::Arc;

use crate::code::{Body as CodeBody, Code, FunctionSpec, Name};
use crate::dict::Dict;
use crate::value::{Obj, Value};

/// An object of a heap.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object {
    /// The module whose body was running when it was made; it alone may change the object.
    pub(crate) owner: u32,
    pub(crate) class: Obj,
    /// The dictionary of its attributes, once it has any.
    pub(crate) attrs: Option<Obj>,
    pub(crate) body: Body,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Plain,
    /// An instance of a subclass of an immutable builtin.
    Scalar(Value),
    List(Vec<Value>),
    Dict(Dict),
    /// Also frozen sets; the values are `None`.
    Set(Dict),
    ByteArray(Vec<u8>),
    Function(Arc<Function>),
    Method {
        function: Value,
        receiver: Value,
    },
    Class(Box<Class>),
    Module(Box<Module>),
    /// Getter, setter, deleter, documentation.
    Property(Box<[Value; 4]>),
    ClassMethod(Value),
    StaticMethod(Value),
    Exception(Vec<Value>),
    /// The class after which to look, the object, and the type looked through.
    Super(Box<[Value; 3]>),
    Slice(Box<[Value; 3]>),
    Range(i64, i64, i64),
    Iterator(Box<Iterator>),
    Generator(Box<Generator>),
    Coroutine(Name),
    Cell(Option<Value>),
    Alias {
        origin: Value,
        args: Value,
    },
    Union(Vec<Value>),
    /// A read-only view of a class's or another dictionary.
    Proxy(Obj),
    View {
        dict: Obj,
        kind: ViewKind,
    },
    /// A slot of a class.
    Member(Name),
    Code(Arc<Code>),
    TypeAlias {
        name: Name,
        value: Arc<Function>,
    },
}

impl Object {
    /// Objects that it refers to.
    pub(crate) fn each_obj(&self, visit: &mut impl FnMut(Obj)) {
        visit(self.class);
        self.attrs.into_iter().for_each(&mut *visit);
        match &self.body {
            Body::Plain | Body::ByteArray(_) | Body::Range(..) | Body::Coroutine(_) => {}
            Body::Member(_) | Body::Code(_) | Body::Cell(None) => {}
            Body::Scalar(value) | Body::ClassMethod(value) | Body::StaticMethod(value) | Body::Cell(Some(value)) => {
                value.each_obj(visit);
            }
            Body::List(values) | Body::Exception(values) | Body::Union(values) => {
                values.iter().for_each(|value| value.each_obj(visit));
            }
            Body::Dict(dict) | Body::Set(dict) => dict.each_obj(visit),
            Body::Function(function) | Body::TypeAlias { value: function, .. } => function.each_obj(visit),
            Body::Method { function: a, receiver: b } | Body::Alias { origin: a, args: b } => {
                a.each_obj(visit);
                b.each_obj(visit);
            }
            Body::Class(class) => {
                class.bases.iter().chain(&class.mro).for_each(|base| base.each_obj(visit));
                class.dict.each_obj(visit);
                class.subclasses.iter().copied().for_each(visit);
            }
            Body::Module(module) => visit(module.dict),
            Body::Property(parts) => parts.iter().for_each(|part| part.each_obj(visit)),
            Body::Super(parts) | Body::Slice(parts) => parts.iter().for_each(|part| part.each_obj(visit)),
            Body::Iterator(iterator) => iterator.each_obj(visit),
            Body::Generator(generator) => {
                generator.frame.iter().for_each(|frame| frame.each_obj(visit));
            }
            Body::Proxy(dict) | Body::View { dict, .. } => visit(*dict),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ViewKind {
    Keys,
    Values,
    Items,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Function {
    pub(crate) name: Name,
    pub(crate) qualname: Name,
    pub(crate) body: CodeBody,
    /// The module object.
    pub(crate) module: Obj,
    /// The dictionary in which globals are looked up.
    pub(crate) globals: Obj,
    pub(crate) defaults: Vec<Value>,
    pub(crate) keyword_defaults: Vec<(Name, Value)>,
    pub(crate) closure: Vec<Obj>,
    /// The cell of the class around it.
    pub(crate) class_cell: Option<Obj>,
    /// The namespace that is searched first (annotations of a class).
    pub(crate) namespace: Option<Value>,
    /// What gives the annotations.
    pub(crate) annotate: Option<Deferred>,
    /// The dictionary, once it was asked for or set.
    pub(crate) annotations_value: Option<Value>,
    pub(crate) doc: Option<Value>,
}

/// Annotations that nobody has asked for: most never are, so no function is made for them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Deferred {
    pub(crate) spec: Arc<FunctionSpec>,
    pub(crate) closure: Vec<Obj>,
    pub(crate) namespace: Option<Value>,
}

impl Function {
    /// The function that gives the annotations.
    pub(crate) fn annotations_function(&self, deferred: &Deferred) -> Function {
        let spec = &deferred.spec;
        Function {
            name: spec.name.clone(),
            qualname: spec.qualname.clone(),
            body: spec.body.clone(),
            module: self.module,
            globals: self.globals,
            defaults: Vec::new(),
            keyword_defaults: Vec::new(),
            closure: deferred.closure.clone(),
            class_cell: self.class_cell,
            namespace: deferred.namespace.clone(),
            annotate: None,
            annotations_value: None,
            doc: None,
        }
    }

    fn each_obj(&self, visit: &mut impl FnMut(Obj)) {
        visit(self.module);
        visit(self.globals);
        self.closure.iter().chain(&self.class_cell).copied().for_each(&mut *visit);
        let keywords = self.keyword_defaults.iter().map(|(_, value)| value);
        let deferred = self.annotate.as_ref();
        deferred.iter().flat_map(|deferred| &deferred.closure).copied().for_each(&mut *visit);
        let rest = [
            self.namespace.as_ref(),
            deferred.and_then(|deferred| deferred.namespace.as_ref()),
            self.annotations_value.as_ref(),
            self.doc.as_ref(),
        ];
        let values = self.defaults.iter().chain(keywords).chain(rest.into_iter().flatten());
        values.for_each(|value| value.each_obj(visit));
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Class {
    pub(crate) name: Name,
    pub(crate) qualname: Name,
    pub(crate) bases: Vec<Value>,
    /// The class itself first; may hold unknown bases.
    pub(crate) mro: Vec<Value>,
    pub(crate) dict: Dict,
    /// The builtin whose storage instances have.
    pub(crate) layout: Ty,
    /// Instances have no attribute dictionary.
    pub(crate) is_slotted: bool,
    pub(crate) subclasses: Vec<Obj>,
    /// Called where its module marks it as changeable.
    pub(crate) is_mutable: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Module {
    pub(crate) name: Name,
    pub(crate) dict: Obj,
    pub(crate) is_package: bool,
    /// Its own body may not define more: children of an allow-listed parent are published on it.
    pub(crate) publishes_children: bool,
    /// The file said to skip the analysis: what it defines is not known.
    pub(crate) is_opaque: bool,
    pub(crate) is_done: bool,
    /// Importing it raises: names behind the place where it does are missing.
    pub(crate) is_broken: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Iterator {
    Items {
        items: Arc<[Value]>,
        at: usize,
    },
    /// A list that may change meanwhile.
    List {
        list: Obj,
        at: usize,
    },
    ListBack {
        list: Obj,
        at: usize,
    },
    Dict {
        dict: Obj,
        at: usize,
        kind: ViewKind,
        len: usize,
    },
    Range {
        at: i64,
        stop: i64,
        step: i64,
    },
    Zip {
        sources: Vec<Value>,
        is_strict: bool,
    },
    Map {
        function: Value,
        sources: Vec<Value>,
    },
    Filter {
        function: Value,
        source: Value,
    },
    Enumerate {
        source: Value,
        at: Value,
    },
    /// `iter(callable, sentinel)`.
    Call {
        function: Value,
        sentinel: Value,
    },
    /// An object with `__getitem__` only.
    Index {
        object: Value,
        at: i64,
    },
    Empty,
}

impl Iterator {
    fn each_obj(&self, visit: &mut impl FnMut(Obj)) {
        match self {
            Iterator::Items { items, .. } => items.iter().for_each(|item| item.each_obj(visit)),
            Iterator::List { list: obj, .. } | Iterator::ListBack { list: obj, .. } => visit(*obj),
            Iterator::Dict { dict, .. } => visit(*dict),
            Iterator::Range { .. } | Iterator::Empty => {}
            Iterator::Zip { sources, .. } => sources.iter().for_each(|source| source.each_obj(visit)),
            Iterator::Map { function, sources } => {
                sources.iter().chain([function]).for_each(|value| value.each_obj(visit));
            }
            Iterator::Filter { function: a, source: b }
            | Iterator::Enumerate { source: a, at: b }
            | Iterator::Call { function: a, sentinel: b } => {
                a.each_obj(visit);
                b.each_obj(visit);
            }
            Iterator::Index { object, .. } => object.each_obj(visit),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Generator {
    pub(crate) name: Name,
    /// `None` while it runs and when it is done.
    pub(crate) frame: Option<Box<crate::machine::Frame>>,
    pub(crate) is_started: bool,
    pub(crate) is_async: bool,
}

macro_rules! builtin_types {
    ($($variant:ident $name:literal : $base:ident),* $(,)?) => {
        /// The builtin classes. Their number is their place in the builtin heap.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u32)]
        pub(crate) enum Ty { $($variant),* }

        impl Ty {
            /// In order of their numbers: name and base.
            pub(crate) const ALL: &[(Ty, &'static str, Ty)] = &[$((Ty::$variant, $name, Ty::$base)),*];
        }
    };
}

builtin_types! {
    Object "object": Object, Type "type": Object, NoneType "NoneType": Object, EllipsisType "ellipsis": Object,
    NotImplementedType "NotImplementedType": Object, Int "int": Object, Bool "bool": Int, Float "float": Object,
    Complex "complex": Object, Str "str": Object, Bytes "bytes": Object, ByteArray "bytearray": Object,
    Tuple "tuple": Object, List "list": Object, Dict "dict": Object, Set "set": Object, FrozenSet "frozenset": Object,
    Function "function": Object, NativeFunction "builtin_function_or_method": Object, Method "method": Object,
    Module "module": Object, Property "property": Object, ClassMethod "classmethod": Object,
    StaticMethod "staticmethod": Object, Super "super": Object, Slice "slice": Object, Range "range": Object,
    Iterator "iterator": Object, Zip "zip": Object, Map "map": Object, Filter "filter": Object,
    Enumerate "enumerate": Object, Reversed "reversed": Object, Generator "generator": Object,
    AsyncGenerator "async_generator": Object, Coroutine "coroutine": Object, Cell "cell": Object,
    Alias "GenericAlias": Object, Union "Union": Object, Proxy "mappingproxy": Object, DictKeys "dict_keys": Object,
    DictValues "dict_values": Object, DictItems "dict_items": Object, Member "member_descriptor": Object,
    Code "code": Object, TypeAliasType "TypeAliasType": Object, MemoryView "memoryview": Object,
    WrapperDescriptor "wrapper_descriptor": Object, MethodDescriptor "method_descriptor": Object,
    Traceback "traceback": Object, Template "Template": Object,
    TypeVar "TypeVar": Object, ParamSpec "ParamSpec": Object, TypeVarTuple "TypeVarTuple": Object,
    GenericBase "Generic": Object,
    BaseException "BaseException": Object, Exception "Exception": BaseException,
    BaseExceptionGroup "BaseExceptionGroup": BaseException, ExceptionGroup "ExceptionGroup": BaseExceptionGroup,
    SystemExit "SystemExit": BaseException, KeyboardInterrupt "KeyboardInterrupt": BaseException,
    GeneratorExit "GeneratorExit": BaseException, StopIteration "StopIteration": Exception,
    StopAsyncIteration "StopAsyncIteration": Exception, ArithmeticError "ArithmeticError": Exception,
    FloatingPointError "FloatingPointError": ArithmeticError, OverflowError "OverflowError": ArithmeticError,
    ZeroDivisionError "ZeroDivisionError": ArithmeticError, AssertionError "AssertionError": Exception,
    AttributeError "AttributeError": Exception, BufferError "BufferError": Exception, EOFError "EOFError": Exception,
    ImportError "ImportError": Exception, ModuleNotFoundError "ModuleNotFoundError": ImportError,
    LookupError "LookupError": Exception, IndexError "IndexError": LookupError, KeyError "KeyError": LookupError,
    MemoryError "MemoryError": Exception, NameError "NameError": Exception,
    UnboundLocalError "UnboundLocalError": NameError, OSError "OSError": Exception,
    BlockingIOError "BlockingIOError": OSError, ChildProcessError "ChildProcessError": OSError,
    ConnectionError "ConnectionError": OSError, BrokenPipeError "BrokenPipeError": ConnectionError,
    ConnectionAbortedError "ConnectionAbortedError": ConnectionError,
    ConnectionRefusedError "ConnectionRefusedError": ConnectionError,
    ConnectionResetError "ConnectionResetError": ConnectionError, FileExistsError "FileExistsError": OSError,
    FileNotFoundError "FileNotFoundError": OSError, InterruptedError "InterruptedError": OSError,
    IsADirectoryError "IsADirectoryError": OSError, NotADirectoryError "NotADirectoryError": OSError,
    PermissionError "PermissionError": OSError, ProcessLookupError "ProcessLookupError": OSError,
    TimeoutError "TimeoutError": OSError, ReferenceError "ReferenceError": Exception,
    RuntimeError "RuntimeError": Exception, NotImplementedError "NotImplementedError": RuntimeError,
    RecursionError "RecursionError": RuntimeError, PythonFinalizationError "PythonFinalizationError": RuntimeError,
    SyntaxError "SyntaxError": Exception, IndentationError "IndentationError": SyntaxError,
    TabError "TabError": IndentationError, SystemError "SystemError": Exception, TypeError "TypeError": Exception,
    ValueError "ValueError": Exception, UnicodeError "UnicodeError": ValueError,
    UnicodeDecodeError "UnicodeDecodeError": UnicodeError, UnicodeEncodeError "UnicodeEncodeError": UnicodeError,
    UnicodeTranslateError "UnicodeTranslateError": UnicodeError, Warning "Warning": Exception,
    BytesWarning "BytesWarning": Warning, DeprecationWarning "DeprecationWarning": Warning,
    EncodingWarning "EncodingWarning": Warning, FutureWarning "FutureWarning": Warning,
    ImportWarning "ImportWarning": Warning, PendingDeprecationWarning "PendingDeprecationWarning": Warning,
    ResourceWarning "ResourceWarning": Warning, RuntimeWarning "RuntimeWarning": Warning,
    SyntaxWarning "SyntaxWarning": Warning, UnicodeWarning "UnicodeWarning": Warning, UserWarning "UserWarning": Warning,
}

impl Ty {
    pub(crate) const fn obj(self) -> Obj {
        Obj { heap: 0, index: self as u32 }
    }

    pub(crate) const fn value(self) -> Value {
        Value::Obj(self.obj())
    }

    pub(crate) fn name(self) -> &'static str {
        Ty::ALL[self as usize].1
    }

    pub(crate) fn base(self) -> Ty {
        Ty::ALL[self as usize].2
    }

    pub(crate) fn by_name(name: &str) -> Option<Ty> {
        Ty::ALL.iter().find(|(_, known, _)| *known == name).map(|(ty, _, _)| *ty)
    }

    /// The builtin class behind an object, if it is one.
    pub(crate) fn of_obj(obj: Obj) -> Option<Ty> {
        if obj.heap != 0 {
            return None;
        }
        Ty::ALL.get(obj.index as usize).map(|(ty, _, _)| *ty)
    }

    pub(crate) fn is_exception(self) -> bool {
        self as u32 >= Ty::BaseException as u32
    }

    /// Classes nothing may inherit from.
    pub(crate) fn is_final(self) -> bool {
        use Ty::*;
        matches!(
            self,
            NoneType
                | EllipsisType
                | NotImplementedType
                | Bool
                | Function
                | NativeFunction
                | Method
                | Slice
                | Range
                | Generator
                | Coroutine
                | Cell
                | Union
                | Proxy
                | DictKeys
                | DictValues
                | DictItems
                | Member
                | Code
                | MemoryView
                | TypeAliasType
                | AsyncGenerator
                | Traceback
                | TypeVar
                | ParamSpec
                | TypeVarTuple
        )
    }
}

/// The class of a builtin exception.
pub(crate) fn exception_class(name: &str) -> Value {
    Ty::by_name(name).unwrap_or(Ty::Exception).value()
}
