# PEP 695 generics, type aliases, annotations
class Stack[T]:
    items: list[T]
    def __init__(self) -> None: self.items = []
    def push(self, x: T) -> "Stack[T]":
        self.items.append(x)
        return self
print(Stack[int]().push(1).push(2).items, Stack[int], Stack.__type_params__, Stack.__parameters__ == Stack.__type_params__, type(Stack[int]).__name__)
# expect: [1, 2] __main__.Stack[int] (T,) True _GenericAlias
def first[T](xs: list[T]) -> T: return xs[0]
print(first([5]), first.__type_params__, first.__annotations__["return"] is first.__type_params__[0])
# expect: 5 (T,) True
type Pair[A, B = int] = tuple[A, B]
type Tree = list[Tree] | int
print(Pair, Pair[str, int], Pair.__value__, Tree.__value__, Pair.__type_params__[1].__default__, type(Pair).__name__)
# expect: Pair Pair[str, int] tuple[A, B] list[Tree] | int <class 'int'> TypeAliasType
def bound[T: int, S: (str, bytes), *Ts, **P](a: T, b: S, *c: *Ts): return a
T, S, Ts, P = bound.__type_params__
print(T, T.__bound__, S.__constraints__, Ts, P, type(T).__name__, type(Ts).__name__, type(P).__name__)
# expect: T <class 'int'> (<class 'str'>, <class 'bytes'>) Ts P TypeVar TypeVarTuple ParamSpec
class Child(Stack[str]): pass
print(Child.__mro__[1].__name__, Child.__orig_bases__, Child().push("a").items)
# expect: Stack (__main__.Stack[str],) ['a']
class Multi[K, V](dict[K, V]):
    def get_or[D](self, k: K, d: D) -> V | D: return self.get(k, d)
print(Multi(a=1).get_or("b", 2), Multi[int, str], Multi.get_or.__type_params__)
# expect: 2 __main__.Multi[int, str] (D,)
def lazy[T: undefined_bound](): pass
try:
    lazy.__type_params__[0].__bound__
except NameError as e:
    print(e)
# expect: name 'undefined_bound' is not defined
type Bad = undefined_value
try:
    Bad.__value__
except NameError as e:
    print(e)
# expect: name 'undefined_value' is not defined
def scope():
    class In[U]:
        def m(self): return U
    return In().m(), In.__type_params__[0] is In().m()
print(scope())  # expect: (U, True)
try:
    T
    print("T is", T)
except NameError as e:
    print(e)
# expect: T is T
print(list[int].__origin__, list[int].__args__, dict[str, list[int]], (int | None), int | str == str | int, isinstance(5, int | str), list[int]([1, 2]), type(list[int]).__name__)
# expect: <class 'list'> (<class 'int'>,) dict[str, list[int]] int | None True True [1, 2] GenericAlias
for text in ("isinstance([], list[int])", "int[5]", "Stack[int, str]", "5 | int", "list[int] | 'x'"):
    try:
        print(eval(text))
    except TypeError as e:
        print(text, "->", e)
# expect: isinstance([], list[int]) -> isinstance() argument 2 cannot be a parameterized generic
# expect: int[5] -> type 'int' is not subscriptable
# expect: Stack[int, str] -> Too many arguments for <class '__main__.Stack'>; actual 2, expected 1
# expect: 5 | int -> unsupported operand type(s) for |: 'int' and 'type'
# expect: list[int] | 'x' -> unsupported operand type(s) for |: 'types.GenericAlias' and 'str'
import typing
V = typing.TypeVar("V")
class Old(typing.Generic[V]): pass
print(Old[int], typing.get_args(Old[int]), typing.get_origin(Old[int]) is Old, typing.Optional[int], typing.Union[int, str, int], typing.List[int], typing.Callable[[int], str])
# expect: __main__.Old[int] (<class 'int'>,) True int | None int | str typing.List[int] typing.Callable[[int], str]
