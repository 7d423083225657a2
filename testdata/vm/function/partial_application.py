# functions that make, take and return functions
def compose(*fs):
    def run(x):
        for f in reversed(fs):
            x = f(x)
        return x
    return run
def curry(f, n, *args):
    return f(*args) if n == 0 else lambda x: curry(f, n - 1, *args, x)
print(compose(str, abs, int)("-5"), curry(lambda a, b, c: a + b * c, 3)(1)(2)(3), compose()(7))  # expect: 5 7 7
print(list(map(lambda f: f(4), [lambda x: x + 1, float, str, [].__class__.__call__ and (lambda x: [x])])))
# expect: [5, 4.0, '4', [4]]
def trampoline(f, *a):
    while callable(f):
        f = f(*a)
        a = ()
    return f
def count(n, acc=0):
    return acc if n == 0 else lambda: count(n - 1, acc + n)
print(trampoline(count, 5000))  # expect: 12502500
def fix(f): return (lambda x: x(x))(lambda y: f(lambda *a: y(y)(*a)))
print(fix(lambda self: lambda n: 1 if n == 0 else n * self(n - 1))(10))  # expect: 3628800
def dispatch(table):
    return lambda op, *a: table.get(op, lambda *a: "unknown")(*a)
calc = dispatch({"add": lambda a, b: a + b, "neg": lambda a: -a, "max": max, "join": ",".join})
print(calc("add", 1, 2), calc("neg", 5), calc("max", 1, 9), calc("join", "abc"), calc("nope"))
# expect: 3 -5 9 a,b,c unknown
def once(f):
    done = []
    def g(*a):
        if not done:
            done.append(f(*a))
        return done[0]
    return g
init = once(lambda x: print("init", x) or x)
print(init(1), init(2))
# expect: init 1
# expect: 1 1
def memo(f):
    f.cache = {}
    def g(*a):
        try:
            return f.cache[a]
        except KeyError:
            return f.cache.setdefault(a, f(*a))
    return g
@memo
def edit(a, b):
    if not a or not b: return len(a) + len(b)
    return min(edit(a[1:], b) + 1, edit(a, b[1:]) + 1, edit(a[1:], b[1:]) + (a[0] != b[0]))
print(edit("kitten", "sitting"), edit("", "abc"))  # expect: 3 3
church = [lambda f: lambda x: x]
for _ in range(4):
    church.append((lambda n: lambda f: lambda x: f(n(f)(x)))(church[-1]))
print([n(lambda v: v + 1)(0) for n in church], church[3](lambda s: s + "!")("hey"))  # expect: [0, 1, 2, 3, 4] hey!!!
print(sorted(["bb", "a", "ccc"], key=compose(lambda n: -n, len)), max((3, -5, 2), key=abs), [*filter(compose(bool, str.strip), ["a", " "])])
# expect: ['ccc', 'bb', 'a'] -5 ['a']
