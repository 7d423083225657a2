# marshal: values of every kind, references, code, what is refused
import marshal, io
def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
values = [None, True, False, ..., StopIteration, 0, -1, 2**31, -2**31, 2**100, -2**77, 1.5, float("inf"), 1 - 2j, "", "abc", "é", "\ud800", "x" * 300, b"bytes", (), (1, (2,)), [1, [2]], {"a": 1, 2: [3]}, {1, 2}, frozenset("a"), slice(1, None, 2)]
for version in (2, 4, 5):
    print(version, all(marshal.loads(marshal.dumps(v, version)) == v for v in values[:-1]))
# expect: 2 True
# expect: 4 True
# expect: 5 True
print(marshal.loads(marshal.dumps(values[-1])), marshal.version)
# expect: slice(1, None, 2) 5
shared = ["s"]
a, b = marshal.loads(marshal.dumps([shared, shared]))
print(a is b)
# expect: True
loop = []
loop.append(loop)
again = marshal.loads(marshal.dumps(loop))
print(again[0] is again)
# expect: True
code = compile("def f(x, *, y=2):\n    return [x + i for i in range(y)]\nresult = f(3)", "file.py", "exec")
names = {}
exec(marshal.loads(marshal.dumps(code)), names)
print(names["result"], marshal.loads(marshal.dumps(code)).co_filename)
# expect: [3, 4] file.py
stream = io.BytesIO()
for v in (1, "two", [3]):
    marshal.dump(v, stream)
stream.seek(0)
print([marshal.load(stream) for _ in range(3)])
# expect: [1, 'two', [3]]
attempt(lambda: marshal.load(stream))
# expect: EOFError EOF read where object expected
attempt(lambda: marshal.dumps(object()))
# expect: ValueError unmarshallable object
attempt(lambda: marshal.dumps([object]))
# expect: ValueError unmarshallable object
attempt(lambda: marshal.dumps(code, allow_code=False))
# expect: ValueError marshalling code objects is disallowed
attempt(lambda: marshal.loads(marshal.dumps(code), allow_code=False))
# expect: ValueError unmarshalling code objects is disallowed
attempt(lambda: marshal.dumps(slice(1), 4))
# expect: ValueError unmarshallable object
attempt(lambda: marshal.loads(b""))
# expect: EOFError EOF read where object expected
attempt(lambda: marshal.loads(b"i\0"))
# expect: EOFError marshal data too short
attempt(lambda: marshal.loads(b"?"))
# expect: ValueError bad marshal data (unknown type code)
attempt(lambda: marshal.loads(b"r\0\0\0\0"))
# expect: ValueError bad marshal data (invalid reference)
attempt(lambda: marshal.loads(b"[\xff\xff\xff\xff"))
# expect: ValueError bad marshal data (list size out of range)
deep = None
for _ in range(3000):
    deep = [deep]
attempt(lambda: marshal.dumps(deep))
# expect: ValueError object too deeply nested to marshal
