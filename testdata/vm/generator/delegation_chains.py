# Generators that delegate to one another: resumed from the outside, from the side, thrown into, closed, looked at.
import gc
import sys


def show(label, *values):
    print(label, *values)


def leaf(tag, n):
    for i in range(n):
        got = yield (tag, i)
        if got is not None:
            show("leaf", tag, "got", got)
    return tag * 2


def middle(tag, n):
    result = yield from leaf(tag, n)
    show("middle", result)
    result = yield from leaf(tag + "'", 1)
    return result


def outer(n):
    first = yield from middle("a", n)
    second = yield from middle("b", 1)
    return first + second


def drain(generator):
    items = []
    while True:
        try:
            items.append(next(generator))
        except StopIteration as stop:
            return items, stop.value


show("drain", drain(outer(3)))
show("loop", [item for item in outer(2)])

# Values sent reach the innermost.
g = outer(2)
next(g)
show("sent", g.send("x"))
show("rest", list(g))

# An inner generator that others resume meanwhile.
inner = leaf("shared", 6)


def by(name, generator):
    yield name
    value = yield from generator
    yield (name, value)


one, two = by("one", inner), by("two", inner)
show(next(one), next(two))
show(next(one), next(two), next(inner), next(one), next(two), next(inner))
show("ended", next(one, "none"), next(two, "none"), next(one, "none"), next(two, "none"))

# A deep chain whose middle is resumed directly.
chain = [leaf("deep", 9)]


def pass_on(generator):
    return (yield from generator)


for _ in range(5):
    chain.append(pass_on(chain[-1]))
show([next(chain[5]), next(chain[5]), next(chain[2]), next(chain[4]), next(chain[0]), next(chain[5]), next(chain[1])])
show([g.gi_suspended for g in chain], [g.gi_running for g in chain])
show(chain[5].gi_yieldfrom is chain[4], chain[1].gi_yieldfrom is chain[0], chain[0].gi_yieldfrom)
show([next(chain[5]), next(chain[3])], next(chain[5], "end"), next(chain[4], "end"))


# What a running chain says of itself.
def looks():
    frame = sys._getframe()
    show("frames", [f.f_code.co_name for f in (frame, frame.f_back, frame.f_back.f_back)])
    show("running", [g.gi_running for g in asked], [g.gi_suspended for g in asked])
    yield 1
    for generator in asked:
        try:
            next(generator)
        except ValueError as error:
            show(error)
    yield 2


asked = []
asked.append(looks())
asked.append(pass_on(asked[0]))
asked.append(pass_on(asked[1]))
show(next(asked[2]))
frame = asked[2].gi_frame
show("suspended", frame.f_back, asked[0].gi_frame.f_back, asked[0].gi_frame.f_generator is asked[0])
show(next(asked[2]), next(asked[2], None))


# Exceptions thrown, raised and closed.
def catching(name, generator):
    try:
        result = yield from generator
        show(name, "result", result)
    except ValueError as error:
        show(name, "caught", error, type(error.__context__).__name__)
        yield name
    finally:
        show(name, "finally")
    return name


g = catching("x", catching("y", leaf("z", 3)))
show(next(g), next(g))
show(g.throw(ValueError("thrown")))
show(drain(g))


def raising():
    yield "before"
    raise ValueError("raised")


g = catching("o", pass_on(pass_on(raising())))
show(drain(g))

g = catching("c", catching("d", leaf("e", 3)))
next(g)
inner = g.gi_yieldfrom
g.close()
show(inner.gi_frame, g.gi_frame, next(g, "closed"))

g = catching("c", pass_on(catching("d", leaf("e", 3))))
next(g)
next(g)
inner = g.gi_yieldfrom.gi_yieldfrom
inner.close()
show(drain(g))


def ignoring():
    for _ in range(2):
        try:
            yield 1
        except GeneratorExit:
            pass
        except ValueError:
            return "end"


g = pass_on(ignoring())
next(g)
try:
    g.close()
except RuntimeError as error:
    show(error)
g = pass_on(ignoring())
next(g)
try:
    show(g.throw(ValueError))
except StopIteration as stop:
    show("stopped", stop.value)

# Depth is that of the frames.
g = leaf("bottom", 3)
for _ in range(300):
    g = pass_on(g)
show(next(g), next(g))


def deeper(n, generator):
    return next(generator) if n == 0 else deeper(n - 1, generator)


show(deeper(100, g))

# A chain is traced as others are.
events = []


def trace(frame, event, argument):
    if event in ("call", "return"):
        events.append((frame.f_code.co_name, event))
    return trace


g = pass_on(pass_on(leaf("t", 2)))
next(g)
sys.settrace(trace)
next(g)
sys.settrace(None)
show(sorted(set(events)))
show(drain(g))


