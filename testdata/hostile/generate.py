"""Programs whose objects fight back, made at random.

    generate.py SEED COUNT [--trace]

Makes COUNT cases: one operation on containers, buffers, strings or files each, with arguments whose special methods change what the
operation works on, collect garbage, raise, or answer nonsense. Any exception is a fine result; a crash, a panic or a hang is not.
Prints one line in the end. With --trace each operation is named on standard error before it runs.
"""
import array
import bisect
import collections
import contextvars
import copy
import csv
import functools
import gc
import heapq
import io
import itertools
import json
import operator
import os
import pickle
import random
import re
import struct
import sys
import warnings
import weakref

seed, count = int(sys.argv[1]), int(sys.argv[2])
trace = "--trace" in sys.argv
rng = random.Random(seed)
sys.setrecursionlimit(400)
warnings.simplefilter("ignore")
sys.unraisablehook = lambda info: None

# How often objects may still fight in this case, and how deep they are in it.
budget = 0
depth = 0
victims = []


class Boom(Exception):
    pass


def small():
    return rng.choice([0, 1, 2, 3, 5, 8, -1, -2, 17, 100, -100])


def nonsense():
    return rng.choice([
        None, NotImplemented, Ellipsis, 0, -1, 1, True, 2 ** 31, 2 ** 63, -2 ** 63, 2 ** 64, 2 ** 200, 1.5, float("nan"), "", "text", "\udc80",
        b"", b"bytes", (), [], {}, set(), object(), type, int, len, lambda *a: 0, iter(()), slice(None), range(3), bytearray(b"x"),
    ])


def attack():
    """Changes something that somebody may be in the middle of using."""
    global budget, depth
    if budget <= 0 or depth > 3:
        return
    budget -= 1
    depth += 1
    try:
        for _ in range(rng.randrange(1, 3)):
            what = rng.randrange(12)
            if what == 0:
                gc.collect()
            elif what == 1:
                raise Boom
            elif what == 2:
                [bytes(100) for _ in range(50)]
            elif victims:
                change(rng.choice(victims))
    finally:
        depth -= 1


def change(victim):
    how = rng.randrange(10)
    if isinstance(victim, (list, collections.UserList)):
        if how < 3:
            victim.clear()
        elif how < 5 and len(victim) < 300:
            victim.extend([item() for _ in range(rng.choice([1, 40]))])
        elif how < 7:
            del victim[: rng.randrange(4)]
        elif how < 8:
            victim[:] = [1]
        elif how < 9:
            victim.reverse()
        else:
            victim.sort(key=id)
    elif isinstance(victim, dict):
        if how < 3:
            victim.clear()
        elif how < 6 and len(victim) < 300:
            for i in range(rng.choice([1, 40])):
                victim[rng.random()] = item()
        elif how < 8 and victim:
            victim.popitem()
        else:
            for key in list(victim)[:3]:
                dict.pop(victim, key, None)
    elif isinstance(victim, set):
        if how < 4:
            victim.clear()
        elif how < 7 and len(victim) < 300:
            victim.update(rng.random() for _ in range(rng.choice([1, 40])))
        elif victim:
            victim.pop()
    elif isinstance(victim, collections.deque):
        if how < 3:
            victim.clear()
        elif how < 6 and len(victim) < 300:
            victim.extend([item() for _ in range(rng.choice([1, 80]))])
        elif how < 8:
            victim.rotate(1)
        elif victim:
            victim.pop()
    elif isinstance(victim, (bytearray, array.array)):
        try:
            if how < 3:
                del victim[:]
            elif how < 7 and len(victim) < 5000:
                victim.extend(victim[:1] * rng.choice([1, 2000]))
            elif how < 8:
                victim.append(1)
            else:
                victim.pop()
        except BufferError:
            pass
    elif isinstance(victim, memoryview):
        victim.release()
    elif isinstance(victim, (io.BytesIO, io.StringIO, io.BufferedIOBase, io.TextIOBase)):
        if how < 3:
            victim.close()
        elif how < 6:
            victim.seek(0)
            victim.truncate(0)
        else:
            victim.read(3)
    elif isinstance(victim, type):
        if how < 5:
            setattr(victim, rng.choice(["__eq__", "__lt__", "__hash__", "__len__", "extra"]), lambda *a: nonsense())
        else:
            for name in list(vars(victim))[:2]:
                if not name.startswith("__"):
                    delattr(victim, name)
    elif hasattr(victim, "__dict__"):
        if how < 5:
            victim.__dict__.clear()
        elif how < 7:
            victim.__dict__ = {"a": 1}
        else:
            try:
                victim.__class__ = rng.choice(CLASSES)
            except TypeError:
                pass


