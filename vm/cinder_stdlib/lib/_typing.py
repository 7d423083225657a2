"""Type parameters, type aliases and Generic: what `typing` shares with the compiler."""

from builtins import type as _type

Union = _type(int | str)


class NoDefaultType:
    """What NoDefault is an instance of."""

    __slots__ = ()

    def __new__(cls, *args, **kwargs):
        if args or kwargs:
            raise TypeError("NoDefaultType takes no arguments")
        return NoDefault

    def __init_subclass__(cls, **kwargs):
        raise TypeError("type 'NoDefaultType' is not an acceptable base type")

    def __repr__(self):
        return "typing.NoDefault"

    def __reduce__(self):
        return "NoDefault"


NoDefault = object.__new__(NoDefaultType)

# A value that its function has not been asked for yet.
_UNKNOWN = object()


@staticmethod  # a function of C is not bound when it is looked up on an instance
def _idfunc(x, /):
    return x


def _caller_module():
    import sys
    return sys._getframemodulename(2)


class _ConstEvaluator:
    """Evaluates to a value that was given, or to the text for it."""

    __slots__ = ("_value",)

    def __init__(self, value):
        self._value = value

    def __call__(self, format=1, /):
        if format != 4:
            return self._value
        from annotationlib import type_repr
        if isinstance(self._value, tuple):
            return f"({', '.join(map(type_repr, self._value))})"
        return type_repr(self._value)

    def __repr__(self):
        return f"<constevaluator {self._value!r}>"


def _check(value, message):
    if value is None:
        return None
    import typing
    return typing._type_check(value, message)


class _Parameter:
    """What the three kinds of type parameters share."""

    def __init_subclass__(cls, **kwargs):
        if cls.__module__ != "typing":
            raise TypeError(f"type 'typing.{cls.__mro__[1].__name__}' is not an acceptable base type")

    def __mro_entries__(self, bases):
        raise TypeError(f"Cannot subclass an instance of {type(self).__name__}")

    @property
    def __default__(self):
        if self._default is _UNKNOWN:
            self._default = self._default_thunk()
        return self._default

    @property
    def evaluate_default(self):
        if self._default_thunk is not None:
            return self._default_thunk
        return None if self._default is NoDefault else _ConstEvaluator(self._default)

    def has_default(self):
        return self._default is not NoDefault

    def __or__(self, other):
        import typing
        return typing.Union[self, other]

    def __ror__(self, other):
        import typing
        return typing.Union[other, self]

    def __reduce__(self):
        return self.__name__

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def _describe(self):
        if self.__infer_variance__:
            return self.__name__
        return ("+" if self.__covariant__ else "-" if self.__contravariant__ else "~") + self.__name__

    def __repr__(self):
        return self._describe()


def _fill(self, name, covariant, contravariant, infer_variance, default):
    if not isinstance(name, str):
        raise TypeError(f"{type(self).__name__.lower()}() argument 'name' must be str, not {type(name).__name__}")
    if covariant and contravariant:
        raise ValueError("Bivariant types are not supported.")
    if infer_variance and (covariant or contravariant):
        raise ValueError("Variance cannot be specified with infer_variance.")
    self.__name__ = name
    self.__covariant__ = bool(covariant)
    self.__contravariant__ = bool(contravariant)
    self.__infer_variance__ = bool(infer_variance)
    self._default = default
    self._default_thunk = None


class TypeVar(_Parameter):
    __module__ = "typing"

    def __init__(self, name, *constraints, bound=None, default=NoDefault, covariant=False, contravariant=False, infer_variance=False):
        _fill(self, name, covariant, contravariant, infer_variance, default)
        if len(constraints) == 1:
            raise TypeError("A single constraint is not allowed")
        if constraints and bound is not None:
            raise TypeError("Constraints cannot be combined with bound=...")
        self._bound = _check(bound, "Bound must be a type.")
        self._bound_thunk = None
        self._constraints = constraints
        self._constraints_thunk = None
        self.__module__ = _caller_module()

    @property
    def __bound__(self):
        if self._bound is _UNKNOWN:
            self._bound = self._bound_thunk()
        return self._bound

    @property
    def __constraints__(self):
        if self._constraints is _UNKNOWN:
            self._constraints = self._constraints_thunk()
        return self._constraints

    @property
    def evaluate_bound(self):
        if self._bound_thunk is not None:
            return self._bound_thunk
        return None if self._bound is None else _ConstEvaluator(self._bound)

    @property
    def evaluate_constraints(self):
        if self._constraints_thunk is not None:
            return self._constraints_thunk
        return _ConstEvaluator(self._constraints) if self._constraints else None

    def __typing_subst__(self, arg):
        import typing
        return typing._typevar_subst(self, arg)

    def __typing_prepare_subst__(self, alias, args):
        params = alias.__parameters__
        index = params.index(self)
        if index < len(args):
            return args
        if index == len(args) and self.has_default():
            return (*args, self.__default__)
        raise TypeError(f"Too few arguments for {alias}")


class _Part:
    """What the args and the kwargs of a ParamSpec share."""

    __slots__ = ("__origin__", "__weakref__")

    def __init__(self, origin):
        self.__origin__ = origin

    def __init_subclass__(cls, **kwargs):
        if cls.__module__ != "typing":
            raise TypeError(f"type 'typing.{cls.__mro__[1].__name__}' is not an acceptable base type")

    def __mro_entries__(self, bases):
        raise TypeError(f"Cannot subclass an instance of {type(self).__name__}")

    def __repr__(self):
        # Nearly always a ParamSpec, but anything may be given.
        origin = self.__origin__
        return f"{origin.__name__ if isinstance(origin, _Parameter) else repr(origin)}.{self._which}"

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return self.__origin__ == other.__origin__

    __hash__ = None


