"""Create and manipulate C compatible data types in Python.

The classes of C data are here; the memory under them, calls and the dynamic linker are native (`_foreign`). Every class of C data has an `_Info`
that says how large it is and how values of it are read, written, and handed to functions.
"""

import _foreign
from _foreign import RTLD_GLOBAL, RTLD_LOCAL, dlclose, dllist, get_errno, set_errno
from _ctypes._core import ArgumentError, _CData, _unpickle, addressof, alignment, buffer_info, byref, resize, sizeof
from _ctypes._simple import _SimpleCData
from _ctypes._sequence import Array, _Pointer
from _ctypes._aggregate import CField, Structure, Union
from _ctypes._function import (
    CFuncPtr,
    PyObj_FromPtr,
    Py_DECREF,
    Py_INCREF,
    _cast_addr,
    _memmove_addr,
    _memoryview_at_addr,
    _memset_addr,
    _string_at_addr,
    _wstring_at_addr,
    call_cdeclfunction,
    call_function,
    dlopen,
    dlsym,
)

__version__ = "1.1.0"
FUNCFLAG_CDECL = 1
FUNCFLAG_PYTHONAPI = 4
FUNCFLAG_USE_ERRNO = 8
FUNCFLAG_USE_LASTERROR = 16
CTYPES_MAX_ARGCOUNT = 1024
SIZEOF_TIME_T = 8