def answer(kind):
    """What a special method gives back: mostly what it should, to get further."""
    attack()
    if rng.randrange(12) == 0:
        return nonsense()
    return kind()


def method(kind):
    return lambda self, *args, **names: answer(kind)


def count_or_more():
    return rng.choice([0, 1, 2, 3, 10])


def follower():
    left = [rng.choice([0, 1, 3, 20])]

    def step():
        while left[0] > 0:
            left[0] -= 1
            attack()
            yield rng.choice([item, small, lambda: (small(), item()), lambda: "ab"])()
    return step()


METHODS = {
    "__eq__": lambda: rng.random() < 0.4,
    "__ne__": lambda: rng.random() < 0.4,
    "__lt__": lambda: rng.random() < 0.5,
    "__gt__": lambda: rng.random() < 0.5,
    "__le__": lambda: rng.random() < 0.5,
    "__ge__": lambda: rng.random() < 0.5,
    "__hash__": lambda: rng.randrange(4),
    "__index__": small,
    "__int__": small,
    "__float__": lambda: 1.5,
    "__bool__": lambda: rng.random() < 0.5,
    "__len__": count_or_more,
    "__length_hint__": lambda: rng.choice([0, 1, 50, 2 ** 20]),
    "__iter__": follower,
    "__reversed__": follower,
    "__getitem__": lambda: item(),
    "__setitem__": lambda: None,
    "__delitem__": lambda: None,
    "__contains__": lambda: True,
    "__call__": lambda: item(),
    "__repr__": lambda: "H",
    "__str__": lambda: "h",
    "__format__": lambda: "f",
    "__bytes__": lambda: b"h",
    "__add__": lambda: item(),
    "__radd__": lambda: item(),
    "__mul__": lambda: item(),
    "__rmul__": lambda: item(),
    "__sub__": lambda: 1,
    "__or__": lambda: 1,
    "__and__": lambda: 1,
    "__iadd__": lambda: item(),
    "__mod__": lambda: 1,
    "__neg__": lambda: 1,
    "__fspath__": lambda: "nowhere",
    "__enter__": lambda: 1,
    "__exit__": lambda: True,
    "keys": lambda: rng.choice([["a", "b"], follower()]),
    "read": lambda: rng.choice(["", b"", "text", b"bytes"]),
    "readline": lambda: rng.choice(["", b"", "text\n", b"bytes\n"]),
    "write": lambda: 1,
    "fileno": lambda: 1,
    "__missing__": lambda: 1,
    "__reduce__": lambda: (list, (), None, iter([item() for _ in range(3)])),
    "__copy__": lambda: item(),
    "__deepcopy__": lambda: 1,
    "__get__": lambda: item(),
    "__instancecheck__": lambda: True,
    "__subclasscheck__": lambda: True,
    "__round__": lambda: 1,
    "__trunc__": lambda: 1,
    "__buffer__": lambda: memoryview(bytearray(rng.choice([0, 1, 8, 64]))),
    "__release_buffer__": lambda: None,
    "__next__": lambda: item(),
    "__del__": lambda: None,
    "__getattr__": lambda: item(),
}


