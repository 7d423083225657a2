"""Marks a module as static: `import __static__`. On plain CPython the names are what they are for a dynamic program.

Primitive types are subclasses of `int` and `float` without wrap-around: a program that relies on it needs the compiler.
"""

import random as _random


def _primitive(name, base):
    return type(name, (base,), {"__slots__": (), "__module__": __name__})


int8 = _primitive("int8", int)
int16 = _primitive("int16", int)
int32 = _primitive("int32", int)
int64 = _primitive("int64", int)
uint8 = _primitive("uint8", int)
uint16 = _primitive("uint16", int)
uint32 = _primitive("uint32", int)
uint64 = _primitive("uint64", int)
char = _primitive("char", int)
cbool = _primitive("cbool", int)
single = _primitive("single", float)
double = _primitive("double", float)
RAND_MAX = 2147483647


class CheckedDict(dict):
    def __class_getitem__(cls, item):
        return cls


class CheckedList(list):
    def __class_getitem__(cls, item):
        return cls


class Array(list):
    def __class_getitem__(cls, item):
        return cls


def box(value):
    return int(value) if isinstance(value, int) else float(value)


def unbox(value):
    return value


def cast(kind, value):
    if isinstance(kind, type) and not isinstance(value, kind):
        raise TypeError(f"expected '{kind.__name__}', got '{type(value).__name__}'")
    return value


def clen(value):
    return len(value)


def crange(*bounds):
    return range(*bounds)


def rand():
    return _random.randrange(RAND_MAX)


def _unchanged(thing):
    return thing


inline = dynamic_return = allow_weakrefs = set_type_static_final = set_type_final = mixin = _unchanged


def native(path):
    def mark(function):
        def missing(*args, **kwargs):
            raise NotImplementedError(f"{function.__name__} is a function of {path}; calling it needs the compiler")

        return missing

    return mark
