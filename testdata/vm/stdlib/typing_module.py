# typing at run time
from typing import *
import typing
print(Optional[int], Union[int, str], List[int], Dict[str, Any], Callable[[int, str], bool], Tuple[int, ...], Literal["a", 1], ClassVar[int], Final, Annotated[int, "meta"], Type[int], Iterable[str])
# expect: int | None int | str typing.List[int] typing.Dict[str, typing.Any] typing.Callable[[int, str], bool] typing.Tuple[int, ...] typing.Literal['a', 1] typing.ClassVar[int] typing.Final typing.Annotated[int, 'meta'] typing.Type[int] typing.Iterable[str]
print(get_origin(List[int]), get_args(Dict[str, int]), get_origin(Union[int, None]), get_args(Callable[[int], str]), get_args(Annotated[int, "m"]), Optional[None], Union[int], Union[int, Union[str, int]])
# expect: <class 'list'> (<class 'str'>, <class 'int'>) <class 'typing.Union'> ([<class 'int'>], <class 'str'>) (<class 'int'>, 'm') <class 'NoneType'> <class 'int'> int | str
class Movie(TypedDict, total=False):
    name: Required[str]
    year: int
m: Movie = {"name": "x"}
print(m, Movie.__required_keys__, sorted(Movie.__annotations__), Movie(name="y", year=1), type(Movie(name="z")).__name__)
# expect: {'name': 'x'} frozenset({'name'}) ['name', 'year'] {'name': 'y', 'year': 1} dict
class Emp(NamedTuple):
    name: str
    id: int = 3
    def hi(self): return "hi " + self.name
e = Emp("bob")
print(e, e.hi(), e._fields, Emp.__annotations__, e == ("bob", 3))
# expect: Emp(name='bob', id=3) hi bob ('name', 'id') {'name': <class 'str'>, 'id': <class 'int'>} True
@runtime_checkable
class HasLen(Protocol):
    def __len__(self) -> int: ...
class Size:
    def __len__(self): return 1
print(isinstance([], HasLen), isinstance(5, HasLen), isinstance(Size(), HasLen), issubclass(Size, HasLen))
# expect: True False True True
class P2(Protocol):
    x: int
try:
    isinstance(5, P2)
except TypeError as err:
    print(err)
# expect: Instance and class checks can only be used with @runtime_checkable protocols
try:
    HasLen()
except TypeError as err:
    print(err)
# expect: Protocols cannot be instantiated
UserId = NewType("UserId", int)
print(UserId(5), UserId.__name__, UserId)  # expect: 5 UserId __main__.UserId
T = TypeVar("T", bound=int)
class Box(Generic[T]):
    def __init__(self, v): self.v = v
print(Box[int](5).v, Box[int], T, T.__bound__, Box.__parameters__)  # expect: 5 __main__.Box[int] ~T <class 'int'> (~T,)
print(cast(int, "not checked"), TYPE_CHECKING, get_type_hints(Emp))
# expect: not checked False {'name': <class 'str'>, 'id': <class 'int'>}
@overload
def f(x: int) -> int: ...
@overload
def f(x: str) -> str: ...
def f(x): return x
print(f(1), len(typing.get_overloads(f)))  # expect: 1 2
@final
class Fin: pass
class Sub(Size):
    @override
    def __len__(self): return 2
print(Fin.__final__, Sub.__len__.__override__, no_type_check(lambda: 1)())  # expect: True True 1
try:
    assert_never(5)
except AssertionError as err:
    print(err)
# expect: Expected code to be unreachable, but got: 5
for text in ("Optional[1, 2]", "Union[()]", "List[int, str]", "Any()", "Literal[int]", "Callable[int]", "Optional[5]"):
    try:
        print(eval(text))
    except TypeError as err:
        print(text, "->", str(err)[:60])
# expect: Optional[1, 2] -> typing.Optional requires a single type. Got (1, 2).
# expect: Union[()] -> Cannot take a Union of no types.
# expect: List[int, str] -> Too many arguments for typing.List; actual 2, expected 1
# expect: Any() -> Any cannot be instantiated
# expect: typing.Literal[int]
# expect: Callable[int] -> Callable must be used as Callable[[arg, ...], result].
# expect: 5 | None
print(List[T][int], Dict[str, T][int], Callable[[T], T][int], (Box[T] | None), Self, Never, LiteralString, isinstance([], List), issubclass(list, Sequence), isinstance({}, Mapping))
# expect: typing.List[int] typing.Dict[str, int] typing.Callable[[int], int] __main__.Box[~T] | None typing.Self typing.Never typing.LiteralString True True True
