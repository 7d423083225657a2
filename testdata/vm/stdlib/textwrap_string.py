# textwrap and string
import textwrap, string
text = "The quick brown fox jumps over the lazy dog, and then it runs far-away into averyveryverylongwordforest."
for line in textwrap.wrap(text, 25):
    print(line)
# expect: The quick brown fox jumps
# expect: over the lazy dog, and
# expect: then it runs far-away
# expect: into averyveryverylongwor
# expect: dforest.
print(textwrap.fill(text, 40, initial_indent="* ", subsequent_indent="  "))
# expect: * The quick brown fox jumps over the
# expect:   lazy dog, and then it runs far-away
# expect:   into averyveryverylongwordforest.
print(textwrap.shorten(text, 30), "|", textwrap.shorten(text, 30, placeholder="..."), textwrap.wrap("", 5), textwrap.wrap("ab cd", 1), textwrap.wrap("abcdef", 3), textwrap.wrap("abcdef gh", 3, break_long_words=False))
# expect: The quick brown fox [...] | The quick brown fox jumps... [] ['a', 'b', 'c', 'd'] ['abc', 'def'] ['abcdef', 'gh']
print(repr(textwrap.dedent("""
    first
      second

    third
    """)), repr(textwrap.indent("a\n\nb\n", "> ")), repr(textwrap.indent("a\n\nb", "-", lambda l: True)))
# expect: '\nfirst\n  second\n\nthird\n' '> a\n\n> b\n' '-a\n-\n-b'
print(textwrap.wrap("a-b-c ddd", 3), textwrap.wrap("x  y", 10), textwrap.wrap("tab\there", 20), textwrap.TextWrapper(width=10, max_lines=2).wrap(text))
# expect: ['a-', 'b-c', 'ddd'] ['x  y'] ['tab     here'] ['The quick', '[...]']
print(string.ascii_lowercase, string.digits, string.hexdigits, string.punctuation, repr(string.whitespace), string.capwords("hello  world x"))
# expect: abcdefghijklmnopqrstuvwxyz 0123456789 0123456789abcdefABCDEF !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~ ' \t\n\r\x0b\x0c' Hello World X
t = string.Template("$who likes ${what}s, $$5 $who")
print(t.substitute(who="tim", what="kid"), t.safe_substitute(who="x"), t.get_identifiers(), t.is_valid())
# expect: tim likes kids, $5 tim x likes ${what}s, $5 x ['who', 'what'] True
for bad in ("$", "$1", "${unclosed"):
    try:
        string.Template(bad).substitute()
    except ValueError as e:
        print(e)
# expect: Invalid placeholder in string: line 1, col 1
# expect: Invalid placeholder in string: line 1, col 1
# expect: Invalid placeholder in string: line 1, col 1
try:
    t.substitute(who=1)
except KeyError as e:
    print(e)
# expect: 'what'
class F(string.Formatter):
    def get_value(self, key, args, kw): return f"<{key}>" if isinstance(key, str) else super().get_value(key, args, kw)
print(F().format("{0} {name} {1!r:>5}", 1, "x"), list(string.Formatter().parse("a{b!r:c}d{{")), string.Formatter().vformat("{x[0]}", (), {"x": [5]}))
# expect: 1 <name>   'x' [('a', 'b', 'c', 'r'), ('d{', None, None, None)] 5
