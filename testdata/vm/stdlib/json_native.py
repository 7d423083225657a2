# json: what the scanner accepts and refuses, what the encoder writes
import json
def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e, getattr(e, "__notes__", ""))
print(json.dumps({"a": [1, 2.5, None, True, "é\u2028\ud800\"\\\n\x7f"], "b": {}, 1: 2, 2.5: float("inf"), None: 1, False: 2}))
# expect: {"a": [1, 2.5, null, true, "\u00e9\u2028\ud800\"\\\n\u007f"], "b": {}, "1": 2, "2.5": Infinity, "null": 1, "false": 2}
print(json.dumps({"b": 1, "a": [{"x": 1}, []]}, indent=2, sort_keys=True, ensure_ascii=False))
# expect: {
# expect:   "a": [
# expect:     {
# expect:       "x": 1
# expect:     },
# expect:     []
# expect:   ],
# expect:   "b": 1
# expect: }
attempt(lambda: json.dumps({(1, 2): 3}))
# expect: TypeError keys must be str, int, float, bool or None, not tuple
attempt(lambda: json.dumps({(1, 2): 3, "a": 1}, skipkeys=True))
# expect: {"a": 1}
attempt(lambda: json.dumps(float("nan"), allow_nan=False))
# expect: ValueError Out of range float values are not JSON compliant: nan
attempt(lambda: json.dumps([1, {"a": object()}]))
# expect: TypeError Object of type object is not JSON serializable ["when serializing dict item 'a'", 'when serializing list item 1']
attempt(lambda: json.dumps({"a": [1, set()]}))
# expect: TypeError Object of type set is not JSON serializable ['when serializing list item 1', "when serializing dict item 'a'"]
attempt(lambda: json.dumps(1 + 0j, default=lambda o: [o.real, str(o)]))
# expect: [1.0, "(1+0j)"]
circle = []
circle.append(circle)
attempt(lambda: json.dumps({"k": circle}))
# expect: ValueError Circular reference detected ['when serializing list item 0', "when serializing dict item 'k'"]
for text in ("", "[", "[1,", "[1,]", "{", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', "{a}", '"', '"\\', '"\\x"', '"\\u12"', '"\\u123g"', '"a\nb"',
             "nul", "-", "01", "1.", "1e", "[1 2]", "NaN", "-Infinity", '"\\ud83d\\ude00"', ' [1, 2.5e3, {"a": null}] x', '{"a":1 "b"}', "[tru]", "\ufeff1",
             '{"é":"日本"}'):
    attempt(lambda: json.loads(text))
# expect: JSONDecodeError Expecting value: line 1 column 1 (char 0)
# expect: JSONDecodeError Expecting value: line 1 column 2 (char 1)
# expect: JSONDecodeError Expecting value: line 1 column 4 (char 3)
# expect: JSONDecodeError Illegal trailing comma before end of array: line 1 column 3 (char 2)
# expect: JSONDecodeError Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
# expect: JSONDecodeError Expecting ':' delimiter: line 1 column 5 (char 4)
# expect: JSONDecodeError Expecting value: line 1 column 6 (char 5)
# expect: JSONDecodeError Expecting ',' delimiter: line 1 column 7 (char 6)
# expect: JSONDecodeError Expecting property name enclosed in double quotes: line 1 column 8 (char 7)
# expect: JSONDecodeError Illegal trailing comma before end of object: line 1 column 7 (char 6)
# expect: JSONDecodeError Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
# expect: JSONDecodeError Unterminated string starting at: line 1 column 1 (char 0)
# expect: JSONDecodeError Unterminated string starting at: line 1 column 1 (char 0)
# expect: JSONDecodeError Invalid \escape: line 1 column 2 (char 1)
# expect: JSONDecodeError Invalid \uXXXX escape: line 1 column 3 (char 2)
# expect: JSONDecodeError Invalid \uXXXX escape: line 1 column 3 (char 2)
# expect: JSONDecodeError Invalid control character at: line 1 column 3 (char 2)
# expect: JSONDecodeError Expecting value: line 1 column 1 (char 0)
# expect: JSONDecodeError Expecting value: line 1 column 1 (char 0)
# expect: JSONDecodeError Extra data: line 1 column 2 (char 1)
# expect: JSONDecodeError Extra data: line 1 column 2 (char 1)
# expect: JSONDecodeError Extra data: line 1 column 2 (char 1)
# expect: JSONDecodeError Expecting ',' delimiter: line 1 column 4 (char 3)
# expect: nan
# expect: -inf
# expect: 😀
# expect: JSONDecodeError Extra data: line 1 column 26 (char 25)
# expect: JSONDecodeError Expecting ',' delimiter: line 1 column 8 (char 7)
# expect: JSONDecodeError Expecting value: line 1 column 2 (char 1)
# expect: JSONDecodeError Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)
# expect: {'é': '日本'}
attempt(lambda: json.loads('{"a":{"b":1}}', object_hook=lambda d: list(d.items())))
# expect: [('a', [('b', 1)])]
attempt(lambda: json.loads('{"a":{"b":1}}', object_pairs_hook=lambda d: d))
# expect: [('a', [('b', 1)])]
attempt(lambda: json.loads("[1,1.5,NaN]", parse_int=str, parse_float=str, parse_constant=lambda c: "<" + c + ">"))
# expect: ['1', '1.5', '<NaN>']
attempt(lambda: json.loads('"a\tb"', strict=False))
# expect: a	b
