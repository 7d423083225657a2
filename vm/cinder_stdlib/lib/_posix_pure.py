"""The part of `posix` that is written in Python: listing folders with the kinds of their entries."""

_FOLDER, _FILE, _LINK, _UNKNOWN = 4, 8, 10, 0


class DirEntry:
    __slots__ = ("name", "path", "_folder", "_inode", "_kind", "_lstat", "_stat")

    def __init__(self, *args):
        raise TypeError("cannot create 'posix.DirEntry' instances")

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return f"<DirEntry {self.name!r}>"

    def stat(self, *, follow_symlinks=True):
        import posix
        if not follow_symlinks:
            if self._lstat is None:
                self._lstat = self._ask(posix.lstat)
            return self._lstat
        if self._stat is None:
            if self.is_symlink():
                self._stat = self._ask(posix.stat)
            else:
                self._stat = self.stat(follow_symlinks=False)
        return self._stat

    def _ask(self, stat):
        if self._folder is not None:
            return stat(self.name, dir_fd=self._folder)
        return stat(self.path)

    def _is(self, kind, mode, follow_symlinks):
        own = self._kind
        if own != _UNKNOWN and not (follow_symlinks and own == _LINK):
            return own == kind
        try:
            return self.stat(follow_symlinks=follow_symlinks).st_mode & 0o170000 == mode
        except FileNotFoundError:
            return False

    def is_dir(self, *, follow_symlinks=True):
        return self._is(_FOLDER, 0o040000, follow_symlinks)

    def is_file(self, *, follow_symlinks=True):
        return self._is(_FILE, 0o100000, follow_symlinks)

    def is_symlink(self):
        return self._is(_LINK, 0o120000, False)

    def is_junction(self):
        return False

    def inode(self):
        return self._inode

    def __class_getitem__(cls, item, /):
        import types
        return types.GenericAlias(cls, item)


class ScandirIterator:
    __slots__ = ("_entries", "_is_done")

    def __init__(self, entries):
        self._entries = entries
        self._is_done = False

    def __iter__(self):
        return self

    def __next__(self):
        for entry in self._entries:
            return entry
        self._is_done = True
        raise StopIteration

    def close(self):
        self._entries = iter(())
        self._is_done = True

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()


DirEntry.__module__ = ScandirIterator.__module__ = "posix"


def _entries(found, prefix, folder):
    new = object.__new__
    for name, kind, inode in found:
        entry = new(DirEntry)
        entry.name = name
        entry.path = prefix + name
        entry._folder = folder
        entry._kind = kind
        entry._inode = inode
        entry._lstat = entry._stat = None
        yield entry


def scandir(path=None):
    """Entries of a folder with what the system tells about them."""
    import posix
    if path is None:
        return ScandirIterator(_entries(posix._scan("."), "./", None))
    if isinstance(path, int):
        return ScandirIterator(_entries(posix._scan(path), "", path))
    folder = posix.fspath(path) if hasattr(type(path), "__fspath__") else path
    found = posix._scan(folder)
    slash = "/" if isinstance(folder, str) else b"/"
    prefix = folder if folder.endswith(slash) else folder + slash
    return ScandirIterator(_entries(found, prefix, None))
