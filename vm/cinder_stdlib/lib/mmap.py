"""Memory-mapped files."""

import os as _os
import sys as _sys
import _mapping
from _mapping import *

PAGESIZE = _mapping.PAGESIZE
ALLOCATIONGRANULARITY = PAGESIZE
ACCESS_DEFAULT = 0
ACCESS_READ = 1
ACCESS_WRITE = 2
ACCESS_COPY = 3
error = OSError
del Mapping


class mmap(_mapping.Mapping):
    """mmap(fileno, length[, flags[, prot[, access[, offset[, trackfd]]]]])

    Maps length bytes from the file specified by the file descriptor fileno,
    and returns a mmap object. A fileno of -1 maps anonymous memory; a length
    of 0 maps the file as it is.
    """

    def __new__(cls, fileno, length, flags=MAP_SHARED, prot=PROT_WRITE | PROT_READ, access=ACCESS_DEFAULT, offset=0, *, trackfd=True):
        length, offset = length.__index__(), offset.__index__()
        if length < 0:
            raise OverflowError("memory mapped length must be positive")
        if offset < 0:
            raise OverflowError("memory mapped offset must be positive")
        if access != ACCESS_DEFAULT and (flags != MAP_SHARED or prot != PROT_WRITE | PROT_READ):
            raise ValueError("mmap can't specify both access and flags, prot.")
        if access == ACCESS_READ:
            flags, prot = MAP_SHARED, PROT_READ
        elif access == ACCESS_WRITE:
            flags, prot = MAP_SHARED, PROT_READ | PROT_WRITE
        elif access == ACCESS_COPY:
            flags, prot = MAP_PRIVATE, PROT_READ | PROT_WRITE
        elif access == ACCESS_DEFAULT:
            if prot & PROT_READ and prot & PROT_WRITE:
                pass
            elif prot & PROT_WRITE:
                access = ACCESS_WRITE
            else:
                access = ACCESS_READ
        else:
            raise ValueError("mmap invalid access parameter.")
        _sys.audit("mmap.__new__", fileno, length, access, offset)
        if fileno != -1:
            status = _os.fstat(fileno)
            if _is_regular(status.st_mode):
                if length == 0:
                    if status.st_size == 0:
                        raise ValueError("cannot mmap an empty file")
                    if offset >= status.st_size:
                        raise ValueError("mmap offset is greater than file size")
                    length = status.st_size - offset
                elif offset > status.st_size or status.st_size - offset < length:
                    raise ValueError("mmap length is greater than file size")
        made = super().__new__(cls, fileno, length, flags, prot, offset)
        made._access = access
        made._is_shared_area = fileno == -1 and bool(flags & MAP_SHARED)
        made._offset = offset
        made._position = 0
        made._descriptor = -1 if fileno == -1 or not trackfd else _os.dup(fileno)
        return made

    def __init__(self, *args, **kwargs):
        pass

    def __del__(self):
        descriptor = self.__dict__.get("_descriptor", -1)
        if descriptor != -1:
            self._descriptor = -1
            _os.close(descriptor)

    # Life

    @property
    def closed(self):
        return self._is_closed()

    def close(self):
        self._close()
        if self._descriptor != -1:
            descriptor, self._descriptor = self._descriptor, -1
            _os.close(descriptor)

    def __enter__(self):
        self._length()
        return self

    def __exit__(self, *exc_info):
        self.close()

    def __repr__(self):
        name = f"{type(self).__module__}.{type(self).__qualname__}"
        if self._is_closed():
            return f"<{name} closed=True>"
        access = ("ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE", "ACCESS_COPY")[self._access]
        return (
            f"<{name} closed=False, access={access}, length={self._length()}, "
            f"pos={self._position}, offset={self._offset}>"
        )

    # Bytes by place

    def __len__(self):
        return self._length()

    def _place(self, index, message):
        length = self._length()
        if index < 0:
            index += length
        if not 0 <= index < length:
            raise IndexError(message)
        return index

    def __getitem__(self, index):
        if isinstance(index, slice):
            start, stop, step = index.indices(self._length())
            if step == 1:
                return self._read(start, max(start, stop))
            with memoryview(self) as view:
                return view[index].tobytes()
        if not hasattr(index, "__index__"):
            self._length()
            raise TypeError("mmap indices must be integers")
        place = self._place(index.__index__(), "mmap index out of range")
        return self._read(place, place + 1)[0]

    def __setitem__(self, index, value):
        length = self._length()
        if isinstance(index, slice):
            start, stop, step = index.indices(length)
            with memoryview(value) as view:
                content = view.tobytes()
            if len(content) != len(range(start, stop, step)):
                raise IndexError("mmap slice assignment is wrong size")
            if step == 1:
                self._write(start, content)
            else:
                for place, byte in zip(range(start, stop, step), content):
                    self._write(place, bytes((byte,)))
            return
        if not hasattr(index, "__index__"):
            raise TypeError("mmap indices must be integers")
        place = self._place(index.__index__(), "mmap index out of range")
        if not hasattr(value, "__index__"):
            raise TypeError(f"{type(value).__name__!r} object cannot be interpreted as an integer")
        value = value.__index__()
        if not 0 <= value < 256:
            raise ValueError("mmap item value must be in range(0, 256)")
        self._write(place, bytes((value,)))

    def __delitem__(self, index):
        raise TypeError("mmap object doesn't support item deletion")

    def _part(self, start, stop):
        length = self._length()
        start = self._position if start is None else start.__index__()
        stop = length if stop is None else stop.__index__()
        start, stop, _ = slice(start, stop).indices(length)
        return start, stop

    def find(self, view, start=None, end=None, /):
        return self._find(view, *self._part(start, end), False)

    def rfind(self, view, start=None, end=None, /):
        return self._find(view, *self._part(start, end), True)

    def move(self, dest, src, count, /):
        self._move(dest, src, count)

    # The file

    def size(self):
        self._length()
        return _os.fstat(self._descriptor).st_size

    def flush(self, offset=0, size=None, /, *, flags=None):
        length = self._length()
        if size is None:
            size = length - offset
        if size < 0 or offset < 0 or length - offset < size:
            raise ValueError("flush values out of range")
        if self._access not in (ACCESS_READ, ACCESS_COPY):
            self._flush(offset, size)

    def madvise(self, option, start=0, length=None, /):
        own = self._length()
        if start < 0 or start >= own:
            raise ValueError("madvise start out of bounds")
        if length is None:
            length = own
        if length < 0:
            raise ValueError("madvise length invalid")
        self._advise(option, start, min(length, own - start))

    def resize(self, newsize, /):
        self._length()
        if self._access in (ACCESS_READ, ACCESS_COPY):
            raise TypeError("mmap can't resize a readonly or copy-on-write memory map.")
        if newsize < 0:
            raise ValueError("new size out of range")
        if self._is_shared_area and newsize > self._length():
            raise ValueError("mmap: can't expand a shared anonymous mapping")
        if self._descriptor != -1:
            with memoryview(self):
                pass
            _os.ftruncate(self._descriptor, self._offset + newsize)
        self._resize(newsize)

    # As a stream

    def tell(self):
        self._length()
        return self._position

    def seek(self, pos, whence=0, /):
        length = self._length()
        if whence == 1:
            pos += self._position
        elif whence == 2:
            pos += length
        elif whence != 0:
            raise ValueError("unknown seek type")
        if not 0 <= pos <= length:
            raise ValueError("seek out of range")
        self._position = pos
        return pos

    def seekable(self):
        return True

    def read(self, n=None, /):
        length = self._length()
        left = max(length - self._position, 0)
        if n is None or n < 0 or n > left:
            n = left
        start = self._position
        self._position += n
        return self._read(start, start + n)

    def read_byte(self):
        if self._position >= self._length():
            raise ValueError("read byte out of range")
        self._position += 1
        return self._read(self._position - 1, self._position)[0]

    def readline(self):
        length = self._length()
        start = self._position
        if start >= length:
            return b""
        end = self._find(b"\n", start, length, False)
        self._position = length if end < 0 else end + 1
        return self._read(start, self._position)

    def write(self, content, /):
        with memoryview(content) as view:
            content = view.tobytes()
        length = self._length()
        if self._access == ACCESS_READ:
            raise TypeError("mmap can't modify a readonly memory map.")
        if self._position > length or length - self._position < len(content):
            raise ValueError("data out of range")
        self._write(self._position, content)
        self._position += len(content)
        return len(content)

    def write_byte(self, byte, /):
        length = self._length()
        if self._access == ACCESS_READ:
            raise TypeError("mmap can't modify a readonly memory map.")
        if self._position >= length:
            raise ValueError("write byte out of range")
        self._write(self._position, bytes((byte,)))
        self._position += 1


def _is_regular(mode):
    return mode & 0o170000 == 0o100000
