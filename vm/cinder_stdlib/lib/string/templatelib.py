"""Support for template string literals (t-strings)."""

__all__ = ["Interpolation", "Template", "convert"]


def convert(obj, /, conversion):
    """Convert *obj* using formatted string literal semantics."""
    if conversion is None:
        return obj
    if conversion == "r":
        return repr(obj)
    if conversion == "s":
        return str(obj)
    if conversion == "a":
        return ascii(obj)
    raise ValueError(f"invalid conversion specifier: {conversion}")


def _final(cls, **kwargs):
    raise TypeError(f"type 'string.templatelib.{cls.__name__}' is not an acceptable base type")


class _Member:
    """A read-only attribute that shows the slot of its name with an underscore."""

    __slots__ = ("_slot",)

    def __set_name__(self, owner, name):
        self._slot = owner.__dict__["_" + name]

    def __get__(self, instance, owner=None):
        return self if instance is None else self._slot.__get__(instance, owner)

    def __set__(self, instance, value):
        raise AttributeError("readonly attribute")

    def __delete__(self, instance):
        raise AttributeError("readonly attribute")


class Interpolation:
    __slots__ = ("_value", "_expression", "_conversion", "_format_spec")
    __match_args__ = ("value", "expression", "conversion", "format_spec")

    def __new__(cls, value, expression="", conversion=None, format_spec=""):
        if not isinstance(expression, str):
            raise TypeError(f"Interpolation() argument 'expression' must be str, not {type(expression).__name__}")
        if conversion not in (None, "s", "r", "a"):
            if not isinstance(conversion, str):
                raise TypeError(f"Interpolation() argument 'conversion' must be str, not {type(conversion).__name__}")
            raise ValueError("Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'")
        if not isinstance(format_spec, str):
            raise TypeError(f"Interpolation() argument 'format_spec' must be str, not {type(format_spec).__name__}")
        self = object.__new__(cls)
        self._value = value
        self._expression = expression
        self._conversion = conversion
        self._format_spec = format_spec
        return self

    value = _Member()
    expression = _Member()
    conversion = _Member()
    format_spec = _Member()

    def __repr__(self):
        return f"Interpolation({self._value!r}, {self._expression!r}, {self._conversion!r}, {self._format_spec!r})"

    def __reduce__(self):
        return (Interpolation, (self._value, self._expression, self._conversion, self._format_spec))

    def __class_getitem__(cls, args):
        import types
        return types.GenericAlias(cls, args)


class Template:
    __slots__ = ("_strings", "_interpolations")

    def __new__(cls, *args, **kwargs):
        if kwargs:
            raise TypeError("Template.__new__ only accepts *args arguments")
        strings = []
        interpolations = []
        after_string = False
        for arg in args:
            if isinstance(arg, str):
                if after_string:
                    strings[-1] += arg
                else:
                    strings.append(arg)
                after_string = True
            elif isinstance(arg, Interpolation):
                if not after_string:
                    strings.append("")
                interpolations.append(arg)
                after_string = False
            else:
                raise TypeError(
                    "Template.__new__ *args need to be of type 'str' or 'Interpolation', got " + type(arg).__name__
                )
        if not after_string:
            strings.append("")
        self = object.__new__(cls)
        self._strings = tuple(strings)
        self._interpolations = tuple(interpolations)
        return self

    strings = _Member()
    interpolations = _Member()
    values = property(lambda self: tuple(i._value for i in self._interpolations))

    def __iter__(self):
        for index, string in enumerate(self._strings):
            if string:
                yield string
            if index < len(self._interpolations):
                yield self._interpolations[index]

    def __add__(self, other):
        if isinstance(other, Template):
            return Template(*self, *other)
        raise TypeError(
            'can only concatenate string.templatelib.Template (not "'
            + type(other).__name__ + '") to string.templatelib.Template'
        )

    def __repr__(self):
        return f"Template(strings={self._strings!r}, interpolations={self._interpolations!r})"

    def __reduce__(self):
        return (_template_unpickle, (self._strings, self._interpolations))


def _template_unpickle(*args):
    if len(args) != 2:
        raise ValueError("Template expects tuple of length 2 to unpickle")
    strings, interpolations = args
    parts = []
    for index, string in enumerate(strings):
        parts.append(string)
        if index < len(interpolations):
            parts.append(interpolations[index])
    return Template(*parts)


Interpolation.__init_subclass__ = classmethod(_final)
Template.__init_subclass__ = classmethod(_final)