# Collected in the middle.
def keeps(items):
    made = [object() for _ in range(10)]
    for item in items:
        gc.collect()
        yield item
        made = [made, item]


def deep(n):
    if n == 0:
        yield from keeps(range(3))
    else:
        yield from deep(n - 1)
        yield n


items = []
for item in deep(6):
    gc.collect()
    items.append(item)
show(items)

closed = []


def closing():
    try:
        yield 1
        yield 2
    finally:
        closed.append("inner")


def around(generator):
    try:
        yield from generator
    finally:
        closed.append("outer")


def abandoned():
    g = around(pass_on(closing()))
    next(g)


for _ in range(9):
    abandoned()
for _ in range(3):
    gc.collect()
show(closed.count("inner") == closed.count("outer") > 5)


# Trees.
class Tree:
    def __init__(self, left, value, right):
        self.left, self.value, self.right = left, value, right

    def __iter__(self):
        if self.left is not None:
            yield from self.left
        yield self.value
        if self.right is not None:
            yield from self.right


def tree(low, high):
    if low >= high:
        return None
    at = (low + high) // 2
    return Tree(tree(low, at), at, tree(at + 1, high))


for _ in range(3):
    show(list(tree(0, 2000)) == list(range(2000)), sum(tree(0, 1000)), max(tree(0, 77)), len(set(tree(0, 500))))


# Coroutines await as generators delegate.
class Pause:
    def __await__(self):
        return (yield "pause")


async def innermost(n):
    total = 0
    for _ in range(n):
        total += await Pause()
    return total


async def between(n):
    return await innermost(n) + 1


async def whole():
    return await between(2) * await between(1)


c = whole()
show(c.send(None), c.send(10), c.cr_await.cr_code.co_name, c.cr_running, c.cr_suspended)
inner = c.cr_await
try:
    async def second():
        await inner
    second().send(None)
except RuntimeError as error:
    show(error)
show(c.send(20))
try:
    c.send(3)
except StopIteration as stop:
    show(stop.value)
c = whole()
c.send(None)
try:
    c.throw(KeyError("k"))
except KeyError as error:
    names = []
    traceback = error.__traceback__
    while traceback is not None:
        names.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    show(error, names)

# expect: middle aa
# expect: middle bb
# expect: drain ([('a', 0), ('a', 1), ('a', 2), ("a'", 0), ('b', 0), ("b'", 0)], "a'a'b'b'")
# expect: middle aa
# expect: middle bb
# expect: loop [('a', 0), ('a', 1), ("a'", 0), ('b', 0), ("b'", 0)]
# expect: leaf a got x
# expect: sent ('a', 1)
# expect: middle aa
# expect: middle bb
# expect: rest [("a'", 0), ('b', 0), ("b'", 0)]
# expect: one two
# expect: ('shared', 0) ('shared', 1) ('shared', 2) ('shared', 3) ('shared', 4) ('shared', 5)
# expect: ended ('one', 'sharedshared') ('two', None) none none
# expect: [('deep', 0), ('deep', 1), ('deep', 2), ('deep', 3), ('deep', 4), ('deep', 5), ('deep', 6)]
# expect: [True, True, True, True, True, True] [False, False, False, False, False, False]
# expect: True True None
# expect: [('deep', 7), ('deep', 8)] end end
# expect: frames ['looks', 'pass_on', 'pass_on']
# expect: running [True, True, True] [False, False, False]
# expect: 1
# expect: suspended None None True
# expect: generator already executing
# expect: generator already executing
# expect: generator already executing
# expect: 2 None
# expect: ('z', 0) ('z', 1)
# expect: y caught thrown NoneType
# expect: y
# expect: y finally
# expect: x result y
# expect: x finally
# expect: ([], 'x')
# expect: o caught raised NoneType
# expect: o finally
# expect: (['before', 'o'], 'o')
# expect: d finally
# expect: c finally
# expect: None None closed
# expect: d finally
# expect: c result None
# expect: c finally
# expect: ([], 'c')
# expect: generator ignored GeneratorExit
# expect: stopped end
# expect: ('bottom', 0) ('bottom', 1)
# expect: ('bottom', 2)
# expect: [('leaf', 'call'), ('leaf', 'return'), ('pass_on', 'call'), ('pass_on', 'return')]
# expect: ([], 'tt')
# expect: [0, 1, 2, 1, 2, 3, 4, 5, 6]
# expect: True
# expect: True 499500 76 500
# expect: True 499500 76 500
# expect: True 499500 76 500
# expect: pause pause between False True
# expect: coroutine is being awaited already
# expect: pause
# expect: 124
# expect: 'k' ['<module>', 'whole', 'between', 'innermost', '__await__']
