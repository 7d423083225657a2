"""Helpers that Static Python programs share with ordinary ones."""

from _cinder import immortalize_heap, is_immortal

_absent = object()


class _Cached:
    """A method of one argument whose result is kept: in a slot that the class loader adds to static classes, else in the instance's dictionary."""

    def __init__(self, function, slot=None):
        self.func = function
        self.slot = slot
        self.__doc__ = getattr(function, "__doc__", None)
        self.__name__ = getattr(function, "__name__", None)
        self._attribute = self.__name__

    @property
    def fget(self):
        return self.func

    @property
    def name(self):
        return self.__name__

    def __set_name__(self, owner, name):
        self._attribute = name
        if self.slot is None:
            self.slot = owner.__dict__.get(f"<{name}>")

    def _find(self, instance):
        if self.slot is not None:
            try:
                return self.slot.__get__(instance, type(instance))
            except AttributeError:
                return _absent
        return self._namespace(instance).get(self._attribute, _absent)

    def _namespace(self, instance):
        try:
            return instance.__dict__
        except AttributeError:
            name, kind = self._attribute, type(instance).__name__
            raise TypeError(f"No '__dict__' attribute on '{kind}' instance to cache '{name}' property.") from None

    def _keep(self, instance, value):
        if self.slot is not None:
            self.slot.__set__(instance, value)
        else:
            self._namespace(instance)[self._attribute] = value

    def _forget(self, instance):
        if self.slot is not None:
            self.slot.__delete__(instance)
        else:
            namespace = self._namespace(instance)
            if self._attribute not in namespace:
                raise AttributeError(self._attribute)
            del namespace[self._attribute]

    def has_value(self, instance):
        return self._find(instance) is not _absent

    def __delete__(self, instance):
        self._forget(instance)

    def clear(self, instance):
        if self._find(instance) is not _absent:
            self._forget(instance)


class cached_property(_Cached):
    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        value = self._find(instance)
        if value is _absent:
            value = self.func(instance)
            self._keep(instance, value)
        return value

    def __set__(self, instance, value):
        if self.slot is not None:
            raise AttributeError("can't set attribute")
        self._keep(instance, value)


class _Awaitable:
    """Awaits a coroutine once; everybody who awaits it later gets the same result."""

    __slots__ = ("_coroutine", "_state", "_value")

    def __init__(self, coroutine):
        self._coroutine = coroutine
        self._state = 0
        self._value = None

    def __await__(self):
        if self._state == 1:
            raise RuntimeError("coroutine is being awaited already")
        if self._state == 0:
            self._state = 1
            try:
                self._value = yield from self._coroutine.__await__()
                self._state = 2
            except BaseException as error:
                self._state, self._value = 3, error
                raise
        if self._state == 3:
            raise self._value
        return self._value


class async_cached_property(_Cached):
    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        value = self._find(instance)
        if value is _absent:
            value = _Awaitable(self.func(instance))
            self._keep(instance, value)
        return value

    def __set__(self, instance, value):
        raise AttributeError("can't set attribute")


class cached_classproperty(_Cached):
    def __get__(self, instance, owner=None):
        value = self.__dict__.get("value", _absent)
        if value is _absent:
            value = self.__dict__["value"] = self.func(owner if owner is not None else type(instance))
        return value


class async_cached_classproperty(_Cached):
    def __get__(self, instance, owner=None):
        value = self.__dict__.get("value", _absent)
        if value is _absent:
            value = self.__dict__["value"] = _Awaitable(self.func(owner if owner is not None else type(instance)))
        return value
