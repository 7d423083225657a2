# Substitution of parameters, unions of anything, parts of a ParamSpec.
import collections.abc
import typing
import weakref
from typing import Callable, Concatenate, Generic, ParamSpec, TypeVar, TypeVarTuple, Union, Unpack


def show(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


T, P, Ts = TypeVar("T"), ParamSpec("P"), TypeVarTuple("Ts")


class One(Generic[P]):
    pass


class Two(Generic[T, P]):
    pass


class Many(Generic[Unpack[Ts]]):
    pass


show(lambda: list[One[P]][[int]])  # expect: list[__main__.One[[int]]]
show(lambda: One[[T, int]][str])  # expect: __main__.One[[str, int]]
show(lambda: Two[int, [str, bool]])  # expect: __main__.Two[int, [str, bool]]
show(lambda: Two[int])  # expect: TypeError Too few arguments for <class '__main__.Two'>
show(lambda: Callable[Concatenate[int, P], T][[str], bool])  # expect: typing.Callable[[int, str], bool]
show(lambda: collections.abc.Callable[[*Ts], int][str, bool])  # expect: collections.abc.Callable[[str, bool], int]
show(lambda: tuple[*Ts, int][str])  # expect: tuple[str, int]
show(lambda: list[Many[*Ts]][int, str])  # expect: list[__main__.Many[int, str]]
show(lambda: tuple[T, T][*tuple[int, str]])  # expect: TypeError Too many arguments for tuple[~T, ~T]; actual 2, expected 1
show(lambda: Many[T, *Ts][int, str, bool])  # expect: __main__.Many[int, str, bool]
show(lambda: (int | None) | "later")  # expect: int | None | ForwardRef('later')
show(lambda: "later" | (int | None))  # expect: ForwardRef('later') | int | None
show(lambda: (int | None) | 3)  # expect: int | None | 3
show(lambda: (int | None) | ())  # expect: TypeError Union[arg, ...]: each arg must be a type. Got ().
show(lambda: int | "later")  # expect: TypeError unsupported operand type(s) for |: 'type' and 'str'
show(lambda: (Union[int, str].__module__, Union[int, str].__name__))  # expect: ('typing', 'Union')
union = int | str
show(lambda: weakref.ref(union)() is union)  # expect: True
show(lambda: P.args == P.kwargs)  # expect: False
show(lambda: P.args == P.args)  # expect: True
show(lambda: type(P.args)("x"))  # expect: 'x'.args
show(lambda: ParamSpec("Q", bound=[int, str]).__bound__)  # expect: [<class 'int'>, <class 'str'>]
show(lambda: type("X", (type(P.args),), {}))  # expect: TypeError type 'typing.ParamSpecArgs' is not an acceptable base type
show(lambda: type("X", (type(typing.NoDefault),), {}))  # expect: TypeError type 'NoDefaultType' is not an acceptable base type
show(lambda: type(typing.NoDefault)(1))  # expect: TypeError NoDefaultType takes no arguments
