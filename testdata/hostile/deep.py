"""deep.py [DEPTH] [-v]: structures a million deep, with a recursion limit that does not protect: each operation raises or answers."""
import ast
import copy
import functools
import gc
import itertools
import json
import marshal
import pickle
import sys

sys.setrecursionlimit(10 ** 8)
DEEP = next((int(word) for word in sys.argv[1:] if word.isdigit()), 10 ** 6)
verbose = "-v" in sys.argv


def nest(make, leaf=None, depth=DEEP):
    made = leaf
    for _ in range(depth):
        made = make(made)
    return made


class Node:
    def __init__(self, inner):
        self.inner = inner

    def __repr__(self):
        return f"N({self.inner!r})"

    def __eq__(self, other):
        return self.inner == other.inner

    def __hash__(self):
        return hash(self.inner)


class Plain:
    def __init__(self, inner):
        self.inner = inner


class Deleted:
    def __init__(self, inner):
        self.inner = inner

    def __del__(self):
        self.inner = None


def generators(depth=DEEP):
    def run(inner):
        yield from inner
    made = iter([1])
    for _ in range(depth):
        made = run(made)
    return made


def attempt(name, action):
    if verbose:
        print(name, file=sys.stderr, flush=True)
    try:
        action()
    except SystemError:
        raise
    except Exception as error:
        if verbose:
            print("   ", type(error).__name__, str(error)[:80], file=sys.stderr, flush=True)


NESTS = {
    "list": lambda: nest(lambda x: [x]),
    "tuple": lambda: nest(lambda x: (x,)),
    "dict": lambda: nest(lambda x: {1: x}),
    "node": lambda: nest(Node),
    "plain": lambda: nest(Plain),
    "deleted": lambda: nest(Deleted),
    "frozenset": lambda: nest(lambda x: frozenset([x]), depth=200),
    "partial": lambda: nest(lambda x: functools.partial(repr, x)),
    "exception": lambda: nest(ValueError),
    "chain": lambda: nest(lambda x: itertools.chain(x), iter(())),
    "map": lambda: nest(lambda x: map(str, x), iter(())),
    "zip": lambda: nest(lambda x: zip(x), iter(())),
    "enumerate": lambda: nest(enumerate, iter(())),
    "filter": lambda: nest(lambda x: filter(None, x), iter(())),
    "islice": lambda: nest(lambda x: itertools.islice(x, 5), iter(())),
    "bound": lambda: nest(lambda x: Plain.__init__.__get__(x), 1),
    "class": lambda: nest(lambda x: type("X", (x,), {}), object, 200),
    "generator": generators,
    "union": lambda: nest(lambda x: list[x], int, 100000),
    "slice": lambda: nest(lambda x: slice(x)),
    "memoryview": lambda: nest(memoryview, b"abc"),
}
TEXTS = {
    "parentheses": "(" * DEEP + ")" * DEEP,
    "lists": "[" * DEEP + "]" * DEEP,
    "negation": "-" * DEEP + "1",
    "not": "not " * DEEP + "1",
    "sum": "+".join("1" for _ in range(DEEP)),
    "power": "**".join("1" for _ in range(DEEP)),
    "calls": "f" + "()" * DEEP,
    "attributes": "f" + ".a" * DEEP,
    "lambdas": "lambda: " * DEEP + "1",
    "conditions": "1 if 1 else " * DEEP + "1",
    "comparison": "1 < " * DEEP + "1",
    "blocks": "".join(" " * i + "if 1:\n" for i in range(300)) + " " * 300 + "pass\n",
    "elif": "if 1: pass\n" + "elif 1: pass\n" * 100000,
    "strings": "'a' " * DEEP,
    "format": "f'" + "{f\"" * 200 + "}\"" * 200 + "'",
    "pattern": "match 1:\n case " + "[" * DEEP + "]" * DEEP + ": pass\n",
    "await": "async def f():\n " + "await " * DEEP + "1\n",
    "starred": "a, " * DEEP + "= 1",
    "unclosed": "(" * DEEP,
    "decorators": "@a\n" * 100000 + "def f(): pass\n",
    "json": "",
}

OPERATIONS = {
    "repr": repr,
    "str": str,
    "hash": hash,
    "equal": lambda made: made == copy_of(made),
    "less": lambda made: made < copy_of(made),
    "deepcopy": copy.deepcopy,
    "pickle": pickle.dumps,
    "pickle protocol 0": lambda made: pickle.dumps(made, 0),
    "marshal": marshal.dumps,
    "json": json.dumps,
    "list": list,
    "next": next,
    "format": format,
    "isinstance": lambda made: isinstance(1, made),
    "bool": bool,
    "call": lambda made: made(),
}

current = [None]


def copy_of(made):
    return NESTS[current[0]]()


for name, make in NESTS.items():
    current[0] = name
    for operation, action in OPERATIONS.items():
        attempt(f"{operation} of {name}", lambda: action(make()))
    attempt(f"end of {name}", lambda: (make(), gc.collect()))

for name, text in TEXTS.items():
    attempt(f"compile {name}", lambda: compile(text, "deep", "exec"))
    attempt(f"parse {name}", lambda: ast.parse(text))