class ParamSpecArgs(_Part):
    """P.args of a ParamSpec P, which is its __origin__."""

    __slots__ = ()
    __module__ = "typing"
    _which = "args"


class ParamSpecKwargs(_Part):
    """P.kwargs of a ParamSpec P, which is its __origin__."""

    __slots__ = ()
    __module__ = "typing"
    _which = "kwargs"


class ParamSpec(_Parameter):
    __module__ = "typing"

    def __init__(self, name, *, bound=None, default=NoDefault, covariant=False, contravariant=False, infer_variance=False):
        _fill(self, name, covariant, contravariant, infer_variance, default)
        self.__bound__ = bound
        self.__module__ = _caller_module()

    args = property(lambda self: ParamSpecArgs(self))
    kwargs = property(lambda self: ParamSpecKwargs(self))

    def __typing_subst__(self, arg):
        import typing
        return typing._paramspec_subst(self, arg)

    def __typing_prepare_subst__(self, alias, args):
        import typing
        return typing._paramspec_prepare_subst(self, alias, args)


class TypeVarTuple(_Parameter):
    __module__ = "typing"

    def __init__(self, name, *, default=NoDefault):
        _fill(self, name, False, False, False, default)
        self.__module__ = _caller_module()

    def _describe(self):
        return self.__name__

    def __iter__(self):
        import typing
        yield typing.Unpack[self]

    def __typing_subst__(self, arg):
        raise TypeError("Substitution of bare TypeVarTuple is not supported")

    def __typing_prepare_subst__(self, alias, args):
        import typing
        return typing._typevartuple_prepare_subst(self, alias, args)


class TypeAliasType:
    __module__ = "typing"

    def __init__(self, name, value, *, type_params=()):
        if not isinstance(name, str):
            raise TypeError(f"typealias() argument 'name' must be str, not {type(name).__name__}")
        if not isinstance(type_params, tuple):
            raise TypeError("type_params must be a tuple")
        seen_default = False
        for param in type_params:
            if not isinstance(param, _Parameter):
                raise TypeError(f"Expected a type param, got {param!r}")
            if param.has_default():
                seen_default = True
            elif seen_default:
                raise TypeError(f"non-default type parameter '{param!r}' follows default type parameter")
        self._setup(name, value, None, type_params, _caller_module())

    def _setup(self, name, value, thunk, type_params, module):
        self._name = name
        self._value = value if thunk is None else _UNKNOWN
        self._thunk = thunk
        self._type_params = type_params
        self.__module__ = module

    def __init_subclass__(cls, **kwargs):
        raise TypeError("type 'typing.TypeAliasType' is not an acceptable base type")

    __name__ = property(lambda self: self._name)
    __type_params__ = property(lambda self: self._type_params)

    @property
    def __parameters__(self):
        parameters = []
        for parameter in self._type_params:
            if isinstance(parameter, TypeVarTuple):
                parameters.extend(parameter)
            else:
                parameters.append(parameter)
        return tuple(parameters)

    @property
    def __value__(self):
        if self._value is _UNKNOWN:
            self._value = self._thunk()
        return self._value

    @property
    def evaluate_value(self):
        return self._thunk if self._thunk is not None else _ConstEvaluator(self._value)

    def __getitem__(self, args):
        if not self._type_params:
            raise TypeError("Only generic type aliases are subscriptable")
        import types
        if not isinstance(args, tuple):
            args = (args,)
        return types.GenericAlias(self, args)

    def __or__(self, other):
        import typing
        return typing.Union[self, other]

    def __ror__(self, other):
        import typing
        return typing.Union[other, self]

    def __iter__(self):
        import typing
        yield typing.Unpack[self]

    def __repr__(self):
        return self._name

    def __reduce__(self):
        return self._name


class Generic:
    """Abstract base class for generic types."""

    __module__ = "typing"
    __slots__ = ()
    _is_protocol = False

    @classmethod
    def __class_getitem__(cls, *args, **kwargs):
        import typing
        return typing._generic_class_getitem(cls, *args, **kwargs)

    @classmethod
    def __init_subclass__(cls, *args, **kwargs):
        import typing
        typing._generic_init_subclass(cls, *args, **kwargs)


def _make_type_param(kind, name, *, bound=None, constraints=None):
    """A parameter of a PEP 695 list; bound and constraints are functions that give them."""
    made = {"TypeVar": TypeVar, "ParamSpec": ParamSpec, "TypeVarTuple": TypeVarTuple}[kind](name)
    made.__infer_variance__ = kind != "TypeVarTuple"
    if bound is not None:
        made._bound, made._bound_thunk = _UNKNOWN, bound
    if constraints is not None:
        made._constraints, made._constraints_thunk = _UNKNOWN, constraints
    import sys
    made.__module__ = sys._getframemodulename(1)
    return made


def _set_typeparam_default(parameter, thunk):
    parameter._default, parameter._default_thunk = _UNKNOWN, thunk
    return parameter


def _subscript_generic(params):
    import typing
    unpacked = tuple(typing.Unpack[p] if isinstance(p, TypeVarTuple) else p for p in params)
    return typing._GenericAlias(Generic, unpacked)


def _make_type_alias(name, type_params, thunk):
    import sys
    made = object.__new__(TypeAliasType)
    made._setup(name, None, thunk, type_params or (), sys._getframemodulename(1))
    return made
