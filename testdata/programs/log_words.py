"""Words of a log file: makes a server's log, parses every line, and reports counts, times and errors.

String methods, regular expressions, dictionaries, sorting with keys, formatting.

    log_words.py [LINES]
"""
import re
import sys
from collections import Counter, defaultdict

LEVELS = ["DEBUG", "INFO", "INFO", "INFO", "WARNING", "ERROR"]
PATHS = ["/", "/login", "/api/items", "/api/items/{}", "/static/app.js", "/search?q=red+{}"]
WORDS = "request served cache miss disk slow retry client closed token refused queue flushed".split()

LINE = re.compile(r"(?P<date>\d{4}-\d\d-\d\d) (?P<time>[\d:]+) \[(?P<level>[A-Z]+)\] (?P<where>\w+): (?P<text>.*)")
ACCESS = re.compile(r"(GET|POST) (\S+) -> (\d{3}) in (\d+)ms")


def numbers(seed):
    """Repeatable pseudo-random numbers, for ever."""
    while True:
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        yield seed >> 7


def make_log(lines):
    """The text of the log, one line after the other."""
    source = numbers(2024)
    seconds = 0
    for _ in range(lines):
        n = next(source)
        seconds += n % 7
        hours, rest = divmod(seconds, 3600)
        stamp = f"2026-03-{1 + hours // 24:02} {hours % 24:02}:{rest // 60:02}:{rest % 60:02}"
        level = LEVELS[next(source) % len(LEVELS)]
        if n % 3 == 0:
            words = " ".join(WORDS[next(source) % len(WORDS)] for _ in range(3 + n % 4))
            yield f"{stamp} [{level}] worker{n % 5}: {words}\n"
        elif n % 50 == 1:
            yield f"   continued {n}\n"
        else:
            path = PATHS[next(source) % len(PATHS)].format(next(source) % 40)
            status = (200, 200, 200, 304, 404, 500)[next(source) % 6]
            yield f"{stamp} [{level}] web: {'POST' if n % 11 == 0 else 'GET'} {path} -> {status} in {next(source) % 900}ms\n"


class Report:
    def __init__(self):
        self.levels = Counter()
        self.words = Counter()
        self.statuses = Counter()
        self.times = defaultdict(list)
        self.hours = {}
        self.unparsed = 0

    def feed(self, line):
        match = LINE.match(line)
        if match is None:
            self.unparsed += 1
            return
        self.levels[match["level"]] += 1
        hour = match["time"].partition(":")[0]
        self.hours[hour] = self.hours.get(hour, 0) + 1
        access = ACCESS.fullmatch(match["text"])
        if access:
            method, path, status, spent = access.groups()
            self.statuses[int(status)] += 1
            self.times[method, re.sub(r"\d+", "N", path.split("?")[0])].append(int(spent))
        else:
            self.words.update(word.lower() for word in match["text"].split())

    def lines(self):
        yield "levels  " + ", ".join(f"{k}={v}" for k, v in sorted(self.levels.items()))
        yield "status  " + ", ".join(f"{k}={v}" for k, v in sorted(self.statuses.items()))
        yield f"hours   {len(self.hours)}, busiest {max(self.hours, key=lambda h: (self.hours[h], h))}"
        yield "words"
        ranked = sorted(self.words.items(), key=lambda item: (-item[1], item[0]))
        for word, count in ranked[:8]:
            yield f"  {word:<10}{count:>8,}"
        yield "requests"
        for (method, path), spent in sorted(self.times.items()):
            spent.sort()
            mean = sum(spent) / len(spent)
            yield f"  {method:>4} {path:<16} n={len(spent):<6} mean={mean:7.2f} p95={spent[len(spent) * 95 // 100]:>4}"
        yield f"unparsed {self.unparsed}"


def run(lines):
    """The report on a log of so many lines."""
    report = Report()
    for line in "".join(make_log(lines)).splitlines():
        report.feed(line)
    return report


def main():
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 40000
    print("log_words", lines)
    report = run(lines)
    for line in report.lines():
        print(line)
    seen = sum(report.levels.values()) + report.unparsed
    print("ok" if seen == lines else "WRONG")


if __name__ == "__main__":
    main()