attempt("literal", lambda: ast.literal_eval("[" * DEEP + "]" * DEEP))
attempt("dump", lambda: ast.dump(nest(lambda x: ast.UnaryOp(ast.Not(), x), ast.Constant(1))))
attempt("compile tree", lambda: compile(ast.Expression(nest(lambda x: ast.UnaryOp(ast.Not(), x), ast.Constant(1))), "deep", "eval"))
attempt("json", lambda: json.loads("[" * DEEP + "]" * DEEP))
attempt("json objects", lambda: json.loads('{"a":' * DEEP + "1" + "}" * DEEP))
attempt("unpickle", lambda: pickle.loads(b"]" * DEEP + b"a" * (DEEP - 1) + b"."))
attempt("unpickle tuples", lambda: pickle.loads(b"N" + b"\x85" * DEEP + b"."))
attempt("unmarshal", lambda: marshal.loads(b"[\x01\0\0\0" * DEEP + b"N"))
attempt("isinstance", lambda: isinstance(1, nest(lambda x: (x,), int)))
attempt("regular expression", lambda: __import__("re").compile("(" * 5000 + ")" * 5000))
attempt("regular match", lambda: __import__("re").match("(a|b|c)*d", "abc" * DEEP))
attempt("regular match nested", lambda: __import__("re").match("(?:(?:a|b)*c)*d", "abc" * DEEP))


def down(n=0):
    return down(n + 1)


class Down:
    def __getattr__(self, name):
        return getattr(self, name + "")

    def __eq__(self, other):
        return self == other

    def __repr__(self):
        return repr(self)

    def __hash__(self):
        return hash(self)

    def __len__(self):
        return len(self)

    def __iter__(self):
        return iter(self)

    def __call__(self):
        return self()

    def __add__(self, other):
        return self + other

    def __index__(self):
        return int(self)

    def __bool__(self):
        return bool(self)

    def __contains__(self, x):
        return x in self

    def __getitem__(self, x):
        return self[x]

    def __del__(self):
        Down()


sys.setrecursionlimit(min(10 ** 6, DEEP * 10))
attempt("calls", down)
for name, action in {
    "getattr": lambda: Down().x, "eq": lambda: Down() == 1, "repr": lambda: repr(Down()), "hash": lambda: hash(Down()), "len": lambda: len(Down()), "iter": lambda: iter(Down()),
    "call": lambda: Down()(), "add": lambda: Down() + 1, "index": lambda: int(Down()), "bool": lambda: bool(Down()), "in": lambda: 1 in Down(), "item": lambda: Down()[1],
    "sort": lambda: sorted([Down(), Down()], key=repr), "map": lambda: list(map(down, [1])), "reduce": lambda: functools.reduce(lambda a, b: down(), [1, 2]),
    "exec": lambda: exec("def f(): exec('f()', globals())\nf()", globals()), "import": lambda: __import__("nothing" + ".a" * 1000), "format": lambda: "{0.x}".format(Down()),
}.items():
    attempt("endless " + name, action)

# Sizes that no machine has.
for name, action in {
    "list": lambda: [None] * 2 ** 60, "list of 2**40": lambda: [None] * 2 ** 40, "tuple": lambda: (1,) * 2 ** 60, "str": lambda: "a" * 2 ** 60, "bytes": lambda: b"a" * 2 ** 62, "bytearray": lambda: bytearray(2 ** 62),
    "bytes of n": lambda: bytes(2 ** 50), "range": lambda: list(range(2 ** 60)), "shift": lambda: 1 << 2 ** 62, "power": lambda: 2 ** 2 ** 62, "product": lambda: __import__("itertools").product(range(10), repeat=2 ** 62),
    "format": lambda: f"{1:{2 ** 62}}", "format of 2**40": lambda: f"{1:{2 ** 40}}", "percent": lambda: "%*d" % (2 ** 20, 1) * 2 ** 43, "center": lambda: "a".center(2 ** 60), "expandtabs": lambda: "\t".expandtabs(2 ** 62), "zfill": lambda: "1".zfill(2 ** 60),
    "join": lambda: ("a" * 2 ** 20).join("b" * 2 ** 20 for _ in range(1)) * 2 ** 40, "struct": lambda: __import__("struct").pack("%ds" % 2 ** 60, b""), "array": lambda: __import__("array").array("i", [1]) * 2 ** 60, "deque": lambda: __import__("collections").deque([1]) * 2 ** 61,
    # Grows as fast as nests of two.
    "text": lambda: nest(lambda x: [x, x], "x" * 2 ** 20, 20),
    "memoryview": lambda: memoryview(b"a").cast("B", [2 ** 62]), "permutations": lambda: itertools.permutations(range(3), 2 ** 60), "combinations": lambda: itertools.combinations(range(3), 2 ** 60), "to_bytes": lambda: (1).to_bytes(2 ** 60, "big"),
    "read": lambda: open("/dev/zero", "rb").read(2 ** 60), "io": lambda: __import__("io").BytesIO().truncate(2 ** 60), "seek": lambda: (lambda f: (f.seek(2 ** 60), f.write(b"a")))(__import__("io").BytesIO()), "compress": lambda: __import__("zlib").decompress(b"", bufsize=2 ** 62),
    "urandom": lambda: __import__("os").urandom(2 ** 60), "replace": lambda: ("a" * 2 ** 20).replace("a", "b" * 2 ** 50), "int of text": lambda: int("9" * 10 ** 6), "setslice": lambda: [1].__setitem__(slice(0, 0), [None] * 2 ** 60), "islice": lambda: next(itertools.islice([], 2 ** 63 - 1, 2 ** 63)), "repeat": lambda: list(itertools.repeat(None, 2 ** 60)), "random": lambda: __import__("random").getrandbits(2 ** 62), "bytes ljust": lambda: b"a".ljust(2 ** 60),
}.items():
    attempt("size " + name, action)
print("survived")
