//! Interned names that the VM itself uses.

use cinder_layout::Value;

use crate::vm::Vm;

macro_rules! names {
    ($($name:ident $(= $text:literal)?),* $(,)?) => {
        /// One interned `str` per name.
        #[allow(non_snake_case, reason = "fields are spelled as the Python names")]
        pub struct Names { $(pub $name: Value,)* }

        impl Names {
            pub(crate) fn new(vm: &Vm) -> Names {
                Names { $($name: vm.intern(names!(@text $name $($text)?)),)* }
            }
        }
    };
    (@text $name:ident $text:literal) => { $text };
    (@text $name:ident) => { stringify!($name) };
}

names! {
    __abs__, __abstractmethods__, __add__, __aenter__, __aexit__, __aiter__, __all__, __and__, __anext__, __annotate__, __annotations__,
    __await__, __bases__, __bool__, __buffer__, __build_class__, __builtins__, __bytes__, __cached__, __call__, __cause__, __class__, __class_getitem__,
    __classcell__, __classdict__, __classdictcell__, __code__, __complex__, __contains__, __context__, __debug__, __defaults__, __del__,
    __delattr__, __delete__, __delitem__, __dict__, __dir__, __divmod__, __doc__, __enter__, __eq__, __exit__, __file__, __firstlineno__,
    __float__, __floordiv__, __format__, __ge__, __get__, __getattr__, __getattribute__, __getitem__, __getnewargs__,
    __getnewargs_ex__, __getstate__, __globals__, __gt__, __hash__, __iadd__, __iand__, __ifloordiv__, __ilshift__, __imatmul__, __imod__,
    __import__, __imul__, __index__, __init__, __init_subclass__, __instancecheck__, __int__, __invert__, __ior__, __ipow__,
    __irshift__, __isabstractmethod__, __isub__, __iter__, __itruediv__, __ixor__, __kwdefaults__, __le__, __len__,
    __length_hint__, __loader__, __lshift__, __lt__, __main__, __match_args__, __matmul__, __metaclass__, __missing__, __mod__,
    __module__, __mro_entries__, __mul__, __name__, __ne__, __neg__, __new__, __next__, __notes__, __or__, __orig_bases__,
    __orig_class__, __origin__, __package__, __parameters__, __path__, __pos__, __pow__, __prepare__, __qualname__, __radd__, __rand__, __rdivmod__,
    __reduce__, __reduce_ex__, __release_buffer__, __repr__, __reversed__, __rfloordiv__, __rlshift__, __rmatmul__, __rmod__, __rmul__,
    __ror__, __round__, __rpow__, __rrshift__, __rshift__, __rsub__, __rtruediv__, __rxor__, __set__, __set_name__, __setattr__,
    __setitem__, __slots__, __spec__, __static_attributes__, __str__, __sub__, __subclasscheck__, __subclasshook__, __text_signature__, __traceback__,
    __truediv__, __trunc__, __ceil__, __floor__, __type_params__, __value__, __weakref__, __wrapped__, __xor__, __firstline__,
    add_note, args, builtins, close, closed, code, copy, encoding, end, errors, excepthook, displayhook, file, filename, fileno, flush, getattr,
    globals, isatty, items, key, keys, lineno, locals, mode, modules, metaclass, msg, name, obj, object, offset, open, path, print,
    read, readline, reverse, send, sep, signature, start, stop, step, stderr, stdin, stdout, strict, sys, text, throw, tracebacklimit, update, value, values, write,
    _fields, _initializing, _lock_unlock_module, _find_and_load, _handle_fromlist, _io, _warnings, unraisablehook,
    empty = "", dot = ".", star = "*", lambda = "<lambda>", module = "<module>", string = "<string>", underscore = "_",
}
