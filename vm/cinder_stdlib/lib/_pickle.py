"""Pickling under the names of CPython's accelerated module: its exceptions, its texts, its PickleBuffer.

The work is done by the library's pickle. That module asks for names from here twice while it is being loaded: at its top for PickleBuffer, at its end
for everything else, so the rest is made when it is asked for first.
"""

import sys as _sys


class PickleBuffer:
    """Wrapper for potentially out-of-band buffers"""

    __slots__ = ("_view", "__weakref__")

    def __new__(cls, object, /):
        self = super().__new__(cls)
        self._view = memoryview(object)
        return self

    def __init_subclass__(cls, **keywords):
        raise TypeError("type 'pickle.PickleBuffer' is not an acceptable base type")

    def _check(self):
        if self._view is None:
            raise ValueError("operation forbidden on released PickleBuffer object")
        return self._view

    def raw(self):
        """Return a memoryview of the raw memory underlying this buffer.

        Will raise BufferError is the buffer isn't contiguous."""
        view = self._check()
        if not view.contiguous:
            raise BufferError("cannot extract raw buffer from non-contiguous buffer")
        return memoryview(view) if view.ndim == 1 and view.format == "B" else view.cast("B")

    def release(self):
        """Release the underlying buffer controlled by the PickleBuffer object."""
        if self._view is not None:
            self._view.release()
            self._view = None

    def __buffer__(self, flags):
        return memoryview(self._check())

    def __reduce_ex__(self, protocol):
        raise TypeError("cannot pickle 'pickle.PickleBuffer' object")


PickleBuffer.__module__ = "pickle"

_NAMES = ("PickleError", "PicklingError", "UnpicklingError", "Pickler", "Unpickler", "dump", "dumps", "load", "loads")


def _define(pickle):
    UnpicklingError = pickle.UnpicklingError

    class Pickler(pickle._Pickler):
        """Writes a pickle data stream to a file."""

    class Unpickler(pickle._Unpickler):
        """Reads a pickle data stream from a file."""

        def load(self):
            """Load a pickle: the object that the file holds."""
            if not hasattr(self, "_file_read"):
                raise UnpicklingError(
                    f"Unpickler.__init__() was not called by {type(self).__name__}.__init__()")
            file_read, file_readline = self._file_read, self._file_readline
            count = 0

            def read(size):
                nonlocal count
                data = file_read(size)
                if len(data) < size:
                    if not data and not count:
                        raise EOFError("Ran out of input")
                    if not (size == 1 and data):
                        raise UnpicklingError("pickle data was truncated") if data or size > 1 else EOFError("Ran out of input")
                count += 1
                return data

            def readline():
                line = file_readline()
                if not line.endswith(b"\n"):
                    raise UnpicklingError("pickle data was truncated")
                return line

            self._file_read, self._file_readline = read, readline
            try:
                return super().load()
            except (IndexError, KeyError) as error:
                # What goes wrong in the handlers themselves is the data's fault; what they call has frames below them.
                frame = error.__traceback__.tb_next
                if frame is None or frame.tb_next is not None and frame.tb_next.tb_next is not None:
                    raise
                if isinstance(error, KeyError) and frame.tb_next is None and isinstance(error.args[0], int):
                    key = error.args[0]
                    shown = chr(key) if 32 <= key < 127 else f"\\x{key:02x}"
                    raise UnpicklingError(f"invalid load key, '{shown}'.") from None
                if isinstance(error, IndexError):
                    raise UnpicklingError("unpickling stack underflow") from None
                raise
            finally:
                self._file_read, self._file_readline = file_read, file_readline

    from io import BytesIO

    def dump(obj, file, protocol=None, *, fix_imports=True, buffer_callback=None):
        """Write a pickled representation of obj to the open file object file."""
        Pickler(file, protocol, fix_imports=fix_imports, buffer_callback=buffer_callback).dump(obj)

    def dumps(obj, protocol=None, *, fix_imports=True, buffer_callback=None):
        """Return the pickled representation of the object as a bytes object."""
        file = BytesIO()
        Pickler(file, protocol, fix_imports=fix_imports, buffer_callback=buffer_callback).dump(obj)
        return file.getvalue()

    def load(file, *, fix_imports=True, encoding="ASCII", errors="strict", buffers=()):
        """Read and return an object from the pickle data stored in a file."""
        return Unpickler(file, fix_imports=fix_imports, buffers=buffers, encoding=encoding, errors=errors).load()

    def loads(data, /, *, fix_imports=True, encoding="ASCII", errors="strict", buffers=()):
        """Read and return an object from the given pickle data."""
        if isinstance(data, str):
            raise TypeError("a bytes-like object is required, not 'str'")
        return Unpickler(BytesIO(data), fix_imports=fix_imports, buffers=buffers, encoding=encoding, errors=errors).load()

    made = {"Pickler": Pickler, "Unpickler": Unpickler, "dump": dump, "dumps": dumps, "load": load, "loads": loads}
    for name, value in made.items():
        value.__module__ = "_pickle"
        value.__qualname__ = name
        if not isinstance(value, type):
            # As builtin functions, these do not become methods of a class that has them.
            made[name] = staticmethod(value)
    for name in ("PickleError", "PicklingError", "UnpicklingError"):
        made[name] = getattr(pickle, name)
    globals().update(made)


def __getattr__(name):
    if name in _NAMES:
        pickle = _sys.modules.get("pickle")
        if pickle is None or not hasattr(pickle, "_Unpickler"):
            if pickle is not None:
                raise AttributeError(f"module '_pickle' has no attribute '{name}' while pickle is being loaded")
            import pickle
        if name not in globals():
            _define(pickle)
        return globals()[name]
    raise AttributeError(f"module '_pickle' has no attribute '{name}'")
