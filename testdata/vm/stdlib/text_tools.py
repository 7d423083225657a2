# csv, configparser, shlex, html, urllib.parse, difflib, pprint, argparse
import csv, io, configparser, shlex, html, urllib.parse as up, difflib, pprint, argparse, graphlib, calendar
rows = list(csv.reader(io.StringIO('a,b,c\n1,"x, y",3\n"say ""hi""",,\n"multi\nline",5,6\n')))
print(rows, list(csv.DictReader(io.StringIO("k,v\n1,2\n3,4"))), list(csv.reader(["a;b"], delimiter=";")))
# expect: [['a', 'b', 'c'], ['1', 'x, y', '3'], ['say "hi"', '', ''], ['multi\nline', '5', '6']] [{'k': '1', 'v': '2'}, {'k': '3', 'v': '4'}] [['a', 'b']]
o = io.StringIO()
w = csv.writer(o, lineterminator="\n")
w.writerows([[1, "a,b", None], ["q\"x", 2.5, "n\nl"]])
print(repr(o.getvalue()))  # expect: '1,"a,b",\n"q""x",2.5,"n\nl"\n'
o = io.StringIO()
d = csv.DictWriter(o, ["a", "b"], lineterminator="\n", quoting=csv.QUOTE_ALL)
d.writeheader()
d.writerow({"a": 1, "b": "x"})
print(repr(o.getvalue()))  # expect: '"a","b"\n"1","x"\n'
c = configparser.ConfigParser()
c.read_string("[s]\nkey = value\nn = 5\nflag: yes\npath = ${x}/%(key)s\n[t]\nmulti = a\n  b\n")
print(c.sections(), c["s"]["key"], c.getint("s", "n"), c["s"].getboolean("flag"), c["s"]["path"], repr(c["t"]["multi"]), c.get("t", "zz", fallback="fb"), c.has_option("s", "n"))
# expect: ['s', 't'] value 5 True ${x}/value 'a\nb' fb True
print(shlex.split("a 'b c' \"d e\" f\\ g"), shlex.quote("it's"), shlex.join(["a b", "c"]), html.escape('<a href="x">&'), html.unescape("&lt;&eacute;&#65;&amp;"))
# expect: ['a', 'b c', 'd e', 'f g'] 'it'"'"'s' 'a b' c &lt;a href=&quot;x&quot;&gt;&amp; <éA&
u = up.urlparse("https://user@host.com:8080/p/a;x?q=1&r=a%20b#frag")
print(u.scheme, u.netloc, u.path, u.query, u.fragment, u.hostname, u.port, up.parse_qs(u.query), up.quote("a b/é?"), up.unquote("a%20b%C3%A9"), up.urlencode({"a": 1, "b": "x y"}), up.urljoin("http://h/a/b", "../c"), up.parse_qsl("a=1&a=2"), up.quote_plus("a b&c"), up.urlunparse(u) == u.geturl())
# expect: https user@host.com:8080 /p/a q=1&r=a%20b frag host.com 8080 {'q': ['1'], 'r': ['a b']} a%20b/%C3%A9%3F a bé a=1&b=x+y http://h/c [('a', '1'), ('a', '2')] a+b%26c True
print(list(difflib.unified_diff(["a\n", "b\n"], ["a\n", "c\n"], "x", "y")), difflib.get_close_matches("appel", ["ape", "apple", "peach"]), difflib.SequenceMatcher(None, "abcd", "bcde").ratio(), list(difflib.ndiff(["one"], ["ore"])))
# expect: ['--- x\n', '+++ y\n', '@@ -1,2 +1,2 @@\n', ' a\n', '-b\n', '+c\n'] ['apple', 'ape'] 0.75 ['- one', '+ ore']
pprint.pprint({"long key number one": list(range(12)), "k2": {"nested": ["x" * 30, "y" * 30]}, "a": (1,)}, width=60)
# expect: {'a': (1,),
# expect:  'k2': {'nested': ['xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
# expect:                    'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy']},
# expect:  'long key number one': [0,
# expect:                          1,
# expect:                          2,
# expect:                          3,
# expect:                          4,
# expect:                          5,
# expect:                          6,
# expect:                          7,
# expect:                          8,
# expect:                          9,
# expect:                          10,
# expect:                          11]}
print(pprint.pformat([1, [2]]), pprint.pformat("word " * 20, width=40))
# expect: [1, [2]] ('word word word word word word word '
# expect:  'word word word word word word word '
# expect:  'word word word word word word ')
ap = argparse.ArgumentParser(prog="tool", description="A tool.")
ap.add_argument("file")
ap.add_argument("-n", "--number", type=int, default=3, help="how many")
ap.add_argument("--flag", action="store_true")
ap.add_argument("-x", action="append")
ap.add_argument("--mode", choices=["a", "b"])
ap.add_argument("rest", nargs="*")
print(ap.parse_args(["f.txt", "-n", "5", "--flag", "-x1", "-x", "2", "r1", "r2"]), ap.parse_args(["f"]).number, ap.parse_known_args(["f", "--zzz"])[1])
# expect: Namespace(file='f.txt', number=5, flag=True, x=['1', '2'], mode=None, rest=['r1', 'r2']) 3 ['--zzz']
print(ap.format_usage().strip())  # expect: usage: tool [-h] [-n NUMBER] [--flag] [-x X] [--mode {a,b}] file [rest ...]
import contextlib
for bad in ([], ["f", "-n", "x"], ["f", "--mode", "c"], ["f", "--nope"]):
    err = io.StringIO()
    with contextlib.redirect_stderr(err):
        try:
            ap.parse_args(bad)
        except SystemExit as e:
            code = e.code
    print(code, err.getvalue().splitlines()[-1])
# expect: 2 tool: error: the following arguments are required: file
# expect: 2 tool: error: argument -n/--number: invalid int value: 'x'
# expect: 2 tool: error: argument --mode: invalid choice: 'c' (choose from 'a', 'b')
# expect: 2 tool: error: unrecognized arguments: --nope
print(list(graphlib.TopologicalSorter({"d": {"b", "c"}, "b": {"a"}, "c": {"a"}}).static_order())[0::3], calendar.monthrange(2024, 2), calendar.isleap(1900))
# expect: ['a', 'd'] (calendar.THURSDAY, 29) False
print(calendar.month(2026, 2).replace(" \n", "\n").rstrip())
# expect:    February 2026
# expect: Mo Tu We Th Fr Sa Su
# expect:                    1
# expect:  2  3  4  5  6  7  8
# expect:  9 10 11 12 13 14 15
# expect: 16 17 18 19 20 21 22
# expect: 23 24 25 26 27 28
