"""The part of `posix` that is written in Python: listing folders with the kinds of their entries."""


class DirEntry:
    __slots__ = ("name", "path", "_lstat", "_stat")

    def __init__(self, name, path):
        self.name = name
        self.path = path
        self._lstat = self._stat = None

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return f"<DirEntry {self.name!r}>"

    def stat(self, *, follow_symlinks=True):
        import posix
        if not follow_symlinks:
            if self._lstat is None:
                self._lstat = posix.lstat(self.path)
            return self._lstat
        if self._stat is None:
            self._stat = posix.stat(self.path)
        return self._stat

    def _is(self, kind, follow_symlinks):
        try:
            return self.stat(follow_symlinks=follow_symlinks).st_mode & 0o170000 == kind
        except FileNotFoundError:
            return False

    def is_dir(self, *, follow_symlinks=True):
        return self._is(0o040000, follow_symlinks)

    def is_file(self, *, follow_symlinks=True):
        return self._is(0o100000, follow_symlinks)

    def is_symlink(self):
        return self._is(0o120000, False)

    def is_junction(self):
        return False

    def inode(self):
        return self.stat(follow_symlinks=False).st_ino


class ScandirIterator:
    def __init__(self, entries):
        self._entries = entries

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._entries)

    def close(self):
        self._entries = iter(())

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()


DirEntry.__module__ = ScandirIterator.__module__ = "posix"


def scandir(path=None):
    import posix
    folder = "." if path is None else posix.fspath(path)
    slash = "/" if isinstance(folder, str) else b"/"
    prefix = folder if folder.endswith(slash) else folder + slash
    return ScandirIterator(DirEntry(name, prefix + name) for name in posix.listdir(folder))
