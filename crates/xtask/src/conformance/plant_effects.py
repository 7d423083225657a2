"""Plants effects at import time in real packages and looks whether each is found, with its chain.

    plant_effects.py FOLDER CINDER [--packages A,B] [--count N] [--seed N] [--jobs N]

FOLDER holds unpacked packages, as site-packages does. It is copied; the original stays as it is. Each round puts one snippet at a random place
of a random module's own level and checks that module with everything forced to be strict. A plant counts as found when a finding at one of
its lines has the effect as its root cause at the line of the effect, with a step for each call in between.
Modules that cannot be reached (the analysis says that importing them raises before the place) are counted apart.
"""

import argparse
import ast
import collections
import concurrent.futures
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

OWNER = '''REGISTRY = []
TABLE = {}
class Owner:
    limit = 1
def register(item):
    REGISTRY.append(item)
    return item
'''

# kind: (imports, expression, what the root cause says)
EFFECTS = {
    "print": [("", 'print("planted")', "`print` writes"), ("import sys as {i}", '{i}.stdout.write("x")', "`sys.stdout.write`"),
              ("import pprint as {i}", "{i}.pprint(1)", "`pprint.pprint`")],
    "file": [("", 'open("planted.txt")', "'open'"), ("import pathlib as {i}", '{i}.Path("x").read_text()', "read_text"),
             ("import shutil as {i}", '{i}.copy2("a", "b")', "`shutil.copy2`"), ("import os as {i}", '{i}.listdir(".")', "os.listdir"),
             ("import subprocess as {i}", '{i}.run(["ls"])', "`subprocess.run`"), ("from os import remove as {i}", '{i}("x")', "os.remove")],
    "environment": [("import os as {i}", '{i}.environ["PLANTED"]', "os.environ"), ("import os as {i}", '{i}.getenv("PLANTED")', "os.getenv"),
                    ("from os import environ as {i}", '{i}.get("PLANTED")', "os.environ"), ("import sys as {i}", "{i}.argv[0]", "sys.argv"),
                    ("import platform as {i}", "{i}.node()", "platform.node")],
    "registration": [("import atexit as {i}", "{i}.register(len)", "`atexit.register`"), ("import codecs as {i}", "{i}.register(len)", "`codecs.register`"),
                     ("import signal as {i}", "{i}.signal(2, None)", "`signal.signal`"), ("import sys as {i}", '{i}.path.append("x")', "sys.path")],
    "mutation": [("import planted_owner as {i}", "{i}.REGISTRY.append(1)", "is modified by"), ("import planted_owner as {i}", "{i}.register(1)", "is modified by"),
                 ("import planted_owner as {i}", '{i}.TABLE.update(a=1)', "is modified by"), ("from planted_owner import Owner as {i}", 'setattr({i}, "limit", 2)', ""),
                 ("import planted_owner as {i}", 'setattr({i}, "limit", 2)', ""), ("import sys as {i}", '{i}.modules.update(planted=1)', "sys.modules")],
}

