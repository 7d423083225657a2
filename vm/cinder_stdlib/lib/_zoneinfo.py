"""Time zones: the library's Python version, shown as the accelerated one."""

from zoneinfo._zoneinfo import ZoneInfo


def _repr(self):
    name = "zoneinfo.ZoneInfo" if type(self) is ZoneInfo else type(self).__name__
    if self._key is not None:
        return f"{name}(key={self._key!r})"
    return f"{name}.from_file({self._file_repr})"


ZoneInfo.__repr__ = _repr
