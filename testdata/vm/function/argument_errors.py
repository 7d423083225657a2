# the messages of calls that do not fit
def none(): pass
def one(a): pass
def two(a, b): pass
def three(a, b, c): pass
def opt(a, b=1): pass
def kwo(a, *, k): pass
def kwo2(*, j, k): pass
def posonly(a, b, /, c): pass
def var(a, *args, k): pass
class C:
    def __init__(self, x): pass
    def m(self, y): pass
class Plain: pass
def attempt(text):
    try:
        eval(text)
        print("no error:", text)
    except TypeError as e:
        print(f"{text}: {e}")
for text in """none(1)
none(1, 2, 3)
none(x=1)
one()
one(1, 2)
one(b=1)
one(1, a=1)
one(1, b=2)
two()
two(1)
two(b=1)
two(1, 2, 3)
three()
three(1)
opt()
opt(1, 2, 3)
opt(1, 2, b=3)
opt(1, c=3)
kwo(1)
kwo(1, 2)
kwo(1, 2, k=3)
kwo(k=1)
kwo2()
kwo2(j=1)
posonly(1, 2, c=3, a=1)
posonly(a=1, b=2, c=3)
posonly(1)
var()
var(1, 2)
C()
C(1, 2)
C(y=1)
C(1).m()
C(1).m(1, 2)
C.m()
Plain(1)
Plain(a=1)
(lambda: 0)(1)
one(*[1, 2])
one(**{'b': 1})
one(**{1: 2})
one(*5)
one(**5)
one(1, **{'a': 2})
two(**{'a': 1}, **{'a': 2})
none(*[], **{'zz': 1})
(lambda f: f())(5)
(lambda f: f())('x')
(lambda f: f())(None)
one(print=1)
opt(aa=1)""".splitlines():
    attempt(text)
# expect: none(1): none() takes 0 positional arguments but 1 was given
# expect: none(1, 2, 3): none() takes 0 positional arguments but 3 were given
# expect: none(x=1): none() got an unexpected keyword argument 'x'
# expect: one(): one() missing 1 required positional argument: 'a'
# expect: one(1, 2): one() takes 1 positional argument but 2 were given
# expect: one(b=1): one() got an unexpected keyword argument 'b'
# expect: one(1, a=1): one() got multiple values for argument 'a'
# expect: one(1, b=2): one() got an unexpected keyword argument 'b'
# expect: two(): two() missing 2 required positional arguments: 'a' and 'b'
# expect: two(1): two() missing 1 required positional argument: 'b'
# expect: two(b=1): two() missing 1 required positional argument: 'a'
# expect: two(1, 2, 3): two() takes 2 positional arguments but 3 were given
# expect: three(): three() missing 3 required positional arguments: 'a', 'b', and 'c'
# expect: three(1): three() missing 2 required positional arguments: 'b' and 'c'
# expect: opt(): opt() missing 1 required positional argument: 'a'
# expect: opt(1, 2, 3): opt() takes from 1 to 2 positional arguments but 3 were given
# expect: opt(1, 2, b=3): opt() got multiple values for argument 'b'
# expect: opt(1, c=3): opt() got an unexpected keyword argument 'c'
# expect: kwo(1): kwo() missing 1 required keyword-only argument: 'k'
# expect: kwo(1, 2): kwo() takes 1 positional argument but 2 were given
# expect: kwo(1, 2, k=3): kwo() takes 1 positional argument but 2 positional arguments (and 1 keyword-only argument) were given
# expect: kwo(k=1): kwo() missing 1 required positional argument: 'a'
# expect: kwo2(): kwo2() missing 2 required keyword-only arguments: 'j' and 'k'
# expect: kwo2(j=1): kwo2() missing 1 required keyword-only argument: 'k'
# expect: posonly(1, 2, c=3, a=1): posonly() got some positional-only arguments passed as keyword arguments: 'a'
# expect: posonly(a=1, b=2, c=3): posonly() got some positional-only arguments passed as keyword arguments: 'a, b'
# expect: posonly(1): posonly() missing 2 required positional arguments: 'b' and 'c'
# expect: var(): var() missing 1 required positional argument: 'a'
# expect: var(1, 2): var() missing 1 required keyword-only argument: 'k'
# expect: C(): C.__init__() missing 1 required positional argument: 'x'
# expect: C(1, 2): C.__init__() takes 2 positional arguments but 3 were given
# expect: C(y=1): C.__init__() got an unexpected keyword argument 'y'
# expect: C(1).m(): C.m() missing 1 required positional argument: 'y'
# expect: C(1).m(1, 2): C.m() takes 2 positional arguments but 3 were given
# expect: C.m(): C.m() missing 2 required positional arguments: 'self' and 'y'
# expect: Plain(1): Plain() takes no arguments
# expect: Plain(a=1): Plain() takes no arguments
# expect: (lambda: 0)(1): <lambda>() takes 0 positional arguments but 1 was given
# expect: one(*[1, 2]): one() takes 1 positional argument but 2 were given
# expect: one(**{'b': 1}): one() got an unexpected keyword argument 'b'
# expect: one(**{1: 2}): keywords must be strings
# expect: one(*5): __main__.one() argument after * must be an iterable, not int
# expect: one(**5): __main__.one() argument after ** must be a mapping, not int
# expect: one(1, **{'a': 2}): one() got multiple values for argument 'a'
# expect: two(**{'a': 1}, **{'a': 2}): __main__.two() got multiple values for keyword argument 'a'
# expect: none(*[], **{'zz': 1}): none() got an unexpected keyword argument 'zz'
# expect: (lambda f: f())(5): 'int' object is not callable
# expect: (lambda f: f())('x'): 'str' object is not callable
# expect: (lambda f: f())(None): 'NoneType' object is not callable
# expect: one(print=1): one() got an unexpected keyword argument 'print'
# expect: opt(aa=1): opt() got an unexpected keyword argument 'aa'. Did you mean 'a'?
