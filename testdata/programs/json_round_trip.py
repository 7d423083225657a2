"""JSON round trip: builds a nested document, writes it, reads it back, and compares.

    json_round_trip.py [RECORDS]
"""
import json
import sys


class Numbers:
    """A small generator of repeatable pseudo-random numbers."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 1103515245 + 12345) % 2147483648
        return (self.state >> 8) % limit


FIRST = ["Ada", "Blaise", "Carl", "Donald", "Edsger", "Grace", "Hedy", "Élodie", "Øyvind", "北斎"]
PLACES = ["north\tgate", 'the "old" mill', "C:\\yard", "line\nbreak", "café", "plain", "\U0001f40d den", ""]


def record(numbers, ident):
    first = FIRST[numbers.below(len(FIRST))]
    return {
        "id": ident,
        "name": first,
        "active": numbers.below(2) == 1,
        "score": numbers.below(100000) / 64,
        "rank": -numbers.below(1000) if numbers.below(3) == 0 else numbers.below(10**12) ** 2,
        "parent": None if ident % 5 == 0 else numbers.below(ident),
        "tags": [PLACES[numbers.below(len(PLACES))] for _ in range(numbers.below(4))],
        "history": [{"step": i, "delta": numbers.below(2000) / 1000 - 1.0} for i in range(numbers.below(3))],
        "empty": [{}, []][numbers.below(2)],
    }


def document(size):
    numbers = Numbers(42)
    return {"version": 3, "records": [record(numbers, i) for i in range(1, size + 1)], "limits": [1e300, -0.0, 1e-7, 0.1]}


def run(size):
    """The text of the document, written compactly with sorted keys."""
    doc = document(size)
    plain = json.dumps(doc)
    assert json.loads(plain) == doc
    pretty = json.dumps(doc, indent=2, ensure_ascii=False)
    assert json.loads(pretty) == doc
    text = json.dumps(doc, sort_keys=True, separators=(",", ":"))
    again = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    assert again == text
    return doc, plain, pretty, text


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    doc, plain, pretty, text = run(size)
    print("json_round_trip", size)
    print("lengths", len(plain), len(pretty), len(text))
    print("check", sum(text.encode()) % 65521, sum(pretty.encode("utf-8")) % 65521)
    print(json.dumps(doc["records"][0], indent=1))
    print(json.dumps(doc["limits"]))

    class Point:
        def __init__(self, x, y):
            self.x, self.y = x, y

    print(json.dumps([Point(1, 2), Point(3, 4)], default=lambda p: {"x": p.x, "y": p.y}))
    pairs = json.loads('{"a": 1, "b": {"c": [2.5]}}', object_pairs_hook=lambda items: ("object", items))
    print(pairs)
    for bad in ['{"a" 1}', "[1, 2", '"\\x"', "nul", "[1] 2"]:
        try:
            json.loads(bad)
        except json.JSONDecodeError as error:
            print(f"line {error.lineno} column {error.colno} char {error.pos}")


if __name__ == "__main__":
    main()
