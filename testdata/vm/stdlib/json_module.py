# json
import json
print(json.dumps({"a": [1, 2.5, None, True, "x"], "b": {}}), json.dumps([]), json.dumps("é\n\"\\\u2028🐍"), json.dumps("é", ensure_ascii=False), json.dumps((1, 2)), json.dumps({1: 2, None: 3, True: 4, 1.5: 5}))
# expect: {"a": [1, 2.5, null, true, "x"], "b": {}} [] "\u00e9\n\"\\\u2028\ud83d\udc0d" "é" [1, 2] {"1": 4, "null": 3, "1.5": 5}
print(json.dumps([1, {"b": 2, "a": [3]}], indent=2, sort_keys=True))
# expect: [
# expect:   1,
# expect:   {
# expect:     "a": [
# expect:       3
# expect:     ],
# expect:     "b": 2
# expect:   }
# expect: ]
print(json.dumps({"a": 1, "b": [1, 2]}, separators=(",", ":")), json.dumps([1, 2], indent="\t"), json.dumps({}, indent=1), json.dumps([[], {}], indent=1))
# expect: {"a":1,"b":[1,2]} [
# expect: 	1,
# expect: 	2
# expect: ] {} [
# expect:  [],
# expect:  {}
# expect: ]
print(json.dumps([float("inf"), float("nan"), -0.0, 1e100, 1e-7, 10**30, 1.0]))
# expect: [Infinity, NaN, -0.0, 1e+100, 1e-07, 1000000000000000000000000000000, 1.0]
print(json.loads('{"a": [1, -2.5e3, true, false, null, "\\u00e9\\ud83d\\udc0d\\n"]}'), json.loads(" [ ] "), json.loads('"x"'), json.loads("1E2"), json.loads("-0"), json.loads("NaN"), json.loads(b'{"k": 1}'), json.loads("123456789012345678901234567890"))
# expect: {'a': [1, -2500.0, True, False, None, 'é🐍\n']} [] x 100.0 0 nan {'k': 1} 123456789012345678901234567890
for bad in ("", "{", "[1,]", '{"a"}', '{"a":}', "{'a': 1}", '"abc', "tru", "[1 2]", '"\\q"', '"\n"', "01", "1.", "{} x", "[", '{"a": 1 "b"}', "-", "\ufeff{}"):
    try:
        print(repr(bad), json.loads(bad))
    except json.JSONDecodeError as e:
        print(repr(bad), "->", e)
# expect: '' -> Expecting value: line 1 column 1 (char 0)
# expect: '{' -> Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
# expect: '[1,]' -> Illegal trailing comma before end of array: line 1 column 3 (char 2)
# expect: '{"a"}' -> Expecting ':' delimiter: line 1 column 5 (char 4)
# expect: '{"a":}' -> Expecting value: line 1 column 6 (char 5)
# expect: "{'a': 1}" -> Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
# expect: '"abc' -> Unterminated string starting at: line 1 column 1 (char 0)
# expect: 'tru' -> Expecting value: line 1 column 1 (char 0)
# expect: '[1 2]' -> Expecting ',' delimiter: line 1 column 4 (char 3)
# expect: '"\\q"' -> Invalid \escape: line 1 column 2 (char 1)
# expect: '"\n"' -> Invalid control character at: line 1 column 2 (char 1)
# expect: '01' -> Extra data: line 1 column 2 (char 1)
# expect: '1.' -> Extra data: line 1 column 2 (char 1)
# expect: '{} x' -> Extra data: line 1 column 4 (char 3)
# expect: '[' -> Expecting value: line 1 column 2 (char 1)
# expect: '{"a": 1 "b"}' -> Expecting ',' delimiter: line 1 column 9 (char 8)
# expect: '-' -> Expecting value: line 1 column 1 (char 0)
# expect: '\ufeff{}' -> Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)
class Obj: pass
for v in (Obj(), {1, 2}, b"x", {(1, 2): 3}, 1j):
    try:
        json.dumps(v)
    except TypeError as e:
        print(e)
# expect: Object of type Obj is not JSON serializable
# expect: Object of type set is not JSON serializable
# expect: Object of type bytes is not JSON serializable
# expect: keys must be str, int, float, bool or None, not tuple
# expect: Object of type complex is not JSON serializable
r = []
r.append(r)
try:
    json.dumps(r)
except ValueError as e:
    print(e)
# expect: Circular reference detected
print(json.dumps({(1,): 1, "ok": 2}, skipkeys=True), json.dumps({1, 2} & {1}, default=list), json.loads("[1.5, 2]", parse_float=str, parse_int=lambda s: int(s) * 10), json.loads('{"a": 1, "a": 2}', object_pairs_hook=list), json.loads('{"x": 1}', object_hook=lambda d: sorted(d)))
# expect: {"ok": 2} [1] ['1.5', 20] [('a', 1), ('a', 2)] ['x']
class E(json.JSONEncoder):
    def default(self, o): return {"type": type(o).__name__} if isinstance(o, complex) else super().default(o)
print(json.dumps([1j], cls=E), E(indent=None).encode([1]), list(E().iterencode({"a": [1]})), json.JSONDecoder().raw_decode("[1] rest"))
# expect: [{"type": "complex"}] [1] ['{', '"a"', ': ', '[1', ']', '}'] ([1], 3)
import io
f = io.StringIO()
json.dump({"k": [1, 2]}, f)
f.seek(0)
print(f.getvalue(), json.load(f))  # expect: {"k": [1, 2]} {'k': [1, 2]}
import enum, collections
print(json.dumps(collections.OrderedDict(b=1, a=2)), json.dumps(enum.IntEnum("N", "A").A), json.dumps(collections.namedtuple("P", "x")(1)), json.dumps(type("S", (str,), {})("sub")), json.dumps(type("I", (int,), {"__str__": lambda s: "no"})(5)))
# expect: {"b": 1, "a": 2} 1 [1] "sub" 5
try:
    json.dumps(float("nan"), allow_nan=False)
except ValueError as e:
    print(e)
# expect: Out of range float values are not JSON compliant: nan
deep = "[" * 100 + "]" * 100
print(json.dumps(json.loads(deep)) == deep)  # expect: True
