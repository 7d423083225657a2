# exceptions out of and through hot loops
def div(a, b):
    try:
        return a // b
    except ZeroDivisionError:
        return -1
print(sum(div(100, i % 5) for i in range(5000)))  # expect: 207000
def find(xs, want):
    for i, x in enumerate(xs):
        if x == want:
            return i
    raise LookupError(want)
hits = misses = 0
for i in range(3000):
    try:
        find((1, 2, 3), i % 5)
        hits += 1
    except LookupError:
        misses += 1
print(hits, misses)  # expect: 1800 1200
def deep(n):
    if n == 0:
        raise ValueError("bottom")
    try:
        deep(n - 1)
    finally:
        log.append(n)
log = []
for _ in range(200):
    try:
        deep(5)
    except ValueError as e:
        pass
print(len(log), log[:5])  # expect: 1000 [1, 2, 3, 4, 5]
def state(n):
    a, b, c = 0, 1.5, "s"
    for i in range(n):
        try:
            a += i
            b *= 1.01
            if i == n - 1:
                c = c + i
            c = "s" * (i % 3)
        except TypeError as e:
            return a, round(b, 3), c, str(e)
print(state(2000))  # expect: (1999000, 658929307.575, '', 'can only concatenate str (not "int") to str')
def counter(n):
    done = 0
    while True:
        try:
            done += 1
            if done % 3 == 0:
                continue
            if done > n:
                break
        finally:
            done += 0
    return done
print(counter(3000))  # expect: 3001
class Stop(Exception): pass
def gen(n):
    for i in range(n):
        try:
            yield i
        except Stop:
            yield "stopped"
g = gen(5000)
for _ in range(2000):
    next(g)
print(next(g), g.throw(Stop()), next(g))  # expect: 2000 stopped 2001
def index(xs, i):
    try:
        return xs[i]
    except IndexError:
        return "out"
print([index([1, 2, 3], i) for i in (0, 2, 3, -3, -4)], sum(index([1, 2, 3], i % 3) for i in range(3000)), index([1], 10**30))
# expect: [1, 3, 'out', 1, 'out'] 6000 out
def nested(n):
    total = 0
    for i in range(n):
        try:
            try:
                if i % 7 == 0:
                    raise KeyError(i)
                total += 1
            except KeyError as e:
                if i % 2:
                    raise ValueError from e
                total += 10
        except ValueError as e:
            total += 100 if isinstance(e.__cause__, KeyError) else 0
        else:
            total += 1000
    return total
print(nested(1400))  # expect: 1312200
def tb_lines(n):
    x = 0
    for i in range(n):
        x += i
        y = 10 // (n - 1 - i)
    return x
try:
    tb_lines(2000)
except ZeroDivisionError as e:
    t = e.__traceback__.tb_next
    print(t.tb_frame.f_locals, t.tb_lineno - t.tb_frame.f_code.co_firstlineno)
# expect: {'n': 2000, 'x': 1999000, 'i': 1999, 'y': 10} 4