# {e} is the effect's expression; every name is made unique by {u}. The number is how many calls lie between the module's own level and the effect.
SHAPES = {
    "module level": ("{e}\n", 0),
    "assignment": ("planted_{u} = {e}\n", 0),
    "called function": ("def planted_{u}():\n    return {e}\nplanted_{u}()\n", 1),
    "two calls deep": ("def planted_{u}():\n    return {e}\ndef outer_{u}():\n    return [planted_{u}()]\nouter_{u}()\n", 2),
    "decorator": ("def planted_{u}(f):\n    {e}\n    return f\n@planted_{u}\ndef decorated_{u}(): pass\n", 1),
    "decorator with arguments": ("def planted_{u}(**k):\n    def wrap(f):\n        {e}\n        return f\n    return wrap\n@planted_{u}(a=1)\nclass Decorated_{u}: pass\n", 1),
    "class body": ("class Planted_{u}:\n    value = {e}\n", 0),
    "metaclass": ("class Meta_{u}(type):\n    def __new__(cls, *args):\n        {e}\n        return super().__new__(cls, *args)\nclass Planted_{u}(metaclass=Meta_{u}): pass\n", 1),
    "metaclass prepare": ("class Meta_{u}(type):\n    @classmethod\n    def __prepare__(cls, *args):\n        {e}\n        return {{}}\nclass Planted_{u}(metaclass=Meta_{u}): pass\n", 1),
    "init_subclass": ("class Base_{u}:\n    def __init_subclass__(cls):\n        {e}\nclass Planted_{u}(Base_{u}): pass\n", 1),
    "set_name": ("class Field_{u}:\n    def __set_name__(self, owner, name):\n        {e}\nclass Planted_{u}:\n    field = Field_{u}()\n", 1),
    "constructor": ("class Planted_{u}:\n    def __init__(self):\n        self.value = {e}\nplanted_{u} = Planted_{u}()\n", 1),
    "property": ("class Planted_{u}:\n    @property\n    def value(self):\n        return {e}\nplanted_{u} = Planted_{u}().value\n", 1),
    "operator": ("class Planted_{u}:\n    def __add__(self, other):\n        return {e}\nplanted_{u} = Planted_{u}() + 1\n", 1),
    "default argument": ("def planted_{u}(value={e}): pass\n", 0),
    "keyword default in a class": ("class Planted_{u}:\n    def method(self, *, value={e}): pass\n", 0),
    "comprehension": ("planted_{u} = [{e} for _ in range(1)]\n", 0),
    "set comprehension condition": ("planted_{u} = {{1 for _ in (1,) if {e}}}\n", 0),
    "generator": ("def planted_{u}():\n    yield {e}\nfor _planted in planted_{u}(): pass\n", 1),
    "lambda": ("planted_{u} = (lambda: {e})()\n", 1),
    "key function": ("planted_{u} = sorted([2, 1], key=lambda _: {e} and 1 or 1)\n", 1),
    "partial": ("import functools as ft_{u}\ndef planted_{u}(_):\n    return {e}\nft_{u}.partial(planted_{u}, 1)()\n", 1),
    "reduce": ("import functools as ft_{u}\nft_{u}.reduce(lambda a, b: {e}, [1, 2])\n", 1),
    "with statement": ("class Planted_{u}:\n    def __enter__(self): return {e}\n    def __exit__(self, *args): pass\nwith Planted_{u}(): pass\n", 1),
    "context manager": ("import contextlib as cl_{u}\n@cl_{u}.contextmanager\ndef planted_{u}():\n    {e}\n    yield\nwith planted_{u}(): pass\n", 1),
    "try": ("try:\n    {e}\nexcept Exception:\n    pass\n", 0),
    "handler": ("try:\n    {{}}['x']\nexcept KeyError:\n    {e}\n", 0),
    "finally": ("try:\n    pass\nfinally:\n    {e}\n", 0),
    "branch": ("import sys as sys_{u}\nif sys_{u}.version_info >= (3, 8):\n    {e}\n", 0),
    "undecided branch": ("import re as re_{u}\nif re_{u}.match('a', 'b'):\n    pass\nelse:\n    {e}\n", 0),
    "loop": ("for _planted in range(2):\n    {e}\n", 0),
    "f-string": ("planted_{u} = f\"{{({e})}}\"\n", 0),
    "dataclass factory": ("import dataclasses as dc_{u}\n@dc_{u}.dataclass\nclass Planted_{u}:\n    x: int = dc_{u}.field(default_factory=lambda: {e})\nplanted_{u} = Planted_{u}()\n", 1),
    "enum member": ("import enum as enum_{u}\nclass Planted_{u}(enum_{u}.Enum):\n    A = 1\n    def __init__(self, value):\n        {e}\n", 1),
    "match": ("match 1:\n    case 1:\n        {e}\n", 0),
    "walrus": ("if (planted_{u} := {e}) is None: pass\n", 0),
    "star call": ("planted_{u} = dict(**{{'a': {e}}})\n", 0),
    "exec": ("exec({r})\n", 0),
}