def make_class(bases, share):
    space = {name: method(kind) for name, kind in METHODS.items() if rng.random() < share}
    # What never ends by itself must end here.
    for name, end in (("__getitem__", IndexError), ("__next__", StopIteration)):
        if name in space:
            def ending(self, *args, end=end):
                if rng.random() < 0.2:
                    raise end
                return answer(item)
            space[name] = ending
    if "__reduce__" in space:
        space["__reduce__"] = lambda self: answer(METHODS["__reduce__"])
    if "__getattr__" in space:
        def getattr_(self, name):
            attack()
            raise AttributeError(name)
        space["__getattr__"] = getattr_
    if "__eq__" in space and "__hash__" not in space and rng.random() < 0.8:
        space["__hash__"] = method(METHODS["__hash__"])
    try:
        return type("H", bases, space)
    except TypeError:
        return make_class((object,), share)


BASES = [(object,)] * 8 + [(int,), (str,), (float,), (tuple,), (list,), (dict,), (bytes,), (bytearray,), (set,), (frozenset,), (collections.deque,),
         (collections.OrderedDict,), (Exception,), (collections.defaultdict,), (array.array,)]
CLASSES = []


def item():
    kind = rng.randrange(10)
    if kind < 6 and CLASSES:
        cls = rng.choice(CLASSES)
        try:
            return cls("i") if issubclass(cls, array.array) else cls()
        except Exception:
            return 0
    return rng.choice([small, lambda: "a", lambda: "abc", lambda: b"ab", lambda: 1.5, lambda: None, lambda: (1, 2), lambda: [1, 2]])()


def items(n=None):
    return [item() for _ in range(rng.choice([0, 1, 2, 5, 12, 40]) if n is None else n)]


def hashable():
    for _ in range(5):
        made = item()
        try:
            hash(made)
            return made
        except Exception:
            pass
    return 1


def kept(victim):
    victims.append(victim)
    return victim


def a_list():
    return kept(items())


def a_dict():
    made = rng.choice([dict, dict, collections.OrderedDict, lambda: collections.defaultdict(lambda: answer(item)), collections.Counter])()
    kept(made)
    for _ in range(rng.choice([0, 1, 5, 12])):
        made[rng.choice([hashable, lambda: rng.choice("abcdef")])()] = item()
    return made


def a_set():
    made = kept(set())
    for _ in range(rng.choice([0, 1, 5, 12])):
        made.add(hashable())
    return made


def a_deque():
    return kept(collections.deque(items(), rng.choice([None, None, 3, 20])))


def a_bytearray():
    return kept(bytearray(rng.choice([0, 1, 8, 100])))


def an_array():
    return kept(array.array(rng.choice("bBhHiIlLqQfdwu"[:12]), [1] * rng.choice([0, 1, 8, 100])))


def a_buffer():
    made = rng.choice([a_bytearray, an_array])()
    return rng.choice([lambda: made, lambda: kept(memoryview(made))])()


def a_container():
    return rng.choice([a_list, a_dict, a_set, a_deque])()


def a_sequence():
    return rng.choice([a_list, a_deque, a_bytearray, an_array, lambda: tuple(items()), lambda: "text", lambda: b"bytes"])()


def anything():
    return rng.choice([item, item, a_container, a_sequence, nonsense, a_buffer])()


def key(*args):
    return answer(lambda: rng.choice([small, item])())


def text_file():
    return kept(io.TextIOWrapper(kept(io.BytesIO(b"one\ntwo\nthree\n" * rng.choice([1, 50])))))


def walk(made, limit=60):
    return list(itertools.islice(made, limit))


def call_method():
    made = rng.choice([a_list, a_dict, a_set, a_deque, a_bytearray, an_array, lambda: kept(memoryview(a_bytearray())), lambda: "text", lambda: b"bytes",
                       lambda: kept(io.BytesIO(b"abc")), lambda: kept(io.StringIO("abc")), text_file, lambda: 5, lambda: 1.5, lambda: kept(a_set()) and frozenset(items(0)),
                       lambda: iter(a_container()), lambda: range(5), lambda: slice(1, 2), lambda: struct.Struct("ih"), lambda: re.compile("a|(b)")])()
    names = [name for name in dir(type(made)) if name not in ("__class__", "__init_subclass__", "__subclasshook__", "fileno")]
    name = rng.choice(names)
    if trace:
        print("   ", type(made).__name__, name, file=sys.stderr, flush=True)
    result = getattr(made, name)(*[anything() for _ in range(rng.choice([0, 1, 1, 2, 3]))])
    if hasattr(result, "__next__"):
        walk(result)


