# inspect, types, operator, sys
import inspect, types, operator, sys
def f(a, /, b: int = 2, *args, c, d="x", **kw) -> str:
    "doc line"
s = inspect.signature(f)
print(s, list(s.parameters), s.parameters["b"].default, s.parameters["a"].kind, s.return_annotation, s.bind(1, c=3).arguments, s.parameters["kw"])
# expect: (a, /, b: int = 2, *args, c, d='x', **kw) -> str ['a', 'b', 'args', 'c', 'd', 'kw'] 2 POSITIONAL_ONLY <class 'str'> {'a': 1, 'c': 3} **kw
b = s.bind_partial(1)
b.apply_defaults()
print(b.arguments, inspect.signature(lambda *, k: k), inspect.signature(str.join) is not None)
# expect: {'a': 1, 'b': 2, 'args': (), 'd': 'x', 'kw': {}} (*, k) True
for call in (lambda: s.bind(), lambda: s.bind(1), lambda: s.bind(1, 2, a=3, c=1) and s.bind(z=1)):
    try:
        print(call())
    except TypeError as e:
        print(e)
# expect: missing a required argument: 'a'
# expect: missing a required argument: 'c'
# expect: missing a required argument: 'a'
class C:
    "class doc"
    def m(self, x): pass
    @classmethod
    def k(cls): pass
    @staticmethod
    def t(): pass
    async def co(self): pass
    def g(self): yield
print(inspect.signature(C.m), inspect.signature(C().m), inspect.signature(C.k), inspect.signature(C), [n for n, _ in inspect.getmembers(C, inspect.isfunction)], inspect.isclass(C), inspect.iscoroutinefunction(C.co), inspect.isgeneratorfunction(C.g), inspect.getdoc(f), inspect.getmro(C)[-1], inspect.unwrap(f) is f)
# expect: (self, x) (x) () () ['co', 'g', 'm', 't'] True True True doc line <class 'object'> True
def who(): return inspect.currentframe().f_code.co_name, inspect.currentframe().f_back.f_code.co_name, sys._getframe().f_locals
def caller(): return who()
print(caller())  # expect: ('who', 'caller', {})
print(list(inspect.getclosurevars(caller).globals))  # expect: ['who']
print(types.SimpleNamespace(a=1, b="x"), types.SimpleNamespace(a=1) == types.SimpleNamespace(a=1), types.MappingProxyType({"k": 1}), type(f) is types.FunctionType, type(len) is types.BuiltinFunctionType, type(C().m) is types.MethodType, type(None) is types.NoneType, type(...) is types.EllipsisType, types.GeneratorType.__name__)
# expect: namespace(a=1, b='x') True {'k': 1} True True True True True generator
try:
    types.MappingProxyType({})["a"] = 1
except TypeError as e:
    print(e)
# expect: 'mappingproxy' object does not support item assignment
g = types.FunctionType(f.__code__, {}, "renamed", (9,))
print(g.__name__, g.__defaults__, types.MethodType(lambda s, x: (s, x), "self")(5), types.new_class("N", (C,), {}, lambda ns: ns.update(v=1)).v, types.resolve_bases((C,)) == (C,), types.coroutine(C.g) is not None)
# expect: renamed (9,) ('self', 5) 1 True True
cell = types.CellType(5)
print(cell.cell_contents, types.DynamicClassAttribute is not None, types.GenericAlias(list, (int,)))
# expect: 5 True list[int]
print(operator.add(1, 2), operator.itemgetter(1)("abc"), operator.attrgetter("real", "imag")(1j), operator.methodcaller("split", ",")("a,b"), operator.contains([1], 1), operator.concat("a", "b"), operator.iadd([1], [2]), operator.not_(0), operator.truth([]), operator.countOf([1, 1], 1), operator.indexOf("abc", "c"), operator.is_(None, None), operator.matmul.__name__, operator.itemgetter(slice(1, 3))("abcd"), operator.is_none(None))
# expect: 3 b (0.0, 1.0) ['a', 'b'] True ab [1, 2] True False 2 2 True matmul bc True
print(sys.version_info[:2] >= (3, 14), sys.maxsize == 2**63 - 1, sys.byteorder, sys.implementation.name != "", sys.float_info.max, sys.int_info.default_max_str_digits, sys.maxunicode, sys.getdefaultencoding(), type(sys.argv), sys.intern("a") == "a", sys.hexversion > 0x030E0000, len(sys.hash_info) > 5, "builtins" in sys.builtin_module_names, "json" in sys.stdlib_module_names)
# expect: True True little True 1.7976931348623157e+308 4300 1114111 utf-8 <class 'list'> True True True True True
try:
    sys.exit("bye")
except SystemExit as e:
    print(e.code)
# expect: bye
