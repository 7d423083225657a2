# import forms, the module object, import errors
import math, sys
import os.path
import collections.abc as cabc
from collections import OrderedDict as OD, deque
from math import *
print(math.pi == pi, os.path.join("a", "b"), cabc.__name__, OD.__name__, deque.__name__, sqrt(9))
# expect: True a/b collections.abc OrderedDict deque 3.0
print(math.__name__, type(math).__name__, sys.modules["math"] is math, "os.path" in sys.modules, __name__)
# expect: math module True True __main__
import importlib, types
print(importlib.import_module("json.decoder").__name__, importlib.import_module(".decoder", "json").__name__, __import__("os.path").__name__, __import__("os.path", fromlist=["join"]).__name__ in ("posixpath", "ntpath"))
# expect: json.decoder json.decoder os True
m = types.ModuleType("made", "its doc")
m.value = 5
sys.modules["made"] = m
import made
from made import value
print(made.value, value, made.__doc__, made, vars(made)["value"])  # expect: 5 5 its doc <module 'made'> 5
made.value = 6
from made import value as again
print(value, again)  # expect: 5 6
for src in ("import nope_nope", "import os.nope", "from os import nope_nope", "import json.nope", "from nope_a.b import c", "from . import x", "from .y import z", "import made.sub", "from made import *; print(sorted(k for k in dir() if k == 'value'))"):
    try:
        exec(src, {"__name__": "__main__", "__package__": None} if "." in src.split("import")[0] else {})
    except ImportError as e:
        print(src, "->", type(e).__name__, str(e).split(" (")[0], e.name)
# expect: import nope_nope -> ModuleNotFoundError No module named 'nope_nope' nope_nope
# expect: import os.nope -> ModuleNotFoundError No module named 'os.nope'; 'os' is not a package os.nope
# expect: from os import nope_nope -> ImportError cannot import name 'nope_nope' from 'os' os
# expect: import json.nope -> ModuleNotFoundError No module named 'json.nope' json.nope
# expect: from nope_a.b import c -> ModuleNotFoundError No module named 'nope_a' nope_a
# expect: from . import x -> ImportError attempted relative import with no known parent package None
# expect: from .y import z -> ImportError attempted relative import with no known parent package None
# expect: import made.sub -> ModuleNotFoundError No module named 'made.sub'; 'made' is not a package made.sub
# expect: ['value']
m.__all__ = ["shown", "missing"]
m.shown = 1
ns = {}
try:
    exec("from made import *", ns)
except AttributeError as e:
    print(e)
# expect: module 'made' has no attribute 'missing'
m.__all__ = ["shown"]
exec("from made import *", ns)
print("shown" in ns, "value" in ns)  # expect: True False
def inside():
    import string
    from string import digits as d
    return string.__name__, d
print(inside(), "string" in globals())  # expect: ('string', '0123456789') False
class K:
    import math as mm
    from math import floor
print(K.mm is math, K.floor(1.5))  # expect: True 1
sys.modules["blocked"] = None
try:
    import blocked
except ModuleNotFoundError as e:
    print(e)
# expect: import of blocked halted; None in sys.modules
import tempfile, pathlib
with tempfile.TemporaryDirectory() as d:
    pkg = pathlib.Path(d) / "pkg_t"
    (pkg / "sub").mkdir(parents=True)
    (pkg / "__init__.py").write_text("print('init', __name__, __package__)\nx = 1\n")
    (pkg / "mod.py").write_text("from . import x\nfrom .sub import deep\nprint('mod', __name__, x)\ndef __getattr__(n):\n    return 'dyn ' + n\n")
    (pkg / "sub" / "__init__.py").write_text("")
    (pkg / "sub" / "deep.py").write_text("from ..mod import __name__ as parent\nfrom ... import nothing\n")
    (pathlib.Path(d) / "ns_t").mkdir()
    (pathlib.Path(d) / "ns_t" / "inner.py").write_text("v = 'namespace'")
    (pathlib.Path(d) / "broken_t.py").write_text("x = 1\n1 / 0\n")
    (pathlib.Path(d) / "bad_t.py").write_text("x = = 1\n")
    sys.path.insert(0, d)
    for name in ("pkg_t.mod", "ns_t.inner", "broken_t", "broken_t", "bad_t"):
        try:
            print(importlib.import_module(name).__name__)
        except Exception as e:
            print(name, type(e).__name__, getattr(e, "msg", e))
    print("broken_t" in sys.modules, sys.modules["pkg_t"].x, "pkg_t.mod" in sys.modules)
    (pkg / "sub" / "deep.py").write_text("from ..mod import __name__ as parent\n")
    importlib.invalidate_caches()
    import pkg_t.mod, ns_t.inner
    print(pkg_t.mod.anything, pkg_t.sub.deep.parent, ns_t.inner.v, pkg_t.mod.__spec__.name, pkg_t.__path__ == [str(pkg)])
    sys.path.pop(0)
# expect: init pkg_t pkg_t
# expect: pkg_t.mod ImportError attempted relative import beyond top-level package
# expect: ns_t.inner
# expect: broken_t ZeroDivisionError division by zero
# expect: broken_t ZeroDivisionError division by zero
# expect: bad_t SyntaxError invalid syntax
# expect: False 1 False
# expect: mod pkg_t.mod 1
# expect: dyn anything pkg_t.mod namespace pkg_t.mod True