def attributes():
    cls = make_class((object,), 0.2)
    kept(cls)
    made = kept(cls())
    for _ in range(6):
        made.a = item()
        getattr(made, rng.choice(["a", "b", "__dict__", "__class__"]), None)
        setattr(made, rng.choice(["a", "b"]), item())
        made == item()
        hash(made)


def recurse(make):
    made = inner = make()
    for _ in range(rng.choice([3, 1000])):
        made = make(made)
    return made


def weak():
    class Target:
        pass
    target = Target()
    targets = kept([target])
    reference = weakref.ref(target, lambda r: attack())
    table = kept(weakref.WeakKeyDictionary())
    table[target] = item()
    values = weakref.WeakValueDictionary()
    values[hashable()] = target
    weakref.finalize(target, attack)
    del target
    attack()
    for k in table.keys():
        attack()
    targets.clear()
    gc.collect()
    return reference(), list(values.values())


@functools.lru_cache(maxsize=4)
def cached(*args, **names):
    attack()
    return item()


def generator_in_trouble():
    def run():
        try:
            while True:
                attack()
                yield item()
        finally:
            attack()
    made = run()
    walk(made, 3)
    rng.choice([made.close, lambda: made.throw(Boom), lambda: made.send(made), lambda: gc.collect()])()


OPERATIONS = [
    call_method, call_method, call_method, call_method, attributes, weak, generator_in_trouble,
    lambda: a_list().sort(key=key), lambda: a_list().sort(), lambda: sorted(a_container(), key=key, reverse=True),
    lambda: a_list().index(item(), item(), item()), lambda: a_list().remove(item()), lambda: a_list().count(item()), lambda: item() in a_list(),
    lambda: a_list().extend(item()), lambda: a_list().extend(follower()), lambda: operator.setitem(a_list(), slice(item(), item(), item()), follower()),
    lambda: operator.setitem(a_list(), slice(item(), item()), item()), lambda: operator.delitem(a_list(), slice(item(), item(), item())),
    lambda: a_list() == a_list(), lambda: a_list() < a_list(), lambda: a_list() * item(), lambda: operator.iadd(a_list(), item()), lambda: repr(a_container()),
    lambda: a_list().insert(item(), item()), lambda: a_list().pop(item()), lambda: list(map(key, a_container(), a_container())),
    lambda: a_dict().update(a_dict()), lambda: a_dict().update(item()), lambda: a_dict().update([(item(), item()), follower()]), lambda: a_dict() == a_dict(),
    lambda: a_dict().get(item()), lambda: a_dict().setdefault(hashable(), item()), lambda: a_dict().pop(item(), 1), lambda: operator.setitem(a_dict(), hashable(), 1),
    lambda: a_dict() | a_dict(), lambda: operator.ior(a_dict(), item()), lambda: dict.fromkeys(item(), 1), lambda: a_dict().items() & a_set(), lambda: a_dict().keys() - a_list(),
    lambda: a_dict().items() == a_dict().items(), lambda: [attack() for _ in a_dict()], lambda: {**a_dict(), **item()}, lambda: dict(**item()), lambda: dict(a_dict(), **a_dict()),
    lambda: a_set() | a_set(), lambda: a_set().update(a_set(), item()), lambda: a_set().difference_update(a_set()), lambda: a_set() ^ a_set(), lambda: a_set() & a_set(),
    lambda: a_set() == a_set(), lambda: a_set() <= a_set(), lambda: a_set().symmetric_difference_update(a_list()), lambda: a_set().intersection(a_list(), follower()),
    lambda: a_set().isdisjoint(a_list()), lambda: frozenset(a_set()) == a_set(), lambda: a_set().remove(item()), lambda: a_set().discard(item()),
    lambda: a_deque().extend(follower()), lambda: a_deque().index(item()), lambda: a_deque().remove(item()), lambda: a_deque().count(item()), lambda: a_deque() == a_deque(),
    lambda: a_deque().insert(item(), item()), lambda: a_deque().rotate(item()), lambda: a_deque() + a_deque(), lambda: a_deque() * item(), lambda: a_deque().extendleft(a_deque()),
    lambda: copy.copy(a_container()), lambda: copy.deepcopy(a_container()), lambda: pickle.loads(pickle.dumps(a_container(), rng.randrange(6))), lambda: [attack() for _ in a_deque()],
    lambda: heapq.heapify(a_list()), lambda: heapq.heappush(a_list(), item()), lambda: heapq.heappop(a_list()), lambda: heapq.heappushpop(a_list(), item()),
    lambda: heapq.heapreplace(a_list(), item()), lambda: heapq.nsmallest(3, a_list(), key=key), lambda: list(heapq.merge(a_list(), a_list(), key=key)),
    lambda: heapq.heapify_max(a_list()), lambda: heapq.heappop_max(a_list()), lambda: heapq.nlargest(3, follower()),
    lambda: bisect.insort(a_list(), item(), key=key), lambda: bisect.bisect(item(), item()), lambda: bisect.insort_left(a_list(), item()), lambda: bisect.bisect_left(a_list(), item(), item(), item()),
    lambda: a_bytearray().extend(item()), lambda: a_bytearray().extend(follower()), lambda: operator.setitem(a_bytearray(), slice(item(), item(), item()), item()),
    lambda: operator.setitem(a_bytearray(), item(), item()), lambda: a_bytearray().join(a_list()), lambda: b"-".join([a_bytearray(), item(), a_bytearray()]), lambda: a_bytearray().replace(item(), item(), item()),
    lambda: a_bytearray().translate(item(), item()), lambda: a_bytearray().find(item(), item(), item()), lambda: a_bytearray().insert(item(), item()), lambda: a_bytearray().split(item(), item()),
    lambda: a_bytearray() + item(), lambda: operator.iadd(a_bytearray(), item()), lambda: operator.imul(a_bytearray(), item()), lambda: bytes(item()), lambda: bytearray(item()), lambda: a_bytearray() % (item(), item()),
    lambda: memoryview(a_buffer())[item()], lambda: operator.setitem(memoryview(a_buffer()), item(), item()), lambda: operator.setitem(memoryview(a_buffer()), slice(item(), item()), item()),
    lambda: memoryview(a_buffer()).cast(rng.choice(["B", "i", "d", "x"]), item()), lambda: memoryview(item()), lambda: memoryview(a_buffer()) == item(), lambda: memoryview(a_buffer()).tobytes(item()),
    lambda: memoryview(a_buffer()).hex(item(), item()), lambda: [attack() for _ in memoryview(a_buffer())], lambda: memoryview(a_buffer()).index(item(), item(), item()),
    lambda: an_array().extend(follower()), lambda: an_array().fromlist(a_list()), lambda: an_array().insert(item(), item()), lambda: operator.setitem(an_array(), slice(item(), item(), item()), an_array()),
    lambda: an_array().index(item(), item(), item()), lambda: an_array().remove(item()), lambda: an_array().fromfile(item(), 3), lambda: an_array().tofile(item()), lambda: an_array() * item(), lambda: array.array("i", item()),
    lambda: an_array() == an_array(), lambda: an_array().frombytes(a_buffer()), lambda: an_array().pop(item()), lambda: an_array().count(item()),
    lambda: struct.pack(rng.choice(["iii", "3s?d", "10p q", "n", "e"]), item(), item(), item()), lambda: struct.pack_into("ii", a_buffer(), item(), item(), item()), lambda: struct.unpack_from("ii", a_buffer(), item()),
    lambda: list(struct.iter_unpack("h", a_buffer())), lambda: [attack() for _ in struct.iter_unpack("b", a_buffer())],
    lambda: ",".join(a_list()), lambda: ",".join(follower()), lambda: "{} {!r:>{}} {0.x[1]}".format(item(), item(), item()), lambda: "%s %r %d %*.*f" % (item(), item(), item(), item(), item(), item()),
    lambda: "%(a)s %(b)r" % a_dict(), lambda: f"{item()!r:{item()}}", lambda: "text".replace(item(), item(), item()), lambda: "text".translate(item()), lambda: "text".translate(a_dict()), lambda: str(item(), item()),
    lambda: "text".startswith(tuple(items())), lambda: "text".split(item(), item()), lambda: "text"[item():item():item()], lambda: "x" * item(), lambda: "text".encode(item(), item()), lambda: "text".center(item(), item()), lambda: format(item(), item()),
    lambda: csv.writer(item()).writerows(a_list()), lambda: csv.writer(kept(io.StringIO())).writerow(a_list()), lambda: walk(csv.reader(follower())), lambda: walk(csv.reader(a_list(), delimiter=item())), lambda: csv.writer(io.StringIO(), quoting=2).writerow(items()),
    lambda: json.dumps(a_container(), default=key), lambda: json.dumps(a_container(), skipkeys=True, sort_keys=True, indent=item(), default=key), lambda: json.loads('[{"a": 1, "b": [1.5, 2]}, 3]', object_hook=key, parse_float=key, parse_int=key, object_pairs_hook=key),
    lambda: json.JSONEncoder(default=key).encode(a_list()), lambda: walk(json.JSONEncoder(default=key, indent=2).iterencode(a_container())),
    lambda: re.sub("a|b", key, "abcab"), lambda: re.sub(b"a", key, a_bytearray()), lambda: [attack() for _ in re.finditer(b"\0", a_bytearray())], lambda: re.split(item(), item()), lambda: re.compile("(a)|b").sub(item(), "abab", item()), lambda: re.match("(?P<x>a)", "a").expand(item()), lambda: re.match("(a)(b)?", "a").group(item(), item()),
    lambda: functools.reduce(key, a_container()), lambda: cached(hashable(), **{"k": hashable()}), lambda: cached(hashable()), lambda: (cached.cache_clear(), cached(1)), lambda: sorted(a_list(), key=functools.cmp_to_key(key)), lambda: functools.partial(key, *items(), a=1)(*items()), lambda: functools.partial(item())(item()),
    lambda: sum(a_container(), item()), lambda: min(a_container(), key=key, default=1), lambda: max(follower()), lambda: any(a_container()), lambda: all(follower()), lambda: list(zip(a_container(), follower(), strict=True)), lambda: list(filter(key, a_container())), lambda: list(enumerate(follower(), item())), lambda: list(reversed(item())),
    lambda: walk(itertools.chain(a_container(), follower())), lambda: walk(itertools.groupby(a_container(), key)), lambda: walk(itertools.product(a_list(), follower())), lambda: walk(itertools.permutations(a_container(), 3)), lambda: walk(itertools.combinations(follower(), item())), lambda: walk(itertools.accumulate(a_container(), key)), lambda: walk(itertools.tee(follower(), 3)[1]), lambda: walk(itertools.islice(follower(), item(), item(), item())),
    lambda: walk(itertools.cycle(follower())), lambda: walk(itertools.zip_longest(a_container(), follower())), lambda: walk(itertools.batched(a_container(), item())), lambda: walk(itertools.pairwise(follower())), lambda: walk(itertools.starmap(key, a_list())), lambda: walk(itertools.compress(a_list(), follower())), lambda: walk(itertools.dropwhile(key, a_container())), lambda: walk(itertools.repeat(1, item())), lambda: walk(itertools.count(item(), item()), 5),
    lambda: int(item()), lambda: int("12", item()), lambda: float(item()), lambda: complex(item(), item()), lambda: round(item(), item()), lambda: pow(item(), item(), item()), lambda: divmod(item(), item()), lambda: range(item(), item(), item()), lambda: slice(item(), item(), item()).indices(item()), lambda: chr(item()), lambda: (5).to_bytes(item(), item()), lambda: int.from_bytes(item(), item()), lambda: hash(tuple(items())), lambda: tuple(items()) == tuple(items()), lambda: item() + item(), lambda: 10 ** 30 // item(), lambda: 1 << item(), lambda: [1, 2][item()],
    lambda: isinstance(item(), item()), lambda: issubclass(item(), (item(), int)), lambda: type("X", (item(),), {}), lambda: type("X", (), a_dict()), lambda: super(item(), item()), lambda: make_class((object, make_class((object,), 0.3)), 0.1)(), lambda: print(item(), sep=item(), end=item(), file=item()), lambda: print(item(), file=kept(io.StringIO())), lambda: iter(item(), item()), lambda: walk(iter(key, 3)), lambda: vars(item()), lambda: dir(item()),
    lambda: io.BytesIO(item()), lambda: kept(io.BytesIO(b"abc")).write(item()), lambda: kept(io.BytesIO(b"abc")).writelines(follower()), lambda: kept(io.BytesIO(b"abcdef")).readinto(a_buffer()), lambda: kept(io.StringIO()).writelines(a_list()), lambda: kept(io.StringIO("abc")).seek(item(), item()), lambda: [attack() for _ in text_file()], lambda: io.TextIOWrapper(item()).read(), lambda: io.BufferedReader(item()).read(10), lambda: io.BufferedWriter(item()).write(b"x" * 10000), lambda: walk(io.TextIOWrapper(io.BufferedReader(item()))), lambda: io.BufferedRandom(kept(io.BytesIO(b"abc"))).readinto(a_buffer()),
    lambda: exec("x = y\ny = x\ndel x", rng.choice([a_dict, item])(), rng.choice([a_dict, item])()), lambda: eval("a[b](c)", {}, {"a": item(), "b": item(), "c": item()}), lambda: exec("for a, *b in c:\n  d = {**e, 'f': 1}\n  g = [*h, *b]", {"c": a_list(), "e": item(), "h": item()}), lambda: exec("match a:\n  case {'k': x, **y}: pass\n  case [x, *y]: pass\n  case H(): pass", {"a": anything(), "H": item()}), lambda: compile(item(), item(), item()), lambda: __import__(item()),
    lambda: contextvars.copy_context().run(key), lambda: operator.attrgetter(item())(item()), lambda: operator.itemgetter(*items(2))(a_list()), lambda: operator.methodcaller("sort", key=key)(a_list()), lambda: collections.Counter(a_container()).most_common(item()), lambda: collections.OrderedDict(a_dict()).move_to_end(item(), item()), lambda: [attack() for _ in collections.OrderedDict(a_dict())], lambda: collections.ChainMap(a_dict(), a_dict())[item()], lambda: operator.length_hint(item(), item()), lambda: operator.concat(item(), item()), lambda: operator.countOf(a_container(), item()), lambda: operator.indexOf(follower(), item()),
    lambda: property(key, key).__get__(item(), item()), lambda: staticmethod(item())(item()), lambda: classmethod(key).__get__(item(), item())(item()), lambda: key.__get__(item())(1), lambda: object.__getattribute__(item(), item()), lambda: setattr(item(), item(), item()), lambda: os.fspath(item()), lambda: bytes.fromhex(item()), lambda: bytes.maketrans(item(), item()), lambda: str.maketrans(a_dict()), lambda: ExceptionGroup("m", items()).split(key), lambda: BaseExceptionGroup(item(), items()), lambda: weakref.proxy(item()) + 1, lambda: weakref.WeakSet(a_list()) | a_set(), lambda: sys.getsizeof(item()), lambda: sys.intern(item()), lambda: gc.get_referents(item(), a_list()), lambda: gc.get_referrers(a_list()),
]

done = collections.Counter()
for number in range(count):
    if number % 25 == 0:
        CLASSES[:] = [make_class(rng.choice(BASES), rng.choice([0.1, 0.3, 0.6])) for _ in range(12)]
    victims.clear()
    chosen = rng.randrange(len(OPERATIONS))
    budget = 0
    if trace:
        code = OPERATIONS[chosen].__code__
        print(number, chosen, code.co_firstlineno, code.co_names, file=sys.stderr, flush=True)
    budget = 60
    try:
        OPERATIONS[chosen]()
        done["passed"] += 1
    except RecursionError:
        done["deep"] += 1
    except Exception:
        done["raised"] += 1
    budget = 0
victims.clear()
CLASSES.clear()
print("survived", sum(done.values()))
