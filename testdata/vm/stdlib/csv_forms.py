# csv: dialects, quoting, escapes, what readers refuse
import csv, io
def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
def written(*rows, **options):
    out = io.StringIO()
    csv.writer(out, **options).writerows(rows)
    return out.getvalue()
row = ["a", 1, 2.5, None, "x,y", 'q"q', "line\nbreak", ""]
for quoting in range(6):
    attempt(lambda: repr(written(row, quoting=quoting, escapechar="\\")))
# expect: 'a,1,2.5,,"x,y","q""q","line\nbreak",\r\n'
# expect: '"a","1","2.5","","x,y","q""q","line\nbreak",""\r\n'
# expect: '"a",1,2.5,"","x,y","q""q","line\nbreak",""\r\n'
# expect: 'a,1,2.5,,x\\,y,q\\"q,line\\\nbreak,\r\n'
# expect: '"a",1,2.5,,"x,y","q""q","line\nbreak",""\r\n'
# expect: '"a","1","2.5",,"x,y","q""q","line\nbreak",""\r\n'
attempt(lambda: repr(written(row, doublequote=False, escapechar="\\", lineterminator="!", delimiter=";")))
# expect: 'a;1;2.5;;x,y;q\\"q;"line\nbreak";!'
attempt(lambda: written(["a,b"], quoting=csv.QUOTE_NONE))
# expect: Error need to escape, but no escapechar set
attempt(lambda: written([""], quoting=csv.QUOTE_NONE))
# expect: Error single empty field record must be quoted
attempt(lambda: repr(written([[]])))
# expect: '[]\r\n'
attempt(lambda: written(1))
# expect: Error iterable expected, not int
for text in ('a,b\r\nc,"d\r\ne"\r\n', '"a""b",c', 'a, "b"', '"a"b', 'a\\,b', '1,"2",', "\n\nx"):
    for options in ({}, {"skipinitialspace": True, "strict": True}, {"escapechar": "\\", "quoting": csv.QUOTE_STRINGS}):
        attempt(lambda: list(csv.reader(io.StringIO(text, newline=""), **options)))
# expect: [['a', 'b'], ['c', 'd\r\ne']]
# expect: [['a', 'b'], ['c', 'd\r\ne']]
# expect: ValueError could not convert string to float: 'a'
# expect: [['a"b', 'c']]
# expect: [['a"b', 'c']]
# expect: ValueError could not convert string to float: 'c'
# expect: [['a', ' "b"']]
# expect: [['a', 'b']]
# expect: ValueError could not convert string to float: 'a'
# expect: [['ab']]
# expect: Error ',' expected after '"'
# expect: [['ab']]
# expect: [['a\\', 'b']]
# expect: [['a\\', 'b']]
# expect: ValueError could not convert string to float: 'a,b'
# expect: [['1', '2', '']]
# expect: [['1', '2', '']]
# expect: [[1.0, '2', None]]
# expect: [[], [], ['x']]
# expect: [[], [], ['x']]
# expect: ValueError could not convert string to float: 'x'
attempt(lambda: list(csv.reader(["a\rb"])))
# expect: Error new-line character seen in unquoted field - do you need to open the file with newline=''?
attempt(lambda: list(csv.reader([b"a"])))
# expect: Error iterator should return strings, not bytes (the file should be opened in text mode)
attempt(lambda: list(csv.reader(['"a'], strict=True)))
# expect: Error unexpected end of data
attempt(lambda: csv.reader([], delimiter="ab"))
# expect: TypeError "delimiter" must be a unicode character, not a string of length 2
attempt(lambda: csv.reader([], quotechar="\n"))
# expect: ValueError bad quotechar value
attempt(lambda: csv.reader([], delimiter='"'))
# expect: ValueError bad delimiter or quotechar value
attempt(lambda: csv.get_dialect("none"))
# expect: Error unknown dialect
csv.register_dialect("semi", delimiter=";", quotechar="'")
print(csv.list_dialects(), csv.get_dialect("semi").delimiter, list(csv.reader(["a;'b;c'"], "semi")))
# expect: ['excel', 'excel-tab', 'unix', 'semi'] ; [['a', 'b;c']]
print(csv.Sniffer().sniff("a;b\n1;2\n").delimiter, list(csv.DictReader(["a,b", "1,2"])), csv.field_size_limit())
# expect: ; [{'a': '1', 'b': '2'}] 131072