def places(text):
    """Line numbers before which a statement of the module's own level may be put."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return []
    found = []
    for index, node in enumerate(tree.body):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            found.clear()
            continue
        if index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        first = min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])
        if node.col_offset == 0 and text.splitlines()[first - 1][:1].strip():
            found.append(first)
    return found


def plant(rng, text, line, unique):
    kind = rng.choice(list(EFFECTS))
    imports, expression, says = rng.choice(EFFECTS[kind])
    shape = rng.choice(list(SHAPES))
    body, depth = SHAPES[shape]
    name = f"planted_import_{unique}"
    expression = expression.replace("{i}", name)
    snippet = (imports.replace("{i}", name) + "\n" if imports else "")
    snippet += body.format(e=expression, u=unique, r=repr(expression))
    lines = text.splitlines(keepends=True)
    lines.insert(line - 1, snippet)
    return "".join(lines), (line, line + snippet.count("\n") - 1), kind, shape, says, depth, snippet


def judge(found, path, span, says, depth):
    """What is wrong with the answer; None when it is right."""
    reached = None
    for item in found:
        if item["path"] != path:
            continue
        at = item["range"]["start"]["line"]
        if item["rule"] == "strict-module-unhandled" and at < span[0]:
            reached = f"unreached: {item['message'][:80]} at line {at}"
        if not span[0] <= at <= span[1]:
            continue
        steps = [a for a in item["annotations"] if a["message"].startswith("root cause")]
        text = steps[0]["message"] if steps else item["message"]
        in_models = " ".join(item.get("help", []))
        if says in text or says in in_models:
            inner = [a for a in item["annotations"] if a["path"] == path and span[0] <= a["range"]["start"]["line"] <= span[1]]
            return None if len(inner) >= depth else f"found without its chain ({len(inner)} of {depth} steps)"
    return reached or "missed"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("folder")
    options.add_argument("cinder")
    options.add_argument("--packages", default="")
    options.add_argument("--count", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=2)
    options = options.parse_args()
    source = pathlib.Path(options.folder).resolve()
    cinder = str(pathlib.Path(options.cinder).resolve())
    packages = [p for p in options.packages.split(",") if p] or sorted(
        p.name for p in source.iterdir() if (p / "__init__.py").exists())
    rng = random.Random(options.seed)
    modules = {p: sorted((source / p).rglob("*.py")) for p in packages}
    plants = []
    while len(plants) < options.count:
        path = rng.choice(modules[rng.choice(packages)])
        text = path.read_text(encoding="utf-8", errors="strict")
        lines = places(text)
        if lines:
            plants.append((path.relative_to(source), *plant(rng, text, rng.choice(lines), len(plants))))
    with tempfile.TemporaryDirectory() as folder:
        def worker(job):
            copy = pathlib.Path(folder, str(job))
            shutil.copytree(source, copy, ignore=lambda d, names: [n for n in names if n.endswith((".so", ".dist-info"))])
            (copy / "planted_owner.py").write_text(OWNER)
            results = []
            for entry in plants[job::options.jobs]:
                relative, text, span, kind, shape, says, depth, snippet = entry
                original = (copy / relative).read_text(encoding="utf-8")
                (copy / relative).write_text(text, encoding="utf-8")
                run = subprocess.run([cinder, "check", "--strict-force", "*", "--output-format", "json", str(relative)],
                                     cwd=copy, capture_output=True, text=True, timeout=300)
                (copy / relative).write_text(original, encoding="utf-8")
                try:
                    found = json.loads(run.stdout)["diagnostics"]
                except ValueError:
                    results.append((entry, f"no answer: exit {run.returncode} {run.stderr[:200]}"))
                    continue
                results.append((entry, judge(found, str(relative), span, says, depth)))
            return results
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            results = [r for part in pool.map(worker, range(options.jobs)) for r in part]
    bad = [(entry, why) for entry, why in results if why]
    unreached = [(entry, why) for entry, why in bad if why.startswith("unreached")]
    missed = [(entry, why) for entry, why in bad if not why.startswith("unreached")]
    by_kind = collections.Counter(entry[3] for entry, why in results if not why)
    print(f"{len(results)} planted in {len(packages)} packages: {len(results) - len(bad)} found with their chain, "
          f"{len(unreached)} behind an import that raises, {len(missed)} missed")
    print("found: " + ", ".join(f"{kind} {count}" for kind, count in sorted(by_kind.items())))
    for (relative, _, span, kind, shape, _, _, snippet), why in missed + unreached:
        print(f"  {relative}:{span[0]}: {kind}, {shape}: {why}")
        if not why.startswith("unreached"):
            print("      " + snippet.replace("\n", "\n      ").rstrip())
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
