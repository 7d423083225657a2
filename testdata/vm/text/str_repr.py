# repr, ascii, escapes
for s in ("plain", "it's", 'say "x"', "both '\"", "tab\t", "nl\n", "cr\r", "nul\0", "bell\a", "esc\x1b", "del\x7f", "nbsp\xa0", "é", "日本", "🐍", "\u200b", "\ud800", "\U0010ffff", "\\", "\u2028", "\xad"):
    print(ascii(s), repr(s).encode("ascii", "backslashreplace").decode())
# expect: 'plain' 'plain'
# expect: "it's" "it's"
# expect: 'say "x"' 'say "x"'
# expect: 'both \'"' 'both \'"'
# expect: 'tab\t' 'tab\t'
# expect: 'nl\n' 'nl\n'
# expect: 'cr\r' 'cr\r'
# expect: 'nul\x00' 'nul\x00'
# expect: 'bell\x07' 'bell\x07'
# expect: 'esc\x1b' 'esc\x1b'
# expect: 'del\x7f' 'del\x7f'
# expect: 'nbsp\xa0' 'nbsp\xa0'
# expect: '\xe9' '\xe9'
# expect: '\u65e5\u672c' '\u65e5\u672c'
# expect: '\U0001f40d' '\U0001f40d'
# expect: '\u200b' '\u200b'
# expect: '\ud800' '\ud800'
# expect: '\U0010ffff' '\U0010ffff'
# expect: '\\' '\\'
# expect: '\u2028' '\u2028'
# expect: '\xad' '\xad'
print("\a\b\f\v".encode(), "\x41\101\u0041\U00000041\N{LATIN CAPITAL LETTER A}")  # expect: b'\x07\x08\x0c\x0b' AAAAA
print("a\
b", 'x' "y" r'\n' f"{1}" '''z''')
# expect: ab xy\n1z
print(r"\d+\'", R"raw\\", len(r"\""), u"unicode")  # expect: \d+\' raw\\ 2 unicode
print("tab\there", '\'', "\"", '"', "'", '''a'b"c''', """a"b""")  # expect: tab	here ' " " ' a'b"c a"b
print(repr("x" * 3), repr([1, "a", None]), str("x"), f"{'q'!r} {'é'!a} {'s'!s}")
# expect: 'xxx' [1, 'a', None] x 'q' '\xe9' s
