//! What `inspect.signature` shows of builtin classes: their `__text_signature__`.
//!
//! Problem: constructors are slots, which have no signature, and some classes of CPython show none, or another than their constructor takes.
//! Idea: one table by declared name; what is not in it shows none. Source: the `tp_doc` of CPython's types.

/// The text of a class that is declared by this name.
pub(super) fn of(declared_name: &str) -> Option<&'static str> {
    let found = TABLE.iter().find(|(names, _)| names.split(' ').any(|name| name == declared_name));
    found.map(|(_, text)| *text)
}

/// Names divided by spaces, and what they show.
const TABLE: &[(&str, &str)] = &[
    ("object ellipsis NoneType NotImplementedType _thread.lock _thread.RLock _thread._local _queue.SimpleQueue", "()"),
    ("bool", "(object=False, /)"),
    ("classmethod staticmethod", "(function, /)"),
    ("complex", "(real=0, imag=0)"),
    ("enumerate", "(iterable, start=0)"),
    ("filter itertools.filterfalse itertools.starmap", "(function, iterable, /)"),
    ("float", "(x=0, /)"),
    ("frozenset list set tuple", "(iterable=(), /)"),
    ("map", "(function, iterable, /, *iterables, strict=False)"),
    ("memoryview", "(object)"),
    ("property", "(fget=None, fset=None, fdel=None, doc=None)"),
    ("reversed", "(sequence, /)"),
    ("zip", "(*iterables, strict=False)"),
    ("functools.partial", "(func, /, *args, **keywords)"),
    ("itertools.accumulate", "(iterable, func=None, *, initial=None)"),
    ("itertools.batched", "(iterable, n, *, strict=False)"),
    ("itertools.chain", "(*iterables)"),
    ("itertools.combinations itertools.combinations_with_replacement", "(iterable, r)"),
    ("itertools.compress", "(data, selectors)"),
    ("itertools.count", "(start=0, step=1)"),
    ("itertools.cycle itertools.pairwise itertools._tee", "(iterable, /)"),
    ("itertools.dropwhile itertools.takewhile", "(predicate, iterable, /)"),
    ("itertools.groupby", "(iterable, key=None)"),
    ("itertools.permutations", "(iterable, r=None)"),
    ("itertools.product", "(*iterables, repeat=1)"),
    ("itertools.zip_longest", "(*iterables, fillvalue=None)"),
    ("operator.attrgetter", "(attr, /, *attrs)"),
    ("operator.itemgetter", "(item, /, *items)"),
    ("operator.methodcaller", "(name, /, *args, **kwargs)"),
    (
        "code",
        "(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize,\n     flags, codestring, constants, names, varnames, filename, \
         name,\n     qualname, firstlineno, linetable, exceptiontable, freevars=(),\n     cellvars=(), /)",
    ),
    ("function", "(code, globals, name=None, argdefs=None, closure=None,\n         kwdefaults=None)"),
    ("types.GenericAlias", "(origin, args, /)"),
    ("mappingproxy", "(mapping)"),
    ("method", "(function, instance, /)"),
    ("module", "(name, doc=None)"),
    ("types.SimpleNamespace", "(mapping_or_iterable=(), /, **kwargs)"),
    ("traceback", "(tb_next, tb_frame, tb_lasti, tb_lineno)"),
    ("_io.BufferedRandom _io.BufferedReader _io.BufferedWriter", "(raw, buffer_size=DEFAULT_BUFFER_SIZE)"),
    ("_io.BufferedRWPair", "(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)"),
    ("_io.BytesIO", "(initial_bytes=b'')"),
    ("_io.FileIO", "(file, mode='r', closefd=True, opener=None)"),
    ("_io.StringIO", "(initial_value='', newline='\\n')"),
    (
        "_io.TextIOWrapper",
        "(buffer, encoding=None, errors=None, newline=None,\n              line_buffering=False, write_through=False)",
    ),
    ("zlib._ZlibDecompressor", "(wbits=15, zdict=b'')"),
    ("posix.sched_param", "(sched_priority)"),
];
