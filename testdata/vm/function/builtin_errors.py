# the messages of calls of builtins that do not fit
def attempt(text):
    try:
        eval(text)
        print("no error:", text)
    except TypeError as e:
        print(f"{text}: {e}")
for text in """[].append()
[].append(1, 2)
len()
len(1, 2)
len(5)
''.join(1, 2)
int(1, 2, 3)
isinstance(1)
isinstance(1, 5)
print(1, foo=2)
sorted()
abs(1, 2)
abs('x')
max()
getattr(1)
dict(1, 2)
str.upper()
str.upper(5)
list.append([])
zip(1)
enumerate()
range()
type()
object(1)""".splitlines():
    attempt(text)
# expect: [].append(): list.append() takes exactly one argument (0 given)
# expect: [].append(1, 2): list.append() takes exactly one argument (2 given)
# expect: len(): len() takes exactly one argument (0 given)
# expect: len(1, 2): len() takes exactly one argument (2 given)
# expect: len(5): object of type 'int' has no len()
# expect: ''.join(1, 2): str.join() takes exactly one argument (2 given)
# expect: int(1, 2, 3): int expected at most 2 arguments, got 3
# expect: isinstance(1): isinstance expected 2 arguments, got 1
# expect: isinstance(1, 5): isinstance() arg 2 must be a type, a tuple of types, or a union
# expect: print(1, foo=2): print() got an unexpected keyword argument 'foo'
# expect: sorted(): sorted expected 1 argument, got 0
# expect: abs(1, 2): abs() takes exactly one argument (2 given)
# expect: abs('x'): bad operand type for abs(): 'str'
# expect: max(): max expected at least 1 argument, got 0
# expect: getattr(1): getattr expected at least 2 arguments, got 1
# expect: dict(1, 2): dict expected at most 1 argument, got 2
# expect: str.upper(): unbound method str.upper() needs an argument
# expect: str.upper(5): descriptor 'upper' for 'str' objects doesn't apply to a 'int' object
# expect: list.append([]): list.append() takes exactly one argument (0 given)
# expect: zip(1): 'int' object is not iterable
# expect: enumerate(): enumerate() missing required argument 'iterable'
# expect: range(): range expected at least 1 argument, got 0
# expect: type(): type() takes 1 or 3 arguments
# expect: object(1): object() takes no arguments
